//! The relational operators.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::functions::FunctionInfo;
use super::{ColId, Expr, ExprKind, RelId};
use crate::catalog::TableName;
use crate::source::Span;

/// The SQL keyword that the user wrote for an operator, and its place.
///
/// Messages use it ("HAVING", "QUALIFY", "PIVOT"), so that they speak of the user's
/// SQL and never of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The keyword, in upper case.
    pub word: &'static str,
    /// The place that a label points at.
    pub span: Span,
}

/// A read of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadTable {
    /// The table's name.
    pub name: TableName,
    /// The declared columns and those that the query names: the column and its name
    /// in the table.
    pub columns: Vec<(ColId, String)>,
    /// The column that stands for all unknown columns, if any.
    pub rest: Option<ColId>,
    /// The declared fields inside its columns, each as the names from the column down.
    pub inside: Arc<[Vec<String>]>,
    /// The time of FOR SYSTEM_TIME AS OF.
    pub as_of: Option<Expr>,
}

impl ReadTable {
    /// Returns whether its name is a wildcard that may match several tables.
    pub fn is_pattern(&self) -> bool {
        self.name.to_string().contains('*')
    }
}

/// A relational operator; every SQL construct is lowered to these.
#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// Reads a table, a wildcard table, or a table at an earlier time.
    Scan(ReadTable),
    /// Constant rows: SELECT without FROM (one row of no columns), VALUES,
    /// UNNEST of a literal.
    Rows(Vec<Vec<Expr>>),
    /// Keeps the rows for which the predicate is TRUE.
    Filter {
        /// The relation that is filtered.
        input: RelId,
        /// The condition that must be TRUE.
        predicate: Expr,
    },
    /// Computes columns.
    ///
    /// Input columns that are output again keep their ids and are not listed here.
    Project {
        /// The relation that is read.
        input: RelId,
        /// The new columns and their expressions.
        columns: Vec<(ColId, Expr)>,
    },
    /// Groups rows.
    Aggregate(Aggregate),
    /// Adds analytic columns; keeps all rows.
    Window {
        /// The relation that is read.
        input: RelId,
        /// The new columns.
        windows: Vec<(ColId, Window)>,
    },
    /// Joins two relations.
    Join {
        /// Which rows are output.
        kind: JoinKind,
        /// The left side.
        left: RelId,
        /// The right side; in a correlated join it may read columns of the left
        /// side.
        right: RelId,
        /// The condition that must be TRUE for a pair; `None` for a cross join.
        condition: Option<Expr>,
        /// Whether the right side reads columns of the left side.
        correlated: bool,
        /// The columns that USING merged: the new column, the left one, the right
        /// one.
        merged: Vec<(ColId, ColId, ColId)>,
    },
    /// Outputs one row per element of an array, beside the row that holds the array.
    Unnest {
        /// The relation whose rows are multiplied; `None` if the array stands alone.
        input: Option<RelId>,
        /// The array, an expression over the columns of the input.
        array: Expr,
        /// The column of the element.
        element: ColId,
        /// The column of WITH OFFSET.
        offset: Option<ColId>,
        /// Whether a row with an empty array is kept, with NULL as its element.
        outer: bool,
    },
    /// UNION, INTERSECT, EXCEPT; an [`Aggregate`] follows the distinct forms.
    SetOperation {
        /// Which of them.
        operator: SetOperator,
        /// The inputs, each with the columns that feed the output columns.
        ///
        /// They are in the order of the output; `None` is a NULL that BY NAME fills
        /// in.
        inputs: Vec<(RelId, Vec<Option<ColId>>)>,
    },
    /// ORDER BY.
    Sort {
        /// The relation that is sorted.
        input: RelId,
        /// The sort keys.
        by: Vec<Expr>,
    },
    /// LIMIT, OFFSET and TABLESAMPLE.
    Limit {
        /// The relation that is cut.
        input: RelId,
        /// The maximal number of rows; `None` for a sample.
        count: Option<Expr>,
        /// The number of rows that are skipped before these.
        skip: Option<Expr>,
    },
    /// A further reader of a named relation (a CTE, a temporary table).
    ///
    /// It has columns of its own.
    Reader {
        /// The named relation.
        of: RelId,
        /// Pairs of new column and original column.
        columns: Vec<(ColId, ColId)>,
    },
    /// WITH RECURSIVE; the step reads its own output through [`Operator::Loop`].
    Recursion {
        /// The initial rows.
        anchor: RelId,
        /// The rows that are computed from the rows of the previous round.
        step: RelId,
        /// The output columns in order, each with its columns of the anchor and the
        /// step.
        columns: Vec<(ColId, ColId, ColId)>,
    },
    /// The rows of the previous round, inside the step of a recursion.
    Loop {
        /// Pairs of new column and the column of the anchor at the same position.
        columns: Vec<(ColId, ColId)>,
        /// The anchor.
        anchor: RelId,
    },
    /// Trains a model, or applies one by a table function ML.* or AI.*.
    Model {
        /// The function, in upper case: `CREATE MODEL`, `ML.PREDICT`.
        function: String,
        /// The relations that it receives.
        inputs: Vec<RelId>,
    },
    /// A construct that is not modelled, with everything that it reads.
    Opaque {
        /// The relations that it reads.
        inputs: Vec<RelId>,
        /// The expressions that it reads.
        reads: Vec<Expr>,
        /// The reason, for people.
        why: String,
    },
}

/// GROUP BY, DISTINCT, PIVOT and aggregates without GROUP BY.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The relation that is grouped.
    pub input: RelId,
    /// The keys; without keys and without sets, the output is one row.
    pub keys: Vec<KeyColumn>,
    /// Grouping sets, as positions in `keys`; empty for a plain GROUP BY.
    pub sets: Vec<Vec<usize>>,
    /// The aggregates.
    pub aggregates: Vec<(ColId, AggregateCall)>,
    /// `WITH AGGREGATION_THRESHOLD` and similar clauses.
    pub privacy: Option<PrivacyClause>,
}

/// A group key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyColumn {
    /// The output column.
    pub column: ColId,
    /// Its expression over the input.
    pub expr: Expr,
}

/// How an aggregate treats NULL, if the call states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullTreatment {
    /// IGNORE NULLS.
    Ignore,
    /// RESPECT NULLS.
    Respect,
}

/// A call of an aggregate function.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateCall {
    /// The function, in upper case.
    pub name: String,
    /// The entry of the function table; `None` for an unknown function (HC005).
    pub info: Option<&'static FunctionInfo>,
    /// The arguments; `COUNT(*)` has none.
    pub args: Vec<Expr>,
    /// Whether DISTINCT was given.
    pub distinct: bool,
    /// The condition under which a row takes part: WHERE inside the call, or the
    /// value of a PIVOT column.
    pub filter: Option<Expr>,
    /// Other expressions that decide which rows take part or in which order: ORDER
    /// BY, HAVING MAX.
    pub decided_by: Vec<Expr>,
    /// LIMIT inside the call.
    pub limit: Option<Expr>,
    /// IGNORE NULLS or RESPECT NULLS; the default depends on the function.
    pub nulls: Option<NullTreatment>,
    /// The place of the whole call.
    pub span: Span,
}

impl AggregateCall {
    /// Returns whether HAVING MAX or MIN, MAX_BY or MIN_BY selects the rows it sees.
    pub fn chooses_rows(&self) -> bool {
        self.chosen_by().next().is_some()
    }

    /// Returns the expressions that select or order its rows, without directions.
    pub fn ordered_by(&self) -> impl Iterator<Item = &Expr> {
        self.decided_by.iter().map(Expr::ordered)
    }

    /// Returns the expressions by which the rows that it sees are selected.
    ///
    /// These are the operands of HAVING MAX and HAVING MIN, and the second argument
    /// of `MAX_BY` and `MIN_BY`.
    pub fn chosen_by(&self) -> impl Iterator<Item = &Expr> {
        let by_value = matches!(self.name.as_str(), "MAX_BY" | "MIN_BY");
        let second = self.args.get(1).filter(|_| by_value);
        second
            .into_iter()
            .chain(self.decided_by.iter().filter_map(|by| match &by.kind {
                ExprKind::Call { name, args, .. }
                    if matches!(name.as_str(), "HAVING MAX" | "HAVING MIN") =>
                {
                    args.first()
                }
                _ => None,
            }))
    }

    /// Returns a hash that is equal for calls that are the [`same`](Self::same).
    pub(super) fn shape(&self) -> u64 {
        let mut shape = FxHasher::default();
        self.name.hash(&mut shape);
        self.distinct.hash(&mut shape);
        for argument in self.args.iter().chain(&self.filter) {
            argument.shape(&mut shape);
        }
        shape.finish()
    }

    /// Returns whether both are equal apart from their places.
    pub(super) fn same(&self, other: &Self) -> bool {
        let all =
            |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b));
        let one = |a: &Option<Expr>, b: &Option<Expr>| match (a, b) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        };
        self.name == other.name
            && self.distinct == other.distinct
            && self.nulls == other.nulls
            && all(&self.args, &other.args)
            && all(&self.decided_by, &other.decided_by)
            && one(&self.filter, &other.filter)
            && one(&self.limit, &other.limit)
    }
}

/// An analytic call with its window.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The function.
    pub call: AggregateCall,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// Which rows of the partition the function sees.
    pub frame: WindowFrame,
    /// The frame as written; `None` for the default frame.
    pub bounds: Option<String>,
}

/// Which rows of its partition an analytic call sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowFrame {
    /// All of them: no ORDER BY and no frame.
    Partition,
    /// Some of them.
    Part,
}

/// A privacy clause of GoogleSQL, `SELECT WITH …`.
#[derive(Debug, Clone, PartialEq)]
pub struct PrivacyClause {
    /// The keyword: `AGGREGATION_THRESHOLD`, `DIFFERENTIAL_PRIVACY`,
    /// `ANONYMIZATION`.
    pub kind: String,
    /// The options as written, with names in lower case.
    pub options: Vec<(String, Expr)>,
    /// The place of the clause.
    pub span: Span,
}

/// Which rows a join outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs for which the condition is TRUE.
    Inner,
    /// All pairs.
    Cross,
    /// Inner pairs, and left rows without a partner.
    Left,
    /// Inner pairs, and right rows without a partner.
    Right,
    /// Inner pairs, and rows of both sides without a partner.
    Full,
    /// Left rows that have a partner, once each.
    Semi,
    /// Left rows that have no partner.
    Anti,
}

/// The set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Rows of all inputs.
    Union,
    /// Rows that are in both inputs.
    Intersect,
    /// Rows of the first input that are not in the second.
    Except,
}

/// The source of the unknown columns that a `*` stands for.
///
/// Each variant names the relation that outputs the column.
#[derive(Debug, Clone, PartialEq)]
pub enum Expansion {
    /// A table's own columns, which nothing declares.
    Scan(RelId),
    /// The columns of another rest column, output again by a projection.
    Projected(RelId, ColId),
    /// Group keys, one for each column of another rest: `SELECT DISTINCT *`.
    GroupedNumber(RelId, ColId),
    /// The columns at the same position of the inputs of a set operation.
    Set(RelId),
    /// A reader's copy of another rest column.
    Reader(RelId, ColId),
    /// The fields of a struct, which a projection makes columns.
    Struct(RelId, Box<Expr>),
    /// An unknown source.
    Unknown,
}

impl Operator {
    /// Returns the relations that it reads directly.
    ///
    /// Relations of subqueries inside its expressions are not included.
    pub fn inputs(&self) -> Vec<RelId> {
        match self {
            Self::Scan(_) | Self::Rows(_) | Self::Loop { .. } => Vec::new(),
            Self::Filter { input, .. }
            | Self::Project { input, .. }
            | Self::Window { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. }
            | Self::Reader { of: input, .. } => vec![*input],
            Self::Aggregate(aggregate) => vec![aggregate.input],
            Self::Join { left, right, .. } => vec![*left, *right],
            Self::Unnest { input, .. } => input.iter().copied().collect(),
            Self::SetOperation { inputs, .. } => inputs.iter().map(|(input, _)| *input).collect(),
            Self::Recursion { anchor, step, .. } => vec![*anchor, *step],
            Self::Model { inputs, .. } | Self::Opaque { inputs, .. } => inputs.clone(),
        }
    }

    /// Returns the relations of the subqueries inside its expressions.
    pub fn subqueries(&self) -> Vec<RelId> {
        let mut found = Vec::new();
        for expr in self.expressions() {
            expr.walk(&mut |part| {
                if let super::ExprKind::Subquery(subquery) = &part.kind {
                    found.push(subquery.relation);
                }
            });
        }
        found
    }

    /// Returns all expressions that it evaluates.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::Scan(table) => table.as_of.iter().collect(),
            Self::Rows(rows) => rows.iter().flatten().collect(),
            Self::Filter { predicate, .. } => vec![predicate],
            Self::Project { columns, .. } => columns.iter().map(|(_, expr)| expr).collect(),
            Self::Aggregate(aggregate) => aggregate
                .keys
                .iter()
                .map(|key| &key.expr)
                .chain(
                    aggregate
                        .aggregates
                        .iter()
                        .flat_map(|(_, call)| call.expressions()),
                )
                .chain(
                    aggregate
                        .privacy
                        .iter()
                        .flat_map(|clause| clause.options.iter().map(|(_, value)| value)),
                )
                .collect(),
            Self::Window { windows, .. } => windows
                .iter()
                .flat_map(|(_, window)| {
                    window
                        .call
                        .expressions()
                        .into_iter()
                        .chain(&window.partition_by)
                        .chain(&window.order_by)
                })
                .collect(),
            Self::Join { condition, .. } => condition.iter().collect(),
            Self::Unnest { array, .. } => vec![array],
            Self::Sort { by, .. } => by.iter().collect(),
            Self::Opaque { reads, .. } => reads.iter().collect(),
            Self::Limit { count, skip, .. } => count.iter().chain(skip).collect(),
            Self::SetOperation { .. }
            | Self::Reader { .. }
            | Self::Recursion { .. }
            | Self::Loop { .. }
            | Self::Model { .. } => Vec::new(),
        }
    }

    /// Returns the expressions that it evaluates, for modification.
    ///
    /// Unlike [`Self::expressions`], without the options of a privacy clause.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Scan(table) => table.as_of.iter_mut().collect(),
            Self::Rows(rows) => rows.iter_mut().flatten().collect(),
            Self::Filter { predicate, .. } => vec![predicate],
            Self::Project { columns, .. } => columns.iter_mut().map(|(_, expr)| expr).collect(),
            Self::Aggregate(aggregate) => aggregate
                .keys
                .iter_mut()
                .map(|key| &mut key.expr)
                .chain(
                    aggregate
                        .aggregates
                        .iter_mut()
                        .flat_map(|(_, call)| call.expressions_mut()),
                )
                .collect(),
            Self::Window { windows, .. } => windows
                .iter_mut()
                .flat_map(|(_, window)| {
                    window
                        .call
                        .expressions_mut()
                        .into_iter()
                        .chain(&mut window.partition_by)
                        .chain(&mut window.order_by)
                })
                .collect(),
            Self::Join { condition, .. } => condition.iter_mut().collect(),
            Self::Unnest { array, .. } => vec![array],
            Self::Sort { by, .. } => by.iter_mut().collect(),
            Self::Opaque { reads, .. } => reads.iter_mut().collect(),
            Self::Limit { count, skip, .. } => count.iter_mut().chain(skip).collect(),
            Self::SetOperation { .. }
            | Self::Reader { .. }
            | Self::Recursion { .. }
            | Self::Loop { .. }
            | Self::Model { .. } => Vec::new(),
        }
    }
}

impl AggregateCall {
    /// Returns all expressions in the call.
    pub fn expressions(&self) -> Vec<&Expr> {
        self.args
            .iter()
            .chain(&self.filter)
            .chain(&self.decided_by)
            .chain(&self.limit)
            .collect()
    }

    fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        self.args
            .iter_mut()
            .chain(&mut self.filter)
            .chain(&mut self.decided_by)
            .chain(&mut self.limit)
            .collect()
    }
}
