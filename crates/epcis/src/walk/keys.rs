//! Keys of things, sets of them, and counted classes.

use countersign_model::claim::ClassQuantity;
use countersign_model::decimal::Decimal;
use countersign_model::gs1;
use countersign_model::ids::{ClassId, DocId, IdError, PartyId, PlaceId, UnitId, canonical_uri};
use countersign_model::json::{Item, Kind};
use countersign_model::quantity::{Quantity, Uom};

use super::Walk;
use crate::limits::UNITS_PER_CLAIM_MAX;
use crate::problem::Path;
use crate::shape::{QUANTITY, Role};

impl Walk<'_> {
    pub(super) fn key(&mut self, role: Role, text: &str, path: &Path<'_>) {
        if !self.uri(text, path) {
            return;
        }
        let full = self.context.resolve(text);
        let facts = &mut self.facts;
        let done = match role {
            Role::Parent | Role::Units | Role::Outputs => UnitId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.parent = Some(id);
            }),
            Role::Place => PlaceId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.place = Some(id);
            }),
            Role::Location => PlaceId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.location = Some(id);
            }),
            Role::Document => DocId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.documents.push(id);
            }),
            Role::Transfer => DocId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.transfer = Some(id);
            }),
            Role::Class => ClassId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.class = Some(id);
            }),
            Role::Counterparty => PartyId::parse(&full).map(|id| {
                self.print.key(id.as_str());
                facts.counterparty = Some(id);
            }),
            Role::None => canonical_uri(&full).map(|key| self.print.key(&key)),
        };
        self.key_done(&full, done, path);
    }

    /// Tells of a text that is no key, and of a key whose check digit is wrong.
    fn key_done(&mut self, full: &str, done: Result<(), IdError>, path: &Path<'_>) {
        if let Err(error) = done {
            return self.refuse("bad_key", path, &error.to_string());
        }
        if self.whole && full.starts_with("http") {
            let key = gs1::Key::parse(full);
            if key.is_ok_and(|key| !key.check_digit_ok()) {
                self.warn("check_digit", path);
            }
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
            if self.uri(&text, &path) {
                let full = self.context.resolve(&text);
                let done = UnitId::parse(&full).map(|unit| units.push(unit));
                self.key_done(&full, done, &path);
            }
        }
        units.sort_unstable();
        units.dedup();
        for unit in &units {
            let begun = self.print.begin();
            self.print.key(unit.as_str());
            self.print.end(begun);
        }
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
        let mut starts = Vec::new();
        for (at, element) in item.elements().enumerate() {
            let begun = self.print.begin();
            let read = self.quantity(element, &path.at(at));
            self.print.end(begun);
            starts.push(begun);
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
        self.print.sort(&starts);
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
