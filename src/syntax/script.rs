//! A parsed file.

use std::collections::HashSet;

use sqlparser::ast;

use super::directive::Directive;
use super::index::TokenIndex;
use crate::catalog::TableName;
use crate::source::Span;

/// The statements of a file and the comments that speak to the program.
#[derive(Debug)]
pub struct Script {
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// Suppressions and the like.
    pub directives: Vec<Directive>,
    /// Variables that may get a value after their declaration, lower case.
    pub assigned: HashSet<String>,
    pub(super) index: TokenIndex,
}

/// One statement.
#[derive(Debug)]
pub struct Statement {
    /// From its first token to its last, without the semicolon.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
    /// Privacy clauses that were taken out of its SELECTs.
    pub clauses: Vec<SelectClause>,
}

/// What a statement is.
#[derive(Debug)]
pub enum StatementKind {
    /// A tree.
    Sql(Box<ast::Statement>),
    /// Recognised by its first words; there is no tree for it.
    Unmodelled(Unmodelled),
    /// It is not understood.
    Failed(SyntaxError),
}

/// A statement that is recognised and has no tree.
#[derive(Debug)]
pub struct Unmodelled {
    /// Its first words, upper case.
    pub word: String,
    /// Whether it may write rows.
    pub publishes: bool,
    /// The table or model that it writes.
    pub target: Option<TableName>,
    /// The query whose rows it takes.
    pub query: Option<Box<Statement>>,
}

/// Why a statement is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The token at fault.
    pub span: Span,
    /// What was found, what was expected.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// The limit that was reached, where that is why.
    pub limit: Option<&'static str>,
}

/// `WITH AGGREGATION_THRESHOLD OPTIONS (…)` after SELECT, and its like.
#[derive(Debug, Clone)]
pub struct SelectClause {
    /// The byte at which its SELECT begins.
    pub select: u32,
    /// `AGGREGATION_THRESHOLD`, `DIFFERENTIAL_PRIVACY`, `ANONYMIZATION`.
    pub kind: String,
    /// The options as written.
    pub options: Vec<(String, ast::Expr)>,
    /// Its place.
    pub span: Span,
}
