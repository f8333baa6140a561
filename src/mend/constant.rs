//! The number of a threshold.

use std::ops::Range;

use super::choice::ThresholdEdit;
use super::edit::Edit;
use super::outline::Outline;
use crate::facts::{ThresholdBound, ThresholdCondition};
use crate::syntax::LexemeKind;

/// The two sides of a comparison, as tokens.
pub(super) struct ComparisonSides {
    pub(super) count: Range<usize>,
    /// The token of the operator between them.
    pub(super) sign: usize,
    /// Whether the count is the left operand.
    pub(super) count_first: bool,
}

/// Finds the sides of a condition that looks like a threshold.
///
/// `None` if it is not a plain comparison.
pub(super) fn sides(
    outline: &Outline<'_>,
    attempt: &ThresholdCondition,
) -> Option<ComparisonSides> {
    let tokens = outline.within(attempt.span);
    let mut signs = outline
        .outside(&tokens)
        .filter(|at| outline.kind(*at) == LexemeKind::Comparison);
    let (Some(sign), None) = (signs.next(), signs.next()) else {
        return None;
    };
    let (left, right) = (tokens.start..sign, sign + 1..tokens.end);
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let holds = |side: &Range<usize>, span| outline.span_of(side).contains(span);
    let count_first = if attempt.span.contains(attempt.constant) {
        !holds(&left, attempt.constant)
    } else {
        // The number is elsewhere, and its name is here.
        holds(&left, attempt.count.span) || !holds(&right, attempt.count.span) && right.len() == 1
    };
    Some(ComparisonSides {
        count: if count_first { left } else { right },
        sign,
        count_first,
    })
}

/// Raises the number of a threshold on people that is too low.
pub(super) fn raise(
    outline: &Outline<'_>,
    attempt: &ThresholdCondition,
    required: u64,
) -> Option<ThresholdEdit> {
    let slack = attempt.count.slack()?;
    let needed = required.saturating_add(slack);
    match attempt.bound {
        ThresholdBound::Constant(least) if least < needed => {}
        ThresholdBound::Constant(_) | ThresholdBound::Unknown => return None,
    }
    let edits = raise_to(outline, attempt, needed)?;
    let was = outline.source.slice(attempt.constant);
    Some(ThresholdEdit::new(
        format!("raise {was} to {needed}"),
        edits,
    ))
}

/// Returns the edits that make a comparison require `needed` people.
pub(super) fn raise_to(
    outline: &Outline<'_>,
    attempt: &ThresholdCondition,
    needed: u64,
) -> Option<Vec<Edit>> {
    let written = outline.source.slice(attempt.constant);
    let is_number = written.chars().any(|c| c.is_ascii_digit())
        && written
            .chars()
            .all(|c| c.is_ascii_digit() || " .*+eE()".contains(c));
    if !is_number {
        return None;
    }
    let sides = sides(outline, attempt)?;
    let mut edits = vec![Edit::replace(attempt.constant, needed.to_string())];
    // `> 50` becomes `>= 5000`, since the policy's number itself is sufficient.
    let strict = if sides.count_first { ">" } else { "<" };
    if outline.text(sides.sign) == strict && attempt.span.contains(attempt.constant) {
        edits.push(Edit::replace(
            outline.span(sides.sign),
            format!("{strict}="),
        ));
    }
    Some(edits)
}
