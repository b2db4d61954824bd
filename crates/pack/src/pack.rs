//! An opened pack: every file in its place, nothing proven yet.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_model::ids::KeyId;

use crate::archive;
use crate::damage::{Damage, DamageKind};
use crate::manifest::{MANIFEST_NAME, Manifest};
use crate::receipt::{ClaimReceipt, ReceiptError};
use crate::role::Role;

/// A pack whose archive is canonical and whose manifest names exactly its files.
#[derive(Clone, Debug)]
pub struct Pack<'a> {
    manifest: Manifest,
    files: BTreeMap<Role, &'a [u8]>,
    receipts: BTreeMap<Role, ClaimReceipt>,
}

impl<'a> Pack<'a> {
    /// Opens the bytes of `pack.zip`.
    ///
    /// # Errors
    /// [`Damage`]: the archive is not canonical, the manifest does not match, a file that every
    /// pack has is missing, a file has an unknown name, or a receipt is not one.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Damage> {
        let archived = archive::read(bytes)?;
        let (_, manifest) = archived
            .iter()
            .find(|(name, _)| *name == MANIFEST_NAME)
            .ok_or_else(|| missing(&Role::Manifest))?;
        let manifest = Manifest::parse(manifest)?;
        manifest.matches(&archived)?;
        let others = archived.iter().filter(|(name, _)| *name != MANIFEST_NAME);
        let files: BTreeMap<Role, &[u8]> = manifest
            .files
            .iter()
            .map(|listed| listed.role.clone())
            .zip(others.map(|(_, bytes)| *bytes))
            .collect();
        for role in [Role::Genesis, Role::GenesisProof, Role::Checkpoint] {
            if !files.contains_key(&role) {
                return Err(missing(&role));
            }
        }
        let mut receipts = BTreeMap::new();
        for (role, bytes) in &files {
            if let Role::Receipt(_) | Role::Conclusion(_) | Role::Enrolment { .. } = role {
                let receipt =
                    ClaimReceipt::decode(bytes).map_err(|error| bad_receipt(role, error))?;
                receipts.insert(role.clone(), receipt);
            }
        }
        Ok(Self {
            manifest,
            files,
            receipts,
        })
    }

    /// The list.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every file but the manifest, with its bytes.
    pub fn files(&self) -> impl Iterator<Item = (&Role, &'a [u8])> {
        self.files.iter().map(|(role, bytes)| (role, *bytes))
    }

    /// The genesis as logged.
    #[must_use]
    pub fn genesis(&self) -> &'a [u8] {
        self.required(&Role::Genesis)
    }

    /// The proof that genesis is entry 0.
    #[must_use]
    pub fn genesis_proof(&self) -> &'a [u8] {
        self.required(&Role::GenesisProof)
    }

    /// The signed note.
    #[must_use]
    pub fn checkpoint(&self) -> &'a [u8] {
        self.required(&Role::Checkpoint)
    }

    /// Every receipt with its role: of keys, of claims, of conclusions.
    pub fn receipts(&self) -> impl Iterator<Item = (&Role, &ClaimReceipt)> {
        self.receipts.iter()
    }

    /// The receipt of this claim, among those the pack is about.
    #[must_use]
    pub fn receipt(&self, at: ClaimRef) -> Option<&ClaimReceipt> {
        self.receipts.get(&Role::Receipt(at))
    }

    /// The acts that gave somebody this key.
    pub fn enrolments(&self, kid: KeyId) -> impl Iterator<Item = &ClaimReceipt> {
        let of_kid =
            move |role: &Role| matches!(role, Role::Enrolment { kid: of, .. } if *of == kid);
        self.receipts
            .iter()
            .filter(move |(role, _)| of_kid(role))
            .map(|(_, receipt)| receipt)
    }

    /// Bytes of the body with this digest, as the archive names it.
    #[must_use]
    pub fn body(&self, digest: Digest) -> Option<&'a [u8]> {
        self.files.get(&Role::Body(digest)).copied()
    }

    /// Bytes of the envelope with this digest, as the archive names it.
    #[must_use]
    pub fn envelope(&self, digest: Digest) -> Option<&'a [u8]> {
        self.files.get(&Role::Envelope(digest)).copied()
    }

    /// The mapping file with this SHA-256, as the archive names it.
    #[must_use]
    pub fn blob(&self, digest: Digest) -> Option<&'a [u8]> {
        self.files.get(&Role::Blob(digest)).copied()
    }

    /// [`Pack::open`] has seen that these are there.
    fn required(&self, role: &Role) -> &'a [u8] {
        self.files.get(role).copied().unwrap_or_default()
    }
}

fn missing(role: &Role) -> Damage {
    Damage::new(DamageKind::FileMissing, "every pack has this file").within(&role.to_string())
}

fn bad_receipt(role: &Role, error: ReceiptError) -> Damage {
    Damage::new(DamageKind::ReceiptMalformed, error.to_string()).within(&role.to_string())
}
