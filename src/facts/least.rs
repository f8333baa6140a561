//! `least(p)`: the lowest count that a predicate admits (`design/proof.md`, "What a
//! predicate proves").

use rustc_hash::FxHashMap;

use super::analysis::Analyzer;
use super::constant::number;
use super::lattice::PrivateInput;
use super::mistake::Mutation;
use super::numbering::ConditionId;
use super::ordered::OrderedSet;
use super::partition::PartitionId;
use crate::budget::spend;
use crate::plan::{Case, ColId, Comparison, Expr, ExprKind, Literal};

/// The people whose number a predicate bounds.
#[derive(Debug, Clone, Copy)]
pub(super) enum BoundTarget<'a> {
    /// Those behind a row.
    Row(PrivateInput),
    /// Those behind a row for whom conditions hold.
    PeopleSubset(PrivateInput, &'a OrderedSet<ConditionId>),
    /// Those behind a window's partition.
    Partition(PartitionId, PrivateInput),
}

/// The most names of truth values to follow, since each may refer to another.
const NAMES: usize = 16;

/// What a named truth value proves if it is TRUE or FALSE.
///
/// Stored with the number of further names that could be followed when it was
/// computed.
type NameBounds = FxHashMap<(ColId, bool), (usize, u64)>;

impl Analyzer<'_, '_> {
    /// Lower bound on the target's distinct people if the predicate is TRUE;
    /// `u64::MAX` if it cannot be TRUE.
    pub(super) fn least(&mut self, predicate: &Expr, target: BoundTarget<'_>) -> u64 {
        self.lower_bound_of(predicate, target, true, NAMES, &mut NameBounds::default())
    }

    /// Lower bound on the target's distinct people if the predicate is FALSE.
    pub(super) fn lower_bound_if_false(
        &mut self,
        predicate: &Expr,
        target: BoundTarget<'_>,
    ) -> u64 {
        self.lower_bound_of(predicate, target, false, NAMES, &mut NameBounds::default())
    }

    fn lower_bound_of(
        &mut self,
        predicate: &Expr,
        target: BoundTarget<'_>,
        truth: bool,
        names: usize,
        known: &mut NameBounds,
    ) -> u64 {
        spend(1);
        match &predicate.kind {
            ExprKind::Not(inner) => self.lower_bound_of(inner, target, !truth, names, known),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let all = matches!(predicate.kind, ExprKind::And(_)) == truth
                    || self.mistake == Some(Mutation::OrTakesLarger);
                let mut least = None;
                for part in parts {
                    let found = self.lower_bound_of(part, target, truth, names, known);
                    least = Some(match least {
                        Some(before) if all => found.max(before),
                        Some(before) => found.min(before),
                        None => found,
                    });
                }
                least.unwrap_or(0)
            }
            ExprKind::Compare(comparison, left, right) => {
                let comparison = if truth {
                    Some(*comparison)
                } else {
                    comparison.negated()
                };
                let Some(comparison) = comparison else {
                    return 0;
                };
                let found = self.bound(comparison, left, right, target);
                found.max(self.bound(comparison.flipped(), right, left, target))
            }
            ExprKind::InList {
                value,
                list,
                unnest,
            } if truth => {
                let members: &[Expr] = match list.as_slice() {
                    [array] if *unnest => match &array.kind {
                        ExprKind::Array(members) => members,
                        _ => return 0,
                    },
                    _ => list,
                };
                let mut least = u64::MAX;
                for member in members {
                    if !matches!(member.kind, ExprKind::Literal(Literal::Null)) {
                        least = least.min(self.bound(Comparison::Eq, value, member, target));
                    }
                }
                least
            }
            ExprKind::Case(case) => self.lower_bound_of_case(case, target, truth, names, known),
            ExprKind::Literal(Literal::Bool(value)) if *value != truth => u64::MAX,
            ExprKind::Literal(Literal::Null) => u64::MAX,
            ExprKind::Column(column) if names > 0 => {
                // A name that is used in several places is followed once.
                match known.get(&(*column, truth)) {
                    Some((deep, least)) if *deep >= names => return *least,
                    Some(_) | None => {}
                }
                let least = match self.definitions.get(column).copied() {
                    Some(definition) => {
                        self.lower_bound_of(definition, target, truth, names - 1, known)
                    }
                    None => 0,
                };
                known.insert((*column, truth), (names, least));
                least
            }
            ExprKind::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
                // The default replaces NULL.
                ("COALESCE" | "IFNULL", [first, second]) => self
                    .lower_bound_of(first, target, truth, names, known)
                    .min(self.lower_bound_of(second, target, truth, names, known)),
                _ => 0,
            },
            _ => 0,
        }
    }

    /// The minimum over the branches that can be taken; for each, the maximum of
    /// what its condition and its value prove.
    fn lower_bound_of_case(
        &mut self,
        case: &Case,
        target: BoundTarget<'_>,
        truth: bool,
        names: usize,
        known: &mut NameBounds,
    ) -> u64 {
        // ELSE is also taken if a condition is NULL: only its value counts.
        let mut least = match &case.otherwise {
            Some(value) => self.lower_bound_of(value, target, truth, names, known),
            None => u64::MAX,
        };
        for (condition, value) in &case.branches {
            let condition = self.lower_bound_of(condition, target, true, names, known);
            let value = self.lower_bound_of(value, target, truth, names, known);
            least = least.min(condition.max(value));
        }
        least
    }

    fn bound(
        &mut self,
        comparison: Comparison,
        count: &Expr,
        constant: &Expr,
        target: BoundTarget<'_>,
    ) -> u64 {
        // The value is one of several constants: the weakest of their bounds holds.
        let held = constant.held_numbers();
        if let Some(least) = held.iter().min()
            && let Some(most) = held.iter().max()
        {
            // The smallest constant gives the weakest bound only if a larger one
            // demands more, so both ends are compared.
            let literal =
                |number| Expr::new(ExprKind::Literal(Literal::Int(number)), constant.span);
            let low = self.bound(comparison, count, &literal(*least), target);
            return low.min(self.bound(comparison, count, &literal(*most), target));
        }
        let Some(constant) = number(constant).or_else(|| self.setting(constant)) else {
            return 0;
        };
        let comparison = match comparison {
            Comparison::Lt | Comparison::LtEq
                if self.mistake == Some(Mutation::ComparisonIgnored) =>
            {
                Comparison::GtEq
            }
            known => known,
        };
        // A comparison with a NUMERIC rounds the constant to nine digits.
        let rounded = (constant * 1e9).round() / 1e9;
        let least = lowest_integer(comparison, constant).min(lowest_integer(comparison, rounded));
        if least == 0 {
            return 0;
        }
        let counted = match count.kind {
            ExprKind::Column(column) => self.column(column).count.clone(),
            _ => self.value(count).count.clone(),
        };
        let Some(counted) = counted else {
            return 0;
        };
        let same = |known: PrivateInput, pop: PrivateInput| {
            self.populations.find(known) == self.populations.find(pop)
        };
        let slack = match target {
            BoundTarget::Row(pop) => counted
                .people
                .iter()
                .filter(|fact| same(fact.pop, pop))
                .map(|fact| fact.slack)
                .min(),
            BoundTarget::PeopleSubset(pop, conditions) => counted
                .people
                .iter()
                .filter(|fact| same(fact.pop, pop) && fact.conditions.is_superset(conditions))
                .map(|fact| fact.slack)
                .min(),
            BoundTarget::Partition(partition, pop) => counted
                .partitions
                .iter()
                .filter(|fact| fact.partition == partition && same(fact.pop, pop))
                .map(|fact| fact.slack)
                .min(),
        };
        slack.map_or(0, |slack| least.saturating_sub(slack))
    }
}

impl Analyzer<'_, '_> {
    /// The number that a column of a join's other side has in all rows:
    /// `WITH settings AS (SELECT 5000 AS least) … FROM groups, settings`. A
    /// fraction is not used, since the column's type may have rounded it.
    fn setting(&self, column: &Expr) -> Option<f64> {
        let literal = self.column(column.as_column()?).literal.clone()?;
        let literal = Some(literal).filter(|literal| !literal.may_be_rounded())?;
        number(&Expr::new(ExprKind::Literal(literal), column.span))
    }
}

/// The lowest whole number for which a comparison with a constant holds.
pub(super) fn lowest_integer(comparison: Comparison, constant: f64) -> u64 {
    let least = match comparison {
        Comparison::GtEq | Comparison::Eq | Comparison::Same => constant.ceil(),
        Comparison::Gt => constant.floor() + 1.0,
        Comparison::Lt | Comparison::LtEq | Comparison::NotEq => 0.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; a cast of a float saturates"
    )]
    {
        least.max(0.0) as u64
    }
}
