//! Scalar functions: what each class of them keeps (`design/plan.md`,
//! "Functions").

use std::rc::Rc;

use super::analysis::Analyzer;
use super::column::{ColumnFacts, CountKind, Counted, OpaqueCall, SharedFacts, UnitValue};
use super::constant::number;
use super::lattice::{Flow, Form};
use super::value::predicate;
use crate::plan::functions::{FunctionClass, FunctionInfo, ScalarClass};
use crate::plan::{Expr, ExprKind, Literal};
use crate::registry::Resolution;
use crate::source::Span;

/// A bucket of an identifier with at most this many values is a dimension
/// (`design/levels.md`).
const BUCKETS: f64 = 1_000.0;

impl Analyzer<'_, '_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        info: Option<&'static FunctionInfo>,
        args: &[Expr],
        span: Span,
    ) -> ColumnFacts {
        let values: Vec<SharedFacts> = args.iter().map(|arg| self.value(arg)).collect();
        let mut facts = ColumnFacts::computed(&values);
        facts.secret = values.iter().any(|value| value.secret);
        let class = match info.map(|info| info.class) {
            Some(FunctionClass::Scalar(class)) => class,
            Some(
                FunctionClass::Aggregate(_) | FunctionClass::Analytic(_) | FunctionClass::Table(_),
            )
            | None => {
                facts.opaque.insert(OpaqueCall {
                    name: name.to_owned(),
                    span,
                });
                facts.constant = false;
                return facts;
            }
        };
        match class {
            ScalarClass::Injective => {
                if let [only] = values.as_slice() {
                    facts.unit = only.unit.as_ref().map(|unit| {
                        Rc::new(UnitValue {
                            function: format!("{name}({})", unit.function),
                            ..(**unit).clone()
                        })
                    });
                    facts.certain.clone_from(&only.certain);
                }
                facts
            }
            ScalarClass::Encoding | ScalarClass::Arithmetic => facts,
            ScalarClass::Hash => {
                let form = if facts.secret {
                    Form::Pseudonym
                } else {
                    Form::PlainHash
                };
                let mut facts = facts.replaced(form, span);
                facts.resolution = None;
                facts
            }
            ScalarClass::KeyedHash => {
                let mut facts = facts.replaced(Form::Pseudonym, span);
                facts.resolution = None;
                facts
            }
            ScalarClass::Coarsening(known) => self.coarsened(name, known, args, &values, facts),
            ScalarClass::Random => ColumnFacts {
                surrogate: name.contains("UUID").then_some(span),
                ..ColumnFacts::default()
            },
            ScalarClass::Session | ScalarClass::Generator => {
                facts.constant = class == ScalarClass::Session || facts.constant;
                facts
            }
            ScalarClass::Choice => self.choice(name, args, &values, facts),
            ScalarClass::Predicate | ScalarClass::Measure => predicate(facts),
            ScalarClass::SketchRead => {
                facts.sketch = None;
                let mut facts = facts.without_identity();
                facts.count = Some(Rc::new(Counted {
                    what: "an approximate count".to_owned(),
                    kind: CountKind::Approximate,
                    span,
                    people: Vec::new(),
                    partitions: Vec::new(),
                }));
                facts
            }
        }
    }

    /// A value that is one of its arguments.
    fn choice(
        &mut self,
        name: &str,
        args: &[Expr],
        values: &[SharedFacts],
        facts: ColumnFacts,
    ) -> ColumnFacts {
        let mut facts = facts;
        match (name, values) {
            ("COALESCE" | "IFNULL", [first, rest @ ..]) => {
                let fixed = rest.iter().filter(|value| value.constant).count();
                if fixed == 0 {
                    facts.unit = self.same_unit(values);
                    facts.when = self.first_there(values).unwrap_or(facts.when);
                } else if fixed == rest.len() {
                    facts.unit = first.unit.clone().map(|mut unit| {
                        let known = &mut Rc::make_mut(&mut unit).constants;
                        *known = known.saturating_add(fixed as u64);
                        unit
                    });
                    let zero = args[1..].iter().all(|arg| number(arg) == Some(0.0));
                    facts.count = first.count.clone().filter(|_| zero);
                }
            }
            ("NULLIF" | "NULLIFZERO", [first, ..]) => {
                facts.unit.clone_from(&first.unit);
                facts.count.clone_from(&first.count);
            }
            ("ZEROIFNULL", [first]) => facts.count.clone_from(&first.count),
            _ => {}
        }
        facts
    }

    /// Whom several values name, where all name the same.
    fn same_unit(&self, values: &[SharedFacts]) -> Option<Rc<UnitValue>> {
        let (first, others) = values.split_first()?;
        let unit = first.unit.as_ref()?;
        let same = others.iter().all(|other| {
            other.unit.as_ref().is_some_and(|other| {
                self.populations.find(other.pop) == self.populations.find(unit.pop)
                    && other.unit == unit.unit
                    && other.function == unit.function
                    && other.constants == 0
            })
        });
        (same && unit.constants == 0).then(|| unit.clone())
    }

    /// Truncated time, a part of a time, a bucket of numbers.
    fn coarsened(
        &mut self,
        name: &str,
        known: Option<Resolution>,
        args: &[Expr],
        values: &[SharedFacts],
        mut facts: ColumnFacts,
    ) -> ColumnFacts {
        match name {
            "MOD" | "RANGE_BUCKET" | "ML.BUCKETIZE" => {
                let few = match (name, args) {
                    ("MOD", [_, by]) => number(by).is_some_and(|by| by.abs() <= BUCKETS),
                    _ => values.iter().skip(1).all(|value| value.constant),
                };
                if !few {
                    return facts;
                }
                // A bucket sums its people up.
                for identity in &facts.identities {
                    if let Some(flow) = facts.sources.get_mut(&identity.source) {
                        *flow = Flow::Aggregated;
                    }
                }
                return facts.without_identity();
            }
            "DIV" => {
                if let (Some(by), Some(from)) = (args.get(1).and_then(number), facts.resolution) {
                    facts.resolution = Some(from.min(of_seconds(by)));
                }
                return facts;
            }
            _ => {}
        }
        let part = known.or_else(|| args.iter().find_map(date_part));
        if let (Some(part), Some(from)) = (part, facts.resolution) {
            facts.resolution = Some(from.min(part));
        }
        facts
    }
}

/// The resolution of a number of seconds divided by a constant.
fn of_seconds(by: f64) -> Resolution {
    match by.abs() {
        by if by >= 86_400.0 => Resolution::Day,
        by if by >= 3_600.0 => Resolution::Hour,
        by if by >= 60.0 => Resolution::Minute,
        _ => Resolution::Subsecond,
    }
}

/// The resolution of a date part that stands as an argument.
fn date_part(expr: &Expr) -> Option<Resolution> {
    let ExprKind::Literal(Literal::Other(kind, text)) = &expr.kind else {
        return None;
    };
    if kind != "PART" {
        return None;
    }
    let word = text
        .split('(')
        .next()
        .unwrap_or(text)
        .trim()
        .to_ascii_uppercase();
    Some(match word.as_str() {
        "HOUR" => Resolution::Hour,
        "MINUTE" => Resolution::Minute,
        "SECOND" => Resolution::Second,
        "MILLISECOND" | "MICROSECOND" | "NANOSECOND" | "TIME" | "DATETIME" => Resolution::Subsecond,
        _ => Resolution::Day,
    })
}
