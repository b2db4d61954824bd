//! Why bytes are no receipt, or prove nothing; one code each, listed in docs/formats/cose-receipt.md.

use countersign_model::cbor::CborError;

/// Why a COSE receipt or a SCITT statement is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoseReceiptError {
    /// More bytes, proofs or receipts than a limit allows.
    #[error("it is larger than the limits of the format")]
    TooLarge,
    /// The CBOR is not written as this crate reads it.
    #[error("malformed CBOR: {0}")]
    Cbor(CborError),
    /// Not a tagged COSE_Sign1 of four elements.
    #[error("it is not a COSE_Sign1 with tag 18")]
    NotSign1,
    /// A header has not the form that its specification asks for.
    #[error("malformed header: {0}")]
    Header(&'static str),
    /// `crit` names a label that this crate does not act on.
    #[error("a critical header parameter is not supported")]
    UnsupportedCrit,
    /// The protected header does not say of which structure the proofs are.
    #[error("the protected header has no vds")]
    VdsMissing,
    /// A verifiable data structure other than RFC9162_SHA256, for instance that of CCF.
    #[error("a verifiable data structure that is not supported")]
    UnsupportedVds,
    /// An algorithm other than ES256 and EdDSA.
    #[error("a signature algorithm that is not supported")]
    UnsupportedAlg,
    /// The receipt has no proof of the kind that was asked for, or none from the size asked for.
    #[error("there is no such proof in the receipt")]
    ProofMissing,
    /// A proof is not an array of two sizes and a path of hashes.
    #[error("a proof is malformed")]
    ProofMalformed,
    /// A proof about the tree without leaves.
    #[error("a proof about a tree of no leaves")]
    ZeroSizeTree,
    /// The leaf index is not below the tree size.
    #[error("the leaf lies beyond the tree")]
    IndexBeyondTree,
    /// The older tree of a consistency proof is larger than the newer one.
    #[error("the older tree is larger than the newer one")]
    SizesReversed,
    /// The path has not the one length that size and index ask for, or is empty.
    #[error("the path has the wrong number of hashes")]
    PathLengthWrong,
    /// The key that was brought is of another algorithm than the header names.
    #[error("the key is of another algorithm than the receipt")]
    KeyAlgDiffers,
    /// The consistency proof does not start at the root that was brought.
    #[error("the consistency proof does not hold for the old root")]
    OldRootDiffers,
    /// The payload is attached and is not the root that the proof leads to.
    #[error("the attached payload is not the root that the proof leads to")]
    PayloadNotRoot,
    /// The signature is not the key's over the root that the proof leads to.
    #[error("the signature does not verify over the root that the proof leads to")]
    SignatureInvalid,
    /// The statement's payload is not in the statement.
    #[error("the payload of the statement is detached")]
    PayloadDetached,
    /// The header `receipts` is not an array of one or more byte strings.
    #[error("the receipts are not an array of byte strings")]
    ReceiptsMalformed,
    /// The statement's signature is not the key's.
    #[error("the signature of the statement does not verify")]
    StatementSignatureInvalid,
}

impl CoseReceiptError {
    /// Stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Cbor(_) => "cbor_malformed",
            Self::NotSign1 => "not_cose_sign1",
            Self::Header(_) => "header_malformed",
            Self::UnsupportedCrit => "unsupported_crit",
            Self::VdsMissing => "vds_missing",
            Self::UnsupportedVds => "unsupported_vds",
            Self::UnsupportedAlg => "unsupported_alg",
            Self::ProofMissing => "proof_missing",
            Self::ProofMalformed => "proof_malformed",
            Self::ZeroSizeTree => "zero_size_tree",
            Self::IndexBeyondTree => "index_beyond_tree",
            Self::SizesReversed => "sizes_reversed",
            Self::PathLengthWrong => "path_length_wrong",
            Self::KeyAlgDiffers => "key_alg_differs",
            Self::OldRootDiffers => "old_root_differs",
            Self::PayloadNotRoot => "payload_not_root",
            Self::SignatureInvalid => "signature_invalid",
            Self::PayloadDetached => "payload_detached",
            Self::ReceiptsMalformed => "receipts_malformed",
            Self::StatementSignatureInvalid => "statement_signature_invalid",
        }
    }
}
