//! Values in JSON documents.
//!
//! A constant path is looked up like a field of a record, so that an identifier in
//! a document is recognized.

use super::analysis::Analyzer;
use super::column::ColumnFacts;
use crate::source::Span;
use std::rc::Rc;

impl Analyzer<'_, '_> {
    /// The facts of a member of a document, or of the whole document if the member has
    /// no entry: then what is known of the names in any of its base columns is added.
    pub(super) fn member_or_whole(
        &mut self,
        whole: &ColumnFacts,
        names: &[String],
        span: Span,
    ) -> ColumnFacts {
        if let Some(member) = self.member(whole, names, span) {
            return member;
        }
        let mut value = ColumnFacts::computed([whole]);
        self.add_named(&mut value, names, span);
        value
    }

    /// What the registry says of what names take out of a document, or of a struct
    /// that was made into one; `None` where it has an entry for the whole alone: then it
    /// is as good as that. Where it has neither, the member's own name may tell whom it
    /// names, and what other members are does not matter.
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
            if source.entry.is_some() {
                registry.column(Some(&source.table), &all)?;
            }
        }
        if whole.paths.is_empty() && whole.fields.is_empty() {
            return None;
        }
        let mut value = Rc::new(whole.clone());
        for name in names {
            // Names in a document are case-sensitive: if the names of a struct
            // differ only by case, or none matches exactly, the member may be any
            // of them.
            let alike: Vec<&String> = value
                .fields
                .iter()
                .map(|(known, _)| known)
                .filter(|known| known.eq_ignore_ascii_case(name))
                .collect();
            if !value.fields.is_empty() && alike.as_slice() != [name] {
                return None;
            }
            value = self.field(&value, name, span);
        }
        let mut member = ColumnFacts::computed([&value]);
        // A document, or the members of an array, of which a part may be taken.
        member.paths.clone_from(&value.paths);
        member.reshaped = true;
        Some(member)
    }
}
