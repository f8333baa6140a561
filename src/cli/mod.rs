//! The command line. Each command is one module.

mod aliases;
mod approve;
mod args;
mod base;
mod changes;
mod check;
mod completions;
mod configurations;
mod diff;
mod explain;
mod failure;
mod fix;
mod git;
mod init;
mod labels;
mod lineage;
mod man;
mod ndjson;
mod output;
mod progress;
mod readers;
mod record;
mod recorded;
mod registry;
mod render;
mod review;
mod routines;
mod run;
mod schema;
mod session;
mod settings;
mod sides;
mod site;
mod trust;
mod uncommitted;

mod upward;

use std::ffi::{OsStr, OsString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Color, Command};
use failure::Failure;

use crate::report::{InertText, escape_line};
use crate::source::folders;

/// Exit status: nothing fails the run.
const CLEAN: u8 = 0;
/// Exit status: a dataset needs review, or a finding reaches `--fail-on`.
const STOP: u8 = 1;
/// Exit status: the program failed to do what was requested.
const FAILED: u8 = 2;

/// Parses a command line, program name first, without running it. The tests check
/// the commands in the documents with it.
///
/// # Errors
/// The error message of the program.
pub fn parse_command_line<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    match Args::try_parse_from(words) {
        Err(error) if error.use_stderr() => Err(error.to_string()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Shows the help, the version or the error in the arguments. The arguments may
/// contain file names that a stranger chose.
fn usage(error: clap::Error) -> u8 {
    // The arguments are escaped before clap formats its message: the message has
    // lines of its own, so it cannot be escaped as a whole.
    let arguments = std::env::args_os();
    let inert = arguments.map(|argument| escape_line(&argument.to_string_lossy()));
    let error = Args::try_parse_from(inert).err().unwrap_or(error);
    let mut text = InertText::new();
    if error.use_stderr() {
        text.styled(&error.render().ansi().to_string());
        output::write_stderr(&text);
        FAILED
    } else {
        let help = error.render();
        text.styled(&if output::colored(Color::Auto) {
            help.ansi().to_string()
        } else {
            help.to_string()
        });
        match output::print(&text) {
            Ok(()) => CLEAN,
            Err(failure) => {
                failure.tell();
                FAILED
            }
        }
    }
}

/// Refuses options that are also names of files here: an expanded list of files
/// could add an option, or a file could hide one.
fn refuse_ambiguous_options(args: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let options = args.take_while(|arg| arg != "--");
    for option in options.filter(|arg| is_option(arg)) {
        let shown = option.to_string_lossy();
        if Path::new(&option).symlink_metadata().is_ok() {
            return Err(Failure::Usage(format!(
                "`{shown}` is an option, but a file here has the same name; write `./{shown}` or `-- {shown}` for the file, or rename the file"
            )));
        }
    }
    Ok(())
}

fn is_option(arg: &OsStr) -> bool {
    arg != "-" && arg.as_encoded_bytes().starts_with(b"-")
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    output::report_panics();
    crate::budget::install_panic_hook();
    if let Err(failure) = refuse_ambiguous_options(std::env::args_os().skip(1)) {
        failure.tell();
        return ExitCode::from(FAILED);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return ExitCode::from(usage(error)),
    };
    let code = match run_command(&args.command) {
        Ok(code) => code,
        Err(failure) => {
            failure.tell();
            FAILED
        }
    };
    ExitCode::from(code)
}

/// Runs a command. A panic that was not caught for a single file was already
/// reported by the panic hook, and counts as a failure.
fn run_command(command: &Command) -> Result<u8, Failure> {
    let goes_on = matches!(command, Command::Check(check) if check.ndjson);
    if !goes_on {
        folders::remember();
    }
    catch_unwind(AssertUnwindSafe(|| dispatch_command(command))).unwrap_or(Ok(FAILED))
}

fn dispatch_command(command: &Command) -> Result<u8, Failure> {
    match command {
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
    }
}
