//! What an entry says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::derivation::RowDerivation;
use crate::policy::{Level, Role};
use crate::registry::Resolution;
use crate::source::Position;

/// What is on record of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What tells it from others: its table, or `path#ordinal`.
    pub dataset: String,
    /// The files that make it, relative to the folder that holds the record.
    pub paths: Vec<String>,
    /// What it disclosed when it was approved last: one for each statement that
    /// writes it and each way that a template may go; never empty.
    pub disclosures: Vec<Disclosure>,
    /// All approvals, oldest first; never empty.
    pub approvals: Vec<Approval>,
    /// Where the entry was read.
    pub place: Option<Place>,
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Where the approved level, bucket and columns begin.
    pub at: Position,
    /// The version of the form that it is written in.
    pub version: u64,
}

impl Place {
    /// `file:line:column`.
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

    /// The worst of all that was approved, field by field, to show it.
    pub fn disclosure(&self) -> Disclosure {
        Disclosure::worst(&self.disclosures)
    }
}

/// Whether somebody reviewed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A steward did.
    Review,
    /// Nobody did: known debt, until a day.
    Baseline,
}

impl Kind {
    /// Both, with the word that the file uses.
    pub const ALL: [(&'static str, Self); 2] =
        [("review", Self::Review), ("baseline", Self::Baseline)];

    /// The word that the file uses.
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
    /// Whether somebody reviewed it.
    pub kind: Kind,
    /// The bug, as an address.
    pub bug: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The last day on which known debt is let be.
    pub until: Option<String>,
    /// Who approved.
    pub by: String,
    /// The version of the program that assessed it.
    pub version: String,
    /// The level then.
    pub level: Option<u8>,
    /// The bucket then.
    pub bucket: Option<u64>,
    /// The names of the columns then.
    pub columns: Vec<String>,
    /// The fingerprint of the query's meaning, one for each file.
    pub fingerprints: Vec<String>,
}

impl Approval {
    /// The approver's name without an e-mail address: findings and pages are read
    /// by everybody.
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

/// What a dataset discloses.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Disclosure {
    /// Which way a template goes, where it may go several.
    pub variant: Option<String>,
    /// Whether it could be assessed. Where not, nothing else is known but the texts
    /// that it is made of.
    pub assessed: bool,
    /// The level; `None` where no personal data goes in.
    pub level: Option<Level>,
    /// People that each row is proven to stand for.
    pub bucket: Option<u64>,
    /// Whether an "Other" row without a minimum remains.
    pub residual: bool,
    /// What tells rows apart; `None` where that is not known.
    pub grain: Option<Vec<String>>,
    /// The columns.
    pub columns: Vec<ApprovedColumn>,
    /// The base columns that matter for the questions.
    pub sources: Vec<ApprovedSource>,
    /// How often each rule fired, by code.
    pub findings: BTreeMap<String, u64>,
    /// How the rows are made; `None` in an entry of version 1, which did not keep it.
    pub rows: Option<RowDerivation>,
}

/// A published column.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovedColumn {
    /// Its name.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Data collection category; `None` is unknown.
    pub category: Option<u8>,
    /// Why it is sensitive, where it is.
    pub sensitive: Option<String>,
    /// The level that it alone would give.
    pub level: Option<Level>,
    /// People in each of its cells, proven.
    pub bucket: Option<u64>,
    /// How finely it tells time.
    pub resolution: Option<Resolution>,
    /// How it is made of base columns, one text for each way.
    pub made: Vec<String>,
    /// The base columns.
    pub sources: Vec<String>,
}

impl ApprovedColumn {
    /// Whether it labels rows, so that how it is made says how fine they are.
    pub fn is_label(&self) -> bool {
        match self.role {
            Role::Dimension | Role::Identifier | Role::Timestamp | Role::Unknown => true,
            Role::Metric | Role::Constant => false,
        }
    }
}

/// A base column that goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedSource {
    /// `dataset.table.column`.
    pub name: String,
    /// Data collection category of what labels or filters; `None` is unknown.
    pub category: Option<u8>,
    /// Whether it is measured alone.
    pub measured: bool,
    /// Why it is sensitive, where it is.
    pub sensitive: Option<String>,
    /// Whether the registry knew it.
    pub registered: bool,
    /// Whether a data review was linked, or none is asked for.
    pub reviewed: bool,
}

/// Whether a text is a day of the calendar, `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .parse::<toml_edit::Datetime>()
            .is_ok_and(|day| day.to_string() == text)
}
