//! The conditions of a dataset's scope as they are written.

use rustc_hash::FxHashSet;

use super::localize::Texts;
use crate::policy::Scope;
use crate::source::SourceText;
use crate::syntax::lexemes;

/// Looks up what the conditions of a scope say, in the text that was bound or in the one
/// of another file; those without a text of their own are left out.
pub(super) fn spell(scope: &mut Scope, rendered: &SourceText, texts: &Texts<'_>) {
    for condition in &mut scope.conditions {
        condition.text = match texts.written(condition.span) {
            Some((text, span)) => {
                let at = text.position(span.start);
                let spelled = one_line(text.slice(span));
                format!("{spelled} ({}:{})", text.path(), at.line)
            }
            None => one_line(rendered.slice(condition.span)),
        };
    }
    // What several queries of one text ask alike is said once.
    let mut seen = FxHashSet::default();
    scope
        .conditions
        .retain(|condition| !condition.text.is_empty() && seen.insert(condition.text.clone()));
}

/// SQL in one line, without its comments.
fn one_line(sql: &str) -> String {
    let text = SourceText::new("", sql);
    let tokens = lexemes(&text);
    let mut line = String::new();
    let mut end = None;
    for token in &tokens {
        if end.is_some_and(|end| end < token.span.start) {
            line.push(' ');
        }
        line.push_str(text.slice(token.span));
        end = Some(token.span.end);
    }
    if tokens.is_empty() {
        sql.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn comments_and_line_ends_are_left_out() {
        assert_eq!(
            one_line("a = 1 -- not b\n  AND /* or */ f(x, 'y -- z') > 2"),
            "a = 1 AND f(x, 'y -- z') > 2"
        );
        assert_eq!(one_line("  "), "");
    }
}
