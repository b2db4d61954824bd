//! Is there anybody who may still say otherwise? What would be concluded from silence waits for
//! sources that are known to owe statements (`known/sources.rs`), no longer than their contracts
//! let them be late.

use countersign_model::time::Timestamp;

use super::{Case, Judgement};
use crate::discrepancy::Discrepancy;
use crate::known::Known;
use crate::known::sources::Question;
use crate::number::{PartyNo, PlaceNo};
use crate::walk::Oddity;

impl Question {
    /// What whoever stands at a site, or speaks for who holds what is there, may say of an interval.
    pub(crate) fn at(
        known: &Known,
        sites: &[PlaceNo],
        (from, until): (Timestamp, Timestamp),
    ) -> Self {
        let holders = sites
            .iter()
            .filter_map(|site| known.atlas.spot(*site).party);
        Self {
            sites: sites.to_vec(),
            parties: holders.collect(),
            from,
            until,
        }
    }

    /// A carrier may say it too.
    pub(crate) fn or_by(mut self, carrier: Option<PartyNo>) -> Self {
        self.parties.extend(carrier);
        self
    }
}

/// Whether the answer to a question is still awaited, for what is no matter of one unit. The question is
/// kept: who is asked may speak later.
pub(crate) fn is_awaited(known: &Known, question: Question, kept: &mut Vec<Question>) -> bool {
    let is_awaited = known.awaited(&question).is_some();
    kept.push(question);
    is_awaited
}

impl Judgement {
    /// Whether the answer is still awaited; then the unit is judged again when it comes, or when it
    /// is too late.
    pub(super) fn waits_for(&mut self, case: &Case<'_>, question: &Question) -> bool {
        let asked = case.known.asked(question);
        self.asked
            .extend(asked.map(|source| (source, question.until)));
        let awaited = case.known.awaited(question);
        if let Some(until) = awaited {
            self.wake_at(until);
        }
        awaited.is_some()
    }

    /// Adds what follows from a question, unless the answer is still awaited.
    pub(super) fn add_once_heard(
        &mut self,
        case: &Case<'_>,
        discrepancy: Option<Discrepancy>,
        question: &Question,
    ) {
        if let Some(discrepancy) = discrepancy
            && !self.waits_for(case, question)
        {
            self.add(discrepancy);
        }
    }
}

/// What happened between the last proof and what contradicts it, at either site.
pub(super) fn about_oddity(case: &Case<'_>, oddity: &Oddity) -> Question {
    let last = oddity.last.map(|last| case.time(last.event));
    let from = last.unwrap_or(Timestamp::from_ms(i64::MIN));
    let sites: Vec<PlaceNo> = oddity.from.into_iter().chain([oddity.at.site]).collect();
    Question::at(&case.known, &sites, (from, case.time(oddity.event)))
}
