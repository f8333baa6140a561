//! Models and the rows that each is trained on.

use sqlparser::ast;

use super::{Binder, Operator, RelId};
use crate::catalog::TableName;
use crate::source::Span;

impl<'a> Binder<'a> {
    /// Adds a model that is trained on the rows of queries; it has no columns.
    pub(super) fn trained(&mut self, queries: &[&'a ast::Query], span: Span) -> RelId {
        let inputs = queries.iter().map(|query| self.query(query)).collect();
        let operator = Operator::Model {
            function: "CREATE MODEL".to_owned(),
            inputs,
        };
        self.add(operator, Vec::new(), "CREATE MODEL", span)
    }

    /// Returns a model by its name, as the script or another file makes it.
    ///
    /// `None` if nothing known makes it.
    pub(super) fn model(&mut self, parts: &[&str], span: Span) -> Option<RelId> {
        let name = TableName::new(parts.iter().copied()).of_model();
        let read = self.environment.table(&name);
        if read.is_outside() {
            self.unread_table(&read.name, span);
            return self.upstream(&read.name, span);
        }
        let rows = self.made_table(&read, false, span);
        Some(self.filter_by_version(rows, &read))
    }
}
