use proptest::prelude::*;

use super::layout::LOCAL_STORED;
use super::*;

const FILES: [File<'static>; 4] = [
    ("README.txt", b"plain words\n"),
    ("bodies/ab.body", &[0, 1, 2, 255]),
    ("empty", b""),
    ("manifest.json", b"{}"),
];

fn check(files: &[File<'_>], expect: Result<(), &str>) {
    let got = write(files).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(got, expect.map_err(str::to_owned), "{files:?}");
}

#[test]
fn names_are_safe_sorted_and_unambiguous() {
    check(&FILES, Ok(()));
    check(&[], Ok(()));
    let bad = |name: &str| format!("`{name}` cannot be the name of a file in a pack");
    for name in [
        "", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a b", "ä", "a\\b", "c:",
    ] {
        check(&[(name, b"")], Err(&bad(name)));
    }
    let long = "a".repeat(NAME_BYTES_MAX + 1);
    check(&[(&long, b"")], Err(&bad(&long)));
    check(&[("A", b""), ("a", b"")], Err(&bad("a")));
    check(
        &[("b", b""), ("a", b"")],
        Err("`a` is out of order or there twice"),
    );
    check(
        &[("a", b""), ("a", b"")],
        Err("`a` is out of order or there twice"),
    );
}

#[test]
fn what_is_written_is_read() {
    let bytes = write(&FILES).unwrap();
    assert_eq!(bytes.len(), layout::len(&FILES));
    assert_eq!(read(&bytes).unwrap(), FILES);
}

/// Bytes of the archive to which a damage points, and to which file.
fn region_of(at: usize) -> Option<&'static str> {
    match place_of(&FILES, at) {
        Place::Local { file, .. } | Place::Central { file } => Some(FILES[file].0),
        Place::End | Place::Beyond => None,
    }
}

#[test]
fn every_changed_byte_is_found_and_named() {
    let good = write(&FILES).unwrap();
    for at in 0..good.len() {
        for change in [0x01, 0x02, 0x20, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= change;
            let damage = read(&bytes).expect_err("damage");
            let near = damage.at.clone().unwrap_or_default().contains(&(at as u64));
            let same_file = damage.file.as_deref() == region_of(at);
            // A changed name is told in both spellings.
            let same_file = same_file || damage.words.contains(region_of(at).unwrap_or("?"));
            assert!(
                near || same_file,
                "byte {at} of {:?}, change {change:#x}: {damage}",
                region_of(at)
            );
        }
    }
}

#[test]
fn changed_data_is_told_from_a_changed_crc() {
    let good = write(&FILES).unwrap();
    let at = LOCAL_LEN + FILES[0].0.len();
    let kind_and_file = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let damage = read(&bytes).expect_err("damage");
        (damage.kind, damage.file.unwrap_or_default())
    };
    assert_eq!(
        kind_and_file(at),
        (DamageKind::FileData, "README.txt".to_owned())
    );
    assert_eq!(
        kind_and_file(14),
        (DamageKind::Archive, "README.txt".to_owned())
    );
}

#[test]
fn cut_and_padded_archives_are_refused() {
    let good = write(&FILES).unwrap();
    for len in 0..good.len() {
        assert!(read(&good[..len]).is_err(), "cut to {len}");
    }
    for more in [&b"\0"[..], b"PK", &good] {
        let bytes = [&good, more].concat();
        assert!(read(&bytes).is_err(), "with {} bytes more", more.len());
        let bytes = [more, &good].concat();
        assert!(read(&bytes).is_err(), "after {} bytes more", more.len());
    }
}

#[test]
fn lengths_that_lie_do_not_allocate_or_panic() {
    let mut bytes = write(&FILES).unwrap();
    bytes[LOCAL_STORED..LOCAL_STORED + 8].fill(0xff);
    assert_eq!(read(&bytes).expect_err("damage").code(), "archive_damaged");
    assert!(read(b"").is_err());
    assert!(read(b"PK\x03\x04").is_err());
}

proptest! {
    #[test]
    fn round_trip(files in proptest::collection::btree_map("[a-z]{1,3}(/[a-z0-9.]{1,1}[a-z]{1,4})?", proptest::collection::vec(any::<u8>(), 0..40), 1..8)) {
        let files: Vec<File<'_>> = files.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect();
        if let Ok(bytes) = write(&files) {
            prop_assert_eq!(read(&bytes).unwrap(), files);
        }
    }

    #[test]
    fn hostile_bytes_are_refused(start in prop_oneof![Just(&b"PK\x03\x04"[..]), Just(&b""[..])], rest in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [start, &rest].concat();
        prop_assert!(read(&bytes).is_err());
    }
}
