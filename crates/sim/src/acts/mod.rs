//! Thefts and losses, one family a file. Each changes what truly happens and says so in its row.

mod amount_short;
mod contents_taken;
mod covered_edit;
mod fictitious_pickup;
mod pilferage;
mod short_load;
mod storage_theft;
mod swapped;

use crate::draft::{Draft, Planted};
use crate::rng::Chance;

/// A family of acts or look-alikes: plants one of its kind, or nothing when no load is left for it.
pub(crate) type Family = (&'static str, fn(&mut Draft, &mut Chance) -> Option<Planted>);

/// All families of acts.
pub(crate) const FAMILIES: [Family; 8] = [
    ("pilferage", pilferage::plant),
    ("short_load", short_load::plant),
    ("storage_theft", storage_theft::plant),
    ("contents_taken", contents_taken::plant),
    ("amount_short", amount_short::plant),
    ("fictitious_pickup", fictitious_pickup::plant),
    ("covered_edit", covered_edit::plant),
    ("swapped", swapped::plant),
];
