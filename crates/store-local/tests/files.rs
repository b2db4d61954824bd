//! The files keep what they promise: whole values, or none; one owner; nothing lost at a torn write.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use countersign_ports::{CheckpointCell as _, Ground as _, Position, Published as _, Swapped};
use countersign_store_local::{DirLock, Folder, Segments, SlotFile};

fn ground(folder: &Path, end: Option<Position>) -> Segments {
    let mut ground = Segments::new(folder, 64, |number, _| {
        vec![u8::try_from(number).unwrap_or(255); 16]
    });
    ground.begin([0; 32], end).expect("begins");
    ground
}

#[test]
fn a_swap_needs_the_value_that_is_there() {
    let folder = tempfile::tempdir().expect("folder");
    let mut cell = SlotFile::create(&folder.path().join("cell")).expect("creates");
    assert_eq!(cell.read().expect("reads"), None);
    assert_eq!(cell.swap(None, b"one").expect("swaps"), Swapped::Done);
    assert_eq!(
        cell.swap(None, b"two").expect("swaps"),
        Swapped::Differs(Some(b"one".to_vec()))
    );
    assert_eq!(
        cell.swap(Some(b"one"), b"two").expect("swaps"),
        Swapped::Done
    );
    drop(cell);
    let cell = SlotFile::open(&folder.path().join("cell")).expect("opens");
    assert_eq!(cell.read().expect("reads").as_deref(), Some(&b"two"[..]));
}

#[test]
fn one_process_holds_the_second_place() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("cell");
    let _held = SlotFile::create(&path).expect("creates");
    let refused = SlotFile::open(&path).expect_err("is held");
    assert!(refused.to_string().contains("locking"), "{refused}");
}

fn spoil(path: &Path, at: u64) {
    let file = OpenOptions::new().write(true).open(path).expect("opens");
    file.write_all_at(&[0xff; 64], at).expect("writes");
}

/// The value after `swaps` swaps and damage to the given slots; `Err` when the file refuses to tell.
fn check(swaps: u8, damaged: &[u64], expect: Result<Option<u8>, ()>) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("cell");
    let mut cell = SlotFile::create(&path).expect("creates");
    let mut last = None;
    for n in 0..swaps {
        cell.swap(last.as_ref().map(|l: &[u8; 1]| &l[..]), &[n])
            .expect("swaps");
        last = Some([n]);
    }
    for slot in damaged {
        // Both copies.
        spoil(&path, slot * 4096);
        spoil(&path, slot * 4096 + 2048);
    }
    let got = cell
        .read()
        .map(|value| value.and_then(|v| v.first().copied()))
        .map_err(|_| ());
    assert_eq!(got, expect, "{swaps} swaps, slots {damaged:?} damaged");
}

#[test]
fn a_torn_slot_leaves_the_value_before_it() {
    check(3, &[], Ok(Some(2)));
    check(3, &[0], Ok(Some(1)));
    check(3, &[1], Ok(Some(2)));
    check(3, &[0, 1], Err(()));
    check(1, &[0], Err(()));
}

#[test]
fn appends_follow_one_another_over_segments() {
    let folder = tempfile::tempdir().expect("folder");
    let mut ground = ground(folder.path(), None);
    let at = |segment, offset| Position { segment, offset };
    assert_eq!(ground.append(&[1; 40]).expect("appends"), at(0, 16));
    assert_eq!(
        ground.append(&[2; 40]).expect("appends"),
        at(1, 16),
        "what does not fit begins the next segment"
    );
    assert_eq!(ground.append(&[3; 8]).expect("appends"), at(1, 56));
    ground.sync().expect("syncs");
    assert_eq!(
        ground.read(at(2, 0), 4).expect("reads"),
        [],
        "there is no third segment"
    );
    assert_eq!(ground.read(at(0, 16), 4).expect("reads"), [1; 4]);
    assert_eq!(
        ground.read(at(1, 56), 100).expect("reads"),
        [3; 8],
        "not behind the end"
    );
    ground.overwrite(at(0, 16), &[0; 40]).expect("wipes");
    assert_eq!(ground.read(at(0, 16), 40).expect("reads"), [0; 40]);
    ground.append(&[4; 60]).expect_err("longer than a segment");
}

#[test]
fn appending_goes_on_where_recovery_says() {
    let folder = tempfile::tempdir().expect("folder");
    let mut ground = ground(folder.path(), None);
    ground.append(&[1; 8]).expect("appends");
    drop(ground);
    let end = Position {
        segment: 0,
        offset: 24,
    };
    let mut ground = self::ground(folder.path(), Some(end));
    assert_eq!(ground.append(&[2; 8]).expect("appends"), end);
    assert_eq!(
        ground
            .read(
                Position {
                    segment: 0,
                    offset: 16
                },
                16
            )
            .expect("reads"),
        [[1; 8], [2; 8]].concat()
    );
}

#[test]
fn a_segment_that_was_begun_and_broken_off_does_not_stand_in_the_way() {
    let at = |segment, offset| Position { segment, offset };
    for left in [&[][..], &[7; 9], &[0; 64]] {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("00000000.seg"), left).expect("writes");
        let mut ground = ground(folder.path(), None);
        assert_eq!(ground.append(&[2; 8]).expect("appends"), at(0, 16));
        let whole = ground.read(at(0, 0), 64).expect("reads");
        assert_eq!(whole.len(), 64, "preallocated");
    }
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("00000000.seg");
    let foreign = [&[0; 40][..], &[1; 8]].concat();
    std::fs::write(&path, &foreign).expect("writes");
    let refused = ground(folder.path(), None).append(&[2; 8]);
    let error = refused
        .expect_err("records are not overwritten")
        .to_string();
    assert!(error.contains("left alone"), "{error}");
    assert_eq!(std::fs::read(&path).expect("reads"), foreign);
}

#[test]
fn files_are_put_in_place_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let mut files = Folder::new(folder.path());
    assert_eq!(files.get("tile/0/000").expect("reads"), None);
    files.put("tile/0/000", b"hashes").expect("puts");
    assert_eq!(
        files.get("tile/0/000").expect("reads").as_deref(),
        Some(&b"hashes"[..])
    );
    files.remove("tile/0/000").expect("removes");
    files
        .remove("tile/0/000")
        .expect("removing what is gone is fine");
    assert_eq!(files.get("tile/0/000").expect("reads"), None);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("tile/0"))
        .expect("lists")
        .collect();
    assert!(left.is_empty(), "nothing is left beside");
}

#[test]
fn one_process_owns_the_folder() {
    let folder = tempfile::tempdir().expect("folder");
    let held = DirLock::take(folder.path()).expect("takes");
    assert!(held.is_some());
    assert!(DirLock::take(folder.path()).expect("asks").is_none());
    drop(held);
    assert!(DirLock::take(folder.path()).expect("asks").is_some());
}

#[test]
fn a_bare_file_name_has_a_folder_too() {
    let parent = Path::new("name").parent().expect("an empty one");
    countersign_store_local::folder::sync_folder(parent).expect("the working folder");
}

#[test]
fn a_value_swapped_for_itself_leaves_the_other_slot_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("cell");
    let mut cell = SlotFile::create(&path).expect("creates");
    cell.swap(None, b"one").expect("swaps");
    cell.swap(Some(b"one"), b"two").expect("swaps");
    let before = std::fs::read(&path).expect("reads");
    spoil(&path, 4096 + 2048);
    let again = cell.swap(Some(b"two"), b"two").expect("swaps");
    assert_eq!(again, Swapped::Done);
    let after = std::fs::read(&path).expect("reads");
    assert!(
        after == before,
        "its own slot is whole again, the other one as it was"
    );
}

#[test]
fn what_is_left_of_a_segment_is_zeroed_when_the_next_one_is_begun() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("00000000.seg");
    let mut ground = ground(folder.path(), None);
    ground.append(&[1; 30]).expect("appends");
    // A tail that was wiped in the cache alone, and is there again after a power cut.
    let file = OpenOptions::new().write(true).open(&path).expect("opens");
    file.write_all_at(&[7; 10], 46).expect("writes");
    let at = ground.append(&[2; 30]).expect("appends");
    assert_eq!((at.segment, at.offset), (1, 16));
    let bytes = std::fs::read(&path).expect("reads");
    assert_eq!(bytes.len(), 64);
    assert!(bytes[46..].iter().all(|byte| *byte == 0), "{bytes:?}");
}
