//! Facts of expressions.

use std::rc::Rc;

use super::alternatives::{AlternativeConditions, mark_selected_by_rows};
use super::analysis::Analyzer;
use super::call::are_all_rows_own;
use super::case::chosen;
use super::clock::is_time_type;
use super::column::{BasePath, ColumnFacts, Contribution, SharedFacts};
use super::congruence::holds_interval;
use super::constant::number;
use super::count::at_most_one;
use super::coverage::{Combination, Coverage, CoverageGap, GapReason};
use super::influence::PresenceDecision;
use super::lattice::Rows;
use super::members::Members;
use super::mistake::Mutation;
use super::ordered::OrderedSet;
use super::relation::RelationFacts;
use super::source::SourceForm;
use crate::plan::{
    ColId, Expr, ExprKind, Operator, RelId, Subquery, SubqueryKind, member, one_of, only_star,
};
use crate::registry::{RegisteredRole, Resolution};
use crate::source::Span;

impl Analyzer<'_, '_> {
    /// Computes the facts of an expression's value.
    pub(super) fn value(&mut self, expr: &Expr) -> SharedFacts {
        let mut made = match &expr.kind {
            ExprKind::Column(column) => return self.shared_column(*column),
            ExprKind::Field(base, name) => {
                if let Some((document, names)) = member(expr) {
                    let whole = self.value(document);
                    return Rc::new(self.member_or_whole(&whole, &names, expr.span));
                }
                let base = self.value(base);
                return self.field(&base, name, expr.span);
            }
            ExprKind::Lambda(parameters, body) => {
                for parameter in parameters {
                    self.set_member(*parameter, None, expr.span);
                }
                return self.value(body);
            }
            ExprKind::Literal(literal) => ColumnFacts {
                literal: Some(literal.clone()),
                at_most_one: at_most_one(expr),
                feeds: match number(expr) {
                    Some(number) if number < 0.0 => Contribution::Signed,
                    _ => Contribution::Plain,
                },
                ..ColumnFacts::constant()
            },
            ExprKind::Variable(_) => ColumnFacts::constant(),
            ExprKind::Parameter(_) => ColumnFacts {
                secret: true,
                ..ColumnFacts::constant()
            },
            ExprKind::Call { name, info, args } => match member(expr) {
                // The functions on the way to the member only encode.
                Some((document, names)) => {
                    let whole = self.value(document);
                    self.member_or_whole(&whole, &names, expr.span)
                }
                None => self.call(name, *info, args, expr.span),
            },
            ExprKind::Element(of, place) => {
                let base = match member(expr) {
                    Some((document, names)) => {
                        let whole = self.value(document);
                        if let Some(member) = self.member(&whole, &names, expr.span) {
                            return Rc::new(member);
                        }
                        if std::ptr::eq(document, &**of) {
                            let mut whole = Rc::unwrap_or_clone(whole);
                            self.add_named(&mut whole, &names, expr.span);
                            Rc::new(whole)
                        } else {
                            Rc::new(self.member_or_whole(&whole, &names, expr.span))
                        }
                    }
                    None => self.value(of),
                };
                let index = self.value(place);
                let mut element = self.element(&base, expr.span);
                element.conditions.extend(self.deciding(&index));
                let collected = base.coverage.is_collected();
                let floor = base.elements.unwrap_or(0);
                element.everywhere(&mut |part| {
                    part.unit = None;
                    part.feeds = Contribution::No;
                    part.each = false;
                    let own = if collected {
                        // One member stands for as many people as are behind each.
                        part.cells.extend(Members::each(floor, expr.span).cell());
                        self.member_coverage(&part.coverage)
                    } else {
                        part.coverage.member()
                    };
                    part.coverage =
                        Coverage::mixed([&own, &index.coverage], Combination::Any, 0, expr.span);
                    // The array may have no such member.
                    part.total = false;
                    part.single = base.collection.map(|_| expr.span).or(part.single);
                    part.collection = None;
                    part.add_dependencies_of(&index);
                    part.single = part.single.or(index.single);
                });
                chosen(element, &index, &self.deciding(&index))
            }
            ExprKind::Struct(fields) => {
                let values: Vec<(String, SharedFacts)> = fields
                    .iter()
                    .map(|(name, value)| (name.clone().unwrap_or_default(), self.value(value)))
                    .collect();
                let mut all = ColumnFacts::computed(values.iter().map(|(_, value)| value));
                all.each = are_all_rows_own(values.iter().map(|(_, value)| value));
                all.fields = values;
                all.spend_fields();
                all
            }
            ExprKind::Array(items) => {
                let values: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                let mut all = ColumnFacts::computed(&values);
                if let [first, others @ ..] = values.as_slice() {
                    let mut one = others
                        .iter()
                        .fold((**first).clone(), |one, other| one.or(other));
                    let items: Vec<_> = values.iter().cloned().map(Some).collect();
                    AlternativeConditions::default().tell(&mut one, &items, &mut self.numbering);
                    if !others.is_empty() {
                        mark_selected_by_rows(&mut one);
                    }
                    all.when.extend(&one.when);
                    all.certain.clone_from(&one.certain);
                    all.there.clone_from(&one.there);
                    all.fields = one.fields;
                    all.coverage = one.coverage.listed();
                    all.feeds = one.feeds;
                    all.each = one.each;
                }
                all
            }
            ExprKind::Case(case) => self.case(case, at_most_one(expr), expr.span),
            ExprKind::Cast { value, to, safe } => {
                let inner = self.value(value);
                let mut facts = ColumnFacts::computed([&inner]);
                facts.at_most_one = at_most_one(expr);
                // A cast that fails on some values, or asks whether they are 0,
                // compares them.
                let mix = if *safe || to == "BOOL" {
                    Combination::Any
                } else {
                    Combination::Scale
                };
                facts.coverage = Coverage::mixed([&inner.coverage], mix, 0, expr.span);
                // A safe cast that makes values NULL selects among them.
                if is_number(to) && !safe {
                    self.cast_to_number(value, &inner, &mut facts);
                }
                if is_time_type(to) {
                    self.read_as_time(&mut facts);
                }
                if let Some(resolution) = facts.resolution
                    && to == "DATE"
                {
                    facts.resolution = Some(resolution.min(Resolution::Day));
                }
                // A text of a value is as good as the value itself.
                if to == "STRING" {
                    facts.unit.clone_from(&inner.unit);
                    facts.total = inner.total && !safe;
                    facts.each = inner.each && !safe;
                    facts.certain.clone_from(&inner.certain);
                    facts.there.clone_from(&inner.there);
                }
                facts.count = inner
                    .count
                    .clone()
                    .filter(|_| matches!(to.as_str(), "INT64" | "NUMERIC" | "BIGNUMERIC"));
                facts
            }
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::IsNull(_)
            | ExprKind::Compare(..) => self.compared(expr, &mut OrderedSet::new()),
            ExprKind::InList {
                value,
                list,
                unnest,
            } => {
                let mut values = vec![self.value(value)];
                values.extend(list.iter().map(|member| self.value(member)));
                let coverage = Coverage::mixed(
                    values.iter().map(|value| &value.coverage),
                    Combination::Any,
                    0,
                    expr.span,
                );
                let mut found =
                    predicate(ColumnFacts::computed(&values).replace_by_buckets(2, expr.span));
                found.coverage = coverage;
                if *unnest {
                    // Whether a value is among the members may depend on one of
                    // them.
                    let collected = values
                        .iter()
                        .skip(1)
                        .filter(|array| array.collection.is_some() || array.elements.is_some());
                    let floor = |array: &ColumnFacts| array.elements.unwrap_or(0);
                    let members = collected.map(|array| Members::each(floor(array), expr.span));
                    found.cells.extend(members.filter_map(Members::cell));
                }
                found
            }
            ExprKind::Subquery(subquery) => self.subquery_value(subquery, expr.span),
            ExprKind::Either(values) => {
                let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
                // Readings of a name with the same registry entry count as one; but
                // their fields may differ, so the paths of all are kept.
                let mut readings: Vec<&SharedFacts> = Vec::new();
                for value in &values {
                    let same = |known: &&SharedFacts| self.sources.same_entries(known, value);
                    if !readings.iter().any(same) {
                        readings.push(value);
                    }
                }
                let mut all = ColumnFacts::computed(readings);
                self.or_variable(&values, &mut all);
                if let [first, others @ ..] = values.as_slice() {
                    all.paths.clone_from(&first.paths);
                    let feeds = others.iter().map(|other| other.feeds);
                    all.feeds = feeds.fold(first.feeds, Contribution::min);
                    all.each = first.each && others.iter().all(|other| other.each);
                    for other in others {
                        one_of(&mut all.paths, &other.paths);
                    }
                }
                all
            }
            ExprKind::Unknown(_) => ColumnFacts {
                personal: true,
                coverage: Coverage::gap(GapReason::NotModelled, expr.span),
                ..ColumnFacts::unknown()
            },
        };
        made.intervals = holds_interval(expr, made.intervals);
        self.uncover_presence_difference(expr, &mut made);
        self.cover_by_mutation(&mut made);
        if let Coverage::Uncovered(gap) = &mut made.coverage {
            let gap = gap.get_or_insert(CoverageGap {
                reason: GapReason::NotModelled,
                span: expr.span,
            });
            // Several values were combined in this expression.
            if gap.span.is_empty() {
                gap.span = expr.span;
            }
        }
        Rc::new(made)
    }

    /// Of a name that is a column of an unknown table, or a constant of the script, the
    /// column is told apart: where it is only compared, it most likely is none.
    fn or_variable(&mut self, readings: &[SharedFacts], all: &mut ColumnFacts) {
        let is_constant = |value: &SharedFacts| value.constant && value.sources.is_empty();
        if !readings.iter().any(is_constant) {
            return;
        }
        for path in readings.iter().flat_map(|value| &value.paths) {
            let source = self.sources.get(path.source);
            if source.entry.is_none()
                && source.of.is_none()
                && let Some(flow) = all.sources.remove(&path.source)
            {
                let apart = self.sources.in_form(path.source, SourceForm::OrVariable);
                all.sources.insert(apart, flow);
            }
        }
    }

    /// Adds the facts of a cast to a number: `CAST(p AS INT64)` counts the people
    /// for whom `p` holds, and a number keeps its value.
    fn cast_to_number(&mut self, value: &Expr, inner: &ColumnFacts, facts: &mut ColumnFacts) {
        let truth = matches!(
            value.kind,
            ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Not(_)
                | ExprKind::IsNull(_)
                | ExprKind::Compare(..)
                | ExprKind::InList { .. }
                | ExprKind::Subquery(_)
        );
        if truth {
            let conditions = self.conditions_of(value);
            facts.feeds = Contribution::Plain;
            facts.when.extend(&conditions);
            facts.certain.extend(&conditions);
        } else {
            // A cast of a computed value may round all but a few values to 0.
            if self.is_number_column(inner) && (inner.constant || !inner.paths.is_empty()) {
                facts.feeds = inner.feeds;
                facts.each = inner.each;
            }
            facts.certain.clone_from(&inner.certain);
            facts.there.clone_from(&inner.there);
        }
    }

    /// Whether a value is already a number as far as the registry knows: a metric,
    /// a measured value or a constant, and not a truth value.
    fn is_number_column(&self, value: &ColumnFacts) -> bool {
        value.aggregated
            || value.constant
            || (!value.sources.is_empty()
                && value.sources.keys().all(|id| {
                    let entry = self.sources.get(*id).entry;
                    entry.is_some_and(|entry| entry.role == RegisteredRole::Metric)
                }))
    }

    /// Computes the values of a call's arguments; a parameter of a lambda stands for
    /// the members of the arrays, one after the other.
    pub(super) fn arguments(&mut self, args: &[Expr], span: Span) -> Vec<SharedFacts> {
        let is_lambda = |arg: &Expr| matches!(arg.kind, ExprKind::Lambda(..));
        if !args.iter().any(is_lambda) {
            return args.iter().map(|arg| self.value(arg)).collect();
        }
        // Each argument is evaluated once: calls with lambdas may be nested deeply.
        let arrays: Vec<Option<SharedFacts>> = args
            .iter()
            .map(|arg| (!is_lambda(arg)).then(|| self.value(arg)))
            .collect();
        let members = arrays.iter().flatten();
        let members: Vec<ColumnFacts> = members.map(|array| self.element(array, span)).collect();
        let member = members.into_iter().reduce(|one, other| one.or(&other));
        let values = args.iter().zip(arrays).map(|(arg, array)| {
            if let ExprKind::Lambda(parameters, body) = &arg.kind {
                for parameter in parameters {
                    self.set_member(*parameter, member.clone(), arg.span);
                }
                return self.value(body);
            }
            array.unwrap_or_else(|| self.value(arg))
        });
        values.collect()
    }

    /// Sets the facts of a lambda's parameter.
    fn set_member(&mut self, parameter: ColId, member: Option<ColumnFacts>, span: Span) {
        let mut member = member.unwrap_or_else(ColumnFacts::constant);
        member.coverage = Coverage::gap(GapReason::Members, span);
        member.feeds = Contribution::No;
        member.each = false;
        member.unit = None;
        member.count = None;
        self.set(parameter, member);
    }

    /// Returns the facts of a value's field.
    pub(super) fn field(&mut self, base: &ColumnFacts, name: &str, span: Span) -> SharedFacts {
        if let Some((_, field)) = base
            .fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            return Rc::clone(field);
        }
        if let Some(star) = only_star(&base.fields)
            && !star.paths.is_empty()
        {
            // All fields of a base column were put into this struct, and this is
            // one of them.
            let record = ColumnFacts {
                rest: None,
                ..(**star).clone()
            };
            return self.field(&record, name, span);
        }
        if base.paths.is_empty() {
            return Rc::new(self.field_of_sources(base, name, span));
        }
        let fields = base
            .paths
            .iter()
            .map(|path| self.base_field(path, name, span));
        let field = base.join_parts(fields);
        Rc::new(base.resolve_reshaped(field))
    }

    /// Returns the facts of a field of a record that was selected, combined or
    /// collected: those of the record, and what is known of that field of any of its
    /// base columns.
    fn field_of_sources(&mut self, base: &ColumnFacts, name: &str, span: Span) -> ColumnFacts {
        let mut whole = base.resolve_reshaped(None);
        self.add_named(&mut whole, &[name.to_owned()], span);
        whole
    }

    /// Adds what is known of a field, at a path of names, of any base column of a
    /// value.
    pub(super) fn add_named(&mut self, whole: &mut ColumnFacts, names: &[String], span: Span) {
        let sources: Vec<_> = whole.sources.keys().copied().collect();
        for mut source in sources {
            for name in names {
                source = self.sources.field(source, name);
            }
            let found = self.sources.get(source);
            if found.entry.is_some() || found.is_identifier() || found.sounds_like_person() {
                let path = BasePath { source, pop: None };
                let field = self.base_value(&path, span);
                whole.is_also(&field);
            }
        }
    }

    /// Returns the facts of a member of an array.
    pub(super) fn element(&mut self, array: &ColumnFacts, span: Span) -> ColumnFacts {
        let elements = array.paths.iter().map(|path| self.base_element(path, span));
        if let Some(element) = array.join_parts(elements) {
            return array.resolve_reshaped(Some(element));
        }
        let mut element = ColumnFacts::computed([array]);
        element.fields.clone_from(&array.fields);
        element
    }

    fn subquery_value(&mut self, subquery: &Subquery, span: Span) -> ColumnFacts {
        let relation = subquery.relation;
        let values: Vec<SharedFacts> = self
            .plan
            .relation(relation)
            .columns
            .iter()
            .map(|column| self.shared_column(*column))
            .collect();
        let facts = self.relation(relation).clone();
        let mut value = ColumnFacts::computed(&values);
        value.constant = false;
        value.personal |= !facts.populations.is_empty();
        value.conditions.extend(&facts.history.indirect);
        match &subquery.kind {
            SubqueryKind::Scalar => {
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                    value.coverage.clone_from(&only.coverage);
                    let indirect = &facts.history.indirect;
                    value.everywhere(&mut |part| {
                        part.coverage =
                            Coverage::mixed([&part.coverage], Combination::Scale, 0, span);
                        part.conditions.extend(indirect);
                        part.constant = false;
                        part.unit = None;
                        part.feeds = Contribution::No;
                        part.each = false;
                    });
                    if only.aggregated && self.adds_an_array(relation) {
                        value.feeds = only.feeds;
                    }
                }
                if self.is_clock(subquery) {
                    value = value.into_clock_day();
                }
                let single = facts.individual_reason.as_ref().map(|why| why.span);
                let single = single.filter(|_| facts.rows == Rows::Individual);
                let cell = facts.members.and_then(Members::cell);
                value.everywhere(&mut |part| {
                    // The subquery may have no row.
                    part.total = false;
                    part.single = part.single.or(single);
                    if single.is_none() {
                        part.cells.extend(cell.clone());
                    }
                });
            }
            SubqueryKind::Array => {
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                    value.paths.clone_from(&only.paths);
                }
                self.ordered_members(relation, &facts, &mut value);
                let measured = values.iter().flat_map(|value| value.coverage.measures());
                value.coverage = Coverage::Collected(measured.copied().collect());
                let covered = values.iter().map(|value| facts.behind(value)).min();
                if facts.rows == Rows::Aggregated {
                    value.elements = facts.k().zip(covered).map(|(k, covered)| k.min(covered));
                } else if facts.rows == Rows::Impersonal && facts.members.is_none() {
                    // Members of the row's own array, or members from no data.
                    value.coverage = match values.as_slice() {
                        [only] => only.coverage.clone().listed(),
                        _ => Coverage::default(),
                    };
                }
                if let Some(members) = facts.members {
                    let measured = values.iter().flat_map(|value| value.coverage.measures());
                    value.coverage = Coverage::Collected(measured.copied().collect());
                    value.elements = covered.map(|covered| covered.min(members.floor));
                }
                if facts.rows == Rows::Individual {
                    let origin = self.plan.relation(relation).origin.span;
                    value.everywhere(&mut |part| {
                        part.collection = part.collection.or(Some(origin));
                    });
                }
            }
            SubqueryKind::Exists => {
                value = predicate(value);
                value.cells.extend(facts.members.and_then(Members::cell));
                self.answer(subquery, span, None, &mut value);
            }
            SubqueryKind::In(looked_for) => {
                let looked_for = self.value(looked_for);
                value.combine_with(&looked_for);
                value = predicate(value);
                value.cells.extend(facts.members.and_then(Members::cell));
                self.answer(subquery, span, Some(&looked_for), &mut value);
            }
        }
        self.add_surrounding_reads(subquery, span, &mut value);
        // Whether rows exist that conditions on measured values selected.
        let asked = Coverage::asked(facts.compared.otherwise());
        if asked != Coverage::NoData {
            value.everywhere(&mut |part| {
                let both = [&part.coverage, &asked];
                part.coverage = Coverage::mixed(both, Combination::Any, 0, span);
            });
        }
        if !self.is_one_row(relation) {
            value.everywhere(&mut |part| part.add_presence_comparisons(&facts.compared));
        }
        // The subquery's value discloses what decides which rows it has.
        if facts.decided != PresenceDecision::default() {
            let decided = facts.decided.clone();
            value.everywhere(&mut |part| {
                if !matches!(decided.coverage, Coverage::Label | Coverage::NoData) {
                    let both = [&part.coverage, &decided.coverage];
                    part.coverage = Coverage::mixed(both, Combination::Any, 0, span);
                }
                part.cells.extend(decided.cell(span));
            });
        }
        value
    }

    /// Whether a relation is exactly one row, whatever rows it is computed from.
    fn is_one_row(&self, relation: RelId) -> bool {
        let mut at = relation;
        loop {
            match &self.plan.relation(at).operator {
                Operator::Project { input, .. } => at = *input,
                Operator::Aggregate(aggregate) => {
                    return aggregate.keys.is_empty() && aggregate.sets.is_empty();
                }
                _ => return false,
            }
        }
    }

    /// Whether a relation is one row that is computed from all members of one array
    /// of the surrounding row.
    fn adds_an_array(&mut self, relation: RelId) -> bool {
        let plan = self.plan;
        let mut at = relation;
        let mut grouped = false;
        loop {
            match &plan.relation(at).operator {
                Operator::Project { input, .. } => at = *input,
                Operator::Aggregate(aggregate)
                    if !grouped && aggregate.keys.is_empty() && aggregate.sets.is_empty() =>
                {
                    grouped = true;
                    at = aggregate.input;
                }
                Operator::Unnest {
                    input: None, array, ..
                } => {
                    let members = self.relation(relation).members;
                    return grouped && members.is_none() && self.value(array).each;
                }
                _ => return false,
            }
        }
    }

    /// Adds to a subquery's value what it reads from the surrounding rows, wherever
    /// it reads it: in a key, an order or a condition.
    fn add_surrounding_reads(&mut self, subquery: &Subquery, span: Span, value: &mut ColumnFacts) {
        if self.mistake == Some(Mutation::AroundIsForgotten) {
            return;
        }
        let array = matches!(subquery.kind, SubqueryKind::Array);
        for column in &subquery.outer {
            let read = self.shared_column(*column);
            if read.is_own() {
                if let Some(rows) = &read.presence_comparisons {
                    value.everywhere(&mut |part| part.add_presence_comparisons(rows));
                }
                continue;
            }
            value.everywhere(&mut |part| {
                part.add_dependencies_of(&read);
                part.single = part.single.or(read.single);
                // A value from an array's members is already known from the
                // subquery's rows.
                if !read.coverage.is_collected() && !part.coverage.is_collected() {
                    let both = [&part.coverage.member(), &read.coverage.member()];
                    part.coverage = Coverage::mixed(both, Combination::Any, 0, span);
                    if array {
                        part.coverage = std::mem::take(&mut part.coverage).listed();
                    }
                } else if read.coverage.is_uncovered() {
                    part.coverage.clone_from(&read.coverage);
                }
            });
        }
    }

    /// Adds what the answer of EXISTS or IN depends on: the value that is looked
    /// for, and the people of the subquery.
    fn answer(
        &mut self,
        subquery: &Subquery,
        span: Span,
        looked_for: Option<&ColumnFacts>,
        value: &mut ColumnFacts,
    ) {
        value.single = None;
        value.influences.extend(self.influences(subquery, span));
        let columns = &self.plan.relation(subquery.relation).columns;
        let found = columns.first().map(|column| &self.column(*column).coverage);
        value.coverage = match (looked_for, found) {
            (Some(looked_for), Some(found)) => {
                Coverage::mixed([&looked_for.coverage, found], Combination::Any, 0, span)
            }
            _ => Coverage::Label,
        };
    }

    /// Adds the people of an expression's subqueries to the rows.
    ///
    /// A scalar subquery is like a left join of at most one row. EXISTS or IN adds
    /// its people only if the rows have none; otherwise its value depends on them.
    /// A subquery that reads only the row's own arrays adds nobody.
    pub(super) fn subqueries(&mut self, expr: &Expr, facts: &mut RelationFacts) {
        for (subquery, span) in subqueries_in(expr) {
            let inner = self.relation(subquery.relation).clone();
            facts.beside(&inner);
            if inner.populations.is_empty() || self.is_clock(subquery) {
                continue;
            }
            if !matches!(subquery.kind, SubqueryKind::Scalar | SubqueryKind::Array) {
                if facts.populations.is_empty() {
                    let influences = self.influences(subquery, span);
                    self.depend_on(&influences, "EXISTS", facts);
                }
                continue;
            }
            if facts.rows == Rows::Impersonal {
                facts.keys = Some(Vec::new());
            }
            // An individual row beside a row of groups is found through its column:
            // it is in every row.
            if inner.rows == Rows::Individual && subquery.kind == SubqueryKind::Scalar {
                facts.join_row_kinds(&inner);
            } else {
                facts.rows = facts.rows.max(inner.rows.min(Rows::Aggregated));
            }
            for (pop, people) in inner.populations {
                facts.populations.insert(pop, people);
            }
        }
    }
}

/// The subqueries in an expression; one that is read in several places is listed
/// once.
pub(super) fn subqueries_in(expr: &Expr) -> Vec<(&Subquery, Span)> {
    let mut found: Vec<(&Subquery, Span)> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    expr.walk(&mut |part| {
        if let ExprKind::Subquery(subquery) = &part.kind
            && seen.insert((subquery.relation, std::mem::discriminant(&subquery.kind)))
        {
            found.push((subquery, part.span));
        }
    });
    found
}

/// Whether a type's name is the name of a number type.
fn is_number(name: &str) -> bool {
    matches!(
        name,
        "INT64" | "FLOAT64" | "NUMERIC" | "BIGNUMERIC" | "INT" | "INTEGER" | "BIGINT" | "DECIMAL"
    )
}

/// Drops identities and time: TRUE, FALSE or NULL discloses neither.
pub(super) fn predicate(mut facts: ColumnFacts) -> ColumnFacts {
    facts.resolution = None;
    facts.sketch = None;
    facts.collection = None;
    facts.rest = None;
    facts.without_identity()
}
