//! Column names that GoogleSQL derives from the values of PIVOT.

use crate::plan::{Expr, ExprKind, Literal};

/// Maximal length of a FLOAT64 whose text is certainly the one that was written.
const FLOAT_DIGITS: usize = 15;

/// The part of a PIVOT column's name that a value contributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PivotValueName {
    /// An alias, or text that is the name as it is.
    Text(String),
    /// Text that starts with a digit, which a name cannot start with.
    Digits(String),
}

impl PivotValueName {
    /// Returns the column's name, after the alias of the aggregate if it has one.
    pub(super) fn after(&self, prefix: Option<&str>) -> String {
        match (prefix, self) {
            (Some(prefix), Self::Text(shown) | Self::Digits(shown)) => {
                format!("{prefix}_{shown}")
            }
            (None, Self::Text(shown)) => shown.clone(),
            (None, Self::Digits(shown)) => format!("_{shown}"),
        }
    }
}

/// Returns the joint name of several values; `None` unless it is certain.
pub(super) fn shown_values(values: &[Expr]) -> Option<PivotValueName> {
    let (first, others) = values.split_first()?;
    let first = shown_value(first)?;
    let mut rest = String::new();
    for value in others {
        rest.push('_');
        rest.push_str(&match shown_value(value)? {
            PivotValueName::Text(shown) | PivotValueName::Digits(shown) => shown,
        });
    }
    Some(match first {
        PivotValueName::Text(shown) => PivotValueName::Text(shown + &rest),
        PivotValueName::Digits(shown) => PivotValueName::Digits(shown + &rest),
    })
}

/// Returns the name of one value; `None` unless it is certain.
///
/// The name of a struct is not: it contains the field names if the column's type has
/// them.
fn shown_value(value: &Expr) -> Option<PivotValueName> {
    let ExprKind::Literal(literal) = &value.kind else {
        return None;
    };
    match literal {
        Literal::String(text) => {
            (!text.is_empty() && !may_be_a_date(text)).then(|| PivotValueName::Text(text.clone()))
        }
        Literal::Int(number) => Some(shown_number(&number.to_string())),
        // Only a NUMERIC column has such names, so no digit may be lost.
        Literal::Float(number) => {
            let text = number.to_string();
            (is_plain(&text) && text.len() <= FLOAT_DIGITS).then(|| shown_number(&text))
        }
        Literal::Bool(truth) => Some(PivotValueName::Text(truth.to_string())),
        Literal::Null => Some(PivotValueName::Text("NULL".to_owned())),
        Literal::Other(kind, text) if kind == "DATE" => shown_date(text),
        Literal::Other(kind, text) if kind == "NUMERIC" || kind == "BIGNUMERIC" => {
            is_plain(text).then(|| shown_number(text))
        }
        Literal::Other(..) => None,
    }
}

fn shown_number(text: &str) -> PivotValueName {
    let digits = text.replace('.', "_point_");
    match digits.strip_prefix('-') {
        Some(digits) => PivotValueName::Text(format!("minus_{digits}")),
        None => PivotValueName::Digits(digits),
    }
}

/// Returns whether a number is written canonically: no exponent, no extra zeros.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|fraction| are_digits(fraction) && !fraction.ends_with('0'))
        && text != "-0"
}

fn shown_date(text: &str) -> Option<PivotValueName> {
    let parts: Vec<u32> = text
        .split('-')
        .map(|part| {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        })
        .collect::<Option<_>>()?;
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    Some(PivotValueName::Digits(format!(
        "{year}_{month:02}_{day:02}"
    )))
}

/// Returns whether a text may be a date, in case the column is a DATE.
fn may_be_a_date(text: &str) -> bool {
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    dashes == 2 && !text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn name(prefix: Option<&str>, values: &[Literal]) -> Option<String> {
        let values: Vec<Expr> = values
            .iter()
            .map(|value| Expr::new(ExprKind::Literal(value.clone()), Span::default()))
            .collect();
        shown_values(&values).map(|shown| shown.after(prefix))
    }

    #[test]
    fn names_are_those_of_googlesql() {
        let of_type = |kind: &str, text: &str| Literal::Other(kind.to_owned(), text.to_owned());
        let text = |text: &str| Literal::String(text.to_owned());
        for (prefix, values, expected) in [
            (None, vec![Literal::Int(-1)], Some("minus_1")),
            (Some("m"), vec![Literal::Int(-1)], Some("m_minus_1")),
            (None, vec![Literal::Int(4)], Some("_4")),
            (Some("m"), vec![Literal::Int(4)], Some("m_4")),
            (
                None,
                vec![Literal::Int(1), Literal::Bool(true)],
                Some("_1_true"),
            ),
            (
                None,
                vec![Literal::Null, Literal::Int(-2)],
                Some("NULL_minus_2"),
            ),
            (None, vec![Literal::Float(-0.5)], Some("minus_0_point_5")),
            (None, vec![Literal::Float(-0.0)], None),
            (None, vec![of_type("DATE", "2020-3-1")], Some("_2020_03_01")),
            (
                Some("m"),
                vec![of_type("DATE", "2020-03-01")],
                Some("m_2020_03_01"),
            ),
            (None, vec![of_type("DATE", "soon")], None),
            (None, vec![of_type("NUMERIC", "1.5")], Some("_1_point_5")),
            (None, vec![of_type("NUMERIC", "1.50")], None),
            (None, vec![of_type("BYTES", "a")], None),
            (None, vec![text("a b")], Some("a b")),
            (None, vec![text("2020")], Some("2020")),
            (None, vec![text("2020-03-01")], None),
            (None, vec![text("")], None),
        ] {
            assert_eq!(name(prefix, &values).as_deref(), expected, "{values:?}");
        }
    }
}
