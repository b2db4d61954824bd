//! A log that Tessera grew from 0 to 15 entries, with every partial tile: read it, check it, and
//! make the same bytes.

use std::path::Path;

use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};
use countersign_tlog::proof::{
    prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
use countersign_tlog::tile::{
    TileId, TileKind, decode_bundle, encode_bundle, encode_hashes, read_tile, tiles_of,
};
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::tree::{NodeTable, root_at};
use countersign_tlog::{Hash, LeafIndex, TileStoreView, TreeSize};

use crate::data;

/// From the script that built the log.
const KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const SIZE: u64 = 15;

fn checkpoint(log: &Path, size: u64) -> (Note, Checkpoint) {
    let bytes = std::fs::read(log.join(format!("checkpoint.{size}"))).unwrap();
    let note = Note::parse(&bytes).unwrap();
    assert_eq!(note.to_string().into_bytes(), bytes);
    let key = VerifierKey::parse(KEY).unwrap();
    assert_eq!(note.verify([&key]).unwrap().len(), 1);
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!(checkpoint.size(), TreeSize(size));
    assert_eq!(checkpoint.origin(), key.name().as_str());
    (note, checkpoint)
}

fn entries(log: &Path) -> Vec<Vec<u8>> {
    let tile = TileId::at(TileKind::Entries, 0, TreeSize(SIZE)).unwrap();
    let bytes = std::fs::read(log.join(tile.to_string())).unwrap();
    decode_bundle(&bytes, tile.width())
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect()
}

fn table(entries: &[Vec<u8>]) -> NodeTable {
    let mut table = NodeTable::new();
    for entry in entries {
        table.append(Hash::leaf(entry)).unwrap();
    }
    table
}

#[test]
fn our_tiles_are_their_tiles() {
    let Some(log) = data::find("tlog/tessera-testlog/log") else {
        return;
    };
    let entries = entries(&log);
    let mut compared = 0;
    for size in 0..=SIZE {
        let entries = &entries[..usize::try_from(size).unwrap()];
        let table = table(entries);
        assert_eq!(
            *checkpoint(&log, size).1.root(),
            table.frontier().root(),
            "size {size}"
        );
        for tile in tiles_of(TreeSize(size)) {
            let theirs = std::fs::read(log.join(tile.to_string())).unwrap();
            let ours = match tile.kind() {
                TileKind::Entries => encode_bundle(entries).unwrap(),
                TileKind::Hashes { .. } => encode_hashes(&read_tile(&table, &tile).unwrap()),
            };
            assert_eq!(ours, theirs, "{tile}");
            compared += 1;
        }
    }
    assert_eq!(compared, 30);
    let theirs = data::files(&log.join("tile"), "");
    assert_eq!(
        theirs.len(),
        compared,
        "a tile of theirs that we do not name"
    );
}

#[test]
fn proofs_from_their_tiles_hold() {
    let Some(log) = data::find("tlog/tessera-testlog/log") else {
        return;
    };
    let entries = entries(&log);
    let key = VerifierKey::parse(KEY).unwrap();
    for size in 1..=SIZE {
        let (note, new) = checkpoint(&log, size);
        let fetch = |tile: &TileId| std::fs::read(log.join(tile.to_string())).ok();
        let view = TileStoreView::new(TreeSize(size), fetch);
        assert_eq!(root_at(&view, view.size()).unwrap(), *new.root());
        for (index, entry) in (0..size).zip(&entries) {
            let path = prove_inclusion(&view, LeafIndex(index), view.size()).unwrap();
            let leaf = Hash::leaf(entry);
            let verdict = verify_inclusion(&leaf, LeafIndex(index), view.size(), &path, new.root());
            assert_eq!(verdict, Ok(()), "{index} of {size}");
            let proof = TlogProof::new(LeafIndex(index), path, note.clone()).unwrap();
            let proof = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
            assert!(proof.verify(entry, &key).is_ok(), "{index} of {size}");
        }
        for old in 1..=size {
            let proof = prove_consistency(&view, TreeSize(old), view.size()).unwrap();
            let (_, before) = checkpoint(&log, old);
            let verdict =
                verify_consistency(before.size(), new.size(), &proof, before.root(), new.root());
            assert_eq!(verdict, Ok(()), "{old} to {size}");
        }
    }
}

#[test]
fn the_log_is_read_as_far_as_it_goes() {
    let Some(log) = data::find("tlog/tessera-testlog/log") else {
        return;
    };
    let fetch = |tile: &TileId| std::fs::read(log.join(tile.to_string())).ok();
    let view = TileStoreView::new(TreeSize(SIZE + 1), fetch);
    let proof = prove_inclusion(&view, LeafIndex(0), TreeSize(SIZE + 1));
    assert_eq!(proof.map(|_| ()).unwrap_err().code(), "node_missing");
}
