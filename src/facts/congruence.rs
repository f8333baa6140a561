//! Decides which functions return equal values for equal arguments.
//!
//! Rows of a group, and rows that an equation keeps, agree in equal values. Equal
//! is not identical: `0.0` equals `-0.0`, a month equals thirty days, and texts
//! with a collation equal others in different case. A function that distinguishes
//! such values is not a function of the values in which the rows agree. Types are
//! mostly unknown, so functions are known by name, and all others are trusted only
//! with arguments of one spelling.

use crate::plan::functions::{FunctionClass, ScalarClass};
use crate::plan::{ColId, Expr, ExprKind, Literal};

/// Families of functions whose arguments have one spelling: texts, bytes, whole
/// numbers, dates and times.
const FAMILIES: &[&str] = &[
    "DATETIME_",
    "DATE_",
    "FORMAT_",
    "JSON_EXTRACT",
    "JSON_QUERY",
    "JSON_VALUE",
    "NET.",
    "PARSE_",
    "REGEXP_",
    "TIMESTAMP_",
    "TIME_",
    "UNIX_",
];

/// Other functions of that kind.
const TYPED: &[&str] = &[
    "ARRAY_TO_STRING",
    "ASCII",
    "AT TIME ZONE",
    "BIT_COUNT",
    "BOOL",
    "BYTE_LENGTH",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "CHR",
    "CODE_POINTS_TO_BYTES",
    "CODE_POINTS_TO_STRING",
    "DATE",
    "DATETIME",
    "EDIT_DISTANCE",
    "ENDS_WITH",
    "FROM_BASE32",
    "FROM_BASE64",
    "FROM_HEX",
    "INITCAP",
    "INSTR",
    "INT64",
    "LAST_DAY",
    "LEFT",
    "LENGTH",
    "LIKE",
    "LOWER",
    "LPAD",
    "LTRIM",
    "NORMALIZE",
    "NORMALIZE_AND_CASEFOLD",
    "NOT LIKE",
    "OCTET_LENGTH",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "RPAD",
    "RTRIM",
    "SAFE_CONVERT_BYTES_TO_STRING",
    "SOUNDEX",
    "SPLIT",
    "STARTS_WITH",
    "STRING",
    "STRPOS",
    "SUBSTR",
    "SUBSTRING",
    "TIME",
    "TIMESTAMP",
    "TO_BASE32",
    "TO_BASE64",
    "TO_CODE_POINTS",
    "TO_HEX",
    "TRANSLATE",
    "TRIM",
    "UNICODE",
    "UPPER",
];

/// Functions that return equal numbers for equal numbers. Division is one of them:
/// a division by zero fails or returns NULL, whatever the zero's sign.
const NUMERIC: &[&str] = &[
    "&",
    "*",
    "/",
    "<<",
    ">>",
    "ABS",
    "CEIL",
    "CEILING",
    "DIV",
    "EXP",
    "FLOOR",
    "LN",
    "LOG",
    "LOG10",
    "MOD",
    "RANGE_BUCKET",
    "ROUND",
    "SAFE_DIVIDE",
    "SAFE_MULTIPLY",
    "SAFE_NEGATE",
    "SIGN",
    "SQRT",
    "TRUNC",
    "UNARY -",
    "^",
    "|",
    "~",
];

/// Sums: a date and an interval may be their arguments, and a date distinguishes a
/// month from thirty days.
const SUMS: &[&str] = &["+", "-", "SAFE_ADD", "SAFE_SUBTRACT"];

/// Parts of a time that an interval does not have.
const NO_INTERVAL: &[&str] = &[
    "DATE",
    "DATETIME",
    "DAYOFWEEK",
    "DAYOFYEAR",
    "ISOWEEK",
    "ISOYEAR",
    "QUARTER",
    "TIME",
    "WEEK",
];

/// Types whose equal values are identical.
const ONE_SPELLING: &[&str] = &[
    "BIGDECIMAL",
    "BIGINT",
    "BIGNUMERIC",
    "BOOL",
    "BOOLEAN",
    "BYTEINT",
    "BYTES",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "INT",
    "INT64",
    "INTEGER",
    "NUMERIC",
    "SMALLINT",
    "STRING",
    "TIME",
    "TIMESTAMP",
    "TINYINT",
];

/// Whether equal values of a column are identical.
pub(super) type Exact<'a> = &'a dyn Fn(ColId) -> bool;

/// Whether an expression returns equal values for equal values of its columns.
pub(super) fn respects_equality(expr: &Expr, exact: Exact<'_>) -> bool {
    let mut children = true;
    expr.visit_children(&mut |child| children &= respects_equality(child, exact));
    children
        && match &expr.kind {
            ExprKind::Call { name, args, .. } => {
                call_respects(expr, name, args, exact)
                    || args.iter().all(|arg| is_identical(arg, exact))
            }
            ExprKind::Cast { value, to, .. } => {
                !matches!(to.as_str(), "STRING" | "BYTES") || is_identical(value, exact)
            }
            ExprKind::Lambda(..) | ExprKind::Subquery(_) | ExprKind::Unknown(_) => false,
            ExprKind::Column(_)
            | ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Field(..)
            | ExprKind::Element(..)
            | ExprKind::Struct(_)
            | ExprKind::Array(_)
            | ExprKind::Case(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_)
            | ExprKind::Either(_) => true,
        }
}

fn call_respects(expr: &Expr, name: &str, args: &[Expr], exact: Exact<'_>) -> bool {
    match name {
        // The width of an interval may be written in months or in days.
        _ if name.ends_with("_BUCKET") && name != "RANGE_BUCKET" => {
            args.iter().skip(1).all(|arg| is_identical(arg, exact))
        }
        "EXTRACT" => args.iter().any(|arg| {
            matches!(&arg.kind, ExprKind::Literal(Literal::Other(kind, part))
                if kind == "PART" && NO_INTERVAL.contains(&first_word(part).as_str()))
        }),
        // Wrappers, and functions whose result does not depend on the sign of zero.
        "SAFE CALL" | "=>" | "AS" | "STRUCT" | "SAFE_OFFSET" | "ARRAY_LENGTH" | "CONCAT" | "||"
        | "INTERVAL" | "IS_INF" | "IS_NAN" | "TYPEOF" => true,
        _ if SUMS.contains(&name) => args.iter().any(|arg| is_number(arg) || is_interval(arg)),
        // Their arguments are JSON, which cannot be compared or grouped.
        _ if name.starts_with("LAX_") => true,
        _ => NUMERIC.contains(&name) || is_typed(expr, name) || is_choice(expr),
    }
}

/// Returns the first word of a date part: `WEEK` for `WEEK(MONDAY)`.
fn first_word(part: &str) -> String {
    let word = part.split('(').next().unwrap_or(part);
    word.trim().to_ascii_uppercase()
}

fn class_of(expr: &Expr) -> Option<ScalarClass> {
    match &expr.kind {
        ExprKind::Call { info, .. } => match info.as_ref()?.class {
            FunctionClass::Scalar(class) => Some(class),
            FunctionClass::Aggregate(_) | FunctionClass::Analytic(_) | FunctionClass::Table(_) => {
                None
            }
        },
        _ => None,
    }
}

fn is_choice(expr: &Expr) -> bool {
    class_of(expr) == Some(ScalarClass::Choice)
}

/// Whether a function reads and returns only values of one spelling.
fn is_typed(expr: &Expr, name: &str) -> bool {
    let hash = matches!(
        class_of(expr),
        Some(ScalarClass::Hash | ScalarClass::KeyedHash)
    );
    hash || TYPED.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Whether a value is certainly a number, not a date or an interval.
fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(literal) => matches!(literal, Literal::Int(_) | Literal::Float(_)),
        ExprKind::Call { name, .. } => {
            matches!(
                name.as_str(),
                "ABS" | "CEIL" | "DIV" | "FLOOR" | "MOD" | "ROUND" | "TRUNC"
            )
        }
        ExprKind::Cast { to, .. } => to != "INTERVAL" && !to.starts_with("DATE"),
        _ => false,
    }
}

/// Whether a value may contain an INTERVAL; `parts` says whether an argument does.
///
/// A sum of a date and an interval, or a part of an interval, is not an interval
/// itself.
pub(super) fn holds_interval(expr: &Expr, parts: bool) -> bool {
    match &expr.kind {
        ExprKind::Cast { .. } => gives_interval(expr),
        ExprKind::Call { name, args, .. } => {
            let reads = |arg: &Expr| !is_interval(arg);
            let passes_on = is_choice(expr)
                || name.starts_with("ARRAY_")
                || SUMS.contains(&name.as_str())
                || matches!(
                    name.as_str(),
                    "SAFE CALL" | "=>" | "AS" | "*" | "/" | "UNARY -"
                );
            gives_interval(expr) || parts && passes_on && args.iter().all(reads)
        }
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::IsNull(_)
        | ExprKind::Compare(..)
        | ExprKind::InList { .. } => false,
        ExprKind::Literal(_)
        | ExprKind::Column(_)
        | ExprKind::Field(..)
        | ExprKind::Element(..)
        | ExprKind::Struct(_)
        | ExprKind::Array(_)
        | ExprKind::Case(_)
        | ExprKind::Subquery(_)
        | ExprKind::Lambda(..)
        | ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::Either(_)
        | ExprKind::Unknown(_) => parts || gives_interval(expr),
    }
}

/// Whether a value is certainly an INTERVAL: a month and thirty days are equal, but
/// not identical.
fn gives_interval(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Cast { to, .. } => to == "INTERVAL",
        ExprKind::Call { name, .. } if name == "MAKE_INTERVAL" || name.starts_with("JUSTIFY_") => {
            true
        }
        ExprKind::Call { name, args, .. }
            if matches!(name.as_str(), "+" | "-" | "*" | "/" | "UNARY -") =>
        {
            args.iter().all(|arg| gives_interval(arg) || is_number(arg))
                && args.iter().any(gives_interval)
        }
        ExprKind::Call { name, args, .. } if name == "SAFE CALL" || is_choice(expr) => {
            args.iter().any(gives_interval)
        }
        ExprKind::Case(case) => {
            let values = case.branches.iter().map(|(_, value)| value);
            values.chain(&case.otherwise).any(gives_interval)
        }
        _ => is_interval(expr),
    }
}

/// Whether a value is a literal or constructed interval, such as `INTERVAL n DAY`.
fn is_interval(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(Literal::Other(kind, _)) => kind == "INTERVAL",
        ExprKind::Call { name, .. } => name == "INTERVAL",
        _ => false,
    }
}

/// Whether an expression that respects equality returns identical values for equal
/// values of its columns.
fn is_identical(expr: &Expr, exact: Exact<'_>) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Parameter(_) | ExprKind::Variable(_) => true,
        _ => is_interval(expr) || is_exact(expr, exact),
    }
}

/// Whether equal values of an expression are identical.
pub(super) fn is_exact(expr: &Expr, exact: Exact<'_>) -> bool {
    match &expr.kind {
        ExprKind::Column(column) => exact(*column),
        ExprKind::Literal(literal) => match literal {
            Literal::Null | Literal::Bool(_) | Literal::Int(_) | Literal::String(_) => true,
            Literal::Float(_) => false,
            Literal::Other(kind, _) => kind == "PART" || ONE_SPELLING.contains(&kind.as_str()),
        },
        ExprKind::Call { name, args, .. } => {
            is_typed(expr, name)
                || name == "CONCAT"
                || name == "EXTRACT"
                || (name == "SAFE CALL" || is_choice(expr))
                    && args.iter().all(|arg| is_exact(arg, exact))
        }
        ExprKind::Cast { to, .. } => ONE_SPELLING.contains(&to.as_str()),
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(..)
        | ExprKind::InList { .. }
        | ExprKind::IsNull(_) => true,
        ExprKind::Case(case) => {
            case.branches
                .iter()
                .all(|(_, value)| is_exact(value, exact))
                && case.otherwise.iter().all(|value| is_exact(value, exact))
        }
        ExprKind::Struct(fields) => fields.iter().all(|(_, field)| is_exact(field, exact)),
        ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::Field(..)
        | ExprKind::Element(..)
        | ExprKind::Array(_)
        | ExprKind::Lambda(..)
        | ExprKind::Subquery(_)
        | ExprKind::Either(_)
        | ExprKind::Unknown(_) => false,
    }
}
