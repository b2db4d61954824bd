//! How much of a counted class is where.

use std::collections::BTreeSet;

use countersign_model::ids::ClassId;
use countersign_model::quantity::{Quantity, Uom};

use super::Ledger;
use crate::classes::ClassAccount;

/// The accounts of one class in one unit of measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassBalance {
    /// The unit of measure.
    pub uom: Uom,
    /// Accounts that are not empty, sorted. The sources (issued, opening stock, adjusted) sum
    /// up to the same as all the others (CUS-1).
    pub accounts: Vec<(ClassAccount, Quantity)>,
}

impl Ledger {
    /// Every class of which anybody counted an amount, by name.
    #[must_use]
    pub fn classes(&self) -> Vec<&ClassId> {
        let counted = self.known.classes.keys().map(|(class, _)| class);
        let names = counted.map(|class| self.known.atlas.names.classes.name(class));
        let sorted: BTreeSet<&ClassId> = names.collect();
        sorted.into_iter().collect()
    }

    /// The balance of a class, one a unit of measure; empty for a class that was never counted.
    #[must_use]
    pub fn balance(&self, class: &ClassId) -> Vec<ClassBalance> {
        let Some(class) = self.known.atlas.names.classes.find(class) else {
            return Vec::new();
        };
        let uoms = self.classes.uoms(class);
        let balances = uoms.filter_map(|uom| {
            let amounts = self.classes.amounts((class, uom))?;
            let accounts = amounts.accounts(&self.known, uom);
            Some(ClassBalance { uom, accounts })
        });
        balances.collect()
    }
}
