//! Initial entries, and what follows from the name of a column alone.

use crate::registry::lookup::NameForm;
use crate::registry::names::suggests_identifier;
use crate::registry::{ColumnEntry, RegisteredRole, Registry, Resolution};
use crate::source::Span;

/// The unit of an identifier that may or may not identify a person.
const RECORD: &str = "record";

/// Creates an entry with a name and a role, and nothing else.
pub(super) fn entry(name: impl Into<String>, role: RegisteredRole) -> ColumnEntry {
    ColumnEntry {
        name: name.into(),
        aliases: Vec::new(),
        tables: Vec::new(),
        role,
        unit: None,
        pseudonym: false,
        category: None,
        sensitive: None,
        resolution: None,
        data_reviews: Vec::new(),
        origin: None,
        description: None,
        span: Span::default(),
    }
}

/// Creates an entry whose role and resolution follow from its BigQuery type.
pub(super) fn typed(name: impl Into<String>, kind: Option<&str>) -> ColumnEntry {
    let mut draft = entry(name, RegisteredRole::Dimension);
    match kind {
        Some("TIMESTAMP" | "DATETIME" | "TIME") => {
            draft.role = RegisteredRole::Timestamp;
            draft.resolution = Some(Resolution::Subsecond);
        }
        Some("DATE") => draft.resolution = Some(Resolution::Day),
        Some(_) | None => {}
    }
    draft
}

/// Turns an entry into an identifier, without a resolution; keeps its unit if it has
/// one.
pub(super) fn identify(entry: &mut ColumnEntry) {
    entry.role = RegisteredRole::Identifier;
    entry.resolution = None;
    entry.unit.get_or_insert_with(|| RECORD.to_owned());
}

/// Completes an entry from its name alone.
///
/// Uses the built-in registry's entries for identifiers and sensitive columns, and
/// names that suggest an identifier. Returns `true` if such a name alone decided.
pub(super) fn complete_from_name(entry: &mut ColumnEntry) -> bool {
    let path: Vec<&str> = entry.name.split('.').collect();
    let builtin = Registry::builtin();
    if let Some(best) = builtin.column_matches(None, &path).first() {
        let known = best.entry;
        if entry.sensitive.is_none() {
            entry.sensitive.clone_from(&known.sensitive);
        }
        if known.role == RegisteredRole::Identifier {
            entry.unit.clone_from(&known.unit);
            entry.pseudonym = known.pseudonym;
            identify(entry);
            return false;
        }
        if best.rank.name > NameForm::Glob {
            return false;
        }
    }
    let last = path
        .last()
        .map(|name| name.to_lowercase())
        .unwrap_or_default();
    if !suggests_identifier(&last) {
        return false;
    }
    entry.pseudonym = last.contains("sha256") || last.contains("hash");
    identify(entry);
    true
}

/// Returns the category of a Glean sensitivity.
///
/// The categories are 1 technical, 2 interaction, 3 stored content (formerly web
/// activity), 4 highly sensitive.
pub(super) fn category(word: &str) -> Option<u8> {
    match word.trim().to_lowercase().replace(['-', ' '], "_").as_str() {
        "technical" => Some(1),
        "interaction" => Some(2),
        "stored_content" | "web_activity" => Some(3),
        "highly_sensitive" => Some(4),
        _ => None,
    }
}

/// Returns a text without control characters; `None` if nothing remains.
fn strip_control_characters(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    (!line.is_empty()).then_some(line)
}

/// Returns the first paragraph as one line of about 160 characters at most.
pub(super) fn one_line(text: &str) -> Option<String> {
    const LONGEST: usize = 160;
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    if line.is_empty() {
        return None;
    }
    if line.chars().count() <= LONGEST {
        return Some(line);
    }
    let mut short = String::new();
    let mut length = 0;
    for word in line.split(' ') {
        length += word.chars().count() + 1;
        if length > LONGEST {
            break;
        }
        short.push_str(word);
        short.push(' ');
    }
    Some(format!(
        "{}…",
        short.trim_end().trim_end_matches([',', ';', ':'])
    ))
}

/// Returns a description with the end of the collection and with tags.
///
/// The end is omitted if the collection does not end; the source classifies the
/// column by the tags.
pub(super) fn described(text: &str, expires: Option<&str>, tags: &[String]) -> Option<String> {
    let ends = match expires.map(str::trim) {
        None | Some("" | "never" | "default") => None,
        Some("expired") => Some("No longer collected.".to_owned()),
        Some(version) if !version.contains('-') => {
            Some(format!("Collected until version {version}."))
        }
        Some(day) => Some(format!("Collected until {day}.")),
    };
    let tags = (!tags.is_empty()).then(|| format!("Tags: {}.", tags.join(", ")));
    let parts: Vec<String> = [one_line(text), ends, tags].into_iter().flatten().collect();
    strip_control_characters(&parts.join(" "))
}

/// Combines two definitions of one column; the more cautious value wins for each
/// key.
pub(super) fn join(into: &mut ColumnEntry, other: ColumnEntry) {
    into.category = into.category.zip(other.category).map(|(a, b)| a.max(b));
    if other.role == RegisteredRole::Identifier && into.role != RegisteredRole::Identifier {
        into.unit.clone_from(&other.unit);
        into.pseudonym = other.pseudonym;
        identify(into);
    }
    // A label is checked more strictly than a measured value.
    if other.role != into.role && into.role == RegisteredRole::Metric {
        into.role = other.role;
    }
    if matches!(
        into.role,
        RegisteredRole::Dimension | RegisteredRole::Timestamp
    ) {
        into.resolution = into.resolution.max(other.resolution);
    }
    into.pseudonym &= other.pseudonym;
    into.sensitive = into.sensitive.take().or(other.sensitive);
    into.description = into.description.take().or(other.description);
    // The column is reviewed only if both definitions have a review.
    if into.data_reviews.is_empty() || other.data_reviews.is_empty() {
        into.data_reviews.clear();
    }
    let reviewed = !into.data_reviews.is_empty();
    for review in other.data_reviews.into_iter().filter(|_| reviewed) {
        if !into.data_reviews.contains(&review) {
            into.data_reviews.push(review);
        }
    }
    into.origin = into.origin.filter(|origin| other.origin == Some(*origin));
    for alias in other.aliases {
        if !into.names().any(|name| name.eq_ignore_ascii_case(&alias)) {
            into.aliases.push(alias);
        }
    }
}
