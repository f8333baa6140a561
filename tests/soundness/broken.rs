//! Mutation tests of the analyzer: if any one rule is made wrong, random pairs of a
//! query and a database refute a claim (`design/proof.md`, "Tests", 4).

use headcount::facts::Mutation;
use headcount::plan::Plan;
use headcount::registry::Registry;

use crate::claims::{Analyzer, analyze_claims_with, claimed};
use crate::{hunt, number, tables};

/// Number of queries within which each mutation must be refuted.
const QUERIES: usize = 30_000;

/// Returns the number of pairs until a claim is refuted, or `None` if none is.
fn count_pairs_until_refuted(
    registry: &Registry,
    analyzer: &Analyzer,
    queries: usize,
) -> Option<usize> {
    let (pairs, found) = hunt::count_pairs_to_refutation(7, queries, registry, analyzer);
    found.then_some(pairs)
}

#[test]
fn each_wrong_rule_is_refuted() {
    let registry = tables::registry();
    let queries = number("HEADCOUNT_QUERIES", QUERIES);
    let mut missed = Vec::new();
    for mistake in Mutation::IN_PLANS {
        let analyzer =
            move |plan: &Plan, registry: &Registry| analyze_claims_with(mistake, plan, registry);
        match count_pairs_until_refuted(&registry, &analyzer, queries) {
            Some(pairs) => println!("{mistake:?}: caught after {pairs} pairs"),
            None => missed.push(mistake),
        }
    }
    assert!(
        missed.is_empty(),
        "not caught in {queries} queries: {missed:?}"
    );
}

#[test]
fn a_claim_of_one_person_too_many_is_caught() {
    let registry = tables::registry();
    let one_more = |plan: &Plan, registry: &Registry| {
        let mut claims = claimed(plan, registry);
        claims.row = claims.row.map(|row| if row >= 2 { row + 1 } else { row });
        claims
    };
    assert!(count_pairs_until_refuted(&registry, &one_more, 2_000).is_some());
}
