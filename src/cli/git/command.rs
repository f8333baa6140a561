//! How git is run: so that nothing of a work tree, of an attribute or of the
//! environment makes it run another program, ask a server, or take another folder
//! for the repository.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long git is waited for, in all calls of a run: a file that it reads may be a
/// pipe to which nobody writes, and a pattern may take it forever.
const LONGEST: Duration = Duration::from_secs(300);

/// Milliseconds that it was waited for.
static WAITED: AtomicU64 = AtomicU64::new(0);

/// Settings that come before those of any file.
const SETTINGS: [&str; 14] = [
    // A folder of tracked files that looks like a repository is none.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    // A file that was written again is looked into.
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

/// Variables of the environment that stay: where the user's own settings are.
const KEPT: [&str; 3] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// The one setting of the environment's that stays: whose repositories are trusted.
const TRUSTED: &str = "safe.directory";

/// Where git looks for a repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Place<'a> {
    /// The folder that it runs in, and the one above which it looks for none.
    pub(super) folder: Option<&'a Path>,
    /// The repository, where its folder is not in the work tree.
    pub(super) git_dir: Option<&'a Path>,
    /// Another index than the repository's own.
    pub(super) index: Option<&'a Path>,
}

/// Git without arguments.
pub(super) fn command(place: &Place<'_>) -> Command {
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
        // Where its `.git` is none, no folder above is taken for it.
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

/// The folders whose owners the environment says to trust, as containers of CI do.
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

/// Runs a command to its end.
///
/// # Errors
/// If it can't be run, or does not end in time.
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
    let left = LONGEST.saturating_sub(waited);
    let began = Instant::now();
    let text = |stream: Option<Receiver<Vec<u8>>>| match stream {
        Some(stream) => stream.recv_timeout(left).ok(),
        None => Some(Vec::new()),
    };
    let texts = (text(printed), text(said));
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    WAITED.fetch_add(took, Ordering::Relaxed);
    let (Some(stdout), Some(stderr)) = texts else {
        // What ended in the meantime needs no end.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!(
            "git did not finish within {} seconds",
            LONGEST.as_secs()
        ));
    };
    let status = child.wait().map_err(wrong)?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// All that comes from a stream, once it ends.
fn all_of(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What a broken stream gave is all there is; who has gone needs none.
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// Runs a command; what it prints.
///
/// # Errors
/// Why it can't be run, or what it says.
pub(super) fn output(command: Command) -> Result<Vec<u8>, String> {
    let output = finished(command)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(said(&output.stderr))
    }
}

/// What git says of a failure.
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
