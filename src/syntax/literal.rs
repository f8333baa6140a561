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
        while let Some(first) = text.as_bytes().get(at) {
            let rest = &text[at..];
            match first {
                b'\'' | b'"' | b'r' | b'R' | b'b' | b'B' => match literal(rest) {
                    Some((length, literal)) => {
                        literals.plain.push_str(&text[copied..at]);
                        literals.literal(at, &literal);
                        at += length;
                        copied = at;
                    }
                    None if matches!(first, b'\'' | b'"') => break,
                    None => at += step(rest),
                },
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
                b'0' if rest.starts_with("0X") => {
                    literals.plain.push_str(&text[copied..at]);
                    literals.plain.push_str("0x");
                    copied = at + 2;
                    at += step(rest);
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
        let raw = prefix.contains(['r', 'R']);
        self.found.push(Literal {
            start: u32::try_from(at).unwrap_or(u32::MAX),
            value: if raw {
                body.to_owned()
            } else {
                unescaped(body)
            },
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

/// The literal that a text begins with, and its length.
fn literal(text: &str) -> Option<(usize, Parts<'_>)> {
    // Most words tell by their first bytes that they are none.
    let quote = |byte: &u8| matches!(byte, b'\'' | b'"');
    let letter = |byte: &&u8| matches!(byte, b'r' | b'R' | b'b' | b'B');
    let head = text.as_bytes();
    let prefix = head.iter().take(2).take_while(letter).count();
    if !head.get(prefix).is_some_and(quote) {
        return None;
    }
    let (prefix, rest) = text.split_at(prefix);
    let mut kinds = prefix.to_ascii_lowercase().into_bytes();
    kinds.sort_unstable();
    if !matches!(kinds.as_slice(), b"" | b"b" | b"r" | b"br") {
        return None;
    }
    let quote = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quote| rest.starts_with(quote))?;
    let inside = &rest[quote.len()..];
    let mut at = 0;
    loop {
        let left = &inside[at..];
        if left.starts_with(quote) {
            break;
        }
        let mut chars = left.chars();
        match chars.next()? {
            '\\' => at += 1 + chars.next()?.len_utf8(),
            '\n' if quote.len() == 1 => return None,
            other => at += other.len_utf8(),
        }
    }
    let length = prefix.len() + 2 * quote.len() + at;
    Some((
        length,
        Parts {
            prefix,
            quote: &rest[..quote.len()],
            body: &inside[..at],
        },
    ))
}

/// The length of what a text begins with: a comment, a quoted name, a word, white
/// space, or one character.
fn step(text: &str) -> usize {
    let until = |end: &str, skip: usize| {
        text[skip..]
            .find(end)
            .map_or(text.len(), |at| skip + at + end.len())
    };
    match text.as_bytes() {
        [b'-', b'-', ..] | [b'#', ..] => return until("\n", 1),
        [b'/', b'*', ..] => return until("*/", 2),
        [b'`', ..] => return until("`", 1),
        _ => {}
    }
    let length = |of: fn(&u8) -> bool| {
        let bytes = text.as_bytes();
        bytes
            .iter()
            .position(|byte| !of(byte))
            .unwrap_or(bytes.len())
    };
    match length(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        // Of white space as much as there is: nothing begins inside it.
        0 => length(u8::is_ascii_whitespace).max(text.chars().next().map_or(1, char::len_utf8)),
        word => word,
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
