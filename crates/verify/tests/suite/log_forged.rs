//! Logs that were made wrongly on purpose: everything is signed and every check fits, and something
//! does not hold.

use countersign_attest::header::Kind as StatementKind;
use countersign_attest::{Algorithm, Header, SecretKey, sign1};
use countersign_model::body::{ClaimBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Assurance, Batch, ClaimStatus, Index, Mark, RECORD_SALT_LEN, VerdictRecord,
};
use countersign_model::time::{Span, Timestamp};
use countersign_record::segment::Kind;
use countersign_record::stored::{batch_payload, read_commit};
use countersign_testkit::{Signer, TinyLog};
use countersign_verify::{Trust, Verdict, verify_log};

use crate::folder::{Memory, Records, segment};
use crate::world::{ORIGIN, World, event, expect};

/// The offset behind a segment's header.
const FIRST: usize = countersign_record::segment::HEADER_LEN;

fn disproven(code: &str) -> (&str, &str) {
    ("disproven", code)
}

fn cannot_tell(code: &str) -> (&str, &str) {
    ("cannot_tell", code)
}

fn of(log: &TinyLog) -> Memory {
    Memory(log.files(3, log.size()))
}

/// A log that logged what `make` has it log.
fn check_log(make: impl FnOnce(&mut World), expected: (&str, &str)) {
    let mut world = World::new(3);
    make(&mut world);
    world.log.commit();
    let report = of(&world.log).verify(&world.trust());
    if expected.0 == "proven" {
        assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
        let mut codes = report.remarks.iter().map(|remark| remark.code);
        let is_named = expected.1 == "proven" || codes.any(|code| code == expected.1);
        assert!(is_named, "no {}: {}", expected.1, report.to_text());
    } else {
        expect(&report, expected);
    }
}

/// A good log, its files changed.
fn check_files(change: impl FnOnce(&World, &mut Memory), expected: (&str, &str)) {
    let world = World::new(3);
    let mut folder = Memory::of(&world);
    change(&world, &mut folder);
    expect(&folder.verify(&world.trust()), expected);
    let unpinned = folder.verify(&Trust::None).verdict();
    assert_ne!(unpinned, Verdict::Proven);
}

/// The records of the segment with the devices' claims, changed.
fn check_records(change: impl FnOnce(&mut Records), expected: (&str, &str)) {
    check_files(|_, folder| folder.forge(1, change), expected);
}

fn stranger(log: &mut TinyLog, name: &str) -> Signer {
    let key = SecretKey::generate(Algorithm::Es256, log.entropy());
    Signer::new(name, key, true)
}

#[test]
fn who_may_say_what() {
    check_log(
        |world| {
            world
                .log
                .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]);
        },
        ("proven", "proven"),
    );
    check_log(
        |world| {
            let mut unknown = stranger(&mut world.log, "dock-7");
            world
                .log
                .say(&mut unknown, Format::EpcisJson, &[&event("loading")]);
        },
        disproven("statement_refused"),
    );
    check_log(
        |world| {
            let mut named = world.giver.clone();
            named.name = "van-3".to_owned();
            world
                .log
                .say(&mut named, Format::EpcisJson, &[&event("loading")]);
        },
        disproven("signer_not_issuer"),
    );
    check_log(
        |world| {
            let mut loose = world.giver.clone();
            loose.is_chained = false;
            world
                .log
                .say(&mut loose, Format::EpcisJson, &[&event("loading")]);
        },
        disproven("statement_refused"),
    );
    check_log(
        |world| {
            let again = world
                .log
                .entry(Index(6))
                .expect("a statement")
                .statement
                .clone();
            world.log.put(&again, |_| ());
        },
        disproven("statement_refused"),
    );
}

#[test]
fn keys_that_are_given_and_taken() {
    let withdraw = r#"{"type":"Withdraw","object":"principal","id":"dock-7","reason":"lost"}"#;
    // Before the act takes effect the key is in force; behind it, it is not.
    check_log(
        |world| {
            let mut admin = world.log.admin.clone();
            world
                .log
                .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]);
            world
                .log
                .say(&mut admin, Format::CountersignJson, &[withdraw]);
        },
        ("proven", "proven"),
    );
    check_log(
        |world| {
            let mut admin = world.log.admin.clone();
            world
                .log
                .say(&mut admin, Format::CountersignJson, &[withdraw]);
            world
                .log
                .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]);
        },
        disproven("statement_refused"),
    );
    // Given and used in one commit.
    check_log(
        |world| {
            let mut new = stranger(&mut world.log, "dock-8");
            let key = new.key.public();
            let act = format!(
                r#"{{"type":"Define","object":"principal","value":{{"id":"dock-8","role":"device","key":"{key}","assurance":"software_key"}},"reason":"new"}}"#
            );
            let mut admin = world.log.admin.clone();
            world.log.say(&mut admin, Format::CountersignJson, &[&act]);
            world
                .log
                .say(&mut new, Format::EpcisJson, &[&event("loading")]);
        },
        ("proven", "proven"),
    );
    // A device gives a key, and the node lets it.
    check_log(
        |world| {
            let new = stranger(&mut world.log, "dock-9");
            let mut giver = world.giver.clone();
            world.log.enrol_by(&mut giver, &new, "device");
        },
        disproven("record_contradicts"),
    );
    // A scenario clock is no fault, and named.
    let mut log = TinyLog::new(ORIGIN, 9);
    let mut node = log.node.clone();
    let clock = r#"{"type":"ScenarioClock","start":"2026-03-02T06:00:00Z"}"#;
    log.say(&mut node, Format::CountersignJson, &[clock]);
    log.commit();
    let trust = Trust::keys([log.vkey().as_str()]).expect("a key");
    let report = of(&log).verify(&trust);
    assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
    assert!(
        report
            .remarks
            .iter()
            .any(|remark| remark.code == "scenario_clock")
    );
}

#[test]
fn what_the_node_records() {
    let say = |world: &mut World, change: &dyn Fn(&mut VerdictRecord)| {
        let told = world.log.tell(Format::EpcisJson, &[&event("loading")]);
        let statement = world.log.sign(&mut world.giver, &told.digests());
        world.log.keep(&told);
        world.log.put(&statement, change);
    };
    let record = |change: &dyn Fn(&mut VerdictRecord), expected: (&str, &str)| {
        check_log(|world| say(world, change), expected);
    };
    record(&|_| (), ("proven", "proven"));
    record(
        &|record| record.marks.push(Mark::ClockOff),
        ("proven", "proven"),
    );
    record(
        &|record| record.assurance = Assurance::Import,
        ("proven", "proven"),
    );
    record(
        &|record| record.assurance = Assurance::HardwareKey,
        disproven("record_contradicts"),
    );
    record(
        &|record| record.marks.push(Mark::ChainGap),
        disproven("record_contradicts"),
    );
    record(
        &|record| record.claims.push(ClaimStatus::Effective),
        disproven("record_contradicts"),
    );
    record(
        &|record| record.claims[0] = ClaimStatus::BodyAbsent,
        disproven("record_contradicts"),
    );
    // A place in the chain left out, and not marked.
    check_log(
        |world| {
            world
                .log
                .sign(&mut world.giver, &[Digest::of(b"never came")]);
            world
                .log
                .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]);
        },
        disproven("record_contradicts"),
    );
    check_log(
        |world| {
            let skipped = [Digest::of(b"never came")];
            world.log.sign(&mut world.giver, &skipped);
            say(world, &|record| record.marks.push(Mark::ChainGap));
        },
        ("proven", "proven"),
    );
    // Without its body, said and unsaid.
    let absent = |status| {
        move |world: &mut World| {
            let statement = world.log.sign(&mut world.giver, &[Digest::of(b"no body")]);
            world
                .log
                .put(&statement, |record| record.claims[0] = status);
        }
    };
    check_log(absent(ClaimStatus::BodyAbsent), ("proven", "bodies_absent"));
    check_log(absent(ClaimStatus::Effective), cannot_tell("body_absent"));
}

#[test]
fn batches_that_do_not_follow() {
    let batch = |change: &dyn Fn(&mut Batch), expected: (&str, &str)| {
        let mut world = World::new(4);
        world
            .log
            .say(&mut world.giver, Format::EpcisJson, &[&event("loading")]);
        let mut batch = world.log.next_batch();
        change(&mut batch);
        world.log.commit_batch(batch);
        expect(&of(&world.log).verify(&world.trust()), expected);
    };
    let early = Timestamp::from_ms(1_000);
    batch(&|batch| batch.count += 1, disproven("batch_not_covering"));
    batch(
        &|batch| batch.count = u64::MAX,
        disproven("batch_not_covering"),
    );
    batch(
        &|batch| batch.first = Index(3),
        disproven("batch_not_covering"),
    );
    batch(
        &|batch| batch.previous = None,
        disproven("batch_not_following"),
    );
    batch(
        &|batch| batch.previous = Some(Digest::of(b"x")),
        disproven("batch_not_following"),
    );
    batch(
        &|batch| batch.recorded = early,
        disproven("batch_not_following"),
    );
    batch(
        &|batch| batch.tick = early,
        disproven("batch_not_following"),
    );
    batch(
        &|batch| batch.verdict_root = Digest::of(b"x"),
        disproven("record_not_in_batch"),
    );
    batch(
        &|batch| batch.tick = batch.tick.plus(Span::from_secs(9)),
        ("proven", "proven"),
    );
    let mut world = World::new(4);
    let next = world.log.next_batch();
    let key = world.giver.key.clone();
    world.log.commit_batch_by(&key, next);
    expect(
        &of(&world.log).verify(&world.trust()),
        disproven("batch_not_by_node"),
    );
}

#[test]
fn what_lies_in_the_ground() {
    check_records(
        |records| {
            let mut body = ClaimBody::decode(records.get(Kind::Body, 1)).expect("a body");
            body.salt[0] ^= 1;
            *records.get(Kind::Body, 1) = body.encode();
        },
        disproven("body_differs"),
    );
    check_records(
        |records| records.get(Kind::Body, 1).push(0),
        disproven("body_unreadable"),
    );
    check_records(
        |records| records.remove(Kind::Body, 1),
        disproven("sealed_stray"),
    );
    check_records(
        |records| {
            records.remove(Kind::Body, 1);
            records.remove(Kind::Sealed, 1);
        },
        cannot_tell("body_absent"),
    );
    check_records(
        |records| records.remove(Kind::Envelope, 1),
        cannot_tell("envelope_absent"),
    );
    check_records(
        |records| {
            let other = records.get(Kind::Envelope, 0).clone();
            *records.get(Kind::Envelope, 1) = other;
        },
        cannot_tell("envelope_absent"),
    );
    check_records(
        |records| *records.get(Kind::Envelope, 1) = vec![1],
        disproven("envelope_unreadable"),
    );
    check_records(
        |records| {
            let other = records.get(Kind::Sealed, 0).clone();
            *records.get(Kind::Sealed, 1) = other;
        },
        disproven("sealed_stray"),
    );
    check_records(
        |records| *records.get(Kind::Sealed, 1) = vec![0x80],
        disproven("sealed_stray"),
    );
}

#[test]
fn what_should_not_lie_in_the_ground() {
    // Sealed values that stand there for everybody to read.
    check_files(
        |world, folder| {
            let told = World::new(3)
                .log
                .tell(Format::EpcisJson, &[&event("departing")]);
            let bare = told.bodies.first().expect("a body").encode();
            assert!(world.log.size() > 0);
            folder.forge(1, |records| *records.get(Kind::Body, 1) = bare);
        },
        disproven("body_unreadable"),
    );
    check_records(
        |records| {
            let last = records.get(Kind::Statement, 1).len() - 1;
            records.get(Kind::Statement, 1)[last] ^= 1;
        },
        disproven("signature_wrong"),
    );
    check_records(
        |records| records.get(Kind::Statement, 1).truncate(9),
        disproven("statement_unreadable"),
    );
    check_records(
        |records| *records.get(Kind::Batch, 0) = vec![1],
        disproven("record_damaged"),
    );
    check_records(
        |records| records.get(Kind::Statement, 1)[7] += 5,
        disproven("entry_out_of_place"),
    );
}

/// Changes what a batch record holds of one statement, and leaves the batch as it is.
#[test]
fn verdict_records_that_are_not_the_batch() {
    let changed = |change: &dyn Fn(&mut Vec<Vec<u8>>), expected: (&str, &str)| {
        let world = World::new(3);
        let mut folder = Memory::of(&world);
        let bytes = folder.0[&segment(1)].clone();
        let first = read_commit(&bytes, FIRST)
            .expect("reads")
            .expect("a commit");
        let second = read_commit(&bytes, first.end)
            .expect("reads")
            .expect("a commit");
        let mut verdicts: Vec<Vec<u8>> = second.verdicts.iter().map(|one| one.to_vec()).collect();
        change(&mut verdicts);
        let payload = batch_payload(second.batch_index, second.batch, &verdicts);
        folder.forge(1, |records| *records.get(Kind::Batch, 1) = payload);
        expect(&folder.verify(&world.trust()), expected);
    };
    let none = VerdictRecord {
        salt: [0; RECORD_SALT_LEN],
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        claims: vec![ClaimStatus::Effective; 2],
    };
    changed(
        &|records| records.swap(0, 1),
        disproven("record_not_in_batch"),
    );
    changed(
        &|records| records[0] = none.encode(),
        disproven("record_not_in_batch"),
    );
    changed(
        &|records| records[0] = vec![1],
        disproven("record_unreadable"),
    );
    changed(
        &|records| drop(records.pop()),
        disproven("record_contradicts"),
    );
}

#[test]
fn segments_that_are_not_in_their_place() {
    check_files(
        |_, folder| {
            let (one, two) = (folder.remove(&segment(1)), folder.remove(&segment(2)));
            folder.0.insert(segment(2), one);
            folder.0.insert(segment(1), two);
        },
        disproven("segment_header_wrong"),
    );
    // The same with the numbers in the headers made to fit.
    check_files(
        |_, folder| {
            let (mut one, mut two) = (folder.remove(&segment(1)), folder.remove(&segment(2)));
            (one[15], two[15]) = (2, 1);
            folder.0.insert(segment(2), one);
            folder.0.insert(segment(1), two);
        },
        disproven("entry_out_of_place"),
    );
    check_files(
        |_, folder| drop(folder.remove(&segment(2))),
        disproven("ground_short"),
    );
    check_files(
        |_, folder| drop(folder.remove(&segment(1))),
        disproven("ground_short"),
    );
    check_files(
        |_, folder| drop(folder.remove(&segment(0))),
        disproven("ground_short"),
    );
    check_files(
        |_, folder| {
            let half = folder.get(&segment(2)).len() / 2;
            folder.get(&segment(2)).truncate(half);
        },
        disproven("record_damaged"),
    );
    check_files(
        |_, folder| folder.get(&segment(1))[20] ^= 1,
        disproven("segment_header_wrong"),
    );
    check_files(
        |_, folder| folder.get(&segment(0))[50] ^= 1,
        disproven("segment_header_wrong"),
    );
    // Of another log.
    check_files(
        |_, folder| {
            let other = World::new(8);
            let other = Memory::of(&other).remove(&segment(1));
            folder.0.insert(segment(1), other);
        },
        disproven("segment_header_wrong"),
    );
}

#[test]
fn another_log_under_the_same_name() {
    let world = World::new(3);
    let other = World::new(8);
    // All of it is another's.
    let report = Memory::of(&other).verify(&world.trust());
    expect(&report, disproven("checkpoint_not_by_pinned_key"));
    assert!(
        Memory::of(&other)
            .verify(&Trust::None)
            .is_consistent_in_itself()
    );
    // Our checkpoint over another's ground and tree, and the other way round.
    check_files(
        |world, folder| {
            *folder = Memory::of(&other);
            folder
                .0
                .insert("log/checkpoint".to_owned(), world.log.checkpoint());
        },
        disproven("checkpoint_not_by_genesis_key"),
    );
    check_files(
        |_, folder| {
            drop(
                folder
                    .0
                    .insert("log/checkpoint".to_owned(), other.log.checkpoint()),
            )
        },
        disproven("checkpoint_not_by_pinned_key"),
    );
    // A log of another name.
    let elsewhere = TinyLog::new("log.example/elsewhere", 3);
    let report = of(&elsewhere).verify(&world.trust());
    expect(&report, cannot_tell("origin_not_pinned"));
}

/// The operator himself, with all his keys: he signs everything anew, and the checkpoint that
/// somebody has kept shows it.
#[test]
fn a_history_that_was_made_anew() {
    let tell = |step: &str| {
        let mut world = World::new(3);
        world
            .log
            .say(&mut world.giver, Format::EpcisJson, &[&event(step)]);
        world.log.commit();
        world
    };
    let (kept, made) = (tell("loading"), tell("unloading"));
    let mut folder = of(&made.log);
    assert_eq!(folder.verify(&kept.trust()).verdict(), Verdict::Proven);
    folder
        .0
        .insert("log/checkpoint".to_owned(), kept.log.checkpoint());
    expect(&folder.verify(&kept.trust()), disproven("tree_differs"));
    // With the published tree of the kept one, it differs from the ground too.
    let mut folder = of(&made.log);
    folder.0.extend(kept.log.published(kept.log.size()));
    expect(&folder.verify(&kept.trust()), disproven("tile_differs"));
    // A checkpoint of a size that the ground does not have yet.
    let mut folder = Memory::of(&World::new(3));
    folder.0.extend(kept.log.published(kept.log.size()));
    expect(&folder.verify(&kept.trust()), disproven("ground_short"));
    // A checkpoint in the middle of a commit.
    let folder = Memory(kept.log.files(2, 7));
    expect(
        &folder.verify(&kept.trust()),
        disproven("batch_not_covering"),
    );
}

#[test]
fn genesis_that_is_none() {
    check_files(
        |_, folder| {
            folder.forge(0, |records| {
                let last = records.get(Kind::Statement, 0).len() - 1;
                records.get(Kind::Statement, 0)[last] ^= 1;
            })
        },
        disproven("segment_header_wrong"),
    );
    check_log(
        |world| {
            let genesis = world
                .log
                .entry(Index(0))
                .expect("genesis")
                .statement
                .clone();
            world.log.put(&genesis, |_| ());
        },
        disproven("genesis_not_first"),
    );
    check_log(
        |world| {
            let batch = world
                .log
                .entry(Index(1))
                .expect("a batch")
                .statement
                .clone();
            world.log.put(&batch, |_| ());
        },
        disproven("statement_refused"),
    );
}

#[test]
fn what_a_later_version_wrote_is_named() {
    check_log(
        |world| {
            let kind = StatementKind::new("weights", 1).expect("a kind");
            let own = world.log.header(&world.giver);
            let link = *own.chain().expect("a device numbers its statements");
            let (issuer, audiences) = (own.issuer().clone(), own.audiences().to_vec());
            let header = Header::new(issuer, "goods", audiences, kind).expect("a header");
            let header = header.with_chain(link);
            let statement = sign1(&header, b"anything", &world.giver.key);
            world.log.put(&statement, |_| ());
        },
        ("proven", "unknown_kinds"),
    );
    check_log(
        |world| {
            let mut told = world.log.tell(Format::EpcisJson, &[&event("loading")]);
            told.bodies[0].version = 9;
            let statement = world.log.sign(&mut world.giver, &told.digests());
            world.log.keep(&told);
            world.log.put(&statement, |_| ());
        },
        ("proven", "unknown_formats"),
    );
    check_files(
        |_, folder| folder.get(&segment(1))[11] = 2,
        cannot_tell("format_unknown"),
    );
    check_files(
        |_, folder| {
            // A record of kind 9 whose check is right.
            let (from, end) = folder.place(1, Kind::Sealed, 0);
            let bytes = folder.get(&segment(1));
            let len = bytes[from..from + 4]
                .iter()
                .fold(0, |len, byte| len << 8 | usize::from(*byte));
            assert!(from + 16 + len <= end);
            bytes[from + 4] = 9;
            let (head, payload) = bytes[from..].split_at_mut(16);
            let parts: [&[u8]; 3] = [&[9], &(len as u64).to_be_bytes(), &payload[..len]];
            let check = Digest::of_parts("countersign/record/v1", &parts);
            head[8..].copy_from_slice(&check.as_bytes()[..8]);
        },
        cannot_tell("format_unknown"),
    );
}

#[test]
fn a_checkpoint_that_somebody_kept() {
    let told = |step: &str| {
        let mut world = World::new(3);
        world
            .log
            .say(&mut world.giver, Format::EpcisJson, &[&event(step)]);
        world.log.commit();
        world
    };
    let (ours, theirs) = (told("loading"), told("unloading"));
    let elsewhere = TinyLog::new("log.example/elsewhere", 3).checkpoint();
    let check = |kept: &[u8], trust: &Trust, expected: (&str, &str)| {
        let kept = [("kept.txt", kept), ("other.txt", elsewhere.as_slice())];
        for folder in [of(&ours.log), Memory(ours.log.published(ours.log.size()))] {
            let report = verify_log(&folder, trust, &kept, 2, &mut |_| ()).expect("memory");
            let of_kept = report
                .pieces
                .iter()
                .filter(|piece| piece.name == "kept.txt");
            let told: Vec<_> = of_kept
                .map(|piece| (piece.verdict.as_str(), piece.code))
                .collect();
            assert_eq!(told, [expected], "{}", report.to_text());
            assert!(!report.pieces.iter().any(|piece| piece.name == "other.txt"));
        }
    };
    let (trust, size) = (ours.trust(), ours.log.size());
    let proven = ("proven", "proven");
    for size in [2, 4, 6, size] {
        check(&ours.log.checkpoint_at(size), &trust, proven);
        let unpinned = cannot_tell("no_pinned_key");
        check(&ours.log.checkpoint_at(size), &Trust::None, unpinned);
    }
    // They agree until the one statement.
    check(&theirs.log.checkpoint_at(size - 2), &trust, proven);
    check(
        &theirs.log.checkpoint(),
        &trust,
        disproven("checkpoints_conflict"),
    );
    let stranger = World::new(8).log.checkpoint_at(4);
    check(&stranger, &trust, disproven("checkpoint_not_by_pinned_key"));
    let mut later = told("loading");
    later.log.commit();
    check(
        &later.log.checkpoint(),
        &trust,
        cannot_tell("checkpoint_beyond"),
    );
}

mod mutations {
    use proptest::prelude::*;

    use super::{Kind, Memory, Trust, Verdict, World};

    /// A record of a whole log, by number, that was changed.
    fn check(folder: &Memory, trust: &Trust, nth: usize, change: impl Fn(&mut Vec<u8>)) {
        let mut forged = folder.clone();
        let mut is_open = false;
        for (number, nth) in [(0, nth), (1, nth / 3), (2, nth / 7)] {
            forged.forge(number, |records| {
                let at = nth % records.0.len();
                let record = records.0.get_mut(at).expect("a record");
                let before = record.1.clone();
                change(&mut record.1);
                // What is encrypted nobody can check without the sealing key: a caveat says so.
                is_open |= before != record.1 && record.0 != Kind::Sealed;
            });
            let verdict = forged.verify(trust).verdict();
            assert!(
                !is_open || verdict != Verdict::Proven,
                "record {nth} of segment {number}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_changed_record_with_a_right_check_is_never_proven(
            nth in 0_usize..50,
            at in any::<prop::sample::Index>(),
            bytes in prop::collection::vec(any::<u8>(), 0..24),
            cut in any::<bool>(),
        ) {
            let world = World::new(3);
            let change = |payload: &mut Vec<u8>| {
                let at = at.index(payload.len().max(1));
                if cut {
                    payload.truncate(at);
                }
                let end = (at + bytes.len()).min(payload.len());
                payload.splice(at.min(end)..end, bytes.iter().copied());
            };
            check(&Memory::of(&world), &world.trust(), nth, change);
        }
    }
}
