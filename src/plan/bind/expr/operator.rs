//! Unary and binary operators; chains of AND and OR become flat.

use sqlparser::ast;
use sqlparser::ast::{BinaryOperator, UnaryOperator};

use super::super::Binder;
use super::{marked, negate};
use crate::plan::functions::FunctionClass;
use crate::plan::{Comparison, Expr, ExprKind, Literal, SubqueryKind};
use crate::source::Span;
use crate::syntax::marker;

impl Binder<'_> {
    pub(super) fn unary(&mut self, op: UnaryOperator, inner: &ast::Expr, span: Span) -> Expr {
        let value = self.expr(inner);
        match op {
            UnaryOperator::Not => Expr::new(ExprKind::Not(Box::new(value)), span),
            UnaryOperator::Plus => value,
            UnaryOperator::Minus => {
                let negative = if let ExprKind::Literal(Literal::Int(number)) = value.kind
                    && let Some(negative) = number.checked_neg()
                {
                    Literal::Int(negative)
                } else if let ExprKind::Literal(Literal::Float(number)) = value.kind {
                    Literal::Float(-number)
                } else {
                    return self.call_of("UNARY -", vec![value], span);
                };
                Expr::new(ExprKind::Literal(negative), span)
            }
            UnaryOperator::BitwiseNot => self.call_of("~", vec![value], span),
            UnaryOperator::AtDashAt
            | UnaryOperator::BangNot
            | UnaryOperator::DoubleAt
            | UnaryOperator::Hash
            | UnaryOperator::PGAbs
            | UnaryOperator::PGCubeRoot
            | UnaryOperator::PGPostfixFactorial
            | UnaryOperator::PGPrefixFactorial
            | UnaryOperator::PGSquareRoot
            | UnaryOperator::QuestionDash
            | UnaryOperator::QuestionPipe => {
                self.unsupported_expr("an operator that BigQuery does not have", span)
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        whole: &ast::Expr,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        let comparison = match op {
            BinaryOperator::And => return self.chain(whole, &BinaryOperator::And, span),
            BinaryOperator::Or => return self.chain(whole, &BinaryOperator::Or, span),
            BinaryOperator::Eq => Comparison::Eq,
            BinaryOperator::NotEq => Comparison::NotEq,
            BinaryOperator::Lt => Comparison::Lt,
            BinaryOperator::LtEq => Comparison::LtEq,
            BinaryOperator::Gt => Comparison::Gt,
            BinaryOperator::GtEq => Comparison::GtEq,
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::StringConcat
            | BinaryOperator::BitwiseOr
            | BinaryOperator::BitwiseAnd
            | BinaryOperator::BitwiseXor
            | BinaryOperator::PGBitwiseShiftLeft
            | BinaryOperator::PGBitwiseShiftRight => return self.arithmetic(whole),
            BinaryOperator::Is => return self.comparison(Comparison::Same, left, right, span),
            BinaryOperator::IsNot => {
                let same = self.comparison(Comparison::Same, left, right, span);
                return negate(same, true);
            }
            BinaryOperator::Modulo
            | BinaryOperator::Spaceship
            | BinaryOperator::Xor
            | BinaryOperator::DuckIntegerDivide
            | BinaryOperator::MyIntegerDivide
            | BinaryOperator::Match
            | BinaryOperator::Regexp
            | BinaryOperator::Glob
            | BinaryOperator::Custom(_)
            | BinaryOperator::PGBitwiseXor
            | BinaryOperator::PGExp
            | BinaryOperator::PGOverlap
            | BinaryOperator::PGRegexMatch
            | BinaryOperator::PGRegexIMatch
            | BinaryOperator::PGRegexNotMatch
            | BinaryOperator::PGRegexNotIMatch
            | BinaryOperator::PGLikeMatch
            | BinaryOperator::PGILikeMatch
            | BinaryOperator::PGNotLikeMatch
            | BinaryOperator::PGNotILikeMatch
            | BinaryOperator::PGStartsWith
            | BinaryOperator::Arrow
            | BinaryOperator::LongArrow
            | BinaryOperator::HashArrow
            | BinaryOperator::HashLongArrow
            | BinaryOperator::AtAt
            | BinaryOperator::AtArrow
            | BinaryOperator::ArrowAt
            | BinaryOperator::HashMinus
            | BinaryOperator::AtQuestion
            | BinaryOperator::Question
            | BinaryOperator::QuestionAnd
            | BinaryOperator::QuestionPipe
            | BinaryOperator::PGCustomBinaryOperator(_)
            | BinaryOperator::Overlaps
            | BinaryOperator::DoubleHash
            | BinaryOperator::LtDashGt
            | BinaryOperator::AndLt
            | BinaryOperator::AndGt
            | BinaryOperator::LtLtPipe
            | BinaryOperator::PipeGtGt
            | BinaryOperator::AndLtPipe
            | BinaryOperator::PipeAndGt
            | BinaryOperator::LtCaret
            | BinaryOperator::GtCaret
            | BinaryOperator::QuestionHash
            | BinaryOperator::QuestionDash
            | BinaryOperator::QuestionDashPipe
            | BinaryOperator::QuestionDoublePipe
            | BinaryOperator::At
            | BinaryOperator::TildeEq
            | BinaryOperator::Assignment => {
                self.expr(left);
                self.expr(right);
                return self.unsupported_expr("an operator that BigQuery does not have", span);
            }
        };
        self.comparison(comparison, left, right, span)
    }

    /// Lowers a chain of AND or OR of any length to a flat one.
    ///
    /// The parser nests it to the left; a loop descends on that side.
    fn chain(&mut self, whole: &ast::Expr, wanted: &BinaryOperator, span: Span) -> Expr {
        let mut parts = Vec::new();
        let mut at = whole;
        while let ast::Expr::BinaryOp { left, op, right } = at
            && op == wanted
        {
            parts.push(&**right);
            at = left;
        }
        parts.push(at);
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts.into_iter().rev() {
            let bound = self.expr(part);
            match (bound.kind, wanted == &BinaryOperator::And) {
                (ExprKind::And(inner), true) | (ExprKind::Or(inner), false) => flat.extend(inner),
                (kind, _) => flat.push(Expr::new(kind, bound.span)),
            }
        }
        let kind = if wanted == &BinaryOperator::And {
            ExprKind::And(flat)
        } else {
            ExprKind::Or(flat)
        };
        Expr::new(kind, span)
    }

    /// Lowers a chain of arithmetic from left to right.
    ///
    /// A loop descends, because chains in texts may have any length.
    fn arithmetic(&mut self, whole: &ast::Expr) -> Expr {
        let mut rest = Vec::new();
        let mut first = whole;
        while let ast::Expr::BinaryOp { left, op, right } = first
            && let Some(sign) = sign(op)
        {
            rest.push((sign, &**right));
            first = left;
        }
        let mut value = self.expr(first);
        let mut span = self.places.expr(first);
        let mut depth = 0_usize;
        for (sign, right) in rest.into_iter().rev() {
            span = span.join(self.places.expr(right));
            let right = self.expr(right);
            if let (ExprKind::Literal(a), ExprKind::Literal(b)) = (&value.kind, &right.kind)
                && let Some(folded) = super::literal::fold_arithmetic(sign, a, b)
            {
                value = Expr::new(ExprKind::Literal(folded), span);
                continue;
            }
            // Repeating the same operator adds an operand, not a level.
            let associative = matches!(sign, "+" | "*" | "||" | "|" | "&" | "^");
            if let ExprKind::Call { name, args, .. } = &mut value.kind
                && associative
                && name == sign
            {
                args.push(right);
                value.span = span;
                continue;
            }
            depth += 1;
            if depth > LEVELS_LIMIT {
                let what = format!("an expression of more than {LEVELS_LIMIT} operators");
                return self.unsupported_expr(&what, span);
            }
            value = self.call_of(sign, vec![value, right], span);
        }
        value
    }

    pub(super) fn comparison(
        &mut self,
        comparison: Comparison,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        let left = Box::new(self.expr(left));
        let right = Box::new(self.expr(right));
        Expr::new(ExprKind::Compare(comparison, left, right), span)
    }

    /// Lowers `LIKE`, `LIKE ANY (…)` and `LIKE ALL (…)`.
    ///
    /// The token pass encodes the patterns of ANY and ALL as a call; they become a
    /// chain of OR or AND.
    pub(super) fn like(
        &mut self,
        value: &ast::Expr,
        pattern: &ast::Expr,
        negated: bool,
        span: Span,
    ) -> Expr {
        let value = self.expr(value);
        let quantified = marked::call(pattern).and_then(|(name, patterns)| match name.as_str() {
            marker::ANY => Some((true, patterns)),
            marker::ALL => Some((false, patterns)),
            _ => None,
        });
        let Some((any, patterns)) = quantified else {
            let pattern = self.expr(pattern);
            let like = self.call_of("LIKE", vec![value, pattern], span);
            return negate(like, negated);
        };
        // An array may be empty, therefore it is not a chain: LIKE ANY is then FALSE
        // for all values, including NULL, and LIKE ALL is TRUE.
        if let [only] = patterns.as_slice()
            && let Some(array) = self.patterns_of_rows(only)
        {
            let name = match (negated, any) {
                (false, true) => "LIKE ANY",
                (false, false) => "LIKE ALL",
                (true, true) => "NOT LIKE ANY",
                (true, false) => "NOT LIKE ALL",
            };
            return self.call_of(name, vec![value, array], span);
        }
        let mut parts = Vec::new();
        for pattern in patterns {
            let pattern = self.expr(pattern);
            let at = pattern.span;
            let like = self.call_of("LIKE", vec![value.clone(), pattern], at);
            parts.push(negate(like, negated));
        }
        let kind = match (parts.len(), any) {
            (1, _) => return Expr::new(parts.remove(0).kind, span),
            (_, true) => ExprKind::Or(parts),
            (_, false) => ExprKind::And(parts),
        };
        Expr::new(kind, span)
    }

    /// Binds the patterns that `UNNEST(array)` or a query returns; `None` for a
    /// pattern.
    fn patterns_of_rows(&mut self, pattern: &ast::Expr) -> Option<Expr> {
        let mut pattern = pattern;
        while let ast::Expr::Nested(inner) = pattern {
            pattern = inner;
        }
        if let ast::Expr::Subquery(query) = pattern {
            let span = self.places.expr(pattern);
            return Some(self.subquery(SubqueryKind::Array, query, span));
        }
        match marked::call(pattern) {
            Some((name, args)) if name == "UNNEST" && args.len() == 1 => Some(self.expr(args[0])),
            Some(_) | None => None,
        }
    }

    pub(super) fn truth(&mut self, name: &'static str, inner: &ast::Expr, span: Span) -> Expr {
        let inner = self.expr(inner);
        self.call_of(name, vec![inner], span)
    }

    pub(super) fn between(
        &mut self,
        value: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        negated: bool,
        span: Span,
    ) -> Expr {
        let lower = self.comparison(Comparison::GtEq, value, low, span);
        let upper = self.comparison(Comparison::LtEq, value, high, span);
        // Only the bound itself is between two equal bounds.
        if let ExprKind::Compare(_, value, low) = &lower.kind
            && let ExprKind::Compare(_, _, high) = &upper.kind
            && low.same(high)
            && is_one_value(low)
        {
            let kind = ExprKind::Compare(Comparison::Eq, value.clone(), low.clone());
            return negate(Expr::new(kind, span), negated);
        }
        negate(Expr::new(ExprKind::And(vec![lower, upper]), span), negated)
    }

    pub(super) fn in_target(
        &mut self,
        value: &ast::Expr,
        target: &ast::InTarget,
        negated: bool,
        span: Span,
    ) -> Expr {
        let value = self.expr(value);
        let inside = match target {
            ast::InTarget::List(items) => ExprKind::InList {
                value: Box::new(value),
                list: items.iter().map(|item| self.expr(item)).collect(),
                unnest: false,
            },
            ast::InTarget::Unnest(array) => ExprKind::InList {
                value: Box::new(value),
                list: vec![self.expr(array)],
                unnest: true,
            },
            ast::InTarget::Subquery(query) => {
                let inside = self.subquery(SubqueryKind::In(value), query, span);
                return negate(inside, negated);
            }
            ast::InTarget::Table { name: _, args: _ } => {
                return self.unsupported_expr("IN with a table's name", span);
            }
        };
        negate(Expr::new(inside, span), negated)
    }
}

/// Returns whether two copies of an expression always have the same value.
fn is_one_value(expr: &Expr) -> bool {
    let mut one = true;
    expr.walk(&mut |part| {
        one &= match &part.kind {
            ExprKind::Call { info, .. } => info.is_some_and(|info| {
                matches!(info.class, FunctionClass::Scalar(_)) && !info.is_nondeterministic()
            }),
            ExprKind::Subquery(_)
            | ExprKind::Unknown(_)
            | ExprKind::Either(_)
            | ExprKind::Lambda(..) => false,
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
            | ExprKind::IsNull(_) => true,
        };
    });
    one
}

/// The maximal nesting depth of operators in an expression.
const LEVELS_LIMIT: usize = 2_000;

/// Returns the name of an arithmetic operator in the function table.
fn sign(op: &BinaryOperator) -> Option<&'static str> {
    const SIGNS: [(BinaryOperator, &str); 10] = [
        (BinaryOperator::Plus, "+"),
        (BinaryOperator::Minus, "-"),
        (BinaryOperator::Multiply, "*"),
        (BinaryOperator::Divide, "/"),
        (BinaryOperator::StringConcat, "||"),
        (BinaryOperator::BitwiseOr, "|"),
        (BinaryOperator::BitwiseAnd, "&"),
        (BinaryOperator::BitwiseXor, "^"),
        (BinaryOperator::PGBitwiseShiftLeft, "<<"),
        (BinaryOperator::PGBitwiseShiftRight, ">>"),
    ];
    SIGNS
        .iter()
        .find(|(known, _)| known == op)
        .map(|(_, sign)| *sign)
}
