//! The parser: RFC 8259, strictly, with the place of every value.

use super::{JsonError, Kind, Node};
use crate::limits::{DEPTH_MAX, JSON_NODES_MAX};

/// Mean bytes of a value with its key and what stands between, as events have them: room is made
/// for as many nodes, so that it seldom grows.
const BYTES_PER_NODE: usize = 10;

/// A member's key: its span with its quotes, and whether an escape stands in it.
#[derive(Clone, Copy)]
pub(super) struct Key {
    start: u32,
    end: u32,
    has_escape: bool,
}

impl Key {
    /// That of a value which is no member.
    pub(super) const NONE: Self = Self {
        start: 0,
        end: 0,
        has_escape: false,
    };
}

/// Reads bytes into nodes, in document order.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) nodes: Vec<Node>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            nodes: Vec::with_capacity(bytes.len() / BYTES_PER_NODE + 1),
        }
    }

    pub(super) const fn error(&self, what: &'static str) -> JsonError {
        JsonError {
            what,
            code: "invalid_json",
            at: self.at,
        }
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    pub(super) fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn pos(&self) -> Result<u32, JsonError> {
        u32::try_from(self.at).map_err(|_| JsonError {
            what: "the document is too large",
            code: "too_large",
            at: self.at,
        })
    }

    pub(super) fn value(&mut self, depth: usize, key: Key) -> Result<(), JsonError> {
        if depth > DEPTH_MAX {
            return Err(JsonError {
                what: "the JSON is nested too deeply",
                code: "too_deep",
                at: self.at,
            });
        }
        if self.nodes.len() >= JSON_NODES_MAX {
            return Err(JsonError {
                what: "the JSON has too many values",
                code: "too_large",
                at: self.at,
            });
        }
        let start = self.pos()?;
        let own = self.nodes.len();
        self.nodes.push(Node {
            kind: Kind::Null,
            start,
            end: 0,
            key_start: key.start,
            key_end: key.end,
            next: 0,
            has_escape: false,
            key_has_escape: key.has_escape,
        });
        let mut has_escape = false;
        let kind = match self.peek() {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => {
                has_escape = self.string()?;
                Kind::String
            }
            b't' => self.word(b"true", Kind::Bool(true))?,
            b'f' => self.word(b"false", Kind::Bool(false))?,
            b'n' => self.word(b"null", Kind::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.error("a JSON value is expected")),
        };
        let (end, next) = (
            self.pos()?,
            u32::try_from(self.nodes.len()).unwrap_or(u32::MAX),
        );
        if let Some(node) = self.nodes.get_mut(own) {
            node.kind = kind;
            node.end = end;
            node.next = next;
            node.has_escape = has_escape;
        }
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Kind, JsonError> {
        self.at += 1;
        self.space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Kind::Object);
        }
        loop {
            self.space();
            let start = self.pos()?;
            if self.peek() != b'"' {
                return Err(self.error("a key in quotes is expected"));
            }
            let has_escape = self.string()?;
            let key = Key {
                start,
                end: self.pos()?,
                has_escape,
            };
            self.space();
            if self.peek() != b':' {
                return Err(self.error("a colon is expected"));
            }
            self.at += 1;
            self.space();
            self.value(depth + 1, key)?;
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(Kind::Object);
                }
                _ => return Err(self.error("a comma or a closing brace is expected")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, JsonError> {
        self.at += 1;
        self.space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Kind::Array);
        }
        loop {
            self.space();
            self.value(depth + 1, Key::NONE)?;
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(Kind::Array);
                }
                _ => return Err(self.error("a comma or a closing bracket is expected")),
            }
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, JsonError> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) == Some(word) {
            self.at = end;
            Ok(kind)
        } else {
            Err(self.error("a JSON value is expected"))
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            Err(self.error("a digit is expected"))
        } else {
            Ok(())
        }
    }

    fn number(&mut self) -> Result<Kind, JsonError> {
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
            if self.peek().is_ascii_digit() {
                return Err(self.error("a number must not begin with a zero"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    /// Reads a string; tells whether an escape stands in it.
    fn string(&mut self) -> Result<bool, JsonError> {
        self.at += 1;
        let mut has_escape = false;
        loop {
            self.at += plain_len(self.bytes.get(self.at..).unwrap_or_default());
            match self.bytes.get(self.at) {
                None => return Err(self.error("a string is not closed")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(has_escape);
                }
                Some(b'\\') => {
                    has_escape = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("a control character stands in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => {
                let first = self.unit()?;
                match first {
                    0xdc00..0xe000 => Err(self.error("a lone surrogate")),
                    0xd800..0xdc00 => {
                        let pair =
                            self.peek() == b'\\' && self.bytes.get(self.at + 1) == Some(&b'u');
                        if !pair {
                            return Err(self.error("a lone surrogate"));
                        }
                        self.at += 1;
                        let second = self.unit()?;
                        if (0xdc00..0xe000).contains(&second) {
                            Ok(())
                        } else {
                            Err(self.error("a lone surrogate"))
                        }
                    }
                    _ => Ok(()),
                }
            }
            _ => Err(self.error("an unknown escape")),
        }
    }

    /// Reads `uXXXX` and returns the code unit.
    fn unit(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let digits = self
            .bytes
            .get(self.at..self.at + 4)
            .ok_or_else(|| self.error("four hex digits are expected"))?;
        let mut value = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16);
            value = value << 4 | digit.ok_or_else(|| self.error("four hex digits are expected"))?;
        }
        self.at += 4;
        Ok(value)
    }
}

/// How many bytes stand before the first quote, backslash or control character.
fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marks = not_plain(u64::from_le_bytes(*word));
        if marks != 0 {
            return at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().take_while(|byte| is_plain(**byte)).count();
    words.len() * 8 + plain
}

const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// Marks the high bit of the first of eight bytes that is not plain, lowest byte first; bytes behind
/// it may be marked wrongly, for a subtraction borrows from them (S. E. Anderson, "Bit Twiddling
/// Hacks": determine if a word has a byte less than n).
const fn not_plain(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let quote = word ^ u64::from_le_bytes([b'"'; 8]);
    let backslash = word ^ u64::from_le_bytes([b'\\'; 8]);
    let control = word.wrapping_sub(u64::from_le_bytes([b' '; 8])) & !word;
    let equal = quote.wrapping_sub(EACH) & !quote | backslash.wrapping_sub(EACH) & !backslash;
    (control | equal) & u64::from_le_bytes([0x80; 8])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_bytes_at_a_time_are_as_one_by_one(bytes in prop::collection::vec(any::<u8>(), 0..40), plain in 0_usize..40) {
            let bytes = [vec![b'a'; plain], bytes].concat();
            let expect = bytes.iter().take_while(|byte| is_plain(**byte)).count();
            prop_assert_eq!(plain_len(&bytes), expect);
        }
    }
}
