//! Tests of failed writes and of the leftovers of killed runs.

use std::fs;
use std::path::Path;

use super::{Staging, create, replace, replace_folder};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("it is listed")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn site(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn leftover_of_killed_run_is_removed_and_living_one_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    for (name, files) in [
        (".headcount-aaa.tmp", &[][..]),
        (".headcount-bbb.tmp/.git", &[]),
        (".headcount-ccc.tmp/.git", &["lock", "new"]),
    ] {
        fs::create_dir_all(root.join(name)).expect("a folder");
        for file in files {
            fs::write(root.join(name).join(file), "").expect("a file");
        }
    }
    let living = Staging::within(root).expect("it is made");
    let own = living.inside().parent().and_then(Path::file_name);
    let own = own.expect("a name").to_owned();
    replace(&root.join("a.txt"), "new").expect("it is written");
    assert_eq!(names(root), [own.to_string_lossy().as_ref(), "a.txt"]);
    drop(living);
    assert_eq!(names(root), ["a.txt"]);
}

#[cfg(unix)]
#[test]
fn link_in_place_of_a_leftover_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let precious = root.join("precious");
    fs::create_dir(&precious).expect("a folder");
    for name in ["lock", "data"] {
        fs::write(precious.join(name), "").expect("a file");
    }
    std::os::unix::fs::symlink(&precious, root.join(".headcount-aaa.tmp")).expect("a link");
    replace(&root.join("a.txt"), "new").expect("it is written");
    assert_eq!(names(&precious), ["data", "lock"]);
}

#[cfg(unix)]
#[test]
fn link_is_replaced_and_its_target_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    fs::write(&target, "old").expect("a file");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    replace(&link, "new").expect("it is written");
    assert_eq!(fs::read_to_string(&target).expect("it is there"), "old");
    assert_eq!(fs::read_to_string(&link).expect("it is there"), "new");
}

#[test]
fn file_that_is_there_stays_where_one_is_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    create(&path, "one").expect("it is written");
    assert!(create(&path, "two").is_err());
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "one");
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn read_only_file_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    fs::write(&path, "old").expect("a file");
    let mut permissions = path.metadata().expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("it is set");
    assert!(replace(&path, "new").is_err());
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "old");
}

#[test]
fn folder_is_replaced_with_what_others_put_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("site");
    let none = |_: &Path| false;
    replace_folder(
        &root,
        &site(&[("index.html", "1"), ("d/a.html", "1")]),
        &none,
    )
    .expect("it is written");
    fs::write(root.join("CNAME"), "example.org").expect("a file");
    let gone = |path: &Path| path == Path::new("d/a.html");
    replace_folder(
        &root,
        &site(&[("index.html", "2"), ("d/b.html", "2")]),
        &gone,
    )
    .expect("it is written");
    assert_eq!(names(&root), ["CNAME", "d", "index.html"]);
    assert_eq!(names(&root.join("d")), ["b.html"]);
    let index = fs::read_to_string(root.join("index.html")).expect("it is there");
    assert_eq!(index, "2");
    assert_eq!(names(folder.path()), ["site"]);
}

#[test]
fn folder_that_was_taken_away_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let left = folder.path().join(".headcount-aaa.tmp/.git");
    fs::create_dir_all(left.join("old/site")).expect("a folder");
    fs::write(left.join("lock"), "").expect("a file");
    fs::write(left.join("old/site/index.html"), "old").expect("a file");
    drop(Staging::within(folder.path()).expect("it is made"));
    assert_eq!(names(folder.path()), ["site"]);
    assert_eq!(names(&folder.path().join("site")), ["index.html"]);
}

#[test]
fn work_tree_of_git_is_no_site() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("site");
    fs::create_dir_all(root.join(".git")).expect("a folder");
    fs::write(root.join("index.html"), "old").expect("a file");
    assert!(replace_folder(&root, &site(&[("index.html", "new")]), &|_| false).is_err());
    let index = fs::read_to_string(root.join("index.html")).expect("it is there");
    assert_eq!(index, "old");
    assert_eq!(names(folder.path()), ["site"]);
}
