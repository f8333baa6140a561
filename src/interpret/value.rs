//! Values, and their comparison in GoogleSQL.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::{Cell, ExecutionError, People, PrivateInput};
use crate::budget::spend;

/// A value of a column or expression.
#[derive(Debug, Clone)]
pub enum Value {
    /// NULL of any type.
    Null,
    /// A BOOL.
    Bool(bool),
    /// An INT64.
    Int(i64),
    /// A FLOAT64.
    Float(f64),
    /// A STRING.
    String(Rc<str>),
    /// A DATE as `YYYY-MM-DD`.
    Date(Rc<str>),
    /// An ARRAY.
    Array(Rc<[Element]>),
    /// A STRUCT; its fields may have no name.
    Struct(Rc<[(Option<Rc<str>>, Cell)]>),
}

/// An element of an array.
#[derive(Debug, Clone)]
pub struct Element {
    /// The value of the element.
    pub cell: Cell,
    /// The people behind the row from which it was collected.
    ///
    /// `None` if the query itself contains the element.
    pub row: Option<Rc<People>>,
}

impl Value {
    /// Creates a STRING.
    pub fn string(text: &str) -> Self {
        Self::String(Rc::from(text))
    }

    /// Charges the budget for the contents of a new value, without nested values.
    pub(super) fn spend(&self) {
        spend(match self {
            Self::String(text) | Self::Date(text) => text.len() / 16,
            Self::Array(elements) => elements.len(),
            Self::Struct(fields) => fields.len(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        });
    }

    /// Whether the value is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is the number 0.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Int(number) => *number == 0,
            Self::Float(number) => *number == 0.0,
            Self::Null
            | Self::Bool(_)
            | Self::String(_)
            | Self::Date(_)
            | Self::Array(_)
            | Self::Struct(_) => false,
        }
    }

    /// Returns the value as a truth value; `None` is NULL.
    pub(super) fn truth(&self) -> Result<Option<bool>, ExecutionError> {
        match self {
            Self::Null => Ok(None),
            Self::Bool(truth) => Ok(Some(*truth)),
            Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Date(_)
            | Self::Array(_)
            | Self::Struct(_) => ExecutionError::unsupported("a condition that is no BOOL"),
        }
    }

    pub(super) fn of_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }

    /// Whether GROUP BY, DISTINCT and the set operators treat two values as equal.
    ///
    /// NULL equals NULL, and NaN equals NaN.
    pub fn same(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }

    /// Compares two values as ORDER BY does: NULL before NaN before all others.
    ///
    /// Values of different types, which no column contains, are in the order of
    /// their types.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => compare_floats(*a, *b),
            (Self::Int(a), Self::Float(b)) => compare_floats(float(*a), *b),
            (Self::Float(a), Self::Int(b)) => compare_floats(*a, float(*b)),
            (Self::String(a), Self::String(b)) | (Self::Date(a), Self::Date(b)) => {
                spend(a.len().min(b.len()) / 64);
                a.cmp(b)
            }
            (Self::Array(a), Self::Array(b)) => compare_sequences(
                a.iter().map(|element| &element.cell.value),
                b.iter().map(|element| &element.cell.value),
            ),
            (Self::Struct(a), Self::Struct(b)) => compare_sequences(
                a.iter().map(|(_, cell)| &cell.value),
                b.iter().map(|(_, cell)| &cell.value),
            ),
            (a, b) => a.kind().cmp(&b.kind()),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Float(_) => 2,
            Self::String(_) => 3,
            Self::Date(_) => 4,
            Self::Array(_) => 5,
            Self::Struct(_) => 6,
        }
    }

    /// Compares two values as `=` and `<` do; `None` if NULL or NaN is involved.
    pub(super) fn compare(&self, other: &Self) -> Result<Option<Ordering>, ExecutionError> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => return Ok(None),
            // A string that is compared with a date is converted to a date.
            (Self::String(a), Self::Date(b)) | (Self::Date(a), Self::String(b)) => {
                return Ok(Some(a.cmp(b)));
            }
            (Self::Struct(a), Self::Struct(b)) => {
                spend(a.len());
                let mut unknown = false;
                for ((_, a), (_, b)) in a.iter().zip(b.iter()) {
                    match a.value.compare(&b.value)? {
                        Some(Ordering::Equal) => {}
                        Some(order) => return Ok(Some(order)),
                        None => unknown = true,
                    }
                }
                return Ok((!unknown).then_some(Ordering::Equal));
            }
            (Self::Array(_), _) | (_, Self::Array(_)) => {
                return ExecutionError::unsupported("a comparison of arrays");
            }
            _ => {}
        }
        if self.kind() != other.kind() {
            return ExecutionError::unsupported("a comparison of two types");
        }
        if self.is_nan() || other.is_nan() {
            return Ok(None);
        }
        Ok(Some(self.order(other)))
    }

    fn is_nan(&self) -> bool {
        matches!(self, Self::Float(number) if number.is_nan())
    }

    /// Returns the same value with other names for the inputs of the people in it.
    pub(super) fn renamed(&self, name: &impl Fn(PrivateInput) -> Option<PrivateInput>) -> Self {
        self.spend();
        match self {
            Self::Array(elements) => Self::Array(
                elements
                    .iter()
                    .map(|element| Element {
                        cell: element.cell.renamed(name),
                        row: element.row.as_ref().map(|row| Rc::new(row.renamed(name))),
                    })
                    .collect(),
            ),
            Self::Struct(fields) => Self::Struct(
                fields
                    .iter()
                    .map(|(field, cell)| (field.clone(), cell.renamed(name)))
                    .collect(),
            ),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Date(_) => self.clone(),
        }
    }
}

/// Formats the value as SQL writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(truth) => f.write_str(if *truth { "TRUE" } else { "FALSE" }),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::String(text) => {
                self.spend();
                write!(f, "'{text}'")
            }
            Self::Date(text) => write!(f, "DATE '{text}'"),
            Self::Array(elements) => {
                spend(elements.len());
                let shown: Vec<String> = elements
                    .iter()
                    .map(|element| element.cell.value.to_string())
                    .collect();
                write!(f, "[{}]", shown.join(", "))
            }
            Self::Struct(fields) => {
                spend(fields.len());
                let shown: Vec<String> = fields
                    .iter()
                    .map(|(_, cell)| cell.value.to_string())
                    .collect();
                write!(f, "({})", shown.join(", "))
            }
        }
    }
}

/// Converts as GoogleSQL's own coercion does: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "so does GoogleSQL")]
pub(super) fn float(number: i64) -> f64 {
    number as f64
}

fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

fn compare_sequences<'a>(
    a: impl ExactSizeIterator<Item = &'a Value>,
    b: impl ExactSizeIterator<Item = &'a Value>,
) -> Ordering {
    spend(a.len().min(b.len()));
    let lengths = a.len().cmp(&b.len());
    a.zip(b)
        .map(|(a, b)| a.order(b))
        .find(|order| order.is_ne())
        .unwrap_or(lengths)
}
