//! The progress bar of a long run.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::escape_line;
use crate::workspace::Step;

/// A run that ends before this shows no bar.
const LONG: Duration = Duration::from_millis(700);
/// Interval at which the bar is redrawn during a slow file.
const TICK: Duration = Duration::from_millis(500);

/// A progress bar on standard error. It appears only on a terminal and only in a
/// long run, and is removed at the end.
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: Once,
    wanted: bool,
}

impl Progress {
    /// Creates a bar for a number of files.
    pub(super) fn of(files: usize, quiet: bool) -> Self {
        let count = u64::try_from(files).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        // The rate is that of the last seconds, so that a slow table does not
        // distort the estimate for long. If the template were invalid, the bar would
        // keep its default style.
        let template = "{bar:20} {pos}/{len} files, {per_sec}, {eta} left  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            begun: Instant::now(),
            shown: Once::new(),
            wanted: !quiet,
        }
    }

    /// Records that the assessment of a file has begun or ended.
    pub(super) fn step(&self, step: Step<'_>) {
        if self.wanted && self.begun.elapsed() > LONG {
            self.shown.call_once(|| {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
                self.bar.enable_steady_tick(TICK);
            });
        }
        match step {
            Step::Begun(path) => self.bar.set_message(escape_line(path)),
            Step::Done => self.bar.inc(1),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
