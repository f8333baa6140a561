//! Queries of other owners: tables that a template names, parameters of an export,
//! documents, columns that the warehouse adds, variables of a script.

use headcount::assessment::{Assessment, FileAssessment};
use headcount::policy::{Answer, Verdict};
use headcount::registry::{Preset, Registry};
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

fn assessed_with(registry: &Registry, sql: &str) -> FileAssessment {
    let text = SourceText::new("query.sql", sql);
    assess_text(text, registry, &TemplateSettings::default())
}

fn dataset(registry: &Registry, sql: &str) -> Assessment {
    let mut file = assessed_with(registry, sql);
    assert_eq!(file.datasets.len(), 1, "{sql}: {:?}", messages(&file));
    file.datasets.remove(0)
}

fn messages(file: &FileAssessment) -> Vec<String> {
    let of_datasets = file.datasets.iter().flat_map(|dataset| &dataset.findings);
    let findings = file.findings.iter().chain(of_datasets);
    let text =
        |finding: &headcount::rules::Finding| format!("{}: {}", finding.rule.code, finding.message);
    findings.map(text).collect()
}

fn level(dataset: &Assessment) -> Option<u8> {
    dataset.decision.level.map(|level| level.number())
}

/// The level and the four answers: `3 yuuy`, `- uuuu`.
fn answers(dataset: &Assessment) -> String {
    let level = level(dataset).map_or("-".to_owned(), |level| level.to_string());
    let letters = dataset
        .decision
        .questions
        .iter()
        .map(|question| match question.answer {
            Answer::Yes => 'y',
            Answer::No => 'n',
            Answer::Unknown => 'u',
        });
    format!("{level} {}", letters.collect::<String>())
}

fn has(dataset: &Assessment, code: &str) -> bool {
    dataset
        .findings
        .iter()
        .any(|finding| finding.rule.code == code)
}

fn preset(preset: Preset) -> Registry {
    Registry::parse(&SourceText::new("preset.toml", preset.text())).expect("the preset is valid")
}

/// A registry that declares nothing.
fn nothing() -> Registry {
    Registry::parse(&SourceText::new("r.toml", "schema_version = 1\n")).expect("it is valid")
}

const SAFE: &str =
    "SELECT country, COUNT(DISTINCT client_id) AS n FROM {T} GROUP BY country HAVING n >= 5000";

#[test]
fn table_whose_name_is_a_template_part_has_no_level() {
    for table in [
        "@t",
        "@@t",
        "@p.@d.main",
        "`foo.@t`",
        "`{project}.{dataset}.{t}`",
        "`telemetry.{t}`",
        "`telemetry.main_{day}`",
        "`%s.main`",
        "`%(dataset)s.main`",
        "`<dataset>.main`",
        "`[dataset].main`",
        "`telemetry.$table`",
        "`telemetry.main$day`",
        "`telemetry.:table`",
        "`telemetry.#{table}`",
        "`telemetry.<%= table %>`",
        "`.main`",
        "`telemetry..main`",
        "telemetry.clients_daily JOIN `{dataset}.other` USING (client_id)",
        "telemetry.clients_daily WHERE os IN (SELECT os FROM `{dataset}.other`)",
        "(SELECT * FROM `{dataset}.other`)",
        "{{ table }}",
        "`telemetry.{{ table }}`",
    ] {
        let sql = SAFE.replace("{T}", table);
        let found = dataset(Registry::builtin(), &sql);
        assert_eq!(level(&found), None, "{table}");
        assert!(!found.assessed, "{table}");
        assert!(has(&found, "HC002"), "{table}");
        assert_eq!(found.decision.bucket.proven, None, "{table}");
        assert_eq!(found.verdict, Verdict::ExtraReview, "{table}");
        assert!(
            answers(&found).ends_with("uuuu")
                || table.contains("JOIN")
                // The registry links no review for `os`.
                || table.contains(" IN ") && answers(&found).ends_with("uuuy"),
            "{table}"
        );
        let advised = found.findings.iter().map(|finding| &finding.help);
        assert!(
            advised.into_iter().all(|help| !help.contains("[[column]]")),
            "{table}: no column of it can be registered"
        );
    }
}

#[test]
fn level_that_is_known_beside_an_unread_table_stays() {
    let sql =
        "SELECT c.client_id, o.x FROM telemetry.clients_daily AS c JOIN `{d}.o` AS o USING (os)";
    let found = dataset(Registry::builtin(), sql);
    assert_eq!(level(&found), Some(6));
    assert!(has(&found, "HC002"));
}

#[test]
fn project_that_is_a_template_part_is_as_one_left_out() {
    let plain = dataset(
        Registry::builtin(),
        &SAFE.replace("{T}", "telemetry.clients_daily"),
    );
    assert_eq!(plain.verdict, Verdict::Publishable);
    for table in [
        "`{project}.telemetry.clients_daily`",
        "`${project}.telemetry.clients_daily`",
        "@project.telemetry.clients_daily",
        "`{{ project }}.telemetry.clients_daily`",
    ] {
        let found = dataset(Registry::builtin(), &SAFE.replace("{T}", table));
        assert_eq!(answers(&found), answers(&plain), "{table}");
        assert!(has(&found, "HC002"), "{table}");
        assert_eq!(found.verdict, Verdict::ExtraReview, "{table}");
    }
}

#[test]
fn name_that_a_table_can_have_is_no_template_part() {
    for table in [
        "`telemetry.clients_daily`",
        "`foo.bar_*`",
        "`foo.bar$20240101`",
        "`foo.bar@1700000000000`",
        "`example.com:project.foo.bar`",
        "`foo.b\u{e4}r baz`",
        "foo-bar.baz.qux",
    ] {
        let found = dataset(Registry::builtin(), &SAFE.replace("{T}", table));
        assert_eq!(found.verdict, Verdict::Publishable, "{table}");
    }
}

#[test]
fn table_that_the_script_makes_may_have_any_name() {
    let sql = "CREATE TABLE `{d}.t` AS SELECT country, client_id FROM telemetry.clients_daily; SELECT country, COUNT(DISTINCT client_id) AS n FROM `{d}.t` GROUP BY country HAVING n >= 5000";
    let file = assessed_with(Registry::builtin(), sql);
    let last = file.datasets.last().expect("a dataset");
    assert_eq!((level(last), last.assessed), (Some(2), true));
}

#[test]
fn table_in_brackets_is_legacy_sql() {
    for sql in [
        "SELECT a, COUNT(*) AS n FROM [project:dataset.t] GROUP BY a",
        "SELECT * FROM [githubarchive:month.201703] WHERE type = 'x'",
        "SELECT a.x FROM t AS a JOIN [d.u] AS b ON a.x = b.x",
    ] {
        let file = assessed_with(Registry::builtin(), sql);
        let [finding] = file.findings.as_slice() else {
            panic!("{sql}: {:?}", messages(&file));
        };
        assert_eq!(finding.rule.code, "HC001", "{sql}");
        assert!(
            finding.message.contains("legacy SQL"),
            "{sql}: {}",
            finding.message
        );
        assert!(
            finding.help.contains("GoogleSQL") && !finding.help.contains("bug"),
            "{sql}"
        );
        let place = &sql[finding.span.start as usize..finding.span.end as usize];
        assert!(
            place.starts_with('[') && place.ends_with(']'),
            "{sql}: {place}"
        );
        assert!(!file.datasets[0].assessed, "{sql}");
    }
    let array = "SELECT x FROM d.t WHERE x IS DISTINCT FROM [1]";
    assert!(
        !messages(&assessed_with(Registry::builtin(), array))
            .join(" ")
            .contains("legacy")
    );
}

const EVENTS: &str = "p.analytics_1.events_20240101";

/// How queries take a parameter of an event out: `{K}` is its key.
const FORMS: &[&str] = &[
    "SELECT (SELECT value.string_value FROM UNNEST(event_params) WHERE key = '{K}') AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT (SELECT ep.value.int_value FROM UNNEST(event_params) AS ep WHERE '{K}' = ep.key LIMIT 1) AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING)) FROM UNNEST(event_params) WHERE LOWER(key) = '{K}') AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT (SELECT ep.value FROM UNNEST(event_params) AS ep WHERE ep.key = '{K}').string_value AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT ep.value.string_value AS v, COUNT(*) AS n FROM {T}, UNNEST(event_params) AS ep WHERE ep.key = '{K}' GROUP BY v",
    "SELECT value.string_value AS v, COUNT(*) AS n FROM {T} CROSS JOIN UNNEST(event_params) WHERE key = '{K}' GROUP BY v",
    "SELECT ep.value.string_value AS v, COUNT(*) AS n FROM {T} JOIN UNNEST(event_params) AS ep ON ep.key = '{K}' GROUP BY v",
    "SELECT ep.value.string_value AS v, COUNT(*) AS n FROM {T} LEFT JOIN UNNEST(event_params) AS ep ON ep.key = '{K}' GROUP BY v",
    "SELECT ep.value.string_value AS v, COUNT(*) AS n FROM {T} AS t, t.event_params AS ep WHERE ep.key = '{K}' GROUP BY v",
    "SELECT event_name, MAX(IF(key = '{K}', value.string_value, NULL)) AS v FROM {T}, UNNEST(event_params) GROUP BY event_name",
    "SELECT event_name, MAX(CASE WHEN ep.key = '{K}' THEN ep.value.int_value END) AS v FROM {T}, UNNEST(event_params) AS ep GROUP BY event_name",
    "SELECT event_name, MAX(CASE ep.key WHEN '{K}' THEN ep.value.int_value END) AS v FROM {T}, UNNEST(event_params) AS ep GROUP BY event_name",
    "SELECT ARRAY(SELECT value.string_value FROM UNNEST(event_params) WHERE key = '{K}')[OFFSET(0)] AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT ARRAY(SELECT AS STRUCT key, value FROM UNNEST(event_params) WHERE key = '{K}')[SAFE_OFFSET(0)].value.string_value AS v, COUNT(*) AS n FROM {T} GROUP BY v",
    "SELECT event_name, ARRAY_AGG(IF(key = '{K}', value.string_value, NULL) IGNORE NULLS)[SAFE_OFFSET(0)] AS v FROM {T}, UNNEST(event_params) GROUP BY event_name",
    "SELECT * FROM (SELECT event_name, key, value.string_value AS v FROM {T}, UNNEST(event_params)) PIVOT(MAX(v) FOR key IN ('{K}', 'other'))",
    "WITH p AS (SELECT event_name, key, value.string_value AS v FROM {T}, UNNEST(event_params)) SELECT event_name, MAX(IF(key = '{K}', v, NULL)) AS v FROM p GROUP BY event_name",
    "WITH p AS (SELECT key, value.string_value AS v FROM {T}, UNNEST(event_params)) SELECT v, COUNT(*) AS n FROM p WHERE key = '{K}' GROUP BY v",
    "WITH p AS (SELECT ep FROM {T}, UNNEST(event_params) AS ep) SELECT ep.value.string_value AS v, COUNT(*) AS n FROM p WHERE ep.key = '{K}' GROUP BY v",
    "FROM {T} |> CROSS JOIN UNNEST(event_params) AS ep |> WHERE ep.key = '{K}' |> AGGREGATE COUNT(*) AS n GROUP BY ep.value.string_value AS v",
    "CREATE TEMP FUNCTION param(params ANY TYPE, name STRING) AS ((SELECT value.string_value FROM UNNEST(params) WHERE key = name)); SELECT param(event_params, '{K}') AS v, COUNT(*) AS n FROM {T} GROUP BY v",
];

#[test]
fn parameter_of_an_event_is_looked_up_by_its_key() {
    for (name, registry) in [
        ("ga4", preset(Preset::Ga4)),
        ("firebase", preset(Preset::Firebase)),
    ] {
        for form in FORMS {
            let sql = |key: &str| form.replace("{K}", key).replace("{T}", EVENTS);
            for key in [
                "ga_session_id",
                "session_id",
                "user_id",
                "transaction_id",
                "gclid",
            ] {
                let found = dataset(&registry, &sql(key));
                assert_eq!(level(&found), Some(6), "{name}: {}", sql(key));
                assert!(has(&found, "HC201"), "{name}: {}", sql(key));
            }
            for key in [
                "page_location",
                "page_referrer",
                "page_title",
                "search_term",
            ] {
                let found = dataset(&registry, &sql(key));
                assert_eq!(answers(&found), "3 yyyy", "{name}: {}", sql(key));
                assert!(has(&found, "HC301"), "{name}: {}", sql(key));
            }
            // What nobody registered has no category.
            let found = dataset(&registry, &sql("menu"));
            assert_eq!(answers(&found), "3 yuuy", "{name}: {}", sql("menu"));
        }
    }
}

#[test]
fn other_parameters_are_not_the_one_of_a_key() {
    let registry = preset(Preset::Ga4);
    for sql in [
        // No other column of the row has the key.
        "SELECT event_name, MAX(IF(key = 'menu', value.string_value, NULL)) AS v, COUNT(DISTINCT IF(key = 'ga_session_id', value.int_value, NULL)) AS n FROM {T}, UNNEST(event_params) GROUP BY event_name",
        // The key is tested of another element, or is any but this one.
        "SELECT a.value.string_value AS v, COUNT(*) AS n FROM {T}, UNNEST(event_params) AS a WHERE a.key != 'ga_session_id' GROUP BY v",
        "SELECT (SELECT value.string_value FROM UNNEST(event_params) WHERE key = 'menu') AS v, COUNT(DISTINCT (SELECT value.int_value FROM UNNEST(event_params) WHERE key = 'ga_session_id')) AS n FROM {T} GROUP BY v",
    ] {
        let sql = sql.replace("{T}", EVENTS);
        assert_eq!(answers(&dataset(&registry, &sql)), "3 yuuy", "{sql}");
    }
    // Either of two keys, or a key that the condition does not ask for: both are meant.
    for sql in [
        "SELECT value.string_value AS v, COUNT(*) AS n FROM {T}, UNNEST(event_params) WHERE key IN ('menu', 'ga_session_id') GROUP BY v",
        "SELECT value.string_value AS v, COUNT(*) AS n FROM {T}, UNNEST(event_params) WHERE key = 'menu' OR key = 'ga_session_id' GROUP BY v",
    ] {
        let sql = sql.replace("{T}", EVENTS);
        assert_eq!(level(&dataset(&registry, &sql)), Some(6), "{sql}");
    }
    let other = "SELECT value.string_value AS v, COUNT(*) AS n FROM {T}, UNNEST(event_params) WHERE key = 'page_location' OR event_name = 'x' GROUP BY v";
    let found = dataset(&registry, &other.replace("{T}", EVENTS));
    assert_eq!(
        answers(&found),
        "3 yyyy",
        "the category of the others is unknown, too"
    );
    let sources: Vec<&str> = found.findings.iter().map(|f| f.message.as_str()).collect();
    assert!(
        sources
            .iter()
            .any(|m| m.contains("event_params.value.string_value")),
        "{sources:?}"
    );
}

#[test]
fn time_of_a_property_stays_a_time() {
    let sql = "SELECT up.value.set_timestamp_micros AS t FROM p.analytics_1.events_1, UNNEST(user_properties) AS up WHERE up.key = 'user_id'";
    let registry = preset(Preset::Ga4);
    assert_eq!(level(&dataset(&registry, sql)), Some(7));
    let key = sql.replace("value.set_timestamp_micros", "key");
    assert_eq!(
        level(&dataset(&registry, &key)),
        Some(5),
        "the key is a constant"
    );
}

#[test]
fn key_of_a_map_of_an_unknown_table_may_name_a_person() {
    let registry = nothing();
    let sql = "SELECT (SELECT value FROM UNNEST(labels) WHERE key = 'user_email') AS v, COUNT(*) AS n FROM d.t GROUP BY v";
    assert_eq!(level(&dataset(&registry, sql)), Some(6));
    let sql = sql.replace("user_email", "colour");
    assert_eq!(level(&dataset(&registry, &sql)), Some(3));
}

#[test]
fn export_of_events_may_be_publishable() {
    // With reviews: nothing but them is missing.
    let text = Preset::Ga4.text().replace(
        "role = \"",
        "data_reviews = [\"https://example.org/1\"]\nrole = \"",
    );
    let text = text.replace(
        "unit_column = ",
        "data_reviews = [\"https://example.org/1\"]\nunit_column = ",
    );
    let registry =
        Registry::parse(&SourceText::new("r.toml", text)).expect("the registry is valid");
    for sql in [
        "SELECT device.category AS l, COUNT(DISTINCT user_pseudo_id) AS n FROM `p.analytics_1.events_*`, UNNEST(event_params) AS params WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131' GROUP BY l HAVING n >= 5000",
        "DECLARE start_date DATE DEFAULT '2024-01-01'; SELECT device.category AS l, COUNT(DISTINCT user_pseudo_id) AS n, COUNT(DISTINCT CONCAT(user_pseudo_id, CAST((SELECT value.int_value FROM UNNEST(event_params) WHERE key = 'ga_session_id') AS STRING))) AS sessions FROM `p.analytics_1.events_*` WHERE PARSE_DATE('%Y%m%d', event_date) >= start_date GROUP BY l HAVING n >= 5000",
        "SELECT event_date, COUNT(DISTINCT user_pseudo_id) AS n FROM `p.analytics_1.events_*`, UNNEST(event_params) AS ep WHERE event_name = 'x' GROUP BY event_date HAVING n >= 5000",
    ] {
        let found = dataset(&registry, sql);
        let messages: Vec<&str> = found.findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(answers(&found), "2 nnnn", "{sql}: {messages:?}");
    }
}

#[test]
fn member_of_a_document_is_looked_up_by_its_whole_path() {
    for sql in [
        "SELECT JSON_VALUE(JSON_EXTRACT(payload, '$.author'), '$.email') AS e FROM d.e",
        "SELECT JSON_VALUE(JSON_QUERY(JSON_QUERY(payload, '$.a'), '$.author'), '$.email') AS e FROM d.e",
        "SELECT JSON_VALUE(c, '$.author.email') AS e, COUNT(*) AS n FROM d.e CROSS JOIN UNNEST(JSON_EXTRACT_ARRAY(payload, '$.commits')) AS c GROUP BY e",
        "SELECT JSON_VALUE(c, '$.author.email') AS e FROM d.e, UNNEST(JSON_QUERY_ARRAY(payload, '$.commits')) AS c",
        "SELECT LAX_STRING(c.author.email) AS e FROM d.e, UNNEST(JSON_QUERY_ARRAY(payload, '$.commits')) AS c",
        "SELECT ARRAY(SELECT JSON_VALUE(c, '$.author.email') FROM UNNEST(JSON_QUERY_ARRAY(payload, '$.commits')) AS c) AS e FROM d.e",
        "SELECT JSON_VALUE(props, '$.user.login') AS e, COUNT(*) AS n FROM d.e GROUP BY e",
        "SELECT JSON_VALUE(props, '$.email') AS e FROM d.e",
        "SELECT JSON_VALUE(props, \"$['user']['login']\") AS e FROM d.e",
        "SELECT payload.author.email AS e FROM d.e",
        "SELECT payload['author']['email'] AS e, COUNT(*) AS n FROM d.e GROUP BY e",
        "SELECT STRING(payload['author'].email) AS e FROM d.e",
        "SELECT LAX_STRING(payload.author['email']) AS e FROM d.e",
        "SELECT TO_JSON_STRING(payload.author.email) AS e FROM d.e",
        "SELECT JSON_VALUE(TO_JSON_STRING(payload.author), '$.email') AS e FROM d.e",
        "SELECT STRING(PARSE_JSON(payload).author.email) AS e FROM d.e",
        "SELECT JSON_VALUE(PARSE_JSON(payload), '$.author.email') AS e FROM d.e",
        "SELECT JSON_VALUE(a, '$.email') AS e FROM (SELECT JSON_QUERY(payload, '$.author') AS a FROM d.e)",
        "SELECT MAX(JSON_VALUE(payload, '$.author.email')) AS e FROM d.e GROUP BY kind",
    ] {
        for registry in [Registry::builtin(), &nothing()] {
            assert_eq!(level(&dataset(registry, sql)), Some(6), "{sql}");
        }
    }
    for sql in [
        "SELECT JSON_VALUE(props, '$.user.kind') AS e, COUNT(*) AS n FROM d.e GROUP BY e",
        "SELECT JSON_VALUE(c, '$.kind') AS e, COUNT(*) AS n FROM d.e, UNNEST(JSON_QUERY_ARRAY(payload, '$.commits')) AS c GROUP BY e",
    ] {
        assert_eq!(answers(&dataset(&nothing(), sql)), "3 yuuu", "{sql}");
    }
}

const PARENTS: &str = r#"
schema_version = 1
[units.client]
person = true
[[column]]
name = "payload.searches"
role = "metric"
category = 2
sensitive = "revenue"
[[column]]
name = "payload.pages"
role = "dimension"
category = 3
[[column]]
name = "payload.token"
role = "identifier"
unit = "client"
category = 4
[[column]]
name = "envelope.searches"
tables = ["forge.*"]
role = "metric"
category = 2
sensitive = "revenue"
[[table]]
name = "telemetry.main"
"#;

#[test]
fn parent_of_registered_fields_says_nothing_sure_of_an_unknown_table() {
    let registry = Registry::parse(&SourceText::new("r.toml", PARENTS)).expect("it is valid");
    for (sql, expected) in [
        // The registry knows the table, or the entry names it.
        ("SELECT payload FROM telemetry.main", "6 yyyu"),
        ("SELECT envelope FROM forge.events", "5 ynyu"),
        // An identifier that may be in it stays one.
        ("SELECT payload FROM forge.events", "6 yuuu"),
        ("SELECT payload.searches FROM forge.events", "5 ynyy"),
        // A path leads past the others.
        (
            "SELECT JSON_VALUE(payload, '$.issue.kind') AS k FROM forge.events",
            "5 yuuu",
        ),
        (
            "SELECT COUNT(DISTINCT JSON_VALUE(payload, '$.issue.kind')) AS n FROM forge.events",
            "3 yuuu",
        ),
        (
            "SELECT JSON_VALUE(payload, '$.token') AS k FROM forge.events",
            "6 yyyy",
        ),
        (
            "SELECT JSON_VALUE(payload, '$.pages') AS k FROM forge.events",
            "5 yyyy",
        ),
    ] {
        assert_eq!(answers(&dataset(&registry, sql)), expected, "{sql}");
    }
}

#[test]
fn column_that_the_warehouse_adds_is_not_collected() {
    let grouped = |table: &str, more: &str| {
        format!(
            "SELECT country, COUNT(DISTINCT client_id) AS n FROM {table} {more} GROUP BY country HAVING n >= 5000"
        )
    };
    for sql in [
        grouped("`foo.bar_*`", "WHERE _TABLE_SUFFIX = '20240101'"),
        grouped("`foo.bar_*` AS b", "WHERE b._table_suffix BETWEEN 'a' AND 'b'"),
        grouped("foo.bar", "WHERE _PARTITIONTIME > TIMESTAMP '2024-01-01'"),
        grouped("foo.bar", "WHERE DATE(_PARTITIONTIME) = '2024-01-01'"),
        grouped("foo.bar", "WHERE _PARTITIONDATE = '2024-01-01'"),
        grouped("foo.bar", "WHERE _FILE_NAME LIKE '%.csv'"),
        grouped("`foo.bar_*`, UNNEST([1, 2]) AS e", "WHERE _TABLE_SUFFIX = 'x'"),
        "SELECT _PARTITIONDATE AS d, COUNT(DISTINCT client_id) AS n FROM foo.bar GROUP BY d HAVING n >= 5000".to_owned(),
    ] {
        let found = dataset(Registry::builtin(), &sql);
        assert_eq!(answers(&found), "2 nnnn", "{sql}");
        assert_eq!(found.verdict, Verdict::Publishable, "{sql}");
    }
    // As a label the name of a table or file may mean anything.
    for name in [
        "_TABLE_SUFFIX",
        "_FILE_NAME",
        "CASE WHEN _TABLE_SUFFIX = 'x' THEN 1 ELSE 2 END",
    ] {
        let sql = format!(
            "SELECT {name} AS d, COUNT(DISTINCT client_id) AS n FROM `foo.bar_*` GROUP BY d HAVING n >= 5000"
        );
        assert_eq!(
            answers(&dataset(Registry::builtin(), &sql)),
            "2 nuuu",
            "{sql}"
        );
    }
    // What it is compared with counts as ever.
    let sql = grouped("`foo.bar_*`", "WHERE _TABLE_SUFFIX = remark");
    assert_eq!(answers(&dataset(Registry::builtin(), &sql)), "2 nuuu");
    // Rows of single people, with the hour of each.
    let sql = "SELECT _PARTITIONTIME AS t, country FROM foo.bar";
    assert_eq!(level(&dataset(Registry::builtin(), sql)), Some(5));
}

#[test]
fn variable_in_a_filter_is_assumed_to_be_no_column() {
    let grouped = |condition: &str| {
        format!(
            "DECLARE d DATE DEFAULT '2024-01-01'; SELECT country, COUNT(DISTINCT client_id) AS n FROM foo.bar AS b WHERE {condition} GROUP BY country HAVING n >= 5000"
        )
    };
    for condition in [
        "submission_date = d",
        "submission_date BETWEEN d AND DATE_ADD(d, INTERVAL 7 DAY)",
        "submission_date > DATE(d)",
    ] {
        let found = dataset(Registry::builtin(), &grouped(condition));
        assert_eq!(answers(&found), "2 nnnn", "{condition}");
        let assumptions = found.decision.assumptions.join("\n");
        assert!(
            assumptions.contains("`foo.bar.d` is assumed not to be a column"),
            "{assumptions}"
        );
    }
    // A column, as it is written.
    let found = dataset(Registry::builtin(), &grouped("submission_date = b.d"));
    assert_eq!(answers(&found), "2 nuuu");
    // A label may be either.
    let label = "DECLARE d DATE DEFAULT '2024-01-01'; SELECT d, COUNT(DISTINCT client_id) AS n FROM foo.bar GROUP BY d HAVING n >= 5000";
    assert_eq!(answers(&dataset(Registry::builtin(), label)), "2 nuuu");
    // BigQuery prefers a column that is there.
    let known = "DECLARE city STRING DEFAULT 'x'; SELECT country, COUNT(DISTINCT client_id) AS n FROM foo.bar WHERE city = 'y' GROUP BY country HAVING n >= 5000";
    assert_eq!(answers(&dataset(Registry::builtin(), known)), "2 nnyn");
    // The variable holds people's data.
    let data = "DECLARE d DATE; SET d = (SELECT MAX(birthday) FROM foo.people); SELECT country, COUNT(DISTINCT client_id) AS n FROM foo.bar WHERE submission_date = d GROUP BY country HAVING n >= 5000";
    assert_eq!(
        dataset(Registry::builtin(), data).verdict,
        Verdict::ExtraReview
    );
}

const SHIFTS: &str = r#"
schema_version = 1
[units.member]
person = true
[[column]]
name = "member_id"
role = "identifier"
unit = "member"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "city"
tables = ["guild.shifts"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "tools"
aliases = ["tools.city"]
role = "dimension"
category = 3
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "guild.shifts"
unit_column = "member_id"
data_reviews = ["https://example.org/review/1"]
"#;

#[test]
fn declared_column_is_no_field_of_an_element_beside_it() {
    let registry = Registry::parse(&SourceText::new("r.toml", SHIFTS)).expect("it is valid");
    let sql = "SELECT city, COUNT(DISTINCT member_id) AS n FROM {T}, UNNEST(tags) AS e GROUP BY city HAVING n >= 5000";
    let found = dataset(&registry, &sql.replace("{T}", "guild.shifts"));
    assert_eq!(answers(&found), "2 nuuu", "the tags are not registered");
    let messages: Vec<&str> = found.findings.iter().map(|f| f.message.as_str()).collect();
    assert!(
        !messages.iter().any(|m| m.contains("tags.city")),
        "{messages:?}"
    );
    // Nothing says that this table has the column.
    let found = dataset(&registry, &sql.replace("{T}", "guild.others"));
    assert_eq!(level(&found), Some(3));
}

#[test]
fn name_that_is_not_resolved_is_reported_once_with_its_places() {
    let sql = "SELECT x, COUNT(*) AS n FROM (SELECT 1 AS a) WHERE x > 1 AND x < 3 GROUP BY x";
    let found = dataset(Registry::builtin(), sql);
    let of_rule: Vec<_> = found
        .findings
        .iter()
        .filter(|finding| finding.rule.code == "HC004")
        .collect();
    let [finding] = of_rule.as_slice() else {
        panic!("{} findings", of_rule.len());
    };
    assert_eq!(finding.labels.len(), 2);
    for label in &finding.labels {
        assert_eq!(
            &sql[label.span.start as usize..label.span.end as usize],
            "x"
        );
    }
}

#[test]
fn findings_say_what_fits() {
    let key = "SELECT (SELECT MAX(x) FROM d.u) AS k, COUNT(*) AS n FROM d.t GROUP BY k";
    let found = dataset(Registry::builtin(), key);
    let single = found
        .findings
        .iter()
        .find(|finding| finding.rule.code == "HC112");
    let help = &single.expect("a finding").help;
    assert!(
        help.starts_with("group by a value that many people share"),
        "{help}"
    );
    let records = "SELECT COUNT(*) AS n FROM d.t";
    let found = dataset(Registry::builtin(), records);
    let messages: Vec<&str> = found.findings.iter().map(|f| f.message.as_str()).collect();
    assert!(
        messages.contains(&"the records of `d.t` are not in the registry"),
        "{messages:?}"
    );
}

#[test]
fn entry_to_add_is_listed_once() {
    let sql = "SELECT repos, ARRAY_LENGTH(repos) AS n, r FROM d.t, UNNEST(repos) AS r";
    let found = dataset(Registry::builtin(), sql);
    let finding = found
        .findings
        .iter()
        .find(|finding| finding.rule.code == "HC303");
    let help = &finding.expect("a finding").help;
    assert_eq!(help.matches("name = \"repos\"").count(), 1, "{help}");
}
