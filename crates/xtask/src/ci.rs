//! `cargo xtask ci`: the script of the continuous integration itself, so that the two cannot differ.

use crate::{Command, Outcome, Stop, process, workspace::Root};

pub(crate) const COMMAND: Command = Command {
    name: "ci",
    arguments: "",
    about: "run what the continuous integration runs: .ci/run",
    help: "The script sets CARGO_TARGET_DIR (unless set) to a folder in the user's cache, turns colours\n\
           off and runs `cargo xtask test`.",
    run,
};

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.first() {
        return Err(Stop::Usage(format!(
            "ci takes no argument, got `{unknown}`"
        )));
    }
    let script = root.path().join(".ci/run").into_os_string();
    if process::succeeds(root, &script, &[]) {
        return Ok(());
    }
    Err(Stop::Failed("ci failed".to_owned()))
}
