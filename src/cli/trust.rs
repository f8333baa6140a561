//! `--trust-base`: a revision whose configuration, registry and record are used.

use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::args::Common;
use super::base::StoredFiles;
use super::changes::{self, BaseCommit};
use crate::config::TrustedRevision;

/// The files of a trusted revision, which exist as long as this value.
pub(super) struct TrustedBase {
    _stored: StoredFiles,
    files: Arc<TrustedRevision>,
}

impl TrustedBase {
    /// Returns the trusted revision of the command line, in the repository around a
    /// path.
    ///
    /// # Errors
    /// If git does not know the revision, or cannot provide its files.
    pub(super) fn of(common: &Common, start: &Path) -> Result<Option<Self>, Failure> {
        let Some(revision) = &common.trust_base else {
            return Ok(None);
        };
        let repository = changes::repository(start)?;
        let commit = changes::commit(&repository, "--trust-base", revision)?;
        // Later changes on the trusted branch are no changes of this branch.
        let left = changes::merge_base(&repository, &commit, "HEAD");
        let changed = repository
            .changed_since(&left, &[])
            .map_err(Failure::Usage)?;
        let top = repository.top().to_owned();
        let before = BaseCommit { top, commit };
        let stored = StoredFiles::of(&before)?;
        let files = TrustedRevision::new(
            revision.clone(),
            before.top,
            stored.path().to_owned(),
            changed.into_iter().collect(),
        );
        Ok(Some(Self {
            _stored: stored,
            files: Arc::new(files),
        }))
    }

    /// The files of the revision.
    pub(super) fn files(&self) -> &Arc<TrustedRevision> {
        &self.files
    }

    /// Refuses `--trust-base` for a command that needs the work tree as it is.
    ///
    /// # Errors
    /// If the option was given.
    pub(super) fn refuse(common: &Common, command: &str) -> Result<(), Failure> {
        match &common.trust_base {
            Some(revision) => Err(Failure::Usage(format!(
                "--trust-base {revision}: `{command}` reads the work tree as it is; check out the revision and remove this option"
            ))),
            None => Ok(()),
        }
    }
}
