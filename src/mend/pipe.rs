//! A threshold after `|> AGGREGATE`.

use std::ops::Range;

use super::choice::ThresholdEdit;
use super::edit::Edit;
use super::outline::Outline;
use super::scope::counted_as;
use super::site::ThresholdSite;
use super::style::Style;
use crate::facts::Facts;
use crate::plan::Plan;
use crate::syntax::LexemeKind;

/// Names for a count that is dropped again.
const NAMES: [&str; 4] = ["clients", "people", "client_count", "distinct_people"];

/// Adds a `|> WHERE` after a step, in addition to existing ones.
pub(super) fn add_condition(
    outline: &Outline<'_>,
    step: &Range<usize>,
    condition: &str,
) -> Option<ThresholdEdit> {
    let style = Style::of(outline, step.start + 1, step);
    let (end, before) = after(outline, step, &style)?;
    let text = format!("|> {} {condition}", style.word("WHERE"));
    Some(ThresholdEdit::new(
        format!("add `{text}`"),
        vec![Edit::insert(end, format!("{before}{text}"))],
    ))
}

/// Returns the place to insert a step after another one, and the separator before
/// it.
fn after(outline: &Outline<'_>, step: &Range<usize>, style: &Style) -> Option<(usize, String)> {
    let (end, commented) = outline.after(step.end.checked_sub(1)?);
    let before = if outline.begins_line(step.start) || commented {
        format!("{}{}", style.line_end, outline.indent(step.start))
    } else {
        " ".to_owned()
    };
    Some((end, before))
}

/// Adds a `|> WHERE` on a count of people.
///
/// The count exists already, or is added and dropped again.
pub(super) fn choices(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    site: &ThresholdSite,
    step: &Range<usize>,
    unit: &str,
    required: u64,
) -> Vec<ThresholdEdit> {
    let style = Style::of(outline, step.start + 1, step);
    let Some((end, before)) = after(outline, step, &style) else {
        return Vec::new();
    };
    if let Some(name) = counted_as(outline, plan, facts, site, step) {
        return add_condition(outline, step, &format!("{name} >= {required}"))
            .into_iter()
            .collect();
    }
    let (where_, drop) = (style.word("WHERE"), style.word("DROP"));
    let Some(name) = NAMES.iter().find(|name| !mentioned(outline, name)) else {
        return Vec::new();
    };
    let group = outline
        .outside(&(step.start + 2..step.end))
        .find(|at| outline.is(*at, "GROUP"));
    let list = step.start + 2..group.unwrap_or(step.end);
    let count = format!("{} {} {name}", style.count(unit), style.word("AS"));
    let put = if list.is_empty() {
        Edit::insert(
            outline.span(step.start + 1).end as usize,
            format!(" {count}"),
        )
    } else {
        let last = list.end - 1;
        let after_comma = outline.kind(last) == LexemeKind::Comma;
        let first = list.start;
        let between = if outline.begins_line(first) {
            format!("{}{}", style.line_end, outline.indent(first))
        } else {
            " ".to_owned()
        };
        let comma = if after_comma { "" } else { "," };
        Edit::insert(
            outline.span(last).end as usize,
            format!("{comma}{between}{count}"),
        )
    };
    let text = format!("{before}|> {where_} {name} >= {required}{before}|> {drop} {name}");
    vec![ThresholdEdit::new(
        format!("count the people and add `|> {where_} {name} >= {required}`"),
        vec![put, Edit::insert(end, text)],
    )]
}

fn mentioned(outline: &Outline<'_>, name: &str) -> bool {
    (0..outline.len()).any(|at| outline.text(at).eq_ignore_ascii_case(name))
}
