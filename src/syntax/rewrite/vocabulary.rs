//! Collects the words and signs of a statement that trigger rewrites. A rewrite is
//! tried only if one of its terms occurs, and a single pass over the tokens finds
//! the terms of all rewrites.

use std::sync::LazyLock;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{adjacent, match_recognize, privacy, trailing_comma};

/// A set of words and signs, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms(u32);

impl Terms {
    /// `@` that begins a hint.
    pub(super) const AT: Self = Self(1);
    /// Two adjacent literals.
    pub(super) const TEXT: Self = Self(1 << 1);
    pub(super) const MINUS: Self = Self(1 << 3);
    /// A `*` right after a word.
    pub(super) const STAR: Self = Self(1 << 4);
    pub(super) const PIPE: Self = Self(1 << 5);
    /// `.(` and `.SAFE`.
    pub(super) const CHAIN: Self = Self(1 << 6);
    /// `()`
    pub(super) const EMPTY: Self = Self(1 << 7);
    /// The statement begins with a parenthesis.
    pub(super) const OPENED: Self = Self(1 << 8);
    /// `(FROM`
    pub(super) const FROM: Self = Self(1 << 9);
    pub(super) const CREATE: Self = Self(1 << 10);
    pub(super) const DEPTH: Self = Self(1 << 11);
    pub(super) const FORMAT: Self = Self(1 << 12);
    pub(super) const GRAPH: Self = Self(1 << 13);
    pub(super) const GROUPING: Self = Self(1 << 14);
    pub(super) const JOIN: Self = Self(1 << 15);
    pub(super) const LIKE: Self = Self(1 << 16);
    pub(super) const MATCH: Self = Self(1 << 17);
    pub(super) const MODEL: Self = Self(1 << 18);
    pub(super) const OFFSET: Self = Self(1 << 19);
    pub(super) const PRIVACY: Self = Self(1 << 20);
    pub(super) const SAMPLE: Self = Self(1 << 21);
    pub(super) const SET: Self = Self(1 << 22);
    pub(super) const SYSTEM_TIME: Self = Self(1 << 23);
    pub(super) const TABLE: Self = Self(1 << 24);
    pub(super) const UNNEST: Self = Self(1 << 25);
    pub(super) const UNPIVOT: Self = Self(1 << 26);
    /// A comma at the end of a list.
    pub(super) const LAST_COMMA: Self = Self(1 << 27);

    const NONE: Self = Self(0);

    /// Returns the union of two sets.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets have a common term.
    pub(super) fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// Collects the terms of a statement's tokens.
    pub(super) fn of(tokens: &[TokenWithSpan]) -> Self {
        let mut all = Self::NONE;
        let mut before = None;
        for token in tokens {
            all = all.or(Self::of_token(before, token));
            before = Some(token);
        }
        if before.is_some_and(|last| last.token == Token::Comma) {
            all = all.or(Self::LAST_COMMA);
        }
        all
    }

    fn of_token(before: Option<&TokenWithSpan>, token: &TokenWithSpan) -> Self {
        let sign = before.map(|before| &before.token);
        match &token.token {
            _ if sign == Some(&Token::Comma) && trailing_comma::ends(Some(token)) => {
                Self::LAST_COMMA.or(Self::of_token(None, token))
            }
            Token::Word(word) => {
                // Every keyword after a dot is quoted.
                let after_dot = matches!(sign, Some(Token::Period));
                if after_dot && word.value.eq_ignore_ascii_case("SAFE") {
                    Self::CHAIN
                } else if word.quote_style.is_some() {
                    Self::NONE
                } else {
                    match of_word(&word.value) {
                        Self::FROM if !matches!(sign, Some(Token::LParen)) => Self::NONE,
                        terms => terms,
                    }
                }
            }
            Token::AtSign => Self::AT,
            Token::Minus => Self::MINUS,
            Token::Mul => match before {
                Some(before)
                    if matches!(before.token, Token::Word(_))
                        && before.span.end == token.span.start =>
                {
                    Self::STAR
                }
                Some(_) | None => Self::NONE,
            },
            Token::VerticalBarRightAngleBracket => Self::PIPE,
            Token::LParen => match sign {
                None => Self::OPENED,
                Some(Token::Period) => Self::CHAIN,
                Some(_) => Self::NONE,
            },
            Token::RParen if matches!(sign, Some(Token::LParen)) => Self::EMPTY,
            token => match sign {
                Some(before) if adjacent::are_joined(before, token) => Self::TEXT,
                Some(_) | None => Self::NONE,
            },
        }
    }
}

/// The words to search.
const WORDS: [(&str, Terms); 21] = [
    ("CONNECTION", Terms::MODEL),
    ("CREATE", Terms::CREATE),
    ("DEPTH", Terms::DEPTH),
    ("EXCEPT", Terms::SET),
    ("FORMAT", Terms::FORMAT),
    ("FROM", Terms::FROM),
    ("GRAPH", Terms::GRAPH),
    ("GRAPH_TABLE", Terms::GRAPH),
    ("GROUPING", Terms::GROUPING),
    ("INTERSECT", Terms::SET),
    ("JOIN", Terms::JOIN),
    ("LIKE", Terms::LIKE),
    ("MODEL", Terms::MODEL),
    ("OFFSET", Terms::OFFSET),
    ("SYSTEM", Terms::SYSTEM_TIME),
    ("SYSTEM_TIME", Terms::SYSTEM_TIME),
    ("TABLE", Terms::TABLE),
    ("TABLESAMPLE", Terms::SAMPLE),
    ("UNION", Terms::SET),
    ("UNNEST", Terms::UNNEST),
    ("UNPIVOT", Terms::UNPIVOT),
];

/// These words and those of other rewrites, by length, so that the length excludes
/// most words.
static BY_LENGTH: LazyLock<Vec<Vec<(&str, Terms)>>> = LazyLock::new(|| {
    let listed = [
        (&privacy::KINDS[..], Terms::PRIVACY),
        (&match_recognize::WORDS[..], Terms::MATCH),
    ];
    let listed = listed
        .into_iter()
        .flat_map(|(words, terms)| words.iter().map(move |word| (*word, terms)));
    let mut by_length: Vec<Vec<(&str, Terms)>> = Vec::new();
    for (word, terms) in WORDS.into_iter().chain(listed) {
        if by_length.len() <= word.len() {
            by_length.resize(word.len() + 1, Vec::new());
        }
        by_length[word.len()].push((word, terms));
    }
    by_length
});

fn of_word(word: &str) -> Terms {
    let alike = BY_LENGTH.get(word.len()).map_or(&[][..], Vec::as_slice);
    let found = alike
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    found.map_or(Terms::NONE, |(_, terms)| *terms)
}
