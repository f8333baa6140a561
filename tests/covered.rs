//! A review says what the dataset is and covers: title, description, the bugs of its
//! review, grain, population, period, place and time. A comment for a bug stays short.

#[path = "common/program.rs"]
mod program;

use program::headcount;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

const FOLDER: &str = "sql/library/loans_derived/by_branch_v1";

const QUERY: &str = "SELECT
  DATE(lent_at) AS day,
  TIMESTAMP_TRUNC(lent_at, HOUR) AS hour,
  {PLACE} AS branch,
  COUNT(DISTINCT reader_id) AS readers
FROM
  `library.loans.lent`
WHERE
  DATE(lent_at) = @day -- the day of the run
  AND app.update_channel = 'release'
  AND sample_id < 10
  AND country = 'IT'
  AND medium IN ('book', 'map')
GROUP BY
  day,
  hour,
  branch
HAVING
  COUNT(DISTINCT reader_id) >= 50
";

const REGISTRY: &str = r#"
schema_version = 1
[units.reader]
person = true
[[column]]
name = "reader_id"
role = "identifier"
unit = "reader"
category = 4
[[column]]
name = "lent_at"
role = "timestamp"
category = 2
resolution = "second"
[[column]]
name = "city"
role = "dimension"
category = 2
sensitive = "location"
[[column]]
name = "region"
role = "dimension"
category = 2
sensitive = "location"
[[column]]
name = "country"
aliases = ["medium", "postal_code", "shelf", "app.update_channel", "sample_id"]
role = "dimension"
category = 1
[[table]]
name = "loans.lent"
unit_column = "reader_id"
"#;

const METADATA: &str = "friendly_name: Loans by branch
description: |-
  What is lent where,
  day by day.
labels:
  public_json: true
  review_bugs: ['1957082']
";

fn repository(place: &str, metadata: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join(FOLDER);
    fs::create_dir_all(&table).expect("it is created");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("it is written");
    };
    write("headcount.toml", "[project]\nlayout = \"bigquery-etl\"\n");
    write("dimension-registry.toml", REGISTRY);
    fs::write(table.join("query.sql"), QUERY.replace("{PLACE}", place)).expect("it is written");
    fs::write(table.join("metadata.yaml"), metadata).expect("it is written");
    folder
}

fn review(folder: &TempDir, arguments: &[&str]) -> String {
    let query = format!("{FOLDER}/query.sql");
    let all = [&["review", &query], arguments].concat();
    let said = headcount(&all, "", folder.path(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

#[test]
fn review_says_what_a_dataset_covers() {
    let folder = repository("city", METADATA);
    let human = review(&folder, &[]);
    for line in [
        "  title: Loans by branch\n",
        "  description: What is lent where, day by day.\n",
        "  review bugs: 1957082\n",
        "  record an approval: `headcount approve sql/library/loans_derived/by_branch_v1/query.sql --bug 1957082`\n",
        "  one row per: day, hour, branch\n",
        "  rows of people from: `loans.lent` (people counted by `reader_id`)\n",
        "  channel: `app.update_channel = 'release'`\n",
        "  sample: `sample_id < 10`\n",
        "  period: `DATE(lent_at) = @day`\n",
        "  place: `country = 'IT'`\n",
        "  other conditions: `medium IN ('book', 'map')`\n",
        "  time resolution: hour (`hour`)\n",
        "  geography: city (`branch`): the policy includes only cities with a population above 15,000;",
    ] {
        assert!(human.contains(line), "{line}\n{human}");
    }
    let markdown = review(&folder, &["--format", "markdown"]);
    for line in [
        "- Title: Loans by branch\n",
        "- Review bugs: 1957082\n",
        "- Record an approval: `headcount approve sql/library/loans_derived/by_branch_v1/query.sql --bug 1957082`\n",
        "- One row per: day, hour, branch\n",
        "- Channel: `app.update_channel = 'release'`\n",
        "- Time resolution: hour (`hour`)\n",
    ] {
        assert!(markdown.contains(line), "{line}\n{markdown}");
    }
}

#[test]
fn geography_is_as_fine_as_the_finest_column() {
    for (place, expected) in [
        ("country", "geography: country (`branch`)"),
        ("region", "geography: finer than a country (`branch`)"),
        (
            "postal_code",
            "geography: finer than a city (`branch`): the policy includes only cities",
        ),
        (
            "shelf",
            "geography: no published column is registered or named as a place",
        ),
    ] {
        let said = review(&repository(place, METADATA), &[]);
        assert!(said.contains(expected), "{place}: {said}");
    }
}

#[test]
fn missing_review_names_the_bug_that_is_there() {
    for (bugs, message, step) in [
        (
            "['1957082']",
            "`review_bugs` names 1957082, but the publishing record has no entry that says what was approved there",
            "--bug 1957082",
        ),
        (
            "[tbd]",
            "`review_bugs` contains `tbd`, which names no bug",
            "--bug NUMBER",
        ),
        (
            "[]",
            "needs extra review, but no review is on record",
            "--bug NUMBER",
        ),
    ] {
        let metadata = METADATA.replace("['1957082']", bugs);
        let folder = repository("city", &metadata);
        let said = headcount(
            &["check", "sql", "--format", "json"],
            "",
            folder.path(),
            &[],
        );
        assert_eq!(said.code, 1, "{}", said.err);
        let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        let findings = report["files"][0]["datasets"][0]["findings"].as_array();
        let mut findings = findings.expect("findings").iter();
        let missing = findings.find(|finding| finding["code"] == "HC401");
        let found = missing.and_then(|finding| finding["message"].as_str());
        assert!(
            found.is_some_and(|found| found.contains(message)),
            "{found:?}"
        );
        let human = headcount(&["check", "sql"], "", folder.path(), &[]).out;
        let command = format!("headcount approve {FOLDER}/query.sql {step}\n");
        assert!(human.contains(&command), "{human}");
    }
}

/// What a bug takes in one comment.
const COMMENT: usize = 60_000;

#[test]
fn comment_stays_short_with_thousands_of_columns() {
    const COLUMNS: usize = 2_831;
    // Each column is said something else of: nothing can be grouped.
    let mut registry = REGISTRY.to_owned();
    let mut query = "SELECT country".to_owned();
    for column in 0..COLUMNS {
        let links: Vec<String> = (0..15)
            .map(|link| {
                let bug = 1_000_000 + column * 20 + link;
                format!("\"https://bugzilla.mozilla.org/show_bug.cgi?id={bug}\"")
            })
            .collect();
        let name = format!("a_rather_long_name_of_a_measured_value_{column}");
        write!(
            registry,
            "[[column]]\nname = \"{name}\"\nrole = \"metric\"\ncategory = {}\nsensitive = \"revenue\"\ndata_reviews = [{}]\n",
            column % 4 + 1,
            links.join(", ")
        )
        .expect("it is written");
        write!(query, ",\n  SUM(IF(medium = 'book', {name}, 0)) AS {name}").expect("it is written");
    }
    query.push_str("\nFROM loans.lent\nGROUP BY country\nHAVING COUNT(DISTINCT reader_id) >= 5000");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("dimension-registry.toml"), registry).expect("it is written");
    fs::write(folder.path().join("wide.sql"), query).expect("it is written");
    let arguments = ["review", "wide.sql", "--format", "markdown"];
    let said = headcount(&arguments, "", folder.path(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let length = said.out.chars().count();
    assert!(length < COMMENT, "{length} characters");
    assert!(
        said.out
            .contains("more columns; `headcount review FILE --format json=REVIEW.json`")
    );
    assert!(said.out.contains("**Verdict: needs extra review.**"));
}
