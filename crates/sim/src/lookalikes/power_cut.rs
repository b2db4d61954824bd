//! Power cut: in the night everything that a building has on its mains is silent for half an hour.
//! Nobody works there, and nothing is gone.

use countersign_model::network::SiteKind;

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let buildings = [SiteKind::Warehouse, SiteKind::Hub].map(|kind| draft.atlas.of_kind(kind));
    let mut sites = buildings.concat();
    // Where something is dark already, the two could not be told apart.
    sites.retain(|site| !draft.is_darkened(&draft.atlas.mains_of(*site)));
    let site = chance.pick(&sites).copied()?;
    let zone = draft.atlas.site(site).zones.first().copied()?;
    let devices = draft.atlas.mains_of(site);
    // Behind the taking of stock and before the first picking.
    let from = draft.day.at(2, 44).plus(minutes(chance.between(0, 6)));
    let n = chance.between(27, 38);
    draft.darken(devices.clone(), from, n);
    Some(TruthRow {
        from,
        until: shifted(from, n + 10),
        sources: draft.atlas.ids_of(&devices),
        allowed: kinds(&["source_silent"]),
        ..draft.row_of_place(zone, "power_cut", &[])
    })
}
