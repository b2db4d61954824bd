//! Counted classes: how much of each is in which account (CUS-1, format law 14).
//!
//! A double entry per movement. What is taken from where there is not enough was there before
//! the ledger knew: it comes out of opening stock. So the accounts always sum up to what was
//! opened, issued and adjusted.

mod book;

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::ids::{DocId, PartyId, PlaceId};
use countersign_model::quantity::{Quantity, Uom};
use countersign_model::time::Timestamp;

use crate::account::AccountKind;
use crate::known::class_events::{Adjustment, ClassKey};
use crate::known::events::Event;
use crate::known::{Known, View};
use crate::limits::WHOLE_COUNTS_MAX;
use crate::number::{DocNo, EventNo, PlaceNo};
use crate::snapshot::coded::coded;

pub(crate) use book::Book;

/// One account of a counted class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClassAccount {
    /// Source: what began in the ledger's sight.
    Issued,
    /// Source: what was there before.
    OpeningStock,
    /// Source: what two people set right; negative if they took away.
    Adjusted,
    /// Held at a site.
    Held {
        /// Who holds it, if the network says.
        party: Option<PartyId>,
        /// Where.
        site: PlaceId,
    },
    /// Under way, by the smallest of the papers that its giver named.
    InTransfer(Option<DocId>),
    /// Under way under a manifest whose time to arrive has passed.
    Discrepancy(DocId),
    /// At a customer's site.
    Delivered {
        /// Where.
        site: PlaceId,
    },
    /// Used up, sold or destroyed.
    Consumed,
}

impl ClassAccount {
    /// The word of the account's kind; `adjusted` for adjustments.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Issued => AccountKind::Issued.as_str(),
            Self::OpeningStock => AccountKind::OpeningStock.as_str(),
            Self::Adjusted => "adjusted",
            Self::Held { .. } => AccountKind::Held.as_str(),
            Self::InTransfer(_) => AccountKind::InTransfer.as_str(),
            Self::Discrepancy(_) => AccountKind::Discrepancy.as_str(),
            Self::Delivered { .. } => AccountKind::Delivered.as_str(),
            Self::Consumed => AccountKind::Consumed.as_str(),
        }
    }
}

/// Amounts of one class in one unit of measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) held: BTreeMap<PlaceNo, Decimal>,
    pub(crate) moving: BTreeMap<Option<DocNo>, Decimal>,
    pub(crate) delivered: BTreeMap<PlaceNo, Decimal>,
    pub(crate) consumed: Decimal,
    pub(crate) issued: Decimal,
    pub(crate) opening: Decimal,
    pub(crate) adjusted: Decimal,
    /// Sites of which a count said how much there is in all.
    counted: BTreeSet<PlaceNo>,
    /// The newest of those counts.
    counts: Vec<WholeCount>,
}

/// A count of a whole site, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WholeCount {
    doc: DocNo,
    /// The last word on each place.
    places: BTreeMap<PlaceNo, Decimal>,
    /// What it opened.
    opened: Decimal,
}

/// More left than there was, though a count had said how much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overdraw {
    pub(crate) event: EventNo,
    pub(crate) site: PlaceNo,
    pub(crate) there: Decimal,
    pub(crate) drawn: Decimal,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Classes {
    folded: BTreeMap<ClassKey, Folded>,
}

/// How far a class is folded.
#[derive(Clone, Debug, Default)]
struct Folded {
    /// Of the newest observation.
    last: Option<Timestamp>,
    amounts: Amounts,
}

impl Classes {
    /// Folds new observations of a class on; `false` if it must be folded from its beginning,
    /// because something came in before what is folded.
    pub(crate) fn fold_on(
        &mut self,
        known: View<'_>,
        class: ClassKey,
        new: &[EventNo],
        overdraws: &mut Vec<Overdraw>,
    ) -> bool {
        let mut new = new.to_vec();
        new.sort_by(|a, b| known.order(*a, *b));
        new.dedup();
        let folded = self.folded.entry(class).or_default();
        let first = new.first().map(|event| known.event(*event).time);
        // An adjustment stands between events by its instant, so it cannot be folded on.
        let adjustments = known.classes.row(class).map(|row| &row.adjustments);
        if first <= folded.last || adjustments.is_some_and(|all| !all.is_empty()) {
            return false;
        }
        for event in &new {
            overdraws.extend(folded.amounts.observe(known, class, *event));
        }
        folded.last = new.last().map(|event| known.event(*event).time);
        folded.amounts.assert_balance();
        true
    }

    /// Folds a class from its beginning: all its observations, in the total order.
    pub(crate) fn refold(
        &mut self,
        known: View<'_>,
        class: ClassKey,
        all: &[EventNo],
    ) -> Vec<Overdraw> {
        let mut overdraws = Vec::new();
        let folded = self.folded.entry(class).or_default();
        *folded = Folded::default();
        let row = known.classes.row(class);
        let mut adjustments = row.iter().flat_map(|row| &row.adjustments).peekable();
        let amounts = &mut folded.amounts;
        for event in all {
            let time = known.event(*event).time;
            while let Some(adjustment) = adjustments.next_if(|a| a.instant < time) {
                amounts.adjust(&known, adjustment);
            }
            overdraws.extend(amounts.observe(known, class, *event));
        }
        for adjustment in adjustments {
            amounts.adjust(&known, adjustment);
        }
        folded.last = all.last().map(|event| known.event(*event).time);
        amounts.assert_balance();
        overdraws
    }

    pub(crate) fn amounts(&self, class: ClassKey) -> Option<&Amounts> {
        self.folded.get(&class).map(|folded| &folded.amounts)
    }

    /// Checks every class.
    ///
    /// # Panics
    /// If one does not balance, naming CUS-1.
    pub(crate) fn assert_balance(&self) {
        for folded in self.folded.values() {
            folded.amounts.assert_balance();
        }
    }

    /// The units of measure in which a class is counted.
    pub(crate) fn uoms(&self, class: crate::number::ClassNo) -> impl Iterator<Item = Uom> {
        let keys = self.folded.keys().filter(move |(other, _)| *other == class);
        keys.map(|(_, uom)| *uom)
    }
}

impl Default for Amounts {
    fn default() -> Self {
        Self {
            held: BTreeMap::new(),
            moving: BTreeMap::new(),
            delivered: BTreeMap::new(),
            consumed: Decimal::ZERO,
            issued: Decimal::ZERO,
            opening: Decimal::ZERO,
            adjusted: Decimal::ZERO,
            counted: BTreeSet::new(),
            counts: Vec::new(),
        }
    }
}

impl Amounts {
    /// Books an observation; says so if more leaves than there is.
    fn observe(&mut self, known: View<'_>, class: ClassKey, event: EventNo) -> Option<Overdraw> {
        if !known.is_effective(event) || known.atlas.counts_units(class.0) {
            return None;
        }
        let row = known.event(event);
        let own = row.quantities.iter().filter(|c| (c.class, c.uom) == class);
        let amount = own.fold(Decimal::ZERO, |sum, counted| plus(sum, counted.amount));
        let Some(place) = known.place_of(row) else {
            self.move_nowhere(row, amount);
            return None;
        };
        let site = known.atlas.site(place);
        let there = plus(at(&self.held, site), at(&self.delivered, site));
        self.move_amount(known, row, place, amount);
        let is_short = matches!(row.role, StepRole::Gives | StepRole::Ends) && there < amount;
        (is_short && self.counted.contains(&site)).then_some(Overdraw {
            event,
            site,
            there,
            drawn: amount,
        })
    }

    fn move_amount(&mut self, known: View<'_>, row: &Event, place: PlaceNo, amount: Decimal) {
        let site = known.atlas.site(place);
        match row.role {
            StepRole::Issues => {
                self.issued = plus(self.issued, amount);
                put(&mut self.held, site, amount);
            }
            StepRole::Gives => {
                self.draw(site, amount);
                put(&mut self.moving, first_paper(&known, row), amount);
            }
            StepRole::Takes if is_carrier(known, row, place) => {}
            StepRole::Takes => {
                self.draw_moving(&known, row, amount);
                let is_customer = known.atlas.spot(place).is_customer;
                let into = if is_customer {
                    &mut self.delivered
                } else {
                    &mut self.held
                };
                put(into, site, amount);
            }
            StepRole::Ends => {
                self.draw(site, amount);
                self.consumed = plus(self.consumed, amount);
            }
            StepRole::Voids => {
                self.draw_moving(&known, row, amount);
                put(&mut self.held, site, amount);
            }
            StepRole::Counts if whole_count(known, row, site).is_some() => {
                if let Some(doc) = whole_count(known, row, site) {
                    self.count_whole(doc, (site, place), amount);
                }
            }
            StepRole::Sees | StepRole::Counts => {
                let there = plus(at(&self.held, site), at(&self.delivered, site));
                if there < amount {
                    self.open(site, minus(amount, there));
                }
            }
        }
    }

    /// A count of a whole site: its places add up, the last word on each stands, and what they have
    /// beyond the books was there before.
    fn count_whole(&mut self, doc: DocNo, (site, place): (PlaceNo, PlaceNo), amount: Decimal) {
        let there = plus(at(&self.held, site), at(&self.delivered, site));
        let known = self.counts.iter().position(|count| count.doc == doc);
        let number = known.unwrap_or_else(|| {
            if self.counts.len() == WHOLE_COUNTS_MAX {
                self.counts.remove(0);
            }
            self.counts.push(WholeCount {
                doc,
                places: BTreeMap::new(),
                opened: Decimal::ZERO,
            });
            self.counts.len() - 1
        });
        let Some(count) = self.counts.get_mut(number) else {
            return;
        };
        count.places.insert(place, amount);
        let sum = count.places.values().copied().fold(Decimal::ZERO, plus);
        let without = minus(there, count.opened);
        let opened = minus(sum, without).max(Decimal::ZERO);
        let more = minus(opened, count.opened);
        count.opened = opened;
        self.open(site, more);
        self.counted.insert(site);
    }

    /// Without a place only beginning and ending can be booked.
    fn move_nowhere(&mut self, row: &Event, amount: Decimal) {
        if row.role == StepRole::Ends {
            self.opening = plus(self.opening, amount);
            self.consumed = plus(self.consumed, amount);
        }
    }

    fn adjust(&mut self, known: &Known, adjustment: &Adjustment) {
        let site = known.atlas.site(adjustment.place);
        self.adjusted = plus(self.adjusted, adjustment.difference);
        if adjustment.difference.is_negative() {
            self.draw(site, adjustment.difference.abs());
        } else {
            put(&mut self.held, site, adjustment.difference);
        }
    }

    fn open(&mut self, site: PlaceNo, amount: Decimal) {
        self.opening = plus(self.opening, amount);
        put(&mut self.held, site, amount);
    }

    /// Takes an amount away from a site; what was not there comes out of opening stock.
    fn draw(&mut self, site: PlaceNo, amount: Decimal) {
        let rest = take(&mut self.held, &site, amount);
        let rest = take(&mut self.delivered, &site, rest);
        self.opening = plus(self.opening, rest);
    }

    /// Takes an amount off the road: under the papers named, then without papers, then any.
    fn draw_moving(&mut self, known: &Known, row: &Event, amount: Decimal) {
        let mut keys: Vec<Option<DocNo>> = row.docs.iter().copied().map(Some).collect();
        keys.sort_by_key(|doc| doc.map(|doc| known.atlas.names.docs.name(doc)));
        keys.push(None);
        if row.docs.is_empty() {
            let mut others: Vec<Option<DocNo>> = self.moving.keys().copied().collect();
            others.sort_by_key(|doc| doc.map(|doc| known.atlas.names.docs.name(doc)));
            keys.extend(others);
        }
        let moving = &mut self.moving;
        let rest = keys
            .iter()
            .fold(amount, |rest, key| take(moving, key, rest));
        self.opening = plus(self.opening, rest);
    }

    fn assert_balance(&self) {
        let accounts = self
            .held
            .values()
            .chain(self.moving.values())
            .chain(self.delivered.values());
        let sum = accounts.fold(self.consumed, |sum, amount| plus(sum, *amount));
        let source = plus(plus(self.opening, self.issued), self.adjusted);
        assert_eq!(
            sum, source,
            "CUS-1: what is in the accounts of a class was opened, issued or adjusted"
        );
    }

    /// As shown: what is under way past its time to arrive is a discrepancy.
    pub(crate) fn accounts(&self, known: &Known, uom: Uom) -> Vec<(ClassAccount, Quantity)> {
        let names = &known.atlas.names;
        let place = |number: PlaceNo| names.places.name(number).clone();
        let mut all = vec![
            (ClassAccount::Issued, self.issued),
            (ClassAccount::OpeningStock, self.opening),
            (ClassAccount::Adjusted, self.adjusted),
            (ClassAccount::Consumed, self.consumed),
        ];
        all.extend(self.held.iter().map(|(site, amount)| {
            let party = known.atlas.spot(*site).party;
            let party = party.map(|party| names.parties.name(party).clone());
            let site = place(*site);
            (ClassAccount::Held { party, site }, *amount)
        }));
        all.extend(
            self.delivered
                .iter()
                .map(|(site, amount)| (ClassAccount::Delivered { site: place(*site) }, *amount)),
        );
        all.extend(self.moving.iter().map(|(doc, amount)| {
            let name = doc.map(|doc| names.docs.name(doc).clone());
            match name {
                Some(name) if is_overdue(known, *doc) => (ClassAccount::Discrepancy(name), *amount),
                name => (ClassAccount::InTransfer(name), *amount),
            }
        }));
        all.retain(|(_, amount)| !amount.is_zero());
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let quantity = |value: Decimal| Quantity { value, uom };
        all.into_iter()
            .map(|(account, amount)| (account, quantity(amount)))
            .collect()
    }
}

fn is_overdue(known: &Known, doc: Option<DocNo>) -> bool {
    let manifest = doc.and_then(|doc| known.manifests.standing(doc));
    manifest.is_some_and(|manifest| known.tick > manifest.deadlines().1)
}

/// The count of the whole site that an event names, the first by text.
fn whole_count(known: View<'_>, row: &Event, site: PlaceNo) -> Option<DocNo> {
    let is_whole = |doc: &DocNo| {
        let count = known.counts.standing(*doc);
        count.is_some_and(|count| count.terms.place == site)
    };
    let docs = row.docs.iter().copied().filter(is_whole);
    docs.min_by_key(|doc| known.atlas.names.docs.name(*doc))
}

/// Who accepts at the origin for another party carries; the goods are under way already, or
/// will be when the giver says so.
fn is_carrier(known: View<'_>, row: &Event, place: PlaceNo) -> bool {
    let own = known.atlas.spot(place).party;
    let party = known.party_of(row);
    row.is_accepting && own.is_some() && party.is_some() && own != party
}

fn first_paper(known: &Known, row: &Event) -> Option<DocNo> {
    let docs = row.docs.iter().copied();
    docs.min_by_key(|doc| known.atlas.names.docs.name(*doc))
}

fn at(accounts: &BTreeMap<PlaceNo, Decimal>, site: PlaceNo) -> Decimal {
    accounts.get(&site).copied().unwrap_or(Decimal::ZERO)
}

fn put<K: Ord>(accounts: &mut BTreeMap<K, Decimal>, key: K, amount: Decimal) {
    let account = accounts.entry(key).or_insert(Decimal::ZERO);
    *account = plus(*account, amount);
}

/// Takes what is there; returns what is not.
fn take<K: Ord>(accounts: &mut BTreeMap<K, Decimal>, key: &K, amount: Decimal) -> Decimal {
    let Some(account) = accounts.get_mut(key) else {
        return amount;
    };
    let taken = amount.min(*account);
    *account = minus(*account, taken);
    if account.is_zero() {
        accounts.remove(key);
    }
    minus(amount, taken)
}

fn plus(a: Decimal, b: Decimal) -> Decimal {
    let sum = a.checked_add(b);
    sum.expect("LIM-1: amounts are within `amount_fits`, so their sums have room")
}

fn minus(a: Decimal, b: Decimal) -> Decimal {
    plus(a, b.negated())
}

coded! {
    Amounts { held, moving, delivered, consumed, issued, opening, adjusted, counted, counts }
    WholeCount { doc, places, opened }
    Folded { last, amounts }
    Classes { folded }
}
