//! Every check and review reports something, and the next step.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use program::headcount;
use repository::run_git_in;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const UNSAFE: &str = "SELECT country, COUNT(*) AS loans\nFROM telemetry.clients_daily\nGROUP BY country\nHAVING COUNT(*) >= 5000\n";
const SAFE: &str = "SELECT country, COUNT(DISTINCT client_id) AS readers\nFROM telemetry.clients_daily\nGROUP BY country\nHAVING COUNT(DISTINCT client_id) >= 5000\n";
/// A registry without a data review of `pages_read`.
const REGISTRY: &str = "schema_version = 1\n[units.client]\nperson = true\n[[column]]\nname = \"client_id\"\nrole = \"identifier\"\nunit = \"client\"\ncategory = 1\ndata_reviews = [\"https://bugzilla.mozilla.org/show_bug.cgi?id=1\"]\n[[column]]\nname = \"country\"\nrole = \"dimension\"\ncategory = 1\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is created");
        fs::write(path, text).expect("it is written");
    }
    folder
}

#[test]
fn blocked_run_names_the_dataset_and_a_next_step_however_quiet() {
    let folder = folder(&[("a b.sql", UNSAFE)]);
    let said = headcount(&["check", "a b.sql"], "", folder.path(), &[]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.starts_with("a b.sql:1: needs extra review"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("headcount check --fix 'a b.sql'"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("headcount approve 'a b.sql' --bug NUMBER"),
        "{}",
        said.out
    );
    for arguments in [
        &["check", "-q", "a b.sql"][..],
        &["check", "-q", "--ignore", "HC1,HC2,HC3,HC4,HC0", "a b.sql"],
    ] {
        let said = headcount(arguments, "", folder.path(), &[]);
        assert_eq!(said.code, 1);
        assert!(
            said.out.contains("needs extra review"),
            "{arguments:?}: {}",
            said.out
        );
        assert!(!said.out.contains("Next steps"), "{}", said.out);
    }
}

#[test]
fn suppressed_finding_is_counted_and_blocks_with_a_line() {
    let text = format!("-- headcount: allow(HC103) known\n{UNSAFE}");
    let folder = folder(&[("a.sql", &text)]);
    let said = headcount(&["check", "a.sql"], "", folder.path(), &[]);
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("a.sql:2: needs extra review"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 finding suppressed"), "{}", said.out);
}

#[test]
fn internal_dataset_has_no_finding_in_the_report_or_the_status() {
    let text = format!("-- headcount: internal a draft\n{UNSAFE}");
    let folder = folder(&[("a.sql", &text)]);
    for fail_on in ["review", "error"] {
        let said = headcount(
            &["check", "--fail-on", fail_on, "a.sql"],
            "",
            folder.path(),
            &[],
        );
        assert_eq!(said.code, 0, "{}", said.out);
        assert!(!said.out.contains("HC1"), "{}", said.out);
        assert!(
            said.out.contains("1 internal; 0 errors, 0 warnings"),
            "{}",
            said.out
        );
    }
}

#[test]
fn missing_data_reviews_block_the_hook_only_where_that_is_configured() {
    let folder = folder(&[("a.sql", SAFE), ("dimension-registry.toml", REGISTRY)]);
    let root = folder.path();
    run_git_in(root, &["init", "-q"]);
    run_git_in(root, &["add", "."]);
    let said = headcount(&["check", "a.sql"], "", root, &[]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(
        said.out.contains("only data reviews are missing"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("missing data reviews (HC304): 1 finding"),
        "{}",
        said.out
    );
    let said = headcount(&["check", "--staged"], "", root, &[]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("1 needs extra review"), "{}", said.out);
    for arguments in [
        &["check", "--staged", "--fail-on", "review"][..],
        &["check", "--staged"],
    ] {
        if arguments.len() == 2 {
            fs::write(root.join("headcount.toml"), "fail_on = \"review\"\n").expect("written");
            run_git_in(root, &["add", "."]);
        }
        let said = headcount(arguments, "", root, &[]);
        assert_eq!(said.code, 1, "{arguments:?}: {}", said.out);
    }
    // Any other error blocks.
    fs::remove_file(root.join("headcount.toml")).expect("removed");
    fs::write(root.join("a.sql"), UNSAFE).expect("written");
    run_git_in(root, &["add", "."]);
    let said = headcount(&["check", "--staged"], "", root, &[]);
    assert_eq!(said.code, 1, "{}", said.out);
}

#[test]
fn staged_file_that_was_changed_afterwards_is_an_error() {
    let folder = folder(&[("a.sql", UNSAFE)]);
    run_git_in(folder.path(), &["init", "-q"]);
    run_git_in(folder.path(), &["add", "."]);
    fs::write(folder.path().join("a.sql"), SAFE).expect("written");
    let said = headcount(&["check", "--staged"], "", folder.path(), &[]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("git add"), "{}", said.err);
}

#[test]
fn every_query_of_a_paste_is_reviewed() {
    let raw = "SELECT client_id, country FROM telemetry.clients_daily";
    for paste in [
        format!("First:\n```sql\n{raw}\n```\nThen:\n```sql\n{SAFE}```\n"),
        format!("> {raw}\n\nBetter:\n\n{SAFE}"),
        format!("{raw};\n{SAFE}"),
    ] {
        let said = headcount(&["review", "-"], &paste, Path::new("."), &[]);
        assert!(said.out.contains("HC201"), "{paste}\n{}", said.out);
        assert!(
            said.out.contains("verdict: publishable"),
            "{paste}\n{}",
            said.out
        );
    }
}

#[test]
fn markdown_file_is_reviewed_as_a_paste() {
    let text = format!("# Request\n\n```sql\n{SAFE}```\n");
    let folder = folder(&[("request.md", &text)]);
    let said = headcount(&["review", "request.md"], "", folder.path(), &[]);
    assert!(said.out.contains("verdict: publishable"), "{}", said.out);
}

#[test]
fn annotation_has_a_path_from_the_root_of_the_repository() {
    let folder = folder(&[("sub/a.sql", UNSAFE)]);
    let root = folder.path().canonicalize().expect("a path");
    let named = root.display().to_string();
    let env = [("GITHUB_WORKSPACE", named.as_str())];
    let whole = root.join("sub/a.sql").display().to_string();
    for path in ["a.sql", whole.as_str()] {
        let arguments = ["check", path, "--format", "github"];
        let said = headcount(&arguments, "", &root.join("sub"), &env);
        assert!(said.out.contains("file=sub/a.sql,"), "{path}: {}", said.out);
    }
}

#[test]
fn drawings_are_ascii_where_the_locale_is_not_utf_8() {
    let folder = folder(&[("a.sql", UNSAFE)]);
    let said = headcount(&["check", "a.sql"], "", folder.path(), &[("LC_ALL", "C")]);
    assert!(said.out.is_ascii(), "{}", said.out);
    let said = headcount(&["check", "a.sql"], "", folder.path(), &[]);
    assert!(said.out.contains('\u{2502}'), "{}", said.out);
}

#[test]
fn mistyped_word_is_answered_with_the_one_that_was_meant() {
    for (arguments, meant) in [
        (&["explain", "threshold-count-rows"][..], "HC103"),
        (&["check", "-", "--select", "raw-identifer"], "HC201"),
        (&["check", "-", "--format", "sarff"], "`sarif`"),
        (&["chek"], "check"),
    ] {
        let said = headcount(arguments, SAFE, Path::new("."), &[]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains(meant), "{arguments:?}: {}", said.err);
    }
}
