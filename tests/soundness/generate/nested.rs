//! Cores with arrays and structs: values of groups that are collected and extracted
//! again, and values that are selected inside a struct.

use super::{ColumnContent, GeneratedQuery, QueryGenerator, join};
use crate::query::{Group, JoinCondition, Query, Select, Source, SqlExpression};

impl QueryGenerator<'_> {
    /// Generates a value that a subquery computes from the members of a group's
    /// array.
    pub(super) fn members(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let label = SqlExpression::col(&*base.labels[0]);
        let number = SqlExpression::col(self.one(&base.numbers));
        let of_structs = self.chance(2);
        let collected = if of_structs {
            let other = SqlExpression::col(self.one(&base.labels));
            let fields = [(number, "f"), (other, "h")];
            let fields = fields
                .map(|(value, name)| SqlExpression::Col(format!("{} AS {name}", value.sql())));
            SqlExpression::Call("STRUCT", fields.into())
        } else {
            number
        };
        let items = vec![
            (label.clone(), "g0".to_owned()),
            (
                SqlExpression::aggregate("ARRAY_AGG", false, Some(collected)),
                "l".to_owned(),
            ),
        ];
        let mut inner = Select::from(base.source.clone(), items);
        inner.group = Group::Keys(vec![label]);
        if self.chance(3) {
            inner.filter = Some(self.filter(&base));
        }
        if !self.chance(6) {
            let count = self.count(&base);
            inner.having = Some(self.threshold(count));
        }
        let alias = self.alias();
        let list = format!("{alias}.l");
        let field = if of_structs { ".f" } else { "" };
        let member = SqlExpression::col(format!("v{alias}{field}"));
        let few = SqlExpression::Int(self.rng.i64(0..4));
        let of_members = |value: SqlExpression, filter: Option<SqlExpression>| {
            let from = Source::Constants(format!("UNNEST({list}) AS v{alias}"));
            let mut select = Select::from(from, vec![(value, "w".to_owned())]);
            select.filter = filter;
            Query::of(select)
        };
        let same = SqlExpression::op("=", member.clone(), few.clone());
        let more = SqlExpression::op(">", member.clone(), few.clone());
        let scalar = |query: Query| SqlExpression::Scalar(Box::new(query));
        let value = match self.rng.u32(..9) {
            0 => scalar(of_members(SqlExpression::count_rows(), None)),
            1 => scalar(of_members(
                SqlExpression::aggregate("SUM", false, Some(member)),
                None,
            )),
            2 => scalar(of_members(
                SqlExpression::aggregate("SUM", false, Some(member)),
                Some(more),
            )),
            3 => scalar(of_members(
                SqlExpression::aggregate("MAX", false, Some(member)),
                None,
            )),
            4 => scalar(of_members(SqlExpression::count_rows(), Some(same))),
            5 => SqlExpression::iff(
                SqlExpression::Exists(Box::new(of_members(SqlExpression::Int(1), Some(same)))),
                SqlExpression::Int(1),
                SqlExpression::Int(0),
            ),
            6 if !of_structs => SqlExpression::iff(
                SqlExpression::Col(format!("{} IN UNNEST({list})", few.sql())),
                SqlExpression::Int(1),
                SqlExpression::Int(0),
            ),
            7 => SqlExpression::Call("ARRAY_LENGTH", vec![SqlExpression::col(&*list)]),
            _ => {
                let mut one = of_members(member, None);
                one.ordered = true;
                one.limited = true;
                scalar(one)
            }
        };
        let items = vec![
            (SqlExpression::col(format!("{alias}.g0")), "g0".to_owned()),
            (value, "n".to_owned()),
        ];
        let source = Source::Sub(Box::new(Query::of(inner)), alias);
        GeneratedQuery {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("n".to_owned(), ColumnContent::Number),
            ],
        }
    }

    /// Generates an aggregate over a field of a struct that only some rows have.
    pub(super) fn generate_struct_field(&mut self) -> GeneratedQuery {
        let base = self.plain();
        let label = SqlExpression::col(&*base.labels[0]);
        let number = self.one(&base.numbers);
        let some = |value: &str| {
            SqlExpression::Call("STRUCT", vec![SqlExpression::Col(format!("{value} AS f"))])
        };
        let condition = self.condition(&base);
        let picked = match self.rng.u32(..4) {
            0 | 1 => SqlExpression::iff(condition, some(&number), SqlExpression::Null),
            2 => SqlExpression::iff(condition, some(&number), some("0")),
            _ => {
                let inner = SqlExpression::iff(
                    condition,
                    SqlExpression::col(&*number),
                    SqlExpression::Null,
                );
                some(&inner.sql())
            }
        };
        let items = vec![
            (label, "g0".to_owned()),
            (SqlExpression::col(&*base.id), "id".to_owned()),
            (picked, "p".to_owned()),
        ];
        let inner = Query::of(Select::from(base.source, items));
        let alias = self.alias();
        let field = SqlExpression::col(format!("{alias}.p.f"));
        let value = match self.rng.u32(..4) {
            0 => SqlExpression::aggregate("SUM", false, Some(field)),
            1 => SqlExpression::aggregate("COUNT", false, Some(field)),
            2 => SqlExpression::aggregate(
                "COUNTIF",
                false,
                Some(SqlExpression::op(">", field, SqlExpression::Int(0))),
            ),
            _ => SqlExpression::aggregate("MAX", false, Some(field)),
        };
        let (mut key, mut id) = (format!("{alias}.g0"), format!("{alias}.id"));
        let mut source = Source::Sub(Box::new(inner), alias);
        if self.chance(3) {
            // People whose id is missing on the struct's side have no struct at all.
            let all = self.plain();
            let on = JoinCondition::Cond(SqlExpression::op(
                "=",
                SqlExpression::col(&*all.id),
                SqlExpression::col(&*id),
            ));
            (key, id) = (all.labels[0].clone(), all.id);
            source = join(
                self.one(&["LEFT JOIN", "FULL JOIN"]),
                all.source,
                source,
                on,
            );
        }
        let key = SqlExpression::col(key);
        let items = vec![(key.clone(), "g0".to_owned()), (value, "n".to_owned())];
        let count = SqlExpression::count_people(id);
        let mut outer = Select::from(source, items);
        outer.group = Group::Keys(vec![key]);
        if !self.chance(6) {
            outer.having = Some(self.threshold(count));
        }
        GeneratedQuery {
            query: Query::of(outer),
            cols: vec![
                ("g0".to_owned(), ColumnContent::Label),
                ("n".to_owned(), ColumnContent::Number),
            ],
        }
    }
}
