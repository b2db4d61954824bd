//! The ground, segment by segment and commit by commit; one segment is in memory at a time.
//!
//! A node may be writing while we read. It never changes what a published checkpoint covers, but for
//! an erasure; so whatever looks unfinished or damaged is read again, and counts only if it stays so.

use std::fmt;
use std::io;
use std::iter::Peekable;
use std::ops::ControlFlow;

use countersign_model::digest::Digest;
use countersign_model::entry::entry_of;
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::segment::{
    self, HEADER_LEN, MAGIC, RECORD_HEAD_LEN, Record, SegmentError, VERSION, check_header,
    read_record,
};
use countersign_record::stored::{StoredCommit, StoredError, next_commit, read_commit};

use super::cores::on_all_cores;
use super::folder::LogFolder;
use crate::limits::{CHUNK_ENTRIES, REREADS_MAX};
use crate::reason::Reason;

/// A place in the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Number of the segment.
    pub(super) segment: u32,
    /// Offset of a record's first byte.
    pub(super) offset: usize,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {:08}, offset {}", self.segment, self.offset)
    }
}

/// How the walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// There is no segment at all.
    Absent,
    /// Behind the last commit is free space.
    Whole,
    /// What follows is no whole commit.
    Stopped(Stop),
    /// The reader wants no more.
    Enough,
}

/// What is met instead of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// Where.
    pub(super) at: Spot,
    /// What it would be in the middle of a log.
    pub(super) reason: Reason,
    /// Words.
    pub(super) words: String,
    /// Whether it looks like a write that was broken off: everything behind is zero.
    pub(super) is_unfinished: bool,
}

/// What was met on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Walked {
    /// Segments read.
    pub(super) segments: u32,
    /// Bytes of whole commits.
    pub(super) commit_bytes: u64,
    /// Places in free space that are not zero, one a segment.
    pub(super) stray: Vec<Spot>,
    /// Segments that do not have the size of a segment.
    pub(super) odd_sizes: Vec<u32>,
}

/// Takes commits of one segment; breaks when it wants no more.
pub(super) type Take<'t> = dyn FnMut(u32, &[StoredCommit<'_>]) -> io::Result<ControlFlow<()>> + 't;

/// Reads all segments in order.
pub(super) fn walk(
    folder: &dyn LogFolder,
    cores: usize,
    walked: &mut Walked,
    take: &mut Take<'_>,
) -> io::Result<End> {
    let mut log = None;
    for number in 0.. {
        // Listed before it is read: if there is a later one then, this one is finished.
        let numbers = folder.segments()?;
        let Some(bytes) = read_segment(folder, number)? else {
            return Ok(if numbers.is_empty() {
                End::Absent
            } else {
                End::Whole
            });
        };
        if is_zero(&bytes) {
            // Made, and not begun.
            return Ok(End::Whole);
        }
        if bytes.len() != SEGMENT_BYTES {
            walked.odd_sizes.push(number);
        }
        if let Some(stop) = wrong_header(&bytes, number, &mut log) {
            return Ok(End::Stopped(stop));
        }
        walked.segments += 1;
        let is_last = numbers.last().is_none_or(|last| *last <= number);
        let mut segment = Segment {
            folder,
            number,
            bytes,
            is_last,
        };
        match segment.walk(cores, walked, take)? {
            End::Whole => {}
            end => return Ok(end),
        }
    }
    Ok(End::Whole)
}

fn read_segment(folder: &dyn LogFolder, number: u32) -> io::Result<Option<Vec<u8>>> {
    let bytes = folder.segment(number, SEGMENT_BYTES)?;
    Ok(bytes.filter(|bytes| !bytes.is_empty()))
}

/// The header must be that of a segment of the log whose genesis the first segment holds.
fn wrong_header(bytes: &[u8], number: u32, log: &mut Option<Digest>) -> Option<Stop> {
    let stop = |reason, words: &str| {
        Some(Stop {
            at: Spot {
                segment: number,
                offset: 0,
            },
            reason,
            words: words.to_owned(),
            is_unfinished: false,
        })
    };
    let version = bytes.get(MAGIC.len()..).and_then(<[u8]>::first_chunk);
    if let Some(version) = version.map(|version| u32::from_be_bytes(*version))
        && bytes.starts_with(&MAGIC)
        && version != VERSION
    {
        let words = format!("the segment is of format version {version}, which is unknown here");
        return stop(Reason::FormatUnknown, &words);
    }
    let first = || {
        let commit = read_commit(bytes, HEADER_LEN).ok()??;
        commit
            .statements
            .first()
            .map(|genesis| entry_of(genesis.statement))
    };
    // Where the first commit cannot be read, there is nothing to hold the header against; that is
    // told as such.
    *log = log.or_else(first);
    match *log {
        Some(log) if check_header(bytes, number, log).is_err() => {
            let words = "its header is not that of this segment of this log";
            stop(Reason::SegmentHeaderWrong, words)
        }
        _ => None,
    }
}

struct Segment<'f> {
    folder: &'f dyn LogFolder,
    number: u32,
    bytes: Vec<u8>,
    /// Whether no later segment was there when it was read.
    is_last: bool,
}

impl Segment<'_> {
    fn walk(&mut self, cores: usize, walked: &mut Walked, take: &mut Take<'_>) -> io::Result<End> {
        let mut offset = HEADER_LEN;
        let mut rereads = 0;
        loop {
            let begin = offset;
            let met = self.commits(cores, &mut offset, take)?;
            walked.commit_bytes += (offset - begin) as u64;
            let Some(met) = met else {
                return Ok(End::Enough);
            };
            if rereads < REREADS_MAX && self.has_moved_on(&met, offset)? {
                rereads += 1;
                continue;
            }
            return Ok(self.end(met, offset, walked));
        }
    }

    /// Hands on the commits from `offset` on, which moves on with them; what is met behind the last,
    /// or `None` when no more of them are wanted. Records are held against their checks on all cores.
    fn commits(
        &self,
        cores: usize,
        offset: &mut usize,
        take: &mut Take<'_>,
    ) -> io::Result<Option<Met>> {
        let bytes = self.bytes.as_slice();
        let offsets: Vec<usize> = segment::offsets(bytes, *offset).collect();
        let records = on_all_cores(cores, &offsets, |at| read_record(bytes, *at));
        let mut records = records.into_iter().filter_map(Result::transpose).peekable();
        loop {
            let (commits, met) = chunk_of(&mut records);
            if let Some(last) = commits.last() {
                if take(self.number, &commits)?.is_break() {
                    return Ok(None);
                }
                *offset = last.end;
            }
            if met.is_some() {
                return Ok(met);
            }
        }
    }

    /// Reads the segment again if it may have been written to; whether it was, from `offset` on.
    fn has_moved_on(&mut self, met: &Met, offset: usize) -> io::Result<bool> {
        let numbers = self.folder.segments()?;
        let is_last = numbers.last().is_none_or(|last| *last <= self.number);
        if *met == Met::Free && is_last == self.is_last {
            return Ok(false);
        }
        self.is_last = is_last;
        let Some(bytes) = read_segment(self.folder, self.number)? else {
            return Ok(false);
        };
        let moved = bytes.get(offset..) != self.bytes.get(offset..);
        self.bytes = bytes;
        Ok(moved)
    }

    fn end(&self, met: Met, offset: usize, walked: &mut Walked) -> End {
        let segment = self.number;
        let (at, reason, words, is_unfinished) = match met {
            Met::Free => {
                let free = self.bytes.get(offset..).unwrap_or_default();
                if let Some(stray) = first_used(free) {
                    let offset = offset + stray;
                    walked.stray.push(Spot { segment, offset });
                }
                return End::Whole;
            }
            Met::Cut => {
                let words = "records without the batch that would end their commit";
                (offset, Reason::CommitCutOff, words.to_owned(), true)
            }
            Met::Bad(error) => {
                let at = offset_of(error);
                let (reason, words) = told(error, &self.bytes);
                (at, reason, words, is_torn(&self.bytes, at))
            }
        };
        let at = Spot {
            segment,
            offset: at,
        };
        End::Stopped(Stop {
            at,
            reason,
            words,
            is_unfinished,
        })
    }
}

/// What is met instead of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    /// Free space.
    Free,
    /// Whole records, and then free space.
    Cut,
    /// Something that cannot be read.
    Bad(StoredError),
}

/// The next whole commits, up to a chunk of them, and what is met behind them.
fn chunk_of<'a>(
    records: &mut Peekable<impl Iterator<Item = Result<Record<'a>, SegmentError>>>,
) -> (Vec<StoredCommit<'a>>, Option<Met>) {
    let mut commits: Vec<StoredCommit<'a>> = Vec::new();
    let mut entries = 0;
    while entries < CHUNK_ENTRIES {
        let is_free = records.peek().is_none();
        match next_commit(&mut *records) {
            Ok(Some(commit)) => {
                entries += commit.statements.len() + 1;
                commits.push(commit);
            }
            Ok(None) => return (commits, Some(if is_free { Met::Free } else { Met::Cut })),
            Err(error) => return (commits, Some(Met::Bad(error))),
        }
    }
    (commits, None)
}

const fn offset_of(error: StoredError) -> usize {
    match error {
        StoredError::Segment(SegmentError::Header) => 0,
        StoredError::Shape(at)
        | StoredError::Order(at)
        | StoredError::Segment(
            SegmentError::CutOff(at)
            | SegmentError::UnknownKind(at)
            | SegmentError::Damaged(at)
            | SegmentError::Padding(at),
        ) => at,
    }
}

fn told(error: StoredError, bytes: &[u8]) -> (Reason, String) {
    match error {
        StoredError::Segment(SegmentError::UnknownKind(at)) => {
            if let Some(kind) = whole_kind(bytes, at) {
                let words = format!("the record is of kind {kind}, which is unknown here");
                return (Reason::FormatUnknown, words);
            }
            (Reason::RecordDamaged, error.to_string())
        }
        StoredError::Order(_) => (Reason::EntryOutOfPlace, error.to_string()),
        StoredError::Shape(_) | StoredError::Segment(_) => {
            (Reason::RecordDamaged, error.to_string())
        }
    }
}

/// The kind of a record that is whole, though nobody here knows its kind (docs/formats/segment.md).
fn whole_kind(bytes: &[u8], offset: usize) -> Option<u8> {
    let record = bytes.get(offset..)?;
    let (head, rest) = record.split_first_chunk::<RECORD_HEAD_LEN>()?;
    let [a, b, c, d, kind, 0, 0, 0, check @ ..] = head else {
        return None;
    };
    let len = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
    let payload = rest.get(..len)?;
    let parts: [&[u8]; 3] = [&[*kind], &(len as u64).to_be_bytes(), payload];
    let digest = Digest::of_parts("countersign/record/v1", &parts);
    digest.as_bytes().starts_with(check).then_some(*kind)
}

/// Whether the record at `offset` looks like a write that was broken off: it ends in zeros, and so
/// does the segment.
fn is_torn(bytes: &[u8], offset: usize) -> bool {
    let head = bytes.get(offset..).and_then(<[u8]>::first_chunk::<4>);
    let len = head.map_or(0, |len| u32::from_be_bytes(*len) as usize);
    let end = offset.saturating_add(RECORD_HEAD_LEN).saturating_add(len);
    let tail = end.min(bytes.len()).saturating_sub(1);
    bytes.get(tail.max(offset)..).is_some_and(is_zero)
}

const ZEROS: [u8; 4096] = [0; 4096];

pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes
        .chunks(ZEROS.len())
        .all(|chunk| ZEROS.starts_with(chunk))
}

fn first_used(bytes: &[u8]) -> Option<usize> {
    if is_zero(bytes) {
        return None;
    }
    bytes.iter().position(|byte| *byte != 0)
}
