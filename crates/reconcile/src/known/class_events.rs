//! Counted classes: the events and adjustments that speak of each, in the total order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use countersign_model::decimal::Decimal;
use countersign_model::entry::ClaimRef;
use countersign_model::quantity::Uom;
use countersign_model::time::Timestamp;

use super::units::insert_sorted;
use crate::number::{ClassNo, EventNo, PlaceNo};

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
    pub(crate) events: Vec<EventNo>,
    pub(crate) adjustments: Vec<Adjustment>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ClassEvents {
    rows: BTreeMap<ClassKey, ClassRow>,
}

impl ClassEvents {
    /// Returns from which event on the class must be folded again.
    pub(crate) fn insert(
        &mut self,
        class: ClassKey,
        event: EventNo,
        order: impl Fn(EventNo, EventNo) -> Ordering,
    ) -> usize {
        let events = &mut self.rows.entry(class).or_default().events;
        insert_sorted(events, event, &order);
        let at = events.binary_search_by(|other| order(*other, event));
        at.unwrap_or_default()
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

    /// Brings all lists into a new order.
    pub(crate) fn sort(&mut self, order: impl Fn(&EventNo, &EventNo) -> Ordering) {
        for row in self.rows.values_mut() {
            row.events.sort_by(&order);
        }
    }
}
