//! The history in a file: records come back and are found, or there is an error; never another one.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_ports::{RecordTable as _, StoreError};
use countersign_store_local::HistoryFile;
use countersign_store_local::history::check::{HistoryCheck, HistoryChecked};

const PAGE_BYTES: usize = 4096;

fn log() -> Digest {
    Digest::of(b"a log")
}

const fn claim(index: u64, ordinal: u32) -> ClaimRef {
    ClaimRef {
        index: Index(index),
        ordinal,
    }
}

/// The nth record: a few bytes mostly, some pages now and then.
fn record(n: u64) -> (ClaimRef, Vec<u8>) {
    let length = match n % 17 {
        0 => 0,
        5 => 3 * PAGE_BYTES + 11,
        9 => PAGE_BYTES - 24 - 20,
        rest => 40 * usize::try_from(rest).expect("small"),
    };
    let byte = |at: usize| u8::try_from((at as u64 * 31 + n * 7) % 251).expect("small");
    let of = claim(3 * (n / 2), u32::try_from(n % 2).expect("small"));
    (of, (0..length).map(byte).collect())
}

struct Folder {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn folder() -> Folder {
    let folder = tempfile::tempdir().expect("a folder");
    Folder {
        path: folder.path().join("history"),
        _folder: folder,
    }
}

fn open(path: &Path, end: u64) -> HistoryFile {
    HistoryFile::open(path, log(), end).expect("opens")
}

/// Appends records to a new file; where each begins, and the end.
fn filled(path: &Path, count: u64) -> (Vec<u64>, u64) {
    let mut file = open(path, 0);
    let places = (0..count).map(|n| {
        let (of, record) = record(n);
        file.append(of, &record).expect("appends")
    });
    let places = places.collect();
    file.sync().expect("writes")().expect("syncs");
    (places, file.end())
}

/// Reads every record and looks every claim up, until one cannot be read.
fn first_error(file: &HistoryFile, places: &[u64]) -> Option<StoreError> {
    let mut read = Vec::new();
    for (n, at) in (0..).zip(places) {
        let (of, record) = record(n);
        let next = match file.read(*at, &mut read) {
            Ok(next) => next,
            Err(error) => return Some(error),
        };
        assert!(read == record, "record {n} is another one");
        let behind = places.get(usize::try_from(n).expect("small") + 1);
        assert_eq!(next, behind.copied().unwrap_or_else(|| file.end()));
        let others = [claim(of.index.0 + 1, 0), claim(of.index.0, 2)];
        let all = [(of, Some(*at)), (others[0], None), (others[1], None)];
        for (of, expect) in all {
            match file.find(of) {
                Ok(found) => assert_eq!(found, expect, "{of:?}, record {n}"),
                Err(error) => return Some(error),
            }
        }
    }
    None
}

fn read_all(file: &HistoryFile, places: &[u64]) {
    let error = first_error(file, places);
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn records_come_back_while_they_are_written_and_afterwards() {
    let folder = folder();
    let mut file = open(&folder.path, 0);
    let mut places = Vec::new();
    for n in 0..500 {
        let (of, record) = record(n);
        places.push(file.append(of, &record).expect("appends"));
        if n % 149 == 0 {
            read_all(&file, &places);
        }
    }
    assert!(
        fs::metadata(&folder.path).expect("a file").len() > 0,
        "some are on the disk"
    );
    read_all(&file, &places);
    let end = file.end();
    drop(file);
    for n in [1, 2, 17, 300, 499] {
        // As of each record: what is behind it is cut, and goes on differently.
        let at = *places.get(n).expect("there");
        let mut file = open(&folder.path, at);
        assert_eq!(file.end(), at, "{n}");
        read_all(&file, places.get(..n).expect("there"));
        let (of, _) = record(n as u64);
        file.append(of, b"another").expect("appends");
        let mut read = Vec::new();
        file.read(at, &mut read).expect("reads");
        assert_eq!(read, b"another");
        drop(file);
        assert_eq!(filled(&folder.path, 500).1, end);
    }
}

#[test]
fn what_is_no_end_of_a_record_begins_empty() {
    let folder = folder();
    let (places, end) = filled(&folder.path, 40);
    let bytes = fs::read(&folder.path).expect("reads");
    for other in [
        1,
        places[20] + 1,
        places[20] + 20,
        end - 1,
        end + 1,
        end + 9000,
        u64::MAX,
    ] {
        assert_eq!(open(&folder.path, other).end(), 0, "{other}");
        assert_eq!(fs::metadata(&folder.path).expect("a file").len(), 0);
        fs::write(&folder.path, &bytes).expect("writes");
    }
    let other = HistoryFile::open(&folder.path, Digest::of(b"another log"), end);
    assert_eq!(other.expect("opens").end(), 0, "it is of another log");
}

#[test]
fn a_tail_that_did_not_reach_the_disk_is_missed() {
    let folder = folder();
    let (places, end) = filled(&folder.path, 30);
    let bytes = fs::read(&folder.path).expect("reads");
    for cut in (0..bytes.len()).rev().step_by(487) {
        fs::write(&folder.path, &bytes[..cut]).expect("writes");
        assert_eq!(open(&folder.path, end).end(), 0, "{cut}");
        // Of what is named further ahead nothing may be missed.
        fs::write(&folder.path, &bytes[..cut]).expect("writes");
        let early = places[3];
        let is_there = cut as u64 >= 24 + early;
        let expect = if is_there { early } else { 0 };
        assert_eq!(open(&folder.path, early).end(), expect, "{cut}");
    }
}

#[test]
fn any_flipped_bit_is_noticed_and_never_answered_from() {
    let folder = folder();
    let (places, end) = filled(&folder.path, 12);
    let bytes = fs::read(&folder.path).expect("reads");
    assert!(bytes.len() > 4 * PAGE_BYTES);
    for at in (0..bytes.len()).step_by(23).chain(0..48) {
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        fs::write(&folder.path, &other).expect("writes");
        let file = open(&folder.path, end);
        if file.end() == 0 {
            continue;
        }
        let error = first_error(&file, &places);
        assert!(error.is_some(), "byte {at} of {}", bytes.len());
        drop(file);
        // What was spoiled is not there for the next one, whatever was in memory.
        assert_eq!(open(&folder.path, end).end(), 0, "byte {at}");
    }
}

#[test]
fn whoever_reads_changes_nothing() {
    let folder = folder();
    let (mut places, end) = filled(&folder.path, 20);
    let bytes = fs::read(&folder.path).expect("reads");
    let mut file = HistoryFile::open_to_read(&folder.path, log(), end).expect("opens");
    for n in 20..300 {
        let (of, record) = record(n);
        places.push(file.append(of, &record).expect("appends"));
    }
    read_all(&file, &places);
    file.sync().expect("there is nothing to do")().expect("nor here");
    drop(file);
    assert!(fs::read(&folder.path).expect("reads") == bytes);
    let nowhere = folder.path.with_file_name("nowhere");
    let file = HistoryFile::open_to_read(&nowhere, log(), 0).expect("opens");
    assert_eq!(file.end(), 0);
    assert!(!nowhere.exists());
}

fn checked(path: &Path, count: u64) -> HistoryChecked {
    let mut check = HistoryCheck::open(path, log()).expect("opens");
    for n in 0..count {
        let (of, record) = record(n);
        check.take(of, &record).expect("reads");
    }
    check.finish().expect("reads")
}

#[test]
fn a_file_is_compared_with_what_should_be_in_it() {
    let folder = folder();
    let check = |bytes: &[u8], count: u64, wrong_at: Option<u64>| {
        fs::write(&folder.path, bytes).expect("writes");
        let checked = checked(&folder.path, count);
        assert_eq!(checked.wrong_at, wrong_at, "{} bytes", bytes.len());
        assert_eq!(checked.bytes, bytes.len() as u64);
    };
    let (_, _) = filled(&folder.path, 300);
    let bytes = fs::read(&folder.path).expect("reads");
    check(&bytes, 300, None);
    check(&bytes, 400, None);
    check(&bytes[..bytes.len() - 1], 300, None);
    check(&[], 300, None);
    let longer = [bytes.clone(), vec![0]].concat();
    check(&longer, 300, Some(bytes.len() as u64));
    for at in [0, 100, 4096, 300_000, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 4;
        check(&other, 300, Some(at as u64));
    }
}
