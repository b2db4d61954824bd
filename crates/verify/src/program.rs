//! The program: files in, a report out, and an exit code. With `log/folder.rs` the one module of this
//! crate that touches the world, and no more of it than reading files and writing text.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use crate::arguments::{Arguments, Asked, help};
use crate::{
    DataFolder, Progress, Report, Trust, Verdict, shown_bodies, verify_log, verify_pack,
    verify_receipts,
};
use countersign_pack::limits::PACK_BYTES_MAX;
use countersign_tlog::note::Note;

/// Exit code of wrong use: a bad argument, a file that cannot be read, a key that is none. Of an output
/// that cannot be written too, because a caller must not take silence for a verdict.
const WRONG_USE: u8 = 2;
/// A policy file is at most 256 KiB; a key is a line.
const TRUST_FILE_BYTES_MAX: usize = 256 << 10;

/// Runs the program under the name `program` with the arguments after it: reads the files, writes
/// the report to standard output and complaints to standard error, and gives the exit code.
#[must_use]
pub fn main_with(program: &str, arguments: impl IntoIterator<Item = OsString>) -> u8 {
    match Arguments::parse(arguments) {
        Ok(Asked::Help) => print(program, &help(program), 0),
        Ok(Asked::Version) => {
            let version = env!("CARGO_PKG_VERSION");
            print(program, &format!("{program} {version}\n"), 0)
        }
        Ok(Asked::Check(arguments)) => match check(&arguments) {
            Ok((text, verdict)) => print(program, &text, verdict.exit_code()),
            Err(words) => complain(program, &words),
        },
        Err(words) => complain(program, &format!("{words}\nTry `{program} --help`.")),
    }
}

/// What was checked under one report: its name, and its bytes if it is a pack.
struct Checked {
    name: String,
    pack: Vec<u8>,
    report: Report,
}

/// Checks each pack and each data folder by itself and all other files together; the worst verdict
/// is that of the call.
fn check(arguments: &Arguments) -> Result<(String, Verdict), String> {
    let trust = trust(arguments)?;
    let mut checked = Vec::new();
    let mut folders = Vec::new();
    let mut loose = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        if path.is_dir() {
            folders.push((name, path));
            continue;
        }
        let bytes = read(path, PACK_BYTES_MAX)?;
        if is_pack(&name, &bytes) {
            let report = verify_pack(&bytes, &trust);
            let pack = bytes;
            checked.push(Checked { name, pack, report });
        } else {
            loose.push((name, bytes));
        }
    }
    for (name, path) in folders {
        let report = check_folder(path, &trust, &loose)?;
        let pack = Vec::new();
        checked.push(Checked { name, pack, report });
    }
    if !loose.is_empty() {
        let files = loose.iter();
        let files = files.map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let report = verify_receipts(&files.collect::<Vec<_>>(), &trust);
        let name = "the other files".to_owned();
        let pack = Vec::new();
        checked.push(Checked { name, pack, report });
    }
    let verdict = checked.iter().map(|one| one.report.verdict()).max();
    Ok((
        render(arguments, &checked),
        verdict.unwrap_or(Verdict::CannotTell),
    ))
}

/// Checks a data folder, with a line of progress if somebody looks at it. Checkpoints among the other
/// files must be of the same history.
fn check_folder(path: &Path, trust: &Trust, loose: &[(String, Vec<u8>)]) -> Result<Report, String> {
    let is_note = |(_, bytes): &&(String, Vec<u8>)| Note::parse(bytes).is_ok();
    let kept = loose.iter().filter(is_note);
    let kept: Vec<(&str, &[u8])> = kept
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let is_seen = io::stderr().is_terminal();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut progress = |at: Progress| {
        if is_seen {
            let _ = write!(io::stderr().lock(), "\r{}\u{1b}[K", progress_line(&at));
        }
    };
    let report = verify_log(&DataFolder::new(path), trust, &kept, cores, &mut progress);
    if is_seen {
        let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
    }
    report.map_err(|error| error.to_string())
}

fn progress_line(at: &Progress) -> String {
    let (segment, entries) = (at.segment, at.entries);
    match at.size {
        Some(size) => format!("segment {segment:08}: {entries} of {size} entries checked"),
        None => format!("segment {segment:08}: {entries} entries checked"),
    }
}

/// A file that calls itself a pack is judged as one, whatever is in it.
fn is_pack(name: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || name.to_ascii_lowercase().ends_with(".zip")
}

fn render(arguments: &Arguments, checked: &[Checked]) -> String {
    let mut out = String::new();
    for (at, one) in checked.iter().enumerate() {
        if arguments.json {
            out.push_str(&one.report.to_json());
            continue;
        }
        if checked.len() > 1 {
            let line = if at == 0 { "" } else { "\n" };
            let _ = writeln!(out, "{line}== {}", one.name);
        }
        out.push_str(&one.report.to_text());
        if arguments.show {
            out.push_str("\nWhat the claims say:\n");
            for shown in shown_bodies(&one.pack) {
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
        match key.strip_prefix('@') {
            Some(path) => {
                let bytes = read(path.as_ref(), TRUST_FILE_BYTES_MAX)?;
                let text = String::from_utf8(bytes).map_err(|_| format!("{path}: not a text"))?;
                let lines = text.lines().filter(|line| !line.is_empty());
                keys.extend(lines.map(str::to_owned));
            }
            None => keys.push(key.clone()),
        }
    }
    Trust::keys(keys.iter().map(String::as_str)).map_err(|error| format!("--key: {error}"))
}

/// Reads a file. One byte more than the limit is read, so that what is too large is seen to be.
fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Writes to standard output; a reader that went away changes nothing about the verdict.
fn print(program: &str, text: &str, code: u8) -> u8 {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => complain(
            program,
            &format!("the result could not be written to standard output: {error}"),
        ),
        _ => code,
    }
}

fn complain(program: &str, words: &str) -> u8 {
    let _ = writeln!(io::stderr().lock(), "{program}: {words}");
    WRONG_USE
}
