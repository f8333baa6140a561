//! GROUP BY in all its forms, and the rewriting of the expressions above it.

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::expr::{marked, without_parentheses};
use super::hoist::Hoist;
use super::query::ordinal;
use super::scope::Frame;
use super::select::{Item, aliases};
use super::{Aggregate, Binder, ColId, Expansion, Expr, KeyColumn, Operator, ProblemKind, RelId};
use crate::budget;
use crate::plan::{ExprKind, PrivacyClause};
use crate::source::Span;
use crate::syntax::marker;

/// The maximal number of grouping sets that are expanded.
const SETS_LIMIT: usize = 256;

/// The keys of a GROUP BY.
#[derive(Debug, Clone)]
pub(super) struct Grouping {
    pub(super) keys: Vec<Expr>,
    pub(super) sets: Vec<Vec<usize>>,
    /// Keys that a `*` over unknown columns in the SELECT list outputs.
    pub(super) starred: Vec<(String, Expr)>,
    pub(super) word: &'static str,
    pub(super) span: Span,
    /// The positions of the keys by their outlines.
    pub(super) alike: FxHashMap<u64, Vec<usize>>,
    /// Whether the SELECT list has a `*` over unknown columns; `None` until
    /// computed.
    pub(super) has_star: Option<bool>,
}

/// The number of compared expressions that cost one unit of budget.
const COMPARED: usize = 8;

impl Grouping {
    /// Returns the position of a key; a repeated key has one position.
    fn place(&mut self, key: Expr) -> usize {
        let alike = self.alike.entry(key.outline()).or_default();
        budget::spend(alike.len() / COMPARED);
        let known = alike.iter().find(|at| self.keys[**at].same(&key));
        if let Some(at) = known {
            return *at;
        }
        alike.push(self.keys.len());
        self.keys.push(key);
        self.keys.len() - 1
    }
}

/// An index of the keys of an aggregation, for lookup by structure.
struct KeyIndex<'k> {
    keys: &'k [KeyColumn],
    /// The positions of keys by their outlines and those of their alternatives.
    alike: FxHashMap<u64, Vec<usize>>,
    /// The output columns of keys that are plain columns of the input.
    columns: FxHashMap<ColId, ColId>,
}

impl<'k> KeyIndex<'k> {
    fn new(keys: &'k [KeyColumn]) -> Self {
        let mut alike: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        let mut columns = FxHashMap::default();
        for (at, key) in keys.iter().enumerate() {
            let meant = if let ExprKind::Either(all) = &key.expr.kind {
                all.as_slice()
            } else {
                &[]
            };
            for expr in std::iter::once(&key.expr).chain(meant) {
                alike.entry(expr.outline()).or_default().push(at);
            }
            if let Some(column) = key.expr.as_column() {
                columns.entry(column).or_insert(key.column);
            }
        }
        Self {
            keys,
            alike,
            columns,
        }
    }

    /// Returns the first key that an expression may be equal to.
    fn find(&self, expr: &Expr) -> Option<&KeyColumn> {
        let alike = self.alike.get(&expr.outline())?;
        budget::spend(alike.len() / COMPARED);
        let meant = |key: &&KeyColumn| {
            let either = matches!(&key.expr.kind, ExprKind::Either(all) if all.iter().any(|one| one.same(expr)));
            either || key.expr.same(expr)
        };
        alike.iter().map(|at| &self.keys[*at]).find(meant)
    }
}

impl Binder<'_> {
    /// Lowers a GROUP BY clause; `None` if there is none.
    pub(super) fn grouping(
        &mut self,
        group_by: &ast::GroupByExpr,
        items: &[Item],
        hoist: &mut Hoist,
    ) -> Option<Grouping> {
        match group_by {
            ast::GroupByExpr::All(modifiers) => {
                self.reject_modifiers(modifiers);
                let made: FxHashSet<ColId> = hoist
                    .aggregates
                    .iter()
                    .map(|(column, _)| *column)
                    .chain(hoist.windows.iter().map(|(column, _)| *column))
                    .collect();
                let mut grouping = Grouping::default();
                for item in items {
                    let (mut computed, mut reads) = (false, false);
                    item.expr.walk(&mut |part| {
                        if let ExprKind::Column(column) = part.kind
                            && made.contains(&column)
                        {
                            computed = true;
                        }
                        reads |= matches!(
                            part.kind,
                            ExprKind::Column(_) | ExprKind::Subquery(_) | ExprKind::Unknown(_)
                        );
                    });
                    if !computed && reads {
                        grouping.place(item.expr.clone());
                    }
                }
                let listed = items
                    .iter()
                    .fold(Span::default(), |span, item| span.join(item.span));
                let span = self.places.group_by_all(listed).unwrap_or(listed);
                Some(Grouping {
                    word: "GROUP BY ALL",
                    span,
                    ..grouping
                })
            }
            ast::GroupByExpr::Expressions(exprs, modifiers) => {
                self.reject_modifiers(modifiers);
                if exprs.is_empty() {
                    return None;
                }
                let span = exprs.iter().fold(Span::default(), |span, expr| {
                    span.join(self.places.expr(expr))
                });
                let mut grouping = Grouping {
                    word: "GROUP BY",
                    span,
                    ..Grouping::default()
                };
                self.frames.push(Frame {
                    names: aliases(items),
                    ..Frame::default()
                });
                let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
                let mut several = false;
                for expr in exprs {
                    let alternatives = self.alternatives(expr, items, &mut grouping);
                    several |= alternatives.len() > 1;
                    if !self.combine_sets(&mut sets, &alternatives, span) {
                        break;
                    }
                }
                self.frames.pop();
                if several {
                    grouping.word = "GROUPING SETS";
                    grouping.sets = sets;
                }
                Some(grouping)
            }
        }
    }

    /// Combines each set with each alternative of one element of GROUP BY.
    ///
    /// Returns `false` and reports a problem if there would be too many sets.
    pub(super) fn combine_sets(
        &mut self,
        sets: &mut Vec<Vec<usize>>,
        alternatives: &[Vec<usize>],
        span: Span,
    ) -> bool {
        if let [only] = alternatives {
            for set in sets {
                set.extend(only);
            }
            return true;
        }
        if sets.len().saturating_mul(alternatives.len()) > SETS_LIMIT {
            self.too_many_sets(span);
            return false;
        }
        let all = sets.iter().flat_map(|set| {
            let more = alternatives.iter();
            more.map(move |more| [&set[..], more].concat())
        });
        *sets = all.collect();
        true
    }

    fn too_many_sets(&mut self, span: Span) {
        self.unsupported("more than 256 grouping sets", span);
    }

    fn reject_modifiers(&mut self, modifiers: &[ast::GroupByWithModifier]) {
        if !modifiers.is_empty() {
            self.unsupported("WITH ROLLUP, WITH CUBE or WITH TOTALS", Span::default());
        }
    }

    /// Returns the alternative sets of keys that one element of GROUP BY adds.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "any other expression is a key of its own"
    )]
    pub(super) fn alternatives(
        &mut self,
        expr: &ast::Expr,
        items: &[Item],
        grouping: &mut Grouping,
    ) -> Vec<Vec<usize>> {
        match without_parentheses(expr) {
            ast::Expr::Rollup(levels) => {
                let levels = self.key_levels(levels, items, grouping);
                if levels.len() >= SETS_LIMIT {
                    self.too_many_sets(grouping.span);
                    return vec![levels.concat()];
                }
                (0..=levels.len())
                    .rev()
                    .map(|count| levels[..count].concat())
                    .collect()
            }
            ast::Expr::Cube(levels) => {
                let levels = self.key_levels(levels, items, grouping);
                if levels.len() > 8 {
                    self.unsupported("a CUBE of more than 8 columns", grouping.span);
                    return vec![levels.concat()];
                }
                (0..1_usize << levels.len())
                    .map(|mask| {
                        levels
                            .iter()
                            .enumerate()
                            .filter(|(at, _)| mask & (1 << at) != 0)
                            .flat_map(|(_, level)| level.iter().copied())
                            .collect()
                    })
                    .collect()
            }
            ast::Expr::GroupingSets(sets) => self.key_levels(sets, items, grouping),
            // `(a, b)` is one value, so its parts are columns of FROM and not
            // aliases. Grouping by it is grouping by its parts.
            ast::Expr::Tuple(values) => {
                let keys = values
                    .iter()
                    .map(|value| {
                        let bound = self.key_of_columns(value);
                        grouping.place(bound)
                    })
                    .collect();
                vec![keys]
            }
            other => match marked::call(other) {
                Some((name, args)) => self.called_sets(&name, &args, other, items, grouping),
                None => vec![vec![self.key(other, items, grouping)]],
            },
        }
    }

    /// Returns grouping sets that are encoded as calls.
    ///
    /// These are the ones inside GROUPING SETS and after `|> AGGREGATE … GROUP BY`.
    fn called_sets(
        &mut self,
        name: &str,
        args: &[&ast::Expr],
        whole: &ast::Expr,
        items: &[Item],
        grouping: &mut Grouping,
    ) -> Vec<Vec<usize>> {
        let levels = || -> Vec<Vec<ast::Expr>> {
            args.iter()
                .map(|level| {
                    let level = without_parentheses(level);
                    if let ast::Expr::Tuple(keys) = level {
                        keys.clone()
                    } else {
                        vec![level.clone()]
                    }
                })
                .collect()
        };
        match name {
            marker::NOTHING => vec![Vec::new()],
            marker::GROUPING_SETS => args
                .iter()
                .flat_map(|set| {
                    if let ast::Expr::Tuple(keys) = without_parentheses(set) {
                        return self.key_levels(std::slice::from_ref(keys), items, grouping);
                    }
                    self.alternatives(set, items, grouping)
                })
                .collect(),
            "ROLLUP" => self.alternatives(&ast::Expr::Rollup(levels()), items, grouping),
            "CUBE" => self.alternatives(&ast::Expr::Cube(levels()), items, grouping),
            _ => vec![vec![self.key(whole, items, grouping)]],
        }
    }

    fn key_levels(
        &mut self,
        levels: &[Vec<ast::Expr>],
        items: &[Item],
        grouping: &mut Grouping,
    ) -> Vec<Vec<usize>> {
        levels
            .iter()
            .map(|level| {
                level
                    .iter()
                    .map(|key| self.key(key, items, grouping))
                    .collect()
            })
            .collect()
    }

    /// Binds one key: an ordinal, an alias of the list, or an expression.
    fn key(&mut self, expr: &ast::Expr, items: &[Item], grouping: &mut Grouping) -> usize {
        budget::spend(1);
        let span = self.places.expr(expr);
        let expr = without_parentheses(expr);
        let bound = match ordinal(expr) {
            Some(at) => match items.get(at) {
                Some(item) => {
                    let mut key = item.expr.clone();
                    key.span = span;
                    key
                }
                None => {
                    self.problem(
                        ProblemKind::UnresolvedColumn,
                        span,
                        format!("GROUP BY {} is not in the SELECT list", at + 1),
                        &format!("the list has {} columns", items.len()),
                    );
                    Expr::unknown("an ordinal out of range", span)
                }
            },
            None => {
                if let ast::Expr::Identifier(ident) = expr {
                    self.named_key(expr, &ident.value, items, grouping)
                } else {
                    self.key_of_columns(expr)
                }
            }
        };
        grouping.place(bound)
    }

    /// Binds a key that is an expression: its names are columns, not aliases.
    fn key_of_columns(&mut self, expr: &ast::Expr) -> Expr {
        let aliases = self
            .frames
            .last_mut()
            .map(|frame| std::mem::take(&mut frame.names));
        let bound = self.without_hoist(|binder| binder.expr(expr));
        if let (Some(frame), Some(aliases)) = (self.frames.last_mut(), aliases) {
            frame.names = aliases;
        }
        bound
    }

    /// Binds a key that is a bare name.
    ///
    /// If the list has a `*` over undeclared columns, the name may be one of them.
    /// Since all columns of such a list must be keys, the `*` outputs no others.
    fn named_key(
        &mut self,
        expr: &ast::Expr,
        name: &str,
        items: &[Item],
        grouping: &mut Grouping,
    ) -> Expr {
        let span = self.places.expr(expr);
        let bound = self.without_hoist(|binder| binder.expr(expr));
        // All elements of a GROUP BY are bound with the same list.
        let has_star = || items.iter().any(|item| item.without.is_some());
        if !*grouping.has_star.get_or_insert_with(has_star) {
            return bound;
        }
        budget::spend(items.len() / 64);
        let aliased = items
            .iter()
            .any(|item| item.named && item.name.eq_ignore_ascii_case(name));
        let stars: Vec<&Item> = items.iter().filter(|item| item.without.is_some()).collect();
        if aliased || stars.is_empty() {
            return bound;
        }
        let mut fields: Vec<Expr> = stars
            .iter()
            .filter(|item| !matches!(item.expr.kind, ExprKind::Column(_)))
            .map(|item| {
                Expr::new(
                    ExprKind::Field(Box::new(item.expr.clone()), name.to_owned()),
                    span,
                )
            })
            .collect();
        let key = if fields.is_empty() {
            bound
        } else {
            fields.push(bound);
            Expr::new(ExprKind::Either(fields), span)
        };
        grouping.starred.push((name.to_owned(), key.clone()));
        key
    }

    /// Adds the aggregation and rewrites every expression above it to read its
    /// output.
    pub(super) fn aggregate(
        &mut self,
        input: RelId,
        grouping: Grouping,
        hoist: &mut Hoist,
        above: Vec<&mut Expr>,
        privacy: Option<PrivacyClause>,
        span: Span,
    ) -> RelId {
        let aggregates = std::mem::take(&mut hoist.aggregates);
        let place = if grouping.span.is_empty() {
            aggregates.first().map_or(span, |(_, call)| call.span)
        } else {
            grouping.span
        };
        let relation = self.add(
            Operator::Aggregate(Aggregate {
                input,
                keys: Vec::new(),
                sets: grouping.sets,
                aggregates: Vec::new(),
                privacy,
            }),
            Vec::new(),
            grouping.word,
            place,
        );
        let keys: Vec<KeyColumn> = grouping
            .keys
            .into_iter()
            .map(|expr| {
                let column = if let Some(inner) = expr.as_column() {
                    if self.is_rest(inner) {
                        let without = self.names_made_of(inner);
                        self.rest(
                            Expansion::GroupedNumber(relation, inner),
                            without,
                            expr.span,
                        )
                    } else {
                        let name = self.plan.column(inner).name.clone();
                        self.column(name, expr.span)
                    }
                } else if let ExprKind::Field(_, name) = &expr.kind {
                    self.column(name.clone(), expr.span)
                } else {
                    self.column(String::new(), expr.span)
                };
                KeyColumn { column, expr }
            })
            .collect();
        let made: FxHashSet<ColId> = keys
            .iter()
            .map(|key| key.column)
            .chain(aggregates.iter().map(|(column, _)| *column))
            .collect();
        let below = self.below();
        let index = KeyIndex::new(&keys);
        for expr in above {
            self.lift(expr, &index, &made, &below);
        }
        for (_, window) in &mut hoist.windows {
            let mut parts: Vec<&mut Expr> = Vec::new();
            parts.extend(&mut window.call.args);
            parts.extend(&mut window.call.filter);
            parts.extend(&mut window.call.decided_by);
            parts.extend(&mut window.partition_by);
            parts.extend(&mut window.order_by);
            for part in parts {
                self.lift(part, &index, &made, &below);
            }
        }
        let made = self.plan.relation_mut(relation);
        made.columns = keys
            .iter()
            .map(|key| key.column)
            .chain(aggregates.iter().map(|(column, _)| *column))
            .collect();
        if let Operator::Aggregate(aggregate) = &mut made.operator {
            aggregate.keys = keys;
            aggregate.aggregates = aggregates;
        }
        relation
    }

    /// Returns the columns of the current FROM clause.
    ///
    /// After the aggregation, only keys and aggregates remain of them.
    fn below(&self) -> FxHashSet<ColId> {
        let mut below = FxHashSet::default();
        if let Some(frame) = self.frames.last() {
            for range in &frame.scope.ranges {
                below.extend(self.listed(&range.columns));
                below.extend(range.element.iter().map(|element| element.column));
            }
            below.extend(frame.scope.merged.iter().copied());
        }
        below
    }

    /// Rewrites an expression above an aggregation: what equals a key is its column.
    ///
    /// A column that is neither a key nor aggregated is an error in SQL, and is
    /// reported.
    fn lift(
        &mut self,
        expr: &mut Expr,
        keys: &KeyIndex<'_>,
        made: &FxHashSet<ColId>,
        below: &FxHashSet<ColId>,
    ) {
        if let Some(key) = keys.find(expr) {
            expr.kind = ExprKind::Column(key.column);
            return;
        }
        if let ExprKind::Either(all) = &mut expr.kind {
            // An alternative that would be an error is not the one that is meant.
            let stays = |one: &Expr| {
                let mut legal = true;
                one.walk(&mut |part| {
                    let column = part.as_column().filter(|column| below.contains(column));
                    legal &= column.is_none_or(|column| made.contains(&column));
                });
                legal || keys.find(one).is_some()
            };
            if all.iter().any(stays) {
                all.retain(stays);
            }
            if let [only] = all.as_mut_slice() {
                let only = std::mem::replace(only, Expr::unknown("", expr.span));
                *expr = only;
                return self.lift(expr, keys, made, below);
            }
        }
        if let Some(column) = expr.as_column()
            && below.contains(&column)
            && !made.contains(&column)
        {
            let name = self.plan.column(column).name.clone();
            self.problem(
                ProblemKind::UnresolvedColumn,
                expr.span,
                format!("`{name}` is neither grouped by nor aggregated"),
                "add it to GROUP BY, or aggregate it",
            );
            expr.kind = ExprKind::Unknown(format!("{name}, neither grouped nor aggregated"));
            return;
        }
        if let ExprKind::Subquery(subquery) = &mut expr.kind {
            for column in &mut subquery.outer {
                if let Some(key) = keys.columns.get(column) {
                    *column = *key;
                }
            }
            let relation = subquery.relation;
            self.lift_inside(relation, &keys.columns);
        }
        for child in expr.children_mut() {
            self.lift(child, keys, made, below);
        }
    }

    /// Renames the keys that are plain columns inside a correlated subquery.
    fn lift_inside(&mut self, relation: RelId, renames: &FxHashMap<ColId, ColId>) {
        if renames.is_empty() {
            return;
        }
        let mut open = vec![relation];
        let mut seen = FxHashSet::default();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let operator = &mut self.plan.relation_mut(id).operator;
            for expr in operator.expressions_mut() {
                rename(expr, renames, &mut open);
            }
            open.extend(operator.inputs());
        }
    }
}

/// Returns whether an element of GROUP BY is a set of keys rather than a key.
pub(super) fn is_sets(expr: &ast::Expr) -> bool {
    let written = matches!(
        expr,
        ast::Expr::Rollup(_) | ast::Expr::Cube(_) | ast::Expr::GroupingSets(_)
    );
    let called = || {
        marked::call(expr).is_some_and(|(name, _)| {
            matches!(
                name.as_str(),
                marker::NOTHING | marker::GROUPING_SETS | "ROLLUP" | "CUBE"
            )
        })
    };
    written || called()
}

/// Renames columns in an expression; relations of subqueries are added to `open`.
fn rename(expr: &mut Expr, renames: &FxHashMap<ColId, ColId>, open: &mut Vec<RelId>) {
    if let ExprKind::Column(column) = &mut expr.kind
        && let Some(to) = renames.get(column)
    {
        *column = *to;
    }
    if let ExprKind::Subquery(subquery) = &expr.kind {
        open.push(subquery.relation);
    }
    for child in expr.children_mut() {
        rename(child, renames, open);
    }
}
