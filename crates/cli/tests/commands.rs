//! What a user does on the first day, command by command.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign_model::body::{ClaimBody, Part};
use countersign_node::request::Request;
use countersign_node::session::Session;
use run::samples::{self, disclosed, network};
use run::{Log, countersign, ends_with, holds, json, new_log, ok};
use serde_json::{Value, json};

fn event(id: usize, step: &str, place: &str, comment: &str) -> String {
    let other = [
        ("bizStep", json!(step)),
        ("readPoint", json!({"id": place})),
        ("rdfs:comment", json!(comment)),
    ];
    samples::event(id, &other)
}

/// A principal of party a, who hands over at site a.
fn principal(log: &Log, role: &str, name: &str) -> (String, String) {
    samples::principal(log, role, name, "urn:x:party:a")
}

#[test]
fn the_network_is_applied_shown_and_undone() {
    let log = new_log();
    let file = log.write("network.toml", &network("giver"));
    let changed = log.write("changed.toml", &network("both"));
    let dry = ok(&["apply", "--data", &log.data, "--dry-run", &file]);
    assert!(dry.contains("+ lane a-b") && dry.contains("3 new"), "{dry}");
    assert_eq!(
        json(&["network", "show", "--data", &log.data, "--json"]),
        serde_json::json!({}),
        "dry"
    );
    ok(&["apply", "--data", &log.data, &file]);
    let before = json(&["network", "show", "--data", &log.data, "--json"]);
    assert_eq!(before["lane"][0]["mode"], "giver");
    let difference = ok(&["apply", "--data", &log.data, &changed]);
    assert!(difference.contains("mode: giver -> both"), "{difference}");
    ok(&["apply", "--data", &log.data, &file]);
    assert_eq!(
        json(&["network", "show", "--data", &log.data, "--json"]),
        before,
        "undone"
    );
    assert!(ok(&["apply", "--data", &log.data, &file]).contains("Nothing to change"));
    let wrong = log.write("wrong.toml", "[[lane]]\nid = \"x\"\n");
    assert!(
        ends_with(1, &["apply", "--data", &log.data, &wrong]).contains("[[lane]] number 1: from")
    );
}

#[test]
fn a_device_signs_and_its_claims_are_traced_to_it() {
    let log = new_log();
    let (key, table) = principal(&log, "device", "device:dock-1");
    samples::apply(&log, &(network("giver") + &table));
    for (n, (step, place)) in [("storing", "urn:x:a:dock"), ("departing", "urn:x:a:dock")]
        .into_iter()
        .enumerate()
    {
        let event = event(n + 1, step, place, "Li Wei");
        let out = samples::signed_and_taken(&log, &key, "device:dock-1", &event);
        let again = json(&["submit", "--data", &log.data, "--json", &out]);
        assert_eq!(again["status"], "replay", "{again}");
    }
    let trace = json(&["trace", "--data", &log.data, "--json", "340123451111111111"]).to_string();
    assert!(
        trace.contains("device:dock-1")
            && trace.contains("in_transfer")
            && trace.contains("giver_only"),
        "{trace}"
    );
    let words = ok(&[
        "trace",
        "--data",
        &log.data,
        "urn:epc:id:sscc:4012345.3111111111",
    ]);
    assert!(words.contains("device:dock-1"), "{words}");
    let (key, _) = principal(&log, "device", "device:stranger");
    let event = event(3, "storing", "urn:x:a:dock", "x");
    let stranger = samples::signed(&log, &key, "device:stranger", &event);
    let stranger = ends_with(1, &["submit", "--data", &log.data, &stranger]);
    assert!(stranger.contains("unknown_key"), "{stranger}");
}

#[test]
fn a_pack_brings_every_act_that_gave_its_keys() {
    let log = new_log();
    let (key, table) = principal(&log, "device", "device:dock-1");
    let network = |assurance: &str| {
        let table = format!("{table}assurance = \"{assurance}\"\n");
        samples::apply(&log, &(network("giver") + &table));
    };
    for (n, assurance) in [(1, "software_key"), (2, "hardware_key")] {
        network(assurance);
        let event = event(n, "storing", "urn:x:a:dock", "x");
        samples::signed_and_taken(&log, &key, "device:dock-1", &event);
    }
    network("software_key");
    let pack = disclosed(&log, &log.data, "pack.zip");
    let report = ok(&["verify", "--key", &log.vkey, &pack]);
    assert_eq!(
        report.matches("was given to device:dock-1").count(),
        3,
        "{report}"
    );
    let out = log.path("receipts");
    let last = json(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    let claim = last["links"][1]["claim"].as_str().expect("a claim");
    ok(&[
        "export",
        "--data",
        &log.data,
        "--receipt",
        claim,
        "--with-all",
        "--out",
        &out,
    ]);
    let mut check = vec!["verify".to_owned(), "--key".to_owned(), log.vkey.clone()];
    check.extend(files_of(&out));
    ok(&check.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_write_off_needs_two_people() {
    let log = new_log();
    let (first, one) = principal(&log, "person", "person:one");
    let (second, two) = principal(&log, "person", "person:two");
    samples::apply(&log, &(network("giver") + &one + &two));
    let events = log.write("event.json", &event(1, "storing", "urn:x:a:dock", "x"));
    ok(&["capture", "--data", &log.data, &events]);
    let made = json(&[
        "propose",
        "write-off",
        "--data",
        &log.data,
        "--key",
        &first,
        "--reason",
        "burnt",
        "--json",
        "340123451111111111",
    ]);
    let id = made["proposal"].as_str().expect("an id");
    let alone = ends_with(1, &["approve", "--data", &log.data, "--key", &first, id]);
    assert!(alone.contains("second person"), "{alone}");
    let trace = |log: &Log| ok(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    assert!(
        !trace(&log).contains("written_off"),
        "one person is not enough"
    );
    let waiting = ok(&["approve", "--data", &log.data]);
    assert!(waiting.contains("because    burnt"), "{waiting}");
    ok(&[
        "approve", "--data", &log.data, "--key", &second, "--reason", "seen", id,
    ]);
    assert!(trace(&log).contains("written_off"));
}

#[test]
fn an_amount_is_set_right_by_two_people() {
    let log = new_log();
    let (first, one) = principal(&log, "person", "person:one");
    let (second, two) = principal(&log, "person", "person:two");
    samples::apply(&log, &(network("giver") + &one + &two));
    let lot = "urn:epc:class:lgtin:4012345.012345.L7";
    let counted = event(1, "storing", "urn:x:a:dock", "x").replace(
        r#""epcList":["urn:epc:id:sscc:4012345.3111111111"]"#,
        &format!(r#""quantityList":[{{"epcClass":"{lot}","quantity":40}}]"#),
    );
    let events = log.write("event.json", &counted);
    ok(&["capture", "--data", &log.data, &events]);
    let held = |log: &Log| {
        let ledger = json(&["ledger", "--data", &log.data, "--json"]);
        ledger["classes"][0]["accounts"]["held"].clone()
    };
    assert_eq!(held(&log), "40");
    #[rustfmt::skip]
    let made = json(&[
        "propose", "stock-adjustment", "--data", &log.data, "--key", &first, "--reason", "recount",
        "--class", lot, "--place", "urn:x:site:a", "--difference", "-2", "--json",
    ]);
    assert_eq!(held(&log), "40", "one person is not enough");
    let id = made["proposal"].as_str().expect("an id");
    ok(&["approve", "--data", &log.data, "--key", &second, id]);
    assert_eq!(held(&log), "38");
    let trace = ok(&["trace", "--data", &log.data, lot]);
    assert!(
        trace.contains("-2  from adjustments by two people"),
        "{trace}"
    );
    let off = ["propose", "write-off", "--data", &log.data, "--key", &first];
    let counted = ends_with(2, &[&off[..], &["--reason", "x", lot]].concat());
    assert!(counted.contains("stock-adjustment"), "{counted}");
}

#[test]
fn who_may_not_act_is_told_so_and_what_is_not_known_cannot_be_written_off() {
    let log = new_log();
    let (device, one) = principal(&log, "device", "device:one");
    let (person, two) = principal(&log, "person", "person:two");
    samples::apply(&log, &(network("giver") + &one + &two));
    let off = |key: &str| {
        let unit = "340123451111111111";
        #[rustfmt::skip]
        let command = ["propose", "write-off", "--data", &log.data, "--key", key, "--reason", "x", unit];
        ends_with(1, &command)
    };
    let unknown = off(&person);
    assert!(unknown.contains("unknown_unit"), "{unknown}");
    let events = log.write("event.json", &event(1, "storing", "urn:x:a:dock", "x"));
    ok(&["capture", "--data", &log.data, &events]);
    let refused = off(&device);
    assert!(refused.contains("not_authorised"), "{refused}");
    let apply = ends_with(
        1,
        &[
            "apply",
            "--data",
            &log.data,
            "--key",
            &device,
            &log.write("n.toml", &network("giver")),
        ],
    );
    assert!(apply.contains("device:one (device)"), "{apply}");
    let mistyped = ends_with(1, &["trace", "--data", &log.data, "340123451111111112"]);
    assert!(mistyped.contains("check digit"), "{mistyped}");
}

const NAME: &str = "Wei-Ling Vandersloot";

/// Two events in one document, the first with a name in a sealed field; that claim.
fn log_with_a_name() -> (Log, String) {
    let log = new_log();
    let first = event(1, "storing", "urn:x:a:dock", NAME);
    let second = event(2, "picking", "urn:x:a:dock", "other");
    let events = log.write("events.jsonl", &format!("{first}\n{second}\n"));
    let report = log.path("report.jsonl");
    ok(&["capture", "--data", &log.data, "--report", &report, &events]);
    let lines = fs::read_to_string(&report).expect("a report");
    let line: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    let claim = format!("{}.{}", line["entry"], line["ordinal"]);
    (log, claim)
}

#[test]
fn erasure_leaves_no_value_no_salt_no_key() {
    let (log, claim) = log_with_a_name();
    let ground = Path::new(&log.data).join("ground").join("00000000.seg");
    let before = fs::read(&ground).expect("reads");
    let salts = salts_in(&disclosed(&log, &log.data, "before.zip"));
    ok(&["erase", "--data", &log.data, "--claim", &claim]);
    let folder = Path::new(&log.data);
    assert_eq!(holds(folder, NAME.as_bytes()), None, "the value is nowhere");
    for secret in wiped_bytes(&before, &fs::read(&ground).expect("reads")) {
        assert_eq!(
            holds(folder, &secret),
            None,
            "nor are its ciphertext, salt and wrapped key"
        );
    }
    for salt in salts {
        assert_eq!(holds(folder, &salt), None, "nor is its salt in clear");
    }
    let raw = log.path("raw");
    let refused = ends_with(
        1,
        &[
            "export", "--data", &log.data, "--raw", "--claim", &claim, "--out", &raw,
        ],
    );
    assert!(refused.contains("erased"), "{refused}");
}

#[test]
fn erasure_leaves_proofs_and_the_same_state() {
    let (log, claim) = log_with_a_name();
    let old_pack = disclosed(&log, &log.data, "old.zip");
    let old_receipt = receipt_files(&log, &claim);
    let trace = || ok(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    let before = trace();
    ok(&["erase", "--data", &log.data, "--claim", &claim]);
    assert_eq!(trace(), before, "replay gives the same conclusions");
    for pack in [old_pack, disclosed(&log, &log.data, "new.zip")] {
        ok(&["verify", "--key", &log.vkey, &pack]);
    }
    let mut check = vec!["verify", "--key", &log.vkey];
    check.extend(old_receipt.iter().map(String::as_str));
    ok(&check);
    assert!(ok(&["erase", "--data", &log.data, "--claim", &claim]).contains("no sealed parts"));
}

/// The salts of the sealed parts that a pack shows.
fn salts_in(pack: &str) -> Vec<Vec<u8>> {
    let pack = fs::read(pack).expect("a pack");
    let files = countersign_pack::archive::read(&pack).expect("an archive");
    let bodies = files.iter().filter(|(name, _)| name.starts_with("bodies/"));
    let mut salts = Vec::new();
    for (_, body) in bodies {
        let body = ClaimBody::decode(body).expect("a body");
        salts.extend(body.parts.iter().filter_map(|part| match part {
            Part::Sealed { salt, .. } => Some(salt.to_vec()),
            Part::Open(_) | Part::Withheld(_) => None,
        }));
    }
    assert!(!salts.is_empty(), "the pack shows a sealed part");
    salts
}

/// The receipt of a claim with all that it rests on, as files.
fn receipt_files(log: &Log, claim: &str) -> Vec<String> {
    let out = log.path("receipt");
    let receipt = ["--receipt", claim, "--with-all", "--out", &out];
    ok(&[["export", "--data", &log.data].as_slice(), &receipt].concat());
    files_of(&out)
}

fn files_of(folder: &str) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder");
    let path = |file: std::io::Result<fs::DirEntry>| file.expect("a file").path();
    files.map(|file| path(file).display().to_string()).collect()
}

/// What was overwritten: windows of the old bytes where the new ones are zero and the old were not.
fn wiped_bytes(before: &[u8], after: &[u8]) -> Vec<Vec<u8>> {
    let windows = before.chunks_exact(32).zip(after.chunks_exact(32));
    let wiped: Vec<Vec<u8>> = windows
        .filter(|(old, new)| new.iter().all(|byte| *byte == 0) && old.iter().any(|byte| *byte != 0))
        .map(|(old, _)| old.to_vec())
        .collect();
    assert!(wiped.len() >= 2, "something was overwritten");
    wiped
}

#[test]
fn packs_verify_with_the_pinned_key_and_only_with_it() {
    let log = new_log();
    let events = log.write("event.json", &event(1, "storing", "urn:x:a:dock", "Li Wei"));
    ok(&["capture", "--data", &log.data, &events]);
    let pack = log.path("pack.zip");
    ok(&[
        "export",
        "--data",
        &log.data,
        "--unit",
        "340123451111111111",
        "--out",
        &pack,
    ]);
    ok(&["verify", "--key", &log.vkey, &pack]);
    // The ML-DSA-44 key alone proves it too: the pack, and the folder.
    let vkeys = fs::read_to_string(Path::new(&log.data).join("keys/log.vkeys"));
    let vkeys = vkeys.expect("the keys to hand out");
    let second = log.write("second.vkey", vkeys.lines().nth(1).expect("a second key"));
    for evidence in [&pack, &log.data] {
        ok(&["verify", "--key", &format!("@{second}"), evidence]);
    }
    ends_with(3, &["verify", &pack]);
    let other = new_log();
    let foreign = countersign(&["verify", "--key", &other.vkey, &pack]);
    assert_ne!(
        foreign.status.code(),
        Some(0),
        "another log's key proves nothing here"
    );
    ends_with(2, &["verify", "--key", "nonsense", &pack]);
    let mut bytes = fs::read(&pack).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&pack, &bytes).expect("writes");
    ends_with(1, &["verify", "--key", &log.vkey, &pack]);
    assert!(
        !bytes.windows(6).any(|window| window == b"Li Wei"),
        "what is not disclosed is not in the pack"
    );
}

#[test]
fn a_running_node_answers_and_owns_the_folder() {
    let log = new_log();
    let mut node = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["node", "--data", &log.data])
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    use std::io::{BufRead as _, BufReader};
    let stderr = BufReader::new(node.stderr.take().expect("piped"));
    let ready = stderr
        .lines()
        .map_while(Result::ok)
        .any(|line| line.starts_with("ready at "));
    assert!(ready, "the node says that it is ready");
    let events = log.write("event.json", &event(1, "storing", "urn:x:a:dock", "x"));
    ok(&["capture", "--data", &log.data, &events]);
    let status = json(&["status", "--data", &log.data, "--json"]);
    assert_eq!(
        (&status["node_running"], &status["vkey"]),
        (&Value::from(true), &Value::from(log.vkey.as_str()))
    );
    let second = ends_with(1, &["node", "--data", &log.data]);
    assert!(second.contains("another process owns"), "{second}");
    publishes_though_it_is_never_idle(&log);
    let asked = Command::new("kill").arg(node.id().to_string()).status();
    assert!(asked.expect("there is a `kill`").success());
    let ended = node.wait().expect("ends");
    assert!(ended.success(), "SIGTERM is a request to stop: {ended}");
    let socket = Path::new(&log.data).join("run/node.sock");
    assert!(!socket.exists(), "the socket goes with its node");
    let status = json(&["status", "--data", &log.data, "--json"]);
    assert_eq!(
        (&status["node_running"], &status["claims"]),
        (&Value::from(false), &Value::from(2))
    );
}

/// Asks without a pause while something is captured, until the published tree has caught up.
fn publishes_though_it_is_never_idle(log: &Log) {
    let mut session = Session::open(log.data.as_ref()).expect("the node answers");
    let mut status = || session.ask(&Request::Status, &[]).expect("is answered").0;
    let before = status()["size"].as_u64();
    let events = log.write("later.json", &event(2, "storing", "urn:x:a:dock", "x"));
    let mut capture = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["capture", "--data", &log.data, &events])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    // Some 20 s and more: an answer takes 40 µs at the least.
    for _ in 0..500_000 {
        let now = status();
        let is_there = now["size"].as_u64() > before && now["published"] == now["size"];
        if is_there && capture.try_wait().expect("is ours").is_some() {
            return;
        }
    }
    panic!("not captured, or not published: {}", status());
}

/// Every file below a folder, with its bytes.
fn snapshot(folder: &Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut out = std::collections::BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            out.extend(snapshot(&path));
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("reads");
            out.insert(path, bytes);
        }
    }
    out
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let log = new_log();
    let text = ends_with(2, &["findings", "--data", &log.data, "--kind", "nonsense"]);
    assert!(text.contains("missing_units"), "{text}");
    let wrong = network("giver").replace(
        "kind = \"hub\"",
        "kind = \"hub\"\ntime_zone = \"Europe/Amsterdm\"",
    );
    let file = log.write("network.toml", &wrong);
    let text = ends_with(1, &["apply", "--data", &log.data, &file]);
    assert!(text.contains("Europe/Amsterdm"), "{text}");
    let text = ends_with(
        1,
        &["capture", "--data", &log.data, "there-is-no-such-file"],
    );
    assert!(!text.contains("Before that"), "{text}");
}

/// The first five minutes of the README.
#[test]
fn the_files_that_come_with_it_lead_to_what_is_missing() {
    let log = new_log();
    let example = |name: &str| format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let capture = |map: &str, file: &str| {
        let (map, file) = (example(&format!("mappings/{map}.toml")), example(file));
        ok(&["capture", "--data", &log.data, "--map", &map, &file]);
    };
    ok(&["apply", "--data", &log.data, &example("network.toml")]);
    capture("manifest", "data/manifest.csv");
    capture("wms-scans", "data/wms-scans.csv");
    ok(&[
        "capture",
        "--data",
        &log.data,
        &example("data/arrivals.json"),
    ]);
    let found = || {
        let mut found = Vec::new();
        for line in ok(&["findings", "--data", &log.data, "--json"]).lines() {
            let finding: Value = serde_json::from_str(line).expect("JSON");
            found.push((finding["kind"].clone(), finding["units"].clone()));
        }
        found.sort_by_key(|(kind, _)| kind.to_string());
        found
    };
    let pallet = json!(["https://id.gs1.org/00/395212340000001080"]);
    let missing = (json!("missing_units"), pallet.clone());
    let amounts = (json!("quantity_gap"), json!([]));
    assert_eq!(found(), [missing, amounts.clone()]);
    let trace = ok(&["trace", "--data", &log.data, "395212340000001080"]);
    assert!(trace.contains("unsigned, from import/files"), "{trace}");

    // A device finds it; what it prints is what the network needs to know it.
    let (key, name) = (log.path("dock3.key"), "device:dock-3");
    let party = "https://id.gs1.org/417/9521234000006";
    let device = ["device", "new", "--out", &key, "--name", name];
    let table = ok(&[&device[..], &["--party", party]].concat());
    let network = fs::read_to_string(example("network.toml")).expect("reads");
    samples::apply(&log, &(network + &table));
    let event = fs::read_to_string(example("data/found.json")).expect("reads");
    samples::signed_and_taken(&log, &key, name, &event);
    assert_eq!(found(), [(json!("late_units"), pallet), amounts]);
}

#[test]
fn two_keys_of_one_unit_are_one_timeline() {
    let log = new_log();
    let text = event(1, "storing", "urn:x:a:dock", "x");
    ok(&["capture", "--data", &log.data, &log.write("e.json", &text)]);
    let number = "urn:countersign:key:1:tracking:3S-0042";
    let text = ends_with(1, &["trace", "--data", &log.data, number]);
    assert!(text.contains("unknown_unit"), "{text}");
    let alias = format!(
        r#"{{"type":"Alias","unit":"{number}","sameAs":"urn:epc:id:sscc:4012345.3111111111"}}"#
    );
    let file = log.write("alias.json", &alias);
    let said = json(&["say", "--data", &log.data, "--json", &file]);
    assert_eq!(said["said"], 1);
    let trace = ok(&["trace", "--data", &log.data, number]);
    assert!(trace.contains("storing"), "{trace}");
    let wrong = log.write("wrong.json", r#"{"type":"Alias","unit":"urn:x:1"}"#);
    let text = ends_with(1, &["say", "--data", &log.data, &wrong]);
    assert!(text.contains("sameAs"), "{text}");
}

#[test]
fn export_only_reads() {
    use std::os::unix::fs::FileExt as _;
    let log = new_log();
    let text = event(1, "storing", "urn:x:a:dock", "x");
    ok(&["capture", "--data", &log.data, &log.write("e.json", &text)]);
    // A write that was broken off: opening the folder for work would wipe it.
    let segment = Path::new(&log.data).join("ground/00000000.seg");
    let used = fs::read(&segment).expect("reads");
    let end = used
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let file = fs::File::options().write(true).open(&segment);
    let at = end.next_multiple_of(8) as u64;
    file.and_then(|file| file.write_all_at(&[7; 32], at))
        .expect("is written");
    let before = snapshot(Path::new(&log.data));
    let out = log.path("raw");
    ok(&["export", "--data", &log.data, "--raw", "--out", &out]);
    let whole = fs::read_to_string(Path::new(&out).join("000001")).expect("the document");
    assert_eq!(whole, text);
    let pack = log.path("pack.zip");
    ok(&[
        "export",
        "--data",
        &log.data,
        "--unit",
        "urn:epc:id:sscc:4012345.3111111111",
        "--out",
        &pack,
    ]);
    assert!(
        snapshot(Path::new(&log.data)) == before,
        "nothing in the folder changed"
    );
}

#[test]
fn bad_lines_do_not_stop_the_good_ones_unless_asked() {
    let log = new_log();
    let good = event(1, "storing", "urn:x:a:dock", "x");
    let bad = good.replace("OBSERVE", "CREATE");
    let twice = good.replace(r#""action""#, r#""action":"ADD","action""#);
    let events = log.write("events.jsonl", &format!("{bad}\n{good}\n{twice}\n"));
    let size = || json(&["status", "--data", &log.data, "--json"])["size"].clone();
    let before = size();
    let report = log.path("report.jsonl");
    let text = ends_with(
        1,
        &[
            "capture", "--data", &log.data, "--atomic", "--report", &report, &events,
        ],
    );
    assert!(
        text.contains("0 accepted, 0 duplicate, 3 rejected"),
        "{text}"
    );
    let answers = fs::read_to_string(&report).expect("a report");
    assert_eq!(answers.matches("not_taken").count(), 2, "{answers}");
    assert_eq!(size(), before, "a file that is refused leaves no entry");
    let text = ends_with(
        1,
        &["capture", "--data", &log.data, "--report", &report, &events],
    );
    assert!(
        text.contains("2 accepted, 0 duplicate, 1 rejected"),
        "{text}"
    );
    let lines = fs::read_to_string(&report).expect("a report");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines
            .iter()
            .map(|line| line["line"].as_u64())
            .collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3)]
    );
    // A key that stands twice can be read in two ways: kept, sealed whole, without effect.
    assert_eq!(
        lines[2]["warnings"][0]["code"], "duplicate_key",
        "{}",
        lines[2]
    );
    assert_eq!(lines[2]["claim_status"], "unfoldable", "{}", lines[2]);
    assert_eq!(
        json(&[
            "capture",
            "--data",
            &log.data,
            "--json",
            &log.write("g.json", &good)
        ])["duplicate"],
        1
    );
}

#[test]
fn what_is_no_json_is_told_what_to_do_and_a_pipe_is_a_file() {
    let log = new_log();
    let xml = ends_with(
        1,
        &[
            "capture",
            "--data",
            &log.data,
            &log.write("a.xml", "<?xml version='1.0'?>"),
        ],
    );
    assert!(xml.contains("looks like XML"), "{xml}");
    let csv = ends_with(
        1,
        &[
            "capture",
            "--data",
            &log.data,
            &log.write("a.csv", "unit,time\n1,2\n"),
        ],
    );
    assert!(csv.contains("--map FILE"), "{csv}");
    let events = log.write("event.json", &event(1, "storing", "urn:x:a:dock", "x"));
    let program = env!("CARGO_BIN_EXE_countersign");
    let piped = format!(
        "{program} capture --data '{}' --json <(cat '{events}')",
        log.data
    );
    let output = Command::new("bash")
        .args(["-c", &piped])
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(r#""accepted":1"#), "{text} {output:?}");
}

#[test]
fn wrong_use_is_code_2_and_says_what_to_do() {
    assert!(ends_with(2, &["frobnicate"]).contains("Usage"));
    assert!(ends_with(2, &["export", "--data", "x", "--out", "y"]).contains("--unit"));
    let nowhere = ends_with(1, &["status", "--data", "no-such-folder"]);
    assert!(nowhere.contains("countersign init"), "{nowhere}");
    let log = new_log();
    let again = ends_with(1, &["init", &log.data]);
    assert!(again.contains("not empty"), "{again}");
    let help = ok(&["--help"]);
    assert!(
        help.contains("capture") && help.contains("verify"),
        "{help}"
    );
    assert!(countersign(&["verify", "--help"]).status.success());
}

/// The planned loads of the examples, with another time for one row.
#[test]
fn a_row_of_planned_loads_is_changed_by_two_people() {
    let log = new_log();
    let (first, one) = principal(&log, "person", "person:one");
    let (second, two) = principal(&log, "person", "person:two");
    let example = |name: &str| format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(example(name)).expect("an example");
    samples::apply(&log, &(read("network.toml") + &one + &two));
    let mapping = example("mappings/manifest.toml");
    let capture = |name: &str, table: &str| {
        let (file, report) = (log.write(name, table), log.path(&format!("{name}.report")));
        #[rustfmt::skip]
        ok(&["capture", "--data", &log.data, "--map", &mapping, "--report", &report, &file]);
        fs::read_to_string(report).expect("a report")
    };
    let table = read("data/manifest.csv").replace("2026-03-0", "2099-03-0");
    capture("loads.csv", &table);
    let later = table.replace("2099-03-02 14:30", "2099-03-02 16:30");
    let rows = [0, 8].map(|at| later.lines().nth(at).expect("a row"));
    let answer: Value = serde_json::from_str(&capture("edit.csv", &rows.join("\n"))).expect("JSON");
    assert_eq!(answer["claim_status"], "conflicting_claim");
    let expected = || ok(&["trace", "--data", &log.data, "395212340000001080"]);
    assert!(expected().contains("by 2099-03-02 15:00:00+01:00"));
    let claim = format!("{}.{}", answer["entry"], answer["ordinal"]);
    #[rustfmt::skip]
    let made = json(&[
        "propose", "plan-change", "--data", &log.data, "--key", &first, "--reason", "it leaves later",
        "--plan", "urn:countersign:key:1:load:L-2026-0302-2%2F3", "--claim", &claim, "--json",
    ]);
    let id = made["proposal"].as_str().expect("an id");
    ok(&["approve", "--data", &log.data, "--key", &second, id]);
    let changed = expected();
    assert!(
        changed.contains("by 2099-03-02 17:00:00+01:00"),
        "{changed}"
    );
    assert!(!changed.contains("conflicting"), "{changed}");
}

#[test]
fn a_plan_is_changed_by_two_people() {
    let log = new_log();
    let (first, one) = principal(&log, "person", "person:one");
    let (second, two) = principal(&log, "person", "person:two");
    samples::apply(&log, &(network("giver") + &one + &two));
    let say = |name: &str, unit: &str, said: &str| {
        let manifest = format!(
            r#"{{"type":"Manifest","id":"urn:x:m:1","eventTime":"2026-03-01T{said}Z","from":"urn:x:site:a","to":"urn:x:site:b","departBy":"2099-01-01T00:00:00Z","arriveBy":"2099-01-02T00:00:00Z","lines":[{{"line":"1","unit":"{unit}"}}]}}"#
        );
        #[rustfmt::skip]
        ok(&["say", "--data", &log.data, "--key", &first, &log.write(name, &manifest)]);
    };
    say("first.json", "urn:x:u1", "08:00:00");
    say("again.json", "urn:x:u2", "09:00:00");
    let kinds = || {
        let lines = ok(&["findings", "--data", &log.data, "--json"]);
        let read = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
        let findings: Vec<Value> = lines.lines().map(read).collect();
        let kinds = findings.iter().map(|finding| finding["kind"].to_string());
        let kinds: Vec<String> = kinds.collect();
        (findings, kinds)
    };
    let (findings, found) = kinds();
    assert_eq!(found, [r#""conflicting_claim""#]);
    let claim = findings[0]["disagreeing"][0]["claim"]
        .as_str()
        .expect("a claim");
    #[rustfmt::skip]
    let made = json(&[
        "propose", "plan-change", "--data", &log.data, "--key", &first, "--reason", "the order changed",
        "--plan", "urn:x:m:1", "--claim", claim, "--json",
    ]);
    assert_eq!(kinds().1.len(), 1, "one person is not enough");
    let waiting = ok(&["approve", "--data", &log.data]);
    assert!(waiting.contains("urn:x:m:1"), "{waiting}");
    let id = made["proposal"].as_str().expect("an id");
    ok(&["approve", "--data", &log.data, "--key", &second, id]);
    assert_eq!(kinds().1, [""; 0]);
    let expected = |unit: &str| ok(&["trace", "--data", &log.data, unit]).contains("urn:x:m:1");
    assert!(expected("urn:x:u2") && !expected("urn:x:u1"));
    let off = [
        "propose",
        "plan-change",
        "--data",
        &log.data,
        "--key",
        &first,
    ];
    let more = ["--reason", "x", "--plan", "urn:x:m:1", "--claim"];
    let unknown = ends_with(1, &[&off[..], &more, &["99.0"]].concat());
    assert!(unknown.contains("unknown"), "{unknown}");
}
