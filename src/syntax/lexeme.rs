//! Provides the tokens of a text with their places, for edits of the text.

use sqlparser::tokenizer::Token;

use super::index::bytes;
use super::lexer;
use crate::source::{SourceText, Span};

/// The kind of a token.
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
    /// A comparison operator: `=`, `<`, `>=` and the like.
    Comparison,
    /// A literal or another operator.
    Other,
}

/// A token that is neither white space nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme {
    /// The kind of the token.
    pub kind: LexemeKind,
    /// The place of the token.
    pub span: Span,
}

/// Returns the tokens of a text. Empty if a literal is not closed, because the ends
/// of tokens are then unknown.
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
