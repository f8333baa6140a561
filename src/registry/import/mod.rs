//! Imports entries from the definitions of other tools: one module per format.
//!
//! An import contains only what its source states: without a sensitivity, the
//! category stays unknown. A column that looks like an identifier is treated as one,
//! because a wrong identifier costs a question, and a wrong dimension may expose a
//! person.

mod draft;
mod events;
mod glean;
mod histograms;
mod legacy;
mod merge;
mod metric;
mod pings;
mod policy_tags;
mod probe_info;
mod probe_legacy;
mod scalars;
mod spreadsheet;
mod tags;
mod vocabulary;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

pub use merge::{EntryConflict, MergedRegistry, merge};
pub use write::{stub, stub_entry};

use super::{ColumnEntry, TableEntry};
use crate::catalog::{CatalogError, text};
use std::path::Path;

use yaml_serde::{Mapping, Value};

/// The result of importing a file of definitions.
#[derive(Debug, Default)]
pub struct Import {
    /// Column entries.
    pub columns: Vec<ColumnEntry>,
    /// Table entries.
    pub tables: Vec<TableEntry>,
    /// What definitions state about the legacy probes that they mirror.
    mirrors: Vec<legacy::MirroredProbe>,
    /// What was decided or skipped, and why, with its place if it has one.
    pub notes: Vec<String>,
}

impl Import {
    /// Adds the result of another file.
    pub fn extend(&mut self, other: Self) {
        self.columns.extend(other.columns);
        self.tables.extend(other.tables);
        self.mirrors.extend(other.mirrors);
        self.notes.extend(other.notes);
    }
}

/// Options that some formats need.
#[derive(Debug, Default, Clone)]
pub struct ImportSettings {
    /// Tables to which the entries apply; if empty, they apply to all tables.
    pub tables: Vec<String>,
    /// The dataset that contains an application's pings.
    pub dataset: Option<String>,
    /// ViewPrivacyPolicy tags, each as the end of a resource name, with the category that it
    /// means.
    pub tags: Vec<(String, u8)>,
}

/// A format of definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionFormat {
    /// `metrics.yaml` of Glean.
    Glean,
    /// `pings.yaml` of Glean.
    Pings,
    /// `tags.yaml` of Glean, which yields no entries.
    Tags,
    /// Metrics of an application, or probes of legacy telemetry, from probe-info.
    ProbeInfo,
    /// `Scalars.yaml` of Gecko.
    Scalars,
    /// `Histograms.json` of Gecko.
    Histograms,
    /// `Events.yaml` of Gecko.
    Events,
    /// A vocabulary of fields, such as bigquery-etl's `global.yaml`.
    Vocabulary,
    /// A BigQuery schema in JSON, with policy tags.
    PolicyTags,
    /// A CSV table with a header.
    Csv,
}

impl DefinitionFormat {
    /// All formats, each with its word on the command line.
    pub const ALL: [(&'static str, Self); 10] = [
        ("glean", Self::Glean),
        ("pings", Self::Pings),
        ("tags", Self::Tags),
        ("probe-info", Self::ProbeInfo),
        ("scalars", Self::Scalars),
        ("histograms", Self::Histograms),
        ("events", Self::Events),
        ("vocabulary", Self::Vocabulary),
        ("policy-tags", Self::PolicyTags),
        ("csv", Self::Csv),
    ];

    /// Recognises the format of a text by its file name and its content.
    fn of(path: &Path, source: &str) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_lowercase();
        let top = |key: &str| {
            source.lines().any(|line| {
                line.strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with(':'))
            })
        };
        let file = path.file_name().and_then(|name| name.to_str());
        match file.map(str::to_lowercase).as_deref() {
            Some("scalars.yaml") => return Some(Self::Scalars),
            Some("histograms.json") => return Some(Self::Histograms),
            Some("events.yaml") => return Some(Self::Events),
            Some(_) | None => {}
        }
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
                } else if source.contains("schemas/glean/tags/") {
                    Some(Self::Tags)
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

/// Reads a file of definitions; without a given format, recognises the format.
///
/// # Errors
/// Fails if the file cannot be read, if its format is not recognised, or if it is
/// invalid in that format.
pub fn read(
    path: &Path,
    form: Option<DefinitionFormat>,
    settings: &ImportSettings,
) -> Result<Import, CatalogError> {
    let source = text::read(path)?;
    parse(path, &source, form, settings)
}

/// Parses a text of definitions, like [`read`].
///
/// # Errors
/// Fails as [`read`] does, except for reading the file.
pub fn parse(
    path: &Path,
    source: &str,
    form: Option<DefinitionFormat>,
    settings: &ImportSettings,
) -> Result<Import, CatalogError> {
    let shown = path.display().to_string();
    // The byte order mark with which some editors begin a file is not part of its
    // text.
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let Some(form) = form.or_else(|| DefinitionFormat::of(path, source)) else {
        let words: Vec<&str> = DefinitionFormat::ALL
            .iter()
            .map(|(word, _)| *word)
            .collect();
        return Err(CatalogError::new(
            &shown,
            "unknown kind of definitions: neither the name nor the start of the file identifies it",
            format!("set it with `--from`: {}", words.join(", ")),
        ));
    };
    let mut import = match form {
        DefinitionFormat::Glean => glean::parse(&shown, source)?,
        DefinitionFormat::Pings => pings::parse(&shown, source, settings.dataset.as_deref())?,
        DefinitionFormat::Tags => tags::parse(&shown, source)?,
        DefinitionFormat::ProbeInfo => probe_info::parse(&shown, source)?,
        DefinitionFormat::Scalars => scalars::parse(&shown, source)?,
        DefinitionFormat::Histograms => histograms::parse(&shown, source)?,
        DefinitionFormat::Events => events::parse(&shown, source)?,
        DefinitionFormat::Vocabulary => vocabulary::parse(path, source)?,
        DefinitionFormat::PolicyTags => policy_tags::parse(&shown, source, &settings.tags)?,
        DefinitionFormat::Csv => spreadsheet::parse(&shown, source)?,
    };
    if settings.tables.is_empty() {
        metric::drop_shared_event_columns(&mut import, &shown);
    } else {
        bind(&mut import, &settings.tables);
    }
    Ok(import)
}

/// Restricts all columns to tables.
fn bind(import: &mut Import, tables: &[String]) {
    let mirrored = import.mirrors.iter_mut().flat_map(|mirror| match mirror {
        legacy::MirroredProbe::Columns(columns) => columns.iter_mut().collect::<Vec<_>>(),
        legacy::MirroredProbe::Event(_, said) => vec![&mut **said],
    });
    for column in import.columns.iter_mut().chain(mirrored) {
        column.tables = tables.to_vec();
    }
}

/// A category, a name in it, and the definition.
type NestedDefinition = (String, String, Mapping);

/// Reads definitions that YAML nests by category and name.
fn parse_two_levels(
    path: &str,
    source: &str,
    what: &str,
    form: &str,
) -> Result<Vec<NestedDefinition>, CatalogError> {
    let Value::Mapping(categories) = yaml::parse(path, source)? else {
        return Err(
            CatalogError::new(path, format!("the file defines no {what}"), form).at(Some((1, 1))),
        );
    };
    let mut all = Vec::new();
    for (category, inner) in categories {
        let Some(category) = category.as_str() else {
            return Err(CatalogError::new(path, "a category is not a string", form));
        };
        // `$schema`, `$tags` and `no_lint` are not categories.
        if category.starts_with('$') || category == "no_lint" {
            continue;
        }
        let Value::Mapping(inner) = inner else {
            return Err(CatalogError::new(
                path,
                format!("the category `{category}` contains no {what}"),
                form,
            )
            .at(text::place(source, &[category])));
        };
        for (name, definition) in inner {
            let (Some(name), Value::Mapping(definition)) = (name.as_str(), definition) else {
                return Err(CatalogError::new(
                    path,
                    format!("an entry of `{category}` does not define one of the {what}"),
                    form,
                )
                .at(text::place(source, &[category])));
            };
            all.push((category.to_owned(), name.to_owned(), definition));
        }
    }
    Ok(all)
}

/// Returns a YAML value as a word; numbers are allowed in place of words.
fn yaml_word(value: &Value) -> Option<String> {
    match value {
        Value::String(word) => Some(word.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_)
        | Value::Null
        | Value::Sequence(_)
        | Value::Mapping(_)
        | Value::Tagged(_) => None,
    }
}

/// Returns the words of a key, which has a list of words or a single word.
fn yaml_words(definition: &Mapping, key: &str) -> Vec<String> {
    match definition.get(key) {
        Some(Value::Sequence(items)) => items.iter().filter_map(yaml_word).collect(),
        Some(one) => yaml_word(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Returns what a definition in YAML states about a legacy probe.
fn yaml_probe_description(definition: &Mapping) -> legacy::ProbeDescription {
    let word = |key: &str| definition.get(key).and_then(yaml_word);
    legacy::ProbeDescription {
        bugs: yaml_words(definition, "bug_numbers"),
        description: word("description"),
        expires: word("expires").or_else(|| word("expiry_version")),
    }
}

/// Adds a note if bugs were linked as data reviews.
fn note_linked_bugs(import: &mut Import, path: &str) {
    if import
        .columns
        .iter()
        .any(|column| !column.data_reviews.is_empty())
    {
        import.notes.push(format!(
            "{path}: `bug_numbers` are linked as data reviews: legacy probes were reviewed in their bugs"
        ));
    }
}
