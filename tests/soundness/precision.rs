//! Measures the share of safe random queries that are accepted. A query is safe if
//! all of its rows stand for k people. A false alarm is the worst error after a
//! false claim.

use std::fmt::Write as _;

use fastrand::Rng;
use headcount::interpret::run;

use crate::claims::{claimed, subject};
use crate::{generate, hunt, tables};

/// Databases on which all rows must be large, and one of which must yield a row.
const DATABASES: usize = 200;

/// `HEADCOUNT_PAIRS` sets the length of the run.
///
/// `HEADCOUNT_REFUSED=FILE` writes the refused queries to a file.
#[test]
fn safe_random_queries_are_mostly_accepted() {
    let registry = tables::registry();
    let seed = crate::number("HEADCOUNT_SEED", 1) as u64;
    let queries = crate::number("HEADCOUNT_PAIRS", 6_000) / 40;
    let (mut safe, mut accepted, mut refused) = (0, 0, String::new());
    for number in 0..queries {
        let mut rng = Rng::with_seed(seed.wrapping_mul(7_368_787).wrapping_add(number as u64));
        let k = rng.usize(2..4);
        let sql = hunt::text(&generate::query(&mut rng, k as i64), number);
        let Ok(subject) = subject(&sql, &registry, &claimed) else {
            continue;
        };
        let (mut rows, mut small) = (0, false);
        for _ in 0..DATABASES {
            let database = tables::database(&mut rng, k);
            let Ok(execution) = run(&subject.plan, &database) else {
                continue;
            };
            for row in execution.result() {
                rows += 1;
                small |= row.people.count().is_some_and(|count| (count as usize) < k);
            }
            if small {
                break;
            }
        }
        if small || rows == 0 || subject.claims.row.is_none() {
            continue;
        }
        safe += 1;
        if subject.claims.row.is_some_and(|row| row >= k as u64) {
            accepted += 1;
        } else {
            let _ = writeln!(refused, "{k}: {sql}");
        }
    }
    println!("{accepted} of {safe} safe queries are accepted, out of {queries}");
    if let Ok(path) = std::env::var("HEADCOUNT_REFUSED") {
        std::fs::write(&path, refused).expect("the file of refused queries can be written");
    }
    assert!(
        safe > 0 && accepted * 2 >= safe,
        "{accepted} of {safe} accepted"
    );
}
