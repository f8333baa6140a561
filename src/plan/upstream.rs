//! Tables that other files make, as plans with the places of their texts.
//!
//! The places of all texts that a plan is made of lie one behind another, as if
//! the texts were joined: first the reader's own, then those of what it reads.

use std::sync::Arc;

use super::{ExprKind, Grafted, Plan, Routines};
use crate::catalog::TableName;
use crate::source::template::SourceMap;
use crate::source::{SourceText, Span};

/// A text that a plan is made of, besides the reader's.
#[derive(Debug)]
pub struct Foreign {
    /// The text as written.
    pub written: SourceText,
    /// The way back to it from what was rendered of it.
    pub map: SourceMap,
}

/// Where in the joined texts one of them stands.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its first byte there.
    pub start: u32,
    /// The first byte behind it.
    pub end: u32,
    /// The text.
    pub text: Arc<Foreign>,
    /// Where its table is read, in the joined texts.
    pub read_at: Span,
}

/// One statement that writes a table, in one way that its template may go.
#[derive(Debug)]
pub struct Writer {
    /// Its plan.
    pub plan: Plan,
    /// Its own text.
    pub text: Arc<Foreign>,
    /// Bytes of its own rendered text.
    pub own: u32,
    /// The tables that it reads and that are followed, in its plan.
    pub grafted: Grafted,
}

/// What makes a table.
#[derive(Debug)]
pub struct Definition {
    /// The table.
    pub table: TableName,
    /// The statements that write it; one at least. Its rows are those of all.
    pub writers: Vec<Writer>,
    /// Whether they run again and again and each run adds rows, so that no rows
    /// of one of them are unique.
    pub repeated: bool,
    /// Which file has a part that was not understood, and what that is.
    pub doubt: Option<String>,
}

/// What is known of who makes a table.
#[derive(Debug, Clone)]
pub enum MadeBy {
    /// Statements that are known.
    Statements(Arc<Definition>),
    /// Its definition needs itself, through these tables.
    OfItself(Vec<String>),
    /// A file makes it that could not be followed, and why.
    NotFollowed(String),
}

/// Where the binder learns who makes a table.
pub trait Definitions {
    /// Who makes a table; `None` where nobody is known to.
    fn made(&self, table: &TableName) -> Option<MadeBy>;

    /// The text that defines a persistent function, by its name in lower case;
    /// `None` where none is known.
    fn function(&self, name: &str) -> Option<&Routines>;
}

/// A text alone: nobody is known to make what it reads.
pub struct Alone;

impl Definitions for Alone {
    fn made(&self, _table: &TableName) -> Option<MadeBy> {
        None
    }

    fn function(&self, _name: &str) -> Option<&Routines> {
        None
    }
}

impl Plan {
    /// Whether it depends on a query parameter, so that each run of it gives
    /// other rows.
    pub fn has_parameters(&self) -> bool {
        self.relations().any(|(_, relation)| {
            relation.operator.expressions().into_iter().any(|expr| {
                let mut found = false;
                expr.walk(&mut |part| found |= matches!(part.kind, ExprKind::Parameter(_)));
                found
            })
        })
    }
}
