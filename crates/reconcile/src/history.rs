//! What was observed, kept outside memory: records one behind the other, each with the places of
//! those before it that speak of the same things.
//!
//! Everything here can be made again from the log. A record is written once and never changed: what
//! follows from later words (taken back, suspect, another network) is looked up when it is read.

pub(crate) mod record;

use std::num::NonZeroU64;

use countersign_model::entry::ClaimRef;
use countersign_model::ids::ClaimId;

use crate::snapshot::coded::Coded;

pub(crate) use countersign_model::coded::bytes;
pub use record::claim_in;

/// Where a record begins. One that is absent takes no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(NonZeroU64);

impl Place {
    /// Of a record that begins at byte `at`, counted from 0.
    #[must_use]
    pub const fn of(at: u64) -> Option<Self> {
        match NonZeroU64::new(at.wrapping_add(1)) {
            Some(place) => Some(Self(place)),
            None => None,
        }
    }

    /// The byte at which it begins.
    #[must_use]
    pub const fn at(self) -> u64 {
        self.0.get() - 1
    }
}

impl Coded for Place {
    fn put(&self, out: &mut bytes::Writer) {
        self.0.get().put(out);
    }

    fn take(from: &mut bytes::Reader<'_>) -> Option<Self> {
        NonZeroU64::new(u64::take(from)?).map(Self)
    }
}

/// Keeps records (a port: the ledger itself has no IO).
pub trait History: std::fmt::Debug + Send {
    /// Appends the record of a claim, which stands at `at` in the log, and returns its place. Places
    /// rise, and so does where the claims stand.
    fn append(&mut self, claim: ClaimId, at: ClaimRef, record: &[u8]) -> Place;

    /// Puts the record at a place into `record`, which is emptied first.
    ///
    /// `false` if it cannot be read. What the ledger concludes from then on counts for nothing: whoever
    /// gave it this history knows of the failure and must not use it.
    fn read(&self, place: Place, record: &mut Vec<u8>) -> bool;

    /// The places of all records of claims with that identity, in the order of arrival.
    fn of_claim(&self, claim: ClaimId) -> Vec<Place>;

    /// The first record behind a place, or the first of all.
    fn next(&self, behind: Option<Place>) -> Option<Place>;

    /// How many bytes all of it has.
    fn bytes(&self) -> u64;
}

/// A history in memory: for tests, and for a ledger that is read once.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    bytes: Vec<u8>,
    by_claim: std::collections::BTreeMap<ClaimId, Vec<Place>>,
}

/// Bytes of the length before each record.
const LENGTH_BYTES: usize = 4;

impl History for InMemory {
    fn append(&mut self, claim: ClaimId, _at: ClaimRef, record: &[u8]) -> Place {
        let place = Place::of(self.bytes.len() as u64);
        let place = place.expect("LIM-1: memory ends long before the last place");
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(record);
        self.by_claim.entry(claim).or_default().push(place);
        place
    }

    fn read(&self, place: Place, record: &mut Vec<u8>) -> bool {
        record.clear();
        let Some(found) = self.record(place) else {
            return false;
        };
        record.extend_from_slice(found);
        true
    }

    fn of_claim(&self, claim: ClaimId) -> Vec<Place> {
        self.by_claim.get(&claim).cloned().unwrap_or_default()
    }

    fn next(&self, behind: Option<Place>) -> Option<Place> {
        let at = match behind {
            None => 0,
            Some(place) => place.at() + (LENGTH_BYTES + self.record(place)?.len()) as u64,
        };
        (at < self.bytes.len() as u64).then(|| Place::of(at))?
    }

    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

impl InMemory {
    fn record(&self, place: Place) -> Option<&[u8]> {
        let rest = self.bytes.get(usize::try_from(place.at()).ok()?..)?;
        let (length, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        rest.get(..u32::from_le_bytes(*length) as usize)
    }
}
