//! The places file: what was appended is there, and what is odd is not.

use std::path::PathBuf;

use countersign_model::digest::Digest;
use countersign_ports::{Place, PlaceTable as _, Position};
use countersign_store_local::places::PlaceFile;
use proptest::prelude::*;

const PAGE: usize = 4096;

fn log() -> Digest {
    Digest::of(b"log")
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("places")
}

fn places(from: u32, count: u32) -> Vec<Place> {
    let place = |n: u32| Place {
        at: Position {
            segment: n / 1_000,
            offset: (n % 1_000) * 8,
        },
        is_batch: n.is_multiple_of(7),
    };
    (from..from + count).map(place).collect()
}

fn all(file: &PlaceFile) -> Vec<Place> {
    let mut out = Vec::new();
    loop {
        let some = file.read(out.len() as u64, 300).expect("reads");
        if some.is_empty() {
            return out;
        }
        out.extend(some);
    }
}

#[test]
fn what_was_appended_is_there_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wanted = Vec::new();
    for (count, cut) in [
        (1, None),
        (510, None),
        (1, None),
        (3_000, Some(2_044)),
        (0, Some(7)),
    ] {
        let mut file = PlaceFile::open(&path(&folder), log()).expect("opens");
        assert_eq!(all(&file), wanted);
        let next = u32::try_from(wanted.len()).expect("short");
        file.append(&places(next, count)).expect("appends");
        wanted.extend(places(next, count));
        if let Some(cut) = cut {
            file.cut(cut).expect("cuts");
            wanted.truncate(usize::try_from(cut).expect("short"));
        }
        file.sync().expect("syncs");
        assert_eq!(
            (all(&file), file.count()),
            (wanted.clone(), wanted.len() as u64)
        );
    }
}

#[test]
fn the_places_of_another_log_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = PlaceFile::open(&path(&folder), log()).expect("opens");
    file.append(&places(0, 700)).expect("appends");
    let other = PlaceFile::open(&path(&folder), Digest::of(b"another")).expect("opens");
    assert_eq!(other.count(), 0);
}

#[test]
fn who_only_reads_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut nothing = PlaceFile::open_to_read(&path(&folder), log()).expect("opens");
    nothing.append(&places(0, 1_300)).expect("keeps");
    assert_eq!(all(&nothing), places(0, 1_300));
    assert!(!path(&folder).exists());
    let mut file = PlaceFile::open(&path(&folder), log()).expect("opens");
    file.append(&places(0, 700)).expect("appends");
    let before = std::fs::read(path(&folder)).expect("reads");
    let mut reader = PlaceFile::open_to_read(&path(&folder), log()).expect("opens");
    reader.append(&places(700, 900)).expect("keeps");
    assert_eq!(all(&reader), places(0, 1_600));
    reader.cut(3).expect("cuts");
    assert_eq!(all(&reader), places(0, 3));
    assert_eq!(std::fs::read(path(&folder)).expect("reads"), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A bit that flipped, or a tail that was torn: what is given was appended at that place, or there
    /// is less of it, or an error after which there is none at the next opening.
    #[test]
    fn nothing_else_is_ever_given(count in 1_u32..1_600, at: u32, bit in 0_u8..8, tear in any::<bool>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let wanted = places(0, count);
        {
            let mut file = PlaceFile::open(&path(&folder), log()).expect("opens");
            file.append(&wanted).expect("appends");
        }
        let mut bytes = std::fs::read(path(&folder)).expect("reads");
        let at = at as usize % bytes.len();
        if tear {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        std::fs::write(path(&folder), &bytes).expect("writes");
        let mut file = PlaceFile::open(&path(&folder), log()).expect("opens");
        let given = file.count();
        prop_assert!(given <= u64::from(count));
        // At the opening the pages are looked at from the last one down to a full one.
        let whole = at / PAGE * 511;
        if tear || given <= whole as u64 {
            prop_assert_eq!(given, whole as u64);
            prop_assert_eq!(&all(&file)[..], &wanted[..whole]);
        } else {
            let error = file.read((at / PAGE * 511) as u64, 1).expect_err("is noticed");
            prop_assert!(error.to_string().contains("check"));
            let again = PlaceFile::open(&path(&folder), log()).expect("opens");
            prop_assert_eq!(again.count(), 0);
        }
        file.cut(0).expect("cuts");
        prop_assert_eq!(file.count(), 0);
    }
}
