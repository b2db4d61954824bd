//! The network as `network.toml` (docs/formats/network.md): what the operator applies first.

use std::fmt::Write as _;

use countersign_model::network::{ContractMode, SiteKind};

use crate::atlas::{Atlas, Device, GRACE_MIN, Lane, PICK_UP_GRACE_MIN, Site, WEIGHT_GRACE_MIN};
use crate::goods::{COUNTED_PRODUCTS, Product, SERIAL_PRODUCTS};
use crate::limits::YARD_M;
use crate::names::{Name, PlaceNo};
use crate::sign::key_of;
use crate::wording::quoted;

/// What two weights of one pallet may differ by: kilograms, and part of the heavier.
const TOLERANCE: (&str, &str) = ("0.5", "0.01");

/// The file's text.
pub(crate) fn text(atlas: &Atlas, seed: u64, missed_percent: u8) -> String {
    let mut out = String::from(
        "# A simulated network. Every key here was drawn from a seed: for tests alone.\n",
    );
    for site in &atlas.sites {
        write_site(&mut out, atlas, site);
    }
    for lane in &atlas.lanes {
        write_lane(&mut out, atlas, lane);
    }
    for product in SERIAL_PRODUCTS.iter().chain(&COUNTED_PRODUCTS) {
        write_product(&mut out, product);
    }
    if atlas.places.iter().any(|place| place.camera.is_some()) {
        let carton = [
            ("class", Name::carton().link),
            ("label", "Carton".to_owned()),
            ("counts", "units".to_owned()),
        ];
        table(&mut out, "product", &carton);
    }
    table(
        &mut out,
        "tolerance",
        &[
            ("id", "default".to_owned()),
            ("weight_kg", TOLERANCE.0.to_owned()),
            ("weight_ratio", TOLERANCE.1.to_owned()),
            ("weight_grace", format!("PT{WEIGHT_GRACE_MIN}M")),
        ],
    );
    for device in &atlas.devices {
        write_principal(&mut out, atlas, device, (seed, missed_percent));
    }
    out
}

/// One table whose values are all strings.
fn table(out: &mut String, kind: &str, fields: &[(&str, String)]) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n[[{kind}]]");
    for (name, value) in fields {
        let _ = writeln!(out, "{name} = {}", quoted(value));
    }
}

fn write_site(out: &mut String, atlas: &Atlas, site: &Site) {
    let kind = match site.kind {
        SiteKind::Warehouse => "warehouse",
        SiteKind::Hub => "hub",
        SiteKind::Customer => "customer",
    };
    table(
        out,
        "site",
        &[
            ("id", site.name.urn.clone()),
            ("label", site.label.to_owned()),
            ("party", site.party.urn.clone()),
            ("kind", kind.to_owned()),
            ("time_zone", "Europe/Amsterdam".to_owned()),
        ],
    );
    let stations = [site.staging, site.gate, site.scale];
    let zones = site.zones.iter().chain(&site.docks).copied();
    let places: Vec<String> = zones
        .chain(stations.into_iter().flatten())
        .chain(site.watchers.iter().copied())
        .map(|place: PlaceNo| quoted(&atlas.place(place).name.urn))
        .collect();
    let _ = writeln!(out, "places = [{}]", places.join(", "));
    if let Some(spot) = site.spot {
        let _ = writeln!(out, "position = {}\nradius = {YARD_M}", quoted(&spot.uri()));
    }
}

fn write_lane(out: &mut String, atlas: &Atlas, lane: &Lane) {
    let mode = match lane.mode {
        ContractMode::Both => "both",
        ContractMode::Giver => "giver",
        ContractMode::Receiver => "receiver",
        ContractMode::Sighting => "sighting",
    };
    let mut fields = vec![
        ("id", lane.id.clone()),
        ("from", atlas.site(lane.from).name.urn.clone()),
        ("to", atlas.site(lane.to).name.urn.clone()),
        ("mode", mode.to_owned()),
        ("grace", format!("PT{GRACE_MIN}M")),
        ("pick_up_grace", format!("PT{PICK_UP_GRACE_MIN}M")),
        ("transit_max", "PT8H".to_owned()),
    ];
    if let Some(carrier) = lane.carrier.and_then(|at| atlas.carriers.get(at)) {
        fields.insert(3, ("carrier", carrier.party.urn.clone()));
    }
    table(out, "lane", &fields);
}

/// `PT8H30M`.
fn duration(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("PT{minutes}M"),
        (hours, 0) => format!("PT{hours}H"),
        (hours, minutes) => format!("PT{hours}H{minutes}M"),
    }
}

fn write_product(out: &mut String, product: &Product) {
    table(
        out,
        "product",
        &[
            ("class", Name::gtin(product.item).link),
            ("label", product.label.to_owned()),
            (
                "value",
                format!("{}.{:02}", product.cents / 100, product.cents % 100),
            ),
            ("currency", "EUR".to_owned()),
        ],
    );
}

fn write_principal(
    out: &mut String,
    atlas: &Atlas,
    device: &Device,
    (seed, missed_percent): (u64, u8),
) {
    let role = device.role.as_str();
    let assurance = if device.hardware {
        "hardware_key"
    } else {
        "software_key"
    };
    let mut fields = vec![
        ("id", device.id.clone()),
        ("role", role.to_owned()),
        ("key", key_of(seed, device).public().to_string()),
        ("assurance", assurance.to_owned()),
        ("party", device.party.urn.clone()),
    ];
    if let Some(place) = device.place {
        fields.push(("place", atlas.place(place).name.urn.clone()));
    }
    if let Some(minutes) = device.owes.heartbeat_min() {
        fields.push(("heartbeat", duration(minutes)));
    }
    if let Some(minutes) = device.owes.grace_min {
        fields.push(("grace", duration(minutes)));
    }
    let read_percent = device.read_percent(missed_percent);
    if read_percent < 100 {
        fields.push(("read_rate", format!("0.{read_percent:02}")));
    }
    table(out, "principal", &fields);
    if device.clock_offset_ms != 0 {
        let _ = writeln!(out, "clock_offset_ms = {}", device.clock_offset_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The principal's table.
    fn table_of<'a>(text: &'a str, id: &str) -> &'a str {
        let of = format!("id = \"{id}\"\n");
        let tables = text.split("\n[[").filter(|table| table.contains(&of));
        tables.last().expect("a table")
    }

    fn check(text: &str, id: &str, expect: [Option<&str>; 3]) {
        let table = table_of(text, id);
        for (name, value) in ["heartbeat", "grace", "read_rate"].into_iter().zip(expect) {
            let line = table.lines().find(|line| line.starts_with(name));
            let value = value.map(|value| format!("{name} = \"{value}\""));
            assert_eq!(line, value.as_deref(), "{id}");
        }
    }

    #[test]
    fn contracts_are_honest() {
        let world = text(&Atlas::of_world(), 1, 15);
        let (beat, grace) = (Some("PT35M"), Some("PT8H30M"));
        for reader in ["wa-zone-1", "ha-gate", "wb-portal", "c3-receiving-2"] {
            check(&world, reader, [beat, grace, Some("0.85")]);
        }
        for signer in ["k1-handheld-1", "wms-planner"] {
            check(&world, signer, [beat, grace, None]);
        }
        check(&world, "c6-camera", [Some("PT12M"), None, None]);
        check(&world, "wb-camera", [Some("PT12M"), None, Some("0.95")]);
        check(&world, "k2-telematics", [Some("PT12M"), None, None]);
        let calm = text(&Atlas::of_world(), 1, 0);
        check(&calm, "wa-zone-1", [beat, grace, None]);
        check(&text(&Atlas::new(), 1, 0), "wa-zone-1", [None; 3]);
    }
}
