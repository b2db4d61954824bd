//! Small numbers in place of long texts, inside the ledger only.
//!
//! A number is given at the first appearance of a text and so depends on arrival order.
//! Nothing visible and no digest may depend on it (CUS-4): whatever leaves the ledger is
//! ordered by text, or by the total order of claims.

use std::marker::PhantomData;
use std::num::NonZeroU32;

use crate::history::bytes::{Reader, Writer};
use crate::packed::hash::{Secret, hash_text};
use crate::packed::paged::Paged;
use crate::packed::slots::Slots;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::Coded;
use crate::snapshot::sections::{Keeper, Kept};

/// A number that stands for something kept in a [`Table`]. One that may be absent takes no more room.
pub(crate) trait Number: Copy + Ord {
    const FIRST: Self;
    const LAST: Self;

    fn of(at: usize) -> Self;
    fn at(self) -> usize;
}

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
            pub(crate) struct $name(NonZeroU32);

            impl Number for $name {
                const FIRST: Self = Self(NonZeroU32::MIN);
                const LAST: Self = Self(NonZeroU32::MAX);

                fn of(at: usize) -> Self {
                    let number = u32::try_from(at + 1).ok().and_then(NonZeroU32::new);
                    Self(number.expect("LIM-1: memory ends long before four thousand million rows"))
                }

                fn at(self) -> usize {
                    self.0.get() as usize - 1
                }
            }

            impl Coded for $name {
                fn put(&self, out: &mut Writer) {
                    self.0.get().put(out);
                }

                fn take(from: &mut Reader<'_>) -> Option<Self> {
                    NonZeroU32::new(u32::take(from)?).map(Self)
                }
            }
        )*
    };
}

number! {
    /// A key of a unit. Two keys of one unit have two numbers.
    UnitNo;
    PlaceNo;
    PartyNo;
    DocNo;
    ClassNo;
    PrincipalNo;
    /// A step, line, stage, group or lane.
    WordNo;
    ClaimNo;
    EventNo;
    MilestoneNo;
    /// A key that signed.
    KeyNo;
    /// A line with a unit, of all that any manifest ever had.
    LineNo;
    /// What a line with a unit is worth.
    ValueNo;
    /// A line with an amount of a class.
    AmountNo;
    /// What one claim says of a plan.
    SaidNo;
    /// What somebody said about a pair of keys.
    WordOfAliasNo;
    /// A claim that takes others back.
    DeclarationNo;
    /// What a claim that is kept bears on.
    BearingNo;
    /// A manifest that stands, or stood.
    ManifestNo;
    /// A beginning that many keys of units share.
    PrefixNo;
    /// A key of a unit that is kept as it is.
    WholeNo;
}

/// Rows by number.
#[derive(Clone, Debug)]
pub(crate) struct Table<N, T> {
    rows: Vec<T>,
    number: PhantomData<N>,
}

impl<N, T> Default for Table<N, T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            number: PhantomData,
        }
    }
}

impl<N: Number, T> Table<N, T> {
    pub(crate) fn push(&mut self, row: T) -> N {
        self.rows.push(row);
        N::of(self.rows.len() - 1)
    }

    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row, or `None` for a number of another table that this one does not follow yet.
    pub(crate) fn get(&self, number: N) -> Option<&T> {
        self.rows.get(number.at())
    }

    pub(crate) fn row(&self, number: N) -> &T {
        let row = self.rows.get(number.at());
        row.expect("a number is given out by its own table, and rows are never removed")
    }

    pub(crate) fn row_mut(&mut self, number: N) -> &mut T {
        let row = self.rows.get_mut(number.at());
        row.expect("a number is given out by its own table, and rows are never removed")
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = N> + use<N, T> {
        (0..self.rows.len()).map(N::of)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (N, &T)> {
        self.rows
            .iter()
            .enumerate()
            .map(|(at, row)| (N::of(at), row))
    }

    /// Fills up with `row` to `len` rows.
    pub(crate) fn fill(&mut self, len: usize, row: &T)
    where
        T: Clone,
    {
        if self.rows.len() < len {
            self.rows.resize(len, row.clone());
        }
    }
}

impl<N, T: Coded> Coded for Table<N, T> {
    fn put(&self, out: &mut Writer) {
        self.rows.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            rows: Coded::take(from)?,
            number: PhantomData,
        })
    }
}

/// A text of some kind.
pub(crate) trait Text: Clone + Ord {
    fn text(&self) -> &str;
}

/// Gives each text one number.
#[derive(Clone, Debug)]
pub(crate) struct Names<N, K> {
    by_name: Slots,
    names: Paged<N, Option<K>>,
    secret: Secret,
}

impl<N, K> Default for Names<N, K> {
    fn default() -> Self {
        Self::keyed(Secret::default())
    }
}

impl<N, K> Names<N, K> {
    /// None yet, under a secret.
    pub(crate) fn keyed(secret: Secret) -> Self {
        Self {
            by_name: Slots::default(),
            names: Paged::default(),
            secret,
        }
    }
}

impl<N: Number, K: Text> Names<N, K> {
    /// The number of a name, a new one at its first appearance.
    pub(crate) fn number(&mut self, name: &K) -> N {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = self.names.push(Some(name.clone()));
        let at = u32::try_from(number.at()).unwrap_or_default();
        let hash = hash_text(self.secret, name.text());
        self.by_name.insert(hash, at);
        number
    }

    /// The names in the order of their numbers.
    pub(crate) fn keep(&self, section: &'static str, out: &mut Keeper)
    where
        N: std::fmt::Debug + Send + Sync + 'static,
        K: Coded + std::fmt::Debug + Send + Sync + 'static,
    {
        out.rows(section, &self.names);
    }

    pub(crate) fn resume(
        section: &'static str,
        secret: Secret,
        from: &mut Kept<'_>,
    ) -> Result<Self, Unreadable>
    where
        K: Coded,
    {
        let names = from.rows(section)?;
        if names
            .rows()
            .any(|(_, name): (N, &Option<K>)| name.is_none())
        {
            return Err(Unreadable { section, page: 0 });
        }
        let by_name = Slots::filled(names.len(), |number| hash_of(&names, secret, number));
        Ok(Self {
            by_name,
            names,
            secret,
        })
    }

    pub(crate) fn find(&self, name: &K) -> Option<N> {
        let is_it = |other: u32| self.names.row(N::of(other as usize)).as_ref() == Some(name);
        let found = self
            .by_name
            .find(hash_text(self.secret, name.text()), is_it)?;
        Some(N::of(found as usize))
    }

    pub(crate) fn name(&self, number: N) -> &K {
        let name = self.names.row(number).as_ref();
        name.expect("a number is given out for a name")
    }

    pub(crate) const fn len(&self) -> usize {
        self.names.len()
    }
}

fn hash_of<N: Number, K: Text>(names: &Paged<N, Option<K>>, secret: Secret, number: u32) -> u64 {
    let name = names.row(N::of(number as usize)).as_ref();
    name.map_or(0, |name| hash_text(secret, name.text()))
}

/// FNV-1a in 64 bits, eight bytes at a time: an order of texts that is the same everywhere.
pub(crate) fn hash(text: &str) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mix = |state: u64, word: u64| {
        let mixed = (state ^ word).wrapping_mul(PRIME);
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let state = words
        .iter()
        .fold(BASIS, |state, word| mix(state, u64::from_le_bytes(*word)));
    rest.iter()
        .fold(state, |state, byte| mix(state, u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_model::ids::PlaceId;

    fn check(texts: &[&str], expect: &[usize]) {
        let mut names: Names<PlaceNo, PlaceId> = Names::default();
        let unit = |text: &str| PlaceId::parse(text).expect("place");
        let got: Vec<PlaceNo> = texts.iter().map(|text| names.number(&unit(text))).collect();
        assert_eq!(
            got,
            expect.iter().map(|n| PlaceNo::of(*n)).collect::<Vec<_>>()
        );
        for text in texts {
            let number = names.find(&unit(text)).expect("known");
            assert_eq!(names.name(number).as_str(), *text);
        }
        assert_eq!(names.find(&unit("urn:x:never")), None);
    }

    #[test]
    fn one_text_has_one_number() {
        check(&["urn:x:a", "urn:x:b", "urn:x:a"], &[0, 1, 0]);
        check(&["urn:x:12345678a", "urn:x:12345678b"], &[0, 1]);
    }
}
