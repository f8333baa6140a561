//! Plans represent everything in their texts: the binder's patterns name every field
//! of the syntax tree, and a different token results in a different plan.

use std::fs;
use std::path::{Path, PathBuf};

use headcount::catalog::{Catalog, TableName, TableShape};
use headcount::plan::bind::bind;
use headcount::plan::render;
use headcount::source::SourceText;
use headcount::syntax::{StatementKind, parse};

/// Types of the plan itself. Only the parser's types must be matched completely.
const PLAN_TYPES: [&str; 6] = [
    "ExprKind",
    "Operator",
    "Expansion",
    "Literal",
    "Cte",
    "StatementKind",
];

/// Variants that are rejected with a finding, or read no rows, whatever they
/// contain.
const REJECTED: [&str; 26] = [
    "IsJson",
    "IsNormalized",
    "ILike",
    "SimilarTo",
    "RLike",
    "AnyOp",
    "AllOp",
    "Convert",
    "Overlay",
    "MatchAgainst",
    "QualifiedWildcard",
    "Derived",
    "Function",
    "TableFunction",
    "NestedJoin",
    "UNNEST",
    "JsonTable",
    "OpenJsonTable",
    "UnpivotExpr",
    "XmlTable",
    "SemanticView",
    "Changes",
    "UsingAlias",
    "SetOperation",
    "Named",
    "ExprNamed",
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // Statements of scripts have other effects than rows, and are not
            // checked here.
            if path.file_name().is_some_and(|name| name != "script") {
                sources(&path, into);
            }
        } else {
            into.push(path);
        }
    }
}

/// Returns the variants whose pattern omits fields with `..`.
fn find_partial_patterns(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("..") {
        let after = text[at + 2..].trim_start();
        if !after.starts_with(['}', ')']) {
            continue;
        }
        let closing = after.as_bytes()[0];
        let opening = if closing == b'}' { '{' } else { '(' };
        let Some(open) = text[..at].rfind(opening) else {
            continue;
        };
        let inside = &text[open + 1..at];
        // A range or a struct update is not a pattern.
        if inside.contains([';', '?', '['])
            || inside.trim_end().ends_with(|c: char| c.is_alphanumeric())
        {
            continue;
        }
        let path = text[..open].trim_end();
        let start = path
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .map_or(0, |at| at + 1);
        found.push(path[start..].to_owned());
    }
    found
}

#[test]
fn binder_patterns_name_every_field_of_the_syntax_tree() {
    let mut files = Vec::new();
    sources(Path::new("src/plan/bind"), &mut files);
    assert!(files.len() > 25, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for path in find_partial_patterns(&text) {
            let parts: Vec<&str> = path.split("::").collect();
            let own = parts.iter().any(|part| PLAN_TYPES.contains(part));
            let rejected = parts.last().is_some_and(|last| REJECTED.contains(last));
            if path.contains("::") && !own && !rejected {
                wrong.push(format!("{}: {path}", file.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "fields left out with `..`: name each, and reject with a finding what is not modelled:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn cut_pattern_of_the_syntax_tree_is_found() {
    let text = "ast::Expr::Cast { expr, .. } => a, ast::Expr::Like {\n    negated,\n    ..\n} | JoinConstraint::UsingAlias(..) => b";
    assert_eq!(
        find_partial_patterns(text),
        [
            "ast::Expr::Cast",
            "ast::Expr::Like",
            "JoinConstraint::UsingAlias"
        ]
    );
}

/// Tables with exactly these columns.
const TABLES: [(&str, &str); 5] = [
    ("t", "id a b c arr"),
    ("u", "id a d"),
    ("v", "id e"),
    ("d.t", "id a b"),
    ("d.s", "k jan feb mar"),
];

struct DeclaredTables;

impl Catalog for DeclaredTables {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let name = table.to_string();
        let (_, columns) = TABLES.iter().find(|(known, _)| *known == name)?;
        Some(TableShape {
            columns: columns.split(' ').map(str::to_owned).collect(),
            complete: true,
        })
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

/// Returns the plans of a text, and whether the binder reported no problem.
///
/// `None` if the text does not parse.
fn plans(sql: &str) -> Option<(String, bool)> {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    let failed = |statement: &headcount::syntax::Statement| {
        matches!(statement.kind, StatementKind::Failed(_))
    };
    if script.statements.iter().any(failed) {
        return None;
    }
    let datasets = bind(&source, &script, &DeclaredTables);
    let mut shown = String::new();
    let mut understood = true;
    for dataset in &datasets {
        shown.push_str(&render(&dataset.plan, &|_| String::new()));
        understood &= dataset.problems.is_empty();
    }
    Some((shown, understood))
}

/// Words, each with a replacement that has a different meaning.
const REPLACEMENTS: [(&str, &str); 42] = [
    ("OFFSET", "ORDINAL"),
    ("ORDINAL", "OFFSET"),
    ("SAFE_OFFSET", "OFFSET"),
    ("SAFE_ORDINAL", "SAFE_OFFSET"),
    ("CAST", "SAFE_CAST"),
    ("SAFE_CAST", "CAST"),
    ("ASC", "DESC"),
    ("DESC", "ASC"),
    ("FIRST", "LAST"),
    ("LAST", "FIRST"),
    ("IGNORE", "RESPECT"),
    ("RESPECT", "IGNORE"),
    ("MAX", "MIN"),
    ("MIN", "MAX"),
    ("DAY", "MONTH"),
    ("MONTH", "YEAR"),
    ("YEAR", "MONTH"),
    ("HOUR", "DAY"),
    ("WEEK", "MONTH"),
    ("MONDAY", "TUESDAY"),
    ("PRECEDING", "FOLLOWING"),
    ("AND", "OR"),
    ("OR", "AND"),
    ("LEFT", "RIGHT"),
    ("RIGHT", "LEFT"),
    ("FULL", "LEFT"),
    ("INNER", "LEFT"),
    ("INTERSECT", "UNION"),
    ("UNION", "INTERSECT"),
    ("ANY", "ALL"),
    ("ALL", "ANY"),
    ("TRUE", "FALSE"),
    ("INT64", "FLOAT64"),
    ("STRING", "BYTES"),
    ("ROLLUP", "CUBE"),
    ("CUBE", "ROLLUP"),
    ("a", "b"),
    ("b", "c"),
    ("<", ">"),
    (">", "<"),
    ("=", "<"),
    ("+", "-"),
];

/// Returns the tokens of a text with their byte offsets: words, numbers, strings,
/// signs.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first == '\'' || first == '"' {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else if first.is_alphanumeric() || first == '_' || first == '@' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '@'))
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            found.push((at, &rest[..length]));
        }
        at += length;
    }
    found
}

/// Returns replacements of a token that have a different meaning.
fn others(token: &str) -> Vec<String> {
    let mut found: Vec<String> = REPLACEMENTS
        .iter()
        .filter(|(word, _)| word.eq_ignore_ascii_case(token))
        .map(|(_, other)| (*other).to_owned())
        .collect();
    if let Ok(number) = token.parse::<u32>() {
        found.push((number + 1).to_string());
    }
    if token.len() > 2 && token.starts_with('\'') && token.ends_with('\'') {
        let inside = &token[1..token.len() - 1];
        if inside.chars().all(char::is_alphanumeric) {
            found.push(format!("'{inside}z'"));
        }
    }
    found
}

/// Substrings of texts in which some token does not affect the rows, with the
/// reason.
const EQUIVALENT: [(&str, &str); 14] = [
    ("TABLESAMPLE", "which rows a sample draws, no text says"),
    ("REPEATABLE", "which rows a sample draws, no text says"),
    ("@{", "a hint is about how, not what"),
    ("@5", "a hint is about how, not what"),
    ("CLAMPED", "noise proves no exact bound, whatever it clamps"),
    ("OPTIONS", "options describe a table or a model"),
    ("ARRAY<INT64>[],", "an empty array of any type is the same"),
    ("NOT LIKE ALL ('x')", "of one pattern, any is all"),
    ("comment", "a comment is none of the query's tokens"),
    (
        "AS n DESC NULLS LAST",
        "the order of a pipe's groups decides about no row",
    ),
    (
        "GROUP AND ORDER BY",
        "the order of a pipe's groups decides about no row",
    ),
    ("'message'", "the text of an error is no row"),
    ("f(x INT64)", "a parameter's type admits what is passed"),
    (
        "WHEN NOT MATCHED THEN INSERT ROW",
        "any row of the source may be inserted",
    ),
];

#[test]
fn another_token_makes_another_plan() {
    let forms = fs::read_to_string("tests/forms/queries.txt").expect("the forms");
    let own = fs::read_to_string("tests/forms/expressions.txt").expect("the expressions");
    let queries = own
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| format!("SELECT {line} AS x FROM t"));
    let queries: Vec<String> = forms
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .chain(queries)
        .collect();
    let (mut tried, mut alike) = (0, Vec::new());
    for sql in &queries {
        if EQUIVALENT.iter().any(|(word, _)| sql.contains(word)) {
            continue;
        }
        let Some((plan, true)) = plans(sql) else {
            continue;
        };
        // The rows of a model, and of a function without a body, equal no others,
        // whatever their arguments are.
        if plan.contains("Opaque: ") || plan.contains("Model ") {
            continue;
        }
        for (at, token) in tokens(sql) {
            for other in others(token) {
                let changed = format!("{}{other}{}", &sql[..at], &sql[at + token.len()..]);
                let Some((other_plan, _)) = plans(&changed) else {
                    continue;
                };
                tried += 1;
                if plan == other_plan {
                    alike.push(format!("{sql}\n  {changed}\n{plan}"));
                }
            }
        }
    }
    assert!(tried > 700, "only {tried} changes are SQL");
    assert!(
        alike.is_empty(),
        "{} of {tried} changes of a token make the same plan:\n{}",
        alike.len(),
        alike.join("\n")
    );
}
