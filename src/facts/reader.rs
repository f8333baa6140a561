//! A relation that is read again: rows of two readers need not be about the same
//! people, so each has people, values and keys of its own.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use vecset::{VecMap, VecSet};

use super::analysis::Analyzer;
use super::column::SharedFacts;
use super::dependency::{Dependencies, Dependency, UniqueKey, UnitColumn};
use super::lattice::{Pop, Populations};
use super::numbering::{Maker, Number, Numbering};
use super::relation::RelationFacts;
use crate::plan::{ColId, RelId};

/// What is known of values that are not put out, and of populations, may double
/// with each relation that is read twice: more than this is forgotten.
const HIDDEN: usize = 64;

/// New numbers for all values of the relation that is read again.
struct Renaming<'n> {
    numbering: &'n mut Numbering,
    numbers: FxHashMap<Number, Number>,
    makers: FxHashMap<Maker, Maker>,
}

impl Renaming<'_> {
    fn number(&mut self, number: Number) -> Number {
        if let Some(known) = self.numbers.get(&number) {
            return *known;
        }
        let fresh = self.numbering.fresh();
        self.numbers.insert(number, fresh);
        self.made_like(number, fresh);
        fresh
    }

    /// Says of a new value what was known of the old one.
    fn made_like(&mut self, number: Number, fresh: Number) {
        if let Some(maker) = self.numbering.maker_of(number) {
            let maker = self.maker(maker);
            self.numbering.made_by(fresh, maker);
        }
        if let Some(parts) = self.numbering.parts(number).map(<[Number]>::to_vec) {
            let parts = parts.into_iter().map(|part| self.number(part)).collect();
            self.numbering.set_parts(fresh, parts);
        }
    }

    fn maker(&mut self, maker: Maker) -> Maker {
        if let Some(known) = self.makers.get(&maker) {
            return *known;
        }
        let fresh = self.numbering.add_maker();
        self.makers.insert(maker, fresh);
        fresh
    }

    fn set(&mut self, numbers: &VecSet<Number>) -> VecSet<Number> {
        numbers.iter().map(|number| self.number(*number)).collect()
    }

    fn dependencies(&mut self, of: &Dependencies, pop: &dyn Fn(Pop) -> Pop) -> Dependencies {
        Dependencies {
            keys: of
                .keys
                .iter()
                .map(|key| UniqueKey {
                    columns: self.set(&key.columns),
                    nulls: key.nulls,
                })
                .collect(),
            determined: of
                .determined
                .iter()
                .map(|dependency| Dependency {
                    by: self.set(&dependency.by),
                    maker: self.maker(dependency.maker),
                })
                .collect(),
            fixed: self.set(&of.fixed),
            equal: of
                .equal
                .iter()
                .map(|(a, b)| (self.number(*a), self.number(*b)))
                .collect(),
            not_null: self.set(&of.not_null),
            units: of
                .units
                .iter()
                .map(|unit| UnitColumn {
                    number: self.number(unit.number),
                    pop: pop(unit.pop),
                    unit: unit.unit.clone(),
                    constants: unit.constants,
                })
                .collect(),
        }
    }
}

impl Analyzer<'_, '_> {
    pub(super) fn reader(&mut self, of: RelId, columns: &[(ColId, ColId)]) -> RelationFacts {
        let mut facts = self.relation(of).clone();
        facts.merge_many(&mut self.populations);
        let fresh: VecMap<Pop, Pop> = facts
            .populations
            .keys()
            .map(|pop| (self.populations.find(*pop), self.populations.add()))
            .collect();
        let populations = self.populations.clone();
        let pop = |pop: Pop| fresh.get(&populations.find(pop)).copied().unwrap_or(pop);
        facts.populations = std::mem::take(&mut facts.populations)
            .into_iter()
            .map(|(known, people)| (pop(known), people))
            .collect();
        let mut numbers = FxHashMap::default();
        let mut named: FxHashMap<Number, ColId> = FxHashMap::default();
        for (new, original) in columns {
            let number = self.numbering.column(*original);
            named.entry(number).or_insert(*new);
            match numbers.get(&number) {
                Some(known) => self.numbering.copy(*new, *known),
                None => {
                    numbers.insert(number, self.numbering.column(*new));
                }
            }
        }
        if facts.dependencies.size() > HIDDEN {
            Rc::make_mut(&mut facts.dependencies).retain(&|number| numbers.contains_key(&number));
            facts.folds.retain(|fold| numbers.contains_key(&fold.label));
            facts.partitions.clear();
            facts.proven.truncate(HIDDEN);
            facts.losses.truncate(HIDDEN);
        }
        let given: Vec<(Number, Number)> = numbers.iter().map(|(old, new)| (*old, *new)).collect();
        let mut renaming = Renaming {
            numbering: &mut self.numbering,
            numbers,
            makers: FxHashMap::default(),
        };
        for (old, new) in given {
            renaming.made_like(old, new);
        }
        facts.dependencies = Rc::new(renaming.dependencies(&facts.dependencies, &pop));
        for partition in facts.partitions.values_mut() {
            partition.grain = renaming.set(&partition.grain);
            partition.counted = std::mem::take(&mut partition.counted)
                .into_iter()
                .map(|counted| counted.map(|number| renaming.number(number)))
                .collect();
            partition.k = std::mem::take(&mut partition.k)
                .into_iter()
                .map(|(known, k)| (pop(known), k))
                .collect();
        }
        for fold in &mut facts.folds {
            fold.label = renaming.number(fold.label);
            fold.hides = renaming.set(&fold.hides);
            fold.shows = renaming.set(&fold.shows);
            fold.pop = pop(fold.pop);
        }
        for proven in &mut facts.proven {
            proven.pop = pop(proven.pop);
        }
        if let Some(whole) = &mut facts.whole_table {
            whole.rename(&mut |number| renaming.number(number));
        }
        if let Some(whole) = &mut facts.whole_groups {
            whole.rename(&mut |number| renaming.number(number));
        }
        for loss in &mut facts.losses {
            loss.grain = renaming.set(&loss.grain);
        }
        let originals = self.shared.get(&of);
        // The same measured value of another row is another value.
        let mut measures: FxHashMap<u32, u32> = FxHashMap::default();
        let last_measure = &mut self.measures;
        let mut values: Vec<SharedFacts> = Vec::with_capacity(columns.len());
        let places: FxHashMap<ColId, usize> = self
            .plan
            .relation(of)
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| (*column, at))
            .collect();
        for (_, original) in columns {
            let value = places
                .get(original)
                .and_then(|at| originals?.get(*at))
                .unwrap_or(&self.columns[original.0 as usize]);
            let mut value = (**value).clone();
            value.rename_pops(&pop);
            value.each_group(&mut |number| renaming.number(number));
            value.everywhere(&mut |part| {
                let mut fresh = |id| {
                    *measures.entry(id).or_insert_with(|| {
                        *last_measure = last_measure.saturating_add(1);
                        *last_measure
                    })
                };
                part.coverage.rename(&mut fresh);
                for cell in &mut part.cells {
                    cell.measure = cell.measure.map(&mut fresh);
                }
            });
            values.push(Rc::new(value));
        }
        for key in facts.keys.iter_mut().flatten() {
            // A projection between may have given its value another column.
            if let Some(new) = named.get(&self.numbering.column(key.column)) {
                key.column = *new;
            }
        }
        for bounded in &mut facts.bounded {
            if let Some(new) = measures.get(&bounded.measure) {
                bounded.measure = *new;
            }
        }
        for ((new, _), value) in columns.iter().zip(values) {
            self.set(*new, value);
        }
        facts
    }
}

impl RelationFacts {
    /// Many populations become one that stands for as few people as any of them.
    fn merge_many(&mut self, populations: &mut Populations) {
        if self.populations.len() <= HIDDEN {
            return;
        }
        let least = std::mem::take(&mut self.populations)
            .into_values()
            .min_by_key(|people| people.k);
        if let Some(people) = least {
            self.populations.insert(populations.add(), people);
        }
        self.folds.clear();
        self.proven.clear();
        self.partitions.clear();
    }
}
