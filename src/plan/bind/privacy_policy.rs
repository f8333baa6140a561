//! The `privacy_policy` option of a view.
//!
//! BigQuery lets others read such a view only through `WITH AGGREGATION_THRESHOLD`
//! or with noise. Therefore the view publishes at most what the finest of these
//! queries returns (BigQuery's "Analysis rules").

use serde_json::Value;
use sqlparser::ast;

use super::problem::{Problem, ProblemKind};
use super::{Binder, Expr, Operator, RelId};
use crate::plan::{ExprKind, Literal, PrivacyClause};
use crate::source::Span;

/// The requirements of a policy.
struct ViewPrivacyPolicy {
    /// The keyword of the clause in SELECT.
    kind: &'static str,
    threshold: Option<i64>,
    unit: String,
}

impl Binder<'_> {
    /// Returns the rows of a view as its privacy policy lets others read them.
    pub(super) fn protected(&mut self, rows: RelId, view: &ast::CreateView) -> RelId {
        let Some((text, span)) = self.policy_text(&view.options) else {
            return rows;
        };
        let policy = match policy(&text) {
            Ok(Some(policy)) => policy,
            Ok(None) => return rows,
            Err(why) => {
                self.problems.push(Problem {
                    kind: ProblemKind::Unsupported,
                    span,
                    message: format!("invalid privacy policy: {why}"),
                    help: "write {\"aggregation_threshold_policy\": {\"threshold\": 5000, \"privacy_unit_columns\": \"client_id\"}}".to_owned(),
                });
                return rows;
            }
        };
        let columns = self.columns_of(rows);
        let unit = self.feed(&columns, &policy.unit, span);
        let relation = self.distinct(rows, "OPTIONS", span);
        let mut options = Vec::new();
        if let Some(threshold) = policy.threshold {
            let threshold = Expr::new(ExprKind::Literal(Literal::Int(threshold)), span);
            options.push(("threshold".to_owned(), threshold));
        }
        if let Some(unit) = unit {
            options.push(("privacy_unit_column".to_owned(), Expr::column(unit, span)));
        }
        let made = self.plan.relation_mut(relation);
        if let Operator::Aggregate(aggregate) = &mut made.operator {
            // Nobody can read the unit itself.
            aggregate.keys.retain(|key| key.expr.as_column() != unit);
            made.columns = aggregate.keys.iter().map(|key| key.column).collect();
            aggregate.privacy = Some(PrivacyClause {
                kind: policy.kind.to_owned(),
                options,
                span,
            });
        }
        relation
    }

    /// Returns the text of the option and its place, if a view has it.
    fn policy_text(&self, options: &ast::CreateTableOptions) -> Option<(String, Span)> {
        let options = match options {
            ast::CreateTableOptions::Options(options) | ast::CreateTableOptions::With(options) => {
                options
            }
            ast::CreateTableOptions::None
            | ast::CreateTableOptions::Plain(_)
            | ast::CreateTableOptions::TableProperties(_) => return None,
        };
        options.iter().find_map(|option| {
            let ast::SqlOption::KeyValue { key, value } = option else {
                return None;
            };
            let name = key.to_string();
            if !name.eq_ignore_ascii_case("privacy_policy") {
                return None;
            }
            let text = if let ast::Expr::Value(value) = value {
                value.clone().value.into_string()
            } else {
                None
            };
            Some((text.unwrap_or_default(), self.places.expr(value)))
        })
    }
}

/// Parses a policy; `None` if it restricts neither thresholds nor noise.
fn policy(text: &str) -> Result<Option<ViewPrivacyPolicy>, String> {
    let policy: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let unit = |policy: &Value| {
        let named = policy
            .get("privacy_unit_columns")
            .or_else(|| policy.get("privacy_unit_column"));
        match named {
            Some(Value::String(name)) => Ok(name.clone()),
            Some(Value::Array(names)) if names.len() == 1 => names[0]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| "the privacy unit is not a column name".to_owned()),
            Some(_) | None => {
                Err("it does not name exactly one column as the privacy unit".to_owned())
            }
        }
    };
    if let Some(threshold) = policy.get("aggregation_threshold_policy") {
        let unit = unit(threshold)?;
        return Ok(Some(ViewPrivacyPolicy {
            kind: "AGGREGATION_THRESHOLD",
            threshold: threshold.get("threshold").and_then(Value::as_i64),
            unit,
        }));
    }
    if let Some(noise) = policy.get("differential_privacy_policy") {
        let unit = unit(noise)?;
        return Ok(Some(ViewPrivacyPolicy {
            kind: "DIFFERENTIAL_PRIVACY",
            threshold: None,
            unit,
        }));
    }
    Ok(None)
}
