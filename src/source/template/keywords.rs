//! Words of GoogleSQL, by the tokens that may follow them.

/// Words that begin a statement.
pub(super) const STATEMENTS: &[&str] = &[
    "SELECT", "WITH", "FROM", "CREATE", "INSERT", "UPDATE", "DELETE", "MERGE", "DROP", "ALTER",
    "DECLARE", "SET", "BEGIN", "EXPORT", "CALL", "IF", "FOR", "WHILE", "LOOP", "ASSERT",
    "TRUNCATE", "EXECUTE", "RETURN", "LOAD", "GRANT", "EXPLAIN",
];

/// Reserved words of GoogleSQL, in order.
const RESERVED: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASSERT_ROWS_MODIFIED",
    "AT",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COLLATE",
    "CONTAINS",
    "CREATE",
    "CROSS",
    "CUBE",
    "CURRENT",
    "DEFAULT",
    "DEFINE",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "ENUM",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FOLLOWING",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "GROUPS",
    "HASH",
    "HAVING",
    "IF",
    "IGNORE",
    "IN",
    "INNER",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOOKUP",
    "MERGE",
    "NATURAL",
    "NEW",
    "NO",
    "NOT",
    "NULL",
    "NULLS",
    "OF",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "PROTO",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "RESPECT",
    "RIGHT",
    "ROLLUP",
    "ROWS",
    "SELECT",
    "SET",
    "SOME",
    "STRUCT",
    "TABLESAMPLE",
    "THEN",
    "TO",
    "TREAT",
    "TRUE",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "USING",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
];

/// Whether a word is reserved.
pub(super) fn reserved(word: &str) -> bool {
    RESERVED
        .binary_search(&word.to_ascii_uppercase().as_str())
        .is_ok()
}

/// Reserved words that complete an expression.
pub(super) const COMPLETE: &[&str] = &[
    "NULL", "TRUE", "FALSE", "END", "ASC", "DESC", "CURRENT", "ALL",
];
/// Words that are names elsewhere, but require a name or a value after them.
pub(super) const EXPECTING: &[&str] = &[
    "TABLE",
    "VIEW",
    "FUNCTION",
    "PROCEDURE",
    "MODEL",
    "SCHEMA",
    "UPDATE",
    "INSERT",
    "DELETE",
    "VALUES",
    "CALL",
    "DECLARE",
    "RETURN",
    "IMMEDIATE",
    "OFFSET",
    "RETURNS",
    "EXISTS",
    "EXECUTE",
    "SNAPSHOT",
    "CLONE",
    "COPY",
    "PERCENT",
];
/// Types whose literals are a word and a string.
pub(super) const TYPED: &[&str] = &[
    "DATE",
    "TIMESTAMP",
    "DATETIME",
    "TIME",
    "NUMERIC",
    "BIGNUMERIC",
    "JSON",
];

#[cfg(test)]
mod tests {
    use super::{RESERVED, reserved};

    #[test]
    fn the_words_can_be_searched() {
        assert!(RESERVED.is_sorted());
        assert!(reserved("select") && !reserved("country"));
    }
}
