//! CASE and IF: a value that conditions choose.

use std::collections::BTreeSet;

use super::analysis::Analyzer;
use super::cell::Among;
use super::column::ColumnFacts;
use super::least::Target;
use super::numbering::ConditionId;
use crate::plan::{Case, Expr, ExprKind, Literal};

/// What a branch yields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Yields {
    /// NULL: nothing of anybody.
    Null,
    /// 0, which adds nothing to a sum.
    Zero,
    /// Anything else.
    Value,
}

impl Analyzer<'_, '_> {
    pub(super) fn case(&mut self, case: &Case, small: bool) -> ColumnFacts {
        let mut conditions = ColumnFacts::constant();
        let mut all: Option<ColumnFacts> = None;
        let mut zero = false;
        let branches = case
            .branches
            .iter()
            .map(|(condition, value)| (Some(condition), value))
            .chain(case.otherwise.iter().map(|value| (None, value)));
        for (condition, expr) in branches {
            if let Some(condition) = condition {
                conditions.absorb(&self.value(condition));
            }
            let yields = yields(expr);
            if yields == Yields::Null {
                continue;
            }
            let mut value = self.value(expr);
            if value.constant {
                // One more value that is nobody's.
                value.unit = None;
            }
            if let Some(condition) = condition {
                self.suppressed(condition, &mut value);
            }
            if yields == Yields::Zero {
                zero = true;
                continue;
            }
            all = Some(match all {
                Some(known) => known.or(&value),
                None => value,
            });
        }
        let mut value = all.unwrap_or_else(ColumnFacts::constant);
        if zero {
            // 0 is one more value, but as a count it admits nobody.
            value.unit = None;
            value.literal = None;
            value.path = None;
            value.fields.clear();
        }
        let reached = self.reached(case);
        value.literal = None;
        value.row_number = None;
        value.everywhere(&mut |part| {
            part.when.extend(&reached);
            part.certain.extend(&reached);
        });
        value.at_most_one = small;
        self.chosen(value, &conditions)
    }

    /// The conditions without which the value is NULL or 0.
    fn reached(&mut self, case: &Case) -> BTreeSet<ConditionId> {
        let otherwise = case.otherwise.as_ref().map_or(Yields::Null, yields);
        let of_branches: Vec<bool> = case
            .branches
            .iter()
            .map(|(_, value)| yields(value) == Yields::Value)
            .collect();
        let otherwise = otherwise == Yields::Value;
        if otherwise && of_branches.iter().all(|value| *value) {
            return BTreeSet::new();
        }
        if let ([(condition, _)], [true], false) =
            (case.branches.as_slice(), of_branches.as_slice(), otherwise)
        {
            return self.conditions_of(condition);
        }
        // Whoever writes the same branches reaches the same rows.
        let mut text = String::from("reached");
        for ((condition, _), value) in case.branches.iter().zip(of_branches) {
            let Some((condition, _)) = self.numbering.text(condition) else {
                return BTreeSet::from([self.numbering.condition_of(None)]);
            };
            text.push_str(&format!(" {condition}:{value}"));
        }
        text.push_str(&format!(" else:{otherwise}"));
        BTreeSet::from([self.numbering.condition_of(Some(text))])
    }

    /// `IF(people >= 5000, value, NULL)` leaves cells of enough people.
    fn suppressed(&mut self, condition: &Expr, value: &mut ColumnFacts) {
        let mut counts = Vec::new();
        condition.walk(&mut |part| {
            if let ExprKind::Column(column) = part.kind {
                counts.push(column);
            }
        });
        let facts: Vec<_> = counts
            .into_iter()
            .filter_map(|column| self.column(column).count.as_ref())
            .flat_map(|count| count.people.iter().cloned())
            .collect();
        for cell in &mut value.cells {
            let Among::Where(conditions) = &cell.among else {
                continue;
            };
            let least = facts
                .iter()
                .filter(|fact| fact.alone && fact.conditions.is_superset(conditions))
                .map(|fact| self.least(condition, Target::Among(fact.pop, conditions)))
                .min()
                .unwrap_or(0);
            cell.floor = cell.floor.max(least);
        }
    }
}

fn yields(value: &Expr) -> Yields {
    match &value.kind {
        ExprKind::Literal(Literal::Null) => Yields::Null,
        ExprKind::Literal(Literal::Int(0)) => Yields::Zero,
        ExprKind::Literal(Literal::Float(value)) if *value == 0.0 => Yields::Zero,
        ExprKind::Cast { value, .. } => yields(value),
        _ => Yields::Value,
    }
}
