//! The digest index against a map in memory: through crashes, damage, merges and full disks it
//! finds exactly what the log has, or says that it cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index, Size};
use countersign_ports::{DigestIndex as _, StoreError, TreeHead};
use countersign_store_local::DigestRuns;
use countersign_store_local::limits::{QUIET_ENTRIES_MAX, UNSEALED_KEYS_MAX, YOUNG_KEYS_MAX};
use proptest::prelude::*;
use tempfile::TempDir;

fn log() -> Digest {
    Digest::of(b"this log")
}

fn head(size: u64) -> TreeHead {
    TreeHead {
        size: Size(size),
        root: Digest::of(&size.to_be_bytes()),
    }
}

fn open(folder: &Path) -> DigestRuns {
    DigestRuns::open(folder, log(), |claimed| claimed == head(claimed.size.0)).expect("opens")
}

fn flush(index: &mut DigestRuns) -> Result<(), StoreError> {
    index.flush()?()
}

fn at(index: u64) -> ClaimRef {
    ClaimRef {
        index: Index(index),
        ordinal: u32::try_from(index % 7).expect("small"),
    }
}

/// The digest of a number: uniform, as claim ids are.
fn uniform(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// A digest whose halves are chosen, for prefixes that collide.
fn made(prefix: u128, rest: u128) -> Digest {
    Digest::from_slice(&[prefix.to_be_bytes(), rest.to_be_bytes()].concat()).expect("32 bytes")
}

/// Inserts the keys of `from..to` at their own index and seals.
fn fill(index: &mut DigestRuns, from: u64, to: u64) {
    for number in from..to {
        index.insert(uniform(number), at(number)).expect("inserts");
    }
    index.seal_to(head(to)).expect("seals");
}

/// The first key of `0..count` that is not found where it was put; a failure at once.
fn first_lost(index: &DigestRuns, count: u64) -> Result<Option<u64>, StoreError> {
    for number in 0..count {
        if index.find(uniform(number))? != [at(number)] {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    paths.sort();
    paths
}

fn flip(path: &Path, byte: u64, bit: u8) {
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.expect("opens");
    let mut one = [0];
    file.read_exact_at(&mut one, byte).expect("reads");
    file.write_all_at(&[one[0] ^ (1 << bit)], byte)
        .expect("writes");
}

// --- Against the oracle -----------------------------------------------------------------------

#[derive(Clone, Debug)]
enum Step {
    /// Keys by (prefix, rest), each at the next index.
    Insert(Vec<(u8, u8)>),
    /// The last ones again, at their own places.
    InsertAgain(u8),
    Seal,
    Flush,
    Settle,
    /// Dropped without a flush, opened again.
    Crash,
    Leftovers(u8),
    NoManifest,
    Truncate(u16, u16),
    Flip(u16, u32),
    /// While it is open.
    FlipLive(u16, u32),
    Check,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = proptest::collection::vec((0_u8..40, 0_u8..3), 0..60);
    let step = prop_oneof![
        8 => keys.prop_map(Step::Insert),
        1 => any::<u8>().prop_map(Step::InsertAgain),
        3 => Just(Step::Seal),
        8 => Just(Step::Flush),
        2 => Just(Step::Settle),
        2 => Just(Step::Crash),
        1 => any::<u8>().prop_map(Step::Leftovers),
        1 => Just(Step::NoManifest),
        1 => any::<(u16, u16)>().prop_map(|(file, keep)| Step::Truncate(file, keep)),
        1 => any::<(u16, u32)>().prop_map(|(file, bit)| Step::Flip(file, bit)),
        1 => any::<(u16, u32)>().prop_map(|(file, bit)| Step::FlipLive(file, bit)),
        1 => Just(Step::Check),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A key of the sixty, and what was found for it.
type Wrong = (u8, Vec<ClaimRef>);

/// A log, what was said of it to an index, and the index.
struct World {
    folder: TempDir,
    index: Option<DigestRuns>,
    log: Vec<(Digest, ClaimRef)>,
    unsealed: Vec<(Digest, ClaimRef)>,
    size: u64,
    /// The folder was tampered with since it was opened.
    is_damaged: bool,
}

/// Prefixes that collide in all, or in the first 8, of their bytes, and some that do not.
fn prefix(which: u8) -> u128 {
    match which {
        0..10 => 7,
        10..20 => (9 << 64) | u128::from(which),
        _ => u128::from_be_bytes(
            uniform(u64::from(which)).as_bytes()[..16]
                .try_into()
                .expect("16"),
        ),
    }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        Self {
            index: Some(open(folder.path())),
            folder,
            log: Vec::new(),
            unsealed: Vec::new(),
            size: 0,
            is_damaged: false,
        }
    }

    fn index(&mut self) -> &mut DigestRuns {
        self.index.as_mut().expect("open between steps")
    }

    /// What came unsealed is not in the log; what the index lost is inserted again.
    fn reopen(&mut self, damage: impl FnOnce(&Path)) {
        self.index = None;
        damage(self.folder.path());
        let mut index = open(self.folder.path());
        let complete_to = index.complete_to();
        assert!(complete_to.size.0 <= self.size);
        assert!(index.thrown_away().is_none() || complete_to == TreeHead::EMPTY);
        self.unsealed.clear();
        for (key, at) in &self.log {
            if at.index.0 >= complete_to.size.0 {
                index.insert(*key, *at).expect("inserts");
            }
        }
        index.seal_to(head(self.size)).expect("seals");
        self.index = Some(index);
        self.is_damaged = false;
    }

    fn seal(&mut self) -> Result<(), StoreError> {
        self.log.append(&mut self.unsealed);
        self.size += 1;
        let head = head(self.size);
        self.index().seal_to(head)
    }

    fn take(&mut self, step: &Step) -> Result<(), StoreError> {
        match step {
            Step::Insert(keys) => {
                for (which, rest) in keys {
                    let key = made(prefix(*which), u128::from(*rest));
                    let at = at(self.size);
                    self.size += u64::from(*which % 3);
                    self.size += 1;
                    self.index().insert(key, at)?;
                    self.unsealed.push((key, at));
                }
            }
            Step::InsertAgain(count) => {
                let again: Vec<_> = self
                    .log
                    .iter()
                    .rev()
                    .take(usize::from(*count))
                    .copied()
                    .collect();
                for (key, at) in again {
                    self.index().insert(key, at)?;
                }
            }
            Step::Seal => self.seal()?,
            Step::Flush => {
                self.seal()?;
                flush(self.index())?;
            }
            Step::Settle => self.index().settle()?,
            Step::Crash => self.reopen(|_| {}),
            Step::Leftovers(number) => self.reopen(|folder| leave_over(folder, *number)),
            Step::NoManifest => self.reopen(|folder| {
                let _ = fs::remove_file(folder.join("manifest"));
            }),
            Step::Truncate(which, keep) => self.reopen(|folder| {
                if let Some((path, len)) = some_file(folder, *which) {
                    let file = OpenOptions::new().write(true).open(path).expect("opens");
                    file.set_len(len * u64::from(*keep) / 65_536)
                        .expect("truncates");
                }
            }),
            Step::Flip(which, bit) => {
                self.reopen(|folder| flip_somewhere(folder, *which, *bit));
                self.is_damaged = true;
            }
            Step::FlipLive(which, bit) => {
                self.index().settle()?;
                flip_somewhere(self.folder.path(), *which, *bit);
                self.is_damaged = true;
            }
            Step::Check => {
                self.index().check()?;
            }
        }
        Ok(())
    }

    /// Every key that there is, and some that are not.
    fn compare(&self) -> Result<Vec<Wrong>, StoreError> {
        let mut oracle: BTreeMap<u128, BTreeSet<ClaimRef>> = BTreeMap::new();
        for (key, at) in self.log.iter().chain(&self.unsealed) {
            let prefix = key.as_bytes()[..16].try_into().expect("16");
            oracle
                .entry(u128::from_be_bytes(prefix))
                .or_default()
                .insert(*at);
        }
        let index = self.index.as_ref().expect("open between steps");
        let mut wrong = Vec::new();
        for which in 0..60 {
            let prefix = prefix(which);
            let found = index.find(made(prefix, u128::MAX))?;
            let expect = oracle.get(&prefix).into_iter().flatten();
            if !found.iter().eq(expect) {
                wrong.push((which, found));
            }
        }
        Ok(wrong)
    }
}

fn some_file(folder: &Path, which: u16) -> Option<(PathBuf, u64)> {
    let mut all = files(folder, ".run");
    all.extend(files(folder, "manifest"));
    let path = all.get(usize::from(which) % all.len().max(1))?.clone();
    let len = fs::metadata(&path).expect("is there").len();
    Some((path, len))
}

fn flip_somewhere(folder: &Path, which: u16, bit: u32) {
    if let Some((path, len)) = some_file(folder, which)
        && len > 0
    {
        flip(
            &path,
            u64::from(bit / 8) % len,
            u8::try_from(bit % 8).expect("small"),
        );
    }
}

/// What crashes leave: unfinished files, and runs that no manifest names yet or any more.
fn leave_over(folder: &Path, number: u8) {
    let old = files(folder, ".run").into_iter().next_back();
    let path = |ending: &str| folder.join(format!("{:08}.{ending}", 1_000 + u32::from(number)));
    fs::write(path("tmp"), [number; 100]).expect("writes");
    fs::write(folder.join("manifest.tmp"), b"countersign").expect("writes");
    match old {
        Some(old) => drop(fs::copy(old, path("run")).expect("copies")),
        None => fs::write(path("run"), b"").expect("writes"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_finds_what_the_map_finds_or_says_that_it_cannot(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            let done = world.take(step).and_then(|()| world.compare());
            match done {
                Ok(wrong) => prop_assert_eq!(wrong, []),
                Err(error) => {
                    prop_assert!(world.is_damaged, "{error}");
                    world.reopen(|_| {});
                    let why = world.index().thrown_away().map(ToOwned::to_owned);
                    prop_assert!(why.is_some(), "{error}: not thrown away");
                    prop_assert_eq!(world.compare().expect("made anew"), []);
                }
            }
        }
        world.reopen(|_| {});
        let Ok(wrong) = world.compare() else {
            world.reopen(|_| {});
            prop_assert_eq!(world.compare().expect("made anew"), []);
            return Ok(());
        };
        prop_assert_eq!(wrong, []);
    }
}

// --- Sizes ------------------------------------------------------------------------------------

#[test]
fn a_run_is_written_when_there_are_enough_keys() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    let limit = YOUNG_KEYS_MAX as u64;
    fill(&mut index, 0, limit - 1);
    index.settle().expect("settles");
    assert!(files(folder.path(), "").is_empty(), "one too few");
    fill(&mut index, limit - 1, limit);
    index.settle().expect("settles");
    assert_eq!(files(folder.path(), ".run").len(), 1);
    fill(&mut index, limit, limit + 10);
    assert_eq!(first_lost(&index, limit + 10).expect("finds"), None);
    drop(index);

    let index = open(folder.path());
    assert_eq!(
        index.complete_to(),
        head(limit),
        "what was young is gone, and it says so"
    );
    assert_eq!(first_lost(&index, limit).expect("finds"), None);
    assert_eq!(index.find(uniform(limit)).expect("finds"), []);
    assert_eq!(index.check().expect("is whole").records, limit);
}

#[test]
fn keys_are_found_while_runs_are_merged() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    let count = 9 * YOUNG_KEYS_MAX as u64;
    for from in (0..count).step_by(8192) {
        fill(&mut index, from, from + 8192);
        let some = from / 2;
        assert_eq!(index.find(uniform(some)).expect("finds"), [at(some)]);
    }
    let shared = &index;
    std::thread::scope(|scope| {
        for reader in 0..2 {
            scope.spawn(move || {
                for number in (reader..count).step_by(37) {
                    assert_eq!(shared.find(uniform(number)).expect("finds"), [at(number)]);
                    assert_eq!(shared.find(uniform(count + number)).expect("finds"), []);
                }
            });
        }
        shared.settle().expect("settles");
    });
    let checked = index.check().expect("is whole");
    assert_eq!((checked.runs, checked.records), (2, count));
    assert_eq!(
        files(folder.path(), ".run").len(),
        2,
        "what was merged is gone"
    );
    drop(index);
    assert_eq!(
        first_lost(&open(folder.path()), count).expect("finds"),
        None
    );
}

#[test]
fn a_pair_is_kept_once_however_often_it_comes() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    for round in 0..8 {
        fill(&mut index, 0, 500);
        flush(&mut index).expect("flushes");
        assert_eq!(
            index.find(uniform(3)).expect("finds"),
            [at(3)],
            "round {round}"
        );
        index.seal_to(head(500)).expect("the same head again");
    }
    index.insert(uniform(1000), at(499)).expect("inserts");
    index.seal_to(head(501)).expect("seals");
    flush(&mut index).expect("flushes");
    index.settle().expect("settles");
    assert_eq!(first_lost(&index, 500).expect("finds"), None);
    let records = index.check().expect("is whole").records;
    assert!(records < 2 * 501, "{records}");
}

#[test]
fn equal_beginnings_over_many_pages_are_told_apart() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    let mut next = 0;
    let mut expect: BTreeMap<u128, Vec<ClaimRef>> = BTreeMap::new();
    let mut insert = |index: &mut DigestRuns, prefix: u128, rest: u64| {
        let place = at(next);
        next += 1;
        index
            .insert(made(prefix, u128::from(rest)), place)
            .expect("inserts");
        expect.entry(prefix).or_default().push(place);
    };
    // Some before and behind; a thousand with the same 8 bytes in front; one key 500 times.
    for n in 0_u64..100 {
        insert(&mut index, u128::from(n), 0);
        insert(&mut index, u128::MAX - u128::from(n), 0);
    }
    for n in 0_u64..1000 {
        insert(&mut index, (5 << 64) | u128::from(n), 0);
        insert(&mut index, (6 << 64) | 3, n % 500);
    }
    index.seal_to(head(next)).expect("seals");
    for is_on_disk in [false, true] {
        if is_on_disk {
            flush(&mut index).expect("flushes");
        }
        for (prefix, expect) in &expect {
            assert_eq!(
                &index.find(made(*prefix, 9)).expect("finds"),
                expect,
                "{prefix:x}"
            );
        }
        for absent in [
            200,
            5 << 64 | 1000,
            6 << 64 | 2,
            6 << 64 | 4,
            (6 << 64) - 1,
            7 << 64,
        ] {
            assert_eq!(
                index.find(made(absent, 9)).expect("finds"),
                [],
                "{absent:x}"
            );
        }
    }
}

#[test]
fn a_quiet_log_moves_the_manifest_too() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    fill(&mut index, 0, 10);
    index.seal_to(head(QUIET_ENTRIES_MAX - 1)).expect("seals");
    index.settle().expect("settles");
    assert!(files(folder.path(), "manifest").is_empty());
    index.seal_to(head(QUIET_ENTRIES_MAX)).expect("seals");
    index.seal_to(head(2 * QUIET_ENTRIES_MAX)).expect("seals");
    drop(index.settle());
    drop(index);
    let index = open(folder.path());
    assert_eq!(index.complete_to(), head(2 * QUIET_ENTRIES_MAX));
    assert_eq!(first_lost(&index, 10).expect("finds"), None);
    assert_eq!(files(folder.path(), ".run").len(), 1, "no run without keys");
}

#[test]
fn what_is_said_wrongly_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    fill(&mut index, 0, 10);
    index.seal_to(head(9)).expect_err("below the last head");
    index.insert(uniform(20), at(20)).expect("inserts");
    flush(&mut index).expect_err("a key is not sealed");
    index
        .seal_to(head(20))
        .expect_err("below what was inserted");
    index.seal_to(head(21)).expect("seals");
    flush(&mut index).expect("flushes");
    for _ in 0..UNSEALED_KEYS_MAX {
        index.insert(uniform(30), at(30)).expect("inserts");
    }
    index.insert(uniform(30), at(30)).expect_err("never sealed");
}

// --- Damage -----------------------------------------------------------------------------------

/// An index of 1,000 keys in one run: 7 pages, 24 blocks of a filter.
fn small() -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let mut index = open(folder.path());
    fill(&mut index, 0, 1000);
    flush(&mut index).expect("flushes");
    drop(index);
    let run = fs::metadata(folder.path().join("00000001.run")).expect("is there");
    assert_eq!(run.len(), 8 * 4096 + 24 * 64 + 7 * 8);
    folder
}

/// What the reason says when an index is opened after `damage`; `None` when it is as it was.
fn check(damage: impl FnOnce(&Path), expect: Option<&str>) {
    let folder = small();
    damage(folder.path());
    let index = open(folder.path());
    let why = index.thrown_away();
    match expect {
        None => {
            assert_eq!(why, None);
            assert_eq!(index.complete_to(), head(1000));
            assert_eq!(first_lost(&index, 1000).expect("finds"), None);
        }
        Some(expect) => {
            assert!(
                why.is_some_and(|why| why.contains(expect)),
                "{why:?}, not {expect}"
            );
            assert_eq!(index.complete_to(), TreeHead::EMPTY);
            assert!(files(folder.path(), "").is_empty(), "nothing is left");
            drop(index);
            assert_eq!(open(folder.path()).thrown_away(), None, "it is said once");
        }
    }
}

fn run_of(folder: &Path) -> PathBuf {
    folder.join("00000001.run")
}

#[test]
fn what_is_odd_at_the_start_is_thrown_away() {
    check(|_| {}, None);
    check(|f| leave_over(f, 1), None);
    check(
        |f| fs::write(f.join("a note.txt"), b"").expect("writes"),
        None,
    );
    check(
        |f| fs::remove_file(f.join("manifest")).expect("removes"),
        Some("no manifest"),
    );
    check(
        |f| flip(&f.join("manifest"), 50, 0),
        Some("not what was written"),
    );
    check(
        |f| fs::write(f.join("manifest"), b"").expect("writes"),
        Some("not what was written"),
    );
    check(
        |f| fs::write(f.join("manifest"), [0xff; 99]).expect("writes"),
        Some("manifest"),
    );
    check(
        |f| fs::write(f.join("manifest"), [b'a'; 20_000]).expect("writes"),
        Some("too long"),
    );
    check(
        |f| fs::remove_file(run_of(f)).expect("removes"),
        Some("00000001.run"),
    );
    check(
        |f| fs::write(run_of(f), b"").expect("writes"),
        Some("00000001.run"),
    );
    check(|f| flip(&run_of(f), 3, 3), Some("header"));
    check(|f| flip(&run_of(f), 4095, 7), Some("header"));
    check(|f| flip(&run_of(f), 8 * 4096 + 70, 0), Some("filter"));
    check(|f| flip(&run_of(f), 8 * 4096 + 24 * 64, 0), Some("fences"));
    let resize = |by: i64| {
        move |f: &Path| {
            let file = OpenOptions::new()
                .write(true)
                .open(run_of(f))
                .expect("opens");
            let len = file.metadata().expect("is there").len();
            file.set_len(len.checked_add_signed(by).expect("small"))
                .expect("resizes");
        }
    };
    check(resize(-1), Some("bytes"));
    check(resize(1), Some("bytes"));
    check(resize(-4096), Some("bytes"));
}

#[test]
fn an_index_of_another_log_or_history_is_thrown_away() {
    let folder = small();
    let other = DigestRuns::open(folder.path(), Digest::of(b"other"), |_| true).expect("opens");
    assert_eq!(other.thrown_away(), Some("it is the index of another log"));
    drop(other);
    let folder = small();
    let never = DigestRuns::open(folder.path(), log(), |_| false).expect("opens");
    assert!(
        never
            .thrown_away()
            .is_some_and(|why| why.contains("never had 1000 entries"))
    );
    assert_eq!(never.complete_to(), TreeHead::EMPTY);
}

#[test]
fn a_run_of_another_number_does_not_pass() {
    let folder = small();
    let mut index = open(folder.path());
    fill(&mut index, 1000, 2000);
    flush(&mut index).expect("flushes");
    drop(index);
    fs::copy(folder.path().join("00000002.run"), run_of(folder.path())).expect("copies");
    let index = open(folder.path());
    assert!(
        index
            .thrown_away()
            .is_some_and(|why| why.contains("header"))
    );
}

#[test]
fn a_spoiled_page_is_an_error_and_never_an_answer() {
    for byte in [4096, 4096 * 4 + 2000, 4096 * 8 - 1, 4096 * 8 - 8] {
        let folder = small();
        flip(&run_of(folder.path()), byte, 5);
        let mut index = open(folder.path());
        assert_eq!(index.thrown_away(), None, "pages are not read at the start");
        let error = first_lost(&index, 1000).expect_err("one page is spoiled");
        assert!(error.to_string().contains("fails its check"), "{error}");
        index.find(uniform(0)).expect_err("no answer from now on");
        index.check().expect_err("none");
        flush(&mut index).expect_err("none");
        drop(index);
        let index = open(folder.path());
        assert!(
            index
                .thrown_away()
                .is_some_and(|why| why.contains("fails its check"))
        );
        assert_eq!(index.complete_to(), TreeHead::EMPTY);

        let folder = small();
        flip(&run_of(folder.path()), byte, 5);
        let index = open(folder.path());
        index.check().expect_err("the check reads all pages");
        drop(index);
        assert!(open(folder.path()).thrown_away().is_some());
    }
}

#[test]
fn a_merge_that_meets_a_spoiled_page_stops_everything() {
    let folder = small();
    let mut index = open(folder.path());
    flip(&run_of(folder.path()), 5000, 0);
    for n in 1..7 {
        fill(&mut index, n * 1000, n * 1000 + 1000);
        flush(&mut index).expect("flushes");
    }
    fill(&mut index, 7000, 8000);
    // The eighth run begins a merge; it may end before the flush returns.
    let error = flush(&mut index)
        .and_then(|()| index.settle())
        .expect_err("a page is spoiled");
    assert!(
        error.to_string().contains("page 0 fails its check"),
        "{error}"
    );
    index
        .find(uniform(7000))
        .expect_err("no answer from now on");
    index
        .seal_to(head(8000 + QUIET_ENTRIES_MAX))
        .expect_err("nor");
    drop(index);
    let index = open(folder.path());
    assert!(
        index
            .thrown_away()
            .is_some_and(|why| why.contains("page 0"))
    );
}

// --- A disk that fails ------------------------------------------------------------------------

#[test]
fn a_full_disk_is_told_at_the_next_call() {
    let folder = small();
    let mut index = open(folder.path());
    std::os::unix::fs::symlink("/dev/full", folder.path().join("00000002.tmp")).expect("links");
    fill(&mut index, 1000, 2000);
    let error = flush(&mut index).expect_err("no space");
    assert!(
        error.to_string().contains("make room on that disk"),
        "{error}"
    );
    index.find(uniform(0)).expect_err("again");
    index.settle().expect_err("again");
    flush(&mut index).expect_err("again");
    drop(index);
    let mut index = open(folder.path());
    assert_eq!(
        index.thrown_away(),
        None,
        "what was written before is whole"
    );
    assert_eq!(index.complete_to(), head(1000));
    fill(&mut index, 1000, 2000);
    flush(&mut index).expect("there is room again");
    assert_eq!(first_lost(&index, 2000).expect("finds"), None);
}

#[test]
fn a_folder_that_vanishes_is_told_too() {
    let folder = small();
    let mut index = open(folder.path());
    fs::remove_dir_all(folder.path()).expect("removes");
    fill(&mut index, 1000, 2000);
    let error = flush(&mut index).expect_err("no folder");
    assert_eq!(error.source.kind(), std::io::ErrorKind::NotFound);
    index.settle().expect_err("again");
}
