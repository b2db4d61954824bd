//! A finding as it is read back from JSON, as far as its text needs it. Unknown members are
//! left aside, and what is not there is empty: a finding of another release is shown as well
//! as it can be.

use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::instant::Instant;
use crate::names::Names;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FindingWire {
    pub(super) id: String,
    pub(super) transition: u64,
    pub(super) status: String,
    pub(super) kind: String,
    pub(super) severity: String,
    pub(super) template: String,
    arguments: Vec<BTreeMap<String, Value>>,
    pub(super) units: Vec<String>,
    units_more: u64,
    pub(super) amounts: Vec<AmountWire>,
    pub(super) value: Vec<MoneyWire>,
    pub(super) place: Option<String>,
    pub(super) site: Option<String>,
    pub(super) interval: IntervalWire,
    pub(super) plan: Option<String>,
    pub(super) opened_at: Instant,
    pub(super) changed_at: Instant,
    pub(super) last_proven: Option<ProvenWire>,
    pub(super) first_disproven: Option<DisprovenWire>,
    pub(super) agreeing: Vec<SourceWire>,
    pub(super) disagreeing: Vec<SourceWire>,
    pub(super) entries: Vec<u64>,
    pub(super) entries_more: u64,
    pub(super) evidence: Vec<EvidenceWire>,
    pub(super) superseded_by: Vec<String>,
    pub(super) names: Names,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AmountWire {
    pub(super) class: String,
    pub(super) difference: String,
    pub(super) uom: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MoneyWire {
    pub(super) amount: String,
    pub(super) currency: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct IntervalWire {
    pub(super) from: Option<Instant>,
    pub(super) until: Option<Instant>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProvenWire {
    pub(super) party: Option<String>,
    pub(super) place: Option<String>,
    pub(super) signer: String,
    pub(super) basis: String,
    pub(super) assurance: String,
    pub(super) claim: String,
    pub(super) time: Instant,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DisprovenWire {
    pub(super) claim: Option<String>,
    pub(super) time: Option<Instant>,
    pub(super) deadline: Option<Instant>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SourceWire {
    pub(super) time: Instant,
    pub(super) signer: String,
    pub(super) what: String,
    pub(super) claim: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EvidenceWire {
    pub(super) mark: Option<String>,
    pub(super) units: u64,
    pub(super) value: Vec<MoneyWire>,
}

impl MoneyWire {
    /// What is not priced is often said to be worth zero.
    pub(super) fn is_price(&self) -> bool {
        !Decimal::parse(&self.amount).is_some_and(Decimal::is_zero)
    }
}

impl FindingWire {
    /// `None` for what is no finding.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let wire = Self::deserialize(value).ok()?;
        (!wire.id.is_empty() && !wire.kind.is_empty()).then_some(wire)
    }

    pub(super) fn unit_count(&self) -> u64 {
        (self.units.len() as u64).saturating_add(self.units_more)
    }

    /// Of the units that the evidence listed here names, how many have no price.
    pub(super) fn unpriced(&self) -> u64 {
        let all = self.evidence.iter();
        all.filter(|one| !one.value.iter().any(MoneyWire::is_price))
            .fold(0, |sum, one| sum.saturating_add(one.units))
    }

    /// The text of an argument under its type, as in `("due", "time")`.
    pub(super) fn argument(&self, name: &str, of_type: &str) -> Option<&str> {
        self.argument_row(name)?.get(of_type)?.as_str()
    }

    /// The number of an argument under its type.
    pub(super) fn number(&self, name: &str, of_type: &str) -> Option<u64> {
        self.argument_row(name)?.get(of_type)?.as_u64()
    }

    fn argument_row(&self, name: &str) -> Option<&BTreeMap<String, Value>> {
        let is_named = |row: &&BTreeMap<String, Value>| {
            row.get("argument").and_then(Value::as_str) == Some(name)
        };
        self.arguments.iter().find(is_named)
    }
}
