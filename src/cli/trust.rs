//! `--trust-base`: the revision whose configuration, registry and record serve.

use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::args::Common;
use super::base::StoredFiles;
use super::changes::{self, Before};
use crate::config::Trusted;

/// The files of a revision that is trusted, as long as a run needs them.
pub(super) struct Trust {
    _stored: StoredFiles,
    files: Arc<Trusted>,
}

impl Trust {
    /// That of the command line, in the repository around a path.
    ///
    /// # Errors
    /// If git knows no such revision, or its files can't be had.
    pub(super) fn of(common: &Common, start: &Path) -> Result<Option<Self>, Failure> {
        let Some(revision) = &common.trust_base else {
            return Ok(None);
        };
        let repository = changes::repository(start)?;
        let commit = changes::commit(&repository, "--trust-base", revision)?;
        // What others did to the revision since is no change of this branch.
        let left = changes::merge_base(&repository, &commit, "HEAD");
        let changed = repository
            .changed_since(&left, &[])
            .map_err(Failure::Usage)?;
        let top = repository.top().to_owned();
        let before = Before { top, commit };
        let stored = StoredFiles::of(&before)?;
        let files = Trusted::new(
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

    /// Its files.
    pub(super) fn files(&self) -> &Arc<Trusted> {
        &self.files
    }

    /// Refuses it for a command that writes to the record of the work tree.
    ///
    /// # Errors
    /// If it was given.
    pub(super) fn refuse(common: &Common, command: &str) -> Result<(), Failure> {
        match &common.trust_base {
            Some(revision) => Err(Failure::Usage(format!(
                "--trust-base {revision}: `{command}` reads the work tree as it is; check out the revision and remove this option"
            ))),
            None => Ok(()),
        }
    }
}
