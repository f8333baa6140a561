//! Wording that several formats share.

use std::borrow::Cow;

use super::{Run, Summary};
use crate::assessment::{Assessment, Mended, RecordStatus};
use crate::numbers::GroupedNumber;
use crate::policy::{Answer, ReasoningStep, Role, Verdict};
use crate::rules::Severity;
use crate::source::{SourceText, Span};

/// Returns the level with its name.
pub(super) fn level(dataset: &Assessment) -> String {
    match dataset.decision.level {
        Some(level) => format!("level {}, {}", level.number(), level.name()),
        None if dataset.assessed => "no level: the query reads no personal data".to_owned(),
        None => "not assessed".to_owned(),
    }
}

/// Returns the level by its number alone.
pub(super) fn short_level(dataset: &Assessment) -> String {
    match dataset.decision.level {
        Some(level) => format!("level {}", level.number()),
        None if dataset.assessed => "no personal data".to_owned(),
        None => "not assessed".to_owned(),
    }
}

/// Formats the start of a place as `line:column`.
pub(super) fn place(source: &SourceText, span: Span) -> String {
    let at = source.position(span.start);
    format!("{}:{}", at.line, at.column)
}

/// Returns a text as one line of at most `width` characters, or 40 if that is more.
/// A cut is marked by `...`.
pub(super) fn clip_text(text: &str, width: usize) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(width.max(40)) {
        Some(_) => {
            let kept: String = line.chars().take(width.max(40) - 3).collect();
            format!("{}...", kept.trim_end())
        }
        None => line,
    }
}

/// Wraps a text into indented lines of at most `width` characters, or 40 if that is
/// more. A longer word is not broken.
pub(super) fn wrap_text(text: &str, width: usize, first: usize, others: usize) -> Vec<String> {
    let (first, others) = (" ".repeat(first), " ".repeat(others));
    let options = textwrap::Options::new(width.max(40))
        .initial_indent(&first)
        .subsequent_indent(&others)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    let lines = textwrap::wrap(text, options);
    lines.into_iter().map(Cow::into_owned).collect()
}

/// Returns the words for the verdict.
pub(super) fn verdict(dataset: &Assessment) -> &'static str {
    match (dataset.verdict, &dataset.internal) {
        (_, Some(_)) => "internal, not published",
        (Verdict::Publishable, None) => "publishable",
        (Verdict::ExtraReview, None) => "needs extra review",
    }
}

/// Returns the state of a dataset in the record, as a suffix of its verdict. `link`
/// formats the address of the bug.
pub(super) fn record_suffix(dataset: &Assessment, link: impl Fn(&str) -> String) -> String {
    let record = &dataset.record;
    let bug = link(record.bug.as_deref().unwrap_or_default());
    match (record.status, &record.known_debt_until) {
        (Some(RecordStatus::Covered), _) => format!("; approved in {bug}"),
        (Some(RecordStatus::Drifted), _) => {
            format!("; discloses more than was approved in {bug}")
        }
        (Some(RecordStatus::Missing), Some(until)) if record.debt_holds => {
            format!("; known debt until {until}, never reviewed ({bug})")
        }
        (Some(RecordStatus::Missing), Some(until)) => {
            format!("; known debt, expired on {until} ({bug})")
        }
        (Some(RecordStatus::Missing), None) | (None, _) => String::new(),
    }
}

/// Returns the rendering that discloses most, if the template has several:
/// ` (with is_init() is true)`.
pub(super) fn variant(dataset: &Assessment) -> String {
    dataset
        .variant
        .as_ref()
        .map(|variant| format!(" (with {variant})"))
        .unwrap_or_default()
}

/// Returns the word for an answer.
pub(super) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::No => "no",
        Answer::Unknown => "unknown",
        Answer::Yes => "yes",
    }
}

/// Describes the dataset after an edit.
pub(super) fn after(mended: &Mended) -> String {
    let level = mended.level.map_or_else(
        || "no level: no personal data is left".to_owned(),
        |level| format!("level {}, {}", level.number(), level.name()),
    );
    let bucket = match (mended.bucket.proven, mended.bucket.residual_unbounded) {
        (None, _) => String::new(),
        (Some(k), false) => format!(
            "; each row is proven to stand for at least {} people",
            GroupedNumber(k)
        ),
        (Some(k), true) => {
            format!(
                "; each row {BUT_THE_RESIDUAL} is proven to stand for at least {} people",
                GroupedNumber(k)
            )
        }
    };
    let verdict = match mended.verdict {
        Verdict::Publishable => "publishable",
        Verdict::ExtraReview => "still needs extra review, for other reasons",
    };
    format!("{level}{bucket}; {verdict}")
}

/// Returns the word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Returns the word for a role.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Dimension => "dimension",
        Role::Metric => "metric",
        Role::Identifier => "identifier",
        Role::Timestamp => "timestamp",
        Role::Constant => "constant",
        Role::Unknown => "unknown",
    }
}

/// Formats a count with its noun: `1 file`, `2 files`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Returns the counts of a run in one line.
pub(super) fn summary(run: &Run) -> String {
    let Summary {
        files,
        datasets,
        publishable,
        needs_review,
        approved,
        known_debt,
        internal,
        errors,
        warnings,
        notes,
        suppressed,
    } = run.summary();
    let suppressed = if suppressed > 0 {
        format!("; {} suppressed", plural(suppressed, "finding"))
    } else {
        String::new()
    };
    let approved = if approved > 0 {
        format!(", {approved} approved")
    } else {
        String::new()
    };
    let known_debt = if known_debt > 0 {
        format!(", {known_debt} known debt")
    } else {
        String::new()
    };
    let internal = if internal > 0 {
        format!(", {internal} internal")
    } else {
        String::new()
    };
    format!(
        "{}, {}: {publishable} publishable, {needs_review} {} extra review{approved}{known_debt}{internal}; {}, {}, {}{suppressed}",
        plural(files, "file"),
        plural(datasets, "dataset"),
        if needs_review == 1 { "needs" } else { "need" },
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(notes, "note"),
    )
}

/// Returns a text with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Returns the people that the rows of a step are proven to stand for. The text is a
/// suffix of the step.
pub(super) fn people_after(step: &ReasoningStep) -> String {
    match (&step.operator, step.k) {
        (Some(_), Some(k)) if k >= 2 => format!(": at least {} people per row", GroupedNumber(k)),
        (Some(_), Some(_)) => ": a row may cover a single person".to_owned(),
        (Some(_) | None, _) => String::new(),
    }
}

/// Names the row for which nothing is proven if small groups are folded.
pub(super) const BUT_THE_RESIDUAL: &str = "except the residual row";

/// Returns the number of people that rows are proven to stand for, and any
/// exception.
pub(super) fn proven(k: Option<u64>, residual: bool, none: &str) -> String {
    match k {
        None => format!("{none} proven"),
        Some(k) if residual => format!(
            "{} proven in every row {BUT_THE_RESIDUAL}",
            GroupedNumber(k)
        ),
        Some(k) => format!("{} proven", GroupedNumber(k)),
    }
}

/// Returns the proven lower bound on people per row, and any exception.
pub(super) fn format_lower_bound(k: Option<u64>, residual: bool, none: &str) -> String {
    match k {
        None => none.to_owned(),
        Some(k) if residual => format!(
            "at least {} in every row {BUT_THE_RESIDUAL}",
            GroupedNumber(k)
        ),
        Some(k) => format!("at least {}", GroupedNumber(k)),
    }
}

/// Merges messages that differ in one quoted name: `a` and `b` in its place. `None` if
/// they differ in anything else.
pub(super) fn of_several(messages: &[&str]) -> Option<String> {
    let (first, others) = messages.split_first()?;
    if others.is_empty() {
        return None;
    }
    let parts: Vec<Vec<&str>> = messages
        .iter()
        .map(|one| one.split('`').collect())
        .collect();
    let length = parts.first()?.len();
    if parts.iter().any(|one| one.len() != length) {
        return None;
    }
    let differs = |at: &usize| parts.iter().any(|one| one.get(*at) != parts[0].get(*at));
    let mut different = (0..length).filter(differs);
    // Every second part is between quotation marks.
    let at = different.next().filter(|at| at % 2 == 1)?;
    if different.next().is_some() {
        return None;
    }
    let names: Vec<&str> = parts
        .iter()
        .filter_map(|one| one.get(at).copied())
        .collect();
    let names = names.join("`, `");
    let merged: Vec<&str> = first.split('`').collect();
    let before = merged.get(..at)?.join("`");
    let after = merged.get(at + 1..)?.join("`");
    let Some(rest) = before.strip_suffix("the column ") else {
        return Some(format!("{before}`{names}`{after}"));
    };
    let verbs = [
        (" is ", " are "),
        (" has ", " have "),
        (" publishes ", " publish "),
    ];
    let plural = verbs.iter().find_map(|(one, several)| {
        let rest = after.strip_prefix(one)?;
        Some(format!("{several}{rest}"))
    });
    let after = plural.unwrap_or(after);
    Some(format!("{rest}the columns `{names}`{after}"))
}

#[cfg(test)]
mod several_tests {
    use super::of_several;

    #[test]
    fn messages_that_differ_in_one_name_are_merged() {
        let few = "may stand for fewer than 5,000 people";
        let one = format!("the column `a` {few}");
        let other = format!("the column `b` {few}");
        let merged = of_several(&[&one, &other]);
        assert_eq!(merged, Some(format!("the columns `a`, `b` {few}")));
        let (one_is, other_is) = ("the column `a` is a time", "the column `b` is a time");
        let merged = of_several(&[one_is, other_is]);
        assert_eq!(merged.as_deref(), Some("the columns `a`, `b` are a time"));
        assert_eq!(of_several(&[&one]), None);
        assert_eq!(of_several(&[&one, "the column `b` is new"]), None);
        assert_eq!(of_several(&["`a` equals `b`", "`c` equals `d`"]), None);
    }
}
