//! Makes packs: the caller hands in the pieces, in any order, and gets the bytes.
//!
//! The same pieces give the same bytes. Nothing is checked that only a verifier can judge; what is
//! checked is that the pieces can stand in one pack.

use std::collections::BTreeMap;

use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::ids::KeyId;

use crate::archive::{self, ArchiveError, File};
use crate::manifest::{About, Listed, MANIFEST_NAME, Manifest};
use crate::readme;
use crate::receipt::ClaimReceipt;
use crate::role::Role;

/// Why pieces do not make a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Two different pieces would have this name.
    #[error("two different pieces are called `{0}`")]
    Conflict(String),
    /// A receipt rests on another checkpoint than the pack: make it anew for this one.
    #[error("`{0}` rests on another checkpoint than the pack")]
    OtherCheckpoint(String),
    /// The files are too many or too large for one pack.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// A pack in the making.
#[derive(Clone, Debug)]
pub struct Builder {
    origin: String,
    about: About,
    made_at: Index,
    checkpoint: Vec<u8>,
    files: BTreeMap<Role, Vec<u8>>,
    enrolled: BTreeMap<KeyId, BTreeMap<(Index, u32), Vec<u8>>>,
}

impl Builder {
    /// A pack of the log `origin`, whose maker had read it up to `made_at`. Every receipt must
    /// rest on `checkpoint`, a signed note.
    #[must_use]
    pub fn new(origin: &str, about: About, made_at: Index, checkpoint: Vec<u8>) -> Self {
        let mut files = BTreeMap::new();
        files.insert(
            Role::Readme,
            readme::text(origin, &about, made_at).into_bytes(),
        );
        files.insert(Role::Checkpoint, checkpoint.clone());
        Self {
            origin: origin.to_owned(),
            about,
            made_at,
            checkpoint,
            files,
            enrolled: BTreeMap::new(),
        }
    }

    /// The log's first entry as logged, and the `.tlog-proof` that it is that.
    ///
    /// # Errors
    /// [`BuildError::Conflict`].
    pub fn genesis(&mut self, statement: Vec<u8>, proof: Vec<u8>) -> Result<(), BuildError> {
        self.put(Role::Genesis, statement)?;
        self.put(Role::GenesisProof, proof)
    }

    /// The receipt of an act by which an administrator gave this key to a principal. Its body and
    /// envelope are handed in like others.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] or [`BuildError::OtherCheckpoint`].
    pub fn enrolment(&mut self, kid: KeyId, receipt: &ClaimReceipt) -> Result<(), BuildError> {
        let name = format!("keys/{kid}/{}", receipt.at);
        self.same_checkpoint(&name, receipt)?;
        let bytes = receipt.encode();
        let place = (receipt.at.index, receipt.at.ordinal);
        let before = self
            .enrolled
            .entry(kid)
            .or_default()
            .insert(place, bytes.clone());
        if before.is_some_and(|before| before != bytes) {
            return Err(BuildError::Conflict(name));
        }
        Ok(())
    }

    /// The receipt of a claim that the pack is about.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] or [`BuildError::OtherCheckpoint`].
    pub fn receipt(&mut self, receipt: &ClaimReceipt) -> Result<(), BuildError> {
        self.put_receipt(Role::Receipt(receipt.at), receipt)
    }

    /// The receipt of a finding that the node recorded.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] or [`BuildError::OtherCheckpoint`].
    pub fn conclusion(&mut self, receipt: &ClaimReceipt) -> Result<(), BuildError> {
        self.put_receipt(Role::Conclusion(receipt.at), receipt)
    }

    /// What a claim says. Whoever makes the pack withholds ([`ClaimBody::withheld`]) what its
    /// reader may not see.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] when the same body was handed in with other parts disclosed.
    pub fn body(&mut self, body: &ClaimBody) -> Result<(), BuildError> {
        self.put(Role::Body(body.digest()), body.encode())
    }

    /// What stood around claims.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] when the same envelope was handed in with other parts disclosed.
    pub fn envelope(&mut self, envelope: &EnvelopeBody) -> Result<(), BuildError> {
        self.put(Role::Envelope(envelope.digest()), envelope.encode())
    }

    /// A mapping file.
    ///
    /// # Errors
    /// None today; the digest is the name.
    pub fn blob(&mut self, bytes: Vec<u8>) -> Result<(), BuildError> {
        self.put(Role::Blob(Digest::of(&bytes)), bytes)
    }

    /// The maker's account of what happened, in JSON. Not evidence.
    ///
    /// # Errors
    /// [`BuildError::Conflict`].
    pub fn timeline(&mut self, json: &str) -> Result<(), BuildError> {
        self.put(Role::Timeline, json.as_bytes().to_vec())
    }

    /// The bytes of `pack.zip`.
    ///
    /// # Errors
    /// [`BuildError::Archive`].
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        let mut named: BTreeMap<String, (Role, &[u8])> = BTreeMap::new();
        for (role, bytes) in &self.files {
            named.insert(role.to_string(), (role.clone(), bytes));
        }
        for (kid, receipts) in &self.enrolled {
            for (number, bytes) in (0..).zip(receipts.values()) {
                let role = Role::Enrolment { kid: *kid, number };
                named.insert(role.to_string(), (role, bytes));
            }
        }
        let listed = |(role, bytes): &(Role, &[u8])| Listed {
            role: role.clone(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        };
        let manifest = Manifest {
            origin: self.origin.clone(),
            about: self.about.clone(),
            made_at: self.made_at,
            files: named.values().map(listed).collect(),
        };
        let manifest = manifest.render();
        let mut files: Vec<File<'_>> = Vec::with_capacity(named.len() + 1);
        files.extend(
            named
                .iter()
                .map(|(name, (_, bytes))| (name.as_str(), *bytes)),
        );
        files.push((MANIFEST_NAME, manifest.as_bytes()));
        files.sort_unstable_by_key(|(name, _)| *name);
        Ok(archive::write(&files)?)
    }

    fn put_receipt(&mut self, role: Role, receipt: &ClaimReceipt) -> Result<(), BuildError> {
        self.same_checkpoint(&role.to_string(), receipt)?;
        self.put(role, receipt.encode())
    }

    fn same_checkpoint(&self, name: &str, receipt: &ClaimReceipt) -> Result<(), BuildError> {
        if receipt.checkpoint == self.checkpoint {
            Ok(())
        } else {
            Err(BuildError::OtherCheckpoint(name.to_owned()))
        }
    }

    fn put(&mut self, role: Role, bytes: Vec<u8>) -> Result<(), BuildError> {
        match self.files.get(&role) {
            Some(before) if *before != bytes => Err(BuildError::Conflict(role.to_string())),
            Some(_) => Ok(()),
            None => {
                self.files.insert(role, bytes);
                Ok(())
            }
        }
    }
}
