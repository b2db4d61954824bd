//! Signed statements of any issuer (RFC 9943), and the receipts that a transparent one carries.

use countersign_attest::header::label;
use countersign_attest::sign::{TAG_SIGN1, assemble};
use countersign_attest::{Algorithm, PublicKey, to_be_signed};
use countersign_model::cbor::{Value, Writer};
use countersign_model::digest::Digest;
use countersign_model::entry::entry_of;
use countersign_model::limits::STATEMENT_BYTES_MAX;

use super::sign1::Sign1;
use super::{CoseReceiptError as Error, RECEIPTS};
use crate::limits::{COSE_RECEIPT_BYTES_MAX, COSE_RECEIPTS_MAX, TRANSPARENT_STATEMENT_BYTES_MAX};

/// What `crit` may name. Whatever else an issuer calls critical is about the payload, which nobody
/// looks into here.
const UNDERSTOOD: [i64; 2] = [label::ALG, label::KID];

/// A COSE_Sign1 that somebody had logged, or means to. Nothing in it is proven yet.
///
/// This reads statements of any profile and looks at nothing but what receipts need; our own are
/// read by [`countersign_attest::Statement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScittStatement {
    protected: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Result<Algorithm, Error>,
    receipts: Vec<Vec<u8>>,
}

impl ScittStatement {
    /// Reads a statement, with its receipts if it has some. These are not looked into: one of a
    /// structure that is not supported must not hide another.
    ///
    /// # Errors
    /// `too_large`, `cbor_malformed`, `not_cose_sign1`, `header_malformed`, `unsupported_crit`,
    /// `payload_detached`, `receipts_malformed`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > TRANSPARENT_STATEMENT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let sign1 = Sign1::read(bytes, &UNDERSTOOD)?;
        let statement = Self {
            protected: sign1.protected.to_vec(),
            payload: sign1.payload.ok_or(Error::PayloadDetached)?.to_vec(),
            signature: sign1.signature.to_vec(),
            algorithm: sign1.algorithm(),
            receipts: read_receipts(sign1.unprotected.label(RECEIPTS))?,
        };
        if statement.logged_bytes().len() > STATEMENT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(statement)
    }

    /// The receipts, each as [`super::CoseReceipt::parse`] reads it, in the issuer's order of
    /// preference; empty if the statement is not transparent.
    #[must_use]
    pub fn receipts(&self) -> &[Vec<u8>] {
        &self.receipts
    }

    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The statement with its unprotected header empty: what a log keeps (RFC 9943; format law 4).
    #[must_use]
    pub fn logged_bytes(&self) -> Vec<u8> {
        assemble(&self.protected, &self.payload, &self.signature)
    }

    /// The entry in our log and in those that agree with it: SHA-256 of [`Self::logged_bytes`].
    #[must_use]
    pub fn entry(&self) -> Digest {
        entry_of(&self.logged_bytes())
    }

    /// The statement with these receipts alone in its unprotected header, in deterministic CBOR.
    ///
    /// # Errors
    /// `receipts_malformed` without a receipt, `too_large`.
    pub fn transparent(&self, receipts: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
        if receipts.is_empty() {
            return Err(Error::ReceiptsMalformed);
        }
        let too_long = |receipt: &Vec<u8>| receipt.len() > COSE_RECEIPT_BYTES_MAX;
        if receipts.len() > COSE_RECEIPTS_MAX || receipts.iter().any(too_long) {
            return Err(Error::TooLarge);
        }
        let mut out = Writer::default();
        out.tag(TAG_SIGN1);
        out.array(4);
        out.bytes(&self.protected);
        out.map(1);
        out.int(RECEIPTS);
        out.array(receipts.len());
        for receipt in receipts {
            out.bytes(receipt);
        }
        out.bytes(&self.payload);
        out.bytes(&self.signature);
        Ok(out.into_bytes())
    }

    /// Checks that `key` signed the statement.
    ///
    /// # Errors
    /// `unsupported_alg`, `header_malformed` (no `alg`), `key_alg_differs`,
    /// `statement_signature_invalid`.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), Error> {
        if self.algorithm? != key.algorithm() {
            return Err(Error::KeyAlgDiffers);
        }
        let message = to_be_signed(&self.protected, &self.payload);
        if key.verify(&message, &self.signature) {
            Ok(())
        } else {
            Err(Error::StatementSignatureInvalid)
        }
    }
}

fn read_receipts(receipts: Option<&Value<'_>>) -> Result<Vec<Vec<u8>>, Error> {
    let Some(receipts) = receipts else {
        return Ok(Vec::new());
    };
    let items = receipts
        .as_array()
        .filter(|items| !items.is_empty())
        .ok_or(Error::ReceiptsMalformed)?;
    if items.len() > COSE_RECEIPTS_MAX {
        return Err(Error::TooLarge);
    }
    let receipt = |item: &Value<'_>| {
        let bytes = item.as_bytes().ok_or(Error::ReceiptsMalformed)?;
        if bytes.len() > COSE_RECEIPT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(bytes.to_vec())
    };
    items.iter().map(receipt).collect()
}
