//! Snapshots: what a node makes of its log, so that a start folds no more than what came behind
//! (docs/adr/0014-the-state-of-the-ledger.md).
//!
//! One is taken between two commits, behind the folds of the first, and is of everything that replay
//! would make: the ledger by its tables, the rest whole. The store writes it while intake goes on. At the
//! start it is taken up as a whole or not at all: what is odd about it, about the history or the index of
//! digests that it rests on, is a reason to fold the ground.

use countersign_access::FourEyes;
use countersign_attest::Genesis;
use countersign_model::body::keyed;
use countersign_model::coded::bytes::{Reader, Writer};
use countersign_model::coded::{self, Coded};
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_model::fold::Fold;
use countersign_model::time::Timestamp;
use countersign_ports::{SnapshotContent, SnapshotOf, SnapshotStore, Syncing};
use countersign_reconcile::snapshot::{Pages, Snapshot};
use countersign_reconcile::{KINDS, Ledger};

use crate::components::NodeKeys;
use crate::engine::{Engine, Fatal};
use crate::folds::{FOLD_VERSION, Folds};
use crate::kept_history::KeptHistory;
use crate::limits::{SNAPSHOT_AT_STOP_GROWTH_MIN, SNAPSHOT_GROWTH_MIN};
use crate::log::Log;
use crate::log_index::LogIndex;
use crate::state::IntakeState;

/// How the sections beside those of the ledger are written. Rises with each change of them.
const FORMAT: u32 = 1;

/// What replay makes of a log, as far as it was folded.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) state: IntakeState,
    pub(crate) folds: Folds,
    /// How many batches.
    pub(crate) batches: u64,
    /// Time as the scenario tells it.
    pub(crate) scenario: Option<Timestamp>,
    /// As of which size.
    pub(crate) size: Size,
}

/// The snapshots of a running node.
#[derive(Debug)]
pub(crate) struct Snapshots {
    store: Box<dyn SnapshotStore>,
    /// What the last one was taken of, or what was taken up.
    last: Extent,
    /// Of the one that this run began to write last.
    begun: Option<Size>,
    /// What was taken up at the start; 0 where the whole ground was folded.
    resumed_at: Size,
}

/// How much there is to fold.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    entries: u64,
    claims: u64,
}

impl Extent {
    /// Entries and claims that came since.
    const fn grown_since(self, last: Self) -> u64 {
        let entries = self.entries.saturating_sub(last.entries);
        entries + self.claims.saturating_sub(last.claims)
    }
}

/// What a log is made of: taken up from its snapshot, or nothing yet.
pub(crate) fn take_up(
    log: &Log,
    keys: &NodeKeys,
    genesis: &Genesis,
    secret: u64,
) -> Result<(Made, Snapshots), Fatal> {
    let store = log.snapshots(&secret_of(keys), &|of| {
        of.version == version() && log.has(of.head)
    })?;
    if let Some(of) = store.newest()?
        && let Some(made) = resumed(log, &*store, of, secret)?
    {
        let last = extent(made.size, &made.state);
        return Ok((made, Snapshots::new(store, last)));
    }
    drop(store);
    // Nothing of it counts, so that it is not in the way of the next one.
    let store = log.snapshots(&secret_of(keys), &|_| false)?;
    let mut state = IntakeState::new(genesis);
    state.index = LogIndex::over(log.digests()?);
    let history = KeptHistory::over(log.history(0)?, state.index.shared());
    let made = Made {
        folds: Folds::over(history, secret),
        state,
        batches: 0,
        scenario: None,
        size: Size(0),
    };
    Ok((made, Snapshots::new(store, Extent::default())))
}

/// What a snapshot holds, over the index and the history that it rests on. `None` where anything of it
/// is not as it was written.
fn resumed(
    log: &Log,
    store: &dyn SnapshotStore,
    of: SnapshotOf,
    secret: u64,
) -> Result<Option<Made>, Fatal> {
    let index = LogIndex::over(log.digests()?);
    // What stands below is not looked at again, so all of it must be in the index.
    if index.complete_to().size < of.head.size || !log.can_be_read_from(of.head.size) {
        return Ok(None);
    }
    let records = log.history(of.history)?;
    if records.end() != of.history {
        return Ok(None);
    }
    let history = KeptHistory::over(records, index.shared());
    let from = Stored(store);
    let made = || {
        let folds = Folds::resume(&from, history, secret)?;
        let (batches, scenario, size) = from.take("node.run")?;
        Some(Made {
            state: IntakeState::resume(&from, index)?,
            folds,
            batches,
            scenario,
            size,
        })
    };
    Ok(made().filter(|made| made.size == of.head.size))
}

impl Snapshots {
    fn new(store: Box<dyn SnapshotStore>, last: Extent) -> Self {
        Self {
            store,
            last,
            begun: None,
            resumed_at: Size(last.entries),
        }
    }
}

fn extent(size: Size, state: &IntakeState) -> Extent {
    Extent {
        entries: size.0,
        claims: state.identities.count() as u64,
    }
}

impl Engine {
    /// Of how many entries the newest durable snapshot is, if there is one.
    ///
    /// # Errors
    /// [`Fatal`] when one could not be written.
    pub fn snapshot_size(&self) -> Result<Option<Size>, Fatal> {
        Ok(self.snapshots.store.newest()?.map(|of| of.head.size))
    }

    /// How many entries were taken up from a snapshot when the log was opened; the rest was folded.
    #[must_use]
    pub const fn resumed_at(&self) -> Size {
        self.snapshots.resumed_at
    }

    /// Takes a snapshot where enough came since the last one, and the last one is written.
    pub(crate) fn snapshot_if_due(&mut self) -> Result<(), Fatal> {
        let newest = self.snapshot_size()?;
        let is_written = self.snapshots.begun.is_none() || self.snapshots.begun == newest;
        if is_written && self.grown() >= SNAPSHOT_GROWTH_MIN {
            self.take_snapshot()?;
        }
        Ok(())
    }

    /// Entries and claims since the last snapshot.
    fn grown(&self) -> u64 {
        extent(self.size(), &self.state).grown_since(self.snapshots.last)
    }

    /// Takes a snapshot of what the node has made of its log so far, to be written while it goes on.
    /// `false` where there can be none now: something waits for its commit, or an import is open.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn take_snapshot(&mut self) -> Result<bool, Fatal> {
        let ledger = self.folds.ledger().snapshot();
        let Some(ledger) = ledger.filter(|_| self.pending.is_empty()) else {
            return Ok(false);
        };
        let of = SnapshotOf {
            head: self.log.head(),
            version: version(),
            history: ledger.history(),
        };
        let content = Content {
            own: self.own_sections(),
            ledger,
            rests_on: vec![self.folds.sync_history()?, self.state.index.flush()?],
        };
        self.snapshots.store.write(of, Box::new(content))?;
        self.snapshots.last = extent(self.size(), &self.state);
        self.snapshots.begun = Some(self.size());
        Ok(true)
    }

    /// What it has made of the log, beside the ledger.
    fn own_sections(&self) -> Sections {
        let mut out = Sections::default();
        self.folds.keep(&mut out);
        self.state.keep(&mut out);
        // As replay would have it: where the last commit was.
        let scenario = self.scenario.map(|_| self.log.tick());
        out.put("node.run", &(self.batches, scenario, self.size()));
        out
    }

    /// Digest of all that a snapshot would hold: of the ledger by what it concludes, of the rest by its
    /// bytes. Whatever was folded, and whatever was taken up, it is the same at the same size.
    #[must_use]
    pub fn digest_of_made(&self) -> Digest {
        let own = self.own_sections();
        let folds = self.folds.state_digest();
        let mut parts: Vec<&[u8]> = vec![folds.as_bytes()];
        for (name, bytes) in &own.0 {
            parts.extend([name.as_bytes(), bytes]);
        }
        Digest::of_parts("countersign/made/v1", &parts)
    }

    /// Before a clean stop: sees to it that the next start has little to fold. What is committed is
    /// durable without it.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn rest(&mut self) -> Result<(), Fatal> {
        if self.grown() >= SNAPSHOT_AT_STOP_GROWTH_MIN {
            self.take_snapshot()?;
        }
        Ok(self.snapshots.store.flush()?)
    }
}

/// What a snapshot has beside the tables of the ledger, by section.
#[derive(Debug, Default)]
pub(crate) struct Sections(Vec<(&'static str, Vec<u8>)>);

impl Sections {
    pub(crate) fn put(&mut self, name: &'static str, thing: &impl Coded) {
        self.0.push((name, coded::bytes_of(thing)));
    }

    pub(crate) fn put_by(&mut self, name: &'static str, put: impl FnOnce(&mut Writer)) {
        let mut out = Writer::default();
        put(&mut out);
        self.0.push((name, out.bytes));
    }
}

/// The sections of a snapshot that was stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored<'a>(&'a dyn SnapshotStore);

impl Stored<'_> {
    pub(crate) fn take<T: Coded>(&self, section: &str) -> Option<T> {
        self.take_by(section, T::take)
    }

    pub(crate) fn take_by<T>(
        &self,
        section: &str,
        take: impl FnOnce(&mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut bytes = Vec::new();
        self.0.read(section, 0, &mut bytes).ok()?;
        let mut from = Reader::of(&bytes);
        take(&mut from).filter(|_| from.is_at_end())
    }
}

impl Pages for Stored<'_> {
    fn pages(&self, section: &str) -> Option<usize> {
        self.0.pages(section)
    }

    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> bool {
        self.0.read(section, page, bytes).is_ok()
    }
}

/// A snapshot on its way to the store.
struct Content {
    own: Sections,
    ledger: Snapshot,
    rests_on: Vec<Syncing>,
}

impl SnapshotContent for Content {
    fn sections(&self) -> Vec<(&str, usize)> {
        let own = self.own.0.iter().map(|(name, _)| (*name, 1));
        let ledger = self.ledger.sections().iter();
        own.chain(ledger.map(|it| (it.name(), it.pages())))
            .collect()
    }

    fn page(&self, section: usize, page: usize) -> Vec<u8> {
        if let Some((_, bytes)) = self.own.0.get(section) {
            return bytes.clone();
        }
        let sections = self.ledger.sections();
        let section = sections.get(section - self.own.0.len());
        section.map(|it| it.page(page)).unwrap_or_default()
    }

    fn rests_on(&mut self) -> Vec<Syncing> {
        std::mem::take(&mut self.rests_on)
    }
}

/// Under what manifests are checked: nobody else can make one. No fingerprint is of as many bytes.
fn secret_of(keys: &NodeKeys) -> [u8; 32] {
    *keyed(&keys.fingerprint, b"countersign/snapshot/v1").as_bytes()
}

/// Which code writes a snapshot: that of other folds, kinds or rules concludes something else, and must
/// not go on from it.
fn version() -> Digest {
    let numbers = [
        FORMAT,
        FOLD_VERSION,
        countersign_detect::FOLD_VERSION,
        <Ledger as Fold>::VERSION,
        <FourEyes as Fold>::VERSION,
    ];
    let numbers: Vec<u8> = numbers.iter().flat_map(|it| it.to_be_bytes()).collect();
    let rules: Vec<Digest> = countersign_detect::rules().map(|it| it.digest).collect();
    let mut parts: Vec<&[u8]> = vec![env!("CARGO_PKG_VERSION").as_bytes(), &numbers];
    parts.extend(KINDS.iter().map(|(_, word, _)| word.as_bytes()));
    parts.extend(rules.iter().map(|it| &it.as_bytes()[..]));
    Digest::of_parts("countersign/snapshot-version/v1", &parts)
}
