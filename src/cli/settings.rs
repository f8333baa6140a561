//! The settings that decided, as errors and reports name them.

use std::path::Path;
use std::sync::Arc;

use super::{Failure, output, run};
use crate::config::{Config, RuleSetting, Setting, Unchecked};
use crate::report::{Run, plural};
use crate::rules;

/// Where a setting is written, as `headcount.toml:3:1`.
pub(super) fn place(setting: &Setting) -> String {
    let (line, column) = setting.at;
    format!("{}:{line}:{column}", run::near(setting.file()).display())
}

/// An error of what a setting names, with the place of the setting. `given` is what the
/// command line says in its place.
pub(super) fn blame(
    config: &Config,
    key: &str,
    given: Option<&Path>,
    failure: impl Into<Failure>,
) -> Failure {
    let failure = failure.into();
    let setting = config.settings.get(key).filter(|_| given.is_none());
    match setting {
        Some(setting) => Failure::Setting {
            place: place(setting),
            key: key.rsplit('.').next().unwrap_or(key).to_owned(),
            failure: Box::new(failure),
        },
        None => failure,
    }
}

/// The settings of a configuration, each with its place and what it did in a run whose
/// findings still have the severities of their rules.
pub(super) fn used(config: &Config, run: &Run, overridden: &[(&str, &str)]) -> Vec<String> {
    let base = config.trusted.as_ref();
    let base = base.map_or_else(String::new, |base| format!(" of {}", base.revision()));
    let all = config.settings.iter();
    all.map(|setting| {
        let Setting { key, value, .. } = setting;
        let option = overridden.iter().find(|(known, _)| known == key);
        let effect = match (option, key.strip_prefix("rules.")) {
            (Some((_, option)), _) => format!(", replaced by {option}"),
            (None, Some(rule)) => effect(rule, config, run),
            (None, None) => String::new(),
        };
        format!("{}{base}: {key} = {value}{effect}", place(setting))
    })
    .collect()
}

/// How many findings a setting of a rule concerns.
fn effect(rule: &str, config: &Config, run: &Run) -> String {
    let Some(rule) = rules::find(rule) else {
        return String::new();
    };
    let concerned = run.findings();
    let concerned = concerned.filter(|(_, finding)| std::ptr::eq(finding.rule, rule));
    let count = plural(concerned.count(), "finding");
    match config.rules.get(rule.code) {
        Some(RuleSetting::Off) => format!(", which hides {count}"),
        Some(RuleSetting::Severity(_)) => format!(", which applies to {count}"),
        None => String::new(),
    }
}

/// How many files a run names that are not checked; of the others how many there are.
const NAMED: usize = 5;

/// Warns of files that were named and are not checked.
pub(super) fn warn_unchecked(files: &[(&Path, Arc<Config>)]) {
    for (file, config) in files.iter().take(NAMED) {
        if let Some(unchecked) = config.unchecked(file) {
            let why = reason(&unchecked);
            output::warn(&format!("{}: not checked: {why}", file.display()));
        }
    }
    if let Some(more) = files.len().checked_sub(NAMED).filter(|more| *more > 0) {
        output::warn(&format!(
            "{} not checked either, because of the configuration",
            plural(more, "more file")
        ));
    }
}

/// Why a file that somebody named is not checked, and how it would be.
pub(super) fn reason(unchecked: &Unchecked<'_>) -> String {
    let at = |setting: &Option<&Setting>| match setting {
        Some(setting) => format!("{}: ", place(setting)),
        None => String::new(),
    };
    let value = |setting: &Option<&Setting>| {
        setting
            .map_or("…", |setting| setting.value.as_str())
            .to_owned()
    };
    match unchecked {
        Unchecked::Excluded(setting) => format!(
            "{}`exclude` contains {}; remove the pattern to check this file",
            at(setting),
            value(setting)
        ),
        Unchecked::NotIncluded(setting) => format!(
            "{}no pattern of `include` matches; add one to check this file",
            at(setting)
        ),
        Unchecked::Test(setting) => format!(
            "{}with `layout = \"bigquery-etl\"` this file is a test or a check, which creates no dataset",
            at(setting)
        ),
        Unchecked::Unlabelled(setting) => format!(
            "{}with `published = \"labelled\"` only datasets with the label `public_json` or `public_bigquery` in metadata.yaml are checked; --all checks every dataset",
            at(setting)
        ),
        Unchecked::Unpublished(setting) => format!(
            "{}no pattern of `published` matches; add one, or use --all",
            at(setting)
        ),
    }
}
