//! The conditions that choose among rows, and which of them matter.

use super::{Deriver, Origins};
use crate::budget;
use crate::facts::constant_number;
use crate::plan::{Comparison, Expr, ExprKind};
use crate::policy::category_of;

/// A condition that rows had to meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// In the words of [`super`].
    pub made: String,
    /// What it is about.
    pub kind: ConditionKind,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// An identifier, a column of category 3 or 4, a sensitive one, what is measured and
    /// not published, or what is not understood: any other condition in its place tells
    /// of other people.
    Sensitive,
    /// A count or a measured value that is published itself, or that many people have to
    /// be counted. It keeps rows back: one more tells less.
    Measured,
    /// Which rows of several tables belong together, or which option holds.
    Joined,
}

impl ConditionKind {
    /// All, with the words that the publishing record uses.
    pub const ALL: [(&'static str, Self); 3] = [
        ("sensitive", Self::Sensitive),
        ("measured", Self::Measured),
        ("joined", Self::Joined),
    ];

    /// The word that the publishing record uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Measured => "measured",
            Self::Joined => "joined",
        }
    }
}

/// A part of a conjunction, and what it is about.
#[derive(Debug, Clone, Copy, Default)]
struct About {
    measured: bool,
    delicate: bool,
    /// Whether it reads a column at all.
    read: bool,
    /// Whether the same row may meet it in one run and not in another.
    volatile: bool,
    origins: Origins,
}

/// Names of truth values that are followed.
const DEFINED: usize = 16;

impl Deriver<'_> {
    /// The conditions of a predicate that matter.
    pub(super) fn conditions(&mut self, predicate: &Expr) -> Vec<Condition> {
        let mut found = Vec::new();
        self.conjuncts(predicate, true, 0, &mut found);
        found
    }

    /// The conditions of a predicate that matter only in a list.
    pub(super) fn other_conditions(&mut self, predicate: &Expr) -> Vec<String> {
        let mut made = Vec::new();
        for part in crate::facts::conjuncts(predicate) {
            // Those that matter anywhere are told already.
            if !self.is_of_a_day(part) && self.conditions(part).is_empty() {
                made.push(super::text::short(self.exactly(part, true)));
            }
        }
        made
    }

    /// A condition that says which rows belong together.
    pub(super) fn joined(made: String) -> Condition {
        Condition {
            made,
            kind: ConditionKind::Joined,
        }
    }

    fn conjuncts(&mut self, part: &Expr, positive: bool, depth: usize, found: &mut Vec<Condition>) {
        // What one column is computed of may be another one, several times.
        budget::spend(1);
        // A column that is a truth value is what it is computed of.
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
        // That a person is named at all tells nothing of them, as long as nothing but
        // their own row says whether they are.
        if let (ExprKind::IsNull(value), false) = (&part.kind, positive)
            && let Some(column) = value.as_column()
            && self.known(column).is_some_and(|known| known.plain)
            && !self.facts.column(column).identities.is_empty()
        {
            return;
        }
        let by_the_row = about.read && !about.volatile;
        if !about.delicate && !about.measured && about.origins != Origins::Several && by_the_row {
            return;
        }
        let made = super::text::short(self.truth(part, positive));
        let kind = if about.delicate {
            ConditionKind::Sensitive
        } else if !about.measured {
            ConditionKind::Joined
        } else if self.published.tells(part) || self.asks_for_more(part, positive) {
            ConditionKind::Measured
        } else {
            ConditionKind::Sensitive
        };
        found.push(Condition { made, kind });
    }

    /// Whether a condition is that so many rows or people are counted in the row.
    fn asks_for_more(&self, part: &Expr, positive: bool) -> bool {
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
                about.delicate |= self.is_delicate(*id);
                if let Some(known) = self.known(*id) {
                    about.measured |= known.measured;
                    about.origins = about.origins.join(known.origins);
                }
            }
            ExprKind::Call { name, info, .. } if info.is_some() => {
                about.volatile |= super::function::is_changing(name);
            }
            ExprKind::Subquery(_)
            | ExprKind::Unknown(_)
            | ExprKind::Either(_)
            | ExprKind::Call { info: None, .. } => about.delicate = true,
            ExprKind::Literal(crate::plan::Literal::String(text)) => {
                about.delicate |= crate::source::template::is_placeholder(text);
            }
            _ => {}
        });
        about
    }

    /// Whether an expression reads a column that is sensitive, of category 3 or 4,
    /// or not known.
    pub(super) fn reads_delicate(&self, expr: &Expr) -> bool {
        self.about(expr).delicate
    }

    fn is_delicate(&self, id: crate::plan::ColId) -> bool {
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
        // A count of identifiers names nobody, but one that is picked does.
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

/// What a comparison of two numbers says.
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

/// `value != member`.
fn not_equal(value: &Expr, member: &Expr) -> Expr {
    let kind = ExprKind::Compare(
        crate::plan::Comparison::NotEq,
        Box::new(value.clone()),
        Box::new(member.clone()),
    );
    Expr::new(kind, member.span)
}
