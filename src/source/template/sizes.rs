//! What the methods of a string make, before they make it: a short text can ask for
//! one of many gigabytes. The engine counts what its own filters make; the methods
//! are another crate's, which counts nothing.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use super::lazy::Lazy;
use super::mutable::pairs;
use super::unknown::Unknown;

/// Bytes that one unit of fuel pays for.
const BYTES_OF_FUEL: usize = 64;
/// Items that one unit of fuel pays for, which are looked through.
const READ_OF_FUEL: usize = 8;
/// The most items of a mapping that may say how wide a text is.
const MEASURED: usize = 1_000;
/// The most lists inside each other; what goes through them goes in circles of its own.
const DEEPEST: usize = 200;

/// How much is seen by whoever goes through a value to its end. What stands in it
/// several times is seen each time.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Values, and for each four bytes of a text one.
    items: usize,
    /// Bytes of the value as a text, about.
    bytes: usize,
}

/// Goes through a value, until it has seen so much; `None` if there is more.
fn seen(value: &Value, most: usize) -> Option<Seen> {
    let mut seen = Seen::default();
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

/// What stands in a value: keys as well as values.
fn parts(value: &Value) -> Vec<Value> {
    // What is not known stands for itself; reading what waits would use it up.
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

/// Goes through values as often as `times` says, and takes the fuel for it.
fn pay<'a>(
    state: &State<'_, '_>,
    times: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<Seen, Error> {
    let (_, left) = state.fuel_levels().unwrap_or((0, u64::MAX));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let most = left.saturating_mul(READ_OF_FUEL) / times.max(1);
    let mut total = Seen::default();
    for value in values {
        // What is no text and holds nothing costs nothing.
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

/// Takes the fuel for what a method of a text makes at most.
pub(super) fn afford(
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

/// Takes the fuel for what is looked through, to its end: by a filter, a test, a
/// comparison, a method of a list, or by writing it, of which the engine counts only
/// what some make. `times` is how often.
pub(super) fn afford_reading<'a>(
    state: &State<'_, '_>,
    times: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<(), Error> {
    pay(state, times, values).map(|_| ())
}

/// Takes the fuel for looking keys up in a dictionary: one that is made of others is
/// held against each that is there.
pub(super) fn afford_lookup(
    state: &State<'_, '_>,
    within: &Value,
    keys: &[Value],
) -> Result<(), Error> {
    let made_of_others = keys.iter().filter(|key| key.as_object().is_some());
    afford_reading(state, within.len().unwrap_or(1), made_of_others)
}

/// A value for which the fuel was taken that writing or hashing it takes.
pub(super) fn paid(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    afford_reading(state, 1, [&value])?;
    Ok(value)
}

/// Takes the fuel for a value that was made.
pub(super) fn afford_made(state: &State<'_, '_>, made: &Value) -> Result<(), Error> {
    let bytes = made.as_str().map_or(0, str::len);
    state.consume_fuel((bytes / BYTES_OF_FUEL) as u64)
}

/// Each field takes as much as all that is given or the widest width.
fn formatted(text: &str, args: &[Value], given: usize) -> usize {
    let fields = text.matches('{').count();
    // A width may be an argument itself.
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

/// A number that may be a width.
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
