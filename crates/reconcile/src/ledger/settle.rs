//! The end of a batch: what was touched is judged again, and what follows is compared with
//! what stood.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use countersign_model::ids::ClaimId;

use crate::bookmark::{Bookmark, Rest};
use crate::change::Change;
use crate::containment;
use crate::history::History;
use crate::judge::{
    Case, Judgement, State, amounts, conflict, count, judge, source, tally, tampering, variance,
};
use crate::known::Known;
use crate::known::aliases::AliasWord;
use crate::known::class_events::ClassKey;
use crate::known::desk::Desk;
use crate::known::sources::Question;
use crate::known::units::LineRef;
use crate::number::{DocNo, MilestoneNo, PrincipalNo, UnitNo};
use crate::standing::Judged;
use crate::timers::Timer;
use crate::touched::{Touched, TouchedClass};
use crate::walk::{Custody, Walked, walk};

/// Observations on the desk, while units are judged one after the other.
const DESK_EVENTS_MAX: usize = 100_000;
/// In builds with assertions the books are counted again after each batch, up to so many units,
const RECOUNT_UNITS_MAX: usize = 4096;
/// and units are judged again from their histories, up to so many.
const REJUDGE_UNITS_MAX: usize = 256;

impl Ledger {
    pub(super) fn settle(&mut self, out: &mut Vec<Change>) {
        let mut touched = std::mem::take(&mut self.touched);
        touched.is_desk_stale |= touched.everything;
        if std::mem::take(&mut touched.everything) {
            self.known.resurvey();
            self.timers.clear();
            self.waiting.clear();
            self.touch_everything(&mut touched);
        }
        if touched.is_desk_stale {
            self.desk.refresh(&self.known);
        }
        self.welcome_new_units();
        self.fire_timers(&mut touched);
        let has_new_names = !touched.pairs.is_empty() || !touched.manifests.is_empty();
        for pair in std::mem::take(&mut touched.pairs) {
            let keys = self.known.restand_alias(pair);
            touched.units.extend_from_slice(&keys);
            touched.relisted.extend(keys);
        }
        self.restand_manifests(&mut touched);
        let relisted = std::mem::take(&mut touched.relisted);
        touched.units.extend(self.known.containers_above(&relisted));
        self.touch_tallies(&relisted, &mut touched);
        self.touch_counts(&mut touched);
        self.restand_counts(&mut touched);
        if has_new_names {
            touched.documents.extend(self.known.due.failed());
        }
        self.restand_documents(&mut touched);
        self.touch_milestones(&mut touched);
        self.step_on(&mut touched);
        for (class, touched) in touched.classes {
            self.fold_class(class, &touched);
        }
        // From here on the desk may be cleared.
        self.judge_units(touched.units);
        touched.amounts.append(&mut self.tallies);
        self.judge_amounts(touched.amounts);
        if has_new_names {
            self.rejudge_conflicts(&mut touched.conflicts);
        }
        for id in touched.conflicts {
            self.lay_out_claim(id);
            let found = conflict::judge_claims(self.known.view(&self.desk), id);
            self.standing
                .set(Judged::Claims(id), found.into_iter().collect());
        }
        self.judge_sources(&touched.sources);
        self.books.assert_balance(self.units_known());
        if cfg!(debug_assertions) && self.known.units.len() <= RECOUNT_UNITS_MAX {
            self.check_conservation();
        }
        let is_small = self.known.units.len() <= REJUDGE_UNITS_MAX;
        if cfg!(debug_assertions) && is_small && !self.desk.is_lacking() {
            self.check_judgements();
        }
        self.standing.settle(out);
        self.desk.clear();
    }

    fn judge_amounts(&mut self, docs: BTreeSet<DocNo>) {
        for doc in docs {
            let manifest = self.known.manifests.standing(doc);
            let is_tallied = self.known.tallied.contains(&doc);
            if is_tallied || manifest.is_some_and(|manifest| !manifest.terms.amounts.is_empty()) {
                self.lay_out_document(doc);
            }
            let mut asked = Vec::new();
            let known = self.known.view(&self.desk);
            let mut found = amounts::judge_amounts(known, doc, &mut asked);
            if is_tallied {
                found.extend(tally::judge(known, &self.progress, doc, &mut asked));
            }
            self.standing.set(Judged::Amounts(doc), found);
            self.wait_for(asked, Timer::Manifest(doc));
        }
    }

    /// Nothing is judged yet: what came is remembered by what it touched, and the desk is cleared.
    pub(super) fn put_off(&mut self) {
        for event in std::mem::take(&mut self.touched.filed) {
            let units = &self.desk.event(event).units;
            self.touched.units.extend_from_slice(units);
        }
        for class in self.touched.classes.values_mut() {
            class.is_refolded |= !std::mem::take(&mut class.new).is_empty();
        }
        self.desk.clear();
    }

    fn fold_class(&mut self, class: ClassKey, touched: &TouchedClass) {
        let known = self.known.view(&self.desk);
        let mut overdraws = Vec::new();
        let classes = &mut self.classes;
        let goes_on =
            !touched.is_refolded && classes.fold_on(known, class, &touched.new, &mut overdraws);
        if goes_on && overdraws.is_empty() {
            return;
        }
        let judged = Judged::Class(class);
        let mut found = Vec::new();
        if goes_on {
            found.extend(self.standing.of(judged).cloned());
        } else {
            let all = self.desk.lay_out_class(&self.known, &*self.history, class);
            let known = self.known.view(&self.desk);
            overdraws = self.classes.refold(known, class, &all);
        }
        let known = self.known.view(&self.desk);
        let mut asked = Vec::new();
        for overdraw in &overdraws {
            found.extend(variance::judge_overdraw(known, class, overdraw, &mut asked));
        }
        self.standing.set(judged, found);
        self.wait_for(asked, Timer::Class(class));
    }

    pub(super) fn lay_out_document(&mut self, doc: DocNo) {
        self.desk.lay_out_document(&self.known, &*self.history, doc);
    }

    pub(super) fn lay_out_claim(&mut self, id: ClaimId) {
        for place in self.history.of_claim(id) {
            self.desk.lay_out(&self.known, &*self.history, place);
        }
    }

    /// What a conflict names its units, plan and value by may have changed.
    fn rejudge_conflicts(&mut self, claims: &mut BTreeSet<ClaimId>) {
        for judged in self.standing.conflicts() {
            match judged {
                Judged::Claims(id) => drop(claims.insert(id)),
                plan => self.judge_rivals(plan, claims),
            }
        }
    }

    /// The network changed: every conclusion may.
    fn touch_everything(&self, touched: &mut Touched) {
        let known = &self.known;
        touched.units.extend(known.units.numbers());
        touched.manifests.extend(known.manifests.docs());
        touched.amounts.extend(known.manifests.docs());
        touched.counts.extend(known.counts.docs());
        touched.documents.extend(known.due.docs());
        touched
            .milestones
            .extend(known.milestones.rows().map(|(number, _)| number));
        touched.conflicts.extend(known.claims.all_conflicts());
        touched.pairs.extend(known.aliases.pairs());
        for class in known.classes.keys() {
            touched.refold(class);
        }
        touched.sources.extend(known.sources.numbers());
    }

    fn fire_timers(&mut self, touched: &mut Touched) {
        let mut due = self.timers.take_due(self.known.tick);
        for heard in std::mem::take(&mut touched.heard) {
            due.extend(self.waiting.take(heard));
        }
        due.sort_unstable();
        due.dedup();
        for timer in due {
            match timer {
                Timer::Manifest(doc) => {
                    self.touch_lines(doc, touched);
                    touched.amounts.insert(doc);
                }
                Timer::Count(doc) => {
                    touched.counts.insert(doc);
                }
                Timer::Document(doc) => {
                    touched.documents.insert(doc);
                }
                Timer::Milestone(milestone) => touched.units.extend(self.expecting(milestone)),
                Timer::Unit(unit) => touched.units.push(unit),
                Timer::PickUp(unit) => {
                    if !self.bookmarks.row(unit).is_signed_for() {
                        touched.units.push(unit);
                    }
                }
                Timer::Class(class) => touched.refold(class),
                Timer::Source(source) => {
                    touched.sources.insert(source);
                }
            }
        }
    }

    /// Judged again when somebody who was asked has spoken, or when it is too late.
    pub(super) fn wait_for(&mut self, questions: impl IntoIterator<Item = Question>, what: Timer) {
        for question in questions {
            if let Some(until) = self.known.awaited(&question) {
                self.timers.set(until, what);
            }
            for source in self.known.asked(&question) {
                self.waiting.add((source, question.until), what);
            }
        }
    }

    fn touch_lines(&self, doc: DocNo, touched: &mut Touched) {
        let manifest = self.known.manifests.standing(doc);
        let Some(manifest) = manifest else { return };
        let (depart_deadline, arrive_deadline) = manifest.deadlines();
        let tick = self.known.tick;
        for line in manifest.terms.lines.numbers() {
            let unit = self.known.lines.unit(line);
            let [depart, arrive] = self.progress.line(LineRef {
                manifest: doc,
                line,
            });
            let is_done = (depart == State::Met || tick <= depart_deadline)
                && (arrive == State::Met || tick <= arrive_deadline);
            if !is_done || self.is_unread(unit) {
                touched.units.push(unit);
            }
        }
    }

    pub(super) fn is_unread(&self, unit: UnitNo) -> bool {
        self.bookmarks.row(unit).rest == Rest::Unread
    }

    pub(super) fn expecting(&self, milestone: MilestoneNo) -> impl Iterator<Item = UnitNo> {
        let expected = self.known.milestones.expected(milestone);
        expected.map(|said| said.terms.unit)
    }

    /// Of what is new nothing was ever seen.
    fn welcome_new_units(&mut self) {
        let new = self.books.fill(self.known.units.len());
        self.bookmarks.fill(self.known.units.len());
        for unit in new {
            let bookmark = Bookmark::unseen();
            *self.bookmarks.row_mut(unit) = bookmark;
            self.books.post(unit, bookmark.account(&self.known), None);
        }
    }

    fn judge_units(&mut self, mut units: Vec<UnitNo>) {
        self.add_roots(&mut units);
        let inside = self.known.contents_below(&units);
        if !inside.is_empty() {
            units.extend(inside);
            self.add_roots(&mut units);
        }
        let mut walked = Walked::default();
        for key in units {
            if self.known.aliases.root(key) == key {
                if self.desk.len() > DESK_EVENTS_MAX {
                    self.desk.clear();
                }
                let (known, history) = (&self.known, &*self.history);
                let judgement = judge_unit(known, history, &mut self.desk, (key, &mut walked));
                let case = Case::of(self.known.view(&self.desk), key, &walked);
                *self.bookmarks.row_mut(key) = Bookmark::of(&case, &judgement);
                self.post(key, judgement);
            } else {
                *self.bookmarks.row_mut(key) = Bookmark::default();
                self.post(key, Judgement::default());
            }
        }
    }

    /// A unit is judged under the smallest of its keys, whichever of them was touched.
    fn add_roots(&self, keys: &mut Vec<UnitNo>) {
        let paired = keys.iter().map(|key| (self.known.aliases.root(*key), *key));
        let others = paired.filter(|(root, key)| root != key);
        let roots: Vec<UnitNo> = others.map(|(root, _)| root).collect();
        keys.extend(roots);
        keys.sort_unstable();
        keys.dedup();
    }

    /// Judges sources, and those that stand beside them: who is silent together says so.
    fn judge_sources(&mut self, touched: &BTreeSet<PrincipalNo>) {
        let mut done: BTreeSet<PrincipalNo> = BTreeSet::new();
        for source in touched {
            if done.contains(source) {
                continue;
            }
            let judged = source::judge(self.known.view(&self.desk), *source);
            for one in judged {
                done.insert(one.source);
                if one.is_silent {
                    self.silent.insert(one.source);
                } else {
                    self.silent.remove(&one.source);
                }
                if let Some(wake) = one.wake {
                    self.timers.set(wake, Timer::Source(one.source));
                }
                self.standing
                    .set(Judged::Source(one.source), one.discrepancies);
            }
        }
    }

    fn post(&mut self, key: UnitNo, judgement: Judgement) {
        self.books.post(key, judgement.account, judgement.shelf);
        self.standing
            .set(Judged::Unit(key), judgement.discrepancies);
        for (line, states) in judgement.lines {
            self.progress.set_line(line, states);
            self.line_moved(line);
        }
        for (milestone, state) in judgement.milestones {
            self.progress.set_milestone(milestone, state);
        }
        if let Some(wake) = judgement.wake {
            self.timers.set(wake, Timer::Unit(key));
        }
        for asked in judgement.asked {
            self.waiting.add(asked, Timer::Unit(key));
        }
    }
}

/// Judges a unit from its history.
pub(super) fn judge_unit(
    known: &Known,
    history: &dyn History,
    desk: &mut Desk,
    (root, walked): (UnitNo, &mut Walked),
) -> Judgement {
    lay_out(known, history, desk, (root, walked));
    let case = Case::of(known.view(desk), root, walked);
    let mut judgement = judge(&case);
    let revived = tampering::revived(&case);
    if !revived.is_empty() {
        let before = desk.swap_effects(&revived);
        let view = known.view(desk);
        let mut again = Walked::default();
        walk(view, root, view.history(root), &mut again);
        let losses = tampering::losses(&Case::of(view, root, &again));
        desk.swap_effects(&before);
        let case = Case::of(known.view(desk), root, walked);
        tampering::judge(&case, losses, &mut judgement);
    }
    judgement
}

/// Lays a unit's observations out, walks it, and lays out what the judges may ask for.
pub(super) fn lay_out(
    known: &Known,
    history: &dyn History,
    desk: &mut Desk,
    (root, walked): (UnitNo, &mut Walked),
) {
    containment::lay_out(known, history, desk, root);
    let view = known.view(desk);
    walk(view, root, view.history(root), walked);
    if !walked.struck.is_empty() {
        desk.strike(root, &walked.struck);
    }
    let case = Case::of(known.view(desk), root, walked);
    let mut asked: Vec<DocNo> = Vec::new();
    if let Custody::Held(holding) = case.walked.at_rest() {
        asked.extend(count::unseen_in(&case, holding.at.place));
    }
    // Of a loss those are heard who handled the rest of the plan.
    let lines = known.aliases.members(root);
    let lines = lines.flat_map(|key| known.lines_of(key));
    asked.extend(lines.map(|line| line.manifest).filter(|doc| {
        let manifest = known.manifests.standing(*doc);
        manifest.is_some_and(|manifest| known.tick > manifest.first_deadline())
    }));
    for doc in asked {
        desk.lay_out_document(known, history, doc);
    }
}

impl Known {
    /// The network changed: looks everything up again.
    fn resurvey(&mut self) {
        self.atlas.survey_again();
        self.find_ways_again();
    }

    /// Lets the right word about a pair of keys hold. Returns the keys to judge again.
    pub(super) fn restand_alias(&mut self, pair: (UnitNo, UnitNo)) -> Vec<UnitNo> {
        let holds = self.alias_holds(pair);
        let names = &self.atlas.names.units;
        let by_text = |keys: &mut [UnitNo]| keys.sort_by(|a, b| names.by_text(*a, *b));
        self.aliases.link(pair, holds, by_text)
    }

    /// Whether any issuer's last word about the pair says that it is one unit.
    fn alias_holds(&self, pair: (UnitNo, UnitNo)) -> bool {
        let words = self.aliases.words(pair);
        let mut last_words: BTreeMap<PrincipalNo, &AliasWord> = BTreeMap::new();
        let counts = |claim| self.is_claim_effective(claim) && !self.claims.row(claim).is_suspect;
        for word in words.filter(|word| counts(word.claim)) {
            let issuer = self.claims.row(word.claim).issuer;
            let last = last_words.entry(issuer).or_insert(word);
            let order = self.order_of_claims(last.claim, word.claim);
            if order.then(last.part.cmp(&word.part)).is_lt() {
                *last = word;
            }
        }
        last_words.values().any(|word| word.holds)
    }
}
