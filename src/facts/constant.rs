//! Folding of expressions that are the same for every row.
//!
//! They are computed as the engine does: it rounds half away from zero and fails on
//! overflow. An expression is folded only if both certainly give the same value.

use std::cmp::Ordering;

use crate::plan::{Case, Comparison, Expr, ExprKind, Literal};

/// The value of an expression that reads no row.
#[derive(Debug, Clone, PartialEq)]
enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A NUMERIC or BIGNUMERIC, exact enough to be compared with whole numbers.
    Numeric(f64),
    Text(String),
}

/// 2^53: whole numbers up to it are exact as floating-point numbers.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Decimal digits that a floating-point number certainly preserves.
const DIGITS: usize = 15;

/// Folds an expression to a finite number; `None` if it is not known to be one.
pub fn number(expr: &Expr) -> Option<f64> {
    evaluate(expr).and_then(finite)
}

/// Returns the finite number of a literal, if it is one.
pub(super) fn of_literal(literal: &Literal) -> Option<f64> {
    constant(literal).and_then(finite)
}

fn finite(constant: Constant) -> Option<f64> {
    match constant {
        Constant::Int(value) => Some(float(value)),
        Constant::Float(value) | Constant::Numeric(value) => {
            Some(value).filter(|value| value.is_finite())
        }
        Constant::Null | Constant::Bool(_) | Constant::Text(_) => None,
    }
}

fn evaluate(expr: &Expr) -> Option<Constant> {
    match &expr.kind {
        ExprKind::Literal(literal) => constant(literal),
        ExprKind::Cast { value, to, safe: _ } => cast(&evaluate(value)?, to),
        ExprKind::Case(case) => chosen(case),
        ExprKind::Not(inner) => truth(&evaluate(inner)?).map(|truth| of_truth(truth.map(|t| !t))),
        ExprKind::IsNull(inner) => Some(Constant::Bool(evaluate(inner)? == Constant::Null)),
        ExprKind::And(parts) => connected(parts, false),
        ExprKind::Or(parts) => connected(parts, true),
        ExprKind::Compare(comparison, left, right) => {
            compared(*comparison, &evaluate(left)?, &evaluate(right)?)
        }
        ExprKind::Call { name, args, .. } => {
            let args: Option<Vec<Constant>> = args.iter().map(evaluate).collect();
            call(name, &args?)
        }
        ExprKind::Column(_)
        | ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::Field(..)
        | ExprKind::Element(..)
        | ExprKind::Struct(_)
        | ExprKind::Array(_)
        | ExprKind::InList { .. }
        | ExprKind::Lambda(..)
        | ExprKind::Subquery(_)
        | ExprKind::Either(_)
        | ExprKind::Unknown(_) => None,
    }
}

fn constant(literal: &Literal) -> Option<Constant> {
    match literal {
        Literal::Null => Some(Constant::Null),
        Literal::Bool(value) => Some(Constant::Bool(*value)),
        Literal::Int(value) => Some(Constant::Int(*value)),
        Literal::Float(value) => Some(Constant::Float(*value)),
        Literal::String(text) => Some(Constant::Text(text.clone())),
        Literal::Other(kind, text) => match kind.as_str() {
            "NUMERIC" | "BIGNUMERIC" => numeric(text),
            _ => None,
        },
    }
}

/// Parses a decimal number with few enough digits to be exact.
fn numeric(text: &str) -> Option<Constant> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits(whole)
        && digits(fraction)
        && fraction.len() <= 9
        && (1..=DIGITS).contains(&(whole.len() + fraction.len()));
    plain
        .then(|| text.parse().ok().map(Constant::Numeric))
        .flatten()
}

fn chosen(case: &Case) -> Option<Constant> {
    let mut found = None;
    for (condition, value) in &case.branches {
        if truth(&evaluate(condition)?)? == Some(true) {
            found = Some(value);
            break;
        }
    }
    let Some(value) = found.or(case.otherwise.as_ref()) else {
        return Some(Constant::Null);
    };
    let all = case.branches.iter().map(|(_, value)| value);
    one_of(evaluate(value)?, all.chain(&case.otherwise).map(evaluate))
}

/// Returns the chosen one of several values after all are converted to one type;
/// `None` for a fraction that is a FLOAT64 and that a NUMERIC among them may round.
fn one_of(chosen: Constant, mut all: impl Iterator<Item = Option<Constant>>) -> Option<Constant> {
    let fraction = matches!(chosen, Constant::Float(value) if value.fract() != 0.0);
    let may_round = |value: Option<Constant>| matches!(value, None | Some(Constant::Numeric(_)));
    (!fraction || !all.any(may_round)).then_some(chosen)
}

/// Folds AND, which one FALSE decides, or OR, which one TRUE decides.
fn connected(parts: &[Expr], decisive: bool) -> Option<Constant> {
    let mut all = Some(!decisive);
    for part in parts {
        match truth(&evaluate(part)?)? {
            Some(found) if found == decisive => return Some(Constant::Bool(decisive)),
            Some(_) => {}
            None => all = None,
        }
    }
    Some(of_truth(all))
}

/// Returns the truth of a value, `Some(None)` for NULL; `None` if it has none.
fn truth(value: &Constant) -> Option<Option<bool>> {
    match value {
        Constant::Bool(truth) => Some(Some(*truth)),
        Constant::Null => Some(None),
        Constant::Int(_) | Constant::Float(_) | Constant::Numeric(_) | Constant::Text(_) => None,
    }
}

fn of_truth(truth: Option<bool>) -> Constant {
    truth.map_or(Constant::Null, Constant::Bool)
}

fn compared(comparison: Comparison, left: &Constant, right: &Constant) -> Option<Constant> {
    let nulls = (*left == Constant::Null, *right == Constant::Null);
    if comparison == Comparison::Same && (nulls.0 || nulls.1) {
        return Some(Constant::Bool(nulls.0 && nulls.1));
    }
    if nulls.0 || nulls.1 {
        return Some(Constant::Null);
    }
    let order = order(left, right)?;
    Some(Constant::Bool(match comparison {
        Comparison::Eq | Comparison::Same => order.is_eq(),
        Comparison::NotEq => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::LtEq => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::GtEq => order.is_ge(),
    }))
}

fn order(left: &Constant, right: &Constant) -> Option<Ordering> {
    match (left, right) {
        (Constant::Int(a), Constant::Int(b)) => Some(a.cmp(b)),
        (Constant::Text(a), Constant::Text(b)) => Some(a.cmp(b)),
        (Constant::Bool(a), Constant::Bool(b)) => Some(a.cmp(b)),
        _ if is_rounded(left, right) || is_rounded(right, left) => None,
        _ => exact(left)?.partial_cmp(&exact(right)?),
    }
}

/// Whether a floating-point literal is rounded to nine digits.
///
/// It is rounded if the other value is a NUMERIC.
fn is_rounded(value: &Constant, beside: &Constant) -> bool {
    matches!((value, beside), (Constant::Float(value), Constant::Numeric(_)) if value.fract() != 0.0)
}

/// Converts a number to a floating-point number if that is exact.
fn exact(value: &Constant) -> Option<f64> {
    match value {
        Constant::Int(value) => Some(float(*value)).filter(|value| value.abs() < EXACT),
        Constant::Float(value) | Constant::Numeric(value) => Some(*value),
        Constant::Null | Constant::Bool(_) | Constant::Text(_) => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bounds on people are far below 2^53, and a float is rounded there too"
)]
fn float(value: i64) -> f64 {
    value as f64
}

/// Rounds a number to a whole one, half away from zero; `None` if it is too large.
fn whole(value: f64) -> Option<Constant> {
    let rounded = value.round();
    #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
    (rounded.abs() < EXACT).then_some(Constant::Int(rounded as i64))
}

fn cast(value: &Constant, to: &str) -> Option<Constant> {
    match (value, to) {
        (Constant::Null, _) => Some(Constant::Null),
        (Constant::Int(_), "INT64")
        | (Constant::Float(_), "FLOAT64")
        | (Constant::Text(_), "STRING")
        | (Constant::Bool(_), "BOOL") => Some(value.clone()),
        (Constant::Bool(truth), "INT64") => Some(Constant::Int(i64::from(*truth))),
        (Constant::Float(number) | Constant::Numeric(number), "INT64") => whole(*number),
        (Constant::Text(text), "INT64") => text.trim().parse().ok().map(Constant::Int),
        (Constant::Int(number), "FLOAT64") => Some(Constant::Float(float(*number))),
        (Constant::Text(text), "FLOAT64") => {
            let text = text.trim();
            let plain = text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let number: Option<f64> = plain.then(|| text.parse().ok()).flatten();
            number
                .filter(|number| number.is_finite())
                .map(Constant::Float)
        }
        (Constant::Int(_), "NUMERIC" | "BIGNUMERIC") => exact(value).map(Constant::Numeric),
        // A floating-point number has more digits than it shows, and they are
        // rounded.
        (Constant::Float(number), "NUMERIC" | "BIGNUMERIC") => {
            (number.fract() == 0.0 && number.abs() < EXACT).then_some(Constant::Numeric(*number))
        }
        (Constant::Text(text), "NUMERIC" | "BIGNUMERIC") => numeric(text),
        (Constant::Int(number), "STRING") => Some(Constant::Text(number.to_string())),
        _ => None,
    }
}

fn call(name: &str, args: &[Constant]) -> Option<Constant> {
    use Constant::{Float, Int, Null, Numeric};
    match (name, args) {
        ("SAFE CALL", [value]) => return Some(value.clone()),
        ("COALESCE" | "IFNULL", [others @ .., last]) => {
            let first = others.iter().find(|arg| **arg != Null);
            let all = args.iter().cloned().map(Some);
            return one_of(first.unwrap_or(last).clone(), all);
        }
        ("NULLIF", [a, b]) => {
            return match compared(Comparison::Eq, a, b)? {
                Constant::Bool(true) => Some(Null),
                _ => one_of(a.clone(), [Some(b.clone())].into_iter()),
            };
        }
        _ => {}
    }
    // The other functions return NULL for NULL.
    if args.contains(&Null) {
        return is_folded(name).then_some(Null);
    }
    match (name, args) {
        ("+" | "*", [first, others @ ..]) => others
            .iter()
            .try_fold(first.clone(), |all, next| arithmetic(name, &all, next)),
        ("-" | "/", [a, b]) => arithmetic(name, a, b),
        ("DIV", [Int(a), Int(b)]) => a.checked_div(*b).map(Int),
        ("MOD", [Int(a), Int(b)]) => a.checked_rem(*b).map(Int),
        ("SAFE_DIVIDE", [a, b]) => match exact(b)? {
            0.0 => Some(Null),
            _ => arithmetic("/", a, b),
        },
        ("SAFE_ADD", [a, b]) => arithmetic("+", a, b),
        ("SAFE_SUBTRACT", [a, b]) => arithmetic("-", a, b),
        ("SAFE_MULTIPLY", [a, b]) => arithmetic("*", a, b),
        ("UNARY -" | "SAFE_NEGATE", [Int(a)]) => a.checked_neg().map(Int),
        ("UNARY -" | "SAFE_NEGATE", [Float(a)]) => Some(Float(-a)),
        ("UNARY -" | "SAFE_NEGATE", [Numeric(a)]) => Some(Numeric(-a)),
        ("ABS", [Int(a)]) => a.checked_abs().map(Int),
        ("ABS", [Float(a)]) => Some(Float(a.abs())),
        ("ROUND", [Int(a)]) => exact(&Int(*a)).map(Float),
        ("ROUND", [Float(a)]) => Some(Float(a.round())),
        ("CEIL" | "CEILING", [Float(a)]) => Some(Float(a.ceil())),
        ("FLOOR", [Float(a)]) => Some(Float(a.floor())),
        ("TRUNC", [Float(a)]) => Some(Float(a.trunc())),
        ("CEIL" | "CEILING" | "FLOOR" | "TRUNC", [Int(a)]) => exact(&Int(*a)).map(Float),
        ("POW" | "POWER", [Int(a), Int(b)]) => {
            let power = a.checked_pow(u32::try_from(*b).ok()?)?;
            exact(&Int(power)).map(Float)
        }
        ("GREATEST" | "LEAST", [first, others @ ..]) => {
            let wanted = if name == "LEAST" {
                Ordering::Less
            } else {
                Ordering::Greater
            };
            others.iter().try_fold(first.clone(), |best, next| {
                let better = order(next, &best)? == wanted;
                Some(if better { next.clone() } else { best })
            })
        }
        _ => None,
    }
}

/// Whether a call is folded here, so that it returns NULL for NULL.
fn is_folded(name: &str) -> bool {
    matches!(
        name,
        "+" | "-"
            | "*"
            | "/"
            | "DIV"
            | "MOD"
            | "SAFE_DIVIDE"
            | "SAFE_ADD"
            | "SAFE_SUBTRACT"
            | "SAFE_MULTIPLY"
            | "SAFE_NEGATE"
            | "UNARY -"
            | "ABS"
            | "ROUND"
            | "CEIL"
            | "CEILING"
            | "FLOOR"
            | "TRUNC"
            | "POW"
            | "POWER"
            | "GREATEST"
            | "LEAST"
    )
}

fn arithmetic(sign: &str, a: &Constant, b: &Constant) -> Option<Constant> {
    if let (Constant::Int(a), Constant::Int(b)) = (a, b) {
        match sign {
            "+" => return a.checked_add(*b).map(Constant::Int),
            "-" => return a.checked_sub(*b).map(Constant::Int),
            "*" => return a.checked_mul(*b).map(Constant::Int),
            _ => {}
        }
    }
    if is_rounded(a, b) || is_rounded(b, a) {
        return None;
    }
    let decimal = matches!(a, Constant::Numeric(_)) || matches!(b, Constant::Numeric(_));
    let binary = matches!(a, Constant::Float(_)) || matches!(b, Constant::Float(_));
    let (a, b) = (exact(a)?, exact(b)?);
    let result = match sign {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" if b != 0.0 => a / b,
        _ => return None,
    };
    if !result.is_finite() {
        return None;
    }
    if binary || !decimal {
        return Some(Constant::Float(result));
    }
    // Decimals are not computed like floating-point numbers, but whole ones are.
    let whole = |value: f64| value.fract() == 0.0 && value.abs() < EXACT;
    (whole(a) && whole(b) && whole(result)).then_some(Constant::Numeric(result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn literal(literal: Literal) -> Expr {
        Expr::new(ExprKind::Literal(literal), Span::default())
    }

    fn called(name: &str, args: Vec<Expr>) -> Expr {
        let kind = ExprKind::Call {
            name: name.to_owned(),
            info: crate::plan::functions::lookup(name),
            args,
        };
        Expr::new(kind, Span::default())
    }

    fn cast_to(value: Literal, to: &str) -> Expr {
        let kind = ExprKind::Cast {
            value: Box::new(literal(value)),
            to: to.to_owned(),
            safe: false,
        };
        Expr::new(kind, Span::default())
    }

    #[test]
    fn cast_to_int64_rounds_half_away_from_zero() {
        for (value, expected) in [(4999.4, 4999.0), (4999.5, 5000.0), (-2.5, -3.0)] {
            let found = number(&cast_to(Literal::Float(value), "INT64"));
            assert_eq!(found, Some(expected), "{value}");
        }
    }

    #[test]
    fn cast_of_text_reads_whole_numbers_only_as_the_engine_does() {
        let of = |text: &str, to: &str| number(&cast_to(Literal::String(text.to_owned()), to));
        assert_eq!(of(" 5000 ", "INT64"), Some(5000.0));
        assert_eq!(of("5000.0", "INT64"), None);
        assert_eq!(of("5000", "DATE"), None);
        assert_eq!(of("4999.5", "NUMERIC"), Some(4999.5));
        assert_eq!(of("0.99999999999", "NUMERIC"), None);
        assert_eq!(of("5e3", "FLOAT64"), Some(5000.0));
    }

    #[test]
    fn calls_fold_as_the_engine_computes_them() {
        let int = |value| literal(Literal::Int(value));
        let float = |value| literal(Literal::Float(value));
        for (name, args, expected) in [
            ("DIV", vec![int(10_000), int(2)], Some(5000.0)),
            ("DIV", vec![int(-7), int(2)], Some(-3.0)),
            ("DIV", vec![int(7), int(0)], None),
            ("MOD", vec![int(-7), int(2)], Some(-1.0)),
            ("/", vec![int(10_001), int(2)], Some(5000.5)),
            ("/", vec![int(1), int(0)], None),
            ("SAFE_DIVIDE", vec![int(1), int(0)], None),
            ("SAFE_DIVIDE", vec![int(10_000), int(2)], Some(5000.0)),
            ("*", vec![int(5), int(1000)], Some(5000.0)),
            ("*", vec![int(i64::MAX), int(2)], None),
            ("ROUND", vec![float(2.5)], Some(3.0)),
            ("ROUND", vec![float(2.54), int(1)], None),
            ("GREATEST", vec![int(1), float(2.5)], Some(2.5)),
            ("LEAST", vec![int(1), literal(Literal::Null)], None),
            ("COALESCE", vec![literal(Literal::Null), int(5)], Some(5.0)),
            ("POW", vec![int(10), int(3)], Some(1000.0)),
            ("POW", vec![int(10), int(-3)], None),
        ] {
            let found = number(&called(name, args));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn constant_of_another_type_is_no_number() {
        let bytes = Literal::Other("BYTES".to_owned(), "5000".to_owned());
        assert_eq!(number(&literal(bytes)), None);
        assert_eq!(number(&literal(Literal::String("5000".to_owned()))), None);
    }
}
