//! HC002 unresolved-template: a part of the template cannot be rendered.

use super::{ExampleSetup, Finding, Rule, RuleContext, Severity};
use crate::plan::bind::ProblemKind;
use crate::source::Span;
use crate::source::template::{OmittedRenderings, TemplateProblem};

/// HC002: a part of the template cannot be rendered.
pub static RULE: Rule = Rule {
    code: "HC002",
    name: "unresolved-template",
    severity: Severity::Warning,
    summary: "a part of the template cannot be rendered",
    page: r#"## What it finds
A part of a template whose value is not given: a variable, a macro, an included file. It is read as a placeholder, and the rest of the query is assessed. The same holds for the name of a table that no BigQuery table can have, since it is a parameter or a part of another program's template: `@table`, `{dataset}.main`, `${PROJECT}.telemetry.main`, `%s.main`.

## Why it matters
When the query runs, the part may be anything: another table, a column, a condition. If a clause, a join or another query may follow (`FROM t {{ joins }}`), no minimum bucket size is proven for the statement. If the dataset or the name of a table that is read is such a part, the level is unknown, since the table may hold anything. If only its project is, the table is read as if the project was left out.

## How to fix it
Give the value in `headcount.toml` under `[template]`: `variables = { name = "value" }`, or the folder of metric-hub's definitions as `metric_hub`. A condition without a value is not a finding: both branches are assessed, and `flags = { is_init = false }` selects one.
"#,
    fires: r#"SELECT {{ dimension }}, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY 1
HAVING clients >= 5000"#,
    passes: r#"SELECT {% if is_init() %}os{% else %}country{% endif %}, COUNT(DISTINCT client_id) AS clients
FROM telemetry.clients_daily
GROUP BY 1
HAVING clients >= 5000"#,
    example: ExampleSetup::Alone,
    check,
};

/// Templates are rendered before a dataset is there: [`of`] makes those findings. A
/// part that is no Jinja is met where it stands for a table.
fn check(context: &RuleContext<'_>, findings: &mut Vec<Finding>) {
    for problem in context.problems(ProblemKind::UnreadTable) {
        let finding = RULE.finding(problem.span, problem.message.clone(), problem.help.clone());
        findings.push(finding.label("unknown table"));
    }
}

/// Returns the finding for a part that cannot be rendered.
pub fn of(problem: &TemplateProblem) -> Finding {
    RULE.finding(
        problem.span,
        problem.message.clone(),
        problem.help.clone().unwrap_or_default(),
    )
    .label("unknown")
}

/// Returns the finding for a template with more renderings than are assessed.
pub fn too_many(capped: &OmittedRenderings) -> Finding {
    RULE.finding(
        Span::default(),
        "the template may render in more ways than are assessed",
        format!(
            "set some of these in headcount.toml under `[template] flags`: {}",
            capped.flags.join(", ")
        ),
    )
}
