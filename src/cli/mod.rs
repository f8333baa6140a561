//! The command line: one command a file.

mod approve;
mod args;
mod base;
mod check;
mod completions;
mod diff;
mod explain;
mod failure;
mod fix;
mod init;
mod lineage;
mod man;
mod ndjson;
mod output;
mod progress;
mod readers;
mod record;
mod registry;
mod render;
mod review;
mod run;
mod schema;
mod sides;
mod site;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use failure::Failure;

/// Nothing to stop for.
const CLEAN: u8 = 0;
/// A dataset needs review, or a finding reaches `--fail-on`.
const STOP: u8 = 1;
/// The program could not do its job.
const FAILED: u8 = 2;

/// Whether the program understands a command line, its name first; nothing is
/// run. For the test that holds the documents to it.
///
/// # Errors
/// What the program would say.
pub fn understands<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    match Args::try_parse_from(words) {
        Err(error) if error.use_stderr() => Err(error.to_string()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; a message that can't be written
            // leaves nothing to say.
            let code = if error.use_stderr() { FAILED } else { CLEAN };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match &args.command {
        Command::Check(check) => check::run(check),
        Command::Review(review) => review::run(review),
        Command::Explain(explain) => explain::run(explain),
        Command::Approve(approve) => approve::run(approve),
        Command::Diff(diff) => diff::run(diff),
        Command::Lineage(lineage) => lineage::run(lineage),
        Command::Record(record) => site::run(record),
        Command::Registry(registry) => registry::run(registry),
        Command::Render(render) => render::run(render),
        Command::Completions(completions) => completions::run(completions),
        Command::Init(init) => init::run(init),
        Command::Man(man) => man::run(man),
        Command::Schema => schema::run(),
    };
    let code = match done {
        Ok(code) => code,
        Err(failure) => {
            failure.tell();
            FAILED
        }
    };
    ExitCode::from(code)
}
