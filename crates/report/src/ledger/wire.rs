//! The sums of the ledger as JSON, written and read back.

use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use countersign_model::ids::ClassId;
use countersign_reconcile::{ClassBalance, GroupTotals, Ledger, StateCounts};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::instant::Instant;
use crate::names::Names;
use crate::timeline::AccountWire;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LedgerWire {
    pub(super) index: u64,
    pub(super) tick: Instant,
    pub(super) units: u64,
    pub(super) accounts: Vec<UnitsWire>,
    pub(super) expectations: CountsWire,
    pub(super) groups: Vec<GroupWire>,
    pub(super) discrepancies: BTreeMap<String, u64>,
    /// Counted classes, by name.
    #[serde(default)]
    pub(super) classes: Vec<ClassSums>,
    #[serde(default)]
    pub(super) names: Names,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnitsWire {
    #[serde(flatten)]
    pub(super) account: AccountWire,
    pub(super) units: u64,
}

/// How much of a class is in all accounts of a kind together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClassSums {
    pub(super) class: String,
    pub(super) uom: String,
    /// Decimals by kind of account.
    pub(super) accounts: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CountsWire {
    pub(crate) expectations: u64,
    pub(crate) met: u64,
    pub(crate) late: u64,
    pub(crate) missing: u64,
    pub(crate) pending: u64,
    pub(crate) awaited: u64,
    pub(crate) unproven: u64,
    pub(crate) not_judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GroupWire {
    pub(super) group: String,
    #[serde(flatten)]
    pub(super) expectations: CountsWire,
    pub(super) units_late: u64,
    pub(super) stages: Vec<StageWire>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StageWire {
    pub(super) stage: String,
    #[serde(flatten)]
    pub(super) expectations: CountsWire,
}

impl LedgerWire {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let totals = ledger.totals();
        let mut names = Names::default();
        let mut accounts = Vec::new();
        for (account, units) in ledger.accounts() {
            if let Some(place) = &account.place {
                names.add_place(ledger.network(), place);
            }
            accounts.push(UnitsWire {
                account: AccountWire::of(&account),
                units,
            });
        }
        let mut classes = Vec::new();
        for class in ledger.classes() {
            names.add_class(ledger.network(), class);
            let balances = ledger.balance(class);
            classes.extend(balances.iter().map(|one| ClassSums::of(class, one)));
        }
        let groups = totals.groups.iter();
        let kinds = totals.discrepancies.iter();
        Self {
            index: ledger.index().0,
            tick: Instant(ledger.tick()),
            units: totals.units,
            accounts,
            expectations: CountsWire::of(&totals.counts),
            groups: groups
                .map(|(group, totals)| GroupWire::of(group, totals))
                .collect(),
            discrepancies: kinds
                .map(|(kind, count)| (kind.as_str().to_owned(), *count))
                .collect(),
            classes,
            names,
        }
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }
}

impl ClassSums {
    fn of(class: &ClassId, balance: &ClassBalance) -> Self {
        let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
        for (account, amount) in &balance.accounts {
            let sum = sums.entry(account.as_str()).or_insert(Decimal::ZERO);
            // A sum that would have too many digits stays as it is; the ledger admits none.
            *sum = sum.checked_add(amount.value).unwrap_or(*sum);
        }
        let text = |(account, sum): (&str, Decimal)| (account.to_owned(), sum.to_string());
        Self {
            class: class.to_string(),
            uom: balance.uom.to_string(),
            accounts: sums.into_iter().map(text).collect(),
        }
    }
}

impl CountsWire {
    pub(crate) const fn of(counts: &StateCounts) -> Self {
        let StateCounts {
            expectations,
            met,
            late,
            missing,
            pending,
            awaited,
            unproven,
            not_judged,
        } = *counts;
        Self {
            expectations,
            met,
            late,
            missing,
            pending,
            awaited,
            unproven,
            not_judged,
        }
    }
}

impl GroupWire {
    fn of(group: &str, totals: &GroupTotals) -> Self {
        let stages = totals.stages.iter();
        Self {
            group: group.to_owned(),
            expectations: CountsWire::of(&totals.counts),
            units_late: totals.units_late,
            stages: stages
                .map(|(stage, counts)| StageWire {
                    stage: stage.to_string(),
                    expectations: CountsWire::of(counts),
                })
                .collect(),
        }
    }
}
