//! Diverted: gate and dock of a hub sign for a trailer that does not come. Its tracker says where it
//! is, long after it has arrived in words; and where its load should go on from, it is missing.

use std::collections::BTreeSet;

use crate::clock::{minutes, shifted};
use crate::draft::{Draft, lane_grace};
use crate::load::{Begins, Load};
use crate::names::{LoadNo, UnitNo};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = take(draft, chance)?;
    let load = draft.load(no);
    // Until all have signed it is under way as any other.
    let from = shifted(load.depart, 12);
    let until = load.arrive.plus(minutes(chance.between(50, 95)));
    let arrive = load.arrive;
    let cells = draft.lead_astray(no, (from, until), chance)?;
    // Nothing is said of it while gate and dock sign.
    let signs = shifted(arrive, -1)..shifted(arrive, 12);
    let trailer = draft.load_mut(no).trailer.as_mut()?;
    trailer.strayed.retain(|(at, _)| !signs.contains(at));
    draft.quirks(no).diverted = true;
    let stolen = draft.load(no).everything();
    let kinds = [
        "unsigned_handover",
        "missing_units",
        "containment_change",
        "out_of_sequence",
    ];
    let mut row = TruthRow {
        act: true,
        from: arrive,
        kinds: kinds.map(str::to_owned).to_vec(),
        allowed: vec!["seal_mismatch".to_owned(), "late_units".to_owned()],
        ..draft.row_of_load(no, "diverted", &stolen)
    };
    row.places.extend(cells);
    for (onward, missed) in draft.onward_all(no) {
        let next = draft.row_of_load(onward, "diverted", &missed);
        row.places.extend(next.places);
        row.manifests.extend(next.manifests);
        let due = draft.load(onward).depart_by.plus(lane_grace());
        row.until = row.until.max(due);
        draft.quirks(onward).absent.extend(missed);
        draft.load_mut(onward).taken = true;
    }
    Some(row)
}

/// A tracked load whose goods go on by loads that nothing else has; or else one that ends at the hub.
fn take(draft: &mut Draft, chance: &mut Chance) -> Option<LoadNo> {
    let fits = |load: &Load| load.counted.is_empty() && load.trailer.is_some() && !load.taken;
    let numbers = (0..draft.loads.len()).map(LoadNo);
    let free: Vec<LoadNo> = numbers
        .filter(|no| {
            let load = draft.load(*no);
            let mut onward = draft.onward_all(*no).into_iter();
            !load.ends_here && fits(load) && onward.all(|(next, _)| !draft.load(next).taken)
        })
        .collect();
    if let Some(no) = chance.pick(&free).copied() {
        draft.load_mut(no).taken = true;
        return Some(no);
    }
    draft.take_load(chance, |load, _| load.ends_here && fits(load))
}

impl Draft {
    /// The loads by which goods of a load go on, and which of them.
    fn onward_all(&self, no: LoadNo) -> Vec<(LoadNo, Vec<UnitNo>)> {
        let units: BTreeSet<UnitNo> = self.load(no).units.iter().copied().collect();
        if self.load(no).ends_here {
            return Vec::new();
        }
        let loads = self.loads.iter().enumerate();
        let next = loads.filter(|(_, load)| load.begins == Begins::CrossDock);
        let shared = next.map(|(at, load)| {
            let shared = load.units.iter().filter(|unit| units.contains(unit));
            (LoadNo(at), shared.copied().collect::<Vec<UnitNo>>())
        });
        shared.filter(|(_, shared)| !shared.is_empty()).collect()
    }
}
