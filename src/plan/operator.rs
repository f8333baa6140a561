//! The relational operators.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::functions::FunctionInfo;
use super::{ColId, Expr, ExprKind, RelId};
use crate::catalog::TableName;
use crate::source::Span;

/// The user's own word for an operator ("HAVING", "QUALIFY", "PIVOT") and its
/// place, so that messages speak the user's SQL and never the plan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The word, upper case.
    pub word: &'static str,
    /// What a label points at.
    pub span: Span,
}

/// A table that is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadTable {
    /// Its name.
    pub name: TableName,
    /// Columns that a mention of the table made or its declaration gave: the
    /// column, and its name in the table.
    pub columns: Vec<(ColId, String)>,
    /// The column that stands for all that are not known, if any.
    pub rest: Option<ColId>,
    /// The time that FOR SYSTEM_TIME AS OF asks for.
    pub as_of: Option<Expr>,
}

impl ReadTable {
    /// Whether its name is a pattern that several tables may have.
    pub fn is_pattern(&self) -> bool {
        self.name.to_string().contains('*')
    }
}

/// One operator. Every construct of SQL is lowered into these.
#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// Reads a table, wildcard table or one at an earlier time.
    Scan(ReadTable),
    /// Constant rows: SELECT without FROM (one row of no columns), VALUES,
    /// UNNEST of a literal.
    Rows(Vec<Vec<Expr>>),
    /// Keeps the rows for which the predicate is TRUE.
    Filter {
        /// What is filtered.
        input: RelId,
        /// What must be TRUE.
        predicate: Expr,
    },
    /// Computes columns; those of the input that are put out again keep their
    /// ids and are not listed here.
    Project {
        /// What it reads.
        input: RelId,
        /// New columns and what makes them.
        columns: Vec<(ColId, Expr)>,
    },
    /// Groups.
    Aggregate(Aggregate),
    /// Adds analytic columns; rows stay.
    Window {
        /// What it reads.
        input: RelId,
        /// The new columns.
        windows: Vec<(ColId, Window)>,
    },
    /// Joins.
    Join {
        /// Which rows come out.
        kind: JoinKind,
        /// The left side.
        left: RelId,
        /// The right side; in a correlated join it may read the left's columns.
        right: RelId,
        /// What must be TRUE of a pair; none for a cross join.
        condition: Option<Expr>,
        /// Whether the right side reads columns of the left.
        correlated: bool,
        /// Columns that USING merged: the new one, the left's, the right's.
        merged: Vec<(ColId, ColId, ColId)>,
    },
    /// A row for each element of an array, beside its own row.
    Unnest {
        /// Whose rows are multiplied; none where the array stands alone.
        input: Option<RelId>,
        /// The array, over the input's columns.
        array: Expr,
        /// The element.
        element: ColId,
        /// WITH OFFSET.
        offset: Option<ColId>,
        /// Whether a row with an empty array stays, with NULL.
        outer: bool,
    },
    /// UNION, INTERSECT, EXCEPT. The distinct forms are followed by an
    /// [`Aggregate`].
    SetOperation {
        /// Which.
        operator: SetOperator,
        /// The inputs, each with the columns that feed the output's, in the
        /// output's order; `None` is a NULL that BY NAME fills in.
        inputs: Vec<(RelId, Vec<Option<ColId>>)>,
    },
    /// ORDER BY.
    Sort {
        /// What is sorted.
        input: RelId,
        /// By what.
        by: Vec<Expr>,
    },
    /// LIMIT, OFFSET and TABLESAMPLE.
    Limit {
        /// What is cut.
        input: RelId,
        /// How many rows are left; none for a sample.
        count: Option<Expr>,
        /// How many rows before them are left out.
        skip: Option<Expr>,
    },
    /// A second reader of a relation that has a name (CTE, temporary table),
    /// with columns of its own: the new one, the named relation's.
    Reader {
        /// The relation with a name.
        of: RelId,
        /// New column, original.
        columns: Vec<(ColId, ColId)>,
    },
    /// WITH RECURSIVE: the output's columns with those of the anchor and of the
    /// step, in order. The step reads its own output through [`Operator::Loop`].
    Recursion {
        /// The rows to begin with.
        anchor: RelId,
        /// The rows made of those of the round before.
        step: RelId,
        /// The output's columns as the anchor and the step give them.
        columns: Vec<(ColId, ColId, ColId)>,
    },
    /// The rows of the round before, inside a recursion's step.
    Loop {
        /// New column here, and the anchor's column of the same place.
        columns: Vec<(ColId, ColId)>,
        /// The anchor.
        anchor: RelId,
    },
    /// A model is made, or read by ML.* and AI.* table functions.
    Model {
        /// Upper case: `CREATE MODEL`, `ML.PREDICT`.
        function: String,
        /// The rows that it is given.
        inputs: Vec<RelId>,
    },
    /// What is not modelled: what it reads, and why.
    Opaque {
        /// What it reads.
        inputs: Vec<RelId>,
        /// Expressions that it reads.
        reads: Vec<Expr>,
        /// Why, for people.
        why: String,
    },
}

/// GROUP BY, DISTINCT, PIVOT and aggregates without GROUP BY.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// What is grouped.
    pub input: RelId,
    /// The keys; none with no sets is one row in all.
    pub keys: Vec<KeyColumn>,
    /// Grouping sets as positions in `keys`; empty for a plain GROUP BY.
    pub sets: Vec<Vec<usize>>,
    /// The aggregates.
    pub aggregates: Vec<(ColId, AggregateCall)>,
    /// `WITH AGGREGATION_THRESHOLD` and its like.
    pub privacy: Option<PrivacyClause>,
}

/// A group key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyColumn {
    /// The column that comes out.
    pub column: ColId,
    /// What it is over the input.
    pub expr: Expr,
}

/// What an aggregate is told to do with NULL.
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
    /// Upper case.
    pub name: String,
    /// What the table of functions says of it; `None` is opaque (HC005).
    pub info: Option<&'static FunctionInfo>,
    /// The arguments; `COUNT(*)` has none.
    pub args: Vec<Expr>,
    /// Whether DISTINCT was given.
    pub distinct: bool,
    /// A row takes part only where this is TRUE: WHERE inside the call, a
    /// PIVOT column's value.
    pub filter: Option<Expr>,
    /// Other expressions that decide which rows take part or in what order:
    /// ORDER BY, HAVING MAX.
    pub decided_by: Vec<Expr>,
    /// LIMIT inside the call.
    pub limit: Option<Expr>,
    /// IGNORE NULLS or RESPECT NULLS; what is usual depends on the function.
    pub nulls: Option<NullTreatment>,
    /// The whole call.
    pub span: Span,
}

impl AggregateCall {
    /// Whether HAVING MAX or HAVING MIN chooses the rows that it sees.
    pub fn chooses_rows(&self) -> bool {
        self.chosen_by().next().is_some()
    }

    /// What decides which rows take part or in what order, whichever way.
    pub fn ordered_by(&self) -> impl Iterator<Item = &Expr> {
        self.decided_by.iter().map(Expr::ordered)
    }

    /// What HAVING MAX or HAVING MIN chooses the rows by that it sees, or the second
    /// argument of `MAX_BY`.
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

    /// A number that is the same for calls that say the same.
    pub(super) fn shape(&self) -> u64 {
        let mut shape = FxHasher::default();
        self.name.hash(&mut shape);
        self.distinct.hash(&mut shape);
        for argument in self.args.iter().chain(&self.filter) {
            argument.shape(&mut shape);
        }
        shape.finish()
    }

    /// Whether both say the same, wherever they stand.
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

/// An analytic call.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The function.
    pub call: AggregateCall,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// Which rows of the partition it sees.
    pub frame: WindowFrame,
    /// The frame as it is written; `None` is the usual one.
    pub bounds: Option<String>,
}

/// Which rows of its partition an analytic call sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowFrame {
    /// All: no ORDER BY and no frame.
    Partition,
    /// Some.
    Part,
}

/// `SELECT WITH …`: the privacy clauses of GoogleSQL.
#[derive(Debug, Clone, PartialEq)]
pub struct PrivacyClause {
    /// Which: `AGGREGATION_THRESHOLD`, `DIFFERENTIAL_PRIVACY`, `ANONYMIZATION`.
    pub kind: String,
    /// The options as written, names lower case.
    pub options: Vec<(String, Expr)>,
    /// Its place.
    pub span: Span,
}

/// Which pairs a join puts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Those for which the condition is TRUE.
    Inner,
    /// All pairs.
    Cross,
    /// Inner, and left rows without a partner.
    Left,
    /// Inner, and right rows without a partner.
    Right,
    /// Inner, and rows of both sides without a partner.
    Full,
    /// Left rows that have a partner, once.
    Semi,
    /// Left rows that have none.
    Anti,
}

/// The set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    /// Rows of all.
    Union,
    /// Rows in both.
    Intersect,
    /// Rows of the first that the second lacks.
    Except,
}

/// Where the columns of a `*` over unknown columns come from. Each names the
/// relation that puts the column out.
#[derive(Debug, Clone, PartialEq)]
pub enum Expansion {
    /// A table's own, which nothing declares.
    Scan(RelId),
    /// Put out again by a projection: those of another such column.
    Projected(RelId, ColId),
    /// Group keys each: `SELECT DISTINCT *`.
    Grouped(RelId, ColId),
    /// The columns in the same place of a set operation's inputs.
    Set(RelId),
    /// A reader's copy of another such column.
    Reader(RelId, ColId),
    /// The fields of a struct, made columns by a projection.
    Struct(RelId, Box<Expr>),
    /// Nothing tells.
    Unknown,
}

impl Operator {
    /// The relations that it reads directly; those of subqueries inside its
    /// expressions are not among them.
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

    /// The relations of the subqueries inside its expressions.
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

    /// All expressions that it evaluates.
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

    /// All expressions that it evaluates, to change them.
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
    /// All expressions in the call.
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
