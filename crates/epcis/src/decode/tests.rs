use countersign_model::ids::PrincipalId;
use proptest::prelude::*;

use super::*;

fn context() -> Context {
    let names = br#"[{"cs":"urn:countersign:ns:1:","ex":"https://ex.org/"}]"#;
    let doc = Doc::parse(names).expect("JSON");
    Context::parse(doc.root()).expect("valid")
}

fn decoded(text: &str) -> Result<Claim, Problem> {
    let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
    let provenance = Provenance {
        issuer: &issuer,
        document: Digest::of(b"document"),
        nth: 3,
    };
    decode(text.as_bytes(), &context(), provenance)
}

/// An ObjectEvent with these members.
fn event(rest: &str) -> String {
    format!(
        r#"{{"type":"ObjectEvent","eventID":"urn:uuid:1","eventTime":"2026-03-02T08:15:00.5+01:00","eventTimeZoneOffset":"+02:00","action":"OBSERVE",{rest}}}"#
    )
}

fn sighting_of(text: &str) -> Sighting {
    let claim = decoded(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    match claim.facts.into_iter().next() {
        Some(Fact::Sighting(sighting)) => sighting,
        other => panic!("{other:?}"),
    }
}

/// The facts of an event in one line.
fn facts(text: &str) -> String {
    let s = sighting_of(text);
    let list = |ids: &[countersign_model::ids::UnitId]| {
        let ids: Vec<_> = ids
            .iter()
            .map(|id| id.as_str().trim_start_matches("https://id.gs1.org/"))
            .collect();
        ids.join(" ")
    };
    let mut out = format!("{:?}", s.kind);
    let mut say = |name: &str, text: String| {
        if !text.is_empty() {
            out.extend([" ", name, "=", &text]);
        }
    };
    say(
        "step",
        s.step
            .as_ref()
            .map(|s| s.as_str().to_owned())
            .unwrap_or_default(),
    );
    say("units", list(&s.units));
    say(
        "parent",
        s.parent.map(|p| p.to_string()).unwrap_or_default(),
    );
    say("outputs", list(&s.outputs));
    say("place", s.place.map(|p| p.to_string()).unwrap_or_default());
    say(
        "location",
        s.location.map(|p| p.to_string()).unwrap_or_default(),
    );
    let quantity = |q: &countersign_model::claim::ClassQuantity| {
        let amount = q.quantity.map_or_else(|| "?".to_owned(), |q| q.to_string());
        format!("{}:{amount}", q.class)
    };
    say(
        "quantities",
        s.quantities
            .iter()
            .map(quantity)
            .collect::<Vec<_>>()
            .join(" "),
    );
    say(
        "made",
        s.output_quantities
            .iter()
            .map(quantity)
            .collect::<Vec<_>>()
            .join(" "),
    );
    say("from", s.from.map(|p| p.to_string()).unwrap_or_default());
    say("to", s.to.map(|p| p.to_string()).unwrap_or_default());
    let documents: Vec<_> = s.documents.iter().map(ToString::to_string).collect();
    say("documents", documents.join(" "));
    let weight = |w: &Weight| format!("{}{}", w.kilograms, if w.doubtful { "?" } else { "" });
    say(
        "weights",
        s.weights.iter().map(weight).collect::<Vec<_>>().join(" "),
    );
    say("value", s.value.map(|v| v.to_string()).unwrap_or_default());
    out
}

fn check(text: &str, expect: &str) {
    assert_eq!(facts(text), expect, "{text}");
}

#[test]
fn units_and_places() {
    check(
        &event(
            r#""epcList":["urn:epc:id:sscc:4012345.3111111111","https://example.org/00/340123451111111111","ex:u1"]"#,
        ),
        "Object units=https://ex.org/u1 00/340123451111111111",
    );
    check(
        &event(
            r#""epcList":[],"bizStep":"cbv:BizStep-departing","readPoint":{"id":"urn:x:dock"},"bizLocation":{"id":"urn:x:hall"}"#,
        ),
        "Object step=departing place=urn:x:dock location=urn:x:hall",
    );
    check(
        &event(
            r#""quantityList":[{"epcClass":"urn:x:c","quantity":12.50,"uom":"EA"},{"epcClass":"urn:x:d"}]"#,
        ),
        "Object quantities=urn:x:c:12.5 C62 urn:x:d:?",
    );
    check(
        r#"{"type":"TransformationEvent","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00","inputEPCList":["urn:x:a"],"outputEPCList":["urn:x:b"],"inputQuantityList":[{"epcClass":"urn:x:c","quantity":1}],"outputQuantityList":[{"epcClass":"urn:x:d","quantity":2,"uom":"KGM"}]}"#,
        "Transformation units=urn:x:a outputs=urn:x:b quantities=urn:x:c:1 C62 made=urn:x:d:2 KGM",
    );
    check(
        r#"{"type":"AggregationEvent","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00","action":"ADD","parentID":"urn:x:p","childEPCs":["urn:x:b","urn:x:a"]}"#,
        "Aggregation units=urn:x:a urn:x:b parent=urn:x:p",
    );
}

#[test]
fn parties_and_documents() {
    let lists = r#""epcList":[],"sourceList":[{"type":"owning_party","source":"urn:x:o"},{"type":"possessing_party","source":"urn:x:a"}],"destinationList":[{"type":"cbv:SDT-possessing_party","destination":"urn:x:b"}]"#;
    check(&event(lists), "Object from=urn:x:a to=urn:x:b");
    let with = |step: &str| {
        event(&format!(
            r#""epcList":[],"bizStep":"{step}","cs:counterparty":"urn:x:c""#
        ))
    };
    check(&with("departing"), "Object step=departing to=urn:x:c");
    check(&with("receiving"), "Object step=receiving from=urn:x:c");
    check(&with("storing"), "Object step=storing");
    let given = event(&format!(
        r#"{lists},"bizStep":"departing","cs:counterparty":"urn:x:c""#
    ));
    check(&given, "Object step=departing from=urn:x:a to=urn:x:b");
    check(
        &event(
            r#""epcList":[],"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:x:m"},{"bizTransaction":"urn:x:b"}],"cs:transfer":"urn:x:t""#,
        ),
        "Object documents=urn:x:m urn:x:b urn:x:t",
    );
    check(
        &event(
            r#""epcList":[],"bizTransactionList":[{"bizTransaction":"urn:x:t"}],"cs:transfer":"urn:x:t""#,
        ),
        "Object documents=urn:x:t",
    );
}

#[test]
fn weights_and_values() {
    let report = |rest: &str| {
        event(&format!(
            r#""epcList":[],"sensorElementList":[{{"sensorReport":[{{{rest}}}]}}]"#
        ))
    };
    for mass in [
        "Mass",
        "gs1:Mass",
        "https://gs1.org/voc/Mass",
        "http://www.gs1.org/voc/Mass",
    ] {
        check(
            &report(&format!(r#""type":"{mass}","value":1500,"uom":"GRM""#)),
            "Object weights=1.5",
        );
    }
    check(
        &report(r#""type":"Mass","value":12,"uom":"KGM","exception":"ERROR_CONDITION""#),
        "Object weights=12?",
    );
    check(
        &report(r#""type":"Temperature","value":12,"uom":"CEL""#),
        "Object",
    );
    check(
        &report(r#""type":"Mass","minValue":12,"uom":"KGM""#),
        "Object",
    );
    let odd = decoded(&report(r#""type":"Mass","value":12,"uom":"stone""#)).expect("taken");
    assert_eq!(odd.warnings[0].code, "unknown_uom");
    check(
        &event(r#""epcList":[],"cs:weight":{"value":"2","uom":"LBR"}"#),
        "Object weights=0.90718474",
    );
    check(
        &event(r#""epcList":[],"cs:value":"12.50","cs:currency":"EUR""#),
        "Object value=12.5 EUR",
    );
}

#[test]
fn times() {
    let claim = decoded(&event(r#""epcList":[]"#)).expect("valid");
    assert_eq!(claim.time.at.to_string(), "2026-03-02T07:15:00.500Z");
    assert_eq!(claim.time.offset_min, Some(120));
    assert_eq!(sighting_of(&event(r#""epcList":[]"#)).time, claim.time);
}

#[test]
fn declarations_of_error() {
    let plain = decoded(&event(r#""epcList":[]"#)).expect("valid");
    let declared = decoded(&event(
        r#""epcList":[],"errorDeclaration":{"declarationTime":"2026-03-03T00:00:00Z","reason":"cbv:ER-incorrect_data","correctiveEventIDs":["urn:uuid:2"]}"#,
    ))
    .expect("valid");
    assert_ne!(declared.id, plain.id);
    let correction = declared.correction.expect("a correction");
    assert_eq!(correction.corrects, plain.id);
    assert_eq!(&*correction.reason, "incorrect_data");
    assert_eq!(correction.corrective, [Box::from("urn:uuid:2")]);
    assert_eq!(correction.declared.at.to_string(), "2026-03-03T00:00:00Z");
    let without =
        event(r#""epcList":[],"errorDeclaration":{"declarationTime":"2026-03-03T00:00:00Z"}"#)
            .replace(r#""eventID":"urn:uuid:1","#, "");
    let claim = decoded(&without).expect("taken");
    assert!(claim.correction.is_none() && claim.facts.is_empty());
    assert_eq!(claim.warnings[0].code, "correction_without_id");
}

#[test]
fn events_of_other_types() {
    let own = r#"{"type":"ex:Door","eventID":"urn:uuid:1","eventTime":"2026-03-02T08:15:00Z","eventTimeZoneOffset":"+01:00","ex:open":true,"epcList":["urn:x:1"]}"#;
    let claim = decoded(own).expect("taken");
    assert!(claim.facts.is_empty());
    assert_eq!(claim.warnings[0].code, "extended_event");
    let other = decoded(&own.replace("urn:x:1", "urn:x:2")).expect("taken");
    assert_ne!(claim.fingerprint, other.fingerprint);
    let sealed = decoded(&own.replace("true", "null")).expect("taken");
    assert_eq!(
        (claim.id, claim.fingerprint),
        (sealed.id, sealed.fingerprint)
    );
}

#[test]
fn identity_without_an_id() {
    let text = event(r#""epcList":[],"ex:who":"Smith""#).replace(r#""eventID":"urn:uuid:1","#, "");
    let claim = decoded(&text).expect("valid");
    let view = text.replace("\"Smith\"", "null");
    assert_eq!(decoded(&view).expect("valid").id, claim.id);
    assert_ne!(
        decoded(&text.replace(' ', "").replace("[]", "[ ]"))
            .expect("valid")
            .id,
        claim.id
    );
}

/// Whether two events are the same in what they say.
fn same(a: &str, b: &str, expect: bool) {
    let print = |text: &str| {
        decoded(&event(text))
            .unwrap_or_else(|p| panic!("{text}: {p}"))
            .fingerprint
    };
    assert_eq!(print(a) == print(b), expect, "{a} | {b}");
}

#[test]
fn spelling_does_not_matter() {
    let sscc = "urn:epc:id:sscc:4012345.3111111111";
    let link = "https://example.org/00/340123451111111111?x=1";
    same(
        &format!(r#""epcList":["{sscc}"]"#),
        &format!(r#""epcList":["{link}"]"#),
        true,
    );
    same(
        r#""epcList":["urn:x:a","urn:x:b"]"#,
        r#""epcList":["urn:x:b","urn:x:a"]"#,
        true,
    );
    same(
        r#""epcList":[],"bizStep":"packing""#,
        r#""bizStep":"https://ref.gs1.org/cbv/BizStep-packing","epcList":[]"#,
        true,
    );
    same(
        r#""epcList":["ex:a"]"#,
        r#""epcList":["https://ex.org/a"]"#,
        true,
    );
    same(
        r#""quantityList":[{"epcClass":"urn:x:c","quantity":1.50}]"#,
        r#""quantityList":[{"quantity":15e-1,"epcClass":"urn:x:c"}]"#,
        true,
    );
    same(
        r#""epcList":[],"recordTime":"2026-03-02T08:15:00Z""#,
        r#""epcList":[]"#,
        true,
    );
    same(
        r#""epcList":[],"ex:a":1,"ilmd":null"#.replace(r#","ilmd":null"#, "").as_str(),
        r#""epcList":[],"ex:b":"x""#,
        true,
    );
    same(
        r#""epcList":[],"certificationInfo":"urn:x:c""#,
        r#""epcList":[],"certificationInfo":["urn:x:c"]"#,
        true,
    );
    same(
        r#""epcList":[],"cs:weight":{"value":"1.0","uom":"KGM"}"#,
        r#""epcList":[],"urn:countersign:ns:1:weight":{"uom":"KGM","value":1}"#,
        true,
    );
    let at = |time: &str| event(r#""epcList":[]"#).replace("2026-03-02T08:15:00.5+01:00", time);
    let print = |time: &str| decoded(&at(time)).expect("valid").fingerprint;
    assert_eq!(
        print("2026-03-02T08:15:00.500+01:00"),
        print("2026-03-02T07:15:00.5Z")
    );
}

#[test]
fn meaning_matters() {
    let base = r#""epcList":["urn:x:a"]"#;
    for other in [
        r#""epcList":["urn:x:b"]"#,
        r#""epcList":["urn:x:a","urn:x:b"]"#,
        r#""epcList":[]"#,
        r#""epcList":["urn:x:a"],"bizStep":"packing""#,
        r#""epcList":["urn:x:a"],"disposition":"stolen""#,
        r#""epcList":["urn:x:a"],"readPoint":{"id":"urn:x:p"}"#,
        r#""epcList":["urn:x:a"],"bizLocation":{"id":"urn:x:p"}"#,
        r#""epcList":["urn:x:a"],"quantityList":[{"epcClass":"urn:x:c"}]"#,
        r#""epcList":["urn:x:a"],"bizTransactionList":[{"bizTransaction":"urn:x:d"}]"#,
        r#""epcList":["urn:x:a"],"sensorElementList":[{"sensorReport":[{"type":"Mass","value":1}]}]"#,
        r#""epcList":["urn:x:a"],"persistentDisposition":{"set":["stolen"]}"#,
        r#""epcList":["urn:x:a"],"cs:seal":"S-1""#,
        r#""epcList":["urn:x:a"],"cs:actor":"p-1""#,
    ] {
        same(base, other, false);
    }
    same(
        r#""epcList":[],"sourceList":[{"type":"location","source":"urn:x:a"}]"#,
        r#""epcList":[],"destinationList":[{"type":"location","destination":"urn:x:a"}]"#,
        false,
    );
    same(
        r#""quantityList":[{"epcClass":"urn:x:a","quantity":1},{"epcClass":"urn:x:b","quantity":2}]"#,
        r#""quantityList":[{"epcClass":"urn:x:a","quantity":2},{"epcClass":"urn:x:b","quantity":1}]"#,
        false,
    );
}

/// Values that may stand anywhere in an event.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "7",
        "-1.50",
        "\"urn:x:1\"",
        "\"urn:epc:id:sscc:4012345.3111111111\"",
        "\"ADD\"",
        "\"OBSERVE\"",
        "\"packing\"",
        "\"in_transit\"",
        "\"a b\"",
        "\"2026-03-02T08:15:00Z\"",
        "\"+01:00\"",
        "\"KGM\"",
        "\"Mass\"",
        "\"ex:x\"",
        "{\"id\":\"urn:x:p\",\"ex:a\":1}",
        "{\"epcClass\":\"urn:x:c\",\"quantity\":2}",
        "{\"value\":1,\"uom\":\"KGM\"}",
        "{\"type\":\"po\",\"bizTransaction\":\"urn:x:d\"}",
        "{\"type\":\"possessing_party\",\"source\":\"urn:x:s\"}",
        "{\"declarationTime\":\"2026-03-02T08:15:00Z\"}",
        "{\"sensorReport\":[{\"type\":\"Mass\",\"value\":2,\"uom\":\"KGM\",\"stringValue\":\"x\"}]}",
        "{\"ex\":\"https://other.org/\"}",
        "{\"gs1\":\"urn:x:\"}",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|v| format!("[{}]", v.join(","))),
                inner.prop_map(|v| format!("{{\"set\":[{v}],\"ex:x\":{v}}}")),
            ]
        })
}

fn any_event() -> impl Strategy<Value = String> {
    let names = vec![
        "@context",
        "type",
        "eventTime",
        "eventTimeZoneOffset",
        "recordTime",
        "eventID",
        "certificationInfo",
        "errorDeclaration",
        "action",
        "bizStep",
        "disposition",
        "persistentDisposition",
        "readPoint",
        "bizLocation",
        "bizTransactionList",
        "sourceList",
        "destinationList",
        "sensorElementList",
        "ilmd",
        "epcList",
        "quantityList",
        "parentID",
        "childEPCs",
        "transformationID",
        "outputEPCList",
        "cs:weight",
        "cs:seal",
        "cs:actor",
        "cs:value",
        "cs:currency",
        "ex:own",
        "epcis:epcList",
        "bare",
    ];
    let base = [
        ("type", "\"ObjectEvent\""),
        ("eventTime", "\"2026-03-02T08:15:00Z\""),
        ("eventTimeZoneOffset", "\"+01:00\""),
        ("action", "\"ADD\""),
        ("epcList", "[\"urn:x:1\"]"),
    ];
    prop::collection::vec((prop::sample::select(names), value()), 0..5).prop_map(move |changes| {
        let mut members: Vec<(&str, String)> =
            base.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        for (name, value) in changes {
            members.retain(|(n, _)| *n != name);
            members.push((name, value));
        }
        let each: Vec<_> = members
            .iter()
            .map(|(n, v)| format!("\"{n}\":{v}"))
            .collect();
        format!("{{{}}}", each.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_open_view_says_what_the_whole_says(text in any_event()) {
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let view = cut::open_view(&doc, &cut::required(&doc, &context()));
        let view = String::from_utf8(view).expect("UTF-8");
        prop_assert_eq!(decoded(&view), decoded(&text));
    }

    #[test]
    fn what_is_in_order_decodes(text in any_event()) {
        if crate::event::check(text.as_bytes(), &context()).is_ok() {
            prop_assert!(decoded(&text).is_ok());
        }
    }

    #[test]
    fn order_of_members_and_a_memory_change_nothing(text in any_event()) {
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let mut members: Vec<_> = doc.root().members().map(|(n, v)| format!("\"{n}\":{}", v.raw())).collect();
        members.reverse();
        let turned = format!("{{ {} }}", members.join(" , "));
        let print = |text: &str| decoded(text).map(|claim| (claim.fingerprint, claim.facts)).ok();
        prop_assert_eq!(print(&turned), print(&text));
        let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
        let provenance = Provenance { issuer: &issuer, document: Digest::of(b"document"), nth: 3 };
        let mut memo = Memo::usual();
        for _ in 0..2 {
            let claim = decode_doc(&doc, &context(), provenance, &mut memo);
            prop_assert_eq!(claim, decoded(&text));
        }
    }

    #[test]
    fn one_walk_is_a_check_and_then_a_decoding(text in any_event(), remembers in any::<bool>()) {
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
        let provenance = Provenance { issuer: &issuer, document: Digest::of(b"document"), nth: 3 };
        let mut memo = if remembers { Memo::usual() } else { Memo::none() };
        let expect = crate::event::check_doc(&doc, &context(), &mut Memo::none())
            .map(|checked| (checked, decoded(&text).expect("what is in order decodes")));
        for _ in 0..2 {
            let read = check_and_decode(&doc, &context(), provenance, &mut memo);
            prop_assert_eq!(&read, &expect);
        }
    }

    #[test]
    fn any_bytes_get_an_answer(text in any_event(), at in 0_usize..400, with in any::<u8>(), keep in any::<bool>()) {
        let mut bytes = text.into_bytes();
        let at = at % bytes.len();
        bytes[at] = with;
        if !keep {
            bytes.truncate(at);
        }
        let checked = crate::event::check(&bytes, &context());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(checked.is_err() || decoded(&text).is_ok());
    }
}
