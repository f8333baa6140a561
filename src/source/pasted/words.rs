//! Judges whether a line of a paste is SQL or prose.

/// Words that begin a statement of GoogleSQL, or a model.
const STATEMENTS: &[&str] = &[
    "alter",
    "analyze",
    "assert",
    "audit",
    "begin",
    "break",
    "call",
    "case",
    "commit",
    "continue",
    "create",
    "declare",
    "define",
    "delete",
    "drop",
    "execute",
    "explain",
    "export",
    "for",
    "from",
    "grant",
    "graph",
    "if",
    "import",
    "insert",
    "iterate",
    "jinja_query_begin",
    "leave",
    "load",
    "loop",
    "merge",
    "model",
    "module",
    "raise",
    "rename",
    "repeat",
    "replace",
    "return",
    "revoke",
    "rollback",
    "run",
    "select",
    "set",
    "show",
    "start",
    "table",
    "truncate",
    "undrop",
    "update",
    "values",
    "while",
    "with",
];

/// Further words that may begin a later line of a statement.
const CLAUSES: &[&str] = &[
    "and",
    "as",
    "asc",
    "by",
    "cluster",
    "cross",
    "desc",
    "distinct",
    "do",
    "else",
    "elseif",
    "end",
    "except",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "lateral",
    "left",
    "like",
    "limit",
    "match_recognize",
    "natural",
    "not",
    "null",
    "offset",
    "on",
    "options",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "pivot",
    "qualify",
    "right",
    "tablesample",
    "then",
    "union",
    "unnest",
    "unpivot",
    "using",
    "when",
    "where",
    "window",
];

/// Words that begin the closing of a letter.
const CLOSING: &[&str] = &[
    "best",
    "cheers",
    "greetings",
    "kind",
    "regards",
    "sincerely",
    "thank",
    "thanks",
    "thx",
];

/// Whether a line seems to begin a statement.
pub(super) fn begins_statement(line: &str) -> bool {
    STATEMENTS.contains(&first_word(line).as_str()) || line.trim_start().starts_with(['(', '{'])
}

/// Whether a line may begin a query: with a statement, a comment, a hint or a tag of
/// a template.
pub(super) fn may_begin(line: &str) -> bool {
    let signs = ["--", "#", "/*", "@", ";", "<<"];
    begins_statement(line) || signs.iter().any(|sign| line.starts_with(sign))
}

/// Whether a line outside of code blocks begins a statement rather than a sentence.
pub(super) fn is_like_sql(line: &str) -> bool {
    let word = first_word(line);
    if !STATEMENTS.contains(&word.as_str()) {
        return false;
    }
    let loud = line.starts_with(word.to_ascii_uppercase().as_str());
    let alone = line.len() == word.len();
    loud || alone || line.contains(['(', ')', '*', '=', '`', ',', ';']) || has_dotted_name(line)
}

/// Whether a paragraph is prose that GoogleSQL cannot read. No line has a sign or a
/// first word of SQL, and either a line ends like a sentence, or the paragraph
/// begins with a word of closing.
pub(super) fn is_prose(paragraph: &[&str]) -> bool {
    let Some(first) = paragraph.first() else {
        return false;
    };
    let word = first_word(first);
    let own = |word: &str| STATEMENTS.contains(&word) || CLAUSES.contains(&word);
    if word.is_empty() || paragraph.iter().any(|line| own(&first_word(line))) {
        return false;
    }
    if paragraph.iter().any(|line| has_signs(line)) {
        return false;
    }
    let sentence = paragraph
        .iter()
        .any(|line| line.ends_with(['.', '!', '?']) && line.split_whitespace().count() > 1);
    let one = paragraph.len() == 1 && first.ends_with(['.', '!']);
    sentence || one || CLOSING.contains(&word.as_str())
}

/// Whether a line has no signs of SQL except those that sentences have.
pub(super) fn is_plain(line: &str) -> bool {
    !has_signs(&line.replace("; ", " ")) && line.chars().any(char::is_alphabetic)
}

/// Whether a line ends like a sentence.
pub(super) fn ends_sentence(line: &str) -> bool {
    line.ends_with(['.', '!', '?', ':']) && line.split_whitespace().count() > 1
        || line.ends_with(['.', '!', ':']) && line.starts_with(char::is_uppercase)
}

/// Whether a line has signs of SQL. Signs that sentences use, in the places where
/// sentences use them, do not count.
fn has_signs(line: &str) -> bool {
    let chars: Vec<char> = line.chars().collect();
    chars.iter().enumerate().any(|(at, c)| {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        let between =
            before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic);
        let at_end = after.is_none_or(char::is_whitespace);
        match c {
            '\'' | '’' => !between,
            // A dotted name, or a list of tables.
            '.' | ',' | '!' | '?' | ':' => !at_end,
            '-' => before == Some('-') || after == Some('-'),
            c => !(c.is_alphanumeric() || c.is_whitespace()) && c.is_ascii(),
        }
    })
}

fn has_dotted_name(line: &str) -> bool {
    line.split_whitespace().any(|word| {
        word.trim_end_matches('.')
            .split_once('.')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
    })
}

/// Returns the first word of a line in lower case; empty if it begins with a sign.
fn first_word(line: &str) -> String {
    let line = line.trim_start();
    let end = line
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(line.len());
    line[..end].to_lowercase()
}
