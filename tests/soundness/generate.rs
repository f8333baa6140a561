//! Random queries: a grouped core that is safe more often than not, a random
//! change to it, and random layers around it.

use fastrand::Rng;

use crate::query::{Body, Ex, Group, On, Query, Select, Source};
use crate::tables::{COUNTRIES, SYSTEMS};

/// What a column holds, as far as the generator needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Label,
    Number,
    /// A number that may count people.
    Count,
}

type Cols = Vec<(String, Kind)>;

/// A query and what its columns hold.
#[derive(Clone)]
pub struct Made {
    pub query: Query,
    cols: Cols,
}

/// What a grouped core reads.
struct Base {
    source: Source,
    id: String,
    labels: Vec<String>,
    numbers: Vec<String>,
}

pub struct Gen<'r> {
    pub rng: &'r mut Rng,
    pub k: i64,
    aliases: usize,
}

/// A random query; `k` is the number that its thresholds are around.
pub fn query(rng: &mut Rng, k: i64) -> Query {
    let mut made = Gen { rng, k, aliases: 0 };
    let mut query = made.core();
    let layers = [0, 0, 1, 1, 1, 2, 2, 3][made.rng.usize(..8)];
    for _ in 0..layers {
        query = made.layer(query);
    }
    if made.chance(8) {
        query.query.ordered = true;
    }
    query.query
}

impl Gen<'_> {
    fn chance(&mut self, of: u32) -> bool {
        self.rng.u32(..of) == 0
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("x{}", self.aliases)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.rng.usize(..of.len())].clone()
    }

    // ---- what is read ----

    fn table(&mut self) -> &'static str {
        self.one(&["t", "t", "t", "t", "p", "p", "q", "q", "e"])
    }

    fn plain(&mut self) -> Base {
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

    fn base(&mut self) -> Base {
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
                // One row of constants beside each.
                let mut base = self.plain();
                let alias = self.alias();
                let one = Source::Constants(format!("(SELECT 1 AS one) AS {alias}"));
                base.numbers.push(format!("{alias}.one"));
                base.source = join("CROSS JOIN", base.source, one, On::None);
                base
            }
            _ => self.per_person(),
        }
    }

    /// Two tables of people.
    fn joined(&mut self) -> Base {
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

    /// A union of people below the grouping.
    fn united(&mut self) -> Base {
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
                    select.filter = Some(self.condition(&base));
                }
                Query::of(select)
            })
            .collect();
        self.derived(Query::body(Body::Set { op, arms }))
    }

    /// One row a person, or a person and label.
    fn per_person(&mut self) -> Base {
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

    fn derived(&mut self, query: Query) -> Base {
        let alias = self.alias();
        Base {
            id: format!("{alias}.id"),
            labels: vec![format!("{alias}.country"), format!("{alias}.os")],
            numbers: vec![format!("{alias}.n")],
            source: Source::Sub(Box::new(query), alias),
        }
    }

    // ---- conditions ----

    fn condition(&mut self, base: &Base) -> Ex {
        let label = self.one(&base.labels);
        let number = self.one(&base.numbers);
        match self.rng.u32(..8) {
            0..=2 => Ex::NotNull(Box::new(Ex::col(&*base.id))),
            3 => Ex::op("=", Ex::col(label), self.label()),
            4 => Ex::op(">", Ex::col(number), Ex::Int(0)),
            5 => Ex::op(
                "AND",
                Ex::NotNull(Box::new(Ex::col(&*base.id))),
                Ex::op(">=", Ex::col(number), Ex::Int(1)),
            ),
            6 => self.semi(&base.id),
            _ => Ex::op("!=", Ex::col(&*base.id), Ex::text("a")),
        }
    }

    fn label(&mut self) -> Ex {
        let label = self.one(&[COUNTRIES[0], COUNTRIES[1], SYSTEMS[0], SYSTEMS[1]]);
        Ex::text(label)
    }

    /// A filter by another table of people.
    fn semi(&mut self, id: &str) -> Ex {
        let other = self.plain();
        let mut select = Select::from(other.source, vec![(Ex::col(&*other.id), "id".to_owned())]);
        match self.rng.u32(..5) {
            0 => Ex::InQuery(Box::new(Ex::col(id)), Box::new(Query::of(select))),
            1 => {
                select.filter = Some(Ex::NotNull(Box::new(Ex::col(&*other.id))));
                Ex::Not(Box::new(Ex::InQuery(
                    Box::new(Ex::col(id)),
                    Box::new(Query::of(select)),
                )))
            }
            turn => {
                select.filter = Some(Ex::op("=", Ex::col(&*other.id), Ex::col(id)));
                let exists = Ex::Exists(Box::new(Query::of(select)));
                if turn == 2 {
                    exists
                } else {
                    Ex::Not(Box::new(exists))
                }
            }
        }
    }

    /// Something that may count the people of a group.
    fn count(&mut self, base: &Base) -> Ex {
        let id = Ex::col(&*base.id);
        let number = Ex::col(self.one(&base.numbers));
        let condition = Ex::op(">", number.clone(), Ex::Int(0));
        match self.rng.u32(..30) {
            0..=15 => Ex::count_people(&*base.id),
            16 | 17 => Ex::count_rows(),
            18 => Ex::aggregate("COUNT", false, Some(id)),
            19 => Ex::aggregate("COUNT", true, Some(Ex::iff(condition, id, Ex::Null))),
            20 => Ex::aggregate("COUNT", true, Some(Ex::Case(vec![(condition, id)], None))),
            21 => Ex::aggregate(
                "COUNT",
                true,
                Some(Ex::Call("COALESCE", vec![id, Ex::text("?")])),
            ),
            22 => Ex::aggregate("COUNTIF", false, Some(condition)),
            23 => Ex::aggregate("SUM", false, Some(Ex::Int(1))),
            24 => Ex::aggregate(
                "SUM",
                false,
                Some(Ex::iff(condition, Ex::Int(1), Ex::Int(0))),
            ),
            25 => Ex::aggregate("COUNT", true, Some(Ex::Call("UPPER", vec![id]))),
            26 => Ex::aggregate("COUNT", true, Some(Ex::iff(condition, id, Ex::text("z")))),
            27 => Ex::aggregate("APPROX_COUNT_DISTINCT", false, Some(id)),
            28 => Ex::aggregate("SUM", false, Some(number)),
            _ => Ex::aggregate(
                "COUNT",
                true,
                Some(Ex::Call(
                    "CONCAT",
                    vec![id, Ex::Call("CAST", vec![cast_text(number)])],
                )),
            ),
        }
    }

    /// A predicate on a count that lets `k` and more through, or nearly so.
    fn threshold(&mut self, count: Ex) -> Ex {
        let k = self.k;
        let safe = Ex::op(">=", count.clone(), Ex::Int(k));
        match self.rng.u32(..32) {
            0..=11 => safe,
            12 | 13 => Ex::op(">", count, Ex::Int(k - 1)),
            14 => Ex::Not(Box::new(Ex::op("<", count, Ex::Int(k)))),
            15 => Ex::Between(Box::new(count), k, 99),
            16 => Ex::op("<=", Ex::Int(k), count),
            17 => Ex::In(Box::new(count), vec![Ex::Int(k), Ex::Int(k + 1)]),
            18 => Ex::op("=", count, Ex::Int(k)),
            19 | 20 => Ex::op("AND", safe, Ex::op("<", count, Ex::Int(50))),
            21 => Ex::op("OR", Ex::op(">", count, Ex::Int(k + 1)), safe),
            22 => Ex::Case(vec![(safe, Ex::Col("TRUE".to_owned()))], None),
            23 => Ex::op("OR", safe, Ex::op("=", count, Ex::Int(1))),
            24 => Ex::op(">=", count, Ex::Int(k - 1)),
            25 => Ex::op("<", count, Ex::Int(k)),
            26 => Ex::Not(Box::new(safe)),
            27 => Ex::op("!=", count, Ex::Int(1)),
            28 => Ex::op(
                ">=",
                Ex::Call("COALESCE", vec![count, Ex::Int(0)]),
                Ex::Int(k),
            ),
            29 => Ex::op(">=", Ex::op("*", count, Ex::Int(2)), Ex::Int(k)),
            30 => Ex::iff(
                safe,
                Ex::Col("TRUE".to_owned()),
                Ex::Col("FALSE".to_owned()),
            ),
            _ => Ex::op(
                "AND",
                Ex::op(">=", count, Ex::Int(k + 1)),
                Ex::Col("TRUE".to_owned()),
            ),
        }
    }

    // ---- the core ----

    fn core(&mut self) -> Made {
        match self.rng.u32(..40) {
            0..=21 => {
                let base = self.base();
                self.grouped(base)
            }
            22..=24 => self.windowed(),
            25 | 26 => self.inner_threshold(),
            27..=29 => self.rolled_up(),
            30..=32 => self.folded(),
            33 => self.qualified(),
            34 => self.privacy(),
            35 => self.recursive(),
            36 => self.raw(),
            37 => self.sets(),
            38 => self.pivoted(),
            _ => self.per_label_join(),
        }
    }

    fn keys(&mut self, base: &Base) -> Vec<(Ex, String)> {
        let mut labels = base.labels.clone();
        labels.truncate(4);
        let count = self.one(&[0, 1, 1, 1, 2, 2]).min(labels.len());
        let first = self.rng.usize(..labels.len());
        let mut keys: Vec<(Ex, String)> = Vec::new();
        for at in 0..count {
            let label = labels[(first + at) % labels.len()].clone();
            let key = Ex::col(label);
            if !keys.iter().any(|(known, _)| *known == key) {
                keys.push((key, format!("g{at}")));
            }
        }
        if self.chance(12) {
            let number = Ex::col(self.one(&base.numbers));
            keys.push((number, "gn".to_owned()));
        }
        keys
    }

    /// Further published values.
    fn metric(&mut self, base: &Base) -> Ex {
        let number = Ex::col(self.one(&base.numbers));
        let condition = Ex::op(">", number.clone(), Ex::Int(0));
        match self.rng.u32(..12) {
            0..=2 => Ex::count_rows(),
            3 | 4 => Ex::aggregate("SUM", false, Some(number)),
            5 => Ex::aggregate("AVG", false, Some(number)),
            6 => Ex::aggregate("COUNTIF", false, Some(condition)),
            7 => Ex::aggregate("MAX", false, Some(number)),
            8 => Ex::aggregate("COUNT", false, Some(number)),
            9 => Ex::aggregate("SUM", false, Some(Ex::iff(condition, number, Ex::Int(0)))),
            10 => Ex::aggregate("ANY_VALUE", false, Some(number)),
            _ => Ex::op(
                "/",
                Ex::aggregate("COUNTIF", false, Some(condition)),
                Ex::count_rows(),
            ),
        }
    }

    fn grouped(&mut self, base: Base) -> Made {
        let keys = self.keys(&base);
        let mut items = keys.clone();
        let mut cols: Cols = keys.iter().map(label_or_number).collect();
        let count = self.count(&base);
        if keys.is_empty() || !self.chance(4) {
            items.push((count.clone(), "c".to_owned()));
            cols.push(("c".to_owned(), Kind::Count));
        }
        if self.chance(3) {
            items.push((self.metric(&base), "m".to_owned()));
            cols.push(("m".to_owned(), Kind::Number));
        }
        let mut select = Select::from(base.source.clone(), items);
        if self.chance(3) {
            select.filter = Some(self.condition(&base));
        }
        let all: Vec<Ex> = keys.iter().map(|(key, _)| key.clone()).collect();
        if !all.is_empty() {
            select.group = match self.rng.u32(..14) {
                0 => Group::Sets("ROLLUP", all),
                1 => Group::Sets("CUBE", all),
                2 => Group::Sets("GROUPING SETS", all),
                _ => Group::Keys(all),
            };
        }
        if !self.chance(6) {
            let named = select.items.iter().any(|(_, name)| name == "c");
            // By its alias, as people write it.
            let counted = if named && self.chance(3) {
                Ex::col("c")
            } else {
                count
            };
            select.having = Some(self.threshold(counted));
        }
        Made {
            query: Query::of(select),
            cols,
        }
    }

    /// `SELECT … FROM (SELECT …, COUNT(…) OVER (PARTITION BY …)) WHERE … GROUP BY`.
    fn windowed(&mut self) -> Made {
        let base = self.plain();
        let (country, os) = (Ex::col(&*base.labels[0]), Ex::col(&*base.labels[1]));
        let mut partition = vec![country.clone()];
        if self.chance(3) {
            partition.push(os.clone());
        }
        let over = Ex::Over {
            call: Box::new(Ex::count_people(&*base.id)),
            partition,
            order: Vec::new(),
        };
        let items = vec![
            (Ex::col(&*base.id), "id".to_owned()),
            (country, "country".to_owned()),
            (os, "os".to_owned()),
            (Ex::col(&*base.numbers[0]), "n".to_owned()),
            (over, "w".to_owned()),
        ];
        let mut inner = Select::from(base.source.clone(), items);
        if self.chance(4) {
            inner.filter = Some(self.condition(&base));
        }
        let outer = self.derived(Query::of(inner));
        let Source::Sub(_, alias) = &outer.source else {
            unreachable!("derived() makes a subquery");
        };
        let window = Ex::col(format!("{alias}.w"));
        let keys = if self.chance(4) {
            self.keys(&outer)
        } else {
            vec![(Ex::col(&*outer.labels[0]), "g0".to_owned())]
        };
        let mut items = keys.clone();
        items.push((Ex::count_people(&*outer.id), "c".to_owned()));
        let mut select = Select::from(outer.source.clone(), items);
        let kept = self.threshold(window);
        select.filter = Some(if self.chance(6) {
            Ex::op("AND", kept, self.condition(&outer))
        } else {
            kept
        });
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        if keys.is_empty() {
            select.group = Group::None;
        }
        let mut cols: Cols = keys.iter().map(label_or_number).collect();
        cols.push(("c".to_owned(), Kind::Count));
        Made {
            query: Query::of(select),
            cols,
        }
    }

    /// QUALIFY over groups.
    fn qualified(&mut self) -> Made {
        let base = self.plain();
        let keys = vec![
            (Ex::col(&*base.labels[0]), "g0".to_owned()),
            (Ex::col(&*base.labels[1]), "g1".to_owned()),
        ];
        let count = Ex::count_people(&*base.id);
        let mut items = keys.clone();
        items.push((count.clone(), "c".to_owned()));
        let mut select = Select::from(base.source.clone(), items);
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        let over = Ex::Over {
            call: Box::new(Ex::aggregate("SUM", false, Some(count.clone()))),
            partition: vec![keys[0].0.clone()],
            order: Vec::new(),
        };
        let rank = Ex::Over {
            call: Box::new(Ex::Call("RANK", Vec::new())),
            partition: Vec::new(),
            order: vec![count.clone(), keys[0].0.clone(), keys[1].0.clone()],
        };
        let threshold = self.threshold(count);
        select.qualify = Some(match self.rng.u32(..3) {
            0 => self.threshold(over),
            1 => Ex::op("AND", Ex::op("<", rank, Ex::Int(3)), threshold),
            _ => {
                select.having = Some(threshold);
                Ex::op("<=", rank, Ex::Int(2))
            }
        });
        Made {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("g1".to_owned(), Kind::Label),
                ("c".to_owned(), Kind::Count),
            ],
        }
    }

    /// The threshold above a subquery or CTE that counts.
    fn inner_threshold(&mut self) -> Made {
        let base = self.base();
        let mut made = self.grouped(base);
        if let Body::Select(select) = &mut made.query.body {
            select.having = None;
            if !select.items.iter().any(|(_, name)| name == "c") {
                return made;
            }
        }
        self.kept(made)
    }

    /// A WHERE on the count of a query.
    fn kept(&mut self, made: Made) -> Made {
        let Some(count) = of_kind(&made.cols, Kind::Count).first().cloned() else {
            return made;
        };
        let alias = self.alias();
        let predicate = self.threshold(Ex::col(format!("{alias}.{count}")));
        let mut outer = self.over(made, &alias);
        if let Body::Select(select) = &mut outer.query.body {
            select.filter = Some(predicate);
        }
        outer
    }

    /// All columns of a query read from above; some may be left out.
    fn over(&mut self, made: Made, alias: &str) -> Made {
        let mut cols = made.cols.clone();
        if cols.len() > 1 && self.chance(5) {
            cols.remove(self.rng.usize(..cols.len()));
        }
        let items = cols
            .iter()
            .map(|(name, _)| (Ex::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        let source = if self.chance(5) {
            // The same under a name.
            let name = format!("cte{alias}");
            let select = Select::from(Source::Named(name.clone(), alias.to_owned()), items);
            let mut query = Query::of(select);
            query.with.push((name, made.query));
            return Made { query, cols };
        } else {
            Source::Sub(Box::new(made.query), alias.to_owned())
        };
        Made {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// A count of a finer grouping, rolled up.
    fn rolled_up(&mut self) -> Made {
        let base = if self.chance(3) {
            self.per_person()
        } else {
            self.plain()
        };
        let keys = vec![
            (Ex::col(&*base.labels[0]), "g0".to_owned()),
            (Ex::col(&*base.labels[1]), "g1".to_owned()),
        ];
        let count = self.count(&base);
        let mut items = keys.clone();
        items.push((count.clone(), "c".to_owned()));
        let mut select = Select::from(base.source.clone(), items);
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        if self.chance(2) {
            select.having = Some(self.threshold(count));
        }
        let made = Made {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("g1".to_owned(), Kind::Label),
                ("c".to_owned(), Kind::Count),
            ],
        };
        self.regrouped(made)
    }

    fn regrouped(&mut self, made: Made) -> Made {
        let labels = of_kind(&made.cols, Kind::Label);
        let Some(count) = of_kind(&made.cols, Kind::Count).first().cloned() else {
            return made;
        };
        let alias = self.alias();
        let mut items = Vec::new();
        let mut cols = Cols::new();
        if !labels.is_empty() && !self.chance(6) {
            let label = self.one(&labels);
            items.push((Ex::col(format!("{alias}.{label}")), label.clone()));
            cols.push((label, Kind::Label));
        }
        let keys: Vec<Ex> = items.iter().map(|(key, _)| key.clone()).collect();
        let name = self.one(&["SUM", "SUM", "MAX", "MIN", "AVG", "ANY_VALUE"]);
        let total = Ex::aggregate(name, false, Some(Ex::col(format!("{alias}.{count}"))));
        items.push((total.clone(), "c".to_owned()));
        cols.push(("c".to_owned(), Kind::Count));
        let mut select = Select::from(Source::Sub(Box::new(made.query), alias), items);
        if !keys.is_empty() {
            select.group = Group::Keys(keys);
        }
        if self.chance(2) {
            select.having = Some(self.threshold(total));
        }
        Made {
            query: Query::of(select),
            cols,
        }
    }

    /// Small groups folded into "Other", and grouped again.
    fn folded(&mut self) -> Made {
        let base = if self.chance(3) {
            self.per_person()
        } else {
            self.plain()
        };
        let (country, os) = (Ex::col(&*base.labels[0]), Ex::col(&*base.labels[1]));
        let two = self.chance(2);
        let mut keys = vec![country.clone()];
        if two {
            keys.push(os.clone());
        }
        let by_window = self.chance(3);
        let count = if by_window {
            Ex::Over {
                call: Box::new(Ex::count_people(&*base.id)),
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
            items.push((Ex::col(&*base.id), "id".to_owned()));
        }
        let mut inner = Select::from(base.source.clone(), items);
        if !by_window {
            inner.group = Group::Keys(keys);
        }
        let alias = self.alias();
        let kept = self.threshold(Ex::col(format!("{alias}.c")));
        let label = Ex::col(format!("{alias}.g0"));
        let folded = match self.rng.u32(..4) {
            0 => Ex::Case(vec![(kept, label)], Some(Box::new(Ex::text("Other")))),
            1 => Ex::Case(
                vec![
                    (Ex::op("=", label.clone(), Ex::text("DE")), Ex::text("DE")),
                    (kept, label),
                ],
                Some(Box::new(Ex::text("Other"))),
            ),
            _ => Ex::iff(kept, label, Ex::text("Other")),
        };
        let mut items = vec![(folded, "g0".to_owned())];
        if two {
            items.push((Ex::col(format!("{alias}.g1")), "g1".to_owned()));
        }
        let total = if by_window {
            items.push((Ex::col(format!("{alias}.id")), "id".to_owned()));
            None
        } else {
            items.push((Ex::col(format!("{alias}.c")), "c".to_owned()));
            Some(())
        };
        let fold = Query::of(Select::from(
            Source::Sub(Box::new(Query::of(inner)), alias),
            items,
        ));
        let alias = self.alias();
        let mut keys = vec![(Ex::col(format!("{alias}.g0")), "g0".to_owned())];
        if two && !self.chance(5) {
            keys.push((Ex::col(format!("{alias}.g1")), "g1".to_owned()));
        }
        let counted = match total {
            Some(()) => Ex::aggregate("SUM", false, Some(Ex::col(format!("{alias}.c")))),
            None => Ex::count_people(format!("{alias}.id")),
        };
        let mut items = keys.clone();
        items.push((counted, "c".to_owned()));
        let mut cols: Cols = keys
            .iter()
            .map(|(_, name)| (name.clone(), Kind::Label))
            .collect();
        cols.push(("c".to_owned(), Kind::Count));
        let other = Ex::op("!=", keys[0].0.clone(), Ex::text("Other"));
        let group = Group::Keys(keys.into_iter().map(|(key, _)| key).collect());
        let mut select = Select::from(Source::Sub(Box::new(fold), alias), items);
        select.group = group;
        if self.chance(2) {
            select.filter = Some(other);
        }
        Made {
            query: Query::of(select),
            cols,
        }
    }

    /// GoogleSQL's own threshold.
    fn privacy(&mut self) -> Made {
        let base = self.plain();
        let keys = vec![(Ex::col(&*base.labels[0]), "g0".to_owned())];
        let mut items = keys.clone();
        items.push((Ex::count_rows(), "m".to_owned()));
        let mut select = Select::from(base.source, items);
        select.group = Group::Keys(keys.into_iter().map(|(key, _)| key).collect());
        let column = if self.chance(6) {
            &base.labels[1]
        } else {
            &base.id
        };
        select.threshold = Some((self.k, column.clone()));
        Made {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("m".to_owned(), Kind::Number),
            ],
        }
    }

    /// A thresholded start, and steps that count up.
    fn recursive(&mut self) -> Made {
        let base = self.plain();
        let mut anchor = Select::from(
            base.source.clone(),
            vec![
                (Ex::col(&*base.labels[0]), "g0".to_owned()),
                (Ex::Int(1), "c".to_owned()),
            ],
        );
        anchor.group = Group::Keys(vec![Ex::col(&*base.labels[0])]);
        anchor.having = Some(self.threshold(Ex::count_people(&*base.id)));
        let name = format!("r{}", self.alias());
        let mut step = Select::from(
            Source::Named(name.clone(), "s".to_owned()),
            vec![
                (Ex::col("s.g0"), "g0".to_owned()),
                (Ex::op("+", Ex::col("s.c"), Ex::Int(1)), "c".to_owned()),
            ],
        );
        step.filter = Some(Ex::op("<", Ex::col("s.c"), Ex::Int(3)));
        let main = Select::from(
            Source::Named(name.clone(), "s".to_owned()),
            vec![
                (Ex::col("s.g0"), "g0".to_owned()),
                (Ex::col("s.c"), "m".to_owned()),
            ],
        );
        Made {
            query: Query::body(Body::Recursive {
                name,
                anchor: Box::new(Query::of(anchor)),
                step: Box::new(Query::of(step)),
                main: Box::new(Query::of(main)),
            }),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("m".to_owned(), Kind::Number),
            ],
        }
    }

    /// Rows as they are.
    fn raw(&mut self) -> Made {
        let base = self.base();
        let items = vec![
            (Ex::col(&*base.labels[0]), "g0".to_owned()),
            (Ex::col(&*base.numbers[0]), "m".to_owned()),
        ];
        let mut select = Select::from(base.source.clone(), items);
        select.filter = Some(self.condition(&base));
        select.distinct = self.chance(2);
        Made {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("m".to_owned(), Kind::Number),
            ],
        }
    }

    /// Set operations of labels.
    fn sets(&mut self) -> Made {
        let op = self.one(&["INTERSECT DISTINCT", "EXCEPT DISTINCT", "UNION DISTINCT"]);
        let arms = (0..2).map(|_| self.labels_above()).collect();
        Made {
            query: Query::body(Body::Set { op, arms }),
            cols: vec![("g0".to_owned(), Kind::Label)],
        }
    }

    /// One label column, thresholded as a rule.
    fn labels_above(&mut self) -> Query {
        let base = self.plain();
        let key = Ex::col(&*base.labels[0]);
        let mut select = Select::from(base.source.clone(), vec![(key.clone(), "g0".to_owned())]);
        select.group = Group::Keys(vec![key]);
        if !self.chance(4) {
            select.having = Some(self.threshold(Ex::count_people(&*base.id)));
        }
        Query::of(select)
    }

    /// PIVOT over thresholded groups, or over raw rows.
    fn pivoted(&mut self) -> Made {
        let base = self.plain();
        let (country, os) = (Ex::col(&*base.labels[0]), Ex::col(&*base.labels[1]));
        let count = Ex::count_people(&*base.id);
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
            call: Ex::aggregate("SUM", false, Some(Ex::col("c"))),
            column: "os".to_owned(),
            values: SYSTEMS.iter().map(|&os| os.to_owned()).collect(),
            alias: alias.clone(),
        };
        let names = ["g0", SYSTEMS[0], SYSTEMS[1]];
        let items = names
            .iter()
            .map(|name| (Ex::col(format!("{alias}.{name}")), (*name).to_owned()))
            .collect();
        let cols = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let kind = if at == 0 { Kind::Label } else { Kind::Number };
                ((*name).to_owned(), kind)
            })
            .collect();
        Made {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Two thresholded counts side by side.
    fn per_label_join(&mut self) -> Made {
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN", "CROSS JOIN"]);
        let (a, b) = (self.alias(), self.alias());
        let (left, right) = (self.labels_above(), self.labels_above());
        let on = if kind == "CROSS JOIN" {
            On::None
        } else {
            On::Cond(Ex::op(
                "=",
                Ex::col(format!("{a}.g0")),
                Ex::col(format!("{b}.g0")),
            ))
        };
        let source = join(
            kind,
            Source::Sub(Box::new(left), a.clone()),
            Source::Sub(Box::new(right), b.clone()),
            on,
        );
        let items = vec![
            (Ex::col(format!("{a}.g0")), "g0".to_owned()),
            (Ex::col(format!("{b}.g0")), "g1".to_owned()),
        ];
        Made {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("g1".to_owned(), Kind::Label),
            ],
        }
    }

    // ---- layers ----

    fn layer(&mut self, made: Made) -> Made {
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
                let subquery = self.scalar(&alias, &labels);
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

    /// UNION of a query with another that has the same columns.
    fn union(&mut self, made: Made) -> Made {
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

    fn beside_a_table(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
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

    /// A CTE that is read twice.
    fn twice(&mut self, made: Made) -> Made {
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

    /// An array of a group's labels, and its elements.
    fn collected(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
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

    /// One value out of another table.
    fn scalar(&mut self, alias: &str, labels: &[String]) -> Ex {
        let base = self.plain();
        let number = Ex::col(&*base.numbers[0]);
        let value = if self.chance(2) {
            Ex::aggregate("MAX", false, Some(number))
        } else {
            Ex::count_people(&*base.id)
        };
        let mut select = Select::from(base.source.clone(), vec![(value, "s".to_owned())]);
        if let Some(label) = labels.first()
            && self.chance(2)
        {
            select.filter = Some(Ex::op(
                "=",
                Ex::col(&*base.labels[0]),
                Ex::col(format!("{alias}.{label}")),
            ));
        }
        if !self.chance(3) {
            select.having = Some(self.threshold(Ex::count_people(&*base.id)));
        }
        Ex::Scalar(Box::new(Query::of(select)))
    }

    fn unpivoted(&mut self, made: Made, alias: String) -> Made {
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
        // FLOAT64 and INT64 don't go into one column.
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
        let source = Source::Unpivot {
            input: Box::new(input),
            value: "val".to_owned(),
            name: "nam".to_owned(),
            columns: numbers,
            alias: alias.clone(),
        };
        let mut cols: Cols = labels
            .into_iter()
            .map(|label| (label, Kind::Label))
            .collect();
        cols.push(("val".to_owned(), Kind::Number));
        cols.push(("nam".to_owned(), Kind::Label));
        let items = cols
            .iter()
            .map(|(name, _)| (Ex::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        Made {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Rows whose label is, or is not, in another list.
    fn filtered_by_set(&mut self, made: Made, alias: &str, labels: &[String]) -> Made {
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

    fn set_operation(&mut self, made: Made, labels: &[String]) -> Made {
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

/// A key that is a number has a name of its own.
fn label_or_number((_, name): &(Ex, String)) -> (String, Kind) {
    let kind = if name == "gn" {
        Kind::Number
    } else {
        Kind::Label
    };
    (name.clone(), kind)
}

fn of_kind(cols: &Cols, kind: Kind) -> Vec<String> {
    cols.iter()
        .filter(|(_, known)| *known == kind)
        .map(|(name, _)| name.clone())
        .collect()
}

fn join(kind: &'static str, left: Source, right: Source, on: On) -> Source {
    Source::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        on,
    }
}

/// The argument of CAST to text.
fn cast_text(value: Ex) -> Ex {
    Ex::Col(format!("{} AS STRING", value.sql()))
}
