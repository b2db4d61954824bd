//! Bodies made whole again: sealed parts opened, envelopes filled, documents given back as they came.

use std::collections::BTreeMap;

use countersign_attest::Submission;
use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_pack::cose_receipt::CoseReceiptError;
use countersign_record::sealing::{Opened, SealingKey};
use countersign_record::segment::Kind;
use countersign_record::stored::StoredStatement;

use crate::engine::{Engine, Fatal, stored_statement};
use crate::ground::{Group, SealedRecord};

/// Why a document cannot be given back.
#[derive(Debug, thiserror::Error)]
pub enum RawError {
    /// There is no such claim.
    #[error("the log has no claim {0}")]
    NoClaim(ClaimRef),
    /// There is no such entry, or it is a batch.
    #[error("the log has no statement at index {0}")]
    NoEntry(Index),
    /// A COSE receipt of it cannot be made.
    #[error("no COSE receipt can be made: {0}")]
    NoReceipt(#[from] CoseReceiptError),
    /// Sealed parts of it were erased.
    #[error("a sealed part of claim {0} was erased; the document is not whole any more")]
    Erased(ClaimRef),
    /// A piece of the document is not in the log.
    #[error("a piece of the document is not in the log: {0}")]
    Missing(String),
    /// The node cannot go on.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// The submission that a stored statement came as; `None` when a sealed record cannot be opened.
pub(crate) fn submission_of(stored: &StoredStatement<'_>, key: &SealingKey) -> Option<Submission> {
    let sealed = stored
        .sealed
        .iter()
        .filter(|record| record.kind == Kind::Sealed);
    let opened: Vec<Opened> = sealed
        .map(|record| key.open(record.payload).ok())
        .collect::<Option<_>>()?;
    let mut envelopes = Vec::new();
    for bytes in &stored.envelopes {
        let mut envelope = EnvelopeBody::decode(bytes).ok()?;
        let digest = envelope.digest();
        reveal(&mut envelope.parts, digest, &opened);
        envelopes.push(envelope);
    }
    let mut bodies = Vec::new();
    for bytes in &stored.bodies {
        let mut body = ClaimBody::decode(bytes).ok()?;
        let digest = body.digest();
        reveal(&mut body.parts, digest, &opened);
        bodies.push(body);
    }
    Some(Submission {
        statement: stored.statement.to_vec(),
        envelopes,
        bodies,
        blobs: stored.blobs.iter().map(|blob| blob.to_vec()).collect(),
    })
}

/// Puts opened parts where only their commitments stand.
pub(crate) fn reveal(parts: &mut [Part], owner: Digest, opened: &[Opened]) {
    for one in opened.iter().filter(|one| one.owner == owner) {
        for (ordinal, salt, bytes) in &one.parts {
            if let Some(slot) = parts.get_mut(*ordinal as usize) {
                *slot = Part::Sealed {
                    bytes: bytes.clone(),
                    salt: *salt,
                };
            }
        }
    }
}

/// One document of the log: its sections, each with the claims that fill its holes.
type Sections = BTreeMap<u64, (EnvelopeBody, BTreeMap<u64, (ClaimRef, ClaimBody)>)>;

impl Engine {
    /// The body of a claim; sealed parts are opened if `whole`.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn body(&self, at: ClaimRef, whole: bool) -> Result<ClaimBody, RawError> {
        let group = self.log.group(at.index)?.ok_or(RawError::NoClaim(at))?;
        self.body_in(&group, at, whole)
    }

    fn body_in(&self, group: &Group, at: ClaimRef, whole: bool) -> Result<ClaimBody, RawError> {
        let statement = stored_statement(&group.statement)?;
        let digest = statement
            .claim_digests()
            .get(at.ordinal as usize)
            .ok_or(RawError::NoClaim(at))?;
        let mut body = bodies(group)?.remove(digest).ok_or(RawError::NoClaim(at))?;
        if whole {
            reveal(&mut body.parts, *digest, &self.opened(group)?);
        }
        Ok(body)
    }

    fn opened(&self, group: &Group) -> Result<Vec<Opened>, Fatal> {
        let payloads = group.sealed.iter().filter_map(SealedRecord::payload);
        let open = |payload: &[u8]| self.keys.sealing.open(payload);
        payloads
            .map(open)
            .collect::<Result<_, _>>()
            .map_err(|e| Fatal::Damaged(e.to_string()))
    }

    /// Every document of the log, in the order of its first claim: digest of its head.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn documents(&self) -> Result<Vec<Digest>, RawError> {
        let mut out = Vec::new();
        for index in (0..self.size().0).map(Index) {
            let Some(group) = self.log.group(index)? else {
                continue;
            };
            for bytes in &group.envelopes {
                let envelope =
                    EnvelopeBody::decode(bytes).map_err(|e| Fatal::Damaged(e.to_string()))?;
                if envelope.head.is_none() && envelope.format != "countersign-json" {
                    out.push(envelope.digest());
                }
            }
        }
        Ok(out)
    }

    /// The head of the document that a claim came in.
    ///
    /// # Errors
    /// [`RawError`].
    pub fn document_of(&self, at: ClaimRef) -> Result<Digest, RawError> {
        let envelope = self.body(at, false)?.envelope;
        let known = self.envelope(envelope)?;
        Ok(known.and_then(|known| known.head).unwrap_or(envelope))
    }

    /// A document, byte for byte as it came (`export --raw`).
    ///
    /// # Errors
    /// [`RawError`] when a part was erased or a piece did not come.
    pub fn document(&self, head: Digest) -> Result<Vec<u8>, RawError> {
        let sections = self.sections(head)?;
        let mut rest = Vec::new();
        let mut first = None;
        for (number, (envelope, claims)) in sections {
            let filled = fill(&envelope, &claims)?;
            if number == 0 {
                first = Some((envelope, filled))
            } else {
                rest.extend(join(&envelope, &filled, &[])?)
            }
        }
        let (envelope, claims) = first.ok_or_else(|| RawError::Missing("the beginning".into()))?;
        join(&envelope, &claims, &rest)
    }

    fn sections(&self, head: Digest) -> Result<Sections, RawError> {
        let mut envelopes: BTreeMap<Digest, u64> = BTreeMap::new();
        let mut sections: Sections = BTreeMap::new();
        for index in (0..self.size().0).map(Index) {
            let Some(group) = self.log.group(index)? else {
                continue;
            };
            let opened = self.opened(&group)?;
            for bytes in &group.envelopes {
                let mut envelope =
                    EnvelopeBody::decode(bytes).map_err(|e| Fatal::Damaged(e.to_string()))?;
                let digest = envelope.digest();
                if digest == head || envelope.head == Some(head) {
                    reveal(&mut envelope.parts, digest, &opened);
                    envelopes.insert(digest, envelope.section);
                    sections.insert(envelope.section, (envelope, BTreeMap::new()));
                }
            }
            let statement = stored_statement(&group.statement)?;
            let mut bodies = bodies(&group)?;
            for (ordinal, digest) in (0_u32..).zip(statement.claim_digests()) {
                let Some(mut body) = bodies.remove(digest) else {
                    continue;
                };
                let section = envelopes.get(&body.envelope);
                let Some((_, claims)) = section.and_then(|section| sections.get_mut(section))
                else {
                    continue;
                };
                reveal(&mut body.parts, *digest, &opened);
                claims
                    .entry(body.hole)
                    .or_insert((ClaimRef { index, ordinal }, body));
            }
        }
        Ok(sections)
    }
}

/// The bodies of a statement by their digests.
pub(crate) fn bodies(group: &Group) -> Result<BTreeMap<Digest, ClaimBody>, Fatal> {
    let read = |bytes: &Vec<u8>| ClaimBody::decode(bytes).map(|body| (body.digest(), body));
    group
        .bodies
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|e| Fatal::Damaged(e.to_string()))
}

fn fill(
    envelope: &EnvelopeBody,
    claims: &BTreeMap<u64, (ClaimRef, ClaimBody)>,
) -> Result<Vec<Vec<u8>>, RawError> {
    (0..envelope.holes.len() as u64)
        .map(|hole| {
            let (at, body) = claims
                .get(&hole)
                .ok_or_else(|| RawError::Missing(format!("claim {hole}")))?;
            body.bytes().ok_or(RawError::Erased(*at))
        })
        .collect()
}

fn join(envelope: &EnvelopeBody, claims: &[Vec<u8>], rest: &[u8]) -> Result<Vec<u8>, RawError> {
    envelope
        .fill(claims, rest)
        .map_err(|error| RawError::Missing(error.to_string()))
}
