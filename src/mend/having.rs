//! A threshold after GROUP BY: a new HAVING, or a change of the existing one.

use std::ops::Range;
use std::rc::Rc;

use super::choice::ThresholdEdit;
use super::constant;
use super::edit::Edit;
use super::outline::{Clause, ClauseTokens, Outline, Select};
use super::style::Style;
use crate::facts::{ThresholdBound, ThresholdCondition};
use crate::syntax::LexemeKind;

/// The expressions that count the people of a group.
pub(super) struct PeopleCount<'a> {
    /// The expression that identifies a person.
    pub(super) unit: &'a str,
    /// The name of an existing count of all people in the SELECT list.
    pub(super) counted_as: Option<String>,
}

/// Returns the ways to bound the groups of a SELECT, a correction first.
pub(super) fn choices(
    outline: &Outline<'_>,
    select: &Select,
    attempts: &[Rc<ThresholdCondition>],
    people: &PeopleCount<'_>,
    required: u64,
) -> Vec<ThresholdEdit> {
    let tokens = select.tokens();
    let style = Style::of(outline, tokens.start, &tokens);
    let count = style.count(people.unit);
    match select.part(Clause::Having) {
        Some(having) => existing(outline, having, attempts, &style, &count, people, required),
        None => insert_having(outline, select, &style, &format!("{count} >= {required}"))
            .into_iter()
            .collect(),
    }
}

/// Adds a condition on the groups of a SELECT to existing ones.
pub(super) fn add_condition(
    outline: &Outline<'_>,
    select: &Select,
    condition: &str,
) -> Option<ThresholdEdit> {
    let tokens = select.tokens();
    let style = Style::of(outline, tokens.start, &tokens);
    match select.part(Clause::Having) {
        Some(having) => Some(added(outline, having, &style, condition)),
        None => insert_having(outline, select, &style, condition),
    }
}

/// Adds a HAVING to a SELECT without one.
fn insert_having(
    outline: &Outline<'_>,
    select: &Select,
    style: &Style,
    threshold: &str,
) -> Option<ThresholdEdit> {
    let before = last_before_having(select)?;
    let last = before.body.end.checked_sub(1)?;
    let (at, commented) = outline.after(last);
    let items = [threshold.to_owned()];
    let text = outline.clause_like(select, before, style, "HAVING", &items, commented);
    Some(ThresholdEdit::new(
        format!("add `{} {threshold}`", style.word("HAVING")),
        vec![Edit::insert(at, text)],
    ))
}

/// Returns the last clause before the place of HAVING.
pub(super) fn last_before_having(select: &Select) -> Option<&ClauseTokens> {
    select
        .parts
        .iter()
        .rfind(|part| matches!(part.clause, Clause::From | Clause::Where | Clause::GroupBy))
}

fn existing(
    outline: &Outline<'_>,
    having: &ClauseTokens,
    attempts: &[Rc<ThresholdCondition>],
    style: &Style,
    count: &str,
    people: &PeopleCount<'_>,
    required: u64,
) -> Vec<ThresholdEdit> {
    let body = outline.span_of(&having.body);
    let here: Vec<&ThresholdCondition> = attempts
        .iter()
        .map(|attempt| &**attempt)
        .filter(|attempt| attempt.word == "HAVING" && body.contains(attempt.span))
        .collect();
    // If the author uses names of the list in HAVING, the new condition does too.
    let by_name = here
        .iter()
        .any(|attempt| !attempt.span.contains(attempt.count.span));
    let count = people
        .counted_as
        .as_deref()
        .filter(|_| by_name)
        .unwrap_or(count);
    let mut choices = Vec::new();
    if let [only] = here.as_slice()
        && only.escape.is_none()
    {
        choices.extend(constant::raise(outline, only, required));
        choices.extend(counted(outline, only, count, required));
    }
    choices.extend(keep_sufficient_operand(outline, having, &here, required));
    choices.push(added(
        outline,
        having,
        style,
        &format!("{count} >= {required}"),
    ));
    choices
}

/// Replaces the counted expression by the count of people.
fn counted(
    outline: &Outline<'_>,
    attempt: &ThresholdCondition,
    count: &str,
    required: u64,
) -> Option<ThresholdEdit> {
    let ThresholdBound::Constant(least) = attempt.bound else {
        return None;
    };
    let call = outline
        .source
        .slice(attempt.count.span)
        .to_ascii_uppercase();
    let sums = call.starts_with("SUM") || call.starts_with("COUNTIF");
    let slack = attempt.count.slack();
    // A number above the policy's (`> 5000` is 5,001) bounds something other than
    // people.
    if least > required + 1 || sums || slack == Some(0) {
        return None;
    }
    let sides = constant::sides(outline, attempt)?;
    let mut edits = vec![Edit::replace(outline.span_of(&sides.count), count)];
    if least < required {
        edits.extend(constant::raise_to(outline, attempt, required)?);
    }
    Some(ThresholdEdit::new(
        format!("compare `{count}` with {required}"),
        edits,
    ))
}

/// Keeps, of several conditions joined by OR, only the one that bounds people.
fn keep_sufficient_operand(
    outline: &Outline<'_>,
    having: &ClauseTokens,
    attempts: &[&ThresholdCondition],
    required: u64,
) -> Option<ThresholdEdit> {
    let operands = outline.split(&having.body, |at| outline.is(at, "OR"));
    if operands.len() < 2 || has_case(outline, &having.body) {
        return None;
    }
    let enough = |operand: &Range<usize>| {
        let span = outline.span_of(operand);
        attempts.iter().any(|attempt| {
            let least = match attempt.bound {
                ThresholdBound::Constant(least) => least,
                ThresholdBound::Unknown => 0,
            };
            let slack = attempt.count.slack();
            attempt.span == span && slack.is_some_and(|slack| least >= required + slack)
        })
    };
    let kept = operands.iter().find(|operand| enough(operand))?;
    let first = outline.span(having.body.start).start as usize;
    let last = outline.span(having.body.end - 1).end as usize;
    let kept_span = outline.span_of(kept);
    let cut = |from: usize, to: usize| crate::source::Span::new(from, to);
    let edits = [
        cut(first, kept_span.start as usize),
        cut(kept_span.end as usize, last),
    ]
    .into_iter()
    .filter(|span| !span.is_empty())
    .map(|span| Edit::replace(span, ""))
    .collect();
    Some(ThresholdEdit::new(
        format!(
            "keep only `{}` of the conditions",
            outline.source.slice(kept_span)
        ),
        edits,
    ))
}

/// Adds a condition that every group must meet.
fn added(
    outline: &Outline<'_>,
    having: &ClauseTokens,
    style: &Style,
    threshold: &str,
) -> ThresholdEdit {
    let body = &having.body;
    let first = body.start;
    let last = body.end.saturating_sub(1).max(first);
    let span = outline.span_of(body);
    let (after, commented) = outline.after(last);
    let below = !outline.same_line(first, first - 1) || !outline.same_line(first, last);
    let and = style.word("AND");
    let mut edits = Vec::new();
    let indent = if outline.begins_line(first) {
        outline.indent(first).to_owned()
    } else {
        format!("{}  ", outline.indent(having.word))
    };
    let end = style.line_end;
    if is_disjunction(outline, body) {
        if outline.same_line(first, last) {
            edits.push(Edit::insert(span.start as usize, "("));
            edits.push(Edit::insert(span.end as usize, ")"));
        } else {
            edits.push(Edit::insert(
                span.start as usize,
                format!("({end}{indent}  "),
            ));
            for at in body.clone().skip(1) {
                if outline.begins_line(at) {
                    edits.push(Edit::insert(outline.span(at).start as usize, "  "));
                }
            }
            edits.push(Edit::insert(span.end as usize, format!("{end}{indent})")));
        }
    }
    let text = if below || commented {
        format!("{end}{indent}{and} {threshold}")
    } else {
        format!(" {and} {threshold}")
    };
    // A closing bracket is before a comment, and the condition follows it.
    let at = if edits.is_empty() {
        after
    } else {
        span.end as usize
    };
    match edits.last_mut() {
        Some(closing) => closing.text.push_str(&text),
        None => edits.push(Edit::insert(at, text)),
    }
    ThresholdEdit::new(format!("add `{and} {threshold}`"), edits)
}

/// Whether a condition is a disjunction, so that one of its parts is sufficient.
fn is_disjunction(outline: &Outline<'_>, body: &Range<usize>) -> bool {
    let mut cases = 0_usize;
    for at in outline.outside(body) {
        if outline.is(at, "CASE") {
            cases += 1;
        } else if outline.is(at, "END") {
            cases = cases.saturating_sub(1);
        } else if cases == 0 && outline.is(at, "OR") {
            return true;
        }
    }
    false
}

fn has_case(outline: &Outline<'_>, body: &Range<usize>) -> bool {
    outline
        .outside(body)
        .any(|at| outline.kind(at) == LexemeKind::Word && outline.is(at, "CASE"))
}
