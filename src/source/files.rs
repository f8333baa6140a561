//! Finds and reads files.

use std::fs::FileType;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;
use thiserror::Error;
use walkdir::WalkDir;

use super::SourceText;
use super::bounded::{self, LARGEST_TEXT};
use super::encoding::Utf16;

/// The maximum size of a `.gitignore` file.
const LARGEST_IGNORES: u64 = 1 << 20;

/// The reason why a text could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The path does not exist.
    #[error("{}: no such file or directory", path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The system refuses access.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The error of the system.
        error: std::io::Error,
    },
    /// Links to folders of tables lead to too many files.
    #[error(
        "{}: links to table folders lead to more than {most} files in addition to the files of the repository; remove links, or check the folders one by one",
        path.display()
    )]
    TooManyLinked {
        /// The searched path.
        path: PathBuf,
        /// The maximum number of files that links may lead to.
        most: usize,
    },
    /// The file is not text.
    #[error(
        "{path}:{line}:{column}: byte {offset} is not UTF-8, so the file is not SQL text; save the file as UTF-8, or exclude it"
    )]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first byte that is not part of a character.
        offset: usize,
        /// The line of that byte, from 1.
        line: usize,
        /// The column of that byte, from 1.
        column: usize,
    },
    /// It is UTF-16, with a byte order mark or without one.
    #[error("{path}: {found}")]
    Utf16 {
        /// The file.
        path: String,
        /// By what it was recognized.
        found: Utf16,
    },
    /// The file contains a NUL byte.
    #[error("{path}:{line}:{column}: byte {offset} is NUL, so the file is binary; exclude it")]
    Binary {
        /// The file.
        path: String,
        /// The offset of that byte.
        offset: usize,
        /// The line of that byte, from 1.
        line: usize,
        /// The column of that byte, from 1.
        column: usize,
    },
}

/// Whether anything has a path: a link to nothing and a folder do, and reading them
/// says what is wrong with them.
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Returns a path with which a folder can be listed. An empty path, the result of
/// making a folder relative to itself, becomes `.`.
pub fn listed(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// Returns the absolute path without `.` and `..`; unchanged if there is no working
/// directory.
pub fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                // The parent of a link is the parent of its target.
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

/// The maximum length of a path in bytes.
const LONGEST_PATH: usize = 4096;

/// Whether a path is too long for a file to exist there.
pub fn is_too_long(path: &Path) -> bool {
    path.as_os_str().len() > LONGEST_PATH
}

/// Extensions of SQL templates, after `.sql`.
const TEMPLATES: [&str; 6] = ["j2", "jinja", "jinja2", "template", "tmpl", "tpl"];
/// Extensions of BigQuery SQL.
const ENDINGS: [&str; 4] = ["sql", "bqsql", "ddl", "dml"];

/// Whether a file contains SQL or a template of it, judged by its name. The files
/// that may write a table and the files that are checked are the same.
pub fn is_sql(path: &Path) -> bool {
    let ends = |path: &Path, known: &[&str]| {
        path.extension().is_some_and(|ending| {
            let mut known = known.iter();
            known.any(|known| ending.eq_ignore_ascii_case(known))
        })
    };
    let template = ends(path, &TEMPLATES)
        && path
            .file_stem()
            .is_some_and(|stem| ends(Path::new(stem), &ENDINGS[..1]));
    template || ends(path, &ENDINGS)
}

/// Returns the SQL files under a path, ordered by name; a file is returned whatever
/// its name. Hidden directories are skipped.
///
/// # Errors
/// If the path does not exist or a directory cannot be listed.
pub fn under(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    all_under(path, &is_sql)
}

fn all_under(path: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>, ReadError> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.exists() {
        // A link that leads to nothing says where it leads.
        if is_there(path) {
            readable(path, LARGEST_TEXT)?;
        }
        return Err(ReadError::Missing {
            path: path.to_owned(),
        });
    }
    if !path.is_dir() {
        readable(path, LARGEST_TEXT)?;
    }
    let mut found = Vec::new();
    let walk = WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            entry.depth() == 0 || !hidden
        });
    for entry in walk {
        let entry = entry.map_err(|error| ReadError::Unreadable {
            path: error.path().unwrap_or(path).to_owned(),
            error: error.into(),
        })?;
        if wanted(entry.path()) && is_no_folder(entry.path(), entry.file_type()) {
            found.push(Found::File(shown(entry.path())));
        }
        if entry.path_is_symlink() {
            found.push(Found::Link(entry.into_path()));
        }
    }
    with_linked(found, path, wanted)
}

/// An entry found below a folder.
enum Found {
    File(PathBuf),
    Link(PathBuf),
}

/// The maximum number of files that links may add: per file that is present, and in
/// any case.
const LINKED_OF_EACH: usize = 4;
const LINKED: usize = 1_000;

/// Returns the present files, with each link replaced by the files it leads to.
fn with_linked(
    found: Vec<Found>,
    root: &Path,
    wanted: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, ReadError> {
    let is_file = |found: &&Found| matches!(found, Found::File(_));
    let there = found.iter().filter(is_file).count();
    let most = LINKED + LINKED_OF_EACH * there;
    let mut left = most;
    let mut files = Vec::with_capacity(there);
    for found in found {
        match found {
            Found::File(path) => files.push(path),
            Found::Link(link) => {
                let before = files.len();
                files.extend(linked(&link, root, wanted).take(left.saturating_add(1)));
                let Some(fewer) = left.checked_sub(files.len() - before) else {
                    let path = root.to_owned();
                    return Err(ReadError::TooManyLinked { path, most });
                };
                left = fewer;
            }
        }
    }
    Ok(files)
}

/// Finds the wanted files behind a link to another folder of the repository. The
/// link is in the repository around `root` and is a folder of tables,
/// `sql/PROJECT/DATASET/TABLE` or a folder above it. The place of the link
/// determines the tables that the files create.
fn linked<'a>(
    link: &Path,
    root: &Path,
    wanted: &'a dyn Fn(&Path) -> bool,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    const TABLE: usize = 3;
    let whole = absolute(link);
    let mut above = whole.ancestors().skip(1).take(TABLE);
    let level = above.position(|folder| folder.file_name().is_some_and(|name| name == "sql"));
    let inside = || bounded::is_below(link, &bounded::boundary(root));
    let level = level.filter(|_| link.is_dir() && inside());
    let walk = level.map(|level| {
        WalkDir::new(link)
            .max_depth(TABLE - level)
            .sort_by_file_name()
    });
    walk.into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| wanted(entry.path()) && entry.file_type().is_file())
        .map(|entry| shown(entry.path()))
}

/// How files that `.gitignore` names are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitIgnoreMode {
    /// They are skipped.
    Skipped,
    /// They are found like all other files.
    Found,
}

/// Returns the wanted files under a path like [`under`], except files that git
/// ignores. A file or folder that is passed as `path` is never ignored.
///
/// # Errors
/// As [`under`].
pub fn checked_under(
    path: &Path,
    ignored: GitIgnoreMode,
    wanted: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, ReadError> {
    if ignored == GitIgnoreMode::Found || !path.is_dir() {
        return all_under(path, wanted);
    }
    for above in absolute(path).ancestors() {
        ignores(above)?;
    }
    let refused: Arc<Mutex<Option<ReadError>>> = Arc::default();
    let noted = Arc::clone(&refused);
    let mut found = Vec::new();
    let walk = WalkBuilder::new(path)
        .hidden(true)
        .ignore(false)
        // The configuration of one person's computer must not change a result.
        .git_global(false)
        // An unpacked archive contains the files of the repository, but no `.git`.
        .require_git(false)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            match is_folder.then(|| ignores(entry.path())) {
                Some(Err(error)) => {
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.get_or_insert(error);
                    false
                }
                Some(Ok(())) | None => true,
            }
        })
        .build();
    for entry in walk {
        let entry = entry.map_err(|error| ReadError::Unreadable {
            path: path.to_owned(),
            error: std::io::Error::other(error),
        })?;
        let kind = entry.file_type();
        if wanted(entry.path()) && kind.is_some_and(|kind| is_no_folder(entry.path(), kind)) {
            found.push(Found::File(shown(entry.path())));
        }
        if entry.path_is_symlink() {
            found.push(Found::Link(entry.into_path()));
        }
    }
    let refused = refused
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match refused {
        Some(error) => Err(error),
        None => with_linked(found, path, wanted),
    }
}

/// Whether an entry may be read as a file. An unreadable entry, such as a device or
/// a link that leads out of the repository, is included, so that reading it reports
/// the error; a broken link is not.
fn is_no_folder(path: &Path, kind: FileType) -> bool {
    kind.is_file() || (!kind.is_dir() && path.exists() && !path.is_dir())
}

/// Checks that the `.gitignore` of a folder can be read completely.
fn ignores(folder: &Path) -> Result<(), ReadError> {
    let path = folder.join(".gitignore");
    if path.exists() {
        readable(&path, LARGEST_IGNORES)?;
    }
    Ok(())
}

fn readable(path: &Path, largest: u64) -> Result<(), ReadError> {
    bounded::readable(path, largest).map_err(|error| ReadError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

/// Shortens `./a/b.sql` to `a/b.sql`.
pub fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

/// Reads a file as text.
///
/// # Errors
/// If it cannot be read or is not text.
pub fn read(path: &Path) -> Result<SourceText, ReadError> {
    let bytes = bounded::read(path, LARGEST_TEXT).map_err(|error| ReadError::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    text(&path.display().to_string(), bytes)
}

/// Reads standard input as text, under a name.
///
/// # Errors
/// If it cannot be read or is not text.
pub fn read_stdin(name: &str) -> Result<SourceText, ReadError> {
    let bytes =
        bounded::read_stream(&mut std::io::stdin().lock(), LARGEST_TEXT).map_err(|error| {
            ReadError::Unreadable {
                path: PathBuf::from(name),
                error,
            }
        })?;
    text(name, bytes)
}

fn text(path: &str, bytes: Vec<u8>) -> Result<SourceText, ReadError> {
    if let Some(found) = Utf16::detect(&bytes) {
        let path = path.to_owned();
        return Err(ReadError::Utf16 { path, found });
    }
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        let (line, column) = place(&bytes[..offset]);
        return Err(ReadError::Binary {
            path: path.to_owned(),
            offset,
            line,
            column,
        });
    }
    String::from_utf8(bytes)
        .map(|text| SourceText::new(path, text))
        .map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let (line, column) = place(&error.as_bytes()[..offset]);
            ReadError::NotUtf8 {
                path: path.to_owned(),
                offset,
                line,
                column,
            }
        })
}

/// Returns the line and column after valid text.
fn place(before: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(before);
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}
