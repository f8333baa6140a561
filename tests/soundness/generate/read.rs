//! The relations that a random query reads.

use super::{Base, Gen, join};
use crate::query::{Body, Ex, Group, On, Query, Select, Source};

impl Gen<'_> {
    pub(super) fn table(&mut self) -> &'static str {
        self.one(&["t", "t", "t", "t", "p", "p", "q", "q", "e"])
    }

    pub(super) fn plain(&mut self) -> Base {
        let (name, alias) = (self.table(), self.alias());
        let mut numbers = vec![format!("{alias}.n"), format!("{alias}.v")];
        if name == "q" {
            numbers.push(format!("{alias}.day"));
        }
        Base {
            id: format!("{alias}.id"),
            labels: vec![format!("{alias}.country"), format!("{alias}.os")],
            numbers,
            source: Source::Table(name, alias),
        }
    }

    pub(super) fn base(&mut self) -> Base {
        match self.rng.u32(..20) {
            0..=8 => self.plain(),
            9..=12 => self.joined(),
            13 => {
                let mut base = self.plain();
                let dimension = self.alias();
                let os = base.labels[1].clone();
                let kind = self.one(&["JOIN", "LEFT JOIN"]);
                let on = On::Cond(Ex::op("=", Ex::col(os), Ex::col(format!("{dimension}.os"))));
                base.labels.push(format!("{dimension}.label"));
                base.source = join(kind, base.source, Source::Table("d", dimension), on);
                base
            }
            14 => {
                let mut base = self.plain();
                let alias = self.alias();
                let offset = self.chance(2).then(|| format!("o{alias}"));
                let array = Ex::List(vec![Ex::Int(1), Ex::Int(2)]);
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
            15 => self.united(),
            16 => {
                // Each row is joined with one row of a constant.
                let mut base = self.plain();
                let alias = self.alias();
                let one = Source::Constants(format!("(SELECT 1 AS one) AS {alias}"));
                base.numbers.push(format!("{alias}.one"));
                base.source = join("CROSS JOIN", base.source, one, On::None);
                base
            }
            17 => self.either_side(),
            _ => self.per_person(),
        }
    }

    /// Joins two tables of people, often by FULL JOIN, and selects the side that
    /// exists.
    fn either_side(&mut self) -> Base {
        let (mut a, mut b) = (self.plain(), self.plain());
        for side in [&mut a, &mut b] {
            if self.chance(2) {
                let column = |path: &String, name: &str| (Ex::col(&**path), name.to_owned());
                let items = vec![
                    column(&side.id, "id"),
                    column(&side.labels[0], "country"),
                    column(&side.labels[1], "os"),
                    column(&side.numbers[0], "n"),
                ];
                let mut select = Select::from(side.source.clone(), items);
                select.filter = Some(Ex::NotNull(Box::new(Ex::col(&*side.id))));
                *side = self.derived(Query::of(select));
            }
        }
        let kind = self.one(&["FULL JOIN", "FULL JOIN", "FULL JOIN", "LEFT JOIN"]);
        let on = On::Cond(Ex::op("=", Ex::col(&*a.id), Ex::col(&*b.id)));
        let tested = self.one(&[a.id.clone(), a.id.clone(), b.id.clone()]);
        let mut either = |left: &str, right: &str| {
            let (left, right) = (Ex::col(left), Ex::col(right));
            let there = Ex::NotNull(Box::new(Ex::col(&*tested)));
            match self.rng.u32(..4) {
                0 => Ex::Call("COALESCE", vec![left, right]),
                1 => Ex::iff(Ex::Not(Box::new(there)), right, left),
                _ => Ex::iff(there, left, right),
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
    pub(super) fn joined(&mut self) -> Base {
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
            _ if kind == "CROSS JOIN" => On::None,
            0..=2 => On::Cond(Ex::op("=", Ex::col(&*a.id), Ex::col(&*b.id))),
            3 => On::Cond(Ex::op("=", Ex::col(&*a.labels[1]), Ex::col(&*b.labels[1]))),
            4 => On::Cond(Ex::Op(
                "AND",
                vec![
                    Ex::op("=", Ex::col(&*a.id), Ex::col(&*b.id)),
                    Ex::op("=", Ex::col(&*a.labels[0]), Ex::col(&*b.labels[0])),
                ],
            )),
            _ => On::Using(vec!["id".to_owned()]),
        };
        let id = match &on {
            On::Using(_) => "id".to_owned(),
            _ if self.chance(4) => b.id.clone(),
            _ => a.id.clone(),
        };
        let mut labels = a.labels;
        labels.extend(b.labels);
        let mut numbers = a.numbers;
        numbers.extend(b.numbers);
        self.rng.shuffle(&mut labels);
        Base {
            source: join(kind, a.source, b.source, on),
            id,
            labels,
            numbers,
        }
    }

    /// Unites rows of two tables of people below the grouping.
    pub(super) fn united(&mut self) -> Base {
        let op = self.one(&["UNION ALL", "UNION ALL", "UNION DISTINCT"]);
        let arms = (0..2)
            .map(|_| {
                let base = self.plain();
                let id = match self.rng.u32(..5) {
                    0 => Ex::Call("CONCAT", vec![Ex::col(&*base.id), Ex::text("x")]),
                    _ => Ex::col(&*base.id),
                };
                let items = vec![
                    (id, "id".to_owned()),
                    (Ex::col(&*base.labels[0]), "country".to_owned()),
                    (Ex::col(&*base.labels[1]), "os".to_owned()),
                    (Ex::col(&*base.numbers[0]), "n".to_owned()),
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
    pub(super) fn per_person(&mut self) -> Base {
        let base = if self.chance(4) {
            self.joined()
        } else {
            self.plain()
        };
        let (id, os) = (Ex::col(&*base.id), Ex::col(&*base.labels[1]));
        let country = Ex::col(&*base.labels[0]);
        let mut keys = vec![id.clone()];
        let country = if self.chance(2) {
            keys.push(country.clone());
            country
        } else {
            Ex::aggregate("MIN", false, Some(country))
        };
        let os = if self.chance(3) {
            keys.push(os.clone());
            os
        } else {
            Ex::aggregate("ANY_VALUE", false, Some(os))
        };
        let items = vec![
            (id, "id".to_owned()),
            (country, "country".to_owned()),
            (os, "os".to_owned()),
            (Ex::count_rows(), "n".to_owned()),
        ];
        let mut select = Select::from(base.source.clone(), items);
        if !self.chance(3) {
            select.filter = Some(Ex::NotNull(Box::new(Ex::col(&*base.id))));
        }
        select.group = Group::Keys(keys);
        self.derived(Query::of(select))
    }

    pub(super) fn derived(&mut self, query: Query) -> Base {
        let alias = self.alias();
        Base {
            id: format!("{alias}.id"),
            labels: vec![format!("{alias}.country"), format!("{alias}.os")],
            numbers: vec![format!("{alias}.n")],
            source: Source::Sub(Box::new(query), alias),
        }
    }
}
