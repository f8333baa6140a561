//! Robustness for any text: the program does not panic, and every span is within the
//! text. A text that it does not understand is never publishable.

use headcount::policy::{Answer, Verdict};
use headcount::registry::Registry;
use headcount::source::template::TemplateSettings;
use headcount::source::{SourceText, files};
use headcount::workspace::assess_text;
use proptest::prelude::*;
use std::path::Path;

fn holds(sql: &str) {
    let file = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, || {
                assess_text(
                    SourceText::new("t.sql", sql),
                    Registry::builtin(),
                    &TemplateSettings::default(),
                )
            })
            .expect("a thread")
            .join()
            .expect("no panic")
    });
    let within = |span: headcount::source::Span| {
        assert!(span.end as usize <= sql.len(), "{span:?} in {sql:?}");
    };
    for finding in file
        .datasets
        .iter()
        .flat_map(|d| &d.findings)
        .chain(&file.findings)
    {
        within(finding.span);
        finding.labels.iter().for_each(|label| within(label.span));
    }
    for dataset in &file.datasets {
        within(dataset.span);
        if dataset.verdict == Verdict::Publishable {
            assert!(dataset.assessed);
            let mut answers = dataset.decision.questions.iter();
            assert!(answers.all(|question| question.answer == Answer::No));
        }
        if !dataset.assessed {
            assert_eq!(dataset.decision.level, None);
            assert_eq!(dataset.verdict, Verdict::ExtraReview);
        }
    }
}

/// Returns all queries of the repository, which tests cut and mix.
fn texts() -> Vec<String> {
    files::under(Path::new("queries"))
        .expect("queries/ is there")
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a query is text"))
        .collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(|c: char| c.is_whitespace() || "(),.;".contains(c))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text(sql in "\\PC{0,200}") {
        holds(&sql);
    }

    #[test]
    fn words_left_out(which in any::<prop::sample::Index>(), from in 0_usize..80, count in 1_usize..6) {
        let texts = texts();
        let all = words(which.get::<String>(&texts));
        let from = from.min(all.len());
        let to = (from + count).min(all.len());
        let sql: String = all[..from].iter().chain(&all[to..]).copied().collect();
        holds(&sql);
    }

    #[test]
    fn words_of_two_mixed(
        a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(),
        at in 0_usize..60,
        from in 0_usize..60,
    ) {
        let texts = texts();
        let (a, b) = (words(a.get::<String>(&texts)), words(b.get::<String>(&texts)));
        let sql: String = a[..at.min(a.len())]
            .iter()
            .chain(&b[from.min(b.len())..])
            .copied()
            .collect();
        holds(&sql);
    }
}
