//! The rules: one a file, listed in one table.

mod finding;

pub use finding::{Edit, Finding, Fix, Label, Severity};

/// A rule: what it is called, and its page.
pub struct Rule {
    /// `HC101`.
    pub code: &'static str,
    /// `missing-minimum-bucket`.
    pub name: &'static str,
    /// Its own severity.
    pub severity: Severity,
    /// One line: where it fires.
    pub summary: &'static str,
    /// The page, Markdown: what, why, how to mend.
    pub page: &'static str,
    /// A query on which it fires.
    pub fires: &'static str,
    /// A query on which it does not.
    pub passes: &'static str,
}
