//! Paths and metadata of a repository.

use super::*;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

#[test]
fn a_path_names_the_table() {
    let at =
        |path: &str| place(Path::new(path)).map(|place| (place.table.to_string(), place.makes));
    let table = "p.d.t_v1".to_owned();
    for name in [
        "query.sql",
        "view.sql",
        "script.sql",
        "init.sql",
        "materialized_view.sql",
        "part1.sql",
    ] {
        let path = format!("/work/repo/sql/p/d/t_v1/{name}");
        assert_eq!(at(&path), Some((table.clone(), true)), "{name}");
    }
    for name in [
        "checks.sql",
        "udf.sql",
        "parts.sql",
        "query.py",
        "query_old.sql",
    ] {
        let path = format!("sql/p/d/t_v1/{name}");
        assert_eq!(at(&path), Some((table.clone(), false)), "{name}");
    }
    assert_eq!(at("sql/p/d/query.sql"), None);
    assert_eq!(at("queries/p/d/t/query.sql"), None);
    let place = place(Path::new("sql/p/d/t/query.sql")).expect("a place");
    assert_eq!(place.metadata(), Path::new("sql/p/d/t/metadata.yaml"));
    assert_eq!(place.schema(), Path::new("sql/p/d/t/schema.yaml"));
    assert_eq!(
        place.dataset_metadata(),
        Path::new("sql/p/d/dataset_metadata.yaml")
    );
}

#[test]
fn a_tree_is_known_by_its_files() {
    let folder = TempDir::new().expect("a folder");
    assert!(!is_tree(folder.path()));
    fs::create_dir_all(folder.path().join("sql/p/d/t")).expect("folders");
    assert!(!is_tree(folder.path()));
    fs::write(folder.path().join("sql/p/d/dataset_metadata.yaml"), "").expect("a file");
    assert!(is_tree(folder.path()));
}

#[test]
fn labels_say_what_is_public() {
    let metadata = Metadata::parse(
        "metadata.yaml",
        "friendly_name: Counts
owners: [a@example.org, b@example.org]
labels:
  public_json: true
  public_bigquery: no
  review_bugs: [1414839, '1640204']
  table_type: aggregate
  owner1: a
",
    )
    .expect("metadata");
    assert!(metadata.is_public() && metadata.public_json && !metadata.public_bigquery);
    assert_eq!(metadata.review_bugs, ["1414839", "1640204"]);
    assert_eq!(metadata.owners.len(), 2);
    assert_eq!(metadata.table_type.as_deref(), Some("aggregate"));
    assert_eq!(metadata.labels.get("owner1").map(String::as_str), Some("a"));
    for text in ["", "labels:\n", "owners:\n"] {
        let metadata = Metadata::parse("metadata.yaml", text).expect(text);
        assert!(!metadata.is_public());
    }
}

#[test]
fn what_might_be_public_is_no_guess() {
    let error = |text: &str| {
        Metadata::parse("m.yaml", text)
            .expect_err("a mistake")
            .to_string()
    };
    let maybe = Metadata::parse("m.yaml", "labels:\n  public_json: maybe\n");
    assert!(maybe.expect("metadata").is_public());
    assert!(error("labels: [a]\n").starts_with("m.yaml:1:1: `labels` is not a table of labels"));
    assert!(error("- a\n").starts_with("m.yaml:1:1: not a table of settings"));
    assert!(error("owners: [[a]]\n").contains("`owners` contains a value that is not a string"));
    assert!(error("a: [\n").contains("not YAML"));
}

#[test]
fn a_dataset_says_whom_it_is_for() {
    let dataset = DatasetMetadata::parse(
        "dataset_metadata.yaml",
        "friendly_name: Ours\ndataset_base_acl: derived\nuser_facing: true\n",
    )
    .expect("metadata");
    assert!(dataset.user_facing);
    assert_eq!(dataset.base_acl.as_deref(), Some("derived"));
    assert_eq!(
        DatasetMetadata::parse("d.yaml", "").expect("empty"),
        DatasetMetadata::default()
    );
}
