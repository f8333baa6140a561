//! Where the columns of a dataset come from, down to the columns of tables that
//! nothing known makes.
//!
//! The words are those of OpenLineage's column-lineage facet: a column flows into
//! another directly (its values do) or indirectly (it decides about them).

mod flow;
mod inputs;
mod tree;
mod upstream;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Grafted, Plan};
use crate::source::Span;

pub use upstream::{Node, Upstream};

/// The name of a column that stands for all those of a table that no schema
/// tells.
pub const ANY: &str = "*";

/// A base column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Input {
    /// The table's name, as full as it is written.
    pub table: String,
    /// The column, with the names of fields below it; [`ANY`] where no schema
    /// tells which.
    pub field: String,
}

/// How a base column reaches a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is the value.
    Identity,
    /// The value is computed of it.
    Transformation,
    /// The value is computed of those of many rows.
    Aggregation,
    /// It is compared to join rows.
    Join,
    /// Rows are grouped by it.
    GroupBy,
    /// It decides which rows there are.
    Filter,
    /// Rows are put in order by it.
    Sort,
    /// It says which rows a window function sees.
    Window,
    /// It decides which of several values is taken.
    Conditional,
}

impl Kind {
    /// All of them.
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

    /// Whether values flow.
    pub fn is_direct(self) -> bool {
        self <= Self::Aggregation
    }

    /// What OpenLineage calls it.
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
    /// How.
    pub kind: Kind,
    /// Whether its values can't be seen any more: hashed, encrypted, counted.
    pub masking: bool,
}

/// Base columns, each with the ways in which it goes in.
pub type Inputs = BTreeMap<Input, BTreeSet<Transformation>>;

/// A step between a column and those that it is made of. `P` is a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<P> {
    /// What it is.
    pub what: What<P>,
    /// Whether it decides about the value and is not part of it.
    pub decides: bool,
    /// What it is made of.
    pub parts: Vec<Step<P>>,
}

/// What a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum What<P> {
    /// A column of a table that nothing known makes.
    Base(Input),
    /// An expression as it is written.
    Expression(P),
    /// The same column of several inputs, under the word that joins these.
    Of(&'static str, P),
    /// One whose parts were told before.
    Above(P),
    /// What is not understood, and why.
    Unknown(String),
}

/// A condition or a grouping, which decides which rows there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<P> {
    /// The word that brings it.
    pub word: &'static str,
    /// Where.
    pub place: P,
    /// The base columns that it reads.
    pub inputs: BTreeSet<Input>,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnLineage<P> {
    /// Its name.
    pub name: String,
    /// The base columns behind it.
    pub inputs: Inputs,
    /// How it is made of them.
    pub steps: Vec<Step<P>>,
}

/// Where a dataset comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage<P> {
    /// The published columns, in order.
    pub columns: Vec<ColumnLineage<P>>,
    /// The base columns that decide which rows there are.
    pub rows: Inputs,
    /// What decides which rows there are.
    pub choices: Vec<Choice<P>>,
    /// The tables.
    pub upstream: Upstream,
}

/// Where the dataset of a plan, called `name`, comes from. Places are those of the
/// plan. A plan without a root has no columns.
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
            What::Base(input) => What::Base(input),
            What::Expression(at) => What::Expression(place(at)),
            What::Of(word, at) => What::Of(word, place(at)),
            What::Above(at) => What::Above(place(at)),
            What::Unknown(why) => What::Unknown(why),
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
    /// The same with other places.
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
            .map(|choice| Choice {
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
