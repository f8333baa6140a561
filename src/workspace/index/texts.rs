//! The tables that the text of one file may write, over all renderings of its
//! template.

use crate::catalog::TablePattern;
use crate::catalog::layout::TableLocation;
use crate::plan::bind::{Write, WriteKind, Writes, writes};
use crate::source::template::{Rendered, Rendering, TemplateSettings, named_blocks};
use crate::source::{SourceText, Span};
use crate::syntax;
use crate::workspace::raw_template::{self, RawTemplate};
use crate::workspace::renderings::Renderings;

/// How a file is read.
pub(super) struct ReadingMode<'a> {
    pub(super) templates: &'a TemplateSettings,
    /// Whether dbt renders the file.
    pub(super) dbt: bool,
    /// Whether the file generates texts that are run, and is not run itself.
    pub(super) generator: bool,
    /// Whether dbt compiles the file to one query.
    pub(super) compiled: bool,
    /// Whether the file is a check of a table.
    pub(super) check: bool,
    /// The location of the file in bigquery-etl's layout.
    pub(super) place: Option<TableLocation>,
}

impl ReadingMode<'_> {
    /// Whether a statement counts whose target is known to this extent.
    fn counts(&self, target: &TablePattern) -> bool {
        match (self.generator, self.compiled) {
            (true, _) => target.is_known(),
            (false, true) => target.last().is_some(),
            (false, false) => true,
        }
    }

    /// Resolves statements that consist of a macro of bigquery-etl.
    ///
    /// Such a macro expands to the query of the folder's table, or to a check, which
    /// writes nothing.
    fn own_macros(&self, text: &SourceText, found: &mut Writes) {
        let Some(place) = &self.place else {
            return;
        };
        let whole = |write: &Write| {
            write.target.is_any()
                && write.routine.is_none()
                && matches!(write.kind, WriteKind::Hidden(_))
        };
        if self.check {
            let mut more: Vec<Write> = Vec::new();
            found.writes.retain(|write| {
                let slice = text.slice(write.span);
                let check = |tag: &str| called(tag).is_some_and(|name| !name.contains('.'));
                let rest = after_leading_tags(slice, check).filter(|_| whole(write));
                // A statement that follows a macro without a semicolon is parsed by
                // itself.
                if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                    let raw = RawTemplate::of(rest, false);
                    let source = SourceText::new(text.path(), raw.text.as_str());
                    let found = writes(&source, &syntax::parse(&source)).writes.into_iter();
                    more.extend(found.map(|found| Write {
                        span: write.span,
                        ..found
                    }));
                }
                rest.is_none()
            });
            found.writes.extend(more);
            return;
        }
        let own = |tag: &str| {
            matches!(
                called(tag),
                Some("metrics.calculate" | "metrics.data_source")
            )
        };
        for write in found.writes.iter_mut().filter(|write| whole(write)) {
            if after_leading_tags(text.slice(write.span), own).is_some_and(str::is_empty) {
                write.target = TablePattern::of(&place.table);
            }
        }
    }
}

/// The tables that a text may write, and its renderings.
pub(super) struct TextWrites {
    /// The statements that may write a table.
    pub(super) found: Writes,
    /// The spans of statements that a comment marks as internal.
    pub(super) internal: Vec<Span>,
    pub(super) rendered: Rendered,
    /// The table of a SQLMesh model.
    pub(super) model: Option<String>,
}

impl TextWrites {
    /// Collects everything that the text may write.
    pub(super) fn by(text: &SourceText, way: &ReadingMode<'_>, known: &Renderings) -> Self {
        let rendered = known.of(text, way.templates);
        let mut said = Self {
            found: Writes::default(),
            internal: Vec::new(),
            model: rendered
                .renderings
                .iter()
                .find_map(|rendering| rendering.makes.clone()),
            rendered,
        };
        // A macro that no template calls may be run manually.
        let by_hand =
            way.dbt && !named_blocks(text.text(), "macro").is_some_and(|all| all.is_empty());
        let mut partly = said.rendered.capped.is_some() || by_hand;
        for rendering in &said.rendered.renderings {
            partly |= !rendering.problems.is_empty();
            let source = SourceText::new(text.path(), rendering.text.as_str());
            let script = syntax::parse(&source);
            let called = script.internal(&source).into_iter();
            said.internal
                .extend(called.map(|span| rendering.map.written(span)));
            add(&mut said.found, writes(&source, &script), |span| {
                rendering.map.written(span)
            });
        }
        if partly {
            said.raw(text, way, by_hand);
            said.add_missing_includes(text, way);
        }
        way.own_macros(text, &mut said.found);
        said
    }

    /// Adds what the text of all branches writes.
    fn raw(&mut self, text: &SourceText, way: &ReadingMode<'_>, by_hand: bool) {
        let what = match by_hand {
            true => "a macro may run on its own",
            false => "not every rendering of its template is covered",
        };
        let hidden = |mut writes: Writes| {
            writes.writes.retain_mut(|write| {
                if matches!(write.kind, WriteKind::Deleted(_)) {
                    return way.counts(&write.target);
                }
                write.kind = WriteKind::Hidden(what.to_owned());
                way.counts(&write.target)
            });
            writes
        };
        let raw = RawTemplate::of(text.text(), way.dbt);
        let source = SourceText::new(text.path(), raw.text.as_str());
        let more = hidden(writes(&source, &syntax::parse(&source)));
        add(&mut self.found, more, |span| raw.written(span));
        for (place, quoted) in raw_template::quoted(text.text()).filter(|_| by_hand) {
            let source = SourceText::new(text.path(), quoted);
            let more = hidden(writes(&source, &syntax::parse(&source)));
            let place = Span::new(place.start, place.end);
            add(&mut self.found, more, |_| place);
        }
    }

    /// Adds templates that could not be included: what they write is unknown.
    fn add_missing_includes(&mut self, text: &SourceText, way: &ReadingMode<'_>) {
        if way.generator || way.compiled {
            return;
        }
        let problems = self.rendered.renderings.iter();
        let problems: Vec<Span> = problems
            .flat_map(|rendering| &rendering.problems)
            .filter(|problem| problem.absent)
            .map(|problem| problem.span)
            .collect();
        // The rendered branches are unknown if there are too many renderings, and
        // none is rendered if the template fails.
        let mut renderings = self.rendered.renderings.iter();
        let capped = self.rendered.capped.is_some() || renderings.any(Rendering::is_failed);
        for tag in raw_template::include_tags(text.text()) {
            let place = Span::new(tag.start, tag.end);
            let fails = |span: &Span| span.start < place.end && place.start < span.end;
            if capped || problems.iter().any(fails) {
                self.found.writes.push(Write {
                    target: TablePattern::any(),
                    span: place,
                    kind: WriteKind::Hidden("a template that it includes is unknown".to_owned()),
                    routine: None,
                    renames: false,
                });
            }
        }
    }
}

/// Adds writes and calls that are not known yet, with mapped positions.
fn add(found: &mut Writes, more: Writes, at: impl Fn(Span) -> Span) {
    for mut write in more.writes {
        write.span = at(write.span);
        if !found.writes.contains(&write) {
            found.writes.push(write);
        }
    }
    for mut call in more.calls {
        call.span = at(call.span);
        if !found.calls.contains(&call) {
            found.calls.push(call);
        }
    }
    found.procedures.extend(more.procedures);
    found.functions.extend(more.functions);
}

/// Returns the text after leading tags that satisfy `is_one`; `None` without such a
/// tag.
fn after_leading_tags(text: &str, is_one: impl Fn(&str) -> bool) -> Option<&str> {
    let mut rest = between(text);
    let mut any = false;
    while let Some((_, after)) = rest
        .strip_prefix("{{")
        .and_then(|inside| inside.split_once("}}"))
        .filter(|(tag, _)| is_one(tag))
    {
        any = true;
        rest = between(after);
    }
    any.then_some(rest)
}

/// Skips white space, comments and semicolons.
fn between(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        let comments = [("#", "\n"), ("--", "\n"), ("/*", "*/"), ("{#", "#}")];
        let mut comments = comments.into_iter();
        let Some((_, end)) = comments.find(|(start, _)| rest.starts_with(start)) else {
            return rest;
        };
        rest = rest.split_once(end).map_or("", |(_, after)| after);
    }
}

/// Returns the function that a tag calls, if it does nothing else.
fn called(tag: &str) -> Option<&str> {
    let tag = tag.trim_matches(['-', '+']).trim();
    let (name, _) = tag.split_once('(').filter(|_| tag.ends_with(')'))?;
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let name = name.trim();
    (!name.is_empty() && name.chars().all(part)).then_some(name)
}
