//! Removes prompts of a terminal or a database shell.

use super::fences::remove_lines;
use super::lines::{Line, named};
use super::words;

/// Removes prompts of terminals. These are `bq> SELECT …` with `->` before its next
/// lines, and lines at the end that contain only a prompt.
pub(super) fn strip(text: &str, lines: &mut [Line], taken: &mut Vec<String>) {
    let mut numbers = Vec::new();
    let (mut begun, mut prompted) = (false, false);
    // The prompt, which some programs repeat before each line.
    let mut name = "";
    for line in lines.iter_mut() {
        let trimmed = line.words(text);
        let rest = match prompt(trimmed) {
            // After a name, `> (` is a comparison.
            Some(rest) if !begun && words::begins_statement(rest) && !rest.starts_with('(') => {
                prompted = true;
                name = trimmed.strip_suffix(rest).unwrap_or("").trim_end();
                rest
            }
            Some(_) | None if prompted => match continued(trimmed, name) {
                Some(rest) => rest,
                None => continue,
            },
            Some(_) | None => {
                begun |= words::may_begin(trimmed);
                continue;
            }
        };
        line.keep_last(text, rest.len());
        numbers.push(line.number);
    }
    if !numbers.is_empty() {
        taken.push(format!("prompts ({})", named(&numbers)));
    }
    let mut trailing = Vec::new();
    for (at, line) in lines.iter().enumerate().rev() {
        let trimmed = line.words(text);
        if is_prompt_alone(trimmed) {
            trailing.push(at);
        } else if !trimmed.is_empty() {
            break;
        }
    }
    trailing.reverse();
    remove_lines(lines, &trailing, "with a prompt", taken);
}

/// Returns the text after a prompt of a database shell.
fn prompt(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("> ").or_else(|| line.split_once("=# "))?;
    let named = before.len() <= 20 && before.starts_with(|c: char| c.is_ascii_alphabetic());
    let word = before
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    (named && word).then(|| rest.trim_start())
}

/// What stands behind a prompt for more of the statement.
fn continued<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let marks = ["-> ", "...> ", "-# "];
    let again = || line.strip_prefix(name)?.strip_prefix(' ');
    let found = marks.iter().find_map(|mark| line.strip_prefix(mark));
    found.or_else(again)
}

/// Whether a line is only a prompt: `$`, `user@host:~/sql$`, `bq>`.
fn is_prompt_alone(line: &str) -> bool {
    if matches!(
        line,
        "$" | "%" | "^D" | "^C" | "EOF" | ">>>" | "bq>" | "sql>" | "mysql>"
    ) {
        return true;
    }
    let one_word = !line.contains(char::is_whitespace);
    one_word && line.contains('@') && line.ends_with(['$', '%'])
}
