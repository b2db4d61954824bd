//! Keys of things, sets of them, and counted classes.

use std::borrow::Cow;

use countersign_model::claim::ClassQuantity;
use countersign_model::decimal::Decimal;
use countersign_model::gs1;
use countersign_model::ids::{ClassId, DocId, IdError, PartyId, PlaceId, UnitId};
use countersign_model::json::{Item, Kind};
use countersign_model::quantity::{Quantity, Uom};

use super::Walk;
use crate::limits::UNITS_PER_CLAIM_MAX;
use crate::memo::{Memo, Table};
use crate::problem::Path;
use crate::shape::{QUANTITY, Role};

impl Walk<'_> {
    pub(super) fn key(&mut self, role: Role, text: &str, path: &Path<'_>) {
        match role {
            Role::Parent | Role::Units | Role::Outputs => {
                let unit = self.read(text, path, |memo| &mut memo.units, UnitId::parse);
                self.note(unit.as_ref().map(UnitId::as_str));
                self.facts.parent = unit;
            }
            Role::Place | Role::Location => {
                let place = self.read(text, path, |memo| &mut memo.places, PlaceId::parse);
                self.note(place.as_ref().map(PlaceId::as_str));
                if role == Role::Place {
                    self.facts.place = place;
                } else {
                    self.facts.location = place;
                }
            }
            Role::Document | Role::Transfer => {
                let document = self.read(text, path, |memo| &mut memo.documents, DocId::parse);
                self.note(document.as_ref().map(DocId::as_str));
                if role == Role::Document {
                    self.facts.documents.extend(document);
                } else {
                    self.facts.transfer = document;
                }
            }
            Role::Class => {
                let class = self.read(text, path, |memo| &mut memo.classes, ClassId::parse);
                self.note(class.as_ref().map(ClassId::as_str));
                self.facts.class = class;
            }
            Role::Source | Role::Destination | Role::Counterparty => {
                let party = self.read(text, path, |memo| &mut memo.parties, PartyId::parse);
                self.note(party.as_ref().map(PartyId::as_str));
                let facts = &mut self.facts;
                match role {
                    Role::Counterparty => facts.counterparty = party,
                    // The first of several is taken.
                    Role::Source if facts.possessing && facts.from.is_none() => facts.from = party,
                    Role::Destination if facts.possessing && facts.to.is_none() => facts.to = party,
                    _ => {}
                }
            }
        }
    }

    fn note(&mut self, canonical: Option<&str>) {
        if let Some(canonical) = canonical {
            self.print.key(canonical);
        }
    }

    /// Reads a key, or remembers it; tells of a text that is none.
    fn read<K: Clone>(
        &mut self,
        text: &str,
        path: &Path<'_>,
        table: fn(&mut Memo) -> &mut Table<K>,
        parse: fn(&str) -> Result<K, IdError>,
    ) -> Option<K> {
        let full = self.context.resolve(text);
        let known = table(self.memo).find(&full);
        // What was read once was a URI; of a CURIE that says nothing about the text as written.
        let was_uri = known.is_some() && matches!(full, Cow::Borrowed(_));
        if !was_uri && !self.uri(text, path) {
            return None;
        }
        let read = known.map_or_else(
            || {
                let key = parse(&full)?;
                table(self.memo).remember(&full, &key);
                Ok(key)
            },
            Ok::<K, IdError>,
        );
        match read {
            Ok(key) => {
                self.check_digit(&full, path);
                Some(key)
            }
            Err(error) => {
                self.refuse("malformed_key", path, &error.to_string());
                None
            }
        }
    }

    /// Tells of a key whose check digit is wrong: it is still the key that its sender used.
    fn check_digit(&mut self, full: &str, path: &Path<'_>) {
        if !self.whole || !full.starts_with("http") {
            return;
        }
        let checks = &mut self.memo.check_digits;
        let is_wrong = checks.find(full).unwrap_or_else(|| {
            let key = gs1::Key::parse(full);
            let is_wrong = key.is_ok_and(|key| !key.check_digit_ok());
            checks.remember(full, &is_wrong);
            is_wrong
        });
        if is_wrong {
            self.warn_of_whole("check_digit", path);
        }
    }

    /// A set of keys: in canonical spelling, sorted, each once.
    pub(super) fn units(&mut self, role: Role, item: Item<'_, '_>, path: &Path<'_>) {
        if item.kind() != Kind::Array {
            return self.refuse("wrong_type", path, "is not an array");
        }
        let mut units = Vec::new();
        for (at, element) in item.elements().enumerate() {
            let path = path.at(at);
            let Some(text) = element.as_str() else {
                self.refuse("wrong_type", &path, "is not a text");
                continue;
            };
            if at >= UNITS_PER_CLAIM_MAX {
                let reason = format!("more than {UNITS_PER_CLAIM_MAX} units in one event");
                return self.refuse("too_many_units", &path, &reason);
            }
            units.extend(self.read(&text, &path, |memo| &mut memo.units, UnitId::parse));
        }
        units.sort_unstable();
        units.dedup();
        let set = self.print.begin_set();
        for unit in &units {
            let begun = self.print.begin();
            self.print.key(unit.as_str());
            self.print.end_element(begun);
        }
        self.print.end_set(set);
        if role == Role::Outputs {
            self.facts.outputs = units;
        } else {
            self.facts.units = units;
        }
    }

    /// A set of counted classes.
    pub(super) fn quantities(&mut self, role: Role, item: Item<'_, '_>, path: &Path<'_>) {
        if item.kind() != Kind::Array {
            return self.refuse("wrong_type", path, "is not an array");
        }
        let set = self.print.begin_set();
        for (at, element) in item.elements().enumerate() {
            let begun = self.print.begin();
            let read = self.quantity(element, &path.at(at));
            self.print.end_element(begun);
            if at >= UNITS_PER_CLAIM_MAX {
                let reason = format!("more than {UNITS_PER_CLAIM_MAX} classes in one event");
                return self.refuse("too_many_units", path, &reason);
            }
            let quantities = if role == Role::Outputs {
                &mut self.facts.output_quantities
            } else {
                &mut self.facts.quantities
            };
            quantities.extend(read);
        }
        self.print.end_set(set);
    }

    fn quantity(&mut self, item: Item<'_, '_>, path: &Path<'_>) -> Option<ClassQuantity> {
        self.facts.class = None;
        self.object(&QUANTITY, item, path);
        let class = self.facts.class.take()?;
        let Some(number) = item.get("quantity") else {
            return Some(ClassQuantity {
                class,
                quantity: None,
            });
        };
        let text = number.as_number()?;
        let value = Decimal::parse(text).filter(|value| !value.is_negative());
        let Some(value) = value else {
            let reason = "is not a decimal of at most 28 digits, zero or more";
            self.refuse("bad_quantity", &path.name("quantity"), reason);
            return None;
        };
        let uom = match item.str_at("uom") {
            Some(uom) => Uom::parse(&uom)?,
            None => Uom::PIECES,
        };
        Some(ClassQuantity {
            class,
            quantity: Some(Quantity { value, uom }),
        })
    }
}
