//! GROUP BY, DISTINCT, PIVOT, aggregates without GROUP BY.

use super::analysis::Analyzer;
use super::column::{ColumnFacts, CountFact, Counted, OpaqueCall};
use super::constant::number;
use super::lattice::{Flow, Rows};
use super::least::least_integer;
use super::relation::{FilterUse, Individually, Key, RelationFacts};
use crate::plan::functions::{AggregateClass, FunctionClass};
use crate::plan::{Aggregate, AggregateCall, Comparison, Expr, PrivacyClause};

impl Analyzer<'_, '_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> RelationFacts {
        let input = self.relation(aggregate.input).clone();
        let mut facts = input.clone();
        let mut keys = Vec::new();
        for key in &aggregate.keys {
            self.attempts(&key.expr, "CASE", &mut facts);
            self.subqueries(&key.expr, &mut facts);
            let mut value = self.value(&key.expr);
            if !aggregate.sets.is_empty() {
                // A rolled-up key is NULL in the rows of the sets without it.
                value.constant = false;
            }
            facts.indirect.extend(value.compared());
            self.set(key.column, value.clone());
            keys.push(Key {
                column: key.column,
                name: self.key_name(key.column, &key.expr),
                facts: value,
                span: key.expr.span,
            });
        }
        for (column, call) in &aggregate.aggregates {
            for part in call.expressions() {
                self.subqueries(part, &mut facts);
            }
            let value = self.aggregate_value(call, &input, &mut facts);
            self.set(*column, value);
        }
        if let Some(clause) = &aggregate.privacy {
            self.privacy(clause, &mut facts);
        }
        if facts.rows == Rows::Individual {
            match keys.iter().find_map(individual_key) {
                Some(why) => facts.individually = Some(why),
                None => {
                    facts.rows = Rows::Aggregated;
                    facts.individually = None;
                }
            }
        }
        if facts.rows != Rows::Individual {
            facts.registered_level = None;
        }
        facts.keys = Some(keys);
        facts
    }

    /// `WITH AGGREGATION_THRESHOLD` drops groups of fewer privacy units than its
    /// threshold; that is a minimum bucket where the unit is the person. Noise
    /// bounds nothing.
    fn privacy(&mut self, clause: &PrivacyClause, facts: &mut RelationFacts) {
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
        let Some(unit) = self.value(column).unit.filter(|unit| unit.constants == 0) else {
            return;
        };
        let pop = self.populations.find(unit.pop);
        let least = number(threshold).map_or(0, |value| least_integer(Comparison::GtEq, value));
        for (known, people) in &mut facts.populations {
            if self.populations.find(*known) == pop {
                people.k = people.k.max(least);
            }
        }
    }

    /// The name of a key: its column's, else its source's.
    fn key_name(&self, column: crate::plan::ColId, expr: &Expr) -> String {
        let name = &self.plan.column(column).name;
        if !name.is_empty() {
            return name.clone();
        }
        let mut found = String::new();
        expr.walk(&mut |part| {
            if let crate::plan::ExprKind::Column(column) = part.kind
                && found.is_empty()
            {
                found.clone_from(&self.plan.column(column).name);
            }
        });
        found
    }

    /// The value of an aggregate; conditions inside it become filters of
    /// `facts`, since they define a sub-population.
    pub(super) fn aggregate_value(
        &mut self,
        call: &AggregateCall,
        input: &RelationFacts,
        facts: &mut RelationFacts,
    ) -> ColumnFacts {
        let values: Vec<ColumnFacts> = call.args.iter().map(|arg| self.value(arg)).collect();
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
        if is_partial(call, class, &values) {
            value.conditional = Some(call.span);
        }
        let individual = input.rows == Rows::Individual;
        match class {
            AggregateClass::Count | AggregateClass::CountIf | AggregateClass::ApproxCount => {
                let mut value = metric(value);
                value.count = Some(self.counted(call, class, &values, input));
                value
            }
            AggregateClass::Sum => {
                let mut value = metric(value);
                value.count = Some(Counted {
                    what: format!("the sum of {}", self.words(call)),
                    span: call.span,
                    people: None,
                });
                value
            }
            AggregateClass::Mean
            | AggregateClass::Statistical
            | AggregateClass::Bitwise
            | AggregateClass::NoiseAdding
            | AggregateClass::Grouping => metric(value),
            AggregateClass::SketchRead => {
                value.sketch = None;
                metric(value)
            }
            AggregateClass::SketchMake | AggregateClass::SketchMerge => {
                let mut value = metric(value);
                value.sketch = Some(call.span);
                value
            }
            AggregateClass::Extreme | AggregateClass::Positional => {
                value.single = individual.then_some(call.span).or(value.single);
                value.aggregated = true;
                if let [only] = values.as_slice() {
                    value.fields.clone_from(&only.fields);
                }
                value
            }
            AggregateClass::AnyOfGroup => {
                value.single = individual.then_some(call.span).or(value.single);
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
                // The different values of one dimension are its groups.
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
        }
    }

    /// What decides which rows a call sees.
    fn conditions(
        &mut self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[ColumnFacts],
        facts: &mut RelationFacts,
    ) {
        let mut sources = std::collections::BTreeSet::new();
        if let Some(filter) = &call.filter {
            self.compared(filter, &mut sources);
        }
        if class == AggregateClass::CountIf
            && let Some(condition) = call.args.first()
        {
            self.compared(condition, &mut sources);
        }
        for value in values {
            sources.extend(&value.conditions);
        }
        for by in &call.decided_by {
            facts.indirect.extend(self.value(by).compared());
        }
        if sources.is_empty() {
            return;
        }
        facts.indirect.extend(&sources);
        let used = FilterUse {
            sources,
            span: call.span,
            word: "a conditional aggregate",
        };
        if !facts.filters.contains(&used) {
            facts.filters.push(used);
        }
    }

    /// What a counting call counts.
    fn counted(
        &self,
        call: &AggregateCall,
        class: AggregateClass,
        values: &[ColumnFacts],
        input: &RelationFacts,
    ) -> Counted {
        let what = match class {
            AggregateClass::ApproxCount => format!("about how many different {}", self.words(call)),
            _ if call.distinct => format!("different values of {}", self.words(call)),
            AggregateClass::CountIf => "rows that meet a condition".to_owned(),
            _ => "rows".to_owned(),
        };
        let unit = match values {
            [only] if class == AggregateClass::Count && call.distinct => only.unit.as_ref(),
            _ => None,
        };
        // The unit must name people that these rows still stand for.
        let people = unit
            .filter(|unit| {
                let pop = self.populations.find(unit.pop);
                input
                    .populations
                    .keys()
                    .any(|known| self.populations.find(*known) == pop)
            })
            .map(|unit| CountFact {
                pop: unit.pop,
                slack: unit.constants,
            });
        Counted {
            what,
            span: call.span,
            people,
        }
    }

    /// The arguments of a call, named by the columns in them.
    fn words(&self, call: &AggregateCall) -> String {
        let mut names: Vec<&str> = Vec::new();
        for arg in &call.args {
            arg.walk(&mut |part| {
                let name = match &part.kind {
                    crate::plan::ExprKind::Column(column) => {
                        self.plan.column(*column).name.as_str()
                    }
                    crate::plan::ExprKind::Field(_, name) => name.as_str(),
                    _ => return,
                };
                if !name.is_empty() && !names.contains(&name) {
                    names.push(name);
                }
            });
        }
        match names.as_slice() {
            [] => "a value".to_owned(),
            [first, ..] => format!("`{first}`"),
        }
    }
}

/// Whether a call may leave some of a group's people out: those for whom a
/// condition is not met, or whose value is NULL.
fn is_partial(call: &AggregateCall, class: AggregateClass, values: &[ColumnFacts]) -> bool {
    let counts_values = class == AggregateClass::Count
        && !call.distinct
        && values.iter().any(|value| !value.constant);
    call.filter.is_some()
        || class == AggregateClass::CountIf
        || counts_values
        || values.iter().any(|value| !value.conditions.is_empty())
}

/// A measured value of a group.
pub(super) fn metric(mut value: ColumnFacts) -> ColumnFacts {
    value.aggregated = true;
    value.resolution = None;
    value.collection = None;
    value.single = None;
    value.rest = None;
    value.without_identity()
}

/// Why groups by a key are single people or records.
fn individual_key(key: &Key) -> Option<Individually> {
    let name = &key.name;
    let why = if let Some(identity) = key.facts.identities.first() {
        let what = if identity.person {
            "a person"
        } else {
            "a single record"
        };
        format!("it is grouped by `{name}`, which names {what}")
    } else if key.facts.surrogate.is_some() {
        format!("it is grouped by `{name}`, which tells rows apart")
    } else if key.facts.collection.is_some() {
        format!("it is grouped by `{name}`, a collection of individual rows' values")
    } else if key.facts.rest.is_some() {
        format!("it is grouped by `{name}`, all the columns of a table that no schema tells")
    } else if key.facts.unknown {
        format!("it is grouped by `{name}`, of which a part is not understood")
    } else {
        return None;
    };
    Some(Individually {
        why,
        span: key.span,
    })
}
