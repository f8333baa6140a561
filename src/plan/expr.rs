//! Expressions over columns.

use std::hash::{Hash, Hasher};
use std::mem::discriminant;

use rustc_hash::FxHasher;

use super::functions::FunctionInfo;
use super::{ColId, RelId};
use crate::budget;
use crate::source::Span;

/// Separates a script variable's name from how its values are made.
///
/// Present if several statements may have set the variable.
pub const VARIABLE_PROVENANCE: char = '\u{2}';

/// Precedes the integers that a script variable may hold, after [`VARIABLE_PROVENANCE`].
///
/// Present if every statement that may have set the variable assigns a constant.
pub const VARIABLE_CONSTANTS: char = '\u{3}';

/// Number of visited parts that cost one unit of budget.
const LOOKED_AT: usize = 128;

/// An expression and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// The kind of expression, with its operands.
    pub kind: ExprKind,
    /// Where it was written.
    pub span: Span,
}

/// The kinds of expressions.
///
/// They are few: operators and most special forms are calls that the function table
/// describes.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A column of the input.
    Column(ColId),
    /// A constant.
    Literal(Literal),
    /// A query parameter, `@name` or `?`: a constant whose value is unknown here.
    Parameter(String),
    /// A script variable or system variable whose value is unknown here.
    Variable(String),
    /// A scalar function or operator.
    Call {
        /// In upper case, dotted for `NET.HOST`; an operator's own sign.
        name: String,
        /// The entry of the function table; `None` for an unknown function (HC005).
        info: Option<&'static FunctionInfo>,
        /// The arguments, named ones by position.
        args: Vec<Expr>,
    },
    /// A field of a struct, by name.
    Field(Box<Expr>, String),
    /// An element of an array or of a JSON value.
    Element(Box<Expr>, Box<Expr>),
    /// A struct; field names may be absent.
    Struct(Vec<(Option<String>, Expr)>),
    /// An array literal.
    Array(Vec<Expr>),
    /// `CASE` (a simple one is lowered to equalities) and `IF`.
    Case(Box<Case>),
    /// `CAST`, `SAFE_CAST`, and typed literals whose operand is not a constant.
    Cast {
        /// The operand.
        value: Box<Expr>,
        /// The first word of the target type, in upper case.
        to: String,
        /// Whether a failure yields NULL.
        safe: bool,
    },
    /// A conjunction, flattened, never empty.
    And(Vec<Expr>),
    /// A disjunction, flattened, never empty.
    Or(Vec<Expr>),
    /// A negation.
    Not(Box<Expr>),
    /// A comparison; `BETWEEN` is two of them.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `value IN (list)`; for `IN UNNEST(array)`, the array is the only member and
    /// `unnest` is set.
    InList {
        /// The value that is looked up.
        value: Box<Expr>,
        /// The members.
        list: Vec<Expr>,
        /// Whether the only member is an array whose elements are the members.
        unnest: bool,
    },
    /// `IS NULL`.
    IsNull(Box<Expr>),
    /// A lambda, `x -> x + 1`; its parameters have columns of their own.
    Lambda(Vec<ColId>, Box<Expr>),
    /// A subquery that could not be lowered to a join.
    Subquery(Box<Subquery>),
    /// A name that may be any of several columns, because no schema decides.
    ///
    /// The analysis assumes that all of them are meant.
    Either(Vec<Expr>),
    /// An expression that is not modelled, and the reason; a finding reports it too.
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
    /// A number that is not an INT64.
    Float(f64),
    /// A string.
    String(String),
    /// Any other constant (bytes, DATE '…', INTERVAL, JSON): type and text.
    Other(String, String),
}

impl Literal {
    /// Returns whether a type with fewer digits may round this number.
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
    /// Pairs of condition and value, in order.
    pub branches: Vec<(Expr, Expr)>,
    /// The ELSE value; NULL if absent.
    pub otherwise: Option<Expr>,
}

/// The comparison operators.
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
    /// Returns the comparison for swapped operands.
    pub fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
            Self::Eq | Self::NotEq | Self::Same => self,
        }
    }

    /// Returns the comparison that holds exactly if this one does not.
    ///
    /// Valid only if no operand is NULL. `None` for `IS NOT DISTINCT FROM`.
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

    /// Returns the SQL spelling.
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
    /// How its rows are used.
    pub kind: SubqueryKind,
    /// The relation of its rows.
    pub relation: RelId,
    /// The columns of the outer query that it reads.
    pub outer: Vec<ColId>,
}

/// The reason for an unknown value: a part of the template was not rendered.
pub const UNRENDERED: &str = "a part of the template that could not be rendered";

/// How a subquery in an expression is used.
#[derive(Debug, Clone, PartialEq)]
pub enum SubqueryKind {
    /// One value, or NULL if there are no rows.
    Scalar,
    /// An array of its rows.
    Array,
    /// Whether it has any row.
    Exists,
    /// Whether this value is among its rows.
    In(Expr),
}

impl Expr {
    /// Creates an expression at a place.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// Creates a reference to a column.
    pub fn column(id: ColId, span: Span) -> Self {
        Self::new(ExprKind::Column(id), span)
    }

    /// Creates an expression that is not modelled, with the reason.
    pub fn unknown(why: impl Into<String>, span: Span) -> Self {
        Self::new(ExprKind::Unknown(why.into()), span)
    }

    /// Returns the direct operands, in order; relations of subqueries are not
    /// included.
    pub fn children(&self) -> Vec<&Expr> {
        let mut children = Vec::new();
        self.visit_children(&mut |child| children.push(child));
        children
    }

    /// Visits the direct operands, in order.
    pub fn visit_children<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
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

    /// Returns the direct operands for modification.
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
        self.visit_children(&mut |child| child.walk(visit));
    }

    /// Returns the column if the expression is a plain column reference.
    pub fn as_column(&self) -> Option<ColId> {
        match self.kind {
            ExprKind::Column(column) => Some(column),
            _ => None,
        }
    }

    /// Returns the integers that a script variable may hold.
    ///
    /// Empty unless the expression is a variable to which all statements assign
    /// constants.
    pub fn held_numbers(&self) -> Vec<i64> {
        let ExprKind::Variable(name) = &self.kind else {
            return Vec::new();
        };
        let Some((_, numbers)) = name.split_once(VARIABLE_CONSTANTS) else {
            return Vec::new();
        };
        let numbers = numbers.split(',').map(str::parse);
        numbers.collect::<Result<_, _>>().unwrap_or_default()
    }

    /// Returns the constant if the expression is a literal.
    pub fn as_literal(&self) -> Option<&Literal> {
        match &self.kind {
            ExprKind::Literal(literal) => Some(literal),
            _ => None,
        }
    }

    /// Returns whether it is a literal NULL, possibly cast to a type.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            ExprKind::Literal(Literal::Null) => true,
            ExprKind::Cast { value, .. } => value.is_null(),
            _ => false,
        }
    }

    /// Returns the columns in it, in textual order, with repetitions.
    pub fn columns(&self) -> Vec<ColId> {
        let mut columns = Vec::new();
        let mut parts = 0;
        self.walk(&mut |part| {
            parts += 1;
            if let ExprKind::Column(column) = part.kind {
                columns.push(column);
            }
        });
        // A caller that asks this of each of many conditions traverses all of them
        // each time.
        budget::spend(parts / LOOKED_AT);
        columns
    }

    /// Returns the sort key without directions: DESC, NULLS FIRST, HAVING MAX.
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

    /// Returns whether it reads no data, so that it has one value for all rows.
    ///
    /// Constants, parameters and variables do not read data. A function whose body
    /// is not visible may read tables.
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

    /// Returns the number of parts, including the expression itself.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_| size += 1);
        size
    }

    /// Hashes the expression; expressions that are the same hash equally.
    ///
    /// See [`Self::same`].
    pub(super) fn shape(&self, into: &mut impl Hasher) {
        self.walk(&mut |part| part.own_shape(into));
    }

    /// Returns a hash that is equal for expressions that are the
    /// [`same`](Self::same).
    ///
    /// It covers only the first parts: a large expression costs no more than a small
    /// one.
    pub(super) fn outline(&self) -> u64 {
        const PARTS: usize = 32;
        fn parts(expr: &Expr, left: &mut usize, into: &mut FxHasher) {
            if let Some(less) = left.checked_sub(1) {
                *left = less;
                expr.own_shape(into);
                expr.visit_children(&mut |child| parts(child, left, into));
            }
        }
        let mut outline = FxHasher::default();
        parts(self, &mut PARTS.clone(), &mut outline);
        outline.finish()
    }

    /// Hashes the expression itself, without its operands.
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

    /// Returns whether both are equal apart from their places, as GROUP BY compares.
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
            // A subquery that is bound once and copied has the same relation.
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
