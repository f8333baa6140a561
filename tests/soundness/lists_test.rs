//! Tests precision and mutations of queries.
//!
//! Safe queries are accepted. A query with one changed word loses its bucket, unless
//! no database shows any harm.

use std::fmt::Write as _;

use fastrand::Rng;
use headcount::interpret::run;
use headcount::registry::Registry;

use crate::claims::{claimed, subject};
use crate::lists::{ACCEPTED, REFUSED, REWRITTEN};
use crate::tables;

/// Number of databases that may show no harm, or of which one must show harm.
const DATABASES: u64 = 300;

/// The minimum bucket size of the lists.
const K: u64 = 3;

fn proven(sql: &str, registry: &Registry) -> u64 {
    match subject(sql, registry, &claimed) {
        Ok(subject) => subject.claims.row.unwrap_or(0),
        Err(why) => panic!("{why}\n{sql}"),
    }
}

/// Returns the seed of the first database on which a row stands for fewer people.
fn harm(sql: &str, registry: &Registry) -> Option<u64> {
    let subject = subject(sql, registry, &claimed).unwrap_or_else(|why| panic!("{why}\n{sql}"));
    (0..DATABASES).find(|seed| {
        let database = tables::database(&mut Rng::with_seed(*seed), 3);
        run(&subject.plan, &database).is_ok_and(|execution| {
            let counts = execution
                .result()
                .iter()
                .filter_map(|row| row.people.count());
            counts.into_iter().any(|count| u64::from(count) < K)
        })
    })
}

#[test]
fn accepted_queries_are_proven() {
    let registry = tables::registry();
    let mut wrong = String::new();
    for sql in ACCEPTED.iter().chain(REWRITTEN) {
        let least = proven(sql, &registry);
        if let Some(seed) = harm(sql, &registry) {
            let _ = writeln!(wrong, "unsafe on database {seed}: {sql}");
        }
        if least < K {
            let _ = writeln!(wrong, "proven {least}: {sql}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn refused_queries_are_not_proven() {
    let registry = tables::registry();
    let mut wrong = String::new();
    for sql in REFUSED {
        if proven(sql, &registry) >= K {
            let _ = writeln!(wrong, "accepted: {sql}");
        }
        if harm(sql, &registry).is_none() {
            let _ = writeln!(wrong, "no database shows harm: {sql}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Returns changes of one word, each with a name.
fn mutants(sql: &str) -> Vec<(&'static str, String)> {
    let swaps = [
        ("DISTINCT dropped", "COUNT(DISTINCT id)", "COUNT(id)"),
        ("at least to less", ">= 3", "< 3"),
        ("one fewer", ">= 3", ">= 2"),
        ("one fewer", "> 2", "> 1"),
        ("one fewer", "BETWEEN 3", "BETWEEN 2"),
        ("AND to OR", " AND COUNT", " OR COUNT"),
        (
            "NOT dropped",
            "NOT (COUNT(DISTINCT id) < 3)",
            "COUNT(DISTINCT id) < 3",
        ),
        ("HAVING dropped", "HAVING COUNT(DISTINCT id) >= 3", ""),
        ("HAVING dropped", "HAVING COUNT(*) >= 3", ""),
        (
            "a key added",
            "GROUP BY country HAVING",
            "GROUP BY country, os, n HAVING",
        ),
        ("INNER to LEFT", "FROM t JOIN p", "FROM t LEFT JOIN p"),
        (
            "a NULL counted",
            "COUNT(DISTINCT id)",
            "COUNT(DISTINCT COALESCE(id, '?'))",
        ),
        (
            "an UNNEST inserted",
            "FROM p GROUP",
            "FROM p, UNNEST([1, 2, 3]) AS x GROUP",
        ),
        (
            "an UNNEST inserted",
            "FROM t GROUP",
            "FROM t, UNNEST([1, 2, 3]) AS x GROUP",
        ),
        ("NULLs let in", "WHERE id IS NOT NULL ", ""),
    ];
    swaps
        .into_iter()
        .filter(|(_, from, _)| sql.contains(from))
        .map(|(name, from, to)| (name, sql.replace(from, to)))
        .collect()
}

#[test]
fn mutant_loses_the_bucket_or_is_harmless() {
    let registry = tables::registry();
    let (mut all, mut lost, mut harmless) = (0, 0, 0);
    let mut wrong = String::new();
    for sql in ACCEPTED.iter().chain(REWRITTEN) {
        for (name, mutant) in mutants(sql) {
            // A mutant may refer to a column that its table does not have.
            if subject(&mutant, &registry, &claimed).is_err() {
                continue;
            }
            all += 1;
            if proven(&mutant, &registry) < K {
                lost += 1;
            } else {
                harmless += 1;
                if harm(&mutant, &registry).is_some() {
                    let _ = writeln!(wrong, "{name}, and yet accepted: {mutant}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    println!("{all} mutants: {lost} lose the bucket, {harmless} are accepted and harmless");
    assert!(all >= 60 && lost * 2 > all, "{all} mutants, {lost} lost");
}
