//! Fuzzes the pipeline from bytes to reports: no text makes the program panic or
//! hang, every span is within the text, and a dataset that is not understood is
//! never publishable.

#![no_main]

#[path = "../../tests/fuzz/targets.rs"]
mod targets;

use libfuzzer_sys::fuzz_target;
use targets::FUZZ_TARGETS;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let pipeline = FUZZ_TARGETS.iter().find(|target| target.name == "pipeline");
    (pipeline.expect("it is one of them").run)(text);
});
