//! The four-eyes fold: a proposal and an approval by two different people make an action.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use countersign_model::act::{Act, Approval, Proposal};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Mark};
use countersign_model::fold::{AdmittedStatement, Fold, FoldBatch, Said};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::time::Timestamp;
use countersign_model::{coded, coded_cases, coded_words};

use crate::limits::{OPEN_PROPOSALS_MAX, REFUSALS_SHOWN_MAX};

/// An action that two people have agreed on. It takes effect where the approval stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// What was proposed, whole.
    pub proposal: Proposal,
    /// Who proposed it.
    pub proposer: PrincipalId,
    /// Who approved it: somebody else, with another key.
    pub approver: PrincipalId,
    /// Where the approval stands in the log.
    pub at: ClaimRef,
    /// The tick of its batch: the instant from which the action holds.
    pub instant: Timestamp,
}

/// How a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for its second half.
    Open,
    /// In force.
    Approved(PrincipalId),
    /// Ended by somebody's no.
    Rejected(PrincipalId),
    /// Its time ran out.
    Lapsed,
}

impl Standing {
    /// The word in output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved(_) => "approved",
            Self::Rejected(_) => "rejected",
            Self::Lapsed => "lapsed",
        }
    }
}

/// A proposal that waits for its second half.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// What is proposed.
    pub proposal: &'a Proposal,
    /// Who proposes it.
    pub proposer: &'a PrincipalId,
    /// Where it stands in the log.
    pub at: ClaimRef,
}

/// Why one half had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// No proposal of that id stands before the approval.
    UnknownProposal,
    /// A proposal of that id was made before.
    IdTaken,
    /// The proposal's time had run out at the batch's tick.
    Lapsed,
    /// Proposer and approver are the same principal, or used the same key.
    SamePerson,
    /// The proposal was approved or rejected before.
    Decided,
    /// The key, or whoever holds it, was locked.
    Locked,
    /// [`OPEN_PROPOSALS_MAX`] proposals wait already.
    TooManyOpen,
}

impl Refusal {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownProposal => "unknown_proposal",
            Self::IdTaken => "id_taken",
            Self::Lapsed => "lapsed",
            Self::SamePerson => "same_person",
            Self::Decided => "decided",
            Self::Locked => "locked",
            Self::TooManyOpen => "too_many_open",
        }
    }
}

/// A proposal or approval without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedHalf {
    /// Where it stands in the log.
    pub at: ClaimRef,
    /// Who signed it.
    pub by: PrincipalId,
    /// The proposal's id.
    pub proposal: Box<str>,
    /// Why.
    pub why: Refusal,
}

#[derive(Clone, Debug)]
struct Kept {
    proposal: Proposal,
    proposer: PrincipalId,
    key: KeyId,
    at: ClaimRef,
    standing: Standing,
}

/// All proposals and how they stand (ACT-1).
#[derive(Clone, Debug, Default)]
pub struct FourEyes {
    kept: BTreeMap<Box<str>, Kept>,
    /// Open proposals by the instant at which they lapse.
    open: BTreeSet<(Timestamp, Box<str>)>,
    refused: VecDeque<RefusedHalf>,
    refused_count: u64,
    tick: Timestamp,
}

impl FourEyes {
    /// How the proposal of that id stands; `None` if there is none.
    #[must_use]
    pub fn standing(&self, proposal: &str) -> Option<&Standing> {
        self.kept.get(proposal).map(|kept| &kept.standing)
    }

    /// Proposals that wait for their second half, by the time they lapse.
    pub fn open(&self) -> impl Iterator<Item = Waiting<'_>> {
        let kept = self.open.iter().filter_map(|(_, id)| self.kept.get(id));
        kept.map(|kept| Waiting {
            proposal: &kept.proposal,
            proposer: &kept.proposer,
            at: kept.at,
        })
    }

    /// The newest halves that had no effect, oldest first, at most [`REFUSALS_SHOWN_MAX`].
    pub fn refused(&self) -> impl Iterator<Item = &RefusedHalf> {
        self.refused.iter()
    }

    /// How many halves had no effect since the beginning.
    #[must_use]
    pub const fn refused_count(&self) -> u64 {
        self.refused_count
    }

    fn lapse(&mut self) {
        while let Some((expires, _)) = self.open.first()
            && *expires < self.tick
        {
            if let Some((_, id)) = self.open.pop_first()
                && let Some(kept) = self.kept.get_mut(&id)
            {
                kept.standing = Standing::Lapsed;
            }
        }
    }

    fn propose(&mut self, by: &Signer<'_>, proposal: &Proposal) -> Result<(), Refusal> {
        if self.kept.contains_key(&proposal.id) {
            return Err(Refusal::IdTaken);
        }
        if self.open.len() >= OPEN_PROPOSALS_MAX {
            return Err(Refusal::TooManyOpen);
        }
        if proposal.expires < self.tick {
            return Err(Refusal::Lapsed);
        }
        self.open.insert((proposal.expires, proposal.id.clone()));
        let kept = Kept {
            proposal: proposal.clone(),
            proposer: by.statement.issuer.clone(),
            key: by.statement.key,
            at: by.at,
            standing: Standing::Open,
        };
        self.kept.insert(proposal.id.clone(), kept);
        Ok(())
    }

    fn decide(
        &mut self,
        by: &Signer<'_>,
        approval: &Approval,
    ) -> Result<Option<Approved>, Refusal> {
        let kept = self
            .kept
            .get_mut(&approval.proposal)
            .ok_or(Refusal::UnknownProposal)?;
        match kept.standing {
            Standing::Open => {}
            Standing::Lapsed => return Err(Refusal::Lapsed),
            Standing::Approved(_) | Standing::Rejected(_) => return Err(Refusal::Decided),
        }
        let statement = by.statement;
        let same_person = statement.issuer == kept.proposer || statement.key == kept.key;
        if approval.approved && same_person {
            return Err(Refusal::SamePerson);
        }
        let lapses = (kept.proposal.expires, kept.proposal.id.clone());
        self.open.remove(&lapses);
        if !approval.approved {
            kept.standing = Standing::Rejected(statement.issuer.clone());
            return Ok(None);
        }
        kept.standing = Standing::Approved(statement.issuer.clone());
        Ok(Some(Approved {
            proposal: kept.proposal.clone(),
            proposer: kept.proposer.clone(),
            approver: statement.issuer.clone(),
            at: by.at,
            instant: self.tick,
        }))
    }

    fn take(&mut self, by: &Signer<'_>, act: &Act, out: &mut Vec<Approved>) {
        let is_locked = by.statement.marks.contains(&Mark::Locked);
        let (id, result) = match act {
            Act::Proposal(proposal) if is_locked => (&proposal.id, Err(Refusal::Locked)),
            Act::Approval(approval) if is_locked => (&approval.proposal, Err(Refusal::Locked)),
            Act::Proposal(proposal) => (&proposal.id, self.propose(by, proposal).map(|()| None)),
            Act::Approval(approval) => (&approval.proposal, self.decide(by, approval)),
            // The rest of the acts are one person's, or another fold's.
            _ => return,
        };
        match result {
            Ok(approved) => out.extend(approved),
            Err(why) => self.refuse(RefusedHalf {
                at: by.at,
                by: by.statement.issuer.clone(),
                proposal: id.clone(),
                why,
            }),
        }
    }

    fn refuse(&mut self, half: RefusedHalf) {
        self.refused_count += 1;
        if self.refused.len() >= REFUSALS_SHOWN_MAX {
            self.refused.pop_front();
        }
        self.refused.push_back(half);
    }
}

struct Signer<'a> {
    statement: &'a AdmittedStatement,
    at: ClaimRef,
}

impl Fold for FourEyes {
    type Out = Approved;
    const VERSION: u32 = 1;

    /// Every act in the batch must be authorised already: this fold asks only for two people.
    fn apply(&mut self, batch: &FoldBatch, out: &mut Vec<Approved>) {
        self.tick = self.tick.max(batch.tick);
        self.lapse();
        for statement in &batch.statements {
            for claim in &statement.claims {
                if claim.status == ClaimStatus::Effective
                    && let Some(Said::Act(act)) = &claim.said
                {
                    let at = claim.at;
                    self.take(&Signer { statement, at }, act, out);
                }
            }
        }
    }

    fn state_digest(&self) -> Digest {
        let mut bytes = Vec::new();
        let mut put = |part: &[u8]| {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        };
        for (id, kept) in &self.kept {
            put(id.as_bytes());
            put(kept.proposer.as_str().as_bytes());
            put(kept.key.0.as_bytes());
            put(&kept.at.index.0.to_be_bytes());
            put(&kept.at.ordinal.to_be_bytes());
            put(&kept.proposal.expires.ms().to_be_bytes());
            put(kept.standing.as_str().as_bytes());
            put(match &kept.standing {
                Standing::Approved(by) | Standing::Rejected(by) => by.as_str().as_bytes(),
                Standing::Open | Standing::Lapsed => b"",
            });
        }
        let tick = self.tick.ms().to_be_bytes();
        let refused = self.refused_count.to_be_bytes();
        Digest::of_parts("countersign/four-eyes/v1", &[&tick, &refused, &bytes])
    }
}

coded! {
    FourEyes { kept, open, refused, refused_count, tick }
    Kept { proposal, proposer, key, at, standing }
    RefusedHalf { at, by, proposal, why }
}

coded_words! {
    Refusal { UnknownProposal, IdTaken, Lapsed, SamePerson, Decided, Locked, TooManyOpen }
}

coded_cases! {
    Standing {
        0 Open,
        1 Approved(0 by),
        2 Rejected(0 by),
        3 Lapsed,
    }
}

#[cfg(test)]
mod tests;
