//! The level of a dataset: the highest that applies (`design/levels.md`).

use super::{Level, ReasoningStep};
use crate::facts::{ColumnFacts, Facts, Identity, IdentityForm, RelationFacts, Rows};
use crate::numbers::GroupedNumber;
use crate::plan::{Plan, RelId};
use crate::registry::Resolution;
use crate::source::Span;

/// The level of a dataset, with its reasons.
pub(super) struct LevelDecision {
    /// The level; `None` if no personal data is used, or if `unread` is set.
    pub(super) level: Option<Level>,
    /// The reasons for the level.
    pub(super) because: Vec<ReasoningStep>,
    /// Whether a part that decides the level could not be read.
    pub(super) unread: bool,
}

/// Determines the level of a dataset and the reasons for it.
pub(super) fn of_dataset(
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    required: u64,
) -> LevelDecision {
    let rows = facts.relation(root);
    let mut found: Vec<(Level, ReasoningStep)> = of_rows(rows, required).into_iter().collect();
    for column in &plan.relation(root).columns {
        let name = &plan.column(*column).name;
        let value = facts.column(*column);
        found.extend(of_value(value, name, plan.column(*column).span, rows));
    }
    found.extend(
        rows.inside
            .iter()
            .map(|identity| of_identity(facts, identity, "the model", identity.span)),
    );
    if rows.bucket().unwrap_or(0) < required && rows.rows == Rows::Aggregated {
        for key in rows.keys.iter().flatten() {
            if key.facts.resolution >= Some(Resolution::Second) {
                found.push((
                    Level::HighResolution,
                    because(
                        format!(
                            "rows are grouped by `{}`, a time at a second or finer: such a group is a single event",
                            key.name
                        ),
                        key.span,
                    ),
                ));
            }
        }
    }
    let level = found.iter().map(|(level, _)| *level).max();
    let mut because: Vec<ReasoningStep> = found
        .into_iter()
        .filter(|(of, _)| Some(*of) == level)
        .map(|(_, reason)| reason)
        .collect();
    // With a second reason, such as a published pseudonym, the level is certain.
    let taken = level == Some(Level::Pseudonymous) && because.len() == 1;
    // A table that could not be read may hold identifiers, or times, of single people.
    let unknown_table = rows.history.unread.first();
    let unread = match unknown_table {
        Some(_) => taken || level.is_none_or(|level| level < Level::Pseudonymous),
        None => taken && is_unread(rows),
    };
    if let Some((table, span)) = unknown_table.filter(|_| unread) {
        because.clear();
        because.push(self::because(
            format!("the template part `{table}` stands for a table, so what is read is unknown"),
            *span,
        ));
    }
    if level.is_none() && !unread {
        because.push(ReasoningStep {
            message: "no personal data is used".to_owned(),
            span: None,
            operator: None,
            k: None,
            elsewhere: None,
            step: None,
        });
    }
    LevelDecision {
        level: level.filter(|_| !unread),
        because,
        unread,
    }
}

/// Whether the rows only count as individual because some text could not be read.
fn is_unread(rows: &RelationFacts) -> bool {
    let individual_reason = rows.individual_reason.as_ref();
    rows.rows == Rows::Individual
        && rows.registered_level.is_none()
        && individual_reason.is_some_and(|why| why.unread)
}

/// Returns the level of a published column on its own.
///
/// `None` if it contains no personal data.
pub fn of_column(
    facts: &Facts<'_>,
    rows: &RelationFacts,
    value: &ColumnFacts,
    required: u64,
) -> Option<Level> {
    if !value.personal
        && value
            .sources
            .iter()
            .all(|(id, _)| !facts.sources.get(*id).personal)
    {
        return None;
    }
    let base = of_rows(rows, required).map(|(level, _)| level);
    of_value(value, "", Span::default(), rows)
        .into_iter()
        .map(|(level, _)| level)
        .chain(base)
        .max()
}

/// Returns the level that the rows have, whatever their columns contain.
fn of_rows(rows: &RelationFacts, required: u64) -> Option<(Level, ReasoningStep)> {
    let registered = rows
        .registered_level
        .and_then(|level| Level::ALL.into_iter().find(|known| known.number() == level))
        .map(|level| {
            (
                level,
                ReasoningStep {
                    message: format!(
                        "the registry declares a source table as level {}",
                        level.number()
                    ),
                    span: None,
                    operator: None,
                    k: None,
                    elsewhere: None,
                    step: None,
                },
            )
        });
    let own = match rows.rows {
        Rows::Impersonal => None,
        Rows::Model => Some((
            Level::Model,
            ReasoningStep {
                message: "only a model, or the output of one, is published".to_owned(),
                span: None,
                operator: None,
                k: None,
                elsewhere: None,
                step: None,
            },
        )),
        Rows::Aggregated => Some(aggregated(rows, required)),
        Rows::Individual => {
            let (message, span) = match &rows.individual_reason {
                Some(why) => (why.why.to_string(), Some(why.span)),
                None => ("each row belongs to a single person".to_owned(), None),
            };
            Some((
                Level::Pseudonymous,
                ReasoningStep {
                    message,
                    span,
                    operator: None,
                    k: None,
                    elsewhere: None,
                    step: None,
                },
            ))
        }
    };
    [own, registered]
        .into_iter()
        .flatten()
        .max_by_key(|(level, _)| *level)
}

fn aggregated(rows: &RelationFacts, required: u64) -> (Level, ReasoningStep) {
    let k = rows.bucket().unwrap_or(0);
    let (people, minimum) = (GroupedNumber(k), GroupedNumber(required));
    let residual = rows.k().is_none_or(|all| all < k);
    let message = if k == u64::MAX {
        "no row remains, so no person's data is published".to_owned()
    } else if k >= required && residual {
        format!(
            "rows are groups, and each is proven to stand for at least {people} people, except the residual that small groups are folded into"
        )
    } else if k >= required {
        format!("rows are groups, and each is proven to stand for at least {people} people")
    } else if k >= 2 {
        format!(
            "rows are groups, and each is proven to stand for at least {people} people: at least {minimum} are required"
        )
    } else {
        format!("rows are groups, and none is proven to stand for at least {minimum} people")
    };
    let level = if k >= required {
        Level::MinimumBucket
    } else {
        Level::Aggregated
    };
    (
        level,
        ReasoningStep {
            message,
            span: None,
            operator: None,
            k: Some(k).filter(|k| *k < u64::MAX),
            elsewhere: None,
            step: None,
        },
    )
}

/// Returns the levels that a published value adds to that of its rows.
fn of_value(
    value: &ColumnFacts,
    name: &str,
    span: Span,
    rows: &RelationFacts,
) -> Vec<(Level, ReasoningStep)> {
    let mut found = Vec::new();
    for identity in &value.identities {
        found.push(of_form(identity, name, span));
    }
    let time = value.resolution >= Some(Resolution::Second);
    if let Some(made) = value.collection {
        found.push((
            if time {
                Level::HighResolution
            } else {
                Level::Pseudonymous
            },
            because(format!("`{name}` collects values of individual rows"), made),
        ));
    }
    if rows.rows == Rows::Individual && time {
        found.push((
            Level::HighResolution,
            because(
                format!("rows are individual, and `{name}` is a time at a second or finer"),
                span,
            ),
        ));
    }
    if let Some(made) = value.sketch {
        found.push((
            Level::Probabilistic,
            because(
                format!("`{name}` is the state of a probabilistic data structure"),
                made,
            ),
        ));
    }
    found
}

fn of_form(identity: &Identity, name: &str, span: Span) -> (Level, ReasoningStep) {
    let what = if identity.person {
        "a person"
    } else {
        "a single record"
    };
    match identity.form {
        IdentityForm::Raw => (
            Level::Individual,
            because(
                format!("`{name}` is an identifier of {what}, or can be converted back to one"),
                span,
            ),
        ),
        IdentityForm::PlainHash | IdentityForm::Pseudonym => (
            Level::Pseudonymous,
            because(
                format!("`{name}` is a one-to-one replacement of an identifier of {what}"),
                span,
            ),
        ),
    }
}

fn of_identity(
    facts: &Facts<'_>,
    identity: &Identity,
    what: &str,
    span: Span,
) -> (Level, ReasoningStep) {
    let (level, mut reason) = of_form(identity, what, span);
    reason.message = format!(
        "{what} is trained on `{}`, which identifies a person or a record, and its weights may disclose it",
        facts.sources.get(identity.source).name
    );
    (level, reason)
}

fn because(message: String, span: Span) -> ReasoningStep {
    ReasoningStep {
        message,
        span: Some(span),
        operator: None,
        k: None,
        elsewhere: None,
        step: None,
    }
}
