//! The reconciliation of a day as JSON, written and read back.

use countersign_model::quantity::Money;
use countersign_model::time::Timestamp;
use countersign_reconcile::{Found, Kind, Ledger, SiteDay};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::instant::Instant;
use crate::ledger::CountsWire;
use crate::names::Names;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DayWire {
    pub(super) from: Instant,
    /// The first instant behind.
    pub(super) until: Instant,
    pub(super) time_zone: String,
    pub(super) index: u64,
    pub(super) tick: Instant,
    pub(super) sites: Vec<SiteWire>,
    #[serde(default)]
    pub(super) names: Names,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SiteWire {
    /// Absent for what belongs to no place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) site: Option<String>,
    /// What was due there, by stage.
    pub(super) due: Vec<DueWire>,
    /// What does not add up, by kind.
    pub(super) found: Vec<FoundWire>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DueWire {
    pub(super) stage: String,
    #[serde(flatten)]
    pub(super) counts: CountsWire,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FoundWire {
    pub(super) kind: String,
    pub(super) open: u64,
    pub(super) settled: u64,
    pub(super) units: u64,
    pub(super) value: Vec<ValueWire>,
}

/// What is at stake in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ValueWire {
    pub(super) amount: String,
    pub(super) currency: String,
}

impl DayWire {
    pub(super) fn of(ledger: &Ledger, (from, until): (Timestamp, Timestamp), zone: &str) -> Self {
        let mut names = Names::default();
        let day = ledger.day(from, until);
        for place in day.keys().flatten() {
            names.add_place(ledger.network(), place);
        }
        let sites = day.into_iter().map(|(site, day)| SiteWire {
            site: site.map(|site| site.to_string()),
            ..SiteWire::of(&day)
        });
        Self {
            from: Instant(from),
            until: Instant(until),
            time_zone: zone.to_owned(),
            index: ledger.index().0,
            tick: Instant(ledger.tick()),
            sites: sites.collect(),
            names,
        }
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }
}

impl SiteWire {
    fn of(day: &SiteDay) -> Self {
        let due = day.due.iter().map(|(stage, counts)| DueWire {
            stage: stage.to_string(),
            counts: CountsWire::of(counts),
        });
        let found = day.found.iter();
        Self {
            site: None,
            due: due.collect(),
            found: found
                .map(|(kind, found)| FoundWire::of(*kind, found))
                .collect(),
        }
    }
}

impl ValueWire {
    fn of(money: &Money) -> Self {
        Self {
            amount: money.amount.to_string(),
            currency: money.currency.as_str().to_owned(),
        }
    }
}

impl FoundWire {
    fn of(kind: Kind, found: &Found) -> Self {
        Self {
            kind: kind.as_str().to_owned(),
            open: found.open,
            settled: found.settled,
            units: found.units,
            value: found.value.iter().map(ValueWire::of).collect(),
        }
    }
}
