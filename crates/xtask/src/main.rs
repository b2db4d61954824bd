//! The project's own commands, as `cargo xtask COMMAND`.
//!
//! A command is a module with one function and one line in [`COMMANDS`]. A command never hides what
//! it starts: every program it runs is printed first, so that it can be run by hand. What a check
//! of `tidy` looks at comes from a [`workspace::Tree`], a value, so that its tests can plant a fault.
//!
//! Start at [`tidy`] for the checks and at [`test_run`] for what the continuous integration does.

mod bench;
mod ci;
mod freeze;
mod frozen;
mod fuzz;
mod mutate;
mod new_detector;
mod process;
mod python_environment;
mod rust_source;
mod score;
mod setup;
mod soak;
mod terminal;
mod test_run;
mod tidy;
mod workspace;

use std::process::ExitCode;

use terminal::{say, warn};
use workspace::Root;

/// Why a command ends without success.
#[derive(Debug)]
enum Stop {
    /// Called in a way that does not exist: exit code 2.
    Usage(String),
    /// Ran, and what it is about failed: exit code 1.
    Failed(String),
}

type Outcome = Result<(), Stop>;

/// One command of `cargo xtask`.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    help: &'static str,
    run: fn(&Root, &[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    test_run::COMMAND,
    ci::COMMAND,
    tidy::COMMAND,
    freeze::COMMAND,
    new_detector::COMMAND,
    soak::COMMAND,
    mutate::COMMAND,
    fuzz::COMMAND,
    score::COMMAND,
    bench::COMMAND,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage(text)) => {
            warn(&text);
            ExitCode::from(2)
        }
        Err(Stop::Failed(text)) => {
            warn(&format!("xtask: {text}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Stop::Usage(overview()));
    };
    if asks_for_help(name) {
        say(&overview());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Stop::Usage(format!(
            "unknown command `{name}`\n\n{}",
            overview()
        )));
    };
    if rest.iter().any(|argument| asks_for_help(argument)) {
        say(&help(command));
        return Ok(());
    }
    let root = Root::above_current_folder().map_err(Stop::Failed)?;
    (command.run)(&root, rest)
}

fn asks_for_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h" | "help")
}

fn overview() -> String {
    let mut lines = vec![
        "usage: cargo xtask COMMAND [--help]".to_owned(),
        String::new(),
    ];
    for command in COMMANDS {
        let call = format!("{} {}", command.name, command.arguments);
        lines.push(format!("  {:<22} {}", call.trim_end(), command.about));
    }
    lines.join("\n")
}

fn help(command: &Command) -> String {
    let call = format!("usage: cargo xtask {} {}", command.name, command.arguments);
    format!(
        "{}\n\n{}\n\n{}",
        call.trim_end(),
        command.about,
        command.help
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expect_in_usage: &str) {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        match dispatch(&arguments) {
            Err(Stop::Usage(text)) => assert!(text.contains(expect_in_usage), "{text}"),
            other => panic!("expected a usage error, got {other:?}"),
        }
    }

    #[test]
    fn wrong_calls_are_usage_errors_with_the_list() {
        check(&[], "freeze");
        check(&["frobnicate"], "unknown command `frobnicate`");
        check(&["frobnicate"], "tidy");
    }

    #[test]
    fn every_command_is_in_the_overview_and_has_help() {
        for command in COMMANDS {
            assert!(overview().contains(command.about), "{}", command.name);
            assert!(help(command).contains(command.help), "{}", command.name);
            assert!(!command.help.is_empty(), "{}", command.name);
        }
        assert!(asks_for_help("--help") && asks_for_help("-h") && !asks_for_help("tidy"));
    }
}
