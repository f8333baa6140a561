//! The command line: commands and their options.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::FailOn;
use crate::report::{self, Target};
use crate::source::files::{self, GitIgnoreMode};

/// Decide whether the dataset that a BigQuery query creates may be published
#[derive(Debug, Parser)]
#[command(name = "headcount", version, propagate_version = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Assess every dataset under the paths
    Check(Check),
    /// Review a single query in detail: level, columns, the four questions
    Review(Review),
    /// Show the page of a rule, or list all rules
    Explain(Explain),
    /// Set up a repository: headcount.toml, a registry and the hook
    Init(Init),
    /// Record an approval in the publishing record
    Approve(Approve),
    /// Compare each dataset before and after a change
    Diff(Diff),
    /// Trace each column back to its base columns
    Lineage(Lineage),
    /// Build the public record of reviews as a static site
    Record(RecordSite),
    /// Manage the column registry
    Registry(super::registry::args::Registry),
    /// Show the renderings of a template
    Render(Render),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Print the manual pages
    Man(Man),
    /// Print the JSON Schema of headcount.toml
    Schema,
}

/// When to exit with status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// A dataset needs extra review
    Review,
    /// A finding is an error
    Error,
    /// Never
    Never,
}

impl From<When> for FailOn {
    fn from(when: When) -> Self {
        match when {
            When::Review => Self::Review,
            When::Error => Self::Error,
            When::Never => Self::Never,
        }
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which configuration is read.
#[derive(Debug, clap::Args)]
pub(super) struct Configured {
    /// Use this configuration instead of the nearest headcount.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Ignore every headcount.toml
    #[arg(long)]
    pub(super) no_config: bool,
}

/// What all commands that assess share.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Use this column registry instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Read the configuration, the registry and the record from a git revision, such
    /// as the base of a pull request, and report which of them the change modifies
    #[arg(long, value_name = "REV")]
    pub(super) trust_base: Option<String>,
    /// Use the publishing record in this folder instead of the nearest
    /// publishing-record
    #[arg(long, value_name = "DIR")]
    pub(super) record: Option<PathBuf>,
    /// Write the report as human, concise, json, sarif, github, gitlab or markdown;
    /// FORMAT=FILE writes to a file and can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub(super) format: Vec<Target>,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Use colours: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Print only the findings
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Explain the level of every dataset
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Use this file name for standard input
    #[arg(
        long,
        value_name = "PATH",
        value_parser = name_of_stdin,
        default_value = "<stdin>",
        hide_default_value = true
    )]
    pub(super) stdin_filename: String,
    /// Include files that git ignores
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Show only these rules: codes, names or prefixes of codes
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Hide these rules
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Print the number of datasets per level and of findings per rule
    #[arg(long)]
    pub(super) statistics: bool,
    /// Assess N files at a time; 0 uses all processors
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
}

impl Common {
    /// Whether files are looked at that git ignores.
    pub(super) fn ignored(&self) -> GitIgnoreMode {
        if self.no_ignore {
            GitIgnoreMode::Found
        } else {
            GitIgnoreMode::Skipped
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Files and directories; `-` reads standard input [default: the current directory]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Apply each fix that removes only small groups, and assess again; for standard
    /// input, print the fixed text
    #[arg(long, conflicts_with = "diff")]
    pub(super) fix: bool,
    /// Print the changes of --fix without writing them
    #[arg(long)]
    pub(super) diff: bool,
    /// Assess all datasets, including datasets that are not published
    /// (headcount.toml, [project] published)
    #[arg(long)]
    pub(super) all: bool,
    /// Treat the paths as changed files of any kind, and assess the published datasets
    /// that they may affect; a missing file counts as deleted
    #[arg(long, conflicts_with_all = ["fix", "diff", "ndjson"])]
    pub(super) readers: bool,
    /// Like --readers, for the staged files, including deleted and renamed files; for
    /// the range of commits if pre-commit runs on one
    #[arg(long, conflicts_with_all = ["fix", "diff", "ndjson", "base"])]
    pub(super) staged: bool,
    /// Like --readers, for all changes since the branch diverged from a git revision,
    /// committed or not, including deleted and renamed files
    #[arg(long, value_name = "REV", conflicts_with_all = ["fix", "diff", "ndjson"])]
    pub(super) base: Option<String>,
    /// Exit with status 1 when a dataset needs review, when a finding is an error, or
    /// never [default: the configuration's fail_on, else review]
    #[arg(long, value_name = "WHEN")]
    pub(super) fail_on: Option<When>,
    /// Write one line of JSON for each file as soon as it is assessed; standard input
    /// consists of lines {"path", "sql"}
    #[arg(long, conflicts_with_all = ["format", "output", "statistics", "stdin_filename"])]
    pub(super) ndjson: bool,
    /// Compare the end of known debt with this day instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Review {
    /// The query; `-` reads standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) file: PathBuf,
    /// Propose the smallest edit that reaches a level; only 2 is supported
    #[arg(long, value_name = "LEVEL")]
    pub(super) to_level: Option<String>,
    /// Select only the dataset with this name
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// Exit with status 1 when a dataset needs review, when a finding is an error, or
    /// never [default: never]
    #[arg(long, value_name = "WHEN")]
    pub(super) fail_on: Option<When>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Approve {
    /// Files and directories
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Record this bug as the approval: its address, or its Bugzilla number
    #[arg(long, value_name = "URL")]
    pub(super) bug: String,
    /// Select only the dataset with this name
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// Record this approver instead of git's user.name
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    /// Record each dataset that needs a review and has no entry as known debt: every
    /// run reports it, and it never counts as reviewed
    #[arg(long, requires = "until")]
    pub(super) baseline: bool,
    /// Tolerate known debt until this day
    #[arg(long, value_name = "DAY", requires = "baseline")]
    pub(super) until: Option<String>,
    /// Also approve datasets that could not be assessed, as they are written
    #[arg(long)]
    pub(super) accept_unassessed: bool,
    /// Also approve uncommitted changes
    #[arg(long)]
    pub(super) allow_uncommitted: bool,
    /// Record this day of approval instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Diff {
    /// Files and directories
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Compare with the commit at which the branch diverged from this git revision
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    pub(super) base: String,
    /// Exit with status 1 when a dataset needs review, when a finding is an error, or
    /// never [default: never]
    #[arg(long, value_name = "WHEN")]
    pub(super) fail_on: Option<When>,
    /// Compare the end of known debt with this day instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What `lineage` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LineageFormat {
    /// A tree for each column
    Tree,
    /// OpenLineage's column-lineage facets
    Json,
    /// The tables, for Mermaid
    Mermaid,
    /// The tables, for Graphviz
    Dot,
    /// The relational plan with what is proven of its rows
    #[value(hide = true)]
    Plan,
}

impl From<LineageFormat> for report::LineageFormat {
    fn from(format: LineageFormat) -> Self {
        match format {
            LineageFormat::Tree => Self::Tree,
            LineageFormat::Json => Self::Json,
            LineageFormat::Mermaid => Self::Mermaid,
            LineageFormat::Dot => Self::Dot,
            LineageFormat::Plan => Self::Plan,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Lineage {
    /// The query; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Select only the column with this name
    #[arg(long, value_name = "NAME")]
    pub(super) column: Option<String>,
    /// Write the lineage in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "tree")]
    pub(super) format: LineageFormat,
    /// Use this column registry instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Use this file name for standard input
    #[arg(long, value_name = "NAME", value_parser = name_of_stdin, default_value = "<stdin>")]
    pub(super) stdin_filename: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordSite {
    /// Files and directories of the queries
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write the site to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) html: PathBuf,
    /// Show this day on the pages instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The code or name of a rule; without it, list all rules
    #[arg(value_name = "CODE|NAME")]
    pub(super) rule: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder of the repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) folder: PathBuf,
    /// Start with this registry: Mozilla's, or the registry of a public schema
    #[arg(long, value_name = "PRESET", default_value = "mozilla")]
    pub(super) preset: Preset,
}

/// The registries that `init` can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// Mozilla's query repository
    Mozilla,
    /// Google Analytics 4, exported to BigQuery
    Ga4,
    /// Google Analytics 360, exported to BigQuery
    Ga360,
    /// Firebase, exported to BigQuery
    Firebase,
    /// The OMOP Common Data Model
    Omop,
}

impl From<Preset> for crate::registry::Preset {
    fn from(preset: Preset) -> Self {
        match preset {
            Preset::Mozilla => Self::Mozilla,
            Preset::Ga4 => Self::Ga4,
            Preset::Ga360 => Self::Ga360,
            Preset::Firebase => Self::Firebase,
            Preset::Omop => Self::Omop,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// Write one page per command to this folder, instead of the program's page to
    /// standard output
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Render {
    /// The template; `-` reads standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Set a variable of the template; a value that is valid JSON is read as JSON
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
    /// Set the result of a condition
    #[arg(long, value_name = "NAME=true|false")]
    pub(super) flag: Vec<String>,
    /// Use the metric-hub definitions in this local folder
    #[arg(long, value_name = "DIR")]
    pub(super) metric_hub: Option<PathBuf>,
    /// Search this folder for included templates, after the file's own folder
    #[arg(long, value_name = "DIR")]
    pub(super) search_path: Vec<PathBuf>,
    /// Use this file name for standard input
    #[arg(
        long,
        value_name = "PATH",
        value_parser = name_of_stdin,
        default_value = "<stdin>",
        hide_default_value = true
    )]
    pub(super) stdin_filename: String,
}

/// The file name of standard input, at most as long as a path can be.
fn name_of_stdin(name: &str) -> Result<String, &'static str> {
    match files::is_too_long(Path::new(name)) {
        true => Err("longer than the maximum length of a path"),
        false => Ok(name.to_owned()),
    }
}
