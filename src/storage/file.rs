//! Atomic replacement of a single file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::Staging;

/// Name of the new file inside the staging folder.
const NEW: &str = "new";

/// Replaces the contents of a file, or creates it, in one step.
///
/// A link at `path` is replaced, never followed. A device or a pipe is written to,
/// since it cannot be replaced.
///
/// # Errors
/// If `path` is a folder or a read-only file, or an operation of the system fails.
/// The old contents are then untouched, unless only the last step failed, which
/// makes the new name durable.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    replace_in_steps(path, text, &mut |_| ())
}

/// Does the same as [`replace`], and calls `step` with a number between its steps.
///
/// # Errors
/// As [`replace`].
pub fn replace_in_steps(path: &Path, text: &str, step: &mut dyn FnMut(usize)) -> io::Result<()> {
    if is_stream(path) {
        return OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(text.as_bytes());
    }
    let there = path
        .symlink_metadata()
        .ok()
        .filter(|found| !found.is_symlink());
    if let Some(found) = &there {
        if found.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "a folder, not a file",
            ));
        }
        if found.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "read-only"));
        }
    }
    let folder = folder_of(path);
    step(0);
    let staging = Staging::within(folder)?;
    step(1);
    let new = staging.inside().join(NEW);
    let mut file = File::create_new(&new)?;
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    file.write_all(first)?;
    step(2);
    file.write_all(second)?;
    step(3);
    if let Some(found) = there {
        file.set_permissions(found.permissions())?;
    }
    step(4);
    file.sync_all()?;
    drop(file);
    step(5);
    fs::rename(&new, path)?;
    step(6);
    // Makes the new name durable too, on systems that can sync a folder.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    step(7);
    Ok(())
}

/// Writes a file that does not exist yet.
///
/// # Errors
/// If something exists at `path`, which stays unchanged, or an operation of the
/// system fails.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let staging = Staging::within(folder_of(path))?;
    let new = staging.inside().join(NEW);
    let mut file = File::create_new(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    // Unlike a renaming, a hard link never replaces an existing file.
    match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems have no hard links.
        Err(_) => fs::rename(&new, path),
        Ok(()) => Ok(()),
    }
}

/// Returns the folder that contains a path.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Whether a write to the path goes elsewhere instead of into a file.
///
/// That holds for a terminal, a pipe, and a descriptor of this process.
fn is_stream(path: &Path) -> bool {
    let system = ["/dev", "/proc"]
        .iter()
        .any(|folder| path.starts_with(folder));
    let is_other = || {
        let found = path.symlink_metadata();
        found.is_ok_and(|found| !(found.is_file() || found.is_dir() || found.is_symlink()))
    };
    system || is_other()
}
