//! Snapshots: the ledger that was read back is the one that was written, and goes on in the same way.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::order::{answers, last_tick, network_with_graces, world};
use super::story::{Item, Story, batch, clock, define};
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::fold::{Fold, FoldBatch};
use countersign_model::ids::ClaimId;
use countersign_model::time::Timestamp;
use countersign_reconcile::history::{History, InMemory, Place};
use countersign_reconcile::snapshot::{Snapshot, Written};
use countersign_reconcile::{Change, Ledger};

/// A history of which the test has a copy.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<InMemory>>);

impl Shared {
    fn with<T>(&self, ask: impl FnOnce(&mut InMemory) -> T) -> T {
        ask(&mut self.0.lock().expect("no test panics with it"))
    }

    /// Another one with the same records.
    fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.with(|history| history.clone()))))
    }
}

impl History for Shared {
    fn append(&mut self, claim: ClaimId, at: ClaimRef, record: &[u8]) -> Place {
        self.with(|history| history.append(claim, at, record))
    }

    fn read(&self, place: Place, record: &mut Vec<u8>) -> bool {
        self.with(|history| history.read(place, record))
    }

    fn of_claim(&self, claim: ClaimId) -> Vec<Place> {
        self.with(|history| history.of_claim(claim))
    }

    fn next(&self, behind: Option<Place>) -> Option<Place> {
        self.with(|history| history.next(behind))
    }

    fn bytes(&self) -> u64 {
        self.with(|history| history.bytes())
    }
}

/// A ledger with its history.
struct Running {
    ledger: Ledger,
    history: Shared,
}

impl Running {
    fn begin() -> Self {
        let history = Shared::default();
        let ledger = Ledger::new(Box::new(history.clone()), 1);
        Self { ledger, history }
    }

    fn snapshot(&self) -> Snapshot {
        self.ledger.snapshot().expect("all is settled")
    }

    /// The same read back, under another secret.
    fn resumed(&self) -> Self {
        let written = self.snapshot().written();
        let history = self.history.copy();
        let ledger = Ledger::resume(&written, Box::new(history.clone()), 2);
        let ledger = ledger.expect("what was written reads");
        Self { ledger, history }
    }

    /// Takes one item as a batch; tells what changed.
    fn take(&mut self, item: &Item, index: u64, tick: Timestamp) -> Vec<Change> {
        let mut statements = Vec::new();
        match item {
            Item::Statement(statement) => statements.push((**statement).clone()),
            Item::Approved(action, instant) => {
                let approval = ClaimRef {
                    index: Index(index),
                    ordinal: 0,
                };
                self.ledger.apply_approved(action, approval, *instant);
            }
            Item::Tick(_) | Item::Defined(_) => {}
        }
        self.apply(&batch(index, tick, statements))
    }

    fn apply(&mut self, batch: &FoldBatch) -> Vec<Change> {
        let mut out = Vec::new();
        self.ledger.apply(batch, &mut out);
        out
    }
}

/// All but the timers, of which some may be set twice.
fn pages(of: &Snapshot) -> Written {
    let mut written = of.written();
    written.0.remove("timers");
    written
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_back_goes_on_in_the_same_way(
        lines in world(),
        stops in prop::collection::vec(any::<bool>(), 30),
        hour in 7_u32..24,
    ) {
        let story = Story::read(&lines.join("\n"));
        let (mut straight, mut stopped) = (Running::begin(), Running::begin());
        let network = batch(1, clock("00:00"), vec![define(network_with_graces())]);
        straight.apply(&network);
        stopped.apply(&network);
        let (begin, end) = (clock("00:00").ms(), last_tick(hour).ms());
        let step = (end - begin) / (story.items.len() as i64 + 1);
        for ((item, stops), n) in story.items.iter().zip(stops).zip(1..) {
            if stops {
                let before = pages(&stopped.snapshot());
                stopped = stopped.resumed();
                prop_assert_eq!(&pages(&stopped.snapshot()), &before);
            }
            let tick = Timestamp::from_ms(begin + n * step);
            let index = 1000 + n.cast_unsigned();
            prop_assert_eq!(straight.take(item, index, tick), stopped.take(item, index, tick));
        }
        let stopped = stopped.resumed();
        prop_assert_eq!(answers(&straight.ledger), answers(&stopped.ledger));
    }
}

/// A world in which there is something of everything.
fn full() -> Running {
    let story = Story::read(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1=20 u2 5*c1\n07:00 a-zone storing A/z1 u1 u2 u3\n\
         06:00 wms count k1 A/z1 14:00 15:00\n09:00 a-dock departing A/dock u1 4*c1 #m1\n\
         09:30 wms alias u3 u4\n09:40 a-dock inspecting A/dock u1 w=10\n14:10 a-zone cycle_counting A/z1 u9 #k1\n\
         06:00 wms expect p1/1/dlv leg u7 08:00\n15:30 adjust c1 A/z1 -1\n16:00 write_off u3\ntick 17:00",
    );
    let mut running = Running::begin();
    running.apply(&batch(
        1,
        clock("00:00"),
        vec![define(network_with_graces())],
    ));
    for (item, n) in story.items.iter().zip(2..) {
        running.take(item, n, clock("17:00"));
    }
    running
}

/// A history of the right length that does not read.
#[derive(Debug)]
struct Broken(u64);

impl History for Broken {
    fn append(&mut self, _claim: ClaimId, _at: ClaimRef, _record: &[u8]) -> Place {
        unreachable!("nothing is said any more")
    }

    fn read(&self, _place: Place, _record: &mut Vec<u8>) -> bool {
        false
    }

    fn of_claim(&self, _claim: ClaimId) -> Vec<Place> {
        Vec::new()
    }

    fn next(&self, _behind: Option<Place>) -> Option<Place> {
        None
    }

    fn bytes(&self) -> u64 {
        self.0
    }
}

#[test]
fn what_stands_is_not_taken_up_without_its_history() {
    let running = full();
    assert!(running.ledger.standing().count() > 0);
    let (written, history) = (
        running.snapshot().written(),
        Broken(running.history.bytes()),
    );
    let resumed = Ledger::resume(&written, Box::new(history), 3);
    let unreadable = resumed.expect_err("the history does not read");
    assert_eq!((unreadable.section, unreadable.page), ("standing", 0));
}

fn reads(written: &Written, history: &Shared) -> bool {
    Ledger::resume(written, Box::new(history.copy()), 3).is_ok()
}

#[test]
fn what_is_not_whole_does_not_read() {
    let running = full();
    let written = running.snapshot().written();
    assert!(reads(&written, &running.history));
    assert!(
        !reads(&written, &Shared::default()),
        "the history is another"
    );
    for (section, pages) in &written.0 {
        let mut absent = written.clone();
        absent.0.remove(section);
        assert!(!reads(&absent, &running.history), "without {section}");
        for page in 0..pages.len() {
            let changed = |change: &dyn Fn(&mut Vec<u8>)| {
                let mut other = written.clone();
                let pages = other.0.get_mut(section).expect("it is there");
                change(&mut pages[page]);
                reads(&other, &running.history)
            };
            let cut = changed(&|bytes| bytes.truncate(bytes.len() - 1));
            assert!(!cut, "page {page} of {section}, cut");
            let longer = changed(&|bytes| bytes.push(0));
            assert!(!longer, "page {page} of {section}, with a byte more");
        }
    }
}

#[test]
fn a_snapshot_stays_what_it_was_while_the_ledger_goes_on() {
    let mut running = full();
    let one = running.snapshot();
    let before = one.written();
    let story = Story::read("17:00 a-zone storing A/z1 u1 u30");
    running.take(&story.items[0], 100, clock("17:30"));
    assert_eq!(one.written(), before);
    let after = running.snapshot().written();
    assert_ne!(after, before);
    // What it does not touch is the same bytes: a store need not write them again.
    assert_eq!(after.0["manifests_said"], before.0["manifests_said"]);
}

#[test]
fn while_an_import_is_open_there_is_no_snapshot() {
    let mut running = Running::begin();
    let act = |opens| super::imports::import(opens);
    running.apply(&batch(1, clock("00:00"), vec![act(true)]));
    assert!(running.ledger.snapshot().is_none());
    running.apply(&batch(2, clock("00:00"), vec![act(false)]));
    assert!(running.ledger.snapshot().is_some());
}

#[test]
fn values_and_what_was_not_taken_come_back() {
    let story = Story::read(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1=20 u2\n09:00 a-dock departing A/dock u1 #m1\n\
         09:10 a-dock departing A/dock 9999999999999*c1 #m1",
    );
    let (mut straight, mut stopped) = (Running::begin(), Running::begin());
    for (item, n) in story.items.iter().zip(1..) {
        let tick = clock("09:30");
        assert_eq!(straight.take(item, n, tick), stopped.take(item, n, tick));
        stopped = stopped.resumed();
    }
    // Both are missing now, and one of them has a value.
    let (last, tick) = (&Item::Tick(clock("13:00")), clock("13:00"));
    let changes = straight.take(last, 9, tick);
    assert_eq!(changes, stopped.take(last, 9, tick));
    let has_value = |change: &Change| match change {
        Change::Opened(opened) => !opened.value.is_empty(),
        Change::Changed(_) | Change::Retracted { .. } => false,
    };
    assert!(changes.iter().any(has_value), "{changes:?}");
    let unfolded = |running: &Running| running.ledger.unfolded().copied().collect::<Vec<_>>();
    assert_eq!(unfolded(&straight), unfolded(&stopped));
    assert_eq!(stopped.ledger.unfolded_count(), 1);
}

#[test]
fn lists_do_not_read_without_the_table_that_they_go_through() {
    let running = full();
    let empty = Running::begin().snapshot().written();
    for section in ["manifests_said", "milestones_expected", "claims_bear_on"] {
        let mut written = running.snapshot().written();
        written
            .0
            .insert(section.to_owned(), empty.0[section].clone());
        let history = Box::new(running.history.copy());
        let unreadable = Ledger::resume(&written, history, 3).expect_err("lists without things");
        assert_eq!(unreadable.section, section);
    }
}
