//! Values, and how GoogleSQL compares them.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::{Cell, People, Pop, Stop};
use crate::budget::spend;

/// A value.
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
    /// A STRUCT; fields may be nameless.
    Struct(Rc<[(Option<Rc<str>>, Cell)]>),
}

/// An element of an array.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its value.
    pub cell: Cell,
    /// The people behind the row that it was collected from; `None` where it was
    /// written in the query.
    pub row: Option<Rc<People>>,
}

impl Value {
    /// A string.
    pub fn string(text: &str) -> Self {
        Self::String(Rc::from(text))
    }

    /// Counts what it holds itself, when it was made.
    pub(super) fn spend(&self) {
        spend(match self {
            Self::String(text) | Self::Date(text) => text.len() / 16,
            Self::Array(elements) => elements.len(),
            Self::Struct(fields) => fields.len(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        });
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is the number 0.
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

    /// As a truth value: `None` is NULL.
    pub(super) fn truth(&self) -> Result<Option<bool>, Stop> {
        match self {
            Self::Null => Ok(None),
            Self::Bool(truth) => Ok(Some(*truth)),
            Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Date(_)
            | Self::Array(_)
            | Self::Struct(_) => Stop::unsupported("a condition that is no BOOL"),
        }
    }

    pub(super) fn of_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }

    /// How GROUP BY, DISTINCT and the set operators compare: NULL is NULL, NaN
    /// is NaN.
    pub fn same(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }

    /// The order of ORDER BY: NULL before NaN before all else. Values of
    /// different types, which no column mixes, are in the order of types.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => order_floats(*a, *b),
            (Self::Int(a), Self::Float(b)) => order_floats(float(*a), *b),
            (Self::Float(a), Self::Int(b)) => order_floats(*a, float(*b)),
            (Self::String(a), Self::String(b)) | (Self::Date(a), Self::Date(b)) => {
                spend(a.len().min(b.len()) / 64);
                a.cmp(b)
            }
            (Self::Array(a), Self::Array(b)) => order_all(
                a.iter().map(|element| &element.cell.value),
                b.iter().map(|element| &element.cell.value),
            ),
            (Self::Struct(a), Self::Struct(b)) => order_all(
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

    /// How `=` and `<` compare: `None` where NULL or NaN is among them.
    pub(super) fn compare(&self, other: &Self) -> Result<Option<Ordering>, Stop> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => return Ok(None),
            // A string that stands where a date is meant is one.
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
                return Stop::unsupported("a comparison of arrays");
            }
            _ => {}
        }
        if self.kind() != other.kind() {
            return Stop::unsupported("a comparison of two types");
        }
        if self.is_nan() || other.is_nan() {
            return Ok(None);
        }
        Ok(Some(self.order(other)))
    }

    fn is_nan(&self) -> bool {
        matches!(self, Self::Float(number) if number.is_nan())
    }

    /// The same with the inputs of the people inside under other names.
    pub(super) fn renamed(&self, name: &impl Fn(Pop) -> Option<Pop>) -> Self {
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

/// As SQL would write it.
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

/// Exact up to 2^53, as the language's own coercion.
#[expect(clippy::cast_precision_loss, reason = "so does GoogleSQL")]
pub(super) fn float(number: i64) -> f64 {
    number as f64
}

fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

fn order_all<'a>(
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
