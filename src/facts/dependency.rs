//! Unique keys and functional dependencies of a relation's rows.
//!
//! The model is CockroachDB's `props/func_dep.go`. A strict key counts NULL as a
//! value: no two rows agree in it. Outer joins leave keys in which a known number
//! of rows may have NULLs; keys in which any number of rows may have them are
//! dropped.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::column::UnitValue;
use super::lattice::PrivateInput;
use super::numbering::{Maker, Number, Numbering};
use super::ordered::OrderedSet;
use crate::budget;

/// A unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKey {
    /// No two rows agree in all of these values.
    pub columns: OrderedSet<Number>,
    /// How many rows may agree if one of the values is NULL; 1 for a strict key.
    pub nulls: u64,
}

/// Rows that agree in `by` agree in all columns that `maker` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) by: OrderedSet<Number>,
    pub(super) maker: Maker,
}

/// A value of a row that identifies its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitColumn {
    /// The value.
    pub number: Number,
    /// The person, by a function of an identifier.
    pub(super) value: Rc<UnitValue>,
    /// Whether it is NULL only for nobody: see
    /// [`ColumnFacts::total`](super::ColumnFacts).
    pub total: bool,
}

impl UnitColumn {
    /// The population of the person.
    pub fn pop(&self) -> PrivateInput {
        self.value.pop
    }
}

/// Two values that are equal in every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Equation {
    /// One value; in a join's equation, that of the left side.
    pub left: Number,
    /// The other value.
    pub right: Number,
    /// Whether both may be NULL together.
    pub null_safe: bool,
}

/// How the values in a row depend on one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependencies {
    /// Unique keys; one without columns if there is at most one row.
    pub keys: Vec<UniqueKey>,
    pub(super) determined: Vec<Dependency>,
    /// Values that are the same in all rows.
    pub fixed: OrderedSet<Number>,
    /// Pairs of values that are equal in every row.
    pub equal: Vec<Equation>,
    /// Values that are never NULL.
    pub not_null: OrderedSet<Number>,
    /// The values that identify people, output or hidden.
    pub units: Vec<UnitColumn>,
}

impl Equation {
    fn both_ways(&self) -> [(Number, Number); 2] {
        [(self.left, self.right), (self.right, self.left)]
    }

    /// Whether it equates these two values.
    pub(super) fn joins(&self, left: Number, right: Number) -> bool {
        self.left == left && self.right == right
    }
}

/// The most keys of a relation: those of products grow, and more prove little more.
const KEYS: usize = 8;

impl Dependencies {
    /// Returns the dependencies of a relation of one row.
    pub(super) fn one_row() -> Self {
        Self {
            keys: vec![UniqueKey {
                columns: OrderedSet::new(),
                nulls: 1,
            }],
            ..Self::default()
        }
    }

    pub(super) fn add_key(&mut self, columns: OrderedSet<Number>, nulls: u64) {
        let known = self
            .keys
            .iter()
            .any(|key| key.nulls <= nulls && key.columns.is_subset(&columns));
        if !known && self.keys.len() < KEYS {
            self.keys.push(UniqueKey { columns, nulls });
        }
    }

    /// Counts its facts; the budget is charged for them.
    pub(super) fn size(&self) -> usize {
        self.keys.len()
            + self.determined.len()
            + self.fixed.len()
            + self.equal.len()
            + self.not_null.len()
            + self.units.len()
    }

    /// Keeps the facts of values for which `kept` holds.
    pub(super) fn retain(&mut self, kept: &dyn Fn(Number) -> bool) {
        self.keys.retain(|key| key.columns.iter().all(|n| kept(*n)));
        self.determined
            .retain(|dependency| dependency.by.iter().all(|n| kept(*n)));
        self.fixed.retain(|n| kept(*n));
        self.equal
            .retain(|equation| kept(equation.left) && kept(equation.right));
        self.not_null.retain(|n| kept(*n));
        self.units.retain(|unit| kept(unit.number));
    }

    /// The values that equations equate with a value; with `null_safe`, also by
    /// equations in which both may be NULL.
    pub(super) fn equal_to(&self, number: Number, null_safe: bool) -> FxHashSet<Number> {
        let mut found = FxHashSet::from_iter([number]);
        let mut open = vec![number];
        let followed = self.equal.iter();
        let followed: Vec<&Equation> = followed
            .filter(|equation| null_safe || !equation.null_safe)
            .collect();
        while let Some(next) = open.pop() {
            for equation in &followed {
                for (a, b) in equation.both_ways() {
                    if a == next && found.insert(b) {
                        open.push(b);
                    }
                }
            }
        }
        found
    }

    /// Whether a unit's value identifies the same person as the value `outer` of
    /// another row.
    ///
    /// `outer` may also be a value of the same row. Both are equal, and if both are
    /// NULL, that is nobody. `named` says that `outer` is NULL only for nobody,
    /// `there` that it is never NULL.
    pub(super) fn same_person(
        &self,
        outer: Number,
        (named, there): (bool, bool),
        unit: &UnitColumn,
    ) -> bool {
        if self.equal_to(outer, false).contains(&unit.number) {
            return true;
        }
        let never = |number: &Number| self.not_null.contains(number);
        let nobody = named && unit.total || there || never(&outer) || never(&unit.number);
        nobody && self.equal_to(outer, true).contains(&unit.number)
    }

    /// Computes all values that some values of a row determine.
    pub(super) fn closure<'a>(
        &self,
        numbering: &'a Numbering,
        from: impl IntoIterator<Item = Number>,
    ) -> Closure<'a> {
        let mut closure = Closure {
            numbering,
            known: FxHashSet::default(),
            makers: FxHashSet::default(),
            all: false,
            refuted: RefCell::default(),
            confirmed: RefCell::default(),
        };
        for number in self.fixed.iter().copied().chain(from) {
            closure.add(number);
        }
        let mut backwards = false;
        loop {
            budget::spend(1 + (self.equal.len() + self.determined.len()) / 32);
            closure.refuted.borrow_mut().clear();
            let mut changed = false;
            let mut follow = |equation: &Equation| {
                for (a, b) in equation.both_ways() {
                    if closure.has(a) && !closure.has(b) {
                        closure.add(b);
                        changed = true;
                    }
                }
            };
            // The direction alternates, since a chain of equations may be in either
            // order.
            if backwards {
                self.equal.iter().rev().for_each(&mut follow);
            } else {
                self.equal.iter().for_each(&mut follow);
            }
            backwards = !backwards;
            for dependency in &self.determined {
                if !closure.makers.contains(&dependency.maker)
                    && dependency.by.iter().all(|n| closure.has(*n))
                {
                    closure.makers.insert(dependency.maker);
                    changed = true;
                }
            }
            if !closure.all
                && self
                    .keys
                    .iter()
                    .any(|key| key.nulls == 1 && key.columns.iter().all(|n| closure.has(*n)))
            {
                closure.all = true;
            }
            if !changed || closure.all {
                closure.refuted.borrow_mut().clear();
                return closure;
            }
        }
    }
}

/// The values that some values of a row determine.
pub(super) struct Closure<'a> {
    numbering: &'a Numbering,
    known: FxHashSet<Number>,
    makers: FxHashSet<Maker>,
    /// Whether a strict key is among them, so that the whole row is determined.
    all: bool,
    /// Values that were found not to be determined, so that none is visited twice.
    refuted: RefCell<FxHashSet<Number>>,
    /// Values that were found to be determined, which stays true because the
    /// closure grows.
    confirmed: RefCell<FxHashSet<Number>>,
}

impl Closure<'_> {
    fn add(&mut self, number: Number) {
        let mut number = number;
        while self.known.insert(number) {
            match self.numbering.inverse(number) {
                Some(inner) => number = inner,
                None => return,
            }
        }
    }

    /// Whether a value of the row is determined.
    pub(super) fn has(&self, number: Number) -> bool {
        if self.all || self.known.contains(&number) || self.confirmed.borrow().contains(&number) {
            return true;
        }
        if let Some(maker) = self.numbering.maker_of(number)
            && self.makers.contains(&maker)
        {
            return true;
        }
        if self.refuted.borrow().contains(&number) {
            return false;
        }
        let found = self
            .numbering
            .parts(number)
            .is_some_and(|parts| parts.iter().all(|part| self.has(*part)));
        let answers = if found {
            &self.confirmed
        } else {
            &self.refuted
        };
        answers.borrow_mut().insert(number);
        found
    }
}
