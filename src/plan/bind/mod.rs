//! The binder: a parsed statement becomes a plan with resolved columns.
//!
//! It is the only place that knows SQL's many ways to say one thing. A new
//! piece of syntax is one function here; what is not modelled becomes
//! [`ExprKind::Unknown`](super::ExprKind) or an opaque relation, and a
//! [`Problem`]: never silence.

#![deny(clippy::wildcard_enum_match_arm)]

mod by_name;
mod changes;
mod condition;
mod cte;
mod expand;
mod expr;
mod from;
mod from_marked;
mod group;
mod hoist;
mod join;
mod meant;
mod model;
mod never_null;
mod pipe;
mod pipe_call;
mod pivot;
mod pivot_name;
mod privacy_policy;
mod problem;
mod query;
mod scope;
mod script;
mod select;
mod set_operation;
mod star;
mod subquery;
mod table_function;
mod unnest;
mod upstream;
mod window;
mod write;
mod written;

pub use problem::{Problem, ProblemKind};
pub use script::Compared;
pub(crate) use script::is_of_system;
pub use script::{
    CalledProcedure, Dataset, Write, WriteKind, Writes, bind, bind_with, bind_writers,
    changed_table, writes,
};

use std::rc::Rc;

use cte::Ctes;
use hoist::Hoist;
use rustc_hash::{FxHashMap, FxHashSet};
use scope::Frame;
use script::{BoundTable, BoundVariable, Environment, Function, NodeId, Open};

use super::{
    Aggregate, ColId, Column, Definitions, Expansion, Expr, Grafted, KeyColumn, Operator, Origin,
    Plan, RelId, Relation, Rest,
};
use crate::budget;
use crate::catalog::Catalog;
use crate::source::Span;
use crate::syntax::Places;

/// What the binder works with while it lowers one statement.
pub(super) struct Binder<'a> {
    places: Rc<Places<'a>>,
    catalog: &'a dyn Catalog,
    definitions: &'a dyn Definitions,
    environment: Environment<'a>,
    plan: Plan,
    problems: Vec<Problem>,
    /// Where a problem stands among these, by its hash; one that was taken back does not.
    told: FxHashMap<u64, usize>,
    ctes: Ctes,
    /// Scopes from the outermost query inwards.
    frames: Vec<Frame>,
    /// Where aggregates and analytic calls of the SELECT in hand go; `None`
    /// where neither may stand.
    hoists: Vec<Option<Hoist>>,
    /// Columns already made out of a `*` over unknown columns.
    expanded: FxHashMap<ColId, Vec<(String, ColId)>>,
    /// The same by their names, lower case.
    expanded_names: FxHashMap<(ColId, String), ColId>,
    /// Named windows of the SELECT in hand.
    windows: Vec<Vec<sqlparser::ast::NamedWindowDefinition>>,
    /// What a pipe operator that is written as a FROM item reads.
    piped: Option<(RelId, scope::Scope)>,
    /// How deep inlined functions are nested.
    inlined: usize,
    /// Parts of the expressions given to them so far.
    inlined_size: usize,
    /// How deep variables and tables of the script are followed into others.
    followed: usize,
    /// Variables of the script already bound.
    bound_variables: FxHashMap<BoundVariable, Expr>,
    /// The constants that nodes give to variables, if they are, as far as that was
    /// looked for: by the node, the variable and the round.
    constants: FxHashMap<(NodeId, String, u32), Option<crate::plan::Literal>>,
    /// Tables of the script already bound, with the rows of nodes that they read.
    made: FxHashMap<BoundTable, (RelId, usize)>,
    /// The rows that nodes of the script write, already bound: the node, the one
    /// from which they are read, the round.
    written: FxHashMap<(NodeId, NodeId, u32), (RelId, usize)>,
    /// How many rows of nodes what is being bound reads.
    reads: usize,
    /// Conditions of the script already bound: the node and the round.
    asked: FxHashMap<(NodeId, u32), Expr>,
    /// What of the script is being bound.
    open: FxHashSet<Open>,
    /// Tables of other files already bound, by their names; none where they are
    /// not followed.
    read_upstream: FxHashMap<String, Option<RelId>>,
    /// What else may write tables that were read, each reported once.
    doubts: FxHashSet<(String, Span, String)>,
    /// Functions of other files, by their names; none where they can't be read.
    routines: FxHashMap<String, Option<Function<'a>>>,
    /// What other files make, in the plan.
    grafted: Grafted,
}

impl<'a> Binder<'a> {
    fn new(
        places: Rc<Places<'a>>,
        catalog: &'a dyn Catalog,
        definitions: &'a dyn Definitions,
        environment: Environment<'a>,
        extent: u32,
    ) -> Self {
        Self {
            places,
            catalog,
            definitions,
            read_upstream: FxHashMap::default(),
            doubts: FxHashSet::default(),
            routines: FxHashMap::default(),
            grafted: Grafted {
                extent,
                ..Grafted::default()
            },
            environment,
            plan: Plan::default(),
            problems: Vec::new(),
            told: FxHashMap::default(),
            ctes: Ctes::default(),
            frames: Vec::new(),
            hoists: Vec::new(),
            expanded: FxHashMap::default(),
            expanded_names: FxHashMap::default(),
            windows: Vec::new(),
            piped: None,
            inlined: 0,
            inlined_size: 0,
            followed: 0,
            bound_variables: FxHashMap::default(),
            constants: FxHashMap::default(),
            made: FxHashMap::default(),
            written: FxHashMap::default(),
            reads: 0,
            asked: FxHashMap::default(),
            open: FxHashSet::default(),
        }
    }

    /// Binds something that stands elsewhere in the script, as things were
    /// there. It sees no name of the queries around.
    fn elsewhere<T>(
        &mut self,
        environment: &Environment<'a>,
        places: &Rc<Places<'a>>,
        bind: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let here = std::mem::replace(&mut self.environment, environment.clone());
        let text = std::mem::replace(&mut self.places, Rc::clone(places));
        let result = self.apart(bind);
        self.environment = here;
        self.places = text;
        result
    }

    /// Counts parts of expressions that are put in elsewhere; whether they grow
    /// beyond measure.
    fn grows_too_large(&mut self, size: usize) -> bool {
        self.inlined_size = self.inlined_size.saturating_add(size);
        self.inlined_size > INLINE_SIZE_LIMIT
    }

    fn add(
        &mut self,
        operator: Operator,
        columns: Vec<ColId>,
        word: &'static str,
        span: Span,
    ) -> RelId {
        budget::spend(1 + columns.len());
        self.plan.add(Relation {
            operator,
            columns,
            origin: Origin { word, span },
        })
    }

    fn column(&mut self, name: impl Into<String>, span: Span) -> ColId {
        budget::spend(3);
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

/// Parts of all expressions of functions and variables that are put in where
/// they are used, in a statement.
const INLINE_SIZE_LIMIT: usize = 20_000;

/// Stands for the projection that is about to be made.
const UNOWNED: RelId = RelId(u32::MAX);
