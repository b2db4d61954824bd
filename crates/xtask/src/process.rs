//! Starting other programs, always in the root of the workspace and always announced.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::terminal::{pass_on, say};
use crate::workspace::Root;

/// The cargo that runs us, so that a pinned toolchain stays the same one throughout.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a program with its output on ours. True if it started and ended with success.
pub(crate) fn succeeds(root: &Root, program: &OsString, arguments: &[&str]) -> bool {
    announce(program, arguments);
    match command(root, program, arguments).status() {
        Ok(status) => status.success(),
        Err(error) => {
            say(&format!("{}: {error}", program.display()));
            false
        }
    }
}

/// Like [`succeeds`], and hands each line of standard output to `read` after passing it on.
pub(crate) fn succeeds_read(
    root: &Root,
    program: &OsString,
    arguments: &[&str],
    mut read: impl FnMut(&str),
) -> std::io::Result<bool> {
    announce(program, arguments);
    let mut child = command(root, program, arguments)
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line)? > 0 {
            pass_on(&line);
            read(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    Ok(child.wait()?.success())
}

/// Standard output of a program that says nothing to the user, or why there is none.
pub(crate) fn output(
    root: &Root,
    program: &OsString,
    arguments: &[&str],
) -> Result<Vec<u8>, String> {
    let name = program.display();
    let output = command(root, program, arguments)
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} {}: {}", arguments.join(" "), said.trim()))
}

/// Whether a program succeeds, and all that it says; or why it does not start.
pub(crate) fn captured(
    root: &Root,
    program: &OsString,
    arguments: &[&str],
) -> Result<(bool, String), String> {
    announce(program, arguments);
    let output = command(root, program, arguments)
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok((output.status.success(), said))
}

fn announce(program: &OsString, arguments: &[&str]) {
    let name = std::path::Path::new(program);
    let name = name.file_name().unwrap_or(program).display();
    say(&format!("$ {name} {}", arguments.join(" ")));
}

/// `cargo run` describes *this* package in the environment; a nested cargo must not see it, or
/// build scripts that watch these names would run again at each change between the two.
fn command(root: &Root, program: &OsString, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root.path());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
