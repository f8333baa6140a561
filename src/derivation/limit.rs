//! Which of the published rows LIMIT lets out, in words: how many is a number, and the
//! order and those that are left out before them choose others.

use super::text::{short, whole};
use super::{Condition, ConditionKind, Deriver, above};
use crate::plan::{Expr, Operator, Plan, RelId};

impl Deriver<'_> {
    /// The most rows that come out, and what chooses them.
    ///
    /// The number of the last LIMIT may shrink, since fewer of the same come out. One
    /// below another, or below a window, chooses the rows that these see.
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
                // A sample is a condition of its rows.
                if count.is_some() || skip.is_some() {
                    let condition = self.chosen_first(by, count.as_ref(), number, skip.as_ref());
                    found.extend(condition);
                }
                last = false;
            }
            last &= !matches!(operator, Operator::Window { .. });
            at = above(operator);
        }
        (most, found)
    }

    fn chosen_first(
        &mut self,
        by: &[Expr],
        count: Option<&Expr>,
        number: Option<u64>,
        skip: Option<&Expr>,
    ) -> Option<Condition> {
        // Without an order they are any rows, so many at most.
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
        let told = by.iter().all(|by| self.published.tells(by));
        Some(Condition {
            made: short(made),
            kind: if told {
                ConditionKind::Joined
            } else {
                ConditionKind::Sensitive
            },
        })
    }
}

/// The order that rows are in.
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
