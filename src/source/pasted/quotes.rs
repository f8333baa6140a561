//! Marks of a quotation: `>` before each line.

use super::lines::{Line, named};
use super::words;

/// How deep a quotation may be.
const DEEPEST: usize = 16;

/// Takes the marks off. `>` is a comparison too, so they are marks only where the
/// query begins behind one: where all lines have one, or no statement begins on a
/// line without.
pub(super) fn strip(text: &str, lines: &mut [Line], taken: &mut Vec<String>) {
    let mut numbers: Vec<usize> = Vec::new();
    for _ in 0..DEEPEST {
        let filled = || lines.iter().filter(|line| !line.words(text).is_empty());
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
            // A line that begins with a comparison, once the marks are off.
            line.words(text).starts_with('>')
        }) {
            let left = unquoted(line.words(text));
            let trimmed = line.text(text).trim_end();
            line.start = line.start + trimmed.len() - left.len();
            if !numbers.contains(&line.number) {
                numbers.push(line.number);
            }
        }
    }
    if !numbers.is_empty() {
        numbers.sort_unstable();
        taken.push(format!("ignored quotation marks `>` ({})", named(&numbers)));
    }
}

/// A trimmed line without its first mark and the space behind it.
fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}
