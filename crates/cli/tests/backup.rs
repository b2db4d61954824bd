//! `countersign backup`: a copy made beside a node under load verifies, and so does every receipt
//! for what it covers; keys in the open stay out of it.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countersign_model::entry::entry_of;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use countersign_pack::ClaimReceipt;
use run::samples::noted;
use run::{Log, Node, ends_with, holds, json, new_log, ok, program};

/// Copies that are made under load.
const COPIES: u64 = 5;

fn capture(log: &Log, from: usize, count: usize) {
    let lines: Vec<String> = (from..from + count).map(noted).collect();
    let file = log.write(&format!("{from}.jsonl"), &lines.join("\n"));
    ok(&["capture", "--data", &log.data, &file]);
}

/// All receipts of the log as it is, by name.
fn receipts(session: &mut Session) -> Vec<ClaimReceipt> {
    let status = session.value(&Request::Status).expect("a status");
    let count = status["size"].as_u64().expect("a number");
    let (_, blob) = session
        .ask(&Request::Receipts { from: 0, count }, &[])
        .expect("receipts");
    let items = wire::split(&blob).expect("a list");
    let files = items.chunks(2).map(|pair| (pair[0], pair[1]));
    let named = files.filter(|(name, _)| name.ends_with(b".receipt"));
    named
        .map(|(_, bytes)| ClaimReceipt::decode(bytes).expect("a receipt"))
        .collect()
}

/// The entries of a copy, from its bundles (docs/formats/log.md).
fn entries(copy: &Path, size: u64) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for index in 0..size.div_ceil(256) {
        let width = (size - index * 256).min(256);
        let mut path = format!("log/tile/entries/{index:03}");
        if width < 256 {
            path = format!("{path}.p/{width}");
        }
        let bytes = fs::read(copy.join(path)).expect("a bundle");
        out.extend(bytes.chunks(34).map(|entry| entry[2..].to_vec()));
    }
    assert_eq!(out.len() as u64, size);
    out
}

/// Ends the load when it is dropped, by a panic too: a scope waits for its threads.
struct EndsLoad<'a>(&'a AtomicBool);

impl Drop for EndsLoad<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Erases the claims of the first capture, one by one.
fn erase_first(log: &Log, is_done: &AtomicBool) {
    let mut session = Session::open(Path::new(&log.data)).expect("a node");
    for ordinal in 0..300 {
        if is_done.load(Ordering::SeqCst) {
            return;
        }
        let claim = format!("4.{ordinal}");
        let request = Request::Erase { claim };
        session.value(&request).expect("is erased");
    }
}

#[test]
fn a_copy_made_under_load_verifies_with_every_receipt() {
    let log = new_log();
    capture(&log, 0, 300);
    let node = Node::start(program(), &log.data);
    let is_done = AtomicBool::new(false);
    let next = AtomicUsize::new(300);
    let mut sizes = BTreeMap::new();
    let mut kept = Vec::new();
    std::thread::scope(|scope| {
        let ends = EndsLoad(&is_done);
        scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                capture(&log, next.fetch_add(40, Ordering::SeqCst), 40);
            }
        });
        scope.spawn(|| erase_first(&log, &is_done));
        let mut session = Session::open(Path::new(&log.data)).expect("a node");
        let copies = (0..COPIES).map(|round| {
            let acknowledged = receipts(&mut session);
            let newest = acknowledged.iter().map(|one| one.batch_index.0).max();
            let checkpoint = &acknowledged.last().expect("some").checkpoint;
            let kept = log.path(&format!("kept-{round}"));
            fs::write(&kept, checkpoint).expect("writes");
            let out = log.path(&format!("copy-{round}"));
            let arguments = ["backup", "--data", &log.data, "--out", &out, "--json"];
            (out.clone(), kept, newest, run::countersign(&arguments))
        });
        let copies: Vec<_> = copies.collect();
        drop(ends);
        for (out, checkpoint, newest, output) in copies {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{text}");
            let made: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let size = made["size"].as_u64().expect("a number");
            assert!(
                newest.is_some_and(|at| at < size),
                "all that was acknowledged"
            );
            sizes.insert(out, size);
            kept.push(checkpoint);
        }
    });
    let all = receipts(&mut Session::open(Path::new(&log.data)).expect("a node"));
    drop(node);
    assert!(sizes.values().max() > sizes.values().min(), "{sizes:?}");
    for ((copy, size), checkpoint) in sizes.iter().zip(&kept) {
        // The copy goes on from the checkpoint that somebody had when it began.
        let text = ok(&["verify", "--key", &log.vkey, copy, checkpoint]);
        assert!(text.contains("proven"), "{text}");
        let entries = entries(Path::new(copy), *size);
        let covered = all.iter().filter(|receipt| receipt.at.index.0 < *size);
        let mut count = 0;
        for receipt in covered {
            let at = usize::try_from(receipt.at.index.0).expect("small");
            assert_eq!(entries[at], entry_of(&receipt.statement).as_bytes());
            count += 1;
        }
        assert!(count >= 300, "{count} receipts");
    }
    assert!(
        all.iter()
            .any(|one| sizes.values().all(|size| one.at.index.0 >= *size))
    );
}

#[test]
fn keys_in_the_open_stay_out_unless_asked_for() {
    let log = new_log();
    capture(&log, 0, 3);
    let statement = Path::new(&log.data).join("keys/statement.key");
    let locked = fs::read_to_string(&statement).expect("reads");
    let text = ok(&["backup", "--data", &log.data, "--out", &log.path("locked")]);
    for part in [
        "the copy read back",
        "administrator.key",
        "unlock key",
        "statement",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let copied = Path::new(&log.path("locked")).join("keys");
    assert_eq!(
        fs::read_to_string(copied.join("statement.key")).expect("reads"),
        locked
    );
    assert!(!copied.join("administrator.key").exists());
    let folder = log.path("locked");
    let names = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("lists")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    };
    let whole = ["backup.toml", "countersign.toml", "ground", "keys", "log"];
    assert_eq!(names(&folder), whole);
    ok(&["verify", "--key", &log.vkey, &folder]);

    let secret = "-----a key in the open-----";
    fs::write(&statement, secret).expect("writes");
    let out = log.path("without");
    let made = json(&["backup", "--data", &log.data, "--out", &out, "--json"]);
    assert!(
        made["not_in_it"].to_string().contains("keys/statement.key"),
        "{made}"
    );
    assert_eq!(made["keys"].as_array().expect("a list").len(), 5, "{made}");
    assert_eq!(holds(Path::new(&out), secret.as_bytes()), None);
    let out = log.path("with");
    let text = ends_with(
        0,
        &["backup", "--data", &log.data, "--out", &out, "--with-keys"],
    );
    assert!(
        text.contains("warning") && text.contains("statement (in the open)"),
        "{text}"
    );
    assert!(holds(Path::new(&out), secret.as_bytes()).is_some());
    let text = ends_with(1, &["backup", "--data", &log.data, "--out", &out]);
    assert!(text.contains("nothing is overwritten"), "{text}");
}
