//! What a registry says, once it is read.

use super::Resolution;
use crate::source::Span;
use std::path::PathBuf;

/// Where a registry came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    Builtin,
    /// A file.
    File(PathBuf),
}

/// What one head is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Whether it is a person; only people count toward a minimum bucket.
    pub person: bool,
}

/// What the registry says a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisteredRole {
    /// A label of rows.
    Dimension,
    /// A measured value.
    Metric,
    /// Names a person or a record.
    Identifier,
    /// A point in time.
    Timestamp,
}

impl RegisteredRole {
    /// All, with the word that the file uses.
    pub const ALL: [(&'static str, Self); 4] = [
        ("dimension", Self::Dimension),
        ("metric", Self::Metric),
        ("identifier", Self::Identifier),
        ("timestamp", Self::Timestamp),
    ];

    /// The word that the file uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dimension => "dimension",
            Self::Metric => "metric",
            Self::Identifier => "identifier",
            Self::Timestamp => "timestamp",
        }
    }
}

/// How a column's values came to be, if not by collection from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnOrigin {
    /// The ingestion pipeline adds it: it was not collected, so its collection has
    /// no data review.
    Pipeline,
}

impl ColumnOrigin {
    /// All, with the word that the file uses.
    pub const ALL: [(&'static str, Self); 1] = [("pipeline", Self::Pipeline)];

    /// The word that the file uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
        }
    }
}

/// What is known of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnEntry {
    /// The last name of a path, a dotted path, or a glob.
    pub name: String,
    /// Other names, each of any of these forms.
    pub aliases: Vec<String>,
    /// The tables in which it applies; everywhere where empty.
    pub tables: Vec<String>,
    /// What it is.
    pub role: RegisteredRole,
    /// Whom or what an identifier names.
    pub unit: Option<String>,
    /// Whether an identifier is already a one-to-one replacement.
    pub pseudonym: bool,
    /// Data collection category, 1 to 4; `None` is unknown.
    pub category: Option<u8>,
    /// Why it is sensitive, where it is.
    pub sensitive: Option<String>,
    /// How finely it tells time, where it does.
    pub resolution: Option<Resolution>,
    /// Links to the data reviews of its collection.
    pub data_reviews: Vec<String>,
    /// How its values came to be; `None` if they were collected, or nobody knows.
    pub origin: Option<ColumnOrigin>,
    /// One line for people.
    pub description: Option<String>,
    /// Where the entry stands in the file.
    pub span: Span,
}

impl ColumnEntry {
    /// Its name and aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether its collection is accounted for: a data review is linked, or the
    /// pipeline adds it and there is no collection to review.
    pub fn is_reviewed(&self) -> bool {
        !self.data_reviews.is_empty() || self.origin == Some(ColumnOrigin::Pipeline)
    }
}

/// What is known of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableEntry {
    /// `dataset.table`, `project.dataset.table`, or a glob of either.
    pub name: String,
    /// The column that names the person.
    pub unit_column: Option<String>,
    /// Links to the data reviews of the ping or table as a whole: what counting its
    /// rows publishes.
    pub data_reviews: Vec<String>,
    /// Unique keys.
    pub keys: Vec<Vec<String>>,
    /// Columns that are never null.
    pub not_null: Vec<String>,
    /// Whether people are in it; `None` is the default, yes.
    pub personal: Option<bool>,
    /// Its level, where it is already aggregated.
    pub level: Option<u8>,
    /// The people that each of its rows is proven to stand for.
    pub min_bucket: Option<u64>,
    /// All its columns.
    pub columns: Option<Vec<String>>,
    /// Where the entry stands in the file.
    pub span: Span,
}

impl TableEntry {
    /// Whether a key names its people, so that its rows were made one a person and
    /// something else, and are no records that people sent.
    pub fn has_keyed_people(&self) -> bool {
        self.unit_column.as_ref().is_some_and(|unit| {
            let names = |key: &Vec<String>| key.iter().any(|name| name.eq_ignore_ascii_case(unit));
            self.keys.iter().any(names)
        })
    }
}

/// What an "Other" row without a minimum of its own means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidualOther {
    /// It is worth knowing, no more: the policy prescribes the fold.
    Allow,
    /// It needs review.
    Review,
}

/// The policy's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// The least number of people that a published row may stand for.
    pub min_bucket: u64,
    /// What an "Other" row without a minimum means.
    pub residual_other: ResidualOther,
    levels: [Vec<u8>; 4],
}

impl PolicySettings {
    /// Mozilla's minimum bucket.
    pub const MOZILLA_MIN_BUCKET: u64 = 5_000;

    /// Takes the levels allowed for categories 1 to 4, in that order.
    pub fn new(min_bucket: u64, residual_other: ResidualOther, levels: [Vec<u8>; 4]) -> Self {
        Self {
            min_bucket,
            residual_other,
            levels,
        }
    }

    /// Whether a dataset of this level may hold dimensions of this category; no
    /// for what is not a category.
    pub fn allowed(&self, category: u8, level: u8) -> bool {
        self.levels(category).contains(&level)
    }

    /// What is laxer here than in another policy, if something is.
    pub fn laxer_than(&self, other: &Self) -> Option<String> {
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

    /// The levels allowed for a category; none for what is not a category.
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
