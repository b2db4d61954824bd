//! The network as part of the state, field by field.

use countersign_model::network::{ContractMode, Lane, Object, Principal, Site, SiteKind};
use countersign_model::quantity::Money;
use countersign_model::time::Span;

use super::stream::Stream;

pub(super) fn put(out: &mut Stream, object: &Object) {
    out.text(object.kind().as_str());
    out.text(object.id());
    match object {
        Object::Site(site) => put_site(out, site),
        Object::Lane(lane) => put_lane(out, lane),
        Object::Product(product) => {
            out.text(&product.label);
            put_money(out, product.value);
            if product.counts_units {
                out.text("counts");
            }
        }
        Object::Tolerance(tolerance) => {
            out.decimal(tolerance.weight_kg);
            out.decimal(tolerance.weight_ratio);
            put_named_span(out, "weight_grace", tolerance.weight_grace);
            put_named_span(out, "settles_after", tolerance.settles_after);
        }
        Object::Principal(principal) => put_principal(out, principal),
    }
}

fn put_site(out: &mut Stream, site: &Site) {
    out.text(&site.label);
    out.text(site.party.as_str());
    out.text(match site.kind {
        SiteKind::Warehouse => "warehouse",
        SiteKind::Hub => "hub",
        SiteKind::Customer => "customer",
    });
    out.text(&site.time_zone);
    out.number(site.places.len() as u64);
    for place in &site.places {
        out.text(place.as_str());
    }
    put_named_span(out, "dwell_max", site.dwell_max);
    if let Some(fence) = site.fence {
        out.text("position");
        out.text(&fence.centre.to_string());
        out.number(u64::from(fence.radius_m));
    }
}

fn put_lane(out: &mut Stream, lane: &Lane) {
    out.text(lane.from.as_str());
    out.text(lane.to.as_str());
    out.maybe(lane.carrier.as_ref().map(|carrier| carrier.as_str()));
    out.text(match lane.mode {
        ContractMode::Both => "both",
        ContractMode::Giver => "giver",
        ContractMode::Receiver => "receiver",
        ContractMode::Sighting => "sighting",
    });
    put_span(out, Some(lane.grace));
    put_span(out, Some(lane.pick_up_grace));
    put_span(out, lane.transit_max);
    put_named_span(out, "transit_min", lane.transit_min);
}

fn put_principal(out: &mut Stream, principal: &Principal) {
    out.text(principal.role.as_str());
    out.text(&principal.key);
    out.text(principal.assurance.as_str());
    out.maybe(principal.party.as_ref().map(|party| party.as_str()));
    out.maybe(principal.place.as_ref().map(|place| place.as_str()));
    out.bytes(&principal.clock_offset_ms.to_be_bytes());
    put_span(out, principal.heartbeat);
    if let Some(hours) = &principal.hours {
        out.text("hours");
        out.text(&hours.to_string());
    }
    put_span(out, Some(principal.grace));
    out.text(&principal.read_rate.to_string());
}

fn put_span(out: &mut Stream, span: Option<Span>) {
    out.number(u64::from(span.is_some()));
    out.bytes(&span.unwrap_or_default().ms().to_be_bytes());
}

/// What came to the network later: nothing where it is not set.
fn put_named_span(out: &mut Stream, name: &str, span: Option<Span>) {
    if span.is_some() {
        out.text(name);
        put_span(out, span);
    }
}

fn put_money(out: &mut Stream, money: Option<Money>) {
    let text = money.map(|money| money.to_string());
    out.maybe(text.as_deref());
}
