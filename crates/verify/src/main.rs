//! `countersign-verify`: files in, a report out, and an exit code. No network, no clock, nothing
//! written.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    ExitCode::from(countersign_verify::main_with(
        "countersign-verify",
        arguments,
    ))
}
