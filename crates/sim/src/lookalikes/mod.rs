//! Innocent look-alikes, one family a file: what honest days bring that looks like a theft.
//!
//! A row lists the kinds of findings that are `allowed`: a late truck *is* late. A theft kind is
//! never among them (docs/formats/scenario.md).

mod duplicate_resend;
mod error_declaration;
mod failed_count;
mod forgotten_scan;
mod late_truck;
mod left_behind;
mod missort;
mod offline_upload;
mod recount;
mod scale_noise;

use crate::acts::Family;

/// All families of look-alikes.
pub(crate) const FAMILIES: [Family; 10] = [
    ("late_truck", late_truck::plant),
    ("missort", missort::plant),
    ("forgotten_scan", forgotten_scan::plant),
    ("failed_count", failed_count::plant),
    ("recount", recount::plant),
    ("offline_upload", offline_upload::plant),
    ("duplicate_resend", duplicate_resend::plant),
    ("scale_noise", scale_noise::plant),
    ("error_declaration", error_declaration::plant),
    ("left_behind", left_behind::plant),
];

/// Kinds of findings as a row lists them.
fn kinds(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
