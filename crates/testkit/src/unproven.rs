//! The verifier's word on loose files, for tests that hold receipts.

use countersign_verify::{Trust, Verdict, verify_receipts};

/// What of these files, given by name and bytes, the verifier does not find proven by these keys of
/// a log; empty when everything is, and there is something.
///
/// # Panics
/// If a key is none.
#[must_use]
pub fn unproven(files: &[(String, Vec<u8>)], vkeys: &[String]) -> Vec<String> {
    let trust = Trust::keys(vkeys.iter().map(String::as_str)).expect("verifier keys");
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let report = verify_receipts(&files, &trust);
    if report.pieces.is_empty() {
        return vec!["there is nothing to prove".to_owned()];
    }
    let pieces = report.pieces.iter();
    let wrong = pieces.filter(|piece| piece.verdict != Verdict::Proven);
    wrong
        .map(|piece| {
            format!(
                "{}: {}: {} {}",
                piece.name, piece.claim, piece.code, piece.detail
            )
        })
        .collect()
}
