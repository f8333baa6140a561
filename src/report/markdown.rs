//! A comment to paste into a bug: the four questions first, the verdict last, and
//! by which version of the program and of the query it was reached.

use sha2::{Digest, Sha256};

use super::{Run, diff, example, fingerprint, prose, requester, words};
use crate::assessment::{Assessment, FileAssessment, Mend};
use crate::policy::PublishedColumn;
use crate::rules::Finding;

pub(super) fn render(run: &Run) -> String {
    let mut text = String::new();
    for file in &run.files {
        let told = file
            .findings
            .iter()
            .filter(|finding| finding.suppressed.is_none());
        for finding in told {
            text.push_str(&listed(file, finding));
        }
        for dataset in &file.datasets {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&one(file, dataset));
        }
        if !file.datasets.is_empty() || !file.findings.is_empty() {
            text.push_str(&signed(file));
        }
    }
    text
}

fn one(file: &FileAssessment, dataset: &Assessment) -> String {
    let decision = &dataset.decision;
    let mut text = format!(
        "## {}{}: {}\n\n| question | answer | because |\n|---|---|---|\n",
        prose::code(&dataset.name),
        prose::text(&words::variant(dataset)),
        words::verdict(dataset)
    );
    for question in &decision.questions {
        text.push_str(&format!(
            "| {} | **{}** | {} |\n",
            question.id.text(),
            words::answer(question.answer),
            prose::text(&question.because)
        ));
    }
    text.push_str(&format!(
        "\n**{}**; {}.\n",
        words::capital(&words::level(dataset)),
        bucket(dataset)
    ));
    if !decision.columns.is_empty() {
        text.push_str(
            "\n| column | role | category | sensitive | data review | from |\n|---|---|---|---|---|---|\n",
        );
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
    let questions = requester::questions(dataset);
    if !questions.is_empty() {
        text.push_str("\n### Questions to the requester\n\n");
        for (question, number) in questions.iter().zip(1..) {
            text.push_str(&format!("{number}. {}\n", prose::text(question)));
        }
    }
    if !decision.assumptions.is_empty() {
        text.push_str("\n### Taken for granted\n\n");
        for assumption in &decision.assumptions {
            text.push_str(&format!("- {}\n", prose::text(assumption)));
        }
    }
    if let Some(found) = &dataset.example {
        text.push_str("\n### Rows of which too small a group is published\n\n");
        let lines = example::lines(found).join("\n");
        text.push_str(&prose::block("", &lines, ""));
    }
    if let Some(mend) = &dataset.mend {
        text.push_str(&to_level_2(file, mend));
    }
    text.push_str(&trace(file, dataset));
    text.push_str(&format!(
        "\n**Verdict: {}{}.**\n",
        words::verdict(dataset),
        prose::text(&words::on_record(dataset))
    ));
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
            text.push_str(&format!("{}.\n\n", words::capital(&mended.fix.title)));
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

fn bucket(dataset: &Assessment) -> String {
    let bucket = &dataset.decision.bucket;
    let unit = bucket
        .unit
        .as_ref()
        .map(|unit| format!(" (counted by {})", prose::code(unit)))
        .unwrap_or_default();
    match bucket.proven {
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
fn trace(file: &FileAssessment, dataset: &Assessment) -> String {
    let steps = &dataset.decision.level_because;
    if steps.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n<details>\n<summary>How the level was found, in {}</summary>\n\n",
        words::plural(steps.len(), "step")
    );
    for step in steps {
        let place = step
            .span
            .map(|span| format!(" (line {})", file.source.position(span.start).line))
            .unwrap_or_default();
        let people = words::people_after(step);
        text.push_str(&format!(
            "- {}{people}{place}\n",
            prose::text(&step.message)
        ));
    }
    text.push_str("\n</details>\n");
    text
}

/// What was read, and by whom, so that the answer can be had again.
fn signed(file: &FileAssessment) -> String {
    let hash = Sha256::digest(file.source.text().as_bytes());
    format!(
        "\nheadcount {}; SHA-256 of the query: `{}`\n",
        env!("CARGO_PKG_VERSION"),
        fingerprint::hexadecimal(&hash)
    )
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
        "| {} | {} | {category} | {} | {} | {} |\n",
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
                .map(|url| link(url))
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

/// An address is a link of its own; what is none is text.
fn link(url: &str) -> String {
    let plain = url.starts_with("https://") || url.starts_with("http://");
    let whole = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>|".contains(c));
    if plain && whole {
        format!("<{url}>")
    } else {
        prose::text(url)
    }
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
        prose::text(&finding.message),
        help(&finding.help)
    )
}

/// Help with a block of text in it keeps its lines.
fn help(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, lines)) => {
            let block = prose::block("toml", lines, "  ");
            format!(
                "{}\n\n{}",
                words::capital(&prose::text(first)),
                block.trim_end()
            )
        }
        None => words::capital(&prose::text(text)),
    }
}
