//! When a source lived: the instants at which it said something, in stretches.
//!
//! Instants that are no further apart than the heartbeat are one stretch, so what is kept are the
//! silences in between and nothing else. Which stretches there are depends on the set of instants, not
//! on the order in which they came (CUS-4).

use countersign_model::entry::Index;
use countersign_model::time::{Span, Timestamp};

use crate::limits::SILENCES_MAX;
use crate::snapshot::coded::coded;

/// A sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sign {
    pub(crate) time: Timestamp,
    /// Of the statement in its chain.
    pub(crate) counter: u64,
    /// Where it stands in the log.
    pub(crate) at: Index,
}

/// From its first sign to its last the source was never silent for longer than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) first: Sign,
    pub(crate) last: Sign,
}

/// By time.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    stretches: Vec<Stretch>,
}

impl Life {
    pub(crate) const fn none() -> Self {
        Self {
            stretches: Vec::new(),
        }
    }

    /// Takes a sign in. Returns whether a silence has begun, ended or become another; that the newest
    /// stretch goes on is none.
    pub(crate) fn add(&mut self, sign: Sign, heartbeat: Span) -> bool {
        let begin = self
            .stretches
            .partition_point(|stretch| stretch.last.time.plus(heartbeat) < sign.time);
        let later = self.stretches.iter().skip(begin);
        let met = later.take_while(|stretch| stretch.first.time <= sign.time.plus(heartbeat));
        let range = begin..begin + met.count();
        let is_newest = range.end == self.stretches.len();
        let before = self.stretches.get(range.clone()).unwrap_or_default();
        let mut now = Stretch {
            first: sign,
            last: sign,
        };
        for stretch in before {
            now.first = now.first.min(stretch.first);
            now.last = now.last.max(stretch.last);
        }
        let is_other = match before {
            [only] => only.first != now.first || (!is_newest && only.last != now.last),
            _ => true,
        };
        self.stretches.splice(range, [now]).for_each(drop);
        if self.stretches.len() > SILENCES_MAX {
            self.stretches.remove(0);
        }
        is_other
    }

    pub(crate) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }
}

coded! {
    Sign { time, counter, at }
    Stretch { first, last }
    Life { stretches }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEARTBEAT: Span = Span::from_ms(10);

    fn sign(time: i64) -> Sign {
        Sign {
            time: Timestamp::from_ms(time),
            counter: time.unsigned_abs(),
            at: Index(0),
        }
    }

    fn lived(times: &[i64]) -> Vec<(i64, i64)> {
        let mut life = Life::none();
        for time in times {
            life.add(sign(*time), HEARTBEAT);
        }
        let all = life.stretches().iter();
        all.map(|stretch| (stretch.first.time.ms(), stretch.last.time.ms()))
            .collect()
    }

    #[test]
    fn signs_within_a_heartbeat_are_one_stretch() {
        assert_eq!(lived(&[0, 10, 20]), [(0, 20)]);
        assert_eq!(lived(&[0, 11]), [(0, 0), (11, 11)]);
        assert_eq!(lived(&[0, 20, 10]), [(0, 20)]);
        assert_eq!(
            lived(&[0, 30, 60, 45]),
            [(0, 0), (30, 30), (45, 45), (60, 60)]
        );
        assert_eq!(lived(&[0, 30, 60, 50, 40]), [(0, 0), (30, 60)]);
    }

    #[test]
    fn only_another_silence_is_news() {
        let mut life = Life::none();
        let mut add = |time| life.add(sign(time), HEARTBEAT);
        assert!(add(100), "the first word");
        assert!(!add(105), "it goes on");
        assert!(!add(103), "nothing new");
        assert!(add(130), "it was silent");
        assert!(add(97), "it began earlier");
        assert!(add(112), "the silence is shorter");
        assert!(add(120), "there was none");
        assert!(!add(140));
    }

    #[test]
    fn of_too_many_silences_the_oldest_is_forgotten() {
        let mut life = Life::none();
        for at in 0..=SILENCES_MAX as i64 {
            life.add(sign(at * 100), HEARTBEAT);
        }
        assert_eq!(life.stretches().len(), SILENCES_MAX);
        assert_eq!(
            life.stretches().first().map(|first| first.first),
            Some(sign(100))
        );
    }

    proptest! {
        /// What two signs have between them that lies within a heartbeat of both sides is no silence.
        #[test]
        fn stretches_are_those_of_the_sorted_signs(
            mut times in prop::collection::vec(0_i64..300, 1..40),
        ) {
            let found = lived(&times);
            times.sort_unstable();
            let mut expect: Vec<(i64, i64)> = Vec::new();
            for time in times {
                match expect.last_mut() {
                    Some((_, last)) if time - *last <= HEARTBEAT.ms() => *last = time,
                    _ => expect.push((time, time)),
                }
            }
            prop_assert_eq!(found, expect);
        }
    }
}
