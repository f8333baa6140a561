//! Texts in which one token decides whether rows stand for enough people: those that
//! look safe if the token is dropped, and those that it makes safe.

use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const REGISTRY: &str = r#"
schema_version = 1
[policy]
min_bucket = 5000
[units.reader]
person = true
[units.visit]
person = false
[[column]]
name = "reader_id"
role = "identifier"
unit = "reader"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "visit_id"
role = "identifier"
unit = "visit"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "week"
role = "dimension"
category = 1
resolution = "day"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "region"
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "tags"
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "pages"
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "library.weekly"
unit_column = "reader_id"
keys = [["reader_id", "week"]]
not_null = ["reader_id", "week"]
columns = ["reader_id", "week", "region", "tags", "pages"]
[[table]]
name = "library.visits"
unit_column = "reader_id"
keys = [["visit_id"]]
columns = ["visit_id", "reader_id", "week", "region", "tags", "pages"]
"#;

/// Returns the lower bound that is proven for rows of the last dataset.
fn proven(sql: &str) -> u64 {
    let registry = SourceText::new("dimension-registry.toml", REGISTRY);
    let registry = Registry::parse(&registry).expect("the registry is valid");
    let file = assess_text(
        SourceText::new("query.sql", sql),
        &registry,
        &TemplateSettings::default(),
    );
    let last = file.datasets.last().expect("a dataset");
    last.decision.bucket.proven.unwrap_or(0)
}

/// Returns a query that keeps whole partitions by `inner` and groups them by
/// `outer`.
fn regrouped(inner: &str, outer: &str) -> String {
    format!(
        "SELECT region, {outer} AS label, COUNT(*) AS n FROM (SELECT *, COUNT(DISTINCT reader_id) OVER (PARTITION BY region, {inner}) AS readers FROM library.weekly WHERE TRUE QUALIFY readers >= 5000) GROUP BY region, label"
    )
}

fn threshold(constant: &str) -> String {
    format!(
        "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= {constant}"
    )
}

/// Returns a count of rows, one per reader that a condition admits.
fn counted(condition: &str) -> String {
    format!(
        "SELECT region, COUNT(*) AS readers FROM (SELECT reader_id, region FROM library.visits WHERE {condition} GROUP BY reader_id, region) GROUP BY region HAVING COUNT(*) >= 5000"
    )
}

#[test]
fn value_of_another_token_is_another_group() {
    for (inner, outer) in [
        (
            "DATE_TRUNC(week, WEEK(SUNDAY))",
            "DATE_TRUNC(week, WEEK(FRIDAY))",
        ),
        (
            "EXTRACT(WEEK(MONDAY) FROM week)",
            "EXTRACT(WEEK(TUESDAY) FROM week)",
        ),
        ("SPLIT(tags)[OFFSET(2)]", "SPLIT(tags)[ORDINAL(2)]"),
        (
            "SPLIT(tags)[SAFE_OFFSET(1)]",
            "SPLIT(tags)[SAFE_ORDINAL(1)]",
        ),
        (
            "CAST(pages AS NUMERIC(7, 1))",
            "CAST(pages AS NUMERIC(7, 2))",
        ),
        (
            "CAST(week AS STRING FORMAT 'YYYY')",
            "CAST(week AS STRING FORMAT 'YYYY-MM')",
        ),
        (
            "DATE_ADD(week, INTERVAL pages DAY)",
            "DATE_ADD(week, INTERVAL pages YEAR)",
        ),
        ("SAFE.SUBSTR(tags, pages, 1)", "SAFE.SUBSTR(tags, pages, 2)"),
        ("IF(tags = ?, 1, 0)", "IF(tags = ?, 1, 0)"),
        (
            "STRUCT<x INT64>(CAST(pages AS INT64)).x",
            "STRUCT<x FLOAT64>(pages).x",
        ),
        ("COLLATE(tags, 'und:ci')", "COLLATE(tags, '')"),
    ] {
        assert_eq!(proven(&regrouped(inner, outer)), 0, "{inner}, {outer}");
    }
}

#[test]
fn value_written_in_other_words_is_the_same_group() {
    for (inner, outer) in [
        (
            "DATE_TRUNC(week, WEEK(FRIDAY))",
            "DATE_TRUNC(week, WEEK(FRIDAY))",
        ),
        ("DATE_TRUNC(week, WEEK)", "DATE_TRUNC(week, WEEK(SUNDAY))"),
        ("SPLIT(tags)[OFFSET(1)]", "SPLIT(tags)[ORDINAL(2)]"),
        (
            "CAST(pages AS NUMERIC(7, 1))",
            "CAST(pages AS NUMERIC(7, 1))",
        ),
        ("CAST(pages AS DECIMAL)", "CAST(pages AS NUMERIC)"),
    ] {
        assert_eq!(proven(&regrouped(inner, outer)), 5000, "{inner}, {outer}");
    }
}

#[test]
fn formatted_day_is_no_key_of_one_person() {
    for day in [
        "CAST(week AS STRING FORMAT 'YYYY-MM')",
        "CAST(CAST(week AS STRING) AS STRING(4))",
        "SAFE_CAST(week AS STRING)",
    ] {
        let sql = format!(
            "SELECT {day} AS label, region, COUNT(*) AS readers FROM library.weekly GROUP BY label, region HAVING COUNT(*) >= 5000"
        );
        assert_eq!(proven(&sql), 0, "{day}");
    }
}

#[test]
fn day_that_a_condition_fixes_leaves_one_row_a_person() {
    for condition in [
        "week BETWEEN @start AND @start",
        "CAST(week AS STRING) = '2026-03-02'",
        "week = @start",
    ] {
        let sql = format!(
            "SELECT region, COUNT(*) AS readers FROM library.weekly WHERE {condition} GROUP BY region HAVING COUNT(*) >= 5000"
        );
        assert_eq!(proven(&sql), 5000, "{condition}");
    }
    for condition in [
        "week BETWEEN ? AND ?",
        "CAST(week AS STRING FORMAT 'MM') = '03'",
        "SAFE_CAST(week AS STRING) IS NULL",
    ] {
        let sql = format!(
            "SELECT region, COUNT(*) AS readers FROM library.weekly WHERE {condition} GROUP BY region HAVING COUNT(*) >= 5000"
        );
        assert_eq!(proven(&sql), 0, "{condition}");
    }
}

#[test]
fn threshold_of_constants_is_what_the_engine_computes() {
    for (constant, expected) in [
        ("DIV(15000, 3)", 5000),
        ("SAFE_DIVIDE(10000, 2)", 5000),
        ("GREATEST(5000, 20)", 5000),
        ("IF(1 < 2, 5000, 3)", 5000),
        ("CAST(4999.5 AS INT64)", 5000),
        ("CAST(4999.4 AS INT64)", 4999),
        ("LEAST(5000, 3)", 3),
        ("MOD(25000, 7)", 3),
        (
            "(WITH s AS (SELECT 12 AS other, 5000 AS least) SELECT least FROM s)",
            5000,
        ),
        (
            "(WITH s AS (SELECT 12 AS other, 5000 AS least) SELECT other FROM s)",
            12,
        ),
        ("CAST('4999.6' AS NUMERIC(4, 0))", 0),
        ("SAFE_DIVIDE(10000, 0)", 0),
        ("(SELECT 5000 LIMIT 0)", 0),
        ("(SELECT x FROM UNNEST([5000, 3]) AS x WHERE x < @x)", 0),
    ] {
        assert_eq!(proven(&threshold(constant)), expected, "{constant}");
    }
}

#[test]
fn list_that_may_be_empty_lets_null_through() {
    for condition in [
        "reader_id NOT IN UNNEST(@blocked)",
        "reader_id NOT IN UNNEST(SPLIT(@blocked))",
        "NOT (reader_id IN UNNEST(ARRAY(SELECT 'a' FROM UNNEST([1]) AS x WHERE x > 1)))",
        "reader_id NOT LIKE ANY UNNEST(@blocked)",
        "reader_id NOT LIKE ALL UNNEST(@blocked)",
    ] {
        // One of the readers may be NULL, which is no person.
        assert_eq!(proven(&counted(condition)), 4999, "{condition}");
    }
    for condition in [
        "reader_id NOT IN UNNEST(['a', 'b'])",
        "reader_id NOT IN ('a', 'b')",
        "reader_id NOT LIKE ANY ('a%', 'b%')",
        "reader_id IS NOT NULL",
    ] {
        assert_eq!(proven(&counted(condition)), 5000, "{condition}");
    }
}

#[test]
fn names_change_places_at_once() {
    for (renames, counted, expected) in [
        (
            "RENAME visit_id AS reader_id, reader_id AS visit_id",
            "reader_id",
            0,
        ),
        (
            "RENAME visit_id AS reader_id, reader_id AS visit_id",
            "visit_id",
            5000,
        ),
        (
            "SET visit_id = reader_id, reader_id = visit_id",
            "reader_id",
            0,
        ),
        ("RENAME tags AS region, region AS tags", "reader_id", 5000),
    ] {
        let sql = format!(
            "FROM library.visits |> {renames} |> AGGREGATE COUNT(DISTINCT {counted}) AS n GROUP BY region |> WHERE n >= 5000"
        );
        assert_eq!(proven(&sql), expected, "{renames}: {counted}");
    }
    // The same holds if no schema declares the columns.
    let sql = "FROM somewhere.else |> RENAME x AS reader_id, reader_id AS x |> AGGREGATE COUNT(DISTINCT reader_id) AS n GROUP BY region |> WHERE n >= 5000";
    assert_eq!(proven(sql), 0);
}

#[test]
fn named_argument_goes_where_its_name_says() {
    let body = "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= least";
    for (arguments, expected) in [
        ("least => 5000, other => 3", 5000),
        ("other => 5000, least => 3", 3),
        ("3, other => 5000", 3),
        ("other => 5000", 0),
    ] {
        let sql = format!(
            "CREATE TEMP TABLE FUNCTION large(least INT64, other INT64) AS ({body});\nSELECT region, n FROM large({arguments})"
        );
        assert_eq!(proven(&sql), expected, "{arguments}");
        if arguments.contains(',') {
            let sql = format!(
                "CREATE TEMP FUNCTION chosen(least INT64, other INT64) AS (least);\n{}",
                threshold(&format!("chosen({arguments})"))
            );
            assert_eq!(proven(&sql), expected, "{arguments}");
        }
    }
}
