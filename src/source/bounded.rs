//! Reading files that others wrote: only regular files, of a bounded size, and none
//! that a link of a repository names outside of that repository.
//!
//! Everything that is read of a file is read here; a test holds the sources to it.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use super::encoding::Utf16;
use super::files::absolute;
use super::folders;

/// The largest text: of SQL, a template, a registry, a configuration, metadata.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// The largest file of declared tables: manifests of dbt hold a whole project.
pub const LARGEST_DECLARATIONS: u64 = 256 << 20;

/// The top of the repository in which an absolute path lies, as spelled: the folder
/// with the nearest `.git` upward. One that a link of another repository leads to is
/// no top: what lies there is not that repository's.
pub fn top(path: &Path) -> Option<&Path> {
    let above: Vec<&Path> = path.ancestors().collect();
    above
        .into_iter()
        .rev()
        .fold(None, |around, folder| within(folder, around))
}

/// The top of the repository in which a folder lies, where that of the folder above
/// it is known.
pub(super) fn within<'p>(folder: &'p Path, around: Option<&'p Path>) -> Option<&'p Path> {
    let is_top =
        folder.join(".git").exists() && around.is_none_or(|around| !is_elsewhere(folder, around));
    if is_top { Some(folder) } else { around }
}

/// Whether a folder below another, as spelled, is none of it once links are followed:
/// it lies outside, or in git's own folder there.
fn is_elsewhere(folder: &Path, top: &Path) -> bool {
    let of_git = |path: &Path| path.iter().any(|part| part.eq_ignore_ascii_case(".git"));
    let spelled = folder.strip_prefix(top).is_ok_and(of_git);
    match (folder.canonicalize(), top.canonicalize()) {
        (Ok(found), Ok(top)) => match found.strip_prefix(&top) {
            Ok(inside) => of_git(inside) && !spelled,
            Err(_) => true,
        },
        // What is not there is no link.
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// Whether a path that lies in a repository, as spelled, is a link that leads out of
/// it, or lies below one. A path outside of any repository leads nowhere else.
pub fn leads_out(path: &Path) -> bool {
    let absolute = absolute(path);
    let Some(folder) = absolute.parent() else {
        return false;
    };
    let Some(top) = folders::top(folder) else {
        return false;
    };
    // What is itself no link lies where its folder does.
    let stays = cannot_be_git(&absolute) && !absolute.is_symlink();
    !(stays && folders::is_below(folder, &top) || is_below(&absolute, &top))
}

/// Whether a name is none by which a file system may mean `.git`, short names and
/// letters that it passes over included: one with an ending, where names are bytes.
fn cannot_be_git(path: &Path) -> bool {
    cfg!(unix) && path.extension().is_some_and(|ending| !ending.is_empty())
}

/// Whether a file is below a folder once all links are followed, and in no folder of
/// git's there, which holds what is nobody else's. One that is not there is not.
pub fn is_below(path: &Path, folder: &Path) -> bool {
    let (Ok(path), Ok(folder)) = (path.canonicalize(), folder.canonicalize()) else {
        return false;
    };
    path.strip_prefix(&folder)
        .is_ok_and(|inside| inside.iter().all(|part| !part.eq_ignore_ascii_case(".git")))
}

/// Whether what is written into a folder that lies in a repository, as spelled, would
/// land outside of it, or in git's own folder there, because of a link.
pub fn is_led_away(folder: &Path) -> bool {
    let absolute = absolute(super::files::listed(folder));
    top(&absolute).is_some_and(|top| is_elsewhere(&absolute, top))
}

/// The folder of a repository that a file `.git` at the top of a work tree names.
pub fn named_git_dir(top: &Path) -> Option<PathBuf> {
    let path = top.join(".git");
    let found = path.symlink_metadata().ok()?;
    let fits = found.is_file() && found.len() < 1 << 16;
    let text = fits.then(|| std::fs::read_to_string(&path).ok())??;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Reads a regular file of at most so many bytes.
///
/// # Errors
/// If the system says no, if it is a folder, a device, a pipe or a socket, if it is
/// larger, or if it is a link that leads out of its repository.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let found = std::fs::metadata(path).map_err(|error| explained(path, error))?;
    check(path, &found, largest)?;
    let size = usize::try_from(found.len()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    // What grows while it is read, or says that it is empty, is bounded as well.
    File::open(path)?
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(too_large(largest));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`]; also if it is not UTF-8.
pub fn read_to_string(path: &Path, largest: u64) -> io::Result<String> {
    let bytes = read(path, largest)?;
    if let Some(found) = Utf16::detect(&bytes) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            found.to_string(),
        ));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

/// Whether a file may be read, without reading it.
///
/// # Errors
/// As [`read`].
pub fn readable(path: &Path, largest: u64) -> io::Result<()> {
    let found = std::fs::metadata(path).map_err(|error| explained(path, error))?;
    check(path, &found, largest)
}

/// Why a path can't be read, with where a link leads that leads to nothing.
pub fn explained(path: &Path, error: io::Error) -> io::Error {
    match std::fs::read_link(path) {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "a symbolic link to {}, which does not exist; remove the link, or correct its target",
                target.display()
            ),
        ),
        Ok(_) | Err(_) => error,
    }
}

fn check(path: &Path, found: &Metadata, largest: u64) -> io::Result<()> {
    if found.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "a folder, not a file",
        ));
    }
    if !found.is_file() {
        let message = format!(
            "{}, not a file; pass its text on standard input, as `-`",
            kind(found)
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    if leads_out(path) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "a link, or a path below a link, that leads out of the repository; put the file itself there",
        ));
    }
    if found.len() > largest {
        return Err(too_large(largest));
    }
    Ok(())
}

fn too_large(largest: u64) -> io::Error {
    let message = format!("larger than {} MiB, the maximum size", largest >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// What something is that is neither file nor folder.
#[cfg(unix)]
fn kind(found: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = found.file_type();
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(_: &Metadata) -> &'static str {
    "a device"
}

/// Reads a stream of at most so many bytes.
///
/// # Errors
/// If the system says no, or if there is more.
pub fn read_stream(stream: &mut impl Read, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(too_large(largest));
    }
    Ok(bytes)
}

/// Reads a line of at most so many bytes, without its end; `None` at the end of the
/// stream. What is left of a line that is longer is passed over.
///
/// # Errors
/// As [`read_stream`].
pub fn read_line(stream: &mut impl BufRead, largest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = stream
        .by_ref()
        .take(largest.saturating_add(1))
        .read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 > largest {
        stream.skip_until(b'\n')?;
        return Err(too_large(largest));
    }
    Ok(Some(line))
}

/// What paths of a text that is not in a file lead to: the repository around a
/// folder, else the folder.
pub fn boundary(folder: &Path) -> PathBuf {
    let absolute = absolute(super::files::listed(folder));
    folders::top(&absolute).unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use super::{read_line, read_stream};

    #[test]
    fn long_line_is_passed_over_and_the_next_is_read() {
        let mut stream = &b"ab\nabcdefgh\n\ncd"[..];
        let mut read = || read_line(&mut stream, 4).map_err(|error| error.to_string());
        assert_eq!(read(), Ok(Some(b"ab".to_vec())));
        assert!(read().is_err());
        assert_eq!(read(), Ok(Some(Vec::new())));
        assert_eq!(read(), Ok(Some(b"cd".to_vec())));
        assert_eq!(read(), Ok(None));
    }

    #[test]
    fn endless_stream_is_an_error() {
        assert!(read_stream(&mut std::io::repeat(b'a'), 100).is_err());
        assert!(read_stream(&mut &[b'a'; 100][..], 100).is_ok());
    }
}
