//! Expressions: what a value is made of.

use std::rc::Rc;

use vecset::VecSet;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::count::at_most_one;
use super::lattice::Rows;
use super::members::Members;
use super::relation::RelationFacts;
use crate::plan::{Expr, ExprKind, Subquery, SubqueryKind, member, one_of, only_star};
use crate::registry::Resolution;

impl Analyzer<'_, '_> {
    /// What is known of an expression's value.
    pub(super) fn value(&mut self, expr: &Expr) -> SharedFacts {
        let made = match &expr.kind {
            ExprKind::Column(column) => return self.shared_column(*column),
            ExprKind::Field(base, name) => {
                let base = self.value(base);
                return self.field(&base, name, expr.span);
            }
            ExprKind::Lambda(parameters, body) => {
                for parameter in parameters {
                    self.set(*parameter, ColumnFacts::constant());
                }
                return self.value(body);
            }
            ExprKind::Literal(literal) => ColumnFacts {
                literal: Some(literal.clone()),
                at_most_one: at_most_one(expr),
                ..ColumnFacts::constant()
            },
            ExprKind::Variable(_) => ColumnFacts::constant(),
            ExprKind::Parameter(_) => ColumnFacts {
                secret: true,
                ..ColumnFacts::constant()
            },
            ExprKind::Call { name, info, args } => match member(expr) {
                // The functions that it goes through encode.
                Some((document, names)) => {
                    let whole = self.value(document);
                    self.member(&whole, &names, expr.span)
                        .unwrap_or_else(|| ColumnFacts::computed([&whole]))
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
                            whole
                        } else {
                            Rc::new(ColumnFacts::computed([&whole]))
                        }
                    }
                    None => self.value(of),
                };
                let index = self.value(place);
                let mut element = self.element(&base, expr.span);
                element.conditions.extend(index.compared());
                element.unit = None;
                element.everywhere(&mut |part| {
                    part.single = base.collection.map(|_| expr.span).or(part.single);
                    part.collection = None;
                });
                element
            }
            ExprKind::Struct(fields) => {
                let values: Vec<(String, SharedFacts)> = fields
                    .iter()
                    .map(|(name, value)| (name.clone().unwrap_or_default(), self.value(value)))
                    .collect();
                let mut all = ColumnFacts::computed(values.iter().map(|(_, value)| value));
                all.fields = values;
                all
            }
            ExprKind::Array(items) => {
                let values: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                let mut all = ColumnFacts::computed(&values);
                if let [first, others @ ..] = values.as_slice() {
                    let one = others
                        .iter()
                        .fold((**first).clone(), |one, other| one.or(other));
                    all.fields = one.fields;
                }
                all
            }
            ExprKind::Case(case) => self.case(case, at_most_one(expr)),
            ExprKind::Cast { value, to, safe: _ } => {
                let inner = self.value(value);
                let mut facts = ColumnFacts::computed([&inner]);
                facts.at_most_one = at_most_one(expr);
                if let Some(resolution) = facts.resolution
                    && to == "DATE"
                {
                    facts.resolution = Some(resolution.min(Resolution::Day));
                }
                // A text of it is as good as the value itself.
                if to == "STRING" {
                    facts.unit.clone_from(&inner.unit);
                    facts.certain.clone_from(&inner.certain);
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
            | ExprKind::Compare(..) => self.compared(expr, &mut VecSet::new()),
            ExprKind::InList {
                value,
                list,
                unnest,
            } => {
                let mut values = vec![self.value(value)];
                values.extend(list.iter().map(|member| self.value(member)));
                let mut found = predicate(ColumnFacts::computed(&values));
                if *unnest {
                    // Whether it is among them may hang on one member.
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
            ExprKind::Subquery(subquery) => self.subquery_value(subquery),
            ExprKind::Either(values) => {
                let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
                // Readings of one name of which the registry says the same are one;
                // but not those of a field.
                let mut readings: Vec<&SharedFacts> = Vec::new();
                for value in &values {
                    let same = |known: &&SharedFacts| self.sources.same_entries(known, value);
                    if !readings.iter().any(same) {
                        readings.push(value);
                    }
                }
                let mut all = ColumnFacts::computed(readings);
                if let [first, others @ ..] = values.as_slice() {
                    all.paths.clone_from(&first.paths);
                    for other in others {
                        one_of(&mut all.paths, &other.paths);
                    }
                }
                all
            }
            ExprKind::Unknown(_) => ColumnFacts {
                personal: true,
                ..ColumnFacts::unknown()
            },
        };
        Rc::new(made)
    }

    /// A field of a value.
    pub(super) fn field(
        &mut self,
        base: &ColumnFacts,
        name: &str,
        span: crate::source::Span,
    ) -> SharedFacts {
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
        let fields = base
            .paths
            .iter()
            .map(|path| self.base_field(path, name, span));
        let field = base.one_part(fields);
        Rc::new(field.unwrap_or_else(|| ColumnFacts::computed([base])))
    }

    /// A member of an array.
    pub(super) fn element(
        &mut self,
        array: &ColumnFacts,
        span: crate::source::Span,
    ) -> ColumnFacts {
        let elements = array.paths.iter().map(|path| self.base_element(path, span));
        if let Some(element) = array.one_part(elements) {
            return element;
        }
        let mut element = ColumnFacts::computed([array]);
        element.fields.clone_from(&array.fields);
        element
    }

    fn subquery_value(&mut self, subquery: &Subquery) -> ColumnFacts {
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
                }
                let single = facts.individually.as_ref().map(|why| why.span);
                let single = single.filter(|_| facts.rows == Rows::Individual);
                let cell = facts.members.and_then(Members::cell);
                value.everywhere(&mut |part| {
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
                if facts.rows == Rows::Aggregated {
                    value.elements = facts.k();
                }
                if let Some(members) = facts.members {
                    value.elements = Some(members.floor);
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
            }
            SubqueryKind::In(looked_for) => {
                let looked_for = self.value(looked_for);
                value.absorb(&looked_for);
                value = predicate(value);
                value.cells.extend(facts.members.and_then(Members::cell));
            }
        }
        value
    }

    /// Subqueries in an expression bring rows of their own: a scalar one as a
    /// left join of at most one row, one that is only asked whether it has a row
    /// as a filter. Those that read only the row's own arrays bring nobody.
    pub(super) fn subqueries(&mut self, expr: &Expr, facts: &mut RelationFacts) {
        for subquery in subqueries_in(expr) {
            let inner = self.relation(subquery.relation).clone();
            facts.beside(&inner);
            let brings = matches!(subquery.kind, SubqueryKind::Scalar | SubqueryKind::Array);
            if brings && !inner.populations.is_empty() {
                if facts.rows == Rows::Impersonal {
                    facts.keys = Some(Vec::new());
                }
                // An individual row beside a row of groups is found by its
                // column: it stands in every row.
                if inner.rows == Rows::Individual && subquery.kind == SubqueryKind::Scalar {
                    facts.or_rows(&inner);
                } else {
                    facts.rows = facts.rows.max(inner.rows.min(Rows::Aggregated));
                }
                for (pop, people) in inner.populations {
                    facts.populations.insert(pop, people);
                }
            }
        }
    }

    /// Subqueries in a condition, of whatever kind, choose rows: nobody of them
    /// stands in these.
    pub(super) fn chosen_by(&mut self, condition: &Expr, facts: &mut RelationFacts) {
        for subquery in subqueries_in(condition) {
            facts.beside(self.relation(subquery.relation));
        }
    }
}

/// The subqueries in an expression. One that is read in several places brings its
/// rows once.
fn subqueries_in(expr: &Expr) -> Vec<&Subquery> {
    let mut found: Vec<&Subquery> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    expr.walk(&mut |part| {
        if let ExprKind::Subquery(subquery) = &part.kind
            && seen.insert((subquery.relation, std::mem::discriminant(&subquery.kind)))
        {
            found.push(subquery);
        }
    });
    found
}

/// TRUE, FALSE or NULL tells nobody's identity and no time.
pub(super) fn predicate(mut facts: ColumnFacts) -> ColumnFacts {
    facts.resolution = None;
    facts.sketch = None;
    facts.collection = None;
    facts.rest = None;
    facts.without_identity()
}
