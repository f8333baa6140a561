//! Name resolution: texts that claim too much if an inner column is lost, so that
//! its bare name refers to the outer row's own person, or if a name resolves to
//! another column; and similar texts that may be published.

use headcount::assessment::Assessment;
use headcount::catalog::{Catalog, TableName, TableShape};
use headcount::plan::bind::bind;
use headcount::plan::render;
use headcount::policy::Verdict;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::syntax::parse;
use headcount::workspace::assess_text;

const REGISTRY: &str = r#"
schema_version = 1
[policy]
min_bucket = 5000
[units.member]
person = true
[[column]]
name = "member_id"
aliases = ["minus_1", "m_minus_1", "_7", "m_7", "_2026_01_05", "m_2026_01_05", "_2_point_5", "_1_2", "owner"]
role = "identifier"
unit = "member"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "city"
aliases = ["trade", "label"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "hours"
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "guild.members"
unit_column = "member_id"
keys = [["member_id"]]
not_null = ["member_id"]
columns = ["member_id", "city", "trade", "hours"]
[[table]]
name = "guild.shifts"
unit_column = "member_id"
not_null = ["member_id"]
columns = ["member_id", "city", "trade", "hours"]
"#;

/// Queries over `guild.shifts` with a column of one constant value.
///
/// They return `who`, the person, and that column, whose name is the first element
/// of the pair.
const INNER: &[(&str, &str)] = &[
    (
        "owner",
        "SELECT member_id AS who, (c.owner) FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner) AS c",
    ),
    (
        "owner",
        "SELECT member_id AS who, ((owner)) FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner)",
    ),
    (
        "owner",
        "SELECT who, (s).owner FROM (SELECT member_id AS who, STRUCT('a' AS owner) AS s FROM guild.shifts)",
    ),
    (
        "owner",
        "SELECT who, ((s).owner) FROM (SELECT member_id AS who, STRUCT('a' AS owner) AS s FROM guild.shifts)",
    ),
    (
        "owner",
        "SELECT who, (a[OFFSET(0)].owner) FROM (SELECT member_id AS who, [STRUCT('a' AS owner)] AS a FROM guild.shifts)",
    ),
    (
        "owner",
        "SELECT who, s.* FROM (SELECT member_id AS who, STRUCT((c.owner)) AS s FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner) AS c)",
    ),
    (
        "owner",
        "FROM guild.shifts |> EXTEND 'a' AS owner |> SELECT member_id AS who, (owner)",
    ),
    (
        "owner",
        "FROM guild.shifts |> EXTEND STRUCT('a' AS owner) AS s |> AGGREGATE COUNT(*) AS c GROUP BY member_id AS who, (s.owner)",
    ),
    (
        "owner",
        "FROM guild.shifts |> EXTEND STRUCT('a' AS owner) AS s |> AGGREGATE COUNT(*) AS c GROUP BY member_id AS who, ROLLUP((s.owner))",
    ),
    (
        "owner",
        "FROM guild.shifts |> EXTEND 'a' AS z |> AGGREGATE COUNT(*) AS c GROUP BY member_id AS who, z AS y, z AS owner",
    ),
    (
        "owner",
        "FROM guild.shifts |> EXTEND 'a' AS z |> AGGREGATE COUNT(*) AS c GROUP BY member_id AS who, z AS y, (z) AS owner",
    ),
    (
        "owner",
        "FROM guild.shifts |> AGGREGATE ANY_VALUE('a') AS owner GROUP BY member_id AS who, (city, trade)",
    ),
    (
        "owner",
        "SELECT member_id AS who, (c.owner) FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner) AS c UNION ALL SELECT member_id, 'a' FROM guild.shifts",
    ),
    (
        "owner",
        "SELECT 'z' AS y FULL OUTER UNION ALL BY NAME SELECT member_id AS who, (c.owner) FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner) AS c",
    ),
    (
        "owner",
        "WITH q AS (SELECT member_id AS who, (c.owner) FROM guild.shifts CROSS JOIN (SELECT 'a' AS owner) AS c) SELECT * FROM q",
    ),
    (
        "owner",
        "SELECT s.member_id AS who, e.owner FROM guild.shifts AS s CROSS JOIN UNNEST([NULL, STRUCT('a' AS owner)]) AS e",
    ),
    (
        "minus_1",
        "SELECT * FROM (SELECT member_id AS who, -1 AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN (-1))",
    ),
    (
        "m_minus_1",
        "SELECT * FROM (SELECT member_id AS who, -1 AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) AS m FOR k IN (-1))",
    ),
    (
        "_7",
        "SELECT * FROM (SELECT member_id AS who, 7 AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN ((7)))",
    ),
    (
        "m_7",
        "SELECT * FROM (SELECT member_id AS who, 7 AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) AS m FOR k IN (7))",
    ),
    (
        "_2026_01_05",
        "SELECT * FROM (SELECT member_id AS who, DATE '2026-01-05' AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN (DATE '2026-1-5'))",
    ),
    (
        "_2026_01_05",
        "SELECT * FROM (SELECT member_id AS who, DATE '2026-01-05' AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN ('2026-01-05'))",
    ),
    (
        "m_2026_01_05",
        "SELECT * FROM (SELECT member_id AS who, DATE '2026-01-05' AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) AS m FOR k IN (DATE '2026-01-05'))",
    ),
    (
        "_2_point_5",
        "SELECT * FROM (SELECT member_id AS who, NUMERIC '2.5' AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN (NUMERIC '2.50'))",
    ),
    (
        "_1_2",
        "SELECT * FROM (SELECT member_id AS who, 1 AS k, 2 AS l, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR (k, l) IN ((1, 2)))",
    ),
    (
        "_1_2",
        "SELECT * FROM (SELECT member_id AS who, STRUCT(1 AS k, 2 AS l) AS k, 'a' AS v FROM guild.shifts) PIVOT(MAX(v) FOR k IN (STRUCT(1, 2)))",
    ),
];

/// Texts that must not be proven.
///
/// Their rows may stand for fewer people than the bucket, or their values belong to
/// single people.
const UNPROVEN: &[(&str, &[&str])] = &[
    (
        "the fields of an array's elements are not those of its first one",
        &[
            "SELECT city, COUNT(DISTINCT owner) AS n FROM (SELECT member_id AS owner, city FROM guild.members) AS p WHERE EXISTS (SELECT 1 FROM guild.shifts AS s CROSS JOIN UNNEST([NULL, STRUCT('a' AS owner)]) AS e WHERE s.member_id = owner) GROUP BY city HAVING n >= 5000",
            "SELECT city, COUNT(DISTINCT owner) AS n FROM (SELECT member_id AS owner, city FROM guild.members) AS p WHERE EXISTS (SELECT 1 FROM guild.shifts AS s CROSS JOIN UNNEST([STRUCT(NULL AS other), STRUCT('a' AS owner)]) AS e WHERE s.member_id = owner) GROUP BY city HAVING n >= 5000",
        ],
    ),
    (
        "a key in parentheses is the alias of the list, and one in a tuple is not",
        &[
            "SELECT COUNT(*) AS n FROM (SELECT '' AS member_id, trade FROM guild.members GROUP BY (member_id), trade) HAVING n >= 5000",
            "SELECT COUNT(*) AS n FROM (SELECT '' AS member_id, trade FROM guild.members GROUP BY ((member_id)), (2)) HAVING n >= 5000",
            "SELECT COUNT(*) AS n FROM (SELECT '' AS member_id, trade FROM guild.members GROUP BY GROUPING SETS (((member_id), trade))) HAVING n >= 5000",
            "SELECT COUNT(*) AS n FROM (SELECT '' AS member_id, 1 AS one FROM guild.members GROUP BY (1), (2)) HAVING n >= 5000",
            "SELECT label, COUNT(*) AS n FROM (SELECT LOWER(city) AS city, member_id, MAX(m.city) AS label FROM guild.shifts AS m GROUP BY (city), member_id) GROUP BY label HAVING n >= 5000",
            "SELECT member_id AS city, COUNT(DISTINCT hours) AS n FROM guild.shifts AS s GROUP BY (city, member_id) HAVING n >= 5000",
        ],
    ),
    (
        "a window belongs to the operator that it stands on",
        &[
            "FROM guild.members |> EXTEND COUNT(*) OVER w AS a WINDOW w AS (PARTITION BY city) |> EXTEND COUNT(DISTINCT member_id) OVER w AS c WINDOW w AS (PARTITION BY trade) |> WHERE c >= 5000 |> AGGREGATE COUNT(*) AS n GROUP BY city",
            "FROM guild.members |> SELECT member_id, city, trade, COUNT(*) OVER w AS a WINDOW w AS (PARTITION BY city) |> WHERE a > 0 |> SELECT city, COUNT(DISTINCT member_id) OVER w AS c WINDOW w AS (PARTITION BY trade) |> WHERE c >= 5000 |> AGGREGATE COUNT(*) AS n GROUP BY city",
            "FROM guild.members |> EXTEND COUNT(*) OVER w AS a WINDOW w AS (PARTITION BY city) |> EXTEND COUNT(DISTINCT member_id) OVER w AS c |> WHERE c >= 5000 |> AGGREGATE COUNT(*) AS n GROUP BY city",
        ],
    ),
];

/// Texts that may be published.
const PUBLISHABLE: &[&str] = &[
    "SELECT (city), COUNT(DISTINCT member_id) AS n FROM guild.shifts GROUP BY (city) HAVING n >= 5000",
    "SELECT LOWER(city) AS city, COUNT(DISTINCT member_id) AS n FROM guild.shifts GROUP BY ((1)) HAVING (n) >= 5000",
    "SELECT city, COUNT(DISTINCT who) AS n FROM (SELECT (s.member_id) AS who, (s.city) FROM guild.shifts AS s) GROUP BY city HAVING n >= 5000",
    "SELECT city, COUNT(DISTINCT member_id) AS n FROM guild.members AS m WHERE EXISTS (SELECT 1 FROM (SELECT (member_id), COUNT(*) AS c FROM guild.shifts GROUP BY (member_id)) AS s WHERE s.member_id = m.member_id) GROUP BY city HAVING n >= 5000",
    "SELECT city, COUNT(DISTINCT owner) AS n FROM (SELECT member_id AS owner, city FROM guild.members) WHERE EXISTS (SELECT 1 FROM guild.shifts AS s WHERE s.member_id = owner) GROUP BY city HAVING n >= 5000",
    "SELECT city, COUNT(DISTINCT owner) AS n FROM (SELECT member_id AS owner, city FROM guild.members) WHERE EXISTS (SELECT 1 FROM (SELECT * FROM (SELECT member_id AS who, -1 AS k FROM guild.shifts) PIVOT(COUNT(*) FOR k IN (-1))) WHERE who = owner) GROUP BY city HAVING n >= 5000",
    "FROM guild.shifts |> AGGREGATE COUNT(DISTINCT member_id) AS n GROUP BY (city), trade |> WHERE n >= 5000",
    "FROM guild.members |> EXTEND COUNT(DISTINCT member_id) OVER w AS c WINDOW w AS (PARTITION BY city) |> WHERE c >= 5000 |> AGGREGATE COUNT(*) AS n GROUP BY city",
    "SELECT city, n FROM (SELECT city, COUNT(DISTINCT member_id) AS n FROM guild.shifts GROUP BY city HAVING n >= 5000) AS q ORDER BY q.n DESC, (q.city)",
];

/// ORDER BY with a dotted key that ends like an alias of the list. With any other
/// alias the order of the rows is the same.
const SORTED_BELOW: &[&str] = &[
    "SELECT city, n AS m FROM (SELECT city, COUNT(*) AS n, MAX(hours) AS m FROM guild.shifts GROUP BY city) AS q ORDER BY q.m",
    "SELECT city, n AS m FROM (SELECT city, COUNT(*) AS n, MAX(hours) AS m FROM guild.shifts GROUP BY city) AS q ORDER BY (q.m) DESC",
    "SELECT city, n AS m FROM (SELECT city, COUNT(*) AS n, STRUCT(MAX(hours) AS m) AS s FROM guild.shifts GROUP BY city) AS q ORDER BY s.m",
];

/// A catalog without any schema.
struct NoSchemas;

impl Catalog for NoSchemas {
    fn shape(&self, _: &TableName) -> Option<TableShape> {
        None
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

/// Renders the plan of a text.
fn plan(sql: &str) -> String {
    let source = SourceText::new("text.sql", sql);
    let datasets = bind(&source, &parse(&source), &NoSchemas);
    datasets
        .iter()
        .map(|dataset| render(&dataset.plan, &|_| String::new()))
        .collect()
}

#[test]
fn dotted_key_of_order_by_is_no_alias() {
    for sql in SORTED_BELOW {
        let otherwise = plan(&sql.replace("n AS m", "n AS k"));
        assert_eq!(plan(sql), otherwise.replace("k#", "m#"));
    }
}

fn assessed(sql: &str) -> Assessment {
    let registry = SourceText::new("dimension-registry.toml", REGISTRY);
    let registry = Registry::parse(&registry).expect("the registry is valid");
    let text = SourceText::new("text.sql", sql);
    let mut file = assess_text(text, &registry, &TemplateSettings::default());
    file.datasets.pop().expect("a text yields a dataset")
}

fn claims(sql: &str) -> Option<String> {
    let dataset = assessed(sql);
    let proven = dataset.decision.bucket.proven.unwrap_or(0);
    let free = dataset.verdict == Verdict::Publishable;
    (free || proven >= 5000).then(|| format!("proven {proven}: {sql}"))
}

#[test]
fn column_of_the_query_inside_goes_before_one_around() {
    let faults: Vec<String> = INNER
        .iter()
        .filter_map(|(name, inner)| {
            claims(&format!(
                "SELECT city, COUNT(DISTINCT {name}) AS n FROM (SELECT member_id AS {name}, city FROM guild.members) AS p WHERE EXISTS (SELECT 1 FROM ({inner}) WHERE who = {name}) GROUP BY city HAVING n >= 5000"
            ))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn name_taken_for_another_proves_nothing() {
    let texts = UNPROVEN.iter().flat_map(|(_, texts)| texts.iter());
    let faults: Vec<String> = texts.filter_map(|sql| claims(sql)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn plain_names_are_publishable() {
    let faults: Vec<String> = PUBLISHABLE
        .iter()
        .filter_map(|sql| {
            let dataset = assessed(sql);
            let codes: Vec<&str> = dataset.findings.iter().map(|f| f.rule.code).collect();
            (dataset.verdict != Verdict::Publishable).then(|| format!("{codes:?}: {sql}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
