//! What claim bodies and envelopes share: how parts are hashed, written and read.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256 as HmacHash;

use super::{BodyError, Part};
use crate::cbor::{Value, Writer};
use crate::digest::Digest;
use crate::limits::PARTS_MAX;
use crate::sha256::Sha256;

/// HMAC-SHA-256 of `bytes` under `key`.
#[must_use]
pub fn keyed(key: &[u8; 32], bytes: &[u8]) -> Digest {
    // A key of 32 bytes is shorter than a block: HMAC takes keys of every length.
    let mac = Hmac::<HmacHash>::new_from_slice(key).map(|mac| mac.chain_update(bytes));
    Digest::new(mac.map_or([0; 32], |mac| mac.finalize().into_bytes().into()))
}

pub(super) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update(&(text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

pub(super) fn hash_parts(hash: &mut Sha256, parts: &[Part]) {
    hash.update(&(parts.len() as u64).to_be_bytes());
    for part in parts {
        match part {
            Part::Open(bytes) => {
                hash.update(&[0]);
                hash.update(&(bytes.len() as u64).to_be_bytes());
            }
            Part::Sealed { .. } | Part::Withheld(_) => hash.update(&[1]),
        }
        hash.update(part.commitment().as_bytes());
    }
}

pub(super) fn whole_bytes(parts: &[Part]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(room_for(parts));
    for part in parts {
        match part {
            Part::Open(bytes) | Part::Sealed { bytes, .. } => out.extend(bytes),
            Part::Withheld(_) => return None,
        }
    }
    Some(out)
}

pub(super) fn open_view(parts: &[Part], blank: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(room_for(parts));
    for part in parts {
        match part {
            Part::Open(bytes) => out.extend(bytes),
            Part::Sealed { .. } | Part::Withheld(_) => out.extend(blank),
        }
    }
    out
}

pub(super) fn withhold(parts: &[Part]) -> Vec<Part> {
    let one = |part: &Part| {
        if part.is_sealed() {
            Part::Withheld(part.commitment())
        } else {
            part.clone()
        }
    };
    parts.iter().map(one).collect()
}

/// Bytes of format, salts, digests and lengths around the parts of a usual body.
pub(super) const HEAD_BYTES_USUAL: usize = 160;

/// Bytes that the parts take, written out; a little more than that.
pub(super) fn room_for(parts: &[Part]) -> usize {
    let one = |part: &Part| match part {
        Part::Open(bytes) | Part::Sealed { bytes, .. } => bytes.len(),
        Part::Withheld(_) => 0,
    };
    parts.iter().map(|part| one(part) + PART_FRAME_BYTES).sum()
}

/// Heads of a part, and its salt or commitment.
const PART_FRAME_BYTES: usize = 48;

pub(super) fn write_parts(out: &mut Writer, parts: &[Part]) {
    out.array(parts.len());
    for part in parts {
        write_part(out, part);
    }
}

/// As [`write_parts`] of what [`withhold`] gives, without a copy.
pub(super) fn write_withheld(out: &mut Writer, parts: &[Part]) {
    out.array(parts.len());
    for part in parts {
        match part {
            Part::Sealed { .. } => write_part(out, &Part::Withheld(part.commitment())),
            Part::Open(_) | Part::Withheld(_) => write_part(out, part),
        }
    }
}

fn write_part(out: &mut Writer, part: &Part) {
    match part {
        Part::Open(bytes) => {
            out.array(2);
            out.uint(0);
            out.bytes(bytes);
        }
        Part::Sealed { bytes, salt } => {
            out.array(3);
            out.uint(1);
            out.bytes(bytes);
            out.bytes(salt);
        }
        Part::Withheld(commitment) => {
            out.array(2);
            out.uint(1);
            out.bytes(commitment.as_bytes());
        }
    }
}

pub(super) fn read_parts(value: &Value<'_>) -> Result<Vec<Part>, BodyError> {
    let items = value.as_array().ok_or(BodyError::Shape)?;
    if items.len() > PARTS_MAX {
        return Err(BodyError::Parts);
    }
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        let part = match item.as_array() {
            Some([Value::Uint(0), Value::Bytes(bytes)]) if !bytes.is_empty() => {
                Part::Open(bytes.to_vec())
            }
            Some([Value::Uint(1), Value::Bytes(bytes), salt]) => Part::Sealed {
                bytes: bytes.to_vec(),
                salt: read_array(salt)?,
            },
            Some([Value::Uint(1), commitment]) => Part::Withheld(read_digest(commitment)?),
            Some([Value::Uint(0), Value::Bytes(_)]) => return Err(BodyError::Parts),
            _ => return Err(BodyError::Shape),
        };
        let two_open =
            !part.is_sealed() && parts.last().is_some_and(|last: &Part| !last.is_sealed());
        if two_open {
            return Err(BodyError::Parts);
        }
        parts.push(part);
    }
    Ok(parts)
}

pub(super) fn write_option(out: &mut Writer, digest: Option<Digest>) {
    match digest {
        Some(digest) => out.bytes(digest.as_bytes()),
        None => out.null(),
    }
}

pub(super) fn read_option<T>(
    value: &Value<'_>,
    read: fn(&Value<'_>) -> Result<T, BodyError>,
) -> Result<Option<T>, BodyError> {
    if *value == Value::Null {
        Ok(None)
    } else {
        read(value).map(Some)
    }
}

pub(super) fn read_text(value: &Value<'_>) -> Result<String, BodyError> {
    value.as_text().map(str::to_owned).ok_or(BodyError::Shape)
}

pub(super) fn read_uint(value: &Value<'_>) -> Result<u64, BodyError> {
    value.as_u64().ok_or(BodyError::Shape)
}

pub(super) fn read_digest(value: &Value<'_>) -> Result<Digest, BodyError> {
    value
        .as_bytes()
        .and_then(Digest::from_slice)
        .ok_or(BodyError::Shape)
}

pub(super) fn read_array<const N: usize>(value: &Value<'_>) -> Result<[u8; N], BodyError> {
    value
        .as_bytes()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(BodyError::Shape)
}

/// Bytes of all parts together, or `None` when one is withheld.
pub(super) fn len_of(parts: &[Part]) -> Option<u64> {
    parts.iter().try_fold(0, |sum, part| match part {
        Part::Open(bytes) | Part::Sealed { bytes, .. } => Some(sum + bytes.len() as u64),
        Part::Withheld(_) => None,
    })
}
