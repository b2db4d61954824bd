//! `network.toml` and the acts that lead from the network in force to it.

use countersign_model::act::ProposedAction;
use countersign_model::decimal::Decimal;
use countersign_model::json::Doc;
use countersign_model::network::{
    ContractMode, Network, Object, ObjectKind, Principal, Site, SiteKind,
};
use countersign_model::quantity::Money;
use countersign_model::time::Span;
use serde_json::{Map, Value, json};

/// What is wrong with a `network.toml`.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Not TOML.
    #[error("not TOML: {0}")]
    Toml(String),
    /// A table that is no kind of object.
    #[error("[[{0}]] is no kind of object; known are site, lane, product, tolerance, principal")]
    UnknownTable(String),
    /// A table that stands for one object, or something that is no table.
    #[error("{0} is no list of tables; each of them begins with [[{0}]]")]
    NotAList(&'static str),
    /// An object that is not in order.
    #[error("[[{kind}]] number {number}: {field}: {reason}")]
    Object {
        /// The table.
        kind: &'static str,
        /// Which of them, from 1.
        number: usize,
        /// Path of the field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// The same object twice.
    #[error("[[{0}]] \"{1}\" stands twice in the file")]
    Twice(&'static str, String),
}

/// One difference between the network in force and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `+`, `~` or `-`.
    pub sign: char,
    /// Kind and name.
    pub kind: ObjectKind,
    /// Name.
    pub id: String,
    /// What changes, for people: field, before, after.
    pub fields: Vec<(String, String, String)>,
    /// The act, JSON.
    pub act: String,
}

/// Reads the objects of a `network.toml`.
///
/// # Errors
/// [`NetworkError`].
pub fn parse(text: &str) -> Result<Vec<Object>, NetworkError> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| NetworkError::Toml(error.to_string()))?;
    if let Some(other) = table.keys().find(|key| ObjectKind::parse(key).is_none()) {
        return Err(NetworkError::UnknownTable(other.clone()));
    }
    let mut objects: Vec<Object> = Vec::new();
    for kind in ObjectKind::ALL {
        let Some(list) = table.get(kind.as_str()) else {
            continue;
        };
        // Passed over it would withdraw all that is in force.
        let list = list
            .as_array()
            .ok_or(NetworkError::NotAList(kind.as_str()))?;
        for (at, value) in list.iter().enumerate() {
            let object = read(kind, at + 1, value)?;
            if objects
                .iter()
                .any(|other| other.kind() == kind && other.id() == object.id())
            {
                return Err(NetworkError::Twice(kind.as_str(), object.id().to_owned()));
            }
            objects.push(object);
        }
    }
    Ok(objects)
}

fn read(kind: ObjectKind, number: usize, value: &toml::Value) -> Result<Object, NetworkError> {
    let text =
        serde_json::to_string(value).map_err(|error| NetworkError::Toml(error.to_string()))?;
    let wrong = |field: String, reason: String| NetworkError::Object {
        kind: kind.as_str(),
        number,
        field,
        reason,
    };
    let doc =
        Doc::parse(text.as_bytes()).map_err(|error| wrong(String::new(), error.to_string()))?;
    let object = Object::from_json(kind, doc.root());
    let object = object.map_err(|error| wrong(error.field, error.reason))?;
    if let Object::Site(site) = &object
        && !countersign_report::text::is_time_zone(&site.time_zone)
    {
        let reason = format!(
            "\"{}\" is no zone of the time zone database; it is like Europe/Amsterdam",
            site.time_zone
        );
        return Err(wrong("time_zone".to_owned(), reason));
    }
    Ok(object)
}

/// The acts that lead from `now` to exactly `wanted`: new and changed objects in the order in
/// which they depend on one another, then what goes.
#[must_use]
pub fn differences(now: &Network, wanted: &[Object]) -> Vec<Difference> {
    let mut out = Vec::new();
    for object in wanted {
        match now.object(object.kind(), object.id()) {
            Some(old) if old == object => {}
            old => out.push(set(old, object)),
        }
    }
    let mut gone: Vec<&Object> = now
        .objects()
        .filter(|old| {
            !wanted
                .iter()
                .any(|new| new.kind() == old.kind() && new.id() == old.id())
        })
        .collect();
    gone.reverse();
    out.extend(gone.into_iter().map(|object| {
        Difference {
            sign: '-',
            kind: object.kind(),
            id: object.id().to_owned(),
            fields: Vec::new(),
            act: json!({ "type": "Withdraw", "object": object.kind().as_str(), "id": object.id() })
                .to_string(),
        }
    }));
    out
}

fn set(old: Option<&Object>, object: &Object) -> Difference {
    let value = object_json(object);
    let before = old.map(object_json);
    let mut fields = Vec::new();
    let empty = Map::new();
    let new_fields = value.as_object().unwrap_or(&empty);
    let old_fields = before.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    for (name, new) in new_fields {
        let old = old_fields.get(name);
        if old != Some(new) && before.is_some() {
            fields.push((name.clone(), old.map(shown).unwrap_or_default(), shown(new)));
        }
    }
    for (name, old) in old_fields
        .iter()
        .filter(|(name, _)| !new_fields.contains_key(*name))
    {
        fields.push((name.clone(), shown(old), String::new()));
    }
    let act = json!({ "type": "Define", "object": object.kind().as_str(), "value": value });
    Difference {
        sign: if old.is_some() { '~' } else { '+' },
        kind: object.kind(),
        id: object.id().to_owned(),
        fields,
        act: act.to_string(),
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The network as JSON: a list a kind, in the shape of `network.toml`.
#[must_use]
pub fn to_json(network: &Network) -> Value {
    let mut out = Map::new();
    for kind in ObjectKind::ALL {
        let list: Vec<Value> = network
            .objects()
            .filter(|object| object.kind() == kind)
            .map(object_json)
            .collect();
        if !list.is_empty() {
            out.insert(kind.as_str().to_owned(), Value::Array(list));
        }
    }
    Value::Object(out)
}

/// Reads [`to_json`] back.
///
/// # Errors
/// [`NetworkError`].
pub fn from_json(value: &Value) -> Result<Network, NetworkError> {
    let mut network = Network::default();
    for kind in ObjectKind::ALL {
        let list = value.get(kind.as_str()).and_then(Value::as_array);
        for (at, object) in list.into_iter().flatten().enumerate() {
            let text = object.to_string();
            let wrong = |field: String, reason: String| NetworkError::Object {
                kind: kind.as_str(),
                number: at + 1,
                field,
                reason,
            };
            let doc = Doc::parse(text.as_bytes())
                .map_err(|error| wrong(String::new(), error.to_string()))?;
            network.define(
                Object::from_json(kind, doc.root())
                    .map_err(|error| wrong(error.field, error.reason))?,
            );
        }
    }
    Ok(network)
}

/// One object in the shape of `network.toml`.
#[must_use]
pub fn object_json(object: &Object) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    match object {
        Object::Site(site) => site_json(site, &mut put),
        Object::Lane(lane) => {
            put("id", Some(json!(&*lane.id)));
            put("from", Some(json!(lane.from.as_str())));
            put("to", Some(json!(lane.to.as_str())));
            put(
                "carrier",
                lane.carrier.as_ref().map(|carrier| json!(carrier.as_str())),
            );
            put("mode", Some(json!(mode_word(lane.mode))));
            put("grace", Some(duration(lane.grace)));
            put("pick_up_grace", Some(duration(lane.pick_up_grace)));
            put("transit_max", lane.transit_max.map(duration));
            put("transit_min", lane.transit_min.map(duration));
        }
        Object::Product(product) => {
            put("class", Some(json!(product.class.as_str())));
            put("label", Some(json!(product.label)));
            put(
                "value",
                product
                    .value
                    .map(|Money { amount, .. }| json!(amount.to_string())),
            );
            put(
                "currency",
                product
                    .value
                    .map(|Money { currency, .. }| json!(currency.as_str())),
            );
            put("counts", product.counts_units.then(|| json!("units")));
        }
        Object::Tolerance(tolerance) => {
            put("id", Some(json!(&*tolerance.id)));
            put("weight_kg", Some(json!(tolerance.weight_kg.to_string())));
            put(
                "weight_ratio",
                Some(json!(tolerance.weight_ratio.to_string())),
            );
            put("weight_grace", tolerance.weight_grace.map(duration));
            put("settles_after", tolerance.settles_after.map(duration));
        }
        Object::Principal(principal) => principal_json(principal, &mut put),
    }
    Value::Object(out)
}

const fn site_kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Warehouse => "warehouse",
        SiteKind::Hub => "hub",
        SiteKind::Customer => "customer",
    }
}

const fn mode_word(mode: ContractMode) -> &'static str {
    match mode {
        ContractMode::Both => "both",
        ContractMode::Giver => "giver",
        ContractMode::Receiver => "receiver",
        ContractMode::Sighting => "sighting",
    }
}

fn site_json(site: &Site, put: &mut dyn FnMut(&str, Option<Value>)) {
    put("id", Some(json!(site.id.as_str())));
    put("label", Some(json!(site.label)));
    put("party", Some(json!(site.party.as_str())));
    put("kind", Some(json!(site_kind(site.kind))));
    put("time_zone", Some(json!(site.time_zone)));
    let places: Vec<&str> = site
        .places
        .iter()
        .map(countersign_model::ids::PlaceId::as_str)
        .collect();
    put("places", Some(json!(places)));
    put("dwell_max", site.dwell_max.map(duration));
    put(
        "position",
        site.fence.map(|fence| json!(fence.centre.to_string())),
    );
    put("radius", site.fence.map(|fence| json!(fence.radius_m)));
}

fn principal_json(principal: &Principal, put: &mut dyn FnMut(&str, Option<Value>)) {
    put("id", Some(json!(principal.id.as_str())));
    put("role", Some(json!(principal.role.as_str())));
    put("key", Some(json!(principal.key)));
    put("assurance", Some(json!(principal.assurance.as_str())));
    put(
        "party",
        principal.party.as_ref().map(|party| json!(party.as_str())),
    );
    put(
        "place",
        principal.place.as_ref().map(|place| json!(place.as_str())),
    );
    put(
        "clock_offset_ms",
        (principal.clock_offset_ms != 0).then(|| json!(principal.clock_offset_ms)),
    );
    put("heartbeat", principal.heartbeat.map(duration));
    put(
        "hours",
        principal
            .hours
            .as_ref()
            .map(|hours| json!(hours.to_string())),
    );
    put(
        "grace",
        (principal.grace != Span::default()).then(|| duration(principal.grace)),
    );
    put(
        "read_rate",
        (principal.read_rate != Decimal::ONE).then(|| json!(principal.read_rate.to_string())),
    );
}

fn duration(span: Span) -> Value {
    let ms = span.ms();
    let text = if ms % 1000 == 0 {
        format!("PT{}S", ms / 1000)
    } else {
        format!("PT{}.{:03}S", ms / 1000, ms % 1000)
    };
    Value::String(text)
}

/// What a proposal asks, as JSON.
#[must_use]
pub fn action_json(action: &ProposedAction) -> Value {
    match action {
        ProposedAction::WriteOff { units } => {
            let units: Vec<&str> = units
                .iter()
                .map(countersign_model::ids::UnitId::as_str)
                .collect();
            json!({ "kind": "write_off", "units": units })
        }
        ProposedAction::StockAdjustment {
            class,
            place,
            difference,
            uom,
        } => json!({
            "kind": "stock_adjustment",
            "class": class.as_str(),
            "place": place.as_str(),
            "difference": difference.to_string(),
            "uom": uom.as_str(),
        }),
        ProposedAction::PlanChange { plan, claim } => json!({
            "kind": "plan_change",
            "plan": plan.as_str(),
            "claim": claim.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[[site]]
id = "urn:x:a"
party = "urn:x:p"
kind = "warehouse"
places = ["urn:x:a:1"]

[[lane]]
id = "a-b"
from = "urn:x:a"
to = "urn:x:b"
mode = "both"
grace = "PT15M"

[[tolerance]]
id = "default"
weight_kg = 0.25
weight_ratio = "0.01"
"#;

    fn check(text: &str, expect: &str) {
        let error = parse(text).expect_err("is wrong").to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn errors_name_the_place() {
        check(
            "[[site]]\nid = 'urn:x:a'",
            "[[site]] number 1: party: is missing",
        );
        check("[[ship]]\nid = 'x'", "[[ship]]");
        check(
            &format!("{FILE}\n[[tolerance]]\nid='default'\nweight_kg='1'\nweight_ratio='0'"),
            "stands twice",
        );
    }

    #[test]
    fn applied_and_undone() {
        let wanted = parse(FILE).expect("reads");
        let mut network = Network::default();
        let acts = differences(&network, &wanted);
        assert_eq!(acts.iter().map(|d| d.sign).collect::<String>(), "+++");
        for object in &wanted {
            network.define(object.clone());
        }
        assert!(differences(&network, &wanted).is_empty());
        let changed = parse(&FILE.replace("PT15M", "PT20M")).expect("reads");
        let acts = differences(&network, &changed);
        assert_eq!(acts.len(), 1);
        assert_eq!(
            acts[0].fields,
            [("grace".into(), "PT900S".into(), "PT1200S".into())]
        );
        let acts = differences(&network, &[]);
        assert_eq!(acts.iter().map(|d| d.sign).collect::<String>(), "---");
    }

    #[test]
    fn json_reads_back() {
        let mut network = Network::default();
        for object in parse(FILE).expect("reads") {
            network.define(object);
        }
        assert_eq!(from_json(&to_json(&network)).expect("reads"), network);
    }
}
