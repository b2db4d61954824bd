//! The vectors of docs/formats/plan.md and docs/formats/act.md, whose readings were written by hand.

use countersign_model::act::{Act, OwnObject, ProposedAction, sealed_values};
use countersign_model::body::{Cut, Format};
use countersign_model::claim::Fact;
use countersign_model::digest::hex_decode;
use countersign_model::json::Doc;
use countersign_model::plan::{Goods, Manifest, ManifestLine};
use serde_json::{Value, json};

const PLANS: &str = include_str!("../../../../testdata/vectors/plan/v1/vectors.json");
const PAPERS: &str = include_str!("../../../../testdata/vectors/plan/v1-papers/vectors.json");
const ROUTES: &str = include_str!("../../../../testdata/vectors/plan/v1-routes/vectors.json");
const ACTS: &str = include_str!("../../../../testdata/vectors/act/v1/vectors.json");
const SUSPECT: &str = include_str!("../../../../testdata/vectors/act/v1-suspect/vectors.json");
const CLOCK_OFFSET: &str =
    include_str!("../../../../testdata/vectors/act/v1-clock-offset/vectors.json");

const PLAN_CHANGE: &str =
    include_str!("../../../../testdata/vectors/act/v1-plan-change/vectors.json");
const OUTAGE: &str = include_str!("../../../../testdata/vectors/act/v1-outage/vectors.json");

fn line_of(line: &ManifestLine) -> Value {
    let (unit, class, quantity) = match &line.what {
        Goods::Unit(unit) => (Some(unit.to_string()), None, None),
        Goods::Amount { class, quantity } => (None, Some(class.to_string()), Some(*quantity)),
    };
    json!({
        "line": &*line.line,
        "unit": unit,
        "class": class,
        "quantity": quantity.map(|quantity| quantity.value.to_string()),
        "uom": quantity.map(|quantity| quantity.uom.to_string()),
        "value": line.value.map(|value| value.amount.to_string()),
        "currency": line.value.map(|value| value.currency.as_str().to_owned()),
    })
}

fn manifest_of(it: &Manifest) -> Value {
    let mut said = json!({
        "type": "Manifest",
        "id": it.id.as_str(),
        "lane": it.lane.as_deref(),
        "from": it.from.as_str(),
        "to": it.to.as_str(),
        "depart_by_ms": it.depart_by.ms(),
        "arrive_by_ms": it.arrive_by.ms(),
        "lines": it.lines.iter().map(line_of).collect::<Vec<_>>(),
    });
    let seals = it.lines.iter().filter(|line| line.is_seal);
    let seals: Vec<&str> = seals.map(|line| &*line.line).collect();
    if !seals.is_empty() {
        said["seals"] = json!(seals);
    }
    said
}

fn plan_of(fact: &Fact) -> Value {
    match fact {
        Fact::Manifest(it) => manifest_of(it),
        Fact::CountDue(it) => json!({
            "type": "CountPlan",
            "id": it.id.as_str(),
            "place": it.place.as_str(),
            "opens_ms": it.opens.ms(),
            "due_ms": it.due.ms(),
        }),
        Fact::Route(it) => json!({
            "type": "Route",
            "id": it.id.as_str(),
            "unit": it.unit.as_str(),
            "stops": it.stops.iter().map(|stop| json!({
                "stop": &*stop.stop,
                "place": stop.place.as_str(),
                "opens_ms": stop.opens.ms(),
                "due_ms": stop.due.ms(),
            })).collect::<Vec<_>>(),
        }),
        Fact::DocumentDue(it) => json!({
            "type": "DocumentPlan",
            "id": it.id.as_str(),
            "for": it.load.as_ref().map(|load| load.as_str()),
            "due_ms": it.due.ms(),
        }),
        Fact::Alias(it) => json!({
            "type": "Alias",
            "unit": it.unit.as_str(),
            "same_as": it.same_as.as_str(),
            "holds": it.holds,
        }),
        other => panic!("no object of ours says {other:?}"),
    }
}

fn action_of(action: &ProposedAction) -> Value {
    match action {
        ProposedAction::WriteOff { units } => json!({
            "action": "write_off",
            "units": units.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        ProposedAction::StockAdjustment {
            class,
            place,
            difference,
            uom,
        } => json!({
            "action": "stock_adjustment",
            "class": class.as_str(),
            "place": place.as_str(),
            "difference": difference.to_string(),
            "uom": uom.as_str(),
        }),
        ProposedAction::PlanChange { plan, claim } => json!({
            "action": "plan_change",
            "plan": plan.as_str(),
            "claim": claim.to_string(),
        }),
    }
}

fn act_of(act: &Act) -> Value {
    match act {
        Act::Define(object) => {
            json!({"type": "Define", "object": object.kind().as_str(), "id": object.id()})
        }
        Act::Withdraw { kind, id } => {
            json!({"type": "Withdraw", "object": kind.as_str(), "id": &**id})
        }
        Act::ScenarioClock { start } => json!({"type": "ScenarioClock", "start_ms": start.ms()}),
        Act::Erasure { claim } => json!({"type": "Erasure", "claim": claim.to_string()}),
        Act::Proposal(it) => {
            let mut out = action_of(&it.action);
            let common = json!({"type": "Proposal", "id": &*it.id, "expires_ms": it.expires.ms()});
            let fields = out.as_object_mut().expect("an object");
            fields.extend(common.as_object().expect("an object").clone());
            out
        }
        Act::Approval(it) => {
            json!({"type": "Approval", "proposal": &*it.proposal, "approved": it.approved})
        }
        Act::Suspect(it) => json!({
            "type": "Suspect",
            "key": it.key.0.to_string(),
            "from_ms": it.from.ms(),
            "to_ms": it.to.map(|to| to.ms()),
        }),
        Act::ClockOffset(it) => json!({
            "type": "ClockOffset",
            "key": it.key.0.to_string(),
            "epoch": it.from.epoch,
            "counter": it.from.counter,
            "offset_ms": it.offset_ms,
        }),
        Act::Outage(it) => json!({
            "type": "Outage",
            "from_ms": it.from.ms(),
            "until_ms": it.until.ms(),
        }),
        Act::Finding(it) => {
            json!({"type": "Finding", "id": it.id.to_string(), "transition": it.transition})
        }
        Act::Import { id, opens: true } => json!({"type": "ImportOpened", "id": &**id}),
        Act::Import { id, opens: false } => json!({"type": "ImportClosed", "id": &**id}),
        Act::Renewal(it) => json!({
            "type": "Renewal",
            "origin": it.origin.as_str(),
            "checkpoint_keys": it.checkpoint_keys,
            "node_key": &*it.node_key,
            "receipt_key": &*it.receipt_key,
            "continues": it.continues.as_ref().map(|it| json!({
                "origin": it.origin.as_str(),
                "size": it.size.0,
                "root": it.root.to_string(),
                "checkpoint": it.checkpoint.as_deref(),
                "lost": it.lost.map(|lost| [Some(lost.from.0), lost.to.map(|to| to.0)]),
            })),
        }),
        Act::Unknown(name) => json!({"type": "unknown", "name": &**name}),
    }
}

/// What is read of the open view of a text, or the field that is wrong.
fn read(view: &[u8]) -> Result<Value, String> {
    let doc = Doc::parse(view).expect("JSON");
    match OwnObject::from_json(doc.root()) {
        Ok(OwnObject::Testimony(fact)) => Ok(plan_of(&fact)),
        Ok(OwnObject::Act(act)) => Ok(act_of(&act)),
        Err(error) => Err(error.field),
    }
}

/// The right cut of a text, and its open view.
fn cut(text: &str) -> (Value, Vec<u8>) {
    let doc = Doc::parse(text.as_bytes()).expect("JSON");
    let cut = Cut::new(sealed_values(doc.root()));
    let ranges = cut
        .sealed()
        .iter()
        .map(|range| json!([range.start, range.end]));
    let ranges: Value = ranges.collect();
    let mut view = Vec::new();
    let mut at = 0;
    for range in cut.sealed() {
        view.extend(&text.as_bytes()[at..range.start]);
        view.extend(Format::CountersignJson.blank());
        at = range.end;
    }
    view.extend(&text.as_bytes()[at..]);
    (ranges, view)
}

fn check(vectors: &str, at_least: usize) {
    let vectors: Value = serde_json::from_str(vectors).expect("JSON");
    let list = |name: &str| vectors[name].as_array().expect("a list").clone();
    for case in list("reads") {
        let name = &case["name"];
        let (ranges, view) = cut(case["text"].as_str().expect("a text"));
        assert_eq!(ranges, case["sealed"], "{name}");
        assert_eq!(
            view,
            case["view"].as_str().expect("a text").as_bytes(),
            "{name}"
        );
        assert_eq!(read(&view).as_ref(), Ok(&case["reads"]), "{name}");
    }
    for case in list("refused") {
        let (_, view) = cut(case["text"].as_str().expect("a text"));
        let field = case["field"].as_str().expect("a text").to_owned();
        assert_eq!(read(&view), Err(field), "{}", case["name"]);
    }
    assert!(list("reads").len() + list("refused").len() >= at_least);
}

#[test]
fn plans() {
    check(PLANS, 40);
    check(PAPERS, 18);
    check(ROUTES, 18);
}

#[test]
fn acts() {
    check(ACTS, 40);
    check(SUSPECT, 17);
    check(CLOCK_OFFSET, 23);
    check(OUTAGE, 13);
    check(PLAN_CHANGE, 12);
}

#[test]
fn hostile_bytes() {
    let vectors: Value = serde_json::from_str(PLANS).expect("JSON");
    for case in vectors["hostile"].as_array().expect("a list") {
        let bytes = hex_decode(case["bytes"].as_str().expect("a text")).expect("hexadecimal");
        let refused = Doc::parse(&bytes).expect_err("hostile");
        assert_eq!(json!(refused.code), case["code"], "{}", case["name"]);
    }
}
