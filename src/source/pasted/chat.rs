//! What a chat writes around messages: who said something and when. IRC, Matrix, Slack.
//!
//! They are tried only if the text does not parse with them; then all of it must parse
//! without.

use std::collections::HashSet;

use super::lines::Line;
use super::words;

/// The longest name of a speaker, in characters, and the most words of it.
const LONGEST: usize = 40;
const MOST_WORDS: usize = 3;

/// Marks of a chat that were removed: before messages, and whole lines.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) before: Vec<usize>,
    pub(super) whole: Vec<usize>,
}

/// Removes times and speakers before messages that may be SQL, and lines that hold
/// nothing else.
pub(super) fn strip(text: &str, lines: &mut [Line]) -> Marks {
    let mut marks = Marks::default();
    let speakers = speakers(text, lines);
    for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.kept) {
        let words = line.words(text);
        if is_header(words) {
            line.kept = false;
            marks.whole.push(at);
            continue;
        }
        let Some(message) = message(words) else {
            continue;
        };
        let sure = message.timed || words::is_starter(message.rest);
        if sure || speakers.contains(message.speaker) {
            line.keep_last(text, message.rest.len());
            line.marked = true;
            marks.before.push(at);
        }
    }
    marks
}

/// Those who said something that begins a statement, and whose names stand nowhere in what
/// is said: `clients> 5000` is a comparison.
fn speakers<'t>(text: &'t str, lines: &[Line]) -> HashSet<&'t str> {
    let mut speakers: HashSet<&str> = HashSet::new();
    let mut said: HashSet<String> = HashSet::new();
    for line in lines.iter().filter(|line| line.kept) {
        let words = line.words(text);
        let message = message(words);
        let rest = message.as_ref().map_or(words, |message| message.rest);
        let names = rest.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        said.extend(names.map(str::to_lowercase));
        if let Some(message) = message.filter(|message| words::is_starter(message.rest)) {
            speakers.insert(message.speaker);
        }
    }
    speakers.retain(|speaker| !said.contains(&speaker.to_lowercase()));
    speakers
}

/// What somebody says in a line of a chat.
pub(super) fn said(line: &str) -> Option<&str> {
    message(line).map(|message| message.rest)
}

/// A line of a chat: who says what.
struct Message<'t> {
    speaker: &'t str,
    rest: &'t str,
    /// Whether a time stands before it, which no SQL has there.
    timed: bool,
}

fn message(line: &str) -> Option<Message<'_>> {
    let (timed, line) = match after_time(line) {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let named = |speaker: &str| {
        let words = speaker.split_whitespace().count();
        let letters = speaker
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.|@:[]^'+ ".contains(c));
        let first = speaker.chars().next();
        let begins = first.is_some_and(|c| c.is_alphabetic() || "@+_[^".contains(c));
        (1..=MOST_WORDS).contains(&words) && speaker.chars().count() <= LONGEST && letters && begins
    };
    if let Some((speaker, rest)) = line.strip_prefix('<').and_then(|line| line.split_once('>'))
        && named(speaker)
    {
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        return Some(Message {
            speaker,
            rest,
            timed,
        });
    }
    for sign in ["> ", ": ", " | "] {
        if let Some((speaker, rest)) = line.split_once(sign)
            && named(speaker)
        {
            return Some(Message {
                speaker,
                rest,
                timed,
            });
        }
    }
    // A time with nothing after it but the message.
    (timed && !line.is_empty()).then_some(Message {
        speaker: "",
        rest: line,
        timed,
    })
}

/// What stands behind a time at the beginning of a line: `[10:32] `, `10:32:05 `,
/// `[2026-01-31 10:32] `, `12:01 PM `.
fn after_time(line: &str) -> Option<&str> {
    let (inner, rest) = match line.strip_prefix('[').or_else(|| line.strip_prefix('(')) {
        Some(inner) => {
            let end = inner.find([']', ')'])?;
            (inner.get(..end)?, inner.get(end + 1..)?)
        }
        None => {
            let end = time_length(line)?;
            (line.get(..end)?, line.get(end..)?)
        }
    };
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', '<']);
    (is_time(inner) && ends).then(|| rest.trim_start())
}

/// The length of the words at the beginning that say a time.
fn time_length(line: &str) -> Option<usize> {
    let first = line.split_whitespace().next()?;
    let mut length = first.len();
    let rest = line.get(length..)?;
    let next = rest.split_whitespace().next().unwrap_or("");
    if is_half(next) {
        length += rest.find(next)? + next.len();
    }
    is_time(line.get(..length)?).then_some(length)
}

/// Whether a text is a time of a day, with a date before it or not.
fn is_time(text: &str) -> bool {
    let mut clock = false;
    let mut words = text.split_whitespace().peekable();
    if words.peek().is_none() {
        return false;
    }
    words.all(|word| {
        let word = word.trim_end_matches(',');
        if is_clock(word) {
            clock = true;
            return true;
        }
        is_half(word) || is_date(word)
    }) && clock
}

/// `10:32`, `10:32:05`, `12:01PM`.
fn is_clock(word: &str) -> bool {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let half = &word[bare.len()..];
    let parts: Vec<&str> = bare.split(':').collect();
    let digits =
        |part: &&str| (1..=2).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    (2..=3).contains(&parts.len()) && parts.iter().all(digits) && (half.is_empty() || is_half(half))
}

fn is_half(word: &str) -> bool {
    ["am", "pm", "a.m.", "p.m.", "utc", "z"]
        .iter()
        .any(|half| word.eq_ignore_ascii_case(half))
}

fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}

/// Words of a header beside a name, a date and a time.
const HEADER: [&str; 24] = [
    "today",
    "yesterday",
    "at",
    "app",
    "edited",
    "(edited)",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
];

/// Whether a line says who wrote what follows, and when, or counts replies, and is no
/// SQL: a time stands in it that is no part of an expression.
pub(super) fn is_header(line: &str) -> bool {
    let bare = line.trim_matches(['[', ']', '(', ')']);
    let words: Vec<&str> = bare.split_whitespace().collect();
    if let [count, what] = words[..]
        && count.chars().all(|c| c.is_ascii_digit())
    {
        return matches!(what, "reply" | "replies" | "reactions" | "reaction");
    }
    // Reactions and how many there are.
    let emoji = |word: &&&str| {
        let inner = word
            .strip_prefix(':')
            .and_then(|word| word.strip_suffix(':'));
        inner.is_some_and(|inner| {
            let letter = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
            !inner.is_empty() && inner.chars().all(letter)
        })
    };
    let number = |word: &&str| word.chars().all(|c| c.is_ascii_digit());
    let reactions = words.iter().filter(emoji).count();
    if reactions > 0 && words.iter().all(|word| emoji(&word) || number(word)) {
        return true;
    }
    // The time stands at the end: after it comes the message.
    let Some(clock) = words
        .iter()
        .position(|word| is_clock(word.trim_matches(['[', ']', '(', ')'])))
    else {
        return false;
    };
    let (name, rest) = (&words[..clock], &words[clock + 1..]);
    let own = |word: &&&str| !HEADER.contains(&word.to_lowercase().as_str());
    let names: Vec<&&str> = name.iter().filter(own).collect();
    let plain = |word: &&&str| {
        word.chars()
            .all(|c| c.is_alphanumeric() || "_-.,'@[]:/".contains(c))
    };
    rest.iter().all(|word| {
        let word = word.trim_matches(['[', ']', '(', ')']);
        is_half(word) || HEADER.contains(&word.to_lowercase().as_str())
    }) && names.len() <= MOST_WORDS + 2
        && names.iter().all(plain)
        && !names.iter().copied().copied().any(words::is_own)
}

#[cfg(test)]
mod tests {
    use super::{is_header, message};

    #[test]
    fn message_is_what_stands_behind_time_and_speaker() {
        for (line, speaker, rest) in [
            ("[10:32] bob: SELECT 1", "bob", "SELECT 1"),
            ("[10:32:05] <bob> SELECT 1", "bob", "SELECT 1"),
            ("10:32 <@bob> SELECT 1", "@bob", "SELECT 1"),
            ("[2026-01-31 10:32] Bob B: x", "Bob B", "x"),
            ("12:01 PM SELECT 1", "", "SELECT 1"),
            ("<bob>   FROM t", "bob", "  FROM t"),
            ("bob> FROM t", "bob", "FROM t"),
        ] {
            let found = message(line).expect(line);
            assert_eq!((found.speaker, found.rest), (speaker, rest), "{line}");
        }
        for line in [
            "SELECT 1",
            "COUNT(*) > 5",
            "a.b >= 5",
            "[1, 2] x",
            "(10) x",
            "",
        ] {
            assert!(message(line).is_none(), "{line}");
        }
    }

    #[test]
    fn header_has_a_time_and_no_sql() {
        for line in [
            "12:01 PM",
            "10:32",
            "[10:32]",
            "Alice Smith  12:01 PM",
            "Alice Smith [12:01 PM]",
            "alice APP 10:32",
            "Today at 12:01 PM (edited)",
            "3 replies",
            ":thumbsup: 2",
            ":+1: :tada: 3",
        ] {
            assert!(is_header(line), "{line}");
        }
        for line in [
            "",
            "SELECT 1",
            "WHERE t = '10:32'",
            "AND 10:32",
            "3 clients",
            "10:32 SELECT 1",
            "a > 10",
            "5000",
            ":",
        ] {
            assert!(!is_header(line), "{line}");
        }
    }
}
