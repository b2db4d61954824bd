//! Did a count of a whole site find as much of a class as the books have there? Kind
//! `inventory_variance`.
//!
//! While people count, goods move: what was counted must lie within what the books had from the first
//! counting event to the last.

use std::collections::BTreeMap;

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::plan::StageKey;
use countersign_model::quantity::{Quantity, Uom};
use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::{Draft, waits};
use crate::classes::{Book, Overdraw};
use crate::discrepancy::{Amount, Anchor, Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_COUNT};
use crate::known::View;
use crate::known::class_events::ClassKey;
use crate::known::counts::{Count, CountState};
use crate::known::sources::Question;
use crate::limits::WITNESSES_MAX;
use crate::number::{DocNo, EventNo, PlaceNo};
use crate::value::amount_value;

/// What a count says of a class.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// Where, by whom, how much; counted again at one place, the last word stands.
    places: BTreeMap<PlaceNo, (EventNo, Decimal)>,
    /// All that speak of it, in the total order.
    events: Vec<EventNo>,
    /// The first and the last event of the count, of whatever class.
    pub(crate) during: (Timestamp, Timestamp),
}

impl Counted {
    /// Whether it is a word of the count itself.
    pub(crate) fn has(&self, event: EventNo) -> bool {
        self.events.contains(&event)
    }
}

/// What a count that was carried out found of classes, if it was one of a whole site.
pub(crate) fn counted(known: View<'_>, doc: DocNo) -> BTreeMap<ClassKey, Counted> {
    let mut classes: BTreeMap<ClassKey, Counted> = BTreeMap::new();
    let Some(count) = known.counts.standing(doc).filter(|it| is_whole(known, it)) else {
        return classes;
    };
    let counts = known.document(doc).map_or(&[][..], |named| &named.counts);
    let counting: Vec<(EventNo, PlaceNo)> = counts
        .iter()
        .filter_map(|event| Some((*event, counted_at(known, count, *event)?)))
        .collect();
    let time = |(event, _): &(EventNo, PlaceNo)| known.event(*event).time;
    let (Some(first), Some(last)) = (counting.first().map(time), counting.last().map(time)) else {
        return classes;
    };
    for (event, place) in counting {
        let counted = known.event(event).quantities.iter();
        for quantity in counted.filter(|one| !known.atlas.counts_units(one.class)) {
            let class = (quantity.class, quantity.uom);
            let counted = classes.entry(class).or_insert_with(|| Counted {
                places: BTreeMap::new(),
                events: Vec::new(),
                during: (first, last),
            });
            if counted.events.last() != Some(&event) {
                counted.events.push(event);
                counted.places.remove(&place);
            }
            let amount = counted
                .places
                .entry(place)
                .or_insert((event, Decimal::ZERO));
            *amount = (
                event,
                amount.1.checked_add(quantity.amount).unwrap_or(amount.1),
            );
        }
    }
    classes
}

/// Where an event counts for a count, if it does.
fn counted_at(known: View<'_>, count: &Count, event: EventNo) -> Option<PlaceNo> {
    let row = known.event(event);
    let counts =
        row.role == StepRole::Counts && row.time <= count.terms.due && known.is_effective(event);
    let place = known.place_of(row).filter(|_| counts)?;
    (known.atlas.site(place) == count.terms.place).then_some(place)
}

fn is_whole(known: View<'_>, count: &Count) -> bool {
    let place = count.terms.place;
    count.state == CountState::CarriedOut && known.atlas.site(place) == place
}

/// Judges what a count says of one class; `all` are the observations of that class.
pub(crate) fn judge(
    known: View<'_>,
    (doc, class): (DocNo, ClassKey),
    counted: &Counted,
    all: &[EventNo],
    questions: &mut Vec<Question>,
) -> Option<Discrepancy> {
    let count = known.counts.standing(doc)?;
    let site = count.terms.place;
    let book = Book::during(known, class, all, (site, counted));
    let found = counted
        .places
        .values()
        .try_fold(Decimal::ZERO, |sum, (_, amount)| sum.checked_add(*amount))?;
    let difference = if found < book.least {
        book.least.checked_add(found.negated())?
    } else if found > book.most && book.was_counted {
        book.most.checked_add(found.negated())?
    } else {
        return None;
    };
    let question = Question::at(
        &known,
        &[site],
        (Timestamp::from_ms(i64::MIN), count.terms.due),
    );
    if waits::is_awaited(&known, question, questions) {
        return None;
    }
    let (number, uom) = class;
    let name = known.atlas.names.classes.name(number).clone();
    let quantity = |value: Decimal| Quantity { value, uom };
    let anchor = Anchor::Stage(StageKey {
        plan: known.atlas.names.docs.name(doc).clone(),
        line: name.as_str().into(),
        stage: stage(uom).into(),
    });
    let amount = Amount {
        class: name.clone(),
        difference: quantity(difference),
    };
    let mut draft = Draft::of(known, Kind::InventoryVariance, anchor)
        .plan(Some(doc))
        .grouped_by_stage(STAGE_COUNT)
        .amount(amount, amount_value(&known, number, difference))
        .at(Some(site))
        .interval(book.since, Some(counted.during.1))
        .agree_claim(count.claim, Word::Planned)
        .fact("class", FactValue::Class(name))
        .fact("booked", FactValue::Amount(quantity(book.least)))
        .fact("counted", FactValue::Amount(quantity(found)))
        .settled(book.adjusted_since == difference.negated());
    if let Some(last) = counted.events.last() {
        draft = draft.disproven_by(*last);
    }
    for event in counted.events.iter().rev().take(WITNESSES_MAX) {
        draft = draft.disagree(*event, Word::Counted);
    }
    Some(draft.finish())
}

/// Judges that more of a class left a site than the books had there, though a count had said how much
/// there is: what is negative elsewhere.
pub(crate) fn judge_overdraw(
    known: View<'_>,
    class: ClassKey,
    overdraw: &Overdraw,
    questions: &mut Vec<Question>,
) -> Option<Discrepancy> {
    let row = known.event(overdraw.event);
    let until = row.time;
    let question = Question::at(
        &known,
        &[overdraw.site],
        (Timestamp::from_ms(i64::MIN), until),
    );
    if waits::is_awaited(&known, question, questions) {
        return None;
    }
    let (number, uom) = class;
    let name = known.atlas.names.classes.name(number).clone();
    let quantity = |value: Decimal| Quantity { value, uom };
    let difference = overdraw.there.checked_add(overdraw.drawn.negated())?;
    let amount = Amount {
        class: name.clone(),
        difference: quantity(difference),
    };
    let draft = Draft::of_claims(known, Kind::InventoryVariance, &[row.claim])?
        .amount(amount, amount_value(&known, number, difference))
        .at(known.place_of(row))
        .between(Some(overdraw.site), None)
        .interval(None, Some(until))
        .disproven_by(overdraw.event)
        .disagree(overdraw.event, word_of(known, overdraw.event))
        .fact("class", FactValue::Class(name))
        .fact("booked", FactValue::Amount(quantity(overdraw.there)))
        .fact("given", FactValue::Amount(quantity(overdraw.drawn)));
    Some(draft.finish())
}

/// The stage of the count, and the unit of measure unless it is pieces.
fn stage(uom: Uom) -> String {
    match uom {
        Uom::PIECES => STAGE_COUNT.to_owned(),
        uom => format!("{STAGE_COUNT} {uom}"),
    }
}
