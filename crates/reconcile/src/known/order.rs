//! The total order of what is said (format law 9): corrected event time, source, epoch,
//! counter, ordinal in the statement, claim digest. The log index is no part of it.

use std::cmp::Ordering;

use countersign_model::time::Timestamp;

use super::atlas::Atlas;
use super::claims::Claims;
use super::events::Events;
use crate::number::{ClaimNo, EventNo};

#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) atlas: &'a Atlas,
    pub(crate) claims: &'a Claims,
    pub(crate) events: &'a Events,
}

impl Order<'_> {
    pub(crate) fn of_events(self, a: EventNo, b: EventNo) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let (left, right) = (self.events.row(a), self.events.row(b));
        left.time.cmp(&right.time).then_with(|| {
            self.behind_time(left.claim, right.claim)
                .then(left.part.cmp(&right.part))
        })
    }

    pub(crate) fn of_claims(self, a: ClaimNo, b: ClaimNo) -> Ordering {
        self.claim_time(a)
            .cmp(&self.claim_time(b))
            .then_with(|| self.behind_time(a, b))
    }

    pub(crate) fn claim_time(self, claim: ClaimNo) -> Timestamp {
        let row = self.claims.row(claim);
        self.atlas.corrected(row.issuer, row.time)
    }

    fn behind_time(self, a: ClaimNo, b: ClaimNo) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let (left, right) = (self.claims.row(a), self.claims.row(b));
        let name = |issuer| self.atlas.names.principals.name(issuer);
        let by_issuer = if left.issuer == right.issuer {
            Ordering::Equal
        } else {
            name(left.issuer).cmp(name(right.issuer))
        };
        by_issuer
            .then_with(|| left.chain.cmp(&right.chain))
            .then_with(|| left.at.ordinal.cmp(&right.at.ordinal))
            .then_with(|| left.digest.cmp(&right.digest))
    }
}
