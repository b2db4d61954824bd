//! The one right cut of an event and of an envelope (format law 1).
//!
//! Open are the fields of the tables that are not sealed there, where their value is of the
//! kind that the field has; sealed is every other value, as high up as possible: a sealed
//! object is sealed whole. Names and `@context` are open. The cut is total: any JSON has one.
//! It depends on what stays open alone, so that the open view has the same cut.

use std::ops::Range;

use countersign_model::body::Cut;
use countersign_model::json::{Doc, Item, Kind};

use crate::context::Context;
use crate::problem::Problem;
use crate::scan::Layout;
use crate::shape::{ANY_DOCUMENT, EVENT, QUANTITY, Rule, Shape, event_place};

/// The cut of an event that stands in a document with this context.
#[must_use]
pub fn required(doc: &Doc<'_>, context: &Context) -> Cut {
    let item = doc.root();
    let mut sealed = Vec::new();
    if item.kind() != Kind::Object {
        return Cut::new(vec![item.span()]);
    }
    // A context that cannot be read changes no name.
    let own = context.with(item.get("@context"));
    let context = own.as_deref().unwrap_or(context);
    for (name, value) in item.members() {
        let place = event_place(&name, context);
        match place.and_then(|place| EVENT.members.get(place)) {
            Some(member) if !member.sealed => cut_value(&member.rule, value, &mut sealed),
            _ => sealed.push(value.span()),
        }
    }
    Cut::new(sealed)
}

/// The cut of the bytes of an envelope or of one of its sections, holes left out.
///
/// # Errors
/// `bad_envelope` or a problem of the syntax: bytes that are no envelope have no cut.
pub fn envelope(
    section: u64,
    bytes: &[u8],
    holes: &[u64],
    continues_at: Option<u64>,
) -> Result<Cut, Problem> {
    let Layout::Document(emptied) = Layout::of(section, bytes, holes, continues_at)? else {
        return Ok(Cut::default());
    };
    let doc = Doc::parse(emptied.text())?;
    let mut sealed = Vec::new();
    cut_object(&ANY_DOCUMENT, doc.root(), &mut sealed);
    let in_envelope = sealed.iter().map(|range| emptied.in_envelope(range));
    Ok(Cut::new(in_envelope.collect()))
}

/// What a reader of the open parts sees of `doc`: `null` for each sealed value.
#[must_use]
pub fn open_view(doc: &Doc<'_>, cut: &Cut) -> Vec<u8> {
    let text = doc.text().as_bytes();
    let mut view = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in cut.sealed() {
        view.extend_from_slice(text.get(at..range.start).unwrap_or_default());
        view.extend_from_slice(b"null");
        at = range.end;
    }
    view.extend_from_slice(text.get(at..).unwrap_or_default());
    view
}

fn cut_object(shape: &Shape, item: Item<'_, '_>, sealed: &mut Vec<Range<usize>>) {
    if item.kind() != Kind::Object {
        return sealed.push(item.span());
    }
    for (name, value) in item.members() {
        match shape.find(&name).and_then(|place| shape.members.get(place)) {
            Some(member) if !member.sealed => cut_value(&member.rule, value, sealed),
            _ => sealed.push(value.span()),
        }
    }
}

fn cut_value(rule: &Rule, item: Item<'_, '_>, sealed: &mut Vec<Range<usize>>) {
    let kind = item.kind();
    let open = match rule {
        Rule::Context => true,
        Rule::Object(shape) => return cut_object(shape, item, sealed),
        Rule::Set(element, _) | Rule::UniqueSet(element, _) => {
            return cut_elements(item, sealed, &mut |e, out| cut_value(element, e, out));
        }
        Rule::OneOrMany(element) if kind == Kind::Array => {
            return cut_elements(item, sealed, &mut |e, out| cut_value(element, e, out));
        }
        Rule::OneOrMany(element) => return cut_value(element, item, sealed),
        Rule::Quantities(_) => {
            return cut_elements(item, sealed, &mut |e, out| cut_object(&QUANTITY, e, out));
        }
        Rule::Units(_) => {
            return cut_elements(item, sealed, &mut |e, out| {
                if e.kind() != Kind::String {
                    out.push(e.span());
                }
            });
        }
        Rule::Events => kind == Kind::Array,
        Rule::Number => kind == Kind::Number,
        Rule::Decimal => matches!(kind, Kind::Number | Kind::String),
        Rule::Bool => matches!(kind, Kind::Bool(_)),
        // Sealed wherever they stand.
        Rule::Attribute | Rule::Ilmd => false,
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
        | Rule::Version => kind == Kind::String,
    };
    if !open {
        sealed.push(item.span());
    }
}

fn cut_elements(
    item: Item<'_, '_>,
    sealed: &mut Vec<Range<usize>>,
    each: &mut dyn FnMut(Item<'_, '_>, &mut Vec<Range<usize>>),
) {
    if item.kind() != Kind::Array {
        return sealed.push(item.span());
    }
    for element in item.elements() {
        each(element, sealed);
    }
}

#[cfg(test)]
mod tests;
