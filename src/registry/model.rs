//! The entries and settings of a registry, after parsing.

use super::Resolution;
use crate::source::Span;
use std::path::PathBuf;

/// The source of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryOrigin {
    /// Compiled in.
    Builtin,
    /// A file.
    File(PathBuf),
}

/// A privacy unit: the entity that counts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyUnit {
    /// Name of the unit, such as `client`.
    pub name: String,
    /// Whether it is a person; only people count toward a minimum bucket.
    pub person: bool,
}

/// The declared role of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisteredRole {
    /// A label of rows.
    Dimension,
    /// A measured value.
    Metric,
    /// Identifies a person or a record.
    Identifier,
    /// A point in time.
    Timestamp,
}

impl RegisteredRole {
    /// All roles, each with its word in the file.
    pub const ALL: [(&'static str, Self); 4] = [
        ("dimension", Self::Dimension),
        ("metric", Self::Metric),
        ("identifier", Self::Identifier),
        ("timestamp", Self::Timestamp),
    ];

    /// Returns the word for the role in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dimension => "dimension",
            Self::Metric => "metric",
            Self::Identifier => "identifier",
            Self::Timestamp => "timestamp",
        }
    }
}

/// How a column's values originate, if they are not collected from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnOrigin {
    /// The ingestion pipeline adds the column.
    ///
    /// It is not collected, so its collection has no data review.
    Pipeline,
}

impl ColumnOrigin {
    /// All origins, each with its word in the file.
    pub const ALL: [(&'static str, Self); 1] = [("pipeline", Self::Pipeline)];

    /// Returns the word for the origin in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
        }
    }
}

/// The declaration of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnEntry {
    /// The last name of a path, a dotted path, or a glob.
    pub name: String,
    /// Other names, each in any of these forms.
    pub aliases: Vec<String>,
    /// Tables to which the entry applies; if empty, it applies to all tables.
    pub tables: Vec<String>,
    /// Role of the column.
    pub role: RegisteredRole,
    /// Name of the unit that an identifier identifies.
    pub unit: Option<String>,
    /// Whether an identifier is already a one-to-one replacement.
    pub pseudonym: bool,
    /// Data collection category, 1 to 4; `None` if unknown.
    pub category: Option<u8>,
    /// Why the column is sensitive; `None` if it is not declared sensitive.
    pub sensitive: Option<String>,
    /// The finest time that its values reveal, if declared.
    pub resolution: Option<Resolution>,
    /// Links to the data reviews of its collection.
    pub data_reviews: Vec<String>,
    /// How its values originate; `None` if they are collected, or if this is
    /// unknown.
    pub origin: Option<ColumnOrigin>,
    /// One line for readers.
    pub description: Option<String>,
    /// Place of the entry in the file.
    pub span: Span,
}

impl ColumnEntry {
    /// Iterates over the name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether the column needs no further data review.
    ///
    /// A review is linked, or the pipeline adds the column, so that there is no
    /// collection to review.
    pub fn is_reviewed(&self) -> bool {
        !self.data_reviews.is_empty() || self.origin == Some(ColumnOrigin::Pipeline)
    }
}

/// The declaration of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableEntry {
    /// `dataset.table`, `project.dataset.table`, or a glob of either.
    pub name: String,
    /// Column that identifies the person of each row.
    pub unit_column: Option<String>,
    /// Links to the data reviews of the ping or table as a whole.
    ///
    /// They cover the publication of counts of its rows.
    pub data_reviews: Vec<String>,
    /// Unique keys, each a list of columns.
    pub keys: Vec<Vec<String>>,
    /// Columns that are never NULL.
    pub not_null: Vec<String>,
    /// Whether the table contains people; `None` is undeclared, and means that it
    /// does.
    pub personal: Option<bool>,
    /// Level of the table, if it is already aggregated.
    pub level: Option<u8>,
    /// Lower bound on the people of each row; declared, and trusted without a proof.
    pub min_bucket: Option<u64>,
    /// Names of all its columns, if declared.
    pub columns: Option<Vec<String>>,
    /// Place of the entry in the file.
    pub span: Span,
}

impl TableEntry {
    /// Whether a key contains the column that identifies the person.
    ///
    /// The rows were then derived, one per person and the other columns of the key;
    /// they are not records that people sent.
    pub fn is_keyed_by_person(&self) -> bool {
        self.unit_column.as_ref().is_some_and(|unit| {
            let names = |key: &Vec<String>| key.iter().any(|name| name.eq_ignore_ascii_case(unit));
            self.keys.iter().any(names)
        })
    }
}

/// How a residual row without a minimum bucket is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidualOther {
    /// As a note only: the policy prescribes the fold.
    Allow,
    /// As a finding that requires review.
    Review,
}

/// The settings of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// Minimum number of people that a published row may stand for.
    pub min_bucket: u64,
    /// How a residual row without a minimum bucket is reported.
    pub residual_other: ResidualOther,
    levels: [Vec<u8>; 4],
}

impl PolicySettings {
    /// Mozilla's minimum bucket size.
    pub const MOZILLA_MIN_BUCKET: u64 = 5_000;

    /// Creates settings; `levels` has those allowed for categories 1 to 4, in that
    /// order.
    pub fn new(min_bucket: u64, residual_other: ResidualOther, levels: [Vec<u8>; 4]) -> Self {
        Self {
            min_bucket,
            residual_other,
            levels,
        }
    }

    /// Whether a dataset of this level may have dimensions of this category.
    ///
    /// `false` for an invalid category.
    pub fn allowed(&self, category: u8, level: u8) -> bool {
        self.levels(category).contains(&level)
    }

    /// Describes the first setting that is laxer than that of another policy, if any
    /// is.
    pub fn first_laxer_setting(&self, other: &Self) -> Option<String> {
        if self.min_bucket < other.min_bucket {
            return Some(format!(
                "`min_bucket` is {}, expected at least {}",
                self.min_bucket, other.min_bucket
            ));
        }
        if self.residual_other == ResidualOther::Allow
            && other.residual_other == ResidualOther::Review
        {
            return Some("`residual_other` is \"allow\", expected \"review\"".to_owned());
        }
        (1..=4).find_map(|category| {
            let mut levels = self.levels(category).iter();
            let more = levels.find(|level| !other.allowed(category, **level))?;
            Some(format!(
                "`levels` allows category {category} at level {more}"
            ))
        })
    }

    /// Returns the levels allowed for a category; empty for an invalid category.
    pub fn levels(&self, category: u8) -> &[u8] {
        category
            .checked_sub(1)
            .and_then(|index| self.levels.get(usize::from(index)))
            .map_or(&[], Vec::as_slice)
    }
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self::new(
            Self::MOZILLA_MIN_BUCKET,
            ResidualOther::Review,
            [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2], vec![1, 2]],
        )
    }
}
