//! Soundness tests: random queries are executed on random tiny tables, and the
//! people of every row are compared with the claims (`design/proof.md`, "Tests").
//!
//! `HEADCOUNT_PAIRS` sets the length of the run, and `HEADCOUNT_SEED` its random
//! queries; `docs/development.md` has the command.

mod broken;
mod claims;
mod generate;
mod hunt;
mod influence;
mod lists;
mod lists_test;
mod oracle;
mod precision;
mod query;
mod shrink;
mod tables;
mod twin;

use std::time::Instant;

/// Number of pairs of a query and a database that a run of the tests executes.
///
/// A query that claims people adds one pair, which is executed once for each person.
const PAIRS: usize = 4_400;

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn no_claim_is_refuted() {
    let registry = tables::registry();
    let seed = number("HEADCOUNT_SEED", 1) as u64;
    let pairs = number("HEADCOUNT_PAIRS", PAIRS);
    let all = std::env::var("HEADCOUNT_ALL").is_ok();
    let started = Instant::now();
    let (tally, found) = hunt::hunt(
        seed,
        pairs.div_ceil(hunt::DATABASES),
        &registry,
        &claims::claimed,
        all,
    );
    println!("{}{} seconds", tally.told(), started.elapsed().as_secs());
    let told: Vec<String> = found.iter().map(hunt::RefutedClaim::told).collect();
    assert!(
        found.is_empty(),
        "{} refuted:\n{}",
        told.len(),
        told.join("\n")
    );
    assert!(
        tally.not_understood.is_empty(),
        "the generator writes what is not understood"
    );
    assert!(
        tally.claiming_with_rows * 5 >= tally.distinct,
        "fewer than a fifth of the queries claim anything"
    );
}
