//! The disorder between what devices see and what the log hears: reads are missed, clocks are
//! off, statements come late or twice.
//!
//! It draws from streams of its own and works on what was played already. So the same seed with
//! another disorder has the same acts and the same truth but for when each can be known.

use countersign_model::time::Span;

use crate::atlas::{Atlas, Device};
use crate::clock::{Day, minutes};
use crate::dispatch::Dispatch;
use crate::event::Event;
use crate::limits::{LATE_MS_MAX, SKEW_S_MAX};
use crate::names::UnitNo;
use crate::rng::Chance;

/// Steps that are signed from a list and not read: handing over, taking over for the carrier, what
/// stays on the dock, a sale, and the label that makes a thing.
pub(crate) const SIGNED_FROM_A_LIST: [&str; 5] = [
    "departing",
    "accepting",
    "holding",
    "retail_selling",
    "commissioning",
];
/// How much later a statement or an event comes again, in minutes.
const AGAIN_MIN: (i64, i64) = (2, 180);

/// How much disorder there is; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disorder {
    /// Of a hundred statements so many come late, by up to 8 hours.
    pub late_percent: u8,
    /// Of a hundred statements or events so many come twice.
    pub duplicate_percent: u8,
    /// Of a hundred reads of one unit so many do not happen.
    pub missed_percent: u8,
    /// By so many seconds the clock of each device is off at most, unknown to the network.
    pub skew_s: u32,
}

/// Why that is no disorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisorderError {
    /// A share of more than everything.
    #[error("a share is at most 100 %")]
    Share,
    /// A reader that reads nothing.
    #[error("of a hundred reads one at least happens")]
    Missed,
    /// A clock that is off by more than a day.
    #[error("a clock is off by at most {SKEW_S_MAX} s")]
    Skew,
}

impl Disorder {
    pub(crate) fn check(self) -> Result<(), DisorderError> {
        let shares = [
            self.late_percent,
            self.duplicate_percent,
            self.missed_percent,
        ];
        if shares.iter().any(|share| *share > 100) {
            return Err(DisorderError::Share);
        }
        if self.missed_percent > 99 {
            return Err(DisorderError::Missed);
        }
        if self.skew_s > SKEW_S_MAX {
            return Err(DisorderError::Skew);
        }
        Ok(())
    }

    /// Puts the clocks of all devices out of true; servers and satellites keep theirs.
    pub(crate) fn skew(self, seed: u64, atlas: &mut Atlas) {
        let most = i64::from(self.skew_s) * 1000;
        for device in &mut atlas.devices {
            if !device.is_true && most != 0 {
                device.skew_ms = drift_of(seed, device, most);
            }
        }
    }

    /// What is written down of what could have been read.
    pub(crate) fn written(self, seed: u64, day: Day, events: Vec<Event>) -> Vec<Event> {
        let mut out = events;
        if self.missed_percent > 0 {
            out = out
                .into_iter()
                .filter_map(|event| self.read(seed, event))
                .collect();
        }
        if self.duplicate_percent > 0 {
            self.say_again(&mut Chance::of_day(seed, day, "said-again"), &mut out);
        }
        out
    }

    /// The event with what was read of its units; `None` when nothing is left to say.
    fn read(self, seed: u64, mut event: Event) -> Option<Event> {
        if SIGNED_FROM_A_LIST.contains(&event.step) {
            return Some(event);
        }
        // A sign of life, a position, a tally: nothing is read.
        if event.units.is_empty() {
            return Some(event);
        }
        // Whoever says an event again says the same: it draws by event and unit.
        let is_read = |unit: &UnitNo| {
            let label = format!("read/{}/{}", event.id, unit.0);
            Chance::of(seed, &label).below(100) >= u64::from(self.missed_percent)
        };
        let read: Vec<UnitNo> = event.units.iter().copied().filter(is_read).collect();
        event.units = read;
        (!event.units.is_empty() || !event.amounts.is_empty()).then_some(event)
    }

    /// Half of what comes twice is said in a new statement.
    fn say_again(self, chance: &mut Chance, events: &mut Vec<Event>) {
        let mut again = Vec::new();
        for event in events.iter() {
            let at = event.recorded.plus(minutes(again_min(chance)));
            if chance.below(200) < u64::from(self.duplicate_percent) {
                again.push(Event {
                    recorded: at,
                    sent_again: None,
                    ..event.clone()
                });
            }
        }
        events.append(&mut again);
    }

    /// Some statements come late, each for itself: a device may send a later one first. The
    /// other half of what comes twice is a statement that is sent again.
    /// What hangs on a wire is not late.
    pub(crate) fn send(self, atlas: &Atlas, chance: &mut Chance, dispatches: &mut [Dispatch]) {
        for dispatch in dispatches {
            let delay = Span::from_ms(chance.between(0, LATE_MS_MAX));
            let is_late = chance.below(100) < u64::from(self.late_percent);
            if is_late && !atlas.device(dispatch.device).is_wired {
                dispatch.sent = dispatch.sent.plus(delay);
            }
            let again = dispatch.sent.plus(minutes(again_min(chance)));
            if chance.below(200) < u64::from(self.duplicate_percent) {
                dispatch.sent_again = Some(again);
            }
        }
    }
}

fn again_min(chance: &mut Chance) -> i64 {
    chance.between(AGAIN_MIN.0, AGAIN_MIN.1)
}

fn drift_of(seed: u64, device: &Device, most: i64) -> i64 {
    Chance::of(seed, &format!("skew/{}", device.id)).between(-most, most)
}
