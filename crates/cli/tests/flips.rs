//! Single flipped bits over every stored file of a data folder, of its second place and its unlock
//! key: each is found, put right as derived, or lies where `fsck` says that it did not read.
//!
//! What `countersign fsck` does is done in this process, so that thousands of flips take minutes;
//! `fsck.rs` runs the program itself.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use countersign_node::fsck::{Checked, check};
use countersign_verify::{DataFolder, Trust, Verdict, verify_log};
use run::{Log, new_log, ok};

/// Flips of the default tests.
const FLIPS: u64 = 200;
/// How many, in a long run.
const FLIPS_VARIABLE: &str = "COUNTERSIGN_FLIPS";
/// One flip alone, by its number.
const ALONE_VARIABLE: &str = "COUNTERSIGN_FLIP";
const SEED: u64 = 20_260_302;
/// Free bytes of a segment that are kept behind its last record: the rest is cut off, so that
/// 64 MiB are not read for each flip.
const FREE_BYTES: usize = 4096;

/// What became of a flipped bit, the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The folder cannot be opened, with a reason.
    NotOpened,
    /// The verifier does not find the log proven.
    Disproven,
    /// The ground, read as a node reads it, is refused.
    Refused,
    /// A derived file was made again.
    Mended,
    /// `fsck` has a word on it.
    Remarked,
    /// It lies in a range that `fsck` says it did not read.
    Unread,
}

impl Fate {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Disproven, "found by the verifier"),
        (Self::Refused, "found by reading the ground"),
        (Self::NotOpened, "the folder does not open, and says why"),
        (Self::Remarked, "remarked by fsck"),
        (Self::Mended, "repaired as derived"),
        (Self::Unread, "in a range that fsck names as unread"),
    ];
}

/// A log with more entries than one tile, with sealed values, an erasure, and old checkpoints.
fn filled() -> Log {
    let log = new_log();
    let event = |n: u32| {
        format!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{n:012}","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"urn:x:a:dock"}},"epcList":["urn:epc:id:sscc:4012345.3{n:09}"],"rdfs:comment":"note {n}"}}"#
        )
    };
    let files: Vec<String> = (0..130)
        .map(|n| log.write(&format!("{n}.json"), &event(n)))
        .collect();
    let mut capture = vec!["capture", "--data", &log.data];
    capture.extend(files.iter().map(String::as_str));
    ok(&capture);
    ok(&["erase", "--data", &log.data, "--claim", "4.0"]);
    for (path, bytes) in stored(&log) {
        if path.extension().is_some_and(|ending| ending == "seg") {
            let used = bytes.iter().rposition(|byte| *byte != 0);
            let kept = used.map_or(0, |last| last + FREE_BYTES);
            std::fs::write(&path, &bytes[..kept.min(bytes.len())]).expect("writes");
        }
    }
    log
}

/// Every stored file with its bytes.
fn stored(log: &Log) -> BTreeMap<PathBuf, Vec<u8>> {
    let unlock = PathBuf::from(format!("{}.unlock", log.data));
    let second = format!("{}.second", log.data);
    let folders = [Path::new(&log.data), Path::new(&second)];
    let below = folders.into_iter().flat_map(run::files_below);
    let with_bytes = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("reads");
        (path, bytes)
    };
    below.chain([unlock]).map(with_bytes).collect()
}

/// SplitMix64.
fn drawn(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One flip: a file, a byte in it, a bit. Half of them are drawn over all bytes, half over the
/// files, so that the short ones are met.
fn flip(files: &BTreeMap<PathBuf, Vec<u8>>, n: u64) -> (&PathBuf, usize, u8) {
    let draw = |salt: u64| drawn(SEED ^ (n << 3) ^ salt);
    let below = |salt: u64, end: usize| {
        let end = u64::try_from(end).expect("fits");
        usize::try_from(draw(salt) % end).expect("below end")
    };
    let full: Vec<(&PathBuf, usize)> = files
        .iter()
        .map(|(path, bytes)| (path, bytes.len()))
        .filter(|(_, len)| *len > 0)
        .collect();
    let bit = u8::try_from(draw(0) % 8).expect("a bit");
    if n.is_multiple_of(2) {
        let (path, len) = full[below(1, full.len())];
        return (path, below(2, len), bit);
    }
    let mut at = below(1, full.iter().map(|(_, len)| len).sum());
    for (path, len) in full {
        if at < len {
            return (path, at, bit);
        }
        at -= len;
    }
    unreachable!("the place is below the sum")
}

/// What `countersign fsck` finds with this bit flipped; `None` if nothing does.
fn fate(log: &Log, path: &Path, at: usize) -> Option<Fate> {
    let root = Path::new(&log.data);
    let Ok(checked) = check(root, true) else {
        return Some(Fate::NotOpened);
    };
    let Ok(mended) = &checked.published else {
        return Some(Fate::Refused);
    };
    if !is_proven(root, &checked) {
        return Some(Fate::Disproven);
    }
    let inside = path.strip_prefix(root).unwrap_or(path).display();
    let inside = inside.to_string();
    let in_log = inside.strip_prefix("log/").unwrap_or_default();
    let mut wrong = mended.wrong.iter();
    if wrong.any(|(file, _)| file == in_log) {
        return Some(Fate::Mended);
    }
    if !checked.remarks.is_empty() {
        return Some(Fate::Remarked);
    }
    let at = at as u64;
    let mut unread = checked.unread.iter();
    let is_unread = unread.any(|one| one.file == inside && (one.from..one.to).contains(&at));
    is_unread.then_some(Fate::Unread)
}

fn is_proven(root: &Path, checked: &Checked) -> bool {
    let trust = Trust::keys(checked.vkeys.iter().map(String::as_str)).expect("keys");
    let kept = checked.second.iter();
    let kept: Vec<(&str, &[u8])> = kept
        .map(|(name, note)| (name.as_str(), note.as_slice()))
        .collect();
    let report = verify_log(&DataFolder::new(root), &trust, &kept, 1, &mut |_| {});
    report.is_ok_and(|report| report.verdict() == Verdict::Proven)
}

fn flip_and_restore(
    log: &Log,
    files: &BTreeMap<PathBuf, Vec<u8>>,
    n: u64,
) -> Result<(String, Fate), String> {
    let (path, at, bit) = flip(files, n);
    let mut bytes = files[path].clone();
    bytes[at] ^= 1 << bit;
    std::fs::write(path, &bytes).expect("writes");
    let fate = fate(log, path, at);
    let now = stored(log);
    let is_ground = path.starts_with(Path::new(&log.data).join("ground"));
    let is_touched = is_ground && now.get(path) != Some(&bytes);
    for (path, bytes) in files {
        if now.get(path) != Some(bytes) {
            std::fs::write(path, bytes).expect("writes");
        }
    }
    for path in now.keys().filter(|path| !files.contains_key(*path)) {
        std::fs::remove_file(path).expect("removes");
    }
    let hint = || {
        let name = path.strip_prefix(log.folder.path()).unwrap_or(path);
        format!(
            "{}, byte {at}, bit {bit}; alone: {ALONE_VARIABLE}={n} cargo test --package countersign \
             --test flips",
            name.display()
        )
    };
    if is_touched {
        return Err(format!("ground state was changed: {}", hint()));
    }
    fate.map(|fate| (kind_of(path), fate))
        .ok_or_else(|| format!("unnoticed: {}", hint()))
}

/// Which kind of file it is, for the table.
fn kind_of(path: &Path) -> String {
    let text = path.display().to_string();
    let kinds = [
        ("/ground/", "ground segments"),
        ("/log/", "the published tree"),
        ("/keys/", "key files"),
        (".second/", "the second place"),
        (".unlock", "the unlock key"),
        ("countersign.toml", "settings"),
    ];
    let found = kinds.iter().find(|(part, _)| text.contains(part));
    found.map_or("others", |(_, kind)| kind).to_owned()
}

#[test]
fn every_flipped_bit_is_found_mended_or_said_to_be_unread() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let alone = number(ALONE_VARIABLE);
    let flips = number(FLIPS_VARIABLE).unwrap_or(FLIPS);
    let (from, to) = alone.map_or((0, flips), |alone| (alone, alone + 1));
    let next = AtomicU64::new(from);
    let fates: Mutex<BTreeMap<(String, Fate), u64>> = Mutex::default();
    let failed: Mutex<Vec<String>> = Mutex::default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let log = filled();
                let files = stored(&log);
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= to {
                        return;
                    }
                    match flip_and_restore(&log, &files, n) {
                        Ok(fate) => *lock(&fates).entry(fate).or_default() += 1,
                        Err(why) => lock(&failed).push(why),
                    }
                }
            });
        }
    });
    let fates = lock(&fates);
    for ((kind, fate), count) in fates.iter() {
        let names = Fate::ALL.iter().find(|(of, _)| of == fate);
        let words = names.map_or("", |(_, words)| *words);
        println!("flips | {kind} | {words} | {count}");
    }
    let failed = lock(&failed);
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        to - from,
        failed.join("\n")
    );
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
