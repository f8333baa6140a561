//! The relational plan: few operators, and every SQL construct lowered once.
//!
//! Only `plan/bind` knows the many SQL spellings of one construct.

pub mod bind;
mod expr;
pub mod functions;
mod graft;
mod json;
mod live;
mod operator;
mod order;
mod print;
mod record;
mod relations;
mod routine;
mod upstream;
mod valued;

pub use expr::{
    Case, Comparison, Expr, ExprKind, Literal, Subquery, SubqueryKind, UNRENDERED,
    VARIABLE_CONSTANTS, VARIABLE_PROVENANCE,
};
pub use graft::Grafted;
pub use json::member;
pub use live::LiveColumns;
pub use operator::{
    Aggregate, AggregateCall, Expansion, JoinKind, KeyColumn, NullTreatment, Operator, Origin,
    PrivacyClause, ReadTable, SetOperator, Window, WindowFrame,
};
pub use print::render;
pub use record::{one_of, only_star};
pub use routine::RoutineText;
pub use upstream::{
    Definition, Definitions, Doubt, ForeignText, IsolatedText, Segment, TableMaker, Writer,
};
pub use valued::ValueColumns;

use std::collections::BTreeSet;

use crate::source::Span;
use relations::Relations;

/// Identifies a column of a [`Plan`]; names of columns are for display only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColId(pub u32);

/// Identifies a relation of a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelId(pub u32);

/// A column: its name and the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The display name, as written; empty for an anonymous column.
    pub name: String,
    /// Its expression in a SELECT list, or the first mention of a table's column.
    pub span: Span,
    /// Set if the column stands for all columns of a relation that no schema
    /// declares: the `*` over an unknown table.
    pub rest: Option<RestColumns>,
}

impl Column {
    /// Returns whether this is a single column (not a `rest`) with this name.
    pub fn is_certainly_named(&self, name: &str) -> bool {
        self.rest.is_none() && self.name.eq_ignore_ascii_case(name)
    }
}

/// The columns that a `*` stands for if no schema declares them.
///
/// A name that is looked up later may be one of them: the binder then creates a
/// column of its own for that name, starting from this one.
#[derive(Debug, Clone, PartialEq)]
pub struct RestColumns {
    /// The source of these columns.
    pub of: Expansion,
    /// Names that are not among them: EXCEPT, REPLACE, or known columns beside them.
    pub without: Vec<String>,
}

/// One relation: an operator and its output columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// The operator.
    pub operator: Operator,
    /// The output columns, in order.
    pub columns: Vec<ColId>,
    /// The SQL keyword that the user wrote for it, and its place.
    pub origin: Origin,
}

/// The plan of a statement; each relation comes after the relations it reads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    relations: Relations,
    columns: Vec<Column>,
    root: Option<RelId>,
}

impl Plan {
    /// Adds a relation.
    pub fn add(&mut self, relation: Relation) -> RelId {
        let id = RelId(u32::try_from(self.relations.len()).unwrap_or(u32::MAX));
        self.relations.push(relation);
        id
    }

    /// Adds a column.
    pub fn add_column(&mut self, column: Column) -> ColId {
        let id = ColId(u32::try_from(self.columns.len()).unwrap_or(u32::MAX));
        self.columns.push(column);
        id
    }

    /// Returns a relation by its id.
    pub fn relation(&self, id: RelId) -> &Relation {
        &self.relations[id.0 as usize]
    }

    /// Returns a relation for modification; the cached reads of all relations are
    /// lost.
    pub fn relation_mut(&mut self, id: RelId) -> &mut Relation {
        &mut self.relations.list_mut()[id.0 as usize]
    }

    /// Returns a column by its id.
    pub fn column(&self, id: ColId) -> &Column {
        &self.columns[id.0 as usize]
    }

    /// Returns a column for modification.
    pub fn column_mut(&mut self, id: ColId) -> &mut Column {
        &mut self.columns[id.0 as usize]
    }

    /// Returns the number of columns; every id is smaller.
    pub fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// Iterates over all relations in order of creation, inputs first.
    pub fn relations(&self) -> impl Iterator<Item = (RelId, &Relation)> {
        self.relations
            .iter()
            .enumerate()
            .map(|(at, relation)| (RelId(u32::try_from(at).unwrap_or(u32::MAX)), relation))
    }

    /// Iterates over all relations from the last to the first.
    ///
    /// Each search pays for what it looks at: one unit of budget per 16 relations.
    pub fn relations_back(&self) -> impl Iterator<Item = &Relation> {
        let ids = (0..self.relations.len()).rev();
        ids.map(|at| {
            if at % 16 == 0 {
                crate::budget::spend(1);
            }
            self.relation(RelId(u32::try_from(at).unwrap_or(u32::MAX)))
        })
    }

    /// The relations that one reads: its inputs, then the subqueries in its expressions.
    pub fn reads(&self, id: RelId) -> impl Iterator<Item = RelId> {
        self.relations.reads()[id.0 as usize].all()
    }

    /// Returns a relation and everything that it reads, transitively.
    ///
    /// Subqueries inside expressions are included.
    pub fn below(&self, root: RelId) -> BTreeSet<RelId> {
        let mut reached = BTreeSet::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                open.extend(self.relations.reads()[id.0 as usize].all());
            }
        }
        reached
    }

    /// Returns all columns that a relation and the relations under it create.
    ///
    /// Columns that are not output are included. A relation that is read through a
    /// reader is not entered, because its columns have other ids there.
    pub fn columns_made_under(&self, id: RelId) -> BTreeSet<ColId> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            crate::budget::spend(1);
            let relation = self.relation(id);
            found.extend(relation.columns.iter().copied());
            if !matches!(relation.operator, Operator::Reader { .. }) {
                open.extend(relation.operator.inputs());
            }
        }
        found
    }

    /// Returns the columns that the rows of a relation have.
    ///
    /// Columns that only an operator further up looks up are included.
    pub fn columns_under(&self, id: RelId) -> BTreeSet<ColId> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        for looked_at in 1.. {
            let Some(id) = open.pop() else {
                break;
            };
            crate::budget::spend(usize::from(looked_at % 32 == 0));
            let relation = self.relation(id);
            // An operator that only passes columns on has the columns of its inputs.
            // They are not taken from its own list: each join of a chain would
            // repeat them all.
            match &relation.operator {
                Operator::Filter { input, .. }
                | Operator::Sort { input, .. }
                | Operator::Limit { input, .. } => open.push(*input),
                Operator::Project { input, columns } => {
                    found.extend(columns.iter().map(|(column, _)| *column));
                    open.push(*input);
                }
                Operator::Window { input, windows } => {
                    found.extend(windows.iter().map(|(column, _)| *column));
                    open.push(*input);
                }
                Operator::Unnest {
                    input,
                    element,
                    offset,
                    ..
                } => {
                    found.insert(*element);
                    found.extend(offset);
                    open.extend(input);
                }
                Operator::Join {
                    kind,
                    left,
                    right,
                    merged,
                    ..
                } => {
                    found.extend(merged.iter().map(|(column, _, _)| *column));
                    open.push(*left);
                    if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
                        open.push(*right);
                    }
                }
                Operator::Scan(table) => {
                    found.extend(table.columns.iter().map(|(column, _)| *column));
                    found.extend(table.rest);
                }
                Operator::Rows(_)
                | Operator::Aggregate(_)
                | Operator::SetOperation { .. }
                | Operator::Reader { .. }
                | Operator::Recursion { .. }
                | Operator::Loop { .. }
                | Operator::Model { .. }
                | Operator::Opaque { .. } => found.extend(&relation.columns),
            }
        }
        found
    }

    /// Returns the relation whose rows are published.
    pub fn root(&self) -> Option<RelId> {
        self.root
    }

    /// Returns the published columns with their names, in order.
    ///
    /// A column without a name gets the name that BigQuery assigns (`f0_`, `f1_`).
    pub fn published(&self) -> Vec<(ColId, String)> {
        let columns = self.root.map(|root| self.relation(root).columns.as_slice());
        let mut unnamed = 0;
        let named = |column: &ColId| {
            let mut name = self.column(*column).name.clone();
            if name.is_empty() {
                name = format!("f{unnamed}_");
                unnamed += 1;
            }
            (*column, name)
        };
        columns.unwrap_or_default().iter().map(named).collect()
    }

    /// Sets the relation whose rows are published.
    pub fn set_root(&mut self, root: RelId) {
        self.root = Some(root);
    }
}
