//! How long the disk takes to make a commit durable: a ground that is timed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use countersign_ports::{Ground, Position, StoreError};

/// Times of the syncs of one run. Told by whoever holds it, while the ground is used elsewhere.
#[derive(Clone, Debug, Default)]
pub struct SyncTimes(Arc<Times>);

#[derive(Debug, Default)]
struct Times {
    count: AtomicU64,
    last_us: AtomicU64,
    worst_us: AtomicU64,
}

impl SyncTimes {
    /// How many syncs there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::Relaxed)
    }

    /// Microseconds of the last one, and of the worst; `None` before the first.
    #[must_use]
    pub fn last_and_worst_us(&self) -> Option<(u64, u64)> {
        let times = &self.0;
        let both = (
            times.last_us.load(Ordering::Relaxed),
            times.worst_us.load(Ordering::Relaxed),
        );
        (self.count() > 0).then_some(both)
    }

    fn note(&self, us: u64) {
        let times = &self.0;
        times.last_us.store(us, Ordering::Relaxed);
        times.worst_us.fetch_max(us, Ordering::Relaxed);
        times.count.fetch_add(1, Ordering::Relaxed);
    }
}

/// A ground whose syncs are timed.
#[derive(Debug)]
pub(crate) struct Timed {
    ground: Box<dyn Ground>,
    times: SyncTimes,
}

impl Timed {
    pub(crate) fn new(ground: Box<dyn Ground>, times: &SyncTimes) -> Self {
        Self {
            ground,
            times: times.clone(),
        }
    }
}

impl Ground for Timed {
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError> {
        self.ground.begin(log, end)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        self.ground.append(bytes)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        let begun = now();
        self.ground.sync()?;
        let us = begun.elapsed().as_micros();
        self.times.note(u64::try_from(us).unwrap_or(u64::MAX));
        Ok(())
    }

    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError> {
        self.ground.read(at, len)
    }

    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError> {
        self.ground.overwrite(at, bytes)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a sync took is shown to people and changes no result"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_stays() {
        let times = SyncTimes::default();
        assert_eq!(times.last_and_worst_us(), None);
        for us in [3, 9, 4] {
            times.note(us);
        }
        assert_eq!(
            (times.count(), times.last_and_worst_us()),
            (3, Some((4, 9)))
        );
    }
}
