//! Bounds the output of string methods in advance: a short text can request many
//! gigabytes. MiniJinja meters its own filters; the methods are in another crate,
//! which meters nothing.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use super::lazy::Lazy;
use super::mutable::pairs;
use super::unknown::Unknown;

/// The number of bytes that one unit of fuel pays for.
const BYTES_OF_FUEL: usize = 64;
/// The number of visited items that one unit of fuel pays for.
const READ_OF_FUEL: usize = 8;
/// The maximum number of items of a mapping that are searched for a width.
const MEASURED: usize = 1_000;
/// The maximum depth of nested values; code that traverses a value recurses per
/// level.
const DEEPEST: usize = 200;

/// The size of a value's full traversal. A part that occurs several times counts
/// each time.
#[derive(Debug, Clone, Copy, Default)]
struct TraversalSize {
    /// The number of values, plus one for every four bytes of a text.
    items: usize,
    /// The approximate length of the value as a text, in bytes.
    bytes: usize,
}

/// Measures a value; `None` if it has more than `most` items.
fn seen(value: &Value, most: usize) -> Option<TraversalSize> {
    let mut seen = TraversalSize::default();
    let mut waiting = vec![(value.clone(), 0)];
    while let Some((value, depth)) = waiting.pop() {
        let text = value.as_str().map(str::len);
        seen.items = seen.items.saturating_add(1 + text.unwrap_or(0) / 4);
        seen.bytes = seen.bytes.saturating_add(text.map_or(8, |text| text + 4));
        if seen.items > most || depth > DEEPEST {
            return None;
        }
        let inside = parts(&value).into_iter();
        waiting.extend(inside.map(|part| (part, depth + 1)));
    }
    Some(seen)
}

/// Returns the parts of a value, keys as well as values.
fn parts(value: &Value) -> Vec<Value> {
    // An unknown value has no parts; reading a lazy value would use it up.
    if value.downcast_object_ref::<Unknown>().is_some() {
        return Vec::new();
    }
    if let Some(lazy) = value.downcast_object_ref::<Lazy>() {
        return lazy.waiting();
    }
    if let Some(pairs) = pairs(value) {
        return pairs
            .into_iter()
            .flat_map(|(key, value)| [key, value])
            .collect();
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().map(Iterator::collect).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Measures values and takes the fuel for traversing them `times` times.
fn pay<'a>(
    state: &State<'_, '_>,
    times: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<TraversalSize, Error> {
    let (_, left) = state.fuel_levels().unwrap_or((0, u64::MAX));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let most = left.saturating_mul(READ_OF_FUEL) / times.max(1);
    let mut total = TraversalSize::default();
    for value in values {
        // A scalar that is not a text costs nothing.
        if value.as_object().is_none() && value.as_str().is_none() {
            continue;
        }
        let Some(seen) = seen(value, most.saturating_sub(total.items)) else {
            state.consume_fuel(u64::MAX)?;
            return Err(Error::from(ErrorKind::OutOfFuel));
        };
        total.items = total.items.saturating_add(seen.items);
        total.bytes = total.bytes.saturating_add(seen.bytes);
    }
    let cost = total.items.saturating_mul(times) / READ_OF_FUEL;
    state.consume_fuel(cost as u64)?;
    Ok(total)
}

/// Takes the fuel for the maximum output of a string method.
pub(super) fn charge_fuel(
    state: &State<'_, '_>,
    text: &str,
    method: &str,
    args: &[Value],
) -> Result<(), Error> {
    let given = pay(state, 1, args)?.bytes;
    let made = match method {
        "format" => formatted(text, args, given),
        "replace" => replaced(text, args),
        "join" => {
            let items = args.first().and_then(Value::len).unwrap_or(0);
            given.saturating_add(items.saturating_mul(text.len()))
        }
        _ => text.len(),
    };
    state.consume_fuel((made / BYTES_OF_FUEL) as u64)
}

/// Takes the fuel for traversing values to their end `times` times. Filters, tests,
/// comparisons, methods of lists and output traverse values, and MiniJinja meters
/// only some of these.
pub(super) fn charge_traversal<'a>(
    state: &State<'_, '_>,
    times: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<(), Error> {
    pay(state, times, values).map(|_| ())
}

/// Takes the fuel for lookups in a dictionary. A compound key is compared with every
/// key that is present.
pub(super) fn charge_lookup(
    state: &State<'_, '_>,
    within: &Value,
    keys: &[Value],
) -> Result<(), Error> {
    let made_of_others = keys.iter().filter(|key| key.as_object().is_some());
    charge_traversal(state, within.len().unwrap_or(1), made_of_others)
}

/// Takes the fuel for writing or hashing a value, and returns the value.
pub(super) fn paid(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    charge_traversal(state, 1, [&value])?;
    Ok(value)
}

/// Takes the fuel for a value that was created.
pub(super) fn charge_output(state: &State<'_, '_>, made: &Value) -> Result<(), Error> {
    let bytes = made.as_str().map_or(0, str::len);
    state.consume_fuel((bytes / BYTES_OF_FUEL) as u64)
}

/// Bounds a formatted text: each field is as long as all arguments plus the largest
/// width.
fn formatted(text: &str, args: &[Value], given: usize) -> usize {
    let fields = text.matches('{').count();
    // A width may be an argument, too.
    let asked = args.iter().map(largest).max().unwrap_or(0);
    let written = text
        .split(|character: char| !character.is_ascii_digit())
        .map(|digits| match digits {
            "" => 0,
            digits => digits.parse().unwrap_or(usize::MAX),
        })
        .max()
        .unwrap_or(0);
    let nested = text.contains(":{") || text.contains("{:") && fields > 1;
    let width = written.max(if nested { asked } else { 0 });
    text.len()
        .saturating_add(fields.saturating_mul(given.saturating_add(width)))
}

/// Returns the largest number in a value that may be a width.
fn largest(value: &Value) -> usize {
    if value.is_kwargs() || value.kind() == ValueKind::Map {
        let values = value.try_iter().ok().into_iter().flatten();
        let values = values
            .take(MEASURED)
            .filter_map(|key| value.get_item(&key).ok());
        return values
            .map(|value| value.as_usize().unwrap_or(0))
            .max()
            .unwrap_or(0);
    }
    value.as_usize().unwrap_or(0)
}

fn replaced(text: &str, args: &[Value]) -> usize {
    let word = |at: usize| args.get(at).and_then(Value::as_str);
    let (Some(from), Some(to)) = (word(0), word(1)) else {
        return text.len();
    };
    let times = match from {
        "" => text.chars().count().saturating_add(1),
        from => text.matches(from).count(),
    };
    text.len().saturating_add(times.saturating_mul(to.len()))
}

#[cfg(test)]
mod tests {
    use super::{formatted, replaced};
    use minijinja::Value;

    #[test]
    fn what_is_made_is_known_before() {
        assert!(formatted("{:100000000000}", &[Value::from(1)], 8) >= 100_000_000_000);
        assert!(formatted("{:{}}", &[Value::from(1), Value::from(1_000_000)], 16) >= 1_000_000);
        assert!(formatted("{}", &[Value::from(1_000_000)], 8) < 100);
        let long = "a".repeat(1_000);
        assert!(replaced(&long, &[Value::from("a"), Value::from(long.as_str())]) >= 1_000_000);
    }
}
