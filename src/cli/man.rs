//! `headcount man`, hidden: the manual pages.

use std::path::PathBuf;

use clap::CommandFactory;

use super::args::{Args, Man};
use super::{CLEAN, Failure, output};

pub(super) fn run(man: &Man) -> Result<u8, Failure> {
    if let Some(directory) = &man.dir {
        clap_mangen::generate_to(Args::command(), directory)
            .map_err(|error| Failure::Write(directory.clone(), error))?;
        return Ok(CLEAN);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command())
        .render(&mut page)
        .map_err(|error| Failure::Write(PathBuf::from("<stdout>"), error))?;
    output::print_data(&String::from_utf8_lossy(&page))?;
    Ok(CLEAN)
}
