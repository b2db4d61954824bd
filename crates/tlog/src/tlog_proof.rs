//! Offline proofs that an entry is in a log: c2sp.org/tlog-proof, the `.tlog-proof` file.
//!
//! The proof carries the index, the inclusion path and the signed checkpoint. It never brings its
//! own trust: the verifier brings the entry and the pinned key, or a policy.

use core::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::lexeme::{base64_decode, base64_encode, decimal};
use crate::limits::{INCLUSION_HASHES_MAX, PROOF_BYTES_MAX, PROOF_EXTRA_BYTES_MAX};
use crate::note::{Note, NoteError, VerifiedSignature, VerifierKey};
use crate::policy::{Policy, PolicyError, PolicyVerdict};
use crate::proof::{ProofError, verify_inclusion};
use crate::tree::LeafIndex;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Larger than the limits of this crate.
    #[error("the proof is too large")]
    TooLarge,
    /// Not the lines that the page asks for.
    #[error("not a tlog-proof")]
    Malformed,
    /// The checkpoint is not a note, or not one that the pinned key signed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text of the note is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is of another log than the pinned key's.
    #[error("the checkpoint is of another log")]
    OriginMismatch,
    /// The policy does not accept the checkpoint.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The path does not lead from the entry to the root of the checkpoint.
    #[error(transparent)]
    Inclusion(#[from] ProofError),
}

impl TlogProofError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "tlog_proof_too_large",
            Self::Malformed => "tlog_proof_malformed",
            Self::Note(why) => why.code(),
            Self::Checkpoint(why) => why.code(),
            Self::OriginMismatch => "tlog_proof_origin_mismatch",
            Self::Policy(why) => why.code(),
            Self::Inclusion(why) => why.code(),
        }
    }
}

/// A proof as it was read or made, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Vec<u8>>,
    index: LeafIndex,
    path: Vec<Hash>,
    checkpoint: Note,
}

/// What a verified proof says: the entry stood at this index when the log signed this checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenInclusion<'k> {
    /// Place of the entry.
    pub index: LeafIndex,
    /// The checkpoint, which the log signed.
    pub checkpoint: Checkpoint,
    /// Signatures of the pinned keys; with a time only where a cosigner was among them.
    pub signatures: Vec<VerifiedSignature<'k>>,
}

impl TlogProof {
    /// A proof from its parts: the inclusion path from the leaf's sibling upwards, and the signed
    /// checkpoint it leads to.
    ///
    /// # Errors
    /// [`TlogProofError::TooLarge`] if the path has more than 64 hashes.
    pub fn new(
        index: LeafIndex,
        path: Vec<Hash>,
        checkpoint: Note,
    ) -> Result<Self, TlogProofError> {
        if path.len() > INCLUSION_HASHES_MAX {
            return Err(TlogProofError::TooLarge);
        }
        Ok(Self {
            extra: None,
            index,
            path,
            checkpoint,
        })
    }

    /// The same proof with extra data, which nothing authenticates. Empty data is no data.
    ///
    /// # Errors
    /// [`TlogProofError::TooLarge`] above 32 KiB.
    pub fn with_extra(self, extra: Vec<u8>) -> Result<Self, TlogProofError> {
        if extra.len() > PROOF_EXTRA_BYTES_MAX {
            return Err(TlogProofError::TooLarge);
        }
        let extra = (!extra.is_empty()).then_some(extra);
        Ok(Self { extra, ..self })
    }

    /// Reads a `.tlog-proof`.
    ///
    /// # Errors
    /// [`TlogProofError::TooLarge`], [`TlogProofError::Malformed`] or [`TlogProofError::Note`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(TlogProofError::TooLarge);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| TlogProofError::Malformed)?;
        let body = text.strip_prefix(HEADER).ok_or(TlogProofError::Malformed)?;
        // The first blank line ends the proof; the checkpoint has blank lines of its own.
        let (lines, checkpoint) = body.split_once("\n\n").ok_or(TlogProofError::Malformed)?;
        let (extra, index, path) = read_lines(lines).ok_or(TlogProofError::Malformed)?;
        let proof = Self::new(index, path, Note::parse(checkpoint.as_bytes())?)?;
        proof.with_extra(extra.unwrap_or_default())
    }

    /// Extra data. Nothing authenticates it, not even after verification.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// Place of the entry, as claimed.
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The inclusion path from the leaf's sibling upwards.
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    /// The signed checkpoint, as it was read.
    pub const fn checkpoint(&self) -> &Note {
        &self.checkpoint
    }

    /// Checks that the entry is in the log whose key is pinned: the origin is the name of the key,
    /// the key signed the checkpoint, and the path leads from the entry to its root. Cosignatures
    /// are not looked at; for those use [`TlogProof::verify_by_policy`].
    ///
    /// # Errors
    /// [`TlogProofError`].
    pub fn verify<'k>(
        &self,
        entry: &[u8],
        log: &'k VerifierKey,
    ) -> Result<ProvenInclusion<'k>, TlogProofError> {
        let signatures = self.checkpoint.verify([log])?;
        let checkpoint = Checkpoint::parse(self.checkpoint.text())?;
        if checkpoint.origin() != log.name().as_str() {
            return Err(TlogProofError::OriginMismatch);
        }
        self.verify_path(entry, &checkpoint)?;
        Ok(ProvenInclusion {
            index: self.index,
            checkpoint,
            signatures,
        })
    }

    /// Checks that the entry is in a log of the policy, at a checkpoint that its quorum of
    /// witnesses cosigned.
    ///
    /// # Errors
    /// [`TlogProofError`].
    pub fn verify_by_policy<'p>(
        &self,
        entry: &[u8],
        policy: &'p Policy,
    ) -> Result<PolicyVerdict<'p>, TlogProofError> {
        let verdict = policy.evaluate(&self.checkpoint)?;
        self.verify_path(entry, &verdict.checkpoint)?;
        Ok(verdict)
    }

    fn verify_path(&self, entry: &[u8], checkpoint: &Checkpoint) -> Result<(), ProofError> {
        let leaf = Hash::leaf(entry);
        verify_inclusion(
            &leaf,
            self.index,
            checkpoint.size(),
            &self.path,
            checkpoint.root(),
        )
    }
}

impl fmt::Display for TlogProof {
    /// The whole file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(HEADER)?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", base64_encode(extra))?;
        }
        writeln!(out, "index {}", self.index.0)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

type Lines = (Option<Vec<u8>>, LeafIndex, Vec<Hash>);

/// The lines between the header and the first blank line.
fn read_lines(text: &str) -> Option<Lines> {
    let mut lines = text.split('\n').peekable();
    let extra = match lines.peek()?.strip_prefix("extra ") {
        Some(extra) => {
            lines.next();
            Some(base64_decode(extra).filter(|extra| !extra.is_empty())?)
        }
        None => None,
    };
    let index = LeafIndex(decimal(lines.next()?.strip_prefix("index ")?)?);
    let mut path = Vec::new();
    for line in lines {
        if path.len() == INCLUSION_HASHES_MAX {
            return None;
        }
        path.push(Hash::from_base64(line)?);
    }
    Some((extra, index, path))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::note::{Ed25519Signer, KeyName, SignatureType, Signer as _};
    use crate::proof::prove_inclusion;
    use crate::tree::{NodeTable, TreeSize};

    const NOTE: &str = "text\n\n\u{2014} a AAAAAAA=\n";

    fn check(lines: &str, expect: Result<(), &str>) {
        let text = format!("{HEADER}{lines}");
        let proof = TlogProof::parse(text.as_bytes());
        let verdict = proof.as_ref().map(|_| ()).map_err(TlogProofError::code);
        assert_eq!(verdict, expect, "{lines:?}");
        assert!(proof.is_err() || proof.is_ok_and(|proof| proof.to_string() == text));
    }

    #[test]
    fn proofs_have_one_spelling() {
        let hash = Hash::EMPTY_ROOT;
        check(&format!("index 0\n\n{NOTE}"), Ok(()));
        check(
            &format!("extra AA==\nindex 7\n{hash}\n{hash}\n\n{NOTE}"),
            Ok(()),
        );
        check(
            &format!("index 7\n{}\n{NOTE}", format!("{hash}\n").repeat(64)),
            Ok(()),
        );
        for bad in [
            format!("index 7\n{}\n{NOTE}", format!("{hash}\n").repeat(65)),
            format!("index 00\n\n{NOTE}"),
            format!("index 18446744073709551616\n\n{NOTE}"),
            format!("index  7\n\n{NOTE}"),
            format!("\nindex 7\n\n{NOTE}"),
            format!("extra \nindex 7\n\n{NOTE}"),
            format!("extra AA\nindex 7\n\n{NOTE}"),
            format!("extra AA==\nextra AA==\nindex 7\n\n{NOTE}"),
            format!("index 7\nextra AA==\n\n{NOTE}"),
            format!("index 7\nAAAA\n\n{NOTE}"),
            format!("index 7\r\n\r\n{NOTE}"),
            "index 7".to_owned(),
        ] {
            check(&bad, Err("tlog_proof_malformed"));
        }
        check(&format!("index 7\n\n\n{NOTE}"), Ok(()));
        check("index 7\n\nnot a note\n", Err("note_malformed"));
        assert_eq!(
            TlogProof::parse(NOTE.as_bytes()),
            Err(TlogProofError::Malformed)
        );
        assert_eq!(
            TlogProof::parse(&vec![0; PROOF_BYTES_MAX + 1]),
            Err(TlogProofError::TooLarge)
        );
    }

    fn signer(name: &str) -> Ed25519Signer {
        Ed25519Signer::new(
            KeyName::new(name).unwrap(),
            SignatureType::Ed25519,
            &[3; 32],
        )
    }

    /// The proof of entry `index` of a log that logs its indexes.
    fn proof(index: u64, size: u64, origin: &str, signer: &Ed25519Signer) -> TlogProof {
        let mut table = NodeTable::new();
        for entry in 0..size {
            table.append(Hash::leaf(&entry.to_be_bytes())).unwrap();
        }
        let path = prove_inclusion(&table, LeafIndex(index), TreeSize(size)).unwrap();
        let checkpoint = Checkpoint::new(origin, TreeSize(size), table.frontier().root()).unwrap();
        TlogProof::new(LeafIndex(index), path, checkpoint.sign(&[signer]).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_holds_for_its_entry_log_and_key_only() {
        let log = signer("log.example");
        let good = proof(5, 11, "log.example", &log);
        let good = TlogProof::parse(good.to_string().as_bytes()).unwrap();
        let verify = |proof: &TlogProof, entry: u64, key: &VerifierKey| {
            let proven = proof.verify(&entry.to_be_bytes(), key);
            proven
                .map(|proven| proven.index.0)
                .map_err(|error| error.code())
        };
        assert_eq!(verify(&good, 5, log.key()), Ok(5));
        assert_eq!(verify(&good, 6, log.key()), Err("proof_root_mismatch"));
        assert_eq!(
            verify(&good, 5, signer("other.example").key()),
            Err("note_unverified")
        );
        let elsewhere = proof(5, 11, "other.example", &log);
        assert_eq!(
            verify(&elsewhere, 5, log.key()),
            Err("tlog_proof_origin_mismatch")
        );
        let moved = TlogProof {
            index: LeafIndex(4),
            ..good.clone()
        };
        assert_eq!(verify(&moved, 5, log.key()), Err("proof_root_mismatch"));
        let beyond = TlogProof {
            index: LeafIndex(11),
            ..good
        };
        assert_eq!(verify(&beyond, 5, log.key()), Err("proof_out_of_range"));
    }

    #[test]
    fn a_note_that_is_no_checkpoint_proves_nothing() {
        let log = signer("log.example");
        let note = Note::sign("log.example\n", &[&log]).unwrap();
        let proof = TlogProof::new(LeafIndex(0), vec![], note).unwrap();
        let verdict = proof.verify(b"", log.key()).map(|_| ());
        assert_eq!(verdict, Err(TlogProofError::Checkpoint(CheckpointError)));
    }

    proptest! {
        #[test]
        fn round_trip(
            index: u64, path in prop::collection::vec(any::<[u8; 32]>(), 0..=64), extra: Vec<u8>,
        ) {
            let path = path.into_iter().map(Hash::from_bytes).collect();
            let note = Note::parse(NOTE.as_bytes()).unwrap();
            let proof = TlogProof::new(LeafIndex(index), path, note).unwrap();
            let proof = proof.with_extra(extra).unwrap();
            prop_assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
        }

    }

    proptest! {
        // Every case signs and checks a signature.
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_flipped_bit_never_verifies(spot in any::<prop::sample::Index>(), bit in 0u8..8) {
            let log = signer("log.example");
            let mut bytes = proof(5, 11, "log.example", &log).to_string().into_bytes();
            let spot = spot.index(bytes.len());
            bytes[spot] ^= 1 << bit;
            let verdict = TlogProof::parse(&bytes)
                .and_then(|proof| proof.verify(&5u64.to_be_bytes(), log.key()).map(|_| ()));
            prop_assert!(verdict.is_err(), "byte {} bit {}", spot, bit);
        }
    }
}
