//! The machine's clock and entropy.

use countersign_model::time::Timestamp;
use countersign_ports::{Clock, ClockReading, Entropy, StoreError};
use rustix::time::{ClockId, clock_gettime};

/// Uncertainty that is stated when the kernel does not call its clock synchronised.
const UNSYNCHRONISED_MS: u64 = 60_000;
/// Uncertainty that is stated when it does: half a second covers what NTP over the internet leaves.
const SYNCHRONISED_MS: u64 = 500;

/// The kernel's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

/// A clock of the kernel, in milliseconds.
fn ms(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec
        .saturating_mul(1000)
        .saturating_add(now.tv_nsec / 1_000_000)
}

impl Clock for MachineClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_ms(ms(ClockId::Realtime))
    }

    fn read(&self) -> ClockReading {
        // Kept by time daemons (chrony, systemd-timesyncd) while they follow a source.
        let synchronised = std::path::Path::new("/run/systemd/timesync/synchronized").exists();
        ClockReading {
            wall: self.wall(),
            uncertainty_ms: if synchronised {
                SYNCHRONISED_MS
            } else {
                UNSYNCHRONISED_MS
            },
            // Unlike `Monotonic` it runs while the machine is suspended.
            monotonic_ms: u64::try_from(ms(ClockId::Boottime)).unwrap_or_default(),
            synchronised,
        }
    }
}

/// The kernel's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineEntropy;

impl Entropy for MachineEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StoreError> {
        getrandom::fill(bytes)
            .map_err(|error| StoreError::other("drawing random bytes", error.to_string()))
    }
}
