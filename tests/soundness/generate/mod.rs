//! Generates random queries: a grouped core that is safe more often than not, a
//! random change to it, and random layers around it.

mod conditions;
mod core;
mod layers;
mod nested;
mod read;
mod shapes;

use fastrand::Rng;

use crate::query::{JoinCondition, Query, Source, SqlExpression};

/// The kind of values in a column, as far as the generator needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnContent {
    Label,
    Number,
    /// A number that may count people.
    Count,
}

type Cols = Vec<(String, ColumnContent)>;

/// A query and the kinds of its columns.
#[derive(Clone)]
pub struct GeneratedQuery {
    pub query: Query,
    cols: Cols,
}

/// The relation that a grouped core reads.
struct GroupingInput {
    source: Source,
    id: String,
    labels: Vec<String>,
    numbers: Vec<String>,
}

pub struct QueryGenerator<'r> {
    pub rng: &'r mut Rng,
    pub k: i64,
    aliases: usize,
}

/// Returns a random query whose thresholds are close to `k`.
pub fn query(rng: &mut Rng, k: i64) -> Query {
    let mut made = QueryGenerator { rng, k, aliases: 0 };
    let mut query = made.core();
    let layers = [0, 0, 1, 1, 1, 2, 2, 3][made.rng.usize(..8)];
    for _ in 0..layers {
        query = made.layer(query);
    }
    if made.chance(8) {
        query.query.ordered = true;
    }
    query.query
}

impl QueryGenerator<'_> {
    fn chance(&mut self, of: u32) -> bool {
        self.rng.u32(..of) == 0
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.rng.usize(..of.len())].clone()
    }
}

/// Classifies a key: only the number key is named `gn`.
fn classify_key((_, name): &(SqlExpression, String)) -> (String, ColumnContent) {
    let kind = if name == "gn" {
        ColumnContent::Number
    } else {
        ColumnContent::Label
    };
    (name.clone(), kind)
}

fn select_columns_of_kind(cols: &Cols, kind: ColumnContent) -> Vec<String> {
    cols.iter()
        .filter(|(_, known)| *known == kind)
        .map(|(name, _)| name.clone())
        .collect()
}

fn join(kind: &'static str, left: Source, right: Source, on: JoinCondition) -> Source {
    Source::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        on,
    }
}

/// Returns the argument of a CAST to STRING.
fn build_cast_argument(value: SqlExpression) -> SqlExpression {
    SqlExpression::Col(format!("{} AS STRING", value.sql()))
}
