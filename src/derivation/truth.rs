//! The canonical text of truth values, with the lower bounds that may be raised.

use super::Deriver;
use super::aggregate::is_truth;
use super::expression::equation;
use super::fold::match_existence_test;
use super::text::{at_least, exact};
use crate::plan::{Comparison, Expr, ExprKind, Literal, Plan, RelId, SubqueryKind};

impl Deriver<'_> {
    /// Returns the text of a condition that tests whether there are rows.
    ///
    /// A higher bound on these rows leaves fewer of them, so it may be raised only
    /// if rows are required.
    pub(super) fn existence_text(&self, rows: RelId, positive: bool, grows: bool) -> String {
        let rows = self.rows(rows).list();
        match (positive, grows) {
            (true, true) => format!("exists_select({rows})"),
            (true, false) => format!("exists_select({})", exact(rows)),
            (false, _) => format!("not exists_select({})", exact(rows)),
        }
    }

    /// Returns the text of a truth value or its negation.
    ///
    /// A lower bound on a count may be raised in it.
    pub(super) fn truth(&mut self, value: &Expr, positive: bool) -> String {
        self.boolean(value, positive, true)
    }

    /// Returns the same text as [`truth`](Self::truth), with exact numbers.
    pub(super) fn exact_truth(&mut self, value: &Expr, positive: bool) -> String {
        self.boolean(value, positive, false)
    }

    fn boolean(&mut self, value: &Expr, positive: bool, grows: bool) -> String {
        match &value.kind {
            ExprKind::Not(inner) => self.boolean(inner, !positive, grows),
            ExprKind::And(_) | ExprKind::Or(_) => {
                let all = matches!(value.kind, ExprKind::And(_)) == positive;
                self.connected(value, positive, all, grows)
            }
            ExprKind::InList {
                value: inner,
                list,
                unnest,
            } => match (unnest, list.as_slice()) {
                (false, [_, _, ..]) => self.connected(value, positive, !positive, grows),
                (false, [only]) => self.equal(inner, only, positive),
                (true, [array]) if matches!(array.kind, ExprKind::Array(_)) => {
                    self.connected(value, positive, !positive, grows)
                }
                _ => {
                    let not = if positive { "" } else { "not " };
                    let members = self.list(list).join(", ");
                    format!("{not}{} in unnest({members})", self.words(inner))
                }
            },
            // A count is never NULL.
            ExprKind::IsNull(inner) if is_existence_test(self.plan, inner) => {
                (!positive).to_string().to_uppercase()
            }
            ExprKind::IsNull(inner) => {
                let not = if positive { "" } else { "not " };
                format!("{} is {not}null", self.words(inner))
            }
            ExprKind::Subquery(subquery) if subquery.kind == SubqueryKind::Exists => {
                self.existence_text(subquery.relation, positive, grows)
            }
            ExprKind::Compare(sign, left, right) => {
                // A truth value that is compared with TRUE or FALSE.
                if let (Comparison::Eq | Comparison::NotEq, Some(Literal::Bool(truth))) =
                    (*sign, right.as_literal())
                    && is_truth(left)
                {
                    let same = (*sign == Comparison::Eq) == *truth;
                    return self.boolean(left, same == positive, grows);
                }
                if let Some((rows, some)) = match_existence_test(self.plan, *sign, left, right) {
                    return self.existence_text(rows, some == positive, grows);
                }
                let sign = if positive {
                    Some(*sign)
                } else {
                    sign.negated()
                };
                match sign {
                    Some(sign) => self.compare(sign, left, right, grows),
                    None => format!(
                        "not ({})",
                        self.compare(Comparison::Same, left, right, grows)
                    ),
                }
            }
            ExprKind::Literal(Literal::Bool(truth)) => {
                (*truth == positive).to_string().to_uppercase()
            }
            _ if positive => self.words(value),
            _ => format!("not {}", self.words(value)),
        }
    }

    /// Joins the parts of a conjunction or disjunction, sorted and without
    /// duplicates.
    fn connected(&mut self, value: &Expr, positive: bool, all: bool, grows: bool) -> String {
        let mut parts = Vec::new();
        self.parts(value, positive, all, grows, &mut parts);
        parts.sort();
        parts.dedup();
        // The neutral element adds nothing.
        let nothing = if all { "TRUE" } else { "FALSE" };
        if parts.len() > 1 {
            parts.retain(|part| part != nothing);
        }
        if let [only] = parts.as_slice() {
            return only.clone();
        }
        format!("({})", parts.join(if all { " and " } else { " or " }))
    }

    fn parts(
        &mut self,
        value: &Expr,
        positive: bool,
        all: bool,
        grows: bool,
        into: &mut Vec<String>,
    ) {
        match &value.kind {
            ExprKind::Not(inner) => self.parts(inner, !positive, all, grows, into),
            ExprKind::And(parts) if all == positive => {
                for part in parts {
                    self.parts(part, positive, all, grows, into);
                }
            }
            ExprKind::Or(parts) if all != positive => {
                for part in parts {
                    self.parts(part, positive, all, grows, into);
                }
            }
            ExprKind::InList {
                value: inner,
                list,
                unnest,
            } if all != positive => {
                let members = match (unnest, list.as_slice()) {
                    (false, members) => Some(members),
                    (true, [array]) => match &array.kind {
                        ExprKind::Array(members) => Some(members.as_slice()),
                        _ => None,
                    },
                    (true, _) => None,
                };
                match members {
                    Some(members) => {
                        for member in members {
                            into.push(self.equal(inner, member, positive));
                        }
                    }
                    None => into.push(self.boolean(value, positive, grows)),
                }
            }
            _ => into.push(self.boolean(value, positive, grows)),
        }
    }

    fn equal(&mut self, left: &Expr, right: &Expr, positive: bool) -> String {
        let sign = if positive {
            Comparison::Eq
        } else {
            Comparison::NotEq
        };
        self.compare(sign, left, right, false)
    }

    fn compare(&mut self, sign: Comparison, left: &Expr, right: &Expr, grows: bool) -> String {
        if grows && let Some((counted, least)) = self.reached(sign, left, right) {
            return format!("{} {}", self.words(counted), at_least(least));
        }
        if grows
            && sign == Comparison::NotEq
            && let Some(shown) = self.not_hidden(left, right)
        {
            return equation(sign.sign(), [shown, self.words(right)]);
        }
        let (sign, left, right) = match sign {
            Comparison::Gt | Comparison::GtEq => (sign.flipped(), right, left),
            Comparison::Eq
            | Comparison::NotEq
            | Comparison::Lt
            | Comparison::LtEq
            | Comparison::Same => (sign, left, right),
        };
        let pair = [self.words(left), self.words(right)];
        match sign {
            Comparison::Lt | Comparison::LtEq => {
                format!("{} {} {}", pair[0], sign.sign(), pair[1])
            }
            _ => equation(sign.sign(), pair),
        }
    }
}

/// Whether a condition tests by their count whether there are rows.
fn is_existence_test(plan: &Plan, condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::Compare(sign, left, right) => {
            match_existence_test(plan, *sign, left, right).is_some()
        }
        _ => false,
    }
}
