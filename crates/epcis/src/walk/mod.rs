//! One walk over a value by its table: problems, warnings, facts and canonical bytes at once.
//!
//! In a walk over what is *open* nothing of a sealed value is looked at, and a value of the
//! wrong kind is treated like the `null` that stands for it in an open view: whole bytes and
//! their open view give the same answer.

mod keys;

use std::borrow::Cow;

use countersign_model::claim::{ClassQuantity, Warning};
use countersign_model::decimal::{Decimal, canonical_text};
use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, UnitId, canonical_uri};
use countersign_model::json::{Item, Kind, Place};
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots<'a, 'd> {
    object: Item<'a, 'd>,
    members: [Option<Place>; MEMBERS_MAX],
}

impl<'a, 'd> Slots<'a, 'd> {
    /// Those of `object`, none of them found yet.
    pub(crate) const fn none_of(object: Item<'a, 'd>) -> Self {
        Self {
            object,
            members: [None; MEMBERS_MAX],
        }
    }

    /// Takes note of a member; `false` if its table has no such place.
    pub(crate) fn put(&mut self, place: usize, value: Item<'_, '_>) -> bool {
        let slot = self.members.get_mut(place);
        slot.map(|slot| *slot = Some(value.place())).is_some()
    }

    /// The member at a place of the table.
    pub(crate) fn get(&self, place: usize) -> Option<Item<'a, 'd>> {
        let member = self.members.get(place).copied().flatten();
        member.map(|member| self.object.at(member))
    }

    pub(crate) fn has(&self, place: usize) -> bool {
        self.members.get(place).is_some_and(Option::is_some)
    }

    /// Forgets the members behind the one at `place`.
    pub(crate) fn forget_behind(&mut self, place: usize) {
        let rest = self.members.get_mut(place + 1..);
        rest.into_iter().for_each(|rest| rest.fill(None));
    }
}

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
    /// Those of them that a walk over what is open gives too.
    pub(crate) open_warnings: Vec<Warning>,
    /// Whether the value that is being walked is a sealed one.
    in_sealed: bool,
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
            open_warnings: Vec::new(),
            in_sealed: false,
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
        if !self.in_sealed {
            push_warning(&mut self.open_warnings, code, path);
        }
        self.warn_of_whole(code, path);
    }

    /// Warns of what nobody looks at in a walk over what is open.
    fn warn_of_whole(&mut self, code: &'static str, path: &Path<'_>) {
        push_warning(&mut self.warnings, code, path);
    }

    /// Walks an object by `shape`.
    pub(crate) fn object(&mut self, shape: &'static Shape, item: Item<'_, '_>, path: &Path<'_>) {
        if item.kind() != Kind::Object {
            return self.refuse("wrong_type", path, "is not an object");
        }
        let mut slots = Slots::none_of(item);
        for (name, value) in item.members() {
            let place = shape.find(&name);
            if !place.is_some_and(|place| slots.put(place, value)) {
                self.other_name(&name, shape.others, path);
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
        for (place, member) in shape.members.iter().enumerate() {
            let path = path.name(member.name);
            match slots.get(place) {
                None => self.absent(member.needed, shape, slots, &path),
                Some(_) if member.sealed && !self.whole => {}
                Some(item) => {
                    let before = self.print.mark();
                    let begun = self.print.begin_member(place);
                    let around = std::mem::replace(&mut self.in_sealed, member.sealed);
                    self.value(&member.rule, item, &path);
                    self.in_sealed = around;
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
                match (place.is_some_and(|place| slots.has(place)), warning) {
                    (true, Some(warning)) => self.warn(warning, path),
                    (true, None) => {}
                    (false, _) => self.refuse("missing_field", path, "is missing"),
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
                if let Some(key) = self.memo.uris.find(text) {
                    self.print.key(&key);
                } else if self.uri(text, path) {
                    self.new_uri(text);
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

    /// Prints a URI that is not remembered; in the spelling of its key, if it is one.
    fn new_uri(&mut self, text: &str) {
        let full = self.context.resolve(text);
        match canonical_uri(&full) {
            Ok(key) => {
                self.print.key(&key);
                // What a CURIE stands for is another thing in another context.
                if matches!(full, Cow::Borrowed(_)) {
                    self.memo.uris.remember(text, &key);
                }
            }
            Err(_) => self.print.text(&full),
        }
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
        match canonical_text(text) {
            Some(spelling) => self.print.text(&spelling),
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
        let set = self.print.begin_set();
        let mut len = 0;
        for (at, item) in item.elements().enumerate() {
            let begun = self.print.begin();
            self.value(element, item, &path.at(at));
            self.print.end_element(begun);
            len = at + 1;
        }
        if len < len_min {
            self.refuse("empty_list", path, "must not be empty");
        }
        self.print.end_set(set)
    }
}

fn push_warning(warnings: &mut Vec<Warning>, code: &'static str, path: &Path<'_>) {
    if warnings.len() < PROBLEMS_MAX {
        let field = path.to_string();
        warnings.push(Warning { code, field });
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
