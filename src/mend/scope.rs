//! The expressions that identify the person at the place of a threshold.

use std::ops::Range;

use super::outline::{Clause, Outline, Select};
use super::site::{GroupingPlace, ThresholdSite};
use crate::facts::{ColumnFacts, Facts, Flow};
use crate::plan::{ExprKind, Operator, Plan, RelId};
use crate::registry::{RegisteredRole, Registry};
use crate::syntax::LexemeKind;

/// Largest number of such expressions that are tried.
const TRIED: usize = 6;

/// An expression that identifies the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PersonExpression {
    /// The expression in SQL.
    pub(super) text: String,
    /// The table and the column that it is assumed to have.
    ///
    /// `None` if the column is known to exist.
    pub(super) guessed: Option<(String, String)>,
}

/// Words that end an item of FROM, or that are between two items.
const BETWEEN: [&str; 14] = [
    "ON",
    "USING",
    "LEFT",
    "RIGHT",
    "INNER",
    "FULL",
    "CROSS",
    "JOIN",
    "OUTER",
    "FOR",
    "TABLESAMPLE",
    "PIVOT",
    "UNPIVOT",
    "WITH",
];

/// Returns the expressions for the person at a place, the author's own first.
pub(super) fn units(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    site: &ThresholdSite,
) -> Vec<PersonExpression> {
    let Operator::Aggregate(aggregate) = &plan.relation(site.relation).operator else {
        return Vec::new();
    };
    let mut found: Vec<String> = Vec::new();
    for (column, call) in &aggregate.aggregates {
        let counts = facts
            .column(*column)
            .count
            .as_ref()
            .and_then(|counted| counted.slack())
            == Some(0);
        if let [only] = call.args.as_slice()
            && counts
            && call.filter.is_none()
            && matches!(only.kind, ExprKind::Column(_) | ExprKind::Field(..))
            && call.span.contains(only.span)
        {
            found.push(outline.source.slice(only.span).to_owned());
        }
    }
    // DISTINCT groups the items of the list, but a threshold reads the columns of
    // FROM.
    let input = match &plan.relation(aggregate.input).operator {
        Operator::Project { input, .. } if site.distinct => *input,
        _ => aggregate.input,
    };
    let names = names(plan, facts, input);
    let (tokens, select) = match site.place {
        GroupingPlace::Select(at) => (outline.selects[at].tokens(), Some(&outline.selects[at])),
        GroupingPlace::Step(at) => (outline.steps[at].tokens.clone(), None),
    };
    let ranges = select.map_or_else(Vec::new, |select| ranges(outline, select));
    found.extend(mentions(outline, &tokens, &names, &ranges));
    let hidden = |name: &str| select.is_some_and(|select| is_alias(outline, select, name));
    for name in &names {
        let qualified = ranges
            .iter()
            .filter(|range| !hidden(range))
            .map(|range| format!("{range}.{name}"));
        let bare = (!hidden(name) && !is_shared(plan, input, name)).then(|| name.clone());
        if ranges.len() < 2 || !qualifies(outline, &tokens, &ranges) {
            found.extend(bare);
            found.extend(qualified);
        } else {
            found.extend(qualified);
            found.extend(bare);
        }
    }
    let mut units: Vec<PersonExpression> = Vec::new();
    for text in found {
        if !units
            .iter()
            .any(|unit| unit.text.eq_ignore_ascii_case(&text))
        {
            units.push(PersonExpression {
                text,
                guessed: None,
            });
        }
    }
    if units.is_empty() {
        units.extend(guess_units(outline, plan, facts, input, &ranges));
    }
    units.truncate(TRIED);
    units
}

/// Returns the columns of a relation that identify the person of its rows.
pub(super) fn names(plan: &Plan, facts: &Facts<'_>, relation: RelId) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in &plan.relation(relation).columns {
        let name = &plan.column(*column).name;
        let value = facts.column(*column);
        let found = match &value.unit {
            Some(unit) if unit.constants == 0 => name.clone(),
            Some(_) => continue,
            None => match declared_field(facts, value) {
                Some(field) => format!("{name}.{field}"),
                None => continue,
            },
        };
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(&found)) {
            names.push(found);
        }
    }
    names
}

/// Whether several columns of a relation have a name, so that it must be qualified.
fn is_shared(plan: &Plan, relation: RelId, name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    let columns = &plan.relation(relation).columns;
    let same = columns
        .iter()
        .filter(|column| plan.column(**column).name.eq_ignore_ascii_case(first));
    same.count() > 1
}

/// Whether the author qualifies names by range variables.
fn qualifies(outline: &Outline<'_>, tokens: &Range<usize>, ranges: &[String]) -> bool {
    tokens.clone().any(|at| {
        outline.kind(at + 1) == LexemeKind::Period
            && ranges
                .iter()
                .any(|range| outline.text(at).eq_ignore_ascii_case(range))
    })
}

/// Returns the name that the author gives to a count of all people of each group.
///
/// `None` if there is no such name among the given tokens.
pub(super) fn counted_as(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    site: &ThresholdSite,
    tokens: &Range<usize>,
) -> Option<String> {
    let Operator::Aggregate(aggregate) = &plan.relation(site.relation).operator else {
        return None;
    };
    let whole = outline.span_of(tokens);
    aggregate.aggregates.iter().find_map(|(column, call)| {
        let slack = facts.column(*column).count.as_ref()?.slack()?;
        if slack > 0 || !whole.contains(call.span) {
            return None;
        }
        let after = outline.within(call.span).end;
        outline
            .is(after, "AS")
            .then(|| outline.text(after + 1).to_owned())
    })
}

/// Returns the field of a record that the registry declares as the person's
/// identifier.
fn declared_field(facts: &Facts<'_>, value: &ColumnFacts) -> Option<String> {
    let mut sources = value.sources.iter();
    let (Some((id, Flow::Direct)), None) = (sources.next(), sources.next()) else {
        return None;
    };
    let source = facts.sources.get(*id);
    if source.repeated || !source.personal {
        return None;
    }
    let unit = facts
        .sources
        .registry()
        .table(&source.table)?
        .unit_column
        .as_deref()?;
    let path = format!("{}.", source.dotted());
    let field = unit.get(path.len()..)?;
    unit.get(..path.len())?
        .eq_ignore_ascii_case(&path)
        .then(|| field.to_owned())
}

/// Returns the author's spellings of the person in the same SELECT.
fn mentions(
    outline: &Outline<'_>,
    tokens: &Range<usize>,
    names: &[String],
    ranges: &[String],
) -> Vec<String> {
    let here = outline.select_around(outline.span_of(tokens));
    let mut found = Vec::new();
    let mut at = tokens.start;
    while at < tokens.end {
        let Some(path) = path(outline, at) else {
            at += 1;
            continue;
        };
        let end = path.end;
        let called = outline.kind(end) == LexemeKind::Open;
        let alias = at > 0 && outline.is(at - 1, "AS");
        let span = outline.span_of(&path);
        let text = outline.source.slice(span);
        let plain = text.replace('`', "").to_lowercase();
        let named = names.iter().any(|name| {
            let name = name.to_lowercase();
            plain == name
                || ranges
                    .iter()
                    .any(|range| plain == format!("{}.{name}", range.to_lowercase()))
        });
        if named && !called && !alias && outline.select_around(span) == here {
            found.push(text.to_owned());
        }
        at = end.max(at + 1);
    }
    found
}

/// Returns the dotted name that begins at a token.
fn path(outline: &Outline<'_>, at: usize) -> Option<Range<usize>> {
    let is_name = |at: usize| matches!(outline.kind(at), LexemeKind::Word | LexemeKind::Quoted);
    if !is_name(at) {
        return None;
    }
    let mut end = at + 1;
    while outline.kind(end) == LexemeKind::Period && is_name(end + 1) {
        end += 2;
    }
    Some(at..end)
}

/// Returns the range variables of a SELECT: the names of the items of its FROM.
fn ranges(outline: &Outline<'_>, select: &Select) -> Vec<String> {
    let Some(from) = select.part(Clause::From) else {
        return Vec::new();
    };
    let items = outline.split(&from.body, |at| {
        outline.kind(at) == LexemeKind::Comma || outline.is(at, "JOIN")
    });
    items
        .into_iter()
        .filter_map(|item| range(outline, &item))
        .collect()
}

fn range(outline: &Outline<'_>, item: &Range<usize>) -> Option<String> {
    let mut name: Option<String> = None;
    let mut at = item.start;
    while at < item.end {
        match outline.kind(at) {
            LexemeKind::Word | LexemeKind::Quoted => {
                if BETWEEN.iter().any(|word| outline.is(at, word)) {
                    break;
                }
                if !outline.is(at, "AS") {
                    name = Some(outline.text(at).to_owned());
                }
            }
            LexemeKind::Open
            | LexemeKind::Period
            | LexemeKind::Close
            | LexemeKind::Other
            | LexemeKind::Comma
            | LexemeKind::Comparison
            | LexemeKind::Semicolon
            | LexemeKind::Pipe => {}
        }
        at = outline.partner(at) + 1;
    }
    // A table in backticks is named by its last part.
    let name = name?;
    let last = name.trim_matches('`').rsplit('.').next()?.to_owned();
    if last == "UNNEST" {
        return None;
    }
    Some(if name.starts_with('`') && !name.contains('.') {
        name
    } else {
        last
    })
}

/// Whether an item of the list has a name, so that HAVING refers to the item.
fn is_alias(outline: &Outline<'_>, select: &Select, name: &str) -> bool {
    select.part(Clause::Select).is_some_and(|list| {
        outline
            .outside(&list.body)
            .any(|at| outline.is(at, "AS") && outline.text(at + 1).eq_ignore_ascii_case(name))
    })
}

/// Guesses the identifier of a table that is not known.
fn guess_units(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    input: RelId,
    ranges: &[String],
) -> Vec<PersonExpression> {
    let mut open = vec![input];
    let mut tables = Vec::new();
    while let Some(id) = open.pop() {
        match &plan.relation(id).operator {
            Operator::Scan(table)
                if facts.sources.registry().table(&table.name).is_none()
                    && table.rest.is_some()
                    && plan
                        .relation(input)
                        .columns
                        .contains(&table.rest.unwrap_or(crate::plan::ColId(u32::MAX))) =>
            {
                tables.push(table.name.short());
            }
            Operator::Filter { .. } | Operator::Join { .. } | Operator::Unnest { .. } => {
                open.extend(plan.relation(id).operator.inputs().into_iter().rev());
            }
            _ => {}
        }
    }
    let Some(table) = tables.first() else {
        return Vec::new();
    };
    let registry = facts.sources.registry();
    let mut read = facts.sources.iter().map(|(_, source)| source);
    let Some(name) = read
        .find(|source| source.names_person(registry))
        .map(|source| source.dotted())
        .or_else(|| find_usual_name(registry, outline.source.text()))
    else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    if ranges.len() < 2 {
        texts.push(name.to_owned());
    } else {
        texts.extend(ranges.iter().map(|range| format!("{range}.{name}")));
    }
    texts
        .into_iter()
        .map(|text| PersonExpression {
            text,
            guessed: Some((table.clone(), name.to_owned())),
        })
        .collect()
}

/// Returns the registry's name for people in any table.
///
/// A field is preferred if the text contains the name of its record.
fn find_usual_name<'r>(registry: &'r Registry, text: &str) -> Option<&'r str> {
    let everywhere = || {
        registry.columns().iter().filter(|entry| {
            let unit = entry.unit.as_deref().and_then(|unit| registry.unit(unit));
            entry.role == RegisteredRole::Identifier
                && entry.tables.is_empty()
                && unit.is_some_and(|unit| unit.person)
        })
    };
    let names = || everywhere().map(|entry| entry.name.as_str());
    let field = names().find(|name| match name.rsplit_once('.') {
        Some((record, _)) => text.contains(&format!("{record}.")),
        None => false,
    });
    field.or_else(|| names().find(|name| !name.contains(['.', '*'])))
}
