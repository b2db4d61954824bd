//! Counted classes: the events and adjustments that speak of each, in the total order.

use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use countersign_model::entry::ClaimRef;
use countersign_model::quantity::Uom;
use countersign_model::time::Timestamp;

use crate::history::Place;
use crate::number::{ClassNo, PlaceNo};
use crate::snapshot::coded::coded;

/// A class in one unit of measure. Amounts in different units are never added up.
pub(crate) type ClassKey = (ClassNo, Uom);

/// Two people set the amount at a place right by a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Adjustment {
    pub(crate) instant: Timestamp,
    /// The approval.
    pub(crate) at: ClaimRef,
    pub(crate) place: PlaceNo,
    pub(crate) difference: Decimal,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ClassRow {
    /// The newest record that counts it, by arrival.
    pub(crate) newest: Option<Place>,
    pub(crate) adjustments: Vec<Adjustment>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ClassEvents {
    rows: BTreeMap<ClassKey, ClassRow>,
}

impl ClassEvents {
    /// Returns the one before.
    pub(crate) fn set_newest(&mut self, class: ClassKey, place: Place) -> Option<Place> {
        self.rows.entry(class).or_default().newest.replace(place)
    }

    pub(crate) fn adjust(&mut self, class: ClassKey, adjustment: Adjustment) {
        let all = &mut self.rows.entry(class).or_default().adjustments;
        if let Err(at) = all.binary_search(&adjustment) {
            all.insert(at, adjustment);
        }
    }

    pub(crate) fn row(&self, class: ClassKey) -> Option<&ClassRow> {
        self.rows.get(&class)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = ClassKey> {
        self.rows.keys().copied()
    }
}

coded! {
    Adjustment { instant, at, place, difference }
    ClassRow { newest, adjustments }
    ClassEvents { rows }
}
