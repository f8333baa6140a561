//! The model of an entry of the publishing record.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::derivation::RowDerivation;
use crate::policy::{Level, Role};
use crate::registry::Resolution;
use crate::source::Position;

/// The approved state of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The identity of the dataset: its table, or `path#ordinal`.
    pub dataset: String,
    /// The files that create it, relative to the folder that contains the record.
    pub paths: Vec<String>,
    /// What the dataset disclosed at its last approval.
    ///
    /// There is one disclosure for each statement that writes it and each rendering
    /// of a template; never empty.
    pub disclosures: Vec<Disclosure>,
    /// All approvals, oldest first; never empty.
    pub approvals: Vec<Approval>,
    /// Where the entry was read; `None` if it was not read from a file.
    pub place: Option<EntryLocation>,
}

/// The location of an entry in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLocation {
    /// The file.
    pub path: PathBuf,
    /// The start of the approved level, bucket and columns.
    pub at: Position,
    /// The version of the format in which the entry is written.
    pub version: u64,
}

impl EntryLocation {
    /// Returns `file:line:column`.
    pub fn shown(&self) -> String {
        format!(
            "{}:{}:{}",
            self.path.display(),
            self.at.line,
            self.at.column
        )
    }
}

impl Entry {
    /// The newest approval.
    pub fn newest(&self) -> Option<&Approval> {
        self.approvals.last()
    }

    /// Returns the worst of all approved disclosures, field by field, for display.
    pub fn disclosure(&self) -> Disclosure {
        Disclosure::worst(&self.disclosures)
    }
}

/// Whether a dataset was reviewed at its approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalKind {
    /// A steward reviewed the dataset.
    Review,
    /// Nobody reviewed the dataset: known debt, which is tolerated until a given
    /// day.
    Baseline,
}

impl ApprovalKind {
    /// Both kinds, with the word for each in the file.
    pub const ALL: [(&'static str, Self); 2] =
        [("review", Self::Review), ("baseline", Self::Baseline)];

    /// Returns the word for this kind in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Baseline => "baseline",
        }
    }
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Whether somebody reviewed the dataset.
    pub kind: ApprovalKind,
    /// The bug, as an address.
    pub bug: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The last day on which known debt is tolerated.
    pub until: Option<String>,
    /// The approver.
    pub by: String,
    /// The version of the program that assessed the dataset.
    pub version: String,
    /// The level at the approval.
    pub level: Option<u8>,
    /// The bucket at the approval.
    pub bucket: Option<u64>,
    /// The names of the columns at the approval.
    pub columns: Vec<String>,
    /// The fingerprints of the queries, one for each file.
    pub fingerprints: Vec<String>,
}

impl Approval {
    /// Returns the approver's name without e-mail addresses.
    ///
    /// Findings and pages are public.
    pub fn approver(&self) -> String {
        let name = self.by.split('<').next().unwrap_or_default();
        let words: Vec<&str> = name
            .split_whitespace()
            .filter(|word| !word.contains('@'))
            .collect();
        if words.is_empty() {
            "a data steward".to_owned()
        } else {
            words.join(" ")
        }
    }
}

/// The data that a dataset discloses.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Disclosure {
    /// The branches of the template, if it has several renderings.
    pub variant: Option<String>,
    /// Whether the dataset could be assessed. If not, nothing is known but the texts
    /// that it depends on.
    pub assessed: bool,
    /// The level; `None` if no personal data is used.
    pub level: Option<Level>,
    /// Lower bound on the number of distinct people per row; `None` if nothing is
    /// proven.
    pub bucket: Option<u64>,
    /// Whether an "Other" row without a minimum remains.
    pub residual: bool,
    /// The columns that identify a row; `None` if they are unknown.
    pub grain: Option<Vec<String>>,
    /// The published columns.
    pub columns: Vec<ApprovedColumn>,
    /// The base columns that matter for the questions.
    pub sources: Vec<ApprovedSource>,
    /// The number of findings of each rule, by code.
    pub findings: BTreeMap<String, u64>,
    /// The derivation of the rows; `None` in an entry of version 1, which did not
    /// store it.
    pub rows: Option<RowDerivation>,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovedColumn {
    /// The name of the column.
    pub name: String,
    /// The role of the column.
    pub role: Role,
    /// The data collection category; `None` if it is unknown.
    pub category: Option<u8>,
    /// The reason why the column is sensitive, if it is.
    pub sensitive: Option<String>,
    /// The level that this column alone would have.
    pub level: Option<Level>,
    /// Lower bound on the number of people in each cell; `None` if nothing is
    /// proven.
    pub bucket: Option<u64>,
    /// The resolution of the times in the column.
    pub resolution: Option<Resolution>,
    /// The derivation of the column from base columns, one text for each
    /// alternative.
    pub made: Vec<String>,
    /// The base columns.
    pub sources: Vec<String>,
}

impl ApprovedColumn {
    /// Whether the column labels rows, so that its derivation determines the grain.
    pub fn is_label(&self) -> bool {
        match self.role {
            Role::Dimension | Role::Identifier | Role::Timestamp | Role::Unknown => true,
            Role::Metric | Role::Constant => false,
        }
    }
}

/// A base column from which a dataset derives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedSource {
    /// `dataset.table.column`.
    pub name: String,
    /// The data collection category of a label or filter; `None` if it is unknown.
    pub category: Option<u8>,
    /// Whether the column is used only in metrics.
    pub measured: bool,
    /// The reason why the column is sensitive, if it is.
    pub sensitive: Option<String>,
    /// Whether the registry declared the column.
    pub registered: bool,
    /// Whether a data review was linked, or none is required.
    pub reviewed: bool,
}

/// Whether a text is a valid date, `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .parse::<toml_edit::Datetime>()
            .is_ok_and(|day| day.to_string() == text)
}
