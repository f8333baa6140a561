//! Unique keys and functional dependencies of a relation's rows (CockroachDB's
//! `props/func_dep.go` is the model).
//!
//! A strict key counts NULL as a value: no two rows agree in it. Outer joins
//! leave keys in which NULLs may stand in a known number of rows; keys in which
//! they may stand in any number are dropped.

use std::cell::RefCell;

use rustc_hash::FxHashSet;
use vecset::VecSet;

use super::lattice::Pop;
use super::numbering::{Maker, Number, Numbering};

/// A unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKey {
    /// No two rows agree in all of these.
    pub columns: VecSet<Number>,
    /// How many rows may agree where one of them is NULL; 1 is strict.
    pub nulls: u64,
}

/// Rows that agree in `by` agree in all that `maker` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) by: VecSet<Number>,
    pub(super) maker: Maker,
}

/// A value of a row that names its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitColumn {
    /// The value.
    pub number: Number,
    /// Whose people.
    pub pop: Pop,
    /// The unit's name in the registry.
    pub unit: String,
    /// Distinct constants that it may be besides.
    pub constants: u64,
}

/// What is known of how the values in a row depend on one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependencies {
    /// Unique keys; one of no columns where there is one row at most.
    pub keys: Vec<UniqueKey>,
    pub(super) determined: Vec<Dependency>,
    /// The same in all rows.
    pub fixed: VecSet<Number>,
    /// Pairs that are equal in every row, or both NULL.
    pub equal: Vec<(Number, Number)>,
    /// Never NULL.
    pub not_null: VecSet<Number>,
    /// The privacy units, put out or hidden.
    pub units: Vec<UnitColumn>,
}

/// Keys of products grow; more than these of a relation prove little more.
const KEYS: usize = 8;

impl Dependencies {
    /// Those of a relation of one row.
    pub(super) fn one_row() -> Self {
        Self {
            keys: vec![UniqueKey {
                columns: VecSet::new(),
                nulls: 1,
            }],
            ..Self::default()
        }
    }

    pub(super) fn add_key(&mut self, columns: VecSet<Number>, nulls: u64) {
        let known = self
            .keys
            .iter()
            .any(|key| key.nulls <= nulls && key.columns.is_subset(&columns));
        if !known && self.keys.len() < KEYS {
            self.keys.push(UniqueKey { columns, nulls });
        }
    }

    /// How much is known.
    pub(super) fn size(&self) -> usize {
        self.keys.len()
            + self.determined.len()
            + self.fixed.len()
            + self.equal.len()
            + self.not_null.len()
            + self.units.len()
    }

    /// Keeps what speaks of values for which `kept` holds.
    pub(super) fn retain(&mut self, kept: &dyn Fn(Number) -> bool) {
        self.keys.retain(|key| key.columns.iter().all(|n| kept(*n)));
        self.determined
            .retain(|dependency| dependency.by.iter().all(|n| kept(*n)));
        self.fixed.retain(|n| kept(*n));
        self.equal.retain(|(a, b)| kept(*a) && kept(*b));
        self.not_null.retain(|n| kept(*n));
        self.units.retain(|unit| kept(unit.number));
    }

    /// The values that equations make the same as one.
    pub(super) fn equal_to(&self, number: Number) -> FxHashSet<Number> {
        let mut found = FxHashSet::from_iter([number]);
        let mut open = vec![number];
        while let Some(next) = open.pop() {
            for (a, b) in &self.equal {
                for (a, b) in [(*a, *b), (*b, *a)] {
                    if a == next && found.insert(b) {
                        open.push(b);
                    }
                }
            }
        }
        found
    }

    /// All values that some values of a row determine.
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
        };
        for number in self.fixed.iter().copied().chain(from) {
            closure.add(number);
        }
        loop {
            closure.refuted.borrow_mut().clear();
            let mut changed = false;
            for (a, b) in &self.equal {
                for (a, b) in [(*a, *b), (*b, *a)] {
                    if closure.has(a) && !closure.has(b) {
                        closure.add(b);
                        changed = true;
                    }
                }
            }
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
    /// A strict key is among them, so the whole row is determined.
    all: bool,
    /// Values that were looked for in vain, so that no way is gone twice.
    refuted: RefCell<FxHashSet<Number>>,
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
        if self.all || self.known.contains(&number) {
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
        if !found {
            self.refuted.borrow_mut().insert(number);
        }
        found
    }
}
