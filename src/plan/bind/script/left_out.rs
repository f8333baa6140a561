//! Defaults of columns that an INSERT omits, as their table declares them.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::graph::{Graph, NodeId, Step};
use super::names::named;
use super::state::{OUTSIDE, TableKey};
use super::table::TableContent;
use super::table_name;
use crate::catalog::TableName;
use crate::plan::bind::{Binder, ColId, Expr, RelId};
use crate::plan::{Case, ExprKind, Literal};
use crate::source::Span;
use crate::syntax::StatementKind;

/// The name of a column that stands for everything an INSERT omits.
///
/// It is used if the columns of the table are unknown, and is never output.
pub(in crate::plan::bind) const OMITTED_COLUMNS: &str = "\u{0}left out";

/// The value that a table puts into an omitted column.
#[derive(Clone, Copy, PartialEq)]
enum Default<'a> {
    /// NULL: the column is declared without a default.
    Null,
    /// The declared default.
    Value(&'a ast::Expr),
    /// An unknown default.
    Unseen,
}

impl<'a> Graph<'a> {
    /// Returns the default of a column in the table that a node writes to.
    fn default_of(&self, id: NodeId, target: &TableName, column: &str) -> Default<'a> {
        let state = self.state(id);
        let mut waiting: Vec<(TableKey, NodeId)> = Vec::new();
        for (key, _) in state.targets(&named(self, state, target)) {
            let versions = state.versions(&key);
            waiting.extend(versions.iter().map(|version| (key.clone(), *version)));
        }
        let mut seen: FxHashSet<(TableKey, NodeId)> = FxHashSet::default();
        let mut default = None;
        while let Some(next) = waiting.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            let (key, id) = next;
            let found = match (id != OUTSIDE).then(|| self.content(id)) {
                // A temporary table does not exist before the script creates it.
                None if key.temporary => continue,
                None => Default::Unseen,
                Some(TableContent::Empty([])) => {
                    self.before(&key, id, &mut waiting);
                    continue;
                }
                Some(
                    TableContent::Inserted(..)
                    | TableContent::Kept(_)
                    | TableContent::Updated(_)
                    | TableContent::Merged(_),
                ) => {
                    self.before(&key, id, &mut waiting);
                    continue;
                }
                Some(TableContent::Query(_, columns) | TableContent::Empty(columns)) => {
                    declared(columns, column)
                }
                Some(
                    TableContent::View(_)
                    | TableContent::Copied(_)
                    | TableContent::Renamed(_)
                    | TableContent::Trained(_)
                    | TableContent::Bare
                    | TableContent::Unknown(_),
                ) => Default::Unseen,
            };
            if default.is_some_and(|known| known != found) {
                return Default::Unseen;
            }
            default = Some(found);
        }
        default.unwrap_or(Default::Unseen)
    }

    /// Returns the table that an INSERT names.
    fn inserted_into(&self, id: NodeId) -> Option<TableName> {
        let Step::Run(statement) = self.node(id).step else {
            return None;
        };
        let StatementKind::Sql(sql) = &statement.kind else {
            return None;
        };
        if let ast::Statement::Insert(insert) = &**sql
            && let ast::TableObject::TableName(name) = &insert.table
        {
            return Some(table_name(name));
        }
        None
    }

    /// Returns the target of an INSERT without a list of columns.
    pub(super) fn put_in_order(&self, id: NodeId) -> Option<TableName> {
        match self.content(id) {
            TableContent::Inserted(_, []) => self.inserted_into(id),
            TableContent::Inserted(..)
            | TableContent::Query(..)
            | TableContent::View(_)
            | TableContent::Copied(_)
            | TableContent::Renamed(_)
            | TableContent::Kept(_)
            | TableContent::Trained(_)
            | TableContent::Updated(_)
            | TableContent::Merged(_)
            | TableContent::Empty(_)
            | TableContent::Bare
            | TableContent::Unknown(_) => None,
        }
    }

    fn before(&self, key: &TableKey, id: NodeId, waiting: &mut Vec<(TableKey, NodeId)>) {
        let versions = self.state(id).versions(key);
        waiting.extend(versions.iter().map(|version| (key.clone(), *version)));
    }
}

/// Returns the default that a list of columns declares for a column.
fn declared<'a>(columns: &'a [ast::ColumnDef], name: &str) -> Default<'a> {
    let mut named = columns.iter();
    let Some(column) = named.find(|column| column.name.value.eq_ignore_ascii_case(name)) else {
        return Default::Null;
    };
    let mut options = column.options.iter();
    let value = options.find_map(|option| {
        if let ast::ColumnOption::Default(value) = &option.option {
            return Some(value);
        }
        None
    });
    value.map_or(Default::Null, Default::Value)
}

impl<'a> Binder<'a> {
    /// Adds the defaults for the columns of the table that the inserted rows omit.
    pub(in crate::plan::bind) fn with_left_out(
        &mut self,
        rows: RelId,
        names: &[String],
        id: NodeId,
        target: Option<&TableName>,
    ) -> RelId {
        let graph = std::rc::Rc::clone(&self.environment.graph);
        let span = self.plan.relation(rows).origin.span;
        self.filled(rows, names, |binder, name| {
            let target = target.filter(|_| name != OMITTED_COLUMNS);
            let default =
                target.map_or(Default::Unseen, |target| graph.default_of(id, target, name));
            match default {
                Default::Null => Expr::new(ExprKind::Literal(Literal::Null), span),
                Default::Value(value) => {
                    let places = std::rc::Rc::clone(&graph.node(id).places);
                    let here = binder.environment.clone();
                    binder.elsewhere(&here, &places, |binder| binder.expr(value))
                }
                Default::Unseen => binder.unseen_default(span),
            }
        })
    }

    /// Adds unknown defaults, for a table that others create.
    pub(in crate::plan::bind) fn with_unseen_defaults(
        &mut self,
        rows: RelId,
        names: &[String],
    ) -> RelId {
        let span = self.plan.relation(rows).origin.span;
        self.filled(rows, names, |binder, _| binder.unseen_default(span))
    }

    /// Adds defaults to the arms of INSERTs for the columns that they omit.
    ///
    /// The arms of INSERTs start at index `made`.
    pub(super) fn fill(
        &mut self,
        arms: &mut [RelId],
        made: usize,
        inserted: &[NodeId],
        names: Option<&[String]>,
    ) {
        let mut all: Vec<String> = names.unwrap_or_default().to_vec();
        let mut unknown = false;
        for column in arms.iter().flat_map(|arm| self.columns_of(*arm)) {
            unknown |= self.is_rest(column);
            let name = self.plan.column(column).name.to_lowercase();
            if !self.is_rest(column) && !all.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                all.push(name);
            }
        }
        if unknown {
            all.push(OMITTED_COLUMNS.to_owned());
        }
        let graph = std::rc::Rc::clone(&self.environment.graph);
        for (arm, id) in arms.iter_mut().skip(made).zip(inserted) {
            let target = graph.inserted_into(*id);
            *arm = self.with_left_out(*arm, &all, *id, target.as_ref());
        }
    }

    fn filled(
        &mut self,
        rows: RelId,
        names: &[String],
        mut value: impl FnMut(&mut Self, &str) -> Expr,
    ) -> RelId {
        let own: Vec<ColId> = self.columns_of(rows);
        if own.iter().any(|column| self.is_rest(*column)) {
            return rows;
        }
        let has = |binder: &Self, name: &str| {
            let mut own = own.iter();
            own.any(|column| binder.plan.column(*column).name.eq_ignore_ascii_case(name))
        };
        let mut missing = names.to_vec();
        missing.retain(|name| !has(self, name));
        if missing.is_empty() {
            return rows;
        }
        let span = self.plan.relation(rows).origin.span;
        let mut outputs: Vec<(ColId, Expr)> =
            own.iter().map(|column| self.pass(*column, span)).collect();
        for name in missing {
            let value = value(self, &name);
            outputs.push((self.column(name, span), value));
        }
        self.project(rows, outputs, "INSERT", span)
    }

    /// Returns a value that is unknown but derives from no rows.
    ///
    /// It is a literal, or the result of a function without arguments, which may
    /// differ for each row.
    fn unseen_default(&mut self, span: Span) -> Expr {
        let none = Expr::new(ExprKind::Variable("a default is declared".to_owned()), span);
        let null = Expr::new(ExprKind::Literal(Literal::Null), span);
        let case = Case {
            branches: vec![(none, null)],
            otherwise: Some(self.call_of("GENERATE_UUID", Vec::new(), span)),
        };
        Expr::new(ExprKind::Case(Box::new(case)), span)
    }
}
