//! The input of a rule's check, and helpers that several rules share.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Finding, Label};
use crate::facts::{ColumnFacts, Facts, Form, Identity, RelationFacts, SourceId};
use crate::plan::bind::{Dataset, Problem, ProblemKind};
use crate::plan::{Column, Plan};
use crate::policy::{Decision, Evidence, Part, Use};
use crate::registry::{RegisteredRole, Registry};
use crate::source::Span;

/// Maximum number of other places of a base column that a finding shows.
const OTHERS: usize = 4;

/// One dataset with everything that a rule may read about it.
pub struct Context<'a> {
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
    pub known: Known,
}

/// Sets of base columns that several findings need, each computed at most once.
#[derive(Debug, Default)]
pub struct Known {
    /// Base columns that are published as identifiers.
    identifiers: OnceCell<FxHashSet<SourceId>>,
    /// Base columns with at least one use other than as a metric.
    otherwise: OnceCell<FxHashSet<SourceId>>,
}

impl<'a> Context<'a> {
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
            forms.any(|form| form >= Form::Pseudonym)
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
    pub(super) fn called(&self, column: &Column) -> String {
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
    pub(super) fn by_source(&self, keep: impl Fn(&Use) -> bool) -> Vec<&'a Use> {
        let mut places: FxHashMap<SourceId, usize> = FxHashMap::default();
        let mut found: Vec<(usize, &Use)> = Vec::new();
        for used in self.evidence.uses.iter().filter(|used| keep(used)) {
            let next = places.len();
            found.push((*places.entry(used.source).or_insert(next), used));
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, used)| used).collect()
    }

    /// Returns for each base column the first use that satisfies `keep`, in order.
    pub(super) fn first_uses(&self, keep: impl Fn(&Use) -> bool) -> Vec<&'a Use> {
        let mut seen: FxHashSet<SourceId> = FxHashSet::default();
        self.evidence
            .uses
            .iter()
            .filter(|used| keep(used) && seen.insert(used.source))
            .collect()
    }

    /// Returns the description of a use in a message, such as `the dimension`.
    pub(super) fn part_words(&self, used: &Use) -> String {
        match used.part {
            Part::Dimension => "the dimension".to_owned(),
            Part::Metric => "the metric".to_owned(),
            Part::HiddenKey => "the group key".to_owned(),
            Part::Condition => format!("in a condition of `{}`, the compared column", used.name),
            Part::Filter => format!("in {}, the compared column", used.name),
            Part::Upstream => format!("in {} of a source table, the compared column", used.name),
        }
    }

    /// Separates base columns that only filters of source tables compare from the
    /// others.
    ///
    /// The first result has one list of uses for each other base column; the second
    /// has the first use of each base column whose uses are all [`Part::Upstream`].
    /// Only uses that satisfy `keep` are considered.
    pub(super) fn own_and_upstream(
        &self,
        keep: impl Fn(&Use) -> bool,
    ) -> (Vec<Vec<&'a Use>>, Vec<&'a Use>) {
        let found = self.by_source(keep);
        let (upstream, own): (Vec<_>, Vec<_>) = found
            .chunk_by(|a, b| a.source == b.source)
            .partition(|uses| uses.iter().all(|used| used.part == Part::Upstream));
        let first = |uses: &[&'a Use]| uses.first().copied();
        (
            own.into_iter().map(<[_]>::to_vec).collect(),
            upstream.into_iter().filter_map(first).collect(),
        )
    }

    /// Adds the other places of a base column to a finding, at most [`OTHERS`] of
    /// them.
    pub(super) fn at_other_uses(&self, finding: Finding, others: &[&Use]) -> Finding {
        let others = others.iter().take(OTHERS);
        others.fold(finding, |finding, other| {
            finding.also(other.span, self.part_words(other))
        })
    }

    /// Whether a base column is published as an identifier.
    pub(super) fn is_published_identifier(&self, id: SourceId) -> bool {
        let identifiers = self.known.identifiers.get_or_init(|| {
            let identities = self.published().flat_map(|(_, value)| &value.identities);
            identities.map(|identity| identity.source).collect()
        });
        identifiers.contains(&id)
    }

    /// Returns the registry entry that a base column lacks, as TOML to complete.
    pub(super) fn stub(&self, id: SourceId) -> String {
        let source = self.facts.sources.get(id);
        if source.is_records() {
            return format!(
                "[[table]]\nname = \"{}\"\nunit_column = \"\" # the column that names the person\ndata_reviews = [\"https://bugzilla.mozilla.org/show_bug.cgi?id=\"]",
                source.table.short()
            );
        }
        let otherwise = self.known.otherwise.get_or_init(|| {
            let uses = self.evidence.uses.iter();
            let uses = uses.filter(|used| used.part != Part::Metric);
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
    pub(super) fn made_at(self, span: Span, message: impl Into<String>) -> Self {
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
            None => self.labels.push(Label {
                span,
                message,
                elsewhere: None,
            }),
        }
        self
    }
}
