//! Generates random texts for `.ci/lexical`. It asks GoogleSQL's parser whether both
//! read the same tokens.

use serde_json::json;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::index::bytes;
use super::lexer::{self, FaultKind, Tokens};

/// Pieces of texts that begin, end or continue tokens.
const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{8}",
    "\u{b}",
    "\u{c}",
    "\u{a0}",
    "\u{2003}",
    "\u{3000}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "\u{1f}",
    "--",
    "-- a\n",
    "-- b\r",
    "#",
    "# c\n",
    "/*",
    "*/",
    "/* d */",
    "/**/",
    "a",
    "b",
    "r",
    "rb",
    "Br",
    "x",
    "e",
    "E",
    "é",
    "_",
    "b1",
    "from",
    "SELECT",
    "date",
    "0",
    "1",
    "12",
    "0x",
    "0x1F",
    "1.5",
    "1e5",
    "1e-3",
    ".5",
    ".",
    "..",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "+",
    "-",
    "*",
    "/",
    "~",
    "^",
    "&",
    "|",
    "||",
    "|>",
    "<",
    ">",
    "<=",
    ">=",
    "<>",
    "!=",
    "!",
    "=",
    "==",
    "=>",
    "->",
    "<<",
    ">>",
    ":",
    "::",
    "?",
    "@",
    "@@",
    "@a",
    "@@b",
    "@{a=1}",
    "@5",
    "$",
    "$a",
    "%",
    "\\",
    "'",
    "\"",
    "`",
    "'''",
    "\"\"\"",
    "'a'",
    "\"b\"",
    "`c`",
    "'''d'e'''",
    "r'f\\'",
    "b'g'",
    "\\n",
    "\\x41",
    "\\101",
    "\\u0042",
    "\\U00000043",
    "\\q",
    "\\'",
    "\\`",
    "\\xff",
    "\\400",
    "\\\n",
    "'h\\x2ei'",
    "`j\\x5fk`",
    "``",
    "b'\\xe9'",
    "'é'",
    ".1a",
    ".`b c`",
    "a.b",
    "a-b.c",
    "+1",
    "AND",
    "NULL",
    "IN (1)",
    "AS",
];

/// Text around the random part, so that some texts are queries.
const FRAMES: &[(&str, &str)] = &[
    ("SELECT ", ""),
    ("SELECT a, ", " FROM t"),
    ("SELECT f(", ")"),
    ("SELECT 'a", "b'"),
    ("SELECT `a", "b`"),
    ("SELECT r\"a", "b\""),
    ("SELECT '''a", "b'''"),
    ("SELECT b'a", "b'"),
    ("SELECT 1 --", "\n+ 1"),
    ("SELECT 1 /*", "*/ + 1"),
    ("SELECT * FROM ", ""),
    ("SELECT a.", " FROM t"),
    ("SELECT 1", "2"),
    ("SELECT @", ""),
    ("", ""),
];

/// Writes the same tokens in one canonical form, for comparison. `None` if the text
/// is not read to its end. Tokens that are separated by space or a comment are
/// written with a space.
fn rewritten(text: &str, read: &Tokens) -> Option<String> {
    if read.broken.is_some() || !read.faults.is_empty() {
        return None;
    }
    let mut written = String::new();
    let mut end = 0;
    for TokenWithSpan { token, span } in &read.tokens {
        let span = bytes(*span);
        if span.start > end {
            written.push(' ');
        }
        end = span.end;
        match token {
            Token::Word(word) if word.quote_style.is_some() => {
                written.push_str(&escaped("`", &word.value, "`"));
            }
            Token::Word(word) => {
                let name = word.value.trim_start_matches('@');
                let signs = word.value.len() - name.len();
                if signs == 0 {
                    written.push_str(name);
                } else {
                    written.push_str(&word.value[..signs]);
                    // An unquoted name after a sign may be a keyword.
                    written.push_str(&escaped("`", name, "`"));
                }
            }
            Token::SingleQuotedString(said) => written.push_str(&escaped("'", said, "'")),
            Token::SingleQuotedByteStringLiteral(said) => {
                written.push_str("b'");
                for byte in said.chars() {
                    written.push_str(&format!("\\x{:02x}", u32::from(byte)));
                }
                written.push('\'');
            }
            _ => written.push_str(text.get(span.range())?),
        }
    }
    Some(written)
}

fn escaped(open: &str, said: &str, close: &str) -> String {
    let inside: String = said
        .chars()
        .map(|character| format!("\\U{:08x}", u32::from(character)))
        .collect();
    format!("{open}{inside}{close}")
}

/// Writes `HEADCOUNT_TEXTS` cases to the file `HEADCOUNT_CASES`.
#[test]
#[ignore = "makes the cases of .ci/lexical"]
fn cases_for_the_parser() {
    let path = std::env::var("HEADCOUNT_CASES").expect("HEADCOUNT_CASES names a file");
    let number = |name: &str, default: usize| {
        std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
    };
    let mut random = fastrand::Rng::with_seed(number("HEADCOUNT_SEED", 1) as u64);
    let mut cases = String::new();
    for _ in 0..number("HEADCOUNT_TEXTS", 3_000) {
        let (before, after) = FRAMES[random.usize(..FRAMES.len())];
        let mut text = before.to_owned();
        for _ in 0..random.usize(1..5) {
            text.push_str(PIECES[random.usize(..PIECES.len())]);
        }
        text.push_str(after);
        let read = lexer::read(&text, 1_000);
        let reserved = |kind: &FaultKind| matches!(kind, FaultKind::Reserved(_));
        assert!(!read.faults.iter().any(|fault| reserved(&fault.kind)));
        let case = json!({ "text": text, "rewritten": rewritten(&text, &read) });
        cases.push_str(&format!("{case}\n"));
    }
    std::fs::write(&path, cases).expect("the file of cases can be written");
}
