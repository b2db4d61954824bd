//! Frozen vectors: `testdata/vectors/{claim-receipt,pack}/v1/` and `testdata/vectors/pack/v1-renewal/`.
//!
//! They are made here from fixed keys and compared with the committed files;
//! `COUNTERSIGN_BLESS=1 cargo test -p countersign-verify vectors` writes them anew. Then the committed
//! files are read and every case is run, so that another implementation can do the same.

use std::path::{Path, PathBuf};

use countersign_model::body::{ClaimBody, Part};
use countersign_model::digest::{hex, hex_decode};
use countersign_model::entry::{ClaimRef, Index};
use countersign_pack::{About, ClaimReceipt};
use countersign_verify::{Report, Trust, verify_pack, verify_receipts};
use serde_json::{Value, json};

use crate::renewed;
use crate::world::{UNIT, World, forged};

/// Of a format and version: `pack/v1`.
fn folder(of: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("testdata/vectors").join(of)
}

/// Compares what was made with the committed file.
fn committed(path: &Path, made: &[u8]) -> Vec<u8> {
    if std::env::var_os("COUNTERSIGN_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, made).expect("a file");
    }
    let committed = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let hint = "the format drifted: if that is meant, make a v2 and keep v1";
    assert!(committed == made, "{}: {hint}", path.display());
    committed
}

fn cases(of: &str, made: &Value) -> Value {
    let text = format!("{}\n", serde_json::to_string_pretty(made).expect("JSON"));
    let bytes = committed(&folder(of).join("vectors.json"), text.as_bytes());
    serde_json::from_slice(&bytes).expect("JSON")
}

fn trust(key: &Value) -> Trust {
    Trust::keys(key.as_str()).expect("a key")
}

/// The verdict, and the codes of the pieces that have it.
fn outcome(report: &Report) -> Value {
    let worst = report
        .pieces
        .iter()
        .filter(|piece| piece.verdict == report.verdict());
    let mut codes: Vec<&str> = worst.map(|piece| piece.code).collect();
    codes.sort_unstable();
    codes.dedup();
    json!({"verdict": report.verdict().as_str(), "codes": codes})
}

/// The packs of the cases: name and bytes.
fn pack_files(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let first = *world.claims.first().expect("a claim");
    let pack = |show: fn(&ClaimBody) -> ClaimBody| {
        let about = About::Finding(world.finding_id);
        let pack = world.log.pack(about, &[first], &[world.finding], show);
        // The wording of an explanation is no part of the format.
        forged(&pack.build().expect("a pack"), |files| {
            files.remove("README.txt")
        })
    };
    let (withheld, disclosed) = (pack(ClaimBody::withheld), pack(ClaimBody::clone));
    let claim = world.log.receipt(first).claim;
    let wrong_salt = forged(&disclosed, |files| {
        let file = files.get(&format!("bodies/{claim}.body"));
        let mut body = ClaimBody::decode(file).expect("a body");
        let sealed = body.parts.iter_mut().find_map(|part| match part {
            Part::Sealed { salt, .. } => salt.first_mut(),
            Part::Open(_) | Part::Withheld(_) => None,
        });
        *sealed.expect("a sealed part") ^= 1;
        *file = body.encode();
    });
    let no_enrolment = forged(&withheld, |files| files.remove("keys/"));
    let stale = forged(&withheld, |files| {
        *files.get("checkpoint") = world.log.checkpoint_at(world.log.size() - 2);
    });
    vec![
        ("withheld.zip", withheld),
        ("disclosed.zip", disclosed),
        ("wrong-salt.zip", wrong_salt),
        ("no-enrolment.zip", no_enrolment),
        ("stale-checkpoint.zip", stale),
    ]
}

#[test]
fn packs() {
    let world = World::new(100);
    let files = pack_files(&world);
    let (vkey, other) = (world.log.vkey(), World::new(101).log.vkey());
    let len = files.first().map_or(0, |(_, bytes)| bytes.len());
    let case = |name: &str, file: &str, key: Option<&str>, flip: Option<usize>| {
        let (_, bytes) = files.iter().find(|(at, _)| *at == file).expect("a file");
        let mut bytes = bytes.clone();
        if let Some(byte) = flip.and_then(|at| bytes.get_mut(at)) {
            *byte ^= 1;
        }
        let key = json!(key);
        let expect = outcome(&verify_pack(&bytes, &trust(&key)));
        json!({"name": name, "file": file, "key": key, "flip_lowest_bit_of_byte": flip, "expect": expect})
    };
    let made = json!({
        "about": "packs: checked with the key pinned, if there is one",
        "cases": [
            case("whole, sealed parts withheld", "withheld.zip", Some(&vkey), None),
            case("whole, sealed parts disclosed", "disclosed.zip", Some(&vkey), None),
            case("no key pinned", "withheld.zip", None, None),
            case("the key of another log of this name pinned", "withheld.zip", Some(&other), None),
            case("a bit of a header changed", "withheld.zip", Some(&vkey), Some(14)),
            case("a bit in the middle changed", "withheld.zip", Some(&vkey), Some(len / 2)),
            case("a bit of the end changed", "withheld.zip", Some(&vkey), Some(len - 1)),
            case("a disclosed part with a wrong salt", "wrong-salt.zip", Some(&vkey), None),
            case("without the act that gave the key", "no-enrolment.zip", Some(&vkey), None),
            case("an older checkpoint put in", "stale-checkpoint.zip", Some(&vkey), None),
        ],
    });
    for (name, bytes) in files {
        committed(&folder("pack/v1").join(name), &bytes);
    }
    for case in cases("pack/v1", &made)["cases"].as_array().expect("cases") {
        let file = case["file"].as_str().expect("a name");
        let mut bytes = std::fs::read(folder("pack/v1").join(file)).expect("a file");
        if let Some(at) = case["flip_lowest_bit_of_byte"].as_u64() {
            let at = usize::try_from(at).expect("an offset");
            *bytes.get_mut(at).expect("a byte") ^= 1;
        }
        let report = verify_pack(&bytes, &trust(&case["key"]));
        assert_eq!(outcome(&report), case["expect"], "{}", case["name"]);
    }
}

#[test]
fn packs_of_logs_with_renewed_keys() {
    let made: Vec<_> = renewed::packs();
    let case = |(name, file, key, bytes): &(&str, &str, String, Vec<u8>)| {
        let key = json!(key);
        let expect = outcome(&verify_pack(bytes, &trust(&key)));
        json!({"name": name, "file": file, "key": key, "expect": expect})
    };
    for (_, file, _, bytes) in &made {
        committed(&folder("pack/v1-renewal").join(file), bytes);
    }
    let made = json!({
        "about": "packs of logs whose keys were renewed: checked with the key pinned",
        "cases": made.iter().map(case).collect::<Vec<_>>(),
    });
    for case in cases("pack/v1-renewal", &made)["cases"]
        .as_array()
        .expect("cases")
    {
        let file = case["file"].as_str().expect("a name");
        let bytes = std::fs::read(folder("pack/v1-renewal").join(file)).expect("a file");
        let report = verify_pack(&bytes, &trust(&case["key"]));
        assert_eq!(outcome(&report), case["expect"], "{}", case["name"]);
    }
}

/// All that proves the first claim, the claim's own receipt last.
fn receipt_files(world: &World, receipt: &ClaimReceipt) -> Vec<(&'static str, Vec<u8>)> {
    let act = world.log.enrolments(world.giver.kid()).first().copied();
    let act = world.log.receipt(act.expect("an act"));
    let genesis = world.log.entry(Index(0)).expect("genesis");
    let mut files = vec![
        ("genesis.statement", genesis.statement.clone()),
        ("genesis.tlog-proof", world.log.proof(Index(0))),
        ("enrolment.receipt", act.encode()),
    ];
    for (name, envelope_name, claim) in [
        ("enrolment.body", "enrolment.envelope", act.claim),
        ("claim.body", "claim.envelope", receipt.claim),
    ] {
        let body = world.log.body(claim).expect("kept");
        let envelope = world.log.envelope(body.envelope).expect("kept");
        files.push((name, body.withheld().encode()));
        files.push((envelope_name, envelope.encode()));
    }
    files.push(("claim.receipt", receipt.encode()));
    files
}

#[test]
fn claim_receipts() {
    let world = World::new(100);
    let receipt = world.log.receipt(*world.claims.first().expect("a claim"));
    let good = receipt_files(&world, &receipt);
    let with = |change: fn(&mut ClaimReceipt)| {
        let mut changed = receipt.clone();
        change(&mut changed);
        let mut files = good.clone();
        files.pop();
        files.push(("claim.receipt", changed.encode()));
        files
    };
    let case = |name: &str, files: &[(&str, Vec<u8>)]| {
        let all: serde_json::Map<String, Value> = files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), json!(hex(bytes))))
            .collect();
        let key = json!(world.log.vkey());
        let expect = run(&all, &key);
        json!({"name": name, "files": all, "key": key, "expect": expect})
    };
    let alone = [("claim.receipt", receipt.encode())];
    let made = json!({
        "about": "claim receipts and what belongs to them, checked together with the key pinned",
        "unit": UNIT,
        "decoded": decoded(&receipt),
        "cases": [
            case("all that belongs to it", &good),
            case("alone", &alone),
            case("another claim", &with(|r| r.claim = countersign_model::digest::Digest::ZERO)),
            case("another ordinal", &with(|r| r.at.ordinal += 1)),
            case("another index", &with(|r| r.at.index.0 += 1)),
            case("a path cut short", &with(|r| r.path.truncate(1))),
            case("a batch path cut short", &with(|r| r.batch_path.truncate(1))),
            case("no record path", &with(|r| r.record_path.clear())),
            case("another record", &with(|r| r.record.reverse())),
            case("another checkpoint", &with(|r| r.checkpoint.truncate(40))),
        ],
    });
    let read = cases("claim-receipt/v1", &made);
    for case in read["cases"].as_array().expect("cases") {
        let files = case["files"].as_object().expect("files");
        assert_eq!(run(files, &case["key"]), case["expect"], "{}", case["name"]);
    }
    let bytes = &read["cases"][1]["files"]["claim.receipt"];
    let bytes = hex_decode(bytes.as_str().expect("hex")).expect("hex");
    let receipt = ClaimReceipt::decode(&bytes).expect("a receipt");
    assert_eq!(decoded(&receipt), read["decoded"]);
    assert_eq!(receipt.encode(), bytes);
}

fn run(files: &serde_json::Map<String, Value>, key: &Value) -> Value {
    let files: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, hex)| {
            (
                name.as_str(),
                hex_decode(hex.as_str().expect("hex")).expect("hex"),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    outcome(&verify_receipts(&files, &trust(key)))
}

/// The parts of a receipt, for those who write a decoder.
fn decoded(receipt: &ClaimReceipt) -> Value {
    let ClaimRef { index, ordinal } = receipt.at;
    let path = |path: &[countersign_tlog::Hash]| {
        let hashes = path.iter().map(|hash| hex(hash.as_bytes()));
        hashes.collect::<Vec<String>>()
    };
    json!({
        "claim": receipt.claim.to_string(),
        "ordinal": ordinal,
        "statement": hex(&receipt.statement),
        "index": index.0,
        "path": path(&receipt.path),
        "batch": hex(&receipt.batch),
        "batch_index": receipt.batch_index.0,
        "batch_path": path(&receipt.batch_path),
        "record": hex(&receipt.record),
        "record_path": path(&receipt.record_path),
        "checkpoint": hex(&receipt.checkpoint),
    })
}
