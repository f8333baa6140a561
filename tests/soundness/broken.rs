//! A broken analyzer is caught: with one rule at a time made wrong, random pairs
//! refute what it claims.

use headcount::plan::{Expr, ExprKind, JoinKind, Literal, Operator, Plan, RelId};
use headcount::registry::Registry;

use crate::claims::{Analyzer, Claims, claimed};
use crate::{hunt, tables};

/// Queries within which a mistake must be found.
const QUERIES: usize = 2_000;

/// Runs random pairs until the mistake is refuted; how many it took.
pub fn pairs_until_caught(
    registry: &Registry,
    analyzer: &Analyzer,
    queries: usize,
) -> Option<usize> {
    let (pairs, found) = hunt::hunt_only(7, queries, registry, analyzer);
    found.then_some(pairs)
}

/// The largest constant that anything is compared with: "it has a threshold".
fn largest_constant(plan: &Plan, below: RelId) -> Option<u64> {
    let mut largest = None;
    let mut open = vec![below];
    while let Some(at) = open.pop() {
        let operator = &plan.relation(at).operator;
        if let Operator::Filter { predicate, .. } = operator {
            predicate.walk(&mut |part: &Expr| {
                if let ExprKind::Compare(_, _, right) = &part.kind
                    && let ExprKind::Literal(Literal::Int(number)) = right.kind
                {
                    largest = largest.max(u64::try_from(number).ok());
                }
            });
        }
        open.extend(operator.inputs());
    }
    largest
}

fn with_row(plan: &Plan, registry: &Registry, wrong: impl Fn(u64, RelId) -> u64) -> Claims {
    let mut claims = claimed(plan, registry);
    if let (Some(row), Some(root)) = (claims.row, plan.root()) {
        claims.row = Some(wrong(row, root));
    }
    claims
}

fn has(plan: &Plan, wanted: impl Fn(&Operator) -> bool) -> bool {
    plan.relations()
        .any(|(_, relation)| wanted(&relation.operator))
}

#[test]
fn a_broken_analyzer_is_caught() {
    let registry = tables::registry();
    let one_more = |plan: &Plan, registry: &Registry| {
        with_row(
            plan,
            registry,
            |row, _| if row >= 2 { row + 1 } else { row },
        )
    };
    let any_threshold = |plan: &Plan, registry: &Registry| {
        with_row(plan, registry, |row, root| {
            row.max(largest_constant(plan, root).unwrap_or(0).min(3))
        })
    };
    let no_null = |plan: &Plan, registry: &Registry| with_row(plan, registry, |row, _| row.max(1));
    let joins_add = |plan: &Plan, registry: &Registry| {
        let joins = has(plan, |operator| {
            matches!(
                operator,
                Operator::Join {
                    kind: JoinKind::Inner | JoinKind::Left,
                    ..
                }
            )
        });
        with_row(
            plan,
            registry,
            |row, _| if joins { row.max(2) } else { row },
        )
    };
    let unions_keep = |plan: &Plan, registry: &Registry| {
        let unions = has(plan, |operator| {
            matches!(operator, Operator::SetOperation { .. })
        });
        with_row(
            plan,
            registry,
            |row, _| if unions { row.max(2) } else { row },
        )
    };
    let mistakes: [(&str, &Analyzer); 5] = [
        ("one person too many", &one_more),
        ("any threshold counts people", &any_threshold),
        ("a NULL is a person", &no_null),
        ("a joined row stands for two", &joins_add),
        ("a set operation keeps what one arm has", &unions_keep),
    ];
    for (name, analyzer) in mistakes {
        match pairs_until_caught(&registry, analyzer, QUERIES) {
            Some(pairs) => println!("{name}: caught after {pairs} pairs"),
            None => panic!("{name}: not caught in {QUERIES} queries"),
        }
    }
}
