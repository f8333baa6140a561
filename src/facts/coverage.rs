//! What shows that a value stands for enough people (`design/proof.md`, law 2).
//!
//! A value is uncovered until a rule covers it: [`Coverage::default`] is the
//! cautious one, and what is computed of several values is covered only where a
//! rule here says so.

use rustc_hash::FxHashSet;

use super::cell::Cell;
use super::column::ColumnFacts;
use super::relation::RelationFacts;
use crate::budget::spend;
use crate::source::Span;

/// The most measured values of which one value may be one.
const MEASURES: usize = 4_000;
/// How many of them are compared in a step.
const MEASURED_AT_ONCE: usize = 16;

/// What shows how many people stand behind a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing does: it may be one person's.
    Uncovered(Option<Gap>),
    /// No data goes in.
    NoData,
    /// A value of its row, or of what its row is grouped by: as many people as
    /// behind the row.
    Label,
    /// Measured over people of the row. One of several where there are several.
    Measured(Vec<Measure>),
    /// An array whose members stand for
    /// [`ColumnFacts::elements`](super::ColumnFacts) people each: the measured
    /// values that they are, none where they are labels.
    Collected(Vec<Measure>),
    /// An array that lists measured values: what is made of several of them may be
    /// their difference.
    Listed(Vec<Measure>),
}

impl Default for Coverage {
    fn default() -> Self {
        Self::Uncovered(None)
    }
}

/// Where a value became uncovered, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The expression.
    pub span: Span,
}

/// Why nothing shows how many people stand behind a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapReason {
    /// It is computed of several measured values: a difference may be one
    /// person's.
    Combined,
    /// It aggregates values that a condition or a function of the row chooses.
    Chosen,
    /// The aggregate sees some of the rows only, or is not modelled.
    Aggregate,
    /// A window reads rows of other, possibly small, groups.
    Window,
    /// It is made of some members of an array.
    Members,
    /// It is not modelled.
    NotModelled,
}

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The same for copies of one aggregate's value in one relation.
    pub(super) id: u32,
    /// The grouping that it was taken over, where it is known.
    pub(super) group: Option<u32>,
    /// Whether all rows of a group are in it, or those alone for whom a condition
    /// holds; of no grouping, whether it is a place among groups.
    pub(super) whole: bool,
    /// The part of a group that it is taken of, where the conditions are known that all
    /// the rows meet which are in it.
    pub(super) part: Option<u32>,
    /// Whether one person may be in several groups of its grouping by what they hold: of
    /// several sets of keys, of a table beside a part of itself, of a list of theirs.
    pub(super) shared: bool,
    /// What it adds up.
    pub(super) adds: Adds,
    /// Whether it is a place that more people make a better one: the first is the
    /// largest.
    pub(super) down: bool,
    /// A ratio, or a choice of several: it may be shown and scaled, but what is
    /// compared with it or computed of it may depend on one person.
    pub(super) last: bool,
    /// Whether it is shown as it was measured, or scaled: no function asks what it is,
    /// by itself or beside labels, and no constant stands in for it.
    pub(super) plain: bool,
}

/// What a measured value adds up: sums of such are sums over the people of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Adds {
    /// Nothing, or what is not known.
    Nothing,
    /// Values as they are, which may be negative.
    Values,
    /// Rows or people: more of them never make it less.
    Counts,
}

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
    /// By any function.
    Any,
    /// One is chosen, or truth values of them are combined.
    Choice,
    /// One is rounded, or multiplied with constants.
    Scale,
    /// One is divided by the other.
    Ratio,
    /// They are added.
    Sum,
}

impl Coverage {
    pub(super) fn gap(reason: GapReason, span: Span) -> Self {
        Self::Uncovered(Some(Gap { reason, span }))
    }

    /// Whether nothing shows that people are behind it.
    pub fn is_uncovered(&self) -> bool {
        matches!(self, Self::Uncovered(_))
    }

    /// Whether it is an array of what many rows hold.
    pub fn is_collected(&self) -> bool {
        matches!(self, Self::Collected(_))
    }

    /// The measured values that it is one of.
    pub fn measures(&self) -> &[Measure] {
        match self {
            Self::Measured(measures) | Self::Listed(measures) | Self::Collected(measures) => {
                measures
            }
            Self::Uncovered(_) | Self::NoData | Self::Label => &[],
        }
    }

    /// What the measured values add up that it is one of; of none, what is given.
    pub(super) fn adds(&self, unmeasured: Adds) -> Adds {
        let adds = self.measures().iter().map(|measure| measure.adds);
        adds.min().unwrap_or(unmeasured)
    }

    /// Whether an order by it tells more than which of several measured values is
    /// larger: it is one of several, or a function of one and of labels.
    pub(super) fn orders_by_more(&self) -> bool {
        let measures = self.measures();
        measures.len() > 1 || measures.iter().any(|measure| !measure.plain)
    }

    /// Whether it is a measured value, and another is one of other rows than all of its
    /// group.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        let apart = |one: &Measure| {
            let mut others = other.measures().iter();
            others.any(|other| other.id != one.id && !other.is_of_whole(one))
        };
        self.measures().iter().any(apart)
    }

    /// The coverage of whether rows are there that conditions on these measured values
    /// have left.
    pub(super) fn asked(measures: &[Measure]) -> Self {
        if measures.is_empty() {
            return Self::NoData;
        }
        let measures = measures.iter().map(|measure| Measure {
            id: measure.id,
            group: None,
            whole: false,
            part: None,
            shared: false,
            adds: Adds::Nothing,
            down: false,
            last: false,
            plain: false,
        });
        Self::Measured(measures.collect())
    }

    /// The coverage of a value of groups that may share people, or do not.
    pub(super) fn shared(mut self, shared: bool) -> Self {
        if let Self::Measured(measures) | Self::Collected(measures) = &mut self {
            measures
                .iter_mut()
                .for_each(|measure| measure.shared = shared);
        }
        self
    }

    /// The coverage of the place of a group among others, `down` where the largest is
    /// the first.
    pub(super) fn ranked(mut self, down: bool) -> Self {
        if let Self::Measured(measures) = &mut self {
            measures
                .iter_mut()
                .for_each(|measure| *measure = measure.ranked(down));
        }
        self
    }

    /// The coverage of a value that may be shown and scaled only.
    pub(super) fn shown_only(mut self) -> Self {
        if let Self::Measured(measures) = &mut self {
            measures.iter_mut().for_each(|measure| measure.last = true);
        }
        self
    }

    /// The coverage of an array of such values.
    pub(super) fn listed(self) -> Self {
        match self {
            Self::Measured(measures) => Self::Listed(measures),
            known @ (Self::Uncovered(_)
            | Self::NoData
            | Self::Label
            | Self::Collected(_)
            | Self::Listed(_)) => known,
        }
    }

    /// The coverage of one member of an array that lists values.
    pub(super) fn member(&self) -> Self {
        match self {
            Self::Listed(measures) => Self::Measured(measures.clone()),
            known @ (Self::Uncovered(_)
            | Self::NoData
            | Self::Label
            | Self::Collected(_)
            | Self::Measured(_)) => known.clone(),
        }
    }

    /// The coverage of what is computed of several values. `fresh` names the
    /// result where a rule covers more than one measured value.
    pub(super) fn mixed<'a>(
        parts: impl IntoIterator<Item = &'a Self>,
        mix: Mix,
        fresh: u32,
        span: Span,
    ) -> Self {
        let parts: Vec<&Self> = parts.into_iter().collect();
        if let Some(uncovered) = parts.iter().find(|part| part.is_uncovered()) {
            return (*uncovered).clone();
        }
        let array = |part: &&Self| matches!(part, Self::Collected(_) | Self::Listed(_));
        if parts.iter().any(array) {
            // Only what hands the members on as they are keeps them.
            return Self::gap(GapReason::Members, span);
        }
        // Of two that are each one of several, nobody knows whether they are the same.
        let mut measured: Vec<&Self> = Vec::new();
        let mut singles: FxHashSet<u32> = FxHashSet::default();
        for part in &parts {
            let new = match (part, part.measures()) {
                (Self::Measured(_), [only]) => singles.insert(only.id),
                (Self::Measured(_), _) => true,
                _ => false,
            };
            if new {
                measured.push(part);
            }
        }
        let shown = |part: &&Self| part.measures().iter().any(|measure| measure.plain);
        let plain = parts.iter().any(shown);
        match measured.as_slice() {
            [] if parts.iter().any(|part| matches!(part, Self::Label)) => Self::Label,
            [] => Self::NoData,
            [only] => {
                if only.measures().iter().any(|measure| measure.last)
                    && !matches!(mix, Mix::Scale | Mix::Choice)
                {
                    return Self::gap(GapReason::Combined, span);
                }
                Self::Measured(
                    only.measures()
                        .iter()
                        .map(|measure| Measure {
                            adds: Adds::Nothing,
                            plain: match mix {
                                Mix::Any => false,
                                Mix::Scale | Mix::Ratio | Mix::Sum => measure.plain,
                                Mix::Choice => plain,
                            },
                            ..*measure
                        })
                        .collect(),
                )
            }
            several => {
                let all = || several.iter().flat_map(|part| part.measures());
                let group = all().next().and_then(|measure| measure.group);
                let group = group.filter(|_| all().all(|measure| measure.group == group));
                let last = all().any(|measure| measure.last);
                let covered = match mix {
                    Mix::Any | Mix::Scale => false,
                    // Of a part and its whole the rest could be told.
                    Mix::Choice => {
                        let wholes: FxHashSet<u32> = all().filter_map(Measure::whole_of).collect();
                        !all()
                            .filter_map(Measure::part_of)
                            .any(|group| wholes.contains(&group))
                    }
                    Mix::Ratio => several.len() == 2 && !last,
                    Mix::Sum => {
                        group.is_some() && all().all(|measure| measure.is_sum() && measure.whole)
                    }
                };
                if !covered {
                    return Self::gap(GapReason::Combined, span);
                }
                Self::Measured(vec![Measure {
                    id: fresh,
                    group,
                    whole: mix == Mix::Sum,
                    part: None,
                    shared: all().any(|measure| measure.shared),
                    adds: match mix {
                        Mix::Sum => all().map(|measure| measure.adds).min(),
                        Mix::Any | Mix::Choice | Mix::Scale | Mix::Ratio => None,
                    }
                    .unwrap_or(Adds::Nothing),
                    down: false,
                    last: mix != Mix::Sum,
                    plain: true,
                }])
            }
        }
    }

    /// The coverage of a value that is either of two.
    pub(super) fn or(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Uncovered(gap), _) => Self::Uncovered(gap),
            (_, Self::Uncovered(gap)) => Self::Uncovered(*gap),
            (mine, theirs) if mine.is_collected() || theirs.is_collected() => {
                match either(mine.measures(), theirs.measures()) {
                    Some(all) => Self::Collected(all),
                    None => Self::Uncovered(None),
                }
            }
            (mine, theirs) if !mine.measures().is_empty() || !theirs.measures().is_empty() => {
                let array = matches!(mine, Self::Listed(_)) || matches!(theirs, Self::Listed(_));
                let Some(mut all) = either(mine.measures(), theirs.measures()) else {
                    return Self::Uncovered(None);
                };
                // Beside a constant a ratio is compared with it wherever both are.
                let alone = !mine.measures().is_empty() && !theirs.measures().is_empty();
                for measure in &mut all {
                    measure.plain &= alone || !measure.last;
                }
                let all = Self::Measured(all);
                if array { all.listed() } else { all }
            }
            (Self::NoData, Self::NoData) => Self::NoData,
            (_, _) => Self::Label,
        }
    }
}

/// The measured values of either side, each once; `None` if they are too many to be
/// followed, as where a union is read twice in each of many steps.
fn either(mine: &[Measure], theirs: &[Measure]) -> Option<Vec<Measure>> {
    let mut all = mine.to_vec();
    let mut known: FxHashSet<u32> = all.iter().map(|measure| measure.id).collect();
    all.extend(theirs.iter().filter(|measure| known.insert(measure.id)));
    spend(all.len() / MEASURED_AT_ONCE);
    (all.len() <= MEASURES).then_some(all)
}

impl Measure {
    /// Whether it is a count, or a sum of values as they are.
    pub(super) fn is_sum(&self) -> bool {
        self.adds != Adds::Nothing
    }

    /// Whether it is a count or a sum of all rows of one group, as it was measured.
    pub(super) fn is_of_all(&self) -> bool {
        self.is_sum() && self.whole && self.group.is_some() && !self.shared && !self.last
    }

    /// Whether it is of all rows of a group that another is of, too: by itself, or as a
    /// rank of groups; or of all rows of the part that the other is of.
    pub(super) fn is_of_whole(&self, other: &Self) -> bool {
        let same = self.group.is_some() && self.group == other.group;
        let part = self.part.is_some() && self.part == other.part;
        self.whole && (same || other.is_rank()) || same && part
    }

    /// Whether groups of its grouping may share people, so that which of them have a
    /// value may hang on one: it is shared, or of the rows of a window.
    pub(super) fn is_of_unknown(&self) -> bool {
        let windows = self.group.is_none() && !self.whole && self.adds != Adds::Nothing;
        self.shared || windows
    }

    /// Whether it is the place of a group among others.
    pub(super) fn is_rank(&self) -> bool {
        self.whole && self.group.is_none()
    }

    /// The place of a group among others by it.
    pub(super) fn ranked(self, down: bool) -> Self {
        Self {
            group: None,
            whole: true,
            part: None,
            down,
            ..self
        }
    }

    /// The grouping of which it is taken as a whole.
    fn whole_of(&self) -> Option<u32> {
        self.group.filter(|_| self.whole)
    }

    /// The grouping of a part of which it is taken.
    fn part_of(&self) -> Option<u32> {
        self.group.filter(|_| !self.whole && !self.last)
    }

    /// Whether this is taken of a part of what another is taken of as a whole.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let part = self.part_of();
        part.is_some() && part == other.whole_of()
    }
}

impl ColumnFacts {
    /// Whether it is a value of its row alone, with all the people of that: picked
    /// from that person's rows, if at all.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.coverage, Coverage::Label | Coverage::NoData)
            && self.cells.is_empty()
            && self.influences.is_empty()
            && self.windows.is_empty()
            && self.fields.iter().all(|(_, field)| field.is_own())
    }
}

impl RelationFacts {
    /// People of the group that a picked count came from, where a filter bounds
    /// it.
    fn picked(&self, cell: &Cell) -> u64 {
        let bounds = self
            .bounded
            .iter()
            .filter(|known| cell.measure == Some(known.measure));
        bounds.map(|known| known.k).max().unwrap_or(0)
    }

    /// The people behind what an order by a value of these rows picks.
    pub(super) fn behind_order(&self, key: &ColumnFacts) -> u64 {
        if key.coverage.orders_by_more() {
            0
        } else {
            self.behind(key)
        }
    }

    /// The people behind what a value of these rows decides: where it was measured,
    /// those of any row, since each is told from the others by its people.
    pub(super) fn behind_answer(&self, value: &ColumnFacts) -> u64 {
        let behind = self.behind(value);
        match value.coverage {
            Coverage::Measured(_) | Coverage::Collected(_) | Coverage::Listed(_) => {
                behind.min(self.k().unwrap_or(behind))
            }
            Coverage::Uncovered(_) | Coverage::NoData | Coverage::Label => behind,
        }
    }

    /// The people behind a value of these rows, where it tells of fewer than its
    /// row: `u64::MAX` where it is covered as the row is, 0 where it may be one
    /// person's.
    pub(super) fn behind(&self, value: &ColumnFacts) -> u64 {
        if value.single.is_some() {
            return 0;
        }
        let own = match &value.coverage {
            Coverage::Collected(_) => value.elements.unwrap_or(0),
            _ if !value.fields.is_empty() => value
                .fields
                .iter()
                .map(|(_, field)| self.behind(field))
                .min()
                .unwrap_or(0),
            Coverage::Uncovered(_) => 0,
            Coverage::NoData | Coverage::Label | Coverage::Measured(_) | Coverage::Listed(_) => {
                u64::MAX
            }
        };
        let cells = value
            .cells
            .iter()
            .map(|cell| self.covered(cell).max(self.picked(cell)));
        let others = value.influences.iter().map(|influence| influence.k);
        cells.chain(others).fold(own, u64::min)
    }
}
