//! Answers of a public CT log of 961,984,011 entries, and seeds of tile paths.

use countersign_tlog::proof::{verify_consistency, verify_inclusion};
use countersign_tlog::tile::{TileId, TileKind};
use countersign_tlog::{Hash, LeafIndex, TreeSize};
use serde_json::Value;

use crate::data;

const ANSWERS: &str = "tlog/azul-tlog/crates/tlog_tiles/tests/http_get";

fn answer(name: &str) -> Option<Value> {
    let folder = data::find(ANSWERS)?;
    let files = data::files(&folder, "");
    let file = files
        .iter()
        .find(|file| file.file_name().unwrap().to_string_lossy().contains(name));
    Some(data::json(file.unwrap()))
}

fn hash(value: &Value) -> Hash {
    Hash::from_base64(value.as_str().unwrap()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

#[test]
fn inclusion_in_a_large_tree() {
    let (Some(head), Some(proof)) = (answer("get-sth"), answer("get-proof-by-hash")) else {
        return;
    };
    let Some(entries) = answer("get-entries") else {
        return;
    };
    let head = answer_head(&head);
    let entry = base64(entries["entries"][0]["leaf_input"].as_str().unwrap());
    let leaf = Hash::leaf(&entry);
    let index = LeafIndex(proof["leaf_index"].as_u64().unwrap());
    let path = hashes(&proof["audit_path"]);
    assert_eq!(
        verify_inclusion(&leaf, index, head.0, &path, &head.1),
        Ok(())
    );
    let next = LeafIndex(index.0 + 1);
    assert!(verify_inclusion(&leaf, next, head.0, &path, &head.1).is_err());
}

#[test]
fn consistency_of_a_large_tree() {
    let (Some(head), Some(proof)) = (answer("get-sth"), answer("get-sth-consistency")) else {
        return;
    };
    let (size, root) = answer_head(&head);
    let old = TreeSize(3_654_490);
    let old_root = Hash::from_base64("AuIZ5V6sDUj1vn3Y1K85oOaQ7y+FJJKtyRTl1edIKBQ=").unwrap();
    let path = hashes(&proof["consistency"]);
    assert_eq!(
        verify_consistency(old, size, &path, &old_root, &root),
        Ok(())
    );
    assert!(verify_consistency(TreeSize(old.0 + 1), size, &path, &old_root, &root).is_err());
}

fn answer_head(head: &Value) -> (TreeSize, Hash) {
    let size = head["tree_size"].as_u64().unwrap();
    (TreeSize(size), hash(&head["sha256_root_hash"]))
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

/// The seeds are of the checksum database, whose paths name the tile height first and end in a
/// newline: as they are, none is a path of tlog-tiles; without height and newline, some are.
#[test]
fn tile_path_seeds() {
    let Some(folder) = data::find("tlog/azul-tlog/fuzz/corpus/fuzz_parse_tile_path") else {
        return;
    };
    let mut accepted = Vec::new();
    let seeds = data::files(&folder, "");
    assert_eq!(seeds.len(), 8);
    for seed in &seeds {
        let seed = std::fs::read_to_string(seed).unwrap();
        assert!(TileId::parse(&seed).is_err(), "{seed:?}");
        let path = seed.trim_end();
        let (_, below) = path.strip_prefix("tile/").unwrap().split_once('/').unwrap();
        let path = format!("tile/{below}");
        if let Ok(tile) = TileId::parse(&path) {
            assert_eq!(tile.to_string(), path);
            let TileKind::Hashes { level } = tile.kind() else {
                panic!("no seed is a bundle: {path}");
            };
            accepted.push((level, tile.index(), tile.width()));
        }
    }
    accepted.sort_unstable();
    let expect = [
        (0, 1, 5),
        (0, 1, 256),
        (0, 3_057_500, 256),
        (5, 123_456_078, 2),
        (5, 123_456_078, 256),
    ];
    assert_eq!(accepted, expect);
}
