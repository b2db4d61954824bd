//! The books: in which account each unit is, and how many are in each (CUS-1).

use std::collections::BTreeMap;

use crate::account::{ACCOUNTS, AccountKind};
use crate::number::{Number, PartyNo, PlaceNo, Table, UnitNo};
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// An account, by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountKey {
    pub(crate) kind: AccountKind,
    pub(crate) party: Option<PartyNo>,
    pub(crate) place: Option<PlaceNo>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot {
    account: Option<AccountKey>,
    shelf: Option<PlaceNo>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    slots: Paged<UnitNo, Slot>,
    counts: BTreeMap<AccountKey, u64>,
    by_kind: [u64; ACCOUNTS.len()],
    shelves: Table<PlaceNo, Shelf>,
}

/// Units that were put at a place; those that lie elsewhere by now are taken out when they are many.
#[derive(Clone, Debug, Default)]
struct Shelf {
    put: Vec<UnitNo>,
    /// How many lie there.
    count: usize,
}

/// So many more units than lie on a shelf may stand in its list before it is tidied.
const SHELF_SLACK: usize = 64;

impl Books {
    /// Makes room; returns the keys that are new.
    pub(crate) fn fill(&mut self, len: usize) -> impl Iterator<Item = UnitNo> + use<> {
        let before = self.slots.len();
        self.slots.fill(len);
        (before..len).map(UnitNo::of)
    }

    /// Moves a unit into an account, and onto a shelf; `None` for a key that is no unit of its
    /// own.
    pub(crate) fn post(
        &mut self,
        unit: UnitNo,
        account: Option<AccountKey>,
        shelf: Option<PlaceNo>,
    ) {
        let slot = *self.slots.row(unit);
        if slot.account != account {
            if let Some(before) = slot.account {
                self.take_out(before);
            }
            if let Some(now) = account {
                self.put_in(now);
            }
        }
        if let Some(before) = slot.shelf.filter(|_| slot.shelf != shelf) {
            self.shelves.row_mut(before).count -= 1;
        }
        let now = Slot { account, shelf };
        if now != slot {
            *self.slots.row_mut(unit) = now;
        }
        if let Some(now) = shelf.filter(|_| slot.shelf != shelf) {
            self.put_on(now, unit);
        }
    }

    fn put_on(&mut self, place: PlaceNo, unit: UnitNo) {
        self.shelves.fill(place.at() + 1, &Shelf::default());
        let shelf = self.shelves.row_mut(place);
        shelf.count += 1;
        shelf.put.push(unit);
        if shelf.put.len() > 2 * shelf.count + SHELF_SLACK {
            let mut put = std::mem::take(&mut shelf.put);
            self.keep_those_at(place, &mut put);
            self.shelves.row_mut(place).put = put;
        }
    }

    /// Keeps the units that lie at the place, each once.
    fn keep_those_at(&self, place: PlaceNo, units: &mut Vec<UnitNo>) {
        units.retain(|unit| self.slots.row(*unit).shelf == Some(place));
        units.sort_unstable();
        units.dedup();
    }

    fn put_in(&mut self, account: AccountKey) {
        *self.counts.entry(account).or_default() += 1;
        *self.kind_count(account.kind) += 1;
    }

    fn take_out(&mut self, account: AccountKey) {
        let count = self.counts.get_mut(&account);
        let count = count.expect("CUS-1: a unit leaves only the account that it is in");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&account);
        }
        *self.kind_count(account.kind) -= 1;
    }

    fn kind_count(&mut self, kind: AccountKind) -> &mut u64 {
        let count = self.by_kind.get_mut(kind as usize);
        count.expect("there is a place for every kind of account")
    }

    /// `None` too for a unit that became known in an import that is still open.
    pub(crate) fn account(&self, unit: UnitNo) -> Option<AccountKey> {
        self.slots.get(unit)?.account
    }

    /// How many units each account has.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (AccountKey, u64)> {
        self.counts
            .iter()
            .map(|(account, count)| (*account, *count))
    }

    /// Units that lie at exactly that place.
    pub(crate) fn on_shelf(&self, place: PlaceNo) -> Vec<UnitNo> {
        let shelf = self.shelves.get(place);
        let mut units = shelf.map_or_else(Vec::new, |shelf| shelf.put.clone());
        self.keep_those_at(place, &mut units);
        units
    }

    /// Every known unit is in exactly one account: a check at no cost, after each batch.
    ///
    /// # Panics
    /// If it is not so, naming CUS-1.
    pub(crate) fn assert_balance(&self, units: usize) {
        let sum: u64 = self.by_kind.iter().sum();
        assert_eq!(
            sum, units as u64,
            "CUS-1: the accounts hold as many units as are known"
        );
    }

    /// The same by counting every unit again.
    ///
    /// # Panics
    /// If it is not so, naming CUS-1.
    pub(crate) fn assert_recount(&self, units: usize) {
        let mut counts: BTreeMap<AccountKey, u64> = BTreeMap::new();
        for unit in self.slots.numbers() {
            if let Some(account) = self.slots.row(unit).account {
                *counts.entry(account).or_default() += 1;
            }
        }
        assert_eq!(
            counts, self.counts,
            "CUS-1: the counts of the accounts equal a recount"
        );
        self.assert_balance(units);
    }
}

coded! {
    AccountKey { kind, party, place }
    Slot { account, shelf }
}

impl Books {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("books", &self.slots);
    }

    /// Counts and shelves follow from where each unit is.
    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let mut books = Self {
            slots: from.rows("books")?,
            ..Self::default()
        };
        for unit in books.slots.numbers() {
            let slot = *books.slots.row(unit);
            if let Some(account) = slot.account {
                books.put_in(account);
            }
            if let Some(place) = slot.shelf {
                books.put_on(place, unit);
            }
        }
        Ok(books)
    }
}
