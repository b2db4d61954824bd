//! Evidence packs: the claims about a unit or behind a finding, with everything that proves them.

use std::collections::BTreeSet;

use countersign_model::act::Act;
use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::fold::Said;
use countersign_model::ids::KeyId;
use countersign_model::network::Object;
use countersign_pack::builder::{BuildError, Builder};
use countersign_pack::manifest::About;
use countersign_pack::receipt::ClaimReceipt;

use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground::Group;
use crate::raw::{RawError, bodies};

/// Why a pack cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A piece cannot be read.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// The pack would break a rule of its format.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The node cannot go on.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// What a pack holds.
#[derive(Clone, Debug)]
pub struct Contents {
    /// What it is about.
    pub about: About,
    /// The claims.
    pub claims: Vec<ClaimRef>,
    /// Records of findings.
    pub conclusions: Vec<ClaimRef>,
    /// The maker's account, JSON.
    pub timeline: String,
    /// Disclose the sealed parts of the claims.
    pub disclose: bool,
}

impl Engine {
    /// Makes an evidence pack against the committed checkpoint.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn pack(&self, contents: &Contents) -> Result<Vec<u8>, PackError> {
        let origin = self.state.identity.origin.as_str();
        let mut builder = Builder::new(origin, contents.about.clone(), self.folds.index(), self.checkpoint.clone());
        let genesis = self.group(Index(0))?.ok_or_else(|| Fatal::Damaged("there is no genesis".into()))?;
        builder.genesis(genesis.statement, self.statement_proof(Index(0))?)?;
        let mut keys = BTreeSet::new();
        for at in &contents.claims {
            let receipt = self.add_claim(&mut builder, *at, contents.disclose, &mut keys)?;
            builder.receipt(&receipt)?;
        }
        for at in &contents.conclusions {
            let receipt = self.add_claim(&mut builder, *at, false, &mut keys)?;
            builder.conclusion(&receipt)?;
        }
        self.add_enrolments(&mut builder, keys)?;
        builder.timeline(&contents.timeline)?;
        Ok(builder.build()?)
    }

    fn add_claim(
        &self,
        builder: &mut Builder,
        at: ClaimRef,
        disclose: bool,
        keys: &mut BTreeSet<KeyId>,
    ) -> Result<ClaimReceipt, PackError> {
        let receipt = self.claim_receipt(at)?;
        let body = self.body(at, disclose)?;
        builder.body(&body)?;
        self.add_envelope(builder, body.envelope)?;
        keys.extend(stored_statement(&receipt.statement)?.key_ids());
        Ok(receipt)
    }

    fn add_envelope(&self, builder: &mut Builder, digest: Digest) -> Result<(), PackError> {
        let Some(index) = self.state.envelopes.came_at(digest) else { return Ok(()) };
        let Some(group) = self.group(index)? else { return Ok(()) };
        if let Some(envelope) = envelope_in(&group, digest)? {
            builder.envelope(&envelope)?;
            if let Some(head) = envelope.head {
                self.add_envelope(builder, head)?;
            }
            if let Some(mapping) = envelope.mapping {
                self.add_mapping(builder, mapping)?;
            }
        }
        Ok(())
    }

    fn add_mapping(&self, builder: &mut Builder, mapping: Digest) -> Result<(), PackError> {
        if let Some(bytes) = self.state.envelopes.mapping_bytes(mapping) {
            builder.blob(bytes.to_vec())?;
        }
        Ok(())
    }

    /// The acts that enrolled the keys; administrators' keys may need enrolments of their own.
    fn add_enrolments(&self, builder: &mut Builder, mut keys: BTreeSet<KeyId>) -> Result<(), PackError> {
        let mut done = BTreeSet::new();
        while let Some(key) = keys.pop_first() {
            if !done.insert(key) {
                continue;
            }
            let Some(entry) = self.state.register.resolve(&key) else { continue };
            // Keys named in genesis are proved by it.
            if entry.since == Index(0) {
                continue;
            }
            let Some(at) = self.enrolment_of(entry.since, &key)? else { continue };
            let receipt = self.add_claim(builder, at, false, &mut keys)?;
            builder.enrolment(key, &receipt)?;
        }
        Ok(())
    }

    fn enrolment_of(&self, index: Index, key: &KeyId) -> Result<Option<ClaimRef>, PackError> {
        for at in self.claims_at(index)? {
            if let Some(Said::Act(Act::Define(object))) = self.said(at)?
                && let Object::Principal(principal) = &*object
                && countersign_attest::PublicKey::parse(&principal.key).is_ok_and(|named| named.id() == *key)
            {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The claims of a statement.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn claims_at(&self, index: Index) -> Result<Vec<ClaimRef>, Fatal> {
        let Some(group) = self.group(index)? else { return Ok(Vec::new()) };
        let count = stored_statement(&group.statement)?.claim_digests().len();
        Ok((0..u32::try_from(count).unwrap_or(u32::MAX)).map(|ordinal| ClaimRef { index, ordinal }).collect())
    }

    /// What a claim says, decoded from its open view; `None` when it cannot be decoded.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn said(&self, at: ClaimRef) -> Result<Option<Said>, RawError> {
        let group = self.group(at.index)?.ok_or(RawError::NoClaim(at))?;
        let statement = stored_statement(&group.statement)?;
        let key = statement.key_ids().first().copied().unwrap_or_else(|| self.state.register.node_key());
        let (issuer, _) = self.state.speaker(&statement, &key);
        let by_digest = bodies(&group)?;
        let mut counts = crate::intake::Counts::default();
        let mut said = None;
        for digest in statement.claim_digests().iter().take(at.ordinal as usize + 1) {
            let body = by_digest.get(digest);
            said = body.and_then(|b| crate::intake::decode(&self.state.envelopes, &issuer, b, &mut counts).ok());
        }
        Ok(said)
    }
}

fn envelope_in(group: &Group, digest: Digest) -> Result<Option<EnvelopeBody>, Fatal> {
    for bytes in &group.envelopes {
        let envelope = EnvelopeBody::decode(bytes).map_err(|e| Fatal::Damaged(e.to_string()))?;
        if envelope.digest() == digest {
            return Ok(Some(envelope));
        }
    }
    Ok(None)
}
