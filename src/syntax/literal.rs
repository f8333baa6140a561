//! String and bytes literals, which GoogleSQL writes in more ways than the
//! tokenizer reads: `rb'\x'`, `r'a\'b'`, every prefix with every quote.
//!
//! The tokenizer is given a text of the same shape in which the inside of each
//! literal is plain; what they say is put back into the tokens.

use rustc_hash::FxHashSet;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::index::bytes;
use crate::source::SourceText;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A literal as written.
struct Literal {
    /// The byte at which it begins, prefix included.
    start: u32,
    /// What it says.
    value: String,
    /// Whether its prefix has two letters, of which the tokenizer sees one.
    two_letters: bool,
}

/// The literals of a text, and the text without what they say.
pub(super) struct Literals {
    plain: String,
    found: Vec<Literal>,
    /// Names after `].` and `).` that begin with `_`, which the tokenizer takes for
    /// a number there.
    names: FxHashSet<u32>,
}

impl Literals {
    /// Finds the literals. After one that is not closed nothing is changed, so
    /// that the tokenizer says so.
    pub(super) fn new(text: &str) -> Self {
        let mut literals = Self {
            plain: String::with_capacity(text.len()),
            found: Vec::new(),
            names: FxHashSet::default(),
        };
        let mut at = 0;
        // A mark of the byte order is one character, as a space is.
        if text.starts_with(BYTE_ORDER_MARK) {
            literals.plain.push(' ');
            at = BYTE_ORDER_MARK.len_utf8();
        }
        // What lies between here and `at` is as it was.
        let mut copied = at;
        let bytes = text.as_bytes();
        while let Some(found) = bytes[at..].iter().position(|byte| SPECIAL[*byte as usize]) {
            at += found;
            let rest = &text[at..];
            match bytes[at] {
                b'\'' | b'"' => {
                    let prefix = prefix(&text[copied..at]);
                    let start = at - prefix.len();
                    let Some((length, literal)) = literal(prefix, rest) else {
                        break;
                    };
                    literals.plain.push_str(&text[copied..start]);
                    literals.literal(start, &literal);
                    at += length;
                    copied = at;
                }
                b'.' if rest.starts_with("._") && text[..at].ends_with([']', ')']) => {
                    literals.plain.push_str(&text[copied..at]);
                    literals.plain.push_str(".x");
                    literals
                        .names
                        .insert(u32::try_from(at + 1).unwrap_or(u32::MAX));
                    at += 2;
                    copied = at;
                }
                // The tokenizer knows `0x1F` alone.
                b'X' if word_before(&text[copied..at]) == "0" => {
                    literals.plain.push_str(&text[copied..at]);
                    literals.plain.push('x');
                    at += 1;
                    copied = at;
                }
                _ => at += step(rest),
            }
        }
        literals.plain.push_str(&text[copied..]);
        literals
    }

    /// The text for the tokenizer.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    fn literal(&mut self, at: usize, parts: &Parts<'_>) {
        let Parts {
            prefix,
            quote,
            body,
        } = *parts;
        let two_letters = prefix.len() == 2;
        if two_letters {
            self.plain.push_str(" b");
        } else {
            self.plain.push_str(prefix);
        }
        self.plain.push_str(quote);
        self.plain.extend(
            body.chars()
                .map(|c| if matches!(c, '\n' | '\r') { c } else { 'x' }),
        );
        self.plain.push_str(quote);
        self.found.push(Literal {
            start: u32::try_from(at).unwrap_or(u32::MAX),
            value: parts.said(),
            two_letters,
        });
    }

    /// Puts what the literals say into their tokens.
    pub(super) fn restore(self, source: &SourceText, tokens: &mut [TokenWithSpan]) {
        let mut found = self.found.into_iter().peekable();
        for token in tokens {
            if let Token::Word(word) = &mut token.token
                && !self.names.is_empty()
                && self.names.contains(&bytes(source, token.span).start)
            {
                word.value.replace_range(..1, "_");
                continue;
            }
            if text_of(&mut token.token).is_none() {
                continue;
            }
            let start = bytes(source, token.span).start;
            while let Some(next) = found.next_if(|next| next.start <= start) {
                if next.start + u32::from(next.two_letters) != start {
                    continue;
                }
                if next.two_letters {
                    token.span.start.column -= 1;
                }
                if let Some(text) = text_of(&mut token.token) {
                    *text = next.value;
                }
                break;
            }
        }
    }
}

/// What a string or bytes token holds.
pub(super) fn text_of(token: &mut Token) -> Option<&mut String> {
    if let Token::SingleQuotedString(text)
    | Token::DoubleQuotedString(text)
    | Token::TripleSingleQuotedString(text)
    | Token::TripleDoubleQuotedString(text)
    | Token::SingleQuotedRawStringLiteral(text)
    | Token::DoubleQuotedRawStringLiteral(text)
    | Token::TripleSingleQuotedRawStringLiteral(text)
    | Token::TripleDoubleQuotedRawStringLiteral(text)
    | Token::SingleQuotedByteStringLiteral(text)
    | Token::DoubleQuotedByteStringLiteral(text)
    | Token::TripleSingleQuotedByteStringLiteral(text)
    | Token::TripleDoubleQuotedByteStringLiteral(text) = token
    {
        Some(text)
    } else {
        None
    }
}

/// The parts of a literal.
struct Parts<'a> {
    prefix: &'a str,
    quote: &'a str,
    body: &'a str,
}

impl Parts<'_> {
    fn said(&self) -> String {
        if self.prefix.contains(['r', 'R']) {
            self.body.to_owned()
        } else {
            unescaped(self.body)
        }
    }
}

/// What a literal says whose quotes a text begins with, after a prefix; the quotes,
/// and the length from these on.
pub(super) fn read<'a>(prefix: &str, rest: &'a str) -> Option<(String, &'a str, usize)> {
    let (length, parts) = literal(prefix, rest)?;
    Some((parts.said(), &rest[..parts.quote.len()], length))
}

/// Whether a word before quotes is a literal's prefix.
pub(super) fn is_prefix(word: &str) -> bool {
    ["b", "r", "br", "rb"]
        .iter()
        .any(|prefix| word.eq_ignore_ascii_case(prefix))
}

/// The literal whose quotes a text begins with, after a prefix, and the length from
/// the quotes on.
fn literal<'a>(prefix: &'a str, rest: &'a str) -> Option<(usize, Parts<'a>)> {
    let quote = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quote| rest.starts_with(quote))?;
    let inside = &rest[quote.len()..];
    let mut at = 0;
    loop {
        match inside.as_bytes().get(at)? {
            b'\\' => at += 1 + inside[at + 1..].chars().next()?.len_utf8(),
            b'\n' if quote.len() == 1 => return None,
            b'\'' | b'"' if inside[at..].starts_with(quote) => break,
            _ => at += 1,
        }
    }
    let length = 2 * quote.len() + at;
    Some((
        length,
        Parts {
            prefix,
            quote: &rest[..quote.len()],
            body: &inside[..at],
        },
    ))
}

/// The bytes at which something may begin that is not to be copied as it is: a
/// literal, a comment, a quoted name, a number, or a name that is taken for one.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let bytes = b"'\"`-#/.X";
    let mut at = 0;
    while at < bytes.len() {
        special[bytes[at] as usize] = true;
        at += 1;
    }
    special
};

/// The word that a text ends with.
fn word_before(text: &str) -> &str {
    let other = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'_');
    let start = text.bytes().rposition(|byte| other(&byte));
    &text[start.map_or(0, |start| start + 1)..]
}

/// The prefix of a literal whose quotes begin after a text.
fn prefix(text: &str) -> &str {
    let word = word_before(text);
    if is_prefix(word) { word } else { "" }
}

/// The length of what a text begins with: a comment, a quoted name, or one
/// character.
fn step(text: &str) -> usize {
    let until = |end: &str, skip: usize| {
        text[skip..]
            .find(end)
            .map_or(text.len(), |at| skip + at + end.len())
    };
    match text.as_bytes() {
        [b'-', b'-', ..] | [b'#', ..] => until("\n", 1),
        [b'/', b'*', ..] => until("*/", 2),
        [b'`', ..] => until("`", 1),
        _ => 1,
    }
}

/// What a literal without R says.
fn unescaped(body: &str) -> String {
    let mut said = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        said.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(letter) = rest.chars().next() else {
            break;
        };
        let (digits, radix) = match letter {
            'x' | 'X' => (Some(2), 16),
            'u' => (Some(4), 16),
            'U' => (Some(8), 16),
            '0'..='7' => (None, 8),
            _ => (Some(0), 0),
        };
        let skip = usize::from(digits.is_some()) * letter.len_utf8();
        let count = digits.unwrap_or(3);
        let number = rest
            .get(skip..skip + count)
            .filter(|_| count > 0)
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())
            .and_then(char::from_u32);
        if let Some(character) = number {
            said.push(character);
            rest = &rest[skip + count..];
            continue;
        }
        said.push(match letter {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            other => other,
        });
        rest = &rest[letter.len_utf8()..];
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes_are_read() {
        assert_eq!(unescaped(r"a\n\x41\u00e9\101\'\\b"), "a\nA\u{e9}A'\\b");
        assert_eq!(unescaped("\\"), "");
    }
}
