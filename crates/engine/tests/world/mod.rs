//! A world that fails on demand: what is written is volatile until synced, and any operation can
//! be lost or done and reported failed.
#![expect(dead_code, reason = "each test file uses its part of the world")]

pub(crate) mod derived;
pub(crate) mod device;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use countersign_attest::{Algorithm, Header, Kind, SecretKey, Submission};
use countersign_engine::node_statement::own_objects;
use countersign_engine::{
    Components, Counted, Engine, Fatal, Founding, NodeKeys, Recovered, found,
};
use countersign_model::digest::Digest;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::time::Timestamp;
use countersign_ports::{
    CheckpointCell, Clock, ClockReading, DigestIndex, Entropy, Ground, IndexStore, Place,
    PlaceTable, Position, Published, RecordTable, SnapshotOf, SnapshotStore, StoreError, Swapped,
    TreeHead,
};
use countersign_record::sealing::SealingKey;
use countersign_record::segment::{HEADER_LEN, header};
use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType};

use derived::Derived;

/// What happens to the operation that a plan names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not done, and reported failed.
    Lost,
    /// Of a write, the first half is done, and it is reported failed; other operations are lost.
    Torn,
    /// Done, and reported failed.
    Done,
}

/// What lies on the disks. Volatile bytes are gone after [`Disk::cut_power`].
#[derive(Debug, Default)]
pub(crate) struct Disk {
    segments: BTreeMap<u32, Vec<u8>>,
    durable: BTreeMap<u32, Vec<u8>>,
    second: Option<Vec<u8>>,
    files: BTreeMap<String, Vec<u8>>,
    places: Vec<Place>,
    durable_places: usize,
    /// Records of the history are not given back.
    is_history_lost: bool,
    derived: Derived,
    /// What is derived outlives a process.
    keeps_derived: bool,
    operations: u64,
    plan: Option<(u64, Fault)>,
    now_ms: i64,
    monotonic_ms: u64,
    random: u64,
}

impl Disk {
    /// Writes into a segment, durably.
    fn overwrite(&mut self, at: Position, bytes: &[u8]) {
        for segments in [&mut self.segments, &mut self.durable] {
            if let Some(segment) = segments.get_mut(&at.segment) {
                let end = at.offset as usize + bytes.len();
                segment.resize(segment.len().max(end), 0);
                let place = segment.get_mut(at.offset as usize..end);
                place.expect("it was made to fit").copy_from_slice(bytes);
            }
        }
    }
}

/// A disk that several components share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Disk>>);

impl Shared {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Disk) -> T) -> T {
        work(
            &mut self
                .0
                .lock()
                .expect("no test panics while it holds the disk"),
        )
    }

    /// The operation of that number fails; they are counted from here.
    pub(crate) fn fail_at(&self, operation: Option<(u64, Fault)>) {
        self.with(|disk| {
            disk.operations = 0;
            disk.plan = operation;
        });
    }

    /// Operations since [`Shared::fail_at`].
    pub(crate) fn operations(&self) -> u64 {
        self.with(|disk| disk.operations)
    }

    /// What was not synced is gone.
    pub(crate) fn cut_power(&self) {
        self.with(|disk| {
            disk.segments = disk.durable.clone();
            disk.places.truncate(disk.durable_places);
        });
    }

    /// Everything that a data folder would hold, for searching.
    pub(crate) fn all_bytes(&self) -> Vec<Vec<u8>> {
        self.with(|disk| {
            let segments = disk.segments.values().chain(disk.durable.values()).cloned();
            segments
                .chain(disk.files.values().cloned())
                .chain(disk.second.clone())
                .collect()
        })
    }

    /// Changes bytes of a segment behind the engine's back, durably.
    pub(crate) fn tamper(&self, work: impl Fn(&mut BTreeMap<u32, Vec<u8>>)) {
        self.with(|disk| {
            work(&mut disk.segments);
            work(&mut disk.durable);
        });
    }

    /// Puts another checkpoint into the second place.
    pub(crate) fn set_second(&self, value: Option<Vec<u8>>) {
        self.with(|disk| disk.second = value);
    }

    /// Nothing was ever published.
    pub(crate) fn remove_published(&self) {
        self.with(|disk| disk.files.clear());
    }

    /// Puts a published file in place behind the engine's back, or takes it away.
    pub(crate) fn put_file(&self, path: &str, bytes: Option<Vec<u8>>) {
        self.with(|disk| match bytes {
            Some(bytes) => disk.files.insert(path.to_owned(), bytes),
            None => disk.files.remove(path),
        });
    }

    /// The places that are derived and kept.
    pub(crate) fn with_places<T>(&self, work: impl FnOnce(&mut Vec<Place>) -> T) -> T {
        self.with(|disk| work(&mut disk.places))
    }

    /// From here on no record of the history can be read.
    pub(crate) fn lose_history(&self) {
        self.with(|disk| disk.is_history_lost = true);
    }

    /// From here on the index of digests, the history and the snapshot outlive a process.
    pub(crate) fn keep_derived(&self) {
        self.with(|disk| disk.keeps_derived = true);
    }

    /// The index of digests, the history and the snapshot.
    pub(crate) fn derived(&self) -> Derived {
        self.with(|disk| disk.derived.clone())
    }

    /// The same at the start of a process: empty, unless they are kept.
    fn begin_derived(&self) -> Derived {
        self.with(|disk| {
            if !disk.keeps_derived {
                disk.derived = Derived::default();
            }
            disk.derived.clone()
        })
    }

    /// All published files.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.with(|disk| disk.files.clone())
    }

    /// The written bytes of a segment.
    pub(crate) fn segment(&self, number: u32) -> Vec<u8> {
        self.with(|disk| disk.segments.get(&number).cloned().unwrap_or_default())
    }

    /// Puts a segment in place, durably.
    pub(crate) fn put_segment(&self, number: u32, bytes: Vec<u8>) {
        self.with(|disk| {
            disk.segments.insert(number, bytes.clone());
            disk.durable.insert(number, bytes);
        });
    }

    pub(crate) fn second(&self) -> Option<Vec<u8>> {
        self.with(|disk| disk.second.clone())
    }

    pub(crate) fn set_clock(&self, ms: i64) {
        self.with(|disk| disk.now_ms = ms);
    }

    /// Time passes, on the wall and on the monotonic clock.
    pub(crate) fn pass(&self, ms: u64) {
        self.with(|disk| {
            disk.now_ms += i64::try_from(ms).expect("a while");
            disk.monotonic_ms += ms;
        });
    }

    /// Whether the plan tears the next operation.
    fn tears_now(&self) -> bool {
        self.with(|disk| disk.plan == Some((disk.operations + 1, Fault::Torn)))
    }

    /// Does `work` unless the plan says otherwise.
    fn operate<T>(&self, doing: &str, work: impl FnOnce(&mut Disk) -> T) -> Result<T, StoreError> {
        self.with(|disk| {
            disk.operations += 1;
            let fault = disk
                .plan
                .filter(|(at, _)| *at == disk.operations)
                .map(|(_, fault)| fault);
            if matches!(fault, Some(Fault::Lost | Fault::Torn)) {
                return Err(StoreError::other(doing, "the disk failed"));
            }
            let result = work(disk);
            if fault.is_some() {
                Err(StoreError::other(doing, "the disk failed"))
            } else {
                Ok(result)
            }
        })
    }
}

#[derive(Debug)]
struct FakeGround {
    disk: Shared,
    log: [u8; 32],
    end: Option<Position>,
}

impl Ground for FakeGround {
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError> {
        self.log = log;
        self.end = end;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        let start = self.end.unwrap_or_else(|| Position {
            segment: 0,
            offset: u32::try_from(HEADER_LEN).expect("short"),
        });
        let log = self.log;
        self.disk.operate("writing", |disk| {
            let head = header(start.segment, Digest::new(log));
            let segment = disk
                .segments
                .entry(start.segment)
                .or_insert_with(|| head.to_vec());
            segment.resize(start.offset as usize, 0);
            segment.extend(bytes);
        })?;
        self.end = Some(Position {
            offset: start.offset + u32::try_from(bytes.len()).expect("short"),
            ..start
        });
        Ok(start)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.disk
            .operate("syncing", |disk| disk.durable = disk.segments.clone())
    }

    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError> {
        self.disk.with(|disk| {
            let Some(segment) = disk.segments.get(&at.segment) else {
                return Ok(Vec::new());
            };
            let end = segment.len().min(at.offset as usize + len);
            Ok(segment
                .get(at.offset as usize..end)
                .unwrap_or_default()
                .to_vec())
        })
    }

    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError> {
        if self.disk.tears_now() {
            let half = bytes.get(..bytes.len().div_ceil(2)).unwrap_or_default();
            self.disk.with(|disk| disk.overwrite(at, half));
        }
        self.disk
            .operate("overwriting", |disk| disk.overwrite(at, bytes))
    }
}

#[derive(Debug)]
struct FakeCell(Shared);

impl CheckpointCell for FakeCell {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.second())
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        self.0.operate("swapping", |disk| {
            if disk.second.as_deref() != expected {
                return Swapped::Differs(disk.second.clone());
            }
            disk.second = Some(new.to_vec());
            Swapped::Done
        })
    }
}

#[derive(Debug)]
struct FakeFiles(Shared);

impl Published for FakeFiles {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.operate("publishing", |disk| {
            disk.files.insert(path.to_owned(), bytes.to_vec());
        })
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.with(|disk| disk.files.get(path).cloned()))
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.0.with(|disk| disk.files.keys().cloned().collect()))
    }

    fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        self.0.operate("removing", |disk| {
            let below = format!("{path}/");
            disk.files
                .retain(|name, _| name != path && !name.starts_with(&below));
        })
    }
}

#[derive(Debug)]
struct FakeIndex(Shared);

impl IndexStore for FakeIndex {
    fn places(&self, _log: Digest) -> Result<Box<dyn PlaceTable>, StoreError> {
        Ok(Box::new(FakePlaces(self.0.clone())))
    }

    fn digests(
        &self,
        _log: Digest,
        has: &dyn Fn(TreeHead) -> bool,
    ) -> Result<Box<dyn DigestIndex>, StoreError> {
        Ok(Box::new(self.0.derived().digests(has)))
    }

    fn history(&self, _log: Digest, end: u64) -> Result<Box<dyn RecordTable>, StoreError> {
        self.0.with(|disk| disk.is_history_lost = false);
        Ok(Box::new(self.0.derived().history(&self.0, end)))
    }

    fn snapshots(
        &self,
        _log: Digest,
        _secret: &[u8; 32],
        counts: &dyn Fn(&SnapshotOf) -> bool,
    ) -> Result<Box<dyn SnapshotStore>, StoreError> {
        // The first that is opened in the life of a process.
        let derived = self.0.begin_derived();
        Ok(Box::new(derived.snapshots(counts)))
    }
}

#[derive(Debug)]
struct FakePlaces(Shared);

impl PlaceTable for FakePlaces {
    fn count(&self) -> u64 {
        self.0.with(|disk| disk.places.len() as u64)
    }

    fn append(&mut self, places: &[Place]) -> Result<(), StoreError> {
        self.0
            .operate("writing places", |disk| disk.places.extend(places))
    }

    fn read(&self, first: u64, most: usize) -> Result<Vec<Place>, StoreError> {
        let first = usize::try_from(first).expect("short");
        Ok(self.0.with(|disk| {
            let places = disk.places.iter().skip(first).take(most);
            places.copied().collect()
        }))
    }

    fn cut(&mut self, count: u64) -> Result<(), StoreError> {
        let count = usize::try_from(count).expect("short");
        self.0.with(|disk| {
            disk.places.truncate(count);
            disk.durable_places = disk.durable_places.min(count);
        });
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.0.operate("syncing places", |disk| {
            disk.durable_places = disk.places.len()
        })
    }
}

#[derive(Debug)]
struct FakeClock(Shared);

impl Clock for FakeClock {
    fn read(&self) -> ClockReading {
        let ms = self.0.with(|disk| disk.now_ms);
        ClockReading {
            wall: Timestamp::from_ms(ms),
            uncertainty_ms: 1,
            monotonic_ms: self.0.with(|disk| disk.monotonic_ms),
            synchronised: true,
        }
    }
}

/// Of the ledger; nothing else that is drawn is as short.
const SECRET_BYTES: usize = 8;

#[derive(Debug)]
struct FakeEntropy(Shared);

impl Entropy for FakeEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StoreError> {
        if bytes.len() == SECRET_BYTES {
            // In no byte of a log: what is drawn for one stays what it was in the first release.
            bytes.fill(9);
            return Ok(());
        }
        self.0.with(|disk| {
            for byte in bytes {
                // Knuth's multiplier: different bytes are all that is asked here.
                disk.random = disk
                    .random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = disk.random.to_be_bytes()[0];
            }
        });
        Ok(())
    }
}

pub(crate) fn components(disk: &Shared) -> Components {
    Components {
        ground: Box::new(FakeGround {
            disk: disk.clone(),
            log: [0; 32],
            end: None,
        }),
        second: Box::new(FakeCell(disk.clone())),
        published: Box::new(FakeFiles(disk.clone())),
        index: Box::new(FakeIndex(disk.clone())),
        clock: Box::new(FakeClock(disk.clone())),
        entropy: Box::new(FakeEntropy(disk.clone())),
    }
}

pub(crate) const ORIGIN: &str = "faults.example/1";

pub(crate) fn keys() -> NodeKeys {
    keys_of(ORIGIN)
}

fn keys_of(origin: &str) -> NodeKeys {
    let name = KeyName::new(origin).expect("a name");
    NodeKeys {
        checkpoint: vec![Counted::new(Ed25519Signer::new(
            name,
            SignatureType::Ed25519,
            &[1; 32],
        ))],
        checkpoint_pq: Vec::new(),
        statement: vec![Counted::new(SecretKey::generate(
            Algorithm::Ed25519,
            [2; 32],
        ))],
        receipt: vec![Counted::new(SecretKey::generate(
            Algorithm::Ed25519,
            [3; 32],
        ))],
        sealing: SealingKey::new([4; 32]),
        fingerprint: [5; 32].into(),
    }
}

pub(crate) fn administrator() -> SecretKey {
    SecretKey::generate(Algorithm::Ed25519, [6; 32])
}

/// 2026-01-05T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_571_200_000;

/// A new log on an empty disk.
pub(crate) fn begin(disk: &Shared) -> Result<Engine, Fatal> {
    begin_as(disk, ORIGIN)
}

/// A new log of that name.
pub(crate) fn begin_as(disk: &Shared, origin: &str) -> Result<Engine, Fatal> {
    disk.set_clock(START_MS);
    let founding = Founding {
        origin: Origin::parse(origin).expect("an origin"),
        administrators: vec![administrator().public()],
        registration_policy: "test".to_owned(),
        scenario_start: None,
    };
    let mut world = components(disk);
    let keys = keys_of(origin);
    let (genesis, statement) = found(&founding, &mut world, &keys)?;
    Engine::begin(world, keys, genesis, statement, &founding)
}

pub(crate) fn open(disk: &Shared) -> Result<(Engine, Recovered), Fatal> {
    Engine::open(components(disk), keys())
}

/// A statement of the administrator with these objects.
pub(crate) fn said(engine: &Engine, salt: u8, objects: &[&str]) -> Submission {
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = engine.intake().register.identity().origin.clone();
    let header = Header::new(issuer, "test", vec![origin], Kind::claims()).expect("a header");
    let mut next = salt;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(13).wrapping_add(7);
            *byte = next;
        }
    };
    own_objects(&header, objects, &administrator(), &mut random).expect("signs")
}
