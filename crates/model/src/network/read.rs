//! Objects of the network out of the `value` of a `Define` (docs/formats/network.md).

use super::{ContractMode, Fence, Lane, Principal, Product, Role, Site, SiteKind, Tolerance};
use crate::decimal::Decimal;
use crate::entry::Assurance;
use crate::hours::Hours;
use crate::ids::{ClassId, PartyId, PlaceId, PrincipalId};
use crate::json::{Item, Kind};
use crate::limits::{FENCE_RADIUS_M_DEFAULT, FENCE_RADIUS_M_MAX};
use crate::plan::{
    PlanError, decimal_field, money_field, parse_field, span_field, text_field, whole_field,
};
use crate::position::Position;
use crate::time::Span;

fn known_fields(item: Item<'_, '_>, fields: &[&str]) -> Result<(), PlanError> {
    match item
        .members()
        .find(|(key, _)| !fields.contains(&key.as_ref()))
    {
        Some((key, _)) => Err(PlanError::new(
            &key,
            format!("is unknown here; known are {}", fields.join(", ")),
        )),
        None => Ok(()),
    }
}

fn optional<T>(
    item: Item<'_, '_>,
    name: &str,
    read: impl Fn(Item<'_, '_>, &str) -> Result<T, PlanError>,
) -> Result<Option<T>, PlanError> {
    item.get(name).map(|_| read(item, name)).transpose()
}

fn one_of<T: Copy>(item: Item<'_, '_>, name: &str, words: &[(&str, T)]) -> Result<T, PlanError> {
    let text = text_field(item, name)?;
    words
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            PlanError::new(
                name,
                format!("is `{text}`; it must be one of {}", all.join(", ")),
            )
        })
}

/// More than 0, at most 1, in millionths at the finest; 1 if it is absent.
fn read_rate(item: Item<'_, '_>) -> Result<Decimal, PlanError> {
    let rate = optional(item, "read_rate", decimal_field)?.unwrap_or(Decimal::ONE);
    let is_share = !rate.is_zero() && !rate.is_negative() && rate <= Decimal::ONE;
    if is_share && rate.scale() <= 6 {
        Ok(rate)
    } else {
        Err(PlanError::new(
            "read_rate",
            format!("is {rate}; it is a share, more than 0 and at most 1, with 6 digits at most"),
        ))
    }
}

/// A `position`, and a `radius` in metres around it.
fn fence(item: Item<'_, '_>) -> Result<Option<Fence>, PlanError> {
    let radius = optional(item, "radius", whole_field)?;
    let Some(text) = optional(item, "position", text_field)? else {
        return match radius {
            Some(_) => Err(PlanError::new("radius", "is there without a `position`")),
            None => Ok(None),
        };
    };
    let radius_m = radius.unwrap_or(FENCE_RADIUS_M_DEFAULT);
    if !(1..=FENCE_RADIUS_M_MAX).contains(&radius_m) {
        let text = format!("is {radius_m}; it is 1 to {FENCE_RADIUS_M_MAX} metres");
        return Err(PlanError::new("radius", text));
    }
    let centre = Position::parse(&text).map_err(|e| PlanError::new("position", e.to_string()))?;
    Ok(Some(Fence { centre, radius_m }))
}

impl Site {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let fields = [
            "id",
            "label",
            "party",
            "kind",
            "time_zone",
            "places",
            "dwell_max",
            "position",
            "radius",
        ];
        known_fields(item, &fields)?;
        let list = item.get("places");
        if list.is_some_and(|list| list.kind() != Kind::Array) {
            return Err(PlanError::new("places", "is not a list"));
        }
        let mut places = Vec::new();
        for (at, place) in list.iter().flat_map(|list| list.elements()).enumerate() {
            let text = place.as_str().unwrap_or_default();
            let place = PlaceId::parse(&text)
                .map_err(|e| PlanError::new(&format!("places[{at}]"), e.to_string()))?;
            places.push(place);
        }
        let kinds = [
            ("warehouse", SiteKind::Warehouse),
            ("hub", SiteKind::Hub),
            ("customer", SiteKind::Customer),
        ];
        let id = parse_field(item, "id", PlaceId::parse)?;
        Ok(Self {
            label: optional(item, "label", text_field)?.unwrap_or_else(|| id.to_string()),
            id,
            party: parse_field(item, "party", PartyId::parse)?,
            kind: one_of(item, "kind", &kinds)?,
            time_zone: optional(item, "time_zone", text_field)?.unwrap_or_else(|| "UTC".to_owned()),
            places,
            dwell_max: optional(item, "dwell_max", span_field)?,
            fence: fence(item)?,
        })
    }
}

impl Lane {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let fields = [
            "id",
            "from",
            "to",
            "carrier",
            "mode",
            "grace",
            "pick_up_grace",
            "transit_max",
            "transit_min",
        ];
        known_fields(item, &fields)?;
        let modes = [
            ("both", ContractMode::Both),
            ("giver", ContractMode::Giver),
            ("receiver", ContractMode::Receiver),
            ("sighting", ContractMode::Sighting),
        ];
        Ok(Self {
            id: text_field(item, "id")?.into(),
            from: parse_field(item, "from", PlaceId::parse)?,
            to: parse_field(item, "to", PlaceId::parse)?,
            carrier: optional(item, "carrier", |item, name| {
                parse_field(item, name, PartyId::parse)
            })?,
            mode: one_of(item, "mode", &modes)?,
            grace: optional(item, "grace", span_field)?.unwrap_or_default(),
            pick_up_grace: optional(item, "pick_up_grace", span_field)?
                .unwrap_or(Span::from_secs(1800)),
            transit_max: optional(item, "transit_max", span_field)?,
            transit_min: optional(item, "transit_min", span_field)?,
        })
    }
}

impl Product {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        known_fields(item, &["class", "label", "value", "currency", "counts"])?;
        let class = parse_field(item, "class", ClassId::parse)?;
        Ok(Self {
            label: optional(item, "label", text_field)?.unwrap_or_else(|| class.to_string()),
            class,
            value: optional(item, "value", |item, _| money_field(item))?,
            counts_units: optional(item, "counts", |item, name| {
                one_of(item, name, &[("units", true)])
            })?
            .unwrap_or_default(),
        })
    }
}

impl Tolerance {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let fields = [
            "id",
            "weight_kg",
            "weight_ratio",
            "weight_grace",
            "settles_after",
        ];
        known_fields(item, &fields)?;
        Ok(Self {
            id: text_field(item, "id")?.into(),
            weight_kg: decimal_field(item, "weight_kg")?,
            weight_ratio: decimal_field(item, "weight_ratio")?,
            weight_grace: optional(item, "weight_grace", span_field)?,
            settles_after: optional(item, "settles_after", span_field)?,
        })
    }
}

impl Principal {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let fields = [
            "id",
            "role",
            "key",
            "assurance",
            "party",
            "place",
            "clock_offset_ms",
            "heartbeat",
            "hours",
            "grace",
            "read_rate",
        ];
        known_fields(item, &fields)?;
        let roles = [
            ("device", Role::Device),
            ("service", Role::Service),
            ("person", Role::Person),
            ("administrator", Role::Administrator),
        ];
        let assurances = [
            ("software_key", Assurance::SoftwareKey),
            ("hardware_key", Assurance::HardwareKey),
        ];
        let offset = optional(item, "clock_offset_ms", decimal_field)?.unwrap_or(Decimal::ZERO);
        Ok(Self {
            id: parse_field(item, "id", PrincipalId::parse)?,
            role: one_of(item, "role", &roles)?,
            key: text_field(item, "key")?,
            assurance: match item.get("assurance") {
                None => Assurance::SoftwareKey,
                Some(_) => one_of(item, "assurance", &assurances)?,
            },
            party: optional(item, "party", |item, name| {
                parse_field(item, name, PartyId::parse)
            })?,
            place: optional(item, "place", |item, name| {
                parse_field(item, name, PlaceId::parse)
            })?,
            clock_offset_ms: offset
                .trunc()
                .ok_or_else(|| PlanError::new("clock_offset_ms", "is out of range"))?,
            heartbeat: optional(item, "heartbeat", span_field)?,
            hours: optional(item, "hours", |item, name| {
                parse_field(item, name, Hours::parse)
            })?,
            grace: optional(item, "grace", span_field)?.unwrap_or_default(),
            read_rate: read_rate(item)?,
        })
    }
}
