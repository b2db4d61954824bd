//! Smuggled out: cartons from a shelf go out in a truck whose papers do not name them. Whoever signs
//! there signs for the rest; the camera over the dock counts them all.

use std::collections::BTreeSet;

use crate::draft::Draft;
use crate::load::Begins;
use crate::names::{Name, PlaceNo, SiteNo};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let docks = draft.docks_counted(true);
    let sites: BTreeSet<SiteNo> = docks
        .iter()
        .map(|dock| draft.atlas.place(*dock).site)
        .collect();
    let zones = sites.iter().flat_map(|site| &draft.atlas.site(*site).zones);
    let zones: BTreeSet<PlaceNo> = zones.copied().collect();
    let count = draft.take_count_where(chance, |count| zones.contains(&count.place))?;
    let (place, opens) = draft.counts.get(count).map(|one| (one.place, one.opens))?;
    let no = draft.take_load(chance, |load, _| {
        let leaves = load.begins == Begins::InStock && load.depart < opens;
        leaves && docks.contains(&load.dock_from)
    })?;
    let n = chance.count(2, 6);
    let stolen = draft.take_idle(place, n, chance);
    draft
        .counts
        .get_mut(count)?
        .gone
        .extend(stolen.iter().copied());
    draft.quirks(no).smuggled = stolen.len();
    let load = draft.row_of_load(no, "smuggled_out", &stolen);
    let mut row = TruthRow {
        act: true,
        classes: vec![Name::carton().link],
        kinds: vec!["quantity_mismatch".to_owned(), "missing_units".to_owned()],
        ..draft.row_of_count(count, "smuggled_out", &stolen)
    };
    row.places.extend(load.places);
    row.manifests.extend(load.manifests);
    Some(row)
}
