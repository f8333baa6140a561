//! Tests of the counterexamples of queries that publish small groups.

use std::fmt::Write as _;

use super::{Counterexample, search};
use crate::catalog::{Catalog, TableName, TableShape};
use crate::plan::bind::bind;
use crate::registry::Registry;
use crate::source::SourceText;
use crate::syntax::parse;

struct Nothing;

impl Catalog for Nothing {
    fn shape(&self, _: &TableName) -> Option<TableShape> {
        None
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

fn found(sql: &str) -> Option<Counterexample> {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    let datasets = bind(&source, &script, &Nothing);
    search(&datasets.last()?.plan, Registry::builtin(), 5_000)
}

fn shown(sql: &str) -> String {
    let Some(example) = found(sql) else {
        return "nothing found".to_owned();
    };
    let mut text = format!(
        "at least {} people; scaled {:?}\n",
        example.least, example.scaled
    );
    for table in &example.tables {
        let _ = writeln!(text, "{}({})", table.name, table.columns.join(", "));
        for row in &table.rows {
            let _ = writeln!(text, "  {}", row.join(", "));
        }
    }
    let _ = writeln!(text, "gives ({})", example.columns.join(", "));
    for row in &example.rows {
        let people: Vec<String> = row
            .people
            .iter()
            .map(|(table, people)| format!("{table}: {}", people.join(", ")))
            .collect();
        let small = if row.is_small(example.least) {
            " <"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {} | {}{small}",
            row.values.join(", "),
            people.join("; ")
        );
    }
    text
}

#[test]
fn rows_are_counted_instead_of_people() {
    insta::assert_snapshot!(shown(
        "SELECT country, COUNT(*) AS pings FROM telemetry.main GROUP BY country HAVING COUNT(*) >= 5000"
    ));
}

#[test]
fn another_condition_lets_small_groups_through() {
    insta::assert_snapshot!(shown(
        "SELECT country FROM telemetry.main GROUP BY country \
         HAVING COUNT(DISTINCT client_id) >= 5000 OR country = 'VA'"
    ));
}

#[test]
fn raw_rows_are_joined_to_counts() {
    insta::assert_snapshot!(shown(
        "WITH large AS (SELECT country FROM telemetry.main GROUP BY country \
         HAVING COUNT(DISTINCT client_id) > 4999) \
         SELECT country, os, COUNT(*) AS n FROM telemetry.main JOIN large USING (country) \
         WHERE submission_date = @day GROUP BY country, os"
    ));
}

#[test]
fn nothing_is_found_of_a_sound_threshold() {
    assert_eq!(
        found(
            "SELECT country, COUNT(*) AS n FROM telemetry.main GROUP BY country \
             HAVING COUNT(DISTINCT client_id) >= 5000"
        ),
        None
    );
    assert_eq!(found("SELECT 1 AS one"), None);
    assert_eq!(found("SELECT ML.NOTHING(x) AS y FROM telemetry.main"), None);
}
