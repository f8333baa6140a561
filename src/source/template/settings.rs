//! What the configuration says of templates.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is known of templates beforehand (`[template]` in `headcount.toml`).
#[derive(Debug, Clone, Default)]
pub struct TemplateSettings {
    /// Values by name. A name may be an expression as it is written in the
    /// template, too: `target.name`, `lookback()`.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Which way a condition goes, by its text: `is_init` or `is_init()`,
    /// `target.name == 'prod'`. What is not here is rendered both ways.
    pub flags: BTreeMap<String, bool>,
    /// A local copy of metric-hub, or its folder `definitions`.
    pub metric_hub: Option<PathBuf>,
    /// Where included and imported templates are looked for, after the folder of
    /// the file that names them.
    pub search_path: Vec<PathBuf>,
}

impl TemplateSettings {
    /// What is given for an expression: by its text, or, for a call, by the
    /// function with empty parentheses.
    pub(super) fn variable(&self, text: &str) -> Option<&serde_json::Value> {
        self.variables.get(text).or_else(|| {
            let (function, arguments) = text.split_once('(')?;
            let call = arguments.ends_with(')') && !arguments.is_empty();
            call.then(|| self.variables.get(&format!("{function}()")))?
        })
    }

    /// What is given for a condition: by its text, or, for a call, by the
    /// function with empty parentheses or none.
    pub(super) fn flag(&self, text: &str) -> Option<bool> {
        if let Some(flag) = self.flags.get(text) {
            return Some(*flag);
        }
        let (function, arguments) = text.split_once('(')?;
        if !arguments.ends_with(')') {
            return None;
        }
        self.flags
            .get(&format!("{function}()"))
            .or_else(|| self.flags.get(function))
            .copied()
    }
}
