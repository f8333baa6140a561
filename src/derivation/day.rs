//! Conditions on days alone: another day of the same data discloses no other person.

use super::Deriver;
use crate::plan::{Comparison, Expr, ExprKind, Literal};
use crate::registry::Resolution;

impl Deriver<'_> {
    /// Whether a condition reads only days or coarser times.
    pub(super) fn reads_only_days(&self, part: &Expr) -> bool {
        let mut read = false;
        part.walk(&mut |part| read |= part.as_column().is_some());
        read && self.is_day_or_coarser(part)
    }

    /// Whether all columns of an expression are days, or are rounded to them.
    fn is_day_or_coarser(&self, part: &Expr) -> bool {
        match &part.kind {
            ExprKind::Column(id) => self.facts.column(*id).resolution == Some(Resolution::Day),
            ExprKind::Subquery(_) | ExprKind::Unknown(_) | ExprKind::Lambda(..) => false,
            ExprKind::Cast { value, to, .. } if to == "DATE" => self.is_time(value),
            ExprKind::Call { name, args, .. } if rounds(name, args) => {
                args.iter().all(|arg| self.is_time(arg))
            }
            // A comparison with midnight selects whole days.
            ExprKind::Compare(
                Comparison::Lt | Comparison::LtEq | Comparison::Gt | Comparison::GtEq,
                left,
                right,
            ) if is_midnight(left) || is_midnight(right) => {
                self.is_time(left) && self.is_time(right)
            }
            _ => {
                let mut coarse = true;
                part.visit_children(&mut |child| coarse &= self.is_day_or_coarser(child));
                coarse
            }
        }
    }

    /// Whether all columns of an expression are dates or times.
    fn is_time(&self, part: &Expr) -> bool {
        let mut time = true;
        part.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => time &= self.facts.column(*id).resolution.is_some(),
            ExprKind::Subquery(_) | ExprKind::Unknown(_) => time = false,
            _ => {}
        });
        time
    }
}

/// Whether a call rounds a time to a day or to a coarser unit.
fn rounds(name: &str, args: &[Expr]) -> bool {
    match name {
        "DATE" | "LAST_DAY" => true,
        "DATE_TRUNC" | "TIMESTAMP_TRUNC" | "DATETIME_TRUNC" | "EXTRACT" => {
            args.iter().any(|arg| match &arg.kind {
                ExprKind::Literal(Literal::Other(kind, word)) if kind == "PART" => {
                    let word = word.split('(').next().unwrap_or(word).trim();
                    [
                        "DATE",
                        "DAY",
                        "WEEK",
                        "ISOWEEK",
                        "MONTH",
                        "QUARTER",
                        "YEAR",
                        "ISOYEAR",
                        "DAYOFWEEK",
                        "DAYOFYEAR",
                    ]
                    .iter()
                    .any(|day| word.eq_ignore_ascii_case(day))
                }
                _ => false,
            })
        }
        _ => false,
    }
}

/// Whether an expression is a constant at the beginning of a day.
fn is_midnight(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Literal(Literal::String(text) | Literal::Other(_, text)) => {
            let (day, time) = text.split_at_checked(10).unwrap_or((text, ""));
            let shape = |c: char| c.is_ascii_digit() || c == '-';
            let zero = |c: char| ['0', ':', '.', ' ', 'T', 'Z', '+'].contains(&c);
            day.len() == 10 && day.chars().all(shape) && time.chars().all(zero)
        }
        ExprKind::Cast { value, .. } => is_midnight(value),
        ExprKind::Call { name, args, .. } if name == "TIMESTAMP" || name == "DATETIME" => {
            matches!(args.as_slice(), [only] if is_midnight(only))
        }
        _ => false,
    }
}
