//! `headcount approve`: writes the approval of datasets to the publishing record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Approve;
use super::configurations::{Configurations, STDIN};
use super::session::sessions;
use super::trust::TrustedBase;
use super::uncommitted::ApprovalInputs;
use super::{CLEAN, FAILED, Failure, output, record, run, session};
use crate::assess::AnalysisDetail;
use crate::assessment::{Assessment, FileAssessment};
use crate::config::Config;
use crate::policy::Level;
use crate::record::{
    Approval, ApprovalKind, Disclosure, Entry, LockedRecord, Record, bug, fingerprint, key,
};
use crate::report::plural;

pub(super) fn run(approve: &Approve) -> Result<u8, Failure> {
    let bug = bug(&approve.bug).map_err(|why| Failure::Usage(format!("--bug: {why}")))?;
    let first = approve
        .paths
        .first()
        .map_or(Path::new("."), PathBuf::as_path);
    TrustedBase::refuse(&approve.common, "approve")?;
    refuse_stdin(&approve.paths)?;
    if approve.common.quiet {
        output::only_errors();
    }
    let mut configs = Configurations::new(&approve.common.configured)?;
    let serving = configs.serving(first)?;
    let date = record::today(approve.date.as_deref())?;
    refuse_later(&date)?;
    let until = until(approve, &date)?;
    let record = approve.common.record.as_deref();
    let by = record::by(
        approve.by.as_deref(),
        record::load(record, &serving, first)?.root(),
    )?;
    let ignored = approve.common.ignored();
    let gathered = run::gather(&approve.paths, &mut configs, STDIN, ignored)?;
    if gathered.failed {
        return Ok(FAILED);
    }
    let mut inputs = gathered.inputs;
    if approve.baseline {
        // A dataset that is not published is no known debt.
        inputs.retain(|input| input.config.publishes(&input.at));
    }
    // Datasets are grouped by configuration and record.
    let mut parts = Vec::new();
    let mut faults = Vec::new();
    for mut session in sessions(inputs, (first, serving), record)? {
        let mut registries = session.registries(&approve.common, AnalysisDetail::Made)?;
        let assessed = session::assess(&mut session, &mut registries, &approve.common)?;
        faults.extend(assessed.files.iter().filter_map(run::fault));
        parts.push(RecordDatasets {
            found: gather(&assessed.files, &session.held),
            held: session.held,
            config: session.config,
        });
    }
    if !faults.is_empty() {
        // No option accepts an internal error: what the dataset discloses is
        // unknown.
        return refuse(&parts, approve, faults).map(|()| FAILED);
    }
    pick(&mut parts, approve)?;
    if parts.iter().all(|part| part.found.is_empty()) {
        return Err(Failure::Usage(
            "no dataset to approve under these paths; name the files of the queries".to_owned(),
        ));
    }
    if approve.baseline {
        for RecordDatasets { found, held, .. } in &mut parts {
            // Datasets on record keep their entry, and a dataset that needs no
            // review is no known debt.
            found.retain(|name, dataset| dataset.needs_review && held.entry(name).is_none());
        }
    }
    refuse(&parts, approve, Vec::new())?;
    let stamp = Stamp {
        kind: if approve.baseline {
            ApprovalKind::Baseline
        } else {
            ApprovalKind::Review
        },
        bug,
        date,
        until,
        by,
    };
    for part in parts {
        // The record is loaded again under its lock, so that approvals by other
        // processes in the meantime are kept.
        let locked = LockedRecord::lock(part.held.folder())?;
        let held = locked.load()?;
        let entries: Vec<(Entry, String)> = part
            .found
            .into_iter()
            .filter(|(name, _)| !approve.baseline || held.entry(name).is_none())
            .map(|(name, dataset)| {
                let said = dataset.said();
                (stamp.entry(name, dataset, &held), said)
            })
            .collect();
        let texts = locked.texts(entries.iter().map(|(entry, _)| entry))?;
        for (path, text) in &texts {
            locked.put(path, text)?;
        }
        drop(locked);
        for ((path, _), (entry, said)) in texts.iter().zip(&entries) {
            if !approve.common.quiet {
                output::tell(&format!("{}: {}: {said}", path.display(), entry.dataset));
            }
        }
    }
    Ok(CLEAN)
}

/// An entry of the record is of a file: what is pasted is no file that a later check
/// could compare with it.
fn refuse_stdin(paths: &[PathBuf]) -> Result<(), Failure> {
    if paths.iter().any(|path| path == Path::new("-")) {
        return Err(Failure::Usage(
            "`-`: standard input cannot be approved, because an approval names the file of the query; review a paste with `headcount review -`, then approve the committed file: `headcount approve PATH --bug NUMBER`"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Refuses a date that is in the future in every time zone.
fn refuse_later(date: &str) -> Result<(), Failure> {
    let latest = record::tomorrow()?;
    if date > latest.as_str() {
        return Err(Failure::Usage(format!(
            "--date {date}: this day is in the future"
        )));
    }
    Ok(())
}

/// Returns the day until which known debt is tolerated, which must not be past.
fn until(approve: &Approve, today: &str) -> Result<Option<String>, Failure> {
    let Some(text) = &approve.until else {
        return Ok(None);
    };
    let until = record::day("--until", text)?;
    if until.as_str() < today {
        return Err(Failure::Usage(format!(
            "--until {until}: this day is past; today is {today}"
        )));
    }
    Ok(Some(until))
}

/// A dataset to approve, with all statements that write it.
struct ApprovalCandidate {
    disclosures: Vec<Disclosure>,
    paths: Vec<String>,
    fingerprints: Vec<String>,
    files: Vec<PathBuf>,
    /// The other files that the dataset was assessed with.
    upstream: BTreeSet<PathBuf>,
    needs_review: bool,
}

impl ApprovalCandidate {
    /// Describes the approval in one line.
    fn said(&self) -> String {
        let known = Disclosure::worst(&self.disclosures);
        let level = match known.level {
            Some(level) => format!("level {}", level.number()),
            None if known.assessed => "no level".to_owned(),
            None => "not assessed".to_owned(),
        };
        format!(
            "approved at {level}, {}; commit this file",
            plural(known.columns.len(), "column")
        )
    }
}

/// Collects the published datasets by name; internal datasets are not published.
fn gather(files: &[FileAssessment], held: &Record) -> BTreeMap<String, ApprovalCandidate> {
    let mut found: BTreeMap<String, ApprovalCandidate> = BTreeMap::new();
    for file in files {
        let print = fingerprint(&file.source);
        for dataset in &file.datasets {
            if dataset.internal.is_none() {
                add(&mut found, file, dataset, held, &print);
            }
        }
    }
    found
}

/// Keeps only the dataset of `--dataset`, if it was given.
fn pick(parts: &mut [RecordDatasets], approve: &Approve) -> Result<(), Failure> {
    let Some(wanted) = &approve.dataset else {
        return Ok(());
    };
    let names = || parts.iter().flat_map(|part| part.found.keys());
    if !names().any(|name| name == wanted) {
        let names: Vec<&str> = names().map(String::as_str).collect();
        return Err(Failure::Usage(format!(
            "no dataset `{wanted}` under these paths; name one of: {}",
            names.join(", ")
        )));
    }
    for part in parts {
        part.found.retain(|name, _| name == wanted);
    }
    Ok(())
}

fn add(
    found: &mut BTreeMap<String, ApprovalCandidate>,
    file: &FileAssessment,
    dataset: &Assessment,
    held: &Record,
    print: &str,
) {
    let path = file.source.path();
    let name = key(path, &dataset.identity, held.root());
    let shown = key(path, &format!("{path}#"), held.root());
    let shown = shown.trim_end_matches('#').to_owned();
    let disclosures = Disclosure::each(dataset);
    let upstream = dataset.upstream.iter().map(PathBuf::from);
    let needs_review = dataset.stops();
    match found.remove(&name) {
        Some(mut known) => {
            for disclosure in disclosures {
                if !known.disclosures.contains(&disclosure) {
                    known.disclosures.push(disclosure);
                }
            }
            known.upstream.extend(upstream);
            known.needs_review |= needs_review;
            if !known.paths.contains(&shown) {
                known.paths.push(shown);
                known.files.push(path.into());
            }
            if !known.fingerprints.iter().any(|known| known == print) {
                known.fingerprints.push(print.to_owned());
            }
            found.insert(name, known);
        }
        None => {
            let gathered = ApprovalCandidate {
                disclosures,
                upstream: upstream.collect(),
                paths: vec![shown],
                fingerprints: vec![print.to_owned()],
                files: vec![path.into()],
                needs_review,
            };
            found.insert(name, gathered);
        }
    }
}

/// Refuses the whole approval if any dataset must not be approved. `wrong` contains
/// the reasons that are already known.
fn refuse(
    parts: &[RecordDatasets],
    approve: &Approve,
    mut wrong: Vec<String>,
) -> Result<(), Failure> {
    for part in parts {
        refuse_part(part, approve, &mut wrong);
    }
    wrong.dedup();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused("nothing was approved", wrong))
    }
}

fn refuse_part(part: &RecordDatasets, approve: &Approve, wrong: &mut Vec<String>) {
    let RecordDatasets {
        found,
        held,
        config,
    } = part;
    for (name, dataset) in found {
        let assessed = dataset.disclosures.iter().all(|known| known.assessed);
        if !assessed && !approve.accept_unassessed {
            wrong.push(format!(
                "{name}: it could not be assessed, so what it discloses is unknown; run `headcount review {}` for the reason; --accept-unassessed approves it as it is written",
                dataset.files.first().map_or(Path::new("FILE"), PathBuf::as_path).display()
            ));
        }
    }
    // Known debt was never reviewed. It may be recorded together with its first
    // commit, which the hook would otherwise block.
    if !approve.allow_uncommitted && !approve.baseline {
        let files = found.values().flat_map(|dataset| &dataset.files);
        let upstream = found.values().flat_map(|dataset| &dataset.upstream);
        let inputs = ApprovalInputs {
            texts: files.chain(upstream).cloned().collect(),
            config,
            registry: approve.common.registry.as_deref(),
            given: approve.common.configured.config.as_deref(),
            record: held.folder(),
        };
        match inputs.uncommitted() {
            Ok(files) => wrong.extend(files.iter().map(|file| {
                format!(
                    "{}: uncommitted changes, so the approved text would not be on record; commit them, or use --allow-uncommitted",
                    file.display()
                )
            })),
            Err(why) => wrong.push(format!(
                "cannot determine whether all changes are committed: {why}; approve in the git work tree, or use --allow-uncommitted"
            )),
        }
    }
}

/// The datasets of one record and one configuration.
struct RecordDatasets {
    found: BTreeMap<String, ApprovalCandidate>,
    held: Record,
    config: Arc<Config>,
}

/// The parts of an approval that all datasets of a run share.
struct Stamp {
    kind: ApprovalKind,
    bug: String,
    date: String,
    until: Option<String>,
    by: String,
}

impl Stamp {
    fn entry(&self, name: String, dataset: ApprovalCandidate, held: &Record) -> Entry {
        let worst = Disclosure::worst(&dataset.disclosures);
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
            level: worst.level.map(Level::number),
            bucket: worst.bucket,
            columns: worst
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            fingerprints: dataset.fingerprints,
        });
        Entry {
            dataset: name,
            paths: dataset.paths,
            disclosures: dataset.disclosures,
            approvals,
            place: None,
        }
    }
}
