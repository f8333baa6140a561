//! Computes the fingerprint of a query's meaning. It ignores comments, white space
//! and the case of words.

use sha2::{Digest, Sha256};

use super::{LexemeKind, lexemes};
use crate::source::SourceText;

/// Returns the fingerprint of a text, 64 bits in hexadecimal.
pub fn fingerprint(source: &SourceText) -> String {
    let mut hash = Sha256::new();
    let mut add = |word: &str| {
        hash.update(word.as_bytes());
        hash.update([0]);
    };
    let mut tokens = lexemes(source);
    while tokens
        .last()
        .is_some_and(|last| last.kind == LexemeKind::Semicolon)
    {
        tokens.pop();
    }
    if tokens.is_empty() {
        // A template, or a text with an unclosed literal: its words.
        for word in source.text().split_whitespace() {
            add(word);
        }
    }
    for token in tokens {
        let word = source.slice(token.span);
        match token.kind {
            LexemeKind::Word => add(&word.to_uppercase()),
            _ => add(word),
        }
    }
    hash.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
