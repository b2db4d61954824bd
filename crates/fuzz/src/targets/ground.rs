//! What a node finds on its own disk and socket, where damage and other programs write too.

use std::io;

use countersign_model::digest::Digest;
use countersign_model::entry::entry_of;
use countersign_node::data_dir::Settings;
use countersign_node::request::Request;
use countersign_node::wire::{join, read_frame, split, write_frame};
use countersign_ports::CheckpointCell as _;
use countersign_record::segment::{self, HEADER_LEN, Kind, RECORD_HEAD_LEN};
use countersign_record::{sealing, stored};
use countersign_store_local::SlotFile;
use countersign_tlog::Hash;
use countersign_tlog::tile::{encode_bundle, encode_hashes};
use countersign_verify::{LogFolder, Trust, Verdict, verify_log};

use super::encodings::CBOR_WORDS;
use crate::{Seeds, Target};

const SEGMENTS: &str = "testdata/vectors/segment/v1/vectors.json";
const GOLDEN: &str = "testdata/golden/log-v1/segment";

pub(super) const SEGMENT: Target = Target {
    name: "segment",
    what: "ground segments: each record written again is its bytes; commits and tails hold what the records hold",
    seeds: &[Seeds::Hex(SEGMENTS, &["bytes"]), Seeds::File(GOLDEN)],
    words: &[
        b"CSGROUND",
        b"\x7f",
        b"\x7e",
        b"\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
    ],
    short_run: 4_000,
    run: segment_bytes,
};

pub(super) const RECORDS: Target = Target {
    name: "segment-records",
    what: "segments of whole records in any order: commits, tails and sealed parts are read from them alone",
    seeds: &[Seeds::Records(GOLDEN)],
    words: CBOR_WORDS,
    short_run: 2_000,
    run: records,
};

pub(super) const LOG: Target = Target {
    name: "log",
    what: "a log whose records were changed and check again: what is proven is what the log held",
    seeds: &[Seeds::Records(GOLDEN)],
    words: CBOR_WORDS,
    short_run: 300,
    run: log,
};

pub(super) const SECOND_PLACE: Target = Target {
    name: "second-place",
    what: "the two slots of the second place: the reader of the page, written out, finds the same value",
    seeds: &[Seeds::HexSlots(
        "testdata/vectors/segment/v1/second-place.json",
        "slots",
        SLOT_BYTES,
    )],
    words: &[
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x0f\xd4",
    ],
    short_run: 1_500,
    run: second_place,
};

pub(super) const FRAME: Target = Target {
    name: "frame",
    what: "frames on the node's socket, requests and lists: written again and read they are the same",
    seeds: &[
        Seeds::Bytes(b"\x00\x00\x00\x0f\x00\x00\x00\x02{\"op\":\"status\"}ab"),
        Seeds::Bytes(b"\x00\x00\x00\x30\x00\x00\x00\x00{\"op\":\"receipts\",\"from\":0,\"count\":1}            "),
        Seeds::Bytes(b"\x00\x00\x00\x36\x00\x00\x00\x05{\"op\":\"submit\",\"at\":\"2026-03-02T08:00:00Z\"}          \x00\x00\x00\x01x"),
        Seeds::Bytes(b"\x00\x00\x00\x02ab\x00\x00\x00\x00\x00\x00\x00\x01c"),
        Seeds::Bytes(b"second = \"../second\"\norigin = \"x.example/1\"\n"),
    ],
    words: &[b"\"op\":", b"\"trace\"", b"\"unit\":", b"\"all\":true", b"\"claim\":\"1.0\"", b"\x04\x00\x00\x00", b"null", b"[[[["],
    short_run: 10_000,
    run: frame,
};

fn segment_bytes(bytes: &[u8]) {
    let _ = segment::check_header(bytes, 3, Digest::ZERO);
    let mut again = Vec::new();
    let mut at = HEADER_LEN;
    for record in segment::records(bytes, HEADER_LEN).map_while(Result::ok) {
        assert_eq!(record.offset, at, "one behind the other");
        let span = bytes
            .get(record.offset..record.end())
            .expect("inside the segment");
        if !matches!(record.kind, Kind::Erasing | Kind::Wiped) {
            again.clear();
            segment::push_record(&mut again, record.kind, record.payload);
            assert!(again == span, "the same bytes again");
        }
        at = record.end();
    }
    commits(bytes);
}

/// Commits follow one another, and a tail begins where none follows.
fn commits(bytes: &[u8]) {
    let mut at = HEADER_LEN;
    while let Ok(Some(commit)) = stored::read_commit(bytes, at) {
        assert!(commit.end > at && commit.batch_offset < commit.end);
        let indexes: Vec<u64> = commit.statements.iter().map(|said| said.index.0).collect();
        assert!(indexes.is_sorted());
        at = commit.end;
    }
    for said in stored::read_tail(bytes, at) {
        assert!(said.offset >= at);
    }
}

/// A kind and a payload each.
fn segment_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = segment::header(0, golden_log()).to_vec();
    for item in split(bytes)? {
        let (kind, payload) = item.split_first()?;
        let kind = Kind::of(*kind)?;
        let at = out.len();
        segment::push_record(&mut out, kind, payload);
        if kind == Kind::Wiped {
            // Erasure leaves no check.
            out.get_mut(at + 8..at + RECORD_HEAD_LEN)?.fill(0);
        }
    }
    out.resize(out.len() + 64, 0);
    Some(out)
}

fn golden() -> &'static [u8] {
    include_bytes!("../../../../testdata/golden/log-v1/segment")
}

/// What the header of the golden segment names.
fn golden_log() -> Digest {
    let statements = stored::read_commit(golden(), HEADER_LEN).ok().flatten();
    let genesis = statements
        .as_ref()
        .and_then(|commit| commit.statements.first());
    Digest::of(genesis.map_or(&[], |genesis| genesis.statement))
}

fn records(bytes: &[u8]) {
    let Some(segment) = segment_of(bytes) else {
        return;
    };
    commits(&segment);
    let key = sealing::SealingKey::new([7; 32]);
    for record in segment::records(&segment, HEADER_LEN).map_while(Result::ok) {
        if record.kind == Kind::Sealed {
            let named = sealing::fingerprint_of(record.payload);
            if let Ok(opened) = key.open(record.payload) {
                assert_eq!(named, Some((opened.owner, opened.fingerprint)));
            }
        }
    }
}

/// One segment, and what the golden log published.
struct Held(Vec<u8>);

impl LogFolder for Held {
    fn segments(&self) -> io::Result<Vec<u32>> {
        Ok(vec![0])
    }

    fn segment(&self, number: u32, _: usize) -> io::Result<Option<Vec<u8>>> {
        Ok((number == 0).then(|| self.0.clone()))
    }

    fn published(&self, path: &str, _: usize) -> io::Result<Option<Vec<u8>>> {
        let checkpoint = include_bytes!("../../../../testdata/golden/log-v1/checkpoint");
        let entries = || statements(golden()).into_iter().map(|said| entry_of(&said));
        Ok(match path {
            "checkpoint" => Some(checkpoint.to_vec()),
            "tile/0/000.p/28" => {
                let leaves = entries().map(|entry| Hash::leaf(entry.as_bytes()));
                Some(encode_hashes(&leaves.collect::<Vec<_>>()))
            }
            "tile/entries/000.p/28" => {
                let entries: Vec<[u8; 32]> = entries().map(|entry| *entry.as_bytes()).collect();
                encode_bundle(&entries).ok()
            }
            _ => None,
        })
    }

    fn published_names(&self, _: &str) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn log(bytes: &[u8]) {
    let Some(segment) = segment_of(bytes) else {
        return;
    };
    let held = Held(segment);
    let report = verify_log(&held, &Trust::None, &[], 1, &mut |_| {}).expect("a report");
    let _ = (report.to_text(), report.to_json());
    assert!(report.verdict() != Verdict::Proven, "nothing is trusted");
    if report.is_consistent_in_itself() {
        assert!(
            statements(&held.0).starts_with(&statements(golden())),
            "another log under this checkpoint"
        );
    }
}

fn statements(segment: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = HEADER_LEN;
    while let Ok(Some(commit)) = stored::read_commit(segment, at) {
        out.extend(commit.statements.iter().map(|said| said.statement.to_vec()));
        out.push(commit.batch.to_vec());
        at = commit.end;
    }
    out
}

const SLOT_BYTES: usize = 4096;

fn second_place(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut slots = bytes.to_vec();
    slots.resize(2 * SLOT_BYTES, 0);
    std::fs::write(file.path(), &slots).expect("written");
    let cell = SlotFile::open_to_read(file.path()).expect("opened");
    let (first, second) = slots.split_at(SLOT_BYTES);
    let (a, b) = (slot(first), slot(second));
    let blank = |slot: &[u8]| slot.iter().all(|byte| *byte == 0);
    match cell.read() {
        Ok(value) => assert_eq!(value, a.max(b).map(|(_, value)| value)),
        Err(_) => assert!(a.is_none() && b.is_none() && !(blank(first) && blank(second))),
    }
}

/// Number, length, value and check (docs/formats/segment.md); of two, the higher number counts.
fn slot(bytes: &[u8]) -> Option<(u64, Vec<u8>)> {
    let number = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
    let length = u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?);
    let end = usize::try_from(length).ok()?.checked_add(12)?;
    let check = bytes.get(end..end.checked_add(32)?)?;
    let right = number > 0 && Digest::of(bytes.get(..end)?).as_bytes() == check;
    right.then(|| (number, bytes.get(12..end).unwrap_or_default().to_vec()))
}

fn frame(bytes: &[u8]) {
    let mut input = bytes;
    if let Ok(Some((head, blob))) = read_frame::<serde_json::Value>(&mut input) {
        let mut again = Vec::new();
        write_frame(&mut again, &head, &blob).expect("within its limits");
        let read = read_frame::<serde_json::Value>(&mut again.as_slice()).expect("a frame");
        assert_eq!(read, Some((head.clone(), blob)));
        if let Ok(request) = serde_json::from_value::<Request>(head) {
            let text = serde_json::to_string(&request).expect("a request is JSON");
            let same: Request = serde_json::from_str(&text).expect("a request");
            assert_eq!(serde_json::to_string(&same).expect("JSON"), text);
        }
    }
    if let Some(items) = split(bytes) {
        let items: Vec<Vec<u8>> = items.into_iter().map(<[u8]>::to_vec).collect();
        assert!(join(&items) == bytes, "the same bytes again");
    }
    if let Some(Ok(settings)) = super::text(bytes).map(toml::from_str::<Settings>) {
        let text = toml::to_string(&settings).expect("settings are TOML");
        let same: Settings = toml::from_str(&text).expect("settings");
        assert_eq!(
            (same.origin, same.second),
            (settings.origin, settings.second)
        );
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Project;

    /// A target whose seed is no log would assert nothing.
    #[test]
    fn the_seed_is_the_golden_log() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let seeds = Project::at(&root).seeds(&LOG).expect("seeds");
        let segment = seeds
            .first()
            .and_then(|seed| segment_of(seed))
            .expect("a segment");
        assert!(statements(&segment) == statements(golden()));
        let report = verify_log(&Held(segment), &Trust::None, &[], 1, &mut |_| {});
        let report = report.expect("a report");
        assert!(report.is_consistent_in_itself(), "{}", report.to_text());
    }
}
