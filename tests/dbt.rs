//! A dbt project is read as dbt renders it.

#[path = "common/program.rs"]
mod program;

use program::headcount;
use serde_json::Value;

const REGISTRY: &str = r#"
schema_version = 1
[units.client]
person = true
[[column]]
name = "client_id"
role = "identifier"
unit = "client"
category = 4
data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1"]
[[column]]
name = "country"
role = "dimension"
category = 1
data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=2"]
[[column]]
name = "clients"
role = "metric"
category = 1
data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=2"]
[[table]]
name = "clean.groups"
level = 2
min_bucket = 5000
columns = ["country", "clients"]
[[table]]
name = "raw.pings"
unit_column = "client_id"
columns = ["client_id", "country"]
"#;

/// A query with a threshold of 5,000.
const BIG: &str = "SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings \
    GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
/// A reader of [`BIG`].
const READER: &str = "SELECT country, clients FROM {{ ref('big') }}";
/// [`BIG`] up to the number of its threshold, which the caller appends.
const COUNTED: &str = "SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings \
    GROUP BY country HAVING COUNT(DISTINCT client_id) >= ";

/// Returns the verdict on `models/out.sql` and the codes of its findings.
fn out(files: &[(&str, &str)]) -> (String, Vec<String>) {
    assess_model("models/out.sql", files)
}

/// Returns the verdict on another file and the codes of its findings.
fn assess_model(file: &str, files: &[(&str, &str)]) -> (String, Vec<String>) {
    let all = [&[("dbt_project.yml", "name: shop\n")], files].concat();
    assess_files(file, &all)
}

/// Like [`assess_model`], but without a default `dbt_project.yml`.
fn assess_files(file: &str, files: &[(&str, &str)]) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let all = [
        ("headcount.toml", "[project]\nlayout = \"dbt\"\n"),
        ("dimension-registry.toml", REGISTRY),
    ];
    for (name, text) in all.iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    }
    let arguments = ["check", file, "--format", "json", "--fail-on", "never"];
    let said = headcount(&arguments, "", folder.path(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let run: Value = serde_json::from_str(&said.out).expect("it is JSON");
    let dataset = &run["files"][0]["datasets"][0];
    let codes = dataset["findings"].as_array().expect("a list").iter();
    (
        dataset["verdict"].as_str().expect("a verdict").to_owned(),
        codes
            .map(|finding| finding["code"].as_str().expect("a code").to_owned())
            .collect(),
    )
}

fn assert_publishable(files: &[(&str, &str)]) {
    let (verdict, codes) = out(files);
    assert_eq!(verdict, "publishable", "{codes:?} in {files:#?}");
}

fn assert_needs_review(code: &str, files: &[(&str, &str)]) {
    let (verdict, codes) = out(files);
    assert_eq!(verdict, "extra-review", "{files:#?}");
    assert!(
        code.is_empty() || codes.iter().any(|known| known == code),
        "{codes:?} in {files:#?}"
    );
}

#[test]
fn var_has_the_value_of_the_project() {
    let model = format!("{COUNTED}{{{{ var('least', 5000) }}}}");
    let model = ("models/out.sql", model.as_str());
    assert_needs_review("HC107", &[model]);
    for (vars, free) in [
        ("vars:\n  least: 5000\n", true),
        ("vars:\n  least: 10\n", false),
        ("vars:\n  least: 10\n  shop:\n    least: 5000\n", true),
        ("vars:\n  least: 5000\n  shop:\n    least: 10\n", false),
        ("vars:\n  other:\n    least: 5000\n", false),
        ("x: &v\n  least: 5000\nvars:\n  <<: *v\n", true),
    ] {
        let project = format!("name: shop\n{vars}");
        let files = [model, ("dbt_project.yml", project.as_str())];
        if free {
            assert_publishable(&files);
        } else {
            assert_needs_review("", &files);
        }
    }
    // An environment variable is not part of the project.
    let model = format!("{COUNTED}{{{{ env_var('LEAST', 5000) }}}}");
    assert_needs_review("HC107", &[("models/out.sql", &model)]);
}

#[test]
fn ref_means_the_model_of_its_package() {
    let big = ("models/big.sql", BIG);
    assert_publishable(&[big, ("models/out.sql", READER)]);
    let of =
        |package: &str| format!("SELECT country, clients FROM {{{{ ref('{package}', 'big') }}}}");
    assert_publishable(&[big, ("models/out.sql", &of("shop"))]);
    assert_needs_review("", &[big, ("models/out.sql", &of("other"))]);
    // References to an installed package are followed.
    let installed = [
        ("dbt_packages/other/dbt_project.yml", "name: other\n"),
        ("dbt_packages/other/models/big.sql", BIG),
    ];
    assert_publishable(&[installed[0], installed[1], ("models/out.sql", &of("other"))]);
    let raw = (
        "dbt_packages/other/models/big.sql",
        "SELECT country, 1 AS clients FROM raw.pings",
    );
    assert_needs_review(
        "",
        &[big, installed[0], raw, ("models/out.sql", &of("other"))],
    );
}

#[test]
fn ref_means_the_version_that_is_the_latest() {
    let raw = "SELECT country, 1 AS clients FROM raw.pings";
    let reader =
        |version: &str| format!("SELECT country, clients FROM {{{{ ref('big'{version}) }}}}");
    let versions = "models:\n  - name: big\n    latest_version: 1\n    versions:\n      - v: 1\n      - v: 2\n        defined_in: fresh\n";
    let files = |out: &str| {
        let (verdict, _) = self::out(&[
            ("models/big_v1.sql", raw),
            ("models/fresh.sql", BIG),
            ("models/big.yml", versions),
            ("models/out.sql", out),
        ]);
        verdict
    };
    assert_eq!(files(&reader("")), "extra-review");
    assert_eq!(files(&reader(", v=1")), "extra-review");
    assert_eq!(files(&reader(", version=2")), "publishable");
    let newest = versions.replace("    latest_version: 1\n", "");
    assert_publishable(&[
        ("models/big_v1.sql", raw),
        ("models/fresh.sql", BIG),
        ("models/big.yml", &newest),
        ("models/out.sql", &reader("")),
    ]);
}

#[test]
fn source_and_written_name_are_no_model() {
    let big = ("models/big.sql", BIG);
    for from in [
        "dbt.big",
        "`dbt.big`",
        "{{ source('dbt', 'big') }}",
        "shop.big",
    ] {
        let reader = format!("SELECT country, clients FROM {from}");
        assert_needs_review("", &[big, ("models/out.sql", &reader)]);
    }
    // A source has the dataset that its declaration names.
    let reader = |source: &str| {
        format!("SELECT country, clients FROM {{{{ source('{source}', 'groups') }}}}")
    };
    let declared = |source: &str, schema: &str| {
        format!(
            "sources:\n  - name: {source}\n    schema: {schema}\n    tables:\n      - name: groups\n"
        )
    };
    let verdict = |source: &str, yaml: &str| {
        let model = reader(source);
        out(&[("models/out.sql", &model), ("models/s.yml", yaml)]).0
    };
    assert_eq!(verdict("clean", ""), "publishable");
    assert_eq!(verdict("web", ""), "extra-review");
    assert_eq!(verdict("web", &declared("web", "clean")), "publishable");
    assert_eq!(verdict("clean", &declared("clean", "raw")), "extra-review");
    let open = declared("clean", "\"{{ target.schema }}\"");
    assert_eq!(verdict("clean", &open), "extra-review");
}

#[test]
fn hook_that_may_write_the_model_stops_it() {
    let config = |hook: &str| format!("{{{{ config({hook}) }}}}\n{BIG}");
    for hook in [
        "post_hook='INSERT INTO {{ this }} SELECT country, 1 FROM raw.pings'",
        "pre_hook=['SELECT 1', 'INSERT INTO {{ this }} SELECT country, 1 FROM raw.pings']",
        "post_hook={'sql': 'DELETE FROM {{ this }} WHERE true', 'transaction': false}",
        "post_hook='MERGE INTO {{ this }} AS t USING raw.pings AS p ON p.country = t.country WHEN MATCHED THEN DELETE'",
        "{'post-hook': 'MERGE INTO {{ this }} USING raw.pings ON false WHEN NOT MATCHED THEN INSERT ROW'}",
        "post_hook='INSERT INTO analytics.out SELECT country, 1 FROM raw.pings'",
        "post_hook='{{ unknown_macro(this) }}'",
        "post_hook='CALL audit.all(1)'",
        "post_hook=some_variable",
    ] {
        assert_needs_review("HC007", &[("models/out.sql", &config(hook))]);
        // The reader of the model is blocked, too.
        let big = config(hook).replace("analytics.out", "analytics.big");
        assert_needs_review("", &[("models/big.sql", &big), ("models/out.sql", READER)]);
    }
    for hook in [
        "post_hook='GRANT `roles/bigquery.dataViewer` ON TABLE {{ this }} TO \"group:a@example.org\"'",
        "post_hook=['SELECT 1', 'ALTER TABLE {{ this }} SET OPTIONS (description = \"x\")']",
        "post_hook='INSERT INTO audit.runs SELECT CURRENT_TIMESTAMP()'",
    ] {
        assert_publishable(&[("models/out.sql", &config(hook))]);
    }
}

#[test]
fn hook_of_a_yaml_file_stops_the_model() {
    let write = "INSERT INTO {{ this }} SELECT country, 1 FROM raw.pings";
    for (name, text) in [
        (
            "dbt_project.yml",
            format!("name: shop\nmodels:\n  shop:\n    mart:\n      +post-hook: \"{write}\"\n"),
        ),
        (
            "dbt_project.yml",
            format!(
                "name: shop\nmodels:\n  pre-hook:\n    - sql: \"{write}\"\n      transaction: false\n"
            ),
        ),
        (
            "dbt_project.yml",
            format!(
                "name: shop\nmodels:\n  shop:\n    mart:\n      out:\n        post_hook: [\"{write}\"]\n"
            ),
        ),
        (
            "models/schema.yml",
            format!("models:\n  - name: out\n    config:\n      post_hook: \"{write}\"\n"),
        ),
    ] {
        let outside = [("models/out.sql", BIG), (name, text.as_str())];
        let mart = [("models/mart/out.sql", BIG), (name, text.as_str())];
        if text.contains("mart") {
            assert_publishable(&outside);
            let (verdict, codes) = assess_model("models/mart/out.sql", &mart);
            assert_eq!(verdict, "extra-review", "{text}");
            assert!(codes.contains(&"HC007".to_owned()), "{codes:?}");
        } else {
            assert_needs_review("HC007", &outside);
        }
    }
}

#[test]
fn statement_of_each_run_stops_the_model_that_it_may_write() {
    for (statement, free) in [
        (
            "INSERT INTO analytics.out SELECT country, 1 FROM raw.pings",
            false,
        ),
        ("{{ unknown_macro() }}", false),
        ("INSERT INTO audit.runs SELECT CURRENT_TIMESTAMP()", true),
        ("CREATE SCHEMA IF NOT EXISTS analytics", true),
    ] {
        for key in ["on-run-start", "on-run-end"] {
            let project = format!("name: shop\n{key}: \"{statement}\"\n");
            let files = [
                ("models/out.sql", BIG),
                ("dbt_project.yml", project.as_str()),
            ];
            if free {
                assert_publishable(&files);
            } else {
                assert_needs_review("HC007", &files);
            }
        }
    }
}

#[test]
fn macro_of_the_project_is_rendered() {
    let macros = "{% macro least(n=5000) %}HAVING COUNT(DISTINCT client_id) >= {{ n }}{% endmacro %}\n\
        {% macro counted() %}{{ caller() }} {{ least() }}{% endmacro %}\n\
        {% macro people() %}{{ return(5 * 1000) }}{% endmacro %}\n\
        {% macro names() %}{% do return(['country']) %}{% endmacro %}\n\
        {% macro default__few() %}{{ least(3) }}{% endmacro %}\n\
        {% macro few() %}{{ return(adapter.dispatch('few')()) }}{% endmacro %}\n\
        {% macro scoped() %}{{ least(n | default(1)) }}{% endmacro %}";
    let macros = ("macros/all.sql", macros);
    let body =
        "SELECT country, COUNT(DISTINCT client_id) AS clients FROM raw.pings GROUP BY country ";
    for (free, tail) in [
        (true, "{{ least() }}"),
        (true, "{{ shop.least() }}"),
        (false, "{{ least(10) }}"),
        (false, "{{ few() }}"),
        (true, "{{ least(people()) }}"),
        (
            true,
            "{% for n in names() %}{{ least() if n == 'country' }}{% endfor %}",
        ),
        // A macro does not see variables that the model sets.
        (false, "{% set n = 5000 %}{{ scoped() }}"),
        (false, "{{ nowhere() }}"),
    ] {
        let model = format!("{body}{tail}");
        let files = [macros, ("models/out.sql", model.as_str())];
        if free {
            assert_publishable(&files);
        } else {
            assert_needs_review("", &files);
        }
    }
    let called = format!("{{% call counted() %}}{body}{{% endcall %}}");
    assert_publishable(&[macros, ("models/out.sql", &called)]);
    let query = format!(
        "{{% call statement('s') %}}INSERT INTO {{{{ this }}}} SELECT country, 1 FROM raw.pings{{% endcall %}}{BIG}"
    );
    assert_needs_review("HC007", &[("models/out.sql", &query)]);
}

#[test]
fn python_model_is_not_followed() {
    let python = (
        "models/big.py",
        "def model(dbt, session):\n    return dbt.ref('raw')\n",
    );
    assert_needs_review("", &[python, ("models/out.sql", READER)]);
    assert_needs_review(
        "",
        &[("models/big.sql", BIG), python, ("models/out.sql", READER)],
    );
}

#[test]
fn models_stand_in_the_folders_of_the_project() {
    let project = (
        "dbt_project.yml",
        "name: shop\nmodel-paths: [models, marts]\n",
    );
    assert_publishable(&[project, ("marts/big.sql", BIG), ("models/out.sql", READER)]);
    assert_needs_review(
        "",
        &[
            project,
            ("scratch/big.sql", BIG),
            ("models/out.sql", READER),
        ],
    );
}

/// A model with one row per client in each run.
const PER: &str = "SELECT client_id, country FROM raw.pings WHERE client_id IS NOT NULL \
    GROUP BY client_id, country";
/// A model that counts rows of [`PER`].
///
/// The rows are distinct clients only if the table keeps no rows of other runs.
const PEOPLE: &str = "SELECT country, COUNT(*) AS clients FROM {{ ref('per') }} GROUP BY country \
    HAVING COUNT(*) >= 5000";

/// Asserts whether a model's rows are those of a single run.
///
/// The other files make `per`; if it keeps rows of other runs, [`PEOPLE`] is
/// blocked.
#[track_caller]
fn assert_single_run(whole: bool, files: &[(&str, &str)]) {
    let model = [("models/out.sql", PEOPLE)];
    let files = [&model, files].concat();
    if whole {
        assert_publishable(&files);
    } else {
        assert_needs_review("", &files);
    }
}

#[test]
fn model_is_made_as_config_says_when_it_is_rendered() {
    let macros = "{% macro mine() %}{{ config(materialized='incremental') }}{% endmacro %}";
    for (whole, config) in [
        (true, ""),
        (true, "{{ config(materialized='table') }}"),
        (
            true,
            "{{ config(materialized='table', partition_by={'field': 'day'}) }}",
        ),
        (true, "{{ config({'materialized': 'view'}) }}"),
        (true, "{{ config(labels={'materialized': 'incremental'}) }}"),
        (
            true,
            "{{ config(materialized='incremental') }}{{ config(materialized='table') }}",
        ),
        (true, "{% if false %}{{ mine() }}{% endif %}"),
        (true, "{# {{ config(materialized='incremental') }} #}"),
        (
            true,
            "-- {% raw %}{{ config(materialized='incremental') }}{% endraw %}\n",
        ),
        (
            false,
            "{{ config(materialized='incremental', partition_by={'field': 'day'}) }}",
        ),
        (
            false,
            "{{ config(partition_by={'field': 'day'}, materialized='incremental') }}",
        ),
        (false, "{{ config(materialized='incremental', labels={}) }}"),
        (
            false,
            "{{ config(meta={'materialized': 'table'}, materialized='incremental') }}",
        ),
        (
            false,
            "{{ config(tags=['materialized', 'table'], materialized='incremental') }}",
        ),
        (false, "{{ config({'materialized': 'incremental'}) }}"),
        (
            false,
            "{% set c = {'materialized': 'incremental'} %}{{ config(c) }}",
        ),
        (
            false,
            "{% set c = dict(materialized='incremental') %}{{ config(**c) }}",
        ),
        (false, "{{ config(**var('settings')) }}"),
        (false, "{{ config(var('settings')) }}"),
        (false, "{% do config(materialized='incremental') %}"),
        (false, "{% do config.set('materialized', 'incremental') %}"),
        (false, "{{ config(materialized='incre' ~ 'mental') }}"),
        (
            false,
            "{{ config(materialized='table' if target.name == 'dev' else 'incremental') }}",
        ),
        (false, "{{ config(materialized=env_var('M', 'table')) }}"),
        (false, "{{ config(materialized=var('m', 'table')) }}"),
        (false, "{{ config(materialized=kind) }}"),
        (false, "{{ config(materialized='{{ kind }}') }}"),
        (
            false,
            "{{ config(materialized='incremental') }}{# {{ config(materialized='table') }} #}",
        ),
        (
            false,
            "{{ config(materialized='incremental') }}{% if false %}{{ config(materialized='table') }}{% endif %}",
        ),
        (
            false,
            "{{ config(materialized='incremental') }}{% raw %}-- {{ config(materialized='table') }}\n{% endraw %}",
        ),
        (false, "-- {{ config(materialized='incremental') }}\n"),
        (false, "{{ mine() }}"),
        (false, "{% if not execute %}{{ mine() }}{% endif %}"),
        (
            false,
            "{{ mine() }}{% if execute %}{{ config(materialized='table') }}{% endif %}",
        ),
        (false, "{% do package_that_is_not_there.settings() %}"),
        (false, "{% do adapter.dispatch('settings', 'nowhere')() %}"),
        (
            false,
            "{% if package_that_is_not_there.settings() %}{% endif %}",
        ),
    ] {
        let model = format!("{config}{PER}");
        assert_single_run(
            whole,
            &[("models/per.sql", &model), ("macros/mine.sql", macros)],
        );
    }
}

#[test]
fn model_is_made_as_yaml_says() {
    let project = |models: &str| format!("name: shop\nmodels:\n  {models}\n");
    for (whole, path, models) in [
        (
            true,
            "models/per.sql",
            "shop: {daily: {+materialized: incremental}}",
        ),
        (
            true,
            "models/per.sql",
            "other: {+materialized: incremental}",
        ),
        (
            true,
            "models/daily/per.sql",
            "shop: {+materialized: incremental, daily: {+materialized: table}}",
        ),
        (
            true,
            "models/per.sql",
            "shop: {+persist_docs: {relation: true}}",
        ),
        (false, "models/per.sql", "+materialized: incremental"),
        (
            false,
            "models/per.sql",
            "shop: {+materialized: incremental}",
        ),
        (false, "models/per.sql", "shop: {materialized: incremental}"),
        (
            false,
            "models/per.sql",
            "shop: {per: {+materialized: incremental}}",
        ),
        (
            false,
            "models/daily/per.sql",
            "shop: {daily: {+materialized: incremental}}",
        ),
        (
            false,
            "models/daily/per.sql",
            "shop: {+materialized: table, daily: {+materialized: incremental}}",
        ),
        (
            false,
            "models/per.sql",
            "shop: {+materialized: \"{{ 'incremental' }}\"}",
        ),
        (
            false,
            "models/per.sql",
            "shop: {+materialized: \"{{ var('m', 'table') }}\"}",
        ),
    ] {
        let project = project(models);
        let files = [(path, PER), ("dbt_project.yml", project.as_str())];
        assert_single_run(whole, &files);
        // The configuration in the file itself takes precedence.
        let own = format!("{{{{ config(materialized='table') }}}}{PER}");
        assert_single_run(true, &[(path, &own), files[1]]);
    }
    for (whole, path, model, yaml) in [
        (
            true,
            "models/schema.yml",
            "models/per.sql",
            "name: per\n  config: {materialized: table}",
        ),
        (
            true,
            "models/schema.yml",
            "models/per.sql",
            "name: other\n  config: {materialized: incremental}",
        ),
        (
            false,
            "models/schema.yml",
            "models/per.sql",
            "name: per\n  config: {materialized: incremental}",
        ),
        (
            false,
            "models/a/schema.yml",
            "models/per.sql",
            "name: per\n  config: {materialized: incremental}",
        ),
        (
            false,
            "models/schema.yml",
            "models/a/per.sql",
            "name: per\n  config: {materialized: incremental}",
        ),
        (
            false,
            "seeds/schema.yml",
            "models/per.sql",
            "name: per\n  config: {+materialized: incremental}",
        ),
        (
            false,
            "models/schema.yml",
            "models/per.sql",
            "name: per\n  config: {materialized: \"{{ kind }}\"}",
        ),
        (
            false,
            "models/schema.yml",
            "models/per_v2.sql",
            "name: per\n  config: {materialized: incremental}\n  versions: [{v: 2}]",
        ),
        (
            false,
            "models/schema.yml",
            "models/per.v2.sql",
            "name: per\n  versions: [{v: 2, config: {materialized: incremental}}]",
        ),
        (
            false,
            "models/schema.yml",
            "models/fresh.sql",
            "name: per\n  config: {materialized: table}\n  versions: [{v: 2, defined_in: fresh, config: {materialized: incremental}}]",
        ),
        (
            true,
            "models/schema.yml",
            "models/fresh.sql",
            "name: per\n  config: {materialized: incremental}\n  versions: [{v: 2, defined_in: fresh, config: {materialized: table}}]",
        ),
        (false, "models/broken.yml", "models/per.sql", "name: ["),
    ] {
        let yaml = format!("models:\n- {yaml}\n");
        assert_single_run(whole, &[(model, PER), (path, &yaml)]);
    }
}

#[test]
fn project_may_lie_in_a_folder_and_its_packages_are_made_as_either_says() {
    let incremental = "models:\n  shop:\n    +materialized: incremental\n";
    for (whole, said) in [(true, ""), (false, incremental)] {
        for paths in ["models", "src/models", "./models/"] {
            let folder = paths.trim_matches(['.', '/']);
            let project = format!("name: shop\nmodel-paths: ['{paths}']\n{said}");
            let per = format!("{folder}/per.sql");
            let out = format!("{folder}/out.sql");
            let files = [
                (per.as_str(), PER),
                (&out, PEOPLE),
                ("dbt_project.yml", &project),
            ];
            let (verdict, codes) = assess_model(&out, &files);
            assert_eq!(verdict == "publishable", whole, "{paths} {codes:?}");
        }
        let project = format!("name: shop\n{said}");
        let files = [
            ("one/dbt_project.yml", project.as_str()),
            ("one/models/per.sql", PER),
            ("one/models/out.sql", PEOPLE),
        ];
        let (verdict, codes) = assess_files("one/models/out.sql", &files);
        assert_eq!(verdict == "publishable", whole, "{codes:?}");
    }
    let reader = PEOPLE.replace("ref('per')", "ref('other', 'per')");
    let kind = |name: &str, kind: &str| {
        format!("name: {name}\nmodels:\n  other:\n    +materialized: {kind}\n")
    };
    for (whole, own, theirs) in [
        (true, "name: shop\n".to_owned(), "name: other\n".to_owned()),
        (
            false,
            "name: shop\n".to_owned(),
            kind("other", "incremental"),
        ),
        (
            false,
            kind("shop", "incremental"),
            "name: other\n".to_owned(),
        ),
    ] {
        let files = [
            ("dbt_project.yml", own.as_str()),
            ("dbt_packages/other/dbt_project.yml", &theirs),
            ("dbt_packages/other/models/per.sql", PER),
            ("models/out.sql", &reader),
        ];
        if whole {
            assert_publishable(&files);
        } else {
            assert_needs_review("", &files);
        }
    }
}

#[test]
fn hook_of_another_model_that_may_write_a_model_stops_it() {
    let other = |config: &str| format!("{config}SELECT 1 AS a");
    let merge = "MERGE {{ ref('big') }} USING raw.pings ON false WHEN NOT MATCHED THEN INSERT ROW";
    let insert = "INSERT INTO {{ ref('big') }} SELECT country, 1 FROM raw.pings";
    let macros = "{% macro fill() %}{% do run_query('INSERT INTO mart.big SELECT country, 1 FROM raw.pings') %}{% endmacro %}";
    for config in [
        format!("{{{{ config(post_hook=\"{insert}\") }}}}"),
        format!("{{{{ config(pre_hook=[\"{merge}\"]) }}}}"),
        "{{ config(post_hook='INSERT INTO mart.big SELECT country, 1 FROM raw.pings') }}".to_owned(),
        "{{ config(post_hook='{{ package_that_is_not_there.fill() }}') }}".to_owned(),
        "{{ config(post_hook='CALL ops.refresh()') }}".to_owned(),
        "{% do adapter.execute('INSERT INTO mart.big SELECT country, 1 FROM raw.pings') %}".to_owned(),
        "{% do adapter.drop_relation(x) %}".to_owned(),
        "{{ config(post_hook='{{ fill() }}') }}".to_owned(),
        "{% call statement('a') %}INSERT INTO mart.big SELECT country, 1 FROM raw.pings{% endcall %}".to_owned(),
        "{{ fill() }}".to_owned(),
    ] {
        for model in [other(&config), format!("SELECT 1 AS a {config}")] {
            let files = [
                ("models/big.sql", BIG),
                ("models/other.sql", model.as_str()),
                ("macros/fill.sql", macros),
            ];
            assert_needs_review("", &[files.as_slice(), &[("models/out.sql", READER)]].concat());
            let (verdict, codes) = assess_model("models/big.sql", &files);
            assert_eq!(verdict, "extra-review", "{model}");
            assert!(codes.contains(&"HC007".to_owned()), "{codes:?} {model}");
        }
    }
    for config in [
        "{{ config(post_hook='INSERT INTO mart.bigger SELECT country, 1 FROM raw.pings') }}",
        "{{ config(post_hook='GRANT `roles/x` ON TABLE {{ this }} TO \"group:a@example.org\"') }}",
        "{% set known = adapter.get_columns_in_relation(this) %}",
        "{% set known = run_query('SELECT MAX(day) FROM ' ~ ref('big')) %}",
        "{{ log('done') }}",
    ] {
        let model = other(config);
        let files = [
            ("models/big.sql", BIG),
            ("models/other.sql", model.as_str()),
        ];
        assert_publishable(&[files.as_slice(), &[("models/out.sql", READER)]].concat());
    }
    let yaml = format!("models:\n- name: other\n  config:\n    post_hook: \"{insert}\"\n");
    assert_needs_review(
        "",
        &[
            ("models/big.sql", BIG),
            ("models/other.sql", "SELECT 1 AS a"),
            ("models/other.yml", &yaml),
            ("models/out.sql", READER),
        ],
    );
}

#[test]
fn script_beside_the_project_counts() {
    for (free, script) in [
        (false, "EXECUTE IMMEDIATE @q"),
        (false, "CALL ops.refresh()"),
        (
            false,
            "INSERT INTO mart.big SELECT country, 1 FROM raw.pings",
        ),
        (
            true,
            "INSERT INTO mart.bigger SELECT country, 1 FROM raw.pings",
        ),
    ] {
        let files = [
            ("models/big.sql", BIG),
            ("scripts/x.sql", script),
            ("models/out.sql", READER),
        ];
        if free {
            assert_publishable(&files);
        } else {
            assert_needs_review("", &files);
        }
    }
    // dbt executes no files of an installed package except models, and no macro by
    // itself.
    let macros = "{% macro refresh(t) %}INSERT INTO {{ t }} SELECT 1{% endmacro %}";
    assert_publishable(&[
        ("models/big.sql", BIG),
        ("macros/refresh.sql", macros),
        ("dbt_packages/other/dbt_project.yml", "name: other\n"),
        (
            "dbt_packages/other/integration/x.sql",
            "EXECUTE IMMEDIATE @q",
        ),
        ("models/out.sql", READER),
    ]);
}

#[test]
fn model_that_is_not_part_of_the_project_is_not_meant() {
    let raw = "SELECT country, 1 AS clients FROM raw.pings";
    let off = format!("{{{{ config(enabled=false) }}}}{BIG}");
    let by_macro = format!("{{{{ settings() }}}}{BIG}");
    let macros = "{% macro settings() %}{{ config(enabled=false) }}{% endmacro %}";
    let package = [
        ("dbt_packages/other/dbt_project.yml", "name: other\n"),
        ("dbt_packages/other/models/big.sql", raw),
        ("macros/settings.sql", macros),
        ("models/out.sql", READER),
    ];
    let with = |files: &[(&'static str, &'static str)]| [package.as_slice(), files].concat();
    assert_publishable(&with(&[("models/big.sql", BIG)]));
    assert_needs_review(
        "",
        &[package.as_slice(), &[("models/big.sql", off.as_str())]].concat(),
    );
    assert_needs_review(
        "",
        &[package.as_slice(), &[("models/big.sql", by_macro.as_str())]].concat(),
    );
    let yaml = (
        "models/big.yml",
        "models:\n- name: big\n  config: {enabled: false}\n",
    );
    assert_needs_review("", &with(&[("models/big.sql", BIG), yaml]));
    let project = (
        "dbt_project.yml",
        "name: shop\nmodels:\n  shop:\n    big:\n      +enabled: false\n",
    );
    assert_needs_review("", &with(&[("models/big.sql", BIG), project]));
    // In the opposite case, the package's model is the safe one, and it is
    // referenced.
    let safe = [
        ("dbt_packages/other/dbt_project.yml", "name: other\n"),
        ("dbt_packages/other/models/big.sql", BIG),
        ("models/big.sql", raw),
        yaml,
        ("models/out.sql", READER),
    ];
    assert_publishable(&safe);
}

#[test]
fn table_that_the_projects_own_macros_make_is_not_followed() {
    let own = |name: &str| {
        format!(
            "{{% materialization {name}, adapter='bigquery' %}}{{% call statement('main') %}}SELECT 1{{% endcall %}}{{% endmaterialization %}}"
        )
    };
    let weird = format!("{{{{ config(materialized='weird') }}}}{BIG}");
    for (file, text, model) in [
        ("macros/m.sql", own("weird"), weird.as_str()),
        ("macros/none.sql", String::new(), weird.as_str()),
        ("macros/m.sql", own("view"), BIG),
        (
            "macros/m.sql",
            "{% macro bigquery__create_view_as(relation, sql) %}x{% endmacro %}".to_owned(),
            BIG,
        ),
        (
            "macros/m.sql",
            "{% macro get_create_table_as_sql(a, b, c) %}x{% endmacro %}".to_owned(),
            BIG,
        ),
    ] {
        assert_needs_review("HC007", &[("models/out.sql", model), (file, &text)]);
        assert_needs_review(
            "",
            &[
                ("models/big.sql", model),
                (file, &text),
                ("models/out.sql", READER),
            ],
        );
    }
    for text in [
        own("weird"),
        "{% macro create_udfs() %}x{% endmacro %}".to_owned(),
    ] {
        assert_publishable(&[
            ("models/big.sql", BIG),
            ("macros/m.sql", &text),
            ("models/out.sql", READER),
        ]);
    }
}

/// dbt reads YAML with the scalar types of PyYAML.
#[test]
fn yaml_has_the_values_of_pyyaml() {
    let model = format!("{COUNTED}{{{{ var('least') }}}}");
    for (value, free) in [
        ("5000", true),
        ("5_000", true),
        ("1:23:20", true),
        ("0x1388", true),
        ("05000", false),
        ("0o11610", false),
        ("5e3", true),
    ] {
        let project = format!("name: shop\nvars:\n  least: {value}\n");
        let files = [
            ("models/out.sql", model.as_str()),
            ("dbt_project.yml", project.as_str()),
        ];
        assert_eq!(out(&files).0 == "publishable", free, "{value}");
    }
    let small = BIG.split(" HAVING").next().unwrap_or(BIG);
    for (value, safe) in [("no", false), ("off", false), ("'no'", true), ("yes", true)] {
        let project = format!("name: shop\nvars:\n  way: {value}\n");
        let model = format!("{{% if var('way') %}}{BIG}{{% else %}}{small}{{% endif %}}");
        let files = [
            ("models/out.sql", model.as_str()),
            ("dbt_project.yml", project.as_str()),
        ];
        assert_eq!(out(&files).0 == "publishable", safe, "{value}");
    }
}

/// A default is the value of only one run: conditions on it take both branches, and
/// names that contain it are unknown. A default that is printed as a value is known
/// to be a value.
#[test]
fn defaults_are_not_known() {
    let small = BIG.split(" HAVING").next().unwrap_or(BIG);
    for condition in [
        "var('env', 'dev') == 'prod'",
        "env_var('X', '')",
        "config.get('x', false)",
        "env_var('X', 'dev') | lower == 'prod'",
        "env_var('X', 'dev').upper() == 'PROD'",
        "x | default('dev') == 'prod'",
        "var('x', 3) == 7",
        "var('x', 3) + 1 > 10",
        "'p' in var('x', [])",
        "var('x', none)",
        "var('x', {'a': 1}).a == 2",
        "(env_var('X', 'a') ~ 'b') == 'cb'",
    ] {
        let model = format!("{{% if {condition} %}}{small}{{% else %}}{BIG}{{% endif %}}");
        assert_needs_review("", &[("models/out.sql", &model)]);
    }
    let model =
        "SELECT country, n FROM {{ ref('small' if env_var('X', 'dev') == 'prod' else 'big') }}";
    assert_needs_review(
        "",
        &[
            ("models/out.sql", model),
            ("models/big.sql", BIG),
            ("models/small.sql", small),
        ],
    );
    for open in [
        " OR '{{ env_var('X', 'dev') }}' = 'prod'",
        " OR {{ var('x', 1) }} = 2",
        "{{ env_var('X', '') }}",
    ] {
        let model = format!("{BIG}{open}");
        assert_needs_review("", &[("models/out.sql", &model)]);
    }
    for kept in [
        "country >= '{{ var('from', 'a') }}'",
        "DATE '2024-01-01' >= DATE '{{ var('from', '2020-01-01') }}'",
        "DATE '2024-01-01' > DATE_SUB(CURRENT_DATE(), INTERVAL {{ var('days', 7) }} DAY)",
        "DATE '2024-01-01' > DATE_SUB(CURRENT_DATE(), INTERVAL {{ var('days', 7) | int + 1 }} DAY)",
    ] {
        let model = BIG.replacen(" GROUP", &format!(" WHERE {kept} GROUP"), 1);
        assert_publishable(&[("models/out.sql", &model)]);
    }
}

/// A macro that no file calls may be run by hand.
#[test]
fn macros_that_nobody_calls_may_write() {
    let files = |body: &str| {
        let text = format!("{{% macro backfill() %}}{body}{{% endmacro %}}");
        let files = [
            ("models/big.sql", BIG),
            ("models/out.sql", READER),
            ("macros/backfill.sql", text.as_str()),
        ];
        out(&files).0
    };
    for body in [
        "{% do run_query('insert into prod.big select 1') %}",
        "{% set q %}insert into prod.big select 1{% endset %}{% do run_query(q) %}",
        "{% call statement('x') %}insert into prod.big select 1{% endcall %}",
    ] {
        assert_eq!(files(body), "extra-review", "{body}");
    }
    let other = "{% do run_query('insert into prod.log select 1') %}";
    assert_eq!(files(other), "publishable");
}

#[test]
fn a_table_has_the_name_that_its_alias_or_version_gives_it() {
    let reader = ("models/out.sql", READER);
    let writes = |name: &str| {
        format!(
            "{{{{ config(post_hook='INSERT INTO analytics.{name} SELECT country, 1 FROM raw.pings') }}}} SELECT 1 AS n"
        )
    };
    let aliased = format!("{{{{ config(materialized='table', alias='big_final') }}}}\n{BIG}");
    let said = writes("big_final");
    let z = ("models/z.sql", said.as_str());
    assert_needs_review("HC007", &[reader, ("models/big.sql", &aliased), z]);
    assert_publishable(&[reader, ("models/big.sql", BIG), z]);
    let by_yaml = "models: [{name: big, config: {alias: big_final}}]";
    assert_needs_review(
        "HC007",
        &[
            reader,
            ("models/big.sql", BIG),
            z,
            ("models/p.yml", by_yaml),
        ],
    );
    let project = "name: shop\nmodels:\n  shop:\n    big:\n      +alias: big_final\n";
    assert_needs_review(
        "HC007",
        &[
            reader,
            ("models/big.sql", BIG),
            z,
            ("dbt_project.yml", project),
        ],
    );
    let own = "{% macro generate_alias_name(a, node) %}{{ 'x_' ~ node.name }}{% endmacro %}";
    assert_needs_review(
        "HC007",
        &[reader, ("models/big.sql", BIG), z, ("macros/a.sql", own)],
    );
    let computed = format!("{{{{ config(alias='x' ~ var('y')) }}}}\n{BIG}");
    assert_needs_review("HC007", &[reader, ("models/big.sql", &computed), z]);
    // The table's name contains the version, whatever the name of the file is.
    let versions = "models: [{name: big, latest_version: 2, versions: [{v: 2, defined_in: foo}]}]";
    let said = writes("big_v2");
    let z = ("models/z.sql", said.as_str());
    assert_needs_review(
        "HC007",
        &[
            reader,
            ("models/foo.sql", BIG),
            z,
            ("models/p.yml", versions),
        ],
    );
    let latest = "models: [{name: big, latest_version: 2, versions: [{v: 2}]}]";
    assert_needs_review(
        "HC007",
        &[reader, ("models/big.sql", BIG), z, ("models/p.yml", latest)],
    );
    // The same holds for statements of each run, and for the model itself.
    let end = "name: shop\non-run-end: 'INSERT INTO analytics.big_final SELECT country, 1 FROM raw.pings'\n";
    let files = [
        reader,
        ("models/big.sql", aliased.as_str()),
        ("dbt_project.yml", end),
    ];
    assert_needs_review("HC007", &files);
    assert_eq!(assess_model("models/big.sql", &files).0, "extra-review");
    let script = (
        "scripts/z.sql",
        "INSERT INTO analytics.big_final SELECT country, 1 FROM raw.pings",
    );
    assert_needs_review("HC007", &[reader, ("models/big.sql", &aliased), script]);
}

#[test]
fn macro_whose_target_is_partly_a_value_may_write() {
    let files = [("models/out.sql", READER), ("models/big.sql", BIG)];
    let with =
        |text: &str| assert_needs_review("HC007", &[files[0], files[1], ("macros/m.sql", text)]);
    let sql = "SELECT country, 1 FROM raw.pings";
    for set in [
        "INSERT INTO {{ target.schema }}.big",
        "INSERT INTO {{ ref('big') }}",
        "INSERT INTO {{ target.project }}.{{ target.schema }}.big",
    ] {
        with(&format!(
            "{{% macro fix() %}}{{% set q %}}{set} {sql}{{% endset %}}{{% do run_query(q) %}}{{% endmacro %}}"
        ));
    }
    for text in [
        format!("'INSERT INTO ' ~ target.schema ~ '.big {sql}'"),
        format!("'INSERT INTO ' + target['schema'] + '.big {sql}'"),
        format!("'INSERT INTO %s.big {sql}' % target.schema"),
        format!("'INSERT INTO {{}}.big {sql}'.format(target.schema)"),
    ] {
        with(&format!(
            "{{% macro fix() %}}{{% do run_query({text}) %}}{{% endmacro %}}"
        ));
    }
    assert_publishable(&[
        files[0],
        files[1],
        (
            "macros/m.sql",
            "{% macro fix() %}{% set q %}INSERT INTO {{ target.schema }}.audit SELECT 1{% endset %}{% do run_query(q) %}{% endmacro %}",
        ),
    ]);
}

#[test]
fn hook_of_what_no_file_of_sql_makes_is_read() {
    let files = [("models/out.sql", READER), ("models/big.sql", BIG)];
    let insert = "INSERT INTO analytics.big SELECT country, 1 FROM raw.pings";
    let project = |said: &str| format!("name: shop\n{said}");
    for said in [
        format!("seeds:\n  shop:\n    +post-hook: '{insert}'\n"),
        format!("seeds:\n  +post-hook: '{insert}'\n"),
        format!("models:\n  +sql_header: '{insert};'\n"),
        format!("models:\n  shop:\n    py:\n      +post-hook: '{insert}'\n"),
        format!("snapshots:\n  +post-hook: '{insert}'\n"),
    ] {
        let project = project(&said);
        let more = [
            files[0],
            files[1],
            ("seeds/codes.csv", "a,b\n1,2\n"),
            ("models/py/m.py", "def model(dbt, session):\n    return 1\n"),
            (
                "snapshots/s.yml",
                "snapshots: [{name: snap, relation: \"ref('x')\"}]",
            ),
            ("dbt_project.yml", project.as_str()),
        ];
        assert_needs_review("HC007", &more);
    }
    for (path, said) in [
        (
            "seeds/p.yml",
            "seeds: [{name: codes, config: {post-hook: 'X'}}]",
        ),
        (
            "models/py/p.yml",
            "models: [{name: m, config: {post_hook: 'X'}}]",
        ),
        (
            "snapshots/s.yml",
            "snapshots: [{name: snap, relation: y, config: {post_hook: 'X'}}]",
        ),
        (
            "models/p.yml",
            "models: [{name: other, config: {sql_header: 'X'}}]",
        ),
    ] {
        let said = said.replace('X', insert);
        let more = [
            files[0],
            files[1],
            ("models/py/m.py", "def model(dbt, session):\n    return 1\n"),
            ("models/other.sql", "SELECT 1 AS n"),
            (path, said.as_str()),
        ];
        assert_needs_review("HC007", &more);
    }
    // The effect of a seed's hook on the seed does not concern a model.
    let own = "name: shop\nseeds:\n  +post-hook: 'DELETE FROM {{ this }} WHERE a = 1'\n";
    assert_publishable(&[
        files[0],
        files[1],
        ("seeds/codes.csv", "a\n"),
        ("dbt_project.yml", own),
    ]);
}

#[test]
fn hook_with_a_value_is_read_with_a_name_for_it() {
    let model = |config: &str| format!("{{{{ config({config}) }}}}\n{BIG}");
    let project = |said: &str| format!("name: shop\n{said}\n");
    for said in [
        "on-run-start: 'CREATE SCHEMA IF NOT EXISTS {{ target.schema }}'",
        "on-run-end: \"INSERT INTO ops.audit SELECT '{{ invocation_id }}'\"",
        "on-run-end: 'INSERT INTO {{ target.schema }}.audit SELECT 1'",
        "models: {+post-hook: \"ALTER TABLE {{ this }} SET OPTIONS (labels=[('env','{{ target.name }}')])\"}",
        "on-run-start: 'CREATE OR REPLACE FUNCTION {{ target.schema }}.f(x INT64) AS (x)'",
        "models: {+post-hook: \"GRANT SELECT ON {{ this }} TO {{ var('role') }}\"}",
    ] {
        let files = [
            ("models/out.sql", READER),
            ("models/big.sql", BIG),
            ("dbt_project.yml", &project(said)),
        ];
        assert_publishable(&files);
    }
    for said in [
        "on-run-end: '{{ statement }}'",
        "on-run-end: 'INSERT INTO {{ target.schema }}.{{ x }} SELECT 1'",
        "on-run-end: 'INSERT INTO {{ target.schema }}.bi{{ x }} SELECT 1'",
        "on-run-end: 'INSERT INTO {{ target.schema }}.big SELECT 1'",
        "on-run-end: '{{ do_it() }}'",
    ] {
        let files = [
            ("models/out.sql", READER),
            ("models/big.sql", BIG),
            ("dbt_project.yml", &project(said)),
        ];
        assert_needs_review("HC007", &files);
    }
    for config in [
        "post_hook='DELETE FROM {{ x }} WHERE TRUE'",
        "post_hook='{{ x }}'",
        "post_hook=x",
    ] {
        let big = model(config);
        assert_needs_review(
            "HC007",
            &[("models/out.sql", READER), ("models/big.sql", &big)],
        );
    }
}

#[test]
fn how_dbt_calls_a_table_is_known_to_no_test() {
    let with = |condition: &str| {
        let model = format!("{COUNTED}{{% if {condition} %}}3{{% else %}}5000{{% endif %}}");
        assert_needs_review("", &[("models/out.sql", &model)]);
    };
    for condition in [
        "'dev' in this|string",
        "this|string|length > 40",
        "'dev' in (this|string).split('.')",
        "(this|string).startswith('dev')",
        "'dev' in this ~ ''",
        "'dev' in ref('x') ~ ''",
        "'dev' in source('dev_source', 'x') ~ ''",
        "{'a': 1}[this|string] is defined",
        "'dev' in [this, 1]|join",
        "'dev' in '%s'|format(this)",
        "'dev' in '{}'.format(this)",
        "this.schema == 'dev'",
        "'dev' in this.schema",
        "this.identifier == 'dev_out'",
    ] {
        with(condition);
    }
    let block = format!(
        "{{% set name %}}{{{{ this }}}}{{% endset %}}{COUNTED}{{% if 'dev' in name %}}3{{% else %}}5000{{% endif %}}"
    );
    assert_needs_review("", &[("models/out.sql", &block)]);
    // A reference is still rendered if it is converted to text.
    for reads in [
        "{% set t %}{{ ref('big') }}{% endset %}SELECT country, clients FROM {{ t }}",
        "{% set t = ref('big') ~ '' %}SELECT country, clients FROM {{ t }}",
        "SELECT country, clients FROM {{ ref('big') | string | trim }}",
        "SELECT country, clients FROM {{ [ref('big')] | join }}",
        "{% set t = ref('big') %}SELECT country, clients FROM {{ t.schema }}.{{ t.identifier }}",
    ] {
        assert_publishable(&[("models/big.sql", BIG), ("models/out.sql", reads)]);
    }
}

#[test]
fn macro_of_a_package_comes_first_for_its_own_models() {
    let model = format!("{COUNTED}{{{{ least() }}}}");
    let files = [
        ("dbt_packages/other/dbt_project.yml", "name: other\n"),
        ("macros/m.sql", "{% macro least() %}5000{% endmacro %}"),
        (
            "models/out.sql",
            "SELECT country, clients FROM {{ ref('other', 'big') }}",
        ),
        ("dbt_packages/other/models/big.sql", model.as_str()),
    ];
    assert_publishable(&files);
    let own = (
        "dbt_packages/other/macros/m.sql",
        "{% macro least() %}3{% endmacro %}",
    );
    assert_needs_review("", &[files.as_slice(), &[own]].concat());
    assert_publishable(&[own, files[0], files[1], ("models/out.sql", &model)]);
}
