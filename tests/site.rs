//! The public record, page by page.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{FOLDER, Repository, with_or};
use tempfile::TempDir;

/// Pages must not load external content, and each has the required elements.
#[test]
fn the_record_is_a_site_of_its_own() {
    let repository = Repository::new();
    repository.write(
        "sql/hostile.sql",
        "-- <script>alert(1)</script>\nSELECT '<img src=x onerror=alert(1)>' AS `<b>&\"'`, country, COUNT(DISTINCT client_id) AS n\nFROM telemetry.main GROUP BY country HAVING n >= 5000",
    );
    repository.write("sql/unread.sql", "EXECUTE IMMEDIATE @x");
    repository.commit("Others");
    let said = repository.run(&[
        "approve",
        "sql",
        "--bug",
        "1957082",
        "--by",
        "A <b> Steward <steward@example.org>",
        "--accept-unassessed",
    ]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    repository.write(&format!("{FOLDER}/query.sql"), &with_or());
    repository.write("sql/p/d/t/metadata.yaml", "labels:\n  public_json: true\n");
    repository.write(
        "sql/p/d/t/query.sql",
        "SELECT client_id FROM telemetry.main",
    );
    let said = repository.run(&["record", "--html", "site", "sql"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("site/index.html: 4 datasets"),
        "{}",
        said.err
    );
    let index = repository.read("site/index.html");
    for status in ["approved", "drifted", "no review"] {
        assert!(
            index.contains(&format!("data-status=\"{status}\"")),
            "{status}"
        );
    }
    let data: serde_json::Value =
        serde_json::from_str(&repository.read("site/record.json")).expect("it is JSON");
    let datasets = data["datasets"].as_array().expect("a list");
    assert_eq!(datasets.len(), 4);
    assert_eq!(data["date"], "2026-02-01");
    let mut pages = vec![("index.html".to_owned(), index)];
    for dataset in datasets {
        let page = dataset["page"].as_str().expect("a page").to_owned();
        let beside = page.replace(".html", ".json");
        let own: serde_json::Value =
            serde_json::from_str(&repository.read(&format!("site/{beside}"))).expect("JSON");
        assert_eq!(&own, dataset);
        let text = repository.read(&format!("site/{page}"));
        pages.push((page, text));
    }
    for (name, text) in &pages {
        assert!(
            text.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{name}"
        );
        for part in ["default-src 'none'", "<main id=\"main\">", "<h1>"] {
            assert!(text.contains(part), "{name} has no {part}");
        }
        for part in [
            "<script>",
            "<img",
            "steward@example.org",
            "onerror=alert(1)>",
            "<b>",
            "src=\"http",
        ] {
            assert!(!text.contains(part), "{name} has {part}");
        }
        // The targets of links within the site exist.
        let folder = if name.contains('/') {
            "site/datasets/"
        } else {
            "site/"
        };
        for link in text
            .split("href=\"")
            .skip(1)
            .chain(text.split("src=\"").skip(1))
        {
            let link = link.split('"').next().expect("an address");
            if link.starts_with('#') || link.contains("://") || link.contains("&#x2f;") {
                continue;
            }
            let path = repository.path().join(folder).join(link);
            assert!(path.is_file(), "{name} links to {link}");
        }
    }
    let style = repository.read("site/style.css");
    assert!(style.contains("prefers-color-scheme: dark") && !style.contains("url("));
    // The output is reproducible byte by byte.
    let again = repository.run(&["record", "--html", "again", "sql"]);
    assert_eq!(again.code, 0);
    for (name, text) in &pages {
        assert_eq!(text, &repository.read(&format!("again/{name}")), "{name}");
    }
    // The page of a removed dataset is deleted; files of others are kept.
    repository.write("again/CNAME", "data.example.org");
    let gone = fs::read_dir(repository.path().join("publishing-record"))
        .expect("the record")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("hostile"))
        .expect("an entry");
    fs::remove_file(gone).expect("it goes");
    fs::remove_file(repository.path().join("sql/hostile.sql")).expect("it goes");
    let pages_of = |part: &str| {
        fs::read_dir(repository.path().join("again/datasets"))
            .expect("pages")
            .filter(|page| {
                let name = page.as_ref().expect("a page").file_name();
                name.to_string_lossy().contains(part)
            })
            .count()
    };
    assert_eq!((pages_of("hostile"), pages_of("")), (2, 8));
    let said = repository.run(&["record", "--html", "again", "sql"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!((pages_of("hostile"), pages_of("")), (0, 6));
    assert_eq!(repository.read("again/CNAME"), "data.example.org");
    let nowhere = TempDir::new().expect("a folder");
    fs::write(nowhere.path().join("a.sql"), "SELECT 1").expect("a file");
    let said = headcount(&["record", "--html", "site"], "", nowhere.path(), &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no publishing record"), "{}", said.err);
}
