//! The canonical bytes of an event's typed fields, over which its fingerprint is taken.
//!
//! An object is, for each member in the order of its table: its number (one byte), the length
//! of its value, its value. A set is, for each element in bytewise order of the values: length,
//! value. A leaf is its bytes. Lengths are unsigned LEB128 in their shortest form
//! (docs/formats/epcis-json.md).

use countersign_model::digest::Digest;

/// What stands for the base of canonical GS1 keys.
const GS1_BASE: &str = "https://id.gs1.org/";
const GS1_MARK: u8 = 1;
/// Room for the elements of the sets that are open at a time in a usual event.
const ELEMENTS_ROOM: usize = 16;

/// A writer of canonical bytes.
#[derive(Debug, Default)]
pub(crate) struct Print {
    bytes: Vec<u8>,
    /// Elements of the sets that are being written, those of an inner one behind those of the outer.
    elements: Vec<Element>,
}

/// Where the elements of a set begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set(usize);

/// Where a value of unknown length began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// Where an element of a set is: its length, and behind it its value.
#[derive(Clone, Copy, Debug)]
struct Element {
    start: usize,
    value: usize,
}

impl Print {
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut print = Self {
            bytes: Vec::with_capacity(bytes),
            elements: Vec::with_capacity(ELEMENTS_ROOM),
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
        self.bytes.push(0);
        mark
    }

    /// Ends what was begun: puts the length in front of it.
    pub(crate) fn end(&mut self, mark: Mark) {
        self.end_at(mark);
    }

    /// Begins a set.
    pub(crate) const fn begin_set(&self) -> Set {
        Set(self.elements.len())
    }

    /// Ends an element of the innermost set.
    pub(crate) fn end_element(&mut self, mark: Mark) {
        let element = self.end_at(mark);
        self.elements.push(element);
    }

    /// Ends a set: puts its elements, which reach to the end, in order; tells whether two are equal.
    pub(crate) fn end_set(&mut self, set: Set) -> bool {
        let elements = self.elements.get(set.0..).unwrap_or_default();
        let value = |at: usize| value_of(&self.bytes, elements, at);
        let in_order = (1..elements.len()).all(|at| value(at - 1) < value(at));
        if in_order {
            self.elements.truncate(set.0);
            return false;
        }
        let elements = self.elements.split_off(set.0);
        self.sort(&elements)
    }

    fn end_at(&mut self, mark: Mark) -> Element {
        let len = self.bytes.len() - mark.0 - 1;
        if let (Ok(byte @ 0..0x80), Some(place)) = (u8::try_from(len), self.bytes.get_mut(mark.0)) {
            *place = byte;
            return Element {
                start: mark.0,
                value: mark.0 + 1,
            };
        }
        let mut header = [0; 10];
        let mut rest = len;
        let mut used = 0;
        for byte in &mut header {
            let low = u8::try_from(rest & 0x7f).unwrap_or(0);
            rest >>= 7;
            *byte = if rest > 0 { low | 0x80 } else { low };
            used += 1;
            if rest == 0 {
                break;
            }
        }
        let header = header.get(..used).unwrap_or_default();
        self.bytes.splice(mark.0..=mark.0, header.iter().copied());
        Element {
            start: mark.0,
            value: mark.0 + used,
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

    /// Puts these elements, which reach to the end, in order; tells whether two are equal.
    fn sort(&mut self, elements: &[Element]) -> bool {
        let value = |at: usize| value_of(&self.bytes, elements, at);
        let mut order: Vec<usize> = (0..elements.len()).collect();
        if !order.is_sorted_by_key(|at| value(*at)) {
            order.sort_by_key(|at| value(*at));
        }
        let twice = order
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if value(*a) == value(*b)));
        if !order.is_sorted() {
            self.reorder(elements, &order);
        }
        twice
    }

    fn reorder(&mut self, elements: &[Element], order: &[usize]) {
        let Some(first) = elements.first() else {
            return;
        };
        let copy = self.bytes.split_off(first.start);
        for at in order {
            let start = elements.get(*at).map_or(0, |element| element.start);
            let end = elements
                .get(at + 1)
                .map_or(first.start + copy.len(), |e| e.start);
            let element = copy.get(start - first.start..end - first.start);
            self.bytes.extend_from_slice(element.unwrap_or_default());
        }
    }
}

/// The value of the element at `at`; the last one reaches to the end.
fn value_of<'p>(bytes: &'p [u8], elements: &[Element], at: usize) -> &'p [u8] {
    let start = elements.get(at).map_or(0, |element| element.value);
    let end = elements.get(at + 1).map_or(bytes.len(), |next| next.start);
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(print: &mut Print, texts: &[&str]) -> bool {
        let set = print.begin_set();
        for text in texts {
            let mark = print.begin();
            print.text(text);
            print.end_element(mark);
        }
        print.end_set(set)
    }

    fn check(elements: &[&str], expect: &[&str], twice: bool) {
        let mut print = Print::default();
        assert_eq!(write(&mut print, elements), twice, "{elements:?}");
        assert!(print.elements.is_empty());
        let mut sorted = Print::default();
        write(&mut sorted, expect);
        assert_eq!(print.bytes, sorted.bytes, "{elements:?}");
    }

    #[test]
    fn sets_have_one_order() {
        let long = "b".repeat(200);
        check(&["b", "a", "ab"], &["a", "ab", "b"], false);
        check(&["c", &long, "a"], &["a", &long, "c"], false);
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
        assert_eq!(print.bytes, b"\x02\x05\x0100/1");
    }

    #[test]
    fn lengths_beyond_one_byte() {
        let mut print = Print::default();
        let outer = print.begin();
        let inner = print.begin();
        print.text(&"x".repeat(300));
        print.end(inner);
        print.end(outer);
        assert_eq!(
            print.bytes.get(..5),
            Some(&[0xae, 0x02, 0xac, 0x02, b'x'][..])
        );
        assert_eq!(print.bytes.len(), 304);
    }
}
