//! Did a correction make a loss disappear? Kind `record_tampering`.
//!
//! What was taken back is looked at once more as if it stood: a difference of weights, doors that were
//! found open, an amount that was short (`amounts/hidden.rs`), which nobody sees any more since. It is no
//! crime to correct a slip at once, nor to be confirmed by somebody else. Plans that were changed:
//! `changed_plan.rs`.

use std::collections::BTreeSet;

use countersign_model::entry::ClaimRef;
use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::{Case, Draft, Judgement, seal, weight};
use crate::discrepancy::{Discrepancy, Disproof, FactValue, Word};
use crate::kind::Kind;
use crate::known::View;
use crate::known::atlas::TOLERANCE;
use crate::known::events::{Doors, Effect};
use crate::limits::CORRECTED_AT_ONCE;
use crate::number::{ClaimNo, EventNo, PrincipalNo};
use crate::value::unit_value;

/// A correction, and what it took back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Correction {
    pub(crate) wrong: EventNo,
    pub(crate) declaration: ClaimNo,
    /// When it was made.
    pub(crate) time: Timestamp,
}

impl Correction {
    /// The first correction that took an observation back.
    pub(crate) fn of(known: View<'_>, wrong: EventNo) -> Option<Self> {
        let row = known.event(wrong);
        if row.effect != Effect::TakenBack {
            return None;
        }
        let id = known.claim(row.claim).id;
        let all = known.claims.taken_back_by(id, row.issuer);
        let all = all.map(|declaration| Self {
            wrong,
            declaration,
            time: known.claim_time(declaration),
        });
        let digest = |it: &Self| known.claim(it.declaration).digest;
        all.min_by(|a, b| a.time.cmp(&b.time).then_with(|| digest(a).cmp(&digest(b))))
    }

    /// Whether it is no slip that was put right at once.
    pub(crate) fn is_late(&self, known: View<'_>) -> bool {
        let wrong = known.event(self.wrong);
        let of_weights = known.atlas.network.tolerance(TOLERANCE);
        let grace = of_weights.filter(|_| wrong.weight.is_some());
        let grace = grace.and_then(|tolerance| tolerance.weight_grace);
        let at_once = CORRECTED_AT_ONCE.max(grace.unwrap_or_default());
        self.time > wrong.time.plus(at_once)
    }
}

/// The effects with which what was taken back of a unit would stand, and what was said in its place
/// would not; none if nothing was taken back late.
pub(crate) fn revived(case: &Case<'_>) -> Vec<(EventNo, Effect)> {
    let known = case.known;
    let late = case
        .history
        .iter()
        .filter_map(|event| Correction::of(known, *event))
        .filter(|correction| correction.is_late(known));
    let wrong: Vec<EventNo> = late.map(|correction| correction.wrong).collect();
    let mut effects: Vec<(EventNo, Effect)> = Vec::new();
    for event in case.history {
        if wrong.contains(event) {
            effects.push((*event, Effect::Effective));
        } else if wrong.iter().any(|wrong| replaces(known, *event, *wrong)) {
            effects.push((*event, Effect::TakenBack));
        }
    }
    if wrong.is_empty() {
        Vec::new()
    } else {
        effects
    }
}

/// Whether the same source says another thing of the same instant.
pub(crate) fn replaces(known: View<'_>, event: EventNo, wrong: EventNo) -> bool {
    let (row, wrong) = (known.event(event), known.event(wrong));
    row.effect == Effect::Effective
        && row.issuer == wrong.issuer
        && row.said_time == wrong.said_time
        && row.claim != wrong.claim
}

/// What a unit would show with what was taken back.
pub(crate) fn losses(case: &Case<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    weight::judge(case, &mut judgement);
    seal::judge(case, &mut judgement);
    judgement
}

/// Adds what is no longer seen of those losses.
pub(crate) fn judge(case: &Case<'_>, losses: Judgement, judgement: &mut Judgement) {
    let known = case.known;
    judgement.asked.extend(losses.asked);
    if let Some(wake) = losses.wake {
        judgement.wake_at(wake);
    }
    for loss in losses.discrepancies {
        let is_seen = judgement
            .discrepancies
            .iter()
            .any(|it| it.kind == loss.kind);
        let words = refs(&loss);
        let is_in = |event: EventNo| words.contains(&known.claim(known.event(event).claim).at);
        let corrections = case.history.iter().copied().filter(|event| is_in(*event));
        let corrections = corrections.filter_map(|event| Correction::of(known, event));
        let seen = loss.first_disproven.as_ref().map(Disproof::time);
        for correction in corrections {
            let issuer = known.event(correction.wrong).issuer;
            let others = || {
                let all = case.history.iter().copied();
                all.filter(move |event| known.event(*event).issuer != issuer)
            };
            let is_covered = correction.is_late(known)
                && seen.is_some_and(|seen| correction.time > seen)
                && others().any(is_in);
            if !is_seen && is_covered && !is_confirmed(case, loss.kind, correction.wrong) {
                judgement.add_some(draft(case, &loss, correction));
            }
        }
    }
}

/// Every claim that a discrepancy rests on.
fn refs(loss: &Discrepancy) -> BTreeSet<ClaimRef> {
    let words = loss.agreeing.iter().chain(&loss.disagreeing);
    words.map(|word| word.at).collect()
}

/// Whether others say what the correction says: somebody behind what was taken back; and of a weight two
/// sources, for one of them is whose word it contradicted.
fn is_confirmed(case: &Case<'_>, kind: Kind, wrong: EventNo) -> bool {
    let known = case.known;
    let issuer = known.event(wrong).issuer;
    let is_weight = kind == Kind::WeightMismatch;
    let says = |event: &EventNo| {
        let row = known.event(*event);
        let says = match is_weight {
            true => row.weight.is_some(),
            false => row.doors == Some(Doors::Closed),
        };
        says && row.issuer != issuer && !known.is_suspect(*event)
    };
    let others: Vec<EventNo> = case.effective().filter(says).collect();
    let sources: BTreeSet<PrincipalNo> = others.iter().map(|it| known.event(*it).issuer).collect();
    let is_behind = others.iter().any(|it| known.order(wrong, *it).is_lt());
    is_behind && (!is_weight || sources.len() > 1)
}

fn draft(case: &Case<'_>, loss: &Discrepancy, correction: Correction) -> Option<Discrepancy> {
    let known = case.known;
    let row = known.event(correction.wrong);
    let place = known.place_of(row);
    let site = place.map(|place| known.atlas.site(place));
    let others = case.history.iter().copied().filter(|event| {
        let at = known.claim(known.event(*event).claim).at;
        *event != correction.wrong && refs(loss).contains(&at)
    });
    let mut draft = correction
        .draft(known)?
        .unit(case.root, unit_value(case, None))
        .plan(known.manifest_named(row, case.root))
        .at(place)
        .between(site, None)
        .fact("hidden", FactValue::Word(loss.kind.as_str()))
        .settled(case.write_off().is_some());
    for other in others {
        draft = draft.agree(other, word_of(known, other));
    }
    Some(draft.finish())
}

impl Correction {
    /// What every discrepancy about a correction says.
    pub(crate) fn draft<'a>(&self, known: View<'a>) -> Option<Draft<'a>> {
        let row = known.event(self.wrong);
        let draft = Draft::of_claims(known, Kind::RecordTampering, &[self.declaration])?
            .interval(Some(row.time), Some(self.time))
            .entry(row.claim)
            .agree(self.wrong, said_of(known, self.wrong))
            .disagree_claim(self.declaration, Word::Said)
            .fact(
                "taken_back_after",
                FactValue::Span(self.time.since(row.time)),
            );
        Some(draft)
    }
}

/// What an observation says, weights first.
fn said_of(known: View<'_>, event: EventNo) -> Word {
    match known.event(event).weight {
        Some(_) => Word::Weighed,
        None => word_of(known, event),
    }
}
