//! The discrepancies that stand, and how they changed since the last batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use countersign_model::digest::Digest;
use countersign_model::ids::{ClaimId, UnitId};
use countersign_model::plan::StageKey;

use crate::change::Change;
use crate::discrepancy::{Anchor, Discrepancy, id_of};
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_COUNT, STAGE_DEPART, STAGE_DOCUMENT};
use crate::known::class_events::ClassKey;
use crate::number::{DocNo, MilestoneNo, PrincipalNo, UnitNo};
use crate::snapshot::coded::coded_cases;

/// Whose judgement a contribution is. Those about things said twice come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Judged {
    Unit(UnitNo),
    Count(DocNo),
    Amounts(DocNo),
    Document(DocNo),
    Class(ClassKey),
    Claims(ClaimId),
    ManifestPlan(DocNo),
    CountPlan(DocNo),
    DocumentPlan(DocNo),
    Milestone(MilestoneNo),
    Source(PrincipalNo),
}

#[derive(Clone, Debug)]
struct Entry {
    parts: BTreeSet<Judged>,
    /// As last told; `None` between its first contribution and the end of the batch.
    whole: Option<Arc<Discrepancy>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    contributions: BTreeMap<Judged, Vec<Arc<Discrepancy>>>,
    entries: BTreeMap<Digest, Entry>,
    by_unit: BTreeMap<UnitId, BTreeSet<Digest>>,
    changed: BTreeSet<Digest>,
}

impl Standing {
    /// Replaces what a judgement contributes.
    pub(crate) fn set(&mut self, judged: Judged, found: Vec<Discrepancy>) {
        let before = self.contributions.remove(&judged).unwrap_or_default();
        let is_same = before.len() == found.len()
            && before
                .iter()
                .zip(&found)
                .all(|(before, now)| **before == *now);
        if is_same {
            if !before.is_empty() {
                self.contributions.insert(judged, before);
            }
            return;
        }
        for gone in &before {
            self.changed.insert(gone.id);
            if let Some(entry) = self.entries.get_mut(&gone.id) {
                entry.parts.remove(&judged);
            }
        }
        for new in &found {
            self.changed.insert(new.id);
            let entry = self.entries.entry(new.id).or_insert_with(|| Entry {
                parts: BTreeSet::new(),
                whole: None,
            });
            entry.parts.insert(judged);
        }
        if !found.is_empty() {
            let found = found.into_iter().map(Arc::new).collect();
            self.contributions.insert(judged, found);
        }
    }

    /// What a judgement contributes.
    pub(crate) fn of(&self, judged: Judged) -> impl Iterator<Item = &Discrepancy> {
        let own = self.contributions.get(&judged).into_iter().flatten();
        own.map(AsRef::as_ref)
    }

    /// Every judgement that found something.
    pub(crate) fn judged(&self) -> impl Iterator<Item = Judged> {
        self.contributions.keys().copied()
    }

    /// Judgements about things said twice that found something.
    pub(crate) fn conflicts(&self) -> Vec<Judged> {
        let first = Judged::Claims(ClaimId(Digest::ZERO));
        self.contributions
            .range(first..)
            .map(|(judged, _)| *judged)
            .collect()
    }

    /// Tells what changed since the last call.
    pub(crate) fn settle(&mut self, out: &mut Vec<Change>) {
        let changed = std::mem::take(&mut self.changed);
        let mut retracted = Vec::new();
        let mut opened: Vec<Arc<Discrepancy>> = Vec::new();
        for id in changed {
            let Some(entry) = self.entries.get(&id) else {
                continue;
            };
            let now = self.whole(id, entry);
            let before = entry.whole.clone();
            match (&before, &now) {
                (None, None) => {
                    self.entries.remove(&id);
                    continue;
                }
                (None, Some(now)) => {
                    opened.push(Arc::clone(now));
                    out.push(Change::Opened((**now).clone()));
                }
                (Some(before), Some(now)) if before == now => continue,
                (Some(_), Some(now)) => out.push(Change::Changed((**now).clone())),
                (Some(before), None) => retracted.push(Arc::clone(before)),
            }
            self.replace(id, before.as_deref(), now);
        }
        for gone in retracted {
            out.push(Change::Retracted {
                id: gone.id,
                kind: gone.kind,
                superseded_by: self.superseding(&gone, &opened),
                units: gone.units.clone(),
                site: gone.site.clone(),
            });
        }
    }

    fn whole(&self, id: Digest, entry: &Entry) -> Option<Arc<Discrepancy>> {
        let parts = entry.parts.iter().filter_map(|judged| {
            let own = self.contributions.get(judged)?;
            own.iter().find(|part| part.id == id)
        });
        let parts: Vec<&Arc<Discrepancy>> = parts.collect();
        match parts.as_slice() {
            [only] => Some(Arc::clone(only)),
            several => Discrepancy::merged(several.iter().map(|part| &***part)).map(Arc::new),
        }
    }

    fn replace(&mut self, id: Digest, before: Option<&Discrepancy>, now: Option<Arc<Discrepancy>>) {
        for unit in before.map_or(&[][..], |before| &before.units) {
            if let Some(ids) = self.by_unit.get_mut(unit) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_unit.remove(unit);
                }
            }
        }
        for unit in now.as_ref().map_or(&[][..], |now| &now.units) {
            self.by_unit.entry(unit.clone()).or_default().insert(id);
        }
        match (now, self.entries.get_mut(&id)) {
            (Some(now), Some(entry)) => entry.whole = Some(now),
            _ => {
                self.entries.remove(&id);
            }
        }
    }

    /// What stands where a retracted one stood: for the same line of the same plan; else what
    /// opened now: by the same claim, else of the same kind, about the same unit; else what says that it
    /// was hidden.
    fn superseding(&self, gone: &Discrepancy, opened: &[Arc<Discrepancy>]) -> Option<Digest> {
        let hides = |new: &&Arc<Discrepancy>| {
            let same_plan = new.units.is_empty() && new.plan.is_some() && new.plan == gone.plan;
            let same_unit = new.units.iter().any(|unit| gone.units.contains(unit));
            new.kind == Kind::RecordTampering && (same_unit || same_plan)
        };
        let hidden = || opened.iter().find(hides).map(|new| new.id);
        if let Anchor::Stage(key) = &gone.anchor {
            return self.superseding_stage(key).or_else(hidden);
        }
        let unit = gone.units.first()?;
        let about_unit = || opened.iter().filter(|new| new.units.contains(unit));
        let by_claim = about_unit().find(|new| new.anchor == gone.anchor);
        let found = by_claim.or_else(|| about_unit().find(|new| new.kind == gone.kind));
        found.map(|new| new.id).or_else(hidden)
    }

    fn superseding_stage(&self, key: &StageKey) -> Option<Digest> {
        let stages = [
            &*key.stage,
            STAGE_DEPART,
            STAGE_ARRIVE,
            STAGE_COUNT,
            STAGE_DOCUMENT,
        ];
        let ids = stages.into_iter().flat_map(|stage| {
            let anchor = Anchor::Stage(StageKey {
                stage: stage.into(),
                ..key.clone()
            });
            [
                Kind::Missing,
                Kind::Late,
                Kind::WrongPlace,
                Kind::QuantityMismatch,
                Kind::ProofMissing,
            ]
            .map(|kind| id_of(kind, &anchor))
        });
        ids.into_iter().find(|id| self.by_id(*id).is_some())
    }

    pub(crate) fn by_id(&self, id: Digest) -> Option<&Discrepancy> {
        self.entries.get(&id)?.whole.as_deref()
    }

    /// All, by id.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Discrepancy> {
        self.entries
            .values()
            .filter_map(|entry| entry.whole.as_deref())
    }

    /// Those that name a unit, by id.
    pub(crate) fn of_unit<'a>(
        &'a self,
        unit: &UnitId,
    ) -> impl Iterator<Item = &'a Discrepancy> + use<'a> {
        let ids = self.by_unit.get(unit).into_iter().flatten();
        ids.filter_map(|id| self.by_id(*id))
    }
}

coded_cases! {
    Judged {
        0 Unit(0 unit),
        1 Count(0 doc),
        2 Amounts(0 doc),
        3 Claims(0 id),
        4 ManifestPlan(0 doc),
        5 CountPlan(0 doc),
        6 Milestone(0 milestone),
        7 Source(0 source),
        8 Document(0 doc),
        9 DocumentPlan(0 doc),
        10 Class(0 class),
    }
}
