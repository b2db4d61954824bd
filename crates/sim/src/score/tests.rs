use super::*;
use crate::truth::{Cause, Detectable};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_ms(1_772_000_000_000 + minute * 60_000)
}

fn names(what: &str, from: usize, until: usize) -> Vec<String> {
    (from..until).map(|n| format!("urn:x:{what}:{n}")).collect()
}

/// An act on units 0 to 4, and a look-alike on units 10 to 14.
fn rows() -> Vec<TruthRow> {
    let act = TruthRow {
        id: "T-01".to_owned(),
        family: "pilferage".to_owned(),
        act: true,
        units: names("u", 0, 4),
        classes: Vec::new(),
        places: names("p", 0, 1),
        sources: Vec::new(),
        from: at(0),
        until: at(60),
        manifests: names("m", 0, 1),
        cents: 100,
        detectable_from: Some(Detectable {
            at: at(30),
            cause: Cause::Deadline,
            of: "urn:x:m:0".to_owned(),
        }),
        kinds: vec!["missing_units".to_owned()],
        allowed: vec!["unsigned_handover".to_owned()],
    };
    let innocent = TruthRow {
        id: "L-01".to_owned(),
        family: "late_truck".to_owned(),
        act: false,
        units: names("u", 10, 14),
        places: names("p", 1, 2),
        manifests: names("m", 1, 2),
        detectable_from: None,
        kinds: Vec::new(),
        allowed: vec!["late_units".to_owned(), "missing_units".to_owned()],
        ..act.clone()
    };
    vec![act, innocent]
}

fn finding(kind: &str, units: Vec<String>, minute: i64) -> Finding {
    Finding {
        kind: kind.to_owned(),
        id: format!("{kind}-{minute}"),
        mentions: units.iter().cloned().collect(),
        units: units.into_iter().collect(),
        place: None,
        site: None,
        interval: (None, None),
        severity: "medium".to_owned(),
        status: "open".to_owned(),
        opened_at: at(minute),
        changed_at: Some(at(minute + 5)),
        superseded_by: Vec::new(),
    }
}

/// (found, false findings) of the rows above.
fn check(findings: &[Finding], expect: (usize, usize)) {
    let score = judge(&rows(), findings, Some(1_000));
    let got = (score.found, score.false_findings);
    assert_eq!(got, expect, "{findings:?}");
    assert_eq!(score.planted, score.found + score.missed);
}

#[test]
fn an_act_is_found_by_half_of_its_units_and_not_too_many_others() {
    check(&[], (0, 0));
    check(&[finding("missing_units", names("u", 0, 4), 31)], (1, 0));
    check(&[finding("missing_units", names("u", 2, 4), 31)], (1, 0));
    // A quarter is not enough, but it is no lie either.
    check(&[finding("missing_units", names("u", 3, 4), 31)], (0, 0));
    let mut with_others = names("u", 0, 4);
    with_others.extend(names("other", 0, 8));
    check(&[finding("missing_units", with_others.clone(), 31)], (1, 0));
    with_others.extend(names("other", 8, 9));
    check(&[finding("missing_units", with_others, 31)], (0, 1));
    check(&[finding("weight_gap", names("u", 0, 4), 31)], (0, 1));
    check(
        &[finding("missing_units", names("other", 0, 4), 31)],
        (0, 1),
    );
}

#[test]
fn what_else_is_said_of_the_same_units_is_neither() {
    let found = finding("missing_units", names("u", 0, 4), 31);
    let allowed = finding("unsigned_handover", names("u", 0, 2), 33);
    check(&[found.clone(), allowed.clone()], (1, 0));
    check(&[allowed], (0, 0));
    let other = finding("broken_sequence", names("u", 0, 4), 33);
    check(&[found, other], (1, 1));
}

#[test]
fn a_finding_may_take_together_what_looks_alike() {
    let mut rows = rows();
    rows[0].allowed.push("late_units".to_owned());
    rows.push(TruthRow {
        id: "L-02".to_owned(),
        units: names("u", 20, 24),
        ..rows[1].clone()
    });
    let mut units = names("u", 10, 13);
    units.extend(names("u", 20, 23));
    units.extend(names("u", 0, 2));
    let together = finding("late_units", units.clone(), 40);
    assert_eq!(judge(&rows, &[together], None).false_findings, 0);
    let stands = finding("missing_units", units, 40);
    assert_eq!(judge(&rows, std::slice::from_ref(&stands), None).found, 1);
    rows.remove(0);
    assert_eq!(judge(&rows, &[stands], None).false_findings, 1);
}

#[test]
fn a_find_that_is_taken_back_is_no_find() {
    let mut taken_back = finding("missing_units", names("u", 0, 4), 31);
    taken_back.status = "retracted".to_owned();
    check(&[taken_back.clone()], (0, 1));
    let score = judge(&rows(), &[taken_back.clone()], None);
    assert_eq!((score.retracted_right, score.retracted_wrong), (0, 1));
    assert_eq!(score.seconds_stood.map(|seconds| seconds.max), Some(300));
    taken_back.units = names("other", 0, 4).into_iter().collect();
    check(&[taken_back.clone()], (0, 1));
    let score = judge(&rows(), &[taken_back], None);
    assert_eq!((score.retracted_right, score.retracted_wrong), (1, 0));
}

#[test]
fn what_gave_way_to_a_find_is_not_false() {
    let mut early = finding("missing_units", names("u", 0, 4), 31);
    early.status = "retracted".to_owned();
    let find = finding("missing_units", names("u", 0, 4), 50);
    check(&[early.clone(), find.clone()], (1, 1));
    early.superseded_by = vec![find.id.clone()];
    check(&[early.clone(), find.clone()], (1, 0));
    // Another found it in the meantime.
    let between = finding("missing", names("u", 0, 4), 40);
    check(&[early.clone(), between, find.clone()], (1, 0));
    early.superseded_by = vec!["another".to_owned()];
    check(&[early, find], (1, 1));
}

#[test]
fn what_a_look_alike_allows_may_be_taken_back() {
    let mut late = finding("late_units", names("u", 10, 14), 40);
    late.status = "retracted".to_owned();
    check(&[late], (0, 0));
}

#[test]
fn place_and_time_must_fit() {
    let mut elsewhere = finding("missing_units", names("u", 0, 4), 31);
    elsewhere.place = Some("urn:x:p:7".to_owned());
    check(&[elsewhere.clone()], (0, 0));
    elsewhere.site = Some("urn:x:p:0".to_owned());
    check(&[elsewhere], (1, 0));
    let mut then = finding("missing_units", names("u", 0, 4), 31);
    then.interval = (Some(at(-30)), Some(at(-1)));
    check(&[then.clone()], (0, 0));
    then.interval = (Some(at(-30)), Some(at(0)));
    check(&[then], (1, 0));
}

#[test]
fn other_words_for_the_same_are_the_same() {
    check(&[finding("missing", names("u", 0, 4), 31)], (1, 0));
    check(&[finding("late", names("u", 10, 14), 31)], (0, 0));
    check(&[finding("clock_off", Vec::new(), 31)], (0, 0));
}

#[test]
fn one_finding_for_a_whole_site_scores_nothing() {
    let mut site = finding("missing_units", Vec::new(), 31);
    site.place = Some("urn:x:p:0".to_owned());
    check(&[site.clone()], (0, 0));
    site.units = names("u", 0, 200).into_iter().collect();
    check(&[site], (0, 1));
}

#[test]
fn a_late_truck_is_late_but_no_thief() {
    let units = || names("u", 10, 14);
    check(&[finding("late_units", units(), 40)], (0, 0));
    check(&[finding("unexpected_units", units(), 40)], (0, 1));
    let mut alarm = finding("late_units", units(), 40);
    alarm.severity = "high".to_owned();
    check(&[alarm], (0, 1));
    let mut missing = finding("missing_units", units(), 40);
    check(&[missing.clone()], (0, 1));
    missing.status = "retracted".to_owned();
    check(&[missing], (0, 1));
}

#[test]
fn the_earliest_find_gives_the_time() {
    let findings = [
        finding("missing_units", names("u", 0, 4), 45),
        finding("missing_units", names("u", 0, 3), 32),
        finding("missing_units", names("u", 0, 2), 50),
    ];
    let score = judge(&rows(), &findings, Some(20_000));
    let seconds = score.seconds_to_finding.expect("found");
    assert_eq!((seconds.median, seconds.p99, seconds.max), (120, 120, 120));
    assert_eq!(score.seconds_from_act.expect("found").median, 32 * 60);
    let first = score.rows[0].finding.as_ref().expect("found");
    assert_eq!(first.0, "missing_units-32");
    assert_eq!(score.rows[0].tolerated, 2);
    let families: Vec<_> = score
        .families
        .iter()
        .map(|f| (f.act, f.family.as_str(), f.found))
        .collect();
    assert_eq!(families, [(true, "pilferage", 1), (false, "late_truck", 0)]);
    assert_eq!(score.lookalikes, 1);
    assert_eq!((score.recall(), score.precision()), (Some(1.0), Some(1.0)));
    assert_eq!(score.false_per_10k_units(), Some(0.0));
}

#[test]
fn shares_are_of_what_could_be_known() {
    let mut rows = rows();
    rows.push(TruthRow {
        id: "T-02".to_owned(),
        units: names("u", 20, 24),
        detectable_from: None,
        ..rows[0].clone()
    });
    let findings = [
        finding("missing_units", names("u", 0, 4), 45),
        finding("missing_units", names("other", 0, 4), 45),
    ];
    let score = judge(&rows, &findings, Some(20_000));
    assert_eq!((score.planted, score.detectable, score.found), (2, 1, 1));
    assert_eq!((score.recall(), score.precision()), (Some(1.0), Some(0.5)));
    assert_eq!(score.false_per_10k_units(), Some(0.5));
    let json = score.to_json();
    assert_eq!(json["families"][0]["family"], "pilferage");
    assert_eq!(json["families"][0]["planted"], 2);
    assert_eq!(json["families"][0]["detectable"], 1);
    assert_eq!(json["seconds_to_finding"]["p99"], 900);
}

#[test]
fn amounts_match_by_lot() {
    let mut rows = rows();
    rows[0].units.clear();
    rows[0].classes = names("lot", 0, 1);
    rows[0].kinds = vec!["quantity_gap".to_owned(), "conflicting_claim".to_owned()];
    let found = |finding: Finding| judge(&rows, &[finding], None).found;
    let mut by_lot = finding("quantity_gap", Vec::new(), 31);
    by_lot.mentions.insert("urn:x:lot:0".to_owned());
    assert_eq!(found(by_lot.clone()), 1);
    by_lot.units = names("lot", 0, 1).into_iter().collect();
    assert_eq!(found(by_lot), 1, "a lot may stand among the units");
    let mut by_place = finding("conflicting_claim", Vec::new(), 31);
    by_place.place = Some("urn:x:p:0".to_owned());
    assert_eq!(found(by_place), 0, "a place alone is no lot");
}

#[test]
fn files_are_read_and_errors_name_the_line() {
    let dir = std::env::temp_dir().join(format!("countersign-sim-score-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let (truth, findings) = (dir.join("truth.jsonl"), dir.join("findings.jsonl"));
    let lines: Vec<String> = rows().iter().map(|row| row.to_json().to_string()).collect();
    std::fs::write(&truth, lines.join("\n")).expect("written");
    let line = r#"{"kind":"missing_units","id":"f","units":["urn:x:u:0","urn:x:u:1"],"severity":"high",
        "status":"confirmed","opened_at":"2026-02-25T06:50:00Z"}"#;
    let line = line.replace('\n', " ");
    std::fs::write(&findings, format!("{line}\n\n")).expect("written");
    let good = score(&truth, &findings).expect("a score");
    assert_eq!((good.found, good.false_findings), (1, 0));
    assert_eq!(good.to_json()["seconds_to_finding"]["max"], 400);
    assert!(good.table().contains("T-01"), "{}", good.table());
    std::fs::write(&findings, "{}\n").expect("written");
    let error = score(&truth, &findings).expect_err("no finding");
    assert!(matches!(error, ScoreError::Finding { line: 1, .. }));
    std::fs::write(&findings, "{\n").expect("written");
    let error = score(&truth, &findings).expect_err("no JSON");
    assert!(matches!(error, ScoreError::Json { line: 1, .. }));
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[test]
fn scores_of_several_worlds_add_up() {
    let found = [finding("missing_units", names("u", 0, 4), 31)];
    let wrong = [
        finding("missing_units", names("u", 10, 14), 40),
        Finding {
            status: "retracted".to_owned(),
            ..finding("missing_units", names("u", 20, 24), 50)
        },
    ];
    let one = judge(&rows(), &found, Some(1_000));
    let other = judge(&rows(), &wrong, Some(3_000));
    let both = one.clone().and(other.clone());
    assert_eq!((both.planted, both.found, both.missed), (2, 1, 1));
    assert_eq!(
        both.false_findings,
        one.false_findings + other.false_findings
    );
    assert_eq!(both.seconds_to_finding, one.seconds_to_finding);
    assert_eq!(both.seconds_stood, other.seconds_stood);
    assert_eq!(both.units, Some(4_000));
    assert_eq!(both.rows.len(), 4);
    let unknown = judge(&rows(), &found, None);
    assert_eq!(both.and(unknown).units, None);
}

#[test]
fn a_dark_source_is_no_matter_of_goods_that_it_saw() {
    let dark = TruthRow {
        units: Vec::new(),
        manifests: Vec::new(),
        sources: names("d", 0, 3),
        allowed: vec!["source_silent".to_owned()],
        ..rows().remove(1)
    };
    let check = |finding: Finding, false_findings: usize| {
        let score = judge(&[rows().remove(0), dark.clone()], &[finding], None);
        assert_eq!(score.false_findings, false_findings);
    };
    let mention = |finding: Finding| Finding {
        mentions: names("d", 1, 2).into_iter().collect(),
        ..finding
    };
    check(mention(finding("source_silent", Vec::new(), 10)), 0);
    check(mention(finding("missing_units", Vec::new(), 10)), 1);
    check(
        mention(finding("unsigned_handover", names("u", 0, 4), 10)),
        0,
    );
}

/// What cameras count is a class of all loads: it stands for a row with units under its papers alone.
#[test]
fn a_shared_class_is_a_matter_of_the_papers_that_are_named() {
    let carton = "urn:x:class:carton".to_owned();
    let mut rows = rows();
    rows[0].kinds.push("quantity_mismatch".to_owned());
    rows[0].classes = vec![carton.clone()];
    let check = |manifest: usize, expect: (usize, usize)| {
        let mut counted = finding("quantity_mismatch", Vec::new(), 31);
        counted.mentions = names("m", manifest, manifest + 1).into_iter().collect();
        counted.mentions.insert(carton.clone());
        let score = judge(&rows, &[counted], Some(1_000));
        assert_eq!((score.found, score.false_findings), expect, "{manifest}");
    };
    check(0, (1, 0));
    check(1, (0, 1));
    check(7, (0, 1));
}
