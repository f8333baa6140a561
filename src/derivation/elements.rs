//! Array elements: several elements of one array in a row have separate names.

use rustc_hash::{FxHashMap, FxHashSet};

use super::relation::Rows;
use super::{ColumnText, Deriver};
use crate::plan::{ColId, Expr, ExprKind, Operator, Plan, RelId};

/// Number of outer rows with elements, for each UNNEST in a correlated subquery.
pub(super) type OuterElements = FxHashMap<RelId, usize>;

/// Finds the UNNESTs in subqueries that read an outer row with elements.
pub(super) fn nested(plan: &Plan, root: RelId) -> OuterElements {
    let mut found = OuterElements::default();
    let mut holding: FxHashSet<RelId> = FxHashSet::default();
    let below = plan.below(root);
    // Readers follow the relations that they read.
    for id in &below {
        let operator = &plan.relation(*id).operator;
        let has = matches!(operator, Operator::Unnest { .. })
            || operator
                .inputs()
                .iter()
                .any(|input| holding.contains(input));
        if has {
            holding.insert(*id);
        }
    }
    for id in &below {
        let operator = &plan.relation(*id).operator;
        let mut inner: Vec<RelId> = Vec::new();
        let mut around = operator.inputs();
        if let Operator::Join {
            left,
            right,
            correlated: true,
            ..
        } = operator
        {
            inner.push(*right);
            around = vec![*left];
        }
        if !around.iter().any(|input| holding.contains(input)) {
            continue;
        }
        for value in operator.expressions() {
            value.walk(&mut |part| {
                if let ExprKind::Subquery(subquery) = &part.kind
                    && !subquery.outer.is_empty()
                {
                    inner.push(subquery.relation);
                }
            });
        }
        for relation in inner {
            for id in plan.below(relation) {
                if matches!(plan.relation(id).operator, Operator::Unnest { .. }) {
                    *found.entry(id).or_default() += 1;
                }
            }
        }
    }
    found
}

/// The parts of an UNNEST.
pub(super) struct UnnestParts<'a> {
    pub(super) input: Option<RelId>,
    pub(super) array: &'a Expr,
    pub(super) element: ColId,
    pub(super) offset: Option<ColId>,
    pub(super) outer: bool,
}

impl Deriver<'_> {
    /// Derives the columns and rows of UNNEST.
    pub(super) fn elements(&mut self, id: RelId, given: &UnnestParts<'_>) -> Rows {
        let text = self.words(given.array);
        let measured = self.is_measured(given.array);
        let mut rows = given.input.map(|input| self.rows(input).clone());
        let again = rows.as_ref().map_or(0, |rows| rows.elements_of(&text));
        let mut own = String::new();
        if again > 0 {
            own = format!("#{}", again + 1);
        }
        own.push_str(&"'".repeat(self.nested.get(&id).copied().unwrap_or_default()));
        let mut set = |column: ColId, word: &str| {
            let known = ColumnText {
                ways: vec![format!("{word}({text}){own}")],
                measured: measured && word == "element",
                ..ColumnText::default()
            };
            self.set(column, known);
        };
        set(given.element, "element");
        if let Some(offset) = given.offset {
            set(offset, "offset");
        }
        let outer = if given.outer { "outer " } else { "" };
        let mut part = Rows::new(format!("{outer}elements of {text}{own}"));
        part.add_elements(text);
        match rows.take() {
            Some(rows) => rows.beside(part),
            None => part,
        }
    }
}
