//! Texts that are written with words, numbers, plain names and a few signs, as nearly
//! all are. They are read at once, as the parser's tokenizer reads them, which looks
//! at each character for all dialects: that would be a quarter of the whole
//! assessment. Where anything else stands in a text, the tokenizer reads all of it.

use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Word};

use super::dialect::GoogleSql;
use super::directive::Comment;
use super::tokens::{BYTES_PER_TOKEN, Tokens};
use super::{keyword, literal};

/// Reads it where all that stands in it is plain.
pub(super) fn plain(text: &str, limit: usize) -> Option<Tokens> {
    let mut reader = Reader {
        text,
        at: 0,
        line: 1,
        line_start: 0,
        wide: 0,
        white: 0,
        tokens: Vec::with_capacity((text.len() / (2 * BYTES_PER_TOKEN)).min(limit)),
        comments: Vec::new(),
    };
    while reader.at < text.len() {
        reader.next()?;
    }
    Some(Tokens {
        count: reader.tokens.len() + reader.comments.len() + reader.white,
        tokens: reader.tokens,
        comments: reader.comments,
        broken: None,
    })
}

/// Where the reading of a text stands.
struct Reader<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    line: u64,
    /// The first byte of the line.
    line_start: usize,
    /// Bytes of the line so far that only continue a character.
    wide: usize,
    /// Tokens of white space that are no comments.
    white: usize,
    tokens: Vec<TokenWithSpan>,
    comments: Vec<Comment>,
}

impl Reader<'_> {
    /// Reads what stands next; `None` where that is nothing plain.
    fn next(&mut self) -> Option<()> {
        let byte = self.byte(0)?;
        match byte {
            b' ' | b'\t' | b'\n' => {
                self.white += 1;
                self.pass(1);
            }
            // With a line feed it is one.
            b'\r' => {
                self.white += usize::from(self.byte(1) != Some(b'\n'));
                self.pass(1);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.word(),
            b'0'..=b'9' => return self.number(),
            b'`' => return self.quoted_name(),
            b'\'' | b'"' => return self.string(""),
            b'-' if self.byte(1) == Some(b'-') => self.line_comment(2),
            b'#' => self.line_comment(1),
            b'/' if self.byte(1) == Some(b'*') => return self.comment(),
            b'@' => return self.parameter(),
            _ => {
                let (token, length) = self.sign(byte)?;
                self.push(token, length);
            }
        }
        Some(())
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn location(&self) -> Location {
        let column = self.at - self.line_start - self.wide + 1;
        Location::new(self.line, column as u64)
    }

    /// Goes on by some bytes, which are whole characters.
    fn pass(&mut self, length: usize) {
        let end = self.at + length;
        for at in self.at..end {
            match self.text.as_bytes()[at] {
                b'\n' => {
                    self.line += 1;
                    self.line_start = at + 1;
                    self.wide = 0;
                }
                0x80..=0xbf => self.wide += 1,
                _ => {}
            }
        }
        self.at = end;
    }

    /// Goes on by some bytes, and gives their place.
    fn span(&mut self, length: usize) -> Span {
        let start = self.location();
        self.pass(length);
        Span::new(start, self.location())
    }

    /// The token of the next bytes, which are ASCII and stand in one line.
    fn push(&mut self, token: Token, length: usize) {
        let start = self.location();
        self.at += length;
        let span = Span::new(start, self.location());
        self.tokens.push(TokenWithSpan { token, span });
    }

    /// How many bytes from one on may stand in a word.
    fn word_length(&self, from: usize) -> usize {
        self.text.as_bytes()[self.at + from..]
            .iter()
            .position(|byte| !GoogleSql.is_identifier_part(char::from(*byte)))
            .unwrap_or(self.text.len() - self.at - from)
    }

    fn word(&mut self) -> Option<()> {
        let length = 1 + self.word_length(1);
        let value = &self.text[self.at..self.at + length];
        if let Some(b'\'' | b'"') = self.byte(length) {
            if literal::is_prefix(value) {
                return self.string(value);
            }
            // It may be a prefix to the tokenizer.
            if length == 1 {
                return None;
            }
        }
        self.name(length);
        Some(())
    }

    /// The next bytes are a name or keyword.
    fn name(&mut self, length: usize) {
        let value = &self.text[self.at..self.at + length];
        let word = Word {
            value: value.to_owned(),
            quote_style: None,
            keyword: keyword::of(value.as_bytes()),
        };
        self.push(Token::Word(word), length);
    }

    fn parameter(&mut self) -> Option<()> {
        if !matches!(self.byte(1)?, b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            return None;
        }
        let length = 1 + self.word_length(1);
        if let Some(b'\'' | b'"') = self.byte(length) {
            return None;
        }
        self.name(length);
        Some(())
    }

    fn quoted_name(&mut self) -> Option<()> {
        let rest = &self.text[self.at + 1..];
        let end = rest.find('`')?;
        if rest[end + 1..].starts_with('`') {
            return None;
        }
        let word = Word {
            value: rest[..end].to_owned(),
            quote_style: Some('`'),
            keyword: Keyword::NoKeyword,
        };
        let span = self.span(end + 2);
        let token = Token::Word(word);
        self.tokens.push(TokenWithSpan { token, span });
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let digits = |from: usize| {
            let length = rest[from..].iter().position(|byte| !byte.is_ascii_digit());
            length.map_or(rest.len(), |length| from + length)
        };
        let mut length = digits(0);
        if rest.get(length) == Some(&b'.') {
            length = digits(length + 1);
        }
        if let Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') = rest.get(length) {
            return None;
        }
        let value = self.text[self.at..self.at + length].to_owned();
        self.push(Token::Number(value, false), length);
        Some(())
    }

    /// A literal, whose quotes stand after its prefix.
    fn string(&mut self, prefix: &str) -> Option<()> {
        let rest = &self.text[self.at + prefix.len()..];
        let (value, quote, length) = literal::read(prefix, rest)?;
        if rest[length..].starts_with(&quote[..1]) {
            return None;
        }
        let kinds = match prefix {
            "" => STRING,
            "r" | "R" => RAW,
            _ => BYTES,
        };
        let kind = usize::from(quote.starts_with('"')) + (quote.len() - 1);
        // The tokenizer gets white space for one of two letters.
        self.white += prefix.len().saturating_sub(1);
        let token = kinds[kind](value);
        let span = self.span(prefix.len() + length);
        self.tokens.push(TokenWithSpan { token, span });
        Some(())
    }

    /// A comment up to the end of the line.
    fn line_comment(&mut self, mark: usize) {
        let rest = &self.text[self.at..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let comment = rest[mark..length].to_owned();
        let span = self.span(length);
        self.comments.push((comment, span));
    }

    fn comment(&mut self) -> Option<()> {
        let rest = &self.text[self.at + 2..];
        let end = rest.find("*/")?;
        let comment = rest[..end].to_owned();
        let span = self.span(end + 4);
        self.comments.push((comment, span));
        Some(())
    }

    /// A sign and its length; `None` where it may be a part of others.
    fn sign(&self, byte: u8) -> Option<(Token, usize)> {
        let (second, third) = (self.byte(1), self.byte(2));
        Some(match (byte, second) {
            (b'(', _) => (Token::LParen, 1),
            (b')', _) => (Token::RParen, 1),
            (b'[', _) => (Token::LBracket, 1),
            (b']', _) => (Token::RBracket, 1),
            (b'{', _) => (Token::LBrace, 1),
            (b'}', _) => (Token::RBrace, 1),
            (b',', _) => (Token::Comma, 1),
            (b';', _) => (Token::SemiColon, 1),
            (b'+', _) => (Token::Plus, 1),
            (b'*', _) => (Token::Mul, 1),
            (b'/', _) => (Token::Div, 1),
            (b'.', Some(b'0'..=b'9')) => return None,
            (b'.', Some(b'_')) => {
                let last = self.tokens.last().map(|last| &last.token);
                matches!(last, Some(Token::Word(_))).then_some((Token::Period, 1))?
            }
            (b'.', _) => (Token::Period, 1),
            (b'-', Some(b'>')) if third != Some(b'>') => (Token::Arrow, 2),
            (b'-', second) if second != Some(b'>') => (Token::Minus, 1),
            (b'=', Some(b'>')) => (Token::RArrow, 2),
            (b'=', Some(b'=')) => (Token::DoubleEq, 2),
            (b'=', _) => (Token::Eq, 1),
            (b'!', Some(b'=')) => (Token::Neq, 2),
            (b'<', Some(b'=')) if third != Some(b'>') => (Token::LtEq, 2),
            (b'<', Some(b'>')) => (Token::Neq, 2),
            (b'<', Some(b'<')) => (Token::ShiftLeft, 2),
            (b'<', second) if !matches!(second, Some(b'=' | b'@')) => (Token::Lt, 1),
            (b'>', Some(b'=')) => (Token::GtEq, 2),
            (b'>', Some(b'>')) => (Token::ShiftRight, 2),
            (b'>', _) => (Token::Gt, 1),
            (b'|', Some(b'>')) => (Token::VerticalBarRightAngleBracket, 2),
            (b'|', Some(b'|')) if third != Some(b'/') => (Token::StringConcat, 2),
            (b'|', second) if !matches!(second, Some(b'|' | b'/')) => (Token::Pipe, 1),
            (b'&', second) if second != Some(b'&') => (Token::Ampersand, 1),
            (b':', second) if !matches!(second, Some(b':' | b'=')) => (Token::Colon, 1),
            _ => return None,
        })
    }
}

/// The tokens of a literal in `'`, `"`, `'''` and `"""`.
type Kinds = [fn(String) -> Token; 4];

const STRING: Kinds = [
    Token::SingleQuotedString,
    Token::DoubleQuotedString,
    Token::TripleSingleQuotedString,
    Token::TripleDoubleQuotedString,
];
const BYTES: Kinds = [
    Token::SingleQuotedByteStringLiteral,
    Token::DoubleQuotedByteStringLiteral,
    Token::TripleSingleQuotedByteStringLiteral,
    Token::TripleDoubleQuotedByteStringLiteral,
];
const RAW: Kinds = [
    Token::SingleQuotedRawStringLiteral,
    Token::DoubleQuotedRawStringLiteral,
    Token::TripleSingleQuotedRawStringLiteral,
    Token::TripleDoubleQuotedRawStringLiteral,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tokens::{Tokens, whole as read_whole};
    use super::plain;
    use crate::source::SourceText;

    fn whole(text: &str) -> Tokens {
        read_whole(&SourceText::new("query.sql", text), 1000)
    }

    const PLAIN: &[&str] = &[
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "a",
        "b",
        "r",
        "x",
        "_",
        "_a1",
        "SELECT",
        "From",
        "group",
        "B1",
        "0",
        "12",
        "007",
        ".",
        "._",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ";",
        "+",
        "-",
        "*",
        "/",
        "=",
        "!=",
        "<",
        ">",
        "|",
        "||",
        "|>",
        "&",
        ":",
        "@a",
        "#",
        "--",
        "/*",
        "*/",
        "''",
        "\"x y\"",
        "'''a\nb'''",
        "`a.é-b`",
        "b'x'",
        "R\"\"",
        "->",
        "=>",
        "<=",
        "<>",
        "<<",
        ">>",
        ">=",
        "==",
    ];
    const ODD: &[&str] = &[
        "\u{b}",
        "\u{a0}",
        "é",
        "n",
        "q",
        "e",
        "u",
        "L",
        "1e5",
        "0x1F",
        "..",
        "%",
        "!",
        "^",
        "~",
        "?",
        "$",
        "\\",
        "@",
        "@@b",
        "'",
        "\"",
        "'''",
        "\"\"\"",
        "`",
        "``",
        "<=>",
        "<@",
        "::",
        ":=",
        "&&",
        "u&'x'",
        "||/",
        "->>",
        ".b'x'",
        "x'1'",
        "/*/* */",
        "'é'",
        "rb'x'",
        "BR\"x\"",
        "r'\\d\\''",
        "'a\\n\\''",
        "@rb'x'",
        "arb'x'",
        "'a\nb'",
        "0X1F",
        "]._",
        "'''a'b'''",
        "''''",
        "\u{feff}",
        "Rb\"\"\"\\\n\"\"\"",
        "b'é'",
    ];

    fn piece() -> impl Strategy<Value = &'static str> {
        prop_oneof![
            12 => prop::sample::select(PLAIN),
            1 => prop::sample::select(ODD),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn plain_texts_are_read_as_the_tokenizer_reads_them(
            pieces in prop::collection::vec(piece(), 0..9),
            spaced in any::<bool>(),
        ) {
            let text = pieces.join(if spaced { " " } else { "" });
            if let Some(read) = plain(&text, 1000) {
                prop_assert_eq!(read, whole(&text));
            }
        }

        #[test]
        fn any_text_is_read_as_the_tokenizer_reads_it(text in "\\PC{0,40}") {
            if let Some(read) = plain(&text, 1000) {
                prop_assert_eq!(read, whole(&text));
            }
        }
    }

    #[test]
    fn what_queries_are_written_with_is_plain() {
        let text = "-- a comment, é\nSELECT a.b._c, `x-y`.z, COUNT(DISTINCT id) AS n, /* é\n */ @p,\n  \
            x[0], 1.5, 'x', r'''y''', b\"z\", {}, a <= b, c != d, e <> f, g || h, i >> 1, x -> y\n\
            FROM t # another\nWHERE a = 1 AND b - 1 > 2 |> LIMIT 1;";
        let read = plain(text, 1000);
        assert_eq!(read, Some(whole(text)));
    }
}
