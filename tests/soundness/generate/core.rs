//! The core of a random query: a grouping that is safe more often than not.

use super::{
    Cols, ColumnContent, GeneratedQuery, GroupingInput, QueryGenerator, classify_key,
    select_columns_of_kind,
};
use crate::query::{Body, Group, Query, Select, Source, SqlExpression};

impl QueryGenerator<'_> {
    pub(super) fn core(&mut self) -> GeneratedQuery {
        match self.rng.u32(..42) {
            0..=21 => {
                let base = self.base();
                self.grouped(base)
            }
            22..=24 => self.generate_window_threshold(),
            25 | 26 => self.generate_inner_threshold(),
            27..=29 => self.generate_rollup(),
            30..=32 => self.folded(),
            33 => self.qualified(),
            34 => self.privacy(),
            35 => self.recursive(),
            36 => self.raw(),
            37 => self.sets(),
            38 => self.pivoted(),
            39 => self.members(),
            40 => self.generate_struct_field(),
            _ => self.join_label_queries(),
        }
    }

    pub(super) fn keys(&mut self, base: &GroupingInput) -> Vec<(SqlExpression, String)> {
        let mut labels = base.labels.clone();
        labels.truncate(4);
        let count = self.one(&[0, 1, 1, 1, 2, 2]).min(labels.len());
        let first = self.rng.usize(..labels.len());
        let mut keys: Vec<(SqlExpression, String)> = Vec::new();
        for at in 0..count {
            let label = labels[(first + at) % labels.len()].clone();
            let key = SqlExpression::col(label);
            if !keys.iter().any(|(known, _)| *known == key) {
                keys.push((key, format!("g{at}")));
            }
        }
        if self.chance(12) {
            let number = SqlExpression::col(self.one(&base.numbers));
            keys.push((number, "gn".to_owned()));
        }
        keys
    }

    /// Returns another published value of a group.
    pub(super) fn metric(&mut self, base: &GroupingInput) -> SqlExpression {
        let number = SqlExpression::col(self.one(&base.numbers));
        let condition = SqlExpression::op(">", number.clone(), SqlExpression::Int(0));
        match self.rng.u32(..12) {
            0..=2 => SqlExpression::count_rows(),
            3 | 4 => SqlExpression::aggregate("SUM", false, Some(number)),
            5 => SqlExpression::aggregate("AVG", false, Some(number)),
            6 => SqlExpression::aggregate("COUNTIF", false, Some(condition)),
            7 => SqlExpression::aggregate("MAX", false, Some(number)),
            8 => SqlExpression::aggregate("COUNT", false, Some(number)),
            9 => SqlExpression::aggregate(
                "SUM",
                false,
                Some(SqlExpression::iff(condition, number, SqlExpression::Int(0))),
            ),
            10 => SqlExpression::aggregate("ANY_VALUE", false, Some(number)),
            _ => SqlExpression::op(
                "/",
                SqlExpression::aggregate("COUNTIF", false, Some(condition)),
                SqlExpression::count_rows(),
            ),
        }
    }

    pub(super) fn grouped(&mut self, base: GroupingInput) -> GeneratedQuery {
        let keys = self.keys(&base);
        let mut items = keys.clone();
        let mut cols: Cols = keys.iter().map(classify_key).collect();
        let count = self.count(&base);
        if keys.is_empty() || !self.chance(4) {
            items.push((count.clone(), "c".to_owned()));
            cols.push(("c".to_owned(), ColumnContent::Count));
        }
        if self.chance(3) {
            items.push((self.metric(&base), "m".to_owned()));
            cols.push(("m".to_owned(), ColumnContent::Number));
        }
        if let [(key, name), ..] = keys.as_slice()
            && name != "gn"
            && self.chance(12)
        {
            // The subquery is correlated with a key of the surrounding groups.
            items.push((self.scalar(Some(key.clone())), "s".to_owned()));
            cols.push(("s".to_owned(), ColumnContent::Number));
        }
        let mut select = Select::from(base.source.clone(), items);
        if self.chance(3) {
            select.filter = Some(self.filter(&base));
        }
        let all: Vec<SqlExpression> = keys.iter().map(|(key, _)| key.clone()).collect();
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
                SqlExpression::col("c")
            } else {
                count
            };
            select.having = Some(self.threshold(counted));
        }
        GeneratedQuery {
            query: Query::of(select),
            cols,
        }
    }

    /// Generates a count over a window, and a filter and a grouping above it.
    ///
    /// `SELECT … FROM (SELECT …, COUNT(…) OVER (PARTITION BY …)) WHERE … GROUP BY`
    pub(super) fn generate_window_threshold(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let (country, os) = (
            SqlExpression::col(&*base.labels[0]),
            SqlExpression::col(&*base.labels[1]),
        );
        let mut partition = vec![country.clone()];
        if self.chance(3) {
            partition.push(os.clone());
        }
        let over = SqlExpression::Over {
            call: Box::new(SqlExpression::count_people(&*base.id)),
            partition,
            order: Vec::new(),
        };
        let items = vec![
            (SqlExpression::col(&*base.id), "id".to_owned()),
            (country, "country".to_owned()),
            (os, "os".to_owned()),
            (SqlExpression::col(&*base.numbers[0]), "n".to_owned()),
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
        let window = SqlExpression::col(format!("{alias}.w"));
        let keys = if self.chance(4) {
            self.keys(&outer)
        } else {
            vec![(SqlExpression::col(&*outer.labels[0]), "g0".to_owned())]
        };
        let mut items = keys.clone();
        items.push((SqlExpression::count_people(&*outer.id), "c".to_owned()));
        let mut select = Select::from(outer.source.clone(), items);
        let kept = self.threshold(window);
        select.filter = Some(if self.chance(6) {
            SqlExpression::op("AND", kept, self.condition(&outer))
        } else {
            kept
        });
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        if keys.is_empty() {
            select.group = Group::None;
        }
        let mut cols: Cols = keys.iter().map(classify_key).collect();
        cols.push(("c".to_owned(), ColumnContent::Count));
        GeneratedQuery {
            query: Query::of(select),
            cols,
        }
    }

    /// Generates QUALIFY over groups.
    pub(super) fn qualified(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let keys = vec![
            (SqlExpression::col(&*base.labels[0]), "g0".to_owned()),
            (SqlExpression::col(&*base.labels[1]), "g1".to_owned()),
        ];
        let count = SqlExpression::count_people(&*base.id);
        let mut items = keys.clone();
        items.push((count.clone(), "c".to_owned()));
        let mut select = Select::from(base.source.clone(), items);
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        let over = SqlExpression::Over {
            call: Box::new(SqlExpression::aggregate("SUM", false, Some(count.clone()))),
            partition: vec![keys[0].0.clone()],
            order: Vec::new(),
        };
        let rank = SqlExpression::Over {
            call: Box::new(SqlExpression::Call("RANK", Vec::new())),
            partition: Vec::new(),
            order: vec![count.clone(), keys[0].0.clone(), keys[1].0.clone()],
        };
        let threshold = self.threshold(count);
        select.qualify = Some(match self.rng.u32(..3) {
            0 => self.threshold(over),
            1 => SqlExpression::op(
                "AND",
                SqlExpression::op("<", rank, SqlExpression::Int(3)),
                threshold,
            ),
            _ => {
                select.having = Some(threshold);
                SqlExpression::op("<=", rank, SqlExpression::Int(2))
            }
        });
        GeneratedQuery {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("g1".to_owned(), ColumnContent::Label),
                ("c".to_owned(), ColumnContent::Count),
            ],
        }
    }

    /// Generates a count in a subquery or CTE, and the threshold in the outer query.
    pub(super) fn generate_inner_threshold(&mut self) -> GeneratedQuery {
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
    pub(super) fn kept(&mut self, made: GeneratedQuery) -> GeneratedQuery {
        let Some(count) = select_columns_of_kind(&made.cols, ColumnContent::Count)
            .first()
            .cloned()
        else {
            return made;
        };
        let alias = self.alias();
        let predicate = self.threshold(SqlExpression::col(format!("{alias}.{count}")));
        let mut outer = self.over(made, &alias);
        if let Body::Select(select) = &mut outer.query.body {
            select.filter = Some(predicate);
        }
        outer
    }

    /// Selects the columns of a query in an outer query, sometimes all but one.
    pub(super) fn over(&mut self, made: GeneratedQuery, alias: &str) -> GeneratedQuery {
        let mut cols = made.cols.clone();
        if cols.len() > 1 && self.chance(5) {
            cols.remove(self.rng.usize(..cols.len()));
        }
        let items = cols
            .iter()
            .map(|(name, _)| (SqlExpression::col(format!("{alias}.{name}")), name.clone()))
            .collect();
        let source = if self.chance(5) {
            // The same query is sometimes read as a CTE.
            let name = format!("cte{alias}");
            let select = Select::from(Source::Named(name.clone(), alias.to_owned()), items);
            let mut query = Query::of(select);
            query.with.push((name, made.query));
            return GeneratedQuery { query, cols };
        } else {
            Source::Sub(Box::new(made.query), alias.to_owned())
        };
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols,
        }
    }

    /// Generates counts of a finer grouping that are rolled up to a coarser one.
    pub(super) fn generate_rollup(&mut self) -> GeneratedQuery {
        let base = if self.chance(3) {
            self.per_person()
        } else {
            self.plain()
        };
        let keys = vec![
            (SqlExpression::col(&*base.labels[0]), "g0".to_owned()),
            (SqlExpression::col(&*base.labels[1]), "g1".to_owned()),
        ];
        let count = self.count(&base);
        let mut items = keys.clone();
        items.push((count.clone(), "c".to_owned()));
        let mut select = Select::from(base.source.clone(), items);
        select.group = Group::Keys(keys.iter().map(|(key, _)| key.clone()).collect());
        if self.chance(2) {
            select.having = Some(self.threshold(count));
        }
        let made = GeneratedQuery {
            query: Query::of(select),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("g1".to_owned(), ColumnContent::Label),
                ("c".to_owned(), ColumnContent::Count),
            ],
        };
        self.regrouped(made)
    }

    pub(super) fn regrouped(&mut self, made: GeneratedQuery) -> GeneratedQuery {
        let labels = select_columns_of_kind(&made.cols, ColumnContent::Label);
        let Some(count) = select_columns_of_kind(&made.cols, ColumnContent::Count)
            .first()
            .cloned()
        else {
            return made;
        };
        let alias = self.alias();
        let mut items = Vec::new();
        let mut cols = Cols::new();
        if !labels.is_empty() && !self.chance(6) {
            let label = self.one(&labels);
            items.push((
                SqlExpression::col(format!("{alias}.{label}")),
                label.clone(),
            ));
            cols.push((label, ColumnContent::Label));
        }
        let keys: Vec<SqlExpression> = items.iter().map(|(key, _)| key.clone()).collect();
        let name = self.one(&["SUM", "SUM", "MAX", "MIN", "AVG", "ANY_VALUE"]);
        let total = SqlExpression::aggregate(
            name,
            false,
            Some(SqlExpression::col(format!("{alias}.{count}"))),
        );
        items.push((total.clone(), "c".to_owned()));
        cols.push(("c".to_owned(), ColumnContent::Count));
        let mut select = Select::from(Source::Sub(Box::new(made.query), alias), items);
        if !keys.is_empty() {
            select.group = Group::Keys(keys);
        }
        if self.chance(2) {
            select.having = Some(self.threshold(total));
        }
        GeneratedQuery {
            query: Query::of(select),
            cols,
        }
    }
}
