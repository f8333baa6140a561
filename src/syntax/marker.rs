//! Names by which the token pass writes what the parser has no words for, and
//! by which the binder knows it. No query has them: BigQuery keeps no such name.

/// `MODEL d.m` as an argument.
pub const MODEL: &str = "__HEADCOUNT_MODEL";
/// `TABLE d.t` as an argument.
pub const TABLE: &str = "__HEADCOUNT_TABLE";
/// `CONNECTION p.us.c` as an argument.
pub const CONNECTION: &str = "__HEADCOUNT_CONNECTION";
/// An expression whose place the parser would lose; the place is this name's.
pub const AT: &str = "__HEADCOUNT_AT";
/// `WITH(a AS 1, a + 1)`.
pub const LET: &str = "__HEADCOUNT_LET";
/// A value of which only its word is told: its argument.
pub const UNMODELLED: &str = "__HEADCOUNT_UNMODELLED";
/// Rows of which only the word is told.
pub const OPAQUE: &str = "__HEADCOUNT_OPAQUE";
/// `LIKE ANY (…)` and `LIKE SOME (…)`.
pub const ANY: &str = "__HEADCOUNT_ANY";
/// `LIKE ALL (…)`.
pub const ALL: &str = "__HEADCOUNT_ALL";
/// A CAST whose format is no literal: it, and what it is formatted by.
pub const FORMATTED: &str = "__HEADCOUNT_FORMATTED";
/// GROUP BY, HAVING or CLAMPED inside an aggregate's parentheses.
pub const CLAUSE: &str = "__HEADCOUNT_CLAUSE";
/// `GROUPING SETS (…)`.
pub const GROUPING_SETS: &str = "__HEADCOUNT_GROUPING_SETS";
/// `()` in GROUP BY.
pub const NOTHING: &str = "__HEADCOUNT_NOTHING";
/// Which columns a set operation by name puts out.
pub const COLUMNS: &str = "__HEADCOUNT_COLUMNS";
/// WITH DEPTH after a recursive CTE.
pub const DEPTH: &str = "__HEADCOUNT_DEPTH";
/// Several arrays in one UNNEST.
pub const ZIP: &str = "__HEADCOUNT_ZIP";
/// The input of a pipe operator, as a FROM item.
pub const INPUT: &str = "__HEADCOUNT_INPUT";
/// A CTE that nothing reads.
pub const NONE: &str = "__HEADCOUNT_NONE";
/// `|> DISTINCT`.
pub const PIPE_DISTINCT: &str = "__HEADCOUNT_PIPE_DISTINCT";
/// `|> SELECT AS VALUE`, after its list.
pub const PIPE_VALUE: &str = "__HEADCOUNT_PIPE_VALUE";
/// `|> DROP`.
pub const PIPE_DROP: &str = "__HEADCOUNT_PIPE_DROP";
/// `|> WITH`: one CTE's name and query.
pub const PIPE_WITH: &str = "__HEADCOUNT_PIPE_WITH";
/// `|> ASSERT`.
pub const PIPE_ASSERT: &str = "__HEADCOUNT_PIPE_ASSERT";
/// A WINDOW clause, before the operator that it belongs to.
pub const PIPE_WINDOWS: &str = "__HEADCOUNT_PIPE_WINDOWS";
/// A pipe operator of which only the word is told.
pub const PIPE_OPAQUE: &str = "__HEADCOUNT_PIPE_OPAQUE";
