//! What the assessment of one file may cost, and the frame that keeps one file's
//! failure away from the others.
//!
//! Every step of the analysis draws from the budget of the file that it is done for
//! ([`spend`]). A file that needs more is given up as a whole, told, and proves
//! nothing: no limit elsewhere has to foresee what grows. The same frame takes a
//! panic, and a recursion that nears the end of its stack ([`frame`]).
//!
//! Whoever gives up unwinds to the frame, as a query that is cancelled does in an
//! incremental compiler: no function between needs an error of its own, and nothing
//! half made is left. What is shared between files is put down whole or not at all.

use crate::numbers::Grouped;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps for one file. One is about a microsecond of work or a hundred bytes.
const STEPS: u64 = 3_000_000;

/// Steps that all files together may take for what they bring in beyond what their own
/// texts give them ([`bring_in`]).
const SHARED: u64 = 800_000;

/// Steps that a file gives for what it brings in, and for each byte of its own text.
const GIVEN: u64 = 300;
const GIVEN_OF_A_BYTE: u64 = 12;

/// Bytes of stack that are kept free for what calls no step.
const STACK_RESERVE: usize = 1 << 20;

thread_local! {
    /// The steps that are left to what this thread works on; `None` outside of a frame.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
    /// What the last panic inside a frame said.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is left of the steps that all files share.
static LEFT_TO_ALL: AtomicU64 = AtomicU64::new(SHARED);

/// Why the work in a frame ended before it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It takes more steps than a file may.
    Steps,
    /// The files of a run bring in more than they may together.
    Shared,
    /// It nests deeper than there is room for.
    Depth,
    /// The program is wrong: what the panic said.
    Panic(String),
}

impl Stop {
    /// Whether the program is wrong, rather than the text too large.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Panic(_))
    }

    /// What is said of a text, after "…".
    pub fn message(&self) -> String {
        match self {
            Self::Steps => format!("its analysis takes more than {} steps", Grouped(STEPS)),
            Self::Shared => {
                "the files of this run include more templates and macros than the limit of a run"
                    .to_owned()
            }
            Self::Depth => "its parts are nested too deeply".to_owned(),
            Self::Panic(said) => format!("internal error, please report: {said}"),
        }
    }
}

/// Counts steps of the work in hand, and gives it up if it takes too many or nears
/// the end of the stack. Outside of a frame there is no limit but the stack's.
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

/// Gives what a file may bring in: with its text grows what all may.
pub fn give(own: usize) {
    let given = GIVEN.saturating_add((own as u64).saturating_mul(GIVEN_OF_A_BYTE));
    let more = |left: u64| Some(left.saturating_add(given).min(SHARED));
    let _ = LEFT_TO_ALL.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
}

/// Counts steps for what another file says and this one brings in. Many small files
/// may each bring in a large one, so all draw from one store, to which each gives what
/// its own size allows ([`give`]).
pub fn bring_in(steps: usize) {
    spend(steps);
    if LEFT.get().is_none() {
        return;
    }
    let less = |left: u64| left.checked_sub(steps as u64);
    if LEFT_TO_ALL
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

/// What is left of the steps that all files share; outside of a frame there is no limit.
pub fn left_to_all() -> u64 {
    match LEFT.get() {
        Some(_) => LEFT_TO_ALL.load(Ordering::Relaxed),
        None => u64::MAX,
    }
}

/// Gives up the work in hand.
pub fn give_up(stop: Stop) -> ! {
    resume_unwind(Box::new(stop))
}

/// Does work that may be given up. Inside another frame it draws from the budget of
/// that one.
///
/// # Errors
/// If it was given up, or panicked.
pub fn frame<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    within(LEFT.get().unwrap_or(STEPS), true, work)
}

fn within<T>(steps: u64, shared: bool, work: impl FnOnce() -> T) -> Result<T, Stop> {
    let outer = LEFT.replace(Some(steps));
    // Whatever the work was changing is dropped with it, or put down whole.
    let done = catch_unwind(AssertUnwindSafe(work));
    let left = LEFT.get();
    LEFT.set(if shared && outer.is_some() {
        left
    } else {
        outer
    });
    done.map_err(stop)
}

/// Does a part of the work of a frame that may go over the budget alone: a panic
/// goes on to the frame.
///
/// # Errors
/// If it was given up.
pub fn part<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    without_faults(frame(work))
}

/// The same with a budget of its own: for what is kept for other files, and so must
/// not depend on what this one has left.
///
/// # Errors
/// As [`part`].
pub fn own_part<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    without_faults(within(STEPS, false, work))
}

/// The same, and how many steps it took.
///
/// # Errors
/// As [`part`].
pub fn own_measured<T>(work: impl FnOnce() -> T) -> Result<(T, usize), Stop> {
    own_part(|| {
        let done = work();
        let used = STEPS - LEFT.get().unwrap_or(STEPS);
        (done, usize::try_from(used).unwrap_or(usize::MAX))
    })
}

fn without_faults<T>(done: Result<T, Stop>) -> Result<T, Stop> {
    done.map_err(|stop| match stop {
        Stop::Panic(_) => resume_unwind(Box::new(stop)),
        Stop::Steps | Stop::Shared | Stop::Depth => stop,
    })
}

/// What a panic was.
fn stop(payload: Box<dyn Any + Send>) -> Stop {
    let payload = match payload.downcast::<Stop>() {
        Ok(stop) => return *stop,
        Err(payload) => payload,
    };
    let noted = PANIC.take();
    Stop::Panic(noted.unwrap_or_else(|| shortened(said(&*payload))))
}

/// The words of a panic.
pub(crate) fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or(payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}

/// The longest words of a panic that are shown: they may hold the whole text.
const LONGEST: usize = 200;

fn shortened(said: &str) -> String {
    match said.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

/// Has panics inside of frames noted with their place, to be told as findings of
/// their files; all others are told as before.
pub fn note_panics() {
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
            assert_eq!(own_part(|| spend(1)), Ok(()));
            spend(1);
        });
        assert_eq!(done, Err(Stop::Steps));
    }

    #[test]
    fn steps_of_an_own_part_are_known() {
        let done = frame(|| own_measured(|| spend(7)));
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
