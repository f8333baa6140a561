//! The alternative ways to bound one grouping.

use super::edit::Edit;

/// One way to bound a grouping.
#[derive(Debug, Clone)]
pub(super) struct ThresholdEdit {
    pub(super) edits: Vec<Edit>,
    /// The effect of the edits, in the imperative.
    pub(super) title: String,
}

impl ThresholdEdit {
    pub(super) fn new(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self {
            edits,
            title: title.into(),
        }
    }
}
