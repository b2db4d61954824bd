//! The envelopes and mapping files that the log has.
//!
//! In memory are those that wait for their commit and those that were read last; everything else is
//! found in the [`crate::log_index`] and read back from the ground. What comes with a submission
//! counts once the submission is taken: a refusal leaves nothing behind.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_attest::{Refusal, refusal};
use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_ports::StoreError;

use crate::envelope::Envelope;
use crate::intake::IntakeError;
use crate::limits::{RECENT_ENVELOPE_BYTES_MAX, RECENT_ENVELOPES_MAX};
use crate::log_index::Past;

/// All envelopes and mapping files of the log.
#[derive(Debug, Default)]
pub struct Envelopes {
    /// Those that wait for their commit.
    waiting: Learnt,
    /// Where those will stand.
    places: Vec<(Digest, Index)>,
    /// Some of the others.
    recent: RefCell<Learnt>,
}

/// Envelopes, as they are read, and mapping files.
#[derive(Clone, Debug, Default)]
pub struct Learnt {
    envelopes: BTreeMap<Digest, Arc<Envelope>>,
    mappings: BTreeMap<Digest, Arc<[u8]>>,
    /// Bytes of all that was put in.
    bytes: usize,
    /// The last section of a document among what came.
    section: u64,
}

impl Envelopes {
    /// Keeps what came with the statement that will stand at `index`.
    pub fn keep(&mut self, learnt: Learnt, index: Index) {
        let digests = learnt.envelopes.keys().chain(learnt.mappings.keys());
        self.places.extend(digests.map(|digest| (*digest, index)));
        self.waiting.extend(learnt);
    }

    /// What waited is committed: what goes into the index.
    pub fn committed(&mut self) -> impl Iterator<Item = (Digest, ClaimRef)> + use<> {
        let recent = self.recent.get_mut();
        recent.extend(std::mem::take(&mut self.waiting));
        recent.shrink();
        let places = std::mem::take(&mut self.places).into_iter();
        places.map(|(digest, index)| (digest, ClaimRef { index, ordinal: 0 }))
    }
}

impl Learnt {
    /// Number of the last section of a document among what came with a statement.
    #[must_use]
    pub const fn section(&self) -> u64 {
        self.section
    }

    fn put_envelope(&mut self, digest: Digest, envelope: Arc<Envelope>) {
        self.bytes += envelope.bytes();
        self.envelopes.insert(digest, envelope);
    }

    fn put_mapping(&mut self, digest: Digest, mapping: Arc<[u8]>) {
        self.bytes += mapping.len();
        self.mappings.insert(digest, mapping);
    }

    fn extend(&mut self, other: Self) {
        self.envelopes.extend(other.envelopes);
        self.mappings.extend(other.mappings);
        self.bytes += other.bytes;
    }

    /// Forgets all of it when it is too much to be kept.
    fn shrink(&mut self) {
        let count = self.envelopes.len() + self.mappings.len();
        if count > RECENT_ENVELOPES_MAX || self.bytes > RECENT_ENVELOPE_BYTES_MAX {
            *self = Self::default();
        }
    }
}

/// Envelopes as a submission sees them: those of the log, and those that come with it.
#[derive(Debug)]
pub struct Reading<'a> {
    envelopes: &'a Envelopes,
    past: Past<'a>,
    learnt: Learnt,
}

impl<'a> Reading<'a> {
    /// What the log has.
    #[must_use]
    pub fn of(envelopes: &'a Envelopes, past: Past<'a>) -> Self {
        Self {
            envelopes,
            past,
            learnt: Learnt::default(),
        }
    }

    /// What came with the submission and the log has not, for [`Envelopes::keep`].
    #[must_use]
    pub fn into_learnt(self) -> Learnt {
        self.learnt
    }

    /// Takes in what comes: mapping files, then heads, then sections. In a submission nothing of it
    /// is known yet; a log that is opened has the same in the ground.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn learn<'e>(
        &mut self,
        blobs: impl Iterator<Item = &'e [u8]>,
        envelopes: &[&EnvelopeBody],
    ) -> Result<(), StoreError> {
        for blob in blobs {
            self.learnt.put_mapping(Digest::of(blob), blob.into());
        }
        let (heads, sections): (Vec<&EnvelopeBody>, Vec<_>) = envelopes
            .iter()
            .partition(|envelope| envelope.head.is_none());
        for envelope in heads.into_iter().chain(sections) {
            let read = Arc::new(self.read(envelope)?);
            self.learnt.put_envelope(envelope.digest(), read);
            self.learnt.section = self.learnt.section.max(envelope.section);
        }
        Ok(())
    }

    /// Checks that a section names the head of its document, and no other section: whoever reads it
    /// looks no further than there.
    ///
    /// # Errors
    /// [`IntakeError`]: `bad_body`.
    pub fn check_head(&self, envelope: &EnvelopeBody) -> Result<(), IntakeError> {
        let Some(head) = envelope.head else {
            return Ok(());
        };
        if self.head(head)?.is_some() {
            return Ok(());
        }
        let reason = format!("the envelope {head} is no head of a document, but a section of one");
        Err(Refusal::new(refusal::code::BAD_BODY, reason).into())
    }

    /// An envelope; `None` where neither the log nor the submission has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn envelope(&self, digest: Digest) -> Result<Option<Arc<Envelope>>, StoreError> {
        if let Some(known) = self.in_memory(|learnt| learnt.envelopes.get(&digest).cloned()) {
            return Ok(Some(known));
        }
        let Some(body) = self.past.envelope(digest)? else {
            return Ok(None);
        };
        let read = Arc::new(self.read(&body)?);
        let mut recent = self.envelopes.recent.borrow_mut();
        recent.shrink();
        recent.put_envelope(digest, Arc::clone(&read));
        Ok(Some(read))
    }

    /// A mapping file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn mapping(&self, digest: Digest) -> Result<Option<Arc<[u8]>>, StoreError> {
        if let Some(known) = self.in_memory(|learnt| learnt.mappings.get(&digest).cloned()) {
            return Ok(Some(known));
        }
        let Some(bytes) = self.past.mapping(digest)? else {
            return Ok(None);
        };
        let bytes: Arc<[u8]> = bytes.into();
        let mut recent = self.envelopes.recent.borrow_mut();
        recent.shrink();
        recent.put_mapping(digest, Arc::clone(&bytes));
        Ok(Some(bytes))
    }

    fn in_memory<T>(&self, get: impl Fn(&Learnt) -> Option<T>) -> Option<T> {
        get(&self.learnt)
            .or_else(|| get(&self.envelopes.waiting))
            .or_else(|| get(&self.envelopes.recent.borrow()))
    }

    fn read(&self, body: &EnvelopeBody) -> Result<Envelope, StoreError> {
        let head = body.head.map(|head| self.head(head)).transpose()?.flatten();
        self.read_below(body, head.as_deref())
    }

    /// The head of a document; `None` where there is none of that digest.
    fn head(&self, digest: Digest) -> Result<Option<Arc<Envelope>>, StoreError> {
        let known = self.in_memory(|learnt| learnt.envelopes.get(&digest).cloned());
        if let Some(known) = known {
            return Ok(Some(known).filter(|known| known.is_head()));
        }
        // Not by way of `envelope`, so that a head of a head leads no further.
        let body = self.past.envelope(digest)?;
        let body = body.filter(|body| body.head.is_none());
        body.map(|body| self.read_below(&body, None).map(Arc::new))
            .transpose()
    }

    fn read_below(
        &self,
        body: &EnvelopeBody,
        head: Option<&Envelope>,
    ) -> Result<Envelope, StoreError> {
        let mapping = body.mapping.map(|mapping| self.mapping(mapping));
        let mapping = mapping.transpose()?.flatten();
        Ok(Envelope::read(body, head, mapping.as_deref()))
    }
}
