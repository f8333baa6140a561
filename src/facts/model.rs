//! Models: what is trained, and what comes out of them.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::lattice::Rows;
use super::relation::{Individually, Population, RelationFacts};
use crate::plan::functions::{self, FunctionClass, TableClass};
use crate::plan::{ColId, RelId};
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
        for input in inputs {
            let rows = self.relation(*input).clone();
            facts.beside(&rows);
            facts.or_rows(&rows);
            facts.populations.extend(rows.populations);
            for column in &self.plan.relation(*input).columns {
                given.absorb(self.column(*column));
            }
        }
        given.constant = false;
        let class = functions::lookup(function).map(|info| info.class);
        let made = function == "CREATE MODEL";
        let alone = made || class == Some(FunctionClass::Table(TableClass::ModelAlone));
        if alone {
            if facts.rows != Rows::Impersonal || !made {
                facts.rows = Rows::Model;
            }
            facts.individually = None;
            facts.registered_level = None;
            facts.keys = Some(Vec::new());
            // Rows that evaluate it are summed up; those that made it are not
            // seen.
            for people in facts.populations.values_mut() {
                people.k = 0;
            }
            if made {
                facts.inside.clone_from(&given.identities);
                facts.trained_on.extend(given.sources.keys());
            } else {
                facts.history_mut().assumptions.insert(format!(
                    "the model that {function} reads is not seen: it is taken to have been made without identifiers"
                ).into());
            }
            given.identities.clear();
            given.rest = None;
            given.surrogate = None;
            given.aggregated = true;
        } else if inputs.is_empty() {
            facts.rows = Rows::Individual;
            facts.individually = Some(Individually {
                why: format!(
                    "{function} gives back rows that the model was made of, which are not seen"
                )
                .into(),
                span,
            });
            facts.populations.insert(
                self.populations.add(),
                Population {
                    k: 0,
                    table: function.into(),
                    unit: None,
                    implied: false,
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
}
