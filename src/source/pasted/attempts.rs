//! What is left out or read as something else only if the text does not parse with it: of
//! what is tried, the first after which all of it parses. Where nothing helps, everything
//! stays, for the parser to report.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::characters::{self, Reading};
use super::lines::{Line, named};
use super::{MappedText, chat, markers, prose, remarks, sentences, words};
use crate::source::SourceText;

/// The largest text of which more is tried than the removal of sentences: each attempt
/// parses it.
const LARGEST: usize = 1 << 16;
/// How many paragraphs at the end are tried one by one.
const TRAILING: usize = 6;

/// A text as it may be read.
pub(super) struct ThresholdCondition {
    pub(super) lines: Vec<Line>,
    pub(super) reading: Reading,
    pub(super) taken: Vec<String>,
}

/// Finds the way to read a text that leaves out the least of it.
pub(super) fn best(
    source: &SourceText,
    lines: Vec<Line>,
    parses: &dyn Fn(&str) -> bool,
) -> ThresholdCondition {
    // Of each text that was tried its hash: one that is passed over by chance is only not
    // tried.
    let tried: RefCell<HashSet<u64>> = RefCell::default();
    let hashes = RandomState::new();
    let fits = |attempt: &ThresholdCondition| {
        let written = MappedText::of(source.text(), &attempt.lines);
        let text = characters::plain(source, written, attempt.reading, &mut Vec::new()).text;
        let blank = text.trim().is_empty();
        // What did not parse before does not parse now.
        !blank && tried.borrow_mut().insert(hashes.hash_one(&text)) && parses(&text)
    };
    let unchanged = ThresholdCondition {
        lines,
        reading: Reading::Strict,
        taken: Vec::new(),
    };
    if fits(&unchanged) {
        return unchanged;
    }
    let small = source.text().len() <= LARGEST;
    for reading in [Reading::Strict, Reading::Lenient] {
        if reading == Reading::Lenient && !small {
            break;
        }
        let marked = marked(source.text(), &unchanged.lines);
        let starts = std::iter::once((unchanged.lines.clone(), Vec::new()));
        let starts = starts.chain(marked.filter(|_| small));
        for (lines, taken) in starts {
            for (out, what) in leavable(source.text(), &lines, small) {
                for ends in [false, true] {
                    if ends && !small {
                        break;
                    }
                    let attempt = without(&lines, &out, what, &taken, ends, source.text());
                    let attempt = ThresholdCondition { reading, ..attempt };
                    if fits(&attempt) {
                        return attempt;
                    }
                }
            }
        }
    }
    unchanged
}

/// The lines without marks of chats and lists, if there are such.
fn marked(text: &str, lines: &[Line]) -> Option<(Vec<Line>, Vec<String>)> {
    let mut lines = lines.to_vec();
    let mut taken = Vec::new();
    let numbers = |lines: &[Line], found: &[usize]| -> Vec<usize> {
        found.iter().map(|at| lines[*at].number).collect()
    };
    let marks = chat::strip(text, &mut lines);
    if !marks.before.is_empty() {
        let found = named(&numbers(&lines, &marks.before));
        taken.push(format!(
            "names and times of a chat before messages ({found})"
        ));
    }
    if !marks.whole.is_empty() {
        let found = named(&numbers(&lines, &marks.whole));
        taken.push(format!("{found} (names and times of a chat)"));
    }
    let items = markers::items(text, &mut lines);
    if !items.is_empty() {
        let found = named(&numbers(&lines, &items));
        taken.push(format!("list markers ({found})"));
    }
    let numbered = markers::numbers(text, &mut lines);
    if !numbered.is_empty() {
        let found = named(&numbers(&lines, &numbered));
        taken.push(format!("line numbers ({found})"));
    }
    if taken.is_empty() {
        return None;
    }
    // What stands before the first statement is seen now, and so is what is behind it.
    prose::strip(text, &mut lines, &mut taken);
    Some((lines, taken))
}

/// The lines that may be left out, the fewest first, with what they are.
fn leavable(text: &str, lines: &[Line], small: bool) -> Vec<(Vec<usize>, &'static str)> {
    // What stands in a string or a comment is part of it.
    let in_code = characters::lines_in_code(text, lines);
    let mut sentences = sentences::find(text, lines);
    sentences.retain(|at| in_code.get(*at).copied().unwrap_or(false));
    let behind = sentences::trailing(text, lines, &sentences);
    let mut all = vec![
        (Vec::new(), ""),
        (behind, "(sentences)"),
        (sentences.clone(), "(sentences)"),
    ];
    if !small {
        return all;
    }
    let remarks = remarks::find(text, lines, &in_code);
    let what = "(text that is not SQL)";
    let trailing: Vec<_> = remarks.iter().filter(|remark| remark.trailing).collect();
    let mut last: Vec<usize> = Vec::new();
    for remark in trailing.iter().rev().take(TRAILING) {
        last.extend(&remark.lines);
        all.push((last.clone(), what));
    }
    let every = |keep: &dyn Fn(&remarks::Remark) -> bool| {
        let kept = remarks.iter().filter(|remark| keep(remark));
        let lines: Vec<usize> = kept.flat_map(|remark| &remark.lines).copied().collect();
        lines
    };
    all.push((every(&|remark| !remark.trailing), what));
    let mut both = every(&|_| true);
    all.push((both.clone(), what));
    both.extend(&sentences);
    all.push((both, what));
    for (out, _) in &mut all {
        out.sort_unstable();
        out.dedup();
    }
    all
}

/// The lines without some of them. A statement that begins behind what is left out may be
/// one of its own: then the one before it ends.
fn without(
    lines: &[Line],
    out: &[usize],
    what: &'static str,
    taken: &[String],
    ends: bool,
    text: &str,
) -> ThresholdCondition {
    let mut lines = lines.to_vec();
    let mut taken = taken.to_vec();
    super::fences::remove_lines(&mut lines, out, what, &mut taken);
    if ends {
        let mut apart = false;
        let mut seen = false;
        for line in &mut lines {
            let blank = line.words(text).is_empty();
            if !line.kept {
                apart = true;
            } else if !blank {
                let begins = words::is_starter(line.words(text));
                line.ends_statement |= seen && begins && (apart || line.marked);
                seen = true;
                apart = false;
            }
        }
    }
    ThresholdCondition {
        lines,
        reading: Reading::Strict,
        taken,
    }
}
