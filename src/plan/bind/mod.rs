//! The binder: lowers a parsed statement to a plan with resolved columns.
//!
//! Only the binder knows the many SQL spellings of one construct. Support for a new
//! piece of syntax is one function here. A construct that is not modelled becomes
//! [`ExprKind::Unknown`](super::ExprKind) or an opaque relation, together with a
//! [`Problem`]; nothing is skipped silently.

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
pub use script::ComparedColumn;
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
use script::{BoundTable, BoundVariable, Environment, Function, NodeId, PendingBinding};

use super::{
    Aggregate, ColId, Column, Definitions, Expansion, Expr, Grafted, KeyColumn, Operator, Origin,
    Plan, RelId, Relation, RestColumns,
};
use crate::budget;
use crate::catalog::Catalog;
use crate::source::Span;
use crate::syntax::Places;

/// The state of the binder while it lowers one statement.
pub(super) struct Binder<'a> {
    places: Rc<Places<'a>>,
    catalog: &'a dyn Catalog,
    definitions: &'a dyn Definitions,
    environment: Environment<'a>,
    plan: Plan,
    problems: Vec<Problem>,
    /// The index in `problems` of each reported problem, by its hash. An index may
    /// be stale, because problems can be removed again.
    reported_at: FxHashMap<u64, usize>,
    ctes: Ctes,
    /// The frames from the outermost query inwards.
    frames: Vec<Frame>,
    /// Collects the aggregates and analytic calls of each enclosing SELECT; `None`
    /// in a place where neither is allowed.
    hoists: Vec<Option<Hoist>>,
    /// The columns already created from each rest column, in order of creation.
    expanded: FxHashMap<ColId, Vec<(String, ColId)>>,
    /// The same columns, by rest column and lower-case name.
    expanded_names: FxHashMap<(ColId, String), ColId>,
    /// The named windows of each enclosing SELECT.
    windows: Vec<Vec<sqlparser::ast::NamedWindowDefinition>>,
    /// The input of a pipe operator that is written as a FROM item.
    piped: Option<(RelId, scope::Scope)>,
    /// The nesting depth of inlined functions.
    inlined: usize,
    /// The total size of the expressions that were inlined so far.
    inlined_size: usize,
    /// The nesting depth of followed variables and tables of the script.
    followed: usize,
    /// Variables of the script that are already bound.
    bound_variables: FxHashMap<BoundVariable, Expr>,
    /// The constant that a node assigns to a variable in a round, if it is one; a
    /// cache of the answers given so far.
    constants: FxHashMap<(NodeId, String, u32), Option<crate::plan::Literal>>,
    /// Tables of the script that are already bound.
    ///
    /// Each has the number of nodes whose rows it reads.
    made: FxHashMap<BoundTable, (RelId, usize)>,
    /// The rows that nodes of the script write, already bound. The key is the node,
    /// the node from which they are read, and the round.
    written: FxHashMap<(NodeId, NodeId, u32), (RelId, usize)>,
    /// Counts the nodes whose rows are read by what is being bound.
    reads: usize,
    /// Conditions of the script that are already bound, by node and round.
    asked: FxHashMap<(NodeId, u32), Expr>,
    /// The parts of the script that are being bound, to detect cycles.
    open: FxHashSet<PendingBinding>,
    /// Tables of other files that are already bound, by name; `None` if a table is
    /// not followed.
    read_upstream: FxHashMap<String, Option<RelId>>,
    /// The doubts about tables that were read; each is reported once.
    doubts: FxHashSet<(String, Span, String)>,
    /// Functions of other files, by name; `None` if a function cannot be read.
    routines: FxHashMap<String, Option<Function<'a>>>,
    /// The plans of other files that are part of this plan.
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
            reported_at: FxHashMap::default(),
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

    /// Binds something at another place of the script, in the environment there.
    ///
    /// Names of the enclosing queries are not visible to it.
    fn elsewhere<T>(
        &mut self,
        environment: &Environment<'a>,
        places: &Rc<Places<'a>>,
        bind: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let here = std::mem::replace(&mut self.environment, environment.clone());
        let text = std::mem::replace(&mut self.places, Rc::clone(places));
        let result = self.bind_isolated(bind);
        self.environment = here;
        self.places = text;
        result
    }

    /// Adds the size of an inlined expression; returns whether the total is too
    /// large.
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
            rest: Some(RestColumns { of, without }),
        })
    }

    fn is_rest(&self, column: ColId) -> bool {
        self.plan.column(column).rest.is_some()
    }

    fn columns_of(&self, relation: RelId) -> Vec<ColId> {
        self.plan.relation(relation).columns.clone()
    }

    /// Adds a projection on top of `input` with exactly these outputs.
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

    /// Sets the owner of the rest columns of a new projection.
    ///
    /// A later name can then become a column of that projection.
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
                    | Expansion::GroupedNumber(..)
                    | Expansion::Set(_)
                    | Expansion::Reader(..)
                    | Expansion::Unknown => {}
                }
            }
        }
    }
}

/// The maximal total size of inlined bodies in one statement.
///
/// It counts the parts of function bodies and variables.
const INLINE_SIZE_LIMIT: usize = 20_000;

/// A placeholder for the projection that is about to be added.
const UNOWNED: RelId = RelId(u32::MAX);
