//! Name resolution: which columns are visible in which scope.

use std::rc::Rc;

use super::changes::is_pseudo_column;
use super::{Binder, ColId, Expr, Operator, ProblemKind, RelId};
use crate::budget::spend;
use crate::plan::ExprKind;
use crate::source::Span;

/// A range variable: one FROM item, as name resolution sees it.
#[derive(Debug, Clone)]
pub(super) struct RangeVariable {
    /// Its alias, or the last part of the table's name.
    pub(super) alias: Option<String>,
    /// Its columns; one of them may stand for unknown columns.
    pub(super) columns: Vec<ColId>,
    /// The single value that a row of it is, for UNNEST and value tables.
    pub(super) element: Option<Element>,
    /// Whether only its alias is visible.
    ///
    /// A pipe operator has put other columns under the bare names.
    pub(super) behind: bool,
    /// The scan of a warehouse table, if it is one; such a table has pseudo-columns.
    pub(super) scan: Option<RelId>,
}

/// A value whose fields, if it is a struct, are visible as columns.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) column: ColId,
    pub(super) fields: ElementFields,
}

/// What is known about the fields of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ElementFields {
    /// It is not a struct.
    None,
    /// Exactly these fields.
    Known(Vec<String>),
    /// Nothing is known.
    Unknown,
}

/// The visible names of a FROM clause.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) ranges: Vec<RangeVariable>,
    /// The columns that USING merged.
    pub(super) merged: Vec<ColId>,
    /// The columns that merged ones hide from `*`.
    pub(super) hidden: Vec<ColId>,
}

impl Scope {
    /// Iterates over the ranges whose columns are visible under their bare names.
    pub(super) fn bare(&self) -> impl Iterator<Item = &RangeVariable> {
        self.ranges.iter().filter(|range| !range.behind)
    }
}

/// The scope of the current query or of an enclosing one.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) scope: Rc<Scope>,
    /// Names that take precedence over columns: aliases of the SELECT list in GROUP
    /// BY, HAVING, QUALIFY and ORDER BY, and arguments of an inlined function.
    pub(super) names: Vec<(String, Expr)>,
    /// Whether enclosing frames are invisible, as in the body of a function.
    pub(super) closed: bool,
    /// The columns that inner queries read from this frame.
    pub(super) read_from_inside: Vec<ColId>,
    /// Whether a query begins here, so that a read across this frame is a
    /// correlation.
    pub(super) query: bool,
}

/// The maximal number of columns that a message about an unresolved name lists.
const SHOWN: usize = 12;

/// Units of budget for one field of a whole row, which takes about 500 bytes.
const OF_A_FIELD: usize = 5;

/// Spends the budget for a search through this many names.
pub(super) fn search(names: usize) {
    spend(names / 128);
}

impl Frame {
    pub(super) fn of(scope: Scope) -> Self {
        Self {
            scope: Rc::new(scope),
            query: true,
            ..Self::default()
        }
    }

    /// Returns the meaning of a name that takes precedence over columns.
    pub(super) fn named(&self, name: &str) -> Option<&Expr> {
        search(self.names.len());
        let mut names = self.names.iter();
        let found = names.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, meant)| meant)
    }

    /// Returns the argument with this name if the frame is the body of a function.
    pub(super) fn argument(&self, name: &str) -> Option<&Expr> {
        self.named(name).filter(|_| self.closed)
    }
}

impl Binder<'_> {
    /// Resolves a single name.
    pub(super) fn resolve(&mut self, name: &str, span: Span) -> Expr {
        match self.look_up(name, span) {
            Some(expr) => expr,
            None => match self.variable(name, span) {
                Some(value) => value,
                None => self.unresolved(name, span),
            },
        }
    }

    pub(super) fn unresolved(&mut self, name: &str, span: Span) -> Expr {
        let ranges = self.frames.iter().flat_map(|frame| &frame.scope.ranges);
        let mut visible: Vec<String> = Vec::new();
        for column in ranges.flat_map(|range| &range.columns) {
            let column = &self.plan.column(*column).name;
            if !column.is_empty() && !visible.contains(column) {
                visible.push(column.clone());
            }
            if visible.len() == SHOWN {
                break;
            }
        }
        let help = if visible.is_empty() {
            "no table is in scope here".to_owned()
        } else {
            format!("columns in scope: {}", visible.join(", "))
        };
        self.problem(
            ProblemKind::UnresolvedColumn,
            span,
            format!("no table in scope has a column `{name}`"),
            &help,
        );
        Expr::unknown(format!("unresolved name {name}"), span)
    }

    /// Looks up a name from the innermost frame outwards.
    pub(super) fn look_up(&mut self, name: &str, span: Span) -> Option<Expr> {
        let mut at = self.frames.len();
        let mut crossed = Vec::new();
        let mut nameless = false;
        while at > 0 {
            at -= 1;
            let found = self.look_up_in(at, name, span);
            if let Some(expr) = found.filter(|expr| !self.is_argument_before(at, name, expr)) {
                if nameless {
                    return Some(self.maybe_nameless(name, span));
                }
                self.note_correlation(&crossed, at, &expr);
                if self.is_undeclared_before_variable(at, name) {
                    return Some(self.or_declared(expr, at, crossed, name, span));
                }
                if self.is_guessed(&self.frames[at].scope, &expr) && !self.frames[at].closed {
                    return Some(self.or_around(expr, at, crossed, name, span));
                }
                return Some(self.or_enclosing(expr, at, &crossed, &[(name, span)], span));
            }
            nameless |= self.has_nameless(&self.frames[at].scope);
            if self.frames[at].closed {
                break;
            }
            crossed.push(at);
        }
        nameless.then(|| self.maybe_nameless(name, span))
    }

    /// Returns whether a column without a known name is visible; it may have any
    /// name.
    fn has_nameless(&self, scope: &Scope) -> bool {
        scope.bare().flat_map(|range| &range.columns).any(|column| {
            let column = self.plan.column(*column);
            column.rest.is_none() && column.name.is_empty()
        })
    }

    /// Reports a name that may be an unnamed column or one of an enclosing query.
    fn maybe_nameless(&mut self, name: &str, span: Span) -> Expr {
        self.problem(
            ProblemKind::UnresolvedColumn,
            span,
            format!("`{name}` may be an unnamed column of this query, or a column of an enclosing query"),
            "give each column of the query in FROM an alias, or write the table's alias before the name",
        );
        Expr::unknown(
            format!("{name}, which may be a column without a name"),
            span,
        )
    }

    /// Records that an inner query reads columns of an enclosing query.
    pub(super) fn note_correlation(&mut self, crossed: &[usize], at: usize, expr: &Expr) {
        if crossed.iter().any(|frame| self.frames[*frame].query) {
            let mut columns = Vec::new();
            expr.walk(&mut |part| {
                if let ExprKind::Column(column) = part.kind {
                    columns.push(column);
                }
            });
            self.frames[at].read_from_inside.extend(columns);
        }
    }

    pub(super) fn look_up_in(&mut self, at: usize, name: &str, span: Span) -> Option<Expr> {
        let frame = &self.frames[at];
        if let Some(expr) = frame.named(name) {
            let mut expr = expr.clone();
            expr.span = span;
            return Some(expr);
        }
        let scope = Rc::clone(&frame.scope);
        self.look_up_in_scope(&scope, name, span)
    }

    /// Looks up a name among the FROM items.
    ///
    /// A range variable takes precedence over a column with the same name, as in
    /// GoogleSQL.
    pub(super) fn look_up_in_scope(
        &mut self,
        scope: &Scope,
        name: &str,
        span: Span,
    ) -> Option<Expr> {
        if let Some(range) = scope.ranges.iter().find(|range| range.has_name(name)) {
            return Some(self.whole_row(range, span));
        }
        for column in &scope.merged {
            if self.plan.column(*column).name.eq_ignore_ascii_case(name) {
                return Some(Expr::column(*column, span));
            }
        }
        let mut sure = Vec::new();
        for range in scope.bare() {
            search(range.columns.len());
            for column in &range.columns {
                if self.plan.column(*column).is_certainly_named(name) {
                    sure.push(Expr::column(*column, span));
                }
            }
            if let Some(element) = &range.element
                && let ElementFields::Known(fields) = &element.fields
                && fields.iter().any(|field| field.eq_ignore_ascii_case(name))
            {
                sure.push(self.element_field(element, name, span));
            }
        }
        if !sure.is_empty() {
            return Some(self.one_of(name, sure, span));
        }
        // Names of pseudo-columns are reserved: no struct has such a field.
        let pseudo = is_pseudo_column(name) && scope.bare().any(|range| range.scan.is_some());
        let declared = pseudo || self.is_declared(scope, name);
        let (mut from_tables, mut from_elements) = (Vec::new(), Vec::new());
        for range in scope.bare() {
            for column in &range.columns {
                if self.is_rest(*column)
                    && let Some(found) = self.expand(*column, name, span)
                {
                    from_tables.push(Expr::column(found, span));
                }
            }
            if let Some(element) = &range.element
                && element.fields == ElementFields::Unknown
                && !declared
            {
                from_elements.push(self.element_field(element, name, span));
            }
        }
        if from_tables.len() > 1 {
            return Some(self.one_of(name, from_tables, span));
        }
        from_tables.append(&mut from_elements);
        match from_tables.len() {
            0 if is_pseudo_column(name) => {
                let scans: Vec<RelId> = scope.bare().filter_map(|range| range.scan).collect();
                let found: Vec<Expr> = scans
                    .into_iter()
                    .map(|scan| Expr::column(self.pseudo_column(scan, name, span), span))
                    .collect();
                (!found.is_empty()).then(|| self.one_of(name, found, span))
            }
            0 => None,
            1 => from_tables.pop(),
            _ => Some(Expr::new(ExprKind::Either(from_tables), span)),
        }
    }

    /// Whether the registry declares a column of a name for a table of a FROM clause
    /// itself. An element beside it has no such field: the query would be an error, since
    /// GoogleSQL calls the name ambiguous.
    pub(super) fn is_declared(&self, scope: &Scope, name: &str) -> bool {
        scope.bare().any(|range| {
            let scan = range.scan.map(|scan| &self.plan.relation(scan).operator);
            matches!(scan, Some(Operator::Scan(table)) if self.catalog.declares(&table.name, name))
        })
    }

    fn one_of(&mut self, name: &str, mut found: Vec<Expr>, span: Span) -> Expr {
        if found.len() == 1
            && let Some(only) = found.pop()
        {
            return only;
        }
        self.problem(
            ProblemKind::UnresolvedColumn,
            span,
            format!("`{name}` may be a column of more than one table in scope"),
            &format!(
                "write the table's alias before it (`alias.{name}`), or list the tables' `columns` in the registry"
            ),
        );
        Expr::new(ExprKind::Either(found), span)
    }

    fn element_field(&self, element: &Element, name: &str, span: Span) -> Expr {
        Expr::new(
            ExprKind::Field(
                Box::new(Expr::column(element.column, span)),
                name.to_owned(),
            ),
            span,
        )
    }

    /// Returns a whole row of a FROM item as one value.
    pub(super) fn whole_row(&mut self, range: &RangeVariable, span: Span) -> Expr {
        if let Some(element) = &range.element {
            return Expr::column(element.column, span);
        }
        let columns = self.listed(&range.columns);
        spend(OF_A_FIELD * columns.len());
        let fields = columns
            .into_iter()
            .map(|column| {
                (
                    Some(self.plan.column(column).name.clone()),
                    Expr::column(column, span),
                )
            })
            .collect();
        Expr::new(ExprKind::Struct(fields), span)
    }

    /// Resolves a dotted path: a column of a range variable, or a field of a column.
    pub(super) fn resolve_path(&mut self, path: &[(&str, Span)], span: Span) -> Expr {
        let [(first, first_span), tail @ ..] = path else {
            return Expr::unknown("an empty name", span);
        };
        let mut at = self.frames.len();
        let mut crossed = Vec::new();
        let mut nameless = false;
        while at > 0 {
            at -= 1;
            let scope = Rc::clone(&self.frames[at].scope);
            let named = self.frames[at].named(first).is_some();
            if !named
                && let Some(range) = scope.ranges.iter().find(|range| range.has_name(first))
                && let Some(((name, name_span), fields)) = tail.split_first()
                && !self.is_its_tables_column(range, path)
            {
                let base = self.column_of(range, name, first_span.join(*name_span));
                self.note_correlation(&crossed, at, &base);
                return with_fields(base, fields, span);
            }
            let base = match scope.ranges.iter().find(|range| range.has_name(first)) {
                Some(range) if !named && tail.is_empty() => {
                    Some(self.whole_row(range, *first_span))
                }
                Some(range) if !named => Some(self.column_of(range, first, *first_span)),
                Some(_) | None => self.look_up_in(at, first, *first_span),
            };
            let base = base.filter(|base| !self.is_argument_before(at, first, base));
            if let Some(base) = base {
                if nameless {
                    return self.maybe_nameless(first, span);
                }
                self.note_correlation(&crossed, at, &base);
                if self.is_undeclared_before_variable(at, first) {
                    let base = self.or_declared(base, at, crossed, first, *first_span);
                    return with_fields(base, tail, span);
                }
                let found = with_fields(base, tail, span);
                return self.or_enclosing(found, at, &crossed, path, span);
            }
            nameless |= self.has_nameless(&scope);
            if self.frames[at].closed {
                break;
            }
            crossed.push(at);
        }
        let base = self.resolve(first, *first_span);
        with_fields(base, tail, span)
    }

    /// Returns whether a path that starts with a table's name means a column of it.
    ///
    /// BigQuery reads `metrics.counter.x` FROM `app.metrics` as a field of the
    /// column `metrics` if the table has no column `counter`. Without a complete
    /// schema, the catalog must know the whole path, and not the path without its
    /// first name.
    fn is_its_tables_column(&self, range: &RangeVariable, path: &[(&str, Span)]) -> bool {
        let rest = range.columns.iter().find_map(|column| {
            if let super::Expansion::Scan(scan) = self.plan.column(*column).rest.as_ref()?.of {
                Some(scan)
            } else {
                None
            }
        });
        let scan = rest.or(range.scan);
        let Some(Operator::Scan(table)) = scan.map(|scan| &self.plan.relation(scan).operator)
        else {
            return false;
        };
        let names: Vec<&str> = path.iter().map(|(name, _)| *name).collect();
        let own_name = table
            .name
            .parts()
            .last()
            .is_some_and(|own| own.eq_ignore_ascii_case(names[0]));
        if rest.is_none() {
            let has = |name: &str| {
                let mut columns = range.columns.iter();
                columns.any(|column| self.plan.column(*column).is_certainly_named(name))
            };
            return own_name && names.len() > 1 && has(names[0]) && !has(names[1]);
        }
        own_name
            && names.len() > 2
            && !self.catalog.knows(&table.name, &names[1..])
            && self.catalog.knows(&table.name, &names)
    }

    /// Returns a column of one FROM item by its name.
    pub(super) fn column_of(&mut self, range: &RangeVariable, name: &str, span: Span) -> Expr {
        search(range.columns.len());
        let known: Vec<_> = range
            .columns
            .iter()
            .filter(|column| self.plan.column(**column).is_certainly_named(name))
            .map(|column| Expr::column(*column, span))
            .collect();
        if !known.is_empty() {
            return self.one_of(name, known, span);
        }
        if let Some(element) = &range.element {
            return self.element_field(element, name, span);
        }
        let mut found = Vec::new();
        for column in &range.columns {
            if self.is_rest(*column)
                && let Some(column) = self.expand(*column, name, span)
            {
                found.push(Expr::column(column, span));
            }
        }
        if let Some(scan) = range.scan.filter(|_| found.is_empty())
            && is_pseudo_column(name)
        {
            return Expr::column(self.pseudo_column(scan, name, span), span);
        }
        if found.is_empty() {
            let alias = range.alias.clone().unwrap_or_default();
            let names: Vec<_> = range
                .columns
                .iter()
                .map(|column| self.plan.column(*column).name.clone())
                .take(12)
                .collect();
            self.problem(
                ProblemKind::UnresolvedColumn,
                span,
                format!("`{alias}` has no column `{name}`"),
                &format!("known columns: {}", names.join(", ")),
            );
            return Expr::unknown(format!("unresolved name {alias}.{name}"), span);
        }
        self.one_of(name, found, span)
    }
}

impl RangeVariable {
    pub(super) fn has_name(&self, name: &str) -> bool {
        // Only a quoted name contains dots: the table's name as it was read.
        let name = name.rsplit('.').next().unwrap_or(name);
        self.alias
            .as_deref()
            .is_some_and(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// Returns the value of `base.a.b`.
pub(super) fn with_fields(base: Expr, fields: &[(&str, Span)], span: Span) -> Expr {
    fields
        .iter()
        .fold(base, |base, (name, at)| {
            let span = base.span.join(*at).join(Span::default());
            field(base, name, span)
        })
        .at(span, fields.is_empty())
}

/// Returns a field of a value; of a struct literal, the expression of the field.
pub(super) fn field(base: Expr, name: &str, span: Span) -> Expr {
    if let ExprKind::Either(all) = base.kind {
        let all = all.into_iter().map(|one| field(one, name, span)).collect();
        return Expr::new(ExprKind::Either(all), span);
    }
    if let ExprKind::Struct(fields) = &base.kind
        && let Some((_, value)) = fields.iter().find(|(field, _)| {
            field
                .as_deref()
                .is_some_and(|field| field.eq_ignore_ascii_case(name))
        })
    {
        return value.clone();
    }
    Expr::new(ExprKind::Field(Box::new(base), name.to_owned()), span)
}

impl Expr {
    fn at(mut self, span: Span, keep: bool) -> Self {
        if !keep {
            self.span = span;
        }
        self
    }
}
