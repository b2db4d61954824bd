use proptest::prelude::*;

use super::*;

/// The open view of an event in a document that names our namespace `cs`.
fn view(text: &str) -> String {
    let names = Doc::parse(br#"[{"cs":"urn:countersign:ns:1:"}]"#).expect("JSON");
    let context = Context::parse(names.root()).expect("valid");
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    let cut = required(&doc, &context);
    String::from_utf8(open_view(&doc, &cut)).expect("UTF-8")
}

fn check(text: &str, expect: &str) {
    assert_eq!(view(text), expect);
}

#[test]
fn what_is_open() {
    for open in [
        r#"{"type":"ObjectEvent","eventTime":"x","epcList":["a","b"],"action":"ADD"}"#,
        r#"{"@context":[{"anything":{"at":"all"}}]}"#,
        r#"{"quantityList":[{"epcClass":"c","quantity":1.0,"uom":"KGM"}]}"#,
        r#"{"readPoint":{"id":"x"},"certificationInfo":"x","persistentDisposition":{"set":["x"]}}"#,
        r#"{"certificationInfo":["x"],"bizTransactionList":[{"type":"po","bizTransaction":"x"}]}"#,
        r#"{"sourceList":[{"type":"x","source":"y"}],"destinationList":[]}"#,
        r#"{"errorDeclaration":{"declarationTime":"x","reason":"y","correctiveEventIDs":["z"]}}"#,
        r#"{"sensorElementList":[{"sensorMetadata":{"time":"x"},"sensorReport":[{"type":"Mass","value":1,"booleanValue":true}]}]}"#,
        r#"{"cs:weight":{"value":"1","uom":"KGM"},"cs:seal":["a"],"cs:actor":"b","cs:value":1,"cs:currency":"EUR"}"#,
        r#"{"urn:countersign:ns:1:transfer":"x","cs:counterparty":"y"}"#,
    ] {
        check(open, open);
    }
}

#[test]
fn what_is_sealed() {
    check(
        r#"{"ex:name":"Smith","rdfs:comment":"x","y":[{}]}"#,
        r#"{"ex:name":null,"rdfs:comment":null,"y":null}"#,
    );
    check(r#"{"ilmd":{"ex:a":{"b":1}}}"#, r#"{"ilmd":null}"#);
    check(
        r#"{"readPoint":{"id":"x","ex:door":"Smith's"}}"#,
        r#"{"readPoint":{"id":"x","ex:door":null}}"#,
    );
    check(r#"{"readPoint":"Smith's door"}"#, r#"{"readPoint":null}"#);
    check(
        r#"{"epcList":["a",{"name":"Smith"},1]}"#,
        r#"{"epcList":["a",null,null]}"#,
    );
    check(r#"{"epcList":{"a":1}}"#, r#"{"epcList":null}"#);
    check(
        r#"{"quantityList":[{"epcClass":"c","quantity":"many","who":1},2]}"#,
        r#"{"quantityList":[{"epcClass":"c","quantity":null,"who":null},null]}"#,
    );
    check(
        r#"{"sensorElementList":[{"sensorReport":[{"stringValue":"a","uriValue":"b","hexBinaryValue":"c","rawData":"d","value":1}],"ex:x":2}]}"#,
        r#"{"sensorElementList":[{"sensorReport":[{"stringValue":null,"uriValue":null,"hexBinaryValue":null,"rawData":null,"value":1}],"ex:x":null}]}"#,
    );
    check(
        r#"{"cs:weight":"12 kg","cs:actor":{"name":"Smith"},"cs:other":1}"#,
        r#"{"cs:weight":null,"cs:actor":null,"cs:other":null}"#,
    );
    check(r#"{"weight":{"value":1}}"#, r#"{"weight":null}"#);
    check(r#"[1,2]"#, "null");
    check(r#""text""#, "null");
}

#[test]
fn an_event_names_its_own_prefixes() {
    check(
        r#"{"@context":{"o":"urn:countersign:ns:1:"},"o:actor":"p","cs:actor":"q","x:actor":"r"}"#,
        r#"{"@context":{"o":"urn:countersign:ns:1:"},"o:actor":"p","cs:actor":"q","x:actor":null}"#,
    );
    // A context that is refused changes nothing.
    check(
        r#"{"@context":{"o":"urn:countersign:ns:1:","gs1":"urn:x:"},"o:actor":"p"}"#,
        r#"{"@context":{"o":"urn:countersign:ns:1:","gs1":"urn:x:"},"o:actor":null}"#,
    );
}

#[test]
fn a_wrong_cut_differs_from_the_right_one() {
    let doc = Doc::parse(br#"{"epcList":["urn:x:1","urn:x:2"],"ex:name":"Smith"}"#).expect("JSON");
    let right = required(&doc, &Context::standard());
    assert_eq!(right, Cut::new(std::iter::once(43..50).collect()));
    let hides_a_unit = Cut::new(vec![12..21, 43..50]);
    let shows_a_name = Cut::default();
    let finer = Cut::new(std::iter::once(44..49).collect());
    for wrong in [hides_a_unit, shows_a_name, finer] {
        assert_ne!(right, wrong);
    }
}

#[test]
fn envelopes() {
    let check = |bytes: &str, holes: &[u64], expect: &str| {
        let cut = envelope(0, bytes.as_bytes(), holes, None).expect("an envelope");
        let parts = cut.apply(bytes.as_bytes(), &mut || [0; 32]);
        let view: Vec<u8> = parts
            .iter()
            .flat_map(|part| match part {
                countersign_model::body::Part::Open(bytes) => bytes.clone(),
                _ => b"null".to_vec(),
            })
            .collect();
        assert_eq!(String::from_utf8(view).expect("UTF-8"), expect);
    };
    check(
        r#"{"type":"EPCISDocument","sender":"s","ex:who":"Smith","epcisBody":{"eventList":[ , ],"note":"x"},"@context":[],"id":{"a":1}}"#,
        &[81, 83],
        r#"{"type":"EPCISDocument","sender":"s","ex:who":null,"epcisBody":{"eventList":[ , ],"note":null},"@context":[],"id":null}"#,
    );
    check(
        r#"{"epcisHeader":{"epcisMasterData":{"vocabularyList":[{"type":"t","vocabularyElementList":[{"id":"i","attributes":[{"id":"a","attribute":"12 High St"}],"children":["c"],"n":1}]}],"z":2}},"epcisBody":{"queryResults":{"queryName":"q","resultsBody":{"eventList":[]}}}}"#,
        &[],
        r#"{"epcisHeader":{"epcisMasterData":{"vocabularyList":[{"type":"t","vocabularyElementList":[{"id":"i","attributes":[{"id":"a","attribute":null}],"children":["c"],"n":null}]}],"z":null}},"epcisBody":{"queryResults":{"queryName":"q","resultsBody":{"eventList":[]}}}}"#,
    );
    check("\n \n", &[0, 1], "\n \n");
    assert!(envelope(0, b"{}", &[], None).is_err());
    assert!(
        envelope(
            0,
            br#"{"a":1,"a":2,"epcisBody":{"eventList":[]}}"#,
            &[],
            None
        )
        .is_err()
    );
    assert_eq!(envelope(1, b", ,", &[2, 3], None), Ok(Cut::default()));
}

/// Any JSON made of the names that matter.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.50".to_owned()),
        Just("\"urn:x:1\"".to_owned()),
        Just("\"ADD\"".to_owned()),
        Just("\"2026-03-02T08:15:00Z\"".to_owned()),
    ];
    let name = prop::sample::select(vec![
        "@context",
        "type",
        "eventTime",
        "epcList",
        "quantityList",
        "epcClass",
        "quantity",
        "uom",
        "readPoint",
        "id",
        "ilmd",
        "sensorElementList",
        "sensorReport",
        "value",
        "stringValue",
        "cs:weight",
        "cs:seal",
        "ex:a",
        "errorDeclaration",
        "reason",
        "sourceList",
        "source",
        "certificationInfo",
        "persistentDisposition",
        "set",
        "bizTransactionList",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let member = (name.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::vec(member, 0..7).prop_map(|mut members| {
                members.sort();
                members.dedup_by(|a, b| a.0 == b.0);
                let each: Vec<_> = members
                    .iter()
                    .map(|(k, v)| format!("\"{k}\":{v}"))
                    .collect();
                format!("{{{}}}", each.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn the_cut_of_a_view_is_the_cut(text in json()) {
        let once = view(&text);
        prop_assert_eq!(view(&once), once);
    }

    #[test]
    fn sealed_ranges_are_whole_values_apart_from_each_other(text in json()) {
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let cut = required(&doc, &Context::standard());
        let mut end = 0;
        for range in cut.sealed() {
            prop_assert!(range.start >= end && range.end > range.start);
            prop_assert!(Doc::parse(&text.as_bytes()[range.clone()]).is_ok());
            end = range.end;
        }
    }
}
