//! What shows that a value stands for enough people (`design/proof.md`, law 2).
//!
//! A value is uncovered until a rule covers it: [`Coverage::default`] is the
//! cautious one, and a value that is computed from several values is covered only
//! if a rule here says so.

use rustc_hash::FxHashSet;

use super::cell::Cell;
use super::column::ColumnFacts;
use super::relation::RelationFacts;
use crate::budget::spend;
use crate::source::Span;

/// The most measured values of which one value may be one.
const MEASURES: usize = 4_000;
/// How many measured values are compared for one unit of the budget.
const MEASURED_AT_ONCE: usize = 16;

/// What shows how many people stand behind a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing does: it may belong to one person.
    Uncovered(Option<CoverageGap>),
    /// It depends on no data.
    NoData,
    /// A value of its row, or of the keys of its row's group: it stands for as many
    /// people as the row.
    Label,
    /// Measured over people of the row; one of the values, if there are several.
    Measured(Vec<Measure>),
    /// An array whose members stand for
    /// [`ColumnFacts::elements`](super::ColumnFacts) people each: the measured
    /// values that they are, or none if they are labels.
    Collected(Vec<Measure>),
    /// An array that lists measured values: a value made from several of them may
    /// be their difference.
    Listed(Vec<Measure>),
}

impl Default for Coverage {
    fn default() -> Self {
        Self::Uncovered(None)
    }
}

/// Where a value became uncovered, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageGap {
    /// The reason.
    pub reason: GapReason,
    /// The expression.
    pub span: Span,
}

/// Why nothing shows how many people stand behind a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapReason {
    /// It is computed from several measured values: a difference may belong to one
    /// person.
    Combined,
    /// It aggregates values that a condition or a function of the row selects.
    Chosen,
    /// The aggregate reads only some of the rows, or is not modelled.
    Aggregate,
    /// A window reads rows of other, possibly small, groups.
    Window,
    /// It is made from some members of an array.
    Members,
    /// The construct is not modelled.
    NotModelled,
}

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Equal for copies of one aggregate's value in one relation.
    pub(super) id: u32,
    /// The grouping over which it was measured, if it is known.
    pub(super) group: Option<u32>,
    /// Whether all rows of a group contribute, and not only those for which a
    /// condition holds. Without a grouping: whether it is a place among groups.
    pub(super) whole: bool,
    /// The part of a group over which it was measured.
    ///
    /// Set only if all conditions are known that exactly the contributing rows
    /// meet.
    pub(super) part: Option<u32>,
    /// Whether one person may be in several groups of its grouping by the content
    /// of the rows: groups of several grouping sets, of a table beside a part of
    /// itself, of a person's list.
    pub(super) shared: bool,
    /// What it adds up.
    pub(super) adds: Adds,
    /// Whether it is a place in descending order, which more people improve.
    pub(super) down: bool,
    /// Whether it is a ratio or a choice of several values: it may be shown and
    /// scaled, but what is compared with it or computed from it may depend on one
    /// person.
    pub(super) last: bool,
    /// Whether it is shown as measured, or scaled: it went through no other
    /// function, alone or with labels, and no constant replaces it.
    pub(super) plain: bool,
}

/// What a measured value adds up: a sum of such values is a sum over all their
/// people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Adds {
    /// Nothing, or unknown.
    Nothing,
    /// Values of columns, which may be negative.
    Values,
    /// Rows or people: more of them never make it smaller.
    Counts,
}

/// How several values are combined into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combination {
    /// By any function.
    Any,
    /// One is selected, or their truth values are combined.
    Choice,
    /// One is rounded, or multiplied by constants.
    Scale,
    /// One is divided by the other.
    Ratio,
    /// They are added.
    Sum,
}

impl Coverage {
    pub(super) fn gap(reason: GapReason, span: Span) -> Self {
        Self::Uncovered(Some(CoverageGap { reason, span }))
    }

    /// Whether nothing shows how many people stand behind it.
    pub fn is_uncovered(&self) -> bool {
        matches!(self, Self::Uncovered(_))
    }

    /// Whether it is an array of values of many rows.
    pub fn is_collected(&self) -> bool {
        matches!(self, Self::Collected(_))
    }

    /// The measured values of which it is one.
    pub fn measures(&self) -> &[Measure] {
        match self {
            Self::Measured(measures) | Self::Listed(measures) | Self::Collected(measures) => {
                measures
            }
            Self::Uncovered(_) | Self::NoData | Self::Label => &[],
        }
    }

    /// What its measured values add up; `unmeasured` if it has none.
    pub(super) fn adds(&self, unmeasured: Adds) -> Adds {
        let adds = self.measures().iter().map(|measure| measure.adds);
        adds.min().unwrap_or(unmeasured)
    }

    /// Whether an order by it discloses more than which of several measured values
    /// is larger: it is one of several, or a function of one and of labels.
    pub(super) fn orders_by_more(&self) -> bool {
        let measures = self.measures();
        measures.len() > 1 || measures.iter().any(|measure| !measure.plain)
    }

    /// Whether `other` is another measured value, not of all rows of this one's
    /// group.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        let apart = |one: &Measure| {
            let mut others = other.measures().iter();
            others.any(|other| other.id != one.id && !other.is_of_whole(one))
        };
        self.measures().iter().any(apart)
    }

    /// Returns the coverage of whether rows exist that conditions on these measured
    /// values selected.
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

    /// Sets whether one person may be in several groups over which it was measured.
    pub(super) fn shared(mut self, shared: bool) -> Self {
        if let Self::Measured(measures) | Self::Collected(measures) = &mut self {
            measures
                .iter_mut()
                .for_each(|measure| measure.shared = shared);
        }
        self
    }

    /// Returns the coverage of a group's place among others; `down` if the largest
    /// is first.
    pub(super) fn ranked(mut self, down: bool) -> Self {
        if let Self::Measured(measures) = &mut self {
            measures
                .iter_mut()
                .for_each(|measure| *measure = measure.ranked(down));
        }
        self
    }

    /// Returns the coverage of a value that may only be shown and scaled.
    pub(super) fn shown_only(mut self) -> Self {
        if let Self::Measured(measures) = &mut self {
            measures.iter_mut().for_each(|measure| measure.last = true);
        }
        self
    }

    /// Returns the coverage of an array of such values.
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

    /// Returns the coverage of one member of an array that lists values.
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

    /// Combines the coverages of values from which one is computed. `fresh` is the
    /// id of the result if a rule covers a combination of several measured values.
    pub(super) fn mixed<'a>(
        parts: impl IntoIterator<Item = &'a Self>,
        mix: Combination,
        fresh: u32,
        span: Span,
    ) -> Self {
        let parts: Vec<&Self> = parts.into_iter().collect();
        if let Some(uncovered) = parts.iter().find(|part| part.is_uncovered()) {
            return (*uncovered).clone();
        }
        let array = |part: &&Self| matches!(part, Self::Collected(_) | Self::Listed(_));
        if parts.iter().any(array) {
            // Only an operation that passes the members on unchanged keeps them.
            return Self::gap(GapReason::Members, span);
        }
        // Two values that are each one of several may or may not be the same.
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
                    && !matches!(mix, Combination::Scale | Combination::Choice)
                {
                    return Self::gap(GapReason::Combined, span);
                }
                Self::Measured(
                    only.measures()
                        .iter()
                        .map(|measure| Measure {
                            adds: Adds::Nothing,
                            plain: match mix {
                                Combination::Any => false,
                                Combination::Scale | Combination::Ratio | Combination::Sum => {
                                    measure.plain
                                }
                                Combination::Choice => plain,
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
                    Combination::Any | Combination::Scale => false,
                    // A part and its whole together disclose the rest.
                    Combination::Choice => {
                        let wholes: FxHashSet<u32> = all().filter_map(Measure::whole_of).collect();
                        !all()
                            .filter_map(Measure::part_of)
                            .any(|group| wholes.contains(&group))
                    }
                    Combination::Ratio => several.len() == 2 && !last,
                    Combination::Sum => {
                        group.is_some() && all().all(|measure| measure.is_sum() && measure.whole)
                    }
                };
                if !covered {
                    return Self::gap(GapReason::Combined, span);
                }
                Self::Measured(vec![Measure {
                    id: fresh,
                    group,
                    whole: mix == Combination::Sum,
                    part: None,
                    shared: all().any(|measure| measure.shared),
                    adds: match mix {
                        Combination::Sum => all().map(|measure| measure.adds).min(),
                        Combination::Any
                        | Combination::Choice
                        | Combination::Scale
                        | Combination::Ratio => None,
                    }
                    .unwrap_or(Adds::Nothing),
                    down: false,
                    last: mix != Combination::Sum,
                    plain: true,
                }])
            }
        }
    }

    /// Joins the coverages of alternatives.
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
                // A ratio beside a constant is compared with it in every row that
                // has either.
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

/// Unites the measured values of both sides, each once; `None` if there are too
/// many to track, as when each of many steps reads a union twice.
fn either(mine: &[Measure], theirs: &[Measure]) -> Option<Vec<Measure>> {
    let mut all = mine.to_vec();
    let mut known: FxHashSet<u32> = all.iter().map(|measure| measure.id).collect();
    all.extend(theirs.iter().filter(|measure| known.insert(measure.id)));
    spend(all.len() / MEASURED_AT_ONCE);
    (all.len() <= MEASURES).then_some(all)
}

impl Measure {
    /// Whether it is a count, or a sum of unchanged values.
    pub(super) fn is_sum(&self) -> bool {
        self.adds != Adds::Nothing
    }

    /// Whether it is a count or a sum of all rows of one group, as it was measured.
    pub(super) fn is_of_all(&self) -> bool {
        self.is_sum() && self.whole && self.group.is_some() && !self.shared && !self.last
    }

    /// Whether it is measured over all rows of the same group or part as `other`.
    ///
    /// Also true if `other` is a rank of groups and this is measured over whole
    /// groups.
    pub(super) fn is_of_whole(&self, other: &Self) -> bool {
        let same = self.group.is_some() && self.group == other.group;
        let part = self.part.is_some() && self.part == other.part;
        self.whole && (same || other.is_rank()) || same && part
    }

    /// Whether one person may decide which groups of its grouping have a value.
    ///
    /// So it is if the groups may share people, or if it is measured over a
    /// window's rows.
    pub(super) fn is_of_unknown(&self) -> bool {
        let windows = self.group.is_none() && !self.whole && self.adds != Adds::Nothing;
        self.shared || windows
    }

    /// Whether it is the place of a group among others.
    pub(super) fn is_rank(&self) -> bool {
        self.whole && self.group.is_none()
    }

    /// Returns the place of a group among others in the order of this value.
    pub(super) fn ranked(self, down: bool) -> Self {
        Self {
            group: None,
            whole: true,
            part: None,
            down,
            ..self
        }
    }

    /// The grouping, if it is measured over whole groups.
    fn whole_of(&self) -> Option<u32> {
        self.group.filter(|_| self.whole)
    }

    /// The grouping, if it is measured over a part of each group.
    fn part_of(&self) -> Option<u32> {
        self.group.filter(|_| !self.whole && !self.last)
    }

    /// Whether this is measured over a part of the whole that `other` is measured
    /// over.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let part = self.part_of();
        part.is_some() && part == other.whole_of()
    }
}

impl ColumnFacts {
    /// Whether it is a value of its row alone, with all the people of the row: it
    /// was selected, if at all, from that person's rows.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.coverage, Coverage::Label | Coverage::NoData)
            && self.cells.is_empty()
            && self.influences.is_empty()
            && self.windows.is_empty()
            && self.fields.iter().all(|(_, field)| field.is_own())
    }
}

impl RelationFacts {
    /// Lower bound on the people of the group from which a bounded count was
    /// selected; 0 if no filter bounds it.
    fn picked(&self, cell: &Cell) -> u64 {
        let bounds = self
            .bounded
            .iter()
            .filter(|known| cell.measure == Some(known.measure));
        bounds.map(|known| known.k).max().unwrap_or(0)
    }

    /// The people behind the rows that an order by a value selects.
    pub(super) fn behind_order(&self, key: &ColumnFacts) -> u64 {
        if key.coverage.orders_by_more() {
            0
        } else {
            self.behind(key)
        }
    }

    /// The people behind what a value of these rows decides. If the value is
    /// measured, at most those of any row, since its people distinguish a row from
    /// the others.
    pub(super) fn behind_answer(&self, value: &ColumnFacts) -> u64 {
        let behind = self.behind(value);
        match value.coverage {
            Coverage::Measured(_) | Coverage::Collected(_) | Coverage::Listed(_) => {
                behind.min(self.k().unwrap_or(behind))
            }
            Coverage::Uncovered(_) | Coverage::NoData | Coverage::Label => behind,
        }
    }

    /// The people behind a value of these rows if they may be fewer than the row's:
    /// `u64::MAX` if the value is covered like the row, 0 if it may belong to one
    /// person.
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
