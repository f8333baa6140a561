//! The decision of the policy about one dataset, with a reason for each part.

use std::sync::Arc;

use super::Scope;
use crate::registry::Resolution;
use crate::source::{Span, UpstreamPlace};
use serde::Serialize;

/// The seven levels of aggregation; a higher one discloses more about each person.
///
/// Source: the policy, "How we characterize the levels of aggregation".
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
    /// All levels, lowest first.
    pub const ALL: [Self; 7] = [
        Self::Model,
        Self::MinimumBucket,
        Self::Aggregated,
        Self::Probabilistic,
        Self::Pseudonymous,
        Self::Individual,
        Self::HighResolution,
    ];

    /// Returns the number of the level in the policy, 1 to 7.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Returns the name of the level, after the policy's table.
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

/// The meaning of a column for the reader of the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A label of rows.
    Dimension,
    /// A measured value.
    Metric,
    /// An identifier of a person or a record.
    Identifier,
    /// A time with a resolution of a second or finer.
    Timestamp,
    /// A value that is the same in every row and derives from no data.
    Constant,
    /// Unknown: a part of the value is not understood.
    Unknown,
}

/// One step of the reasoning behind a level.
#[derive(Debug, Clone, PartialEq)]
pub struct ReasoningStep {
    /// The observation, as a sentence without its subject.
    pub message: String,
    /// The place of the observation; `None` if it has no single place.
    pub span: Option<Span>,
    /// The user's word for the operator, if this is a step of the plan.
    pub operator: Option<String>,
    /// Lower bound on the people of each row after this step; `None` if none is
    /// shown.
    pub k: Option<u64>,
    /// The actual place, if it is in another file.
    ///
    /// `span` is then the place where the table of that file is read.
    pub elsewhere: Option<UpstreamPlace>,
    /// Which step of the plan it is, where it is one.
    pub step: Option<PlanStep>,
}

/// A step of the plan among the others that are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanStep {
    /// What tells it from the others.
    pub id: u32,
    /// The steps whose rows it takes: none for a table, two or more for a join.
    pub inputs: Vec<u32>,
}

/// The minimum bucket: the required and the proven number of people.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The policy's minimum.
    pub required: u64,
    /// Lower bound on the distinct people that every published row stands for.
    ///
    /// `None` if it is below 2, or if no row is published.
    pub proven: Option<u64>,
    /// The column that identifies the counted people, if it is known.
    pub unit: Option<String>,
    /// Whether an "Other" row without a minimum remains.
    pub residual_unbounded: bool,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedColumn {
    /// The name of the column; generated (`f0_`) if the query gives none.
    pub name: String,
    /// The place of its expression.
    pub span: Span,
    /// Its meaning for the reader of the dataset.
    pub role: Role,
    /// The data collection category, 1 to 4; `None` if unknown.
    pub category: Option<u8>,
    /// Why it is sensitive; `None` if it is not registered as sensitive.
    pub sensitive: Option<String>,
    /// Whether all its personal base columns are known and registered.
    pub registered: bool,
    /// Links to the data reviews of its personal base columns.
    pub data_reviews: Vec<String>,
    /// Base columns whose values reach it.
    pub sources: Vec<Arc<str>>,
    /// Base columns that affect it only through filters, joins or keys.
    ///
    /// The list is bounded; [`indirect_left_out`](Self::indirect_left_out) counts
    /// the rest.
    pub indirect_sources: Vec<Arc<str>>,
    /// Number of base columns that `indirect_sources` leaves out.
    pub indirect_left_out: usize,
    /// Lower bound on the people whose values are in each of its cells.
    ///
    /// `None` if it is below 2, or if no people are behind the rows.
    pub bucket: Option<u64>,
    /// The level that this column alone has; `None` if it contains no personal data.
    pub level: Option<Level>,
    /// The resolution of its time; `None` if it contains no time.
    pub resolution: Option<Resolution>,
}

/// A base column that matters for the questions.
///
/// It is published, a group key, or read by a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseColumn {
    /// `dataset.table.column`.
    pub name: Arc<str>,
    /// Whether only metrics use it: it labels and filters nothing.
    pub measured: bool,
    /// The data collection category, 1 to 4; `None` if unknown.
    pub category: Option<u8>,
    /// Why it is sensitive; `None` if it is not registered as sensitive.
    pub sensitive: Option<String>,
    /// Whether the registry knows it.
    pub registered: bool,
    /// Whether the registry links a data review.
    pub reviewed: bool,
    /// Whether only conditions and filters use it.
    pub filter: bool,
    /// The place of its first use.
    pub span: Span,
}

/// An answer to one of the four questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// No.
    No,
    /// Undecided: the dataset is not publishable.
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
    /// All questions, in the policy's order.
    pub const ALL: [Self; 4] = [
        Self::AggregationLevel,
        Self::Category3Or4Dimensions,
        Self::SensitiveData,
        Self::MissingDataReview,
    ];

    /// Returns the wording of the policy.
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

/// One question with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The question.
    pub id: QuestionId,
    /// The answer.
    pub answer: Answer,
    /// The evidence, in words.
    pub because: String,
}

/// Whether the dataset may be published without further review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All four answers are "no" and nothing remained unassessed.
    Publishable,
    /// A data steward must review the dataset.
    ExtraReview,
}

/// The decision of the policy about one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The level; `None` if no personal data is used, or if `unread` is set.
    pub level: Option<Level>,
    /// Whether a part that decides the level could not be read.
    pub unread: bool,
    /// The reasons for the level, then the steps of the proof.
    pub level_because: Vec<ReasoningStep>,
    /// The minimum bucket.
    pub bucket: Bucket,
    /// The names of the columns that identify a row: its grain.
    ///
    /// `None` if the grain is not known.
    pub grain: Option<Vec<String>>,
    /// The published columns, in order.
    pub columns: Vec<PublishedColumn>,
    /// The base columns that matter for the questions.
    pub sources: Vec<BaseColumn>,
    /// The four questions, in the policy's order.
    pub questions: Vec<Question>,
    /// Statements that the decision relies on and that nothing verified.
    pub assumptions: Vec<String>,
    /// What it covers.
    pub scope: Scope,
}
