//! `metadata.yaml` beside a query, and `dataset_metadata.yaml` above it.

use std::collections::BTreeMap;
use std::path::Path;

use yaml_serde::{Mapping, Value};

use super::misspelt::{self, MisspeltLabel};
use crate::catalog::{CatalogError, text};

/// The owners' metadata of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The display name.
    pub friendly_name: Option<String>,
    /// The description in the owners' words.
    pub description: Option<String>,
    /// The people responsible for the table.
    pub owners: Vec<String>,
    /// Labels with a single value, as text.
    pub labels: BTreeMap<String, String>,
    /// Whether the table is published as JSON.
    pub public_json: bool,
    /// Whether the table is published in BigQuery.
    pub public_bigquery: bool,
    /// The bugs of its reviews, as written: numbers or addresses.
    pub review_bugs: Vec<String>,
    /// The kind of table that the owners declare: `aggregate`, `client_level`.
    pub table_type: Option<String>,
    /// Labels that were most likely meant to publish it, and do not.
    pub misspelt: Vec<MisspeltLabel>,
}

impl Metadata {
    /// Whether it is published in any way, or most likely meant to be: a label that is
    /// misspelt keeps nothing from being checked.
    pub fn is_public(&self) -> bool {
        self.public_json || self.public_bigquery || !self.misspelt.is_empty()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not YAML, or its `labels`, `owners` or
    /// `review_bugs` have an unexpected type.
    pub fn load(path: &Path) -> Result<Self, CatalogError> {
        Self::parse(&path.display().to_string(), &text::read(path)?)
    }

    /// Reads a file that may say that the table is published; `None` where no such label
    /// stands in it.
    ///
    /// # Errors
    /// As [`Metadata::load`], for a file that may contain such a label.
    pub fn load_if_public(path: &Path) -> Result<Option<Self>, CatalogError> {
        let source = text::read(path)?;
        if !Self::may_publish(&source) {
            return Ok(None);
        }
        Self::parse(&path.display().to_string(), &source).map(Some)
    }

    /// Whether a text has words that may be a label that publishes.
    pub fn may_publish(source: &str) -> bool {
        misspelt::may_publish(source)
    }

    /// Parses a text.
    ///
    /// # Errors
    /// As [`Metadata::load`].
    pub fn parse(path: &str, source: &str) -> Result<Self, CatalogError> {
        let top = mapping(path, source)?;
        let mut metadata = Self {
            friendly_name: top.get("friendly_name").and_then(plain),
            description: top.get("description").and_then(plain),
            owners: words(path, source, "owners", top.get("owners"))?,
            ..Self::default()
        };
        let labels = match top.get("labels") {
            None | Some(Value::Null) => {
                metadata.misspelt = misspelt::labels(source, &top, None);
                return Ok(metadata);
            }
            Some(Value::Mapping(labels)) => labels,
            Some(_) => {
                return Err(CatalogError::new(
                    path,
                    "`labels` is not a table of labels",
                    "write `labels:` and below it `NAME: VALUE`",
                )
                .at(text::place(source, &["labels"])));
            }
        };
        metadata.misspelt = misspelt::labels(source, &top, Some(labels));
        for (name, value) in labels {
            let Some(name) = plain(name) else {
                continue;
            };
            match name.as_str() {
                "public_json" => metadata.public_json = publishes(value),
                "public_bigquery" => metadata.public_bigquery = publishes(value),
                "review_bugs" => metadata.review_bugs = words(path, source, &name, Some(value))?,
                _ => {}
            }
            if name == "table_type" {
                metadata.table_type = plain(value);
            }
            if let Some(value) = plain(value) {
                metadata.labels.insert(name, value);
            }
        }
        Ok(metadata)
    }
}

/// The metadata of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatasetMetadata {
    /// The display name.
    pub friendly_name: Option<String>,
    /// Whether the dataset is intended for users.
    pub user_facing: bool,
    /// The kind of dataset: `derived`, `view`, …
    pub base_acl: Option<String>,
}

impl DatasetMetadata {
    /// Reads a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not YAML, or `user_facing` is neither true nor
    /// false.
    pub fn load(path: &Path) -> Result<Self, CatalogError> {
        Self::parse(&path.display().to_string(), &text::read(path)?)
    }

    /// Parses a text.
    ///
    /// # Errors
    /// As [`DatasetMetadata::load`].
    pub fn parse(path: &str, source: &str) -> Result<Self, CatalogError> {
        let top = mapping(path, source)?;
        Ok(Self {
            friendly_name: top.get("friendly_name").and_then(plain),
            user_facing: match top.get("user_facing") {
                None | Some(Value::Null) => false,
                Some(value) => truth(path, source, "user_facing", value)?,
            },
            base_acl: top.get("dataset_base_acl").and_then(plain),
        })
    }
}

fn mapping(path: &str, source: &str) -> Result<Mapping, CatalogError> {
    match text::yaml(path, source)? {
        Value::Mapping(top) => Ok(top),
        Value::Null => Ok(Mapping::new()),
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sequence(_)
        | Value::Tagged(_) => Err(CatalogError::new(
            path,
            "not a table of settings",
            "write `friendly_name: …`, `owners:`, `labels:`",
        )
        .at(Some((1, 1)))),
    }
}

/// Whether a label publishes, as bigquery-etl's own tools read it: if it is there
/// and not the boolean false. A text, a number, even nothing is a label as well.
pub(super) fn publishes(value: &Value) -> bool {
    !matches!(value, Value::Bool(false))
}

/// Parses a boolean in any usual spelling; anything else is an error.
fn truth(path: &str, source: &str, name: &str, value: &Value) -> Result<bool, CatalogError> {
    let word = plain(value).map(|word| word.to_lowercase());
    match word.as_deref() {
        Some("true" | "yes" | "on" | "1") => Ok(true),
        Some("false" | "no" | "off" | "0" | "") => Ok(false),
        None if *value == Value::Null => Ok(false),
        Some(_) | None => Err(CatalogError::new(
            path,
            format!("`{name}` is neither true nor false"),
            format!("write `{name}: true` or `{name}: false`"),
        )
        .at(text::place(source, &[name]))),
    }
}

/// Reads a list of strings or numbers; a single one may be written without a list.
fn words(
    path: &str,
    source: &str,
    name: &str,
    value: Option<&Value>,
) -> Result<Vec<String>, CatalogError> {
    let items = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Sequence(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    items
        .iter()
        .map(|item| {
            plain(item).ok_or_else(|| {
                CatalogError::new(
                    path,
                    format!("`{name}` contains a value that is not a string"),
                    format!("write `{name}:` and below it `- …` for each"),
                )
                .at(text::place(source, &[name]).or(text::place(source, &["labels", name])))
            })
        })
        .collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}
