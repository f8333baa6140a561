//! Reads the tokens of a text as GoogleSQL does, in the types of `sqlparser`.
//!
//! The parser's own tokenizer is not used. It serves many dialects, and where it
//! differs from GoogleSQL (a lone CR ends a comment, a name in back quotes has
//! escapes), the statements that BigQuery runs would never be seen. Every token's
//! location is in line 1, and its column is one more than its byte offset: see
//! [`super::index::bytes`].

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Word};

use super::directive::Comment;
use super::escape::{self, Quoted};
use super::index::location;
use super::{keyword, marker};

/// Few texts have a lower average of bytes per token.
const BYTES_PER_TOKEN: usize = 4;

/// The tokens of a text.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// All tokens except white space and comments.
    pub(super) tokens: Vec<TokenWithSpan>,
    /// The comments.
    pub(super) comments: Vec<Comment>,
    /// The number of tokens, including comments and runs of white space.
    pub(super) count: usize,
    /// Tokens that GoogleSQL rejects, in order. The text after each of them is read.
    pub(super) faults: Vec<LexicalFault>,
    /// A token that is not closed; nothing after it is read.
    pub(super) broken: Option<LexicalFault>,
}

/// A token that is not valid GoogleSQL, or that only the program may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LexicalFault {
    /// The place of the token.
    pub(super) span: crate::source::Span,
    pub(super) kind: FaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// GoogleSQL rejects it: the message, and the edit that corrects it.
    Syntax { message: String, help: &'static str },
    /// A name of the kind that [`marker`] defines.
    Reserved(String),
}

/// Reads a text, and stops after `limit` tokens.
pub(super) fn read(text: &str, limit: usize) -> Tokens {
    let mut lexer = Lexer {
        text,
        at: 0,
        read: Tokens {
            tokens: Vec::with_capacity((text.len() / BYTES_PER_TOKEN).min(limit)),
            ..Tokens::default()
        },
    };
    // A byte order mark is not part of the text.
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.at < text.len() && lexer.read.count <= limit && lexer.read.broken.is_none() {
        lexer.next();
    }
    lexer.read
}

/// The state of the reading.
struct Lexer<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    read: Tokens,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) {
        self.read.count += 1;
        match self.rest()[0] {
            b' ' | b'\t' | b'\n' | b'\r' | 0x08 | 0x0b | 0x0c => self.white_space(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' if self.after_dot() => self.name_of_digits(),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit())
                && !self.may_have_field() =>
            {
                self.number();
            }
            b'`' => self.quoted_name(),
            b'\'' | b'"' => self.literal(0),
            b'-' if self.peek(1) == Some(b'-') => self.line_comment(2),
            b'#' => self.line_comment(1),
            b'/' if self.peek(1) == Some(b'*') => self.comment(),
            b'@' => self.at_sign(),
            // Only for patterns of MATCH_RECOGNIZE, if no letter follows.
            b'$' if self.word_length(1) == 0 => self.push(Token::Char('$'), 1),
            byte => match sign(byte, self.peek(1)) {
                Some((token, length)) => self.push(token, length),
                None => self.other(),
            },
        }
    }

    /// Returns the bytes that are still to be read.
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.rest().get(ahead).copied()
    }

    /// Adds a token that consists of the next bytes.
    fn push(&mut self, token: Token, length: usize) {
        let span = Span::new(location(self.at), location(self.at + length));
        self.read.tokens.push(TokenWithSpan { token, span });
        self.at += length;
    }

    fn fault(&mut self, start: usize, end: usize, message: impl Into<String>, help: &'static str) {
        self.read.faults.push(LexicalFault {
            span: crate::source::Span::new(start, end),
            kind: FaultKind::Syntax {
                message: message.into(),
                help,
            },
        });
    }

    /// Reports that the token that begins here is not closed.
    fn unclosed(&mut self, what: &str) {
        let end = self.at
            + self.text[self.at..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        self.read.broken = Some(LexicalFault {
            span: crate::source::Span::new(self.at, end),
            kind: FaultKind::Syntax {
                message: format!("unclosed {what}"),
                help: "close the string, name or comment that starts here",
            },
        });
    }

    /// Reports a name that only the program may write.
    fn check_reserved(&mut self, name: &str, start: usize, end: usize) {
        if marker::is_reserved(name) {
            self.read.faults.push(LexicalFault {
                span: crate::source::Span::new(start, end),
                kind: FaultKind::Reserved(marker::shown(name)),
            });
        }
    }

    fn last(&self) -> Option<&Token> {
        self.read.tokens.last().map(|last| &last.token)
    }

    /// Whether the last token may be followed by a field; then a dot and digits are
    /// not a number.
    fn may_have_field(&self) -> bool {
        match self.last() {
            Some(Token::Word(word)) => {
                word.quote_style.is_some()
                    || !keyword::is_reserved(word.keyword)
                    || self.follows_dot(self.read.tokens.len() - 1)
            }
            Some(Token::RParen | Token::RBracket | Token::Placeholder(_)) => true,
            _ => false,
        }
    }

    /// Whether a token follows a dot.
    fn follows_dot(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| self.read.tokens[before].token == Token::Period)
    }

    /// Whether the next token is a name, even if it begins with a digit: `t.1a`,
    /// `t.25`.
    fn after_dot(&self) -> bool {
        self.follows_dot(self.read.tokens.len())
    }

    fn white_space(&mut self) {
        let length = self
            .rest()
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x08 | 0x0b | 0x0c))
            .unwrap_or(self.rest().len());
        self.at += length;
    }

    /// Reads a non-ASCII character outside of quotes, or an unknown sign.
    fn other(&mut self) {
        let Some(character) = self.text[self.at..].chars().next() else {
            return;
        };
        let end = self.at + character.len_utf8();
        let space = matches!(
            character,
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        );
        if !space {
            let message = format!("illegal character `{}`", character.escape_default());
            self.fault(
                self.at,
                end,
                message,
                "remove it, or quote the name that it is part of",
            );
        }
        self.at = end;
    }

    /// Returns the number of bytes after `from` that continue a word.
    fn word_length(&self, from: usize) -> usize {
        let rest = &self.rest()[from..];
        rest.iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))
            .unwrap_or(rest.len())
    }

    fn word(&mut self) {
        let length = 1 + self.word_length(1);
        let value = &self.text[self.at..self.at + length];
        if let Some(b'\'' | b'"') = self.peek(length)
            && ["b", "r", "br", "rb"]
                .iter()
                .any(|prefix| value.eq_ignore_ascii_case(prefix))
        {
            self.literal(length);
            return;
        }
        self.check_reserved(value, self.at, self.at + length);
        let word = Word {
            value: value.to_owned(),
            quote_style: None,
            keyword: keyword::of(value.as_bytes()),
        };
        self.push(Token::Word(word), length);
    }

    fn name_of_digits(&mut self) {
        let length = self.word_length(0);
        let value = &self.text[self.at..self.at + length];
        self.push(Token::Word(quoted_word(value.to_owned())), length);
    }

    fn quoted_name(&mut self) {
        let Some((body, length)) = self.inside("`") else {
            self.unclosed("identifier");
            return;
        };
        let value = self.said(body, 1, Quoted::Text);
        if body.is_empty() {
            self.fault(
                self.at,
                self.at + length,
                "empty identifier",
                "write a name between the backticks",
            );
        }
        self.check_reserved(&value, self.at, self.at + length);
        self.push(Token::Word(quoted_word(value)), length);
    }

    /// Reads a string or bytes; `prefix` is the number of letters before the quotes.
    fn literal(&mut self, prefix: usize) {
        let letters = &self.text[self.at..self.at + prefix];
        let (is_raw, is_bytes) = (letters.contains(['r', 'R']), letters.contains(['b', 'B']));
        let start = self.at;
        self.at += prefix;
        let quote = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|quote| self.rest().starts_with(quote.as_bytes()))
            .unwrap_or("\"");
        let inside = self.inside(quote);
        self.at = start;
        let Some((body, length)) = inside else {
            self.unclosed(if is_bytes {
                "bytes literal"
            } else {
                "string literal"
            });
            return;
        };
        let quoted = if is_bytes {
            Quoted::Bytes
        } else {
            Quoted::Text
        };
        let value = if is_raw {
            escape::raw(body, quoted)
        } else {
            self.said(body, prefix + quote.len(), quoted)
        };
        let length = prefix + length;
        if !is_bytes && value.contains(marker::SIGN) {
            self.check_reserved(&value, start, start + length);
        }
        let touches = self.read.tokens.last().is_some_and(|last| {
            last.span.end == location(start)
                && matches!(
                    last.token,
                    Token::SingleQuotedString(_) | Token::SingleQuotedByteStringLiteral(_)
                )
        });
        if touches {
            let message = "adjacent literals need white space between them";
            self.fault(start, start + length, message, "write a space between them");
        }
        let token = if is_bytes {
            Token::SingleQuotedByteStringLiteral(value)
        } else {
            Token::SingleQuotedString(value)
        };
        self.push(token, length);
    }

    /// Returns the text between the quotes that begin here, and the length with
    /// quotes.
    fn inside(&self, quote: &str) -> Option<(&'a str, usize)> {
        let rest = &self.text[self.at + quote.len()..];
        let bytes = rest.as_bytes();
        let mut at = 0;
        loop {
            match bytes.get(at)? {
                // In a string, a line end after a backslash is an invalid escape,
                // which is reported later.
                b'\\' if quote != "`" => at += 1 + rest[at + 1..].chars().next()?.len_utf8(),
                b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => return None,
                b'\\' => at += 1 + rest[at + 1..].chars().next()?.len_utf8(),
                b'\n' | b'\r' if quote.len() == 1 => return None,
                _ if bytes[at..].starts_with(quote.as_bytes()) => break,
                _ => at += 1,
            }
        }
        Some((&rest[..at], at + 2 * quote.len()))
    }

    /// Decodes a body that begins `skip` bytes after the next one.
    fn said(&mut self, body: &str, skip: usize, quoted: Quoted) -> String {
        match escape::unescape(body, quoted) {
            Ok(said) => said,
            Err(invalid) => {
                let start = self.at + skip + invalid.at;
                let shown = &body[invalid.at..invalid.at + invalid.length];
                let message = format!("illegal escape `{}`", shown.escape_debug());
                let help = "write a backslash as `\\\\`, or the prefix r before the quotes";
                self.fault(start, start + invalid.length, message, help);
                body.to_owned()
            }
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let digits = |from: usize, is: fn(&u8) -> bool| {
            from + rest[from..].iter().take_while(|byte| is(byte)).count()
        };
        let hexadecimal = digits(2.min(rest.len()), u8::is_ascii_hexdigit);
        let mut length = digits(0, u8::is_ascii_digit);
        if let [b'0', b'x' | b'X', ..] = rest
            && hexadecimal > 2
        {
            length = hexadecimal;
        } else {
            if rest.get(length) == Some(&b'.') {
                length = digits(length + 1, u8::is_ascii_digit);
            }
            if let Some(b'e' | b'E') = rest.get(length) {
                let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
                let exponent = digits(length + 1 + sign, u8::is_ascii_digit);
                if exponent > length + 1 + sign {
                    length = exponent;
                }
            }
        }
        let follows = self.word_length(length);
        if follows > 0 && rest[length - 1] != b'.' {
            let message = "missing white space between a number and a word";
            let start = self.at + length;
            self.fault(
                start,
                start + follows,
                message,
                "write a space between them",
            );
        }
        let value = self.text[self.at..self.at + length].to_owned();
        self.push(Token::Number(value, false), length);
    }

    /// Reads a comment up to the end of the line: LF, CR or CR LF.
    fn line_comment(&mut self, mark: usize) {
        let rest = &self.text[self.at..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        self.push_comment(&rest[mark..length], length);
    }

    fn comment(&mut self) {
        let rest = &self.text[self.at + 2..];
        match rest.find("*/") {
            Some(end) => self.push_comment(&rest[..end], end + 4),
            None => self.unclosed("comment"),
        }
    }

    fn push_comment(&mut self, said: &str, length: usize) {
        let span = Span::new(location(self.at), location(self.at + length));
        self.read.comments.push((said.to_owned(), span));
        self.at += length;
    }

    /// Reads `@name` or `@@name` as one unquoted word. White space and quotes are
    /// allowed. Before a brace or a number, `@` begins a hint.
    fn at_sign(&mut self) {
        let start = self.at;
        let signs = if self.peek(1) == Some(b'@') { 2 } else { 1 };
        self.at += signs;
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | 0x08 | 0x0b | 0x0c) => self.white_space(),
                Some(b'#') => self.line_comment(1),
                Some(b'-') if self.peek(1) == Some(b'-') => self.line_comment(2),
                Some(b'/') if self.peek(1) == Some(b'*') => self.comment(),
                Some(byte) if !byte.is_ascii() => self.other(),
                Some(_) | None => break,
            }
            if self.read.broken.is_some() {
                return;
            }
        }
        let before = self.read.tokens.len();
        match self.peek(0) {
            Some(b'`') => self.quoted_name(),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.word(),
            Some(b'{' | b'0'..=b'9') if signs == 1 => {
                let span = Span::new(location(start), location(start + 1));
                let token = Token::AtSign;
                self.read.tokens.push(TokenWithSpan { token, span });
                return;
            }
            Some(_) | None => {}
        }
        let end = self.at;
        match self.read.tokens.get_mut(before) {
            Some(TokenWithSpan {
                token: Token::Word(word),
                span,
            }) => {
                word.value.insert_str(0, &"@@"[..signs]);
                word.quote_style = None;
                word.keyword = Keyword::NoKeyword;
                *span = Span::new(location(start), location(end));
            }
            Some(_) | None => {
                let message = "missing name after `@`";
                self.fault(
                    start,
                    start + signs,
                    message,
                    "write the name of the parameter after it",
                );
            }
        }
    }
}

fn quoted_word(value: String) -> Word {
    Word {
        value,
        quote_style: Some('`'),
        keyword: Keyword::NoKeyword,
    }
}

/// Returns the token of a sign, and its length.
fn sign(byte: u8, second: Option<u8>) -> Option<(Token, usize)> {
    Some(match (byte, second) {
        (b'(', _) => (Token::LParen, 1),
        (b')', _) => (Token::RParen, 1),
        (b'[', _) => (Token::LBracket, 1),
        (b']', _) => (Token::RBracket, 1),
        (b'{', _) => (Token::LBrace, 1),
        (b'}', _) => (Token::RBrace, 1),
        (b',', _) => (Token::Comma, 1),
        (b';', _) => (Token::SemiColon, 1),
        (b':', _) => (Token::Colon, 1),
        (b'.', _) => (Token::Period, 1),
        (b'?', _) => (Token::Placeholder("?".to_owned()), 1),
        (b'+', _) => (Token::Plus, 1),
        (b'*', _) => (Token::Mul, 1),
        (b'/', _) => (Token::Div, 1),
        (b'~', _) => (Token::Tilde, 1),
        (b'^', _) => (Token::Caret, 1),
        (b'&', _) => (Token::Ampersand, 1),
        (b'-', Some(b'>')) => (Token::Arrow, 2),
        (b'-', _) => (Token::Minus, 1),
        (b'=', Some(b'>')) => (Token::RArrow, 2),
        (b'=', _) => (Token::Eq, 1),
        (b'!', Some(b'=')) => (Token::Neq, 2),
        (b'<', Some(b'=')) => (Token::LtEq, 2),
        (b'<', Some(b'>')) => (Token::Neq, 2),
        (b'<', Some(b'<')) => (Token::ShiftLeft, 2),
        (b'<', _) => (Token::Lt, 1),
        (b'>', Some(b'=')) => (Token::GtEq, 2),
        (b'>', Some(b'>')) => (Token::ShiftRight, 2),
        (b'>', _) => (Token::Gt, 1),
        (b'|', Some(b'>')) => (Token::VerticalBarRightAngleBracket, 2),
        (b'|', Some(b'|')) => (Token::StringConcat, 2),
        (b'|', _) => (Token::Pipe, 1),
        _ => return None,
    })
}
