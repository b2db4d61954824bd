//! The parser: RFC 8259, strictly, with the place of every value.

use super::{JsonError, Kind, Node};
use crate::limits::{DEPTH_MAX, JSON_NODES_MAX};

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
            nodes: Vec::with_capacity(bytes.len() / 16 + 1),
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

    pub(super) fn value(&mut self, depth: usize, key: (u32, u32)) -> Result<(), JsonError> {
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
            key_start: key.0,
            key_end: key.1,
            next: 0,
        });
        let kind = match self.peek() {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => {
                self.string()?;
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
            let key_start = self.pos()?;
            if self.peek() != b'"' {
                return Err(self.error("a key in quotes is expected"));
            }
            self.string()?;
            let key_end = self.pos()?;
            self.space();
            if self.peek() != b':' {
                return Err(self.error("a colon is expected"));
            }
            self.at += 1;
            self.space();
            self.value(depth + 1, (key_start, key_end))?;
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
            self.value(depth + 1, (0, 0))?;
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

    fn string(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                None => return Err(self.error("a string is not closed")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..=31) => return Err(self.error("a control character stands in a string")),
                Some(_) => self.at += 1,
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
