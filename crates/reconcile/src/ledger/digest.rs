//! The digest of the whole state (LOG-1).
//!
//! Equal sets of claims, approvals and ticks give equal digests, whatever the order and the
//! batches in which they came (CUS-4). Log indexes are therefore no part of it; the salted
//! digests of the claims, which are, name the same entries.

mod discrepancies;
mod network;
mod stream;

use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;

use super::Ledger;
use crate::classes::Amounts;
use crate::known::Known;
use crate::known::choices::Choice;
use crate::known::claims::ClaimRow;
use crate::known::desk::Desk;
use crate::number::{PlaceNo, UnitNo};
use stream::Stream;

impl Ledger {
    pub(super) fn digest(&self) -> Digest {
        let mut out = Stream::new();
        out.time(self.known.tick);
        for import in &self.imports {
            out.text(import);
        }
        for object in self.known.atlas.network.objects() {
            network::put(&mut out, object);
        }
        self.put_keys(&mut out);
        for outage in self.known.outages.all() {
            out.time(outage.from);
            out.time(outage.until);
        }
        for (plan, choices) in known_choices(&self.known) {
            out.text(plan);
            for choice in choices {
                out.time(choice.instant);
                out.bytes(choice.claim.as_bytes());
            }
        }
        self.put_sources(&mut out);
        self.put_claims(&mut out);
        self.put_units(&mut out);
        self.put_classes(&mut out);
        for discrepancy in self.standing.all() {
            discrepancies::put(&mut out, discrepancy);
        }
        out.finish()
    }

    /// What acts say of keys.
    fn put_keys(&self, out: &mut Stream) {
        let known = &self.known;
        for (key, number) in known.keys.numbers() {
            if let Some(suspicion) = known.suspicions.of(number) {
                out.text("suspect");
                out.bytes(key.0.as_bytes());
                out.time(suspicion.from);
                out.maybe_time(suspicion.to);
            }
        }
        for (key, number) in known.keys.numbers() {
            for (from, offset_ms) in known.atlas.clocks.of(number) {
                out.text("clock");
                out.bytes(key.0.as_bytes());
                out.number(from.epoch);
                out.number(from.counter);
                out.number(u64::from(offset_ms.is_some()));
                out.bytes(&offset_ms.unwrap_or_default().to_be_bytes());
            }
        }
    }

    fn put_sources(&self, out: &mut Stream) {
        let rows = self.known.sources.rows();
        let mut sources: Vec<_> = rows
            .map(|(number, source)| (self.known.atlas.names.principals.name(number), source))
            .filter(|(_, source)| source.chains().next().is_some())
            .collect();
        sources.sort_by_key(|(name, _)| *name);
        for (name, source) in sources {
            out.text(name.as_str());
            for ((key, epoch), chain) in source.chains() {
                out.bytes(key.0.as_bytes());
                out.number(*epoch);
                out.number(chain.top());
                for hole in chain.holes() {
                    let (first, last) = hole.counters();
                    out.number(first);
                    out.number(last);
                }
                // When it was heard follows the batches; what is found of it stands below.
                for stretch in chain.spoke() {
                    out.time(stretch.first.time);
                    out.time(stretch.last.time);
                }
            }
        }
    }

    fn put_claims(&self, out: &mut Stream) {
        let kept = self.known.claims.rows();
        let mut claims: Vec<ClaimRow> = kept.map(|(_, row)| *row).collect();
        let (mut desk, mut next) = (Desk::default(), self.history.next(None));
        while let Some(place) = next {
            desk.clear();
            let laid = desk.lay_out(&self.known, &*self.history, place);
            claims.extend(laid.and_then(|laid| desk.claim(laid.claim).copied()));
            next = self.history.next(Some(place));
        }
        claims.sort_by_key(|row| (row.digest, row.at.ordinal));
        out.number(claims.len() as u64);
        for row in claims {
            out.bytes(row.digest.as_bytes());
            out.bytes(row.id.0.as_bytes());
            out.text(row.status.as_str());
            let flags = [row.is_suspect, row.is_locked, row.is_taken_back];
            let flags = flags
                .iter()
                .fold(0, |sum, flag| sum << 1 | u64::from(*flag));
            out.number(flags);
        }
    }

    fn put_units(&self, out: &mut Stream) {
        let names = &self.known.atlas.names;
        out.number(names.units.len() as u64);
        for unit in names.units.fixed_order() {
            out.text(&names.units.text(unit));
            let root = self.known.aliases.root(unit);
            out.text(&names.units.text(root));
            self.put_unit(out, unit);
        }
    }

    fn put_unit(&self, out: &mut Stream, unit: UnitNo) {
        let names = &self.known.atlas.names;
        let row = self.known.units.row(unit);
        out.number(u64::from(row.observations) - row.forgotten());
        out.number(row.forgotten());
        for write_off in self.known.units.write_offs(unit) {
            out.time(write_off.instant);
        }
        let account = self.books.account(unit);
        out.maybe(account.map(|account| account.kind.as_str()));
        let party = account.and_then(|account| account.party);
        out.maybe(party.map(|party| names.parties.name(party).as_str()));
        let place = account.and_then(|account| account.place);
        out.maybe(place.map(|place| names.places.name(place).as_str()));
    }

    fn put_classes(&self, out: &mut Stream) {
        let names = &self.known.atlas.names;
        let mut keys: Vec<_> = self.known.classes.keys().collect();
        keys.sort_by_key(|(class, uom)| (names.classes.name(*class), *uom));
        for (class, uom) in keys {
            out.text(names.classes.name(class).as_str());
            out.text(uom.as_str());
            if let Some(amounts) = self.classes.amounts((class, uom)) {
                self.put_amounts(out, amounts);
            }
        }
    }

    fn put_amounts(&self, out: &mut Stream, amounts: &Amounts) {
        let names = &self.known.atlas.names;
        for amount in [
            amounts.consumed,
            amounts.issued,
            amounts.opening,
            amounts.adjusted,
        ] {
            out.decimal(amount);
        }
        for sites in [&amounts.held, &amounts.delivered] {
            let name = |site: PlaceNo| names.places.name(site).as_str();
            let mut all: Vec<(&str, Decimal)> =
                sites.iter().map(|(site, a)| (name(*site), *a)).collect();
            all.sort_unstable();
            out.number(all.len() as u64);
            for (site, amount) in all {
                out.text(site);
                out.decimal(amount);
            }
        }
        let name = |doc| names.docs.name(doc).as_str();
        let moving = amounts.moving.iter();
        let mut moving: Vec<(Option<&str>, Decimal)> =
            moving.map(|(doc, a)| (doc.map(name), *a)).collect();
        moving.sort_unstable();
        for (doc, amount) in moving {
            out.maybe(doc);
            out.decimal(amount);
        }
    }
}

/// What two people chose, by the text of the plan.
fn known_choices(known: &Known) -> BTreeMap<&str, &[Choice]> {
    let names = &known.atlas.names.docs;
    let all = known.choices.all();
    all.map(|(plan, choices)| (names.name(plan).as_str(), choices))
        .collect()
}
