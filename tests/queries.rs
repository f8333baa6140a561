//! Every query of `queries/` has the level and findings of its header. Its reports
//! match their snapshots.

mod common;

use headcount::assess::AnalysisDetail;
use headcount::policy::{Answer, Verdict};
use headcount::report::{Format, ReportDetail, ReportOptions, Run, render};
use headcount::rules::Severity;
use headcount::source::files;
use headcount::source::template::TemplateSettings;
use headcount::workspace::Registries;
use std::path::Path;

/// The requirements of a query's header.
struct HeaderExpectations {
    level: Option<u8>,
    codes: Vec<String>,
}

fn wanted(text: &str) -> HeaderExpectations {
    let line = |word: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(&format!("-- {word}: ")))
    };
    let level = line("level").expect("a query says its level");
    HeaderExpectations {
        level: (level != "none").then(|| level.parse().expect("a level is a number")),
        codes: line("expect")
            .map(|codes| codes.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
    }
}

fn assessed(path: &Path, told: AnalysisDetail) -> Run {
    let text = files::read(path).expect("a query can be read");
    let (files, min_bucket) = Registries::default()
        .with_detail(told)
        .assess(vec![text], &TemplateSettings::default(), 1, &|_| {})
        .expect("a registry is valid");
    Run::of(files, min_bucket)
}

const OPTIONS: ReportOptions = ReportOptions {
    verbose: true,
    ..ReportOptions::piped(ReportDetail::Check)
};

/// Column details may be omitted in formats without columns: the reports are equal.
#[test]
fn reports_that_show_no_columns_are_the_same_without_them() {
    for path in files::under(Path::new("queries")).expect("queries/ is there") {
        let (whole, without) = (
            assessed(&path, AnalysisDetail::Made),
            assessed(&path, AnalysisDetail::Verdict),
        );
        assert!(
            without.files[0]
                .datasets
                .iter()
                .all(|dataset| dataset.decision.columns.is_empty())
        );
        for (name, format) in Format::ALL {
            if !format.shows_columns() {
                assert_eq!(
                    render(&without, format, &OPTIONS),
                    render(&whole, format, &OPTIONS),
                    "{}: {name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn queries_match_their_headers_and_snapshots() {
    let all = files::under(Path::new("queries")).expect("queries/ is there");
    assert!(all.len() >= 40, "only {} queries", all.len());
    let validator = common::schema();
    for path in all {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).expect("a query is text");
        let run = assessed(&path, AnalysisDetail::Made);
        let file = &run.files[0];
        let wanted = wanted(&text);
        let last = file.datasets.last().expect("a query yields a dataset");
        let level = last.decision.level.map(|level| level.number());
        assert_eq!(
            level, wanted.level,
            "{name}: {:?}",
            last.decision.level_because
        );
        let found: Vec<&str> = last
            .findings
            .iter()
            .chain(&file.findings)
            .map(|finding| finding.rule.code)
            .collect();
        for code in &wanted.codes {
            assert!(
                found.contains(&code.as_str()),
                "{name}: {code} is not in {found:?}"
            );
        }
        let json = render(&run, Format::Json, &OPTIONS);
        common::valid(&validator, &json, &name);
        let id = name
            .trim_start_matches("queries/")
            .trim_end_matches(".sql")
            .replace('/', "__");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{id}.human"), render(&run, Format::Human, &OPTIONS));
            insta::assert_snapshot!(format!("{id}.json"), json);
        });
    }
}

/// A "publishable" verdict requires four answers "no".
///
/// It also requires that no rule below HC300 reports a warning or an error.
#[test]
fn publishable_query_has_only_no_answers() {
    let mut publishable = 0;
    for path in files::under(Path::new("queries")).expect("queries/ is there") {
        let run = assessed(&path, AnalysisDetail::Made);
        for dataset in run.files.iter().flat_map(|file| &file.datasets) {
            if dataset.verdict != Verdict::Publishable {
                continue;
            }
            publishable += 1;
            assert!(dataset.assessed);
            assert!(
                dataset
                    .decision
                    .questions
                    .iter()
                    .all(|question| question.answer == Answer::No)
            );
            assert!(!dataset.findings.iter().any(|finding| {
                finding.rule.code < "HC300" && finding.severity >= Severity::Warning
            }));
        }
    }
    assert!(
        publishable > 0,
        "at least one query of ours may be published"
    );
}

/// One query in all formats, for people and for programs.
#[test]
fn each_format_of_a_query_matches_its_snapshot() {
    let run = assessed(
        Path::new("queries/unsafe-idioms/or_escapes.sql"),
        AnalysisDetail::Made,
    );
    for (name, format) in Format::ALL {
        let options = ReportOptions {
            statistics: true,
            ..ReportOptions::piped(ReportDetail::Review)
        };
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("format__{name}"), render(&run, format, &options));
        });
    }
}
