//! Expressions over columns.

use std::hash::{Hash, Hasher};
use std::mem::discriminant;

use rustc_hash::FxHasher;

use super::functions::FunctionInfo;
use super::{ColId, RelId};
use crate::budget;
use crate::source::Span;

/// Stands in the name of a script's variable before how its values are made, where several
/// statements may have set it.
pub const VARIABLE_MADE: char = '\u{2}';

/// Stands in the name of a script's variable, behind that, before the whole numbers of which
/// it holds one, where all that may have set it set a constant.
pub const VARIABLE_HOLDS: char = '\u{3}';

/// How many parts are looked at in a step.
const LOOKED_AT: usize = 128;

/// An expression and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// What an expression is. Few kinds: operators and most special forms are
/// calls that the table of functions knows.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A column of the input.
    Column(ColId),
    /// A constant.
    Literal(Literal),
    /// A query parameter, `@name` or `?`: a constant that is not known here.
    Parameter(String),
    /// A script variable or system variable whose value is not known here.
    Variable(String),
    /// A scalar function or operator.
    Call {
        /// Upper case, dotted for `NET.HOST`; an operator's own sign.
        name: String,
        /// What the table of functions says of it; `None` is opaque (HC005).
        info: Option<&'static FunctionInfo>,
        /// The arguments, named ones by position.
        args: Vec<Expr>,
    },
    /// A field of a struct, by name.
    Field(Box<Expr>, String),
    /// An element of an array or of a JSON value.
    Element(Box<Expr>, Box<Expr>),
    /// A struct; field names may be missing.
    Struct(Vec<(Option<String>, Expr)>),
    /// An array literal.
    Array(Vec<Expr>),
    /// `CASE` (a simple one is lowered to equalities) and `IF`.
    Case(Box<Case>),
    /// `CAST`, `SAFE_CAST` and typed literals of what is no constant.
    Cast {
        /// What is cast.
        value: Box<Expr>,
        /// The target type's first word, upper case.
        to: String,
        /// Whether a failure gives NULL.
        safe: bool,
    },
    /// A conjunction, flat, never empty.
    And(Vec<Expr>),
    /// A disjunction, flat, never empty.
    Or(Vec<Expr>),
    /// A negation.
    Not(Box<Expr>),
    /// A comparison; `BETWEEN` is two of them.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `value IN (list)`; `IN UNNEST(array)` has the array as its only member
    /// and `unnest` set.
    InList {
        /// What is looked for.
        value: Box<Expr>,
        /// Where.
        list: Vec<Expr>,
        /// Whether the one member is an array to look into.
        unnest: bool,
    },
    /// `IS NULL`.
    IsNull(Box<Expr>),
    /// A function literal, `x -> x + 1`; the parameters are columns of its own.
    Lambda(Vec<ColId>, Box<Expr>),
    /// A subquery that could not be made a join.
    Subquery(Box<Subquery>),
    /// A name that may be any of several columns, since no schema tells: all
    /// are taken to have been meant.
    Either(Vec<Expr>),
    /// What is not understood, and why; a finding says so too.
    Unknown(String),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// NULL.
    Null,
    /// TRUE or FALSE.
    Bool(bool),
    /// An INT64.
    Int(i64),
    /// A number that is no INT64.
    Float(f64),
    /// A string.
    String(String),
    /// Any other constant (bytes, DATE '…', INTERVAL, JSON): type and text.
    Other(String, String),
}

impl Literal {
    /// Whether it is a number that a type of fewer digits holds as another one.
    pub fn may_be_rounded(&self) -> bool {
        match self {
            Self::Float(value) => value.fract() != 0.0 || value.abs() >= 9_007_199_254_740_992.0,
            Self::Other(kind, text) if matches!(kind.as_str(), "NUMERIC" | "BIGNUMERIC") => {
                let text = text.trim();
                let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
                !digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Other(kind, _) => matches!(kind.as_str(), "DECIMAL" | "BIGDECIMAL"),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::String(_) => false,
        }
    }
}

/// A searched CASE.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Condition and value, in order.
    pub branches: Vec<(Expr, Expr)>,
    /// ELSE; missing is NULL.
    pub otherwise: Option<Expr>,
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Eq,
    /// `!=`, `<>`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
    /// `IS NOT DISTINCT FROM`
    Same,
}

impl Comparison {
    /// The same with its operands changed over.
    pub fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
            Self::Eq | Self::NotEq | Self::Same => self,
        }
    }

    /// What is true where this is false (and no operand is NULL).
    pub fn negated(self) -> Option<Self> {
        match self {
            Self::Eq => Some(Self::NotEq),
            Self::NotEq => Some(Self::Eq),
            Self::Lt => Some(Self::GtEq),
            Self::LtEq => Some(Self::Gt),
            Self::Gt => Some(Self::LtEq),
            Self::GtEq => Some(Self::Lt),
            Self::Same => None,
        }
    }

    /// As SQL writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::NotEq => "!=",
            Self::Lt => "<",
            Self::LtEq => "<=",
            Self::Gt => ">",
            Self::GtEq => ">=",
            Self::Same => "IS NOT DISTINCT FROM",
        }
    }
}

/// A subquery inside an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// How it is used.
    pub kind: SubqueryKind,
    /// Its rows.
    pub relation: RelId,
    /// Columns of the outer query that it reads.
    pub outer: Vec<ColId>,
}

/// Why a value is unknown that a template leaves open: nobody gave it.
pub const UNRENDERED: &str = "a part of the template that could not be rendered";

/// How a subquery in an expression is used.
#[derive(Debug, Clone, PartialEq)]
pub enum SubqueryKind {
    /// One value, or NULL.
    Scalar,
    /// An array of its rows.
    Array,
    /// Whether it has a row.
    Exists,
    /// Whether a value is among its rows.
    In(Expr),
}

impl Expr {
    /// An expression at a place.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A column's value.
    pub fn column(id: ColId, span: Span) -> Self {
        Self::new(ExprKind::Column(id), span)
    }

    /// An expression that is not understood.
    pub fn unknown(why: impl Into<String>, span: Span) -> Self {
        Self::new(ExprKind::Unknown(why.into()), span)
    }

    /// The direct parts, in order. Relations of subqueries are not among them.
    pub fn children(&self) -> Vec<&Expr> {
        let mut children = Vec::new();
        self.each_child(&mut |child| children.push(child));
        children
    }

    /// Visits the direct parts, in order.
    pub fn each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Column(_)
            | ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Unknown(_) => {}
            ExprKind::Call { args, .. } => args.iter().for_each(visit),
            ExprKind::Field(base, _) => visit(base),
            ExprKind::Element(base, index) => {
                visit(base);
                visit(index);
            }
            ExprKind::Struct(fields) => fields.iter().for_each(|(_, value)| visit(value)),
            ExprKind::Array(items)
            | ExprKind::And(items)
            | ExprKind::Or(items)
            | ExprKind::Either(items) => items.iter().for_each(visit),
            ExprKind::Case(case) => {
                for (condition, value) in &case.branches {
                    visit(condition);
                    visit(value);
                }
                case.otherwise.iter().for_each(visit);
            }
            ExprKind::Cast { value, .. } => visit(value),
            ExprKind::Not(inner) | ExprKind::IsNull(inner) | ExprKind::Lambda(_, inner) => {
                visit(inner);
            }
            ExprKind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::InList { value, list, .. } => {
                visit(value);
                list.iter().for_each(visit);
            }
            ExprKind::Subquery(subquery) => match &subquery.kind {
                SubqueryKind::In(value) => visit(value),
                SubqueryKind::Scalar | SubqueryKind::Array | SubqueryKind::Exists => {}
            },
        }
    }

    /// The direct parts, to change them.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            ExprKind::Column(_)
            | ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Unknown(_) => Vec::new(),
            ExprKind::Call { args, .. } => args.iter_mut().collect(),
            ExprKind::Field(base, _) => vec![base],
            ExprKind::Element(base, index) => vec![base, index],
            ExprKind::Struct(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
            ExprKind::Array(items)
            | ExprKind::And(items)
            | ExprKind::Or(items)
            | ExprKind::Either(items) => items.iter_mut().collect(),
            ExprKind::Case(case) => {
                let Case {
                    branches,
                    otherwise,
                } = &mut **case;
                branches
                    .iter_mut()
                    .flat_map(|(condition, value)| [condition, value])
                    .chain(otherwise)
                    .collect()
            }
            ExprKind::Cast { value, .. } => vec![value],
            ExprKind::Not(inner) | ExprKind::IsNull(inner) | ExprKind::Lambda(_, inner) => {
                vec![inner]
            }
            ExprKind::Compare(_, left, right) => vec![left, right],
            ExprKind::InList { value, list, .. } => std::iter::once(&mut **value)
                .chain(list.iter_mut())
                .collect(),
            ExprKind::Subquery(subquery) => match &mut subquery.kind {
                SubqueryKind::In(value) => vec![value],
                SubqueryKind::Scalar | SubqueryKind::Array | SubqueryKind::Exists => Vec::new(),
            },
        }
    }

    /// Calls `visit` on this expression and all its parts, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        self.each_child(&mut |child| child.walk(visit));
    }

    /// The column, where it is nothing but one.
    pub fn as_column(&self) -> Option<ColId> {
        match self.kind {
            ExprKind::Column(column) => Some(column),
            _ => None,
        }
    }

    /// The whole numbers of which it holds one, where it is a variable that statements give
    /// nothing but constants; else none.
    pub fn held_numbers(&self) -> Vec<i64> {
        let ExprKind::Variable(name) = &self.kind else {
            return Vec::new();
        };
        let Some((_, numbers)) = name.split_once(VARIABLE_HOLDS) else {
            return Vec::new();
        };
        let numbers = numbers.split(',').map(str::parse);
        numbers.collect::<Result<_, _>>().unwrap_or_default()
    }

    /// The constant, where it is nothing but one.
    pub fn as_literal(&self) -> Option<&Literal> {
        match &self.kind {
            ExprKind::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    /// Whether it is written as NULL, of whatever type.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            ExprKind::Literal(Literal::Null) => true,
            ExprKind::Cast { value, .. } => value.is_null(),
            _ => false,
        }
    }

    /// The columns in it, in the order of the text, each as often as it stands there.
    pub fn columns(&self) -> Vec<ColId> {
        let mut columns = Vec::new();
        let mut parts = 0;
        self.walk(&mut |part| {
            parts += 1;
            if let ExprKind::Column(column) = part.kind {
                columns.push(column);
            }
        });
        // Whoever asks each of many conditions goes through all of them each time.
        budget::spend(parts / LOOKED_AT);
        columns
    }

    /// What an order is by, whichever way it goes.
    pub fn ordered(&self) -> &Self {
        let mut by = self;
        while let ExprKind::Call { name, args, .. } = &by.kind
            && let [of] = args.as_slice()
            && matches!(
                name.as_str(),
                "HAVING MAX" | "HAVING MIN" | "DESC" | "NULLS FIRST" | "NULLS LAST"
            )
        {
            by = of;
        }
        by
    }

    /// Whether no data is in it, so that it is the same for every row: constants,
    /// parameters, variables. A function whose body is not seen may read tables.
    pub fn is_fixed(&self) -> bool {
        let mut fixed = true;
        self.walk(&mut |part| {
            fixed &= !matches!(
                part.kind,
                ExprKind::Column(_)
                    | ExprKind::Subquery(_)
                    | ExprKind::Unknown(_)
                    | ExprKind::Either(_)
                    | ExprKind::Call { info: None, .. }
            );
        });
        fixed
    }

    /// How many parts it has, itself included.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_| size += 1);
        size
    }

    /// A number that is the same for expressions that say the same.
    pub(super) fn shape(&self, into: &mut impl Hasher) {
        self.walk(&mut |part| part.own_shape(into));
    }

    /// A number that is the same for expressions that say the same, made of the first
    /// parts alone: it costs as much for a large one as for a small one.
    pub(super) fn outline(&self) -> u64 {
        const PARTS: usize = 32;
        fn parts(expr: &Expr, left: &mut usize, into: &mut FxHasher) {
            if let Some(less) = left.checked_sub(1) {
                *left = less;
                expr.own_shape(into);
                expr.each_child(&mut |child| parts(child, left, into));
            }
        }
        let mut outline = FxHasher::default();
        parts(self, &mut PARTS.clone(), &mut outline);
        outline.finish()
    }

    /// What it says itself, without its parts.
    fn own_shape(&self, into: &mut impl Hasher) {
        discriminant(&self.kind).hash(into);
        match &self.kind {
            ExprKind::Column(column) => column.hash(into),
            ExprKind::Literal(Literal::String(text)) => text.hash(into),
            ExprKind::Literal(Literal::Int(number)) => number.hash(into),
            ExprKind::Call { name, .. } => name.hash(into),
            ExprKind::Field(_, name) => name.to_ascii_lowercase().hash(into),
            _ => {}
        }
    }

    /// Whether both say the same, wherever they stand: what GROUP BY compares.
    pub fn same(&self, other: &Self) -> bool {
        let kinds = match (&self.kind, &other.kind) {
            (ExprKind::Call { name: a, .. }, ExprKind::Call { name: b, .. }) => a == b,
            (ExprKind::Field(_, a), ExprKind::Field(_, b)) => a.eq_ignore_ascii_case(b),
            (ExprKind::Cast { to: a, safe: s, .. }, ExprKind::Cast { to: b, safe: t, .. }) => {
                a == b && s == t
            }
            (ExprKind::Compare(a, ..), ExprKind::Compare(b, ..)) => a == b,
            (ExprKind::InList { unnest: a, .. }, ExprKind::InList { unnest: b, .. }) => a == b,
            (ExprKind::Case(a), ExprKind::Case(b)) => {
                a.branches.len() == b.branches.len()
                    && a.otherwise.is_some() == b.otherwise.is_some()
            }
            (ExprKind::Struct(a), ExprKind::Struct(b)) => a
                .iter()
                .map(|(name, _)| name)
                .eq(b.iter().map(|(name, _)| name)),
            (ExprKind::Array(_), ExprKind::Array(_))
            | (ExprKind::And(_), ExprKind::And(_))
            | (ExprKind::Or(_), ExprKind::Or(_))
            | (ExprKind::Either(_), ExprKind::Either(_))
            | (ExprKind::Not(_), ExprKind::Not(_))
            | (ExprKind::IsNull(_), ExprKind::IsNull(_))
            | (ExprKind::Element(..), ExprKind::Element(..)) => true,
            // Bound once and copied, a subquery has the same rows.
            (ExprKind::Subquery(a), ExprKind::Subquery(b)) => {
                a.relation == b.relation && discriminant(&a.kind) == discriminant(&b.kind)
            }
            (ExprKind::Lambda(..) | ExprKind::Unknown(_), _) => false,
            (a, b) => a == b,
        };
        if !kinds {
            return false;
        }
        let (mine, theirs) = (self.children(), other.children());
        mine.len() == theirs.len() && mine.iter().zip(theirs).all(|(a, b)| a.same(b))
    }
}
