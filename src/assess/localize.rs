//! Positions in the texts of other files: each is replaced by the place where this
//! text reads the table, and the original position is recorded beside it.

use crate::plan::Segment;
use crate::policy::Decision;
use crate::rules::Finding;
use crate::source::{SourceText, Span, UpstreamPlace};

/// The concatenated texts from which a plan was built.
pub(super) struct Texts<'d> {
    pub(super) segments: &'d [Segment],
}

impl Texts<'_> {
    /// Returns the text of another file that contains a position, and the written
    /// position.
    pub(super) fn written(&self, span: Span) -> Option<(&SourceText, Span)> {
        let segment = self.of(span)?;
        let text = &segment.text;
        let own = Span {
            start: span.start - segment.start,
            end: span.end.min(segment.end).saturating_sub(segment.start),
        };
        Some((&text.written, text.map.written(own)))
    }

    /// Returns the position in this text, and the original one if it is in another
    /// text.
    fn here(&self, span: Span) -> (Span, Option<UpstreamPlace>) {
        let (Some(segment), Some((text, written))) = (self.of(span), self.written(span)) else {
            return (span, None);
        };
        let elsewhere = UpstreamPlace {
            path: text.path().to_owned(),
            start: text.position(written.start),
            end: text.position(written.end),
        };
        // Each text follows the one that reads it, so this terminates.
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

    /// Localizes the positions of a decision.
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

    /// Localizes the positions of a finding.
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
        // A fix of another file's text is not offered in this one.
        let foreign =
            |fix: &crate::mend::Fix| fix.edits.iter().any(|edit| self.of(edit.span).is_some());
        finding.fix = finding.fix.take().filter(|fix| !foreign(fix));
    }
}
