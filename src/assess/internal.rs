//! Comments that speak to the program: findings that they silence, datasets that
//! are not published.

use crate::assessment::Assessment;
use crate::rules::{Finding, Severity};
use crate::source::{SourceText, Span};
use crate::syntax::{Directive, DirectiveKind, Script};

/// Applies the directives of a script. They never change a level, an answer or a
/// verdict.
pub(super) fn apply(
    source: &SourceText,
    script: &Script,
    datasets: &mut [Assessment],
    findings: &mut [Finding],
) {
    // In the order of the text, a block before what stands in it.
    let mut statements = Vec::new();
    script.each(&mut |statement| statements.push(statement.span));
    for directive in &script.directives {
        let statement = statements
            .iter()
            .copied()
            .find(|span| before(source, directive, *span));
        match &directive.kind {
            DirectiveKind::Internal { reason } if !reason.is_empty() => {
                for dataset in datasets.iter_mut() {
                    if statement == Some(dataset.span) {
                        dataset.internal = Some(reason.clone());
                    }
                }
            }
            DirectiveKind::Allow { codes, reason } if !reason.is_empty() => {
                let all = datasets
                    .iter_mut()
                    .flat_map(|dataset| &mut dataset.findings)
                    .chain(findings.iter_mut());
                for finding in all {
                    let named = codes.iter().any(|code| {
                        code.eq_ignore_ascii_case(finding.rule.code)
                            || code.eq_ignore_ascii_case(finding.rule.name)
                    });
                    let here = at(source, directive, finding.span)
                        || statement.is_some_and(|span| span.contains(finding.span));
                    if named && here && may_be_silenced(finding) {
                        finding.suppressed = Some(reason.clone());
                    }
                }
            }
            DirectiveKind::Internal { .. } | DirectiveKind::Allow { .. } => {}
        }
    }
}

/// Errors of the 2xx family can only be approved.
fn may_be_silenced(finding: &Finding) -> bool {
    !(finding.rule.code.starts_with("HC2") && finding.rule.severity == Severity::Error)
}

/// Whether a comment of its own line stands before a statement, with nothing but
/// comments between.
fn before(source: &SourceText, directive: &Directive, statement: Span) -> bool {
    directive.own_line
        && directive.span.end <= statement.start
        && source
            .text()
            .get(directive.span.end as usize..statement.start as usize)
            .is_some_and(|between| {
                between
                    .lines()
                    .all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"))
            })
}

/// Whether a comment speaks of a place: at the end of its line, or on the line
/// before.
fn at(source: &SourceText, directive: &Directive, place: Span) -> bool {
    let line = source.position(place.start).line;
    let said = source.position(directive.span.start).line;
    if directive.own_line {
        said + 1 == line
    } else {
        said == line
    }
}
