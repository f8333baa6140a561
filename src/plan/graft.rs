//! Grafting of one plan into another.
//!
//! A table that another file makes is read through the plan of what makes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{
    Aggregate, AggregateCall, ColId, Column, Definition, Expansion, Expr, ExprKind, KeyColumn,
    Operator, Plan, PrivacyClause, ReadTable, RelId, RestColumns, Segment, Window, Writer,
};
use crate::budget;
use crate::source::Span;

/// The plans of other files within a plan, and the texts that they come from.
#[derive(Debug, Clone, Default)]
pub struct Grafted {
    /// The tables whose plans are included, with the relations of their rows. Each
    /// table is included once, however many readers it has.
    pub tables: Vec<(Arc<Definition>, RelId)>,
    /// The texts, one after another.
    pub segments: Vec<Segment>,
    /// Length of all texts in bytes, including the reader's own.
    pub extent: u32,
    /// The places of statements that add rows on each run to those of earlier runs.
    pub runs: Vec<Span>,
}

impl Grafted {
    /// Returns the paths of the other files that the plan was made with.
    ///
    /// Files of the tables' definitions are included even if nothing of them was
    /// grafted.
    pub fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        let mut known: FxHashSet<*const Definition> = FxHashSet::default();
        let mut open = vec![self];
        while let Some(grafted) = open.pop() {
            let texts = grafted.segments.iter().map(|segment| &segment.text);
            files.extend(texts.map(|text| text.written.path().to_owned()));
            for (definition, _) in &grafted.tables {
                if !known.insert(Arc::as_ptr(definition)) {
                    continue;
                }
                for writer in &definition.writers {
                    files.insert(writer.text.written.path().to_owned());
                    open.push(&writer.grafted);
                }
            }
        }
        files
    }

    /// Undoes additions, back to an earlier [`length`](Self::length).
    pub(super) fn truncate(&mut self, (tables, segments, extent): (usize, usize, u32)) {
        self.tables.truncate(tables);
        self.segments.truncate(segments);
        self.extent = extent;
    }

    /// Returns the current numbers of tables and segments, and the extent.
    pub(super) fn length(&self) -> (usize, usize, u32) {
        (self.tables.len(), self.segments.len(), self.extent)
    }

    /// Returns whether a place is in the text of another file.
    pub fn is_elsewhere(&self, span: Span) -> bool {
        let first = self.segments.first();
        first.is_some_and(|segment| segment.start <= span.start)
    }

    /// Returns the places of the texts that write a table whose relation has a property.
    pub fn texts_of(&self, property: impl Fn(RelId) -> bool) -> Vec<Span> {
        let mut found = Vec::new();
        for (definition, relation) in &self.tables {
            if !property(*relation) {
                continue;
            }
            let texts = self.segments.iter().filter(|segment| {
                let mut writers = definition.writers.iter();
                writers.any(|writer| Arc::ptr_eq(&writer.text, &segment.text))
            });
            found.extend(texts.map(|text| Span::new(text.start as usize, text.end as usize)));
        }
        found
    }

    /// Returns the relation for the rows of a table, if the table is included.
    pub fn table(&self, definition: &Arc<Definition>) -> Option<RelId> {
        let mut tables = self.tables.iter();
        tables.find_map(|(known, relation)| Arc::ptr_eq(known, definition).then_some(*relation))
    }
}

impl Plan {
    /// Returns the number of relations; every id is smaller.
    pub fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// Undoes additions, back to these numbers of relations and columns.
    pub(super) fn truncate(&mut self, relations: usize, columns: usize) {
        self.relations.list_mut().truncate(relations);
        self.columns.truncate(columns);
    }

    /// Grafts what a statement of another file writes, and returns its relation.
    ///
    /// Tables that this plan already contains are shared, not grafted again.
    /// `read_at` is the place where the reader reads the table. `None` if the
    /// statement has no plan; nothing is grafted then.
    pub fn graft(
        &mut self,
        writer: &Writer,
        read_at: Span,
        grafted: &mut Grafted,
    ) -> Option<RelId> {
        let other = &writer.plan;
        let root = other.root?;
        let mut graft = Graft {
            writer,
            read_at,
            relations: vec![None; other.relations.len()],
            columns: vec![None; other.columns.len()],
            taken: Vec::new(),
            first: small(self.columns.len()),
            bases: vec![None; writer.grafted.segments.len() + 1],
            grafted,
        };
        for (definition, theirs) in &writer.grafted.tables {
            if let Some(ours) = graft.grafted.table(definition) {
                graft.share(self, *theirs, ours);
            }
        }
        graft.base(0);
        let needed = graft.needed(root);
        for (at, relation) in other.relations.iter().enumerate() {
            if !needed[at] {
                continue;
            }
            let mut relation = relation.clone();
            // An operator reads only relations before it; the expansion of a rest
            // may name the relation that the rest belongs to.
            graft.relations[at] = Some(RelId(small(self.relations.len())));
            graft.operator(&mut relation.operator);
            relation.origin.span = graft.place(relation.origin.span);
            graft.cols(relation.columns.iter_mut());
            budget::spend(2 + 2 * relation.columns.len());
            self.relations.push(relation);
        }
        let mut at = 0;
        while let Some(column) = graft.taken.get(at) {
            let column = graft.made(other.column(*column));
            self.columns.push(column);
            at += 1;
        }
        for run in &writer.grafted.runs {
            let place = graft.place(*run);
            graft.grafted.runs.push(place);
        }
        for (definition, theirs) in &writer.grafted.tables {
            if let Some(ours) = graft.of(*theirs)
                && graft.grafted.table(definition).is_none()
            {
                graft.grafted.tables.push((Arc::clone(definition), ours));
            }
        }
        graft.of(root)
    }
}

/// The mapping of the ids and places of a writer to those of its reader.
struct Graft<'g> {
    writer: &'g Writer,
    read_at: Span,
    relations: Vec<Option<RelId>>,
    columns: Vec<Option<ColId>>,
    /// The columns that are grafted, in the order of their new ids.
    ///
    /// The new ids start at `first`.
    taken: Vec<ColId>,
    first: u32,
    /// Where the writer's texts start among the reader's texts: first its own text,
    /// then those that it is made of. `None` for a text of which nothing is grafted.
    bases: Vec<Option<u32>>,
    grafted: &'g mut Grafted,
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Graft<'_> {
    /// Maps a table that both plans contain to the reader's relation of it.
    ///
    /// Columns correspond by position. A `*` over unknown columns may have changed
    /// the positions; such a table is not shared.
    fn share(&mut self, reader: &Plan, theirs: RelId, ours: RelId) {
        let other = &self.writer.plan;
        let known = &other.relation(theirs).columns;
        let held = &reader.relation(ours).columns;
        let whole = |plan: &Plan, columns: &[ColId]| {
            columns
                .iter()
                .all(|column| plan.column(*column).rest.is_none())
        };
        if known.len() == held.len() && whole(other, known) && whole(reader, held) {
            self.relations[theirs.0 as usize] = Some(ours);
            for (known, held) in known.iter().zip(held) {
                self.columns[known.0 as usize] = Some(*held);
            }
        }
    }

    /// Returns which relations have to be grafted in order to graft one.
    fn needed(&self, root: RelId) -> Vec<bool> {
        let mut needed = vec![false; self.relations.len()];
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let at = id.0 as usize;
            if needed[at] || self.relations[at].is_some() {
                continue;
            }
            needed[at] = true;
            let operator = &self.writer.plan.relation(id).operator;
            open.extend(operator.inputs());
            open.extend(operator.subqueries());
        }
        needed
    }

    /// Returns the start of one of the writer's texts among the reader's texts.
    ///
    /// A text that has no place yet is added after the text that reads it.
    fn base(&mut self, text: usize) -> u32 {
        if let Some(base) = self.bases[text] {
            return base;
        }
        let (length, source, read_at) = match text.checked_sub(1) {
            None => (self.writer.own, &self.writer.text, self.read_at),
            Some(inner) => {
                let inner = &self.writer.grafted.segments[inner];
                let read_at = self.place(inner.read_at);
                (inner.end - inner.start, &inner.text, read_at)
            }
        };
        let base = self.grafted.extent;
        self.grafted.extent = base.saturating_add(length);
        self.grafted.segments.push(Segment {
            start: base,
            end: self.grafted.extent,
            text: Arc::clone(source),
            read_at,
        });
        self.bases[text] = Some(base);
        base
    }

    /// Translates a place in the writer's texts to one in the reader's texts.
    ///
    /// The default span means "no place" and is kept.
    fn place(&mut self, span: Span) -> Span {
        if span == Span::default() {
            return span;
        }
        let segments = &self.writer.grafted.segments;
        let text = segments.partition_point(|segment| segment.start <= span.start);
        let start = match text.checked_sub(1) {
            None => 0,
            Some(inner) => segments[inner].start,
        };
        let base = self.base(text);
        Span {
            start: base.saturating_add(span.start - start),
            end: base.saturating_add(span.end.saturating_sub(start)),
        }
    }

    /// Returns the reader's id of a relation, if it is in the reader's plan.
    fn of(&self, id: RelId) -> Option<RelId> {
        self.relations[id.0 as usize]
    }

    fn rel(&self, id: &mut RelId) {
        // Everything that a relation reads is grafted before it.
        if let Some(ours) = self.of(*id) {
            *id = ours;
        }
    }

    fn col(&mut self, id: &mut ColId) {
        let ours = match self.columns[id.0 as usize] {
            Some(ours) => ours,
            None => {
                let ours = ColId(self.first + small(self.taken.len()));
                self.taken.push(*id);
                self.columns[id.0 as usize] = Some(ours);
                ours
            }
        };
        *id = ours;
    }

    fn cols<'c>(&mut self, ids: impl IntoIterator<Item = &'c mut ColId>) {
        for id in ids {
            self.col(id);
        }
    }

    fn made(&mut self, column: &Column) -> Column {
        let Column { name, span, rest } = column;
        Column {
            name: name.clone(),
            span: self.place(*span),
            rest: rest.as_ref().map(|rest| {
                let RestColumns { of, without } = rest;
                RestColumns {
                    of: self.expansion(of),
                    without: without.clone(),
                }
            }),
        }
    }

    /// Translates the source of a rest; unknown if the source is not grafted.
    fn expansion(&mut self, of: &Expansion) -> Expansion {
        let mut of = of.clone();
        match &mut of {
            Expansion::Scan(relation)
            | Expansion::Set(relation)
            | Expansion::Projected(relation, _)
            | Expansion::GroupedNumber(relation, _)
            | Expansion::Reader(relation, _)
            | Expansion::Struct(relation, _) => match self.of(*relation) {
                Some(ours) => *relation = ours,
                None => return Expansion::Unknown,
            },
            Expansion::Unknown => {}
        }
        match &mut of {
            Expansion::Projected(_, column)
            | Expansion::GroupedNumber(_, column)
            | Expansion::Reader(_, column) => self.col(column),
            Expansion::Struct(_, value) => self.expr(value),
            Expansion::Scan(_) | Expansion::Set(_) | Expansion::Unknown => {}
        }
        of
    }

    fn expr(&mut self, expr: &mut Expr) {
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            expr.span = self.place(expr.span);
            match &mut expr.kind {
                ExprKind::Column(column) => self.col(column),
                ExprKind::Lambda(names, _) => self.cols(names),
                ExprKind::Subquery(subquery) => {
                    self.rel(&mut subquery.relation);
                    self.cols(&mut subquery.outer);
                }
                ExprKind::Literal(_)
                | ExprKind::Parameter(_)
                | ExprKind::Variable(_)
                | ExprKind::Call { .. }
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
                | ExprKind::Either(_)
                | ExprKind::Unknown(_) => {}
            }
            open.extend(expr.children_mut());
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn call(&mut self, call: &mut AggregateCall) {
        let AggregateCall {
            name: _,
            info: _,
            args,
            distinct: _,
            filter,
            decided_by,
            limit,
            nulls: _,
            span,
        } = call;
        self.exprs(args);
        self.exprs(filter);
        self.exprs(decided_by);
        self.exprs(limit);
        *span = self.place(*span);
    }

    fn operator(&mut self, operator: &mut Operator) {
        match operator {
            Operator::Scan(ReadTable {
                name: _,
                columns,
                rest,
                inside: _,
                as_of,
            }) => {
                self.cols(columns.iter_mut().map(|(column, _)| column));
                self.cols(rest);
                self.exprs(as_of);
            }
            Operator::Rows(rows) => self.exprs(rows.iter_mut().flatten()),
            Operator::Filter { input, predicate } => {
                self.rel(input);
                self.expr(predicate);
            }
            Operator::Project { input, columns } => {
                self.rel(input);
                for (column, value) in columns {
                    self.col(column);
                    self.expr(value);
                }
            }
            Operator::Aggregate(Aggregate {
                input,
                keys,
                sets: _,
                aggregates,
                privacy,
            }) => {
                self.rel(input);
                for KeyColumn { column, expr } in keys {
                    self.col(column);
                    self.expr(expr);
                }
                for (column, call) in aggregates {
                    self.col(column);
                    self.call(call);
                }
                if let Some(PrivacyClause {
                    kind: _,
                    options,
                    span,
                }) = privacy
                {
                    self.exprs(options.iter_mut().map(|(_, value)| value));
                    *span = self.place(*span);
                }
            }
            Operator::Window { input, windows } => {
                self.rel(input);
                for (column, window) in windows {
                    let Window {
                        call,
                        partition_by,
                        order_by,
                        frame: _,
                        bounds: _,
                    } = window;
                    self.col(column);
                    self.call(call);
                    self.exprs(partition_by);
                    self.exprs(order_by);
                }
            }
            Operator::Join {
                kind: _,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => {
                self.rel(left);
                self.rel(right);
                self.exprs(condition);
                for (made, left, right) in merged {
                    self.cols([made, left, right]);
                }
            }
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer: _,
            } => {
                if let Some(input) = input {
                    self.rel(input);
                }
                self.expr(array);
                self.col(element);
                self.cols(offset);
            }
            Operator::SetOperation {
                operator: _,
                inputs,
            } => {
                for (input, columns) in inputs {
                    self.rel(input);
                    self.cols(columns.iter_mut().flatten());
                }
            }
            Operator::Sort { input, by } => {
                self.rel(input);
                self.exprs(by);
            }
            Operator::Limit { input, count, skip } => {
                self.rel(input);
                self.exprs(count.iter_mut().chain(skip));
            }
            Operator::Reader { of, columns } => {
                self.rel(of);
                for (new, original) in columns {
                    self.cols([new, original]);
                }
            }
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => {
                self.rel(anchor);
                self.rel(step);
                for (new, first, next) in columns {
                    self.cols([new, first, next]);
                }
            }
            Operator::Loop { columns, anchor } => {
                self.rel(anchor);
                for (new, original) in columns {
                    self.cols([new, original]);
                }
            }
            Operator::Model {
                function: _,
                inputs,
            } => inputs.iter_mut().for_each(|input| self.rel(input)),
            Operator::Opaque {
                inputs,
                reads,
                why: _,
            } => {
                inputs.iter_mut().for_each(|input| self.rel(input));
                self.exprs(reads);
            }
        }
    }
}
