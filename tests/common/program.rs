//! Runs the compiled program as a user does.

use assert_cmd::Command;
use std::path::Path;

/// The exit status and output of one run.
#[allow(dead_code)]
pub struct ProgramOutput {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program in a directory with additional environment variables.
#[allow(dead_code)]
pub fn headcount(
    args: &[&str],
    stdin: &str,
    directory: &Path,
    env: &[(&str, &str)],
) -> ProgramOutput {
    run_headcount_bytes(args, stdin.as_bytes(), directory, env)
}

/// Runs the program with arbitrary bytes on standard input.
///
/// Panics if the program panics, is ended by a signal, or writes invalid UTF-8 to
/// standard output. Variables of CI systems are removed from its environment.
pub fn run_headcount_bytes(
    args: &[&str],
    stdin: &[u8],
    directory: &Path,
    env: &[(&str, &str)],
) -> ProgramOutput {
    let mut command = Command::cargo_bin("headcount").expect("the program is built");
    command.args(args).write_stdin(stdin.to_owned());
    command.env_remove("RUST_BACKTRACE");
    command.env_remove("GITHUB_STEP_SUMMARY");
    command.env_remove("GITHUB_WORKSPACE");
    command.env_remove("CI_PROJECT_DIR");
    command.env("LC_ALL", "C.UTF-8");
    command.envs(env.iter().copied()).current_dir(directory);
    let output = command.output().expect("the program runs");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    ProgramOutput {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err,
    }
}
