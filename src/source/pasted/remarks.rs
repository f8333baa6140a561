//! Paragraphs of words around statements, which do not end as sentences or have signs
//! that SQL has too: addresses, times, names of people, lists.
//!
//! They are left out only where that is tried: the text does not parse with them, and
//! all of it parses without. A paragraph that may belong to a statement is none.

use super::chat;
use super::lines::Line;
use super::markers;
use super::words;

/// A paragraph that may be left out.
#[derive(Debug, Clone)]
pub(super) struct Remark {
    /// Its lines.
    pub(super) lines: Vec<usize>,
    /// Whether nothing stands behind it but other remarks.
    pub(super) trailing: bool,
}

/// The paragraphs that are remarks: after the end of a statement, before the beginning of
/// another one, or behind all of them. `in_code` says which lines begin outside of strings
/// and comments.
pub(super) fn find(text: &str, lines: &[Line], in_code: &[bool]) -> Vec<Remark> {
    let paragraphs = paragraphs(text, lines);
    let after = |paragraph: &[usize]| after(text, lines, paragraph[0]);
    let is_remark = |paragraph: &Vec<usize>| {
        let after = after(paragraph);
        paragraph.iter().all(|at| {
            let code = in_code.get(*at).copied().unwrap_or(false);
            code && is_remark(lines[*at].words(text), after)
        })
    };
    let kinds: Vec<bool> = paragraphs.iter().map(is_remark).collect();
    // The first line of the next paragraph that is none, for each.
    let mut follows: Vec<Option<&str>> = vec![None; paragraphs.len()];
    for at in (0..paragraphs.len().saturating_sub(1)).rev() {
        follows[at] = match kinds[at + 1] {
            true => follows[at + 1],
            false => Some(lines[paragraphs[at + 1][0]].words(text)),
        };
    }
    let mut found = Vec::new();
    // The last line that stays, in the order of the text.
    let mut before: Option<&str> = None;
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let follows = follows[at];
        let ended = before.is_some_and(|line| line.ends_with(';'));
        let apart = match (before, follows) {
            // What stands before the first statement is looked at elsewhere.
            (None, _) => false,
            (Some(line), _) if words::continues(line) => false,
            (Some(_), None) => true,
            (Some(_), Some(next)) => ended || words::is_starter(next),
        };
        if kinds[at] && apart {
            found.push(Remark {
                lines: paragraph.clone(),
                trailing: follows.is_none(),
            });
        } else {
            before = paragraph.last().map(|last| lines[*last].words(text));
        }
    }
    found
}

/// Runs of lines with nothing between them: no empty line, no end of a statement, no line
/// that begins one, and no other message of a chat.
fn paragraphs(text: &str, lines: &[Line]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut open = false;
    for (at, line) in lines.iter().enumerate() {
        let words = line.words(text);
        if !line.kept || words.is_empty() {
            open = false;
            continue;
        }
        let begins = words::is_starter(words) || line.marked || is_said(words);
        match all.last_mut() {
            Some(last) if open && !begins => last.push(at),
            Some(_) | None => all.push(vec![at]),
        }
        open = !words.ends_with(';');
    }
    all
}

/// What stands right before a paragraph.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// The end of a statement: no clause of one can begin here.
    End,
    /// A line of a chat that was left out.
    Header,
    /// Something else, which the paragraph may go on with.
    Other,
}

fn after(text: &str, lines: &[Line], first: usize) -> After {
    let before = lines[..first].iter().rev();
    let mut before = before.filter(|line| !line.words(text).is_empty());
    match before.next() {
        Some(line) if !line.kept && chat::is_header(line.words(text)) => After::Header,
        Some(line) if line.kept && line.words(text).ends_with(';') => After::End,
        Some(_) | None => After::Other,
    }
}

/// Whether a line is words to a reader. A single word, and a name with a dot, may be a
/// column or a table.
fn is_remark(line: &str, after: After) -> bool {
    let line = markers::item(line).unwrap_or(line);
    let bare = line.trim_matches(['*', '_', '~']);
    let own = match after {
        After::End => words::begins_statement(bare),
        After::Header | After::Other => words::is_own(bare),
    };
    let name = after == After::Other && words::may_be_name(bare) && !chat::is_header(line);
    if own || name {
        return false;
    }
    // A row of a table of Markdown.
    let row = line.len() > 1 && line.starts_with('|') && line.ends_with('|');
    let row = row && !line.starts_with("|>") && !line.starts_with("||");
    let said = bare.strip_prefix('@').unwrap_or(bare);
    row || chat::is_header(line) || !words::could_be_sql(said) || is_said(line)
}

/// Whether a line is a message of a chat with more than one word, and no sign of SQL in it:
/// `bob> looks good`, but not `clients> 5000`.
fn is_said(line: &str) -> bool {
    let letters = |word: &&str| {
        let mut word = word.chars().filter(|c| !c.is_ascii_punctuation());
        word.next().is_some_and(char::is_alphabetic) && word.all(char::is_alphabetic)
    };
    chat::said(line).is_some_and(|said| {
        let words = said.split_whitespace().filter(letters).count();
        words > 1 && !words::could_be_sql(said) && !words::is_own(said)
    })
}
