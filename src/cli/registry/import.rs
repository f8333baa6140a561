//! `headcount registry import`: entries from definitions in other files.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::{Format, Import};
use super::{chosen, config, json, place, text};
use crate::cli::{CLEAN, Failure, output};
use crate::registry::import::{self, Form, Merged, Settings, merge};
use crate::registry::{FILE_NAME, Registry};
use crate::source::SourceText;
use crate::source::files::ReadError;

/// The head of a registry without entries.
const BARE: &str = "schema_version = 1\n";

pub(super) fn run(import: &Import) -> Result<u8, Failure> {
    let form = form(import)?;
    let settings = Settings {
        tables: import.tables.clone(),
        dataset: import.dataset.clone(),
        tags: tags(&import.tag)?,
    };
    let mut all = import::Import::default();
    for file in &import.files {
        if !file.exists() {
            return Err(Failure::Read(ReadError::Missing { path: file.clone() }));
        }
        let found = import::read(file, form, &settings)?;
        all.columns.extend(found.columns);
        all.tables.extend(found.tables);
        all.notes.extend(found.notes);
    }
    let config = config(Path::new("."), &import.common)?;
    let path =
        chosen(Path::new("."), &import.common, &config).unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let new = !path.exists();
    let source = if new {
        // A registry of one's own takes the place of the built-in one, so it
        // begins as that.
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
    if piped {
        output::print(&merged.text)?;
    } else if new || merged.added > 0 || to != &path {
        std::fs::write(to, &merged.text).map_err(|error| Failure::Write(to.clone(), error))?;
    }
    let shown = match import.common.format {
        Format::Human => human(&source, to, &merged, &notes),
        Format::Json => machine(&source, to, &merged, &notes),
    };
    if piped {
        output::show_beside(&shown);
    } else {
        output::print(&shown)?;
    }
    Ok(CLEAN)
}

fn form(import: &Import) -> Result<Option<Form>, Failure> {
    let Some(word) = &import.from else {
        return Ok(None);
    };
    let known = Form::ALL.iter().find(|(known, _)| known == word);
    known.map(|(_, form)| Some(*form)).ok_or_else(|| {
        let words: Vec<&str> = Form::ALL.iter().map(|(known, _)| *known).collect();
        Failure::Usage(format!(
            "--from {word}: there is no such kind of definitions; write one of {}",
            words.join(", ")
        ))
    })
}

/// `TAG=CATEGORY`, several times.
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
                    "--tag {pair}: write the end of the tag's name and a category, such as --tag policyTags/12=4"
                ))
            })
        })
        .collect()
}

fn human(source: &SourceText, to: &Path, merged: &Merged, notes: &[String]) -> String {
    let mut text = String::new();
    for note in notes {
        text.push_str(&format!("note: {note}\n"));
    }
    for conflict in &merged.conflicts {
        text.push_str(&format!(
            "conflict: {}: `{}` is left as it is: {}\n",
            place(source, conflict.span.start),
            conflict.name,
            conflict.message
        ));
    }
    text.push_str(&format!(
        "{}: {} new, {} already there, {} in conflict\n",
        to.display(),
        merged.added,
        merged.same,
        merged.conflicts.len()
    ));
    text
}

fn machine(source: &SourceText, to: &Path, merged: &Merged, notes: &[String]) -> String {
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
    json(&json!({
        "schema_version": 1,
        "registry": to.display().to_string(),
        "added": merged.added,
        "same": merged.same,
        "conflicts": conflicts,
        "notes": notes,
    }))
}
