//! Edits to level 2: each proposed edit is verified, reaches the level, and keeps
//! the style of the query.

use headcount::assessment::{FileAssessment, Mend, Mended};
use headcount::mend::apply;
use headcount::policy::Level;
use headcount::report::unified;
use headcount::source::SourceText;
use headcount::source::files;
use headcount::source::template::TemplateSettings;
use headcount::workspace::{Registries, RequestedEdits};
use proptest::prelude::*;
use std::path::Path;

fn mended(text: SourceText, wanted: RequestedEdits) -> FileAssessment {
    let templates = TemplateSettings::default();
    let mut registries = Registries::default();
    let (mut files, _) = registries
        .assess(vec![text], &templates, 1, &|_| {})
        .expect("a registry is valid");
    registries
        .mend(&mut files, &templates, 1, wanted, false)
        .expect("a registry is valid");
    files.pop().expect("the file")
}

fn edited(file: &FileAssessment, mended: &Mended) -> String {
    apply(file.source.text(), &mended.fix.edits).expect("edits lie in the text")
}

/// Renders the edit of each dataset, after asserting that it reaches level 2.
fn told(file: &FileAssessment) -> String {
    let mut told = String::new();
    for (at, dataset) in file.datasets.iter().enumerate() {
        match dataset.mend.as_ref().expect("it was asked for") {
            Mend::NotNeeded => {}
            Mend::Impossible { why } => {
                told.push_str(&format!("no edit: {}\n", why.join("; ")));
            }
            Mend::Edit(mended) => {
                let after = edited(file, mended);
                let source = SourceText::new(file.source.path(), after.as_str());
                let again = self::mended(source, RequestedEdits::Level2);
                let dataset = &again.datasets[at];
                assert_eq!(
                    dataset.decision.level,
                    Some(Level::MinimumBucket),
                    "{after}"
                );
                assert!(dataset.decision.bucket.proven >= Some(5000), "{after}");
                assert_eq!(dataset.mend, Some(Mend::NotNeeded), "{after}");
                let safe = if mended.fix.safe { "safe" } else { "not safe" };
                told.push_str(&format!("{} ({safe})\n", mended.fix.title));
                for cost in &mended.costs {
                    told.push_str(&format!("cost: {cost}\n"));
                }
                let diff = unified("query.sql", file.source.text(), &after);
                told.extend(
                    diff.lines()
                        .skip(2)
                        .map(|line| format!("{}\n", line.trim_end())),
                );
            }
        }
    }
    told
}

/// For every query of `queries/` above level 2: its edit, or why none exists.
#[test]
fn query_above_level_2_has_an_edit_or_a_reason() {
    let mut edits = 0;
    let mut report = String::new();
    for path in files::under(Path::new("queries")).expect("queries/ is there") {
        let text = files::read(&path).expect("a query can be read");
        let file = mended(text, RequestedEdits::Level2);
        edits += file
            .datasets
            .iter()
            .filter(|dataset| matches!(dataset.mend, Some(Mend::Edit(_))))
            .count();
        let told = told(&file);
        if !told.is_empty() {
            report.push_str(&format!("=== {}\n{told}\n", path.display()));
        }
    }
    assert!(edits >= 20, "only {edits} edits");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("mends__queries", report);
    });
}

/// Queries with other layouts get an edit in their own style.
#[test]
fn edit_keeps_the_style_of_its_query() {
    let text = include_str!("mends/styles.txt");
    let mut report = String::new();
    for query in text.split("\n---\n") {
        let file = mended(SourceText::new("query.sql", query), RequestedEdits::Level2);
        report.push_str(&format!("{}\n", told(&file)));
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("mends__styles", report);
    });
}

/// A fix belongs to the finding that it resolves, and removes no columns.
#[test]
fn a_finding_carries_its_fix() {
    let sql = "SELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country\n";
    let file = mended(SourceText::new("a.sql", sql), RequestedEdits::Fixes);
    let finding = file.datasets[0]
        .findings
        .iter()
        .find(|finding| finding.rule.code == "HC101")
        .expect("it has no minimum bucket");
    let fix = finding.fix.as_ref().expect("it can be mended");
    assert!(fix.safe);
    assert_eq!(
        apply(sql, &fix.edits).as_deref(),
        Some(
            "SELECT country, COUNT(*) AS n\nFROM telemetry.main\nGROUP BY country\nHAVING COUNT(DISTINCT client_id) >= 5000\n"
        )
    );
    let sql = "SELECT client_id, COUNT(*) AS n FROM telemetry.main GROUP BY client_id";
    let file = mended(SourceText::new("a.sql", sql), RequestedEdits::Fixes);
    assert!(
        file.datasets[0]
            .findings
            .iter()
            .all(|finding| finding.fix.is_none())
    );
}

/// A threshold that no group can reach is not proposed.
#[test]
fn groups_of_one_person_are_not_bounded() {
    let sql = "SELECT COUNT(*) AS pings FROM telemetry.main GROUP BY client_id";
    let file = mended(SourceText::new("a.sql", sql), RequestedEdits::Fixes);
    assert!(
        file.datasets[0]
            .findings
            .iter()
            .all(|finding| finding.fix.is_none())
    );
}

/// A layout of a query: keyword case, separators, comment and line ending.
#[derive(Debug, Clone)]
struct QueryLayout {
    lower: bool,
    between: &'static str,
    below: &'static str,
    comment: bool,
    line_end: &'static str,
}

fn layouts() -> impl Strategy<Value = QueryLayout> {
    (
        any::<bool>(),
        prop_oneof![Just(" "), Just("\n"), Just("\n    ")],
        prop_oneof![Just(" "), Just("\n  "), Just("\n\t")],
        any::<bool>(),
        prop_oneof![Just("\n"), Just("\r\n")],
    )
        .prop_map(|(lower, between, below, comment, line_end)| QueryLayout {
            lower,
            between,
            below,
            comment,
            line_end,
        })
}

fn written(layout: &QueryLayout, clauses: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (word, body) in clauses {
        let word = if layout.lower {
            word.to_lowercase()
        } else {
            (*word).to_owned()
        };
        if !text.is_empty() {
            text.push_str(layout.between);
        }
        text.push_str(&format!("{word}{}{body}", layout.below));
    }
    if layout.comment {
        text.push_str(" -- by where they are");
    }
    text.push('\n');
    text.replace('\n', layout.line_end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// For any layout, the edit reaches level 2.
    ///
    /// It consists of insertions only, and no further edit is needed afterwards.
    #[test]
    fn a_threshold_is_added_whatever_the_layout(
        layout in layouts(),
        filtered in any::<bool>(),
        having in prop_oneof![Just(None), Just(Some("COUNT(*) > 10 OR SUM(1) > 7"))],
    ) {
        let mut clauses = vec![
            ("SELECT", "country, COUNT(*) AS pings"),
            ("FROM", "telemetry.main"),
        ];
        if filtered {
            clauses.push(("WHERE", "country IS DISTINCT FROM 'DE'"));
        }
        clauses.push(("GROUP BY", "country"));
        if let Some(having) = having {
            clauses.push(("HAVING", having));
        }
        let sql = written(&layout, &clauses);
        let file = mended(SourceText::new("a.sql", sql.as_str()), RequestedEdits::Level2);
        let Some(Mend::Edit(edit)) = &file.datasets[0].mend else {
            panic!("no edit for {sql:?}");
        };
        prop_assert!(edit.fix.safe);
        prop_assert!(edit.fix.edits.iter().all(|edit| edit.span.is_empty()));
        let after = edited(&file, edit);
        prop_assert_eq!(after.matches('\n').count() - after.matches("\r\n").count() > 0, layout.line_end == "\n");
        let again = mended(SourceText::new("a.sql", after.as_str()), RequestedEdits::Level2);
        prop_assert_eq!(again.datasets[0].mend.as_ref(), Some(&Mend::NotNeeded));
        prop_assert_eq!(again.datasets[0].decision.bucket.proven, Some(5000));
    }
}
