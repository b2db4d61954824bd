//! `cargo xtask fuzz`: builds `crates/fuzz` optimised, with the checks of a test, and runs it.

use crate::process::{cargo, succeeds};
use crate::{Command, Outcome, Stop, workspace::Root};

pub(crate) const COMMAND: Command = Command {
    name: "fuzz",
    arguments: "[TARGET...]",
    about: "hostile bytes for the parsers: crates/fuzz",
    help: "  --seconds N     for each target; 60 if not given\n\
           \x20 --seed S        the inputs of an earlier run again\n\
           \x20 --coverage      by libFuzzer; needs a nightly compiler and cargo-fuzz\n\
           \x20 --distil        put what libFuzzer found into the kept corpus\n\
           \x20 --record        add the run to docs/fuzzing.md\n\
           \x20 --page          make docs/fuzzing.md anew\n\
           \x20 --input FILE    one target on one input: what failed, and where\n\
           \x20 --list          the targets and what must hold\n\n\
           Without a TARGET all of them run, one after the other. An input that fails is written to\n\
           crates/fuzz/failures/, and the call that reproduces it is printed.",
    run,
};

/// Optimised, with overflow checks and debug assertions.
const PROFILE: &str = "sim";

fn run(root: &Root, arguments: &[String]) -> Outcome {
    let call = ["run", "--quiet", "--profile", PROFILE, "--package"];
    let call = call.into_iter().chain(["countersign-fuzz", "--"]);
    let call: Vec<&str> = call.chain(arguments.iter().map(String::as_str)).collect();
    if succeeds(root, &cargo(), &call) {
        return Ok(());
    }
    Err(Stop::Failed("fuzz failed".to_owned()))
}
