//! Tables of a declared level, tables that a statement reads and fills, recursions, and
//! columns that UNPIVOT makes rows of: level, answers and sources.

use headcount::assessment::FileAssessment;
use headcount::policy::Answer;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const REGISTRY: &str = r#"
schema_version = 1
[policy]
min_bucket = 5000
[units.skier]
person = true
[[column]]
name = "skier_id"
role = "identifier"
unit = "skier"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "valley"
aliases = ["lift"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "diagnosis"
role = "dimension"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "rides"
aliases = ["falls"]
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "paid"
role = "metric"
category = 2
sensitive = "revenue"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "tips"
role = "metric"
category = 2
[[table]]
name = "alps.days"
unit_column = "skier_id"
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.metrics"
unit_column = "skier_id"
columns = ["skier_id", "valley", "metrics"]
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "metrics.falls.values.value"
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.level2"
unit_column = "skier_id"
level = 2
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.level3"
unit_column = "skier_id"
level = 3
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.level4"
unit_column = "skier_id"
level = 4
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.level5"
unit_column = "skier_id"
level = 5
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "alps.level7"
unit_column = "skier_id"
level = 7
data_reviews = ["https://example.org/review/1"]
"#;

fn assess(sql: &str) -> FileAssessment {
    let registry = SourceText::new("dimension-registry.toml", REGISTRY);
    let registry = Registry::parse(&registry).expect("the registry is valid");
    let text = SourceText::new("query.sql", sql);
    assess_text(text, &registry, &TemplateSettings::default())
}

/// The level, and the answers to questions 2, 3 and 4.
fn found(assessment: &FileAssessment) -> String {
    let [dataset] = assessment.datasets.as_slice() else {
        panic!("{} datasets", assessment.datasets.len());
    };
    let decision = &dataset.decision;
    let level = decision.level.map_or(0, |level| level.number());
    let answers = decision.questions.iter().skip(1);
    let answers = answers.map(|question| match question.answer {
        Answer::No => 'n',
        Answer::Yes => 'y',
        Answer::Unknown => 'u',
    });
    format!("{level}{}", answers.collect::<String>())
}

fn codes(assessment: &FileAssessment) -> Vec<&'static str> {
    let findings = assessment.datasets.iter().flat_map(|set| &set.findings);
    findings.map(|finding| finding.rule.code).collect()
}

fn sources(assessment: &FileAssessment, column: &str) -> Vec<String> {
    let columns = &assessment.datasets[0].decision.columns;
    let column = columns.iter().find(|known| known.name == column);
    let sources = column.map(|column| column.sources.clone());
    sources
        .unwrap_or_default()
        .iter()
        .map(|name| name.to_string())
        .collect()
}

#[test]
fn declared_level_hides_no_threshold_and_excuses_nothing() {
    let own = "COUNT(DISTINCT skier_id)";
    for (sql, expected) in [
        // A query's own threshold proves its rows, whatever the table's level is.
        (format!("SELECT valley, {own} AS n FROM alps.level3 GROUP BY valley HAVING {own} >= 5000"), "2nnn"),
        (format!("SELECT valley, {own} AS n FROM alps.level4 GROUP BY valley HAVING {own} >= 5000"), "2nnn"),
        (format!("SELECT valley, {own} AS n FROM alps.level5 GROUP BY valley HAVING {own} >= 5000"), "2nnn"),
        (format!("SELECT valley, {own} AS n FROM alps.level7 GROUP BY valley HAVING {own} >= 5000"), "2nnn"),
        (format!("SELECT valley FROM (SELECT valley, {own} AS n FROM alps.level3 GROUP BY valley) WHERE n >= 5000"), "2nnn"),
        // Without one the rows are what they are declared to be, or groups of them.
        ("SELECT valley, rides FROM alps.level3".to_owned(), "3nnn"),
        ("SELECT valley, rides FROM alps.level4".to_owned(), "4nnn"),
        ("SELECT valley, rides FROM alps.level5".to_owned(), "5nnn"),
        ("SELECT valley, rides FROM alps.level7".to_owned(), "7nnn"),
        ("SELECT valley, SUM(rides) AS n FROM alps.level5 GROUP BY valley".to_owned(), "3nnn"),
        (format!("SELECT valley, {own} AS n FROM alps.level3 GROUP BY valley HAVING {own} >= 50"), "3nnn"),
        ("SELECT valley, SUM(rides) AS n FROM alps.level3 GROUP BY valley HAVING SUM(rides) >= 5000".to_owned(), "3nnn"),
        // A low declared level excuses nothing that the query does itself.
        ("SELECT valley, rides FROM alps.level2".to_owned(), "2nnn"),
        ("SELECT valley, skier_id FROM alps.level2".to_owned(), "6yyn"),
        ("SELECT b.valley, d.rides FROM alps.level2 AS b JOIN alps.days AS d USING (valley)".to_owned(), "5nnn"),
        ("SELECT valley, rides FROM alps.level2 UNION ALL SELECT valley, rides FROM alps.days".to_owned(), "5nnn"),
        ("SELECT valley, rides FROM alps.level2 UNION ALL SELECT valley, rides FROM alps.level3".to_owned(), "3nnn"),
        // The level of the table that is written is not that of its rows.
        ("CREATE OR REPLACE TABLE alps.level2 AS SELECT valley, rides FROM alps.days".to_owned(), "5nnn"),
        (format!("INSERT INTO alps.level5 SELECT valley, {own} AS n FROM alps.days GROUP BY valley HAVING n >= 5000"), "2nnn"),
    ] {
        assert_eq!(found(&assess(&sql)), expected, "{sql}");
    }
}

#[test]
fn table_read_by_what_fills_it_has_the_sources_of_the_other_branch() {
    for (sql, expected, column, from) in [
        (
            "INSERT INTO alps.own SELECT d.valley, d.rides + COALESCE(o.sum, 0) AS sum
             FROM alps.days AS d LEFT JOIN alps.own AS o USING (valley)",
            "5nnn",
            "sum",
            "alps.days.rides",
        ),
        // The registry's name for it is not what decides: what goes in is.
        (
            "CREATE OR REPLACE TABLE alps.own AS SELECT label, n FROM (
               SELECT diagnosis AS label, rides AS n FROM alps.days UNION ALL SELECT label, n FROM alps.own)",
            "5yyn",
            "label",
            "alps.days.diagnosis",
        ),
        (
            "INSERT INTO alps.own SELECT valley, SUM(m) AS m FROM (
               SELECT valley, paid AS m FROM alps.days UNION ALL SELECT valley, m FROM alps.own)
             GROUP BY valley HAVING COUNT(*) > 0",
            "3nyn",
            "m",
            "alps.days.paid",
        ),
        (
            "INSERT INTO alps.own SELECT valley, SUM(m) AS m FROM (
               SELECT valley, tips AS m FROM alps.days UNION ALL SELECT valley, m FROM alps.own)
             GROUP BY valley",
            "3nny",
            "m",
            "alps.days.tips",
        ),
        // Each run hands values on to one more column.
        (
            "INSERT INTO alps.own SELECT a, b, c, d, e FROM (
               SELECT skier_id AS a, 'x' AS b, 'x' AS c, 'x' AS d, 'x' AS e FROM alps.days
               UNION ALL SELECT a, a, b, c, d FROM alps.own)",
            "6yyn",
            "e",
            "alps.days.skier_id",
        ),
        // What no branch gives is somebody else's.
        (
            "INSERT INTO alps.own SELECT d.valley, o.extra FROM alps.days AS d JOIN alps.own AS o USING (valley)",
            "5uuu",
            "extra",
            "alps.own.extra",
        ),
        (
            "INSERT INTO alps.own SELECT swapped AS extra, extra AS swapped FROM alps.own",
            "5uuu",
            "extra",
            "alps.own.swapped",
        ),
    ] {
        let assessment = assess(sql);
        assert_eq!(found(&assessment), expected, "{sql}");
        assert_eq!(sources(&assessment, column), [from], "{sql}");
        let unregistered = codes(&assessment).contains(&"HC303");
        assert_eq!(unregistered, from.starts_with("alps.own"), "{sql}");
        let assumptions = &assessment.datasets[0].decision.assumptions;
        let assumed = |text: &String| text.starts_with("the statement that fills the table");
        assert!(assumptions.iter().any(assumed), "{assumptions:?}");
    }
}

#[test]
fn values_of_a_recursion_are_followed_through_every_column() {
    let anchor = "SELECT skier_id AS a, 'x' AS b, 'x' AS c, 'x' AS d, 'x' AS e, 'x' AS f, 'x' AS g FROM alps.days";
    let step = "SELECT a, a, b, c, d, e, f FROM t";
    let inner = "(WITH u AS (SELECT * FROM t) SELECT u.a, u.a, u.b, u.c, u.d, u.e, u.f FROM u)";
    for step in [step, inner] {
        for column in ["a", "b", "c", "d", "e", "f", "g"] {
            let sql = format!(
                "WITH RECURSIVE t AS ({anchor} UNION ALL {step}) SELECT {column} AS v FROM t"
            );
            let assessment = assess(&sql);
            assert_eq!(found(&assessment), "6yyn", "{sql}");
            assert_eq!(sources(&assessment, "v"), ["alps.days.skier_id"], "{sql}");
        }
    }
}

/// `{S}` stands for groups of enough people; the level, whether the value is covered, and
/// the value's sources.
const UNPIVOTED: &[(&str, u8, bool, &[&str])] = &[
    (
        "SELECT * FROM {S} UNPIVOT (v FOR what IN (n, rows_))",
        2,
        true,
        &["alps.days.skier_id", "alps.days"],
    ),
    (
        "SELECT * FROM {S} UNPIVOT INCLUDE NULLS (v FOR what IN (n, rides))",
        2,
        true,
        &["alps.days.skier_id", "alps.days.rides"],
    ),
    (
        "SELECT * FROM {S} UNPIVOT (v FOR what IN (rides AS 'r', falls AS 'f'))",
        2,
        true,
        &["alps.days.rides", "alps.days.falls"],
    ),
    (
        "SELECT valley, what, v, w FROM {S} UNPIVOT ((v, w) FOR what IN ((n, rides), (rows_, falls)))",
        2,
        true,
        &["alps.days.skier_id", "alps.days"],
    ),
    (
        "FROM {S} |> UNPIVOT (v FOR what IN (n, rows_))",
        2,
        true,
        &["alps.days.skier_id", "alps.days"],
    ),
    // A part of each group is not what the threshold counts.
    (
        "SELECT * FROM {S} UNPIVOT INCLUDE NULLS (v FOR what IN (n, few))",
        3,
        false,
        &["alps.days.skier_id", "alps.days.lift", "alps.days"],
    ),
    // Whether such a value is there tells what it is.
    (
        "SELECT * FROM (SELECT valley, NULLIF(n, 5003) AS n, rows_ FROM {S}) UNPIVOT (v FOR what IN (n, rows_))",
        3,
        false,
        &["alps.days.skier_id", "alps.days"],
    ),
    (
        "SELECT * FROM (SELECT valley, IF(n > 7000, n, NULL) AS n, rows_ FROM {S}) UNPIVOT (v FOR what IN (n, rows_))",
        3,
        false,
        &["alps.days.skier_id", "alps.days"],
    ),
    // A value that is compared otherwise tells the difference of two.
    (
        "SELECT * FROM {S} UNPIVOT (v FOR what IN (n, rows_)) WHERE v = 5003",
        3,
        false,
        &["alps.days.skier_id", "alps.days"],
    ),
];

#[test]
fn unpivoted_values_are_metrics_and_keep_what_is_proven() {
    let groups = "(SELECT valley, COUNT(DISTINCT skier_id) AS n, COUNT(*) AS rows_, SUM(rides) AS rides, SUM(falls) AS falls, COUNTIF(lift = 'x') AS few
      FROM alps.days GROUP BY valley HAVING n >= 5000)";
    for (sql, level, covered, from) in UNPIVOTED {
        let sql = sql.replace("{S}", groups);
        let assessment = assess(&sql);
        let decision = &assessment.datasets[0].decision;
        let number = decision.level.map(|level| level.number());
        assert_eq!(number, Some(*level), "{sql}\n{:?}", codes(&assessment));
        let column = |name: &str| decision.columns.iter().find(|known| known.name == name);
        let value = column("v").expect("there are values");
        assert_eq!(value.role, headcount::policy::Role::Metric, "{sql}");
        assert_eq!(value.bucket.is_some(), *covered, "{sql}");
        assert_eq!(sources(&assessment, "v"), *from, "{sql}");
        // The names of columns are constants: they come from no data.
        let label = column("what").expect("there are names");
        assert_eq!(label.role, headcount::policy::Role::Dimension, "{sql}");
        assert!(label.sources.is_empty(), "{sql}");
        let dimensions = decision.columns.iter();
        let dimensions: Vec<&str> = dimensions
            .filter(|known| known.role == headcount::policy::Role::Dimension)
            .map(|known| known.name.as_str())
            .filter(|name| *name != "what")
            .collect();
        assert!(dimensions.iter().all(|name| *name == "valley"), "{sql}");
    }
}

#[test]
fn unpivoted_values_keep_category_and_sensitivity() {
    for (sql, expected) in [
        (
            "SELECT what, SUM(v) AS v FROM (SELECT skier_id, rides, falls FROM alps.days) UNPIVOT (v FOR what IN (rides, falls)) GROUP BY what HAVING COUNT(DISTINCT skier_id) >= 5000",
            "2nnn",
        ),
        (
            "SELECT what, SUM(v) AS v FROM (SELECT skier_id, rides, paid FROM alps.days) UNPIVOT (v FOR what IN (rides, paid)) GROUP BY what HAVING COUNT(DISTINCT skier_id) >= 5000",
            "2nyn",
        ),
        (
            "SELECT what, SUM(v) AS v FROM (SELECT skier_id, rides, tips FROM alps.days) UNPIVOT (v FOR what IN (rides, tips)) GROUP BY what HAVING COUNT(DISTINCT skier_id) >= 5000",
            "2nny",
        ),
        (
            "SELECT what, v, COUNT(DISTINCT skier_id) AS n FROM (SELECT skier_id, valley, diagnosis FROM alps.days) UNPIVOT (v FOR what IN (valley, diagnosis)) GROUP BY what, v HAVING n >= 5000",
            "2yyn",
        ),
        (
            "SELECT what, v FROM (SELECT valley, skier_id FROM alps.days) UNPIVOT (v FOR what IN (valley, skier_id))",
            "6yyn",
        ),
    ] {
        assert_eq!(found(&assess(sql)), expected, "{sql}");
    }
}

/// BigQuery reads a path as one of the table's column where the table has its name.
#[test]
fn column_called_like_its_table_is_read_where_all_columns_are_known() {
    for sql in [
        "SELECT valley, SUM(value) AS n FROM alps.metrics, UNNEST(metrics.falls.values) AS s GROUP BY valley HAVING COUNT(DISTINCT skier_id) >= 5000",
        "SELECT valley, SUM(s.value) AS n FROM `alps.metrics`, UNNEST(metrics.falls.values) AS s GROUP BY valley HAVING COUNT(DISTINCT skier_id) >= 5000",
    ] {
        let assessment = assess(sql);
        assert!(!codes(&assessment).contains(&"HC004"), "{sql}");
        let from = ["alps.metrics.metrics.falls.values.value"];
        assert_eq!(sources(&assessment, "n"), from, "{sql}");
    }
    let other = assess("SELECT metrics.depth FROM alps.metrics AS metrics");
    assert!(!codes(&other).contains(&"HC004"), "{:?}", codes(&other));
    let missing = assess("SELECT m.depth FROM alps.metrics AS m");
    assert!(codes(&missing).contains(&"HC004"));
}

/// As many columns as the widest public dataset has.
#[test]
fn thousands_of_unpivoted_sums_keep_what_is_proven() {
    let sums: Vec<String> = (0..2_831).map(|n| format!("SUM(rides) AS c{n}")).collect();
    let names: Vec<String> = (0..2_831).map(|n| format!("c{n}")).collect();
    let sql = format!(
        "SELECT valley, what, v, SAFE_DIVIDE(v, days) AS rate FROM (
           SELECT valley, SUM(falls) AS days, {} FROM alps.days GROUP BY valley HAVING COUNT(DISTINCT skier_id) >= 5000
         ) UNPIVOT (v FOR what IN ({}))",
        sums.join(", "),
        names.join(", ")
    );
    assert_eq!(found(&assess(&sql)), "2nnn");
}
