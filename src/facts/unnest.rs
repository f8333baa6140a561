//! The transfer function of UNNEST: a row for each element.

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use super::coverage::{Coverage, GapReason};
use super::dependency::Dependencies;
use super::lattice::Rows;
use super::loss::{BucketLoss, LossKind};
use super::members::Members;
use super::mistake::Mutation;
use super::relation::{IndividualReason, RelationFacts};
use super::source::SourceForm;
use crate::plan::{ColId, Expr, ExprKind, RelId};
use crate::source::Span;

impl Analyzer<'_, '_> {
    pub(super) fn unnest(
        &mut self,
        input: Option<RelId>,
        array: &Expr,
        element: ColId,
        offset: Option<ColId>,
        outer: bool,
        span: Span,
    ) -> RelationFacts {
        // An array that is alone in a subquery belongs to the surrounding row: it
        // brings no other people.
        let mut facts = match input {
            Some(input) => {
                let input = self.relation(input);
                RelationFacts {
                    rows: input.rows,
                    individual_reason: input.individual_reason.clone(),
                    registered_level: input.registered_level,
                    populations: input.populations.clone(),
                    keys: input.keys.clone(),
                    // Without the keys, which are removed below.
                    dependencies: Rc::clone(&input.dependencies),
                    members: input.members,
                    partitions: input.partitions.clone(),
                    folds: input.folds.clone(),
                    proven: input.proven.clone(),
                    bounded: input.bounded.clone(),
                    decided: input.decided.clone(),
                    whole_table: None,
                    whole_groups: None,
                    losses: input.losses.clone(),
                    history: Rc::clone(&input.history),
                    records: input.records.clone(),
                    compared: input.compared.clone(),
                    trained_on: input.trained_on.clone(),
                    inside: input.inside.clone(),
                    repeated: input.repeated,
                }
            }
            None => RelationFacts::impersonal(),
        };
        self.subqueries(array, &mut facts);
        let value = self.value(array);
        self.depend_on(&value.influences.clone(), "UNNEST", &mut facts);
        let mut one = self.element(&value, span);
        let of_members = value.coverage.is_collected();
        let beside_people = facts.rows == Rows::Individual;
        one.coverage.clone_from(&value.coverage);
        one.everywhere(&mut |part| {
            part.coverage = match &part.coverage {
                known if known.is_uncovered() || !of_members => known.member(),
                _ if beside_people => Coverage::gap(GapReason::Members, span),
                // A member of a group's array is now a row of its own.
                known => self.member_coverage(known),
            };
            part.feeds = part.feeds.min(value.feeds);
            part.each &= value.each;
        });
        one.feeds = value.feeds;
        one.each = value.each;
        facts.cut_partitions("UNNEST", span);
        facts.repeated |= facts.rows == Rows::Individual && value.personal;
        let rows = Rc::make_mut(&mut facts.dependencies);
        if input.is_none() {
            *rows = Dependencies::one_row();
        }
        if self.mistake != Some(Mutation::UnnestKeepsKeys) {
            let keys = std::mem::take(&mut rows.keys);
            if let Some(offset) = offset {
                let offset = self.numbering.column(offset);
                for mut key in keys {
                    key.columns.insert(offset);
                    rows.add_key(key.columns, key.nulls);
                }
            }
        }
        let grouped = facts.rows == Rows::Aggregated;
        if grouped && value.personal && self.mistake != Some(Mutation::ElementsKeepBucket) {
            self.ungroup_members(array, &value, span, &mut facts);
        }
        if input.is_none() && (value.collection.is_some() || value.elements.is_some()) {
            facts.members = Some(Members::each(value.elements.unwrap_or(0), span));
            if value.collection.is_some() {
                facts.rows = Rows::Individual;
                facts.individual_reason = Some(collected(span));
            }
        }
        // The number of members decides about rows.
        let of_groups = value.coverage.is_collected();
        if of_groups && facts.rows == Rows::Individual {
            // A group's array beside rows of single people.
            self.lower(0, span, "UNNEST", &mut facts);
        } else if !matches!(array.kind, ExprKind::Array(_)) && !of_groups {
            self.lower_to_value(&value, span, "UNNEST", &mut facts);
        }
        one.everywhere(&mut |part| {
            part.collection = None;
            part.constant = false;
            // It is NULL in a row whose array has no members.
            part.total &= !outer;
        });
        let length = self.length_of(&value);
        self.compares_values([&length], span, "UNNEST", &mut facts);
        self.set(element, one);
        if let Some(offset) = offset {
            let mut place = ColumnFacts {
                personal: value.personal,
                coverage: match &value.coverage {
                    Coverage::Collected(_) | Coverage::Uncovered(_) => {
                        Coverage::gap(GapReason::Members, span)
                    }
                    Coverage::NoData
                    | Coverage::Label
                    | Coverage::Measured(_)
                    | Coverage::Listed(_) => Coverage::Label,
                },
                ..ColumnFacts::default()
            };
            place.conditions.extend(self.deciding(&value));
            self.set(offset, place);
        }
        facts
    }

    /// What the number of rows depends on: how many members an array has that the
    /// registry knows. What it says of the members is asked where they are used.
    fn length_of(&mut self, array: &ColumnFacts) -> ColumnFacts {
        let mut length = array.clone();
        for path in &array.paths {
            if self.sources.get(path.source).entry.is_some()
                && let Some(flow) = length.sources.remove(&path.source)
            {
                let counted = self.sources.in_form(path.source, SourceForm::Length);
                length.sources.insert(counted, flow);
            }
        }
        length
    }

    /// Determines what rows of groups stand for after UNNEST: members are values of
    /// the row itself, or of the rows that were collected.
    fn ungroup_members(
        &mut self,
        array: &Expr,
        value: &ColumnFacts,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        // Members that are made from the row's own values stand for as many people
        // as the row.
        if matches!(value.coverage, Coverage::Label | Coverage::NoData) {
            return;
        }
        let before = facts.k().unwrap_or(0);
        if let ExprKind::Array(items) = &array.kind {
            let least = items
                .iter()
                .map(|item| {
                    let value = self.value(item);
                    facts.in_cell(&value).unwrap_or(0)
                })
                .min();
            if least.is_none_or(|least| least >= before) && value.collection.is_none() {
                return;
            }
        }
        let k = value.elements.unwrap_or(0).min(before);
        if before >= 2 && k < before {
            facts
                .losses
                .push(BucketLoss::new(LossKind::Thinned, before, "UNNEST", span));
        }
        facts.folds.clear();
        facts.proven.clear();
        // Counts over the row prove nothing about its members, so these get new
        // populations.
        let people: Vec<_> = std::mem::take(&mut facts.populations)
            .into_values()
            .collect();
        for mut population in people {
            population.k = k;
            facts.populations.insert(self.populations.add(), population);
        }
        if value.collection.is_some() {
            facts.rows = Rows::Individual;
            facts.individual_reason = Some(collected(span));
        }
    }
}

fn collected(span: Span) -> IndividualReason {
    IndividualReason {
        why: "values collected from rows of single people become rows again".into(),
        span,
        unread: false,
        unregistered: None,
    }
}
