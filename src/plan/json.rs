//! Members of JSON documents, as constant JSONPaths name them.

use super::{Expr, ExprKind, Literal};

/// Functions whose second argument is a path into the first argument.
const WITH_A_PATH: &[&str] = &[
    "JSON_VALUE",
    "JSON_QUERY",
    "JSON_VALUE_ARRAY",
    "JSON_QUERY_ARRAY",
    "JSON_EXTRACT",
    "JSON_EXTRACT_SCALAR",
    "JSON_EXTRACT_ARRAY",
    "JSON_EXTRACT_STRING_ARRAY",
];

/// Returns the value inside a document, and the names of the extracted member.
///
/// `None` if the expression extracts nothing, or the member is not constant.
pub fn member(expr: &Expr) -> Option<(&Expr, Vec<String>)> {
    match &expr.kind {
        ExprKind::Call { name, args, .. } if WITH_A_PATH.contains(&name.as_str()) => {
            let [document, path] = args.as_slice() else {
                return None;
            };
            let ExprKind::Literal(Literal::String(path)) = &path.kind else {
                return None;
            };
            Some(chained(document, names(path)?))
        }
        ExprKind::Element(document, place) => match &place.kind {
            ExprKind::Literal(Literal::String(name)) => Some(chained(document, vec![name.clone()])),
            _ => None,
        },
        ExprKind::Field(document, name) if is_document(document) => {
            Some(chained(document, vec![name.clone()]))
        }
        _ => None,
    }
}

/// Whether a value is surely a document, or a part of one, and no struct.
fn is_document(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { name, .. } => {
            name == "PARSE_JSON" || name == "TO_JSON" || WITH_A_PATH.contains(&name.as_str())
        }
        ExprKind::Field(of, _) | ExprKind::Element(of, _) => is_document(of),
        _ => false,
    }
}

/// Names in a document that itself may have been taken out of another.
fn chained(document: &Expr, names: Vec<String>) -> (&Expr, Vec<String>) {
    let document = inside(document);
    match member(document) {
        Some((whole, mut all)) => {
            all.extend(names);
            (whole, all)
        }
        None => (document, names),
    }
}

/// Strips conversions to JSON and casts from a document.
fn inside(document: &Expr) -> &Expr {
    let mut at = document;
    loop {
        match &at.kind {
            ExprKind::Call { name, args, .. }
                if matches!(
                    name.as_str(),
                    "TO_JSON" | "TO_JSON_STRING" | "PARSE_JSON" | "SAFE CALL"
                ) =>
            {
                match args.first() {
                    Some(first) => at = first,
                    None => return at,
                }
            }
            ExprKind::Cast { value, .. } => at = value,
            _ => return at,
        }
    }
}

/// Returns the names in a JSONPath of BigQuery: `$.a.b`, `$['a'].b`, `$.a[0]`.
///
/// Positions in arrays are skipped. `None` if the path is invalid or contains no
/// name.
fn names(path: &str) -> Option<Vec<String>> {
    let mut rest = path.trim();
    for word in ["lax ", "recursive "] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    rest = rest.strip_prefix('$')?;
    let mut names = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after.split_once(']')?;
            let quoted = inside.trim().trim_matches(['\'', '"']);
            if quoted.len() < inside.trim().len() {
                names.push(quoted.to_owned());
            }
            rest = after;
            continue;
        }
        rest = rest.strip_prefix('.')?;
        if let Some(after) = rest.strip_prefix('"') {
            let (name, after) = after.split_once('"')?;
            names.push(name.to_owned());
            rest = after;
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return None;
        }
        names.push(name.to_owned());
        rest = after;
    }
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_in_paths() {
        for (path, expected) in [
            ("$.a.b", Some(vec!["a", "b"])),
            ("$['a'].b[0].c", Some(vec!["a", "b", "c"])),
            ("lax $.\"a b\"[\"c\"]", Some(vec!["a b", "c"])),
            ("$", None),
            ("$[0]", None),
            ("a.b", None),
            ("$..a", None),
            ("$.a[", None),
        ] {
            let found = names(path);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|names| names.iter().map(String::as_str).collect());
            assert_eq!(found, expected, "{path}");
        }
    }
}
