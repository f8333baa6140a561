//! Removes prose before and after a query.

use super::fences::remove_lines;
use super::lines::Line;
use super::words;

/// Removes the lines before the first one that may be SQL, and sentences after the
/// query.
pub(super) fn strip(text: &str, lines: &mut [Line], taken: &mut Vec<String>) {
    let Some(first) = lines
        .iter()
        .position(|line| line.kept && words::may_begin(line.words(text)))
    else {
        // No line is SQL: the parser reports that.
        return;
    };
    // A statement with an error in its first word is no words to a reader.
    let doubtful = |at: &usize| lines[*at].kept && words::is_doubtful(lines[*at].words(text));
    let first = (0..first).find(doubtful).unwrap_or(first);
    let before: Vec<usize> = (0..first)
        .filter(|at| lines[*at].kept && !lines[*at].words(text).is_empty())
        .collect();
    remove_lines(lines, &before, "before the query", taken);
    let mut after: Vec<usize> = Vec::new();
    let mut end = lines.len();
    while let Some((from, to)) = last_paragraph(text, &lines[first..end]) {
        let (from, to) = (first + from, first + to);
        let paragraph: Vec<&str> = lines[from..to]
            .iter()
            .map(|line| line.words(text))
            .collect();
        if from == first || !words::is_prose(&paragraph) {
            break;
        }
        after.splice(0..0, from..to);
        end = from;
    }
    remove_lines(lines, &after, "after the query", taken);
}

/// Returns the last lines without an empty line or the end of a statement between
/// them.
fn last_paragraph(text: &str, lines: &[Line]) -> Option<(usize, usize)> {
    let last = lines
        .iter()
        .rposition(|line| !line.words(text).is_empty() && line.kept)?;
    let mut from = last;
    while let Some(before) = from.checked_sub(1) {
        let words = lines[before].words(text);
        if words.is_empty() || words.ends_with(';') || !lines[before].kept {
            break;
        }
        from = before;
    }
    Some((from, last + 1))
}
