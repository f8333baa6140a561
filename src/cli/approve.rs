//! `headcount approve`: writes what was approved into the publishing record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::Approve;
use super::{CLEAN, FAILED, Failure, output, record, run};
use crate::assessment::{Assessment, FileAssessment};
use crate::policy::Level;
use crate::record::{Approval, Disclosure, Entry, Kind, Record, bug, fingerprint, key};
use crate::report::plural;

pub(super) fn run(approve: &Approve) -> Result<u8, Failure> {
    let bug = bug(&approve.bug).map_err(|why| Failure::Usage(format!("--bug: {why}")))?;
    let first = run::first(&approve.paths);
    let config = run::config(first, &approve.common.configured)?;
    let held = record::load(approve.common.record.as_deref(), &config, first)?;
    let date = record::today(approve.date.as_deref())?;
    let until = until(approve, &date)?;
    let by = record::by(approve.by.as_deref(), held.root())?;
    let (mut texts, failed) = run::texts(&approve.paths, &config, "<stdin>")?;
    if approve.baseline {
        // What is not published is no debt.
        texts.retain(|text| config.publishes(Path::new(text.path())));
    }
    if failed {
        return Ok(FAILED);
    }
    let mut registries = run::registries(&config, &approve.common)?;
    let assessed = run::assess(&mut registries, texts, &config, &approve.common)?;
    let mut found = gather(&assessed.files, &held, approve)?;
    if found.is_empty() {
        return Err(Failure::Usage(
            "there is no dataset to approve under these paths".to_owned(),
        ));
    }
    if approve.baseline {
        // What is on record stays, and what needs no review is no debt.
        found.retain(|name, dataset| dataset.needs_review && held.entry(name).is_none());
    }
    refuse(&found, approve)?;
    let stamp = Stamp {
        kind: if approve.baseline {
            Kind::Baseline
        } else {
            Kind::Review
        },
        bug,
        date,
        until,
        by,
    };
    for (name, dataset) in found {
        let said = dataset.said();
        let entry = stamp.entry(name, dataset, &held);
        let path = held
            .write(&entry)
            .map_err(|(path, error)| Failure::Write(path, error))?;
        output::tell(&format!("{}: {}: {said}", path.display(), entry.dataset));
    }
    Ok(CLEAN)
}

/// The day on which known debt ends.
fn until(approve: &Approve, today: &str) -> Result<Option<String>, Failure> {
    let Some(text) = &approve.until else {
        return Ok(None);
    };
    let until = record::day("--until", text)?;
    if until.as_str() < today {
        return Err(Failure::Usage(format!(
            "--until {until}: that day is past; today is {today}"
        )));
    }
    Ok(Some(until))
}

/// A dataset, with all statements that write it.
struct Gathered {
    disclosure: Disclosure,
    paths: Vec<String>,
    fingerprints: Vec<String>,
    files: Vec<PathBuf>,
    needs_review: bool,
}

impl Gathered {
    /// What is written, in a line.
    fn said(&self) -> String {
        let known = &self.disclosure;
        let level = match known.level {
            Some(level) => format!("level {}", level.number()),
            None if known.assessed => "no level".to_owned(),
            None => "not assessed".to_owned(),
        };
        format!("{level}, {}", plural(known.columns.len(), "column"))
    }
}

/// All datasets by name; those that are internal are not published.
fn gather(
    files: &[FileAssessment],
    held: &Record,
    approve: &Approve,
) -> Result<BTreeMap<String, Gathered>, Failure> {
    let mut found: BTreeMap<String, Gathered> = BTreeMap::new();
    for file in files {
        for dataset in &file.datasets {
            if dataset.internal.is_none() {
                add(&mut found, file, dataset, held);
            }
        }
    }
    if let Some(wanted) = &approve.dataset {
        if !found.contains_key(wanted) {
            let names: Vec<&str> = found.keys().map(String::as_str).collect();
            return Err(Failure::Usage(format!(
                "there is no dataset `{wanted}`; there are: {}",
                names.join(", ")
            )));
        }
        found.retain(|name, _| name == wanted);
    }
    Ok(found)
}

fn add(
    found: &mut BTreeMap<String, Gathered>,
    file: &FileAssessment,
    dataset: &Assessment,
    held: &Record,
) {
    let path = file.source.path();
    let name = key(path, &dataset.identity, held.root());
    let print = fingerprint(&file.source);
    let shown = key(path, &format!("{path}#"), held.root());
    let shown = shown.trim_end_matches('#').to_owned();
    let disclosure = Disclosure::of(dataset);
    let needs_review = dataset.stops();
    match found.remove(&name) {
        Some(mut known) => {
            known.disclosure = known.disclosure.join(disclosure);
            known.needs_review |= needs_review;
            if !known.paths.contains(&shown) {
                known.paths.push(shown);
                known.files.push(path.into());
            }
            if !known.fingerprints.contains(&print) {
                known.fingerprints.push(print);
            }
            found.insert(name, known);
        }
        None => {
            let gathered = Gathered {
                disclosure,
                paths: vec![shown],
                fingerprints: vec![print],
                files: vec![path.into()],
                needs_review,
            };
            found.insert(name, gathered);
        }
    }
}

/// Nothing is written where one of them may not be approved.
fn refuse(found: &BTreeMap<String, Gathered>, approve: &Approve) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for (name, dataset) in found {
        if !dataset.disclosure.assessed && !approve.accept_unassessed {
            wrong.push(format!(
                "{name}: it could not be assessed, so nothing is known of what it discloses; `headcount review` says why; --accept-unassessed approves it as it is written"
            ));
        }
        for file in &dataset.files {
            if !approve.allow_uncommitted && record::is_uncommitted(file) {
                wrong.push(format!(
                    "{}: it has changes that are not committed, so nobody could tell later what was approved; commit it, or write --allow-uncommitted",
                    file.display()
                ));
            }
        }
    }
    wrong.dedup();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage(format!(
            "nothing is approved:\n  {}",
            wrong.join("\n  ")
        )))
    }
}

/// Who approved what when.
struct Stamp {
    kind: Kind,
    bug: String,
    date: String,
    until: Option<String>,
    by: String,
}

impl Stamp {
    fn entry(&self, name: String, dataset: Gathered, held: &Record) -> Entry {
        let mut approvals = held
            .entry(&name)
            .map(|known| known.approvals.clone())
            .unwrap_or_default();
        approvals.push(Approval {
            kind: self.kind,
            bug: self.bug.clone(),
            date: self.date.clone(),
            until: self.until.clone(),
            by: self.by.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            level: dataset.disclosure.level.map(Level::number),
            bucket: dataset.disclosure.bucket,
            columns: dataset
                .disclosure
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            fingerprints: dataset.fingerprints,
        });
        Entry {
            dataset: name,
            paths: dataset.paths,
            disclosure: dataset.disclosure,
            approvals,
            place: None,
        }
    }
}
