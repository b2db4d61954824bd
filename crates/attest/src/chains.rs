//! Chains: whether a statement is a replay, and how it fits what its signer said before.
//!
//! A chain is what one key says to one set of audiences in one epoch. All rules use the digest
//! of the Sig_structure, never signature bytes or unprotected headers, which others can change
//! (format law 3). The state is a function of the logged statements in log order.

use std::collections::BTreeMap;
use std::convert::Infallible;

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

/// A place in a chain: one statement stands there, or, when its signer said two things, several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainPlace<'a> {
    /// The issuer's key.
    pub key: &'a KeyId,
    /// For whom the chain is, sorted.
    pub audiences: &'a [Origin],
    /// Its epoch.
    pub epoch: u64,
    /// The counter there, from 1.
    pub counter: u64,
}

impl<'a> ChainPlace<'a> {
    /// The place that a statement of this key takes; `None` for one without a chain.
    #[must_use]
    pub fn of(key: &'a KeyId, statement: &'a Statement) -> Option<Self> {
        let link = statement.chain()?;
        Some(Self {
            key,
            audiences: statement.audiences(),
            epoch: link.epoch(),
            counter: link.counter(),
        })
    }

    fn at(self, counter: u64) -> Self {
        Self { counter, ..self }
    }
}

/// What stands at a place: digests of Sig_structures with their indices, the first that came first.
pub type Standing = Vec<(Digest, Index)>;

/// What the log knows of chains, wherever that lies.
pub trait KnownChains {
    /// Why it cannot be read.
    type Error;

    /// Where the statement without a chain of that digest stands.
    ///
    /// # Errors
    /// [`KnownChains::Error`].
    fn loose(&self, digest: Digest) -> Result<Option<Index>, Self::Error>;

    /// What stands at a place.
    ///
    /// # Errors
    /// [`KnownChains::Error`].
    fn at(&self, place: ChainPlace<'_>) -> Result<Standing, Self::Error>;

    /// What the first statement behind an empty place says stands there.
    ///
    /// # Errors
    /// [`KnownChains::Error`].
    fn awaited(&self, place: ChainPlace<'_>) -> Result<Option<Digest>, Self::Error>;
}

/// How `statement`, signed by the issuer's key `key`, fits what is known.
///
/// # Errors
/// [`KnownChains::Error`].
pub fn fit<K: KnownChains>(known: &K, key: &KeyId, statement: &Statement) -> Result<Fit, K::Error> {
    let digest = statement.sig_digest();
    let (Some(link), Some(place)) = (statement.chain(), ChainPlace::of(key, statement)) else {
        let seen = known.loose(digest)?;
        return Ok(seen.map_or_else(|| Fit::New(Vec::new()), Fit::Replay));
    };
    let here = known.at(place)?;
    if let Some((_, index)) = here.iter().find(|(there, _)| *there == digest) {
        return Ok(Fit::Replay(*index));
    }
    let mut marks = Vec::new();
    if let Some(previous) = link.previous() {
        let before = known.at(place.at(place.counter - 1))?;
        if before.is_empty() {
            marks.push(Mark::ChainGap);
        } else if before.iter().all(|(there, _)| *there != previous) {
            marks.push(Mark::ChainBroken);
        }
    }
    // Who signs a successor signs what stands before it: a late statement that is not the one
    // named there is a second one for its place.
    let named = || Ok(known.awaited(place)?.is_some_and(|named| named != digest));
    if !here.is_empty() || named()? {
        marks.push(Mark::Equivocation);
    }
    Ok(Fit::New(marks))
}

/// Every place of every chain that the log has, in memory: about 60 bytes a statement. For those who
/// read a log once; a node keeps places on the disk.
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
        match fit(self, key, statement) {
            Ok(fit) => fit,
            Err(never) => match never {},
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

impl KnownChains for Chains {
    type Error = Infallible;

    fn loose(&self, digest: Digest) -> Result<Option<Index>, Infallible> {
        Ok(self.loose.get(&digest).copied())
    }

    fn at(&self, place: ChainPlace<'_>) -> Result<Standing, Infallible> {
        let chain = self.chain(place.key, place.audiences, place.epoch);
        Ok(chain.map_or_else(Vec::new, |chain| chain.at(place.counter)))
    }

    fn awaited(&self, place: ChainPlace<'_>) -> Result<Option<Digest>, Infallible> {
        let chain = self.chain(place.key, place.audiences, place.epoch);
        Ok(chain.and_then(|chain| chain.awaited.get(&place.counter).copied()))
    }
}

impl Chain {
    fn at(&self, counter: u64) -> Standing {
        let first = self.links.get(&counter).into_iter().copied();
        let of_place = (counter, Digest::ZERO)..=(counter, Digest::new([0xff; 32]));
        let rivals = self.rivals.range(of_place);
        first
            .chain(rivals.map(|((_, digest), index)| (*digest, *index)))
            .collect()
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
