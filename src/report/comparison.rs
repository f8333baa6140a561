//! Renders the effect of a change on datasets as text, Markdown or JSON.

use serde_json::{Value, json};

use super::{InertText, prose, words};
use crate::policy::Verdict;
use crate::record::{Change, Comparison, ComparisonSide, DatasetComparison, Direction};

/// A format of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffFormat {
    /// Text for a terminal.
    Human,
    /// A comment on a pull request.
    Markdown,
    /// A document for programs.
    Json,
}

impl DiffFormat {
    /// All formats, with their names.
    pub const ALL: [(&'static str, Self); 3] = [
        ("human", Self::Human),
        ("markdown", Self::Markdown),
        ("json", Self::Json),
    ];
}

/// Renders a comparison.
pub fn render(comparison: &Comparison, format: DiffFormat) -> InertText {
    match format {
        DiffFormat::Human => human(comparison),
        DiffFormat::Markdown => markdown(comparison),
        DiffFormat::Json => render_json(comparison),
    }
}

/// A row of the table: its property, the value before, and the value after.
type Row = (&'static str, String, String);

/// Computes the value of a row for one side.
type RowValue<'a> = &'a dyn Fn(&ComparisonSide) -> String;

/// How names and other words are escaped.
struct TextFormat {
    name: fn(&str) -> String,
    words: fn(&str) -> String,
}

impl TextFormat {
    const PLAIN: Self = Self {
        name: str::to_owned,
        words: str::to_owned,
    };
    const MARKDOWN: Self = Self {
        name: prose::code,
        words: prose::text,
    };

    fn names<'a>(&self, names: impl Iterator<Item = &'a str>) -> String {
        names.map(self.name).collect::<Vec<_>>().join(", ")
    }
}

fn rows(compared: &DatasetComparison, written: &TextFormat) -> Vec<Row> {
    let both = |of: RowValue<'_>| {
        let side = |side: &Option<ComparisonSide>| side.as_ref().map_or_else(|| "–".to_owned(), of);
        (side(&compared.before), side(&compared.after))
    };
    let all: [(&'static str, RowValue<'_>); 7] = [
        ("level", &|side| (written.words)(&level(side))),
        ("people in each row", &|side| (written.words)(&bucket(side))),
        ("small groups", &|side| {
            if side.disclosure.residual {
                "folded into “Other”".to_owned()
            } else {
                "–".to_owned()
            }
        }),
        ("one row for", &|side| match &side.disclosure.grain {
            Some(keys) if keys.is_empty() => "all rows".to_owned(),
            Some(keys) => written.names(keys.iter().map(String::as_str)),
            None => "not known".to_owned(),
        }),
        ("columns", &|side| {
            let columns = side.disclosure.columns.iter();
            written.names(columns.map(|column| column.name.as_str()))
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

fn level(side: &ComparisonSide) -> String {
    match side.disclosure.level {
        Some(level) => format!("{}, {}", level.number(), level.name()),
        None if side.disclosure.assessed => "no personal data".to_owned(),
        None => "not assessed".to_owned(),
    }
}

fn bucket(side: &ComparisonSide) -> String {
    let disclosure = &side.disclosure;
    words::format_lower_bound(disclosure.bucket, disclosure.residual, "none proven")
}

fn verdict(side: &ComparisonSide) -> &'static str {
    match side.verdict {
        Verdict::Publishable => "publishable",
        Verdict::ExtraReview => "needs extra review",
    }
}

/// Classifies the change of a dataset in a few words.
fn kind(compared: &DatasetComparison) -> &'static str {
    match (&compared.before, &compared.after) {
        (None, _) => "new",
        (_, None) => "removed",
        (Some(_), Some(_)) if compared.grew() => "discloses more",
        (Some(_), Some(_)) if compared.changes().is_empty() => "discloses the same",
        (Some(_), Some(_)) => "discloses less",
    }
}

fn format_change(change: &Change) -> String {
    let direction = match change.direction {
        Direction::More => "more",
        Direction::Less => "less",
    };
    format!("{direction}: {}", change.message)
}

fn summary(comparison: &Comparison, written: &TextFormat) -> String {
    let all = &comparison.datasets;
    let grew = all.iter().filter(|compared| compared.grew()).count();
    format!(
        "{} changed since {}, {grew} of them new or disclosing more",
        words::plural(all.len(), "dataset"),
        (written.name)(comparison.base.get(..12).unwrap_or(&comparison.base))
    )
}

fn human(comparison: &Comparison) -> InertText {
    let mut text = InertText::new();
    for compared in &comparison.datasets {
        text.line(format_args!(
            "{}: `{}`: {}",
            compared.path,
            compared.dataset,
            kind(compared)
        ));
        let rows = rows(compared, &TextFormat::PLAIN);
        let width = rows
            .iter()
            .map(|(_, before, _)| before.chars().count())
            .max()
            .unwrap_or(0);
        for (name, before, after) in rows {
            let sign = if before == after { ' ' } else { '*' };
            text.line(format_args!(
                "  {sign} {name:<18}  {before:<width$}  {after}"
            ));
        }
        for change in compared.changes() {
            text.line(format_args!("    {}", format_change(&change)));
        }
        text.line("");
    }
    for note in &comparison.notes {
        text.line(format_args!("note: {note}"));
    }
    text.line(summary(comparison, &TextFormat::PLAIN));
    text
}

fn markdown(comparison: &Comparison) -> InertText {
    let mut text = InertText::new();
    text.line("## What this change discloses");
    text.line("");
    text.line(format_args!(
        "{}.",
        summary(comparison, &TextFormat::MARKDOWN)
    ));
    for note in &comparison.notes {
        text.line("");
        text.line(format_args!("> {}", prose::text(&words::capital(note))));
    }
    for compared in &comparison.datasets {
        text.line("");
        text.line(format_args!(
            "### {}: {}",
            prose::code(&compared.dataset),
            kind(compared)
        ));
        text.line("");
        text.line("| | before | after |");
        text.line("|---|---|---|");
        for (name, before, after) in rows(compared, &TextFormat::MARKDOWN) {
            let after = if before == after {
                after
            } else {
                format!("**{after}**")
            };
            text.line(format_args!("| {name} | {before} | {after} |"));
        }
        let changes = compared.changes();
        if !changes.is_empty() {
            text.line("");
        }
        for change in &changes {
            text.line(format_args!("- {}", prose::text(&format_change(change))));
        }
    }
    text
}

fn render_json(comparison: &Comparison) -> InertText {
    let side = |side: &Option<ComparisonSide>| match side {
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
    let mut document = json!({
        "schema_version": 1,
        "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
        "base": comparison.base,
        "datasets": datasets,
    });
    if let (false, Some(fields)) = (comparison.notes.is_empty(), document.as_object_mut()) {
        fields.insert("notes".to_owned(), comparison.notes.clone().into());
    }
    InertText::json(&document)
}
