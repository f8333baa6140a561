//! Parses the TOML of a registry.

use rustc_hash::FxHashMap;
use toml::de::{DeTable, DeValue};

use super::{
    ColumnEntry, ColumnOrigin, PolicySettings, PrivacyUnit, RegisteredRole, ResidualOther,
    Resolution, TableEntry,
};
use crate::source::{SourceText, Span};
use crate::toml_text::{self, Fields, TomlError, Value, document, span, table_of, with_article};

const TOP: &[&str] = &["schema_version", "policy", "units", "column", "table"];
const COLUMN: &[&str] = &[
    "name",
    "aliases",
    "tables",
    "role",
    "unit",
    "pseudonym",
    "category",
    "sensitive",
    "resolution",
    "data_reviews",
    "origin",
    "description",
];
const TABLE: &[&str] = &[
    "name",
    "unit_column",
    "data_reviews",
    "keys",
    "not_null",
    "personal",
    "level",
    "min_bucket",
    "columns",
];

const CATEGORY: &str = "write the data collection category: 1 technical, 2 interaction, \
                        3 web activity or 4 highly sensitive";
const LEVEL: &str = "write a level of the policy, 1 to 7";
const MIN_BUCKET: &str = "write the least number of people of a row, 1 or more; the policy's \
                          minimum bucket is 5000";

/// The parts of a registry, before they are indexed.
pub(super) struct RegistryParts {
    pub(super) policy: PolicySettings,
    pub(super) units: FxHashMap<String, PrivacyUnit>,
    pub(super) columns: Vec<ColumnEntry>,
    pub(super) tables: Vec<TableEntry>,
}

/// Reads all parts of a registry, or returns all mistakes in them, sorted by place.
pub(super) fn read(source: &SourceText) -> Result<RegistryParts, Vec<TomlError>> {
    let document = &document(source)?;
    let mut errors = Vec::new();
    let start = Span::new(0, source.text().lines().next().map_or(0, str::len));
    let mut top = Fields::new("the registry", document, start, TOP, &mut errors);
    version(&mut top);
    let policy = read_policy(document.get("policy"), &mut errors);
    let units = read_units(document.get("units"), &mut errors);
    let columns = toml_text::tables(
        "column",
        "write `[[column]]` before each entry",
        document.get("column"),
        &mut errors,
    )
    .into_iter()
    .filter_map(|(table, place)| {
        let place = entry_span(table, place);
        let fields = Fields::new("[[column]]", table, place, COLUMN, &mut errors);
        read_column(fields, place, &units)
    })
    .collect();
    let tables = toml_text::tables(
        "table",
        "write `[[table]]` before each entry",
        document.get("table"),
        &mut errors,
    )
    .into_iter()
    .filter_map(|(table, place)| {
        let place = entry_span(table, place);
        let fields = Fields::new("[[table]]", table, place, TABLE, &mut errors);
        read_table(fields, place)
    })
    .collect();
    if errors.is_empty() {
        Ok(RegistryParts {
            policy,
            units,
            columns,
            tables,
        })
    } else {
        errors.sort_by_key(|error| error.span);
        Err(errors)
    }
}

fn version(top: &mut Fields<'_, '_>) {
    let help = "write `schema_version = 1` on the first line";
    if top.value("schema_version").is_none() {
        top.missing("schema_version", help);
    } else {
        top.integer("schema_version", 1, 1, help);
    }
}

/// Returns the place of an entry: its header and all its values.
fn entry_span(table: &DeTable<'_>, header: Span) -> Span {
    table
        .values()
        .fold(header, |place, value| place.join(span(value.span())))
}

fn read_policy(value: Option<&Value<'_>>, errors: &mut Vec<TomlError>) -> PolicySettings {
    let default = PolicySettings::default();
    let help = "write `[policy]` and the settings below it";
    let Some(value) = value else { return default };
    let Some(table) = table_of("policy", help, value, errors) else {
        return default;
    };
    let known = &["min_bucket", "residual_other", "levels"];
    let mut fields = Fields::new("[policy]", table, span(value.span()), known, errors);
    let min_bucket = fields.integer("min_bucket", 1, u64::MAX, MIN_BUCKET);
    let residual_other = fields.word(
        "residual_other",
        &[
            ("allow", ResidualOther::Allow),
            ("review", ResidualOther::Review),
        ],
    );
    let levels = table
        .get("levels")
        .map(|levels| read_levels(levels, errors));
    PolicySettings::new(
        min_bucket.unwrap_or(default.min_bucket),
        residual_other.unwrap_or(default.residual_other),
        levels.unwrap_or_else(|| [1, 2, 3, 4].map(|category| default.levels(category).to_vec())),
    )
}

/// Reads the levels that each category allows.
///
/// All four categories are required: an omitted one would be a rule of the
/// organisation that nobody wrote.
fn read_levels(value: &Value<'_>, errors: &mut Vec<TomlError>) -> [Vec<u8>; 4] {
    let help = "write `levels = { 1 = [1, 2, 3], 2 = [1, 2, 3], 3 = [1, 2], 4 = [1, 2] }`: \
                each category and the levels it allows";
    let mut levels = [const { Vec::new() }; 4];
    let Some(table) = table_of("levels", help, value, errors) else {
        return levels;
    };
    let known = ["1", "2", "3", "4"];
    let mut fields = Fields::new("`levels`", table, span(value.span()), &known, errors);
    for (allowed, category) in levels.iter_mut().zip(known) {
        let Some(list) = fields.value(category) else {
            fields.missing(category, help);
            continue;
        };
        let Some(items) = list.get_ref().as_array() else {
            fields.error(
                span(list.span()),
                format!(
                    "the levels of category {category} must be a list of whole numbers, not {}",
                    with_article(list.get_ref())
                ),
                help,
            );
            continue;
        };
        for item in items.iter() {
            match level_of(item) {
                Some(level) => allowed.push(level),
                None => fields.error(
                    span(item.span()),
                    format!("category {category} allows a value that is not a level"),
                    LEVEL,
                ),
            }
        }
    }
    levels
}

fn level_of(value: &Value<'_>) -> Option<u8> {
    let DeValue::Integer(number) = value.get_ref() else {
        return None;
    };
    u8::from_str_radix(number.as_str(), number.radix())
        .ok()
        .filter(|level| (1..=7).contains(level))
}

fn read_units(
    value: Option<&Value<'_>>,
    errors: &mut Vec<TomlError>,
) -> FxHashMap<String, PrivacyUnit> {
    let help = "write `[units.NAME]` and below it `person = true` or `person = false`";
    let Some(value) = value else {
        return FxHashMap::default();
    };
    let Some(table) = table_of("units", help, value, errors) else {
        return FxHashMap::default();
    };
    let mut units = FxHashMap::default();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        if name.trim().is_empty() {
            errors.push(TomlError::new(
                span(key.span()),
                "a unit has an empty name",
                help,
            ));
        }
        let Some(unit) = table_of(&name, help, value, errors) else {
            continue;
        };
        let place = span(value.span()).join(span(key.span()));
        let mut fields = Fields::new("the unit", unit, place, &["person"], errors);
        if fields.value("person").is_none() {
            fields.missing(
                "person",
                "write `person = true` if one of this unit is one person, otherwise `person = false`",
            );
        }
        // An invalid unit is kept by its name, so that the columns that use it are
        // not reported as well.
        let person = fields.boolean("person").unwrap_or(false);
        units.insert(name.clone(), PrivacyUnit { name, person });
    }
    units
}

fn read_column(
    mut fields: Fields<'_, '_>,
    place: Span,
    units: &FxHashMap<String, PrivacyUnit>,
) -> Option<ColumnEntry> {
    let name = required_name(&mut fields);
    if fields.value("role").is_none() {
        fields.missing(
            "role",
            "write `role = \"dimension\"`, or `metric`, `identifier` or `timestamp`",
        );
    }
    let role = fields.word("role", &RegisteredRole::ALL);
    let unit = fields.string("unit");
    let pseudonym = fields.boolean("pseudonym");
    let category = fields.integer("category", 1, 4, CATEGORY);
    let resolution = fields.word("resolution", &Resolution::ALL);
    let data_reviews = links(&mut fields);
    let origin = fields.word("origin", &ColumnOrigin::ALL);
    let tables = names(&mut fields, "tables");
    let aliases = names(&mut fields, "aliases");
    if fields.value("tables").is_some_and(is_empty_list) {
        let at = fields.span_of("tables");
        fields.error(
            at,
            "`tables` is an empty list",
            "name the tables, or remove `tables` if the entry applies to all tables",
        );
    }
    if let Some(unit) = &unit
        && !units.contains_key(unit)
    {
        let at = fields.span_of("unit");
        let help = format!("write `[units.{unit}]` with `person = true` or `person = false`");
        fields.error(at, format!("the unit `{unit}` is not declared"), help);
    }
    if let Some(role) = role {
        check_role_keys(&mut fields, role, pseudonym);
    }
    Some(ColumnEntry {
        name: name?,
        aliases,
        tables,
        role: role?,
        unit,
        pseudonym: pseudonym.unwrap_or(false),
        category: category.and_then(|category| u8::try_from(category).ok()),
        sensitive: fields.string("sensitive"),
        resolution,
        data_reviews,
        origin,
        description: fields.string("description"),
        span: place,
    })
}

/// Reports `unit`, `pseudonym` and `resolution` on columns whose role excludes them.
fn check_role_keys(fields: &mut Fields<'_, '_>, role: RegisteredRole, pseudonym: Option<bool>) {
    let identifier = role == RegisteredRole::Identifier;
    if !identifier && fields.value("unit").is_some() {
        let at = fields.span_of("unit");
        fields.error(
            at,
            format!("`unit` on a {}, which is not an identifier", role.word()),
            "only identifiers have a unit: remove it, or write `role = \"identifier\"`",
        );
    }
    if !identifier && pseudonym == Some(true) {
        let at = fields.span_of("pseudonym");
        fields.error(
            at,
            format!(
                "`pseudonym` on a {}, which is not an identifier",
                role.word()
            ),
            "only identifiers can be pseudonyms: remove it, or write `role = \"identifier\"`",
        );
    }
    let tells_time = match role {
        RegisteredRole::Dimension | RegisteredRole::Timestamp => true,
        RegisteredRole::Metric | RegisteredRole::Identifier => false,
    };
    if !tells_time && fields.value("resolution").is_some() {
        let at = fields.span_of("resolution");
        fields.error(
            at,
            format!(
                "`resolution` on a column that is registered as {}",
                role.word()
            ),
            "only timestamps and dimensions have a resolution: remove it, or change the role",
        );
    }
}

fn read_table(mut fields: Fields<'_, '_>, place: Span) -> Option<TableEntry> {
    let name = required_name(&mut fields);
    let plain = |found: Vec<(String, Span)>| found.into_iter().map(|(name, _)| name).collect();
    let columns = fields
        .value("columns")
        .is_some()
        .then(|| plain(fields.strings("columns")));
    Some(TableEntry {
        unit_column: fields.string("unit_column"),
        data_reviews: links(&mut fields),
        keys: fields.string_lists("keys"),
        not_null: plain(fields.strings("not_null")),
        personal: fields.boolean("personal"),
        level: fields
            .integer("level", 1, 7, LEVEL)
            .and_then(|level| u8::try_from(level).ok()),
        min_bucket: fields.integer("min_bucket", 1, u64::MAX, MIN_BUCKET),
        columns,
        span: place,
        name: name?,
    })
}

/// Reads the links to data reviews, and reports each value that is not a link.
fn links(fields: &mut Fields<'_, '_>) -> Vec<String> {
    let found = fields.strings("data_reviews");
    for (link, at) in &found {
        if !is_link(link) {
            fields.error(
                *at,
                format!("`{link}` is not a link to a data review"),
                "write the complete address, which starts with `https://`",
            );
        }
    }
    found.into_iter().map(|(link, _)| link).collect()
}

fn required_name(fields: &mut Fields<'_, '_>) -> Option<String> {
    if fields.value("name").is_none() {
        fields.missing("name", "write `name = \"…\"`");
    }
    let name = fields.string("name")?;
    let at = fields.span_of("name");
    check_name_parts(fields, "name", &name, at);
    Some(name)
}

fn names(fields: &mut Fields<'_, '_>, key: &str) -> Vec<String> {
    let found = fields.strings(key);
    for (name, at) in &found {
        check_name_parts(fields, key, name, *at);
    }
    found.into_iter().map(|(name, _)| name).collect()
}

/// Reports a name with an empty part, or with spaces around a part.
///
/// Such a name would never match, and its entry would silently have no effect.
fn check_name_parts(fields: &mut Fields<'_, '_>, key: &str, name: &str, at: Span) {
    if name
        .split('.')
        .any(|part| part.is_empty() || part.trim() != part)
    {
        fields.error(
            at,
            format!("`{name}` in `{key}` has an empty part, or spaces around a part"),
            "write the names with single dots between them and without spaces",
        );
    }
}

fn is_empty_list(value: &Value<'_>) -> bool {
    value
        .get_ref()
        .as_array()
        .is_some_and(|list| list.is_empty())
}

/// Whether a text is a web address with a host.
pub(crate) fn is_link(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        host.contains('.') && !text.contains(char::is_whitespace)
    })
}
