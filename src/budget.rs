//! The budget of the assessment of one file, and the frame that isolates its
//! failures.
//!
//! Every step of the analysis draws from the budget of the file that it is done for
//! ([`spend`]). A file that exceeds its budget is given up as a whole, with a
//! finding, and proves nothing: no other limit has to foresee what grows. The same
//! frame catches a panic, and a recursion that nears the end of its stack
//! ([`frame`]).
//!
//! Giving up unwinds to the frame, as a cancelled query does in an incremental
//! compiler: no function in between needs an error type of its own, and no partial
//! result remains. Values that are shared between files are stored completely or not
//! at all.

use crate::numbers::GroupedNumber;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps for one file. A step is about a microsecond of work or a hundred bytes.
const STEPS: u64 = 3_000_000;

/// Steps that all files together may spend on included content ([`charge_included`]),
/// beyond what the size of their own texts grants.
const SHARED: u64 = 800_000;

/// Steps that a file grants for included content, and for each byte of its own text.
const BASE_GRANT: u64 = 300;
const GRANT_PER_BYTE: u64 = 12;

/// Bytes of stack that are reserved for code that does not call [`spend`].
const STACK_RESERVE: usize = 1 << 20;

thread_local! {
    /// The steps that remain for the current work of this thread; `None` outside of
    /// a frame.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
    /// The message of the last panic inside a frame.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The steps that remain of those that all files share.
static SHARED_STEPS_LEFT: AtomicU64 = AtomicU64::new(SHARED);

/// Why the work in a frame ended before it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The work takes more steps than a file may take.
    Steps,
    /// The files of a run together include more content than a run may.
    Shared,
    /// The nesting is too deep for the stack.
    Depth,
    /// The program has a defect; the message of the panic.
    Panic(String),
}

impl Stop {
    /// Whether the program has a defect, rather than the text being too large.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Panic(_))
    }

    /// Returns the message about a text, as a clause without a subject.
    pub fn message(&self) -> String {
        match self {
            Self::Steps => format!(
                "its analysis takes more than {} steps",
                GroupedNumber(STEPS)
            ),
            Self::Shared => {
                "the files of this run include more templates and macros than the limit of a run"
                    .to_owned()
            }
            Self::Depth => "its parts are nested too deeply".to_owned(),
            Self::Panic(said) => format!("internal error, please report: {said}"),
        }
    }
}

/// Counts steps of the current work, and gives it up if it exceeds the budget.
///
/// Work that nears the end of the stack is given up, too. Outside of a frame, the
/// stack is the only limit.
#[inline]
pub fn spend(steps: usize) {
    LEFT.with(|left| {
        if let Some(known) = left.get() {
            match known.checked_sub(steps as u64) {
                Some(rest) => left.set(Some(rest)),
                None => {
                    left.set(Some(0));
                    resume_unwind(Box::new(Stop::Steps));
                }
            }
        }
    });
    if stacker::remaining_stack().is_some_and(|left| left < STACK_RESERVE) {
        resume_unwind(Box::new(Stop::Depth));
    }
}

/// Grants steps for included content in proportion to the `own` bytes of a file.
///
/// They are added to the steps that all files share, up to a maximum.
pub fn give(own: usize) {
    let given = BASE_GRANT.saturating_add((own as u64).saturating_mul(GRANT_PER_BYTE));
    let more = |left: u64| Some(left.saturating_add(given).min(SHARED));
    let _ = SHARED_STEPS_LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
}

/// Counts steps for the content of another file that the current file includes.
///
/// Many small files may each include a large one, so all draw from one shared
/// budget, to which each contributes in proportion to its own size ([`give`]).
pub fn charge_included(steps: usize) {
    spend(steps);
    if LEFT.get().is_none() {
        return;
    }
    let less = |left: u64| left.checked_sub(steps as u64);
    if SHARED_STEPS_LEFT
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
        .is_err()
    {
        give_up(Stop::Shared);
    }
}

/// The steps that are left to what this thread works on.
pub fn left() -> u64 {
    LEFT.get().unwrap_or(u64::MAX)
}

/// Returns the steps that all files may still spend; unlimited outside of a frame.
pub fn remaining_shared_steps() -> u64 {
    match LEFT.get() {
        Some(_) => SHARED_STEPS_LEFT.load(Ordering::Relaxed),
        None => u64::MAX,
    }
}

/// Gives up the current work.
pub fn give_up(stop: Stop) -> ! {
    resume_unwind(Box::new(stop))
}

/// Does work that may be given up.
///
/// Inside another frame, it draws from the budget of that frame.
///
/// # Errors
/// If the work was given up, or panicked.
pub fn frame<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    within(LEFT.get().unwrap_or(STEPS), true, work)
}

fn within<T>(steps: u64, shared: bool, work: impl FnOnce() -> T) -> Result<T, Stop> {
    let outer = LEFT.replace(Some(steps));
    // Whatever the work was changing is dropped with it, or was stored completely.
    let done = catch_unwind(AssertUnwindSafe(work));
    let left = LEFT.get();
    LEFT.set(if shared && outer.is_some() {
        left
    } else {
        outer
    });
    done.map_err(stop)
}

/// Does a part of a frame's work that alone may exceed the budget.
///
/// A panic propagates to the frame.
///
/// # Errors
/// If the part was given up.
pub fn part<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    resume_panics(frame(work))
}

/// Does a part of a frame's work with a full budget of its own.
///
/// It is for results that are kept for other files, and so must not depend on what
/// the current file has left.
///
/// # Errors
/// As [`part`].
pub fn part_with_own_budget<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    resume_panics(within(STEPS, false, work))
}

/// Does the same as [`part_with_own_budget`], and returns the number of steps that it took.
///
/// # Errors
/// As [`part`].
pub fn measure_with_own_budget<T>(work: impl FnOnce() -> T) -> Result<(T, usize), Stop> {
    part_with_own_budget(|| {
        let done = work();
        let used = STEPS - LEFT.get().unwrap_or(STEPS);
        (done, usize::try_from(used).unwrap_or(usize::MAX))
    })
}

fn resume_panics<T>(done: Result<T, Stop>) -> Result<T, Stop> {
    done.map_err(|stop| match stop {
        Stop::Panic(_) => resume_unwind(Box::new(stop)),
        Stop::Steps | Stop::Shared | Stop::Depth => stop,
    })
}

/// Converts the payload of an unwinding to a [`Stop`].
fn stop(payload: Box<dyn Any + Send>) -> Stop {
    let payload = match payload.downcast::<Stop>() {
        Ok(stop) => return *stop,
        Err(payload) => payload,
    };
    let noted = PANIC.take();
    Stop::Panic(noted.unwrap_or_else(|| shortened(said(&*payload))))
}

/// Returns the message of a panic.
pub(crate) fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or(payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}

/// The maximum length of a panic message, in characters: it may contain the whole
/// text.
const LONGEST: usize = 200;

fn shortened(said: &str) -> String {
    match said.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

/// Installs a hook that records panics inside of frames with their source location.
///
/// They are reported as findings of their files; all other panics reach the previous
/// hook.
pub fn install_panic_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if LEFT.get().is_none() {
            return before(info);
        }
        let said = shortened(said(info.payload()));
        let place = info
            .location()
            .map(|at| format!(" ({}:{})", at.file(), at.line()));
        PANIC.set(Some(format!("{said}{}", place.unwrap_or_default())));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_what_is_given_up() {
        assert_eq!(frame(|| 1), Ok(1));
        assert_eq!(frame(|| spend(usize::MAX)), Err(Stop::Steps));
        let panicked = frame(|| panic!("of {}", "course"));
        assert_eq!(panicked, Err(Stop::Panic("of course".to_owned())));
        assert_eq!(LEFT.get(), None);
    }

    #[test]
    fn parts_share_and_own_parts_do_not() {
        let done = frame(|| {
            assert_eq!(part(|| spend(usize::MAX)), Err(Stop::Steps));
            assert_eq!(part_with_own_budget(|| spend(1)), Ok(()));
            spend(1);
        });
        assert_eq!(done, Err(Stop::Steps));
    }

    #[test]
    fn steps_of_an_own_part_are_known() {
        let done = frame(|| measure_with_own_budget(|| spend(7)));
        assert_eq!(done, Ok(Ok(((), 7))));
    }

    #[test]
    fn a_recursion_without_end_is_given_up() {
        fn deeper(at: usize) -> usize {
            spend(0);
            match at {
                usize::MAX => 0,
                at => std::hint::black_box(deeper(at + 1)) + 1,
            }
        }
        assert_eq!(frame(|| deeper(0)), Err(Stop::Depth));
    }
}
