//! The commit under faults: each operation is lost, or done and reported failed; power is cut or
//! the process only ends. Whatever happened, the log opens again, nothing acknowledged is lost,
//! and every tree that was signed for is a prefix of the one that is there (LOG-2, LOG-3).

mod world;

use countersign_engine::engine::{Taken, Ticket};
use countersign_engine::{Engine, Fatal};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_tlog::tree::{TreeSize, root_at};
use world::{Fault, Shared, begin, open, said};

/// What the engine said is true: entries, and the trees that were signed for.
#[derive(Default)]
struct Promised {
    entries: Vec<(u64, Digest)>,
    trees: Vec<(u64, [u8; 32])>,
}

/// Three commits with sealed parts, and a publication.
fn work(engine: &mut Engine, promised: &mut Promised) -> Result<(), Fatal> {
    for round in 0..3_u8 {
        let object = format!(
            r#"{{"type":"Alias","unit":"urn:x:{round}","sameAs":"urn:y:{round}","note":"secret {round}"}}"#
        );
        let ticket = staged(engine, round, &object);
        engine.commit()?;
        promised.entries.push((
            ticket.index.0,
            engine.entry(ticket.index.0).expect("is there"),
        ));
        promised
            .trees
            .push((engine.size().0, *engine.root().as_bytes()));
        engine.publish()?;
    }
    Ok(())
}

fn staged(engine: &mut Engine, salt: u8, object: &str) -> Ticket {
    let submission = said(engine, salt, &[object]);
    let Ok(Taken::Staged(ticket)) = engine.submit(&submission) else {
        panic!("a fresh statement is taken");
    };
    ticket
}

fn check(operation: u64, fault: Fault, cut_power: bool) {
    let what = format!("operation {operation} {fault:?}, power cut: {cut_power}");
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let mut promised = Promised::default();
    disk.fail_at(Some((operation, fault)));
    let result = work(&mut engine, &mut promised);
    assert!(
        result.is_err(),
        "{what}: the engine went on after a failure"
    );
    drop(engine);
    disk.fail_at(None);
    if cut_power {
        disk.cut_power();
    }
    let (engine, _) = open(&disk).unwrap_or_else(|error| panic!("{what}: {error}"));
    for (index, entry) in &promised.entries {
        assert_eq!(
            engine.entry(*index),
            Some(*entry),
            "{what}: entry {index} was acknowledged"
        );
    }
    for (size, root) in &promised.trees {
        let there = root_at(engine.nodes(), TreeSize(*size)).expect("is there");
        assert_eq!(
            there.as_bytes(),
            root,
            "{what}: the tree of size {size} was signed for"
        );
    }
    assert_eq!(
        engine.published_size(),
        engine.size(),
        "{what}: what is derived was caught up"
    );
}

#[test]
fn every_operation_may_fail_in_either_way() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    disk.fail_at(None);
    work(&mut engine, &mut Promised::default()).expect("works");
    let operations = disk.operations();
    assert!(operations > 12, "the workload does something: {operations}");
    for operation in 1..=operations {
        for fault in [Fault::Lost, Fault::Done] {
            for cut_power in [false, true] {
                check(operation, fault, cut_power);
            }
        }
    }
}

/// A log that holds one statement with a secret, and where.
fn with_a_secret(disk: &Shared) -> (Engine, ClaimRef) {
    let mut engine = begin(disk).expect("begins");
    let object =
        r#"{"type":"Alias","unit":"urn:x:1","sameAs":"urn:y:1","note":"a secret to erase"}"#;
    let index = staged(&mut engine, 1, object).index;
    engine.commit().expect("commits");
    disk.fail_at(None);
    (engine, ClaimRef { index, ordinal: 0 })
}

#[test]
fn an_erasure_that_was_asked_for_is_finished_whatever_broke_it_off() {
    let disk = Shared::default();
    let (mut engine, at) = with_a_secret(&disk);
    assert_eq!(engine.erase(at).expect("erases"), 1);
    let operations = disk.operations();
    for operation in 1..=operations {
        for fault in [Fault::Lost, Fault::Torn, Fault::Done] {
            let what = format!("operation {operation} {fault:?}");
            let disk = Shared::default();
            let (mut engine, at) = with_a_secret(&disk);
            disk.fail_at(Some((operation, fault)));
            engine.erase(at).expect_err(&what);
            drop(engine);
            disk.fail_at(None);
            disk.cut_power();
            let (mut engine, _) = open(&disk).unwrap_or_else(|error| panic!("{what}: {error}"));
            let asked_for = engine.folds().erased().len();
            // If the act was lost, nothing was touched, and it can be asked for again.
            let destroyed = engine
                .erase(at)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(destroyed, 1 - asked_for, "{what}");
            let group = engine.body(at, true).expect("is there");
            assert_eq!(group.bytes(), None, "{what}: the sealed part is gone");
        }
    }
    assert!(
        operations >= 6,
        "the act's commit and three writes: {operations}"
    );
}

#[test]
fn replay_gives_the_state_of_the_run() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    work(&mut engine, &mut Promised::default()).expect("works");
    let digest = engine.folds().state_digest();
    drop(engine);
    let (engine, recovered) = open(&disk).expect("opens");
    assert_eq!(engine.folds().state_digest(), digest, "LOG-1");
    assert_eq!((recovered.sequenced_again, recovered.dropped), (0, 0));
}

#[test]
fn a_tail_that_was_never_acknowledged_is_sequenced_again() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let object = r#"{"type":"Alias","unit":"urn:x:1","sameAs":"urn:y:1","note":"secret"}"#;
    engine
        .submit(&said(&engine, 1, &[object]))
        .expect("is taken");
    let before = engine.size();
    // Operations of a commit: write, sync, swap.
    disk.fail_at(Some((3, Fault::Lost)));
    engine.commit().expect_err("the swap fails");
    drop(engine);
    disk.fail_at(None);
    let (engine, recovered) = open(&disk).expect("opens");
    assert_eq!(recovered.sequenced_again, 1);
    let at = ClaimRef {
        index: Index(before.0),
        ordinal: 0,
    };
    let body = engine.body(at, true).expect("is there");
    assert_eq!(
        body.bytes().as_deref(),
        Some(object.as_bytes()),
        "with its sealed part"
    );
}

#[test]
fn a_shorter_or_different_ground_is_refused_and_left_alone() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    work(&mut engine, &mut Promised::default()).expect("works");
    drop(engine);
    let before = disk.all_bytes();
    let refused = |disk: &Shared, what: &str| {
        let error = open(disk).expect_err(what).to_string();
        assert!(error.contains("LOG-3"), "{what}: {error}");
    };
    disk.tamper(|segments| {
        segments
            .values_mut()
            .for_each(|s| s.truncate(s.len() / 16 * 8))
    });
    refused(&disk, "a ground that was cut short");
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let old = disk.second();
    work(&mut engine, &mut Promised::default()).expect("works");
    drop(engine);
    assert_eq!(disk.all_bytes().len(), before.len());
    // An older checkpoint in the second place, and a later one was published.
    disk.set_second(old);
    refused(&disk, "a second place that was turned back");
    // Where nothing was published, the later commits look like an unacknowledged tail and are
    // sequenced again, each with its own content.
    disk.remove_published();
    let (engine, recovered) = open(&disk).expect("opens");
    assert_eq!(
        recovered.sequenced_again, 1,
        "the first commit behind the checkpoint"
    );
    assert!(engine.size().0 >= 4);
    disk.set_second(Some(b"nonsense".to_vec()));
    drop(engine);
    refused(&disk, "a second place that holds nonsense");
}

/// Whole commits alone, and nothing else that remembers more.
#[test]
fn a_ground_without_its_last_commit_is_refused() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let used = |disk: &Shared| {
        let segment = disk.segment(0);
        segment.iter().rposition(|byte| *byte != 0).expect("used") + 1
    };
    engine.commit().expect("commits");
    let kept = used(&disk).next_multiple_of(8);
    engine.commit().expect("commits");
    drop(engine);
    disk.remove_published();
    disk.with_places(Vec::clear);
    disk.tamper(|segments| {
        segments.values_mut().for_each(|segment| {
            segment.truncate(kept);
            segment.resize(kept + 4096, 0);
        });
    });
    let error = open(&disk).expect_err("it is too short").to_string();
    assert!(error.contains("the committed checkpoint 4"), "{error}");
}

#[test]
fn another_writer_in_the_second_place_stops_the_process() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let other = disk.second();
    work(&mut engine, &mut Promised::default()).expect("works");
    disk.set_second(other);
    let error = engine.commit().expect_err("somebody else wrote there");
    assert!(matches!(error, Fatal::Forked), "{error}");
}

#[test]
fn a_jump_of_the_clock_stops_ticks_until_a_person_confirms() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    engine.commit().expect("commits");
    disk.set_clock(world::START_MS + 3_600_000);
    engine.commit().expect("commits");
    assert!(
        engine.clock_jumped(),
        "an hour passed on the wall and nothing on the monotonic clock"
    );
    disk.set_clock(world::START_MS - 3_600_000);
    engine
        .commit()
        .expect("recorded time never runs backwards, and commits go on");
    engine.confirm_clock();
    assert!(!engine.clock_jumped());
}

#[test]
fn a_replay_gets_its_first_answer_and_no_second_entry() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let submission = said(
        &engine,
        9,
        &[r#"{"type":"Alias","unit":"urn:x:1","sameAs":"urn:y:1"}"#],
    );
    let Ok(Taken::Staged(first)) = engine.submit(&submission) else {
        panic!("is taken")
    };
    // In the same commit and after it.
    assert!(matches!(engine.submit(&submission), Ok(Taken::Replay(index)) if index == first.index));
    engine.commit().expect("commits");
    assert!(matches!(engine.submit(&submission), Ok(Taken::Replay(index)) if index == first.index));
    let size = engine.size();
    engine.commit().expect("commits");
    assert_eq!(
        engine.size().0,
        size.0 + 1,
        "a batch without statements and nothing else"
    );
}
