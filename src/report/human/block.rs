//! One dataset of a check: a line with the verdict, the level and the reason; the
//! decisive finding, drawn in the text; and a line for each rule of the others.

use super::super::paint::Paint;
use super::super::{InertText, ReportOptions, causes, words};
use super::snippet::Snippets;
use crate::assessment::{Assessment, FileAssessment};
use crate::rules::Finding;
use crate::source::UpstreamPlace;

/// Number of findings that are drawn at their places; `--verbose` draws all.
const DRAWN: usize = 1;
/// Number of rules whose findings have a line.
const LISTED: usize = 4;
/// Number of places that one line names.
const PLACES: usize = 3;

/// Writes a dataset.
pub(super) fn write(
    text: &mut InertText,
    file: &FileAssessment,
    dataset: &Assessment,
    options: &ReportOptions,
    draws: bool,
) {
    header(text, file, dataset, options);
    if options.verbose {
        super::reasons(text, file, dataset, options.width);
    }
    let mut findings = causes::ordered(&dataset.findings, dataset.assessed);
    if !options.verbose {
        findings.retain(|finding| !causes::is_missing_data_review(finding));
        // The header already reports HC401, which is kept only if there is nothing
        // else to show.
        if findings.len() > 1 {
            findings.retain(|finding| !causes::is_missing_review(finding));
        }
    }
    if draws {
        let following = if options.verbose {
            Vec::new()
        } else {
            causes::take_consequences(&mut findings)
        };
        write_findings(text, file, &findings, options);
        consequences(text, &following, options);
    }
    text.line("");
}

/// Writes the number and the rules of findings whose cause is already shown.
fn consequences(text: &mut InertText, findings: &[&Finding], options: &ReportOptions) {
    if findings.is_empty() {
        return;
    }
    let mut codes: Vec<&str> = findings.iter().map(|one| one.rule.code).collect();
    codes.dedup();
    let number = words::plural(findings.len(), "more finding");
    let codes = codes.join(", ");
    let line = format!("  and {number} with the same cause: {codes} (--verbose)");
    text.painted(&[(Paint::new(options.color).faint(), &line)]);
}

/// Writes one line for a dataset that is not known because of another file.
pub(super) fn dependent(
    text: &mut InertText,
    file: &FileAssessment,
    dataset: &Assessment,
    cause: &UpstreamPlace,
    options: &ReportOptions,
) {
    let paint = Paint::new(options.color);
    let line = file.source.position(dataset.span.start).line;
    text.painted(&[
        (paint.strong(), &format!("{}:{line}: ", file.source.path())),
        (paint.verdict(dataset.verdict), words::verdict(dataset)),
        (
            paint.plain(),
            &format!(
                ": `{}`{}: depends on {}, which is not understood; correct that file first (--verbose shows the findings)",
                dataset.name,
                words::variant(dataset),
                cause.path
            ),
        ),
    ]);
}

/// Writes findings, the first of them drawn.
pub(super) fn write_findings(
    text: &mut InertText,
    file: &FileAssessment,
    findings: &[&Finding],
    options: &ReportOptions,
) {
    let drawn = if options.verbose {
        findings.len()
    } else {
        DRAWN
    };
    let (drawn, rest) = findings.split_at(findings.len().min(drawn));
    if !drawn.is_empty() {
        let snippets = Snippets::new(file, options);
        for (at, finding) in drawn.iter().enumerate() {
            if at > 0 {
                text.line("");
            }
            snippets.draw(text, finding);
        }
    }
    in_lines(text, file, rest, options);
}

/// Writes a line for the findings of each rule.
fn in_lines(
    text: &mut InertText,
    file: &FileAssessment,
    findings: &[&Finding],
    options: &ReportOptions,
) {
    let paint = Paint::new(options.color);
    let groups = findings.chunk_by(|a, b| std::ptr::eq(a.rule, b.rule));
    let groups: Vec<&[&Finding]> = groups.collect();
    for group in groups.iter().take(LISTED) {
        let first = group[0];
        let places = group.iter().take(PLACES);
        let places: Vec<String> = places
            .map(|finding| match &finding.elsewhere {
                Some(place) => place.to_string(),
                None => words::place(&file.source, finding.span),
            })
            .collect();
        let more = group.len().saturating_sub(PLACES);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let messages: Vec<&str> = group.iter().map(|one| one.message.as_str()).collect();
        let message = words::of_several(&messages).unwrap_or_else(|| first.message.clone());
        let message = format!("{}{more}: {message}", places.join(", "));
        text.painted(&[
            (paint.plain(), "  "),
            (paint.severity(first.severity), first.rule.code),
            (paint.plain(), " "),
            (paint.plain(), &words::clip_text(&message, options.width)),
        ]);
    }
    let rest: usize = groups.iter().skip(LISTED).map(|group| group.len()).sum();
    if rest > 0 {
        let rest = words::plural(rest, "more finding");
        text.painted(&[(paint.faint(), &format!("  and {rest} (--verbose)"))]);
    }
}

/// Writes the verdict, the level and the reason in one line.
fn header(
    text: &mut InertText,
    file: &FileAssessment,
    dataset: &Assessment,
    options: &ReportOptions,
) {
    let paint = Paint::new(options.color);
    let line = file.source.position(dataset.span.start).line;
    let level = words::short_level(dataset);
    let why = match causes::why(dataset) {
        Some(_) if dataset.lacks_only_reviews => ": only data reviews are missing".to_owned(),
        Some(why) => format!(": {why}"),
        None => String::new(),
    };
    let public = dataset.findings.iter().any(causes::is_missing_review);
    let public = if public { " (marked public)" } else { "" };
    text.painted(&[
        (paint.strong(), &format!("{}:{line}: ", file.source.path())),
        (paint.verdict(dataset.verdict), words::verdict(dataset)),
        (
            paint.plain(),
            &format!(
                "{public}: `{}`{}, {level}{why}{}",
                dataset.name,
                words::variant(dataset),
                words::record_suffix(dataset, str::to_owned)
            ),
        ),
    ]);
}
