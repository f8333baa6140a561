//! `headcount schema`, hidden: prints the JSON Schema of `headcount.toml` for
//! editors.

use super::{CLEAN, Failure, output};
use crate::config;

pub(super) fn run() -> Result<u8, Failure> {
    output::print_data(&config::schema())?;
    Ok(CLEAN)
}
