//! Atomic replacement of a folder of files.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Staging;
use super::staging::OLD;
use crate::source::files::absolute;

/// Replaces the files of a folder, or creates the folder, as a whole.
///
/// Other files in the folder stay, except those for which `is_gone` returns true:
/// they were created together with the old files.
///
/// # Errors
/// If the folder is a link, is read-only, is a git work tree, contains the working
/// directory or anything but files and folders, or if an operation of the system
/// fails. The old contents are then untouched.
pub fn replace<T: std::ops::Deref<Target = str>>(
    folder: &Path,
    files: &[(String, T)],
    is_gone: &dyn Fn(&Path) -> bool,
) -> io::Result<()> {
    let folder = absolute(folder);
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(refused("the folder is the root of the file system"));
    };
    let there = match folder.symlink_metadata() {
        Ok(found) if found.is_symlink() => return Err(refused("the folder is a link")),
        Ok(found) if !found.is_dir() => return Err(ErrorKind::NotADirectory.into()),
        Ok(found) if found.permissions().readonly() => {
            return Err(io::Error::new(
                ErrorKind::PermissionDenied,
                "the folder is read-only",
            ));
        }
        Ok(found) => Some(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if std::env::current_dir().is_ok_and(|here| here.starts_with(&folder)) {
        return Err(refused("the folder is, or contains, the working directory"));
    }
    fs::create_dir_all(parent)?;
    let staging = Staging::within(parent)?;
    let new = staging.inside().join("new");
    fs::create_dir(&new)?;
    for (path, text) in files {
        let path = new.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text.as_bytes())?;
    }
    let Some(there) = there else {
        return fs::rename(&new, &folder);
    };
    copy_kept_files(&folder, &new, is_gone)?;
    fs::set_permissions(&new, there.permissions())?;
    if exchange(&new, &folder)? {
        return Ok(());
    }
    // A run that is killed between these two renamings leaves the old folder where
    // the next run finds it and puts it back.
    let old = staging.inside().join(OLD);
    fs::create_dir(&old)?;
    let old = old.join(name);
    fs::rename(&folder, &old)?;
    fs::rename(&new, &folder).inspect_err(|_| {
        let _ = fs::rename(&old, &folder);
    })
}

/// Copies to the new folder the existing files that stay, as hard links if possible.
fn copy_kept_files(folder: &Path, new: &Path, is_gone: &dyn Fn(&Path) -> bool) -> io::Result<()> {
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = entry?;
        let inside: PathBuf = entry
            .path()
            .strip_prefix(folder)
            .unwrap_or(entry.path())
            .to_owned();
        let place = new.join(&inside);
        if entry.file_name() == ".git" {
            return Err(refused("the folder is a git work tree"));
        }
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            let what = format!(
                "the folder contains `{}`, which is not a file",
                inside.display()
            );
            return Err(refused(&what));
        }
        if place.exists() || is_gone(&inside) {
            continue;
        }
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        if fs::hard_link(entry.path(), &place).is_err() {
            fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

fn refused(why: &str) -> io::Error {
    let message = format!("{why}, so it cannot be replaced as a whole; use a separate folder");
    io::Error::new(ErrorKind::InvalidInput, message)
}

/// Exchanges two folders in one step; returns false if the system cannot do that.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}
