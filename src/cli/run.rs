//! What `check` and `review` share: reading, assessing, choosing what is shown,
//! the exit status.

use super::args::{Common, FailOn};
use super::{CLEAN, Failure, STOP};
use crate::policy::Verdict;
use crate::report::Run;
use crate::rules::{RULES, Severity};
use crate::source::SourceText;
use crate::workspace::Registries;

/// Assesses texts.
pub(super) fn assess(texts: Vec<SourceText>, common: &Common) -> Result<Run, Failure> {
    let mut registries = match &common.registry {
        Some(path) => Registries::given(path)?,
        None => Registries::default(),
    };
    let (files, min_bucket) = registries.assess(texts, common.jobs)?;
    Ok(Run { files, min_bucket })
}

/// Leaves away the findings that were not asked for. The verdicts stay.
pub(super) fn choose(run: &mut Run, common: &Common) -> Result<(), Failure> {
    for word in common.select.iter().chain(&common.ignore) {
        if !RULES.iter().any(|rule| names(word, rule.code, rule.name)) {
            return Err(Failure::Usage(format!(
                "there is no rule `{word}`; `headcount explain` lists them"
            )));
        }
    }
    let keep = |code: &str, name: &str| {
        let selected =
            common.select.is_empty() || common.select.iter().any(|word| names(word, code, name));
        selected && !common.ignore.iter().any(|word| names(word, code, name))
    };
    for file in &mut run.files {
        file.findings
            .retain(|finding| keep(finding.rule.code, finding.rule.name));
        for dataset in &mut file.datasets {
            dataset
                .findings
                .retain(|finding| keep(finding.rule.code, finding.rule.name));
        }
    }
    Ok(())
}

/// Whether a word names a rule: its code, the beginning of it, or its name.
fn names(word: &str, code: &str, name: &str) -> bool {
    let prefix = word.len() >= 3 && code.to_lowercase().starts_with(&word.to_lowercase());
    prefix || name.eq_ignore_ascii_case(word)
}

/// The exit status for what was found.
pub(super) fn status(run: &Run, fail_on: FailOn) -> u8 {
    let stop = match fail_on {
        FailOn::Never => false,
        FailOn::Error => run
            .findings()
            .any(|(_, finding)| finding.severity == Severity::Error),
        FailOn::Review => run
            .files
            .iter()
            .flat_map(|file| &file.datasets)
            .any(|dataset| dataset.verdict == Verdict::ExtraReview && dataset.internal.is_none()),
    };
    if stop { STOP } else { CLEAN }
}
