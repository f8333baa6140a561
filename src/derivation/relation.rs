//! The canonical text of the rows that a relation returns.

use std::collections::{BTreeMap, BTreeSet};

use super::text::PARTS;
use super::{ColumnText, Condition, ConditionKind, Deriver, Origins};
use crate::catalog::TableName;
use crate::plan::{ColId, Expr, Operator, RelId};
use crate::source::Span;
use crate::source::template::is_placeholder;

/// The sources of rows, and the conditions that selected them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Tables, joins and groupings; several are the sides of an inner join.
    sides: Vec<String>,
    /// The conditions that always matter.
    pub(super) conditions: BTreeSet<Condition>,
    /// The other conditions, except those on days.
    ///
    /// They matter if the rows are a list in which other people's rows are looked
    /// up.
    pub(super) others: BTreeSet<String>,
    /// Number of elements of each array in a row, by the text of the array.
    unnested: BTreeMap<String, usize>,
}

impl Rows {
    pub(super) fn new(source: String) -> Self {
        Self {
            sides: vec![super::text::short(source)],
            ..Self::default()
        }
    }

    /// Returns how many elements of an array a row contains.
    pub(super) fn elements_of(&self, array: &str) -> usize {
        self.unnested.get(array).copied().unwrap_or_default()
    }

    /// Records that each row contains one more element of an array.
    pub(super) fn add_elements(&mut self, array: String) {
        let known = self.unnested.entry(array).or_default();
        *known = known.saturating_add(1);
    }

    /// Adds the elements that the rows of the given parts contain.
    pub(super) fn made_of<'r>(mut self, parts: impl IntoIterator<Item = &'r Self>) -> Self {
        for part in parts {
            for (array, count) in &part.unnested {
                let known = self.unnested.entry(array.clone()).or_default();
                *known = known.saturating_add(*count);
            }
        }
        self
    }

    /// Adds the conditions of several parts, each with the source of its rows.
    ///
    /// They matter if other people's rows are looked up in these rows.
    pub(super) fn out_of<'r>(mut self, parts: impl IntoIterator<Item = &'r Self>) -> Self {
        for part in parts {
            let source = part.source();
            let others = part.others.iter();
            self.others.extend(others.map(|made| {
                super::text::short(super::text::exact(format!("of {source}: {made}")))
            }));
        }
        self.bounded()
    }

    /// Adds conditions.
    pub(super) fn chosen_by(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.conditions.extend(conditions);
        self.bounded()
    }

    /// Joins lists that are too long into one text.
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

    /// Combines each row with each row of another relation.
    pub(super) fn beside(mut self, other: Self) -> Self {
        self = self.made_of([&other]);
        self.sides.extend(other.sides);
        self.sides.sort();
        self.conditions.extend(other.conditions);
        self.others.extend(other.others);
        self.bounded()
    }

    /// Returns the text of the sources, without conditions.
    pub(super) fn source(&self) -> String {
        super::text::short(self.sides.join(" × "))
    }

    /// Returns the text of the sources and of the conditions that always matter.
    pub(super) fn text(&self) -> String {
        self.chosen(&BTreeSet::new())
    }

    /// Returns the text with all conditions, for rows that are used as a list.
    pub(super) fn list(&self) -> String {
        self.chosen(&self.others)
    }

    /// Returns the text of the optional side of a join.
    ///
    /// It has all conditions except `x IS NOT NULL` on an equated value, which the
    /// join itself requires.
    pub(super) fn side(&self, equated: &BTreeSet<String>) -> String {
        let asked = |made: &&String| {
            let of = made.strip_suffix(" is not null");
            of.is_none_or(|of| !equated.contains(of))
        };
        self.chosen(&self.others.iter().filter(asked).cloned().collect())
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
    /// Returns the name of a table, with its project if that is not the default one.
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
                self.record_constant_arms(rows, &relation.columns);
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
                self.windows(*input, windows);
                self.rows(*input).clone()
            }
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => self.join(id, *kind, (*left, *right), condition.as_ref(), merged),
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer,
            } => {
                let given = super::elements::UnnestParts {
                    input: *input,
                    array,
                    element: *element,
                    offset: *offset,
                    outer: *outer,
                };
                self.elements(id, &given)
            }
            Operator::SetOperation { operator, inputs } => {
                self.set_operation(id, *operator, inputs, &relation.columns)
            }
            Operator::Sort { input, .. } => self.rows(*input).clone(),
            Operator::Limit { input, count, skip } => {
                let mut rows = self.rows(*input).clone();
                // A sample is described by how it is drawn.
                if count.is_none() && skip.is_none() {
                    let drawn = self.spelling.sample(relation.origin.span);
                    let drawn = super::text::plain(&drawn.unwrap_or_default());
                    let made = format!("in a sample of {}, «{drawn}»", rows.source());
                    rows = rows.chosen_by([Self::joined(super::text::short(made))]);
                }
                // The order decides which rows a LIMIT keeps.
                if let Some(count) = count
                    && !self.outer.contains(&id)
                {
                    let order = self.list(super::limit::order(plan, *input)).join(", ");
                    let count = self.words(count);
                    let skip = skip.as_ref().map(|skip| self.words(skip));
                    let skip = skip.map_or(String::new(), |skip| format!(" skip {skip}"));
                    let whole = super::text::exact(rows.text());
                    let some = Rows::new(format!("{count}{skip} of ({whole}) by {order}"));
                    rows = some.made_of([&rows]).out_of([&rows]);
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
                // Every condition of a round affects the number of rounds.
                let (first, step) = (self.rows(*anchor).text(), self.rows(*step).list());
                let rounds = format!("rounds({first}, {step})");
                Rows::new(super::text::exact(rounds)).out_of([self.rows(*anchor)])
            }
            Operator::Loop { columns, .. } => {
                // The initial table may also be read in each round, so its columns
                // have another text.
                for (column, of) in columns {
                    let known = self.known(*of).cloned().unwrap_or_default();
                    let known = ColumnText {
                        ways: vec![format!("before({})", self.column(*of))],
                        shown: Vec::new(),
                        plain: false,
                        counted: false,
                        ..known
                    };
                    self.set(*column, known);
                }
                Rows::new("the round before".to_owned())
            }
            Operator::Model { function, inputs } => {
                let inputs = self.closed(inputs);
                // The model and the options are only available as source text.
                let options = if function == "CREATE MODEL" {
                    self.spelling.head(relation.origin.span)
                } else {
                    self.spelling.called(relation.origin.span)
                };
                let options = super::text::plain(&options.unwrap_or_default());
                self.named(id, &format!("{function}({inputs}, «{options}»)"))
            }
            Operator::Opaque { inputs, reads, why } => {
                let inputs = self.closed(inputs);
                let reads = self.list(reads).join(", ");
                let span = relation.origin.span;
                let text = self.spelling.called(span);
                let text = text.or_else(|| self.spelling.written(span));
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

    /// Appends the number of a reading to the texts of its columns and rows.
    fn marked(&mut self, id: RelId, mut rows: Rows, number: usize) -> Rows {
        let plan = self.plan;
        for column in &plan.relation(id).columns {
            if let Some(known) = self.columns.get_mut(column.0 as usize) {
                for way in known.ways.iter_mut().chain(&mut known.shown) {
                    way.push_str(&format!("#{number}"));
                }
            }
        }
        rows.sides = vec![format!("{}#{number}", rows.source())];
        rows
    }

    fn base(&mut self, column: ColId, text: String, table: RelId) {
        let known = ColumnText {
            ways: vec![text],
            origins: Origins::One(table),
            plain: true,
            ..ColumnText::default()
        };
        self.set(column, known);
    }

    pub(super) fn single(&mut self, column: ColId, text: String, measured: bool) {
        let known = ColumnText {
            ways: vec![text],
            measured,
            ..ColumnText::default()
        };
        self.set(column, known);
    }

    fn computed(&mut self, column: ColId, value: &Expr) {
        match value.as_column() {
            Some(same) => self.copy(column, same),
            None => {
                let known = self.of_value(value);
                self.set(column, known);
            }
        }
    }

    /// Returns what is known about an expression.
    pub(super) fn of_value(&mut self, value: &Expr) -> ColumnText {
        let folded = self.folded(value);
        let hidden = folded.is_some().then(|| self.hidden_by(value)).flatten();
        ColumnText {
            ways: vec![self.words(value)],
            shown: folded.into_iter().collect(),
            hidden,
            measured: self.is_measured(value),
            origins: self.origins(value),
            ..ColumnText::default()
        }
    }

    /// Names the columns of a source that cannot be analysed.
    fn named(&mut self, id: RelId, source: &str) -> Rows {
        let plan = self.plan;
        for column in &plan.relation(id).columns {
            let name = plan.column(*column).name.to_lowercase();
            self.single(*column, format!("{source}.{name}"), false);
        }
        Rows::new(source.to_owned())
    }

    /// Returns the text of rows that are passed to something that cannot be
    /// analysed.
    ///
    /// It has their columns by name, and all conditions that selected them.
    fn closed(&self, inputs: &[RelId]) -> String {
        let plan = self.plan;
        let inputs = inputs.iter().map(|input| {
            let columns = plan.relation(*input).columns.iter().map(|column| {
                let name = plan.column(*column).name.to_lowercase();
                format!("{}: {}", super::text::plain(&name), self.column(*column))
            });
            let mut columns: Vec<String> = columns.collect();
            columns.sort();
            let rows = super::text::exact(self.rows(*input).list());
            format!("{} of {rows}", columns.join(", "))
        });
        let inputs: Vec<String> = inputs.collect();
        super::text::short(inputs.join(", "))
    }
}
