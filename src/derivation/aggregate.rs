//! Groupings: the canonical text of their keys and calls.

use super::relation::Rows;
use super::{ColumnText, Deriver};
use crate::plan::{Aggregate, AggregateCall, Expr, ExprKind, Literal, NullTreatment, RelId};

impl Deriver<'_> {
    /// Derives the columns and rows of a grouping.
    pub(super) fn aggregate(&mut self, id: RelId, aggregate: &Aggregate) -> Rows {
        let input = self.rows(aggregate.input).text();
        let keys: Vec<String> = aggregate
            .keys
            .iter()
            .map(|key| self.words(&key.expr))
            .collect();
        let mut by = keys.clone();
        by.sort();
        by.dedup();
        let mut groups = match by.as_slice() {
            [] => String::new(),
            by => format!(" by {}", by.join(", ")),
        };
        let mut sets: Vec<String> = aggregate
            .sets
            .iter()
            .map(|set| {
                let mut set: Vec<&str> = set
                    .iter()
                    .filter_map(|at| keys.get(*at).map(String::as_str))
                    .collect();
                set.sort_unstable();
                format!("({})", set.join(", "))
            })
            .collect();
        if !sets.is_empty() {
            sets.sort();
            groups.push_str(&format!(" in sets {}", sets.join(", ")));
        }
        let groups = super::text::short(format!("{input}{groups}"));
        for (key, text) in aggregate.keys.iter().zip(keys) {
            let mut known = match key.expr.as_column().and_then(|column| self.known(column)) {
                Some(same) => same.clone(),
                None => ColumnText {
                    ways: vec![text],
                    ..self.of_value(&key.expr)
                },
            };
            // In a subtotal, the key is NULL.
            known.plain &= sets.is_empty();
            self.set(key.column, known);
        }
        let top = self.tops.contains(&id);
        for (column, call) in &aggregate.aggregates {
            let mut text = self.aggregate_call(call);
            let plain = text == "COUNT(*)" || self.counts_identifiers(call);
            let counted = plain && (top || self.counts_people(*column));
            if !top {
                text.push_str(&format!(" over {}", super::text::exact(groups.clone())));
            }
            let known = ColumnText {
                ways: vec![text],
                measured: true,
                counted,
                ..ColumnText::default()
            };
            self.set(*column, known);
        }
        let mut rows = Rows::new(format!("groups of {groups}"));
        rows = rows.made_of([self.rows(aggregate.input)]);
        // The conditions on the grouped rows matter if the groups are used as a
        // list.
        let below = self.rows(aggregate.input).others.iter();
        rows.others = below.map(|made| format!("each by {made}")).collect();
        if let Some(clause) = &aggregate.privacy {
            rows.conditions.insert(self.privacy(clause));
        }
        // A subtotal is an additional row that can be subtracted.
        if top && !sets.is_empty() {
            rows.conditions.insert(super::Condition {
                made: format!("grouping sets {}", sets.join(", ")),
                kind: super::ConditionKind::Sensitive,
            });
        }
        rows
    }

    /// Whether a count is proven to count people.
    ///
    /// A higher bound on it then requires more of them, and discloses no single one.
    pub(super) fn counts_people(&self, id: crate::plan::ColId) -> bool {
        let count = self.facts.column(id).count.as_ref();
        count.is_some_and(|count| !count.people.is_empty() || !count.partitions.is_empty())
    }

    /// Whether a call counts the unchanged identifiers in the rows of a group.
    pub(super) fn counts_identifiers(&self, call: &AggregateCall) -> bool {
        let [only] = call.args.as_slice() else {
            return false;
        };
        call.name == "COUNT"
            && call.distinct
            && call.filter.is_none()
            && only.as_column().is_some_and(|id| {
                self.known(id).is_some_and(|known| known.plain)
                    && !self.facts.column(id).identities.is_empty()
            })
    }

    fn privacy(&mut self, clause: &crate::plan::PrivacyClause) -> super::Condition {
        let mut options: Vec<String> = clause
            .options
            .iter()
            .map(
                |(name, value)| match (name.as_str(), super::text::whole(value)) {
                    ("threshold", Some(least)) => format!("threshold {}", super::at_least(least)),
                    _ => format!("{name} = {}", self.words(value)),
                },
            )
            .collect();
        options.sort();
        Self::joined(format!(
            "with {}({})",
            clause.kind.to_lowercase(),
            options.join(", ")
        ))
    }

    /// Returns the text of a call: what it aggregates, under which conditions.
    pub(super) fn aggregate_call(&mut self, call: &AggregateCall) -> String {
        if call.info.is_none() {
            self.opaque.insert(call.name.clone());
        }
        let mut name = call.name.as_str();
        let mut args: Vec<Expr> = call.args.clone();
        let mut conditions: Vec<String> = Vec::new();
        if let Some(filter) = &call.filter {
            conditions.push(self.exact_truth(filter, true));
        }
        if name == "COUNTIF" && args.len() == 1 && !call.distinct {
            conditions.push(self.exact_truth(&args[0], true));
            args.clear();
            name = "COUNT";
        }
        // Rows that a CASE maps to NULL do not contribute, nor does 0 to a sum.
        while skips_null(name, call.nulls)
            && let [first, ..] = args.as_slice()
            && let Some((condition, then)) = chosen(first, name == "SUM")
        {
            conditions.push(self.exact_truth(&condition, true));
            args[0] = then;
        }
        // A truth value that is cast to a number is 1 or 0.
        if name == "SUM"
            && let [only] = args.as_slice()
            && let ExprKind::Cast { value, to, .. } = &only.kind
            && to == "INT64"
            && is_truth(value)
        {
            conditions.push(self.exact_truth(value, true));
            args.clear();
            name = "COUNT";
        }
        let one = |arg: &Expr| matches!(arg.as_literal(), Some(Literal::Int(1)));
        if name == "SUM" && matches!(args.as_slice(), [only] if one(only)) && !call.distinct {
            name = "COUNT";
        }
        let constant = |arg: &Expr| arg.as_literal().is_some() && !arg.is_null();
        if name == "COUNT" && !call.distinct && args.iter().all(constant) {
            args.clear();
        }
        let alike = ["MIN", "MAX", "ANY_VALUE", "LOGICAL_AND", "LOGICAL_OR"].contains(&name);
        let distinct = if call.distinct && !alike {
            "DISTINCT "
        } else {
            ""
        };
        let parts = if name == "COUNT" && args.is_empty() {
            "*".to_owned()
        } else {
            self.list(&args).join(", ")
        };
        let shown = match args.first() {
            Some(first) => self.name(name, first),
            None => super::text::plain(name),
        };
        let mut text = format!("{shown}({distinct}{parts}");
        match call.nulls {
            Some(NullTreatment::Ignore) => text.push_str(" ignore nulls"),
            Some(NullTreatment::Respect) => text.push_str(" respect nulls"),
            None => {}
        }
        if !call.decided_by.is_empty() {
            let by = self.list(&call.decided_by).join(", ");
            text.push_str(&format!(" by {by}"));
        }
        if let Some(limit) = &call.limit {
            text.push_str(&format!(" limit {}", self.words(limit)));
        }
        text.push(')');
        if !conditions.is_empty() {
            conditions.sort();
            conditions.dedup();
            text.push_str(&format!(" where {}", conditions.join(" and ")));
        }
        text
    }
}

/// Whether an aggregate ignores rows in which its argument is NULL. The others list
/// them or choose among them, so that their number is visible.
fn skips_null(name: &str, nulls: Option<NullTreatment>) -> bool {
    const SKIPPING: [&str; 17] = [
        "ANY_VALUE",
        "APPROX_COUNT_DISTINCT",
        "APPROX_QUANTILES",
        "AVG",
        "BIT_AND",
        "BIT_OR",
        "BIT_XOR",
        "COUNT",
        "COUNTIF",
        "LOGICAL_AND",
        "LOGICAL_OR",
        "MAX",
        "MIN",
        "STDDEV",
        "STRING_AGG",
        "SUM",
        "VARIANCE",
    ];
    match nulls {
        Some(NullTreatment::Ignore) => true,
        Some(NullTreatment::Respect) => false,
        None => SKIPPING.contains(&name),
    }
}

/// Splits `IF(condition, value, NULL)` into its condition and value.
///
/// If `zero` is set, for an argument of SUM, `IF(condition, value, 0)` is split too.
fn chosen(value: &Expr, zero: bool) -> Option<(Expr, Expr)> {
    let ExprKind::Case(case) = &value.kind else {
        return None;
    };
    let [(condition, then)] = case.branches.as_slice() else {
        return None;
    };
    let nothing = match &case.otherwise {
        None => true,
        Some(other) => {
            other.is_null() || (zero && matches!(other.as_literal(), Some(Literal::Int(0))))
        }
    };
    nothing.then(|| (condition.clone(), then.clone()))
}

/// Whether an expression is a truth value by its syntax.
pub(super) fn is_truth(value: &Expr) -> bool {
    matches!(
        value.kind,
        ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_)
    )
}
