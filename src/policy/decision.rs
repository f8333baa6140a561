//! What the policy says of one dataset, each with its because.

use std::sync::Arc;

use super::Scope;
use crate::registry::Resolution;
use crate::source::{Elsewhere, Span};
use serde::Serialize;

/// The seven levels of aggregation (policy, "How we characterize the levels of
/// aggregation"); a higher one tells more of each person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// 1: statistical or machine-learning models.
    Model = 1,
    /// 2: dimension-level aggregation with minimum bucket sizes.
    MinimumBucket = 2,
    /// 3: dimension-level aggregation without minimum bucket sizes.
    Aggregated = 3,
    /// 4: probabilistic aggregates.
    Probabilistic = 4,
    /// 5: anonymized individual-level data.
    Pseudonymous = 5,
    /// 6: individual-level data that is not anonymized.
    Individual = 6,
    /// 7: high-resolution individual-level data.
    HighResolution = 7,
}

impl Level {
    /// All, lowest first.
    pub const ALL: [Self; 7] = [
        Self::Model,
        Self::MinimumBucket,
        Self::Aggregated,
        Self::Probabilistic,
        Self::Pseudonymous,
        Self::Individual,
        Self::HighResolution,
    ];

    /// Its number in the policy.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Its name, after the policy's table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "statistical or machine-learning model",
            Self::MinimumBucket => "dimension-level aggregation with minimum bucket sizes",
            Self::Aggregated => "dimension-level aggregation without minimum bucket sizes",
            Self::Probabilistic => "probabilistic aggregates",
            Self::Pseudonymous => "anonymized individual-level data",
            Self::Individual => "not anonymized individual-level data",
            Self::HighResolution => "high resolution individual-level data",
        }
    }
}

/// What a column is to the reader of the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A label of rows.
    Dimension,
    /// A measured value.
    Metric,
    /// Names a person or a record.
    Identifier,
    /// A time at a second or finer.
    Timestamp,
    /// The same in every row and from no data.
    Constant,
    /// Not known.
    Unknown,
}

/// A step of reasoning.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// What was seen.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// The user's word for the operator, where it is a step of the plan.
    pub operator: Option<String>,
    /// People that each row is proven to stand for after this step.
    pub k: Option<u64>,
    /// The true place, where it lies in another file: then `span` is where that
    /// file's table is read.
    pub elsewhere: Option<Elsewhere>,
}

/// The minimum bucket: what was required and what was proven.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The policy's minimum.
    pub required: u64,
    /// The largest number of distinct people that every published row is
    /// proven to stand for; `None` below 2.
    pub proven: Option<u64>,
    /// The column that names the people counted.
    pub unit: Option<String>,
    /// Whether an "Other" row without a minimum remains.
    pub residual_unbounded: bool,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedColumn {
    /// Its name; made up (`f0_`) where it has none.
    pub name: String,
    /// Where it was written.
    pub span: Span,
    /// What it is.
    pub role: Role,
    /// Data collection category, 1 to 4; `None` is unknown.
    pub category: Option<u8>,
    /// Why it is sensitive, where it is.
    pub sensitive: Option<String>,
    /// Whether the registry knows all that it derives from.
    pub registered: bool,
    /// Links to the data reviews of all that it derives from.
    pub data_reviews: Vec<String>,
    /// Base columns whose values reach it.
    pub sources: Vec<Arc<str>>,
    /// Base columns that decide about it only through filters, joins or keys.
    pub indirect_sources: Vec<Arc<str>>,
    /// How many more of those there are.
    pub indirect_left_out: usize,
    /// People whose values are in each of its cells, proven; `None` below 2.
    pub bucket: Option<u64>,
    /// The level that this column alone would give; `None` where no personal
    /// data is in it.
    pub level: Option<Level>,
    /// How finely it tells time, where it does.
    pub resolution: Option<Resolution>,
}

/// A base column that matters for the questions: it is published, a group key or
/// in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseColumn {
    /// `dataset.table.column`.
    pub name: Arc<str>,
    /// Whether it is measured alone, and labels or filters nothing.
    pub measured: bool,
    /// Data collection category, 1 to 4; `None` is unknown.
    pub category: Option<u8>,
    /// Why it is sensitive, where it is.
    pub sensitive: Option<String>,
    /// Whether the registry knows it.
    pub registered: bool,
    /// Whether a data review is linked.
    pub reviewed: bool,
    /// Whether it is in filters alone.
    pub filter: bool,
    /// Where it is first used.
    pub span: Span,
}

/// An answer to one of the four questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// No.
    No,
    /// It could not be told; never publishable.
    Unknown,
    /// Yes: extra review.
    Yes,
}

/// The four questions (policy, "Dataset Publishing Process").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionId {
    /// Is the level of aggregation 3 or higher?
    AggregationLevel,
    /// Are there any category 3 or 4 dimensions?
    #[serde(rename = "category-3-or-4-dimensions")]
    Category3Or4Dimensions,
    /// Do any of the dimensions or metrics include sensitive data?
    SensitiveData,
    /// Are there any data without a data review for collection?
    MissingDataReview,
}

impl QuestionId {
    /// All, in the policy's order.
    pub const ALL: [Self; 4] = [
        Self::AggregationLevel,
        Self::Category3Or4Dimensions,
        Self::SensitiveData,
        Self::MissingDataReview,
    ];

    /// The policy's words.
    pub fn text(self) -> &'static str {
        match self {
            Self::AggregationLevel => "Is the level of aggregation 3 or higher?",
            Self::Category3Or4Dimensions => {
                "Are there any Data Collection Category 3 (web activity) or 4 (highly-sensitive) dimensions?"
            }
            Self::SensitiveData => "Do any of the dimensions or metrics include sensitive data?",
            Self::MissingDataReview => {
                "Are there any data included that do not have a corresponding data review for collection?"
            }
        }
    }
}

/// One question answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which.
    pub id: QuestionId,
    /// The answer.
    pub answer: Answer,
    /// The evidence, in words.
    pub because: String,
}

/// Whether the dataset may be published as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All four answers are "no" and nothing stayed unassessed.
    Publishable,
    /// A data steward looks closer.
    ExtraReview,
}

/// What the policy says of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The level; `None` where no personal data goes in, or what decides about it was
    /// not read.
    pub level: Option<Level>,
    /// Whether what decides about the level could not be read.
    pub unread: bool,
    /// Why, a step a line.
    pub level_because: Vec<Because>,
    /// The minimum bucket.
    pub bucket: Bucket,
    /// What one row stands for: names of the columns that tell rows apart;
    /// `None` where that is not known.
    pub grain: Option<Vec<String>>,
    /// The published columns, in order.
    pub columns: Vec<PublishedColumn>,
    /// The base columns that matter for the questions.
    pub sources: Vec<BaseColumn>,
    /// The four questions in the policy's order.
    pub questions: Vec<Question>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// What it covers.
    pub scope: Scope,
}
