//! Evidence packs: the claims about a unit or behind a finding, with everything that proves them.

use std::collections::BTreeSet;

use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::fold::Said;
use countersign_model::ids::KeyId;
use countersign_pack::limits::ENROLMENTS_PER_KEY_MAX;
use countersign_pack::{About, BuildError, Builder, ClaimReceipt};

use crate::engine::{Engine, Fatal, stored_statement};
use crate::envelopes::Reading;
use crate::intake::{Counts, decode};
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
        let origin = self.state.register.identity().origin.as_str();
        let mut builder = Builder::new(
            origin,
            contents.about.clone(),
            self.folds.index(),
            self.outward()?.to_vec(),
        );
        let genesis = self
            .log
            .group(Index(0))?
            .ok_or_else(|| Fatal::Damaged("there is no genesis".into()))?;
        builder.genesis(genesis.statement, self.statement_proof(Index(0))?)?;
        let mut keys = self.state.renewed_keys();
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
        if let Some(envelope) = self.envelope(digest)? {
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

    /// An envelope of the log, sealed parts withheld.
    pub(crate) fn envelope(&self, digest: Digest) -> Result<Option<EnvelopeBody>, Fatal> {
        Ok(self.past().envelope(digest)?)
    }

    /// A mapping file of the log.
    pub(crate) fn mapping(&self, digest: Digest) -> Result<Option<Vec<u8>>, Fatal> {
        Ok(self.past().mapping(digest)?)
    }

    fn add_mapping(&self, builder: &mut Builder, mapping: Digest) -> Result<(), PackError> {
        if let Some(bytes) = self.mapping(mapping)? {
            builder.blob(bytes)?;
        }
        Ok(())
    }

    /// The acts that enrolled the keys; administrators' keys may need enrolments of their own.
    fn add_enrolments(
        &self,
        builder: &mut Builder,
        mut keys: BTreeSet<KeyId>,
    ) -> Result<(), PackError> {
        let mut done = BTreeSet::new();
        while let Some(key) = keys.pop_first() {
            if !done.insert(key) {
                continue;
            }
            for at in self.enrolments(&key) {
                let receipt = self.add_claim(builder, at, false, &mut keys)?;
                builder.enrolment(key, &receipt)?;
            }
        }
        Ok(())
    }

    /// The acts that gave a principal this key, in log order; none for keys that genesis names. Of
    /// more than a pack has room for, the first and the newest.
    pub(crate) fn enrolments(&self, key: &KeyId) -> impl Iterator<Item = ClaimRef> + use<> {
        let mut all = self.state.enrolments.get(key).cloned().unwrap_or_default();
        let over = all.len().saturating_sub(ENROLMENTS_PER_KEY_MAX as usize);
        if over > 0 {
            all.drain(1..=over);
        }
        all.into_iter()
    }

    /// The claims of a statement.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn claims_at(&self, index: Index) -> Result<Vec<ClaimRef>, Fatal> {
        let Some(group) = self.log.group(index)? else {
            return Ok(Vec::new());
        };
        let count = stored_statement(&group.statement)?.claim_digests().len();
        Ok((0..u32::try_from(count).unwrap_or(u32::MAX))
            .map(|ordinal| ClaimRef { index, ordinal })
            .collect())
    }

    /// What each claim of a statement says, decoded from its open view; `None` for one that cannot
    /// be decoded.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn said_at(&self, index: Index) -> Result<Vec<(ClaimRef, Option<Said>)>, RawError> {
        let Some(group) = self.log.group(index)? else {
            return Ok(Vec::new());
        };
        let statement = stored_statement(&group.statement)?;
        let key = statement
            .key_ids()
            .first()
            .copied()
            .unwrap_or_else(|| self.state.register.node_key());
        let (issuer, _) = self.state.speaker(&statement, &key);
        let by_digest = bodies(&group)?;
        let reading = Reading::of(&self.state.envelopes, self.past());
        let mut counts = Counts::of(&statement);
        let mut out = Vec::new();
        for (ordinal, digest) in (0_u32..).zip(statement.claim_digests()) {
            let body = by_digest.get(digest);
            let said = match body {
                Some(body) => {
                    let said = decode(&reading, &issuer, body, &mut counts);
                    said.map_err(Fatal::from)?.ok()
                }
                None => None,
            };
            out.push((ClaimRef { index, ordinal }, said));
        }
        Ok(out)
    }
}
