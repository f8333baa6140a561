//! A threshold for the groups of SELECT DISTINCT: DISTINCT becomes GROUP BY.

use super::choice::ThresholdEdit;
use super::edit::Edit;
use super::having::last_before_having;
use super::outline::{Clause, Outline, Select};
use super::style::Style;
use crate::source::Span;

/// Replaces DISTINCT by GROUP BY and HAVING.
pub(super) fn choices(
    outline: &Outline<'_>,
    select: &Select,
    unit: &str,
    required: u64,
) -> Vec<ThresholdEdit> {
    choice(outline, select, unit, required)
        .into_iter()
        .collect()
}

fn choice(
    outline: &Outline<'_>,
    select: &Select,
    unit: &str,
    required: u64,
) -> Option<ThresholdEdit> {
    let tokens = select.tokens();
    let style = Style::of(outline, tokens.start, &tokens);
    let list = select.part(Clause::Select)?;
    let items = outline.items(&(list.body.start + 1..list.body.end));
    if select.part(Clause::Having).is_some() || list.body.clone().any(|at| outline.is(at, "OVER")) {
        return None;
    }
    let names: Option<Vec<String>> = items.iter().map(|item| outline.name(item)).collect();
    let keys = names.unwrap_or_else(|| vec![style.word("ALL")]);
    let model = last_before_having(select)?;
    let (at, commented) = outline.after(model.body.end.checked_sub(1)?);
    let threshold = format!("{} >= {required}", style.count(unit));
    let group = if keys.len() == 1 && keys[0].eq_ignore_ascii_case("ALL") {
        let before = if outline.begins_line(model.word) || commented {
            format!("{}{}", style.line_end, outline.indent(model.word))
        } else {
            " ".to_owned()
        };
        format!("{before}{} {}", style.word("GROUP BY"), keys[0])
    } else {
        outline.clause_like(select, model, &style, "GROUP BY", &keys, commented)
    };
    let having = outline.clause_like(
        select,
        model,
        &style,
        "HAVING",
        std::slice::from_ref(&threshold),
        commented,
    );
    let word = outline.span(tokens.start);
    let distinct = outline.span(tokens.start + 1);
    let taken = Span {
        start: word.end,
        end: distinct.end,
    };
    Some(ThresholdEdit::new(
        format!(
            "group instead of `{}`, and add `{} {threshold}`",
            style.word("DISTINCT"),
            style.word("HAVING")
        ),
        vec![
            Edit::replace(taken, ""),
            Edit::insert(at, format!("{group}{having}")),
        ],
    ))
}
