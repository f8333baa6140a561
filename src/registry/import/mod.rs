//! Entries from what others wrote down: one form a file.
//!
//! A source says what it knows and no more: without a sensitivity a category
//! stays unknown. What looks like an identifier is taken for one, because a
//! wrong identifier costs a question and a wrong dimension costs a person.

mod draft;
mod glean;
mod merge;
mod metric;
mod pings;
mod policy_tags;
mod probe_info;
mod spreadsheet;
mod vocabulary;
mod write;

#[cfg(test)]
mod tests;

pub use merge::{Conflict, Merged, merge};
pub use write::{stub, stub_entry};

use super::{ColumnEntry, TableEntry};
use crate::catalog::{CatalogError, text};
use std::path::Path;

/// What a file of definitions gives.
#[derive(Debug, Default)]
pub struct Import {
    /// Entries of columns.
    pub columns: Vec<ColumnEntry>,
    /// Entries of tables.
    pub tables: Vec<TableEntry>,
    /// What was decided, or left out, and why; with its place where it has one.
    pub notes: Vec<String>,
}

/// What a source needs to be told.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    /// The tables that the entries apply to; all where empty.
    pub tables: Vec<String>,
    /// The dataset that holds an application's pings.
    pub dataset: Option<String>,
    /// What policy tags mean: the end of a resource name, and a category.
    pub tags: Vec<(String, u8)>,
}

/// A form of definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `metrics.yaml` of Glean.
    Glean,
    /// `pings.yaml` of Glean.
    Pings,
    /// The metrics of an application as probe-info serves them.
    ProbeInfo,
    /// A vocabulary of fields, as bigquery-etl's `global.yaml`.
    Vocabulary,
    /// A schema of BigQuery in JSON, with policy tags.
    PolicyTags,
    /// A table with a header.
    Csv,
}

impl Form {
    /// All, with the word that the command line uses.
    pub const ALL: [(&'static str, Self); 6] = [
        ("glean", Self::Glean),
        ("pings", Self::Pings),
        ("probe-info", Self::ProbeInfo),
        ("vocabulary", Self::Vocabulary),
        ("policy-tags", Self::PolicyTags),
        ("csv", Self::Csv),
    ];

    /// The form of a text, by its name and what is in it.
    fn of(path: &Path, source: &str) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_lowercase();
        let top = |key: &str| {
            source.lines().any(|line| {
                line.strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with(':'))
            })
        };
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(if source.contains("\"history\"") {
                Self::ProbeInfo
            } else {
                Self::PolicyTags
            }),
            "yaml" | "yml" => {
                if source.contains("schemas/glean/pings/") {
                    Some(Self::Pings)
                } else if source.contains("schemas/glean/metrics/") {
                    Some(Self::Glean)
                } else if top("fields") {
                    Some(Self::Vocabulary)
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

/// Reads a file of definitions; its form is found out where none is given.
///
/// # Errors
/// Where it can't be read, its form can't be told, or it is not of that form.
pub fn read(path: &Path, form: Option<Form>, settings: &Settings) -> Result<Import, CatalogError> {
    let source = text::read(path)?;
    parse(path, &source, form, settings)
}

/// The same for a text.
///
/// # Errors
/// As [`read`].
pub fn parse(
    path: &Path,
    source: &str,
    form: Option<Form>,
    settings: &Settings,
) -> Result<Import, CatalogError> {
    let shown = path.display().to_string();
    let Some(form) = form.or_else(|| Form::of(path, source)) else {
        let words: Vec<&str> = Form::ALL.iter().map(|(word, _)| *word).collect();
        return Err(CatalogError::new(
            &shown,
            "what kind of definitions it holds can't be told from its name and beginning",
            format!("say so with `--from`: {}", words.join(", ")),
        ));
    };
    let mut import = match form {
        Form::Glean => glean::parse(&shown, source)?,
        Form::Pings => pings::parse(&shown, source, settings.dataset.as_deref())?,
        Form::ProbeInfo => probe_info::parse(&shown, source)?,
        Form::Vocabulary => vocabulary::parse(path, source)?,
        Form::PolicyTags => policy_tags::parse(&shown, source, &settings.tags)?,
        Form::Csv => spreadsheet::parse(&shown, source)?,
    };
    if settings.tables.is_empty() {
        shared(&mut import, &shown);
    } else {
        for column in &mut import.columns {
            column.tables.clone_from(&settings.tables);
        }
    }
    Ok(import)
}

/// Events of all applications share their columns: what those of one say holds
/// in its own tables alone, so without these no category is given.
fn shared(import: &mut Import, shown: &str) {
    let mut any = false;
    for column in &mut import.columns {
        if metric::EVENTS.contains(&column.name.as_str()) && column.category.take().is_some() {
            any = true;
        }
    }
    if any {
        import.notes.push(format!(
            "{shown}: the columns of events are those of all applications, so they get no category; with `--tables` they get that of these events"
        ));
    }
}
