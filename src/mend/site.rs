//! The places where groups can be bounded.
//!
//! These are the last groupings in which the person can still be identified.

use std::collections::BTreeSet;

use super::outline::{Clause, Outline};
use super::scope::{PersonExpression, units};
use crate::facts::{Facts, Rows};
use crate::plan::{JoinKind, Operator, Plan, RelId};

/// The place of a grouping in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupingPlace {
    /// A SELECT of the outline, by index.
    Select(usize),
    /// A pipe operator of the outline, by index.
    Step(usize),
}

/// A grouping that can be bounded.
#[derive(Debug, Clone)]
pub(super) struct ThresholdSite {
    /// The relation of the aggregation.
    pub(super) relation: RelId,
    pub(super) place: GroupingPlace,
    /// Whether it is SELECT DISTINCT.
    pub(super) distinct: bool,
    /// Whether it aggregates all rows into one.
    pub(super) whole: bool,
    /// Whether its rows are joined or grouped again above it.
    ///
    /// Groups that are removed here are missing there.
    pub(super) beneath: bool,
    /// Expressions that identify the person, the best first; at least one.
    pub(super) units: Vec<PersonExpression>,
    /// The names of its keys.
    pub(super) keys: Vec<String>,
}

/// The groupings to be bounded, and the reasons why others cannot be.
#[derive(Debug, Default)]
pub(super) struct ThresholdSites {
    pub(super) found: Vec<ThresholdSite>,
    pub(super) missing: Vec<String>,
}

/// Finds the groupings nearest to the output at which a threshold can be added.
pub(super) fn sites(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
    required: u64,
) -> ThresholdSites {
    let mut walk = Walk {
        outline,
        plan,
        facts,
        required,
        seen: BTreeSet::new(),
        sites: ThresholdSites::default(),
    };
    walk.visit(root, false);
    walk.sites
}

/// Returns the grouping whose rows are published, if it is in the text.
///
/// Above it, rows are only renamed, filtered, ordered and limited.
pub(super) fn last(
    outline: &Outline<'_>,
    plan: &Plan,
    facts: &Facts<'_>,
    root: RelId,
) -> Option<ThresholdSite> {
    let mut relation = root;
    loop {
        match &plan.relation(relation).operator {
            Operator::Aggregate(_) => break,
            Operator::Filter { input, .. }
            | Operator::Project { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. }
            | Operator::Reader { of: input, .. } => relation = *input,
            Operator::Window { .. }
            | Operator::Join { .. }
            | Operator::Unnest { .. }
            | Operator::SetOperation { .. }
            | Operator::Recursion { .. }
            | Operator::Loop { .. }
            | Operator::Model { .. }
            | Operator::Opaque { .. }
            | Operator::Scan(_)
            | Operator::Rows(_) => return None,
        }
    }
    let mut site = ThresholdSite {
        relation,
        place: place(outline, plan, relation)?,
        distinct: plan.relation(relation).origin.word == "DISTINCT",
        whole: false,
        beneath: false,
        units: Vec::new(),
        keys: Vec::new(),
    };
    site.units = units(outline, plan, facts, &site);
    Some(site)
}

struct Walk<'a, 't> {
    outline: &'a Outline<'t>,
    plan: &'a Plan,
    facts: &'a Facts<'a>,
    required: u64,
    seen: BTreeSet<RelId>,
    sites: ThresholdSites,
}

impl Walk<'_, '_> {
    fn visit(&mut self, id: RelId, beneath: bool) {
        let rows = self.facts.relation(id);
        if rows.k().is_none_or(|k| k >= self.required) || !self.seen.insert(id) {
            return;
        }
        let operator = &self.plan.relation(id).operator;
        match operator {
            Operator::Aggregate(aggregate) => match self.site(id, beneath) {
                Ok(site) => self.sites.found.push(site),
                Err(why) => {
                    let before = self.sites.missing.len();
                    let found = self.sites.found.len();
                    self.visit(aggregate.input, true);
                    // Only the obstacle nearest to the output is reported.
                    if self.sites.found.len() == found {
                        self.sites.missing.truncate(before);
                        self.sites.missing.push(why);
                    }
                }
            },
            Operator::Scan(table) => self.sites.missing.push(format!(
                "the rows of `{}` reach the output without being grouped",
                table.name.short()
            )),
            Operator::Join {
                kind: JoinKind::Semi | JoinKind::Anti,
                left,
                ..
            } => self.visit(*left, beneath),
            Operator::Join { left, right, .. } => {
                self.visit(*left, true);
                self.visit(*right, true);
            }
            Operator::Window { input, .. } => self.visit(*input, true),
            Operator::Unnest { .. } => {
                for input in operator.inputs() {
                    self.visit(input, true);
                }
            }
            Operator::Filter { input, .. }
            | Operator::Project { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. }
            | Operator::Reader { of: input, .. } => self.visit(*input, beneath),
            Operator::SetOperation { inputs, .. } => {
                for (input, _) in inputs {
                    self.visit(*input, beneath);
                }
            }
            Operator::Recursion { .. } | Operator::Loop { .. } => self
                .sites
                .missing
                .push("nothing is proven about rows of a recursion".to_owned()),
            Operator::Model { .. } | Operator::Opaque { .. } => self
                .sites
                .missing
                .push("a part of it is not understood".to_owned()),
            Operator::Rows(_) => {}
        }
    }

    fn site(&self, id: RelId, beneath: bool) -> Result<ThresholdSite, String> {
        let relation = self.plan.relation(id);
        let Operator::Aggregate(aggregate) = &relation.operator else {
            return Err("not a grouping".to_owned());
        };
        let rows = self.facts.relation(id);
        let keys: Vec<String> = rows
            .keys
            .iter()
            .flatten()
            .map(|key| key.name.to_string())
            .filter(|name| !name.is_empty())
            .collect();
        if rows.rows != Rows::Aggregated {
            return Err(rows
                .individual_reason
                .as_ref()
                .map_or("its groups are not groups of people".to_owned(), |why| {
                    why.why.to_string()
                }));
        }
        if let Some(clause) = &aggregate.privacy {
            return Err(format!(
                "a SELECT WITH {} has its own bound on groups",
                clause.kind
            ));
        }
        let place = place(self.outline, self.plan, id).ok_or_else(|| {
            format!(
                "no threshold can be added to the grouping that {} makes",
                relation.origin.word
            )
        })?;
        let mut site = ThresholdSite {
            relation: id,
            place,
            distinct: relation.origin.word == "DISTINCT",
            whole: aggregate.keys.is_empty(),
            beneath,
            units: Vec::new(),
            keys,
        };
        if let Some(keys) = self.written_keys(place) {
            site.keys = keys;
        }
        site.units = units(self.outline, self.plan, self.facts, &site);
        if site.units.is_empty() {
            return Err(
                "where its groups are created, no column still identifies the people, or none is known to identify them"
                    .to_owned(),
            );
        }
        Ok(site)
    }

    /// Returns the names of the keys in the query.
    fn written_keys(&self, place: GroupingPlace) -> Option<Vec<String>> {
        let GroupingPlace::Select(at) = place else {
            return None;
        };
        let select = &self.outline.selects[at];
        let list = self.outline.items(&select.part(Clause::Select)?.body);
        let keys = self.outline.items(&select.part(Clause::GroupBy)?.body);
        keys.iter()
            .map(|key| {
                let text = self.outline.text(key.start);
                match text.parse::<usize>() {
                    Ok(ordinal) => self.outline.name(list.get(ordinal.checked_sub(1)?)?),
                    Err(_) if self.outline.is(key.start, "ALL") => None,
                    Err(_) => self.outline.name(key),
                }
            })
            .map(|name| name.map(|name| name.replace('`', "")))
            .collect()
    }
}

/// Returns the place of a grouping in the text, if a threshold can be added there.
fn place(outline: &Outline<'_>, plan: &Plan, id: RelId) -> Option<GroupingPlace> {
    let origin = &plan.relation(id).origin;
    if origin.span.is_empty() {
        return None;
    }
    let select = outline.select_around(origin.span);
    let step = outline.step_around(origin.span);
    let length = |place: &GroupingPlace| match place {
        GroupingPlace::Select(at) => outline.selects[*at].tokens().len(),
        GroupingPlace::Step(at) => outline.steps[*at].tokens.len(),
    };
    let place = [
        select.map(GroupingPlace::Select),
        step.map(GroupingPlace::Step),
    ]
    .into_iter()
    .flatten()
    .min_by_key(length)?;
    let fits = match (place, origin.word) {
        (GroupingPlace::Step(at), "GROUP BY" | "GROUP BY ALL" | "GROUPING SETS") => {
            let first = outline.steps[at].tokens.start + 1;
            outline.is(first, "AGGREGATE")
        }
        (GroupingPlace::Select(at), "GROUP BY" | "GROUP BY ALL" | "GROUPING SETS") => outline
            .selects[at]
            .part(Clause::GroupBy)
            .is_some_and(|part| {
                let tokens = part.word..part.body.end;
                outline.span_of(&tokens).contains(origin.span)
            }),
        (GroupingPlace::Select(at), "SELECT") => {
            outline.selects[at].part(Clause::GroupBy).is_none()
        }
        (GroupingPlace::Select(at), "DISTINCT") => {
            let start = outline.selects[at].tokens().start;
            outline.span(start).start == origin.span.start
                && outline.is(start + 1, "DISTINCT")
                && outline.selects[at].part(Clause::GroupBy).is_none()
        }
        _ => false,
    };
    fits.then_some(place)
}
