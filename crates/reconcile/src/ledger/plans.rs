//! Plans that were said, chosen or taken back: which one stands, when it is due, and whether it was
//! said in several ways.

use std::collections::BTreeSet;

use countersign_model::entry::ClaimStatus;
use countersign_model::ids::ClaimId;

use super::Ledger;
use crate::discrepancy::Discrepancy;
use crate::judge::variance::Counted;
use crate::judge::{conflict, count, document, variance};
use crate::known::class_events::ClassKey;
use crate::known::said::Said;
use crate::known::sources::Question;
use crate::number::{ClaimNo, DocNo};
use crate::quiet;
use crate::standing::Judged;
use crate::timers::Timer;
use crate::touched::Touched;

impl Ledger {
    /// Judges whether one plan was said in several ways. What those claims told beside it is laid out.
    /// Claims about it that came under the identity of an earlier one are to be judged again.
    pub(super) fn judge_rivals(&mut self, judged: Judged, conflicts: &mut BTreeSet<ClaimId>) {
        let known = &self.known;
        let said: Vec<ClaimNo> = match judged {
            Judged::ManifestPlan(doc) => claims_of(known.manifests.said(doc)),
            Judged::CountPlan(doc) => claims_of(known.counts.said(doc).iter()),
            Judged::DocumentPlan(doc) => claims_of(known.due.said(doc).iter()),
            Judged::Milestone(number) => claims_of(known.milestones.expected(number)),
            Judged::Unit(_)
            | Judged::Count(_)
            | Judged::Amounts(_)
            | Judged::Document(_)
            | Judged::Class(_)
            | Judged::Claims(_)
            | Judged::Source(_) => return,
        };
        if said.len() > 1 {
            for claim in said {
                let row = self.known.claims.row(claim);
                if row.status != ClaimStatus::Effective {
                    conflicts.insert(row.id);
                }
                self.lay_out_claim(row.id);
            }
        }
        let known = self.known.view(&self.desk);
        let found = match judged {
            Judged::ManifestPlan(doc) => conflict::judge_manifest(known, doc),
            Judged::CountPlan(doc) => conflict::judge_count_plan(known, doc),
            Judged::DocumentPlan(doc) => conflict::judge_document_plan(known, doc),
            Judged::Milestone(number) => conflict::judge_milestone(known, number),
            Judged::Unit(_)
            | Judged::Count(_)
            | Judged::Amounts(_)
            | Judged::Document(_)
            | Judged::Class(_)
            | Judged::Claims(_)
            | Judged::Source(_) => return,
        };
        self.standing.set(judged, found);
    }

    pub(super) fn restand_manifests(&mut self, touched: &mut Touched) {
        for doc in std::mem::take(&mut touched.manifests) {
            self.lay_out_document(doc);
            let restood = self.known.restand_manifest(&self.desk, doc);
            touched.relisted.extend_from_slice(&restood.units);
            for unit in restood.units {
                let before = self.bookmarks.row(unit);
                if restood.is_first && quiet::takes_line(&self.known, (unit, before), doc) {
                    self.progress.begin(self.known.lines_of(unit), doc);
                } else {
                    touched.units.push(unit);
                }
            }
            touched.amounts.insert(doc);
            // A document that is due for it shows where it leaves.
            touched.documents.extend(self.known.due.bearing_on(doc));
            self.set_manifest_timers(doc);
            self.judge_rivals(Judged::ManifestPlan(doc), &mut touched.conflicts);
        }
        for doc in &touched.witnessed {
            let manifest = self.known.manifests.standing(*doc);
            let due = manifest.filter(|manifest| self.known.tick > manifest.first_deadline());
            let lines = due.into_iter().flat_map(|due| self.known.lines(&due.terms));
            // Of what is quiet there is nothing to be a witness of.
            let units = lines.map(|line| line.unit);
            touched
                .units
                .extend(units.filter(|unit| self.is_unread(*unit)));
        }
    }

    pub(super) fn set_manifest_timers(&mut self, doc: DocNo) {
        if let Some(manifest) = self.known.manifests.standing(doc) {
            let (depart, arrive) = manifest.deadlines();
            for deadline in [depart, arrive] {
                if deadline >= self.known.tick {
                    self.timers.set(deadline, Timer::Manifest(doc));
                }
            }
        }
    }

    pub(super) fn restand_counts(&mut self, touched: &mut Touched) {
        let (mut places, mut heard) = (BTreeSet::new(), BTreeSet::new());
        for doc in std::mem::take(&mut touched.counts) {
            if !self.known.counts.is_planned(doc) {
                continue;
            }
            let mut said = self.known.counts.said(doc).iter();
            // Before a count is over nobody asks who counted.
            if said.any(|said| said.terms.due < self.known.tick) {
                self.lay_out_document(doc);
            }
            let before = self
                .known
                .counts
                .standing(doc)
                .map(|count| count.terms.place);
            let changed = self.known.restand_count(&self.desk, doc);
            let now = self
                .known
                .counts
                .standing(doc)
                .map(|count| count.terms.place);
            if before != now {
                self.refold_counted(doc, touched);
            }
            places.extend(changed);
            if let Some(count) = self.known.counts.standing(doc) {
                if count.terms.due >= self.known.tick {
                    self.timers.set(count.terms.due, Timer::Count(doc));
                }
                if touched.witnessed.contains(&doc) {
                    heard.insert(count.terms.place);
                }
            }
            let mut asked = Vec::new();
            let late = count::judge_count(self.known.view(&self.desk), doc, &mut asked);
            let mut found: Vec<Discrepancy> = late.into_iter().collect();
            found.extend(self.variances(doc, &mut asked));
            self.standing.set(Judged::Count(doc), found);
            self.wait_for(asked, Timer::Count(doc));
            self.judge_rivals(Judged::CountPlan(doc), &mut touched.conflicts);
        }
        for place in heard {
            // Of what is quiet there is nothing to be a witness of.
            let units = self.books.on_shelf(place).into_iter();
            touched
                .units
                .extend(units.filter(|unit| self.is_unread(*unit)));
        }
        for place in places {
            touched.units.extend(self.books.on_shelf(place));
        }
    }

    /// What a count found of classes, against the books.
    fn variances(&mut self, doc: DocNo, asked: &mut Vec<Question>) -> Vec<Discrepancy> {
        let counted = variance::counted(self.known.view(&self.desk), doc);
        let mut found = Vec::new();
        for (class, counted) in &counted {
            let all = self.desk.lay_out_class(&self.known, &*self.history, *class);
            let known = self.known.view(&self.desk);
            found.extend(variance::judge(known, (doc, *class), counted, &all, asked));
        }
        let until = |(class, counted): (&ClassKey, &Counted)| (*class, counted.during.1);
        let classes = counted.iter().map(until).collect();
        self.known.counts.set_classes(doc, classes);
        found
    }

    /// Another place is counted: what was counted means something else to the books.
    fn refold_counted(&mut self, doc: DocNo, touched: &mut Touched) {
        self.lay_out_document(doc);
        let named = self.desk.document(doc).into_iter();
        for event in named.flat_map(|named| &named.counts) {
            for counted in &self.desk.event(*event).quantities {
                touched.refold((counted.class, counted.uom));
            }
        }
    }

    /// Counts that must be judged again, because a class that they counted moved before they were over.
    pub(super) fn touch_counts(&self, touched: &mut Touched) {
        for (class, what) in &touched.classes {
            let times = what.new.iter().map(|event| self.desk.event(*event).time);
            let first = times.min().filter(|_| !what.is_refolded);
            let counts = self.known.counts.of_class(*class, first);
            touched.counts.extend(counts);
        }
    }

    pub(super) fn restand_documents(&mut self, touched: &mut Touched) {
        let mut docs = std::mem::take(&mut touched.documents);
        for doc in &touched.witnessed {
            docs.extend(self.known.due.bearing_on(*doc));
        }
        for doc in docs {
            let first = self.known.restand_due(doc);
            let load = first.and_then(|terms| terms.load);
            for named in [Some(doc), load].into_iter().flatten() {
                self.lay_out_document(named);
            }
            let due = first.map(|terms| terms.due);
            if let Some(due) = due.filter(|due| *due >= self.known.tick) {
                self.timers.set(due, Timer::Document(doc));
            }
            let mut asked = Vec::new();
            let (state, found) = document::judge(self.known.view(&self.desk), doc, &mut asked);
            self.known.due.set_state(doc, state);
            self.standing
                .set(Judged::Document(doc), found.into_iter().collect());
            self.wait_for(asked, Timer::Document(doc));
            self.judge_rivals(Judged::DocumentPlan(doc), &mut touched.conflicts);
        }
    }

    pub(super) fn touch_milestones(&mut self, touched: &mut Touched) {
        let mut plans: BTreeSet<DocNo> = BTreeSet::new();
        for milestone in std::mem::take(&mut touched.milestones) {
            plans.insert(self.known.milestones.row(milestone).plan);
            if let Some((_, terms)) = self.known.expected(milestone)
                && terms.deadline() >= self.known.tick
            {
                self.timers
                    .set(terms.deadline(), Timer::Milestone(milestone));
            }
            self.judge_rivals(Judged::Milestone(milestone), &mut touched.conflicts);
        }
        for plan in plans {
            for milestone in self.known.milestones.of_plan(plan) {
                touched.units.extend(self.expecting(*milestone));
            }
        }
    }
}

fn claims_of<'a, T: 'a>(said: impl Iterator<Item = &'a Said<T>>) -> Vec<ClaimNo> {
    said.map(|said| said.claim).collect()
}
