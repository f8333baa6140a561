//! The input of a rule's check, and helpers that several rules share.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Finding, FindingLabel};
use crate::facts::{BaseColumnId, ColumnFacts, Facts, Identity, IdentityForm, RelationFacts};
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::plan::{Column, Plan};
use crate::policy::{ColumnUse, Decision, Evidence, UseKind};
use crate::registry::{RegisteredRole, Registry};
use crate::source::Span;

/// Maximum number of other places of a base column that a finding shows.
const MAX_OTHER_PLACES: usize = 4;

/// One dataset with everything that a rule may read about it.
pub struct RuleContext<'a> {
    /// The dataset as bound, with the binder's problems.
    pub dataset: &'a Dataset,
    /// Plan of the dataset.
    pub plan: &'a Plan,
    /// Facts about all relations and columns of the plan.
    pub facts: &'a Facts<'a>,
    /// Facts about the published rows.
    pub rows: &'a RelationFacts,
    /// Uses of the base columns that matter to the policy.
    pub evidence: &'a Evidence,
    /// Decision of the policy, including the level and the required bucket.
    pub decision: &'a Decision,
    /// Registry in which the columns were looked up.
    pub registry: &'a Registry,
    /// Sets that are computed at first use.
    pub known: ContextCache,
}

/// Sets of base columns that several findings need, each computed at most once.
#[derive(Debug, Default)]
pub struct ContextCache {
    /// Base columns that are published as identifiers.
    identifiers: OnceCell<FxHashSet<BaseColumnId>>,
    /// Base columns with at least one use other than as a metric.
    otherwise: OnceCell<FxHashSet<BaseColumnId>>,
}

impl<'a> RuleContext<'a> {
    /// Iterates over the published columns with their facts.
    pub(super) fn published(&self) -> impl Iterator<Item = (&'a Column, &'a ColumnFacts)> {
        let (plan, facts) = (self.plan, self.facts);
        plan.root()
            .into_iter()
            .flat_map(|root| &plan.relation(root).columns)
            .map(|column| (plan.column(*column), facts.column(*column)))
    }

    /// Whether the query reads a column of a table that identifies people or records.
    pub(super) fn reads_identifier(&self, table: &str) -> bool {
        self.facts.sources.iter().any(|(_, source)| {
            let identifies = source.is_identifier() || source.sounds_like_person();
            identifies && source.table.short() == table
        })
    }

    /// Whether a group key identifies people and a published column does too.
    pub(super) fn publishes_group_identifier(&self) -> bool {
        let identifies = |value: &ColumnFacts| {
            let mut forms = value.identities.iter().map(|identity| identity.form);
            forms.any(|form| form >= IdentityForm::Pseudonym)
        };
        let mut keys = self.rows.keys.iter().flatten();
        keys.any(|key| identifies(&key.facts))
            && self.published().any(|(_, value)| identifies(value))
    }

    /// Iterates over the binder's problems of one kind.
    pub(super) fn problems(&self, kind: ProblemKind) -> impl Iterator<Item = &'a Problem> {
        self.dataset
            .problems
            .iter()
            .filter(move |problem| problem.kind == kind)
    }

    /// Returns the description of a column in a message.
    pub(super) fn describe_column(&self, column: &Column) -> String {
        if column.name.is_empty() {
            "an unnamed column".to_owned()
        } else {
            format!("the column `{}`", column.name)
        }
    }

    /// Returns the name of an identity's base column, with its field in parentheses.
    pub(super) fn identity_name(&self, identity: &Identity) -> String {
        let name = &self.facts.sources.get(identity.source).name;
        match &identity.field {
            Some(field) => format!("{name} ({field})"),
            None => name.to_string(),
        }
    }

    /// Returns the uses that satisfy `keep`, with those of one base column adjacent.
    ///
    /// The base columns are in the order of their first uses.
    pub(super) fn uses_by_column(&self, keep: impl Fn(&ColumnUse) -> bool) -> Vec<&'a ColumnUse> {
        let mut places: FxHashMap<BaseColumnId, usize> = FxHashMap::default();
        let mut found: Vec<(usize, &ColumnUse)> = Vec::new();
        for used in self.evidence.uses.iter().filter(|used| keep(used)) {
            let next = places.len();
            found.push((*places.entry(used.source).or_insert(next), used));
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, used)| used).collect()
    }

    /// Returns for each base column the first use that satisfies `keep`, in order.
    pub(super) fn first_uses(&self, keep: impl Fn(&ColumnUse) -> bool) -> Vec<&'a ColumnUse> {
        let mut seen: FxHashSet<BaseColumnId> = FxHashSet::default();
        self.evidence
            .uses
            .iter()
            .filter(|used| keep(used) && seen.insert(used.source))
            .collect()
    }

    /// Returns the description of a use in a message, such as `the dimension`.
    pub(super) fn describe_use(&self, used: &ColumnUse) -> String {
        match used.part {
            UseKind::Dimension => "the dimension".to_owned(),
            UseKind::Metric => "the metric".to_owned(),
            UseKind::HiddenKey => "the group key".to_owned(),
            UseKind::Condition => format!("in a condition of `{}`, the compared column", used.name),
            UseKind::Filter => format!("in {}, the compared column", used.name),
            UseKind::Upstream => format!("in {} of a source table, the compared column", used.name),
        }
    }

    /// Separates base columns that only filters of source tables compare from the
    /// others.
    ///
    /// The first result has one list of uses for each other base column; the second
    /// has the first use of each base column whose uses are all [`UseKind::Upstream`].
    /// Only uses that satisfy `keep` are considered.
    pub(super) fn separate_upstream_uses(
        &self,
        keep: impl Fn(&ColumnUse) -> bool,
    ) -> (Vec<Vec<&'a ColumnUse>>, Vec<&'a ColumnUse>) {
        let found = self.uses_by_column(keep);
        let (upstream, own): (Vec<_>, Vec<_>) = found
            .chunk_by(|a, b| a.source == b.source)
            .partition(|uses| uses.iter().all(|used| used.part == UseKind::Upstream));
        let first = |uses: &[&'a ColumnUse]| uses.first().copied();
        (
            own.into_iter().map(<[_]>::to_vec).collect(),
            upstream.into_iter().filter_map(first).collect(),
        )
    }

    /// Adds the other places of a base column to a finding, at most [`MAX_OTHER_PLACES`] of
    /// them.
    pub(super) fn label_other_uses(&self, finding: Finding, others: &[&ColumnUse]) -> Finding {
        let others = others.iter().take(MAX_OTHER_PLACES);
        others.fold(finding, |finding, other| {
            finding.also(other.span, self.describe_use(other))
        })
    }

    /// Whether a base column is published as an identifier.
    pub(super) fn is_published_identifier(&self, id: BaseColumnId) -> bool {
        let identifiers = self.known.identifiers.get_or_init(|| {
            let identities = self.published().flat_map(|(_, value)| &value.identities);
            identities.map(|identity| identity.source).collect()
        });
        identifiers.contains(&id)
    }

    /// Returns the registry entry that a base column lacks, as TOML to complete.
    pub(super) fn stub(&self, id: BaseColumnId) -> String {
        let source = self.facts.sources.get(id);
        if source.is_records() {
            return format!(
                "[[table]]\nname = \"{}\"\nunit_column = \"\" # the column that names the person\ndata_reviews = [\"https://bugzilla.mozilla.org/show_bug.cgi?id=\"]",
                source.table.short()
            );
        }
        let otherwise = self.known.otherwise.get_or_init(|| {
            let uses = self.evidence.uses.iter();
            let uses = uses.filter(|used| used.part != UseKind::Metric);
            uses.map(|used| used.source).collect()
        });
        let metric = !otherwise.contains(&id);
        let role = if metric {
            RegisteredRole::Metric
        } else {
            RegisteredRole::Dimension
        };
        format!(
            "[[column]]\nname = \"{}\"\ntables = [\"{}\"]\nrole = \"{}\"\ncategory = 0 # 1 to 4\ndata_reviews = [\"https://bugzilla.mozilla.org/show_bug.cgi?id=\"]",
            source.dotted(),
            source.table.short(),
            role.word()
        )
    }
}

impl Finding {
    /// Sets the message of the primary place.
    pub(super) fn label(mut self, message: impl Into<String>) -> Self {
        self.label = message.into();
        self
    }

    /// Adds the place where a published value acquired its defect.
    ///
    /// Does nothing if the primary place contains it.
    pub(super) fn label_origin(self, span: Span, message: impl Into<String>) -> Self {
        if self.span.contains(span) {
            return self;
        }
        self.also(span, message)
    }

    /// Adds another place.
    ///
    /// An empty span is ignored; several messages at one place are joined.
    pub(super) fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        if span.is_empty() {
            return self;
        }
        if span == self.span {
            if self.label.is_empty() {
                self.label = message;
            } else if !self.label.contains(&message) {
                self.label = format!("{}, {message}", self.label);
            }
            return self;
        }
        match self.labels.iter_mut().find(|label| label.span == span) {
            // One label per place: several labels at one place could not be
            // distinguished.
            Some(label) => {
                if !label.message.contains(&message) {
                    label.message = format!("{}, {message}", label.message);
                }
            }
            None => self.labels.push(FindingLabel {
                span,
                message,
                elsewhere: None,
            }),
        }
        self
    }
}
