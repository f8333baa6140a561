//! Random queries as a small syntax tree, and their SQL text. The tree is not a
//! plan: the binder has to resolve the text.

use std::fmt::Write as _;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlExpression {
    /// A name or other SQL text, rendered verbatim.
    Col(String),
    Int(i64),
    Str(String),
    Null,
    /// Operands joined by one infix operator.
    Op(&'static str, Vec<SqlExpression>),
    Call(&'static str, Vec<SqlExpression>),
    Not(Box<SqlExpression>),
    NotNull(Box<SqlExpression>),
    Between(Box<SqlExpression>, i64, i64),
    In(Box<SqlExpression>, Vec<SqlExpression>),
    Case(
        Vec<(SqlExpression, SqlExpression)>,
        Option<Box<SqlExpression>>,
    ),
    Agg {
        name: &'static str,
        distinct: bool,
        /// `None` renders as `*`.
        arg: Option<Box<SqlExpression>>,
    },
    Over {
        call: Box<SqlExpression>,
        partition: Vec<SqlExpression>,
        order: Vec<SqlExpression>,
    },
    Exists(Box<Query>),
    InQuery(Box<SqlExpression>, Box<Query>),
    Scalar(Box<Query>),
    List(Vec<SqlExpression>),
}

/// A query with WITH, a body, ORDER BY and LIMIT.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub with: Vec<(String, Query)>,
    pub body: Body,
    /// Whether it has an ORDER BY over all columns.
    pub ordered: bool,
    pub limited: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Select(Box<Select>),
    Set {
        op: &'static str,
        arms: Vec<Query>,
    },
    /// WITH RECURSIVE as a complete query: name, anchor, step, and the query that
    /// reads it.
    Recursive {
        name: String,
        anchor: Box<Query>,
        step: Box<Query>,
        main: Box<Query>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    pub distinct: bool,
    pub items: Vec<(SqlExpression, String)>,
    pub from: Source,
    pub filter: Option<SqlExpression>,
    pub group: Group,
    pub having: Option<SqlExpression>,
    pub qualify: Option<SqlExpression>,
    /// `WITH AGGREGATION_THRESHOLD`: the threshold and the privacy unit column.
    pub threshold: Option<(i64, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Group {
    None,
    Keys(Vec<SqlExpression>),
    /// ROLLUP, CUBE or GROUPING SETS over these keys.
    Sets(&'static str, Vec<SqlExpression>),
}

/// An item of FROM.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Table(&'static str, String),
    Named(String, String),
    /// A relation without people, rendered verbatim: constants, or UNNEST of an
    /// array.
    Constants(String),
    Sub(Box<Query>, String),
    Join {
        kind: &'static str,
        left: Box<Source>,
        right: Box<Source>,
        on: JoinCondition,
    },
    Unnest {
        left: Box<Source>,
        array: SqlExpression,
        alias: String,
        offset: Option<String>,
        outer: bool,
    },
    Pivot {
        input: Box<Query>,
        call: SqlExpression,
        column: String,
        values: Vec<String>,
        alias: String,
    },
    Unpivot {
        input: Box<Query>,
        value: String,
        name: String,
        columns: Vec<String>,
        alias: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinCondition {
    None,
    Using(Vec<String>),
    Cond(SqlExpression),
}

impl Query {
    pub fn of(select: Select) -> Self {
        Self::body(Body::Select(Box::new(select)))
    }

    pub fn body(body: Body) -> Self {
        Self {
            with: Vec::new(),
            body,
            ordered: false,
            limited: false,
        }
    }
}

impl Select {
    pub fn from(from: Source, items: Vec<(SqlExpression, String)>) -> Self {
        Self {
            distinct: false,
            items,
            from,
            filter: None,
            group: Group::None,
            having: None,
            qualify: None,
            threshold: None,
        }
    }

    /// Returns whether its rows are groups.
    pub fn is_grouped(&self) -> bool {
        self.group != Group::None
            || self.having.is_some()
            || self.threshold.is_some()
            || self.items.iter().any(|(item, _)| item.aggregates())
    }
}

impl SqlExpression {
    pub fn col(name: impl Into<String>) -> Self {
        Self::Col(name.into())
    }

    pub fn text(text: &str) -> Self {
        Self::Str(text.to_owned())
    }

    pub fn op(sign: &'static str, left: SqlExpression, right: SqlExpression) -> Self {
        Self::Op(sign, vec![left, right])
    }

    pub fn count_people(id: impl Into<String>) -> Self {
        Self::aggregate("COUNT", true, Some(Self::col(id)))
    }

    pub fn count_rows() -> Self {
        Self::aggregate("COUNT", false, None)
    }

    pub fn aggregate(name: &'static str, distinct: bool, arg: Option<SqlExpression>) -> Self {
        Self::Agg {
            name,
            distinct,
            arg: arg.map(Box::new),
        }
    }

    pub fn iff(condition: SqlExpression, value: SqlExpression, otherwise: SqlExpression) -> Self {
        Self::Call("IF", vec![condition, value, otherwise])
    }

    /// Returns whether it contains an aggregate outside of a window and a subquery.
    pub fn aggregates(&self) -> bool {
        match self {
            Self::Agg { .. } => true,
            Self::Col(_)
            | Self::Int(_)
            | Self::Str(_)
            | Self::Null
            | Self::Exists(_)
            | Self::Scalar(_) => false,
            Self::Op(_, parts) | Self::Call(_, parts) | Self::List(parts) => {
                parts.iter().any(Self::aggregates)
            }
            Self::Not(inner)
            | Self::NotNull(inner)
            | Self::Between(inner, ..)
            | Self::InQuery(inner, _) => inner.aggregates(),
            Self::In(value, list) => value.aggregates() || list.iter().any(Self::aggregates),
            Self::Case(branches, otherwise) => {
                branches
                    .iter()
                    .any(|(a, b)| a.aggregates() || b.aggregates())
                    || otherwise.as_ref().is_some_and(|value| value.aggregates())
            }
            Self::Over {
                call, partition, ..
            } => {
                let inside = match &**call {
                    Self::Agg { arg, .. } => arg.as_ref().is_some_and(|arg| arg.aggregates()),
                    other => other.aggregates(),
                };
                inside || partition.iter().any(Self::aggregates)
            }
        }
    }

    pub fn sql(&self) -> String {
        let all = |parts: &[Self], between: &str| {
            let shown: Vec<String> = parts.iter().map(Self::sql).collect();
            shown.join(between)
        };
        match self {
            Self::Col(name) => name.clone(),
            Self::Int(number) => number.to_string(),
            Self::Str(text) => format!("'{text}'"),
            Self::Null => "NULL".to_owned(),
            Self::Op(sign, parts) => format!("({})", all(parts, &format!(" {sign} "))),
            Self::Call(name, args) => format!("{name}({})", all(args, ", ")),
            Self::Not(inner) => format!("NOT ({})", inner.sql()),
            Self::NotNull(inner) => format!("{} IS NOT NULL", inner.sql()),
            Self::Between(value, low, high) => format!("{} BETWEEN {low} AND {high}", value.sql()),
            Self::In(value, list) => format!("{} IN ({})", value.sql(), all(list, ", ")),
            Self::Case(branches, otherwise) => {
                let mut text = "CASE".to_owned();
                for (condition, value) in branches {
                    let _ = write!(text, " WHEN {} THEN {}", condition.sql(), value.sql());
                }
                if let Some(otherwise) = otherwise {
                    let _ = write!(text, " ELSE {}", otherwise.sql());
                }
                text + " END"
            }
            Self::Agg {
                name,
                distinct,
                arg,
            } => {
                let distinct = if *distinct { "DISTINCT " } else { "" };
                let arg = arg.as_ref().map_or("*".to_owned(), |arg| arg.sql());
                format!("{name}({distinct}{arg})")
            }
            Self::Over {
                call,
                partition,
                order,
            } => {
                let mut inside = Vec::new();
                if !partition.is_empty() {
                    inside.push(format!("PARTITION BY {}", all(partition, ", ")));
                }
                if !order.is_empty() {
                    inside.push(format!("ORDER BY {}", all(order, ", ")));
                }
                format!("{} OVER ({})", call.sql(), inside.join(" "))
            }
            Self::Exists(query) => format!("EXISTS ({})", query.sql()),
            Self::InQuery(value, query) => format!("{} IN ({})", value.sql(), query.sql()),
            Self::Scalar(query) => format!("({})", query.sql()),
            Self::List(parts) => format!("[{}]", all(parts, ", ")),
        }
    }
}

impl Query {
    pub fn sql(&self) -> String {
        let mut text = String::new();
        for (at, (name, query)) in self.with.iter().enumerate() {
            text.push_str(if at == 0 { "WITH " } else { ", " });
            let _ = write!(text, "{name} AS ({})", query.sql());
        }
        if !self.with.is_empty() {
            text.push(' ');
        }
        match &self.body {
            Body::Select(select) => text.push_str(&select.sql()),
            Body::Set { op, arms } => {
                let arms: Vec<String> = arms.iter().map(|arm| format!("({})", arm.sql())).collect();
                text.push_str(&arms.join(&format!(" {op} ")));
            }
            Body::Recursive {
                name,
                anchor,
                step,
                main,
            } => {
                let _ = write!(
                    text,
                    "WITH RECURSIVE {name} AS ({} UNION ALL {}) {}",
                    anchor.sql(),
                    step.sql(),
                    main.sql()
                );
            }
        }
        if self.ordered {
            let columns: Vec<String> = (1..=self.names().len()).map(|at| at.to_string()).collect();
            let _ = write!(text, " ORDER BY {}", columns.join(", "));
        }
        if self.limited {
            text.push_str(" LIMIT 2");
        }
        text
    }

    /// Returns the names of its columns.
    pub fn names(&self) -> Vec<String> {
        match &self.body {
            Body::Select(select) => select.items.iter().map(|(_, name)| name.clone()).collect(),
            Body::Set { arms, .. } => arms.first().map(Self::names).unwrap_or_default(),
            Body::Recursive { main, .. } => main.names(),
        }
    }

    /// Renders the query in pipe syntax, or returns `None` if it is too complex for
    /// it.
    pub fn piped(&self) -> Option<String> {
        let Body::Select(select) = &self.body else {
            return None;
        };
        let windows = select
            .items
            .iter()
            .any(|(item, _)| matches!(item, SqlExpression::Over { .. }));
        if !self.with.is_empty()
            || windows
            || select.qualify.is_some()
            || select.threshold.is_some()
        {
            return None;
        }
        let mut text = format!("FROM {}", select.from.sql());
        if let Some(filter) = &select.filter {
            let _ = write!(text, " |> WHERE {}", filter.sql());
        }
        if select.is_grouped() {
            let Group::Keys(keys) = &select.group else {
                return None;
            };
            // Each item is a key or a single aggregate call; otherwise the query is
            // too complex.
            let mut calls = Vec::new();
            for (item, name) in &select.items {
                if keys.contains(item) {
                    continue;
                }
                if !matches!(item, SqlExpression::Agg { .. }) {
                    return None;
                }
                calls.push(format!("{} AS {name}", item.sql()));
            }
            let mut named = Vec::new();
            for (at, key) in keys.iter().enumerate() {
                let name = select.items.iter().find(|(item, _)| item == key);
                let name = name.map_or_else(|| format!("hidden{at}"), |(_, name)| name.clone());
                named.push(format!("{} AS {name}", key.sql()));
            }
            if let Some(having) = &select.having {
                let SqlExpression::Op(sign, sides) = having else {
                    return None;
                };
                let [
                    count @ SqlExpression::Agg { .. },
                    bound @ SqlExpression::Int(_),
                ] = sides.as_slice()
                else {
                    return None;
                };
                calls.push(format!("{} AS threshold", count.sql()));
                let _ = write!(
                    text,
                    " |> AGGREGATE {} GROUP BY {} |> WHERE threshold {sign} {}",
                    calls.join(", "),
                    named.join(", "),
                    bound.sql()
                );
            } else {
                let _ = write!(
                    text,
                    " |> AGGREGATE {} GROUP BY {}",
                    calls.join(", "),
                    named.join(", ")
                );
            }
            let _ = write!(text, " |> SELECT {}", self.names().join(", "));
        } else {
            let items: Vec<String> = select.items.iter().map(item).collect();
            let _ = write!(text, " |> SELECT {}", items.join(", "));
        }
        if select.distinct {
            text.push_str(" |> DISTINCT");
        }
        if self.ordered {
            let _ = write!(text, " |> ORDER BY {}", self.names().join(", "));
        }
        if self.limited {
            text.push_str(" |> LIMIT 2");
        }
        Some(text)
    }
}

pub fn item((value, name): &(SqlExpression, String)) -> String {
    format!("{} AS {name}", value.sql())
}

impl Select {
    pub fn sql(&self) -> String {
        let items: Vec<String> = self.items.iter().map(item).collect();
        let mut text = "SELECT ".to_owned();
        if let Some((least, unit)) = &self.threshold {
            let _ = write!(
                text,
                "WITH AGGREGATION_THRESHOLD OPTIONS(threshold={least}, privacy_unit_column={unit}) "
            );
        }
        if self.distinct {
            text.push_str("DISTINCT ");
        }
        let _ = write!(text, "{} FROM {}", items.join(", "), self.from.sql());
        text + &self.clauses()
    }

    /// Renders the clauses after FROM.
    pub fn clauses(&self) -> String {
        let mut text = String::new();
        if let Some(filter) = &self.filter {
            let _ = write!(text, " WHERE {}", filter.sql());
        }
        text.push_str(&self.group.sql());
        if let Some(having) = &self.having {
            let _ = write!(text, " HAVING {}", having.sql());
        }
        if let Some(qualify) = &self.qualify {
            let _ = write!(text, " QUALIFY {}", qualify.sql());
        }
        text
    }
}

impl Group {
    pub fn sql(&self) -> String {
        let all = |keys: &[SqlExpression]| {
            let shown: Vec<String> = keys.iter().map(SqlExpression::sql).collect();
            shown.join(", ")
        };
        match self {
            Self::None => String::new(),
            Self::Keys(keys) => format!(" GROUP BY {}", all(keys)),
            Self::Sets("GROUPING SETS", keys) => {
                let sets: Vec<String> = (0..keys.len())
                    .map(|at| format!("({})", all(&keys[..=at])))
                    .collect();
                format!(" GROUP BY GROUPING SETS({})", sets.join(", "))
            }
            Self::Sets(word, keys) => format!(" GROUP BY {word}({})", all(keys)),
        }
    }
}

impl Source {
    pub fn sql(&self) -> String {
        match self {
            Self::Table(name, alias) => format!("{name} AS {alias}"),
            Self::Named(name, alias) => format!("{name} AS {alias}"),
            Self::Constants(text) => text.clone(),
            Self::Sub(query, alias) => format!("({}) AS {alias}", query.sql()),
            Self::Join {
                kind,
                left,
                right,
                on,
            } => format!("{} {kind} {}{}", left.sql(), right.sql(), on.sql()),
            Self::Unnest {
                left,
                array,
                alias,
                offset,
                outer,
            } => unnest(&left.sql(), array, alias, offset.as_deref(), *outer),
            Self::Pivot {
                input,
                call,
                column,
                values,
                alias,
            } => {
                let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
                format!(
                    "({}) PIVOT({} FOR {column} IN ({})) AS {alias}",
                    input.sql(),
                    call.sql(),
                    values.join(", ")
                )
            }
            Self::Unpivot {
                input,
                value,
                name,
                columns,
                alias,
            } => format!(
                "({}) UNPIVOT({value} FOR {name} IN ({})) AS {alias}",
                input.sql(),
                columns.join(", ")
            ),
        }
    }
}

pub fn unnest(
    left: &str,
    array: &SqlExpression,
    alias: &str,
    offset: Option<&str>,
    outer: bool,
) -> String {
    let join = if outer { "LEFT JOIN" } else { "CROSS JOIN" };
    let offset = offset.map_or(String::new(), |name| format!(" WITH OFFSET AS {name}"));
    format!("{left} {join} UNNEST({}) AS {alias}{offset}", array.sql())
}

impl JoinCondition {
    pub fn sql(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Using(names) => format!(" USING ({})", names.join(", ")),
            Self::Cond(condition) => format!(" ON {}", condition.sql()),
        }
    }
}
