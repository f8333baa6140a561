//! Failures are confined to one file.

use super::*;
use crate::catalog::{Catalog, TableName, TableShape};
use crate::plan::IsolatedText;
use crate::policy::Verdict;

/// A catalog that panics on one table, like an internal error.
struct Failing;

impl Catalog for Failing {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        assert!(table.to_string() != "d.broken", "of the catalog");
        None
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

fn assessed(sql: &str) -> FileAssessment {
    let around = Surroundings {
        schemas: &Failing,
        definitions: &IsolatedText,
        ..Surroundings::alone(Registry::builtin())
    };
    let text = SourceText::new("t.sql", sql);
    assess_in(text, &around, &TemplateSettings::default())
}

#[test]
fn a_panic_is_a_finding_of_its_file() {
    let file = assessed("CREATE TABLE d.t AS SELECT * FROM d.broken;\nSELECT 1 AS one");
    assert_eq!(
        file.fault.as_deref(),
        Some("internal error, please report: of the catalog")
    );
    let [dataset] = file.datasets.as_slice() else {
        panic!("one dataset stands for the file");
    };
    assert!(!dataset.assessed);
    assert_eq!(dataset.decision.level, None);
    assert_eq!(dataset.verdict, Verdict::ExtraReview);
    let said: Vec<_> = dataset
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.rule.code, finding.message))
        .collect();
    assert_eq!(
        said,
        ["HC001 internal error, please report: of the catalog"]
    );
    assert_eq!(assessed("SELECT * FROM d.whole").fault, None);
}

/// A statement that exceeds the budget is given up; earlier statements are assessed.
#[test]
fn a_statement_that_is_given_up_leaves_the_others() {
    let columns: Vec<String> = (0..400).map(|at| format!("{at} AS x{at}")).collect();
    let extends = "|> EXTEND 1 AS x ".repeat(4_000);
    let file = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || {
            assessed(&format!(
                "SELECT 1 AS one;\nCREATE TABLE d.t AS FROM (SELECT {}) {extends}",
                columns.join(", ")
            ))
        })
        .expect("a thread")
        .join()
        .expect("no panic");
    assert_eq!(file.fault, None);
    let last = file.datasets.last().expect("it stands for the statement");
    assert!(!last.assessed);
    let mut findings = last.findings.iter();
    assert!(
        findings.any(|finding| finding.rule.code == "HC007"
            && finding
                .message
                .contains("was not analysed to the end: its analysis takes more than")),
        "{:?}",
        last.findings
            .iter()
            .map(|finding| &finding.message)
            .collect::<Vec<_>>()
    );
}
