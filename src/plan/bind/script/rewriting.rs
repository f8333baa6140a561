//! Which later statements make something of the rows that a table holds, and in which
//! order that is followed.

use rustc_hash::FxHashSet;
use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::fresh::takes_all;
use super::graph::{Graph, NodeId, Step};
use super::options::parts;
use super::{Session, query_of};
use crate::plan::bind::{Binder, RelId};
use crate::syntax::{Statement, StatementKind};

/// Changes of one table that are followed, of those that differ by more than their
/// constants.
const REWRITES_LIMIT: usize = 40;

/// How often statements that run again and again are followed more than once.
const ROUNDS_LIMIT: usize = 7;

/// What a statement makes of the rows that a table holds.
#[derive(Clone, Copy)]
pub(super) enum Rewrite<'a> {
    /// Some are taken out.
    Deleted(&'a ast::Query),
    Updated(&'a ast::Update),
    Merged(&'a ast::Merge),
}

impl<'a> Graph<'a> {
    /// What a node makes of the rows that its table holds.
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

    /// How many columns a node gives values to.
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

    /// Whether a node gives columns of a table other names.
    pub(super) fn renames_columns(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Step::Run(statement) = node.step else {
            return false;
        };
        matches!(statement.kind, StatementKind::Alter { .. })
            && parts(node.places.slice(node.span)).any(|part| part.eq_ignore_ascii_case("RENAME"))
    }

    /// What a node makes of the rows that its table holds, as text without its
    /// constants: of two that are alike one tells all. `None` where it leaves them.
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
    /// Rows that a node writes, as later nodes may rewrite them.
    pub(super) fn rewritten(
        &self,
        binder: &mut Binder<'a>,
        mut rows: RelId,
        id: NodeId,
        rewriting: &[(NodeId, &str)],
    ) -> RelId {
        // Of those that differ by their constants one tells all, but for what it puts in
        // for the next one.
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
        // Each is before the others, too: a value goes on to as many columns as there are.
        if distinct.iter().any(|(.., again)| *again) {
            let assigned: usize = nodes.iter().map(|id| self.graph.assigned(*id)).sum();
            nodes = nodes.repeat(1 + assigned.min(ROUNDS_LIMIT));
        }
        let columns = binder.columns_of(rows);
        if columns.is_empty() {
            // A statement that only takes rows away.
            return rows;
        }
        let own: Vec<String> = columns
            .iter()
            .map(|column| binder.plan.column(*column).name.clone())
            .collect();
        // Rows that are put in without a list go by the places of their columns.
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

/// The words, in lower case, that stand in several of such texts; of one that runs again
/// and again, all.
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
