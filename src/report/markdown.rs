//! Writes a comment for a bug: the four questions first and the verdict last, with
//! the version of the program and the hash of the query.

use sha2::{Digest, Sha256};

use std::collections::{HashMap, HashSet};

use super::{
    InertText, Run, causes, covered, diff, escape_line, example, fingerprint, notes, prose,
    requester, words,
};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::numbers::GroupedNumber;
use crate::policy::PublishedColumn;
use crate::rules::Finding;

/// Largest number of columns with a row each; in a larger table, columns with equal
/// properties share a row.
const COLUMNS: usize = 60;
/// Largest number of findings, assumptions and steps in a list.
const FINDINGS: usize = 30;
/// Largest number of names in a cell.
const NAMED: usize = 12;
/// Largest length of a message in characters.
const LONGEST: usize = 800;
/// Characters of the parts of a comment: together they stay below what a bug takes.
const TABLE: usize = 22_000;
const LIST: usize = 14_000;
const SHORT_LIST: usize = 5_000;
/// Where what a comment leaves out is found.
const WHOLE: &str =
    "`headcount review FILE --format json=REVIEW.json` writes all of them, as an attachment";

/// As many of some texts as there is room for, the first at least.
fn within(texts: impl IntoIterator<Item = String>, room: usize) -> Vec<String> {
    let mut left = room;
    let fits = |(at, text): &(usize, String)| {
        let length = text.chars().count() + 1;
        let fits = *at == 0 || length <= left;
        left = left.saturating_sub(length);
        fits
    };
    let texts = texts.into_iter().enumerate().take_while(fits);
    texts.map(|(_, text)| text).collect()
}

pub(super) fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    for file in &run.files {
        for finding in file.shown() {
            write_finding(&mut text, file, finding);
        }
        for dataset in &file.datasets {
            if !text.is_empty() {
                text.line("");
            }
            write_dataset(&mut text, file, dataset);
        }
        if !file.datasets.is_empty() || !file.findings.is_empty() {
            signed(&mut text, file);
        }
    }
    for note in notes(run) {
        text.line("");
        text.line(format_args!("> {}", prose::text(&words::capital(&note))));
    }
    text
}

fn write_dataset(text: &mut InertText, file: &FileAssessment, dataset: &Assessment) {
    let decision = &dataset.decision;
    text.line(format_args!(
        "## {}{}: {}",
        prose::code(&dataset.name),
        prose::text(&words::variant(dataset)),
        words::verdict(dataset)
    ));
    text.line("");
    text.line("| question | answer | because |");
    text.line("|---|---|---|");
    for question in &decision.questions {
        text.line(format_args!(
            "| {} | **{}** | {} |",
            question.id.text(),
            words::answer(question.answer),
            prose::text(&question.because)
        ));
    }
    text.line("");
    text.line(format_args!(
        "**{}**; {}.",
        words::capital(&words::level(dataset)),
        bucket(dataset)
    ));
    let covered = covered::lines(file, dataset);
    if !covered.is_empty() {
        text.line("");
        for (what, line) in covered {
            text.line(format_args!(
                "- {}: {}",
                words::capital(what),
                prose::text(&line)
            ));
        }
    }
    if !decision.columns.is_empty() {
        text.line("");
        text.line("| column | role | category | sensitive | data review | from |");
        text.line("|---|---|---|---|---|---|");
        for row in rows(&decision.columns) {
            text.line(row);
        }
    }
    let findings = causes::ordered(&dataset.findings, dataset.assessed);
    if !findings.is_empty() {
        heading(text, "Findings");
        let items = findings.iter().take(FINDINGS);
        let items = within(items.map(|finding| item(file, finding)), LIST);
        for item in &items {
            text.block(item);
            text.line("");
        }
        if findings.len() > items.len() {
            let rest = words::plural(findings.len() - items.len(), "more finding");
            text.line(format_args!("- and {rest}; {WHOLE}"));
        }
    }
    let questions = requester::questions(dataset);
    if !questions.is_empty() {
        heading(text, "Questions to the requester");
        let items = questions
            .iter()
            .take(FINDINGS)
            .zip(1..)
            .map(|(question, number)| {
                let question = prose::text(&words::clip_text(question, LONGEST));
                format!("{number}. {question}")
            });
        let items = within(items, SHORT_LIST);
        for item in &items {
            text.line(item);
        }
        let rest = questions.len() - items.len();
        if rest > 0 {
            text.line("");
            text.line(format_args!(
                "And {}.",
                words::plural(rest, "more question")
            ));
        }
    }
    if !decision.assumptions.is_empty() {
        heading(text, "Assumptions");
        let items = decision.assumptions.iter().take(FINDINGS);
        let items =
            items.map(|text| format!("- {}", prose::text(&words::clip_text(text, LONGEST))));
        let items = within(items, SHORT_LIST);
        for item in &items {
            text.line(item);
        }
        let rest = decision.assumptions.len() - items.len();
        if rest > 0 {
            let rest = words::plural(rest, "more assumption");
            text.line(format_args!("- and {rest}; {WHOLE}"));
        }
    }
    if let Some(found) = &dataset.example {
        heading(
            text,
            "Counterexample: rows from which too small a group is published",
        );
        let lines = example::lines(found)
            .iter()
            .map(|line| escape_line(line))
            .collect::<Vec<_>>()
            .join("\n");
        text.block(&prose::block("", &lines, ""));
    }
    if let Some(mend) = &dataset.mend {
        to_level_2(text, file, mend);
    }
    trace(text, file, dataset);
    text.line("");
    text.line(format_args!(
        "**Verdict: {}{}.**",
        words::verdict(dataset),
        words::record_suffix(dataset, prose::link)
    ));
}

/// Writes the edit that reaches level 2, with its costs and its result.
fn to_level_2(text: &mut InertText, file: &FileAssessment, mend: &Mend) {
    heading(text, "To level 2");
    match mend {
        Mend::NotNeeded => text.line("The dataset is already at level 2."),
        Mend::Impossible { why } => {
            text.line("No edit was found that reaches level 2:");
            text.line("");
            for why in why {
                text.line(format_args!("- {}", prose::text(why)));
            }
        }
        Mend::Edit(mended) => {
            let title = words::capital(&prose::text(&mended.fix.title));
            text.line(format_args!("{title}."));
            text.line("");
            for cost in &mended.costs {
                text.line(format_args!("- cost: {}", prose::text(cost)));
            }
            text.line(format_args!(
                "- after it: {}",
                prose::text(&words::after(mended))
            ));
            text.line("");
            let diff = diff::diff_of_fix(file, &mended.fix);
            text.block(&prose::block("diff", &diff, ""));
        }
    }
}

fn heading(text: &mut InertText, words: &str) {
    text.line("");
    text.line(format_args!("### {words}"));
    text.line("");
}

fn bucket(dataset: &Assessment) -> String {
    let bucket = &dataset.decision.bucket;
    let unit = bucket
        .unit
        .as_ref()
        .map(|unit| format!(" (counted by {})", prose::code(unit)))
        .unwrap_or_default();
    let required = GroupedNumber(bucket.required);
    match bucket.proven.map(GroupedNumber) {
        Some(proven) if bucket.residual_unbounded => format!(
            "each row {} is proven to stand for at least {proven} people{unit}; {required} are required",
            words::BUT_THE_RESIDUAL
        ),
        Some(proven) => format!(
            "each row is proven to stand for at least {proven} people{unit}; {required} are required"
        ),
        None => format!("no minimum number of people per row is proven; {required} are required"),
    }
}

/// Writes the steps that led to the level, collapsed.
fn trace(text: &mut InertText, file: &FileAssessment, dataset: &Assessment) {
    let steps = &dataset.decision.level_because;
    if steps.is_empty() {
        return;
    }
    text.line("");
    text.line("<details>");
    text.line(format_args!(
        "<summary>How the level was found, in {}</summary>",
        words::plural(steps.len(), "step")
    ));
    text.line("");
    let items = steps.iter().take(FINDINGS).map(|step| {
        let place = step
            .span
            .map(|span| format!(" (line {})", file.source.position(span.start).line))
            .unwrap_or_default();
        let people = words::people_after(step);
        let message = prose::text(&words::clip_text(&step.message, LONGEST));
        format!("- {message}{people}{place}")
    });
    let items = within(items, SHORT_LIST);
    for item in &items {
        text.line(item);
    }
    if steps.len() > items.len() {
        let rest = words::plural(steps.len() - items.len(), "more step");
        text.line(format_args!("- and {rest}"));
    }
    text.line("");
    text.line("</details>");
}

/// Writes the version of the program and the hash of the query. With these, the
/// result can be reproduced.
fn signed(text: &mut InertText, file: &FileAssessment) {
    let hash = Sha256::digest(file.source.text().as_bytes());
    text.line("");
    text.line(format_args!(
        "headcount {}; SHA-256 of the query: `{}`",
        env!("CARGO_PKG_VERSION"),
        fingerprint::hexadecimal(&hash)
    ));
}

/// Returns the rows of the table of columns. If there are many columns, those with
/// equal properties share a row.
fn rows(columns: &[PublishedColumn]) -> Vec<String> {
    if columns.len() <= COLUMNS {
        let rows = within(columns.iter().map(|column| row(&[column])), TABLE);
        let rest = columns.len() - rows.len();
        return with_rest(rows, rest);
    }
    let mut alike: Vec<Vec<&PublishedColumn>> = Vec::new();
    let mut places: HashMap<[String; 4], usize> = HashMap::new();
    for column in columns {
        let next = alike.len();
        let place = *places.entry(column_properties(column)).or_insert(next);
        if place == next {
            alike.push(Vec::new());
        }
        alike[place].push(column);
    }
    let rows = within(alike.iter().take(COLUMNS).map(|alike| row(alike)), TABLE);
    let rest = alike.iter().skip(rows.len()).map(Vec::len).sum();
    with_rest(rows, rest)
}

/// Rows, and write_dataset that says how many columns they leave out.
fn with_rest(mut rows: Vec<String>, rest: usize) -> Vec<String> {
    if rest > 0 {
        let rest = words::plural(rest, "more column");
        rows.push(format!("| {rest}; {WHOLE} | | | | | |"));
    }
    rows
}

/// Returns the properties of a column: role, category, sensitivity and data reviews.
fn column_properties(column: &PublishedColumn) -> [String; 4] {
    let category = match column.category {
        _ if column.sources.is_empty() => "–".to_owned(),
        Some(category) => category.to_string(),
        None => "unknown".to_owned(),
    };
    let reviews = column.data_reviews.iter().map(|url| prose::link(url));
    [
        words::role(column.role).to_owned(),
        category,
        column
            .sensitive
            .as_deref()
            .map_or_else(|| "–".to_owned(), prose::text),
        capped(reviews),
    ]
}

/// Returns a row for columns with equal properties.
fn row(columns: &[&PublishedColumn]) -> String {
    let [role, category, sensitive, reviews] = column_properties(columns[0]);
    let sources = columns.iter().flat_map(|column| &column.sources);
    let mut seen = HashSet::new();
    let sources = sources.filter(|name| seen.insert(name.to_string()));
    format!(
        "| {} | {role} | {category} | {sensitive} | {reviews} | {} |",
        capped(columns.iter().map(|column| prose::code(&column.name))),
        capped(sources.map(|name| prose::code(name)))
    )
}

/// Joins the first items, and counts the rest.
fn capped(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    let shown: Vec<String> = parts.iter().take(NAMED).cloned().collect();
    match parts.len().saturating_sub(NAMED) {
        0 => or_dash(&shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn or_dash(parts: &[String]) -> String {
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(", ")
    }
}

fn write_finding(text: &mut InertText, file: &FileAssessment, finding: &Finding) {
    text.block(&item(file, finding));
    text.line("");
}

/// A finding as an item of a list.
fn item(file: &FileAssessment, finding: &Finding) -> String {
    let at = file.source.position(finding.span.start);
    format!(
        "- **{}** [{} {}]({}), line {}: {}. {}",
        words::severity(finding.severity),
        finding.rule.code,
        finding.rule.name,
        finding.rule.url(),
        at.line,
        prose::text(&words::clip_text(&finding.message, LONGEST)),
        prose::help(&finding.help)
    )
}
