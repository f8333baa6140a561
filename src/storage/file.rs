//! One file, put in its place as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::Staging;

/// What the new file is called until it is in its place.
const NEW: &str = "new";

/// Puts a text in the place of a file, which need not be there. A link there is
/// replaced, never followed. What is no file, a device or a pipe, is written to.
///
/// # Errors
/// If the system says no, or the file may not be written. Then what was there is
/// untouched.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    replace_in_steps(path, text, &mut |_| ())
}

/// The same; `step` is called before each step, with its number.
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
    // So that the name is on disk as well as the bytes, where folders can be.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    step(7);
    Ok(())
}

/// Writes a file that is not there yet.
///
/// # Errors
/// If something is there, which stays as it is, or the system says no.
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
    // Unlike a renaming, a link takes the place of nothing.
    match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems have no links.
        Err(_) => fs::rename(&new, path),
        Ok(()) => Ok(()),
    }
}

/// The folder that a path lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Whether what is written there goes elsewhere: to a terminal, a pipe, a descriptor
/// of this process.
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
