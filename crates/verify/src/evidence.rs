//! What there is to judge, whether it came in a pack or as loose files.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::ids::KeyId;
use countersign_pack::ClaimReceipt;

/// A file: where it is, and its bytes.
#[derive(Clone, Debug)]
pub(crate) struct File<'a> {
    /// Its name.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
}

/// What a claim receipt is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To show a claim.
    Claim,
    /// To show what the node concluded.
    Conclusion,
    /// To show how somebody got this key.
    Enrolment(KeyId),
}

/// A claim receipt.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptFile {
    /// Its name.
    pub(crate) name: String,
    /// What it is there for.
    pub(crate) purpose: Purpose,
    /// The receipt.
    pub(crate) receipt: ClaimReceipt,
}

/// Everything that is judged together: one log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence<'a> {
    /// Signed notes that stand alone.
    pub(crate) checkpoints: Vec<File<'a>>,
    /// The genesis statement, and the proof that it is entry 0.
    pub(crate) genesis: Option<(File<'a>, File<'a>)>,
    /// Claim receipts.
    pub(crate) receipts: Vec<ReceiptFile>,
    /// `.tlog-proof` files, each with the statement that it is of, if that is there.
    pub(crate) proofs: Vec<(File<'a>, Option<File<'a>>)>,
    /// Claim bodies, under the digest that they should have.
    pub(crate) bodies: BTreeMap<Digest, File<'a>>,
    /// Envelopes, under the digest that they should have.
    pub(crate) envelopes: BTreeMap<Digest, File<'a>>,
    /// Mapping files, under the SHA-256 that they should have.
    pub(crate) blobs: BTreeMap<Digest, File<'a>>,
}
