//! Comments that speak to the program: findings that they silence, datasets that
//! are not published. Those that do nothing are findings themselves.

use crate::assessment::Assessment;
use crate::rules::{
    self, Finding, Severity, Unused, suppression_without_reason, unused_suppression,
};
use crate::source::template::SourceMap;
use crate::source::{SourceText, Span};
use crate::syntax::{Directive, DirectiveKind, Script};

/// A comment, and what came of it.
pub(super) struct Comment {
    span: Span,
    /// Whether it fails to say why.
    without_reason: bool,
    /// What it is unused for, and whether it was used for it after all.
    parts: Vec<(Unused, bool)>,
}

/// The directives of a script, and what they may stand before.
pub(super) struct Directed {
    directives: Vec<Directive>,
    /// The statements in the order of the text, a block before what stands in it.
    statements: Vec<Span>,
}

impl Directed {
    /// Those of a script.
    pub(super) fn of(script: Script) -> Self {
        let mut statements = Vec::new();
        if !script.directives.is_empty() {
            script.each(&mut |statement| statements.push(statement.span));
        }
        Self {
            directives: script.directives,
            statements,
        }
    }

    /// Applies them. They never change a level, an answer or a verdict.
    pub(super) fn apply(
        &self,
        source: &SourceText,
        datasets: &mut [Assessment],
        findings: &mut [Finding],
    ) -> Vec<Comment> {
        let each = |directive: &Directive| {
            let place = Place {
                statement: self
                    .statements
                    .iter()
                    .copied()
                    .find(|span| before(source, directive, *span)),
                line: line(source, directive),
            };
            let (reason, parts) = match &directive.kind {
                DirectiveKind::Internal { reason } => {
                    let used = !reason.is_empty() && not_published(&place, reason, datasets);
                    (reason.as_str(), vec![(Unused::NoDataset, used)])
                }
                DirectiveKind::Allow { codes, reason } if codes.is_empty() => {
                    (reason.as_str(), vec![(Unused::Nothing, false)])
                }
                DirectiveKind::Allow { codes, reason } => {
                    let mut silence = |word: &String| {
                        let Some(rule) = rules::find(word) else {
                            return (Unused::NoRule(word.clone()), false);
                        };
                        if rule.code.starts_with("HC2") && rule.severity == Severity::Error {
                            return (Unused::OnlyApproved(rule.code), false);
                        }
                        let used = !reason.is_empty()
                            && place.silence(source, rule.code, reason, datasets, findings);
                        (Unused::Silent(rule.code), used)
                    };
                    (reason.as_str(), codes.iter().map(&mut silence).collect())
                }
                DirectiveKind::Unknown => ("–", vec![(Unused::Unknown, false)]),
            };
            Comment {
                span: directive.span,
                without_reason: reason.is_empty(),
                parts,
            }
        };
        self.directives.iter().map(each).collect()
    }
}

/// What a comment speaks of.
struct Place {
    /// The statement that it stands before.
    statement: Option<Span>,
    /// The line, from 1.
    line: usize,
}

impl Place {
    /// Silences the findings of one rule. Whether there are any.
    fn silence(
        &self,
        source: &SourceText,
        code: &str,
        reason: &str,
        datasets: &mut [Assessment],
        findings: &mut [Finding],
    ) -> bool {
        let whole = |dataset: Span| self.statement.is_some_and(|span| span.contains(dataset));
        let of_datasets = datasets.iter_mut().flat_map(|dataset| {
            let whole = whole(dataset.span);
            dataset
                .findings
                .iter_mut()
                .map(move |finding| (finding, whole))
        });
        let all = of_datasets.chain(findings.iter_mut().map(|finding| (finding, false)));
        let mut any = false;
        for (finding, whole) in all {
            let here = whole
                || self.line == source.position(finding.span.start).line
                || self
                    .statement
                    .is_some_and(|span| span.contains(finding.span));
            if here && finding.rule.code == code {
                finding.suppressed = Some(reason.to_owned());
                any = true;
            }
        }
        any
    }
}

/// Calls the datasets of a statement internal. Whether there are any.
fn not_published(place: &Place, reason: &str, datasets: &mut [Assessment]) -> bool {
    let mut any = false;
    for dataset in datasets {
        if place
            .statement
            .is_some_and(|span| span.contains(dataset.span))
        {
            dataset.internal = Some(reason.to_owned());
            any = true;
        }
    }
    any
}

/// Whether a comment of its own line stands before a statement, with nothing but
/// comments between.
fn before(source: &SourceText, directive: &Directive, statement: Span) -> bool {
    directive.own_line
        && directive.span.end <= statement.start
        && source
            .text()
            .get(directive.span.end as usize..statement.start as usize)
            .is_some_and(only_comments)
}

/// Whether a text holds comments and white space alone.
fn only_comments(text: &str) -> bool {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let after = if rest.starts_with("--") || rest.starts_with('#') {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return false;
        };
        rest = after.trim_start();
    }
    true
}

/// The line that a comment speaks of: its own where it stands at the end of it,
/// else the next that is no comment of its own.
fn line(source: &SourceText, directive: &Directive) -> usize {
    let last = source.position(directive.span.end).line;
    if !directive.own_line {
        return source.position(directive.span.start).line;
    }
    let behind = source
        .text()
        .get(directive.span.end as usize..)
        .unwrap_or("");
    let comments = behind
        .lines()
        .skip(1)
        .take_while(|line| {
            let line = line.trim_start();
            line.starts_with("--") || line.starts_with('#')
        })
        .count();
    last + 1 + comments
}

/// The comments of all ways that a template may go: one is used where it is used
/// in any.
#[derive(Default)]
pub(super) struct Comments(Vec<Comment>);

impl Comments {
    /// Adds those of one way.
    pub(super) fn join(&mut self, comments: Vec<Comment>, map: &SourceMap) {
        for mut comment in comments {
            comment.span = map.written(comment.span);
            let known = self.0.iter_mut().find(|known| {
                known.span == comment.span && known.parts.len() == comment.parts.len()
            });
            match known {
                Some(known) => {
                    for (part, other) in known.parts.iter_mut().zip(&comment.parts) {
                        part.1 |= other.1;
                    }
                }
                None => self.0.push(comment),
            }
        }
    }

    /// What is to be said of those that do nothing.
    pub(super) fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comment in self.0 {
            if comment.without_reason {
                findings.push(suppression_without_reason::of(comment.span));
                continue;
            }
            for (why, used) in &comment.parts {
                if !used {
                    findings.push(unused_suppression::of(comment.span, why));
                }
            }
        }
        findings
    }
}
