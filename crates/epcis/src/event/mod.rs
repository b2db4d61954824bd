//! One event: its type, its members, and the rules that the tables cannot say.
//!
//! The rules are those of `epcis-json-schema.json` 2.0.0 with formats asserted, those of test
//! case requirement 54 for events with a parent, and a few of ours; where they differ from the
//! schema stands in docs/formats/epcis-json.md.

use std::borrow::Cow;

use countersign_model::claim::{Action, EventKind, Warning};
use countersign_model::json::{Doc, Item, Kind};

use crate::context::{Context, EPCIS_NS};
use crate::cut;
use crate::grammar::is_uri;
use crate::limits::SEALED_MAX;
use crate::memo::Memo;
use crate::print::Print;
use crate::problem::{Path, Problem};
use crate::shape::{EVENT, Others, at, event_place};
use crate::vocab::{Term, Vocabulary};
use crate::walk::{Slots, Walk};

/// An event that was found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its type; `None` for a company's own type, which says nothing that we know how to read.
    pub kind: Option<EventKind>,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
}

/// Checks one event, all of it.
///
/// # Errors
/// Every problem found, up to [`crate::limits::PROBLEMS_MAX`].
pub fn check(bytes: &[u8], context: &Context) -> Result<Checked, Vec<Problem>> {
    let doc = Doc::parse(bytes).map_err(|error| vec![Problem::from(error)])?;
    check_doc(&doc, context, &mut Memo::none())
}

/// [`check`] of an event that has been parsed.
///
/// # Errors
/// As [`check`].
pub fn check_doc(
    doc: &Doc<'_>,
    context: &Context,
    memo: &mut Memo,
) -> Result<Checked, Vec<Problem>> {
    let context = context.with(doc.root().get("@context"))?;
    let mut walk = Walk::new(&context, memo, true, Print::default());
    let event = Event::read_whole(doc, &mut walk)?;
    Ok(Checked {
        kind: event.kind,
        warnings: walk.warnings,
    })
}

/// An event whose members have been found and walked.
#[derive(Debug)]
pub(crate) struct Event<'a, 'd> {
    pub(crate) kind: Option<EventKind>,
    pub(crate) action: Option<Action>,
    pub(crate) slots: Slots<'a, 'd>,
}

impl<'a, 'd> Event<'a, 'd> {
    /// Reads an event by a walk over all of it, and holds it to what is asked of a whole one.
    pub(crate) fn read_whole(doc: &'d Doc<'a>, walk: &mut Walk<'_>) -> Result<Self, Vec<Problem>> {
        let (item, context) = (doc.root(), walk.context);
        walk.warnings.extend_from_slice(context.warnings());
        let event = Self::read(item, walk);
        if context.event_must_declare() && item.get("@context").is_none() {
            let path = Path::Root;
            walk.refuse("missing_field", &path.name("@context"), "is missing");
        }
        // No more is sealed than there is.
        let may_be_too_many = doc.len() > SEALED_MAX;
        if may_be_too_many && cut::required(doc, context).sealed().len() > SEALED_MAX {
            let reason = format!("more than {SEALED_MAX} values of the event must be sealed");
            walk.refuse("too_many_sealed", &Path::Root, &reason);
        }
        match event {
            Some(event) if walk.problems.is_empty() => Ok(event),
            _ => Err(std::mem::take(&mut walk.problems)),
        }
    }

    /// Finds and walks the members; problems go to `walk`. `None` if it is no event at all.
    pub(crate) fn read(item: Item<'a, 'd>, walk: &mut Walk<'_>) -> Option<Self> {
        let path = Path::Root;
        if item.kind() != Kind::Object {
            walk.refuse("wrong_type", &path, "is not an object");
            return None;
        }
        let kind = event_kind(item, walk)?;
        let mut event = Self {
            kind,
            action: None,
            slots: Slots::none_of(item),
        };
        let others = if kind.is_some() {
            Others::Extensions
        } else {
            Others::Any
        };
        for (name, value) in item.members() {
            event.place(&name, value, others, walk);
        }
        if let Some(kind) = kind {
            walk.members(&EVENT, &event.slots, &path);
            event.action = event.text(at::ACTION).as_deref().and_then(action);
            event.rules(kind, walk);
        } else {
            walk.warn("extended_event", &path.name("type"));
            // It is held to what all events share, and no more.
            event.slots.forget_behind(at::ERROR_DECLARATION);
            walk.members(&EVENT, &event.slots, &path);
        }
        event.shared_rules(walk);
        Some(event)
    }

    /// Puts a member where it belongs, or judges its name.
    fn place(&mut self, name: &str, value: Item<'a, 'd>, others: Others, walk: &mut Walk<'_>) {
        match event_place(name, walk.context) {
            Some(place) if self.slots.has(place) => {
                let reason = "stands twice, under two spellings of its name";
                walk.refuse("duplicate_key", &Path::Root.name(name), reason);
            }
            Some(place) => {
                self.slots.put(place, value);
            }
            None => walk.other_name(name, others, &Path::Root),
        }
    }

    pub(crate) fn get(&self, place: usize) -> Option<Item<'a, 'd>> {
        self.slots.get(place)
    }

    /// The text of a member, if it is one.
    pub(crate) fn text(&self, place: usize) -> Option<Cow<'a, str>> {
        self.get(place).and_then(|item| item.as_str())
    }

    /// Elements of a list; zero where there is none.
    fn count(&self, place: usize) -> usize {
        self.get(place).map_or(0, |item| item.elements().count())
    }

    /// What holds for every event.
    fn shared_rules(&self, walk: &mut Walk<'_>) {
        let root = Path::Root;
        if let Some(declaration) = self.get(at::ERROR_DECLARATION) {
            let path = root.name("errorDeclaration");
            let reason = declaration.str_at("reason");
            let reason = reason
                .as_deref()
                .and_then(|reason| Vocabulary::ErrorReason.read(reason, walk.context));
            let denies = reason == Some(Term::Standard("did_not_occur"));
            let ids = declaration.get("correctiveEventIDs");
            if denies && ids.is_some_and(|ids| ids.elements().next().is_some()) {
                let reason = "an event that did not occur is corrected by none";
                walk.refuse(
                    "corrective_ids_not_allowed",
                    &path.name("correctiveEventIDs"),
                    reason,
                );
            }
        }
        for (one, other, name) in [
            (at::VALUE, at::CURRENCY, "currency"),
            (at::CURRENCY, at::VALUE, "value"),
        ] {
            if self.get(one).is_some() && self.get(other).is_none() {
                walk.refuse("missing_field", &root.name(name), "is missing");
            }
        }
    }

    /// What holds for an event of this type.
    fn rules(&self, kind: EventKind, walk: &mut Walk<'_>) {
        let root = Path::Root;
        let allowed = members_of(kind);
        for (place, member) in EVENT.members.iter().enumerate() {
            if !self.slots.has(place) {
                continue;
            }
            let shared = place <= at::ERROR_DECLARATION
                || (at::BIZ_STEP..=at::SENSORS).contains(&place)
                || place >= at::OWN;
            if !shared && !allowed.contains(&place) {
                let reason = "is no field of this type of event";
                walk.refuse("unknown_field", &root.name(member.name), reason);
            }
        }
        if kind != EventKind::Transformation && self.get(at::ACTION).is_none() {
            walk.refuse("missing_field", &root.name("action"), "is missing");
        }
        match kind {
            EventKind::Object => self.object_rules(walk),
            EventKind::Aggregation | EventKind::Association => self.parent_rules(kind, walk),
            EventKind::Transaction => self.transaction_rules(walk),
            EventKind::Transformation => self.transformation_rules(walk),
        }
    }

    fn object_rules(&self, walk: &mut Walk<'_>) {
        let seen = self.get(at::EPCS).is_some()
            || self.count(at::QUANTITIES) > 0
            || (self.count(at::SENSORS) > 0 && self.get(at::READ_POINT).is_some());
        if !seen {
            let reason =
                "the event has no epcList, no quantityList, and no sensor data with a readPoint";
            walk.refuse("no_units", &Path::Root.name("epcList"), reason);
        }
        if self.get(at::ILMD).is_some() && self.action != Some(Action::Add) {
            let reason = "belongs to an event with action ADD";
            walk.refuse("ilmd_not_allowed", &Path::Root.name("ilmd"), reason);
        }
        self.unique(at::EPCS, walk);
    }

    /// Test case requirement 54, and the same for aggregations.
    fn parent_rules(&self, kind: EventKind, walk: &mut Walk<'_>) {
        let children = self.count(at::CHILDREN) + self.count(at::CHILD_QUANTITIES);
        if children == 0 && self.action != Some(Action::Delete) {
            let reason = "the event has neither childEPCs nor a childQuantityList";
            walk.refuse("missing_children", &Path::Root.name("childEPCs"), reason);
        }
        let needed = kind == EventKind::Association || self.action != Some(Action::Observe);
        if needed && self.get(at::PARENT).is_none() {
            let reason = "is missing: only an aggregation that is merely observed may leave it out";
            walk.refuse("missing_parent", &Path::Root.name("parentID"), reason);
        }
    }

    fn transaction_rules(&self, walk: &mut Walk<'_>) {
        let path = Path::Root.name("bizTransactionList");
        match self.get(at::BIZ_TRANSACTIONS) {
            None => walk.refuse("missing_field", &path, "is missing"),
            Some(_) if self.count(at::BIZ_TRANSACTIONS) == 0 => {
                walk.refuse("empty_list", &path, "must not be empty");
            }
            Some(_) => {}
        }
        let seen = self.get(at::EPCS).is_some()
            || self.count(at::QUANTITIES) > 0
            || self.action == Some(Action::Delete);
        if !seen {
            let reason = "the event has neither an epcList nor a quantityList";
            walk.refuse("no_units", &Path::Root.name("epcList"), reason);
        }
    }

    fn transformation_rules(&self, walk: &mut Walk<'_>) {
        let inputs = self.count(at::INPUTS) + self.count(at::INPUT_QUANTITIES);
        let outputs = self.count(at::OUTPUTS) + self.count(at::OUTPUT_QUANTITIES);
        let named = self.get(at::TRANSFORMATION).is_some();
        if !(inputs > 0 && outputs > 0 || named && inputs + outputs > 0) {
            let reason =
                "the event has no inputs with outputs, and no transformationID with either";
            walk.refuse("no_units", &Path::Root.name("inputEPCList"), reason);
        }
        self.unique(at::INPUTS, walk);
        self.unique(at::OUTPUTS, walk);
    }

    /// No text twice in a list of keys.
    fn unique(&self, place: usize, walk: &mut Walk<'_>) {
        let Some(list) = self.get(place) else { return };
        if self.count(place) < 2 {
            return;
        }
        let mut texts: Vec<Cow<'_, str>> = list.elements().filter_map(|e| e.as_str()).collect();
        texts.sort_unstable();
        let twice = texts
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a == b));
        if twice && let Some(member) = EVENT.members.get(place) {
            let path = Path::Root.name(member.name);
            walk.refuse("duplicate_item", &path, "holds the same element twice");
        }
    }
}

/// The type of an event: outer `None` if it is none, inner `None` if it is a company's own.
fn event_kind(item: Item<'_, '_>, walk: &mut Walk<'_>) -> Option<Option<EventKind>> {
    let path = Path::Root;
    let path = path.name("type");
    let Some(value) = item.get("type") else {
        walk.refuse("missing_field", &path, "is missing");
        return None;
    };
    let Some(text) = value.as_str() else {
        walk.refuse("wrong_type", &path, "is not a text");
        return None;
    };
    let kind = match &*text {
        "ObjectEvent" => EventKind::Object,
        "AggregationEvent" => EventKind::Aggregation,
        "TransactionEvent" => EventKind::Transaction,
        "TransformationEvent" => EventKind::Transformation,
        "AssociationEvent" => EventKind::Association,
        other if !is_uri(other) => {
            let reason = "is neither a type of EPCIS event nor the URI of your own";
            walk.refuse("unknown_type", &path, reason);
            return None;
        }
        other if walk.context.resolve(other).starts_with(EPCIS_NS) => {
            let reason = "is a type of EPCIS; write it by its short name";
            walk.refuse("reserved_field", &path, reason);
            return None;
        }
        _ => return Some(None),
    };
    Some(Some(kind))
}

fn action(text: &str) -> Option<Action> {
    match text {
        "ADD" => Some(Action::Add),
        "OBSERVE" => Some(Action::Observe),
        "DELETE" => Some(Action::Delete),
        _ => None,
    }
}

/// Which members beyond those of all five types an event of a type has.
const fn members_of(kind: EventKind) -> &'static [usize] {
    match kind {
        EventKind::Object => &[at::ACTION, at::ILMD, at::EPCS, at::QUANTITIES],
        EventKind::Aggregation | EventKind::Association => {
            &[at::ACTION, at::PARENT, at::CHILDREN, at::CHILD_QUANTITIES]
        }
        EventKind::Transaction => &[at::ACTION, at::PARENT, at::EPCS, at::QUANTITIES],
        EventKind::Transformation => &[
            at::ILMD,
            at::INPUTS,
            at::INPUT_QUANTITIES,
            at::OUTPUTS,
            at::OUTPUT_QUANTITIES,
            at::TRANSFORMATION,
        ],
    }
}

#[cfg(test)]
mod tests;
