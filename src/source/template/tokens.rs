//! Reads the words and signs of Jinja's expressions.

/// The kind of a token of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpressionTokenKind {
    Name,
    Number,
    Text,
    Sign,
}

/// A word, number, string or sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpressionToken {
    pub(super) kind: ExpressionTokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The error for a text that is not an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAnExpression;

/// Reads the words and signs of an expression.
pub(super) fn tokens(text: &str) -> Result<Vec<ExpressionToken>, NotAnExpression> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                ExpressionTokenKind::Name
            }
            byte if byte.is_ascii_digit() => {
                at = number(bytes, at)?;
                ExpressionTokenKind::Number
            }
            quote @ (b'\'' | b'"') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if at >= bytes.len() {
                    return Err(NotAnExpression);
                }
                at += 1;
                ExpressionTokenKind::Text
            }
            byte => {
                let two = bytes.get(at..at + 2).unwrap_or_default();
                if matches!(two, b"==" | b"!=" | b"<=" | b">=" | b"//" | b"**") {
                    at += 2;
                } else if b"()[]{}.,:|~+-*/%<>=".contains(&byte) {
                    at += 1;
                } else {
                    return Err(NotAnExpression);
                }
                ExpressionTokenKind::Sign
            }
        };
        tokens.push(ExpressionToken {
            kind,
            start,
            end: at,
        });
    }
    Ok(tokens)
}

fn number(bytes: &[u8], from: usize) -> Result<usize, NotAnExpression> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'0'..=b'9' | b'_' => at += 1,
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => at += 1,
            b'e' | b'E'
                if bytes
                    .get(at + 1)
                    .is_some_and(|next| next.is_ascii_digit() || matches!(next, b'+' | b'-')) =>
            {
                at += 2;
            }
            // `2b98` is neither a number nor a name.
            byte if byte.is_ascii_alphabetic() => return Err(NotAnExpression),
            _ => break,
        }
    }
    Ok(at)
}
