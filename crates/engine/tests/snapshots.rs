//! Snapshots: a node that stops after any commit and goes on from its snapshot is the node that never
//! stopped; and of a snapshot that is odd in any way nothing is taken.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod world;

use countersign_attest::{Algorithm, ChainLink, Header, Kind, SecretKey, Submission};
use countersign_engine::node_statement::own_objects;
use countersign_engine::{Engine, Fatal};
use countersign_model::body::Cut;
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Size};
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::time::{MINUTE_MS, Timestamp};
use world::device::{DEVICE, device_key, signed_event};
use world::{ORIGIN, START_MS, Shared, begin, open, said};

/// What happens to a log between two stops.
#[derive(Clone, Debug)]
enum Step {
    /// Said and committed together.
    Said(Vec<Submission>),
    /// By the node itself.
    Own(&'static str),
    /// So many minutes pass, and a batch is made in each.
    Minutes(u64),
    /// So many minutes pass while the node does not run.
    Away(u64),
    /// Sealed parts of what was said in that step.
    Erased(usize),
}

fn person() -> SecretKey {
    SecretKey::generate(Algorithm::Ed25519, [31; 32])
}

/// Objects that a principal says without a chain.
fn by(issuer: &str, key: &SecretKey, salt: u8, objects: &[&str]) -> Submission {
    let issuer = PrincipalId::parse(issuer).expect("a name");
    let origin = Origin::parse(ORIGIN).expect("an origin");
    let header = Header::new(issuer, "test", vec![origin], Kind::claims()).expect("a header");
    let mut next = salt;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(29).wrapping_add(11);
            *byte = next;
        }
    };
    own_objects(&header, objects, key, &mut random).expect("signs")
}

fn by_admin(salt: u8, objects: &[&str]) -> Step {
    Step::Said(vec![by("admin-1", &world::administrator(), salt, objects)])
}

/// An event of the device that many minutes after the start, with a comment that is sealed. What it
/// signs with is off by `ahead` minutes.
fn event(
    (number, minute): (u8, i64),
    (step, place, units): (&str, &str, &str),
    beside: &str,
    (link, ahead): (ChainLink, i64),
) -> (Submission, ChainLink) {
    let at = |minute: i64| Timestamp::from_ms(START_MS + minute * MINUTE_MS);
    let clock = at(minute + ahead);
    let event = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{number:012}","eventTime":"{clock}","eventTimeZoneOffset":"+00:00"{beside},"action":"OBSERVE","bizStep":"{step}","readPoint":{{"id":"{place}"}},"epcList":[{units}],"rdfs:comment":"Li Wei {number}"}}"#
    );
    let from = event.find(r#""rdfs:comment":"#).expect("has one") + r#""rdfs:comment":"#.len();
    let cut = Cut::new(std::iter::once(from..event.len() - 1).collect());
    signed_event((&event, &cut), number, link, Some(clock))
}

const WRONG: &str =
    r#","errorDeclaration":{"declarationTime":"2026-01-05T10:00:00Z","reason":"did_not_occur"}"#;
const OF_PLAN: &str = r#","bizTransactionList":[{"type":"desadv","bizTransaction":"urn:x:m1"}]"#;

/// Contracts: two sites with a lane, a device that is heard, somebody who may approve.
fn contracts() -> Vec<Step> {
    let define = |object: &str, value: &str| {
        format!(r#"{{"type":"Define","object":"{object}","value":{value}}}"#)
    };
    let (device, person) = (device_key().public(), person().public());
    let acts = [
        define(
            "site",
            r#"{"id":"urn:x:a","party":"urn:x:pa","kind":"warehouse","places":["urn:x:a:dock"]}"#,
        ),
        define(
            "site",
            r#"{"id":"urn:x:b","party":"urn:x:pb","kind":"hub"}"#,
        ),
        define(
            "lane",
            r#"{"id":"a-b","from":"urn:x:a","to":"urn:x:b","mode":"giver","grace":"PT15M"}"#,
        ),
        define(
            "product",
            r#"{"class":"urn:x:class:1","label":"a box","value":{"amount":"12.50","currency":"EUR"}}"#,
        ),
        define(
            "tolerance",
            r#"{"id":"default","weight_kg":"0.2","weight_ratio":"0.01"}"#,
        ),
        define(
            "principal",
            &format!(
                r#"{{"id":"{DEVICE}","role":"device","key":"{device}","party":"urn:x:pa","place":"urn:x:a:dock","heartbeat":"PT4M"}}"#
            ),
        ),
        define(
            "principal",
            &format!(r#"{{"id":"person-1","role":"person","key":"{person}"}}"#),
        ),
    ];
    let acts: Vec<&str> = acts.iter().map(String::as_str).collect();
    let plan = r#"{"type":"Manifest","id":"urn:x:m1","lane":"a-b","from":"urn:x:a","to":"urn:x:b","departBy":"2026-01-05T01:00:00Z","arriveBy":"2026-01-05T03:00:00Z","lines":[{"line":"1","unit":"urn:x:u1","value":"900","currency":"EUR"},{"line":"2","unit":"urn:x:u2"}]}"#;
    vec![by_admin(1, &acts), by_admin(2, &[plan]), Step::Minutes(5)]
}

/// What the device says: in time, twice, in conflict, taken back, by a clock that is off, with a hole
/// in its chain.
fn events() -> Vec<Step> {
    let both = r#""urn:x:u1","urn:x:u2""#;
    let leaves = ("departing", "urn:x:a:dock", both);
    let stored = ("storing", "urn:x:a:dock", r#""urn:x:u3""#);
    let mut link = ChainLink::first(1);
    let mut steps = Vec::new();
    let mut tell = |number, minute, what, beside: &str, ahead| {
        let (said, next) = event((number, minute), what, beside, (link, ahead));
        link = next;
        Step::Said(vec![said])
    };
    steps.push(tell(10, 5, leaves, OF_PLAN, 0));
    steps.push(tell(10, 5, leaves, OF_PLAN, 0));
    steps.push(tell(
        10,
        5,
        ("departing", "urn:x:a:dock", r#""urn:x:u2""#),
        OF_PLAN,
        0,
    ));
    steps.push(tell(11, 6, stored, "", 0));
    steps.push(tell(11, 7, stored, WRONG, 0));
    for number in 12..18 {
        steps.push(Step::Minutes(5));
        steps.push(tell(number, i64::from(number), stored, "", 40));
    }
    // What comes between is lost on the way, and told at last.
    let lost = tell(18, 40, stored, "", 40);
    steps.push(tell(19, 41, stored, "", 40));
    steps.push(Step::Minutes(7));
    steps.push(Step::Away(45));
    steps.push(lost);
    steps
}

/// The whole story.
fn story() -> Vec<Step> {
    let mut steps = contracts();
    steps.extend(events());
    let alias = r#"{"type":"Alias","unit":"urn:x:u2","sameAs":"urn:countersign:key:1:plate:LP-2","note":"a name"}"#;
    steps.push(by_admin(3, &[alias]));
    steps.push(Step::Own(r#"{"type":"ImportOpened","id":"old"}"#));
    steps.push(Step::Away(200));
    steps.push(Step::Own(r#"{"type":"ImportClosed","id":"old"}"#));
    let proposal = |id: &str, unit: &str| {
        format!(
            r#"{{"type":"Proposal","id":"{id}","action":"write_off","units":["{unit}"],"expires":"2026-01-06T00:00:00Z","reason":"gone"}}"#
        )
    };
    let (one, two) = (proposal("p1", "urn:x:u2"), proposal("p2", "urn:x:u1"));
    steps.push(by_admin(4, &[&one, &two]));
    let yes = r#"{"type":"Approval","proposal":"p1","decision":"approve"}"#;
    // Nobody approves his own.
    steps.push(by_admin(5, &[yes]));
    steps.push(Step::Said(vec![by("person-1", &person(), 6, &[yes])]));
    steps.push(Step::Erased(6));
    let gone = r#"{"type":"Withdraw","object":"principal","id":"person-1"}"#;
    steps.push(by_admin(7, &[gone]));
    steps.push(Step::Away(2000));
    let adjusts = r#"{"type":"Suspect","key":"KEY","from":"2026-01-05T00:10:00Z"}"#;
    let adjusts = adjusts.replace("KEY", &device_key().public().id().to_string());
    steps.push(by_admin(8, &[&adjusts]));
    steps.push(Step::Minutes(5));
    steps
}

/// A log, and where what was said in each step stands.
struct Running {
    disk: Shared,
    engine: Option<Engine>,
    at: Vec<Size>,
}

impl Running {
    fn begin() -> Self {
        let disk = Shared::default();
        disk.keep_derived();
        let engine = begin(&disk).expect("begins");
        Self {
            disk,
            engine: Some(engine),
            at: Vec::new(),
        }
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("it is open between steps")
    }

    fn take(&mut self, step: &Step) {
        let size = self.engine().size();
        self.at.push(size);
        match step {
            Step::Said(submissions) => {
                for submission in submissions {
                    self.engine().submit(submission).expect("is taken");
                }
            }
            Step::Own(object) => self.engine().say(&[object]).expect("is taken"),
            Step::Minutes(minutes) => {
                for _ in 1..*minutes {
                    self.disk.pass(MINUTE_MS.unsigned_abs());
                    self.engine().commit().expect("commits");
                }
                self.disk.pass(MINUTE_MS.unsigned_abs());
            }
            Step::Away(minutes) => self.disk.pass(minutes * MINUTE_MS.unsigned_abs()),
            Step::Erased(step) => {
                let index = countersign_model::entry::Index(self.at[*step].0);
                let at = ClaimRef { index, ordinal: 0 };
                assert_eq!(self.engine().erase(at).expect("erases"), 1);
                return;
            }
        }
        self.engine().commit().expect("commits");
    }

    /// Ends the process and opens the log again; whether it went on from a snapshot of all of it.
    fn stop(&mut self) -> bool {
        let is_taken = self.engine().take_snapshot().expect("takes one");
        let size = self.engine().size();
        self.engine = None;
        let (engine, _) = open(&self.disk).expect("opens");
        if is_taken {
            assert_eq!(engine.resumed_at(), size);
        }
        self.engine = Some(engine);
        is_taken
    }

    /// All that can be told of it: the log itself, what was made of it, answers.
    fn told(&mut self) -> (Vec<u8>, Digest, Digest, String) {
        let mut segment = self.disk.segment(0);
        // Behind the committed end it is laid out, or not yet.
        let used = segment
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at + 1);
        segment.truncate(used);
        let engine = self.engine();
        let folds = engine.folds();
        let findings: Vec<_> = folds.detect().findings().collect();
        let standing: Vec<_> = folds.ledger().standing().collect();
        let open: Vec<_> = folds.four_eyes().open().collect();
        let offsets: Vec<_> = folds.clock_offsets().collect();
        let answers = format!(
            "{findings:?} {standing:?} {open:?} {offsets:?} {:?} {} {} {:?}",
            folds.ledger().totals(),
            engine.batch_count(),
            engine.intake().identities.count(),
            engine.intake().register,
        );
        (
            segment,
            folds.state_digest(),
            engine.digest_of_made(),
            answers,
        )
    }
}

fn run(story: &[Step], stops: &dyn Fn(usize) -> bool) -> (Running, usize) {
    let mut running = Running::begin();
    let mut count = 0;
    for (n, step) in story.iter().enumerate() {
        running.take(step);
        if stops(n) {
            count += usize::from(running.stop());
        }
    }
    (running, count)
}

#[test]
fn a_node_that_stops_after_any_commit_goes_on_as_one_that_never_stopped() {
    let story = story();
    let (mut straight, _) = run(&story, &|_| false);
    let straight = straight.told();
    let kinds = [
        "missing_units",
        "clock_off",
        "conflicting_claim",
        "source_silent",
    ];
    for kind in kinds {
        assert!(
            straight.3.contains(&format!("kind: \"{kind}\"")),
            "{kind}: {}",
            straight.3
        );
    }
    // An import that is open when a node stops is closed by the next start, so there it may not stop.
    let is_open = |n: usize| {
        let own = story[..=n]
            .iter()
            .filter(|step| matches!(step, Step::Own(_)));
        own.count() % 2 == 1
    };
    for stop in (0..story.len()).filter(|n| !is_open(*n)) {
        let (mut stopped, count) = run(&story, &|n| n == stop);
        let stopped = stopped.told();
        assert_eq!(count, 1);
        assert_eq!(stopped.3, straight.3, "stopped behind step {stop}");
        assert!(stopped == straight, "stopped behind step {stop}");
    }
    let (mut stopped, count) = run(&story, &|n| !is_open(n));
    assert!(stopped.told() == straight, "stopped behind each");
    assert!(count > 30, "{count} stops");
}

#[test]
fn while_an_import_is_open_there_is_none() {
    let mut running = Running::begin();
    running.take(&Step::Own(r#"{"type":"ImportOpened","id":"old"}"#));
    assert!(!running.engine().take_snapshot().expect("asks"));
    running.take(&Step::Own(r#"{"type":"ImportClosed","id":"old"}"#));
    assert!(running.stop());
}

#[test]
fn what_comes_behind_the_snapshot_is_folded() {
    let story = story();
    let (mut straight, _) = run(&story, &|_| false);
    for behind in [1, 7, story.len() - 1] {
        let mut running = Running::begin();
        for (n, step) in story.iter().enumerate() {
            running.take(step);
            if n + 1 == behind {
                assert!(running.engine().take_snapshot().expect("takes one"));
            }
        }
        let size = running.at[behind];
        running.engine = Some(open(&running.disk).expect("opens").0);
        assert_eq!(running.engine().resumed_at(), size);
        assert!(running.told() == straight.told(), "{behind}");
    }
}

/// A log whose snapshot something was done to is opened by folding the ground.
fn check_folded(what: &str, change: impl FnOnce(&mut world::derived::Kept)) {
    let story = story();
    let (mut running, _) = run(&story[..20], &|_| false);
    assert!(running.engine().take_snapshot().expect("takes one"));
    let told = running.told();
    running.engine = None;
    change(&mut running.disk.derived().lock());
    running.engine = Some(open(&running.disk).expect(what).0);
    assert_eq!(running.engine().resumed_at(), Size(0), "{what}");
    assert!(running.told() == told, "{what}");
    assert!(running.stop(), "{what}: the next one counts");
}

#[test]
fn of_a_snapshot_that_is_not_whole_nothing_is_taken() {
    let (running, _) = run(&story()[..20], &|n| n == 19);
    let derived = running.disk.derived();
    let (_, pages) = derived.lock().snapshot.clone().expect("there is one");
    assert!(pages.contains_key("node.findings") && pages.contains_key("head"));
    for section in pages.keys() {
        let change = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let change = |kept: &mut world::derived::Kept| {
                let (_, pages) = kept.snapshot.as_mut().expect("there is one");
                change(pages.get_mut(section).expect("it is there"));
            };
            check_folded(section, change);
        };
        change(&|pages| pages.clear());
        change(&|pages| pages[0].push(0));
        change(&|pages| pages[0] = pages[0].split_last().expect("not empty").1.to_vec());
    }
}

#[test]
fn of_a_snapshot_that_rests_on_something_else_nothing_is_taken() {
    check_folded("the index is behind", |kept| {
        let head = kept.flushed_to.as_mut().expect("it was flushed");
        *head = countersign_ports::TreeHead::EMPTY;
    });
    check_folded("the history is shorter", |kept| {
        drop(kept.records.pop_last())
    });
    check_folded("there is no history", |kept| kept.records.clear());
    let of = |kept: &mut world::derived::Kept,
              change: &dyn Fn(&mut countersign_ports::SnapshotOf)| {
        change(&mut kept.snapshot.as_mut().expect("there is one").0);
    };
    check_folded("another version", |kept| {
        of(kept, &|of| of.version = Digest::ZERO)
    });
    check_folded("another log", |kept| {
        of(kept, &|of| of.head.root = Digest::ZERO)
    });
    check_folded("no commit ends there", |kept| {
        of(kept, &|of| of.head.size = Size(3))
    });
    check_folded("it is ahead of the log", |kept| {
        of(kept, &|of| of.head.size = Size(of.head.size.0 + 2));
    });
}

#[test]
fn one_that_cannot_be_written_stops_the_process() {
    let mut running = Running::begin();
    running.take(&story()[0]);
    running.engine().take_snapshot().expect("begins");
    running.disk.derived().lock().is_full = true;
    let stopped = running.engine().commit();
    assert!(matches!(&stopped, Err(Fatal::Store(error)) if error.doing == "writing the snapshot"));
    running.engine = None;
    running.disk.derived().lock().is_full = false;
    let (engine, _) = open(&running.disk).expect("opens");
    assert!(engine.size() > Size(2), "what was committed counts");
}

#[test]
fn between_commits_alone() {
    let mut running = Running::begin();
    let waits = said(
        running.engine(),
        1,
        &[r#"{"type":"Alias","unit":"urn:x:1","sameAs":"urn:x:2"}"#],
    );
    running.engine().submit(&waits).expect("is taken");
    assert!(!running.engine().take_snapshot().expect("asks"));
    running.engine().commit().expect("commits");
    assert!(running.engine().take_snapshot().expect("asks"));
}

#[test]
fn a_stop_takes_one_where_a_start_would_fold_much() {
    let mut running = Running::begin();
    let alias = |n: u32| format!(r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}"}}"#);
    for salt in 0..3_u8 {
        running.engine().rest().expect("rests");
        let none = running.engine().snapshot_size().expect("nothing failed");
        assert_eq!(none, None, "little came");
        let from = u32::from(salt) * 1000;
        let objects: Vec<String> = (from..from + 1000).map(alias).collect();
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        running.take(&by_admin(salt + 1, &objects));
    }
    running.engine().rest().expect("rests");
    let size = running.engine().size();
    assert_eq!(
        running.engine().snapshot_size().expect("nothing failed"),
        Some(size)
    );
    running.engine().commit().expect("commits");
    running.engine().rest().expect("rests");
    assert_eq!(
        running.engine().snapshot_size().expect("nothing failed"),
        Some(size)
    );
}
