//! Publications of scripts: which statements are datasets, and what they derive
//! from.

use headcount::assessment::Assessment;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

fn datasets(sql: &str) -> Vec<Assessment> {
    let file = assess_text(
        SourceText::new("script.sql", sql),
        Registry::builtin(),
        &TemplateSettings::default(),
    );
    assert!(
        file.findings.is_empty(),
        "{:?}",
        file.findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect::<Vec<_>>()
    );
    file.datasets
}

/// Renders each dataset on a line, such as `create table as d.t: level 2`.
fn said(sql: &str) -> String {
    datasets(sql)
        .iter()
        .map(|dataset| {
            let codes: Vec<&str> = dataset
                .findings
                .iter()
                .map(|finding| finding.rule.code)
                .filter(|code| !code.starts_with("HC3"))
                .collect();
            let level = match dataset.decision.level {
                Some(level) => format!("level {}", level.number()),
                None if dataset.assessed => "no people".to_owned(),
                None => "not assessed".to_owned(),
            };
            format!(
                "{} {}: {level} {}",
                dataset.statement,
                dataset.name,
                codes.join(" ")
            )
            .trim_end()
            .to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

const GROUPS: &str = "SELECT country, COUNT(DISTINCT client_id) AS clients FROM telemetry.clients_daily GROUP BY country";

#[test]
fn each_branch_is_a_way_to_publish() {
    insta::assert_snapshot!(said(
        "IF EXISTS (SELECT 1 FROM telemetry.main WHERE os IN (SELECT CASE WHEN TRUE THEN 'a' END)) THEN
           CREATE TABLE d.a AS SELECT client_id FROM telemetry.main;
         ELSEIF TRUE THEN
           CREATE TABLE d.b AS SELECT COUNT(*) AS n FROM telemetry.main;
         ELSE
           SELECT 1;
         END IF;"
    ), @r"
    create table as d.a: level 6 HC201 HC203
    create table as d.b: level 3 HC116 HC101
    query script.sql#3: level 3 HC116 HC101
    ");
}

#[test]
fn blocks_loops_and_handlers_are_followed() {
    insta::assert_snapshot!(said(
        "outer: BEGIN
           DECLARE done BOOL DEFAULT FALSE;
           BEGIN TRANSACTION;
           WHILE NOT done DO
             INSERT INTO d.a SELECT country FROM telemetry.main;
             SET done = TRUE;
           END WHILE;
           COMMIT TRANSACTION;
           REPEAT SET done = NOT done; UNTIL CASE WHEN done THEN TRUE ELSE FALSE END END REPEAT;
           LOOP BREAK; END LOOP;
         EXCEPTION WHEN ERROR THEN
           ROLLBACK TRANSACTION;
           INSERT INTO d.errors SELECT @@error.message;
           RAISE;
         END outer;
         CASE 1 WHEN 1 THEN CREATE TABLE d.b AS SELECT 1 AS x; ELSE SELECT 2; END CASE;"
    ), @r"
    insert d.a: level 5 HC203
    insert d.errors: no people HC007 HC007
    create table as d.b: no people
    query script.sql#4: no people
    ");
}

#[test]
fn a_variable_carries_data() {
    insta::assert_snapshot!(said(
        "DECLARE ids ARRAY<STRING> DEFAULT (SELECT ARRAY_AGG(client_id) FROM telemetry.main);
         SELECT id FROM UNNEST(ids) AS id"
    ), @"query script.sql#1: level 6 HC201 HC203");
    insta::assert_snapshot!(said(
        "DECLARE first STRING; DECLARE second STRING;
         SET (first, second) = (SELECT AS STRUCT client_id, os FROM telemetry.main LIMIT 1);
         CREATE TABLE d.t AS SELECT first AS x"
    ), @"create table as d.t: level 6 HC203 HC201");
    insta::assert_snapshot!(said(
        "DECLARE seen STRING;
         LOOP
           SELECT seen;
           SET seen = (SELECT ANY_VALUE(client_id) FROM telemetry.main);
         END LOOP;"
    ), @"query script.sql#1: level 6 HC101 HC201");
    insta::assert_snapshot!(said(
        "FOR row IN (SELECT client_id, os FROM telemetry.main) DO
           INSERT INTO d.t (who) VALUES (row.client_id);
         END FOR;"
    ), @"insert d.t: level 6 HC201 HC203");
    insta::assert_snapshot!(said(
        "DECLARE who STRING;
         EXECUTE IMMEDIATE 'SELECT client_id FROM telemetry.main LIMIT 1' INTO who;
         SELECT who"
    ), @"query script.sql#1: level 6 HC203 HC201");
}

#[test]
fn what_a_function_gives_may_be_data() {
    insta::assert_snapshot!(said("DECLARE x STRING DEFAULT d.f(); SELECT x"), @"query script.sql#1: no people HC005");
}

#[test]
fn a_variable_is_the_constant_that_it_holds_there() {
    let script = |before: &str, after: &str| {
        said(&format!(
            "DECLARE least INT64 DEFAULT 10; {before} {GROUPS} HAVING clients >= least; {after}"
        ))
    };
    insta::assert_snapshot!(script("SET least = 5000;", ""), @"query script.sql#1: level 2");
    insta::assert_snapshot!(script("SET least = 5 * 1000;", "SET least = 1;"), @"query script.sql#1: level 2");
    insta::assert_snapshot!(script("IF @x THEN SET least = 5000; END IF;", ""), @"query script.sql#1: level 3 HC107");
    insta::assert_snapshot!(script("SET least = @least;", ""), @"query script.sql#1: level 3 HC107");
    insta::assert_snapshot!(said(&format!(
        "DECLARE least INT64 DEFAULT 5000;
         LOOP CREATE OR REPLACE TABLE d.t AS {GROUPS} HAVING clients >= least; SET least = least - 1; END LOOP;"
    )), @"create table as d.t: level 3 HC107");
}

#[test]
fn a_table_is_all_that_writes_it() {
    insta::assert_snapshot!(said(&format!(
        "CREATE TEMP TABLE t AS {GROUPS} HAVING clients >= 5000;
         INSERT INTO t {GROUPS} HAVING clients >= 6000;
         SELECT country, clients FROM t"
    )), @"query script.sql#1: level 2");
    insta::assert_snapshot!(said(&format!(
        "CREATE TEMP TABLE t AS {GROUPS} HAVING clients >= 5000;
         INSERT INTO t (clients, country) SELECT clients, country FROM ({GROUPS});
         SELECT country, clients FROM t"
    )), @"query script.sql#1: level 3 HC109");
    insta::assert_snapshot!(said(&format!(
        "CREATE TEMP TABLE t (country STRING, n INT64);
         INSERT INTO t {GROUPS} HAVING clients >= 5000;
         DELETE FROM t WHERE n > 9;
         SELECT country, n FROM t"
    )), @"query script.sql#1: level 2");
    insta::assert_snapshot!(said(&format!(
        "CREATE TEMP TABLE t AS {GROUPS} HAVING clients >= 5000;
         UPDATE t SET country = (SELECT ANY_VALUE(client_id) FROM telemetry.main) WHERE TRUE;
         SELECT country FROM t"
    )), @"query script.sql#1: level 6 HC109 HC201");
    insta::assert_snapshot!(said(&format!(
        "CREATE TEMP TABLE t AS SELECT client_id FROM telemetry.main;
         CREATE OR REPLACE TEMP TABLE t AS {GROUPS} HAVING clients >= 5000;
         CREATE VIEW d.v AS SELECT * FROM t;
         CREATE TABLE d.copy CLONE d.v;
         SELECT * FROM d.copy"
    )), @r"
    create view d.v: level 2
    create table clone d.copy: level 2
    query script.sql#3: level 2
    ");
    insta::assert_snapshot!(said(
        "CREATE TEMP TABLE t AS SELECT 1 AS x;
         LOOP INSERT INTO d.out SELECT x FROM t; INSERT INTO t SELECT 2; END LOOP;
         SELECT x FROM t"
    ), @r"
    insert d.out: no people
    query script.sql#2: no people
    ");
}

#[test]
fn procedures_are_followed_where_they_are_called() {
    insta::assert_snapshot!(said(
        "CREATE OR REPLACE PROCEDURE d.p(least INT64, OUT who STRING)
         OPTIONS (strict_mode = TRUE)
         BEGIN
           SET who = (SELECT ANY_VALUE(client_id) FROM telemetry.main);
           CREATE OR REPLACE TABLE d.t AS
             SELECT country, COUNT(DISTINCT client_id) AS clients FROM telemetry.clients_daily
             GROUP BY country HAVING clients >= least;
         END;
         DECLARE found STRING;
         CALL d.p(5000, found);
         CALL `d.p`(4, found);
         SELECT found"
    ), @r"
    create table as d.t: level 2
    create table as d.t: level 3 HC102
    query script.sql#3: level 6 HC101 HC201
    ");
    insta::assert_snapshot!(said("CREATE PROCEDURE d.p() BEGIN SELECT client_id FROM telemetry.main; END"), @"");
    insta::assert_snapshot!(said(
        "CREATE TEMP TABLE t AS SELECT 1 AS x; CALL d.elsewhere(); SELECT x FROM t"
    ), @r"
    call script.sql#1: not assessed HC007
    query script.sql#2: not assessed HC007 HC005 HC203
    ");
    insta::assert_snapshot!(said("CREATE PROCEDURE d.p() BEGIN CALL d.p(); END; CALL d.p()"), @"call script.sql#1: not assessed HC007");
}

#[test]
fn an_out_parameter_begins_as_null() {
    let called = |mode: &str, call: &str| {
        said(&format!(
            "DECLARE least INT64 DEFAULT 5000;
             CREATE OR REPLACE PROCEDURE d.p({mode} x INT64) BEGIN {call} END;
             CALL d.p(least);
             CREATE OR REPLACE TABLE d.t AS {GROUPS} HAVING clients >= IFNULL(least, 1)"
        ))
    };
    let unproven = "create table as d.t: level 3 HC107";
    assert_eq!(called("OUT", ""), unproven);
    assert_eq!(called("out", "SET x = x;"), unproven);
    assert_eq!(called("OUT", "IF @z THEN SET x = 5000; END IF;"), unproven);
    let proven = "create table as d.t: level 2";
    assert_eq!(called("OUT", "SET x = 5000;"), proven);
    assert_eq!(called("INOUT", ""), proven);
    assert_eq!(called("IN", ""), proven);
}

#[test]
fn a_table_is_read_at_the_time_that_is_asked_for() {
    let read = |how: &str| {
        let sql = format!(
            "CREATE OR REPLACE TABLE d.t AS {GROUPS};
             CREATE OR REPLACE TABLE d.t AS {GROUPS} HAVING clients >= 5000;
             {how}"
        );
        said(&sql).lines().last().unwrap_or_default().to_owned()
    };
    for later in [
        "CREATE OR REPLACE TABLE d.out CLONE d.t",
        "CREATE SNAPSHOT TABLE d.out CLONE d.t",
    ] {
        assert_eq!(read(later), "create table clone d.out: level 2", "{later}");
        let then = format!(
            "{later} FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01' OPTIONS (description = 'x')"
        );
        assert!(
            read(&then).starts_with("create table as d.out: not assessed")
                && read(&then).contains("HC007"),
            "{}",
            read(&then)
        );
    }
    for from in [
        "d.t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01'",
        "CHANGES(TABLE d.t, NULL, CURRENT_TIMESTAMP())",
        "APPENDS(TABLE d.t, NULL)",
    ] {
        let said = read(&format!(
            "CREATE OR REPLACE TABLE d.out AS SELECT * FROM {from}"
        ));
        assert!(
            said.starts_with("create table as d.out: not assessed") && said.contains("HC007"),
            "{from}: {said}"
        );
    }
}

#[test]
fn what_a_model_is_trained_on_comes_out_of_it() {
    let weights = |features: &str, from: &str| {
        let sql = format!(
            "CREATE OR REPLACE MODEL d.m OPTIONS (model_type = 'linear_reg') AS SELECT {features} FROM telemetry.clients_daily;
             SELECT * FROM {from}"
        );
        said(&sql).lines().last().unwrap_or_default().to_owned()
    };
    for from in [
        "ML.WEIGHTS(MODEL d.m)",
        "ML.CENTROIDS(MODEL `d.m`)",
        "ML.FORECAST(MODEL d.m, STRUCT(3 AS horizon))",
    ] {
        let named = weights("active_hours_sum AS label, client_id", from);
        assert_eq!(named, "query script.sql#2: level 6 HC201", "{from}");
        let plain = weights("active_hours_sum AS label, country", from);
        assert_eq!(plain, "query script.sql#2: level 1", "{from}");
    }
    // A model that another text trains is assumed to be trained without identifiers.
    assert_eq!(
        said("SELECT * FROM ML.WEIGHTS(MODEL d.m)"),
        "query script.sql#1: level 1"
    );
}

#[test]
fn a_variable_of_constants_proves_the_least_of_them() {
    let chosen = |other: &str| {
        said(&format!(
            "DECLARE least INT64 DEFAULT 5000;
             IF @a THEN SET least = 6000; ELSE SET least = {other}; END IF;
             CREATE OR REPLACE TABLE d.t AS {GROUPS} HAVING clients >= least"
        ))
    };
    assert_eq!(chosen("5000"), "create table as d.t: level 2");
    assert_eq!(chosen("4"), "create table as d.t: level 3 HC107");
    assert_eq!(chosen("@b"), "create table as d.t: level 3 HC107");
}

#[test]
fn a_table_function_is_its_query() {
    insta::assert_snapshot!(said(&format!(
        "CREATE TABLE FUNCTION d.f(rows_of ANY TABLE, least INT64) AS
           SELECT country, clients FROM ({GROUPS}) WHERE clients >= least;
         SELECT country FROM d.f(TABLE d.t, 5000)"
    )), @"query script.sql#1: level 2");
}

#[test]
fn an_argument_is_meant_before_a_column_that_no_schema_tells() {
    insta::assert_snapshot!(said(&format!(
        "CREATE TABLE FUNCTION d.f(k INT64) AS {GROUPS} HAVING clients >= k;
         CREATE TABLE d.a AS SELECT * FROM d.f(5000);
         CREATE TABLE d.b AS SELECT * FROM d.f(5000) UNION ALL SELECT * FROM d.f(1)"
    )), @r"
    create table as d.a: level 2
    create table as d.b: level 3 HC109
    ");
}

#[test]
fn strings_that_are_constant_are_statements() {
    let sql = "DECLARE query STRING DEFAULT \"CREATE TABLE d.b AS SELECT client_id FROM telemetry.main\";
         EXECUTE IMMEDIATE '''CREATE TABLE d.a AS
           SELECT COUNT(*) AS n FROM telemetry.main''';
         EXECUTE IMMEDIATE query;
         EXECUTE IMMEDIATE CONCAT('SELECT ', '@x AS y') USING (SELECT MAX(client_id) FROM telemetry.main) AS x;";
    insta::assert_snapshot!(said(sql), @r"
    create table as d.a: level 3 HC101
    create table as d.b: level 6 HC201 HC203
    query script.sql#3: level 6 HC101 HC201
    ");
    // Spans refer to the text inside the string.
    let all = datasets(sql);
    let place = all[1].findings[0].span;
    assert_eq!(&sql[place.range()], "client_id");
    insta::assert_snapshot!(said("EXECUTE IMMEDIATE FORMAT('DROP TABLE %s', x)"), @"execute immediate script.sql#1: not assessed HC006");
}

#[test]
fn models_and_files() {
    insta::assert_snapshot!(said(
        "CREATE MODEL d.m OPTIONS (model_type = 'x') AS (
           training_data AS (SELECT country FROM telemetry.clients_daily),
           custom_holiday AS (SELECT client_id FROM telemetry.main)
         );
         CREATE MODEL d.remote REMOTE WITH CONNECTION `p.c` OPTIONS (endpoint = 'x');
         LOAD DATA INTO d.t FROM FILES (format = 'CSV', uris = ['gs://x/*']);
         EXPORT MODEL d.m OPTIONS (uri = 'gs://x');
         ALTER TABLE d.t SET OPTIONS (description = 'x'); GRANT `roles/viewer` ON TABLE d.t TO 'user:x';
         SELECT * FROM d.t"
    ), @r"
    create model d.m: level 6 HC201
    load data d.t: not assessed HC007
    statement script.sql#3: not assessed HC007
    query script.sql#4: not assessed HC007 HC003 HC005 HC203
    ");
}

#[test]
fn a_broken_statement_costs_itself_and_what_it_may_have_changed() {
    let file = assess_text(
        SourceText::new(
            "script.sql",
            "BEGIN
               DECLARE least INT64 DEFAULT 5000;
               CREATE TEMP TABLE t AS SELECT 1 AS x;
               SELECT FROM WHERE;
               SELECT x FROM t;
             END;
             IF TRUE THEN SELECT 1;",
        ),
        Registry::builtin(),
        &TemplateSettings::default(),
    );
    let messages: Vec<String> = file
        .findings
        .iter()
        .map(|finding| finding.message.clone())
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[1], "this block has no END");
    let levels: Vec<_> = file
        .datasets
        .iter()
        .map(|dataset| {
            (
                dataset.statement,
                dataset.decision.level.map(|level| level.number()),
            )
        })
        .collect();
    assert_eq!(levels[1], ("query", None));
}

#[test]
fn how_rows_are_stored_says_nothing_of_them() {
    let sql = "CREATE OR REPLACE TABLE `p-1`.d.t (
           who STRING OPTIONS (description = 'x') NOT NULL DEFAULT 'y',
           list ARRAY<STRUCT<a INT64, b STRING>>,
           PRIMARY KEY (who) NOT ENFORCED
         ) DEFAULT COLLATE 'und:ci' PARTITION BY DATE_TRUNC(_PARTITIONTIME, MONTH) CLUSTER BY who
         WITH CONNECTION `eu.c` OPTIONS (file_format = 'PARQUET') AS
         SELECT client_id, 1 FROM telemetry.main;
         CREATE MATERIALIZED VIEW IF NOT EXISTS d.mv CLUSTER BY a OPTIONS (x = 1) AS SELECT os AS a FROM telemetry.main;
         CREATE MATERIALIZED VIEW d.replica OPTIONS (x = 900) AS REPLICA OF d.mv;
         CREATE SNAPSHOT TABLE d.snapshot CLONE d.mv FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP() OPTIONS (x = 1);
         CREATE TABLE d.like LIKE d.other;
         CREATE VIEW d.v (a OPTIONS (description = 'x'), b) OPTIONS (x = 1) AS SELECT 1, 2";
    insta::assert_snapshot!(said(sql), @r"
    create table as p-1.d.t: level 6 HC201 HC203
    create materialized view d.mv: level 5 HC203
    create table clone d.replica: level 5 HC003 HC203
    create table as d.snapshot: not assessed HC003 HC007 HC203
    create view d.v: no people
    ");
    let names: Vec<String> = datasets(sql)[0]
        .decision
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    assert_eq!(names, ["who", "list"]);
}

#[test]
fn any_query_may_be_the_last_one_where_a_script_stops_early() {
    insta::assert_snapshot!(said(
        "SELECT client_id FROM telemetry.main; IF @done THEN RETURN; END IF; SELECT 1"
    ), @r"
    query script.sql#1: level 6 HC201 HC203
    query script.sql#2: no people
    ");
    insta::assert_snapshot!(said(
        "BEGIN SELECT client_id FROM telemetry.main; SELECT ERROR('x'); EXCEPTION WHEN ERROR THEN SET x = 1; END"
    ), @r"
    query script.sql#1: level 6 HC201 HC203
    query script.sql#2: no people HC007
    ");
    insta::assert_snapshot!(said("SELECT client_id FROM telemetry.main; SELECT 1"), @"query script.sql#1: no people");
}

#[test]
fn statements_that_write_no_rows_of_a_table_are_no_datasets() {
    insta::assert_snapshot!(said(
        "UPDATE d.t SET a = 1, b = b + 1 WHERE c > 2;
         MERGE d.t USING d.u ON t.id = u.id WHEN MATCHED THEN DELETE;
         UPDATE d.t SET a = (SELECT ANY_VALUE(client_id) FROM telemetry.main) WHERE TRUE;
         UPDATE d.t SET a = m.client_id FROM telemetry.main AS m WHERE m.os = t.os"
    ), @r"
    merge d.t: no people HC007
    update d.t: level 6 HC203 HC201
    update d.t: level 6 HC201 HC203
    ");
}
