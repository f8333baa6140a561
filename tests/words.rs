//! Messages, help and documents avoid words that are always wrong here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Wrong words, each with what to write instead. A word is listed only if no
/// sentence needs it, so that there are no exceptions.
const BANNED: &[(&str, &str)] = &[
    ("let be", "accepted, tolerated"),
    ("leave away", "remove, omit"),
    ("left away", "removed, omitted"),
    ("leaves away", "removes, omits"),
    ("hang on", "depend on"),
    ("hangs on", "depends on"),
    ("hang together", "are linked"),
    ("taken for granted", "assumptions"),
    ("taken to be", "assumed to be"),
    ("taken off", "removed, ignored"),
    ("taken out", "removed"),
    ("take it out", "remove it"),
    ("is taken for", "is treated as"),
    ("is meant", "applies, refers to"),
    ("are meant", "apply, refer to"),
    ("never meant", "never applies"),
    ("can't", "cannot"),
    ("can’t", "cannot"),
    ("won't", "does not"),
    ("doesn't", "does not"),
    ("isn't", "is not"),
    ("don't", "do not"),
    ("told", "reported, shown"),
    ("tells", "shows, discloses, declares"),
    ("nobody", "no person, or name the subject"),
    ("nobody's", "of no person"),
    ("anybody", "any person"),
    ("somebody", "a person"),
    ("everybody", "every person"),
    ("whoever", "anyone who, or name the subject"),
    ("of whatever", "any"),
    ("it is no", "not a, invalid"),
    ("is no day", "invalid date"),
    ("gets there", "reaches"),
    ("where none was", "if absent"),
    ("is there already", "already exists"),
    ("still to come", "in the future"),
    ("upward from", "above"),
    ("out of here", "name the source"),
    ("picked", "selected, taken"),
    ("anew", "again"),
    ("goes both ways", "both branches are assessed"),
    ("several ways", "several renderings"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mistake", "error"),
    ("mistakes", "errors"),
    ("people or more", "at least N people"),
    ("is of category", "is category"),
    ("looked through", "searched"),
    ("held against", "compared with"),
    ("speaks of", "names"),
    ("gone", "removed, no longer exists"),
    ("stands beside", "is beside"),
    ("look after", "manage"),
    ("that is said", "the report says so"),
    ("given up", "not analysed to the end"),
    ("lets through", "admits"),
    ("at hand", "available"),
    ("anymore", "no longer"),
    ("all the same", "still"),
    ("comes out of", "derives from, is the output of"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the banned words in a text, each with what to write instead.
fn banned(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    for (word, instead) in BANNED {
        let alone = text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !in_word(before) && !in_word(after)
        });
        if alone {
            found.push(format!("`{word}`, write: {instead}"));
        }
    }
    found
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
}

/// Returns the end of the token at a position, and its text if it is a string
/// literal.
///
/// Comments and character literals are skipped as a whole, other tokens by
/// character.
fn skipped(text: &str, at: usize) -> (usize, Option<&str>) {
    let rest = &text[at..];
    if rest.starts_with("//") {
        return (at + rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (at + rest.find("*/").map_or(rest.len(), |end| end + 2), None);
    }
    let in_word = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let hashes = rest
        .strip_prefix('r')
        .map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    if rest.starts_with('r') && !in_word && rest[1 + hashes..].starts_with('"') {
        let start = at + hashes + 2;
        let close = format!("\"{}", "#".repeat(hashes));
        let length = text[start..].find(&close).expect("a closed literal");
        return (
            start + length + close.len(),
            text.get(start..start + length),
        );
    }
    if let Some(inside) = rest.strip_prefix('"') {
        let mut escaped = false;
        let length = inside
            .find(|c: char| {
                let end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                end
            })
            .expect("a closed literal");
        return (at + length + 2, inside.get(..length));
    }
    if rest.starts_with('\'') {
        let mut chars = rest.char_indices().skip(1);
        let first = chars.next().map(|(_, c)| c);
        if first == Some('\\') {
            let end = rest[2..].find('\'').map_or(rest.len(), |end| end + 3);
            return (at + end, None);
        }
        // It is not a lifetime.
        if let Some((end, '\'')) = chars.next() {
            return (at + end + 1, None);
        }
    }
    (at + rest.chars().next().map_or(1, char::len_utf8), None)
}

/// Returns the string literals of a source without those of its tests.
fn literals(text: &str) -> Vec<String> {
    let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let mut found = Vec::new();
    let mut at = 0;
    while at < shipped.len() {
        let (end, literal) = skipped(shipped, at);
        if let Some(literal) = literal {
            let lines: Vec<&str> = literal.split("\\\n").map(str::trim_start).collect();
            found.push(lines.concat());
        }
        at = end;
    }
    found
}

/// Removes placeholders from a literal, because their names are not text.
fn without_placeholders(literal: &str) -> String {
    let parts = literal.split('{').enumerate();
    parts
        .map(|(at, part)| match part.split_once('}') {
            Some((_, after)) if at > 0 => after,
            Some(_) | None => part,
        })
        .collect()
}

/// Removes code blocks and the parts between backticks from a document.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            let parts: Vec<&str> = line.split('`').step_by(2).collect();
            kept.push_str(&parts.join("`"));
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn messages_avoid_banned_words() {
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources {
        let shown = path
            .strip_prefix(root())
            .expect("below")
            .display()
            .to_string();
        let of_tests = shown.ends_with("tests.rs") || shown.contains("/tests/");
        if of_tests {
            continue;
        }
        for literal in literals(&fs::read_to_string(&path).expect("a text")) {
            seen += 1;
            // A name, a key or a pattern is not a sentence.
            let literal = without_placeholders(&literal);
            if literal.contains(' ') {
                wrong.extend(
                    banned(&literal)
                        .iter()
                        .map(|word| format!("{shown}: {literal:?}: {word}")),
                );
            }
        }
    }
    assert!(seen > 3000, "{seen} literals");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pages_of_rules_avoid_banned_words() {
    let wrong: Vec<String> = headcount::rules::RULES
        .iter()
        .flat_map(|rule| {
            let text = format!("{}\n{}", rule.summary, prose(rule.page));
            banned(&text)
                .into_iter()
                .map(|word| format!("{}: {word}", rule.code))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn help_avoids_banned_words() {
    let commands = [
        "",
        "check",
        "review",
        "explain",
        "init",
        "approve",
        "diff",
        "lineage",
        "record",
        "registry",
        "registry check",
        "registry show",
        "registry import",
        "registry coverage",
        "render",
        "completions",
        "man",
        "schema",
    ];
    for command in commands {
        let said = Command::new(env!("CARGO_BIN_EXE_headcount"))
            .args(command.split_whitespace())
            .arg("--help")
            .output()
            .expect("it runs");
        assert!(said.status.success(), "{command}");
        let text = String::from_utf8(said.stdout).expect("text");
        // Help breaks lines anywhere.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            banned(&text),
            Vec::<String>::new(),
            "headcount {command} --help"
        );
    }
}

#[test]
fn documents_avoid_banned_words() {
    let mut pages: Vec<PathBuf> = ["SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .iter()
        .map(|page| root().join(page))
        .collect();
    files(&root().join("docs"), "md", &mut pages);
    assert!(pages.len() > 40, "{}", pages.len());
    let mut wrong = Vec::new();
    for page in pages {
        let text = prose(&fs::read_to_string(&page).expect("a text"));
        for line in text.lines() {
            wrong.extend(
                banned(line)
                    .iter()
                    .map(|word| format!("{}: {word}: {line}", page.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let text =
        "// \"a\"\nfn f<'a>() { g(\"b \\\" c\", r#\"d \" e\"#, '\"', '\\'', \"f \\\n    g\"); }\n";
    assert_eq!(literals(text), ["b \\\" c", "d \" e", "f g"]);
}
