//! The program; all of it is in the library.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

/// An assessment makes and drops a great many small values: with the system's
/// allocator they take a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    headcount::cli::main()
}
