//! How far a long run is, on a terminal.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::escape_line;
use crate::workspace::Step;

/// A run that is done before this shows nothing.
const LONG: Duration = Duration::from_millis(700);
/// How often the bar is drawn while a file takes long.
const TICK: Duration = Duration::from_millis(500);

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
        // The rate is that of the last seconds, so that a slow table does not spoil the
        // estimate for long. A template that is none leaves the bar as it looks by itself.
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

    /// That a file is begun or done.
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
