//! Comments that address the program: what they suppress, and the findings about
//! comments without effect.

use headcount::policy::Verdict;
use headcount::registry::Registry;
use headcount::report::{Format, ReportDetail, ReportOptions, Run, render};
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

fn run(sql: &str) -> Run {
    let source = SourceText::new("a.sql", sql);
    let registry = Registry::builtin();
    Run::of(
        vec![assess_text(source, registry, &TemplateSettings::default())],
        registry.policy().min_bucket,
    )
}

/// Returns lines and codes of the findings that are reported, without suppressed
/// ones.
fn told(sql: &str) -> Vec<(usize, &'static str)> {
    let run = run(sql);
    let mut told: Vec<_> = run
        .findings()
        .map(|(file, finding)| {
            (
                file.source.position(finding.span.start).line,
                finding.rule.code,
            )
        })
        .filter(|(_, code)| *code != "HC304")
        .collect();
    told.sort_unstable();
    told
}

#[test]
fn a_comment_speaks_of_its_line_the_next_or_the_statement() {
    assert_eq!(
        told("SELECT\n  country,\n  COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country"),
        [(5, "HC101")]
    );
    for sql in [
        "-- headcount: allow(HC101) known\nSELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country",
        "-- headcount: allow(HC101) known\n\n# other words\n/* and\nmore */\nSELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country",
        "SELECT country, COUNT(*) AS n\nFROM telemetry.main\n-- headcount: allow(missing-minimum-bucket): known\nGROUP BY country",
        "SELECT country, COUNT(*) AS n\nFROM telemetry.main\n-- headcount: allow(HC101) known\n-- other words\nGROUP BY country",
        "SELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country -- headcount: allow(HC101) known",
        "SELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country /* headcount: allow(HC101) known */",
    ] {
        assert_eq!(told(sql), [], "{sql}");
        let run = run(sql);
        assert_eq!(run.files[0].datasets[0].verdict, Verdict::ExtraReview);
    }
}

#[test]
fn a_comment_that_does_nothing_is_told() {
    let sql = "-- headcount: allow(HC101, HC102, HC201, HC999, raw_identifier) known
-- headcount: allow() known
-- headcount: alow(HC101) known
-- headcount: allow(HC101)
-- headcount: internal
SELECT country, client_id, COUNT(*) AS n
FROM telemetry.main
GROUP BY country, client_id;
-- headcount: internal nothing comes after it
";
    let options = ReportOptions::piped(ReportDetail::Check);
    insta::assert_snapshot!(render(&run(sql), Format::Human, &options));
}

#[test]
fn a_comment_is_used_where_any_way_of_a_template_uses_it() {
    assert_eq!(
        told(
            "-- headcount: allow(HC101) known
SELECT country, COUNT(DISTINCT client_id) AS n
FROM telemetry.main
GROUP BY country
{% if full() %}HAVING COUNT(DISTINCT client_id) >= 5000{% endif %}"
        ),
        []
    );
}

#[test]
fn what_is_internal_is_assessed_and_fails_nothing() {
    let run = run(
        "-- headcount: internal for the billing department\nSELECT client_id FROM telemetry.main",
    );
    let dataset = &run.files[0].datasets[0];
    assert_eq!(
        dataset.internal.as_deref(),
        Some("for the billing department")
    );
    assert_eq!(dataset.verdict, Verdict::ExtraReview);
    assert_eq!(run.summary().internal, 1);
    assert_eq!(run.summary().needs_review, 0);
    assert!(
        !run.findings()
            .any(|(_, finding)| finding.rule.code.starts_with("HC4"))
    );
    // `internally` only begins like `internal`.
    assert_eq!(
        told("-- headcount: internally known\nSELECT 1 AS one"),
        [(1, "HC403")]
    );
}

/// A dataset is internal only if no other statement publishes the table.
#[test]
fn internal_does_nothing_where_another_statement_publishes_the_table() {
    let made = "CREATE OR REPLACE TABLE d.t AS SELECT country FROM telemetry.main";
    let added = "-- headcount: internal kept\nINSERT INTO d.t SELECT country FROM telemetry.main";
    let internal = |sql: &str| -> Vec<bool> {
        let run = run(sql);
        let datasets = run.files[0].datasets.iter();
        datasets.map(|dataset| dataset.internal.is_some()).collect()
    };
    let both = format!("{made};\n{added}");
    assert_eq!(internal(&both), [false, false]);
    assert!(told(&both).iter().any(|(_, code)| *code == "HC403"));
    let apart = format!("{};\n{added}", made.replace("d.t", "d.other"));
    assert_eq!(internal(&apart), [false, true]);
    let neither = format!("-- headcount: internal made\n{made};\n{added}");
    assert_eq!(internal(&neither), [true, true]);
}

/// Legacy SQL has another meaning, so it is not parsed at all.
#[test]
fn legacy_sql_is_not_understood() {
    let query = "SELECT country, COUNT(DISTINCT client_id) AS n FROM telemetry.main GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
    for first in ["#legacySQL", "# LEGACYSQL ", "-- note\n#legacysql"] {
        let codes = told(&format!("{first}\n{query}"));
        assert!(codes.iter().any(|(_, code)| *code == "HC001"), "{first}");
    }
    for first in ["#standardSQL", "-- legacySQL", "# not legacySQL"] {
        let codes = told(&format!("{first}\n{query}"));
        assert!(!codes.iter().any(|(_, code)| *code == "HC001"), "{first}");
    }
    let inside = told(&format!("{query}\n#legacySQL"));
    assert!(!inside.iter().any(|(_, code)| *code == "HC001"));
}
