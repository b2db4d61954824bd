//! Documents that are due: what was said of each, and which stands.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::time::Timestamp;

use super::Known;
use super::said::{self, Said};
use crate::judge::State;
use crate::number::{ClaimNo, DocNo, Number as _};
use crate::snapshot::coded::coded;

/// What one claim says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueTerms {
    /// The manifest whose load may not leave without it.
    pub(crate) load: Option<DocNo>,
    pub(crate) due: Timestamp,
}

/// What stands of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueDocument {
    pub(crate) claim: ClaimNo,
    pub(crate) terms: DueTerms,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Due {
    said: BTreeMap<DocNo, Vec<Said<DueTerms>>>,
    standing: BTreeMap<DocNo, DueDocument>,
    /// Loads, and the documents that stand for them.
    loads: BTreeSet<(DocNo, DocNo)>,
    /// As last judged.
    states: BTreeMap<DocNo, State>,
}

impl Due {
    pub(crate) fn say(&mut self, doc: DocNo, said: Said<DueTerms>) {
        self.said.entry(doc).or_default().push(said);
    }

    pub(crate) fn said(&self, doc: DocNo) -> &[Said<DueTerms>] {
        self.said.get(&doc).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn standing(&self, doc: DocNo) -> Option<&DueDocument> {
        self.standing.get(&doc)
    }

    /// Every document that was said to be due.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocNo> {
        self.said.keys().copied()
    }

    pub(crate) fn set_state(&mut self, doc: DocNo, state: State) {
        self.states.insert(doc, state);
    }

    /// Documents that were late or missing when last judged.
    pub(crate) fn failed(&self) -> impl Iterator<Item = DocNo> {
        let failed = self.states.iter();
        let failed = failed.filter(|(_, state)| state.kind().is_some());
        failed.map(|(doc, _)| *doc)
    }

    /// How every document that stands was last judged.
    pub(crate) fn states(&self) -> impl Iterator<Item = (DocNo, State)> {
        let stand = self.states.iter();
        let stand = stand.filter(|(doc, _)| self.standing.contains_key(doc));
        stand.map(|(doc, state)| (*doc, *state))
    }

    /// The documents for which it matters that one is named: itself, and those for that load.
    pub(crate) fn bearing_on(&self, named: DocNo) -> impl Iterator<Item = DocNo> {
        let own = self.said.contains_key(&named).then_some(named);
        let range = (named, DocNo::FIRST)..=(named, DocNo::LAST);
        let loads = self.loads.range(range).map(|(_, doc)| *doc);
        own.into_iter().chain(loads)
    }
}

impl Known {
    /// Lets the right claim stand about a document that is due; returns what it says.
    pub(crate) fn restand_due(&mut self, doc: DocNo) -> Option<DueTerms> {
        let first = said::first(self, doc, self.due.said(doc).iter());
        let now = first.map(|said| DueDocument {
            claim: said.claim,
            terms: said.terms,
        });
        let before = match now {
            Some(now) => self.due.standing.insert(doc, now),
            None => self.due.standing.remove(&doc),
        };
        if let Some(load) = before.and_then(|before| before.terms.load) {
            self.due.loads.remove(&(load, doc));
        }
        if let Some(load) = now.and_then(|now| now.terms.load) {
            self.due.loads.insert((load, doc));
        }
        now.map(|now| now.terms)
    }
}

coded! {
    DueTerms { load, due }
    DueDocument { claim, terms }
    Due { said, standing, loads, states }
}
