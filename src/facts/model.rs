//! Transfer functions of models: their training, and what they return.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::lattice::Rows;
use super::relation::{IndividualReason, Population, RelationFacts};
use crate::plan::functions::{self, FunctionClass, TableClass};
use crate::plan::{ColId, Operator, RelId};
use crate::source::Span;

impl Analyzer<'_, '_> {
    pub(super) fn model(
        &mut self,
        function: &str,
        inputs: &[RelId],
        columns: &[ColId],
        span: Span,
    ) -> RelationFacts {
        let mut facts = RelationFacts::impersonal();
        let mut given = ColumnFacts::constant();
        let class = functions::lookup(function).map(|info| info.class);
        let made = function == "CREATE MODEL";
        let alone = made || class == Some(FunctionClass::Table(TableClass::ModelAlone));
        let models = inputs.iter().filter(|input| self.is_model(**input)).count();
        let mut unknown = None;
        for input in inputs {
            let rows = self.relation(*input).clone();
            facts.beside(&rows);
            facts.trained_on.extend(rows.trained_on.iter().copied());
            facts.inside.extend(rows.inside.iter().cloned());
            if self.is_model(*input) {
                // The statement that trains the model says on whom it is trained.
                unknown = unknown.or(rows.individual_reason.clone());
                if !alone {
                    continue;
                }
            }
            facts.join_row_kinds(&rows);
            facts.populations.extend(rows.populations);
            for column in &self.plan.relation(*input).columns {
                let column = self.column(*column);
                if made && (column.unknown || column.rest.is_some()) && unknown.is_none() {
                    unknown = Some(IndividualReason {
                        why:
                            "the model may be trained on identifiers: its input columns are unknown"
                                .into(),
                        span,
                        unread: false,
                        unregistered: None,
                    });
                }
                given.combine_with(column);
            }
        }
        given.constant = false;
        if alone {
            if facts.rows != Rows::Impersonal || !made {
                facts.rows = Rows::Model;
            }
            facts.individual_reason = None;
            facts.registered_level = None;
            facts.keys = Some(Vec::new());
            // Rows that evaluate a model are aggregated, and its training rows are
            // not visible.
            for people in facts.populations.values_mut() {
                people.k = 0;
            }
            if made {
                facts.inside.extend(given.identities.iter().cloned());
                facts.trained_on.extend(given.sources.keys());
            } else if models == 0 {
                facts.history_mut().assumptions.insert(format!(
                    "the model that {function} reads is not visible: it is assumed to be trained without identifiers"
                ).into());
            }
            if unknown.is_some() {
                facts.rows = Rows::Individual;
                facts.individual_reason = unknown;
            }
            given.identities.clear();
            given.rest = None;
            given.surrogate = None;
            given.aggregated = true;
        } else if inputs.len() == models {
            facts.rows = Rows::Individual;
            facts.individual_reason = Some(IndividualReason {
                why: format!(
                    "{function} returns rows from the model's training data, which are not visible"
                )
                .into(),
                span,
                unread: false,
                unregistered: None,
            });
            facts.populations.insert(
                self.populations.add(),
                Population {
                    k: 0,
                    table: function.into(),
                    unit: None,
                    implied: false,
                    unregistered: false,
                    between: None,
                },
            );
            given.rest = Some(span);
        }
        given.personal = true;
        for column in columns {
            self.set(*column, given.clone());
        }
        facts
    }

    /// Whether a relation is a model whose training is visible.
    fn is_model(&self, id: RelId) -> bool {
        match &self.plan.relation(id).operator {
            Operator::Model { function, .. } => function == "CREATE MODEL",
            Operator::Reader { of: input, .. } | Operator::Filter { input, .. } => {
                self.is_model(*input)
            }
            Operator::SetOperation { inputs, .. } => {
                inputs.iter().any(|(input, _)| self.is_model(*input))
            }
            _ => false,
        }
    }
}
