//! Sets of base columns, compact enough to be stored for every column of a large
//! plan.
//!
//! Columns are numbers, and ways are bits.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::{FlowKind, Input, Inputs, Transformation};
use crate::budget::spend;

/// All ways in which a base column reaches a value, one bit each.
type Ways = u32;

fn bit(kind: FlowKind, masking: bool) -> Ways {
    1 << (2 * kind as u32 + u32::from(masking))
}

fn ways(bits: Ways) -> impl Iterator<Item = Transformation> {
    FlowKind::ALL.into_iter().flat_map(move |kind| {
        [false, true]
            .into_iter()
            .filter(move |masking| bits & bit(kind, *masking) != 0)
            .map(move |masking| Transformation { kind, masking })
    })
}

/// Returns the ways after one more step. An indirect way stays indirect.
fn through(bits: Ways, step: FlowKind, masks: bool) -> Ways {
    if step == FlowKind::Identity && !masks {
        return bits;
    }
    ways(bits)
        .map(|way| {
            let kind = match (step.is_direct(), way.kind.is_direct()) {
                (true, true) => step.max(way.kind),
                (true, false) => way.kind,
                (false, _) => step,
            };
            bit(kind, masks || way.masking)
        })
        .fold(0, |all, bit| all | bit)
}

/// Base columns with their ways, sorted by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BaseColumnSet(Vec<(u32, Ways)>);

impl BaseColumnSet {
    /// Creates the set of a base column itself.
    pub(super) fn of(id: u32) -> Self {
        Self(vec![(id, bit(FlowKind::Identity, false))])
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(id, _)| *id)
    }

    /// Adds the base columns of another set that contribute through a step.
    pub(super) fn add(&mut self, other: &Self, step: FlowKind, masks: bool) {
        if other.0.is_empty() {
            return;
        }
        spend(1 + (self.0.len() + other.0.len()) / 64);
        let mine = std::mem::take(&mut self.0);
        let mut all = Vec::with_capacity(mine.len().max(other.0.len()));
        let mut mine = mine.into_iter().peekable();
        let theirs = other
            .0
            .iter()
            .map(|(id, bits)| (*id, through(*bits, step, masks)));
        for (id, bits) in theirs {
            while let Some(before) = mine.next_if(|(known, _)| *known < id) {
                all.push(before);
            }
            let known = mine.next_if(|(known, _)| *known == id);
            all.push((id, bits | known.map_or(0, |(_, bits)| bits)));
        }
        all.extend(mine);
        self.0 = all;
    }

    /// Returns the base columns that decide about the value, without those that are
    /// part of it.
    pub(super) fn deciding(&self) -> Self {
        let direct = FlowKind::ALL
            .into_iter()
            .filter(|kind| kind.is_direct())
            .fold(0, |all, kind| all | bit(kind, false) | bit(kind, true));
        let decide = self.0.iter().map(|(id, bits)| (*id, bits & !direct));
        Self(decide.filter(|(_, bits)| *bits != 0).collect())
    }
}

/// The numbers of base columns.
#[derive(Debug, Default)]
pub(super) struct BaseColumnNames {
    all: Vec<Input>,
    numbers: FxHashMap<Input, u32>,
}

impl BaseColumnNames {
    pub(super) fn number(&mut self, input: Input) -> u32 {
        if let Some(known) = self.numbers.get(&input) {
            return *known;
        }
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(input.clone());
        self.numbers.insert(input, id);
        id
    }

    pub(super) fn get(&self, id: u32) -> &Input {
        &self.all[id as usize]
    }

    pub(super) fn inputs(&self, set: &BaseColumnSet) -> Inputs {
        let named = set.0.iter().map(|(id, bits)| {
            let ways: BTreeSet<Transformation> = ways(*bits).collect();
            (self.get(*id).clone(), ways)
        });
        named.collect::<BTreeMap<_, _>>()
    }
}
