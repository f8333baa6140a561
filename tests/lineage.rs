//! Lineage of columns: as people and programs see it, and compared with the sources
//! that the assessment uses.

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use headcount::assess::{DatasetLineage, Surroundings, lineages};
use headcount::lineage::{ANY_COLUMN, Inputs};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::{self, TemplateSettings};
use headcount::workspace::assess_text;
use program::headcount;
use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repositories/etl")
}

fn told(arguments: &[&str]) -> String {
    let mut all = vec!["lineage"];
    all.extend(arguments);
    let said = headcount(&all, "", &repository(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

const FINER: &str = "sql/shop/published/finer_v1/query.sql";

#[test]
fn a_tree_leads_through_the_files_that_make_tables() {
    insta::assert_snapshot!(told(&[FINER]));
    insta::assert_snapshot!("one_column", told(&[FINER, "--column", "BUYERS"]));
}

#[test]
fn the_tables_are_drawn() {
    insta::assert_snapshot!("mermaid", told(&[FINER, "--format", "mermaid"]));
    insta::assert_snapshot!("dot", told(&[FINER, "--format", "dot"]));
}

#[test]
fn the_facet_is_that_of_openlineage() {
    let text = told(&[FINER, "--format", "json"]);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let inputs: Vec<&str> = document["inputs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|input| input["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        inputs,
        [
            "shop.orders_stable.purchase_v1",
            "shop.orders_stable.visit_v1"
        ]
    );
    let output = &document["outputs"][0];
    assert_eq!(output["name"], "shop.published.finer_v1");
    assert_eq!(output["complete"], true);
    let facet = &output["facets"]["columnLineage"];
    let way = |field: &Value| {
        let ways = field["transformations"].as_array().expect("a list");
        ways.iter()
            .map(|way| {
                format!(
                    "{} {} {}",
                    way["type"].as_str().expect("a word"),
                    way["subtype"].as_str().expect("a word"),
                    way["masking"]
                )
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let buyers = &facet["fields"]["buyers"]["inputFields"][0];
    assert_eq!(buyers["namespace"], "bigquery");
    assert_eq!(buyers["name"], "shop.orders_stable.purchase_v1");
    assert_eq!(buyers["field"], "client_id");
    assert_eq!(way(buyers), "DIRECT AGGREGATION true");
    let os = &facet["fields"]["os"]["inputFields"][0];
    assert_eq!(way(os), "DIRECT IDENTITY false");
    let rows: Vec<String> = facet["dataset"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|field| {
            format!(
                "{}: {}",
                field["field"].as_str().expect("a name"),
                way(field)
            )
        })
        .collect();
    insta::assert_debug_snapshot!(rows);
}

/// Returns the JSON lineage of a single query.
fn run_lineage_json(sql: &str) -> Value {
    let arguments = ["lineage", "-", "--format", "json"];
    let said = headcount(&arguments, sql, &repository(), &[]);
    serde_json::from_str(&said.out).expect("it is JSON")
}

#[test]
fn every_way_in_has_its_word() {
    let sql = "
WITH latest AS (
  SELECT
    client_id,
    TO_HEX(SHA256(profile_group_id)) AS pseudonym,
    ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_date DESC) AS nth,
    IF(is_default_browser, country, 'other') AS place,
    STRUCT(os, os_version AS version) AS system
  FROM
    telemetry.clients_daily
  WHERE
    sample_id IN (SELECT id FROM lists.samples WHERE wanted)
)
SELECT
  pseudonym,
  nth,
  place,
  latest.system.version,
  name,
  COUNT(*) AS n,
  COUNTIF(nth = 1) AS firsts
FROM
  latest
JOIN
  static.countries ON latest.place = countries.code
GROUP BY
  ALL
ORDER BY
  name";
    let said = headcount(&["lineage", "-"], sql, &repository(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!(said.out);
    let document = run_lineage_json(sql);
    let fields = &document["outputs"][0]["facets"]["columnLineage"];
    let words = |list: &Value| -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for field in list.as_array().expect("a list") {
            for way in field["transformations"].as_array().expect("a list") {
                words.push(format!(
                    "{} {} {}",
                    field["field"].as_str().expect("a name"),
                    way["subtype"].as_str().expect("a word"),
                    way["masking"]
                ));
            }
        }
        words
    };
    let mut all: Vec<(String, Vec<String>)> = fields["fields"]
        .as_object()
        .expect("fields")
        .iter()
        .map(|(name, field)| (name.clone(), words(&field["inputFields"])))
        .collect();
    all.push(("*".to_owned(), words(&fields["dataset"])));
    insta::assert_debug_snapshot!(all);
}

#[test]
fn a_recursion_is_followed_until_nothing_new_comes() {
    let sql = "
WITH RECURSIVE turned AS (
  SELECT a, b, c, 1 AS round FROM d.t
  UNION ALL
  SELECT b, c, a, round + 1 FROM turned WHERE round < 9
)
SELECT a FROM turned";
    let document = run_lineage_json(sql);
    let fields: Vec<&str> =
        document["outputs"][0]["facets"]["columnLineage"]["fields"]["a"]["inputFields"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|field| field["field"].as_str().expect("a name"))
            .collect();
    assert_eq!(fields, ["a", "b", "c"]);
}

/// A column that is read twice at each step has 2^n paths for n steps.
#[test]
fn doubling_paths_are_followed_once() {
    let mut sql = "WITH c0 AS (SELECT LOWER(os) AS os FROM d.t)".to_owned();
    for at in 1..60 {
        let before = at - 1;
        sql.push_str(&format!(
            ", c{at} AS (SELECT os FROM c{before} UNION ALL SELECT os FROM c{before})"
        ));
    }
    let document = run_lineage_json(&format!("{sql} SELECT JSON_VALUE(os, '$.a') AS x FROM c59"));
    let field = &document["outputs"][0]["facets"]["columnLineage"]["fields"]["x"]["inputFields"][0];
    assert_eq!(field["field"], "os");
    let said = headcount(
        &["lineage", "-"],
        &format!("{sql} SELECT os FROM c59"),
        &repository(),
        &[],
    );
    assert!(said.out.contains("LOWER(os)"), "{}", said.out);
}

#[test]
fn invalid_lineage_request_is_reported() {
    let folder = repository();
    let said = headcount(&["lineage", FINER, "--column", "none"], "", &folder, &[]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!("no_column", said.err);
    let said = headcount(&["lineage", "sql"], "", &folder, &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("this is a directory"), "{}", said.err);
    let said = headcount(&["lineage", "none.sql"], "", &folder, &[]);
    assert_eq!(said.code, 2);
    let said = headcount(&["lineage", "-"], "SELECT FROM", &folder, &[]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("not known: <stdin>:1:"), "{}", said.out);
    let said = headcount(&["lineage", "-"], "-- nothing", &folder, &[]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("no SELECT found"), "{}", said.err);
}

fn queries() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    headcount::source::files::under(&folder).expect("queries")
}

/// Returns the base columns that reach a column, or only those that reach it
/// directly.
fn names(inputs: &Inputs, direct: bool) -> BTreeSet<String> {
    inputs
        .iter()
        .filter(|(_, ways)| !direct || ways.iter().any(|way| way.kind.is_direct()))
        .map(|(input, _)| {
            let parts: Vec<&str> = input.table.split('.').collect();
            let short = parts[parts.len().saturating_sub(2)..].join(".");
            format!("{short}.{}", input.field)
        })
        .collect()
}

/// Lineage and the assessment agree: neither has a base column that the other lacks.
#[test]
fn lineage_and_assessment_agree_on_every_query() {
    let mut columns = 0;
    let mut differ = Vec::new();
    for path in queries() {
        let sql = std::fs::read_to_string(&path).expect("a query");
        let text = SourceText::new(path.display().to_string(), sql);
        let settings = TemplateSettings::default();
        let rendered = template::render(&text, &settings);
        let around = Surroundings::alone(Registry::builtin());
        let told = lineages(&text, &rendered, &around, false);
        let assessed = assess_text(text, Registry::builtin(), &settings);
        for dataset in &assessed.datasets {
            let of_it: Vec<&DatasetLineage> = told
                .iter()
                .filter(|told| told.dataset == dataset.identity)
                .collect();
            assert!(!of_it.is_empty(), "{}", dataset.identity);
            // The assessment is that of a template's worst rendering, so several
            // cannot be compared.
            let [lineage] = of_it.as_slice() else {
                continue;
            };
            for (known, column) in dataset
                .decision
                .columns
                .iter()
                .zip(&lineage.lineage.columns)
            {
                assert_eq!(known.name, column.name);
                columns += 1;
                let rows = names(&lineage.lineage.rows, false);
                let direct = names(&column.inputs, true);
                // Counted records are not columns, and lineage lists the keys of
                // counted groups under the rows.
                let is_column = |name: &str| name.matches('.').count() >= 2;
                let assessed: BTreeSet<String> = known
                    .sources
                    .iter()
                    .map(|name| name.to_string())
                    .filter(|name| {
                        is_column(name) && (direct.contains(name) || !rows.contains(name))
                    })
                    .collect();
                // The assessment uses the whole document if the registry does not
                // know the field, and lineage reports the field.
                let rest = |name: &&String| {
                    let other = if assessed.contains(*name) {
                        &direct
                    } else {
                        &assessed
                    };
                    let inside = |a: &str, b: &str| {
                        a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'))
                    };
                    !name.ends_with(ANY_COLUMN)
                        && !other
                            .iter()
                            .any(|other| inside(other, name) || inside(name, other))
                };
                if assessed.iter().filter(rest).ne(direct.iter().filter(rest)) {
                    differ.push(format!(
                        "{}: {}: assessed of {assessed:?}, told {direct:?}",
                        path.display(),
                        known.name
                    ));
                }
                // A condition inside an aggregate affects only that column; the
                // assessment treats it as a condition on the row.
                let mut all = names(&lineage.lineage.rows, false);
                for column in &lineage.lineage.columns {
                    all.extend(names(&column.inputs, false));
                }
                let indirect: BTreeSet<String> = known
                    .indirect_sources
                    .iter()
                    .map(|name| name.to_string())
                    .filter(|name| is_column(name))
                    .collect();
                let lost: Vec<&String> = indirect.difference(&all).filter(rest).collect();
                if !lost.is_empty() {
                    differ.push(format!(
                        "{}: {}: {lost:?} not told",
                        path.display(),
                        known.name
                    ));
                }
            }
        }
    }
    assert!(columns > 150, "{columns} columns");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
