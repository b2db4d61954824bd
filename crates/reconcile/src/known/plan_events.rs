//! Which events name a document.

use countersign_model::claim::StepRole;

use crate::history::Place;
use crate::number::{DocNo, EventNo, Number as _};
use crate::packed::paged::Paged;
use crate::snapshot::Unreadable;
use crate::snapshot::sections::{Keeper, Kept};

/// The newest record that names each document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    newest: Paged<DocNo, Option<Place>>,
}

impl Documents {
    pub(crate) fn newest(&self, doc: DocNo) -> Option<Place> {
        self.newest.get(doc).copied().flatten()
    }

    /// Returns the one before.
    pub(crate) fn set_newest(&mut self, doc: DocNo, place: Place) -> Option<Place> {
        self.newest.fill(doc.at() + 1);
        self.newest.row_mut(doc).replace(place)
    }
}

/// Events that name one document, by what they say that they are, each list in the total order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) gives: Vec<EventNo>,
    pub(crate) takes: Vec<EventNo>,
    pub(crate) counts: Vec<EventNo>,
    pub(crate) others: Vec<EventNo>,
}

impl Named {
    /// Adds the next one. By what it says, so that a suspicion changes no list.
    pub(crate) fn push(&mut self, role: StepRole, event: EventNo) {
        match role {
            StepRole::Gives => self.gives.push(event),
            StepRole::Takes => self.takes.push(event),
            StepRole::Counts => self.counts.push(event),
            StepRole::Issues | StepRole::Ends | StepRole::Voids | StepRole::Sees => {
                self.others.push(event);
            }
        }
    }

    /// All, by role.
    pub(crate) fn all(&self) -> impl Iterator<Item = EventNo> {
        let lists = [&self.gives, &self.takes, &self.counts, &self.others];
        lists.into_iter().flatten().copied()
    }
}

impl Documents {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("documents", &self.newest);
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let newest = from.rows("documents")?;
        Ok(Self { newest })
    }
}
