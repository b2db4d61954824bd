//! A clock that jumps (format law 9): recorded time never runs backwards, and deadlines stand
//! still from a jump until a person has looked at the clock, then go on by the clock that he saw.

mod world;

use std::sync::{Arc, Mutex};

use countersign_attest::Statement;
use countersign_engine::{Components, Engine, Founding, found};
use countersign_model::entry::Batch;
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_ports::{Clock, ClockReading};
use countersign_record::segment::HEADER_LEN;
use countersign_record::stored::read_commit;
use world::{ORIGIN, START_MS, Shared, administrator, components, keys, said};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Wall and monotonic clock, in milliseconds since the start, and whether a source vouches.
#[derive(Clone, Debug, Default)]
struct Hands(Arc<Mutex<(i64, u64, bool)>>);

impl Hands {
    /// Both run on.
    fn run(&self, ms: i64) {
        let mut hands = self.0.lock().expect("no panic while held");
        hands.0 += ms;
        hands.1 += u64::try_from(ms).expect("forward");
    }

    /// Something vouches for the wall clock from now on.
    fn synchronise(&self) {
        self.0.lock().expect("no panic while held").2 = true;
    }

    /// The wall clock is set.
    fn jump(&self, ms: i64) {
        self.0.lock().expect("no panic while held").0 += ms;
    }
}

impl Clock for Hands {
    fn read(&self) -> ClockReading {
        let (wall, monotonic_ms, synchronised) = *self.0.lock().expect("no panic while held");
        ClockReading {
            wall: Timestamp::from_ms(START_MS + wall),
            uncertainty_ms: 1,
            monotonic_ms,
            synchronised,
        }
    }
}

struct Node {
    disk: Shared,
    hands: Hands,
    engine: Engine,
}

fn world(disk: &Shared, hands: &Hands) -> Components {
    Components {
        clock: Box::new(hands.clone()),
        ..components(disk)
    }
}

impl Node {
    fn new() -> Self {
        let (disk, hands) = (Shared::default(), Hands::default());
        let founding = Founding {
            origin: Origin::parse(ORIGIN).expect("an origin"),
            administrators: vec![administrator().public()],
            registration_policy: "test".to_owned(),
            scenario_start: None,
        };
        let mut world = world(&disk, &hands);
        let (genesis, statement) = found(&founding, &mut world, &keys()).expect("founds");
        let engine = Engine::begin(world, keys(), genesis, statement, &founding).expect("begins");
        Self {
            disk,
            hands,
            engine,
        }
    }

    /// The process ends, and another one begins.
    fn restart(self) -> Self {
        let Self {
            disk,
            hands,
            engine,
        } = self;
        drop(engine);
        let (engine, _) = Engine::open(world(&disk, &hands), keys()).expect("opens");
        Self {
            disk,
            hands,
            engine,
        }
    }

    /// Both clocks run on, and a batch is made; how many findings came of it.
    fn after(&mut self, ms: i64) -> usize {
        self.hands.run(ms);
        self.engine.commit().expect("commits").findings.len()
    }

    /// The wall clock is set by so much, and a batch is made.
    fn set(&mut self, ms: i64) -> usize {
        self.hands.jump(ms);
        self.after(0)
    }

    /// Recorded time and tick of every batch, in milliseconds since the start.
    fn times(&self) -> Vec<(i64, i64)> {
        let bytes = self.disk.segment(0);
        let (mut at, mut out) = (HEADER_LEN, Vec::new());
        while let Some(commit) = read_commit(&bytes, at).expect("reads") {
            let batch = Statement::parse(commit.batch).expect("a batch statement");
            let batch = Batch::decode(batch.payload()).expect("a batch");
            let since = |time: Timestamp| time.ms() - START_MS;
            out.push((since(batch.recorded), since(batch.tick)));
            at = commit.end;
        }
        out
    }

    fn last(&self) -> (i64, i64) {
        *self.times().last().expect("one")
    }

    /// Says a manifest that must leave in half an hour and arrive in an hour; nothing ever does.
    fn plan(&mut self) {
        let at = |ms: i64| Timestamp::from_ms(START_MS + ms).to_string();
        let site = |id: &str| {
            format!(
                r#"{{"type":"Define","object":"site","value":{{"id":"urn:x:{id}","party":"urn:x:p{id}","kind":"hub"}}}}"#
            )
        };
        let lane = r#"{"type":"Define","object":"lane","value":{"id":"a-b","from":"urn:x:a","to":"urn:x:b","mode":"both"}}"#;
        let manifest = format!(
            r#"{{"type":"Manifest","id":"urn:x:m1","lane":"a-b","from":"urn:x:a","to":"urn:x:b","departBy":"{}","arriveBy":"{}","lines":[{{"line":"1","unit":"urn:x:u1","value":"9000","currency":"EUR"}}]}}"#,
            at(30 * MINUTE),
            at(HOUR)
        );
        let objects = [site("a"), site("b"), lane.to_owned(), manifest];
        for (salt, object) in (1..).zip(&objects) {
            let submission = said(&self.engine, salt, &[object.as_str()]);
            self.engine.submit(&submission).expect("is taken");
        }
        assert_eq!(self.after(0), 0, "in time");
    }
}

#[test]
fn without_a_jump_deadlines_fire_by_the_clock() {
    let mut node = Node::new();
    node.plan();
    assert_eq!(node.after(29 * MINUTE), 0);
    assert_eq!(node.after(2 * MINUTE), 1, "it did not leave in time");
    assert!(!node.engine.clock_jumped());
    assert_eq!(node.last(), (31 * MINUTE, 31 * MINUTE));
}

#[test]
fn small_steps_of_the_wall_clock_are_no_jump() {
    let mut node = Node::new();
    for step in [30_000, -30_000, 20_000, -1] {
        node.set(step);
        assert!(!node.engine.clock_jumped(), "{step} ms");
    }
    // A long pause is none either: both clocks run.
    node.after(100 * HOUR);
    assert!(!node.engine.clock_jumped());
    node.set(30_001);
    assert!(node.engine.clock_jumped(), "by more than 30 s");
    let times = node.times();
    let rising = times
        .windows(2)
        .all(|two| two[0].0 <= two[1].0 && two[0].1 <= two[1].1);
    assert!(rising, "neither runs backwards: {times:?}");
}

#[test]
fn a_jump_forward_stops_deadlines_until_a_person_confirms() {
    let mut node = Node::new();
    node.plan();
    node.after(MINUTE);
    assert_eq!(
        node.set(5 * HOUR),
        0,
        "no deadline fires by a clock that jumped"
    );
    assert!(node.engine.clock_jumped());
    let recorded = 5 * HOUR + MINUTE;
    assert_eq!(
        node.last(),
        (recorded, MINUTE),
        "recorded time is the wall clock's word"
    );
    assert_eq!(node.after(2 * HOUR), 0, "nor later on");
    node.engine.confirm_clock();
    assert_eq!(node.after(MINUTE), 1, "the clock was right: all at once");
    assert_eq!(
        node.last(),
        (recorded + 2 * HOUR + MINUTE, recorded + 2 * HOUR + MINUTE)
    );
}

#[test]
fn a_jump_that_is_taken_back_fires_nothing_early() {
    let mut node = Node::new();
    node.plan();
    node.after(MINUTE);
    node.set(24 * 365 * HOUR);
    let far = 24 * 365 * HOUR + MINUTE;
    assert_eq!(node.last(), (far, MINUTE));
    node.set(-24 * 365 * HOUR);
    node.engine.confirm_clock();
    // Recorded time stays where it was carried to; deadlines go by the clock that was confirmed.
    assert_eq!(
        node.after(MINUTE),
        0,
        "no deadline of the year that did not pass"
    );
    assert_eq!(node.last(), (far, 2 * MINUTE));
    assert_eq!(node.after(27 * MINUTE), 0);
    assert_eq!(node.after(2 * MINUTE), 1, "and in time");
    assert!(!node.engine.clock_jumped());
    assert_eq!(node.last(), (far, 31 * MINUTE));
}

#[test]
fn a_jump_back_holds_time_where_it_was() {
    let mut node = Node::new();
    node.plan();
    node.after(10 * MINUTE);
    assert_eq!(node.set(-5 * HOUR), 0);
    assert!(node.engine.clock_jumped());
    assert_eq!(node.last(), (10 * MINUTE, 10 * MINUTE), "never backwards");
    assert_eq!(node.after(HOUR), 0, "and stands still");
    assert_eq!(node.last(), (10 * MINUTE, 10 * MINUTE));
    node.set(5 * HOUR);
    node.engine.confirm_clock();
    assert_eq!(node.after(MINUTE), 1, "the hour that passed counts");
    assert_eq!(node.last(), (HOUR + 11 * MINUTE, HOUR + 11 * MINUTE));
}

/// Restarts after a gap of the wall clock; whether ticks stand still then.
fn check_restart(gap_ms: i64, expect: bool) {
    for synchronised in [false, true] {
        let mut node = Node::new();
        node.plan();
        node.hands.jump(gap_ms);
        if synchronised {
            node.hands.synchronise();
        }
        let mut node = node.restart();
        let what = format!("a gap of {gap_ms} ms, synchronised: {synchronised}");
        let stands = expect && !synchronised;
        assert_eq!(node.engine.clock_jumped(), stands, "{what}");
        let due = !stands && gap_ms > 30 * MINUTE;
        assert_eq!(node.after(0), usize::from(due), "{what}");
        assert_eq!(node.last().0, gap_ms.max(0), "{what}: never backwards");
    }
}

#[test]
fn over_a_restart_a_gap_is_normal_up_to_seven_days() {
    let week = 7 * 24 * HOUR;
    for (gap, stands) in [
        (HOUR, false),
        (week, false),
        (week + 1, true),
        (-30_000, false),
        (-30_001, true),
    ] {
        check_restart(gap, stands);
    }
}

#[test]
fn a_jump_that_nobody_confirmed_stands_after_a_restart() {
    let mut node = Node::new();
    node.plan();
    node.set(5 * HOUR);
    let mut node = node.restart();
    assert!(node.engine.clock_jumped());
    assert_eq!(node.after(MINUTE), 0);
    node.engine.confirm_clock();
    assert_eq!(node.after(MINUTE), 1);
    let node = node.restart();
    assert!(
        !node.engine.clock_jumped(),
        "a batch keeps the confirmation"
    );
    let digest = node.engine.folds().state_digest();
    let node = node.restart();
    assert_eq!(
        node.engine.folds().state_digest(),
        digest,
        "replay tells the same times"
    );
}
