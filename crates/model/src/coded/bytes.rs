//! Bytes as they are written and read: of full width, or small numbers in few bytes, as the records of
//! the history have them.

use crate::decimal::Decimal;

/// Writes bytes behind bytes.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Nothing yet, with room for so many bytes.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    pub fn number(&mut self, mut value: u128) {
        if let Ok(small) = u8::try_from(value)
            && small < 0x80
        {
            self.bytes.push(small);
            return;
        }
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push((value & 0x7f) as u8);
    }

    /// A number with a sign, small ones of both signs in few bytes.
    pub fn signed(&mut self, value: i128) {
        self.number(((value << 1) ^ (value >> 127)).cast_unsigned());
    }

    /// A number that may be absent.
    pub fn maybe(&mut self, value: Option<u64>) {
        self.number(value.map_or(0, |value| u128::from(value) + 1));
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Bytes as they are.
    #[inline]
    pub fn all(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A decimal: its digits with their sign, and how many of them stand behind the point.
    pub fn decimal(&mut self, value: Decimal) {
        self.signed(value.mantissa());
        self.byte(value.scale());
    }
}

/// Reads them again. `None` if it is cut off or makes no sense.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// At the beginning.
    #[must_use]
    pub const fn of(record: &'a [u8]) -> Self {
        Self { rest: record }
    }

    /// As [`Writer::number`].
    pub fn number(&mut self) -> Option<u128> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            value |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// As [`Writer::signed`].
    pub fn signed(&mut self) -> Option<i128> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// A number that fits a smaller type.
    pub fn small<T: TryFrom<u128>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// As [`Writer::maybe`].
    pub fn maybe(&mut self) -> Option<Option<u64>> {
        let value = self.number()?;
        match value.checked_sub(1) {
            None => Some(None),
            Some(value) => Some(Some(u64::try_from(value).ok()?)),
        }
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// So many bytes.
    #[inline]
    pub fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*first)
    }

    /// So many bytes, where they lie.
    pub fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(first)
    }

    /// As [`Writer::decimal`].
    pub fn decimal(&mut self) -> Option<Decimal> {
        let mantissa = self.signed()?;
        Decimal::new(mantissa, self.byte()?)
    }

    /// How many of something follow; no more than there are bytes left.
    pub fn count(&mut self) -> Option<usize> {
        let count: usize = self.small()?;
        (count <= self.rest.len()).then_some(count)
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Whether none are.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: i128, bytes: usize) {
        let mut out = Writer::default();
        out.signed(value);
        assert_eq!(out.bytes.len(), bytes, "{value}");
        let mut reader = Reader::of(&out.bytes);
        assert_eq!(reader.signed(), Some(value));
        assert!(reader.is_at_end());
    }

    #[test]
    fn numbers_come_back() {
        check(0, 1);
        check(-1, 1);
        check(63, 1);
        check(64, 2);
        check(-64, 1);
        check(1_772_409_600_000, 6);
        check(i128::MAX, 19);
        check(i128::MIN, 19);
    }

    #[test]
    fn what_may_be_absent_comes_back() {
        for value in [None, Some(0), Some(u64::MAX)] {
            let mut out = Writer::default();
            out.maybe(value);
            assert_eq!(Reader::of(&out.bytes).maybe(), Some(value));
        }
        assert_eq!(Reader::of(&[0x80]).maybe(), None);
    }
}
