use proptest::prelude::*;

use countersign_model::act::ProposedAction;
use countersign_model::coded::{bytes_of, read};
use countersign_model::entry::{Assurance, Index};
use countersign_model::fold::AdmittedClaim;
use countersign_model::ids::UnitId;

use super::*;

/// One half: who, with which key, what, at which second.
#[derive(Clone, Debug)]
enum Half {
    Propose(&'static str, u8, &'static str, i64),
    Decide(&'static str, u8, &'static str, bool),
    LockedDecide(&'static str, u8, &'static str),
}

use Half::{Decide, LockedDecide, Propose};

fn act(half: &Half) -> (PrincipalId, KeyId, Vec<Mark>, Act) {
    let name = |text| PrincipalId::parse(text).expect("name");
    let key = |n: u8| KeyId(Digest::of(&[n]));
    match half {
        Propose(who, n, id, expires) => {
            let action = ProposedAction::WriteOff {
                units: vec![UnitId::parse("urn:x:1").expect("unit")],
            };
            let proposal = Proposal {
                id: (*id).into(),
                action,
                expires: Timestamp::from_ms(*expires),
            };
            (name(who), key(*n), vec![], Act::Proposal(proposal))
        }
        Decide(who, n, id, approved) => {
            let approval = Approval {
                proposal: (*id).into(),
                approved: *approved,
            };
            (name(who), key(*n), vec![], Act::Approval(approval))
        }
        LockedDecide(who, n, id) => {
            let (who, key, _, act) = act(&Decide(who, *n, id, true));
            (who, key, vec![Mark::Locked], act)
        }
    }
}

fn batch(first: u64, tick: i64, halves: &[Half]) -> FoldBatch {
    let statements = halves.iter().zip(first..).map(|(half, index)| {
        let (issuer, key, marks, act) = act(half);
        let at = ClaimRef {
            index: Index(index),
            ordinal: 0,
        };
        AdmittedStatement {
            index: Index(index),
            issuer,
            key,
            assurance: Assurance::HardwareKey,
            marks,
            signed: None,
            chain: None,
            claims: vec![AdmittedClaim {
                at,
                digest: Digest::of(&index.to_be_bytes()),
                status: ClaimStatus::Effective,
                said: Some(Said::Act(act)),
            }],
        }
    });
    FoldBatch {
        index: Index(first + halves.len() as u64),
        recorded: Timestamp::from_ms(tick),
        tick: Timestamp::from_ms(tick),
        statements: statements.collect(),
    }
}

/// Each pair is a batch: its tick and its halves. Expected: approvals as `proposer+approver`,
/// then refusals by their words.
fn check(batches: &[(i64, &[Half])], approved: &[&str], refused: &[&str]) {
    let mut fold = FourEyes::default();
    let mut out = Vec::new();
    let mut first = 1;
    for (tick, halves) in batches {
        fold.apply(&batch(first, *tick, halves), &mut out);
        first += halves.len() as u64 + 1;
        // What comes back from a snapshot goes on.
        let written = bytes_of(&fold);
        let before = std::mem::replace(&mut fold, read(&written).expect("what was written reads"));
        assert_eq!(fold.state_digest(), before.state_digest());
        assert!(fold.refused().eq(before.refused()));
    }
    let got: Vec<String> = out
        .iter()
        .map(|a| format!("{}+{}", a.proposer, a.approver))
        .collect();
    assert_eq!(got, approved);
    let got: Vec<&str> = fold.refused().map(|half| half.why.as_str()).collect();
    assert_eq!(got, refused);
}

#[test]
fn two_people_with_two_keys() {
    let p = Propose("ann", 1, "p", 100);
    check(
        &[(1, &[p.clone(), Decide("bob", 2, "p", true)])],
        &["ann+bob"],
        &[],
    );
    check(
        &[
            (1, std::slice::from_ref(&p)),
            (2, &[Decide("bob", 2, "p", true)]),
        ],
        &["ann+bob"],
        &[],
    );
    check(
        &[(1, &[p.clone(), Decide("ann", 2, "p", true)])],
        &[],
        &["same_person"],
    );
    check(
        &[(1, &[p.clone(), Decide("bob", 1, "p", true)])],
        &[],
        &["same_person"],
    );
    check(&[(1, &[p, LockedDecide("bob", 2, "p")])], &[], &["locked"]);
}

#[test]
fn a_decision_is_final_and_the_first_half_comes_first() {
    let p = Propose("ann", 1, "p", 100);
    let yes = Decide("bob", 2, "p", true);
    let no = Decide("bob", 2, "p", false);
    check(
        &[(1, &[p.clone(), yes.clone(), Decide("cid", 3, "p", true)])],
        &["ann+bob"],
        &["decided"],
    );
    check(
        &[(1, &[p.clone(), no.clone(), Decide("cid", 3, "p", true)])],
        &[],
        &["decided"],
    );
    // Whoever proposed may take it back.
    check(
        &[(1, &[p.clone(), Decide("ann", 1, "p", false), yes.clone()])],
        &[],
        &["decided"],
    );
    check(
        &[(1, &[yes.clone(), p.clone()])],
        &[],
        &["unknown_proposal"],
    );
    check(
        &[(1, &[p, no, Propose("ann", 1, "p", 200), yes])],
        &[],
        &["id_taken", "decided"],
    );
}

#[test]
fn proposals_lapse_at_the_tick_past_their_time() {
    let p = Propose("ann", 1, "p", 100);
    let yes = Decide("bob", 2, "p", true);
    check(
        &[
            (1, std::slice::from_ref(&p)),
            (100, std::slice::from_ref(&yes)),
        ],
        &["ann+bob"],
        &[],
    );
    check(
        &[
            (1, std::slice::from_ref(&p)),
            (101, std::slice::from_ref(&yes)),
        ],
        &[],
        &["lapsed"],
    );
    check(&[(101, &[p, yes])], &[], &["lapsed", "unknown_proposal"]);
}

#[test]
fn open_proposals_have_a_limit() {
    let mut fold = FourEyes::default();
    let mut out = Vec::new();
    for n in 0..=OPEN_PROPOSALS_MAX as u64 {
        let mut one = batch(n + 1, 1, &[Propose("ann", 1, "p", 100)]);
        if let Some(Said::Act(Act::Proposal(proposal))) = &mut one.statements[0].claims[0].said {
            proposal.id = format!("p{n}").into();
        }
        fold.apply(&one, &mut out);
    }
    assert_eq!(fold.open().count(), OPEN_PROPOSALS_MAX);
    assert_eq!(fold.refused_count(), 1);
    assert_eq!(fold.standing("p10000"), None);
}

fn half() -> impl Strategy<Value = Half> {
    let who = prop::sample::select(vec![("ann", 1_u8), ("bob", 2), ("cid", 3), ("dan", 1)]);
    let id = prop::sample::select(vec!["p", "q"]);
    prop_oneof![
        (who.clone(), id.clone(), 0_i64..20).prop_map(|((w, k), id, at)| Propose(w, k, id, at)),
        (who, id, any::<bool>()).prop_map(|((w, k), id, yes)| Decide(w, k, id, yes)),
    ]
}

/// The rule of ACT-1 said once more, slowly, over the whole list of (tick, half).
fn approvals_by_reading(all: &[(i64, Half)]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, (tick, second)) in all.iter().enumerate() {
        let Decide(approver, their_key, id, true) = second else {
            continue;
        };
        let is_first_half = |(told, half): &(i64, Half)| match half {
            Propose(_, _, proposed, expires) => proposed == id && told <= expires,
            Decide(..) | LockedDecide(..) => false,
        };
        let Some(first_at) = all[..at].iter().position(is_first_half) else {
            continue;
        };
        let Propose(proposer, key, _, expires) = &all[first_at].1 else {
            continue;
        };
        let differs = proposer != approver && key != their_key;
        let between = all[first_at + 1..at].iter();
        let is_ended = between.clone().any(|(told, half)| {
            matches!(half, Decide(_, _, other, false) if other == id) && told <= expires
        });
        let is_done = found.iter().any(|(first, _)| *first == first_at);
        if differs && tick <= expires && !is_ended && !is_done {
            found.push((first_at, at));
        }
    }
    found
}

proptest! {
    #[test]
    fn the_fold_agrees_with_a_slow_reading(halves in prop::collection::vec((0_i64..3, half()), 0..12)) {
        let mut tick = 0;
        let timed: Vec<(i64, Half)> = halves
            .into_iter()
            .map(|(step, half)| {
                tick += step;
                (tick, half)
            })
            .collect();
        let mut fold = FourEyes::default();
        let mut got = Vec::new();
        for (n, (tick, half)) in timed.iter().enumerate() {
            let mut out = Vec::new();
            fold.apply(&batch(n as u64 * 2, *tick, std::slice::from_ref(half)), &mut out);
            got.extend(out.into_iter().map(|_| n));
        }
        let expect: Vec<usize> = approvals_by_reading(&timed).into_iter().map(|(_, n)| n).collect();
        prop_assert_eq!(got, expect);
    }

    #[test]
    fn how_acts_are_batched_does_not_matter(halves in prop::collection::vec(half(), 0..12), cut in 0_usize..12) {
        let run = |parts: &[&[Half]]| {
            let mut fold = FourEyes::default();
            let mut out = Vec::new();
            let mut first = 0;
            for part in parts {
                fold.apply(&batch(first, 5, part), &mut out);
                first += part.len() as u64;
            }
            (out, fold.state_digest())
        };
        let cut = cut.min(halves.len());
        prop_assert_eq!(run(&[&halves]), run(&[&halves[..cut], &halves[cut..]]));
    }
}
