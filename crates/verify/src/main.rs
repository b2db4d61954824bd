//! `countersign-verify`: files in, a report out, and an exit code. No network, no clock, nothing
//! written.

mod arguments;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use countersign_pack::limits::PACK_BYTES_MAX;
use countersign_verify::{Report, Trust, Verdict, shown_bodies, verify_pack, verify_receipts};

use arguments::{Arguments, Asked, HELP};

/// Exit code of wrong use: a bad argument, a file that cannot be read, a key that is none.
const WRONG_USE: u8 = 2;
/// A policy file is at most 256 KiB; a key is a line.
const TRUST_FILE_BYTES_MAX: usize = 256 << 10;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    match Arguments::parse(arguments) {
        Ok(Asked::Help) => print(HELP, ExitCode::SUCCESS),
        Ok(Asked::Version) => {
            let version = concat!("countersign-verify ", env!("CARGO_PKG_VERSION"), "\n");
            print(version, ExitCode::SUCCESS)
        }
        Ok(Asked::Check(arguments)) => match check(&arguments) {
            Ok((text, verdict)) => print(&text, ExitCode::from(verdict.exit_code())),
            Err(words) => complain(&words),
        },
        Err(words) => complain(&format!("{words}\nTry `countersign-verify --help`.")),
    }
}

/// Checks each pack by itself and all other files together; the worst verdict is that of the call.
fn check(arguments: &Arguments) -> Result<(String, Verdict), String> {
    let trust = trust(arguments)?;
    let mut files = Vec::with_capacity(arguments.files.len());
    for path in &arguments.files {
        files.push((path.display().to_string(), read(path, PACK_BYTES_MAX)?));
    }
    let (packs, loose): (Vec<_>, Vec<_>) =
        files.iter().partition(|(name, bytes)| is_pack(name, bytes));
    let mut reports: Vec<(&str, &[u8], Report)> = packs
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice(), verify_pack(bytes, &trust)))
        .collect();
    if !loose.is_empty() {
        let loose: Vec<(&str, &[u8])> = loose
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        reports.push(("", &[], verify_receipts(&loose, &trust)));
    }
    let verdict = reports.iter().map(|(_, _, report)| report.verdict()).max();
    Ok((
        render(arguments, &reports),
        verdict.unwrap_or(Verdict::CannotTell),
    ))
}

/// A file that calls itself a pack is judged as one, whatever is in it.
fn is_pack(name: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || name.to_ascii_lowercase().ends_with(".zip")
}

fn render(arguments: &Arguments, reports: &[(&str, &[u8], Report)]) -> String {
    let mut out = String::new();
    for (at, (name, bytes, report)) in reports.iter().enumerate() {
        if arguments.json {
            out.push_str(&report.to_json());
            continue;
        }
        if reports.len() > 1 {
            let name = if name.is_empty() {
                "the other files"
            } else {
                name
            };
            let line = if at == 0 { "" } else { "\n" };
            let _ = writeln!(out, "{line}== {name}");
        }
        out.push_str(&report.to_text());
        if arguments.show {
            out.push_str("\nWhat the claims say:\n");
            for shown in shown_bodies(bytes) {
                let _ = writeln!(out, "\n{}\n{}", shown.name, shown.text);
            }
        }
    }
    out
}

fn trust(arguments: &Arguments) -> Result<Trust, String> {
    if let Some(path) = &arguments.policy {
        let policy = read(path, TRUST_FILE_BYTES_MAX)?;
        return Trust::policy(&policy).map_err(|error| format!("{}: {error}", path.display()));
    }
    let mut keys = Vec::with_capacity(arguments.keys.len());
    for key in &arguments.keys {
        keys.push(match key.strip_prefix('@') {
            Some(path) => {
                let bytes = read(path.as_ref(), TRUST_FILE_BYTES_MAX)?;
                let text = String::from_utf8(bytes).map_err(|_| format!("{path}: not a text"))?;
                text.trim_end().to_owned()
            }
            None => key.clone(),
        });
    }
    Trust::keys(keys.iter().map(String::as_str)).map_err(|error| format!("--key: {error}"))
}

/// Reads a file. One byte more than the limit is read, so that what is too large is seen to be.
fn read(path: &std::path::Path, bytes_max: usize) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Writes to standard output; a reader that went away changes nothing about the verdict.
fn print(text: &str, code: ExitCode) -> ExitCode {
    let _ = io::stdout().lock().write_all(text.as_bytes());
    code
}

fn complain(words: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "countersign-verify: {words}");
    ExitCode::from(WRONG_USE)
}
