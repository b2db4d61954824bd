//! A device that must be heard and is not, while the node runs and while it does not (SIL-1).

mod world;

use countersign_engine::Engine;
use countersign_model::time::{MINUTE_MS, Timestamp};
use world::device::{Device, log_with};
use world::{START_MS, Shared, open};

/// It hangs on a wire and is heard every ten minutes.
const CONTRACT: &str = r#","place":"urn:x:a","heartbeat":"PT10M""#;
/// How often a node makes a batch, in milliseconds.
const BATCH_EVERY_MS: u64 = 10_000;

fn speak(engine: &mut Engine, device: &mut Device, now: i64) {
    let at = Timestamp::from_ms(START_MS + now * MINUTE_MS);
    let event = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{now:012}","eventTime":"{at}","eventTimeZoneOffset":"+00:00","action":"OBSERVE","readPoint":{{"id":"urn:x:a"}},"epcList":["urn:x:u1"]}}"#
    );
    engine.submit(&device.says(&event)).expect("is taken");
    engine.commit().expect("commits");
}

/// Runs for so many seconds without hearing anything.
fn run(disk: &Shared, engine: &mut Engine, seconds: u64) {
    for _ in 0..seconds * 1000 / BATCH_EVERY_MS {
        disk.pass(BATCH_EVERY_MS);
        engine.commit().expect("commits");
    }
}

fn silent(engine: &Engine) -> Vec<&'static str> {
    let findings = engine.folds().detect().standing();
    let kinds = findings.map(|finding| finding.kind);
    kinds.filter(|kind| *kind == "source_silent").collect()
}

#[test]
fn it_is_known_within_a_minute() {
    let disk = Shared::default();
    let (mut engine, mut device) = log_with(&disk, CONTRACT);
    speak(&mut engine, &mut device, 0);
    run(&disk, &mut engine, 600);
    assert_eq!(silent(&engine), [""; 0]);
    run(&disk, &mut engine, 10);
    assert_eq!(silent(&engine), ["source_silent"]);
    speak(&mut engine, &mut device, 11);
    assert_eq!(silent(&engine), ["source_silent"], "it was silent");
}

#[test]
fn what_the_node_could_not_hear_is_no_silence() {
    let disk = Shared::default();
    let (mut engine, mut device) = log_with(&disk, CONTRACT);
    speak(&mut engine, &mut device, 0);
    run(&disk, &mut engine, 300);
    drop(engine);
    disk.pass(3 * 60 * MINUTE_MS.unsigned_abs());
    let (mut engine, _) = open(&disk).expect("opens");
    engine.commit().expect("commits");
    let size = engine.size();
    run(&disk, &mut engine, 290);
    assert_eq!(silent(&engine), [""; 0], "five minutes and not ten");
    speak(&mut engine, &mut device, 190);
    run(&disk, &mut engine, 600);
    assert_eq!(silent(&engine), [""; 0]);
    run(&disk, &mut engine, 10);
    assert_eq!(silent(&engine), ["source_silent"]);
    let digest = engine.folds().state_digest();
    drop(engine);
    let (engine, _) = open(&disk).expect("opens");
    assert_eq!(engine.folds().state_digest(), digest, "LOG-1");
    assert!(engine.size() > size);
}
