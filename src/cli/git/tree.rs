//! Writes the files of a commit into a folder. The bytes are those that git stores,
//! without any conversion that attributes request.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use super::{Repository, command, os_string, split};
use crate::source::bounded::LARGEST_DECLARATIONS;

/// Largest total size of the written files, in bytes.
const LARGEST: u64 = 8 << 30;

/// A file of a commit.
struct CommitFile {
    id: String,
    path: PathBuf,
    link: bool,
}

impl Repository {
    /// Writes the files of a commit below an empty folder. Files too large to be
    /// read later, and links that lead out of the folder, are not written.
    ///
    /// # Errors
    /// If git does not provide the files, or they cannot be written.
    pub(in crate::cli) fn write_files(&self, commit: &str, folder: &Path) -> Result<(), String> {
        let args = [
            "ls-tree",
            "-r",
            "-z",
            "--full-tree",
            "--end-of-options",
            commit,
        ];
        let stored: Vec<CommitFile> = split(&self.output(&args)?).filter_map(stored).collect();
        let mut ids = tempfile::tempfile().map_err(|error| error.to_string())?;
        let write = |ids: &mut File| -> io::Result<()> {
            let text: String = stored.iter().map(|file| format!("{}\n", file.id)).collect();
            ids.write_all(text.as_bytes())?;
            io::Seek::rewind(ids)
        };
        write(&mut ids).map_err(|error| error.to_string())?;
        let mut command = command::command(&self.place());
        let mut child = command
            .args(["cat-file", "--batch"])
            .stdin(ids)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run git: {error}"))?;
        let written = match child.stdout.take() {
            Some(out) => write_all(BufReader::new(out), &stored, folder),
            None => Ok(()),
        };
        // If writing stopped early, git ends because its output is closed.
        let output = child
            .wait_with_output()
            .map_err(|error| error.to_string())?;
        let said = command::said(&output.stderr);
        match written {
            Err(why) if said.is_empty() => Err(why),
            Err(why) => Err(format!("{why}: {said}")),
            Ok(()) => Ok(()),
        }
    }
}

/// Parses an entry of a tree: `MODE TYPE ID\tPATH`. Returns `None` for entries that
/// are no file, and for paths that no work tree may contain.
fn stored(entry: &[u8]) -> Option<CommitFile> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&entry[..tab]).ok()?.split(' ');
    let (mode, kind, id) = (words.next()?, words.next()?, words.next()?);
    let path = PathBuf::from(os_string(&entry[tab + 1..]));
    let plain = path.components().all(|part| match part {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        _ => false,
    });
    (kind == "blob" && plain).then(|| CommitFile {
        id: id.to_owned(),
        path,
        link: mode == "120000",
    })
}

fn write_all(mut out: impl BufRead, stored: &[CommitFile], folder: &Path) -> Result<(), String> {
    let mut links = Vec::new();
    let mut total = 0_u64;
    for file in stored {
        let shown = file.path.display();
        let wrong = |error: io::Error| format!("{shown}: {error}");
        let mut head = String::new();
        out.read_line(&mut head).map_err(wrong)?;
        // `ID blob SIZE`, or `ID missing`.
        let size = head.trim_end().rsplit(' ').next();
        let size = size.and_then(|size| size.parse::<u64>().ok());
        let Some(size) = size else {
            return Err(format!("{shown}: git does not have this file"));
        };
        let mut bytes = out.by_ref().take(size);
        if size > LARGEST_DECLARATIONS {
            io::copy(&mut bytes, &mut io::sink()).map_err(wrong)?;
        } else if file.link {
            let mut target = Vec::new();
            bytes.read_to_end(&mut target).map_err(wrong)?;
            links.push((&file.path, PathBuf::from(os_string(&target))));
        } else {
            total += size;
            if total > LARGEST {
                return Err(format!("the files are larger than {} GiB", LARGEST >> 30));
            }
            write(&mut bytes, &folder.join(&file.path)).map_err(wrong)?;
        }
        out.read_exact(&mut [0]).map_err(wrong)?;
    }
    // Links come last, so that nothing is written through one.
    for (path, target) in links {
        if stays_inside(path, &target) {
            // A link that cannot be created counts as a link without a target.
            let _ = link(&target, &folder.join(path));
        }
    }
    Ok(())
}

fn write(bytes: &mut impl Read, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path)?;
    io::copy(bytes, &mut file)?;
    Ok(())
}

/// Returns whether the target of a link is in the same tree, judged by its text
/// alone.
fn stays_inside(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    target.components().all(|part| match part {
        Component::CurDir => true,
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::ParentDir if depth > 0 => {
            depth -= 1;
            true
        }
        Component::ParentDir | Component::RootDir | Component::Prefix(_) => false,
    })
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{stays_inside, stored};
    use std::path::Path;

    #[test]
    fn entry_that_leads_out_is_passed_over() {
        for path in ["../x", "a/../x", "/x", ".git/config", "a/.GIT/hooks/x", "."] {
            let entry = format!("100644 blob 00\t{path}");
            assert!(stored(entry.as_bytes()).is_none(), "{path}");
        }
        assert!(stored(b"160000 commit 00\tsub").is_none());
        assert!(stored(b"100755 blob 00\ta/b.sql").is_some());
    }

    #[test]
    fn link_that_leads_out_is_not_made() {
        for (path, target, inside) in [
            ("a/b", "../c", true),
            ("a/b", "../../c", false),
            ("b", "/etc/passwd", false),
            ("b", "a/../c", true),
        ] {
            let found = stays_inside(Path::new(path), Path::new(target));
            assert_eq!(found, inside, "{path} -> {target}");
        }
    }
}
