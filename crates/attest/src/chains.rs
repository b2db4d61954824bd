//! Chains: whether a statement is a replay, and how it fits what its signer said before.
//!
//! A chain is what one key says to one set of audiences in one epoch. All rules use the digest
//! of the Sig_structure, never signature bytes or unprotected headers, which others can change
//! (format law 3). The state is a function of the logged statements in log order.

use std::collections::BTreeMap;

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Mark};
use countersign_model::ids::{KeyId, Origin};

use crate::header::ChainLink;
use crate::statement::Statement;

/// What the chains say of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The same Sig_structure stands in the log already.
    Replay(Index),
    /// It is new; `ChainGap`, `ChainBroken` and `Equivocation`, sorted.
    New(Vec<Mark>),
}

/// The newest place of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Its counter.
    pub counter: u64,
    /// Digest of the Sig_structure there: the next statement's `previous`.
    pub digest: Digest,
}

/// Every place of every chain that the log has. About 60 bytes a statement.
#[derive(Clone, Debug, Default)]
pub struct Chains {
    /// Every set of audiences that a chain was for, numbered in the order of coming.
    audiences: BTreeMap<Vec<Origin>, u64>,
    chains: BTreeMap<ChainKey, Chain>,
    /// Statements without a chain.
    loose: BTreeMap<Digest, Index>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ChainKey {
    key: KeyId,
    /// The number of its audiences.
    audiences: u64,
    epoch: u64,
}

#[derive(Clone, Debug, Default)]
struct Chain {
    /// What came first at each place.
    links: BTreeMap<u64, (Digest, Index)>,
    /// What came later at a place that was taken.
    rivals: BTreeMap<(u64, Digest), Index>,
    /// What the statement after an empty place says stands there.
    awaited: BTreeMap<u64, Digest>,
}

impl Chains {
    /// How `statement`, signed by the issuer's key `key`, fits what is known.
    #[must_use]
    pub fn judge(&self, key: &KeyId, statement: &Statement) -> Fit {
        let digest = statement.sig_digest();
        let Some(link) = statement.chain() else {
            let seen = self.loose.get(&digest);
            return seen.map_or_else(|| Fit::New(Vec::new()), |index| Fit::Replay(*index));
        };
        match self.chain(key, statement.audiences(), link.epoch()) {
            Some(chain) => chain.judge(link, digest),
            None => Chain::default().judge(link, digest),
        }
    }

    /// Takes in the statement that the log has at `index`; to be called once for each, in log order.
    pub fn record(&mut self, key: &KeyId, statement: &Statement, index: Index) {
        let digest = statement.sig_digest();
        match statement.chain() {
            None => {
                self.loose.entry(digest).or_insert(index);
            }
            Some(link) => {
                let place = ChainKey {
                    key: *key,
                    audiences: self.number(statement.audiences()),
                    epoch: link.epoch(),
                };
                let chain = self.chains.entry(place).or_default();
                chain.record(link, digest, index);
            }
        }
    }

    /// The newest place of a chain, for a signer that takes it up again; `audiences` sorted.
    #[must_use]
    pub fn head(&self, key: &KeyId, audiences: &[Origin], epoch: u64) -> Option<ChainHead> {
        let chain = self.chain(key, audiences, epoch)?;
        let (counter, (digest, _)) = chain.links.last_key_value()?;
        Some(ChainHead {
            counter: *counter,
            digest: *digest,
        })
    }

    fn chain(&self, key: &KeyId, audiences: &[Origin], epoch: u64) -> Option<&Chain> {
        self.chains.get(&ChainKey {
            key: *key,
            audiences: *self.audiences.get(audiences)?,
            epoch,
        })
    }

    fn number(&mut self, audiences: &[Origin]) -> u64 {
        if let Some(number) = self.audiences.get(audiences) {
            return *number;
        }
        let number = self.audiences.len() as u64;
        self.audiences.insert(audiences.to_vec(), number);
        number
    }
}

impl Chain {
    fn judge(&self, link: &ChainLink, digest: Digest) -> Fit {
        let counter = link.counter();
        let mut marks = Vec::new();
        let taken = self.links.get(&counter);
        if let Some((_, index)) = taken.filter(|(there, _)| *there == digest) {
            return Fit::Replay(*index);
        }
        if let Some(index) = self.rivals.get(&(counter, digest)) {
            return Fit::Replay(*index);
        }
        if let Some(previous) = link.previous() {
            match self.links.get(&(counter - 1)) {
                None => marks.push(Mark::ChainGap),
                Some((there, _)) if *there == previous => {}
                Some(_) if self.rivals.contains_key(&(counter - 1, previous)) => {}
                Some(_) => marks.push(Mark::ChainBroken),
            }
        }
        // Who signs a successor signs what stands before it: a late statement that is not the one
        // named there is a second one for its place.
        let named = self.awaited.get(&counter);
        if taken.is_some() || named.is_some_and(|named| *named != digest) {
            marks.push(Mark::Equivocation);
        }
        Fit::New(marks)
    }

    fn record(&mut self, link: &ChainLink, digest: Digest, index: Index) {
        let counter = link.counter();
        if self.links.contains_key(&counter) {
            if self
                .links
                .get(&counter)
                .is_some_and(|(there, _)| *there != digest)
            {
                self.rivals.entry((counter, digest)).or_insert(index);
            }
            return;
        }
        self.links.insert(counter, (digest, index));
        self.awaited.remove(&counter);
        if let Some(previous) = link.previous()
            && !self.links.contains_key(&(counter - 1))
        {
            self.awaited.entry(counter - 1).or_insert(previous);
        }
    }
}
