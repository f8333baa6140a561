//! Random conditions of queries, thresholds among them.

use super::{Base, Gen, cast_text};
use crate::query::{Ex, Query, Select};
use crate::tables::{COUNTRIES, SYSTEMS};

impl Gen<'_> {
    /// Returns a condition for WHERE, which may compare with a scalar subquery.
    ///
    /// The people of the subquery are in no published row, and the twin carries none
    /// out of it.
    pub(super) fn filter(&mut self, base: &Base) -> Ex {
        if self.rng.u32(..9) == 0 {
            let number = self.one(&base.numbers);
            Ex::op("<=", Ex::col(number), self.scalar(None))
        } else {
            self.condition(base)
        }
    }

    pub(super) fn condition(&mut self, base: &Base) -> Ex {
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

    pub(super) fn label(&mut self) -> Ex {
        let label = self.one(&[COUNTRIES[0], COUNTRIES[1], SYSTEMS[0], SYSTEMS[1]]);
        Ex::text(label)
    }

    /// Returns a condition that filters by another table of people.
    pub(super) fn semi(&mut self, id: &str) -> Ex {
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

    /// Returns an aggregate that may count the people of a group.
    pub(super) fn count(&mut self, base: &Base) -> Ex {
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

    /// Returns a predicate on a count that often, but not always, requires at least
    /// `k`.
    pub(super) fn threshold(&mut self, count: Ex) -> Ex {
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
}
