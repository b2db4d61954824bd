//! What follows from what was not heard: when a source was silent, and what never came of its chain.

use std::collections::BTreeMap;

use countersign_model::entry::Index;
use countersign_model::fold::ChainPosition;
use countersign_model::ids::KeyId;
use countersign_model::time::{Span, Timestamp};

use super::holes::Hole;
use super::life::{Sign, Stretch};
use super::{Chain, LONG_AGO, Source};
use crate::discrepancy::Day;
use crate::known::Known;
use crate::limits::GRACE_UNSAID;
use crate::number::PrincipalNo;

/// A source was not heard for longer than its contract allows while the node listened, and what it may say of it late has not
/// come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// The statement behind which it was silent, by the key that signed it, and where it stands.
    pub(crate) behind: (KeyId, ChainPosition, Index),
    pub(crate) from: Timestamp,
    /// When it was heard again, and by what; `None` while it is silent.
    pub(crate) until: Option<(Timestamp, Index)>,
}

impl Silence {
    /// Whether it was not over then.
    fn lasts(&self, instant: Timestamp) -> bool {
        self.until.is_none_or(|(until, _)| until > instant)
    }

    /// Whether any of these silences of one source, by time, was at the same time.
    pub(crate) fn meets_any(&self, silences: &[Self]) -> bool {
        let over = silences.partition_point(|other| !other.lasts(self.from));
        silences
            .get(over)
            .is_some_and(|other| self.lasts(other.from))
    }
}

/// Statements of one chain that did not come in time, of one day (by its signer's corrected clock when
/// it signed the next one).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Withheld {
    pub(crate) key: KeyId,
    pub(crate) epoch: u64,
    pub(crate) day: Day,
    /// How many.
    pub(crate) count: u64,
    /// The first and the last of them.
    pub(crate) counters: (u64, u64),
    /// The newest that the statement before the first of them says, if there is one.
    pub(crate) from: Option<Timestamp>,
    /// When the statement behind the last of them was signed.
    pub(crate) until: Timestamp,
    /// Where it stands.
    pub(crate) behind: Index,
}

/// What is concluded of a source at the tick, and when it may be more.
#[derive(Clone, Debug)]
pub(crate) struct Outstanding<T> {
    pub(crate) found: Vec<T>,
    pub(crate) wake: Option<Timestamp>,
}

impl<T> Outstanding<T> {
    const fn nothing() -> Self {
        Self {
            found: Vec::new(),
            wake: None,
        }
    }

    /// Whether a term is over; if not it is looked at again behind it.
    fn is_over(&mut self, term: Timestamp, tick: Timestamp) -> bool {
        if tick > term {
            return true;
        }
        self.wake = Some(self.wake.map_or(term, |wake| wake.min(term)));
        false
    }
}

/// A stretch by true time, with the chain that shows its ends.
#[derive(Clone, Copy, Debug)]
struct Lived {
    from: Timestamp,
    until: Timestamp,
    first: Index,
    last: (KeyId, ChainPosition, Index),
}

impl Known {
    /// When a source was silent. Silent is a source while all its chains are. One that may speak late
    /// lives when it says so; one that may not, when it is heard.
    pub(crate) fn silences(&self, source: PrincipalNo) -> Outstanding<Silence> {
        let mut out = Outstanding::nothing();
        let signer = self.atlas.signer(source);
        let (Some(heartbeat), Some(row)) = (signer.heartbeat, self.sources.get(source)) else {
            return out;
        };
        let mut lived = self.lived(source, row, signer.grace == Span::ZERO);
        lived.sort_by_key(|stretch| {
            let (key, at, _) = stretch.last;
            (stretch.from, stretch.until, key, at)
        });
        let mut lived = lived.into_iter();
        let Some(mut newest) = lived.next() else {
            return out;
        };
        let listening = self.listening(source);
        let term = |until: Timestamp| {
            let due = listening.term(until, heartbeat);
            self.outages.term(due, signer.grace)
        };
        for next in lived {
            let unheard = listening.listened(newest.until, next.from);
            if unheard > heartbeat && out.is_over(term(newest.until), self.tick) {
                out.found.push(Silence {
                    behind: newest.last,
                    from: newest.until,
                    until: Some((next.from, next.first)),
                });
            }
            if next.until > newest.until {
                newest = next;
            }
        }
        if out.is_over(term(newest.until), self.tick) {
            out.found.push(Silence {
                behind: newest.last,
                from: newest.until,
                until: None,
            });
        }
        out
    }

    fn lived(&self, source: PrincipalNo, row: &Source, by_record: bool) -> Vec<Lived> {
        let of_chain = |((key, epoch), chain): (&(KeyId, u64), &Chain)| {
            let (key, epoch, number) = (*key, *epoch, chain.key);
            let true_time = move |sign: Sign| {
                if by_record {
                    return sign.time;
                }
                let at = ChainPosition {
                    epoch,
                    counter: sign.counter,
                };
                self.corrected(source, (number, at), sign.time)
            };
            let life = if by_record {
                &chain.heard
            } else {
                &chain.spoke
            };
            let stretches = life.stretches().to_vec();
            stretches.into_iter().map(move |Stretch { first, last }| {
                let at = ChainPosition {
                    epoch,
                    counter: last.counter,
                };
                Lived {
                    from: true_time(first),
                    until: true_time(last),
                    first: first.at,
                    last: (key, at, last.at),
                }
            })
        };
        row.chains.iter().flat_map(of_chain).collect()
    }

    /// What never came of a source's chains, though later statements did and its grace is over.
    pub(crate) fn withheld(&self, source: PrincipalNo) -> Outstanding<Withheld> {
        let mut out = Outstanding::nothing();
        let Some(row) = self.sources.get(source) else {
            return out;
        };
        let grace = match self.atlas.signer(source).grace {
            Span::ZERO => GRACE_UNSAID,
            grace => grace,
        };
        for ((key, epoch), chain) in &row.chains {
            let mut days: BTreeMap<Day, Withheld> = BTreeMap::new();
            for hole in chain.holes.all() {
                let withheld = self.withheld_by(source, (*key, *epoch, chain), hole);
                if out.is_over(self.outages.term(withheld.until, grace), self.tick) {
                    let day = days.entry(withheld.day);
                    day.and_modify(|day| day.add(withheld)).or_insert(withheld);
                }
            }
            out.found.extend(days.into_values());
        }
        out
    }

    fn withheld_by(
        &self,
        source: PrincipalNo,
        (key, epoch, chain): (KeyId, u64, &Chain),
        hole: &Hole,
    ) -> Withheld {
        let corrected = |(counter, time)| {
            let at = ChainPosition { epoch, counter };
            self.corrected(source, (chain.key, at), time)
        };
        let (first, last) = hole.counters();
        let (_, after) = hole.after();
        let until = corrected(hole.before());
        Withheld {
            key,
            epoch,
            day: Day::of(until),
            count: last - first + 1,
            counters: (first, last),
            from: (after != LONG_AGO).then(|| corrected(hole.after())),
            until,
            behind: hole.entry(),
        }
    }
}

impl Withheld {
    /// Adds what was withheld back later on that day.
    fn add(&mut self, later: Self) {
        self.count = self.count.saturating_add(later.count);
        self.counters.1 = later.counters.1;
        self.until = self.until.max(later.until);
        self.behind = later.behind;
    }
}
