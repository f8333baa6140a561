//! Printed text is inert: names, queries and messages of strangers are displayed,
//! and nothing acts on them.

#[path = "common/inert.rs"]
mod inert;
#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::path::Path;

use headcount::registry::Registry;
use headcount::report::{Format, ReportDetail, ReportOptions, Run, render, step_summary, unified};
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;
use inert::{HOSTILE, assert_inert, assert_plain_markdown};
use program::{ProgramOutput, headcount};
use proptest::prelude::*;
use repository::{BUG, Repository};
use serde_json::Value;

/// Returns a valid file name with hostile characters: no slash, at most 110 of them.
fn file_name(ending: &str) -> String {
    let name: String = HOSTILE.chars().filter(|c| *c != '/').take(110).collect();
    format!("{name}{ending}")
}

/// Quotes a text for TOML or YAML, with every character as an escape.
fn numbered(text: &str) -> String {
    let units = text.chars().map(|c| format!("\\U{:08x}", u32::from(c)));
    format!("\"{}\"", units.collect::<String>())
}

/// Quotes a name or a literal for GoogleSQL, with every character as an escape.
fn quoted(text: &str, quote: char) -> String {
    let units = text.chars().map(|c| format!("\\U{:08x}", u32::from(c)));
    format!("{quote}{}{quote}", units.collect::<String>())
}

/// Returns queries with the hostile text in each place that a report displays.
fn queries() -> Vec<String> {
    let name = quoted(HOSTILE, '`');
    let literal = quoted(HOSTILE, '\'');
    // Variants without numeric escapes, for a line comment and for a quoted text.
    let line = HOSTILE.replace(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}'], " ");
    let raw = HOSTILE.replace('\\', "\\\\").replace('"', "\\\"");
    vec![
        format!("SELECT {name}, country AS {name}, {literal} AS c FROM d.{name} AS {name}"),
        format!("SELECT client_id AS {name}, COUNT(*) AS n FROM telemetry.main GROUP BY 1"),
        format!(
            "SELECT country AS {name}, COUNT(DISTINCT client_id) AS n FROM telemetry.main WHERE os = {literal} GROUP BY 1 HAVING n >= 5"
        ),
        format!("SELECT {name}.{name}({name}), {name}.* FROM t JOIN {name} USING ({name})"),
        format!("CREATE TABLE d.{name} AS SELECT {name} FROM {name}.{name}"),
        format!("EXECUTE IMMEDIATE {literal}; CALL {name}()"),
        format!("-- headcount: allow(HC201, HC999) {line}\nSELECT client_id FROM telemetry.main"),
        format!("-- headcount: internal {line}\nSELECT client_id FROM telemetry.main"),
        format!("/* {HOSTILE} */ SELECT client_id, \"\"\"{raw}\"\"\" FROM telemetry.main"),
        format!("SELECT {HOSTILE}"),
        format!("SELECT '{HOSTILE}"),
        format!("{{% include {literal} %}}{{{{ undefined({literal}) }}}} SELECT {{{{ x }}}}"),
        format!("{{{{ {literal} }}}}{{% {HOSTILE} %}}"),
        format!(
            "SELECT COUNT(DISTINCT client_id) AS {name}, PERCENTILE_CONT({name}, 0.5) OVER () FROM telemetry.main GROUP BY {name} HAVING COUNT(*) > 3 OR {name}"
        ),
    ]
}

fn run_of(path: &str, sql: &str) -> Run {
    let registry = Registry::builtin();
    let source = SourceText::new(path, sql);
    Run::of(
        vec![assess_text(source, registry, &TemplateSettings::default())],
        registry.policy().min_bucket,
    )
}

/// Asserts that all formats of a run are inert.
fn assert_formats_are_inert(run: &Run) {
    for (name, format) in Format::ALL {
        for detail in [ReportDetail::Check, ReportDetail::Review] {
            for color in [false, true] {
                if color && format != Format::Human {
                    continue;
                }
                let options = ReportOptions {
                    color,
                    verbose: true,
                    statistics: true,
                    ..ReportOptions::piped(detail)
                };
                let text = render(run, format, &options);
                assert_inert(name, &text, color);
                if matches!(format, Format::Json | Format::Sarif | Format::Gitlab) {
                    serde_json::from_str::<Value>(&text).expect(name);
                }
                if format == Format::Markdown {
                    assert_plain_markdown(name, &text);
                }
                if format == Format::Github {
                    let findings = run.findings().count();
                    assert_eq!(text.lines().count(), findings + 1, "{}", &*text);
                }
                if format == Format::Concise {
                    assert_eq!(text.lines().count(), run.findings().count(), "{}", &*text);
                }
            }
        }
    }
    let summary = step_summary(run);
    assert_inert("summary", &summary, false);
    assert_plain_markdown("summary", &summary);
}

#[test]
fn hostile_queries_are_inert_in_every_format() {
    for query in queries() {
        let run = run_of(&file_name(".sql"), &query);
        assert_formats_are_inert(&run);
        let options = ReportOptions::piped(ReportDetail::Check);
        let json = render(&run, Format::Json, &options);
        let json: Value = serde_json::from_str(&json).expect("it is JSON");
        // Programs receive the exact path.
        assert_eq!(json["files"][0]["path"], file_name(".sql"));
    }
}

/// Pieces that a terminal, a log or a format interprets.
const PIECES: &[&str] = &[
    "\u{1b}[31m",
    "\u{1b}]8;;https://a.b\u{7}",
    "\u{9b}1A",
    "\u{7f}",
    "\u{202e}",
    "\u{2069}",
    "\u{200b}",
    "\u{2028}",
    "\u{85}",
    "\r",
    "\n",
    "\r\n",
    "\t",
    "::error::",
    "##[group]",
    "`",
    "```",
    "|",
    "<b>",
    "</details>",
    "@everyone",
    "#1",
    "![a](b)",
    "[a](b)",
    "https://a.b",
    "\\",
    "\"",
    "'",
    "--",
    "/*",
    "*/",
    "{{",
    "}}",
    "{%",
    "%}",
    "$",
    "&amp;",
    "é",
    "\u{1F600}",
    " ",
    "a",
];

/// Generates one of the pieces, or any character.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_texts_are_inert_in_every_format(
        pieces in proptest::collection::vec(piece(), 1..12),
        form in 0_usize..5,
    ) {
        let text: String = pieces.concat();
        let name = quoted(&text, '`');
        let query = match form {
            0 => format!("SELECT client_id AS {name} FROM d.{name}"),
            1 => format!("SELECT {name}, {} FROM t", quoted(&text, '"')),
            2 => format!("SELECT client_id FROM telemetry.main /* {text}"),
            3 => text.clone(),
            _ => format!("SELECT country, '{text}' FROM telemetry.main GROUP BY 1"),
        };
        assert_formats_are_inert(&run_of(&text.replace('\0', "0"), &query));
    }
}

#[test]
fn a_patch_of_a_hostile_path_is_of_that_path() {
    let diff = unified("a\n+++ b/other.sql", "a\n", "b\n");
    let heads: Vec<&str> = diff
        .lines()
        .filter(|line| line.starts_with("+++"))
        .collect();
    assert_eq!(heads, ["+++ \"a\\012+++ b/other.sql\""], "{diff}");
}

/// Creates a repository in which every name and text is hostile.
fn hostile_repository(layout: &str) -> Repository {
    let repository = Repository::new();
    let folder = file_name("");
    for (at, query) in queries().iter().enumerate() {
        repository.write(&format!("{folder}/{at}{}", file_name(".sql")), query);
    }
    let text = numbered(HOSTILE);
    repository.write(
        "sql/p/d/t/metadata.yaml",
        &format!("friendly_name: {text}\nlabels:\n  public_json: {text}\n  ? {text}\n  : {text}\nreview_bugs: [{text}]\n"),
    );
    repository.write(
        "sql/p/d/t/schema.yaml",
        &format!("fields:\n- name: {text}\n  type: STRING\n  description: {text}\n"),
    );
    repository.write("sql/p/d/t/query.sql", &queries()[0]);
    repository.write(
        "dimension-registry.toml",
        &format!(
            "schema_version = 1\n[units.{text}]\nperson = true\n[[column]]\nname = {text}\nrole = \"dimension\"\ncategory = 2\nsensitive = {text}\ndescription = {text}\n[[column]]\nname = \"client_id\"\nrole = \"identifier\"\nunit = {text}\ncategory = 2\n[[column]]\nname = \"country\"\ntables = [{text}]\nrole = \"dimension\"\n[[table]]\nname = {text}\nunit_column = {text}\nkeys = [[{text}]]\n"
        ),
    );
    repository.write(
        "headcount.toml",
        &format!("[project]\nlayout = \"{layout}\"\n[template]\nvariables = {{ x = {text} }}\nflags = {{ {text} = false }}\n"),
    );
    repository.commit(HOSTILE);
    repository
}

fn assert_said_is_inert(what: &str, said: &ProgramOutput, colours: bool) {
    assert_inert(&format!("{what}, output"), &said.out, colours);
    assert_inert(&format!("{what}, errors"), &said.err, false);
}

fn run_inert(repository: &Repository, args: &[&str]) -> ProgramOutput {
    let said = repository.run(args);
    assert_said_is_inert(
        &args.join(" ").replace(HOSTILE, "HOSTILE"),
        &said,
        args.contains(&"always"),
    );
    said
}

#[test]
fn every_command_is_inert_in_a_hostile_repository() {
    for layout in ["plain", "bigquery-etl"] {
        let repository = hostile_repository(layout);
        for (format, _) in Format::ALL {
            let said = run_inert(&repository, &["check", "--all", "--format", format]);
            assert_eq!(said.code, 1, "{}", said.err);
            if format == "markdown" {
                assert_plain_markdown(format, &said.out);
            }
        }
        for args in [
            &["check", "--all", "--color", "always", "-v", "--statistics"][..],
            &["check", "--all", "--diff"],
            &["check", "--all", "--ndjson"],
            &["check", "--select", HOSTILE],
            &["check", HOSTILE],
            &["check", "--registry", HOSTILE],
            &["check", "--config", HOSTILE],
            &["check", "--base", HOSTILE],
            &["check", "--format", HOSTILE],
            &["check", HOSTILE, "--nothing", HOSTILE],
            &[HOSTILE],
            &["explain", HOSTILE],
            &["registry", "check"],
            &["registry", "check", "--verbose", "--against", "."],
            &["registry", "check", "--format", "json", "--against", "."],
            &["registry", "check", "--select", HOSTILE],
            &["registry", "show", HOSTILE],
            &["registry", "show", "client_id", "--table", HOSTILE],
            &["registry", "show", HOSTILE, "--format", "json"],
            &["registry", "coverage"],
            &["registry", "coverage", "--format", "json"],
            &["registry", "import", HOSTILE],
            &[
                "registry",
                "import",
                "dimension-registry.toml",
                "--from",
                HOSTILE,
            ],
            &["approve", ".", "--bug", HOSTILE],
            &["approve", ".", "--bug", "1", "--by", "S"],
            &[
                "approve",
                ".",
                "--bug",
                "1",
                "--dataset",
                HOSTILE,
                "--by",
                "S",
            ],
            &["diff", "--base", HOSTILE],
            &["record", "--html", "site", "--record", HOSTILE],
            &["init", "."],
            &["init", HOSTILE],
        ] {
            run_inert(&repository, args);
        }
        // A single file is read in the same way with every layout.
        if layout != "plain" {
            continue;
        }
        let files = fs::read_dir(repository.path().join(file_name(""))).expect("the folder");
        for file in files {
            let name = file.expect("a file").file_name();
            let path = Path::new(&file_name("")).join(name);
            let path = path.to_str().expect("it is UTF-8");
            for (format, _) in Format::ALL {
                let args = ["review", path, "--to-level", "2", "--format", format];
                let said = run_inert(&repository, &args);
                if format == "markdown" {
                    assert_plain_markdown(format, &said.out);
                }
            }
            for format in ["tree", "json", "mermaid", "dot", "plan"] {
                run_inert(&repository, &["lineage", path, "--format", format]);
            }
            run_inert(&repository, &["lineage", path, "--column", HOSTILE]);
            run_inert(&repository, &["review", path, "--dataset", HOSTILE]);
            // The rendered text is data and printed unchanged; messages about it are
            // inert.
            assert_inert("render", &repository.run(&["render", path]).err, false);
        }
    }
}

#[test]
fn the_record_and_its_site_are_inert() {
    let repository = hostile_repository("plain");
    let by = format!("{HOSTILE} <steward@example.org>");
    let args = [
        "approve",
        ".",
        "--bug",
        BUG,
        "--by",
        &by,
        "--accept-unassessed",
    ];
    let said = run_inert(&repository, &args);
    assert_eq!(said.code, 0, "{}", said.err);
    repository.commit(HOSTILE);
    for (at, query) in queries().iter().enumerate() {
        let query = query.replace("HAVING n >= 5", "").replace("GROUP BY 1", "");
        repository.write(
            &format!("{}/{at}{}", file_name(""), file_name(".sql")),
            &format!("SELECT client_id FROM telemetry.main;\n{query}"),
        );
    }
    repository.commit("More");
    for format in ["human", "markdown", "json"] {
        let said = run_inert(
            &repository,
            &["diff", "--base", "HEAD^", "--format", format],
        );
        assert_eq!(said.code, 0, "{}", said.err);
        if format == "markdown" {
            assert_plain_markdown(format, &said.out);
        }
    }
    for format in ["human", "github", "concise", "sarif", "markdown"] {
        let said = run_inert(&repository, &["check", "--format", format]);
        assert!(!said.out.contains("steward@example.org"), "{}", said.out);
    }
    let said = run_inert(&repository, &["record", "--html", "site", "."]);
    assert_eq!(said.code, 0, "{}", said.err);
    let mut pages = 0;
    for folder in ["site", "site/datasets"] {
        for file in fs::read_dir(repository.path().join(folder)).expect("a folder") {
            let path = file.expect("a file").path();
            if path.is_dir() {
                continue;
            }
            let page = fs::read_to_string(&path).expect("it is text");
            assert_inert("site", &page, false);
            assert!(!page.contains("steward@example.org"), "{page}");
            if path.extension().is_some_and(|ending| ending == "html") {
                assert!(!page.contains("<img"), "{page}");
                let page = page.replace("&#x2f;", "/");
                for href in page.split("href=\"").skip(1) {
                    let plain = [
                        "https://",
                        "../",
                        "datasets/",
                        "#",
                        "style.css",
                        "record.json",
                    ];
                    let own = href
                        .split('"')
                        .next()
                        .unwrap_or_default()
                        .ends_with(".json");
                    assert!(
                        own || plain.iter().any(|start| href.starts_with(start)),
                        "{href}"
                    );
                }
                pages += 1;
            }
        }
    }
    assert!(pages > 10, "{pages}");
}

#[test]
fn mistakes_in_hostile_files_are_told_inertly() {
    let text = numbered(HOSTILE);
    for (file, content) in [
        ("headcount.toml", HOSTILE.to_owned()),
        ("headcount.toml", format!("{text} = 1\n")),
        (
            "headcount.toml",
            format!("fail_on = {text}\n[rules]\n{text} = {text}\n"),
        ),
        ("headcount.toml", format!("registry = {text}\n")),
        (
            "headcount.toml",
            format!("[project]\nrecord = {text}\nschemas = [{text}]\n"),
        ),
        (
            "headcount.toml",
            format!("[template]\nmetric_hub = {text}\n"),
        ),
        (
            "dimension-registry.toml",
            format!("# {HOSTILE}\n[[column]]\nname = {text}"),
        ),
        (
            "dimension-registry.toml",
            format!(
                "schema_version = 1\n[[column]]\nname = {text}\nrole = {text}\nunit = {text}\n"
            ),
        ),
        ("dbt_project.yml", HOSTILE.to_owned()),
        ("dbt_project.yml", format!("name: {text}\nvars: [{text}]\n")),
        (
            "publishing-record/a.toml",
            format!("dataset = {text}\n{text} = {text}\n"),
        ),
        (
            "sql/p/d/t/metadata.yaml",
            format!("labels: {text}\n{HOSTILE}"),
        ),
        ("sql/p/d/t/schema.yaml", HOSTILE.to_owned()),
        (
            "models/schema.yml",
            format!("models:\n- name: {text}\n  {HOSTILE}"),
        ),
    ] {
        let repository = Repository::new();
        repository.write(file, &content);
        for args in [
            &["check"][..],
            &["check", "--format", "github"],
            &["registry", "check"],
            &["approve", ".", "--bug", "1", "--by", "S"],
        ] {
            run_inert(&repository, args);
        }
    }
    let directory = tempfile::TempDir::new().expect("a folder");
    for line in [HOSTILE.to_owned(), serde_json::json!({"path": HOSTILE, "sql": "\0"}).to_string(),
        serde_json::json!({"path": HOSTILE, "sql": HOSTILE, HOSTILE: 1}).to_string(),
        serde_json::json!({"path": HOSTILE, "sql": format!("SELECT 1 AS {}", quoted(HOSTILE, '`'))}).to_string()] {
        let said = headcount(&["check", "-", "--ndjson"], &line, directory.path(), &[]);
        assert_said_is_inert(&line, &said, false);
    }
    for name in [HOSTILE, "x"] {
        for query in queries() {
            let args = ["review", "-", "--stdin-filename", name];
            let said = headcount(&args, &query, directory.path(), &[]);
            assert_said_is_inert(&query, &said, false);
        }
    }
}
