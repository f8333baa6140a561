//! Kinds of changes that may disclose more, and equivalent spellings of one query.

use headcount::assessment::FileAssessment;
use headcount::record::{Approval, ApprovalKind, Disclosure, Entry, Record, apply, fingerprint};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const REGISTRY: &str = include_str!("drift_kinds/dimension-registry.toml");

fn assessed(sql: &str) -> FileAssessment {
    let registry = Registry::parse(&SourceText::new("dimension-registry.toml", REGISTRY))
        .expect("a valid registry");
    let run = || {
        assess_text(
            SourceText::new("q.sql", sql),
            &registry,
            &TemplateSettings::default(),
        )
    };
    run()
}

/// Approves all datasets of a file. The entries are written and parsed again.
fn approved(file: &FileAssessment) -> Record {
    Record::of(file.datasets.iter().map(|dataset| {
        let entry = Entry {
            dataset: dataset.identity.clone(),
            paths: vec!["q.sql".to_owned()],
            disclosures: Disclosure::each(dataset),
            approvals: vec![Approval {
                kind: ApprovalKind::Review,
                bug: "https://bugzilla.mozilla.org/show_bug.cgi?id=1".to_owned(),
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
        };
        let text = entry.to_toml();
        let path = headcount::record::file_name(&entry.dataset);
        Entry::parse(&SourceText::new(path, text.as_str()))
            .unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
    }))
}

fn said(before: &str, after: &str) -> Vec<String> {
    let record = approved(&assessed(before));
    let mut files = [assessed(after)];
    apply(&mut files, &record, "2026-02-01", &|_, _| None);
    files[0]
        .datasets
        .iter()
        .flat_map(|dataset| &dataset.findings)
        .filter(|finding| finding.rule.code == "HC402")
        .map(|finding| finding.message.clone())
        .collect()
}

/// Yields pairs of queries, `before` and `after`, which lines of dashes separate.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n----\n").map(|pair| {
        pair.split_once("\n=>\n")
            .unwrap_or_else(|| panic!("no `=>` in {pair}"))
    })
}

fn wrong(text: &str, is_wrong: fn(&[String]) -> bool) -> Vec<String> {
    pairs(text)
        .filter_map(|(before, after)| {
            let said = said(before, after);
            is_wrong(&said).then(|| format!("{before}\n=>\n{after}\n{said:?}"))
        })
        .collect()
}

#[test]
fn each_kind_of_change_that_discloses_more_is_told() {
    let wrong = wrong(include_str!("drift_kinds/more.txt"), <[String]>::is_empty);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_other_name_number_or_row_in_its_place_is_told() {
    let wrong = wrong(include_str!("drift_kinds/other.txt"), <[String]>::is_empty);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_equal_spelling_is_quiet_both_ways() {
    let text = include_str!("drift_kinds/same.txt");
    let mut wrong = wrong(text, |said| !said.is_empty());
    wrong.extend(pairs(text).filter_map(|(before, after)| {
        let said = said(after, before);
        (!said.is_empty()).then(|| format!("{after}\n=> (back)\n{before}\n{said:?}"))
    }));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_change_that_discloses_less_is_quiet() {
    let wrong = wrong(include_str!("drift_kinds/less.txt"), |said| {
        !said.is_empty()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
