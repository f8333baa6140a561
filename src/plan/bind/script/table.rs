//! Tables that a script makes: their rows are those of all statements that write
//! them.

use std::rc::Rc;

use sqlparser::ast;

use super::environment::Environment;
use crate::catalog::TableName;
use crate::plan::bind::select::Item;
use crate::plan::bind::{Binder, Expr, Operator, RelId};
use crate::source::Span;
use crate::syntax::Places;

/// A table or view that the script makes.
#[derive(Clone)]
pub(in crate::plan::bind) struct Table<'a> {
    /// Its name, as it was written.
    pub(super) name: TableName,
    /// The names of its columns, where they are declared.
    pub(super) columns: Vec<String>,
    /// Whether it goes with the script.
    pub(super) temporary: bool,
    /// The statements that write it.
    pub(super) writers: Vec<Writer<'a>>,
    /// Whether its statements may each have run several times, so that no rows of
    /// one of them are unique.
    pub(super) repeated: bool,
    /// Whether some of its rows may have been taken out.
    pub(super) thinned: bool,
    /// Columns that UPDATE changed.
    pub(super) changed: Vec<String>,
    /// Why what it holds is not followed, where it is not.
    pub(super) unknown: Option<&'static str>,
}

/// A statement that writes a table, as things were where it stands.
#[derive(Clone)]
pub(super) struct Writer<'a> {
    pub(super) rows: Written<'a>,
    /// INSERT's list of columns; empty where it has none.
    pub(super) columns: Vec<String>,
    pub(super) environment: Environment<'a>,
    pub(super) places: Rc<Places<'a>>,
}

/// The rows that are written.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    Query(&'a ast::Query),
    /// COPY, CLONE: those of another table.
    Table(&'a ast::ObjectName),
}

impl Written<'_> {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Query(mine), Self::Query(theirs)) => std::ptr::eq(*mine, *theirs),
            (Self::Table(mine), Self::Table(theirs)) => std::ptr::eq(*mine, *theirs),
            (Self::Query(_), Self::Table(_)) | (Self::Table(_), Self::Query(_)) => false,
        }
    }
}

impl<'a> Table<'a> {
    /// One without rows.
    pub(super) fn empty(name: TableName, columns: Vec<String>) -> Self {
        Self {
            name,
            columns,
            temporary: false,
            writers: Vec::new(),
            repeated: false,
            thinned: false,
            changed: Vec::new(),
            unknown: None,
        }
    }

    /// One that is not followed.
    pub(super) fn unknown(name: TableName, why: &'static str) -> Self {
        Self {
            unknown: Some(why),
            ..Self::empty(name, Vec::new())
        }
    }

    /// One of two states.
    pub(super) fn or(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for writer in &other.writers {
            // The same statement may have run with other tables before it.
            let known = all.writers.iter().any(|known| {
                known.rows.is(&writer.rows) && known.environment.same_tables(&writer.environment)
            });
            if !known {
                all.writers.push(writer.clone());
            }
        }
        all.repeated |= other.repeated;
        all.thinned |= other.thinned;
        all.changed.extend(other.changed.iter().cloned());
        all.unknown = all.unknown.or(other.unknown);
        if all.columns != other.columns {
            all.unknown = all.unknown.or(Some("is made in several ways"));
        }
        all
    }
}

/// The key of a table: the last two parts of its name.
pub(super) fn key(name: &TableName) -> String {
    name.short().to_lowercase()
}

impl<'a> Environment<'a> {
    /// The table of a name, where the script makes it. Where both names say a
    /// project, it must be the same.
    pub(in crate::plan::bind) fn table(&self, name: &TableName) -> Option<&Rc<Table<'a>>> {
        let table = self.tables.get(&key(name))?;
        (!table.name.is_of_another_project(name)).then_some(table)
    }

    fn same_tables(&self, other: &Self) -> bool {
        self.tables.ptr_eq(&other.tables)
    }
}

impl<'a> Binder<'a> {
    /// The rows of a table that the script makes.
    pub(in crate::plan::bind) fn made_table(&mut self, table: &Rc<Table<'a>>, span: Span) -> RelId {
        let address = Rc::as_ptr(table).cast::<()>() as usize;
        if let Some((_, relation)) = self.temporary.get(&address) {
            let relation = *relation;
            return self.reader(relation, span);
        }
        let name = table.name.to_string();
        if let Some(why) = table.unknown {
            self.not_followed(&format!("the table `{name}` {why}"), span);
            return self.opaque(Vec::new(), &format!("the table {name} {why}"), span);
        }
        if self.followed >= super::DEPTH_LIMIT {
            self.unsupported(
                &format!("the table `{name}`, made of too many others,"),
                span,
            );
            return self.opaque(
                Vec::new(),
                &format!("the table {name} is made of too many others"),
                span,
            );
        }
        self.followed += 1;
        let times = if table.repeated { 2 } else { 1 };
        let arms: Vec<RelId> = table
            .writers
            .iter()
            .flat_map(|writer| std::iter::repeat_n(writer, times))
            .map(|writer| self.written(table, writer))
            .collect();
        self.followed -= 1;
        let mut relation = match arms.as_slice() {
            [] => self.no_rows(table, span),
            [only] => *only,
            _ => {
                let by_name = table
                    .writers
                    .iter()
                    .any(|writer| !writer.columns.is_empty());
                let quantifier = if by_name {
                    ast::SetQuantifier::AllByName
                } else {
                    ast::SetQuantifier::All
                };
                self.combine(ast::SetOperator::Union, quantifier, arms)
            }
        };
        if table.thinned {
            relation = self.limit(relation, "DELETE", span);
        }
        if !table.changed.is_empty() {
            relation = self.changed(relation, table, span);
        }
        self.temporary.insert(address, (Rc::clone(table), relation));
        self.reader(relation, span)
    }

    fn written(&mut self, table: &Table<'a>, writer: &Writer<'a>) -> RelId {
        let relation = self.elsewhere(&writer.environment, &writer.places, |binder| {
            match writer.rows {
                Written::Query(query) => binder.query(query),
                Written::Table(name) => {
                    let span = binder.places.object_name(name);
                    let name = super::table_name(name);
                    let parts: Vec<&str> = name.parts().iter().map(String::as_str).collect();
                    binder.table(&parts, None, "CLONE", span)
                }
            }
        });
        let names = if writer.columns.is_empty() {
            &table.columns
        } else {
            &writer.columns
        };
        self.named(relation, names)
    }

    /// The same rows under other names, where there are as many.
    fn named(&mut self, relation: RelId, names: &[String]) -> RelId {
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

    fn no_rows(&mut self, table: &Table<'a>, span: Span) -> RelId {
        let columns = table
            .columns
            .iter()
            .map(|name| self.column(name.clone(), span))
            .collect();
        self.add(Operator::Rows(Vec::new()), columns, "CREATE TABLE", span)
    }

    /// What UPDATE put into some columns is not followed.
    fn changed(&mut self, relation: RelId, table: &Table<'a>, span: Span) -> RelId {
        self.not_followed(
            &format!("an UPDATE changes the table `{}`", table.name),
            span,
        );
        let items: Vec<Item> = self
            .columns_of(relation)
            .into_iter()
            .map(|column| {
                let name = self.plan.column(column).name.clone();
                let changed = self.is_rest(column)
                    || table
                        .changed
                        .iter()
                        .any(|changed| changed.eq_ignore_ascii_case(&name));
                let value = if changed {
                    Expr::unknown("a column that UPDATE changes", span)
                } else {
                    Expr::column(column, span)
                };
                Item::named(name, value, span)
            })
            .collect();
        self.project_items(relation, items, span)
    }
}
