//! Whole logs: whole, unpinned, without their ground, behind their checkpoint.

use countersign_record::segment::{Kind, RECORD_HEAD_LEN, erasure};
use countersign_verify::{Report, Trust};

use crate::folder::{Memory, segment};
use crate::world::{World, expect};

fn remarks(report: &Report) -> Vec<&'static str> {
    report.remarks.iter().map(|remark| remark.code).collect()
}

#[test]
fn a_whole_log_is_proven() {
    let world = World::new(1);
    let report = Memory::of(&world).verify(&world.trust());
    assert_eq!(report.verdict().as_str(), "proven", "{}", report.to_text());
    assert_eq!(report.size, Some(world.log.size()));
    let text = report.to_text();
    assert!(text.contains("signed by 4 keys"), "{text}");
    let names: Vec<&str> = report
        .pieces
        .iter()
        .map(|piece| piece.name.as_str())
        .collect();
    let expected = [
        "checkpoint",
        "genesis",
        "ground",
        "statements",
        "batches",
        "bodies",
        "tree",
        "published tree",
    ];
    assert_eq!(names, expected);
    assert!(
        remarks(&report).iter().all(|code| *code == "segment_size"),
        "{text}"
    );
}

#[test]
fn without_a_pin_it_is_consistent_in_itself() {
    let world = World::new(1);
    let report = Memory::of(&world).verify(&Trust::None);
    assert!(report.is_consistent_in_itself(), "{}", report.to_text());
    assert_eq!(report.verdict().exit_code(), 3);
}

#[test]
fn a_published_tree_alone_says_that_something_was_logged() {
    let world = World::new(1);
    let mut folder = Memory::of(&world);
    folder.0.retain(|name, _| !name.starts_with("ground/"));
    let report = folder.verify(&world.trust());
    expect(&report, ("cannot_tell", "ground_absent"));
    let published = report
        .pieces
        .iter()
        .find(|piece| piece.name == "published tree");
    assert_eq!(
        published.map(|piece| piece.code),
        Some("proven"),
        "{}",
        report.to_text()
    );
    folder.get("log/tile/entries/000.p/13")[9] ^= 1;
    expect(
        &folder.verify(&world.trust()),
        ("disproven", "tile_differs"),
    );
}

#[test]
fn what_is_behind_the_checkpoint_is_checked_and_named() {
    let world = World::new(1);
    for size in [2, 4, 6] {
        let folder = Memory(world.log.files(2, size));
        let report = folder.verify(&world.trust());
        assert_eq!(report.verdict().as_str(), "proven", "{}", report.to_text());
        assert!(
            remarks(&report).contains(&"unpublished"),
            "{}",
            report.to_text()
        );
        assert_eq!(report.size, Some(size));
        let mut forged = folder.clone();
        forged.forge(2, |records| {
            let last = records.get(Kind::Statement, 0).len() - 1;
            records.get(Kind::Statement, 0)[last] ^= 1;
        });
        expect(
            &forged.verify(&world.trust()),
            ("disproven", "signature_wrong"),
        );
    }
}

#[test]
fn a_write_that_was_broken_off_is_named_and_no_fault() {
    let world = World::new(1);
    let whole = Memory(world.log.files(2, world.log.size() - 2));
    let (from, end) = {
        let (from, _) = whole.place(2, Kind::Envelope, 1);
        let (_, end) = whole.place(2, Kind::Batch, 1);
        (from, end)
    };
    for cut in (from..end).step_by(7) {
        let mut folder = whole.clone();
        let bytes = folder.get(&segment(2));
        bytes.get_mut(cut..).expect("within").fill(0);
        let report = folder.verify(&world.trust());
        assert_eq!(
            report.verdict().as_str(),
            "proven",
            "cut at {cut}: {}",
            report.to_text()
        );
        let is_named = remarks(&report).contains(&"unfinished_tail");
        assert_eq!(is_named, cut > from, "cut at {cut}: {}", report.to_text());
    }
    // The same within what is published.
    let mut folder = Memory::of(&world);
    folder
        .get(&segment(2))
        .get_mut(end - 40..)
        .expect("within")
        .fill(0);
    expect(
        &folder.verify(&world.trust()),
        ("disproven", "record_damaged"),
    );
    let mut folder = Memory::of(&world);
    folder.forge(2, |records| records.remove(Kind::Batch, 1));
    expect(
        &folder.verify(&world.trust()),
        ("disproven", "commit_cut_off"),
    );
}

#[test]
fn what_was_erased_leaves_the_rest_proven() {
    let world = World::new(1);
    let mut folder = Memory::of(&world);
    let (from, _) = folder.place(1, Kind::Sealed, 0);
    let bytes = folder.get(&segment(1));
    let len = bytes[from..from + 4]
        .iter()
        .fold(0, |len, byte| len << 8 | usize::from(*byte));
    let payload = from + RECORD_HEAD_LEN;
    for ((offset, written), remark) in
        erasure(len)
            .into_iter()
            .zip(["erasure_unfinished", "erasure_unfinished", "erased"])
    {
        let bytes = folder.get(&segment(1));
        bytes[from + offset..from + offset + written.len()].copy_from_slice(&written);
        let report = folder.verify(&world.trust());
        assert_eq!(report.verdict().as_str(), "proven", "{}", report.to_text());
        assert!(remarks(&report).contains(&remark), "{}", report.to_text());
    }
    folder.get(&segment(1))[payload + 3] = 1;
    expect(
        &folder.verify(&world.trust()),
        ("disproven", "record_damaged"),
    );
}

#[test]
fn damage_behind_the_checkpoint_is_found_or_named() {
    let world = World::new(1);
    let mut folder = Memory(world.log.files(2, world.log.size() - 2));
    let (from, _) = folder.place(2, Kind::Envelope, 1);
    let (_, end) = folder.place(2, Kind::Batch, 1);
    for (n, byte) in (from..end).enumerate().step_by(2) {
        let bit = 1 << (n / 2 % 8);
        folder.get(&segment(2))[byte] ^= bit;
        let report = folder.verify(&world.trust());
        let is_named = remarks(&report).contains(&"unfinished_tail");
        let is_proven = report.verdict().as_str() == "proven";
        assert!(is_named || !is_proven, "byte {byte}: {}", report.to_text());
        folder.get(&segment(2))[byte] ^= bit;
    }
}
