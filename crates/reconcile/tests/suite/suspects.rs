//! What a key signed while somebody else may have had it is no more than a sighting.

use super::story::{Story, check, check_changes, unit};
use countersign_model::entry::Assurance;
use countersign_reconcile::discrepancy::{FactValue, Word};
use countersign_reconcile::{AccountKind, Basis, Effect, Ledger, Link};

const HANDED_OVER: &str = "06:00 wms manifest m1 A>H 10:00 12:00 u1
    e1: 09:00 a-dock departing A/dock u1 #m1
    e2: 09:10 x-van accepting A/dock u1 #m1
    e3: 11:00 h-dock receiving H/dock u1 #m1";

fn run(text: &str) -> (Story, Ledger) {
    let story = Story::read(text);
    let (ledger, _) = story.run();
    (story, ledger)
}

#[test]
fn a_hand_over_that_rests_on_it_alone_is_a_gap() {
    check(&format!("{HANDED_OVER}\ntick 13:00"), &[]);
    // The receiver.
    check(
        &format!("{HANDED_OVER}\nsuspect h-dock 00:00\ntick 13:00"),
        &["custody_gap e3 u1"],
    );
    // The giver: the carrier took it over alone, at the origin.
    check(
        &format!("{HANDED_OVER}\nsuspect a-dock 00:00\ntick 13:00"),
        &["custody_gap e2 u1"],
    );
    // The carrier: the contract asks for both at the pick-up.
    check(
        &format!("{HANDED_OVER}\nsuspect x-van 00:00\ntick 13:00"),
        &["custody_gap e1 u1"],
    );
    // Nobody gave, where only the giver's key was stolen and nobody carried.
    check(
        "e1: 09:00 a-dock departing A/dock u1\ne2: 11:00 b-dock receiving B/dock u1\nsuspect a-dock 00:00",
        &["custody_gap e2 u1"],
    );
}

#[test]
fn the_act_counts_before_and_behind_the_claims() {
    let behind = format!("{HANDED_OVER}\nsuspect h-dock 00:00\ntick 13:00");
    let before = format!("suspect h-dock 00:00\n{HANDED_OVER}\ntick 13:00");
    let (one, other) = (run(&behind).1, run(&before).1);
    assert_eq!(
        one.standing().map(|d| d.id).collect::<Vec<_>>(),
        other.standing().map(|d| d.id).collect::<Vec<_>>()
    );
    check_changes(
        &format!("{HANDED_OVER}\ntick 13:00\nsuspect h-dock 00:00\nsuspect h-dock 00:00 00:00"),
        &["+ custody_gap e3 u1", "- custody_gap e3 u1"],
    );
}

#[test]
fn anybody_else_who_sees_it_there_confirms_the_arrival() {
    check(
        &format!("{HANDED_OVER}\nsuspect h-dock 00:00\n11:30 wms storing H/z1 u1\ntick 13:00"),
        &["unaccepted e3 u1"],
    );
    // The suspect key itself does not, nor does somebody elsewhere.
    check(
        &format!("{HANDED_OVER}\nsuspect h-dock 00:00\n11:30 h-dock storing H/z1 u1\ntick 13:00"),
        &["custody_gap e3 u1"],
    );
}

#[test]
fn recorded_times_bound_it() {
    // The ticks are the recorded times of these stories.
    let story = |interval: &str| {
        format!(
            "tick 08:00\ne1: 07:00 a-dock departing A/dock u1
            tick 10:00\ne2: 07:30 b-dock receiving B/dock u1\nsuspect b-dock {interval}"
        )
    };
    check(&story("10:00 10:01"), &["custody_gap e2 u1"]);
    check(&story("09:00"), &["custody_gap e2 u1"]);
    check(&story("08:00 10:00"), &[]);
    check(&story("10:01 12:00"), &[]);
}

#[test]
fn the_evidence_says_so() {
    let (_, ledger) = run(&format!("{HANDED_OVER}\nsuspect h-dock 00:00\ntick 13:00"));
    let gap = ledger.standing().next().expect("a gap");
    assert_eq!(
        gap.facts.get("gap"),
        Some(&FactValue::Word("suspect_arrival"))
    );
    assert_eq!(
        gap.facts.get("missing_signature"),
        Some(&FactValue::Word("receiver"))
    );
    assert_eq!(gap.facts.get("suspect"), Some(&FactValue::Word("yes")));
    let words: Vec<Word> = gap.disagreeing.iter().map(|word| word.what).collect();
    assert_eq!(words, [Word::Suspect]);
    let timeline = ledger.timeline(&unit("u1")).expect("known");
    assert_eq!(timeline.account.kind, AccountKind::Held);
    let Some(Link::Claim {
        effect,
        basis,
        assurance,
        ..
    }) = timeline.links.last()
    else {
        panic!("{:?}", timeline.links)
    };
    assert_eq!(
        (*effect, *basis, *assurance),
        (Effect::Suspect, Basis::Sighted, Assurance::Import)
    );
    // Of a loss too, and of the other side of a pick-up.
    let (_, ledger) = run(
        "06:00 wms manifest m1 A>B 10:00 12:00 u1\n09:00 a-dock departing A/dock u1 #m1
        suspect a-dock 00:00\ntick 13:00",
    );
    let missing = ledger.standing().next().expect("a loss");
    assert_eq!(missing.facts.get("suspect"), Some(&FactValue::Word("yes")));
}

#[test]
fn a_conflict_shows_how_sure_it_is_who_signed() {
    let conflict = "e1: 08:00 a-zone storing A/z1 u1\n08:30 a-zone conflict e1 storing A/z1 u1 u9";
    let proven = |story: &str| {
        let (_, ledger) = run(story);
        let conflict = ledger.standing().next().expect("a conflict");
        conflict.last_proven.as_ref().map(|proof| proof.assurance)
    };
    assert_eq!(proven(conflict), Some(Assurance::SoftwareKey));
    for story in [
        format!("{conflict}\nsuspect a-zone 00:00"),
        format!("suspect a-zone 00:00\n{conflict}"),
    ] {
        assert_eq!(proven(&story), Some(Assurance::Import), "{story}");
    }
}

#[test]
fn it_takes_nothing_back_and_makes_no_alias() {
    let wrong =
        "08:00 a-zone storing A/z1 u1\ne1: 09:00 h-dock storing H/z1 u1\n10:00 h-dock declare e1";
    check(wrong, &[]);
    check(
        &format!("{wrong}\nsuspect h-dock 00:00"),
        &["custody_gap e1 u1"],
    );
    check(
        &format!("suspect h-dock 00:00\n{wrong}"),
        &["custody_gap e1 u1"],
    );
    check_changes(
        &format!("{wrong}\nsuspect h-dock 00:00\nsuspect h-dock 00:00 00:00"),
        &[
            "+ custody_gap e1 u1",
            "- custody_gap e1 u1",
            "+ custody_gap e1 u1",
            "- custody_gap e1 u1",
        ],
    );
    let two =
        "08:00 a-zone storing A/z1 u1\n08:10 a-zone storing A/z1 u2\n08:20 a-dock alias u1 u2";
    let called = |story: &str| {
        let (_, ledger) = run(story);
        ledger.unit_called(&unit("u2"))
    };
    assert_eq!(called(two), Some(unit("u1")));
    assert_eq!(
        called(&format!("{two}\nsuspect a-dock 00:00")),
        Some(unit("u2"))
    );
}

#[test]
fn amounts_counts_and_weights_do_without_it() {
    check(
        "06:00 wms manifest m1 A>H 10:00 12:00 5*c1\n09:00 a-dock departing A/dock 5*c1 #m1
        11:00 h-dock receiving H/dock 5*c1 #m1\nsuspect h-dock 00:00\ntick 13:00",
        &["quantity_mismatch m1/1/arrive"],
    );
    let counted = "06:00 wms count k1 A/z1 08:00 09:00\n08:30 a-zone cycle_counting A/z1 #k1 u9";
    check(&format!("{counted}\ntick 10:00"), &[]);
    check(
        &format!("{counted}\nsuspect a-zone 00:00\ntick 10:00"),
        &["late k1/count"],
    );
    // Who counted too late is named, and that it was a suspect key.
    let late =
        "06:00 wms count k1 A/z1 08:00 09:00\n09:30 a-zone cycle_counting A/z1 #k1 u9\ntick 10:00";
    for (suspect, word, fact) in [
        ("", Word::Counted, None),
        (
            "\nsuspect a-zone 00:00",
            Word::Suspect,
            Some(&FactValue::Word("yes")),
        ),
    ] {
        let (_, ledger) = run(&format!("{late}{suspect}"));
        let count = ledger.standing().next().expect("nobody counted in time");
        let words: Vec<Word> = count.disagreeing.iter().map(|said| said.what).collect();
        assert_eq!(words, [word]);
        assert_eq!(count.facts.get("suspect"), fact);
    }
    let weighed = "08:00 a-dock inspecting A/dock u1 w=10\n09:00 a-zone inspecting A/z1 u1 w=12
        10:00 a-dock inspecting A/dock u1 w=10";
    check(&format!("{weighed}\nsuspect a-zone 00:00"), &[]);
}

#[test]
fn a_milestone_that_only_it_reached_stays_due() {
    let plan = "06:00 wms expect p1/1/dep leg u1 10:00\n06:00 wms expect p1/1/dlv leg u1 12:00\n";
    let reached = "09:30 x-van reached p1/1/dep u1\n";
    check(&format!("{plan}{reached}tick 11:00"), &[]);
    let suspect = "suspect x-van 00:00\n";
    for story in [
        format!("{plan}{reached}{suspect}tick 11:00"),
        format!("{suspect}{plan}{reached}tick 11:00"),
        format!("{plan}{reached}tick 11:00\n{suspect}"),
    ] {
        check(&story, &["missing p1/1/dep u1"]);
        let (_, ledger) = run(&story);
        let missing = ledger.standing().next().expect("a milestone");
        assert_eq!(missing.facts.get("suspect"), Some(&FactValue::Word("yes")));
        let words: Vec<Word> = missing.disagreeing.iter().map(|said| said.what).collect();
        assert_eq!(words, [Word::Suspect]);
    }
    // Nor is anything before it late by it, and another's word counts.
    check(
        &format!("{plan}11:30 x-van reached p1/1/dlv u1\n{suspect}tick 11:45"),
        &["missing p1/1/dep u1"],
    );
    check(
        &format!("{plan}{reached}11:00 wms reached p1/1/dep u1\n{suspect}tick 11:45"),
        &["late p1/1/dep u1"],
    );
    check_changes(
        &format!("{plan}{reached}tick 11:00\n{suspect}suspect x-van 00:00 00:00"),
        &["+ missing p1/1/dep u1", "- missing p1/1/dep u1"],
    );
}
