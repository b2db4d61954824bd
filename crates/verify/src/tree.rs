//! One tree: a checkpoint, whether the reader trusts it, and what is in it.

use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, NoteError, VerifierKey};
use countersign_tlog::proof::verify_inclusion;
use countersign_tlog::{Hash, LeafIndex};

use crate::reason::Reason;
use crate::report::{Fault, Piece};
use crate::trust::{self, Trust, Trusted};
use crate::words::shown;

/// A checkpoint as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    /// The signed note.
    pub(crate) note: Note,
    /// Its text.
    pub(crate) checkpoint: Checkpoint,
    /// Who of those whom the reader trusts speaks for it, or why nobody does.
    pub(crate) trusted: Result<Trusted, Fault>,
}

impl Tree {
    /// Reads a signed note.
    pub(crate) fn read(bytes: &[u8], trust: &Trust) -> Result<Self, Fault> {
        let unreadable = |words: String| Fault::new(Reason::CheckpointUnreadable, words);
        let note = Note::parse(bytes).map_err(|error| unreadable(error.to_string()))?;
        let checkpoint =
            Checkpoint::parse(note.text()).map_err(|error| unreadable(error.to_string()))?;
        let trusted = trust::judge(trust, &note, &checkpoint);
        Ok(Self {
            note,
            checkpoint,
            trusted,
        })
    }

    /// Identity of the log, as the checkpoint states it.
    pub(crate) fn origin(&self) -> &str {
        self.checkpoint.origin()
    }

    /// Whether the entry stands at this index of the tree.
    pub(crate) fn holds(
        &self,
        entry: Digest,
        index: Index,
        path: &[Hash],
        reason: Reason,
    ) -> Result<(), Fault> {
        let size = self.checkpoint.size();
        let leaf = Hash::leaf(entry.as_bytes());
        verify_inclusion(
            &leaf,
            LeafIndex(index.0),
            size,
            path,
            self.checkpoint.root(),
        )
        .map_err(|error| {
            let detail = format!("as entry {index} of {}: {error}", size.0);
            Fault::new(reason, detail)
        })
    }

    /// The piece of the checkpoint itself. `named` are the keys that genesis names, where it is known:
    /// if nobody whom the reader trusts speaks for the checkpoint, one of them must at least have
    /// signed it.
    pub(crate) fn piece(&self, name: &str, named: Option<&[String]>) -> Piece {
        let size = self.checkpoint.size().0;
        let claim = format!(
            "the log {} had {size} entries with this root",
            shown(self.origin())
        );
        match (&self.trusted, named) {
            (Ok(trusted), _) => {
                let by = format!(
                    "signed by the pinned key {}",
                    short(&trusted.signer.to_string())
                );
                Piece::proven(name, claim, by)
            }
            (Err(fault), Some(keys)) if fault.verdict != crate::Verdict::Disproven => {
                let fault = self.signed_by(keys).err().unwrap_or_else(|| fault.clone());
                Piece::fails(name, claim, fault)
            }
            (Err(fault), _) => Piece::fails(name, claim, fault.clone()),
        }
    }

    /// A piece for each witness of the reader's policy that cosigned.
    pub(crate) fn cosignature_pieces(&self, name: &str) -> Vec<Piece> {
        let cosigned = self
            .trusted
            .as_ref()
            .map_or(&[][..], |trusted| &trusted.cosigned);
        let piece = |(witness, time_s): &(String, u64)| {
            let ms = i64::try_from(*time_s)
                .ok()
                .and_then(|s| s.checked_mul(1000));
            let when = ms.map_or_else(
                || format!("{time_s} s after 1970"),
                |ms| countersign_model::time::Timestamp::from_ms(ms).to_string(),
            );
            let claim = format!("everything in this tree was there by {when}");
            let detail = format!("cosigned by {}: its word on the time", shown(witness));
            Piece::proven(name, claim, detail)
        };
        cosigned.iter().map(piece).collect()
    }

    /// Whether a key that genesis names signed the checkpoint: the pinned one, where one is. A line
    /// by any of them must hold.
    pub(crate) fn signed_by(&self, vkeys: &[String]) -> Result<(), Fault> {
        let keys = genesis_keys(vkeys)?;
        let verified = self.note.verify(&keys);
        let wrong = |words: &str| Err(not_by_genesis(vkeys, words));
        match (&self.trusted, verified) {
            (_, Err(NoteError::InvalidSignature(_))) => wrong("one signed it wrongly"),
            (Ok(trusted), _) if !keys.contains(&trusted.signer) => {
                wrong("none is the key that you pinned")
            }
            (Err(_), Err(_)) => wrong("none signed the checkpoint"),
            (Ok(_), _) | (Err(_), Ok(_)) => Ok(()),
        }
    }

    /// Whether every key that genesis names signed the checkpoint, as a node signs what it publishes.
    pub(crate) fn signed_by_all(&self, vkeys: &[String]) -> Result<(), Fault> {
        self.signed_by(vkeys)?;
        let keys = genesis_keys(vkeys)?;
        let is_signed = |key: &VerifierKey| self.note.verify([key]).is_ok();
        if keys.iter().all(is_signed) {
            Ok(())
        } else {
            Err(not_by_genesis(
                vkeys,
                "one did not sign the published checkpoint",
            ))
        }
    }
}

fn genesis_keys(vkeys: &[String]) -> Result<Vec<VerifierKey>, Fault> {
    let keys = vkeys.iter().map(|vkey| VerifierKey::parse(vkey));
    keys.collect::<Result<_, _>>()
        .map_err(|_| not_by_genesis(vkeys, "one is not a key"))
}

fn not_by_genesis(vkeys: &[String], words: &str) -> Fault {
    let named: Vec<String> = vkeys.iter().map(|vkey| short(vkey)).collect();
    let detail = format!(
        "of the keys that genesis names, {}, {words}",
        named.join(" and ")
    );
    Fault::new(Reason::CheckpointNotByGenesisKey, detail)
}

/// A verifier key as far as a person compares it: keys of ML-DSA are long.
fn short(vkey: &str) -> String {
    const SHOWN_CHARS: usize = 160;
    let vkey = shown(vkey);
    match vkey.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", vkey.get(..end).unwrap_or_default()),
        None => vkey,
    }
}
