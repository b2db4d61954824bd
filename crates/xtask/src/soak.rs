//! `cargo xtask soak`: what the tests do a little of, for hours; what it gave is written to
//! `docs/soak.md`, a section for each kind of run. What fails becomes a fixed case of the tests.

mod demo;
pub(crate) mod page;
mod tests_run;

use crate::workspace::Root;
use crate::{Command, Outcome};

pub(crate) const COMMAND: Command = Command {
    name: "soak",
    arguments: "[SEEDS] [FIRST] | --faults | --disk [N] | --kill [N] | --flips [N]",
    about: "long runs of what the tests do a little of, for docs/soak.md",
    help: "The demo on SEEDS random seeds (1000 if not given), drawn from FIRST (1 if not given) by a\n\
           fixed rule, two at a time. Receipts are left out: the tests check those. Takes hours.\n\n\
           --faults     every system call fails once with each error (docs/testing.md)\n\
           --disk [N]   N drawn schedules of a disk that fails and forgets, 100,000 if not given\n\
           --kill [N]   N times kill -9 at points drawn over the bytes written, 1,000 if not given\n\
           --flips [N]  N single flipped bits over every stored file, 10,000 if not given\n\n\
           Each writes its section of docs/soak.md and leaves the others, but --faults, which is told\n\
           by its tests.",
    run,
};

fn run(root: &Root, arguments: &[String]) -> Outcome {
    match arguments.split_first() {
        Some((kind, rest)) if kind.starts_with("--") => tests_run::run(root, kind, rest),
        _ => demo::run(root, arguments),
    }
}
