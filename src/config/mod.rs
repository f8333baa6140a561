//! `headcount.toml`: the settings of a repository.
//!
//! Every key is optional, unknown keys are errors. The file is searched upward from
//! the first path that is checked; paths in it are relative to its own folder.

mod project;
mod read;
mod schema;
mod settings;
mod trusted;

pub use project::{Layout, Project, Published};
pub use schema::schema;
pub use settings::{Patterns, Setting, Settings, Unchecked};
pub use trusted::{TrustedRevision, read_at};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::layout::{self, publication_of};
use crate::catalog::{self, CatalogError};
use crate::rules::Severity;
use crate::source::template::TemplateSettings;
use crate::source::{SourceText, bounded, files};
use crate::toml_text::{self, LoadError, TomlError};

/// The name of the configuration file.
pub const FILE_NAME: &str = "headcount.toml";

/// The name of the file in messages.
const WHAT: &str = "configuration";

/// When `check` exits with status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// If a dataset needs extra review.
    Review,
    /// If a finding is an error.
    Error,
    /// Never.
    Never,
}

/// The setting of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSetting {
    /// The severity of its findings.
    Severity(Severity),
    /// Its findings are hidden. Levels and verdicts do not change.
    Off,
}

/// A configuration; the default one contains no settings.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The registry.
    pub registry: Option<PathBuf>,
    /// When `check` exits with status 1.
    pub fail_on: Option<FailOn>,
    /// The settings of rules, by code.
    pub rules: BTreeMap<&'static str, RuleSetting>,
    /// The settings of templates.
    pub template: TemplateSettings,
    /// The settings of the repository.
    pub project: Project,
    /// The revision whose registry and record are used, if one is trusted.
    pub trusted: Option<Arc<TrustedRevision>>,
    /// Whether this configuration also applies to files that have one of their own.
    pub alone: bool,
    /// Where it says what.
    pub settings: Settings,
    folder: PathBuf,
    include: Option<Patterns>,
    exclude: Option<Patterns>,
}

impl Config {
    /// Parses a configuration in the given folder.
    ///
    /// # Errors
    /// All errors at once, in the order of the text.
    pub fn parse(source: &SourceText, folder: &Path) -> Result<Self, Vec<TomlError>> {
        read::read(source, folder)
    }

    /// Reads a configuration from a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or is not a valid configuration.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::load_from(path, path)
    }

    /// Reads a configuration from `stored`, as if it were at `path`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_from(stored: &Path, path: &Path) -> Result<Self, LoadError> {
        let source = toml_text::read_text_from(WHAT, stored, path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&source, folder).map_err(|errors| LoadError::Invalid {
            what: WHAT,
            source_text: Box::new(source),
            errors: toml_text::told(errors),
        })
    }

    /// Returns the nearest `headcount.toml` in `start` or a directory above it.
    pub fn find_upward(start: &Path) -> Option<PathBuf> {
        toml_text::find_upward(start, FILE_NAME)
    }

    /// Whether a file is checked.
    ///
    /// It must match `include`, if that is present, must not match `exclude`, and
    /// must not be a check or a test of the layout.
    pub fn covers(&self, file: &Path) -> bool {
        if !self.holds_datasets(file) {
            return false;
        }
        if self.include.is_none() && self.exclude.is_none() {
            return true;
        }
        let within = self.within(file);
        self.include
            .as_ref()
            .is_none_or(|globs| globs.is_match(&within))
            && !self
                .exclude
                .as_ref()
                .is_some_and(|globs| globs.is_match(&within))
    }

    /// Why a file is not checked, though somebody names it; `None` if it is.
    pub fn unchecked(&self, file: &Path) -> Option<Unchecked<'_>> {
        let settings = &self.settings;
        if !self.covers(file) {
            if !self.holds_datasets(file) {
                return Some(Unchecked::Test(settings.get("project.layout")));
            }
            let within = self.within(file);
            let excluding = self.exclude.as_ref();
            let excluding = excluding.and_then(|patterns| patterns.first_match(&within));
            return Some(match excluding {
                Some(at) => Unchecked::Excluded(settings.item("exclude", at)),
                None => Unchecked::NotIncluded(settings.get("include")),
            });
        }
        let published = settings.get("project.published");
        (!self.publishes(file)).then_some(match &self.project.published {
            Published::Labelled => Unchecked::Unlabelled(published),
            Published::All | Published::Globs(_) => Unchecked::Unpublished(published),
        })
    }

    /// Creates the configuration of a repository without one, from its layout.
    pub fn recognised(root: &Path, layout: Layout) -> Self {
        let mut config = Self {
            folder: root.to_owned(),
            ..Self::default()
        };
        config.project.layout = Some(layout);
        // The owners' labels determine which tables are published.
        if layout == Layout::BigqueryEtl {
            config.project.published = Published::Labelled;
        }
        config.template.search_path = vec![root.to_owned()];
        config
    }

    /// Reads the variables of the SQLMesh projects below the configuration's folder.
    pub fn read_sqlmesh(&mut self) {
        if self.project.layout == Some(Layout::Plain) {
            let projects = catalog::sqlmesh::projects(&self.folder);
            self.template.sqlmesh = Arc::new(projects);
        }
    }

    /// Reads the dbt project of the configuration's folder, if that is the layout.
    ///
    /// Its variables, macros and models are used in templates. Returns the errors of
    /// files that cannot be read.
    pub fn read_dbt(&mut self) -> Vec<CatalogError> {
        if self.project.layout != Some(Layout::Dbt) {
            return Vec::new();
        }
        let (project, errors) = layout::dbt::load(&self.folder);
        self.template.dbt = Some(Arc::new(project));
        errors
    }

    /// Returns the configured paths that lead out of the repository, with their
    /// keys.
    pub fn outside(&self) -> Vec<(&'static str, &Path)> {
        let boundary = bounded::boundary(&self.folder);
        let named = [
            ("registry", &self.registry),
            ("record", &self.project.record),
            ("metric_hub", &self.template.metric_hub),
        ];
        let named = named
            .into_iter()
            .filter_map(|(key, path)| Some((key, path.as_deref()?)));
        let schemas = self.project.schemas.iter();
        named
            .chain(schemas.map(|path| ("schemas", path.as_path())))
            .filter(|(_, path)| {
                let absolute = files::absolute(path);
                // A path that does not exist yet is located by its nearest existing
                // ancestor.
                let standing = absolute.ancestors().find(|above| above.exists());
                !standing.is_some_and(|standing| bounded::is_below(standing, &boundary))
            })
            .collect()
    }

    /// Returns the folder to which paths are relative.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Applies a function to each path in the configuration.
    pub fn map_paths(&mut self, change: impl Fn(&mut PathBuf)) {
        change(&mut self.folder);
        self.registry.iter_mut().for_each(&change);
        self.project.record.iter_mut().for_each(&change);
        self.project.schemas.iter_mut().for_each(&change);
        self.template.metric_hub.iter_mut().for_each(&change);
        self.template.search_path.iter_mut().for_each(&change);
    }

    /// Whether a file may hold a dataset; the layout may reserve it for checks and
    /// tests.
    fn holds_datasets(&self, file: &Path) -> bool {
        if self.project.layout != Some(Layout::BigqueryEtl) {
            return true;
        }
        let root = files::absolute(files::listed(&self.folder));
        !layout::is_test(&root, &files::absolute(file))
    }

    /// Whether the dataset of a file is published, as far as that is declared.
    pub fn publishes(&self, file: &Path) -> bool {
        match &self.project.published {
            Published::All => true,
            Published::Globs(globs) => globs.is_match(&self.within(file)),
            Published::Labelled => {
                // A change that removes a label does not exempt the file from the
                // check.
                is_labelled(file)
                    || self.was_labelled(file)
                    || self.may_replace_published_table(file)
            }
        }
    }

    /// Whether the label of a file published its table in the trusted revision.
    fn was_labelled(&self, file: &Path) -> bool {
        let Some(trusted) = &self.trusted else {
            return false;
        };
        let was = trusted.stored(file).is_some_and(|then| is_labelled(&then));
        if was && let Some(label) = layout::metadata_path(file) {
            trusted.mark_unused(&label);
        }
        was
    }

    /// Whether a file may create a table that a label published in the trusted
    /// revision.
    ///
    /// This is possible if the change removes the metadata of such a table, and
    /// modifies this file or its metadata: a script may compute the name under which
    /// it creates the table.
    fn may_replace_published_table(&self, file: &Path) -> bool {
        let Some(trusted) = &self.trusted else {
            return false;
        };
        let label = file.with_file_name("metadata.yaml");
        (trusted.touches(file) || trusted.touches(&label))
            && trusted.removes_published_table(|metadata| {
                let then = trusted.stored(metadata);
                let then = then.map(|then| then.with_file_name("query.sql"));
                then.is_some_and(|then| is_labelled(&then))
            })
    }

    /// Returns a path relative to the configuration's folder, if it is below that.
    fn within(&self, file: &Path) -> PathBuf {
        let absolute = files::absolute(file);
        let folder = files::absolute(&self.folder);
        match absolute.strip_prefix(&folder) {
            Ok(within) => within.to_owned(),
            Err(_) => file.to_owned(),
        }
    }
}

/// Whether the metadata beside a file marks its table as public.
///
/// Unreadable metadata counts as public, so that the file is checked.
fn is_labelled(file: &Path) -> bool {
    publication_of(file)
        .is_some_and(|metadata| metadata.map_or(true, |metadata| metadata.is_public()))
}

#[cfg(test)]
mod tests {
    use super::{Config, FailOn, Layout, Published, RuleSetting};
    use crate::rules::Severity;
    use crate::source::SourceText;
    use std::path::Path;

    fn read(text: &str) -> Result<Config, String> {
        let source = SourceText::new("headcount.toml", text);
        Config::parse(&source, Path::new("/repo")).map_err(|errors| {
            errors
                .iter()
                .map(|error| {
                    let at = source.position(error.span.start);
                    let help = error.help.as_deref().unwrap_or("-");
                    format!("{}:{} {} ({help})", at.line, at.column, error.message)
                })
                .collect::<Vec<_>>()
                .join("\n")
        })
    }

    #[test]
    fn every_key_says_something() {
        let config = read(
            "registry = 'columns.toml'
             include = ['sql/**']
             exclude = ['**/udf.sql', 'sql/scratch/']
             fail_on = 'error'
             [rules]
             HC304 = 'off'
             missing-minimum-bucket = 'error'
             [project]
             layout = 'bigquery-etl'
             published = 'labelled'
             record = 'publishing-record/'
             [template]
             metric_hub = '../metric-hub'
             variables = { channel = 'nightly', days = [1, 2], ratio = 0.5, nested = { a = true } }
             flags = { is_init = false, \"is_init()\" = true }",
        )
        .expect("it is valid");
        assert_eq!(
            config.registry.as_deref(),
            Some(Path::new("/repo/columns.toml"))
        );
        assert_eq!(config.fail_on, Some(FailOn::Error));
        assert_eq!(config.rules["HC304"], RuleSetting::Off);
        assert_eq!(
            config.rules["HC101"],
            RuleSetting::Severity(Severity::Error)
        );
        assert_eq!(config.project.layout, Some(Layout::BigqueryEtl));
        assert!(matches!(config.project.published, Published::Labelled));
        assert_eq!(
            config.project.record.as_deref(),
            Some(Path::new("/repo/publishing-record/"))
        );
        assert_eq!(config.template.variables["nested"]["a"], true);
        assert_eq!(config.template.variables["days"][1], 2);
        assert!(!config.template.flags["is_init"]);
        for (file, covered) in [
            ("/repo/sql/a/query.sql", true),
            ("/repo/sql/a/udf.sql", false),
            ("/repo/sql/scratch/b.sql", false),
            ("/repo/other.sql", false),
        ] {
            assert_eq!(config.covers(Path::new(file)), covered, "{file}");
        }
    }

    #[test]
    fn nothing_covers_all() {
        let config = read("").expect("it is valid");
        assert!(config.covers(Path::new("/repo/a.sql")));
    }

    #[test]
    fn mistakes_are_told_at_their_places() {
        let said = read(
            "registri = 'x'
fail_on = 'sometimes'
include = ['a[']
exclude = 'x'
[rules]
HC999 = 'off'
HC101 = 'fatal'
HC201 = 'note'
raw-identifier = 'off'
HC203 = 'error'
HC207 = 'off'
[template]
flags = { is_init = 'yes' }
variables = 3",
        )
        .expect_err("it is not valid");
        insta::assert_snapshot!(said);
    }
}
