//! Claim receipts, version 1: docs/formats/receipt.md.
//!
//! A receipt carries everything that proves one claim but the trust: the statement as it was
//! logged, that it is in the tree, the batch statement that the node put behind it, that this is
//! in the same tree, and the node's verdict on the statement. Reading one proves nothing; that is
//! the work of `countersign-verify`.

use countersign_model::cbor::{self, Value, Writer};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::limits::STATEMENT_BYTES_MAX;
use countersign_tlog::Hash;
use countersign_tlog::limits::{INCLUSION_HASHES_MAX, NOTE_BYTES_MAX};

use crate::limits::{RECEIPT_BYTES_MAX, RECORD_BYTES_MAX};

/// First element of a receipt.
pub const RECEIPT_KIND: &str = "countersign-claim-receipt";
/// Second element: the version.
pub const RECEIPT_VERSION: u64 = 1;

/// The bytes are not a claim receipt of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More than [`RECEIPT_BYTES_MAX`], or a piece beyond its limit.
    #[error("the receipt is too large")]
    TooLarge,
    /// A receipt of a version that this release does not know.
    #[error("a receipt of an unknown version")]
    Version,
    /// Not the CBOR of docs/formats/receipt.md.
    #[error("not a claim receipt")]
    Malformed,
}

/// A claim receipt, as it was read or made; nothing in it is proven yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimReceipt {
    /// Digest of the claim's body.
    pub claim: Digest,
    /// Index of the statement, and the place of the claim in its payload.
    pub at: ClaimRef,
    /// The statement as logged: unprotected headers empty.
    pub statement: Vec<u8>,
    /// Inclusion path of the statement's entry, from the sibling upwards.
    pub path: Vec<Hash>,
    /// The batch statement that covers it, as logged.
    pub batch: Vec<u8>,
    /// Index of the batch statement.
    pub batch_index: Index,
    /// Inclusion path of the batch statement's entry.
    pub batch_path: Vec<Hash>,
    /// The verdict record of the statement.
    pub record: Vec<u8>,
    /// Inclusion path of the record in the batch's verdict tree.
    pub record_path: Vec<Hash>,
    /// The signed note to whose root both inclusion paths lead.
    pub checkpoint: Vec<u8>,
}

/// Bytes of kind, version, claim, indexes and heads in a receipt.
const FRAME_BYTES_MAX: usize = 160;
/// Bytes of one hash of a path, with its head.
const HASH_ITEM_BYTES: usize = 34;

impl ClaimReceipt {
    /// Deterministic CBOR of docs/formats/receipt.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let blobs = [&self.statement, &self.batch, &self.record, &self.checkpoint];
        let paths = [&self.path, &self.batch_path, &self.record_path];
        let bytes: usize = blobs.iter().map(|blob| blob.len()).sum();
        let hashes: usize = paths.iter().map(|path| path.len()).sum();
        let mut out = Writer::with_room(FRAME_BYTES_MAX + bytes + hashes * HASH_ITEM_BYTES);
        out.array(13);
        out.text(RECEIPT_KIND);
        out.uint(RECEIPT_VERSION);
        out.bytes(self.claim.as_bytes());
        out.uint(u64::from(self.at.ordinal));
        out.bytes(&self.statement);
        out.uint(self.at.index.0);
        write_path(&mut out, &self.path);
        out.bytes(&self.batch);
        out.uint(self.batch_index.0);
        write_path(&mut out, &self.batch_path);
        out.bytes(&self.record);
        write_path(&mut out, &self.record_path);
        out.bytes(&self.checkpoint);
        out.into_bytes()
    }

    /// Reads [`ClaimReceipt::encode`]d bytes.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::TooLarge);
        }
        let value = cbor::decode(bytes).map_err(|_| ReceiptError::Malformed)?;
        let items = value.as_array().ok_or(ReceiptError::Malformed)?;
        let [Value::Text(RECEIPT_KIND), Value::Uint(version), rest @ ..] = items else {
            return Err(ReceiptError::Malformed);
        };
        if *version != RECEIPT_VERSION {
            return Err(ReceiptError::Version);
        }
        Self::from_items(rest)
    }

    fn from_items(items: &[Value<'_>]) -> Result<Self, ReceiptError> {
        let [
            Value::Bytes(claim),
            Value::Uint(ordinal),
            Value::Bytes(statement),
            Value::Uint(index),
            path,
            Value::Bytes(batch),
            Value::Uint(batch_index),
            batch_path,
            Value::Bytes(record),
            record_path,
            Value::Bytes(checkpoint),
        ] = items
        else {
            return Err(ReceiptError::Malformed);
        };
        Ok(Self {
            claim: Digest::from_slice(claim).ok_or(ReceiptError::Malformed)?,
            at: ClaimRef {
                index: Index(*index),
                ordinal: u32::try_from(*ordinal).map_err(|_| ReceiptError::Malformed)?,
            },
            statement: within(statement, STATEMENT_BYTES_MAX)?,
            path: read_path(path)?,
            batch: within(batch, STATEMENT_BYTES_MAX)?,
            batch_index: Index(*batch_index),
            batch_path: read_path(batch_path)?,
            record: within(record, RECORD_BYTES_MAX)?,
            record_path: read_path(record_path)?,
            checkpoint: within(checkpoint, NOTE_BYTES_MAX)?,
        })
    }
}

fn within(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, ReceiptError> {
    if bytes.len() > bytes_max {
        return Err(ReceiptError::TooLarge);
    }
    Ok(bytes.to_vec())
}

fn write_path(out: &mut Writer, path: &[Hash]) {
    out.array(path.len());
    for hash in path {
        out.bytes(hash.as_bytes());
    }
}

fn read_path(value: &Value<'_>) -> Result<Vec<Hash>, ReceiptError> {
    let items = value.as_array().ok_or(ReceiptError::Malformed)?;
    if items.len() > INCLUSION_HASHES_MAX {
        return Err(ReceiptError::TooLarge);
    }
    let hash = |item: &Value<'_>| item.as_bytes().and_then(Hash::from_slice);
    let path: Option<Vec<Hash>> = items.iter().map(hash).collect();
    path.ok_or(ReceiptError::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receipt() -> ClaimReceipt {
        let hash = |seed: u8| Hash::from_bytes([seed; 32]);
        ClaimReceipt {
            claim: Digest::of(b"claim"),
            at: ClaimRef {
                index: Index(70_000),
                ordinal: 3,
            },
            statement: b"statement".to_vec(),
            path: vec![hash(1), hash(2)],
            batch: b"batch".to_vec(),
            batch_index: Index(70_001),
            batch_path: vec![hash(3)],
            record: b"record".to_vec(),
            record_path: vec![],
            checkpoint: b"note".to_vec(),
        }
    }

    fn check(change: impl FnOnce(&mut ClaimReceipt), expect: Result<(), ReceiptError>) {
        let mut receipt = receipt();
        change(&mut receipt);
        let read = ClaimReceipt::decode(&receipt.encode());
        assert_eq!(read.clone().map(|_| ()), expect);
        assert!(read.is_err() || read == Ok(receipt));
    }

    #[test]
    fn pieces_have_limits() {
        check(|_| (), Ok(()));
        let too_large = Err(ReceiptError::TooLarge);
        check(|r| r.path = vec![Hash::EMPTY_ROOT; 64], Ok(()));
        check(|r| r.path = vec![Hash::EMPTY_ROOT; 65], too_large);
        check(|r| r.record_path = vec![Hash::EMPTY_ROOT; 65], too_large);
        check(
            |r| r.statement = vec![0; STATEMENT_BYTES_MAX + 1],
            too_large,
        );
        check(|r| r.batch = vec![0; STATEMENT_BYTES_MAX + 1], too_large);
        check(|r| r.record = vec![0; RECORD_BYTES_MAX + 1], too_large);
        check(|r| r.checkpoint = vec![0; NOTE_BYTES_MAX + 1], too_large);
        let all = |r: &mut ClaimReceipt| {
            r.statement = vec![0; STATEMENT_BYTES_MAX];
            r.batch = vec![0; STATEMENT_BYTES_MAX];
            r.record = vec![0; RECORD_BYTES_MAX];
            r.checkpoint = vec![0; NOTE_BYTES_MAX];
        };
        check(all, Ok(()));
    }

    #[test]
    fn other_versions_and_shapes_are_refused() {
        let good = receipt().encode();
        let text_end = 1 + 2 + RECEIPT_KIND.len();
        assert_eq!(good[text_end], 1);
        let mut other = good.clone();
        other[text_end] = 2;
        assert_eq!(ClaimReceipt::decode(&other), Err(ReceiptError::Version));
        for len in 0..good.len() {
            assert_eq!(
                ClaimReceipt::decode(&good[..len]),
                Err(ReceiptError::Malformed)
            );
        }
        let more = [good.as_slice(), b"\0"].concat();
        assert_eq!(ClaimReceipt::decode(&more), Err(ReceiptError::Malformed));
        assert_eq!(ClaimReceipt::decode(b"\x80"), Err(ReceiptError::Malformed));
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_refused_or_read_back(at in 0usize..400, change in 1u8..) {
            let mut bytes = receipt().encode();
            let at = at % bytes.len();
            bytes[at] ^= change;
            if let Ok(read) = ClaimReceipt::decode(&bytes) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }
    }
}
