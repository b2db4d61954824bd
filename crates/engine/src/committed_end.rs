//! The committed end of the ground: what the second place names, and what lies behind it.

use crate::checkpoint::Read;
use crate::components::NodeKeys;
use crate::engine::Fatal;
use countersign_ports::{Ground, Position, Published, StoreError};
use countersign_record::limits::SEGMENT_BYTES;

/// Bytes of one read when a segment is looked through.
const SCAN_BYTES: usize = 1024 * 1024;

pub(crate) fn damaged(segment: u32, why: &str) -> Fatal {
    Fatal::Damaged(format!("segment {segment:08} of the ground: {why}"))
}

pub(crate) fn short(offset: usize) -> u32 {
    u32::try_from(offset).expect("SEGMENT_BYTES fits 32 bits")
}

pub(crate) fn read_segment(ground: &dyn Ground, number: u32) -> Result<Vec<u8>, StoreError> {
    ground.read(
        Position {
            segment: number,
            offset: 0,
        },
        SEGMENT_BYTES,
    )
}

/// Zeroes what is written from `end` on, where `bytes` were read, so that no sealed part of a
/// statement that was never committed stays (LOG-4).
pub(crate) fn wipe_from(
    ground: &mut dyn Ground,
    bytes: &[u8],
    end: Position,
) -> Result<(), StoreError> {
    match used(bytes) {
        0 => Ok(()),
        len => ground.overwrite(end, &vec![0; len]),
    }
}

/// What is written from a place to the end of its segment, without the zeros behind it.
pub(crate) fn written_from(ground: &dyn Ground, at: Position) -> Result<Vec<u8>, StoreError> {
    let mut written = Vec::new();
    let mut zeros = 0_usize;
    let mut next = at;
    while (next.offset as usize) < SEGMENT_BYTES {
        let bytes = ground.read(next, SCAN_BYTES)?;
        if bytes.is_empty() {
            break;
        }
        match used(&bytes) {
            0 => zeros += bytes.len(),
            _ => {
                written.resize(written.len() + zeros, 0);
                written.extend(&bytes);
                zeros = 0;
            }
        }
        next.offset += short(bytes.len());
    }
    written.truncate(used(&written));
    Ok(written)
}

/// How many bytes from the beginning hold anything.
fn used(bytes: &[u8]) -> usize {
    let last = bytes.iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last + 1)
}

/// The checkpoint that the second place holds, which a key of this data folder must have signed.
pub(crate) fn read_own_checkpoint(note: &[u8], keys: &NodeKeys) -> Result<Read, Fatal> {
    let bad = |why: &str| Fatal::Damaged(format!("the second place: {why}"));
    let read = Read::parse(note).map_err(|error| bad(&error))?;
    match read.signed_by(&keys.checkpoint_vkeys()) {
        Some(_) => Ok(read),
        None => Err(bad("the checkpoint there is not signed by this log's key")),
    }
}

/// The published checkpoint; `None` when there is none of ours.
pub(crate) fn published_checkpoint(
    published: &dyn Published,
    keys: &NodeKeys,
) -> Result<Option<Read>, Fatal> {
    let note = published.get("checkpoint")?;
    Ok(note.and_then(|note| read_own_checkpoint(&note, keys).ok()))
}
