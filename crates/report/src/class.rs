//! A counted class: how much of it is in which account, and what about it does not add up.

// Writing to a string cannot fail, so the results below are dropped.
use std::fmt::Write as _;

use countersign_model::ids::ClassId;
use countersign_reconcile::{ClassAccount, Ledger};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::names::Names;
use crate::text::{clean, grouped, key, uom, wrapped};
use crate::timeline::DiscrepancyWire;

/// Columns of an amount.
const AMOUNT: usize = 14;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ClassWire {
    class: String,
    balances: Vec<BalanceWire>,
    discrepancies: Vec<DiscrepancyWire>,
    #[serde(default)]
    names: Names,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BalanceWire {
    uom: String,
    accounts: Vec<AmountWire>,
}

/// What is in one account of a class. `issued`, `opening_stock` and `adjusted` are where it came
/// from; they sum up to the same as the others (CUS-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AmountWire {
    account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    /// The paper under which it is on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    quantity: String,
}

impl AmountWire {
    fn of(account: &ClassAccount, quantity: String) -> Self {
        let (party, site, document) = match account {
            ClassAccount::Issued
            | ClassAccount::OpeningStock
            | ClassAccount::Adjusted
            | ClassAccount::Consumed => (None, None, None),
            ClassAccount::Held { party, site } => (party.as_ref(), Some(site), None),
            ClassAccount::InTransfer(document) => (None, None, document.as_ref()),
            ClassAccount::Discrepancy(document) => (None, None, Some(document)),
            ClassAccount::Delivered { site } => (None, Some(site), None),
        };
        Self {
            account: account.as_str().to_owned(),
            party: party.map(ToString::to_string),
            site: site.map(ToString::to_string),
            document: document.map(ToString::to_string),
            quantity,
        }
    }

    fn words(&self, names: &Names) -> String {
        let mut words = match self.account.as_str() {
            "in_transfer" => "on the way".to_owned(),
            "discrepancy" => "on the way, and overdue".to_owned(),
            "adjusted" => "from adjustments by two people".to_owned(),
            "issued" => "from new goods".to_owned(),
            "opening_stock" => "from stock that was there before the log knew".to_owned(),
            other => clean(other).replace('_', " "),
        };
        if let Some(party) = &self.party {
            let _ = write!(words, " by {}", key(party));
        }
        if let Some(site) = &self.site {
            let _ = write!(words, " at {}", names.say(site));
        }
        if let Some(document) = &self.document {
            let _ = write!(words, " under {}", key(document));
        }
        words
    }
}

/// The accounts of a class as JSON that stands alone; `None` for a class that was never counted.
#[must_use]
pub fn class_json(ledger: &Ledger, class: &ClassId) -> Option<Value> {
    let balances = ledger.balance(class);
    if balances.is_empty() {
        return None;
    }
    let mut names = Names::default();
    names.add_class(ledger.network(), class);
    let mut add_site = |account: &ClassAccount| match account {
        ClassAccount::Held { site, .. } | ClassAccount::Delivered { site } => {
            names.add_place(ledger.network(), site);
        }
        _ => {}
    };
    let mut wires = Vec::new();
    for balance in &balances {
        let accounts = balance.accounts.iter();
        accounts.clone().for_each(|(account, _)| add_site(account));
        wires.push(BalanceWire {
            uom: balance.uom.to_string(),
            accounts: accounts
                .map(|(account, amount)| AmountWire::of(account, amount.value.to_string()))
                .collect(),
        });
    }
    let about = |amount: &countersign_reconcile::discrepancy::Amount| amount.class == *class;
    let own = ledger
        .standing()
        .filter(|it| it.amount.as_ref().is_some_and(about));
    let mut discrepancies = Vec::new();
    for one in own {
        if let Some(place) = &one.place {
            names.add_place(ledger.network(), place);
        }
        discrepancies.push(DiscrepancyWire::of(one));
    }
    let wire = ClassWire {
        class: class.to_string(),
        balances: wires,
        discrepancies,
        names,
    };
    serde_json::to_value(wire).ok()
}

/// The same as text, the last line with a line feed. Takes what [`class_json`] gives; of
/// anything else it says that it is none.
#[must_use]
pub fn class_text(class: &Value) -> String {
    let Ok(wire) = ClassWire::deserialize(class) else {
        return "This is not a counted class.\n".to_owned();
    };
    let name = wire.names.say(&wire.class);
    let mut out = wrapped("class     ", &key(&wire.class), 10);
    if name != key(&wire.class) {
        out.push_str(&wrapped("          ", &name, 10));
    }
    for balance in &wire.balances {
        let _ = writeln!(out, "\nin {}", uom(&balance.uom));
        for account in &balance.accounts {
            let amount = grouped(&clean(&account.quantity));
            let words = account.words(&wire.names);
            out.push_str(&wrapped(
                &format!("{amount:>AMOUNT$}  "),
                &words,
                AMOUNT + 2,
            ));
        }
    }
    crate::timeline::add_discrepancies(&mut out, &wire.names, &wire.discrepancies);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::WIDTH;

    #[test]
    fn where_it_came_from_and_where_it_is() {
        let value = json!({
            "class": "https://id.gs1.org/01/04012345123456/10/L7",
            "balances": [{"uom": "C62", "accounts": [
                {"account": "opening_stock", "quantity": "1240"},
                {"account": "adjusted", "quantity": "-2"},
                {"account": "held", "site": "urn:x:ams", "party": "https://id.gs1.org/417/4012345000016",
                    "quantity": "1198"},
                {"account": "in_transfer", "quantity": "30"},
                {"account": "discrepancy", "document": "urn:x:d-1", "quantity": "10"},
            ]}],
            "discrepancies": [{"discrepancy": "ab", "discrepancy_kind": "quantity_mismatch",
                "status": "open", "place": "urn:x:ams", "entries": [4]}],
            "names": {"urn:x:ams": {"label": "Amsterdam"}},
        });
        let text = class_text(&value);
        let expect = "class     GTIN 04012345123456 lot L7

in pieces
         1,240  from stock that was there before the log knew
            -2  from adjustments by two people
         1,198  held by GLN 4012345000016 at Amsterdam
            30  on the way
            10  on the way, and overdue under urn:x:d-1

does not add up
  quantity mismatch at Amsterdam
";
        assert_eq!(text, expect, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(class_text(&json!({})), "This is not a counted class.\n");
    }
}
