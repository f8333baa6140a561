//! One dataset in full, in the order in which a steward reads it: the verdict and
//! the four answers, then the reasons, the findings, the columns and the
//! assumptions.

use super::super::paint::Paint;
use super::super::{InertText, ReportOptions, causes, covered, diff, example, words};
use super::snippet::Snippets;
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::numbers::GroupedNumber;
use crate::policy::{Answer, PublishedColumn, Verdict};

/// Indentation of the text under a heading.
const INDENT: usize = 4;

/// Writes a dataset.
pub(super) fn write(
    text: &mut InertText,
    file: &FileAssessment,
    dataset: &Assessment,
    options: &ReportOptions,
) {
    let mut page = ReviewWriter {
        text,
        width: options.width,
        paint: Paint::new(options.color),
    };
    page.verdict(dataset);
    page.covered(file, dataset);
    page.questions(dataset);
    if !dataset.decision.level_because.is_empty() {
        page.heading("How the level was found");
        super::reasons(page.text, file, dataset, options.width);
    }
    findings(&mut page, file, dataset, options);
    let decision = &dataset.decision;
    if !decision.columns.is_empty() {
        page.heading("Columns");
        page.columns(&decision.columns);
    }
    if !decision.assumptions.is_empty() {
        page.heading("Assumptions");
        for assumption in decision.assumptions.iter().take(super::LISTED) {
            page.prose(assumption);
        }
        super::rest(page.text, decision.assumptions.len(), "more assumption");
    }
    if let Some(found) = &dataset.example {
        page.heading("Counterexample: rows from which too small a group is published");
        for line in example::lines(found) {
            page.text.line(format_args!("    {line}"));
        }
    }
    if let Some(mend) = &dataset.mend {
        page.mended(file, mend);
    }
    page.text.line("");
}

struct ReviewWriter<'a> {
    text: &'a mut InertText,
    width: usize,
    paint: Paint,
}

impl ReviewWriter<'_> {
    fn heading(&mut self, words: &str) {
        self.text.line("");
        self.text
            .painted(&[(self.paint.plain(), "  "), (self.paint.strong(), words)]);
    }

    /// Writes a sentence under a heading, over several lines if necessary.
    fn prose(&mut self, sentence: &str) {
        for line in words::wrap_text(sentence, self.width, INDENT, INDENT + 2) {
            self.text.line(line);
        }
    }

    fn verdict(&mut self, dataset: &Assessment) {
        let (paint, decision) = (self.paint, &dataset.decision);
        self.text.painted(&[
            (paint.strong(), &format!("`{}`", dataset.name)),
            (
                paint.faint(),
                &format!(" ({}{})", dataset.statement, words::variant(dataset)),
            ),
        ]);
        self.text.painted(&[
            (paint.plain(), "  verdict: "),
            (paint.verdict(dataset.verdict), words::verdict(dataset)),
            (paint.plain(), &words::record_suffix(dataset, str::to_owned)),
        ]);
        self.reason(dataset);
        self.text.line(format_args!("  {}", words::level(dataset)));
        let bucket = &decision.bucket;
        let unit = bucket.unit.as_ref();
        let unit = unit.map(|unit| format!(", people counted by `{unit}`"));
        self.text.line(format_args!(
            "  minimum bucket: {} required, {}{}",
            GroupedNumber(bucket.required),
            words::proven(bucket.proven, bucket.residual_unbounded, "none"),
            unit.unwrap_or_default()
        ));
        if let Some(reason) = &dataset.internal {
            self.text.line(format_args!("  not published: {reason}"));
        }
    }

    /// What the dataset is and covers.
    fn covered(&mut self, file: &FileAssessment, dataset: &Assessment) {
        for (what, text) in covered::lines(file, dataset) {
            let line = format!("{what}: {text}");
            if what == covered::APPROVAL {
                // As it is copied into a shell.
                self.text.line(format_args!("  {line}"));
                continue;
            }
            for line in words::wrap_text(&line, self.width, 2, 4) {
                self.text.line(line);
            }
        }
    }

    /// Writes why a dataset needs review although all four answers are "no".
    fn reason(&mut self, dataset: &Assessment) {
        let mut answers = dataset.decision.questions.iter();
        let passes = answers.all(|question| question.answer == Answer::No);
        if !passes || dataset.verdict == Verdict::Publishable {
            return;
        }
        if let Some(why) = causes::why(dataset) {
            for line in words::wrap_text(&format!("reason: {why}"), self.width, 2, 4) {
                self.text.line(line);
            }
        }
    }

    fn questions(&mut self, dataset: &Assessment) {
        self.heading("The four questions");
        for (question, number) in dataset.decision.questions.iter().zip(1..) {
            let paint = self.paint;
            self.text.painted(&[
                (
                    paint.plain(),
                    &format!("    {number}. {} ", question.id.text()),
                ),
                (
                    paint.answer(question.answer),
                    words::answer(question.answer),
                ),
            ]);
            for line in words::wrap_text(&question.because, self.width, 7, 7) {
                self.text.line(line);
            }
        }
    }

    /// Writes a line for each column; the names and their descriptions are aligned.
    fn columns(&mut self, columns: &[PublishedColumn]) {
        let names = columns.iter().map(|column| column.name.chars().count());
        let width = names.max().unwrap_or(0);
        for column in columns {
            let category = match column.category {
                Some(category) => format!("category {category}"),
                None if column.sources.is_empty() => "no category".to_owned(),
                None => "unknown category".to_owned(),
            };
            let sensitive = column.sensitive.as_ref();
            let sensitive = sensitive.map(|reason| format!(", sensitive: {reason}"));
            let from = if column.sources.is_empty() {
                String::new()
            } else {
                format!(", from {}", column.sources.join(", "))
            };
            let line = format!(
                "{:width$}  {}, {category}{}{from}",
                column.name,
                words::role(column.role),
                sensitive.unwrap_or_default()
            );
            for line in words::wrap_text(&line, self.width, INDENT, INDENT + width + 4) {
                self.text.line(line);
            }
        }
    }

    /// Writes the edit that reaches level 2, with its costs and its result.
    fn mended(&mut self, file: &FileAssessment, mend: &Mend) {
        self.heading("To level 2");
        match mend {
            Mend::NotNeeded => self.text.line("    already level 2"),
            Mend::Impossible { why } => {
                self.text.line("    no edit was found that reaches level 2");
                for why in why {
                    self.text.line(format_args!("      {why}"));
                }
            }
            Mend::Edit(mended) => {
                self.text.line(format_args!("    {}", mended.fix.title));
                for cost in &mended.costs {
                    self.text.line(format_args!("      cost: {cost}"));
                }
                self.text
                    .line(format_args!("      after it: {}", words::after(mended)));
                self.text.line("");
                // The diff is not indented, so that `patch` can read it.
                self.text.difference(&diff::diff_of_fix(file, &mended.fix));
            }
        }
    }
}

/// Writes all findings at their places. Those that were accepted with an approval
/// have a line each.
fn findings(
    page: &mut ReviewWriter<'_>,
    file: &FileAssessment,
    dataset: &Assessment,
    options: &ReportOptions,
) {
    let accepted = causes::accepted(dataset);
    if !accepted.is_empty() {
        let bug = dataset.record.bug.as_deref().unwrap_or_default();
        page.heading(&format!("Findings accepted in {bug}"));
        for finding in accepted {
            let place = words::place(&file.source, finding.span);
            let rule = finding.rule;
            page.prose(&format!(
                "{} {} {place}: {}",
                rule.code, rule.name, finding.message
            ));
        }
    }
    let findings = causes::ordered(&dataset.findings, dataset.assessed);
    if findings.is_empty() {
        return;
    }
    page.heading("Findings");
    let snippets = Snippets::new(file, options);
    for (at, finding) in findings.iter().take(super::LISTED).enumerate() {
        if at > 0 {
            page.text.line("");
        }
        snippets.draw(page.text, finding);
    }
    super::rest(page.text, findings.len(), "more finding");
}
