//! Every file that may write a table counts, and so does how often it is run.

#[path = "common/program.rs"]
mod program;

use std::path::Path;

use program::headcount;
use serde_json::Value;

const REGISTRY: &str = "schema_version = 1
[units.client]
person = true
[[column]]
name = 'client_id'
role = 'identifier'
unit = 'client'
category = 4
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=1']
[[column]]
name = 'country'
role = 'dimension'
category = 1
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=2']
[[column]]
name = 'day'
role = 'timestamp'
category = 1
resolution = 'day'
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=2']
[[table]]
name = 'raw.pings'
unit_column = 'client_id'
columns = ['client_id', 'day', 'country']
[[table]]
name = 'raw.daily'
unit_column = 'client_id'
not_null = ['client_id']
keys = [['client_id', 'day']]
columns = ['client_id', 'day', 'country']
";

const SAFE: &str = "SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
const SMALL: &str =
    "SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings GROUP BY country";
const READ: &str = "SELECT country, clients FROM d.big";

/// Assesses the dataset of one file: its verdict, and the places of findings in
/// other files.
fn read(layout: &str, files: &[(&str, &str)], out: &str) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        std::fs::write(path, text).expect("it is written");
    };
    write("dimension-registry.toml", REGISTRY);
    write(
        "headcount.toml",
        &format!("[project]\nlayout = '{layout}'\n"),
    );
    for (name, text) in files {
        write(name, text);
    }
    said(folder.path(), out)
}

fn said(folder: &Path, out: &str) -> (String, Vec<String>) {
    let arguments = ["check", "--format", "json", "--fail-on", "never", out];
    let run = headcount(&arguments, "", folder, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run: Value = serde_json::from_str(&run.out).expect("it is JSON");
    let dataset = &run["files"][0]["datasets"][0];
    let mut places = Vec::new();
    for finding in dataset["findings"].as_array().expect("a list") {
        let labels = finding["labels"].as_array().into_iter().flatten();
        let spans = labels.map(|label| &label["span"]);
        for span in std::iter::once(&finding["span"]).chain(spans) {
            if let Some(path) = span["path"].as_str() {
                let start = &span["start"];
                places.push(format!("{path}:{}:{}", start["line"], start["column"]));
            }
        }
    }
    let verdict = dataset["verdict"].as_str().expect("a verdict").to_owned();
    (verdict, places)
}

#[track_caller]
fn assert_doubt_at(layout: &str, files: &[(&str, &str)], out: &str, place: &str) {
    let (verdict, places) = read(layout, files, out);
    assert_eq!(verdict, "extra-review", "{files:?}");
    assert!(places.iter().any(|at| at == place), "{places:?} {files:?}");
}

#[track_caller]
fn is_publishable(layout: &str, files: &[(&str, &str)], out: &str) {
    let (verdict, places) = read(layout, files, out);
    assert_eq!(verdict, "publishable", "{places:?} {files:?}");
}

/// Files in which `a.sql` creates the table safely and `b.sql` contains `b`.
fn beside(b: &str) -> Vec<(&'static str, String)> {
    vec![
        ("a.sql", format!("CREATE TABLE d.big AS {SAFE}")),
        ("out.sql", READ.to_owned()),
        ("b.sql", b.to_owned()),
    ]
}

#[track_caller]
fn assert_plain_doubt_at(b: &str, place: &str) {
    let files = beside(b);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    assert_doubt_at("plain", &files, "out.sql", place);
}

#[track_caller]
fn assert_plain_publishable(b: &str) {
    let files = beside(b);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    is_publishable("plain", &files, "out.sql");
}

#[test]
fn a_statement_that_writes_small_groups_is_told_at_its_place() {
    for b in [
        format!("INSERT INTO d.big {SMALL}"),
        format!("INSERT d.big (clients, country) SELECT clients, country FROM ({SMALL})"),
        format!("INSERT INTO `d.big$20240101` {SMALL}"),
        format!("CREATE OR REPLACE TABLE d.big AS {SMALL}"),
        format!("CREATE OR REPLACE VIEW d.big AS {SMALL}"),
        format!("SET @@dataset_id = 'd'; INSERT INTO big {SMALL}"),
        format!("BEGIN INSERT INTO d.big {SMALL}; END"),
        format!("CREATE PROCEDURE d.fill() BEGIN INSERT INTO d.big {SMALL}; END"),
        format!("CREATE TABLE d.tmp AS {SMALL}; DROP TABLE d.big; ALTER TABLE d.tmp RENAME TO big"),
        format!("EXECUTE IMMEDIATE '''INSERT INTO d.big {SMALL}'''"),
        format!(
            "MERGE d.big t USING ({SMALL}) s ON FALSE WHEN NOT MATCHED THEN INSERT (country, clients) VALUES (country, clients)"
        ),
    ] {
        let files = beside(&b);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let (verdict, places) = read("plain", &files, "out.sql");
        assert_eq!(verdict, "extra-review", "{b}");
        assert!(
            places.iter().any(|at| at.starts_with("b.sql:")),
            "{places:?} {b}"
        );
    }
}

#[test]
fn a_statement_whose_rows_are_not_seen_is_a_doubt_at_its_place() {
    for b in [
        "LOAD DATA INTO d.big FROM FILES (format = 'CSV', uris = ['gs://a'])",
        "CREATE EXTERNAL TABLE d.big OPTIONS (format = 'CSV', uris = ['gs://a'])",
        "ALTER TABLE d.big RENAME COLUMN a TO country",
        "UPDATE d.big SET country = 'x' WHERE TRUE",
        "DELETE FROM d.big WHERE country IN (SELECT country FROM raw.pings)",
        "INSERT INTO d.big SELECT country, 1 FROM raw.pings FROBNICATE ALL THE THINGS",
        "FROBNICATE TABLE d.big",
        "DELETE FROM d.big WHERE clients < (SELECT MAX(clients) FROM d.other)",
        "MERGE d.big b USING raw.pings r ON b.country = r.country AND r.client_id = 'x' WHEN MATCHED THEN DELETE",
        "EXECUTE IMMEDIATE FORMAT('DELETE FROM d.big WHERE clients < %d', @n)",
        "INSERT INTO d.{table} SELECT 'x', 1",
        "INSERT INTO {ds}.big SELECT 'x', 1",
        "INSERT INTO d.${T} SELECT 'x', 1",
        "INSERT INTO d.%(t)s SELECT 'x', 1",
        "INSERT INTO `d.{table}` SELECT 'x', 1",
        "CREATE PROCEDURE e.p() OPTIONS (engine = 'SPARK') LANGUAGE PYTHON AS R'''write()'''; CALL e.p()",
        "CREATE PROCEDURE d.p() OPTIONS (engine = 'SPARK') LANGUAGE PYTHON AS R'''write()'''",
        "INSERT INTO big SELECT 'x', 1",
        "INSERT INTO p.d.big SELECT 'x', 1",
        "INSERT INTO D.big SELECT 'x', 1",
        "INSERT INTO {{ ds }}.big SELECT 'x', 1",
        "INSERT INTO d.{{ table }} SELECT 'x', 1",
        "EXECUTE IMMEDIATE FORMAT('INSERT INTO %s.big SELECT country, 1 FROM raw.pings', @d)",
        "EXECUTE IMMEDIATE 'INSERT INTO d.' || @t || ' SELECT country, 1 FROM raw.pings'",
        "EXECUTE IMMEDIATE @statement",
        "CALL ops.refresh()",
        "CALL ${DS}.refresh('d.big')",
        "CALL {proc}('d.big')",
        "CALL ${PROC}('d.big')",
        "{{ statement }}",
    ] {
        assert_plain_doubt_at(b, "b.sql:1:1");
    }
    assert_plain_doubt_at("SELECT 1;\n  CALL ops.refresh()", "b.sql:2:3");
}

/// Statements that remove rows depending on data or on another table's content.
const REMOVING_STATEMENTS: &[&str] = &[
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN TRUNCATE TABLE d.big; END IF",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN DELETE FROM d.big WHERE TRUE; END IF",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN DROP TABLE d.big; END IF",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN DROP SCHEMA d; END IF",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN ALTER TABLE d.big RENAME TO old; END IF",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN CREATE OR REPLACE TABLE d.big (country STRING, clients INT64); END IF",
    "WHILE EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') DO TRUNCATE TABLE d.big; END WHILE",
    "BEGIN SELECT ERROR('x') FROM raw.pings WHERE client_id = 'x'; EXCEPTION WHEN ERROR THEN TRUNCATE TABLE d.big; END",
    "CREATE PROCEDURE d.p() BEGIN IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN TRUNCATE TABLE d.big; END IF; END",
    "IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN RETURN; END IF; TRUNCATE TABLE d.big",
    "BEGIN TRANSACTION; TRUNCATE TABLE d.big; IF EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x') THEN ROLLBACK TRANSACTION; ELSE COMMIT TRANSACTION; END IF",
    "DECLARE v INT64 DEFAULT (SELECT MAX(clients) FROM d.other); DELETE FROM d.big WHERE clients < v",
    "FOR r IN (SELECT country FROM raw.pings) DO DELETE FROM d.big WHERE country = r.country; END FOR",
    "CREATE PROCEDURE d.p(c STRING) BEGIN DELETE FROM d.big WHERE country = c; END; CALL d.p((SELECT MAX(country) FROM raw.pings))",
    "CREATE TEMP FUNCTION f() AS ((SELECT MAX(clients) FROM d.other)); DELETE FROM d.big WHERE clients < f()",
    "DECLARE q STRING DEFAULT 'SELECT 1'; SET `q` = CONCAT('INSERT INTO d.big SELECT ', @x); EXECUTE IMMEDIATE q",
    "CREATE PROCEDURE mine.e.p() BEGIN SELECT 1; END; CALL other.e.p()",
];

/// A table of another file: counts of whole and partial groups, and one reader's
/// maximum.
const TABLE_OF_COUNTS: &str = "CREATE TABLE d.big AS SELECT country, COUNT(DISTINCT client_id) AS clients, COUNT(DISTINCT IF(day > '2026-01-01', client_id, NULL)) AS late, MAX(day) AS last FROM raw.pings GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";

#[test]
fn rows_that_another_file_takes_away_are_there_by_what_they_hold() {
    let verdict = |b: &str| {
        let files = [("a.sql", TABLE_OF_COUNTS), ("out.sql", READ), ("b.sql", b)];
        read("plain", &files, "out.sql").0
    };
    for b in [
        "DELETE FROM d.big WHERE last > '2026-01-01'",
        "DELETE FROM d.big WHERE last < '2026-01-01'",
        "DELETE FROM d.big AS b WHERE b.country = 'x' OR (b.last >= '2026-01-01')",
        "DELETE FROM d.big WHERE EXTRACT(DAY FROM last) = 3",
        "DELETE FROM d.big WHERE late < 1",
        "DELETE FROM d.big WHERE clients = 5003 AND late = 5003",
        "DELETE FROM d.big WHERE clients - late = 1",
        "SELECT 1; DELETE d.big WHERE late > 3",
    ] {
        assert_eq!(verdict(b), "extra-review", "{b}");
    }
    for b in [
        "DELETE FROM d.big WHERE TRUE",
        "DELETE FROM d.big WHERE country = 'x'",
        "DELETE FROM d.big WHERE country IN ('x', 'last')",
        "DELETE FROM d.big WHERE clients < 9000",
        "DECLARE least INT64 DEFAULT 9000; DELETE FROM d.big WHERE clients < least OR country = 'x'",
        "DELETE FROM d.other WHERE last > '2026-01-01'",
    ] {
        assert_eq!(verdict(b), "publishable", "{b}");
    }
}

#[test]
fn a_statement_that_takes_rows_away_by_what_is_read_is_a_doubt() {
    for b in REMOVING_STATEMENTS {
        let files = beside(b);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let (verdict, places) = read("plain", &files, "out.sql");
        assert_eq!(verdict, "extra-review", "{b}");
        let there = places.iter().any(|at| at.starts_with("b.sql:"));
        assert!(there, "{places:?} {b}");
    }
    let empty = format!(
        "IF {} THEN TRUNCATE TABLE d.big; END IF",
        "EXISTS (SELECT 1 FROM raw.pings WHERE client_id = 'x')"
    );
    let safe = ("sql/p/d/big/query.sql", SAFE);
    for name in ["sql/p/d/big/script.sql", "sql/p/d/big/init.sql"] {
        let files = [ETL_READ, safe, (name, empty.as_str())];
        let (verdict, _) = read("bigquery-etl", &files, ETL_READ.0);
        assert_eq!(verdict, "extra-review", "{name}");
    }
}

#[test]
fn a_view_is_read_when_other_files_have_written_its_tables() {
    let make = format!(
        "CREATE OR REPLACE TABLE d.t AS {SAFE}; CREATE OR REPLACE VIEW d.big AS SELECT country, clients FROM d.t"
    );
    let insert = format!("INSERT INTO d.t {SMALL}");
    let files = [("a.sql", make.as_str()), ("out.sql", READ)];
    is_publishable("plain", &files, "out.sql");
    let written = [files.as_slice(), &[("b.sql", insert.as_str())]].concat();
    assert_doubt_at("plain", &written, "out.sql", "b.sql:1:1");
}

#[test]
fn rows_of_one_run_are_what_a_table_holds_that_each_run_empties() {
    let verdict = |make: &str| {
        let make = make.replace("{PER}", PER);
        let files = [("a.sql", make.as_str()), ("out.sql", COUNTED)];
        read("plain", &files, "out.sql").0
    };
    for make in [
        "TRUNCATE TABLE d.per; INSERT INTO d.per {PER}",
        "DELETE FROM d.per WHERE TRUE; INSERT INTO d.per {PER}",
        "CREATE OR REPLACE TABLE d.per (client_id STRING, country STRING); INSERT INTO d.per {PER}",
    ] {
        assert_eq!(verdict(make), "publishable", "{make}");
    }
    for make in [
        "INSERT INTO d.per {PER}",
        "TRUNCATE TABLE d.per; INSERT INTO d.per {PER}; INSERT INTO d.per {PER}",
        "IF @x THEN TRUNCATE TABLE d.per; END IF; INSERT INTO d.per {PER}",
        "CREATE TABLE IF NOT EXISTS d.per (client_id STRING, country STRING); INSERT INTO d.per {PER}",
        "DELETE FROM d.per WHERE country = 'x'; INSERT INTO d.per {PER}",
        "TRUNCATE TABLE d.per; WHILE @x DO INSERT INTO d.per {PER}; END WHILE",
    ] {
        assert_eq!(verdict(make), "extra-review", "{make}");
    }
}

#[test]
fn a_statement_that_means_another_table_is_no_doubt() {
    for b in [
        "INSERT INTO e.big SELECT 'x', 1",
        "INSERT INTO d.bigger SELECT 'x', 1",
        "INSERT INTO d.small_{{ day }} SELECT 'x', 1",
        "INSERT INTO e.{{ table }} SELECT 'x', 1",
        "CREATE TEMP TABLE big AS SELECT 'x' AS country, 1 AS clients",
        "CREATE TEMP TABLE big (country STRING); INSERT big SELECT 'x'",
        "CREATE TEMP TABLE big (country STRING); EXECUTE IMMEDIATE 'INSERT big SELECT ' || @x",
        "EXECUTE IMMEDIATE 'CREATE TABLE e.' || @t || ' AS SELECT 1 AS n'",
        "EXECUTE IMMEDIATE 'SELECT * FROM ' || @t",
        "CREATE PROCEDURE e.run(s STRING) BEGIN EXECUTE IMMEDIATE s; END",
        "CREATE PROCEDURE e.a() BEGIN SELECT 1; END; CALL e.a()",
        "CALL BQ.REFRESH_MATERIALIZED_VIEW('d.view')",
        "TRUNCATE TABLE d.big",
        "IF @empty THEN TRUNCATE TABLE d.big; END IF",
        "DECLARE v INT64 DEFAULT 5; DELETE FROM d.big WHERE clients < v",
        "DELETE FROM d.big WHERE country = 'SELECT FROM'",
        "EXECUTE IMMEDIATE FORMAT('TRUNCATE TABLE %s', 'd.big')",
        "CREATE PROCEDURE e.p() OPTIONS (engine = 'SPARK') LANGUAGE PYTHON AS R'''write()'''",
        "DELETE FROM d.big WHERE country = 'x'",
        "SELECT country FROM d.big FROBNICATE",
        "SELECT 1",
        "ALTER TABLE d.big ADD COLUMN IF NOT EXISTS note STRING",
        "ALTER TABLE d.big SET OPTIONS (description = 'x')",
        "CREATE FUNCTION d.big(x INT64) AS (x)",
    ] {
        assert_plain_publishable(b);
    }
}

#[test]
fn a_procedure_of_unknown_statements_is_a_doubt_about_its_dataset_and_where_it_is_called() {
    let run = "CREATE PROCEDURE e.run(s STRING) BEGIN EXECUTE IMMEDIATE s; END";
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let files = [("a.sql", make.as_str()), ("out.sql", READ), ("b.sql", run)];
    is_publishable("plain", &files, "out.sql");
    let called = [files.as_slice(), &[("c.sql", "CALL e.run(@statement)")]].concat();
    assert_doubt_at("plain", &called, "out.sql", "b.sql:1:40");
    let own = [
        ("a.sql", make.as_str()),
        ("out.sql", READ),
        (
            "b.sql",
            "CREATE PROCEDURE d.run(s STRING) BEGIN EXECUTE IMMEDIATE s; END",
        ),
    ];
    assert_doubt_at("plain", &own, "out.sql", "b.sql:1:40");
}

#[test]
fn a_hidden_folder_and_a_template_that_is_capped_count() {
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let insert = format!("INSERT INTO d.big {SMALL}");
    let files = [
        ("a.sql", make.as_str()),
        ("out.sql", READ),
        (".airflow/b.sql", insert.as_str()),
    ];
    assert_eq!(read("plain", &files, "out.sql").0, "extra-review");
    for place in [
        "node_modules/b.sql",
        "dbt_packages/b.sql",
        "b.SQL",
        "b.sql.j2",
        "b.sql.jinja",
        "b.bqsql",
        "b.ddl",
    ] {
        let files = [files[0], files[1], (place, insert.as_str())];
        assert_eq!(
            read("plain", &files, "out.sql").0,
            "extra-review",
            "{place}"
        );
    }
    for place in [".git/b.sql", "b.txt", "b.j2"] {
        let files = [files[0], files[1], (place, insert.as_str())];
        assert_eq!(read("plain", &files, "out.sql").0, "publishable", "{place}");
    }
    let computed =
        format!("SELECT 1 AS a {{{{ '\\x3b' }}}} {{{{ 'tresni' | reverse }}}} INTO d.big {SMALL}");
    let files = [files[0], files[1], ("b.sql", computed.as_str())];
    assert_eq!(read("plain", &files, "out.sql").0, "extra-review");
    let mut capped = String::new();
    for flag in 0..8 {
        capped += &format!("{{% if v{flag} %}}SELECT {flag};{{% endif %}}\n");
    }
    capped += "{% if v0 %}{% elif v1 %}{% elif v2 %}{% elif v3 %}{% elif v4 %}{% else %}";
    capped += &format!("{insert}{{% endif %}}");
    let files = beside(&capped);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    assert_doubt_at("plain", &files, "out.sql", "b.sql:9:74");
}

#[test]
fn a_name_that_may_mean_another_table_is_no_proof() {
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let read = "SELECT country, clients FROM elsewhere.d.big";
    let files = [("a.sql", make.as_str()), ("out.sql", read)];
    assert_doubt_at("plain", &files, "out.sql", "a.sql:1:1");
    let whole = format!("CREATE TABLE p.d.big AS {SAFE}");
    let files = [
        ("a.sql", whole.as_str()),
        ("out.sql", "SELECT country, clients FROM p.d.big"),
        ("b.sql", "INSERT INTO q.d.big SELECT 'x', 1"),
    ];
    is_publishable("plain", &files, "out.sql");
}

const ETL_READ: (&str, &str) = ("sql/p/d/out/query.sql", READ);

#[test]
fn every_file_of_a_table_and_of_other_folders_counts() {
    let out = ETL_READ.0;
    let safe = ("sql/p/d/big/query.sql", SAFE);
    is_publishable("bigquery-etl", &[ETL_READ, safe], out);
    let insert = format!("INSERT INTO d.big {SMALL}");
    for (other, text) in [
        ("sql/p/d/other/script.sql", insert.as_str()),
        (
            "sql/p/e/.old/backfill.sql",
            &format!("INSERT INTO d.big {SMALL}"),
        ),
        ("sql/p/d/big/part0.sql", SMALL),
        ("sql/p/d/big/part7.sql", SMALL),
        (
            "sql/p/d/big/init.sql",
            &format!("CREATE TABLE d.big AS {SMALL}"),
        ),
        ("sql/p/d/big/query.py", "print('INSERT')"),
        ("scripts/load.sql", &format!("INSERT INTO p.d.big {SMALL}")),
    ] {
        let files = [ETL_READ, safe, (other, text)];
        let (verdict, places) = read("bigquery-etl", &files, out);
        assert_eq!(verdict, "extra-review", "{other}");
        let at = |place: &String| place.starts_with(&format!("{other}:"));
        assert!(places.iter().any(at), "{other} {places:?}");
    }
    for (other, text) in [
        ("sql/q/d/other/script.sql", insert.as_str()),
        ("sql/p/d/big/checks.sql", SMALL),
        (
            "sql/p/d/big/checks.sql",
            "#fail\n{{ is_unique(['country']) }}",
        ),
        (
            "sql/p/d/other/query.sql",
            "{{ metrics.calculate(metrics=['x'], platform='y') }}",
        ),
        (
            "sql/p/d/big/checks.sql",
            "#fail\n{{ is_unique(['country']) }}\n{# one #}\n#warn\n/* two */\n{{ not_null(['country']) }}",
        ),
        (
            "sql/p/d/big/checks.sql",
            "{{ is_unique(['country']) }}\n#fail\nASSERT (SELECT COUNT(*) FROM d.big) > {{ n }} AS 'x';",
        ),
        ("scripts/call.sql", "CALL q.e.other()"),
        ("sql/p/d/big/README.md", "INSERT"),
        ("sql/p/d/big/__init__.py", ""),
        ("sql/p/d/big/test_query.py", "def test_it(): pass"),
        (
            "tests/sql/expected.sql",
            &format!("INSERT INTO p.d.big {SMALL}"),
        ),
        (
            "generators/view.sql",
            "CREATE VIEW {{ p }}.{{ d }}.big AS SELECT 1",
        ),
    ] {
        is_publishable("bigquery-etl", &[ETL_READ, safe, (other, text)], out);
    }
}

#[test]
fn a_table_that_another_program_names_is_any_one_in_each_file_of_a_folder() {
    let safe = ("sql/p/d/big/query.sql", SAFE);
    let insert = |target: &str| format!("INSERT INTO {target} {SMALL}");
    let texts = [
        insert("${TABLE}"),
        insert("{table}"),
        insert(":table"),
        "MERGE INTO {table} t USING raw.pings s ON FALSE WHEN NOT MATCHED THEN INSERT ROW"
            .to_owned(),
        "UPDATE ${table} SET country = 'x' WHERE TRUE".to_owned(),
        "{{ sql }}".to_owned(),
        "{{ a_query() }}".to_owned(),
        "{% for s in statements %}{{ s }};{% endfor %}".to_owned(),
        "{{ metrics.calculate(metrics=['x'], platform='y') }}; {{ sql }}".to_owned(),
    ];
    for name in ["script", "query", "init", "part1", "view", "udf", "other"] {
        for text in &texts {
            let name = format!("sql/p/e/w/{name}.sql");
            let files = [ETL_READ, safe, (name.as_str(), text.as_str())];
            let (verdict, _) = read("bigquery-etl", &files, ETL_READ.0);
            assert_eq!(verdict, "extra-review", "{name} {text}");
        }
    }
    let behind = format!("{{{{ is_unique(['x']) }}}} {}", texts[0]);
    for text in texts[..5].iter().chain([&behind]) {
        let files = [ETL_READ, safe, ("sql/p/e/w/checks.sql", text.as_str())];
        let (verdict, _) = read("bigquery-etl", &files, ETL_READ.0);
        assert_eq!(verdict, "extra-review", "checks.sql {text}");
    }
}

#[test]
fn what_is_put_into_a_name_may_hold_dots() {
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let whole = format!("CREATE TABLE `my-proj.d.big` AS {SAFE}");
    let bare = format!("CREATE TABLE proj.d.big AS {SAFE}");
    for value in [
        "{{ full }}",
        "{t}",
        "${T}",
        "$T",
        "%(t)s",
        "@t",
        "%s",
        "<T>",
        "[[T]]",
        "$1",
    ] {
        for (make, from, project) in [
            (&make, "`my-proj.d.big`", "my-proj"),
            (&whole, "d.big", "my-proj"),
            (&bare, "proj.d.big", "proj"),
            (&bare, "d.big", "proj"),
        ] {
            let insert = format!("INSERT INTO `{project}.{value}` {SMALL}");
            let reads = READ.replace("d.big", from);
            let files = [
                ("a.sql", make.as_str()),
                ("out.sql", reads.as_str()),
                ("b.sql", insert.as_str()),
            ];
            let (verdict, _) = read("plain", &files, "out.sql");
            assert_eq!(verdict, "extra-review", "{insert} {reads}");
        }
    }
    for b in [
        "EXECUTE IMMEDIATE FORMAT('INSERT INTO `my-proj.%s` SELECT country, 1 FROM raw.pings', @t)",
        "EXECUTE IMMEDIATE 'INSERT INTO `my-proj.' || @t || '` SELECT country, 1 FROM raw.pings'",
        "LOAD DATA INTO `my-proj.${T}` FROM FILES (format = 'CSV', uris = ['gs://a'])",
    ] {
        assert_plain_doubt_at(b, "b.sql:1:1");
    }
}

#[test]
fn what_is_brought_in_and_not_known_may_write_any_table() {
    for b in [
        "{% include 'steps/' ~ step ~ '.sql' %}",
        "{% include f %}",
        "{% extends base %}",
        "{% include 'nothere.sql' %}",
        "SELECT 1;\n{%- include 'nothere.sql' %}",
    ] {
        let files = beside(b);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        assert_eq!(read("plain", &files, "out.sql").0, "extra-review", "{b}");
    }
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let files = [
        ("a.sql", make.as_str()),
        ("out.sql", READ),
        ("b.sql", "{% include 'c.sql' %}"),
        ("c.sql", "INSERT INTO e.big SELECT 'x', {{ n }}"),
    ];
    is_publishable("plain", &files, "out.sql");
}

#[test]
fn a_procedure_or_function_beside_the_tree_counts_where_its_name_is_known() {
    let safe = ("sql/p/d/big/query.sql", SAFE);
    let fill = "CREATE PROCEDURE e.fill(t STRING) BEGIN EXECUTE IMMEDIATE 'INSERT INTO ' || t || ' SELECT country, 1 FROM raw.pings'; END";
    let files = [ETL_READ, safe, ("sql/p/e/fill/stored_procedure.sql", fill)];
    is_publishable("bigquery-etl", &files, ETL_READ.0);
    let called = [
        files.as_slice(),
        &[("ops/c.sql", "CALL p.e.fill('p.d.big')")],
    ]
    .concat();
    assert_eq!(read("bigquery-etl", &called, ETL_READ.0).0, "extra-review");
    let bounded = SAFE.replace("5000", "d.k()");
    let files = [
        ("sql/p/d/out/query.sql", bounded.as_str()),
        ("sql/p/d/k/udf.sql", "CREATE FUNCTION d.k() AS (5000)"),
    ];
    is_publishable("bigquery-etl", &files, "sql/p/d/out/query.sql");
    for other in [
        "CREATE OR REPLACE FUNCTION p.d.k() AS (3)",
        "EXECUTE IMMEDIATE 'CREATE OR REPLACE FUNCTION p.d.k() AS (3)'",
    ] {
        let files = [files.as_slice(), &[("ops/k.sql", other)]].concat();
        let (verdict, _) = read("bigquery-etl", &files, "sql/p/d/out/query.sql");
        assert_eq!(verdict, "extra-review", "{other}");
    }
}

#[test]
fn a_function_is_that_of_its_dataset_and_its_last_definition() {
    let count = |function: &str| {
        format!(
            "SELECT country, COUNT(DISTINCT {function}(client_id)) AS clients FROM raw.pings GROUP BY country HAVING COUNT(DISTINCT {function}(client_id)) >= 5000"
        )
    };
    let query = count("d.f");
    let verdict = |udf: &str| {
        let files = [
            ("sql/p/d/f/udf.sql", udf),
            ("sql/p/d/out/query.sql", &query),
        ];
        read("bigquery-etl", &files, "sql/p/d/out/query.sql").0
    };
    let own = "CREATE OR REPLACE FUNCTION d.f(x STRING) AS (x);";
    let other = "CREATE OR REPLACE FUNCTION e.f(x STRING) AS (x);";
    let random = "CREATE OR REPLACE FUNCTION d.f(x STRING) AS (CONCAT(x, RAND()));";
    assert_eq!(verdict(own), "publishable");
    assert_eq!(verdict(other), "extra-review");
    assert_eq!(verdict(&format!("{own}{random}")), "extra-review");
    assert_eq!(verdict(&format!("{random}{own}")), "publishable");
    let made = "EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE FUNCTION d.f(x STRING) AS (', @k, ')')";
    let files = [
        ("sql/p/d/f/udf.sql", own),
        ("sql/p/d/g/script.sql", made),
        ("sql/p/d/out/query.sql", &query),
    ];
    let (verdict_made, _) = read("bigquery-etl", &files, "sql/p/d/out/query.sql");
    assert_eq!(verdict_made, "extra-review");
    let twice = [
        ("sql/p/d/f/udf.sql", own),
        ("sql/p/d/g/udf.sql", random),
        ("sql/p/d/out/query.sql", &query),
    ];
    let (verdict, _) = read("bigquery-etl", &twice, "sql/p/d/out/query.sql");
    assert_eq!(verdict, "extra-review");
}

#[test]
fn a_view_calls_the_functions_that_other_files_define() {
    let view = format!(
        "CREATE OR REPLACE FUNCTION d.least() AS (5000); CREATE OR REPLACE VIEW d.out AS {SMALL} HAVING clients >= d.least()"
    );
    is_publishable("plain", &[("out.sql", &view)], "out.sql");
    let other = "CREATE OR REPLACE FUNCTION d.least() AS (1)";
    assert_doubt_at(
        "plain",
        &[("out.sql", &view), ("z/z.sql", other)],
        "out.sql",
        "z/z.sql:1:1",
    );
    let temporary = other.replace("FUNCTION", "TEMP FUNCTION").replace("d.", "");
    is_publishable(
        "plain",
        &[("out.sql", &view), ("z/z.sql", &temporary)],
        "out.sql",
    );
    // A table is computed when the script runs.
    let table = view.replace("VIEW", "TABLE");
    is_publishable(
        "plain",
        &[("out.sql", &table), ("z/z.sql", other)],
        "out.sql",
    );
    let rows = format!(
        "CREATE OR REPLACE TABLE FUNCTION d.rows(x INT64) AS ({SAFE}); CREATE OR REPLACE VIEW d.out AS SELECT country, clients FROM d.rows(1)"
    );
    is_publishable("plain", &[("out.sql", &rows)], "out.sql");
    let other = format!("CREATE OR REPLACE TABLE FUNCTION d.rows(x INT64) AS ({SMALL})");
    assert_doubt_at(
        "plain",
        &[("out.sql", &rows), ("z/z.sql", &other)],
        "out.sql",
        "z/z.sql:1:1",
    );
}

#[test]
fn a_model_is_what_another_file_trains_it_on() {
    let out = "SELECT * FROM ML.WEIGHTS(MODEL d.m)";
    let model = |columns: &str| {
        format!(
            "CREATE OR REPLACE MODEL d.m OPTIONS (model_type = 'kmeans') AS SELECT {columns} FROM raw.pings"
        )
    };
    is_publishable(
        "plain",
        &[("out.sql", out), ("m.sql", &model("country"))],
        "out.sql",
    );
    let verdict = |columns: &str| {
        read(
            "plain",
            &[("out.sql", out), ("m.sql", &model(columns))],
            "out.sql",
        )
        .0
    };
    assert_eq!(verdict("country, client_id"), "extra-review");
    // The content of a column without a data review is unknown.
    assert_eq!(verdict("country, other"), "extra-review");
    // A table of the same name is a different object.
    let table = format!("CREATE TABLE d.m AS {SMALL}");
    is_publishable(
        "plain",
        &[
            ("out.sql", out),
            ("m.sql", &model("country")),
            ("t.sql", &table),
        ],
        "out.sql",
    );
    let etl = [
        ("sql/p/d/out/query.sql", out),
        ("sql/p/d/m/query.sql", &*model("country, client_id")),
    ];
    assert_eq!(
        read("bigquery-etl", &etl, "sql/p/d/out/query.sql").0,
        "extra-review"
    );
}

#[test]
fn a_published_table_that_other_files_write_is_told_at_their_places() {
    let out = ("sql/p/d/out/query.sql", SAFE);
    is_publishable("bigquery-etl", &[out], out.0);
    let other = "sql/p/d/other/script.sql";
    let insert = format!("INSERT INTO d.out {SMALL}");
    for text in [
        insert.as_str(),
        "EXECUTE IMMEDIATE 'INSERT d.' || @t",
        "CALL d.f()",
    ] {
        let files = [out, (other, text)];
        assert_doubt_at("bigquery-etl", &files, out.0, &format!("{other}:1:1"));
    }
}

#[test]
fn a_cte_with_a_dotted_name_hides_a_table() {
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let read = format!("WITH `d.big` AS ({SMALL}) SELECT country, clients FROM `d.big`");
    let files = [("a.sql", make.as_str()), ("out.sql", read.as_str())];
    assert_eq!(self::read("plain", &files, "out.sql").0, "extra-review");
}

const PER: &str = "SELECT client_id, country FROM raw.daily WHERE day = CURRENT_DATE() GROUP BY client_id, country";
const COUNTED: &str =
    "SELECT country, COUNT(*) AS clients FROM d.per GROUP BY country HAVING COUNT(*) >= 5000";

#[test]
fn rows_of_several_runs_are_no_people() {
    let out = "sql/p/d/out/query.sql";
    let verdict = |per: (&str, &str), metadata: &str| {
        let files = [(out, COUNTED), per, ("sql/p/d/per/metadata.yaml", metadata)];
        read("bigquery-etl", &files, out)
    };
    let whole = "SELECT client_id, country FROM raw.daily GROUP BY client_id, country";
    let query = |text| ("sql/p/d/per/query.sql", text);
    assert_eq!(verdict(query(whole), "").0, "publishable");
    let null = "scheduling:\n  dag_name: d\n  date_partition_parameter: null\n";
    assert_eq!(verdict(query(PER), null).0, "publishable");
    for (per, metadata) in [
        (query(PER), ""),
        (
            query(
                "SELECT client_id, country FROM raw.daily WHERE RAND() < 0.1 GROUP BY client_id, country",
            ),
            "",
        ),
        (
            (
                "sql/p/d/per/script.sql",
                "DECLARE d DATE DEFAULT CURRENT_DATE(); SELECT client_id, country FROM raw.daily WHERE day = d GROUP BY client_id, country",
            ),
            "",
        ),
        (query(whole), "scheduling:\n  dag_name: d\n"),
        (
            query(whole),
            "scheduling:\n  date_partition_parameter: null\n  arguments: [--append_table]\n",
        ),
        (
            query(whole),
            "scheduling:\n  date_partition_parameter: null\n  destination_table: per${{ds_nodash}}\n",
        ),
        (
            query(whole),
            "bigquery:\n  time_partitioning:\n    type: day\n",
        ),
    ] {
        let (verdict, places) = verdict(per, metadata);
        assert_eq!(verdict, "extra-review", "{per:?} {metadata}");
        let at = |place: &String| place.starts_with("sql/p/d/per/");
        assert!(places.iter().any(at), "{places:?} {per:?}");
    }
}

#[test]
fn a_query_that_is_scheduled_to_write_another_table_writes_it() {
    let verdict = |metadata: &str, query: &str| {
        let files = [
            ("sql/p/d/big/query.sql", SAFE),
            ("sql/p/d/z/query.sql", query),
            ("sql/p/d/z/metadata.yaml", metadata),
            ("sql/p/d/out/query.sql", READ),
        ];
        read("bigquery-etl", &files, "sql/p/d/out/query.sql").0
    };
    for said in [
        "destination_table: big",
        "destination_table: big${{ds_nodash}}",
        "destination_table: \"{{ table }}\"",
        "date_partition_parameter: null\n  destination_table: big",
        "arguments: ['--destination_table=p:d.big']",
    ] {
        let metadata = format!("scheduling:\n  dag_name: x\n  {said}\n");
        assert_eq!(verdict(&metadata, SMALL), "extra-review", "{said}");
    }
    for said in [
        "destination_table: bigger",
        "destination_table: null",
        "dag_name: y",
    ] {
        let metadata = format!("scheduling:\n  {said}\n");
        assert_eq!(verdict(&metadata, SMALL), "publishable", "{said}");
    }
    assert_eq!(
        verdict("scheduling:\n  destination_table: big\n", SAFE),
        "publishable"
    );
    let other = [
        ("sql/p/d/big/query.sql", SAFE),
        (
            "sql/p/d/big/metadata.yaml",
            "scheduling:\n  query_file_path: sql/p/d/z/other.sql\n",
        ),
        ("sql/p/d/z/other.sql", SMALL),
        ("sql/p/d/out/query.sql", READ),
    ];
    let said = read("bigquery-etl", &other, "sql/p/d/out/query.sql");
    assert_eq!(said.0, "extra-review");
}

#[test]
fn a_model_that_keeps_the_rows_of_earlier_runs_has_several_rows_a_client() {
    let out = "models/out.sql";
    let counted = COUNTED.replace("d.per", "{{ ref('per') }}");
    let project = ("dbt_project.yml", "name: shop\n");
    let verdict = |path: &str, per: &str| {
        let files = [project, (out, counted.as_str()), (path, per)];
        read("dbt", &files, out).0
    };
    let kind = |kind: &str| format!("{{{{ config(materialized='{kind}') }}}}\n{PER}");
    assert_eq!(verdict("models/per.sql", PER), "publishable");
    assert_eq!(verdict("models/per.sql", &kind("table")), "publishable");
    assert_eq!(
        verdict("models/per.sql", &kind("incremental")),
        "extra-review"
    );
    let snapshot =
        format!("{{% snapshot per %}}{{{{ config(strategy='check') }}}}{PER}{{% endsnapshot %}}");
    assert_eq!(verdict("snapshots/history.sql", &snapshot), "extra-review");
}

#[test]
fn a_model_of_sqlmesh_is_made_as_its_kind_says() {
    let header = |kind: &str| format!("MODEL (name d.per, kind {kind});\n{PER}");
    let verdict = |model: &str| {
        read(
            "plain",
            &[("out.sql", COUNTED), ("per.sql", model)],
            "out.sql",
        )
        .0
    };
    assert_eq!(verdict(&header("FULL")), "publishable");
    assert_eq!(
        verdict(&format!("MODEL (name d.per);\n{PER}")),
        "publishable"
    );
    for kind in [
        "INCREMENTAL_BY_TIME_RANGE (time_column day)",
        "INCREMENTAL_UNMANAGED",
        "SCD_TYPE_2 (unique_key client_id)",
    ] {
        assert_eq!(verdict(&header(kind)), "extra-review", "{kind}");
    }
    for model in [
        "-- this kind full\nMODEL (name d.per, kind INCREMENTAL_UNMANAGED);",
        "MODEL (name d.per, description 'a kind full of', kind INCREMENTAL_UNMANAGED);",
        "MODEL (name d.per, tags (kind, view), kind INCREMENTAL_UNMANAGED);",
        "MODEL (name d.per, /* kind FULL, */ kind /* FULL */ INCREMENTAL_UNMANAGED);",
        "MODEL (name d.per, kind FULL, kind INCREMENTAL_UNMANAGED);",
        "MODEL (name d.per, kind @kind);",
        "MODEL (name d.per, kind FULL @more);",
    ] {
        assert_eq!(
            verdict(&format!("{model}\n{PER}")),
            "extra-review",
            "{model}"
        );
    }
    for model in [
        "MODEL (name d.per, kind VIEW (materialized true));",
        "MODEL (name d.per, tags [incremental], kind /* x */ full -- y\n);",
    ] {
        assert_eq!(
            verdict(&format!("{model}\n{PER}")),
            "publishable",
            "{model}"
        );
    }
    let unsaid = format!("MODEL (name d.per);\n{PER}");
    for (name, config, expected) in [
        ("config.yaml", "gateways: {}\n", "publishable"),
        (
            "config.yaml",
            "model_defaults:\n  kind: full\n",
            "publishable",
        ),
        (
            "config.yml",
            "model_defaults:\n  kind: INCREMENTAL_UNMANAGED\n",
            "extra-review",
        ),
        (
            "config.yaml",
            "model_defaults:\n  kind:\n    name: full\n",
            "extra-review",
        ),
        ("config.yaml", "a: [", "extra-review"),
        ("config.py", "config = Config()\n", "extra-review"),
    ] {
        let files = [
            ("out.sql", COUNTED),
            ("models/per.sql", unsaid.as_str()),
            (name, config),
        ];
        assert_eq!(read("plain", &files, "out.sql").0, expected, "{config}");
    }
    let beside = format!("MODEL (name d.big, kind FULL);\n{SMALL}");
    let make = format!("CREATE TABLE d.big AS {SAFE}");
    let files = [
        ("a.sql", make.as_str()),
        ("out.sql", READ),
        ("b.sql", &beside),
    ];
    assert_doubt_at("plain", &files, "out.sql", "b.sql:2:1");
}

#[test]
fn a_table_has_columns_that_its_schema_does_not_declare() {
    let codes = |sql: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dimension-registry.toml");
        std::fs::write(path, REGISTRY).expect("it is written");
        let arguments = ["check", "--format", "json", "--fail-on", "never", "-"];
        let run = headcount(&arguments, sql, folder.path(), &[]);
        let run: Value = serde_json::from_str(&run.out).expect("it is JSON");
        let dataset = &run["files"][0]["datasets"][0];
        let findings = dataset["findings"].as_array().expect("a list");
        let codes = findings
            .iter()
            .filter_map(|finding| finding["code"].as_str().map(str::to_owned));
        (
            dataset["bucket"]["proven"].clone(),
            codes.collect::<Vec<_>>(),
        )
    };
    let counted = |from: &str| {
        codes(&format!(
            "SELECT country, COUNT(DISTINCT client_id) AS clients FROM {from} GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"
        ))
    };
    for from in [
        "raw.pings WHERE _PARTITIONTIME > TIMESTAMP '2024-01-01'",
        "raw.pings AS p WHERE p._PARTITIONDATE > DATE '2024-01-01'",
        "`raw.pings` WHERE _TABLE_SUFFIX = 'x'",
        "APPENDS(TABLE raw.pings, NULL, NULL)",
        "CHANGES(TABLE raw.pings, NULL, NULL) WHERE _CHANGE_TYPE = 'INSERT'",
        "RANGE_SESSIONIZE(TABLE raw.pings, 'day', ['client_id'])",
    ] {
        let (proven, codes) = counted(from);
        assert_eq!(proven, 5000, "{from} {codes:?}");
        let unknown = |code: &String| ["HC003", "HC004", "HC005"].contains(&&**code);
        assert!(!codes.iter().any(unknown), "{from} {codes:?}");
    }
    let by_day = |from: &str| {
        codes(&format!(
            "SELECT country, COUNT(*) AS clients FROM {from} WHERE day = DATE '2024-01-01' GROUP BY country HAVING COUNT(*) >= 5000"
        ))
    };
    assert_eq!(by_day("raw.daily").0, 5000);
    // A row that was written twice occurs twice.
    assert_eq!(
        by_day("APPENDS(TABLE raw.daily, NULL, NULL)").0,
        Value::Null
    );
    assert_eq!(
        by_day("CHANGES(TABLE raw.daily, NULL, NULL)").0,
        Value::Null
    );
}

/// Another writer of a dataset is a doubt about the dataset itself.
///
/// This holds for every layout, unless the writer is a checked dataset, too.
#[test]
fn other_writer_is_a_doubt_about_the_dataset() {
    let made = format!("CREATE OR REPLACE TABLE d.out AS {SAFE}");
    let small = format!("INSERT INTO d.out {SMALL}");
    let with = |name: &str, text: &str| {
        let files = [("out.sql", made.as_str()), (name, text)];
        read("plain", &files, "out.sql")
    };
    for (name, text) in [
        (
            "w.sql",
            format!("CREATE PROCEDURE z.q() BEGIN {small}; END"),
        ),
        (".w/w.sql", small.clone()),
        (
            "w.sql",
            format!("-- headcount: internal not shown\n{small}"),
        ),
        (
            "w.sql",
            format!("CREATE TABLE d.new AS {SMALL}; ALTER TABLE d.new RENAME TO out"),
        ),
        ("w.sql", "CALL z.unknown()".to_owned()),
        ("w.sql", "EXECUTE IMMEDIATE @text".to_owned()),
        (
            "w.sql",
            "LOAD DATA INTO d.out FROM FILES(format='CSV', uris=['gs://a'])".to_owned(),
        ),
        (".w/w.sql", format!("INSERT INTO `p:d.out` {SMALL}")),
    ] {
        let (verdict, places) = with(name, &text);
        assert_eq!(verdict, "extra-review", "{text}");
        assert!(
            places.iter().any(|at| at.contains(name)),
            "{places:?} {text}"
        );
    }
    for text in [
        format!("INSERT INTO d.out {SAFE}"),
        format!("INSERT INTO d.other {SMALL}"),
    ] {
        assert_eq!(with("w.sql", &text).0, "publishable", "{text}");
    }
    let inside = format!("{made};\nCREATE PROCEDURE z.q() BEGIN {small}; END");
    let (verdict, _) = read("plain", &[("out.sql", &inside)], "out.sql");
    assert_eq!(verdict, "extra-review");
    let model = format!("MODEL (name d.out, kind FULL);\n{SAFE}");
    let files = [("out.sql", model.as_str()), (".w/w.sql", small.as_str())];
    assert_eq!(read("plain", &files, "out.sql").0, "extra-review");
}

#[test]
fn a_table_that_is_made_or_emptied_first_keeps_no_rows_of_other_runs() {
    let grouped = "SELECT client_id, ANY_VALUE(country) AS country FROM raw.pings WHERE client_id IS NOT NULL GROUP BY client_id";
    let counted =
        "SELECT country, COUNT(*) AS clients FROM d.big GROUP BY country HAVING COUNT(*) >= 5000";
    for (first, verdict) in [
        ("CREATE OR REPLACE TABLE d.big LIKE d.z", "publishable"),
        ("DELETE FROM d.big WHERE 1 = 1", "publishable"),
        ("DELETE FROM d.big WHERE (TRUE)", "publishable"),
        ("IF TRUE THEN TRUNCATE TABLE d.big; END IF", "publishable"),
        ("DELETE FROM d.big WHERE 1 = 2", "extra-review"),
        ("IF @a THEN TRUNCATE TABLE d.big; END IF", "extra-review"),
    ] {
        let big = format!("{first}; INSERT INTO d.big {grouped}");
        let files = [("big.sql", big.as_str()), ("out.sql", counted)];
        assert_eq!(read("plain", &files, "out.sql").0, verdict, "{first}");
    }
}

/// All declarations of how bigquery-etl runs a query are read.
///
/// One that cannot be read is a doubt.
#[test]
fn scheduling_of_bigquery_etl_is_read_completely() {
    let big = ("sql/p/d/big/query.sql", SAFE);
    let out = ("sql/p/d/out/query.sql", READ);
    let publishable = |files: &[(&str, &str)]| {
        let mut all = vec![big, out];
        all.extend_from_slice(files);
        read("bigquery-etl", &all, out.0).0 == "publishable"
    };
    assert!(publishable(&[(
        "sql/p/d/z/metadata.yaml",
        "scheduling:\n  dag_name: x\n"
    )]));
    for metadata in [
        "scheduling:\n  destination_table: big\n",
        "scheduling:\n  \"destination\\u005ftable\": big\n",
        "scheduling:\n  destination_table: z\n  destination_table: big\n",
        "scheduling: [\n",
        "scheduling:\n  destination_table: {a: b}\n",
        "scheduling:\n  destination_table: e.big\n  arguments: [--destination_table=d.big]\n",
    ] {
        let files = [
            ("sql/p/d/z/metadata.yaml", metadata),
            ("sql/p/d/z/query.sql", SMALL),
        ];
        assert!(!publishable(&files), "{metadata}");
    }
    for (place, metadata) in [
        (
            "sql/p/e/z",
            "scheduling:\n  destination_table: big\n  arguments: [--dataset_id=d]\n",
        ),
        (
            "sql/q/d/z",
            "scheduling:\n  destination_table: big\n  query_project: p\n",
        ),
        (
            "sql/q/d/z",
            "scheduling:\n  destination_table: big\n  arguments: [--project_id=p]\n",
        ),
    ] {
        let (said, query) = (
            format!("{place}/metadata.yaml"),
            format!("{place}/query.sql"),
        );
        assert!(
            !publishable(&[(&said, metadata), (&query, SMALL)]),
            "{metadata}"
        );
    }
    // A program, a folder of parts, and the query of a backfill are writers, too.
    assert!(!publishable(&[
        ("sql/p/d/z/query.py", "x"),
        (
            "sql/p/d/z/metadata.yaml",
            "scheduling:\n  destination_table: big\n"
        ),
    ]));
    assert!(!publishable(&[
        ("sql/p/d/z/part1.sql", SMALL),
        (
            "sql/p/d/y/metadata.yaml",
            "scheduling:\n  destination_table: big\n  query_file_path: sql/p/d/z\n"
        ),
    ]));
    assert!(!publishable(&[
        ("sql/p/d/big/backfill_x.sql", SMALL),
        (
            "sql/p/d/big/backfill.yaml",
            "2024-01-01:\n  custom_query_path: sql/p/d/big/backfill_x.sql\n"
        ),
    ]));
    assert!(!publishable(&[
        ("sql/p/d/out/backfill_x.sql", SMALL),
        (
            "sql/p/d/out/backfill.yaml",
            "2024-01-01:\n  custom_query_path: sql/p/d/out/backfill_x.sql\n"
        ),
    ]));
    assert!(!publishable(&[(
        "sql/p/d/out/metadata.yaml",
        "scheduling:\n  date_partition_parameter: null\n  arguments: [--use_legacy_sql]\n"
    )]));
}

/// SQLMesh's configuration declares how models run and what runs beside them.
#[test]
fn the_configuration_of_sqlmesh_is_read() {
    let big = format!("MODEL (name d.big, kind FULL);\n{SAFE}");
    let rows = "MODEL (name d.rows);\nSELECT client_id, ANY_VALUE(country) AS country FROM raw.pings WHERE client_id IS NOT NULL GROUP BY client_id";
    let counted =
        "SELECT country, COUNT(*) AS clients FROM d.rows GROUP BY country HAVING COUNT(*) >= 5000";
    let check = |name: &str, said: &str, out: &str| {
        let files = [
            ("models/big.sql", big.as_str()),
            ("models/rows.sql", rows),
            (name, said),
            ("out.sql", out),
        ];
        read("plain", &files, "out.sql").0
    };
    let insert = format!("INSERT INTO d.big {SMALL}");
    for name in ["config.yaml", "config.yml", "sqlmesh.yaml", "sqlmesh.yml"] {
        assert_eq!(check(name, "model_defaults: {}\n", counted), "publishable");
        let kind = "model_defaults: {kind: INCREMENTAL_UNMANAGED}\n";
        assert_eq!(check(name, kind, counted), "extra-review", "{name}");
        for said in [
            format!("before_all: [\"{insert}\"]\n"),
            format!("after_all: [\"{insert}\"]\n"),
            format!("model_defaults: {{pre_statements: [\"{insert}\"]}}\n"),
            "model_defaults: {post_statements: [\"@f()\"]}\n".to_owned(),
        ] {
            assert_eq!(check(name, &said, READ), "extra-review", "{said}");
        }
    }
    assert_eq!(check("config.py", "after_all = []", READ), "extra-review");
    let harmless = "before_all: [\"CREATE SCHEMA IF NOT EXISTS x\"]\n";
    assert_eq!(check("config.yaml", harmless, READ), "publishable");
    for (value, said, verdict) in [
        ("@VAR('t', 5000)", "variables: {t: 1}\n", "extra-review"),
        ("@VAR('t', 5000)", "", "extra-review"),
        ("@VAR('t', 1)", "variables: {t: 5000}\n", "publishable"),
        ("@VAR('t')", "variables: {t: 5000}\n", "publishable"),
        ("@t", "variables: {T: 5000}\n", "publishable"),
        (
            "@t",
            "variables: {t: 5000}\ngateways: {g: {variables: {t: 1}}}\n",
            "extra-review",
        ),
    ] {
        let model = format!(
            "MODEL (name d.out, kind FULL);\n{}",
            SAFE.replace("5000", value)
        );
        assert_eq!(
            check("config.yaml", said, &model),
            verdict,
            "{value} {said}"
        );
    }
}

/// A value from the configuration may be different in the next run, wherever it
/// occurs.
#[test]
fn given_values_tell_runs_apart_wherever_they_stand() {
    let rows = |from: &str, day: &str| {
        format!(
            "SELECT client_id, ANY_VALUE(country) AS country FROM {from} WHERE client_id IS NOT NULL{day} GROUP BY client_id"
        )
    };
    let counted =
        "SELECT country, COUNT(*) AS clients FROM d.big GROUP BY country HAVING COUNT(*) >= 5000";
    let given = " AND day = '{{ day }}'";
    let cases = [
        (rows("raw.pings", ""), None, "publishable"),
        (rows("raw.pings", given), None, "extra-review"),
        (
            rows("raw.pings", " AND day = '{{ \"}}\"[2:] ~ day }}'"),
            None,
            "extra-review",
        ),
        (
            "{% include 'rows.sql' %}".to_owned(),
            Some(("sql/p/d/big/rows.sql", rows("raw.pings", given))),
            "extra-review",
        ),
        (
            rows("d.view", ""),
            Some((
                "sql/p/d/view/view.sql",
                "CREATE OR REPLACE VIEW p.d.view AS SELECT * FROM raw.pings WHERE day = '{{ day }}'"
                    .to_owned(),
            )),
            "extra-review",
        ),
        (rows("raw.pings", " AND day = d.today()"), None, "extra-review"),
        (
            rows("raw.pings", " AND day = d.k()"),
            Some((
                "sql/p/d/k/udf.sql",
                "CREATE FUNCTION d.k() AS (DATE '{{ day }}')".to_owned(),
            )),
            "extra-review",
        ),
        (
            rows("raw.pings", " AND day = d.k()"),
            Some((
                "sql/p/d/k/udf.sql",
                "CREATE FUNCTION d.k() AS (DATE '2024-01-01')".to_owned(),
            )),
            "publishable",
        ),
    ];
    for (big, other, verdict) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
            std::fs::write(path, text).expect("it is written");
        };
        write("dimension-registry.toml", REGISTRY);
        write(
            "headcount.toml",
            "[project]\nlayout = 'bigquery-etl'\n[template.variables]\nday = '2024-01-01'\n",
        );
        write("sql/p/d/big/query.sql", &big);
        write("sql/p/d/out/query.sql", counted);
        if let Some((name, text)) = &other {
            write(name, text);
        }
        let (said, _) = said(folder.path(), "sql/p/d/out/query.sql");
        assert_eq!(said, verdict, "{big}");
    }
}

#[test]
fn a_model_of_sqlmesh_makes_the_table_that_its_header_may_name() {
    let big = format!("CREATE OR REPLACE TABLE d.big AS {SAFE}");
    let verdict = |path: &str, header: &str| {
        let model = format!("MODEL ({header}); {SMALL}");
        let files = [
            ("ops/big.sql", big.as_str()),
            ("out.sql", READ),
            (path, model.as_str()),
        ];
        read("plain", &files, "out.sql").0
    };
    for header in [
        "name d.big, kind FULL",
        "name @c.big, kind FULL, blueprints ((c := d), (c := e))",
        "name @{ds}.big, kind FULL",
        "name d.@t, kind FULL",
        "name @name('x', 'y'), kind FULL",
        "name d.big -- that one\n, kind FULL",
        "name d.big /* x */, kind FULL",
        "name d . big, kind FULL",
        "name d./* x */`big`, kind FULL",
        "name d.big, kind SEED (path 'x.csv')",
    ] {
        assert_eq!(verdict("models/x.sql", header), "extra-review", "{header}");
    }
    assert_eq!(verdict("models/d/big.sql", "kind FULL"), "extra-review");
    for header in ["name d.other", "name @c.other", "name e.@t -- d.big"] {
        assert_eq!(verdict("models/x.sql", header), "publishable", "{header}");
    }
    assert_eq!(verdict("models/d/other.sql", "kind FULL"), "publishable");
    let files = [
        ("ops/big.sql", big.as_str()),
        ("out.sql", READ),
        (
            "seeds/x.sql",
            "MODEL (name d.big, kind SEED (path 'x.csv'))",
        ),
    ];
    assert_eq!(read("plain", &files, "out.sql").0, "extra-review");
}

#[test]
fn a_value_of_a_blueprint_is_none_of_the_configuration() {
    let verdict = |header: &str, value: &str| {
        let model = format!(
            "MODEL (name d.out, kind FULL{header}); {}",
            SAFE.replace("5000", value)
        );
        let files = [
            ("config.yaml", "variables: {k: 5000}\n"),
            ("models/out.sql", model.as_str()),
        ];
        read("plain", &files, "models/out.sql").0
    };
    let several = ", blueprints ((k := 3))";
    assert_eq!(verdict("", "@VAR('k')"), "publishable");
    assert_eq!(verdict("", "@k"), "publishable");
    assert_eq!(verdict(several, "@VAR('k')"), "publishable");
    assert_eq!(verdict(several, "@k"), "extra-review");
    assert_eq!(verdict(several, "@BLUEPRINT_VAR('k')"), "extra-review");
    assert_eq!(
        verdict(several, "@BLUEPRINT_VAR('k', 5000)"),
        "extra-review"
    );
    assert_eq!(verdict("", "@EVAL(1000 * 5)"), "publishable");
    assert_eq!(verdict("", "10003 / @EVAL(1 + 4)"), "extra-review");
}
