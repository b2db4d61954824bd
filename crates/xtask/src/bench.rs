//! `cargo xtask bench`: builds `crates/bench` in release and runs it.

use crate::process::{cargo, succeeds};
use crate::{Command, Outcome, Stop, workspace::Root};

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    arguments: "record [OPTION...]",
    about: "what the record does in a second, beside what the machine could do",
    help: "  --quick            a fifth of the statements, a tenth of the entries\n\
           \x20 --only CASE        one, many, socket, serial, opening or log\n\
           \x20 --statements N     with one claim each, at least 64; 20,000 if not given\n\
           \x20 --entries N        of the log that is opened; 100,000 if not given\n\
           \x20 --dir DIR          on whose disk is measured; target/bench if not given\n\
           \x20 --json FILE        the table for programs too\n\n\
           One run prints one table: what it was made on, the bare machine, then each case. Numbers of a\n\
           machine that does other work are worth little; the load is printed. What was measured last\n\
           stands in docs/benchmarks.md.",
    run,
};

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if arguments.first().map(String::as_str) != Some("record") {
        return Err(Stop::Usage(
            "bench: what is to be measured? `cargo xtask bench record`".to_owned(),
        ));
    }
    let call = ["run", "--quiet", "--release", "--package"];
    let call = call.into_iter().chain(["countersign-bench", "--"]);
    let call: Vec<&str> = call.chain(arguments.iter().map(String::as_str)).collect();
    if succeeds(root, &cargo(), &call) {
        return Ok(());
    }
    Err(Stop::Failed("bench failed".to_owned()))
}
