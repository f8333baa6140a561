//! Small groups that are hidden: which numbers may grow where they are reached.

use super::text::{may_grow, whole};
use super::{Deriver, Origins};
use crate::facts::constant_number;
use crate::plan::{Case, Comparison, Expr, ExprKind, Literal};

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

    /// A published CASE that hides what is too small: a greater number hides more. `None`
    /// for all else: which of two constants stands there tells on which side a number is.
    pub(super) fn folded(&mut self, case: &Case) -> Option<String> {
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
        may_grow(&condition).then(|| self.branch(&condition, kept, hidden))
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
