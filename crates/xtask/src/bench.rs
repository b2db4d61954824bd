//! `cargo xtask bench`: builds `crates/bench` in release and runs it.

use crate::process::{cargo, succeeds};
use crate::{Command, Outcome, Stop, workspace::Root};

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    arguments: "record|ledger|peers [OPTION...]",
    about: "what record and ledger do in a second, beside the machine and beside other systems",
    help: "record: what the record does, beside what the machine could do\n\
           \x20 --quick            a fifth of the statements, a tenth of the entries\n\
           \x20 --only CASE        one, many, socket, serial, opening or log\n\
           \x20 --statements N     with one claim each, at least 64; 20,000 if not given\n\
           \x20 --entries N        of the log that is opened; 100,000 if not given\n\
           \x20 --dir DIR          on whose disk is measured; target/bench if not given\n\
           \x20 --json FILE        the table for programs too\n\
           ledger: what the ledger folds, and the same reconciliation by other systems\n\
           \x20 --units N          1,000,000 if not given\n\
           \x20 --only CASE        fold, json, late or peers\n\
           \x20 and what `peers` takes, with --peer-units N for its units\n\
           peers: the ledger, PostgreSQL and DuckDB on one file, each if it is installed\n\
           \x20 --units N          200,000 if not given\n\
           \x20 --python PROGRAM   that has the package `duckdb`; /usr/bin/python3 if not given\n\
           \x20 --dir DIR, --json FILE  as above\n\n\
           One run prints one table: what it was made on, the bare machine, then each case. Numbers of a\n\
           machine that does other work are worth little; the load is printed. What was measured last\n\
           stands in docs/benchmarks.md.",
    run,
};

fn run(root: &Root, arguments: &[String]) -> Outcome {
    let what = arguments.first().map(String::as_str);
    if !matches!(what, Some("record" | "ledger" | "peers")) {
        let asked =
            "bench: what is to be measured? `cargo xtask bench record`, `ledger` or `peers`";
        return Err(Stop::Usage(asked.to_owned()));
    }
    let call = ["run", "--quiet", "--release", "--package"];
    let call = call.into_iter().chain(["countersign-bench", "--"]);
    let call: Vec<&str> = call.chain(arguments.iter().map(String::as_str)).collect();
    if succeeds(root, &cargo(), &call) {
        return Ok(());
    }
    Err(Stop::Failed("bench failed".to_owned()))
}
