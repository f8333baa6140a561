//! Places in the texts of other files are told as such: each becomes the place
//! where this text reads the table, and the true one is noted beside it.

use crate::plan::Segment;
use crate::policy::Decision;
use crate::rules::Finding;
use crate::source::{Elsewhere, SourceText, Span};

/// The joined texts that a plan is made of.
pub(super) struct Texts<'d> {
    pub(super) segments: &'d [Segment],
}

impl Texts<'_> {
    /// The text of another file in which a place lies, and where in it that is
    /// written.
    pub(super) fn written(&self, span: Span) -> Option<(&SourceText, Span)> {
        let segment = self.of(span)?;
        let text = &segment.text;
        let own = Span {
            start: span.start - segment.start,
            end: span.end.min(segment.end).saturating_sub(segment.start),
        };
        Some((&text.written, text.map.written(own)))
    }

    /// The place in this text, and the true one where that lies in another.
    fn here(&self, span: Span) -> (Span, Option<Elsewhere>) {
        let (Some(segment), Some((text, written))) = (self.of(span), self.written(span)) else {
            return (span, None);
        };
        let elsewhere = Elsewhere {
            path: text.path().to_owned(),
            start: text.position(written.start),
            end: text.position(written.end),
        };
        // Each text stands behind the one that reads it, so this ends.
        let mut here = segment.read_at;
        while let Some(outer) = self.of(here) {
            here = outer.read_at;
        }
        (here, Some(elsewhere))
    }

    fn of(&self, span: Span) -> Option<&Segment> {
        self.segments
            .iter()
            .find(|segment| segment.start <= span.start && span.start < segment.end)
    }

    /// Finds the places of a decision.
    pub(super) fn decision(&self, decision: &mut Decision) {
        for because in &mut decision.level_because {
            let Some(span) = because.span else { continue };
            let (here, elsewhere) = self.here(span);
            because.span = Some(here);
            if let Some(elsewhere) = elsewhere {
                because.message = format!("{} ({elsewhere})", because.message);
                because.elsewhere = Some(elsewhere);
            }
        }
        for column in &mut decision.columns {
            column.span = self.here(column.span).0;
        }
        for source in &mut decision.sources {
            source.span = self.here(source.span).0;
        }
    }

    /// Finds the places of a finding.
    pub(super) fn finding(&self, finding: &mut Finding) {
        let (here, elsewhere) = self.here(finding.span);
        finding.span = here;
        if let Some(elsewhere) = elsewhere {
            finding.label = match finding.label.as_str() {
                "" => format!("read here: defined at {elsewhere}"),
                label => format!("read here: {label}, at {elsewhere}"),
            };
            finding.elsewhere = Some(elsewhere);
        }
        for label in &mut finding.labels {
            let (here, elsewhere) = self.here(label.span);
            label.span = here;
            if let Some(elsewhere) = elsewhere {
                label.message = format!("{}, at {elsewhere}", label.message);
                label.elsewhere = Some(elsewhere);
            }
        }
        // What another file says is not mended in this one.
        let foreign =
            |fix: &crate::mend::Fix| fix.edits.iter().any(|edit| self.of(edit.span).is_some());
        finding.fix = finding.fix.take().filter(|fix| !foreign(fix));
    }
}
