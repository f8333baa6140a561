//! From bytes of a text that was made (a template rendered, a paste cleaned) back
//! to written ones.

use crate::source::Span;

/// Where each byte of a rendering comes from.
#[derive(Debug, Clone)]
pub struct SourceMap {
    written: usize,
    /// In the order of the rendering, without gaps; none where the rendering is
    /// the text as written.
    pieces: Option<Vec<Piece>>,
}

/// A run of rendered bytes that come from one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its first rendered byte.
    pub(super) start: usize,
    /// The first rendered byte after it.
    pub(super) end: usize,
    /// The place in the text as written.
    pub(super) written: Span,
    /// Whether the rendered bytes are the written ones.
    pub(super) exact: bool,
}

impl SourceMap {
    /// The map of a text that is rendered as it is written.
    pub fn identity(len: usize) -> Self {
        Self {
            written: len,
            pieces: None,
        }
    }

    pub(super) fn new(written: usize, pieces: Vec<Piece>) -> Self {
        Self {
            written,
            pieces: Some(pieces),
        }
    }

    /// Bytes of the rendering.
    pub fn rendered(&self) -> usize {
        let pieces = self.pieces.as_deref();
        pieces.map_or(self.written, |pieces| {
            pieces.last().map_or(0, |piece| piece.end)
        })
    }

    /// Whether every byte stands where it was written.
    pub fn is_identity(&self) -> bool {
        self.pieces.is_none()
    }

    /// The written place of a rendered one: the very bytes where they are
    /// literal, else the whole expression, call or tag that made them. It lies
    /// always inside the text as written. The empty span at 0, "no place", stays
    /// what it is.
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

    /// The written bytes that a fix may replace: only where the rendered bytes are
    /// literally they, in one piece.
    pub fn exact(&self, rendered: Span) -> Option<Span> {
        let (start, end) = (rendered.start as usize, rendered.end as usize);
        let Some(pieces) = &self.pieces else {
            return (end <= self.written).then_some(rendered);
        };
        let first = pieces.partition_point(|piece| piece.end < end.max(1));
        let mut at = first;
        // Between two pieces an insertion belongs to either.
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

    fn point(&self, pieces: &[Piece], at: usize) -> Span {
        let index = pieces.partition_point(|piece| piece.end <= at);
        let place = match (pieces.get(index), pieces.last()) {
            (Some(piece), _) => piece.part(at, at).start as usize,
            (None, Some(last)) => last.written.end as usize,
            (None, None) => 0,
        };
        Span::new(place.min(self.written), place.min(self.written))
    }
}

impl Piece {
    /// The written place of what a range and the piece have in common.
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
    /// The map of what was made of a text that was itself made of another one,
    /// back to that.
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
                whole.push(Piece {
                    written: before.written(piece.written),
                    ..*piece
                });
            }
        }
        Self::new(before.written, whole)
    }

    /// The pieces of a range of the rendering, as pieces of a text in which the
    /// range begins at another byte.
    pub(super) fn copy(&self, range: std::ops::Range<usize>, to: usize, into: &mut Vec<Piece>) {
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
            into.push(Piece {
                start: to + (start - range.start),
                end: to + (end - range.start),
                written: piece.part(start, end),
                exact: piece.exact,
            });
        }
    }
}
