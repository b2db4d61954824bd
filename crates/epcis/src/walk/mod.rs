//! One walk over a value by its table: problems, warnings, facts and canonical bytes at once.
//!
//! In a walk over what is *open* nothing of a sealed value is looked at, and a value of the
//! wrong kind is treated like the `null` that stands for it in an open view: whole bytes and
//! their open view give the same answer.

mod keys;

use std::borrow::Cow;

use countersign_model::claim::{ClassQuantity, Warning};
use countersign_model::decimal::Decimal;
use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, UnitId, canonical_uri};
use countersign_model::json::{Item, Kind};
use countersign_model::limits::ID_BYTES_MAX;
use countersign_model::quantity::{Currency, Uom};

use crate::context::{COUNTERSIGN_NS, Context, EPCIS_NS};
use crate::grammar;
use crate::limits::PROBLEMS_MAX;
use crate::memo::Memo;
use crate::print::Print;
use crate::problem::{Path, Problem};
use crate::shape::{MEMBERS_MAX, Needed, Others, Rule, Shape};
use crate::vocab::{Term, Vocabulary};

/// The members of an object by their place in its table.
pub(crate) type Slots<'a, 'd> = [Option<Item<'a, 'd>>; MEMBERS_MAX];

/// Keys and quantities met on the way.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) units: Vec<UnitId>,
    pub(crate) outputs: Vec<UnitId>,
    pub(crate) parent: Option<UnitId>,
    pub(crate) place: Option<PlaceId>,
    pub(crate) location: Option<PlaceId>,
    /// Parties that possess, from sources and destinations.
    pub(crate) from: Option<PartyId>,
    pub(crate) to: Option<PartyId>,
    /// Whether the source or destination that is being read is one of possession.
    pub(crate) possessing: bool,
    /// The class of the quantity that is being read.
    pub(crate) class: Option<ClassId>,
    pub(crate) quantities: Vec<ClassQuantity>,
    pub(crate) output_quantities: Vec<ClassQuantity>,
    pub(crate) documents: Vec<DocId>,
    pub(crate) counterparty: Option<PartyId>,
    pub(crate) transfer: Option<DocId>,
}

/// A walk.
#[derive(Debug)]
pub(crate) struct Walk<'c> {
    pub(crate) context: &'c Context,
    pub(crate) memo: &'c mut Memo,
    /// Whether sealed values are looked at too.
    pub(crate) whole: bool,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) print: Print,
    pub(crate) facts: Facts,
}

impl<'c> Walk<'c> {
    pub(crate) fn new(context: &'c Context, memo: &'c mut Memo, whole: bool, print: Print) -> Self {
        Self {
            context,
            memo,
            whole,
            problems: Vec::new(),
            warnings: Vec::new(),
            print,
            facts: Facts::default(),
        }
    }

    pub(crate) fn refuse(&mut self, code: &'static str, path: &Path<'_>, reason: &str) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems
                .push(Problem::new(code, path.to_string(), reason));
        }
    }

    pub(crate) fn warn(&mut self, code: &'static str, path: &Path<'_>) {
        if self.warnings.len() < PROBLEMS_MAX {
            self.warnings.push(Warning {
                code,
                field: path.to_string(),
            });
        }
    }

    /// Walks an object by `shape`.
    pub(crate) fn object(&mut self, shape: &'static Shape, item: Item<'_, '_>, path: &Path<'_>) {
        if item.kind() != Kind::Object {
            return self.refuse("wrong_type", path, "is not an object");
        }
        let mut slots: Slots<'_, '_> = [None; MEMBERS_MAX];
        for (name, value) in item.members() {
            match shape.find(&name).and_then(|place| slots.get_mut(place)) {
                Some(slot) => *slot = Some(value),
                None => self.other_name(&name, shape.others, path),
            }
        }
        self.members(shape, &slots, path);
    }

    /// Walks the members that were found, in the order of the table.
    pub(crate) fn members(
        &mut self,
        shape: &'static Shape,
        slots: &Slots<'_, '_>,
        path: &Path<'_>,
    ) {
        for (place, (member, slot)) in shape.members.iter().zip(slots).enumerate() {
            let path = path.name(member.name);
            match slot {
                None => self.absent(member.needed, shape, slots, &path),
                Some(_) if member.sealed && !self.whole => {}
                Some(item) => {
                    let before = self.print.mark();
                    let begun = self.print.begin_member(place);
                    self.value(&member.rule, *item, &path);
                    self.print.end(begun);
                    if !member.printed {
                        self.print.forget(before);
                    }
                }
            }
        }
    }

    fn absent(
        &mut self,
        needed: Needed,
        shape: &'static Shape,
        slots: &Slots<'_, '_>,
        path: &Path<'_>,
    ) {
        match needed {
            Needed::No => {}
            Needed::Unless(other, warning) => {
                let place = shape.find(other);
                let slot = place.and_then(|place| slots.get(place).copied().flatten());
                match (slot, warning) {
                    (Some(_), Some(warning)) => self.warn(warning, path),
                    (Some(_), None) => {}
                    (None, _) => self.refuse("missing_field", path, "is missing"),
                }
            }
            Needed::Yes => self.refuse("missing_field", path, "is missing"),
        }
    }

    /// Judges a name that is not in the table; returns what it stands for in full.
    pub(crate) fn other_name(&mut self, name: &str, others: Others, path: &Path<'_>) {
        let path = path.name(name);
        if others == Others::Any {
            return;
        }
        if others == Others::Refused || !grammar::is_uri(name) {
            let reason = "is no field here; a field of your own needs a namespace (prefix:name)";
            return self.refuse("unknown_field", &path, reason);
        }
        let full = self.context.resolve(name);
        if full.starts_with(EPCIS_NS) {
            let reason = "is a field of EPCIS; write it by its short name";
            self.refuse("reserved_field", &path, reason);
        } else if full.starts_with(COUNTERSIGN_NS) {
            let reason = "is no field that urn:countersign:ns:1: has here";
            self.refuse("unknown_field", &path, reason);
        } else if !self.context.declares(name) {
            self.warn("undeclared_prefix", &path);
        }
    }

    pub(crate) fn value(&mut self, rule: &'static Rule, item: Item<'_, '_>, path: &Path<'_>) {
        match rule {
            Rule::Context => {}
            Rule::Events => {
                if item.kind() != Kind::Array {
                    self.refuse("wrong_type", path, "is not an array");
                }
            }
            Rule::Number => self.number(item, path),
            Rule::Bool => match item.as_bool() {
                Some(value) => self.print.raw(&[u8::from(value)]),
                None => self.refuse("wrong_type", path, "is neither true nor false"),
            },
            Rule::Decimal => self.decimal(item, path),
            Rule::Attribute => {
                if !matches!(item.kind(), Kind::Number | Kind::String | Kind::Object) {
                    self.refuse("wrong_type", path, "is no number, text or object");
                }
            }
            Rule::Ilmd => self.ilmd(item, path),
            Rule::Units(role) => self.units(*role, item, path),
            Rule::Quantities(role) => self.quantities(*role, item, path),
            Rule::Set(element, len_min) => {
                self.set(element, *len_min, item, path);
            }
            Rule::UniqueSet(element, len_min) => {
                if self.set(element, *len_min, item, path) && self.problems.is_empty() {
                    self.refuse("duplicate_item", path, "holds the same element twice");
                }
            }
            Rule::OneOrMany(element) => {
                if item.kind() == Kind::Array {
                    self.set(element, 0, item, path);
                } else {
                    let begun = self.print.begin();
                    self.value(element, item, path);
                    self.print.end(begun);
                }
            }
            Rule::Object(shape) => self.object(shape, item, path),
            Rule::EventType
            | Rule::OneOf(_)
            | Rule::Verbatim
            | Rule::Uri
            | Rule::Key(_)
            | Rule::Time
            | Rule::Offset
            | Rule::Term(_)
            | Rule::Text
            | Rule::Name
            | Rule::Hex
            | Rule::Uom
            | Rule::Currency
            | Rule::Version => match item.as_str() {
                Some(text) => self.text(rule, &text, path),
                None => self.refuse("wrong_type", path, "is not a text"),
            },
        }
    }

    fn text(&mut self, rule: &'static Rule, text: &str, path: &Path<'_>) {
        match rule {
            Rule::Verbatim => {
                if self.uri(text, path) {
                    self.print.text(text);
                }
            }
            Rule::Uri => {
                if self.uri(text, path) {
                    let full = self.context.resolve(text);
                    match canonical_uri(&full) {
                        Ok(key) => self.print.key(&key),
                        Err(_) => self.print.text(&full),
                    }
                }
            }
            Rule::Key(role) => self.key(*role, text, path),
            Rule::Time => match grammar::date_time(text) {
                Some(time) => self.print.raw(&time.ms().to_be_bytes()),
                None => {
                    let reason = "is not a date-time with an offset, of the years 1970 to 2199";
                    self.refuse("not_a_time", path, reason);
                }
            },
            Rule::Offset => match grammar::zone_offset(text) {
                Some(minutes) => self.print.raw(&minutes.to_be_bytes()),
                None => self.refuse("bad_pattern", path, "is not an offset like +01:00"),
            },
            Rule::Term(vocabulary) => self.term(*vocabulary, text, path),
            Rule::OneOf(words) if words.contains(&text) => self.print.text(text),
            Rule::OneOf(words) => {
                let reason = format!("is none of {}", words.join(", "));
                self.refuse("unknown_term", path, &reason);
            }
            Rule::EventType => self.print.text(&self.context.resolve(text)),
            Rule::Name => {
                let bad = |c: char| c.is_whitespace() || c.is_control();
                if text.is_empty() || text.len() > ID_BYTES_MAX || text.contains(bad) {
                    let reason = "is not a name of 1 to 512 bytes without white space";
                    return self.refuse("bad_pattern", path, reason);
                }
                self.print.text(text);
            }
            _ => {
                let fits = match rule {
                    Rule::Hex => grammar::is_hex(text),
                    Rule::Uom => grammar::is_uom(text),
                    Rule::Version => grammar::is_version(text),
                    Rule::Currency => Currency::parse(text).is_some(),
                    _ => true,
                };
                if !fits {
                    return self.refuse("bad_pattern", path, "is not of the form of this field");
                }
                // "Each" and "one" are the same unit.
                let uom = matches!(rule, Rule::Uom)
                    .then(|| Uom::parse(text))
                    .flatten();
                match uom {
                    Some(uom) => self.print.text(uom.as_str()),
                    None => self.print.text(text),
                }
            }
        }
    }

    fn uri(&mut self, text: &str, path: &Path<'_>) -> bool {
        let fits = grammar::is_uri(text);
        if !fits {
            self.refuse("not_a_uri", path, "is not a URI");
        }
        fits
    }

    fn term(&mut self, vocabulary: Vocabulary, text: &str, path: &Path<'_>) {
        let Some(term) = vocabulary.read(text, self.context) else {
            let reason = "is neither a term of the standard's list nor a URI of your own";
            return self.refuse("unknown_term", path, reason);
        };
        self.print.text(term.as_str());
        if vocabulary == Vocabulary::SourceDestination {
            self.facts.possessing = term == Term::Standard("possessing_party");
        }
        if term.is_unknown_standard() {
            let measurement = vocabulary == Vocabulary::Measurement;
            let code = if measurement {
                "unknown_measurement_type"
            } else {
                "unknown_vocabulary"
            };
            self.warn(code, path);
        }
    }

    fn number(&mut self, item: Item<'_, '_>, path: &Path<'_>) {
        let Some(text) = item.as_number() else {
            return self.refuse("wrong_type", path, "is not a number");
        };
        match Decimal::parse(text) {
            Some(value) => self.print.text(&value.to_string()),
            None => self.print.text(text),
        }
    }

    fn decimal(&mut self, item: Item<'_, '_>, path: &Path<'_>) {
        match decimal_of(item) {
            Some(value) => self.print.text(&value.to_string()),
            None => self.refuse(
                "bad_quantity",
                path,
                "is not a decimal of at most 28 digits",
            ),
        }
    }

    fn ilmd(&mut self, item: Item<'_, '_>, path: &Path<'_>) {
        if item.kind() != Kind::Object {
            return self.refuse("wrong_type", path, "is not an object");
        }
        for (name, _) in item.members() {
            self.other_name(&name, Others::Extensions, path);
        }
    }

    /// Walks an array whose order says nothing; tells whether two elements are equal.
    fn set(
        &mut self,
        element: &'static Rule,
        len_min: usize,
        item: Item<'_, '_>,
        path: &Path<'_>,
    ) -> bool {
        if item.kind() != Kind::Array {
            self.refuse("wrong_type", path, "is not an array");
            return false;
        }
        let mut elements = Vec::new();
        for (at, item) in item.elements().enumerate() {
            let begun = self.print.begin();
            self.value(element, item, &path.at(at));
            elements.push(self.print.end(begun));
        }
        if elements.len() < len_min {
            self.refuse("empty_list", path, "must not be empty");
        }
        self.print.sort(&elements)
    }
}

/// The decimal that a number or a text is.
pub(crate) fn decimal_of(item: Item<'_, '_>) -> Option<Decimal> {
    let text: Option<Cow<'_, str>> = item
        .as_number()
        .map(Cow::Borrowed)
        .or_else(|| item.as_str());
    text.and_then(|text| Decimal::parse(&text))
}
