//! Problems: parts of a text that the binder could not resolve.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::Binder;
use crate::budget::Stop;
use crate::catalog::TableName;
use crate::plan::Expr;
use crate::source::Span;
use crate::source::template::is_placeholder;

/// A part of the text that the plan does not model, with its place and a remedy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// The kind, which determines the rule that reports it.
    pub kind: ProblemKind,
    /// The place.
    pub span: Span,
    /// What was found.
    pub message: String,
    /// How to resolve it.
    pub help: String,
}

impl Problem {
    /// Reports that the analysis of `what` (a statement, a file) stopped.
    ///
    /// It was given up, or the program failed there.
    pub fn stopped(stop: &Stop, span: Span, what: &str) -> Self {
        let (kind, message, help) = if stop.is_fault() {
            let help = "report it with this file; the other files of the run are assessed";
            (ProblemKind::Fault, stop.message(), help.to_owned())
        } else {
            let message = format!("the {what} was not analysed to the end: {}", stop.message());
            let help =
                format!("split the {what} into smaller ones, or ask a data steward to read it");
            (ProblemKind::Unsupported, message, help)
        };
        Self {
            kind,
            span,
            message,
            help,
        }
    }
}

/// The kinds of problems, each reported by one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// HC002: a table whose name is a parameter or a part of a template.
    UnreadTable,
    /// HC004: a name that no table in scope has, or that several have.
    UnresolvedColumn,
    /// HC006: a statement built from a string that is not constant.
    DynamicSql,
    /// HC007: syntax that is parsed but not modelled.
    Unsupported,
    /// HC001: an error of the program itself.
    Fault,
}

impl Binder<'_> {
    /// Reports a problem, unless an equal one is reported already.
    pub(super) fn problem(&mut self, kind: ProblemKind, span: Span, message: String, help: &str) {
        let problem = Problem {
            kind,
            span,
            message,
            help: help.to_owned(),
        };
        let hash = FxBuildHasher.hash_one(&problem);
        let known = self.reported_at.insert(hash, self.problems.len());
        match known.filter(|at| self.problems.get(*at) == Some(&problem)) {
            Some(at) => {
                self.reported_at.insert(hash, at);
            }
            None => self.problems.push(problem),
        }
    }

    /// Reports a construct that is not modelled.
    pub(super) fn unsupported(&mut self, what: &str, span: Span) {
        self.problem(
            ProblemKind::Unsupported,
            span,
            format!("{what} is parsed but not modelled, so its effect on the rows is unknown"),
            "write it with the standard clauses of a query, or ask a data steward to read this part",
        );
    }

    /// Reports a table whose name no table can have.
    pub(super) fn unread_table(&mut self, name: &TableName, span: Span) {
        let Some((_, part)) = name.unnamed() else {
            return;
        };
        // The template engine reports its own.
        if is_placeholder(part) {
            return;
        }
        let what = if part.is_empty() {
            "a part of it is empty".to_owned()
        } else if part.starts_with('@') {
            format!("`{part}` is a parameter, which cannot name a table")
        } else {
            format!("`{part}` looks like a part of a template")
        };
        self.problem(
            ProblemKind::UnreadTable,
            span,
            format!("`{name}` is not the name of a BigQuery table: {what}"),
            "write the table's name, or a Jinja variable (`{{ table }}`) whose value headcount.toml or `--var` gives",
        );
    }

    /// Reports an object of the script whose content is not followed.
    pub(super) fn not_followed(&mut self, what: &str, span: Span) {
        self.problem(
            ProblemKind::Unsupported,
            span,
            format!("{what}, so its content is unknown"),
            "ask a data steward to read how it is created",
        );
    }

    /// Reports an expression that is not modelled, and returns its replacement.
    pub(super) fn unsupported_expr(&mut self, what: &str, span: Span) -> Expr {
        self.unsupported(what, span);
        Expr::unknown(what, span)
    }
}
