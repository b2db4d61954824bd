//! The history of the ledger in an engine: what was said is found again by its identity, and a
//! history that fails stops the process.

mod world;

use countersign_engine::{Engine, Fatal};
use countersign_model::ids::UnitId;
use world::device::{Device, log};
use world::{Fault, Shared, open};

/// A unit is seen at a place; `beside` stands in the event, too.
fn event(number: u32, unit: &str, place: &str, beside: &str) -> String {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{number:012}","eventTime":"2026-01-04T07:{number:02}:00.000+01:00","eventTimeZoneOffset":"+01:00"{beside},"action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"{place}"}},"epcList":["{unit}"]}}"#
    )
}

const WRONG: &str =
    r#","errorDeclaration":{"declarationTime":"2026-01-04T10:00:00Z","reason":"did_not_occur"}"#;

fn tell(engine: &mut Engine, device: &mut Device, events: &[String]) {
    for event in events {
        let submission = device.says(event);
        engine.submit(&submission).expect("is taken");
    }
    engine.commit().expect("commits");
}

fn place_of(engine: &Engine, unit: &str) -> Option<String> {
    let unit = UnitId::parse(unit).expect("a unit");
    let account = engine.folds().ledger().account_of(&unit)?;
    account.place.map(|place| place.to_string())
}

#[test]
fn what_is_taken_back_is_found_by_its_identity() {
    let disk = Shared::default();
    let (mut engine, mut device) = log(&disk);
    let first = event(1, "urn:x:u1", "urn:x:a", "");
    let moved = event(2, "urn:x:u1", "urn:x:b", "");
    let other = event(3, "urn:x:u2", "urn:x:b", "");
    tell(&mut engine, &mut device, &[first, moved, other]);
    assert_eq!(place_of(&engine, "urn:x:u1").as_deref(), Some("urn:x:b"));
    let wrong = event(2, "urn:x:u1", "urn:x:b", WRONG);
    tell(&mut engine, &mut device, &[wrong]);
    assert_eq!(place_of(&engine, "urn:x:u1").as_deref(), Some("urn:x:a"));
    assert_eq!(place_of(&engine, "urn:x:u2").as_deref(), Some("urn:x:b"));
    // Said, taken back and said in other words in one commit.
    let said = event(4, "urn:x:u3", "urn:x:a", "");
    let wrong = event(4, "urn:x:u3", "urn:x:a", WRONG);
    let again = event(5, "urn:x:u3", "urn:x:b", "");
    let conflict = event(3, "urn:x:u2", "urn:x:a", "");
    tell(&mut engine, &mut device, &[said, wrong, again, conflict]);
    assert_eq!(place_of(&engine, "urn:x:u3").as_deref(), Some("urn:x:b"));
    let digest = engine.folds().state_digest();
    let bytes = engine.folds().ledger().history().bytes();
    assert!(bytes > 0);
    drop(engine);
    let (engine, _) = open(&disk).expect("opens");
    assert_eq!(engine.folds().state_digest(), digest, "LOG-1");
    assert_eq!(engine.folds().ledger().history().bytes(), bytes);
}

#[test]
fn a_history_that_cannot_be_read_stops_the_process() {
    let disk = Shared::default();
    let (mut engine, mut device) = log(&disk);
    let first = event(1, "urn:x:u1", "urn:x:a", "");
    let second = event(2, "urn:x:u2", "urn:x:a", "");
    tell(&mut engine, &mut device, &[first, second]);
    disk.lose_history();
    let wrong = device.says(&event(1, "urn:x:u1", "urn:x:a", WRONG));
    engine.submit(&wrong).expect("is taken");
    let stopped = engine.commit();
    assert!(matches!(stopped, Err(Fatal::Store(_))), "{stopped:?}");
    assert!(engine.folds().check_history().is_err());
    drop(engine);
    // What was committed counts, and the history is made again.
    let (engine, _) = open(&disk).expect("opens");
    assert_eq!(place_of(&engine, "urn:x:u1"), None);
    assert_eq!(place_of(&engine, "urn:x:u2").as_deref(), Some("urn:x:a"));
}

#[test]
fn a_history_that_cannot_be_written_stops_the_process() {
    let disk = Shared::default();
    let (mut engine, mut device) = log(&disk);
    let event = event(1, "urn:x:u1", "urn:x:a", "");
    let submission = device.says(&event);
    engine.submit(&submission).expect("is taken");
    // Behind the write, the sync and the swap of the commit.
    disk.fail_at(Some((4, Fault::Lost)));
    let stopped = engine.commit();
    assert!(matches!(&stopped, Err(Fatal::Store(error)) if error.doing == "writing history"));
    drop(engine);
    disk.fail_at(None);
    let (engine, _) = open(&disk).expect("opens");
    assert_eq!(place_of(&engine, "urn:x:u1").as_deref(), Some("urn:x:a"));
}
