use std::collections::HashSet;

use super::super::{AggregateClass, FunctionClass, NullBehaviour, ScalarClass, TableClass};
use super::{FAMILIES, Group, lookup};
use crate::registry::Resolution;

/// The names of GoogleSQL's built-ins.
///
/// They come from its reference implementation and its documentation.
const GOOGLESQL: &str = include_str!("../googlesql.txt");

fn names() -> impl Iterator<Item = &'static str> {
    let groups: Vec<&'static Group> = FAMILIES.iter().copied().flatten().collect();
    groups.into_iter().flat_map(|group| group.names).copied()
}

fn class(name: &str) -> Option<FunctionClass> {
    lookup(name).map(|info| info.class)
}

fn scalar(name: &str) -> Option<ScalarClass> {
    match class(name) {
        Some(FunctionClass::Scalar(class)) => Some(class),
        Some(
            FunctionClass::Aggregate(_) | FunctionClass::Analytic(_) | FunctionClass::Table(_),
        )
        | None => None,
    }
}

#[test]
fn names_are_unique_and_upper_case() {
    let mut seen = HashSet::new();
    for name in names() {
        assert!(seen.insert(name), "{name} stands twice in the table");
        assert_eq!(name, name.to_uppercase());
        assert!(!name.starts_with("SAFE."), "{name} cannot be found");
        assert_eq!(lookup(name).map(|info| info.name), Some(name));
    }
}

#[test]
fn every_built_in_of_googlesql_is_there() {
    let missing: Vec<&str> = GOOGLESQL
        .lines()
        .filter(|name| lookup(name).is_none())
        .collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
    assert!(GOOGLESQL.lines().count() > 500);
}

#[test]
fn the_list_is_sorted() {
    let lines: Vec<&str> = GOOGLESQL.lines().collect();
    assert!(lines.is_sorted());
}

#[test]
fn operators_and_special_forms_are_there() {
    for name in [
        "+",
        "-",
        "*",
        "/",
        "||",
        "&",
        "|",
        "^",
        "<<",
        ">>",
        "~",
        "=",
        "!=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "LIKE",
        "LIKE ANY",
        "LIKE ALL",
        "LIKE SOME",
        "NOT LIKE",
        "UNARY -",
        "IS TRUE",
        "IS FALSE",
        "IS UNKNOWN",
        "IS NULL",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "AT TIME ZONE",
        "ARRAY_AT",
        "EXTRACT",
        "CAST",
        "SAFE_CAST",
        "INTERVAL",
        "STRUCT",
        "ARRAY",
        "COLLATE",
        "CASE",
        "IF",
    ] {
        assert!(lookup(name).is_some(), "{name}");
    }
}

#[test]
fn any_case_is_found_and_safe_is_ignored() {
    for name in ["SUBSTR", "substr", "safe.Substr", "SAFE.SUBSTR"] {
        assert_eq!(lookup(name).map(|info| info.name), Some("SUBSTR"), "{name}");
    }
    assert_eq!(
        lookup("net.safe_ip_from_string").map(|info| info.name),
        Some("NET.SAFE_IP_FROM_STRING")
    );
    for name in [
        "",
        "SAFE.",
        "SAFE",
        "no_such_function",
        "é",
        "mozfun.hist.extract",
    ] {
        assert_eq!(lookup(name), None, "{name}");
    }
}

#[test]
fn what_cuts_or_re_encodes_keeps_identity() {
    for name in [
        "SUBSTR",
        "LEFT",
        "REGEXP_EXTRACT",
        "SPLIT",
        "JSON_VALUE",
        "TO_JSON_STRING",
        "FORMAT",
        "CONCAT",
        "||",
        "UPPER",
        "LOWER",
        "AEAD.DECRYPT_STRING",
        "FROM_HEX",
        "COLLATE",
    ] {
        assert_eq!(scalar(name), Some(ScalarClass::Encoding), "{name}");
    }
    for name in [
        "REVERSE",
        "TO_BASE64",
        "TO_HEX",
        "STRUCT",
        "TIMESTAMP_SECONDS",
    ] {
        assert_eq!(scalar(name), Some(ScalarClass::Injective), "{name}");
    }
}

#[test]
fn hashes_are_plain_or_keyed() {
    for name in ["MD5", "SHA1", "SHA256", "SHA512", "FARM_FINGERPRINT"] {
        assert_eq!(scalar(name), Some(ScalarClass::Hash), "{name}");
    }
    for name in ["AEAD.ENCRYPT", "DETERMINISTIC_ENCRYPT"] {
        assert_eq!(scalar(name), Some(ScalarClass::KeyedHash), "{name}");
    }
}

#[test]
fn time_is_coarsened_to_what_is_left_of_it() {
    for (name, left) in [
        ("DATE", Some(Resolution::Day)),
        ("LAST_DAY", Some(Resolution::Day)),
        ("UNIX_SECONDS", Some(Resolution::Second)),
        ("UNIX_MILLIS", Some(Resolution::Subsecond)),
        ("EXTRACT", None),
        ("TIMESTAMP_TRUNC", None),
        ("DATE_TRUNC", None),
        ("TIMESTAMP_DIFF", None),
    ] {
        assert_eq!(scalar(name), Some(ScalarClass::Coarsening(left)), "{name}");
    }
    for name in ["FORMAT_TIMESTAMP", "TIME", "DATETIME", "TIMESTAMP_ADD"] {
        assert_eq!(scalar(name), Some(ScalarClass::Encoding), "{name}");
    }
}

#[test]
fn null_is_passed_on_or_handled() {
    for name in [
        "COALESCE",
        "IFNULL",
        "TO_JSON_STRING",
        "IS TRUE",
        "ARRAY_AGG",
        "AND",
    ] {
        let null = lookup(name).map(|info| info.null);
        assert_eq!(null, Some(NullBehaviour::Handles), "{name}");
    }
    for name in ["GREATEST", "CONCAT", "COUNT", "SUM", "+", "SHA256"] {
        let null = lookup(name).map(|info| info.null);
        assert_eq!(null, Some(NullBehaviour::Propagates), "{name}");
    }
}

#[test]
fn failure_is_told() {
    for name in ["/", "SUM", "CAST", "ERROR", "PARSE_DATE", "ST_GEOGFROMTEXT"] {
        assert_eq!(lookup(name).map(|info| info.may_fail), Some(true), "{name}");
    }
    for name in ["SAFE_DIVIDE", "COUNT", "SAFE_CAST", "UPPER", "LAX_INT64"] {
        assert_eq!(
            lookup(name).map(|info| info.may_fail),
            Some(false),
            "{name}"
        );
    }
}

#[test]
fn models_stand_alone_or_keep_the_rows_given() {
    for name in [
        "ML.WEIGHTS",
        "ML.CENTROIDS",
        "ML.EVALUATE",
        "ML.FORECAST",
        "ML.GLOBAL_EXPLAIN",
    ] {
        let expected = FunctionClass::Table(TableClass::ModelAlone);
        assert_eq!(class(name), Some(expected), "{name}");
    }
    for name in [
        "ML.PREDICT",
        "ML.EXPLAIN_PREDICT",
        "ML.DETECT_ANOMALIES",
        "ML.RECOMMEND",
    ] {
        let expected = FunctionClass::Table(TableClass::ModelRows);
        assert_eq!(class(name), Some(expected), "{name}");
    }
    for name in [
        "EXTERNAL_QUERY",
        "VECTOR_SEARCH",
        "GAP_FILL",
        "APPENDS",
        "CHANGES",
    ] {
        let expected = FunctionClass::Table(TableClass::Rows);
        assert_eq!(class(name), Some(expected), "{name}");
    }
}

#[test]
fn sketches_are_made_merged_and_read() {
    for (name, expected) in [
        ("HLL_COUNT.INIT", AggregateClass::SketchMake),
        ("HLL_COUNT.MERGE_PARTIAL", AggregateClass::SketchMerge),
        ("HLL_COUNT.MERGE", AggregateClass::SketchRead),
        ("KLL_QUANTILES.INIT_INT64", AggregateClass::QuantilesMake),
        ("KLL_QUANTILES.MERGE_PARTIAL", AggregateClass::QuantilesMake),
        (
            "KLL_QUANTILES.MERGE_POINT_INT64",
            AggregateClass::QuantilesRead,
        ),
        ("APPROX_COUNT_DISTINCT", AggregateClass::ApproxCount),
    ] {
        assert_eq!(
            class(name),
            Some(FunctionClass::Aggregate(expected)),
            "{name}"
        );
    }
    assert_eq!(scalar("HLL_COUNT.EXTRACT"), Some(ScalarClass::SketchRead));
}
