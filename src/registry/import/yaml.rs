//! Parses YAML in the same way as the tools that own the definitions.
//!
//! If a key occurs twice in a mapping, the last value wins.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use yaml_serde::{Mapping, Value};

use crate::catalog::CatalogError;

/// Parses a text as YAML, with its merge keys (`<<: *name`) applied.
pub(super) fn parse(path: &str, text: &str) -> Result<Value, CatalogError> {
    let wrong = |error: yaml_serde::Error| {
        let at = error.location().map(|place| (place.line(), place.column()));
        CatalogError::new(
            path,
            format!("not YAML: {error}"),
            "correct the file at this place",
        )
        .at(at)
    };
    let LastWins(mut value) = yaml_serde::from_str(text).map_err(wrong)?;
    value.apply_merge().map_err(wrong)?;
    Ok(value)
}

/// A YAML value; if a key occurs twice in a mapping, the last value wins.
struct LastWins(Value);

impl<'de> Deserialize<'de> for LastWins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of YAML")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(LastWins(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Sequence(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Mapping::new();
        while let Some((LastWins(key), LastWins(value))) = entries.next_entry()? {
            all.insert(key, value);
        }
        Ok(Value::Mapping(all))
    }
}
