//! Damage by accident: every byte of a pack, cuts, padding. Never proven, never a panic.

use std::collections::BTreeMap;

use countersign_pack::{Pack, archive};
use countersign_verify::{Trust, Verdict, verify_pack, verify_receipts};
use proptest::prelude::*;

use crate::world::{World, files_of};

/// Damaged packs that are looked at, at the least.
const DAMAGED_MIN: usize = 1_000;

#[test]
fn every_changed_byte_is_found_and_named() {
    let world = World::new(3);
    let trust = world.trust();
    let good = world.small_pack();
    let ranges = ranges(&good);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = 0;
    // Every byte of headers, directory and end, and samples of the data of every file, with a change
    // that differs from byte to byte; a single bit every other time.
    let structure = |at: &usize| {
        let file = ranges.iter().find(|(range, _)| range.contains(at));
        file.is_none_or(|(range, name)| {
            let data = range.start + 30 + name.len();
            *at < data || at.is_multiple_of(23) || *at == data || *at == range.end - 1
        })
    };
    for at in (0..good.len()).filter(structure) {
        let change = if at % 2 == 0 {
            1 << (at / 2 % 8)
        } else {
            u8::try_from(1 + at % 255).expect("below 256")
        };
        let mut bytes = good.clone();
        bytes[at] ^= change;
        let damage = Pack::open(&bytes).expect_err("damage");
        let report = verify_pack(&bytes, &trust);
        assert_eq!(
            report.verdict(),
            Verdict::Disproven,
            "byte {at}, change {change:#x}"
        );
        assert_eq!(report.worst().map(|piece| piece.code), Some(damage.code()));
        let near = damage
            .at
            .clone()
            .is_some_and(|range| range.contains(&(at as u64)));
        let file = ranges
            .iter()
            .find(|(range, _)| range.contains(&at))
            .map(|(_, name)| name);
        if let Some(name) = file {
            let named =
                damage.file.as_deref() == Some(name) || damage.words.contains(name.as_str());
            assert!(
                near || named,
                "byte {at} of {name}, change {change:#x}: {damage}"
            );
            *met.entry(name).or_default() += 1;
        } else {
            assert!(near || damage.file.is_some(), "byte {at}: {damage}");
        }
        count += 1;
    }
    assert!(count >= DAMAGED_MIN, "{count} damaged packs");
    assert_eq!(
        met.len(),
        files_of(&good).len() + 1,
        "every file was damaged"
    );
}

#[test]
fn cuts_and_padding_are_found() {
    let world = World::new(3);
    let trust = world.trust();
    let good = world.small_pack();
    let check = |bytes: &[u8], words: &str| {
        let report = verify_pack(bytes, &trust);
        assert_eq!(report.verdict(), Verdict::Disproven, "{words}");
        assert_eq!(
            verify_pack(bytes, &Trust::None).verdict(),
            Verdict::Disproven,
            "{words}"
        );
    };
    for len in (0..good.len())
        .step_by(97)
        .chain(good.len() - 30..good.len())
    {
        check(&good[..len], &format!("cut to {len}"));
    }
    for more in [&b"\0"[..], b"\n", b"PK\x05\x06", &good] {
        check(&[&good, more].concat(), "with bytes behind it");
        check(&[more, &good].concat(), "with bytes before it");
    }
    check(b"", "nothing");
    check(b"PK", "two letters");
    check(&[0; 4096], "zeros");
    // The last 22 bytes are the end record; its comment length is the last field.
    let mut commented = good;
    let at = commented.len() - 2;
    commented[at] = 1;
    commented.push(b'x');
    check(&commented, "with a comment");
}

#[test]
fn removed_doubled_and_moved_pieces_are_found() {
    let world = World::new(3);
    let trust = world.trust();
    let good = world.small_pack();
    let ranges = ranges(&good);
    for (range, name) in &ranges {
        let without = [&good[..range.start], &good[range.end..]].concat();
        let twice = [&good[..range.end], &good[range.clone()], &good[range.end..]].concat();
        for bytes in [without, twice] {
            assert_eq!(
                verify_pack(&bytes, &trust).verdict(),
                Verdict::Disproven,
                "{name}"
            );
        }
    }
    for pair in ranges.windows(2) {
        let [(first, name), (second, _)] = pair else {
            unreachable!("windows of two")
        };
        let swapped = [
            &good[..first.start],
            &good[second.clone()],
            &good[first.clone()],
            &good[second.end..],
        ]
        .concat();
        assert_eq!(
            verify_pack(&swapped, &trust).verdict(),
            Verdict::Disproven,
            "{name}"
        );
    }
}

/// Where each file lies, header and data.
fn ranges(pack: &[u8]) -> Vec<(std::ops::Range<usize>, String)> {
    let mut at = 0;
    let files = archive::read(pack).expect("a whole pack");
    files
        .into_iter()
        .map(|(name, data)| {
            let start = at;
            at += 30 + name.len() + data.len();
            (start..at, name.to_owned())
        })
        .collect()
}

proptest! {
    #[test]
    fn any_bytes_get_a_verdict(start in 0usize..5, rest in proptest::collection::vec(any::<u8>(), 0..300)) {
        // Beginnings at which a reader goes on: a header, a receipt, a proof, a statement, nothing.
        let starts: [&[u8]; 5] = [
            b"PK\x03\x04\x0a\0\0\0\0\0\0\0\x21\0",
            b"\x8d\x78\x19countersign-claim-receipt\x01",
            b"c2sp.org/tlog-proof@v1\nindex 0\n",
            b"\xd2\x84\x58\x20",
            b"",
        ];
        let bytes = [starts.get(start).copied().unwrap_or_default(), &rest].concat();
        prop_assert_eq!(verify_pack(&bytes, &Trust::None).verdict(), Verdict::Disproven);
        let report = verify_receipts(&[("file", &bytes)], &Trust::None);
        prop_assert_ne!(report.verdict(), Verdict::Proven);
        let is_whole = report.to_json().ends_with("]}\n");
        prop_assert!(is_whole);
    }
}
