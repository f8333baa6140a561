//! Finds the exact places of nodes for which the parser gives none, or too short
//! ones.

use sqlparser::ast;
use sqlparser::ast::Spanned;

use super::index::{TokenIndex, bytes};
use super::marker;
use super::script::{Script, SelectClause};
use crate::budget;
use crate::source::{SourceText, Span};

/// Finds the places of parts of a tree.
pub struct Places<'a> {
    source: &'a SourceText,
    script: &'a Script,
    index: Shifted<'a>,
}

impl<'a> Places<'a> {
    /// Creates the finder for the text from which a script was parsed.
    pub fn new(source: &'a SourceText, script: &'a Script) -> Self {
        Self::behind(source, script, 0)
    }

    /// Does the same for a text that follows others: its first byte is `base`.
    pub fn behind(source: &'a SourceText, script: &'a Script, base: u32) -> Self {
        Self {
            source,
            script,
            index: Shifted {
                index: &script.index,
                base,
            },
        }
    }

    /// Returns the text of a place.
    pub fn slice(&self, span: Span) -> &'a str {
        self.source.slice(self.index.own(span))
    }

    /// Returns the privacy clause of the SELECT that begins at a byte.
    pub fn clause(&self, select: u32) -> Option<&'a SelectClause> {
        let clauses = &self.script.clauses;
        let at = clauses
            .binary_search_by_key(&select.saturating_sub(self.index.base), |clause| {
                clause.select
            })
            .ok()?;
        clauses.get(at)
    }

    /// Converts the parser's span; the empty span stays empty.
    pub fn span(&self, span: sqlparser::tokenizer::Span) -> Span {
        self.index.shifted(bytes(span))
    }

    /// Returns the place of a name.
    pub fn ident(&self, ident: &ast::Ident) -> Span {
        self.span(ident.span)
    }

    /// Returns the place of a dotted name.
    pub fn object_name(&self, name: &ast::ObjectName) -> Span {
        name.0
            .iter()
            .filter_map(|part| part.as_ident())
            .fold(Span::default(), |span, part| span.join(self.ident(part)))
    }

    /// Returns the place of a SELECT, from its first word to the end of its list.
    pub fn select(&self, select: &ast::Select) -> Span {
        let token = self.span(select.select_token.0.span);
        select
            .projection
            .iter()
            .fold(token, |span, item| span.join(self.span(item.span())))
    }

    /// Returns the place of a query, represented by its first SELECT list.
    pub fn query(&self, query: &ast::Query) -> Span {
        let mut body = &*query.body;
        loop {
            match body {
                ast::SetExpr::Select(select) => return self.select(select),
                ast::SetExpr::SetOperation { left, .. } => body = left,
                ast::SetExpr::Query(inner) => body = &inner.body,
                ast::SetExpr::Values(_)
                | ast::SetExpr::Insert(_)
                | ast::SetExpr::Update(_)
                | ast::SetExpr::Delete(_)
                | ast::SetExpr::Merge(_)
                | ast::SetExpr::Table(_) => return self.span(query.span()),
            }
        }
    }

    /// Returns the place of an expression, from its first token to its last. A chain
    /// of operators of any length is walked in a loop.
    pub fn expr(&self, expr: &ast::Expr) -> Span {
        let mut right = Span::default();
        let mut at = expr;
        let mut steps = 0;
        while let ast::Expr::BinaryOp {
            left,
            op: _,
            right: operand,
        } = at
        {
            if right.is_empty() {
                right = self.expr(operand);
            }
            at = left;
            steps += 1;
        }
        // Each operator of the chain repeats this walk.
        budget::spend(steps / 4);
        self.operand(at).join(right)
    }

    /// Returns the place of an item of a SELECT list.
    pub fn item(&self, item: &ast::SelectItem) -> Span {
        match item {
            ast::SelectItem::UnnamedExpr(expr) => self.expr(expr),
            ast::SelectItem::ExprWithAlias { expr, alias } => {
                self.expr(expr).join(self.ident(alias))
            }
            ast::SelectItem::ExprWithAliases { .. }
            | ast::SelectItem::QualifiedWildcard(..)
            | ast::SelectItem::Wildcard(_) => self.span(item.span()),
        }
    }

    /// Returns the pipe operator around a place, from `|>` to its last token.
    pub fn pipe(&self, inner: Span) -> Span {
        self.index.pipe(inner)
    }

    /// Returns the place of `GROUP BY ALL` after a SELECT list.
    pub fn group_by_all(&self, list: Span) -> Option<Span> {
        let mut words = [Span::default(); 3];
        for token in self.index.outside(list) {
            words = [words[1], words[2], token];
            let is = |at: usize, word: &str| self.slice(words[at]).eq_ignore_ascii_case(word);
            if is(0, "GROUP") && is(1, "BY") && is(2, "ALL") {
                return Some(words[0].join(words[2]));
            }
        }
        None
    }

    /// Returns the place of a query in parentheses, including them.
    pub fn parentheses(&self, query: &ast::Query) -> Span {
        self.around(self.top_of(query))
    }

    /// Returns a token of a query that is outside of the query's own parentheses.
    fn top_of(&self, query: &ast::Query) -> Span {
        if let Some(with) = &query.with {
            return self.span(with.with_token.0.span);
        }
        let mut body = &*query.body;
        loop {
            match body {
                ast::SetExpr::Select(select) => return self.span(select.select_token.0.span),
                ast::SetExpr::SetOperation { left, .. } => body = left,
                ast::SetExpr::Query(inner) => return self.parentheses(inner),
                ast::SetExpr::Values(_)
                | ast::SetExpr::Insert(_)
                | ast::SetExpr::Update(_)
                | ast::SetExpr::Delete(_)
                | ast::SetExpr::Merge(_)
                | ast::SetExpr::Table(_) => return self.span(query.span()),
            }
        }
    }

    fn around(&self, inner: Span) -> Span {
        if inner.is_empty() {
            return inner;
        }
        self.index.around(inner).unwrap_or(inner)
    }

    /// Returns the brackets around a place, and the word before them.
    fn with_word(&self, inner: Span) -> Span {
        if inner.is_empty() {
            return inner;
        }
        self.after_word(self.around(inner))
    }

    /// Extends a place by the token before it.
    fn after_word(&self, place: Span) -> Span {
        if place.is_empty() {
            return place;
        }
        place.join(self.index.before(place).unwrap_or(place))
    }

    /// Extends a place by some tokens after it.
    fn and_next(&self, place: Span, tokens: usize) -> Span {
        (0..tokens).fold(place, |place, _| {
            place.join(self.index.next(place).unwrap_or(place))
        })
    }

    /// Returns the place of a call: its name, its parentheses, and OVER.
    fn call(&self, call: &ast::Function) -> Span {
        let name = self.object_name(&call.name);
        if name.is_empty() {
            return name;
        }
        let index = self.index;
        let mut span = index.bracketed(name);
        if let Some(window) = &call.over {
            span = self.and_next(span, 1);
            span = match window {
                ast::WindowType::WindowSpec(_) => index.bracketed(span),
                ast::WindowType::NamedWindow(name) => span.join(self.ident(name)),
            };
        }
        span
    }

    fn first(&self, exprs: &[ast::Expr]) -> Span {
        exprs
            .first()
            .map_or(Span::default(), |first| self.expr(first))
    }

    /// Returns the place of the sets of ROLLUP, CUBE or GROUPING SETS.
    fn sets(&self, levels: &[Vec<ast::Expr>]) -> Span {
        let Some(level) = levels.iter().find(|level| !level.is_empty()) else {
            return Span::default();
        };
        let mut span = self.around(self.first(level));
        if level.len() > 1 {
            span = self.around(span);
        }
        self.after_word(span)
    }

    fn operand(&self, expr: &ast::Expr) -> Span {
        budget::spend(usize::from(!matches!(
            expr,
            ast::Expr::Identifier(_) | ast::Expr::CompoundIdentifier(_) | ast::Expr::Value(_)
        )));
        let index = self.index;
        match expr {
            ast::Expr::Function(call) => self.call(call),
            ast::Expr::Prefixed { prefix, value: _ } if prefix.value == marker::AT => {
                self.ident(prefix)
            }
            ast::Expr::Nested(inner) => self.around(self.expr(inner)),
            ast::Expr::Tuple(values) => self.around(self.first(values)),
            ast::Expr::Cast { expr, .. }
            | ast::Expr::Extract { expr, .. }
            | ast::Expr::Ceil { expr, .. }
            | ast::Expr::Floor { expr, .. }
            | ast::Expr::Position { expr, .. }
            | ast::Expr::Substring { expr, .. }
            | ast::Expr::Trim { expr, .. } => self.with_word(self.expr(expr)),
            ast::Expr::Struct { values, fields: _ } => self.with_word(self.first(values)),
            ast::Expr::Array(ast::Array { elem, named }) => {
                let array = self.around(self.first(elem));
                if *named {
                    self.after_word(array)
                } else {
                    array
                }
            }
            ast::Expr::TypedString(typed) => self.after_word(self.span(typed.value.span)),
            ast::Expr::Interval(interval) => {
                let value = self.after_word(self.expr(&interval.value));
                let units = usize::from(interval.leading_field.is_some())
                    + 2 * usize::from(interval.last_field.is_some());
                self.and_next(value, units)
            }
            ast::Expr::UnaryOp { op: _, expr } => self.after_word(self.expr(expr)),
            ast::Expr::IsNull(inner)
            | ast::Expr::IsTrue(inner)
            | ast::Expr::IsFalse(inner)
            | ast::Expr::IsUnknown(inner) => self.and_next(self.expr(inner), 2),
            ast::Expr::IsNotNull(inner)
            | ast::Expr::IsNotTrue(inner)
            | ast::Expr::IsNotFalse(inner)
            | ast::Expr::IsNotUnknown(inner) => self.and_next(self.expr(inner), 3),
            ast::Expr::IsDistinctFrom(left, right)
            | ast::Expr::IsNotDistinctFrom(left, right)
            | ast::Expr::Like {
                expr: left,
                pattern: right,
                ..
            }
            | ast::Expr::Between {
                expr: left,
                high: right,
                ..
            }
            | ast::Expr::AtTimeZone {
                timestamp: left,
                time_zone: right,
            } => self.expr(left).join(self.expr(right)),
            ast::Expr::In { expr, .. } => index.to_brackets(self.expr(expr)),
            ast::Expr::Exists { subquery, negated } => {
                let exists = self.after_word(self.parentheses(subquery));
                if *negated {
                    self.after_word(exists)
                } else {
                    exists
                }
            }
            ast::Expr::Subquery(query) => self.parentheses(query),
            ast::Expr::CompoundFieldAccess { root, access_chain } => {
                let mut span = self.expr(root);
                for access in access_chain {
                    span = match access {
                        ast::AccessExpr::Dot(field) => span.join(self.expr(field)),
                        ast::AccessExpr::Subscript(_) => index.bracketed(span),
                    };
                }
                span
            }
            ast::Expr::Lambda(lambda) => {
                let params = match &lambda.params {
                    ast::OneOrManyWithParens::One(one) => self.ident(&one.name),
                    ast::OneOrManyWithParens::Many(many) => self.around(
                        many.first()
                            .map_or(Span::default(), |first| self.ident(&first.name)),
                    ),
                };
                params.join(self.expr(&lambda.body))
            }
            ast::Expr::Named { expr, name } => self.expr(expr).join(self.ident(name)),
            ast::Expr::Collate { expr, collation } => {
                self.expr(expr).join(self.object_name(collation))
            }
            ast::Expr::GroupingSets(levels)
            | ast::Expr::Cube(levels)
            | ast::Expr::Rollup(levels) => self.sets(levels),
            ast::Expr::Identifier(_)
            | ast::Expr::CompoundIdentifier(_)
            | ast::Expr::Value(_)
            | ast::Expr::Case { .. }
            | ast::Expr::BinaryOp { .. }
            | ast::Expr::Wildcard(_)
            | ast::Expr::QualifiedWildcard(..)
            | ast::Expr::Prefixed { .. }
            | ast::Expr::JsonAccess { .. }
            | ast::Expr::IsJson { .. }
            | ast::Expr::IsNormalized { .. }
            | ast::Expr::ILike { .. }
            | ast::Expr::SimilarTo { .. }
            | ast::Expr::RLike { .. }
            | ast::Expr::AnyOp { .. }
            | ast::Expr::AllOp { .. }
            | ast::Expr::Convert { .. }
            | ast::Expr::Overlay { .. }
            | ast::Expr::Dictionary(_)
            | ast::Expr::Map(_)
            | ast::Expr::MatchAgainst { .. }
            | ast::Expr::OuterJoin(_)
            | ast::Expr::Prior(_)
            | ast::Expr::MemberOf(_) => self.span(expr.span()),
        }
    }
}

/// The token index of a text that follows others.
#[derive(Clone, Copy)]
struct Shifted<'a> {
    index: &'a TokenIndex,
    base: u32,
}

impl Shifted<'_> {
    /// Converts a place to one in the text itself.
    fn own(self, span: Span) -> Span {
        Span {
            start: span.start.saturating_sub(self.base),
            end: span.end.saturating_sub(self.base),
        }
    }

    /// Converts a place in the text itself to one among all texts; "no place" is
    /// unchanged.
    fn shifted(self, span: Span) -> Span {
        if span == Span::default() {
            return span;
        }
        Span {
            start: span.start.saturating_add(self.base),
            end: span.end.saturating_add(self.base),
        }
    }

    fn pipe(self, inner: Span) -> Span {
        self.shifted(self.index.pipe(self.own(inner)))
    }

    fn outside(self, list: Span) -> impl Iterator<Item = Span> {
        let own = self.index.outside(self.own(list));
        own.map(move |span| self.shifted(span))
    }

    fn around(self, inner: Span) -> Option<Span> {
        let own = self.index.around(self.own(inner));
        own.map(|span| self.shifted(span))
    }

    fn before(self, place: Span) -> Option<Span> {
        let own = self.index.before(self.own(place));
        own.map(|span| self.shifted(span))
    }

    fn next(self, place: Span) -> Option<Span> {
        let own = self.index.next(self.own(place));
        own.map(|span| self.shifted(span))
    }

    fn bracketed(self, name: Span) -> Span {
        self.shifted(self.index.bracketed(self.own(name)))
    }

    fn to_brackets(self, place: Span) -> Span {
        self.shifted(self.index.to_brackets(self.own(place)))
    }
}
