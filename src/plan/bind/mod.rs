//! The binder: a parsed statement becomes a plan with resolved columns.
//!
//! It is the only place that knows SQL's many ways to say one thing. A new
//! piece of syntax is one function here; what is not modelled becomes
//! [`ExprKind::Unknown`](super::ExprKind) or an opaque relation, and a
//! [`Problem`]: never silence.

#![deny(clippy::wildcard_enum_match_arm)]

mod by_name;
mod cte;
mod environment;
mod expand;
mod expr;
mod from;
mod group;
mod hoist;
mod join;
mod pipe;
mod pipe_call;
mod pivot;
mod problem;
mod query;
mod scope;
mod select;
mod set_operation;
mod statement;
mod subquery;
mod unnest;
mod window;
mod write;

pub use problem::{Problem, ProblemKind};
pub use statement::{Dataset, bind};

use std::collections::HashMap;

use super::{
    Aggregate, ColId, Column, Expansion, Expr, KeyColumn, Operator, Origin, Plan, RelId, Relation, Rest,
};
use crate::catalog::Catalog;
use crate::source::{SourceText, Span};
use crate::syntax::{Places, SelectClause};
use cte::Ctes;
use environment::Environment;
use hoist::Hoist;
use scope::Frame;

/// What the binder works with while it lowers one statement.
pub(super) struct Binder<'a> {
    source: &'a SourceText,
    places: &'a Places<'a>,
    catalog: &'a dyn Catalog,
    environment: &'a Environment<'a>,
    clauses: &'a [SelectClause],
    plan: Plan,
    problems: Vec<Problem>,
    ctes: Ctes,
    /// Scopes from the outermost query inwards.
    frames: Vec<Frame>,
    /// Where aggregates and analytic calls of the SELECT in hand go; `None`
    /// where neither may stand.
    hoists: Vec<Option<Hoist>>,
    /// Columns already made out of a `*` over unknown columns.
    expanded: HashMap<ColId, Vec<(String, ColId)>>,
    /// Named windows of the SELECT in hand.
    windows: Vec<Vec<sqlparser::ast::NamedWindowDefinition>>,
    /// What a pipe operator that is written as a FROM item reads.
    piped: Option<(RelId, scope::Scope)>,
    /// How deep inlined functions are nested.
    inlined: usize,
    /// Temporary tables already bound, by name.
    temporary: HashMap<String, RelId>,
    /// Temporary tables with a lower number are visible.
    tables_before: usize,
}

impl<'a> Binder<'a> {
    fn new(
        source: &'a SourceText,
        places: &'a Places<'a>,
        catalog: &'a dyn Catalog,
        environment: &'a Environment<'a>,
        clauses: &'a [SelectClause],
    ) -> Self {
        Self {
            source,
            places,
            catalog,
            environment,
            clauses,
            plan: Plan::default(),
            problems: Vec::new(),
            ctes: Ctes::default(),
            frames: Vec::new(),
            hoists: Vec::new(),
            expanded: HashMap::new(),
            windows: Vec::new(),
            piped: None,
            inlined: 0,
            temporary: HashMap::new(),
            tables_before: usize::MAX,
        }
    }

    fn add(&mut self, operator: Operator, columns: Vec<ColId>, word: &'static str, span: Span) -> RelId {
        self.plan.add(Relation {
            operator,
            columns,
            origin: Origin { word, span },
        })
    }

    fn column(&mut self, name: impl Into<String>, span: Span) -> ColId {
        self.plan.add_column(Column {
            name: name.into(),
            span,
            rest: None,
        })
    }

    fn rest(&mut self, of: Expansion, without: Vec<String>, span: Span) -> ColId {
        self.plan.add_column(Column {
            name: "*".to_owned(),
            span,
            rest: Some(Rest { of, without }),
        })
    }

    fn is_rest(&self, column: ColId) -> bool {
        self.plan.column(column).rest.is_some()
    }

    fn columns_of(&self, relation: RelId) -> Vec<ColId> {
        self.plan.relation(relation).columns.clone()
    }

    /// A projection on top of `input` that puts out exactly `outputs`.
    fn project(
        &mut self,
        input: RelId,
        outputs: Vec<(ColId, Expr)>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        let columns = outputs.iter().map(|(column, _)| *column).collect();
        let relation = self.add(
            Operator::Project {
                input,
                columns: outputs,
            },
            columns,
            word,
            span,
        );
        self.own_rests(relation);
        relation
    }

    /// A projection's columns that stand for unknown ones learn which relation
    /// they belong to, so that a later name can be made a column there.
    fn own_rests(&mut self, relation: RelId) {
        for column in self.columns_of(relation) {
            if let Some(rest) = &mut self.plan.column_mut(column).rest {
                match &mut rest.of {
                    Expansion::Projected(owner, _) | Expansion::Struct(owner, _)
                        if *owner == UNOWNED =>
                    {
                        *owner = relation;
                    }
                    Expansion::Projected(..)
                    | Expansion::Struct(..)
                    | Expansion::Scan(_)
                    | Expansion::Grouped(..)
                    | Expansion::Set(_)
                    | Expansion::Reader(..)
                    | Expansion::Unknown => {}
                }
            }
        }
    }
}

/// Stands for the projection that is about to be made.
const UNOWNED: RelId = RelId(u32::MAX);
