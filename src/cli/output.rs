//! Writes reports and messages. Nothing else writes on standard output or standard
//! error: `clippy.toml` forbids it.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};

use super::Failure;
use super::args::{Color, Common};
use crate::budget;
use crate::report::{
    Format, Gate, InertText, ReportDetail, ReportOptions, Run, Target, render, step_summary,
};
use crate::storage;

/// The smallest width of a drawing, in columns.
const NARROWEST: usize = 40;
/// The largest width of a line that is easy to read, in columns.
const WIDEST: usize = 140;
/// Environment variable with the file that GitHub Actions shows as the summary of a
/// step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Returns the requested reports; human-readable on standard output by default.
pub(super) fn targets(common: &Common) -> Result<Vec<Target>, Failure> {
    let mut targets = common.format.clone();
    if targets.is_empty() {
        targets.push(Target {
            format: Format::Human,
            file: None,
        });
    }
    if let Some(output) = &common.output {
        let [only] = targets.as_mut_slice() else {
            return Err(Failure::Usage(
                "--output needs a single --format; use --format FORMAT=FILE for each format"
                    .to_owned(),
            ));
        };
        if only.file.is_some() {
            return Err(Failure::Usage(
                "--output and --format FORMAT=FILE both name a file; use only one of them"
                    .to_owned(),
            ));
        }
        only.file = Some(output.clone());
    }
    if targets
        .iter()
        .filter(|target| target.file.is_none())
        .count()
        > 1
    {
        return Err(Failure::Usage(
            "several formats cannot share standard output; use --format FORMAT=FILE".to_owned(),
        ));
    }
    Ok(targets)
}

/// Writes all reports.
pub(super) fn write(
    run: &Run,
    targets: &[Target],
    common: &Common,
    detail: ReportDetail,
    gate: Gate,
) -> Result<(), Failure> {
    for target in targets {
        let piped = ReportOptions::piped(detail);
        let drawn = match target.file {
            Some(_) => piped,
            None => stdout_options(piped, common.color),
        };
        let options = ReportOptions {
            quiet: common.quiet,
            verbose: common.verbose,
            statistics: common.statistics,
            gate,
            ..drawn
        };
        let text = render(run, target.format, &options);
        match &target.file {
            Some(path) => {
                storage::replace(path, &text)
                    .map_err(|error| Failure::Write(path.clone(), error))?;
            }
            None => print(&text)?,
        }
    }
    if targets.iter().any(|target| target.format == Format::Github) {
        summarize(run);
    }
    Ok(())
}

/// Returns the options for standard output: its colours, width and characters.
fn stdout_options(piped: ReportOptions, color: Color) -> ReportOptions {
    let out = stdout();
    let size = terminal_size::terminal_size_of(&out);
    let width = size.map(|(width, _)| usize::from(width.0));
    let color = colored(color);
    ReportOptions {
        color,
        ascii: is_ascii(out.is_terminal()),
        links: color && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        width: width.map_or(piped.width, |width| width.clamp(NARROWEST, WIDEST)),
        ..piped
    }
}

/// Returns whether drawings are limited to ASCII, because the locale is not UTF-8. A
/// log or another program without a locale reads UTF-8.
fn is_ascii(is_terminal: bool) -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = variables.iter().filter_map(std::env::var_os);
    let has_locale = values.any(|value| !value.is_empty());
    (is_terminal || has_locale) && !supports_unicode::supports_unicode()
}

/// Returns the options for drawing errors in TOML files and registries on standard
/// error.
pub(super) fn stderr_options() -> ReportOptions {
    ReportOptions {
        ascii: is_ascii(stderr().is_terminal()),
        ..ReportOptions::piped(ReportDetail::Review)
    }
}

/// Appends to the summary of the step if GitHub Actions runs the program. The
/// annotations are already written, so a summary that cannot be written is only a
/// warning.
fn summarize(run: &Run) {
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) else {
        return;
    };
    let written = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(step_summary(run).as_bytes()));
    if let Err(error) = written {
        warn(&format!(
            "{}: the step summary cannot be written: {error}",
            PathBuf::from(path).display()
        ));
    }
}

/// Records the root of the repository that GitHub Actions or GitLab names: paths in
/// their annotations are relative to it.
pub(super) fn note_root(run: &mut Run) {
    let roots = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];
    let root = roots.iter().find_map(std::env::var_os);
    let root = root.and_then(|root| PathBuf::from(root).canonicalize().ok());
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let (Some(root), Ok(here)) = (root, here) else {
        return;
    };
    let slashes = |path: &Path| path.to_string_lossy().replace('\\', "/");
    if let Ok(below) = here.strip_prefix(&root) {
        run.prefix = slashes(below);
        run.root = slashes(&root).trim_end_matches('/').to_owned();
    }
}

/// Prints a text on standard output.
pub(super) fn print(text: &InertText) -> Result<(), Failure> {
    write_stdout(text)
}

/// Prints text for another program without changes: a fixed or rendered query, or a
/// registry. On a terminal, control characters are escaped.
pub(super) fn print_data(text: &str) -> Result<(), Failure> {
    if stdout().is_terminal() {
        let mut shown = InertText::new();
        shown.block(text);
        write_stdout(&shown)
    } else {
        write_stdout(text)
    }
}

/// Writes to standard output. A closed pipe is no failure.
fn write_stdout(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Write(PathBuf::from("<stdout>"), error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Shows a text on standard error, beside the data on standard output.
pub(super) fn write_stderr(text: &InertText) {
    // If standard error is closed, the text has no reader.
    let _ = stderr().write_all(text.as_bytes());
}

/// Shows what to type on a terminal; nothing if standard input is not a terminal.
pub(super) fn prompt(message: &str) {
    if std::io::stdin().is_terminal() {
        tell(message);
    }
}

/// Reports an action on standard error, in one line.
pub(super) fn tell(message: &str) {
    let mut text = InertText::new();
    text.line(format_args!("headcount: {message}"));
    write_stderr(&text);
}

/// Whether warnings are left out.
static ONLY_ERRORS: AtomicBool = AtomicBool::new(false);

/// Leaves out warnings from now on, for `--quiet` of a command that prints no findings.
pub(super) fn only_errors() {
    ONLY_ERRORS.store(true, Ordering::Relaxed);
}

/// Shows a warning on standard error.
pub(super) fn warn(message: &str) {
    if !ONLY_ERRORS.load(Ordering::Relaxed) {
        tell(&format!("warning: {message}"));
    }
}

/// Sets a hook that reports panics with control characters escaped. The message of a
/// panic may quote a text that was read.
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = budget::said(panic.payload());
        let place = panic.location().map(ToString::to_string);
        tell(&format!(
            "internal error, please report: panicked at {}: {message}",
            place.unwrap_or_default()
        ));
    }));
}

#[expect(clippy::disallowed_methods, reason = "all output goes through here")]
fn stdout() -> std::io::Stdout {
    std::io::stdout()
}

/// Returns standard error, without colours if it is not a terminal.
#[expect(clippy::disallowed_methods, reason = "all output goes through here")]
fn stderr() -> AutoStream<std::io::Stderr> {
    anstream::stderr()
}

/// Returns whether standard output is written with colours.
pub(super) fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => AutoStream::choice(&stdout()) != ColorChoice::Never,
    }
}
