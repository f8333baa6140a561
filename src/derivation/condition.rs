//! The conditions that choose among rows, and which of them matter.

use super::{Deriver, Origins};
use crate::plan::{Expr, ExprKind};
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
    origins: Origins,
}

impl Deriver<'_> {
    /// The conditions of a predicate that matter.
    pub(super) fn conditions(&mut self, predicate: &Expr) -> Vec<Condition> {
        let mut found = Vec::new();
        self.conjuncts(predicate, true, &mut found);
        found
    }

    /// The conditions of a predicate that matter only in a list.
    pub(super) fn other_conditions(&mut self, predicate: &Expr) -> Vec<String> {
        let parts = crate::facts::conjuncts(predicate).into_iter();
        let parts: Vec<&Expr> = parts.filter(|part| !self.is_of_a_day(part)).collect();
        let made = parts.into_iter().map(|part| self.truth(part, true));
        made.map(super::text::short).collect()
    }

    /// Whether a condition is of days, or of nothing at all.
    fn is_of_a_day(&self, part: &Expr) -> bool {
        let mut days = true;
        part.walk(&mut |part| {
            if let ExprKind::Column(id) = &part.kind {
                days &= self.facts.column(*id).resolution.is_some();
            }
        });
        days
    }

    /// A condition that says which rows belong together.
    pub(super) fn joined(made: String) -> Condition {
        Condition {
            made,
            kind: ConditionKind::Joined,
        }
    }

    fn conjuncts(&mut self, part: &Expr, positive: bool, found: &mut Vec<Condition>) {
        match &part.kind {
            ExprKind::And(parts) if positive => {
                parts
                    .iter()
                    .for_each(|part| self.conjuncts(part, true, found));
            }
            ExprKind::Or(parts) if !positive => {
                parts
                    .iter()
                    .for_each(|part| self.conjuncts(part, false, found));
            }
            ExprKind::Not(inner) => self.conjuncts(inner, !positive, found),
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
        // That a person is named at all tells nothing of them.
        if let (ExprKind::IsNull(value), false) = (&part.kind, positive)
            && let Some(column) = value.as_column()
            && !self.facts.column(column).identities.is_empty()
        {
            return;
        }
        if !about.delicate && !about.measured && about.origins != Origins::Several {
            return;
        }
        let made = super::text::short(self.truth(part, positive));
        let kind = if about.delicate {
            ConditionKind::Sensitive
        } else if !about.measured {
            ConditionKind::Joined
        } else if self.published.tells(part) || super::text::asks_for_more(&made) {
            ConditionKind::Measured
        } else {
            ConditionKind::Sensitive
        };
        found.push(Condition { made, kind });
    }

    fn about(&self, part: &Expr) -> About {
        let mut about = About::default();
        part.walk(&mut |part| match &part.kind {
            ExprKind::Column(id) => {
                about.delicate |= self.is_delicate(*id);
                if let Some(known) = self.known(*id) {
                    about.measured |= known.measured;
                    about.origins = about.origins.join(known.origins);
                }
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

/// `value != member`.
fn not_equal(value: &Expr, member: &Expr) -> Expr {
    let kind = ExprKind::Compare(
        crate::plan::Comparison::NotEq,
        Box::new(value.clone()),
        Box::new(member.clone()),
    );
    Expr::new(kind, member.span)
}
