//! A node that writes while we read.

use std::cell::Cell;
use std::io;

use countersign_record::segment::{Kind, RECORD_HEAD_LEN, erasure};
use countersign_verify::{LogFolder, Report, Verdict, verify_log};

use crate::folder::{Memory, segment};
use crate::world::World;

/// A folder that changes once, behind the first reading of a segment.
struct Moving {
    before: Memory,
    after: Memory,
    number: u32,
    has_moved: Cell<bool>,
}

impl Moving {
    fn now(&self) -> &Memory {
        if self.has_moved.get() {
            &self.after
        } else {
            &self.before
        }
    }
}

impl LogFolder for Moving {
    fn segments(&self) -> io::Result<Vec<u32>> {
        self.now().segments()
    }

    fn segment(&self, number: u32, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        let bytes = self.now().segment(number, bytes_max);
        if number == self.number {
            self.has_moved.set(true);
        }
        bytes
    }

    fn published(&self, path: &str, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        self.now().published(path, bytes_max)
    }

    fn published_names(&self, folder: &str) -> io::Result<Vec<String>> {
        self.now().published_names(folder)
    }
}

fn check(world: &World, before: Memory, after: Memory, number: u32) -> Report {
    let has_moved = Cell::new(false);
    let folder = Moving {
        before,
        after,
        number,
        has_moved,
    };
    let report =
        verify_log(&folder, &world.trust(), &[], 2, &mut |_| ()).expect("memory can be read");
    assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
    report
}

fn has(report: &Report, code: &str) -> bool {
    report.remarks.iter().any(|remark| remark.code == code)
}

#[test]
fn commits_that_come_while_we_read() {
    let world = World::new(1);
    let after = Memory::of(&world);
    // The last commits are not there yet: in the segment that is read, and in the next.
    for (size, number) in [(4, 1), (6, 1), (9, 2), (11, 2)] {
        let mut before = Memory(world.log.files(2, size));
        for later in number + 1..3 {
            before.remove(&segment(later));
        }
        let (_, kept) = before.place(number, Kind::Batch, 0);
        let free = before
            .get(&segment(number))
            .get_mut(kept..)
            .expect("within");
        free.fill(0);
        let mut after = after.clone();
        after.0.extend(world.log.published(size));
        after.0.extend(world.log.published(13));
        let report = check(&world, before.clone(), after.clone(), number);
        assert!(!has(&report, "unfinished_tail"), "{}", report.to_text());
        // Half of the next commit is there.
        let whole = after.0[&segment(number)].clone();
        let half = kept + (whole.len() - kept) / 2;
        let bytes = before.get(&segment(number));
        bytes[kept..half].copy_from_slice(&whole[kept..half]);
        let report = check(&world, before, after, number);
        assert!(!has(&report, "unfinished_tail"), "{}", report.to_text());
    }
}

#[test]
fn an_erasure_while_we_read() {
    let world = World::new(1);
    let mut after = Memory::of(&world);
    let (from, _) = after.place(1, Kind::Sealed, 0);
    let bytes = after.get(&segment(1));
    let len = bytes[from..from + 4]
        .iter()
        .fold(0, |len, byte| len << 8 | usize::from(*byte));
    let payload = from + RECORD_HEAD_LEN;
    for (offset, written) in erasure(len) {
        bytes[from + offset..from + offset + written.len()].copy_from_slice(&written);
    }
    let wiped = bytes[from..payload + len].to_vec();
    // The reader may see the kind byte of before and a part of what was written after it.
    for seen in [5..9, 5..RECORD_HEAD_LEN, 5..RECORD_HEAD_LEN + 9, 0..9] {
        let mut before = Memory::of(&world);
        let range = from + seen.start..from + seen.end;
        before.get(&segment(1))[range].copy_from_slice(&wiped[seen]);
        let report = check(&world, before, after.clone(), 1);
        assert!(has(&report, "erased"), "{}", report.to_text());
    }
}

#[test]
fn a_tree_that_grows_while_we_read() {
    // Partial tiles go when the full one is there: it begins like them.
    let mut world = World::new(1);
    while world.log.size() < 200 {
        world.log.commit();
    }
    let size = world.log.size();
    let before = Memory(world.log.files(50, size));
    while world.log.size() < 300 {
        world.log.commit();
    }
    let mut after = Memory(world.log.files(50, world.log.size()));
    after.0.retain(|name, _| !name.contains("/000.p/"));
    let report = check(&world, before, after.clone(), 0);
    assert_eq!(report.size, Some(size));
    // What stands there instead must be right as well.
    after.get("log/tile/0/000")[5] ^= 1;
    let before = Memory(after.0.clone());
    let report = before.verify(&world.trust());
    crate::world::expect(&report, ("disproven", "tile_differs"));
}
