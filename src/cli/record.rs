//! Functions for commands that use the publishing record: its folder, the date, the
//! approver.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::args::Common;
use super::upward::UpwardSearch;
use super::{Failure, git, output, run, settings};
use crate::assess::AnalysisDetail;
use crate::catalog::CatalogError;
use crate::catalog::layout::{Metadata, metadata_of, publication_of};
use crate::config::{Config, Layout, read_at};
use crate::record::{FOLDER, PublicMark, Record, apply, is_date};
use crate::registry::FILE_NAME;
use crate::report::Run;
use crate::source::files;
use crate::workspace::Registries;

/// The conventional environment variable for the date of a reproducible build.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Returns the folder of the record: the given one, that of the configuration, or
/// the nearest upward. If there is none, returns the path of a new one, beside the
/// configuration or the registry, or at the top of the repository.
pub(super) fn folder(given: Option<&Path>, config: &Config, first: &Path) -> PathBuf {
    Folders::default().of(given, config, first)
}

/// Finds the folders of records for the files of one configuration; looks into each
/// folder once.
#[derive(Default)]
pub(super) struct Folders {
    records: UpwardSearch<PathBuf>,
    tops: UpwardSearch<PathBuf>,
}

impl Folders {
    /// Returns the folder of the record, as [`folder`] does.
    pub(super) fn of(&mut self, given: Option<&Path>, config: &Config, first: &Path) -> PathBuf {
        if let Some(given) = given.or(config.project.record.as_deref()) {
            return given.to_owned();
        }
        let start = if first == Path::new("-") {
            Path::new(".")
        } else {
            first
        };
        let trusted = config.trusted.as_deref();
        let record = |above: &Path| {
            let record = above.join(FOLDER);
            files::is_there(&read_at(trusted, &record)).then_some(record)
        };
        let spelled = std::path::absolute(start).ok();
        if let Some(found) = spelled.and_then(|start| self.records.find(&start, &record)) {
            return run::near(&found).to_owned();
        }
        let top = |above: &Path| {
            let is_top = above.join(crate::config::FILE_NAME).is_file()
                || above.join(FILE_NAME).is_file()
                || above.join(".git").exists();
            is_top.then(|| above.to_owned())
        };
        let top = self.tops.find(&files::absolute(start), &top);
        run::near(&top.unwrap_or_else(|| PathBuf::from(".")).join(FOLDER)).to_owned()
    }
}

/// Loads the record that applies to a path.
pub(super) fn load(given: Option<&Path>, config: &Config, first: &Path) -> Result<Record, Failure> {
    held(&folder(given, config, first), config)
}

/// Loads the record in a folder, from the trusted revision if there is one.
pub(super) fn held(folder: &Path, config: &Config) -> Result<Record, Failure> {
    let stored = read_at(config.trusted.as_deref(), folder);
    Record::load_from(&stored, folder).map_err(|error| {
        // Another folder may have been given in its place.
        let given = (config.project.record.as_deref() != Some(folder)).then_some(folder);
        settings::blame(config, "project.record", given, error)
    })
}

/// Returns the registries for files that are compared with a record. If the record
/// is empty, details that no report shows are not computed.
pub(super) fn registries(
    record: &Record,
    config: &Config,
    common: &Common,
    shown: AnalysisDetail,
) -> Result<Registries, Failure> {
    let registries = run::registries(config, common)?;
    Ok(if record.entries().next().is_some() {
        registries
    } else {
        registries.with_detail(shown)
    })
}

/// Returns the date: the given one, that of the environment, or the clock's, in UTC.
pub(super) fn today(given: Option<&str>) -> Result<String, Failure> {
    if let Some(given) = given {
        return day("--date", given);
    }
    let seconds = match std::env::var(SOURCE_DATE_EPOCH) {
        Ok(text) => text.parse::<i64>().map_err(|_| {
            Failure::Usage(format!(
                "{SOURCE_DATE_EPOCH} is `{text}`, expected a number of seconds since 1970"
            ))
        })?,
        Err(_) => now(),
    };
    written(seconds)
}

/// Returns tomorrow's date by the clock alone: in some time zone it is that day
/// already.
pub(super) fn tomorrow() -> Result<String, Failure> {
    written(now().saturating_add(24 * 60 * 60))
}

/// Returns the seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// Returns the date of a number of seconds since 1970, in UTC.
fn written(seconds: i64) -> Result<String, Failure> {
    let date = time::OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|error| Failure::Usage(format!("{SOURCE_DATE_EPOCH}: {error}")))?
        .date();
    Ok(format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    ))
}

/// Checks the date that a flag gives.
pub(super) fn day(flag: &str, text: &str) -> Result<String, Failure> {
    if is_date(text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::Usage(format!(
            "{flag} {text}: invalid date; write {flag} 2026-01-31"
        )))
    }
}

/// Returns the approver: the given name, or the user of git.
pub(super) fn by(given: Option<&str>, folder: &Path) -> Result<String, Failure> {
    if let Some(given) = given {
        let given = given.trim();
        let named = given.chars().any(char::is_alphanumeric);
        return match named {
            true => Ok(given.to_owned()),
            false => Err(Failure::Usage(format!(
                "--by `{given}`: empty name; write --by \"NAME\", or remove it to use git's user.name"
            ))),
        };
    }
    let ask = |key: &str| git::setting(folder, key);
    match (ask("user.name"), ask("user.email")) {
        (Some(name), Some(email)) => Ok(format!("{name} <{email}>")),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => Err(Failure::Usage(
            "no approver: git has no user.name here; write --by \"NAME\"".to_owned(),
        )),
    }
}

/// Compares the assessed datasets with the record.
pub(super) fn compare_with_record(
    run: &mut Run,
    record: &Record,
    today: &str,
    config: &Config,
) -> Result<(), Failure> {
    let mut marks: BTreeMap<String, Option<PublicMark>> = BTreeMap::new();
    for file in &mut run.files {
        let path = file.source.path().to_owned();
        let publication = publication(Path::new(&path), config).transpose();
        let (metadata, mark) = match publication {
            Ok(metadata) => {
                let mark = metadata.as_ref().and_then(mark);
                (metadata.map(Arc::new), mark)
            }
            Err(error) => {
                let mark = PublicMark {
                    labels: format!("perhaps, by its metadata: {error}"),
                    bugs: Vec::new(),
                };
                (None, Some(mark))
            }
        };
        for dataset in &mut file.datasets {
            dataset.described = metadata.clone();
        }
        marks.insert(path, mark);
    }
    run.record = apply(&mut run.files, record, today, &|file, _| {
        marks.get(file.source.path()).cloned().flatten()
    });
    for (dataset, place) in &run.record.without_dataset {
        output::warn(&format!(
            "{place}: the publishing record has an entry for `{dataset}`, but the dataset no longer exists; delete the entry, or change it to the dataset's new name"
        ));
    }
    Ok(())
}

/// Returns the metadata of a file's dataset, if that can mark it public.
fn publication(file: &Path, config: &Config) -> Option<Result<Metadata, CatalogError>> {
    match config.project.layout {
        Some(Layout::BigqueryEtl) | None => publication_of(file),
        // Nothing beside their queries marks them.
        Some(Layout::Plain | Layout::Dbt) => None,
    }
}

/// What marks a dataset public, if something does.
fn mark(metadata: &Metadata) -> Option<PublicMark> {
    let labels = match (metadata.public_json, metadata.public_bigquery) {
        (true, true) => "public_json, public_bigquery in metadata.yaml",
        (true, false) => "public_json in metadata.yaml",
        (false, true) => "public_bigquery in metadata.yaml",
        (false, false) => return None,
    };
    Some(PublicMark {
        labels: labels.to_owned(),
        bugs: metadata.review_bugs.clone(),
    })
}

/// Notes what the owners of each dataset say of it, for a report that shows it.
pub(super) fn describe(run: &mut Run, config: &Config) {
    if matches!(config.project.layout, Some(Layout::Plain | Layout::Dbt)) {
        return;
    }
    for file in &mut run.files {
        let described = metadata_of(Path::new(file.source.path())).map(Arc::new);
        for dataset in &mut file.datasets {
            dataset.described = described.clone();
        }
    }
}
