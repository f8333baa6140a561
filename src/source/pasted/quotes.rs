//! Removes quotation marks: `>` before each line.

use super::lines::{Line, named};
use super::words;

/// The maximum depth of a quotation.
const DEEPEST: usize = 16;

/// Removes the marks. `>` is also a comparison, so it is a mark only if the query
/// begins after one: if all lines have one, or no statement begins on a line without
/// one.
pub(super) fn strip(text: &str, lines: &mut [Line], taken: &mut Vec<String>) {
    let mut numbers: Vec<usize> = Vec::new();
    for _ in 0..DEEPEST {
        let filled = || {
            let kept = lines.iter().filter(|line| line.kept);
            kept.filter(|line| !line.words(text).is_empty())
        };
        let quoted = |line: &&Line| line.words(text).starts_with('>');
        let all = filled().all(|line| quoted(&line));
        let begins =
            |line: &Line| words::begins_statement(line.words(text).trim_start_matches(['>', ' ']));
        let inside = filled().filter(quoted).any(begins);
        let outside = filled().filter(|line| !quoted(line)).any(begins);
        let any = filled().any(|line| quoted(&line));
        if !any || !(all || (inside && !outside)) {
            break;
        }
        for line in lines.iter_mut().filter(|line| {
            // A line without a mark may begin with a comparison after others lost
            // theirs.
            line.words(text).starts_with('>')
        }) {
            line.keep_last(text, unquoted(line.words(text)).len());
            if !numbers.contains(&line.number) {
                numbers.push(line.number);
            }
        }
    }
    if numbers.is_empty() {
        numbers = among_others(text, lines);
    }
    if !numbers.is_empty() {
        numbers.sort_unstable();
        taken.push(format!("quotation marks `>` ({})", named(&numbers)));
    }
}

/// Removes the marks from quoted queries beside an unquoted one. Each run of quoted
/// lines in which a query begins is a text of its own. A query is never skipped for
/// being quoted.
fn among_others(text: &str, lines: &mut [Line]) -> Vec<usize> {
    let quoted = |line: &Line| line.kept && line.words(text).starts_with('>');
    let begins = |line: &Line| {
        let bare = line.words(text).trim_start_matches(['>', ' ']);
        let word: String = bare.chars().take_while(char::is_ascii_alphabetic).collect();
        let starters = ["select", "with", "create", "insert", "merge"];
        starters.contains(&word.to_ascii_lowercase().as_str())
    };
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match runs.last_mut() {
            Some((_, end)) if *end == at && quoted(line) => *end = at + 1,
            Some(_) | None if quoted(line) => runs.push((at, at + 1)),
            Some(_) | None => {}
        }
    }
    runs.retain(|(from, to)| lines[*from..*to].iter().any(begins));
    let mut numbers = Vec::new();
    for (from, to) in runs {
        for line in &mut lines[from..to] {
            let bare = line.words(text).trim_start_matches(['>', ' ']);
            line.keep_last(text, bare.len());
            numbers.push(line.number);
        }
        lines[from].ends_statement = true;
        if let Some(next) = lines.get_mut(to) {
            next.ends_statement = true;
        }
    }
    numbers
}

/// Removes the first mark of a trimmed line, and the space after it.
fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}
