//! Nothing in a repository is executed: every call of git, on repositories whose
//! settings, attributes, folders and environment would make git execute a program.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;
use std::path::Path;

use program::{ProgramOutput, headcount};
use repository::{FOLDER, Repository, build_query_with_or, run_git_in};

/// Every command that calls git, for a repository with changes.
const CALLS: [&[&str]; 12] = [
    &["check", "--staged"],
    &["check", "--base", "HEAD"],
    &["check", "--base", "HEAD^"],
    &["check", "."],
    &["check", "--readers", "gone.sql"],
    &["check", "--trust-base", "HEAD", "."],
    &["diff", "--base", "HEAD^"],
    &["diff", "--base", "HEAD^", "--trust-base", "HEAD^", "sql"],
    &["review", "--trust-base", "HEAD", "sql/other.sql"],
    &["approve", "sql", "--bug", "1"],
    &[
        "approve",
        "sql",
        "--bug",
        "1",
        "--by",
        "S",
        "--allow-uncommitted",
    ],
    &["record", "--html", "site"],
];

/// A shell command that creates a marker file and fails.
fn mark(name: &str) -> String {
    format!("touch \"$HEADCOUNT_MARKS/{name}\"; false")
}

/// Creates a program that creates a marker file, and returns its path.
fn program(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{}\n", mark(name))).expect("a program");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it runs");
    }
    path.display().to_string()
}

/// Returns all settings that name a program, with programs that create marker files.
fn settings(programs: &Path) -> Vec<(String, String)> {
    let own = |name: &str| program(programs, name);
    [
        ("core.fsmonitor", own("fsmonitor")),
        ("core.pager", own("pager")),
        ("core.editor", own("editor")),
        ("core.sshCommand", own("ssh")),
        ("core.askPass", own("askpass")),
        ("core.gitProxy", own("proxy")),
        ("core.alternateRefsCommand", own("alternates")),
        ("credential.helper", format!("!{}", own("credential"))),
        ("diff.external", own("external")),
        ("diff.evil.command", own("driver")),
        ("diff.evil.textconv", own("textconv")),
        ("filter.evil.clean", own("clean")),
        ("filter.evil.smudge", own("smudge")),
        ("filter.evil.required", "true".to_owned()),
        ("filter.odd=name.clean", own("odd")),
        ("filter.odd=name.required", "true".to_owned()),
        ("filter.long.process", own("process")),
        ("filter.long.required", "true".to_owned()),
        ("merge.evil.driver", own("merge")),
        ("gpg.program", own("gpg")),
        ("interactive.diffFilter", own("interactive")),
        ("alias.diff", format!("!{}", own("alias-diff"))),
        ("alias.status", format!("!{}", own("alias-status"))),
        ("alias.cat-file", format!("!{}", own("alias-cat-file"))),
        ("uploadpack.packObjectsHook", own("pack")),
        ("remote.origin.url", format!("ext::{}", own("remote"))),
        ("remote.origin.promisor", "true".to_owned()),
        ("remote.origin.partialclonefilter", "blob:none".to_owned()),
        ("protocol.ext.allow", "always".to_owned()),
        ("submodule.recurse", "true".to_owned()),
        ("status.submoduleSummary", "true".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Creates hooks that each create a marker file.
fn hooks(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    for name in [
        "post-index-change",
        "post-checkout",
        "pre-auto-gc",
        "reference-transaction",
        "fsmonitor-watchman",
    ] {
        program(folder, name);
    }
}

struct HostileRepository {
    repository: Repository,
    beside: tempfile::TempDir,
}

impl HostileRepository {
    /// Creates a repository with two commits, and staged changes: a modified file
    /// and a deleted one.
    fn new() -> Self {
        let repository = Repository::new();
        let beside = tempfile::tempdir().expect("a folder");
        fs::create_dir(beside.path().join("marks")).expect("a folder");
        fs::create_dir(beside.path().join("programs")).expect("a folder");
        repository.write("sql/other.sql", "SELECT 1 AS one");
        repository.write("gone.sql", "SELECT 1 AS one");
        repository.write("publishing-record/README.md", "");
        repository.commit("More");
        fs::remove_file(repository.path().join("gone.sql")).expect("it was there");
        repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
        repository.git(&["add", "-A"]);
        Self { repository, beside }
    }

    fn marks(&self) -> Vec<String> {
        fs::read_dir(self.beside.path().join("marks"))
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("a mark")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    fn call(&self, args: &[&str], folder: &Path, env: &[(&str, &str)]) -> ProgramOutput {
        let marks = self.beside.path().join("marks").display().to_string();
        let mut all = vec![
            ("HEADCOUNT_MARKS", marks.as_str()),
            ("SOURCE_DATE_EPOCH", "1769904000"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ];
        all.extend(env);
        let said = headcount(args, "", folder, &all);
        assert!(said.code <= 2, "{args:?}: {}", said.err);
        let ran = self.marks();
        assert!(ran.is_empty(), "{args:?} ran {ran:?}: {}", said.err);
        said
    }

    fn calls(&self, env: &[(&str, &str)]) {
        for args in CALLS {
            self.call(args, self.repository.path(), env);
        }
    }
}

#[test]
fn settings_hooks_and_attributes_of_the_repository_run_nothing() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    for attributes in [
        "filter=evil diff=evil merge=evil",
        "filter=odd=name",
        "filter=long",
    ] {
        // Attributes are in the work tree, in its subfolder and in git's own file.
        for file in [
            ".gitattributes",
            "sql/.gitattributes",
            ".git/info/attributes",
        ] {
            fs::create_dir_all(root.join(file).parent().expect("a folder")).expect("a folder");
            fs::write(root.join(file), format!("* {attributes}\n")).expect("a file");
        }
        let programs = hostile.beside.path().join("programs");
        for (name, value) in settings(&programs) {
            hostile.repository.git(&["config", &name, &value]);
        }
        hooks(&root.join(".git/hooks"));
        hooks(&root.join("hooks"));
        hostile
            .repository
            .git(&["config", "core.hooksPath", "hooks"]);
        // The new text has the old length: git has to read the file, which applies
        // filters.
        hostile.repository.write("sql/other.sql", "SELECT 2 AS two");
        hostile.calls(&[]);
    }
}

#[test]
fn included_settings_run_nothing() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    let programs = hostile.beside.path().join("programs");
    let mut text = String::from("[core]\n");
    for (name, value) in settings(&programs)
        .iter()
        .filter(|(name, _)| name.starts_with("core."))
    {
        text.push_str(&format!("{} = \"{value}\"\n", &name[5..]));
    }
    let clean = program(&programs, "clean");
    text.push_str(&format!(
        "[filter \"evil\"]\nclean = \"{clean}\"\nrequired = true\n"
    ));
    fs::write(root.join("settings"), text).expect("a file");
    fs::write(root.join(".gitattributes"), "* filter=evil\n").expect("a file");
    hostile
        .repository
        .git(&["config", "include.path", "../settings"]);
    hostile.repository.write("sql/other.sql", "SELECT 2 AS two");
    hostile.calls(&[]);
}

#[test]
fn folder_that_looks_like_a_repository_is_none() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    let programs = hostile.beside.path().join("programs");
    for (name, worktree) in [
        ("evil", ""),
        ("evil.git", "worktree = ..\n"),
        ("sql", "worktree = .\n"),
    ] {
        let folder = root.join(name);
        for inside in ["objects", "refs"] {
            fs::create_dir_all(folder.join(inside)).expect("a folder");
            fs::write(folder.join(inside).join("keep"), "").expect("a file");
        }
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
        let mut text = format!("[core]\nrepositoryformatversion = 0\nbare = false\n{worktree}");
        for (name, value) in settings(&programs)
            .iter()
            .filter(|(name, _)| name.starts_with("core."))
        {
            text.push_str(&format!("{} = \"{value}\"\n", &name[5..]));
        }
        text.push_str("hooksPath = hooks\n");
        fs::write(folder.join("config"), text).expect("a file");
        hooks(&folder.join("hooks"));
        fs::write(folder.join("q.sql"), "SELECT 1 AS one").expect("a file");
    }
    hostile.repository.commit("A repository in a repository");
    for name in ["evil", "evil.git", "sql"] {
        let file = format!("{name}/q.sql");
        let own: [&[&str]; 7] = [
            &["diff", &file],
            &["diff", "--base", "HEAD^", &file],
            &["check", &file],
            &["check", "--readers", &file],
            &["check", "--base", "HEAD^", &file],
            &["approve", &file, "--bug", "1"],
            &["check", "--trust-base", "HEAD", &file],
        ];
        for args in own {
            hostile.call(args, root, &[]);
        }
        for args in [
            &["diff"][..],
            &["check", "--staged"],
            &["approve", "q.sql", "--bug", "1"],
        ] {
            hostile.call(args, &root.join(name), &[]);
        }
        // A copied folder that is not a work tree is not treated as one.
        let alone = hostile.beside.path().join(name);
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([root.join(name), alone.clone()])
            .status();
        assert!(copied.expect("cp runs").success());
        for args in [
            &["diff"][..],
            &["check", "--staged"],
            &["approve", "q.sql", "--bug", "1"],
        ] {
            assert_eq!(hostile.call(args, &alone, &[]).code, 2, "{args:?}");
        }
        hostile.call(&["check", "."], &alone, &[]);
    }
}

#[test]
fn submodule_runs_nothing() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    let programs = hostile.beside.path().join("programs");
    let sub = root.join("sub");
    fs::create_dir(&sub).expect("a folder");
    let git = |args: &[&str]| run_git_in(&sub, args);
    git(&["init", "-q"]);
    fs::write(sub.join("q.sql"), "SELECT 1 AS one").expect("a file");
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "One"]);
    let modules = format!(
        "[submodule \"sub\"]\npath = sub\nurl = ext::{}\nupdate = !{}\n",
        program(&programs, "remote"),
        program(&programs, "update")
    );
    hostile.repository.write(".gitmodules", &modules);
    hostile.repository.commit("A submodule");
    for (name, value) in settings(&programs) {
        git(&["config", &name, &value]);
    }
    fs::write(sub.join(".gitattributes"), "* filter=evil diff=evil\n").expect("a file");
    fs::write(sub.join("q.sql"), "SELECT 2 AS two").expect("a file");
    hostile.calls(&[]);
    for args in [
        &["diff"][..],
        &["check", "--staged"],
        &["approve", "q.sql", "--bug", "1"],
    ] {
        hostile.call(args, &sub, &[]);
    }
}

#[test]
fn objects_that_are_missing_are_asked_of_no_server() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    let programs = hostile.beside.path().join("programs");
    let object = hostile.repository.git(&["rev-parse", "HEAD:sql/other.sql"]);
    let (folder, name) = object.trim().split_at(2);
    fs::remove_file(root.join(".git/objects").join(folder).join(name)).expect("an object");
    for (name, value) in settings(&programs) {
        if name.starts_with("remote.") || name.starts_with("protocol.") {
            hostile.repository.git(&["config", &name, &value]);
        }
    }
    hostile
        .repository
        .git(&["config", "extensions.partialClone", "origin"]);
    hostile
        .repository
        .git(&["config", "core.repositoryFormatVersion", "1"]);
    hostile.calls(&[]);
    let said = hostile.call(&["diff", "--base", "HEAD"], root, &[]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn environment_runs_nothing_and_moves_no_repository() {
    let hostile = HostileRepository::new();
    let programs = hostile.beside.path().join("programs");
    let other = Repository::new();
    let evil = program(&programs, "environment");
    let moved = other.path().join(".git").display().to_string();
    let trace = hostile
        .beside
        .path()
        .join("marks/trace")
        .display()
        .to_string();
    let env = [
        ("GIT_EXTERNAL_DIFF", evil.as_str()),
        ("GIT_SSH", &evil),
        ("GIT_SSH_COMMAND", &evil),
        ("GIT_ASKPASS", &evil),
        ("SSH_ASKPASS", &evil),
        ("GIT_PAGER", &evil),
        ("GIT_EDITOR", &evil),
        ("GIT_PROXY_COMMAND", &evil),
        ("GIT_EXEC_PATH", "/nowhere"),
        ("GIT_TEMPLATE_DIR", "/nowhere"),
        ("GIT_TRACE", &trace),
        ("GIT_TRACE2_EVENT", &trace),
        ("GIT_DIR", &moved),
        ("GIT_COMMON_DIR", &moved),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere/index"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_ATTR_SOURCE", "HEAD"),
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", &evil),
        ("GIT_CONFIG_KEY_1", "safe.directory"),
        ("GIT_CONFIG_VALUE_1", "*"),
        ("GIT_CONFIG_PARAMETERS", "'diff.external'='false'"),
    ];
    hostile.calls(&env);
    let plain = hostile.call(&["check", "--staged"], hostile.repository.path(), &[]);
    let said = hostile.call(&["check", "--staged"], hostile.repository.path(), &env);
    assert_eq!(
        (said.code, said.out),
        (plain.code, plain.out),
        "{}",
        said.err
    );
}

#[test]
fn revision_that_begins_with_a_dash_is_none() {
    let hostile = HostileRepository::new();
    let target = hostile.repository.path().join("written");
    for revision in [
        "--output=written",
        "-O/etc/passwd",
        "--help",
        "--exec-path=/",
        "HEAD;touch written",
        "$(touch written)",
    ] {
        for flag in ["--base", "--trust-base"] {
            let given = format!("{flag}={revision}");
            for command in ["check", "diff"] {
                let said = hostile.call(&[command, &given], hostile.repository.path(), &[]);
                assert_eq!(said.code, 2, "{given}: {}", said.err);
                assert!(!target.exists(), "{given}");
            }
        }
    }
}

/// Trees that no work tree can contain, as anyone can push them.
#[test]
fn commit_whose_paths_lead_out_is_read_below_its_folder() {
    let hostile = HostileRepository::new();
    let root = hostile.repository.path();
    let outside = root.with_file_name("headcount-escaped.sql");
    let name = outside.display().to_string();
    let escaped = format!(
        "../{}",
        outside.file_name().expect("a name").to_string_lossy()
    );
    let object = hostile.repository.git(&["rev-parse", "HEAD:sql/other.sql"]);
    let id: Vec<u8> = (0..20)
        .map(|at| u8::from_str_radix(&object[at * 2..at * 2 + 2], 16).expect("a byte"))
        .collect();
    for paths in [
        vec![("100644", name.as_str())],
        vec![("100644", &escaped)],
        vec![
            ("100644", ".git"),
            ("100644", ".git/hooks/post-index-change"),
        ],
        vec![("120000", "a"), ("100644", "a/x.sql")],
        vec![
            ("100644", "q.sql"),
            ("100644", "q.sql"),
            ("120000", "q.sql"),
        ],
        vec![
            ("100644", "a\nb.sql"),
            ("100644", "--x.sql"),
            ("100644", " "),
        ],
    ] {
        let mut tree = Vec::new();
        for (mode, path) in paths {
            tree.extend(format!("{mode} {path}\0").bytes());
            tree.extend(&id);
        }
        let file = hostile.beside.path().join("tree");
        fs::write(&file, tree).expect("a file");
        let file = file.display().to_string();
        let made = ["hash-object", "-t", "tree", "--literally", "-w", &file];
        let tree = hostile.repository.git(&made);
        let commit = hostile
            .repository
            .git(&["commit-tree", tree.trim(), "-m", "x"]);
        for args in [
            &["diff", "--base", commit.trim()][..],
            &["check", "--base", commit.trim()],
            &["check", "--trust-base", commit.trim(), "sql"],
        ] {
            hostile.call(args, root, &[]);
            assert!(!outside.exists(), "{args:?}");
        }
    }
}

/// The environment of a hook names the index that is committed.
#[cfg(unix)]
#[test]
fn hook_checks_the_index_that_is_committed() {
    let repository = Repository::new();
    repository.write("bad.sql", "SELECT client_id FROM telemetry.main");
    repository.commit("Bad");
    repository.write("bad.sql", "SELECT client_id, country FROM telemetry.main");
    let binary = assert_cmd::cargo::cargo_bin("headcount");
    let hook = repository.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    let text = format!(
        "#!/bin/sh\nexec '{}' check --staged > said\n",
        binary.display()
    );
    fs::write(&hook, text).expect("a hook");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("it runs");
    // The index itself has no changes: `-a` and a path each create another index.
    for args in [
        &["commit", "-qam", "x"][..],
        &["commit", "-qm", "x", "--", "bad.sql"],
    ] {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=S", "-c", "user.email=s@example.org"])
            .args(args)
            .current_dir(repository.path())
            .output()
            .expect("git runs");
        assert!(!done.status.success(), "{args:?} went through");
        assert!(repository.read("said").contains("HC201"), "{args:?}");
    }
}
