//! Count in motion: while the site is counted, a load takes pieces of a lot along by its manifest: from
//! a zone where they were counted already, or from one where they are not counted any more.

use countersign_model::time::Span;

use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::load::Load;
use crate::rng::Chance;
use crate::shelves::{MID_ROUND_MIN, is_movable};
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let lot = draft.take_lot(chance)?;
    let count = draft.count_of(&lot)?.clone();
    let no = draft.take_load(chance, |load, lane| {
        lane.from == lot.site && is_movable(load)
    })?;
    let leaves = count
        .opens
        .plus(minutes(chance.between(MID_ROUND_MIN.0, MID_ROUND_MIN.1)));
    draft.unhitch(no);
    let pieces = chance.between(4, 16) * 5;
    let load = draft.load_mut(no);
    put_off(load, leaves.since(load.depart));
    load.take_along(&lot, pieces);
    let mut row = draft.row_of_lot(&lot, &count, "count_in_motion");
    row.manifests.push(draft.load(no).manifest.link.clone());
    row.until = row.until.max(shifted(draft.load(no).arrive_by, 30));
    Some(row)
}

/// The same load so much later, or earlier.
fn put_off(load: &mut Load, by: Span) {
    let times = [
        &mut load.ready,
        &mut load.depart,
        &mut load.arrive,
        &mut load.depart_by,
        &mut load.arrive_by,
    ];
    for time in times {
        *time = time.plus(by);
    }
}
