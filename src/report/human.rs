//! For a terminal: each finding at its place in the text.

use std::collections::BTreeMap;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::inert::{Diagnostic, InertSource, InertText, PlaceLabel};
use super::{Detail, Options, Run, diff, example, notes, words};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::policy::Verdict;
use crate::rules::{Finding, Severity};

pub(super) fn render(run: &Run, options: &Options) -> InertText {
    let theme = if options.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(options.width)
        .with_links(false);
    let mut text = InertText::new();
    for file in &run.files {
        let source = InertSource::new(&file.source);
        for finding in &file.findings {
            at_its_place(&mut text, &handler, &source, finding);
        }
        for dataset in &file.datasets {
            for finding in &dataset.findings {
                at_its_place(&mut text, &handler, &source, finding);
            }
            let told = dataset.stops()
                || dataset.record.known_debt_until.is_some()
                || options.verbose
                || dataset.internal.is_some() && dataset.verdict == Verdict::ExtraReview;
            if options.detail == Detail::Review {
                in_full(&mut text, file, dataset);
            } else if told && !options.quiet {
                in_short(&mut text, file, dataset, options.verbose);
            }
        }
    }
    if options.statistics {
        statistics(&mut text, run);
    }
    for note in notes(run) {
        text.line(format_args!("note: {note}"));
    }
    if !options.quiet && options.detail == Detail::Check {
        text.line(words::summary(run));
    }
    text
}

fn at_its_place(
    text: &mut InertText,
    handler: &GraphicalReportHandler,
    source: &InertSource,
    finding: &Finding,
) {
    if finding.suppressed.is_some() {
        return;
    }
    let rule = finding.rule;
    let primary = PlaceLabel {
        range: finding.span.range(),
        text: Some(&finding.label),
    };
    let others = finding.labels.iter().map(|label| PlaceLabel {
        range: label.span.range(),
        text: Some(&label.message),
    });
    let diagnostic = Diagnostic {
        message: &finding.message,
        severity: match finding.severity {
            Severity::Note => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        },
        code: Some(&format!("{} {}", rule.code, rule.name)),
        help: Some(finding.help.as_str()).filter(|help| !help.is_empty()),
        labels: std::iter::once(primary).chain(others).collect(),
    };
    let source = (!finding.span.is_empty()).then_some(source);
    text.diagnostic(handler, source, &diagnostic);
    text.line("");
}

fn in_short(text: &mut InertText, file: &FileAssessment, dataset: &Assessment, verbose: bool) {
    let line = file.source.position(dataset.span.start).line;
    text.line(format_args!(
        "{}:{line}: {} `{}`{}: {}; {}{}",
        file.source.path(),
        dataset.statement,
        dataset.name,
        words::variant(dataset),
        words::level(dataset),
        words::verdict(dataset),
        words::on_record(dataset, str::to_owned)
    ));
    if verbose {
        reasons(text, file, dataset);
    }
    text.line("");
}

fn reasons(text: &mut InertText, file: &FileAssessment, dataset: &Assessment) {
    for step in &dataset.decision.level_because {
        let place = step
            .span
            .map(|span| {
                let at = file.source.position(span.start);
                format!(" [{}:{}]", at.line, at.column)
            })
            .unwrap_or_default();
        let operator = step
            .operator
            .as_ref()
            .map(|word| format!("{word}: "))
            .unwrap_or_default();
        let people = words::people_after(step);
        text.line(format_args!(
            "    {operator}{}{people}{place}",
            step.message
        ));
    }
}

/// Everything, as a steward reads it.
fn in_full(text: &mut InertText, file: &FileAssessment, dataset: &Assessment) {
    let decision = &dataset.decision;
    text.line(format_args!(
        "{} `{}`{}",
        dataset.statement,
        dataset.name,
        words::variant(dataset)
    ));
    text.line(format_args!("  {}", words::level(dataset)));
    text.line(format_args!(
        "  verdict: {}{}",
        words::verdict(dataset),
        words::on_record(dataset, str::to_owned)
    ));
    if let Some(reason) = &dataset.internal {
        text.line(format_args!("  not published: {reason}"));
    }
    heading(text, "why this level");
    reasons(text, file, dataset);
    let bucket = &decision.bucket;
    text.line("");
    text.line(format_args!(
        "  minimum bucket: {} required, {}{}",
        bucket.required,
        words::proven(bucket.proven, bucket.residual_unbounded, "none"),
        bucket
            .unit
            .as_ref()
            .map(|unit| format!(", people counted by `{unit}`"))
            .unwrap_or_default()
    ));
    if let Some(grain) = &decision.grain {
        let grain = if grain.is_empty() {
            "all rows".to_owned()
        } else {
            grain.join(", ")
        };
        text.line(format_args!("  one row for: {grain}"));
    }
    heading(text, "the four questions");
    for question in &decision.questions {
        text.line(format_args!(
            "    {} {}",
            question.id.text(),
            words::answer(question.answer)
        ));
        text.line(format_args!("        {}", question.because));
    }
    if !decision.columns.is_empty() {
        heading(text, "columns");
        columns(text, dataset);
    }
    if !decision.assumptions.is_empty() {
        heading(text, "taken for granted");
        for assumption in &decision.assumptions {
            text.line(format_args!("    {assumption}"));
        }
    }
    if let Some(found) = &dataset.example {
        heading(text, "rows of which too small a group is published");
        for line in example::lines(found) {
            text.line(format_args!("    {line}"));
        }
    }
    if let Some(mend) = &dataset.mend {
        to_level_2(text, file, mend);
    }
    text.line("");
}

/// The edit that gets there, what it costs and what comes of it.
fn to_level_2(text: &mut InertText, file: &FileAssessment, mend: &Mend) {
    heading(text, "to level 2");
    match mend {
        Mend::NotNeeded => text.line("    nothing is needed: it is there"),
        Mend::Impossible { why } => {
            text.line("    no edit was found that gets there");
            for why in why {
                text.line(format_args!("      {why}"));
            }
        }
        Mend::Edit(mended) => {
            text.line(format_args!("    {}", mended.fix.title));
            for cost in &mended.costs {
                text.line(format_args!("      cost: {cost}"));
            }
            text.line(format_args!("      after it: {}", words::after(mended)));
            text.line("");
            // As it stands, so that it can be given to `patch`.
            text.difference(&diff::of_fix(file, &mended.fix));
        }
    }
}

fn columns(text: &mut InertText, dataset: &Assessment) {
    let all = &dataset.decision.columns;
    let width = all
        .iter()
        .map(|column| column.name.chars().count())
        .max()
        .unwrap_or(0);
    for column in all {
        let category = match column.category {
            Some(category) => format!("category {category}"),
            None if column.sources.is_empty() => "no category".to_owned(),
            None => "unknown category".to_owned(),
        };
        let sensitive = column
            .sensitive
            .as_ref()
            .map(|reason| format!(", sensitive: {reason}"))
            .unwrap_or_default();
        let from = if column.sources.is_empty() {
            String::new()
        } else {
            format!(", from {}", column.sources.join(", "))
        };
        text.line(format_args!(
            "    {:width$}  {}, {category}{sensitive}{from}",
            column.name,
            words::role(column.role),
        ));
    }
}

fn statistics(text: &mut InertText, run: &Run) {
    let mut rules: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (_, finding) in run.findings() {
        *rules
            .entry((finding.rule.code, finding.rule.name))
            .or_default() += 1;
    }
    let mut levels: BTreeMap<String, usize> = BTreeMap::new();
    for dataset in run.files.iter().flat_map(|file| &file.datasets) {
        let level = match dataset.decision.level {
            Some(level) => format!("level {}", level.number()),
            None if dataset.assessed => "no people".to_owned(),
            None => "not assessed".to_owned(),
        };
        *levels.entry(level).or_default() += 1;
    }
    for (level, count) in levels {
        text.line(format_args!("{count:>7}  {level}"));
    }
    for ((code, name), count) in rules {
        text.line(format_args!("{count:>7}  {code} {name}"));
    }
}

fn heading(text: &mut InertText, words: &str) {
    text.line("");
    text.line(format_args!("  {words}"));
}
