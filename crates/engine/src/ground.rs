//! Reading single statements and batches back from the ground.

use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, entry_of};
use countersign_ports::{Ground, Position, StoreError};
use countersign_record::limits::COMMIT_BYTES_MAX;
use countersign_record::segment::{HEADER_LEN, Kind, Record, SegmentError, read_record};
use countersign_record::stored;

/// First read: most statements with their bodies fit.
const WINDOW_BYTES: usize = 8 * 1024;
/// A read when all that follows is wanted.
const STREAM_WINDOW_BYTES: usize = 1024 * 1024;

/// A statement and what came with it.
#[derive(Clone, Debug)]
pub struct Group {
    /// Where it stands.
    pub index: Index,
    /// Its logged form.
    pub statement: Vec<u8>,
    /// Mapping files that came with it first.
    pub blobs: Vec<Vec<u8>>,
    /// Encoded envelopes that came with it first.
    pub envelopes: Vec<Vec<u8>>,
    /// Encoded bodies, in the order of the payload.
    pub bodies: Vec<Vec<u8>>,
    /// Sealed records.
    pub sealed: Vec<SealedRecord>,
}

impl Group {
    /// The envelope of that digest that came with it first, its sealed parts withheld.
    ///
    /// # Errors
    /// [`StoreError`] when an envelope cannot be read.
    pub fn envelope(&self, digest: Digest) -> Result<Option<EnvelopeBody>, StoreError> {
        for bytes in &self.envelopes {
            let envelope = EnvelopeBody::decode(bytes)
                .map_err(|error| StoreError::other("reading an envelope", error.to_string()))?;
            if envelope.digest() == digest {
                return Ok(Some(envelope));
            }
        }
        Ok(None)
    }

    /// The mapping file of that digest that came with it first.
    #[must_use]
    pub fn blob(&self, digest: Digest) -> Option<&Vec<u8>> {
        self.blobs.iter().find(|blob| Digest::of(blob) == digest)
    }
}

/// Where the sealed parts of a body lie.
#[derive(Clone, Debug)]
pub struct SealedRecord {
    /// Of the record's first byte.
    pub at: Position,
    /// Of the payload.
    pub payload_len: usize,
    /// What is left of it.
    pub left: Left,
}

/// What is left of a sealed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of it: its payload.
    Whole(Vec<u8>),
    /// Its erasure was begun.
    Erasing,
    /// Nothing but zeros.
    Nothing,
}

impl SealedRecord {
    /// Its payload, as long as it was not erased.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        match &self.left {
            Left::Whole(payload) => Some(payload),
            Left::Erasing | Left::Nothing => None,
        }
    }
}

/// A batch statement with its verdict records.
#[derive(Clone, Debug)]
pub struct BatchGroup {
    /// The batch statement, logged form.
    pub statement: Vec<u8>,
    /// One record a statement.
    pub verdicts: Vec<Vec<u8>>,
    /// Where it stands in the log.
    pub index: Index,
    /// Behind its record.
    pub end: Position,
}

/// Reads the statement whose first record is at `at`.
///
/// # Errors
/// [`StoreError`] when the ground cannot be read or is damaged there.
pub fn read_statement(ground: &dyn Ground, at: Position) -> Result<Group, StoreError> {
    let mut group = Group {
        index: Index(0),
        statement: Vec::new(),
        blobs: Vec::new(),
        envelopes: Vec::new(),
        bodies: Vec::new(),
        sealed: Vec::new(),
    };
    each_record(ground, at, &mut |record, position| {
        let payload = record.payload.to_vec();
        match record.kind {
            Kind::Blob => group.blobs.push(payload),
            Kind::Envelope => group.envelopes.push(payload),
            Kind::Body => group.bodies.push(payload),
            Kind::Sealed | Kind::Erasing | Kind::Wiped => group.sealed.push(SealedRecord {
                at: position,
                payload_len: payload.len(),
                left: match record.kind {
                    Kind::Sealed => Left::Whole(payload),
                    Kind::Erasing => Left::Erasing,
                    _ => Left::Nothing,
                },
            }),
            Kind::Statement => {
                let (index, statement) = record.payload.split_first_chunk::<8>()?;
                group.index = Index(u64::from_be_bytes(*index));
                group.statement = statement.to_vec();
                return Some(true);
            }
            Kind::Batch => return None,
        }
        Some(false)
    })?;
    Ok(group)
}

/// Reads the batch whose record is at `at`.
///
/// # Errors
/// [`StoreError`] when the ground cannot be read or is damaged there.
pub fn read_batch(ground: &dyn Ground, at: Position) -> Result<BatchGroup, StoreError> {
    let mut out = None;
    each_record(ground, at, &mut |record, position| {
        let mut alone = Vec::new();
        countersign_record::segment::push_record(&mut alone, record.kind, record.payload);
        let commit = stored::read_commit(&alone, 0).ok()??;
        out = Some(BatchGroup {
            statement: commit.batch.to_vec(),
            verdicts: commit
                .verdicts
                .iter()
                .map(|verdict| verdict.to_vec())
                .collect(),
            index: commit.batch_index,
            end: Position {
                segment: at.segment,
                offset: position.offset + u32::try_from(alone.len()).ok()?,
            },
        });
        Some(true)
    })?;
    out.ok_or_else(|| damaged(at))
}

/// Hands the entries from the one whose first record is at `at` on to `take`, with their indexes,
/// until it says true. What comes with statements is passed over.
///
/// # Errors
/// [`StoreError`] when the ground cannot be read, is damaged, or ends before.
pub fn each_entry(
    ground: &dyn Ground,
    at: Position,
    take: &mut dyn FnMut(Index, Digest) -> bool,
) -> Result<(), StoreError> {
    let mut at = at;
    loop {
        let (done, next) = entries_in(ground, at, take)?;
        if done {
            return Ok(());
        }
        at = next;
    }
}

/// The entries of one window of the ground; whether that was enough, and where to go on.
fn entries_in(
    ground: &dyn Ground,
    at: Position,
    take: &mut dyn FnMut(Index, Digest) -> bool,
) -> Result<(bool, Position), StoreError> {
    let mut window_bytes = STREAM_WINDOW_BYTES;
    loop {
        let window = ground.read(at, window_bytes)?;
        if window.is_empty() {
            return Err(damaged(at));
        }
        let mut offset = 0;
        loop {
            match read_record(&window, offset) {
                Ok(Some(record)) => {
                    offset = record.end();
                    let entry = entry_in(&record).ok_or_else(|| damaged(at))?;
                    if entry.is_some_and(|(index, entry)| take(index, entry)) {
                        return Ok((true, at));
                    }
                }
                Ok(None) | Err(SegmentError::CutOff(_)) if offset > 0 => {
                    let shift = u32::try_from(offset).map_err(|_| damaged(at))?;
                    let next = Position {
                        segment: at.segment,
                        offset: at.offset + shift,
                    };
                    return Ok((false, next));
                }
                Ok(None) => {
                    let next = Position {
                        segment: at.segment + 1,
                        offset: u32::try_from(HEADER_LEN).map_err(|_| damaged(at))?,
                    };
                    return Ok((false, next));
                }
                Err(SegmentError::CutOff(_))
                    if window.len() == window_bytes && window_bytes <= COMMIT_BYTES_MAX =>
                {
                    window_bytes *= 4;
                    break;
                }
                Err(_) => return Err(damaged(at)),
            }
        }
    }
}

/// The entry of a statement or batch; `None` within for what comes with statements, and outside
/// for what cannot be read.
fn entry_in(record: &Record<'_>) -> Option<Option<(Index, Digest)>> {
    match record.kind {
        Kind::Statement => {
            let (index, statement) = record.payload.split_first_chunk::<8>()?;
            let index = Index(u64::from_be_bytes(*index));
            Some(Some((index, entry_of(statement))))
        }
        Kind::Batch => {
            let (index, batch) = stored::batch_in(record.payload)?;
            Some(Some((index, entry_of(batch))))
        }
        Kind::Blob | Kind::Envelope | Kind::Body | Kind::Sealed | Kind::Erasing | Kind::Wiped => {
            Some(None)
        }
    }
}

fn damaged(at: Position) -> StoreError {
    let place = format!(
        "reading the ground at segment {}, offset {}",
        at.segment, at.offset
    );
    StoreError::other(
        place,
        "the record is damaged; run `countersign verify` on the data folder",
    )
}

/// Hands each record from `at` on to `take` until it says true; `None` from it is damage.
fn each_record(
    ground: &dyn Ground,
    at: Position,
    take: &mut dyn FnMut(Record<'_>, Position) -> Option<bool>,
) -> Result<(), StoreError> {
    let mut window_bytes = WINDOW_BYTES;
    let mut window = ground.read(at, window_bytes)?;
    let mut offset = 0;
    loop {
        match read_record(&window, offset) {
            Ok(Some(record)) => {
                let end = record.end();
                let shift = u32::try_from(offset).map_err(|_| damaged(at))?;
                let position = Position {
                    segment: at.segment,
                    offset: at.offset + shift,
                };
                if take(record, position).ok_or_else(|| damaged(position))? {
                    return Ok(());
                }
                offset = end;
            }
            // The record may go on behind the window.
            Ok(None) | Err(SegmentError::CutOff(_)) if window.len() == window_bytes => {
                if window_bytes > COMMIT_BYTES_MAX {
                    return Err(damaged(at));
                }
                window_bytes *= 4;
                window = ground.read(at, window_bytes)?;
            }
            Ok(None) | Err(_) => return Err(damaged(at)),
        }
    }
}
