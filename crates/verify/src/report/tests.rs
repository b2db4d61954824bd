use super::*;

fn report(verdicts: &[(&'static str, Verdict)]) -> Report {
    let mut report = Report::new(Subject::Pack, true);
    for (code, verdict) in verdicts {
        report.pieces.push(Piece {
            name: "a \"file\"\u{1b}".to_owned(),
            claim: "something".to_owned(),
            verdict: *verdict,
            code,
            detail: "why".to_owned(),
        });
    }
    report
}

fn check(verdicts: &[(&'static str, Verdict)], expect: Verdict, consistent: bool) {
    let report = report(verdicts);
    assert_eq!(report.verdict(), expect, "{verdicts:?}");
    assert_eq!(report.is_consistent_in_itself(), consistent, "{verdicts:?}");
}

#[test]
fn the_whole_is_as_good_as_its_worst_piece() {
    use Verdict::{CannotTell, Disproven, Proven};
    let proven = (PROVEN, Proven);
    let unpinned = ("no_pinned_key", CannotTell);
    let rests = ("rests_on_checkpoint", CannotTell);
    let absent = ("body_absent", CannotTell);
    let wrong = ("signature_wrong", Disproven);
    check(&[], CannotTell, false);
    check(&[proven, proven], Proven, false);
    check(&[proven, unpinned, rests], CannotTell, true);
    check(&[proven, unpinned, absent], CannotTell, false);
    check(&[proven, absent], CannotTell, false);
    check(&[wrong, unpinned, absent], Disproven, false);
}

#[test]
fn exit_codes_tell_the_verdicts_apart() {
    let codes = [Verdict::Proven, Verdict::Disproven, Verdict::CannotTell].map(Verdict::exit_code);
    assert_eq!(codes, [0, 1, 3]);
}

#[test]
fn texts_are_harmless_and_json_is_json() {
    let report = report(&[
        (PROVEN, Verdict::Proven),
        ("body_absent", Verdict::CannotTell),
    ]);
    let text = report.to_text();
    assert!(!text.contains('\u{1b}'));
    assert!(text.starts_with("Cannot tell: a \"file\"?: why (body_absent).\n"));
    let json = report.to_json();
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(read["verdict"], "cannot_tell");
    assert_eq!(read["pieces"][1]["code"], "body_absent");
    assert_eq!(read["origin"], serde_json::Value::Null);
}
