//! Constructs of GoogleSQL's queries: each is parsed, bound to the intended plan,
//! and has the correct span.

use headcount::catalog::{Catalog, TableName, TableShape};
use headcount::plan::bind::{Dataset, bind};
use headcount::plan::{Operator, render};
use headcount::source::{SourceText, Span};
use headcount::syntax::{StatementKind, parse};

/// Tables with exactly these columns; any other table is unknown.
const TABLES: [(&str, &str); 5] = [
    ("t", "id a b c arr"),
    ("u", "id a d"),
    ("v", "id e"),
    ("d.t", "id a b"),
    ("d.s", "k jan feb mar"),
];

struct DeclaredTables;

impl Catalog for DeclaredTables {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let name = table.to_string();
        let (_, columns) = TABLES.iter().find(|(known, _)| *known == name)?;
        Some(TableShape {
            columns: columns.split(' ').map(str::to_owned).collect(),
            complete: true,
        })
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

fn bound(sql: &str) -> (SourceText, Vec<Dataset>) {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    for statement in &script.statements {
        if let StatementKind::Failed(error) = &statement.kind {
            panic!(
                "{sql}\nis a syntax error: {} at {:?}",
                error.message,
                source.slice(error.span)
            );
        }
    }
    let datasets = bind(&source, &script, &DeclaredTables);
    (source, datasets)
}

/// Renders the plans of queries below their texts, with the binder's problems.
fn plans(queries: &[&str]) -> String {
    let mut shown = String::new();
    for sql in queries {
        let (source, datasets) = bound(sql);
        shown.push_str(&format!("{sql}\n"));
        for dataset in datasets {
            for line in render(&dataset.plan, &|_| String::new()).lines() {
                shown.push_str(&format!("  {line}\n"));
            }
            for problem in dataset.problems {
                shown.push_str(&format!(
                    "  ! {} [{}]\n",
                    problem.message,
                    source.slice(problem.span)
                ));
            }
        }
        shown.push('\n');
    }
    shown
}

#[test]
fn every_construct_is_understood() {
    let forms = include_str!("forms/queries.txt");
    let mut failed = Vec::new();
    for sql in forms
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let source = SourceText::new("query.sql", sql);
        let script = parse(&source);
        for statement in &script.statements {
            if let StatementKind::Failed(error) = &statement.kind {
                failed.push(format!("{sql}\n    {}", error.message));
            }
        }
        bind(&source, &script, &DeclaredTables);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn names_that_other_dialects_reserve() {
    for word in [
        "anti",
        "asof",
        "before",
        "binary",
        "ceil",
        "changes",
        "cluster",
        "connect",
        "convert",
        "copy",
        "date",
        "div",
        "explain",
        "filter",
        "first",
        "floor",
        "format",
        "function",
        "global",
        "glob",
        "ilike",
        "index",
        "key",
        "language",
        "last",
        "left_",
        "level",
        "map",
        "match",
        "member",
        "minus",
        "model",
        "name",
        "offset",
        "only",
        "operator",
        "option",
        "overlaps",
        "overlay",
        "percent",
        "pivot",
        "position",
        "prior",
        "regexp",
        "replace",
        "returning",
        "rlike",
        "row",
        "sample",
        "semi",
        "settings",
        "similar",
        "sort",
        "start",
        "string",
        "substr",
        "system",
        "table",
        "temp",
        "timestamp",
        "top",
        "trim",
        "type",
        "unpivot",
        "value",
        "values",
        "version",
        "view",
        "xor",
        "zone",
    ] {
        for sql in [
            format!("SELECT x.{word}, x.a AS {word} FROM d.q AS x"),
            format!("SELECT {word} FROM (SELECT a AS {word} FROM t)"),
            format!("SELECT {word}.q FROM d.q AS {word}"),
            format!("SELECT {word}.q FROM d.q {word} JOIN u ON {word}.id = u.id"),
            format!("SELECT a {word} FROM t"),
            format!("SELECT a + {word} FROM (SELECT a, b {word} FROM t)"),
            format!("SELECT * FROM d.{word}"),
        ] {
            let (_, datasets) = bound(&sql);
            assert_eq!(datasets.len(), 1, "{sql}");
            assert!(
                datasets[0].problems.is_empty(),
                "{sql}: {:?}",
                datasets[0].problems
            );
        }
    }
}

#[test]
fn plans_of_literals_and_operators() {
    insta::assert_snapshot!(plans(&[
        r#"SELECT r'a\'b', 'a\'b', rb'\x', "a" 'b' """c""", 'it\x41' FROM t"#,
        "SELECT ARRAY<INT64>[1, a], ARRAY<STRUCT<x INT64, y STRING>>[(1, 'q'), (a, b)] FROM t",
        "SELECT STRUCT<x INT64, y STRING>(a, b), STRUCT(a AS x, b), STRUCT(), [] FROM t",
        "SELECT RANGE<DATE> '[2026-01-01, 2026-02-01)', RANGE(a, b), CAST(a AS RANGE<DATE>) FROM t",
        "SELECT a << 2 + 1, a & b << 1, a ^ b & c, a | b ^ c, ~a * 2, -a * b FROM t",
        "SELECT a LIKE ANY ('x%', b), a NOT LIKE ANY ('x', 'y'), a LIKE ALL (b, c), a LIKE ANY UNNEST(arr), a LIKE SOME (SELECT d FROM u) FROM t",
        "SELECT WITH(p AS a + 1, q AS p * b, q - p), WITH(s AS SUM(a), s / COUNT(*)) FROM t GROUP BY id, a, b",
        "SELECT ARRAY_FILTER(arr, e -> e > a), ARRAY_TRANSFORM(arr, (e, i) -> e + i + b) FROM t",
        "SELECT moz-fx-x.udf.f(a), a-b, a -b, x-y.z FROM t AS x, t AS y",
        "SELECT (a).UPPER(), (a).SAFE.SUBSTR(1, 2), (a).(NET.HOST)(), f(a).g(b) FROM t",
        "SELECT CAST(a AS STRING FORMAT 'YYYY'), CAST(a AS STRING FORMAT b AT TIME ZONE c) FROM t",
        "SELECT @p, @`q`, @@session.x, ?, @{hint = 1} a FROM t",
        "SELECT (a, b) IN ((1, 2), (3, 4)), a IN (FROM u |> SELECT d), a IN UNNEST(arr), a IS DISTINCT FROM b FROM t",
        "SELECT NEW p.Q(a AS x), REPLACE_FIELDS(a, b AS c.d) FROM t",
        "SELECT t.1a, t.b FROM (SELECT a AS `1a`, b FROM t) AS t",
        "SELECT INTERVAL a DAY, INTERVAL '1-2' YEAR TO MONTH, EXTRACT(WEEK(MONDAY) FROM a AT TIME ZONE b) FROM t",
    ]));
}

#[test]
fn plans_of_aggregates() {
    insta::assert_snapshot!(plans(&[
        "SELECT ARRAY_AGG(DISTINCT a IGNORE NULLS WHERE b HAVING MAX c ORDER BY id LIMIT 3) FROM t",
        "SELECT COUNT(* WHERE a > 1), COUNT(DISTINCT id WHERE b) FROM t",
        "SELECT a, SUM(AVG(b) GROUP BY c) FROM t GROUP BY a",
        "SELECT ANY_VALUE(a HAVING MIN b), ANON_COUNT(* CLAMPED BETWEEN 0 AND 10) FROM t",
        "SELECT a, b, COUNT(*) FROM t GROUP BY GROUPING SETS (ROLLUP(a, b), CUBE(c), (id), ())",
        "SELECT COUNT(*) FROM t GROUP BY ()",
        "SELECT a, COUNT(*) FROM t GROUP BY (), a",
        "SELECT a, b + 1 AS k, COUNT(*) FROM t GROUP BY ALL",
        "SELECT SUM(a) OVER w, SUM(a) OVER (w ORDER BY b), SUM(b) OVER v FROM t WINDOW w AS (PARTITION BY id), v AS (w ORDER BY c ROWS 1 PRECEDING)",
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY b) = 1",
        "SELECT WITH AGGREGATION_THRESHOLD OPTIONS (threshold = 50, privacy_unit_column = id) a, COUNT(DISTINCT id) FROM t GROUP BY a",
        "SELECT WITH DIFFERENTIAL_PRIVACY a, SUM(b, contribution_bounds_per_group => (0, 10)) FROM t GROUP BY a",
    ]));
}

#[test]
fn plans_of_from() {
    insta::assert_snapshot!(plans(&[
        "SELECT * FROM t, t.arr e",
        "SELECT e, o FROM t, t.arr AS e WITH OFFSET AS o",
        "SELECT * FROM t LEFT JOIN t.arr AS e",
        "SELECT x FROM t CROSS JOIN UNNEST(arr) AS x WITH OFFSET AS o WHERE o = 0",
        "SELECT t.a, x.d FROM t JOIN u AS x FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) ON t.id = x.id WHERE x.d > 1",
        "SELECT * FROM d.events_*, my-project.d.t, my-project.d.events_2026*",
        "SELECT t.a FROM t JOIN u JOIN v ON u.id = v.id ON t.id = u.id",
        "SELECT t.a FROM t JOIN u USING (id) JOIN v ON t.id = v.id",
        "SELECT t.a FROM t HASH JOIN u ON t.id = u.id",
        "SELECT * FROM t TABLESAMPLE RESERVOIR (100 ROWS) REPEATABLE (5)",
        "SELECT x FROM t MATCH_RECOGNIZE(ORDER BY b MEASURES MAX(a) AS x PATTERN (A+) DEFINE A AS a > 1) AS m",
        "SELECT * FROM GRAPH_TABLE(g MATCH (a)-[e]->(b) RETURN a.x AS x)",
        "SELECT * FROM ML.PREDICT(MODEL d.m, TABLE d.t, STRUCT(0.5 AS threshold))",
        "SELECT * FROM VECTOR_SEARCH(TABLE d.t, 'a', (SELECT a FROM u), top_k => 2)",
        "SELECT * FROM d.f(TABLE d.t, 1, x => (SELECT d FROM u))",
        "SELECT * FROM UNNEST([1, 2] AS x, ['a'] AS y, mode => 'PAD')",
        "SELECT * FROM d.s PIVOT(SUM(jan) AS s, COUNT(*) AS n FOR k IN ('x' AS p, 'y'))",
        "SELECT * FROM d.s PIVOT(SUM(jan) FOR (k, feb) IN (('x', 1) AS p))",
        "SELECT * FROM d.s UNPIVOT(v FOR m IN (jan AS 'J', feb, mar AS 3))",
        "SELECT * FROM d.s UNPIVOT INCLUDE NULLS ((v, w) FOR m IN ((jan, feb) AS 'x'))",
    ]));
}

#[test]
fn plans_of_set_operations() {
    insta::assert_snapshot!(plans(&[
        "SELECT a, b FROM t UNION ALL BY NAME SELECT d AS b, a FROM u",
        "SELECT a, b FROM t FULL UNION ALL BY NAME SELECT a, d FROM u",
        "SELECT a, b FROM t LEFT OUTER UNION ALL BY NAME SELECT d, a FROM u",
        "SELECT a, b FROM t UNION ALL CORRESPONDING SELECT d, a FROM u UNION ALL CORRESPONDING SELECT e AS a FROM v",
        "SELECT a, b FROM t INNER EXCEPT DISTINCT BY NAME SELECT d, a FROM u",
        "SELECT a, b FROM t FULL UNION ALL BY NAME ON (d, a) SELECT a, d FROM u",
        "SELECT a FROM t UNION ALL STRICT CORRESPONDING SELECT a FROM u",
        "FROM t |> SELECT a |> LEFT UNION ALL BY NAME (SELECT d, a FROM u)",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) WITH DEPTH AS k BETWEEN 1 AND 3 SELECT n, k FROM r",
    ]));
}

#[test]
fn plans_of_pipes() {
    insta::assert_snapshot!(plans(&[
        "FROM t |> SELECT DISTINCT a, b",
        "FROM t |> SELECT AS STRUCT a, b |> WHERE a > 1",
        "FROM t |> SELECT AS VALUE STRUCT(a, b) |> WHERE a > 1",
        "FROM t |> WHERE a > 1 |> EXTEND a + b AS s, |> DROP a, c |> RENAME b AS q |> SET s = s + 1",
        "FROM t |> AGGREGATE COUNT(*) AS n DESC NULLS LAST, SUM(a) GROUP BY b AS k, c ASC |> WHERE n > 1",
        "FROM t |> AGGREGATE COUNT(*) AS n GROUP AND ORDER BY b DESC",
        "FROM t |> AGGREGATE COUNT(*) AS n GROUP BY GROUPING SETS (a, ROLLUP(b, c), ())",
        "FROM t |> AGGREGATE COUNT(*) AS n GROUP BY ()",
        "FROM t |> AGGREGATE COUNT(DISTINCT id) AS n GROUP BY a |> ASSERT n >= 5000, 'few'",
        "FROM t |> WINDOW SUM(a) OVER (PARTITION BY b) AS s",
        "FROM t |> EXTEND SUM(a) OVER w AS s, COUNT(*) OVER (w ORDER BY c) AS n WINDOW w AS (PARTITION BY b)",
        "FROM t |> WITH q AS (SELECT id, d FROM u) |> JOIN q USING (id) |> SELECT a, d",
        "FROM d.s |> PIVOT(SUM(jan) AS s FOR k IN ('x', 'y')) |> SELECT feb, s_x",
        "FROM d.s |> UNPIVOT INCLUDE NULLS (v FOR m IN (jan AS 'J', feb)) AS z |> SELECT z.v, z.m",
        "FROM t |> AS x |> JOIN x.arr AS e |> SELECT x.a, e",
        "FROM t |> CALL d.f(1) AS z |> SELECT z.q",
        "FROM t |> SELECT a |> IF TRUE THEN (|> WHERE a > 1) |> SELECT a",
        "FROM t |> TEE (|> LIMIT 1) |> SELECT a",
        "FROM t |> SELECT a |> CREATE TABLE d.o",
        "FROM t |> SELECT a |> INSERT INTO d.o (k)",
        "FROM t |> SELECT a |> EXPORT DATA OPTIONS (uri = 'gs://x/*', format = 'CSV')",
        "SELECT n FROM (FROM t |> DROP a |> AGGREGATE COUNT(*) AS n GROUP BY b) WHERE n > 5",
        "(SELECT a FROM t) AS q |> SELECT q.a",
    ]));
}

/// Returns the span of the first output column of a query.
fn first_column(sql: &str) -> (SourceText, Span) {
    let (source, datasets) = bound(sql);
    let plan = &datasets[0].plan;
    let root = plan.relation(plan.root().expect("a plan"));
    let Operator::Project { columns, .. } = &root.operator else {
        panic!("{sql} ends with {:?}", root.operator);
    };
    let span = columns[0].1.span;
    (source, span)
}

#[test]
fn an_expression_has_its_true_place() {
    for written in [
        "a",
        "x.a",
        "`a`",
        "COUNT(*)",
        "SUM(DISTINCT a)",
        "ARRAY_AGG(a IGNORE NULLS ORDER BY b LIMIT 3)",
        "ARRAY_AGG(a HAVING MAX b LIMIT 3)",
        "SUM(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING)",
        "SUM(a) OVER w",
        "mozfun.map.get_key(a, 'k')",
        "moz-fx-x.udf.f(a)",
        "`moz-fx-x`.udf.f(a)",
        "`moz-fx-x.udf.f`(a)",
        "NET.HOST(a)",
        "CAST(a AS STRING)",
        "SAFE_CAST(a + (b) AS NUMERIC(10, 2))",
        "CAST(a AS STRING FORMAT b)",
        "EXTRACT(WEEK(MONDAY) FROM a AT TIME ZONE 'x')",
        "STRUCT(a AS x, (b))",
        "STRUCT<x INT64>(a)",
        "STRUCT()",
        "[a, b]",
        "[]",
        "ARRAY[a]",
        "ARRAY[]",
        "ARRAY<INT64>[a]",
        "ARRAY<STRUCT<x ARRAY<INT64>>>[]",
        "ARRAY(SELECT d FROM u)",
        "(a)",
        "((a))",
        "(a, b)",
        "(a + b) * c",
        "-a",
        "~(a)",
        "NOT (a)",
        "NOT a",
        "a IS NULL",
        "(a) IS NOT NULL",
        "a IS NOT TRUE",
        "a IS DISTINCT FROM (b)",
        "a BETWEEN (b) AND (c)",
        "a IN (1, 2)",
        "a NOT IN UNNEST(arr)",
        "a IN (SELECT d FROM u)",
        "a LIKE 'x%'",
        "a LIKE ANY ('x', 'y')",
        "a NOT LIKE ALL UNNEST(arr)",
        "EXISTS(SELECT 1 FROM u)",
        "NOT EXISTS (SELECT 1 FROM u WHERE (d))",
        "(SELECT MAX(d) FROM u)",
        "(WITH q AS (SELECT 1 AS d) SELECT d FROM q)",
        "CASE WHEN a THEN (b) ELSE c END",
        "IF(a, b, c)",
        "COALESCE(a, (b))",
        "arr[OFFSET(0)]",
        "x.arr[SAFE_ORDINAL(1)].y",
        "f(a)[0].z",
        "(a).f(b)",
        "DATE '2026-01-01'",
        "RANGE<DATE> '[2026-01-01, 2026-02-01)'",
        "INTERVAL 5 DAY",
        "INTERVAL '1-2' YEAR TO MONTH",
        "INTERVAL (a + 1) DAY",
        "rb'\\x'",
        "'a' \"b\"",
        "'''a\nb'''",
        "\"\u{fc}\" || a",
        "WITH(p AS a, p + (1))",
        "NEW p.Q(a AS x)",
        "@p",
        "CURRENT_DATE()",
        "a AND b OR (c)",
    ] {
        let sql = format!(
            "SELECT\n  /* \u{e9} */ {written} FROM t AS x WHERE (TRUE) WINDOW w AS (PARTITION BY b)"
        );
        let (source, datasets) = bound(&sql);
        let plan = &datasets[0].plan;
        let root = plan.relation(plan.root().expect("a plan"));
        let Operator::Project { columns, .. } = &root.operator else {
            panic!("{sql} ends with {:?}", root.operator);
        };
        assert_eq!(source.slice(columns[0].1.span), written, "in {sql}");
    }
}

#[test]
fn an_alias_ends_where_its_name_does() {
    let (source, span) = first_column("SELECT SUM(a) AS s FROM t");
    assert_eq!(source.slice(span), "SUM(a)");
}

#[test]
fn an_operator_has_its_true_place() {
    for (sql, written) in [
        (
            "SELECT a, COUNT(*) FROM t GROUP  BY ALL ORDER BY 1",
            "GROUP  BY ALL",
        ),
        (
            "SELECT a FROM t GROUP BY ROLLUP(a, (b, c))",
            "ROLLUP(a, (b, c))",
        ),
        (
            "SELECT a FROM t GROUP BY GROUPING SETS ((a), ())",
            "GROUPING SETS ((a), ())",
        ),
        ("SELECT a FROM moz-fx-x.d.t", "moz-fx-x.d.t"),
        ("SELECT a FROM `moz-fx-x.d.t`", "`moz-fx-x.d.t`"),
        ("SELECT a FROM `moz-fx-x`.d.`t`", "`moz-fx-x`.d.`t`"),
        ("SELECT a FROM d.events_*", "d.events_*"),
        ("FROM t |> DISTINCT |> LIMIT 5", "|> DISTINCT"),
        ("FROM t |> LIMIT (5) |> DISTINCT", "|> LIMIT (5)"),
        ("FROM t |> DROP a, b |> DISTINCT", "|> DROP a, b"),
        ("FROM t |> RENAME a AS z", "|> RENAME a AS z"),
        ("FROM t |> SET a = (b) |> DISTINCT", "|> SET a = (b)"),
        (
            "FROM t |> EXTEND f(a) AS z |> DISTINCT",
            "|> EXTEND f(a) AS z",
        ),
        (
            "SELECT * FROM (FROM t |> SELECT a, (b)) WHERE a > 1",
            "|> SELECT a, (b)",
        ),
        (
            "FROM t |> TEE (|> LIMIT 1) |> SELECT a",
            "|> TEE (|> LIMIT 1)",
        ),
    ] {
        let (source, datasets) = bound(sql);
        let places: Vec<&str> = datasets[0]
            .plan
            .relations()
            .map(|(_, relation)| source.slice(relation.origin.span))
            .collect();
        assert!(places.contains(&written), "{sql} has {places:?}");
    }
}
