//! The published rows that LIMIT returns.
//!
//! How many rows are returned is a number. The order, and the rows that OFFSET
//! skips, select other rows, so they are conditions.

use super::text::{short, whole};
use super::{Condition, ConditionKind, Deriver, above};
use crate::plan::{Expr, Operator, Plan, RelId};

impl Deriver<'_> {
    /// Returns the largest number of returned rows, and the conditions that select
    /// them.
    ///
    /// The number of the last LIMIT may be reduced, since fewer of the same rows are
    /// then returned. A LIMIT below another one, or below a window, selects the rows
    /// that these read.
    pub(super) fn first_rows(&mut self, root: RelId) -> (Option<u64>, Vec<Condition>) {
        let plan = self.plan;
        let mut most = None;
        let mut found = Vec::new();
        let mut last = true;
        let mut at = Some(root);
        while let Some(id) = at {
            let operator = &plan.relation(id).operator;
            if let Operator::Limit { input, count, skip } = operator {
                let by = order(plan, *input);
                let number = count.as_ref().and_then(whole).filter(|_| last);
                most = most.or(number);
                // A sample is a condition on its rows, see `relation`.
                if count.is_some() || skip.is_some() {
                    let condition = self.describe_limit(by, count.as_ref(), number, skip.as_ref());
                    found.extend(condition);
                }
                last = false;
            }
            last &= !matches!(operator, Operator::Window { .. });
            at = above(operator);
        }
        (most, found)
    }

    fn describe_limit(
        &mut self,
        by: &[Expr],
        count: Option<&Expr>,
        number: Option<u64>,
        skip: Option<&Expr>,
    ) -> Option<Condition> {
        // Without an order, LIMIT returns any rows: nothing selects them.
        if by.is_empty() && number.is_some() {
            return None;
        }
        let mut made = "the first".to_owned();
        match count {
            Some(_) if number.is_some() => {}
            Some(count) => made.push_str(&format!(" {}", self.words(count))),
            None => {}
        }
        let skipped = skip.filter(|skip| whole(skip) != Some(0));
        if let Some(skip) = skipped {
            made.push_str(&format!(" behind {}", self.words(skip)));
        }
        if !by.is_empty() {
            made.push_str(&format!(" by {}", self.list(by).join(", ")));
        }
        let determined = by.iter().all(|by| self.published.determines(by));
        Some(Condition {
            made: short(made),
            kind: if determined {
                ConditionKind::Joined
            } else {
                ConditionKind::Sensitive
            },
        })
    }
}

/// Returns the expressions that order the rows of a relation.
pub(super) fn order(plan: &Plan, of: RelId) -> &[Expr] {
    let mut at = of;
    loop {
        match &plan.relation(at).operator {
            Operator::Sort { by, .. } => return by,
            Operator::Project { input, .. } | Operator::Reader { of: input, .. } => at = *input,
            _ => return &[],
        }
    }
}
