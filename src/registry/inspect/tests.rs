//! Tests which problems are found, and which are not.

use super::*;
use insta::assert_snapshot;

const HEAD: &str = "schema_version = 1\n[units.client]\nperson = true\n";

fn told(entries: &str, against: Option<&[(&str, &str)]>) -> String {
    let source = SourceText::new("registry.toml", format!("{HEAD}{entries}"));
    let registry = Registry::parse(&source).expect("a valid registry");
    let against = against.map(|read| QueryUsage {
        columns: read
            .iter()
            .map(|(table, path)| {
                let table = TableName::new([*table]);
                let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                QueriedColumn {
                    entries: registry
                        .column(Some(&table), &names)
                        .map(|entry| entry.span)
                        .into_iter()
                        .collect(),
                    table,
                    path,
                }
            })
            .collect(),
        tables: read
            .iter()
            .map(|(table, _)| TableName::new([*table]))
            .collect(),
        shown: "sql".to_owned(),
    });
    inspect(&registry, &source, against.as_ref())
        .iter()
        .map(|problem| {
            let line = source.position(problem.span.start).line;
            format!("{line} {}: {}\n", problem.kind.name(), problem.message)
        })
        .collect()
}

/// Returns a dimension with all required declarations.
fn entry(name: &str, rest: &str) -> String {
    format!(
        "[[column]]\nname = \"{name}\"\nrole = \"dimension\"\ncategory = 1\n\
         data_reviews = [\"https://example.org/1\"]\n{rest}\n"
    )
}

#[test]
fn a_good_registry_has_no_problems() {
    let text = [
        entry("country", ""),
        entry("geo.country", ""),
        entry("country*", ""),
        entry("country", "tables = [\"d.t\"]"),
        entry("c*", "tables = [\"d.*\"]"),
    ]
    .concat();
    assert_eq!(told(&text, None), "");
}

#[test]
fn entries_that_are_never_meant() {
    let text = [
        entry("country", ""),
        entry("country", "tables = [\"*\"]"),
        entry("os", "tables = [\"d.t\", \"d.u\"]"),
        entry("app.os", "tables = [\"t*\", \"d.*\"]"),
        entry("city", "tables = [\"p.d.t\"]"),
        entry("town", "aliases = [\"city\"]\ntables = [\"d.t\"]"),
        entry("version", "aliases = [\"build\"]"),
        entry("build", "tables = [\"*\"]"),
    ]
    .concat();
    assert_snapshot!(told(&text, None), @"4 shadowed-entry: `country` never applies: `country` on line 10 is more specific for every match");
}

#[test]
fn values_twice_and_what_is_missing() {
    let text = "
[[column]]
name = \"client_id\"
aliases = [\"CLIENT_ID\"]
role = \"identifier\"
category = 4
tables = [\"d.t\", \"D.t\"]
data_reviews = [\"https://example.org/a\", \"https://example.org/A\", \"https://example.org/a\"]

[[column]]
name = \"account\"
role = \"identifier\"

[[column]]
name = \"known\"
role = \"identifier\"
unit = \"client\"
category = 4
data_reviews = [\"https://example.org/a\"]
";
    assert_snapshot!(told(text, None), @r"
    5 repeated-value: `client_id` has the name `CLIENT_ID` twice
    5 repeated-value: `client_id` has the table `D.t` twice
    5 repeated-value: `client_id` has the link `https://example.org/a` twice
    5 missing-unit: `client_id` is an identifier of category 4, but its unit is not declared
    13 missing-unit: `account` is an identifier without a category, but its unit is not declared
    13 missing-review: `account` links no data review
    13 missing-category: `account` has no category
    ");
}

#[test]
fn entries_that_no_query_has_a_use_for() {
    let text = format!(
        "{}{}{}{}",
        entry("country", ""),
        entry("coun*", ""),
        entry("weather", ""),
        "[[table]]\nname = \"d.t\"\n[[table]]\nname = \"d.gone\"\n"
    );
    assert_snapshot!(told(&text, Some(&[("d.t", "country"), ("d.t", "other")])), @r"
    10 unmatched-entry: `coun*` never applies in sql: the entry on line 4 is more specific
    16 unmatched-entry: `weather` matches no column that sql reads
    24 unmatched-entry: `d.gone` matches no table that sql reads
    ");
}

#[test]
fn column_of_the_pipeline_lacks_no_review_and_links_of_tables_are_looked_at() {
    let text = "
[[column]]
name = \"submission_date\"
role = \"dimension\"
category = 1
origin = \"pipeline\"

[[table]]
name = \"d.t\"
data_reviews = [\"https://example.org/a\", \"https://example.org/a\"]
";
    assert_snapshot!(told(text, None), @"11 repeated-value: `d.t` has the link `https://example.org/a` twice");
}
