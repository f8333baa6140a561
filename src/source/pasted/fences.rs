//! Removes Markdown fences around code.

use super::lines::{Line, named};
use super::words;

/// Languages of blocks that contain SQL; a block without a language is assumed to
/// contain SQL.
const SQL: &[&str] = &[
    "bigquery",
    "bq",
    "google",
    "jinja",
    "jinja2",
    "plain",
    "plaintext",
    "text",
    "txt",
];

/// An open fence.
struct OpenFence {
    mark: char,
    length: usize,
    sql: bool,
}

/// Keeps the content of code blocks and removes everything around them. If a
/// statement seems to begin outside of them, only the fences and the blocks in other
/// languages are removed. Returns false if there are no code blocks.
pub(super) fn strip(text: &str, lines: &mut [Line], taken: &mut Vec<String>) -> bool {
    let mut open: Option<OpenFence> = None;
    let (mut fences, mut outside, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = false;
    let mut blocks = 0;
    let mut ended = true;
    let kept = lines.iter_mut().enumerate().filter(|(_, line)| line.kept);
    for (at, line) in kept {
        let trimmed = line.words(text);
        match &open {
            None => match opening(trimmed) {
                Some((found, behind)) => {
                    fences.push(line.number);
                    seen = true;
                    if found.sql && blocks > 0 && !ended {
                        line.ends_statement = true;
                    }
                    if found.sql {
                        blocks += 1;
                        ended = false;
                    }
                    let rest = behind.len();
                    open = Some(found);
                    if rest == 0 {
                        line.kept = false;
                    } else {
                        // Chats put the code on the fence's own line.
                        line.keep_last(text, rest);
                        if close(text, line, open.as_ref()) {
                            open = None;
                        }
                        ended = line.words(text).ends_with(';');
                    }
                }
                None if !trimmed.is_empty() => outside.push(at),
                None => {}
            },
            Some(fence) => {
                let sql = fence.sql;
                let whole = closing(trimmed, fence);
                if whole {
                    fences.push(line.number);
                    line.kept = false;
                    open = None;
                } else if close(text, line, Some(fence)) {
                    fences.push(line.number);
                    open = None;
                }
                if !whole && !sql {
                    foreign.push(at);
                } else if !whole && !line.words(text).is_empty() {
                    ended = line.words(text).ends_with(';');
                }
            }
        }
    }
    if !seen {
        return false;
    }
    taken.push(format!("code fences ({})", named(&fences)));
    let statement = outside.iter().any(|at| {
        let words = lines[*at].words(text);
        words::is_like_sql(words) || words::is_doubtful(words)
    });
    let mut dropped = if statement { Vec::new() } else { outside };
    dropped.extend(foreign);
    dropped.sort_unstable();
    remove_lines(lines, &dropped, "outside of SQL blocks", taken);
    true
}

/// Removes lines, and reports them.
pub(super) fn remove_lines(
    lines: &mut [Line],
    which: &[usize],
    place: &str,
    taken: &mut Vec<String>,
) {
    if which.is_empty() {
        return;
    }
    let numbers: Vec<usize> = which.iter().map(|at| lines[*at].number).collect();
    for at in which {
        lines[*at].kept = false;
    }
    taken.push(format!("{} {place}", named(&numbers)));
}

/// Returns the fence that a line opens, and the code after it.
fn opening(line: &str) -> Option<(OpenFence, &str)> {
    let mark = line.chars().next().filter(|c| *c == '`' || *c == '~')?;
    let length = line.chars().take_while(|c| *c == mark).count();
    if length < 3 {
        return None;
    }
    let behind = line[length..].trim();
    let code = words::begins_statement(behind.trim_end_matches(mark));
    let language = behind.split_whitespace().next().unwrap_or("");
    let language = language.to_ascii_lowercase();
    let sql =
        code || language.is_empty() || language.contains("sql") || SQL.contains(&language.as_str());
    let fence = OpenFence { mark, length, sql };
    Some((fence, if code { behind } else { "" }))
}

fn closing(line: &str, fence: &OpenFence) -> bool {
    line.len() >= fence.length && line.chars().all(|c| c == fence.mark)
}

/// Removes a fence from the end of a line with code before it.
fn close(text: &str, line: &mut Line, fence: Option<&OpenFence>) -> bool {
    let Some(fence) = fence else { return false };
    let trimmed = line.text(text).trim_end();
    let bare = trimmed.trim_end_matches(fence.mark);
    if trimmed.len() - bare.len() < fence.length {
        return false;
    }
    line.end = line.start + bare.len();
    line.next = line.end;
    true
}
