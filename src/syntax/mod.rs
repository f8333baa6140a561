//! Text to statements: the token pass, our dialect of BigQuery over
//! `sqlparser`, suppression comments, and the true places of expressions.
//!
//! What fails to parse costs only itself: every other statement goes on.

mod assigned;
mod dialect;
mod directive;
mod index;
mod keyword;
mod literal;
pub mod marker;
mod parse;
mod places;
mod prefix;
mod rewrite;
mod script;
mod shift;
mod split;
mod unmodelled;

#[cfg(test)]
mod tests;

pub use directive::{Directive, DirectiveKind};
pub use parse::parse;
pub use places::Places;
pub use script::{Script, SelectClause, Statement, StatementKind, SyntaxError, Unmodelled};
