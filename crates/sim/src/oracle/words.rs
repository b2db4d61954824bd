//! Who was heard when: the chains of the sources, read from counters and clocks alone.
//!
//! Whoever concludes from what was not said by a deadline must know that nobody who could have said
//! it still may: each of these sources was heard since the deadline, and its chain has no gap before
//! that. A statement is *awaited* until it comes, or until its grace is over; a source without grace
//! is never awaited.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::time::MINUTE_MS;

use crate::atlas::{Atlas, Device};

const NEVER: i64 = i64::MAX;
/// A clock that is off by less says nothing of its error: so long may a statement be under way.
const UNDER_WAY_MS: i64 = MINUTE_MS;

/// What comes later than so long after it was signed is looked at by itself.
const LATE_MS: i64 = 5 * MINUTE_MS;

/// One statement of a chain.
#[derive(Clone, Debug)]
struct Word {
    /// When it was signed.
    at: i64,
    /// When it came first.
    came: i64,
    /// Until when it is awaited.
    awaited_until: i64,
    /// Its first claim.
    id: String,
}

/// One source.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    site: Option<String>,
    party: String,
    /// Milliseconds; within them it must be heard again.
    heartbeat: Option<i64>,
    grace: i64,
    /// The share of reads that it misses.
    misses: f64,
    /// What its clock is off, as the quickest of its statements shows it.
    off: i64,
    words: Vec<Word>,
}

/// All sources of a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    sources: BTreeMap<String, Source>,
}

/// Whom a silence concerns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who<'a> {
    /// Those that work at a site.
    At(&'a str),
    /// Those of a party.
    Of(&'a str),
}

impl Words {
    /// The sources of a network, of which nothing was heard yet.
    pub(crate) fn of(atlas: &Atlas, missed_percent: u8) -> Self {
        let ms = |minutes: i64| minutes * MINUTE_MS;
        let source = |device: &Device| Source {
            site: device.site.map(|site| atlas.site(site).name.link.clone()),
            party: device.party.link.clone(),
            heartbeat: device.owes.heartbeat_min().map(ms),
            grace: device.owes.grace_min.map_or(0, ms),
            misses: 1.0 - f64::from(device.read_percent(missed_percent)) / 100.0,
            off: 0,
            words: Vec::new(),
        };
        let devices = atlas.devices.iter();
        let sources = devices.map(|device| (device.id.clone(), source(device)));
        Self {
            sources: sources.collect(),
        }
    }

    /// The next statement of a source's chain: what its clock showed less what the network knows
    /// of it, when it came (`None`: not at all), its first claim.
    pub(crate) fn hear(&mut self, issuer: &str, at: i64, came: Option<i64>, id: &str) {
        if let Some(source) = self.sources.get_mut(issuer) {
            source.words.push(Word {
                at,
                came: came.unwrap_or(NEVER),
                awaited_until: NEVER,
                id: id.to_owned(),
            });
        }
    }

    /// When all was heard: sets clocks right and finds what was awaited when.
    pub(crate) fn reckon(mut self) -> Self {
        for source in self.sources.values_mut() {
            source.reckon();
        }
        self
    }

    /// What a source's clock is off besides what the network knows.
    pub(super) fn off(&self, issuer: &str) -> i64 {
        self.sources.get(issuer).map_or(0, |source| source.off)
    }

    /// The share of reads that a source misses.
    pub(super) fn misses(&self, issuer: &str) -> f64 {
        self.sources.get(issuer).map_or(0.0, |source| source.misses)
    }

    /// The largest such share at a site.
    pub(super) fn misses_at(&self, site: &str) -> f64 {
        let there = self.all(Who::At(site));
        there.map(|source| source.misses).fold(0.0, f64::max)
    }

    /// Somebody misses some reads.
    pub(super) fn some_miss(&self) -> bool {
        self.sources.values().any(|source| source.misses > 0.0)
    }

    fn all<'a>(&'a self, who: Who<'a>) -> impl Iterator<Item = &'a Source> {
        self.sources.values().filter(move |source| match who {
            Who::At(site) => source.site.as_deref() == Some(site),
            Who::Of(party) => source.party == party,
        })
    }

    /// Something that one of them signed between these instants is awaited, or its next word.
    pub(super) fn is_awaited(&self, who: Who<'_>, (from, until): (i64, i64), now: i64) -> bool {
        let mut awaited = self.all(who).filter(|source| source.grace > 0);
        awaited.any(|source| {
            let words = source.signed(from, until);
            words.iter().any(|word| now < word.awaited_until)
        })
    }

    /// The instants at which something ceases to be awaited that bears on one of the deadlines: what
    /// came late of it, and the first word behind each deadline. Of sources at those sites, and of
    /// those that are at none.
    pub(super) fn turns(&self, sites: &[String], deadlines: &BTreeSet<i64>) -> BTreeMap<i64, Turn> {
        let mut out = BTreeMap::new();
        let last = deadlines.last().copied().unwrap_or(i64::MIN);
        for (issuer, source) in &self.sources {
            let is_there = source.site.as_ref().is_none_or(|site| sites.contains(site));
            if source.grace == 0 || !is_there {
                continue;
            }
            let late = source.signed(i64::MIN, last).iter();
            let late = late.filter(|word| word.awaited_until - word.at > LATE_MS);
            let next = deadlines.iter();
            let next = next.filter_map(|at| source.signed(*at, *at).last());
            for word in late.chain(next) {
                out.insert(word.awaited_until, Turn::of(word, issuer));
            }
        }
        out
    }

    /// One of the sources owes a statement whose grace is over.
    pub(super) fn is_suppressed(&self, sources: &[String], now: i64) -> bool {
        let known = sources.iter().filter_map(|id| self.sources.get(id));
        let mut words = known.flat_map(|source| &source.words);
        words.any(|word| word.came > word.awaited_until && word.awaited_until <= now)
    }

    /// Since when one of the sources that have no grace has not been heard as its contract wants,
    /// between the two instants: when it should have been heard at the latest.
    pub(super) fn silences(&self, sources: &[String], (from, until): (i64, i64)) -> BTreeSet<i64> {
        let mut out = BTreeSet::new();
        for source in sources.iter().filter_map(|id| self.sources.get(id)) {
            let (Some(heartbeat), 0) = (source.heartbeat, source.grace) else {
                continue;
            };
            let mut came: Vec<i64> = source.words.iter().map(|word| word.came).collect();
            came.sort_unstable();
            for pair in came.windows(2) {
                if let [one, next] = pair
                    && *one + heartbeat < *next
                    && *one <= until
                    && *next >= from
                {
                    out.insert(*one + heartbeat);
                }
            }
        }
        out
    }
}

/// Why what is awaited changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A claim came.
    Came(String),
    /// The grace of a source was over.
    Over(String),
}

impl Turn {
    fn of(word: &Word, issuer: &str) -> Self {
        if word.came <= word.awaited_until {
            Self::Came(word.id.clone())
        } else {
            Self::Over(issuer.to_owned())
        }
    }
}

impl Source {
    fn reckon(&mut self) {
        let quickest = self.words.iter().filter(|word| word.came != NEVER);
        let quickest = quickest.map(|word| word.came - word.at).min();
        // Only of what is heard round the clock some statement is quick.
        let shows = |ms: &i64| self.heartbeat.is_some() && ms.abs() > UNDER_WAY_MS;
        self.off = quickest.filter(shows).map_or(0, |ms| -ms);
        let mut newest = i64::MIN;
        for word in &mut self.words {
            newest = newest.max(word.at - self.off);
            word.at = newest;
        }
        let beat = self.heartbeat.unwrap_or(NEVER / 4);
        let mut next = None;
        for word in self.words.iter_mut().rev() {
            // What did not come was signed before what came behind it.
            let by_contract = word.at.saturating_add(beat);
            let signed_by = next.unwrap_or(by_contract);
            word.awaited_until = word.came.min(signed_by + self.grace);
            next = Some(word.at);
        }
    }

    /// Its statements that may speak of what it saw between these instants: what it saw last waits
    /// in the device until its next word.
    fn signed(&self, from: i64, until: i64) -> &[Word] {
        let first = self.words.partition_point(|word| word.at < from);
        let end = self.words.partition_point(|word| word.at < until);
        let end = (end + 1).min(self.words.len());
        self.words.get(first..end.max(first)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "s";

    fn source(grace_min: i64) -> Source {
        Source {
            site: Some(SITE.to_owned()),
            party: "p".to_owned(),
            heartbeat: Some(12 * MINUTE_MS),
            grace: grace_min * MINUTE_MS,
            misses: 0.0,
            off: 0,
            words: Vec::new(),
        }
    }

    /// Statements by the minutes at which they are signed and come.
    fn words(grace_min: i64, said: &[(i64, Option<i64>)]) -> Words {
        let mut words = Words {
            sources: BTreeMap::from([("d".to_owned(), source(grace_min))]),
        };
        for (at, came) in said {
            let came = came.map(|came| came * MINUTE_MS);
            words.hear("d", at * MINUTE_MS, came, &format!("e{at}"));
        }
        words.reckon()
    }

    /// Minutes at which something of minutes 5 to 25 is awaited.
    fn check(words: &Words, expect: &[i64]) {
        let window = (5 * MINUTE_MS, 25 * MINUTE_MS);
        let awaited = |now: &i64| words.is_awaited(Who::At(SITE), window, now * MINUTE_MS);
        let got: Vec<i64> = (0..200).step_by(10).filter(awaited).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn a_gap_is_awaited_until_it_is_filled_or_its_grace_is_over() {
        let on_time = [(0, Some(0)), (10, Some(10)), (20, Some(20)), (30, Some(30))];
        check(&words(60, &on_time), &[0, 10, 20]);
        let late = [(0, Some(0)), (10, Some(10)), (20, Some(70)), (30, Some(30))];
        check(&words(60, &late), &[0, 10, 20, 30, 40, 50, 60]);
        let never = [(0, Some(0)), (10, Some(10)), (20, None), (30, Some(30))];
        check(&words(60, &never), &[0, 10, 20, 30, 40, 50, 60, 70, 80]);
        assert!(!words(60, &never).is_suppressed(&["d".to_owned()], 89 * MINUTE_MS));
        assert!(words(60, &never).is_suppressed(&["d".to_owned()], 90 * MINUTE_MS));
        check(&words(0, &late), &[]);
    }

    #[test]
    fn a_silent_source_is_awaited_until_it_is_heard_again() {
        let offline = [(0, Some(0)), (10, Some(85)), (20, Some(85)), (30, Some(85))];
        check(&words(600, &offline), &[0, 10, 20, 30, 40, 50, 60, 70, 80]);
    }

    #[test]
    fn the_quickest_statement_shows_what_a_clock_is_off() {
        let fast = [
            (40, Some(0)),
            (50, Some(90)),
            (60, Some(20)),
            (70, Some(30)),
        ];
        let words = words(600, &fast);
        assert_eq!(words.off("d"), 40 * MINUTE_MS);
        check(&words, &[0, 10, 20, 30, 40, 50, 60, 70, 80]);
    }

    #[test]
    fn silence_of_a_source_without_grace_is_known_when_it_should_have_been_heard() {
        let said = [(0, Some(0)), (10, Some(10)), (70, Some(70))];
        let silences =
            |grace| words(grace, &said).silences(&["d".to_owned()], (0, 100 * MINUTE_MS));
        assert_eq!(silences(0), BTreeSet::from([22 * MINUTE_MS]));
        assert_eq!(silences(60), BTreeSet::new());
    }
}
