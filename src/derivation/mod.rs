//! The canonical text of how a dataset derives from base columns.
//!
//! Two queries with the same meaning have the same texts: aliases, white space and
//! irrelevant order are removed.
//!
//! The publishing record compares these texts with the approved ones (`record`).
//! Hence they contain everything by which a change may disclose more: the aggregate
//! of each column with its parameters and conditions, the keys as expressions, the
//! rows that are read, and the conditions that select people. A part that cannot be
//! analysed is represented by its source text. If two spellings of one meaning have
//! different texts, that is a false alarm; if two meanings have the same text, that
//! is a leak, which is worse.

mod aggregate;
mod arms;
mod condition;
mod day;
mod deciding;
mod defined;
mod elements;
mod expression;
mod fold;
mod function;
mod join;
mod limit;
mod published;
mod reading;
mod relation;
mod set_operation;
mod text;
mod truth;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use crate::budget;
use crate::facts::Facts;
use crate::plan::{ColId, LiveColumns, Operator, Plan, RelId, SetOperator};
use crate::source::Span;

pub use arms::Arms;
pub use condition::{Condition, ConditionKind};
pub use function::function_of;
pub use text::{at_least, covers};

use deciding::DecidingColumns;
use defined::Definitions;
use published::PublishedValues;
use reading::ReadingNumbers;
use relation::Rows;

/// Name of the dataset's own source text in [`RowDerivation::texts`].
pub const OWN_TEXT: &str = "its text";
/// Prefix of the names of the source texts that create a table or function.
pub const MADE_BY: &str = "what makes ";

/// How the columns and rows of a dataset derive from base columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Derivation {
    /// The published columns, in order: one text for each alternative of a union.
    pub columns: Vec<Vec<String>>,
    /// The rows.
    pub rows: RowDerivation,
}

/// How the rows of a dataset derive from tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowDerivation {
    /// The grain as expressions; `None` if it is not known.
    ///
    /// Each key has one text for each alternative of a union.
    pub grain: Option<Vec<Vec<String>>>,
    /// The rows that are read: one text for each arm of a union.
    pub populations: Vec<String>,
    /// The tables that contain people, or may contain them.
    pub tables: BTreeSet<String>,
    /// The conditions that matter: on sensitive columns, thresholds, and those of
    /// joins.
    pub conditions: Vec<Condition>,
    /// Largest number of rows that LIMIT returns.
    pub limit: Option<u64>,
    /// The unions and constant rows, which define the values that occur together.
    pub unions: BTreeSet<Arms>,
    /// Whether the table of the dataset keeps the rows of earlier runs.
    pub kept: bool,
    /// Names of functions without a visible body.
    pub opaque: BTreeSet<String>,
    /// Fingerprints of the source texts that were not understood, by the name of
    /// their part.
    pub texts: BTreeMap<String, String>,
}

/// Access to the source texts of parts that were not understood.
pub trait SourceTexts {
    /// Returns the source text at a place of the plan, with white space normalized.
    ///
    /// `None` if the place is in no text.
    fn written(&self, span: Span) -> Option<String>;

    /// Returns the words of a statement before the query that it contains.
    fn head(&self, span: Span) -> Option<String>;

    /// Returns the words of the call whose name is at a place, without its
    /// subqueries.
    ///
    /// `None` if there is no call.
    fn called(&self, span: Span) -> Option<String>;

    /// Returns the words of the first TABLESAMPLE at or after a place.
    fn sample(&self, span: Span) -> Option<String>;

    /// Returns the project of tables whose name has no project.
    fn project(&self) -> Option<&str>;
}

impl Derivation {
    /// Derives the published columns, keys, rows and conditions of a plan.
    pub fn new(plan: &Plan, facts: &Facts<'_>, root: RelId, spelling: &dyn SourceTexts) -> Self {
        let readings = reading::readings(plan, root);
        let derive = |marks: &ReadingNumbers| {
            let PublishedArms {
                arms: tops,
                outer,
                unions: top_unions,
            } = tops(plan, root);
            let mut deriver = Deriver {
                plan,
                facts,
                spelling,
                tops: tops.iter().map(|top| top.grouping).collect(),
                published: PublishedValues::of(plan, root),
                live: LiveColumns::from_root(plan, Some(root)),
                definitions: Definitions::of(plan),
                deciding: DecidingColumns::of(plan),
                nested: elements::nested(plan, root),
                lambdas: 0,
                outer,
                top_unions,
                marks: marks.clone(),
                columns: vec![ColumnText::default(); plan.column_count()],
                rows: vec![Rows::default(); plan.relation_count()],
                opaque: BTreeSet::new(),
                unions: BTreeSet::new(),
            };
            for (id, _) in plan.relations() {
                budget::spend(2);
                deriver.relation(id);
            }
            deriver.derivation(root, &tops)
        };
        let marks = reading::numbered(plan, &readings, |marks| derive(marks).format_unordered());
        derive(&marks)
    }

    /// Returns all texts, independent of the order of columns and keys.
    fn format_unordered(&self) -> String {
        let mut columns = self.columns.clone();
        columns.sort();
        let rows = &self.rows;
        let mut grain = rows.grain.clone();
        grain.iter_mut().for_each(|keys| keys.sort());
        format!(
            "{:?} {:?} {:?} {grain:?} {columns:?}",
            rows.populations, rows.unions, rows.conditions
        )
    }
}

/// One arm of the published rows, with its outermost grouping.
#[derive(Debug, Clone)]
struct PublishedArm {
    /// The relation that returns the rows of the arm.
    arm: RelId,
    /// Its columns that are published, in order; `None` is a constant NULL.
    columns: Vec<Option<ColId>>,
    /// The outermost grouping of the arm, or the arm itself if it has none.
    grouping: RelId,
}

/// The groupings whose rows are published, and the relations above them.
struct PublishedArms {
    /// The arms of the outermost unions, each with its outermost grouping.
    arms: Vec<PublishedArm>,
    /// The relations above these groupings.
    outer: BTreeSet<RelId>,
    /// The unions among these relations.
    unions: BTreeSet<RelId>,
}

fn tops(plan: &Plan, root: RelId) -> PublishedArms {
    let mut found = Vec::new();
    let mut unions = BTreeSet::new();
    let mut outer = BTreeSet::new();
    let published: Vec<_> = plan
        .relation(root)
        .columns
        .iter()
        .map(|id| Some(*id))
        .collect();
    let mut open = vec![(root, root, published)];
    while let Some((arm, id, columns)) = open.pop() {
        // An arm is visited as often as unions lead to it.
        budget::spend(8 + columns.len() / 2);
        if arm == root {
            outer.insert(id);
        }
        let relation = plan.relation(id);
        match &relation.operator {
            Operator::Filter { input, .. }
            | Operator::Project { input, .. }
            | Operator::Window { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. }
            | Operator::Reader { of: input, .. } => open.push((arm, *input, columns)),
            // Anything above a union but names, order and LIMIT selects among the
            // rows of all its arms, so that the arms are not separated.
            Operator::SetOperation {
                operator: SetOperator::Union,
                inputs,
            } if arm == id || plain(plan, arm, id) => {
                unions.insert(id);
                let columns = arms::below(plan, &columns, arm, id);
                for (input, feeds) in inputs {
                    let feed = |id: &Option<ColId>| {
                        let at = relation.columns.iter().position(|own| Some(*own) == *id)?;
                        feeds.get(at).copied().flatten()
                    };
                    open.push((*input, *input, columns.iter().map(feed).collect()));
                }
            }
            Operator::Aggregate(_) => found.push(PublishedArm {
                arm,
                columns,
                grouping: id,
            }),
            _ => found.push(PublishedArm {
                arm,
                columns,
                grouping: arm,
            }),
        }
    }
    PublishedArms {
        arms: found,
        outer,
        unions,
    }
}

/// Whether only renaming, order and LIMIT are between two relations.
fn plain(plan: &Plan, from: RelId, to: RelId) -> bool {
    let mut at = from;
    while at != to {
        at = match &plan.relation(at).operator {
            Operator::Sort { input, .. }
            | Operator::Limit { input, .. }
            | Operator::Reader { of: input, .. } => *input,
            Operator::Project { input, columns }
                if columns.iter().all(|(_, value)| value.as_column().is_some()) =>
            {
                *input
            }
            _ => return false,
        };
    }
    true
}

/// What is known about a column.
#[derive(Debug, Clone, Default)]
struct ColumnText {
    /// One text for each alternative of a union, with exact numbers; empty if
    /// nothing is known.
    ways: Vec<String>,
    /// The same for a published column with lower bounds that may be raised; else
    /// empty.
    shown: Vec<String>,
    /// The constant that replaces the value of a group that is too small.
    ///
    /// `None` if there is none, or if its bound may not be raised.
    hidden: Option<String>,
    /// Whether it is aggregated over rows.
    measured: bool,
    /// Whether it is a plain count of the rows or people of a group.
    ///
    /// A higher bound on it only removes smaller groups.
    counted: bool,
    /// Whether it is an unchanged base column, in a row that its table contains.
    plain: bool,
    /// The readings of tables from which it derives.
    origins: Origins,
}

/// The readings of tables from which a value derives, as far as they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Origins {
    #[default]
    None,
    One(RelId),
    Several,
}

impl Origins {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, only) | (only, Self::None) => only,
            (one, other) if one == other => one,
            _ => Self::Several,
        }
    }
}

struct Deriver<'a> {
    plan: &'a Plan,
    facts: &'a Facts<'a>,
    spelling: &'a dyn SourceTexts,
    /// The outermost groupings. Their keys are the grain, and their rows are listed
    /// once, so their columns repeat neither.
    tops: BTreeSet<RelId>,
    /// The published columns, and the expressions of other columns.
    published: PublishedValues<'a>,
    /// The columns that are read.
    live: LiveColumns,
    /// The conditions that columns are computed from.
    definitions: Definitions<'a>,
    /// The columns that decide about rows or values.
    deciding: DecidingColumns,
    /// UNNESTs in subqueries of rows that contain elements.
    nested: elements::OuterElements,
    /// Depth of the lambdas around the current expression.
    lambdas: usize,
    /// The numbers of several readings of one table in one row.
    marks: ReadingNumbers,
    /// The relations above the outermost groupings: a LIMIT among them is recorded
    /// as a number.
    outer: BTreeSet<RelId>,
    /// The unions whose arms are published.
    top_unions: BTreeSet<RelId>,
    columns: Vec<ColumnText>,
    rows: Vec<Rows>,
    opaque: BTreeSet<String>,
    unions: BTreeSet<Arms>,
}

impl Deriver<'_> {
    fn known(&self, id: ColId) -> Option<&ColumnText> {
        self.columns.get(id.0 as usize)
    }

    fn set(&mut self, id: ColId, known: ColumnText) {
        let bounded = |ways: Vec<String>| {
            let ways: Vec<String> = ways.into_iter().map(text::short).collect();
            if ways.len() > text::PARTS {
                return vec![text::short(format!("either({})", ways.join(", ")))];
            }
            ways
        };
        let (ways, shown) = (bounded(known.ways), bounded(known.shown));
        if let Some(place) = self.columns.get_mut(id.0 as usize) {
            *place = ColumnText {
                ways,
                shown,
                ..known
            };
        }
    }

    fn copy(&mut self, to: ColId, from: ColId) {
        if let Some(known) = self.known(from).cloned() {
            self.set(to, known);
        }
    }

    /// Returns the text of a column as a part of another text.
    fn column(&self, id: ColId) -> String {
        match self.known(id).map(|known| known.ways.as_slice()) {
            None | Some([]) => format!("unknown({})", self.plan.column(id).name.to_lowercase()),
            Some([one]) => one.clone(),
            Some(several) => format!("either({})", several.join(", ")),
        }
    }

    /// Returns the texts of a published column.
    fn ways(&self, id: ColId) -> Vec<String> {
        match self.known(id) {
            Some(known) if !known.shown.is_empty() => known.shown.clone(),
            Some(known) if !known.ways.is_empty() => known.ways.clone(),
            _ => vec![self.column(id)],
        }
    }

    fn rows(&self, id: RelId) -> &Rows {
        &self.rows[id.0 as usize]
    }

    fn derivation(mut self, root: RelId, tops: &[PublishedArm]) -> Derivation {
        let mut populations = BTreeSet::new();
        let (limit, first) = self.first_rows(root);
        let mut conditions: BTreeSet<Condition> = first.into_iter().collect();
        let mut arms = Vec::new();
        for top in tops {
            let source = match &self.plan.relation(top.grouping).operator {
                Operator::Aggregate(aggregate) => aggregate.input,
                _ => top.arm,
            };
            let rows = self.rows(source);
            if let [_] = tops {
                populations.insert(rows.source());
                conditions.extend(rows.conditions.iter().cloned());
                conditions.extend(self.rows(root).conditions.iter().cloned());
            } else {
                // It matters in which arm a condition is.
                let above = self.rows(top.arm).conditions.iter();
                let mut arm = rows.clone();
                if self.is_limited(top) {
                    arm = self.rows(top.arm).clone();
                } else if source != top.arm {
                    arm.conditions.extend(above.cloned());
                }
                populations.insert(arm.text());
                arms.push((top.clone(), arm.text()));
                conditions.extend(self.rows(root).conditions.iter().cloned());
            }
        }
        self.record_published_arms(&arms);
        let below = self.plan.below(root);
        let registry = self.facts.sources.registry();
        let tables = below.iter().filter_map(|id| {
            let Operator::Scan(table) = &self.plan.relation(*id).operator else {
                return None;
            };
            let entry = registry.table(&table.name);
            let personal = entry.is_none_or(|entry| entry.personal != Some(false));
            personal.then(|| self.table(&table.name, self.plan.relation(*id).origin.span))
        });
        let grain = self.facts.relation(root).keys.as_ref().map(|keys| {
            let all: BTreeSet<Vec<String>> = keys.iter().map(|key| self.ways(key.column)).collect();
            all.into_iter().collect()
        });
        let published = &self.plan.relation(root).columns;
        Derivation {
            columns: published.iter().map(|id| self.ways(*id)).collect(),
            rows: RowDerivation {
                grain,
                populations: populations.into_iter().collect(),
                tables: tables.collect(),
                conditions: conditions.into_iter().collect(),
                limit,
                unions: self.unions,
                kept: false,
                opaque: self.opaque,
                texts: BTreeMap::new(),
            },
        }
    }

    /// Whether a LIMIT is in an arm, above its grouping.
    fn is_limited(&self, top: &PublishedArm) -> bool {
        let mut at = Some(top.arm);
        while let Some(id) = at.filter(|id| *id != top.grouping) {
            let operator = &self.plan.relation(id).operator;
            if matches!(operator, Operator::Limit { .. }) {
                return true;
            }
            at = above(operator);
        }
        false
    }
}

/// Returns the input of a relation that may be above a grouping.
fn above(operator: &Operator) -> Option<RelId> {
    match operator {
        Operator::Limit { input, .. }
        | Operator::Project { input, .. }
        | Operator::Sort { input, .. }
        | Operator::Window { input, .. }
        | Operator::Filter { input, .. }
        | Operator::Reader { of: input, .. } => Some(*input),
        _ => None,
    }
}
