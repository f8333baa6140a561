//! Every rule fires on its own example and keeps quiet on the other.

use super::{RULES, find};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::TemplateSettings;
use crate::workspace::assess_text;

fn codes(sql: &str) -> Vec<&'static str> {
    let file = assess_text(
        SourceText::new("example.sql", sql),
        Registry::builtin(),
        &TemplateSettings::default(),
    );
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
        let found = codes(rule.fires);
        assert!(found.contains(&rule.code), "{}: {found:?}", rule.code);
    }
}

#[test]
fn each_is_quiet_on_the_other_example() {
    for rule in RULES {
        let found = codes(rule.passes);
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
