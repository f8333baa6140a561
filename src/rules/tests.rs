//! Tests that every rule fires on one of its examples and not on the other.

use super::{ExampleSetup, RULES, Rule, find};
use crate::assessment::FileAssessment;
use crate::record::{
    Approval, ApprovalKind, Disclosure, Entry, PublicMark, Record, apply, fingerprint,
};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::TemplateSettings;
use crate::workspace::assess_text;

fn assessed(sql: &str) -> FileAssessment {
    assess_text(
        SourceText::new("example.sql", sql),
        Registry::builtin(),
        &TemplateSettings::default(),
    )
}

/// Returns an entry that approves the dataset of a query.
fn approved(sql: &str) -> Entry {
    let file = assessed(sql);
    let dataset = &file.datasets[0];
    Entry {
        dataset: dataset.identity.clone(),
        paths: vec![file.source.path().to_owned()],
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
    }
}

fn codes(rule: &Rule, sql: &str) -> Vec<&'static str> {
    let mut files = [assessed(sql)];
    let (record, public) = match rule.example {
        ExampleSetup::Alone => (Record::default(), None),
        ExampleSetup::Public => (
            Record::default(),
            Some(PublicMark {
                labels: "public_json".to_owned(),
                bugs: Vec::new(),
            }),
        ),
        ExampleSetup::Approved(before) => (Record::of([approved(before)]), None),
    };
    apply(&mut files, &record, "2026-02-01", &|_, _| public.clone());
    let [file] = &files;
    file.datasets
        .iter()
        .flat_map(|dataset| &dataset.findings)
        .chain(&file.findings)
        .map(|finding| finding.rule.code)
        .collect()
}

#[test]
fn each_fires_on_its_example() {
    for rule in RULES {
        let found = codes(rule, rule.fires);
        assert!(found.contains(&rule.code), "{}: {found:?}", rule.code);
    }
}

#[test]
fn each_is_quiet_on_the_other_example() {
    for rule in RULES {
        let found = codes(rule, rule.passes);
        assert!(!found.contains(&rule.code), "{}: {found:?}", rule.code);
    }
}

#[test]
fn codes_and_names_are_unique_and_found() {
    for rule in RULES {
        assert_eq!(find(rule.code).map(|found| found.name), Some(rule.name));
        assert_eq!(find(rule.name).map(|found| found.code), Some(rule.code));
    }
    assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
}
