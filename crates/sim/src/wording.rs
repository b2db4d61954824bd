//! Events and plans as JSON text, as devices and the warehouse system write it.
//!
//! A text comes with the byte ranges of the values in it that must be sealed: exactly the
//! planted personal ones. Everything else is a field of the standard or of a plan, open by
//! the allow-lists (docs/formats/epcis-json.md, docs/formats/plan.md).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::atlas::{Atlas, Device};
use crate::clock::{local_text, offset_text};
use crate::event::{Document, Event, Shape};
use crate::goods::Goods;
use crate::names::{Name, UnitNo};
use countersign_model::time::Timestamp;

/// The context of the standard, which devices carry built in.
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// The company's own vocabulary, for what nobody else must read.
const CREW: &str = "https://crew.example/voc/";

/// The text of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wording {
    pub(crate) text: String,
    /// Values to seal.
    pub(crate) sealed: Vec<Range<usize>>,
}

/// A plan as the warehouse system says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Its event time.
    pub(crate) at: Timestamp,
    /// When it is said: later, if it is said again.
    pub(crate) said: Timestamp,
    /// Its members after `eventTime`, each with its comma in front.
    pub(crate) members: String,
    pub(crate) kind: &'static str,
    /// The goods that it names.
    pub(crate) units: Vec<UnitNo>,
    /// Canonical names of the lots that it names, and its own.
    pub(crate) names: Vec<String>,
    /// A remark of a person: sealed.
    pub(crate) note: Option<String>,
}

/// A JSON string; the world's texts have nothing to escape but what this escapes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Plan {
    /// A count that is due.
    pub(crate) fn of_count(
        plan: &Name,
        place: &Name,
        (issued, opens, due): (Timestamp, Timestamp, Timestamp),
    ) -> Self {
        let members = format!(
            r#","id":{},"place":{},"opens":"{opens}","due":"{due}""#,
            quoted(&plan.urn),
            quoted(&place.urn),
        );
        Self {
            at: issued,
            said: issued,
            kind: "CountPlan",
            members,
            units: Vec::new(),
            names: vec![plan.link.clone()],
            note: None,
        }
    }

    /// Its JSON.
    pub(crate) fn wording(&self) -> Wording {
        let mut text = format!(
            r#"{{"type":"{}","eventTime":"{}"{}"#,
            self.kind, self.at, self.members
        );
        let mut sealed = Vec::new();
        if let Some(note) = &self.note {
            text.push_str(r#","note":"#);
            push_sealed(&mut text, &mut sealed, note);
        }
        text.push('}');
        Wording { text, sealed }
    }
}

/// The JSON of an event as its device writes it.
pub(crate) fn of_event(event: &Event, atlas: &Atlas, goods: &Goods) -> Wording {
    let device = atlas.device(event.device);
    let mut out = Wording {
        text: String::with_capacity(512 + event.units.len() * 48),
        sealed: Vec::new(),
    };
    write_head(&mut out.text, event, device);
    write_units(&mut out.text, event, device, goods);
    write_step(&mut out.text, event, device, atlas);
    write_rest(&mut out, event);
    out.text.push('}');
    out
}

fn write_head(text: &mut String, event: &Event, device: &Device) {
    text.push_str(r#"{"@context":["#);
    text.push_str(&quoted(CONTEXT));
    if event
        .secret
        .as_ref()
        .is_some_and(|s| s.field.starts_with("crew:"))
    {
        write_all(text, format_args!(r#",{{"crew":"{CREW}"}}"#));
    }
    let kind = match event.shape {
        Shape::Seen | Shape::Made | Shape::Tallied => "ObjectEvent",
        Shape::Packed(_) | Shape::Unpacked(_) => "AggregationEvent",
    };
    let event_time = device.shown(event.at);
    write_all(
        text,
        format_args!(
            r#"],"type":"{kind}","eventID":"{}","eventTime":"{}","eventTimeZoneOffset":"{}""#,
            event.id,
            local_text(event_time),
            offset_text(event_time)
        ),
    );
    if let Some(withdrawal) = event.withdrawal {
        write_all(
            text,
            format_args!(
                r#","errorDeclaration":{{"declarationTime":"{}","reason":"did_not_occur"}}"#,
                local_text(device.shown(withdrawal.declared))
            ),
        );
    }
}

fn write_units(text: &mut String, event: &Event, device: &Device, goods: &Goods) {
    if event.warmth.is_some() {
        return;
    }
    let spelled = |unit: &UnitNo| quoted(goods.spelled(*unit, device));
    let units = event.trailer.iter().chain(&event.units);
    let list: Vec<String> = units.map(spelled).collect();
    let list = list.join(",");
    let (field, quantities) = match event.shape {
        Shape::Seen | Shape::Made | Shape::Tallied => ("epcList", "quantityList"),
        Shape::Packed(pallet) | Shape::Unpacked(pallet) => {
            write_all(text, format_args!(r#","parentID":{}"#, spelled(&pallet)));
            ("childEPCs", "childQuantityList")
        }
    };
    if event.shape != Shape::Tallied {
        write_all(text, format_args!(r#","{field}":[{list}]"#));
    }
    if !event.amounts.is_empty() {
        let one = |amount: &crate::event::Amount| {
            let class = quoted(spelling(&amount.class, device));
            format!(r#"{{"epcClass":{class},"quantity":{}}}"#, amount.pieces)
        };
        let all: Vec<String> = event.amounts.iter().map(one).collect();
        write_all(text, format_args!(r#","{quantities}":[{}]"#, all.join(",")));
    }
}

fn write_step(text: &mut String, event: &Event, device: &Device, atlas: &Atlas) {
    let action = match event.shape {
        Shape::Seen | Shape::Tallied => "OBSERVE",
        Shape::Made | Shape::Packed(_) => "ADD",
        Shape::Unpacked(_) => "DELETE",
    };
    write_all(
        text,
        format_args!(r#","action":"{action}","bizStep":"{}""#, event.step),
    );
    if let Some(disposition) = event.disposition {
        write_all(text, format_args!(r#","disposition":"{disposition}""#));
    }
    let place = |no| quoted(spelling(&atlas.place(no).name, device));
    if let Some(name) = read_point(event, device, atlas) {
        let name = quoted(&name);
        write_all(text, format_args!(r#","readPoint":{{"id":{name}}}"#));
    }
    if let Some(location) = event.location {
        write_all(
            text,
            format_args!(r#","bizLocation":{{"id":{}}}"#, place(location)),
        );
    }
    write_documents(text, event);
}

fn write_documents(text: &mut String, event: &Event) {
    let document = event.document.as_ref().map(|document| match document {
        Document::Manifest(name) => (r#""type":"desadv","#, name),
        Document::Count(name) => ("", name),
    });
    let papers = event.papers.as_ref().map(|name| ("", name));
    let one = |(kind, name): (&str, &Name)| {
        format!(r#"{{{kind}"bizTransaction":{}}}"#, quoted(&name.urn))
    };
    let all: Vec<String> = document.into_iter().chain(papers).map(one).collect();
    if !all.is_empty() {
        write_all(
            text,
            format_args!(r#","bizTransactionList":[{}]"#, all.join(",")),
        );
    }
}

/// Where it was read. Whoever belongs to no site says that it lives, and not where.
fn read_point<'a>(event: &Event, device: &Device, atlas: &'a Atlas) -> Option<Cow<'a, str>> {
    if let Some(fix) = event.fix {
        return Some(Cow::Owned(fix.uri()));
    }
    let is_nowhere = event.warmth.is_some() && device.place.is_none();
    let name = (!is_nowhere).then(|| &atlas.place(event.read_point).name)?;
    Some(Cow::Borrowed(spelling(name, device)))
}

fn write_rest(out: &mut Wording, event: &Event) {
    if let Some(reading) = event.reading {
        let (kilograms, grams) = (reading.grams / 1000, reading.grams % 1000);
        let exception = if reading.exception {
            r#","exception":"ERROR_CONDITION""#
        } else {
            ""
        };
        write_all(
            &mut out.text,
            format_args!(
                r#","sensorElementList":[{{"sensorReport":[{{"type":"Mass"{exception},"value":{kilograms}.{grams:03},"uom":"KGM"}}]}}]"#
            ),
        );
    }
    if let Some(tenths) = event.warmth {
        let sign = if tenths < 0 { "-" } else { "" };
        let (degrees, tenths) = (tenths.abs() / 10, tenths.abs() % 10);
        write_all(
            &mut out.text,
            format_args!(
                r#","sensorElementList":[{{"sensorReport":[{{"type":"Temperature","value":{sign}{degrees}.{tenths},"uom":"CEL"}}]}}]"#
            ),
        );
    }
    if let Some(secret) = &event.secret {
        write_all(&mut out.text, format_args!(r#","{}":"#, secret.field));
        push_sealed(&mut out.text, &mut out.sealed, &secret.value);
    }
}

fn push_sealed(text: &mut String, sealed: &mut Vec<Range<usize>>, value: &str) {
    let from = text.len();
    text.push_str(&quoted(value));
    sealed.push(from..text.len());
}

/// How a device spells a key.
pub(crate) fn spelling<'a>(name: &'a Name, device: &Device) -> &'a str {
    if device.links { &name.link } else { &name.urn }
}

fn write_all(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}
