//! A comment to paste into a bug: the four questions first.

use super::{Run, diff, words};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::policy::PublishedColumn;
use crate::rules::Finding;

pub(super) fn render(run: &Run) -> String {
    let mut text = String::new();
    for file in &run.files {
        for finding in &file.findings {
            text.push_str(&listed(file, finding));
        }
        for dataset in &file.datasets {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&one(file, dataset));
        }
    }
    text
}

fn one(file: &FileAssessment, dataset: &Assessment) -> String {
    let decision = &dataset.decision;
    let mut text = format!(
        "## `{}`{}: {}\n\n| question | answer | because |\n|---|---|---|\n",
        dataset.name,
        words::variant(dataset),
        words::verdict(dataset)
    );
    for question in &decision.questions {
        text.push_str(&format!(
            "| {} | **{}** | {} |\n",
            question.id.text(),
            words::answer(question.answer),
            cell(&question.because)
        ));
    }
    text.push_str(&format!("\n**{}**\n\n", capital(&words::level(dataset))));
    for step in &decision.level_because {
        let place = step
            .span
            .map(|span| format!(" (line {})", file.source.position(span.start).line))
            .unwrap_or_default();
        text.push_str(&format!("- {}{place}\n", step.message));
    }
    if !decision.columns.is_empty() {
        text.push_str("\n| column | role | category | sensitive | from |\n|---|---|---|---|---|\n");
        for column in &decision.columns {
            text.push_str(&row(column));
        }
    }
    let told: Vec<_> = dataset
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none())
        .collect();
    if !told.is_empty() {
        text.push_str("\n### Findings\n\n");
        for finding in told {
            text.push_str(&listed(file, finding));
        }
    }
    if !decision.assumptions.is_empty() {
        text.push_str("\n### Taken for granted\n\n");
        for assumption in &decision.assumptions {
            text.push_str(&format!("- {assumption}\n"));
        }
    }
    if let Some(mend) = &dataset.mend {
        text.push_str(&to_level_2(file, mend));
    }
    text
}

/// The edit that gets there, what it costs and what comes of it.
fn to_level_2(file: &FileAssessment, mend: &Mend) -> String {
    let mut text = "\n### To level 2\n\n".to_owned();
    match mend {
        Mend::NotNeeded => text.push_str("Nothing is needed: it is there.\n"),
        Mend::Impossible { why } => {
            text.push_str("No edit was found that gets there:\n\n");
            for why in why {
                text.push_str(&format!("- {why}\n"));
            }
        }
        Mend::Edit(mended) => {
            text.push_str(&format!("{}.\n\n", capital(&mended.fix.title)));
            for cost in &mended.costs {
                text.push_str(&format!("- cost: {cost}\n"));
            }
            let diff = diff::of_fix(file, &mended.fix);
            text.push_str(&format!(
                "- after it: {}\n\n```diff\n{diff}```\n",
                words::after(mended)
            ));
        }
    }
    text
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
        .map(|name| format!("`{name}`"))
        .collect();
    format!(
        "| `{}` | {} | {category} | {} | {} |\n",
        cell(&column.name),
        words::role(column.role),
        column.sensitive.as_deref().unwrap_or("–"),
        if sources.is_empty() {
            "–".to_owned()
        } else {
            sources.join(", ")
        }
    )
}

fn listed(file: &FileAssessment, finding: &Finding) -> String {
    let at = file.source.position(finding.span.start);
    format!(
        "- **{}** [{} {}]({}), line {}: {}. {}\n",
        words::severity(finding.severity),
        finding.rule.code,
        finding.rule.name,
        finding.rule.url(),
        at.line,
        finding.message,
        capital(&help(&finding.help))
    )
}

/// Help with a block of text in it keeps its lines.
fn help(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, block)) => format!(
            "{first}\n\n  ```toml\n  {}\n  ```",
            block.replace('\n', "\n  ")
        ),
        None => text.to_owned(),
    }
}

/// A table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
