//! What each explanation says.

use serde_json::{Value, json};

use super::*;

fn check(template: &str, arguments: &Value, expect: &str) {
    let finding = json!({
        "id": "ab", "kind": "k", "template": template, "arguments": arguments,
        "units": ["urn:x:1", "urn:x:2"], "place": "urn:x:zone",
        "amounts": [{"class": "urn:x:c", "difference": "-1200", "uom": "C62"}],
        "names": {"urn:x:zone": {"label": "Zone A"}, "urn:x:c": {"label": "Phone"}},
    });
    let wire = FindingWire::read(&finding).expect("finding");
    assert_eq!(of(&wire).replace('\u{a0}', " "), expect, "{template}");
}

#[test]
fn every_rule_has_a_name() {
    for rule in countersign_detect::rules() {
        let finding = json!({"id": "ab", "kind": rule.id});
        let title = title(&FindingWire::read(&finding).expect("finding"));
        assert!(!title.is_empty() && !title.contains('_'), "{}", rule.id);
    }
}

#[test]
fn times_and_doors() {
    let way = json!([
        {"argument": "from_site", "place": "urn:x:zone"},
        {"argument": "to_site", "place": "urn:x:c"},
        {"argument": "travelled_in", "milliseconds": 600_000},
        {"argument": "transit_min", "milliseconds": 2_400_000},
    ]);
    check(
        "impossible_travel",
        &way,
        "2 units from Zone A to Phone: seen at both in 10 min; nobody makes the way in less than 40 min.",
    );
    check(
        "duplicate_identity",
        &way,
        "2 units: seen at Zone A and Phone by turns, and nobody makes the way in less than 40 min; \
         two things bear one name.",
    );
    let stay = |what: &str| {
        json!([
            {"argument": "from_site", "place": "urn:x:zone"},
            {"argument": "dwell", "word": what},
            {"argument": "allowed_for", "milliseconds": 7_200_000},
            {"argument": "stayed_for", "milliseconds": 10_800_000},
        ])
    };
    check(
        "dwell",
        &stay("stay"),
        "2 units: stayed at Zone A for 3 h; 2 h is allowed.",
    );
    check(
        "dwell",
        &stay("transit"),
        "2 units: under way from Zone A without a plan for 3 h; 2 h is allowed.",
    );
    check(
        "seal_broken",
        &way,
        "2 units from Zone A to Phone: found open, and nobody said that he opened it.",
    );
    check(
        "late_evidence",
        &json!([{"argument": "late_by", "milliseconds": 10_800_000},
            {"argument": "settles_after", "milliseconds": 7_200_000}]),
        "2 units at Zone A: an observation was recorded 3 h behind its time; what is that old was settled \
         after 2 h, and it moves nothing.",
    );
}

#[test]
fn seals_counts_papers_and_corrections() {
    check(
        "seal_mismatch",
        &json!([{"argument": "planned_seal", "unit": "urn:countersign:key:1:seal:71"},
            {"argument": "found_seal", "unit": "urn:countersign:key:1:seal:99"},
            {"argument": "to_site", "place": "urn:x:zone"}]),
        "Load to Zone A: the plan says seal 71, and seal 99 was read.",
    );
    check(
        "seal_mismatch",
        &json!([{"argument": "found_seal", "unit": "urn:countersign:key:1:seal:99"}]),
        "Load: seal 99 was read, which the plan does not say.",
    );
    check(
        "inventory_variance",
        &json!([{"argument": "booked", "quantity": "38", "uom": "C62"},
            {"argument": "counted", "quantity": "1238", "uom": "C62"}]),
        "Counted at Zone A: Phone: 1,200 pieces too many (booked 38, counted 1,238).",
    );
    check(
        "quantity_gap.depart",
        &json!([{"argument": "planned", "quantity": "30", "uom": "C62"},
            {"argument": "signed", "quantity": "30", "uom": "C62"},
            {"argument": "tallied", "quantity": "1230", "uom": "C62"}]),
        "Phone: 1,200 pieces too many (planned 30, signed 30, tallied 1,230).",
    );
    check(
        "inventory_variance.left",
        &json!([{"argument": "booked", "quantity": "5", "uom": "C62"},
            {"argument": "given", "quantity": "1205", "uom": "C62"}]),
        "More left than there was at Zone A: Phone: 1,200 pieces too many (booked 5, given 1,205).",
    );
    let left = json!([{"argument": "load", "plan": "urn:x:m1"},
        {"argument": "due", "time": "2026-03-02T17:00:00Z"},
        {"argument": "left", "time": "2026-03-02T16:00:00Z"}]);
    check(
        "proof_missing",
        &left,
        "The load left 2026-03-02 16:00:00Z without a document for urn:x:m1.",
    );
    check(
        "late_units.document",
        &json!([{"argument": "due", "time": "2026-03-02T17:00:00Z"},
            {"argument": "named", "time": "2026-03-02T18:00:00Z"}]),
        "A document, due 2026-03-02 17:00:00Z, came late: 2026-03-02 18:00:00Z.",
    );
    check(
        "record_tampering",
        &json!([{"argument": "hidden", "word": "weight_mismatch"},
            {"argument": "taken_back_after", "milliseconds": 7_200_000}]),
        "2 units at Zone A: what was said there was taken back 2 h later; that hides a difference of \
         weights, and nobody else confirms it.",
    );
    check(
        "record_tampering",
        &json!([{"argument": "hidden", "word": "missing"},
            {"argument": "changed", "time": "2026-03-02T17:00:00Z"}]),
        "2 units: the plan was changed 2026-03-02 17:00:00Z, and hides goods that had left and never came.",
    );
}

#[test]
fn sentences() {
    let none = json!([]);
    check(
        "missing_units.count",
        &json!([{"argument": "opens", "time": "2026-03-02T15:00:00Z"}]),
        "2 units at Zone A: held there when counting opened (2026-03-02 15:00:00Z), not counted, \
         and not seen since.",
    );
    check(
        "missing_units",
        &none,
        "2 units: not seen by the deadline, and not since.",
    );
    check(
        "late_units",
        &json!([{"argument": "late_by", "milliseconds": 5_400_000},
            {"argument": "to_site", "place": "urn:x:zone"}]),
        "2 units to Zone A: seen after the deadline, by up to 1 h 30 min.",
    );
    check(
        "late_units.no_count",
        &json!([{"argument": "due", "time": "2026-03-02T17:00:00Z"}]),
        "Nobody counted Zone A by 2026-03-02 17:00:00Z; what is missing there is not known.",
    );
    check(
        "quantity_gap.arrive",
        &json!([{"argument": "given", "quantity": "38", "uom": "C62"},
            {"argument": "taken", "quantity": "1238", "uom": "C62"}]),
        "Phone: 1,200 pieces too many (given 38, taken 1,238).",
    );
    check(
        "weight_gap",
        &json!([{"argument": "before", "kilograms": "402.5"}, {"argument": "now", "kilograms": "390"},
            {"argument": "difference", "kilograms": "-12.5"}, {"argument": "allowed", "kilograms": "4.025"}]),
        "Weighed 402.5 kg, then 390 kg: 12.5 kg less; a difference of 4.025 kg is allowed.",
    );
    check(
        "weight_gap",
        &none,
        "2 units: two weights differ by more than is allowed.",
    );
}

#[test]
fn more_sentences() {
    let none = json!([]);
    check(
        "unexpected_units",
        &json!([{"argument": "planned_to", "place": "urn:x:far"}]),
        "2 units taken at Zone A: the plan sends that to urn:x:far.",
    );
    check(
        "unexpected_units",
        &json!([{"argument": "planned_to", "place": "urn:x:zone"},
            {"argument": "to_site", "place": "urn:x:zone"}]),
        "2 units taken at Zone A: the plan that was named does not list that.",
    );
    check(
        "broken_sequence",
        &json!([{"argument": "sequence", "word": "after_delivery"}]),
        "2 units: seen elsewhere after it was delivered.",
    );
    check(
        "unsigned_handover",
        &json!([{"argument": "gap", "word": "nobody_gave"},
            {"argument": "missing_signature", "word": "giver"}]),
        "2 units: taken, and nobody gave; the giver's signature is missing.",
    );
    check(
        "conflicting_claim",
        &none,
        "One claim about 2 units came twice with different content; the first keeps its effect.",
    );
}

#[test]
fn sentences_of_places_and_sources() {
    let none = json!([]);
    check(
        "wrong_place",
        &json!([{"argument": "to_site", "place": "urn:x:far"},
            {"argument": "last_site", "place": "urn:x:zone"}]),
        "2 units to urn:x:far: did not arrive, and was seen at Zone A.",
    );
    check(
        "unaccepted",
        &json!([{"argument": "to_site", "place": "urn:x:zone"}]),
        "2 units to Zone A: seen where it arrived; nobody there signed for it, as the contract \
         asks.",
    );
    check(
        "containment_change",
        &json!([{"argument": "container", "unit": "urn:x:p1"},
            {"argument": "to_site", "place": "urn:x:zone"}]),
        "2 units: packed in urn:x:p1, which was seen at Zone A where that cannot be; nobody took \
         it out.",
    );
    check(
        "source_silent",
        &json!([{"argument": "source", "text": "camera:7"},
            {"argument": "heartbeat", "milliseconds": 720_000},
            {"argument": "silent_for", "milliseconds": 5_400_000}]),
        "Nothing was heard of camera:7 at Zone A, which must be heard every 12 min, for up to \
         1 h 30 min.",
    );
    check(
        "source_silent.together",
        &json!([{"argument": "together", "count": 2}, {"argument": "listened", "count": 9}]),
        "2 of 9 sources at Zone A were silent at one time.",
    );
    check(
        "source_silent.site",
        &json!([{"argument": "listened", "count": 9}]),
        "All 9 sources at Zone A were silent at one time.",
    );
    check(
        "suppressed_statement",
        &json!([{"argument": "source", "text": "device:gate-9"},
            {"argument": "statements", "count": 3}, {"argument": "counters", "text": "17-19"}]),
        "3 statements of device:gate-9 at Zone A never came (number 17-19), though later ones did.",
    );
    check(
        "clock_off",
        &none,
        "The clock of one key differs from the node's by more than is allowed.",
    );
    check("later.rule", &none, "Later rule.");
}
