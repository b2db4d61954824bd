//! One tree: a checkpoint, whether the reader trusts it, and what is in it.

use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};
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

    /// The piece of the checkpoint itself. `named` is the key that genesis names, where it is known:
    /// if nobody whom the reader trusts speaks for the checkpoint, that key must at least have
    /// signed it.
    pub(crate) fn piece(&self, name: &str, named: Option<&str>) -> Piece {
        let size = self.checkpoint.size().0;
        let claim = format!(
            "the log {} had {size} entries with this root",
            shown(self.origin())
        );
        match (&self.trusted, named) {
            (Ok(trusted), _) => {
                let by = format!(
                    "signed by the pinned key {}",
                    shown(&trusted.signer.to_string())
                );
                Piece::proven(name, claim, by)
            }
            (Err(fault), Some(vkey)) if fault.verdict != crate::Verdict::Disproven => {
                let fault = self.signed_by(vkey).err().unwrap_or_else(|| fault.clone());
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

    /// Whether the key that genesis names signed the checkpoint.
    pub(crate) fn signed_by(&self, vkey: &str) -> Result<(), Fault> {
        let wrong = |words: &str| {
            let detail = format!("the key that genesis names, {}, {words}", shown(vkey));
            Fault::new(Reason::CheckpointNotByGenesisKey, detail)
        };
        let key = VerifierKey::parse(vkey).map_err(|_| wrong("is not a key"))?;
        match &self.trusted {
            Ok(trusted) if trusted.signer == key => Ok(()),
            Ok(_) => Err(wrong("is not the key that you pinned")),
            Err(_) => match self.note.verify([&key]) {
                Ok(_) => Ok(()),
                Err(_) => Err(wrong("did not sign the checkpoint")),
            },
        }
    }
}
