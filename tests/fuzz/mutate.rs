//! Mutations that preserve most of a text's structure: words are removed, doubled,
//! moved or taken from another text; the content of brackets is nested in itself.

use crate::random::Random;

/// Pieces that the program treats specially somewhere.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ",",
    ";",
    ".",
    "'",
    "\"",
    "`",
    "'''",
    "--",
    "/*",
    "*/",
    "#",
    "\\",
    "@",
    "@@",
    "?",
    "|>",
    "->",
    "=>",
    "::",
    "||",
    "*",
    "%",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{ x }}",
    "{% if x %}",
    "{% endif %}",
    "{% for i in range(9) %}",
    "{% endfor %}",
    "{% include x %}",
    "{% set x = [1] * 99 %}",
    "| upper",
    "| tojson",
    "is defined",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "QUALIFY",
    "WINDOW",
    "ORDER BY",
    "LIMIT",
    "WITH",
    "RECURSIVE",
    "AS",
    "UNION ALL",
    "EXCEPT DISTINCT",
    "JOIN",
    "FULL JOIN",
    "USING",
    "ON",
    "UNNEST",
    "PIVOT",
    "UNPIVOT",
    "FOR",
    "IN",
    "TABLESAMPLE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "FORMAT",
    "AT TIME ZONE",
    "OVER",
    "PARTITION BY",
    "STRUCT",
    "ARRAY",
    "NULL",
    "EXISTS",
    "BEGIN",
    "IF",
    "END IF",
    "LOOP",
    "END LOOP",
    "WHILE",
    "DO",
    "REPEAT",
    "UNTIL",
    "DECLARE",
    "DEFAULT",
    "SET",
    "EXECUTE IMMEDIATE",
    "INTO",
    "CALL",
    "CREATE TEMP TABLE t AS",
    "CREATE TEMP FUNCTION f(x ANY TYPE) AS",
    "MERGE",
    "EXTEND",
    "AGGREGATE",
    "DROP",
    "RENAME",
    "&a",
    "*a",
    "<<:",
    "!!binary",
    "---",
    "...",
    "[[",
    "]]",
    "[policy]",
    "= 1",
    "\u{0}",
    "\u{7f}",
    "\u{1b}]52;c;x\u{7}",
    "\u{202e}",
    "\u{feff}",
    "é",
    "🂡",
    "\r\n",
    "\r",
    "\t",
    "\n\n",
    "1e999",
    "99999999999999999999",
    "-0",
    "0x",
    "1_000",
];

/// Maximum length of a mutated text in bytes; tests of the limits try longer ones.
const MAX_TEXT_BYTES: usize = 20_000;

/// Mutates one text of a corpus a few times.
pub fn changed(random: &mut Random, corpus: &[String]) -> String {
    let mut text = random.one(corpus).clone();
    for _ in 0..=random.below(4) {
        text = once(random, &text, corpus);
        if text.len() > MAX_TEXT_BYTES {
            let mut end = MAX_TEXT_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
    }
    text
}

/// Splits a text into words and signs; a separator belongs to the word before it.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(|character: char| !character.is_alphanumeric() && character != '_')
        .collect()
}

fn once(random: &mut Random, text: &str, corpus: &[String]) -> String {
    let mut all = words(text);
    if all.is_empty() {
        return (*random.one(PIECES)).to_owned();
    }
    let at = random.below(all.len());
    let count = 1 + random.below(8.min(all.len() - at));
    match random.below(8) {
        0 => {
            all.drain(at..at + count);
        }
        1 => {
            let again: Vec<&str> = all[at..at + count].to_vec();
            drop(all.splice(at..at, again));
        }
        2 => {
            let taken: Vec<&str> = all.drain(at..at + count).collect();
            let to = random.below(all.len() + 1);
            drop(all.splice(to..to, taken));
        }
        3 => all.insert(at, *random.one(PIECES)),
        4 => all[at] = *random.one(PIECES),
        5 => {
            let other: &String = random.one(corpus);
            let other = words(other);
            if !other.is_empty() {
                let from = random.below(other.len());
                let taken = 1 + random.below(12.min(other.len() - from));
                let other: Vec<&str> = other[from..from + taken].to_vec();
                drop(all.splice(at..at + count, other));
            }
        }
        6 => return nested(random, text),
        _ => return bytes(random, text),
    }
    all.concat()
}

/// Repeats a pair of brackets, with the name before it, around its content.
fn nested(random: &mut Random, text: &str) -> String {
    let opens: Vec<usize> = text
        .match_indices(['(', '[', '{'])
        .map(|(at, _)| at)
        .collect();
    if opens.is_empty() {
        return format!("({text})");
    }
    let open = *random.one(&opens);
    let mut depth = 0_usize;
    let mut close = None;
    for (at, character) in text[open..].char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    close = Some(open + at);
                    break;
                }
            }
            _ => {}
        }
    }
    // A bracket that is never closed extends to the end.
    let close = close.unwrap_or(text.len());
    let start = text[..open]
        .rfind(|character: char| {
            !character.is_alphanumeric() && character != '_' && character != '.'
        })
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let (head, inner, tail) = (&text[start..=open], &text[open + 1..close], &text[close..]);
    let times = 1 + random.below(30);
    let closing: String = tail.chars().take(1).collect();
    format!(
        "{}{}{}{}{}",
        &text[..start],
        head.repeat(times),
        inner,
        closing.repeat(times.saturating_sub(1)),
        tail
    )
}

/// Removes, doubles or replaces one character.
fn bytes(random: &mut Random, text: &str) -> String {
    let mut all: Vec<char> = text.chars().collect();
    let at = random.below(all.len());
    match random.below(3) {
        0 => {
            all.remove(at);
        }
        1 => all.insert(at, all[at]),
        _ => {
            let number = u32::try_from(random.below(0x250)).expect("it is small");
            all[at] = char::from_u32(number).unwrap_or('x');
        }
    }
    all.into_iter().collect()
}
