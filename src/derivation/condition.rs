//! The conditions that select rows, and whether they matter.

use super::{Deriver, Origins};
use crate::budget;
use crate::facts::constant_number;
use crate::plan::{Comparison, Expr, ExprKind};
use crate::policy::category_of;

/// A condition that rows had to meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The canonical text of the condition, see [`super`].
    pub made: String,
    /// The subject of the condition.
    pub kind: ConditionKind,
}

/// The subject of a condition, which decides how it may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// It concerns sensitive data: any other condition in its place discloses other
    /// people.
    ///
    /// This includes identifiers, columns of category 3 or 4, sensitive columns,
    /// measured values that are not published, and whatever is not understood.
    Sensitive,
    /// It concerns a published count or measured value, or is a lower bound on many
    /// people. It only excludes rows: one more such condition discloses less.
    Measured,
    /// It defines which rows of several tables belong together, or the value of an
    /// option.
    Joined,
}

impl ConditionKind {
    /// All kinds, with their words in the publishing record.
    pub const ALL: [(&'static str, Self); 3] = [
        ("sensitive", Self::Sensitive),
        ("measured", Self::Measured),
        ("joined", Self::Joined),
    ];

    /// Returns the word of the publishing record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Measured => "measured",
            Self::Joined => "joined",
        }
    }
}

/// What a part of a conjunction reads.
#[derive(Debug, Clone, Copy, Default)]
struct About {
    measured: bool,
    sensitive: bool,
    /// Whether it reads any column.
    read: bool,
    /// Whether the same row may meet it in one run and not in another.
    volatile: bool,
    origins: Origins,
}

/// Largest number of columns that are followed to the condition that defines them.
const DEFINED: usize = 16;

impl Deriver<'_> {
    /// Returns the conditions of a predicate that always matter.
    pub(super) fn conditions(&mut self, predicate: &Expr) -> Vec<Condition> {
        let mut found = Vec::new();
        self.conjuncts(predicate, true, 0, &mut found);
        found
    }

    /// Returns the texts of the conditions that matter only if the rows are a list.
    pub(super) fn other_conditions(&mut self, predicate: &Expr) -> Vec<String> {
        let mut made = Vec::new();
        for part in crate::facts::conjuncts(predicate) {
            // Those that always matter are recorded already.
            if !self.reads_only_days(part) && self.conditions(part).is_empty() {
                made.push(super::text::short(self.exact_truth(part, true)));
            }
        }
        made
    }

    /// Creates a condition that defines which rows belong together.
    pub(super) fn joined(made: String) -> Condition {
        Condition {
            made,
            kind: ConditionKind::Joined,
        }
    }

    fn conjuncts(&mut self, part: &Expr, positive: bool, depth: usize, found: &mut Vec<Condition>) {
        // A column may be defined by other columns several times: each step has a
        // cost.
        budget::spend(1);
        // A column with a truth value is replaced by the condition that defines it.
        if let Some(id) = part.as_column()
            && depth < DEFINED
            && let Some(value) = self.definitions.truth(id)
        {
            return self.conjuncts(value, positive, depth + 1, found);
        }
        match &part.kind {
            ExprKind::And(parts) if positive => {
                for part in parts {
                    self.conjuncts(part, true, depth, found);
                }
            }
            ExprKind::Or(parts) if !positive => {
                for part in parts {
                    self.conjuncts(part, false, depth, found);
                }
            }
            ExprKind::Not(inner) => self.conjuncts(inner, !positive, depth, found),
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } if !positive => {
                for member in list {
                    self.one(&not_equal(value, member), true, found);
                }
            }
            _ => self.one(part, positive, found),
        }
    }

    fn one(&mut self, part: &Expr, positive: bool, found: &mut Vec<Condition>) {
        if part.kind == ExprKind::Literal(crate::plan::Literal::Bool(positive)) {
            return;
        }
        let about = self.about(part);
        if !about.read && holds(part) == Some(positive) {
            return;
        }
        // That an identifier is not NULL discloses nothing about the person, as long
        // as only the person's own row decides it.
        if let (ExprKind::IsNull(value), false) = (&part.kind, positive)
            && let Some(column) = value.as_column()
            && self.known(column).is_some_and(|known| known.plain)
            && !self.facts.column(column).identities.is_empty()
        {
            return;
        }
        let by_the_row = about.read && !about.volatile;
        if !about.sensitive && !about.measured && about.origins != Origins::Several && by_the_row {
            return;
        }
        let made = super::text::short(self.truth(part, positive));
        let kind = if about.sensitive {
            ConditionKind::Sensitive
        } else if !about.measured {
            ConditionKind::Joined
        } else if self.published.determines(part) || self.is_raisable_bound(part, positive) {
            ConditionKind::Measured
        } else {
            ConditionKind::Sensitive
        };
        found.push(Condition { made, kind });
    }

    /// Whether a condition is a lower bound on rows or people that may be raised.
    fn is_raisable_bound(&self, part: &Expr, positive: bool) -> bool {
        let ExprKind::Compare(sign, left, right) = &part.kind else {
            return false;
        };
        let sign = if positive {
            Some(*sign)
        } else {
            sign.negated()
        };
        sign.is_some_and(|sign| self.reached(sign, left, right).is_some())
    }

    fn about(&self, part: &Expr) -> About {
        let mut about = About::default();
        part.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => {
                about.read = true;
                about.sensitive |= self.is_sensitive_column(*id);
                if let Some(known) = self.known(*id) {
                    about.measured |= known.measured;
                    about.origins = about.origins.join(known.origins);
                }
            }
            ExprKind::Call { name, info, .. } if info.is_some() => {
                about.volatile |= super::function::is_volatile(name);
            }
            ExprKind::Subquery(_)
            | ExprKind::Unknown(_)
            | ExprKind::Either(_)
            | ExprKind::Call { info: None, .. } => about.sensitive = true,
            ExprKind::Literal(crate::plan::Literal::String(text)) => {
                about.sensitive |= crate::source::template::is_placeholder(text);
            }
            _ => {}
        });
        about
    }

    /// Whether an expression reads sensitive data.
    ///
    /// That is a column that is sensitive, of category 3 or 4, or not known.
    pub(super) fn reads_sensitive(&self, expr: &Expr) -> bool {
        self.about(expr).sensitive
    }

    fn is_sensitive_column(&self, id: crate::plan::ColId) -> bool {
        let facts = self.facts.column(id);
        let all = || {
            let conditions = facts.conditions.iter();
            facts
                .sources
                .iter()
                .map(|(id, flow)| (self.facts.sources.get(*id), *flow))
                .chain(
                    conditions.map(|id| (self.facts.sources.get(*id), crate::facts::Flow::Direct)),
                )
        };
        // A count of identifiers identifies nobody, but a selected identifier does.
        let identifier = |(source, flow): (&crate::facts::Source<'_>, crate::facts::Flow)| {
            let picked = flow != crate::facts::Flow::Aggregated || facts.single.is_some();
            picked && source.personal && source.is_identifier()
        };
        facts.unknown
            || all().any(identifier)
            || facts.rest.is_some()
            || !facts.opaque.is_empty()
            || category_of(all()).is_none_or(|category| category >= 3)
            || all().any(|(source, _)| source.entries().any(|entry| entry.sensitive.is_some()))
    }
}

/// Returns the truth of a comparison of two constant numbers.
fn holds(part: &Expr) -> Option<bool> {
    let ExprKind::Compare(sign, left, right) = &part.kind else {
        return None;
    };
    let (left, right) = (constant_number(left)?, constant_number(right)?);
    let order = left.partial_cmp(&right)?;
    Some(match sign {
        Comparison::Eq | Comparison::Same => order.is_eq(),
        Comparison::NotEq => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::LtEq => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::GtEq => order.is_ge(),
    })
}

/// Creates the expression `value != member`.
fn not_equal(value: &Expr, member: &Expr) -> Expr {
    let kind = ExprKind::Compare(
        crate::plan::Comparison::NotEq,
        Box::new(value.clone()),
        Box::new(member.clone()),
    );
    Expr::new(kind, member.span)
}
