//! Collusion: the dock gives and the customer takes cartons that never were on the truck. Both
//! sign: plans and claims agree, unless a camera over the dock has counted.

use countersign_model::network::SiteKind;

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let customers = draft.atlas.of_kind(SiteKind::Customer);
    let no = draft.take_load(chance, |load, lane| {
        let loose = load.counted.is_empty() && load.units.len() >= 6;
        load.ends_here && loose && customers.contains(&lane.to)
    })?;
    let n = chance.count(2, 5);
    let stolen = draft.some_loose(no, n, chance);
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.ghosts.extend(stolen.iter().copied());
    quirks.phantoms.extend(stolen.iter().copied());
    let row = TruthRow {
        act: true,
        kinds: vec!["missing_units".to_owned(), "containment_change".to_owned()],
        ..draft.row_of_load(no, "collusion", &stolen)
    };
    Some(draft.seen_by_cameras(no, row))
}
