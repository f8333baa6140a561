//! Probes of legacy telemetry: scalars, histograms and events, in any format.
//!
//! A definition names the bugs in which the probe was reviewed, but no sensitivity,
//! so the columns have no category. A Glean definition that mirrors a probe
//! (`telemetry_mirror`) may add the category.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{draft, metric::Metric};
use crate::registry::names::suggests_identifier;
use crate::registry::{ColumnEntry, RegisteredRole};

/// What a definition states about a probe, apart from its name.
#[derive(Debug, Default)]
pub(super) struct ProbeDescription {
    /// Numbers of bugs, or links to them.
    pub(super) bugs: Vec<String>,
    /// Description of the probe.
    pub(super) description: Option<String>,
    /// End of the collection, as written.
    pub(super) expires: Option<String>,
}

impl ProbeDescription {
    fn entry(&self, name: &str, role: RegisteredRole) -> ColumnEntry {
        let mut entry = draft::entry(name, role);
        entry.description = draft::described(
            self.description.as_deref().unwrap_or_default(),
            self.expires.as_deref(),
            &[],
        );
        let mut known: FxHashSet<String> = entry.data_reviews.iter().cloned().collect();
        for bug in &self.bugs {
            let link = if bug.chars().all(|c| c.is_ascii_digit()) {
                format!("https://bugzilla.mozilla.org/show_bug.cgi?id={bug}")
            } else {
                bug.clone()
            };
            if crate::registry::is_link(&link) && known.insert(link.clone()) {
                entry.data_reviews.push(link);
            }
        }
        entry
    }
}

/// Returns the role of a scalar's value, by the kind of scalar.
pub(super) fn scalar_role(kind: &str) -> RegisteredRole {
    match kind {
        "uint" => RegisteredRole::Metric,
        _ => RegisteredRole::Dimension,
    }
}

/// Returns the columns of a scalar of the main ping.
///
/// They are in `payload.processes.*.scalars`, or in `keyed_scalars`.
pub(super) fn scalar(
    name: &str,
    role: RegisteredRole,
    keyed: bool,
    about: &ProbeDescription,
) -> Vec<ColumnEntry> {
    let name = column_name(name);
    if keyed {
        keyed_columns(&format!("keyed_scalars.{name}"), role, about)
    } else {
        vec![identify_scalar(
            about.entry(&format!("scalars.{name}"), role),
            &name,
        )]
    }
}

/// Returns the columns of a histogram of the main ping, for every process.
pub(super) fn histogram(name: &str, keyed: bool, about: &ProbeDescription) -> Vec<ColumnEntry> {
    let name = column_name(name);
    if keyed {
        keyed_columns(
            &format!("keyed_histograms.{name}"),
            RegisteredRole::Metric,
            about,
        )
    } else {
        vec![about.entry(&format!("histograms.{name}"), RegisteredRole::Metric)]
    }
}

/// Maximum number of event entries of one file, their review links included.
const MOST_OF_EVENTS: usize = 20_000;

/// Adds the entries of an event: one for each method and object.
///
/// # Errors
/// Returns a message if there would be too many entries.
pub(super) fn events(
    columns: &mut Vec<ColumnEntry>,
    category: &str,
    methods: &[String],
    objects: &[String],
    about: &ProbeDescription,
) -> Result<(), String> {
    let entries = methods.len().saturating_mul(objects.len());
    let size = entries.saturating_mul(1 + about.bugs.len());
    if columns.len().saturating_add(size) > MOST_OF_EVENTS {
        return Err(format!(
            "the events of `{category}` make more than {MOST_OF_EVENTS} entries, one for each method and object"
        ));
    }
    let said = about.entry("", RegisteredRole::Dimension);
    for method in methods {
        for object in objects {
            let mut entry = said.clone();
            entry.name = format!("events.{category}.{method}.{object}");
            entry.aliases.push(format!("{}.*", entry.name));
            columns.push(entry);
        }
    }
    Ok(())
}

fn keyed_columns(path: &str, role: RegisteredRole, about: &ProbeDescription) -> Vec<ColumnEntry> {
    let mut value = about.entry(path, role);
    value.aliases.push(format!("{path}.value"));
    let mut key = about.entry(&format!("{path}.key"), RegisteredRole::Dimension);
    if about.description.is_some() {
        key.description = key.description.map(|text| format!("The key: {text}"));
    }
    vec![value, key]
}

/// Turns a scalar into an identifier if it is text and its name suggests one.
fn identify_scalar(mut entry: ColumnEntry, name: &str) -> ColumnEntry {
    if entry.role == RegisteredRole::Dimension && suggests_identifier(name) {
        draft::identify(&mut entry);
    }
    entry
}

/// Returns the column name of a probe.
///
/// It is in lower case, with `_` in place of every separator and before each capital
/// letter that follows a small one.
fn column_name(name: &str) -> String {
    let mut column = String::with_capacity(name.len());
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            column.push('_');
        }
        small = c.is_ascii_lowercase();
        column.push(if c.is_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        });
    }
    column
}

/// What a Glean definition states about the legacy probe that it mirrors.
#[derive(Debug)]
pub(super) enum MirroredProbe {
    /// Columns of the probe.
    Columns(Vec<ColumnEntry>),
    /// An event, by its name in code, without case and separators.
    ///
    /// How the words are separated is known only from the event's own definition.
    Event(String, Box<ColumnEntry>),
}

/// Returns the legacy probe that a metric is mirrored to, with what the metric
/// states.
pub(super) fn mirror(metric: &Metric, said: &ColumnEntry) -> Option<MirroredProbe> {
    use RegisteredRole::{Dimension, Metric as Measure, Timestamp};
    let target = metric.mirror.as_deref()?;
    let none = ProbeDescription::default();
    let columns = match target.strip_prefix("h#") {
        Some(name) => {
            let keyed = metric.kind.starts_with("dual_labeled");
            histogram(name, keyed, &none)
        }
        None => match metric.kind.as_str() {
            "event" => {
                return Some(MirroredProbe::Event(
                    normalize_name(target),
                    Box::new(said.clone()),
                ));
            }
            "counter" | "quantity" | "timespan" => scalar(target, Measure, false, &none),
            "boolean" | "string" | "url" | "text" => scalar(target, Dimension, false, &none),
            "datetime" => scalar(target, Timestamp, false, &none),
            "uuid" => {
                let mut columns = scalar(target, Dimension, false, &none);
                columns.iter_mut().for_each(draft::identify);
                columns
            }
            "string_list" | "labeled_boolean" | "labeled_string" => {
                scalar(target, Dimension, true, &none)
            }
            "labeled_counter" | "labeled_quantity" | "rate" => scalar(target, Measure, true, &none),
            "dual_labeled_counter"
            | "labeled_timing_distribution"
            | "labeled_custom_distribution"
            | "labeled_memory_distribution" => histogram(target, true, &none),
            "timing_distribution" | "custom_distribution" | "memory_distribution" => {
                histogram(target, false, &none)
            }
            _ => return None,
        },
    };
    let columns = columns
        .into_iter()
        .map(|mut column| {
            column.category = said.category;
            column.data_reviews.clone_from(&said.data_reviews);
            column.description.clone_from(&said.description);
            if column.role == Timestamp {
                column.resolution = Some(super::metric::resolution(metric));
            }
            column
        })
        .collect();
    Some(MirroredProbe::Columns(columns))
}

/// Adds what mirroring definitions state about legacy probes.
///
/// Probes that nothing else defines are added. Code names a probe in capitals, so
/// names are compared without case and separators.
pub(super) fn apply_mirrors(columns: &mut Vec<ColumnEntry>, mirrors: Vec<MirroredProbe>) {
    let mut places: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (place, column) in columns.iter().enumerate() {
        places
            .entry(normalize_name(&column.name))
            .or_default()
            .push(place);
    }
    let mut own = Vec::new();
    for mirror in mirrors {
        match mirror {
            MirroredProbe::Columns(all) => own.extend(all),
            MirroredProbe::Event(target, said) => {
                for place in places.get(&format!("events{target}")).into_iter().flatten() {
                    if columns[*place].tables == said.tables {
                        add_mirrored(&mut columns[*place], &said);
                    }
                }
            }
        }
    }
    for mirrored in super::merge::distinct(own) {
        let named = places
            .get(&normalize_name(&mirrored.name))
            .into_iter()
            .flatten();
        let there = named
            .copied()
            .find(|place| columns[*place].tables == mirrored.tables);
        match there {
            Some(place) => add_mirrored(&mut columns[place], &mirrored),
            None => columns.push(mirrored),
        }
    }
}

/// Adds what a mirroring definition states to the column of a probe.
///
/// The probe's own definition cannot state a sensitivity, so the mirroring one does
/// not contradict it. Reviews of both are reviews of one collection.
fn add_mirrored(column: &mut ColumnEntry, said: &ColumnEntry) {
    column.category = column.category.max(said.category);
    if said.role == RegisteredRole::Identifier && column.role != RegisteredRole::Identifier {
        draft::identify(column);
    }
    for review in &said.data_reviews {
        if !column.data_reviews.contains(review) {
            column.data_reviews.push(review.clone());
        }
    }
    if column.description.is_none() {
        column.description.clone_from(&said.description);
    }
}

fn normalize_name(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
