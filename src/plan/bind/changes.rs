//! Table functions that give a table's own rows: APPENDS and CHANGES, what was
//! written in a time, and RANGE_SESSIONIZE, each row with the session it is in.

use sqlparser::ast;

use super::{Binder, ColId, Expr, Operator, RelId};
use crate::plan::{AggregateCall, ExprKind, Literal, Window, WindowFrame};
use crate::source::Span;

/// Columns that tables have beside those of their schema. `*` leaves them out.
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

/// Whether a name is that of a column which no schema declares.
pub(super) fn is_pseudo_column(name: &str) -> bool {
    PSEUDO.iter().any(|known| known.eq_ignore_ascii_case(name))
}

impl Binder<'_> {
    /// The table of the warehouse that a relation is, as far as names are asked for
    /// that its schema does not declare.
    pub(super) fn as_scan(&self, relation: RelId) -> Option<RelId> {
        let scan = matches!(self.plan.relation(relation).operator, Operator::Scan(_));
        scan.then_some(relation)
    }

    /// A pseudo-column of a table.
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

    /// The rows that APPENDS or CHANGES gives of a table: some that it has or had,
    /// each perhaps several times, so that no key of the table is one of them.
    pub(super) fn changed_rows(&mut self, table: RelId, span: Span) -> RelId {
        if let Some(scan) = self.as_scan(table) {
            for name in ["_change_type", "_change_timestamp"] {
                self.pseudo_column(scan, name, span);
            }
        }
        let arms = vec![self.reader(table, span), self.reader(table, span)];
        self.combine(ast::SetOperator::Union, ast::SetQuantifier::All, arms)
    }

    /// The rows of a table with the sessions that RANGE_SESSIONIZE puts them in;
    /// `None` where the columns that it names are not known.
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
            .find(|column| self.plan.column(*column).is_surely_called(name));
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

/// Whether a value is told before a query reads anything.
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
