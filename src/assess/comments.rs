//! Directive comments: those that suppress findings, and those that mark datasets as
//! internal. A directive without effect is itself a finding.

use rustc_hash::FxHashMap;

use crate::assessment::Assessment;
use crate::rules::{
    self, Finding, RuleGroup, Severity, SuppressionDefect, suppression_without_reason,
    unused_suppression,
};
use crate::source::template::SourceMap;
use crate::source::{SourceText, Span};
use crate::syntax::{Directive, DirectiveKind, Script, statements_after};

/// A directive comment and its effect.
pub(super) struct Comment {
    span: Span,
    /// Whether the comment does not state a reason.
    without_reason: bool,
    /// Why each part would be unused, and whether it was used after all.
    parts: Vec<(SuppressionDefect, bool)>,
}

/// The directives of a script, and the statements that they may precede.
pub(super) struct ScriptDirectives {
    directives: Vec<Directive>,
    /// The spans of the statements that the directives may precede.
    statements: Vec<Span>,
}

impl ScriptDirectives {
    /// Takes the directives from a script.
    pub(super) fn of(script: Script) -> Self {
        let statements = script.commented();
        Self {
            directives: script.directives,
            statements,
        }
    }

    /// Applies the directives. They never change a level, an answer or a verdict.
    pub(super) fn apply(
        &self,
        source: &SourceText,
        public: Option<&str>,
        datasets: &mut [Assessment],
        findings: &mut [Finding],
    ) -> Vec<Comment> {
        let before = statements_after(source, &self.directives, &self.statements);
        let published = self.published_identities(&before, datasets);
        let lines = Lines::of(source);
        let each = |(directive, statement): (&Directive, Option<Span>)| {
            let place = DirectiveScope {
                statement,
                line: lines.span_of(source, lines.referenced_line(source, directive)),
            };
            let (reason, parts) = match &directive.kind {
                DirectiveKind::Internal { reason } => {
                    let called = if reason.is_empty() {
                        InternalMarking::default()
                    } else {
                        mark_internal(&place, reason, public, &published, datasets)
                    };
                    let mut parts = vec![(
                        SuppressionDefect::NoDataset,
                        called.internal || called.public,
                    )];
                    if called.public {
                        parts.push((SuppressionDefect::Published, false));
                    }
                    (reason.as_str(), parts)
                }
                DirectiveKind::Allow { codes, reason } if codes.is_empty() => {
                    (reason.as_str(), vec![(SuppressionDefect::Nothing, false)])
                }
                DirectiveKind::Allow { codes, reason } => {
                    let mut silence = |word: &String| {
                        let Some(rule) = rules::find(word) else {
                            return (SuppressionDefect::NoRule(word.clone()), false);
                        };
                        if rule.group() == RuleGroup::Disclosure && rule.severity == Severity::Error
                        {
                            return (SuppressionDefect::OnlyApproved(rule.code), false);
                        }
                        let used = !reason.is_empty()
                            && place.silence(rule.code, reason, datasets, findings);
                        (SuppressionDefect::Silent(rule.code), used)
                    };
                    (reason.as_str(), codes.iter().map(&mut silence).collect())
                }
                DirectiveKind::Unknown => ("–", vec![(SuppressionDefect::Unknown, false)]),
            };
            Comment {
                span: directive.span,
                without_reason: reason.is_empty(),
                parts,
            }
        };
        self.directives.iter().zip(before).map(each).collect()
    }

    /// Returns the datasets of statements that no `internal` comment precedes.
    ///
    /// What another statement writes into the same table is published as well.
    fn published_identities(
        &self,
        before: &[Option<Span>],
        datasets: &[Assessment],
    ) -> Vec<String> {
        let internal: Vec<Span> = self
            .directives
            .iter()
            .zip(before)
            .filter(|(directive, _)| matches!(directive.kind, DirectiveKind::Internal { .. }))
            .filter_map(|(_, statement)| *statement)
            .collect();
        let is_internal =
            |dataset: &&Assessment| internal.iter().any(|span| span.contains(dataset.span));
        if internal.is_empty() {
            return Vec::new();
        }
        let others = datasets.iter().filter(|dataset| !is_internal(dataset));
        others.map(|dataset| dataset.identity.clone()).collect()
    }
}

/// The scope of a directive.
struct DirectiveScope {
    /// The statement that the comment precedes.
    statement: Option<Span>,
    /// The line that the comment refers to.
    line: Span,
}

impl DirectiveScope {
    /// Suppresses the findings of one rule in this scope, and returns whether there
    /// are any.
    fn silence(
        &self,
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
                || (self.line.start..self.line.end).contains(&finding.span.start)
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

/// The result of a comment that marks datasets as internal.
#[derive(Default)]
struct InternalMarking {
    /// Whether a dataset is internal now.
    internal: bool,
    /// Whether a table is published elsewhere, which the comment cannot withdraw.
    public: bool,
}

/// Marks the datasets of a statement as internal, except for published tables.
fn mark_internal(
    place: &DirectiveScope,
    reason: &str,
    public: Option<&str>,
    published: &[String],
    datasets: &mut [Assessment],
) -> InternalMarking {
    let mut called = InternalMarking::default();
    for dataset in datasets {
        if !place
            .statement
            .is_some_and(|span| span.contains(dataset.span))
        {
            continue;
        }
        let labelled = public.is_some_and(|public| same_table(public, &dataset.identity));
        let twice = || {
            let mut published = published.iter();
            published.any(|other| {
                same_table(other, &dataset.identity) || same_table(&dataset.identity, other)
            })
        };
        if labelled || twice() {
            called.public = true;
        } else {
            dataset.internal = Some(reason.to_owned());
            called.internal = true;
        }
    }
    called
}

/// Whether `name` refers to `table`, ignoring case; it may omit leading parts.
fn same_table(table: &str, name: &str) -> bool {
    let (table, name) = (table.to_lowercase(), name.to_lowercase());
    let ends = |whole: &str, end: &str| {
        whole
            .strip_suffix(end)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    ends(&table, &name)
}

/// For each line of a text, the first line from there on that is not only a comment.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &SourceText) -> Self {
        let is_comment = |line: Span| {
            let line = source.slice(line).trim_start();
            line.starts_with("--") || line.starts_with('#')
        };
        let mut others: Vec<usize> = Vec::with_capacity(source.lines().len());
        let mut other = source.lines().len() + 1;
        for (at, line) in source.lines().enumerate().rev() {
            if !is_comment(line) {
                other = at + 1;
            }
            others.push(other);
        }
        others.reverse();
        Self(others)
    }

    /// Returns the span of a line, from 1; the last line extends past the end of the
    /// text.
    fn span_of(&self, source: &SourceText, line: usize) -> Span {
        let mut span = source.line(line);
        if line == self.0.len() {
            span.end = u32::MAX;
        }
        span
    }

    /// Returns the line that a comment refers to, from 1.
    ///
    /// This is its own line if it is at the end of one, otherwise the next line that
    /// is not only a comment.
    fn referenced_line(&self, source: &SourceText, directive: &Directive) -> usize {
        if !directive.own_line {
            return source.position(directive.span.start).line;
        }
        let last = source.position(directive.span.end).line;
        self.0.get(last).copied().unwrap_or(last + 1)
    }
}

/// The directive comments of all renderings; one that is used in any counts as used.
#[derive(Default)]
pub(super) struct Comments {
    all: Vec<Comment>,
    /// Indices into `all` by the position of the comment and its number of parts.
    known: FxHashMap<(Span, usize), usize>,
}

impl Comments {
    /// Adds the comments of one rendering.
    pub(super) fn join(&mut self, comments: Vec<Comment>, map: &SourceMap) {
        for mut comment in comments {
            comment.span = map.written(comment.span);
            let key = (comment.span, comment.parts.len());
            let known = self.known.get(&key).copied();
            match known.and_then(|at| self.all.get_mut(at)) {
                Some(known) => {
                    for (part, other) in known.parts.iter_mut().zip(&comment.parts) {
                        part.1 |= other.1;
                    }
                }
                None => {
                    self.known.insert(key, self.all.len());
                    self.all.push(comment);
                }
            }
        }
    }

    /// Returns the findings about comments that have no effect or no reason.
    pub(super) fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comment in self.all {
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
