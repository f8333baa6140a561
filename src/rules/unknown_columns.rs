//! HC003 unknown-columns: a `*` or a whole-row reference covers columns that no schema declares.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};

/// HC003: a `*` or a whole-row reference covers columns that no schema declares.
pub static RULE: Rule = Rule {
    code: "HC003",
    name: "unknown-columns",
    severity: Severity::Warning,
    summary: "a `*` or a whole-row reference covers columns that no schema declares",
    page: r#"## What it finds
A `SELECT *`, a table as a whole row, or a key made of one, over a table whose columns are not declared. The published columns are unknown.

## Why it matters
An identifier may be among the columns, today or after the table gets a new one.

## How to fix it
Name the columns. Or declare them in `dimension-registry.toml`:

```toml
[[table]]
name = "telemetry.example"
columns = ["submission_date", "country"]
```
"#,
    fires: r#"SELECT * FROM telemetry.main"#,
    passes: r#"SELECT submission_date, country FROM telemetry.main"#,
    example: ExampleSetup::Alone,
    check,
};

fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    let mut seen = Vec::new();
    for (column, value) in context.published() {
        if let Some(place) = value.rest
            && !seen.contains(&place)
        {
            seen.push(place);
            let tables: Vec<String> = value
                .sources
                .keys()
                .map(|id| context.facts.sources.get(*id))
                .filter(|source| source.is_rest())
                .map(|source| format!("`{}`", source.table.short()))
                .collect();
            let of = if tables.is_empty() {
                "the input".to_owned()
            } else {
                tables.join(", ")
            };
            findings.push(
                RULE.finding(
                    column.span,
                    format!(
                        "all columns of {of} are published, but the columns are unknown: no schema declares them"
                    ),
                    "name the columns, or declare the table's `columns` in dimension-registry.toml",
                )
                .label("undeclared columns"),
            );
        }
    }
}
