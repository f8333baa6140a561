//! Statements that run beside a text, and whether they may change the rows of its
//! query.

use std::path::Path;

use super::Surroundings;
use crate::catalog::{NameMatch, TableName, TablePattern};
use crate::plan::bind::{bind, changed_table};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::{DBT_MODELS, DbtTableNames, SideStatement};
use crate::syntax::{self, StatementKind};

/// Returns why the table of a file may have other rows than those of its query.
///
/// `None` if the statement writes no table, or certainly another one.
pub fn doubt(beside: &SideStatement, file: &SourceText) -> Option<String> {
    let kind = &beside.kind;
    let said = match &beside.place {
        Some(place) => format!("the {kind} in {place}"),
        None => format!("the {kind}"),
    };
    let Some(texts) = &beside.sql else {
        return Some(format!(
            "{said} is unknown and may change the rows of this table"
        ));
    };
    texts.iter().find_map(|sql| match written(sql) {
        Targets::Unknown => Some(format!(
            "{said} may change the rows of this table: `{}`",
            short(sql)
        )),
        Targets::Tables(tables) => {
            let own = tables
                .iter()
                .find(|table| may_be(table, file, &beside.names))?;
            Some(format!(
                "{said} writes `{own}`, so this table may contain rows that are not in the query"
            ))
        }
    })
}

/// The tables that a SQL text writes.
#[derive(Debug, PartialEq, Eq)]
pub enum Targets {
    /// Any table may be written.
    Unknown,
    /// These tables only; may be empty.
    Tables(Vec<TableName>),
}

/// Returns the tables that the statements of a text write.
pub fn written(sql: &str) -> Targets {
    let text = SourceText::new("", sql);
    let script = syntax::parse(&text);
    let mut tables = Vec::new();
    let mut unknown = false;
    script.each(&mut |statement| match &statement.kind {
        // Labels and descriptions do not change rows.
        StatementKind::Alter { .. } if sets_options(text.slice(statement.span)) => {}
        StatementKind::Delete { target, .. }
        | StatementKind::Truncate { target }
        | StatementKind::Alter { target }
        | StatementKind::Expire { target }
        | StatementKind::Load { target, .. }
        | StatementKind::Model { target, .. }
        | StatementKind::Drop { target, .. } => tables.push(target.clone()),
        StatementKind::Rename { target, to } => {
            tables.push(target.clone());
            tables.push(TableName::new([to.as_str()]));
        }
        StatementKind::Failed(_) | StatementKind::Unmodelled(_) => unknown = true,
        StatementKind::ExecuteImmediate(dynamic) => unknown |= dynamic.script.is_none(),
        StatementKind::Sql(_) => tables.extend(changed_table(&statement.kind)),
        StatementKind::Block { .. }
        | StatementKind::Branches { .. }
        | StatementKind::Loop { .. }
        | StatementKind::Jump(_)
        | StatementKind::Assert { .. }
        | StatementKind::Procedure(_)
        | StatementKind::TableFunction(_)
        | StatementKind::Access { .. }
        | StatementKind::Inert(_) => {}
    });
    for dataset in bind(&text, &script, &Surroundings::alone(Registry::builtin())) {
        match dataset.target {
            Some(target) => tables.push(target),
            None => unknown |= dataset.statement != "query",
        }
    }
    if unknown {
        Targets::Unknown
    } else {
        Targets::Tables(tables)
    }
}

/// Whether a table may be the one that a file creates.
///
/// Only the last part of the name that dbt assigns is known, and not even that if
/// the file declares an alias.
fn may_be(table: &TableName, file: &SourceText, names: &DbtTableNames) -> bool {
    let parts = table.parts();
    let Some(stem) = Path::new(file.path())
        .file_stem()
        .and_then(|stem| stem.to_str())
    else {
        return true;
    };
    let pattern = TablePattern::of(table);
    let mut all = names.known.iter().map(String::as_str).chain([stem]);
    let is_it = |name: &str| TablePattern::in_any_dataset(name).compare(&pattern);
    let same = all.any(|name| is_it(name) != NameMatch::No);
    let model = matches!(parts, [dataset, _] if dataset.starts_with(DBT_MODELS));
    same || (!model && (names.open || file.text().contains("alias")))
}

/// Whether an `ALTER TABLE` sets only options, and not those that affect rows.
fn sets_options(statement: &str) -> bool {
    let words = statement.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let sets = words.windows(2).any(|pair| pair == ["set", "options"]);
    let other = ["rename", "default", "external", "column"];
    let more = words.iter().any(|word| {
        other.contains(&word.as_str()) || word.contains("expiration") || word.contains("uris")
    });
    sets && !more
}

fn short(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 60 {
        return line;
    }
    let cut: String = line.chars().take(59).collect();
    format!("{cut}…")
}
