//! Removes sentences whose beginning looks like SQL: "From my side that is all."
//!
//! They are removed only on evidence: the text does not parse with them, and all of
//! it parses without them.

use super::Written;
use super::fences::leave_out;
use super::lines::Line;
use super::words;

/// Removes the first lines of a reply in Bugzilla or by mail; no statement begins
/// so.
pub(super) fn replies(text: &str, lines: &mut [Line], taken: &mut Vec<String>) {
    let is_reply = |line: &Line| {
        let said = line.words(text).trim_start_matches(['>', ' ']);
        let bugzilla = said.starts_with("(In reply to ") && said.ends_with(')');
        let mail = said.starts_with("On ") && said.ends_with(" wrote:");
        let headers = ["From:", "To:", "Cc:", "Date:", "Sent:", "Subject:"];
        let header = headers.iter().any(|header| said.starts_with(header));
        bugzilla || mail || header
    };
    let found = lines.iter().enumerate().filter(|(_, line)| is_reply(line));
    let found: Vec<usize> = found.map(|(at, _)| at).collect();
    leave_out(lines, &found, "(the start of a reply)", taken);
}

/// Removes sentences if the rest parses and the whole text does not.
pub(super) fn strip(
    text: &str,
    lines: &mut [Line],
    taken: &mut Vec<String>,
    parses: &dyn Fn(&str) -> bool,
) {
    let sentences = sentences(text, lines);
    if sentences.is_empty() || parses(&left(text, lines, &[])) {
        return;
    }
    // First those after the query are removed, then all.
    let behind = trailing(text, lines, &sentences);
    for out in [behind, sentences] {
        if !out.is_empty() && parses(&left(text, lines, &out)) {
            leave_out(lines, &out, "(sentences)", taken);
            return;
        }
    }
}

/// Returns the text without some lines.
fn left(text: &str, lines: &[Line], out: &[usize]) -> String {
    let mut lines = lines.to_vec();
    for at in out {
        lines[*at].kept = false;
    }
    Written::of(text, &lines).text
}

/// Finds lines that are sentences, and the lines of paragraphs that end as one.
fn sentences(text: &str, lines: &[Line]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut paragraph = Vec::new();
    let mut close = |paragraph: &mut Vec<usize>| {
        let words = |at: &usize| lines[*at].words(text);
        let plain = paragraph.iter().all(|at| words::is_plain(words(at)));
        let ends = paragraph
            .last()
            .is_some_and(|at| words::ends_sentence(words(at)));
        let alone = |at: &&usize| {
            let line = words(at);
            words::is_plain(line) && words::ends_sentence(line)
        };
        let whole = plain && ends;
        found.extend(paragraph.iter().filter(|at| whole || alone(at)));
        paragraph.clear();
    };
    for (at, line) in lines.iter().enumerate() {
        if line.kept && !line.words(text).is_empty() {
            paragraph.push(at);
        } else {
            close(&mut paragraph);
        }
    }
    close(&mut paragraph);
    found
}

/// Returns the sentences after which there is nothing else.
fn trailing(text: &str, lines: &[Line], sentences: &[usize]) -> Vec<usize> {
    let other = |at: &usize| {
        let line = &lines[*at];
        line.kept && !line.words(text).is_empty() && sentences.binary_search(at).is_err()
    };
    let last = (0..lines.len()).rev().find(other).unwrap_or(0);
    let behind = sentences.iter().filter(|at| **at > last);
    behind.copied().collect()
}
