//! Mutated texts of all kinds: no input makes the program panic or run for long, and
//! a dataset that is not understood is never publishable.
//!
//! `cargo test` tries a few of each. `.ci/fuzz SECONDS` runs for that long and keeps
//! failing texts below `target/fuzz/`; a text that failed belongs in `corpus/`,
//! where it is tried unchanged in every run.

mod corpus;
mod mutate;
mod random;
mod targets;

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use random::Random;
use targets::{FUZZ_TARGETS, FuzzTarget};

/// Number of mutated texts per target in a plain run.
const TEXTS_PER_TARGET: usize = 40;
/// Maximum time for one text, in a build without optimization.
const MAX_DURATION: Duration = Duration::from_secs(20);

/// Reads a number from an environment variable.
fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Returns the folder in which failing texts are kept.
fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/fuzz")
}

/// Returns the file in which a test keeps a failing text of a target.
fn failure_path(target: &FuzzTarget, test: &str) -> PathBuf {
    kept().join(format!("{}-{test}.txt", target.name))
}

/// Runs a target on a text, and returns an error if it panics or takes too long.
///
/// The text is written to a file before it is tried, because a stack overflow ends
/// the process and cannot be caught.
fn tried(target: &FuzzTarget, test: &str, text: &str) -> Result<(), String> {
    std::fs::create_dir_all(kept()).expect("a folder");
    std::fs::write(failure_path(target, test), text).expect("it is kept");
    let (run, text) = (target.run, text.to_owned());
    let begin = Instant::now();
    // Deep texts need a deep stack; the program also allocates one.
    let done = std::thread::Builder::new()
        .stack_size(512 << 20)
        .spawn(move || catch_unwind(|| run(&text)))
        .expect("a thread")
        .join()
        .expect("it is caught");
    let took = begin.elapsed();
    match done {
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
            .unwrap_or_else(|| "a panic".to_owned())),
        Ok(()) if took > MAX_DURATION => Err(format!("it takes {took:?}")),
        Ok(()) => {
            std::fs::remove_file(failure_path(target, test)).expect("it was kept");
            Ok(())
        }
    }
}

fn fails(target: &FuzzTarget, test: &str, why: &str) -> ! {
    let path = failure_path(target, test);
    panic!("{}: {why}; the text is in {}", target.name, path.display());
}

#[test]
fn the_corpus_is_read() {
    for target in FUZZ_TARGETS {
        for text in corpus::of(target.name) {
            if let Err(why) = tried(target, "corpus", &text) {
                fails(target, "corpus", &why);
            }
        }
    }
}

#[test]
fn changed_texts_are_read() {
    let seconds = given("HEADCOUNT_FUZZ_SECONDS").map(Duration::from_secs);
    let seed = given("HEADCOUNT_SEED").unwrap_or(1);
    let mut random = Random::new(seed);
    let begin = Instant::now();
    let mut count = 0_usize;
    let corpora: Vec<_> = FUZZ_TARGETS
        .iter()
        .map(|target| corpus::of(target.name))
        .collect();
    loop {
        for (target, corpus) in FUZZ_TARGETS.iter().zip(&corpora) {
            let text = mutate::changed(&mut random, corpus);
            if let Err(why) = tried(target, "changed", &text) {
                fails(target, "changed", &why);
            }
            count += 1;
        }
        let done = match seconds {
            Some(seconds) => begin.elapsed() >= seconds,
            None => count >= TEXTS_PER_TARGET * FUZZ_TARGETS.len(),
        };
        if done {
            break;
        }
    }
    println!("{count} texts with seed {seed}");
}
