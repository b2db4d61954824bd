//! Judgements: statements that come to a log one after the other, and what becomes of each.

use countersign_attest::sign::{cosign, protected};
use countersign_attest::webauthn::{Assertion, challenge};
use countersign_attest::{ChainLink, Chains, Genesis, Header, Kind, LogIdentity, Register};
use countersign_attest::{Statement, Verdict, judge, sign1};
use countersign_model::digest::hex;
use countersign_model::entry::{Batch, Index};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::time::Timestamp;
use serde_json::{Value, json};

use super::{bytes, case, check, keys_as_json};
use crate::world::{
    NOW, OLD_ORIGIN, ORIGIN, act, admin, carrier, define, device, dock, enrolments, es256, genesis,
    header, header_for, next, node, origin, other_s, parse, passkey, payload, person, service,
    stranger,
};

/// Genesis is at 0; `enrolments` are acts of `admin-1` at 3. Each step is an act of `admin-1`, or
/// a statement that came at `received_ms`; an admitted statement gets the index of the step.
fn run(case: &Value) -> Value {
    let genesis = Genesis::open(&parse(&bytes(&case["genesis"]))).unwrap();
    let log = LogIdentity {
        origin: genesis.terms().origin.clone(),
        predecessors: genesis.terms().predecessors.clone(),
    };
    let mut register = Register::new(&genesis);
    let mut chains = Chains::default();
    let admin = genesis.terms().administrators[0].id();
    for json in case["enrolments"].as_array().unwrap() {
        register
            .apply(Index(3), &admin, &act(json.as_str().unwrap()))
            .unwrap();
    }
    let mut outcomes = Vec::new();
    for step in case["steps"].as_array().unwrap() {
        let index = Index(step["index"].as_u64().unwrap());
        if let Some(json) = step["act"].as_str() {
            let got = register.apply(index, &admin, &act(json));
            outcomes.push(got.map_or_else(|e| json!({"refused": e.code}), |()| json!("effective")));
            continue;
        }
        let received = Timestamp::from_ms(step["received_ms"].as_i64().unwrap());
        let statement = Statement::parse(&bytes(&step["statement"])).unwrap();
        let verdict = judge(&register, &chains, &statement, &log, received);
        if let Verdict::Admit { key, .. } = &verdict {
            chains.record(key, &statement, index);
        }
        outcomes.push(described(&verdict));
    }
    Value::Array(outcomes)
}

fn described(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Admit {
            principal,
            key,
            assurance,
            cosigners,
            marks,
        } => {
            let cosigners: Vec<&str> = cosigners.iter().map(|c| c.principal.as_str()).collect();
            let marks: Vec<&str> = marks.iter().map(|mark| mark.as_str()).collect();
            json!({
                "admitted": principal.as_str(),
                "key": key.to_string(),
                "assurance": assurance.as_str(),
                "cosigners": cosigners,
                "marks": marks,
            })
        }
        Verdict::Replay { index } => json!({"replay": index.0}),
        Verdict::Refuse { code, .. } => json!({"refused": code}),
    }
}

#[test]
fn judgements() {
    let genesis = hex(&genesis().sign(&node()).unwrap());
    let cases: Vec<Value> = [
        chains(),
        keys(),
        audiences(),
        hand_overs(),
        clocks(),
        kinds(),
    ]
    .concat()
    .into_iter()
    .map(|(name, steps)| {
        let input =
            json!({"genesis": genesis, "enrolments": enrolments(), "steps": numbered(steps)});
        case(name, &input, run)
    })
    .collect();
    let about = "Each case is a fresh log: genesis at index 0, enrolments by admin-1 at index 3, \
                 then steps. A step is an act of admin-1 that takes effect, or a statement that \
                 comes; an admitted one is logged at the index of its step.";
    let made = json!({"about": about, "keys": keys_as_json(), "cases": cases});
    check("statement", "judgements", &made, run);
}

type Cases = Vec<(&'static str, Vec<Value>)>;

fn numbered(steps: Vec<Value>) -> Vec<Value> {
    let number = |(at, mut step): (usize, Value)| {
        step["index"] = json!(10 + at);
        step
    };
    steps.into_iter().enumerate().map(number).collect()
}

fn come(statement: &[u8]) -> Value {
    come_at(statement, NOW.ms())
}

fn come_at(statement: &[u8], received_ms: i64) -> Value {
    json!({"statement": hex(statement), "received_ms": received_ms})
}

fn first(issuer: &str) -> Header {
    header(issuer).with_chain(ChainLink::first(1))
}

fn chains() -> Cases {
    let one = dock(ChainLink::first(1), "1");
    let two = dock(next(&one), "2");
    let three = dock(next(&two), "3");
    let rival = dock(next(&one), "other");
    let stranger = dock(next(&dock(ChainLink::first(1), "never sent")), "2");
    let (head, signature) = one.split_at(one.len() - 64);
    let turned = [head, &other_s(signature)].concat();
    vec![
        ("in-order", vec![come(&one), come(&two), come(&three)]),
        ("replay", vec![come(&one), come(&one)]),
        ("replay-with-n-minus-s", vec![come(&one), come(&turned)]),
        (
            "gap-and-late-arrival",
            vec![come(&one), come(&three), come(&two), come(&three)],
        ),
        (
            "equivocation",
            vec![come(&one), come(&two), come(&rival), come(&rival)],
        ),
        (
            "equivocation-by-a-late-one",
            vec![come(&one), come(&three), come(&rival), come(&two)],
        ),
        ("broken", vec![come(&one), come(&stranger)]),
        (
            "new-epoch",
            vec![come(&one), come(&dock(ChainLink::first(2), "1"))],
        ),
    ]
}

fn keys() -> Cases {
    let one = dock(ChainLink::first(1), "1");
    let two = dock(next(&one), "2");
    let new = es256(33);
    let rotate = json!({"act": define("dock-1", "device", &new.public())});
    let withdraw = json!({"act": r#"{"type":"Withdraw","object":"principal","id":"dock-1"}"#});
    let mut spoiled = one.clone();
    *spoiled.last_mut().unwrap() ^= 1;
    vec![
        (
            "rotation",
            vec![
                come(&one),
                rotate,
                come(&one),
                come(&two),
                come(&sign1(&first("dock-1"), &payload("2"), &new)),
                json!({"act": define("dock-1", "device", &device().public())}),
            ],
        ),
        (
            "withdrawn",
            vec![come(&one), withdraw, come(&one), come(&two)],
        ),
        (
            "unknown-key",
            vec![come(&sign1(&first("dock-1"), &payload("1"), &stranger()))],
        ),
        (
            "not-the-issuer",
            vec![come(&sign1(&first("wms"), &payload("1"), &device()))],
        ),
        ("bad-signature", vec![come(&spoiled), come(&one)]),
        (
            "chain-missing",
            vec![come(&sign1(&header("wms"), &payload("1"), &service()))],
        ),
        (
            "administrator-without-chain",
            vec![come(&sign1(&header("admin-1"), &payload("1"), &admin()))],
        ),
        ("acts-refused", refused_acts()),
    ]
}

fn refused_acts() -> Vec<Value> {
    let acts = [
        define("thief", "device", &device().public()),
        define("thief", "device", &es256(8).public()),
        define("node", "service", &stranger().public()),
        define("admin-1", "person", &admin().public()),
        r#"{"type":"Define","object":"principal","value":{"id":"x","role":"device","key":"ES256:AA=="}}"#.into(),
        r#"{"type":"ScenarioClock","start":"2026-03-02T00:00:00Z"}"#.into(),
    ];
    acts.into_iter().map(|act| json!({"act": act})).collect()
}

fn audiences() -> Cases {
    let to = |audiences: &[&str]| {
        let header = header_for("dock-1", audiences).with_chain(ChainLink::first(1));
        come(&sign1(&header, &payload("1"), &device()))
    };
    vec![
        ("wrong-audience", vec![to(&["log.example/elsewhere"])]),
        ("predecessor", vec![to(&[OLD_ORIGIN])]),
        (
            "one-of-two",
            vec![to(&[ORIGIN]), to(&["log.example/elsewhere", ORIGIN])],
        ),
    ]
}

fn hand_overs() -> Cases {
    let sign = |issuer: &str, required: &[KeyId], keys: &[&countersign_attest::SecretKey]| {
        come(&cosign(&first(issuer), &payload("1"), required, keys).unwrap())
    };
    let (dock, carrier, other) = (device(), carrier(), stranger());
    let both = [dock.public().id(), carrier.public().id()];
    let with_stranger = [dock.public().id(), other.public().id()];
    let withdraw = json!({"act": r#"{"type":"Withdraw","object":"principal","id":"carrier-1"}"#});
    vec![
        (
            "hand-over",
            vec![
                sign("dock-1", &both, &[&dock, &carrier]),
                sign("dock-1", &both, &[&dock]),
            ],
        ),
        (
            "hand-over-stripped",
            vec![
                sign("dock-1", &both, &[&dock]),
                sign("dock-1", &both, &[&dock, &carrier]),
            ],
        ),
        (
            "hand-over-issuer-stripped",
            vec![sign("dock-1", &both, &[&carrier])],
        ),
        (
            "hand-over-of-a-third",
            vec![sign("wms", &both, &[&dock, &carrier])],
        ),
        (
            "hand-over-extra-signer",
            vec![sign("dock-1", &both, &[&dock, &carrier, &other])],
        ),
        (
            "hand-over-with-an-unknown-key",
            vec![sign("dock-1", &with_stranger, &[&dock, &other])],
        ),
        (
            "hand-over-with-a-key-out-of-force",
            vec![withdraw, sign("dock-1", &both, &[&dock, &carrier])],
        ),
    ]
}

fn clocks() -> Cases {
    let at = |ms: i64| {
        let header = first("dock-1").with_clock(Timestamp::from_ms(NOW.ms() + ms));
        sign1(&header, &payload("1"), &device())
    };
    vec![
        ("clock-five-minutes-ahead", vec![come(&at(300_000))]),
        ("clock-five-minutes-behind", vec![come(&at(-300_000))]),
        ("clock-ahead", vec![come(&at(300_001))]),
        ("clock-behind", vec![come(&at(-300_001))]),
        (
            "clock-off-and-gap",
            vec![{
                let one = dock(ChainLink::first(1), "1");
                let header = header("dock-1")
                    .with_chain(next(&one))
                    .with_clock(Timestamp::from_ms(0));
                come(&sign1(&header, &payload("2"), &device()))
            }],
        ),
    ]
}

fn kinds() -> Cases {
    let of = |kind: Kind| {
        let issuer = PrincipalId::parse("dock-1").unwrap();
        Header::new(issuer, "urn:x", vec![origin(ORIGIN)], kind)
            .unwrap()
            .with_chain(ChainLink::first(1))
    };
    let batch = Batch {
        first: Index(0),
        count: 1,
        recorded: NOW,
        uncertainty_ms: 1,
        tick: NOW,
        previous: None,
        verdict_root: countersign_model::digest::Digest::ZERO,
    };
    let later = sign1(&of(Kind::new("later", 1).unwrap()), b"", &device());
    let forged = sign1(&of(Kind::batch()), &batch.encode(), &device());
    let node_header = countersign_attest::genesis::node_header(&origin(ORIGIN), Kind::batch());
    let real = sign1(&node_header, &batch.encode(), &node());
    let key = person();
    let protected = protected(&header("p-17"), key.algorithm(), key.public().id());
    let [authenticator, client, signature] =
        passkey(&key, &challenge(&protected, &payload("1")), 0x05);
    let assertion = Assertion::new(&authenticator, &client, &signature).unwrap();
    vec![
        ("unknown-kind", vec![come(&later)]),
        ("batch-of-a-device", vec![come(&forged)]),
        ("batch-of-the-node", vec![come(&real)]),
        (
            "passkey",
            vec![come(&assertion.assemble(&protected, &payload("1")))],
        ),
        (
            "passkey-moved",
            vec![come(&assertion.assemble(&protected, &payload("2")))],
        ),
    ]
}
