//! The rules: one file per rule, all listed in one table.

mod approximate_threshold;
mod category_3_or_4_dimension;
mod context;
mod dynamic_sql;
mod finding;
mod high_resolution_time;
mod implicit_disclosure;
mod individual_rows;
pub mod level_not_allowed;
mod listed;
mod minimum_bucket_too_small;
pub mod missing_data_review;
mod missing_minimum_bucket;
pub mod missing_review;
mod nullable_unit;
mod opaque_function;
mod probabilistic_sketch;
mod pseudonymous_identifier;
mod raw_identifier;
mod residual_other_bucket;
pub mod review_drift;
mod sensitive_column;
mod single_value_aggregate;
mod subtotal_disclosure;
pub mod suppression_without_reason;
mod surrogate_row_key;
pub mod syntax_error;
mod threshold;
mod threshold_at_other_grain;
mod threshold_counts_rows;
mod threshold_counts_wrong_unit;
mod threshold_escapable;
mod threshold_not_constant;
mod threshold_undone;
mod uncovered_cell;
mod unkeyed_hash;
mod unknown_columns;
pub mod unregistered_column;
mod unresolved_column;
pub mod unresolved_template;
pub mod unsupported_construct;
pub mod unused_suppression;

#[cfg(test)]
mod tests;

pub use context::{ContextCache, RuleContext};
pub use finding::{Finding, FindingLabel, Severity};
pub use unused_suppression::SuppressionDefect;

use crate::source::Span;
use crate::toml_text::nearest;

/// A rule: its names, its documentation page, its examples and its check.
pub struct Rule {
    /// Stable code, such as `HC101`.
    pub code: &'static str,
    /// Name, such as `missing-minimum-bucket`.
    pub name: &'static str,
    /// Severity of a finding, unless the check raises or lowers it.
    pub severity: Severity,
    /// One line that states when the rule fires.
    pub summary: &'static str,
    /// Page in Markdown: what the rule finds, why it matters, and how to fix it.
    pub page: &'static str,
    /// A query on which the rule fires; a unit test verifies it.
    pub fires: &'static str,
    /// A query on which the rule does not fire; a unit test verifies it.
    pub passes: &'static str,
    /// What the examples need in addition to the query.
    pub example: ExampleSetup,
    /// Adds the rule's findings for one dataset.
    ///
    /// Does nothing in rules whose findings are created before or after this check.
    pub check: fn(&RuleContext<'_>, &mut Vec<Finding>),
}

/// The family of a rule, by the first digit of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleGroup {
    /// HC0xx: a part of the text was not understood.
    Understanding,
    /// HC1xx: a row or cell may stand for too few people.
    Aggregation,
    /// HC2xx: individual-level data is published.
    Disclosure,
    /// HC3xx: categories, sensitive data, registration and data reviews of columns.
    Data,
    /// HC4xx: reviews, the record and suppressions.
    Process,
}

impl RuleGroup {
    /// Whether a finding of this group alone prevents publication (contract, "JSON":
    /// HC0xx to HC2xx).
    pub fn is_safety(self) -> bool {
        match self {
            Self::Understanding | Self::Aggregation | Self::Disclosure => true,
            Self::Data | Self::Process => false,
        }
    }
}

/// What the examples of a rule need in addition to the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleSetup {
    /// Nothing: the query is sufficient.
    Alone,
    /// Metadata that marks the dataset as public, and a record without its entry.
    Public,
    /// A record that approves this earlier form of the query.
    Approved(&'static str),
}

impl Rule {
    /// Returns the group of the rule, by the first digit of its code.
    pub fn group(&self) -> RuleGroup {
        match self.code.as_bytes().get(2) {
            Some(b'0') => RuleGroup::Understanding,
            Some(b'1') => RuleGroup::Aggregation,
            Some(b'2') => RuleGroup::Disclosure,
            Some(b'3') => RuleGroup::Data,
            Some(_) | None => RuleGroup::Process,
        }
    }

    /// Returns the address of the rule's page.
    pub fn url(&self) -> String {
        format!(
            "https://github.com/mozilla/headcount/blob/main/docs/rules/{}.md",
            self.code
        )
    }

    fn finding(
        &'static self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: self,
            severity: self.severity,
            message: message.into(),
            help: help.into(),
            span,
            label: String::new(),
            labels: Vec::new(),
            fix: None,
            follows: false,
            elsewhere: None,
            suppressed: None,
        }
    }
}

/// All rules, in ascending order of their codes.
pub static RULES: &[&Rule] = &[
    &syntax_error::RULE,
    &unresolved_template::RULE,
    &unknown_columns::RULE,
    &unresolved_column::RULE,
    &opaque_function::RULE,
    &dynamic_sql::RULE,
    &unsupported_construct::RULE,
    &missing_minimum_bucket::RULE,
    &minimum_bucket_too_small::RULE,
    &threshold_counts_rows::RULE,
    &threshold_counts_wrong_unit::RULE,
    &threshold_escapable::RULE,
    &threshold_at_other_grain::RULE,
    &threshold_not_constant::RULE,
    &approximate_threshold::RULE,
    &threshold_undone::RULE,
    &residual_other_bucket::RULE,
    &uncovered_cell::RULE,
    &single_value_aggregate::RULE,
    &subtotal_disclosure::RULE,
    &nullable_unit::RULE,
    &implicit_disclosure::RULE,
    &raw_identifier::RULE,
    &pseudonymous_identifier::RULE,
    &individual_rows::RULE,
    &high_resolution_time::RULE,
    &probabilistic_sketch::RULE,
    &unkeyed_hash::RULE,
    &surrogate_row_key::RULE,
    &category_3_or_4_dimension::RULE,
    &sensitive_column::RULE,
    &unregistered_column::RULE,
    &missing_data_review::RULE,
    &level_not_allowed::RULE,
    &missing_review::RULE,
    &review_drift::RULE,
    &unused_suppression::RULE,
    &suppression_without_reason::RULE,
];

/// Finds a rule by its code or its name; case is ignored.
pub fn find(word: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(word) || rule.name.eq_ignore_ascii_case(word))
}

/// Returns the error message for a word that names no rule.
///
/// The message suggests the nearest code or name.
pub fn unknown(word: &str) -> String {
    format!("unknown rule `{word}`; {}", known(word))
}

/// The rule that a word may have meant, and where all of them are listed.
pub fn known(word: &str) -> String {
    const LIST: &str = "run `headcount explain` for the list of rules";
    match meant(word) {
        Some(rule) => format!("did you mean {} {}? Otherwise {LIST}", rule.code, rule.name),
        None => LIST.to_owned(),
    }
}

/// The rule that a word may have meant: one with a similar name, or the only one with the
/// word in its name. Of codes each number is as near as any other.
fn meant(word: &str) -> Option<&'static Rule> {
    let lower = word.to_ascii_lowercase();
    let number = lower.strip_prefix("hc").unwrap_or(&lower);
    if number.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let code = |rule: &&Rule| rule.code.to_ascii_lowercase();
    let codes: Vec<String> = RULES.iter().map(code).collect();
    let names = RULES.iter().map(|rule| rule.name);
    let all: Vec<&str> = codes.iter().map(String::as_str).chain(names).collect();
    if let Some(rule) = nearest(&lower, &all).and_then(find) {
        return Some(rule);
    }
    let mut holding = RULES.iter().filter(|rule| rule.name.contains(&lower));
    holding.next().copied()
}

/// Returns the position in [`RULES`] of the rule with a code.
pub fn index(code: &str) -> Option<usize> {
    RULES.iter().position(|rule| rule.code == code)
}

/// Rules that report what was not understood; their checks need no plan.
static RULES_WITHOUT_PLAN: &[&Rule] = &[
    &syntax_error::RULE,
    &unresolved_template::RULE,
    &unknown_columns::RULE,
    &unresolved_column::RULE,
    &dynamic_sql::RULE,
    &unsupported_construct::RULE,
];

/// Returns the findings of a statement that has no plan.
pub fn check_without_plan(context: &RuleContext<'_>) -> Vec<Finding> {
    check_all(RULES_WITHOUT_PLAN, context)
}

/// Returns all findings of one dataset, sorted by place and then by code.
pub fn check(context: &RuleContext<'_>) -> Vec<Finding> {
    check_all(RULES, context)
}

fn check_all(rules: &[&Rule], context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules {
        (rule.check)(context, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.span, finding.rule.code));
    findings
}
