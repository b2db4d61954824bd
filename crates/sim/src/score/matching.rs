//! What a finding and a row of the truth have to do with one another.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds;
use crate::finding::{Finding, canonical};
use crate::truth::TruthRow;

/// What a finding and a row have to do with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It says what happened there: of an act, that it was found.
    Finds,
    /// It speaks of the same goods in a kind that the row lists.
    Tolerated,
    /// It speaks of the same goods as it must not.
    Accuses,
    /// Nothing.
    None,
}

/// A row with its keys in canonical spelling.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) row: &'a TruthRow,
    pub(super) units: BTreeSet<String>,
    places: BTreeSet<String>,
    /// What stands for goods without names: lots, what cameras count, and sources.
    classes: BTreeSet<String>,
    sources: BTreeSet<String>,
    /// It is about sources, and about no goods.
    is_silence: bool,
    /// Manifests and counts; of a row of lots alone none.
    documents: BTreeSet<String>,
}

/// Rows by what a finding may name.
#[derive(Debug)]
pub(super) struct Index {
    by_unit: BTreeMap<String, Vec<usize>>,
    by_subject: BTreeMap<String, Vec<usize>>,
    by_place: BTreeMap<String, Vec<usize>>,
}

impl Index {
    pub(super) fn of(known: &[Known<'_>]) -> Self {
        let mut index = Self {
            by_unit: BTreeMap::new(),
            by_subject: BTreeMap::new(),
            by_place: BTreeMap::new(),
        };
        for (no, row) in known.iter().enumerate() {
            let add = |to: &mut BTreeMap<String, Vec<usize>>, names: &BTreeSet<String>| {
                for name in names {
                    to.entry(name.clone()).or_default().push(no);
                }
            };
            add(&mut index.by_unit, &row.units);
            add(&mut index.by_subject, &row.classes);
            add(&mut index.by_subject, &row.sources);
            add(&mut index.by_subject, &row.documents);
            add(&mut index.by_place, &row.places);
        }
        index
    }

    /// Rows that the finding may bear on, in their order.
    pub(super) fn rows(&self, finding: &Finding) -> BTreeSet<usize> {
        let units = finding.units.iter();
        let by_unit = units.filter_map(|unit| self.by_unit.get(unit));
        let mentions = finding.mentions.iter();
        let by_subject = mentions.filter_map(|name| self.by_subject.get(name));
        let place = finding.place.iter().filter(|_| finding.units.is_empty());
        let by_place = place.filter_map(|place| self.by_place.get(place));
        let all = by_unit.chain(by_subject).chain(by_place);
        all.flatten().copied().collect()
    }
}

impl<'a> Known<'a> {
    pub(super) fn of(row: &'a TruthRow) -> Self {
        let keys = |list: &[String]| list.iter().map(|key| canonical(key)).collect();
        let classes: BTreeSet<String> = keys(&row.classes);
        let documents = if classes.is_empty() || !row.units.is_empty() {
            keys(&row.manifests)
        } else {
            BTreeSet::new()
        };
        let sources: BTreeSet<String> = keys(&row.sources);
        Self {
            row,
            units: keys(&row.units),
            places: keys(&row.places),
            is_silence: row.units.is_empty() && classes.is_empty() && !sources.is_empty(),
            classes,
            sources,
            documents,
        }
    }

    /// What it has to do with the row; with nothing but its place only if `by_place`.
    pub(super) fn bearing(&self, finding: &Finding, by_place: bool) -> Bearing {
        if self.row.act && self.is_of(&self.row.kinds, finding) && self.is_matched(finding) {
            return Bearing::Finds;
        }
        let is_near = by_place && self.is_near(finding);
        if !is_near && !self.is_concerned(finding) {
            return Bearing::None;
        }
        if self.tolerates(finding) {
            Bearing::Tolerated
        } else {
            Bearing::Accuses
        }
    }

    fn is_of(&self, kinds: &[String], finding: &Finding) -> bool {
        kinds.iter().any(|kind| kinds::are_one(kind, &finding.kind))
    }

    /// A finding of that kind and severity is no lie about the row's goods.
    pub(super) fn tolerates(&self, finding: &Finding) -> bool {
        let is_listed = self.is_of(&self.row.allowed, finding);
        if self.row.act {
            return is_listed || self.is_of(&self.row.kinds, finding);
        }
        is_listed && !kinds::is_theft(&finding.kind) && finding.severity != "high"
    }

    /// The kind is `allowed` here, whether or not the finding stands.
    pub(super) fn allows(&self, finding: &Finding) -> bool {
        let is_listed = self.is_of(&self.row.allowed, finding);
        is_listed && (self.row.act || self.tolerates(finding))
    }

    /// Place and time fit; it names at least half of the act's units, and at most twice as many
    /// others; or, where there are no units to name, one of its lots or sources.
    fn is_matched(&self, finding: &Finding) -> bool {
        if !self.is_there(finding) || !self.is_then(finding) {
            return false;
        }
        let is_subject = self.is_subject(finding);
        if self.units.is_empty() {
            let documents = !self.documents.is_disjoint(&finding.mentions);
            let is_of_papers = self.classes.is_empty() && self.sources.is_empty();
            return is_subject || documents && is_of_papers;
        }
        if finding.units.is_empty() {
            return is_subject;
        }
        let named = finding.units.intersection(&self.units).count();
        let others = finding.units.len() - named;
        named * 2 >= self.units.len() && others <= self.units.len() * 2
    }

    /// It names a source of the row, or one of its classes: of a row that has units, too, under one of
    /// its documents, since many loads share what cameras count.
    fn is_subject(&self, finding: &Finding) -> bool {
        let mentions = &finding.mentions;
        let is_here = self.units.is_empty() || !self.documents.is_disjoint(mentions);
        let is_class = !self.classes.is_disjoint(mentions) && is_here;
        is_class || !self.sources.is_disjoint(mentions)
    }

    /// Its place or site, if it names one, is one of the row's.
    fn is_there(&self, finding: &Finding) -> bool {
        let mut named = finding.place.iter().chain(&finding.site).peekable();
        named.peek().is_none() || named.any(|place| self.places.contains(place))
    }

    /// Its interval meets the row's.
    fn is_then(&self, finding: &Finding) -> bool {
        let (from, until) = finding.interval;
        from.is_none_or(|from| from <= self.row.until)
            && until.is_none_or(|until| until >= self.row.from)
    }

    /// Most of the finding's units are the row's, or it has none and is about the row.
    fn is_concerned(&self, finding: &Finding) -> bool {
        if self.is_silence && !finding.units.is_empty() {
            // Who names a dark device as a source of what it says of goods says nothing of the dark.
            return false;
        }
        if finding.units.is_empty() || self.units.is_empty() {
            return self.is_about(finding);
        }
        let named = finding.units.intersection(&self.units).count();
        named > 0 && named * 2 >= finding.units.len()
    }

    /// It names the row's lot or source, or its manifest or count.
    fn is_about(&self, finding: &Finding) -> bool {
        self.is_subject(finding) || !self.documents.is_disjoint(&finding.mentions)
    }

    /// It names no goods, and one of the row's places at its time.
    fn is_near(&self, finding: &Finding) -> bool {
        let place = finding.place.as_ref();
        let is_there = place.is_some_and(|place| self.places.contains(place));
        finding.units.is_empty() && is_there && self.is_then(finding)
    }
}
