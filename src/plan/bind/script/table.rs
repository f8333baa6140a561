//! Tables of a script: the union of the rows of all nodes that may have written
//! them.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::environment::{Environment, ReadName};
use super::fresh::takes_all;
use super::graph::{Graph, NodeId, Step};
use super::state::{OUTSIDE, TableKey, Versions};
use super::{DEPTH_LIMIT, query_of, table_name};
use crate::budget;
use crate::catalog::TableName;
use crate::plan::bind::select::Item;
use crate::plan::bind::{Binder, Expr, Operator, RelId};
use crate::source::Span;
use crate::syntax::{Statement, StatementKind};

/// The maximal number of nodes that write one table and are followed.
const WRITERS_LIMIT: usize = 200;
/// The maximal number of nodes whose rows one table reads.
///
/// A node counts each time that another table reads it, because tables that read
/// tables twice would grow exponentially.
const READS_LIMIT: usize = 1_000;

/// What a node makes of a table.
#[derive(Clone, Copy)]
pub(super) enum TableContent<'a> {
    /// The rows of a query.
    Query(&'a ast::Query, &'a [ast::ColumnDef]),
    /// The rows that a query returns whenever the view is read.
    View(&'a ast::CreateView),
    /// The previous rows, and the rows of a query.
    Inserted(&'a ast::Query, &'a [ast::ObjectName]),
    /// The rows of another table.
    Copied(&'a ast::ObjectName),
    /// The rows that a table had under another name.
    Renamed(&'a TableName),
    /// The rows that a DELETE keeps.
    Kept(&'a ast::Query),
    /// A model, with what it is trained on.
    Trained(&'a [Statement]),
    Updated(&'a ast::Update),
    Merged(&'a ast::Merge),
    /// No rows.
    Empty(&'a [ast::ColumnDef]),
    /// No rows, and unknown columns.
    Bare,
    /// Not followed, with the reason.
    Unknown(&'static str),
}

/// The reason why the rows of [`TableContent::Bare`] are not followed.
const BARE: &str = "has columns that are not declared";

/// Where the rows of a table may come from.
#[derive(Default)]
pub(super) struct Origins {
    /// Stored tables as they are outside the script.
    pub(super) outside: Vec<TableName>,
    /// Nodes, in textual order.
    pub(super) nodes: Vec<NodeId>,
    /// Nodes that leave the table empty, each with the table's key there.
    empty: Vec<(NodeId, TableKey)>,
}

/// The key of a bound table: sources, reading node, round, stored tables only.
pub(in crate::plan::bind) type BoundTable = (Vec<(TableKey, Versions)>, NodeId, u32, bool);

/// What is being bound, to detect cycles.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::plan::bind) enum PendingBinding {
    /// The rows that a node writes.
    Table(NodeId),
    /// The value that a node assigns to a variable.
    Variable(NodeId, String),
    /// A condition.
    Condition(NodeId),
}

impl<'a> Graph<'a> {
    /// Returns what a node makes of the table that it writes.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not known to write in a way that is followed is unknown"
    )]
    pub(super) fn content(&self, id: NodeId) -> TableContent<'a> {
        let statement = match self.node(id).step {
            Step::Run(statement) => statement,
            _ => return TableContent::Unknown("may be written by a procedure that is not seen"),
        };
        match &statement.kind {
            StatementKind::Sql(sql) => match &**sql {
                ast::Statement::CreateTable(table) => match (&table.query, &table.clone) {
                    (Some(query), _) => TableContent::Query(query, &table.columns),
                    (None, Some(source)) => TableContent::Copied(source),
                    (None, None) if table.columns.is_empty() => TableContent::Bare,
                    (None, None) => TableContent::Empty(&table.columns),
                },
                ast::Statement::CreateView(view) => TableContent::View(view),
                ast::Statement::Insert(insert) => match &insert.source {
                    Some(query) => TableContent::Inserted(query, &insert.columns),
                    None => TableContent::Unknown("is written in a way that is not followed"),
                },
                ast::Statement::Update(update) => TableContent::Updated(update),
                ast::Statement::Merge(merge) => TableContent::Merged(merge),
                _ => TableContent::Unknown("may be written by a statement that is not modelled"),
            },
            StatementKind::Delete { rows, .. } => match query_of(rows) {
                Some(query) if takes_all(query) => TableContent::Empty(&[]),
                Some(query) => TableContent::Kept(query),
                None => TableContent::Unknown("loses rows in a way that is not understood"),
            },
            StatementKind::Truncate { .. } => TableContent::Empty(&[]),
            StatementKind::Model { queries, .. } => TableContent::Trained(queries),
            StatementKind::Rename { target, .. } => TableContent::Renamed(target),
            StatementKind::Alter { .. } => TableContent::Unknown("was altered"),
            StatementKind::Load { .. } => TableContent::Unknown("is loaded from files"),
            StatementKind::ExecuteImmediate(_) => {
                TableContent::Unknown("may be written by a string that is executed")
            }
            StatementKind::Failed(_) => {
                TableContent::Unknown("was perhaps written by a statement that is not understood")
            }
            _ => TableContent::Unknown("may be written by a statement that is not modelled"),
        }
    }

    /// Returns the origins of a table; INSERT is followed to the previous content.
    pub(super) fn origins(&self, sources: &[(TableKey, Versions)]) -> Origins {
        let mut origins = Origins::default();
        for (key, versions) in sources {
            self.origins_of(key, versions, &mut origins);
        }
        origins.outside.sort_unstable();
        origins.nodes.sort_unstable();
        origins.nodes.dedup();
        origins.empty.sort_by_key(|(id, _)| *id);
        origins
    }

    /// Adds the origins of one table that a name may mean.
    ///
    /// Each step to the versions of a table is paid for.
    fn origins_of(&self, key: &TableKey, versions: &Versions, origins: &mut Origins) {
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut waiting: Vec<NodeId> = versions.to_vec();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            if id == OUTSIDE {
                if !key.temporary && !origins.outside.contains(&key.name) {
                    origins.outside.push(key.name.clone());
                }
                continue;
            }
            let content = self.content(id);
            if let TableContent::Empty(_) = content {
                origins.empty.push((id, key.clone()));
                continue;
            }
            origins.nodes.push(id);
            if let TableContent::Inserted(..) = content {
                let before = self.state(id).versions(key);
                budget::spend(1 + before.len() / 64);
                waiting.extend(before.iter().filter(|id| !seen.contains(id)));
            }
        }
    }
}

fn names_of(columns: &[ast::ColumnDef]) -> Vec<String> {
    columns
        .iter()
        .map(|column| column.name.value.clone())
        .collect()
}

impl<'a> Binder<'a> {
    /// Returns the rows of a table that the script makes, or may make.
    pub(in crate::plan::bind) fn made_table(
        &mut self,
        read: &ReadName,
        earlier: bool,
        span: Span,
    ) -> RelId {
        let name = &read.name;
        if self.environment.blank {
            return self.opaque(Vec::new(), "a table of the script", span);
        }
        if earlier {
            let what = format!(
                "the table `{name}`, which the script writes, is read as it was at another time"
            );
            return self.unfollowed_rows(&what, span);
        }
        let place = (
            read.sources.clone(),
            self.environment.at,
            self.environment.round,
            self.environment.stored_only,
        );
        if let Some((relation, reads)) = self.made.get(&place) {
            let relation = *relation;
            self.reads += reads;
            return self.reader(relation, span);
        }
        let graph = std::rc::Rc::clone(&self.environment.graph);
        let origins = graph.origins(&read.sources);
        if origins.nodes.len() > WRITERS_LIMIT {
            let what = format!("the table `{name}` is written by too many statements");
            return self.unfollowed_rows(&what, span);
        }
        if self.followed >= DEPTH_LIMIT {
            let what = format!("the table `{name}` is made of too many others");
            return self.unfollowed_rows(&what, span);
        }
        self.followed += 1;
        let around = std::mem::take(&mut self.reads);
        let mut relation = self.all_rows(read, &origins, span);
        let mut reads = self.reads.max(1);
        self.followed -= 1;
        if reads > READS_LIMIT {
            let what = format!("the table `{name}` is made of too many others");
            relation = self.unfollowed_rows(&what, span);
            reads = 1;
        }
        self.reads = around + reads;
        self.made.insert(place, (relation, reads));
        self.reader(relation, span)
    }

    fn unfollowed_rows(&mut self, what: &str, span: Span) -> RelId {
        self.not_followed(what, span);
        self.opaque(Vec::new(), what, span)
    }

    /// Returns the union of the rows of all origins.
    fn all_rows(&mut self, read: &ReadName, origins: &Origins, span: Span) -> RelId {
        let graph = std::rc::Rc::clone(&self.environment.graph);
        let mut arms = Vec::new();
        for name in &origins.outside {
            arms.push(self.warehouse_table(name.clone(), None, "FROM", span));
        }
        let mut doubts = Vec::new();
        let mut added = Vec::new();
        for id in &origins.nodes {
            let content = graph.content(*id);
            if let TableContent::Unknown(why) = content {
                doubts.push((*id, why));
            } else if let TableContent::Bare = content {
                doubts.push((*id, BARE));
            } else if let TableContent::Inserted(..) = content {
                // Its columns are those of the table, which are known afterwards.
                added.push(*id);
            } else {
                arms.push(self.rows_of(*id));
            }
        }
        let made = arms.len();
        let mut names = arms.first().and_then(|arm| self.all_names(*arm));
        for (id, key) in &origins.empty {
            if names.is_none() {
                names = self.emptied_names(*id, key);
            }
        }
        let mut inserted = Vec::new();
        for id in added {
            let rounds = if graph.repeated[id as usize] { 2 } else { 1 };
            for round in 0..rounds {
                let here = std::mem::replace(&mut self.environment.round, round);
                let rows = self.rows_of(id);
                self.environment.round = here;
                let rows = self.as_inserted(id, rows, names.as_deref(), &mut doubts);
                if names.is_none() && arms.is_empty() {
                    names = self.all_names(rows);
                }
                arms.push(rows);
                inserted.push(id);
            }
        }
        self.fill(&mut arms, made, &inserted, names.as_deref());
        if !doubts.is_empty() {
            let mut all = String::new();
            for (id, why) in doubts {
                let at = graph.node(id).span;
                self.not_followed(&format!("the table `{}` {why}", read.name), at);
                all = format!("the table {} {why}", read.name);
            }
            return self.opaque(arms, &all, span);
        }
        match arms.as_slice() {
            [] => self.no_rows(names.unwrap_or_default(), span),
            [only] => self.collated(read, *only),
            _ => {
                let first = self.all_names(arms[0]);
                let alike = first.is_some() && arms.iter().all(|arm| self.all_names(*arm) == first);
                let quantifier = if alike {
                    ast::SetQuantifier::All
                } else {
                    ast::SetQuantifier::AllByName
                };
                let rows = self.combine(ast::SetOperator::Union, quantifier, arms);
                self.collated(read, rows)
            }
        }
    }

    /// Returns the column names of a table that a node leaves empty.
    fn emptied_names(&mut self, id: NodeId, key: &TableKey) -> Option<Vec<String>> {
        let graph = std::rc::Rc::clone(&self.environment.graph);
        if let TableContent::Empty(columns) = graph.content(id)
            && !columns.is_empty()
        {
            return Some(names_of(columns));
        }
        // The previous content is bound only for its names.
        if !self.open.insert(PendingBinding::Table(id)) {
            return None;
        }
        let read = ReadName {
            name: key.name.clone(),
            asked: key.name.clone(),
            sources: vec![(key.clone(), graph.state(id).versions(key))],
        };
        let node = graph.node(id);
        let environment = Environment::at(&graph, id, self.environment.round);
        let problems = self.problems.len();
        let rows = self.elsewhere(&environment, &node.places, |binder| {
            binder.made_table(&read, false, node.span)
        });
        self.problems.truncate(problems);
        self.open.remove(&PendingBinding::Table(id));
        self.all_names(rows)
    }

    /// Returns the column names of a table as a node makes it.
    pub(super) fn names_made(&mut self, id: NodeId) -> Option<Vec<String>> {
        let content = self.environment.graph.content(id);
        if let TableContent::Query(_, columns) | TableContent::Empty(columns) = content
            && !columns.is_empty()
        {
            let names = names_of(columns).into_iter();
            return Some(names.map(|name| name.to_lowercase()).collect());
        }
        let problems = self.problems.len();
        let rows = self.rows_of(id);
        self.problems.truncate(problems);
        self.all_names(rows)
    }

    /// Gives inserted rows the names of the table's columns.
    fn as_inserted(
        &mut self,
        id: NodeId,
        rows: RelId,
        names: Option<&[String]>,
        doubts: &mut Vec<(NodeId, &'static str)>,
    ) -> RelId {
        let TableContent::Inserted(_, listed) = self.environment.graph.content(id) else {
            return rows;
        };
        let listed: Vec<String> = listed.iter().filter_map(last_name).collect();
        let names = if listed.is_empty() {
            names
        } else {
            Some(listed.as_slice())
        };
        match names {
            Some(names) if names.len() == self.columns_of(rows).len() => self.named(rows, names),
            Some(_) => {
                doubts.push((id, "gets rows with other columns than it has"));
                rows
            }
            None => {
                doubts.push((id, "gets rows, and its columns are not known"));
                rows
            }
        }
    }

    /// Returns the names of a relation's columns, if all are known.
    pub(in crate::plan::bind) fn all_names(&self, relation: RelId) -> Option<Vec<String>> {
        let columns = self.columns_of(relation);
        if columns.iter().any(|column| self.is_rest(*column)) {
            return None;
        }
        let name = |column| self.plan.column(column).name.to_lowercase();
        Some(columns.into_iter().map(name).collect())
    }

    /// Returns the rows that a node writes, under the conditions that decide about
    /// it.
    fn rows_of(&mut self, id: NodeId) -> RelId {
        let round = self.environment.round;
        let graph = std::rc::Rc::clone(&self.environment.graph);
        let content = graph.content(id);
        let is_view = matches!(content, TableContent::View(_));
        let reader = if is_view { self.environment.at } else { id };
        let span = graph.node(id).span;
        if let Some((relation, reads)) = self.written.get(&(id, reader, round)) {
            let relation = *relation;
            self.reads += reads;
            return self.reader(relation, span);
        }
        let around = std::mem::take(&mut self.reads);
        if !self.open.insert(PendingBinding::Table(id)) {
            self.reads = around + 1;
            return self.unfollowed_rows("a table is written in a loop and read in it", span);
        }
        let mut environment = Environment::at(&graph, id, round);
        if let TableContent::View(view) = content {
            // A view reads tables as they are when the view is read.
            environment.at = self.environment.at;
            environment.stored_only = !view.temporary;
            environment.lasting = self.environment.lasting;
            environment.frame = u32::MAX;
        }
        let places = std::rc::Rc::clone(&graph.node(id).places);
        let rows = self.elsewhere(&environment, &places, |binder| {
            binder.content(content, span)
        });
        self.open.remove(&PendingBinding::Table(id));
        let rows = if is_view { rows } else { self.under(rows, id) };
        let reads = self.reads.max(1);
        self.reads = around + reads;
        self.written.insert((id, reader, round), (rows, reads));
        rows
    }

    fn content(&mut self, content: TableContent<'a>, span: Span) -> RelId {
        match content {
            TableContent::Query(query, columns) => {
                let rows = self.query(query);
                self.named(rows, &names_of(columns))
            }
            TableContent::View(view) => {
                let rows = self.query(&view.query);
                let names: Vec<String> = view
                    .columns
                    .iter()
                    .map(|column| column.name.value.clone())
                    .collect();
                self.named(rows, &names)
            }
            TableContent::Inserted(query, _) => self.query(query),
            TableContent::Copied(source) => {
                let at = self.places.object_name(source);
                self.table_of(&table_name(source), at)
            }
            TableContent::Renamed(name) => self.table_of(name, span),
            TableContent::Trained(queries) => {
                let known: Option<Vec<&ast::Query>> = queries.iter().map(query_of).collect();
                match known {
                    Some(known) => self.trained(&known, span),
                    None => {
                        self.unfollowed_rows("what a model is trained on is not understood", span)
                    }
                }
            }
            TableContent::Kept(query) => self.kept_rows(query, span),
            TableContent::Updated(update) => match self.updated_rows(update, span) {
                Some(rows) => rows,
                None => {
                    self.unfollowed_rows("what UPDATE leaves in the table is not followed", span)
                }
            },
            TableContent::Merged(merge) => match self.merged_rows(merge, span) {
                Some(rows) => rows,
                None => {
                    self.unfollowed_rows("what MERGE leaves in the table is not followed", span)
                }
            },
            TableContent::Empty(columns) => self.no_rows(names_of(columns), span),
            TableContent::Bare => self.unfollowed_rows(&format!("a table {BARE}"), span),
            TableContent::Unknown(why) => self.unfollowed_rows(&format!("a table {why}"), span),
        }
    }

    fn table_of(&mut self, name: &TableName, span: Span) -> RelId {
        let parts: Vec<&str> = name.parts().iter().map(String::as_str).collect();
        self.table(&parts, None, "CLONE", span)
    }

    /// Renames the columns of rows, if the number of names matches.
    pub(in crate::plan::bind) fn named(&mut self, relation: RelId, names: &[String]) -> RelId {
        let columns = self.columns_of(relation);
        let known =
            columns.len() == names.len() && !columns.iter().any(|column| self.is_rest(*column));
        if !known {
            return relation;
        }
        let items: Vec<Item> = columns
            .iter()
            .zip(names)
            .map(|(column, name)| {
                let span = self.plan.column(*column).span;
                Item::named(name.clone(), Expr::column(*column, span), span)
            })
            .collect();
        let span = self.plan.relation(relation).origin.span;
        self.project_items(relation, items, span)
    }

    fn no_rows(&mut self, names: Vec<String>, span: Span) -> RelId {
        let columns = names
            .into_iter()
            .map(|name| self.column(name, span))
            .collect();
        self.add(Operator::Rows(Vec::new()), columns, "CREATE TABLE", span)
    }
}

pub(super) fn last_name(name: &ast::ObjectName) -> Option<String> {
    name.0
        .last()
        .and_then(|part| part.as_ident())
        .map(|ident| ident.value.clone())
}
