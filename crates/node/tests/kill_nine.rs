//! Kill -9 at points drawn over the bytes that a node writes: nothing acknowledged is lost, and no
//! two checkpoints are inconsistent (LOG-2, LOG-3). A node that acknowledges before its bytes are
//! written is shown to fail the same test.
//!
//! The program runs itself as a child that commits claims and prints each acknowledgement, until
//! the drawn byte, where it kills itself in the middle of a write.
#![expect(clippy::print_stdout, reason = "it is a test harness of its own")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use countersign_attest::{Header, Kind, SecretKey};
use countersign_engine::engine::Taken;
use countersign_engine::node_statement::own_objects;
use countersign_engine::{Components, Engine};
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;
use countersign_node::compose::{Opened, open, open_to_read, open_with};
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_ports::{
    CheckpointCell, Entropy as _, Ground, Position, Published, StoreError, Swapped,
};
use countersign_store_local::MachineEntropy;
use countersign_tlog::tree::{TreeSize, root_at};

/// Kills of the right order in the default tests.
const KILLS: u64 = 50;
/// How many, in a long run.
const KILLS_VARIABLE: &str = "COUNTERSIGN_KILLS";
/// Kills of the broken order: that many are never all survived.
const BROKEN_KILLS: u64 = 20;
/// Commits that a child makes at most.
const COMMITS: u64 = 12;
/// Bytes that count for a swap: one slot.
const SWAP_BYTES: u64 = 4096;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, root, budget, order] = arguments.as_slice()
        && role == "child"
    {
        child(
            Path::new(root),
            budget.parse().expect("a number"),
            order == "broken",
        );
        return;
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    println!("\nrunning 2 tests");
    let total = bytes_of_a_whole_run();
    let lost = kills(total);
    report("kill_nine_loses_nothing_acknowledged", &lost);
    let survived = (0..BROKEN_KILLS).all(|n| kill_at(point(total, n, BROKEN_KILLS), true).is_ok());
    let broken = if survived {
        vec!["the broken order was not noticed".to_owned()]
    } else {
        Vec::new()
    };
    report("a_broken_order_of_the_commit_is_noticed", &broken);
    let failed = usize::from(!lost.is_empty()) + usize::from(!broken.is_empty());
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out",
        2 - failed
    );
    if failed > 0 {
        println!("reproduce with: cargo test -p countersign-node --test kill_nine");
        std::process::exit(1);
    }
}

fn report(name: &str, faults: &[String]) {
    println!(
        "test {name} ... {}",
        if faults.is_empty() { "ok" } else { "FAILED" }
    );
    for fault in faults {
        println!("    {fault}");
    }
}

/// The byte of the nth kill of so many: spread over the run, and not all at one place of a write.
const fn point(total: u64, n: u64, kills: u64) -> u64 {
    (total * n / kills + 7 * n) % total
}

/// Kills, two at a time; what went wrong.
fn kills(total: u64) -> Vec<String> {
    let asked = std::env::var(KILLS_VARIABLE);
    let count = asked.ok().and_then(|text| text.parse().ok());
    let count: u64 = count.unwrap_or(KILLS);
    let (next, acknowledged) = (AtomicU64::new(0), AtomicU64::new(0));
    let lost: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= count {
                        return;
                    }
                    match kill_at(point(total, n, count), false) {
                        Ok(claims) => {
                            acknowledged.fetch_add(claims, Ordering::SeqCst);
                        }
                        Err(why) => lost.lock().expect("no thread panics").push(why),
                    }
                }
            });
        }
    });
    let lost = lost.into_inner().expect("no thread panics");
    println!("kills | kills | {count}");
    println!(
        "kills | claims acknowledged before them | {}",
        acknowledged.into_inner()
    );
    println!(
        "kills | kills after which one was lost, or two histories | {}",
        lost.len()
    );
    lost
}

/// How much a child writes that is not killed.
fn bytes_of_a_whole_run() -> u64 {
    let folder = tempfile::tempdir().expect("folder");
    let root = make_log(folder.path());
    let counted = Arc::new(AtomicU64::new(u64::MAX));
    run(&root, &counted, false, &mut |_| {});
    u64::MAX - counted.load(Ordering::SeqCst)
}

fn make_log(folder: &Path) -> std::path::PathBuf {
    let root = folder.join("data");
    let settings = Settings {
        second: folder.join("second").join("checkpoint"),
        origin: "kill.example/1".into(),
        unlock: None,
    };
    drop(countersign_node::init(&root, settings, None).expect("init"));
    root
}

/// Runs a child that dies after `budget` bytes and checks what it acknowledged: how many claims.
fn kill_at(budget: u64, broken: bool) -> Result<u64, String> {
    let folder = tempfile::tempdir().expect("folder");
    let root = make_log(folder.path());
    let order = if broken { "broken" } else { "right" };
    let mut child = Command::new(std::env::current_exe().expect("own path"))
        .args([
            "child",
            &root.display().to_string(),
            &budget.to_string(),
            order,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("spawns");
    let stdout = child.stdout.take().expect("piped");
    let acknowledged: Vec<Acknowledged> = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| Acknowledged::read(&line))
        .collect();
    child.wait().expect("ends");
    let at = |what: String| format!("killed at byte {budget}: {what}");
    let opened = open(&root).map_err(|error| at(format!("does not open: {error}")))?;
    for one in &acknowledged {
        one.check(&opened.engine).map_err(at)?;
    }
    let (made, from) = (opened.engine.digest_of_made(), opened.engine.resumed_at());
    drop(opened);
    if folded(&root).map_err(at)? != made {
        return Err(at(format!("from a snapshot of {from}, another state")));
    }
    Ok(acknowledged.len() as u64)
}

/// What is made of the log when its whole ground is folded.
fn folded(root: &Path) -> Result<Digest, String> {
    let snapshot = root.join("index/snapshot");
    std::fs::remove_dir_all(&snapshot).map_err(|error| error.to_string())?;
    let opened = open_to_read(root).map_err(|error| error.to_string())?;
    Ok(opened.engine.digest_of_made())
}

/// What a child printed when a commit was true.
struct Acknowledged {
    index: u64,
    entry: Digest,
    size: u64,
    root: Digest,
}

impl Acknowledged {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("ack ")?.split(' ');
        Some(Self {
            index: words.next()?.parse().ok()?,
            entry: Digest::from_hex(words.next()?)?,
            size: words.next()?.parse().ok()?,
            root: Digest::from_hex(words.next()?)?,
        })
    }

    fn check(&self, engine: &Engine) -> Result<(), String> {
        if engine.entry(self.index) != Some(self.entry) {
            return Err(format!(
                "the acknowledged statement at index {} is not there",
                self.index
            ));
        }
        let root =
            root_at(engine.nodes(), TreeSize(self.size)).map_err(|error| error.to_string())?;
        if *root.as_bytes() != *self.root.as_bytes() {
            return Err(format!(
                "the tree of size {} has another root than the one that was signed",
                self.size
            ));
        }
        Ok(())
    }
}

fn child(root: &Path, budget: u64, broken: bool) {
    let left = Arc::new(AtomicU64::new(budget));
    run(root, &left, broken, &mut |line| {
        println!("{line}");
        std::io::stdout().flush().expect("the parent reads");
    });
}

/// Commits claims and hands out an acknowledgement for each.
fn run(root: &Path, left: &Arc<AtomicU64>, broken: bool, acknowledge: &mut dyn FnMut(String)) {
    let replace = |world: Components| Components {
        ground: Box::new(DyingGround {
            inner: world.ground,
            left: Arc::clone(left),
            broken,
            held: Vec::new(),
            next: None,
        }),
        second: Box::new(DyingCell {
            inner: world.second,
            left: Arc::clone(left),
        }),
        published: Box::new(DyingFolder {
            inner: world.published,
            left: Arc::clone(left),
        }),
        ..world
    };
    let mut opened: Opened = open_with(root, replace).expect("opens");
    let key = read_secret_key(&opened.dir.keys().join("administrator.key")).expect("key");
    for round in 0..COMMITS {
        let engine = &mut opened.engine;
        let submission = alias(engine, &key, round);
        let Taken::Staged(ticket) = engine.submit(&submission).expect("is taken") else {
            panic!("was never sent")
        };
        engine.commit().expect("commits");
        let entry = engine.entry(ticket.index.0).expect("is there");
        let root = Digest::new(*engine.root().as_bytes());
        acknowledge(format!(
            "ack {} {entry} {} {root}",
            ticket.index,
            engine.size()
        ));
        if round % 4 == 3 {
            engine.publish().expect("publishes");
        }
        if round % 2 == 1 {
            // Written by a thread, wherever it is when the process dies.
            engine.take_snapshot().expect("takes one");
        }
    }
}

fn alias(engine: &Engine, key: &SecretKey, round: u64) -> countersign_attest::Submission {
    let origin = engine.intake().register.identity().origin.clone();
    let issuer = PrincipalId::parse("admin-1").expect("name");
    let header = Header::new(issuer, "kill", vec![origin], Kind::claims()).expect("header");
    let object = format!(
        r#"{{"type":"Alias","unit":"urn:x:{round}","sameAs":"urn:y:{round}","note":"{round}"}}"#
    );
    let mut random = |bytes: &mut [u8]| MachineEntropy.fill(bytes).expect("random bytes");
    own_objects(&header, &[&object], key, &mut random).expect("signs")
}

/// Takes `bytes` off what is left; `Err` has how many of them still fit.
fn spend(left: &AtomicU64, bytes: u64) -> Result<(), u64> {
    let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        Some(left.saturating_sub(bytes))
    });
    let before = before.unwrap_or(0);
    if before < bytes { Err(before) } else { Ok(()) }
}

fn die() -> ! {
    let own = rustix::process::getpid();
    let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    unreachable!("SIGKILL ends the process")
}

/// Writes until its bytes are spent, then part of a write, then dies. In the broken order it says
/// that bytes are written while it still holds them.
#[derive(Debug)]
struct DyingGround {
    inner: Box<dyn Ground>,
    left: Arc<AtomicU64>,
    broken: bool,
    held: Vec<u8>,
    next: Option<Position>,
}

impl DyingGround {
    fn write(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        match spend(&self.left, bytes.len() as u64) {
            Ok(()) => self.inner.append(bytes),
            Err(fits) => {
                let part = bytes
                    .get(..usize::try_from(fits).unwrap_or(0))
                    .unwrap_or_default();
                let _ = self.inner.append(part);
                die()
            }
        }
    }
}

impl Ground for DyingGround {
    fn begin(&mut self, log: [u8; 32], end: Option<Position>) -> Result<(), StoreError> {
        self.next = end;
        self.inner.begin(log, end)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Position, StoreError> {
        if !self.broken {
            return self.write(bytes);
        }
        let held = std::mem::replace(&mut self.held, bytes.to_vec());
        if !held.is_empty() {
            self.write(&held)?;
        }
        let at = self.next.expect("begun");
        self.next = Some(Position {
            offset: at.offset + u32::try_from(bytes.len()).expect("short"),
            ..at
        });
        Ok(at)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.inner.sync()
    }

    fn read(&self, at: Position, len: usize) -> Result<Vec<u8>, StoreError> {
        self.inner.read(at, len)
    }

    fn overwrite(&mut self, at: Position, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.overwrite(at, bytes)
    }
}

/// Dies before or after a swap.
#[derive(Debug)]
struct DyingCell {
    inner: Box<dyn CheckpointCell>,
    left: Arc<AtomicU64>,
}

impl CheckpointCell for DyingCell {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read()
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        match spend(&self.left, SWAP_BYTES) {
            Ok(()) => self.inner.swap(expected, new),
            Err(fits) => {
                if fits > SWAP_BYTES / 2 {
                    let _ = self.inner.swap(expected, new);
                }
                die()
            }
        }
    }
}

/// Dies before or after a file is put in place.
#[derive(Debug)]
struct DyingFolder {
    inner: Box<dyn Published>,
    left: Arc<AtomicU64>,
}

impl Published for DyingFolder {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match spend(&self.left, bytes.len() as u64) {
            Ok(()) => self.inner.put(path, bytes),
            Err(fits) => {
                if fits > bytes.len() as u64 / 2 {
                    let _ = self.inner.put(path, bytes);
                }
                die()
            }
        }
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(path)
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.inner.list()
    }

    fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        self.inner.remove(path)
    }
}
