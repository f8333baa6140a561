//! Removes sentences whose beginning looks like SQL: "From my side that is all."
//!
//! They are removed only on evidence: the text does not parse with them, and all of
//! it parses without them.

use super::fences::remove_lines;
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
    remove_lines(lines, &found, "(the start of a reply)", taken);
}

/// Lines that are sentences, and those of paragraphs that end as one. What a line before
/// goes on with is none.
pub(super) fn find(text: &str, lines: &[Line]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut paragraph = Vec::new();
    // The last line that stays.
    let mut before: Option<usize> = None;
    let words = |at: usize| lines[at].words(text);
    let mut close = |paragraph: &mut Vec<usize>| {
        let plain = paragraph.iter().all(|at| words::is_plain(words(*at)));
        let ends = paragraph
            .last()
            .is_some_and(|at| words::ends_sentence(words(*at)));
        // A line that begins as a clause does may be one, whatever stands around it.
        let clause = paragraph
            .iter()
            .any(|at| words::is_own(words(*at)) && !words::ends_sentence(words(*at)));
        let whole = plain && ends && !clause;
        for at in paragraph.drain(..) {
            let line = words(at);
            let alone = words::is_plain(line) && words::ends_sentence(line);
            let goes_on = before.is_some_and(|before| words::continues(words(before)));
            if (whole || alone) && !goes_on {
                found.push(at);
            } else {
                before = Some(at);
            }
        }
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

/// Those behind which nothing else stands.
pub(super) fn trailing(text: &str, lines: &[Line], sentences: &[usize]) -> Vec<usize> {
    let other = |at: &usize| {
        let line = &lines[*at];
        line.kept && !line.words(text).is_empty() && sentences.binary_search(at).is_err()
    };
    let last = (0..lines.len()).rev().find(other).unwrap_or(0);
    let behind = sentences.iter().filter(|at| **at > last);
    behind.copied().collect()
}
