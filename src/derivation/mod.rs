//! How a dataset is made of base columns, in words that two texts share when they
//! say the same: no alias, no white space, no order that does not matter.
//!
//! What was approved is held against these words (`record`), so they say all that
//! a change may disclose more by: each column's aggregate with its parameters and
//! conditions, the keys as expressions, the rows that are read, the conditions that
//! choose among people. What nobody can see into stands there by its own text.
//! Two ways to write one thing that become two texts are a false alarm; two things
//! that become one text are a hole, which is worse.

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

use deciding::Deciding;
use defined::Definitions;
use published::Published;
use reading::Marks;
use relation::Rows;

/// The name of a dataset's own text among those that are compared.
pub const OWN_TEXT: &str = "its text";
/// Before the name of a table or function, the name of the texts that make it.
pub const MADE_BY: &str = "what makes ";

/// How a dataset is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Derivation {
    /// Each published column, in order: one text for each way that a union makes it.
    pub columns: Vec<Vec<String>>,
    /// The rows.
    pub rows: RowDerivation,
}

/// How the rows of a dataset are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowDerivation {
    /// What tells rows apart, as expressions, one text for each way that a union makes
    /// a key; `None` if that is not known.
    pub grain: Option<Vec<Vec<String>>>,
    /// The rows that are read, one text for each arm of a union.
    pub populations: Vec<String>,
    /// The tables with people in them, or of which that is not known.
    pub tables: BTreeSet<String>,
    /// The conditions that matter: those on sensitive columns and those that keep
    /// rows back.
    pub conditions: Vec<Condition>,
    /// The most rows that LIMIT lets out.
    pub limit: Option<u64>,
    /// The unions and constant rows that it is made of: which values stand together.
    pub unions: BTreeSet<Arms>,
    /// Whether its table keeps the rows of earlier runs.
    pub kept: bool,
    /// Functions without a visible body, by name.
    pub opaque: BTreeSet<String>,
    /// Fingerprints of the texts that were not understood and that it is made of,
    /// by what they are.
    pub texts: BTreeMap<String, String>,
}

/// Where the words for a part that was not understood are found.
pub trait Spelling {
    /// The text as its author wrote it at a place of the plan, its white space made
    /// one blank each; `None` if the place is in no text.
    fn written(&self, span: Span) -> Option<String>;

    /// The words of a statement before the query that it is made of.
    fn head(&self, span: Span) -> Option<String>;

    /// The words of a call whose name stands at a place, but for the queries in it; `None`
    /// if nothing is called there.
    fn called(&self, span: Span) -> Option<String>;

    /// The words of the first TABLESAMPLE from a place on.
    fn sample(&self, span: Span) -> Option<String>;

    /// The project of tables whose name says none.
    fn project(&self) -> Option<&str>;
}

impl Derivation {
    /// Derives the published columns, keys, rows and conditions of a plan.
    pub fn new(plan: &Plan, facts: &Facts<'_>, root: RelId, spelling: &dyn Spelling) -> Self {
        let readings = reading::readings(plan, root);
        let derive = |marks: &Marks| {
            let Tops {
                arms: tops,
                outer,
                unions: top_unions,
            } = tops(plan, root);
            let mut deriver = Deriver {
                plan,
                facts,
                spelling,
                tops: tops.iter().map(|top| top.grouping).collect(),
                published: Published::of(plan, root),
                live: LiveColumns::from_root(plan, Some(root)),
                definitions: Definitions::of(plan),
                deciding: Deciding::of(plan),
                nested: elements::nested(plan, root),
                lambdas: 0,
                outer,
                top_unions,
                marks: marks.clone(),
                columns: vec![Known::default(); plan.column_count()],
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
        let marks = reading::numbered(plan, &readings, |marks| derive(marks).in_any_order());
        derive(&marks)
    }

    /// All of it, whatever the order of its columns and keys.
    fn in_any_order(&self) -> String {
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

/// Where the grouping stands that makes the published rows of one arm.
#[derive(Debug, Clone)]
struct Top {
    /// The relation whose rows come out of the arm.
    arm: RelId,
    /// The columns of it that are published, in their order.
    columns: Vec<Option<ColId>>,
    /// The outermost grouping of it, else the arm itself.
    grouping: RelId,
}

/// What stands over the groupings whose rows are published.
struct Tops {
    /// The arms of the outermost union with the outermost grouping of each.
    arms: Vec<Top>,
    /// The relations that stand over these.
    outer: BTreeSet<RelId>,
    /// The unions among them.
    unions: BTreeSet<RelId>,
}

fn tops(plan: &Plan, root: RelId) -> Tops {
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
        // An arm is walked through as often as unions lead to it.
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
            // What stands over a union chooses among the rows of all its arms.
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
            Operator::Aggregate(_) => found.push(Top {
                arm,
                columns,
                grouping: id,
            }),
            _ => found.push(Top {
                arm,
                columns,
                grouping: arm,
            }),
        }
    }
    Tops {
        arms: found,
        outer,
        unions,
    }
}

/// Whether nothing but names, order and LIMIT stands between two relations.
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

/// What is known of a column.
#[derive(Debug, Clone, Default)]
struct Known {
    /// One text for each way that a union makes it; empty if nothing is known. Each
    /// number in it is told as it is.
    ways: Vec<String>,
    /// The same where it is published, if a number in it may be a greater one then.
    shown: Vec<String>,
    /// The constant that stands there where a group is too small, if a number in it may be a
    /// greater one.
    hidden: Option<String>,
    /// Whether it is counted or measured over rows.
    measured: bool,
    /// Whether it is a plain count of the rows or people of a group: more of it means
    /// that only larger groups are published.
    counted: bool,
    /// Whether it is a base column as it is, in a row that its table has.
    plain: bool,
    /// The tables' readings that it is made of.
    origins: Origins,
}

/// Which readings of tables a value is made of, as far as that matters.
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
    spelling: &'a dyn Spelling,
    /// The outermost groupings: their keys are the grain, and their rows are told
    /// once, so neither is repeated in each of their columns.
    tops: BTreeSet<RelId>,
    /// The columns that are published, and what is computed of them.
    published: Published<'a>,
    /// The columns that are read.
    live: LiveColumns,
    /// What columns are computed of.
    definitions: Definitions<'a>,
    /// The columns that decide about anything.
    deciding: Deciding,
    /// Arrays whose elements stand beside those of a row around.
    nested: elements::Nested,
    /// Lambdas around what is told.
    lambdas: usize,
    /// The numbers of readings of one table in one row.
    marks: Marks,
    /// What stands over these: a LIMIT there is told by its number.
    outer: BTreeSet<RelId>,
    /// The unions whose arms are published.
    top_unions: BTreeSet<RelId>,
    columns: Vec<Known>,
    rows: Vec<Rows>,
    opaque: BTreeSet<String>,
    unions: BTreeSet<Arms>,
}

impl Deriver<'_> {
    fn known(&self, id: ColId) -> Option<&Known> {
        self.columns.get(id.0 as usize)
    }

    fn set(&mut self, id: ColId, known: Known) {
        let bounded = |ways: Vec<String>| {
            let ways: Vec<String> = ways.into_iter().map(text::short).collect();
            if ways.len() > text::PARTS {
                return vec![text::short(format!("either({})", ways.join(", ")))];
            }
            ways
        };
        let (ways, shown) = (bounded(known.ways), bounded(known.shown));
        if let Some(place) = self.columns.get_mut(id.0 as usize) {
            *place = Known {
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

    /// How a column is made, as a part of something else.
    fn column(&self, id: ColId) -> String {
        match self.known(id).map(|known| known.ways.as_slice()) {
            None | Some([]) => format!("unknown({})", self.plan.column(id).name.to_lowercase()),
            Some([one]) => one.clone(),
            Some(several) => format!("either({})", several.join(", ")),
        }
    }

    /// The ways in which a published column is made.
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

    fn derivation(mut self, root: RelId, tops: &[Top]) -> Derivation {
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
                // Which arm a condition stands in matters.
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
        self.published_arms(&arms);
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

    /// Whether LIMIT stands in an arm, over its grouping.
    fn is_limited(&self, top: &Top) -> bool {
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

/// The relation whose rows one puts out that stands above a grouping.
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
