use proptest::prelude::*;

use super::*;
use crate::tree::tests::{leaves, table};

fn check(path: &str, expect: Option<(TileKind, u64, u16)>) {
    let tile = TileId::parse(path).ok();
    assert_eq!(
        tile.map(|tile| (tile.kind, tile.index, tile.width)),
        expect,
        "{path:?}"
    );
    assert!(tile.is_none_or(|tile| tile.to_string() == path));
}

#[test]
fn paths_have_one_spelling() {
    let hashes = |level| TileKind::Hashes { level };
    check("tile/0/000", Some((hashes(0), 0, 256)));
    check("tile/0/x001/x234/067", Some((hashes(0), 1_234_067, 256)));
    check("tile/63/999.p/255", Some((hashes(63), 999, 255)));
    check(
        "tile/entries/x001/000.p/1",
        Some((TileKind::Entries, 1_000, 1)),
    );
    let last = "tile/0/x018/x446/x744/x073/x709/x551/615";
    check(last, Some((hashes(0), u64::MAX, 256)));
    for bad in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/000/000",
        "tile/0/x000/001",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/2",
        "tile/0/000.p/1.p/1",
        "tile/0/X001/000",
        "tile/0/+01",
        "tile/0/00a",
        "tile/0/000\n",
        "tile/0/x001.p/000",
        "tile//000",
        "tile/0//000",
        "tile/entries/../000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
    ] {
        check(bad, None);
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_that_the_page_counts() {
    let size = TreeSize(70_000);
    let hashes = |level| TileKind::Hashes { level };
    let full = |level| {
        tiles_of(size)
            .filter(|tile| tile.kind == hashes(level) && !tile.is_partial())
            .count()
    };
    assert_eq!([full(0), full(1), full(2)], [273, 1, 0]);
    let partial = [0, 1, 2, 3].map(|level| partial_width(hashes(level), size));
    assert_eq!(partial, [112, 17, 1, 0]);
    assert_eq!(tiles_of(TreeSize(0)).count(), 0);
    let paths: Vec<_> = tiles_of(TreeSize(256))
        .map(|tile| tile.to_string())
        .collect();
    assert_eq!(paths, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
}

#[test]
fn growth_names_what_is_new() {
    let growth = |from, to| -> Vec<_> {
        let tiles = tiles_for_growth(TreeSize(from), TreeSize(to));
        tiles.map(|tile| tile.to_string()).collect()
    };
    assert_eq!(growth(5, 5), [""; 0]);
    assert_eq!(growth(6, 5), [""; 0]);
    assert_eq!(
        growth(255, 256),
        ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    );
    assert_eq!(growth(256, 257), ["tile/entries/001.p/1", "tile/0/001.p/1"]);
    let across = growth(200, 520);
    assert!(across.contains(&"tile/0/000".to_owned()), "{across:?}");
    assert_eq!(across.len(), 7);
    assert_eq!(growth(u64::MAX - 1, u64::MAX).len(), 2);
}

#[test]
fn bundles_are_exact() {
    assert_eq!(encode_bundle::<&[u8]>(&[]), Err(TileError::WrongWidth));
    assert_eq!(encode_bundle(&[[0u8; 1]; 257]), Err(TileError::WrongWidth));
    assert_eq!(
        encode_bundle(&[vec![0u8; 65_536]]),
        Err(TileError::EntryTooLong)
    );
    assert_eq!(
        encode_bundle(&[[7u8; 32]; 256]).unwrap().len(),
        256 * (2 + 32)
    );
    for (bytes, width) in [
        (&[0u8][..], 1),
        (&[0, 2, 1], 1),
        (&[0, 0], 2),
        (&[0, 0, 0, 0], 1),
    ] {
        assert_eq!(decode_bundle(bytes, width), Err(TileError::WrongWidth));
    }
    assert_eq!(decode_hashes(&[0; 33], 1), Err(TileError::WrongWidth));
}

proptest! {
    #[test]
    fn paths_round_trip(
        level in 0u8..=63, entries: bool, index: u64, shift in 0u32..64, width in 1u16..=256,
    ) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes { level } };
        let tile = TileId::new(kind, index >> shift, width).unwrap();
        prop_assert_eq!(TileId::parse(&tile.to_string()), Ok(tile));
    }

    #[test]
    fn any_text_is_a_path_with_one_spelling_or_none(
        path in "(tile/)?[0-9a-z/.x]{0,40}(\\.p/[0-9]{1,3})?",
    ) {
        if let Ok(tile) = TileId::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn bundles_round_trip(entries in prop::collection::vec(any::<Vec<u8>>(), 1..40)) {
        let bytes = encode_bundle(&entries).unwrap();
        let width = u16::try_from(entries.len()).unwrap();
        prop_assert_eq!(decode_bundle(&bytes, width).unwrap(), entries);
        prop_assert_eq!(decode_bundle(&bytes, width + 1), Err(TileError::WrongWidth));
    }

    #[test]
    fn growth_in_steps_leaves_what_growth_at_once_leaves(
        mut sizes in prop::collection::vec(0u64..200_000, 1..6),
    ) {
        sizes.sort_unstable();
        let last = TreeSize(*sizes.last().unwrap());
        let mut from = TreeSize(0);
        let mut stored = std::collections::BTreeSet::new();
        for to in sizes.into_iter().map(TreeSize) {
            stored.extend(tiles_for_growth(from, to));
            from = to;
        }
        for tile in tiles_of(last) {
            prop_assert!(stored.contains(&tile), "{}", tile);
        }
    }

    #[test]
    fn every_named_tile_can_be_read(size in 1u64..900) {
        let table = table(&leaves(size));
        for tile in tiles_of(TreeSize(size)) {
            if let TileKind::Hashes { .. } = tile.kind() {
                let hashes = read_tile(&table, &tile).unwrap();
                let bytes = encode_hashes(&hashes);
                prop_assert_eq!(decode_hashes(&bytes, tile.width()).unwrap(), hashes);
            }
        }
    }
}
