//! The command line of `headcount registry`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::cli::args::Configured;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Registry {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find entries that have no effect or are incomplete
    Check(Check),
    /// Show which entry applies to a column, and why
    Show(Show),
    /// Add entries from definitions in other files
    Import(Import),
    /// List the columns of queries that are not in the registry
    Coverage(Coverage),
}

/// The format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Human,
    /// For programs
    Json,
}

/// When `check` exits with status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// The registry cannot be used
    Error,
    /// An entry has no effect, or an identifier has no unit
    Warning,
    /// There is any problem
    Note,
    /// Never
    Never,
}

/// What all of them share.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Use this registry instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Write the report in this format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Also find entries that match no column or table that the queries under this
    /// path read
    #[arg(long, value_name = "PATH")]
    pub(super) against: Vec<PathBuf>,
    /// Exit with status 1 when there is such a problem
    #[arg(long, value_name = "WHEN", default_value = "warning")]
    pub(super) fail_on: FailOn,
    /// Show only these kinds of problems
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Hide these kinds of problems
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Report every note at its place
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Read N files at a time; 0 uses all processors
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The column: its name, or the dotted path of a field
    #[arg(value_name = "COLUMN")]
    pub(super) column: String,
    /// Look the column up as a column of this table
    #[arg(long, value_name = "TABLE")]
    pub(super) table: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Files of definitions
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Read the files as glean, pings, tags, probe-info, scalars, histograms, events,
    /// vocabulary, policy-tags or csv [default: detected]
    #[arg(long, value_name = "KIND")]
    pub(super) from: Option<String>,
    /// Apply the entries to these tables [default: all tables]
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(super) tables: Vec<String>,
    /// The dataset of the pings' tables
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// Map a policy tag, by the end of its name, to a category
    #[arg(long, value_name = "TAG=CATEGORY")]
    pub(super) tag: Vec<String>,
    /// Write only the imported entries to a new registry, without the entries of the
    /// built-in registry
    #[arg(long)]
    pub(super) bare: bool,
    /// Write to this file instead of the registry; `-` writes standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Report the changes without writing them
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the changes as a unified diff without writing them; the report goes to
    /// standard error
    #[arg(long, conflicts_with = "output")]
    pub(super) diff: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Coverage {
    /// Files and directories of queries; `-` reads standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write a stub entry for each column to this file; `-` writes standard output
    #[arg(long, value_name = "FILE")]
    pub(super) stubs: Option<PathBuf>,
    /// Read N files at a time; 0 uses all processors
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
    #[command(flatten)]
    pub(super) common: Common,
}
