//! Parses text into statements.
//!
//! The parts are the lexer, our dialect of BigQuery over `sqlparser`, suppression
//! comments, and the exact places of expressions. A statement that fails to parse
//! does not affect any other statement.

mod assigned;
mod blocks;
mod dialect;
mod directive;
mod dynamic;
mod escape;
mod fingerprint;
mod index;
mod keyword;
mod legacy;
mod lexeme;
mod lexer;
pub mod marker;
mod mentioned;
mod operand;
mod parse;
mod places;
mod prefix;
mod repair;
mod rewrite;
mod script;
mod shift;
mod skeleton;
mod special;
mod unread;
mod words;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

pub use directive::{Directive, DirectiveKind, statements_after};
pub use fingerprint::fingerprint;
pub use lexeme::{Lexeme, LexemeKind, lexemes};
pub use mentioned::mentioned;
pub use parse::parse;
pub use places::Places;
pub use script::{
    Branch, DroppedObject, ExecuteImmediate, Jump, LoopKind, Parameter, Procedure, Script,
    SelectClause, Statement, StatementKind, SyntaxError, TableFunction,
};
pub use special::COLLATING;
pub use unread::{PossibleEffects, unread};
