//! The canonical bytes of an event's typed fields, over which its fingerprint is taken.
//!
//! An object is, for each member in the order of its table: its number (one byte), the length
//! of its value (four bytes, big-endian), its value. A set is, for each element in bytewise
//! order of the values: length, value. A leaf is its bytes. (docs/formats/epcis-json.md)

use countersign_model::digest::Digest;

/// What stands for the base of canonical GS1 keys.
const GS1_BASE: &str = "https://id.gs1.org/";
const GS1_MARK: u8 = 1;

/// A writer of canonical bytes.
#[derive(Debug, Default)]
pub(crate) struct Print {
    bytes: Vec<u8>,
}

/// Where a value of unknown length began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Print {
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut print = Self {
            bytes: Vec::with_capacity(bytes),
        };
        print
            .bytes
            .extend_from_slice(b"countersign/epcis-event/v1\0");
        print
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    pub(crate) const fn mark(&self) -> Mark {
        Mark(self.bytes.len())
    }

    /// Forgets what was written since.
    pub(crate) fn forget(&mut self, mark: Mark) {
        self.bytes.truncate(mark.0);
    }

    /// Begins the member of an object at `place` of its table.
    pub(crate) fn begin_member(&mut self, place: usize) -> Mark {
        self.bytes.push(u8::try_from(place + 1).unwrap_or(u8::MAX));
        self.begin()
    }

    /// Begins an element of a set.
    pub(crate) fn begin(&mut self) -> Mark {
        let mark = self.mark();
        self.bytes.extend_from_slice(&[0; 4]);
        mark
    }

    /// Ends what was begun.
    pub(crate) fn end(&mut self, mark: Mark) {
        let len = u32::try_from(self.bytes.len() - mark.0 - 4).unwrap_or(u32::MAX);
        if let Some(place) = self.bytes.get_mut(mark.0..mark.0 + 4) {
            place.copy_from_slice(&len.to_be_bytes());
        }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A key in canonical form; the base that GS1 keys share is one byte.
    pub(crate) fn key(&mut self, canonical: &str) {
        match canonical.strip_prefix(GS1_BASE) {
            Some(rest) => {
                self.bytes.push(GS1_MARK);
                self.text(rest);
            }
            None => self.text(canonical),
        }
    }

    /// Puts the elements that begin at these marks, up to the end, in order; tells whether two are equal.
    pub(crate) fn sort(&mut self, starts: &[Mark]) -> bool {
        let Some(first) = starts.first().filter(|_| starts.len() > 1) else {
            return false;
        };
        let copy = self.bytes.split_off(first.0);
        let ends = starts
            .iter()
            .skip(1)
            .map(|mark| mark.0 - first.0)
            .chain([copy.len()]);
        let mut elements: Vec<&[u8]> = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| copy.get(start.0 - first.0..end).unwrap_or_default())
            .collect();
        elements.sort_unstable_by_key(|element| element.get(4..).unwrap_or_default());
        let twice = elements
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a == b));
        for element in elements {
            self.bytes.extend_from_slice(element);
        }
        twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(elements: &[&str], expect: &[&str], twice: bool) {
        let mut print = Print::default();
        let write = |print: &mut Print, texts: &[&str]| -> Vec<Mark> {
            let each = texts.iter().map(|text| {
                let mark = print.begin();
                print.text(text);
                print.end(mark);
                mark
            });
            each.collect()
        };
        let starts = write(&mut print, elements);
        assert_eq!(print.sort(&starts), twice, "{elements:?}");
        let mut sorted = Print::default();
        write(&mut sorted, expect);
        assert_eq!(print.bytes, sorted.bytes, "{elements:?}");
    }

    #[test]
    fn sets_have_one_order() {
        check(&["b", "a", "ab"], &["a", "ab", "b"], false);
        check(&["x", "x"], &["x", "x"], true);
        check(&["x"], &["x"], false);
        check(&[], &[], false);
    }

    #[test]
    fn members_and_keys() {
        let mut print = Print::default();
        let member = print.begin_member(1);
        print.key("https://id.gs1.org/00/1");
        print.end(member);
        assert_eq!(print.bytes, b"\x02\0\0\0\x05\x0100/1");
    }
}
