//! The snapshot in files: what is read is what was written, or there is an error; whenever a process
//! ends, the snapshot that was there or the new one is whole.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::{
    SnapshotContent, SnapshotOf, SnapshotStore as _, StoreError, Syncing, TreeHead,
};
use countersign_store_local::SnapshotFiles;
use countersign_store_local::limits::SNAPSHOT_PLACE_BYTES;
use proptest::prelude::*;

const SECRET: [u8; 32] = [5; 32];

fn log() -> Digest {
    Digest::of(b"a log")
}

fn of(size: u64) -> SnapshotOf {
    SnapshotOf {
        head: TreeHead {
            size: Size(size),
            root: Digest::of(&size.to_be_bytes()),
        },
        version: Digest::of(b"version"),
        history: size * 100,
    }
}

/// Sections by name, and the bytes of their pages.
type Pages = BTreeMap<&'static str, Vec<Vec<u8>>>;

/// What a snapshot of that number holds: of the rows, one page differs from one to the next.
fn pages(number: u8) -> Pages {
    let row = |n: u8| vec![if n == number % 5 { 200 + number } else { n }; 9000 + usize::from(n)];
    let long = (0..3 * SNAPSHOT_PLACE_BYTES + 77)
        .map(|at| u8::try_from(at % 251).expect("small"))
        .collect();
    BTreeMap::from([
        ("empty", vec![Vec::new()]),
        ("node.whole", vec![long, vec![number; 40]]),
        ("rows", (0..5 + number).map(row).collect()),
    ])
}

/// A snapshot of that number; `at_each` is called before each page, and when all of them are durable.
struct Content<F> {
    pages: Pages,
    at_each: F,
}

impl<F: FnMut() + Send + 'static> SnapshotContent for Content<Arc<Mutex<F>>> {
    fn sections(&self) -> Vec<(&str, usize)> {
        let pages = self.pages.iter();
        pages.map(|(name, pages)| (*name, pages.len())).collect()
    }

    fn page(&self, section: usize, page: usize) -> Vec<u8> {
        self.at_each.lock().expect("no test panics in it")();
        let section = self.pages.values().nth(section).expect("there");
        section.get(page).expect("there").clone()
    }

    fn rests_on(&mut self) -> Vec<Syncing> {
        let at_each = Arc::clone(&self.at_each);
        let at = move || {
            at_each.lock().expect("no test panics in it")();
            Ok(())
        };
        vec![Box::new(at)]
    }
}

fn content(number: u8, at_each: impl FnMut() + Send + 'static) -> Box<dyn SnapshotContent> {
    Box::new(Content {
        pages: pages(number),
        at_each: Arc::new(Mutex::new(at_each)),
    })
}

fn open(folder: &Path) -> SnapshotFiles {
    SnapshotFiles::open(folder, log(), &SECRET, &|_| true).expect("opens")
}

fn put(store: &mut SnapshotFiles, number: u8) {
    let of = of(u64::from(number));
    store.write(of, content(number, || {})).expect("begins");
    store.flush().expect("is written");
}

/// All of it; an error where any page does not read.
fn read(store: &SnapshotFiles) -> Result<Option<(SnapshotOf, Pages)>, StoreError> {
    let Some(of) = store.newest()? else {
        return Ok(None);
    };
    let mut out = Pages::new();
    for name in ["empty", "node.whole", "rows"] {
        let mut pages = Vec::new();
        for page in 0..store.pages(name).expect("a section") {
            let mut bytes = Vec::new();
            store.read(name, page, &mut bytes)?;
            pages.push(bytes);
        }
        out.insert(name, pages);
    }
    Ok(Some((of, out)))
}

fn expect(number: u8) -> Option<(SnapshotOf, Pages)> {
    Some((of(u64::from(number)), pages(number)))
}

fn is(store: &SnapshotFiles, number: u8) -> bool {
    read(store).expect("reads") == expect(number)
}

fn length(folder: &Path) -> u64 {
    fs::metadata(folder.join("pages")).expect("a file").len()
}

#[test]
fn the_newest_comes_back_and_in_another_process_too() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = open(folder.path());
    assert_eq!(read(&store).expect("reads"), None);
    for number in 0..8 {
        put(&mut store, number);
        assert!(is(&store, number), "{number}");
        if number % 3 == 1 {
            drop(store);
            store = open(folder.path());
            assert!(is(&store, number), "{number}");
        }
        let reader = SnapshotFiles::open_to_read(folder.path(), log(), &SECRET, &|_| true);
        assert!(is(&reader, number), "{number}");
    }
    store
        .read("rows", 99, &mut Vec::new())
        .expect_err("no page");
    store
        .read("no", 0, &mut Vec::new())
        .expect_err("no section");
    assert_eq!(store.pages("no"), None);
}

#[test]
fn what_did_not_change_is_not_written_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = open(folder.path());
    put(&mut store, 1);
    let one = length(folder.path());
    for number in 1..40 {
        put(&mut store, number % 2 + 1);
    }
    let grown = length(folder.path()) - one;
    // A page of rows that is another, one that is more, and the small one of the whole: twice over.
    let most = 6 * SNAPSHOT_PLACE_BYTES as u64;
    assert!(grown <= most, "{grown} bytes of {one}");
}

/// The places that the manifest of a folder names.
fn named(folder: &Path) -> Vec<u64> {
    let text = fs::read_to_string(folder.join("manifest")).unwrap_or_default();
    let pages = text.lines().filter_map(|line| line.strip_prefix("page"));
    let places = pages.flat_map(|line| line.split_ascii_whitespace().step_by(3));
    places
        .map(|place| place.parse().expect("a number"))
        .collect()
}

/// A copy of a folder as a power cut might leave it: what no manifest names is anything.
fn copied(folder: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes");
    for name in ["pages", "manifest"] {
        if folder.join(name).exists() {
            fs::copy(folder.join(name), to.join(name)).expect("copies");
        }
    }
    let named = named(to);
    let file = OpenOptions::new().write(true).open(to.join("pages"));
    let file = file.expect("opens");
    for place in 0..length(to).div_ceil(SNAPSHOT_PLACE_BYTES as u64) {
        if !named.contains(&place) {
            let at = place * SNAPSHOT_PLACE_BYTES as u64;
            file.write_all_at(&[0xa5; SNAPSHOT_PLACE_BYTES], at)
                .expect("writes");
        }
    }
}

#[test]
fn a_process_that_ends_between_two_writes_leaves_a_whole_snapshot() {
    let (folder, copies) = (tempfile::tempdir().expect("folder"), tempfile::tempdir());
    let copies = copies.expect("folder").keep();
    let mut store = open(folder.path());
    let mut count = 0_u32;
    for number in 0..4_u8 {
        let (from, to) = (folder.path().to_owned(), copies.clone());
        let (made, of) = (Arc::new(Mutex::new(0_u32)), of(u64::from(number)));
        let counted = Arc::clone(&made);
        let copy = move || {
            let mut made = counted.lock().expect("no test panics in it");
            copied(&from, &to.join(format!("{number}.{made}")));
            *made += 1;
        };
        store.write(of, content(number, copy)).expect("begins");
        store.flush().expect("is written");
        let made = *made.lock().expect("no test panics in it");
        for n in 0..made {
            let copy = open(&copies.join(format!("{number}.{n}")));
            let before = number.checked_sub(1).and_then(expect);
            assert_eq!(read(&copy).expect("reads"), before, "{number}.{n}");
        }
        copied(folder.path(), &copies.join(format!("{number}.all")));
        assert!(is(&open(&copies.join(format!("{number}.all"))), number));
        count += made;
    }
    assert!(count > 30, "{count} ends");
    fs::remove_dir_all(copies).expect("removes");
}

#[test]
fn one_that_is_given_up_changes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = open(folder.path());
    put(&mut store, 1);
    let (begun, go_on) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let wait = move || {
        // The first page alone waits; nobody hears of the others.
        let _ = begun.0.send(());
        let _ = go_on.1.recv();
    };
    store.write(of(2), content(2, wait)).expect("begins");
    begun.1.recv().expect("it has begun");
    assert_eq!(store.newest().expect("nothing failed"), Some(of(1)));
    let dropping = std::thread::spawn(move || drop(store));
    while go_on.0.send(()).is_ok() && !dropping.is_finished() {
        std::thread::yield_now();
    }
    dropping.join().expect("ends");
    assert!(read(&open(folder.path())).is_ok_and(|it| it == expect(1) || it == expect(2)));
}

#[test]
fn what_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = open(folder.path());
    put(&mut store, 1);
    fs::create_dir(folder.path().join("manifest.tmp")).expect("makes");
    store.write(of(2), content(2, || {})).expect("begins");
    let error = store.flush().expect_err("a folder is in the way");
    assert!(error.to_string().contains("manifest"), "{error}");
    store.newest().expect_err("again");
    store
        .write(of(3), content(3, || {}))
        .expect_err("and again");
    drop(store);
    fs::remove_dir(folder.path().join("manifest.tmp")).expect("removes");
    assert!(is(&open(folder.path()), 1), "what was there is whole");
    let mut reader = SnapshotFiles::open_to_read(folder.path(), log(), &SECRET, &|_| true);
    reader
        .write(of(3), content(3, || {}))
        .expect_err("it reads");
    assert!(is(&reader, 1));
}

#[test]
fn what_the_snapshot_rests_on_is_durable_before_it() {
    struct Failing(Box<dyn SnapshotContent>);
    impl SnapshotContent for Failing {
        fn sections(&self) -> Vec<(&str, usize)> {
            self.0.sections()
        }
        fn page(&self, section: usize, page: usize) -> Vec<u8> {
            self.0.page(section, page)
        }
        fn rests_on(&mut self) -> Vec<Syncing> {
            vec![Box::new(|| Err(StoreError::other("syncing", "it failed")))]
        }
    }
    let folder = tempfile::tempdir().expect("folder");
    let mut store = open(folder.path());
    put(&mut store, 1);
    let content = Failing(content(2, || {}));
    store.write(of(2), Box::new(content)).expect("begins");
    store.flush().expect_err("its sync failed");
    drop(store);
    assert!(is(&open(folder.path()), 1), "nothing names the other");
}

#[test]
fn of_another_log_node_or_time_nothing_is_taken() {
    let check = |log: Digest, secret: [u8; 32], counts: bool| {
        let folder = tempfile::tempdir().expect("folder");
        put(&mut open(folder.path()), 1);
        let counts = |_: &SnapshotOf| counts;
        let reader = SnapshotFiles::open_to_read(folder.path(), log, &secret, &counts);
        assert_eq!(reader.newest().expect("nothing failed"), None);
        assert!(reader.thrown_away().is_some());
        assert!(is(&open(folder.path()), 1), "whoever reads changes nothing");
        let store = SnapshotFiles::open(folder.path(), log, &secret, &counts).expect("opens");
        assert_eq!(store.newest().expect("nothing failed"), None);
        drop(store);
        assert_eq!(read(&open(folder.path())).expect("reads"), None);
        assert_eq!(length(folder.path()), 0);
    };
    check(Digest::of(b"another"), SECRET, true);
    check(log(), [6; 32], true);
    check(log(), SECRET, false);
}

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip(u32, u8),
    Cut(u32),
    Gone,
}

fn damage(path: &PathBuf, damage: Damage) {
    let mut bytes = fs::read(path).expect("a file");
    match damage {
        Damage::Flip(at, bit) => {
            let at = at as usize % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        Damage::Cut(at) => bytes.truncate(at as usize % bytes.len()),
        Damage::Gone => return fs::remove_file(path).expect("removes"),
    }
    fs::write(path, bytes).expect("writes");
}

/// A folder into which the snapshots up to that number were put, made once.
fn copy_of_filled(number: u8) -> tempfile::TempDir {
    static FILLED: [OnceLock<tempfile::TempDir>; 4] = [const { OnceLock::new() }; 4];
    let filled = FILLED[usize::from(number)].get_or_init(|| {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = open(folder.path());
        for number in 0..=number {
            put(&mut store, number);
        }
        folder
    });
    let folder = tempfile::tempdir().expect("folder");
    for name in ["manifest", "pages"] {
        fs::copy(filled.path().join(name), folder.path().join(name)).expect("copies");
    }
    folder
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damage_gives_an_error_or_nothing_and_never_another_page(
        is_manifest: bool,
        what in prop_oneof![
            6 => (any::<u32>(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
            2 => any::<u32>().prop_map(Damage::Cut),
            1 => Just(Damage::Gone),
        ],
        number in 1_u8..4,
    ) {
        let folder = copy_of_filled(number);
        let name = if is_manifest { "manifest" } else { "pages" };
        damage(&folder.path().join(name), what);
        let store = open(folder.path());
        // A flip may lie where nothing is named.
        if let Ok(Some(found)) = read(&store) {
            prop_assert!(!is_manifest);
            prop_assert_eq!(Some(found), expect(number));
        }
    }
}
