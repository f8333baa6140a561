//! Colours of a terminal: the sixteen that its theme defines, so that they are
//! readable on dark and light backgrounds.

use anstyle::{AnsiColor, Style};

use crate::policy::{Answer, Verdict};
use crate::rules::Severity;

/// The styles of a report; without colours, none of them has an effect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    on: bool,
}

impl Paint {
    pub(super) fn new(on: bool) -> Self {
        Self { on }
    }

    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    /// The style of headings and names.
    pub(super) fn strong(self) -> Style {
        self.style(Style::new().bold())
    }

    /// The style of text that a reader may skip.
    pub(super) fn faint(self) -> Style {
        self.style(Style::new().dimmed())
    }

    /// The style of a command or an address to copy.
    pub(super) fn command(self) -> Style {
        self.style(AnsiColor::Cyan.on_default())
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        self.style(match severity {
            Severity::Error => AnsiColor::Red.on_default().bold(),
            Severity::Warning => AnsiColor::Yellow.on_default().bold(),
            Severity::Note => AnsiColor::Cyan.on_default(),
        })
    }

    pub(super) fn verdict(self, verdict: Verdict) -> Style {
        self.style(match verdict {
            Verdict::Publishable => AnsiColor::Green.on_default().bold(),
            Verdict::ExtraReview => AnsiColor::Yellow.on_default().bold(),
        })
    }

    pub(super) fn answer(self, answer: Answer) -> Style {
        self.style(match answer {
            Answer::No => AnsiColor::Green.on_default(),
            Answer::Unknown | Answer::Yes => AnsiColor::Yellow.on_default().bold(),
        })
    }

    fn style(self, style: Style) -> Style {
        if self.on { style } else { Style::new() }
    }
}
