//! What can be said on the command line.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::FailOn;
use crate::report::{self, Target};
use crate::source::files::{self, Ignored};

/// Says whether the dataset that a BigQuery query generates may be published.
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
    /// Tell everything about one query: level, columns, the four questions
    Review(Review),
    /// Show a rule's page, or list the rules
    Explain(Explain),
    /// Write headcount.toml, a registry and the hook for a new repository
    Init(Init),
    /// Write what was approved into the publishing record
    Approve(Approve),
    /// Tell what a change does to each dataset, before and after
    Diff(Diff),
    /// Tell where each column comes from, down to base columns
    Lineage(Lineage),
    /// Write the public record of reviews as a static site
    Record(RecordSite),
    /// Look after the registry of columns
    Registry(super::registry::args::Registry),
    /// Show what a template gives
    #[command(hide = true)]
    Render(Render),
    /// Write what a shell needs to complete
    #[command(hide = true)]
    Completions(Completions),
    /// Write the manual pages
    #[command(hide = true)]
    Man(Man),
    /// Write the JSON Schema of headcount.toml
    #[command(hide = true)]
    Schema,
}

/// When to end with status 1.
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
    /// The configuration, instead of the nearest headcount.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no headcount.toml
    #[arg(long)]
    pub(super) no_config: bool,
}

/// What all commands that assess share.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// The registry of columns, instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Take configuration, registry and record from a revision of git, such as the
    /// base of a pull request, and say which of them the change touches
    #[arg(long, value_name = "REV")]
    pub(super) trust_base: Option<String>,
    /// The folder of the publishing record, instead of the nearest publishing-record
    #[arg(long, value_name = "DIR")]
    pub(super) record: Option<PathBuf>,
    /// human, concise, json, sarif, github, gitlab or markdown; FORMAT=FILE writes
    /// a file, and may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub(super) format: Vec<Target>,
    /// Write the report there
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Findings alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Tell of every dataset why it has its level
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// The name of what comes from standard input
    #[arg(
        long,
        value_name = "PATH",
        value_parser = name_of_stdin,
        default_value = "<stdin>",
        hide_default_value = true
    )]
    pub(super) stdin_filename: String,
    /// Look also at files that git ignores
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Show only these rules: codes, names, or the beginning of codes
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not show these rules
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Count levels and rules
    #[arg(long)]
    pub(super) statistics: bool,
    /// How many files are assessed at a time; all processors where 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
}

impl Common {
    /// Whether files are looked at that git ignores.
    pub(super) fn ignored(&self) -> Ignored {
        if self.no_ignore {
            Ignored::Found
        } else {
            Ignored::Skipped
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Files and directories; `-` is standard input; this directory if none is given
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Mend what can be mended without losing more than small groups, and assess
    /// again; what comes from standard input is printed
    #[arg(long, conflicts_with = "diff")]
    pub(super) fix: bool,
    /// Print what --fix would change, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Assess all datasets, also those that are not published
    /// (headcount.toml, [project] published)
    #[arg(long)]
    pub(super) all: bool,
    /// Take the paths as files that changed, of whatever kind, and assess the
    /// published datasets that these may change; one that is gone was deleted
    #[arg(long, conflicts_with_all = ["fix", "diff", "ndjson"])]
    pub(super) readers: bool,
    /// As --readers, of what is staged, deleted and renamed files included; of a
    /// range of commits where pre-commit runs on one
    #[arg(long, conflicts_with_all = ["fix", "diff", "ndjson", "base"])]
    pub(super) staged: bool,
    /// As --readers, of what changed since the branch left a revision of git,
    /// committed or not, deleted and renamed files included
    #[arg(long, value_name = "REV", conflicts_with_all = ["fix", "diff", "ndjson"])]
    pub(super) base: Option<String>,
    /// When to end with status 1; `review` where nothing says otherwise
    #[arg(long, value_name = "WHEN")]
    pub(super) fail_on: Option<When>,
    /// Write a line of JSON for each file as it is done; standard input is then
    /// lines {"path", "sql"}
    #[arg(long, conflicts_with_all = ["format", "output", "statistics", "stdin_filename"])]
    pub(super) ndjson: bool,
    /// The day against which the end of known debt is held, instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Review {
    /// The query; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) file: PathBuf,
    /// Propose the smallest edit that gets to a level; only 2 is offered
    #[arg(long, value_name = "LEVEL")]
    pub(super) to_level: Option<String>,
    /// Only the dataset of this name
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// When to end with status 1; `never` where nothing says otherwise
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
    /// The bug in which it was approved: its address, or its number in Bugzilla
    #[arg(long, value_name = "URL")]
    pub(super) bug: String,
    /// Only the dataset of this name
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// Who approved, instead of git's user.name
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    /// Record as known debt what needs a review and has no entry: it is told in
    /// every run, and never counts as reviewed
    #[arg(long, requires = "until")]
    pub(super) baseline: bool,
    /// The last day on which known debt is let be
    #[arg(long, value_name = "DAY", requires = "baseline")]
    pub(super) until: Option<String>,
    /// Approve also what could not be assessed, as it is written
    #[arg(long)]
    pub(super) accept_unassessed: bool,
    /// Approve also what is not committed
    #[arg(long)]
    pub(super) allow_uncommitted: bool,
    /// The day of the approval, instead of today
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
    /// The revision of git that is compared with, where the branch left it
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    pub(super) base: String,
    /// When to end with status 1; `never` where nothing says otherwise
    #[arg(long, value_name = "WHEN")]
    pub(super) fail_on: Option<When>,
    /// The day against which the end of known debt is held, instead of today
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
    /// The query; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Only the column of this name
    #[arg(long, value_name = "NAME")]
    pub(super) column: Option<String>,
    /// What is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "tree")]
    pub(super) format: LineageFormat,
    /// The registry of columns, instead of the nearest dimension-registry.toml
    #[arg(long, value_name = "FILE")]
    pub(super) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// What standard input is called
    #[arg(long, value_name = "NAME", value_parser = name_of_stdin, default_value = "<stdin>")]
    pub(super) stdin_filename: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordSite {
    /// Files and directories of the queries
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// The folder that the site is written to
    #[arg(long, value_name = "DIR")]
    pub(super) html: PathBuf,
    /// The day that the pages show, instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) date: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// A rule's code or name; without it, the list
    #[arg(value_name = "CODE|NAME")]
    pub(super) rule: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Which shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The repository's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) folder: PathBuf,
    /// The registry to begin with: Mozilla's, or that of a public schema
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
    /// Write a page for each command there, instead of the program's on standard
    /// output
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Render {
    /// The template; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// A variable of the template; a value that reads as JSON is taken so
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
    /// Which way a condition goes
    #[arg(long, value_name = "NAME=true|false")]
    pub(super) flag: Vec<String>,
    /// A local folder of metric-hub's definitions
    #[arg(long, value_name = "DIR")]
    pub(super) metric_hub: Option<PathBuf>,
    /// Where included templates are looked for, after the file's own folder
    #[arg(long, value_name = "DIR")]
    pub(super) search_path: Vec<PathBuf>,
    /// The name of what comes from standard input
    #[arg(
        long,
        value_name = "PATH",
        value_parser = name_of_stdin,
        default_value = "<stdin>",
        hide_default_value = true
    )]
    pub(super) stdin_filename: String,
}

/// What standard input is called: as long as a path can be.
fn name_of_stdin(name: &str) -> Result<String, &'static str> {
    match files::is_too_long(Path::new(name)) {
        true => Err("it is longer than any path can be"),
        false => Ok(name.to_owned()),
    }
}
