//! Plans: what must be seen by when. A plan is testimony too; the ledger turns it into
//! expectations with deadlines.
//!
//! Manifests and count plans come as `countersign-json` objects (docs/formats/plan.md) or
//! from tables; milestones come from tables.

use std::sync::Arc;

use crate::ids::{ClassId, DocId, PlaceId, UnitId};
use crate::json::Item;
use crate::quantity::{Currency, Money, Quantity, Uom};
use crate::time::{EventTime, Span, Timestamp};

/// Names one milestone of one line of one plan; with the kind it is the anchor of a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageKey {
    /// The plan.
    pub plan: DocId,
    /// The line within the plan.
    pub line: Arc<str>,
    /// The milestone within the line.
    pub stage: Arc<str>,
}

/// Something that must be seen by a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Which milestone of which plan.
    pub key: StageKey,
    /// A heading that stages are summed up under, for instance the kind of leg.
    pub group: Arc<str>,
    /// The unit that must be seen.
    pub unit: UnitId,
    /// Where, if the plan says.
    pub place: Option<PlaceId>,
    /// By when; a date without time ends with that local day.
    pub due: EventTime,
    /// How much later still counts as in time.
    pub grace: Span,
}

/// A shipment: lines that leave one place and must arrive at another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The plan's own key, which events name as a business transaction.
    pub id: DocId,
    /// The lane whose contract holds.
    pub lane: Option<Arc<str>>,
    /// Where it leaves.
    pub from: PlaceId,
    /// Where it must arrive.
    pub to: PlaceId,
    /// By when it must have left.
    pub depart_by: Timestamp,
    /// By when it must have arrived.
    pub arrive_by: Timestamp,
    /// What goes.
    pub lines: Vec<ManifestLine>,
}

/// One line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestLine {
    /// The line's own name within the manifest.
    pub line: Arc<str>,
    /// What goes.
    pub what: Goods,
    /// What it is worth in all, if the plan says.
    pub value: Option<Money>,
    /// The unit is a seal on the load's doors.
    pub is_seal: bool,
}

/// An identified unit, or an amount of a counted class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goods {
    /// One unit.
    Unit(UnitId),
    /// An amount.
    Amount {
        /// Of which class or lot.
        class: ClassId,
        /// How much.
        quantity: Quantity,
    },
}

/// A count that is due: whoever holds a unit at the place must find it in the count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountPlan {
    /// The count's own key, which count events name as a business transaction.
    pub id: DocId,
    /// The place that is counted.
    pub place: PlaceId,
    /// When counting begins: units that came later are not asked for.
    pub opens: Timestamp,
    /// By when the last event of the count must be there.
    pub due: Timestamp,
}

/// A document that is due: somebody must name it by then, and before the load that it is for leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPlan {
    /// The document's own key, which an event names as a business transaction once it is there.
    pub id: DocId,
    /// The manifest whose load may not leave without it.
    pub load: Option<DocId>,
    /// By when it must be there.
    pub due: Timestamp,
}

/// Where a unit must be seen, one stop after the other: a vehicle's round. With one stop it is an
/// appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The plan's own key.
    pub id: DocId,
    /// The vehicle, or whatever goes that way.
    pub unit: UnitId,
    /// Its stops.
    pub stops: Vec<Stop>,
}

/// One stop of a route: it must be seen there within a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The stop's own name within the route.
    pub stop: Arc<str>,
    /// Where.
    pub place: PlaceId,
    /// From when on being there counts.
    pub opens: Timestamp,
    /// By when.
    pub due: Timestamp,
}

/// Why an object is no plan: the field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct PlanError {
    /// Path of the field.
    pub field: String,
    /// What is wrong, in words.
    pub reason: String,
}

impl PlanError {
    /// Makes one.
    #[must_use]
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

impl Manifest {
    /// Reads `{"type":"Manifest",…}`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let id = parse_field(item, "id", DocId::parse)?;
        let lane = item
            .get("lane")
            .map(|_| text_field(item, "lane"))
            .transpose()?;
        let mut lines = Vec::new();
        let list = item
            .get("lines")
            .ok_or_else(|| PlanError::new("lines", "is missing"))?;
        for (at, line) in list.elements().enumerate() {
            let within = |error: PlanError| {
                PlanError::new(&format!("lines[{at}].{}", error.field), error.reason)
            };
            lines.push(ManifestLine::from_json(line).map_err(within)?);
        }
        if lines.is_empty() {
            return Err(PlanError::new("lines", "has no line"));
        }
        Ok(Self {
            id,
            lane: lane.map(Into::into),
            from: parse_field(item, "from", PlaceId::parse)?,
            to: parse_field(item, "to", PlaceId::parse)?,
            depart_by: time_field(item, "departBy")?,
            arrive_by: time_field(item, "arriveBy")?,
            lines,
        })
    }
}

impl ManifestLine {
    fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let line = text_field(item, "line")?.into();
        let what = if item.get("unit").is_some() {
            Goods::Unit(parse_field(item, "unit", UnitId::parse)?)
        } else {
            Goods::Amount {
                class: parse_field(item, "class", ClassId::parse)?,
                quantity: quantity_field(item)?,
            }
        };
        let value = item.get("value").map(|_| money_field(item)).transpose()?;
        let is_seal = match item.get("seal") {
            None => false,
            Some(seal) => seal
                .as_bool()
                .ok_or_else(|| PlanError::new("seal", "is not true or false"))?,
        };
        if is_seal && matches!(what, Goods::Amount { .. }) {
            return Err(PlanError::new("seal", "is for a line with a unit"));
        }
        Ok(Self {
            line,
            what,
            value,
            is_seal,
        })
    }
}

impl CountPlan {
    /// Reads `{"type":"CountPlan",…}`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        Ok(Self {
            id: parse_field(item, "id", DocId::parse)?,
            place: parse_field(item, "place", PlaceId::parse)?,
            opens: time_field(item, "opens")?,
            due: time_field(item, "due")?,
        })
    }
}

impl Route {
    /// Reads `{"type":"Route",…}`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let list = item
            .get("stops")
            .ok_or_else(|| PlanError::new("stops", "is missing"))?;
        let mut stops: Vec<Stop> = Vec::new();
        for (at, stop) in list.elements().enumerate() {
            let within = |error: PlanError| {
                PlanError::new(&format!("stops[{at}].{}", error.field), error.reason)
            };
            let stop = Stop::from_json(stop).map_err(within)?;
            if stops.iter().any(|other| other.stop == stop.stop) {
                return Err(within(PlanError::new("stop", "is the name of two stops")));
            }
            stops.push(stop);
        }
        if stops.is_empty() {
            return Err(PlanError::new("stops", "has no stop"));
        }
        Ok(Self {
            id: parse_field(item, "id", DocId::parse)?,
            unit: parse_field(item, "unit", UnitId::parse)?,
            stops,
        })
    }
}

impl Stop {
    fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let (opens, due) = (time_field(item, "opens")?, time_field(item, "due")?);
        if opens > due {
            return Err(PlanError::new("due", "is before `opens`"));
        }
        Ok(Self {
            stop: text_field(item, "stop")?.into(),
            place: parse_field(item, "place", PlaceId::parse)?,
            opens,
            due,
        })
    }
}

impl DocumentPlan {
    /// Reads `{"type":"DocumentPlan",…}`.
    ///
    /// # Errors
    /// [`PlanError`] names the field.
    pub fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let load = item.get("for");
        Ok(Self {
            id: parse_field(item, "id", DocId::parse)?,
            load: load
                .map(|_| parse_field(item, "for", DocId::parse))
                .transpose()?,
            due: time_field(item, "due")?,
        })
    }
}

/// The string under `name`.
///
/// # Errors
/// [`PlanError`] when it is missing, empty or no string.
pub fn text_field(item: Item<'_, '_>, name: &str) -> Result<String, PlanError> {
    let value = item
        .get(name)
        .ok_or_else(|| PlanError::new(name, "is missing"))?;
    let text = value
        .as_str()
        .ok_or_else(|| PlanError::new(name, "is not a string"))?;
    if text.is_empty() {
        Err(PlanError::new(name, "is empty"))
    } else {
        Ok(text.into_owned())
    }
}

/// The string under `name`, read by `parse`.
///
/// # Errors
/// [`PlanError`] with the reason of `parse`.
pub fn parse_field<T, E: ToString>(
    item: Item<'_, '_>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, PlanError> {
    parse(&text_field(item, name)?).map_err(|error| PlanError::new(name, error.to_string()))
}

/// The instant under `name`.
///
/// # Errors
/// [`PlanError`].
pub fn time_field(item: Item<'_, '_>, name: &str) -> Result<Timestamp, PlanError> {
    parse_field(item, name, |text| Timestamp::parse(text).map(|(at, _)| at))
}

/// The ISO 8601 duration under `name`.
///
/// # Errors
/// [`PlanError`].
pub fn span_field(item: Item<'_, '_>, name: &str) -> Result<Span, PlanError> {
    parse_field(item, name, |text| {
        Span::parse(text).ok_or("is not an ISO 8601 duration (like PT15M)")
    })
}

/// The decimal under `name`, written as a string or a number.
///
/// # Errors
/// [`PlanError`].
pub fn decimal_field(item: Item<'_, '_>, name: &str) -> Result<crate::decimal::Decimal, PlanError> {
    let value = item
        .get(name)
        .ok_or_else(|| PlanError::new(name, "is missing"))?;
    let text = value.as_number().map(Into::into).or_else(|| value.as_str());
    text.and_then(|text| crate::decimal::Decimal::parse(&text))
        .ok_or_else(|| PlanError::new(name, "is not a decimal number"))
}

/// The whole number under `name`, written with digits alone, and a sign where `T` has one.
///
/// # Errors
/// [`PlanError`] when it is missing, no such number, or beyond what `T` holds.
pub fn whole_field<T: std::str::FromStr>(item: Item<'_, '_>, name: &str) -> Result<T, PlanError> {
    let value = item
        .get(name)
        .ok_or_else(|| PlanError::new(name, "is missing"))?;
    let digits = value.as_number();
    let number = digits.and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| PlanError::new(name, "is not a whole number"))
}

fn quantity_field(item: Item<'_, '_>) -> Result<Quantity, PlanError> {
    let value = decimal_field(item, "quantity")?;
    if value.is_negative() {
        return Err(PlanError::new("quantity", "is negative"));
    }
    let uom = match item.get("uom") {
        None => Uom::PIECES,
        Some(_) => parse_field(item, "uom", |text| {
            Uom::parse(text).ok_or("is not a UN/ECE unit code")
        })?,
    };
    Ok(Quantity { value, uom })
}

/// `value` and `currency` of an object.
///
/// # Errors
/// [`PlanError`].
pub fn money_field(item: Item<'_, '_>) -> Result<Money, PlanError> {
    let amount = decimal_field(item, "value")?;
    let currency = parse_field(item, "currency", |text| {
        Currency::parse(text).ok_or("is not an ISO 4217 code")
    })?;
    Ok(Money { amount, currency })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Doc;

    fn check(text: &str, expect: Result<usize, &str>) {
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        let got = Manifest::from_json(doc.root())
            .map(|m| m.lines.len())
            .map_err(|e| e.field);
        assert_eq!(got, expect.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn manifests() {
        let with = |lines: &str, arrive: &str| {
            format!(
                r#"{{"type":"Manifest","id":"urn:x:m1","from":"urn:x:a","to":"urn:x:b",
                "departBy":"2026-01-05T08:00:00Z","arriveBy":"{arrive}","lines":[{lines}]}}"#
            )
        };
        let unit = r#"{"line":"1","unit":"urn:epc:id:sscc:4012345.3111111111","value":"12.50","currency":"EUR"}"#;
        check(&with(unit, "2026-01-05T12:00:00Z"), Ok(1));
        check(&with("", "2026-01-05T12:00:00Z"), Err("lines"));
        check(&with(unit, "noon"), Err("arriveBy"));
        check(
            &with(r#"{"line":"1"}"#, "2026-01-05T12:00:00Z"),
            Err("lines[0].class"),
        );
        check(
            &with(
                r#"{"line":"1","class":"urn:x:c","quantity":-1}"#,
                "2026-01-05T12:00:00Z",
            ),
            Err("lines[0].quantity"),
        );
    }
}
