//! Segments, copied beside a node that may be writing, and read back.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use countersign_attest::{Genesis, Statement};
use countersign_model::act::{Act, OwnObject};
use countersign_model::body::{ClaimBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, ClaimStatus, VerdictRecord, entry_of};
use countersign_model::json::Doc;
use countersign_model::time::Timestamp;
use countersign_ports::StoreError;
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::sealing::fingerprint_of;
use countersign_record::segment::{HEADER_LEN, Kind, check_header, erasure, records};
use countersign_record::stored::{StoredCommit, StoredStatement, read_commit};
use countersign_store_local::segment_path;

use super::tree::TreeFiles;
use super::{BackupError, Progress, Stage};

/// Reads of one segment before what cannot be read in it counts as damage although it goes on
/// changing: each needs an erasure of its own to pass through it.
const READS_MAX: usize = 100;

/// What was copied.
#[derive(Debug, Default)]
pub(super) struct Copied {
    pub(super) segments: u32,
    /// Bytes written, holes not counted.
    pub(super) bytes: u64,
    /// Claims whose sealed parts the log says are erased.
    erased: BTreeSet<Digest>,
}

/// What reading the copy back gave.
#[derive(Debug)]
pub(super) struct Checked {
    /// When the last batch was recorded.
    pub(super) recorded: Timestamp,
    /// Sealed records that were overwritten in the copy.
    pub(super) erased: u64,
}

/// How far a log was read.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Index of the next entry.
    next: u64,
    /// Which log it is.
    log: Option<Digest>,
}

type Each<'a> = dyn FnMut(&StoredCommit<'_>) -> Result<(), StoreError> + 'a;

/// C2SP verifier keys of the checkpoints, as the log's genesis names them.
pub(super) fn checkpoint_keys(ground: &Path) -> Result<Vec<String>, BackupError> {
    let damaged = |why: &str| BackupError::Damaged(format!("genesis: {why}"));
    let bytes = read_segment(&segment_path(ground, 0))?;
    let bytes = bytes.ok_or_else(|| damaged("segment 00000000 is not there"))?;
    let commit = read_commit(&bytes, HEADER_LEN)
        .map_err(|error| damaged(&format!("segment 00000000: {error}")))?;
    let first = commit.as_ref().and_then(|commit| commit.statements.first());
    let first = first.ok_or_else(|| damaged("segment 00000000 does not begin with it"))?;
    let genesis = Statement::parse(first.statement).and_then(|one| Genesis::open(&one));
    let genesis = genesis.map_err(|refusal| damaged(&refusal.reason))?;
    Ok(genesis.terms().checkpoint_keys.clone())
}

/// Copies segments up to the end of the batch that ends the tree of that size. Nothing behind it is
/// copied; what was being erased is erased in the copy.
pub(super) fn copy(
    (from, to): (&Path, &Path),
    size: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Copied, BackupError> {
    let mut copied = Copied::default();
    let mut place = Place::default();
    while place.next < size {
        let number = copied.segments;
        let path = segment_path(from, number);
        let erased = &mut copied.erased;
        let (mut bytes, end) = read_steady(&path, number, &mut place, size, &mut |commit| {
            erased.extend(erasures_in(commit));
            Ok(())
        })?;
        bytes.truncate(end);
        let begun = sealed_in(&bytes, |kind, _| kind == Kind::Erasing);
        for (offset, len) in begun {
            wipe(&mut bytes, offset, len);
        }
        write_segment(&segment_path(to, number), &bytes)?;
        copied.bytes += bytes.len() as u64;
        copied.segments += 1;
        progress(Progress {
            stage: Stage::Copying,
            entries: place.next,
            size,
        });
    }
    Ok(copied)
}

/// Reads the copy back: every record, every entry; the tree over them goes to `tree`. Sealed parts
/// that the log says are erased are overwritten, if the node had not come to it yet.
pub(super) fn check(
    ground: &Path,
    copied: &Copied,
    size: u64,
    tree: &mut TreeFiles,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checked, BackupError> {
    let mut place = Place::default();
    let mut last = Vec::new();
    let mut erased = 0;
    for number in 0..copied.segments {
        let path = segment_path(ground, number);
        let mut bytes = read_segment(&path)?.ok_or_else(|| shorter(place.next, size))?;
        erased += erase(&path, &mut bytes, &copied.erased)?;
        let end = walk(&bytes, number, &mut place, size, &mut |commit| {
            for one in &commit.statements {
                tree.push(entry_of(one.statement))?;
            }
            tree.push(entry_of(commit.batch))?;
            last = commit.batch.to_vec();
            Ok(())
        });
        end.map_err(|stop| stop.into_error(number))?;
        progress(Progress {
            stage: Stage::Checking,
            entries: place.next,
            size,
        });
    }
    if place.next != size {
        return Err(shorter(place.next, size));
    }
    let batch = Statement::parse(&last).ok();
    let batch = batch.and_then(|batch| Batch::decode(batch.payload()));
    let batch = batch.ok_or_else(|| {
        BackupError::Damaged("the last batch of the copy cannot be read".to_owned())
    })?;
    Ok(Checked {
        recorded: batch.recorded,
        erased,
    })
}

/// Why a segment was not read to where it should be.
#[derive(Debug)]
enum Stop {
    Damaged(String),
    Store(StoreError),
}

impl Stop {
    fn into_error(self, number: u32) -> BackupError {
        match self {
            Self::Damaged(why) => {
                BackupError::Damaged(format!("segment {number:08} of the ground: {why}"))
            }
            Self::Store(error) => error.into(),
        }
    }
}

/// Reads a segment until it is whole. An erasure overwrites records in place, in steps of which
/// each can be read; a read that an erasure passed through may be none of them, and is made again.
/// Gives the bytes and where the last commit that is wanted ends.
fn read_steady(
    path: &Path,
    number: u32,
    place: &mut Place,
    size: u64,
    each: &mut Each<'_>,
) -> Result<(Vec<u8>, usize), BackupError> {
    let read = || read_segment(path)?.ok_or_else(|| shorter(place.next, size));
    let mut bytes = read()?;
    for _ in 1..READS_MAX {
        let mut reached = *place;
        match walk(&bytes, number, &mut reached, size, each) {
            Ok(end) => {
                *place = reached;
                return Ok((bytes, end));
            }
            Err(stop) => {
                let again = read()?;
                if again == bytes {
                    return Err(stop.into_error(number));
                }
                bytes = again;
            }
        }
    }
    let why = "it goes on changing where it should not".to_owned();
    Err(Stop::Damaged(why).into_error(number))
}

/// Goes through the commits of a segment up to `size`; gives where the last of them ends.
fn walk(
    bytes: &[u8],
    number: u32,
    place: &mut Place,
    size: u64,
    each: &mut Each<'_>,
) -> Result<usize, Stop> {
    let damaged = |why: String| Stop::Damaged(why);
    let begun = place.next;
    let mut at = HEADER_LEN;
    while place.next < size {
        let commit = read_commit(bytes, at).map_err(|error| damaged(error.to_string()))?;
        let Some(commit) = commit else { break };
        if place.log.is_none() {
            let first = commit.statements.first();
            place.log = first.map(|genesis| entry_of(genesis.statement));
        }
        let first = commit
            .statements
            .first()
            .map_or(commit.batch_index, |one| one.index);
        let behind = commit.batch_index.0.checked_add(1);
        let Some(behind) = behind.filter(|behind| first.0 == place.next && *behind <= size) else {
            let text = format!(
                "a commit of the entries {first} to {} stands where {} would begin, of {size}",
                commit.batch_index, place.next
            );
            return Err(damaged(text));
        };
        each(&commit).map_err(Stop::Store)?;
        place.next = behind;
        at = commit.end;
    }
    let log = place.log.unwrap_or(Digest::ZERO);
    check_header(bytes, number, log).map_err(|error| damaged(error.to_string()))?;
    if place.next == begun {
        return Err(damaged(format!("it holds nothing from entry {begun} on")));
    }
    Ok(at)
}

fn shorter(have: u64, size: u64) -> BackupError {
    BackupError::Damaged(format!(
        "the ground has {have} entries, the committed checkpoint {size}"
    ))
}

/// The bytes of a segment; `None` where there is no such file.
fn read_segment(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", path.display()), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::with_capacity(SEGMENT_BYTES);
    let mut limited = file.take(SEGMENT_BYTES as u64);
    limited.read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// The file has the length of a segment; what is not written is a hole.
fn write_segment(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.set_len(SEGMENT_BYTES as u64)
    };
    write().map_err(|error| StoreError::new(format!("writing {}", path.display()), error))
}

/// Offset and payload length of the sealed records that `is_meant` says.
fn sealed_in(bytes: &[u8], is_meant: impl Fn(Kind, &[u8]) -> bool) -> Vec<(usize, usize)> {
    let all = records(bytes, HEADER_LEN).map_while(Result::ok);
    let meant = all.filter(|record| is_meant(record.kind, record.payload));
    meant
        .map(|record| (record.offset, record.payload.len()))
        .collect()
}

/// Erases a sealed record in memory.
fn wipe(bytes: &mut [u8], offset: usize, payload_len: usize) {
    for (at, new) in erasure(payload_len) {
        let rest = bytes.get_mut(offset + at..).unwrap_or_default();
        for (slot, byte) in rest.iter_mut().zip(new) {
            *slot = byte;
        }
    }
}

/// Overwrites the sealed records of these claims, in memory and in the file; how many.
fn erase(path: &Path, bytes: &mut [u8], erased: &BTreeSet<Digest>) -> Result<u64, StoreError> {
    if erased.is_empty() {
        return Ok(0);
    }
    let due = sealed_in(bytes, |kind, payload| {
        kind == Kind::Sealed
            && fingerprint_of(payload).is_some_and(|(owner, _)| erased.contains(&owner))
    });
    let failed = |error| StoreError::new(format!("erasing in {}", path.display()), error);
    let mut file = None;
    for (offset, len) in &due {
        wipe(bytes, *offset, *len);
        let file = match &mut file {
            Some(file) => file,
            none => none.insert(OpenOptions::new().write(true).open(path).map_err(failed)?),
        };
        for (at, new) in erasure(*len) {
            file.write_all_at(&new, (offset + at) as u64)
                .map_err(failed)?;
        }
    }
    Ok(due.len() as u64)
}

/// Claims that the commit's acts erase, as far as the node recorded the acts as effective.
fn erasures_in(commit: &StoredCommit<'_>) -> Vec<Digest> {
    let each = commit.statements.iter().zip(&commit.verdicts);
    each.flat_map(|(stored, verdict)| erasures_of(stored, verdict))
        .collect()
}

fn erasures_of(stored: &StoredStatement<'_>, verdict: &[u8]) -> Vec<Digest> {
    let mut out = Vec::new();
    // Read for statements that hold such an act alone: they are few.
    let mut read = None;
    for body in &stored.bodies {
        let Some((digest, claim)) = erasure_act(body) else {
            continue;
        };
        let (statement, record) = match &read {
            Some((statement, record)) => (statement, record),
            None => {
                let statement = Statement::parse(stored.statement).ok();
                let record = VerdictRecord::decode(verdict);
                let Some(both) = statement.zip(record) else {
                    return out;
                };
                let (statement, record) = &*read.insert(both);
                (statement, record)
            }
        };
        let mut claims = statement.claim_digests().iter();
        let ordinal = claims.position(|one| *one == digest);
        let status = ordinal.and_then(|ordinal| record.claims.get(ordinal));
        if status == Some(&ClaimStatus::Effective) {
            out.push(claim);
        }
    }
    out
}

/// The digest of a body that is an erasure, and what it erases.
fn erasure_act(body: &[u8]) -> Option<(Digest, Digest)> {
    let body = ClaimBody::decode(body).ok()?;
    let own = Format::CountersignJson;
    if Format::known(&body.format, body.version) != Some(own) {
        return None;
    }
    let view = body.open_view(own.blank());
    let doc = Doc::parse(&view).ok()?;
    match OwnObject::from_json(doc.root()) {
        Ok(OwnObject::Act(Act::Erasure { claim })) => Some((body.digest(), claim)),
        _ => None,
    }
}
