//! Templates from the written text to the report: the worst rendering, unknown
//! parts, and their spans.

use headcount::assessment::FileAssessment;
use headcount::policy::Verdict;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

fn assessed(sql: &str, settings: &TemplateSettings) -> FileAssessment {
    assess_text(SourceText::new("t.sql", sql), Registry::builtin(), settings)
}

fn codes(file: &FileAssessment) -> Vec<&str> {
    file.datasets[0]
        .findings
        .iter()
        .map(|finding| finding.rule.code)
        .filter(|code| *code < "HC304")
        .collect()
}

fn level(file: &FileAssessment) -> Option<u8> {
    file.datasets[0].decision.level.map(|level| level.number())
}

const BRANCH: &str = "SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily GROUP BY country
{% if is_init() %}HAVING clients >= 5000{% endif %}";

#[test]
fn the_worst_way_is_told() {
    let file = assessed(BRANCH, &TemplateSettings::default());
    assert_eq!((level(&file), codes(&file)), (Some(3), vec!["HC101"]));
    assert_eq!(file.datasets.len(), 1);
    assert_eq!(
        file.datasets[0].variant.as_deref(),
        Some("is_init() is false")
    );
}

#[test]
fn a_flag_decides() {
    let mut settings = TemplateSettings::default();
    settings.flags.insert("is_init".to_owned(), true);
    let file = assessed(BRANCH, &settings);
    assert_eq!(
        (level(&file), file.datasets[0].variant.as_deref()),
        (Some(2), None)
    );
    settings.flags.insert("is_init".to_owned(), false);
    assert_eq!(level(&assessed(BRANCH, &settings)), Some(3));
}

#[test]
fn a_value_that_nobody_gives_is_one_finding_and_no_threshold() {
    let sql = "SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily GROUP BY country HAVING clients >= {{ least }}";
    let file = assessed(sql, &TemplateSettings::default());
    assert_eq!(
        (level(&file), codes(&file)),
        (Some(3), vec!["HC107", "HC002"])
    );
    let finding = file.datasets[0]
        .findings
        .iter()
        .find(|finding| finding.rule.code == "HC002")
        .expect("it is told");
    assert_eq!(&sql[finding.span.range()], "least");
    let mut settings = TemplateSettings::default();
    settings.variables.insert("least".to_owned(), 5000.into());
    let file = assessed(sql, &settings);
    assert_eq!((level(&file), codes(&file)), (Some(2), vec![]));
}

/// A dataset with a part that a template hides is never publishable.
#[test]
fn what_could_not_be_rendered_is_not_publishable() {
    for sql in [
        "SELECT 1 AS one {{ more }}",
        "SELECT {{ column }} AS one",
        "SELECT 1 AS one FROM {{ ref('t') }}, UNNEST([1])",
        "{{ macro() }}; SELECT 1 AS one",
        "{% include 'missing.sql' %} SELECT 1 AS one",
        "SELECT '{{ text }}' AS one",
        "SELECT 1 AS one {% if %}",
    ] {
        let file = assessed(sql, &TemplateSettings::default());
        assert!(!file.datasets.is_empty(), "{sql}");
        for dataset in &file.datasets {
            assert_eq!(dataset.verdict, Verdict::ExtraReview, "{sql}");
        }
    }
    let file = assessed(
        "{# a comment #}SELECT {{ 1 + 1 }} AS two",
        &TemplateSettings::default(),
    );
    assert_eq!(file.datasets[0].verdict, Verdict::Publishable);
}

#[test]
fn places_are_those_of_the_text_as_written() {
    let sql = "{% set ids = ['os', 'client_id'] %}SELECT {% for id in ids %}{{ id }}, {% endfor %}city FROM telemetry.main";
    let file = assessed(sql, &TemplateSettings::default());
    let place = |code: &str| {
        let finding = file.datasets[0]
            .findings
            .iter()
            .find(|finding| finding.rule.code == code)
            .expect("it fires");
        &sql[finding.span.range()]
    };
    assert_eq!(place("HC201"), "id");
    assert_eq!(place("HC302"), "city");
    assert_eq!(place("HC203"), "telemetry.main");
}

#[test]
fn comments_speak_of_the_text_as_written() {
    let sql = "{% set x = 1 %}

-- headcount: internal for the team alone
SELECT client_id, os FROM telemetry.main -- headcount: allow(HC305) known";
    let file = assessed(sql, &TemplateSettings::default());
    assert_eq!(
        file.datasets[0].internal.as_deref(),
        Some("for the team alone")
    );
    let silenced: Vec<&str> = file.datasets[0]
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_some())
        .map(|finding| finding.rule.code)
        .collect();
    assert_eq!(silenced, ["HC305"]);
}

#[test]
fn more_ways_than_are_looked_at_need_review() {
    let mut sql = String::from("SELECT 1 AS x");
    for flag in 0..5 {
        sql.push_str(&format!(
            "{{% if flag{flag}() %}}, {flag} AS y{flag}{{% endif %}}"
        ));
    }
    let file = assessed(&sql, &TemplateSettings::default());
    assert_eq!(file.datasets[0].verdict, Verdict::ExtraReview);
    assert_eq!(codes(&file), ["HC002"]);
}

#[test]
fn the_header_of_a_model_names_what_it_makes() {
    let file = assessed(
        "MODEL (name mart.groups, kind FULL);\nSELECT country FROM telemetry.main WHERE submission_date = @start_ds",
        &TemplateSettings::default(),
    );
    assert_eq!(file.datasets[0].name, "mart.groups");
    assert_eq!(level(&file), Some(5));
}

/// A default applies only if no value is given: it is listed as an assumption, and
/// proves no number of people.
#[test]
fn a_default_is_an_assumption() {
    for least in ["{{ var('least', 5000) }}", "{{ least | default(5000) }}"] {
        let sql = format!(
            "SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily GROUP BY country HAVING clients >= {least}"
        );
        let mut settings = TemplateSettings::default();
        let file = assessed(&sql, &settings);
        assert_eq!(level(&file), Some(3), "{least}");
        let mut findings = file.datasets[0].findings.iter();
        assert!(findings.any(|finding| finding.rule.code == "HC107"));
        let told = "the template variable `least` has no given value: its default is 5000, and a run may use another value";
        assert!(
            file.datasets[0]
                .decision
                .assumptions
                .iter()
                .any(|assumption| assumption == told)
        );
        settings.variables.insert("least".to_owned(), 10.into());
        assert_eq!(level(&assessed(&sql, &settings)), Some(3), "{least}");
        settings.variables.insert("least".to_owned(), 5000.into());
        assert_eq!(level(&assessed(&sql, &settings)), Some(2), "{least}");
    }
}

/// An unknown part between clauses may be a join, a clause or another query.
#[test]
fn an_open_part_keeps_no_bucket() {
    let bucket =
        "SELECT country, COUNT(DISTINCT client_id) AS clients FROM telemetry.clients_daily";
    let tail = "GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
    for sql in [
        format!("{bucket} {{{{ joins }}}} {tail}"),
        format!("{bucket} {{{{ f() }}}} WHERE TRUE {tail}"),
        format!("{bucket} {tail} {{{{ more }}}}"),
        format!("{bucket} {tail} ORDER BY country {{{{ more }}}}"),
        format!("{bucket} {tail} LIMIT 10 {{{{ more }}}}"),
        format!("{{{{ before }}}} {bucket} {tail}"),
        format!("WITH a AS ({bucket} {{{{ joins }}}} {tail}) SELECT * FROM a"),
        format!("SELECT * FROM ({bucket} {tail}) {{{{ joins }}}}"),
    ] {
        let file = assessed(&sql, &TemplateSettings::default());
        let dataset = file.datasets.last().expect("a dataset");
        assert_eq!(dataset.decision.bucket.proven, None, "{sql}");
        assert_ne!(level(&file), Some(2), "{sql}");
    }
    // An unknown name or value is not an unknown clause.
    let sql = format!("{bucket} {tail}").replacen("country", "country AS {{ label }}", 1);
    assert_eq!(
        level(&assessed(&sql, &TemplateSettings::default())),
        Some(2)
    );
}

/// All values of `with` are evaluated in the surrounding scope.
#[test]
fn names_that_with_sets_are_not_seen_by_its_values() {
    let sql = |with: &str| {
        format!(
            "{{% set k = 1 %}}{{% with {with} %}}SELECT country, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily GROUP BY country HAVING clients >= {{{{ j }}}}{{% endwith %}}"
        )
    };
    let level = |with: &str| level(&assessed(&sql(with), &TemplateSettings::default()));
    for with in [
        "k = 5000, j = k",
        "j = k, k = 5000",
        "a = 2, k = 5000, j = k",
    ] {
        assert_eq!(level(with), Some(3), "{with}");
    }
    for with in ["j = k * 5000", "k = 2, j = k * 5000", "k = 1, j = 5000"] {
        assert_eq!(level(with), Some(2), "{with}");
    }
}
