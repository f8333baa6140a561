//! `headcount render`, hidden: prints the renderings of a template.

use super::args::Render;
use super::{CLEAN, Failure, output, run};
use crate::source::template::{self, Rendered, TemplateSettings};

pub(super) fn run(render: &Render) -> Result<u8, Failure> {
    let text = run::text(&render.file, &render.stdin_filename)?;
    let rendered = template::render(&text, &settings(render)?);
    let mut told = Vec::new();
    for problem in rendered
        .renderings
        .iter()
        .flat_map(|rendering| &rendering.problems)
    {
        let place = text.position(problem.span.start);
        let mut message = format!(
            "{}:{}:{}: {}",
            text.path(),
            place.line,
            place.column,
            problem.message
        );
        if let Some(help) = &problem.help {
            message = format!("{message}; {help}");
        }
        // Many problems occur in every rendering: each is reported once.
        if !told.contains(&message) {
            output::warn(&message);
            told.push(message);
        }
    }
    if let Some(capped) = &rendered.capped {
        output::warn(&format!(
            "{}: there are more renderings than these {}; they depend on {}",
            text.path(),
            rendered.renderings.len(),
            capped.flags.join(", ")
        ));
    }
    output::print_data(&shown(&rendered))?;
    Ok(CLEAN)
}

/// Returns every rendering after a comment with its number and conditions. A single
/// rendering without conditions has no comment.
fn shown(rendered: &Rendered) -> String {
    let count = rendered.renderings.len();
    let mut text = String::new();
    for (at, rendering) in rendered.renderings.iter().enumerate() {
        if count > 1 || rendering.variant.is_some() {
            let variant = rendering.variant.as_deref().unwrap_or("");
            // A line break would end the comment.
            let variant = variant.replace(['\n', '\r'], " ");
            text.push_str(&format!("-- rendering {} of {count}: {variant}\n", at + 1));
        }
        text.push_str(&rendering.text);
        if !rendering.text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

fn settings(render: &Render) -> Result<TemplateSettings, Failure> {
    let config = run::config(&render.file, &render.stdin_filename, &render.configured)?;
    let mut settings = config.template.clone();
    if render.metric_hub.is_some() {
        settings.metric_hub.clone_from(&render.metric_hub);
    }
    settings.defaults_hold = true;
    settings
        .search_path
        .extend(render.search_path.iter().cloned());
    for given in &render.var {
        let (name, value) = pair(given, "--var NAME=VALUE")?;
        // A value that is valid JSON is used as JSON, otherwise as text.
        let value = serde_json::from_str(value)
            .unwrap_or_else(|_| serde_json::Value::String(value.to_owned()));
        settings.variables.insert(name.to_owned(), value);
    }
    for given in &render.flag {
        let (name, value) = pair(given, "--flag NAME=true or NAME=false")?;
        let value = value.parse().map_err(|_| {
            Failure::Usage(format!("--flag {given}: write {name}=true or {name}=false"))
        })?;
        settings.flags.insert(name.to_owned(), value);
    }
    Ok(settings)
}

fn pair<'a>(given: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    given
        .rsplit_once('=')
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Failure::Usage(format!("`{given}` has no name or no value; write {form}")))
}
