//! Keys of units: each text has one number, and takes some sixteen bytes.
//!
//! A key is a prefix that many share (the scheme, the product) and a tail (the serial number).
//! Prefixes are kept once. A tail of up to 18 digits, or of up to 10 letters, digits, `-` and `_`,
//! fits eight bytes; a text that does not fit is kept as it is.

use std::cmp::Ordering;
use std::sync::Arc;

use countersign_model::ids::UnitId;

use super::hash::{Secret, hash_text, stir};
use super::paged::Paged;
use super::slots::Slots;
use crate::number::{Number, PrefixNo, UnitNo, WholeNo, hash};
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// Prefixes that are kept. Products of a large retailer are a few hundred thousand; whoever sends
/// more finds their keys kept whole.
const PREFIXES_MAX: usize = 1 << 20;
/// A number of so many digits is below 2⁶⁰.
const DIGITS_MAX: usize = 18;
/// Of six bits each.
const LETTERS_MAX: usize = 10;
const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// A key without its repetition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Packed {
    /// Number of the prefix in the upper 24 bits, then how the tail is written (3), then its
    /// length (5).
    head: u32,
    /// The tail, or the number of the whole text; lower half first.
    tail: [u32; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    /// The tail is the number of a text that is kept whole.
    Whole,
    Digits,
    Letters,
}

impl Packed {
    fn new(prefix: u32, writing: Writing, length: usize, tail: u64) -> Self {
        let length = u32::try_from(length).unwrap_or_default();
        Self {
            head: prefix << 8 | (writing as u32) << 5 | length,
            tail: [(tail & 0xffff_ffff) as u32, (tail >> 32) as u32],
        }
    }

    const fn prefix(self) -> usize {
        (self.head >> 8) as usize
    }

    const fn writing(self) -> Writing {
        match self.head >> 5 & 7 {
            1 => Writing::Digits,
            2 => Writing::Letters,
            _ => Writing::Whole,
        }
    }

    const fn length(self) -> usize {
        (self.head & 31) as usize
    }

    fn tail(self) -> u64 {
        let [low, high] = self.tail;
        u64::from(high) << 32 | u64::from(low)
    }
}

/// What a text is looked up by.
enum Key<'a> {
    Packed(Packed),
    Whole(&'a str),
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitNames {
    names: Paged<UnitNo, Packed>,
    by_name: Slots,
    prefixes: Paged<PrefixNo, Arc<str>>,
    by_prefix: Slots,
    /// Texts that are kept whole.
    whole: Paged<WholeNo, Arc<str>>,
    secret: Secret,
}

impl UnitNames {
    /// None yet, under a secret.
    pub(crate) fn keyed(secret: Secret) -> Self {
        Self {
            secret,
            ..Self::default()
        }
    }

    /// The number of a key, a new one at its first appearance.
    pub(crate) fn number(&mut self, name: &UnitId) -> UnitNo {
        let text = name.as_str();
        let key = self.key_for(text);
        let hash = self.hash(&key);
        if let Some(number) = self.lookup(&key, hash) {
            return number;
        }
        let packed = match key {
            Key::Packed(packed) => packed,
            Key::Whole(text) => {
                let number = self.whole.push(text.into());
                Packed::new(0, Writing::Whole, 0, number.at() as u64)
            }
        };
        let number = self.names.push(packed);
        let at = u32::try_from(number.at()).unwrap_or_default();
        self.by_name.insert(hash, at);
        number
    }

    pub(crate) fn find(&self, name: &UnitId) -> Option<UnitNo> {
        let text = name.as_str();
        let key = match pack(text) {
            Some((prefix, ..)) if self.prefix(prefix).is_none() && !self.is_full() => return None,
            _ => self.key_of(text),
        };
        self.lookup(&key, self.hash(&key))
    }

    /// The key's text.
    pub(crate) fn text(&self, number: UnitNo) -> String {
        let packed = *self.names.row(number);
        if let Some(whole) = self.whole(packed) {
            return whole.to_owned();
        }
        let prefix = self.prefixes.row(PrefixNo::of(packed.prefix()));
        let mut text = prefix.to_string();
        push_tail(packed, &mut text);
        text
    }

    /// The key.
    pub(crate) fn name(&self, number: UnitNo) -> UnitId {
        UnitId::parse(&self.text(number)).expect("the text of a key was read as a key before")
    }

    /// By text, which does not depend on arrival.
    pub(crate) fn by_text(&self, a: UnitNo, b: UnitNo) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        self.text(a).cmp(&self.text(b))
    }

    pub(crate) const fn len(&self) -> usize {
        self.names.len()
    }

    /// All numbers, in an order that does not depend on arrival. Costs time for every key.
    pub(crate) fn fixed_order(&self) -> impl Iterator<Item = UnitNo> + use<> {
        let all = self.names.numbers().map(|number| {
            let text = self.text(number);
            (hash(&text), text, number)
        });
        let mut all: Vec<(u64, String, UnitNo)> = all.collect();
        all.sort();
        all.into_iter().map(|(_, _, number)| number)
    }

    fn is_full(&self) -> bool {
        self.prefixes.len() >= PREFIXES_MAX
    }

    fn lookup(&self, key: &Key<'_>, hash: u64) -> Option<UnitNo> {
        let is_it = |number: u32| {
            let packed = *self.names.row(UnitNo::of(number as usize));
            match key {
                Key::Packed(key) => packed == *key,
                Key::Whole(text) => self.whole(packed) == Some(text),
            }
        };
        let number = self.by_name.find(hash, is_it)?;
        Some(UnitNo::of(number as usize))
    }

    /// The text of a key that is kept whole.
    fn whole(&self, packed: Packed) -> Option<&str> {
        let is_whole = packed.writing() == Writing::Whole;
        let at = usize::try_from(packed.tail()).ok().filter(|_| is_whole)?;
        Some(self.whole.row(WholeNo::of(at)))
    }

    /// The key of a text, whose prefix is kept from now on.
    fn key_for<'a>(&mut self, text: &'a str) -> Key<'a> {
        if let Some((prefix, ..)) = pack(text)
            && self.prefix(prefix).is_none()
            && !self.is_full()
        {
            let hash = hash_text(self.secret, prefix);
            let number = self.prefixes.push(prefix.into());
            let number = u32::try_from(number.at()).unwrap_or_default();
            self.by_prefix.insert(hash, number);
        }
        self.key_of(text)
    }

    fn key_of<'a>(&self, text: &'a str) -> Key<'a> {
        let packed = pack(text).and_then(|(prefix, writing, length, tail)| {
            Some(Packed::new(self.prefix(prefix)?, writing, length, tail))
        });
        packed.map_or(Key::Whole(text), Key::Packed)
    }

    fn prefix(&self, prefix: &str) -> Option<u32> {
        let is_it = |number: u32| **self.prefixes.row(PrefixNo::of(number as usize)) == *prefix;
        self.by_prefix.find(hash_text(self.secret, prefix), is_it)
    }

    fn hash_of(&self, number: UnitNo) -> u64 {
        let packed = *self.names.row(number);
        match self.whole(packed) {
            Some(text) => self.hash(&Key::Whole(text)),
            None => self.hash(&Key::Packed(packed)),
        }
    }

    fn hash(&self, key: &Key<'_>) -> u64 {
        match key {
            Key::Packed(packed) => stir(self.secret.stir(packed.tail()), u64::from(packed.head)),
            Key::Whole(text) => hash_text(self.secret, text),
        }
    }
}

/// Prefix, writing, length and value of the tail; `None` for a text that is kept whole.
fn pack(text: &str) -> Option<(&str, Writing, usize, u64)> {
    let cut = text.rfind(['/', ':'])? + 1;
    let (prefix, tail) = text.split_at_checked(cut)?;
    let bytes = tail.as_bytes();
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        0 => None,
        length @ ..=DIGITS_MAX if is_number => {
            let value = bytes
                .iter()
                .fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
            Some((prefix, Writing::Digits, length, value))
        }
        length @ ..=LETTERS_MAX => {
            let value = bytes.iter().try_fold(0, |value, byte| {
                Some(value << 6 | u64::from(letter_value(*byte)?))
            });
            Some((prefix, Writing::Letters, length, value?))
        }
        _ => None,
    }
}

const fn letter_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 36),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

fn push_tail(packed: Packed, text: &mut String) {
    let tail = packed.tail();
    match packed.writing() {
        Writing::Whole => {}
        Writing::Digits => {
            use std::fmt::Write as _;
            // Writing to a string cannot fail.
            let _ = write!(text, "{tail:0width$}", width = packed.length());
        }
        Writing::Letters => {
            let places = (0..packed.length()).rev();
            text.extend(places.map(|place| {
                let at = usize::try_from(tail >> (6 * place) & 63).unwrap_or_default();
                LETTERS.get(at).map_or('-', |letter| char::from(*letter))
            }));
        }
    }
}

coded! {
    Packed { head, tail }
}

impl UnitNames {
    /// The keys in the order of their numbers.
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("unit_prefixes", &self.prefixes);
        out.rows("unit_texts", &self.whole);
        out.rows("units", &self.names);
    }

    pub(crate) fn resume(secret: Secret, from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let mut names = Self {
            prefixes: from.rows("unit_prefixes")?,
            whole: from.rows("unit_texts")?,
            names: from.rows("units")?,
            ..Self::keyed(secret)
        };
        if !names
            .names
            .rows()
            .all(|(_, packed)| names.is_known(*packed))
        {
            let section = "units";
            return Err(Unreadable { section, page: 0 });
        }
        names.by_prefix = Slots::filled(names.prefixes.len(), |number| {
            hash_text(secret, names.prefixes.row(PrefixNo::of(number as usize)))
        });
        names.by_name = Slots::filled(names.names.len(), |number| {
            names.hash_of(UnitNo::of(number as usize))
        });
        Ok(names)
    }

    /// Whether the parts of a key are here.
    fn is_known(&self, packed: Packed) -> bool {
        match packed.writing() {
            Writing::Whole => packed.tail() < self.whole.len() as u64,
            Writing::Digits | Writing::Letters => packed.prefix() < self.prefixes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &[
        "https://id.gs1.org/00/395212340000001080",
        "https://id.gs1.org/00/095212340000001080",
        "https://id.gs1.org/01/09521234543213/21/0007",
        "https://id.gs1.org/01/09521234543213/21/007",
        "https://id.gs1.org/01/09521234543213/21/A7-f_3K9zZ",
        "https://id.gs1.org/01/09521234543213/21/A7-f_3K9zZ0",
        "https://id.gs1.org/01/09521234543213/21/12345678901234567890",
        "https://id.gs1.org/8003/09521141111111%2F5",
        "urn:countersign:key:1:tracking:3S-0042",
        "urn:countersign:key:1:tracking:x",
        "urn:x:",
        "urn:x:%20",
    ];

    fn unit(text: &str) -> UnitId {
        UnitId::parse(text).expect("a unit")
    }

    #[test]
    fn one_text_has_one_number_and_comes_back() {
        let mut names = UnitNames::default();
        for round in 0..2 {
            for (at, text) in TEXTS
                .iter()
                .enumerate()
                .filter(|(_, text)| !text.ends_with(':'))
            {
                let number = names.number(&unit(text));
                assert_eq!(names.text(number), unit(text).as_str(), "{round} {at}");
                assert_eq!(names.find(&unit(text)), Some(number), "{text}");
            }
        }
        assert_eq!(names.len(), TEXTS.len() - 1);
        assert_eq!(names.find(&unit("urn:x:never")), None);
        assert_eq!(
            names.find(&unit("https://id.gs1.org/00/195212340000001086")),
            None
        );
    }

    #[test]
    fn the_fixed_order_does_not_depend_on_arrival() {
        let order = |texts: &[&str]| {
            let mut names = UnitNames::default();
            for text in texts {
                names.number(&unit(text));
            }
            let order = names.fixed_order().map(|number| names.text(number));
            order.collect::<Vec<_>>()
        };
        assert_eq!(
            order(&["urn:x:a", "urn:x:b", "urn:x:c"]),
            order(&["urn:x:c", "urn:x:a", "urn:x:b"])
        );
    }

    #[test]
    fn a_hundred_thousand_keys_are_told_apart() {
        let mut names = UnitNames::default();
        let text = |number: u32| format!("urn:x:{}:{:06}", number % 7, number / 7);
        for number in 0..100_000 {
            assert_eq!(names.number(&unit(&text(number))).at(), number as usize);
        }
        for number in (0..100_000).step_by(997) {
            let found = names.find(&unit(&text(number))).expect("known");
            assert_eq!(
                (found.at(), names.text(found)),
                (number as usize, text(number))
            );
        }
    }

    proptest::proptest! {
        /// Reproduce: the texts are in the failure's message.
        #[test]
        fn any_tail_comes_back(tails in proptest::collection::vec("[0-9A-Za-z._~-]{1,22}", 1..40)) {
            let mut names = UnitNames::default();
            for tail in &tails {
                let unit = unit(&format!("urn:x:{tail}"));
                let number = names.number(&unit);
                proptest::prop_assert_eq!(names.name(number), unit.clone());
                proptest::prop_assert_eq!(names.find(&unit), Some(number));
            }
            let distinct: std::collections::BTreeSet<&String> = tails.iter().collect();
            proptest::prop_assert_eq!(names.len(), distinct.len());
        }
    }
}
