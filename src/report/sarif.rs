//! Writes SARIF 2.1.0 for code scanning services.
//!
//! Suppressed findings are left out, because GitHub shows them like any other.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Invocation, Location, Message,
    MultiformatMessageString, PhysicalLocation, PropertyBag, Region, Replacement,
    ReportingConfiguration, ReportingDescriptor, Result, ResultLevel, Run as SarifRun, Sarif, Tool,
    ToolComponent,
};

use super::fingerprint::{self, Fingerprint};
use super::{InertText, Run, notes, uri};
use crate::assessment::FileAssessment;
use crate::mend;
use crate::rules::{self, Finding, RULES, Rule, Severity};
use crate::source::{SourceText, Span};

/// The address of the schema of the format.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn render(run: &Run) -> InertText {
    let driver = ToolComponent::builder()
        .name("headcount")
        .version(VERSION)
        .semantic_version(VERSION)
        .information_uri(HOME)
        .rules(
            RULES
                .iter()
                .map(|rule| descriptor(rule))
                .collect::<Vec<_>>(),
        )
        .build();
    let results: Vec<Result> = fingerprint::fingerprint_findings(run)
        .into_iter()
        .map(|(file, finding, fingerprint)| {
            result(&run.annotated_path(file), file, finding, &fingerprint)
        })
        .collect();
    let summary = run.summary();
    let counts = json!({
        "datasets": summary.datasets,
        "publishable": summary.publishable,
        "needsReview": summary.needs_review,
        "internal": summary.internal,
    });
    let said = notes(run);
    let said = (!said.is_empty()).then(|| ("notes", Value::from(said)));
    let run = SarifRun::builder()
        .tool(Tool::builder().driver(driver).build())
        // Columns count characters; the default of SARIF is UTF-16 code units.
        .column_kind("unicodeCodePoints")
        .invocations([Invocation::builder().execution_successful(true).build()])
        .results(results)
        .properties(properties(std::iter::once(("summary", counts)).chain(said)))
        .build();
    let log = Sarif::builder()
        .schema(SCHEMA)
        .version("2.1.0")
        .runs([run])
        .build();
    InertText::json(&log)
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let page = MultiformatMessageString::builder()
        .text(rule.page)
        .markdown(rule.page)
        .build();
    ReportingDescriptor::builder()
        .id(rule.code)
        .name(rule.name)
        .short_description(text_alone(rule.summary))
        .full_description(text_alone(&first_paragraph(rule.page)))
        .help(page)
        .help_uri(rule.url())
        .default_configuration(
            ReportingConfiguration::builder()
                .level(level_word(rule.severity))
                .build(),
        )
        .properties(properties([
            ("tags", json!(["privacy", family(rule.code)])),
            // GitHub sorts by this property.
            ("problem.severity", problem_severity(rule.severity)),
        ]))
        .build()
}

fn text_alone(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// Returns the first paragraph of a rule's page, which describes what the rule
/// finds.
fn first_paragraph(page: &str) -> String {
    page.lines()
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or("")
        .to_owned()
}

fn family(code: &str) -> &'static str {
    match code.as_bytes().get(2) {
        Some(b'0') => "not-understood",
        Some(b'1') => "minimum-bucket",
        Some(b'2') => "individual-data",
        Some(b'3') => "columns",
        Some(_) | None => "process",
    }
}

fn level_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Note => ResultLevel::Note,
        Severity::Warning => ResultLevel::Warning,
        Severity::Error => ResultLevel::Error,
    }
}

fn problem_severity(severity: Severity) -> Value {
    match severity {
        Severity::Note => json!("recommendation"),
        Severity::Warning => json!("warning"),
        Severity::Error => json!("error"),
    }
}

fn properties<'a>(known: impl IntoIterator<Item = (&'a str, Value)>) -> PropertyBag {
    let additional: BTreeMap<String, Value> = known
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    PropertyBag::builder()
        .additional_properties(additional)
        .build()
}

fn result(
    path: &str,
    file: &FileAssessment,
    finding: &Finding,
    fingerprint: &Fingerprint,
) -> Result {
    let related: Vec<Location> = finding
        .labels
        .iter()
        .zip(1_i64..)
        .map(|(label, id)| {
            Location::builder()
                .id(id)
                .message(message(&label.message))
                .physical_location(place(path, file, label.span))
                .build()
        })
        .collect();
    let mut result = Result::builder()
        .rule_id(finding.rule.code)
        .level(level(finding.severity))
        .message(message(&words(finding)))
        .locations([Location::builder()
            .physical_location(place(path, file, finding.span))
            .build()])
        .partial_fingerprints([
            // GitHub reads only this name.
            (
                "primaryLocationLineHash".to_owned(),
                fingerprint.with_number(),
            ),
            ("headcount/v1".to_owned(), fingerprint.alone()),
        ])
        .build();
    result.rule_index = rules::index(finding.rule.code).and_then(|at| i64::try_from(at).ok());
    if !related.is_empty() {
        result.related_locations = Some(related);
    }
    if let Some(fix) = &finding.fix {
        result.fixes = Some(vec![edits(path, file, fix)]);
    }
    result
}

/// Returns the message, links to the other places, and the help. Viewers show the
/// other places only if the message links to them.
fn words(finding: &Finding) -> String {
    let mut text = plain(&finding.message);
    if !finding.label.is_empty() && !finding.message.contains(&finding.label) {
        text.push_str(&format!(": {}", plain(&finding.label)));
    }
    text.push('.');
    for (label, id) in finding.labels.iter().zip(1..) {
        let shown = label
            .message
            .replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]");
        text.push_str(&format!(" See [{shown}]({id})."));
    }
    if !finding.help.is_empty() {
        text.push_str(&format!("\n\n{}", plain(&finding.help)));
    }
    text
}

/// Escapes text in which nothing must be read as a link.
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn place(path: &str, file: &FileAssessment, span: Span) -> PhysicalLocation {
    PhysicalLocation::builder()
        .artifact_location(artifact(path))
        .region(region(&file.source, span))
        .build()
}

fn artifact(path: &str) -> ArtifactLocation {
    let (reference, relative) = uri::reference(path);
    let mut artifact = ArtifactLocation::builder().uri(reference).build();
    if relative {
        artifact.uri_base_id = Some("%SRCROOT%".to_owned());
    }
    artifact
}

/// Converts a span. An empty span of a finding without a place gives the start of
/// the file, because a region is required.
fn region(source: &SourceText, span: Span) -> Region {
    let (start, end) = (source.position(span.start), source.position(span.end));
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .byte_offset(number(start.offset))
        .byte_length(number(end.offset.saturating_sub(start.offset)))
        .build()
}

fn edits(path: &str, file: &FileAssessment, fix: &mend::Fix) -> Fix {
    let replacements: Vec<Replacement> = fix
        .edits
        .iter()
        .map(|edit| {
            Replacement::builder()
                .deleted_region(region(&file.source, edit.span))
                .inserted_content(ArtifactContent::builder().text(edit.text.as_str()).build())
                .build()
        })
        .collect();
    Fix::builder()
        .description(message(&fix.title))
        .artifact_changes([ArtifactChange::builder()
            .artifact_location(artifact(path))
            .replacements(replacements)
            .build()])
        .build()
}
