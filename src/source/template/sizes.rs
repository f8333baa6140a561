//! What the methods of a string make, before they make it: a short text can ask for
//! one of many gigabytes. The engine counts what its own filters make; the methods
//! are another crate's, which counts nothing.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

/// Bytes that one unit of fuel pays for.
const BYTES_OF_FUEL: usize = 64;
/// Items that one unit of fuel pays for, which are looked through.
const READ_OF_FUEL: usize = 8;
/// The most items of a list that are measured; a longer one is taken to hold as much
/// in the others.
const MEASURED: usize = 1_000;
/// How deep a list of lists is measured.
const DEPTH: usize = 3;

/// Takes the fuel for what a method of a text makes at most.
pub(super) fn afford(
    state: &State<'_, '_>,
    text: &str,
    method: &str,
    args: &[Value],
) -> Result<(), Error> {
    let made = match method {
        "format" => formatted(text, args),
        "replace" => replaced(text, args),
        "join" => {
            let items = args.first().and_then(Value::len).unwrap_or(0);
            let given = args.first().map_or(0, |items| size(items, DEPTH));
            given.saturating_add(items.saturating_mul(text.len()))
        }
        _ => text.len(),
    };
    state.consume_fuel((made / BYTES_OF_FUEL) as u64)
}

/// Takes the fuel for what is looked through: by a filter, a test, or a method of a
/// list, of which the engine counts only what some make. `times` is how often.
pub(super) fn afford_reading<'a>(
    state: &State<'_, '_>,
    times: usize,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<(), Error> {
    let read = values.into_iter().map(looked_through);
    let read = read.fold(0, usize::saturating_add);
    state.consume_fuel((read.saturating_mul(times) / READ_OF_FUEL) as u64)
}

/// The characters or items of a value, those of its lists included.
fn looked_through(value: &Value) -> usize {
    if let Some(text) = value.as_str() {
        return text.len() / 4;
    }
    if !matches!(
        value.kind(),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable
    ) {
        return 0;
    }
    let items = value.len().unwrap_or(0);
    // Two lists of lists are compared to their depths; the first stands for all.
    let first = match value.kind() {
        ValueKind::Seq => value.get_item_by_index(0).ok(),
        _ => None,
    };
    let inside = first.and_then(|first| first.len()).unwrap_or(0);
    items.saturating_mul(1 + inside / 4)
}

/// Each field takes as much as the largest argument or the widest width.
fn formatted(text: &str, args: &[Value]) -> usize {
    let fields = text.matches('{').count();
    let given = args.iter().map(|arg| size(arg, DEPTH)).max().unwrap_or(0);
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

/// How long a value is as a text, at most or about.
fn size(value: &Value, depth: usize) -> usize {
    if let Some(text) = value.as_str() {
        return text.len();
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Map) {
        return 32;
    }
    let items = value.len().unwrap_or(0);
    if depth == 0 {
        return items.saturating_mul(32);
    }
    let measured = value.try_iter().ok().into_iter().flatten().take(MEASURED);
    let known: usize = measured
        .map(|item| {
            let of_key = match value.kind() {
                ValueKind::Map => value
                    .get_item(&item)
                    .map_or(0, |item| size(&item, depth - 1)),
                _ => 0,
            };
            size(&item, depth - 1).saturating_add(of_key)
        })
        .fold(0, usize::saturating_add);
    known.saturating_mul(1 + items / MEASURED)
}

#[cfg(test)]
mod tests {
    use super::{formatted, replaced};
    use minijinja::Value;

    #[test]
    fn what_is_made_is_known_before() {
        assert!(formatted("{:100000000000}", &[Value::from(1)]) >= 100_000_000_000);
        assert!(formatted("{:{}}", &[Value::from(1), Value::from(1_000_000)]) >= 1_000_000);
        assert!(formatted("{}", &[Value::from(1_000_000)]) < 100);
        let long = "a".repeat(1_000);
        assert!(replaced(&long, &[Value::from("a"), Value::from(long.as_str())]) >= 1_000_000);
    }
}
