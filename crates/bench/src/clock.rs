//! Wall time and processor time, in nanoseconds. Both are only ever subtracted.

use std::os::fd::OwnedFd;

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};

use crate::Failure;

/// A timer of the kernel: a client of a paced load waits for it until its turn has come.
pub(crate) struct Timer(OwnedFd);

impl Timer {
    pub(crate) fn new() -> Result<Self, Failure> {
        let flags = TimerfdFlags::CLOEXEC;
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// Returns when [`wall_ns`] has reached `due_ns`.
    pub(crate) fn wait_until(&self, due_ns: u64) -> Result<(), Failure> {
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: i64::try_from(due_ns / 1_000_000_000)?,
                tv_nsec: i64::try_from(due_ns % 1_000_000_000)?,
            },
        };
        timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME, &once)?;
        rustix::io::read(&self.0, &mut [0; 8])?;
        Ok(())
    }
}

/// How long something took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    /// On the wall.
    pub(crate) wall_ns: u64,
    /// User and system time of this process, all threads.
    pub(crate) cpu_ns: u64,
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let part = |n: i64| u64::try_from(n).unwrap_or_default();
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

/// Nanoseconds since some fixed point of this boot.
pub(crate) fn wall_ns() -> u64 {
    read(ClockId::Monotonic)
}

/// Milliseconds since 1970.
pub(crate) fn unix_ms() -> i64 {
    i64::try_from(read(ClockId::Realtime) / 1_000_000).unwrap_or_default()
}

fn cpu_ns() -> u64 {
    read(ClockId::ProcessCPUTime)
}

/// Does `work` and tells how long that took.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, Span) {
    let (wall, cpu) = (wall_ns(), cpu_ns());
    let out = work();
    let span = Span {
        wall_ns: wall_ns() - wall,
        cpu_ns: cpu_ns() - cpu,
    };
    (out, span)
}

impl Span {
    /// How many a second on the wall.
    pub(crate) fn per_second(&self, count: u64) -> f64 {
        rate(count, self.wall_ns)
    }

    /// How many a second of processor.
    pub(crate) fn per_cpu_second(&self, count: u64) -> f64 {
        rate(count, self.cpu_ns)
    }
}

/// How many a second, if `count` took `ns`.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rate is shown with a few digits"
)]
pub(crate) fn rate(count: u64, ns: u64) -> f64 {
    count as f64 * 1e9 / ns.max(1) as f64
}
