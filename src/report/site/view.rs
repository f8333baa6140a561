//! The content of each dataset's page.

use serde::Serialize;
use serde_json::{Value, json};

use super::TableDescriptions;
use super::about::{DatasetDescription, about};
use super::committed::{Commit, Committed};
use super::drawing::{Drawing, drawing};
use super::highlight::{Piece, Remark, pieces, remarks, shown as shown_of};
use super::slug;
use crate::assessment::{Assessment, FileAssessment, RecordStatus};
use crate::policy::Level;
use crate::record::{ApprovalKind, ApprovedColumn, Disclosure, Entry, Record, key};
use crate::report::{Run, words};
use crate::source::Span;

/// The page of a dataset.
#[derive(Serialize)]
pub(super) struct DatasetPage {
    pub(super) dataset: String,
    pub(super) slug: String,
    /// One of `approved`, `drifted`, `known debt`, `no review`, `no query`.
    pub(super) status: &'static str,
    /// The meaning of the status.
    status_text: String,
    level: String,
    /// The number of the level, or `none` or `unknown`, for the filter.
    pub(super) level_key: String,
    bucket: String,
    residual: bool,
    grain: String,
    columns: Vec<Column>,
    bug: Option<String>,
    bug_text: String,
    approvals: Vec<ApprovalRow>,
    questions: Vec<Question>,
    queries: Vec<Query>,
    about: DatasetDescription,
    /// The number of the level, or the reason why there is none.
    level_short: String,
    /// The date of the newest approval.
    reviewed: String,
    /// The data for programs.
    #[serde(skip)]
    pub(super) data: Value,
}

#[derive(Serialize)]
struct Column {
    name: String,
    role: &'static str,
    category: String,
    sensitive: String,
    bucket: String,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct ApprovalRow {
    kind: &'static str,
    date: String,
    until: Option<String>,
    by: String,
    bug: String,
    bug_text: String,
    version: String,
    level: String,
    bucket: String,
    columns: String,
    commit: Option<Commit>,
}

#[derive(Serialize)]
struct Question {
    text: &'static str,
    answer: &'static str,
    because: String,
}

#[derive(Serialize)]
struct Query {
    path: String,
    /// The numbers of the shown lines, one per line.
    numbers: String,
    pieces: Vec<Piece>,
    remarks: Vec<Remark>,
    drawing: Option<Drawing>,
}

fn format_level(level: Option<u8>, assessed: bool) -> String {
    let known = level.and_then(|number| {
        Level::ALL
            .into_iter()
            .find(|known| known.number() == number)
    });
    match known {
        Some(level) => format!("{}: {}", level.number(), level.name()),
        None if assessed => "none: no personal data".to_owned(),
        None => "not assessed".to_owned(),
    }
}

fn level_key(disclosure: &Disclosure) -> String {
    match disclosure.level {
        Some(level) => level.number().to_string(),
        None if disclosure.assessed => "none".to_owned(),
        None => "unknown".to_owned(),
    }
}

fn people(bucket: Option<u64>, residual: bool) -> String {
    words::format_lower_bound(bucket, residual, "not proven")
}

/// Shortens the address of a Bugzilla bug to its number; other addresses stay.
fn bug_text(bug: &str) -> String {
    match bug.strip_prefix("https://bugzilla.mozilla.org/show_bug.cgi?id=") {
        Some(number) if number.chars().all(|c| c.is_ascii_digit()) => format!("bug {number}"),
        Some(_) | None => bug.to_owned(),
    }
}

fn column(column: &ApprovedColumn, residual: bool) -> Column {
    Column {
        name: column.name.clone(),
        role: words::role(column.role),
        category: match column.category {
            Some(category) => category.to_string(),
            None if column.sources.is_empty() => "–".to_owned(),
            None => "unknown".to_owned(),
        },
        sensitive: column.sensitive.clone().unwrap_or_else(|| "–".to_owned()),
        bucket: people(column.bucket, residual),
        sources: column.sources.clone(),
    }
}

/// Returns the statements that write a dataset, with their files.
fn found<'a>(
    dataset: &str,
    record: &Record,
    run: &'a Run,
) -> Vec<(&'a FileAssessment, &'a Assessment)> {
    run.files
        .iter()
        .flat_map(|file| file.datasets.iter().map(move |known| (file, known)))
        .filter(|(file, known)| key(file.source.path(), &known.identity, record.root()) == dataset)
        .collect()
}

/// The page of an entry: what was approved, and what is there today.
pub(super) fn page(
    entry: &Entry,
    record: &Record,
    run: &Run,
    described: &TableDescriptions,
    committed: &Committed,
) -> DatasetPage {
    let found = found(&entry.dataset, record, run);
    let newest = entry.newest();
    let debt = newest.is_some_and(|newest| newest.kind == ApprovalKind::Baseline);
    let drifted = found
        .iter()
        .any(|(_, dataset)| dataset.record.status == Some(RecordStatus::Drifted));
    let (status, status_text) = if found.is_empty() {
        ("no query", "its query no longer exists".to_owned())
    } else if drifted {
        (
            "drifted",
            "its query discloses more today than what was approved; what is shown below is what was approved".to_owned(),
        )
    } else if debt {
        let until = newest.and_then(|newest| newest.until.as_deref());
        (
            "known debt",
            format!("not reviewed yet; tolerated until {}", until.unwrap_or("–")),
        )
    } else {
        (
            "approved",
            "it discloses no more today than what was approved".to_owned(),
        )
    };
    let disclosure = entry.disclosure();
    let mut page = shown(&entry.dataset, &disclosure, &found, record, described);
    page.status = status;
    page.status_text = status_text;
    page.bug = newest.map(|newest| newest.bug.clone());
    page.bug_text = newest
        .map(|newest| bug_text(&newest.bug))
        .unwrap_or_default();
    page.reviewed = newest.map(|newest| newest.date.clone()).unwrap_or_default();
    page.approvals = entry
        .approvals
        .iter()
        .enumerate()
        .rev()
        .map(|(at, approval)| ApprovalRow {
            commit: committed.of(&entry.dataset, at).cloned(),
            kind: match approval.kind {
                ApprovalKind::Review => "review",
                ApprovalKind::Baseline => "known debt",
            },
            date: approval.date.clone(),
            until: approval.until.clone(),
            by: approval.approver(),
            bug: approval.bug.clone(),
            bug_text: bug_text(&approval.bug),
            version: approval.version.clone(),
            level: format_level(approval.level, disclosure.assessed),
            bucket: people(approval.bucket, false),
            columns: approval.columns.join(", "),
        })
        .collect();
    page.data = data(&page, &disclosure);
    page
}

/// Creates the pages of datasets that are marked public without an entry.
pub(super) fn unrecorded(
    record: &Record,
    run: &Run,
    described: &TableDescriptions,
) -> Vec<DatasetPage> {
    let mut pages: Vec<DatasetPage> = Vec::new();
    for file in &run.files {
        for dataset in &file.datasets {
            let marked = dataset
                .findings
                .iter()
                .any(|finding| finding.rule.code == "HC401");
            let name = key(file.source.path(), &dataset.identity, record.root());
            let known =
                record.entry(&name).is_some() || pages.iter().any(|page| page.dataset == name);
            if !marked || known {
                continue;
            }
            let found = found(&name, record, run);
            let forms: Vec<Disclosure> = found
                .iter()
                .flat_map(|(_, dataset)| Disclosure::each(dataset))
                .collect();
            let disclosure = Disclosure::worst(&forms);
            let mut page = shown(&name, &disclosure, &found, record, described);
            page.status = "no review";
            page.status_text = "it is marked public, and no review is on record".to_owned();
            page.data = data(&page, &disclosure);
            pages.push(page);
        }
    }
    pages
}

/// Returns the numbers of the shown lines, one per line.
fn numbers(file: &FileAssessment, shown: Span) -> String {
    let first = file.source.position(shown.start).line;
    let lines = file.source.slice(shown).lines().count();
    let numbers: Vec<String> = (first..first + lines)
        .map(|line| line.to_string())
        .collect();
    numbers.join("\n")
}

fn shown(
    name: &str,
    disclosure: &Disclosure,
    found: &[(&FileAssessment, &Assessment)],
    record: &Record,
    described: &TableDescriptions,
) -> DatasetPage {
    let questions = found.first().map_or_else(Vec::new, |(_, dataset)| {
        dataset
            .decision
            .questions
            .iter()
            .map(|question| Question {
                text: question.id.text(),
                answer: words::answer(question.answer),
                because: question.because.clone(),
            })
            .collect()
    });
    let metadata = found.first().and_then(|(file, _)| described.of(file));
    let queries = found
        .iter()
        .map(|(file, dataset)| Query {
            path: key(
                file.source.path(),
                &format!("{}#", file.source.path()),
                record.root(),
            )
            .trim_end_matches('#')
            .to_owned(),
            numbers: numbers(file, shown_of(file, dataset)),
            pieces: pieces(&file.source, dataset, shown_of(file, dataset)),
            remarks: remarks(&file.source, dataset),
            drawing: drawing(dataset),
        })
        .collect();
    DatasetPage {
        dataset: name.to_owned(),
        slug: slug(name),
        status: "",
        status_text: String::new(),
        level: format_level(disclosure.level.map(Level::number), disclosure.assessed),
        level_key: level_key(disclosure),
        bucket: people(disclosure.bucket, disclosure.residual),
        residual: disclosure.residual,
        grain: match &disclosure.grain {
            Some(keys) if keys.is_empty() => "the whole dataset".to_owned(),
            Some(keys) => keys.join(", "),
            None => "not known".to_owned(),
        },
        columns: {
            let residual = disclosure.residual;
            let columns = disclosure.columns.iter();
            columns.map(|known| column(known, residual)).collect()
        },
        bug: None,
        bug_text: String::new(),
        approvals: Vec::new(),
        questions,
        queries,
        about: about(name, metadata),
        level_short: match (disclosure.level, disclosure.assessed) {
            (Some(level), _) => level.number().to_string(),
            (None, true) => "no personal data".to_owned(),
            (None, false) => "not assessed".to_owned(),
        },
        reviewed: String::new(),
        data: Value::Null,
    }
}

fn data(page: &DatasetPage, disclosure: &Disclosure) -> Value {
    json!({
        "dataset": page.dataset,
        "page": format!("datasets/{}.html", page.slug),
        "status": page.status,
        "bug": page.bug,
        "level": disclosure.level.map(Level::number),
        "bucket": disclosure.bucket,
        "residual": disclosure.residual.then_some("unbounded"),
        "grain": disclosure.grain,
        "columns": disclosure.columns.iter().map(|column| json!({
            "name": column.name,
            "role": column.role,
            "category": column.category,
            "sensitive": column.sensitive,
            "bucket": column.bucket,
            "sources": column.sources,
        })).collect::<Vec<_>>(),
        "approvals": page.approvals.iter().rev().map(|approval| json!({
            "kind": approval.kind,
            "date": approval.date,
            "until": approval.until,
            "by": approval.by,
            "bug": approval.bug,
            "version": approval.version,
            "commit": approval.commit.as_ref().map(|commit| json!({
                "id": commit.id,
                "date": commit.date,
            })),
        })).collect::<Vec<_>>(),
        "paths": page.queries.iter().map(|query| &query.path).collect::<Vec<_>>(),
    })
}

/// Combines the data of all pages for programs.
pub(super) fn all(pages: &[DatasetPage], today: &str) -> Value {
    json!({
        "schema_version": 1,
        "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
        "date": today,
        "datasets": pages.iter().map(|page| &page.data).collect::<Vec<_>>(),
    })
}
