//! Sections of a document: bytes with holes, and what such bytes must look like.

use std::ops::Range;

use countersign_model::body::{BODY_SALT_LEN, Cut, EnvelopeBody, Format, PART_SALT_LEN};
use countersign_model::digest::Digest;

use super::lexer::{Lexer, Signal};
use crate::limits::EVENTS_PER_SECTION_MAX;
use crate::problem::Problem;

/// A section of a document: its own bytes, and where its events stood.
///
/// The head (index 0) has every byte outside the events up to the last of its own, and the
/// end of the document. The bytes of each other section begin with the separator before its
/// first event and end with its last hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Number of the section, from 0.
    pub index: u64,
    /// Its own bytes, without the events.
    pub bytes: Vec<u8>,
    /// Offset of each hole in `bytes`, rising.
    pub holes: Vec<u64>,
    /// Where in the head's bytes the following sections stand, if there are any.
    pub continues_at: Option<u64>,
    /// Where in the document each event of the section stands.
    pub spans: Vec<Range<u64>>,
}

impl Section {
    /// The body of the section, cut by `cut` ([`crate::cut::envelope`]). `head` is the digest of
    /// the head's body for every other section.
    #[must_use]
    pub fn body(
        &self,
        cut: &Cut,
        media_type: &str,
        head: Option<Digest>,
        salt: [u8; BODY_SALT_LEN],
        part_salts: &mut dyn FnMut() -> [u8; PART_SALT_LEN],
    ) -> EnvelopeBody {
        EnvelopeBody {
            format: Format::EpcisJson.id().to_owned(),
            version: 1,
            media_type: media_type.to_owned(),
            salt,
            head,
            section: self.index,
            mapping: None,
            parts: cut.apply(&self.bytes, part_salts),
            holes: self.holes.clone(),
            continues_at: self.continues_at,
        }
    }
}

/// What the bytes of an envelope are, once their holes have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A document's head: its text with the event list emptied.
    Document(Emptied),
    /// White space around events: a bare event, or JSON lines.
    Space,
    /// A section behind the head: separators.
    Following,
}

/// A document whose event list was emptied, and how its offsets relate to those of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emptied {
    text: Vec<u8>,
    list: Range<usize>,
}

impl Emptied {
    /// The document with `[]` as its event list.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// A range of [`Emptied::text`] in the bytes of the envelope.
    #[must_use]
    pub fn in_envelope(&self, range: &Range<usize>) -> Range<usize> {
        let move_one = |at: usize| {
            if at > self.list.start {
                at + self.list.len()
            } else {
                at
            }
        };
        // A range that ends where the list was does not take it in.
        move_one(range.start)..move_one(range.end)
    }
}

impl Layout {
    /// Checks that each hole stands where exactly one event belongs.
    ///
    /// # Errors
    /// `bad_envelope`, or a problem of the document's syntax.
    pub fn of(
        section: u64,
        bytes: &[u8],
        holes: &[u64],
        continues_at: Option<u64>,
    ) -> Result<Self, Problem> {
        let offsets: Option<Vec<usize>> =
            holes.iter().map(|at| usize::try_from(*at).ok()).collect();
        let offsets = offsets.ok_or_else(|| bad("a hole lies beyond the bytes"))?;
        let last = holes.last().copied();
        if holes.len() > EVENTS_PER_SECTION_MAX || (continues_at.is_some() && continues_at != last)
        {
            return Err(bad(
                "there are too many holes, or the document continues elsewhere",
            ));
        }
        if section > 0 {
            let whole = !holes.is_empty() && last == Some(bytes.len() as u64);
            if !whole || continues_at.is_some() {
                return Err(bad("a section ends with its last hole"));
            }
            let separators = pieces(bytes, 0..bytes.len(), &offsets)?;
            let commas = separators.iter().take(holes.len()).all(|s| is_comma(s));
            let lines = separators.iter().take(holes.len()).all(|s| is_newline(s));
            return if commas || lines {
                Ok(Self::Following)
            } else {
                Err(bad(
                    "something other than separators stands between the holes",
                ))
            };
        }
        if bytes.iter().all(|b| is_space(*b)) {
            let separators = pieces(bytes, 0..bytes.len(), &offsets)?;
            let between = separators.get(1..holes.len()).unwrap_or_default();
            return if holes.is_empty() || !between.iter().all(|s| is_newline(s)) {
                Err(bad("events without a document stand on lines of their own"))
            } else {
                Ok(Self::Space)
            };
        }
        let emptied = without_list(bytes)?.ok_or_else(|| bad("there is no event list"))?;
        let separators = pieces(bytes, emptied.list.clone(), &offsets)?;
        let between = separators.get(1..holes.len()).unwrap_or_default();
        let around = [separators.first(), separators.last()];
        let fits = around
            .iter()
            .flatten()
            .all(|s| s.iter().all(|b| is_space(*b)))
            && between.iter().all(|s| is_comma(s));
        if fits {
            Ok(Self::Document(emptied))
        } else {
            Err(bad(
                "something other than separators stands between the holes",
            ))
        }
    }
}

/// The document without what stands in its event list; `None` when it has none.
///
/// # Errors
/// A problem of the syntax, or `bad_envelope` when an event stands in the list.
pub(crate) fn without_list(bytes: &[u8]) -> Result<Option<Emptied>, Problem> {
    let mut lexer = Lexer::new(true);
    let (mut start, mut end) = (None, None);
    for (at, byte) in bytes.iter().enumerate() {
        match lexer.step(*byte)? {
            Signal::ListOpen => start = Some(at + 1),
            Signal::ListClose => end = Some(at),
            Signal::Begin(super::lexer::Place::Element) => {
                return Err(bad("an event stands outside its hole"));
            }
            _ => {}
        }
    }
    lexer.finish()?;
    let (Some(start), Some(end)) = (start, end) else {
        return Ok(None);
    };
    let before = bytes.get(..start).unwrap_or_default();
    let after = bytes.get(end..).unwrap_or_default();
    Ok(Some(Emptied {
        text: [before, after].concat(),
        list: start..end,
    }))
}

/// The bytes of `within` before, between and after the holes: one piece more than holes.
fn pieces<'b>(
    bytes: &'b [u8],
    within: Range<usize>,
    holes: &[usize],
) -> Result<Vec<&'b [u8]>, Problem> {
    let mut at = within.start;
    let mut out = Vec::with_capacity(holes.len() + 1);
    for end in holes.iter().copied().chain([within.end]) {
        let piece = (at <= end && end <= within.end)
            .then(|| bytes.get(at..end))
            .flatten();
        out.push(piece.ok_or_else(|| bad("a hole stands where no event belongs"))?);
        at = end;
    }
    Ok(out)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_comma(bytes: &[u8]) -> bool {
    let mut others = bytes.iter().filter(|b| !is_space(**b));
    others.next() == Some(&b',') && others.next().is_none()
}

fn is_newline(bytes: &[u8]) -> bool {
    bytes.contains(&b'\n') && bytes.iter().all(|b| is_space(*b))
}

fn bad(reason: &str) -> Problem {
    Problem::new("bad_envelope", "", reason)
}
