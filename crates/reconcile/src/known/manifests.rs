//! Manifests: which one stands under each key, and the contract of its lane.

use countersign_model::quantity::Money;
use countersign_model::time::{Span, Timestamp};

use super::Known;
use super::atlas::LaneTerms;
use super::desk::Desk;
use super::events::Counted;
use super::lines::LineTerms;
use super::plan_events::Named;
use super::said::{self, Said};
use crate::number::{
    AmountNo, ClaimNo, DocNo, LineNo, ManifestNo, Number as _, PlaceNo, SaidNo, UnitNo, ValueNo,
    WordNo,
};
use crate::packed::chains::Chains;
use crate::packed::paged::Paged;
use crate::packed::run::Run;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// What one claim says a manifest is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManifestTerms {
    pub(crate) lane: Option<WordNo>,
    pub(crate) from: PlaceNo,
    pub(crate) to: PlaceNo,
    pub(crate) depart_by: Timestamp,
    pub(crate) arrive_by: Timestamp,
    /// With a unit each, the seals last.
    pub(crate) lines: Run<LineNo>,
    /// So many of the lines are seals.
    pub(crate) seals: u32,
    /// Of the lines; none if no line has one.
    pub(crate) values: Run<ValueNo>,
    /// Lines with an amount each.
    pub(crate) amounts: Run<AmountNo>,
}

impl ManifestTerms {
    /// Whether the unit of one of its lines is a seal.
    pub(crate) fn is_seal(&self, line: LineNo) -> bool {
        let goods = self.lines.len().saturating_sub(self.seals as usize);
        self.lines.distance(line).is_some_and(|at| at >= goods)
    }
}

/// A line with an amount of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AmountTerms {
    pub(crate) line: WordNo,
    pub(crate) counted: Counted,
    pub(crate) value: Option<Money>,
}

/// The manifest that stands under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manifest {
    pub(crate) claim: ClaimNo,
    pub(crate) terms: ManifestTerms,
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

/// Of a document: what was said of it as of a manifest, and which one stands.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    said: Option<SaidNo>,
    standing: Option<ManifestNo>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Manifests {
    entries: Paged<DocNo, Entry>,
    said: Chains<SaidNo, Said<ManifestTerms>>,
    /// One for each document under which any stood.
    standing: Paged<ManifestNo, Option<Manifest>>,
    amounts: Paged<AmountNo, Option<AmountTerms>>,
    /// How many stand.
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
        self.entries.fill(manifest.at() + 1);
        self.said
            .add(&mut self.entries.row_mut(manifest).said, said);
    }

    /// Adds a line with an amount.
    pub(crate) fn say_amount(&mut self, amount: AmountTerms) -> AmountNo {
        self.amounts.push(Some(amount))
    }

    pub(crate) fn said(
        &self,
        manifest: DocNo,
    ) -> impl Iterator<Item = &Said<ManifestTerms>> + Clone {
        let entry = self.entries.get(manifest);
        self.said.of(entry.and_then(|entry| entry.said))
    }

    /// The lines with an amount.
    pub(crate) fn amounts(&self, terms: &ManifestTerms) -> impl Iterator<Item = &AmountTerms> {
        let numbers = terms.amounts.numbers();
        numbers.filter_map(|number| self.amounts.row(number).as_ref())
    }

    pub(crate) fn standing(&self, manifest: DocNo) -> Option<&Manifest> {
        let number = self.entries.get(manifest)?.standing?;
        self.standing.row(number).as_ref()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Lets another manifest stand under a key, or none; returns the one that stood.
    fn stand(&mut self, doc: DocNo, now: Option<Manifest>) -> Option<Manifest> {
        self.entries.fill(doc.at() + 1);
        self.count += usize::from(now.is_some());
        let before = match self.entries.row(doc).standing {
            Some(number) => std::mem::replace(self.standing.row_mut(number), now),
            None => {
                let number = self.standing.push(now);
                self.entries.row_mut(doc).standing = Some(number);
                None
            }
        };
        self.count -= usize::from(before.is_some());
        before
    }

    /// Every key under which a manifest was said.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocNo> {
        let said = self
            .entries
            .rows()
            .filter(|(_, entry)| entry.said.is_some());
        said.map(|(doc, _)| doc)
    }

    /// Every manifest that stands.
    pub(crate) fn all(&self) -> impl Iterator<Item = (DocNo, &Manifest)> {
        self.docs()
            .filter_map(|doc| Some((doc, self.standing(doc)?)))
    }
}

impl Known {
    /// Lets the right manifest stand under a key; what names it was laid out.
    pub(crate) fn restand_manifest(&mut self, desk: &Desk, doc: DocNo) -> Restood {
        let first = said::first(self, doc, self.manifests.said(doc));
        let now = first.map(|said| Manifest {
            claim: said.claim,
            terms: said.terms,
            way: self.way_of(&said.terms),
        });
        let handled = || {
            let named = desk.document(doc).into_iter().flat_map(Named::all);
            named.flat_map(|event| desk.event(event).units.iter().copied())
        };
        let before = self.manifests.standing(doc);
        if before.map(|m| m.claim) == now.map(|m| m.claim) {
            // What the others say tells what a plan dropped that two people changed.
            let is_changed = self.choices.of(doc).next().is_some();
            return Restood {
                units: handled().filter(|_| is_changed).collect(),
                is_first: false,
            };
        }
        let is_first = before.is_none();
        let mut touched = Vec::new();
        if let Some(before) = self.manifests.stand(doc, now) {
            for line in before.terms.lines.numbers() {
                let unit = self.lines.unit(line);
                let row = self.units.row_mut(unit);
                row.lines = self.lines.unlink(row.lines, doc);
                touched.push(unit);
            }
        }
        for line in now.iter().flat_map(|now| now.terms.lines.numbers()) {
            let unit = self.lines.unit(line);
            let row = self.units.row_mut(unit);
            row.lines = self.lines.link(row.lines, line);
            touched.push(unit);
        }
        // Units that were handled under the manifest without being on it.
        touched.extend(handled());
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
                self.manifests.stand(doc, Some(manifest));
            }
        }
    }

    pub(crate) fn way_of(&self, terms: &ManifestTerms) -> Way {
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

    /// The lines with a unit of a manifest with these terms.
    pub(crate) fn lines(&self, terms: &ManifestTerms) -> impl Iterator<Item = LineTerms> {
        let terms = *terms;
        let numbers = terms.lines.numbers();
        numbers.map(move |line| self.lines.terms(&terms, line))
    }

    /// Whether two manifests say the same.
    pub(crate) fn is_same_plan(&self, a: &ManifestTerms, b: &ManifestTerms) -> bool {
        let way = |terms: &ManifestTerms| (terms.lane, terms.from, terms.to);
        let times = |terms: &ManifestTerms| (terms.depart_by, terms.arrive_by);
        way(a) == way(b)
            && times(a) == times(b)
            && self.lines(a).eq(self.lines(b))
            && self.manifests.amounts(a).eq(self.manifests.amounts(b))
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

coded! {
    ManifestTerms { lane, from, to, depart_by, arrive_by, lines, seals, values, amounts }
    AmountTerms { line, counted, value }
    Manifest { claim, terms, way }
    Way { from, to, depart_deadline, arrive_deadline, lane }
    Entry { said, standing }
}

impl Manifests {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("manifests", &self.entries);
        self.said.keep("manifests_said", out);
        out.rows("manifests_standing", &self.standing);
        out.rows("amounts", &self.amounts);
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let entries: Paged<DocNo, Entry> = from.rows("manifests")?;
        let heads = entries.rows().filter_map(|(_, entry)| entry.said);
        let said = Chains::resume("manifests_said", from, heads)?;
        let manifests = Self {
            entries,
            said,
            standing: from.rows("manifests_standing")?,
            amounts: from.rows("amounts")?,
            count: 0,
        };
        Ok(Self {
            count: manifests
                .standing
                .rows()
                .filter(|row| row.1.is_some())
                .count(),
            ..manifests
        })
    }
}
