//! For a terminal: each finding at its place in the text.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use super::{Detail, Options, Run, diff, example, words};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::policy::Verdict;
use crate::rules::{Finding, Severity};
use crate::source::Span;

pub(super) fn render(run: &Run, options: &Options) -> String {
    let theme = if options.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(options.width)
        .with_links(false);
    let mut text = String::new();
    for file in &run.files {
        let source = Arc::new(NamedSource::new(
            file.source.path(),
            Arc::<str>::from(file.source.text()),
        ));
        for finding in &file.findings {
            text.push_str(&at_its_place(&handler, &source, finding));
        }
        for dataset in &file.datasets {
            for finding in &dataset.findings {
                text.push_str(&at_its_place(&handler, &source, finding));
            }
            let told = dataset.stops()
                || dataset.record.known_debt_until.is_some()
                || options.verbose
                || dataset.internal.is_some() && dataset.verdict == Verdict::ExtraReview;
            if options.detail == Detail::Review {
                text.push_str(&in_full(file, dataset));
            } else if told && !options.quiet {
                text.push_str(&in_short(file, dataset, options.verbose));
            }
        }
    }
    if options.statistics {
        text.push_str(&statistics(run));
    }
    if !options.quiet && options.detail == Detail::Check {
        text.push_str(&words::summary(run));
        text.push('\n');
    }
    text
}

fn at_its_place(
    handler: &GraphicalReportHandler,
    source: &Arc<NamedSource<Arc<str>>>,
    finding: &Finding,
) -> String {
    if finding.suppressed.is_some() {
        return String::new();
    }
    let mut text = String::new();
    let placed = Placed {
        finding,
        source: Arc::clone(source),
    };
    if handler.render_report(&mut text, &placed).is_err() {
        // A place that is not in the text: the words are still told.
        text = format!("{}: {}\n", finding.rule.code, finding.message);
    }
    text.push('\n');
    text
}

fn in_short(file: &FileAssessment, dataset: &Assessment, verbose: bool) -> String {
    let line = file.source.position(dataset.span.start).line;
    let mut text = format!(
        "{}:{line}: {} `{}`{}: {}; {}{}\n",
        file.source.path(),
        dataset.statement,
        dataset.name,
        words::variant(dataset),
        words::level(dataset),
        words::verdict(dataset),
        words::on_record(dataset)
    );
    if verbose {
        text.push_str(&reasons(file, dataset));
    }
    text.push('\n');
    text
}

fn reasons(file: &FileAssessment, dataset: &Assessment) -> String {
    let mut text = String::new();
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
        text.push_str(&format!("    {operator}{}{people}{place}\n", step.message));
    }
    text
}

/// Everything, as a steward reads it.
fn in_full(file: &FileAssessment, dataset: &Assessment) -> String {
    let decision = &dataset.decision;
    let mut text = format!(
        "{} `{}`{}\n  {}\n  verdict: {}{}\n",
        dataset.statement,
        dataset.name,
        words::variant(dataset),
        words::level(dataset),
        words::verdict(dataset),
        words::on_record(dataset)
    );
    if let Some(reason) = &dataset.internal {
        text.push_str(&format!("  not published: {reason}\n"));
    }
    text.push_str("\n  why this level\n");
    text.push_str(&reasons(file, dataset));
    let bucket = &decision.bucket;
    text.push_str(&format!(
        "\n  minimum bucket: {} required, {} proven{}\n",
        bucket.required,
        bucket
            .proven
            .map_or_else(|| "none".to_owned(), |k| k.to_string()),
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
        text.push_str(&format!("  one row for: {grain}\n"));
    }
    text.push_str("\n  the four questions\n");
    for question in &decision.questions {
        text.push_str(&format!(
            "    {} {}\n        {}\n",
            question.id.text(),
            words::answer(question.answer),
            question.because
        ));
    }
    if !decision.columns.is_empty() {
        text.push_str("\n  columns\n");
        text.push_str(&columns(dataset));
    }
    if !decision.assumptions.is_empty() {
        text.push_str("\n  taken for granted\n");
        for assumption in &decision.assumptions {
            text.push_str(&format!("    {assumption}\n"));
        }
    }
    if let Some(found) = &dataset.example {
        text.push_str("\n  rows of which too small a group is published\n");
        for line in example::lines(found) {
            text.push_str(&format!("    {line}\n"));
        }
    }
    if let Some(mend) = &dataset.mend {
        text.push_str(&to_level_2(file, mend));
    }
    text.push('\n');
    text
}

/// The edit that gets there, what it costs and what comes of it.
fn to_level_2(file: &FileAssessment, mend: &Mend) -> String {
    let mut text = "\n  to level 2\n".to_owned();
    match mend {
        Mend::NotNeeded => text.push_str("    nothing is needed: it is there\n"),
        Mend::Impossible { why } => {
            text.push_str("    no edit was found that gets there\n");
            for why in why {
                text.push_str(&format!("      {why}\n"));
            }
        }
        Mend::Edit(mended) => {
            text.push_str(&format!("    {}\n", mended.fix.title));
            for cost in &mended.costs {
                text.push_str(&format!("      cost: {cost}\n"));
            }
            text.push_str(&format!("      after it: {}\n\n", words::after(mended)));
            // As it stands, so that it can be given to `patch`.
            text.push_str(&diff::of_fix(file, &mended.fix));
        }
    }
    text
}

fn columns(dataset: &Assessment) -> String {
    let all = &dataset.decision.columns;
    let width = all
        .iter()
        .map(|column| column.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
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
        text.push_str(&format!(
            "    {:width$}  {}, {category}{sensitive}{from}\n",
            column.name,
            words::role(column.role),
        ));
    }
    text
}

fn statistics(run: &Run) -> String {
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
    let mut text = String::new();
    for (level, count) in levels {
        text.push_str(&format!("{count:>7}  {level}\n"));
    }
    for ((code, name), count) in rules {
        text.push_str(&format!("{count:>7}  {code} {name}\n"));
    }
    text
}

/// A finding as miette draws it.
struct Placed<'a> {
    finding: &'a Finding,
    source: Arc<NamedSource<Arc<str>>>,
}

impl fmt::Debug for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.finding.rule.code)
    }
}

impl fmt::Display for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Placed<'_> {}

impl Diagnostic for Placed<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let rule = self.finding.rule;
        Some(Box::new(format!("{} {}", rule.code, rule.name)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Note => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.finding.help.is_empty())
            .then(|| Box::new(&self.finding.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.finding.span.is_empty()).then_some(&*self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.finding.span.is_empty() {
            return None;
        }
        let label = (!self.finding.label.is_empty()).then(|| self.finding.label.clone());
        let primary = LabeledSpan::new_primary_with_span(label, range(self.finding.span));
        let others = self.finding.labels.iter().map(|label| {
            LabeledSpan::new_with_span(Some(label.message.clone()), range(label.span))
        });
        Some(Box::new(std::iter::once(primary).chain(others)))
    }
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.range()
}
