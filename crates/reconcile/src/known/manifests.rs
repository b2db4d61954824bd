//! Manifests: which one stands under each key, and the contract of its lane.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_model::quantity::Money;
use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::atlas::LaneTerms;
use super::desk::Desk;
use super::events::Counted;
use super::plan_events::Named;
use super::said::{self, Said};
use super::units::LineRef;
use crate::number::{ClaimNo, DocNo, Number as _, PlaceNo, Table, UnitNo, WordNo};
use crate::packed::money::PackedMoney;

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
    pub(crate) value: Option<PackedMoney>,
}

impl LineTerms {
    pub(crate) fn value(&self) -> Option<Money> {
        self.value?.money()
    }
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
    /// Follows the network.
    pub(crate) way: Way,
}

/// What the network says of a manifest's way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// Sites.
    pub(crate) from: PlaceNo,
    pub(crate) to: PlaceNo,
    /// Grace included.
    pub(crate) depart_deadline: Timestamp,
    pub(crate) arrive_deadline: Timestamp,
    pub(crate) lane: Option<LaneTerms>,
}

/// What another manifest under a key changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Restood {
    /// Keys of units that it bears on; none if nothing changed.
    pub(crate) units: Vec<UnitNo>,
    /// None stood there before.
    pub(crate) is_first: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Manifests {
    said: BTreeMap<DocNo, Vec<Said<ManifestTerms>>>,
    standing: Table<DocNo, Option<Box<Manifest>>>,
    count: usize,
}

impl Manifest {
    /// Until when leaving is in time, and until when arriving is.
    pub(crate) const fn deadlines(&self) -> (Timestamp, Timestamp) {
        (self.way.depart_deadline, self.way.arrive_deadline)
    }

    /// From when on something may be concluded.
    pub(crate) fn first_deadline(&self) -> Timestamp {
        self.way.depart_deadline.min(self.way.arrive_deadline)
    }
}

impl Manifests {
    pub(crate) fn say(&mut self, manifest: DocNo, said: Said<ManifestTerms>) {
        self.said.entry(manifest).or_default().push(said);
    }

    pub(crate) fn said(&self, manifest: DocNo) -> &[Said<ManifestTerms>] {
        self.said.get(&manifest).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn standing(&self, manifest: DocNo) -> Option<&Manifest> {
        self.standing.get(manifest)?.as_deref()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Lets another manifest stand under a key, or none; returns the one that stood.
    fn stand(&mut self, doc: DocNo, now: Option<Manifest>) -> Option<Box<Manifest>> {
        self.standing.fill(doc.at() + 1, &None);
        self.count += usize::from(now.is_some());
        let before = std::mem::replace(self.standing.row_mut(doc), now.map(Box::new));
        self.count -= usize::from(before.is_some());
        before
    }

    /// Every key under which a manifest was said.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocNo> {
        self.said.keys().copied()
    }

    /// Every manifest that stands.
    pub(crate) fn all(&self) -> impl Iterator<Item = (DocNo, &Manifest)> {
        let rows = self.standing.rows();
        rows.filter_map(|(doc, manifest)| Some((doc, manifest.as_deref()?)))
    }
}

impl Known {
    /// Lets the right manifest stand under a key; what names it was laid out.
    pub(crate) fn restand_manifest(&mut self, desk: &Desk, doc: DocNo) -> Restood {
        let first = said::first(self, self.manifests.said(doc));
        let now = first.map(|said| (said.claim, Arc::clone(&said.terms)));
        let before = self.manifests.standing(doc);
        if before.map(|m| m.claim) == now.as_ref().map(|(claim, _)| *claim) {
            return Restood::default();
        }
        let is_first = before.is_none();
        let mut touched = Vec::new();
        let manifest = now.map(|(claim, terms)| {
            let way = self.way_of(&terms);
            Manifest { claim, terms, way }
        });
        let lines = manifest.as_ref().map(|now| Arc::clone(&now.terms));
        if let Some(before) = self.manifests.stand(doc, manifest) {
            for line in &before.terms.lines {
                let row = self.units.row_mut(line.unit);
                row.lines = self.lines.retain(row.lines, |line| line.manifest != doc);
                touched.push(line.unit);
            }
        }
        if let Some(terms) = lines {
            for (line, at) in terms.lines.iter().zip(0..) {
                let row = self.units.row_mut(line.unit);
                let line_ref = LineRef {
                    manifest: doc,
                    line: at,
                };
                row.lines = Some(self.lines.push(row.lines, line_ref));
                touched.push(line.unit);
            }
        }
        // Units that were handled under the manifest without being on it.
        for event in desk.document(doc).into_iter().flat_map(Named::all) {
            touched.extend_from_slice(&desk.event(event).units);
        }
        Restood {
            units: touched,
            is_first,
        }
    }

    /// The network changed: looks the ways of all manifests up again.
    pub(crate) fn find_ways_again(&mut self) {
        let docs: Vec<DocNo> = self.manifests.all().map(|(doc, _)| doc).collect();
        for doc in docs {
            if let Some(mut manifest) = self.manifests.stand(doc, None) {
                manifest.way = self.way_of(&manifest.terms);
                self.manifests.stand(doc, Some(*manifest));
            }
        }
    }

    fn way_of(&self, terms: &ManifestTerms) -> Way {
        let lane = self.lane_of(terms).copied();
        let grace = lane.map_or(Span::ZERO, |lane| lane.grace);
        Way {
            from: self.atlas.site(terms.from),
            to: self.atlas.site(terms.to),
            depart_deadline: terms.depart_by.plus(grace),
            arrive_deadline: terms.arrive_by.plus(grace),
            lane,
        }
    }

    /// The lane of a manifest: as named, else the one between its sites.
    pub(crate) fn lane_of(&self, terms: &ManifestTerms) -> Option<&LaneTerms> {
        let named = terms.lane.and_then(|name| self.atlas.lane(name));
        named.or_else(|| {
            let (from, to) = (self.atlas.site(terms.from), self.atlas.site(terms.to));
            self.atlas.lane_between(from, to)
        })
    }
}
