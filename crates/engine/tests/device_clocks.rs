//! A device whose clock is off: the node measures it, says so in the log once, and the ledger sets right
//! what the device said.

mod world;

use countersign_engine::Engine;
use countersign_model::ids::UnitId;
use countersign_model::time::{MINUTE_MS, Timestamp};
use countersign_reconcile::Link;
use world::device::{Device, log};
use world::{START_MS, Shared, open};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_ms(START_MS + minute * MINUTE_MS)
}

/// Five minutes on the device says by a clock that is 40 minutes ahead that it sees the unit.
fn sees(disk: &Shared, engine: &mut Engine, device: &mut Device, minute: i64) {
    disk.pass(5 * MINUTE_MS.unsigned_abs());
    let clock = at(minute + 40);
    device.clock = Some(clock);
    let event = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{minute:012}","eventTime":"{clock}","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"urn:x:a"}},"epcList":["urn:x:u1"]}}"#
    );
    engine.submit(&device.says(&event)).expect("is taken");
    engine.commit().expect("commits");
}

/// When the unit was seen, in minutes.
fn seen(engine: &Engine) -> Vec<i64> {
    let unit = UnitId::parse("urn:x:u1").expect("a unit");
    let timeline = engine.folds().ledger().timeline(&unit).expect("known");
    let times = timeline.links.iter().filter_map(|link| match link {
        Link::Claim { time, .. } => Some((time.ms() - START_MS) / MINUTE_MS),
        _ => None,
    });
    times.collect()
}

#[test]
fn it_is_measured_said_once_and_set_right() {
    let disk = Shared::default();
    let (mut engine, mut device) = log(&disk);
    for minute in [5, 10] {
        sees(&disk, &mut engine, &mut device, minute);
    }
    assert_eq!(seen(&engine), [45, 50], "two readings may be chance");
    sees(&disk, &mut engine, &mut device, 15);
    assert_eq!(seen(&engine), [5, 10, 15]);
    for minute in [20, 25, 30, 35] {
        sees(&disk, &mut engine, &mut device, minute);
    }
    assert_eq!(seen(&engine), [5, 10, 15, 20, 25, 30, 35]);
    let said = |engine: &Engine| -> Vec<Option<i64>> {
        let offsets = engine.folds().clock_offsets();
        offsets.map(|offset| offset.offset_ms).collect()
    };
    assert_eq!(said(&engine), [Some(40 * MINUTE_MS)]);
    let digest = engine.folds().state_digest();
    let size = engine.size();
    drop(engine);
    let (mut engine, _) = open(&disk).expect("opens");
    assert_eq!(engine.folds().state_digest(), digest, "LOG-1");
    assert_eq!(engine.size(), size, "nor after a restart");
    sees(&disk, &mut engine, &mut device, 40);
    assert_eq!(seen(&engine).last(), Some(&40));
    assert_eq!(said(&engine), [Some(40 * MINUTE_MS)]);
}
