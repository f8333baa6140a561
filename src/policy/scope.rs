//! What a dataset covers: whose rows, which of them, when and where. A steward reads it
//! beside the four answers, which say nothing of it.

use rustc_hash::FxHashMap;

use crate::budget::spend;
use crate::facts::{Facts, Flow, Source, conjuncts};
use crate::plan::{ColId, Expr, ExprKind, Operator, Plan, RelId};
use crate::registry::Resolution;
use crate::source::Span;

/// The most conditions that are kept.
const CONDITIONS: usize = 100;

/// What a dataset covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The tables of people that its rows are made of, each with the column that names
    /// them, where it is known.
    pub people: Vec<(String, Option<String>)>,
    /// What chooses among their rows.
    pub conditions: Vec<ScopeCondition>,
    /// The published columns that tell a time, and how finely.
    pub times: Vec<(String, Resolution)>,
    /// The published columns that tell a place, and how finely.
    pub places: Vec<(String, Place)>,
}

/// A condition that chooses among the rows of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeCondition {
    /// What it chooses by.
    pub kind: ConditionKind,
    /// Where it stands.
    pub span: Span,
    /// As written; empty until its text is looked up.
    pub text: String,
}

/// What a condition chooses by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// A sample of people or rows.
    Sample,
    /// A release channel.
    Channel,
    /// A date or time.
    Period,
    /// Where somebody is.
    Place,
    /// Anything else.
    Other,
}

/// How finely a column tells where somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A country, or more.
    Country,
    /// A part of a country, or a network.
    Part,
    /// A city: the policy includes those with a population above 15,000 only.
    City,
    /// A point, a postal code, or a network address.
    Finer,
}

/// Describes what a dataset covers.
pub(super) fn of_dataset(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Scope {
    let mut times = Vec::new();
    let mut places = Vec::new();
    for (column, name) in plan.published() {
        let value = facts.column(column);
        if let Some(resolution) = value.resolution {
            times.push((name.clone(), resolution));
        }
        let told = value
            .sources
            .iter()
            .filter(|(_, flow)| **flow != Flow::Aggregated);
        let place = told
            .filter_map(|(id, _)| place(facts.sources.get(*id)))
            .max();
        if let Some(place) = place {
            places.push((name, place));
        }
    }
    Scope {
        people: people(plan, facts, root),
        conditions: conditions(plan, facts, root),
        times,
        places,
    }
}

/// The tables of people that rows are made of, in the order in which they are read.
fn people(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for id in plan.below(root) {
        if !matches!(plan.relation(id).operator, Operator::Scan(_)) {
            continue;
        }
        for population in facts.relation(id).populations.values() {
            let unit = population.unit.as_deref().map(str::to_owned);
            let table = (population.table.to_string(), unit);
            if !found.contains(&table) {
                found.push(table);
            }
        }
    }
    found
}

/// The conditions on rows of people, each once, in the order of the plan.
fn conditions(plan: &Plan, facts: &Facts<'_>, root: RelId) -> Vec<ScopeCondition> {
    let sources = facts
        .sources
        .iter()
        .map(|(_, source)| (&*source.name, source));
    let named: FxHashMap<&str, &Source<'_>> = sources.collect();
    let mut found: Vec<ScopeCondition> = Vec::new();
    let mut note = |kind: ConditionKind, span: Span| {
        spend(1);
        let known = found.iter().any(|known| known.span == span);
        if !known && !span.is_empty() && found.len() < CONDITIONS {
            found.push(ScopeCondition {
                kind,
                span,
                text: String::new(),
            });
        }
    };
    for id in plan.below(root) {
        let relation = plan.relation(id);
        // Members of an array, alone, are no rows of people.
        if facts.relation(id).populations.is_empty() {
            continue;
        }
        match &relation.operator {
            // What an UNPIVOT leaves out nobody wrote.
            Operator::Filter { predicate, .. } if relation.origin.word != "UNPIVOT" => {
                for conjunct in conjuncts(predicate) {
                    if let Some(kind) = kind(facts, &named, conjunct) {
                        note(kind, conjunct.span);
                    }
                }
            }
            Operator::Limit {
                count: None,
                skip: None,
                ..
            } => note(ConditionKind::Sample, relation.origin.span),
            _ => {}
        }
    }
    found
}

/// What a condition chooses people's rows by; `None` where it compares no value of
/// theirs, as a threshold does.
fn kind(
    facts: &Facts<'_>,
    named: &FxHashMap<&str, &Source<'_>>,
    condition: &Expr,
) -> Option<ConditionKind> {
    let mut kinds: Vec<ConditionKind> = Vec::new();
    for (column, fields) in read(condition) {
        let value = facts.column(column);
        let direct = value
            .sources
            .iter()
            .filter(|(_, flow)| **flow != Flow::Aggregated);
        for source in direct.map(|(id, _)| facts.sources.get(*id)) {
            if value.aggregated || !source.personal || source.is_records() {
                continue;
            }
            let field = format!("{}{fields}", source.name);
            let field = named.get(field.as_str()).copied();
            kinds.push(if value.is_bucket() {
                ConditionKind::Sample
            } else {
                of_source(field.unwrap_or(source))
            });
        }
    }
    kinds.into_iter().min()
}

/// The columns that an expression reads, each with the fields that it reads of it, as
/// `.field.field`.
fn read(expr: &Expr) -> Vec<(ColId, String)> {
    let mut fields: Vec<(ColId, String)> = Vec::new();
    let mut whole: Vec<ColId> = Vec::new();
    expr.walk(&mut |part| match &part.kind {
        ExprKind::Column(column) => whole.push(*column),
        ExprKind::Field(..) => {
            let mut path = String::new();
            let mut at = part;
            while let ExprKind::Field(base, name) = &at.kind {
                path.insert_str(0, &format!(".{name}"));
                at = base;
            }
            if let ExprKind::Column(column) = at.kind {
                fields.push((column, path));
            }
        }
        _ => {}
    });
    let alone = |column: &ColId| !fields.iter().any(|(known, _)| known == column);
    let whole: Vec<ColId> = whole.into_iter().filter(alone).collect();
    fields.extend(whole.into_iter().map(|column| (column, String::new())));
    fields
}

fn of_source(source: &Source<'_>) -> ConditionKind {
    let name = source.path.last().map(|name| name.to_lowercase());
    let has = |part: &str| name.as_ref().is_some_and(|name| name.contains(part));
    if has("sample") {
        ConditionKind::Sample
    } else if has("channel") {
        ConditionKind::Channel
    } else if tells_time(source) {
        ConditionKind::Period
    } else if place(source).is_some() {
        ConditionKind::Place
    } else {
        ConditionKind::Other
    }
}

/// Whether a base column is a date or time, as the registry or its name says.
fn tells_time(source: &Source<'_>) -> bool {
    let registered = source.entry.is_some_and(|entry| entry.resolution.is_some());
    registered
        || source.path.last().is_some_and(|name| {
            let name = name.to_lowercase();
            name.ends_with("_date") || name.ends_with("_timestamp") || name == "date"
        })
}

/// How finely a base column tells where somebody is, as its name or the registry says.
fn place(source: &Source<'_>) -> Option<Place> {
    let name = source.path.last()?.to_lowercase();
    let has = |words: &[&str]| {
        let mut parts = name.split('_');
        parts.any(|part| words.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit())))
    };
    let sensitive = source.entries().any(|entry| {
        let reason = entry.sensitive.as_deref();
        reason.is_some_and(|reason| reason.eq_ignore_ascii_case("location"))
    });
    if has(&[
        "latitude",
        "longitude",
        "lat",
        "lon",
        "postal",
        "postalcode",
        "zip",
        "ip",
    ]) {
        Some(Place::Finer)
    } else if has(&["city"]) {
        Some(Place::City)
    } else if sensitive || has(&["subdivision", "region", "metro", "dma", "isp"]) {
        Some(Place::Part)
    } else if has(&["country", "continent", "nation"]) {
        Some(Place::Country)
    } else {
        None
    }
}
