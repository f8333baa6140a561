//! What a new user does wrong in the first hour, and what the program says: what was
//! found, where, what was expected, and the next step.

#[path = "common/program.rs"]
mod program;

use std::fs;

use program::headcount;
use tempfile::TempDir;

const QUERY: &str = "SELECT country, COUNT(DISTINCT client_id) AS n
FROM telemetry.clients_daily
GROUP BY country
HAVING n >= 5000
";

/// Something that somebody did: the files beside the query, and the arguments.
struct Mistake {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    args: &'static [&'static str],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        what: "a command with an error in its name",
        files: &[],
        args: &["chek", "query.sql"],
    },
    Mistake {
        what: "a format that does not exist",
        files: &[],
        args: &["check", "query.sql", "--format", "jsn"],
    },
    Mistake {
        what: "a rule that does not exist",
        files: &[],
        args: &["check", "query.sql", "--select", "HC999"],
    },
    Mistake {
        what: "a page of a rule that does not exist",
        files: &[],
        args: &["explain", "minimum-bucket"],
    },
    Mistake {
        what: "a file that does not exist",
        files: &[],
        args: &["check", "qeury.sql"],
    },
    Mistake {
        what: "a folder without SQL",
        files: &[("docs/notes.md", "Notes\n")],
        args: &["check", "docs"],
    },
    Mistake {
        what: "a text file",
        files: &[("notes.txt", "Please review the query of Monday.\n")],
        args: &["check", "notes.txt"],
    },
    Mistake {
        what: "a folder for review",
        files: &[("sql/a.sql", "SELECT 1")],
        args: &["review", "sql"],
    },
    Mistake {
        what: "a missing comma",
        files: &[(
            "a.sql",
            "SELECT country os COUNT(*) AS n FROM telemetry.clients_daily GROUP BY country, os\n",
        )],
        args: &["check", "a.sql"],
    },
    Mistake {
        what: "a comment that allows a rule that does not exist",
        files: &[(
            "a.sql",
            "-- headcount: allow(HC999) it is fine\nSELECT 1 AS n\n",
        )],
        args: &["check", "a.sql"],
    },
    Mistake {
        what: "a comment without a reason",
        files: &[(
            "a.sql",
            "-- headcount: allow(HC101)\nSELECT COUNT(*) AS n FROM telemetry.main\n",
        )],
        args: &["check", "a.sql", "--select", "HC4"],
    },
    Mistake {
        what: "an undefined variable of a template",
        files: &[("a.sql", "SELECT country FROM {{ table }}\n")],
        args: &["check", "a.sql"],
    },
    Mistake {
        what: "a variable without a value",
        files: &[("a.sql", "SELECT {{ n }} AS n\n")],
        args: &["render", "a.sql", "--var", "n"],
    },
    Mistake {
        what: "--fix with nothing to fix",
        files: &[("a.sql", "SELECT client_id FROM telemetry.main\n")],
        args: &["check", "a.sql", "--fix", "--format", "concise"],
    },
    Mistake {
        what: "an approval without a bug",
        files: &[],
        args: &["approve", "query.sql"],
    },
    Mistake {
        what: "an approval with something else as a bug",
        files: &[],
        args: &["approve", "query.sql", "--bug", "bug1957082"],
    },
    Mistake {
        what: "an approval of a query that was not assessed",
        files: &[("a.sql", "EXECUTE IMMEDIATE @sql\n")],
        args: &[
            "approve",
            "a.sql",
            "--bug",
            "1",
            "--by",
            "A",
            "--allow-uncommitted",
        ],
    },
    Mistake {
        what: "an approval outside of git",
        files: &[],
        args: &["approve", "query.sql", "--bug", "1", "--by", "A"],
    },
    Mistake {
        what: "the hook outside of git",
        files: &[],
        args: &["check", "--staged"],
    },
    Mistake {
        what: "a site without a record",
        files: &[],
        args: &["record", "--html", "public"],
    },
    Mistake {
        what: "a rule of the configuration with an error in its name",
        files: &[(
            "headcount.toml",
            "[rules]\nmissing-minimum-buckets = \"note\"\n",
        )],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a key of the configuration with an error in its name",
        files: &[("headcount.toml", "registri = \"r.toml\"\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a value of the configuration of the wrong type",
        files: &[("headcount.toml", "exclude = \"sql/scratch/\"\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a layout that does not exist",
        files: &[("headcount.toml", "[project]\nlayout = \"bigqery-etl\"\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a configuration that is not TOML",
        files: &[("headcount.toml", "registry: r.toml\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "an error of the 2xx family turned off",
        files: &[("headcount.toml", "[rules]\nHC201 = \"off\"\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a registry that does not exist",
        files: &[("headcount.toml", "registry = \"registry.toml\"\n")],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a category 5",
        files: &[(
            "dimension-registry.toml",
            "schema_version = 1\n[[column]]\nname = \"country\"\nrole = \"dimension\"\ncategory = 5\n",
        )],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a minimum bucket of 0",
        files: &[(
            "dimension-registry.toml",
            "schema_version = 1\n[policy]\nmin_bucket = 0\n",
        )],
        args: &["check", "query.sql"],
    },
    Mistake {
        what: "a registry below another one that is stricter",
        files: &[
            ("dimension-registry.toml", "schema_version = 1\n"),
            (
                "sql/dimension-registry.toml",
                "schema_version = 1\n[policy]\nmin_bucket = 20\n",
            ),
            ("sql/a.sql", "SELECT 1"),
        ],
        args: &["check", "sql"],
    },
    Mistake {
        what: "a table of the registry with an error in its name",
        files: &[(
            "dimension-registry.toml",
            "schema_version = 1\n[[table]]\nname = \"telemetry.client_daily\"\npersonal = false\n",
        )],
        args: &["registry", "check", "--against", "."],
    },
    Mistake {
        what: "a column that no entry describes",
        files: &[("dimension-registry.toml", "schema_version = 1\n")],
        args: &["registry", "show", "contry"],
    },
    Mistake {
        what: "a public label in a folder without SQL",
        files: &[
            ("bqetl_project.yaml", ""),
            ("sql/p/d/t/metadata.yaml", "labels:\n  public_json: true\n"),
        ],
        args: &["check", "."],
    },
    Mistake {
        what: "a public label with an error in its name",
        files: &[
            ("bqetl_project.yaml", ""),
            ("sql/p/d/t/metadata.yaml", "labels:\n  public_jsn: true\n"),
            ("sql/p/d/t/query.sql", "SELECT 1 AS n\n"),
        ],
        args: &["check", "."],
    },
    Mistake {
        what: "metadata that is not YAML",
        files: &[
            ("bqetl_project.yaml", ""),
            ("sql/p/d/t/metadata.yaml", "labels: [\n"),
            ("sql/p/d/t/query.sql", "SELECT 1 AS n\n"),
        ],
        args: &["check", "."],
    },
];

/// What is run in a repository.
const IN_GIT: &[Mistake] = &[
    Mistake {
        what: "a revision that does not exist",
        files: &[],
        args: &["check", "--base", "origin/mian"],
    },
    Mistake {
        what: "a dataset that does not exist",
        files: &[],
        args: &[
            "approve",
            "query.sql",
            "--bug",
            "1",
            "--by",
            "A",
            "--dataset",
            "loans",
        ],
    },
];

/// What was run, how it ended and what it said, without the folder.
fn said(mistake: &Mistake, git: bool) -> String {
    let folder = TempDir::new().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("query.sql", QUERY);
    for (path, text) in mistake.files {
        write(path, text);
    }
    if git {
        for args in [
            &["init", "-q", "-b", "main"][..],
            &["add", "-A"],
            &[
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "commit",
                "-q",
                "-m",
                "A",
            ],
        ] {
            let done = std::process::Command::new("git")
                .args(args)
                .current_dir(folder.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .status();
            assert!(done.is_ok_and(|status| status.success()), "{args:?}");
        }
    }
    let env = [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("SOURCE_DATE_EPOCH", "1769904000"),
    ];
    let said = headcount(mistake.args, "", folder.path(), &env);
    let here = folder.path().display().to_string();
    let all = format!("{}{}", said.err, said.out).replace(&here, "[HERE]");
    format!(
        "# {}\n$ headcount {}\n? {}\n{}\n",
        mistake.what,
        mistake.args.join(" "),
        said.code,
        all.trim_end()
    )
}

#[test]
fn each_message_says_what_where_what_was_expected_and_the_next_step() {
    let all = MISTAKES.iter().map(|mistake| said(mistake, false));
    let all = all.chain(IN_GIT.iter().map(|mistake| said(mistake, true)));
    insta::assert_snapshot!(all.collect::<Vec<_>>().join("\n"));
}
