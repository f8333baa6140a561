//! `headcount init`: what a repository needs to begin with.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use super::args::Init;
use super::{CLEAN, Failure, output};
use crate::catalog::layout;
use crate::config::Layout;
use crate::registry::Preset;
use crate::report::InertText;
use crate::storage;

/// What the hook's configuration is called.
const HOOKS: &str = ".pre-commit-config.yaml";

pub(super) fn run(init: &Init) -> Result<u8, Failure> {
    let folder = &init.folder;
    if !folder.is_dir() {
        return Err(Failure::Usage(format!(
            "{}: there is no such folder; `init` writes into one that is there",
            folder.display()
        )));
    }
    let layout = recognised(folder);
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
        text.line("To run headcount before each commit, add below `repos:` there:");
        text.line("");
        text.block(HOOK);
        text.line("");
        output::print(&text)?;
    }
    say("Next: headcount check")?;
    Ok(CLEAN)
}

/// The lines of the hook.
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

/// Writes a file that is not there yet; one that is stays as it is. Whether it
/// was written.
fn add(path: &Path, text: &str) -> Result<bool, Failure> {
    match storage::create(path, text) {
        Ok(()) => {
            say(format_args!("wrote {}", shown(path)))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            say(format_args!(
                "{} is there already and stays as it is",
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

/// A path without a `.` before it.
fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}

/// A configuration that says what each key does.
fn configuration(layout: Layout) -> String {
    let published = match layout {
        Layout::BigqueryEtl => {
            "# Only what its metadata.yaml marks as public is checked; \"all\" checks everything.\npublished = \"labelled\""
        }
        Layout::Plain | Layout::Dbt => {
            "# All is checked; a list of patterns of paths checks these alone.\npublished = \"all\""
        }
    };
    format!(
        r#"# What headcount is told of this repository. Every key may be left out; paths are
# relative to this folder. `headcount explain` lists the rules.

# registry = "dimension-registry.toml"  # else the nearest one upward from a query
# include = ["sql/"]                    # patterns of paths; all files without it
# exclude = ["sql/scratch/"]
# fail_on = "review"                    # or "error", "never"

[project]
# Which file makes which table: "plain", "bigquery-etl" or "dbt".
layout = "{}"
{published}
# The record of reviews, a file for each dataset: `headcount approve` writes it.
record = "publishing-record/"

# [rules]
# HC304 = "note"                        # error, warning, note or off

# [template]
# metric_hub = "metric-hub"             # a local copy of its definitions, in this repository
# variables = {{ channel = "nightly" }}
# flags = {{ "is_init()" = false }}       # which way a condition goes
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
