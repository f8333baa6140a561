//! Formats that other programs read, with hostile names and messages. They are
//! validated with their schemas and parsed as those programs do.

mod common;

use headcount::assessment::FileAssessment;
use headcount::mend::{Edit, Fix};
use headcount::registry::Registry;
use headcount::report::{Format, ReportDetail, ReportOptions, Run, render, step_summary};
use headcount::rules::{Finding, FindingLabel, RULES, Severity};
use headcount::source::template::TemplateSettings;
use headcount::source::{SourceText, Span};
use headcount::workspace::assess_text;
use jsonschema::Validator;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const OPTIONS: ReportOptions = ReportOptions::piped(ReportDetail::Check);

/// Texts that break a format if they are not escaped.
const HOSTILE: &[&str] = &[
    "::error file=a::b\n::set-output name=x::y\r\n##[error]z",
    "50% %0A \"quoted\" 'it' `code` \\ back",
    "a|b <script>alert(1)</script> @everyone #1 [x](1) {0}",
    "é \u{1F600} \u{202e} ::  , = ; \t",
    "```\n</details>\n| a | b |",
];

fn run_of(sql: &str) -> Run {
    let registry = Registry::builtin();
    let source = SourceText::new("sql/a.sql", sql);
    Run::of(
        vec![assess_text(source, registry, &TemplateSettings::default())],
        registry.policy().min_bucket,
    )
}

/// Creates a run with `count` findings, of all severities, in files with hostile
/// names.
fn hostile(count: usize) -> Run {
    let text = "SELECT a,\n  'é'\nFROM t\n".repeat(50);
    let mut files: Vec<FileAssessment> = HOSTILE
        .iter()
        .map(|name| FileAssessment {
            source: SourceText::new(*name, text.as_str()),
            datasets: Vec::new(),
            findings: Vec::new(),
            fault: None,
        })
        .collect();
    for at in 0..count {
        let words = HOSTILE[at % HOSTILE.len()];
        let start = (at * 7) % (text.len() - 40);
        let span = Span::new(start, start + at % 40);
        let finding = Finding {
            rule: RULES[at % RULES.len()],
            severity: [Severity::Error, Severity::Warning, Severity::Note][at % 3],
            message: words.to_owned(),
            help: words.to_owned(),
            span,
            label: words.to_owned(),
            labels: vec![FindingLabel {
                span: Span::new(0, 6),
                message: words.to_owned(),
                elsewhere: None,
            }],
            fix: Some(Fix {
                title: words.to_owned(),
                safe: false,
                edits: vec![Edit {
                    span: Span::new(start, start),
                    text: words.to_owned(),
                }],
            }),
            elsewhere: None,
            follows: false,
            suppressed: None,
        };
        let files_count = files.len();
        files[at / 3 % files_count].findings.push(finding);
    }
    Run::of(files, 5000)
}

/// Compiles SARIF's schema, which the crate `serde-sarif` contains.
fn compile_sarif_schema() -> Validator {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc");
    let host = String::from_utf8(host.stdout).expect("it writes UTF-8");
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc says for which machine");
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(["--filter-platform", host])
        .output()
        .expect("cargo");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let told: Value = serde_json::from_slice(&told.stdout).expect("cargo writes JSON");
    let manifest = told["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .and_then(|package| package["manifest_path"].as_str())
        .map(PathBuf::from)
        .expect("serde-sarif is a dependency");
    let schema = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json"))
        .expect("it brings the schema");
    let mut schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    // The pattern of this property, which reports never contain, is not a valid
    // regular expression.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        if let Some(language) = language.as_object_mut() {
            language.remove("pattern");
        }
    }
    assert_eq!(schema["properties"]["version"]["enum"][0], "2.1.0");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

#[test]
fn sarif_keeps_to_its_schema() {
    let validator = compile_sarif_schema();
    let query = include_str!("../queries/unsafe-idioms/or_escapes.sql");
    for run in [
        run_of(query),
        run_of(""),
        run_of("SELECT FROM"),
        hostile(10_000),
    ] {
        let sarif = render(&run, Format::Sarif, &OPTIONS);
        common::valid(&validator, &sarif, "sarif");
    }
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{}]})));
}

#[test]
fn sarif_says_all_that_is_known() {
    let run = hostile(1_000);
    let sarif = render(&run, Format::Sarif, &OPTIONS);
    let sarif: Value = serde_json::from_str(&sarif).expect("it is JSON");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), RULES.len());
    for (rule, known) in rules.iter().zip(RULES) {
        assert_eq!(rule["id"], known.code);
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .is_some_and(|help| !help.is_empty())
        );
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 1_000);
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(rules[at]["id"], result["ruleId"]);
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
        // Viewers show the label only if the message links to it.
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        let words = result["message"]["text"].as_str().expect("a text");
        assert!(words.contains("](1)."), "{words}");
        let change = &result["fixes"][0]["artifactChanges"][0];
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .expect("a URI");
        assert_eq!(change["artifactLocation"]["uri"], uri);
        assert!(
            uri.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)),
            "{uri}"
        );
    }
}

#[test]
fn gitlab_gets_what_it_reads() {
    let schema = include_str!("schema/gitlab-code-quality.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for (run, count) in [(hostile(10_000), 10_000), (run_of(""), 0)] {
        let report = render(&run, Format::Gitlab, &OPTIONS);
        common::valid(&validator, &report, "gitlab");
        let report: Value = serde_json::from_str(&report).expect("it is JSON");
        let issues = report.as_array().expect("a list");
        assert_eq!(issues.len(), count);
        // GitLab displays one issue per fingerprint.
        let fingerprints: std::collections::HashSet<_> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str())
            .collect();
        assert_eq!(fingerprints.len(), count);
    }
}

fn fingerprints(sql: &str) -> Vec<String> {
    let sarif = render(&run_of(sql), Format::Sarif, &OPTIONS);
    let sarif: Value = serde_json::from_str(&sarif).expect("it is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert!(!results.is_empty(), "{sql}");
    results
        .iter()
        .map(|result| {
            result["partialFingerprints"]["headcount/v1"]
                .as_str()
                .expect("a fingerprint")
                .to_owned()
        })
        .collect()
}

#[test]
fn fingerprints_outlast_moved_lines() {
    let before = fingerprints("SELECT client_id, country FROM telemetry.main");
    let after = fingerprints(
        "-- a comment\nSELECT 1;\n\nSELECT\n  client_id,\n  country\nFROM\n  telemetry.main",
    );
    assert_eq!(before, after);
    let other = fingerprints("SELECT profile_id, os FROM telemetry.main");
    assert_ne!(before, other);
    // The same line twice results in two findings.
    let twice = fingerprints(
        "SELECT client_id FROM telemetry.main; CREATE TABLE d.t AS SELECT client_id FROM telemetry.main",
    );
    let distinct: std::collections::HashSet<_> = twice.iter().collect();
    assert_eq!(distinct.len(), twice.len());
}

/// The name, properties and message of a workflow command.
type WorkflowCommand = (String, Vec<(String, String)>, String);

/// Parses a log line like GitHub's runner; `None` if it is not a command.
fn command(line: &str) -> Option<WorkflowCommand> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
    let unescaped = |text: &str| {
        text.replace("%2C", ",")
            .replace("%3A", ":")
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let properties = rest
        .split(',')
        .filter_map(|property| property.split_once('='))
        .map(|(name, value)| (name.to_owned(), unescaped(value)))
        .collect();
    Some((name.to_owned(), properties, unescaped(message)))
}

#[test]
fn github_reads_ten_annotations_of_each_kind_and_nothing_else() {
    let run = hostile(10_000);
    let text = render(&run, Format::Github, &OPTIONS);
    let commands: Vec<_> = text.lines().filter_map(command).collect();
    for kind in ["error", "warning", "notice"] {
        let of_kind = commands.iter().filter(|(name, ..)| name == kind).count();
        assert_eq!(of_kind, 10, "{kind}");
    }
    assert_eq!(commands.len(), 30);
    for (_, properties, message) in &commands {
        let value = |wanted: &str| {
            let mut found = properties.iter().filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| value.as_str())
        };
        // Later characters that a reader might act on are escaped.
        let start = |words: &str| {
            let end = words.find(|c: char| c.is_control() || c == '\u{202e}' || c == '#');
            words[..end.unwrap_or(words.len())].to_owned()
        };
        let begins = |text: &str| HOSTILE.iter().any(|words| text.starts_with(&start(words)));
        assert!(begins(value("file").expect("a file")), "{properties:?}");
        assert!(begins(message), "{message}");
        let line = |name| {
            value(name)
                .expect("a line")
                .parse::<usize>()
                .expect("a number")
        };
        assert!(line("line") <= line("endLine"));
        // Columns are present only if the place is within one line.
        assert!(value("col").is_none() || line("line") == line("endLine"));
    }
    // The older commands work anywhere in a line.
    let log = text.lines().filter(|line| command(line).is_none());
    for line in log {
        assert!(
            !line.contains("##[") && !line.trim_start().starts_with("::"),
            "{line}"
        );
    }
    assert_eq!(text.lines().count(), 10_001);
}

/// Asserts that all rows of each Markdown table have as many cells as its header.
fn assert_tables_are_complete(markdown: &str) {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut head = None;
    let mut rows = 0;
    for line in markdown.lines() {
        if !line.starts_with('|') {
            head = None;
            continue;
        }
        let expected = *head.get_or_insert(cells(line));
        assert_eq!(cells(line), expected, "{line}");
        rows += 1;
    }
    assert!(rows > 0, "{markdown}");
}

#[test]
fn the_summary_of_a_step_is_whole_and_within_the_limit() {
    let mut run = run_of("SELECT client_id AS `a|b`, '`' AS c FROM telemetry.main");
    let summary = step_summary(&run);
    assert_tables_are_complete(&summary);
    insta::assert_snapshot!(summary);
    let dataset = run.files[0].datasets[0].clone();
    run.files[0].datasets = vec![dataset; 20_000];
    let summary = step_summary(&run);
    assert!(summary.len() < 1 << 20, "{}", summary.len());
    assert!(summary.contains("… and "), "the rest is counted");
    assert_tables_are_complete(&step_summary(&hostile(100)));
}

#[test]
fn a_comment_shows_names_as_they_are() {
    let run = run_of(
        "SELECT country AS `a|b<i>`, {{ x }} AS c, COUNT(*) AS `*n*` FROM telemetry.main GROUP BY 1, 2",
    );
    let comment = render(&run, Format::Markdown, &OPTIONS);
    assert_tables_are_complete(&comment);
    insta::assert_snapshot!(comment);
    let comment = render(&hostile(50), Format::Markdown, &OPTIONS);
    let shown = comment.replace("\\<", "");
    assert!(!shown.contains("<script>") && !comment.contains("\n::"));
}

#[test]
fn json_keeps_to_its_schema_whatever_it_says() {
    let json = render(&hostile(1_000), Format::Json, &OPTIONS);
    common::valid(&common::schema(), &json, "json");
}
