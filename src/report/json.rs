//! Writes JSON, schema version 1 (`docs/schema/headcount.schema.json`).

use serde_json::{Value, json};

use super::{InertText, Run, diff, notes};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::mend::Fix;
use crate::policy::{PublishedColumn, ReasoningStep};
use crate::rules::Finding;
use crate::source::{SourceText, Span, UpstreamPlace};

/// Returns each file of a run as one line that can be read alone. The line repeats
/// the identifier of its request.
pub fn lines(run: &Run, id: Option<&Value>) -> InertText {
    let mut text = InertText::new();
    for known in &run.files {
        let mut line = json!({
            "schema_version": 1,
            "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
            "policy": {"min_bucket": run.min_bucket},
        });
        add_notes(&mut line, run);
        if let (Some(line), Value::Object(file)) = (line.as_object_mut(), file(known)) {
            line.extend(file);
            line.extend(id.map(|id| ("id".to_owned(), id.clone())));
        }
        text.json_line(&line);
    }
    text
}

pub(super) fn render(run: &Run) -> InertText {
    let summary = run.summary();
    let mut document = json!({
        "schema_version": 1,
        "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
        "policy": {"min_bucket": run.min_bucket},
        "summary": {
            "files": summary.files,
            "datasets": summary.datasets,
            "publishable": summary.publishable,
            "needs_review": summary.needs_review,
            "internal": summary.internal,
            "findings": {
                "error": summary.errors,
                "warning": summary.warnings,
                "note": summary.notes,
            },
        },
        "files": run.files.iter().map(file).collect::<Vec<_>>(),
    });
    for (key, count) in [
        ("approved", summary.approved),
        ("known_debt", summary.known_debt),
    ] {
        if let (1.., Some(fields)) = (count, document["summary"].as_object_mut()) {
            fields.insert(key.to_owned(), count.into());
        }
    }
    let gone = &run.record.without_dataset;
    if let (false, Some(fields)) = (gone.is_empty(), document.as_object_mut()) {
        let gone: Vec<Value> = gone
            .iter()
            .map(|(dataset, place)| json!({"dataset": dataset, "entry": place}))
            .collect();
        fields.insert("entries_without_dataset".to_owned(), gone.into());
    }
    add_notes(&mut document, run);
    InertText::json(&document)
}

fn add_notes(document: &mut Value, run: &Run) {
    let notes = notes(run);
    if let (false, Some(fields)) = (notes.is_empty(), document.as_object_mut()) {
        fields.insert("notes".to_owned(), notes.into());
    }
}

fn file(file: &FileAssessment) -> Value {
    let source = &file.source;
    json!({
        "path": source.path(),
        "datasets": file.datasets.iter().map(|known| dataset_with_edit(file, known)).collect::<Vec<_>>(),
        "findings": findings(source, &file.findings),
    })
}

/// Returns a dataset, with the edit to level 2 if it was searched.
fn dataset_with_edit(file: &FileAssessment, known: &Assessment) -> Value {
    let mut value = dataset(&file.source, known);
    if let (Some(mend), Some(fields)) = (&known.mend, value.as_object_mut()) {
        fields.insert("to_level_2".to_owned(), to_level_2(file, mend));
    }
    value
}

fn to_level_2(file: &FileAssessment, mend: &Mend) -> Value {
    match mend {
        Mend::NotNeeded => json!({"status": "not-needed"}),
        Mend::Impossible { why } => json!({"status": "impossible", "why": why}),
        Mend::Edit(mended) => json!({
            "status": "edit",
            "fix": fix(&file.source, &mended.fix),
            "costs": mended.costs,
            "diff": diff::diff_of_fix(file, &mended.fix),
            "level": mended.level.map(|level| level.number()),
            "proven": mended.bucket.proven,
            "residual": mended.bucket.residual_unbounded.then_some("unbounded"),
            "verdict": mended.verdict,
        }),
    }
}

fn fix(source: &SourceText, fix: &Fix) -> Value {
    json!({
        "title": fix.title,
        "safe": fix.safe,
        "edits": fix
            .edits
            .iter()
            .map(|edit| json!({"span": span(source, edit.span), "text": edit.text}))
            .collect::<Vec<_>>(),
    })
}

fn dataset(source: &SourceText, dataset: &Assessment) -> Value {
    let decision = &dataset.decision;
    let bucket = &decision.bucket;
    json!({
        "name": dataset.name,
        "identity": dataset.identity,
        "statement": dataset.statement,
        "variant": dataset.variant,
        "span": span(source, dataset.span),
        "assessed": dataset.assessed,
        "internal": dataset.internal,
        "level": decision.level.map(|level| level.number()),
        "level_name": decision.level.map(|level| level.name()),
        "level_because": decision
            .level_because
            .iter()
            .map(|step| because(source, step))
            .collect::<Vec<_>>(),
        "bucket": {
            "required": bucket.required,
            "proven": bucket.proven,
            "unit": bucket.unit,
            "residual": bucket.residual_unbounded.then_some("unbounded"),
        },
        "grain": decision.grain,
        "columns": decision.columns.iter().map(|known| column(source, known)).collect::<Vec<_>>(),
        "questions": decision
            .questions
            .iter()
            .map(|question| json!({
                "id": question.id,
                "answer": question.answer,
                "because": question.because,
            }))
            .collect::<Vec<_>>(),
        "verdict": dataset.verdict,
        "record": record(dataset),
        "assumptions": decision.assumptions,
        "findings": findings(source, &dataset.findings),
    })
}

/// Returns the entry of a dataset in the publishing record.
fn record(dataset: &Assessment) -> Value {
    let known = &dataset.record;
    let mut value = json!({"status": known.status, "bug": known.bug});
    if let (Some(until), Some(fields)) = (&known.known_debt_until, value.as_object_mut()) {
        fields.insert("known_debt_until".to_owned(), json!(until));
        fields.insert("known_debt_ended".to_owned(), json!(!known.debt_holds));
    }
    value
}

fn because(source: &SourceText, step: &ReasoningStep) -> Value {
    json!({
        "message": step.message,
        "span": step.span.map(|place| placed(source, place, step.elsewhere.as_ref())),
        "operator": step.operator,
        "k": step.k,
    })
}

fn column(source: &SourceText, column: &PublishedColumn) -> Value {
    let mut value = json!({
        "name": column.name,
        "span": span(source, column.span),
        "role": column.role,
        "category": column.category,
        "sensitive": column.sensitive,
        "registered": column.registered,
        "data_reviews": column.data_reviews,
        "sources": column.sources,
        "indirect_sources": column.indirect_sources,
        "bucket": column.bucket,
        "level": column.level.map(|level| level.number()),
    });
    if let (1.., Some(fields)) = (column.indirect_left_out, value.as_object_mut()) {
        let left_out = column.indirect_left_out.into();
        fields.insert("indirect_sources_left_out".to_owned(), left_out);
    }
    value
}

fn findings(source: &SourceText, findings: &[Finding]) -> Vec<Value> {
    findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.rule.code,
                "name": finding.rule.name,
                "severity": finding.severity,
                "message": finding.message,
                "help": finding.help,
                "span": placed(source, finding.span, finding.elsewhere.as_ref()),
                "labels": finding
                    .labels
                    .iter()
                    .map(|label| json!({
                        "span": placed(source, label.span, label.elsewhere.as_ref()),
                        "message": label.message,
                    }))
                    .collect::<Vec<_>>(),
                "fix": finding.fix.as_ref().map(|known| fix(source, known)),
                "suppressed": finding.suppressed.as_ref().map(|reason| json!({"reason": reason})),
                "url": finding.rule.url(),
            })
        })
        .collect()
}

/// Returns a span, with the path of the file if it is in another one.
fn placed(source: &SourceText, here: Span, elsewhere: Option<&UpstreamPlace>) -> Value {
    match elsewhere {
        None => span(source, here),
        Some(place) => json!({
            "path": place.path,
            "start": place.start,
            "end": place.end,
        }),
    }
}

fn span(source: &SourceText, span: Span) -> Value {
    json!({
        "start": source.position(span.start),
        "end": source.position(span.end),
    })
}
