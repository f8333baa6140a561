//! Values inside JSON: what a constant path names is looked up like a field of a
//! record, so that an identifier in a document is one.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use crate::source::Span;
use std::rc::Rc;

impl Analyzer<'_, '_> {
    /// What the registry says of what names take out of a document, or of a struct
    /// that was made into one; `None` where it has no entry for that: then it is as
    /// good as the whole.
    pub(super) fn member(
        &mut self,
        whole: &ColumnFacts,
        names: &[String],
        span: Span,
    ) -> Option<ColumnFacts> {
        for path in &whole.paths {
            let source = self.sources.get(path.source);
            let mut all: Vec<&str> = source.path.iter().map(|name| &**name).collect();
            all.extend(names.iter().map(String::as_str));
            let registry = self.sources.registry();
            registry.column(Some(&source.table), &all)?;
        }
        if whole.paths.is_empty() && whole.fields.is_empty() {
            return None;
        }
        let mut value = Rc::new(whole.clone());
        for name in names {
            value = self.field(&value, name, span);
        }
        Some(ColumnFacts::computed([&value]))
    }
}
