//! Marks of lists and numbers of lines before SQL: `- SELECT …`, `1. SELECT …`.
//!
//! They are tried only if the text does not parse with them; then all of it must parse
//! without.

use super::lines::Line;
use super::words;

/// Removes the marks of list items that begin a statement; returns their lines.
pub(super) fn items(text: &str, lines: &mut [Line]) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.kept) {
        let rest = item(line.words(text));
        if let Some(rest) = rest.filter(|rest| words::is_starter(rest)) {
            line.keep_last(text, rest.len());
            line.marked = true;
            found.push(at);
        }
    }
    found
}

/// What stands behind the mark of a list item.
pub(super) fn item(line: &str) -> Option<&str> {
    let rest = match line.chars().next()? {
        '-' | '*' | '+' | '•' | '‣' | '◦' => line.get(line.chars().next()?.len_utf8()..)?,
        c if c.is_ascii_alphanumeric() => {
            let end = line.find(['.', ')'])?;
            let mark = line.get(..end)?;
            let number = mark.len() <= 3 && mark.chars().all(|c| c.is_ascii_digit());
            let letter = mark.len() == 1;
            if !(number || letter) {
                return None;
            }
            line.get(end + 1..)?
        }
        _ => return None,
    };
    let bare = rest.trim_start();
    (bare.len() < rest.len() && !bare.is_empty()).then_some(bare)
}

/// Removes the numbers of lines, where each line that is not empty has the next one;
/// returns the lines.
pub(super) fn numbers(text: &str, lines: &mut [Line]) -> Vec<usize> {
    let filled = |line: &Line| line.kept && !line.words(text).is_empty();
    let all: Vec<(usize, u64, usize)> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| filled(line))
        .map_while(|(at, line)| {
            let (number, rest) = number(line.words(text))?;
            Some((at, number, rest.len()))
        })
        .collect();
    let count = lines.iter().filter(|line| filled(line)).count();
    let consecutive = all.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
    if all.len() < count || all.len() < 2 || !consecutive {
        return Vec::new();
    }
    for (at, _, length) in &all {
        lines[*at].keep_last(text, *length);
    }
    all.into_iter().map(|(at, _, _)| at).collect()
}

/// The number of a line, and what stands behind it.
fn number(line: &str) -> Option<(u64, &str)> {
    let end = line
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(line.len());
    let number = line.get(..end)?.parse().ok()?;
    let rest = line.get(end..)?;
    let rest = rest.strip_prefix([':', '.', '|']).unwrap_or(rest);
    let apart = rest.is_empty() || rest.starts_with([' ', '\t', '|']);
    apart.then(|| (number, rest.trim_start_matches(['|', ' ', '\t'])))
}
