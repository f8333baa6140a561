//! How far a long run is, on a terminal.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run that is done before this shows nothing.
const LONG: Duration = Duration::from_millis(700);

/// A bar on standard error. It is drawn on a terminal alone, late, and it leaves
/// nothing behind.
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: Once,
    wanted: bool,
}

impl Progress {
    /// For so many files.
    pub(super) fn of(files: usize, quiet: bool) -> Self {
        let count = u64::try_from(files).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        // A template that is none leaves the bar as it looks by itself.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} files, {eta} left")
        {
            bar.set_style(style);
        }
        Self {
            bar,
            begun: Instant::now(),
            shown: Once::new(),
            wanted: !quiet,
        }
    }

    /// That another file is done.
    pub(super) fn step(&self) {
        if self.wanted && self.begun.elapsed() > LONG {
            self.shown.call_once(|| {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            });
        }
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
