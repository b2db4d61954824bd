//! The committed end of the ground: what the second place names, and what lies behind it.

use countersign_ports::{Ground, Position, StoreError};
use countersign_record::limits::SEGMENT_BYTES;

use crate::engine::Fatal;

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

/// Zeroes what is written behind `end`, so that no sealed part of a statement that was never
/// committed stays (LOG-4).
pub(crate) fn wipe_from(
    ground: &mut dyn Ground,
    bytes: &[u8],
    end: Position,
) -> Result<(), StoreError> {
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    match used.checked_sub(end.offset as usize) {
        None | Some(0) => Ok(()),
        Some(len) => ground.overwrite(end, &vec![0; len]),
    }
}
