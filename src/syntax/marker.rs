//! Names with which the token pass writes constructs that the parser lacks. The
//! binder recognizes them.
//!
//! **Invariant.** No text can contain one: each begins with [`SIGN`], which cannot
//! be in an unquoted name, and the lexer rejects every token that contains it, by
//! escapes too (HC007). So a token with it was written by the token pass.

/// The first character of every such name. Unicode reserves it for use inside of a
/// program.
pub(super) const SIGN: char = '\u{FDD0}';

/// The prefix of these names in earlier versions of the program. A text with such a
/// name targets the program, and is rejected as well.
const FORMER_PREFIX: &str = "__headcount";

/// Whether only the program may write a name.
pub(super) fn is_reserved(name: &str) -> bool {
    name.contains(SIGN)
        || name
            .get(..FORMER_PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(FORMER_PREFIX))
}

/// Formats a name for a message.
pub(super) fn shown(name: &str) -> String {
    name.escape_debug().to_string()
}

/// Returns a name of the token pass without its first character.
pub fn word(name: &str) -> &str {
    name.trim_start_matches(SIGN)
}

/// `MODEL d.m` as an argument.
pub const MODEL: &str = "\u{FDD0}MODEL";
/// `TABLE d.t` as an argument.
pub const TABLE: &str = "\u{FDD0}TABLE";
/// `CONNECTION p.us.c` as an argument.
pub const CONNECTION: &str = "\u{FDD0}CONNECTION";
/// An expression whose place the parser would lose; this name has that place.
pub const AT: &str = "\u{FDD0}AT";
/// `WITH(a AS 1, a + 1)`.
pub const LET: &str = "\u{FDD0}LET";
/// An unknown value; its argument is the word of the construct.
pub const UNMODELLED: &str = "\u{FDD0}UNMODELLED";
/// Unknown rows, of which only the word of the construct is known.
pub const OPAQUE: &str = "\u{FDD0}OPAQUE";
/// `LIKE ANY (…)` and `LIKE SOME (…)`.
pub const ANY: &str = "\u{FDD0}ANY";
/// `LIKE ALL (…)`.
pub const ALL: &str = "\u{FDD0}ALL";
/// A CAST whose format is not a literal: the cast, and the format.
pub const FORMATTED: &str = "\u{FDD0}FORMATTED";
/// GROUP BY, HAVING or CLAMPED inside an aggregate's parentheses.
pub const CLAUSE: &str = "\u{FDD0}CLAUSE";
/// `GROUPING SETS (…)`.
pub const GROUPING_SETS: &str = "\u{FDD0}GROUPING_SETS";
/// `()` in GROUP BY.
pub const NOTHING: &str = "\u{FDD0}NOTHING";
/// The mode of a set operation by name, which determines its columns.
pub const COLUMNS: &str = "\u{FDD0}COLUMNS";
/// WITH DEPTH after a recursive CTE.
pub const DEPTH: &str = "\u{FDD0}DEPTH";
/// Several arrays in one UNNEST.
pub const ZIP: &str = "\u{FDD0}ZIP";
/// The input of a pipe operator, as a FROM item.
pub const INPUT: &str = "\u{FDD0}INPUT";
/// A CTE that nothing reads.
pub const NONE: &str = "\u{FDD0}NONE";
/// `|> DISTINCT`.
pub const PIPE_DISTINCT: &str = "\u{FDD0}PIPE_DISTINCT";
/// `|> SELECT AS VALUE`, after its list.
pub const PIPE_VALUE: &str = "\u{FDD0}PIPE_VALUE";
/// `|> DROP`.
pub const PIPE_DROP: &str = "\u{FDD0}PIPE_DROP";
/// `|> WITH`: one CTE's name and query.
pub const PIPE_WITH: &str = "\u{FDD0}PIPE_WITH";
/// `|> ASSERT`.
pub const PIPE_ASSERT: &str = "\u{FDD0}PIPE_ASSERT";
/// A WINDOW clause, before the operator to which it belongs.
pub const PIPE_WINDOWS: &str = "\u{FDD0}PIPE_WINDOWS";
/// A pipe operator of which only the word is known.
pub const PIPE_OPAQUE: &str = "\u{FDD0}PIPE_OPAQUE";
