//! Random layers around a query.

use super::{Cols, Gen, Kind, Made, join, of_kind};
use crate::query::{Body, Ex, Group, On, Query, Select, Source};

impl Gen<'_> {
    pub(super) fn layer(&mut self, made: Made) -> Made {
        let alias = self.alias();
        let labels = of_kind(&made.cols, Kind::Label);
        let counts = of_kind(&made.cols, Kind::Count);
        match self.rng.u32(..18) {
            0 => self.kept(made),
            1 => self.regrouped(made),
            2 => {
                let mut outer = self.over(made, &alias);
                if let (Body::Select(select), Some(label)) = (&mut outer.query.body, labels.first())
                {
                    let label = Ex::col(format!("{alias}.{label}"));
                    select.filter = Some(match self.rng.u32(..3) {
                        0 => Ex::NotNull(Box::new(label)),
                        1 => Ex::op("=", label, self.label()),
                        _ => Ex::op("!=", label, Ex::text("Other")),
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
            7 => self.beside_a_table(made, &alias, &labels),
            8 => self.twice(made),
            9 => {
                let mut outer = self.over(made, &alias);
                if let Body::Select(select) = &mut outer.query.body {
                    let element = format!("u{alias}");
                    let offset = self.chance(2).then(|| format!("o{alias}"));
                    let left = Box::new(select.from.clone());
                    select.from = Source::Unnest {
                        left,
                        array: Ex::List(vec![Ex::Int(1), Ex::Int(2)]),
                        alias: element.clone(),
                        offset,
                        outer: self.chance(3),
                    };
                    select.items.push((Ex::col(&*element), element.clone()));
                    outer.cols.push((element, Kind::Number));
                }
                outer
            }
            10 => self.collected(made, &alias, &labels),
            11 => {
                let mut outer = self.over(made, &alias);
                let label = labels.first();
                let label = label.map(|label| Ex::col(format!("{alias}.{label}")));
                let subquery = self.scalar(label);
                if let Body::Select(select) = &mut outer.query.body {
                    let name = format!("s{alias}");
                    select.items.push((subquery, name.clone()));
                    outer.cols.push((name, Kind::Number));
                }
                outer
            }
            12 => {
                let mut outer = self.over(made, &alias);
                if let (Body::Select(select), Some(count)) = (&mut outer.query.body, counts.first())
                {
                    let count = Ex::col(format!("{alias}.{count}"));
                    let value = match self.rng.u32(..4) {
                        0 => Ex::Call("COALESCE", vec![count, Ex::Int(0)]),
                        1 => Ex::op("*", count, Ex::Int(2)),
                        2 => Ex::iff(Ex::op(">", count.clone(), Ex::Int(2)), count, Ex::Null),
                        _ => Ex::op("-", count, Ex::Int(1)),
                    };
                    let name = format!("y{alias}");
                    select.items.push((value, name.clone()));
                    outer.cols.push((name, Kind::Number));
                }
                outer
            }
            13 => {
                let mut outer = self.over(made, &alias);
                if let Body::Select(select) = &mut outer.query.body {
                    let call = match counts.first() {
                        Some(count) => {
                            Ex::aggregate("SUM", false, Some(Ex::col(format!("{alias}.{count}"))))
                        }
                        None => Ex::count_rows(),
                    };
                    let partition = labels
                        .first()
                        .map(|label| Ex::col(format!("{alias}.{label}")))
                        .into_iter()
                        .collect();
                    let name = format!("w{alias}");
                    let over = Ex::Over {
                        call: Box::new(call),
                        partition,
                        order: Vec::new(),
                    };
                    select.items.push((over, name.clone()));
                    outer.cols.push((name, Kind::Count));
                }
                outer
            }
            14 => self.unpivoted(made, alias),
            15 => self.filtered_by_set(made, &alias, &labels),
            16 => self.set_operation(made, &labels),
            _ => self.over(made, &alias),
        }
    }

    /// Adds a UNION with another query that has the same columns.
    pub(super) fn union(&mut self, made: Made) -> Made {
        let op = self.one(&["UNION ALL", "UNION ALL", "UNION DISTINCT"]);
        let mut other = if self.chance(3) {
            made.query.clone()
        } else {
            let base = self.plain();
            let (label, count) = (Ex::col(&*base.labels[0]), Ex::count_people(&*base.id));
            let items = made
                .cols
                .iter()
                .map(|(name, kind)| {
                    let value = match kind {
                        Kind::Label => label.clone(),
                        Kind::Number | Kind::Count => count.clone(),
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
        Made {
            query: Query::body(Body::Set {
                op,
                arms: vec![first, other],
            }),
            cols: made.cols,
        }
    }

    pub(super) fn beside_a_table(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
        let Some(label) = labels.first().cloned() else {
            return self.over(made, alias);
        };
        let mut outer = self.over(made, alias);
        let other = self.alias();
        let table = self.one(&["d", "d", "t", "p"]);
        let column = if table == "d" { "os" } else { "country" };
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN", "CROSS JOIN"]);
        let on = if kind == "CROSS JOIN" {
            On::None
        } else {
            On::Cond(Ex::op(
                "=",
                Ex::col(format!("{alias}.{label}")),
                Ex::col(format!("{other}.{column}")),
            ))
        };
        if let Body::Select(select) = &mut outer.query.body {
            let shown = if table == "d" { "label" } else { "os" };
            let name = format!("l{alias}");
            select
                .items
                .push((Ex::col(format!("{other}.{shown}")), name.clone()));
            outer.cols.push((name, Kind::Label));
            let left = select.from.clone();
            select.from = join(kind, left, Source::Table(table, other), on);
        }
        outer
    }

    /// Reads a query twice as a CTE and joins both.
    pub(super) fn twice(&mut self, made: Made) -> Made {
        let name = format!("two{}", self.alias());
        let (a, b) = (self.alias(), self.alias());
        let Some((first, _)) = made.cols.first().cloned() else {
            return made;
        };
        let on = On::Cond(Ex::op(
            "=",
            Ex::col(format!("{a}.{first}")),
            Ex::col(format!("{b}.{first}")),
        ));
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN"]);
        let source = join(
            kind,
            Source::Named(name.clone(), a.clone()),
            Source::Named(name.clone(), b.clone()),
            on,
        );
        let mut items: Vec<(Ex, String)> = made
            .cols
            .iter()
            .map(|(column, _)| (Ex::col(format!("{a}.{column}")), column.clone()))
            .collect();
        items.push((Ex::col(format!("{b}.{first}")), format!("z{b}")));
        let mut cols = made.cols.clone();
        cols.push((format!("z{b}"), cols[0].1));
        let mut query = Query::of(Select::from(source, items));
        query.with.push((name, made.query));
        Made { query, cols }
    }

    /// Collects a label of all rows in one array, and unnests it again.
    pub(super) fn collected(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
        let Some(label) = labels.first() else {
            return self.over(made, alias);
        };
        let array = Ex::aggregate(
            "ARRAY_AGG",
            self.chance(2),
            Some(Ex::col(format!("{alias}.{label}"))),
        );
        let inner = Select::from(
            Source::Sub(Box::new(made.query), alias.to_owned()),
            vec![
                (array, "arr".to_owned()),
                (Ex::count_rows(), "m".to_owned()),
            ],
        );
        let (outer, element) = (self.alias(), self.alias());
        let source = Source::Unnest {
            left: Box::new(Source::Sub(Box::new(Query::of(inner)), outer.clone())),
            array: Ex::col(format!("{outer}.arr")),
            alias: element.clone(),
            offset: None,
            outer: false,
        };
        let items = vec![
            (Ex::col(element), "g0".to_owned()),
            (Ex::col(format!("{outer}.m")), "m".to_owned()),
        ];
        Made {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("m".to_owned(), Kind::Number),
            ],
        }
    }

    /// Returns a scalar subquery over another table, sometimes correlated.
    ///
    /// The correlated one reads the rows that have the label `outer` of the outer
    /// query.
    pub(super) fn scalar(&mut self, outer: Option<Ex>) -> Ex {
        let base = self.plain();
        let number = Ex::col(&*base.numbers[0]);
        let value = if self.chance(2) {
            Ex::aggregate("MAX", false, Some(number))
        } else {
            Ex::count_people(&*base.id)
        };
        let mut select = Select::from(base.source.clone(), vec![(value, "s".to_owned())]);
        if let Some(outer) = outer
            && self.chance(2)
        {
            select.filter = Some(Ex::op("=", Ex::col(&*base.labels[0]), outer));
        }
        if !self.chance(3) {
            select.having = Some(self.threshold(Ex::count_people(&*base.id)));
        }
        Ex::Scalar(Box::new(Query::of(select)))
    }

    pub(super) fn unpivoted(&mut self, made: Made, alias: String) -> Made {
        let numbers: Vec<String> = made
            .cols
            .iter()
            .filter(|(_, kind)| matches!(kind, Kind::Number | Kind::Count))
            .map(|(name, _)| name.clone())
            .take(2)
            .collect();
        if numbers.len() < 2 {
            return self.over(made, &alias);
        }
        let inner = self.alias();
        let labels = of_kind(&made.cols, Kind::Label);
        // All columns of one UNPIVOT need the same type, and FLOAT64 and INT64
        // differ.
        let items = labels
            .iter()
            .map(|name| (Ex::col(format!("{inner}.{name}")), name.clone()))
            .chain(numbers.iter().map(|name| {
                let value = Ex::Call("CAST", vec![Ex::Col(format!("{inner}.{name} AS FLOAT64"))]);
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
            .map(|label| (label, Kind::Label))
            .collect();
        cols.push((value, Kind::Number));
        cols.push((name, Kind::Label));
        let items = cols
            .iter()
            .map(|(name, _)| (Ex::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        Made {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Keeps rows whose label is, or is not, in the result of another query.
    pub(super) fn filtered_by_set(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
        let Some(label) = labels.first().cloned() else {
            return self.over(made, alias);
        };
        let mut outer = self.over(made, alias);
        let list = self.labels_above();
        let value = Ex::col(format!("{alias}.{label}"));
        let inside = Ex::InQuery(Box::new(value), Box::new(list));
        if let Body::Select(select) = &mut outer.query.body {
            select.filter = Some(if self.chance(2) {
                inside
            } else {
                Ex::Not(Box::new(inside))
            });
        }
        outer
    }

    pub(super) fn set_operation(&mut self, made: Made, labels: &[String]) -> Made {
        let alias = self.alias();
        let Some(label) = labels.first() else {
            return self.over(made, &alias);
        };
        let items = vec![(Ex::col(format!("{alias}.{label}")), "g0".to_owned())];
        let left = Query::of(Select::from(
            Source::Sub(Box::new(made.query), alias),
            items,
        ));
        let op = self.one(&["INTERSECT DISTINCT", "EXCEPT DISTINCT"]);
        Made {
            query: Query::body(Body::Set {
                op,
                arms: vec![left, self.labels_above()],
            }),
            cols: vec![("g0".to_owned(), Kind::Label)],
        }
    }
}
