//! What each source has said, and what it may still say.
//!
//! A source numbers its statements (format law 3), so a number that is skipped is a statement that
//! is on its way, or was kept back. As long as its contract lets it come (its grace), nothing is
//! concluded from not having heard what it may say. A source with a heartbeat that was not heard
//! since is awaited in the same way. Whoever has no grace in the network is never awaited.
//!
//! A hole is bounded by its neighbours in the chain and nothing else, so the order in which
//! statements come does not matter (CUS-4).

use std::collections::BTreeMap;

use countersign_model::entry::Assurance;
use countersign_model::fold::{AdmittedStatement, ChainPosition, Said};
use countersign_model::ids::KeyId;
use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::atlas::Signed;
use crate::limits::HOLES_MAX;
use crate::number::{KeyNo, Number as _, PartyNo, PlaceNo, PrincipalNo, Table};
use crate::snapshot::coded::coded;

const LONG_AGO: Timestamp = Timestamp::from_ms(i64::MIN);

/// Statements that have not come: a gap in a chain. Its times are by the signer's own clock, as it
/// was at the statements beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    first: u64,
    last: u64,
    /// The newest that the statement before it says.
    after: Timestamp,
    /// When the statement behind it was signed.
    before: Timestamp,
}

/// An instant by the signer's own clock, as it was at the statement with that counter.
type ByOwnClock = (u64, Timestamp);

#[derive(Clone, Debug)]
struct Chain {
    key: KeyNo,
    /// The highest counter, and the newest that it says.
    top: ByOwnClock,
    /// The newest instant of which it said anything; of equal ones that of the highest counter.
    newest: ByOwnClock,
    /// By counter.
    holes: Vec<Hole>,
}

/// What one principal has said, by key and epoch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    chains: BTreeMap<(KeyId, u64), Chain>,
}

pub(crate) type Sources = Table<PrincipalNo, Source>;

/// What would have to be known before anything is concluded from silence.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Whoever stands there may know.
    pub(crate) sites: Vec<PlaceNo>,
    /// Whoever speaks for these and stands nowhere may know too.
    pub(crate) parties: Vec<PartyNo>,
    /// When it must have happened.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// Something new is known of what a source owes: of what was asked up to `since`, nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) source: PrincipalNo,
    pub(crate) since: Timestamp,
}

impl Chain {
    const fn begins(key: KeyNo) -> Self {
        Self {
            key,
            top: (0, LONG_AGO),
            newest: (0, LONG_AGO),
            holes: Vec::new(),
        }
    }

    /// One statement, with when it was signed and the newest that it says. Of what was asked up to the
    /// first of these instants nothing new is known.
    fn take(
        &mut self,
        counter: u64,
        signed: Timestamp,
        says: Timestamp,
    ) -> [Option<ByOwnClock>; 4] {
        let [first, second] = self.fill(counter, signed, says);
        let (newest, before) = self.newest;
        if (says, counter) > (before, newest) {
            self.newest = (counter, says);
            // A clock that was set back makes what is newer the earlier one.
            return [first, second, Some((newest, before)), Some(self.newest)];
        }
        [first, second, None, None]
    }

    /// Since when something else is outstanding.
    fn fill(
        &mut self,
        counter: u64,
        signed: Timestamp,
        says: Timestamp,
    ) -> [Option<ByOwnClock>; 2] {
        let (top, after) = self.top;
        if counter > top {
            if counter > top + 1 {
                self.holes.push(Hole {
                    first: top + 1,
                    last: counter - 1,
                    after,
                    before: signed,
                });
                self.forget_oldest();
            }
            self.top = (counter, says);
            return [Some((top, after)), None];
        }
        let at = self.holes.partition_point(|hole| hole.last < counter);
        let found = self.holes.get(at).copied();
        let Some(hole) = found.filter(|hole| hole.first <= counter) else {
            return [None; 2];
        };
        let below = (hole.first < counter).then(|| Hole {
            last: counter - 1,
            before: signed,
            ..hole
        });
        let above = (counter < hole.last).then(|| Hole {
            first: counter + 1,
            after: says,
            ..hole
        });
        self.holes
            .splice(at..=at, below.into_iter().chain(above))
            .for_each(drop);
        [Some((hole.first - 1, hole.after)), Some((counter, says))]
    }

    /// Of too many holes the two oldest become one: more is awaited than need be, never less.
    fn forget_oldest(&mut self) {
        if self.holes.len() > HOLES_MAX
            && let [first, second, ..] = self.holes.as_mut_slice()
        {
            second.first = first.first;
            second.after = first.after;
            self.holes.remove(0);
        }
    }
}

impl Source {
    /// Until when it may still say something of that interval; its contract says how late it may be
    /// and how often it must be heard. `corrected` sets right what it says by its own clock.
    fn awaited(
        &self,
        (from, until): (Timestamp, Timestamp),
        (grace, heartbeat): (Span, Option<Span>),
        corrected: impl Fn(KeyNo, ChainPosition, Timestamp) -> Timestamp,
    ) -> Option<Timestamp> {
        let mut latest = None;
        let mut heard = None;
        for ((_, epoch), chain) in &self.chains {
            let corrected = |(counter, time): ByOwnClock| {
                let at = ChainPosition {
                    epoch: *epoch,
                    counter,
                };
                corrected(chain.key, at, time)
            };
            for hole in &chain.holes {
                let before = corrected((hole.last + 1, hole.before));
                if before > from && corrected((hole.first - 1, hole.after)) < until {
                    latest = latest.max(Some(before.plus(grace)));
                }
            }
            heard = heard.max(Some(corrected(chain.newest)));
        }
        let silent = heard
            .filter(|heard| *heard < until)
            .and_then(|heard| Some(heard.plus(heartbeat?).plus(grace)));
        latest.max(silent)
    }

    /// What is outstanding, for the digest of the state.
    pub(crate) fn chains(&self) -> impl Iterator<Item = (&(KeyId, u64), u64, &[Hole])> {
        let all = self.chains.iter();
        all.map(|(name, chain)| (name, chain.top.0, chain.holes.as_slice()))
    }
}

impl Hole {
    /// The counters that have not come.
    pub(crate) const fn counters(&self) -> (u64, u64) {
        (self.first, self.last)
    }
}

impl Known {
    /// Takes in that a statement came, whatever it says.
    pub(crate) fn hear(
        &mut self,
        statement: &AdmittedStatement,
        recorded: Timestamp,
    ) -> Option<Heard> {
        // An import's position is its section, and nothing is missing before it.
        let own = statement.assurance != Assurance::Import;
        let position = statement.chain.filter(|_| own)?;
        let issuer = self.atlas.principal(&statement.issuer);
        let times = statement
            .claims
            .iter()
            .filter_map(|claim| match &claim.said {
                Some(Said::Claim(claim)) => Some(claim.time.at),
                Some(Said::Act(_)) | None => None,
            });
        let newest = times.max();
        let signed = statement.signed.or(newest).unwrap_or(recorded);
        let says = newest.map_or(signed, |newest| newest.min(signed));
        self.sources.fill(issuer.at() + 1, &Source::default());
        let source = self.sources.row_mut(issuer);
        let (key, epoch) = (self.keys.number(statement.key), position.epoch);
        let chain = source.chains.entry((statement.key, epoch));
        let chain = chain.or_insert_with(|| Chain::begins(key));
        let since = chain.take(position.counter, signed, says);
        let since = since.into_iter().flatten();
        let since = since.map(|(counter, time)| {
            let at = ChainPosition { epoch, counter };
            self.corrected(issuer, (key, at), time)
        });
        since.min().map(|since| Heard {
            source: issuer,
            since,
        })
    }

    /// All that is outstanding of whoever signed with a key.
    pub(crate) fn sources_with(&self, key: KeyId) -> impl Iterator<Item = Heard> {
        let of_key = move |source: &Source| source.chains.keys().any(|(own, _)| *own == key);
        let sources = self.sources.rows();
        sources
            .filter(move |(_, source)| of_key(source))
            .map(|(source, _)| Heard {
                source,
                since: LONG_AGO,
            })
    }

    fn corrected(
        &self,
        issuer: PrincipalNo,
        (key, at): (KeyNo, ChainPosition),
        time: Timestamp,
    ) -> Timestamp {
        let chain = Some(at);
        self.atlas.corrected(Signed { issuer, key, chain }, time)
    }

    /// Whoever may know, and may speak late.
    pub(crate) fn asked<'k>(&'k self, question: &'k Question) -> impl Iterator<Item = PrincipalNo> {
        let of_sites = question.sites.iter();
        let of_sites = of_sites.flat_map(|site| self.atlas.sources_at(*site));
        let of_parties = question.parties.iter();
        let of_parties = of_parties.flat_map(|party| self.atlas.roaming_sources_of(*party));
        of_sites.chain(of_parties).copied()
    }

    /// Until when somebody may still say something of what is asked; `None` if nobody may.
    pub(crate) fn awaited(&self, question: &Question) -> Option<Timestamp> {
        let asked = self.asked(question);
        let awaited = asked.filter_map(|source| self.awaited_until(source, question));
        awaited.max().filter(|until| *until >= self.tick)
    }

    fn awaited_until(&self, source: PrincipalNo, question: &Question) -> Option<Timestamp> {
        let signer = self.atlas.signer(source);
        if signer.grace == Span::ZERO {
            return None;
        }
        let row = self.sources.get(source)?;
        row.awaited(
            (question.from, question.until),
            (signer.grace, signer.heartbeat),
            |key, at, time| self.corrected(source, (key, at), time),
        )
    }
}

coded! {
    Hole { first, last, after, before }
    Chain { key, top, newest, holes }
    Source { chains }
}

#[cfg(test)]
mod tests {
    use countersign_model::time::MINUTE_MS;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_ms(n * MINUTE_MS)
    }

    /// Statements by (counter, minute) in the order of arrival; holes as (first, last, after, before).
    fn holes(said: &[(u64, i64)]) -> Vec<(u64, u64, i64, i64)> {
        let mut chain = Chain::begins(KeyNo::FIRST);
        for (counter, at) in said {
            chain.take(*counter, minute(*at), minute(*at));
        }
        let in_minutes = |time: Timestamp| time.ms().div_euclid(MINUTE_MS);
        let of = |hole: &Hole| {
            let (after, before) = (in_minutes(hole.after), in_minutes(hole.before));
            (hole.first, hole.last, after, before)
        };
        chain.holes.iter().map(of).collect()
    }

    #[test]
    fn a_hole_lies_between_its_neighbours_in_any_order() {
        let long_ago = i64::MIN.div_euclid(MINUTE_MS);
        assert_eq!(holes(&[(1, 10), (2, 20), (3, 30)]), []);
        assert_eq!(holes(&[(3, 30)]), [(1, 2, long_ago, 30)]);
        assert_eq!(holes(&[(1, 10), (5, 50)]), [(2, 4, 10, 50)]);
        let split = [(2, 2, 10, 30), (4, 4, 30, 50)];
        assert_eq!(holes(&[(1, 10), (5, 50), (3, 30)]), split);
        assert_eq!(holes(&[(3, 30), (5, 50), (1, 10)]), split);
        assert_eq!(holes(&[(5, 50), (3, 30), (1, 10), (3, 30)]), split);
        assert_eq!(holes(&[(5, 50), (3, 30), (1, 10), (4, 40), (2, 20)]), []);
    }

    #[test]
    fn too_many_holes_become_fewer_and_wider() {
        let every_other: Vec<(u64, i64)> =
            (1..=2 * HOLES_MAX as u64 + 6).step_by(2).zip(1..).collect();
        let kept = holes(&every_other);
        assert_eq!(kept.len(), HOLES_MAX);
        let first = kept.first().expect("holes");
        assert_eq!((first.0, first.2), (2, 1));
        assert!(first.1 > 2, "{first:?}");
    }

    #[test]
    fn a_source_is_awaited_within_its_grace() {
        let mut source = Source::default();
        let mut chain = Chain::begins(KeyNo::FIRST);
        for (counter, at) in [(1, 10), (3, 30)] {
            chain.take(counter, minute(at), minute(at));
        }
        source
            .chains
            .insert((KeyId(countersign_model::digest::Digest::ZERO), 1), chain);
        let grace = Span::from_ms(60 * MINUTE_MS);
        let check = |from, until, heartbeat: Option<i64>, expect: Option<i64>| {
            let heartbeat = heartbeat.map(|minutes| Span::from_ms(minutes * MINUTE_MS));
            let interval = (minute(from), minute(until));
            let found = source.awaited(interval, (grace, heartbeat), |_, _, time| time);
            assert_eq!(
                found,
                expect.map(minute),
                "{from} to {until}, {heartbeat:?}"
            );
        };
        check(0, 9, None, None);
        check(0, 11, None, Some(90));
        check(30, 40, None, None);
        check(20, 25, None, Some(90));
        check(31, 40, None, None);
        check(0, 5, Some(5), None);
        check(31, 40, Some(5), Some(95));
        check(20, 40, Some(5), Some(95));
    }
}
