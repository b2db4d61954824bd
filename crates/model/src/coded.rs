//! What snapshots of derived state are written in (docs/adr/0014-the-state-of-the-ledger.md): each thing
//! field by field, in the order of its list of fields.
//!
//! Numbers have their full width, lowest byte first, so that millions of rows are read in a second.
//! There is one way to write a thing, and what is written in any other is not read. Nothing in it says
//! what it is: a snapshot is read by the version that wrote it, or not at all.
//!
//! Every crate writes its own state, by the list of its fields ([`coded!`](crate::coded!) and its
//! like): a field that is forgotten does not compile.

pub mod bytes;
mod nouns;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::CODED_WORDS_MAX;
use bytes::{Reader, Writer};

/// A thing that a snapshot keeps.
pub trait Coded: Sized {
    /// Writes it behind what is there.
    fn put(&self, out: &mut Writer);

    /// Reads it; `None` for bytes that nobody wrote so.
    fn take(from: &mut Reader<'_>) -> Option<Self>;
}

/// The bytes of a thing.
#[must_use]
pub fn bytes_of(thing: &impl Coded) -> Vec<u8> {
    let mut out = Writer::default();
    thing.put(&mut out);
    out.bytes
}

/// The thing that has these bytes, all of them.
#[must_use]
pub fn read<T: Coded>(bytes: &[u8]) -> Option<T> {
    let mut from = Reader::of(bytes);
    T::take(&mut from).filter(|_| from.is_at_end())
}

/// A structure by the list of its fields: a field that is missing here does not compile.
#[macro_export]
macro_rules! coded {
    ($($type:ty { $($field:ident),+ $(,)? })+) => {$(
        impl $crate::coded::Coded for $type {
            fn put(&self, out: &mut $crate::coded::bytes::Writer) {
                let Self { $($field),+ } = self;
                $($crate::coded::Coded::put($field, out);)+
            }

            fn take(from: &mut $crate::coded::bytes::Reader<'_>) -> Option<Self> {
                Some(Self { $($field: $crate::coded::Coded::take(from)?),+ })
            }
        }
    )+};
}

/// One of a few words, by its place in the list: a word that is missing here does not compile.
#[macro_export]
macro_rules! coded_words {
    ($($type:ty { $($word:ident),+ $(,)? })+) => {$(
        impl $crate::coded::Coded for $type {
            fn put(&self, out: &mut $crate::coded::bytes::Writer) {
                match self { $(Self::$word)|+ => {} }
                let place = (0_u8..).zip([$(Self::$word),+]).find(|(_, word)| word == self);
                out.byte(place.map_or(u8::MAX, |(place, _)| place));
            }

            fn take(from: &mut $crate::coded::bytes::Reader<'_>) -> Option<Self> {
                let place = from.byte()?;
                [$(Self::$word),+].into_iter().nth(place.into())
            }
        }
    )+};
}

/// One of a few cases, each with its number and the things in it.
#[macro_export]
macro_rules! coded_cases {
    ($($type:ty { $($at:literal $case:ident $(($($place:tt $thing:ident),+))?),+ $(,)? })+) => {$(
        impl $crate::coded::Coded for $type {
            fn put(&self, out: &mut $crate::coded::bytes::Writer) {
                match self {
                    $(Self::$case { $($($place: $thing),+)? } => {
                        out.byte($at);
                        $($($crate::coded::Coded::put($thing, out);)+)?
                    })+
                }
            }

            fn take(from: &mut $crate::coded::bytes::Reader<'_>) -> Option<Self> {
                Some(match from.byte()? {
                    $($at => Self::$case {
                        $($($place: $crate::coded::Coded::take(from)?),+)?
                    },)+
                    _ => return None,
                })
            }
        }
    )+};
}

/// A type around another.
#[macro_export]
macro_rules! coded_as {
    ($($type:ty: $inner:ty, |$out:pat_param| $get:expr, |$from:pat_param| $make:expr;)+) => {$(
        impl $crate::coded::Coded for $type {
            fn put(&self, out: &mut $crate::coded::bytes::Writer) {
                let $out = self;
                <$inner as $crate::coded::Coded>::put(&$get, out);
            }

            fn take(from: &mut $crate::coded::bytes::Reader<'_>) -> Option<Self> {
                let $from = <$inner as $crate::coded::Coded>::take(from)?;
                $make
            }
        }
    )+};
}

/// A text that must read as what it is.
#[macro_export]
macro_rules! coded_texts {
    ($($type:ty, $read:expr;)+) => {$(
        impl $crate::coded::Coded for $type {
            fn put(&self, out: &mut $crate::coded::bytes::Writer) {
                $crate::coded::put_text(self.as_str(), out);
            }

            fn take(from: &mut $crate::coded::bytes::Reader<'_>) -> Option<Self> {
                let text = $crate::coded::take_text(from)?;
                $read(text).filter(|read| read.as_str() == text)
            }
        }
    )+};
}

macro_rules! coded_numbers {
    ($($type:ty),+) => {$(
        impl Coded for $type {
            #[inline]
            fn put(&self, out: &mut Writer) {
                out.all(&self.to_le_bytes());
            }

            #[inline]
            fn take(from: &mut Reader<'_>) -> Option<Self> {
                Some(Self::from_le_bytes(from.chunk()?))
            }
        }
    )+};
}

coded_numbers!(u8, u16, u32, u64, i32, i64, i128);

/// As wide on every machine.
impl Coded for usize {
    fn put(&self, out: &mut Writer) {
        (*self as u64).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Self::try_from(u64::take(from)?).ok()
    }
}

impl Coded for bool {
    fn put(&self, out: &mut Writer) {
        out.byte(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Coded> Coded for Option<T> {
    fn put(&self, out: &mut Writer) {
        self.is_some().put(out);
        if let Some(thing) = self {
            thing.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match bool::take(from)? {
            true => Some(Some(T::take(from)?)),
            false => Some(None),
        }
    }
}

impl<T: Coded, const N: usize> Coded for [T; N] {
    fn put(&self, out: &mut Writer) {
        for thing in self {
            thing.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let things: Vec<T> = (0..N).map(|_| T::take(from)).collect::<Option<_>>()?;
        things.try_into().ok()
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn put(&self, out: &mut Writer) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<A: Coded, B: Coded, C: Coded> Coded for (A, B, C) {
    fn put(&self, out: &mut Writer) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?, C::take(from)?))
    }
}

fn put_all<'a, T: Coded + 'a>(things: impl ExactSizeIterator<Item = &'a T>, out: &mut Writer) {
    (things.len() as u64).put(out);
    for thing in things {
        thing.put(out);
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn put(&self, out: &mut Writer) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let len = u64::take(from)?;
        (0..len).map(|_| T::take(from)).collect()
    }
}

impl<T: Coded> Coded for VecDeque<T> {
    fn put(&self, out: &mut Writer) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Vec::take(from).map(Self::from)
    }
}

impl<T: Coded + Ord> Coded for BTreeSet<T> {
    fn put(&self, out: &mut Writer) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let things = Vec::<T>::take(from)?;
        let is_sorted = things.is_sorted_by(|a, b| a < b);
        is_sorted.then(|| things.into_iter().collect())
    }
}

impl<K: Coded + Ord, V: Coded> Coded for BTreeMap<K, V> {
    fn put(&self, out: &mut Writer) {
        (self.len() as u64).put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let pairs = Vec::<(K, V)>::take(from)?;
        let is_sorted = pairs.is_sorted_by(|a, b| a.0 < b.0);
        is_sorted.then(|| pairs.into_iter().collect())
    }
}

impl<T: Coded> Coded for Arc<T> {
    fn put(&self, out: &mut Writer) {
        (**self).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        T::take(from).map(Self::new)
    }
}

impl Coded for Box<str> {
    fn put(&self, out: &mut Writer) {
        put_text(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        take_text(from).map(Self::from)
    }
}

/// A word of ours, such as the name of an argument.
impl Coded for &'static str {
    fn put(&self, out: &mut Writer) {
        put_text(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        take_text(from).and_then(word)
    }
}

/// Words that were read, each kept once for as long as the process runs: a program has some hundred.
static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A word for ever; `None` if there are more than any program of ours has.
fn word(text: &str) -> Option<&'static str> {
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(text) {
        return Some(known);
    }
    if words.len() >= CODED_WORDS_MAX {
        return None;
    }
    let new: &'static str = String::leak(text.to_owned());
    words.insert(new);
    Some(new)
}

impl Coded for Arc<str> {
    fn put(&self, out: &mut Writer) {
        put_text(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        take_text(from).map(Self::from)
    }
}

impl Coded for String {
    fn put(&self, out: &mut Writer) {
        put_text(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        take_text(from).map(Self::from)
    }
}

/// Writes a text.
pub fn put_text(text: &str, out: &mut Writer) {
    (text.len() as u64).put(out);
    out.all(text.as_bytes());
}

/// Reads a text, where it lies.
pub fn take_text<'a>(from: &mut Reader<'a>) -> Option<&'a str> {
    let len = usize::try_from(u64::take(from)?).ok()?;
    std::str::from_utf8(from.slice(len)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Coded + PartialEq + std::fmt::Debug>(thing: &T) {
        let mut out = Writer::default();
        thing.put(&mut out);
        let mut from = Reader::of(&out.bytes);
        assert_eq!(T::take(&mut from).as_ref(), Some(thing));
        assert!(from.is_at_end(), "{thing:?}");
        for end in 0..out.bytes.len() {
            let cut = out.bytes.get(..end).unwrap_or_default();
            assert_eq!(T::take(&mut Reader::of(cut)), None, "{thing:?} up to {end}");
        }
    }

    #[test]
    fn things_come_back_and_their_beginnings_do_not() {
        check(&u64::MAX);
        check(&i128::MIN);
        check(&[true, false]);
        check(&Some(Arc::<str>::from("zone")));
        check(&Vec::<Option<u8>>::from([None, Some(7)]));
        check(&BTreeMap::from([(1_u32, String::new()), (2, "b".into())]));
        check(&BTreeSet::from([(1_u8, 2_i64), (1, 3)]));
        check(&"a word of ours");
    }

    #[test]
    fn a_word_is_kept_once() {
        let of = |text: &str| read::<&'static str>(&bytes_of(&text.to_owned())).expect("a word");
        assert!(std::ptr::eq(of("one and the same"), of("one and the same")));
        assert_ne!(of("one and the same"), of("another"));
    }

    #[test]
    fn there_is_one_way_to_write_a_thing() {
        assert_eq!(bool::take(&mut Reader::of(&[2])), None);
        let mut out = Writer::default();
        vec![2_u8, 1].put(&mut out);
        assert_eq!(
            <BTreeSet<u8> as Coded>::take(&mut Reader::of(&out.bytes)),
            None
        );
        let endless = [0xff; 8];
        assert_eq!(Vec::<u8>::take(&mut Reader::of(&endless)), None);
        assert_eq!(String::take(&mut Reader::of(&endless)), None);
    }
}
