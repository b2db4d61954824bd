//! The operating system says no: the program runs under strace, which fails one system call once,
//! with an error that the caller did not expect. Whatever fails, the program succeeds or says so;
//! afterwards the log opens, is proven, and holds all that was acknowledged. A call that a signal
//! may interrupt is made again.
//!
//! By default every write to the ground and the second place fails once, and one call of each other
//! kind, which and with what error a seed says. `COUNTERSIGN_FAULTS=all`
//! takes every call with every error (as `cargo xtask soak --faults` does), a number so many of each
//! kind; `COUNTERSIGN_FAULTS_SEED` draws others; `COUNTERSIGN_FAULT='capture fsync EIO 3'` is that
//! one alone, as a failure names it.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use run::{Log, countersign, holds, json, new_log, ok, samples};
use serde_json::Value;

/// Debian's own.
const STRACE: &str = "/usr/bin/strace";

/// Calls on files and sockets, and whether the manual lets a signal interrupt them. Memory is left
/// out: no file is mapped, and a program without memory ends. `flock` never waits here.
const CALLS: [(&str, bool); 31] = [
    ("accept4", true),
    ("bind", false),
    ("chmod", false),
    // Never made again: behind a signal the file is closed, too. (Where strace has it fail it is not.)
    ("close", false),
    ("connect", true),
    ("copy_file_range", false),
    ("fallocate", true),
    ("fchmod", false),
    ("fdatasync", true),
    ("flock", false),
    ("fsync", true),
    ("ftruncate", true),
    ("getdents64", false),
    ("getrandom", true),
    ("linkat", false),
    ("listen", false),
    ("lseek", false),
    ("mkdir", false),
    ("mkdirat", false),
    ("openat", true),
    ("pread64", true),
    ("pwrite64", true),
    ("read", true),
    ("recvfrom", true),
    ("rename", false),
    ("renameat2", false),
    ("sendto", true),
    ("statx", false),
    ("unlink", false),
    ("unlinkat", false),
    ("write", true),
];

/// Writes in place: what a log is made of. A log of a few entries makes few.
const EACH_FAILS: &str = "pwrite64";

const ERRORS: [&str; 3] = ["EIO", "ENOSPC", "EINTR"];

/// One call of one kind fails: the so-manieth of its thread.
#[derive(Clone, Debug)]
struct Fault {
    call: String,
    error: &'static str,
    when: usize,
}

impl Fault {
    fn name(&self, scenario: &str) -> String {
        format!("{scenario} {} {} {}", self.call, self.error, self.when)
    }
}

/// The program under strace. `-f` counts calls by thread.
fn strace(trace: &str, fault: Option<&Fault>, arguments: &[&str]) -> Command {
    let kinds: Vec<String> = CALLS.iter().map(|(call, _)| format!("?{call}")).collect();
    let mut command = Command::new(STRACE);
    command.args(["-f", "-qq", "-e", "signal=none", "-o", trace, "-e"]);
    command.arg(format!("trace={}", kinds.join(",")));
    if let Some(Fault { call, error, when }) = fault {
        command.args(["-e", &format!("inject={call}:error={error}:when={when}")]);
    }
    command.arg("--").arg(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// # Panics
/// If processes may not be traced here: nothing of this file could be seen.
fn assert_may_trace() {
    let output = Command::new(STRACE)
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("{STRACE}: {error}; install the package strace, `cargo xtask test` does it")
    });
    assert!(
        output.status.success(),
        "these tests run the program under strace and need the right to trace it (ptrace; in a container the \
         capability CAP_SYS_PTRACE). It was told: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The calls of a trace, from the first on that names `begin` (what comes before is the loader's):
/// how often a thread makes each, at most, and from which on.
fn calls_in(trace: &str, begin: &str) -> BTreeSet<(String, usize)> {
    let text = fs::read_to_string(trace).expect("a trace");
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut out = BTreeSet::new();
    let mut begun = false;
    for line in text.lines() {
        let (thread, rest) = line.split_once(' ').expect("a thread");
        let Some((call, arguments)) = rest.trim_start().split_once('(') else {
            continue;
        };
        begun = begun || arguments.contains(begin);
        if CALLS.iter().any(|(known, _)| *known == call) {
            let count = made.entry((thread, call)).or_default();
            *count += 1;
            if begun {
                out.insert((call.to_owned(), *count));
            }
        }
    }
    assert!(begun, "{begin} is not in the trace: {text}");
    out
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Which calls fail in this run.
fn chosen(scenario: &str, calls: &BTreeSet<(String, usize)>) -> Vec<Fault> {
    let mut kinds: BTreeMap<&str, Vec<Fault>> = BTreeMap::new();
    for (call, when) in calls {
        let (call, may_be_interrupted) = CALLS
            .iter()
            .find(|(known, _)| known == call)
            .expect("traced");
        for error in ERRORS {
            if error != "EINTR" || *may_be_interrupted {
                kinds.entry(call).or_default().push(Fault {
                    call: (*call).to_owned(),
                    error,
                    when: *when,
                });
            }
        }
    }
    if let Some(one) = setting("COUNTERSIGN_FAULT") {
        let mut all = kinds.into_values().flatten();
        return all
            .by_ref()
            .filter(|fault| fault.name(scenario) == one)
            .collect();
    }
    let of_each = match setting("COUNTERSIGN_FAULTS").as_deref() {
        None => 1,
        Some("all") => usize::MAX,
        Some(number) => number.parse().expect("COUNTERSIGN_FAULTS: all or a number"),
    };
    let seed = setting("COUNTERSIGN_FAULTS_SEED").map_or(1, |text| text.parse().expect("a seed"));
    let mut state = seed
        ^ scenario
            .bytes()
            .fold(0, |sum, byte| (sum << 8) ^ u64::from(byte));
    let mut out = Vec::new();
    for (call, mut faults) in kinds {
        if call == EACH_FAILS {
            let (each, others) = faults.into_iter().partition(|fault| fault.error == "EIO");
            out.extend::<Vec<_>>(each);
            faults = others;
        }
        for _ in 0..of_each.min(faults.len()) {
            let at = next(&mut state) % faults.len() as u64;
            out.push(faults.swap_remove(usize::try_from(at).expect("fits")));
        }
    }
    out
}

/// A folder as it was: what each fault begins with. A segment is nearly all zeros; they are not
/// written back.
struct Before {
    folder: PathBuf,
    entries: Vec<(PathBuf, Permissions, Option<Content>)>,
}

struct Content {
    bytes: Vec<u8>,
    length: u64,
}

impl Before {
    fn of(folder: &Path) -> Self {
        let mut entries = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(at) = open.pop() {
            for entry in fs::read_dir(&at).expect("lists") {
                let path = entry.expect("an entry").path();
                let metadata = fs::metadata(&path).expect("is there");
                let content = metadata.is_file().then(|| {
                    let mut bytes = fs::read(&path).expect("reads");
                    let length = bytes.len() as u64;
                    let used = bytes.iter().rposition(|byte| *byte != 0);
                    bytes.truncate(used.map_or(0, |last| last + 1));
                    Content { bytes, length }
                });
                if content.is_none() {
                    open.push(path.clone());
                }
                entries.push((path, metadata.permissions(), content));
            }
        }
        let folder = folder.to_owned();
        Self { folder, entries }
    }

    fn restore(&self) {
        for entry in fs::read_dir(&self.folder).expect("lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                fs::remove_dir_all(&path).expect("removes");
            } else {
                fs::remove_file(&path).expect("removes");
            }
        }
        for (path, permissions, content) in &self.entries {
            match content {
                None => fs::create_dir(path).expect("makes"),
                Some(Content { bytes, length }) => {
                    fs::write(path, bytes).expect("writes");
                    let file = File::options().write(true).open(path).expect("opens");
                    file.set_len(*length).expect("sets");
                }
            }
            fs::set_permissions(path, permissions.clone()).expect("sets");
        }
    }
}

/// What a run must never say to a person.
const PANIC_WORDS: [&str; 4] = ["panicked", "unwrap", "RUST_BACKTRACE", "stack backtrace"];

/// Whether a process ended as it may: with success, or with a reason.
fn judged(fault: &Fault, code: Option<i32>, said: &str) -> Result<(), String> {
    let Some(code) = code else {
        // Without random numbers the cryptographic library ends the process itself.
        if fault.call == "getrandom" && !said.is_empty() {
            return Ok(());
        }
        return Err(format!("a signal ended it: {said}"));
    };
    // The standard library panics when a folder that was read cannot be closed.
    if fault.call == "close" && said.contains("closedir") {
        return Ok(());
    }
    // It panics too without random numbers for its hash tables: the progress bar has one.
    if fault.call == "getrandom" && said.contains("failed to generate random data") {
        return Ok(());
    }
    if let Some(word) = PANIC_WORDS.iter().find(|word| said.contains(**word)) {
        return Err(format!("it says `{word}`: {said}"));
    }
    if code == 0 {
        return Ok(());
    }
    if fault.error == "EINTR" {
        return Err(format!("an interrupted call was not made again: {said}"));
    }
    let reasons = ["countersign: ", "the node stopped: "];
    if !reasons.iter().any(|reason| said.contains(reason)) {
        return Err(format!("code {code} without a reason: {said}"));
    }
    Ok(())
}

/// Runs a command that must end with one of these codes; standard output.
fn expect(codes: &[i32], arguments: &[&str]) -> Result<String, String> {
    let output = countersign(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output
        .status
        .code()
        .is_some_and(|code| codes.contains(&code))
    {
        return Ok(text);
    }
    Err(format!(
        "countersign {}: {}: {text}{said}",
        arguments.join(" "),
        output.status
    ))
}

/// Runs a command once for each fault, each time from the same beginning, and looks at what is left.
fn each_fault(
    scenario: &str,
    log: &Log,
    arguments: &[&str],
    left: impl Fn(&Output) -> Result<(), String>,
) {
    assert_may_trace();
    let aside = tempfile::tempdir().expect("a folder");
    let trace = aside.path().join("trace").display().to_string();
    let before = Before::of(log.folder.path());
    let output = strace(&trace, None, arguments).output().expect("runs");
    assert!(output.status.success(), "without a fault: {output:?}");
    left(&output).expect("without a fault");
    let faults = chosen(scenario, &calls_in(&trace, &log.data));
    let mut met = Met::default();
    for fault in &faults {
        before.restore();
        let output = strace(&trace, Some(fault), arguments)
            .output()
            .expect("runs");
        met.seen(&trace);
        let said = String::from_utf8_lossy(&output.stderr);
        let judged = judged(fault, output.status.code(), &said);
        let judged = judged.and_then(|()| {
            left(&output).map_err(|why| format!("it said `{}`, then: {why}", said.trim()))
        });
        met.add(scenario, fault, judged);
    }
    met.check(scenario, faults.len());
}

/// What became of the faults.
#[derive(Default)]
struct Met {
    injected: usize,
    failures: String,
}

impl Met {
    fn seen(&mut self, trace: &str) {
        let text = fs::read_to_string(trace).unwrap_or_default();
        self.injected += usize::from(text.contains("(INJECTED)"));
    }

    fn add(&mut self, scenario: &str, fault: &Fault, judged: Result<(), String>) {
        if let Err(why) = judged {
            let _ = writeln!(
                self.failures,
                "\nCOUNTERSIGN_FAULT='{}' cargo test -p countersign --test system_calls {scenario}\n{why}",
                fault.name(scenario)
            );
        }
    }

    fn check(&self, scenario: &str, faults: usize) {
        assert!(self.failures.is_empty(), "{}", self.failures);
        assert!(
            setting("COUNTERSIGN_FAULT").is_some() || faults >= 12,
            "{scenario}: {faults} faults are too few to say anything"
        );
        // A run may make a call fewer than the one before it; most faults must have come.
        assert!(
            self.injected * 10 >= faults * 9,
            "{scenario}: {} of {faults} faults came about",
            self.injected
        );
    }
}

/// Whatever happened, nothing contradicts.
fn not_disproven(log: &Log) -> Result<(), String> {
    // As it lies: the published tree may be behind, then that is what it says.
    expect(&[0, 3], &["verify", "--key", &log.vkey, &log.data]).map(drop)
}

fn proven(log: &Log) -> Result<(), String> {
    let text = expect(&[0], &["verify", "--key", &log.vkey, &log.data])?;
    if text.starts_with("Proven") {
        return Ok(());
    }
    Err(text)
}

fn event(number: usize, comment: &str) -> String {
    samples::event(number, &[("rdfs:comment", comment.into())]) + "\n"
}

/// A log in which the next capture crosses the end of a tile, so that a partial one goes.
fn nearly_full_tile() -> Log {
    let log = new_log();
    for number in 1000.. {
        let status = json(&["status", "--data", &log.data, "--json"]);
        let entries = status["size"].as_u64().expect("a size");
        if (251..256).contains(&entries) {
            break;
        }
        assert!(entries < 256, "{entries} entries: beyond the tile");
        let count = if entries < 240 {
            (251 - entries) / 4
        } else {
            1
        };
        let files: Vec<String> = (0..count.max(1))
            .map(|part| {
                let number = number * 1000 + usize::try_from(part).expect("fits");
                log.write(&format!("{number}.jsonl"), &event(number, "before"))
            })
            .collect();
        let mut arguments = vec!["capture", "--data", &log.data];
        arguments.extend(files.iter().map(String::as_str));
        ok(&arguments);
        for file in files {
            fs::remove_file(file).expect("removes");
        }
    }
    log
}

/// The whole lines of a report; a last line may be cut off where the report itself failed.
fn answers(report: &str) -> Vec<Value> {
    let text = fs::read_to_string(report).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The receipt of a claim, with all that it rests on, before the verifier with the pinned key.
fn has_a_receipt(log: &Log, claim: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("receipt").display().to_string();
    let export = ["export", "--data", &log.data, "--receipt", claim];
    expect(
        &[0],
        &[&export[..], &["--with-all", "--out", &out]].concat(),
    )?;
    let files = run::files_below(Path::new(&out));
    let files: Vec<String> = files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut verify = vec!["verify", "--key", &log.vkey];
    verify.extend(files.iter().map(String::as_str));
    expect(&[0], &verify).map(drop)
}

/// What is left after a capture of `lines` lines: all that was accepted is there, and the same
/// capture again does the rest.
fn after_capture(
    log: &Log,
    file: &str,
    report: &str,
    lines: usize,
    code: Option<i32>,
) -> Result<(), String> {
    let first = answers(report);
    let accepted = |answer: &Value| answer["status"] == "accepted" && answer["entry"].is_u64();
    if code == Some(0) && first.iter().filter(|answer| accepted(answer)).count() != lines {
        return Err(format!("success, and yet the report says {first:?}"));
    }
    not_disproven(log)?;
    for answer in first.iter().filter(|answer| accepted(answer)) {
        has_a_receipt(log, &format!("{}.{}", answer["entry"], answer["ordinal"]))?;
    }
    let again = format!("{report}.again");
    let capture = ["capture", "--data", &log.data, "--report", &again, file];
    expect(&[0], &capture)?;
    let second = answers(&again);
    if second.len() != lines {
        return Err(format!("the same again is answered with {second:?}"));
    }
    for answer in second {
        let before = first
            .iter()
            .find(|other| accepted(other) && other["line"] == answer["line"]);
        let good = match before {
            None => answer["status"] == "accepted" || answer["status"] == "duplicate",
            Some(before) => {
                answer["status"] == "duplicate"
                    && answer["of"]["entry"] == before["entry"]
                    && answer["of"]["ordinal"] == before["ordinal"]
            }
        };
        if !good {
            return Err(format!("first {before:?}, and again {answer}"));
        }
    }
    proven(log)
}

#[test]
fn capture() {
    let log = nearly_full_tile();
    let file = log.write(
        "events.jsonl",
        &[1, 2].map(|at| event(at, "taken")).concat(),
    );
    let report = log.path("report.jsonl");
    let arguments = ["capture", "--data", &log.data, "--report", &report, &file];
    each_fault("capture", &log, &arguments, |output| {
        after_capture(&log, &file, &report, 2, output.status.code())
    });
}

#[test]
fn init() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data").display().to_string();
    let log = Log {
        folder,
        vkey: String::new(),
        origin: String::new(),
        data,
    };
    let arguments = ["init", &log.data, "--json"];
    each_fault("init", &log, &arguments, |output| {
        // What failed is begun anew by the same command, or it was made and only not said. A process
        // that the cryptographic library ended leaves what it had begun, which `init` never overwrites.
        let text = match output.status.code() {
            None => return expect(&[0, 1], &arguments).map(drop),
            Some(0) => String::from_utf8_lossy(&output.stdout).into_owned(),
            _ => expect(&[0], &arguments).or_else(|why| {
                expect(&[0], &["status", "--data", &log.data, "--json"])
                    .map_err(|other| format!("{why}; {other}"))
            })?,
        };
        let made: Value = serde_json::from_str(&text).map_err(|why| format!("{why}: {text:?}"))?;
        let vkey = made["vkey"].as_str().ok_or(text)?;
        expect(&[0], &["status", "--data", &log.data])?;
        expect(&[0], &["verify", "--key", vkey, &log.data]).map(drop)
    });
}

#[test]
fn submit() {
    let log = new_log();
    let name = "device:dock-1";
    let (key, table) = samples::principal(&log, "device", name, "urn:x:party:a");
    samples::apply(&log, &(samples::network("giver") + &table));
    let file = samples::signed(&log, &key, name, &event(1, "signed"));
    let arguments = ["submit", "--data", &log.data, "--json", &file];
    each_fault("submit", &log, &arguments, |output| {
        let first = String::from_utf8_lossy(&output.stdout);
        let first: Option<Value> = serde_json::from_str(&first).ok();
        if output.status.success() && first.is_none() {
            return Err("success without an answer".to_owned());
        }
        not_disproven(&log)?;
        let again = expect(&[0], &arguments)?;
        let again: Value = serde_json::from_str(&again).map_err(|why| why.to_string())?;
        let acknowledged = first.filter(|answer| answer["status"] == "accepted");
        if let Some(first) = acknowledged {
            has_a_receipt(&log, &format!("{}.0", first["entry"]))?;
            if again["status"] != "replay" || again["entry"] != first["entry"] {
                return Err(format!("first {first}, and again {again}"));
            }
        }
        proven(&log)
    });
}

const NAME: &str = "Jansen-Vermeulen";

#[test]
fn erase() {
    let log = new_log();
    let file = log.write("events.jsonl", &(event(1, NAME) + &event(2, "other")));
    let report = log.path("report.jsonl");
    ok(&["capture", "--data", &log.data, "--report", &report, &file]);
    fs::remove_file(file).expect("removes");
    let claim = answers(&report)[0].clone();
    let claim = format!("{}.{}", claim["entry"], claim["ordinal"]);
    let arguments = ["erase", "--data", &log.data, "--claim", &claim];
    let gone = || match holds(Path::new(&log.data), NAME.as_bytes()) {
        None => Ok(()),
        Some(path) => Err(format!("the name is in {}", path.display())),
    };
    each_fault("erase", &log, &arguments, |output| {
        if output.status.success() {
            gone()?;
        }
        not_disproven(&log)?;
        has_a_receipt(&log, &claim)?;
        let again = expect(&[0], &arguments)?;
        if output.status.success() && !again.contains("no sealed parts") {
            return Err(format!("it was erased, and again: {again}"));
        }
        gone()?;
        has_a_receipt(&log, &claim)?;
        proven(&log)
    });
}

/// A log with two claims in it, and nothing beside.
fn with_two_claims() -> Log {
    let log = new_log();
    let file = log.write("events.jsonl", &(event(1, "one") + &event(2, "two")));
    ok(&["capture", "--data", &log.data, &file]);
    fs::remove_file(file).expect("removes");
    log
}

#[test]
fn backup() {
    let log = with_two_claims();
    let (out, again) = (log.path("copy"), log.path("again"));
    let arguments = ["backup", "--data", &log.data, "--out", &out];
    each_fault("backup", &log, &arguments, |output| {
        let is_made = output.status.success();
        if !is_made && Path::new(&out).exists() {
            // It is whole, and its name is not known to be durable, or was not said.
            expect(&[0], &["verify", "--key", &log.vkey, &out])?;
        }
        let copy = if is_made { &out } else { &again };
        if !is_made {
            expect(&[0], &["backup", "--data", &log.data, "--out", copy])?;
        }
        expect(&[0], &["verify", "--key", &log.vkey, copy])?;
        proven(&log)
    });
}

#[test]
fn rotate() {
    let log = with_two_claims();
    let file = log.write("later.jsonl", &event(3, "later"));
    let arguments = ["key", "rotate", "--data", &log.data, "--json"];
    each_fault("rotate", &log, &arguments, |output| {
        not_disproven(&log)?;
        let vkeys = |text: &str| -> Result<usize, String> {
            let said: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
            said["vkeys"]
                .as_array()
                .map(Vec::len)
                .ok_or_else(|| said.to_string())
        };
        let status = ["status", "--data", &log.data, "--json"];
        let before = vkeys(&expect(&[0], &status)?)?;
        if output.status.success() && before != 4 {
            return Err(format!("success, and there are {before} checkpoint keys"));
        }
        // It is made once: where it took effect and that was not said, the same again says so.
        expect(&[if before == 2 { 0 } else { 1 }], &arguments)?;
        let both = vkeys(&expect(&[0], &status)?)?;
        if both != 4 {
            return Err(format!(
                "the same again, and there are {both} checkpoint keys"
            ));
        }
        expect(&[0], &["key", "retire", "--data", &log.data])?;
        expect(&[0], &["capture", "--data", &log.data, &file])?;
        let said: Value =
            serde_json::from_str(&expect(&[0], &status)?).map_err(|why| why.to_string())?;
        let vkey = said["vkey"].as_str().ok_or_else(|| said.to_string())?;
        if vkey == log.vkey {
            return Err("the key is the same as before".to_owned());
        }
        expect(&[0], &["verify", "--key", vkey, &log.data])?;
        expect(&[0], &["fsck", "--data", &log.data]).map(drop)
    });
}

#[test]
fn retire() {
    let log = with_two_claims();
    ok(&["key", "rotate", "--data", &log.data]);
    let keys = || run::files_below(&Path::new(&log.data).join("keys"));
    let both = keys();
    let arguments = ["key", "retire", "--data", &log.data];
    each_fault("retire", &log, &arguments, |output| {
        let codes: &[i32] = if output.status.success() {
            &[1]
        } else {
            &[0, 1]
        };
        // The same again ends it, or says that nothing is left to be done.
        expect(codes, &arguments)?;
        if keys().len() + 4 != both.len() {
            return Err(format!("left are {:?} of {both:?}", keys()));
        }
        let said = expect(&[0], &["status", "--data", &log.data, "--json"])?;
        let said: Value = serde_json::from_str(&said).map_err(|why| why.to_string())?;
        let vkey = said["vkey"].as_str().ok_or_else(|| said.to_string())?;
        expect(&[0], &["verify", "--key", vkey, &log.data])?;
        expect(&[0], &["fsck", "--data", &log.data]).map(drop)
    });
}

/// What a command asks of the operating system, in its order.
fn traced(log: &Log, arguments: &[&str]) -> Vec<String> {
    assert_may_trace();
    let trace = log.path("trace");
    let output = strace(&trace, None, arguments).output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&trace).expect("a trace");
    text.lines().map(str::to_owned).collect()
}

/// Behind a power cut no key file may have its name and zeros in it.
#[test]
fn a_key_file_has_lost_its_name_for_good_before_it_is_overwritten() {
    let log = new_log();
    ok(&["key", "rotate", "--data", &log.data]);
    let (mut destroyed, mut is_renamed) = (0, false);
    for line in traced(&log, &["key", "retire", "--data", &log.data]) {
        if line.contains("rename(") && line.contains(".destroyed") {
            (destroyed, is_renamed) = (destroyed + 1, true);
        }
        is_renamed &= !line.contains("fsync(");
        assert!(!is_renamed || !line.contains("write("), "{line}");
    }
    assert_eq!(destroyed, 4);
}

/// `syncfs` tells of writes that failed since its folder was opened.
#[test]
fn the_folder_of_a_backup_is_opened_before_anything_is_written_in_it() {
    let log = new_log();
    let out = log.path("copy");
    let calls = traced(&log, &["backup", "--data", &log.data, "--out", &out]);
    let mut there = calls.iter().filter(|line| line.contains(".unfinished"));
    let made = there.next().expect("is made");
    assert!(made.contains("mkdir"), "{made}");
    let next = there.next().expect("is opened");
    assert!(next.contains(".unfinished\", O_RDONLY"), "{next}");
}

#[test]
fn change_unlock() {
    let log = with_two_claims();
    let file = log.write("later.jsonl", &event(3, "later"));
    let to = log.path("other.unlock");
    let arguments = ["key", "change-unlock", "--data", &log.data, "--unlock", &to];
    each_fault("change_unlock", &log, &arguments, |output| {
        if !output.status.success() {
            // The same again ends it, or says that it is done.
            let again = countersign(&arguments);
            let said = String::from_utf8_lossy(&again.stderr);
            let is_done = again.status.code() == Some(1) && said.contains("lies there already");
            if !again.status.success() && !is_done {
                return Err(format!("again: {}: {said}", again.status));
            }
        }
        // Whether it is done the new one alone says.
        fs::remove_file(format!("{}.unlock", log.data)).map_err(|why| why.to_string())?;
        expect(&[0], &["status", "--data", &log.data])?;
        expect(&[0], &["capture", "--data", &log.data, &file])?;
        proven(&log)
    });
}

#[test]
fn restore() {
    let mut log = with_two_claims();
    let (copy, data, key) = (log.path("copy"), log.path("again"), log.path("admin.key"));
    fs::rename(Path::new(&log.data).join("keys/administrator.key"), &key).expect("moves");
    ok(&["backup", "--data", &log.data, "--out", &copy]);
    fs::remove_dir_all(&log.data).expect("is lost");
    // What is read first.
    log.data = copy.clone();
    let arguments = [
        "restore",
        &copy,
        &data,
        "--key",
        &key,
        "--origin",
        "again.example/1",
        "--json",
    ];
    each_fault("restore", &log, &arguments, |output| {
        let status = ["status", "--data", &data, "--json"];
        if output.status.code().is_none_or(|code| code == 101) {
            // It was ended in the middle, and nothing could take away what was begun.
            let _ = fs::remove_dir_all(&data);
            let _ = fs::remove_dir_all(format!("{data}.second"));
            let _ = fs::remove_file(format!("{data}.unlock"));
        }
        // What failed is begun anew by the same command, or it was made and only not said.
        let text = match output.status.code() {
            Some(0) => String::from_utf8_lossy(&output.stdout).into_owned(),
            _ => expect(&[0], &arguments)
                .or_else(|why| expect(&[0], &status).map_err(|other| format!("{why}; {other}")))?,
        };
        let made: Value = serde_json::from_str(&text).map_err(|why| format!("{why}: {text:?}"))?;
        let vkey = made["vkey"].as_str().ok_or(text)?;
        expect(&[0], &status)?;
        expect(&[0], &["verify", "--key", vkey, &data])?;
        expect(&[0], &["verify", "--key", &log.vkey, &copy]).map(drop)
    });
}

/// How long a node may take until it says that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// After how long a signal that did not end a node is given again.
const SIGNAL_AGAIN: Duration = Duration::from_secs(10);
/// How often it is given.
const SIGNALS_MAX: usize = 3;

/// A node under strace: its own process, which is not strace's.
struct Traced {
    strace: std::process::Child,
    /// What it says on standard error; closed when it has ended.
    lines: Receiver<String>,
    trace: String,
    said: String,
}

impl Traced {
    /// Starts a node and waits until it is ready, or has ended. One that cannot say that it is ready,
    /// because that is the call that fails, is ready all the same.
    fn start(trace: &str, fault: Option<&Fault>, data: &str) -> Self {
        let _ = fs::remove_file(trace);
        let mut command = strace(trace, fault, &["node", "--data", data]);
        let mut strace = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let stderr = BufReader::new(strace.stderr.take().expect("piped")).lines();
        let (say, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.map_while(Result::ok) {
                // Whoever asked may have given up.
                let _ = say.send(line);
            }
        });
        let mut node = Self {
            strace,
            lines,
            trace: trace.to_owned(),
            said: String::new(),
        };
        while let Ok(line) = node.lines.recv_timeout(READY_WITHIN) {
            node.hear(&line);
            // The line before it may have lost its end.
            if line.contains("ready at ") {
                break;
            }
        }
        node
    }

    fn hear(&mut self, line: &str) {
        self.said.push_str(line);
        self.said.push('\n');
    }

    /// Hears it out; whether it ended in time.
    fn ends(&mut self) -> bool {
        loop {
            match self.lines.recv_timeout(SIGNAL_AGAIN) {
                Ok(line) => self.hear(&line),
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
    }

    /// Ends the node by a signal, if it runs still; its exit code if it had ended before, and what
    /// it said. A signal can get lost where the fault is in what wakes the node: it is given again,
    /// as a person would.
    fn ended(mut self, signal: &str) -> (Option<i32>, String) {
        let code = self.strace.try_wait().expect("is ours");
        let trace = fs::read_to_string(&self.trace).expect("a trace");
        let process = trace.split(' ').next().expect("a number").to_owned();
        let has_ended = (0..SIGNALS_MAX).any(|_| {
            if code.is_none() {
                // It may have ended by itself since.
                let _ = Command::new("kill").args([signal, &process]).output();
            }
            self.ends()
        });
        if !has_ended {
            let _ = Command::new("kill").args(["-KILL", &process]).output();
            return (None, format!("{signal} does not end it: {}", self.said));
        }
        let last = self.strace.wait().expect("ends");
        (code.map_or(Some(0), |_| last.code()), self.said)
    }
}

#[test]
fn node() {
    assert_may_trace();
    let log = new_log();
    let file = log.write(
        "events.jsonl",
        &[1, 2].map(|at| event(at, "taken")).concat(),
    );
    let report = log.path("report.jsonl");
    let capture = ["capture", "--data", &log.data, "--report", &report, &file];
    let aside = tempfile::tempdir().expect("a folder");
    let trace = aside.path().join("trace").display().to_string();
    let before = Before::of(log.folder.path());
    let node = Traced::start(&trace, None, &log.data);
    ok(&capture);
    ok(&["status", "--data", &log.data]);
    let (code, said) = node.ended("-TERM");
    assert_eq!(code, Some(0), "without a fault: {said}");
    let faults = chosen("node", &calls_in(&trace, &log.data));
    let mut met = Met::default();
    for fault in &faults {
        before.restore();
        let node = Traced::start(&trace, Some(fault), &log.data);
        let client = countersign(&capture);
        let _ = countersign(&["status", "--data", &log.data]);
        let (code, said) = node.ended("-TERM");
        met.seen(&trace);
        let client_said = String::from_utf8_lossy(&client.stderr).into_owned();
        let judged = judged(fault, code, &said)
            .and_then(|()| judged_client(fault, client.status.code(), &client_said))
            .and_then(|()| after_capture(&log, &file, &report, 2, client.status.code()))
            .map_err(|why| format!("{why}\nthe node said `{said}`, its client `{client_said}`"));
        met.add("node", fault, judged);
    }
    met.check("node", faults.len());
}

fn judged_client(fault: &Fault, code: Option<i32>, said: &str) -> Result<(), String> {
    judged(fault, code, said).map_err(|why| format!("the client: {why}"))
}
