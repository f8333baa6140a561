//! Count facts: what a counting aggregate proves about the people behind its row
//! (`design/proof.md`, "Count facts").

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, CountKind, Counted, Identifier, SharedFacts};
use super::dependency::{Dependencies, UniqueKey, UnitColumn};
use super::lattice::PrivateInput;
use super::mistake::Mutation;
use super::nullness::is_strict;
use super::numbering::{ConditionId, Number};
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use crate::plan::functions::{AggregateClass, FunctionClass, ScalarClass};
use crate::plan::{AggregateCall, Expr, ExprKind, Literal, NullTreatment, Operator, RelId};

/// `value >= t` implies at least `t - slack` distinct people of `pop` behind the
/// row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountFact {
    /// The population whose people are counted.
    pub pop: PrivateInput,
    /// The identifier by which they are counted.
    pub(super) identifier: Rc<Identifier>,
    /// How many of the count may not be people.
    pub slack: u64,
    /// It counts only people for whom all these conditions hold.
    pub conditions: OrderedSet<ConditionId>,
    /// The value whose distinct values are counted, each one person; `None` if it
    /// is not counted unchanged.
    pub(super) counted: Option<Number>,
    /// Whether no other population was behind the counted rows.
    pub(super) alone: bool,
    /// The groups over which it was counted; `None` if sums of it prove nothing.
    pub(super) groups: Option<CountedGroups>,
}

/// The groups over which a count was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CountedGroups {
    /// The grouping.
    aggregate: RelId,
    /// The counted population, by its name in the grouping.
    pop: PrivateInput,
    /// The keys: their current numbers, and those in the grouping.
    keys: Vec<(Number, Number)>,
    /// The count of which this is a sum.
    below: Option<Rc<CountFact>>,
}

impl CountedGroups {
    /// Renames the current keys to a reader's numbers; all else has names of the
    /// grouping.
    pub(super) fn rename(&mut self, rename: &mut dyn FnMut(Number) -> Number) {
        let Self {
            aggregate: _,
            pop: _,
            keys,
            below: _,
        } = self;
        for (now, _) in keys {
            *now = rename(*now);
        }
    }
}

/// The unit in which rows are counted: a grouping, or a window's partitions.
pub(super) struct Grouping<'a> {
    /// The keys of each grouping set.
    pub(super) sets: &'a [Vec<Number>],
    /// The aggregate, and the numbers of the keys in its output; `None` for a
    /// window.
    pub(super) made: Option<(RelId, &'a [Number])>,
    /// The id of the grouping, if calls read all rows of a group.
    pub(super) group: Option<u32>,
    /// Whether one person may be in several of its groups by the content of the
    /// rows.
    pub(super) shared: bool,
}

impl Analyzer<'_, '_> {
    /// Determines what a call counts, and what that proves.
    pub(super) fn counted(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> Option<Counted> {
        let (what, kind, mut people) = match class {
            AggregateClass::Count if call.distinct => {
                let people = self.distinct(call, values, input, grouping);
                let what = format!("distinct values of {}", self.words(call));
                (what, CountKind::OtherUnit, people)
            }
            AggregateClass::Count | AggregateClass::CountIf => {
                let people = self.rows_counted(input, grouping);
                let what = if class == AggregateClass::CountIf {
                    "rows that meet a condition".to_owned()
                } else {
                    "rows".to_owned()
                };
                (what, CountKind::Rows, people)
            }
            AggregateClass::ApproxCount => (
                format!("the approximate number of distinct {}", self.words(call)),
                CountKind::Approximate,
                Vec::new(),
            ),
            AggregateClass::SketchRead => (
                "an approximate count".to_owned(),
                CountKind::Approximate,
                Vec::new(),
            ),
            AggregateClass::Sum => match values {
                [only] if only.at_most_one => (
                    "rows".to_owned(),
                    CountKind::Rows,
                    self.rows_counted(input, grouping),
                ),
                [only] => {
                    let people = self.summed(only, input, grouping);
                    let what = match only.count {
                        Some(_) => format!("a sum of {}", self.words(call)),
                        None => format!("the sum of {}", self.words(call)),
                    };
                    (what, CountKind::OtherUnit, people)
                }
                _ => return None,
            },
            // One of the groups that make up a row has that many people.
            AggregateClass::Extreme | AggregateClass::Mean | AggregateClass::AnyOfGroup => {
                let [only] = values else { return None };
                if matches!(call.name.as_str(), "MAX_BY" | "MIN_BY") {
                    return None;
                }
                let known = only.count.as_ref()?;
                let people = known.people.iter().map(|fact| CountFact {
                    counted: None,
                    alone: fact.alone && input.populations.len() == 1,
                    groups: None,
                    ..fact.clone()
                });
                let people = self.retain_present(people.collect(), input);
                (known.what.clone(), known.kind, people)
            }
            AggregateClass::Positional
            | AggregateClass::Collecting
            | AggregateClass::TopK
            | AggregateClass::SketchMake
            | AggregateClass::SketchMerge
            | AggregateClass::QuantilesMake
            | AggregateClass::QuantilesRead
            | AggregateClass::Statistical
            | AggregateClass::Bitwise
            | AggregateClass::NoiseAdding
            | AggregateClass::Grouping => return None,
        };
        let certain = self.certain(call, class, values);
        for fact in &mut people {
            fact.conditions.extend(&certain);
        }
        let mut identities = values.iter().flat_map(|value| &value.identities);
        let undeclared = identities
            .find(|one| self.sources.get(one.source).sounds_like_person())
            .map(|one| self.sources.get(one.source).dotted().into())
            .filter(|_| people.is_empty());
        let kind = if people.is_empty() {
            kind
        } else {
            CountKind::People
        };
        Some(Counted {
            what,
            kind,
            span: call.span,
            people,
            partitions: Vec::new(),
            undeclared,
        })
    }

    /// Determines what the number of members of ARRAY_AGG(DISTINCT e) proves: the
    /// same as COUNT(DISTINCT e), except that NULL is a member.
    pub(super) fn members_counted(
        &mut self,
        call: &AggregateCall,
        values: &[SharedFacts],
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> Option<Rc<Counted>> {
        let [arg] = call.args.as_slice() else {
            return None;
        };
        let class = AggregateClass::Count;
        let mut counted = self.counted(call, class, values, input, grouping)?;
        let keeps_nulls = call.nulls != Some(NullTreatment::Ignore);
        let nobody = keeps_nulls && !self.never_null(arg, &input.dependencies);
        for fact in &mut counted.people {
            fact.slack = fact.slack.saturating_add(u64::from(nobody));
            fact.counted = None;
            fact.groups = None;
        }
        Some(Rc::new(counted))
    }

    /// The conditions that hold for all rows that a call counts.
    fn certain(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[SharedFacts],
    ) -> OrderedSet<ConditionId> {
        let mut certain = OrderedSet::new();
        if let Some(filter) = &call.filter {
            certain.extend(self.conditions_of(filter));
        }
        match (class, call.args.as_slice()) {
            (AggregateClass::CountIf, [condition]) => {
                certain.extend(self.conditions_of(condition));
            }
            (AggregateClass::Count, [arg]) => {
                certain.extend(&values[0].there);
                certain.insert(self.is_there(arg));
            }
            (AggregateClass::Sum, [_]) if values[0].at_most_one => {
                certain.extend(&values[0].certain);
            }
            _ => {}
        }
        certain
    }

    /// The ids of a condition's conjuncts.
    pub(super) fn conditions_of(&mut self, condition: &Expr) -> OrderedSet<ConditionId> {
        super::conjuncts(condition)
            .into_iter()
            .map(|part| self.numbering.exclude(part))
            .collect()
    }

    /// The condition that a value is not NULL.
    pub(super) fn is_there(&mut self, value: &Expr) -> ConditionId {
        let there = Expr::new(ExprKind::IsNull(Box::new(value.clone())), value.span);
        let there = Expr::new(ExprKind::Not(Box::new(there)), value.span);
        self.numbering.condition(&there)
    }

    /// Keeps the facts about people for whom these rows still stand.
    fn retain_present(&self, facts: Vec<CountFact>, input: &RelationFacts) -> Vec<CountFact> {
        facts
            .into_iter()
            .filter_map(|mut fact| {
                fact.pop = self.present(fact.pop, input)?;
                Some(fact)
            })
            .collect()
    }

    /// The name by which a relation knows a population, if it has it.
    pub(super) fn present(&self, pop: PrivateInput, rows: &RelationFacts) -> Option<PrivateInput> {
        let pop = self.populations.find(pop);
        rows.populations
            .keys()
            .copied()
            .find(|known| self.populations.find(*known) == pop)
    }

    /// The facts of COUNT(DISTINCT e): `e` is one function of the unit and the
    /// group's keys, or identifies rows of which each person has at most one.
    fn distinct(
        &mut self,
        call: &AggregateCall,
        values: &[SharedFacts],
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> Vec<CountFact> {
        let ([value], [arg]) = (values, call.args.as_slice()) else {
            return Vec::new();
        };
        let named = match &value.unit {
            Some(unit) => {
                let constants = if self.default_is_used(arg, input) {
                    unit.constants
                } else {
                    0
                };
                Some((unit.pop, Rc::clone(&unit.identifier), constants))
            }
            None => self.unit_and_group(arg, input, grouping),
        };
        if let Some((pop, identifier, slack)) = named
            && let Some(pop) = self.present(pop, input)
        {
            let groups = self.groups_of(pop, slack, grouping, None);
            let bare = matches!(arg.kind, ExprKind::Column(_) | ExprKind::Field(..));
            let counted = bare.then(|| self.numbering.expression(arg)).flatten();
            return vec![CountFact {
                pop,
                identifier,
                slack,
                conditions: OrderedSet::new(),
                counted,
                alone: input.populations.len() == 1,
                groups,
            }];
        }
        // Other values may be shared by people: there are as many values as people
        // only if each determines its person.
        let Some(number) = self.numbering.expression(arg) else {
            return Vec::new();
        };
        let rows = &input.dependencies;
        let mut people = self.rows_counted(input, grouping);
        people.retain(|fact| {
            fact.counted.is_some_and(|unit| {
                grouping.sets.iter().all(|set| {
                    let from = set.iter().copied().chain([number]);
                    rows.closure(&self.numbering, from).has(unit)
                })
            })
        });
        people
    }

    /// Whether `COALESCE(id, '?')` may return anything but the identifier.
    fn default_is_used(&mut self, arg: &Expr, input: &RelationFacts) -> bool {
        let ExprKind::Call { name, args, .. } = &arg.kind else {
            return true;
        };
        let (Some(first), "COALESCE" | "IFNULL") = (args.first(), name.as_str()) else {
            return true;
        };
        let plain = matches!(first.kind, ExprKind::Column(_) | ExprKind::Field(..));
        !(plain && self.never_null(first, &input.dependencies))
    }

    fn groups_of(
        &self,
        pop: PrivateInput,
        slack: u64,
        grouping: &Grouping<'_>,
        below: Option<&CountFact>,
    ) -> Option<CountedGroups> {
        let (aggregate, keys) = grouping.made?;
        if slack > 0 || grouping.sets.len() != 1 {
            return None;
        }
        Some(CountedGroups {
            aggregate,
            pop,
            keys: keys.iter().map(|key| (*key, *key)).collect(),
            below: below.map(|fact| Rc::new(fact.clone())),
        })
    }

    /// The unit of a value that is a function of the unit and of the group.
    ///
    /// All its other columns must be the same in the whole group. The last number
    /// is the slack of its count.
    fn unit_and_group(
        &mut self,
        arg: &Expr,
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> Option<(PrivateInput, Rc<Identifier>, u64)> {
        self.numbering.leaves(arg)?;
        let mut unit: Option<(PrivateInput, Rc<Identifier>, Number)> = None;
        for column in arg.columns() {
            let number = self.numbering.column(column);
            match &self.column(column).unit {
                Some(known) if known.constants == 0 => {
                    let pop = self.populations.find(known.pop);
                    let same = unit
                        .as_ref()
                        .is_none_or(|(first, _, of)| *first == pop && *of == number);
                    if !same {
                        return None;
                    }
                    unit = Some((pop, Rc::clone(&known.identifier), number));
                }
                _ => {
                    let constant = grouping.sets.iter().all(|set| {
                        input
                            .dependencies
                            .closure(&self.numbering, set.iter().copied())
                            .has(number)
                    });
                    if !constant && self.mistake != Some(Mutation::AnyFunctionOfTheUnit) {
                        return None;
                    }
                }
            }
        }
        let (pop, identifier, number) = unit?;
        // Two people with the same value would be counted once.
        if !self.tells(arg, number) && self.mistake != Some(Mutation::AnyFunctionOfTheUnit) {
            return None;
        }
        // Rows without an identifier add one value if the function is not NULL for
        // them.
        let slack = u64::from(!is_strict(arg) && !input.dependencies.not_null.contains(&number));
        Some((pop, identifier, slack))
    }

    /// Whether an expression distinguishes people if everything else in it is the
    /// same.
    ///
    /// It does if it is the identifier, a one-to-one function or hash of it, or a
    /// text or struct that contains it.
    fn tells(&self, expr: &Expr, unit: Number) -> bool {
        match &expr.kind {
            ExprKind::Column(column) => self.numbering.column(*column) == unit,
            ExprKind::Cast { value, to, safe } => {
                !safe && to == "STRING" && self.tells(value, unit)
            }
            ExprKind::Struct(fields) => fields.iter().any(|(_, value)| self.tells(value, unit)),
            ExprKind::Call { name, info, args } => {
                let one_to_one = matches!(
                    info.map(|info| info.class),
                    Some(FunctionClass::Scalar(
                        ScalarClass::Injective | ScalarClass::Hash | ScalarClass::KeyedHash
                    ))
                );
                let joins = matches!(name.as_str(), "CONCAT" | "||" | "TO_JSON_STRING");
                (one_to_one || joins) && args.iter().any(|arg| self.tells(arg, unit))
            }
            _ => false,
        }
    }

    /// The facts of COUNT(*) and similar counts: the group and the unit together
    /// determine a key, so that each person has at most one row in each group.
    fn rows_counted(&self, input: &RelationFacts, grouping: &Grouping<'_>) -> Vec<CountFact> {
        let rows = &input.dependencies;
        let mut found: Vec<CountFact> = Vec::new();
        for unit in &rows.units {
            let Some(pop) = self.present(unit.pop(), input) else {
                continue;
            };
            if found.iter().any(|fact| fact.pop == pop) {
                continue;
            }
            let slack = grouping
                .sets
                .iter()
                .map(|set| self.one_row_each(unit, set, rows))
                .try_fold(0, |most, slack| Some(slack?.max(most)));
            if let Some(slack) = slack {
                found.push(CountFact {
                    pop,
                    identifier: Rc::clone(&unit.value.identifier),
                    slack,
                    conditions: OrderedSet::new(),
                    counted: Some(unit.number),
                    alone: input.populations.len() == 1,
                    groups: self.groups_of(pop, slack, grouping, None),
                });
            }
        }
        found
    }

    /// The most rows of a group that are not people; `None` if a person may have
    /// several.
    fn one_row_each(&self, unit: &UnitColumn, set: &[Number], rows: &Dependencies) -> Option<u64> {
        let from = set.iter().copied().chain([unit.number]);
        let closure = rows.closure(&self.numbering, from);
        let usable = |key: &&UniqueKey| {
            let others = key.columns.iter().filter(|n| **n != unit.number);
            key.columns.iter().all(|n| closure.has(*n))
                && (key.nulls == 1 || others.into_iter().all(|n| rows.not_null.contains(n)))
        };
        let nulls = rows.keys.iter().filter(usable).map(|key| key.nulls).min()?;
        let nulls = if rows.not_null.contains(&unit.number)
            || self.mistake == Some(Mutation::NoNullSlack)
        {
            0
        } else {
            nulls
        };
        Some(nulls.saturating_add(unit.value.constants))
    }

    /// The facts of a SUM of counts: each person is in at most one of the summed
    /// groups, and each group is summed once.
    fn summed(
        &self,
        value: &ColumnFacts,
        input: &RelationFacts,
        grouping: &Grouping<'_>,
    ) -> Vec<CountFact> {
        let Some(count) = &value.count else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for fact in self.retain_present(count.people.clone(), input) {
            let careless = self.mistake == Some(Mutation::SumsAreCounts);
            let Some(groups) = fact.groups.as_ref().filter(|_| fact.slack == 0) else {
                continue;
            };
            let keys: OrderedSet<Number> = groups.keys.iter().map(|(now, _)| *now).collect();
            let once = input
                .dependencies
                .keys
                .iter()
                .any(|key| key.nulls == 1 && key.columns.is_subset(&keys));
            let apart = grouping.sets.iter().all(|set| {
                let closure = input
                    .dependencies
                    .closure(&self.numbering, set.iter().copied());
                self.in_one_group(&fact, groups, &|number| closure.has(number))
            });
            if careless || (once && apart) {
                found.push(CountFact {
                    counted: None,
                    alone: fact.alone && input.populations.len() == 1,
                    groups: self.groups_of(fact.pop, 0, grouping, Some(&fact)),
                    ..fact.clone()
                });
            }
        }
        found
    }

    /// Whether a person is in at most one of the groups that agree in the values
    /// for which `same` holds.
    fn in_one_group(
        &self,
        fact: &CountFact,
        groups: &CountedGroups,
        same: &dyn Fn(Number) -> bool,
    ) -> bool {
        let Operator::Aggregate(aggregate) = &self.plan.relation(groups.aggregate).operator else {
            return false;
        };
        let rows = &self.relation(aggregate.input).dependencies;
        let mut from: Vec<Number> = groups
            .keys
            .iter()
            .filter(|(now, _)| same(*now))
            .map(|(_, inner)| *inner)
            .collect();
        if let Some(below) = &fact.groups
            && let Some(of) = &below.below
            && let Some(inner) = &of.groups
        {
            // Of the groups that were summed, a person is in one that agrees in all
            // values known so far.
            let closure = rows.closure(&self.numbering, from.iter().copied());
            if self.in_one_group(of, inner, &|number| closure.has(number)) {
                from.extend(inner.keys.iter().map(|(now, _)| *now));
            }
        }
        let pop = self.populations.find(groups.pop);
        from.extend(
            rows.units
                .iter()
                .filter(|unit| {
                    self.populations.find(unit.pop()) == pop
                        && unit.value.identifier.is_same(&fact.identifier)
                })
                .map(|unit| unit.number),
        );
        let closure = rows.closure(&self.numbering, from);
        groups.keys.iter().all(|(_, inner)| closure.has(*inner))
    }
}

/// Whether a value is at most 1 in every row: `1`, `IF(p, 1, 0)`.
pub(super) fn at_most_one(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => *value <= 1,
        ExprKind::Literal(Literal::Null) => true,
        ExprKind::Case(case) => {
            case.branches.iter().all(|(_, value)| at_most_one(value))
                && case.otherwise.as_ref().is_none_or(at_most_one)
        }
        ExprKind::Cast { value, to, .. } => {
            to == "INT64"
                && matches!(
                    value.kind,
                    ExprKind::Compare(..)
                        | ExprKind::And(_)
                        | ExprKind::Or(_)
                        | ExprKind::Not(_)
                        | ExprKind::IsNull(_)
                        | ExprKind::InList { .. }
                )
        }
        _ => false,
    }
}
