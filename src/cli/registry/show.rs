//! `headcount registry show`: shows which entry applies to a column, and why.

use std::path::Path;

use serde_json::json;

use super::args::{Format, Show};
use super::{chosen, config, parsed, place, text};
use crate::catalog::TableName;
use crate::cli::{CLEAN, Failure, STOP, output};
use crate::numbers::GroupedNumber;
use crate::registry::lookup::{ColumnMatch, EntryRank, NameForm, TableForm};
use crate::registry::{ColumnEntry, ColumnOrigin, Registry, TableEntry};
use crate::report::InertText;
use crate::source::SourceText;

pub(super) fn run(show: &Show) -> Result<u8, Failure> {
    let path: Vec<&str> = show.column.split('.').collect();
    if path.iter().any(|part| part.trim().is_empty()) {
        return Err(Failure::Usage(format!(
            "invalid column `{}`; write its name, or the path from the column to the field, separated by dots",
            show.column
        )));
    }
    let config = config(Path::new("."), &show.common)?;
    let file = chosen(Path::new("."), &show.common, &config);
    let source = text(file.as_deref())?;
    let registry = parsed(&source)?;
    let table = show.table.as_deref().map(|name| TableName::new([name]));
    let matches = registry.column_matches(table.as_ref(), &path);
    let about = table.as_ref().and_then(|table| registry.table(table));
    let shown = match show.common.format {
        Format::Human => human(show, &source, &registry, &matches, about),
        Format::Json => render_json(show, &source, &registry, &matches, about),
    };
    output::print(&shown)?;
    Ok(if matches.is_empty() { STOP } else { CLEAN })
}

fn asked(show: &Show) -> String {
    match &show.table {
        Some(table) => format!("`{}` of `{table}`", show.column),
        None => format!("`{}`", show.column),
    }
}

fn human(
    show: &Show,
    source: &SourceText,
    registry: &Registry,
    matches: &[ColumnMatch<'_>],
    about: Option<&TableEntry>,
) -> InertText {
    let mut text = InertText::new();
    match matches.split_first() {
        None => {
            text.line(format_args!(
                "{} is not registered in {}: its category and sensitivity are unknown, so it is never publishable; check the spelling, or add an entry [[column]]",
                asked(show),
                source.path()
            ));
        }
        Some((winner, others)) => {
            text.line(format_args!(
                "{} is `{}`, {}",
                asked(show),
                winner.entry.name,
                place(source, winner.entry.span.start)
            ));
            for line in describe_entry(registry, winner.entry) {
                text.line(format_args!("  {line}"));
            }
            text.line(format_args!("  matches by {}", describe_match(winner)));
            for other in others {
                text.line("");
                text.line(format_args!(
                    "not `{}`, {}: it matches by {}, but {}",
                    other.entry.name,
                    place(source, other.entry.span.start),
                    describe_match(other),
                    explain_precedence(winner, other)
                ));
            }
        }
    }
    if show.table.is_none() {
        let table_specific_entries = table_specific_entries(registry, show);
        if !table_specific_entries.is_empty() {
            text.line("");
            text.line("in some tables another entry applies (choose one with --table):");
            for entry in table_specific_entries {
                text.line(format_args!(
                    "  {}: {}",
                    place(source, entry.span.start),
                    entry.tables.join(", ")
                ));
            }
        }
    }
    if let Some(table) = about {
        text.line("");
        text.line(format_args!(
            "table `{}`, {}",
            table.name,
            place(source, table.span.start)
        ));
        for line in of_table(table) {
            text.line(format_args!("  {line}"));
        }
    }
    text
}

/// Returns the entries that match the column only in certain tables.
fn table_specific_entries<'r>(registry: &'r Registry, show: &Show) -> Vec<&'r ColumnEntry> {
    let path: Vec<&str> = show.column.split('.').collect();
    registry
        .columns()
        .iter()
        .filter(|entry| {
            entry.tables.iter().any(|table| {
                // Any table that the pattern matches will do.
                let table = TableName::new([table.replace('*', "x").as_str()]);
                registry
                    .column_matches(Some(&table), &path)
                    .iter()
                    .any(|found| std::ptr::eq(found.entry, *entry))
            })
        })
        .collect()
}

/// Describes an entry, one line per property.
fn describe_entry(registry: &Registry, entry: &ColumnEntry) -> Vec<String> {
    let mut lines = vec![format!("role: {}", entry.role.word())];
    if let Some(unit) = &entry.unit {
        let person = registry.unit(unit).is_some_and(|unit| unit.person);
        let counts = if person {
            "a person: counts toward the minimum bucket size"
        } else {
            "not a person: does not count toward the minimum bucket size"
        };
        lines.push(format!("unit: {unit}, {counts}"));
    }
    if entry.pseudonym {
        lines.push("pseudonym: one-to-one replacement of an identifier".to_owned());
    }
    lines.push(match entry.category {
        Some(category) => format!(
            "category: {category}, allowed at levels {}",
            list(registry.policy().levels(category))
        ),
        None => "category: unknown, so never publishable".to_owned(),
    });
    if let Some(sensitive) = &entry.sensitive {
        lines.push(format!("sensitive: {sensitive}"));
    }
    if let Some(resolution) = entry.resolution {
        lines.push(format!("resolution: {}", resolution.word()));
    }
    match entry.origin {
        Some(ColumnOrigin::Pipeline) => lines.push(
            "origin: pipeline, which adds the column: no data review of its collection is needed"
                .to_owned(),
        ),
        None => {}
    }
    if !entry.is_reviewed() {
        lines.push("data reviews: none linked".to_owned());
    }
    for link in &entry.data_reviews {
        lines.push(format!("data review: {link}"));
    }
    if let Some(description) = &entry.description {
        lines.push(format!("description: {description}"));
    }
    lines
}

fn of_table(table: &TableEntry) -> Vec<String> {
    let mut lines = Vec::new();
    if table.personal == Some(false) {
        lines.push("contains no people".to_owned());
    }
    if let Some(unit) = &table.unit_column {
        lines.push(format!("column that identifies the person: {unit}"));
    }
    for link in &table.data_reviews {
        lines.push(format!("data review of the whole table: {link}"));
    }
    for key in &table.keys {
        lines.push(format!("unique: {}", key.join(", ")));
    }
    if !table.not_null.is_empty() {
        lines.push(format!("never null: {}", table.not_null.join(", ")));
    }
    if let Some(level) = table.level {
        lines.push(format!("level: {level}"));
    }
    if let Some(k) = table.min_bucket {
        lines.push(format!(
            "each row stands for at least {} people",
            GroupedNumber(k)
        ));
    }
    lines
}

fn list(levels: &[u8]) -> String {
    let words: Vec<String> = levels.iter().map(ToString::to_string).collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

/// Describes what an entry matched by.
fn describe_match(found: &ColumnMatch<'_>) -> String {
    let name = match found.rank.name {
        NameForm::Glob => "the glob",
        NameForm::LastName => "the last name",
        NameForm::Path => "the path",
    };
    let alias = if found.name == found.entry.name {
        ""
    } else {
        " (an alias)"
    };
    let table = match found.table {
        Some(table) => format!(" in the tables `{table}`"),
        None => " in every table".to_owned(),
    };
    format!("{name} `{}`{alias}{table}", found.name)
}

/// Describes the first criterion by which the winner is more specific.
fn explain_precedence(winner: &ColumnMatch<'_>, other: &ColumnMatch<'_>) -> String {
    let (a, b): (EntryRank, EntryRank) = (winner.rank, other.rank);
    if a.table != b.table {
        let form = |form: TableForm| match form {
            TableForm::Anywhere => "every table",
            TableForm::Glob => "tables by a glob",
            TableForm::Exact => "this exact table",
        };
        format!(
            "the other entry applies to {}, this one to {}",
            form(a.table),
            form(b.table)
        )
    } else if a.name != b.name {
        let form = |form: NameForm| match form {
            NameForm::Glob => "a glob",
            NameForm::LastName => "a last name",
            NameForm::Path => "a path",
        };
        format!("{} is more specific than {}", form(a.name), form(b.name))
    } else if a.name_characters != b.name_characters {
        format!(
            "the name of the other entry is longer: {} characters to {}",
            a.name_characters, b.name_characters
        )
    } else if a.table_characters != b.table_characters {
        format!(
            "the table of the other entry is longer: {} characters to {}",
            a.table_characters, b.table_characters
        )
    } else {
        "the glob of the other entry includes the place of the column".to_owned()
    }
}

fn render_json(
    show: &Show,
    source: &SourceText,
    registry: &Registry,
    matches: &[ColumnMatch<'_>],
    about: Option<&TableEntry>,
) -> InertText {
    let entry = |found: &ColumnMatch<'_>, because: Option<String>| {
        let entry = found.entry;
        json!({
            "name": entry.name,
            "span": {
                "start": source.position(entry.span.start),
                "end": source.position(entry.span.end),
            },
            "matched": {"name": found.name, "table": found.table},
            "because": because.unwrap_or_else(|| describe_match(found)),
            "role": entry.role.word(),
            "unit": entry.unit,
            "person": entry.unit.as_deref().map(|unit| {
                registry.unit(unit).is_some_and(|unit| unit.person)
            }),
            "pseudonym": entry.pseudonym,
            "category": entry.category,
            "sensitive": entry.sensitive,
            "resolution": entry.resolution.map(|resolution| resolution.word()),
            "data_reviews": entry.data_reviews,
            "origin": entry.origin.map(ColumnOrigin::word),
            "description": entry.description,
        })
    };
    let others = matches.split_first().map(|(winner, others)| {
        others
            .iter()
            .map(|other| entry(other, Some(explain_precedence(winner, other))))
            .collect::<Vec<_>>()
    });
    InertText::json(&json!({
        "schema_version": 1,
        "registry": source.path(),
        "column": show.column,
        "table": show.table,
        "entry": matches.first().map(|winner| entry(winner, None)),
        "others": others.unwrap_or_default(),
        "table_entry": about.map(|table| json!({
            "name": table.name,
            "span": {
                "start": source.position(table.span.start),
                "end": source.position(table.span.end),
            },
            "unit_column": table.unit_column,
            "data_reviews": table.data_reviews,
            "keys": table.keys,
            "not_null": table.not_null,
            "personal": table.personal,
            "level": table.level,
            "min_bucket": table.min_bucket,
        })),
    }))
}
