//! Random layers around a query.

use super::{Cols, ColumnContent, GeneratedQuery, QueryGenerator, join, select_columns_of_kind};
use crate::query::{Body, Group, JoinCondition, Query, Select, Source, SqlExpression};

impl QueryGenerator<'_> {
    pub(super) fn layer(&mut self, made: GeneratedQuery) -> GeneratedQuery {
        let alias = self.alias();
        let labels = select_columns_of_kind(&made.cols, ColumnContent::Label);
        let counts = select_columns_of_kind(&made.cols, ColumnContent::Count);
        match self.rng.u32(..18) {
            0 => self.kept(made),
            1 => self.regrouped(made),
            2 => {
                let mut outer = self.over(made, &alias);
                if let (Body::Select(select), Some(label)) = (&mut outer.query.body, labels.first())
                {
                    let label = SqlExpression::col(format!("{alias}.{label}"));
                    select.filter = Some(match self.rng.u32(..3) {
                        0 => SqlExpression::NotNull(Box::new(label)),
                        1 => SqlExpression::op("=", label, self.label()),
                        _ => SqlExpression::op("!=", label, SqlExpression::text("Other")),
                    });
                }
                outer
            }
            3 | 4 => self.union(made),
            5 => {
                let mut outer = self.over(made, &alias);
                if let Body::Select(select) = &mut outer.query.body {
                    select.distinct = true;
                }
                outer
            }
            6 => {
                let mut limited = self.over(made, &alias);
                limited.query.limited = true;
                limited.query.ordered = self.chance(2);
                limited
            }
            7 => self.join_with_table(made, &alias, &labels),
            8 => self.twice(made),
            9 => {
                let mut outer = self.over(made, &alias);
                if let Body::Select(select) = &mut outer.query.body {
                    let element = format!("u{alias}");
                    let offset = self.chance(2).then(|| format!("o{alias}"));
                    let left = Box::new(select.from.clone());
                    select.from = Source::Unnest {
                        left,
                        array: SqlExpression::List(vec![
                            SqlExpression::Int(1),
                            SqlExpression::Int(2),
                        ]),
                        alias: element.clone(),
                        offset,
                        outer: self.chance(3),
                    };
                    select
                        .items
                        .push((SqlExpression::col(&*element), element.clone()));
                    outer.cols.push((element, ColumnContent::Number));
                }
                outer
            }
            10 => self.collected(made, &alias, &labels),
            11 => {
                let mut outer = self.over(made, &alias);
                let label = labels.first();
                let label = label.map(|label| SqlExpression::col(format!("{alias}.{label}")));
                let subquery = self.scalar(label);
                if let Body::Select(select) = &mut outer.query.body {
                    let name = format!("s{alias}");
                    select.items.push((subquery, name.clone()));
                    outer.cols.push((name, ColumnContent::Number));
                }
                outer
            }
            12 => {
                let mut outer = self.over(made, &alias);
                if let (Body::Select(select), Some(count)) = (&mut outer.query.body, counts.first())
                {
                    let count = SqlExpression::col(format!("{alias}.{count}"));
                    let value = match self.rng.u32(..4) {
                        0 => SqlExpression::Call("COALESCE", vec![count, SqlExpression::Int(0)]),
                        1 => SqlExpression::op("*", count, SqlExpression::Int(2)),
                        2 => SqlExpression::iff(
                            SqlExpression::op(">", count.clone(), SqlExpression::Int(2)),
                            count,
                            SqlExpression::Null,
                        ),
                        _ => SqlExpression::op("-", count, SqlExpression::Int(1)),
                    };
                    let name = format!("y{alias}");
                    select.items.push((value, name.clone()));
                    outer.cols.push((name, ColumnContent::Number));
                }
                outer
            }
            13 => {
                let mut outer = self.over(made, &alias);
                if let Body::Select(select) = &mut outer.query.body {
                    let call = match counts.first() {
                        Some(count) => SqlExpression::aggregate(
                            "SUM",
                            false,
                            Some(SqlExpression::col(format!("{alias}.{count}"))),
                        ),
                        None => SqlExpression::count_rows(),
                    };
                    let partition = labels
                        .first()
                        .map(|label| SqlExpression::col(format!("{alias}.{label}")))
                        .into_iter()
                        .collect();
                    let name = format!("w{alias}");
                    let over = SqlExpression::Over {
                        call: Box::new(call),
                        partition,
                        order: Vec::new(),
                    };
                    select.items.push((over, name.clone()));
                    outer.cols.push((name, ColumnContent::Count));
                }
                outer
            }
            14 => self.unpivoted(made, alias),
            15 => self.filter_by_label_query(made, &alias, &labels),
            16 => self.set_operation(made, &labels),
            _ => self.over(made, &alias),
        }
    }

    /// Adds a UNION with another query that has the same columns.
    pub(super) fn union(&mut self, made: GeneratedQuery) -> GeneratedQuery {
        let op = self.one(&["UNION ALL", "UNION ALL", "UNION DISTINCT"]);
        let mut other = if self.chance(3) {
            made.query.clone()
        } else {
            let base = self.plain();
            let (label, count) = (
                SqlExpression::col(&*base.labels[0]),
                SqlExpression::count_people(&*base.id),
            );
            let items = made
                .cols
                .iter()
                .map(|(name, kind)| {
                    let value = match kind {
                        ColumnContent::Label => label.clone(),
                        ColumnContent::Number | ColumnContent::Count => count.clone(),
                    };
                    (value, name.clone())
                })
                .collect();
            let mut select = Select::from(base.source.clone(), items);
            select.group = Group::Keys(vec![label]);
            if !self.chance(4) {
                select.having = Some(self.threshold(count));
            }
            Query::of(select)
        };
        let mut first = made.query;
        first.ordered = false;
        other.ordered = false;
        GeneratedQuery {
            query: Query::body(Body::Set {
                op,
                arms: vec![first, other],
            }),
            cols: made.cols,
        }
    }

    pub(super) fn join_with_table(
        &mut self,
        made: GeneratedQuery,
        alias: &str,
        labels: &[String],
    ) -> GeneratedQuery {
        let Some(label) = labels.first().cloned() else {
            return self.over(made, alias);
        };
        let mut outer = self.over(made, alias);
        let other = self.alias();
        let table = self.one(&["d", "d", "t", "p"]);
        let column = if table == "d" { "os" } else { "country" };
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN", "CROSS JOIN"]);
        let on = if kind == "CROSS JOIN" {
            JoinCondition::None
        } else {
            JoinCondition::Cond(SqlExpression::op(
                "=",
                SqlExpression::col(format!("{alias}.{label}")),
                SqlExpression::col(format!("{other}.{column}")),
            ))
        };
        if let Body::Select(select) = &mut outer.query.body {
            let shown = if table == "d" { "label" } else { "os" };
            let name = format!("l{alias}");
            select
                .items
                .push((SqlExpression::col(format!("{other}.{shown}")), name.clone()));
            outer.cols.push((name, ColumnContent::Label));
            let left = select.from.clone();
            select.from = join(kind, left, Source::Table(table, other), on);
        }
        outer
    }

    /// Reads a query twice as a CTE and joins both.
    pub(super) fn twice(&mut self, made: GeneratedQuery) -> GeneratedQuery {
        let name = format!("two{}", self.alias());
        let (a, b) = (self.alias(), self.alias());
        let Some((first, _)) = made.cols.first().cloned() else {
            return made;
        };
        let on = JoinCondition::Cond(SqlExpression::op(
            "=",
            SqlExpression::col(format!("{a}.{first}")),
            SqlExpression::col(format!("{b}.{first}")),
        ));
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN"]);
        let source = join(
            kind,
            Source::Named(name.clone(), a.clone()),
            Source::Named(name.clone(), b.clone()),
            on,
        );
        let mut items: Vec<(SqlExpression, String)> = made
            .cols
            .iter()
            .map(|(column, _)| (SqlExpression::col(format!("{a}.{column}")), column.clone()))
            .collect();
        items.push((SqlExpression::col(format!("{b}.{first}")), format!("z{b}")));
        let mut cols = made.cols.clone();
        cols.push((format!("z{b}"), cols[0].1));
        let mut query = Query::of(Select::from(source, items));
        query.with.push((name, made.query));
        GeneratedQuery { query, cols }
    }

    /// Collects a label of all rows in one array, and unnests it again.
    pub(super) fn collected(
        &mut self,
        made: GeneratedQuery,
        alias: &str,
        labels: &[String],
    ) -> GeneratedQuery {
        let Some(label) = labels.first() else {
            return self.over(made, alias);
        };
        let array = SqlExpression::aggregate(
            "ARRAY_AGG",
            self.chance(2),
            Some(SqlExpression::col(format!("{alias}.{label}"))),
        );
        let inner = Select::from(
            Source::Sub(Box::new(made.query), alias.to_owned()),
            vec![
                (array, "arr".to_owned()),
                (SqlExpression::count_rows(), "m".to_owned()),
            ],
        );
        let (outer, element) = (self.alias(), self.alias());
        let source = Source::Unnest {
            left: Box::new(Source::Sub(Box::new(Query::of(inner)), outer.clone())),
            array: SqlExpression::col(format!("{outer}.arr")),
            alias: element.clone(),
            offset: None,
            outer: false,
        };
        let items = vec![
            (SqlExpression::col(element), "g0".to_owned()),
            (SqlExpression::col(format!("{outer}.m")), "m".to_owned()),
        ];
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("m".to_owned(), ColumnContent::Number),
            ],
        }
    }

    /// Returns a scalar subquery over another table, sometimes correlated.
    ///
    /// The correlated one reads the rows that have the label `outer` of the outer
    /// query.
    pub(super) fn scalar(&mut self, outer: Option<SqlExpression>) -> SqlExpression {
        let base = self.plain();
        let number = SqlExpression::col(&*base.numbers[0]);
        let value = if self.chance(2) {
            SqlExpression::aggregate("MAX", false, Some(number))
        } else {
            SqlExpression::count_people(&*base.id)
        };
        let mut select = Select::from(base.source.clone(), vec![(value, "s".to_owned())]);
        if let Some(outer) = outer
            && self.chance(2)
        {
            select.filter = Some(SqlExpression::op(
                "=",
                SqlExpression::col(&*base.labels[0]),
                outer,
            ));
        }
        if !self.chance(3) {
            select.having = Some(self.threshold(SqlExpression::count_people(&*base.id)));
        }
        SqlExpression::Scalar(Box::new(Query::of(select)))
    }

    pub(super) fn unpivoted(&mut self, made: GeneratedQuery, alias: String) -> GeneratedQuery {
        let numbers: Vec<String> = made
            .cols
            .iter()
            .filter(|(_, kind)| matches!(kind, ColumnContent::Number | ColumnContent::Count))
            .map(|(name, _)| name.clone())
            .take(2)
            .collect();
        if numbers.len() < 2 {
            return self.over(made, &alias);
        }
        let inner = self.alias();
        let labels = select_columns_of_kind(&made.cols, ColumnContent::Label);
        // All columns of one UNPIVOT need the same type, and FLOAT64 and INT64
        // differ.
        let items = labels
            .iter()
            .map(|name| (SqlExpression::col(format!("{inner}.{name}")), name.clone()))
            .chain(numbers.iter().map(|name| {
                let value = SqlExpression::Call(
                    "CAST",
                    vec![SqlExpression::Col(format!("{inner}.{name} AS FLOAT64"))],
                );
                (value, name.clone())
            }))
            .collect();
        let input = Query::of(Select::from(
            Source::Sub(Box::new(made.query), inner),
            items,
        ));
        // The columns of an earlier UNPIVOT keep their names.
        let before = labels.iter().filter(|name| name.starts_with("nam")).count();
        let (value, name) = (format!("val{before}"), format!("nam{before}"));
        let source = Source::Unpivot {
            input: Box::new(input),
            value: value.clone(),
            name: name.clone(),
            columns: numbers,
            alias: alias.clone(),
        };
        let mut cols: Cols = labels
            .into_iter()
            .map(|label| (label, ColumnContent::Label))
            .collect();
        cols.push((value, ColumnContent::Number));
        cols.push((name, ColumnContent::Label));
        let items = cols
            .iter()
            .map(|(name, _)| (SqlExpression::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Keeps rows whose label is, or is not, in the result of another query.
    pub(super) fn filter_by_label_query(
        &mut self,
        made: GeneratedQuery,
        alias: &str,
        labels: &[String],
    ) -> GeneratedQuery {
        let Some(label) = labels.first().cloned() else {
            return self.over(made, alias);
        };
        let mut outer = self.over(made, alias);
        let list = self.generate_label_query();
        let value = SqlExpression::col(format!("{alias}.{label}"));
        let inside = SqlExpression::InQuery(Box::new(value), Box::new(list));
        if let Body::Select(select) = &mut outer.query.body {
            select.filter = Some(if self.chance(2) {
                inside
            } else {
                SqlExpression::Not(Box::new(inside))
            });
        }
        outer
    }

    pub(super) fn set_operation(
        &mut self,
        made: GeneratedQuery,
        labels: &[String],
    ) -> GeneratedQuery {
        let alias = self.alias();
        let Some(label) = labels.first() else {
            return self.over(made, &alias);
        };
        let items = vec![(
            SqlExpression::col(format!("{alias}.{label}")),
            "g0".to_owned(),
        )];
        let left = Query::of(Select::from(
            Source::Sub(Box::new(made.query), alias),
            items,
        ));
        let op = self.one(&["INTERSECT DISTINCT", "EXCEPT DISTINCT"]);
        GeneratedQuery {
            query: Query::body(Body::Set {
                op,
                arms: vec![left, self.generate_label_query()],
            }),
            cols: vec![("g0".to_owned(), ColumnContent::Label)],
        }
    }
}
