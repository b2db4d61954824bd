//! Deterministic CBOR (RFC 8949 §4.2.1), the subset our formats use, read strictly.
//!
//! Written and read: unsigned and negative integers, byte strings, text strings, arrays,
//! maps, tags, booleans and null. Refused: floats, undefined, indefinite lengths, integers
//! longer than need be, map keys out of order or twice, bytes left over, nesting beyond
//! [`DEPTH_MAX`]. What is read therefore has exactly one encoding, and encoding it again
//! gives the same bytes.

use std::collections::BTreeSet;

use crate::limits::{CBOR_ITEMS_RESERVED_MAX, DEPTH_MAX};

/// A CBOR value, borrowing strings from the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Major type 0.
    Uint(u64),
    /// Major type 1: the value is `-1 - n`.
    Nint(u64),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// Major type 5, keys in the order of RFC 8949 §4.2.1 unless read by [`decode_any_order`].
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// Major type 6.
    Tag(u64, Box<Value<'a>>),
    /// True or false.
    Bool(bool),
    /// Null.
    Null,
}

/// Why bytes are not the CBOR that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes end inside a value.
    #[error("the CBOR ends inside a value")]
    Truncated,
    /// Bytes follow the value.
    #[error("bytes follow the CBOR value")]
    Trailing,
    /// A float, `undefined`, an indefinite length or a reserved form.
    #[error("a CBOR form that is not allowed here")]
    Form,
    /// An integer or length in more bytes than it needs.
    #[error("a CBOR integer is not in its shortest form")]
    NotShortest,
    /// Map keys out of order, or one key twice.
    #[error("CBOR map keys are out of order or repeated")]
    KeyOrder,
    /// A text string that is not UTF-8.
    #[error("a CBOR text string is not UTF-8")]
    Utf8,
    /// Nesting beyond [`DEPTH_MAX`].
    #[error("the CBOR is nested too deeply")]
    Depth,
}

/// Reads exactly one value from `bytes`.
///
/// # Errors
/// [`CborError`] says which rule was broken.
pub fn decode(bytes: &[u8]) -> Result<Value<'_>, CborError> {
    decode_by(KeyOrder::Sorted, bytes)
}

/// Reads exactly one value that others wrote: as [`decode`], but map keys may stand in any order,
/// each once. RFC 9052 does not ask for sorted labels, and not everybody sorts them. Written
/// again, the value gives the bytes it was read from.
///
/// # Errors
/// [`CborError`] says which rule was broken.
pub fn decode_any_order(bytes: &[u8]) -> Result<Value<'_>, CborError> {
    decode_by(KeyOrder::Any, bytes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyOrder {
    Sorted,
    Any,
}

fn decode_by(order: KeyOrder, bytes: &[u8]) -> Result<Value<'_>, CborError> {
    let mut reader = Reader {
        bytes,
        at: 0,
        order,
    };
    let value = reader.value(0)?;
    if reader.at == bytes.len() {
        Ok(value)
    } else {
        Err(CborError::Trailing)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    order: KeyOrder,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], CborError> {
        let count = usize::try_from(count).map_err(|_| CborError::Truncated)?;
        let end = self.at.checked_add(count).ok_or(CborError::Truncated)?;
        let slice = self.bytes.get(self.at..end).ok_or(CborError::Truncated)?;
        self.at = end;
        Ok(slice)
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = *self.take(1)?.first().ok_or(CborError::Truncated)?;
        let (major, low) = (first >> 5, first & 31);
        let (size, floor) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(CborError::Form),
        };
        if major == 7 {
            return Err(CborError::Form);
        }
        let value = self
            .take(size)?
            .iter()
            .fold(0_u64, |n, b| n << 8 | u64::from(*b));
        if value < floor {
            Err(CborError::NotShortest)
        } else {
            Ok((major, value))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        if depth > DEPTH_MAX {
            return Err(CborError::Depth);
        }
        let (major, n) = self.head()?;
        Ok(match major {
            0 => Value::Uint(n),
            1 => Value::Nint(n),
            2 => Value::Bytes(self.take(n)?),
            3 => Value::Text(std::str::from_utf8(self.take(n)?).map_err(|_| CborError::Utf8)?),
            4 => self.array(n, depth)?,
            5 => self.map(n, depth)?,
            6 => Value::Tag(n, Box::new(self.value(depth + 1)?)),
            _ => match n {
                20 => Value::Bool(false),
                21 => Value::Bool(true),
                22 => Value::Null,
                _ => return Err(CborError::Form),
            },
        })
    }

    fn array(&mut self, n: u64, depth: usize) -> Result<Value<'a>, CborError> {
        let mut items = Vec::with_capacity(self.room_for(n)?);
        for _ in 0..n {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, n: u64, depth: usize) -> Result<Value<'a>, CborError> {
        let mut items = Vec::with_capacity(self.room_for(n)?);
        let mut last: Option<&[u8]> = None;
        let mut seen = BTreeSet::new();
        for _ in 0..n {
            let start = self.at;
            let key = self.value(depth + 1)?;
            let raw = self.bytes.get(start..self.at).ok_or(CborError::Truncated)?;
            // Every value has one encoding here, so equal keys are equal bytes.
            let is_in_order = match self.order {
                KeyOrder::Sorted => last.replace(raw).is_none_or(|before| before < raw),
                KeyOrder::Any => seen.insert(raw),
            };
            if !is_in_order {
                return Err(CborError::KeyOrder);
            }
            items.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Map(items))
    }

    /// Each item takes a byte at least, so a count beyond what is left is a lie. One that is not may
    /// still be: lists within lists could each count the same bytes, so little is reserved by it.
    fn room_for(&self, n: u64) -> Result<usize, CborError> {
        let left = self.bytes.len().saturating_sub(self.at);
        usize::try_from(n)
            .ok()
            .filter(|n| *n <= left)
            .map(|n| n.min(CBOR_ITEMS_RESERVED_MAX))
            .ok_or(CborError::Truncated)
    }
}

impl<'a> Value<'a> {
    /// The unsigned integer, if it is one.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        if let Self::Uint(n) = self {
            Some(*n)
        } else {
            None
        }
    }

    /// The integer, if it is one and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Uint(n) = self {
            return i64::try_from(*n).ok();
        }
        if let Self::Nint(n) = self {
            i64::try_from(*n).ok().map(|n| -1 - n)
        } else {
            None
        }
    }

    /// The byte string, if it is one.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(b) = self {
            Some(b)
        } else {
            None
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub const fn as_text(&self) -> Option<&'a str> {
        if let Self::Text(t) = self {
            Some(t)
        } else {
            None
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(a) = self {
            Some(a)
        } else {
            None
        }
    }

    /// The pairs, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        if let Self::Map(m) = self {
            Some(m)
        } else {
            None
        }
    }

    /// The value under an integer label of a map.
    #[must_use]
    pub fn label(&self, label: i64) -> Option<&Self> {
        self.as_map()?
            .iter()
            .find(|(key, _)| key.as_i64() == Some(label))
            .map(|(_, value)| value)
    }

    /// Writes the value. Maps are written in the order they hold; build them with
    /// [`Writer::map`] in key order, or read them with [`decode`].
    pub fn write(&self, out: &mut Writer) {
        match self {
            Self::Uint(n) => out.uint(*n),
            Self::Nint(n) => out.head(1, *n),
            Self::Bytes(b) => out.bytes(b),
            Self::Text(t) => out.text(t),
            Self::Array(items) => {
                out.array(items.len());
                for item in items {
                    item.write(out);
                }
            }
            Self::Map(items) => {
                out.map(items.len());
                for (key, value) in items {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Tag(tag, value) => {
                out.tag(*tag);
                value.write(out);
            }
            Self::Bool(b) => out.bool(*b),
            Self::Null => out.null(),
        }
    }

    /// The bytes of the value.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write(&mut out);
        out.into_bytes()
    }
}

/// Writes CBOR. The caller keeps the counts and the key order (tests read back what is written).
#[derive(Clone, Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A writer that need not grow for so many bytes.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        let be = n.to_be_bytes();
        match n {
            0..=23 => self.out.push(major | be[7]),
            24..=0xff => self.out.extend([major | 24, be[7]]),
            0x100..=0xffff => {
                self.out.push(major | 25);
                self.out.extend(&be[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.out.push(major | 26);
                self.out.extend(&be[4..]);
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend(be);
            }
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, n: u64) {
        self.head(0, n);
    }

    /// An integer of either sign.
    pub fn int(&mut self, n: i64) {
        match u64::try_from(n) {
            Ok(n) => self.head(0, n),
            Err(_) => self.head(1, n.unsigned_abs() - 1),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.out.extend(bytes);
    }

    /// A text string.
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend(text.as_bytes());
    }

    /// The head of an array of `n` values, which follow.
    pub fn array(&mut self, n: usize) {
        self.head(4, n as u64);
    }

    /// The head of a map of `n` pairs, which follow in key order.
    pub fn map(&mut self, n: usize) {
        self.head(5, n as u64);
    }

    /// A tag; its value follows.
    pub fn tag(&mut self, tag: u64) {
        self.head(6, tag);
    }

    /// True or false.
    pub fn bool(&mut self, value: bool) {
        self.out.push(if value { 0xf5 } else { 0xf4 });
    }

    /// Null.
    pub fn null(&mut self) {
        self.out.push(0xf6);
    }

    /// Bytes that are CBOR already.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend(bytes);
    }
}

#[cfg(test)]
mod tests;
