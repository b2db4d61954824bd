//! JSON with byte spans (RFC 8259), read strictly and without copying.
//!
//! A body is cut at the bytes of its values (format law 1), so the parser must tell where
//! each value begins and ends, keep numbers as written, and refuse what two readers could
//! read in two ways: a key twice in one object, invalid UTF-8, lone surrogates, control
//! characters inside strings, trailing bytes. No common JSON crate gives spans together
//! with these refusals; this one is small and fuzzed against one that gives the values.
//!
//! A document is an arena of nodes in document order; [`Item`] walks it.

mod parser;
mod path;

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Range;

use parser::{Key, Parser};

/// Why bytes are not JSON that we read; `at` is the byte offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct JsonError {
    /// A short reason in words.
    pub what: &'static str,
    /// The stable code: `invalid_json`, `invalid_utf8`, `duplicate_key`, `too_deep`, `too_large`.
    pub code: &'static str,
    /// Offset of the byte where reading stopped.
    pub at: usize,
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    /// Span of the member's key with its quotes; empty outside objects.
    key_start: u32,
    key_end: u32,
    /// Index after the last descendant of this node.
    next: u32,
    /// Whether an escape stands in the string that the value is.
    has_escape: bool,
    /// Whether an escape stands in the member's key.
    key_has_escape: bool,
}

/// Keys of one object that are compared each with each; more are sorted first.
const KEYS_COMPARED_MAX: usize = 32;

/// A parsed document.
#[derive(Clone, Debug)]
pub struct Doc<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// Where a value stands in its document: what an [`Item`] is without the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(NonZeroU32);

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a, 'd> {
    doc: &'d Doc<'a>,
    at: u32,
    node: Node,
}

impl<'a> Doc<'a> {
    /// Parses exactly one JSON value with white space around it.
    ///
    /// # Errors
    /// [`JsonError`] with a code and the offset.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|e| JsonError {
            what: "the text is not UTF-8",
            code: "invalid_utf8",
            at: e.valid_up_to(),
        })?;
        let mut parser = Parser::new(bytes);
        parser.space();
        parser.value(0, Key::NONE)?;
        parser.space();
        if parser.at != bytes.len() {
            return Err(parser.error("something follows the value"));
        }
        let doc = Self {
            text,
            nodes: parser.nodes,
        };
        doc.refuse_repeated_keys()?;
        Ok(doc)
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Item<'a, '_> {
        self.item(0)
    }

    /// The text that was parsed.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Values in the document, the outermost and all inside it: at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a document is never empty")]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    fn item(&self, at: u32) -> Item<'a, '_> {
        // A document has a root node at least; the fallback is never seen.
        let null = Node {
            kind: Kind::Null,
            start: 0,
            end: 0,
            key_start: 0,
            key_end: 0,
            next: at + 1,
            has_escape: false,
            key_has_escape: false,
        };
        let node = self.nodes.get(at as usize).copied().unwrap_or(null);
        Item {
            doc: self,
            at,
            node,
        }
    }

    /// The string whose quotes are the first and the last of these bytes, decoded.
    fn text_in(&self, start: u32, end: u32, has_escape: bool) -> Cow<'a, str> {
        if has_escape {
            Cow::Owned(unescape(self.slice(start, end)))
        } else {
            Cow::Borrowed(self.slice(start + 1, end.saturating_sub(1)))
        }
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    fn refuse_repeated_keys(&self) -> Result<(), JsonError> {
        let mut keys = Vec::with_capacity(KEYS_COMPARED_MAX);
        for at in 0..self.nodes.len() {
            let item = self.item(u32::try_from(at).unwrap_or(u32::MAX));
            if item.node.kind == Kind::Object && !item.has_plain_keys_all_different(&mut keys) {
                item.refuse_repeated_keys()?;
            }
        }
        Ok(())
    }
}

impl<'a, 'd> Item<'a, 'd> {
    /// What kind of value it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.node.kind
    }

    /// The bytes of the value in the document.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }

    /// The bytes of the key with its quotes, if the value is a member of an object.
    #[must_use]
    pub const fn key_span(&self) -> Option<Range<usize>> {
        if self.node.key_end == 0 {
            None
        } else {
            Some(self.node.key_start as usize..self.node.key_end as usize)
        }
    }

    /// The value as written.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.doc.slice(self.node.start, self.node.end)
    }

    /// The decoded string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        let Node { start, end, .. } = self.node;
        let is_text = self.node.kind == Kind::String;
        is_text.then(|| self.doc.text_in(start, end, self.node.has_escape))
    }

    /// Where the value stands in its document.
    #[must_use]
    pub const fn place(&self) -> Place {
        // A document has far fewer values than numbers have 32 bits (`JSON_NODES_MAX`).
        Place(NonZeroU32::MIN.saturating_add(self.at))
    }

    /// The value at a place of the same document.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        self.doc.item(place.0.get() - 1)
    }

    /// The number as written, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&'a str> {
        (self.node.kind == Kind::Number).then(|| self.raw())
    }

    /// The truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(b) = self.node.kind {
            Some(b)
        } else {
            None
        }
    }

    /// True for `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.node.kind == Kind::Null
    }

    /// The members of an object as (key, value); empty for anything else.
    pub fn members(&self) -> impl Iterator<Item = (Cow<'a, str>, Item<'a, 'd>)> + use<'a, 'd> {
        let is_object = self.node.kind == Kind::Object;
        self.children()
            .take_while(move |_| is_object)
            .map(|item| (item.key(), item))
    }

    /// The elements of an array; empty for anything else.
    pub fn elements(&self) -> impl Iterator<Item = Item<'a, 'd>> + use<'a, 'd> {
        let is_array = self.node.kind == Kind::Array;
        self.children().take_while(move |_| is_array)
    }

    /// The member of that name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Item<'a, 'd>> {
        let is_object = self.node.kind == Kind::Object;
        let mut children = self.children().take_while(|_| is_object);
        children.find(|item| item.key_is(name))
    }

    /// The decoded string under that name, if it is one.
    #[must_use]
    pub fn str_at(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).and_then(|item| item.as_str())
    }

    /// The key, decoded; empty for what is no member.
    fn key(&self) -> Cow<'a, str> {
        let node = self.node;
        self.doc
            .text_in(node.key_start, node.key_end, node.key_has_escape)
    }

    fn key_is(&self, name: &str) -> bool {
        let len = (self.node.key_end - self.node.key_start) as usize;
        (self.node.key_has_escape || len == name.len() + 2) && self.key() == name
    }

    /// Whether no key of an object has an escape and all are different; `false` too for more keys
    /// than are compared. `keys` is room for them.
    fn has_plain_keys_all_different(&self, keys: &mut Vec<&'a str>) -> bool {
        keys.clear();
        for item in self.children() {
            let key = self.doc.slice(item.node.key_start, item.node.key_end);
            let is_new = !item.node.key_has_escape && !keys.contains(&key);
            if !is_new || keys.len() >= KEYS_COMPARED_MAX {
                return false;
            }
            keys.push(key);
        }
        true
    }

    fn refuse_repeated_keys(&self) -> Result<(), JsonError> {
        let members = self.members();
        let mut keys: Vec<_> = members
            .map(|(key, value)| (key, value.node.key_start))
            .collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find_map(|pair| match pair {
            [a, b] if a.0 == b.0 => Some(b.1),
            _ => None,
        });
        match twice {
            None => Ok(()),
            Some(start) => Err(JsonError {
                what: "a key stands twice in one object",
                code: "duplicate_key",
                at: start as usize,
            }),
        }
    }

    fn children(&self) -> impl Iterator<Item = Item<'a, 'd>> + use<'a, 'd> {
        let doc = self.doc;
        let end = self.node.next;
        let first = (self.at + 1 < end).then(|| doc.item(self.at + 1));
        std::iter::successors(first, move |item| {
            (item.node.next < end).then(|| doc.item(item.node.next))
        })
    }
}

/// The value in one spelling: members sorted by key, no white space, strings escaped alike,
/// numbers by value. Equal values give equal text.
#[must_use]
pub fn canonical(item: Item<'_, '_>) -> String {
    let mut out = String::new();
    write_canonical(item, &mut out);
    out
}

fn write_canonical(item: Item<'_, '_>, out: &mut String) {
    match item.kind() {
        Kind::Null | Kind::Bool(_) => out.push_str(item.raw()),
        Kind::Number => match crate::decimal::Decimal::parse(item.raw()) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str(item.raw()),
        },
        Kind::String => out.push_str(&quote(&item.as_str().unwrap_or_default())),
        Kind::Array => {
            out.push('[');
            for (at, element) in item.elements().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(element, out);
            }
            out.push(']');
        }
        Kind::Object => {
            let mut members: Vec<_> = item.members().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&quote(&key));
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
    }
}

/// Writes `text` as a JSON string with its quotes, escaping what must be.
#[must_use]
pub fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Takes the quotes off and decodes escapes; the parser has checked them.
fn unescape(quoted: &str) -> String {
    let inner = quoted
        .strip_prefix('"')
        .and_then(|s| s.strip_suffix('"'))
        .unwrap_or(quoted);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let mut unit = hex4(&mut chars);
                if (0xd800..0xdc00).contains(&unit) {
                    chars.next();
                    chars.next();
                    unit = 0x1_0000
                        + ((unit - 0xd800) << 10)
                        + (hex4(&mut chars).wrapping_sub(0xdc00) & 0x3ff);
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn hex4(chars: &mut std::str::Chars<'_>) -> u32 {
    (0..4).fold(0, |n, _| {
        n << 4 | chars.next().and_then(|c| c.to_digit(16)).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests;
