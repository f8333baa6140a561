//! The tokens of a text with their places, as an edit of the text needs them.

use sqlparser::tokenizer::Token;

use super::index::bytes;
use super::lexer;
use crate::source::{SourceText, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexemeKind {
    /// A word without quotes: a keyword or a name.
    Word,
    /// A name in backticks.
    Quoted,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// `,`
    Comma,
    /// `.`
    Period,
    /// `;`
    Semicolon,
    /// `|>`
    Pipe,
    /// `=`, `<`, `>=` and the like.
    Comparison,
    /// Literals, other operators.
    Other,
}

/// A token that is neither white space nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme {
    /// What it is.
    pub kind: LexemeKind,
    /// Its bytes.
    pub span: Span,
}

/// The tokens of a text; none where it can't be told where they end, since a
/// literal is not closed.
pub fn lexemes(source: &SourceText) -> Vec<Lexeme> {
    let read = lexer::read(source.text(), usize::MAX);
    if read.broken.is_some() {
        return Vec::new();
    }
    read.tokens
        .iter()
        .map(|token| {
            let kind = match &token.token {
                Token::Word(word) if word.quote_style.is_none() => LexemeKind::Word,
                Token::Word(_) => LexemeKind::Quoted,
                Token::LParen | Token::LBracket | Token::LBrace => LexemeKind::Open,
                Token::RParen | Token::RBracket | Token::RBrace => LexemeKind::Close,
                Token::Comma => LexemeKind::Comma,
                Token::Period => LexemeKind::Period,
                Token::SemiColon => LexemeKind::Semicolon,
                Token::VerticalBarRightAngleBracket => LexemeKind::Pipe,
                Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => {
                    LexemeKind::Comparison
                }
                _ => LexemeKind::Other,
            };
            Lexeme {
                kind,
                span: bytes(token.span),
            }
        })
        .collect()
}
