//! Bodies: the bytes of a claim or an envelope, cut into open and sealed parts (format laws 1 and 2).
//!
//! The parts of a body, one after the other, are its bytes. A sealed part is exactly one value; a
//! fold reads it as `null` (JSON) or as an absent cell (tables). The cut is not a matter of taste:
//! for given bytes and a format version there is one right cut ([`Cut::new`] takes the ranges that
//! must be sealed), so whoever receives whole bytes can tell a wrong one.
//!
//! The digest commits to each open part by SHA-256 and to each sealed part by HMAC-SHA-256 under a
//! random 32-byte salt of its own. The length of a sealed part is *not* committed to: it would
//! outlive the erasure and tell a short name from a long one (docs/adr/0003-formats.md). The salt of
//! the body keeps the digest of a guessable claim from being guessed (LOG-4).

mod codec;

use std::ops::Range;

use crate::cbor::{self, Writer};
use crate::digest::Digest;
use crate::sha256::Sha256;
pub use codec::keyed;
use codec::{
    HEAD_BYTES_USUAL, hash_parts, hash_text, len_of, open_view, read_array, read_digest,
    read_option, read_parts, read_text, read_uint, room_for, whole_bytes, withhold, write_option,
    write_parts, write_withheld,
};

/// Bytes of the salt of a body.
pub const BODY_SALT_LEN: usize = 16;
/// Bytes of the salt (HMAC key) of a sealed part.
pub const PART_SALT_LEN: usize = 32;

/// What kind of bytes a body holds: names the decoder and the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One EPCIS 2.0 event in JSON.
    EpcisJson,
    /// One row of a table, read by a mapping file.
    TableRow,
    /// One object of our own: a plan, an alias, an act.
    CountersignJson,
}

impl Format {
    /// The id in bodies and digests.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::EpcisJson => "epcis-json",
            Self::TableRow => "table-row",
            Self::CountersignJson => "countersign-json",
        }
    }

    /// The format of that id and version, if this release decodes it.
    #[must_use]
    pub fn known(id: &str, version: u64) -> Option<Self> {
        let all = [Self::EpcisJson, Self::TableRow, Self::CountersignJson];
        all.into_iter()
            .find(|format| format.id() == id && version == 1)
    }

    /// The bytes that stand for a sealed part in the open view.
    #[must_use]
    pub const fn blank(self) -> &'static [u8] {
        match self {
            Self::EpcisJson | Self::CountersignJson => b"null",
            Self::TableRow => b"",
        }
    }
}

/// One part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Read by folds.
    Open(Vec<u8>),
    /// Personal or unknown; shown here with its salt.
    Sealed {
        /// Exactly one value.
        bytes: Vec<u8>,
        /// The HMAC key of the commitment.
        salt: [u8; PART_SALT_LEN],
    },
    /// A sealed part of which only the commitment is here.
    Withheld(Digest),
}

impl Part {
    /// What the body's digest takes in: SHA-256 of an open part, HMAC-SHA-256 of a sealed one.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        match self {
            Self::Open(bytes) => Digest::of(bytes),
            Self::Sealed { bytes, salt } => keyed(salt, bytes),
            Self::Withheld(commitment) => *commitment,
        }
    }

    /// True for sealed parts, shown or withheld.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        !matches!(self, Self::Open(_))
    }
}

/// The ranges of some bytes that must be sealed, in order, apart from one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    sealed: Vec<Range<usize>>,
}

impl Cut {
    /// Takes the ranges of the values to seal.
    #[must_use]
    pub fn new(mut sealed: Vec<Range<usize>>) -> Self {
        sealed.sort_by_key(|range| (range.start, range.end));
        Self { sealed }
    }

    /// The ranges, in order.
    #[must_use]
    pub fn sealed(&self) -> &[Range<usize>] {
        &self.sealed
    }

    /// Cuts `bytes` into parts; `salts` gives each sealed part its salt.
    pub fn apply(&self, bytes: &[u8], salts: &mut dyn FnMut() -> [u8; PART_SALT_LEN]) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.sealed.len() * 2 + 1);
        let mut at = 0;
        for range in &self.sealed {
            let open = bytes.get(at..range.start).unwrap_or_default();
            if !open.is_empty() {
                parts.push(Part::Open(open.to_vec()));
            }
            let value = bytes.get(range.clone()).unwrap_or_default();
            parts.push(Part::Sealed {
                bytes: value.to_vec(),
                salt: salts(),
            });
            at = range.end;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        if !rest.is_empty() {
            parts.push(Part::Open(rest.to_vec()));
        }
        parts
    }
}

/// Why bytes are no body, or not the one that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not CBOR of the shape in docs/formats/body.md.
    #[error("the body is not of the documented shape")]
    Shape,
    /// More than [`crate::limits::PARTS_MAX`] parts, an empty open part, or two open parts in a row.
    #[error("the parts of the body are not in their one right form")]
    Parts,
    /// Holes out of order or beyond the bytes.
    #[error("the holes of the envelope are out of order or beyond its bytes")]
    Holes,
}

/// The bytes of one claim, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimBody {
    /// Which decoder and allow-list: see [`Format::id`]. Unknown ids are kept.
    pub format: String,
    /// Version of the format.
    pub version: u64,
    /// IANA media type of the claim's bytes.
    pub media_type: String,
    /// Random salt.
    pub salt: [u8; BODY_SALT_LEN],
    /// Digest of the envelope that the claim came in.
    pub envelope: Digest,
    /// Which hole of the envelope the claim fills, from 0.
    pub hole: u64,
    /// The bytes.
    pub parts: Vec<Part>,
}

/// The bytes around claims, with holes (format law 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeBody {
    /// Format id of the document.
    pub format: String,
    /// Version of the format.
    pub version: u64,
    /// IANA media type of the document.
    pub media_type: String,
    /// Random salt.
    pub salt: [u8; BODY_SALT_LEN],
    /// A section of a long document names its first section here.
    pub head: Option<Digest>,
    /// Number of this section, from 0; the head is section 0.
    pub section: u64,
    /// SHA-256 of the mapping file by which a table is read.
    pub mapping: Option<Digest>,
    /// The bytes outside the holes.
    pub parts: Vec<Part>,
    /// Offset of each hole in those bytes, rising; equal offsets are neighbours.
    pub holes: Vec<u64>,
    /// Offset at which the following sections stand, in the head of a long document.
    pub continues_at: Option<u64>,
}

impl ClaimBody {
    /// The digest that a statement signs.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(b"countersign/claim/v1\0");
        hash_text(&mut hash, &self.format);
        hash.update(&self.version.to_be_bytes());
        hash_text(&mut hash, &self.media_type);
        hash.update(&self.salt);
        hash.update(self.envelope.as_bytes());
        hash.update(&self.hole.to_be_bytes());
        hash_parts(&mut hash, &self.parts);
        Digest::new(hash.finish())
    }

    /// All bytes, or `None` when a part is withheld.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        whole_bytes(&self.parts)
    }

    /// What folds read: sealed parts stand as `blank`.
    #[must_use]
    pub fn open_view(&self, blank: &[u8]) -> Vec<u8> {
        open_view(&self.parts, blank)
    }

    /// The same body with every sealed part withheld.
    #[must_use]
    pub fn withheld(&self) -> Self {
        Self {
            parts: withhold(&self.parts),
            ..self.clone()
        }
    }

    /// The ranges of the whole bytes that are sealed here; `None` when a part is withheld.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        let mut at = 0;
        let mut sealed = Vec::new();
        for part in &self.parts {
            let len = match part {
                Part::Open(bytes) => bytes.len(),
                Part::Sealed { bytes, .. } => {
                    sealed.push(at..at + bytes.len());
                    bytes.len()
                }
                Part::Withheld(_) => return None,
            };
            at += len;
        }
        Some(Cut { sealed })
    }

    /// Deterministic CBOR of docs/formats/body.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_by(write_parts)
    }

    /// The bytes of [`ClaimBody::withheld`]: what the ground keeps.
    #[must_use]
    pub fn encode_withheld(&self) -> Vec<u8> {
        self.encode_by(write_withheld)
    }

    fn encode_by(&self, write: fn(&mut Writer, &[Part])) -> Vec<u8> {
        let mut out = Writer::with_room(HEAD_BYTES_USUAL + room_for(&self.parts));
        out.array(7);
        out.text(&self.format);
        out.uint(self.version);
        out.text(&self.media_type);
        out.bytes(&self.salt);
        out.bytes(self.envelope.as_bytes());
        out.uint(self.hole);
        write(&mut out, &self.parts);
        out.into_bytes()
    }

    /// Reads [`ClaimBody::encode`]d bytes.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BodyError> {
        let value = cbor::decode(bytes).map_err(|_| BodyError::Shape)?;
        let Some([format, version, media_type, salt, envelope, hole, parts]) = value.as_array()
        else {
            return Err(BodyError::Shape);
        };
        Ok(Self {
            format: read_text(format)?,
            version: read_uint(version)?,
            media_type: read_text(media_type)?,
            salt: read_array(salt)?,
            envelope: read_digest(envelope)?,
            hole: read_uint(hole)?,
            parts: read_parts(parts)?,
        })
    }
}

impl EnvelopeBody {
    /// The digest that each claim of the document binds.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(b"countersign/envelope/v1\0");
        hash_text(&mut hash, &self.format);
        hash.update(&self.version.to_be_bytes());
        hash_text(&mut hash, &self.media_type);
        hash.update(&self.salt);
        hash.update(self.head.unwrap_or(Digest::ZERO).as_bytes());
        hash.update(&self.section.to_be_bytes());
        hash.update(self.mapping.unwrap_or(Digest::ZERO).as_bytes());
        hash_parts(&mut hash, &self.parts);
        hash.update(&(self.holes.len() as u64).to_be_bytes());
        for hole in &self.holes {
            hash.update(&hole.to_be_bytes());
        }
        hash.update(&self.continues_at.map_or(u64::MAX, |at| at).to_be_bytes());
        Digest::new(hash.finish())
    }

    /// Digest of what the envelope says, without salts: the same for the same document captured
    /// twice. Never written to the log; it enters identities of claims that have none of their own.
    /// `head` is the content digest of the head of a section.
    #[must_use]
    pub fn content_digest(&self, head: Option<Digest>) -> Digest {
        let blank = Format::known(&self.format, self.version).map_or(&b""[..], Format::blank);
        let mut holes = Vec::with_capacity(self.holes.len() * 8);
        for hole in &self.holes {
            holes.extend(hole.to_be_bytes());
        }
        let parts: [&[u8]; 7] = [
            self.format.as_bytes(),
            self.media_type.as_bytes(),
            head.as_ref().map_or(&[], |head| head.as_bytes()),
            &self.section.to_be_bytes(),
            self.mapping
                .as_ref()
                .map_or(&[], |mapping| mapping.as_bytes()),
            &self.open_view(blank),
            &holes,
        ];
        Digest::of_parts("countersign/document/v1", &parts)
    }

    /// All bytes outside the holes, or `None` when a part is withheld.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        whole_bytes(&self.parts)
    }

    /// What folds read: sealed parts stand as `blank`.
    #[must_use]
    pub fn open_view(&self, blank: &[u8]) -> Vec<u8> {
        open_view(&self.parts, blank)
    }

    /// The same envelope with every sealed part withheld.
    #[must_use]
    pub fn withheld(&self) -> Self {
        Self {
            parts: withhold(&self.parts),
            ..self.clone()
        }
    }

    /// Deterministic CBOR of docs/formats/body.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_room(HEAD_BYTES_USUAL + room_for(&self.parts));
        out.array(10);
        out.text(&self.format);
        out.uint(self.version);
        out.text(&self.media_type);
        out.bytes(&self.salt);
        write_option(&mut out, self.head);
        out.uint(self.section);
        write_option(&mut out, self.mapping);
        write_parts(&mut out, &self.parts);
        out.array(self.holes.len());
        for hole in &self.holes {
            out.uint(*hole);
        }
        match self.continues_at {
            Some(at) => out.uint(at),
            None => out.null(),
        }
        out.into_bytes()
    }

    /// Reads [`EnvelopeBody::encode`]d bytes.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BodyError> {
        let value = cbor::decode(bytes).map_err(|_| BodyError::Shape)?;
        let Some(
            [
                format,
                version,
                media_type,
                salt,
                head,
                section,
                mapping,
                parts,
                holes,
                continues,
            ],
        ) = value.as_array()
        else {
            return Err(BodyError::Shape);
        };
        let holes = holes.as_array().ok_or(BodyError::Shape)?;
        let envelope = Self {
            format: read_text(format)?,
            version: read_uint(version)?,
            media_type: read_text(media_type)?,
            salt: read_array(salt)?,
            head: read_option(head, read_digest)?,
            section: read_uint(section)?,
            mapping: read_option(mapping, read_digest)?,
            parts: read_parts(parts)?,
            holes: holes.iter().map(read_uint).collect::<Result<_, _>>()?,
            continues_at: read_option(continues, read_uint)?,
        };
        // These stand in the digest for null.
        let absent = [envelope.head, envelope.mapping].contains(&Some(Digest::ZERO));
        if absent || envelope.continues_at == Some(u64::MAX) {
            return Err(BodyError::Shape);
        }
        let rising = envelope
            .holes
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a <= b));
        if rising && envelope.offsets_lie_within() {
            Ok(envelope)
        } else {
            Err(BodyError::Holes)
        }
    }

    /// Whether holes and continuation lie within the bytes, as far as no part is withheld.
    fn offsets_lie_within(&self) -> bool {
        let Some(len) = len_of(&self.parts) else {
            return true;
        };
        let mut offsets = self.holes.last().into_iter().chain(&self.continues_at);
        offsets.all(|offset| *offset <= len)
    }

    /// Puts `claims` into the holes and `rest` where the following sections stand.
    ///
    /// # Errors
    /// [`BodyError::Holes`] when counts or offsets do not fit, [`BodyError::Parts`] when a
    /// part is withheld.
    pub fn fill(&self, claims: &[Vec<u8>], rest: &[u8]) -> Result<Vec<u8>, BodyError> {
        let bytes = self.bytes().ok_or(BodyError::Parts)?;
        if claims.len() != self.holes.len() {
            return Err(BodyError::Holes);
        }
        let mut stops: Vec<(usize, &[u8])> = Vec::with_capacity(claims.len() + 1);
        for (hole, claim) in self.holes.iter().zip(claims) {
            stops.push((usize::try_from(*hole).map_err(|_| BodyError::Holes)?, claim));
        }
        if let Some(at) = self.continues_at {
            stops.push((usize::try_from(at).map_err(|_| BodyError::Holes)?, rest));
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (stop, piece) in stops {
            out.extend(bytes.get(at..stop).ok_or(BodyError::Holes)?);
            out.extend(piece);
            at = stop;
        }
        out.extend(bytes.get(at..).ok_or(BodyError::Holes)?);
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
