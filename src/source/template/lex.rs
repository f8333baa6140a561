//! Reads the tokens of a rendered text, as far as needed to place its marks.

use std::ops::Range;

use super::run::{CLOSE, OPEN};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlTokenKind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string.
    Text,
    /// A name in backticks.
    Quoted,
    /// A sign, one byte long.
    Sign,
    /// A mark, with its number.
    Mark(usize),
}

/// The ends of a line comment.
const LINE_ENDS: &[&str] = &["\n", "\r"];

/// A token of the SQL.
#[derive(Debug, Clone)]
pub(super) struct SqlToken {
    pub(super) kind: SqlTokenKind,
    pub(super) range: Range<usize>,
}

/// A mark that is part of a string, a quoted name or a comment.
#[derive(Debug, Clone)]
pub(super) struct EmbeddedMark {
    pub(super) number: usize,
    pub(super) range: Range<usize>,
    pub(super) comment: bool,
}

/// The tokens of a text without its comments, and the marks inside tokens. Marks
/// inside strings, quoted names and comments are listed separately.
pub(super) struct Lexed {
    pub(super) tokens: Vec<SqlToken>,
    pub(super) inside: Vec<EmbeddedMark>,
}

/// Returns the number and the end of the mark at a byte. A truncated mark counts.
pub(super) fn mark(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?.strip_prefix(OPEN)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..digits].parse().unwrap_or(usize::MAX);
    let end = at + OPEN.len_utf8() + digits;
    let closed = text[end..].starts_with(CLOSE);
    Some((number, if closed { end + CLOSE.len_utf8() } else { end }))
}

/// Whether two texts differ only in comments and white space. With `strings` false,
/// the content of strings may differ, too.
pub(super) fn are_alike(first: &str, second: &str, strings: bool) -> bool {
    let (a, b) = (lex(first).tokens, lex(second).tokens);
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| {
            a.kind == b.kind
                && ((a.kind == SqlTokenKind::Text && !strings)
                    || first[a.range.clone()] == second[b.range.clone()])
        })
}

/// Reads the tokens and marks of a text.
pub(super) fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let mut lexed = Lexed {
        tokens: Vec::new(),
        inside: Vec::new(),
    };
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'#' => {
                at = lexed.skip(text, at, LINE_ENDS, true);
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = lexed.skip(text, at, LINE_ENDS, true);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = lexed.skip(text, at + 2, &["*/"], true);
                continue;
            }
            b'`' => {
                at = lexed.quoted(text, at, &bytes[at..=at]);
                SqlTokenKind::Quoted
            }
            quote @ (b'\'' | b'"') => {
                at = lexed.string(text, at, quote);
                SqlTokenKind::Text
            }
            byte if byte.is_ascii_digit() => {
                at = word_end(bytes, at);
                SqlTokenKind::Number
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                at = word_end(bytes, at);
                let quote = bytes.get(at).copied();
                let prefix = matches!(
                    text[start..at].to_ascii_lowercase().as_str(),
                    "r" | "b" | "rb" | "br"
                );
                match quote {
                    Some(quote @ (b'\'' | b'"')) if prefix => {
                        at = lexed.string(text, at, quote);
                        SqlTokenKind::Text
                    }
                    Some(_) | None => SqlTokenKind::Word,
                }
            }
            byte if byte.is_ascii() => {
                at += 1;
                SqlTokenKind::Sign
            }
            _ => match mark(text, at) {
                Some((number, end)) => {
                    at = end;
                    SqlTokenKind::Mark(number)
                }
                None => {
                    at += text[at..].chars().next().map_or(1, char::len_utf8);
                    SqlTokenKind::Sign
                }
            },
        };
        lexed.tokens.push(SqlToken {
            kind,
            range: start..at,
        });
    }
    lexed
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    let word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    from + bytes[from..].iter().take_while(word).count()
}

impl Lexed {
    /// Skips to the end of a comment, and notes marks.
    fn skip(&mut self, text: &str, from: usize, until: &[&str], comment: bool) -> usize {
        let bytes = text.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            let ends = |end: &&&str| bytes[at..].starts_with(end.as_bytes());
            if let Some(end) = until.iter().find(ends) {
                return at + end.len();
            }
            at = self.step(text, at, comment);
        }
        at
    }

    fn string(&mut self, text: &str, from: usize, quote: u8) -> usize {
        let bytes = text.as_bytes();
        let triple = [quote; 3];
        let single = !bytes[from..].starts_with(&triple);
        self.quoted(text, from, if single { &triple[..1] } else { &triple })
    }

    /// Skips to the end of quoted text, heeding escapes, and notes marks.
    fn quoted(&mut self, text: &str, from: usize, close: &[u8]) -> usize {
        let bytes = text.as_bytes();
        let open = close.len();
        let mut at = from + open;
        while at < bytes.len() {
            if bytes[at] == b'\\' {
                at += 1;
                if at < bytes.len() {
                    at = self.step(text, at, false);
                }
            } else if bytes[at..].starts_with(close) {
                return at + open;
            } else {
                at = self.step(text, at, false);
            }
        }
        at
    }

    fn step(&mut self, text: &str, at: usize, comment: bool) -> usize {
        if text.as_bytes()[at].is_ascii() {
            return at + 1;
        }
        match mark(text, at) {
            Some((number, end)) => {
                self.inside.push(EmbeddedMark {
                    number,
                    range: at..end,
                    comment,
                });
                end
            }
            None => {
                at + text
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
            }
        }
    }
}
