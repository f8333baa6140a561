//! Maps places of a derived text (a rendered template, a cleaned paste) back to the
//! written text.

use crate::source::Span;

/// The origin of each byte of a rendering.
#[derive(Debug, Clone)]
pub struct SourceMap {
    written: usize,
    /// The pieces in order of the rendering, without gaps. `None` if the rendering
    /// is the written text.
    pieces: Option<Vec<MapPiece>>,
}

/// A range of rendered bytes that come from one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MapPiece {
    /// The first rendered byte.
    pub(super) start: usize,
    /// The first byte after the last rendered one.
    pub(super) end: usize,
    /// The place in the written text.
    pub(super) written: Span,
    /// Whether the rendered bytes equal the written ones.
    pub(super) exact: bool,
}

impl SourceMap {
    /// Creates the map of a text that is its own rendering.
    pub fn identity(len: usize) -> Self {
        Self {
            written: len,
            pieces: None,
        }
    }

    pub(super) fn new(written: usize, pieces: Vec<MapPiece>) -> Self {
        Self {
            written,
            pieces: Some(pieces),
        }
    }

    /// Returns the length of the rendering in bytes.
    pub fn rendered(&self) -> usize {
        let pieces = self.pieces.as_deref();
        pieces.map_or(self.written, |pieces| {
            pieces.last().map_or(0, |piece| piece.end)
        })
    }

    /// Whether every byte is at its written place.
    pub fn is_identity(&self) -> bool {
        self.pieces.is_none()
    }

    /// Returns the written place of a rendered one. These are the exact bytes if
    /// they are literal, otherwise the whole expression, call or tag that produced
    /// them. The result is always inside the written text. The empty span at 0,
    /// which means "no place", is unchanged.
    pub fn written(&self, rendered: Span) -> Span {
        let (start, end) = (rendered.start as usize, rendered.end as usize);
        let Some(pieces) = &self.pieces else {
            return Span::new(start.min(self.written), end.min(self.written));
        };
        if rendered == Span::default() {
            return rendered;
        }
        if rendered.is_empty() {
            return self.point(pieces, start);
        }
        let first = pieces.partition_point(|piece| piece.end <= start);
        let mut whole: Option<(u32, u32)> = None;
        for piece in pieces[first..].iter().take_while(|piece| piece.start < end) {
            let part = piece.part(start, end);
            whole = Some(whole.map_or((part.start, part.end), |(from, to)| {
                (from.min(part.start), to.max(part.end))
            }));
        }
        match whole {
            Some((start, end)) => Span { start, end },
            None => self.point(pieces, start),
        }
    }

    /// Returns the written bytes that a fix may replace. `None` unless the rendered
    /// bytes are literal and in one piece.
    pub fn exact(&self, rendered: Span) -> Option<Span> {
        let (start, end) = (rendered.start as usize, rendered.end as usize);
        let Some(pieces) = &self.pieces else {
            return (end <= self.written).then_some(rendered);
        };
        let first = pieces.partition_point(|piece| piece.end < end.max(1));
        let mut at = first;
        // An insertion between two pieces may belong to either.
        while let Some(piece) = pieces.get(at) {
            if piece.start > start {
                return None;
            }
            if piece.exact && end <= piece.end {
                return Some(piece.part(start, end));
            }
            at += 1;
        }
        None
    }

    fn point(&self, pieces: &[MapPiece], at: usize) -> Span {
        let index = pieces.partition_point(|piece| piece.end <= at);
        let place = match (pieces.get(index), pieces.last()) {
            (Some(piece), _) => piece.part(at, at).start as usize,
            (None, Some(last)) => last.written.end as usize,
            (None, None) => 0,
        };
        Span::new(place.min(self.written), place.min(self.written))
    }
}

impl MapPiece {
    /// Returns the written place of the intersection of a range and the piece.
    fn part(&self, start: usize, end: usize) -> Span {
        if !self.exact {
            return self.written;
        }
        let from = start.clamp(self.start, self.end) - self.start;
        let to = end.clamp(self.start, self.end) - self.start;
        let base = self.written.start as usize;
        Span::new(base + from, base + to)
    }
}

impl SourceMap {
    /// Composes this map with that of the text from which its source was derived.
    pub(super) fn through(&self, before: &Self) -> Self {
        if before.is_identity() {
            return self.clone();
        }
        let Some(pieces) = &self.pieces else {
            return before.clone();
        };
        let mut whole = Vec::with_capacity(pieces.len());
        for piece in pieces {
            if piece.exact {
                before.copy(piece.written.range(), piece.start, &mut whole);
            } else {
                whole.push(MapPiece {
                    written: before.written(piece.written),
                    ..*piece
                });
            }
        }
        Self::new(before.written, whole)
    }

    /// Copies the pieces of a range of the rendering, shifted so that it begins at
    /// `to`.
    pub(super) fn copy(&self, range: std::ops::Range<usize>, to: usize, into: &mut Vec<MapPiece>) {
        let Some(pieces) = &self.pieces else {
            return;
        };
        let first = pieces.partition_point(|piece| piece.end <= range.start);
        for piece in pieces[first..]
            .iter()
            .take_while(|piece| piece.start < range.end)
        {
            let start = piece.start.max(range.start);
            let end = piece.end.min(range.end);
            into.push(MapPiece {
                start: to + (start - range.start),
                end: to + (end - range.start),
                written: piece.part(start, end),
                exact: piece.exact,
            });
        }
    }
}
