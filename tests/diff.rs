//! The effect of a change on datasets, computed from git.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{CLIENTS_ONLY, FOLDER, Repository, build_query_with_or};
use tempfile::TempDir;

#[test]
fn a_change_is_told_dataset_by_dataset() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    repository.write(
        "sql/gone.sql",
        "SELECT os, COUNT(*) AS n FROM telemetry.main GROUP BY os",
    );
    repository.commit("It is approved");
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    repository.commit("It became an OR");
    fs::remove_file(repository.path().join("sql/gone.sql")).expect("it goes");
    repository.write("sql/new.sql", "SELECT client_id FROM telemetry.main");
    let before = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    let base = repository.git(&["rev-parse", "main"]);
    for format in ["human", "markdown", "json"] {
        let said = repository.run(&["diff", "--base", "main", "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        let shown = said
            .out
            .replace(base.trim(), "BASE")
            .replace(&base[..12], "BASE");
        insta::with_settings!({ filters => vec![(r#""version": "[^"]*""#, r#""version": "V""#)] }, {
            insta::assert_snapshot!(format!("diff_{format}"), shown);
        });
    }
    let said = repository.run(&["diff", "--base", "main", "--fail-on", "review"]);
    assert_eq!(said.code, 1);
    let after = (
        repository.git(&["status", "--porcelain"]),
        repository.git(&["rev-parse", "HEAD"]),
    );
    assert_eq!(before, after, "the work tree is not touched");
    // From the folder of the query, for this query only.
    let there = repository.path().join(FOLDER);
    let said = headcount(&["diff", "query.sql", "--base", "main"], "", &there, &[]);
    assert!(
        said.out.contains("1 dataset changed"),
        "{}{}",
        said.out,
        said.err
    );
    // Commits of others on main since then do not belong to this change.
    repository.commit("All of it");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("sql/theirs.sql", "SELECT client_id FROM telemetry.main");
    repository.commit("Another's dataset");
    repository.git(&["checkout", "-q", "change"]);
    let said = repository.run(&["diff", "--base", "main"]);
    assert!(!said.out.contains("theirs"), "{}", said.out);
}

#[test]
fn a_revision_that_is_none_is_told() {
    let repository = Repository::new();
    for base in ["none", "--help", "HEAD:sql"] {
        let said = repository.run(&["diff", &format!("--base={base}")]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("unknown git commit"), "{}", said.err);
    }
    let nowhere = TempDir::new().expect("a folder");
    let said = headcount(&["diff"], "", nowhere.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("compare with a git commit"),
        "{}",
        said.err
    );
}

/// A published dataset that reads a table of another folder.
fn with_upstream() -> Repository {
    let repository = Repository::new();
    repository.write(
        "headcount.toml",
        "[project]\nlayout = \"bigquery-etl\"\npublished = \"labelled\"\n",
    );
    repository.write(
        "sql/shop/orders_derived/country_buyers_v1/query.sql",
        CLIENTS_ONLY,
    );
    repository.write(
        "sql/shop/published/buyers_v1/query.sql",
        "SELECT * FROM `shop.orders_derived.country_buyers_v1`",
    );
    repository.write(
        "sql/shop/published/buyers_v1/metadata.yaml",
        "friendly_name: Buyers\nlabels:\n  public_json: true\n",
    );
    repository.write(
        "sql/shop/private/buyers_v1/query.sql",
        "SELECT * FROM `shop.orders_derived.country_buyers_v1`",
    );
    repository.commit("A table, and what reads it");
    repository
}

#[test]
fn what_reads_a_changed_table_is_told() {
    let repository = with_upstream();
    repository.write(
        "sql/shop/orders_derived/country_buyers_v1/query.sql",
        &build_query_with_or(),
    );
    repository.write("README.md", "Nothing depends on this.");
    let before = repository.git(&["status", "--porcelain"]);
    let said = repository.run(&["diff", "--base", "HEAD"]);
    assert_eq!(said.code, 0, "{}", said.err);
    insta::assert_snapshot!(
        said.out
            .replace(&repository.git(&["rev-parse", "HEAD"])[..12], "BASE")
    );
    assert_eq!(before, repository.git(&["status", "--porcelain"]));
    // Readers are reported even from the folder of the changed file.
    let there = repository.path().join("sql/shop/orders_derived");
    let said = headcount(&["diff", "--base", "HEAD"], "", &there, &[]);
    assert!(said.out.contains("2 datasets changed"), "{}", said.out);
    // A table whose file is deleted.
    fs::remove_file(
        repository
            .path()
            .join("sql/shop/orders_derived/country_buyers_v1/query.sql"),
    )
    .expect("it goes");
    let said = repository.run(&["diff", "--base", "HEAD"]);
    assert!(
        said.out
            .contains("`shop.published.buyers_v1`: discloses more"),
        "{}",
        said.out
    );
}

#[test]
fn a_change_of_the_registry_or_of_metadata_is_told_where_it_matters() {
    let repository = with_upstream();
    let registry = include_str!("../dimension-registry.toml");
    repository.write("dimension-registry.toml", registry);
    repository.commit("A registry of its own");
    let country = "name = \"country\"\nrole = \"dimension\"\n";
    let sensitive = format!("{country}sensitive = \"it tells where someone is\"\n");
    repository.write(
        "dimension-registry.toml",
        &registry.replace(country, &sensitive),
    );
    let said = repository.run(&["diff", "--base", "HEAD"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.starts_with(
            "sql/shop/published/buyers_v1/query.sql: `shop.published.buyers_v1`: discloses more"
        ),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 dataset changed"), "{}", said.out);
    repository.commit("It is sensitive");
    repository.write(
        "sql/shop/private/buyers_v1/metadata.yaml",
        "friendly_name: Buyers\nlabels:\n  public_bigquery: true\n",
    );
    let said = repository.run(&["diff", "--base", "HEAD"]);
    assert!(
        said.out
            .starts_with("sql/shop/private/buyers_v1/query.sql: `shop.private.buyers_v1`: new"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 dataset changed"), "{}", said.out);
}
