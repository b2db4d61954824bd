//! Why a piece is not proven: stable codes, each with its page under docs/errors.

use crate::report::Verdict;

/// Every code of this crate. Damage to a pack has codes of its own, in `countersign-pack`.
pub const ERROR_CODES: &[&str] = &[
    "no_pinned_key",
    "origin_not_pinned",
    "quorum_missing",
    "rests_on_checkpoint",
    "genesis_absent",
    "key_not_proven",
    "statement_absent",
    "body_absent",
    "envelope_absent",
    "mapping_absent",
    "piece_without_receipt",
    "subject_not_shown",
    "assurance_not_shown",
    "checkpoint_absent",
    "checkpoint_beyond",
    "ground_absent",
    "rests_on_ground",
    "tail_unreadable",
    "tile_absent",
    "format_unknown",
    "checkpoint_unreadable",
    "checkpoint_signature_wrong",
    "checkpoint_not_by_pinned_key",
    "checkpoint_not_by_genesis_key",
    "checkpoints_conflict",
    "checkpoint_mixed",
    "origin_mismatch",
    "genesis_wrong",
    "genesis_not_first",
    "proof_unreadable",
    "name_mismatch",
    "manifest_beyond_checkpoint",
    "statement_unreadable",
    "statement_not_logged",
    "claim_not_in_statement",
    "signature_wrong",
    "signer_not_issuer",
    "statement_refused",
    "batch_unreadable",
    "batch_not_logged",
    "batch_not_covering",
    "batch_not_by_node",
    "record_not_in_batch",
    "record_unreadable",
    "record_contradicts",
    "body_unreadable",
    "body_differs",
    "envelope_unreadable",
    "envelope_differs",
    "hole_missing",
    "mapping_differs",
    "enrolment_unreadable",
    "enrolment_refused",
    "conclusion_unreadable",
    "conclusion_not_by_node",
    "segment_header_wrong",
    "record_damaged",
    "commit_cut_off",
    "entry_out_of_place",
    "ground_short",
    "batch_not_following",
    "sealed_stray",
    "tree_differs",
    "tile_differs",
    "file_unknown",
];

/// One reason for each code, in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    NoPinnedKey,
    OriginNotPinned,
    QuorumMissing,
    RestsOnCheckpoint,
    GenesisAbsent,
    KeyNotProven,
    StatementAbsent,
    BodyAbsent,
    EnvelopeAbsent,
    MappingAbsent,
    PieceWithoutReceipt,
    SubjectNotShown,
    AssuranceNotShown,
    CheckpointAbsent,
    CheckpointBeyond,
    GroundAbsent,
    RestsOnGround,
    TailUnreadable,
    TileAbsent,
    FormatUnknown,
    CheckpointUnreadable,
    CheckpointSignatureWrong,
    CheckpointNotByPinnedKey,
    CheckpointNotByGenesisKey,
    CheckpointsConflict,
    CheckpointMixed,
    OriginMismatch,
    GenesisWrong,
    GenesisNotFirst,
    ProofUnreadable,
    NameMismatch,
    ManifestBeyondCheckpoint,
    StatementUnreadable,
    StatementNotLogged,
    ClaimNotInStatement,
    SignatureWrong,
    SignerNotIssuer,
    StatementRefused,
    BatchUnreadable,
    BatchNotLogged,
    BatchNotCovering,
    BatchNotByNode,
    RecordNotInBatch,
    RecordUnreadable,
    RecordContradicts,
    BodyUnreadable,
    BodyDiffers,
    EnvelopeUnreadable,
    EnvelopeDiffers,
    HoleMissing,
    MappingDiffers,
    EnrolmentUnreadable,
    EnrolmentRefused,
    ConclusionUnreadable,
    ConclusionNotByNode,
    SegmentHeaderWrong,
    RecordDamaged,
    CommitCutOff,
    EntryOutOfPlace,
    GroundShort,
    BatchNotFollowing,
    SealedStray,
    TreeDiffers,
    TileDiffers,
    FileUnknown,
}

impl Reason {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoPinnedKey => "no_pinned_key",
            Self::OriginNotPinned => "origin_not_pinned",
            Self::QuorumMissing => "quorum_missing",
            Self::RestsOnCheckpoint => "rests_on_checkpoint",
            Self::GenesisAbsent => "genesis_absent",
            Self::KeyNotProven => "key_not_proven",
            Self::StatementAbsent => "statement_absent",
            Self::BodyAbsent => "body_absent",
            Self::EnvelopeAbsent => "envelope_absent",
            Self::MappingAbsent => "mapping_absent",
            Self::PieceWithoutReceipt => "piece_without_receipt",
            Self::SubjectNotShown => "subject_not_shown",
            Self::AssuranceNotShown => "assurance_not_shown",
            Self::CheckpointAbsent => "checkpoint_absent",
            Self::CheckpointBeyond => "checkpoint_beyond",
            Self::GroundAbsent => "ground_absent",
            Self::RestsOnGround => "rests_on_ground",
            Self::TailUnreadable => "tail_unreadable",
            Self::TileAbsent => "tile_absent",
            Self::FormatUnknown => "format_unknown",
            Self::CheckpointUnreadable => "checkpoint_unreadable",
            Self::CheckpointSignatureWrong => "checkpoint_signature_wrong",
            Self::CheckpointNotByPinnedKey => "checkpoint_not_by_pinned_key",
            Self::CheckpointNotByGenesisKey => "checkpoint_not_by_genesis_key",
            Self::CheckpointsConflict => "checkpoints_conflict",
            Self::CheckpointMixed => "checkpoint_mixed",
            Self::OriginMismatch => "origin_mismatch",
            Self::GenesisWrong => "genesis_wrong",
            Self::GenesisNotFirst => "genesis_not_first",
            Self::ProofUnreadable => "proof_unreadable",
            Self::NameMismatch => "name_mismatch",
            Self::ManifestBeyondCheckpoint => "manifest_beyond_checkpoint",
            Self::StatementUnreadable => "statement_unreadable",
            Self::StatementNotLogged => "statement_not_logged",
            Self::ClaimNotInStatement => "claim_not_in_statement",
            Self::SignatureWrong => "signature_wrong",
            Self::SignerNotIssuer => "signer_not_issuer",
            Self::StatementRefused => "statement_refused",
            Self::BatchUnreadable => "batch_unreadable",
            Self::BatchNotLogged => "batch_not_logged",
            Self::BatchNotCovering => "batch_not_covering",
            Self::BatchNotByNode => "batch_not_by_node",
            Self::RecordNotInBatch => "record_not_in_batch",
            Self::RecordUnreadable => "record_unreadable",
            Self::RecordContradicts => "record_contradicts",
            Self::BodyUnreadable => "body_unreadable",
            Self::BodyDiffers => "body_differs",
            Self::EnvelopeUnreadable => "envelope_unreadable",
            Self::EnvelopeDiffers => "envelope_differs",
            Self::HoleMissing => "hole_missing",
            Self::MappingDiffers => "mapping_differs",
            Self::EnrolmentUnreadable => "enrolment_unreadable",
            Self::EnrolmentRefused => "enrolment_refused",
            Self::ConclusionUnreadable => "conclusion_unreadable",
            Self::ConclusionNotByNode => "conclusion_not_by_node",
            Self::SegmentHeaderWrong => "segment_header_wrong",
            Self::RecordDamaged => "record_damaged",
            Self::CommitCutOff => "commit_cut_off",
            Self::EntryOutOfPlace => "entry_out_of_place",
            Self::GroundShort => "ground_short",
            Self::BatchNotFollowing => "batch_not_following",
            Self::SealedStray => "sealed_stray",
            Self::TreeDiffers => "tree_differs",
            Self::TileDiffers => "tile_differs",
            Self::FileUnknown => "file_unknown",
        }
    }

    /// Whether something is missing, or something contradicts.
    pub(crate) const fn verdict(self) -> Verdict {
        match self {
            Self::NoPinnedKey
            | Self::OriginNotPinned
            | Self::QuorumMissing
            | Self::RestsOnCheckpoint
            | Self::GenesisAbsent
            | Self::KeyNotProven
            | Self::StatementAbsent
            | Self::BodyAbsent
            | Self::EnvelopeAbsent
            | Self::MappingAbsent
            | Self::PieceWithoutReceipt
            | Self::SubjectNotShown
            | Self::AssuranceNotShown
            | Self::CheckpointAbsent
            | Self::CheckpointBeyond
            | Self::GroundAbsent
            | Self::RestsOnGround
            | Self::TailUnreadable
            | Self::TileAbsent
            | Self::FormatUnknown => Verdict::CannotTell,
            _ => Verdict::Disproven,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_registered_in_order() {
        // The enum has no gaps, so its last value tells how many reasons there are.
        assert_eq!(Reason::FileUnknown as usize + 1, ERROR_CODES.len());
        assert_eq!(ERROR_CODES.first(), Some(&Reason::NoPinnedKey.code()));
        assert_eq!(ERROR_CODES.last(), Some(&Reason::FileUnknown.code()));
        let unique: std::collections::BTreeSet<&&str> = ERROR_CODES.iter().collect();
        assert_eq!(unique.len(), ERROR_CODES.len());
        assert!(ERROR_CODES.contains(&Reason::StatementRefused.code()));
        assert_eq!(
            ERROR_CODES[Reason::BodyDiffers as usize],
            Reason::BodyDiffers.code()
        );
        assert_eq!(
            ERROR_CODES[Reason::SubjectNotShown as usize],
            Reason::SubjectNotShown.code()
        );
        assert_eq!(
            ERROR_CODES[Reason::TileDiffers as usize],
            Reason::TileDiffers.code()
        );
    }
}
