//! The vectors of docs/formats/epcis-json.md, which were made from that page alone.

use countersign_epcis::context::Context;
use countersign_epcis::cut;
use countersign_epcis::decode::decode;
use countersign_epcis::event;
use countersign_epcis::scan::{DocumentKind, Scanner, Section, Survey};
use countersign_model::body::Cut;
use countersign_model::claim::{Claim, Fact, Provenance, Sighting};
use countersign_model::digest::{Digest, hex_decode};
use countersign_model::ids::PrincipalId;
use countersign_model::json::Doc;
use serde_json::{Value, json};

const EVENTS: &str = include_str!("../../../testdata/vectors/epcis-json/v1/events.json");
const DOCUMENTS: &str = include_str!("../../../testdata/vectors/epcis-json/v1/documents.json");
const SAID_TWICE: &str = include_str!("../../../testdata/vectors/epcis-json/v1/said-twice.json");

fn list<'v>(vectors: &'v Value, name: &str) -> &'v [Value] {
    vectors[name].as_array().expect("a list")
}

fn text<'v>(case: &'v Value, name: &str) -> &'v str {
    case[name].as_str().expect("a text")
}

fn context_of(case: &Value) -> Context {
    if case["context"].is_null() {
        return Context::standard();
    }
    let text = case["context"].to_string();
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    Context::parse(doc.root()).expect("a context in order")
}

fn claim(bytes: &[u8], context: &Context) -> Result<Claim, String> {
    let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
    let provenance = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    decode(bytes, context, provenance)
        .map_err(|problem| format!("{} {}", problem.code, problem.field))
}

fn facts(claim: &Claim) -> Value {
    let Some(Fact::Sighting(s)) = claim.facts.first() else {
        return Value::Null;
    };
    let texts = |ids: &[countersign_model::ids::UnitId]| {
        ids.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let quantity = |q: &countersign_model::claim::ClassQuantity| {
        json!([q.class.to_string(), q.quantity.map(|q| q.to_string())])
    };
    let Sighting {
        step,
        place,
        location,
        ..
    } = s;
    json!({
        "time_ms": s.time.at.ms(),
        "step": step.as_ref().map(countersign_model::claim::Step::as_str),
        "disposition": s.disposition,
        "units": texts(&s.units),
        "parent": s.parent.as_ref().map(ToString::to_string),
        "outputs": texts(&s.outputs),
        "quantities": s.quantities.iter().map(quantity).collect::<Vec<_>>(),
        "place": place.as_ref().map(ToString::to_string),
        "location": location.as_ref().map(ToString::to_string),
        "from": s.from.as_ref().map(ToString::to_string),
        "to": s.to.as_ref().map(ToString::to_string),
        "documents": s.documents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "weights": s.weights.iter().map(|w| json!([w.kilograms.to_string(), w.doubtful])).collect::<Vec<_>>(),
        "value": s.value.map(|v| v.to_string()),
    })
}

fn ranges(cut: &Cut) -> Value {
    cut.sealed()
        .iter()
        .map(|range| json!([range.start, range.end]))
        .collect()
}

#[test]
fn events() {
    let vectors: Value = serde_json::from_str(EVENTS).expect("JSON");
    for case in list(&vectors, "events") {
        let (name, bytes, view) = (text(case, "name"), text(case, "event"), text(case, "view"));
        let context = context_of(case);
        let doc = Doc::parse(bytes.as_bytes()).expect("JSON");
        let cut = cut::required(&doc, &context);
        assert_eq!(ranges(&cut), case["sealed"], "{name}");
        assert_eq!(cut::open_view(&doc, &cut), view.as_bytes(), "{name}");
        let problems: Vec<String> = match event::check(bytes.as_bytes(), &context) {
            Ok(_) => Vec::new(),
            Err(problems) => problems
                .iter()
                .map(|p| format!("{} {}", p.code, p.field))
                .collect(),
        };
        assert_eq!(json!(problems), case["problems"], "{name}");
        let of_view = claim(view.as_bytes(), &context);
        assert_eq!(of_view, claim(bytes.as_bytes(), &context), "{name}");
        match of_view {
            Ok(claim) => {
                assert_eq!(
                    json!(claim.fingerprint.to_string()),
                    case["fingerprint"],
                    "{name}"
                );
                assert_eq!(facts(&claim), case["facts"], "{name}");
            }
            Err(problem) => assert_eq!(problem, problems[0], "{name}"),
        }
    }
    let print = |name: &str| {
        let case = list(&vectors, "events")
            .iter()
            .find(|case| case["name"] == name);
        case.expect("listed")["fingerprint"].clone()
    };
    assert_eq!(print("departing"), print("departing_spelt_otherwise"));
}

#[test]
fn hostile_bytes() {
    let vectors: Value = serde_json::from_str(EVENTS).expect("JSON");
    for case in list(&vectors, "hostile") {
        let bytes = hex_decode(text(case, "bytes")).expect("hexadecimal");
        let problems = event::check(&bytes, &Context::standard()).expect_err("hostile");
        assert_eq!(
            problems[0].code,
            text(case, "code"),
            "{}",
            text(case, "name")
        );
        let refused = claim(&bytes, &Context::standard()).expect_err("hostile");
        assert_eq!(refused, format!("{} ", text(case, "code")));
    }
}

fn scan(text: &str, per_section: usize) -> Result<(Survey, Vec<Section>), String> {
    let mut sections = Vec::new();
    let mut scanner = Scanner::new(per_section);
    let code = |problem: countersign_epcis::problem::Problem| problem.code.to_owned();
    for byte in text.as_bytes().chunks(1) {
        scanner
            .push(byte, &mut |section| sections.push(section))
            .map_err(code)?;
    }
    let survey = scanner
        .finish(&mut |section| sections.push(section))
        .map_err(code)?;
    Ok((survey, sections))
}

fn section(whole: &str, section: &Section) -> Value {
    let at = |offset: u64| usize::try_from(offset).expect("small");
    let events: Vec<&str> = section
        .spans
        .iter()
        .map(|s| &whole[at(s.start)..at(s.end)])
        .collect();
    json!({
        "bytes": String::from_utf8_lossy(&section.bytes),
        "holes": section.holes,
        "continues_at": section.continues_at,
        "events": events,
    })
}

#[test]
fn documents() {
    let vectors: Value = serde_json::from_str(DOCUMENTS).expect("JSON");
    for case in list(&vectors, "documents") {
        let (name, whole) = (text(case, "name"), text(case, "document"));
        let size = case["events_per_section"]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok());
        let (survey, following) = scan(whole, size.expect("a size")).expect("in order");
        let kind = match survey.kind {
            DocumentKind::Document => "document",
            DocumentKind::QueryDocument => "query_document",
            DocumentKind::Event => "event",
            DocumentKind::Lines => "lines",
        };
        assert_eq!(kind, text(case, "kind"), "{name}");
        let all = std::iter::once(&survey.head).chain(&following);
        let found: Vec<Value> = all.map(|s| section(whole, s)).collect();
        assert_eq!(json!(found), case["sections"], "{name}");
        let head = &survey.head;
        let cut = cut::envelope(0, &head.bytes, &head.holes, head.continues_at).expect("a head");
        assert_eq!(ranges(&cut), case["head_sealed"], "{name}");
        for (section, index) in following.iter().zip(1..) {
            let cut = cut::envelope(index, &section.bytes, &section.holes, None);
            assert_eq!(cut, Ok(Cut::default()), "{name}");
        }
    }
    for case in list(&vectors, "refused") {
        let refused = scan(text(case, "document"), 1024).expect_err("refused");
        assert_eq!(refused, text(case, "code"), "{}", text(case, "name"));
    }
}

/// Identity and fingerprint of one of the two events of a case, out of its open view.
fn said(case: &Value) -> Claim {
    let issuer = PrincipalId::parse(text(case, "issuer")).expect("a name");
    let provenance = Provenance {
        issuer: &issuer,
        document: Digest::ZERO,
        nth: 0,
    };
    let bytes = text(case, "event").as_bytes();
    let doc = Doc::parse(bytes).expect("JSON");
    let context = Context::standard();
    let cut = cut::required(&doc, &context);
    assert_eq!(ranges(&cut), case["sealed"], "{case}");
    let view = cut::open_view(&doc, &cut);
    assert_eq!(view, text(case, "view").as_bytes(), "{case}");
    decode(&view, &context, provenance).expect("in order")
}

#[test]
fn said_twice() {
    let vectors: Value = serde_json::from_str(SAID_TWICE).expect("JSON");
    for case in list(&vectors, "cases") {
        let name = text(case, "name");
        let [first, second] = ["first", "second"].map(|which| {
            let claim = said(&case[which]);
            assert_eq!(
                claim.id.0.to_string(),
                text(&case[which], "identity"),
                "{name}"
            );
            let fingerprint = claim.fingerprint.to_string();
            assert_eq!(fingerprint, text(&case[which], "fingerprint"), "{name}");
            claim
        });
        assert_eq!(
            json!(first.id == second.id),
            case["same_identity"],
            "{name}"
        );
        let same = first.fingerprint == second.fingerprint;
        assert_eq!(json!(same), case["same_fingerprint"], "{name}");
    }
}
