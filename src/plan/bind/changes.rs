//! Table functions that return rows of their argument table.
//!
//! APPENDS and CHANGES return the rows written in an interval of time;
//! RANGE_SESSIONIZE adds to each row its session.

use sqlparser::ast;

use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::{AggregateCall, ExprKind, Literal, Window, WindowFrame};
use crate::source::Span;

/// Columns that tables have beside those of their schema; `*` does not list them.
const PSEUDO: [&str; 8] = [
    "_CHANGE_SEQUENCE_NUMBER",
    "_CHANGE_TIMESTAMP",
    "_CHANGE_TYPE",
    "_FILE_NAME",
    "_PARTITIONDATE",
    "_PARTITIONTIME",
    "_ROW_TIMESTAMP",
    "_TABLE_SUFFIX",
];

/// Returns whether a name is that of a pseudo-column, which no schema declares.
pub(super) fn is_pseudo_column(name: &str) -> bool {
    PSEUDO.iter().any(|known| known.eq_ignore_ascii_case(name))
}

impl Binder<'_> {
    /// Returns the relation if it is a scan, which has pseudo-columns.
    pub(super) fn as_scan(&self, relation: RelId) -> Option<RelId> {
        let scan = matches!(self.plan.relation(relation).operator, Operator::Scan(_));
        scan.then_some(relation)
    }

    /// Returns a pseudo-column of a table, and adds it if it is new.
    pub(super) fn pseudo_column(&mut self, scan: RelId, name: &str, span: Span) -> ColId {
        let lower = name.to_lowercase();
        if let Operator::Scan(table) = &self.plan.relation(scan).operator
            && let Some((known, _)) = table
                .columns
                .iter()
                .find(|(_, known)| known.eq_ignore_ascii_case(name))
        {
            return *known;
        }
        let column = self.column(lower.as_str(), span);
        let relation = self.plan.relation_mut(scan);
        relation.columns.push(column);
        if let Operator::Scan(table) = &mut relation.operator {
            table.columns.push((column, lower));
        }
        column
    }

    /// Returns the rows that APPENDS or CHANGES reads from a table.
    ///
    /// They are rows that the table has or had, possibly several times each: the
    /// union of two readers, so that no key of the table is a key of them.
    pub(super) fn changed_rows(&mut self, table: RelId, span: Span) -> RelId {
        if let Some(scan) = self.as_scan(table) {
            for name in ["_change_type", "_change_timestamp"] {
                self.pseudo_column(scan, name, span);
            }
        }
        let arms = vec![self.reader(table, span), self.reader(table, span)];
        self.combine(ast::SetOperator::Union, ast::SetQuantifier::All, arms)
    }

    /// Returns the rows of a table with the sessions of RANGE_SESSIONIZE.
    ///
    /// `None` if the columns that it names are not known.
    pub(super) fn sessions(&mut self, table: RelId, values: &[Expr], span: Span) -> Option<RelId> {
        let [range, partitions, ..] = values else {
            return None;
        };
        let ExprKind::Array(partitions) = &partitions.kind else {
            return None;
        };
        let range = self.column_called(table, text(range)?, span)?;
        let partition_by: Option<Vec<Expr>> = partitions
            .iter()
            .map(|name| self.column_called(table, text(name)?, span))
            .collect();
        let call = AggregateCall {
            name: "RANGE_SESSIONIZE".to_owned(),
            info: None,
            args: vec![range.clone()],
            distinct: false,
            filter: None,
            decided_by: Vec::new(),
            limit: None,
            nulls: None,
            span,
        };
        let session = self.column("session_range", span);
        let mut columns = self.columns_of(table);
        columns.push(session);
        let window = Window {
            call,
            partition_by: partition_by?,
            order_by: vec![range],
            frame: WindowFrame::Part,
            bounds: None,
        };
        let operator = Operator::Window {
            input: table,
            windows: vec![(session, window)],
        };
        Some(self.add(operator, columns, "FROM", span))
    }

    fn column_called(&mut self, table: RelId, name: &str, span: Span) -> Option<Expr> {
        let columns = self.columns_of(table);
        let known = columns
            .iter()
            .copied()
            .find(|column| self.plan.column(*column).is_certainly_named(name));
        let column = match known {
            Some(known) => known,
            None => {
                let rest = columns.into_iter().find(|column| self.is_rest(*column))?;
                self.expand(rest, name, span)?
            }
        };
        Some(Expr::column(column, span))
    }
}

fn text(value: &Expr) -> Option<&str> {
    if let ExprKind::Literal(Literal::String(text)) = &value.kind {
        return Some(text);
    }
    None
}

/// Returns whether a value is determined before a query reads anything.
pub(super) fn reads_nothing(value: &Expr) -> bool {
    let mut nothing = true;
    value.walk(&mut |part| {
        nothing &= !matches!(
            part.kind,
            ExprKind::Column(_) | ExprKind::Subquery(_) | ExprKind::Unknown(_)
        );
    });
    nothing
}
