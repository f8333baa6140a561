//! Hidden small groups: the lower bounds that may be raised.

use super::text::{has_raisable_bound, whole};
use super::{Deriver, Origins};
use crate::facts::constant_number;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal, Operator, Plan, RelId, SubqueryKind};

/// Smallest bound from which on a proven count discloses no single person.
///
/// This holds whichever people are counted. It is the minimum bucket size of level
/// 2.
const MANY: u64 = 5_000;

/// A condition, its required truth, the value that is kept then, and the
/// replacement.
type HidingCase<'e> = (&'e Expr, bool, &'e Expr, &'e Expr);

impl Deriver<'_> {
    /// Returns the value and the lower bound of a comparison that may be raised.
    ///
    /// A higher bound discloses less if the value is a plain count of the group, if
    /// it counts many people, or if the published columns determine the value
    /// anyway. `None` for all other comparisons.
    pub(super) fn reached<'e>(
        &self,
        sign: Comparison,
        left: &'e Expr,
        right: &'e Expr,
    ) -> Option<(&'e Expr, u64)> {
        let (measured, least) = bound(sign, left, right)?;
        let has_raisable_bound =
            self.is_count(measured, least) || self.published.determines(measured);
        let has_raisable_bound =
            has_raisable_bound && self.is_measured(measured) && !self.reads_sensitive(measured);
        has_raisable_bound.then_some((measured, least))
    }

    /// Whether a value is a plain count of the group, or a count of at least `MANY`
    /// people.
    fn is_count(&self, measured: &Expr, least: u64) -> bool {
        measured.as_column().is_some_and(|id| {
            let counted = self.known(id).is_some_and(|known| known.counted);
            counted || (least >= MANY && self.counts_people(id))
        })
    }

    /// Splits a CASE of one branch into the kept value and its constant replacement.
    ///
    /// `CASE WHEN n < 5 THEN 'Other' ELSE country END` equals its opposite, since a
    /// count is never NULL.
    pub(super) fn split_hiding_case<'e>(
        &self,
        condition: &'e Expr,
        then: &'e Expr,
        otherwise: &'e Expr,
    ) -> Option<HidingCase<'e>> {
        if then.as_literal().is_some()
            && let ExprKind::Compare(sign, left, right) = &condition.kind
            && let Some(turned) = sign.negated()
            && let Some((measured, least)) = bound(turned, left, right)
            && self.is_count(measured, least)
        {
            return Some((condition, false, otherwise, then));
        }
        let kept = otherwise.as_literal().is_some() && then.as_literal().is_none();
        kept.then_some((condition, true, then, otherwise))
    }

    /// Returns the text of a published value that hides small groups.
    ///
    /// A higher bound in it hides more. `None` for all other values.
    pub(super) fn folded(&mut self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Column(id) => match self.known(*id)?.shown.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            ExprKind::Case(case) => self.folded_case(case),
            // COALESCE replaces the NULL that hides the value by a constant.
            ExprKind::Call { name, args, .. } => {
                let ("COALESCE" | "IFNULL", [first, hidden]) = (name.as_str(), args.as_slice())
                else {
                    return None;
                };
                hidden.as_literal()?;
                let first = self.folded(first)?;
                Some(format!("COALESCE({first}, {})", self.words(hidden)))
            }
            _ => None,
        }
    }

    /// Returns the text of a CASE that hides small groups.
    ///
    /// One of the two values must not be a constant: a choice between constants
    /// discloses on which side of the bound a number is.
    fn folded_case(&mut self, case: &Case) -> Option<String> {
        let [(condition, then)] = case.branches.as_slice() else {
            return None;
        };
        let null = Expr::new(
            ExprKind::Literal(Literal::Null),
            crate::source::Span::default(),
        );
        let otherwise = case.otherwise.as_ref().unwrap_or(&null);
        let (condition, positive, kept, hidden) =
            self.split_hiding_case(condition, then, otherwise)?;
        if !self.reads_rows(kept) {
            return None;
        }
        let condition = self.truth(condition, positive);
        let shown = self.folded(kept);
        if !has_raisable_bound(&condition) && shown.is_none() {
            return None;
        }
        let kept = shown.unwrap_or_else(|| self.words(kept));
        Some(if hidden.is_null() {
            format!("case when {condition} then {kept} end")
        } else {
            format!(
                "case when {condition} then {kept} else {} end",
                self.words(hidden)
            )
        })
    }

    /// Returns the text of a hidden value that is compared with its replacement.
    ///
    /// Such a comparison (`!=`) removes the rows of the small groups.
    pub(super) fn not_hidden(&mut self, value: &Expr, hidden: &Expr) -> Option<String> {
        hidden.as_literal()?;
        let hidden = self.words(hidden);
        let own = match &value.kind {
            ExprKind::Column(id) => self.known(*id)?.hidden.clone(),
            _ => self.hidden_by(value),
        };
        if own? != hidden {
            return None;
        }
        self.folded(value)
    }

    /// Returns the constant that replaces the values of small groups.
    pub(super) fn hidden_by(&mut self, value: &Expr) -> Option<String> {
        let ExprKind::Case(case) = &value.kind else {
            return None;
        };
        let ([(condition, then)], Some(otherwise)) = (case.branches.as_slice(), &case.otherwise)
        else {
            return None;
        };
        let (_, _, _, hidden) = self.split_hiding_case(condition, then, otherwise)?;
        let hidden = hidden.clone();
        Some(self.words(&hidden))
    }

    /// Whether a value is read from tables or aggregated.
    fn reads_rows(&self, value: &Expr) -> bool {
        let mut read = false;
        value.walk(&mut |part| {
            if let Some(known) = part.as_column().and_then(|id| self.known(id)) {
                read |= known.measured || known.origins != Origins::None;
            }
        });
        read
    }
}

/// Returns the relation whose existence of rows a comparison tests by their count.
///
/// The flag is true if the comparison requires rows, and false if it requires none.
pub(super) fn match_existence_test(
    plan: &Plan,
    sign: Comparison,
    left: &Expr,
    right: &Expr,
) -> Option<(RelId, bool)> {
    let (sign, counted, constant) = if constant_number(right).is_some() {
        (sign, left, right)
    } else {
        (sign.flipped(), right, left)
    };
    let ExprKind::Subquery(subquery) = &counted.kind else {
        return None;
    };
    if subquery.kind != SubqueryKind::Scalar {
        return None;
    }
    let some = match (sign, whole(constant)?) {
        (Comparison::Gt | Comparison::NotEq, 0) | (Comparison::GtEq, 1) => true,
        (Comparison::Eq | Comparison::LtEq, 0) | (Comparison::Lt, 1) => false,
        _ => return None,
    };
    let [column] = plan.relation(subquery.relation).columns.as_slice() else {
        return None;
    };
    let (mut column, mut at) = (*column, subquery.relation);
    loop {
        match &plan.relation(at).operator {
            Operator::Project { input, columns } => {
                if let Some((_, value)) = columns.iter().find(|(id, _)| *id == column) {
                    column = value.as_column()?;
                }
                at = *input;
            }
            Operator::Aggregate(aggregate) => {
                let (_, call) = aggregate.aggregates.iter().find(|(id, _)| *id == column)?;
                let constant = |arg: &Expr| arg.as_literal().is_some() && !arg.is_null();
                let all = call.name == "COUNT" && call.args.iter().all(constant);
                let all = all && call.filter.is_none();
                let one = aggregate.keys.is_empty() && aggregate.sets.is_empty();
                return (all && one && !call.distinct && aggregate.privacy.is_none())
                    .then_some((aggregate.input, some));
            }
            _ => return None,
        }
    }
}

/// Returns the value that a comparison bounds from below, and the bound.
fn bound<'e>(sign: Comparison, left: &'e Expr, right: &'e Expr) -> Option<(&'e Expr, u64)> {
    let (sign, measured, constant) = if constant_number(right).is_some() {
        (sign, left, right)
    } else {
        (sign.flipped(), right, left)
    };
    let least = match sign {
        Comparison::GtEq => whole(constant)?,
        Comparison::Gt => whole(constant)?.checked_add(1)?,
        _ => return None,
    };
    Some((measured, least))
}
