//! Approves every query and then changes it: HC402 reports each change that
//! discloses more, and no change that discloses the same or less.

#[path = "common/mutations.rs"]
mod mutations;

use std::path::Path;

use headcount::assessment::FileAssessment;
use headcount::record::{Approval, ApprovalKind, Disclosure, Entry, Record, apply, fingerprint};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::files;
use headcount::source::template::TemplateSettings;
use headcount::workspace::Registries;

fn registry(text: &str) -> Registry {
    Registry::parse(&SourceText::new("dimension-registry.toml", text)).expect("a valid registry")
}

fn assessed(path: &str, sql: &str, registry: Registry) -> FileAssessment {
    assess_all(path, vec![sql.to_owned()], registry).remove(0)
}

/// Assesses many texts as versions of one file.
fn assess_all(path: &str, texts: Vec<String>, registry: Registry) -> Vec<FileAssessment> {
    let texts = texts.into_iter();
    let texts = texts.map(|sql| SourceText::new(path, sql)).collect();
    let (files, _) = Registries::of(registry)
        .assess(texts, &TemplateSettings::default(), 0, &|_| {})
        .expect("they are assessed");
    files
}

fn approved(file: &FileAssessment) -> Record {
    Record::of(file.datasets.iter().map(|dataset| Entry {
        dataset: dataset.identity.clone(),
        paths: vec![file.source.path().to_owned()],
        disclosures: Disclosure::each(dataset),
        approvals: vec![Approval {
            kind: ApprovalKind::Review,
            bug: "https://bugzilla.mozilla.org/show_bug.cgi?id=1957082".to_owned(),
            date: "2026-01-31".to_owned(),
            until: None,
            by: "A steward".to_owned(),
            version: "0.1.0".to_owned(),
            level: None,
            bucket: None,
            columns: Vec::new(),
            fingerprints: vec![fingerprint(&file.source)],
        }],
        place: None,
    }))
}

/// Returns the messages of HC402 about a changed query.
fn said(record: &Record, file: FileAssessment) -> Vec<String> {
    let mut files = [file];
    apply(&mut files, record, "2026-02-01", &|_, _| None);
    files[0]
        .datasets
        .iter()
        .flat_map(|dataset| &dataset.findings)
        .filter(|finding| finding.rule.code == "HC402")
        .map(|finding| {
            assert!(
                !files[0].source.slice(finding.span).is_empty(),
                "it is told at a place"
            );
            finding.message.clone()
        })
        .collect()
}

/// Replaces all thresholds of a query.
fn threshold(sql: &str, number: u32) -> String {
    ["5 * 1000", "5000", "6000", "4999"]
        .iter()
        .fold(sql.to_owned(), |sql, known| sql.replace(known, "\u{0}"))
        .replace('\u{0}', &number.to_string())
}

/// Changes of single queries that disclose more: name, text, replacement.
const MORE: &[(&str, &str, &str)] = &[
    (
        "aggregation_threshold",
        "  country,\n  COUNT",
        "  country,\n  os,\n  COUNT",
    ),
    (
        "aggregation_threshold",
        "COUNT(*) AS client_days",
        "COUNT(*) AS client_days, MAX(submission_date) AS latest",
    ),
    (
        "conditional_cell",
        "COUNTIF(is_default_browser)",
        "COUNTIF(is_default_browser AND os = 'Linux')",
    ),
    (
        "conditional_cell",
        "AS defaults",
        "AS defaults,\n  COUNTIF(os = 'Linux') AS linux",
    ),
    (
        "conditional_cell",
        "clients >= 5000",
        "clients >= 5000 OR defaults >= 5000",
    ),
    ("country_clients", ">= 5000", ">= 5000 OR COUNT(*) >= 5000"),
    (
        "country_clients",
        "COUNT(DISTINCT client_id) >= 5000",
        "COUNT(*) >= 5000",
    ),
    (
        "country_clients",
        "COUNT(DISTINCT client_id) >= 5000",
        "APPROX_COUNT_DISTINCT(client_id) >= 5000",
    ),
    (
        "country_clients",
        "COUNT(DISTINCT client_id) AS",
        "ANY_VALUE(client_id) AS one,\n  COUNT(DISTINCT client_id) AS",
    ),
    (
        "country_clients",
        "COUNT(DISTINCT client_id) AS",
        "HLL_COUNT.INIT(client_id) AS sketch,\n  COUNT(DISTINCT client_id) AS",
    ),
    (
        "country_clients",
        "HAVING\n  COUNT(DISTINCT client_id) >= 5000",
        "",
    ),
    (
        "country_clients",
        "AS clients\n",
        "AS clients,\n  SUM(search_count_all) AS searches\n",
    ),
    (
        "declared_variable",
        "clients >= minimum",
        "clients >= minimum OR country = 'IT'",
    ),
    (
        "declared_variable",
        "minimum INT64 DEFAULT 5 * 1000",
        "minimum INT64 DEFAULT @minimum",
    ),
    (
        "finer_threshold_rolled_up",
        "  HAVING\n    clients > 4999\n",
        "",
    ),
    (
        "finer_threshold_rolled_up",
        "SELECT\n  country,\n  SUM(clients) AS client_systems",
        "SELECT\n  country,\n  MIN(clients) AS least,\n  SUM(clients) AS client_systems",
    ),
    ("folded_by_a_window", "ELSE 'Other'", "ELSE country"),
    (
        "folded_by_a_window",
        "COUNT(DISTINCT client_id) OVER",
        "COUNT(*) OVER",
    ),
    (
        "folded_into_other",
        "IF(clients >= 5000, country, 'Other') AS country",
        "country",
    ),
    (
        "folded_into_other",
        "IF(clients >= 5000,",
        "IF(clients >= 5000 OR active_hours >= 5000,",
    ),
    (
        "full_join_of_thresholded",
        "  HAVING\n    clients >= 6000\n",
        "",
    ),
    (
        "joined_on_the_unit",
        "  a.country,\n  COUNT",
        "  a.country,\n  b.addon_id,\n  COUNT",
    ),
    (
        "latest_row_of_each_client",
        "QUALIFY\n    ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_timestamp DESC) = 1",
        "",
    ),
    (
        "negated_and_between",
        "BETWEEN 6000 AND 900000000",
        "< 900000000",
    ),
    (
        "negated_and_between",
        "NOT (clients < 5000)\n  AND clients BETWEEN 6000",
        "NOT (clients < 5000)\n  OR clients BETWEEN 6000",
    ),
    (
        "one_row_a_person",
        "  GROUP BY\n    client_id,\n    country\n)",
        ")",
    ),
    ("other_left_out", "HAVING\n  country != 'Other'", ""),
    ("pipe_syntax", "|> WHERE clients >= 5000", ""),
    (
        "pipe_syntax",
        "GROUP BY country, os",
        "GROUP BY country, os, channel",
    ),
    (
        "qualify_a_window",
        "PARTITION BY country, os",
        "PARTITION BY country",
    ),
    (
        "script",
        "SET minimum = 5000",
        "SET minimum = (SELECT COUNT(*) FROM telemetry.main)",
    ),
    (
        "script",
        "  country,\n  os,\n  clients\nFROM\n  large",
        "  country,\n  os,\n  clients\nFROM\n  large\nUNION ALL\nSELECT country, os, COUNT(*) FROM telemetry.main GROUP BY country, os",
    ),
    (
        "subset_of_people",
        "  default_clients >= 5000",
        "  COUNT(DISTINCT client_id) >= 5000",
    ),
    (
        "sum_of_disjoint_counts",
        "    ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_timestamp DESC) = 1",
        "    TRUE",
    ),
    (
        "template",
        "[\"country\", \"os\"]",
        "[\"country\", \"os\", \"channel\"]",
    ),
    (
        "template",
        "HAVING\n  clients >= 5000",
        "{% if is_init() %}\n{% else %}\nHAVING\n  clients >= 5000\n{% endif %}",
    ),
    (
        "temporary_table",
        "GROUP BY\n  country\nHAVING\n  clients >= 5000",
        "GROUP BY\n  country",
    ),
    ("threshold_in_outer_where", "WHERE\n  clients >= 5000", ""),
    (
        "threshold_in_outer_where",
        "  country,\n  os,\n  clients\n",
        "  CONCAT(country, os) AS country,\n  os,\n  clients\n",
    ),
    (
        "union_of_thresholded",
        "HAVING\n  clients >= 5000\nUNION",
        "UNION",
    ),
    (
        "view_with_a_privacy_policy",
        "OPTIONS\n  (\n    privacy_policy = '{\"aggregation_threshold_policy\": {\"threshold\": 5000, \"privacy_unit_columns\": \"client_id\"}}'\n  )\n",
        "",
    ),
];

/// Changes of single queries that disclose the same or less: name, text,
/// replacement.
const LESS: &[(&str, &str, &str)] = &[
    (
        "conditional_cell",
        ",\n  COUNTIF(is_default_browser) AS defaults",
        "",
    ),
    (
        "conditional_cell",
        "COUNTIF(is_default_browser)",
        "SUM(IF(is_default_browser, 1, 0))",
    ),
    (
        "country_clients",
        "submission_date,\n  country",
        "country,\n  submission_date",
    ),
    (
        "country_clients",
        "submission_date = '2026-01-01'",
        "submission_date = '2026-01-02'",
    ),
    ("country_clients", ">= 5000", ">= 5000 AND COUNT(*) >= 8000"),
    (
        "country_clients",
        "HAVING\n  COUNT(DISTINCT client_id) >= 5000",
        "HAVING\n  NOT COUNT(DISTINCT client_id) < 5000",
    ),
    (
        "country_clients",
        "COUNT(DISTINCT client_id) AS clients",
        "COUNT(DISTINCT client_id) AS Clients",
    ),
    (
        "country_clients",
        "telemetry.clients_daily",
        "`telemetry.clients_daily` AS c",
    ),
    ("declared_variable", "GROUP BY\n  ALL", "GROUP BY\n  1"),
    ("declared_variable", "5 * 1000", "5000"),
    ("finer_threshold_rolled_up", "> 4999", ">= 5000"),
    (
        "folded_by_a_window",
        "CASE\n      WHEN COUNT(DISTINCT client_id) OVER (PARTITION BY country) >= 5000\n        THEN country\n      ELSE 'Other'\n    END",
        "IF(COUNT(DISTINCT client_id) OVER (PARTITION BY country) >= 5000, country, 'Other')",
    ),
    ("folded_into_other", "counted", "tallied"),
    (
        "full_join_of_thresholded",
        "clients >= 6000",
        "clients >= 6000 AND country IS NOT NULL",
    ),
    (
        "latest_row_of_each_client",
        "clients > 5000",
        "clients >= 5001",
    ),
    (
        "negated_and_between",
        "AND os IS NOT NULL",
        "AND os = 'Linux'",
    ),
    (
        "one_row_a_person",
        "COUNT(*) >= 5000",
        "COUNT(DISTINCT client_id) >= 5000",
    ),
    ("other_left_out", "  1\nHAVING", "  country\nHAVING"),
    ("pipe_syntax", "|> ORDER BY clients DESC", "|> LIMIT 10"),
    ("pipe_syntax", "GROUP BY country, os", "GROUP BY country"),
    ("script", "SET minimum = 5000", "SET minimum = 6000"),
    (
        "subset_of_people",
        ",\n  COUNTIF(is_default_browser) AS default_rows",
        "",
    ),
    ("template", "[\"country\", \"os\"]", "[\"country\"]"),
    ("template", "[\"country\", \"os\"]", "[\"os\", \"country\"]"),
    ("temporary_table", ">= '2026-01-01'", ">= '2026-02-01'"),
    (
        "threshold_in_outer_where",
        "  country,\n  os,\n  clients\n",
        "  UPPER(country) AS country,\n  os,\n  clients\n",
    ),
    ("union_of_thresholded", "'mobile' AS platform", "'mobile'"),
];

/// Returns registries that declare `country` and `os` as more sensitive.
///
/// They are sensitive or of a higher category.
fn registries() -> Vec<String> {
    let known = Registry::builtin_text();
    // An entry for a column of named tables takes precedence over all others.
    let with = |line: &str| {
        let entries: String = ["country", "os"]
            .iter()
            .map(|name| {
                format!(
                    "\n[[column]]\nname = \"{name}\"\ntables = [\"telemetry.clients_daily\", \"telemetry.main\", \"telemetry.core\", \"mozdata.fenix.baseline_clients_daily\"]\nrole = \"dimension\"\n{line}\n"
                )
            })
            .collect();
        format!("{known}{entries}")
    };
    vec![
        with("category = 1\nsensitive = \"location\""),
        with("category = 3"),
        with("category = 4"),
        with("category = 4\nsensitive = \"revenue\""),
    ]
}

const LOWER: [u32; 17] = [
    1, 2, 5, 10, 50, 100, 250, 375, 500, 1000, 2000, 2500, 3000, 3500, 4000, 4500, 4998,
];
const HIGHER: [u32; 10] = [
    6001, 6500, 7000, 7500, 8000, 9999, 10_000, 20_000, 50_000, 100_000,
];

/// Minimum number of changes of each kind per query.
const MIN_CHANGES: usize = 30;
/// Approximate number of generated changes per query, unless HEADCOUNT_ALL is set.
const MAX_CHANGES: usize = 40;

/// Selects about [`MAX_CHANGES`] changes evenly from a list; all if HEADCOUNT_ALL is set.
fn some(all: Vec<String>) -> Vec<String> {
    let step = if std::env::var_os("HEADCOUNT_ALL").is_some() {
        1
    } else {
        all.len().div_ceil(MAX_CHANGES).max(1)
    };
    let few = all.len() / step < MIN_CHANGES;
    all.into_iter()
        .step_by(if few { 1 } else { step })
        .collect()
}

/// The number of changes, and those that were judged incorrectly.
#[derive(Default)]
struct DriftTally {
    queries: usize,
    more: usize,
    same: usize,
    wrong: Vec<String>,
}

impl DriftTally {
    fn check(
        &mut self,
        name: &str,
        record: &Record,
        more: Vec<FileAssessment>,
        same: Vec<FileAssessment>,
    ) {
        self.queries += 1;
        self.more += more.len();
        self.same += same.len();
        if more.len() < MIN_CHANGES || same.len() < MIN_CHANGES {
            self.wrong.push(format!(
                "{name}: only {} changes that disclose more, and {} that do not",
                more.len(),
                same.len()
            ));
        }
        for file in more {
            let text = file.source.text().to_owned();
            if said(record, file).is_empty() {
                self.wrong
                    .push(format!("{name}: nothing is told of\n{text}"));
            }
        }
        for file in same {
            let text = file.source.text().to_owned();
            let said = said(record, file);
            if !said.is_empty() {
                self.wrong
                    .push(format!("{name}: {said:?} is told of\n{text}"));
            }
        }
    }

    fn done(self) {
        println!(
            "{} queries: {} changes disclose more, {} do not, {} are judged wrongly",
            self.queries,
            self.more,
            self.same,
            self.wrong.len()
        );
        assert!(
            self.wrong.is_empty(),
            "{} wrong:\n{}",
            self.wrong.len(),
            self.wrong.join("\n\n")
        );
    }
}

#[test]
fn only_changes_that_disclose_more_are_reported() {
    let mut tally = DriftTally::default();
    for path in files::under(Path::new("queries")).expect("queries/ is there") {
        let shown = path.display().to_string();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let of_level_2 = shown.contains("level-2");
        let own_registry = path.with_file_name("dimension-registry.toml");
        let known = std::fs::read_to_string(own_registry)
            .unwrap_or_else(|_| Registry::builtin_text().to_owned());
        let sql = std::fs::read_to_string(&path).expect("a query is text");
        let built_in = || registry(&known);
        let before = assessed(&shown, &sql, built_in());
        let record = approved(&before);
        let proven = before
            .datasets
            .iter()
            .any(|dataset| dataset.decision.bucket.proven.is_some());
        let own = |list: &[(&str, &str, &str)]| -> Vec<String> {
            list.iter()
                .filter(|(of, _, _)| *of == name && of_level_2)
                .map(|(_, from, to)| {
                    assert!(sql.contains(from), "{name} has no {from:?}");
                    sql.replace(from, to)
                })
                .collect()
        };
        let mut more = own(MORE);
        more.extend(some(mutations::more(&sql, &before)));
        let mut same = own(LESS);
        same.extend(some(mutations::same(&sql)));
        if of_level_2 {
            more.extend(LOWER.iter().map(|number| threshold(&sql, *number)));
        }
        if proven {
            same.extend(HIGHER.iter().map(|number| threshold(&sql, *number)));
        }
        let mut more = assess_all(&shown, more, built_in());
        if of_level_2 {
            let registries = registries();
            more.extend(
                registries
                    .iter()
                    .map(|text| assessed(&shown, &sql, registry(text))),
            );
        }
        let same = assess_all(&shown, same, built_in());
        let again = said(&record, before);
        assert_eq!(again, Vec::<String>::new(), "{shown}");
        tally.check(&shown, &record, more, same);
    }
    tally.done();
}

/// Does the same for 50 queries of a clone of bigquery-etl in a given folder.
#[test]
#[ignore = "it needs a clone of bigquery-etl: HEADCOUNT_BIGQUERY_ETL=DIR"]
fn queries_of_bigquery_etl_are_held_to_the_same() {
    let root = std::env::var("HEADCOUNT_BIGQUERY_ETL").expect("HEADCOUNT_BIGQUERY_ETL=DIR");
    let all: Vec<_> = files::under(&Path::new(&root).join("sql"))
        .expect("the clone has sql/")
        .into_iter()
        .filter(|path| path.ends_with("query.sql"))
        .collect();
    let built_in = || registry(Registry::builtin_text());
    let mut tally = DriftTally::default();
    for path in all.iter().step_by((all.len() / 90).max(1)) {
        if tally.queries == 50 {
            break;
        }
        let sql = std::fs::read_to_string(path).expect("a query is text");
        let shown = path.display().to_string();
        let before = assessed(&shown, &sql, built_in());
        let understood = before.datasets.iter().all(|dataset| dataset.assessed);
        // Only queries that read people have enough changes that certainly disclose
        // more; others are skipped below. White space in a multi-line string is part
        // of its value, so those queries are skipped, too.
        let quoted = sql.contains("\"\"\"") || sql.contains("'''");
        if before.datasets.is_empty() || !understood || quoted || sql.len() > 20_000 {
            continue;
        }
        let record = approved(&before);
        let each = |texts: Vec<String>| assess_all(&shown, some(texts), built_in());
        let more = each(mutations::more(&sql, &before));
        if more.len() < MIN_CHANGES {
            continue;
        }
        let same = each(mutations::same(&sql));
        tally.check(&shown, &record, more, same);
    }
    assert_eq!(tally.queries, 50, "the clone has too few queries");
    tally.done();
}
