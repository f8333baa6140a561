//! The definitions of a dbt project that its templates use. These are models,
//! variables, macros, and the statements that run in addition to a model.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::needs::MacroReferences;
use super::{
    DbtConfig, DbtEnabled, DbtMaterialization, DbtTableNames, DbtTableSettings, MODELS, builtin,
};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files;

/// A dbt project with its installed packages.
#[derive(Debug, Clone, Default)]
pub struct DbtProject {
    /// The packages, with the project itself first. Never empty after loading.
    pub packages: Vec<DbtPackage>,
    /// The references between macros, computed once.
    pub(super) needs: OnceLock<MacroReferences>,
}

/// The project itself, or a package that it uses.
#[derive(Debug, Clone, Default)]
pub struct DbtPackage {
    /// The name; empty if no `dbt_project.yml` gives one.
    pub name: String,
    /// The folder, as an absolute path.
    pub root: PathBuf,
    /// Values of `var()` as the package's own files see them.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// The files of its models and snapshots, by file name without extension. dbt
    /// rejects duplicate names, but the project may never have been run.
    pub models: BTreeMap<String, Vec<PathBuf>>,
    /// Models with versions, by name.
    pub versions: BTreeMap<String, DbtVersions>,
    /// The tables of `source()`, by the names of source and table. If the dataset is
    /// unknown, the table gets a name that no table of BigQuery can have.
    pub sources: BTreeMap<(String, String), Vec<String>>,
    /// Macros, by name.
    pub macros: BTreeMap<String, DbtMacro>,
    /// Statements that run in addition to a model, by its file name without
    /// extension.
    pub hooks: BTreeMap<String, Vec<DbtHook>>,
    /// Statements before and after each run.
    pub operations: Vec<DbtHook>,
    /// How tables are created, by file name without extension, in lower case.
    pub making: BTreeMap<String, DbtTableSettings>,
    /// The names of tables besides those of their files, by file name in lower case.
    pub names: BTreeMap<String, DbtTableNames>,
    /// The materializations that it defines, with the files that define them.
    pub materializations: BTreeMap<String, PathBuf>,
    /// Whether a part of its YAML could not be read.
    pub unread: bool,
    /// The folders of its sources, as absolute paths.
    pub folders: Vec<PathBuf>,
    /// Whether its macros may replace dbt's own.
    pub overrides: bool,
}

/// The versions of a model.
#[derive(Debug, Clone, Default)]
pub struct DbtVersions {
    /// The file name without extension, by version.
    pub files: BTreeMap<String, String>,
    /// The version of a reference without a version.
    pub latest: String,
}

/// A macro.
#[derive(Debug, Clone)]
pub struct DbtMacro {
    /// From `{% macro` to `endmacro %}`.
    pub text: String,
    /// The file that defines it.
    pub file: PathBuf,
}

/// A statement that dbt runs in addition to a model, as written in YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbtHook {
    /// The kind of statement, such as `post-hook`.
    pub kind: String,
    /// Its template; `None` if it is neither text nor a list of texts.
    pub sql: Option<String>,
    /// The file that declares it, with the line.
    pub place: String,
}

impl DbtProject {
    /// Creates a project of packages, of which the first is the project itself.
    pub fn of(packages: Vec<DbtPackage>) -> Self {
        Self {
            packages,
            needs: OnceLock::new(),
        }
    }

    /// Returns the package that a file belongs to.
    pub fn package_of(&self, path: &str) -> Option<&DbtPackage> {
        let path = files::absolute(Path::new(path));
        self.packages
            .iter()
            .filter(|package| path.starts_with(&package.root))
            .max_by_key(|package| package.root.components().count())
            .or(self.packages.first())
    }

    /// Returns the table that `ref()` refers to in a file of a package.
    pub(super) fn table(
        &self,
        from: &DbtPackage,
        package: Option<&str>,
        model: &str,
        version: Option<&str>,
    ) -> Vec<String> {
        let named = |package: &&DbtPackage| package.file(model, version).is_some();
        let found = match package {
            Some(name) => {
                let Some(package) = self.package(name) else {
                    return vec![format!("{MODELS}-{name}"), called(model, version)];
                };
                Some(package)
            }
            None => {
                let own = self.packages.first();
                let first = own.into_iter().chain([from]).chain(&self.packages);
                let mut found: Vec<&DbtPackage> = Vec::new();
                for package in first.filter(named) {
                    if !found.iter().any(|known| known.root == package.root) {
                        found.push(package);
                    }
                }
                match self.chosen(&found, from, model, version) {
                    Ok(package) => package,
                    // The package depends on a setting that is unknown.
                    Err(AmbiguousModel) => {
                        return vec![format!("{MODELS}-of-several"), called(model, version)];
                    }
                }
            }
        };
        let package = found.unwrap_or(from);
        let file = package.file(model, version);
        vec![
            self.dataset(package),
            file.unwrap_or_else(|| called(model, version)),
        ]
    }

    /// Chooses among the packages that have a file for a model. The first enabled
    /// one of the project and the referring package wins, otherwise the only other
    /// one. Fails if a package that may come first is undecided.
    fn chosen<'p>(
        &'p self,
        found: &[&'p DbtPackage],
        from: &DbtPackage,
        model: &str,
        version: Option<&str>,
    ) -> Result<Option<&'p DbtPackage>, AmbiguousModel> {
        if let [only] = found {
            return Ok(Some(only));
        }
        let own = |package: &DbtPackage| {
            let first = self.packages.first();
            first.is_some_and(|own| own.root == package.root) || package.root == from.root
        };
        let mut others = Vec::new();
        for package in found {
            let file = package.file(model, version).unwrap_or_default();
            match self.enabled(package, &file) {
                DbtEnabled::No => {}
                DbtEnabled::Undecided => return Err(AmbiguousModel),
                DbtEnabled::Yes if own(package) => return Ok(Some(package)),
                DbtEnabled::Yes => others.push(*package),
            }
        }
        match others.as_slice() {
            [only] => Ok(Some(only)),
            _ => Ok(None),
        }
    }

    /// Whether the model of a file is part of its package.
    fn enabled(&self, package: &DbtPackage, file: &str) -> DbtEnabled {
        let making = package.making.get(&file.to_lowercase());
        let said = making.map_or(DbtEnabled::Yes, DbtTableSettings::enabled);
        // The settings in the file itself are not evaluated. If the file or a macro
        // that it names contains the word, the result is undecided.
        let speaks = |text: &str| text.contains("enabled");
        let of_macros = |text: &str| {
            let packages = self.packages.iter();
            let mut macros = packages.flat_map(|package| &package.macros);
            macros.any(|(name, known)| speaks(&known.text) && text.contains(name.as_str()))
        };
        let mut files = package.models.get(file).into_iter().flatten();
        let computed = files.any(|path| {
            let text = bounded::read_to_string(path, LARGEST_TEXT);
            text.map_or(true, |text| {
                speaks(&text) || text.contains("**") || of_macros(&text)
            })
        });
        if computed || package.unread {
            DbtEnabled::Undecided
        } else {
            said
        }
    }

    fn package(&self, name: &str) -> Option<&DbtPackage> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Returns the package of a file that creates a model or snapshots. The second
    /// value is the file's name without extension.
    pub fn maker(&self, path: &str) -> Option<(&DbtPackage, String)> {
        let package = self.package_of(path)?;
        let whole = files::absolute(Path::new(path));
        let stem = whole.file_stem()?.to_str()?.to_owned();
        let is_it = |file: &PathBuf| files::absolute(file) == whole;
        let named = package.models.get(&stem).into_iter().flatten();
        let snapshot = |stem: &str| {
            let making = package.making.get(&stem.to_lowercase());
            making.is_some_and(|making| {
                let mut imposed = making.imposed.iter();
                imposed.any(|known| known.name() == Some("snapshot"))
            })
        };
        let mut any = package.models.values().flatten();
        let makes = { named }.any(is_it) || snapshot(&stem) && any.any(is_it);
        makes.then_some((package, stem))
    }

    /// Returns the names that a file's table may have besides the name of the file.
    pub fn names_of(&self, path: &Path) -> DbtTableNames {
        let mut names = DbtTableNames::default();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let package = self.package_of(&path.display().to_string());
        if let Some((package, stem)) = package.zip(stem) {
            let said = package.names.get(&stem.to_lowercase());
            said.into_iter().for_each(|said| names.join(said));
            names.open |= package.unread;
        }
        // A macro of this name may give every table a name other than the declared
        // one.
        let macros = self
            .packages
            .iter()
            .flat_map(|package| package.macros.keys());
        names.open |= { macros }.any(|name| name.ends_with("generate_alias_name"));
        names
    }

    /// Whether YAML declares statements that run in addition to a file.
    pub fn has_hooks(&self, path: &str) -> bool {
        let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str());
        let package = self.package_of(path);
        let hooks = package
            .zip(stem)
            .and_then(|(package, stem)| package.hooks.get(stem));
        hooks.is_some()
    }

    /// Whether dbt reads a file as one query or as macros, because it is in a source
    /// folder of a package.
    pub fn compiles(&self, path: &str) -> bool {
        let whole = files::absolute(Path::new(path));
        let mut folders = self.packages.iter().flat_map(|package| &package.folders);
        folders.any(|folder| whole.starts_with(folder))
    }

    /// Whether a file belongs to a package that is installed in the project.
    pub fn is_installed(&self, path: &Path) -> bool {
        let whole = files::absolute(path);
        let mut installed = self.packages.iter().skip(1);
        installed.any(|package| whole.starts_with(&package.root))
    }

    /// Returns the words with which a template may run a statement. These are dbt's
    /// own, and the names of macros as they are called.
    pub fn running(&self) -> BTreeSet<&str> {
        const OWN: [&str; 9] = [
            "adapter",
            "call",
            "do",
            "hook",
            "post_hook",
            "pre_hook",
            "run_query",
            "sql_header",
            "statement",
        ];
        let macros = self.packages.iter().flat_map(|package| &package.macros);
        let names = macros.map(|(name, _)| name.as_str());
        let called = names.flat_map(|name| {
            let dispatched = super::macros::DISPATCHED.iter();
            let bare = dispatched.filter_map(move |prefix| name.strip_prefix(prefix));
            bare.chain([name])
        });
        OWN.into_iter().chain(called).collect()
    }

    /// Returns the ways in which a file's table may be created, given its own
    /// settings.
    pub fn materialized(&self, path: &str, configured: &DbtConfig) -> BTreeSet<DbtMaterialization> {
        match self.maker(path) {
            Some((package, stem)) => {
                let none = DbtTableSettings::default();
                let making = package.making.get(&stem.to_lowercase()).unwrap_or(&none);
                making.ways(&configured.ways, package.unread)
            }
            None => BTreeSet::from([DbtMaterialization::Unknown]),
        }
    }

    /// Returns the custom code that creates a file's table in an unknown way. Each
    /// entry is a description, and the file that defines the code, if that is known.
    pub(in crate::source::template) fn own_makers(
        &self,
        path: &str,
        configured: &DbtConfig,
    ) -> Vec<(String, Option<&Path>)> {
        if self.maker(path).is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for way in self.materialized(path, configured) {
            let mut defined = self.packages.iter().flat_map(|own| &own.materializations);
            let definition = match way.name() {
                Some(name) => defined.find(|(known, _)| *known == name),
                None => defined.next(),
            };
            match (definition, way.name()) {
                (Some((name, file)), _) => {
                    found.push((format!("materialization {name}"), Some(file.as_path())));
                }
                (None, Some(name)) if !way.may_be_own() => {
                    found.push((format!("materialization {name}"), None));
                }
                (None, _) => {}
            }
        }
        for package in self.packages.iter().filter(|package| package.overrides) {
            let own = package.macros.iter();
            let own = own.filter(|(name, _)| builtin::makes_tables(name));
            found.extend(own.map(|(name, known)| {
                (
                    format!("macro {name}, which replaces a macro of dbt itself,"),
                    Some(known.file.as_path()),
                )
            }));
        }
        found
    }

    /// Returns the dataset name that represents the models of a package.
    pub fn dataset(&self, package: &DbtPackage) -> String {
        let own = self
            .packages
            .first()
            .is_some_and(|own| own.root == package.root);
        if own {
            MODELS.to_owned()
        } else {
            format!("{MODELS}-{}", package.name)
        }
    }
}

impl DbtPackage {
    /// Returns the name, without extension, of the file that creates a model.
    fn file(&self, model: &str, version: Option<&str>) -> Option<String> {
        if let Some(versions) = self.versions.get(model) {
            let version = version.unwrap_or(&versions.latest);
            return versions.files.get(version).cloned();
        }
        let plain = version.is_none() && self.models.contains_key(model);
        plain.then(|| model.to_owned())
    }
}

/// The error for a reference that several models may match.
struct AmbiguousModel;

/// Returns the name for a model whose file is unknown.
fn called(model: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{model}_v{version}"),
        None => model.to_owned(),
    }
}
