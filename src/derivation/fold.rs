//! Small groups that are hidden: which numbers may grow where they are reached.

use super::text::{may_grow, whole};
use super::{Deriver, Origins};
use crate::facts::constant_number;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal, Operator, Plan, RelId, SubqueryKind};

/// A proven count of so many people tells nothing of one of them, whichever people are
/// counted: the bucket of level 2.
const MANY: u64 = 5_000;

/// A condition, whether it or its opposite has to hold, what is kept then, and what stands
/// in its place otherwise.
type KeptOrHidden<'e> = (&'e Expr, bool, &'e Expr, &'e Expr);

impl Deriver<'_> {
    /// What is measured and the number that it has to reach, where that is what a
    /// comparison says, and a greater number tells less: it is a plain count of the group,
    /// many people are counted, or the published columns tell it anyway.
    pub(super) fn reached<'e>(
        &self,
        sign: Comparison,
        left: &'e Expr,
        right: &'e Expr,
    ) -> Option<(&'e Expr, u64)> {
        let (measured, least) = bound(sign, left, right)?;
        let may_grow = self.is_count(measured, least) || self.published.tells(measured);
        let may_grow = may_grow && self.is_measured(measured) && !self.reads_delicate(measured);
        may_grow.then_some((measured, least))
    }

    /// Whether it is a plain count of the group, or so many people are counted.
    fn is_count(&self, measured: &Expr, least: u64) -> bool {
        measured.as_column().is_some_and(|id| {
            let counted = self.known(id).is_some_and(|known| known.counted);
            counted || (least >= MANY && self.counts_people(id))
        })
    }

    /// A CASE of one branch that keeps a value or puts a constant in its place, where a
    /// count is there for every group: `CASE WHEN n < 5 THEN 'Other' ELSE country END` is
    /// the same as its opposite.
    pub(super) fn kept_or_hidden<'e>(
        &self,
        condition: &'e Expr,
        then: &'e Expr,
        otherwise: &'e Expr,
    ) -> Option<KeptOrHidden<'e>> {
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

    /// A published value that hides what is too small: a greater number hides more. `None`
    /// for all else.
    pub(super) fn folded(&mut self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Column(id) => match self.known(*id)?.shown.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            ExprKind::Case(case) => self.folded_case(case),
            // A constant in the place of the NULL that hides it.
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

    /// Which of two constants stands there tells on which side a number is, so one of both
    /// has to be no constant.
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
            self.kept_or_hidden(condition, then, otherwise)?;
        if !self.is_of_rows(kept) {
            return None;
        }
        let condition = self.truth(condition, positive);
        let shown = self.folded(kept);
        if !may_grow(&condition) && shown.is_none() {
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

    /// A value that is hidden where it is too small, if it is compared with what stands in
    /// its place then: those rows are left out.
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

    /// The constant that stands in the place of what is too small.
    pub(super) fn hidden_by(&mut self, value: &Expr) -> Option<String> {
        let ExprKind::Case(case) = &value.kind else {
            return None;
        };
        let ([(condition, then)], Some(otherwise)) = (case.branches.as_slice(), &case.otherwise)
        else {
            return None;
        };
        let (_, _, _, hidden) = self.kept_or_hidden(condition, then, otherwise)?;
        let hidden = hidden.clone();
        Some(self.words(&hidden))
    }

    /// Whether a value is read of tables, or measured.
    fn is_of_rows(&self, value: &Expr) -> bool {
        let mut read = false;
        value.walk(&mut |part| {
            if let Some(known) = part.as_column().and_then(|id| self.known(id)) {
                read |= known.measured || known.origins != Origins::None;
            }
        });
        read
    }
}

/// The rows of which a comparison asks whether there are any, or none, by their count.
pub(super) fn some_rows(
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

/// What a comparison bounds from below, and the number.
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
