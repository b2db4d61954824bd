//! `countersign`: the one binary. Arguments in, requests out, answers as words or JSON.

mod commands;
mod fail;
mod random;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tally clerk of a digital supply chain: every hand-over signed by both sides, written where
/// nobody can rewrite it, and reconciled the moment it arrives.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Days of a small network with thefts hidden in them, found and proved. Start here.
    Demo(commands::demo::Demo),
    /// Make a log in a new data folder; prints the verification key to hand out.
    Init(commands::init::Init),
    /// Take files in: EPCIS documents and events, or tables by a mapping file.
    Capture(commands::capture::Capture),
    /// Take signed submissions in.
    Submit(commands::submit::Submit),
    /// Sign what has no event: aliases, manifests, counts due.
    Say(commands::say::Say),
    /// Set sites, lanes and their contracts, products, principals from a file; shows a difference first.
    Apply(commands::apply::Apply),
    /// Show the network in force.
    Network(commands::network::Network),
    /// The custody timeline of a unit, each link with who signed.
    Trace(commands::trace::Trace),
    /// What does not add up.
    Findings(commands::findings::Findings),
    /// Accounts and expectations in sums.
    Ledger(commands::ledger::Ledger),
    /// What was due on a day, and what does not add up.
    Reconcile(commands::reconcile::Reconcile),
    /// How the log and its folder are; repeats the verification key.
    Status(commands::status::Status),
    /// Ask for a write-off or a stock adjustment; a second person approves.
    Propose(commands::propose::Propose),
    /// Approve or reject a proposal, or list those that wait.
    Approve(commands::approve::Approve),
    /// A key was in other hands for some time: what it signed then proves no custody.
    Suspect(commands::suspect::Suspect),
    /// Destroy the sealed (personal) parts of a claim; everything else still proves.
    Erase(commands::erase::Erase),
    /// Write evidence packs, receipts, or documents as they came.
    Export(commands::export::Export),
    /// Copy a data folder beside a running node, and check the copy.
    Backup(commands::backup::Backup),
    /// Look at every file of a data folder, and put right what can be made again.
    Fsck(commands::fsck::Fsck),
    /// Let a log go on from a copy, under another name.
    Restore(commands::restore::Restore),
    /// Check a pack, a receipt or a whole data folder, offline.
    Verify(commands::verify::Verify),
    /// Make device keys and sign claims with them.
    Device(commands::device::Device),
    /// Make keys for people who approve; change the keys of a log.
    Key(commands::key::Key),
    /// Run a node that owns a data folder and answers at its socket.
    Node(commands::node::Node),
    /// Generate simulated worlds and score findings against their truth.
    Sim(commands::sim::Sim),
    /// Play a simulated world into a log of its own, as fast as it goes or in time with the clock.
    Replay(commands::replay::Replay),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap knows where they go.
            let wrong_use = error.use_stderr();
            let printed = error.print();
            if wrong_use {
                return ExitCode::from(fail::WRONG_USE);
            }
            if let Err(error) = printed {
                ui::failed_to_write(error);
            }
            return ended(Ok(fail::DONE));
        }
    };
    let result = match arguments.command {
        Command::Demo(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Capture(command) => command.run(),
        Command::Submit(command) => command.run(),
        Command::Say(command) => command.run(),
        Command::Apply(command) => command.run(),
        Command::Network(command) => command.run(),
        Command::Trace(command) => command.run(),
        Command::Findings(command) => command.run(),
        Command::Ledger(command) => command.run(),
        Command::Reconcile(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Propose(command) => command.run(),
        Command::Approve(command) => command.run(),
        Command::Suspect(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Fsck(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Device(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Node(command) => command.run(),
        Command::Sim(command) => command.run(),
        Command::Replay(command) => command.run(),
    };
    ended(result)
}

/// The exit code of a command that ended so, when all that it had to say could be said.
fn ended(result: Result<u8, fail::Failure>) -> ExitCode {
    let result = match (result, ui::unwritten()) {
        (Ok(_), Some(error)) => Err(fail::Failure::new(format!(
            "what was done could not be said: writing to standard output: {error}"
        ))),
        (result, _) => result,
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            ui::complain(&failure);
            ExitCode::from(failure.code)
        }
    }
}
