//! Decodes string literals of templates. Jinja reads them as Python does, which
//! knows more escapes than MiniJinja.

use super::run::{CLOSE, OPEN};
use super::tokens::NotAnExpression;

/// Decodes a string literal with its quotes. Line ends become LF, as everywhere in a
/// template. A string that contains a character of our marks is rejected.
pub(super) fn said(written: &str) -> Result<String, NotAnExpression> {
    let inside = written
        .get(1..written.len().saturating_sub(1))
        .ok_or(NotAnExpression)?;
    let inside = inside.replace("\r\n", "\n").replace('\r', "\n");
    let mut said = String::with_capacity(inside.len());
    let mut rest = inside.as_str();
    while let Some(at) = rest.find('\\') {
        said.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let letter = rest.chars().next().ok_or(NotAnExpression)?;
        let digits = |count: usize| {
            let digits = rest.get(1..=count).ok_or(NotAnExpression)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(NotAnExpression);
            }
            let number = u32::from_str_radix(digits, 16).map_err(|_| NotAnExpression)?;
            let character = char::from_u32(number).ok_or(NotAnExpression)?;
            Ok((Some(character), 1 + count))
        };
        let (character, length) = match letter {
            '\n' => (None, 1),
            '\\' | '\'' | '"' => (Some(letter), 1),
            'a' => (Some('\u{7}'), 1),
            'b' => (Some('\u{8}'), 1),
            'f' => (Some('\u{c}'), 1),
            'n' => (Some('\n'), 1),
            'r' => (Some('\r'), 1),
            't' => (Some('\t'), 1),
            'v' => (Some('\u{b}'), 1),
            '0'..='7' => {
                let octal = |byte: &u8| matches!(byte, b'0'..=b'7');
                let length = rest.bytes().take(3).take_while(octal).count();
                let number = u32::from_str_radix(&rest[..length], 8);
                (number.ok().and_then(char::from_u32), length)
            }
            'x' => digits(2)?,
            'u' => digits(4)?,
            'U' => digits(8)?,
            // Only Python knows the names of characters, and it reads a backslash
            // before a non-ASCII character in two steps.
            'N' => return Err(NotAnExpression),
            other if !other.is_ascii() => return Err(NotAnExpression),
            _ => (Some('\\'), 0),
        };
        said.extend(character);
        rest = &rest[length..];
    }
    said.push_str(rest);
    if said.contains([OPEN, CLOSE]) {
        return Err(NotAnExpression);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn escapes_are_those_of_python() {
        let written = r#""\n\x0a\12\u000a\U0000000a\q\/\\\'\"\a\0\777é""#;
        let expected = "\n\n\n\n\n\\q\\/\\'\"\u{7}\0\u{1ff}é";
        assert_eq!(said(written).as_deref(), Ok(expected));
        assert_eq!(said("'a\\\nb\r\nc\rd'").as_deref(), Ok("ab\nc\nd"));
        assert_eq!(said("'a\\\r\nb'").as_deref(), Ok("ab"));
    }

    #[test]
    fn strings_that_are_not_understood_have_no_value() {
        for written in [
            r"'\N{LINE FEED}'",
            r"'\x4'",
            r"'\u12'",
            r"'\ud800'",
            r"'\é'",
            r"'\ufdd0'",
            r"'\x+1'",
            "'\u{fdd1}'",
        ] {
            assert!(said(written).is_err(), "{written}");
        }
    }
}
