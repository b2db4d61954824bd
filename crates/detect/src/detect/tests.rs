//! Moves, their records, and what must not matter.

use std::collections::BTreeMap;

use countersign_model::coded::bytes::{Reader, Writer};
use countersign_model::entry::Mark;
use countersign_model::json::Doc;
use countersign_model::limits::CLAIM_BYTES_MAX;
use countersign_reconcile::Kind;
use countersign_reconcile::discrepancy::{FactValue, Status as LedgerStatus};
use proptest::prelude::*;

use super::*;
use crate::finding::Severity;
use crate::limits::{ENTRIES_LISTED_MAX, EVIDENCE_LISTED_MAX, UNITS_LISTED_MAX};
use crate::sample::{batch, discrepancy, minute, records, retracted, statement, unit, worth};

/// A node in small: what moves is recorded in the next batch.
#[derive(Default)]
struct Node {
    detect: Detect,
    log: Vec<(FoldBatch, Vec<Change>)>,
    minute: i64,
}

impl Node {
    fn commit(&mut self, statements: Vec<AdmittedStatement>, changes: Vec<Change>) -> Vec<Moved> {
        self.minute += 1;
        let index = self.log.len() as u64 * 100 + 100;
        let batch = batch(index, minute(self.minute), statements);
        let moved = self.detect.apply(&batch, &changes);
        self.log.push((batch, changes));
        moved
    }

    /// Commits until nothing moves; every move.
    fn settle(&mut self, changes: Vec<Change>) -> Vec<Moved> {
        let mut all = self.commit(Vec::new(), changes);
        let mut fresh = all.clone();
        while !fresh.is_empty() {
            let index = self.log.len() as u64 * 100 + 50;
            fresh = self.commit(vec![records(index, &fresh)], Vec::new());
            all.extend(fresh.iter().cloned());
        }
        // All of it is said: from here on goes what came back from a snapshot.
        let resumed = self.resumed();
        assert_eq!(resumed.state_digest(), self.detect.state_digest());
        assert!(resumed.findings().eq(self.detect.findings()));
        self.detect = resumed;
        all
    }

    /// The discrepancies that stand, by id.
    fn standing(&self) -> BTreeMap<Digest, Discrepancy> {
        let mut standing = BTreeMap::new();
        for change in self.log.iter().flat_map(|(_, changes)| changes) {
            match change {
                Change::Opened(it) | Change::Changed(it) => {
                    standing.insert(it.id, it.clone());
                }
                Change::Retracted { id, .. } => {
                    standing.remove(id);
                }
            }
        }
        standing
    }

    /// The same, written and read again over what stands.
    fn resumed(&self) -> Detect {
        let mut out = Writer::default();
        self.detect.keep(&mut out);
        let mut from = Reader::of(&out.bytes);
        let resumed = Detect::resume(&mut from, self.standing().values());
        assert!(from.is_at_end());
        resumed.expect("what was written reads")
    }

    fn replayed(&self) -> Detect {
        let mut detect = Detect::default();
        for (batch, changes) in &self.log {
            detect.replay(batch, changes);
        }
        detect
    }
}

fn check(moved: &[Moved], expect: &[(u64, &str, Status, usize)]) {
    let got: Vec<_> = moved
        .iter()
        .map(|it| {
            let finding = &it.finding;
            (
                it.transition,
                finding.kind,
                finding.status,
                finding.units.len(),
            )
        })
        .collect();
    assert_eq!(got, expect);
}

fn missing(line: u64) -> Discrepancy {
    discrepancy(Kind::Missing, 1, line, "arrive")
}

#[test]
fn a_finding_opens_changes_is_confirmed_is_retracted_and_opens_again() {
    let mut node = Node::default();
    let opened = node.settle(vec![Change::Opened(missing(1)), Change::Opened(missing(2))]);
    check(&opened, &[(1, "missing_units", Status::Open, 2)]);
    let id = opened[0].id;
    assert_eq!(node.settle(Vec::new()), [], "recorded: no further move");
    assert_eq!(
        node.settle(vec![Change::Changed(missing(1))]),
        [],
        "no change"
    );

    let changed = node.settle(vec![Change::Changed(worth(missing(1), "6000"))]);
    check(&changed, &[(2, "missing_units", Status::Open, 2)]);
    assert_eq!(changed[0].finding.severity, Severity::High);
    assert_eq!(changed[0].finding.opened_at, opened[0].finding.opened_at);
    assert!(changed[0].finding.changed_at > opened[0].finding.changed_at);

    let settled = |line| Discrepancy {
        status: LedgerStatus::Settled,
        ..missing(line)
    };
    let half = node.settle(vec![Change::Changed(settled(1))]);
    check(&half, &[(3, "missing_units", Status::Open, 2)]);
    let confirmed = node.settle(vec![Change::Changed(settled(2))]);
    check(&confirmed, &[(4, "missing_units", Status::Confirmed, 2)]);

    let late = discrepancy(Kind::Late, 1, 1, "arrive");
    let gone = node.settle(vec![
        retracted(&missing(1), Some(late.id)),
        retracted(&missing(2), None),
        Change::Opened(late),
    ]);
    let by_kind: BTreeMap<_, _> = gone.iter().map(|it| (it.finding.kind, it)).collect();
    let (was_missing, is_late) = (by_kind["missing_units"], by_kind["late_units"]);
    assert_eq!(was_missing.finding.status, Status::Retracted);
    assert_eq!(was_missing.transition, 5);
    assert_eq!(
        was_missing.finding.units.len(),
        2,
        "what it was stays readable"
    );
    assert_eq!(was_missing.finding.superseded_by, [is_late.id]);
    assert_eq!(node.detect.standing().count(), 1);

    let again = node.settle(vec![Change::Opened(missing(2))]);
    check(&again, &[(6, "missing_units", Status::Open, 1)]);
    assert_eq!(again[0].id, id);
    assert!(again[0].finding.superseded_by.is_empty());
    assert_eq!(node.detect.finding(id).map(|it| it.transition), Some(6));
}

#[test]
fn findings_are_not_taken_up_over_other_discrepancies() {
    let mut node = Node::default();
    node.settle(vec![Change::Opened(missing(1)), Change::Opened(missing(2))]);
    let mut out = Writer::default();
    node.detect.keep(&mut out);
    let reads = |bytes: &[u8], standing: &[Discrepancy]| {
        Detect::resume(&mut Reader::of(bytes), standing.iter()).is_some()
    };
    assert!(reads(&out.bytes, &[missing(1), missing(2)]));
    for standing in [
        vec![missing(1)],
        vec![missing(1), missing(2), missing(3)],
        vec![
            missing(1),
            missing(2),
            discrepancy(Kind::Late, 1, 1, "arrive"),
        ],
    ] {
        assert!(!reads(&out.bytes, &standing), "{} stand", standing.len());
    }
    for end in 0..out.bytes.len() {
        assert!(
            !reads(&out.bytes[..end], &[missing(1), missing(2)]),
            "{end}"
        );
    }
}

#[test]
fn a_unit_that_is_late_twice_is_worth_its_value_once() {
    let mut node = Node::default();
    let late = |line, stage, amount| {
        let mut late = worth(discrepancy(Kind::Late, 1, line, stage), amount);
        late.group.stage = None;
        Change::Opened(late)
    };
    let moved = node.settle(vec![
        late(1, "depart", "1775"),
        late(1, "arrive", "1775"),
        late(2, "arrive", "25"),
    ]);
    let [moved] = &moved[..] else {
        panic!("one finding: {moved:?}")
    };
    let amounts: Vec<String> = moved
        .finding
        .value
        .iter()
        .map(|it| it.amount.to_string())
        .collect();
    assert_eq!(
        (moved.finding.evidence.len(), amounts),
        (3, vec!["1800".to_owned()])
    );
}

#[test]
fn a_move_waits_until_the_one_before_it_is_in_the_log() {
    let mut node = Node::default();
    let first = node.commit(Vec::new(), vec![Change::Opened(missing(1))]);
    check(&first, &[(1, "missing_units", Status::Open, 1)]);
    let waiting = node.commit(Vec::new(), vec![Change::Opened(missing(2))]);
    assert_eq!(waiting, []);
    let second = node.commit(vec![records(250, &first)], Vec::new());
    check(&second, &[(2, "missing_units", Status::Open, 2)]);
    // The same record once more, and another content under a number that is taken.
    let again = node.commit(vec![records(350, &first)], Vec::new());
    assert_eq!(again, []);
    assert_eq!(node.commit(vec![records(450, &second)], Vec::new()), []);
    assert_eq!(node.detect.unrecorded(), []);
}

#[test]
fn a_node_that_stopped_records_at_its_start_what_it_had_not() {
    let mut node = Node::default();
    node.settle(vec![Change::Opened(missing(1))]);
    let lost = node.commit(Vec::new(), vec![Change::Opened(missing(2))]);
    let restarted = node.replayed();
    let unrecorded = restarted.unrecorded();
    assert_eq!(unrecorded, lost, "same number, same content, same times");
    // What opened and went without ever being recorded leaves no trace.
    let other = discrepancy(Kind::Unexpected, 7, 1, "arrive");
    node.commit(Vec::new(), vec![Change::Opened(other.clone())]);
    node.commit(Vec::new(), vec![retracted(&other, None)]);
    assert_eq!(node.replayed().unrecorded(), lost);
}

#[test]
fn a_record_of_another_time_is_no_reason_to_move() {
    let mut node = Node::default();
    let mut first = node.commit(Vec::new(), vec![Change::Opened(missing(1))]);
    first[0].finding.changed_at = minute(700);
    first[0].finding.fold = 99;
    first[0].json = first[0].finding.to_json();
    assert_eq!(node.commit(vec![records(250, &first)], Vec::new()), []);
    assert_eq!(node.detect.unrecorded(), []);
}

#[test]
fn a_record_without_authority_counts_for_nothing() {
    let mut node = Node::default();
    let first = node.commit(Vec::new(), vec![Change::Opened(missing(1))]);
    let mut forged = records(250, &first);
    forged.claims[0].status = ClaimStatus::Unauthorised;
    node.commit(vec![forged], Vec::new());
    assert_eq!(node.detect.unrecorded(), first);
}

#[test]
fn the_recorded_object_is_open_and_has_one_kind() {
    let mut one = worth(missing(1), "649.50");
    one.facts = BTreeMap::from([
        ("name", FactValue::Name("line \"1\"\n".into())),
        ("reason", FactValue::Word("not_loaded")),
        ("due", FactValue::Time(minute(60))),
        ("pieces", FactValue::Count(3)),
    ]);
    let marked = statement(7, 5, &[Mark::Equivocation, Mark::ClockOff]);
    let mut node = Node::default();
    let moved = node.commit(vec![marked], vec![Change::Opened(one)]);
    assert_eq!(moved.len(), 3);
    for moved in &moved {
        let doc = Doc::parse(moved.json.as_bytes()).expect("JSON");
        let root = doc.root();
        assert_eq!(root.str_at("type").as_deref(), Some("Finding"));
        assert_eq!(root.str_at("kind").as_deref(), Some(moved.finding.kind));
        assert_eq!(moved.json.matches("\"kind\":").count(), 1);
        assert_eq!(countersign_model::act::sealed_values(root), []);
    }
}

#[test]
fn a_huge_finding_is_bounded_and_counts_what_it_leaves_out() {
    let long = "x".repeat(480);
    let huge = |line: u64| {
        let mut one = missing(line);
        let all = (0..10).map(|n| format!("urn:x:{long}:{line:05}{n}"));
        one.units = all
            .map(|key| countersign_model::ids::UnitId::parse(&key).expect("unit"))
            .collect();
        one
    };
    let cases = [
        (800, (1..=800).map(huge).collect::<Vec<_>>(), 8_000),
        (6_000, (1..=6_000).map(missing).collect(), 6_000),
    ];
    for (members, all, units) in cases {
        let mut node = Node::default();
        let changes = all.into_iter().map(Change::Opened).collect();
        let moved = node.settle(changes);
        let finding = &moved[0].finding;
        assert!(
            moved[0].json.len() < CLAIM_BYTES_MAX / 2,
            "{}",
            moved[0].json.len()
        );
        assert!(finding.units.len() <= UNITS_LISTED_MAX);
        assert_eq!(finding.unit_count(), units);
        assert_eq!(finding.evidence.len(), EVIDENCE_LISTED_MAX);
        assert_eq!(finding.evidence_count(), members);
        assert!(finding.entries.len() <= ENTRIES_LISTED_MAX);
        assert_eq!(finding.entries.len() as u64 + finding.entries_more, members);
    }
}

#[test]
fn a_discrepancy_that_moves_to_another_group_leaves_the_first() {
    let mut node = Node::default();
    node.settle(vec![Change::Opened(missing(1))]);
    let mut moved_away = missing(1);
    moved_away.group.stage = Some("depart".into());
    let moved = node.settle(vec![Change::Changed(moved_away.clone())]);
    let mut statuses: Vec<_> = moved.iter().map(|it| it.finding.status).collect();
    statuses.sort();
    assert_eq!(statuses, [Status::Open, Status::Retracted]);
    let homes: Vec<_> = node
        .detect
        .findings_of(moved_away.id)
        .map(|it| it.stage.clone())
        .collect();
    assert_eq!(homes, [Some("depart".into())]);
}

/// What may happen to one discrepancy in a batch.
#[derive(Clone, Debug)]
enum Turn {
    Stands { priced: bool, settled: bool },
    Goes,
}

fn turns() -> impl Strategy<Value = Vec<BTreeMap<(u8, u8), Turn>>> {
    let turn = prop_oneof![
        3 => (any::<bool>(), any::<bool>()).prop_map(|(priced, settled)| Turn::Stands { priced, settled }),
        2 => Just(Turn::Goes),
    ];
    // (kind, line): few, so that they meet.
    let one = prop::collection::btree_map((0_u8..3, 0_u8..4), turn, 0..6);
    prop::collection::vec(one, 1..8)
}

fn named(kind: u8, line: u8) -> Discrepancy {
    let kind = [Kind::Missing, Kind::Late, Kind::CustodyGap][usize::from(kind)];
    let mut one = discrepancy(kind, u64::from(line / 2), u64::from(line), "arrive");
    one.units = vec![unit(u64::from(line)), unit(900)];
    one
}

/// As the ledger says it: what is there changes, what is not opens, and only what is there goes.
fn changes_of(
    turn: &BTreeMap<(u8, u8), Turn>,
    there: &mut BTreeMap<(u8, u8), Discrepancy>,
) -> Vec<Change> {
    let mut out = Vec::new();
    for ((kind, line), turn) in turn {
        let mut one = named(*kind, *line);
        match turn {
            Turn::Stands { priced, settled } => {
                if *priced {
                    one = worth(one, "700");
                }
                if *settled {
                    one.status = LedgerStatus::Settled;
                }
                let known = there.insert((*kind, *line), one.clone());
                out.push(match known {
                    None => Change::Opened(one),
                    Some(_) => Change::Changed(one),
                });
            }
            Turn::Goes => {
                if let Some(one) = there.remove(&(*kind, *line)) {
                    let by = named((*kind + 1) % 3, *line).id;
                    out.push(retracted(&one, Some(by)));
                }
            }
        }
    }
    out
}

proptest! {
    #[test]
    fn the_order_of_changes_within_a_batch_does_not_matter(
        turns in turns(),
        seed in any::<u64>(),
    ) {
        let (mut one, mut other) = (Node::default(), Node::default());
        let mut there = BTreeMap::new();
        for turn in &turns {
            let changes = changes_of(turn, &mut there);
            let mut shuffled = changes.clone();
            let by = |change: &Change| {
                let mut bytes = change.id().as_bytes().to_vec();
                bytes.extend(seed.to_be_bytes());
                Digest::of(&bytes)
            };
            shuffled.sort_by_key(by);
            prop_assert_eq!(one.settle(changes), other.settle(shuffled));
        }
        prop_assert_eq!(one.detect.state_digest(), other.detect.state_digest());
    }

    #[test]
    fn replay_gives_what_the_running_node_had(turns in turns(), prompt in any::<bool>()) {
        let mut node = Node::default();
        let mut there = BTreeMap::new();
        let mut last = Vec::new();
        for turn in &turns {
            let changes = changes_of(turn, &mut there);
            if prompt {
                node.settle(changes);
            } else {
                // Records come one batch late and together with other changes.
                let index = node.log.len() as u64 * 100 + 50;
                last = node.commit(vec![records(index, &last)], changes);
            }
        }
        let replayed = node.replayed();
        prop_assert_eq!(replayed.state_digest(), node.detect.state_digest());
        prop_assert_eq!(replayed.unrecorded(), node.detect.unrecorded());
        let findings: Vec<_> = replayed.findings().cloned().collect();
        let expect: Vec<_> = node.detect.findings().cloned().collect();
        prop_assert_eq!(findings, expect);
        if prompt {
            prop_assert_eq!(node.detect.unrecorded(), vec![]);
        }
    }

    #[test]
    fn what_stands_depends_on_the_members_alone(turns in turns()) {
        let mut node = Node::default();
        let mut there = BTreeMap::new();
        for turn in &turns {
            let changes = changes_of(turn, &mut there);
            node.settle(changes);
        }
        let mut fresh = Node::default();
        fresh.settle(there.into_values().map(Change::Opened).collect());
        let say = |detect: &Detect| -> Vec<(Digest, Digest)> {
            let standing = detect.matters.values().filter(|it| it.finding().is_some_and(Finding::is_standing));
            standing.map(|it| (it.finding().expect("standing").id, it.content())).collect()
        };
        prop_assert_eq!(say(&node.detect), say(&fresh.detect));
    }
}
