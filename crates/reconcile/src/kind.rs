//! The kinds of discrepancy and the stages of a plan, each with its one word.

use std::fmt;

/// What does not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A deadline passed and nothing was seen of the unit since.
    Missing,
    /// Seen, but after its deadline; or a count that nobody made.
    Late,
    /// Not where it was to arrive; since it left, seen at another site.
    WrongPlace,
    /// A counted class left or arrived in another amount than was said.
    QuantityMismatch,
    /// A count found another amount of a class than the books have there.
    InventoryVariance,
    /// Two weights of one unit differ by more than its tolerance.
    WeightMismatch,
    /// Taken where no plan sends it.
    Unexpected,
    /// Seen where its own history says it cannot be.
    OutOfSequence,
    /// At another site sooner than anybody makes the way.
    ImpossibleTravel,
    /// There and back, each time sooner than anybody makes the way: two things with one name.
    DuplicateIdentity,
    /// It stayed, or was under way, for longer than the network allows.
    Dwell,
    /// It was recorded when what is concluded of its time was settled, and moves nothing.
    LateEvidence,
    /// Custody moved without the signatures that its contract asks for.
    CustodyGap,
    /// It arrived, and nobody there signed for it, as the contract asks.
    Unaccepted,
    /// A document that was due did not come, or came after what it is for had left.
    ProofMissing,
    /// The same claim, or the same plan, was said twice with different content.
    ConflictingClaim,
    /// A unit is no longer in the container in which it was said to be.
    ContainmentChange,
    /// Another seal than the plan says is on the load.
    SealMismatch,
    /// Found open, and nobody said that he opened it.
    SealBroken,
    /// A correction made a loss disappear, and nobody else confirms it.
    RecordTampering,
    /// A source was not heard for longer than its contract allows.
    SourceSilent,
    /// Statements of a chain never came, though later ones did.
    SuppressedStatement,
}

/// Every kind with its word and what it means, in the order of the enum.
pub const KINDS: [(Kind, &str, &str); 22] = [
    (
        Kind::Missing,
        "missing",
        "a deadline passed and nothing was seen of the unit since",
    ),
    (
        Kind::Late,
        "late",
        "seen, but after its deadline; or a count that nobody made",
    ),
    (
        Kind::WrongPlace,
        "wrong_place",
        "not where it was to arrive; since it left, seen at another site",
    ),
    (
        Kind::QuantityMismatch,
        "quantity_mismatch",
        "a counted class left or arrived in another amount than was said",
    ),
    (
        Kind::InventoryVariance,
        "inventory_variance",
        "a count found another amount of a class than the books have there",
    ),
    (
        Kind::WeightMismatch,
        "weight_mismatch",
        "two weights of one unit differ by more than its tolerance",
    ),
    (
        Kind::Unexpected,
        "unexpected",
        "taken where no plan sends it",
    ),
    (
        Kind::OutOfSequence,
        "out_of_sequence",
        "seen where its own history says it cannot be",
    ),
    (
        Kind::ImpossibleTravel,
        "impossible_travel",
        "at another site sooner than anybody makes the way",
    ),
    (
        Kind::DuplicateIdentity,
        "duplicate_identity",
        "there and back, each time sooner than anybody makes the way: two things with one name",
    ),
    (
        Kind::Dwell,
        "dwell",
        "it stayed, or was under way, for longer than the network allows",
    ),
    (
        Kind::LateEvidence,
        "late_evidence",
        "recorded when what is concluded of its time was settled; it moves nothing",
    ),
    (
        Kind::CustodyGap,
        "custody_gap",
        "custody moved without the signatures that its contract asks for",
    ),
    (
        Kind::Unaccepted,
        "unaccepted",
        "it arrived, and nobody there signed for it, as the contract asks",
    ),
    (
        Kind::ProofMissing,
        "proof_missing",
        "a document that was due did not come, or came after what it is for had left",
    ),
    (
        Kind::ConflictingClaim,
        "conflicting_claim",
        "the same claim or plan was said twice with different content",
    ),
    (
        Kind::ContainmentChange,
        "containment_change",
        "a unit is no longer in the container in which it was said to be",
    ),
    (
        Kind::SealMismatch,
        "seal_mismatch",
        "another seal than the plan says is on the load",
    ),
    (
        Kind::SealBroken,
        "seal_broken",
        "found open, and nobody said that he opened it",
    ),
    (
        Kind::RecordTampering,
        "record_tampering",
        "a correction made a loss disappear, and nobody else confirms it",
    ),
    (
        Kind::SourceSilent,
        "source_silent",
        "a source was not heard for longer than its contract allows",
    ),
    (
        Kind::SuppressedStatement,
        "suppressed_statement",
        "statements of a chain never came, though later ones did",
    ),
];

impl Kind {
    /// The word in ids, records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let row = KINDS.iter().find(|(kind, _, _)| *kind == self);
        row.map_or("", |(_, word, _)| word)
    }

    /// Reads [`Kind::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let row = KINDS.iter().find(|(_, word, _)| *word == text);
        row.map(|(kind, _, _)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Stage of a manifest line: it must leave.
pub const STAGE_DEPART: &str = "depart";
/// Stage of a manifest line: it must arrive.
pub const STAGE_ARRIVE: &str = "arrive";
/// The one stage of a count plan.
pub const STAGE_COUNT: &str = "count";
/// The one stage of a stop of a route.
pub const STAGE_STOP: &str = "stop";
/// The one stage of a document that is due.
pub const STAGE_DOCUMENT: &str = "document";
/// Stage of a manifest as a whole: it was changed.
pub const STAGE_CHANGE: &str = "change";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_one_word_each_in_the_order_of_the_enum() {
        for (kind, word, _) in KINDS {
            assert_eq!(kind.as_str(), word);
            assert_eq!(Kind::parse(word), Some(kind));
        }
        assert!(KINDS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(Kind::parse("lost"), None);
    }
}
