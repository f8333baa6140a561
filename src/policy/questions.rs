//! The four questions that a data steward answers, each with its evidence.
//!
//! Source: the policy, "Dataset Publishing Process".

use super::evidence::{Evidence, UsedColumn};
use super::level::LevelDecision;
use super::{Answer, Level, Question, QuestionId};
use crate::facts::BaseColumnId;

/// Largest number of columns that an answer names.
const NAMED: usize = 6;

/// Answers all four questions.
pub(super) fn answer(found: &LevelDecision, evidence: &Evidence) -> Vec<Question> {
    vec![
        aggregation_level(found),
        categories(evidence),
        sensitive(evidence),
        reviews(evidence),
    ]
}

fn aggregation_level(found: &LevelDecision) -> Question {
    let why = found.because.first();
    let why = why.map_or("", |first| first.message.as_str());
    let (answer, because) = match found.level {
        None if found.unread => (Answer::Unknown, why.to_owned()),
        None => (Answer::No, why.to_owned()),
        Some(level) => (
            if level >= Level::Aggregated {
                Answer::Yes
            } else {
                Answer::No
            },
            format!("level {}, {}: {why}", level.number(), level.name()),
        ),
    };
    question(QuestionId::AggregationLevel, answer, because)
}

/// Answers whether there are dimensions of category 3 or 4.
///
/// Dimensions are published labels, group keys and the columns that conditions
/// compare: a filter defines a sub-population, as a dimension does. A metric without
/// a category makes the answer unknown as well.
fn categories(evidence: &Evidence) -> Question {
    let dimensions = evidence.all().filter(|told| told.dimension);
    let high = ids(dimensions.filter(|told| told.category >= Some(3)));
    let unknown = ids(evidence.all().filter(|told| told.category.is_none()));
    let id = QuestionId::Category3Or4Dimensions;
    if !high.is_empty() {
        let named = list(evidence, &high, |id| {
            format!(" (category {})", evidence.category(id).unwrap_or(0))
        });
        return question(id, Answer::Yes, named);
    }
    if !unknown.is_empty() {
        let named = list(evidence, &unknown, |_| String::new());
        return question(id, Answer::Unknown, format!("unknown category: {named}"));
    }
    if let Some(why) = hidden(evidence) {
        return question(id, Answer::Unknown, why);
    }
    question(
        id,
        Answer::No,
        "all dimensions are of category 1 or 2".to_owned(),
    )
}

/// Answers whether dimensions or metrics are sensitive.
///
/// The policy defines web activity and highly sensitive data as sensitive.
fn sensitive(evidence: &Evidence) -> Question {
    let sensitive = ids(evidence
        .all()
        .filter(|told| told.is_sensitive() == Some(true)));
    let unsure = || evidence.all().filter(|told| told.is_sensitive().is_none());
    let unregistered = ids(unsure().filter(|told| !told.registered));
    let unknown = ids(unsure());
    let id = QuestionId::SensitiveData;
    if !sensitive.is_empty() {
        let named = list(evidence, &sensitive, |id| match evidence.sensitive(id) {
            Some(why) => format!(" ({why})"),
            None => format!(" (category {})", evidence.category(id).unwrap_or(0)),
        });
        return question(id, Answer::Yes, named);
    }
    if !unregistered.is_empty() {
        let named = list(evidence, &unregistered, |_| String::new());
        return question(id, Answer::Unknown, format!("not in the registry: {named}"));
    }
    if !unknown.is_empty() {
        let named = list(evidence, &unknown, |_| String::new());
        return question(
            id,
            Answer::Unknown,
            format!("unknown category: {named}; categories 3 and 4 are sensitive"),
        );
    }
    if let Some(why) = hidden(evidence) {
        return question(id, Answer::Unknown, why);
    }
    question(
        id,
        Answer::No,
        "no base column is registered as sensitive".to_owned(),
    )
}

/// Answers whether the collection of every included base column was reviewed.
///
/// A base column is included directly, through an aggregate, in a condition, or
/// because it is counted.
fn reviews(evidence: &Evidence) -> Question {
    let included = || evidence.all().filter(|told| told.included);
    let unknown = ids(included().filter(|told| !told.registered));
    let missing = ids(included().filter(|told| told.registered && !told.reviewed));
    let id = QuestionId::MissingDataReview;
    if !missing.is_empty() {
        let named = list(evidence, &missing, |_| String::new());
        return question(
            id,
            Answer::Yes,
            format!("no data review is linked in the registry: {named}"),
        );
    }
    if !unknown.is_empty() {
        let named = list(evidence, &unknown, |_| String::new());
        return question(id, Answer::Unknown, format!("not in the registry: {named}"));
    }
    if let Some(why) = hidden(evidence) {
        return question(id, Answer::Unknown, why);
    }
    let why = if evidence.uses.is_empty() {
        "no collected column is used"
    } else {
        "a data review is linked for every base column"
    };
    question(id, Answer::No, why.to_owned())
}

fn ids<'a>(told: impl Iterator<Item = &'a UsedColumn>) -> Vec<BaseColumnId> {
    told.map(|told| told.source).collect()
}

/// Returns why a "no" cannot be known; `None` if nothing is hidden.
fn hidden(evidence: &Evidence) -> Option<String> {
    if evidence.unknown_columns.is_some() {
        return Some("columns are published that no schema declares".to_owned());
    }
    evidence
        .not_understood
        .then(|| "a part of the query is not understood".to_owned())
}

fn list(
    evidence: &Evidence,
    ids: &[BaseColumnId],
    after: impl Fn(BaseColumnId) -> String,
) -> String {
    let mut told: Vec<(String, String)> = ids
        .iter()
        .map(|id| (evidence.called(*id), after(*id)))
        .collect();
    told.sort_unstable();
    told.dedup();
    let more = told.len().saturating_sub(NAMED);
    let names: Vec<String> = told
        .iter()
        .take(NAMED)
        .map(|(name, after)| format!("{name}{after}"))
        .collect();
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn question(id: QuestionId, answer: Answer, because: String) -> Question {
    Question {
        id,
        answer,
        because,
    }
}
