//! Writes the number of datasets by level and of findings by rule.

use std::collections::BTreeMap;

use super::super::{InertText, Run};

/// Writes a line for each level, then for each rule.
pub(super) fn write(text: &mut InertText, run: &Run) {
    let mut rules: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (_, finding) in run.findings() {
        let rule = (finding.rule.code, finding.rule.name);
        *rules.entry(rule).or_default() += 1;
    }
    let mut levels: BTreeMap<String, usize> = BTreeMap::new();
    for dataset in run.files.iter().flat_map(|file| &file.datasets) {
        let level = match dataset.decision.level {
            Some(level) => format!("level {}", level.number()),
            None if dataset.assessed => "no people".to_owned(),
            None => "not assessed".to_owned(),
        };
        *levels.entry(level).or_default() += 1;
    }
    for (level, count) in levels {
        text.line(format_args!("{count:>7}  {level}"));
    }
    for ((code, name), count) in rules {
        text.line(format_args!("{count:>7}  {code} {name}"));
    }
}
