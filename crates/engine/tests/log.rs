//! The log alone, larger than a tile of tiles: what is not in memory is read back and checked.

mod world;

use countersign_attest::Register;
use countersign_engine::{Founding, Log, LogSigner, NodeKeys, found};
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Assurance, ClaimStatus, Index, RECORD_SALT_LEN, Size, VerdictRecord, entry_of,
};
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_ports::Place;
use countersign_record::commit::{CommitTime, Staged};
use countersign_tlog::hash::Hash;
use countersign_tlog::proof::{prove_inclusion, verify_inclusion};
use countersign_tlog::tree::{LeafIndex, NodeTable, TreeSize, root_at};
use world::{ORIGIN, START_MS, Shared, administrator, components, keys};

/// A log of statements that nobody reads.
struct Grown {
    disk: Shared,
    log: Log,
    keys: NodeKeys,
    register: Register,
    /// What every answer is compared with.
    oracle: NodeTable,
    entries: Vec<Digest>,
    commits: i64,
}

/// What a log with these keys names.
fn register() -> Register {
    let founding = Founding {
        origin: Origin::parse(ORIGIN).expect("an origin"),
        administrators: vec![administrator().public()],
        registration_policy: "test".to_owned(),
        scenario_start: None,
    };
    let mut world = components(&Shared::default());
    let (genesis, _) = found(&founding, &mut world, &keys()).expect("founds");
    Register::new(&genesis)
}

fn staged(number: usize) -> Staged {
    Staged {
        statement: number.to_be_bytes().to_vec(),
        records: Vec::new(),
        verdict: VerdictRecord {
            salt: [1; RECORD_SALT_LEN],
            assurance: Assurance::SoftwareKey,
            marks: vec![],
            claims: vec![ClaimStatus::Effective],
        },
    }
}

impl Grown {
    fn new() -> Self {
        let disk = Shared::default();
        let (stores, ..) = components(&disk).split();
        let id = entry_of(&staged(0).statement);
        Self {
            log: Log::begin(stores, id).expect("begins"),
            disk,
            keys: keys(),
            register: register(),
            oracle: NodeTable::new(),
            entries: Vec::new(),
            commits: 0,
        }
    }

    /// Commits that many statements, `each` at a time, and publishes behind every `publish` commits.
    fn grow(&mut self, statements: usize, each: usize, publish: i64) {
        let signer = LogSigner {
            register: &self.register,
            keys: &self.keys,
        };
        let mut left = statements;
        while left > 0 {
            let count = left.min(each);
            left -= count;
            let first = self.entries.len();
            let group = (first..first + count).map(staged).collect();
            self.commits += 1;
            let at = Timestamp::from_ms(START_MS + self.commits);
            let time = CommitTime {
                recorded: at,
                uncertainty_ms: 1,
                tick: at,
            };
            let prepared = self.log.commit(group, time, &signer).expect("commits");
            let entries = prepared.statements.iter().map(|one| one.entry);
            for entry in entries.chain([entry_of(&prepared.batch_statement)]) {
                self.entries.push(entry);
                let leaf = Hash::leaf(entry.as_bytes());
                self.oracle.append(leaf).expect("grows");
            }
            if self.commits % publish == 0 {
                self.log.publish(&signer).expect("publishes");
            }
        }
    }

    fn publish(&mut self) {
        let signer = LogSigner {
            register: &self.register,
            keys: &self.keys,
        };
        self.log.publish(&signer).expect("publishes");
    }

    fn open_again(&mut self) {
        let (stores, ..) = components(&self.disk).split();
        self.log = Log::open(stores, &self.keys).expect("opens");
        self.log.cut_tail().expect("is ready for commits");
    }

    /// Every answer of the log at some places is that of the oracle.
    fn check(&self) {
        let size = self.entries.len();
        assert_eq!(self.log.size(), Size(size as u64));
        let root = self.oracle.frontier().root();
        assert_eq!(self.log.root(), root);
        let tree = TreeSize(size as u64);
        let step = (size / 41).max(1);
        let some = self.entries.iter().enumerate().step_by(step);
        let last = self.entries.iter().enumerate().next_back();
        for (at, entry) in some.chain(last) {
            let entry = *entry;
            let index = Index(at as u64);
            let path = self.log.path(index).expect("a path");
            let leaf = LeafIndex(index.0);
            let expected = prove_inclusion(&self.oracle, leaf, tree).expect("a path");
            assert_eq!(path, expected, "index {at} of {size}");
            let hash = Hash::leaf(entry.as_bytes());
            verify_inclusion(&hash, leaf, tree, &path, &root).expect("proves");
            assert_eq!(self.log.entry(index).expect("reads"), Some(entry), "{at}");
            let old = Size(at as u64 + 1);
            let there = self.log.root_at(old).expect("a root");
            assert_eq!(Ok(there), root_at(&self.oracle, TreeSize(old.0)), "{at}");
            match self.log.group(index).expect("reads") {
                Some(group) => assert_eq!(entry_of(&group.statement), entry),
                None => {
                    let batch = self.log.batch(index).expect("reads").expect("a batch");
                    assert_eq!(entry_of(&batch.statement), entry);
                    assert_eq!(self.log.batch_of(index).expect("reads"), None);
                }
            }
        }
        let beyond = Index(size as u64);
        assert_eq!(self.log.entry(beyond).expect("reads"), None);
        self.log.path(beyond).expect_err("there is no such entry");
    }
}

#[test]
fn what_is_not_in_memory_is_read_from_tiles() {
    let mut grown = Grown::new();
    for (statements, each, publish) in [(3, 1, 1), (700, 50, 3), (1, 1, 1), (65_500, 3_000, 4)] {
        grown.grow(statements, each, publish);
        grown.check();
    }
    grown.open_again();
    grown.check();
    grown.publish();
    grown.check();
}

#[test]
fn a_tile_that_is_wrong_or_gone_is_made_again_from_the_ground() {
    let mut grown = Grown::new();
    grown.grow(66_000, 4_000, 1);
    for (path, bytes) in [
        ("tile/0/000", None),
        ("tile/0/x001", None),
        ("tile/0/007", Some(vec![7; 256 * 32])),
        ("tile/0/008", Some(vec![7; 9])),
        ("tile/1/000", Some(vec![0; 256 * 32])),
        ("tile/entries/000", None),
    ] {
        grown.disk.put_file(path, bytes);
    }
    grown.open_again();
    grown.check();
    grown.grow(2_000, 500, 1);
    grown.check();
}

#[test]
fn a_tree_that_was_never_published_is_cut_from_the_ground() {
    let mut grown = Grown::new();
    grown.grow(70_000, 4_000, 100);
    grown.check();
    grown.open_again();
    grown.check();
    grown.publish();
    let whole = grown.disk.files();
    let mut other = Grown::new();
    other.grow(70_000, 4_000, 1);
    // Partial tiles of older sizes may be there as well.
    let published = other.disk.files();
    assert!(
        whole
            .iter()
            .all(|(path, bytes)| published.get(path) == Some(bytes))
    );
}

#[test]
fn neither_tile_nor_ground_is_a_clear_error() {
    let mut grown = Grown::new();
    grown.grow(1_000, 500, 1);
    grown.disk.put_file("tile/0/000", None);
    grown.open_again();
    grown.disk.tamper(|segments| {
        for segment in segments.values_mut() {
            segment[300] ^= 1;
        }
    });
    let error = grown.log.path(Index(3)).expect_err("cannot be proven");
    assert!(error.to_string().contains("countersign "), "{error}");
    grown.log.path(Index(900)).expect("the rest can");
}

#[test]
fn places_that_are_lost_or_wrong_are_made_again() {
    let mut grown = Grown::new();
    grown.grow(2_000, 100, 3);
    let disk = grown.disk.clone();
    // Short, empty, too long, shifted, of another kind.
    let damages: [fn(&mut Vec<Place>); 5] = [
        |places| places.truncate(1_234),
        Vec::clear,
        |places| places.extend(places.clone()),
        |places| {
            places.remove(1_500);
        },
        |places| {
            places
                .iter_mut()
                .for_each(|place| place.is_batch = !place.is_batch)
        },
    ];
    for damage in damages {
        disk.with_places(damage);
        grown.open_again();
        grown.check();
        grown.publish();
        grown.grow(300, 100, 2);
        grown.check();
    }
}

#[test]
fn a_cut_of_the_power_leaves_places_that_end_early() {
    let mut grown = Grown::new();
    grown.grow(900, 50, 4);
    grown.grow(120, 50, 100);
    grown.disk.cut_power();
    grown.open_again();
    grown.check();
}

#[test]
fn an_opening_reads_the_end_of_the_ground_alone() {
    let mut grown = Grown::new();
    grown.grow(3_000, 100, 1);
    grown.grow(100, 100, 100);
    // What is damaged far behind is found by whoever reads it, and by `verify` and `fsck`.
    grown.disk.tamper(|segments| {
        for segment in segments.values_mut() {
            segment[5_000] ^= 1;
        }
    });
    grown.open_again();
    assert_eq!(grown.log.size(), Size(grown.entries.len() as u64));
    grown.log.path(Index(2)).expect("from tiles");
    // The last commits are read: damage there is refused.
    grown.disk.tamper(|segments| {
        for segment in segments.values_mut() {
            let near_the_end = segment.len() - 300;
            segment[near_the_end] ^= 1;
        }
    });
    let (stores, ..) = components(&grown.disk).split();
    let refused = Log::open(stores, &grown.keys).expect_err("is refused");
    assert!(refused.to_string().contains("LOG-3"), "{refused}");
}
