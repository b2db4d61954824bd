use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign_attest::{Chains, Content, Fit, PublicKey, Statement, Submission};
use countersign_epcis::context::Context;
use countersign_model::act::{OwnObject, sealed_values};
use countersign_model::body::Cut;
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::json::Doc;

use super::*;
use crate::limits::UNITS_MIN;

fn origin() -> Origin {
    Origin::parse("sim.example/day").expect("a name")
}

fn small(seed: u64) -> World {
    let sizes = Sizes {
        units: UNITS_MIN,
        ..Sizes::default()
    };
    generate(seed, sizes, &origin()).expect("sizes in bounds")
}

/// Folder of one test; removed by the test.
fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("countersign-sim-{name}-{}", std::process::id()))
}

#[test]
fn the_demo_is_as_large_as_promised() {
    let world = generate(42, Sizes::default(), &origin()).expect("sizes in bounds");
    let extent = world.extent();
    assert!(extent.sites >= 6 && extent.devices >= 40, "{extent:?}");
    assert!(extent.units >= 20_000, "{extent:?}");
    assert!((10_000..=20_000).contains(&extent.claims), "{extent:?}");
    let devices: BTreeSet<DeviceNo> = world.dispatches.iter().map(|one| one.device).collect();
    assert!(devices.len() >= 40, "{} devices speak", devices.len());
    let kinds = planted_families(&world, true);
    assert_eq!(kinds.len(), 8);
    assert_eq!(planted_families(&world, false).len(), 10);
}

fn planted_families(world: &World, act: bool) -> BTreeSet<&str> {
    let rows = world.truth().iter().filter(|row| row.act == act);
    rows.map(|row| row.family.as_str()).collect()
}

#[test]
fn every_seed_plants_what_was_asked_for() {
    for seed in 100..115 {
        let world = small(seed);
        let acts: Vec<&TruthRow> = world.truth().iter().filter(|row| row.act).collect();
        let innocent = world.truth().len() - acts.len();
        assert_eq!((acts.len(), innocent), (11, 15), "seed {seed}");
        assert_eq!(
            planted_families(&world, true).len(),
            8,
            "seed {seed}: {:?}",
            planted_families(&world, true)
        );
        for row in acts {
            let context = format!("seed {seed} {} {}", row.id, row.family);
            assert!(
                !row.units.is_empty() || !row.classes.is_empty(),
                "{context}"
            );
            assert!(row.cents > 0 && !row.kinds.is_empty(), "{context}");
            let known = row.detectable_from.as_ref().expect(&context);
            assert!(known.at > world.start(), "{context}");
            assert!(known.at < clock::at(22, 30), "{context}: {known:?}");
        }
    }
}

#[test]
fn no_unit_and_no_lot_is_in_two_acts() {
    for seed in 120..124 {
        let world = small(seed);
        let mut seen = BTreeSet::new();
        for row in world.truth().iter().filter(|row| row.act) {
            for unit in row.units.iter().chain(&row.classes) {
                assert!(seen.insert(unit.clone()), "seed {seed}: {unit}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let read = |dir: &Path| {
        let names = [
            "network.toml",
            "scenario.json",
            "truth.jsonl",
            "canaries.txt",
            "submissions.bin",
        ];
        names.map(|name| std::fs::read(dir.join(name)).expect("written"))
    };
    let (one, other) = (folder("same-1"), folder("same-2"));
    small(9).write(&one).expect("written");
    small(9).write(&other).expect("written");
    assert!(read(&one) == read(&other), "seed 9");
    small(10).write(&other).expect("written");
    let differ: Vec<bool> = read(&one)
        .iter()
        .zip(read(&other).iter())
        .map(|(one, other)| one != other)
        .collect();
    assert_eq!(differ, [true; 5]);
    for dir in [one, other] {
        std::fs::remove_dir_all(dir).expect("removed");
    }
}

#[test]
fn records_of_the_file_are_in_order_and_whole() {
    let dir = folder("records");
    let world = small(11);
    world.write(&dir).expect("written");
    let bytes = std::fs::read(dir.join("submissions.bin")).expect("written");
    let (mut rest, mut last, mut count) = (bytes.as_slice(), 0, 0);
    while let Some((head, after)) = rest.split_first_chunk::<12>() {
        let sent = u64::from_be_bytes(head[..8].try_into().expect("8 bytes"));
        let len = u32::from_be_bytes(head[8..].try_into().expect("4 bytes"));
        let (record, after) = after.split_at(usize::try_from(len).expect("a length"));
        Submission::decode(record).expect("a submission");
        assert!(sent >= last, "sorted by time");
        (rest, last, count) = (after, sent, count + 1);
    }
    assert!(rest.is_empty());
    assert_eq!(count, world.extent().submissions);
    std::fs::remove_dir_all(dir).expect("removed");
}

#[test]
fn chains_are_whole_and_statements_small() {
    let world = small(12);
    let mut chains = Chains::default();
    let mut envelopes: BTreeSet<Digest> = BTreeSet::new();
    let mut again = 0;
    for (index, sent) in (0..).zip(world.submissions()) {
        let submission = Submission::decode(&sent.bytes).expect("a submission");
        let statement = Statement::parse(&submission.statement).expect("a statement");
        let Content::Claims(claims) = statement.content() else {
            panic!("every statement claims");
        };
        assert!((1..=16).contains(&claims.len()));
        let new = submission
            .envelopes
            .iter()
            .map(|envelope| envelope.digest());
        envelopes.extend(new);
        let known = countersign_attest::submission::Known {
            envelope: &|digest| envelopes.contains(&digest),
            mapping: &|_| false,
        };
        let matched = submission.check_bodies(claims, known).expect("its bodies");
        assert!(matched.marks.is_empty());
        let key = KeyId(Digest::of(statement.issuer().as_str().as_bytes()));
        match chains.judge(&key, &statement) {
            Fit::New(marks) => assert_eq!(marks, [], "{}", statement.issuer()),
            Fit::Replay(_) => again += 1,
        }
        chains.record(&key, &statement, Index(index));
    }
    let wanted = world.posts.iter().filter(|post| post.again).count();
    assert_eq!(again, wanted);
}

#[test]
fn every_signature_is_that_of_the_network() {
    let world = small(13);
    let text = world.network_toml();
    let mut keys: BTreeMap<String, PublicKey> = BTreeMap::new();
    for device in &world.draft.atlas.devices {
        let key = crate::sign::key_of(13, device).public();
        assert!(text.contains(&format!("id = \"{}\"", device.id)));
        assert!(text.contains(&format!("key = \"{key}\"")), "{}", device.id);
        keys.insert(device.id.clone(), key);
    }
    let distinct: BTreeSet<&PublicKey> = keys.values().collect();
    assert_eq!(distinct.len(), keys.len());
    for sent in world.submissions().step_by(5) {
        let submission = Submission::decode(&sent.bytes).expect("a submission");
        let statement = Statement::parse(&submission.statement).expect("a statement");
        let key = &keys[statement.issuer().as_str()];
        assert_eq!(statement.verify_by(key), Some(true));
        assert_eq!(statement.audiences(), [origin()]);
    }
}

#[test]
fn claims_are_what_the_formats_ask_for() {
    let world = small(16);
    let context = Context::of_envelope(b"").expect("no context");
    for claim in world.claims() {
        let text = &claim.text;
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let (cut, decoded) = match claim.format {
            Format::EpcisJson => {
                let checked =
                    countersign_epcis::event::check(text.as_bytes(), &Context::bare_event());
                let checked = checked.unwrap_or_else(|problems| panic!("{problems:?} in {text}"));
                assert_eq!(checked.warnings, [], "{text}");
                let issuer = PrincipalId::parse(claim.principal).expect("a name");
                let provenance = Provenance {
                    issuer: &issuer,
                    document: Digest::ZERO,
                    nth: 0,
                };
                let decoded =
                    countersign_epcis::decode::decode(text.as_bytes(), &context, provenance);
                let cut = countersign_epcis::cut::required(&doc, &context);
                (cut, decoded.is_ok())
            }
            _ => {
                let read = OwnObject::from_json(doc.root());
                let sealed = sealed_values(doc.root());
                (
                    Cut::new(sealed),
                    matches!(read, Ok(OwnObject::Testimony(_))),
                )
            }
        };
        assert!(decoded, "{text}");
        assert_eq!(cut.sealed(), claim.sealed, "{text}");
    }
    let submissions = world.submissions().map(|sent| sent.bytes);
    for submission in submissions.map(|bytes| Submission::decode(&bytes).expect("a submission")) {
        for envelope in submission.envelopes {
            let bytes = envelope.bytes().expect("nothing withheld");
            let cut = countersign_epcis::cut::envelope(0, &bytes, &envelope.holes, None);
            assert_eq!(cut, Ok(Cut::default()));
        }
    }
}

#[test]
fn nothing_of_the_truth_is_said() {
    let world = small(14);
    let families = acts::FAMILIES.iter();
    let families = families.chain(&lookalikes::FAMILIES).map(|(name, _)| *name);
    let mut words: Vec<String> = families.map(str::to_owned).collect();
    words.extend(["truth", "detectable", "stolen", "theft"].map(str::to_owned));
    words.extend(world.truth().iter().map(|row| format!("\"{}\"", row.id)));
    let network = world.network_toml();
    let scenario = crate::folder::scenario_json(&world);
    let said: Vec<String> = world.claims().map(|claim| claim.text).collect();
    for text in said.iter().chain([&network, &scenario]) {
        let text_lower = text.to_lowercase();
        for word in &words {
            assert!(
                !text_lower.contains(&word.to_lowercase()),
                "{word} in {text}"
            );
        }
    }
}

#[test]
fn canaries_stand_in_sealed_values_alone() {
    let world = small(15);
    assert!(world.canaries().len() >= 20, "{}", world.canaries().len());
    let distinct: BTreeSet<&String> = world.canaries().iter().collect();
    assert_eq!(distinct.len(), world.canaries().len());
    let mut sealed: BTreeSet<String> = BTreeSet::new();
    for sent in world.submissions() {
        let submission = Submission::decode(&sent.bytes).expect("a submission");
        for body in &submission.bodies {
            let format = Format::known(&body.format, body.version).expect("a format");
            let open = body.open_view(format.blank());
            let open = std::str::from_utf8(&open).expect("text");
            Doc::parse(open.as_bytes()).expect("the open view is JSON");
            let whole = body.bytes().expect("nothing withheld");
            let whole = std::str::from_utf8(&whole).expect("text");
            for canary in world.canaries() {
                assert!(!open.contains(canary.as_str()), "{canary} is open");
                if whole.contains(canary.as_str()) {
                    sealed.insert(canary.clone());
                }
            }
        }
    }
    assert_eq!(sealed.len(), distinct.len());
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    let check = |sizes, expect| {
        assert_eq!(generate(1, sizes, &origin()).err(), Some(expect));
    };
    let sizes = Sizes::default();
    check(Sizes { units: 10, ..sizes }, GenerateError::Units);
    check(
        Sizes {
            units: usize::MAX,
            ..sizes
        },
        GenerateError::Units,
    );
    check(Sizes { acts: 500, ..sizes }, GenerateError::Planted);
}
