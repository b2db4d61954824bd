//! Statements of a chain that have not come.
//!
//! A hole is bounded by its neighbours in the chain and nothing else, so the order in which
//! statements come does not matter (CUS-4).

use countersign_model::entry::Index;
use countersign_model::time::Timestamp;

use crate::limits::HOLES_MAX;
use crate::snapshot::coded::coded;

/// When a statement was signed, and the newest that it says, by the signer's clock; and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed {
    pub(crate) at: Timestamp,
    pub(crate) says: Timestamp,
    pub(crate) entry: Index,
}

/// An instant by the signer's own clock, as it was at the statement with that counter.
pub(crate) type ByOwnClock = (u64, Timestamp);

/// A gap in a chain. Its times are by the signer's own clock, as it was at the statements beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    first: u64,
    last: u64,
    /// The newest that the statement before it says.
    after: Timestamp,
    /// When the statement behind it was signed, and where it stands.
    before: Timestamp,
    entry: Index,
}

impl Hole {
    /// The counters that have not come.
    pub(crate) const fn counters(&self) -> (u64, u64) {
        (self.first, self.last)
    }

    /// The newest that the statement before it says; long ago if there is none.
    pub(crate) const fn after(&self) -> ByOwnClock {
        (self.first - 1, self.after)
    }

    /// When the statement behind it was signed.
    pub(crate) const fn before(&self) -> ByOwnClock {
        (self.last + 1, self.before)
    }

    /// Where the statement behind it stands.
    pub(crate) const fn entry(&self) -> Index {
        self.entry
    }
}

/// The holes of one chain, by counter.
#[derive(Clone, Debug)]
pub(crate) struct Holes {
    /// The highest counter, and the newest that it says.
    top: ByOwnClock,
    holes: Vec<Hole>,
}

/// What a statement changes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filled {
    /// Since when something else is outstanding.
    pub(crate) since: [Option<ByOwnClock>; 2],
    /// Whether there are other holes than before.
    pub(crate) is_news: bool,
}

impl Holes {
    /// Of a chain of which nothing came: what its first statement says comes after `long_ago`.
    pub(crate) const fn none(long_ago: Timestamp) -> Self {
        Self {
            top: (0, long_ago),
            holes: Vec::new(),
        }
    }

    pub(crate) fn all(&self) -> &[Hole] {
        &self.holes
    }

    /// The highest counter.
    pub(crate) const fn top(&self) -> u64 {
        self.top.0
    }

    /// Takes a statement in.
    pub(crate) fn fill(&mut self, counter: u64, signed: Signed) -> Filled {
        let (top, after) = self.top;
        if counter > top {
            if counter > top + 1 {
                self.holes.push(Hole {
                    first: top + 1,
                    last: counter - 1,
                    after,
                    before: signed.at,
                    entry: signed.entry,
                });
                self.forget_oldest();
            }
            self.top = (counter, signed.says);
            return Filled {
                since: [Some((top, after)), None],
                is_news: counter > top + 1,
            };
        }
        let at = self.holes.partition_point(|hole| hole.last < counter);
        let found = self.holes.get(at).copied();
        let Some(hole) = found.filter(|hole| hole.first <= counter) else {
            return Filled::default();
        };
        let below = (hole.first < counter).then(|| Hole {
            last: counter - 1,
            before: signed.at,
            entry: signed.entry,
            ..hole
        });
        let above = (counter < hole.last).then(|| Hole {
            first: counter + 1,
            after: signed.says,
            ..hole
        });
        self.holes
            .splice(at..=at, below.into_iter().chain(above))
            .for_each(drop);
        Filled {
            since: [Some(hole.after()), Some((counter, signed.says))],
            is_news: true,
        }
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

coded! {
    Hole { first, last, after, before, entry }
    Holes { top, holes }
}

#[cfg(test)]
mod tests {
    use countersign_model::time::MINUTE_MS;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_ms(n * MINUTE_MS)
    }

    const LONG_AGO: i64 = -1;

    /// Statements by (counter, minute) in the order of arrival; holes as (first, last, after, before).
    fn holes(said: &[(u64, i64)]) -> Vec<(u64, u64, i64, i64)> {
        let mut holes = Holes::none(minute(LONG_AGO));
        for (counter, at) in said {
            let (at, says, entry) = (minute(*at), minute(*at), Index(0));
            holes.fill(*counter, Signed { at, says, entry });
        }
        let in_minutes = |(_, time): ByOwnClock| time.ms().div_euclid(MINUTE_MS);
        let of = |hole: &Hole| {
            let (after, before) = (in_minutes(hole.after()), in_minutes(hole.before()));
            (hole.first, hole.last, after, before)
        };
        holes.all().iter().map(of).collect()
    }

    #[test]
    fn a_hole_lies_between_its_neighbours_in_any_order() {
        assert_eq!(holes(&[(1, 10), (2, 20), (3, 30)]), []);
        assert_eq!(holes(&[(3, 30)]), [(1, 2, LONG_AGO, 30)]);
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
}
