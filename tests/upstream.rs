//! Tables that the repository creates are known by the queries that create them.

#[path = "common/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use program::headcount;
use serde_json::Value;

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/repositories")
        .join(name)
}

fn check(name: &str, arguments: &[&str]) -> Value {
    check_in(&repository(name), arguments)
}

fn check_in(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["check", "--format", "json", "--fail-on", "never"];
    all.extend(arguments);
    let said = headcount(&all, "", folder, &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).expect("it is JSON")
}

fn dataset<'v>(run: &'v Value, name: &str) -> &'v Value {
    run["files"]
        .as_array()
        .expect("there are files")
        .iter()
        .flat_map(|file| file["datasets"].as_array().expect("a list"))
        .find(|dataset| dataset["identity"] == name)
        .unwrap_or_else(|| panic!("{name} is assessed"))
}

fn finding<'v>(dataset: &'v Value, code: &str) -> Option<&'v Value> {
    dataset["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|finding| finding["code"] == code)
}

#[test]
fn a_threshold_two_tables_up_is_told_at_its_place() {
    let run = check("etl", &[]);
    let published = dataset(&run, "shop.published.country_buyers_v1");
    assert_eq!(published["level"], 3);
    assert_eq!(published["bucket"]["proven"], 376);
    let small = finding(published, "HC102").expect("it is too small");
    assert_eq!(
        small["span"]["path"],
        "sql/shop/orders_derived/country_buyers_v1/query.sql"
    );
    assert_eq!(small["span"]["start"]["line"], 14);
    let steps: Vec<(&str, &Value, &Value)> = published["level_because"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|step| step["operator"].is_string())
        .map(|step| {
            (
                step["operator"].as_str().unwrap_or_default(),
                &step["k"],
                &step["span"]["path"],
            )
        })
        .collect();
    insta::assert_debug_snapshot!(steps);
}

#[test]
fn what_joins_single_people_again_weakens_what_was_kept() {
    let run = check("etl", &[]);
    let finer = dataset(&run, "shop.published.finer_v1");
    assert_eq!(finer["bucket"]["proven"], Value::Null);
    assert!(finer["level"].as_u64() > Some(3), "{}", finer["level"]);
}

#[test]
fn only_what_is_labelled_is_checked_unless_all_is_asked_for() {
    let names = |arguments: &[&str]| -> usize {
        let run = check("etl", arguments);
        run["summary"]["datasets"].as_u64().unwrap_or_default() as usize
    };
    assert_eq!(names(&[]), 2);
    assert_eq!(names(&["--all"]), 7);
}

#[test]
fn a_cycle_is_told_and_ends() {
    let run = check("etl", &["--all"]);
    let of_itself =
        finding(dataset(&run, "shop.orders_derived.a_v1"), "HC007").expect("it is made of itself");
    insta::assert_snapshot!(of_itself["message"].as_str().unwrap_or_default());
}

#[test]
fn a_schema_tells_the_columns_of_a_table_that_no_query_makes() {
    let run = check("etl", &["--all"]);
    let visits = dataset(&run, "shop.published.visits_v1");
    let columns: Vec<&Value> = visits["columns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|column| &column["name"])
        .collect();
    assert_eq!(columns, ["client_id", "country"]);
    assert!(finding(visits, "HC003").is_none());
    assert!(finding(visits, "HC201").is_some());
}

#[test]
fn statements_and_models_make_tables_too() {
    let plain = check("plain", &[]);
    let read = dataset(&plain, "read.sql#1");
    assert_eq!(
        (&read["level"], &read["bucket"]["proven"]),
        (&2.into(), &5000.into())
    );
    let dbt = check("dbt", &[]);
    let read = dbt["files"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|file| {
            file["path"]
                .as_str()
                .is_some_and(|path| path.ends_with("read.sql"))
        })
        .expect("it is assessed");
    assert_eq!(read["datasets"][0]["level"], 2);
    assert_eq!(read["datasets"][0]["bucket"]["proven"], 5000);
}

#[test]
fn without_the_upstream_threshold_the_reader_is_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = "CREATE VIEW shop.large AS SELECT country, COUNT(DISTINCT client_id) AS n \
                 FROM shop.purchases GROUP BY country";
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is written");
    };
    let level = || {
        let run = check_in(folder.path(), &["read.sql"]);
        run["files"][0]["datasets"][0]["level"].clone()
    };
    write("headcount.toml", "[project]\nlayout = 'plain'\n");
    write("read.sql", "SELECT country, n FROM shop.large");
    write(
        "large.sql",
        &format!("{large} HAVING COUNT(DISTINCT client_id) >= 5000"),
    );
    assert_eq!(level(), 2);
    write("large.sql", large);
    assert_eq!(level(), 3);
}

#[test]
fn a_change_of_what_makes_a_table_checks_the_datasets_that_read_it() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let run = check("etl", arguments);
        let files = run["files"].as_array().expect("there are files");
        let datasets = files
            .iter()
            .flat_map(|file| file["datasets"].as_array().expect("a list"));
        datasets
            .map(|dataset| dataset["identity"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let both = [
        "shop.published.country_buyers_v1",
        "shop.published.finer_v1",
    ];
    // Neither file is published itself.
    let made = "sql/shop/orders_derived/country_buyers_v1/query.sql";
    assert_eq!(names(&["--readers", made]), both);
    assert_eq!(
        names(&["--readers", "sql/shop/orders/country_buyers/view.sql"]),
        both
    );
    let own = "sql/shop/published/finer_v1/metadata.yaml";
    assert_eq!(names(&["--readers", own]), both[1..]);
    let other = "sql/shop/orders_derived/a_v1/query.sql";
    assert!(names(&["--readers", other]).is_empty());
    assert_eq!(names(&["--readers", "headcount.toml"]), both);
}

#[test]
fn a_query_behind_a_view_is_what_it_is_in_a_subquery() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let registry =
        std::fs::read_to_string(root.join("dimension-registry.toml")).expect("it is there");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is written");
    };
    write("headcount.toml", "[project]\nlayout = 'plain'\n");
    write("dimension-registry.toml", &registry);
    let mut queries: Vec<PathBuf> =
        headcount::source::files::under(&root.join("queries")).expect("they are there");
    // A reader of a template's table reads the rows of every rendering.
    queries.retain(|path| {
        let text = std::fs::read_to_string(path).expect("it is text");
        !text.contains("{%") && !text.contains("{{")
    });
    for (at, path) in queries.iter().enumerate() {
        let text = std::fs::read_to_string(path).expect("it is text");
        write(
            &format!("view{at}.sql"),
            &format!("CREATE VIEW shop.v{at} AS\n{text}"),
        );
        write(
            &format!("read{at}.sql"),
            &format!("SELECT * FROM shop.v{at}"),
        );
        write(
            &format!("within{at}.sql"),
            &format!("SELECT * FROM (\n{text}\n)"),
        );
    }
    let run = check_in(folder.path(), &[]);
    let of = |name: String| -> Option<Value> {
        let files = run["files"].as_array().expect("there are files");
        let file = files.iter().find(|file| {
            file["path"]
                .as_str()
                .is_some_and(|path| path.ends_with(&name))
        })?;
        let dataset = file["datasets"].as_array()?.first()?;
        let codes: Vec<&Value> = dataset["findings"]
            .as_array()?
            .iter()
            .map(|finding| &finding["code"])
            .collect();
        let mut known = serde_json::json!({
            "level": dataset["level"],
            "bucket": dataset["bucket"],
            "verdict": dataset["verdict"],
            "codes": codes,
            "answers": dataset["questions"]
                .as_array()?
                .iter()
                .map(|question| &question["answer"])
                .collect::<Vec<_>>(),
        });
        known["columns"] = dataset["columns"]
            .as_array()?
            .iter()
            .map(|column| {
                serde_json::json!([
                    column["name"],
                    column["category"],
                    column["sources"],
                    column["bucket"]
                ])
            })
            .collect();
        dataset["assessed"].as_bool()?.then_some(known)
    };
    let mut compared = 0;
    for (at, path) in queries.iter().enumerate() {
        let Some(within) = of(format!("within{at}.sql")) else {
            // It is a script, or a statement that is not a query.
            continue;
        };
        let Some(mut read) = of(format!("read{at}.sql")) else {
            continue;
        };
        let mut within = within;
        for known in [&mut within, &mut read] {
            let mut codes: Vec<String> = known["codes"]
                .as_array()
                .into_iter()
                .flatten()
                // A problem in the other file is a doubt about the table here.
                .map(|code| code.to_string().replace("HC004", "HC007"))
                .collect();
            codes.sort();
            codes.dedup();
            if known["level"].as_u64() >= Some(5) {
                // A column that only filters of individual rows of another file compare
                // is reported as a note.
                known["verdict"] = Value::Null;
                known["answers"] = Value::Null;
            }
            known["codes"] = codes.into();
        }
        if ["merge_writes_it.sql", "inserted_labels.sql"]
            .iter()
            .any(|name| path.ends_with(name))
        {
            // It is not a query, so it cannot be a subquery.
            continue;
        }
        assert_eq!(read, within, "{}", path.display());
        compared += 1;
    }
    assert!(
        compared >= 40,
        "only {compared} of {} are queries",
        queries.len()
    );
}

fn write_in(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
    std::fs::write(path, text).expect("it is written");
}

/// Returns the codes of all findings of a run.
fn codes(run: &Value) -> Vec<String> {
    let mut codes: Vec<String> = run["files"]
        .as_array()
        .expect("there are files")
        .iter()
        .flat_map(|file| file["datasets"].as_array().expect("a list"))
        .flat_map(|dataset| dataset["findings"].as_array().expect("a list"))
        .map(|finding| finding["code"].as_str().expect("a code").to_owned())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn the_columns_of_a_table_that_is_registered_are_those_of_its_query() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write_in(folder.path(), name, text);
    write("headcount.toml", "[project]\nlayout = \"bigquery-etl\"\n");
    write(
        "dimension-registry.toml",
        "schema_version = 1\n[units.client]\nperson = true\n[[table]]\nname = \"shop.buyers\"\nunit_column = \"client_id\"\n",
    );
    write(
        "sql/p/shop/buyers/query.sql",
        "SELECT client_id, country FROM raw.purchases",
    );
    write(
        "sql/p/shop/all/query.sql",
        "SELECT `p.shop.buyers`.country, * FROM `p.shop.buyers`",
    );
    let run = check_in(folder.path(), &["sql/p/shop/all"]);
    let columns: Vec<&str> = run["files"][0]["datasets"][0]["columns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|column| column["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(columns, ["country", "client_id", "country"], "{run:#}");
    assert!(!codes(&run).contains(&"HC003".to_owned()));
}

#[test]
fn a_schema_tells_what_a_star_of_the_query_that_makes_a_table_left_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write_in(folder.path(), name, text);
    write("headcount.toml", "[project]\nlayout = \"bigquery-etl\"\n");
    write(
        "sql/p/shop/buyers/schema.yaml",
        "fields:\n- name: client_id\n  type: STRING\n- name: country\n  type: STRING\n- name: day\n  type: DATE\n",
    );
    write(
        "sql/p/shop/all/query.sql",
        "SELECT * EXCEPT (client_id) FROM `p.shop.buyers`",
    );
    let columns = |query: &str| {
        write("sql/p/shop/buyers/query.sql", query);
        let run = check_in(folder.path(), &["sql/p/shop/all"]);
        let columns: Vec<String> = run["files"][0]["datasets"][0]["columns"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|column| format!("{} {}", column["name"], column["sources"]))
            .collect();
        (columns, codes(&run).contains(&"HC003".to_owned()))
    };
    let known = [
        r#""country" ["raw.purchases.country"]"#,
        r#""day" ["raw.purchases.day"]"#,
    ];
    // The columns have the order of the schema, wherever the star is.
    for query in [
        "SELECT * FROM raw.purchases",
        "SELECT day, * EXCEPT (day) FROM raw.purchases",
        "SELECT client_id, * EXCEPT (client_id) FROM raw.purchases",
    ] {
        let (found, unknown) = columns(query);
        assert_eq!(found, known, "{query}");
        assert!(!unknown, "{query}");
    }
    // If a query contradicts its schema file, the schema is not used.
    let (_, unknown) = columns("SELECT * EXCEPT (country) FROM raw.purchases");
    assert!(unknown);
}

#[test]
fn schemas_in_bigquerys_own_form_tell_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write_in(folder.path(), name, text);
    write(
        "sql/all.sql",
        "SELECT * EXCEPT (client_id) FROM shop.purchases",
    );
    let unknown = codes(&check_in(folder.path(), &["sql"]));
    assert!(unknown.contains(&"HC003".to_owned()), "{unknown:?}");
    write("headcount.toml", "[project]\nschemas = [\"schemas\"]\n");
    let fields = r#"[{"name": "client_id", "type": "STRING"},
        {"name": "visit", "type": "RECORD", "fields": [{"name": "country", "type": "STRING"}]}]"#;
    for path in ["schemas/shop.purchases.json", "schemas/shop/purchases.json"] {
        write(path, fields);
        let run = check_in(folder.path(), &["sql"]);
        assert!(!codes(&run).contains(&"HC003".to_owned()));
        let columns = &run["files"][0]["datasets"][0]["columns"];
        assert_eq!(columns[0]["name"], "visit");
        assert_eq!(columns.as_array().map(Vec::len), Some(1));
        std::fs::remove_file(folder.path().join(path)).expect("it goes");
    }
    write("schemas/shop.purchases.json", r#"[{"type": "STRING"}]"#);
    let said = headcount(&["check", "sql"], "", folder.path(), &[]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.err);
}

#[test]
fn what_dbt_declares_of_tables_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write_in(folder.path(), name, text);
    write("dbt_project.yml", "name: shop\n");
    write("headcount.toml", "[project]\nlayout = \"dbt\"\n");
    write(
        "models/by_color.sql",
        "SELECT color, COUNT(DISTINCT client_id) AS buyers \
         FROM {{ source('shop', 'purchases') }} JOIN {{ source('shop', 'articles') }} USING (article) \
         GROUP BY color",
    );
    let unknown = codes(&check_in(folder.path(), &["models"]));
    assert!(unknown.contains(&"HC004".to_owned()), "{unknown:?}");
    write(
        "models/sources.yml",
        "sources:\n  - name: shop\n    tables:\n      - name: purchases\n        columns:\n          - name: client_id\n      - name: articles\n        columns:\n          - name: color\n",
    );
    let known = codes(&check_in(folder.path(), &["models"]));
    assert!(!known.contains(&"HC004".to_owned()), "{known:?}");
    // An unreadable file is reported, and the others are used.
    write("models/broken.yml", "models: 7\n");
    let said = headcount(&["check", "models"], "", folder.path(), &[]);
    assert!(said.err.contains("models/broken.yml"), "{}", said.err);
    assert_eq!(said.code, 1);
}

#[test]
fn a_function_of_the_repository_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write_in(folder.path(), name, text);
    write("headcount.toml", "[project]\nlayout = \"bigquery-etl\"\n");
    write(
        "sql/lib/text/coarse/udf.sql",
        "-- Versions that are one.\nCREATE OR REPLACE FUNCTION text.coarse(version STRING) AS (\n  text.first(SPLIT(version, '.'))\n);\n\n-- Tests\nSELECT text.coarse('1.2');\n",
    );
    write(
        "sql/lib/text/first/udf.sql",
        "CREATE OR REPLACE FUNCTION text.first(list ANY TYPE) AS (\n  (SELECT item FROM UNNEST(list) AS item WITH OFFSET AS at ORDER BY at LIMIT 1)\n);\n",
    );
    write(
        "sql/lib/text/hidden/udf.sql",
        "CREATE OR REPLACE FUNCTION text.hidden(x STRING) RETURNS STRING LANGUAGE js AS 'return x';\n",
    );
    write(
        "sql/shop/published/by_version/query.sql",
        "SELECT lib.text.coarse(windows_ubr) AS version, COUNT(DISTINCT client_id) AS clients\nFROM telemetry.clients_daily GROUP BY version HAVING clients >= 5000",
    );
    write(
        "sql/shop/published/picked/query.sql",
        "SELECT country, lib.text.first(ARRAY_AGG(client_id)) AS one\nFROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000",
    );
    write(
        "sql/shop/published/unseen/query.sql",
        "SELECT lib.text.hidden(os_version) AS version, COUNT(DISTINCT client_id) AS clients\nFROM telemetry.clients_daily GROUP BY version HAVING clients >= 5000",
    );
    let run = check_in(folder.path(), &["sql/shop"]);
    let by_version = dataset(&run, "shop.published.by_version");
    assert_eq!(by_version["level"], 2);
    assert_eq!(by_version["bucket"]["proven"], 5000);
    assert!(finding(by_version, "HC005").is_none());
    let picked = dataset(&run, "shop.published.picked");
    assert_eq!(picked["level"], 6);
    assert!(finding(picked, "HC201").is_some());
    let unseen = dataset(&run, "shop.published.unseen");
    assert!(finding(unseen, "HC005").is_some());
    // The datasets depend on the text of a function that they call, also indirectly.
    let said = headcount(
        &[
            "check",
            "--readers",
            "sql/lib/text/first/udf.sql",
            "--fail-on",
            "never",
            "--format",
            "concise",
        ],
        "",
        folder.path(),
        &[],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("by_version") && said.out.contains("picked"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("unseen"), "{}", said.out);
    let said = headcount(
        &["lineage", "sql/shop/published/by_version/query.sql"],
        "",
        folder.path(),
        &[],
    );
    insta::assert_snapshot!("through_a_function", said.out);
}

/// Question 4 of a query that reads groups of people: the filter that made the groups
/// is a filter of what is published, and one that made individual rows is not.
#[test]
fn filter_of_another_file_counts_if_it_makes_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = r#"
schema_version = 1
[units.client]
person = true
[[column]]
name = "client_id"
role = "identifier"
unit = "client"
category = 4
data_reviews = ["https://example.org/1"]
[[column]]
name = "country"
role = "dimension"
category = 1
data_reviews = ["https://example.org/1"]
[[column]]
name = "plan"
role = "dimension"
category = 1
[[table]]
name = "shop.purchases"
unit_column = "client_id"
"#;
    write_in(
        folder.path(),
        "headcount.toml",
        "[project]\nlayout = 'plain'\n",
    );
    write_in(folder.path(), "dimension-registry.toml", registry);
    let groups = "SELECT country, COUNT(DISTINCT client_id) AS n FROM {t} {w} \
                  GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
    let filter = "WHERE plan = 'x'";
    let tables = [
        (
            "groups",
            groups
                .replace("{t}", "shop.purchases")
                .replace("{w}", filter),
        ),
        (
            "rows",
            format!("SELECT client_id, country FROM shop.purchases {filter}"),
        ),
        ("again", "SELECT * FROM shop.groups".to_owned()),
        (
            "of_rows",
            groups.replace("{t}", "shop.rows").replace("{w}", ""),
        ),
    ];
    for (name, sql) in &tables {
        let sql = format!("CREATE VIEW shop.{name} AS {sql}");
        write_in(folder.path(), &format!("{name}.sql"), &sql);
    }
    let readers = [
        ("SELECT * FROM shop.groups", "yes"),
        ("SELECT country, n FROM shop.again ORDER BY n", "yes"),
        (
            "SELECT country, SUM(n) AS n FROM shop.groups GROUP BY country",
            "yes",
        ),
        ("SELECT * FROM shop.of_rows", "no"),
    ];
    for (at, (sql, expected)) in readers.iter().enumerate() {
        let name = format!("read{at}.sql");
        write_in(folder.path(), &name, sql);
        let run = check_in(folder.path(), &[&name]);
        let dataset = &run["files"][0]["datasets"][0];
        assert_eq!(dataset["questions"][3]["answer"], *expected, "{sql}");
        let free = dataset["verdict"] == "publishable";
        assert_eq!(free, *expected == "no", "{sql}");
    }
}
