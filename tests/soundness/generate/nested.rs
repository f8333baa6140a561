//! Cores with arrays and structs: values of groups that are collected and extracted
//! again, and values that are selected inside a struct.

use super::{Gen, Kind, Made, join};
use crate::query::{Ex, Group, On, Query, Select, Source};

impl Gen<'_> {
    /// Generates a value that a subquery computes from the members of a group's
    /// array.
    pub(super) fn members(&mut self) -> Made {
        let base = self.plain();
        let label = Ex::col(&*base.labels[0]);
        let number = Ex::col(self.one(&base.numbers));
        let of_structs = self.chance(2);
        let collected = if of_structs {
            let other = Ex::col(self.one(&base.labels));
            let fields = [(number, "f"), (other, "h")];
            let fields = fields.map(|(value, name)| Ex::Col(format!("{} AS {name}", value.sql())));
            Ex::Call("STRUCT", fields.into())
        } else {
            number
        };
        let items = vec![
            (label.clone(), "g0".to_owned()),
            (
                Ex::aggregate("ARRAY_AGG", false, Some(collected)),
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
        let member = Ex::col(format!("v{alias}{field}"));
        let few = Ex::Int(self.rng.i64(0..4));
        let of_members = |value: Ex, filter: Option<Ex>| {
            let from = Source::Constants(format!("UNNEST({list}) AS v{alias}"));
            let mut select = Select::from(from, vec![(value, "w".to_owned())]);
            select.filter = filter;
            Query::of(select)
        };
        let same = Ex::op("=", member.clone(), few.clone());
        let more = Ex::op(">", member.clone(), few.clone());
        let scalar = |query: Query| Ex::Scalar(Box::new(query));
        let value = match self.rng.u32(..9) {
            0 => scalar(of_members(Ex::count_rows(), None)),
            1 => scalar(of_members(Ex::aggregate("SUM", false, Some(member)), None)),
            2 => scalar(of_members(
                Ex::aggregate("SUM", false, Some(member)),
                Some(more),
            )),
            3 => scalar(of_members(Ex::aggregate("MAX", false, Some(member)), None)),
            4 => scalar(of_members(Ex::count_rows(), Some(same))),
            5 => Ex::iff(
                Ex::Exists(Box::new(of_members(Ex::Int(1), Some(same)))),
                Ex::Int(1),
                Ex::Int(0),
            ),
            6 if !of_structs => Ex::iff(
                Ex::Col(format!("{} IN UNNEST({list})", few.sql())),
                Ex::Int(1),
                Ex::Int(0),
            ),
            7 => Ex::Call("ARRAY_LENGTH", vec![Ex::col(&*list)]),
            _ => {
                let mut one = of_members(member, None);
                one.ordered = true;
                one.limited = true;
                scalar(one)
            }
        };
        let items = vec![
            (Ex::col(format!("{alias}.g0")), "g0".to_owned()),
            (value, "n".to_owned()),
        ];
        let source = Source::Sub(Box::new(Query::of(inner)), alias);
        Made {
            query: Query::of(Select::from(source, items)),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("n".to_owned(), Kind::Number),
            ],
        }
    }

    /// Generates an aggregate over a field of a struct that only some rows have.
    pub(super) fn in_a_struct(&mut self) -> Made {
        let base = self.plain();
        let label = Ex::col(&*base.labels[0]);
        let number = self.one(&base.numbers);
        let some = |value: &str| Ex::Call("STRUCT", vec![Ex::Col(format!("{value} AS f"))]);
        let condition = self.condition(&base);
        let picked = match self.rng.u32(..4) {
            0 | 1 => Ex::iff(condition, some(&number), Ex::Null),
            2 => Ex::iff(condition, some(&number), some("0")),
            _ => {
                let inner = Ex::iff(condition, Ex::col(&*number), Ex::Null);
                some(&inner.sql())
            }
        };
        let items = vec![
            (label, "g0".to_owned()),
            (Ex::col(&*base.id), "id".to_owned()),
            (picked, "p".to_owned()),
        ];
        let inner = Query::of(Select::from(base.source, items));
        let alias = self.alias();
        let field = Ex::col(format!("{alias}.p.f"));
        let value = match self.rng.u32(..4) {
            0 => Ex::aggregate("SUM", false, Some(field)),
            1 => Ex::aggregate("COUNT", false, Some(field)),
            2 => Ex::aggregate("COUNTIF", false, Some(Ex::op(">", field, Ex::Int(0)))),
            _ => Ex::aggregate("MAX", false, Some(field)),
        };
        let (mut key, mut id) = (format!("{alias}.g0"), format!("{alias}.id"));
        let mut source = Source::Sub(Box::new(inner), alias);
        if self.chance(3) {
            // People whose id is missing on the struct's side have no struct at all.
            let all = self.plain();
            let on = On::Cond(Ex::op("=", Ex::col(&*all.id), Ex::col(&*id)));
            (key, id) = (all.labels[0].clone(), all.id);
            source = join(
                self.one(&["LEFT JOIN", "FULL JOIN"]),
                all.source,
                source,
                on,
            );
        }
        let key = Ex::col(key);
        let items = vec![(key.clone(), "g0".to_owned()), (value, "n".to_owned())];
        let count = Ex::count_people(id);
        let mut outer = Select::from(source, items);
        outer.group = Group::Keys(vec![key]);
        if !self.chance(6) {
            outer.having = Some(self.threshold(count));
        }
        Made {
            query: Query::of(outer),
            cols: vec![
                ("g0".to_owned(), Kind::Label),
                ("n".to_owned(), Kind::Number),
            ],
        }
    }
}
