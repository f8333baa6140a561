//! The tables that a text may write.
//!
//! Each statement that may write is listed with what is known about its target.
//! Nothing is bound for that.

use std::rc::Rc;

use sqlparser::ast;
use sqlparser::ast::Statement as Sql;

use super::data::note_data;
use super::deleted::ComparedColumn;
use super::graph::{Graph, NodeId, Step};
use super::names::{default_name, stored};
use super::procedure::call_name;
use super::publish::{is_inert, renamed};
use super::removal::{Change, ChangeDisclosure, ChangeSelector, only_deletes};
use super::solve::factor_name;
use super::{Session, table_name};
use crate::catalog::{TableName, TablePattern};
use crate::plan::IsolatedText;
use crate::plan::bind::write::reads_other_tables;
use crate::source::{SourceText, Span};
use crate::syntax::{self, ExecuteImmediate, Places, Script, StatementKind, mentioned};

/// The maximal nesting depth of executed texts.
const DEPTH_LIMIT: usize = 3;

/// Everything that a text may write.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    /// The writes, in textual order.
    pub writes: Vec<Write>,
    /// The procedures that it calls and does not define.
    pub calls: Vec<CalledProcedure>,
    /// The procedures that it defines with a body, in lower case.
    pub procedures: Vec<String>,
    /// The persistent functions that it defines.
    pub functions: Vec<TableName>,
}

/// A statement that may write a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The table.
    pub target: TablePattern,
    /// The place of the statement.
    pub span: Span,
    /// What is known about the rows.
    pub kind: WriteKind,
    /// The enclosing procedure, if the text does not call it.
    pub routine: Option<String>,
    /// Whether it renames a table; then no dataset corresponds to it.
    pub renames: bool,
}

/// What is known about the rows that a statement writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteKind {
    /// [`super::bind_writers`] binds them.
    Rows,
    /// Unknown rows; the text describes what the statement does.
    Hidden(String),
    /// The statement is built when the script runs.
    ExecuteImmediate,
    /// Rows are deleted by their own content.
    Deleted(Vec<ComparedColumn>),
}

/// A call of a procedure that the text does not define.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledProcedure {
    /// Its name, in lower case.
    pub name: String,
    /// The place of the call.
    pub span: Span,
    /// The enclosing procedure, if the text does not call it.
    pub routine: Option<String>,
}

/// The origin of the statements of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StatementOrigin {
    /// Written in a file.
    Written,
    /// Built when a script runs, from values that are fixed for a run.
    Fixed,
    /// Built from data, or data decide whether they run.
    OfData,
}

/// Finds the statements of a text that may write a table.
pub fn writes(source: &SourceText, script: &Script) -> Writes {
    within(source, script, 0, StatementOrigin::Written)
}

/// Returns what a statement that is built at run time may write.
///
/// It is the union over the texts that it may be; `None` if it may be any text.
pub(super) fn made_writes(likely: &[String]) -> Option<Writes> {
    if likely.is_empty() {
        return None;
    }
    let mut all = Writes::default();
    for text in likely {
        let source = SourceText::new("", text.as_str());
        let script = syntax::parse(&source);
        let made = within(&source, &script, 1, StatementOrigin::OfData);
        all.writes.extend(made.writes);
        all.calls.extend(made.calls);
    }
    Some(all)
}

fn within(source: &SourceText, script: &Script, depth: usize, made: StatementOrigin) -> Writes {
    let places = Rc::new(Places::new(source, script));
    let mut graph = Graph::solved(script, places, true);
    let takes = graph.ids().any(|id| may_remove_rows(&graph, id));
    if takes {
        graph.decide();
        graph.find_undoing();
    }
    let graph = Rc::new(graph);
    let own = Span::new(0, source.text().len() + 1).end;
    let session = Session::new(&IsolatedText, &IsolatedText, own, Rc::clone(&graph), true);
    if takes {
        note_data(&session);
    }
    let mut finder = Finder {
        source,
        graph: &graph,
        session: &session,
        depth,
        made,
        found: Writes::default(),
    };
    script.each(&mut |statement| {
        if let StatementKind::Procedure(procedure) = &statement.kind {
            if procedure.body.is_some() {
                finder.found.procedures.push(procedure.name.clone());
            } else {
                // Its writes are unknown, whoever calls it.
                finder.found.writes.push(Write {
                    target: TablePattern::any(),
                    span: statement.span,
                    kind: hidden(
                        "a procedure is in another language, or its body is in another place",
                    ),
                    routine: Some(procedure.name.clone()),
                    renames: false,
                });
            }
        }
        if let StatementKind::Sql(sql) = &statement.kind
            && let Sql::CreateFunction(function) = &**sql
            && !function.temporary
        {
            finder.found.functions.push(table_name(&function.name));
        }
        if let StatementKind::TableFunction(function) = &statement.kind {
            let name = TableName::new([function.name.as_str()]);
            finder.found.functions.push(name);
        }
    });
    for id in graph.ids() {
        finder.node(id);
    }
    finder.found
}

/// Returns whether a node may remove rows without writing any.
///
/// Also `true` if it runs a statement that may do so.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what writes rows is bound, and what does neither is none of both"
)]
fn may_remove_rows(graph: &Graph<'_>, id: NodeId) -> bool {
    let Step::Run(statement) = graph.node(id).step else {
        return false;
    };
    match &statement.kind {
        StatementKind::ExecuteImmediate(dynamic) => dynamic.script.is_none(),
        StatementKind::Sql(sql) => match &**sql {
            Sql::CreateTable(table) => !is_filled(table) && !table.temporary,
            Sql::Merge(merge) => only_deletes(merge),
            _ => false,
        },
        _ => graph.change(id).is_some(),
    }
}

fn is_filled(table: &ast::CreateTable) -> bool {
    table.query.is_some() || table.clone.is_some()
}

struct Finder<'a, 'g> {
    source: &'a SourceText,
    graph: &'g Graph<'a>,
    session: &'g Session<'a>,
    depth: usize,
    made: StatementOrigin,
    found: Writes,
}

impl<'a> Finder<'a, '_> {
    fn node(&mut self, id: NodeId) {
        let node = self.graph.node(id);
        match node.step {
            Step::Run(statement) => self.run(id, &statement.kind, node.span),
            Step::Unseen(call, _) => {
                let call = CalledProcedure {
                    name: call_name(call),
                    span: node.span,
                    routine: node.routine.map(str::to_owned),
                };
                if !self.found.calls.contains(&call) {
                    self.found.calls.push(call);
                }
            }
            Step::Meet
            | Step::Handle
            | Step::Ask(..)
            | Step::Source(_)
            | Step::Row(..)
            | Step::Give { .. }
            | Step::Return { .. }
            | Step::Forget => {}
        }
    }

    fn run(&mut self, id: NodeId, kind: &'a StatementKind, span: Span) {
        match kind {
            StatementKind::Sql(sql) => self.sql(id, sql, span),
            StatementKind::Load { target, temporary } => {
                if !temporary {
                    self.changed(id, target, span, hidden("the rows come from files"));
                }
            }
            // Adding or dropping a column does not change the other columns.
            StatementKind::Alter { .. } if self.keeps_columns(span) => self.taken(id, span),
            StatementKind::Alter { target } => {
                self.changed(
                    id,
                    target,
                    span,
                    hidden("the table is altered, or created from files"),
                );
            }
            StatementKind::Rename { target, to } => {
                if let Some(from) = stored(self.graph, id, target) {
                    self.add(id, &renamed(&from, to), span, WriteKind::Rows);
                }
                self.taken(id, span);
            }
            StatementKind::Delete { target, .. } => {
                self.taken(id, span);
                let compared = self.graph.compared(id);
                if self.made == StatementOrigin::Written && !compared.is_empty() {
                    self.changed(id, target, span, WriteKind::Deleted(compared));
                }
            }
            StatementKind::Truncate { .. }
            | StatementKind::Expire { .. }
            | StatementKind::Access { .. }
            | StatementKind::Drop { .. } => self.taken(id, span),
            StatementKind::ExecuteImmediate(dynamic) => {
                if dynamic.script.is_none() {
                    self.dynamic(id, dynamic, span);
                }
            }
            StatementKind::Failed(_) => {
                let what = "a statement could not be parsed";
                self.named(id, span, &hidden(what));
            }
            StatementKind::Unmodelled(word) => {
                // Exported rows go elsewhere.
                if !word.starts_with("EXPORT") {
                    let what = "a statement is parsed but not modelled";
                    self.named(id, span, &hidden(what));
                }
            }
            StatementKind::Block { .. }
            | StatementKind::Branches { .. }
            | StatementKind::Loop { .. }
            | StatementKind::Jump(_)
            | StatementKind::Assert { .. }
            | StatementKind::Procedure(_)
            | StatementKind::TableFunction(_)
            | StatementKind::Inert(_) => {}
            StatementKind::Model { target, queries } => {
                if !queries.is_empty() {
                    self.add(id, &target.of_model(), span, WriteKind::Rows);
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an unknown statement may write every table that it names"
    )]
    fn sql(&mut self, id: NodeId, sql: &'a Sql, span: Span) {
        match sql {
            Sql::CreateTable(table) => {
                if !is_filled(table) {
                    self.taken(id, span);
                } else if !table.temporary {
                    self.add(id, &table_name(&table.name), span, WriteKind::Rows);
                }
            }
            Sql::CreateView(view) => {
                if !view.temporary {
                    self.add(id, &table_name(&view.name), span, WriteKind::Rows);
                }
            }
            Sql::Insert(insert) => match &insert.table {
                ast::TableObject::TableName(name) => {
                    self.changed(id, &table_name(name), span, WriteKind::Rows);
                }
                ast::TableObject::TableFunction(_) | ast::TableObject::TableQuery(_) => {
                    self.named(id, span, &hidden("the table is not named"));
                }
            },
            Sql::Merge(merge) if only_deletes(merge) => self.taken(id, span),
            Sql::Merge(merge) => match factor_name(&merge.table) {
                Some(target) => self.changed(id, &target, span, WriteKind::Rows),
                None => self.named(id, span, &hidden("the table is not named")),
            },
            Sql::Update(update) => {
                let kind = hidden("existing rows get other values");
                match factor_name(&update.table.relation) {
                    Some(target) => self.changed(id, &target, span, kind),
                    None => self.named(id, span, &kind),
                }
            }
            other if is_inert(other) => {}
            Sql::Drop { .. } => {}
            _ => {
                let what = "a statement is parsed but not modelled";
                self.named(id, span, &hidden(what));
            }
        }
    }

    /// Adds a statement that removes rows: a doubt, if that discloses something.
    fn taken(&mut self, id: NodeId, span: Span) {
        let Some(change) = self.graph.change(id) else {
            return;
        };
        let all = matches!(
            change,
            Change::Of(_, ChangeSelector::Nothing) | Change::Dataset(_) | Change::Undo
        );
        let made = match self.made {
            StatementOrigin::Written => None,
            StatementOrigin::Fixed => (!all).then_some(ChangeDisclosure::Which),
            StatementOrigin::OfData => Some(ChangeDisclosure::Whether),
        };
        let kind = match self.session.disclosure_of_change(id, &change).or(made) {
            None => return,
            Some(ChangeDisclosure::Which) => {
                hidden("which rows are deleted depends on other tables")
            }
            Some(ChangeDisclosure::Whether) => hidden("which rows are removed depends on data"),
        };
        match &change {
            Change::Of(target, _) => self.changed(id, target, span, kind),
            Change::Dataset(dataset) => {
                let parts = dataset.parts().iter().map(String::as_str);
                let any = TableName::new(parts.chain(["any"]));
                self.push(id, TablePattern::in_dataset_of(&any), span, kind);
            }
            // It undoes changes of this text.
            Change::Undo => {}
        }
    }

    /// Returns whether an executed text is built from values that are fixed for a
    /// run.
    ///
    /// Also requires that data do not decide whether it is executed.
    fn is_fixed(&self, id: NodeId, dynamic: &'a ExecuteImmediate) -> bool {
        let Some(text) = &dynamic.text else {
            return false;
        };
        self.graph.deciding(id).is_empty()
            && !reads_other_tables(&self.session.binder(id).expr(text))
    }

    /// Adds the texts that a statement executes.
    fn dynamic(&mut self, id: NodeId, dynamic: &'a ExecuteImmediate, span: Span) {
        let likely = &dynamic.likely;
        let fixed = self.made != StatementOrigin::OfData && self.is_fixed(id, dynamic);
        let made = if fixed {
            StatementOrigin::Fixed
        } else {
            StatementOrigin::OfData
        };
        if likely.is_empty() || self.depth >= DEPTH_LIMIT {
            self.push(id, TablePattern::any(), span, WriteKind::ExecuteImmediate);
        }
        for text in likely {
            let source = SourceText::new(self.source.path(), text.as_str());
            let script = syntax::parse(&source);
            let inner = within(&source, &script, self.depth + 1, made);
            self.found.functions.extend(inner.functions);
            for write in inner.writes {
                if matches!(write.kind, WriteKind::Deleted(_)) {
                    continue;
                }
                // A temporary table of this script ends with it.
                let here = write
                    .target
                    .alone()
                    .is_some_and(|name| stored(self.graph, id, &name).is_none());
                if !here {
                    self.push(id, write.target, span, WriteKind::ExecuteImmediate);
                }
            }
            for mut call in inner.calls {
                call.span = span;
                call.routine = self.graph.node(id).routine.map(str::to_owned);
                if !self.found.calls.contains(&call) {
                    self.found.calls.push(call);
                }
            }
        }
    }

    /// Returns whether an ALTER TABLE keeps the content of each column.
    fn keeps_columns(&self, span: Span) -> bool {
        !self
            .source
            .slice(span)
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| {
                ["rename", "default", "external"]
                    .iter()
                    .any(|other| word.eq_ignore_ascii_case(other))
            })
    }

    /// Adds a statement that may write each table that it names.
    fn named(&mut self, id: NodeId, span: Span, kind: &WriteKind) {
        let text = SourceText::new(self.source.path(), self.source.slice(span));
        match mentioned(&text) {
            None => self.push(id, TablePattern::any(), span, kind.clone()),
            Some(names) => {
                for name in names {
                    self.changed(id, &name, span, kind.clone());
                }
            }
        }
    }

    /// Adds a statement that changes a table, unless the table is temporary.
    fn changed(&mut self, id: NodeId, target: &TableName, span: Span, kind: WriteKind) {
        if let Some(stored) = stored(self.graph, id, target) {
            self.add(id, &stored, span, kind);
        }
    }

    fn add(&mut self, id: NodeId, target: &TableName, span: Span, kind: WriteKind) {
        let name = default_name(self.graph, self.graph.state(id), target);
        self.push(id, TablePattern::of(&name), span, kind);
    }

    fn push(&mut self, id: NodeId, target: TablePattern, span: Span, kind: WriteKind) {
        let write = Write {
            target,
            span,
            kind,
            routine: self.graph.node(id).routine.map(str::to_owned),
            renames: matches!(
                self.graph.node(id).step,
                Step::Run(statement) if matches!(statement.kind, StatementKind::Rename { .. })
            ),
        };
        // Most have another place, which is cheap to compare.
        let known = |known: &Write| known.span == write.span && *known == write;
        if !self.found.writes.iter().any(known) {
            self.found.writes.push(write);
        }
    }
}

fn hidden(what: &str) -> WriteKind {
    WriteKind::Hidden(what.to_owned())
}
