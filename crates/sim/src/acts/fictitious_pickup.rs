//! Fictitious pick-up: somebody who is not the carrier drives off with the load. The giver
//! signed, the carrier never does, and nothing arrives.

use countersign_model::network::ContractMode;

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, lane| {
        load.ends_here
            && load.counted.is_empty()
            && lane.mode == ContractMode::Both
            && load.acceptor.is_some()
    })?;
    // Whoever is not the carrier does not come with its trailer.
    draft.unhitch(no);
    let quirks = draft.quirks(no);
    quirks.no_acceptance = true;
    quirks.never_arrives = true;
    let load = draft.load(no);
    let stolen = load.planned();
    Some(TruthRow {
        act: true,
        from: load.depart,
        kinds: vec!["unsigned_handover".to_owned(), "missing_units".to_owned()],
        // With the load its seal is gone.
        allowed: vec!["seal_mismatch".to_owned()],
        ..draft.row_of_load(no, "fictitious_pickup", &stolen)
    })
}
