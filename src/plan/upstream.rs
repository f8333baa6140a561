//! Tables that other files make, as plans with the places of their texts.
//!
//! The places of all texts that a plan is made of lie one behind another, as if
//! the texts were joined: first the reader's own, then those of what it reads.

use std::sync::Arc;

use super::bind::Compared;
use super::functions::{FunctionClass, FunctionInfo, ScalarClass};
use super::{Expr, ExprKind, Grafted, Operator, Plan, Routines};
use crate::catalog::{Catalog, TableName, TableShape};
use crate::source::template::{self, DbtConfigured, SourceMap};
use crate::source::{SourceText, Span};

/// A text that a plan is made of, besides the reader's.
#[derive(Debug)]
pub struct Foreign {
    /// The text as written.
    pub written: SourceText,
    /// The way back to it from what was rendered of it.
    pub map: SourceMap,
    /// Whether it defines functions out of values that the next run may have otherwise.
    pub given: bool,
}

impl Foreign {
    /// A text whose places are those of what is written.
    pub fn as_written(written: SourceText) -> Self {
        Self {
            map: SourceMap::identity(written.text().len()),
            written,
            given: false,
        }
    }

    /// Bytes of the longer one of what is written and what was rendered.
    pub fn length(&self) -> usize {
        self.written.text().len().max(self.map.rendered())
    }
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
    /// Whether its columns go by their names into those of the table.
    pub named: bool,
}

/// Something that may write a table and is not followed.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The text in which it stands.
    pub text: Arc<Foreign>,
    /// Where, in the rendered text.
    pub span: Span,
    /// Whether it is made when a script runs.
    pub dynamic: bool,
    /// What it does, and to which table.
    pub message: String,
    /// How to mend it.
    pub help: String,
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
    /// Whether a value that only this run is known to have made its rows, or those
    /// that it is made of.
    pub given: bool,
    /// What other files compare that take rows away by what these hold.
    pub deleted: Vec<Compared>,
    /// What else may write it.
    pub doubts: Vec<Doubt>,
    /// How many tables of other files are made one of another up to it, itself
    /// included.
    pub height: usize,
}

/// What is known of who makes a table.
#[derive(Debug, Clone)]
pub enum MadeBy {
    /// Statements that are known.
    Statements(Arc<Definition>),
    /// Its definition needs itself, through these tables.
    OfItself(Vec<String>),
    /// What makes it could not be followed; one reason at least.
    NotFollowed(Vec<Doubt>),
}

/// Where the binder learns who makes a table.
pub trait Definitions {
    /// Whether each query of the text is a dataset, not the last alone: those of a paste
    /// are asked for one by one.
    fn publishes_every_query(&self) -> bool {
        false
    }

    /// Who makes a table; `None` where nobody is known to.
    fn made(&self, table: &TableName) -> Option<MadeBy>;

    /// What else than the text in hand may write the table that it makes; `target` is
    /// the one that a statement of it names.
    fn other_writers(&self, target: Option<&TableName>) -> Vec<Doubt>;

    /// What else than the text in hand may write a table that it makes, before somebody
    /// reads it.
    fn written_elsewhere(&self, table: &TableName) -> Vec<Doubt>;

    /// What else than the text in hand may define a function that it defines, before
    /// somebody reads a view that calls it.
    fn defined_elsewhere(&self, function: &str) -> Vec<Doubt>;

    /// The text that defines a persistent function, by its name in lower case;
    /// `None` where none is known.
    fn function(&self, name: &str) -> Option<&Routines>;

    /// Whether the table that a query of the text in hand makes surely keeps the rows of
    /// earlier runs.
    fn adds_rows(&self, written: &SourceText, configured: &DbtConfigured) -> bool;

    /// The texts that make a table or define a function of that name, as they are
    /// rendered, understood or not: programs, and rows that are no SQL, as well.
    fn texts(&self, name: &TableName) -> Vec<SourceText>;

    /// The values that runs of a file give to query parameters, by their names, as far as
    /// something beside it says so.
    fn parameters(&self, path: &str) -> Vec<(String, String)>;
}

/// A text alone: nobody is known to make what it reads, and nothing is declared.
pub struct Alone;

impl Catalog for Alone {
    fn shape(&self, _table: &TableName) -> Option<TableShape> {
        None
    }

    fn knows(&self, _table: &TableName, _path: &[&str]) -> bool {
        false
    }
}

impl Definitions for Alone {
    fn made(&self, _table: &TableName) -> Option<MadeBy> {
        None
    }

    fn other_writers(&self, _target: Option<&TableName>) -> Vec<Doubt> {
        Vec::new()
    }

    fn written_elsewhere(&self, _table: &TableName) -> Vec<Doubt> {
        Vec::new()
    }

    fn defined_elsewhere(&self, _function: &str) -> Vec<Doubt> {
        Vec::new()
    }

    fn function(&self, _name: &str) -> Option<&Routines> {
        None
    }

    fn adds_rows(&self, _written: &SourceText, _configured: &DbtConfigured) -> bool {
        false
    }

    fn texts(&self, _name: &TableName) -> Vec<SourceText> {
        Vec::new()
    }

    fn parameters(&self, _path: &str) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl Plan {
    /// Whether it depends on a query parameter, so that each run of it gives
    /// other rows.
    pub fn has_parameters(&self) -> bool {
        self.has(&|part| match &part.kind {
            // What stands for a default of a template is the same in a whole run.
            ExprKind::Parameter(name) => !template::is_assumed(name),
            _ => false,
        })
    }

    /// Whether two runs over the same tables may give other rows: it reads a
    /// parameter, the clock, chance, something of the run, or an earlier time, or
    /// takes any rows that come first.
    pub fn differs_between_runs(&self) -> bool {
        let chosen = self.relations().any(|(_, relation)| {
            matches!(
                &relation.operator,
                Operator::Limit { .. } | Operator::Opaque { .. }
            ) || matches!(&relation.operator, Operator::Scan(table) if table.as_of.is_some())
        });
        chosen || self.has(&differs)
    }

    fn has(&self, is: &dyn Fn(&Expr) -> bool) -> bool {
        self.relations().any(|(_, relation)| {
            relation.operator.expressions().into_iter().any(|expr| {
                let mut found = false;
                expr.walk(&mut |part| found |= is(part));
                found
            })
        })
    }
}

/// Whether a value may be another one in another run over the same rows.
fn differs(part: &Expr) -> bool {
    match &part.kind {
        ExprKind::Parameter(_) | ExprKind::Variable(_) | ExprKind::Unknown(_) => true,
        // A function that nobody sees into may read anything.
        ExprKind::Call { info, .. } => info.is_none_or(varies),
        _ => false,
    }
}

/// Whether a function gives other values in another run.
fn varies(info: &FunctionInfo) -> bool {
    matches!(
        info.class,
        FunctionClass::Scalar(ScalarClass::Random | ScalarClass::Session)
    )
}
