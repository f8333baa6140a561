//! Bytes in, reports out: no text makes the program panic or hang, every place
//! lies in the text, and what was not understood is not publishable.

#![no_main]

use headcount::policy::{Answer, Verdict};
use headcount::registry::Registry;
use headcount::report::{Detail, Format, Options, Run, render};
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let source = SourceText::new("fuzz.sql", text);
    let registry = Registry::builtin();
    let file = assess_text(source, registry, &TemplateSettings::default());
    for dataset in &file.datasets {
        assert!(dataset.span.end as usize <= text.len());
        if dataset.verdict == Verdict::Publishable {
            let mut questions = dataset.decision.questions.iter();
            assert!(dataset.assessed && questions.all(|question| question.answer == Answer::No));
        }
        for finding in &dataset.findings {
            assert!(finding.span.end as usize <= text.len());
            for label in &finding.labels {
                assert!(label.span.end as usize <= text.len());
            }
        }
    }
    let run = Run {
        files: vec![file],
        min_bucket: registry.policy().min_bucket,
    };
    for (_, format) in Format::ALL {
        let options = Options {
            color: false,
            width: 100,
            quiet: false,
            verbose: true,
            statistics: true,
            detail: Detail::Review,
        };
        render(&run, format, &options);
    }
});
