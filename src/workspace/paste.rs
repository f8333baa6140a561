//! Texts that are pasted: what is certainly no SQL is left out.

use super::pool;
use crate::assess::{Surroundings, assess, stopped};
use crate::assessment::FileAssessment;
use crate::budget;
use crate::source::template::{self, Rendered, TemplateSettings};
use crate::source::{SourceText, pasted};
use crate::syntax;

/// Assesses a pasted text: what is certainly no SQL is taken off first, and that
/// is among the assumptions of each dataset. All places are those of the paste.
pub(super) fn assess_pasted_in(
    text: SourceText,
    around: &Surroundings<'_>,
    templates: &TemplateSettings,
) -> FileAssessment {
    let source = text.clone();
    let assessed = budget::frame(|| {
        let (rendered, taken) = rendered_paste(&text, templates);
        let around = Surroundings {
            pasted: true,
            ..*around
        };
        (assess(text, rendered, &around), taken)
    });
    let (mut file, taken) =
        assessed.unwrap_or_else(|stop| (stopped(source, &stop, around), Vec::new()));
    for dataset in &mut file.datasets {
        let taken = taken
            .iter()
            .map(|what| format!("ignored in the paste: {what}"));
        dataset.decision.assumptions.extend(taken);
    }
    file
}

/// The SQL of a paste, at its places there, and what was taken off.
pub(super) fn rendered_paste(
    text: &SourceText,
    templates: &TemplateSettings,
) -> (Rendered, Vec<String>) {
    let pasted = pasted::clean(text, &|candidate| parses(text.path(), candidate, templates));
    let cleaned = SourceText::new(text.path(), pasted.text);
    let rendered = template::render(&cleaned, templates).map_through(&pasted.map);
    (rendered, pasted.taken)
}

/// Whether each rendering of a text parses as a whole.
fn parses(path: &str, text: &str, templates: &TemplateSettings) -> bool {
    let candidate = SourceText::new(path, text.to_owned());
    let rendered = template::render(&candidate, templates);
    let mut renderings = rendered.renderings.into_iter();
    renderings.all(|one| syntax::parse(&SourceText::new(path, one.text)).is_whole())
}

/// Whether a text does not parse as it is, and does as a paste: then a command that reads
/// files was given what `review -` is for.
pub fn reads_as_paste(text: &SourceText, templates: &TemplateSettings) -> bool {
    let Ok(pool) = pool(1) else {
        return false;
    };
    let found = pool.install(|| {
        budget::frame(|| {
            let pasted =
                pasted::clean(text, &|candidate| parses(text.path(), candidate, templates));
            !pasted.taken.is_empty()
                && !parses(text.path(), text.text(), templates)
                && parses(text.path(), &pasted.text, templates)
        })
    });
    found.unwrap_or(false)
}
