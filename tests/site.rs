//! The public record, page by page.

#[path = "common/program.rs"]
mod program;
#[path = "common/repository.rs"]
mod repository;

use std::fs;

use program::headcount;
use repository::{FOLDER, Repository, build_query_with_or};
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
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
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

/// The page of the repository's dataset.
fn page(repository: &Repository) -> String {
    let said = repository.run(&["record", "--html", "site", "sql"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let data: serde_json::Value =
        serde_json::from_str(&repository.read("site/record.json")).expect("it is JSON");
    let page = data["datasets"][0]["page"].as_str().expect("a page");
    repository.read(&format!("site/{page}"))
}

#[test]
fn approval_shows_the_commit_that_recorded_it() {
    let repository = Repository::new();
    assert_eq!(repository.approve().code, 0);
    // Not committed yet: only the day of the approval is known.
    let text = page(&repository);
    assert!(!text.contains("recorded in commit"), "{text}");
    let commit = |message: &str, date: &str| {
        repository.git(&["add", "publishing-record", "sql"]);
        let set = format!("--date={date}T12:00:00Z");
        repository.git(&["commit", "-q", "-m", message, &set]);
        repository.git(&["rev-parse", "HEAD"]).trim().to_owned()
    };
    let first = commit("Approval", "2026-02-01");
    repository.write(&format!("{FOLDER}/query.sql"), &build_query_with_or());
    let other = commit("A change", "2026-02-02");
    let said = repository.run(&["approve", "sql", "--bug", "1957083", "--by", "B Steward"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let second = commit("Another approval", "2026-02-03");
    let text = page(&repository);
    for recorded in [&first, &second] {
        let shown = format!("recorded in commit <code>{}</code>", &recorded[..12]);
        assert_eq!(text.matches(&shown).count(), 1, "{shown}");
    }
    assert!(!text.contains(&other[..12]));
    let data: serde_json::Value =
        serde_json::from_str(&repository.read("site/record.json")).expect("it is JSON");
    let approvals = data["datasets"][0]["approvals"].as_array().expect("a list");
    let ids: Vec<&str> = approvals
        .iter()
        .map(|approval| approval["commit"]["id"].as_str().expect("a commit"))
        .collect();
    assert_eq!(ids, [first.as_str(), second.as_str()]);
    // A clone without the history does not know which commit wrote what.
    let clone = TempDir::new().expect("a folder");
    let from = format!("file://{}", repository.path().display());
    let into = clone.path().to_str().expect("a path");
    repository.git(&["clone", "-q", "--depth", "1", &from, into]);
    let said = headcount(&["record", "--html", "site", "sql"], "", clone.path(), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let data = fs::read_to_string(clone.path().join("site/record.json")).expect("a file");
    let data: serde_json::Value = serde_json::from_str(&data).expect("it is JSON");
    assert!(data["datasets"][0]["approvals"][0]["commit"].is_null());
    assert_eq!(data["datasets"][0]["approvals"][0]["date"], "2026-02-01");
}

#[test]
fn join_is_drawn_with_an_arrow_from_each_side() {
    let repository = Repository::new();
    repository.write(
        &format!("{FOLDER}/query.sql"),
        "SELECT c.country, COUNT(DISTINCT c.client_id) AS clients
FROM telemetry.clients_daily AS c
JOIN telemetry.main AS m ON c.client_id = m.client_id
GROUP BY c.country
HAVING COUNT(DISTINCT c.client_id) >= 5000
",
    );
    repository.commit("A join");
    assert_eq!(repository.approve().code, 0);
    let text = page(&repository);
    let start = text.find("<svg").expect("a drawing");
    let drawing = &text[start..text.find("</svg>").expect("its end")];
    let boxes = drawing.matches("<rect").count();
    assert_eq!(boxes, 5, "{drawing}");
    // Two tables, a join that takes both, and two steps after it: four arrows.
    assert_eq!(drawing.matches("class=\"arrow\"").count(), 4, "{drawing}");
    let passing = drawing.lines().filter(|line| line.contains(" H ")).count();
    assert_eq!(passing, 1, "{drawing}");
    assert!(text.contains("JOIN (from steps 1 and 2): "), "{text}");
    assert!(
        !drawing.contains("script") && !drawing.contains("href"),
        "{drawing}"
    );
}
