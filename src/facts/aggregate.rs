//! Transfer functions of GROUP BY, DISTINCT, PIVOT and aggregates without GROUP BY.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::analysis::Analyzer;
use super::bucket::mark_identifying_buckets;
use super::case::is_measured;
use super::cell::{Cell, PeopleSubset};
use super::column::{ColumnFacts, Contribution, CountKind, OpaqueCall, SharedFacts};
use super::constant::number;
use super::count::Grouping;
use super::coverage::{Adds, Coverage, GapReason, Measure};
use super::dependency::{Dependencies, Dependency, UnitColumn};
use super::group_key::{Keys, individual_key};
use super::included::records_counted;
use super::influence::RowInfluence;
use super::lattice::{Flow, PrivateInput, Rows};
use super::least::lowest_integer;
use super::loss::LossKind;
use super::measured::{AggregatedRows, picks};
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::{OrderedMap, OrderedSet};
use super::relation::{GroupKey, RelationFacts};
use crate::plan::functions::{AggregateClass, FunctionClass};
use crate::plan::{Aggregate, AggregateCall, ColId, Comparison, Expr, PrivacyClause, RelId};
use crate::source::Span;

impl<'p> Analyzer<'p, '_> {
    pub(super) fn aggregate(
        &mut self,
        id: RelId,
        aggregate: &'p Aggregate,
        span: Span,
    ) -> RelationFacts {
        let mut input = self.relation(aggregate.input).clone();
        let mut facts = RelationFacts {
            rows: input.rows,
            individual_reason: input.individual_reason.clone(),
            registered_level: input.registered_level,
            // A group stands for at least as many people as any of its rows.
            populations: input.populations.clone(),
            keys: None,
            dependencies: Rc::default(),
            members: input.members,
            partitions: OrderedMap::new(),
            folds: Vec::new(),
            proven: Vec::new(),
            bounded: Vec::new(),
            decided: input.decided.clone(),
            whole_table: None,
            whole_groups: None,
            losses: input.losses.clone(),
            history: Rc::clone(&input.history),
            // Groups are not records.
            records: OrderedSet::new(),
            compared: input.compared.clone(),
            trained_on: input.trained_on.clone(),
            inside: input.inside.clone(),
            // For rows of groups, each measured value says whether they share
            // people.
            repeated: input.repeated && input.rows == Rows::Individual,
        };
        // Arms of a union may be selected by different measured values. If a
        // value's grouping is unknown, its groups may share people.
        let mut otherwise = facts.compared.otherwise().iter();
        let unknown = otherwise.any(Measure::is_of_unknown);
        if (unknown || facts.compared.discloses_difference()) && facts.k() != Some(0) {
            let span = self.plan.relation(aggregate.input).origin.span;
            self.lower(0, span, "GROUP BY", &mut facts);
        }
        let mut keys = Vec::new();
        // The values of the keys, before grouping sets make some of them NULL.
        let mut numbers = Vec::new();
        let mut decides = Vec::new();
        let plain = aggregate.sets.is_empty();
        for key in &aggregate.keys {
            self.attempts(&key.expr, "CASE", &mut facts);
            self.subqueries(&key.expr, &mut facts);
            let mut value = Rc::unwrap_or_clone(self.value(&key.expr));
            decides.push((value.clone(), key.expr.span));
            if !value.when.is_empty() || !value.there.is_empty() {
                // The groups disclose to whom a condition gave the value; their
                // labels do not show it any more.
                value.feeds = Contribution::No;
                value.each = false;
            }
            value.when.clear();
            value.certain.clear();
            value.there.clear();
            value.influences.clear();
            value.windows.clear();
            // A value that was selected from one person's rows labels that person
            // like any other.
            let own = input.rows == Rows::Individual && value.coverage == Coverage::Label;
            value.single = value.single.filter(|_| !own);
            if value.collated || value.intervals {
                // One of the group's spellings labels it: the spelling of one
                // person.
                value.single = value.single.or(Some(key.expr.span));
            }
            // A measured value stays one after it labelled its groups: beside
            // another one it discloses their difference.
            value.coverage = match std::mem::take(&mut value.coverage) {
                known if known.measures().is_empty() => Coverage::Label,
                known => Coverage::Measured(known.measures().to_vec()),
            };
            value.cells.clear();
            if !plain {
                // A rolled-up key is NULL in the rows of the sets without it.
                value.constant = false;
                value.literal = None;
                value.everywhere(&mut |part| part.total = false);
            }
            facts.decided_by(&value.compared());
            let number = self.numbering.expression(&key.expr);
            if key.expr.as_column().is_none() {
                self.definitions.insert(key.column, &key.expr);
            }
            match number {
                Some(number) if plain => self.numbering.copy(key.column, number),
                Some(_) | None => {}
            }
            let number = number.unwrap_or_else(|| self.numbering.column(key.column));
            self.folds(number, &key.expr, &mut input);
            numbers.push(number);
            let value = Rc::new(value);
            self.set(key.column, Rc::clone(&value));
            keys.push(GroupKey {
                column: key.column,
                name: self.key_name(key.column, &key.expr).into(),
                facts: value,
                span: key.expr.span,
            });
        }
        mark_identifying_buckets(&mut keys);
        for key in &keys {
            self.set(key.column, Rc::clone(&key.facts));
        }
        let labels: FxHashSet<Number> = decides
            .iter()
            .zip(&numbers)
            .filter(|((value, _), _)| !is_measured(value))
            .map(|(_, number)| *number)
            .collect();
        let sets = grouping_sets(aggregate, &numbers);
        // Everything that their keys disclose decides which groups are present.
        let mut told = input.compared.clone();
        for rows in decides
            .iter()
            .filter_map(|(value, _)| value.presence_comparisons.as_ref())
        {
            told.extend(rows);
        }
        let left = if plain {
            self.group_folds(&numbers, &input)
        } else {
            Vec::new()
        };
        for ((value, span), number) in decides.iter().zip(&numbers) {
            // The fold bounds the people who decide about a folded label.
            let folds = input.folds.iter().filter(|fold| fold.label == *number);
            let folded = folds.map(|fold| fold.k).max().unwrap_or(0);
            let still = left.iter().filter(|fold| fold.label == *number);
            let folded = (folded, still.map(|fold| fold.k).max().unwrap_or(0));
            let all = Keys {
                one: *number,
                numbers: &numbers,
                sets: &sets,
                labels: &labels,
                told: &told,
            };
            self.key_decides(value, *span, &all, folded, &input, &mut facts);
        }
        let group = self.next_measure();
        let grouping = Grouping {
            sets: &sets,
            made: plain.then_some((id, numbers.as_slice())),
            group: Some(group),
            shared: !plain || input.repeated,
        };
        for (column, call) in &aggregate.aggregates {
            for part in call.expressions() {
                self.subqueries(part, &mut facts);
            }
            let mut value = self.aggregate_value(call, &input, &mut facts, &grouping);
            if let Some(clause) = &aggregate.privacy
                && self.mistake != Some(Mutation::NoiseIsExact)
            {
                noisy(clause, &mut value);
            }
            self.set(*column, value);
        }
        let measured_key = || decides.iter().any(|(value, _)| is_measured(value));
        if input.rows == Rows::Aggregated && (measured_key() || !self.is_additive(aggregate)) {
            self.includes_inner_keys(&numbers, &input, &mut facts);
        }
        self.group_pairs(&input, &mut facts);
        facts.whole_groups = self.whole_groups(aggregate, &numbers, &input);
        self.group_partitions(&numbers, span, &input, &mut facts);
        self.finer_than_proven(&numbers, &input, &mut facts);
        facts.folds = left;
        self.group_dependencies(aggregate, &numbers, &keys, &input, &mut facts);
        if let Some(clause) = &aggregate.privacy {
            self.privacy(clause, Some(group), &mut facts);
        }
        if facts.rows == Rows::Individual {
            match keys.iter().find_map(individual_key) {
                Some(why) => facts.individual_reason = Some(why),
                None => {
                    facts.rows = Rows::Aggregated;
                    facts.individual_reason = None;
                }
            }
        }
        if facts.rows != Rows::Individual {
            facts.registered_level = None;
        }
        if let Some(members) = &mut facts.members {
            members.one = !keys.is_empty();
        }
        facts.keys = Some(keys);
        facts
    }

    /// Bounds groups of the pairs that a join made: they stand for as few people as
    /// each pair did.
    fn group_pairs(&mut self, input: &RelationFacts, facts: &mut RelationFacts) {
        let required = self.sources.registry().policy().min_bucket;
        for (pop, people) in &input.populations {
            let Some(between) = people.between else {
                continue;
            };
            let side = |pop: PrivateInput| {
                let known = self
                    .present(pop, input)
                    .and_then(|pop| input.populations.get(&pop));
                known.map_or(0, |people| people.k)
            };
            // A partner that stands for enough people is not a single person.
            let [mine, theirs] = between.pops.map(side);
            let k = people.k.min(mine.max(theirs));
            if k >= required {
                facts.populations.remove(pop);
                continue;
            }
            if let Some(pair) = facts.populations.get_mut(pop) {
                pair.k = k;
            }
            facts.history_mut().implies(RowInfluence {
                k,
                table: None,
                span: between.span,
                word: "JOIN",
            });
        }
    }

    /// Sets the dependencies of groups: their key is what they are grouped by, and
    /// facts of the input remain if the keys determine all their values.
    fn group_dependencies(
        &mut self,
        aggregate: &Aggregate,
        numbers: &[Number],
        keys: &[GroupKey],
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        let mut counts = OrderedSet::new();
        for (column, call) in &aggregate.aggregates {
            if matches!(
                call.name.as_str(),
                "COUNT" | "COUNTIF" | "APPROX_COUNT_DISTINCT"
            ) {
                counts.insert(self.numbering.column(*column));
            }
        }
        let mut rows;
        if aggregate.sets.is_empty() {
            rows = (*input.dependencies).clone();
            let closure = input
                .dependencies
                .closure(&self.numbering, numbers.iter().copied());
            rows.retain(&|number| closure.has(number));
            rows.keys.clear();
            let fixed = input.dependencies.closure(&self.numbering, []);
            let by: OrderedSet<Number> = numbers
                .iter()
                .copied()
                .filter(|number| !fixed.has(*number))
                .collect();
            drop((closure, fixed));
            rows.add_key(by.clone(), 1);
            let maker = self.numbering.add_maker();
            for (column, _) in &aggregate.aggregates {
                let number = self.numbering.column(*column);
                self.numbering.made_by(number, maker);
            }
            rows.determined.push(Dependency { by, maker });
            for (number, key) in numbers.iter().zip(keys) {
                // A group of one person's rows still identifies that person.
                if let Some(unit) = &key.facts.unit
                    && !rows.units.iter().any(|known| known.number == *number)
                {
                    rows.units.push(UnitColumn {
                        number: *number,
                        value: Rc::clone(unit),
                        total: key.facts.total,
                    });
                }
            }
        } else {
            rows = Dependencies::default();
        }
        rows.not_null.extend(counts);
        facts.dependencies = Rc::new(rows);
    }

    /// Marks losses at joins to large groups as losses by grain, if the grain is
    /// now finer.
    ///
    /// It is finer if the rows are grouped by more than those groups' keys.
    fn finer_than_proven(
        &self,
        numbers: &[Number],
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) {
        for loss in &mut facts.losses {
            if loss.kind != LossKind::Joined || loss.grain.is_empty() {
                continue;
            }
            let closure = input
                .dependencies
                .closure(&self.numbering, loss.grain.iter().copied());
            if !numbers.iter().all(|number| closure.has(*number)) {
                loss.kind = LossKind::OtherGrain;
            }
            loss.grain.clear();
        }
    }

    /// Applies `WITH AGGREGATION_THRESHOLD`.
    ///
    /// The clause drops groups of fewer privacy units than its threshold. It proves
    /// a minimum bucket if its unit is the person. Noise bounds nothing.
    fn privacy(&mut self, clause: &PrivacyClause, group: Option<u32>, facts: &mut RelationFacts) {
        if clause.kind != "AGGREGATION_THRESHOLD" {
            return;
        }
        let option = |name: &str| {
            clause
                .options
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value)
        };
        let (Some(threshold), Some(column)) = (option("threshold"), option("privacy_unit_column"))
        else {
            return;
        };
        let unit = self
            .value(column)
            .unit
            .clone()
            .filter(|unit| unit.constants == 0);
        let Some(pop) = unit.and_then(|unit| self.present(unit.pop, facts)) else {
            facts
                .history_mut()
                .clauses_with_wrong_unit
                .push(clause.span);
            return;
        };
        let pop = self.populations.find(pop);
        let least = number(threshold).map_or(0, |value| lowest_integer(Comparison::GtEq, value));
        for (known, people) in &mut facts.populations {
            if self.populations.find(*known) == pop {
                people.k = people.k.max(least);
            }
        }
        // It bounds a count of its groups that is not published.
        let bound = self.measure(group, group.is_some(), Adds::Counts);
        facts.compared.bound(bound.measures());
    }

    /// Computes an aggregate's value, and the facts of its fields.
    ///
    /// Fields exist if the value is a struct or an array of structs. Conditions
    /// inside the call become filters of `facts`, since they define a
    /// sub-population.
    pub(super) fn aggregate_value(
        &mut self,
        call: &AggregateCall,
        input: &RelationFacts,
        facts: &mut RelationFacts,
        grouping: &Grouping<'_>,
    ) -> ColumnFacts {
        let mut value = self.aggregate_whole(call, input, facts, grouping);
        if input.rows == Rows::Individual && self.is_of_one_person(input, grouping) {
            let mut parts = call.expressions().into_iter();
            if parts.all(|part| self.value(part).is_own()) {
                // Any value of one person's rows belongs to that person.
                value.coverage = Coverage::Label;
            }
        }
        value.fields = value
            .fields
            .iter()
            .map(|(name, field)| (name.clone(), Rc::new(field.in_aggregate(&value))))
            .collect();
        value
    }

    fn aggregate_whole(
        &mut self,
        call: &AggregateCall,
        input: &RelationFacts,
        facts: &mut RelationFacts,
        grouping: &Grouping<'_>,
    ) -> ColumnFacts {
        let columns: Vec<ColId> = call.args.iter().flat_map(Expr::columns).collect();
        let before = call
            .filter
            .as_ref()
            .map(|filter| self.narrow(filter, &columns));
        let values: Vec<SharedFacts> = call.args.iter().map(|arg| self.value(arg)).collect();
        self.widen(before.unwrap_or_default());
        let mut value = ColumnFacts::computed(&values);
        for flow in value.sources.values_mut() {
            *flow = Flow::Aggregated;
        }
        value.constant = false;
        value.personal |= !input.populations.is_empty();
        let class = match call.info.map(|info| info.class) {
            Some(FunctionClass::Aggregate(class)) => class,
            Some(
                FunctionClass::Scalar(_) | FunctionClass::Analytic(_) | FunctionClass::Table(_),
            )
            | None => {
                value.opaque.insert(OpaqueCall {
                    name: call.name.clone(),
                    span: call.span,
                });
                return value;
            }
        };
        self.conditions(call, class, &values, facts);
        // What selects or orders rows stands for as few people as it does if it is
        // published.
        let mut chosen_by = u64::MAX;
        for part in call.filter.iter().chain(&call.decided_by) {
            let decides = self.value(part);
            value.influences.extend(decides.influences.iter().cloned());
            value.conditions.extend(self.deciding(&decides));
            if input.rows == Rows::Aggregated {
                chosen_by = chosen_by.min(input.behind(&decides));
            }
        }
        // A window over single people's rows discloses its partition.
        let mut over = u64::MAX;
        if input.rows == Rows::Individual {
            for part in call.expressions() {
                over = over.min(input.behind_windows(&self.value(part)));
            }
            chosen_by = chosen_by.min(over);
        }
        value.windows.clear();
        value.cells = self.cells(call, class, &values, input);
        value.when.clear();
        let same = self.same_in_group(call, input, grouping);
        let count = self
            .counted(call, class, &values, input, grouping)
            .filter(|_| over >= self.sources.registry().policy().min_bucket)
            .map(Rc::new);
        let seen = AggregatedRows {
            group: grouping.group,
            same,
        };
        value.coverage = self.aggregate_coverage(call, class, &values, input, seen);
        if !matches!(value.coverage, Coverage::Collected(_)) || grouping.shared {
            value.coverage = value.coverage.shared(grouping.shared);
        }
        if let [
            Cell {
                among: PeopleSubset::Where(conditions),
                measure: None,
                ..
            },
        ] = value.cells.as_slice()
            && let Coverage::Measured(measures) = &mut value.coverage
            && input.rows == Rows::Individual
        {
            let part = self.part_where(conditions);
            let taken = measures.iter_mut().filter(|measure| !measure.whole);
            taken.for_each(|measure| measure.part = Some(part));
        }
        match &value.coverage {
            // What selected the groups decides which members there are.
            Coverage::Collected(members) if input.compared.discloses_difference_with(members) => {
                value.everywhere(&mut |part| part.add_presence_comparisons(&input.compared));
            }
            // What is measured again is measured over the groups that are present.
            Coverage::Measured(_) | Coverage::Uncovered(_) => value.presence_comparisons = None,
            _ => {}
        }
        if let (true, Coverage::Measured(measures)) = (picks(class), &value.coverage)
            && let [measure] = measures.as_slice()
        {
            for cell in &mut value.cells {
                cell.measure = Some(measure.id);
            }
        }
        if chosen_by < 2 {
            value.coverage = Coverage::gap(GapReason::Chosen, call.span);
        } else if chosen_by < u64::MAX {
            value.cells.push(Cell {
                among: PeopleSubset::OneRow,
                floor: chosen_by,
                span: call.span,
                measure: None,
            });
        }
        let individual = input.rows == Rows::Individual && !same;
        value.as_stored = picks(class) && values.iter().all(|value| value.as_stored);
        // A value of one person's rows is that person's value.
        value.feeds = match class {
            AggregateClass::Count
            | AggregateClass::CountIf
            | AggregateClass::ApproxCount
            | AggregateClass::Sum
            | AggregateClass::Mean => match &value.coverage {
                Coverage::Uncovered(_) => Contribution::No,
                _ if values.iter().any(|value| !value.feeds.all()) => Contribution::No,
                Coverage::Measured(measures) if measures.iter().all(Measure::is_sum) => {
                    Contribution::Plain
                }
                _ => Contribution::Signed,
            },
            AggregateClass::Extreme | AggregateClass::AnyOfGroup | AggregateClass::Positional => {
                values.first().map(|value| value.feeds).unwrap_or_default()
            }
            AggregateClass::SketchMake
            | AggregateClass::SketchMerge
            | AggregateClass::SketchRead
            | AggregateClass::QuantilesMake
            | AggregateClass::QuantilesRead
            | AggregateClass::Collecting
            | AggregateClass::TopK
            | AggregateClass::Statistical
            | AggregateClass::Bitwise
            | AggregateClass::NoiseAdding
            | AggregateClass::Grouping => Contribution::No,
        };
        let leaves_out = self.leaves_out(call, input);
        if leaves_out {
            value.feeds = Contribution::No;
        }
        // One person may decide how many different measured values there are.
        let picked = picks(class) && !leaves_out;
        value.each = picked && values.first().is_some_and(|value| value.each);
        if let Some(count) = &count
            && count.kind == CountKind::Rows
            && count.people.is_empty()
        {
            value.sources.extend(records_counted(input));
        }
        self.cover_by_mutation(&mut value);
        // Each of the groups that are counted or summed may contain one person's
        // value.
        let picked = value.single.filter(|_| input.rows != Rows::Individual);
        let mut value = match class {
            AggregateClass::Count | AggregateClass::CountIf | AggregateClass::ApproxCount => {
                let mut value = metric(value);
                value.count = count;
                value
            }
            AggregateClass::Sum | AggregateClass::Mean => {
                let mut value = printing(value);
                value.count = count;
                value
            }
            AggregateClass::Bitwise => {
                // Like a maximum, it may depend on one person.
                let mut value = printing(value);
                value.single = individual.then_some(call.span).or(value.single);
                value
            }
            AggregateClass::Statistical
            | AggregateClass::NoiseAdding
            | AggregateClass::Grouping => metric(value),
            AggregateClass::SketchRead => {
                value.sketch = None;
                let mut value = metric(value);
                value.count = count;
                value
            }
            AggregateClass::SketchMake | AggregateClass::SketchMerge => {
                let mut value = metric(value);
                value.sketch = Some(call.span);
                value
            }
            AggregateClass::QuantilesMake => {
                let mut value = metric(value);
                value.sketch = Some(call.span);
                value.single = individual.then_some(call.span);
                value
            }
            AggregateClass::QuantilesRead => {
                let single = value.single;
                value.sketch = None;
                let mut value = metric(value);
                value.single = single;
                value
            }
            AggregateClass::Extreme | AggregateClass::Positional => {
                value.single = individual.then_some(call.span).or(value.single);
                value.aggregated |= individual || input.rows != Rows::Individual;
                value.count = count;
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                }
                value
            }
            AggregateClass::AnyOfGroup => {
                value.single = individual.then_some(call.span).or(value.single);
                value.count = count;
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                }
                value
            }
            AggregateClass::TopK => {
                value.single = individual.then_some(call.span).or(value.single);
                value
            }
            AggregateClass::Collecting => {
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                }
                if input.rows == Rows::Aggregated {
                    let covered = values.iter().map(|value| input.behind(value)).min();
                    value.elements = input.k().zip(covered).map(|(k, covered)| k.min(covered));
                } else if same {
                    // They are copies of a value of the group.
                    value.elements = Some(u64::MAX);
                }
                let each = values.iter().all(|value| value.each);
                let all = call.limit.is_none() && !call.chooses_rows();
                if call.distinct && call.name == "ARRAY_AGG" && all && each {
                    value.length = self.members_counted(call, &values, input, grouping);
                }
                // The distinct values of one dimension are its groups.
                let dimension = call.distinct
                    && value.identities.is_empty()
                    && value.surrogate.is_none()
                    && value.fields.is_empty()
                    && value.sources.len() <= 1
                    && value.rest.is_none()
                    && !value.unknown;
                if individual && dimension {
                    value.single = Some(call.span);
                } else if individual {
                    value.collection = Some(call.span);
                }
                value
            }
        };
        value.single = value.single.or(picked);
        value
    }

    /// Names the arguments of a call by the first column in them, for messages.
    pub(super) fn words(&self, call: &AggregateCall) -> String {
        let mut first = None;
        for arg in &call.args {
            arg.walk(&mut |part| {
                let name = match &part.kind {
                    crate::plan::ExprKind::Column(column) => {
                        self.plan.column(*column).name.as_str()
                    }
                    crate::plan::ExprKind::Field(_, name) => name.as_str(),
                    _ => return,
                };
                if !name.is_empty() && first.is_none() {
                    first = Some(name);
                }
            });
        }
        first.map_or_else(|| "a value".to_owned(), |first| format!("`{first}`"))
    }
}

/// The keys of each grouping set; all keys if there are no sets.
fn grouping_sets(aggregate: &Aggregate, numbers: &[Number]) -> Vec<Vec<Number>> {
    if aggregate.sets.is_empty() {
        return vec![numbers.to_vec()];
    }
    aggregate
        .sets
        .iter()
        .map(|set| {
            set.iter()
                .filter_map(|at| numbers.get(*at).copied())
                .collect()
        })
        .collect()
}

/// Turns the facts of a value into those of a measured value of a group.
pub(super) fn metric(mut value: ColumnFacts) -> ColumnFacts {
    value.aggregated = true;
    value.resolution = None;
    value.collection = None;
    value.single = None;
    value.rest = None;
    value.intervals = false;
    value.buckets.clear();
    value.without_identity()
}

/// Like [`metric`], but keeps identifiers: a group of one row prints the value
/// unchanged, and a sum of identifiers is one of them there.
fn printing(value: ColumnFacts) -> ColumnFacts {
    let identities = value.identities.clone();
    let mut value = metric(value);
    value.identities = identities;
    value
}

/// Drops what counts prove if `WITH DIFFERENTIAL_PRIVACY` adds noise to them: such
/// a count bounds nothing, and the clause itself states how much it discloses.
fn noisy(clause: &PrivacyClause, value: &mut ColumnFacts) {
    if clause.kind == "AGGREGATION_THRESHOLD" {
        return;
    }
    if let Some(count) = &mut value.count {
        let count = Rc::make_mut(count);
        count.kind = CountKind::Approximate;
        count.people.clear();
        count.partitions.clear();
    }
}
