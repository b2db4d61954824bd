//! tlog-tiles.

use countersign_tlog::tile::{
    TileId, TileKind, encode_bundle, encode_hashes, read_tile, tiles_for_growth,
};
use countersign_tlog::tree::root_at;
use countersign_tlog::{Hash, TreeSize};
use serde_json::{Value, json};

use super::{check, text};
use crate::data;

fn entry(index: u64) -> [u8; 32] {
    *Hash::leaf(&index.to_be_bytes()).as_bytes()
}

fn number(value: &Value) -> u64 {
    text(value).parse().unwrap()
}

/// What a path names.
fn named(path: &str) -> Value {
    match TileId::parse(path) {
        Ok(tile) => {
            let level = match tile.kind() {
                TileKind::Hashes { level } => json!(level),
                TileKind::Entries => json!("entries"),
            };
            json!({"level": level, "index": tile.index().to_string(), "width": tile.width()})
        }
        Err(why) => json!({"error": why.code()}),
    }
}

/// The new tiles of a growth, each with the SHA-256 leaf hash of its bytes.
fn grown(from: u64, to: u64) -> Value {
    let table = super::log_cases::table(to);
    let tiles = tiles_for_growth(TreeSize(from), TreeSize(to)).map(|tile| {
        let bytes = match tile.kind() {
            TileKind::Entries => {
                let first = tile.index() * 256;
                let entries: Vec<_> = (first..first + u64::from(tile.width()))
                    .map(entry)
                    .collect();
                encode_bundle(&entries).unwrap()
            }
            TileKind::Hashes { .. } => encode_hashes(&read_tile(&table, &tile).unwrap()),
        };
        let digest = Hash::leaf(&bytes).to_base64();
        let short = (bytes.len() <= 128).then(|| data::to_hex(&bytes));
        json!({
            "path": tile.to_string(), "bytes": bytes.len(), "leaf_hash": digest, "hex": short,
        })
    });
    let tiles: Vec<Value> = tiles.collect();
    json!({"root": root_at(&table, TreeSize(to)).unwrap().to_base64(), "tiles": tiles})
}

fn run(case: &Value) -> Value {
    match case.get("path") {
        Some(path) => named(text(path)),
        None => grown(number(&case["from"]), number(&case["to"])),
    }
}

#[test]
fn tiles() {
    let mut cases = vec![];
    for path in [
        "tile/0/000",
        "tile/0/000.p/1",
        "tile/0/999.p/255",
        "tile/1/x001/000",
        "tile/0/x001/x234/067",
        "tile/entries/x001/x234/067.p/8",
        "tile/63/000",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        cases.push(json!({"name": path, "path": path, "expect": named(path)}));
    }
    for path in [
        "",
        "/tile/0/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ] {
        let expect = json!({"error": "tile_bad_path"});
        cases.push(json!({"name": path, "path": path, "expect": expect}));
    }
    for (from, to) in [
        (0, 0),
        (0, 1),
        (1, 3),
        (3, 3),
        (250, 256),
        (255, 259),
        (0, 513),
    ] {
        cases.push(json!({
            "name": format!("growth-{from}-to-{to}"), "from": from.to_string(),
            "to": to.to_string(), "expect": grown(from, to),
        }));
    }
    let made = json!({
        "page": "c2sp.org/tlog-tiles@v0.1.0",
        "about": "Paths, and what a growth creates: path, number of bytes, SHA-256(0x00 || bytes), \
                  and the bytes where they are few. Entry i is SHA-256(0x00 || u64be i).",
        "cases": cases,
    });
    check("tiles", &made, run);
}
