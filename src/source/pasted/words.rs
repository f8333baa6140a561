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

/// The words that begin a statement which yields rows.
const STARTERS: &[&str] = &[
    "create", "declare", "export", "insert", "merge", "select", "update", "with",
];

/// Words of SQL that no sentence has in capitals.
const LOUD: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COALESCE",
    "COUNT",
    "CREATE",
    "CROSS",
    "DECLARE",
    "DELETE",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "EXPORT",
    "EXTRACT",
    "FALSE",
    "FROM",
    "GROUP",
    "HAVING",
    "IF",
    "IN",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MAX",
    "MERGE",
    "MIN",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "PARTITION",
    "QUALIFY",
    "REPLACE",
    "SELECT",
    "SET",
    "SUM",
    "TABLE",
    "THEN",
    "TRUE",
    "UNION",
    "UNNEST",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// Words after which a statement goes on.
const OPEN: &[&str] = &[
    "all",
    "and",
    "as",
    "between",
    "by",
    "case",
    "distinct",
    "else",
    "except",
    "from",
    "having",
    "in",
    "intersect",
    "into",
    "is",
    "join",
    "like",
    "limit",
    "not",
    "on",
    "or",
    "qualify",
    "select",
    "set",
    "table",
    "then",
    "union",
    "update",
    "using",
    "values",
    "view",
    "when",
    "where",
    "with",
];

/// Whether a line begins with a word that statements or their clauses begin with.
pub(super) fn is_own(line: &str) -> bool {
    let word = first_word(line);
    STATEMENTS.contains(&word.as_str()) || CLAUSES.contains(&word.as_str())
}

/// Whether a line begins a statement that yields rows, rather than a sentence.
pub(super) fn is_starter(line: &str) -> bool {
    let word = first_word(line);
    let has_from = || {
        line.split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("from"))
    };
    STARTERS.contains(&word.as_str()) && (is_like_sql(line) || has_from())
}

/// Whether what a line begins goes on after it: it ends with a comma, an operator, an open
/// bracket, or a word that needs another one.
pub(super) fn continues(line: &str) -> bool {
    let line = line.trim_end();
    let last = line
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or("");
    let comment = line.trim_start().starts_with("--") || line.trim_start().starts_with('#');
    !comment
        && (line.ends_with([
            ',', '(', '[', '=', '+', '-', '*', '/', '<', '>', '|', '&', '^',
        ]) || OPEN.contains(&last.to_lowercase().as_str()))
}

/// Whether a line may be part of a statement: it has an operator, a call or a word of SQL
/// in capitals, or it begins with a sign. What is in doubt may be.
pub(super) fn could_be_sql(line: &str) -> bool {
    let line = line.trim();
    // An address, with or without brackets around it.
    let words = line.split_whitespace();
    let words = words.filter(|word| !word.contains("://"));
    let said = words.collect::<Vec<_>>().join(" ");
    let begins = said.starts_with(|c: char| c.is_ascii_punctuation() && c != '[' && c != '(');
    let operators = [
        "=", "<", ">", "||", "|>", "`", "'", "\"", ";", "*", "{", "}", "@@",
    ];
    // The apostrophe of a word is none of a string.
    let chars: Vec<char> = said.chars().collect();
    let inside = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        before.is_some_and(|c| c.is_alphabetic()) && after.is_some_and(|c| c.is_alphabetic())
    };
    let plain: String = chars
        .iter()
        .enumerate()
        .filter(|(at, c)| !(matches!(c, '\'' | '’') && inside(*at)))
        .map(|(_, c)| *c)
        .collect();
    let loud = plain
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|word| LOUD.contains(&word));
    begins
        || loud
        || operators.iter().any(|sign| plain.contains(sign))
        || calls(&plain)
        || misspelt(&first_word(&plain))
}

/// Words up to which a line with a dotted name may be one of a table.
const NAME: usize = 3;

/// Whether a line may be the name of a column or a table: a single word, or a name with
/// dots or underscores and little beside it.
pub(super) fn may_be_name(line: &str) -> bool {
    let count = line.split_whitespace().count();
    let closing = CLOSING.contains(&first_word(line).as_str());
    let single = count == 1 && !closing && !line.ends_with(['!', '?']) && !line.contains("://");
    let named = has_dotted_name(line) || line.contains('_');
    single || count <= NAME && named && !line.contains("://")
}

/// Words that a statement with an error has in capitals, and a sentence rarely.
const STRONG: &[&str] = &[
    "CREATE", "FROM", "GROUP", "HAVING", "INSERT", "JOIN", "MERGE", "SELECT", "UNION", "WHERE",
];

/// Whether a line may be a part of a statement that has an error: its first word is nearly
/// one of SQL, a statement ends with it, or it has words of SQL in capitals and does not
/// end as a sentence.
pub(super) fn is_doubtful(line: &str) -> bool {
    let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let strong = words.any(|word| STRONG.contains(&word)) && !ends_sentence(line);
    strong || line.ends_with(';') || misspelt(&first_word(line))
}

/// Whether a word stands right before an open bracket: a call. The ending of a plural,
/// `column(s)`, is none.
fn calls(line: &str) -> bool {
    line.match_indices('(').any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        word && !line[at..].starts_with("(s)") && !line[at..].starts_with("(es)")
    })
}

/// Whether a word is one that begins a statement, with an error in it.
fn misspelt(word: &str) -> bool {
    let known = [
        "create", "declare", "insert", "select", "merge", "update", "delete",
    ];
    known
        .iter()
        .any(|known| !word.starts_with(known) && one_edit_apart(word, known))
}

/// Whether one letter more, less or other, or two that change places, make one word of
/// the other.
fn one_edit_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = |(a, b): &(&char, &char)| a == b;
    let start = a.iter().zip(&b).take_while(same).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([], []) => false,
        ([] | [_], [] | [_]) => true,
        ([first, second], [third, fourth]) => first == fourth && second == third,
        _ => false,
    }
}

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
