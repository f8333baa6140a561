//! Expands `metrics.calculate()`: queries over the metrics of metric-hub.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value};
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::run::OPEN;
use super::unknown::Unknown;
use crate::source::bounded::{self, LARGEST_TEXT};

/// A local copy of metric-hub; each file is read once.
#[derive(Debug, Default)]
pub(super) struct MetricHub {
    folder: Option<PathBuf>,
    platforms: Mutex<FxHashMap<String, Result<Arc<Definitions>, String>>>,
}

/// The definitions of one platform.
#[derive(Debug, Default, Deserialize)]
struct Definitions {
    #[serde(default)]
    metrics: BTreeMap<String, Metric>,
    #[serde(default)]
    data_sources: BTreeMap<String, DataSource>,
    #[serde(skip)]
    functions: BTreeMap<String, Function>,
}

#[derive(Debug, Clone, Deserialize)]
struct Metric {
    select_expression: Option<String>,
    data_source: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct DataSource {
    from_expression: Option<String>,
    client_id_column: Option<String>,
    submission_date_column: Option<String>,
    default_dataset: Option<String>,
    #[serde(default)]
    joins: BTreeMap<String, Join>,
}

#[derive(Debug, Clone, Deserialize)]
struct Join {
    relationship: Option<String>,
    on_expression: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Function {
    definition: String,
}

#[derive(Debug, Default, Deserialize)]
struct Functions {
    #[serde(default)]
    functions: BTreeMap<String, Function>,
}

/// The maximum depth of nested joins.
const DEPTH: usize = 6;
/// The fuel for one expression.
const FUEL: u64 = 50_000;

/// The arguments of a call.
struct CalculateArguments {
    by: Vec<(String, String)>,
    filter: Option<String>,
    client_id: bool,
    submission_date: bool,
}

impl MetricHub {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            platforms: Mutex::default(),
        }
    }

    /// Returns the query of `metrics.calculate(…)`, or an error message.
    pub(super) fn calculate(
        &self,
        positional: &[Value],
        named: Option<&Kwargs>,
    ) -> Result<String, String> {
        let argument = |name: &str, at: usize| argument(positional, named, name, at);
        let names = strings(
            &argument("metrics", 0).ok_or("no `metrics` are given")?,
            "metrics",
        )?;
        let platform = platform(argument("platform", 1))?;
        let by = match argument("group_by", 2) {
            Some(by) => grouping(&by)?,
            None => Vec::new(),
        };
        let asked = CalculateArguments {
            by,
            filter: filter(argument("where", 3))?,
            client_id: argument("group_by_client_id", 4).is_none_or(|by| by.is_true()),
            submission_date: argument("group_by_submission_date", 5).is_none_or(|by| by.is_true()),
        };
        let definitions = self.platform(&platform)?;
        let mut sources: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for name in names {
            let metric = definitions.metrics.get(&name).ok_or_else(|| {
                format!("metric-hub has no metric `{name}` on the platform `{platform}`")
            })?;
            let expression = metric
                .select_expression
                .as_ref()
                .ok_or_else(|| format!("the metric `{name}` has no `select_expression`"))?;
            let source = metric
                .data_source
                .as_ref()
                .ok_or_else(|| format!("the metric `{name}` has no `data_source`"))?;
            let expression = definitions.expression(&name, expression)?;
            match sources.iter_mut().find(|(known, _)| known == source) {
                Some((_, metrics)) => metrics.push((name, expression)),
                None => sources.push((source.clone(), vec![(name, expression)])),
            }
        }
        definitions.query(&sources, &asked)
    }

    /// Returns the query of `metrics.data_source(…)`, or an error message.
    pub(super) fn data_source(
        &self,
        positional: &[Value],
        named: Option<&Kwargs>,
    ) -> Result<String, String> {
        let argument = |name: &str, at: usize| argument(positional, named, name, at);
        let name = argument("data_source", 0)
            .and_then(|name| name.as_str().map(str::to_owned))
            .ok_or("no `data_source` is given")?;
        let platform = platform(argument("platform", 1))?;
        let filter = filter(argument("where", 2))?;
        let definitions = self.platform(&platform)?;
        let joins = !argument("ignore_joins", 4).is_some_and(|ignore| ignore.is_true());
        definitions.from(&name, filter.as_deref(), joins, DEPTH)
    }

    fn platform(&self, platform: &str) -> Result<Arc<Definitions>, String> {
        let mut platforms = self
            .platforms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        platforms
            .entry(platform.to_owned())
            .or_insert_with(|| self.read(platform).map(Arc::new))
            .clone()
    }

    fn read(&self, platform: &str) -> Result<Definitions, String> {
        let folder = self.folder.as_ref().ok_or(
            "the metric-hub definitions are not available; set `metric_hub` under [template] in headcount.toml to a local folder that contains them",
        )?;
        if !super::unknown::is_name(platform) {
            return Err(format!("invalid platform name `{platform}`"));
        }
        let mut found: Option<Definitions> = None;
        for below in ["definitions", "", "jetstream/definitions"] {
            let path = folder.join(below).join(format!("{platform}.toml"));
            let Ok(text) = bounded::read_to_string(&path, LARGEST_TEXT) else {
                continue;
            };
            let mut read: Definitions = toml::from_str(&text)
                .map_err(|error| format!("{}: {}", path.display(), error.message()))?;
            // General definitions take precedence over those of a tool.
            if let Some(before) = found.take() {
                read.metrics.extend(before.metrics);
                read.data_sources.extend(before.data_sources);
            }
            found = Some(read);
        }
        let mut definitions = found
            .ok_or_else(|| format!("no `definitions/{platform}.toml` in {}", folder.display()))?;
        for below in ["definitions", ""] {
            let path = folder.join(below).join("functions.toml");
            if let Ok(text) = bounded::read_to_string(&path, LARGEST_TEXT) {
                let read: Functions = toml::from_str(&text)
                    .map_err(|error| format!("{}: {}", path.display(), error.message()))?;
                definitions.functions.extend(read.functions);
            }
        }
        Ok(definitions)
    }
}

fn argument(positional: &[Value], named: Option<&Kwargs>, name: &str, at: usize) -> Option<Value> {
    named
        .and_then(|named| named.peek::<Value>(name).ok())
        .or_else(|| positional.get(at).cloned())
        .filter(|value| !value.is_none())
}

fn platform(value: Option<Value>) -> Result<String, String> {
    let value = value.ok_or("no `platform` is given")?;
    known(&value, "platform")
}

/// Returns a text, or an error if a part of it is unknown.
fn known(value: &Value, what: &str) -> Result<String, String> {
    match value.as_str() {
        Some(text) if !text.contains(OPEN) => Ok(text.to_owned()),
        Some(_) | None => Err(format!("`{what}` is unknown")),
    }
}

fn strings(value: &Value, what: &str) -> Result<Vec<String>, String> {
    if value.downcast_object_ref::<Unknown>().is_some() {
        return Err(format!("`{what}` is unknown"));
    }
    if value.as_str().is_some() {
        return Ok(vec![known(value, what)?]);
    }
    let items = value
        .try_iter()
        .map_err(|_| format!("`{what}` is not a list"))?;
    let names: Result<Vec<String>, String> = items.map(|item| known(&item, what)).collect();
    names.and_then(|names| {
        if names.is_empty() {
            Err(format!("`{what}` is empty"))
        } else {
            Ok(names)
        }
    })
}

fn filter(value: Option<Value>) -> Result<Option<String>, String> {
    match value {
        None => Ok(None),
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            None => Err("`where` is unknown".to_owned()),
        },
    }
}

/// Returns the grouping as aliases and expressions; a list contains columns.
fn grouping(value: &Value) -> Result<Vec<(String, String)>, String> {
    if value.kind() == minijinja::value::ValueKind::Map {
        let keys = value.try_iter().map_err(|error| error.to_string())?;
        return keys
            .map(|key| {
                let name = known(&key, "group_by")?;
                let expression = value.get_item(&key).map_err(|error| error.to_string())?;
                match expression.as_str() {
                    Some(expression) => Ok((name, expression.to_owned())),
                    None => Err("`group_by` is unknown".to_owned()),
                }
            })
            .collect();
    }
    if value.len() == Some(0) {
        return Ok(Vec::new());
    }
    let names = strings(value, "group_by")?;
    Ok(names.into_iter().map(|name| (name.clone(), name)).collect())
}

impl Definitions {
    /// Returns the expression of a metric, with its helper calls expanded.
    fn expression(&self, name: &str, expression: &str) -> Result<String, String> {
        if !expression.contains("{{") && !expression.contains("{%") {
            return Ok(expression.to_owned());
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (helper, function) in &self.functions {
            let definition = function.definition.clone();
            environment.add_function(
                helper.clone(),
                move |inner: String| -> Result<String, Error> {
                    Ok(definition
                        .replace("{select_expr}", &inner)
                        .replace("{{", "{")
                        .replace("}}", "}"))
                },
            );
        }
        environment.render_str(expression, ()).map_err(|error| {
            format!(
                "the metric `{name}` cannot be rendered: {}",
                super::environment::reason(&error)
            )
        })
    }

    fn source(&self, name: &str) -> Result<&DataSource, String> {
        self.data_sources
            .get(name)
            .ok_or_else(|| format!("metric-hub has no data source `{name}` on this platform"))
    }

    /// Returns one data source as a table expression, filtered and joined.
    fn from(
        &self,
        name: &str,
        filter: Option<&str>,
        joins: bool,
        depth: usize,
    ) -> Result<String, String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!(
                "the joins of the data source `{name}` are nested too deeply"
            ));
        };
        let source = self.source(name)?;
        let from = source
            .from_expression
            .as_ref()
            .ok_or_else(|| format!("the data source `{name}` has no `from_expression`"))?;
        let from = match &source.default_dataset {
            Some(dataset) => from.replace("{dataset}", dataset),
            None => from.clone(),
        };
        let condition = filter
            .map(|filter| format!(" WHERE {filter}\n"))
            .unwrap_or_default();
        let mut sql = format!("(SELECT * FROM (SELECT * FROM {from}\n{condition}) AS {name}");
        for (joined, join) in source.joins.iter().filter(|_| joins) {
            let other = self.source(joined)?;
            let on = match &join.on_expression {
                Some(on) => on.clone(),
                // Without a client column there is no join condition.
                None if source.client_id() == "NULL" => continue,
                None => format!(
                    "{name}.{} = {joined}.{} AND {name}.{} = {joined}.{}",
                    source.client_id(),
                    other.client_id(),
                    source.submission_date(),
                    other.submission_date()
                ),
            };
            let kind = match join.relationship.as_deref() {
                Some("one_to_one") => "INNER JOIN",
                Some("many_to_one") => "RIGHT JOIN",
                Some("one_to_many") => "LEFT JOIN",
                Some(_) | None => "JOIN",
            };
            let inner = self.from(joined, filter, true, depth)?;
            sql.push_str(&format!("\n{kind} {inner} AS {joined} ON {on}"));
        }
        sql.push(')');
        Ok(sql)
    }

    /// Builds the query over several data sources. Each one is aggregated
    /// separately, and the results are joined on the group keys.
    fn query(
        &self,
        sources: &[(String, Vec<(String, String)>)],
        asked: &CalculateArguments,
    ) -> Result<String, String> {
        let mut keys: Vec<&str> = asked.by.iter().map(|(name, _)| name.as_str()).collect();
        if asked.client_id {
            keys.push("client_id");
        }
        if asked.submission_date {
            keys.push("submission_date");
        }
        let mut sql = String::from("(\nWITH ");
        for (at, (name, metrics)) in sources.iter().enumerate() {
            let source = self.source(name)?;
            if at > 0 {
                sql.push_str(",\n");
            }
            sql.push_str(&format!("{name} AS (\n  SELECT\n"));
            if asked.client_id {
                sql.push_str(&format!("    {} AS client_id,\n", source.client_id()));
            }
            if asked.submission_date {
                sql.push_str(&format!(
                    "    {} AS submission_date,\n",
                    source.submission_date()
                ));
            }
            for (alias, expression) in asked.by.iter().chain(metrics) {
                sql.push_str(&format!("    {expression} AS {alias},\n"));
            }
            let from = self.from(name, asked.filter.as_deref(), true, DEPTH)?;
            sql.push_str(&format!("  FROM {from}\n"));
            if !keys.is_empty() {
                sql.push_str(&format!("  GROUP BY {}\n", keys.join(", ")));
            }
            sql.push(')');
        }
        let Some((first, _)) = sources.first() else {
            return Err("no metrics are given".to_owned());
        };
        sql.push_str("\nSELECT\n");
        // The common keys come first.
        let (dimensions, common) = keys.split_at(asked.by.len());
        for key in common.iter().chain(dimensions) {
            sql.push_str(&format!("  {first}.{key} AS {key},\n"));
        }
        for (metric, _) in sources.iter().flat_map(|(_, metrics)| metrics) {
            sql.push_str(&format!("  {metric},\n"));
        }
        sql.push_str(&format!("FROM {first}\n"));
        for (name, _) in &sources[1..] {
            let on: Vec<String> = keys
                .iter()
                .map(|key| format!("{name}.{key} = {first}.{key}"))
                .collect();
            let on = if on.is_empty() {
                "TRUE".to_owned()
            } else {
                on.join(" AND ")
            };
            sql.push_str(&format!("FULL OUTER JOIN {name} ON {on}\n"));
        }
        sql.push(')');
        Ok(sql)
    }
}

impl DataSource {
    fn client_id(&self) -> &str {
        self.client_id_column.as_deref().unwrap_or("client_id")
    }

    fn submission_date(&self) -> &str {
        self.submission_date_column
            .as_deref()
            .unwrap_or("submission_date")
    }
}
