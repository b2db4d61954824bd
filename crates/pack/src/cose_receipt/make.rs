//! Writing receipts, in deterministic CBOR.
//!
//! With the key at hand, [`CoseReceiptBuilder::inclusion`] does all of it. Whose signer is elsewhere,
//! or may fail, takes [`CoseReceiptBuilder::to_be_signed`], has it signed and calls
//! [`CoseReceiptBuilder::assemble_inclusion`].

use countersign_attest::header::label;
use countersign_attest::sign::TAG_SIGN1;
use countersign_attest::{Algorithm, PublicKey, to_be_signed};
use countersign_model::cbor::Writer;
use countersign_tlog::Hash;

use super::proof::{ConsistencyProof, InclusionProof};
use super::{CONSISTENCY, CWT_ISS, CWT_SUB, CoseReceiptError, INCLUSION, RFC9162_SHA256, VDP, VDS};
use crate::limits::{COSE_PROOFS_MAX, COSE_RECEIPT_BYTES_MAX};

/// Makes the receipts of one log and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoseReceiptBuilder {
    algorithm: Algorithm,
    key_id: Vec<u8>,
    claims: Option<(String, String)>,
}

impl CoseReceiptBuilder {
    /// Receipts that `key` signs. The header's `kid` is the key's thumbprint (RFC 9679), 32 bytes.
    #[must_use]
    pub fn new(key: &PublicKey) -> Self {
        Self {
            algorithm: key.algorithm(),
            key_id: key.id().0.as_bytes().to_vec(),
            claims: None,
        }
    }

    /// The same with CWT claims, as SCITT asks for: the log as issuer, and what the receipt is about.
    #[must_use]
    pub fn with_claims(self, issuer: &str, subject: &str) -> Self {
        Self {
            claims: Some((issuer.to_owned(), subject.to_owned())),
            ..self
        }
    }

    /// What the key signs for a receipt about the tree of `root`: a Sig_structure (RFC 9052 §4.4).
    #[must_use]
    pub fn to_be_signed(&self, root: &Hash) -> Vec<u8> {
        to_be_signed(&self.protected(), root.as_bytes())
    }

    /// A receipt of inclusion. `sign` signs the bytes it is given. That the proof leads to `root` is
    /// the caller's to know; if it does not, nobody will accept the receipt.
    ///
    /// # Errors
    /// `too_large` if the claims or the signature are.
    pub fn inclusion(
        &self,
        proof: &InclusionProof,
        root: &Hash,
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Result<Vec<u8>, CoseReceiptError> {
        let signature = sign(&self.to_be_signed(root));
        self.assemble_inclusion(std::slice::from_ref(proof), &signature)
    }

    /// A receipt of consistency: of the root that is signed, the newer one.
    ///
    /// # Errors
    /// `too_large` if the claims or the signature are.
    pub fn consistency(
        &self,
        proof: &ConsistencyProof,
        new_root: &Hash,
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Result<Vec<u8>, CoseReceiptError> {
        let signature = sign(&self.to_be_signed(new_root));
        self.assemble_consistency(std::slice::from_ref(proof), &signature)
    }

    /// A receipt with these proofs, all of the tree whose root was signed.
    ///
    /// # Errors
    /// `proof_missing` without a proof, `too_large`.
    pub fn assemble_inclusion(
        &self,
        proofs: &[InclusionProof],
        signature: &[u8],
    ) -> Result<Vec<u8>, CoseReceiptError> {
        let proofs: Vec<Vec<u8>> = proofs.iter().map(InclusionProof::encode).collect();
        self.assemble(INCLUSION, &proofs, signature)
    }

    /// A receipt with these proofs, all of the newer tree whose root was signed.
    ///
    /// # Errors
    /// `proof_missing` without a proof, `too_large`.
    pub fn assemble_consistency(
        &self,
        proofs: &[ConsistencyProof],
        signature: &[u8],
    ) -> Result<Vec<u8>, CoseReceiptError> {
        let proofs: Vec<Vec<u8>> = proofs.iter().map(ConsistencyProof::encode).collect();
        self.assemble(CONSISTENCY, &proofs, signature)
    }

    fn assemble(
        &self,
        kind: i64,
        proofs: &[Vec<u8>],
        signature: &[u8],
    ) -> Result<Vec<u8>, CoseReceiptError> {
        if proofs.is_empty() {
            return Err(CoseReceiptError::ProofMissing);
        }
        let mut out = Writer::default();
        out.tag(TAG_SIGN1);
        out.array(4);
        out.bytes(&self.protected());
        out.map(1);
        out.int(VDP);
        out.map(1);
        out.int(kind);
        out.array(proofs.len());
        for proof in proofs {
            out.bytes(proof);
        }
        out.null();
        out.bytes(signature);
        let receipt = out.into_bytes();
        if proofs.len() > COSE_PROOFS_MAX || receipt.len() > COSE_RECEIPT_BYTES_MAX {
            return Err(CoseReceiptError::TooLarge);
        }
        Ok(receipt)
    }

    fn protected(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(3 + usize::from(self.claims.is_some()));
        out.int(label::ALG);
        out.int(self.algorithm.cose());
        out.int(label::KID);
        out.bytes(&self.key_id);
        if let Some((issuer, subject)) = &self.claims {
            out.int(label::CWT_CLAIMS);
            out.map(2);
            out.int(CWT_ISS);
            out.text(issuer);
            out.int(CWT_SUB);
            out.text(subject);
        }
        out.int(VDS);
        out.uint(RFC9162_SHA256);
        out.into_bytes()
    }
}
