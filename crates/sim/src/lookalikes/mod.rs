//! Innocent look-alikes, one family a file: what honest days bring that looks like a theft.
//!
//! A row lists the kinds of findings that are `allowed`: a late truck *is* late. Of a theft kind it
//! forgives only what is taken back (docs/formats/scenario.md).

mod broken_camera;
mod camera_glare;
mod cancelled_pickup;
mod count_in_motion;
mod customs_stop;
mod damaged;
mod duplicate_resend;
mod early_truck;
mod error_declaration;
mod failed_count;
mod forgotten_scan;
mod honest_return;
mod intact_seal;
mod late_correction;
mod late_truck;
mod left_behind;
mod manifest_resent;
mod missort;
mod moved_stock;
mod offline_upload;
mod papers_late_but_there;
mod poor_fix;
mod power_cut;
mod quiet_reader;
mod recount;
mod relabelled;
mod rest_stop;
mod scale_checked;
mod scale_noise;
mod scale_retyped;
mod slow_unloading;
mod split_delivery;

use crate::acts::{Family, family};

/// All families of look-alikes; those of the demo first.
pub(crate) static ALL: [Family; 32] = [
    family("late_truck", late_truck::plant),
    family("missort", missort::plant),
    family("forgotten_scan", forgotten_scan::plant),
    family("failed_count", failed_count::plant),
    family("recount", recount::plant),
    family("offline_upload", offline_upload::plant),
    family("duplicate_resend", duplicate_resend::plant),
    family("scale_noise", scale_noise::plant),
    family("error_declaration", error_declaration::plant),
    family("left_behind", left_behind::plant),
    family("manifest_resent", manifest_resent::plant),
    family("late_correction", late_correction::plant),
    family("damaged", damaged::plant),
    family("honest_return", honest_return::plant),
    family("slow_unloading", slow_unloading::plant),
    family("moved_stock", moved_stock::plant),
    family("cancelled_pickup", cancelled_pickup::plant),
    family("early_truck", early_truck::plant),
    family("quiet_reader", quiet_reader::plant),
    family("relabelled", relabelled::plant),
    family("split_delivery", split_delivery::plant),
    family("intact_seal", intact_seal::plant),
    family("power_cut", power_cut::plant),
    family("broken_camera", broken_camera::plant),
    family("scale_retyped", scale_retyped::plant),
    family("scale_checked", scale_checked::plant),
    family("papers_late_but_there", papers_late_but_there::plant),
    family("count_in_motion", count_in_motion::plant),
    family("rest_stop", rest_stop::plant),
    family("poor_fix", poor_fix::plant),
    family("customs_stop", customs_stop::plant),
    family("camera_glare", camera_glare::plant),
];

/// The first families, which the demo plays.
pub(crate) fn of_demo() -> &'static [Family] {
    ALL.get(..10).unwrap_or(&ALL)
}

/// Kinds of findings as a row lists them.
fn kinds(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
