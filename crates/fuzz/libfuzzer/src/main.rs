//! One program for every target: the environment names the one to run.
#![no_main]

use std::sync::OnceLock;

use countersign_fuzz::Target;
use libfuzzer_sys::fuzz_target;

/// Holds the name of the target.
const TARGET: &str = "COUNTERSIGN_FUZZ_TARGET";

static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

fn chosen() -> fn(&[u8]) {
    let name = std::env::var(TARGET).unwrap_or_default();
    let target = Target::named(&name);
    target.unwrap_or_else(|| panic!("{TARGET} names no target: `{name}`")).run
}

fuzz_target!(|data: &[u8]| CHOSEN.get_or_init(chosen)(data));
