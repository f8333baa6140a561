//! Collations that statements of a script give to columns of tables.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::environment::ReadName;
use super::graph::{Graph, Step};
use super::table::TableContent;
use crate::plan::bind::{Binder, Expr, RelId};
use crate::plan::{ExprKind, Literal};
use crate::syntax::{COLLATING, StatementKind};

fn is_collated(column: &ast::ColumnDef) -> bool {
    let mut options = column.options.iter();
    options.any(|option| matches!(option.option, ast::ColumnOption::Collation(_)))
}

/// The columns to which the statements of a script give a collation.
#[derive(Debug, Default)]
pub(super) struct Collations {
    /// Names of columns, in lower case.
    names: FxHashSet<String>,
    /// Whether all columns of stored tables may have a collation.
    all: bool,
}

impl Graph<'_> {
    fn collations(&self) -> &Collations {
        self.collations.get_or_init(|| {
            let mut found = Collations::default();
            for id in self.ids() {
                let Step::Run(statement) = self.node(id).step else {
                    continue;
                };
                // The dataset does not matter, because few scripts contain such a
                // statement.
                found.all |=
                    matches!(&statement.kind, StatementKind::Inert(word) if word == COLLATING);
                if let TableContent::Query(_, columns) | TableContent::Empty(columns) =
                    self.content(id)
                {
                    let collated = columns.iter().filter(|column| is_collated(column));
                    let names = collated.map(|column| column.name.value.to_lowercase());
                    found.names.extend(names);
                }
            }
            found
        })
    }
}

impl Binder<'_> {
    /// Adds to a table's rows the collations that statements of the script give
    /// them.
    pub(super) fn collated(&mut self, read: &ReadName, rows: RelId) -> RelId {
        let graph = std::rc::Rc::clone(&self.environment.graph);
        let Collations { names, all } = graph.collations();
        let all = *all && read.sources.iter().any(|(key, _)| !key.temporary);
        if names.is_empty() && !all {
            return rows;
        }
        let span = self.plan.relation(rows).origin.span;
        let mut columns = Vec::new();
        for column in self.columns_of(rows) {
            let (copy, mut value) = self.pass(column, span);
            if all || names.contains(&self.plan.column(column).name.to_lowercase()) {
                let text = Expr::new(ExprKind::Literal(Literal::String("?".to_owned())), span);
                value = self.call_of("COLLATE", vec![value, text], span);
            }
            columns.push((copy, value));
        }
        self.project(rows, columns, "CREATE TABLE", span)
    }
}
