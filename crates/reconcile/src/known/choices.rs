//! Plans that two people changed: which of the claims about a plan stands.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::ClaimRef;
use countersign_model::time::Timestamp;

use crate::history::bytes::{Reader, Writer};
use crate::number::DocNo;
use crate::snapshot::coded::{Coded, coded};

/// Two people chose a claim. Ordered as they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Choice {
    pub(crate) instant: Timestamp,
    /// The approval.
    pub(crate) at: ClaimRef,
    /// Digest of the claim.
    pub(crate) claim: Digest,
}

/// All that was chosen, by plan; the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices(BTreeMap<DocNo, Vec<Choice>>);

impl Choices {
    pub(crate) fn add(&mut self, plan: DocNo, choice: Choice) {
        let all = self.0.entry(plan).or_default();
        if let Err(at) = all.binary_search(&choice) {
            all.insert(at, choice);
        }
    }

    /// The newest first.
    pub(crate) fn of(&self, plan: DocNo) -> impl Iterator<Item = &Choice> {
        self.0.get(&plan).into_iter().flatten().rev()
    }

    /// All, by plan.
    pub(crate) fn all(&self) -> impl Iterator<Item = (DocNo, &[Choice])> {
        self.0.iter().map(|(plan, all)| (*plan, all.as_slice()))
    }
}

coded! {
    Choice { instant, at, claim }
}

impl Coded for Choices {
    fn put(&self, out: &mut Writer) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Coded::take(from).map(Self)
    }
}
