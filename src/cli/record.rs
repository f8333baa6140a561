//! What the commands about the publishing record share: its folder, the day, who
//! runs the program, and git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::args::Common;
use super::upward::Upward;
use super::{Failure, git, output, run};
use crate::assess::Told;
use crate::catalog::layout::{Metadata, metadata_of, publication_of};
use crate::config::{Config, Layout, read_at};
use crate::record::{FOLDER, PublicMark, Record, apply, is_date};
use crate::registry::FILE_NAME;
use crate::report::Run;
use crate::source::files;
use crate::workspace::Registries;

/// The usual way to give a build its day.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The folder of the record: the given one, that of the configuration, the nearest
/// upward, and else one that is not there yet: beside the configuration or the
/// registry, or at the top of the repository.
pub(super) fn folder(given: Option<&Path>, config: &Config, first: &Path) -> PathBuf {
    Folders::default().of(given, config, first)
}

/// The folders of records, for what one configuration serves: each folder is looked
/// into once.
#[derive(Default)]
pub(super) struct Folders {
    records: Upward<PathBuf>,
    tops: Upward<PathBuf>,
}

impl Folders {
    /// As [`folder`] finds it.
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
            read_at(trusted, &record).is_dir().then_some(record)
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

/// The record in that folder.
pub(super) fn load(given: Option<&Path>, config: &Config, first: &Path) -> Result<Record, Failure> {
    held(&folder(given, config, first), config)
}

/// The record of a folder, as the revision has it that is trusted.
pub(super) fn held(folder: &Path, config: &Config) -> Result<Record, Failure> {
    let stored = read_at(config.trusted.as_deref(), folder);
    Ok(Record::load_from(&stored, folder)?)
}

/// The registries with which files are assessed that are held against a record;
/// where there is nothing in that, no more is told of them than a report shows.
pub(super) fn registries(
    record: &Record,
    config: &Config,
    common: &Common,
    shown: Told,
) -> Result<Registries, Failure> {
    let registries = run::registries(config, common)?;
    Ok(if record.entries().next().is_some() {
        registries
    } else {
        registries.telling(shown)
    })
}

/// The day: the given one, that of the environment, the clock's, in UTC.
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

/// Tomorrow by the clock, whatever the environment says: somewhere it is that day.
pub(super) fn tomorrow() -> Result<String, Failure> {
    written(now().saturating_add(24 * 60 * 60))
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// The day of a number of seconds since 1970, in UTC.
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

/// A day that a flag gives.
pub(super) fn day(flag: &str, text: &str) -> Result<String, Failure> {
    if is_date(text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::Usage(format!(
            "{flag} {text}: invalid date; write {flag} 2026-01-31"
        )))
    }
}

/// Who approves: the given name, else git's.
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

/// Holds what was assessed against the record.
pub(super) fn hold(
    run: &mut Run,
    record: &Record,
    today: &str,
    config: &Config,
) -> Result<(), Failure> {
    let mut marks: BTreeMap<String, Option<PublicMark>> = BTreeMap::new();
    for file in &mut run.files {
        let path = file.source.path().to_owned();
        let metadata = publication(Path::new(&path), config)?.map(Arc::new);
        for dataset in &mut file.datasets {
            dataset.described = metadata.clone();
        }
        marks.insert(path, metadata.and_then(|metadata| mark(&metadata)));
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

/// The metadata of a file's dataset, where that may be marked public.
fn publication(file: &Path, config: &Config) -> Result<Option<Metadata>, Failure> {
    match config.project.layout {
        Some(Layout::BigqueryEtl) | None => Ok(publication_of(file).transpose()?),
        // Nothing beside their queries marks them.
        Some(Layout::Plain | Layout::Dbt) => Ok(None),
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
