//! Parsing of an entry from TOML.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};

use super::file_name::file_name;
use super::model::{ApprovalKind, EntryLocation};
use super::{
    Approval, ApprovedColumn, ApprovedSource, Disclosure, Entry, SCHEMA_VERSION, bug, is_date,
};
use crate::derivation::{Arms, Condition, ConditionKind, RowDerivation};
use crate::policy::{Level, Role};
use crate::registry::Resolution;
use crate::rules;
use crate::source::{SourceText, Span};
use crate::toml_text::{Fields, TomlError, Value, document, span, table_of, tables};

const TOP: &[&str] = &[
    "schema_version",
    "dataset",
    "paths",
    "approval",
    "disclosure",
];
const APPROVAL: &[&str] = &[
    "kind",
    "bug",
    "date",
    "until",
    "by",
    "version",
    "level",
    "bucket",
    "columns",
    "fingerprints",
];
const DISCLOSURE: &[&str] = &[
    "variant",
    "assessed",
    "level",
    "bucket",
    "residual",
    "grain",
    "findings",
    "column",
    "source",
    "keys",
    "populations",
    "tables",
    "condition",
    "limit",
    "unions",
    "kept",
    "opaque",
    "text",
];
const CONDITION: &[&str] = &["made", "kind"];
const TEXT: &[&str] = &["of", "print"];
const COLUMN: &[&str] = &[
    "name",
    "role",
    "category",
    "sensitive",
    "level",
    "bucket",
    "resolution",
    "made",
    "sources",
];
const SOURCE: &[&str] = &[
    "name",
    "category",
    "measured",
    "sensitive",
    "registered",
    "reviewed",
];
const RESIDUAL: &[(&str, ())] = &[("unbounded", ())];
const ROLES: [(&str, Role); 6] = [
    ("dimension", Role::Dimension),
    ("metric", Role::Metric),
    ("identifier", Role::Identifier),
    ("timestamp", Role::Timestamp),
    ("constant", Role::Constant),
    ("unknown", Role::Unknown),
];
/// The word that stands for unknown keys.
pub(super) const UNKNOWN: &str = "unknown";
const AGAIN: &str = "run `headcount approve` to write a new entry";

impl Entry {
    /// Parses an entry.
    ///
    /// # Errors
    /// All errors at once, in the order of the text.
    pub fn parse(source: &SourceText) -> Result<Self, Vec<TomlError>> {
        let document = &document(source)?;
        let mut errors = Vec::new();
        let found = entry(source, document, &mut errors);
        match found {
            Some(found) if errors.is_empty() => Ok(found),
            Some(_) | None => {
                errors.sort_by_key(|error| error.span);
                Err(errors)
            }
        }
    }
}

fn entry(
    source: &SourceText,
    document: &DeTable<'_>,
    errors: &mut Vec<TomlError>,
) -> Option<Entry> {
    let start = Span::new(0, source.text().lines().next().map_or(0, str::len));
    let approvals = listed(document, "approval", errors)
        .into_iter()
        .map(|(table, place)| approval(Fields::new("the approval", table, place, APPROVAL, errors)))
        .collect::<Vec<_>>();
    let version = version(document);
    let disclosed = disclosures(document, version, errors);
    let mut top = Fields::new("the entry", document, start, TOP, errors);
    for key in TOP {
        if top.value(key).is_none() {
            top.missing(key, AGAIN);
        }
    }
    top.integer(
        "schema_version",
        1,
        SCHEMA_VERSION,
        "this program reads versions 1 to 3; update headcount to read a newer one",
    );
    let dataset = top.string("dataset");
    if let Some(dataset) = &dataset {
        let own = std::path::Path::new(source.path())
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let wanted = file_name(dataset);
        if own.is_some_and(|own| own != wanted) {
            let at = top.span_of("dataset");
            top.error(
                at,
                format!("the entry of `{dataset}` is in a file with another name"),
                format!("rename the file to `{wanted}`; each dataset has one entry"),
            );
        }
    }
    let paths = top
        .strings("paths")
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    if approvals.is_empty() && top.value("approval").is_some() {
        let at = top.span_of("approval");
        top.error(at, "the entry has no approval", AGAIN);
    }
    let at = disclosed.first().map(|(_, place)| *place);
    if at.is_none() && top.value("disclosure").is_some() {
        let place = top.span_of("disclosure");
        top.error(place, "the entry does not contain what was approved", AGAIN);
    }
    let at = at?;
    Some(Entry {
        dataset: dataset?,
        paths,
        disclosures: disclosed
            .into_iter()
            .map(|(disclosure, _)| disclosure)
            .collect::<Option<_>>()?,
        approvals: approvals.into_iter().collect::<Option<_>>()?,
        place: Some(EntryLocation {
            path: source.path().into(),
            at: source.position(at.start),
            version,
        }),
    })
}

/// Returns the version of an entry's format.
///
/// An invalid version is reported with the other keys.
fn version(document: &DeTable<'_>) -> u64 {
    let value = document.get("schema_version").map(|value| value.get_ref());
    match value {
        Some(DeValue::Integer(number)) => {
            u64::from_str_radix(number.as_str(), number.radix()).unwrap_or(SCHEMA_VERSION)
        }
        _ => SCHEMA_VERSION,
    }
}

/// Returns the disclosures: `[disclosure]` in version 1, each `[[disclosure]]` since
/// then.
fn disclosures(
    document: &DeTable<'_>,
    version: u64,
    errors: &mut Vec<TomlError>,
) -> Vec<(Option<Disclosure>, Span)> {
    let Some(value) = document.get("disclosure") else {
        return Vec::new();
    };
    let found = if value.get_ref().is_array() {
        listed(document, "disclosure", errors)
    } else {
        let place = span(value.span());
        let table = table_of("disclosure", AGAIN, value, errors);
        table.map(|table| (table, place)).into_iter().collect()
    };
    found
        .into_iter()
        .map(|(table, place)| (disclosure(table, version, place, errors), place))
        .collect()
}

/// Returns the tables of `[[key]]`.
fn listed<'t, 'i>(
    table: &'t DeTable<'i>,
    key: &str,
    errors: &mut Vec<TomlError>,
) -> Vec<(&'t DeTable<'i>, Span)> {
    let help = format!("write `[[{key}]]` before each");
    tables(key, &help, table.get(key), errors)
}

/// Returns a required string.
fn needed(fields: &mut Fields<'_, '_>, key: &str) -> Option<String> {
    if fields.value(key).is_none() {
        fields.missing(key, AGAIN);
    }
    fields.string(key)
}

fn date(fields: &mut Fields<'_, '_>, key: &str) -> Option<String> {
    let value = fields.value(key)?;
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => String::new(),
    };
    if is_date(&text) {
        return Some(text);
    }
    let at = fields.span_of(key);
    fields.error(
        at,
        format!("invalid date in `{key}`"),
        format!("write `{key} = 2026-01-31`"),
    );
    None
}

fn level(fields: &mut Fields<'_, '_>) -> Option<Level> {
    let number = fields.integer(
        "level",
        1,
        7,
        "a level is 1 to 7; remove the key if no personal data is used",
    )?;
    Level::ALL
        .into_iter()
        .find(|level| u64::from(level.number()) == number)
}

fn bucket(fields: &mut Fields<'_, '_>) -> Option<u64> {
    fields.integer(
        "bucket",
        2,
        u64::MAX,
        "a bucket is a number of people; remove the key if none is proven",
    )
}

fn category(fields: &mut Fields<'_, '_>) -> Option<u8> {
    let found = fields.integer(
        "category",
        1,
        4,
        "a category is 1 to 4; remove the key if it is unknown",
    )?;
    u8::try_from(found).ok()
}

fn names(fields: &mut Fields<'_, '_>, key: &str) -> Vec<String> {
    fields
        .strings(key)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn approval(mut fields: Fields<'_, '_>) -> Option<Approval> {
    for key in ["kind", "date"] {
        if fields.value(key).is_none() {
            fields.missing(key, AGAIN);
        }
    }
    let kind = fields.word("kind", &ApprovalKind::ALL);
    let link = needed(&mut fields, "bug").and_then(|text| match bug(&text) {
        Ok(link) => Some(link),
        Err(why) => {
            let at = fields.span_of("bug");
            let (message, help) = why.split_once("; ").unwrap_or((&why, AGAIN));
            fields.error(at, message, help);
            None
        }
    });
    let until = date(&mut fields, "until");
    if kind == Some(ApprovalKind::Baseline) && fields.value("until").is_none() {
        fields.missing(
            "until",
            "known debt needs a last day: write `until = 2027-01-31`",
        );
    }
    let date = date(&mut fields, "date");
    let by = needed(&mut fields, "by");
    let version = needed(&mut fields, "version");
    Some(Approval {
        level: level(&mut fields).map(Level::number),
        bucket: bucket(&mut fields),
        columns: names(&mut fields, "columns"),
        fingerprints: names(&mut fields, "fingerprints"),
        date: date?,
        by: by?,
        version: version?,
        kind: kind?,
        bug: link?,
        until,
    })
}

fn disclosure(
    table: &DeTable<'_>,
    version: u64,
    place: Span,
    errors: &mut Vec<TomlError>,
) -> Option<Disclosure> {
    let columns: Vec<_> = listed(table, "column", errors)
        .into_iter()
        .map(|(table, place)| {
            column(
                Fields::new("the column", table, place, COLUMN, errors),
                version,
            )
        })
        .collect();
    let sources: Vec<_> = listed(table, "source", errors)
        .into_iter()
        .map(|(table, place)| source(Fields::new("the source", table, place, SOURCE, errors)))
        .collect();
    let findings = findings(table.get("findings"), errors);
    let conditions: Vec<_> = listed(table, "condition", errors)
        .into_iter()
        .map(|(table, place)| {
            condition(Fields::new(
                "the condition",
                table,
                place,
                CONDITION,
                errors,
            ))
        })
        .collect();
    let texts: Vec<_> = listed(table, "text", errors)
        .into_iter()
        .map(|(table, place)| text(Fields::new("the text", table, place, TEXT, errors)))
        .collect();
    let mut fields = Fields::new("the disclosure", table, place, DISCLOSURE, errors);
    if fields.value("assessed").is_none() {
        fields.missing("assessed", AGAIN);
    }
    // Version 1 wrote a key without a name as an empty string.
    let grain = fields
        .value("grain")
        .is_some()
        .then(|| fields.texts("grain"));
    let assessed = fields.boolean("assessed");
    let rows = RowDerivation {
        grain: keys(&mut fields, version > 2 && assessed == Some(true)),
        populations: fields.texts("populations"),
        tables: fields.texts("tables").into_iter().collect(),
        conditions: conditions.into_iter().collect::<Option<_>>()?,
        limit: fields.integer(
            "limit",
            0,
            u64::MAX,
            "write the number of rows that LIMIT returns",
        ),
        unions: unions(fields.string_lists("unions")),
        kept: fields.boolean("kept").unwrap_or_default(),
        opaque: fields.texts("opaque").into_iter().collect(),
        texts: texts.into_iter().collect::<Option<_>>()?,
    };
    Some(Disclosure {
        level: level(&mut fields),
        bucket: bucket(&mut fields),
        residual: fields.word("residual", RESIDUAL).is_some(),
        grain,
        columns: columns.into_iter().collect::<Option<_>>()?,
        sources: sources.into_iter().collect::<Option<_>>()?,
        findings,
        variant: fields.string("variant"),
        rows: (version > 1).then_some(rows),
        assessed: assessed?,
    })
}

/// Returns the keys; `None` if they are recorded as unknown.
///
/// A missing line is not taken for unknown keys: it is an error if `needed`.
fn keys(fields: &mut Fields<'_, '_>, needed: bool) -> Option<Vec<Vec<String>>> {
    let Some(value) = fields.value("keys") else {
        if needed {
            fields.missing("keys", AGAIN);
        }
        return None;
    };
    match value.get_ref() {
        DeValue::String(word) if &**word == UNKNOWN => None,
        _ => Some(fields.string_lists("keys")),
    }
}

/// Returns the arms of unions, each of which is preceded by the number of its union.
fn unions(arms: Vec<Vec<String>>) -> BTreeSet<Arms> {
    let mut found: BTreeMap<String, Arms> = BTreeMap::new();
    for mut arm in arms.into_iter().filter(|arm| !arm.is_empty()) {
        let number = arm.remove(0);
        found.entry(number).or_default().push(arm);
    }
    found.into_values().collect()
}

fn condition(mut fields: Fields<'_, '_>) -> Option<Condition> {
    if fields.value("kind").is_none() {
        fields.missing("kind", AGAIN);
    }
    Some(Condition {
        kind: fields.word("kind", &ConditionKind::ALL)?,
        made: needed(&mut fields, "made")?,
    })
}

fn text(mut fields: Fields<'_, '_>) -> Option<(String, String)> {
    let print = fields.string("print").unwrap_or_default();
    Some((needed(&mut fields, "of")?, print))
}

fn findings(value: Option<&Value<'_>>, errors: &mut Vec<TomlError>) -> BTreeMap<String, u64> {
    let Some(value) = value else {
        return BTreeMap::new();
    };
    let place = span(value.span());
    let help = "write `[disclosure.findings]` and below it `HC101 = 1`";
    let Some(table) = table_of("findings", help, value, errors) else {
        return BTreeMap::new();
    };
    let known: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut fields = Fields::new("the findings", table, place, &words, errors);
    let mut found = BTreeMap::new();
    for key in table.keys() {
        let code: &str = key.get_ref();
        if rules::find(code).is_none_or(|rule| rule.code != code) {
            fields.error(
                span(key.span()),
                format!("unknown rule `{code}`"),
                "run `headcount explain` for the list of rules",
            );
            continue;
        }
        if let Some(count) = fields.integer(code, 1, u64::MAX, "write the number of findings") {
            found.insert(code.to_owned(), count);
        }
    }
    found
}

fn column(mut fields: Fields<'_, '_>, version: u64) -> Option<ApprovedColumn> {
    if fields.value("role").is_none() {
        fields.missing("role", AGAIN);
    }
    let made = if version > 1 {
        fields.texts("made")
    } else {
        // Version 1 joined the alternatives in one text.
        let made = fields.string("made").unwrap_or_default();
        made.split(" | ").map(str::to_owned).collect()
    };
    Some(ApprovedColumn {
        category: category(&mut fields),
        sensitive: fields.string("sensitive"),
        level: level(&mut fields),
        bucket: bucket(&mut fields),
        resolution: fields.word("resolution", &Resolution::ALL),
        made,
        sources: names(&mut fields, "sources"),
        name: needed(&mut fields, "name")?,
        role: fields.word("role", &ROLES)?,
    })
}

fn source(mut fields: Fields<'_, '_>) -> Option<ApprovedSource> {
    Some(ApprovedSource {
        category: category(&mut fields),
        measured: fields.boolean("measured").unwrap_or(false),
        sensitive: fields.string("sensitive"),
        registered: fields.boolean("registered").unwrap_or(true),
        reviewed: fields.boolean("reviewed").unwrap_or(true),
        name: needed(&mut fields, "name")?,
    })
}

/// Returns the word for a role in the file.
pub(super) fn role_name(role: Role) -> &'static str {
    ROLES
        .iter()
        .find(|(_, known)| *known == role)
        .map_or("unknown", |(word, _)| word)
}
