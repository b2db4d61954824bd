//! The committed end of the ground: what the second place names, and what lies behind it.

use crate::checkpoint::Read;
use crate::components::NodeKeys;
use crate::engine::Fatal;
use countersign_ports::{Ground, Position, Published, StoreError};
use countersign_record::limits::SEGMENT_BYTES;

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

/// How many bytes from the beginning hold anything.
pub(crate) fn used(bytes: &[u8]) -> usize {
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
