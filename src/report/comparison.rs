//! What a change does to datasets, as text, Markdown or JSON.

use serde_json::{Value, json};

use super::{prose, words};
use crate::policy::Verdict;
use crate::record::{Change, Compared, Comparison, Direction, Side};

/// A format of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffFormat {
    /// For a terminal.
    Human,
    /// A comment on a pull request.
    Markdown,
    /// For programs.
    Json,
}

impl DiffFormat {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 3] = [
        ("human", Self::Human),
        ("markdown", Self::Markdown),
        ("json", Self::Json),
    ];
}

/// Renders a comparison.
pub fn render(comparison: &Comparison, format: DiffFormat) -> String {
    match format {
        DiffFormat::Human => human(comparison),
        DiffFormat::Markdown => markdown(comparison),
        DiffFormat::Json => machine(comparison),
    }
}

/// A row: what it is of, before, after.
type Row = (&'static str, String, String);

/// What a row says of a side.
type Said<'a> = &'a dyn Fn(&Side) -> String;

fn rows(compared: &Compared) -> Vec<Row> {
    let both = |of: Said<'_>| {
        let side = |side: &Option<Side>| side.as_ref().map_or_else(|| "–".to_owned(), of);
        (side(&compared.before), side(&compared.after))
    };
    let all: [(&'static str, Said<'_>); 7] = [
        ("level", &level),
        ("people in each row", &bucket),
        ("small groups", &|side| {
            if side.disclosure.residual {
                "folded into “Other”".to_owned()
            } else {
                "–".to_owned()
            }
        }),
        ("one row for", &|side| match &side.disclosure.grain {
            Some(keys) if keys.is_empty() => "all rows".to_owned(),
            Some(keys) => keys.join(", "),
            None => "not known".to_owned(),
        }),
        ("columns", &|side| {
            let names: Vec<&str> = side
                .disclosure
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            names.join(", ")
        }),
        ("findings", &|side| {
            if side.codes.is_empty() {
                "none".to_owned()
            } else {
                side.codes.join(", ")
            }
        }),
        ("verdict", &|side| verdict(side).to_owned()),
    ];
    all.into_iter()
        .map(|(name, of)| {
            let (before, after) = both(of);
            (name, before, after)
        })
        .collect()
}

fn level(side: &Side) -> String {
    match side.disclosure.level {
        Some(level) => format!("{}, {}", level.number(), level.name()),
        None if side.disclosure.assessed => "no personal data".to_owned(),
        None => "not assessed".to_owned(),
    }
}

fn bucket(side: &Side) -> String {
    side.disclosure
        .bucket
        .map_or_else(|| "none proven".to_owned(), |k| format!("{k} or more"))
}

fn verdict(side: &Side) -> &'static str {
    match side.verdict {
        Verdict::Publishable => "publishable",
        Verdict::ExtraReview => "needs extra review",
    }
}

/// What happened to it, in a few words.
fn kind(compared: &Compared) -> &'static str {
    match (&compared.before, &compared.after) {
        (None, _) => "new",
        (_, None) => "removed",
        (Some(_), Some(_)) if compared.grew() => "discloses more",
        (Some(_), Some(_)) if compared.changes().is_empty() => "discloses the same",
        (Some(_), Some(_)) => "discloses less",
    }
}

fn told(change: &Change) -> String {
    let direction = match change.direction {
        Direction::More => "more",
        Direction::Less => "less",
    };
    format!("{direction}: {}", change.message)
}

fn summary(comparison: &Comparison) -> String {
    let all = &comparison.datasets;
    let grew = all.iter().filter(|compared| compared.grew()).count();
    format!(
        "{} changed since {}, {grew} of them new or disclosing more",
        words::plural(all.len(), "dataset"),
        comparison.base.get(..12).unwrap_or(&comparison.base)
    )
}

fn human(comparison: &Comparison) -> String {
    let mut text = String::new();
    for compared in &comparison.datasets {
        text.push_str(&format!(
            "{}: `{}`: {}\n",
            compared.path,
            compared.dataset,
            kind(compared)
        ));
        let rows = rows(compared);
        let width = rows
            .iter()
            .map(|(_, before, _)| before.chars().count())
            .max()
            .unwrap_or(0);
        for (name, before, after) in rows {
            let sign = if before == after { ' ' } else { '*' };
            text.push_str(&format!("  {sign} {name:<18}  {before:<width$}  {after}\n"));
        }
        for change in compared.changes() {
            text.push_str(&format!("    {}\n", told(&change)));
        }
        text.push('\n');
    }
    text.push_str(&summary(comparison));
    text.push('\n');
    text
}

fn markdown(comparison: &Comparison) -> String {
    let mut text = format!(
        "## What this change discloses\n\n{}.\n",
        summary(comparison)
    );
    for compared in &comparison.datasets {
        text.push_str(&format!(
            "\n### {}: {}\n\n| | before | after |\n|---|---|---|\n",
            prose::code(&compared.dataset),
            kind(compared)
        ));
        for (name, before, after) in rows(compared) {
            let (before, after) = (prose::text(&before), prose::text(&after));
            let after = if before == after {
                after
            } else {
                format!("**{after}**")
            };
            text.push_str(&format!("| {name} | {before} | {after} |\n"));
        }
        let changes = compared.changes();
        if !changes.is_empty() {
            text.push('\n');
        }
        for change in &changes {
            text.push_str(&format!("- {}\n", prose::text(&told(change))));
        }
    }
    text
}

fn machine(comparison: &Comparison) -> String {
    let side = |side: &Option<Side>| match side {
        None => Value::Null,
        Some(side) => json!({
            "assessed": side.disclosure.assessed,
            "level": side.disclosure.level.map(|level| level.number()),
            "bucket": side.disclosure.bucket,
            "residual": side.disclosure.residual.then_some("unbounded"),
            "grain": side.disclosure.grain,
            "columns": side
                .disclosure
                .columns
                .iter()
                .map(|column| &column.name)
                .collect::<Vec<_>>(),
            "findings": side.codes,
            "verdict": side.verdict,
            "record": side.record,
        }),
    };
    let datasets: Vec<Value> = comparison
        .datasets
        .iter()
        .map(|compared| {
            let changes: Vec<Value> = compared
                .changes()
                .iter()
                .map(|change| {
                    json!({
                        "discloses_more": change.direction == Direction::More,
                        "message": change.message,
                    })
                })
                .collect();
            json!({
                "dataset": compared.dataset,
                "path": compared.path,
                "discloses_more": compared.grew(),
                "before": side(&compared.before),
                "after": side(&compared.after),
                "changes": changes,
            })
        })
        .collect();
    let document = json!({
        "schema_version": 1,
        "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
        "base": comparison.base,
        "datasets": datasets,
    });
    // Keys are strings and numbers are finite: this cannot fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}
