//! YAML as PyYAML's `SafeLoader` reads it: the tools that use these files are
//! written in Python, and read YAML 1.1.
//!
//! There a plain `no` is a boolean, `05000` is an octal number, and `5000:00` is a
//! number in base 60. The last of several equal keys is used, and merge keys also
//! apply inside merged mappings.

mod flow;
mod scalar;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use yaml_serde::value::{Tag as ValueTag, TaggedValue};
use yaml_serde::{Mapping, Value};

use super::CatalogError;

/// The maximum nesting depth, and the maximum number of written values.
const DEPTH: usize = 100;
const LARGEST: usize = 2_000_000;
/// The maximum number of values that aliases and merge keys copy, or that are kept
/// for them.
const COPIED: usize = 200_000;
/// The number of bytes of a text, key or tag that counts as one further value.
const BYTES: usize = 64;

/// The representation of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    /// As strings.
    Texts,
    /// With the tag [`DATE`], because Python does not read them as strings.
    Tagged,
}

/// The tag of a date.
pub(crate) const DATE: &str = "date";

/// Parses a text that contains at most one document.
pub(crate) fn read(path: &str, text: &str, dates: Dates) -> Result<Value, CatalogError> {
    read_as_written(path, text, dates).or_else(|error| {
        let deeper = flow::indented(text);
        let again = deeper.and_then(|text| read_as_written(path, &text, dates).ok());
        again.ok_or(error)
    })
}

fn read_as_written(path: &str, text: &str, dates: Dates) -> Result<Value, CatalogError> {
    let mut reader = Reader {
        path,
        dates,
        open: Vec::new(),
        anchors: FxHashMap::default(),
        count: 0,
        copied: 0,
        document: None,
    };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => reader.event(event, span.start)?,
            Err(error) => {
                let said = error.info().to_owned();
                return Err(reader.wrong(*error.marker(), &said));
            }
        }
    }
    Ok(reader.document.unwrap_or(Value::Null))
}

/// A collection that is not closed yet.
struct OpenCollection {
    anchor: usize,
    tag: Option<Tag>,
    what: Collection,
}

enum Collection {
    Sequence(Vec<Value>),
    Mapping {
        /// The entries of merge keys.
        merged: Mapping,
        own: Mapping,
        /// The key that waits for its value, and whether it is a merge key.
        key: Option<(Value, bool)>,
    },
}

struct Reader<'a> {
    path: &'a str,
    dates: Dates,
    open: Vec<OpenCollection>,
    anchors: FxHashMap<usize, (Value, usize)>,
    count: usize,
    copied: usize,
    document: Option<Value>,
}

impl Reader<'_> {
    fn wrong(&self, at: Marker, what: &str) -> CatalogError {
        CatalogError {
            path: self.path.to_owned(),
            at: Some((at.line(), at.col() + 1)),
            message: format!("not YAML: {what}"),
            help: None,
        }
    }

    fn event(&mut self, event: Event<'_>, at: Marker) -> Result<(), CatalogError> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.document.is_some() => {
                Err(self.wrong(at, "more than one document"))
            }
            Event::DocumentStart(_) => Ok(()),
            Event::Alias(anchor) => {
                let Some(size) = self.anchors.get(&anchor).map(|(_, size)| *size) else {
                    return Err(self.wrong(at, "an alias refers to a node that contains it"));
                };
                self.copy(size, at)?;
                let value = self.anchors.get(&anchor).map(|(value, _)| value.clone());
                self.value(value.unwrap_or(Value::Null), false, at)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(1, at)?;
                let (value, merges) = self.scalar(&text, style, tag.as_deref(), at)?;
                if anchor > 0 {
                    let size = size(&value);
                    self.copy(size, at)?;
                    self.anchors.insert(anchor, (value.clone(), size));
                }
                self.value(value, merges, at)
            }
            Event::SequenceStart(anchor, tag) => {
                let what = Collection::Sequence(Vec::new());
                self.begin(anchor, tag.map(std::borrow::Cow::into_owned), what, at)
            }
            Event::MappingStart(anchor, tag) => {
                let what = Collection::Mapping {
                    merged: Mapping::new(),
                    own: Mapping::new(),
                    key: None,
                };
                self.begin(anchor, tag.map(std::borrow::Cow::into_owned), what, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
        }
    }

    fn spend(&mut self, values: usize, at: Marker) -> Result<(), CatalogError> {
        self.count = self.count.saturating_add(values);
        if self.count > LARGEST {
            return Err(self.wrong(at, "too many values"));
        }
        Ok(())
    }

    fn copy(&mut self, values: usize, at: Marker) -> Result<(), CatalogError> {
        self.copied = self.copied.saturating_add(values);
        if self.copied > COPIED {
            return Err(self.wrong(at, "aliases and merge keys copy too many values"));
        }
        Ok(())
    }

    fn begin(
        &mut self,
        anchor: usize,
        tag: Option<Tag>,
        what: Collection,
        at: Marker,
    ) -> Result<(), CatalogError> {
        self.spend(1, at)?;
        if self.open.len() >= DEPTH {
            return Err(self.wrong(at, "nested too deeply"));
        }
        self.open.push(OpenCollection { anchor, tag, what });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), CatalogError> {
        let Some(done) = self.open.pop() else {
            return Err(self.wrong(at, "an end without a beginning"));
        };
        let (value, is_sequence) = match done.what {
            Collection::Sequence(items) => (Value::Sequence(items), true),
            Collection::Mapping {
                mut merged, own, ..
            } => {
                merged.extend(own);
                (Value::Mapping(merged), false)
            }
        };
        let value = match done.tag {
            None => value,
            Some(tag) if tag.is_yaml_core_schema() => {
                let own = if is_sequence { "seq" } else { "map" };
                if tag.suffix != own {
                    return Err(self.wrong(at, "a tag contradicts its value"));
                }
                value
            }
            Some(tag) => tagged(&tag, value),
        };
        if done.anchor > 0 {
            let size = size(&value);
            self.copy(size, at)?;
            self.anchors.insert(done.anchor, (value.clone(), size));
        }
        self.value(value, false, at)
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Marker,
    ) -> Result<(Value, bool), CatalogError> {
        let plain = style == ScalarStyle::Plain;
        let kind = match tag {
            None if plain => scalar::kind(text),
            None => scalar::ScalarKind::Text,
            Some(tag) if tag.is_yaml_core_schema() => {
                let kind = scalar::kind(text);
                match tag.suffix.as_str() {
                    "str" => scalar::ScalarKind::Text,
                    "merge" => scalar::ScalarKind::Merge,
                    _ if kind.name() == tag.suffix => kind,
                    _ => {
                        return Err(self.wrong(at, "a tag contradicts its value"));
                    }
                }
            }
            // The tag `!` alone marks a string.
            Some(tag) if tag.suffix.is_empty() => scalar::ScalarKind::Text,
            Some(tag) => {
                let value = Value::String(text.to_owned());
                return Ok((tagged(tag, value), false));
            }
        };
        let merges = kind == scalar::ScalarKind::Merge;
        let value = match (scalar::value(text, kind), self.dates) {
            (None, _) => return Err(self.wrong(at, "invalid number or date")),
            (Some(value), Dates::Tagged) if kind == scalar::ScalarKind::Date => {
                let tag = ValueTag::new(DATE);
                Value::Tagged(Box::new(TaggedValue { tag, value }))
            }
            (Some(value), _) => value,
        };
        Ok((value, merges))
    }

    /// Adds a value to the innermost open collection, or makes it the document.
    fn value(&mut self, value: Value, merges: bool, at: Marker) -> Result<(), CatalogError> {
        let wrong = match self.open.last_mut().map(|open| &mut open.what) {
            None => {
                self.document = Some(value);
                None
            }
            Some(Collection::Sequence(items)) => {
                items.push(value);
                None
            }
            Some(Collection::Mapping { merged, own, key }) => match key.take() {
                None if matches!(value, Value::Sequence(_) | Value::Mapping(_)) => {
                    Some("a key is a list or a table")
                }
                None => {
                    *key = Some((value, merges));
                    None
                }
                Some((_, true)) if merge(merged, &value) => None,
                Some((_, true)) => Some("the merged value is not a table"),
                Some((key, false)) => {
                    own.insert(key, value);
                    None
                }
            },
        };
        wrong.map_or(Ok(()), |wrong| Err(self.wrong(at, wrong)))
    }
}

/// Merges a mapping, or a list of mappings in which earlier ones take precedence.
fn merge(into: &mut Mapping, value: &Value) -> bool {
    match value {
        Value::Mapping(other) => {
            into.extend(other.clone());
            true
        }
        Value::Sequence(all) => all
            .iter()
            .rev()
            .all(|one| matches!(one, Value::Mapping(_)) && merge(into, one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {
            false
        }
    }
}

fn tagged(tag: &Tag, value: Value) -> Value {
    let tag = ValueTag::new(format!("{}{}", tag.handle, tag.suffix));
    Value::Tagged(Box::new(TaggedValue { tag, value }))
}

/// Returns the number of values in a value, plus the share of its texts, keys and
/// tags.
fn size(value: &Value) -> usize {
    let bytes = |text: &str| text.len() / BYTES;
    match value {
        Value::Sequence(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Mapping(items) => items
            .iter()
            .map(|(key, value)| size(key).saturating_add(size(value)))
            .fold(1, usize::saturating_add),
        Value::Tagged(tagged) => size(&tagged.value) + bytes(&tagged.tag.to_string()),
        Value::String(text) => 1 + bytes(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Dates, read};

    fn refused(text: &str) -> Option<String> {
        let read = read("t.yaml", text, Dates::Texts);
        read.err().map(|error| error.message)
    }

    #[test]
    fn copies_of_merge_keys_have_a_limit() {
        let keys: Vec<String> = (0..1_000).map(|at| format!("k{at}: 1")).collect();
        let merged: String = (0..1_000)
            .map(|at| format!("x{at}: {{<<: *m}}\n"))
            .collect();
        let wide = format!("m: &m {{{}}}\n{merged}", keys.join(", "));
        let chain: String = (1..1_000)
            .map(|at| {
                let before = at - 1;
                format!("m{at}: &m{at} {{<<: [*m{before}, *m{before}], k{at}: 1}}\n")
            })
            .collect();
        let long = "x".repeat(30_000);
        let often = |alias: &str| format!("{alias}\n").repeat(10_000);
        let named: String = (0..10_000)
            .map(|at| format!("b{at}: {{<<: *a}}\n"))
            .collect();
        for text in [
            wide,
            format!("m0: &m0 {{k: 1}}\n{chain}"),
            format!("a: &a '{long}'\nb:\n{}", often("- *a")),
            format!("a: &a {{'{long}': 1}}\nb:\n{}", often("- *a")),
            format!("a: &a !x '{long}'\nb:\n{}", often("- *a")),
            format!("a: &a !{long} x\nb:\n{}", often("- *a")),
            format!("a: &a {{x: '{long}'}}\n{named}"),
        ] {
            let said = refused(&text);
            assert!(said.is_some_and(|said| said.contains("copy too many")));
        }
        assert_eq!(refused(&format!("a: [{}]", "1, ".repeat(300_000))), None);
        // The longest shared text that is expected is a sentence, not a book.
        let shared = "x".repeat(600);
        assert_eq!(
            refused(&format!("a: &a '{shared}'\nb:\n{}", often("- *a"))),
            None
        );
    }
}
