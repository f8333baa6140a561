//! The core of a random query: a grouping that is safe more often than not.

use super::{Base, Cols, Gen, Kind, Made, label_or_number, of_kind};
use crate::query::{Body, Ex, Group, Query, Select, Source};

impl Gen<'_> {
    pub(super) fn core(&mut self) -> Made {
        match self.rng.u32(..42) {
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
            39 => self.members(),
            40 => self.in_a_struct(),
            _ => self.per_label_join(),
        }
    }

    pub(super) fn keys(&mut self, base: &Base) -> Vec<(Ex, String)> {
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

    /// Returns another published value of a group.
    pub(super) fn metric(&mut self, base: &Base) -> Ex {
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

    pub(super) fn grouped(&mut self, base: Base) -> Made {
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
        if let [(key, name), ..] = keys.as_slice()
            && name != "gn"
            && self.chance(12)
        {
            // The subquery is correlated with a key of the surrounding groups.
            items.push((self.scalar(Some(key.clone())), "s".to_owned()));
            cols.push(("s".to_owned(), Kind::Number));
        }
        let mut select = Select::from(base.source.clone(), items);
        if self.chance(3) {
            select.filter = Some(self.filter(&base));
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
            // HAVING may refer to the count by its alias, as people write it.
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

    /// Generates a count over a window, and a filter and a grouping above it.
    ///
    /// `SELECT … FROM (SELECT …, COUNT(…) OVER (PARTITION BY …)) WHERE … GROUP BY`
    pub(super) fn windowed(&mut self) -> Made {
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
            inner.filter = Some(self.filter(&base));
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

    /// Generates QUALIFY over groups.
    pub(super) fn qualified(&mut self) -> Made {
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

    /// Generates a count in a subquery or CTE, and the threshold in the outer query.
    pub(super) fn inner_threshold(&mut self) -> Made {
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

    /// Adds a threshold on the count of a query, as WHERE of an outer query.
    pub(super) fn kept(&mut self, made: Made) -> Made {
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

    /// Selects the columns of a query in an outer query, sometimes all but one.
    pub(super) fn over(&mut self, made: Made, alias: &str) -> Made {
        let mut cols = made.cols.clone();
        if cols.len() > 1 && self.chance(5) {
            cols.remove(self.rng.usize(..cols.len()));
        }
        let items = cols
            .iter()
            .map(|(name, _)| (Ex::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        let source = if self.chance(5) {
            // The same query is sometimes read as a CTE.
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

    /// Generates counts of a finer grouping that are rolled up to a coarser one.
    pub(super) fn rolled_up(&mut self) -> Made {
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

    pub(super) fn regrouped(&mut self, made: Made) -> Made {
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
}
