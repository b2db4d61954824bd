//! Deadlines that have not passed, by the minute in which they pass: twelve bytes each.
//!
//! A stale one does no harm: what it wakes is judged again and gives the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use countersign_model::time::{MINUTE_MS, Timestamp};

use crate::history::bytes::{Reader, Writer};
use crate::known::class_events::ClassKey;
use crate::known::sources::Heard;
use crate::number::{DocNo, MilestoneNo, Number as _, PrincipalNo, UnitNo};
use crate::snapshot::coded::{Coded, coded, coded_cases};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Manifest(DocNo),
    Count(DocNo),
    Document(DocNo),
    Class(ClassKey),
    Milestone(MilestoneNo),
    Unit(UnitNo),
    /// Of a quiet departure: until then the other side must have signed.
    PickUp(UnitNo),
    Source(PrincipalNo),
}

impl Timer {
    const FIRST: Self = Self::Manifest(DocNo::FIRST);
}

/// One deadline: milliseconds within its minute, and what it wakes.
type Entry = (u16, Timer);

#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    /// Copies share the lists until one is written.
    minutes: BTreeMap<i64, Arc<Vec<Entry>>>,
}

impl Timers {
    /// Wakes `timer` at the first tick past `deadline`.
    pub(crate) fn set(&mut self, deadline: Timestamp, timer: Timer) {
        let (minute, rest) = minute_of(deadline);
        let entries = Arc::make_mut(self.minutes.entry(minute).or_default());
        if entries.len() == entries.capacity() {
            // What is judged often sets the same timer as often.
            entries.sort_unstable();
            entries.dedup();
        }
        entries.push((rest, timer));
    }

    /// Takes out those whose deadline the tick has passed, each once.
    pub(crate) fn take_due(&mut self, tick: Timestamp) -> Vec<Timer> {
        let (now, rest) = minute_of(tick);
        let later = self.minutes.split_off(&now);
        let past = std::mem::replace(&mut self.minutes, later);
        let mut due: Vec<Timer> = past
            .into_values()
            .flat_map(Arc::unwrap_or_clone)
            .map(|(_, timer)| timer)
            .collect();
        if let Some(entries) = self.minutes.get_mut(&now) {
            due.extend(
                Arc::make_mut(entries)
                    .extract_if(.., |(at, _)| *at < rest)
                    .map(|(_, timer)| timer),
            );
        }
        due.sort_unstable();
        due.dedup();
        due
    }

    pub(crate) fn clear(&mut self) {
        self.minutes.clear();
    }
}

fn minute_of(instant: Timestamp) -> (i64, u16) {
    let ms = instant.ms();
    let rest = u16::try_from(ms.rem_euclid(MINUTE_MS)).unwrap_or_default();
    (ms.div_euclid(MINUTE_MS), rest)
}

/// What is judged again when more is known of what a source owes: by source and until when that of
/// which it was asked must have happened. A stale one does no harm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting(BTreeMap<PrincipalNo, BTreeSet<(Timestamp, Timer)>>);

impl Waiting {
    pub(crate) fn add(&mut self, (source, until): (PrincipalNo, Timestamp), what: Timer) {
        self.0.entry(source).or_default().insert((until, what));
    }

    /// Takes out what may be judged otherwise now.
    pub(crate) fn take(&mut self, heard: Heard) -> impl Iterator<Item = Timer> + use<> {
        let all = self.0.get_mut(&heard.source);
        let concerned = all.map(|all| all.split_off(&(heard.since, Timer::FIRST)));
        let concerned = concerned.unwrap_or_default().into_iter();
        concerned.map(|(_, what)| what)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

coded_cases! {
    Timer {
        0 Manifest(0 doc), 1 Count(0 doc), 2 Milestone(0 milestone), 3 Unit(0 unit), 4 Source(0 source), 5 Document(0 doc),
        6 Class(0 class), 7 PickUp(0 unit),
    }
}

coded! {
    Timers { minutes }
}

impl Coded for Waiting {
    fn put(&self, out: &mut Writer) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Coded::take(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Timer = Timer::Unit(UnitNo::FIRST);

    fn check(deadlines: &[i64], tick: i64, expect: usize) {
        let mut timers = Timers::default();
        for (at, deadline) in deadlines.iter().enumerate() {
            let timer = Timer::Unit(UnitNo::of(at));
            timers.set(Timestamp::from_ms(*deadline), timer);
            timers.set(Timestamp::from_ms(*deadline), timer);
        }
        let tick = Timestamp::from_ms(tick);
        assert_eq!(
            timers.take_due(tick).len(),
            expect,
            "{deadlines:?} at {tick}"
        );
        assert!(timers.take_due(tick).is_empty(), "each wakes once");
        let rest = timers.take_due(Timestamp::from_ms(i64::MAX));
        assert_eq!(rest.len(), deadlines.len() - expect);
    }

    #[test]
    fn a_deadline_wakes_behind_its_instant() {
        check(&[1000], 1000, 0);
        check(&[1000], 1001, 1);
        check(&[59_999, 60_000, 60_001, 180_000], 60_001, 2);
        check(&[-1, 0, 1, 7_200_000], 0, 1);
    }

    #[test]
    fn one_that_is_set_often_takes_the_room_of_a_few() {
        let mut timers = Timers::default();
        for _ in 0..10_000 {
            timers.set(Timestamp::from_ms(5), FIRST);
        }
        assert!(
            timers
                .minutes
                .values()
                .all(|entries| entries.capacity() <= 8)
        );
    }
}
