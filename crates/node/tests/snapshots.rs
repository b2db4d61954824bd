//! Snapshots in a data folder: a start goes on from the newest, whatever is damaged changes no state, and
//! `fsck` compares it with what the ground gives.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use countersign_attest::{Header, Kind, SecretKey};
use countersign_engine::Components;
use countersign_engine::node_statement::own_objects;
use countersign_model::body::keyed;
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_node::compose::{Opened, open, open_to_read, open_with};
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_node::fsck::check;
use countersign_node::init;
use countersign_node::service::Service;
use countersign_ports::{SnapshotContent, SnapshotStore as _, Syncing};
use countersign_store_local::{IndexFolder, SnapshotFiles};
use proptest::prelude::*;

const ORIGIN: &str = "snapshots.example/1";

fn new_log(folder: &Path) -> PathBuf {
    let root = folder.join("data");
    let settings = Settings {
        second: folder.join("second").join("checkpoint"),
        origin: ORIGIN.into(),
        unlock: None,
    };
    drop(init(&root, settings, None).expect("init"));
    root
}

/// Aliases of units that nobody named yet, in as many commits.
fn say(opened: &mut Opened, commits: u32) {
    let key = read_secret_key(&opened.dir.keys().join("administrator.key")).expect("a key");
    for _ in 0..commits {
        let engine = &mut opened.engine;
        let n = engine.size().0;
        let object = format!(r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}"}}"#);
        engine.submit(&signed(&key, n, &object)).expect("is taken");
        engine.commit().expect("commits");
    }
}

fn signed(key: &SecretKey, salt: u64, object: &str) -> countersign_attest::Submission {
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = Origin::parse(ORIGIN).expect("an origin");
    let header = Header::new(issuer, "units", vec![origin], Kind::claims()).expect("a header");
    let mut next = salt;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            next = (next * 31 + 7) % 251;
            *byte = u8::try_from(next).expect("below 251");
        }
    };
    own_objects(&header, &[object], key, &mut random).expect("signs")
}

/// A log with a snapshot and some commits behind it; of how many entries the snapshot is.
fn with_snapshot(folder: &Path) -> (PathBuf, Size) {
    let root = new_log(folder);
    let mut opened = open(&root).expect("opens");
    say(&mut opened, 20);
    assert!(opened.engine.take_snapshot().expect("takes one"));
    let size = opened.engine.size();
    opened.engine.rest().expect("rests");
    assert_eq!(
        opened.engine.snapshot_size().expect("is written"),
        Some(size)
    );
    say(&mut opened, 3);
    opened.engine.publish().expect("publishes");
    (root, size)
}

/// What was made of a log whose whole ground was folded.
fn folded(root: &Path) -> Digest {
    let opened = open_with(root, |world| Components {
        index: Box::new(IndexFolder::to_read(&root.join("index")).without_snapshots()),
        ..world
    });
    let engine = opened.expect("opens").engine;
    assert_eq!(engine.resumed_at(), Size(0));
    engine.digest_of_made()
}

#[test]
fn a_start_goes_on_from_the_newest_whoever_starts() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, size) = with_snapshot(folder.path());
    let expect = folded(&root);
    for engine in [
        open_to_read(&root).expect("opens").engine,
        open(&root).expect("opens").engine,
    ] {
        assert_eq!(engine.resumed_at(), size);
        assert_eq!(engine.digest_of_made(), expect);
    }
    // What was sent before it is known.
    let mut opened = open(&root).expect("opens");
    let key = read_secret_key(&opened.dir.keys().join("administrator.key")).expect("a key");
    let again = signed(
        &key,
        2,
        r#"{"type":"Alias","unit":"urn:x:2","sameAs":"urn:y:2"}"#,
    );
    let taken = opened.engine.submit(&again).expect("is taken");
    assert!(format!("{taken:?}").starts_with("Replay"), "{taken:?}");
    let read = Service::new(open_to_read(&root).expect("opens"));
    assert_eq!(read.engine().resumed_at(), size);
}

#[test]
fn fsck_compares_it_with_the_ground() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, size) = with_snapshot(folder.path());
    let checked = check(&root, true).expect("looks");
    assert_eq!(checked.snapshot, Some(size));
    assert!(checked.remarks.is_empty(), "{:?}", checked.remarks);
    drop(checked);
    forge(&root);
    let expect = folded(&root);
    for (is_writing, word) in [(false, "another state"), (true, "was removed")] {
        let checked = check(&root, is_writing).expect("looks");
        assert_eq!(checked.snapshot, None);
        let told = checked.remarks.join("\n");
        assert!(told.contains(word), "{told}");
    }
    let opened = open(&root).expect("opens");
    assert_eq!(opened.engine.resumed_at(), Size(0));
    assert_eq!(opened.engine.digest_of_made(), expect);
    drop(opened);
    let checked = check(&root, true).expect("looks");
    assert!(checked.remarks.is_empty(), "{:?}", checked.remarks);
}

/// Pages by section, one of them another.
struct Forged(Vec<(String, Vec<Vec<u8>>)>);

impl SnapshotContent for Forged {
    fn sections(&self) -> Vec<(&str, usize)> {
        let sections = self.0.iter();
        sections
            .map(|(name, pages)| (name.as_str(), pages.len()))
            .collect()
    }

    fn page(&self, section: usize, page: usize) -> Vec<u8> {
        let (_, pages) = self.0.get(section).expect("there");
        pages.get(page).expect("there").clone()
    }

    fn rests_on(&mut self) -> Vec<Syncing> {
        Vec::new()
    }
}

/// Puts a snapshot in place, under the node's own secret, that says that a claim was erased.
fn forge(root: &Path) {
    let (dir, log) = {
        let opened = open_to_read(root).expect("opens");
        (opened.dir.clone(), opened.engine.log().id())
    };
    let keys = dir.node_keys().expect("keys");
    let secret = keyed(&keys.fingerprint, b"countersign/snapshot/v1");
    let folder = root.join("index/snapshot");
    let mut store = SnapshotFiles::open(&folder, log, secret.as_bytes(), &|_| true).expect("opens");
    let of = store
        .newest()
        .expect("nothing failed")
        .expect("there is one");
    let manifest = fs::read_to_string(folder.join("manifest")).expect("reads");
    let names = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("section "));
    let sections = names.map(|name| {
        let pages = (0..store.pages(name).expect("a section")).map(|page| {
            let mut bytes = Vec::new();
            store.read(name, page, &mut bytes).expect("reads");
            bytes
        });
        let mut pages: Vec<Vec<u8>> = pages.collect();
        if name == "node.erased" {
            assert_eq!(pages, [vec![0; 8]], "nothing was");
            let one = [1_u64.to_le_bytes().as_slice(), &[7; 32]].concat();
            pages = vec![one];
        }
        (name.to_owned(), pages)
    });
    let forged = Forged(sections.collect());
    store.write(of, Box::new(forged)).expect("begins");
    store.flush().expect("is written");
}

/// The files of `index/` on which a snapshot rests, its own included.
fn files(root: &Path) -> Vec<PathBuf> {
    let index = root.join("index");
    let mut out = vec![index.join("history")];
    for folder in ["snapshot", "digests"] {
        let entries = fs::read_dir(index.join(folder)).expect("a folder");
        out.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    out.sort();
    out
}

/// One log for all cases, with a copy of what is derived of it.
struct Base {
    folder: tempfile::TempDir,
    size: Size,
    made: Digest,
}

impl Base {
    fn get() -> &'static Self {
        static BASE: OnceLock<Base> = OnceLock::new();
        BASE.get_or_init(|| {
            let folder = tempfile::tempdir().expect("folder");
            let (root, size) = with_snapshot(folder.path());
            let made = folded(&root);
            copy(&root.join("index"), &folder.path().join("kept"));
            Self { folder, size, made }
        })
    }

    /// The log as it was made.
    fn root(&self) -> PathBuf {
        let root = self.folder.path().join("data");
        fs::remove_dir_all(root.join("index")).expect("removes");
        copy(&self.folder.path().join("kept"), &root.join("index"));
        root
    }
}

/// Copies a folder and what lies in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(fs::copy(&path, to).expect("copies")),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_is_damaged_the_state_is_right(file: u16, at: u32, bit in 0_u8..8, cuts: bool) {
        let base = Base::get();
        let root = base.root();
        let files = files(&root);
        let path = files.get(usize::from(file) % files.len()).expect("there");
        let mut bytes = fs::read(path).expect("reads");
        if bytes.is_empty() {
            return Ok(());
        }
        let at = at as usize % bytes.len();
        match cuts {
            true => bytes.truncate(at),
            false => bytes[at] ^= 1 << bit,
        }
        fs::write(path, bytes).expect("writes");
        let mut engine = open(&root).expect("opens").engine;
        let mut digest = engine.digest_of_made();
        if engine.folds().check_history().is_err() {
            // It stops, and the next start makes all of it again.
            drop(engine);
            engine = open(&root).expect("opens").engine;
            digest = engine.digest_of_made();
            engine.folds().check_history().expect("it was made again");
        }
        prop_assert_eq!(digest, base.made, "{}", path.display());
        prop_assert!([Size(0), base.size].contains(&engine.resumed_at()));
    }
}
