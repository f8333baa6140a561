//! Round trips of entries, and robustness against crashes and manual edits.

use std::path::Path;
use std::process::Command;

use super::{
    Approval, ApprovalKind, Disclosure, Entry, Record, bug, file_name, fingerprint, is_date,
};
use crate::assessment::FileAssessment;
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::files;
use crate::source::template::TemplateSettings;
use crate::storage::{replace, replace_in_steps};
use crate::workspace::assess_text;

fn assessed(text: SourceText) -> FileAssessment {
    assess_text(text, Registry::builtin(), &TemplateSettings::default())
}

fn entry(file: &FileAssessment, at: usize) -> Entry {
    let dataset = &file.datasets[at];
    let disclosures = Disclosure::each(dataset);
    let disclosure = Disclosure::worst(&disclosures);
    Entry {
        dataset: dataset.identity.clone(),
        paths: vec![file.source.path().to_owned()],
        approvals: vec![Approval {
            kind: ApprovalKind::Baseline,
            bug: "https://bugzilla.mozilla.org/show_bug.cgi?id=1957082".to_owned(),
            date: "2026-01-31".to_owned(),
            until: Some("2026-12-31".to_owned()),
            by: "A “steward” <s@example.org>".to_owned(),
            version: "0.1.0".to_owned(),
            level: disclosure.level.map(crate::policy::Level::number),
            bucket: disclosure.bucket,
            columns: disclosure
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            fingerprints: vec![fingerprint(&file.source)],
        }],
        disclosures,
        place: None,
    }
}

/// What is written of each example query is what is read.
#[test]
fn entries_are_read_as_they_were_written() {
    for path in files::under(Path::new("queries")).expect("queries/ is there") {
        let file = assessed(files::read(&path).expect("a query is text"));
        for at in 0..file.datasets.len() {
            let entry = entry(&file, at);
            let text = entry.to_toml();
            let source = SourceText::new(file_name(&entry.dataset), text.as_str());
            let mut read = Entry::parse(&source)
                .unwrap_or_else(|errors| panic!("{}: {errors:?}\n{text}", path.display()));
            assert!(read.place.take().is_some());
            assert_eq!(read.to_toml(), text);
            assert_eq!(super::changes(&entry.disclosures, &read.disclosures), []);
            assert_eq!(super::changes(&read.disclosures, &entry.disclosures), []);
            assert_eq!(read.approvals, entry.approvals);
        }
    }
}

#[test]
fn an_entry_is_for_people_too() {
    let path = Path::new("queries/level-2/folded_into_other.sql");
    let file = assessed(files::read(path).expect("a query is text"));
    insta::assert_snapshot!(entry(&file, 0).to_toml());
}

#[test]
fn mistakes_of_a_hand_are_told_at_their_places() {
    let source = SourceText::new(
        "d.t.toml",
        "schema_version = 2
dataset = \"d.u\"
paths = []
approval = [
  { kind = \"review\", bug = \"TBD\", date = 2026-02-30, by = \"\", version = \"0.1.0\" },
]
[disclosure]
assessed = \"yes\"
level = 8
grian = []
findings = { HC999 = 1, HC101 = 0 }
column = [ { name = \"a\", role = \"dimention\" }, 3 ]
",
    );
    let source = match Entry::parse(&source) {
        Ok(_) => panic!("it is not valid"),
        Err(errors) if errors.len() == 1 => {
            // An invalid date is invalid TOML, and would hide all other errors.
            SourceText::new("d.t.toml", source.text().replace("2026-02-30", "\"soon\""))
        }
        Err(_) => source,
    };
    let errors = Entry::parse(&source).expect_err("it is not valid");
    let said: Vec<String> = errors
        .iter()
        .map(|error| {
            let at = source.position(error.span.start);
            let help = error.help.as_deref().unwrap_or("-");
            format!("{}:{} {} ({help})", at.line, at.column, error.message)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_union_without_arms_is_an_error() {
    let path = Path::new("queries/level-2/folded_into_other.sql");
    let file = assessed(files::read(path).expect("a query is text"));
    let written = entry(&file, 0).to_toml();
    for unions in ["[[\"\"]]", "[[1]]", "[[]]", "[\"1\"]"] {
        let text = written.replacen(
            "[[disclosure]]\n",
            &format!("[[disclosure]]\nunions = {unions}\n"),
            1,
        );
        assert_ne!(text, written);
        let errors = Entry::parse(&SourceText::new("d.t.toml", text));
        let errors = errors.expect_err("it is not valid");
        assert!(
            errors.iter().any(|error| error.message.contains("unions")),
            "{unions}: {errors:?}"
        );
    }
}

#[test]
fn names_of_files_stay_in_the_folder() {
    for (dataset, name) in [
        ("telemetry_derived.ech_v1", "telemetry_derived.ech_v1.toml"),
        ("moz-fx.d.t", "moz-fx.d.t.toml"),
        ("queries/a b.sql#1", "queries%2Fa%20b.sql%231.toml"),
        ("../../etc/passwd#1", "%2E.%2F..%2Fetc%2Fpasswd%231.toml"),
        ("..", "%2E..toml"),
        ("C:\\x", "C%3A%5Cx.toml"),
        ("d.t%2F", "d.t%252F.toml"),
    ] {
        assert_eq!(file_name(dataset), name);
    }
    let long = file_name(&"é".repeat(300));
    assert!(
        long.len() < 255 && long != file_name(&"é".repeat(301)),
        "{long}"
    );
}

#[test]
fn a_bug_is_an_address_or_a_number() {
    let bugzilla = "https://bugzilla.mozilla.org/show_bug.cgi?id=1957082";
    for good in ["1957082", "bug 1957082", "Bug 1957082", bugzilla] {
        assert_eq!(bug(good).as_deref(), Ok(bugzilla), "{good}");
    }
    assert!(bug("https://github.com/mozilla/data-review/issues/12").is_ok());
    for bad in [
        "",
        " ",
        "tbd",
        "TBD",
        "TODO",
        "todo: file one",
        "none",
        "N/A",
        "0",
        "-1",
        "+7",
        "12a",
        "?",
        "https://bugzilla.mozilla.org/show_bug.cgi?id=TBD",
        "https://bugzilla.mozilla.org/show_bug.cgi?id=",
        "https://example.org",
        "example.org/1",
        "ftp://example.org/1",
    ] {
        assert!(bug(bad).is_err(), "{bad}");
    }
}

#[test]
fn days_are_days() {
    assert!(is_date("2024-02-29") && is_date("2026-12-31"));
    for none in [
        "2026-02-29",
        "2026-13-01",
        "2026-1-1",
        "soon",
        "",
        "2026-01-01T00:00:00",
    ] {
        assert!(!is_date(none), "{none}");
    }
}

#[test]
fn the_fingerprint_is_of_the_meaning() {
    let print = |text: &str| fingerprint(&SourceText::new("a.sql", text));
    let one = print("SELECT a, 'x y' FROM d.t WHERE b >= 1");
    assert_eq!(
        one,
        print("-- why\nselect A,\n\t'x y' /* c */ from d.t\r\nwhere b>=1 ;\n")
    );
    for other in [
        "SELECT a, 'x  y' FROM d.t WHERE b >= 1",
        "SELECT a, 'X y' FROM d.t WHERE b >= 1",
        "SELECT a, 'x y' FROM d.t WHERE b >= 2",
        "SELECT a, 'x y' FROM d.t",
    ] {
        assert_ne!(one, print(other), "{other}");
    }
}

/// The variable that makes this test's child process abort while it writes.
const DIES_AT: &str = "HEADCOUNT_TEST_DIES_AT";
const WRITES: &str = "HEADCOUNT_TEST_WRITES";

/// Writes an entry in the child process of the next test.
#[test]
#[ignore = "it is run by the test that kills it"]
fn dying_writer() {
    let (Ok(at), Ok(path)) = (std::env::var(DIES_AT), std::env::var(WRITES)) else {
        return;
    };
    let new = std::fs::read_to_string(format!("{path}.new")).expect("the new text");
    let _ = replace_in_steps(Path::new(&path), &new, &mut |step| {
        if step.to_string() == at {
            std::process::abort();
        }
    });
}

/// A process killed at any step leaves the old entry or the new one, complete.
#[test]
fn a_crash_loses_nothing() {
    let file = assessed(SourceText::new("a.sql", "SELECT 1 AS one"));
    let old = entry(&file, 0);
    let mut new = old.clone();
    new.approvals.extend(old.approvals.clone());
    let (before, after) = (old.to_toml(), new.to_toml());
    let mut news = 0;
    for step in 0..8 {
        for there in [true, false] {
            let folder = tempfile::TempDir::new().expect("a folder");
            let path = folder.path().join(file_name(&old.dataset));
            if there {
                std::fs::write(&path, &before).expect("the old entry");
            }
            let beside = format!("{}.new", path.display());
            std::fs::write(&beside, &after).expect("the new text");
            let test = std::env::current_exe().expect("this test");
            let output = Command::new(test)
                .args(["--exact", "record::tests::dying_writer", "--ignored"])
                .env(DIES_AT, step.to_string())
                .env(WRITES, &path)
                .output()
                .expect("it runs");
            assert!(!output.status.success(), "step {step} was never reached");
            let found = std::fs::read_to_string(&path).ok();
            let old_one = there.then(|| before.clone());
            assert!(
                found == old_one || found.as_deref() == Some(after.as_str()),
                "step {step}: {found:?}"
            );
            news += usize::from(found.as_deref() == Some(after.as_str()));
            // The remains are not an entry, and do not disturb the next writer.
            let record = Record::load(folder.path()).expect("the record is whole");
            assert_eq!(record.entries().count(), usize::from(found.is_some()));
            replace(&path, &after).expect("it is written");
            assert_eq!(std::fs::read_to_string(&path).expect("it is there"), after);
        }
    }
    // The last two steps come after the new entry is in place.
    assert_eq!(news, 4);
}
