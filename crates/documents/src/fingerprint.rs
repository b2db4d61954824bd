//! The digest of what a claim says, whatever its spelling (format law 7).
//!
//! The facts are written as deterministic CBOR, in the order and with the fields of
//! docs/formats/mapping.md. The offset in which a time was written is spelling and left out.

use countersign_model::cbor::Writer;
use countersign_model::claim::{ClassQuantity, Fact, Sighting};
use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::ids::PlaceId;
use countersign_model::plan::{CountPlan, Expectation, Goods, Manifest, StageKey};
use countersign_model::quantity::{Money, Quantity};
use countersign_model::time::EventTime;

const DOMAIN: &str = "countersign/fingerprint/table-row/v1";

/// The fingerprint of a claim.
pub(crate) fn of(time: EventTime, facts: &[Fact]) -> Digest {
    let mut out = Writer::default();
    out.array(facts.len() + 1);
    write_time(&mut out, time);
    for fact in facts {
        write_fact(&mut out, fact);
    }
    Digest::of_parts(DOMAIN, &[&out.into_bytes()])
}

fn write_fact(out: &mut Writer, fact: &Fact) {
    match fact {
        Fact::Sighting(sighting) => write_sighting(out, sighting),
        Fact::Reached(reached) => {
            out.array(5);
            out.uint(1);
            out.text(reached.unit.as_str());
            write_key(out, &reached.stage);
            write_time(out, reached.time);
            write_place(out, reached.place.as_ref());
        }
        Fact::Expected(expectation) => write_expectation(out, expectation),
        Fact::Manifest(manifest) => write_manifest(out, manifest),
        Fact::CountDue(count) => write_count(out, count),
        Fact::Route(route) => {
            out.array(4);
            out.uint(7);
            out.text(route.id.as_str());
            out.text(route.unit.as_str());
            out.array(route.stops.len());
            for stop in &route.stops {
                out.array(4);
                out.text(&stop.stop);
                out.text(stop.place.as_str());
                out.int(stop.opens.ms());
                out.int(stop.due.ms());
            }
        }
        Fact::DocumentDue(document) => {
            out.array(4);
            out.uint(6);
            out.text(document.id.as_str());
            write_text(out, document.load.as_ref().map(|load| load.as_str()));
            out.int(document.due.ms());
        }
        Fact::Alias(alias) => {
            out.array(4);
            out.uint(5);
            out.text(alias.unit.as_str());
            out.text(alias.same_as.as_str());
            out.bool(alias.holds);
        }
    }
}

fn write_sighting(out: &mut Writer, sighting: &Sighting) {
    out.array(18);
    out.uint(0);
    out.uint(sighting.kind as u64);
    write_option(out, sighting.action, |out, action| out.uint(action as u64));
    write_time(out, sighting.time);
    write_text(out, sighting.step.as_ref().map(|step| step.as_str()));
    write_text(out, sighting.disposition.as_deref());
    write_place(out, sighting.place.as_ref());
    write_place(out, sighting.location.as_ref());
    write_texts(out, sighting.units.iter().map(|unit| unit.as_str()));
    write_text(out, sighting.parent.as_ref().map(|unit| unit.as_str()));
    write_texts(out, sighting.outputs.iter().map(|unit| unit.as_str()));
    write_quantities(out, &sighting.quantities);
    write_quantities(out, &sighting.output_quantities);
    write_text(out, sighting.from.as_ref().map(|party| party.as_str()));
    write_text(out, sighting.to.as_ref().map(|party| party.as_str()));
    write_texts(out, sighting.documents.iter().map(|id| id.as_str()));
    out.array(sighting.weights.len());
    for weight in &sighting.weights {
        out.array(2);
        write_decimal(out, weight.kilograms);
        out.bool(weight.doubtful);
    }
    write_option(out, sighting.value, write_money);
}

fn write_expectation(out: &mut Writer, expectation: &Expectation) {
    out.array(7);
    out.uint(2);
    write_key(out, &expectation.key);
    out.text(&expectation.group);
    out.text(expectation.unit.as_str());
    write_place(out, expectation.place.as_ref());
    write_time(out, expectation.due);
    out.int(expectation.grace.ms());
}

fn write_manifest(out: &mut Writer, manifest: &Manifest) {
    out.array(8);
    out.uint(3);
    out.text(manifest.id.as_str());
    write_text(out, manifest.lane.as_deref());
    out.text(manifest.from.as_str());
    out.text(manifest.to.as_str());
    out.int(manifest.depart_by.ms());
    out.int(manifest.arrive_by.ms());
    out.array(manifest.lines.len());
    for line in &manifest.lines {
        out.array(4);
        out.text(&line.line);
        match &line.what {
            Goods::Unit(unit) => {
                out.text(unit.as_str());
                out.null();
            }
            Goods::Amount { class, quantity } => {
                out.text(class.as_str());
                write_quantity(out, *quantity);
            }
        }
        write_option(out, line.value, write_money);
    }
    // What is no seal is written as it was before there were seals.
    if manifest.lines.iter().any(|line| line.is_seal) {
        out.array(manifest.lines.len());
        manifest
            .lines
            .iter()
            .for_each(|line| out.bool(line.is_seal));
    }
}

fn write_count(out: &mut Writer, count: &CountPlan) {
    out.array(5);
    out.uint(4);
    out.text(count.id.as_str());
    out.text(count.place.as_str());
    out.int(count.opens.ms());
    out.int(count.due.ms());
}

fn write_option<T>(out: &mut Writer, value: Option<T>, write: impl Fn(&mut Writer, T)) {
    match value {
        None => out.null(),
        Some(value) => write(out, value),
    }
}

fn write_text(out: &mut Writer, text: Option<&str>) {
    write_option(out, text, |out, text| out.text(text));
}

fn write_place(out: &mut Writer, place: Option<&PlaceId>) {
    write_text(out, place.map(|place| place.as_str()));
}

fn write_texts<'a>(out: &mut Writer, texts: impl ExactSizeIterator<Item = &'a str>) {
    out.array(texts.len());
    for text in texts {
        out.text(text);
    }
}

fn write_time(out: &mut Writer, time: EventTime) {
    out.array(3);
    out.int(time.at.ms());
    out.int(time.until.ms());
    out.bool(time.ambiguous);
}

fn write_key(out: &mut Writer, key: &StageKey) {
    out.array(3);
    out.text(key.plan.as_str());
    out.text(&key.line);
    out.text(&key.stage);
}

fn write_decimal(out: &mut Writer, value: Decimal) {
    out.text(&value.to_string());
}

fn write_quantity(out: &mut Writer, quantity: Quantity) {
    out.array(2);
    write_decimal(out, quantity.value);
    out.text(quantity.uom.as_str());
}

fn write_money(out: &mut Writer, money: Money) {
    out.array(2);
    write_decimal(out, money.amount);
    out.text(money.currency.as_str());
}

fn write_quantities(out: &mut Writer, quantities: &[ClassQuantity]) {
    out.array(quantities.len());
    for quantity in quantities {
        out.array(2);
        out.text(quantity.class.as_str());
        write_option(out, quantity.quantity, write_quantity);
    }
}
