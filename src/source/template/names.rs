//! The names of Jinja's filters and tests.

use super::unknown::is_name;

/// Jinja's filters, and whether each is deterministic.
pub(super) const FILTERS: &[(&str, bool)] = &[
    ("abs", true),
    ("attr", true),
    ("batch", true),
    ("capitalize", true),
    ("center", true),
    ("count", true),
    ("d", true),
    ("default", true),
    ("dictsort", true),
    ("e", true),
    ("escape", true),
    ("filesizeformat", true),
    ("first", true),
    ("float", true),
    ("forceescape", true),
    ("format", true),
    ("groupby", true),
    ("indent", true),
    ("int", true),
    ("items", true),
    ("join", true),
    ("last", true),
    ("length", true),
    ("list", true),
    ("lower", true),
    ("map", true),
    ("max", true),
    ("min", true),
    ("pprint", true),
    ("random", false),
    ("reject", true),
    ("rejectattr", true),
    ("replace", true),
    ("reverse", true),
    ("round", true),
    ("safe", true),
    ("select", true),
    ("selectattr", true),
    ("slice", true),
    ("sort", true),
    ("string", true),
    ("striptags", true),
    ("sum", true),
    ("title", true),
    ("tojson", true),
    ("trim", true),
    ("truncate", true),
    ("unique", true),
    ("upper", true),
    ("urlencode", true),
    ("urlize", true),
    ("wordcount", true),
    ("wordwrap", true),
    ("xmlattr", true),
];

/// Filters of MiniJinja and dbt that Jinja lacks. They are known so that problems
/// can name them.
const OTHER_FILTERS: &[&str] = &[
    "as_bool",
    "as_native",
    "as_number",
    "as_text",
    "bool",
    "chain",
    "lines",
    "split",
    "zip",
];

/// Jinja's tests.
pub(super) const TESTS: &[&str] = &[
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// Tests of MiniJinja that Jinja lacks.
const OTHER_TESTS: &[&str] = &["endingwith", "int", "safe", "startingwith"];

/// Returns all filters that a template may name.
pub(super) fn filters() -> impl Iterator<Item = &'static str> {
    let jinja = FILTERS.iter().map(|(name, _)| *name);
    jinja.chain(OTHER_FILTERS.iter().copied())
}

/// Returns all tests that a template may name; operators are not names.
pub(super) fn tests() -> impl Iterator<Item = &'static str> {
    let all = TESTS.iter().chain(OTHER_TESTS).copied();
    all.filter(|name| is_name(name))
}

/// Whether Jinja has a filter.
pub(super) fn is_filter(name: &str) -> bool {
    FILTERS.iter().any(|(known, _)| *known == name)
}

/// Whether a filter of Jinja is deterministic.
pub(super) fn is_pure(filter: &str) -> bool {
    FILTERS.contains(&(filter, true))
}

/// Returns the filters and tests that Jinja lacks.
pub(super) fn others() -> (&'static [&'static str], &'static [&'static str]) {
    (OTHER_FILTERS, OTHER_TESTS)
}
