//! Prints a plan as an indented tree, for debugging.

use std::fmt::Write;

use super::{
    AggregateCall, ColId, Expr, ExprKind, Literal, NullTreatment, Operator, Plan, RelId,
    SubqueryKind,
};

/// Renders the published relation and its inputs, with `note` after each relation.
pub fn render(plan: &Plan, note: &dyn Fn(RelId) -> String) -> String {
    let mut text = String::new();
    if let Some(root) = plan.root() {
        relation(plan, root, 0, note, &mut text);
    }
    text
}

fn relation(
    plan: &Plan,
    id: RelId,
    depth: usize,
    note: &dyn Fn(RelId) -> String,
    text: &mut String,
) {
    let known = plan.relation(id);
    let names: Names<'_> = &|id| column(plan, id);
    let what = match &known.operator {
        Operator::Scan(table) => match &table.as_of {
            Some(time) => format!("Scan {} as of {}", table.name, expr(names, time)),
            None => format!("Scan {}", table.name),
        },
        Operator::Rows(rows) => {
            let shown: Vec<_> = rows
                .iter()
                .map(|row| format!("({})", list(names, row, ", ")))
                .collect();
            format!("Rows {}", shown.join(", "))
        }
        Operator::Filter { predicate, .. } => format!("Filter {}", expr(names, predicate)),
        Operator::Project { columns, .. } => format!("Project {}", made(names, columns)),
        Operator::Aggregate(aggregate) => {
            let keys: Vec<_> = aggregate
                .keys
                .iter()
                .map(|key| format!("{} = {}", column(plan, key.column), expr(names, &key.expr)))
                .collect();
            let calls: Vec<_> = aggregate
                .aggregates
                .iter()
                .map(|(id, call)| {
                    format!("{} = {}", column(plan, *id), aggregate_call(names, call))
                })
                .collect();
            let sets = if aggregate.sets.is_empty() {
                String::new()
            } else {
                format!("sets {:?} ", aggregate.sets)
            };
            let privacy = aggregate.privacy.as_ref().map_or(String::new(), |clause| {
                let options: Vec<_> = clause
                    .options
                    .iter()
                    .map(|(name, value)| format!("{name} = {}", expr(names, value)))
                    .collect();
                format!(" with {}({})", clause.kind, options.join(", "))
            });
            format!(
                "Aggregate by [{}] {sets}{}{privacy}",
                keys.join(", "),
                calls.join(", ")
            )
        }
        Operator::Window { windows, .. } => {
            let calls: Vec<_> = windows
                .iter()
                .map(|(id, window)| {
                    let by: Vec<_> = window
                        .partition_by
                        .iter()
                        .map(|key| expr(names, key))
                        .collect();
                    format!(
                        "{} = {} over [{}] order [{}] {:?}{}",
                        column(plan, *id),
                        aggregate_call(names, &window.call),
                        by.join(", "),
                        list(names, &window.order_by, ", "),
                        window.frame,
                        window
                            .bounds
                            .as_ref()
                            .map_or(String::new(), |bounds| format!(" {bounds}"))
                    )
                })
                .collect();
            format!("Window {}", calls.join(", "))
        }
        Operator::Join {
            kind, condition, ..
        } => {
            let on = condition
                .as_ref()
                .map(|on| expr(names, on))
                .unwrap_or_default();
            format!("{kind:?} Join {on}")
        }
        Operator::Unnest {
            input: _,
            array,
            element,
            offset,
            outer,
        } => {
            let offset = offset.map_or(String::new(), |offset| {
                format!(", {}", column(plan, offset))
            });
            let outer = if *outer { "outer " } else { "" };
            format!(
                "{outer}Unnest {}{offset} of {}",
                column(plan, *element),
                expr(names, array)
            )
        }
        Operator::SetOperation { operator, inputs } => {
            let feeds: Vec<_> = inputs
                .iter()
                .map(|(_, feeds)| {
                    let feeds: Vec<_> = feeds
                        .iter()
                        .map(|feed| feed.map_or("NULL".to_owned(), |feed| column(plan, feed)))
                        .collect();
                    format!("[{}]", feeds.join(", "))
                })
                .collect();
            format!("{operator:?} of {}", feeds.join(", "))
        }
        Operator::Sort { by, .. } => {
            let by: Vec<_> = by.iter().map(|key| expr(names, key)).collect();
            format!("Sort {}", by.join(", "))
        }
        Operator::Limit {
            input: _,
            count,
            skip,
        } => {
            let count = count
                .as_ref()
                .map(|count| format!(" {}", expr(names, count)));
            let skip = skip
                .as_ref()
                .map(|skip| format!(" skip {}", expr(names, skip)));
            format!(
                "Limit{}{}",
                count.unwrap_or_default(),
                skip.unwrap_or_default()
            )
        }
        Operator::Reader { .. } => "Reader".to_owned(),
        Operator::Recursion { .. } => "Recursion".to_owned(),
        Operator::Loop { .. } => "Loop".to_owned(),
        Operator::Model { function, .. } => format!("Model {function}"),
        Operator::Opaque { why, .. } => format!("Opaque: {why}"),
    };
    let columns: Vec<_> = known.columns.iter().map(|id| column(plan, *id)).collect();
    let mut remark = note(id);
    if !remark.is_empty() {
        remark.insert_str(0, "  -- ");
    }
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "{}{what} ({}) => {}{remark}",
        "  ".repeat(depth),
        known.origin.word,
        columns.join(", ")
    );
    for below in known.operator.expressions() {
        below.walk(&mut |part| {
            if let ExprKind::Subquery(subquery) = &part.kind {
                let _ = writeln!(text, "{}subquery:", "  ".repeat(depth + 1));
                relation(plan, subquery.relation, depth + 2, note, text);
            }
        });
    }
    for input in known.operator.inputs() {
        relation(plan, input, depth + 1, note, text);
    }
}

fn made(names: Names<'_>, columns: &[(ColId, Expr)]) -> String {
    let parts: Vec<_> = columns
        .iter()
        .map(|(id, value)| format!("{} = {}", names(*id), expr(names, value)))
        .collect();
    parts.join(", ")
}

fn column(plan: &Plan, id: ColId) -> String {
    format!("{}#{}", plan.column(id).name, id.0)
}

/// Returns the display name of a column.
pub(super) type Names<'a> = &'a dyn Fn(ColId) -> String;

fn aggregate_call(names: Names<'_>, call: &AggregateCall) -> String {
    let args: Vec<_> = call.args.iter().map(|arg| expr(names, arg)).collect();
    let distinct = if call.distinct { "DISTINCT " } else { "" };
    let filter = call
        .filter
        .as_ref()
        .map(|filter| format!(" WHERE {}", expr(names, filter)))
        .unwrap_or_default();
    let decided_by = if call.decided_by.is_empty() {
        String::new()
    } else {
        format!(" by {}", list(names, &call.decided_by, ", "))
    };
    let limit = call
        .limit
        .as_ref()
        .map(|limit| format!(" limit {}", expr(names, limit)))
        .unwrap_or_default();
    let nulls = match call.nulls {
        Some(NullTreatment::Ignore) => " ignore nulls",
        Some(NullTreatment::Respect) => " respect nulls",
        None => "",
    };
    format!(
        "{}({distinct}{}{nulls}{filter}{decided_by}{limit})",
        call.name,
        args.join(", ")
    )
}

fn list(names: Names<'_>, items: &[Expr], between: &str) -> String {
    let parts: Vec<_> = items.iter().map(|item| expr(names, item)).collect();
    parts.join(between)
}

/// Renders an expression with the given column names.
pub(super) fn expr(names: Names<'_>, value: &Expr) -> String {
    match &value.kind {
        ExprKind::Column(id) => names(*id),
        ExprKind::Literal(literal) => self::literal(literal),
        ExprKind::Parameter(name) => name.clone(),
        ExprKind::Variable(name) => {
            let end = name
                .find(crate::plan::VARIABLE_PROVENANCE)
                .unwrap_or(name.len());
            name[..end].to_owned()
        }
        ExprKind::Call { name, args, .. } => format!("{name}({})", list(names, args, ", ")),
        ExprKind::Field(base, name) => format!("{}.{name}", expr(names, base)),
        ExprKind::Element(base, index) => format!("{}[{}]", expr(names, base), expr(names, index)),
        ExprKind::Struct(fields) => {
            let parts: Vec<_> = fields
                .iter()
                .map(|(name, field)| {
                    format!("{}: {}", name.as_deref().unwrap_or("_"), expr(names, field))
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        ExprKind::Array(items) => format!("[{}]", list(names, items, ", ")),
        ExprKind::Case(case) => {
            let mut text = "case".to_owned();
            for (condition, then) in &case.branches {
                let _ = write!(
                    text,
                    " when {} then {}",
                    expr(names, condition),
                    expr(names, then)
                );
            }
            if let Some(otherwise) = &case.otherwise {
                let _ = write!(text, " else {}", expr(names, otherwise));
            }
            text + " end"
        }
        ExprKind::Cast { value, to, safe } => {
            let safe = if *safe { "safe_" } else { "" };
            format!("{safe}cast({} as {to})", expr(names, value))
        }
        ExprKind::And(parts) => format!("({})", list(names, parts, " and ")),
        ExprKind::Or(parts) => format!("({})", list(names, parts, " or ")),
        ExprKind::Not(inner) => format!("not {}", expr(names, inner)),
        ExprKind::Compare(sign, left, right) => {
            format!(
                "{} {} {}",
                expr(names, left),
                sign.sign(),
                expr(names, right)
            )
        }
        ExprKind::InList {
            value,
            list: members,
            unnest,
        } => {
            let unnest = if *unnest { "unnest " } else { "" };
            let members = list(names, members, ", ");
            format!("{} in {unnest}({members})", expr(names, value))
        }
        ExprKind::IsNull(inner) => format!("{} is null", expr(names, inner)),
        ExprKind::Lambda(_, body) => format!("lambda {}", expr(names, body)),
        ExprKind::Subquery(subquery) => match &subquery.kind {
            SubqueryKind::Scalar => "(subquery)".to_owned(),
            SubqueryKind::Array => "array(subquery)".to_owned(),
            SubqueryKind::Exists => "exists(subquery)".to_owned(),
            SubqueryKind::In(value) => format!("{} in (subquery)", expr(names, value)),
        },
        ExprKind::Either(parts) => format!("either({})", list(names, parts, ", ")),
        ExprKind::Unknown(why) => format!("unknown({why})"),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "NULL".to_owned(),
        Literal::Bool(truth) => truth.to_string().to_uppercase(),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => number.to_string(),
        Literal::String(text) => format!("'{text}'"),
        Literal::Other(kind, text) => format!("{kind} '{text}'"),
    }
}
