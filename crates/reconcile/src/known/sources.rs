//! What each source has said, what it may still say, and when it was silent.
//!
//! A source numbers its statements (format law 3), so a number that is skipped is a statement that
//! is on its way, or was kept back. As long as its contract lets it come (its grace), nothing is
//! concluded from not having heard what it may say. A source with a heartbeat that was not heard
//! since is awaited in the same way. Whoever has no grace in the network is never awaited.

mod holes;
mod life;
mod outstanding;

use std::collections::BTreeMap;

use countersign_model::entry::Assurance;
use countersign_model::fold::{AdmittedStatement, ChainPosition, Said};
use countersign_model::ids::KeyId;
use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::atlas;
use super::opening::Listening;
use crate::number::{KeyNo, Number as _, PartyNo, PlaceNo, PrincipalNo, Table};
use crate::snapshot::coded::coded;
use holes::{ByOwnClock, Filled, Hole, Holes, Signed};
use life::{Life, Sign, Stretch};
pub(crate) use outstanding::{Outstanding, Silence, Withheld};

const LONG_AGO: Timestamp = Timestamp::from_ms(i64::MIN);

#[derive(Clone, Debug)]
pub(crate) struct Chain {
    key: KeyNo,
    holes: Holes,
    /// The newest instant of which it said anything; of equal ones that of the highest counter.
    newest: ByOwnClock,
    /// The instants at which it signed and of which it spoke, by its own clock.
    spoke: Life,
    /// When it was heard, by the node's clock, and of what it spoke just before.
    heard: Life,
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

/// What a statement changes, whatever it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hearing {
    pub(crate) source: PrincipalNo,
    /// See [`Heard::since`]; `None` if it owes what it owed.
    pub(crate) since: Option<Timestamp>,
    /// Another silence of the source is known than before, or another hole.
    pub(crate) is_news: bool,
}

impl Signed {
    fn of(statement: &AdmittedStatement, recorded: Timestamp) -> Self {
        let newest = times(statement).max();
        let at = statement.signed.or(newest).unwrap_or(recorded);
        Self {
            at,
            says: newest.map_or(at, |newest| newest.min(at)),
            entry: statement.index,
        }
    }
}

/// The instants of which a statement speaks.
fn times(statement: &AdmittedStatement) -> impl Iterator<Item = Timestamp> {
    let claims = statement.claims.iter();
    claims.filter_map(|claim| match &claim.said {
        Some(Said::Claim(claim)) => Some(claim.time.at),
        Some(Said::Act(_)) | None => None,
    })
}

impl Heard {
    /// All that a source owes may be something else than before.
    pub(crate) const fn anew(source: PrincipalNo) -> Self {
        Self {
            source,
            since: LONG_AGO,
        }
    }
}

impl Chain {
    /// The highest counter.
    pub(crate) const fn top(&self) -> u64 {
        self.holes.top()
    }

    pub(crate) fn holes(&self) -> &[Hole] {
        self.holes.all()
    }

    /// When it spoke, by its own clock.
    pub(crate) fn spoke(&self) -> &[Stretch] {
        self.spoke.stretches()
    }

    /// The last instant of which it spoke.
    fn newest_spoken(&self) -> Option<ByOwnClock> {
        let Sign { time, counter, .. } = self.spoke().last()?.last;
        Some((counter, time))
    }

    const fn begins(key: KeyNo) -> Self {
        Self {
            key,
            holes: Holes::none(LONG_AGO),
            newest: (0, LONG_AGO),
            spoke: Life::none(),
            heard: Life::none(),
        }
    }

    /// Takes a statement in. Returns since when, by its own clock, something else is outstanding, and
    /// whether there are other holes than before.
    fn take(&mut self, counter: u64, signed: Signed) -> ([Option<ByOwnClock>; 4], bool) {
        let Filled { since, is_news } = self.holes.fill(counter, signed);
        let [first, second] = since;
        let (newest, before) = self.newest;
        if (signed.says, counter) > (before, newest) {
            self.newest = (counter, signed.says);
            // A clock that was set back makes what is newer the earlier one.
            let since = [first, second, Some((newest, before)), Some(self.newest)];
            return (since, is_news);
        }
        ([first, second, None, None], is_news)
    }

    /// Takes in that it lived. Returns whether another silence is known.
    fn live(
        &mut self,
        (statement, counter): (&AdmittedStatement, u64),
        (signed, recorded): (Signed, Timestamp),
        heartbeat: Span,
    ) -> bool {
        let at = signed.entry;
        let sign = |time| Sign { time, counter, at };
        let mut is_news = self.heard.add(sign(recorded), heartbeat);
        // What is under way for a while is no silence.
        let is_recent = signed.says <= recorded && signed.says.plus(heartbeat) >= recorded;
        if is_recent {
            is_news |= self.heard.add(sign(signed.says), heartbeat);
        }
        // Whoever signs lives, whatever it speaks of.
        is_news |= self.spoke.add(sign(signed.at), heartbeat);
        for time in times(statement) {
            is_news |= self.spoke.add(sign(time.min(signed.at)), heartbeat);
        }
        is_news
    }
}

impl Source {
    /// Until when it may still say something of that interval; its contract says how late it may be
    /// and how often it must be heard. `due` says when a heartbeat is over, `term` when a grace is;
    /// `corrected` sets right what it says by its own clock.
    fn awaited(
        &self,
        (from, until): (Timestamp, Timestamp),
        (grace, heartbeat): (Span, Option<Span>),
        (due, term): (
            impl Fn(Timestamp, Span) -> Timestamp,
            impl Fn(Timestamp, Span) -> Timestamp,
        ),
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
            for hole in chain.holes.all() {
                let before = corrected(hole.before());
                if before > from && corrected(hole.after()) < until {
                    latest = latest.max(Some(term(before, grace)));
                }
            }
            heard = heard.max(Some(corrected(chain.newest)));
        }
        let silent = heard
            .filter(|heard| *heard < until)
            .and_then(|heard| Some(term(due(heard, heartbeat?), grace)));
        latest.max(silent)
    }

    /// All that is known of it, by key and epoch.
    pub(crate) fn chains(&self) -> impl Iterator<Item = (&(KeyId, u64), &Chain)> {
        self.chains.iter()
    }
}

impl Known {
    /// Takes in that a statement came, whatever it says.
    pub(crate) fn hear(
        &mut self,
        statement: &AdmittedStatement,
        recorded: Timestamp,
    ) -> Option<Hearing> {
        // An import's position is its section, and nothing is missing before it.
        let own = statement.assurance != Assurance::Import;
        let ChainPosition { epoch, counter } = statement.chain.filter(|_| own)?;
        let issuer = self.atlas.principal(&statement.issuer);
        let heartbeat = self.atlas.signer(issuer).heartbeat;
        let signed = Signed::of(statement, recorded);
        self.sources.fill(issuer.at() + 1, &Source::default());
        let source = self.sources.row_mut(issuer);
        let key = self.keys.number(statement.key);
        let chain = source.chains.entry((statement.key, epoch));
        let chain = chain.or_insert_with(|| Chain::begins(key));
        let (since, mut is_news) = chain.take(counter, signed);
        let before = chain.newest_spoken();
        if let Some(heartbeat) = heartbeat {
            is_news |= chain.live((statement, counter), (signed, recorded), heartbeat);
        }
        let newest = chain.newest_spoken();
        let corrected = |(counter, time): ByOwnClock| {
            let at = ChainPosition { epoch, counter };
            self.corrected(issuer, (key, at), time)
        };
        // A clock that was found to be ahead makes the newest word an earlier one.
        is_news |= newest.map(corrected) < before.map(corrected);
        Some(Hearing {
            source: issuer,
            since: since.into_iter().flatten().map(corrected).min(),
            is_news,
        })
    }

    /// Whoever signed with a key.
    pub(crate) fn sources_with(&self, key: KeyId) -> impl Iterator<Item = PrincipalNo> {
        let of_key = move |source: &Source| source.chains.keys().any(|(own, _)| *own == key);
        let sources = self.sources.rows();
        sources
            .filter(move |(_, source)| of_key(source))
            .map(|(source, _)| source)
    }

    fn corrected(
        &self,
        issuer: PrincipalNo,
        (key, at): (KeyNo, ChainPosition),
        time: Timestamp,
    ) -> Timestamp {
        let chain = Some(at);
        self.atlas
            .corrected(atlas::Signed { issuer, key, chain }, time)
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

    /// What of time counts for the heartbeat of a source.
    fn listening(&self, source: PrincipalNo) -> Listening<'_> {
        Listening {
            outages: &self.outages,
            opening: self.atlas.opening(source),
        }
    }

    fn awaited_until(&self, source: PrincipalNo, question: &Question) -> Option<Timestamp> {
        let signer = self.atlas.signer(source);
        if signer.grace == Span::ZERO {
            return None;
        }
        let row = self.sources.get(source)?;
        let listening = self.listening(source);
        row.awaited(
            (question.from, question.until),
            (signer.grace, signer.heartbeat),
            (
                |from, span| listening.term(from, span),
                |from, span| self.outages.term(from, span),
            ),
            |key, at, time| self.corrected(source, (key, at), time),
        )
    }
}

coded! {
    Chain { key, holes, newest, spoke, heard }
    Source { chains }
}

#[cfg(test)]
mod tests {
    use countersign_model::entry::Index;
    use countersign_model::time::MINUTE_MS;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_ms(n * MINUTE_MS)
    }

    #[test]
    fn a_source_is_awaited_within_its_grace() {
        let mut source = Source::default();
        let mut chain = Chain::begins(KeyNo::FIRST);
        for (counter, at) in [(1, 10), (3, 30)] {
            let (at, says, entry) = (minute(at), minute(at), Index(0));
            chain.take(counter, Signed { at, says, entry });
        }
        source
            .chains
            .insert((KeyId(countersign_model::digest::Digest::ZERO), 1), chain);
        let grace = Span::from_ms(60 * MINUTE_MS);
        let check = |from, until, heartbeat: Option<i64>, expect: Option<i64>| {
            let heartbeat = heartbeat.map(|minutes| Span::from_ms(minutes * MINUTE_MS));
            let interval = (minute(from), minute(until));
            let term = |from: Timestamp, span| from.plus(span);
            let found = source.awaited(interval, (grace, heartbeat), (term, term), |_, _, time| {
                time
            });
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
