//! What people call the places and goods that a report names, and which clock hangs there.
//!
//! A report carries its own names: `"names": {ID: {"label", "site", "time_zone"}}` for those of
//! its ids of which the network knows something.

use std::collections::BTreeMap;

use countersign_model::ids::{ClassId, PlaceId};
use countersign_model::network::Network;
use countersign_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text;

/// What the network says of one id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Name {
    /// What people call it: of a site or product; absent for a place within a site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Of a place within a site, the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// IANA time zone of a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// The names that a report needs, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<String, Name>);

impl Names {
    /// Adds a place, and the site that it belongs to.
    pub(crate) fn add_place(&mut self, network: &Network, place: &PlaceId) {
        let Some(site) = network.site_of(place) else {
            return;
        };
        let time_zone = Some(site.time_zone.clone());
        let label = (!site.label.is_empty()).then(|| site.label.clone());
        if site.id != *place {
            let name = Name {
                label: None,
                site: Some(site.id.to_string()),
                time_zone: time_zone.clone(),
            };
            self.0.insert(place.to_string(), name);
        }
        let name = Name {
            label,
            site: None,
            time_zone,
        };
        self.0.insert(site.id.to_string(), name);
    }

    /// Adds a class of goods.
    pub(crate) fn add_class(&mut self, network: &Network, class: &ClassId) {
        let product = network.product(class).filter(|it| !it.label.is_empty());
        if let Some(product) = product {
            let name = Name {
                label: Some(product.label.clone()),
                ..Name::default()
            };
            self.0.insert(class.to_string(), name);
        }
    }

    /// What people call it; of a place within a site, the site first.
    pub(crate) fn say(&self, id: &str) -> String {
        let Some(name) = self.0.get(id) else {
            return text::key(id);
        };
        match (&name.label, &name.site) {
            (Some(label), _) => text::clean(label),
            (None, Some(site)) => format!("{}, {}", self.say_site(site), text::key(id)),
            (None, None) => text::key(id),
        }
    }

    /// The site of a place, by what people call it.
    pub(crate) fn say_site(&self, id: &str) -> String {
        let own = self.0.get(id);
        let site = own.and_then(|name| name.site.as_deref()).unwrap_or(id);
        let label = self.0.get(site).and_then(|name| name.label.as_deref());
        label.map_or_else(|| text::key(site), text::clean)
    }

    /// The time zone of a place.
    pub(crate) fn zone(&self, id: &str) -> Option<&str> {
        self.0.get(id)?.time_zone.as_deref()
    }

    /// The instant by the clock of the first place of which the zone is known, as one word.
    pub(crate) fn time(&self, at: Timestamp, places: &[Option<&str>]) -> String {
        let mut places = places.iter().flatten();
        text::glued(&text::time(at, places.find_map(|place| self.zone(place))))
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::json::Doc;
    use countersign_model::network::{Object, ObjectKind};

    use super::*;

    fn check(id: &str, expect: &str) {
        let site = r#"{"id":"urn:x:ams","label":"Amsterdam","party":"urn:x:p","kind":"hub",
            "time_zone":"Europe/Amsterdam","places":["urn:x:dock:1"]}"#;
        let doc = Doc::parse(site.as_bytes()).expect("JSON");
        let mut network = Network::default();
        network.define(Object::from_json(ObjectKind::Site, doc.root()).expect("site"));
        let mut names = Names::default();
        for place in ["urn:x:dock:1", "urn:x:far"] {
            names.add_place(&network, &PlaceId::parse(place).expect("place"));
        }
        let read: Names =
            serde_json::from_value(serde_json::to_value(&names).expect("JSON")).expect("names");
        assert_eq!(read, names);
        assert_eq!(names.say(id), expect);
    }

    #[test]
    fn places_are_said_with_their_site() {
        check("urn:x:ams", "Amsterdam");
        check("urn:x:dock:1", "Amsterdam, urn:x:dock:1");
        check("urn:x:far", "urn:x:far");
    }
}
