//! Forgotten scan: the driver drives off without signing, and everything arrives.

use countersign_model::network::ContractMode;

use super::kinds;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, lane| {
        load.ends_here && lane.mode == ContractMode::Both && load.acceptor.is_some()
    })?;
    draft.quirks(no).no_acceptance = true;
    let units = draft.load(no).everything();
    Some(TruthRow {
        classes: lots(draft, no),
        allowed: kinds(&["unsigned_handover"]),
        ..draft.row_of_load(no, "forgotten_scan", &units)
    })
}

fn lots(draft: &Draft, no: crate::names::LoadNo) -> Vec<String> {
    let counted = draft.load(no).counted.iter();
    counted.map(|lot| lot.class.link.clone()).collect()
}
