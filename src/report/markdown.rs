//! A comment to paste into a bug: the four questions first, the verdict last, and
//! by which version of the program and of the query it was reached.

use sha2::{Digest, Sha256};

use super::{
    InertText, Run, diff, escape_line, example, fingerprint, notes, prose, requester, words,
};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::policy::PublishedColumn;
use crate::rules::Finding;

pub(super) fn render(run: &Run) -> InertText {
    let mut text = InertText::new();
    for file in &run.files {
        let told = file
            .findings
            .iter()
            .filter(|finding| finding.suppressed.is_none());
        for finding in told {
            listed(&mut text, file, finding);
        }
        for dataset in &file.datasets {
            if !text.is_empty() {
                text.line("");
            }
            one(&mut text, file, dataset);
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

fn one(text: &mut InertText, file: &FileAssessment, dataset: &Assessment) {
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
    if !decision.columns.is_empty() {
        text.line("");
        text.line("| column | role | category | sensitive | data review | from |");
        text.line("|---|---|---|---|---|---|");
        for column in &decision.columns {
            text.line(row(column));
        }
    }
    let told: Vec<_> = dataset
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none())
        .collect();
    if !told.is_empty() {
        heading(text, "Findings");
        for finding in told {
            listed(text, file, finding);
        }
    }
    let questions = requester::questions(dataset);
    if !questions.is_empty() {
        heading(text, "Questions to the requester");
        for (question, number) in questions.iter().zip(1..) {
            text.line(format_args!("{number}. {}", prose::text(question)));
        }
    }
    if !decision.assumptions.is_empty() {
        heading(text, "Taken for granted");
        for assumption in &decision.assumptions {
            text.line(format_args!("- {}", prose::text(assumption)));
        }
    }
    if let Some(found) = &dataset.example {
        heading(text, "Rows of which too small a group is published");
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
        words::on_record(dataset, prose::link)
    ));
}

/// The edit that gets there, what it costs and what comes of it.
fn to_level_2(text: &mut InertText, file: &FileAssessment, mend: &Mend) {
    heading(text, "To level 2");
    match mend {
        Mend::NotNeeded => text.line("Nothing is needed: it is there."),
        Mend::Impossible { why } => {
            text.line("No edit was found that gets there:");
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
            let diff = diff::of_fix(file, &mended.fix);
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
    match bucket.proven {
        Some(proven) if bucket.residual_unbounded => format!(
            "each row {} is proven to stand for {proven} people{unit}, and {} are required",
            words::BUT_THE_RESIDUAL,
            bucket.required
        ),
        Some(proven) => format!(
            "each row is proven to stand for {proven} people{unit}, and {} are required",
            bucket.required
        ),
        None => format!(
            "no number of people is proven for its rows, and {} are required",
            bucket.required
        ),
    }
}

/// How the level was found, folded, for who wants to follow it.
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
    for step in steps {
        let place = step
            .span
            .map(|span| format!(" (line {})", file.source.position(span.start).line))
            .unwrap_or_default();
        let people = words::people_after(step);
        text.line(format_args!(
            "- {}{people}{place}",
            prose::text(&step.message)
        ));
    }
    text.line("");
    text.line("</details>");
}

/// What was read, and by whom, so that the answer can be had again.
fn signed(text: &mut InertText, file: &FileAssessment) {
    let hash = Sha256::digest(file.source.text().as_bytes());
    text.line("");
    text.line(format_args!(
        "headcount {}; SHA-256 of the query: `{}`",
        env!("CARGO_PKG_VERSION"),
        fingerprint::hexadecimal(&hash)
    ));
}

fn row(column: &PublishedColumn) -> String {
    let category = column
        .category
        .map_or_else(|| "unknown".to_owned(), |category| category.to_string());
    let category = if column.sources.is_empty() {
        "–".to_owned()
    } else {
        category
    };
    let sources: Vec<String> = column
        .sources
        .iter()
        .map(|name| prose::code(name))
        .collect();
    format!(
        "| {} | {} | {category} | {} | {} | {} |",
        prose::code(&column.name),
        words::role(column.role),
        column
            .sensitive
            .as_deref()
            .map_or_else(|| "–".to_owned(), prose::text),
        or_dash(
            &column
                .data_reviews
                .iter()
                .map(|url| prose::link(url))
                .collect::<Vec<_>>()
        ),
        or_dash(&sources)
    )
}

fn or_dash(parts: &[String]) -> String {
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(", ")
    }
}

fn listed(text: &mut InertText, file: &FileAssessment, finding: &Finding) {
    let at = file.source.position(finding.span.start);
    let item = format!(
        "- **{}** [{} {}]({}), line {}: {}. {}",
        words::severity(finding.severity),
        finding.rule.code,
        finding.rule.name,
        finding.rule.url(),
        at.line,
        prose::text(&finding.message),
        prose::help(&finding.help)
    );
    text.block(&item);
    text.line("");
}
