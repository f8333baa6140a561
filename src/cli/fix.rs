//! `--fix` and `--diff`: applies the safe fixes of a run to its files.

use std::path::Path;

use super::{Failure, output};
use crate::assessment::FileAssessment;
use crate::mend::{Edit, Fix, apply, ordered};
use crate::report::{InertText, Run, unified};
use crate::source::SourceText;
use crate::storage;

/// A file with its safe fixes.
pub(super) struct FixedFile {
    /// The text as it is in the file.
    pub(super) before: SourceText,
    /// The text with the fixes; equal to `before` if there are none.
    pub(super) after: SourceText,
    /// The titles of the applied fixes.
    titles: Vec<String>,
}

impl FixedFile {
    pub(super) fn changed(&self) -> bool {
        !self.titles.is_empty()
    }
}

/// Returns the files of a run with the safe fixes of their findings applied. Fixes
/// of suppressed findings and of unpublished datasets are not applied.
pub(super) fn of(run: &Run) -> Vec<FixedFile> {
    run.files.iter().map(fixed).collect()
}

fn fixed(file: &FileAssessment) -> FixedFile {
    let fixes = file
        .datasets
        .iter()
        .filter(|dataset| dataset.internal.is_none())
        .flat_map(|dataset| &dataset.findings)
        .filter(|finding| finding.suppressed.is_none())
        .filter_map(|finding| finding.fix.as_ref())
        .filter(|fix| fix.safe);
    let text = file.source.text();
    let mut edits: Vec<Edit> = Vec::new();
    let mut after = text.to_owned();
    let mut titles: Vec<String> = Vec::new();
    for Fix {
        title, edits: more, ..
    } in fixes
    {
        let both = ordered([&edits[..], &more[..]].concat());
        // Fixes that overlap earlier ones wait for the next run.
        if let Some(done) = apply(text, &both) {
            edits = both;
            after = done;
            if !titles.contains(title) {
                titles.push(title.clone());
            }
        }
    }
    FixedFile {
        before: file.source.clone(),
        after: SourceText::new(file.source.path(), after),
        titles,
    }
}

/// Prints the changes of the fixes as a diff.
pub(super) fn print_diff(files: &[FixedFile]) -> Result<(), Failure> {
    let changed: Vec<&FixedFile> = files.iter().filter(|file| file.changed()).collect();
    let mut text = InertText::new();
    for file in &changed {
        let diff = unified(file.before.path(), file.before.text(), file.after.text());
        let before = text.len();
        text.difference(&diff);
        if text[before..] != diff {
            output::warn(&format!(
                "{}: control characters near the edits are shown escaped, so the diff cannot be applied; run --fix to make the edits",
                file.before.path()
            ));
        }
    }
    output::print(&text)?;
    match changed.len() {
        0 => output::tell("no file would be changed"),
        1 => output::tell("1 file would be changed"),
        more => output::tell(&format!("{more} files would be changed")),
    }
    Ok(())
}

/// Writes the changed files and reports the fixes. Each file is replaced as a whole
/// or not at all. A text from standard input is printed, changed or not.
pub(super) fn write(files: &[FixedFile], stdin: Option<&str>) -> Result<(), Failure> {
    for file in files {
        let path = file.after.path();
        if stdin == Some(path) {
            output::print_data(file.after.text())?;
        } else if file.changed() {
            replace(Path::new(path), file.after.text())
                .map_err(|error| Failure::Write(path.into(), error))?;
        }
        for title in &file.titles {
            output::tell(&format!("{path}: fixed: {title}"));
        }
    }
    Ok(())
}

/// Replaces the content of an existing file. A link stays a link.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    storage::replace(&path.canonicalize()?, text)
}
