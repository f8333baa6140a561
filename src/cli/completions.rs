//! `headcount completions`, hidden: prints the completion script of a shell.

use clap::CommandFactory;

use super::args::{Args, Completions};
use super::{CLEAN, Failure, output};

pub(super) fn run(completions: &Completions) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Args::command(),
        "headcount",
        &mut script,
    );
    output::print_data(&String::from_utf8_lossy(&script))?;
    Ok(CLEAN)
}
