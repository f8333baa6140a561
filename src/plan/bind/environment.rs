//! What earlier statements of a script define for later ones.

use std::collections::HashMap;

use sqlparser::ast;

use crate::plan::Literal;

/// Functions, temporary tables and variables of a script, by lower-case name.
#[derive(Default)]
pub(super) struct Environment<'a> {
    /// SQL functions with a visible body.
    pub(super) functions: HashMap<String, Function<'a>>,
    /// Temporary tables.
    pub(super) tables: HashMap<String, TempTable<'a>>,
    /// Variables; `None` where the value is not known.
    pub(super) variables: HashMap<String, Option<Literal>>,
}

/// A function with a visible SQL body.
#[derive(Clone)]
pub(super) struct Function<'a> {
    /// Names of the arguments, in order.
    pub(super) args: Vec<String>,
    /// The body.
    pub(super) body: &'a ast::Expr,
}

/// A temporary table.
#[derive(Clone, Copy)]
pub(super) enum TempTable<'a> {
    /// Made by one query and never written again. The query sees the tables
    /// whose number is lower.
    Query {
        query: &'a ast::Query,
        number: usize,
    },
    /// Written in a way that is not followed.
    Unknown,
}
