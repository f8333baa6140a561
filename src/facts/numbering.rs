//! Value numbers: which expressions are the same value in every row, and which are
//! functions of which (Alpern, Wegman and Zadeck, "Detecting Equality of Variables
//! in Programs", POPL 1988).
//!
//! Keys, dependencies and conditions refer to numbers, so that they survive
//! renaming and hold for columns that are no longer output.

use std::collections::BTreeSet;
use std::fmt::Write;

use rustc_hash::{FxHashMap, FxHashSet};

use super::congruence::{is_exact, respects_equality};
use crate::plan::functions::{FunctionClass, ScalarClass};
use crate::plan::{ColId, Expr, ExprKind};

/// A value number; all copies of a value have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub(super) u32);

/// The id of the relation that made a column: a key of its rows determines all
/// columns that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Maker(u32);

/// The id of a condition on rows; conditions with the same text have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConditionId(u32);

/// All value numbers of a plan.
#[derive(Debug)]
pub(super) struct Numbering {
    next: u32,
    makers: u32,
    /// The number of which each column is a copy; its own if it is none.
    copies: Vec<Number>,
    made_of: FxHashMap<Number, Vec<Number>>,
    /// Values that are made from others that are no longer known.
    forgotten: FxHashSet<Number>,
    inverse: FxHashMap<Number, Number>,
    maker: Vec<Option<Maker>>,
    texts: FxHashMap<String, Number>,
    conditions: FxHashMap<String, ConditionId>,
    next_condition: u32,
    /// For each condition, those that do not hold if it holds.
    excluded: FxHashMap<ConditionId, Vec<ConditionId>>,
    /// Values that are whole numbers of at least 1 in every row, such as row
    /// numbers.
    ordinals: FxHashSet<Number>,
    /// Values that are identical if they are equal: no FLOAT64, no INTERVAL.
    exact: FxHashSet<Number>,
    /// Texts with a collation: equal ones need not be identical.
    collated: FxHashSet<Number>,
    /// How many outer joins so far may have made a value NULL; after each, a
    /// function of it is another value.
    extended: FxHashMap<Number, u32>,
}

/// The most values from which one is known to be made.
const MADE_FROM: usize = 256;

impl Numbering {
    /// Creates a numbering in which columns have their own ids; expressions get
    /// later numbers.
    pub(super) fn new(columns: usize) -> Self {
        let next = u32::try_from(columns).unwrap_or(u32::MAX);
        Self {
            next,
            makers: 0,
            copies: (0..next).map(Number).collect(),
            made_of: FxHashMap::default(),
            forgotten: FxHashSet::default(),
            inverse: FxHashMap::default(),
            maker: vec![None; columns],
            texts: FxHashMap::default(),
            conditions: FxHashMap::default(),
            next_condition: 0,
            excluded: FxHashMap::default(),
            ordinals: FxHashSet::default(),
            exact: FxHashSet::default(),
            collated: FxHashSet::default(),
            extended: FxHashMap::default(),
        }
    }

    /// Notes that a value is a whole number of at least 1 in every row.
    pub(super) fn mark_as_ordinal(&mut self, number: Number) {
        self.ordinals.insert(number);
    }

    /// Whether a value is a whole number of at least 1 in every row.
    pub(super) fn is_ordinal(&self, number: Number) -> bool {
        self.ordinals.contains(&number)
    }

    /// Notes that equal values of a column are identical.
    pub(super) fn mark_as_exact(&mut self, column: ColId) {
        let number = self.column(column);
        self.exact.insert(number);
    }

    /// Notes that equal values of a column need not be identical.
    pub(super) fn collate(&mut self, column: ColId) {
        let number = self.column(column);
        self.collated.insert(number);
    }

    /// Whether an expression may contain texts with a collation.
    pub(super) fn is_collated(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.walk(&mut |part| {
            found |= match &part.kind {
                ExprKind::Column(column) => self.collated.contains(&self.column(*column)),
                ExprKind::Call { name, .. } => name == "COLLATE",
                _ => false,
            };
        });
        found
    }

    /// The number of a column's value.
    pub(super) fn column(&self, column: ColId) -> Number {
        self.root(Number(column.0))
    }

    fn root(&self, number: Number) -> Number {
        let mut at = number;
        while let Some(next) = self.copies.get(at.0 as usize).filter(|next| **next != at) {
            at = *next;
        }
        at
    }

    /// Returns a number about which nothing is known.
    pub(super) fn fresh(&mut self) -> Number {
        let number = Number(self.next);
        self.next = self.next.saturating_add(1);
        number
    }

    /// Returns a new maker of columns.
    pub(super) fn add_maker(&mut self) -> Maker {
        self.makers = self.makers.saturating_add(1);
        Maker(self.makers)
    }

    /// Notes which relation made a value.
    pub(super) fn made_by(&mut self, number: Number, maker: Maker) {
        let at = number.0 as usize;
        if at >= self.maker.len() {
            self.maker.resize(at + 1, None);
        }
        self.maker[at] = Some(maker);
    }

    pub(super) fn maker_of(&self, number: Number) -> Option<Maker> {
        self.maker.get(number.0 as usize).copied().flatten()
    }

    /// The values of which a value is a function, none for a constant; `None` if
    /// these are unknown.
    pub(super) fn parts(&self, number: Number) -> Option<&[Number]> {
        self.made_of.get(&number).map(Vec::as_slice)
    }

    /// A value and all values from which it is known to be made; `None` if these
    /// are too many to visit, or not all are known any more.
    pub(super) fn made_from(&self, number: Number) -> Option<Vec<Number>> {
        let mut found = vec![number];
        let mut known = FxHashSet::from_iter([number]);
        let mut at = 0;
        while let Some(next) = found.get(at).copied() {
            for part in self.parts(next).unwrap_or_default() {
                if known.insert(*part) {
                    found.push(*part);
                }
            }
            if found.len() > MADE_FROM || self.forgotten.contains(&next) {
                return None;
            }
            at += 1;
        }
        Some(found)
    }

    /// Notes of which values a value is a function.
    pub(super) fn set_parts(&mut self, number: Number, parts: Vec<Number>) {
        // A value that is a part of itself could never be determined.
        if !parts.contains(&number) {
            self.made_of.insert(number, parts);
        }
    }

    /// Notes that a value is no longer a function of its parts: a join made it NULL
    /// in rows in which they need not be.
    pub(super) fn forget_parts(&mut self, number: Number) {
        if self.made_of.remove(&number).is_some() {
            self.forgotten.insert(number);
        }
    }

    /// Notes that a value is made from others about which nothing is known.
    pub(super) fn made_of_others(&mut self, number: Number) {
        self.forgotten.insert(number);
    }

    /// Whether a value is made from others that are no longer known.
    pub(super) fn has_forgotten(&self, number: Number) -> bool {
        self.forgotten.contains(&number)
    }

    /// The value that can be computed from this one, which is a one-to-one function
    /// of it.
    pub(super) fn inverse(&self, number: Number) -> Option<Number> {
        self.inverse.get(&number).copied()
    }

    /// Makes a column a copy of a value.
    pub(super) fn copy(&mut self, column: ColId, of: Number) {
        let (column, of) = (Number(column.0), self.root(of));
        if self.root(of) != column {
            self.copies[column.0 as usize] = of;
        }
    }

    /// Makes the columns of a join's side NULL in rows without a partner.
    ///
    /// A function of them is from now on another value than before. A column that
    /// is a copy of a value that the side did not make (a constant, or a value of
    /// the row around a subquery) is no longer a copy. `made` says whether the side
    /// made a column.
    pub(super) fn extend_with_null(
        &mut self,
        columns: &BTreeSet<ColId>,
        made: &mut dyn FnMut(ColId) -> bool,
    ) {
        let mut own = FxHashSet::default();
        for column in columns {
            let number = self.column(*column);
            if number != Number(column.0) && !self.is_made_of(number, made) {
                self.copies[column.0 as usize] = Number(column.0);
                continue;
            }
            own.insert(number);
        }
        for number in own {
            let times = self.extended.entry(number).or_default();
            *times = times.saturating_add(1);
        }
    }

    /// Whether a value is one of some columns, or is made only from these.
    fn is_made_of(&self, number: Number, made: &mut dyn FnMut(ColId) -> bool) -> bool {
        let is_column = |number: Number| (number.0 as usize) < self.copies.len();
        let mut is_own = |number: Number| made(ColId(number.0));
        if is_column(number) {
            return is_own(number);
        }
        let Some(parts) = self.made_from(number) else {
            return false;
        };
        let mut leaves = parts.into_iter().filter(|part| is_column(*part)).peekable();
        leaves.peek().is_some() && leaves.all(is_own)
    }

    /// The number of an expression; `None` if it may return different values for
    /// the same row (RAND, subqueries, expressions that are not understood).
    pub(super) fn expression(&mut self, expr: &Expr) -> Option<Number> {
        if let ExprKind::Column(column) = expr.kind {
            return Some(self.column(column));
        }
        let text = self.text(expr)?;
        if let Some(known) = self.texts.get(&text) {
            return Some(*known);
        }
        let parts = self.made_of(expr)?;
        let number = self.fresh();
        self.made_of.insert(number, parts);
        if let Some(inner) = injective_of(expr)
            && let Some(inner) = self.expression(inner)
        {
            self.inverse.insert(number, inner);
        }
        self.texts.insert(text, number);
        Some(number)
    }

    /// Notes the expression that makes a column.
    pub(super) fn define(&mut self, column: ColId, expr: &Expr) {
        if let ExprKind::Column(of) = expr.kind {
            let of = self.column(of);
            self.copy(column, of);
            return;
        }
        let Some(parts) = self.made_of(expr) else {
            return;
        };
        let own = Number(column.0);
        self.set_parts(own, parts);
        if is_exact(expr, &|column| self.is_exact(column)) && !self.is_collated(expr) {
            self.exact.insert(own);
        }
        if let Some(inner) = injective_of(expr)
            && let Some(inner) = self.expression(inner)
        {
            self.inverse.insert(own, inner);
        }
    }

    /// The id of a condition; conditions with the same text have the same.
    pub(super) fn condition(&mut self, expr: &Expr) -> ConditionId {
        let text = self.text(expr);
        self.condition_of(text)
    }

    /// The id of the condition that holds if this one is FALSE; `None` if it is
    /// unknown.
    pub(super) fn negation(&mut self, expr: &Expr) -> Option<ConditionId> {
        let negated = match &expr.kind {
            ExprKind::Not(inner) => (**inner).clone(),
            ExprKind::Compare(comparison, left, right) => Expr::new(
                ExprKind::Compare(comparison.negated()?, left.clone(), right.clone()),
                expr.span,
            ),
            _ => return None,
        };
        let text = self.text(&negated)?;
        Some(self.condition_of(Some(text)))
    }

    /// The id of the condition NOT `expr`, as a query may write it.
    fn negated_by_not(&mut self, expr: &Expr) -> Option<ConditionId> {
        let not = Expr::new(ExprKind::Not(Box::new(expr.clone())), expr.span);
        let text = self.text(&not)?;
        Some(self.condition_of(Some(text)))
    }

    /// Returns the id of a condition, and notes the conditions that exclude it.
    pub(super) fn exclude(&mut self, expr: &Expr) -> ConditionId {
        let own = self.condition(expr);
        let others = [self.negation(expr), self.negated_by_not(expr)];
        for other in others.into_iter().flatten() {
            self.exclude_each_other(own, other);
        }
        own
    }

    /// Notes that two conditions never hold for the same row.
    pub(super) fn exclude_each_other(&mut self, a: ConditionId, b: ConditionId) {
        for (own, other) in [(a, b), (b, a)] {
            let known = self.excluded.entry(own).or_default();
            if !known.contains(&other) {
                known.push(other);
            }
        }
    }

    /// The conditions that never hold for a row for which this one holds.
    pub(super) fn excluded_by(&self, condition: ConditionId) -> &[ConditionId] {
        let others = self.excluded.get(&condition);
        others.map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether two conditions never hold for the same row.
    pub(super) fn excludes(&self, a: ConditionId, b: ConditionId) -> bool {
        self.excluded_by(a).contains(&b)
    }

    /// The id of a condition by its text; a new id if it has none.
    pub(super) fn condition_of(&mut self, text: Option<String>) -> ConditionId {
        let fresh = ConditionId(self.next_condition);
        let own = match text {
            Some(text) => *self.conditions.entry(text).or_insert(fresh),
            None => fresh,
        };
        if own == fresh {
            self.next_condition = self.next_condition.saturating_add(1);
        }
        own
    }

    /// The text of an expression over numbers; `None` if it has no number.
    pub(super) fn text(&self, expr: &Expr) -> Option<String> {
        let mut text = String::new();
        self.write(expr, &mut text)?;
        Some(text)
    }

    /// The parts of an expression. One that distinguishes equal values has one more
    /// part, which nothing determines.
    fn made_of(&mut self, expr: &Expr) -> Option<Vec<Number>> {
        let mut parts = self.columns(expr)?;
        if !self.respects(expr) {
            parts.push(self.fresh());
        }
        Some(parts)
    }

    fn is_exact(&self, column: ColId) -> bool {
        self.exact.contains(&self.column(column))
    }

    fn respects(&self, expr: &Expr) -> bool {
        // What holds for one spelling need not hold for another that is equal to
        // it.
        let spelled = expr.as_column().is_some() || !self.is_collated(expr);
        expr.is_fixed() || spelled && respects_equality(expr, &|column| self.is_exact(column))
    }

    /// The numbers of which an expression is a function, each once; `None` if it
    /// has no number, or if it distinguishes equal values.
    pub(super) fn leaves(&self, expr: &Expr) -> Option<Vec<Number>> {
        self.columns(expr).filter(|_| self.respects(expr))
    }

    fn columns(&self, expr: &Expr) -> Option<Vec<Number>> {
        let mut repeat = true;
        let mut leaves = Vec::new();
        expr.walk(&mut |part| {
            repeat &= repeats(part);
            if let ExprKind::Column(column) = part.kind {
                leaves.push(self.column(column));
            }
        });
        leaves.sort_unstable();
        leaves.dedup();
        repeat.then_some(leaves)
    }

    fn write(&self, expr: &Expr, text: &mut String) -> Option<()> {
        if !repeats(expr) {
            return None;
        }
        // Writing to a string does not fail.
        match &expr.kind {
            ExprKind::Column(column) => {
                let number = self.column(*column);
                text.push('#');
                text.push_str(itoa::Buffer::new().format(number.0));
                if let Some(times) = self.extended.get(&number) {
                    text.push('~');
                    text.push_str(itoa::Buffer::new().format(*times));
                }
                return Some(());
            }
            ExprKind::Literal(literal) => {
                let _ = write!(text, "{literal:?}");
            }
            ExprKind::Parameter(name) | ExprKind::Variable(name) => {
                let _ = write!(text, "@{name}");
            }
            ExprKind::Call { name, .. } => text.push_str(name),
            ExprKind::Field(_, name) => {
                // The base may be JSON, in which `a` and `A` are two fields.
                text.push('.');
                text.push_str(name);
            }
            ExprKind::Cast { to, safe, .. } => {
                let _ = write!(text, "cast {to} {safe}");
            }
            ExprKind::Compare(comparison, ..) => text.push_str(comparison.sign()),
            ExprKind::InList { unnest, .. } => {
                let _ = write!(text, "in {unnest}");
            }
            ExprKind::Struct(fields) => {
                let _ = write!(
                    text,
                    "struct {:?}",
                    fields.iter().map(|(name, _)| name).collect::<Vec<_>>()
                );
            }
            ExprKind::Case(case) => {
                let _ = write!(text, "case {}", case.otherwise.is_some());
            }
            ExprKind::Element(..) => text.push_str("element"),
            ExprKind::Array(_) => text.push_str("array"),
            ExprKind::And(_) => text.push_str("and"),
            ExprKind::Or(_) => text.push_str("or"),
            ExprKind::Not(_) => text.push_str("not"),
            ExprKind::IsNull(_) => text.push_str("null"),
            ExprKind::Either(_) => text.push_str("either"),
            // They do not repeat.
            ExprKind::Lambda(..) | ExprKind::Subquery(_) | ExprKind::Unknown(_) => return None,
        }
        text.push('(');
        let mut repeat = Some(());
        expr.visit_children(&mut |child| {
            repeat = repeat.and_then(|()| self.write(child, text));
            text.push(',');
        });
        text.push(')');
        repeat
    }
}

/// Whether an expression is the same function of its parts each time: not RAND, a
/// subquery, or an expression that is not understood.
fn repeats(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { name, info, .. } => {
            // A text that equals one with a collation need not be identical to it.
            let collated = name == "COLLATE";
            info.is_some_and(|info| {
                matches!(info.class, FunctionClass::Scalar(_)) && !info.is_nondeterministic()
            }) && !collated
        }
        ExprKind::Lambda(..) | ExprKind::Subquery(_) | ExprKind::Unknown(_) => false,
        ExprKind::Column(_)
        | ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::Field(..)
        | ExprKind::Element(..)
        | ExprKind::Struct(_)
        | ExprKind::Array(_)
        | ExprKind::Case(_)
        | ExprKind::Cast { .. }
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(..)
        | ExprKind::InList { .. }
        | ExprKind::IsNull(_)
        | ExprKind::Either(_) => true,
    }
}

/// The argument of a one-to-one function: different arguments give different
/// values.
fn injective_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call { info, args, .. } => match (info.as_ref()?.class, args.as_slice()) {
            (FunctionClass::Scalar(ScalarClass::Injective), [only]) => Some(only),
            _ => None,
        },
        // A safe cast makes bytes that are no valid text NULL.
        ExprKind::Cast { value, to, safe } if to == "STRING" && !safe => Some(value),
        _ => None,
    }
}
