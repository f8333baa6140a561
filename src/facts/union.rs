//! What the rows of a union have in common: keys, folds, and arms that bring fewer
//! people than the others.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::dependency::{Dependencies, UnitColumn};
use super::fold::Fold;
use super::lattice::PrivateInput;
use super::loss::{BucketLoss, LossKind};
use super::numbering::Number;
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use crate::plan::{ColId, Literal, RelId};

/// An arm of a set operation, with its column for each column of the output.
pub(super) type UnionArm = (RelId, Vec<Option<ColId>>);

impl Analyzer<'_, '_> {
    /// The dependencies of a union's rows: keys that all arms have in the same
    /// columns, with a constant that distinguishes the arms.
    pub(super) fn union_dependencies(
        &self,
        inputs: &[UnionArm],
        columns: &[ColId],
    ) -> Dependencies {
        let mut rows = Dependencies::default();
        let arms: Vec<Rc<Dependencies>> = inputs
            .iter()
            .map(|(arm, _)| Rc::clone(&self.relation(*arm).dependencies))
            .collect();
        for (at, column) in columns.iter().enumerate() {
            let number = self.numbering.column(*column);
            let never = inputs.iter().zip(&arms).all(|((_, from), rows)| {
                fed(from, at).is_some_and(|column| {
                    let literal = self.column(column).literal.as_ref();
                    rows.not_null.contains(&self.numbering.column(column))
                        || literal.is_some_and(|literal| *literal != Literal::Null)
                })
            });
            if never {
                rows.not_null.insert(number);
            }
            let value = self.column(*column);
            if let Some(unit) = &value.unit {
                rows.units.push(UnitColumn {
                    number,
                    value: Rc::clone(unit),
                    total: value.total,
                });
            }
        }
        let (Some(tag), Some((_, first)), Some(arm)) = (
            self.tag(inputs, columns.len()),
            inputs.first(),
            arms.first(),
        ) else {
            return rows;
        };
        for key in arm.keys.iter().filter(|key| key.nulls == 1) {
            let places: Option<OrderedSet<usize>> = key
                .columns
                .iter()
                .map(|number| {
                    first.iter().position(|column| {
                        column.is_some_and(|column| self.numbering.column(column) == *number)
                    })
                })
                .collect();
            let Some(places) = places else { continue };
            let of_all = inputs.iter().zip(&arms).all(|((_, from), rows)| {
                let here: Option<OrderedSet<Number>> = places
                    .iter()
                    .map(|at| Some(self.numbering.column(fed(from, *at)?)))
                    .collect();
                here.is_some_and(|here| {
                    rows.keys
                        .iter()
                        .any(|key| key.nulls == 1 && key.columns.is_subset(&here))
                })
            });
            if of_all {
                let columns = places
                    .iter()
                    .chain([&tag])
                    .filter_map(|at| columns.get(*at))
                    .map(|column| self.numbering.column(*column))
                    .collect();
                rows.add_key(columns, 1);
            }
        }
        rows
    }

    /// The column that is a different constant in each arm.
    fn tag(&self, inputs: &[UnionArm], columns: usize) -> Option<usize> {
        (0..columns).find(|at| {
            let mut literals: Vec<&Literal> = Vec::new();
            inputs.iter().all(|(_, from)| {
                let literal =
                    fed(from, *at).and_then(|column| self.column(column).literal.as_ref());
                match literal {
                    // `1` and `1.0` are the same value.
                    Some(literal @ (Literal::String(_) | Literal::Int(_)))
                        if literals.iter().all(|known| {
                            *known != literal
                                && std::mem::discriminant(*known) == std::mem::discriminant(literal)
                        }) =>
                    {
                        literals.push(literal);
                        true
                    }
                    Some(_) | None => false,
                }
            })
        })
    }

    /// The folds of a union's rows: folds into the same residual stay if each arm
    /// has one, or is proven without it.
    pub(super) fn union_folds(
        &self,
        inputs: &[UnionArm],
        columns: &[ColId],
        of_all: Option<PrivateInput>,
    ) -> Vec<Fold> {
        let Some(pop) = of_all else {
            return Vec::new();
        };
        (0..columns.len())
            .filter_map(|at| self.union_fold(inputs, at, columns, pop))
            .collect()
    }

    fn union_fold(
        &self,
        inputs: &[UnionArm],
        at: usize,
        columns: &[ColId],
        pop: PrivateInput,
    ) -> Option<Fold> {
        let column = *columns.get(at)?;
        let label =
            |from: &[Option<ColId>]| fed(from, at).map(|column| self.numbering.column(column));
        let known = inputs.iter().find_map(|(arm, from)| {
            let label = label(from);
            self.relation(*arm)
                .folds
                .iter()
                .find(|fold| Some(fold.label) == label && fold.partition.is_none())
        })?;
        let mut k = u64::MAX;
        let mut pooled = true;
        // For each column: whether it is a function of values that no arm's fold
        // hides.
        let mut shows = vec![true; columns.len()];
        for (arm, from) in inputs {
            let rows = self.relation(*arm);
            let label = label(from);
            for (of, people) in &rows.populations {
                let fold = rows.folds.iter().find(|fold| {
                    Some(fold.label) == label
                        && fold.residual == known.residual
                        && fold.partition.is_none()
                        && fold.pop == *of
                        && fold.k > people.k
                });
                if let Some(fold) = fold.filter(|fold| !fold.pooled) {
                    for (at, shown) in shows.iter_mut().enumerate() {
                        let value = fed(from, at).map(|column| self.numbering.column(column));
                        *shown &= self.only_shown(fold, value, rows);
                    }
                }
                k = k.min(fold.map_or(people.k, |fold| fold.k));
                pooled &= fold.is_none_or(|fold| fold.pooled);
            }
        }
        (2..u64::MAX).contains(&k).then(|| Fold {
            label: self.numbering.column(column),
            residual: known.residual.clone(),
            pop,
            k,
            partition: None,
            hides: OrderedSet::new(),
            shows: columns
                .iter()
                .zip(shows)
                .filter(|(_, shown)| *shown)
                .map(|(column, _)| self.numbering.column(*column))
                .collect(),
            decided: None,
            pooled,
            span: known.span,
        })
    }

    /// Notes the arms whose rows stand for fewer people than others do.
    pub(super) fn unequal_arms(&self, arms: &[RelId], facts: &mut RelationFacts) {
        let Some(most) = arms
            .iter()
            .filter_map(|arm| self.relation(*arm).k())
            .max()
            .filter(|k| *k >= 2)
        else {
            return;
        };
        for arm in arms {
            if self.relation(*arm).k().is_some_and(|k| k < most) {
                let span = self.plan.relation(*arm).origin.span;
                facts
                    .losses
                    .push(BucketLoss::new(LossKind::Joined, most, "UNION", span));
            }
        }
    }
}

/// The column of an arm for the column of the output at a position.
pub(super) fn fed(from: &[Option<ColId>], at: usize) -> Option<ColId> {
    from.get(at).copied().flatten()
}
