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
            "{}: no such folder; create it before `init`",
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
        text.line("To run headcount before each commit, add this below `repos:` there:");
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

/// A path without a `.` before it.
fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}

/// A configuration that says what each key does.
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
