//! `countersign-bench`: what the record does, beside what the machine could do, in one run.
//!
//! Statements are signed before any clock runs; every receipt of a row that counts receipts is checked
//! after it has stopped (`log` makes them and has the log verified instead; `opening` checks none). Rows
//! count claims per second of the product's processor time and per second on the wall. Start at
//! [`record`]; `cargo xtask bench record` builds this and runs it.

mod bare;
mod check;
mod clock;
mod folder;
mod ledger;
mod lines;
mod load;
mod loop_of_four;
mod machine;
mod making;
mod path;
mod peers;
mod record;
mod scale;
mod table;
mod terminal;
mod whole;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: countersign-bench record [--quick] [--only one|many|socket|serial|opening|log] [--statements N] [--entries N] [--dir DIR] [--json FILE]\n       countersign-bench ledger [--units N] [--only fold|json|late|tracked|finding|sustained|peers] [--minutes N] [--peer-units N] [--dir DIR] [--python PROGRAM] [--json FILE]\n       countersign-bench peers [--units N] [--dir DIR] [--python PROGRAM] [--json FILE]";

/// Why a run ended early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["record", rest @ ..] => record::run(rest),
        ["ledger", rest @ ..] => ledger::run(rest),
        ["peers", rest @ ..] => peers::run(rest),
        // What a run starts beside itself.
        ["node", root] => load::serve_node(Path::new(root)),
        ["loop", at, devices] => devices
            .parse()
            .map_err(Failure::from)
            .and_then(|devices| loop_of_four::serve(Path::new(at), devices)),
        ["open", root] => scale::open(Path::new(root)),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::warn(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}
