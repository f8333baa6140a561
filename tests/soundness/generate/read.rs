//! The relations that a random query reads.

use super::{GroupingInput, QueryGenerator, join};
use crate::query::{Body, Group, JoinCondition, Query, Select, Source, SqlExpression};

impl QueryGenerator<'_> {
    pub(super) fn table(&mut self) -> &'static str {
        self.one(&["t", "t", "t", "t", "p", "p", "q", "q", "e"])
    }

    pub(super) fn plain(&mut self) -> GroupingInput {
        let (name, alias) = (self.table(), self.alias());
        let mut numbers = vec![format!("{alias}.n"), format!("{alias}.v")];
        if name == "q" {
            numbers.push(format!("{alias}.day"));
        }
        GroupingInput {
            id: format!("{alias}.id"),
            labels: vec![format!("{alias}.country"), format!("{alias}.os")],
            numbers,
            source: Source::Table(name, alias),
        }
    }

    pub(super) fn base(&mut self) -> GroupingInput {
        match self.rng.u32(..20) {
            0..=8 => self.plain(),
            9..=12 => self.joined(),
            13 => {
                let mut base = self.plain();
                let dimension = self.alias();
                let os = base.labels[1].clone();
                let kind = self.one(&["JOIN", "LEFT JOIN"]);
                let on = JoinCondition::Cond(SqlExpression::op(
                    "=",
                    SqlExpression::col(os),
                    SqlExpression::col(format!("{dimension}.os")),
                ));
                base.labels.push(format!("{dimension}.label"));
                base.source = join(kind, base.source, Source::Table("d", dimension), on);
                base
            }
            14 => {
                let mut base = self.plain();
                let alias = self.alias();
                let offset = self.chance(2).then(|| format!("o{alias}"));
                let array = SqlExpression::List(vec![SqlExpression::Int(1), SqlExpression::Int(2)]);
                base.numbers.push(alias.clone());
                base.source = Source::Unnest {
                    left: Box::new(base.source),
                    array,
                    alias,
                    offset,
                    outer: self.chance(3),
                };
                base
            }
            15 => self.generate_union_of_people(),
            16 => {
                // Each row is joined with one row of a constant.
                let mut base = self.plain();
                let alias = self.alias();
                let one = Source::Constants(format!("(SELECT 1 AS one) AS {alias}"));
                base.numbers.push(format!("{alias}.one"));
                base.source = join("CROSS JOIN", base.source, one, JoinCondition::None);
                base
            }
            17 => self.generate_either_side(),
            _ => self.per_person(),
        }
    }

    /// Joins two tables of people, often by FULL JOIN, and selects the side that
    /// exists.
    fn generate_either_side(&mut self) -> GroupingInput {
        let (mut a, mut b) = (self.plain(), self.plain());
        for side in [&mut a, &mut b] {
            if self.chance(2) {
                let column =
                    |path: &String, name: &str| (SqlExpression::col(&**path), name.to_owned());
                let items = vec![
                    column(&side.id, "id"),
                    column(&side.labels[0], "country"),
                    column(&side.labels[1], "os"),
                    column(&side.numbers[0], "n"),
                ];
                let mut select = Select::from(side.source.clone(), items);
                select.filter = Some(SqlExpression::NotNull(Box::new(SqlExpression::col(
                    &*side.id,
                ))));
                *side = self.derived(Query::of(select));
            }
        }
        let kind = self.one(&["FULL JOIN", "FULL JOIN", "FULL JOIN", "LEFT JOIN"]);
        let on = JoinCondition::Cond(SqlExpression::op(
            "=",
            SqlExpression::col(&*a.id),
            SqlExpression::col(&*b.id),
        ));
        let tested = self.one(&[a.id.clone(), a.id.clone(), b.id.clone()]);
        let mut either = |left: &str, right: &str| {
            let (left, right) = (SqlExpression::col(left), SqlExpression::col(right));
            let there = SqlExpression::NotNull(Box::new(SqlExpression::col(&*tested)));
            match self.rng.u32(..4) {
                0 => SqlExpression::Call("COALESCE", vec![left, right]),
                1 => SqlExpression::iff(SqlExpression::Not(Box::new(there)), right, left),
                _ => SqlExpression::iff(there, left, right),
            }
        };
        let items = vec![
            (either(&a.id, &b.id), "id".to_owned()),
            (either(&a.labels[0], &b.labels[0]), "country".to_owned()),
            (either(&a.labels[1], &b.labels[1]), "os".to_owned()),
            (either(&a.numbers[0], &b.numbers[0]), "n".to_owned()),
        ];
        let source = join(kind, a.source, b.source, on);
        self.derived(Query::of(Select::from(source, items)))
    }

    /// Joins two tables of people.
    pub(super) fn joined(&mut self) -> GroupingInput {
        let (a, b) = (self.plain(), self.plain());
        let kind = self.one(&[
            "JOIN",
            "JOIN",
            "LEFT JOIN",
            "LEFT JOIN",
            "RIGHT JOIN",
            "FULL JOIN",
            "CROSS JOIN",
        ]);
        let on = match self.rng.u32(..6) {
            _ if kind == "CROSS JOIN" => JoinCondition::None,
            0..=2 => JoinCondition::Cond(SqlExpression::op(
                "=",
                SqlExpression::col(&*a.id),
                SqlExpression::col(&*b.id),
            )),
            3 => JoinCondition::Cond(SqlExpression::op(
                "=",
                SqlExpression::col(&*a.labels[1]),
                SqlExpression::col(&*b.labels[1]),
            )),
            4 => JoinCondition::Cond(SqlExpression::Op(
                "AND",
                vec![
                    SqlExpression::op("=", SqlExpression::col(&*a.id), SqlExpression::col(&*b.id)),
                    SqlExpression::op(
                        "=",
                        SqlExpression::col(&*a.labels[0]),
                        SqlExpression::col(&*b.labels[0]),
                    ),
                ],
            )),
            _ => JoinCondition::Using(vec!["id".to_owned()]),
        };
        let id = match &on {
            JoinCondition::Using(_) => "id".to_owned(),
            _ if self.chance(4) => b.id.clone(),
            _ => a.id.clone(),
        };
        let mut labels = a.labels;
        labels.extend(b.labels);
        let mut numbers = a.numbers;
        numbers.extend(b.numbers);
        self.rng.shuffle(&mut labels);
        GroupingInput {
            source: join(kind, a.source, b.source, on),
            id,
            labels,
            numbers,
        }
    }

    /// Unites rows of two tables of people below the grouping.
    pub(super) fn generate_union_of_people(&mut self) -> GroupingInput {
        let op = self.one(&["UNION ALL", "UNION ALL", "UNION DISTINCT"]);
        let arms = (0..2)
            .map(|_| {
                let base = self.plain();
                let id = match self.rng.u32(..5) {
                    0 => SqlExpression::Call(
                        "CONCAT",
                        vec![SqlExpression::col(&*base.id), SqlExpression::text("x")],
                    ),
                    _ => SqlExpression::col(&*base.id),
                };
                let items = vec![
                    (id, "id".to_owned()),
                    (SqlExpression::col(&*base.labels[0]), "country".to_owned()),
                    (SqlExpression::col(&*base.labels[1]), "os".to_owned()),
                    (SqlExpression::col(&*base.numbers[0]), "n".to_owned()),
                ];
                let mut select = Select::from(base.source.clone(), items);
                if self.chance(3) {
                    select.filter = Some(self.filter(&base));
                }
                Query::of(select)
            })
            .collect();
        self.derived(Query::body(Body::Set { op, arms }))
    }

    /// Groups rows by person, sometimes also by labels.
    pub(super) fn per_person(&mut self) -> GroupingInput {
        let base = if self.chance(4) {
            self.joined()
        } else {
            self.plain()
        };
        let (id, os) = (
            SqlExpression::col(&*base.id),
            SqlExpression::col(&*base.labels[1]),
        );
        let country = SqlExpression::col(&*base.labels[0]);
        let mut keys = vec![id.clone()];
        let country = if self.chance(2) {
            keys.push(country.clone());
            country
        } else {
            SqlExpression::aggregate("MIN", false, Some(country))
        };
        let os = if self.chance(3) {
            keys.push(os.clone());
            os
        } else {
            SqlExpression::aggregate("ANY_VALUE", false, Some(os))
        };
        let items = vec![
            (id, "id".to_owned()),
            (country, "country".to_owned()),
            (os, "os".to_owned()),
            (SqlExpression::count_rows(), "n".to_owned()),
        ];
        let mut select = Select::from(base.source.clone(), items);
        if !self.chance(3) {
            select.filter = Some(SqlExpression::NotNull(Box::new(SqlExpression::col(
                &*base.id,
            ))));
        }
        select.group = Group::Keys(keys);
        self.derived(Query::of(select))
    }

    pub(super) fn derived(&mut self, query: Query) -> GroupingInput {
        let alias = self.alias();
        GroupingInput {
            id: format!("{alias}.id"),
            labels: vec![format!("{alias}.country"), format!("{alias}.os")],
            numbers: vec![format!("{alias}.n")],
            source: Source::Sub(Box::new(query), alias),
        }
    }
}
