//! The functions that read untrusted texts.

use std::path::Path;

use headcount::assessment::FileAssessment;
use headcount::catalog::layout::Metadata;
use headcount::catalog::{SchemaFiles, bigquery_json, dbt};
use headcount::config::Config;
use headcount::policy::{Answer, Verdict};
use headcount::record::Entry;
use headcount::registry::Registry;
use headcount::report::{Format, ReportDetail, ReportOptions, Run, render};
use headcount::source::template::TemplateSettings;
use headcount::source::{SourceText, Span};
use headcount::workspace::{Registries, assess_text};

/// An input of the program.
pub struct FuzzTarget {
    /// The folder of its texts below `corpus/`.
    pub name: &'static str,
    /// Reads a text, and panics if the result violates an invariant.
    pub run: fn(&str),
}

/// All inputs of the program.
pub const FUZZ_TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        name: "pipeline",
        run: pipeline,
    },
    FuzzTarget {
        name: "template",
        run: pipeline,
    },
    FuzzTarget {
        name: "paste",
        run: paste,
    },
    FuzzTarget {
        name: "registry",
        run: registry,
    },
    FuzzTarget {
        name: "config",
        run: config,
    },
    FuzzTarget {
        name: "record",
        run: record,
    },
    FuzzTarget {
        name: "metadata",
        run: metadata,
    },
    FuzzTarget {
        name: "schema",
        run: schema,
    },
    FuzzTarget {
        name: "json",
        run: json,
    },
    FuzzTarget {
        name: "ndjson",
        run: ndjson,
    },
];

fn pipeline(text: &str) {
    let source = SourceText::new("t.sql", text);
    let file = assess_text(source, Registry::builtin(), &TemplateSettings::default());
    holds(file, text);
}

fn paste(text: &str) {
    let source = SourceText::new("<stdin>", text);
    let mut registries = Registries::default();
    let templates = TemplateSettings::default();
    let (file, _) = registries
        .assess_pasted(source, &templates)
        .expect("a thread");
    holds(file, text);
}

/// Asserts the invariants of an assessment, and that every format can render it.
fn holds(file: FileAssessment, text: &str) {
    let within = |span: Span| {
        let range = span.start as usize..span.end as usize;
        assert!(
            text.get(range).is_some(),
            "{span:?} is no place of the text"
        );
    };
    assert!(
        file.fault.is_none(),
        "{:?}",
        file.findings.first().map(|finding| &finding.message)
    );
    let findings = file.datasets.iter().flat_map(|dataset| &dataset.findings);
    for finding in findings.chain(&file.findings) {
        assert!(
            !finding.message.contains("internal error"),
            "{}",
            finding.message
        );
        if finding.elsewhere.is_none() {
            within(finding.span);
        }
    }
    for dataset in &file.datasets {
        within(dataset.span);
        if dataset.verdict == Verdict::Publishable {
            let mut answers = dataset.decision.questions.iter();
            assert!(dataset.assessed && answers.all(|question| question.answer == Answer::No));
        }
        if !dataset.assessed {
            assert_eq!(dataset.decision.level, None);
            assert_eq!(dataset.verdict, Verdict::ExtraReview);
        }
    }
    let run = Run::of(vec![file], Registry::builtin().policy().min_bucket);
    for (_, format) in Format::ALL {
        let options = ReportOptions {
            verbose: true,
            statistics: true,
            ..ReportOptions::piped(ReportDetail::Review)
        };
        render(&run, format, &options);
    }
}

fn registry(text: &str) {
    let source = SourceText::new("dimension-registry.toml", text);
    if let Ok(registry) = Registry::parse(&source) {
        let query = SourceText::new("t.sql", "SELECT * FROM telemetry.clients_daily");
        assess_text(query, &registry, &TemplateSettings::default());
    }
}

fn config(text: &str) {
    let _ = Config::parse(&SourceText::new("headcount.toml", text), Path::new("."));
}

fn record(text: &str) {
    let _ = Entry::parse(&SourceText::new("entry.toml", text));
}

fn metadata(text: &str) {
    let _ = Metadata::parse("metadata.yaml", text);
}

fn schema(text: &str) {
    let _ = SchemaFiles::default().parse(Path::new("schema.yaml"), text);
    let _ = dbt::parse_properties("schema.yml", text);
}

fn json(text: &str) {
    let _ = bigquery_json::parse("schema.json", text);
    let _ = dbt::parse_manifest("manifest.json", text);
}

/// Runs the compiled program on a line of `check - --ndjson`.
fn ndjson(text: &str) {
    // The text is both the SQL of a line and a line itself.
    let line = serde_json::json!({"path": "q.sql", "sql": text.replace('\0', "")});
    let stdin = format!("{line}\n{}\n", text.replace('\n', " "));
    let output = assert_cmd::Command::cargo_bin("headcount")
        .expect("the program is built")
        .args(["check", "-", "--ndjson", "--all", "--no-config"])
        .current_dir(std::env::temp_dir())
        .write_stdin(stdin)
        .output()
        .expect("the program runs");
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)), "{code:?}");
    let said = String::from_utf8(output.stdout).expect("it writes UTF-8");
    assert!(!said.contains("internal error"), "{said}");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    let mut lines = said.lines().map(serde_json::from_str::<serde_json::Value>);
    assert!(lines.all(|line| line.is_ok()), "{said}");
}
