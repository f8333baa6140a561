//! The relational plan: few operators, every construct lowered once
//! (`plan/bind` is the only place that knows SQL's hundred ways to say them).

pub mod bind;
mod expr;
pub mod functions;
mod graft;
mod json;
mod operator;
mod order;
mod print;
mod record;
mod relations;
mod routine;
mod upstream;
mod valued;

pub use expr::{
    Case, Comparison, Expr, ExprKind, Literal, Subquery, SubqueryKind, UNRENDERED, VARIABLE_HOLDS,
    VARIABLE_MADE,
};
pub use graft::Grafted;
pub use json::member;
pub use operator::{
    Aggregate, AggregateCall, Expansion, JoinKind, KeyColumn, NullTreatment, Operator, Origin,
    PrivacyClause, ReadTable, SetOperator, Window, WindowFrame,
};
pub use print::render;
pub use record::{one_of, only_star};
pub use routine::Routines;
pub use upstream::{Alone, Definition, Definitions, Doubt, Foreign, MadeBy, Segment, Writer};
pub use valued::Valued;

use std::collections::BTreeSet;

use crate::source::Span;
use relations::Relations;

/// Names a column of a [`Plan`]; columns are ids, names are only for showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColId(pub u32);

/// Names a relation of a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelId(pub u32);

/// A column: what it is called and where that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name for show, as written; empty for an anonymous column.
    pub name: String,
    /// Where the column was written: its expression in a SELECT list, or the
    /// first mention of a table's column.
    pub span: Span,
    /// Set for a column that stands for all the columns of a relation that no
    /// schema tells, the `*` over an unknown table.
    pub rest: Option<Rest>,
}

impl Column {
    /// Whether it is one column, and has this name.
    pub fn is_surely_called(&self, name: &str) -> bool {
        self.rest.is_none() && self.name.eq_ignore_ascii_case(name)
    }
}

/// The columns that a `*` stands for where no schema tells them. A name that
/// is looked for later may be one of them: the binder then makes it a column
/// of its own, from here.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    /// Where its columns come from.
    pub of: Expansion,
    /// Names that are not among them: EXCEPT, REPLACE, or known beside it.
    pub without: Vec<String>,
}

/// One relation: an operator and the columns that it puts out.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// What it does.
    pub operator: Operator,
    /// What comes out, in order.
    pub columns: Vec<ColId>,
    /// The user's own word for it, and its place.
    pub origin: Origin,
}

/// A statement's plan. Relations stand after the ones they read.
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

    /// A relation by its id.
    pub fn relation(&self, id: RelId) -> &Relation {
        &self.relations[id.0 as usize]
    }

    /// A relation, to change it.
    pub fn relation_mut(&mut self, id: RelId) -> &mut Relation {
        &mut self.relations.list_mut()[id.0 as usize]
    }

    /// A column by its id.
    pub fn column(&self, id: ColId) -> &Column {
        &self.columns[id.0 as usize]
    }

    /// A column, to change it.
    pub fn column_mut(&mut self, id: ColId) -> &mut Column {
        &mut self.columns[id.0 as usize]
    }

    /// Number of columns; ids are below it.
    pub fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// All relations in the order they were made, inputs first.
    pub fn relations(&self) -> impl Iterator<Item = (RelId, &Relation)> {
        self.relations
            .iter()
            .enumerate()
            .map(|(at, relation)| (RelId(u32::try_from(at).unwrap_or(u32::MAX)), relation))
    }

    /// All relations from the last one on, of which each search pays for what it looks at.
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

    /// A relation and all that it is made of, in order, subqueries in expressions
    /// among them.
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

    /// All columns that a relation and those under it make, put out or not. A relation
    /// that is read again has made its own under other ids.
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

    /// The columns that a relation's rows have, those too that were only looked
    /// for further up.
    pub fn columns_under(&self, id: RelId) -> BTreeSet<ColId> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        for looked_at in 1.. {
            let Some(id) = open.pop() else {
                break;
            };
            crate::budget::spend(usize::from(looked_at % 32 == 0));
            let relation = self.relation(id);
            // What only passes columns on has those of its inputs: a chain of joins
            // would be gone through again at each.
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

    /// The relation whose rows are published.
    pub fn root(&self) -> Option<RelId> {
        self.root
    }

    /// The published columns and their names, in order: as BigQuery names them
    /// where nobody did.
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

    /// Says which relation's rows are published.
    pub fn set_root(&mut self, root: RelId) {
        self.root = Some(root);
    }
}
