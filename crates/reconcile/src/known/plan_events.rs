//! Which events name a document, by what they say and in the total order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use countersign_model::claim::StepRole;

use super::units::insert_sorted;
use crate::limits::WITNESSES_MAX;
use crate::number::{DocNo, EventNo};

#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    by_doc: BTreeMap<DocNo, Named>,
}

/// Events that name one document.
#[derive(Clone, Debug, Default)]
struct Named {
    gives: Vec<EventNo>,
    takes: Vec<EventNo>,
    counts: Vec<EventNo>,
    others: Vec<EventNo>,
}

impl Named {
    fn list(&mut self, role: StepRole) -> &mut Vec<EventNo> {
        match role {
            StepRole::Gives => &mut self.gives,
            StepRole::Takes => &mut self.takes,
            StepRole::Counts => &mut self.counts,
            StepRole::Issues | StepRole::Ends | StepRole::Voids | StepRole::Sees => {
                &mut self.others
            }
        }
    }

    const fn lists(&self) -> [&Vec<EventNo>; 4] {
        [&self.gives, &self.takes, &self.counts, &self.others]
    }
}

impl Documents {
    /// Returns whether the event is among the first of its role: those are heard as witnesses
    /// in every discrepancy of the document.
    pub(crate) fn insert(
        &mut self,
        doc: DocNo,
        role: StepRole,
        event: EventNo,
        order: impl Fn(EventNo, EventNo) -> Ordering,
    ) -> bool {
        let list = self.by_doc.entry(doc).or_default().list(role);
        insert_sorted(list, event, order);
        list.iter().take(WITNESSES_MAX).any(|first| *first == event)
    }

    pub(crate) fn gives(&self, doc: DocNo) -> &[EventNo] {
        self.by_doc.get(&doc).map_or(&[], |named| &named.gives)
    }

    pub(crate) fn takes(&self, doc: DocNo) -> &[EventNo] {
        self.by_doc.get(&doc).map_or(&[], |named| &named.takes)
    }

    pub(crate) fn counts(&self, doc: DocNo) -> &[EventNo] {
        self.by_doc.get(&doc).map_or(&[], |named| &named.counts)
    }

    /// Every event that names the document, by role.
    pub(crate) fn events(&self, doc: DocNo) -> impl Iterator<Item = EventNo> {
        let lists = self.by_doc.get(&doc).map(Named::lists);
        lists.into_iter().flatten().flatten().copied()
    }

    /// Brings all lists into a new order.
    pub(crate) fn sort(&mut self, order: impl Fn(&EventNo, &EventNo) -> Ordering) {
        for named in self.by_doc.values_mut() {
            for list in [
                &mut named.gives,
                &mut named.takes,
                &mut named.counts,
                &mut named.others,
            ] {
                list.sort_by(&order);
            }
        }
    }
}
