//! Random conditions of queries, thresholds among them.

use super::{GroupingInput, QueryGenerator, build_cast_argument};
use crate::query::{Query, Select, SqlExpression};
use crate::tables::{COUNTRIES, SYSTEMS};

impl QueryGenerator<'_> {
    /// Returns a condition for WHERE, which may compare with a scalar subquery.
    ///
    /// The people of the subquery are in no published row, and the twin carries none
    /// out of it.
    pub(super) fn filter(&mut self, base: &GroupingInput) -> SqlExpression {
        if self.rng.u32(..9) == 0 {
            let number = self.one(&base.numbers);
            SqlExpression::op("<=", SqlExpression::col(number), self.scalar(None))
        } else {
            self.condition(base)
        }
    }

    pub(super) fn condition(&mut self, base: &GroupingInput) -> SqlExpression {
        let label = self.one(&base.labels);
        let number = self.one(&base.numbers);
        match self.rng.u32(..8) {
            0..=2 => SqlExpression::NotNull(Box::new(SqlExpression::col(&*base.id))),
            3 => SqlExpression::op("=", SqlExpression::col(label), self.label()),
            4 => SqlExpression::op(">", SqlExpression::col(number), SqlExpression::Int(0)),
            5 => SqlExpression::op(
                "AND",
                SqlExpression::NotNull(Box::new(SqlExpression::col(&*base.id))),
                SqlExpression::op(">=", SqlExpression::col(number), SqlExpression::Int(1)),
            ),
            6 => self.generate_semijoin(&base.id),
            _ => SqlExpression::op(
                "!=",
                SqlExpression::col(&*base.id),
                SqlExpression::text("a"),
            ),
        }
    }

    pub(super) fn label(&mut self) -> SqlExpression {
        let label = self.one(&[COUNTRIES[0], COUNTRIES[1], SYSTEMS[0], SYSTEMS[1]]);
        SqlExpression::text(label)
    }

    /// Returns a condition that filters by another table of people.
    pub(super) fn generate_semijoin(&mut self, id: &str) -> SqlExpression {
        let other = self.plain();
        let mut select = Select::from(
            other.source,
            vec![(SqlExpression::col(&*other.id), "id".to_owned())],
        );
        match self.rng.u32(..5) {
            0 => SqlExpression::InQuery(
                Box::new(SqlExpression::col(id)),
                Box::new(Query::of(select)),
            ),
            1 => {
                select.filter = Some(SqlExpression::NotNull(Box::new(SqlExpression::col(
                    &*other.id,
                ))));
                SqlExpression::Not(Box::new(SqlExpression::InQuery(
                    Box::new(SqlExpression::col(id)),
                    Box::new(Query::of(select)),
                )))
            }
            turn => {
                select.filter = Some(SqlExpression::op(
                    "=",
                    SqlExpression::col(&*other.id),
                    SqlExpression::col(id),
                ));
                let exists = SqlExpression::Exists(Box::new(Query::of(select)));
                if turn == 2 {
                    exists
                } else {
                    SqlExpression::Not(Box::new(exists))
                }
            }
        }
    }

    /// Returns an aggregate that may count the people of a group.
    pub(super) fn count(&mut self, base: &GroupingInput) -> SqlExpression {
        let id = SqlExpression::col(&*base.id);
        let number = SqlExpression::col(self.one(&base.numbers));
        let condition = SqlExpression::op(">", number.clone(), SqlExpression::Int(0));
        match self.rng.u32(..30) {
            0..=15 => SqlExpression::count_people(&*base.id),
            16 | 17 => SqlExpression::count_rows(),
            18 => SqlExpression::aggregate("COUNT", false, Some(id)),
            19 => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::iff(condition, id, SqlExpression::Null)),
            ),
            20 => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::Case(vec![(condition, id)], None)),
            ),
            21 => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::Call(
                    "COALESCE",
                    vec![id, SqlExpression::text("?")],
                )),
            ),
            22 => SqlExpression::aggregate("COUNTIF", false, Some(condition)),
            23 => SqlExpression::aggregate("SUM", false, Some(SqlExpression::Int(1))),
            24 => SqlExpression::aggregate(
                "SUM",
                false,
                Some(SqlExpression::iff(
                    condition,
                    SqlExpression::Int(1),
                    SqlExpression::Int(0),
                )),
            ),
            25 => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::Call("UPPER", vec![id])),
            ),
            26 => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::iff(condition, id, SqlExpression::text("z"))),
            ),
            27 => SqlExpression::aggregate("APPROX_COUNT_DISTINCT", false, Some(id)),
            28 => SqlExpression::aggregate("SUM", false, Some(number)),
            _ => SqlExpression::aggregate(
                "COUNT",
                true,
                Some(SqlExpression::Call(
                    "CONCAT",
                    vec![
                        id,
                        SqlExpression::Call("CAST", vec![build_cast_argument(number)]),
                    ],
                )),
            ),
        }
    }

    /// Returns a predicate on a count that often, but not always, requires at least
    /// `k`.
    pub(super) fn threshold(&mut self, count: SqlExpression) -> SqlExpression {
        let k = self.k;
        let safe = SqlExpression::op(">=", count.clone(), SqlExpression::Int(k));
        match self.rng.u32(..32) {
            0..=11 => safe,
            12 | 13 => SqlExpression::op(">", count, SqlExpression::Int(k - 1)),
            14 => SqlExpression::Not(Box::new(SqlExpression::op(
                "<",
                count,
                SqlExpression::Int(k),
            ))),
            15 => SqlExpression::Between(Box::new(count), k, 99),
            16 => SqlExpression::op("<=", SqlExpression::Int(k), count),
            17 => SqlExpression::In(
                Box::new(count),
                vec![SqlExpression::Int(k), SqlExpression::Int(k + 1)],
            ),
            18 => SqlExpression::op("=", count, SqlExpression::Int(k)),
            19 | 20 => SqlExpression::op(
                "AND",
                safe,
                SqlExpression::op("<", count, SqlExpression::Int(50)),
            ),
            21 => SqlExpression::op(
                "OR",
                SqlExpression::op(">", count, SqlExpression::Int(k + 1)),
                safe,
            ),
            22 => SqlExpression::Case(vec![(safe, SqlExpression::Col("TRUE".to_owned()))], None),
            23 => SqlExpression::op(
                "OR",
                safe,
                SqlExpression::op("=", count, SqlExpression::Int(1)),
            ),
            24 => SqlExpression::op(">=", count, SqlExpression::Int(k - 1)),
            25 => SqlExpression::op("<", count, SqlExpression::Int(k)),
            26 => SqlExpression::Not(Box::new(safe)),
            27 => SqlExpression::op("!=", count, SqlExpression::Int(1)),
            28 => SqlExpression::op(
                ">=",
                SqlExpression::Call("COALESCE", vec![count, SqlExpression::Int(0)]),
                SqlExpression::Int(k),
            ),
            29 => SqlExpression::op(
                ">=",
                SqlExpression::op("*", count, SqlExpression::Int(2)),
                SqlExpression::Int(k),
            ),
            30 => SqlExpression::iff(
                safe,
                SqlExpression::Col("TRUE".to_owned()),
                SqlExpression::Col("FALSE".to_owned()),
            ),
            _ => SqlExpression::op(
                "AND",
                SqlExpression::op(">=", count, SqlExpression::Int(k + 1)),
                SqlExpression::Col("TRUE".to_owned()),
            ),
        }
    }
}
