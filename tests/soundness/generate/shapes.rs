//! Cores of other shapes: folds, windows, recursion, set operations.

use super::{Cols, ColumnContent, GeneratedQuery, QueryGenerator, join};
use crate::query::{Body, Group, JoinCondition, Query, Select, Source, SqlExpression};
use crate::tables::SYSTEMS;

impl QueryGenerator<'_> {
    /// Folds small groups into "Other", and groups again by the folded label.
    pub(super) fn folded(&mut self) -> GeneratedQuery {
        let base = if self.chance(3) {
            self.per_person()
        } else {
            self.plain()
        };
        let (country, os) = (
            SqlExpression::col(&*base.labels[0]),
            SqlExpression::col(&*base.labels[1]),
        );
        let two = self.chance(2);
        let mut keys = vec![country.clone()];
        if two {
            keys.push(os.clone());
        }
        let by_window = self.chance(3);
        let count = if by_window {
            SqlExpression::Over {
                call: Box::new(SqlExpression::count_people(&*base.id)),
                partition: keys.clone(),
                order: Vec::new(),
            }
        } else {
            self.count(&base)
        };
        let mut items = vec![(country.clone(), "g0".to_owned())];
        if two {
            items.push((os, "g1".to_owned()));
        }
        items.push((count, "c".to_owned()));
        if by_window {
            items.push((SqlExpression::col(&*base.id), "id".to_owned()));
        }
        let mut inner = Select::from(base.source.clone(), items);
        if !by_window {
            inner.group = Group::Keys(keys);
        }
        let alias = self.alias();
        let kept = self.threshold(SqlExpression::col(format!("{alias}.c")));
        let label = SqlExpression::col(format!("{alias}.g0"));
        let folded = match self.rng.u32(..4) {
            0 => SqlExpression::Case(
                vec![(kept, label)],
                Some(Box::new(SqlExpression::text("Other"))),
            ),
            1 => SqlExpression::Case(
                vec![
                    (
                        SqlExpression::op("=", label.clone(), SqlExpression::text("DE")),
                        SqlExpression::text("DE"),
                    ),
                    (kept, label),
                ],
                Some(Box::new(SqlExpression::text("Other"))),
            ),
            _ => SqlExpression::iff(kept, label, SqlExpression::text("Other")),
        };
        let mut items = vec![(folded, "g0".to_owned())];
        if two {
            items.push((SqlExpression::col(format!("{alias}.g1")), "g1".to_owned()));
        }
        let total = if by_window {
            items.push((SqlExpression::col(format!("{alias}.id")), "id".to_owned()));
            None
        } else {
            items.push((SqlExpression::col(format!("{alias}.c")), "c".to_owned()));
            Some(())
        };
        let fold = Query::of(Select::from(
            Source::Sub(Box::new(Query::of(inner)), alias),
            items,
        ));
        let alias = self.alias();
        let mut keys = vec![(SqlExpression::col(format!("{alias}.g0")), "g0".to_owned())];
        if two && !self.chance(5) {
            keys.push((SqlExpression::col(format!("{alias}.g1")), "g1".to_owned()));
        }
        let counted = match total {
            Some(()) => SqlExpression::aggregate(
                "SUM",
                false,
                Some(SqlExpression::col(format!("{alias}.c"))),
            ),
            None => SqlExpression::count_people(format!("{alias}.id")),
        };
        let mut items = keys.clone();
        items.push((counted, "c".to_owned()));
        let mut cols: Cols = keys
            .iter()
            .map(|(_, name)| (name.clone(), ColumnContent::Label))
            .collect();
        cols.push(("c".to_owned(), ColumnContent::Count));
        let other = SqlExpression::op("!=", keys[0].0.clone(), SqlExpression::text("Other"));
        let group = Group::Keys(keys.into_iter().map(|(key, _)| key).collect());
        let mut select = Select::from(Source::Sub(Box::new(fold), alias), items);
        select.group = group;
        if self.chance(2) {
            select.filter = Some(other);
        }
        GeneratedQuery {
            query: Query::of(select),
            cols,
        }
    }

    /// Generates GoogleSQL's own threshold, `WITH AGGREGATION_THRESHOLD`.
    pub(super) fn privacy(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let keys = vec![(SqlExpression::col(&*base.labels[0]), "g0".to_owned())];
        let mut items = keys.clone();
        items.push((SqlExpression::count_rows(), "m".to_owned()));
        let mut select = Select::from(base.source, items);
        select.group = Group::Keys(keys.into_iter().map(|(key, _)| key).collect());
        let column = if self.chance(6) {
            &base.labels[1]
        } else {
            &base.id
        };
        select.threshold = Some((self.k, column.clone()));
        GeneratedQuery {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("m".to_owned(), ColumnContent::Number),
            ],
        }
    }

    /// Generates a recursion with a thresholded anchor and a step that counts up.
    pub(super) fn recursive(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let mut anchor = Select::from(
            base.source.clone(),
            vec![
                (SqlExpression::col(&*base.labels[0]), "g0".to_owned()),
                (SqlExpression::Int(1), "c".to_owned()),
            ],
        );
        anchor.group = Group::Keys(vec![SqlExpression::col(&*base.labels[0])]);
        anchor.having = Some(self.threshold(SqlExpression::count_people(&*base.id)));
        let name = format!("r{}", self.alias());
        let mut step = Select::from(
            Source::Named(name.clone(), "s".to_owned()),
            vec![
                (SqlExpression::col("s.g0"), "g0".to_owned()),
                (
                    SqlExpression::op("+", SqlExpression::col("s.c"), SqlExpression::Int(1)),
                    "c".to_owned(),
                ),
            ],
        );
        step.filter = Some(SqlExpression::op(
            "<",
            SqlExpression::col("s.c"),
            SqlExpression::Int(3),
        ));
        let main = Select::from(
            Source::Named(name.clone(), "s".to_owned()),
            vec![
                (SqlExpression::col("s.g0"), "g0".to_owned()),
                (SqlExpression::col("s.c"), "m".to_owned()),
            ],
        );
        GeneratedQuery {
            query: Query::body(Body::Recursive {
                name,
                anchor: Box::new(Query::of(anchor)),
                step: Box::new(Query::of(step)),
                main: Box::new(Query::of(main)),
            }),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("m".to_owned(), ColumnContent::Number),
            ],
        }
    }

    /// Publishes single rows without a grouping.
    pub(super) fn raw(&mut self) -> GeneratedQuery {
        let base = self.base();
        let items = vec![
            (SqlExpression::col(&*base.labels[0]), "g0".to_owned()),
            (SqlExpression::col(&*base.numbers[0]), "m".to_owned()),
        ];
        let mut select = Select::from(base.source.clone(), items);
        select.filter = Some(self.filter(&base));
        select.distinct = self.chance(2);
        GeneratedQuery {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("m".to_owned(), ColumnContent::Number),
            ],
        }
    }

    /// Generates a set operation over two lists of labels.
    pub(super) fn sets(&mut self) -> GeneratedQuery {
        let op = self.one(&["INTERSECT DISTINCT", "EXCEPT DISTINCT", "UNION DISTINCT"]);
        let arms = (0..2).map(|_| self.generate_label_query()).collect();
        GeneratedQuery {
            query: Query::body(Body::Set { op, arms }),
            cols: vec![("g0".to_owned(), ColumnContent::Label)],
        }
    }

    /// Returns a query of one label column, usually with a threshold.
    pub(super) fn generate_label_query(&mut self) -> Query {
        let base = self.plain();
        let key = SqlExpression::col(&*base.labels[0]);
        let mut select = Select::from(base.source.clone(), vec![(key.clone(), "g0".to_owned())]);
        select.group = Group::Keys(vec![key]);
        if !self.chance(4) {
            select.having = Some(self.threshold(SqlExpression::count_people(&*base.id)));
        }
        Query::of(select)
    }

    /// Generates a PIVOT over thresholded groups.
    pub(super) fn pivoted(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let (country, os) = (
            SqlExpression::col(&*base.labels[0]),
            SqlExpression::col(&*base.labels[1]),
        );
        let count = SqlExpression::count_people(&*base.id);
        let items = vec![
            (country.clone(), "g0".to_owned()),
            (os.clone(), "os".to_owned()),
            (count.clone(), "c".to_owned()),
        ];
        let mut select = Select::from(base.source, items);
        select.group = Group::Keys(vec![country, os]);
        select.having = Some(self.threshold(count));
        let alias = self.alias();
        let source = Source::Pivot {
            input: Box::new(Query::of(select)),
            call: SqlExpression::aggregate("SUM", false, Some(SqlExpression::col("c"))),
            column: "os".to_owned(),
            values: SYSTEMS.iter().map(|&os| os.to_owned()).collect(),
            alias: alias.clone(),
        };
        let names = ["g0", SYSTEMS[0], SYSTEMS[1]];
        let items = names
            .iter()
            .map(|name| {
                (
                    SqlExpression::col(format!("{alias}.{name}")),
                    (*name).to_owned(),
                )
            })
            .collect();
        let cols = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let kind = if at == 0 {
                    ColumnContent::Label
                } else {
                    ColumnContent::Number
                };
                ((*name).to_owned(), kind)
            })
            .collect();
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Joins two thresholded lists of labels.
    pub(super) fn join_label_queries(&mut self) -> GeneratedQuery {
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN", "CROSS JOIN"]);
        let (a, b) = (self.alias(), self.alias());
        let (left, right) = (self.generate_label_query(), self.generate_label_query());
        let on = if kind == "CROSS JOIN" {
            JoinCondition::None
        } else {
            JoinCondition::Cond(SqlExpression::op(
                "=",
                SqlExpression::col(format!("{a}.g0")),
                SqlExpression::col(format!("{b}.g0")),
            ))
        };
        let source = join(
            kind,
            Source::Sub(Box::new(left), a.clone()),
            Source::Sub(Box::new(right), b.clone()),
            on,
        );
        let items = vec![
            (SqlExpression::col(format!("{a}.g0")), "g0".to_owned()),
            (SqlExpression::col(format!("{b}.g0")), "g1".to_owned()),
        ];
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("g1".to_owned(), ColumnContent::Label),
            ],
        }
    }
}
