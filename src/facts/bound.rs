//! Conditions that bound measured values.
//!
//! A lower bound is never made false by more people.

use super::analysis::Analyzer;
use super::constant::number;
use super::coverage::{Adds, Coverage, Measure};
use crate::budget;
use crate::plan::{Comparison, Expr, ExprKind, SubqueryKind};

impl Analyzer<'_, '_> {
    /// Whether a condition that holds stays true if any measured value that it
    /// compares grows: `n >= 5000`, `n > 10 OR m > 7`.
    pub(super) fn is_lower_bound(&self, condition: &Expr) -> bool {
        self.bounds(condition, true)
    }

    /// Whether a condition is an upper bound of every measured value that it
    /// compares.
    pub(super) fn is_upper_bound(&self, condition: &Expr) -> bool {
        self.bounds(condition, false)
    }

    /// Whether a condition is a lower bound, or an upper bound if `below` is false.
    fn bounds(&self, condition: &Expr, below: bool) -> bool {
        match &condition.kind {
            // In descending order, a larger group has a better place.
            ExprKind::Compare(comparison, place, right)
                if number(right).is_some() && self.is_place_of_largest(place) =>
            {
                match comparison {
                    Comparison::Lt | Comparison::LtEq => below,
                    Comparison::Gt | Comparison::GtEq => !below,
                    Comparison::Eq => below && number(right) == Some(1.0),
                    Comparison::NotEq | Comparison::Same => false,
                }
            }
            ExprKind::Compare(
                comparison
                @ (Comparison::Gt | Comparison::GtEq | Comparison::Lt | Comparison::LtEq),
                left,
                right,
            ) if right.is_fixed() && self.grows_with(left)
                || left.is_fixed() && self.grows_with(right) =>
            {
                let greater = matches!(comparison, Comparison::Gt | Comparison::GtEq);
                (greater == below) == right.is_fixed()
            }
            // A count is 0 or more, so `count = 0` is an upper bound.
            ExprKind::Compare(comparison @ (Comparison::Eq | Comparison::NotEq), left, right)
                if number(right) == Some(0.0) && self.grown(left) == Some(Adds::Counts)
                    || number(left) == Some(0.0) && self.grown(right) == Some(Adds::Counts) =>
            {
                (*comparison == Comparison::NotEq) == below
            }
            // A measured value is NULL if nobody has one.
            ExprKind::IsNull(inner) if self.is_as_measured(inner) => !below,
            // So is a value of rows that comparisons of measured values selected.
            ExprKind::IsNull(inner)
                if inner
                    .as_column()
                    .is_some_and(|column| self.column(column).presence_comparisons.is_some()) =>
            {
                !below
            }
            // No count is NULL, nor is its comparison with a number.
            ExprKind::IsNull(inner)
                if matches!(&inner.kind, ExprKind::Compare(_, left, right)
                    if number(right).is_some() && self.grown(left) == Some(Adds::Counts)) =>
            {
                true
            }
            ExprKind::Not(inner) => self.bounds(inner, !below),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().all(|part| self.bounds(part, below))
            }
            _ => self.reads_labels_alone(condition),
        }
    }

    /// Whether a value is the place of a group among others, with the largest
    /// first.
    fn is_place_of_largest(&self, expr: &Expr) -> bool {
        let Some(column) = expr.as_column() else {
            return false;
        };
        matches!(self.column(column).coverage.measures(), [only] if only.down && only.is_rank())
    }

    /// Whether an order puts larger groups first: by a count, and then by labels.
    pub(super) fn is_largest_first(&self, order: &[Expr]) -> bool {
        let Some((first, others)) = order.split_first() else {
            return false;
        };
        let mut by = first;
        let mut down = false;
        while let ExprKind::Call { name, args, .. } = &by.kind
            && let [of] = args.as_slice()
            && matches!(name.as_str(), "DESC" | "NULLS LAST")
        {
            down |= name == "DESC";
            by = of;
        }
        let measured = by.as_column().is_some_and(|column| {
            let measures = self.column(column).coverage.measures();
            matches!(measures, [only] if only.plain && !only.last && !only.shared)
        });
        let mut labels = others.iter().map(Expr::ordered);
        down && measured
            && self.grown(by) == Some(Adds::Counts)
            && labels.all(|label| self.reads_labels_alone(label))
    }

    /// Whether a value is an unchanged measured value, and not a ratio.
    pub(super) fn is_as_measured(&self, expr: &Expr) -> bool {
        let Some(column) = expr.as_column() else {
            return false;
        };
        let measures = self.column(column).coverage.measures();
        let plain = |measure: &Measure| measure.plain && !measure.last;
        !measures.is_empty() && measures.iter().all(plain)
    }

    /// Whether a condition reads only labels of its row.
    fn reads_labels_alone(&self, condition: &Expr) -> bool {
        let mut labels = true;
        condition.walk(&mut |part| {
            labels &= match part.kind {
                ExprKind::Column(column) => matches!(
                    self.column(column).coverage,
                    Coverage::Label | Coverage::NoData
                ),
                ExprKind::Subquery(_) | ExprKind::Unknown(_) => false,
                _ => true,
            };
        });
        labels
    }

    /// Whether a value is a measured one or grows whenever one does: a bound on it
    /// is a bound on the measured value.
    fn grows_with(&self, expr: &Expr) -> bool {
        self.grown(expr).is_some_and(|adds| adds != Adds::Nothing)
    }

    /// What a value adds up that grows with people's data; `Counts` if it is an
    /// unchanged count. A value that is not measured counts as `Counts`; `None` if
    /// it may not grow.
    fn grown(&self, expr: &Expr) -> Option<Adds> {
        budget::spend(1);
        let positive = |expr: &Expr| number(expr).is_some_and(|number| number > 0.0);
        let moved = |value: &Expr| self.grown(value).map(|adds| adds.min(Adds::Values));
        match &expr.kind {
            ExprKind::Column(column) => match self.definitions.get(column) {
                Some(made) => self.grown(made),
                None => Some(self.column(*column).coverage.adds(Adds::Counts)),
            },
            ExprKind::Field(base, name) => {
                let fields = self.column(base.as_column()?).fields.iter();
                let mut named = fields.filter(|(known, _)| known.eq_ignore_ascii_case(name));
                named
                    .next()
                    .map(|(_, field)| field.coverage.adds(Adds::Counts))
            }
            ExprKind::Subquery(subquery)
                if subquery.kind == SubqueryKind::Scalar && subquery.outer.is_empty() =>
            {
                match self.plan.relation(subquery.relation).columns.as_slice() {
                    [only] if !self.column(*only).coverage.measures().is_empty() => {
                        Some(self.column(*only).coverage.adds(Adds::Counts))
                    }
                    _ => None,
                }
            }
            ExprKind::Cast {
                value,
                to,
                safe: false,
            } if matches!(to.as_str(), "INT64" | "NUMERIC" | "BIGNUMERIC" | "FLOAT64") => {
                self.grown(value)
            }
            ExprKind::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
                ("COALESCE" | "IFNULL", [first, rest @ ..])
                    if rest.iter().all(|arg| number(arg) == Some(0.0)) =>
                {
                    self.grown(first)
                }
                ("+", [value, by] | [by, value]) if by.is_fixed() => moved(value),
                ("-", [value, by]) if by.is_fixed() => moved(value),
                ("*", [value, by] | [by, value]) if positive(by) => moved(value),
                ("/" | "SAFE_DIVIDE" | "DIV", [value, by]) if positive(by) => moved(value),
                _ => None,
            },
            _ => None,
        }
    }
}
