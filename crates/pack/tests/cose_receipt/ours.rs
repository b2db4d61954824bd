//! Receipts made here, and read.

use countersign_attest::{Algorithm, Header, Kind, PublicKey, SecretKey, Statement, sign1};
use countersign_model::ids::{Origin, PrincipalId};
use countersign_pack::cose_receipt::{
    ConsistencyProof, CoseReceipt, CoseReceiptBuilder, CoseReceiptError, InclusionProof,
    ScittStatement,
};
use countersign_tlog::proof::{prove_consistency, prove_inclusion};
use countersign_tlog::tree::{NodeTable, root_at};
use countersign_tlog::{Hash, LeafIndex, TreeSize};
use proptest::prelude::*;
use proptest::sample;

pub(crate) fn entry(index: u64) -> [u8; 32] {
    *countersign_model::digest::Digest::of(&index.to_be_bytes()).as_bytes()
}

/// A log with receipts for every entry.
pub(crate) struct Log {
    tree: NodeTable,
    key: SecretKey,
}

impl Log {
    pub(crate) fn new(size: u64, algorithm: Algorithm) -> Self {
        let mut tree = NodeTable::new();
        for index in 0..size {
            tree.append(Hash::leaf(&entry(index))).unwrap();
        }
        let key = SecretKey::generate(algorithm, [9; 32]);
        Self { tree, key }
    }

    pub(crate) fn size(&self) -> TreeSize {
        self.tree.frontier().size()
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.frontier().root()
    }

    pub(crate) fn root_at(&self, size: u64) -> Hash {
        root_at(&self.tree, TreeSize(size)).unwrap()
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.key.public()
    }

    pub(crate) fn builder(&self) -> CoseReceiptBuilder {
        CoseReceiptBuilder::new(&self.key.public()).with_claims("log.example/site-1", "shipment-7")
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_vec()
    }

    pub(crate) fn inclusion_proof(&self, index: u64) -> InclusionProof {
        let index = LeafIndex(index);
        let path = prove_inclusion(&self.tree, index, self.size()).unwrap();
        InclusionProof::new(self.size(), index, path).unwrap()
    }

    pub(crate) fn inclusion(&self, index: u64) -> Vec<u8> {
        let proof = self.inclusion_proof(index);
        let made = self
            .builder()
            .inclusion(&proof, &self.root(), |message| self.sign(message));
        made.unwrap()
    }

    pub(crate) fn consistency(&self, old: u64) -> Vec<u8> {
        let path = prove_consistency(&self.tree, TreeSize(old), self.size()).unwrap();
        let proof = ConsistencyProof::new(TreeSize(old), self.size(), path).unwrap();
        let made = self
            .builder()
            .consistency(&proof, &self.root(), |message| self.sign(message));
        made.unwrap()
    }

    /// The root that a receipt of the entry proves.
    pub(crate) fn proves(&self, receipt: &[u8], index: u64) -> Result<Hash, CoseReceiptError> {
        let proven =
            CoseReceipt::parse(receipt)?.verify_inclusion(&entry(index), &self.key.public())?;
        Ok(proven.root)
    }

    fn proves_from(&self, receipt: &[u8], old: u64) -> Result<Hash, CoseReceiptError> {
        let old_root = self.root_at(old);
        let receipt = CoseReceipt::parse(receipt)?;
        let key = self.key.public();
        let proven = receipt.verify_consistency(TreeSize(old), &old_root, &key)?;
        Ok(proven.new_root)
    }
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Es256), Just(Algorithm::Ed25519)]
}

#[test]
fn every_leaf_and_every_size_has_its_receipt() {
    for size in (2..=17).chain([31, 32, 33]) {
        let log = Log::new(size, Algorithm::Ed25519);
        for index in 0..size {
            let receipt = log.inclusion(index);
            assert_eq!(log.proves(&receipt, index), Ok(log.root()));
            let other = (index + 1) % size;
            let refused = Err(CoseReceiptError::SignatureInvalid);
            assert_eq!(log.proves(&receipt, other), refused, "{index} of {size}");
        }
        for old in 1..size {
            let receipt = log.consistency(old);
            assert_eq!(log.proves_from(&receipt, old), Ok(log.root()));
            let missing = Err(CoseReceiptError::ProofMissing);
            assert_eq!(log.proves(&receipt, 0), missing);
        }
    }
}

#[test]
fn what_the_header_says() {
    let log = Log::new(8, Algorithm::Es256);
    let receipt = CoseReceipt::parse(&log.inclusion(2)).unwrap();
    assert_eq!(receipt.algorithm(), Algorithm::Es256);
    let id = log.key.public().id();
    assert_eq!(receipt.key_id(), Some(id.0.as_bytes().as_slice()));
    assert_eq!(receipt.issuer(), Some("log.example/site-1"));
    assert_eq!(receipt.subject(), Some("shipment-7"));
    assert_eq!(receipt.inclusion_proofs(), [log.inclusion_proof(2)]);
    assert!(receipt.consistency_proofs().is_empty());
    let proven = receipt.verify_inclusion(&entry(2), &log.key.public());
    let proven = proven.unwrap();
    assert_eq!(
        (proven.stated_size, proven.stated_index),
        (TreeSize(8), LeafIndex(2))
    );
}

/// RFC 9942 signs the root and no more: leaf 2 of 7 has the path of leaf 2 of 8. Whoever needs the
/// size or the index looks at a checkpoint.
#[test]
fn size_and_index_are_not_signed() {
    let log = Log::new(8, Algorithm::Ed25519);
    let honest = log.inclusion_proof(2);
    let stated = |size, index| {
        let path = honest.path().to_vec();
        let proof = InclusionProof::new(TreeSize(size), LeafIndex(index), path).unwrap();
        let signature = log.sign(&log.builder().to_be_signed(&log.root()));
        let receipt = log.builder().assemble_inclusion(&[proof], &signature);
        log.proves(&receipt.unwrap(), 2)
    };
    assert_eq!(stated(8, 2), Ok(log.root()));
    assert_eq!(stated(7, 2), Ok(log.root()));
    assert_eq!(stated(8, 3), Err(CoseReceiptError::SignatureInvalid));
}

#[test]
fn one_receipt_for_several_entries() {
    let log = Log::new(11, Algorithm::Ed25519);
    let proofs: Vec<InclusionProof> = [0, 4, 10].map(|index| log.inclusion_proof(index)).to_vec();
    let builder = log.builder();
    let signature = log.sign(&builder.to_be_signed(&log.root()));
    let receipt = builder.assemble_inclusion(&proofs, &signature).unwrap();
    for index in 0..11 {
        let proven = log.proves(&receipt, index).is_ok();
        assert_eq!(proven, [0, 4, 10].contains(&index), "{index}");
    }
    let none = builder.assemble_inclusion(&[], &signature);
    assert_eq!(none, Err(CoseReceiptError::ProofMissing));
    let many = vec![log.inclusion_proof(0); 16];
    let made = builder.assemble_inclusion(&many, &signature).unwrap();
    assert_eq!(log.proves(&made, 0), Ok(log.root()));
    let too_many = vec![log.inclusion_proof(0); 17];
    let made = builder.assemble_inclusion(&too_many, &signature);
    assert_eq!(made, Err(CoseReceiptError::TooLarge));
    let long = builder.with_claims(&"x".repeat(70_000), "");
    let made = long.assemble_inclusion(&proofs, &signature);
    assert_eq!(made, Err(CoseReceiptError::TooLarge));
}

#[test]
fn proofs_have_one_length() {
    let hash = Hash::EMPTY_ROOT;
    let inclusion = |size, index, len| {
        InclusionProof::new(TreeSize(size), LeafIndex(index), vec![hash; len]).map(|_| ())
    };
    assert_eq!(inclusion(0, 0, 0), Err(CoseReceiptError::ZeroSizeTree));
    assert_eq!(inclusion(1, 0, 0), Err(CoseReceiptError::PathLengthWrong));
    assert_eq!(inclusion(2, 0, 0), Err(CoseReceiptError::PathLengthWrong));
    assert_eq!(inclusion(2, 0, 1), Ok(()));
    assert_eq!(inclusion(2, 2, 1), Err(CoseReceiptError::IndexBeyondTree));
    assert_eq!(inclusion(u64::MAX, 0, 64), Ok(()));
    let longer = inclusion(u64::MAX, 0, 65);
    assert_eq!(longer, Err(CoseReceiptError::PathLengthWrong));
    let consistency = |old, new, len| {
        ConsistencyProof::new(TreeSize(old), TreeSize(new), vec![hash; len]).map(|_| ())
    };
    assert_eq!(consistency(0, 4, 0), Err(CoseReceiptError::ZeroSizeTree));
    assert_eq!(consistency(4, 3, 1), Err(CoseReceiptError::SizesReversed));
    assert_eq!(consistency(4, 4, 0), Err(CoseReceiptError::PathLengthWrong));
    assert_eq!(consistency(3, 5, 4), Ok(()));
    assert_eq!(consistency(3, 5, 3), Err(CoseReceiptError::PathLengthWrong));
    assert_eq!(consistency(4, 5, 1), Ok(()));
}

/// A statement of ours, logged, with two receipts of different logs.
#[test]
fn a_transparent_statement() {
    let issuer = SecretKey::generate(Algorithm::Es256, [3; 32]);
    let header = Header::new(
        PrincipalId::parse("dock-7").unwrap(),
        "goods",
        vec![Origin::parse("log.example/site-1").unwrap()],
        Kind::new("note", 1).unwrap(),
    );
    let signed = sign1(&header.unwrap(), b"payload", &issuer);
    let statement = ScittStatement::parse(&signed).unwrap();
    assert!(statement.receipts().is_empty());
    let receipts = vec![
        Log::new(4, Algorithm::Es256).inclusion(1),
        b"a receipt of a kind that nobody knows".to_vec(),
    ];
    let transparent = statement.transparent(&receipts).unwrap();
    let read = ScittStatement::parse(&transparent).unwrap();
    assert_eq!(read.receipts(), receipts);
    assert_eq!(read.logged_bytes(), signed);
    assert_eq!(read.payload(), b"payload");
    assert_eq!(read.verify_signature(&issuer.public()), Ok(()));
    let stranger = SecretKey::generate(Algorithm::Es256, [4; 32]).public();
    let refused = Err(CoseReceiptError::StatementSignatureInvalid);
    assert_eq!(read.verify_signature(&stranger), refused);
    // The reader of our own statements sees the same statement and the same entry.
    let own = Statement::parse(&transparent).unwrap();
    assert_eq!((own.logged_bytes(), own.entry()), (signed, read.entry()));
    let none = statement.transparent(&[]);
    assert_eq!(none, Err(CoseReceiptError::ReceiptsMalformed));
    let many = statement.transparent(&vec![vec![]; 17]);
    assert_eq!(many, Err(CoseReceiptError::TooLarge));
    let long = statement.transparent(&[vec![0; (64 << 10) + 1]]);
    assert_eq!(long, Err(CoseReceiptError::TooLarge));
}

/// Each bit of a receipt in turn.
#[test]
fn a_changed_bit_is_refused_or_proves_the_same() {
    let log = Log::new(7, Algorithm::Ed25519);
    let honest = log.inclusion(2);
    let mut still_proven = Vec::new();
    for (at, bit) in (0..honest.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut receipt = honest.clone();
        receipt[at] ^= 1 << bit;
        if let Ok(root) = log.proves(&receipt, 2) {
            assert_eq!(root, log.root());
            still_proven.push(at);
        }
    }
    // The stated size may be 5, 6 or 7 (one bit from 7: 5 and 6); nothing else may change.
    still_proven.dedup();
    let size = honest
        .windows(4)
        .position(|four| four == [0x83, 7, 2, 0x83]);
    assert_eq!(still_proven, [size.unwrap() + 1]);
}

proptest! {
    #[test]
    fn a_changed_byte_is_refused_or_proves_the_same(
        algorithm in algorithms(), size in 2u64..40, pick in any::<sample::Index>(),
        spot in any::<sample::Index>(), change in 1u8..,
    ) {
        let log = Log::new(size, algorithm);
        let index = pick.index(usize::try_from(size).unwrap()) as u64;
        let mut receipt = log.inclusion(index);
        prop_assert_eq!(log.proves(&receipt, index), Ok(log.root()));
        let at = spot.index(receipt.len());
        receipt[at] ^= change;
        if let Ok(root) = log.proves(&receipt, index) {
            // What may have changed is what nobody signed: the stated size and index.
            prop_assert_eq!(root, log.root());
            let path = log.inclusion_proof(index).path().to_vec();
            let read = CoseReceipt::parse(&receipt).unwrap();
            prop_assert_eq!(read.inclusion_proofs().len(), 1);
            prop_assert_eq!(read.inclusion_proofs()[0].path(), path);
        }
    }

    #[test]
    fn a_changed_byte_of_a_consistency_receipt_is_refused_or_proves_the_same(
        size in 3u64..40, pick in any::<sample::Index>(),
        spot in any::<sample::Index>(), change in 1u8..,
    ) {
        let log = Log::new(size, Algorithm::Ed25519);
        let old = 1 + pick.index(usize::try_from(size - 1).unwrap()) as u64;
        let mut receipt = log.consistency(old);
        prop_assert_eq!(log.proves_from(&receipt, old), Ok(log.root()));
        let at = spot.index(receipt.len());
        receipt[at] ^= change;
        if let Ok(root) = log.proves_from(&receipt, old) {
            prop_assert_eq!(root, log.root());
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(CoseReceipt::parse(&bytes).is_err());
    }

    #[test]
    fn cut_off_is_refused(len in any::<sample::Index>()) {
        let receipt = Log::new(9, Algorithm::Ed25519).inclusion(3);
        let cut = &receipt[..len.index(receipt.len())];
        prop_assert!(CoseReceipt::parse(cut).is_err());
    }
}
