//! Changes of a query's text: those that disclose more, and those that do not.

use std::collections::BTreeSet;

use headcount::assessment::FileAssessment;
use headcount::source::SourceText;
use headcount::syntax::{Lexeme, LexemeKind, lexemes};

/// Columns that a review would have to assess: sensitive, identifying or
/// unregistered.
const OTHER_COLUMNS: &[&str] = &[
    "city",
    "client_id",
    "profile_group_id",
    "ip_address",
    "search_count_all",
    "geo_subdivision1",
    "never_registered_a",
    "never_registered_b",
    "never_registered_c",
    "never_registered_d",
    "never_registered_e",
    "never_registered_f",
    "never_registered_g",
    "never_registered_h",
    "never_registered_i",
    "never_registered_j",
    "never_registered_k",
    "never_registered_l",
    "never_registered_m",
    "never_registered_n",
    "never_registered_o",
    "never_registered_p",
    "never_registered_q",
    "never_registered_r",
    "never_registered_s",
    "never_registered_t",
];

/// Number of names that are tried in place of each table.
const OTHER_TABLES: usize = 12;

/// Expressions that are published beside a complete query's own columns.
const ADDED_EXPRESSIONS: &[&str] = &[
    "city",
    "client_id",
    "MAX(city) OVER ()",
    "COUNT(*) OVER ()",
    "country",
    "os",
    "submission_timestamp",
    "SUM(1) OVER (PARTITION BY client_id)",
];

/// Tables over which [`ADDED_EXPRESSIONS`] is evaluated.
const ADDED_TABLES: &[&str] = &[
    "telemetry.main",
    "telemetry.clients_daily",
    "secret.people",
    "x.y",
];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Replaces each occurrence of `word` that is not part of a longer word.
pub fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut changed = String::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(word) {
        let (start, end) = (at + next, at + next + word.len());
        changed.push_str(&text[at..start]);
        let whole = !text[..start].ends_with(is_word) && !text[end..].starts_with(is_word);
        changed.push_str(if whole { by } else { word });
        at = end;
    }
    changed.push_str(&text[at..]);
    changed
}

/// Returns the text of a single query without trailing semicolons and comments.
///
/// `None` if the text has several statements, a template's block, or does not begin
/// with SELECT, WITH or FROM.
fn extract_single_query(sql: &str) -> Option<&str> {
    let source = SourceText::new("", sql);
    let tokens = lexemes(&source);
    let first = tokens.first()?;
    let starts = source.slice(first.span).to_uppercase();
    if !["SELECT", "WITH", "FROM"].contains(&starts.as_str()) || sql.contains("{%") {
        return None;
    }
    let last = tokens
        .iter()
        .rev()
        .find(|token| token.kind != LexemeKind::Semicolon)?;
    let before = tokens
        .iter()
        .filter(|token| token.span.end <= last.span.end);
    if before
        .into_iter()
        .any(|token| token.kind == LexemeKind::Semicolon)
    {
        return None;
    }
    Some(&sql[first.span.start as usize..last.span.end as usize])
}

/// Returns changes that disclose more, whatever the query is.
///
/// They read other columns in place of the query's sources, read other tables, join
/// the query with raw rows of people, or write the same table again.
pub fn more(sql: &str, file: &FileAssessment) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut columns = BTreeSet::new();
    let mut tables = BTreeSet::new();
    for dataset in &file.datasets {
        let published = dataset.decision.columns.iter();
        let sources = dataset.decision.sources.iter().map(|source| &source.name);
        for name in published.flat_map(|column| &column.sources).chain(sources) {
            let mut parts = name.split('.').skip(2);
            columns.extend(parts.next().map(str::to_owned));
        }
        for table in &dataset.derivation.rows.tables {
            tables.insert(table.rsplit('.').next().unwrap_or(table).to_owned());
        }
    }
    for column in columns.iter().filter(|column| column.as_str() != "*") {
        for other in OTHER_COLUMNS {
            if !columns.contains(*other) {
                found.insert(replace_word(sql, column, other));
            }
        }
    }
    for table in &tables {
        for number in 0..OTHER_TABLES {
            found.insert(replace_word(
                sql,
                table,
                &format!("people_of_others_{number}"),
            ));
        }
    }
    for dataset in &file.datasets {
        // An unassessed dataset is approved as its text, so that any changed token
        // counts.
        if !dataset.assessed {
            let source = SourceText::new("", sql);
            for token in lexemes(&source) {
                for other in 0..40 {
                    let mut changed = sql.to_owned();
                    let range = token.span.start as usize..token.span.end as usize;
                    changed.replace_range(range, &format!("changed_{other}"));
                    found.insert(changed);
                }
            }
        }
        // Another statement writes other people's rows to the same table.
        if !dataset.identity.contains('#') {
            for value in ADDED_EXPRESSIONS {
                for table in ["secret.people", "x.y", "others.people", "z.people"] {
                    found.insert(format!(
                        "{}\n;\nINSERT INTO `{}` SELECT {value} FROM {table}",
                        sql.trim_end().trim_end_matches(';'),
                        dataset.identity.replace('.', "`.`")
                    ));
                }
            }
        }
    }
    if let Some(query) = extract_single_query(sql) {
        for (number, value) in ADDED_EXPRESSIONS.iter().enumerate() {
            for table in ADDED_TABLES {
                found.insert(format!(
                    "SELECT own.*, other.beside AS beside_{number} FROM ({query}\n) AS own CROSS JOIN (SELECT {value} AS beside FROM {table}) AS other"
                ));
            }
        }
    }
    found.remove(sql);
    found.into_iter().collect()
}

/// Replaces the white space before each token with `between`.
fn replace_white_space(source: &SourceText, tokens: &[Lexeme], between: &str) -> String {
    let mut text = String::new();
    let mut end = 0;
    for token in tokens {
        let gap = &source.text()[end..token.span.start as usize];
        if !gap.is_empty() {
            text.push_str(between);
        }
        text.push_str(source.slice(token.span));
        end = token.span.end as usize;
    }
    text
}

/// Applies `change` to each keyword of a text.
fn keywords(source: &SourceText, tokens: &[Lexeme], change: fn(&str) -> String) -> String {
    const WORDS: &[&str] = &[
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "BY",
        "HAVING",
        "AS",
        "AND",
        "OR",
        "ON",
        "JOIN",
        "LEFT",
        "COUNT",
        "SUM",
        "MIN",
        "MAX",
        "IF",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "WITH",
        "UNION",
        "ALL",
        "DISTINCT",
        "ORDER",
        "QUALIFY",
        "OVER",
        "PARTITION",
        "USING",
        "IN",
        "NOT",
        "NULL",
        "IS",
    ];
    let mut text = source.text().to_owned();
    for token in tokens.iter().rev() {
        let word = source.slice(token.span);
        if token.kind == LexemeKind::Word && WORDS.contains(&word.to_uppercase().as_str()) {
            text.replace_range(
                token.span.start as usize..token.span.end as usize,
                &change(word),
            );
        }
    }
    text
}

/// Returns the names of a query's CTEs that it uses for nothing else.
fn find_renamable_names(source: &SourceText, tokens: &[Lexeme]) -> BTreeSet<String> {
    let word = |at: usize| {
        let token = tokens.get(at)?;
        (token.kind == LexemeKind::Word).then(|| source.slice(token.span))
    };
    let is =
        |at: usize, wanted: &str| word(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted));
    let mut names = BTreeSet::new();
    for at in 0..tokens.len() {
        let opens = tokens
            .get(at + 2)
            .is_some_and(|token| token.kind == LexemeKind::Open && source.slice(token.span) == "(")
            && (is(at + 3, "SELECT") || is(at + 3, "WITH") || is(at + 3, "FROM"));
        let cte = opens && is(at + 1, "AS");
        if let (Some(name), true) = (word(at), cte) {
            names.insert(name.to_owned());
        }
    }
    // Renaming a CTE must not rename a column or a table of the same name.
    names.retain(|name| {
        let of_rows = |at: usize| {
            let dotted = |at: usize| {
                tokens
                    .get(at)
                    .is_some_and(|token| token.kind == LexemeKind::Period)
            };
            let before = at.checked_sub(1);
            let read = before.is_some_and(|at| is(at, "FROM") || is(at, "JOIN"));
            let opens = tokens
                .get(at + 2)
                .is_some_and(|token| token.kind == LexemeKind::Open);
            let made = is(at + 1, "AS") && opens && !before.is_some_and(dotted);
            read || made || (dotted(at + 1) && !before.is_some_and(dotted))
        };
        (0..tokens.len())
            .filter(|at| source.slice(tokens[*at].span) == name)
            .all(of_rows)
    });
    names
}

/// Equivalent spellings: each first text may be replaced with the second.
const SPELLINGS: &[(&str, &str)] = &[
    ("COUNT(*)", "COUNT(1)"),
    ("COUNT(DISTINCT client_id)", "COUNT(DISTINCT (client_id))"),
    ("!=", "<>"),
    ("<>", "!="),
    ("IFNULL(", "COALESCE("),
    ("\nJOIN", "\nINNER JOIN"),
    ("LEFT JOIN", "LEFT OUTER JOIN"),
    (">= 5000", ">= 5e3"),
    (">= 5000", ">= (5000)"),
    (">= 5000", ">= 5 * 1000"),
    (">= 5000", "> 4999"),
];

/// Returns changes that disclose no more, whatever the query is: other white space,
/// comments, cases of keywords, names and spellings.
pub fn same(sql: &str) -> Vec<String> {
    let lines = |between: &str| sql.lines().collect::<Vec<_>>().join(between);
    let mut found = vec![
        lines("\r\n"),
        lines("\n\n"),
        lines("\n\t"),
        lines(" \n"),
        lines("\n-- a line of words\n"),
        lines("\n/* a block */\n"),
        lines("\n# another line\n"),
        lines("  -- at its end\n"),
        format!("\u{feff}{sql}"),
        format!("\n\n\n{sql}\n\n"),
        format!("/* why */ {sql}"),
        format!("-- first\n-- second\n{sql}"),
        format!("# first\n{sql}"),
        format!("{sql}\n-- the end"),
        format!("{sql}\n/* the\nend */\n"),
        lines("\n \n \n"),
        lines("\n/* one */ /* two */\n"),
        format!("{sql}\n# the end"),
        format!("\t{sql}\t"),
        format!("/**/{sql}/**/"),
        format!("-- a; b\n{sql}"),
    ];
    let source = SourceText::new("", sql);
    let tokens = lexemes(&source);
    if !sql.contains("{%") && !sql.contains("{{") {
        for between in [
            " ",
            "\n",
            "\t",
            "  ",
            "\r\n",
            " /* here */ ",
            "\n-- here\n",
            "\n# here\n",
            "/**/ ",
            " /* a; b */\n",
        ] {
            found.push(replace_white_space(&source, &tokens, between));
        }
        found.push(keywords(&source, &tokens, str::to_lowercase));
        found.push(keywords(&source, &tokens, str::to_uppercase));
        for name in find_renamable_names(&source, &tokens) {
            found.push(replace_word(sql, &name, &format!("{name}_renamed")));
            found.push(replace_word(sql, &name, "another_name"));
        }
    } else {
        found.extend(
            [
                "\n \n",
                "\n    ",
                "\n\n\n",
                " -- x\n",
                "\n-- y\n\n",
                "\t\n",
                "\n\t\t",
                "   \n",
                "\r\n\r\n",
                "\n/* z */",
                "\n\n\t",
                "\n-- w\r\n",
            ]
            .map(lines),
        );
    }
    for (from, to) in SPELLINGS {
        if sql.contains(from) {
            found.push(sql.replace(from, to));
        }
    }
    if let Some(query) = extract_single_query(sql) {
        found.push(format!("({query}\n)"));
        found.push(format!("SELECT * FROM ({query}\n)"));
        found.push(format!("SELECT * FROM ({query}\n) AS whole"));
        found.push(format!("WITH whole AS ({query}\n) SELECT * FROM whole"));
        found.push(format!(
            "WITH whole AS ({query}\n) SELECT whole.* FROM whole"
        ));
        found.push(format!("SELECT * FROM (SELECT * FROM ({query}\n))"));
        found.push(format!("SELECT * FROM ({query}\n) ORDER BY 1"));
        found.push(format!("(({query}\n))"));
        found.push(format!("{query}\n;"));
    }
    // A comment that is inserted into a comment would end it.
    let commented = sql.contains("/*");
    found.retain(|changed| {
        changed != sql && !(commented && changed.matches("*/").count() > sql.matches("*/").count())
    });
    found
}
