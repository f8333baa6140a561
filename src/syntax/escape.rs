//! Decodes quoted strings, bytes and names.
//!
//! The rules are those of GoogleSQL, and stricter than in most tokenizers: an
//! unknown escape is an error and never a letter.

/// The kind of a quoted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    /// A string or a name, which consists of characters.
    Text,
    /// Bytes. Each byte is represented by the character of that number, so that
    /// different bytes have different values.
    Bytes,
}

/// An escape that GoogleSQL rejects.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidEscape {
    /// The offset of its backslash in the body, in bytes.
    pub(super) at: usize,
    /// The length of the escape in bytes.
    pub(super) length: usize,
}

/// Decodes a body without the prefix R.
pub(super) fn unescape(body: &str, quoted: Quoted) -> Result<String, InvalidEscape> {
    let mut said = String::with_capacity(body.len());
    let mut at = 0;
    while let Some(found) = body[at..].find(['\\', '\r']) {
        push(&mut said, &body[at..at + found], quoted);
        at += found;
        if body.as_bytes()[at] == b'\r' {
            said.push('\n');
            at += line_end(&body[at..]);
            continue;
        }
        let (character, length) = escape(&body[at..], quoted).map_err(|length| InvalidEscape {
            at,
            length: length.min(body.len() - at),
        })?;
        said.push(character);
        at += length;
    }
    push(&mut said, &body[at..], quoted);
    Ok(said)
}

/// Decodes a body with the prefix R. Only line ends change, except those after a
/// backslash.
pub(super) fn raw(body: &str, quoted: Quoted) -> String {
    let mut said = String::with_capacity(body.len());
    let mut at = 0;
    while let Some(found) = body[at..].find(['\\', '\r']) {
        push(&mut said, &body[at..at + found], quoted);
        at += found;
        if body.as_bytes()[at] == b'\r' {
            said.push('\n');
            at += line_end(&body[at..]);
            continue;
        }
        let next = body[at + 1..].chars().next().map_or(0, char::len_utf8);
        push(&mut said, &body[at..at + 1 + next], quoted);
        at += 1 + next;
    }
    push(&mut said, &body[at..], quoted);
    said
}

/// Returns the length of the line end at the start of a text; CR LF is one line end.
fn line_end(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { 1 }
}

fn push(said: &mut String, text: &str, quoted: Quoted) {
    match quoted {
        Quoted::Text => said.push_str(text),
        Quoted::Bytes => said.extend(text.bytes().map(char::from)),
    }
}

/// Decodes the escape at the start of a text, and returns its length. Fails with the
/// length of an invalid escape.
fn escape(text: &str, quoted: Quoted) -> Result<(char, usize), usize> {
    let Some(letter) = text[1..].chars().next() else {
        return Err(1);
    };
    let (skip, digits, radix) = match letter {
        'x' | 'X' => (2, 2, 16),
        'u' if quoted == Quoted::Text => (2, 4, 16),
        'U' if quoted == Quoted::Text => (2, 8, 16),
        '0'..='3' => (1, 3, 8),
        _ => {
            let character = match letter {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                '\\' | '?' | '"' | '\'' | '`' => letter,
                other => return Err(1 + other.len_utf8()),
            };
            return Ok((character, 2));
        }
    };
    let length = skip + digits;
    text.get(skip..length)
        .filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)))
        .and_then(|digits| u32::from_str_radix(digits, radix).ok())
        .and_then(char::from_u32)
        .map(|character| (character, length))
        .ok_or(skip)
}

#[cfg(test)]
mod tests {
    use super::{Quoted, raw, unescape};

    fn text(body: &str) -> Option<String> {
        unescape(body, Quoted::Text).ok()
    }

    #[test]
    fn escapes_of_a_string_are_characters() {
        assert_eq!(
            text(r"a\n\x41\u00e9\101\'\\\?\`\U0001F600b\xff").as_deref(),
            Some("a\nA\u{e9}A'\\?`\u{1f600}b\u{ff}")
        );
    }

    #[test]
    fn escapes_of_bytes_are_bytes() {
        let bytes = |body| unescape(body, Quoted::Bytes).ok();
        assert_eq!(bytes(r"\xc3\xa9"), bytes("é"));
        assert_ne!(bytes(r"\xe9"), bytes("é"));
        assert_eq!(bytes(r"\u0041"), None);
    }

    #[test]
    fn unknown_escapes_are_invalid() {
        for body in [
            r"\q",
            r"\x4",
            r"\xg1",
            r"\1",
            r"\01",
            r"\8",
            r"\400",
            r"\u004",
            r"\ud800",
            r"\U00110000",
            "\\\n",
            "\\",
            r"\x+1",
            r"\é",
        ] {
            assert_eq!(text(body), None, "{body}");
        }
    }

    #[test]
    fn line_ends_are_one() {
        assert_eq!(text("a\r\nb\rc").as_deref(), Some("a\nb\nc"));
        assert_eq!(raw("a\r\nb\\\r\nc\\d", Quoted::Text), "a\nb\\\r\nc\\d");
    }
}
