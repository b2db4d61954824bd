//! Swapped: cartons of a load are taken and as many others put in their place, so that the
//! number on the truck is right. The others are strangers, or cheap stock of the warehouse.

use crate::draft::Draft;
use crate::load::Begins;
use crate::names::{LoadNo, UnitNo};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.counted.is_empty() && load.units.len() >= 10
    })?;
    let n = chance.count(2, 5);
    let stolen = draft.some_loose(no, n, chance);
    let others = others(draft, no, stolen.len(), chance);
    let quirks = draft.quirks(no);
    quirks.off_truck.extend(stolen.iter().copied());
    quirks.slipped_in.clone_from(&others);
    let cents = draft.goods.cents(&stolen);
    let concerned: Vec<UnitNo> = stolen.into_iter().chain(others).collect();
    let row = TruthRow {
        act: true,
        cents,
        from: draft.load(no).depart,
        kinds: vec!["unexpected_units".to_owned(), "missing_units".to_owned()],
        allowed: vec!["unsigned_handover".to_owned()],
        ..draft.row_of_load(no, "swapped", &concerned)
    };
    // A camera counts what was put in, too, and no line of the papers stands for it.
    Some(draft.noticed_by_cameras(no, row))
}

/// What stands in the place of the stolen units.
fn others(draft: &mut Draft, no: LoadNo, n: usize, chance: &mut Chance) -> Vec<UnitNo> {
    let site = draft.lane_of(no).from;
    let zones = draft.atlas.site(site).zones.clone();
    if draft.load(no).begins == Begins::InStock && chance.chance(400) {
        let zone = chance.pick(&zones).copied();
        let stock = zone.map(|zone| draft.take_idle(zone, n, chance));
        if let Some(stock) = stock.filter(|stock| stock.len() == n) {
            return stock;
        }
    }
    (0..n).map(|_| draft.goods.add_stranger(chance)).collect()
}
