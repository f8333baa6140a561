//! Comparison of assessments with the publishing record.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;

use super::bug::bug;
use super::still::find_table_write;
use super::{
    ApprovalKind, Change, Disclosure, Entry, Field, Record, SCHEMA_VERSION, fingerprint, grown,
};
use crate::assessment::{ApprovalState, Assessment, FileAssessment, RecordStatus};
use crate::derivation::{MADE_BY, OWN_TEXT};
use crate::policy::Verdict;
use crate::rules::{Finding, Rule, RuleGroup, Severity, missing_review, review_drift};
use crate::source::Span;
use crate::source::files::absolute;

/// Results of the comparison that belong to no dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordOutcome {
    /// Entries whose dataset no longer exists, with their locations.
    pub without_dataset: Vec<(String, String)>,
}

/// Returns the name of a dataset in the record.
///
/// A name that contains the path is relative to the folder that contains the record,
/// independently of the working directory.
pub fn key(path: &str, identity: &str, root: &Path) -> String {
    match identity.strip_prefix(path) {
        Some(ordinal) if ordinal.starts_with('#') => format!("{}{ordinal}", within(path, root)),
        Some(_) | None => identity.to_owned(),
    }
}

/// Returns a path with `/` separators, relative to a folder if it is below that.
pub(super) fn within(path: &str, root: &Path) -> String {
    let shown = match absolute(Path::new(path)).strip_prefix(absolute(root)) {
        Ok(below) => below.to_owned(),
        Err(_) => path.into(),
    };
    shown.to_string_lossy().replace('\\', "/")
}

/// What marks a dataset public, and the review that its owners name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicMark {
    /// The labels, and where they stand.
    pub labels: String,
    /// The bugs of its review, as written.
    pub bugs: Vec<String>,
}

impl PublicMark {
    fn finding(&self, span: Span) -> Finding {
        let named = |word: &&String| bug(word).is_ok();
        let (bugs, words): (Vec<&String>, Vec<&String>) = self.bugs.iter().partition(named);
        let owned = |words: Vec<&String>| words.into_iter().cloned().collect::<Vec<_>>();
        missing_review::of(span, &self.labels, &owned(bugs), &owned(words))
    }
}

/// Holds all datasets against the record on a day, and notes what comes of it.
/// `public` says what marks a dataset public.
pub fn apply(
    files: &mut [FileAssessment],
    record: &Record,
    today: &str,
    public: &dyn Fn(&FileAssessment, &Assessment) -> Option<PublicMark>,
) -> RecordOutcome {
    let root = &absolute(record.root());
    let mut seen: HashSet<String> = HashSet::new();
    for file in files.iter_mut() {
        let mark: Vec<Option<PublicMark>> = file
            .datasets
            .iter()
            .map(|dataset| public(file, dataset))
            .collect();
        let print = OnceCell::new();
        for (dataset, mark) in file.datasets.iter_mut().zip(mark) {
            let name = key(file.source.path(), &dataset.identity, root);
            let entry = record.entry(&name);
            seen.insert(name);
            match entry {
                // A dataset on record was published: a comment does not withdraw it.
                Some(entry) => {
                    let print = print.get_or_init(|| fingerprint(&file.source));
                    against(dataset, entry, print, today);
                }
                None if dataset.internal.is_none() => without(dataset, record, mark),
                None => {}
            }
        }
    }
    let read: HashSet<String> = files
        .iter()
        .map(|file| within(file.source.path(), root))
        .collect();
    let gone: Vec<&Entry> = record
        .entries()
        .filter(|entry| !seen.contains(&entry.dataset))
        .collect();
    let mut perhaps_written: HashSet<&str> = HashSet::new();
    for entry in &gone {
        for file in files.iter_mut() {
            if let Some(span) = find_table_write(&file.source, &entry.dataset) {
                let message = format!(
                    "this file may still write the table `{}`, but its rows are no longer visible",
                    entry.dataset
                );
                let finding = review_drift::of(span, &[&message], &shown(entry), false, None);
                file.findings.push(finding);
                perhaps_written.insert(&entry.dataset);
            }
        }
    }
    let without_dataset = gone
        .into_iter()
        // What a file may still write is reported there.
        .filter(|entry| !perhaps_written.contains(entry.dataset.as_str()))
        .filter(|entry| {
            // A run may read a part of the repository: then the existence of the
            // file decides.
            entry
                .paths
                .iter()
                .all(|path| read.contains(path) || !root.join(path).exists())
        })
        .map(|entry| {
            let place = entry
                .place
                .as_ref()
                .map_or_else(String::new, super::model::EntryLocation::shown);
            (entry.dataset.clone(), place)
        })
        .collect();
    RecordOutcome { without_dataset }
}

/// A dataset without an entry.
fn without(dataset: &mut Assessment, record: &Record, mark: Option<PublicMark>) {
    if dataset.verdict == Verdict::Publishable {
        return;
    }
    if record.is_kept() || mark.is_some() {
        dataset.record.status = Some(RecordStatus::Missing);
    }
    if let Some(mark) = mark {
        let finding = mark.finding(beginning(dataset));
        add(dataset, vec![finding]);
    }
}

/// Compares a dataset with its entry.
fn against(dataset: &mut Assessment, entry: &Entry, print: &str, today: &str) {
    let Some(newest) = entry.newest() else {
        return;
    };
    let mut grew = grown(
        &entry.disclosures,
        &Disclosure::since(dataset, &entry.disclosures),
    );
    let same = newest.fingerprints.iter().any(|known| known == print);
    let (old, unassessed) = (
        entry.disclosures.iter().any(|known| known.rows.is_none()),
        entry.disclosures.iter().any(|known| !known.assessed),
    );
    if same && unassessed && is_earlier_format(entry) {
        // Version 2 did not store all texts of what was not understood, and these
        // may be unchanged.
        grew.retain(|change| match &change.field {
            Field::Text(of) => is_kept(entry, of) || !is_new_in_version_3(of),
            _ => true,
        });
    }
    if old && same && unassessed {
        // Version 1 stored nothing else to compare.
        grew.clear();
    } else if old && !same && grew.is_empty() {
        grew.push(Change {
            field: Field::Assessed,
            direction: super::Direction::More,
            message: if unassessed {
                "the approved dataset could not be assessed, and it was changed since".to_owned()
            } else {
                "the dataset was changed since an earlier program version wrote its entry, which did not store how the dataset is computed"
                    .to_owned()
            },
        });
    }
    let debt = newest.kind == ApprovalKind::Baseline;
    let holds = debt && newest.until.as_deref().is_some_and(|until| today <= until);
    let status = if !grew.is_empty() {
        Some(RecordStatus::Drifted)
    } else if debt && dataset.verdict == Verdict::Publishable {
        None
    } else if debt {
        Some(RecordStatus::Missing)
    } else {
        Some(RecordStatus::Covered)
    };
    dataset.record = ApprovalState {
        status,
        bug: Some(newest.bug.clone()),
        known_debt_until: newest.until.clone().filter(|_| debt),
        debt_holds: holds && grew.is_empty(),
    };
    match status {
        Some(RecordStatus::Covered) => accept(dataset, &format!("approved: {}", newest.bug)),
        Some(RecordStatus::Missing) if holds => {
            let until = newest.until.as_deref().unwrap_or_default();
            accept(
                dataset,
                &format!("known debt until {until}: {}", newest.bug),
            );
        }
        Some(RecordStatus::Missing) => {
            let until = newest.until.as_deref().unwrap_or_default();
            let finding = missing_review::ended(beginning(dataset), until, &newest.bug);
            add(dataset, vec![finding]);
        }
        Some(RecordStatus::Drifted) => {
            let findings = drifted(dataset, entry, &grew, same);
            add(dataset, findings);
        }
        None => {}
    }
}

/// Whether an earlier version of the program wrote an entry, with less content.
fn is_earlier_format(entry: &Entry) -> bool {
    let place = entry.place.as_ref();
    place.is_some_and(|place| place.version < SCHEMA_VERSION)
}

/// Whether an entry contains a text.
fn is_kept(entry: &Entry, text: &str) -> bool {
    let rows = entry
        .disclosures
        .iter()
        .filter_map(|known| known.rows.as_ref());
    rows.into_iter().any(|rows| rows.texts.contains_key(text))
}

/// Whether a text is of the kind that only version 3 stores for what was not
/// understood.
fn is_new_in_version_3(text: &str) -> bool {
    text == OWN_TEXT || text.starts_with(MADE_BY)
}

/// Suppresses findings that were accepted, so that they are not reported again.
fn accept(dataset: &mut Assessment, reason: &str) {
    for finding in &mut dataset.findings {
        let weighs = finding.severity >= Severity::Warning && finding.rule.code < "HC400";
        if weighs && finding.suppressed.is_none() {
            finding.suppressed = Some(reason.to_owned());
        }
    }
}

fn add(dataset: &mut Assessment, findings: Vec<Finding>) {
    dataset.findings.extend(findings);
    dataset
        .findings
        .sort_by_key(|finding| (finding.span, finding.rule.code));
}

/// Describes when, by whom and where an entry was approved.
fn shown(entry: &Entry) -> String {
    let mut approved = entry.newest().map_or_else(String::new, |newest| {
        format!(
            "approved on {} by {} in {}",
            newest.date,
            newest.approver(),
            newest.bug
        )
    });
    if let Some(place) = &entry.place {
        approved.push_str(&format!(", {}", place.shown()));
    }
    if is_earlier_format(entry) {
        approved.push_str("; the entry is from an earlier version of the format: if nothing changed, approve the dataset again");
    }
    approved
}

/// One finding a place, each with the file that the dataset is not known because of.
fn drifted(dataset: &Assessment, entry: &Entry, grew: &[Change], same: bool) -> Vec<Finding> {
    let mut places: Vec<(Span, Vec<&str>)> = Vec::new();
    for change in grew {
        let span = place(dataset, &change.field);
        match places.iter_mut().find(|(known, _)| *known == span) {
            Some((_, messages)) => messages.push(&change.message),
            None => places.push((span, vec![&change.message])),
        }
    }
    let approved = shown(entry);
    // A file of a source table that is not understood, as the findings say.
    let findings = dataset.findings.iter();
    let mut unread = findings.filter(|one| matches!(one.rule.code, "HC001" | "HC007"));
    let cause = unread.find_map(|one| Some(one.elsewhere.as_ref()?.path.clone()));
    places
        .into_iter()
        .map(|(span, messages)| {
            review_drift::of(span, &messages, &approved, same, cause.as_deref())
        })
        .collect()
}

/// Returns the position in the query at which a change is visible.
fn place(dataset: &Assessment, field: &Field) -> Span {
    let decision = &dataset.decision;
    let of_rule = |keep: &dyn Fn(&Rule) -> bool| {
        dataset
            .findings
            .iter()
            .filter(|finding| keep(finding.rule))
            .max_by_key(|finding| finding.severity)
            .map(|finding| finding.span)
    };
    let column = |name: &str| {
        let others = dataset.others.iter().map(|other| &other.decision);
        std::iter::once(decision)
            .chain(others)
            .flat_map(|decision| &decision.columns)
            .find(|column| column.name.eq_ignore_ascii_case(name))
            .map(|column| column.span)
    };
    let found = match field {
        Field::Level | Field::Bucket | Field::Fold => {
            // The cause of a level above 3, otherwise what keeps the bucket from
            // being proven.
            of_rule(&|rule| rule.group() == RuleGroup::Disclosure)
                .or_else(|| of_rule(&|rule| ("HC101".."HC111").contains(&rule.code)))
                .or_else(|| decision.level_because.iter().find_map(|step| step.span))
        }
        Field::Grain(key) => column(key).or_else(|| {
            decision
                .sources
                .iter()
                .find(|source| source.name.ends_with(&format!(".{key}")))
                .map(|source| source.span)
        }),
        Field::Column(name) => column(name),
        Field::Source(name) => decision
            .sources
            .iter()
            .find(|source| *source.name == **name)
            .map(|source| source.span),
        Field::Rows => None,
        Field::Text(_) => of_rule(&|rule| rule.group() == RuleGroup::Understanding),
        Field::Finding(code) => of_rule(&|rule| rule.code == code),
        Field::Assessed => of_rule(&|rule| rule.group() == RuleGroup::Understanding),
    };
    found
        .filter(|span| !span.is_empty())
        .unwrap_or_else(|| beginning(dataset))
}

/// Returns the span of a dataset's statement.
fn beginning(dataset: &Assessment) -> Span {
    dataset.span
}
