//! What C2SP and RFC 9162 define: notes, checkpoints, proofs, policies, tiles.

use countersign_node::wire::split;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};
use countersign_tlog::policy::Policy;
use countersign_tlog::proof::{root_from_consistency, root_from_inclusion};
use countersign_tlog::tile::{TileId, decode_bundle, decode_hashes, encode_bundle, encode_hashes};
use countersign_tlog::tlog_proof::TlogProof;
use countersign_tlog::{Hash, LeafIndex, TreeSize};

use super::text;
use crate::{Seeds, Target};

const NOTE_WORDS: &[&[u8]] = &[
    b"\n\n",
    b"\n",
    b"\xe2\x80\x94 ",
    b" ",
    b"+",
    b"=",
    b"==",
    b"\r",
    b"\x00",
    b"log.example/site-1",
    b"01",
    b"-1",
    b"18446744073709551616",
];

pub(super) const SIGNED_NOTE: Target = Target {
    name: "signed-note",
    what: "notes: the same bytes again, checkpoints in them too; whatever verifies was signed by the key",
    seeds: &[
        Seeds::Text("testdata/vectors/signed-note/v1/vectors.json", &["note"]),
        Seeds::Text("testdata/vectors/cosignature/v1/vectors.json", &["note"]),
        Seeds::File("testdata/golden/log-v1/checkpoint"),
    ],
    words: NOTE_WORDS,
    short_run: 5_000,
    run: signed_note,
};

pub(super) const CHECKPOINT: Target = Target {
    name: "checkpoint",
    what: "texts of checkpoints: the same text again",
    seeds: &[Seeds::Text(
        "testdata/vectors/checkpoint/v1/vectors.json",
        &["text"],
    )],
    words: NOTE_WORDS,
    short_run: 10_000,
    run: checkpoint,
};

pub(super) const TLOG_PROOF: Target = Target {
    name: "tlog-proof",
    what: "proof files: the same bytes again, unless extra data of no bytes stands in them",
    seeds: &[Seeds::Text(
        "testdata/vectors/tlog-proof/v1/vectors.json",
        &["proof"],
    )],
    words: NOTE_WORDS,
    short_run: 5_000,
    run: tlog_proof,
};

pub(super) const TLOG_POLICY: Target = Target {
    name: "tlog-policy",
    what: "policies and checkpoints under them: comments change nothing; whoever cosigned is a witness",
    seeds: &[Seeds::Pairs(
        "testdata/vectors/tlog-policy/v1/vectors.json",
        "policy",
        "checkpoint",
    )],
    words: &[
        b"log ",
        b"witness ",
        b"group ",
        b"quorum ",
        b"none",
        b"any",
        b"all",
        b"\n",
        b"#",
        b"\t",
        b" 1 ",
        b"\xff",
    ],
    short_run: 4_000,
    run: tlog_policy,
};

pub(super) const TILES: Target = Target {
    name: "tiles",
    what: "paths of tiles, tiles and bundles: the same path, the same bytes again",
    seeds: &[
        Seeds::Text("testdata/vectors/tiles/v1/vectors.json", &["path"]),
        Seeds::Hex("testdata/vectors/batch/v1/vectors.json", &["batch"]),
        Seeds::Bytes(b"\x00\x03one\x00\x00\x00\x05three"),
    ],
    words: &[
        b"tile/",
        b"entries/",
        b"/x001",
        b"/000",
        b".p/",
        b"/",
        b"x",
        b"256",
        b"63",
        b"\x00\x00",
    ],
    short_run: 20_000,
    run: tiles,
};

pub(super) const TREE_PROOFS: Target = Target {
    name: "tree-proofs",
    what: "inclusion and consistency: the verification of RFC 9162, step by step, finds the same roots",
    seeds: &[
        Seeds::Bytes(&[0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 3]),
        Seeds::Bytes(&[0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 8, 4]),
        Seeds::Bytes(&[0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0]),
        Seeds::Bytes(&[
            0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 63,
        ]),
    ],
    words: &[],
    short_run: 20_000,
    run: tree_proofs,
};

fn signed_note(bytes: &[u8]) {
    let Ok(note) = Note::parse(bytes) else { return };
    assert!(note.to_string().as_bytes() == bytes, "the same bytes again");
    let made = Note::new(note.text().to_owned(), note.signatures().to_vec());
    assert_eq!(made.as_ref(), Ok(&note));
    if let Ok(read) = Checkpoint::parse(note.text()) {
        assert_eq!(read.to_string(), note.text());
    }
    for vkey in [
        "log.example/site-1+9b6856b6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
        "witness.example/w1+efcd800c+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6",
    ] {
        let key = VerifierKey::parse(vkey).expect("a key");
        for verified in note.verify([&key]).into_iter().flatten() {
            assert_eq!(verified.key, &key);
        }
    }
}

fn checkpoint(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(read) = Checkpoint::parse(text) else {
        return;
    };
    assert_eq!(read.to_string(), text);
    let made = Checkpoint::new(read.origin(), read.size(), *read.root());
    assert!(made.is_ok_and(|made| made == read || !read.extensions().is_empty()));
}

fn tlog_proof(bytes: &[u8]) {
    let Ok(read) = TlogProof::parse(bytes) else {
        return;
    };
    let again = read.to_string();
    assert_eq!(TlogProof::parse(again.as_bytes()).as_ref(), Ok(&read));
    assert!(again.as_bytes() == bytes || read.extra().is_none_or(<[u8]>::is_empty));
    let made = TlogProof::new(
        read.index(),
        read.path().to_vec(),
        read.checkpoint().clone(),
    );
    assert!(made.is_ok());
}

/// A [`countersign_node::wire::join`]ed list of a policy and notes.
fn tlog_policy(bytes: &[u8]) {
    let items = split(bytes).unwrap_or_else(|| vec![bytes]);
    let Some((octets, notes)) = items.split_first() else {
        return;
    };
    let Ok(policy) = Policy::parse(octets) else {
        return;
    };
    let commented = [octets, b"\n# a comment\n".as_slice()].concat();
    let other = Policy::parse(&commented).expect("a comment changes nothing");
    assert_eq!(other, policy);
    for note in notes.iter().filter_map(|bytes| Note::parse(bytes).ok()) {
        let verdict = policy.evaluate(&note);
        assert_eq!(verdict.is_ok(), other.evaluate(&note).is_ok());
        if let Ok(verdict) = verdict {
            assert_eq!(verdict.checkpoint.to_string(), note.text());
            assert!(
                policy
                    .logs()
                    .iter()
                    .any(|log| log.key().name().as_str() == verdict.checkpoint.origin())
            );
        }
    }
}

fn tiles(bytes: &[u8]) {
    if let Some(path) = text(bytes)
        && let Ok(tile) = TileId::parse(path)
    {
        assert_eq!(tile.to_string(), path);
        assert_eq!(
            TileId::new(tile.kind(), tile.index(), tile.width()),
            Ok(tile)
        );
        assert!(!tile.full().is_partial());
    }
    let Some((width, rest)) = bytes.split_first() else {
        return;
    };
    let width = u16::from(*width) + 1;
    if let Ok(hashes) = decode_hashes(rest, width) {
        assert_eq!(hashes.len(), usize::from(width));
        assert!(encode_hashes(&hashes) == rest, "the same bytes again");
    }
    for width in [width, 1, 2, 3] {
        if let Ok(entries) = decode_bundle(rest, width) {
            assert_eq!(entries.len(), usize::from(width));
            assert_eq!(encode_bundle(&entries).as_deref(), Ok(rest));
        }
    }
}

/// Two numbers, a count of hashes, and hashes (made up where the bytes end).
fn tree_proofs(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let Some((second, rest)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let (first, second) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
    let (count, rest) = rest.split_first().unwrap_or((&0, &[]));
    let mut given = rest.chunks_exact(32).filter_map(Hash::from_slice);
    let path: Vec<Hash> = (0..count % 70)
        .map(|n| given.next().unwrap_or_else(|| Hash::leaf(&[n])))
        .collect();
    let (leaf, old_root) = (Hash::leaf(b"leaf"), Hash::leaf(b"old"));
    assert_eq!(
        root_from_inclusion(&leaf, LeafIndex(first), TreeSize(second), &path).ok(),
        inclusion(leaf, first, second, &path)
    );
    let consistent = root_from_consistency(TreeSize(first), TreeSize(second), &path, &old_root);
    assert_eq!(consistent.ok(), consistency(first, second, &path, old_root));
}

/// RFC 9162 §2.1.3.2.
fn inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut from, mut last, mut root) = (index, size - 1, leaf);
    for hash in path {
        if last == 0 {
            return None;
        }
        if from & 1 == 1 || from == last {
            root = Hash::node(hash, &root);
            while from & 1 == 0 && from != 0 {
                from >>= 1;
                last >>= 1;
            }
        } else {
            root = Hash::node(&root, hash);
        }
        from >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

/// RFC 9162 §2.1.4.2, and for one tree with itself the empty path alone.
fn consistency(old: u64, new: u64, path: &[Hash], old_root: Hash) -> Option<Hash> {
    if old == 0 || old > new {
        return None;
    }
    if old == new {
        return path.is_empty().then_some(old_root);
    }
    let whole = old.is_power_of_two().then_some(old_root);
    let mut hashes = whole.into_iter().chain(path.iter().copied());
    let (mut from, mut last) = (old - 1, new - 1);
    while from & 1 == 1 {
        from >>= 1;
        last >>= 1;
    }
    let first = hashes.next().filter(|_| !path.is_empty())?;
    let (mut of_old, mut of_new) = (first, first);
    for hash in hashes {
        if last == 0 {
            return None;
        }
        if from & 1 == 1 || from == last {
            of_old = Hash::node(&hash, &of_old);
            of_new = Hash::node(&hash, &of_new);
            while from & 1 == 0 && from != 0 {
                from >>= 1;
                last >>= 1;
            }
        } else {
            of_new = Hash::node(&of_new, &hash);
        }
        from >>= 1;
        last >>= 1;
    }
    (last == 0 && of_old == old_root).then_some(of_new)
}
