//! What is signed, and how a statement is put together (docs/formats/statement.md §3 to §5).
//!
//! A device that keeps its key in hardware takes [`protected`], signs [`to_be_signed`] and
//! calls [`assemble`]; with a key at hand [`sign1`] and [`cosign`] do all of it.

use countersign_model::cbor::Writer;
use countersign_model::digest::Digest;
use countersign_model::ids::KeyId;
use countersign_model::limits::CLAIMS_PER_STATEMENT_MAX;

use crate::header::{Header, SignerPart, are_required_keys, label};
use crate::key::Algorithm;
use crate::refusal::Refusal;
use crate::secret::SecretKey;

/// CBOR tag of COSE_Sign1.
pub const TAG_SIGN1: u64 = 18;
/// CBOR tag of COSE_Sign.
pub const TAG_SIGN: u64 = 98;

/// One signature of a statement with several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// With which algorithm.
    pub algorithm: Algorithm,
    /// By which key.
    pub key: KeyId,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The protected header of a statement with one signer.
#[must_use]
pub fn protected(header: &Header, algorithm: Algorithm, key: KeyId) -> Vec<u8> {
    header.encode(&SignerPart::One(algorithm, key))
}

/// The protected header of a statement with several signers; `required` are 2 to 8 key ids.
///
/// # Errors
/// [`Refusal`] with `bad_statement` for another number of keys.
pub fn protected_for(header: &Header, required: &[KeyId]) -> Result<Vec<u8>, Refusal> {
    let mut required = required.to_vec();
    required.sort();
    required.dedup();
    if !are_required_keys(&required) {
        return Err(Refusal::statement("there are 2 to 8 required signers"));
    }
    Ok(header.encode(&SignerPart::Many(required)))
}

/// Bytes of heads and of the context string around the parts of a Sig_structure or a COSE_Sign1.
const FRAME_BYTES_MAX: usize = 40;

/// The Sig_structure of a COSE_Sign1 (RFC 9052 §4.4): what its key signs.
#[must_use]
pub fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_room(protected.len() + payload.len() + FRAME_BYTES_MAX);
    out.array(4);
    out.text("Signature1");
    out.bytes(protected);
    out.bytes(&[]);
    out.bytes(payload);
    out.into_bytes()
}

/// The Sig_structure of one signer of a COSE_Sign (RFC 9052 §4.4): what that key signs.
#[must_use]
pub fn to_be_signed_by(
    algorithm: Algorithm,
    key: KeyId,
    protected: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    sig_structure_of_many(protected, &signer_header(algorithm, key), payload)
}

fn sig_structure_of_many(protected: &[u8], signer: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(5);
    out.text("Signature");
    out.bytes(protected);
    out.bytes(signer);
    out.bytes(&[]);
    out.bytes(payload);
    out.into_bytes()
}

/// Identity of a statement with one signer: SHA-256 of its Sig_structure.
#[must_use]
pub fn sig_digest(protected: &[u8], payload: &[u8]) -> Digest {
    Digest::of(&to_be_signed(protected, payload))
}

/// Identity of a statement with several signers: SHA-256 of the Sig_structure whose
/// `sign_protected` is empty, which nobody signs and all signatures share.
#[must_use]
pub fn sig_digest_of_many(protected: &[u8], payload: &[u8]) -> Digest {
    Digest::of(&sig_structure_of_many(protected, &[], payload))
}

/// A COSE_Sign1 with an empty unprotected header: the logged form.
#[must_use]
pub fn assemble(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let bytes = protected.len() + payload.len() + signature.len();
    let mut out = Writer::with_room(bytes + FRAME_BYTES_MAX);
    out.tag(TAG_SIGN1);
    out.array(4);
    out.bytes(protected);
    out.map(0);
    out.bytes(payload);
    out.bytes(signature);
    out.into_bytes()
}

/// A COSE_Sign with empty unprotected headers: the logged form.
#[must_use]
pub fn assemble_many(protected: &[u8], payload: &[u8], signatures: &[Signature]) -> Vec<u8> {
    let mut out = Writer::default();
    out.tag(TAG_SIGN);
    out.array(4);
    out.bytes(protected);
    out.map(0);
    out.bytes(payload);
    out.array(signatures.len());
    for one in signatures {
        out.array(3);
        out.bytes(&signer_header(one.algorithm, one.key));
        out.map(0);
        out.bytes(&one.signature);
    }
    out.into_bytes()
}

/// The protected header of one signer of several: `{1: alg, 4: kid}`.
fn signer_header(algorithm: Algorithm, key: KeyId) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(2);
    out.int(label::ALG);
    out.int(algorithm.cose());
    out.int(label::KID);
    out.bytes(key.0.as_bytes());
    out.into_bytes()
}

/// Signs a payload with one key.
#[must_use]
pub fn sign1(header: &Header, payload: &[u8], key: &SecretKey) -> Vec<u8> {
    let protected = protected(header, key.algorithm(), key.public().id());
    let signature = key.sign(&to_be_signed(&protected, payload));
    assemble(&protected, payload, &signature)
}

/// Signs a payload with the keys at hand out of the `required` ones; the issuer's must be among them
/// before a log takes it.
///
/// # Errors
/// [`Refusal`] with `bad_statement` unless 2 to 8 keys are required.
pub fn cosign(
    header: &Header,
    payload: &[u8],
    required: &[KeyId],
    keys: &[&SecretKey],
) -> Result<Vec<u8>, Refusal> {
    let protected = protected_for(header, required)?;
    let signatures: Vec<Signature> = keys
        .iter()
        .map(|key| cosignature(&protected, payload, key))
        .collect();
    Ok(assemble_many(&protected, payload, &signatures))
}

/// One signature over the protected header and payload of a statement with several signers.
#[must_use]
pub fn cosignature(protected: &[u8], payload: &[u8], key: &SecretKey) -> Signature {
    let id = key.public().id();
    let message = to_be_signed_by(key.algorithm(), id, protected, payload);
    Signature {
        algorithm: key.algorithm(),
        key: id,
        signature: key.sign(&message).to_vec(),
    }
}

/// The payload of kind `claims`: an array of 1 to 1,024 digests, none twice.
///
/// # Errors
/// [`Refusal`] with `bad_statement`.
pub fn claims_payload(digests: &[Digest]) -> Result<Vec<u8>, Refusal> {
    check_claims(digests)?;
    let mut out = Writer::default();
    out.array(digests.len());
    for digest in digests {
        out.bytes(digest.as_bytes());
    }
    Ok(out.into_bytes())
}

pub(crate) fn check_claims(digests: &[Digest]) -> Result<(), Refusal> {
    if !(1..=CLAIMS_PER_STATEMENT_MAX).contains(&digests.len()) {
        return Err(Refusal::statement("a statement has 1 to 1024 claims"));
    }
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    if distinct.len() == digests.len() {
        Ok(())
    } else {
        Err(Refusal::statement("a claim digest stands there twice"))
    }
}
