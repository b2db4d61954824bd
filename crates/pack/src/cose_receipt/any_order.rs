//! CBOR of others, read strictly but for the order of map keys.
//!
//! What we write is deterministic and read by [`countersign_model::cbor`]. RFC 9052 does not ask
//! others to sort the labels of a header, and they do not. Everything else that is refused there is
//! refused here too: so no bytes are read in two ways, and a value that is written again gives the
//! bytes it was read from.

use std::collections::BTreeSet;

use countersign_model::cbor::{CborError, Value};
use countersign_model::limits::DEPTH_MAX;

/// Reads exactly one value from `bytes`: no floats, no `undefined`, no indefinite lengths, integers
/// and lengths in their shortest form, no map key twice, [`DEPTH_MAX`] levels.
pub(super) fn decode(bytes: &[u8]) -> Result<Value<'_>, CborError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(CborError::Trailing)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], CborError> {
        let count = usize::try_from(count).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Major type, and the value or length (RFC 8949 §3).
    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = *self.take(1)?.first().ok_or(CborError::Truncated)?;
        let (major, low) = (first >> 5, first & 31);
        let (len, floor) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(CborError::Form),
        };
        if major == 7 {
            return Err(CborError::Form);
        }
        let digits = self.take(len)?;
        let value = digits.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        if value < floor {
            return Err(CborError::NotShortest);
        }
        Ok((major, value))
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        if depth > DEPTH_MAX {
            return Err(CborError::Depth);
        }
        let (major, n) = self.head()?;
        match (major, n) {
            (0, n) => Ok(Value::Uint(n)),
            (1, n) => Ok(Value::Nint(n)),
            (2, n) => self.take(n).map(Value::Bytes),
            (3, n) => std::str::from_utf8(self.take(n)?)
                .map(Value::Text)
                .map_err(|_| CborError::Utf8),
            (4, n) => self.array(n, depth),
            (5, n) => self.map(n, depth),
            (6, n) => Ok(Value::Tag(n, Box::new(self.value(depth + 1)?))),
            (_, 20) => Ok(Value::Bool(false)),
            (_, 21) => Ok(Value::Bool(true)),
            (_, 22) => Ok(Value::Null),
            _ => Err(CborError::Form),
        }
    }

    fn array(&mut self, n: u64, depth: usize) -> Result<Value<'a>, CborError> {
        let mut items = Vec::with_capacity(self.room_for(n)?);
        for _ in 0..n {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, n: u64, depth: usize) -> Result<Value<'a>, CborError> {
        let mut pairs = Vec::with_capacity(self.room_for(n)?);
        let mut keys = BTreeSet::new();
        for _ in 0..n {
            let before = self.rest;
            let key = self.value(depth + 1)?;
            let len = before.len() - self.rest.len();
            // Every value has one encoding here, so equal keys are equal bytes.
            if !keys.insert(before.get(..len).unwrap_or_default()) {
                return Err(CborError::KeyOrder);
            }
            pairs.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Map(pairs))
    }

    /// An item takes a byte at least, so a count beyond what is left is a lie.
    fn room_for(&self, n: u64) -> Result<usize, CborError> {
        usize::try_from(n)
            .ok()
            .filter(|n| *n <= self.rest.len())
            .ok_or(CborError::Truncated)
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::cbor;
    use countersign_model::digest::hex_decode;
    use proptest::prelude::*;

    use super::*;

    fn check(hex: &str, expect: Result<(), CborError>) {
        let bytes = hex_decode(hex).expect("hex");
        let read = decode(&bytes);
        assert_eq!(read.clone().map(|_| ()), expect, "{hex}");
        if let Ok(value) = read {
            assert_eq!(value.encode(), bytes, "{hex} is written as it was read");
        }
    }

    #[test]
    fn keys_may_stand_in_any_order_and_nothing_else_is_lax() {
        check("a219018b010127", Ok(()));
        check("a2012719018b01", Ok(()));
        check("a201270126", Err(CborError::KeyOrder));
        check("a3012702260126", Err(CborError::KeyOrder));
        check("a2612701612700", Err(CborError::KeyOrder));
        check("a1180100", Err(CborError::NotShortest));
        check("190018", Err(CborError::NotShortest));
        check("5801ff", Err(CborError::NotShortest));
        check("1b00000000ffffffff", Err(CborError::NotShortest));
        check("1b0000000100000000", Ok(()));
        check("9f01ff", Err(CborError::Form));
        check("bf0101ff", Err(CborError::Form));
        check("5f4101ff", Err(CborError::Form));
        check("f97e00", Err(CborError::Form));
        check("fb3ff0000000000000", Err(CborError::Form));
        check("f7", Err(CborError::Form));
        check("f820", Err(CborError::Form));
        check("1c", Err(CborError::Form));
        check("61ff", Err(CborError::Utf8));
        check("8201", Err(CborError::Truncated));
        check("", Err(CborError::Truncated));
        check("9bffffffffffffffff", Err(CborError::Truncated));
        check("bbffffffffffffffff", Err(CborError::Truncated));
        check("5bffffffffffffffff", Err(CborError::Truncated));
        check("0000", Err(CborError::Trailing));
        check(&format!("{}00", "81".repeat(DEPTH_MAX)), Ok(()));
        check(&"81".repeat(DEPTH_MAX + 2), Err(CborError::Depth));
        check(&"c1".repeat(60_000), Err(CborError::Depth));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_back(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(value.encode(), bytes);
            }
        }

        /// The oracle is the reader of our own formats, which differs in the order of keys alone.
        #[test]
        fn agrees_with_the_deterministic_reader(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let (lax, strict) = (decode(&bytes), cbor::decode(&bytes));
            match strict {
                Err(CborError::KeyOrder) => {}
                other => prop_assert_eq!(lax, other),
            }
        }
    }
}
