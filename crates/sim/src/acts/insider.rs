//! Insider over weeks: at one dock a single carton stays out of the truck, now and then, day after
//! day. A row is one day's carton; the dock is always the same, as long as it has loads.

use crate::draft::Draft;
use crate::names::SiteNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    // Where that dock has no load left for it, at another one.
    let docks = draft.atlas.site(SiteNo(0)).docks.clone();
    let mut docks = docks.into_iter().rev();
    let no = docks.find_map(|dock| {
        draft.take_load(chance, |load, _| {
            load.ends_here && load.counted.is_empty() && load.dock_from == dock
        })
    })?;
    let stolen = draft.some_loose(no, 1, chance);
    draft.quirks(no).unloaded.extend(stolen.iter().copied());
    Some(TruthRow {
        act: true,
        until: draft.load(no).depart,
        kinds: vec!["missing_units".to_owned()],
        ..draft.row_of_load(no, "insider", &stolen)
    })
}
