//! Memory and start-up of the record at a size: `log_at_size make DIR ENTRIES`, then, in a process of
//! its own, `log_at_size open DIR`.
//!
//! `make` commits statements of 8 bytes that nobody reads, through the log that a node uses, and
//! keeps what a node keeps of a statement of one claim in a document of its own: the claim's identity,
//! the statement's place in its chain, the envelope. Tiles and bundles are written without a sync each, which changes how
//! long it takes to make the folder and nothing of what is in it. `open` opens the log and its
//! index as a node does before it folds anything, asks for some proofs, and prints how long that took
//! and the memory of the process.

use std::error::Error;
use std::path::{Path, PathBuf};

use countersign_attest::genesis::Terms;
use countersign_attest::{Algorithm, Genesis, Register, SecretKey};
use countersign_engine::{Counted, Log, LogSigner, NodeKeys, Stores};
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Assurance, ClaimRef, ClaimStatus, Index, RECORD_SALT_LEN, Size, VerdictRecord, entry_of,
};
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_ports::{Clock as _, DigestIndex as _, Published, StoreError, TreeHead};
use countersign_record::commit::{CommitTime, Staged};
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::sealing::SealingKey;
use countersign_record::segment::header;
use countersign_store_local::{DigestRuns, Folder, IndexFolder, MachineClock, Segments, SlotFile};
use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType};

const ORIGIN: &str = "size.example/1";
/// Statements of a commit; with its batch that makes 4,000 entries.
const EACH: u64 = 3_999;
/// Commits between two publications.
const PUBLISH: u64 = 16;
const PROOFS: u64 = 1_000;
/// What is kept of each statement.
const KEYS: [&str; 3] = ["claim", "place", "envelope"];

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder, entries] => make(Path::new(folder), entries.parse()?),
        ["open", folder] => open(Path::new(folder)),
        _ => Err("log_at_size make DIR ENTRIES | open DIR".into()),
    }
}

fn make(folder: &Path, entries: u64) -> Outcome<()> {
    for name in ["ground", "log", "index"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    let began = now_ms();
    let second = SlotFile::create(&folder.join("second"))?;
    let mut stores = stores(folder, second);
    stores.published = Box::new(Unsynced(folder.join("log")));
    let mut log = Log::begin(stores, entry_of(&statement(0)))?;
    let mut digests = DigestRuns::open(&folder.join("index/digests"), log.id(), |_| true)?;
    let keys = keys()?;
    let register = register(&keys)?;
    let signer = LogSigner {
        register: &register,
        keys: &keys,
    };
    let mut commits = 0;
    while log.size().0 < entries {
        let first = log.size().0;
        let count = EACH.min(entries - first);
        let staged = (first..first + count).map(staged).collect();
        commits += 1;
        log.commit(staged, at(i64::try_from(commits)?), &signer)?;
        for index in first..log.size().0 {
            let index = Index(index);
            for key in KEYS {
                digests.insert(digest(key, index), ClaimRef { index, ordinal: 0 })?;
            }
        }
        digests.seal_to(head(&log))?;
        if commits % PUBLISH == 0 {
            log.publish(&signer)?;
        }
    }
    log.publish(&signer)?;
    digests.flush()?()?;
    digests.settle()?;
    let took = now_ms() - began;
    tell(&format!("made {} entries in {took} ms", log.size().0));
    memory("while it was made")
}

fn open(folder: &Path) -> Outcome<()> {
    let began = now_ms();
    let second = SlotFile::open(&folder.join("second"))?;
    let mut log = Log::open(stores(folder, second), &keys()?)?;
    log.cut_tail()?;
    let opened = now_ms() - began;
    let has = |head: TreeHead| {
        let root = log.root_at(head.size);
        root.is_ok_and(|root| root.as_bytes() == head.root.as_bytes())
    };
    let digests = DigestRuns::open(&folder.join("index/digests"), log.id(), has)?;
    let both = now_ms() - began;
    let size = log.size().0;
    tell(&format!(
        "{size} entries: the log is open after {opened} ms ({} taken up), with its index after {both} ms",
        log.taken_up().0
    ));
    if digests.complete_to().size != log.size() {
        return Err("keys are missing".into());
    }
    memory("open")?;
    let began = now_ms();
    for at in 0..PROOFS {
        let index = Index((at * 7_919_777) % size);
        log.path(index)?;
        for key in KEYS {
            if log.group(index)?.is_some() && digests.find(digest(key, index))?.is_empty() {
                return Err(format!("the {key} of {index} is not found").into());
            }
        }
    }
    tell(&format!(
        "{PROOFS} proofs, statements and their {} keys from anywhere took {} ms",
        KEYS.len(),
        now_ms() - began
    ));
    memory("after them")
}

fn stores(folder: &Path, second: SlotFile) -> Stores {
    let head = |number: u32, log: [u8; 32]| header(number, Digest::new(log)).to_vec();
    Stores {
        ground: Box::new(Segments::new(
            &folder.join("ground"),
            SEGMENT_BYTES as u64,
            head,
        )),
        second: Box::new(second),
        published: Box::new(Folder::new(&folder.join("log"))),
        index: Box::new(IndexFolder::new(&folder.join("index"))),
    }
}

fn head(log: &Log) -> TreeHead {
    TreeHead {
        size: Size(log.size().0),
        root: Digest::new(*log.root().as_bytes()),
    }
}

fn statement(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

fn digest(key: &str, index: Index) -> Digest {
    Digest::of_parts(key, &[&index.0.to_le_bytes()])
}

fn staged(index: u64) -> Staged {
    Staged {
        statement: statement(index),
        records: Vec::new(),
        verdict: VerdictRecord {
            salt: [1; RECORD_SALT_LEN],
            assurance: Assurance::SoftwareKey,
            marks: vec![],
            claims: vec![ClaimStatus::Effective],
        },
    }
}

const fn at(ms: i64) -> CommitTime {
    let at = Timestamp::from_ms(ms);
    CommitTime {
        recorded: at,
        uncertainty_ms: 1,
        tick: at,
    }
}

fn keys() -> Outcome<NodeKeys> {
    let name = KeyName::new(ORIGIN)?;
    Ok(NodeKeys {
        checkpoint: vec![Counted::new(Ed25519Signer::new(
            name,
            SignatureType::Ed25519,
            &[1; 32],
        ))],
        checkpoint_pq: Vec::new(),
        statement: vec![Counted::new(secret(2))],
        receipt: vec![Counted::new(secret(3))],
        sealing: SealingKey::new([4; 32]),
        fingerprint: [5; 32].into(),
    })
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::generate(Algorithm::Ed25519, [seed; 32])
}

/// What a log with these keys names.
fn register(keys: &NodeKeys) -> Outcome<Register> {
    let genesis = Genesis::new(Terms {
        origin: Origin::parse(ORIGIN)?,
        fold_version: 1,
        checkpoint_keys: keys.checkpoint_vkeys(),
        receipt_key: secret(3).public(),
        node_key: secret(2).public(),
        administrators: vec![secret(6).public()],
        predecessors: Vec::new(),
        registration_policy: "measurement".to_owned(),
        nonce: [0; 16],
    })?;
    Ok(Register::new(&genesis))
}

fn now_ms() -> u64 {
    MachineClock.read().monotonic_ms
}

/// What the kernel says of this process.
fn memory(when: &str) -> Outcome<()> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
            .map_or(0, |kib| kib / 1024)
    };
    let (now, most) = (of("VmRSS:"), of("VmHWM:"));
    tell(&format!("memory {when}: {now} MiB, at most {most} MiB"));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a program that people run to see this")]
fn tell(line: &str) {
    println!("{line}");
}

/// The published tree, written without syncs.
#[derive(Debug)]
struct Unsynced(PathBuf);

impl Published for Unsynced {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.0.join(path);
        let failed = |error| StoreError::new(format!("writing {}", path.display()), error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, bytes).map_err(failed)
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Folder::new(&self.0).get(path)
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        Folder::new(&self.0).list()
    }

    fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        Folder::new(&self.0).remove(path)
    }
}
