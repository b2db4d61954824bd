//! The total order of what is said (format law 9): corrected event time, source, epoch,
//! counter, ordinal in the statement, claim digest. The log index is no part of it.

use std::cmp::Ordering;

use countersign_model::time::Timestamp;

use super::atlas::Atlas;
use super::claims::ClaimRow;

/// The claim's own time, by its signer's corrected clock.
pub(crate) fn claim_time(atlas: &Atlas, claim: &ClaimRow) -> Timestamp {
    atlas.corrected(claim.signed(), claim.time)
}

/// Which of two claims comes first if their times are equal.
pub(crate) fn behind_time(atlas: &Atlas, (a, b): (&ClaimRow, &ClaimRow)) -> Ordering {
    let name = |issuer| atlas.names.principals.name(issuer);
    let by_issuer = if a.issuer == b.issuer {
        Ordering::Equal
    } else {
        name(a.issuer).cmp(name(b.issuer))
    };
    by_issuer
        .then_with(|| a.chain.cmp(&b.chain))
        .then_with(|| a.at.ordinal.cmp(&b.at.ordinal))
        .then_with(|| a.digest.cmp(&b.digest))
}
