//! Where each statement stands in the chain of its key, on the disk.
//!
//! In memory are the newest places of the chains, by which nearly every statement is judged, and
//! the statements that wait for their commit. Everything else is found in the [`crate::log_index`]
//! by a digest of its place and read back from the ground.

use std::collections::BTreeMap;

use countersign_attest::chains::fit;
use countersign_attest::{ChainLink, ChainPlace, Fit, KnownChains, Standing, Statement};
use countersign_model::coded;
use countersign_model::coded::Coded;
use countersign_model::coded::bytes::{Reader, Writer};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index, Mark};
use countersign_model::ids::{KeyId, Origin};
use countersign_ports::StoreError;

use crate::limits::CHAIN_HEADS_MAX;
use crate::log_index::Past;

/// Every place of every chain that the log has.
#[derive(Clone, Debug, Default)]
pub struct ChainIndex {
    heads: Heads,
    /// Statements that wait for their commit, by the digest of their place.
    waiting: BTreeMap<Digest, Vec<Link>>,
}

/// A statement at its place.
#[derive(Clone, Copy, Debug)]
struct Link {
    index: Index,
    digest: Digest,
    previous: Option<Digest>,
}

impl ChainIndex {
    /// How `statement`, signed by the issuer's key `key`, fits what is known.
    ///
    /// # Errors
    /// [`StoreError`] when that cannot be read.
    pub fn judge(
        &self,
        key: &KeyId,
        statement: &Statement,
        past: Past<'_>,
    ) -> Result<Fit, StoreError> {
        if let Some(marks) = self.heads.judge(key, statement) {
            return Ok(Fit::New(marks));
        }
        fit(&Known { chains: self, past }, key, statement)
    }

    /// Takes in the statement that the log will have at `index`, and that waits for its commit.
    pub fn record(&mut self, key: &KeyId, statement: &Statement, index: Index) {
        self.heads.record(key, statement);
        let place = ChainPlace::of(key, statement);
        let at = place.map_or_else(|| statement.sig_digest(), digest_of);
        let link = Link::of(statement, index);
        self.waiting.entry(at).or_default().push(link);
    }

    /// What waited is committed: what goes into the index.
    pub fn committed(&mut self) -> impl Iterator<Item = (Digest, ClaimRef)> + use<> {
        let places = std::mem::take(&mut self.waiting).into_iter();
        places.flat_map(|(place, links)| {
            let at = |link: Link| ClaimRef {
                index: link.index,
                ordinal: 0,
            };
            links.into_iter().map(move |link| (place, at(link)))
        })
    }
}

coded! {
    Heads { newest, room, is_partial }
    Head { counter, digest }
}

/// Where nothing waits for its commit.
impl Coded for ChainIndex {
    fn put(&self, out: &mut Writer) {
        let Self { heads, waiting: _ } = self;
        heads.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            heads: Heads::take(from)?,
            waiting: BTreeMap::new(),
        })
    }
}

impl Link {
    fn of(statement: &Statement, index: Index) -> Self {
        Self {
            index,
            digest: statement.sig_digest(),
            previous: statement.chain().and_then(ChainLink::previous),
        }
    }
}

/// Names a place in the index.
fn digest_of(place: ChainPlace<'_>) -> Digest {
    let numbers = [place.epoch.to_be_bytes(), place.counter.to_be_bytes()].concat();
    let mut parts: Vec<&[u8]> = vec![place.key.0.as_bytes(), &numbers];
    parts.extend(place.audiences.iter().map(|name| name.as_str().as_bytes()));
    Digest::of_parts("countersign/chain-place/v1", &parts)
}

/// The chains with the past behind them.
struct Known<'a> {
    chains: &'a ChainIndex,
    past: Past<'a>,
}

impl Known<'_> {
    /// What stands under a digest, in log order, of which `is` is true.
    fn links(&self, at: Digest, is: impl Fn(&Statement) -> bool) -> Result<Vec<Link>, StoreError> {
        let mut links = Vec::new();
        for place in self.past.find(at)? {
            let group = self.past.group(place.index)?;
            let statement = Statement::parse(&group.statement)
                .map_err(|refusal| StoreError::other("reading a chain back", refusal.reason))?;
            if is(&statement) {
                links.push(Link::of(&statement, place.index));
            }
        }
        links.extend(self.chains.waiting.get(&at).into_iter().flatten());
        Ok(links)
    }

    fn links_at(&self, place: ChainPlace<'_>) -> Result<Vec<Link>, StoreError> {
        self.links(digest_of(place), |statement| {
            let there = ChainPlace::of(place.key, statement);
            there == Some(place) && statement.key_ids().contains(place.key)
        })
    }
}

impl KnownChains for Known<'_> {
    type Error = StoreError;

    fn loose(&self, digest: Digest) -> Result<Option<Index>, StoreError> {
        let links = self.links(digest, |statement| statement.sig_digest() == digest)?;
        Ok(links.first().map(|link| link.index))
    }

    fn at(&self, place: ChainPlace<'_>) -> Result<Standing, StoreError> {
        let links = self.links_at(place)?.into_iter();
        Ok(links.map(|link| (link.digest, link.index)).collect())
    }

    fn awaited(&self, place: ChainPlace<'_>) -> Result<Option<Digest>, StoreError> {
        let Some(counter) = place.counter.checked_add(1) else {
            return Ok(None);
        };
        let behind = self.links_at(ChainPlace { counter, ..place })?;
        Ok(behind.first().and_then(|link| link.previous))
    }
}

/// The newest place of each chain. What it has it has had since the log began; of more chains than
/// [`CHAIN_HEADS_MAX`] it has none.
#[derive(Clone, Debug)]
struct Heads {
    /// By key and epoch, and then by audiences.
    newest: BTreeMap<(KeyId, u64), BTreeMap<Vec<Origin>, Head>>,
    /// How many more have room.
    room: usize,
    /// There are chains that are not in it.
    is_partial: bool,
}

#[derive(Clone, Debug)]
struct Head {
    counter: u64,
    digest: Digest,
}

impl Default for Heads {
    fn default() -> Self {
        Self {
            newest: BTreeMap::new(),
            room: CHAIN_HEADS_MAX,
            is_partial: false,
        }
    }
}

impl Heads {
    fn of(&self, key: &KeyId, statement: &Statement, link: &ChainLink) -> Option<&Head> {
        let heads = self.newest.get(&(*key, link.epoch()))?;
        heads.get(statement.audiences())
    }

    /// The marks of a statement that goes on from the newest place of its chain or begins it; `None`
    /// where the places must be asked.
    fn judge(&self, key: &KeyId, statement: &Statement) -> Option<Vec<Mark>> {
        let link = statement.chain()?;
        match self.of(key, statement, link) {
            Some(head) => {
                let follows = link.counter() == head.counter.checked_add(1)?;
                (follows && link.previous() == Some(head.digest)).then(Vec::new)
            }
            None if self.is_partial => None,
            None if link.previous().is_some() => Some(vec![Mark::ChainGap]),
            None => Some(Vec::new()),
        }
    }

    fn record(&mut self, key: &KeyId, statement: &Statement) {
        let Some(link) = statement.chain() else {
            return;
        };
        let audiences = statement.audiences();
        let (counter, digest) = (link.counter(), statement.sig_digest());
        let heads = self.newest.get_mut(&(*key, link.epoch()));
        match heads.and_then(|heads| heads.get_mut(audiences)) {
            Some(head) if head.counter < counter => {
                head.counter = counter;
                head.digest = digest;
            }
            Some(_) => {}
            None if self.room > 0 => {
                self.room -= 1;
                let heads = self.newest.entry((*key, link.epoch())).or_default();
                heads.insert(audiences.to_vec(), Head { counter, digest });
            }
            None => self.is_partial = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_attest::header::Kind;
    use countersign_attest::{Algorithm, Chains, Header, SecretKey, claims_payload, sign1};
    use countersign_model::ids::PrincipalId;
    use proptest::prelude::*;

    use super::*;
    use crate::ground::Group;
    use crate::log_index::LogIndex;

    /// One of two keys says one of two things at a place of one of four chains, or without a chain.
    /// What it names before it is one of the two things that may stand there.
    #[derive(Clone, Copy, Debug)]
    struct Saying {
        key: u8,
        to_both: bool,
        epoch: u64,
        /// 0: without a chain.
        counter: u64,
        content: u8,
        after: u8,
    }

    fn sayings() -> impl Strategy<Value = Vec<(Saying, bool)>> {
        let saying = (0..2_u8, any::<bool>(), 1..3_u64, 0..6_u64, 0..2_u8, 0..2_u8).prop_map(
            |(key, to_both, epoch, counter, content, after)| Saying {
                key,
                to_both,
                epoch,
                counter,
                content,
                after,
            },
        );
        prop::collection::vec((saying, any::<bool>()), 1..40)
    }

    /// The statement, and its key.
    fn said(saying: Saying) -> (Vec<u8>, KeyId) {
        let key = SecretKey::generate(Algorithm::Ed25519, [saying.key + 1; 32]);
        let issuer = PrincipalId::parse("somebody").expect("a name");
        let names = ["log.example/a", "log.example/b"];
        let names = if saying.to_both {
            &names[..]
        } else {
            &names[..1]
        };
        let audiences = names
            .iter()
            .map(|name| Origin::parse(name).expect("an origin"));
        let header = Header::new(issuer, "x", audiences.collect(), Kind::claims());
        let mut header = header.expect("a header");
        if saying.counter > 0 {
            // Nothing stands before the first; what is far back is named, and was never said.
            let link = match saying.counter {
                1 => ChainLink::first(saying.epoch),
                counter => {
                    let before = Saying {
                        counter: counter - 1,
                        content: saying.after,
                        after: 0,
                        ..saying
                    };
                    let previous = Statement::parse(&said(before).0).expect("reads");
                    let link = ChainLink::after(saying.epoch, counter, previous.sig_digest());
                    link.expect("a link")
                }
            };
            header = header.with_chain(link);
        }
        let payload = claims_payload(&[Digest::of(&[saying.content])]).expect("a claim");
        (sign1(&header, &payload, &key), key.public().id())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// On the disk and in memory, with heads and without: every statement fits the same.
        #[test]
        fn it_judges_as_chains_in_memory_do(sayings in sayings(), room in 0..5_usize) {
            let mut expect = Chains::default();
            let mut chains = ChainIndex::default();
            chains.heads.room = room;
            let mut index = LogIndex::default();
            let mut ground: Vec<Group> = Vec::new();
            for (saying, commits) in sayings {
                let (bytes, key) = said(saying);
                let statement = Statement::parse(&bytes).expect("reads");
                let past = Past::new(&index, &ground);
                let fits = chains.judge(&key, &statement, past).expect("judges");
                prop_assert_eq!(&fits, &expect.judge(&key, &statement));
                if let Fit::New(_) = fits {
                    let at = Index(ground.len() as u64);
                    expect.record(&key, &statement, at);
                    chains.record(&key, &statement, at);
                    ground.push(Group {
                        index: at,
                        statement: statement.logged_bytes(),
                        blobs: Vec::new(),
                        envelopes: Vec::new(),
                        bodies: Vec::new(),
                        sealed: Vec::new(),
                    });
                }
                if commits {
                    for (place, at) in chains.committed() {
                        index.insert(place, at).expect("inserts");
                    }
                    // What comes back from a snapshot goes on.
                    let written = coded::bytes_of(&chains);
                    chains = coded::read(&written).expect("what was written reads");
                    prop_assert_eq!(coded::bytes_of(&chains), written);
                }
            }
        }
    }
}
