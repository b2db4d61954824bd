//! An event's open view as a claim: one [`Sighting`], its identity and its fingerprint.
//!
//! Whole bytes and their open view decode alike, so that intake may decode what it was given
//! and a replay decodes what erasure left.

use countersign_model::claim::{
    Claim, Correction, EventKind, Fact, Provenance, Sighting, Step, StepRole, Weight,
};
use countersign_model::digest::Digest;
use countersign_model::ids::ClaimId;
use countersign_model::json::{Doc, Item, canonical};
use countersign_model::quantity::{Currency, Money, Uom};
use countersign_model::time::EventTime;

use crate::context::Context;
use crate::cut;
use crate::event::{Checked, Event};
use crate::grammar::{date_time, zone_offset};
use crate::memo::Memo;
use crate::print::Print;
use crate::problem::{Path, Problem};
use crate::shape::{EVENT, at, event_place};
use crate::vocab::{Term, Vocabulary};
use crate::walk::{Walk, decimal_of};

/// Room for the canonical bytes of a usual event.
const PRINT_ROOM_BYTES: usize = 768;

/// Decodes one event from its open view (or from its whole bytes, which gives the same).
///
/// # Errors
/// The first [`Problem`] met in what is open.
pub fn decode(
    open_view: &[u8],
    context: &Context,
    provenance: Provenance<'_>,
) -> Result<Claim, Problem> {
    let doc = Doc::parse(open_view)?;
    decode_doc(&doc, context, provenance, &mut Memo::none())
}

/// [`decode`] of an event that has been parsed, with a memory of keys.
///
/// # Errors
/// As [`decode`].
pub fn decode_doc(
    doc: &Doc<'_>,
    context: &Context,
    provenance: Provenance<'_>,
    memo: &mut Memo,
) -> Result<Claim, Problem> {
    let item = doc.root();
    let context = context.with(item.get("@context")).map_err(first)?;
    let mut walk = Walk::new(&context, memo, false, Print::with_room(PRINT_ROOM_BYTES));
    match Event::read(item, &mut walk) {
        Some(event) if walk.problems.is_empty() => claim(doc, &event, provenance, &mut walk),
        _ => Err(first(walk.problems)),
    }
}

/// Checks one event, all of it, and decodes it in the same walk: what [`check_doc`] and
/// [`decode_doc`] give one after the other.
///
/// # Errors
/// Every problem found, as [`check_doc`].
///
/// [`check_doc`]: crate::event::check_doc
pub fn check_and_decode(
    doc: &Doc<'_>,
    context: &Context,
    provenance: Provenance<'_>,
    memo: &mut Memo,
) -> Result<(Checked, Claim), Vec<Problem>> {
    let context = context.with(doc.root().get("@context"))?;
    let mut walk = Walk::new(&context, memo, true, Print::with_room(PRINT_ROOM_BYTES));
    let event = Event::read_whole(doc, &mut walk)?;
    let checked = Checked {
        kind: event.kind,
        warnings: std::mem::take(&mut walk.warnings),
    };
    let claim = claim(doc, &event, provenance, &mut walk).map_err(|problem| vec![problem])?;
    Ok((checked, claim))
}

/// The claim that an event makes, of which no walk found a problem.
fn claim(
    doc: &Doc<'_>,
    event: &Event<'_, '_>,
    provenance: Provenance<'_>,
    walk: &mut Walk<'_>,
) -> Result<Claim, Problem> {
    let context = walk.context;
    let time = event_time(event)?;
    let declaration = event.get(at::ERROR_DECLARATION);
    let declared = declaration.and_then(|d| d.str_at("declarationTime"));
    let event_id = event.text(at::EVENT_ID);
    let id = identity(
        doc,
        context,
        provenance,
        event_id.as_deref(),
        declared.as_deref(),
    );
    let correction = declaration
        .and_then(|declaration| correction(declaration, event_id.as_deref(), context, provenance));
    if declaration.is_some() && correction.is_none() {
        walk.warn(
            "correction_without_id",
            &Path::Root.name("errorDeclaration"),
        );
    }
    let fingerprint = match event.kind {
        Some(_) => walk.print.digest(),
        None => print_of_unknown(doc, context),
    };
    // A declaration without an id takes back nothing that could be found, and is no sighting.
    let says = declaration.is_none() || correction.is_some();
    let facts = match event.kind.filter(|_| says) {
        Some(kind) => vec![Fact::Sighting(sighting(event, kind, time, walk))],
        None => Vec::new(),
    };
    Ok(Claim {
        id,
        fingerprint,
        time,
        facts,
        correction,
        warnings: std::mem::take(&mut walk.open_warnings),
    })
}

fn first(problems: Vec<Problem>) -> Problem {
    let none = || Problem::new("wrong_type", "", "is no event");
    problems.into_iter().next().unwrap_or_else(none)
}

fn missing(field: &str) -> Problem {
    Problem::new("missing_field", field, "is missing")
}

/// The walk has seen to it that both are there and well-formed.
fn event_time(event: &Event<'_, '_>) -> Result<EventTime, Problem> {
    let at = event.text(at::EVENT_TIME).and_then(|text| date_time(&text));
    let offset = event
        .text(at::ZONE_OFFSET)
        .and_then(|text| zone_offset(&text));
    let at = at.ok_or_else(|| missing("eventTime"))?;
    Ok(EventTime::instant(at, offset))
}

fn identity(
    doc: &Doc<'_>,
    context: &Context,
    provenance: Provenance<'_>,
    event_id: Option<&str>,
    declared: Option<&str>,
) -> ClaimId {
    match event_id {
        Some(event_id) => provenance.of_event(event_id, declared),
        None => provenance.of_bytes(&cut::open_view(doc, &cut::required(doc, context))),
    }
}

/// What a declaration takes back; `None` without an event id, by which alone it can be found.
fn correction(
    declaration: Item<'_, '_>,
    event_id: Option<&str>,
    context: &Context,
    provenance: Provenance<'_>,
) -> Option<Correction> {
    let declared = declaration.str_at("declarationTime")?;
    let reason = declaration.str_at("reason").unwrap_or_default();
    let reason = Vocabulary::ErrorReason.read(&reason, context);
    let corrective = declaration.get("correctiveEventIDs");
    let corrective = corrective.iter().flat_map(Item::elements);
    Some(Correction {
        corrects: provenance.of_event(event_id?, None),
        declared: EventTime::instant(date_time(&declared)?, None),
        reason: reason.as_ref().map_or("", Term::as_str).into(),
        corrective: corrective
            .filter_map(|id| id.as_str().map(|id| (*id).into()))
            .collect(),
    })
}

/// An event of a company's own type: the open view of the members that we know by name.
fn print_of_unknown(doc: &Doc<'_>, context: &Context) -> Digest {
    let view = cut::open_view(doc, &cut::required(doc, context));
    let mut print = Print::with_room(PRINT_ROOM_BYTES);
    let view = Doc::parse(&view).ok();
    let members = view
        .iter()
        .flat_map(|view| view.root().members().collect::<Vec<_>>());
    let mut known: Vec<_> = members
        .filter_map(|(name, value)| Some((event_place(&name, context)?, value)))
        .filter(|(place, value)| {
            let member = EVENT.members.get(*place);
            member.is_some_and(|member| member.printed) && !value.is_null()
        })
        .collect();
    known.sort_by_key(|(place, _)| *place);
    for (place, value) in known {
        let begun = print.begin_member(place);
        print.text(&canonical(value));
        print.end(begun);
    }
    print.digest()
}

fn sighting(
    event: &Event<'_, '_>,
    kind: EventKind,
    time: EventTime,
    walk: &mut Walk<'_>,
) -> Sighting {
    let context = walk.context;
    let facts = std::mem::take(&mut walk.facts);
    let step = event.text(at::BIZ_STEP);
    let step = step
        .as_deref()
        .and_then(|text| Vocabulary::BizStep.read(text, context));
    let step = step.map(|term| match term {
        Term::Standard(name) => Step::Cbv(name),
        Term::Own(uri) => Step::Own((*uri).into()),
    });
    let disposition = event.text(at::DISPOSITION);
    let disposition = disposition.as_deref();
    let disposition = disposition.and_then(|text| Vocabulary::Disposition.read(text, context));
    let (mut from, mut to) = (facts.from, facts.to);
    let role = step.as_ref().map_or(StepRole::Sees, Step::role);
    match (role, facts.counterparty) {
        (StepRole::Gives, other @ Some(_)) if to.is_none() => to = other,
        (StepRole::Takes, other @ Some(_)) if from.is_none() => from = other,
        _ => {}
    }
    let mut documents = facts.documents;
    documents.extend(
        facts
            .transfer
            .filter(|transfer| !documents.contains(transfer)),
    );
    Sighting {
        kind,
        action: event.action,
        time,
        step,
        disposition: disposition.map(|term| term.as_str().into()),
        place: facts.place,
        location: facts.location,
        units: facts.units,
        parent: facts.parent,
        outputs: facts.outputs,
        quantities: facts.quantities,
        output_quantities: facts.output_quantities,
        from,
        to,
        documents,
        weights: weights(event, walk),
        value: money(event),
    }
}

/// Weights of sensor reports of type `Mass`, and of our own field.
fn weights(event: &Event<'_, '_>, walk: &mut Walk<'_>) -> Vec<Weight> {
    let mut weights = Vec::new();
    let root = Path::Root;
    if let Some(sensors) = event.get(at::SENSORS) {
        let list = root.name("sensorElementList");
        for (at, element) in sensors.elements().enumerate() {
            let element_path = list.at(at);
            let reports = element.get("sensorReport");
            for (at, report) in reports.iter().flat_map(Item::elements).enumerate() {
                let path = element_path.name("sensorReport");
                mass(report, &path.at(at), walk, &mut weights);
            }
        }
    }
    if let Some(item) = event.get(at::WEIGHT) {
        match weight(item) {
            Some(weight) => weights.push(weight),
            None => walk.warn("unknown_uom", &root.name("weight")),
        }
    }
    weights
}

fn mass(report: Item<'_, '_>, path: &Path<'_>, walk: &mut Walk<'_>, out: &mut Vec<Weight>) {
    let kind = report.str_at("type");
    let kind = kind
        .as_deref()
        .and_then(|kind| Vocabulary::Measurement.read(kind, walk.context));
    if kind != Some(Term::Standard("Mass")) || report.get("value").is_none() {
        return;
    }
    match weight(report) {
        Some(weight) => out.push(Weight {
            doubtful: report.get("exception").is_some(),
            ..weight
        }),
        None => walk.warn("unknown_uom", path),
    }
}

/// `value` and `uom` as a weight; `None` if that is no mass that we can convert.
fn weight(item: Item<'_, '_>) -> Option<Weight> {
    let value = item.get("value").and_then(decimal_of)?;
    let uom = item.str_at("uom").as_deref().and_then(Uom::parse)?;
    Weight::of(value, uom)
}

fn money(event: &Event<'_, '_>) -> Option<Money> {
    let amount = event.get(at::VALUE).and_then(decimal_of)?;
    let currency = event
        .text(at::CURRENCY)
        .as_deref()
        .and_then(Currency::parse)?;
    Some(Money { amount, currency })
}

#[cfg(test)]
mod tests;
