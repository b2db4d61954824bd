//! Broken camera: one camera says nothing for hours of the day, until somebody mends it. Its alarm
//! panel and all readers go on, and nothing is gone.

use super::kinds;
use crate::clock::{minutes, shifted};
use crate::draft::Draft;
use crate::names::SiteNo;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let mut sites: Vec<SiteNo> = (0..draft.atlas.sites.len()).map(SiteNo).collect();
    sites.retain(|site| !draft.is_darkened(&draft.atlas.watchers_of(*site)));
    let site = chance.pick(&sites).copied()?;
    let zone = draft.atlas.site(site).zones.first().copied()?;
    let camera = draft.atlas.watchers_of(site).into_iter().take(1).collect();
    let from = draft.day.at(7, 0).plus(minutes(chance.between(0, 480)));
    let n = chance.between(120, 300);
    let sources = draft.atlas.ids_of(&camera);
    draft.darken(camera, from, n);
    Some(TruthRow {
        from,
        until: shifted(from, n + 10),
        sources,
        allowed: kinds(&["source_silent"]),
        ..draft.row_of_place(zone, "broken_camera", &[])
    })
}
