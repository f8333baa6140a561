//! Tables that other files make, as plans with the places of their texts.
//!
//! The places of all texts of a plan follow one another, as if the texts were
//! concatenated: first the reader's own text, then those of what it reads.

use std::sync::Arc;

use super::bind::ComparedColumn;
use super::functions::{FunctionClass, FunctionInfo, ScalarClass};
use super::{Expr, ExprKind, Grafted, Operator, Plan, RoutineText};
use crate::catalog::{Catalog, TableName, TableShape};
use crate::source::template::{self, DbtConfig, SourceMap};
use crate::source::{SourceText, Span};

/// A text that a plan is made of, other than the reader's.
#[derive(Debug)]
pub struct ForeignText {
    /// The text as written.
    pub written: SourceText,
    /// Maps places in the rendered text back to the written text.
    pub map: SourceMap,
    /// Whether its functions depend on values that the next run may change.
    pub given: bool,
}

impl ForeignText {
    /// Creates a text without a template: rendered and written places are the same.
    pub fn as_written(written: SourceText) -> Self {
        Self {
            map: SourceMap::identity(written.text().len()),
            written,
            given: false,
        }
    }

    /// Returns the length in bytes of the longer one of written and rendered text.
    pub fn length(&self) -> usize {
        self.written.text().len().max(self.map.rendered())
    }
}

/// The position of one text within the concatenated texts.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its first byte in the concatenated texts.
    pub start: u32,
    /// The first byte after it.
    pub end: u32,
    /// The text.
    pub text: Arc<ForeignText>,
    /// Where its table is read, as a place in the concatenated texts.
    pub read_at: Span,
}

/// A statement that writes a table, in one rendering of its template.
#[derive(Debug)]
pub struct Writer {
    /// Its plan.
    pub plan: Plan,
    /// The text of the statement.
    pub text: Arc<ForeignText>,
    /// Length of its own rendered text in bytes.
    pub own: u32,
    /// The tables that it reads and whose definitions are followed, in its plan.
    pub grafted: Grafted,
    /// Whether its columns go to the table's columns by name.
    pub named: bool,
}

/// A statement that may write a table and is not followed.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The text that contains it.
    pub text: Arc<ForeignText>,
    /// Its place in the rendered text.
    pub span: Span,
    /// Whether the statement is built when a script runs.
    pub dynamic: bool,
    /// What it does, and to which table.
    pub message: String,
    /// How to resolve the doubt.
    pub help: String,
}

/// What makes a table.
#[derive(Debug)]
pub struct Definition {
    /// The table.
    pub table: TableName,
    /// The statements that write it, at least one. Its rows are those of all of
    /// them.
    pub writers: Vec<Writer>,
    /// Whether the statements run repeatedly and each run adds rows.
    ///
    /// If so, no key of one run is unique in the table.
    pub repeated: bool,
    /// Whether its rows depend on a value that is known for this run only.
    ///
    /// Rows that they derive from count too.
    pub given: bool,
    /// Comparisons in other files that remove rows by the content of the table.
    pub deleted: Vec<ComparedColumn>,
    /// Other statements that may write it.
    pub doubts: Vec<Doubt>,
    /// Length of the longest chain of tables of other files that ends here.
    ///
    /// It includes this table.
    pub height: usize,
}

/// The answer to who makes a table.
#[derive(Debug, Clone)]
pub enum TableMaker {
    /// Known statements.
    Statements(Arc<Definition>),
    /// Its definition depends on itself, through these tables.
    Cyclic(Vec<String>),
    /// Its definition could not be followed; at least one reason.
    NotFollowed(Vec<Doubt>),
}

/// Provides the binder with the definitions of other files.
pub trait Definitions {
    /// Returns whether each query of the text is a dataset, and not only the last
    /// one.
    ///
    /// The queries of a paste are assessed one by one.
    fn publishes_every_query(&self) -> bool {
        false
    }

    /// Returns what makes a table; `None` if nothing known does.
    fn made(&self, table: &TableName) -> Option<TableMaker>;

    /// Returns other statements that may write the target of the current text.
    ///
    /// `target` is the table that a statement of the text names.
    fn other_writers(&self, target: Option<&TableName>) -> Vec<Doubt>;

    /// Returns other statements that may write a table of the current text.
    ///
    /// They may run before the table is read.
    fn written_elsewhere(&self, table: &TableName) -> Vec<Doubt>;

    /// Returns other statements that may define a function of the current text.
    ///
    /// They may run before a view that calls the function is read.
    fn defined_elsewhere(&self, function: &str) -> Vec<Doubt>;

    /// Returns the text that defines a persistent function, by its lower-case name.
    ///
    /// `None` if no such text is known.
    fn function(&self, name: &str) -> Option<&RoutineText>;

    /// Returns whether a query's table certainly keeps the rows of earlier runs.
    ///
    /// The table is the one that a query of the current text makes.
    fn adds_rows(&self, written: &SourceText, configured: &DbtConfig) -> bool;

    /// Returns the rendered texts that make a table or define a function of this
    /// name.
    ///
    /// Texts that are not understood are included, such as programs and rows that
    /// are not SQL.
    fn texts(&self, name: &TableName) -> Vec<SourceText>;

    /// Returns the values that runs of a file give to query parameters, by name.
    ///
    /// Only values that something beside the file declares are known.
    fn parameters(&self, path: &str) -> Vec<(String, String)>;
}

/// A text without neighbours: no file makes what it reads, and nothing is declared.
pub struct IsolatedText;

impl Catalog for IsolatedText {
    fn shape(&self, _table: &TableName) -> Option<TableShape> {
        None
    }

    fn knows(&self, _table: &TableName, _path: &[&str]) -> bool {
        false
    }
}

impl Definitions for IsolatedText {
    fn made(&self, _table: &TableName) -> Option<TableMaker> {
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

    fn function(&self, _name: &str) -> Option<&RoutineText> {
        None
    }

    fn adds_rows(&self, _written: &SourceText, _configured: &DbtConfig) -> bool {
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
    /// Returns whether it depends on a query parameter.
    ///
    /// Each run of such a plan may give different rows.
    pub fn has_parameters(&self) -> bool {
        self.has(&|part| match &part.kind {
            // A parameter that stands for a template's default has one value in a
            // whole run.
            ExprKind::Parameter(name) => !template::is_assumed(name),
            _ => false,
        })
    }

    /// Returns whether two runs over the same tables may give different rows.
    ///
    /// They may if the plan reads a parameter, the clock, randomness, the session,
    /// or an earlier time, or takes whichever rows come first.
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

/// Returns whether a value may differ in another run over the same rows.
fn differs(part: &Expr) -> bool {
    match &part.kind {
        ExprKind::Parameter(_) | ExprKind::Variable(_) | ExprKind::Unknown(_) => true,
        // A function whose body is not visible may read anything.
        ExprKind::Call { info, .. } => info.is_none_or(varies),
        _ => false,
    }
}

/// Returns whether a function may return other values in another run.
fn varies(info: &FunctionInfo) -> bool {
    matches!(
        info.class,
        FunctionClass::Scalar(ScalarClass::Random | ScalarClass::Session)
    )
}
