//! The detectors, one a file. Each is complete in itself: what it finds (its opening words are
//! its documentation), its constants, its code, its table test; its page for users lies in
//! `docs/detectors/`.
//!
//! A detector is registered by one line in [`DETECTORS`], next to the `mod` that Rust asks for;
//! `cargo xtask new detector NAME` writes both. One that is declared and not registered is dead
//! code, and the build says so.

use countersign_model::digest::Digest;

use crate::detector::Detector;

// modules: begin
mod broken_chain;
mod broken_sequence;
mod clock_off;
mod conflicting_claim;
mod containment_change;
mod duplicate_identity;
mod dwell;
mod impossible_travel;
mod inventory_variance;
mod late_evidence;
mod late_units;
mod missing_units;
mod proof_missing;
mod quantity_gap;
mod record_tampering;
mod seal_broken;
mod seal_mismatch;
mod source_silent;
mod suppressed_statement;
mod unaccepted;
mod unexpected_units;
mod unsigned_handover;
mod weight_gap;
mod wrong_place;
// modules: end

/// Every detector, by id.
pub(crate) const DETECTORS: &[&Detector] = &[
    // detectors: begin
    &broken_chain::DETECTOR,
    &broken_sequence::DETECTOR,
    &clock_off::DETECTOR,
    &conflicting_claim::DETECTOR,
    &containment_change::DETECTOR,
    &duplicate_identity::DETECTOR,
    &dwell::DETECTOR,
    &impossible_travel::DETECTOR,
    &inventory_variance::DETECTOR,
    &late_evidence::DETECTOR,
    &late_units::DETECTOR,
    &missing_units::DETECTOR,
    &proof_missing::DETECTOR,
    &quantity_gap::DETECTOR,
    &record_tampering::DETECTOR,
    &seal_broken::DETECTOR,
    &seal_mismatch::DETECTOR,
    &source_silent::DETECTOR,
    &suppressed_statement::DETECTOR,
    &unaccepted::DETECTOR,
    &unexpected_units::DETECTOR,
    &unsigned_handover::DETECTOR,
    &weight_gap::DETECTOR,
    &wrong_place::DETECTOR,
    // detectors: end
];

/// A registered detector, for those who list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The detector's id, the `kind` of its findings.
    pub id: &'static str,
    /// Its version.
    pub version: u32,
    /// Digest of id, version and constants, as findings carry it.
    pub digest: Digest,
}

/// All registered detectors, by id.
pub fn rules() -> impl Iterator<Item = Rule> {
    DETECTORS.iter().map(|detector| Rule {
        id: detector.id,
        version: detector.version,
        digest: detector.rule(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_sorted() {
        assert!(DETECTORS.is_sorted_by(|a, b| a.id < b.id));
    }

    #[test]
    fn every_detector_has_its_page_and_every_page_its_detector() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/detectors");
        let entries = std::fs::read_dir(pages).expect("docs/detectors");
        let names = entries.map(|entry| entry.expect("entry").file_name());
        let mut found: Vec<String> = names
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".md")?.to_owned()))
            .filter(|name| name != "README")
            .collect();
        found.sort();
        let expect: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
        assert_eq!(found, expect);
    }
}
