//! Manifests: which one stands under each key, and the contract of its lane.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_model::quantity::Money;
use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::atlas::LaneTerms;
use super::events::Counted;
use super::said::{self, Said};
use super::units::LineRef;
use crate::number::{ClaimNo, DocNo, PlaceNo, UnitNo, WordNo};

/// What one claim says a manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManifestTerms {
    pub(crate) lane: Option<WordNo>,
    pub(crate) from: PlaceNo,
    pub(crate) to: PlaceNo,
    pub(crate) depart_by: Timestamp,
    pub(crate) arrive_by: Timestamp,
    pub(crate) lines: Vec<LineTerms>,
    pub(crate) amounts: Vec<AmountTerms>,
}

/// A line with one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineTerms {
    pub(crate) line: WordNo,
    pub(crate) unit: UnitNo,
    pub(crate) value: Option<Money>,
}

/// A line with an amount of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AmountTerms {
    pub(crate) line: WordNo,
    pub(crate) counted: Counted,
    pub(crate) value: Option<Money>,
}

/// The manifest that stands under a key.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) claim: ClaimNo,
    pub(crate) terms: Arc<ManifestTerms>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Manifests {
    said: BTreeMap<DocNo, Vec<Said<ManifestTerms>>>,
    standing: BTreeMap<DocNo, Manifest>,
}

impl Manifests {
    pub(crate) fn say(&mut self, manifest: DocNo, said: Said<ManifestTerms>) {
        self.said.entry(manifest).or_default().push(said);
    }

    pub(crate) fn said(&self, manifest: DocNo) -> &[Said<ManifestTerms>] {
        self.said.get(&manifest).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn standing(&self, manifest: DocNo) -> Option<&Manifest> {
        self.standing.get(&manifest)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.standing.is_empty()
    }

    /// Every key under which a manifest was said.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocNo> {
        self.said.keys().copied()
    }

    /// Every manifest that stands.
    pub(crate) fn all(&self) -> impl Iterator<Item = (DocNo, &Manifest)> {
        self.standing.iter().map(|(doc, manifest)| (*doc, manifest))
    }
}

impl Known {
    /// Lets the right manifest stand under a key. Returns the keys of units that must be
    /// judged again; none if nothing changed.
    pub(crate) fn restand_manifest(&mut self, doc: DocNo) -> Vec<UnitNo> {
        let first = said::first(self, self.manifests.said(doc));
        let now = first.map(|said| (said.claim, Arc::clone(&said.terms)));
        let before = self.manifests.standing.get(&doc);
        if before.map(|m| m.claim) == now.as_ref().map(|(claim, _)| *claim) {
            return Vec::new();
        }
        let mut touched = Vec::new();
        if let Some(before) = self.manifests.standing.remove(&doc) {
            for line in &before.terms.lines {
                let row = self.units.row_mut(line.unit);
                row.lines.retain(|line| line.manifest != doc);
                touched.push(line.unit);
            }
        }
        if let Some((claim, terms)) = now {
            for (line, at) in terms.lines.iter().zip(0..) {
                let row = self.units.row_mut(line.unit);
                row.lines.push(LineRef {
                    manifest: doc,
                    line: at,
                });
                touched.push(line.unit);
            }
            self.manifests
                .standing
                .insert(doc, Manifest { claim, terms });
        }
        // Units that were handled under the manifest without being on it.
        for event in self.documents.events(doc) {
            touched.extend_from_slice(&self.events.row(event).units);
        }
        touched
    }

    /// The lane of a manifest: as named, else the one between its sites.
    pub(crate) fn lane_of(&self, terms: &ManifestTerms) -> Option<&LaneTerms> {
        let named = terms.lane.and_then(|name| self.atlas.lane(name));
        named.or_else(|| {
            let (from, to) = (self.atlas.site(terms.from), self.atlas.site(terms.to));
            self.atlas.lane_between(from, to)
        })
    }

    /// Until when leaving is in time, and until when arriving is.
    pub(crate) fn deadlines(&self, terms: &ManifestTerms) -> (Timestamp, Timestamp) {
        let grace = self.lane_of(terms).map_or(Span::ZERO, |lane| lane.grace);
        (terms.depart_by.plus(grace), terms.arrive_by.plus(grace))
    }
}
