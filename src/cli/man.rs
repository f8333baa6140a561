//! `headcount man`, hidden: prints or writes the manual pages.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use super::args::{Args, Man};
use super::{CLEAN, Failure, output};
use crate::storage;

pub(super) fn run(man: &Man) -> Result<u8, Failure> {
    if let Some(directory) = &man.dir {
        let mut command = Args::command().disable_help_subcommand(true);
        command.build();
        write(command, directory)?;
        return Ok(CLEAN);
    }
    let page = rendered(&clap_mangen::Man::new(Args::command()))
        .map_err(|error| Failure::Write(PathBuf::from("<stdout>"), error))?;
    output::print_data(&page)?;
    Ok(CLEAN)
}

/// Writes the pages of a command and its visible subcommands. Each file is replaced
/// as a whole or not at all.
fn write(command: Command, directory: &Path) -> Result<(), Failure> {
    let below: Vec<Command> = command.get_subcommands().cloned().collect();
    for command in below.into_iter().filter(|command| !command.is_hide_set()) {
        write(command, directory)?;
    }
    let page = clap_mangen::Man::new(command);
    let path = directory.join(page.get_filename());
    rendered(&page)
        .and_then(|text| storage::replace(&path, &text))
        .map_err(|error| Failure::Write(path, error))
}

fn rendered(page: &clap_mangen::Man) -> io::Result<String> {
    let mut text = Vec::new();
    page.render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
