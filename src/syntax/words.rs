//! Matches the first words of a statement, by which it is recognized.

use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Keywords that say how an object is created, not which object.
const MANNERS: [&str; 4] = ["OR", "REPLACE", "TEMP", "TEMPORARY"];

/// The tokens of a statement without white space.
pub(super) struct StatementWords<'a> {
    tokens: &'a [TokenWithSpan],
}

impl<'a> StatementWords<'a> {
    pub(super) fn of(tokens: &'a [TokenWithSpan]) -> Self {
        Self { tokens }
    }

    /// Whether the statement begins with these words, ignoring `OR REPLACE` and
    /// `TEMP`.
    pub(super) fn begin(&self, words: &[&str]) -> bool {
        self.length(words).is_some()
    }

    /// Returns the number of tokens of these first words, including ignored ones.
    pub(super) fn length(&self, words: &[&str]) -> Option<usize> {
        let mut at = 0;
        for (nth, word) in words.iter().enumerate() {
            while nth > 0 && MANNERS.iter().any(|manner| is(self.tokens.get(at), manner)) {
                at += 1;
            }
            if !is(self.tokens.get(at), word) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// Whether a word is among the first ones.
    pub(super) fn has(&self, word: &str) -> bool {
        self.after(word).is_some()
    }

    /// Returns the index after a word that is among the first ones.
    pub(super) fn after(&self, word: &str) -> Option<usize> {
        (0..self.tokens.len().min(6))
            .take_while(|at| matches!(self.tokens[*at].token, Token::Word(_)))
            .find(|at| is(self.tokens.get(*at), word))
            .map(|at| at + 1)
    }

    /// Returns the dotted name at an index, after `IF [NOT] EXISTS`, and the index
    /// after it. Dashes belong to the name.
    pub(super) fn path(&self, mut at: usize) -> Option<(Vec<String>, usize)> {
        if is(self.tokens.get(at), "IF") {
            at += if is(self.tokens.get(at + 1), "NOT") {
                3
            } else {
                2
            };
        }
        let mut parts = Vec::new();
        loop {
            let Token::Word(word) = &self.tokens.get(at)?.token else {
                return None;
            };
            let mut part = word.value.clone();
            at += 1;
            while self.tokens.get(at).map(|token| &token.token) == Some(&Token::Minus) {
                match &self.tokens.get(at + 1)?.token {
                    Token::Word(word) => part = format!("{part}-{}", word.value),
                    Token::Number(number, _) => part = format!("{part}-{number}"),
                    _ => return None,
                }
                at += 2;
            }
            parts.push(part);
            if self.tokens.get(at).map(|token| &token.token) != Some(&Token::Period) {
                return Some((parts, at));
            }
            at += 1;
        }
    }
}

/// Whether a token is this unquoted word.
pub(super) fn is(token: Option<&TokenWithSpan>, word: &str) -> bool {
    matches!(
        token.map(|token| &token.token),
        Some(Token::Word(found)) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word)
    )
}
