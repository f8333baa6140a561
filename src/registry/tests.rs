//! Tests which entry wins, and which registries are refused.

use super::*;
use insta::assert_snapshot;

const HEAD: &str = "schema_version = 1\n[units.client]\nperson = true\n";

/// Returns the mistakes of a registry as `line:column message (help)`.
fn mistakes(text: &str) -> String {
    let source = SourceText::new("registry.toml", text);
    let errors = Registry::parse(&source).expect_err("a mistake");
    errors
        .iter()
        .map(|error| {
            let at = source.position(error.span.start);
            let help = error.help.as_deref().unwrap_or("-");
            format!("{}:{} {} ({help})", at.line, at.column, error.message)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns the mistakes of entries below a valid head of three lines.
fn entry_mistakes(entries: &str) -> String {
    mistakes(&format!("{HEAD}{entries}"))
}

fn registry(entries: &str) -> Registry {
    let source = SourceText::new("registry.toml", format!("{HEAD}{entries}"));
    Registry::parse(&source).expect("no mistake")
}

/// Returns a registry of columns `name | tables`, each described by these two.
fn columns(names: &[(&str, &[&str])]) -> Registry {
    let entries: String = names
        .iter()
        .map(|(name, tables)| {
            let bound = match tables {
                [] => String::new(),
                tables => format!("tables = {tables:?}\n"),
            };
            format!(
                "[[column]]\nname = \"{name}\"\nrole = \"dimension\"\n{bound}\
                 description = '{name} {tables:?}'\n"
            )
        })
        .collect();
    registry(&entries)
}

fn winner<'a>(registry: &'a Registry, table: &str, path: &str) -> &'a str {
    let table = (!table.is_empty()).then(|| TableName::new([table]));
    let path: Vec<&str> = path.split('.').collect();
    registry
        .column(table.as_ref(), &path)
        .and_then(|entry| entry.description.as_deref())
        .unwrap_or("none")
}

#[test]
fn the_builtin_registry_parses() {
    let registry = Registry::builtin();
    assert_eq!(registry.origin(), &RegistryOrigin::Builtin);
    assert_eq!(registry.policy(), &PolicySettings::default());
    let client = registry
        .column(None, &["client_info", "client_id"])
        .expect("registered");
    assert_eq!(client.role, RegisteredRole::Identifier);
    assert_eq!(client.unit.as_deref(), Some("client"));
    assert!(registry.unit("client").is_some_and(|unit| unit.person));
    assert!(registry.column(None, &["id"]).is_none());
}

#[test]
fn every_link_and_unit_of_the_builtin_registry_is_usable() {
    for column in Registry::builtin().columns() {
        for link in &column.data_reviews {
            assert!(link.starts_with("https://"), "{}: {link}", column.name);
        }
        if column.role == RegisteredRole::Identifier {
            assert!(column.unit.is_some(), "{} names nobody", column.name);
        }
    }
}

#[test]
fn path_over_last_name_over_glob() {
    let registry = columns(&[
        ("country", &[]),
        ("geo.country", &[]),
        ("metadata.geo.country", &[]),
        ("coun*", &[]),
    ]);
    assert_snapshot!(winner(&registry, "", "metadata.geo.country"), @"metadata.geo.country []");
    assert_snapshot!(winner(&registry, "", "ping.geo.Country"), @"geo.country []");
    assert_snapshot!(winner(&registry, "", "ping.country"), @"country []");
    assert_snapshot!(winner(&registry, "", "country"), @"country []");
    assert_snapshot!(winner(&registry, "", "county"), @"coun* []");
    assert_snapshot!(winner(&registry, "", "county.name"), @"none");
}

#[test]
fn tables_over_none_and_exact_over_glob() {
    let registry = columns(&[
        ("metadata.key", &[]),
        ("key", &["telemetry.*"]),
        ("k*", &["telemetry.main"]),
    ]);
    assert_snapshot!(winner(&registry, "", "metadata.key"), @"metadata.key []");
    assert_snapshot!(winner(&registry, "search.main", "metadata.key"), @"metadata.key []");
    assert_snapshot!(
        winner(&registry, "p.telemetry.other", "metadata.key"),
        @r#"key ["telemetry.*"]"#
    );
    assert_snapshot!(
        winner(&registry, "p.Telemetry.Main", "metadata.key"),
        @r#"k* ["telemetry.main"]"#
    );
}

#[test]
fn more_literal_characters_win() {
    let registry = columns(&[
        ("*_id", &[]),
        ("client_*", &[]),
        ("key", &["telemetry.*"]),
        ("key", &["telemetry.clients_*"]),
        ("value", &["d.t"]),
        ("value", &["p.d.t"]),
    ]);
    assert_snapshot!(winner(&registry, "", "client_id"), @"client_* []");
    assert_snapshot!(
        winner(&registry, "telemetry.clients_daily", "key"),
        @r#"key ["telemetry.clients_*"]"#
    );
    assert_snapshot!(winner(&registry, "p.d.t", "value"), @r#"value ["p.d.t"]"#);
    assert_snapshot!(winner(&registry, "q.d.t", "value"), @r#"value ["d.t"]"#);
}

#[test]
fn an_alias_ranks_by_its_own_form() {
    let registry = registry(
        r#"
[[column]]
name = "c*"
aliases = ["geo.country"]
role = "dimension"
description = "by alias"
[[column]]
name = "country"
role = "dimension"
description = "by name"
"#,
    );
    assert_snapshot!(winner(&registry, "", "geo.country"), @"by alias");
    assert_snapshot!(winner(&registry, "", "country"), @"by name");
    let all = registry.column_matches(None, &["geo", "country"]);
    let told: Vec<_> = all
        .iter()
        .map(|found| (found.name, found.rank.name))
        .collect();
    assert_eq!(
        told,
        [
            ("geo.country", lookup::NameForm::Path),
            ("country", lookup::NameForm::LastName)
        ]
    );
}

#[test]
fn tables_exact_over_glob_and_without_the_project() {
    let registry = registry(
        r#"
[[table]]
name = "telemetry.*"
[[table]]
name = "telemetry.clients_*"
level = 5
[[table]]
name = "telemetry.clients_daily"
personal = false
"#,
    );
    let find = |name: &str| {
        registry
            .table(&TableName::new([name]))
            .map(|t| t.name.as_str())
    };
    assert_eq!(
        find("p.telemetry.clients_daily"),
        Some("telemetry.clients_daily")
    );
    assert_eq!(
        find("telemetry.CLIENTS_DAILY"),
        Some("telemetry.clients_daily")
    );
    assert_eq!(
        find("telemetry.clients_last_seen"),
        Some("telemetry.clients_*")
    );
    assert_eq!(find("telemetry.main"), Some("telemetry.*"));
    assert_eq!(find("clients_daily"), None);
    assert_eq!(find("search.clients_daily"), None);
}

#[test]
fn policy_is_read() {
    let registry = registry(
        "[policy]\nmin_bucket = 10_000\nresidual_other = \"review\"\n\
         levels = { 1 = [1, 2], 2 = [1, 2], 3 = [1], 4 = [] }\n",
    );
    let policy = registry.policy();
    assert_eq!(policy.min_bucket, 10_000);
    assert_eq!(policy.residual_other, ResidualOther::Review);
    assert!(policy.allowed(1, 2) && !policy.allowed(1, 3));
    assert!(!policy.allowed(4, 1) && !policy.allowed(0, 1) && !policy.allowed(9, 1));
}

#[test]
fn an_entry_knows_its_place() {
    let text = format!("{HEAD}\n[[column]]\nname = \"os\"\nrole = \"dimension\"\n");
    let source = SourceText::new("registry.toml", text);
    let registry = Registry::parse(&source).expect("no mistake");
    let place = source.slice(registry.columns()[0].span);
    assert_snapshot!(place, @r#"
    [[column]]
    name = "os"
    role = "dimension"
    "#);
}

#[test]
fn refuses_what_is_not_toml() {
    assert_snapshot!(mistakes("schema_version = \n[[column\n"), @r#"
    1:18 not TOML: string values must be quoted, expected literal string (write `key = "text"`, `key = 5` or `key = ["a", "b"]`, one on each line, and `[table]` before the keys of a table)
    2:9 not TOML: unclosed array table, expected `]]` (-)
    "#);
}

#[test]
fn refuses_versions() {
    assert_snapshot!(mistakes("[units]\n"), @"1:1 the registry has no `schema_version` (write `schema_version = 1` on the first line)");
    assert_snapshot!(mistakes("schema_version = 2\n"), @"1:18 `schema_version` is 2, which is not 1 (write `schema_version = 1` on the first line)");
    assert_snapshot!(mistakes("schema_version = \"1\"\n"), @"1:18 `schema_version` must be a whole number, not a string (write `schema_version = 1` on the first line)");
}

#[test]
fn refuses_unknown_keys() {
    assert_snapshot!(mistakes("schema_version = 1\n[[colunm]]\nname = \"a\"\n"), @"2:3 unknown key `colunm` in the registry (did you mean `column`?)");
    assert_snapshot!(
        entry_mistakes("[[column]]\nname = \"a\"\nrole = \"metric\"\nsensitiv = \"x\"\nzzz = 1\n"),
        @r"
    7:1 unknown key `sensitiv` in [[column]] (did you mean `sensitive`?)
    8:1 unknown key `zzz` in [[column]] (known keys: `name`, `aliases`, `tables`, `role`, `unit`, `pseudonym`, `category`, `sensitive`, `resolution`, `data_reviews`, `origin` and `description`)
    "
    );
    assert_snapshot!(entry_mistakes("[policy]\nmin_buckets = 1\n"), @"5:1 unknown key `min_buckets` in [policy] (did you mean `min_bucket`?)");
}

#[test]
fn refuses_wrong_types() {
    assert_snapshot!(
        entry_mistakes(
            "[[column]]\nname = 1\nrole = [\"metric\"]\ntables = \"a.b\"\ncategory = \"1\"\npseudonym = 1\n\
             [[table]]\nname = \"a.b\"\nkeys = [\"x\"]\nnot_null = [1]\n"
        ),
        @r#"
        5:8 `name` must be a string, not a whole number (write `name = "…"`)
        6:8 `role` must be a string, not a list (write `role = "…"`)
        7:10 `tables` must be a list of strings, not a string (write `tables = ["…"]`)
        8:12 `category` must be a whole number, not a string (write the data collection category: 1 technical, 2 interaction, 3 web activity or 4 highly sensitive)
        9:13 `pseudonym` must be true or false, not a whole number (write `pseudonym = true` or `pseudonym = false`, without quotes)
        12:9 `keys` must be a list of lists of columns, not a string (write `keys = [["…", "…"]]`, a list for each key)
        13:13 `not_null` must be a list of strings, not a whole number (write `not_null = ["…"]`)
        "#
    );
    assert_snapshot!(mistakes("schema_version = 1\ncolumn = 1\ntable = [1]\nunits = 1\npolicy = 1\n"), @r"
    2:10 `column` must be a list of tables, not a whole number (write `[[column]]` before each entry)
    3:10 `table` must be a list of tables, not a whole number (write `[[table]]` before each entry)
    4:9 `units` must be a table, not a whole number (write `[units.NAME]` and below it `person = true` or `person = false`)
    5:10 `policy` must be a table, not a whole number (write `[policy]` and the settings below it)
    ");
}

#[test]
fn refuses_values_out_of_range() {
    assert_snapshot!(
        entry_mistakes(
            "[policy]\nmin_bucket = 0\nresidual_other = \"alow\"\nlevels = { 1 = [8], 2 = 1, 3 = [1] }\n\
             [[column]]\nname = \"a\"\nrole = \"dimention\"\ncategory = 5\nresolution = \"week\"\n\
             [[table]]\nname = \"a.b\"\nlevel = 0\nmin_bucket = 0\nkeys = [[]]\n"
        ),
        @r"
        5:14 `min_bucket` is 0, which is less than 1 (write the least number of people of a row, 1 or more; the policy's minimum bucket is 5000)
        6:18 unknown residual_other `alow` in [policy] (did you mean `allow`? Known values: `allow` and `review`)
        7:10 `levels` has no `4` (write `levels = { 1 = [1, 2, 3], 2 = [1, 2, 3], 3 = [1, 2], 4 = [1, 2] }`: each category and the levels it allows)
        7:17 category 1 allows a value that is not a level (write a level of the policy, 1 to 7)
        7:25 the levels of category 2 must be a list of whole numbers, not a whole number (write `levels = { 1 = [1, 2, 3], 2 = [1, 2, 3], 3 = [1, 2], 4 = [1, 2] }`: each category and the levels it allows)
        10:8 unknown role `dimention` in [[column]] (did you mean `dimension`? Known values: `dimension`, `metric`, `identifier` and `timestamp`)
        11:12 `category` is 5, which is outside 1 to 4 (write the data collection category: 1 technical, 2 interaction, 3 web activity or 4 highly sensitive)
        12:14 unknown resolution `week` in [[column]] (write one of `day`, `hour`, `minute`, `second` and `subsecond`)
        15:9 `level` is 0, which is outside 1 to 7 (write a level of the policy, 1 to 7)
        16:14 `min_bucket` is 0, which is less than 1 (write the least number of people of a row, 1 or more; the policy's minimum bucket is 5000)
        17:9 `keys` holds an empty list (name the columns that are unique together, or remove the list)
        "
    );
}

#[test]
fn refuses_missing_and_empty_names() {
    assert_snapshot!(
        entry_mistakes(
            "[[column]]\n[[column]]\nname = \"\"\nrole = \"metric\"\naliases = [\"\"]\ntables = []\n\
             [[column]]\nname = \"a..b\"\nrole = \"metric\"\n[[table]]\npersonal = true\n"
        ),
        @r#"
        4:1 [[column]] has no `name` (write `name = "…"`)
        4:1 [[column]] has no `role` (write `role = "dimension"`, or `metric`, `identifier` or `timestamp`)
        6:8 `name` is empty (write a value, or remove `name`)
        8:12 `aliases` holds an empty name (remove it)
        9:10 `tables` is an empty list (name the tables, or remove `tables` if the entry applies to all tables)
        11:8 `a..b` in `name` has an empty part, or spaces around a part (write the names with single dots between them and without spaces)
        13:1 [[table]] has no `name` (write `name = "…"`)
        "#
    );
}

#[test]
fn refuses_units() {
    assert_snapshot!(
        entry_mistakes(
            "[units.device]\n[[column]]\nname = \"a\"\nrole = \"identifier\"\nunit = \"clinet\"\n\
             [[column]]\nname = \"b\"\nrole = \"metric\"\nunit = \"client\"\npseudonym = true\nresolution = \"day\"\n"
        ),
        @r#"
        4:1 the unit has no `person` (write `person = true` if one of this unit is one person, otherwise `person = false`)
        8:8 the unit `clinet` is not declared (write `[units.clinet]` with `person = true` or `person = false`)
        12:8 `unit` on a metric, which is not an identifier (only identifiers have a unit: remove it, or write `role = "identifier"`)
        13:13 `pseudonym` on a metric, which is not an identifier (only identifiers can be pseudonyms: remove it, or write `role = "identifier"`)
        14:14 `resolution` on a column that is registered as metric (only timestamps and dimensions have a resolution: remove it, or change the role)
        "#
    );
}

#[test]
fn refuses_links_that_are_none() {
    assert_snapshot!(
        entry_mistakes("[[column]]\nname = \"a\"\nrole = \"metric\"\ndata_reviews = [\"bug 1\", \"https://\", \"https://bugzilla.mozilla.org/1\"]\n"),
        @r"
        7:17 `bug 1` is not a link to a data review (write the complete address, which starts with `https://`)
        7:26 `https://` is not a link to a data review (write the complete address, which starts with `https://`)
        "
    );
}

#[test]
fn refuses_duplicates_and_ties() {
    let column = |name: &str, more: &str| {
        format!("[[column]]\nname = \"{name}\"\nrole = \"metric\"\n{more}")
    };
    let both = |a: String, b: String| entry_mistakes(&format!("{a}{b}"));
    assert_snapshot!(both(column("a.b", ""), column("A.B", "")), @"7:1 column `A.B` is registered twice; the first entry is on line 4 (keep one of the two, or distinguish them with `tables`)");
    assert_snapshot!(both(column("a", ""), column("b", "aliases = [\"a\"]\n")), @"7:1 column `a` is registered twice; the first entry is on line 4 (keep one of the two, or distinguish them with `tables`)");
    assert_snapshot!(
        both(column("a", "tables = [\"x.y\", \"x.z\"]\n"), column("a", "tables = [\"x.z\"]\n")),
        @"8:1 column `a` is registered twice; the first entry is on line 4 (keep one of the two, or distinguish them with `tables`)"
    );
    assert_snapshot!(both(column("a*", ""), column("*b", "")), @"7:1 `*b` and `a*` on line 4 match the same columns and are equally specific (make one of the two more specific, in its name or its `tables`, or remove one of them)");
    assert_snapshot!(
        both(column("a", "tables = [\"x.a*\"]\n"), column("a", "tables = [\"x.*b\"]\n")),
        @"8:1 `a` and `a` on line 4 match the same columns and are equally specific (make one of the two more specific, in its name or its `tables`, or remove one of them)"
    );
    assert_snapshot!(
        entry_mistakes(
            "[[table]]\nname = \"a.b\"\n[[table]]\nname = \"A.b\"\n[[table]]\nname = \"a.c*\"\n[[table]]\nname = \"a.*c\"\n"
        ),
        @r"
        6:1 table `A.b` is registered twice; the first entry is on line 4 (keep one of the two)
        10:1 `a.*c` and `a.c*` on line 8 match the same tables and are equally specific (make one of the two names more specific, or remove one of them)
        "
    );
}

#[test]
fn what_can_be_told_apart_is_no_tie() {
    columns(&[
        ("a", &[]),
        ("a", &["x.y"]),
        ("a", &["x.*"]),
        ("a", &["x.z"]),
        ("a*", &[]),
        ("b*", &[]),
        ("c.*", &[]),
        ("d.*", &[]),
        ("*__", &[]),
    ]);
}

#[test]
fn loading_says_what_is_wrong_with_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(FILE_NAME);
    assert!(matches!(
        Registry::load(&path),
        Err(LoadError::Unreadable { .. })
    ));
    std::fs::write(&path, b"schema_version = 1 # \xff").expect("written");
    let error = Registry::load(&path).expect_err("not text");
    assert!(
        error
            .to_string()
            .ends_with("not UTF-8: invalid byte at offset 21")
    );
    std::fs::write(&path, "schema_version = 2").expect("written");
    let error = Registry::load(&path).expect_err("not valid");
    assert!(error.to_string().ends_with("has 1 error"), "{error}");
    std::fs::write(&path, "schema_version = 1").expect("written");
    let registry = Registry::load(&path).expect("valid");
    assert_eq!(registry.origin(), &RegistryOrigin::File(path.clone()));
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).expect("made");
    assert_eq!(Registry::find_upward(&below), Some(path.clone()));
    assert_eq!(Registry::find_upward(&below.join("query.sql")), Some(path));
}

#[test]
fn a_name_with_dots_is_not_its_last_part() {
    let registry = columns(&[("os", &[])]);
    let table = TableName::new(["d", "t"]);
    let found = |path: &[&str]| {
        let last = path.last().copied().unwrap_or_default();
        let (entry, _) = registry.column_with_nested(&table, &path.join("."), last);
        entry.is_some()
    };
    assert!(found(&["payload", "os"]));
    // A member of a JSON value: `$."a.os"`.
    assert!(!found(&["payload", "a.os"]));
    assert!(
        registry
            .column(Some(&table), &["payload", "a.os"])
            .is_none()
    );
}

#[test]
fn column_of_the_pipeline_needs_no_review() {
    let registry = registry(
        "[[column]]\nname = \"day\"\nrole = \"dimension\"\norigin = \"pipeline\"\n\
         [[column]]\nname = \"os\"\nrole = \"dimension\"\n\
         [[column]]\nname = \"locale\"\nrole = \"dimension\"\ndata_reviews = [\"https://example.org/1\"]\n",
    );
    let reviewed: Vec<bool> = registry
        .columns()
        .iter()
        .map(ColumnEntry::is_reviewed)
        .collect();
    assert_eq!(reviewed, [true, false, true]);
    assert_eq!(registry.columns()[0].origin, Some(ColumnOrigin::Pipeline));
}

#[test]
fn table_has_reviews_of_its_own() {
    let registry = registry(
        "[[table]]\nname = \"app.baseline\"\ndata_reviews = [\"https://example.org/1\"]\n",
    );
    assert_eq!(registry.tables()[0].data_reviews, ["https://example.org/1"]);
}

#[test]
fn wrong_origins_and_reviews_are_refused() {
    assert_snapshot!(entry_mistakes(
        "[[column]]\nname = \"day\"\nrole = \"dimension\"\norigin = \"pipelin\"\n\
         [[column]]\nname = \"os\"\nrole = \"dimension\"\norigin = true\n\
         [[table]]\nname = \"d.t\"\ndata_reviews = [\"bug 12\"]\n\
         [[table]]\nname = \"d.u\"\norigin = \"pipeline\"\n"
    ), @r#"
    7:10 unknown origin `pipelin` in [[column]] (did you mean `pipeline`? Known values: `pipeline`)
    11:10 `origin` must be a string, not true or false (write `origin = "…"`)
    14:17 `bug 12` is not a link to a data review (write the complete address, which starts with `https://`)
    17:1 unknown key `origin` in [[table]] (known keys: `name`, `unit_column`, `data_reviews`, `keys`, `not_null`, `personal`, `level`, `min_bucket` and `columns`)
    "#);
}

#[test]
fn presets_are_registries_in_which_every_entry_can_be_meant() {
    for (word, preset) in Preset::ALL {
        let source = SourceText::new(word, preset.text());
        let registry = Registry::parse(&source).unwrap_or_else(|errors| {
            panic!("{word}: {}", errors[0].message);
        });
        let problems = inspect::inspect(&registry, &source, None);
        let serious: Vec<_> = problems
            .iter()
            .filter(|problem| {
                !matches!(
                    problem.kind,
                    inspect::RegistryProblemKind::MissingReview
                        | inspect::RegistryProblemKind::MissingCategory
                )
            })
            .collect();
        assert_eq!(serious.len(), 0, "{word}: {serious:?}");
        assert!(
            registry.columns().iter().any(|column| {
                column
                    .unit
                    .as_deref()
                    .and_then(|unit| registry.unit(unit))
                    .is_some_and(|unit| unit.person)
            }),
            "{word} names no person"
        );
    }
}

#[test]
fn built_in_registry_accounts_for_the_collection_of_its_columns() {
    let columns = Registry::builtin().columns();
    let reviewed = columns.iter().filter(|column| column.is_reviewed()).count();
    assert!(reviewed >= 250, "{reviewed} of {}", columns.len());
}

#[test]
fn entries_of_the_built_in_registry_say_what_their_definitions_say() {
    let about = |path: &str| {
        let path: Vec<&str> = path.split('.').collect();
        Registry::builtin().column(None, &path).expect(path[0])
    };
    // `client_id` has the data reviews of the definition in Glean.
    assert_eq!(
        about("client_id").data_reviews,
        about("client_info.client_id").data_reviews
    );
    assert_eq!(about("uri_count").category, Some(2));
    assert_eq!(
        about("session_start_date").resolution,
        Some(Resolution::Day)
    );
    assert_eq!(about("isp").sensitive, None);
    assert_eq!(about("city").sensitive.as_deref(), Some("location"));
    assert_eq!(about("jsonPayload.type").category, Some(1));
    assert_eq!(about("jsonPayload.anything").category, Some(4));
    for key in ["scalar_aggregates.key", "histogram_aggregates.key"] {
        assert_eq!(about(key).role, RegisteredRole::Dimension);
        assert_eq!(about(key).category, None);
    }
    for added in [
        "submission_date",
        "submission_timestamp",
        "sample_id",
        "document_id",
        "normalized_channel",
        "normalized_country_code",
        "country",
        "metadata.geo.country",
        "metadata.isp.name",
    ] {
        assert_eq!(about(added).origin, Some(ColumnOrigin::Pipeline), "{added}");
    }
    // Fields that a ping contains beyond its schema may hold anything.
    assert!(!about("additional_properties").is_reviewed());
    assert!(!about("environment.system.os.name").is_reviewed());
}
