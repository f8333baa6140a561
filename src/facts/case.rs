//! CASE and IF: a value that conditions select.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::cell::PeopleSubset;
use super::column::{ColumnFacts, Contribution};
use super::coverage::{Combination, Coverage, GapReason};
use super::lattice::Flow;
use super::least::BoundTarget;
use super::numbering::ConditionId;
use super::ordered::OrderedSet;
use super::presence::{CaseDisclosure, case_disclosure};
use super::source::BaseColumnId;
use crate::plan::{Case, Expr, ExprKind, Literal};
use crate::source::Span;

/// What a branch yields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BranchYield {
    /// NULL: nothing of anybody.
    Null,
    /// 0, which adds nothing to a sum.
    Zero,
    /// Any other value.
    Value,
}

impl Analyzer<'_, '_> {
    pub(super) fn case(&mut self, case: &Case, small: bool, span: Span) -> ColumnFacts {
        let mut conditions = ColumnFacts::constant();
        let mut compared = OrderedSet::new();
        let mut all: Option<ColumnFacts> = None;
        let sides = self.sides_of(case);
        let mut of_sides = Vec::new();
        let mut deciding = Vec::new();
        let mut measured = 0_usize;
        let mut zero = false;
        let branches = case
            .branches
            .iter()
            .map(|(condition, value)| (Some(condition), value))
            .chain(case.otherwise.iter().map(|value| (None, value)));
        for (condition, expr) in branches {
            if let Some(condition) = condition {
                let mut decides = self.compared(condition, &mut compared);
                // A threshold changes its answer only for as many people as it
                // requires.
                self.suppressed(condition, &mut decides);
                conditions.combine_with(&decides);
                deciding.push(decides);
            }
            let yields = yields(expr);
            if yields == BranchYield::Null {
                continue;
            }
            let before = condition.map(|condition| self.narrow(condition, &expr.columns()));
            let mut value = Rc::unwrap_or_clone(self.value(expr));
            self.widen(before.unwrap_or_default());
            measured += usize::from(is_measured(&value));
            // Both sides of a full join identify the same person, each by its own
            // column.
            value.rename_pops(&|pop| self.populations.find(pop));
            if value.constant {
                // It is one more value that identifies nobody.
                value.unit = None;
            }
            if let Some(condition) = condition {
                self.suppressed(condition, &mut value);
            }
            if yields == BranchYield::Zero {
                zero = true;
                continue;
            }
            if sides.is_some() {
                of_sides.push(value.clone());
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
            value.paths.clear();
            value.fields.clear();
            // It is present if the others are not.
            value.there.clear();
        }
        if let (Some((matched, first)), [yes, no]) = (sides, of_sides.as_slice()) {
            let (there, absent) = if first { (yes, no) } else { (no, yes) };
            self.of_either_side(matched, there, absent, &mut value);
        }
        let reached = self.reached(case, &|_, expr| yields(expr));
        let there = self.reached(case, &|_, expr| match yields(expr) {
            BranchYield::Null => BranchYield::Null,
            BranchYield::Zero | BranchYield::Value => BranchYield::Value,
        });
        // A sum of one value and of 0 is a sum over those for whom the condition
        // holds; a sum of several values is not.
        let one = case
            .branches
            .iter()
            .map(|(_, value)| value)
            .chain(&case.otherwise)
            .filter(|value| yields(value) == BranchYield::Value)
            .count()
            == 1;
        value.literal = None;
        value.everywhere(&mut |part| {
            part.when.extend(&reached);
            part.certain.extend(&reached);
            part.there.extend(&there);
            part.total &= there.is_empty();
            part.as_stored = false;
            // In a value of both sides of a full join, each row has the value of
            // its own side.
            if !one && (sides.is_none() || part.paths.is_empty()) {
                part.feeds = Contribution::No;
                part.each = false;
            }
        });
        // The value is present whichever side of a full join is.
        value.total |= sides.is_some() && value.each && value.when.is_empty();
        // A branch may have 0 or NULL in some fields of its struct.
        self.reached_fields(case, &mut Vec::new(), &mut value);
        value.at_most_one = small;
        let coverages = deciding.iter().map(|condition| &condition.coverage);
        let decided = Coverage::mixed(coverages, Combination::Any, 0, span);
        let bounded =
            measured <= 1 && !decided.measures().is_empty() && self.is_chosen_from_below(case);
        let pure = deciding
            .iter()
            .zip(&case.branches)
            .all(|(decides, (condition, _))| {
                !self.combines_measures_with_presence(condition, decides)
            });
        let case_disclosure = case_disclosure(case, pure);
        let fresh = self.next_measure();
        let mut value = chosen(value, &conditions, &compared);
        value.everywhere(&mut |part| {
            // A constant beside a measured value that other values select is as
            // good as a comparison of both.
            let apart = case_disclosure == CaseDisclosure::StandsIn
                && part.coverage.is_apart_from(&decided);
            // For a field: no condition covers more than the field itself.
            part.coverage = chosen_by(
                std::mem::take(&mut part.coverage),
                &decided,
                bounded,
                (fresh, span),
            );
            part.add_dependencies_of(&conditions);
            part.single = part.single.or(conditions.single);
            if part.choice_discloses_difference(case_disclosure, &conditions) || apart {
                part.coverage = Coverage::gap(GapReason::Combined, span);
            }
        });
        value
    }

    /// Whether a CASE yields its measured value if lower bounds hold and upper
    /// bounds fail.
    ///
    /// Whoever leaves such a row then changes the value for all.
    fn is_chosen_from_below(&mut self, case: &Case) -> bool {
        for (condition, value) in &case.branches {
            if is_measured(&self.value(value)) {
                return self.is_lower_bound(condition);
            }
            if !self.is_upper_bound(condition) {
                return false;
            }
        }
        true
    }

    /// Adds to each nested field the conditions without which it is NULL or 0.
    ///
    /// `path` holds the names that lead to `value`.
    fn reached_fields(&mut self, case: &Case, path: &mut Vec<String>, value: &mut ColumnFacts) {
        for (name, field) in &mut value.fields {
            path.push(name.clone());
            let of_field = |analyzer: &Self, expr: &Expr| analyzer.field_yields(expr, path);
            let reached = self.reached(case, &of_field);
            let field = Rc::make_mut(field);
            field.when.extend(&reached);
            field.certain.extend(&reached);
            self.reached_fields(case, path, field);
            path.pop();
        }
    }

    /// Returns what a branch yields in a nested field of its struct.
    fn field_yields(&self, expr: &Expr, path: &[String]) -> BranchYield {
        let Some((name, below)) = path.split_first() else {
            return yields(expr);
        };
        match &expr.kind {
            ExprKind::Struct(fields) => {
                let field = fields.iter().find(|(known, _)| {
                    known
                        .as_deref()
                        .is_some_and(|known| known.eq_ignore_ascii_case(name))
                });
                field.map_or(BranchYield::Value, |(_, value)| {
                    self.field_yields(value, below)
                })
            }
            ExprKind::Column(column) => match self.definitions.get(column) {
                Some(made) => self.field_yields(made, path),
                None => BranchYield::Value,
            },
            _ => yields(expr),
        }
    }

    /// The conditions without which the value is NULL or 0.
    fn reached(
        &mut self,
        case: &Case,
        yields: &dyn Fn(&Self, &Expr) -> BranchYield,
    ) -> OrderedSet<ConditionId> {
        let otherwise = case
            .otherwise
            .as_ref()
            .map_or(BranchYield::Null, |value| yields(self, value));
        let of_branches: Vec<bool> = case
            .branches
            .iter()
            .map(|(_, value)| yields(self, value) == BranchYield::Value)
            .collect();
        let otherwise = otherwise == BranchYield::Value;
        if otherwise && of_branches.iter().all(|value| *value) {
            return OrderedSet::new();
        }
        if let ([(condition, _)], [true], false) =
            (case.branches.as_slice(), of_branches.as_slice(), otherwise)
        {
            return self.conditions_of(condition);
        }
        // Expressions with the same branches have the same condition.
        let mut text = String::from("reached");
        for ((condition, _), value) in case.branches.iter().zip(of_branches) {
            let Some(condition) = self.numbering.text(condition) else {
                return OrderedSet::from([self.numbering.condition_of(None)]);
            };
            text.push_str(&format!(" {condition}:{value}"));
        }
        text.push_str(&format!(" else:{otherwise}"));
        OrderedSet::from([self.numbering.condition_of(Some(text))])
    }

    /// Raises cells to the people that a condition requires, as in
    /// `IF(people >= 5000, value, NULL)`.
    fn suppressed(&mut self, condition: &Expr, value: &mut ColumnFacts) {
        let facts: Vec<_> = condition
            .columns()
            .into_iter()
            .filter_map(|column| self.column(column).count.as_ref())
            .flat_map(|count| count.people.iter().cloned())
            .collect();
        for cell in &mut value.cells {
            let PeopleSubset::Where(conditions) = &cell.among else {
                continue;
            };
            let least = facts
                .iter()
                .filter(|fact| fact.alone && fact.conditions.is_superset(conditions))
                .map(|fact| self.least(condition, BoundTarget::PeopleSubset(fact.pop, conditions)))
                .min()
                .unwrap_or(0);
            cell.floor = cell.floor.max(least);
        }
    }
}

/// Adds to a selected value the conditions that decide about it; if the values
/// themselves come from no data, they are all that it discloses.
pub(super) fn chosen(
    mut value: ColumnFacts,
    conditions: &ColumnFacts,
    compared: &OrderedSet<BaseColumnId>,
) -> ColumnFacts {
    value.everywhere(&mut |part| {
        part.conditions.extend(compared);
        part.constant &= conditions.constant;
        part.personal |= conditions.personal;
        part.unknown |= conditions.unknown;
        part.aggregated |= part.sources.is_empty() && conditions.aggregated;
        part.opaque.extend(conditions.opaque.iter().cloned());
        if part.sources.is_empty() {
            // Whether somebody has an identifier is no data of that identifier.
            let included = conditions
                .sources
                .iter()
                .filter(|(source, flow)| compared.contains(source) || **flow == Flow::Aggregated);
            for (source, flow) in included {
                let flow = (*flow).max(Flow::Derived);
                part.sources.insert(*source, flow);
            }
        }
    });
    value
}

/// Whether a value, or a field of it, was measured.
pub(super) fn is_measured(value: &ColumnFacts) -> bool {
    !value.coverage.measures().is_empty()
        || value.fields.iter().any(|(_, field)| is_measured(field))
}

/// Combines the coverage of a selected value with that of all its conditions.
///
/// The conditions may compare the value that they select, and lower bounds of one
/// measured value may select one other. Several values, each beside another bound,
/// disclose their difference.
fn chosen_by(own: Coverage, decided: &Coverage, bounded: bool, made: (u32, Span)) -> Coverage {
    let (fresh, span) = made;
    if !matches!(decided, Coverage::Measured(_)) || own.measures().is_empty() {
        return own.or(decided);
    }
    let one = own.measures().len() <= 1 && own.measures().iter().all(|measure| measure.plain);
    let mix = if one && bounded {
        Combination::Choice
    } else {
        Combination::Any
    };
    let value = Coverage::Measured(own.measures().to_vec());
    let both = Coverage::mixed([decided, &value], mix, fresh, span);
    match (&own, both) {
        (_, gap @ Coverage::Uncovered(_)) => gap,
        // Members of an array stay unchanged, and are shown or not.
        (Coverage::Collected(_) | Coverage::Listed(_), _) => own.or(decided),
        (_, both) => both,
    }
}

fn yields(value: &Expr) -> BranchYield {
    match &value.kind {
        _ if value.is_null() => BranchYield::Null,
        ExprKind::Literal(Literal::Int(0)) => BranchYield::Zero,
        ExprKind::Literal(Literal::Float(value)) if *value == 0.0 => BranchYield::Zero,
        ExprKind::Cast { value, .. } => yields(value),
        _ => BranchYield::Value,
    }
}
