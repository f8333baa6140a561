//! Approved datasets whose other files change: functions, models, programs,
//! materializations, metadata.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use repository::Repository;

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
aliases = ['os']
role = 'dimension'
category = 1
data_reviews = ['https://bugzilla.mozilla.org/show_bug.cgi?id=2']
[[table]]
name = 'raw.pings'
unit_column = 'client_id'
columns = ['client_id', 'os', 'country']
";

const QUERY: &str = "SELECT country, COUNT(*) AS n FROM raw.pings GROUP BY country";
const PUBLIC: &str = "labels:\n  public_json: true\n";

/// Returns the status and output of a check, after an approval and changes of files.
fn after(layout: &str, before: &[(&str, &str)], changed: &[(&str, &str)]) -> (i32, String) {
    let repository = Repository::new();
    repository.git(&["rm", "-rq", "sql"]);
    repository.write("dimension-registry.toml", REGISTRY);
    repository.write(
        "headcount.toml",
        &format!("[project]\nlayout = '{layout}'\n"),
    );
    if layout == "dbt" {
        repository.write("dbt_project.yml", "name: shop\n");
    }
    for (path, text) in before {
        repository.write(path, text);
    }
    repository.commit("A repository");
    let said = repository.run(&[
        "approve",
        ".",
        "--bug",
        "1",
        "--by",
        "A Steward",
        "--accept-unassessed",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = repository.run(&["check", "."]);
    assert_eq!(said.code, 0, "{before:?}\n{}", said.out);
    for (path, text) in changed {
        repository.write(path, text);
    }
    let said = repository.run(&["check", "."]);
    (said.code, said.out)
}

#[track_caller]
fn assert_drift(layout: &str, before: &[(&str, &str)], changed: &[(&str, &str)]) {
    let (code, out) = after(layout, before, changed);
    assert_eq!(code, 1, "{changed:?}\n{out}");
    assert!(out.contains("HC402"), "{changed:?}\n{out}");
}

#[track_caller]
fn assert_no_drift(layout: &str, before: &[(&str, &str)], changed: &[(&str, &str)]) {
    let (code, out) = after(layout, before, changed);
    assert_eq!(code, 0, "{changed:?}\n{out}");
}

#[test]
fn a_function_that_any_file_defines_is_held_by_its_body() {
    let call = "SELECT d.f(os) AS os, COUNT(*) AS n FROM raw.pings GROUP BY 1";
    let sql = |body: &str| format!("CREATE OR REPLACE FUNCTION d.f(x STRING) AS ({body})");
    let js = |body: &str| {
        format!("CREATE OR REPLACE FUNCTION d.f(x STRING) RETURNS STRING LANGUAGE js AS '{body}'")
    };
    for (layout, out, routine) in [
        ("plain", "out.sql", "f/f.sql"),
        ("dbt", "models/out.sql", "f/f.sql"),
        (
            "bigquery-etl",
            "sql/p/d/out/query.sql",
            "sql/p/d/functions/script.sql",
        ),
    ] {
        let before = [(out, call), (routine, &*sql("SUBSTR(x, 1, 1)"))];
        assert_drift(layout, &before, &[(routine, &sql("x"))]);
        assert_no_drift(
            layout,
            &before,
            &[(routine, &format!("-- why\n{}", sql("SUBSTR(x, 1, 1)")))],
        );
        let before = [(out, call), (routine, &*js("return x[0]"))];
        assert_drift(layout, &before, &[(routine, &js("return x"))]);
    }
}

#[test]
fn a_table_function_and_a_model_are_held_by_what_makes_them() {
    let rows = |keys: &str| {
        format!(
            "CREATE OR REPLACE TABLE FUNCTION d.rows(x INT64) AS (SELECT {keys} AS c, COUNT(*) AS n FROM raw.pings GROUP BY 1)"
        )
    };
    let call = "SELECT c, n FROM d.rows(1)";
    assert_drift(
        "plain",
        &[("out.sql", call), ("f.sql", &rows("country"))],
        &[("f.sql", &rows("os"))],
    );
    let model = |columns: &str| {
        format!(
            "CREATE OR REPLACE MODEL d.m OPTIONS (model_type = 'kmeans') AS SELECT {columns} FROM raw.pings"
        )
    };
    let predict = "SELECT * FROM ML.PREDICT(MODEL d.m, TABLE raw.pings)";
    let before = [("out.sql", predict), ("m.sql", &*model("country"))];
    assert_drift("plain", &before, &[("m.sql", &model("country, os"))]);
    assert_drift("plain", &before, &[("m.sql", &model("country, client_id"))]);
}

#[test]
fn what_is_not_read_is_held_by_its_text() {
    let own = [
        ("sql/p/d/out/query.sql", QUERY),
        ("sql/p/d/out/query.py", "write(['a'])"),
    ];
    assert_drift(
        "bigquery-etl",
        &own,
        &[("sql/p/d/out/query.py", "write(['b'])")],
    );
    let upstream = [
        ("sql/p/d/out/query.sql", "SELECT country, n FROM d.big"),
        ("sql/p/d/big/query.sql", QUERY),
        ("sql/p/d/big/query.py", "run('--a')"),
    ];
    assert_drift(
        "bigquery-etl",
        &upstream,
        &[("sql/p/d/big/query.py", "run('--b')")],
    );
    let model = format!("{{{{ config(materialized='own') }}}}{QUERY}");
    let made = |body: &str| {
        format!("{{% materialization own, default %}}{body}{{% endmaterialization %}}")
    };
    let before = [("models/out.sql", &*model), ("macros/own.sql", &*made("a"))];
    assert_drift("dbt", &before, &[("macros/own.sql", &made("b"))]);
    let asked = |column: &str| {
        format!(
            "{{% set c = run_query('select {column} from raw.pings').columns[0].values() %}}SELECT {{{{ c[0] }}}} AS os, COUNT(*) AS n FROM raw.pings GROUP BY 1"
        )
    };
    assert_drift(
        "dbt",
        &[("models/out.sql", &asked("country"))],
        &[("models/out.sql", &asked("client_id"))],
    );
}

#[test]
fn a_table_that_keeps_the_rows_of_earlier_runs_is_told() {
    let metadata = |more: &str| {
        format!("{PUBLIC}scheduling:\n  dag_name: x\n  date_partition_parameter: null\n{more}")
    };
    let before = [
        ("sql/p/d/out/query.sql", QUERY),
        ("sql/p/d/out/metadata.yaml", &*metadata("")),
    ];
    let appends = metadata("  arguments: ['--append_table']\n");
    assert_drift(
        "bigquery-etl",
        &before,
        &[("sql/p/d/out/metadata.yaml", &appends)],
    );
    let model = |kind: &str| format!("{{{{ config(materialized='{kind}') }}}}{QUERY}");
    let before = [("models/out.sql", &*model("table"))];
    assert_drift("dbt", &before, &[("models/out.sql", &model("incremental"))]);
    assert_no_drift(
        "dbt",
        &[("models/out.sql", &model("incremental"))],
        &[("models/out.sql", &model("table"))],
    );
    let mesh = |kind: &str| format!("MODEL (name d.out, kind {kind});\n{QUERY}");
    let before = [("out.sql", &*mesh("FULL"))];
    assert_drift(
        "plain",
        &before,
        &[("out.sql", &mesh("INCREMENTAL_UNMANAGED"))],
    );
}

#[test]
fn what_is_on_record_stays_checked_without_its_label() {
    let repository = Repository::new();
    repository.git(&["rm", "-rq", "sql"]);
    repository.write("dimension-registry.toml", REGISTRY);
    repository.write(
        "headcount.toml",
        "[project]\nlayout = 'bigquery-etl'\npublished = 'labelled'\n",
    );
    repository.write("sql/p/d/out/query.sql", QUERY);
    repository.write("sql/p/d/out/metadata.yaml", PUBLIC);
    repository.commit("A dataset");
    let said = repository.run(&["approve", "sql", "--bug", "1", "--by", "A Steward"]);
    assert_eq!(said.code, 0, "{}", said.err);
    repository.write("sql/p/d/out/metadata.yaml", "labels: {}\n");
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 0, "{}", said.out);
    repository.write(
        "sql/p/d/out/query.sql",
        &QUERY.replace("country", "client_id"),
    );
    let said = repository.run(&["check", "sql"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("HC402"), "{}", said.out);
}

#[test]
fn a_function_of_an_upstream_text_is_held_by_its_body() {
    let js = |body: &str| {
        format!(
            "CREATE TEMP FUNCTION f(x STRING) RETURNS STRING LANGUAGE js AS '{body}';\nCREATE OR REPLACE VIEW d.v AS SELECT 1;\nCREATE OR REPLACE TABLE d.up AS SELECT f(os) AS os, COUNT(*) AS n FROM raw.pings GROUP BY 1"
        )
    };
    let middle = "CREATE OR REPLACE TABLE d.middle AS SELECT os, n FROM d.up";
    let out = "CREATE OR REPLACE TABLE d.out AS SELECT os, n FROM d.middle";
    let before = [
        ("out.sql", out),
        ("middle.sql", middle),
        ("up.sql", &*js("return 1")),
    ];
    assert_drift("plain", &before, &[("up.sql", &js("return x"))]);
    let near = "CREATE OR REPLACE TABLE d.out AS SELECT os, n FROM d.up";
    let before = [("out.sql", near), ("up.sql", &*js("return 1"))];
    assert_drift("plain", &before, &[("up.sql", &js("return x"))]);
    assert_no_drift(
        "plain",
        &before,
        &[("up.sql", &format!("-- why\n{}", js("return 1")))],
    );
}

#[test]
fn what_the_runs_of_a_query_are_given_is_held() {
    let query = "SELECT country, COUNT(*) AS n FROM raw.pings WHERE os = @s GROUP BY country";
    let metadata = |parameter: &str| {
        format!("{PUBLIC}scheduling:\n  dag_name: x\n  date_partition_parameter: null\n{parameter}")
    };
    for of in [
        |value: &str| format!("  parameters: ['s:STRING:{value}']\n"),
        |value: &str| format!("  arguments: ['--parameter=s:STRING:{value}']\n"),
    ] {
        let before = [
            ("sql/p/d/out/query.sql", query),
            ("sql/p/d/out/metadata.yaml", &*metadata(&of("a"))),
        ];
        let other = metadata(&of("b"));
        assert_drift(
            "bigquery-etl",
            &before,
            &[("sql/p/d/out/metadata.yaml", &other)],
        );
    }
    let procedure = "CREATE OR REPLACE PROCEDURE o.p(s STRING) BEGIN CREATE OR REPLACE TABLE o.out AS SELECT country, COUNT(*) AS n FROM raw.pings WHERE os = s GROUP BY country; END";
    let before = [("p.sql", procedure), ("call.sql", "CALL o.p('a')")];
    assert_drift("plain", &before, &[("call.sql", "CALL o.p('b')")]);
}

#[test]
fn what_is_done_to_a_table_afterwards_is_held() {
    let made = |after: &str| {
        format!(
            "CREATE OR REPLACE TABLE o.x AS SELECT country, os, COUNT(*) AS n FROM raw.pings GROUP BY 1, 2;\n{after}"
        )
    };
    for (was, is) in [
        (
            "DELETE FROM o.x WHERE n < 5000",
            "DELETE FROM o.x WHERE n < 5",
        ),
        ("DELETE FROM o.x WHERE n < 5000", ""),
        (
            "DELETE o.x WHERE country = 'b'",
            "DELETE o.x WHERE country = 'a'",
        ),
        ("UPDATE o.x SET os = 'x' WHERE TRUE", ""),
        ("ALTER TABLE o.x DROP COLUMN os", ""),
    ] {
        assert_drift("plain", &[("x.sql", &made(was))], &[("x.sql", &made(is))]);
    }
    assert_no_drift(
        "plain",
        &[("x.sql", &made(""))],
        &[("x.sql", &made("DELETE FROM o.x WHERE n < 5000"))],
    );
}

#[test]
fn a_table_that_may_still_be_written_in_a_way_that_is_not_seen_is_told() {
    let made =
        "CREATE OR REPLACE TABLE o.out AS SELECT country, COUNT(*) AS n FROM raw.pings GROUP BY 1";
    for now in [
        "CREATE OR REPLACE EXTERNAL TABLE o.out OPTIONS (format = 'CSV', uris = ['gs://a/b'])",
        "CREATE OR REPLACE PROCEDURE o.p() BEGIN CREATE OR REPLACE TABLE o.out AS SELECT os, country, COUNT(*) AS n FROM raw.pings GROUP BY 1, 2; END",
    ] {
        assert_drift("plain", &[("out.sql", made)], &[("out.sql", now)]);
    }
    assert_no_drift(
        "plain",
        &[("out.sql", made)],
        &[("out.sql", "SELECT 1 AS one")],
    );
}

#[test]
fn what_makes_a_table_and_is_no_query_is_held_by_its_text() {
    let reads = ("sql/p/d/out/query.sql", "SELECT country, n FROM d.mid");
    let before = [reads, ("sql/p/d/mid/query.py", "write(['a'])")];
    let changed = [("sql/p/d/mid/query.py", "write(['b'])")];
    assert_drift("bigquery-etl", &before, &changed);
    let metadata = "scheduling:\n  dag_name: x\n  destination_table: mid\n";
    let wide = QUERY
        .replace("country", "os AS country")
        .replace("BY os AS country", "BY 1");
    let before = [
        reads,
        ("sql/p/d/w/query.sql", QUERY),
        ("sql/p/d/w/metadata.yaml", metadata),
    ];
    assert_drift("bigquery-etl", &before, &[("sql/p/d/w/query.sql", &wide)]);
    let seeded =
        "SELECT label, COUNT(*) AS n FROM raw.pings JOIN {{ ref('codes') }} USING (os) GROUP BY 1";
    let before = [
        ("models/out.sql", seeded),
        ("seeds/codes.csv", "os,label\na,A\nb,A\n"),
    ];
    assert_drift(
        "dbt",
        &before,
        &[("seeds/codes.csv", "os,label\na,A\nb,B\n")],
    );
}
