//! How a column is made of base columns, in words that no alias and no white
//! space changes: two queries that make a column the same way say the same.

use sha2::{Digest, Sha256};

use super::print::expr;
use super::{ColId, Expr, ExprKind, Operator, Plan, RelId};

/// Characters of a text that is still told as it is; a longer one is its hash.
const LONGEST: usize = 200;

/// How each column of a plan is made, by its id.
pub struct Made(Vec<Known>);

#[derive(Clone, Default)]
struct Known {
    text: String,
    /// Whether it is counted or measured over rows.
    measured: bool,
}

impl Made {
    /// Looks at all columns, inputs first.
    pub fn of(plan: &Plan) -> Self {
        let mut made = Self(vec![Known::default(); plan.column_count()]);
        for (_, relation) in plan.relations() {
            made.relation(&relation.operator);
            if let Operator::SetOperation { inputs, .. } = &relation.operator {
                made.joined(&relation.columns, inputs);
            }
        }
        made
    }

    /// How one is made; empty where that can't be told.
    pub fn text(&self, id: ColId) -> &str {
        self.known(id).map_or("", |known| known.text.as_str())
    }

    fn known(&self, id: ColId) -> Option<&Known> {
        self.0.get(id.0 as usize)
    }

    fn set(&mut self, id: ColId, text: String, measured: bool) {
        if let Some(known) = self.0.get_mut(id.0 as usize) {
            *known = Known {
                text: short(text),
                measured,
            };
        }
    }

    fn copy(&mut self, to: ColId, from: ColId) {
        if let Some(Known { text, measured }) = self.known(from).cloned() {
            self.set(to, text, measured);
        }
    }

    fn relation(&mut self, operator: &Operator) {
        match operator {
            Operator::Scan(table) => {
                for (id, name) in &table.columns {
                    let text = format!("{}.{}", table.name.short(), name.to_lowercase());
                    self.set(*id, text, false);
                }
                if let Some(rest) = table.rest {
                    self.set(rest, format!("{}.*", table.name.short()), false);
                }
            }
            Operator::Project { columns, .. } => {
                for (id, value) in columns {
                    let text = self.words(value);
                    self.set(*id, text, self.is_measured(value));
                }
            }
            Operator::Aggregate(aggregate) => {
                for key in &aggregate.keys {
                    let text = self.words(&key.expr);
                    self.set(key.column, text, self.is_measured(&key.expr));
                }
                for (id, call) in &aggregate.aggregates {
                    let parts: Vec<String> = call
                        .expressions()
                        .into_iter()
                        .map(|part| self.words(part))
                        .collect();
                    let distinct = if call.distinct { "DISTINCT " } else { "" };
                    let text = format!("{}({distinct}{})", call.name, parts.join(", "));
                    self.set(*id, text, true);
                }
            }
            Operator::Window { windows, .. } => {
                for (id, window) in windows {
                    let parts: Vec<String> = window
                        .call
                        .expressions()
                        .into_iter()
                        .chain(&window.partition_by)
                        .chain(&window.order_by)
                        .map(|part| self.words(part))
                        .collect();
                    let text = format!("{}({}) over rows", window.call.name, parts.join(", "));
                    self.set(*id, text, true);
                }
            }
            Operator::Join { merged, .. } => {
                for (id, left, right) in merged {
                    let text = format!("either({}, {})", self.text(*left), self.text(*right));
                    self.set(*id, text, false);
                }
            }
            Operator::Unnest {
                array,
                element,
                offset,
                ..
            } => {
                let text = format!("element({})", self.words(array));
                self.set(*element, text, self.is_measured(array));
                if let Some(offset) = offset {
                    self.set(*offset, format!("offset({})", self.words(array)), false);
                }
            }
            Operator::Reader { columns, .. } | Operator::Loop { columns, .. } => {
                for (id, of) in columns {
                    self.copy(*id, *of);
                }
            }
            Operator::Recursion { columns, .. } => {
                for (id, anchor, step) in columns {
                    let text = format!("rounds({}, {})", self.text(*anchor), self.text(*step));
                    self.set(*id, text, false);
                }
            }
            // What they put out has columns of other relations, or is not known.
            Operator::Rows(_)
            | Operator::Filter { .. }
            | Operator::SetOperation { .. }
            | Operator::Sort { .. }
            | Operator::Limit { .. }
            | Operator::Model { .. }
            | Operator::Opaque { .. } => {}
        }
    }

    /// The columns that a set operation puts out are made of those that feed them.
    fn joined(&mut self, columns: &[ColId], inputs: &[(RelId, Vec<Option<ColId>>)]) {
        for (at, id) in columns.iter().enumerate() {
            let feeds: Vec<&str> = inputs
                .iter()
                .filter_map(|(_, feeds)| feeds.get(at).copied().flatten())
                .map(|feed| self.text(feed))
                .collect();
            let same = feeds.windows(2).all(|pair| pair[0] == pair[1]);
            let text = match feeds.first() {
                Some(first) if same => (*first).to_owned(),
                Some(_) | None => format!("either({})", feeds.join(", ")),
            };
            self.set(*id, text, false);
        }
    }

    /// An expression over columns, each told as it is made. Which number of people
    /// a condition asks for tells nothing of the label that it gives.
    fn words(&self, value: &Expr) -> String {
        match &value.kind {
            ExprKind::Case(case) => {
                let mut text = "case".to_owned();
                for (condition, then) in &case.branches {
                    let condition = if self.is_measured(condition) {
                        "count".to_owned()
                    } else {
                        self.words(condition)
                    };
                    text.push_str(&format!(" when {condition} then {}", self.words(then)));
                }
                if let Some(otherwise) = &case.otherwise {
                    text.push_str(&format!(" else {}", self.words(otherwise)));
                }
                text + " end"
            }
            _ => expr(&|id| self.text(id).to_owned(), value),
        }
    }

    fn is_measured(&self, value: &Expr) -> bool {
        let mut measured = false;
        value.walk(&mut |part| {
            if let ExprKind::Column(id) = &part.kind {
                measured |= self.known(*id).is_some_and(|known| known.measured);
            }
        });
        measured
    }
}

/// A long text as its hash, so that columns of columns stay small.
fn short(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("expression {hex}")
}
