//! The vectors of docs/formats/network.md, whose acts were written by hand.

use countersign_model::act::{Act, OwnObject};
use countersign_model::json::Doc;
use countersign_model::network::Network;
use countersign_node::network::{Difference, NetworkError, differences, parse};
use serde_json::{Value, json};

const VECTORS: [&str; 5] = [
    include_str!("../../../testdata/vectors/network/v1/vectors.json"),
    include_str!("../../../testdata/vectors/network/v1-sources/vectors.json"),
    include_str!("../../../testdata/vectors/network/v1-times/vectors.json"),
    include_str!("../../../testdata/vectors/network/v1-positions/vectors.json"),
    include_str!("../../../testdata/vectors/network/v1-hours/vectors.json"),
];

/// All cases of one list.
fn cases(list: &str) -> Vec<Value> {
    let of = |text: &str| -> Vec<Value> {
        let vectors: Value = serde_json::from_str(text).expect("JSON");
        let found = vectors.get(list).and_then(Value::as_array);
        found.expect("a list").clone()
    };
    VECTORS.into_iter().flat_map(of).collect()
}

fn network(text: &str) -> Network {
    let mut network = Network::default();
    for object in parse(text).expect("in order") {
        network.define(object);
    }
    network
}

/// What a log does with the act.
fn carry_out(network: &mut Network, act: &str) {
    let doc = Doc::parse(act.as_bytes()).expect("JSON");
    match OwnObject::from_json(doc.root()) {
        Ok(OwnObject::Act(Act::Define(object))) => network.define(*object),
        Ok(OwnObject::Act(Act::Withdraw { kind, id })) => network.withdraw(kind, &id),
        other => panic!("{other:?}"),
    }
}

fn shown(difference: &Difference) -> Value {
    let act: Value = serde_json::from_str(&difference.act).expect("JSON");
    json!({"sign": difference.sign.to_string(), "act": act, "fields": difference.fields})
}

fn error_of(error: NetworkError) -> Value {
    match error {
        NetworkError::Toml(_) => json!({"toml": true}),
        NetworkError::UnknownTable(name) => json!({"unknown_table": name}),
        NetworkError::NotAList(kind) => json!({"not_a_list": kind}),
        NetworkError::Object {
            kind,
            number,
            field,
            ..
        } => json!({"table": kind, "number": number, "field": field}),
        NetworkError::Twice(kind, id) => json!({"twice": [kind, id]}),
    }
}

#[test]
fn a_file_is_applied() {
    let text = |case: &Value, name: &str| case[name].as_str().expect("a text").to_owned();
    for case in &cases("applied") {
        let name = &case["name"];
        let mut now = network(&text(case, "before"));
        let wanted = parse(&text(case, "file")).expect("in order");
        let made = differences(&now, &wanted);
        let acts: Vec<Value> = made.iter().map(shown).collect();
        assert_eq!(json!(acts), case["acts"], "{name}");
        for difference in &made {
            carry_out(&mut now, &difference.act);
        }
        assert_eq!(now, network(&text(case, "file")), "{name}");
        assert!(differences(&now, &wanted).is_empty(), "{name}");
    }
}

#[test]
fn a_file_is_refused_by_name() {
    let cases = cases("refused");
    assert!(cases.len() > 30);
    for case in &cases {
        let refused = parse(case["file"].as_str().expect("a text"));
        let error = refused.map(|objects| objects.len()).map_err(error_of);
        assert_eq!(error, Err(case["error"].clone()), "{}", case["name"]);
    }
}
