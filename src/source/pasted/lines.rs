//! The lines of a paste, and what remains of each.

/// A line of the pasted text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The number of the line, from 1.
    pub(super) number: usize,
    /// The first remaining byte.
    pub(super) start: usize,
    /// The first byte after the remaining text, without the line end.
    pub(super) end: usize,
    /// The first byte of the next line; `end` if the rest was removed.
    pub(super) next: usize,
    /// Whether it is part of the query.
    pub(super) kept: bool,
    /// Whether a statement ends before it, because a block of code ended.
    pub(super) ends_statement: bool,
    /// Whether a mark of a chat or a list was removed before it.
    pub(super) marked: bool,
}

impl Line {
    /// Returns the remaining text.
    pub(super) fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Keeps only the last `bytes` bytes before trailing white space.
    pub(super) fn keep_last(&mut self, text: &str, bytes: usize) {
        self.start += self.text(text).trim_end().len() - bytes;
    }

    /// Returns the remaining text, trimmed.
    pub(super) fn words<'t>(&self, text: &'t str) -> &'t str {
        self.text(text).trim()
    }
}

/// Splits a text into complete lines.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut at = 0;
    text.split_inclusive('\n')
        .zip(1..)
        .map(|(whole, number)| {
            let start = at;
            at += whole.len();
            let bare = whole.trim_end_matches(['\n', '\r']);
            Line {
                number,
                start,
                end: start + bare.len(),
                next: at,
                kept: true,
                ends_statement: false,
                marked: false,
            }
        })
        .collect()
}

/// The maximum number of lines, or runs of lines, in a message.
const NAMED: usize = 10;

/// Describes line numbers: `line 3`, `lines 1 to 2 and 9`; of many, the first ones.
pub(super) fn named(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            Some(_) | None => runs.push((*number, *number)),
        }
    }
    let more = runs.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = runs
        .iter()
        .take(NAMED)
        .map(|(from, to)| {
            if from == to {
                from.to_string()
            } else {
                format!("{from} to {to}")
            }
        })
        .collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    let last = shown.pop().unwrap_or_default();
    let word = if numbers.len() == 1 { "line" } else { "lines" };
    if shown.is_empty() {
        format!("{word} {last}")
    } else {
        format!("{word} {} and {last}", shown.join(", "))
    }
}
