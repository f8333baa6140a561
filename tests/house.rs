//! Architecture test: files and git are accessed in one place each, so that its
//! guarantees hold everywhere.

use std::fs;
use std::path::{Path, PathBuf};

/// Calls, each with the only source files that may contain it.
const ALLOWED_CALLS: [(&str, &[&str]); 14] = [
    ("fs::read(", &[]),
    ("fs::read_to_string(", &["source/bounded.rs"]),
    (
        "File::open(",
        &["source/bounded.rs", "storage/", "record/locked.rs"],
    ),
    ("fs::write(", &["storage/"]),
    ("File::create", &["storage/", "cli/git/tree.rs"]),
    (
        "OpenOptions",
        &["storage/", "record/locked.rs", "cli/output.rs"],
    ),
    ("NamedTempFile", &[]),
    ("TempDir", &[]),
    ("tempdir()", &[]),
    ("fs::rename(", &["storage/"]),
    ("fs::remove_", &["storage/"]),
    ("fs::copy(", &["storage/"]),
    ("fs::symlink(", &["cli/git/tree.rs"]),
    ("Command::new(", &["cli/git/command.rs"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn files_and_git_are_reached_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 300, "{}", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let shown = file.strip_prefix(&root).expect("it is below");
        let shown = shown.display().to_string();
        // Only the shipped program is checked, not its tests.
        if shown.ends_with("tests.rs") || shown == "syntax/cases.rs" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a text");
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
        for (call, places) in ALLOWED_CALLS {
            let allowed = places.iter().any(|place| shown.starts_with(place));
            if shipped.contains(call) && !allowed {
                wrong.push(format!("{shown}: {call}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
