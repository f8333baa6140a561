//! The lineage of the columns of a dataset, down to base columns.
//!
//! The terms are those of OpenLineage's column-lineage facet: a column flows into
//! another one directly (its values do) or indirectly (it decides about them).

mod flow;
mod inputs;
mod tree;
mod upstream;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Grafted, Plan};
use crate::source::Span;

pub use upstream::{Upstream, UpstreamTable};

/// The name that stands for all columns of a table that no schema declares.
pub const ANY_COLUMN: &str = "*";

/// A base column: a column of a table that no known file creates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Input {
    /// The name of the table, with as many parts as the query writes.
    pub table: String,
    /// The column with the names of its fields; [`ANY_COLUMN`] if no schema declares it.
    pub field: String,
}

/// The way in which a base column reaches a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowKind {
    /// It is the value, unchanged.
    Identity,
    /// The value is computed from it.
    Transformation,
    /// The value is aggregated from its values in many rows.
    Aggregation,
    /// Rows are joined by comparing it.
    Join,
    /// Rows are grouped by it.
    GroupBy,
    /// It decides which rows exist.
    Filter,
    /// Rows are ordered by it.
    Sort,
    /// It decides which rows a window function reads.
    Window,
    /// It decides which of several values is used.
    Conditional,
}

impl FlowKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Transformation,
        Self::Aggregation,
        Self::Join,
        Self::GroupBy,
        Self::Filter,
        Self::Sort,
        Self::Window,
        Self::Conditional,
    ];

    /// Whether values flow, as opposed to decisions about values.
    pub fn is_direct(self) -> bool {
        self <= Self::Aggregation
    }

    /// Returns the name of the kind in OpenLineage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::Transformation => "TRANSFORMATION",
            Self::Aggregation => "AGGREGATION",
            Self::Join => "JOIN",
            Self::GroupBy => "GROUP_BY",
            Self::Filter => "FILTER",
            Self::Sort => "SORT",
            Self::Window => "WINDOW",
            Self::Conditional => "CONDITIONAL",
        }
    }
}

/// One way in which a base column reaches a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transformation {
    /// The kind of the flow.
    pub kind: FlowKind,
    /// Whether its values are no longer visible: hashed, encrypted or counted.
    pub masking: bool,
}

/// Base columns, each with all ways in which it contributes.
pub type Inputs = BTreeMap<Input, BTreeSet<Transformation>>;

/// A step between a column and the columns from which it derives.
///
/// `P` is the type of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<P> {
    /// The kind of the step, with its place.
    pub what: StepKind<P>,
    /// Whether it decides about the value without being part of it.
    pub decides: bool,
    /// The steps from which it derives.
    pub parts: Vec<Step<P>>,
}

/// The kind of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind<P> {
    /// A base column.
    Base(Input),
    /// An expression of the query.
    Expression(P),
    /// The same column of several inputs, with the keyword that combines these.
    Combined(&'static str, P),
    /// A column whose parts were listed earlier.
    Repeated(P),
    /// Something that is not understood, with the reason.
    Unknown(String),
}

/// A condition or a grouping, which decides which rows exist.
#[derive(Debug, Clone, PartialEq)]
pub struct RowCondition<P> {
    /// The keyword of the clause.
    pub word: &'static str,
    /// The place of the condition or grouping.
    pub place: P,
    /// The base columns that it reads.
    pub inputs: BTreeSet<Input>,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnLineage<P> {
    /// The name of the column.
    pub name: String,
    /// The base columns that contribute to it.
    pub inputs: Inputs,
    /// The steps by which it derives from them.
    pub steps: Vec<Step<P>>,
}

/// The lineage of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage<P> {
    /// The published columns, in order.
    pub columns: Vec<ColumnLineage<P>>,
    /// The base columns that decide which rows exist.
    pub rows: Inputs,
    /// The conditions and groupings that decide which rows exist.
    pub choices: Vec<RowCondition<P>>,
    /// The tables from which the dataset derives.
    pub upstream: Upstream,
}

/// Computes the lineage of the dataset of a plan, which is called `name`.
///
/// Its places are spans of the plan. A plan without a root has no columns.
pub fn lineage(plan: &Plan, grafted: &Grafted, name: &str) -> Lineage<Span> {
    let Some(root) = plan.root() else {
        return Lineage {
            columns: Vec::new(),
            rows: Inputs::new(),
            choices: Vec::new(),
            upstream: Upstream::alone(name),
        };
    };
    let mut flow = flow::Flow::of(plan);
    let origins = tree::Origins::of(plan);
    let columns = plan
        .published()
        .into_iter()
        .map(|(column, name)| ColumnLineage {
            name,
            inputs: flow.inputs(&flow.column(column).set),
            steps: origins.steps(column),
        })
        .collect();
    Lineage {
        columns,
        rows: flow.inputs(flow.rows(root)),
        choices: tree::choices(plan, &mut flow, root),
        upstream: Upstream::of(plan, grafted, root, name),
    }
}

impl<P> Step<P> {
    fn at<Q>(self, place: &mut impl FnMut(P) -> Q) -> Step<Q> {
        let what = match self.what {
            StepKind::Base(input) => StepKind::Base(input),
            StepKind::Expression(at) => StepKind::Expression(place(at)),
            StepKind::Combined(word, at) => StepKind::Combined(word, place(at)),
            StepKind::Repeated(at) => StepKind::Repeated(place(at)),
            StepKind::Unknown(why) => StepKind::Unknown(why),
        };
        let parts = self.parts.into_iter().map(|part| part.at(place)).collect();
        Step {
            what,
            decides: self.decides,
            parts,
        }
    }
}

impl<P> Lineage<P> {
    /// Returns the same lineage with other places.
    pub fn at<Q>(self, place: &mut impl FnMut(P) -> Q) -> Lineage<Q> {
        let columns = self
            .columns
            .into_iter()
            .map(|column| ColumnLineage {
                name: column.name,
                inputs: column.inputs,
                steps: column
                    .steps
                    .into_iter()
                    .map(|step| step.at(place))
                    .collect(),
            })
            .collect();
        let choices = self
            .choices
            .into_iter()
            .map(|choice| RowCondition {
                word: choice.word,
                place: place(choice.place),
                inputs: choice.inputs,
            })
            .collect();
        Lineage {
            columns,
            rows: self.rows,
            choices,
            upstream: self.upstream,
        }
    }
}
