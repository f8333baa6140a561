//! Derives the level, the matrix, the four answers and the verdict from facts.
//!
//! Nothing in this module reads SQL.

mod decision;
mod evidence;
mod level;
mod published;
mod questions;
mod scope;
mod trace;

pub use decision::{
    Answer, BaseColumn, Bucket, Decision, Level, PlanStep, PublishedColumn, Question, QuestionId,
    ReasoningStep, Role, Verdict,
};
pub use evidence::{ColumnUse, Evidence, UseKind, category as category_of};
pub use level::of_column;
pub use scope::{ConditionKind, Place, Scope, ScopeCondition};

use crate::facts::Facts;
use crate::numbers::GroupedNumber;
use crate::plan::Plan;
use crate::registry::{Registry, RegistryOrigin};

/// Decides about a dataset whose plan is known.
///
/// The columns and sources of the decision stay empty: [`add_columns`] adds them.
pub fn decide(
    plan: &Plan,
    facts: &Facts<'_>,
    evidence: &Evidence,
    registry: &Registry,
) -> Decision {
    let required = registry.policy().min_bucket;
    let Some(root) = plan.root() else {
        return unassessed(registry, "the statement was not understood");
    };
    let rows = facts.relation(root);
    let found = level::of_dataset(plan, facts, root, required);
    let questions = questions::answer(&found, evidence);
    let level = found.level;
    let mut level_because = found.because;
    level_because.extend(trace::steps(plan, facts, root));
    // People whom only conditions read sort last: no count of the query is about
    // them.
    let people = rows.populations.values();
    let counted = people.min_by_key(|people| (people.implied, people.k));
    let mut assumptions: Vec<String> = rows
        .history
        .assumptions
        .iter()
        .map(|assumed| assumed.to_string())
        .collect();
    assumptions.extend(assumed_identifiers(plan, facts, root));
    assumptions.extend(evidence.assumed_variables.iter().map(|name| {
        format!(
            "`{name}` is assumed not to be a column: the script declares a variable of this name"
        )
    }));
    assumptions.extend(registry_assumptions(registry));
    Decision {
        level,
        unread: found.unread,
        level_because,
        bucket: Bucket {
            required,
            proven: rows
                .bucket()
                .filter(|k| !found.unread && (2..u64::MAX).contains(k)),
            unit: counted.and_then(|people| people.unit.as_deref().map(str::to_owned)),
            residual_unbounded: rows.residual().is_some(),
        },
        grain: published::grain(plan, facts, root),
        columns: Vec::new(),
        sources: Vec::new(),
        questions,
        assumptions,
        scope: Scope::default(),
    }
}

/// Adds the published columns of a dataset and the base columns that they use.
pub fn add_columns(
    plan: &Plan,
    facts: &Facts<'_>,
    evidence: &Evidence,
    registry: &Registry,
    decision: &mut Decision,
) {
    if let Some(root) = plan.root() {
        let required = registry.policy().min_bucket;
        decision.columns = published::columns(plan, facts, root, required);
        decision.sources = evidence.base_columns();
        decision.scope = scope::of_dataset(plan, facts, root);
    }
}

/// Returns the decision for a statement that was not understood.
///
/// Nothing is known about it, so every answer is "unknown" and it needs extra
/// review.
pub fn unassessed(registry: &Registry, why: &str) -> Decision {
    Decision {
        level: None,
        unread: true,
        level_because: vec![ReasoningStep {
            message: why.to_owned(),
            span: None,
            operator: None,
            k: None,
            elsewhere: None,
            step: None,
        }],
        bucket: Bucket {
            required: registry.policy().min_bucket,
            proven: None,
            unit: None,
            residual_unbounded: false,
        },
        grain: None,
        columns: Vec::new(),
        sources: Vec::new(),
        questions: QuestionId::ALL
            .into_iter()
            .map(|id| Question {
                id,
                answer: Answer::Unknown,
                because: why.to_owned(),
            })
            .collect(),
        assumptions: registry_assumptions(registry),
        scope: Scope::default(),
    }
}

/// Returns an assumption for each base column that only its name makes an
/// identifier.
fn assumed_identifiers(plan: &Plan, facts: &Facts<'_>, root: crate::plan::RelId) -> Vec<String> {
    let published = plan.relation(root).columns.iter();
    let identities = published.flat_map(|column| &facts.column(*column).identities);
    let mut names: Vec<&str> = identities
        .map(|identity| facts.sources.get(identity.source))
        .filter(|source| source.sounds_like_person())
        .map(|source| &*source.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let told = |name| {
        format!("`{name}` is assumed to identify a person, because of its name; register it")
    };
    names.into_iter().map(told).collect()
}

/// Returns the assumptions that follow from the registry itself.
fn registry_assumptions(registry: &Registry) -> Vec<String> {
    let mut assumptions = Vec::new();
    if *registry.origin() == RegistryOrigin::Builtin {
        assumptions.push(
            "no dimension-registry.toml was found: the built-in registry was used".to_owned(),
        );
    }
    let required = registry.policy().min_bucket;
    if required < crate::registry::PolicySettings::MOZILLA_MIN_BUCKET {
        assumptions.push(format!(
            "the registry sets the minimum bucket size to {}, below Mozilla's 5,000",
            GroupedNumber(required)
        ));
    }
    assumptions
}
