//! Runs git safely in untrusted work trees.
//!
//! Nothing in a work tree, an attribute or the environment can make git run another
//! program, contact a server, or use another folder as the repository.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longest total wait for git in all calls of a run. A file that git reads may be a
/// pipe without a writer, and a pattern may take very long to match.
const GIT_TIMEOUT: Duration = Duration::from_secs(300);

/// Milliseconds waited so far.
static WAITED: AtomicU64 = AtomicU64::new(0);

/// Settings that override those of all files.
const SETTINGS: [&str; 14] = [
    // A folder of tracked files that looks like a bare repository is not used as
    // one.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    // A file that was rewritten is compared by its content.
    "core.trustctime=true",
    "core.checkStat=default",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.askPass=",
    "credential.helper=",
    "diff.external=",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
];

/// Environment variables that are kept: they locate the user's own settings.
const KEPT: [&str; 3] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// The only setting from the environment that is kept: repositories whose owners are
/// trusted.
const TRUSTED: &str = "safe.directory";

/// Where git looks for a repository.
#[derive(Debug, Clone, Default)]
pub(super) struct GitLocation<'a> {
    /// The folder that git runs in; git searches for no repository above it.
    pub(super) folder: Option<&'a Path>,
    /// The repository folder, if it is not in the work tree.
    pub(super) git_dir: Option<&'a Path>,
    /// An index to use instead of that of the repository.
    pub(super) index: Option<&'a Path>,
}

/// Returns a git command without arguments.
pub(super) fn command(place: &GitLocation<'_>) -> Command {
    let mut command = Command::new("git");
    let variables = std::env::vars_os().map(|(name, _)| name);
    for name in variables.filter(|name| is_git(name)) {
        if !KEPT.iter().any(|kept| name == *kept) {
            command.env_remove(name);
        }
    }
    command.env("GIT_ALLOW_PROTOCOL", "");
    command.env("GIT_ATTR_NOSYSTEM", "1");
    command.env("GIT_LITERAL_PATHSPECS", "1");
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("LC_ALL", "C");
    for name in ["SSH_ASKPASS", "GIT_ASKPASS"] {
        command.env_remove(name);
    }
    if let Some(folder) = place.folder {
        command.arg("-C").arg(folder);
        // If `.git` in the folder is no repository, folders above must not be used
        // instead.
        if let Some(above) = folder.parent() {
            command.env("GIT_CEILING_DIRECTORIES", above);
        }
    }
    if let Some(git_dir) = place.git_dir {
        command.env("GIT_DIR", git_dir);
        command.env("GIT_WORK_TREE", place.folder.unwrap_or(Path::new(".")));
    }
    if let Some(index) = place.index {
        command.env("GIT_INDEX_FILE", index);
    }
    command.args(["--no-pager", "--no-optional-locks"]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    for folder in trusted() {
        let mut setting = OsString::from(format!("{TRUSTED}="));
        setting.push(folder);
        command.arg("-c").arg(setting);
    }
    command.stdin(Stdio::null());
    command
}

fn is_git(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"GIT_")
}

/// Returns the trusted folders of the environment, which CI containers set.
fn trusted() -> Vec<OsString> {
    let count = std::env::var("GIT_CONFIG_COUNT").ok();
    let count: usize = count.and_then(|count| count.parse().ok()).unwrap_or(0);
    (0..count.min(1_000))
        .filter(|at| {
            std::env::var(format!("GIT_CONFIG_KEY_{at}"))
                .is_ok_and(|key| key.eq_ignore_ascii_case(TRUSTED))
        })
        .filter_map(|at| std::env::var_os(format!("GIT_CONFIG_VALUE_{at}")))
        .collect()
}

/// Runs a command until it ends.
///
/// # Errors
/// If it cannot be started, or does not end in time.
pub(super) fn finished(mut command: Command) -> Result<Output, String> {
    let wrong = |error: io::Error| format!("cannot run git: {error}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(wrong)?;
    let said = child.stderr.take().map(all_of);
    let printed = child.stdout.take().map(all_of);
    let waited = Duration::from_millis(WAITED.load(Ordering::Relaxed));
    let left = GIT_TIMEOUT.saturating_sub(waited);
    let began = Instant::now();
    let text = |stream: Option<Receiver<Vec<u8>>>| match stream {
        Some(stream) => stream.recv_timeout(left).ok(),
        None => Some(Vec::new()),
    };
    let texts = (text(printed), text(said));
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    WAITED.fetch_add(took, Ordering::Relaxed);
    let (Some(stdout), Some(stderr)) = texts else {
        // The process may have ended in the meantime.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!(
            "git did not finish within {} seconds",
            GIT_TIMEOUT.as_secs()
        ));
    };
    let status = child.wait().map_err(wrong)?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// Reads a stream on another thread, and returns all bytes at its end.
fn all_of(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken stream yields the bytes so far; the receiver may have given up.
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// Runs a command and returns its output.
///
/// # Errors
/// If the command cannot be run, or with its message if it fails.
pub(super) fn output(command: Command) -> Result<Vec<u8>, String> {
    let output = finished(command)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(said(&output.stderr))
    }
}

/// Returns the error message of git, with help for partial clones.
pub(super) fn said(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let said = said.trim();
    if said.contains("lazy fetching disabled") || said.contains("could not fetch") {
        return format!(
            "{said}; this is a partial clone: fetch all its files first, with `git fetch --refetch --no-filter`"
        );
    }
    said.to_owned()
}
