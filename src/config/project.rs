//! `[project]`: the layout of a repository, its published datasets, and the folder
//! of its publishing record.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::settings::Patterns;
use crate::source::Span;
use crate::toml_text::{Fields, TomlError};

/// The keys of `[project]`.
pub(super) const PROJECT: &[&str] = &["layout", "published", "record", "schemas"];

const LAYOUTS: &[(&str, Layout)] = &[
    ("plain", Layout::Plain),
    ("bigquery-etl", Layout::BigqueryEtl),
    ("dbt", Layout::Dbt),
];

/// The layout of a repository: which file creates which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Statements name the tables that they create.
    Plain,
    /// `sql/PROJECT/DATASET/TABLE/query.sql`.
    BigqueryEtl,
    /// A file in `models/` creates the model of its name.
    Dbt,
}

impl Layout {
    /// Returns the name of the layout in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::BigqueryEtl => "bigquery-etl",
            Self::Dbt => "dbt",
        }
    }
}

/// Which datasets are published.
#[derive(Debug, Clone, Default)]
pub enum Published {
    /// All datasets.
    #[default]
    All,
    /// The datasets that their metadata marks as public.
    Labelled,
    /// Those whose files these patterns name.
    Globs(Patterns),
}

/// The settings of the repository.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The layout; `None` if it is not configured: it is not detected then.
    pub layout: Option<Layout>,
    /// Which datasets are published.
    pub published: Published,
    /// The folder of the publishing record.
    pub record: Option<PathBuf>,
    /// Files that declare the columns of tables, and folders of such files.
    pub schemas: Vec<PathBuf>,
}

pub(super) fn read(
    table: &DeTable<'_>,
    place: Span,
    folder: &Path,
    errors: &mut Vec<TomlError>,
) -> Project {
    let mut fields = Fields::new("[project]", table, place, PROJECT, errors);
    let layout = fields.word("layout", LAYOUTS);
    let record = fields.string("record").map(|path| folder.join(path));
    let listed = fields
        .value("published")
        .is_some_and(|value| value.get_ref().as_array().is_some());
    let published = if listed {
        super::read::globs(&mut fields, "published").map(Published::Globs)
    } else {
        let words: &[(&str, bool)] = &[("all", false), ("labelled", true)];
        fields.word("published", words).map(|labelled| {
            if labelled {
                Published::Labelled
            } else {
                Published::All
            }
        })
    };
    let schemas = fields.strings("schemas");
    let schemas = schemas.into_iter().map(|(path, _)| folder.join(path));
    Project {
        layout,
        published: published.unwrap_or_default(),
        record,
        schemas: schemas.collect(),
    }
}
