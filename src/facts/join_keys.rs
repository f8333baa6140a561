//! Keys and dependencies of a join's rows.

use std::collections::BTreeSet;

use super::analysis::Analyzer;
use super::dependency::{Dependencies, Equation, UniqueKey, UnitColumn};
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::OrderedSet;
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind};

/// A side of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinSide {
    /// The input before the JOIN keyword.
    Left,
    /// The input after it.
    Right,
}

impl Analyzer<'_, '_> {
    /// The equations in a join's condition between a value of the left side and one
    /// of the right side.
    pub(super) fn equations(
        &mut self,
        condition: Option<&Expr>,
        merged: &[(ColId, ColId, ColId)],
        sides: (&BTreeSet<ColId>, &BTreeSet<ColId>),
    ) -> Vec<Equation> {
        let mut found = Vec::new();
        for (column, left, right) in merged {
            let sides = [*left, *right]
                .map(|side| self.column(side).collated || self.column(side).intervals);
            if sides.contains(&true) {
                self.numbering.collate(*column);
                continue;
            }
            found.push(Equation {
                left: self.numbering.column(*left),
                right: self.numbering.column(*right),
                null_safe: false,
            });
        }
        for conjunct in condition.into_iter().flat_map(super::conjuncts) {
            let ExprKind::Compare(comparison, a, b) = &conjunct.kind else {
                continue;
            };
            let null_safe = match comparison {
                Comparison::Eq => false,
                Comparison::Same => true,
                Comparison::NotEq
                | Comparison::Lt
                | Comparison::LtEq
                | Comparison::Gt
                | Comparison::GtEq => continue,
            };
            let (left, right) = if of_side(a, sides.0) && of_side(b, sides.1) {
                (a, b)
            } else if of_side(b, sides.0) && of_side(a, sides.1) {
                (b, a)
            } else {
                continue;
            };
            if self.numbering.is_collated(left) || self.numbering.is_collated(right) {
                continue;
            }
            if let (Some(left), Some(right)) = (
                self.numbering.expression(left),
                self.numbering.expression(right),
            ) {
                found.push(Equation {
                    left,
                    right,
                    null_safe,
                });
            }
        }
        found
    }

    /// Whether each row of the other side finds at most one row of this side.
    ///
    /// `rows` are the dependencies of this side.
    pub(super) fn one_partner(
        &self,
        rows: &Dependencies,
        equations: &[Equation],
        side: JoinSide,
    ) -> bool {
        let null_safe = equations.iter().any(|equation| equation.null_safe);
        let equated = equations.iter().map(|equation| match side {
            JoinSide::Left => equation.left,
            JoinSide::Right => equation.right,
        });
        let closure = rows.closure(&self.numbering, equated);
        rows.keys.iter().any(|key| {
            key.columns.iter().all(|number| closure.has(*number)) && (key.nulls == 1 || !null_safe)
        })
    }

    /// Computes the dependencies of a join's rows from those of its sides.
    pub(super) fn join_dependencies(
        &mut self,
        kind: JoinKind,
        left: &Dependencies,
        right: &Dependencies,
        equations: &[Equation],
        merged: &[(ColId, ColId, ColId)],
        correlated: bool,
    ) -> Dependencies {
        let one_right = !correlated && self.one_partner(right, equations, JoinSide::Right);
        let one_left = !correlated && self.one_partner(left, equations, JoinSide::Left);
        let careless = self.mistake == Some(Mutation::FanOutKeepsKeys);
        let (one_left, one_right) = (one_left || careless, one_right || careless);
        let mut rows = Dependencies::default();
        let keeps_left = matches!(
            kind,
            JoinKind::Inner | JoinKind::Cross | JoinKind::Left | JoinKind::Semi | JoinKind::Anti
        );
        let keeps_right = matches!(kind, JoinKind::Inner | JoinKind::Cross | JoinKind::Right);
        self.side(left, keeps_left, &mut rows);
        self.side(right, keeps_right, &mut rows);
        if !correlated {
            let by_left = one_right && keeps_left;
            let by_right = one_left && keeps_right;
            for key in left.keys.iter().filter(|_| by_left) {
                rows.add_key(key.columns.clone(), key.nulls);
            }
            for key in right.keys.iter().filter(|_| by_right) {
                rows.add_key(key.columns.clone(), key.nulls);
            }
            if !by_left && !by_right && kind != JoinKind::Full {
                products(left, right, &mut rows);
            }
            if kind == JoinKind::Full && one_left && one_right {
                self.full_key(left, right, equations, merged, &mut rows);
            }
        }
        if matches!(kind, JoinKind::Inner | JoinKind::Semi) {
            for equation in equations {
                if kind == JoinKind::Inner {
                    rows.equal.push(*equation);
                }
                if !equation.null_safe {
                    rows.not_null.insert(equation.left);
                    if kind == JoinKind::Inner {
                        rows.not_null.insert(equation.right);
                    }
                }
            }
        }
        rows
    }

    /// Adds the facts of a side that still hold; rows of NULLs are added to a side
    /// that is not `kept`.
    fn side(&mut self, side: &Dependencies, kept: bool, rows: &mut Dependencies) {
        rows.units.extend(side.units.iter().map(|unit| UnitColumn {
            total: unit.total && kept,
            ..unit.clone()
        }));
        if kept {
            // In a row of NULLs, functions of them need not have the value that
            // they had, nor need a value of the surrounding row equal what it was
            // compared with.
            rows.equal.extend(side.equal.iter().copied());
            rows.determined.extend(side.determined.iter().cloned());
            rows.fixed.extend(side.fixed.iter().copied());
            rows.not_null.extend(side.not_null.iter().copied());
            return;
        }
        // A row of NULLs agrees with a row of the side only if all determining
        // values of that row may be NULL.
        rows.determined.extend(
            side.determined
                .iter()
                .filter(|dependency| {
                    dependency
                        .by
                        .iter()
                        .any(|number| side.not_null.contains(number))
                })
                .cloned(),
        );
    }

    /// Adds the merged columns of a FULL JOIN of unique sides as a key; rows of
    /// either side in which they are NULL are its exceptions.
    fn full_key(
        &mut self,
        left: &Dependencies,
        right: &Dependencies,
        equations: &[Equation],
        merged: &[(ColId, ColId, ColId)],
        rows: &mut Dependencies,
    ) {
        if merged.is_empty() || equations.len() != merged.len() {
            return;
        }
        let columns: OrderedSet<Number> = merged
            .iter()
            .map(|(column, _, _)| self.numbering.column(*column))
            .collect();
        let nulls = |side: &Dependencies, of: &dyn Fn(&Equation) -> Number| {
            let equated: OrderedSet<Number> = equations.iter().map(of).collect();
            let unique = |key: &&UniqueKey| key.columns.is_subset(&equated);
            side.keys.iter().filter(unique).map(|key| key.nulls).min()
        };
        let of_left = nulls(left, &|equation| equation.left);
        let of_right = nulls(right, &|equation| equation.right);
        if let (Some(of_left), Some(of_right)) = (of_left, of_right) {
            rows.add_key(columns, of_left.saturating_add(of_right));
        }
        for (column, mine, theirs) in merged {
            let never = left.not_null.contains(&self.numbering.column(*mine))
                && right.not_null.contains(&self.numbering.column(*theirs));
            if never {
                rows.not_null.insert(self.numbering.column(*column));
            }
        }
    }
}

/// Adds the key of pairs of rows: a key of either side together.
fn products(left: &Dependencies, right: &Dependencies, rows: &mut Dependencies) {
    for mine in left.keys.iter().filter(|key| key.nulls == 1) {
        for theirs in right.keys.iter().filter(|key| key.nulls == 1) {
            rows.add_key(mine.columns.union(&theirs.columns).copied().collect(), 1);
        }
    }
}

/// Whether an expression reads columns, all from one side.
fn of_side(expr: &Expr, side: &BTreeSet<ColId>) -> bool {
    let mut any = false;
    let mut all = true;
    expr.walk(&mut |part| {
        if let ExprKind::Column(column) = part.kind {
            any = true;
            all &= side.contains(&column);
        }
    });
    any && all
}
