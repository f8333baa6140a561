//! Scalar functions: what each class of them preserves (`design/plan.md`,
//! "Functions").

use std::rc::Rc;

use super::analysis::Analyzer;
use super::bucket::BUCKETS;
use super::clock::makes_time;
use super::column::{
    ColumnFacts, Contribution, CountKind, Counted, OpaqueCall, SharedFacts, UnitValue,
};
use super::constant::{number, of_literal};
use super::coverage::{Adds, Combination, Coverage, GapReason};
use super::lattice::{Flow, IdentityForm};
use super::mistake::Mutation;
use super::numbering::Number;
use super::value::predicate;
use crate::plan::functions::{FunctionClass, FunctionInfo, ScalarClass};
use crate::plan::{Expr, ExprKind, Literal};
use crate::registry::Resolution;
use crate::source::Span;

/// The most parts of a value to visit before it counts as changed by a function.
const PARTS: usize = 200;
/// The number of buckets that the lengths of an identifier make. A match of its
/// text counts as more than a dimension may have, since it is as good as a part of
/// the text.
const LENGTHS: u64 = 100;

impl Analyzer<'_, '_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        info: Option<&'static FunctionInfo>,
        args: &[Expr],
        span: Span,
    ) -> ColumnFacts {
        let values = self.arguments(args, span);
        let mut facts = ColumnFacts::computed(&values);
        facts.coverage = self.call_coverage(name, info, (args, &values), span);
        let apart = matches!(
            name,
            "-" | "DATE_DIFF" | "TIMESTAMP_DIFF" | "DATETIME_DIFF" | "TIME_DIFF"
        );
        facts.feeds = if apart && self.subtracts_itself(args) {
            Contribution::No
        } else {
            feeds(name, args, &values)
        };
        facts.each = facts.feeds.all() || self.mistake == Some(Mutation::ChosenIsOwn);
        facts.collated |= name == "COLLATE";
        facts.secret = values.iter().any(|value| value.secret);
        if let ("CAST" | "SAFE_CAST", [first, ..]) = (name, values.as_slice()) {
            facts.paths.clone_from(&first.paths);
            facts.reshaped = true;
        }
        if makes_time(name) {
            self.read_as_time(&mut facts);
        }
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
                facts.feeds = Contribution::No;
                facts.each = false;
                return facts;
            }
        };
        let one_to_one = matches!(
            class,
            ScalarClass::Injective | ScalarClass::Hash | ScalarClass::KeyedHash
        );
        if one_to_one || matches!(name, "CONCAT" | "||" | "TO_JSON_STRING") {
            facts.each = are_all_rows_own(&values);
        }
        match class {
            ScalarClass::Injective => {
                if let [only] = values.as_slice() {
                    facts.unit = only.unit.as_ref().map(|unit| {
                        Rc::new(UnitValue {
                            function: format!("{name}({})", unit.function),
                            ..(**unit).clone()
                        })
                    });
                    facts.total = only.total;
                    facts.certain.clone_from(&only.certain);
                    facts.there.clone_from(&only.there);
                }
                facts
            }
            ScalarClass::Encoding | ScalarClass::Arithmetic => facts,
            ScalarClass::Hash => {
                let form = if facts.secret {
                    IdentityForm::Pseudonym
                } else {
                    IdentityForm::PlainHash
                };
                let mut facts = facts.replaced(form, span);
                facts.resolution = None;
                facts
            }
            ScalarClass::KeyedHash => {
                let mut facts = facts.replaced(IdentityForm::Pseudonym, span);
                facts.resolution = None;
                facts
            }
            ScalarClass::Coarsening(known) => {
                self.coarsened(name, known, args, &values, facts, span)
            }
            ScalarClass::Random => ColumnFacts {
                surrogate: name.contains("UUID").then_some(span),
                constant: false,
                ..ColumnFacts::constant()
            },
            ScalarClass::Session | ScalarClass::Generator => {
                facts.constant = class == ScalarClass::Session || facts.constant;
                facts
            }
            ScalarClass::Choice => self.choice(name, args, &values, facts),
            ScalarClass::Predicate | ScalarClass::Measure => {
                let values_of = if class == ScalarClass::Measure {
                    LENGTHS
                } else {
                    BUCKETS.saturating_add(1)
                };
                let mut facts = predicate(facts.replace_by_buckets(values_of, span));
                if let ("ARRAY_LENGTH", [array]) = (name, values.as_slice()) {
                    facts.count.clone_from(&array.length);
                    // One person may decide which values there are, but not how
                    // many.
                    let made = array.length.as_ref().map(|counted| counted.span);
                    facts.single = facts.single.filter(|single| made != Some(*single));
                }
                facts
            }
            ScalarClass::QuantilesRead => {
                facts.sketch = None;
                facts.without_identity()
            }
            ScalarClass::SketchRead => {
                facts.sketch = None;
                let mut facts = facts.without_identity();
                facts.count = Some(Rc::new(Counted {
                    what: "an approximate count".to_owned(),
                    kind: CountKind::Approximate,
                    span,
                    people: Vec::new(),
                    partitions: Vec::new(),
                    undeclared: None,
                }));
                facts
            }
        }
    }

    /// Computes the facts of a value that is one of the arguments.
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
                    facts.total = facts.unit.is_some() && values.iter().any(|value| value.total);
                    if let Some(when) = self.first_there(values) {
                        // The value is present whichever side of a full join is.
                        facts.when = when;
                        if args.iter().rev().skip(1).all(is_taken) {
                            let feeds = values.iter().map(|value| value.feeds);
                            facts.feeds = feeds.min().unwrap_or_default();
                            facts.each = values.iter().all(|value| value.each);
                        }
                        facts.total |= facts.each && facts.when.is_empty();
                    }
                } else if fixed == rest.len() {
                    facts.unit = first.unit.clone().map(|mut unit| {
                        let known = &mut Rc::make_mut(&mut unit).constants;
                        *known = known.saturating_add(fixed as u64);
                        unit
                    });
                    facts.total = first.total;
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

    /// Whether a difference is one of functions of one value, which may be 0 for
    /// nearly all.
    fn subtracts_itself(&mut self, args: &[Expr]) -> bool {
        let [left, right, ..] = args else {
            return false;
        };
        let mine: Vec<Number> = left
            .columns()
            .into_iter()
            .map(|column| self.numbering.column(column))
            .collect();
        let mut theirs = right.columns().into_iter();
        theirs.any(|column| mine.contains(&self.numbering.column(column)))
    }

    /// The person that several values identify, if all identify the same.
    fn same_unit(&self, values: &[SharedFacts]) -> Option<Rc<UnitValue>> {
        let (first, others) = values.split_first()?;
        let unit = first.unit.as_ref()?;
        let same = others.iter().all(|other| {
            other.unit.as_ref().is_some_and(|other| {
                self.populations.find(other.pop) == self.populations.find(unit.pop)
                    && other.is_same(unit)
                    && other.constants == 0
            })
        });
        (same && unit.constants == 0).then(|| unit.clone())
    }

    /// Computes the facts of a truncated time, a part of a time, or a bucket of
    /// numbers.
    fn coarsened(
        &mut self,
        name: &str,
        known: Option<Resolution>,
        args: &[Expr],
        values: &[SharedFacts],
        mut facts: ColumnFacts,
        span: Span,
    ) -> ColumnFacts {
        match name {
            "MOD" | "RANGE_BUCKET" | "ML.BUCKETIZE" => {
                let few = match (name, args) {
                    ("MOD", [_, by]) => number(by).map(f64::abs),
                    (_, [_, bounds, ..]) => bounds_in(bounds),
                    _ => None,
                };
                #[expect(
                    clippy::cast_precision_loss,
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is not greater than the few buckets that there may be"
                )]
                let few = few
                    .filter(|few| *few <= BUCKETS as f64)
                    .map(|few| few.ceil() as u64);
                let Some(few) = few.filter(|_| values.iter().skip(1).all(|value| value.constant))
                else {
                    return facts;
                };
                // A bucket aggregates its people.
                for identity in &facts.identities {
                    if let Some(flow) = facts.sources.get_mut(&identity.source) {
                        *flow = Flow::Aggregated;
                    }
                }
                return facts.replace_by_buckets(few, span);
            }
            "DIV" => {
                if let ([clock, by], Some(from)) = (args, facts.resolution)
                    && let (Some(unit), Some(by)) = (clock_unit(clock), number(by))
                {
                    facts.resolution = Some(from.min(of_seconds(by / unit)));
                }
                return facts;
            }
            _ => {}
        }
        if self.is_duration(name, values) {
            facts.resolution = None;
            return facts;
        }
        let part = known.or_else(|| args.iter().find_map(date_part));
        if let (Some(part), Some(from)) = (part, facts.resolution) {
            facts.resolution = Some(from.min(part));
        }
        facts
    }
}

impl Analyzer<'_, '_> {
    /// Computes the coverage of a function's value from those of its arguments.
    fn call_coverage(
        &mut self,
        name: &str,
        info: Option<&'static FunctionInfo>,
        (args, values): (&[Expr], &[SharedFacts]),
        span: Span,
    ) -> Coverage {
        let mix = match (name, info.map(|info| info.class)) {
            ("/" | "SAFE_DIVIDE" | "IEEE_DIVIDE", _) if measured_values(values) <= 1 => {
                Combination::Scale
            }
            ("/" | "SAFE_DIVIDE" | "IEEE_DIVIDE", _) => Combination::Ratio,
            // A value is also shown if constants are added.
            ("+" | "-" | "SAFE_ADD" | "SAFE_SUBTRACT" | "CONCAT" | "||", _)
                if shows_one(args, values) =>
            {
                Combination::Scale
            }
            ("FORMAT", _) if shows_one(args, values) && prints_numbers(&args[0]) => {
                Combination::Scale
            }
            ("+" | "SAFE_ADD", _) => Combination::Sum,
            ("COALESCE" | "IFNULL", _) if self.is_null_only_without_rows(args) => {
                Combination::Choice
            }
            // A quotient that is cut off shows whether it is a whole number.
            ("ROUND" | "*" | "UNARY -", _) => Combination::Scale,
            // A text of one array prints its members.
            ("ARRAY_TO_STRING" | "TO_JSON_STRING" | "TO_JSON", _) if prints_one_array(values) => {
                return values[0].coverage.clone();
            }
            ("ARRAY_LENGTH", _) if values.iter().any(|array| array.length.is_some()) => {
                return self.measure(None, false, Adds::Nothing);
            }
            (_, Some(FunctionClass::Scalar(_))) => Combination::Any,
            (
                _,
                Some(
                    FunctionClass::Aggregate(_)
                    | FunctionClass::Analytic(_)
                    | FunctionClass::Table(_),
                )
                | None,
            ) => {
                // Nothing is known about a function without a visible body, except
                // that labels make its value a label.
                let labels = values
                    .iter()
                    .all(|value| matches!(value.coverage, Coverage::Label | Coverage::NoData));
                return if labels {
                    Coverage::Label
                } else {
                    Coverage::gap(GapReason::NotModelled, span)
                };
            }
        };
        let fresh = self.next_measure();
        let coverages = values.iter().map(|value| &value.coverage);
        let made = Coverage::mixed(coverages, mix, fresh, span);
        // An argument that is not measured may be a number that stands for whether
        // others are present.
        let told = values
            .iter()
            .any(|value| value.discloses_difference_in(&made));
        if told {
            Coverage::gap(GapReason::Combined, span)
        } else {
            made
        }
    }
}

impl Analyzer<'_, '_> {
    /// Whether all values except the last are NULL only if there is no row or value
    /// to read.
    ///
    /// A NULL that a condition or a function makes depends on what the value is.
    fn is_null_only_without_rows(&self, args: &[Expr]) -> bool {
        let before = args.split_last().map_or(&[][..], |(_, before)| before);
        let mut left = PARTS;
        before
            .iter()
            .all(|arg| self.is_taken_as_it_is(arg, &mut left))
    }

    /// Whether that holds for one value, of which at most `left` parts are visited.
    fn is_taken_as_it_is(&self, expr: &Expr, left: &mut usize) -> bool {
        let Some(fewer) = left.checked_sub(1) else {
            return false;
        };
        *left = fewer;
        match &expr.kind {
            ExprKind::Column(column) => match self.definitions.get(column) {
                Some(made) => self.is_taken_as_it_is(made, left),
                None => true,
            },
            ExprKind::Literal(_) | ExprKind::Parameter(_) | ExprKind::Variable(_) => true,
            ExprKind::Cast { value, safe, .. } => !safe && self.is_taken_as_it_is(value, left),
            ExprKind::Field(base, _) => self.is_taken_as_it_is(base, left),
            ExprKind::Call { name, args, .. } => {
                matches!(
                    name.as_str(),
                    "+" | "-"
                        | "*"
                        | "/"
                        | "SAFE_DIVIDE"
                        | "UNARY -"
                        | "ROUND"
                        | "COALESCE"
                        | "IFNULL"
                ) && args.iter().all(|arg| self.is_taken_as_it_is(arg, left))
            }
            _ => false,
        }
    }
}

/// Whether one value of a call is measured, and the others are constants.
fn shows_one(args: &[Expr], values: &[SharedFacts]) -> bool {
    let measured = |value: &SharedFacts| matches!(value.coverage, Coverage::Measured(_));
    let of_one = args.iter().zip(values);
    measured_values(values) == 1
        && of_one
            .filter(|(_, value)| !measured(value))
            .all(|(arg, value)| arg.is_fixed() && value.coverage == Coverage::NoData)
}

/// Whether a format prints exactly one number, unchanged or rounded.
fn prints_numbers(format: &Expr) -> bool {
    let ExprKind::Literal(Literal::String(text)) = &format.kind else {
        return false;
    };
    let mut parts = text.split('%').skip(1);
    let mut printed = 0;
    while let Some(part) = parts.next() {
        if part.is_empty() {
            // A percent sign, and the text after it.
            parts.next();
            continue;
        }
        let flags =
            part.trim_start_matches(|c: char| matches!(c, '\'' | '.') || c.is_ascii_digit());
        if !flags.starts_with(['d', 'i', 'f', 'F', 'e', 'E', 'g', 'G', 't', 'T']) {
            return false;
        }
        printed += 1;
    }
    printed == 1
}

/// Counts the measured values of a call.
fn measured_values(values: &[SharedFacts]) -> usize {
    let measured = |value: &&SharedFacts| matches!(value.coverage, Coverage::Measured(_));
    values.iter().filter(measured).count()
}

/// Whether the only argument that is not a constant is an array with measured
/// members.
///
/// Its members are values of several rows, or several measured values.
fn prints_one_array(values: &[SharedFacts]) -> bool {
    matches!(values, [first, rest @ ..]
        if matches!(first.coverage, Coverage::Collected(_) | Coverage::Listed(_))
            && rest.iter().all(|value| value.coverage == Coverage::NoData))
}

/// Whether combined values are each row's own: all are, under the same conditions.
pub(super) fn are_all_rows_own<'a>(values: impl IntoIterator<Item = &'a SharedFacts>) -> bool {
    let mut first: Option<&ColumnFacts> = None;
    values.into_iter().all(|value| {
        let same = value.constant || first.is_none_or(|first| first.when == value.when);
        if !value.constant {
            first = Some(value);
        }
        value.each && same
    })
}

/// How the rows that have the value contribute to a sum of it.
///
/// They contribute to multiples and sums of contributing values, all under the same
/// conditions, and to times between two values.
fn feeds(name: &str, args: &[Expr], values: &[SharedFacts]) -> Contribution {
    let all = || values.iter().map(|value| value.feeds).min();
    let least = all().unwrap_or_default();
    // `1 - IF(p, 1, 0)` counts those for whom `p` does not hold.
    let alike = || {
        let parts = || {
            let zero = |arg: &Expr| number(arg) == Some(0.0) || arg.is_null();
            let pairs = values.iter().zip(args);
            pairs
                .filter(move |(_, arg)| !zero(arg))
                .map(|(value, _)| &value.when)
        };
        parts().all(|when| Some(when) == parts().next())
    };
    let constants = || values.iter().zip(args).filter(|(value, _)| value.constant);
    let negative = || constants().any(|(_, arg)| number(arg).is_none_or(|number| number < 0.0));
    let feeding = |(value, arg): (&SharedFacts, &Expr)| {
        let known = number(arg).or_else(|| value.literal.as_ref().and_then(of_literal));
        known.is_some_and(|number| number != 0.0)
    };
    match name {
        // A function that returns NULL for large numbers selects rows by that, and
        // so does one that depends on a sign.
        "+" | "ZEROIFNULL" if alike() => least,
        // A replacement of NULL is summed in its place, so no value may have become
        // NULL.
        "COALESCE" | "IFNULL"
            if alike()
                && (values.iter().skip(1).all(|value| value.constant)
                    || args.iter().rev().skip(1).all(is_taken)) =>
        {
            least
        }
        "-" | "UNARY -" if alike() => least.min(Contribution::Signed),
        // The number of months or days between a time and a constant depends on the
        // time itself.
        "DATE_DIFF" | "TIMESTAMP_DIFF" | "DATETIME_DIFF" | "TIME_DIFF"
            if alike() && !values.iter().take(2).any(|value| value.constant) =>
        {
            least.min(Contribution::Signed)
        }
        // One factor of a product may be a truth value; none may be 0.
        "*" if constants().count() + 1 >= values.len() && constants().all(feeding) => {
            least.min(if negative() {
                Contribution::Signed
            } else {
                Contribution::Plain
            })
        }
        "/" | "SAFE_DIVIDE" | "IEEE_DIVIDE"
            if args.len() == 2 && number(&args[1]).is_some_and(|by| by.abs() >= 1.0) =>
        {
            least.min(if negative() {
                Contribution::Signed
            } else {
                Contribution::Plain
            })
        }
        _ => Contribution::No,
    }
}

/// Whether a value is a column, a field or a constant, or a cast of one.
fn is_taken(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(_) | ExprKind::Literal(_) => true,
        ExprKind::Field(base, _) => is_taken(base),
        ExprKind::Cast { value, .. } => is_taken(value),
        _ => false,
    }
}

/// Counts the buckets that an array of bounds makes.
fn bounds_in(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        #[expect(clippy::cast_precision_loss, reason = "an array that was written")]
        ExprKind::Array(items) => Some(items.len() as f64 + 1.0),
        _ => None,
    }
}

/// Returns how many units of a clock's count a second has.
///
/// `None` if the dividend is not such a call itself: only the call that makes the
/// number shows its unit.
fn clock_unit(expr: &Expr) -> Option<f64> {
    let ExprKind::Call { name, .. } = &expr.kind else {
        return None;
    };
    match name.as_str() {
        "UNIX_SECONDS" => Some(1.0),
        "UNIX_MILLIS" => Some(1e3),
        "UNIX_MICROS" => Some(1e6),
        _ => None,
    }
}

/// The resolution of a number of seconds that is divided by a constant.
fn of_seconds(by: f64) -> Resolution {
    match by.abs() {
        by if by >= 86_400.0 => Resolution::Day,
        by if by >= 3_600.0 => Resolution::Hour,
        by if by >= 60.0 => Resolution::Minute,
        _ => Resolution::Subsecond,
    }
}

/// The resolution of a date part that is an argument.
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
