//! A copy of a log beside what the log does meanwhile: commits, publication, erasure, damage.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_attest::{Header, Kind as Subject, SecretKey, Submission};
use countersign_engine::Engine;
use countersign_engine::engine::Taken;
use countersign_engine::node_statement::own_objects;
use countersign_model::entry::ClaimRef;
use countersign_model::ids::PrincipalId;
use countersign_node::backup::{Made, Summary, Wanted, back_up};
use countersign_node::compose::{Opened, open};
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_ports::Entropy as _;
use countersign_record::segment::{HEADER_LEN, Kind, RECORD_HEAD_LEN, erasure, records};
use countersign_store_local::MachineEntropy;

struct Log {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Log {
    /// A log with some aliases, each with a sealed note.
    fn new(claims: u32) -> (Self, Vec<ClaimRef>) {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path().join("data");
        let settings = Settings {
            second: folder.path().join("second").join("checkpoint"),
            origin: "backup.example/1".into(),
            unlock: None,
        };
        let mut opened = countersign_node::init(&root, settings, None).expect("init");
        let key = read_secret_key(&root.join("keys/administrator.key")).expect("key");
        let said = (0..claims).map(|n| say(&mut opened, &key, n)).collect();
        opened.engine.publish().expect("publishes");
        (Self { folder, root }, said)
    }

    fn back_up(&self, name: &str) -> Result<Made, String> {
        let out = self.folder.path().join(name);
        let wanted = Wanted {
            data: &self.root,
            out: &out,
            with_open_keys: false,
        };
        back_up(&wanted, &mut |_| {}).map_err(|error| error.to_string())
    }

    fn copy(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn segment(&self) -> PathBuf {
        self.root.join("ground/00000000.seg")
    }

    /// What lies beside the data folder.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("lists");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn alias(engine: &Engine, key: &SecretKey, n: u32) -> Submission {
    let origin = engine.intake().register.identity().origin.clone();
    let issuer = PrincipalId::parse("admin-1").expect("name");
    let header = Header::new(issuer, "backup", vec![origin], Subject::claims()).expect("header");
    let object = format!(
        r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}","note":"a note on {n}"}}"#
    );
    let mut random = |bytes: &mut [u8]| MachineEntropy.fill(bytes).expect("random bytes");
    own_objects(&header, &[&object], key, &mut random).expect("signs")
}

fn say(opened: &mut Opened, key: &SecretKey, n: u32) -> ClaimRef {
    let submission = alias(&opened.engine, key, n);
    let Taken::Staged(ticket) = opened.engine.submit(&submission).expect("is taken") else {
        panic!("was never sent")
    };
    opened.engine.commit().expect("commits");
    ClaimRef {
        index: ticket.index,
        ordinal: 0,
    }
}

/// Offset and payload length of each record of that kind.
fn of_kind(segment: &[u8], kind: Kind) -> Vec<(usize, usize)> {
    records(segment, HEADER_LEN)
        .map(|record| record.expect("a whole record"))
        .filter(|record| record.kind == kind)
        .map(|record| (record.offset, record.payload.len()))
        .collect()
}

fn end_of(segment: &[u8]) -> usize {
    let all = records(segment, HEADER_LEN).map(|record| record.expect("whole").end());
    all.last().expect("some")
}

/// The copied segment holds the same bytes up to its end, and nothing behind.
#[test]
fn a_copy_is_what_the_checkpoint_covers_and_nothing_else() {
    let (log, said) = Log::new(300);
    let before = fs::read(log.segment()).expect("reads");
    // A write behind the committed end, as a node makes it before its swap.
    let end = end_of(&before);
    let file = fs::OpenOptions::new().write(true).open(log.segment());
    let file = file.expect("opens");
    file.write_all_at(&before[HEADER_LEN..HEADER_LEN + 4096], end as u64)
        .expect("writes");
    let made = log.back_up("copy").expect("a copy");
    assert_eq!(made.summary.size, said.last().expect("some").index.0 + 2);
    let copy = fs::read(log.copy("copy").join("ground/00000000.seg")).expect("reads");
    assert!(copy == before, "the tail is not in it");
    let summary = Summary::read(&log.copy("copy")).expect("reads");
    assert_eq!(summary, made.summary);
    // The tree that was made is the one that the node published, whatever partial tiles that had.
    for tile in ["tile/0/000", "tile/0/001", "tile/entries/001", "checkpoint"] {
        let of = |root: &Path| fs::read(root.join("log").join(tile)).expect("reads");
        assert!(of(&log.root) == of(&log.copy("copy")), "{tile}");
    }
    assert_eq!(made.keys.len(), 6);
    let again = log.back_up("copy").expect_err("it is there");
    assert!(again.contains("nothing is overwritten"), "{again}");
}

/// A node that ended between a commit and its publication: all that was acknowledged is copied.
#[test]
fn what_was_committed_and_never_published_is_in_the_copy() {
    let (log, said) = Log::new(3);
    let made = log.back_up("before").expect("a copy");
    assert!(made.is_fully_signed);
    let mut opened = open(&log.root).expect("opens");
    let key = read_secret_key(&log.root.join("keys/administrator.key")).expect("key");
    let last = say(&mut opened, &key, 3);
    drop(opened);
    let made = log.back_up("behind").expect("a copy");
    assert!(last > said[2] && made.summary.size == last.index.0 + 2);
    assert!(!made.is_fully_signed, "one of its two keys signed");
    assert_eq!(made.vkeys.len(), 2);
}

#[test]
fn what_the_log_says_is_erased_is_erased_in_the_copy() {
    let (log, said) = Log::new(3);
    let whole = fs::read(log.segment()).expect("reads");
    let sealed = of_kind(&whole, Kind::Sealed);
    let mut opened = open(&log.root).expect("opens");
    assert_eq!(opened.engine.erase(said[1]).expect("erases"), 1);
    opened.engine.publish().expect("publishes");
    let erased = fs::read(log.segment()).expect("reads");
    let wiped = of_kind(&erased, Kind::Wiped);
    let [(offset, len)] = wiped.as_slice() else {
        panic!("one record is wiped: {wiped:?}")
    };
    let secret = &whole[offset + RECORD_HEAD_LEN..offset + RECORD_HEAD_LEN + len];
    let record = &whole[*offset..offset + RECORD_HEAD_LEN + len];

    // The act is committed; its writes have not begun, or have come so far.
    let mut left = record.to_vec();
    for (step, (at, bytes)) in [(0, Vec::new())]
        .into_iter()
        .chain(erasure(*len))
        .enumerate()
    {
        left[at..at + bytes.len()].copy_from_slice(&bytes);
        let mut source = erased.clone();
        source[*offset..offset + left.len()].copy_from_slice(&left);
        fs::write(log.segment(), &source).expect("writes");
        let name = format!("copy-{step}");
        let made = log.back_up(&name).expect("a copy");
        assert_eq!(made.erased, u64::from(step == 0), "step {step}");
        let copy = fs::read(log.copy(&name).join("ground/00000000.seg")).expect("reads");
        assert!(copy == erased, "step {step}");
        assert!(!copy.windows(secret.len()).any(|bytes| bytes == secret));
        assert!(
            fs::read(log.segment()).expect("reads") == source,
            "untouched"
        );
    }
    assert_eq!(of_kind(&erased, Kind::Sealed).len() + 1, sealed.len());
}

/// A record is erased and put back again and again, each step one that can be read, while copies
/// are made: each copy can be read.
#[test]
fn an_erasure_that_runs_meanwhile_leaves_a_copy_that_can_be_read() {
    let (log, _) = Log::new(40);
    let whole = fs::read(log.segment()).expect("reads");
    let sealed = of_kind(&whole, Kind::Sealed);
    let file = fs::OpenOptions::new().write(true).open(log.segment());
    let file = file.expect("opens");
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                for (offset, len) in &sealed {
                    let mut steps: Vec<(usize, Vec<u8>)> = erasure(*len).to_vec();
                    let (from, to) = (offset + RECORD_HEAD_LEN - 8, offset + RECORD_HEAD_LEN + len);
                    let back = [
                        (4, vec![Kind::Erasing.byte()]),
                        (8, whole[from..to].to_vec()),
                    ];
                    steps.extend(back);
                    steps.push((4, vec![Kind::Sealed.byte()]));
                    for (at, bytes) in steps {
                        file.write_all_at(&bytes, (offset + at) as u64)
                            .expect("writes");
                    }
                }
            }
        });
        for round in 0..15 {
            let name = format!("copy-{round}");
            let made = log.back_up(&name);
            let copy = fs::read(log.copy(&name).join("ground/00000000.seg"));
            is_done.store(made.is_err() || round == 14, Ordering::SeqCst);
            made.expect("a copy");
            let copy = copy.expect("reads");
            assert!(of_kind(&copy, Kind::Erasing).is_empty());
            assert_eq!(end_of(&copy), end_of(&whole));
        }
    });
}

#[test]
fn damage_makes_no_copy() {
    let (log, _) = Log::new(5);
    let whole = fs::read(log.segment()).expect("reads");
    let beside = log.beside();
    let end = end_of(&whole);
    let expect = |what: &str, part: &str| {
        let error = log.back_up("copy").expect_err(what);
        assert!(error.contains(part), "{what}: {error}");
        assert_eq!(log.beside(), beside, "{what}: nothing is left");
    };
    for at in [3, 70, 900, end - 40] {
        let mut spoiled = whole.clone();
        spoiled[at] ^= 1;
        fs::write(log.segment(), spoiled).expect("writes");
        expect("one bit", "segment 00000000");
    }
    let mut short = whole.clone();
    short[end - 200..].fill(0);
    fs::write(log.segment(), short).expect("writes");
    expect("cut short", "No backup was made");
    fs::write(log.segment(), &whole).expect("writes");

    // Another log's second place.
    let (other, _) = Log::new(6);
    let second = |log: &Log| log.folder.path().join("second/checkpoint");
    let own = fs::read(second(&log)).expect("reads");
    fs::copy(second(&other), second(&log)).expect("copies");
    let error = log.back_up("copy").expect_err("of another log");
    assert!(error.contains("No backup was made"), "{error}");
    fs::write(second(&log), own).expect("writes");

    let inside = Wanted {
        data: &log.root,
        out: &log.root.join("copy"),
        with_open_keys: false,
    };
    let error = back_up(&inside, &mut |_| {}).expect_err("inside");
    assert!(error.to_string().contains("does not lie in"), "{error}");
    log.back_up("copy").expect("a copy");
}
