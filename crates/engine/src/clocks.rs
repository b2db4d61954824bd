//! By how much the clocks of devices are off, as the node measures it.
//!
//! A statement is recorded a while after it was signed. The least of the last few delays is the
//! device's clock: what comes late differs from one statement to the next, what a clock is off does
//! not. What was measured is said in an act (`ClockOffset`, docs/formats/act.md), and counts from
//! there on; nothing is learned inside a fold (format law 9).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign_model::act::{Act, ClockOffset};
use countersign_model::coded;
use countersign_model::entry::{Assurance, ClaimStatus};
use countersign_model::fold::{AdmittedStatement, ChainPosition, FoldBatch, Said};
use countersign_model::ids::KeyId;
use countersign_model::network::Network;
use countersign_model::time::Timestamp;

use crate::limits::{CLOCK_AGREE_MS_MAX, CLOCK_READINGS_KEPT_MAX, CLOCK_READINGS_MIN};

/// One statement's clock against the node's.
#[derive(Clone, Copy, Debug)]
struct Reading {
    at: ChainPosition,
    recorded: Timestamp,
    /// What the device's clock showed less what the node's did: its offset, less how late it came.
    ms: i64,
}

/// What is known of the clock of one key.
#[derive(Clone, Debug, Default)]
struct Watched {
    /// What stands since when; without any, the network's word.
    said: BTreeMap<ChainPosition, Option<i64>>,
    /// The newest statement that agrees with what stands.
    agreed: Option<ChainPosition>,
    /// Those behind it, by position.
    readings: Vec<Reading>,
}

/// What is known of the clocks of all keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks {
    by_key: BTreeMap<KeyId, Watched>,
    unsaid: BTreeMap<(KeyId, ChainPosition), i64>,
}

impl Clocks {
    /// Takes a commit in.
    pub(crate) fn take(&mut self, batch: &FoldBatch, network: &Network) {
        for statement in &batch.statements {
            self.take_acts(statement);
            // Where ticks stand still nobody knows what time it is.
            let reading =
                reading(statement, batch.recorded).filter(|_| batch.recorded == batch.tick);
            if let Some(reading) = reading {
                let contract = network.principal(&statement.issuer);
                let contract_ms = contract.map_or(0, |principal| principal.clock_offset_ms);
                let watched = self.by_key.entry(statement.key).or_default();
                let measured = watched.take(reading, contract_ms);
                let named = measured.map(|(from, ms)| ((statement.key, from), ms));
                self.unsaid.extend(named);
            }
        }
    }

    /// What stands, and what was measured and is to be said next, by key and position.
    pub(crate) fn said(&self) -> impl Iterator<Item = ClockOffset> {
        self.by_key.iter().flat_map(|(key, watched)| {
            let said = watched.said.iter();
            said.map(|(from, offset_ms)| ClockOffset {
                key: *key,
                from: *from,
                offset_ms: *offset_ms,
            })
        })
    }

    /// What was measured and does not stand in the log yet.
    pub(crate) fn unsaid(&mut self) -> Vec<ClockOffset> {
        let unsaid = std::mem::take(&mut self.unsaid).into_iter();
        let said = unsaid.map(|((key, from), ms)| ClockOffset {
            key,
            from,
            offset_ms: Some(ms),
        });
        said.collect()
    }

    fn take_acts(&mut self, statement: &AdmittedStatement) {
        for claim in &statement.claims {
            if let (ClaimStatus::Effective, Some(Said::Act(Act::ClockOffset(offset)))) =
                (claim.status, &claim.said)
            {
                let watched = self.by_key.entry(offset.key).or_default();
                watched.said.insert(offset.from, offset.offset_ms);
                self.unsaid.remove(&(offset.key, offset.from));
            }
        }
    }
}

/// The act that says it.
pub(crate) fn act(offset: &ClockOffset) -> String {
    let ClockOffset { key, from, .. } = offset;
    let mut out = format!(
        r#"{{"type":"ClockOffset","key":"{}","epoch":{},"counter":{}"#,
        key.0, from.epoch, from.counter
    );
    if let Some(ms) = offset.offset_ms {
        // Writing to a string cannot fail.
        let _ = write!(out, r#","offsetMs":{ms}"#);
    }
    out.push('}');
    out
}

fn reading(statement: &AdmittedStatement, recorded: Timestamp) -> Option<Reading> {
    let own = statement.assurance != Assurance::Import;
    Some(Reading {
        at: statement.chain.filter(|_| own)?,
        recorded,
        ms: statement.signed?.ms().saturating_sub(recorded.ms()),
    })
}

impl Watched {
    /// One more reading: since when the clock is off otherwise than it was thought, and by how much.
    fn take(&mut self, reading: Reading, contract_ms: i64) -> Option<(ChainPosition, i64)> {
        if self.agreed.is_some_and(|agreed| reading.at <= agreed) {
            return None;
        }
        let said = self.said.range(..=reading.at).next_back();
        let stands = said.and_then(|(_, ms)| *ms).unwrap_or(contract_ms);
        if reading.ms.abs_diff(stands) <= CLOCK_AGREE_MS_MAX {
            self.agreed = Some(reading.at);
            self.readings.retain(|other| other.at > reading.at);
            return None;
        }
        let at = self.readings.partition_point(|other| other.at < reading.at);
        self.readings.insert(at, reading);
        if self.readings.len() > CLOCK_READINGS_KEPT_MAX {
            self.readings.remove(0);
        }
        let offset = quickest(&self.readings)?;
        let first = self.readings.first()?.at;
        // Nothing speaks for what was thought before: it was never so.
        let ever = ChainPosition {
            epoch: 0,
            counter: 0,
        };
        let from = if self.agreed.is_none() && self.said.is_empty() {
            ever
        } else {
            first
        };
        self.said.insert(from, Some(offset));
        self.agreed = self.readings.iter().map(|reading| reading.at).max();
        self.readings.clear();
        Some((from, offset))
    }
}

/// The offset on which enough of the readings agree: that of those that came quickest. Statements that
/// came together count as one, however many.
fn quickest(readings: &[Reading]) -> Option<i64> {
    let most = readings.iter().map(|reading| reading.ms).max()?;
    let agreeing = readings.iter();
    let agreeing = agreeing.filter(|reading| most.abs_diff(reading.ms) <= CLOCK_AGREE_MS_MAX);
    let mut recorded: Vec<i64> = agreeing.map(|reading| reading.recorded.ms()).collect();
    recorded.sort_unstable();
    let mut apart = 0;
    let mut last = i64::MIN;
    for at in recorded {
        if at.abs_diff(last) > CLOCK_AGREE_MS_MAX {
            apart += 1;
            last = at;
        }
    }
    (apart >= CLOCK_READINGS_MIN).then_some(most)
}

coded! {
    Clocks { by_key, unsaid }
    Watched { said, agreed, readings }
    Reading { at, recorded, ms }
}

#[cfg(test)]
mod tests {
    use countersign_model::time::MINUTE_MS;

    use super::*;

    /// Readings as (counter, recorded at this minute, late by so many minutes less what the clock is
    /// ahead); what is said of the clock, as (counter, minutes).
    fn check(readings: &[(u64, i64, i64)], expect: &[(u64, i64)]) {
        let mut watched = Watched::default();
        let mut found = Vec::new();
        for (counter, recorded, late) in readings {
            let reading = Reading {
                at: ChainPosition {
                    epoch: u64::from(*counter > 0),
                    counter: *counter,
                },
                recorded: Timestamp::from_ms(recorded * MINUTE_MS),
                ms: -late * MINUTE_MS,
            };
            let said = watched.take(reading, 0);
            found.extend(said.map(|(from, ms)| (from.counter, ms / MINUTE_MS)));
        }
        assert_eq!(found, expect, "{readings:?}");
    }

    #[test]
    fn a_clock_that_is_right_is_not_spoken_of() {
        check(&[(1, 0, 0), (2, 5, 0), (3, 10, 0), (4, 15, 0)], &[]);
        // Nor one whose statements come late, each as it happens.
        check(&[(1, 60, 60), (2, 65, 25), (3, 70, 10), (4, 75, 40)], &[]);
        // Nor one that was without a line and sends everything at once.
        let backlog: Vec<_> = (1..12)
            .map(|n| (n, 120, 120 - i64::try_from(n).expect("few")))
            .collect();
        check(&backlog, &[]);
        check(
            &[(1, 120, 60), (2, 120, 60), (3, 120, 60), (4, 120, 60)],
            &[],
        );
    }

    #[test]
    fn three_that_agree_tell_the_offset() {
        check(&[(1, 0, -30), (2, 5, -30), (3, 10, -30)], &[(0, 30)]);
        check(&[(1, 0, 45), (2, 5, 45), (3, 10, 45)], &[(0, -45)]);
        // Some come late, in any order.
        check(
            &[
                (1, 0, -30),
                (3, 5, 90),
                (4, 10, -30),
                (2, 12, -10),
                (5, 20, -30),
                (6, 25, -30),
            ],
            &[(0, 30)],
        );
    }

    #[test]
    fn one_that_is_set_is_measured_from_there() {
        let before = [(1, 0, 0), (2, 5, 0), (3, 10, 0)];
        let behind = [(4, 15, -60), (5, 20, -60), (6, 25, -60), (7, 30, -60)];
        check(&[&before[..], &behind].concat(), &[(4, 60)]);
        let again = [(8, 35, 0), (9, 40, 0), (10, 45, 0), (11, 50, 0)];
        check(&[&before[..], &behind, &again].concat(), &[(4, 60), (8, 0)]);
        // What comes late from before says nothing of the clock behind.
        check(&[(5, 20, 0), (2, 25, 60), (3, 30, 60), (4, 35, 60)], &[]);
    }

    #[test]
    fn readings_are_bounded() {
        let mut watched = Watched::default();
        for counter in 1..1_000 {
            let reading = Reading {
                at: ChainPosition { epoch: 1, counter },
                recorded: Timestamp::from_ms(0),
                ms: -3_600_000,
            };
            assert_eq!(watched.take(reading, 0), None);
        }
        assert_eq!(watched.readings.len(), CLOCK_READINGS_KEPT_MAX);
    }
}
