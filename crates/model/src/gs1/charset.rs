//! Character sets of GS1 keys, and the reading of one percent-encoded part.

use super::error::{KeyError, Part};

/// Characters allowed in a part (GS1 General Specifications §7.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// `0-9`.
    Digits,
    /// The 82 characters of figure 7.11-1: letters, digits and ``!"%&'()*+,-./:;<=>?_``.
    Ai82,
    /// The 39 characters of figure 7.11-2: `#-/0-9A-Z`.
    Ai39,
}

impl Charset {
    pub(super) const fn contains(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Ai82 => matches!(
                byte,
                b'!' | b'"' | b'%'..=b'?' | b'A'..=b'Z' | b'_' | b'a'..=b'z'
            ),
            Self::Ai39 => matches!(byte, b'#' | b'-' | b'/' | b'0'..=b'9' | b'A'..=b'Z'),
        }
    }
}

/// What a part may hold: its name, characters and length in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) part: Part,
    pub(super) charset: Charset,
    pub(super) len_min: usize,
    pub(super) len_max: usize,
}

impl Rule {
    pub(super) const fn new(part: Part, charset: Charset, len_min: usize, len_max: usize) -> Self {
        Self {
            part,
            charset,
            len_min,
            len_max,
        }
    }

    /// Exactly `len` digits.
    pub(super) const fn digits(part: Part, len: usize) -> Self {
        Self::new(part, Charset::Digits, len, len)
    }

    /// One to `len_max` characters of the set of 82.
    pub(super) const fn ai82(part: Part, len_max: usize) -> Self {
        Self::new(part, Charset::Ai82, 1, len_max)
    }

    /// Decodes `raw`, which stands at byte `at` of the text, and checks it.
    ///
    /// # Errors
    /// `Escape`, `Character` or `Length`, in the order of reading.
    pub(super) fn read(&self, raw: &str, at: usize) -> Result<String, KeyError> {
        let mut value = String::with_capacity(raw.len());
        let mut bytes = raw.bytes().zip(at..);
        while let Some((byte, byte_at)) = bytes.next() {
            let found = if byte == b'%' {
                let high = bytes.next().map(|(hex, _)| hex);
                let low = bytes.next().map(|(hex, _)| hex);
                unescape(high, low).ok_or(KeyError::Escape { at: byte_at })?
            } else {
                byte
            };
            if !self.charset.contains(found) {
                return Err(KeyError::Character {
                    part: self.part,
                    at: byte_at,
                    found,
                });
            }
            value.push(char::from(found));
        }
        if value.len() < self.len_min || value.len() > self.len_max {
            return Err(KeyError::Length {
                part: self.part,
                at,
                len: value.len(),
                min: self.len_min,
                max: self.len_max,
            });
        }
        Ok(value)
    }
}

/// The byte behind a percent sign, from its two hexadecimal digits of either case.
pub(super) fn unescape(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |hex: Option<u8>| char::from(hex?).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
