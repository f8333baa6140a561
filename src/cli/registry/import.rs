//! `headcount registry import`: adds entries from definitions in other files.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::{Format, Import};
use super::{chosen, config, place, text};
use crate::cli::{CLEAN, Failure, output};
use crate::registry::import::{self, DefinitionFormat, ImportSettings, MergedRegistry, merge};
use crate::registry::{FILE_NAME, Registry};
use crate::report::{InertText, unified};
use crate::source::SourceText;
use crate::source::files::ReadError;

/// The head of a registry without entries.
const BARE: &str = "schema_version = 1\n";

pub(super) fn run(import: &Import) -> Result<u8, Failure> {
    let form = form(import)?;
    let settings = ImportSettings {
        tables: import.tables.clone(),
        dataset: import.dataset.clone(),
        tags: tags(&import.tag)?,
    };
    let mut all = import::Import::default();
    for file in &import.files {
        if !file.exists() {
            return Err(Failure::Read(ReadError::Missing { path: file.clone() }));
        }
        all.extend(import::read(file, form, &settings)?);
    }
    let config = config(Path::new("."), &import.common)?;
    let path =
        chosen(Path::new("."), &import.common, &config).unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let new = !path.exists();
    let source = if new {
        // A registry file replaces the built-in registry, so a new one starts as its
        // copy.
        let head = if import.bare {
            BARE
        } else {
            Registry::builtin_text()
        };
        SourceText::new(path.display().to_string(), head)
    } else {
        text(Some(&path))?
    };
    let notes = std::mem::take(&mut all.notes);
    let origin: Vec<String> = import
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let merged = merge(&source, all, &origin.join(", "))
        .map_err(|errors| Registry::invalid(&source, errors))?;
    let to = import.output.as_ref().unwrap_or(&path);
    let piped = to == Path::new("-");
    let writes = !import.dry_run && !import.diff;
    if import.diff {
        // The head of a new registry is new as well.
        let before = if new { "" } else { source.text() };
        let mut text = InertText::new();
        text.difference(&unified(source.path(), before, &merged.text));
        output::print(&text)?;
    } else if piped && writes {
        output::print_data(&merged.text)?;
    } else if writes && (new || merged.added > 0 || to != &path) {
        crate::storage::replace(to, &merged.text)
            .map_err(|error| Failure::Write(to.clone(), error))?;
    }
    let shown = match import.common.format {
        Format::Human => human(&source, to, &merged, &notes, writes),
        Format::Json => render_json(&source, to, &merged, &notes, writes),
    };
    if import.diff || piped && writes {
        output::write_stderr(&shown);
    } else {
        output::print(&shown)?;
    }
    Ok(CLEAN)
}

fn form(import: &Import) -> Result<Option<DefinitionFormat>, Failure> {
    let Some(word) = &import.from else {
        return Ok(None);
    };
    let known = DefinitionFormat::ALL
        .iter()
        .find(|(known, _)| known == word);
    known.map(|(_, form)| Some(*form)).ok_or_else(|| {
        let words: Vec<&str> = DefinitionFormat::ALL
            .iter()
            .map(|(known, _)| *known)
            .collect();
        Failure::Usage(format!(
            "--from {word}: unknown kind of definitions; write one of {}",
            words.join(", ")
        ))
    })
}

/// Parses the values of `--tag TAG=CATEGORY`.
fn tags(given: &[String]) -> Result<Vec<(String, u8)>, Failure> {
    given
        .iter()
        .map(|pair| {
            let (tag, category) = pair.rsplit_once('=')?;
            let category = category
                .parse()
                .ok()
                .filter(|category| (1..=4).contains(category))?;
            (!tag.is_empty()).then(|| (tag.to_owned(), category))
        })
        .zip(given)
        .map(|(read, pair)| {
            read.ok_or_else(|| {
                Failure::Usage(format!(
                    "--tag {pair}: write the end of the tag's name and a category, for example --tag policyTags/12=4"
                ))
            })
        })
        .collect()
}

fn human(
    source: &SourceText,
    to: &Path,
    merged: &MergedRegistry,
    notes: &[String],
    written: bool,
) -> InertText {
    let mut text = InertText::new();
    for note in notes {
        text.line(format_args!("note: {note}"));
    }
    for conflict in &merged.conflicts {
        text.line(format_args!(
            "conflict: {}: `{}` is unchanged: {}",
            place(source, conflict.span.start),
            conflict.name,
            conflict.message
        ));
    }
    text.line(format_args!(
        "{}: {} new, {} already there, {} in conflict{}",
        to.display(),
        merged.added,
        merged.same,
        merged.conflicts.len(),
        if written { "" } else { "; nothing was written" }
    ));
    text
}

fn render_json(
    source: &SourceText,
    to: &Path,
    merged: &MergedRegistry,
    notes: &[String],
    written: bool,
) -> InertText {
    let conflicts: Vec<serde_json::Value> = merged
        .conflicts
        .iter()
        .map(|conflict| {
            json!({
                "name": conflict.name,
                "span": {
                    "start": source.position(conflict.span.start),
                    "end": source.position(conflict.span.end),
                },
                "message": conflict.message,
            })
        })
        .collect();
    InertText::json(&json!({
        "schema_version": 1,
        "registry": to.display().to_string(),
        "added": merged.added,
        "same": merged.same,
        "conflicts": conflicts,
        "notes": notes,
        "written": written,
    }))
}
