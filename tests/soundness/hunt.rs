//! Executes random queries on random databases until a claim is refuted.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use fastrand::Rng;
use headcount::interpret::{Database, ExecutionError, run};
use headcount::registry::Registry;

use crate::claims::{Analyzer, operators, refuted, refutes, subject};
use crate::query::Query;
use crate::{generate, influence, shrink, tables};

/// Number of databases on which each query is executed.
///
/// A query that claims at least two people per row is executed on one more, from
/// which each person is removed in turn.
pub const DATABASES: usize = 4;

/// The counts of one hunt.
#[derive(Default)]
pub struct HuntTally {
    /// Pairs of a query and a database that were executed.
    pub pairs: usize,
    pub distinct: usize,
    /// Distinct queries that claim at least two people per row.
    pub claiming: usize,
    /// Distinct claiming queries that returned rows on at least one database.
    pub claiming_with_rows: usize,
    /// Number of distinct claiming queries that contain each operator.
    pub by_operator: BTreeMap<&'static str, usize>,
    /// Number of queries that were not understood, by reason.
    pub not_understood: BTreeMap<String, usize>,
    /// Number of pairs that were not executed, by reason.
    pub not_executed: BTreeMap<String, usize>,
}

/// A refuted claim with its query and database, reduced to a minimum.
pub struct RefutedClaim {
    pub seed: u64,
    pub number: usize,
    pub sql: String,
    pub database: Database,
    pub why: String,
}

impl RefutedClaim {
    pub fn told(&self) -> String {
        format!(
            "seed {}, query {}: {}\n{}\n{}",
            self.seed,
            self.number,
            self.why,
            self.sql,
            tables::show(&self.database)
        )
    }
}

/// Renders a query as text: every fourth one in pipe syntax if it can be.
pub fn text(query: &Query, turn: usize) -> String {
    match query.piped() {
        Some(piped) if turn.is_multiple_of(4) => piped,
        _ => query.sql(),
    }
}

/// Runs `queries` queries, each on [`DATABASES`] databases.
///
/// Stops at the first refuted claim, unless `all` is set.
pub fn hunt(
    seed: u64,
    queries: usize,
    registry: &Registry,
    analyzer: &Analyzer,
    all: bool,
) -> (HuntTally, Vec<RefutedClaim>) {
    let mut tally = HuntTally::default();
    let mut found = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    for number in 0..queries {
        // Each query has its own seed, so that a single query can be run again.
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
        let k = rng.usize(2..4);
        let query = generate::query(&mut rng, k as i64);
        let sql = text(&query, number);
        let new = known.insert(sql.clone());
        tally.distinct += usize::from(new);
        let subject = match subject(&sql, registry, analyzer) {
            Ok(subject) => subject,
            Err(why) => {
                *tally
                    .not_understood
                    .entry(format!("{why}\n    {sql}"))
                    .or_default() += 1;
                continue;
            }
        };
        let claims_people = subject.claims.bucket().is_some_and(|k| k >= 2);
        let mut has_rows = false;
        for turn in 0..=DATABASES {
            let mut database = tables::database(&mut rng, k);
            if turn == DATABASES {
                if !claims_people {
                    break;
                }
                database = influence::settled(&mut rng, database);
            }
            match run(&subject.plan, &database) {
                Ok(execution) => {
                    tally.pairs += 1;
                    has_rows |= !execution.result().is_empty();
                    let why = refuted(&subject.claims, &execution).or_else(|| {
                        let (claims, plan) = (&subject.claims, &subject.plan);
                        influence::refuted(claims, plan, &database, &execution)
                    });
                    if let Some(why) = why {
                        found.push(smallest(
                            seed, number, &query, database, why, registry, analyzer,
                        ));
                        break;
                    }
                }
                // A query that fails on the data publishes nothing.
                Err(ExecutionError::Failed(_)) => tally.pairs += 1,
                Err(stop) => *tally.not_executed.entry(stop.to_string()).or_default() += 1,
            }
        }
        if new && claims_people {
            tally.claiming += 1;
            tally.claiming_with_rows += usize::from(has_rows);
            for operator in operators(&subject.plan) {
                *tally.by_operator.entry(operator).or_default() += 1;
            }
        }
        if !found.is_empty() && !all {
            break;
        }
    }
    (tally, found)
}

/// Returns the number of pairs until a claim was refuted, and whether one was.
pub fn count_pairs_to_refutation(
    seed: u64,
    queries: usize,
    registry: &Registry,
    analyzer: &Analyzer,
) -> (usize, bool) {
    let mut pairs = 0;
    for number in 0..queries {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
        let k = rng.usize(2..4);
        let sql = text(&generate::query(&mut rng, k as i64), number);
        let Ok(subject) = subject(&sql, registry, analyzer) else {
            continue;
        };
        for turn in 0..=DATABASES {
            pairs += 1;
            let mut database = tables::database(&mut rng, k);
            if turn == DATABASES {
                if subject.claims.bucket().is_none_or(|least| least < 2) {
                    break;
                }
                database = influence::settled(&mut rng, database);
            }
            if let Ok(execution) = run(&subject.plan, &database)
                && (refuted(&subject.claims, &execution).is_some()
                    || influence::refuted(&subject.claims, &subject.plan, &database, &execution)
                        .is_some())
            {
                return (pairs, true);
            }
        }
    }
    (pairs, false)
}

fn smallest(
    seed: u64,
    number: usize,
    query: &Query,
    database: Database,
    why: String,
    registry: &Registry,
    analyzer: &Analyzer,
) -> RefutedClaim {
    let still = |query: &Query, database: &Database| {
        refutes(&text(query, number), database, registry, analyzer).is_some()
    };
    let (query, database) = shrink::shrink(query.clone(), database, &still);
    let sql = text(&query, number);
    let why = refutes(&sql, &database, registry, analyzer).unwrap_or(why);
    RefutedClaim {
        seed,
        number,
        sql,
        database,
        why,
    }
}

impl HuntTally {
    pub fn told(&self) -> String {
        let share = |part: usize| 100.0 * part as f64 / self.distinct.max(1) as f64;
        let mut text = format!(
            "{} pairs executed, {} distinct queries, {} claim a bucket ({:.1}%), {} of them with rows ({:.1}%)\n",
            self.pairs,
            self.distinct,
            self.claiming,
            share(self.claiming),
            self.claiming_with_rows,
            share(self.claiming_with_rows),
        );
        for (operator, count) in &self.by_operator {
            let _ = writeln!(text, "  {count:>8} claiming queries with {operator}");
        }
        let not_understood: usize = self.not_understood.values().sum();
        let _ = writeln!(text, "{not_understood} queries were not understood");
        for (why, count) in self.not_understood.iter().take(20) {
            let _ = writeln!(text, "  {count:>8} {why}");
        }
        for (why, count) in &self.not_executed {
            let _ = writeln!(text, "  {count:>8} pairs: {why}");
        }
        text
    }
}
