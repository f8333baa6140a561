//! Converts a Glean metric to entries for the columns that contain it.
//!
//! A metric is stored as `metrics.TYPE.CATEGORY_NAME`; the columns below that depend
//! on the type. All events share their columns.

use super::{Import, draft, legacy};
use crate::registry::{ColumnEntry, RegisteredRole, Resolution, is_link};

/// The columns that all events share, in every application.
const EVENTS: [&str; 2] = ["events.name", "events.extra"];

/// Other fields of the events column.
///
/// An entry for an event in a category of this name would apply to the field
/// instead.
const FIELDS: [&str; 4] = ["name", "category", "extra", "timestamp"];

/// Prefix of Glean's own metrics that are sent with every ping.
const INTERNAL: &str = "glean.internal.metrics.";

/// A metric, in any format of its definition.
#[derive(Debug)]
pub(super) struct Metric {
    /// `category.name`; without a category, the name alone.
    pub(super) path: String,
    /// Type of the metric.
    pub(super) kind: String,
    /// Sensitivities of the metric; empty if none is stated.
    pub(super) sensitivity: Vec<String>,
    /// Data reviews of the metric, as written.
    pub(super) reviews: Vec<String>,
    /// Description of the metric.
    pub(super) description: String,
    /// Pings that contain the metric.
    pub(super) pings: Vec<String>,
    /// Resolution of a time, as written.
    pub(super) time_unit: Option<String>,
    /// The legacy probe to which the metric is mirrored, as named in code.
    pub(super) mirror: Option<String>,
    /// End of the collection, as written.
    pub(super) expires: Option<String>,
    /// Tags by which the application classifies the metric.
    pub(super) tags: Vec<String>,
    /// `file:line:column`, for notes.
    pub(super) place: String,
}

/// Returns the entries of metrics.
pub(super) fn entries(metrics: Vec<Metric>) -> Import {
    let mut import = Import::default();
    let mut events: Vec<ColumnEntry> = Vec::new();
    for metric in metrics {
        let about = about(&metric, &mut import.notes);
        match legacy::mirror(&metric, &about) {
            Some(mirror) => import.mirrors.push(mirror),
            None => {
                if let Some(target) = &metric.mirror {
                    import.notes.push(format!(
                        "{}: `{}` of the type `{}` is mirrored to `{target}` in an unknown way: no entry for the legacy probe",
                        metric.place, metric.path, metric.kind
                    ));
                }
            }
        }
        if metric.kind == "event" {
            let category = metric.path.split('.').next().unwrap_or_default();
            if FIELDS.contains(&category) {
                import.notes.push(format!(
                    "{}: the event `{}` would be confused with the field `events.{category}`: no entry",
                    metric.place, metric.path
                ));
            } else {
                import.columns.push(event(&metric, &about));
            }
            events.push(about);
            continue;
        }
        match columns(&metric, &about) {
            Some(columns) => {
                for mut column in columns {
                    if identify_by_name(&metric, &mut column) {
                        import.notes.push(format!(
                            "{}: `{}` is treated as an identifier because of its name; if it identifies neither a person nor a record, write `role = \"dimension\"`",
                            metric.place, column.name
                        ));
                    }
                    import.columns.push(column);
                }
            }
            None => import.notes.push(format!(
                "{}: `{}` has the unknown type `{}`: skipped",
                metric.place, metric.path, metric.kind
            )),
        }
    }
    import.columns.extend(shared(events));
    import
}

/// Returns what a metric states for all its columns; only links count as reviews.
fn about(metric: &Metric, notes: &mut Vec<String>) -> ColumnEntry {
    let mut about = draft::entry("", RegisteredRole::Dimension);
    about.category = category(metric, notes);
    about.description =
        draft::described(&metric.description, metric.expires.as_deref(), &metric.tags);
    for review in &metric.reviews {
        if is_link(review) {
            if !about.data_reviews.contains(review) {
                about.data_reviews.push(review.clone());
            }
        } else if !review.trim().is_empty() {
            notes.push(format!(
                "{}: `{review}` is not a link to a data review of `{}`: skipped",
                metric.place, metric.path
            ));
        }
    }
    about
}

/// Turns a text or number whose name suggests an identifier into one.
///
/// Returns `true` if the name alone decided.
fn identify_by_name(metric: &Metric, column: &mut ColumnEntry) -> bool {
    let text = matches!(
        metric.kind.as_str(),
        "string" | "string_list" | "text" | "labeled_string" | "uuid"
    );
    (text && column.role != RegisteredRole::Metric || metric.kind == "quantity")
        && draft::complete_from_name(column)
}

/// Returns the entry of one event: `events.CATEGORY.NAME` and the columns below it.
fn event(metric: &Metric, about: &ColumnEntry) -> ColumnEntry {
    let name = format!("events.{}", metric.path);
    let mut column = named(about, &name, RegisteredRole::Dimension);
    column.aliases.push(format!("{name}.*"));
    column
}

/// Returns the columns that all events share, with the most cautious value of each
/// event.
fn shared(events: Vec<ColumnEntry>) -> Vec<ColumnEntry> {
    let Some(all) = events.into_iter().reduce(|mut all, event| {
        draft::join(&mut all, event);
        all
    }) else {
        return Vec::new();
    };
    event_columns(&all).into()
}

/// Removes the columns that the events of all applications share.
///
/// What one application states about its events holds only in its own tables, so
/// without these the columns get no entry.
pub(super) fn drop_shared_event_columns(import: &mut Import, shown: &str) {
    let before = import.columns.len();
    import
        .columns
        .retain(|column| !EVENTS.contains(&column.name.as_str()));
    if import.columns.len() < before {
        import.notes.push(format!(
            "{shown}: the event columns are shared by all applications, so they get no entry; with `--tables` they get the highest category of these events"
        ));
    }
}

/// Returns the highest category of the metric's sensitivities.
///
/// `None` if the metric has no sensitivity, or one that is unknown.
fn category(metric: &Metric, notes: &mut Vec<String>) -> Option<u8> {
    let mut greatest = None;
    for word in &metric.sensitivity {
        match draft::category(word) {
            Some(category) => greatest = greatest.max(Some(category)),
            None => {
                notes.push(format!(
                    "{}: unknown sensitivity `{word}`, so `{}` has no category; known: technical, interaction, stored_content, web_activity and highly_sensitive",
                    metric.place, metric.path
                ));
                return None;
            }
        }
    }
    greatest
}

/// Returns the columns that all events share: the kind of event, and its details.
fn event_columns(about: &ColumnEntry) -> [ColumnEntry; 2] {
    let with = |name: &str, aliases: &[&str], description: &str| {
        let mut column = named(about, name, RegisteredRole::Dimension);
        column.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        column.description = Some(description.to_owned());
        column
    };
    [
        with(
            EVENTS[0],
            &["events.category", "event", "event_name", "event_category"],
            "The type of the event; has the highest category of all events.",
        ),
        with(
            EVENTS[1],
            &["events.extra.*", "event_extra", "event_extra.*"],
            "The details of the event; has the highest category of all events.",
        ),
    ]
}

fn named(about: &ColumnEntry, name: &str, role: RegisteredRole) -> ColumnEntry {
    let mut column = about.clone();
    name.clone_into(&mut column.name);
    column.role = role;
    column
}

/// Returns the columns of a metric; `None` for an unknown type.
fn columns(metric: &Metric, about: &ColumnEntry) -> Option<Vec<ColumnEntry>> {
    let name = metric.path.replace(['.', '-'], "_");
    // A metric in a ping's own sections is named by its path below Glean's category.
    let own = metric
        .path
        .strip_prefix(INTERNAL)
        .unwrap_or_else(|| metric.path.rsplit('.').next().unwrap_or(&metric.path));
    let sent = |ping: &str| metric.pings.iter().any(|sent| sent == ping);
    // Glean's own metrics that are sent with every ping have columns of their own.
    let path = if sent("glean_client_info") {
        format!("client_info.{own}")
    } else if sent("glean_internal_info") {
        format!("ping_info.{own}")
    } else {
        format!("metrics.{}.{name}", metric.kind)
    };
    let one = |role| named(about, &path, role);
    // The fields of a RECORD belong to the metric.
    let below = |role| {
        let mut column = one(role);
        column.aliases.push(format!("{path}.*"));
        column
    };
    let label = |fields: &[&str]| {
        let mut column = named(
            about,
            &format!("{path}.{}", fields[0]),
            RegisteredRole::Dimension,
        );
        column.aliases = fields[1..]
            .iter()
            .map(|field| format!("{path}.{field}"))
            .collect();
        column.description = column.description.map(|text| format!("The label: {text}"));
        column
    };
    // Gecko's additions to Glean's attribution are stored beside it.
    let info = |mut column: ColumnEntry| {
        if let "glean.attribution.ext" | "glean.distribution.ext" = metric.path.as_str() {
            let place = format!("client_info.{}", &metric.path["glean.".len()..]);
            column.aliases.push(format!("{place}.*"));
            column.aliases.push(place);
        }
        column
    };
    // These types are stored a second time, under the type with a 2.
    let twice = |mut column: ColumnEntry| {
        let prefix = format!("metrics.{}.", metric.kind);
        for known in column.names().map(str::to_owned).collect::<Vec<_>>() {
            if let Some(rest) = known.strip_prefix(&prefix) {
                column
                    .aliases
                    .push(format!("metrics.{}2.{rest}", metric.kind));
            }
        }
        column
    };
    use RegisteredRole::{Dimension, Metric as Measure};
    Some(match metric.kind.as_str() {
        "boolean" | "string" | "string_list" => vec![one(Dimension)],
        "url" | "text" | "jwe" => vec![twice(one(Dimension))],
        "object" => vec![info(below(Dimension))],
        "counter" | "quantity" => vec![one(Measure)],
        "timespan" | "rate" => vec![below(Measure)],
        "timing_distribution" | "custom_distribution" | "memory_distribution" => {
            let mut bucket = label(&["values.key"]);
            bucket.description = about
                .description
                .as_ref()
                .map(|text| format!("The bucket: {text}"));
            vec![below(Measure), bucket]
        }
        "uuid" => {
            let mut column = one(Dimension);
            draft::identify(&mut column);
            vec![column]
        }
        "datetime" => vec![time(metric, one(Dimension), &path)],
        "labeled_boolean" | "labeled_string" => vec![below(Dimension)],
        "labeled_counter" | "labeled_quantity" => vec![below(Measure), label(&["key"])],
        "labeled_rate" => vec![twice(below(Measure)), twice(label(&["key"]))],
        "labeled_timing_distribution"
        | "labeled_custom_distribution"
        | "labeled_memory_distribution" => {
            vec![below(Measure), label(&["key", "value.values.key"])]
        }
        "dual_labeled_counter" => vec![below(Measure), label(&["key", "value.key"])],
        _ => return None,
    })
}

/// Returns the resolution with which a time is sent.
pub(super) fn resolution(metric: &Metric) -> Resolution {
    match metric.time_unit.as_deref() {
        Some("day") => Resolution::Day,
        Some("hour") => Resolution::Hour,
        Some("minute") => Resolution::Minute,
        Some("second") => Resolution::Second,
        // The default of Glean is the millisecond.
        Some(_) | None => Resolution::Subsecond,
    }
}

/// Completes the column of a time, with the names of its raw and parsed values.
///
/// Views store both, beside the value as it is sent.
fn time(metric: &Metric, mut column: ColumnEntry, path: &str) -> ColumnEntry {
    let resolution = resolution(metric);
    column.resolution = Some(resolution);
    if resolution > Resolution::Day {
        column.role = RegisteredRole::Timestamp;
    }
    let (before, own) = path.rsplit_once('.').unwrap_or(("", path));
    column.aliases = ["raw", "parsed"]
        .iter()
        .map(|word| format!("{before}.{word}_{own}"))
        .collect();
    column
}
