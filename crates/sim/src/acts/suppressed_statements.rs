//! Suppressed statements: cartons come to a hub and are carried off there, and what its gate and
//! dock had said of them never leaves the devices. Their chains have a gap.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;
use countersign_model::network::SiteKind;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let hubs = draft.atlas.of_kind(SiteKind::Hub);
    let no = draft.take_load(chance, |load, lane| {
        let loose = load.counted.is_empty() && load.units.len() >= 8;
        load.ends_here && loose && hubs.contains(&lane.to)
    })?;
    let n = chance.count(2, 6);
    let stolen = draft.some_loose(no, n, chance);
    draft.quirks(no).hushed.extend(stolen.iter().copied());
    let load = draft.load(no);
    let gate = draft.atlas.site(draft.lane_of(no).to).gate;
    let readers = gate.into_iter().chain([load.dock_to]);
    let sources = readers.map(|place| draft.atlas.device(draft.atlas.reader(place)).id.clone());
    let kinds = ["missing_units", "suppressed_statement"];
    let row = TruthRow {
        act: true,
        from: load.arrive,
        sources: sources.collect(),
        kinds: kinds.map(str::to_owned).to_vec(),
        ..draft.row_of_load(no, "suppressed_statements", &stolen)
    };
    Some(draft.seen_by_cameras(no, row))
}
