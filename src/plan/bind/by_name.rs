//! Set operations BY NAME: their output columns, and what feeds them.

use sqlparser::ast;

use super::cte::set_operator;
use super::expr::{function_name, marked};
use super::{Binder, ColId, Operator, RelId};
use crate::source::Span;
use crate::syntax::marker;

/// Which columns a set operation BY NAME outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Columns {
    /// Those of all inputs: FULL, and the strict form, whose inputs have equal
    /// names.
    #[default]
    All,
    /// Those of the first input: LEFT.
    First,
    /// Those that all inputs have: INNER.
    Common,
}

/// The modifiers of BY NAME or CORRESPONDING.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ByName {
    columns: Columns,
    /// The names that ON or BY lists, in the order of the output.
    listed: Vec<String>,
}

/// Decodes what the token pass wrote between the arms of a set operation.
pub(super) fn written(arm: &ast::SetExpr) -> Option<ByName> {
    let ast::SetExpr::Select(select) = arm else {
        return None;
    };
    let [ast::SelectItem::UnnamedExpr(ast::Expr::Function(call))] = select.projection.as_slice()
    else {
        return None;
    };
    if function_name(&call.name) != marker::COLUMNS {
        return None;
    }
    let mut words = marked::arguments_of(call)
        .into_iter()
        .filter_map(marked::text);
    let columns = match words.next()?.as_str() {
        "LEFT" => Columns::First,
        "INNER" => Columns::Common,
        _ => Columns::All,
    };
    Some(ByName {
        columns,
        listed: words.collect(),
    })
}

impl Binder<'_> {
    /// Adds a set operation whose columns correspond by name.
    pub(super) fn by_name(
        &mut self,
        op: ast::SetOperator,
        inputs: &[RelId],
        by_name: &ByName,
        word: &'static str,
        span: Span,
    ) -> RelId {
        let columns: Vec<Vec<ColId>> = inputs.iter().map(|input| self.columns_of(*input)).collect();
        let unknown = columns.iter().flatten().any(|column| self.is_rest(*column));
        if unknown && by_name.listed.is_empty() {
            return self.by_unknown_position(op, inputs, &columns, word, span);
        }
        let names = self.names_by(by_name, &columns, span);
        let mut fed = Vec::new();
        for (input, columns) in inputs.iter().zip(&columns) {
            let unknown = columns.iter().any(|column| self.is_rest(*column));
            let mut feeds = Vec::new();
            for (name, place) in &names {
                let named = columns
                    .iter()
                    .copied()
                    .find(|column| self.plan.column(*column).name.eq_ignore_ascii_case(name));
                feeds.push(match named {
                    Some(column) => Some(column),
                    None if unknown => self.feed(columns, name, *place),
                    None => None,
                });
            }
            fed.push((*input, feeds));
        }
        let outputs = names
            .into_iter()
            .map(|(name, span)| self.column(name, span))
            .collect();
        self.add(
            Operator::SetOperation {
                operator: set_operator(op),
                inputs: fed,
            },
            outputs,
            word,
            span,
        )
    }

    /// Returns the output names, each with its place.
    fn names_by(
        &self,
        by_name: &ByName,
        columns: &[Vec<ColId>],
        span: Span,
    ) -> Vec<(String, Span)> {
        if !by_name.listed.is_empty() {
            return by_name
                .listed
                .iter()
                .map(|name| (name.clone(), span))
                .collect();
        }
        let has = |columns: &[ColId], name: &str| {
            columns
                .iter()
                .any(|column| self.plan.column(*column).name.eq_ignore_ascii_case(name))
        };
        let from: &[Vec<ColId>] = match by_name.columns {
            Columns::All => columns,
            Columns::First | Columns::Common => columns.get(..1).unwrap_or_default(),
        };
        let mut names: Vec<(String, Span)> = Vec::new();
        for column in from.iter().flatten() {
            let known = self.plan.column(*column);
            let twice = names
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(&known.name));
            let everywhere = columns.iter().all(|columns| has(columns, &known.name));
            if !twice && (everywhere || by_name.columns != Columns::Common) {
                names.push((known.name.clone(), known.span));
            }
        }
        names
    }
}
