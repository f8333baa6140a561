//! `headcount init`: creates the initial files of a repository.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::io::ErrorKind;
use std::path::Path;

use super::args::Init;
use super::{CLEAN, Failure, output};
use crate::catalog::layout;
use crate::config::Layout;
use crate::registry::Preset;
use crate::report::{InertText, plural, shell_argument};
use crate::source::files::{self, GitIgnoreMode};
use crate::storage;

/// File name of the pre-commit configuration.
const HOOKS: &str = ".pre-commit-config.yaml";

pub(super) fn run(init: &Init) -> Result<u8, Failure> {
    let folder = &init.folder;
    if !folder.is_dir() {
        return Err(Failure::Usage(format!(
            "{}: no such folder; create it before `init`",
            folder.display()
        )));
    }
    let labelled = Labelled::below(folder);
    let layout = match recognised(folder) {
        // Tables with labels beside their queries follow the layout of bigquery-etl.
        Layout::Plain if labelled.public > 0 => Layout::BigqueryEtl,
        layout => layout,
    };
    say(format_args!("layout: {}", layout.word()))?;
    add(
        &folder.join(crate::config::FILE_NAME),
        &configuration(layout),
    )?;
    add(
        &folder.join(crate::registry::FILE_NAME),
        Preset::from(init.preset).text(),
    )?;
    if !add(&folder.join(HOOKS), &format!("repos:\n{HOOK}"))? {
        let mut text = InertText::new();
        text.line("To run headcount before each commit, add this below `repos:` there:");
        text.line("");
        text.block(HOOK);
        text.line("");
        output::print(&text)?;
    }
    if labelled.public > 0 {
        say(labelled)?;
    }
    remaining(folder, labelled)?;
    Ok(CLEAN)
}

/// The number of datasets that their metadata marks as public.
#[derive(Debug, Clone, Copy, Default)]
struct Labelled {
    public: usize,
    /// The number of those whose metadata names the bug of a review.
    with_bug: usize,
}

impl Labelled {
    /// Reads the metadata beside the SQL files below a folder. Metadata that cannot
    /// be read is not counted: `check` reports it.
    fn below(folder: &Path) -> Self {
        let files = files::checked_under(folder, GitIgnoreMode::Skipped, &files::is_sql);
        let mut seen = BTreeSet::new();
        let mut found = Self::default();
        for file in files.unwrap_or_default() {
            let is_new = layout::metadata_path(&file).is_some_and(|path| seen.insert(path));
            if let Some(Ok(metadata)) = is_new.then(|| layout::publication_of(&file)).flatten()
                && metadata.is_public()
            {
                found.public += 1;
                found.with_bug += usize::from(!metadata.review_bugs.is_empty());
            }
        }
        found
    }
}

impl Display for Labelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { public, with_bug } = self;
        let datasets = plural(*public, "dataset");
        write!(
            f,
            "found {datasets} marked public, {with_bug} of them with `review_bugs`"
        )
    }
}

/// Prints the remaining steps as commands.
fn remaining(folder: &Path, labelled: Labelled) -> Result<(), Failure> {
    let place = match folder.to_string_lossy() {
        here if here == "." => String::new(),
        other => format!("cd {} && ", shell_argument(&other)),
    };
    let mut text = InertText::new();
    text.line("");
    text.line("Remaining steps");
    text.line(format_args!(
        "  1. see what needs review: {place}headcount check"
    ));
    text.line("  2. record what is published already as known debt, so that the hook blocks only what is new:");
    text.line("     headcount approve . --baseline --bug NUMBER --until YYYY-MM-DD");
    text.line("  3. install the hook: pre-commit install");
    text.line("  4. commit headcount.toml, dimension-registry.toml, .pre-commit-config.yaml and publishing-record/");
    if labelled.with_bug > 0 {
        text.line("  5. record each earlier review by the bug that its metadata names: headcount approve PATH --bug NUMBER");
    }
    output::print(&text)
}

/// The pre-commit configuration of the hook.
const HOOK: &str = "  - repo: https://github.com/mozilla/headcount
    rev: main
    hooks:
      - id: headcount
";

fn recognised(folder: &Path) -> Layout {
    if layout::is_tree(folder) {
        Layout::BigqueryEtl
    } else if folder.join("dbt_project.yml").is_file() {
        Layout::Dbt
    } else {
        Layout::Plain
    }
}

/// Writes a file unless it exists, and returns whether it was written.
fn add(path: &Path, text: &str) -> Result<bool, Failure> {
    match storage::create(path, text) {
        Ok(()) => {
            say(format_args!("wrote {}", shown(path)))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            say(format_args!(
                "{} already exists and is unchanged",
                shown(path)
            ))?;
            Ok(false)
        }
        Err(error) => Err(Failure::Write(path.to_owned(), error)),
    }
}

/// Prints a line.
fn say(line: impl Display) -> Result<(), Failure> {
    let mut text = InertText::new();
    text.line(line);
    output::print(&text)
}

/// Returns a path without a leading `.`.
fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}

/// Returns a configuration file with a comment for each key.
fn configuration(layout: Layout) -> String {
    let published = match layout {
        Layout::BigqueryEtl => {
            "# Checks only datasets that their metadata.yaml marks as public; \"all\" checks everything.\npublished = \"labelled\""
        }
        Layout::Plain | Layout::Dbt => {
            "# Checks everything; a list of path patterns checks only the matching files.\npublished = \"all\""
        }
    };
    format!(
        r#"# The headcount configuration of this repository. Every key is optional; paths are
# relative to this folder. Run `headcount explain` for the list of rules.

# registry = "dimension-registry.toml"  # otherwise the nearest one above a query
# include = ["sql/"]                    # path patterns; all files if absent
# exclude = ["sql/scratch/"]
# fail_on = "review"                    # or "error", "never"

[project]
# Which file creates which table: "plain", "bigquery-etl" or "dbt".
layout = "{}"
{published}
# The publishing record, one file per dataset, written by `headcount approve`.
record = "publishing-record/"

# [rules]
# HC304 = "note"                        # error, warning, note or off

# [template]
# metric_hub = "metric-hub"             # a local copy of its definitions, in this repository
# variables = {{ channel = "nightly" }}
# flags = {{ "is_init()" = false }}       # the result of a condition
"#,
        layout.word()
    )
}

#[cfg(test)]
mod tests {
    use super::configuration;
    use crate::config::{Config, Layout};
    use crate::source::SourceText;
    use std::path::Path;

    #[test]
    fn what_is_written_is_understood_also_without_its_comments() {
        for layout in [Layout::Plain, Layout::BigqueryEtl, Layout::Dbt] {
            let text = configuration(layout);
            // A key in a comment is `# key = value`, a table `# [name]`.
            let all: String = text
                .lines()
                .map(|line| {
                    let bare = line.strip_prefix("# ").unwrap_or(line);
                    let key = bare.split(' ').nth(1) == Some("=") || bare.starts_with('[');
                    format!("{}\n", if key { bare } else { line })
                })
                .collect();
            for text in [text, all] {
                let source = SourceText::new("headcount.toml", text.as_str());
                let config = Config::parse(&source, Path::new("/repo"))
                    .unwrap_or_else(|errors| panic!("{text}\n{}", errors[0].message));
                assert_eq!(config.project.layout, Some(layout));
            }
        }
    }
}
