//! Ghost scan: cartons are taken on the way to a hub, and its dock says that it unloaded them, so
//! that the truck looks whole. They are missing where they should go on from; a camera over that dock
//! counts fewer.

use crate::draft::{Draft, lane_grace};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        !load.ends_here && load.counted.is_empty() && load.pallets.is_empty()
    })?;
    let (onward, shared) = draft.onward(no)?;
    let n = chance.count(1, 4);
    let stolen = chance.some_of(&shared, n);
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.ghosts.extend(stolen.iter().copied());
    let from = draft.load(no).depart;
    draft.quirks(onward).absent.extend(stolen.iter().copied());
    draft.load_mut(onward).taken = true;
    let first = draft.row_of_load(no, "ghost_scan", &stolen);
    let mut row = TruthRow {
        act: true,
        from,
        until: draft.load(onward).depart_by.plus(lane_grace()),
        kinds: vec!["missing_units".to_owned()],
        ..draft.row_of_load(onward, "ghost_scan", &stolen)
    };
    row.places.extend(first.places);
    row.manifests.extend(first.manifests);
    Some(draft.seen_by_cameras(no, row))
}
