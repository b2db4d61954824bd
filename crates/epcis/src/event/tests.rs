use super::*;

const OBJECT: &str = r#"{"type":"ObjectEvent","eventTime":"2026-03-02T08:15:00+01:00","eventTimeZoneOffset":"+01:00","action":"OBSERVE","epcList":["urn:epc:id:sscc:4012345.3111111111"]#REST}"#;

/// Checks an event by `code field` of its problems; `REST` stands for more members.
fn check(rest: &str, expect: &[&str]) {
    check_whole(&OBJECT.replace("#REST", rest), expect);
}

fn check_whole(text: &str, expect: &[&str]) {
    let found = match super::check(text.as_bytes(), &Context::standard()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{} {}", problem.code, problem.field))
            .collect(),
    };
    assert_eq!(found, expect, "{text}");
}

fn warnings(rest: &str, expect: &[&str]) {
    let text = OBJECT.replace("#REST", rest);
    let checked = super::check(text.as_bytes(), &Context::standard()).expect("in order");
    let codes: Vec<_> = checked.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, expect, "{text}");
}

#[test]
fn members_of_every_event() {
    check("", &[]);
    check(r#","recordTime":"2026-03-02T08:15:00Z""#, &[]);
    check(r#","recordTime":"yesterday""#, &["not_a_time recordTime"]);
    check(r#","eventID":"1""#, &["not_a_uri eventID"]);
    check(r#","certificationInfo":"urn:x:c""#, &[]);
    check(
        r#","certificationInfo":["urn:x:c",1]"#,
        &["wrong_type certificationInfo[1]"],
    );
    check(r#","bizStep":"packing","disposition":"in_transit""#, &[]);
    check(r#","bizStep":null"#, &["wrong_type bizStep"]);
    check(
        r#","readPoint":{"id":"urn:x:p","@id":"urn:x:q"}"#,
        &["unknown_field readPoint.@id"],
    );
    check(r#","readPoint":"urn:x:p""#, &["wrong_type readPoint"]);
    check(
        r#","persistentDisposition":{}"#,
        &["missing_field persistentDisposition.set"],
    );
    check(
        r#","persistentDisposition":{"set":["stolen","cbv:Disp-stolen"]}"#,
        &["duplicate_item persistentDisposition.set"],
    );
    check(r#","parentID":"urn:x:u""#, &["unknown_field parentID"]);
    check(r#","foo":1"#, &["unknown_field foo"]);
    check(r#","foo:bar":1"#, &[]);
    check(
        r#","epcis:parentID":"urn:x:u""#,
        &["reserved_field epcis:parentID"],
    );
    check(
        r#","https://ref.gs1.org/epcis/action":"ADD""#,
        &["reserved_field https://ref.gs1.org/epcis/action"],
    );
    check_whole("[]", &["wrong_type "]);
    check_whole("{}", &["missing_field type"]);
    check_whole(r#"{"type":"Event"}"#, &["unknown_type type"]);
    check_whole(r#"{"type":"epcis:ObjectEvent"}"#, &["reserved_field type"]);
    check_whole(r#"{"type":1}"#, &["wrong_type type"]);
    check_whole("{", &["invalid_json "]);
    check_whole(
        r#"{"type":"ObjectEvent","type":"ObjectEvent"}"#,
        &["duplicate_key "],
    );
}

#[test]
fn units_and_quantities() {
    let events = |list: &str| {
        let text = OBJECT.replace("#REST", "");
        text.replace(r#""epcList":["urn:epc:id:sscc:4012345.3111111111"]"#, list)
    };
    check_whole(&events(r#""epcList":[]"#), &[]);
    check_whole(&events(r#""quantityList":[]"#), &["no_units epcList"]);
    check_whole(
        &events(r#""epcList":["urn:x:a","urn:x:a"]"#),
        &["duplicate_item epcList"],
    );
    check_whole(
        &events(r#""epcList":["urn:epc:id:sscc:1.2"]"#),
        &["malformed_key epcList[0]"],
    );
    check_whole(&events(r#""epcList":["a b"]"#), &["not_a_uri epcList[0]"]);
    check_whole(&events(r#""epcList":"urn:x:a""#), &["wrong_type epcList"]);
    check_whole(
        &events(
            r#""sensorElementList":[{"sensorReport":[{"type":"Mass"}]}],"readPoint":{"id":"urn:x:p"}"#,
        ),
        &[],
    );
    check_whole(
        &events(r#""sensorElementList":[{"sensorReport":[{"type":"Mass"}]}]"#),
        &["no_units epcList"],
    );
    let quantity = |rest: &str| format!(r#","quantityList":[{{"epcClass":"urn:x:c"{rest}}}]"#);
    check(&quantity(""), &[]);
    check(&quantity(r#","quantity":12.50,"uom":"KGM""#), &[]);
    check(
        &quantity(r#","quantity":-1"#),
        &["bad_quantity quantityList[0].quantity"],
    );
    check(
        &quantity(r#","quantity":"12""#),
        &["wrong_type quantityList[0].quantity"],
    );
    check(
        &quantity(r#","quantity":123456789012345678901234567890"#),
        &["bad_quantity quantityList[0].quantity"],
    );
    check(
        &quantity(r#","uom":"kg""#),
        &["bad_pattern quantityList[0].uom"],
    );
    check(
        &quantity(r#","weight":1"#),
        &["unknown_field quantityList[0].weight"],
    );
}

#[test]
fn parents_and_children() {
    let event = |kind: &str, action: &str, rest: &str| {
        format!(
            r#"{{"type":"{kind}","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00","action":"{action}"{rest}}}"#
        )
    };
    let (parent, children) = (r#","parentID":"urn:x:p""#, r#","childEPCs":["urn:x:c"]"#);
    let both = format!("{parent}{children}");
    for kind in ["AggregationEvent", "AssociationEvent"] {
        for action in ["ADD", "OBSERVE", "DELETE"] {
            check_whole(&event(kind, action, &both), &[]);
        }
        check_whole(&event(kind, "ADD", children), &["missing_parent parentID"]);
        check_whole(&event(kind, "DELETE", parent), &[]);
        check_whole(
            &event(kind, "OBSERVE", parent),
            &["missing_children childEPCs"],
        );
    }
    check_whole(&event("AggregationEvent", "OBSERVE", children), &[]);
    check_whole(
        &event("AssociationEvent", "OBSERVE", children),
        &["missing_parent parentID"],
    );
    let documents = r#","bizTransactionList":[{"bizTransaction":"urn:x:d"}]"#;
    check_whole(&event("TransactionEvent", "DELETE", documents), &[]);
    check_whole(
        &event("TransactionEvent", "ADD", documents),
        &["no_units epcList"],
    );
    check_whole(
        &event(
            "TransactionEvent",
            "ADD",
            r#","bizTransactionList":[],"epcList":[]"#,
        ),
        &["empty_list bizTransactionList"],
    );
}

#[test]
fn transformations() {
    let event = |rest: &str| {
        format!(
            r#"{{"type":"TransformationEvent","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00"{rest}}}"#
        )
    };
    let (input, output) = (
        r#","inputEPCList":["urn:x:a"]"#,
        r#","outputEPCList":["urn:x:b"]"#,
    );
    let name = r#","transformationID":"urn:x:t""#;
    check_whole(&event(&format!("{input}{output}")), &[]);
    check_whole(&event(input), &["no_units inputEPCList"]);
    check_whole(&event(&format!("{name}{output}")), &[]);
    check_whole(&event(name), &["no_units inputEPCList"]);
    check_whole(
        &event(&format!("{input}{output},\"action\":\"ADD\"")),
        &["unknown_field action"],
    );
}

#[test]
fn declarations_and_master_data() {
    let declaration = |rest: &str| {
        format!(r#","errorDeclaration":{{"declarationTime":"2026-03-03T00:00:00Z"{rest}}}"#)
    };
    check(&declaration(""), &[]);
    check(
        &declaration(r#","reason":"incorrect_data","correctiveEventIDs":["urn:x:e"]"#),
        &[],
    );
    check(
        &declaration(r#","reason":"cbv:ER-did_not_occur","correctiveEventIDs":["urn:x:e"]"#),
        &["corrective_ids_not_allowed errorDeclaration.correctiveEventIDs"],
    );
    check(
        &declaration(r#","reason":"oops""#),
        &["unknown_term errorDeclaration.reason"],
    );
    check(
        r#","errorDeclaration":{}"#,
        &["missing_field errorDeclaration.declarationTime"],
    );
    check(r#","ilmd":{"ex:a":1}"#, &["ilmd_not_allowed ilmd"]);
    let add = OBJECT.replace("OBSERVE", "ADD");
    check_whole(&add.replace("#REST", r#","ilmd":{"ex:a":1}"#), &[]);
    check_whole(
        &add.replace("#REST", r#","ilmd":{"a":1}"#),
        &["unknown_field ilmd.a"],
    );
    check_whole(&add.replace("#REST", r#","ilmd":[]"#), &["wrong_type ilmd"]);
}

#[test]
fn fields_of_our_own() {
    let own = |rest: &str| format!(r#","@context":{{"cs":"urn:countersign:ns:1:"}}{rest}"#);
    check(&own(r#","cs:weight":{"value":"12.5","uom":"KGM"}"#), &[]);
    check(&own(r#","cs:weight":{"value":12.5,"uom":"KGM"}"#), &[]);
    check(
        &own(r#","cs:weight":{"value":12.5}"#),
        &["missing_field weight.uom"],
    );
    check(&own(r#","cs:weight":12.5"#), &["wrong_type weight"]);
    check(
        &own(r#","cs:seal":["A-1","A-2"],"cs:actor":"p-17","cs:transfer":"urn:x:t""#),
        &[],
    );
    check(&own(r#","cs:actor":"John Smith""#), &["bad_pattern actor"]);
    check(
        &own(r#","cs:counterparty":"Smith""#),
        &["not_a_uri counterparty"],
    );
    check(&own(r#","cs:value":"1.20","cs:currency":"EUR""#), &[]);
    check(&own(r#","cs:value":"1.20""#), &["missing_field currency"]);
    check(
        &own(r#","cs:value":"a lot","cs:currency":"EUR""#),
        &["bad_quantity value"],
    );
    check(&own(r#","cs:price":1"#), &["unknown_field cs:price"]);
    check(
        &own(r#","cs:actor":"p","urn:countersign:ns:1:actor":"q""#),
        &["duplicate_key urn:countersign:ns:1:actor"],
    );
    check(
        r#","weight":{"value":1,"uom":"KGM"}"#,
        &["unknown_field weight"],
    );
}

#[test]
fn odd_but_taken() {
    let report = |rest: &str| format!(r#","sensorElementList":[{{"sensorReport":[{{{rest}}}]}}]"#);
    warnings(
        &report(r#""type":"Humidity""#),
        &["unknown_measurement_type"],
    );
    warnings(&report(r#""type":"urn:x:wet""#), &[]);
    warnings(
        &report(r#""exception":"ALARM_CONDITION""#),
        &["unknown_measurement_type"],
    );
    check(
        &report(""),
        &["missing_field sensorElementList[0].sensorReport[0].type"],
    );
    warnings(r#","bizStep":"cbv:own_step""#, &["unknown_vocabulary"]);
    warnings(r#","who:knows":1"#, &["undeclared_prefix"]);
    warnings(
        r#","bizLocation":{"id":"https://id.gs1.org/414/4012345000055"}"#,
        &["check_digit"],
    );
    let own = r#"{"type":"urn:x:DoorEvent","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00","door":1}"#;
    let checked = super::check(own.as_bytes(), &Context::standard()).expect("in order");
    assert_eq!(
        (checked.kind, checked.warnings[0].code),
        (None, "extended_event")
    );
}

#[test]
fn a_bare_event_says_which_names_it_uses() {
    let text = OBJECT.replace("#REST", "");
    let problems = super::check(text.as_bytes(), &Context::bare_event()).expect_err("no context");
    assert_eq!(problems[0].field, "@context");
    let with = OBJECT.replace("#REST", r#","@context":{}"#);
    assert!(super::check(with.as_bytes(), &Context::bare_event()).is_ok());
    let hostile = OBJECT.replace("#REST", r#","@context":{"epcList":"urn:x:y"}"#);
    let problems = super::check(hostile.as_bytes(), &Context::standard()).expect_err("hostile");
    assert_eq!(problems[0].code, "protected_term");
}

#[test]
fn limits_of_one_event() {
    let many: Vec<String> = (0..16_385).map(|n| format!("\"urn:x:{n}\"")).collect();
    let text = OBJECT
        .replace("#REST", "")
        .replace("\"urn:epc:id:sscc:4012345.3111111111\"", &many.join(","));
    check_whole(&text, &["too_many_units epcList[16384]"]);
    let sealed: Vec<String> = (0..2048).map(|n| format!(",\"ex:{n}\":{n}")).collect();
    check(&sealed.concat(), &["too_many_sealed "]);
    let wrong = OBJECT.replace("#REST", "").replace(
        "\"urn:epc:id:sscc:4012345.3111111111\"",
        &["1"; 500].join(","),
    );
    let problems = super::check(wrong.as_bytes(), &Context::standard()).expect_err("wrong");
    assert_eq!(problems.len(), crate::limits::PROBLEMS_MAX);
}
