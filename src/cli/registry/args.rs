//! What can be said after `headcount registry`.

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
    /// Find entries that do nothing or say too little
    Check(Check),
    /// Tell which entry is meant for a column, and why
    Show(Show),
    /// Add entries from definitions in other files
    Import(Import),
    /// List the columns of queries that the registry lacks
    Coverage(Coverage),
}

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Human,
    /// For programs
    Json,
}

/// When `check` ends with status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// The registry can't be used
    Error,
    /// An entry does nothing, or an identifier names nobody
    Warning,
    /// Anything at all
    Note,
    /// Never
    Never,
}

/// What all of them share.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// The registry, instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// How it is told
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Also find entries that match nothing the queries under this path read
    #[arg(long, value_name = "PATH")]
    pub(super) against: Vec<PathBuf>,
    /// When to end with status 1
    #[arg(long, value_name = "WHEN", default_value = "warning")]
    pub(super) fail_on: FailOn,
    /// Show only these kinds of problems
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not show these kinds of problems
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Tell every note at its place
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// How many files are read at a time; all processors where 0
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
    /// The table that it is read from
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
    /// What they are: glean, pings, tags, probe-info, scalars, histograms, events,
    /// vocabulary, policy-tags or csv; found out if it is not given
    #[arg(long, value_name = "KIND")]
    pub(super) from: Option<String>,
    /// The tables that the entries apply to; all where it is not said
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(super) tables: Vec<String>,
    /// The dataset that holds the pings
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// What a policy tag means: the end of its name, and a category
    #[arg(long, value_name = "TAG=CATEGORY")]
    pub(super) tag: Vec<String>,
    /// A new registry holds what is imported alone, not the built-in one's
    /// entries before it
    #[arg(long)]
    pub(super) bare: bool,
    /// Write there instead of into the registry; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write nothing, and report what would be written
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write nothing, and print the change as a unified diff; the report goes to
    /// standard error
    #[arg(long, conflicts_with = "output")]
    pub(super) diff: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Coverage {
    /// Files and directories of queries; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write an entry to fill in for each; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) stubs: Option<PathBuf>,
    /// How many files are read at a time; all processors where 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
    #[command(flatten)]
    pub(super) common: Common,
}
