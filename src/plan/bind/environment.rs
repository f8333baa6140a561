//! What earlier statements of a script define for later ones.

use std::collections::HashMap;

use sqlparser::ast;

use crate::plan::Literal;

/// Functions, temporary tables and variables of a script, by lower-case name.
#[derive(Default)]
pub struct Environment<'a> {
    /// SQL functions with a visible body.
    pub functions: HashMap<String, Function<'a>>,
    /// Temporary tables.
    pub tables: HashMap<String, TempTable<'a>>,
    /// Variables; `None` where the value is not known.
    pub variables: HashMap<String, Option<Literal>>,
}

/// A function with a visible SQL body.
#[derive(Clone)]
pub struct Function<'a> {
    /// Names of the arguments, in order.
    pub args: Vec<String>,
    /// The body.
    pub body: &'a ast::Expr,
}

/// A temporary table.
#[derive(Clone, Copy)]
pub enum TempTable<'a> {
    /// Made by one query and never written again.
    Query(&'a ast::Query),
    /// Written in a way that is not followed.
    Unknown,
}
