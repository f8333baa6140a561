//! Reads files that others wrote, with limits. A file must be regular and of a
//! bounded size, and no link in a repository may lead out of that repository.
//!
//! All reading of files goes through this module; a test enforces it.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use super::encoding::Utf16;
use super::files::absolute;
use super::folders;

/// The maximum size of a text: SQL, template, registry, configuration or metadata.
pub const LARGEST_TEXT: u64 = 64 << 20;
/// The maximum size of a file of declared tables: a dbt manifest holds a whole
/// project.
pub const LARGEST_DECLARATIONS: u64 = 256 << 20;

/// Returns the top of the repository that contains an absolute path, as spelled.
/// That is the nearest folder upward with a `.git`. A folder reached by a link of an
/// enclosing repository is not a top: its content does not belong to that
/// repository.
pub fn top(path: &Path) -> Option<&Path> {
    let above: Vec<&Path> = path.ancestors().collect();
    above
        .into_iter()
        .rev()
        .fold(None, |around, folder| within(folder, around))
}

/// Returns the top of a folder's repository, given the top for the parent folder.
pub(super) fn within<'p>(folder: &'p Path, around: Option<&'p Path>) -> Option<&'p Path> {
    let is_top =
        folder.join(".git").exists() && around.is_none_or(|around| !is_elsewhere(folder, around));
    if is_top { Some(folder) } else { around }
}

/// Whether a folder, as spelled below `top`, is elsewhere after links are followed.
/// It may be outside of `top`, or in git's own folder there.
fn is_elsewhere(folder: &Path, top: &Path) -> bool {
    let of_git = |path: &Path| path.iter().any(|part| part.eq_ignore_ascii_case(".git"));
    let spelled = folder.strip_prefix(top).is_ok_and(of_git);
    match (folder.canonicalize(), top.canonicalize()) {
        (Ok(found), Ok(top)) => match found.strip_prefix(&top) {
            Ok(inside) => of_git(inside) && !spelled,
            Err(_) => true,
        },
        // A path that does not exist is not a link.
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// Whether a path in a repository leads out of it by a link. The path, as spelled,
/// is such a link or is below one. False for a path outside of any repository.
pub fn leads_out(path: &Path) -> bool {
    let absolute = absolute(path);
    let Some(folder) = absolute.parent() else {
        return false;
    };
    let Some(top) = folders::top(folder) else {
        return false;
    };
    // A path that is not itself a link is in the same place as its folder.
    let stays = cannot_be_git(&absolute) && !absolute.is_symlink();
    !(stays && folders::is_below(folder, &top) || is_below(&absolute, &top))
}

/// Whether no file system can take a name for `.git`. Short names and ignored
/// characters count as well; a name is safe if names are bytes and it has an
/// extension.
fn cannot_be_git(path: &Path) -> bool {
    cfg!(unix) && path.extension().is_some_and(|ending| !ending.is_empty())
}

/// Whether a file is below a folder after links are followed. False for a file in a
/// `.git` folder there, whose content is private to git, and for a file that does
/// not exist.
pub fn is_below(path: &Path, folder: &Path) -> bool {
    let (Ok(path), Ok(folder)) = (path.canonicalize(), folder.canonicalize()) else {
        return false;
    };
    path.strip_prefix(&folder)
        .is_ok_and(|inside| inside.iter().all(|part| !part.eq_ignore_ascii_case(".git")))
}

/// Whether a link diverts writes into a folder of a repository, as spelled. They
/// would land outside of the repository or in git's own folder.
pub fn is_diverted_by_link(folder: &Path) -> bool {
    let absolute = absolute(super::files::listed(folder));
    top(&absolute).is_some_and(|top| is_elsewhere(&absolute, top))
}

/// Returns the git directory that a `.git` file at the top of a work tree names.
pub fn named_git_dir(top: &Path) -> Option<PathBuf> {
    let path = top.join(".git");
    let found = path.symlink_metadata().ok()?;
    let fits = found.is_file() && found.len() < 1 << 16;
    let text = fits.then(|| std::fs::read_to_string(&path).ok())??;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Reads a regular file of at most `largest` bytes.
///
/// # Errors
/// If the system refuses access, the path is a folder, a device, a pipe or a socket,
/// the file is larger, or it is a link that leads out of its repository.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let found = std::fs::metadata(path).map_err(|error| explained(path, error))?;
    check(path, &found, largest)?;
    let size = usize::try_from(found.len()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    // A file that grows during reading, or reports a length of zero, is bounded as
    // well.
    File::open(path)?
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(too_large(largest));
    }
    Ok(bytes)
}

/// Reads a regular file of at most `largest` bytes as text.
///
/// # Errors
/// As [`read`]; also if the file is not UTF-8.
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

/// Checks that a file may be read, without reading it.
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

/// Describes a path that is neither file nor folder.
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

/// Reads a stream of at most `largest` bytes.
///
/// # Errors
/// If the system refuses access, or the stream is longer.
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

/// Reads a line of at most `largest` bytes, without its end; `None` at the end of
/// the stream. The rest of a longer line is skipped.
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

/// Returns the boundary for paths in a text without a file. It is the repository
/// around a folder, otherwise the folder.
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
