//! Thefts and losses, one family a file. Each changes what truly happens and says so in its row.

mod adjustment_cover;
mod amount_short;
mod backdated_correction;
mod break_in;
mod cloned_identity;
mod collusion;
mod contents_taken;
mod covered_edit;
mod diverted;
mod doors_on_the_road;
mod driven_off;
mod fake_return;
mod fictitious_pickup;
mod ghost_scan;
mod insider;
mod left_without_papers;
mod manifest_edit;
mod night_raid;
mod pilferage;
mod seal_swap;
mod short_load;
mod shrinkage;
mod skipped_handover;
mod smuggled_out;
mod staged_loss;
mod storage_theft;
mod suppressed_statements;
mod swapped;
mod weight_covered;

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

/// A family of acts or look-alikes.
#[derive(Debug)]
pub(crate) struct Family {
    /// Its word in the truth: the name of its file.
    pub(crate) name: &'static str,
    /// Plants one of its kind, or nothing when no load is left for it.
    pub(crate) plant: fn(&mut Draft, &mut Chance) -> Option<TruthRow>,
}

/// One line of a list of families.
pub(crate) const fn family(
    name: &'static str,
    plant: fn(&mut Draft, &mut Chance) -> Option<TruthRow>,
) -> Family {
    Family { name, plant }
}

/// All families of acts; those of the demo first.
pub(crate) static ALL: [Family; 29] = [
    family("pilferage", pilferage::plant),
    family("short_load", short_load::plant),
    family("storage_theft", storage_theft::plant),
    family("contents_taken", contents_taken::plant),
    family("amount_short", amount_short::plant),
    family("fictitious_pickup", fictitious_pickup::plant),
    family("covered_edit", covered_edit::plant),
    family("swapped", swapped::plant),
    family("skipped_handover", skipped_handover::plant),
    family("manifest_edit", manifest_edit::plant),
    family("backdated_correction", backdated_correction::plant),
    family("adjustment_cover", adjustment_cover::plant),
    family("cloned_identity", cloned_identity::plant),
    family("ghost_scan", ghost_scan::plant),
    family("insider", insider::plant),
    family("suppressed_statements", suppressed_statements::plant),
    family("fake_return", fake_return::plant),
    family("staged_loss", staged_loss::plant),
    family("collusion", collusion::plant),
    family("seal_swap", seal_swap::plant),
    family("break_in", break_in::plant),
    family("night_raid", night_raid::plant),
    family("weight_covered", weight_covered::plant),
    family("left_without_papers", left_without_papers::plant),
    family("shrinkage", shrinkage::plant),
    family("doors_on_the_road", doors_on_the_road::plant),
    family("driven_off", driven_off::plant),
    family("diverted", diverted::plant),
    family("smuggled_out", smuggled_out::plant),
];

/// The first families, which the demo plays.
pub(crate) fn of_demo() -> &'static [Family] {
    ALL.get(..8).unwrap_or(&ALL)
}
