//! The rows that a relation puts out, in words.

use std::collections::BTreeSet;

use super::text::PARTS;
use super::{Condition, ConditionKind, Deriver, Known, Origins};
use crate::catalog::TableName;
use crate::plan::{ColId, Expr, JoinKind, Operator, RelId, SetOperator};
use crate::source::Span;
use crate::source::template::is_placeholder;

/// Where rows come from, and the conditions that chose among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Tables, joins and groupings; several are the sides of an inner join.
    sides: Vec<String>,
    /// The conditions that matter.
    pub(super) conditions: BTreeSet<Condition>,
    /// The others, but those on days: they matter where rows are a list in which
    /// somebody else's are looked for.
    pub(super) others: BTreeSet<String>,
}

impl Rows {
    pub(super) fn new(source: String) -> Self {
        Self {
            sides: vec![super::text::short(source)],
            ..Self::default()
        }
    }

    /// With more conditions.
    fn chosen_by(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.conditions.extend(conditions);
        self.bounded()
    }

    /// Lists that are too long as one text.
    fn bounded(mut self) -> Self {
        if self.sides.len() > PARTS {
            self.sides = vec![self.source()];
        }
        if self.conditions.len() > PARTS {
            let made: Vec<&str> = self
                .conditions
                .iter()
                .map(|condition| condition.made.as_str())
                .collect();
            let made = super::text::short(made.join(" and "));
            let kind = ConditionKind::Sensitive;
            self.conditions = BTreeSet::from([Condition { made, kind }]);
        }
        if self.others.len() > PARTS {
            let others: Vec<String> = std::mem::take(&mut self.others).into_iter().collect();
            self.others = BTreeSet::from([super::text::short(others.join(" and "))]);
        }
        self
    }

    /// Each row beside each of another relation.
    fn beside(mut self, other: Self) -> Self {
        self.sides.extend(other.sides);
        self.sides.sort();
        self.conditions.extend(other.conditions);
        self.others.extend(other.others);
        self.bounded()
    }

    /// Where they come from, whatever the conditions.
    pub(super) fn source(&self) -> String {
        super::text::short(self.sides.join(" × "))
    }

    /// Both as one text.
    pub(super) fn text(&self) -> String {
        self.chosen(&BTreeSet::new())
    }

    /// The same with the conditions that do not matter otherwise.
    pub(super) fn list(&self) -> String {
        self.chosen(&self.others)
    }

    /// The same where the rows may be missing beside others: that a value is there is
    /// what the join itself asks.
    fn side(&self) -> String {
        let there = |made: &&String| !made.ends_with(" is not null");
        self.chosen(&self.others.iter().filter(there).cloned().collect())
    }

    fn chosen(&self, others: &BTreeSet<String>) -> String {
        let source = self.source();
        let mut made: Vec<&str> = self
            .conditions
            .iter()
            .map(|condition| condition.made.as_str())
            .chain(others.iter().map(String::as_str))
            .collect();
        if made.is_empty() {
            return source;
        }
        made.sort_unstable();
        made.dedup();
        super::text::short(format!("{source} if {}", made.join(" and ")))
    }
}

impl Deriver<'_> {
    /// A table's name: with its project, but for the text's own.
    pub(super) fn table(&self, name: &TableName, span: Span) -> String {
        let own = self.spelling.project();
        let shown = match name.project() {
            Some(project) if own.is_none_or(|own| !own.eq_ignore_ascii_case(project)) => {
                name.to_string()
            }
            _ => name.short(),
        };
        if is_placeholder(&shown) {
            let written = self.spelling.written(span);
            return format!("«{}»", written.unwrap_or(shown));
        }
        super::text::plain(&shown)
    }

    pub(super) fn relation(&mut self, id: RelId) {
        let plan = self.plan;
        let relation = plan.relation(id);
        let rows = match &relation.operator {
            Operator::Scan(table) => {
                let shown = self.table(&table.name, relation.origin.span);
                for (column, name) in &table.columns {
                    let name = if is_placeholder(name) {
                        let written = self.spelling.written(plan.column(*column).span);
                        format!("«{}»", written.unwrap_or_else(|| name.clone()))
                    } else {
                        name.to_lowercase()
                    };
                    self.base(
                        *column,
                        format!("{shown}.{}", super::text::plain(&name)),
                        id,
                    );
                }
                if let Some(rest) = table.rest {
                    self.base(rest, format!("{shown}.*"), id);
                }
                let time = table.as_of.as_ref().map(|time| self.words(time));
                Rows::new(time.map_or(shown.clone(), |time| format!("{shown} as of {time}")))
            }
            Operator::Rows(rows) => {
                for (at, column) in relation.columns.iter().enumerate() {
                    let values = rows.iter().filter_map(|row| row.get(at));
                    let mut ways: Vec<String> = values.map(|value| self.words(value)).collect();
                    ways.sort();
                    ways.dedup();
                    let text = match ways.as_slice() {
                        [only] => only.clone(),
                        several => format!("either({})", several.join(", ")),
                    };
                    self.single(*column, text, false);
                }
                self.constant_arms(rows, &relation.columns);
                Rows::new("constants".to_owned())
            }
            Operator::Filter { input, predicate } => {
                let mut rows = self.rows(*input).clone();
                rows.others.extend(self.other_conditions(predicate));
                rows.chosen_by(self.conditions(predicate))
            }
            Operator::Project { input, columns } => {
                for (column, value) in columns {
                    self.computed(*column, value);
                }
                self.rows(*input).clone()
            }
            Operator::Aggregate(aggregate) => self.aggregate(id, aggregate),
            Operator::Window { input, windows } => {
                self.windows(id, *input, windows);
                self.rows(*input).clone()
            }
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => self.join(*kind, *left, *right, condition.as_ref(), merged),
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer,
            } => {
                let text = self.words(array);
                let measured = self.is_measured(array);
                self.single(*element, format!("element({text})"), measured);
                if let Some(offset) = offset {
                    self.single(*offset, format!("offset({text})"), false);
                }
                let outer = if *outer { "outer " } else { "" };
                let part = format!("{outer}elements of {text}");
                match input {
                    Some(input) => self.rows(*input).clone().beside(Rows::new(part)),
                    None => Rows::new(part),
                }
            }
            Operator::SetOperation { operator, inputs } => {
                self.set_operation(id, *operator, inputs, &relation.columns)
            }
            Operator::Sort { input, .. } => self.rows(*input).clone(),
            Operator::Limit { input, count, skip } => {
                let mut rows = self.rows(*input).clone();
                // Which rows are left depends on the order.
                if let Some(count) = count
                    && !self.outer.contains(&id)
                {
                    let order = self.list(super::limit::order(plan, *input)).join(", ");
                    let count = self.words(count);
                    let skip = skip.as_ref().map(|skip| self.words(skip));
                    let skip = skip.map_or(String::new(), |skip| format!(" skip {skip}"));
                    let whole = rows.text();
                    rows = Rows::new(format!("{count}{skip} of ({whole}) by {order}"));
                }
                rows
            }
            Operator::Reader { of, columns } => {
                for (column, of) in columns {
                    self.copy(*column, *of);
                }
                self.rows(*of).clone()
            }
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => {
                for (column, anchor, step) in columns {
                    let text = format!("rounds({}, {})", self.column(*anchor), self.column(*step));
                    self.single(*column, text, false);
                }
                let (anchor, step) = (self.rows(*anchor).text(), self.rows(*step).text());
                Rows::new(format!("rounds({anchor}, {step})"))
            }
            Operator::Loop { columns, .. } => {
                for (column, of) in columns {
                    self.copy(*column, *of);
                }
                Rows::new("the round before".to_owned())
            }
            Operator::Model { function, inputs } => {
                let trained = function == "CREATE MODEL";
                let mut columns: Vec<String> = inputs
                    .iter()
                    .filter(|_| trained)
                    .flat_map(|input| &plan.relation(*input).columns)
                    .map(|column| self.column(*column))
                    .collect();
                columns.sort();
                let mut inputs = self.closed(inputs);
                if trained {
                    // Its options have no other words.
                    let options = self.spelling.head(relation.origin.span);
                    let options = super::text::plain(&options.unwrap_or_default());
                    inputs = format!("{} of {inputs}, «{options}»", columns.join(", "));
                }
                self.named(id, &format!("{function}({inputs})"))
            }
            Operator::Opaque { inputs, reads, why } => {
                let inputs = self.closed(inputs);
                let reads = self.list(reads).join(", ");
                let text = self.spelling.written(relation.origin.span);
                let text = text.unwrap_or_else(|| why.clone());
                let text = super::text::plain(&text);
                self.named(id, &format!("unknown(«{text}», {inputs}, {reads})"))
            }
        };
        let rows = match self.marks.get(&id).copied() {
            Some(number) => self.marked(id, rows, number),
            None => rows,
        };
        self.rows[id.0 as usize] = rows;
    }

    /// One of several readings of a table in one row.
    fn marked(&mut self, id: RelId, mut rows: Rows, number: usize) -> Rows {
        let plan = self.plan;
        for column in &plan.relation(id).columns {
            if let Some(known) = self.columns.get_mut(column.0 as usize) {
                for way in &mut known.ways {
                    way.push_str(&format!("#{number}"));
                }
            }
        }
        rows.sides = vec![format!("{}#{number}", rows.source())];
        rows
    }

    fn base(&mut self, column: ColId, text: String, table: RelId) {
        let known = Known {
            ways: vec![text],
            origins: Origins::One(table),
            ..Known::default()
        };
        self.set(column, known);
    }

    fn single(&mut self, column: ColId, text: String, measured: bool) {
        let known = Known {
            ways: vec![text],
            measured,
            ..Known::default()
        };
        self.set(column, known);
    }

    fn computed(&mut self, column: ColId, value: &Expr) {
        match value.as_column() {
            Some(same) => self.copy(column, same),
            None => {
                let known = Known {
                    ways: vec![self.words(value)],
                    measured: self.is_measured(value),
                    grows: self.grows(value),
                    origins: self.origins(value),
                };
                self.set(column, known);
            }
        }
    }

    /// Columns that nothing but their names tells apart.
    fn named(&mut self, id: RelId, source: &str) -> Rows {
        let plan = self.plan;
        for column in &plan.relation(id).columns {
            let name = plan.column(*column).name.to_lowercase();
            self.single(*column, format!("{source}.{name}"), false);
        }
        Rows::new(source.to_owned())
    }

    fn closed(&self, inputs: &[RelId]) -> String {
        let inputs: Vec<String> = inputs
            .iter()
            .map(|input| self.rows(*input).text())
            .collect();
        inputs.join(", ")
    }

    fn join(
        &mut self,
        kind: JoinKind,
        left: RelId,
        right: RelId,
        condition: Option<&Expr>,
        merged: &[(ColId, ColId, ColId)],
    ) -> Rows {
        let mut on: Vec<Condition> = Vec::new();
        if let Some(condition) = condition {
            on = self.every_condition(condition);
        }
        for (_, left, right) in merged {
            let mut pair = [self.column(*left), self.column(*right)];
            pair.sort();
            on.push(Self::joined(format!("{} = {}", pair[0], pair[1])));
        }
        for (column, left, right) in merged {
            // They are equal, but where only one side has a row.
            let of = if kind == JoinKind::Right { right } else { left };
            if kind == JoinKind::Full {
                let mut pair = [self.column(*left), self.column(*right)];
                pair.sort();
                self.single(*column, format!("COALESCE({})", pair.join(", ")), false);
            } else {
                self.copy(*column, *of);
            }
        }
        let (first, second) = (self.rows(left).clone(), self.rows(right).clone());
        let mut made: Vec<&str> = on.iter().map(|condition| condition.made.as_str()).collect();
        made.sort_unstable();
        made.dedup();
        let made = made.join(" and ");
        match kind {
            JoinKind::Inner | JoinKind::Cross => first.beside(second).chosen_by(on),
            JoinKind::Left | JoinKind::Right => {
                let (kept, other) = if kind == JoinKind::Left {
                    (first, second)
                } else {
                    (second, first)
                };
                // What is beside a row is a value of it: all that chose it matters.
                let (source, other) = (kept.source(), other.side());
                Rows {
                    conditions: kept.conditions,
                    others: kept.others,
                    ..Rows::new(format!("({source} with or without ({other}) on {made})"))
                }
            }
            JoinKind::Full => {
                let mut pair = [first.side(), second.side()];
                pair.sort();
                Rows::new(format!("({} or {} on {made})", pair[0], pair[1]))
            }
            JoinKind::Semi | JoinKind::Anti => {
                let word = if kind == JoinKind::Semi {
                    "are"
                } else {
                    "are not"
                };
                let condition = Condition {
                    made: super::text::short(format!("{word} among ({}) on {made}", second.list())),
                    kind: ConditionKind::Sensitive,
                };
                first.chosen_by([condition])
            }
        }
    }

    /// All conditions of a join: each says which rows belong together.
    fn every_condition(&mut self, condition: &Expr) -> Vec<Condition> {
        let mut found = self.conditions(condition);
        for part in crate::facts::conjuncts(condition) {
            let made = super::text::short(self.truth(part, true));
            if !found.iter().any(|known| known.made == made) {
                found.push(Self::joined(made));
            }
        }
        found
    }

    fn set_operation(
        &mut self,
        id: RelId,
        operator: SetOperator,
        inputs: &[(RelId, Vec<Option<ColId>>)],
        columns: &[ColId],
    ) -> Rows {
        for (at, column) in columns.iter().enumerate() {
            let mut ways: Vec<String> = Vec::new();
            let mut measured = false;
            let mut grows = true;
            // Rows of INTERSECT and EXCEPT are those of the first.
            let of = if operator == SetOperator::Union {
                inputs
            } else {
                &inputs[..1.min(inputs.len())]
            };
            for (_, feeds) in of {
                match feeds.get(at).copied().flatten() {
                    Some(feed) => {
                        let known = self.known(feed).cloned().unwrap_or_default();
                        measured |= known.measured;
                        grows &= known.grows || !known.measured;
                        ways.extend(known.ways);
                    }
                    None => ways.push("NULL".to_owned()),
                }
            }
            ways.sort();
            ways.dedup();
            let known = Known {
                ways,
                measured,
                grows,
                origins: Origins::Several,
            };
            self.set(*column, known);
        }
        let mut all: Vec<String> = inputs
            .iter()
            .map(|(input, _)| self.rows(*input).text())
            .collect();
        match operator {
            SetOperator::Union => {
                if !self.top_unions.contains(&id) {
                    self.union_arms(inputs, columns);
                }
                all.sort();
                Rows::new(format!("({})", all.join(" and rows of ")))
            }
            SetOperator::Intersect => {
                all.sort();
                Rows::new(format!("({})", all.join(" both in ")))
            }
            SetOperator::Except => Rows::new(format!("({})", all.join(" but not "))),
        }
    }
}
