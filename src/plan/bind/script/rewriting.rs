//! Later statements that change rows of a table, and the order of their effects.

use rustc_hash::FxHashSet;
use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::fresh::takes_all;
use super::graph::{Graph, NodeId, Step};
use super::options::parts;
use super::{Session, query_of};
use crate::plan::bind::{Binder, RelId};
use crate::syntax::{Statement, StatementKind};

/// The maximal number of changes of one table that are followed.
///
/// Changes that differ only in their constants count once.
const REWRITES_LIMIT: usize = 40;

/// The maximal number of extra passes over changes that run repeatedly.
const ROUNDS_LIMIT: usize = 7;

/// How a statement changes the rows of a table.
#[derive(Clone, Copy)]
pub(super) enum Rewrite<'a> {
    /// Some are deleted.
    Deleted(&'a ast::Query),
    Updated(&'a ast::Update),
    Merged(&'a ast::Merge),
}

impl<'a> Graph<'a> {
    /// Returns how a node changes the rows of its table.
    pub(super) fn rewrite(&self, id: NodeId) -> Option<Rewrite<'a>> {
        let Step::Run(Statement { kind, .. }) = self.node(id).step else {
            return None;
        };
        if let StatementKind::Delete { rows, .. } = kind {
            return query_of(rows)
                .filter(|query| !takes_all(query))
                .map(Rewrite::Deleted);
        }
        let StatementKind::Sql(sql) = kind else {
            return None;
        };
        if let Sql::Update(update) = &**sql {
            return Some(Rewrite::Updated(update));
        }
        if let Sql::Merge(merge) = &**sql {
            let updates =
                |clause: &ast::MergeClause| matches!(clause.action, ast::MergeAction::Update(_));
            return merge
                .clauses
                .iter()
                .any(updates)
                .then_some(Rewrite::Merged(merge));
        }
        None
    }

    /// Returns the number of columns to which a node assigns values.
    fn assigned(&self, id: NodeId) -> usize {
        match self.rewrite(id) {
            Some(Rewrite::Updated(update)) => update.assignments.len(),
            Some(Rewrite::Merged(merge)) => {
                let assigned = |clause: &ast::MergeClause| match &clause.action {
                    ast::MergeAction::Update(update) => match &update.kind {
                        ast::MergeUpdateKind::Set(assignments) => assignments.len(),
                        ast::MergeUpdateKind::Wildcard => 0,
                    },
                    ast::MergeAction::Insert(_)
                    | ast::MergeAction::Delete { .. }
                    | ast::MergeAction::DoNothing { .. } => 0,
                };
                merge.clauses.iter().map(assigned).sum()
            }
            Some(Rewrite::Deleted(_)) | None => 0,
        }
    }

    /// Returns whether a node renames columns of a table.
    pub(super) fn renames_columns(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Step::Run(statement) = node.step else {
            return false;
        };
        matches!(statement.kind, StatementKind::Alter { .. })
            && parts(node.places.slice(node.span)).any(|part| part.eq_ignore_ascii_case("RENAME"))
    }

    /// Returns how a node changes the rows of its table, as text without constants.
    ///
    /// Two changes with the same text disclose the same. `None` if the node keeps
    /// the rows.
    pub(super) fn rewrites(&self, id: NodeId) -> Option<String> {
        self.rewrite(id)?;
        let node = self.node(id);
        let number = |part: &&str| {
            let digits = part.trim_start_matches('.');
            digits.starts_with(|sign: char| sign.is_ascii_digit())
        };
        let kept = parts(node.places.slice(node.span)).filter(|part| !number(part));
        let text = kept.collect::<Vec<_>>().join(" ");
        Some(text)
    }
}

impl<'a> Session<'a> {
    /// Applies the possible changes by later nodes to rows that a node writes.
    pub(super) fn rewritten(
        &self,
        binder: &mut Binder<'a>,
        mut rows: RelId,
        id: NodeId,
        rewriting: &[(NodeId, &str)],
    ) -> RelId {
        // Changes that differ only in their constants disclose the same, except for
        // the values that they write for the next one.
        let mut distinct: Vec<(NodeId, &str, bool)> = Vec::new();
        for (later, text) in rewriting {
            match distinct.iter_mut().find(|(_, known, _)| known == text) {
                Some((_, _, again)) => *again = true,
                None => distinct.push((*later, text, self.graph.repeated[*later as usize])),
            }
        }
        let mut nodes: Vec<NodeId> = distinct.iter().map(|(later, ..)| *later).collect();
        let Some(last) = nodes.last().copied() else {
            return rows;
        };
        if nodes.len() > REWRITES_LIMIT {
            return binder.not_rewritten(rows, self.graph.node(last).span);
        }
        let read = read_again(distinct.iter().map(|(_, text, again)| (*text, *again)));
        // Each of them also runs before the others. One more pass per assigned
        // column, up to a limit, propagates values between them.
        if distinct.iter().any(|(.., again)| *again) {
            let assigned: usize = nodes.iter().map(|id| self.graph.assigned(*id)).sum();
            nodes = nodes.repeat(1 + assigned.min(ROUNDS_LIMIT));
        }
        let columns = binder.columns_of(rows);
        if columns.is_empty() {
            // A statement that only removes rows.
            return rows;
        }
        let own: Vec<String> = columns
            .iter()
            .map(|column| binder.plan.column(*column).name.clone())
            .collect();
        // Rows that are inserted without a list of columns correspond by position.
        if let Some(target) = self.graph.put_in_order(id)
            && let Some(names) = binder.names_of_target(id, &target)
            && names.len() == own.len()
        {
            rows = binder.named(rows, &names);
        }
        for later in nodes {
            rows = binder.rewritten_by(rows, later, &read);
        }
        rows = binder.first_columns(rows, own.len());
        binder.output(rows, &own)
    }
}

/// Returns the lower-case words that occur in several of these texts.
///
/// Of a statement that runs repeatedly, all words are included.
fn read_again<'t>(texts: impl Iterator<Item = (&'t str, bool)>) -> FxHashSet<String> {
    let (mut once, mut again) = (FxHashSet::default(), FxHashSet::default());
    for (text, repeated) in texts {
        let words: FxHashSet<String> = text.split(' ').map(str::to_lowercase).collect();
        for word in words {
            if repeated || once.contains(&word) {
                again.insert(word.clone());
            }
            once.insert(word);
        }
    }
    again
}
