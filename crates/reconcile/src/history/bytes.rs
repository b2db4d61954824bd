//! Small numbers in few bytes: what the records of the history are written in.

use countersign_model::decimal::Decimal;

/// Writes a record.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    pub(crate) fn number(&mut self, mut value: u128) {
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
    pub(crate) fn signed(&mut self, value: i128) {
        self.number(((value << 1) ^ (value >> 127)).cast_unsigned());
    }

    /// A number that may be absent.
    pub(crate) fn maybe(&mut self, value: Option<u64>) {
        self.number(value.map_or(0, |value| u128::from(value) + 1));
    }

    pub(crate) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn all(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn decimal(&mut self, value: Decimal) {
        self.signed(value.mantissa());
        self.byte(value.scale());
    }
}

/// Reads a record. `None` if it is cut off or makes no sense.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn of(record: &'a [u8]) -> Self {
        Self { rest: record }
    }

    pub(crate) fn number(&mut self) -> Option<u128> {
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

    pub(crate) fn signed(&mut self) -> Option<i128> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    pub(crate) fn small<T: TryFrom<u128>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    pub(crate) fn maybe(&mut self) -> Option<Option<u64>> {
        let value = self.number()?;
        match value.checked_sub(1) {
            None => Some(None),
            Some(value) => Some(Some(u64::try_from(value).ok()?)),
        }
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub(crate) fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*first)
    }

    pub(crate) fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(first)
    }

    pub(crate) fn decimal(&mut self) -> Option<Decimal> {
        let mantissa = self.signed()?;
        Decimal::new(mantissa, self.byte()?)
    }

    /// How many of something follow; no more than there are bytes left.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let count: usize = self.small()?;
        (count <= self.rest.len()).then_some(count)
    }

    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) const fn is_at_end(&self) -> bool {
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
