//! COSE receipts, RFC 9942, of the structure RFC9162_SHA256: docs/formats/cose-receipt.md.
//!
//! A receipt is a COSE_Sign1 by a log over the root of its tree. The root is not in it (or must not
//! be believed if it is): whoever checks a receipt computes it from the entry and the proof, and
//! the signature says whether it is the log's. So a proof cannot be swapped for another, and there
//! is no way here to check the one without the other.
//!
//! **Sizes and indexes are not signed.** The signature covers the root alone, and one path leads to
//! one root for more than one pair of size and index (leaf 2 of 7 and leaf 2 of 8, for instance). What
//! is proven is that the entry is in the tree of that root; where it stands, and how large the tree
//! is, the receipt merely states. A checkpoint with the same root settles it.
//!
//! Read: receipts of any log, ES256 or EdDSA, and statements that carry receipts ([`ScittStatement`]).
//! Written: receipts of our own log ([`CoseReceiptBuilder`]). Foreign CBOR may have the keys of a map
//! in any order and is read strictly in all else.
//!
//! Whether the key is the log's, and whether a receipt has expired (`exp` among the CWT claims), is
//! for the caller, who has the trust and the clock.

mod error;
mod make;
mod proof;
mod scitt;
mod sign1;

use countersign_attest::header::label;
use countersign_attest::{Algorithm, PublicKey, to_be_signed};
use countersign_model::cbor::Value;
use countersign_tlog::{Hash, LeafIndex, TreeSize};

use crate::limits::{COSE_PROOFS_MAX, COSE_RECEIPT_BYTES_MAX};
use sign1::Sign1;

pub use error::CoseReceiptError;
pub use make::CoseReceiptBuilder;
pub use proof::{ConsistencyProof, InclusionProof};
pub use scitt::ScittStatement;

use CoseReceiptError as Error;

/// Label of the receipts in a statement (RFC 9942 §2).
pub const RECEIPTS: i64 = 394;
/// Label of the verifiable data structure (RFC 9942 §2).
pub const VDS: i64 = 395;
/// Label of its proofs (RFC 9942 §2).
pub const VDP: i64 = 396;
/// The one structure that is read and written: a Merkle tree of RFC 9162 with SHA-256.
pub const RFC9162_SHA256: u64 = 1;
/// Label of the inclusion proofs of RFC9162_SHA256 (RFC 9942 §4.3).
pub const INCLUSION: i64 = -1;
/// Label of its consistency proofs.
pub const CONSISTENCY: i64 = -2;

/// Issuer and subject among the CWT claims (RFC 8392 §3.1).
const CWT_ISS: i64 = 1;
const CWT_SUB: i64 = 2;

/// What `crit` may name: what verification rests on.
const UNDERSTOOD: [i64; 3] = [label::ALG, label::KID, VDS];

/// A receipt of valid form. Nothing in it is proven yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoseReceipt {
    protected: Vec<u8>,
    algorithm: Algorithm,
    key_id: Option<Vec<u8>>,
    issuer: Option<String>,
    subject: Option<String>,
    inclusion: Vec<InclusionProof>,
    consistency: Vec<ConsistencyProof>,
    payload: Option<Vec<u8>>,
    signature: Vec<u8>,
}

/// What a receipt of inclusion proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InclusionProven {
    /// The root that the log signed; the entry is in its tree.
    pub root: Hash,
    /// Leaves of that tree, as the receipt states; not signed.
    pub stated_size: TreeSize,
    /// Place of the entry, as the receipt states; not signed.
    pub stated_index: LeafIndex,
}

/// What a receipt of consistency proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsistencyProven {
    /// The root that the log signed; the tree of the old root is its beginning.
    pub new_root: Hash,
    /// Leaves of the newer tree, as the receipt states; not signed.
    pub stated_new_size: TreeSize,
}

impl CoseReceipt {
    /// Reads a receipt. It is refused whole if one of its proofs is malformed.
    ///
    /// # Errors
    /// [`CoseReceiptError`]; those of verification never.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > COSE_RECEIPT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let sign1 = Sign1::read(bytes, &UNDERSTOOD)?;
        // Of another structure nothing else is known, so this comes first.
        check_vds(sign1.header.label(VDS))?;
        let algorithm = sign1.algorithm()?;
        let (issuer, subject) = read_cwt_claims(sign1.header.label(label::CWT_CLAIMS))?;
        let (inclusion, consistency) = read_proofs(sign1.unprotected.label(VDP))?;
        Ok(Self {
            protected: sign1.protected.to_vec(),
            algorithm,
            key_id: read_key_id(sign1.header.label(label::KID))?,
            issuer,
            subject,
            inclusion,
            consistency,
            payload: sign1.payload.map(<[u8]>::to_vec),
            signature: sign1.signature.to_vec(),
        })
    }

    /// With which algorithm it says it is signed.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of the protected header: a hint which key to bring, and no more.
    #[must_use]
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }

    /// `iss` among the CWT claims: who says it gave the receipt.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `sub` among the CWT claims.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The inclusion proofs, in order; one that is not verified proves nothing.
    #[must_use]
    pub fn inclusion_proofs(&self) -> &[InclusionProof] {
        &self.inclusion
    }

    /// The consistency proofs, in order; one that is not verified proves nothing.
    #[must_use]
    pub fn consistency_proofs(&self) -> &[ConsistencyProof] {
        &self.consistency
    }

    /// Checks that `entry` is in a tree whose root `key` signed. The leaf is SHA-256(0x00 ‖ entry);
    /// what an entry is, the log says: in ours SHA-256 of the statement as logged, 32 bytes
    /// ([`ScittStatement::entry`]).
    ///
    /// Of several proofs one must hold; the others may be about other entries.
    ///
    /// # Errors
    /// `key_alg_differs`, `proof_missing`, `payload_not_root`, `signature_invalid`; of several
    /// proofs the reason of the first.
    pub fn verify_inclusion(
        &self,
        entry: &[u8],
        key: &PublicKey,
    ) -> Result<InclusionProven, Error> {
        self.check_algorithm(key)?;
        let leaf = Hash::leaf(entry);
        first_that_holds(self.inclusion.iter().map(|proof| {
            let root = proof.root(&leaf).ok_or(Error::PathLengthWrong)?;
            self.check_root(&root, key)?;
            Ok(InclusionProven {
                root,
                stated_size: proof.size(),
                stated_index: proof.index(),
            })
        }))
    }

    /// Checks that the tree of `old_size` leaves with `old_root`, which the caller believes already,
    /// is the beginning of a tree whose root `key` signed.
    ///
    /// # Errors
    /// `key_alg_differs`, `proof_missing` (also if none starts at `old_size`), `old_root_differs`,
    /// `payload_not_root`, `signature_invalid`; of several proofs the reason of the first.
    pub fn verify_consistency(
        &self,
        old_size: TreeSize,
        old_root: &Hash,
        key: &PublicKey,
    ) -> Result<ConsistencyProven, Error> {
        self.check_algorithm(key)?;
        let proofs = self.consistency.iter();
        let from_there = proofs.filter(|proof| proof.old_size() == old_size);
        first_that_holds(from_there.map(|proof| {
            let new_root = proof.new_root(old_root).ok_or(Error::OldRootDiffers)?;
            self.check_root(&new_root, key)?;
            Ok(ConsistencyProven {
                new_root,
                stated_new_size: proof.new_size(),
            })
        }))
    }

    fn check_algorithm(&self, key: &PublicKey) -> Result<(), Error> {
        if key.algorithm() == self.algorithm {
            Ok(())
        } else {
            Err(Error::KeyAlgDiffers)
        }
    }

    fn check_root(&self, root: &Hash, key: &PublicKey) -> Result<(), Error> {
        let attached = self.payload.as_deref();
        if attached.is_some_and(|payload| payload != root.as_bytes()) {
            return Err(Error::PayloadNotRoot);
        }
        let message = to_be_signed(&self.protected, root.as_bytes());
        if key.verify(&message, &self.signature) {
            Ok(())
        } else {
            Err(Error::SignatureInvalid)
        }
    }
}

/// What the first proof that holds proves, or why the first of them does not.
fn first_that_holds<T>(proofs: impl Iterator<Item = Result<T, Error>>) -> Result<T, Error> {
    let mut refused = Error::ProofMissing;
    for (at, proof) in proofs.enumerate() {
        match proof {
            Ok(proven) => return Ok(proven),
            Err(why) if at == 0 => refused = why,
            Err(_) => {}
        }
    }
    Err(refused)
}

fn check_vds(vds: Option<&Value<'_>>) -> Result<(), Error> {
    match vds {
        None => Err(Error::VdsMissing),
        Some(Value::Uint(RFC9162_SHA256)) => Ok(()),
        Some(Value::Uint(_) | Value::Nint(_)) => Err(Error::UnsupportedVds),
        Some(_) => Err(Error::Header("vds is not an integer")),
    }
}

fn read_key_id(kid: Option<&Value<'_>>) -> Result<Option<Vec<u8>>, Error> {
    let bytes = |kid: &Value<'_>| kid.as_bytes().map(<[u8]>::to_vec);
    kid.map(|kid| bytes(kid).ok_or(Error::Header("kid is not a byte string")))
        .transpose()
}

type IssuerAndSubject = (Option<String>, Option<String>);

fn read_cwt_claims(claims: Option<&Value<'_>>) -> Result<IssuerAndSubject, Error> {
    let Some(claims) = claims else {
        return Ok((None, None));
    };
    if claims.as_map().is_none() {
        return Err(Error::Header("the CWT claims are not a map"));
    }
    let text = |label| match claims.label(label) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some((*text).to_owned())),
        Some(_) => Err(Error::Header("iss or sub is not a text")),
    };
    Ok((text(CWT_ISS)?, text(CWT_SUB)?))
}

type Proofs = (Vec<InclusionProof>, Vec<ConsistencyProof>);

fn read_proofs(vdp: Option<&Value<'_>>) -> Result<Proofs, Error> {
    let vdp = vdp.ok_or(Error::ProofMissing)?;
    let map = vdp.as_map().ok_or(Error::ProofMalformed)?;
    let known = |label: &Value<'_>| [INCLUSION, CONSISTENCY].map(Some).contains(&label.as_i64());
    if !map.iter().all(|(label, _)| known(label)) {
        return Err(Error::ProofMalformed);
    }
    let inclusion = read_list(vdp.label(INCLUSION), InclusionProof::decode)?;
    let consistency = read_list(vdp.label(CONSISTENCY), ConsistencyProof::decode)?;
    if inclusion.is_empty() && consistency.is_empty() {
        return Err(Error::ProofMissing);
    }
    Ok((inclusion, consistency))
}

fn read_list<T>(
    list: Option<&Value<'_>>,
    read: impl Fn(&[u8]) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    let items = list.as_array().ok_or(Error::ProofMalformed)?;
    if items.is_empty() {
        return Err(Error::ProofMissing);
    }
    if items.len() > COSE_PROOFS_MAX {
        return Err(Error::TooLarge);
    }
    let read_item = |item: &Value<'_>| read(item.as_bytes().ok_or(Error::ProofMalformed)?);
    items.iter().map(read_item).collect()
}
