//! The commit on a disk that fails and forgets: after any fault and any power cut the log opens
//! again, every receipt that was given still verifies and goes on into the log that is there, no
//! two checkpoints that were shown contradict each other, and what is derived is whole (LOG-2,
//! LOG-3). Every operation is failed in every way; then schedules of several lives are drawn.

mod disk;
mod promises;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use countersign_engine::engine::Taken;
use countersign_engine::{Engine, Fatal, Founding, found};
use countersign_model::entry::ClaimRef;
use countersign_model::ids::Origin;

use disk::random::Random;
use disk::stores::{empty_disk, world};
use disk::{Disk, Fault, Kind, SECTOR_BYTES};
use promises::Promises;
use world::{ORIGIN, administrator, keys, said};

/// Schedules of the default tests.
const SCHEDULES: u64 = 2000;
/// How many, in a long run.
const SCHEDULES_VARIABLE: &str = "COUNTERSIGN_DISK";
/// Seed of the first of them; with one schedule, that one alone.
const SEED_VARIABLE: &str = "COUNTERSIGN_DISK_SEED";
/// Subsets of the sectors of a write that are tried at most, each with every ending.
const SUBSETS_MAX: u64 = 16;

/// A log with genesis and its first batch, published, on a disk whose cache is empty.
fn begun() -> Disk {
    let disk = empty_disk();
    let founding = Founding {
        origin: Origin::parse(ORIGIN).expect("an origin"),
        administrators: vec![administrator().public()],
        registration_policy: "test".to_owned(),
        scenario_start: None,
    };
    let mut world = world(&disk, 0);
    let (genesis, statement) = found(&founding, &mut world, &keys()).expect("founds");
    Engine::begin(world, keys(), genesis, statement, &founding).expect("begins");
    disk
}

/// One life of a process: what it says to the log, drawn from a stream.
struct Life<'a> {
    random: Random,
    promises: &'a mut Promises,
    /// Numbers what is said, so that nothing is said twice.
    said: u32,
}

impl Life<'_> {
    fn statement(&mut self, engine: &mut Engine) -> ClaimRef {
        self.said += 1;
        let (n, long) = (self.said, "x".repeat(self.random.below(1200)));
        let object = format!(
            r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}","note":"sealed {long}"}}"#
        );
        let salt = u8::try_from(n % 251).expect("a byte");
        match engine.submit(&said(engine, salt, &[&object])) {
            Ok(Taken::Staged(ticket)) => ClaimRef {
                index: ticket.index,
                ordinal: 0,
            },
            other => panic!("a fresh statement is taken: {other:?}"),
        }
    }

    /// Some commits, each acknowledged by its receipts, then perhaps published.
    fn works(&mut self, engine: &mut Engine, commits: usize) -> Result<(), Fatal> {
        for _ in 0..commits {
            let count = 1 + self.random.below(2);
            let claims: Vec<ClaimRef> = (0..count).map(|_| self.statement(engine)).collect();
            engine.commit()?;
            for claim in claims {
                self.promises.acknowledge(engine, claim);
            }
            if self.random.in_eight(5) {
                engine.publish()?;
            }
        }
        engine.publish()
    }
}

/// How a life ends, besides the fault.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// The process ends; what it wrote is in the cache.
    Process,
    /// The power goes; of what waits, a part drawn from a seed has reached the disk: so many of 8.
    Power { reached: u64, seed: u64 },
}

impl Ending {
    fn comes(self, disk: &Disk) {
        if let Self::Power { reached, seed } = self {
            let mut random = Random::new(seed);
            disk.cut_power(&mut || random.in_eight(reached));
        }
    }
}

const ENDINGS: [Ending; 4] = [
    Ending::Process,
    Ending::Power {
        reached: 0,
        seed: 0,
    },
    Ending::Power {
        reached: 8,
        seed: 0,
    },
    Ending::Power {
        reached: 4,
        seed: 7,
    },
];

/// Opens what a life left, holds it to its promises; cuts the power behind that, and once more.
fn reopens(disk: &Disk, promises: &mut Promises) -> Result<(), String> {
    disk.fail_at(None);
    let mut engine = open(disk, 1)?;
    promises.hold(&mut engine, disk)?;
    drop(engine);
    disk.cut_power(&mut || false);
    let mut engine = open(disk, 2)?;
    promises.hold(&mut engine, disk)?;
    promises.hold_receipts(&engine)
}

fn open(disk: &Disk, seed: u64) -> Result<Engine, String> {
    let opened = Engine::open(world(disk, seed), keys());
    opened
        .map(|(engine, _)| engine)
        .map_err(|error| format!("does not open: {error}"))
}

/// The workload of the fault table: two commits and publications, the second into a new segment.
fn workload(disk: &Disk, promises: &mut Promises) -> Result<(), Fatal> {
    let (mut engine, _) = Engine::open(world(disk, 3), keys())?;
    let random = Random::new(11);
    let mut life = Life {
        random,
        promises,
        said: 0,
    };
    life.works(&mut engine, 2)
}

/// The faults that make sense for an operation.
fn faults(kind: Kind) -> Vec<Fault> {
    match kind {
        Kind::Write { at, len } => {
            let sectors = (at % SECTOR_BYTES + len).div_ceil(SECTOR_BYTES);
            let ends = (0..=sectors).map(|n| (n * SECTOR_BYTES).saturating_sub(at % SECTOR_BYTES));
            let prefixes = ends.chain([1, len / 2, len - 1]).map(Fault::Prefix);
            let all = 1_u64.checked_shl(u32::try_from(sectors).expect("few"));
            let subsets: Vec<u64> = match all.filter(|all| *all <= SUBSETS_MAX) {
                Some(all) => (1..all).collect(),
                None => {
                    let mut random = Random::new(len as u64);
                    (0..SUBSETS_MAX).map(|_| random.next()).collect()
                }
            };
            let whole = [Fault::Lost, Fault::Done].into_iter();
            whole
                .chain(prefixes)
                .chain(subsets.into_iter().map(Fault::Some))
                .collect()
        }
        Kind::Sync | Kind::SyncFolder => vec![
            Fault::Lost,
            Fault::Done,
            Fault::Forgotten,
            Fault::Prefix(1),
            Fault::Some(0x5555_5555_5555_5555),
        ],
        Kind::Length | Kind::Name => vec![Fault::Lost, Fault::Done],
    }
}

#[test]
fn every_write_point_fails_in_every_way() {
    let base = begun();
    let disk = base.copied();
    disk.fail_at(None);
    workload(&disk, &mut Promises::default()).expect("works");
    let operations = disk.operations();
    assert!(operations.len() > 30, "{} operations", operations.len());
    let cases: Vec<(usize, Fault, Ending)> = (1..)
        .zip(&operations)
        .flat_map(|(at, kind)| faults(*kind).into_iter().map(move |fault| (at, fault)))
        .flat_map(|(at, fault)| ENDINGS.map(|ending| (at, fault, ending)))
        .collect();
    in_parallel(cases.len() as u64, &|n| {
        let case = cases[usize::try_from(n).expect("fits")];
        let (at, fault, ending) = case;
        let kind = operations[at - 1];
        let what = |why: String| format!("operation {at} ({kind:?}) {fault:?}, {ending:?}: {why}");
        let disk = base.copied();
        let mut promises = Promises::default();
        disk.fail_at(Some((at, fault)));
        if workload(&disk, &mut promises).is_ok() {
            return Err(what("the engine went on after a failure".to_owned()));
        }
        promises.seen(&disk);
        ending.comes(&disk);
        reopens(&disk, &mut promises).map_err(what)
    });
}

/// Some lives of a log, each with one fault, and what came of them: how many receipts it gave.
fn schedule(base: &Disk, seed: u64) -> Result<u64, String> {
    let mut random = Random::new(seed);
    let disk = base.copied();
    let mut promises = Promises::default();
    let mut said = 0;
    for _ in 0..1 + random.below(3) {
        let fault = drawn_fault(&mut random);
        disk.fail_at(Some((1 + random.below(90), fault)));
        let commits = 1 + random.below(3);
        match Engine::open(world(&disk, random.next()), keys()) {
            Ok((mut engine, _)) => {
                promises.show(&engine);
                let mut life = Life {
                    random: Random::new(random.next()),
                    promises: &mut promises,
                    said,
                };
                // An error is the fault that was drawn, and ends the process.
                let goes_on = life.works(&mut engine, commits).is_ok();
                said = life.said;
                if goes_on && random.in_eight(3) {
                    promises.erase(&mut engine, &mut random);
                }
            }
            Err(Fatal::Store(_)) => {}
            Err(error) => return Err(format!("does not open: {error}")),
        }
        promises.seen(&disk);
        if random.in_eight(5) {
            let (reached, seed) = (random.next() % 9, random.next());
            Ending::Power { reached, seed }.comes(&disk);
        }
    }
    reopens(&disk, &mut promises)?;
    Ok(promises.receipts())
}

fn drawn_fault(random: &mut Random) -> Fault {
    match random.below(8) {
        0 => Fault::Lost,
        1 => Fault::Done,
        2 => Fault::Forgotten,
        3 => Fault::Prefix(random.below(3000)),
        4 => Fault::Some(random.next()),
        _ => Fault::Cut,
    }
}

#[test]
fn drawn_schedules_of_a_forgetful_disk() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let first = number(SEED_VARIABLE);
    let alone = first.map_or(SCHEDULES, |_| 1);
    let count = number(SCHEDULES_VARIABLE).unwrap_or(alone);
    let base = begun();
    let given = AtomicU64::new(0);
    in_parallel(count, &|n| {
        let seed = first.unwrap_or(1).wrapping_add(n);
        let receipts = schedule(&base, seed);
        given.fetch_add(*receipts.as_ref().unwrap_or(&0), Ordering::SeqCst);
        receipts.map(drop).map_err(|why| {
            format!(
                "schedule {seed}: {why}\n  alone: {SEED_VARIABLE}={seed} cargo test \
                 --package countersign-engine --test power drawn_schedules"
            )
        })
    });
    println!(
        "schedules | schedules, from seed {} | {count}",
        first.unwrap_or(1)
    );
    println!(
        "schedules | receipts given and verified after them | {}",
        given.into_inner()
    );
    println!("schedules | schedules with a loss or two histories | 0");
}

/// Runs the cases on all cores; fails with the first few that did.
fn in_parallel(count: u64, case: &(dyn Fn(u64) -> Result<(), String> + Sync)) {
    let next = AtomicU64::new(0);
    let failed = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    let is_enough =
                        || failed.lock().unwrap_or_else(PoisonError::into_inner).len() >= 5;
                    if n >= count || is_enough() {
                        return;
                    }
                    if let Err(why) = case(n) {
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push(why);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_disk_forgets_what_was_not_synced_and_keeps_what_was() {
    let disk = Disk::with_folders(&["a"]);
    let file = disk.create("a/one").expect("creates");
    disk.write(file, 0, &[1; 1500]).expect("writes");
    disk.sync(file).expect("syncs");
    let unnamed = disk.copied();
    unnamed.cut_power(&mut || false);
    assert!(unnamed.file("a/one").is_none(), "its folder was not synced");
    disk.sync_folder("a").expect("syncs");
    disk.write(file, 100, &[2; 1000]).expect("writes");
    // The first answer is about what is derived.
    let mut odd = true;
    disk.cut_power(&mut || {
        odd = !odd;
        odd
    });
    let (bytes, _) = disk.file("a/one").expect("is there");
    let of = |at: usize| bytes[at];
    assert_eq!([of(0), of(100), of(511)], [1, 2, 2], "the first sector");
    assert_eq!([of(512), of(1023)], [1, 1], "the second was dropped");
    assert_eq!([of(1024), of(1099), of(1100)], [2, 2, 1], "the third");
}
