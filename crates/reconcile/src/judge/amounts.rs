//! Did as much of a counted class leave, and arrive, as was said? Kind `quantity_mismatch`.
//!
//! Per manifest, class and unit of measure: what the lines plan, what givers gave and what
//! takers at the destination took, each naming the manifest. A lot counts for its class where
//! the manifest does not list the lot.

mod hidden;

use std::collections::BTreeMap;

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::quantity::{Money, Quantity};
use countersign_model::time::Timestamp;

use super::{Draft, waits};
use crate::discrepancy::{Amount, Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_DEPART};
use crate::known::class_events::ClassKey;
use crate::known::events::Event;
use crate::known::manifests::{Manifest, ManifestTerms};
use crate::known::plan_events::Named;
use crate::known::sources::Question;
use crate::known::{Known, View};
use crate::limits::WITNESSES_MAX;
use crate::number::{DocNo, EventNo, WordNo};
use crate::value::amount_value;

/// What was planned, given and taken of one class.
#[derive(Clone, Debug)]
struct Sums {
    line: WordNo,
    line_value: Option<Money>,
    planned: Decimal,
    given: Decimal,
    taken: Decimal,
    givers: Vec<EventNo>,
    takers: Vec<EventNo>,
    /// Those whose key somebody else may have had: they neither gave nor took.
    suspects: Vec<EventNo>,
}

/// Judges every class of a manifest. What depends on who may still speak is left to `questions`.
pub(crate) fn judge_amounts(
    known: View<'_>,
    doc: DocNo,
    questions: &mut Vec<Question>,
) -> Vec<Discrepancy> {
    let Some(manifest) = known.manifests.standing(doc) else {
        return Vec::new();
    };
    let sums = sums(known, doc, manifest, &|event| known.is_effective(event));
    let mut found = Vec::new();
    for (class, sums) in &sums {
        for differs in differences(manifest, *class, sums) {
            if known.tick <= differs.deadline {
                continue;
            }
            let asked = question(known, manifest, differs.deadline);
            if !waits::is_awaited(&known, asked, questions) {
                found.push(draft(known, doc, manifest, sums, &differs));
            }
        }
    }
    found.extend(hidden::judge(known, (doc, manifest), &sums, questions));
    found
}

/// Who may still say something of the amounts.
pub(super) fn question(known: View<'_>, manifest: &Manifest, deadline: Timestamp) -> Question {
    let ends = [manifest.way.from, manifest.way.to];
    Question::at(&known, &ends, (known.claim_time(manifest.claim), deadline))
}

/// Where a class left, or came, in another amount than was said.
fn differences(
    manifest: &Manifest,
    class: ClassKey,
    sums: &Sums,
) -> impl Iterator<Item = Differs> + use<> {
    let (depart_deadline, arrive_deadline) = manifest.deadlines();
    let stages = [
        (STAGE_DEPART, depart_deadline, sums.planned, sums.given),
        (STAGE_ARRIVE, arrive_deadline, sums.given, sums.taken),
    ];
    let differ = stages.into_iter().filter(|(_, _, said, came)| said != came);
    differ.map(move |(stage, deadline, said, came)| Differs {
        class,
        stage,
        deadline,
        difference: minus(said, came),
    })
}

/// By those observations of the manifest that `stands` says.
fn sums(
    known: View<'_>,
    doc: DocNo,
    manifest: &Manifest,
    stands: &dyn Fn(EventNo) -> bool,
) -> BTreeMap<ClassKey, Sums> {
    let mut sums = planned(&known, &manifest.terms);
    if sums.is_empty() {
        return sums;
    }
    for event in known.document(doc).into_iter().flat_map(Named::all) {
        let row = known.event(event);
        if row.quantities.is_empty() || !stands(event) {
            continue;
        }
        match row.role {
            _ if known.is_suspect(event) => {
                add(known, &mut sums, row, |sums, _| sums.suspects.push(event));
            }
            StepRole::Gives => add(known, &mut sums, row, |sums, amount| {
                sums.given = plus(sums.given, amount);
                sums.givers.push(event);
            }),
            StepRole::Voids => add(known, &mut sums, row, |sums, amount| {
                sums.given = minus(sums.given, amount);
                sums.givers.push(event);
            }),
            StepRole::Takes if is_at_destination(known, &manifest.terms, row) => {
                add(known, &mut sums, row, |sums, amount| {
                    sums.taken = plus(sums.taken, amount);
                    sums.takers.push(event);
                });
            }
            _ => {}
        }
    }
    sums
}

fn planned(known: &Known, terms: &ManifestTerms) -> BTreeMap<ClassKey, Sums> {
    let mut sums: BTreeMap<ClassKey, Sums> = BTreeMap::new();
    for line in known.manifests.amounts(terms) {
        let class = (line.counted.class, line.counted.uom);
        let entry = sums.entry(class).or_insert_with(|| Sums {
            line: line.line,
            line_value: line.value,
            planned: Decimal::ZERO,
            given: Decimal::ZERO,
            taken: Decimal::ZERO,
            givers: Vec::new(),
            takers: Vec::new(),
            suspects: Vec::new(),
        });
        entry.planned = plus(entry.planned, line.counted.amount);
        let name = |line: WordNo| known.atlas.names.words.name(line);
        if name(line.line) < name(entry.line) {
            entry.line = line.line;
            entry.line_value = line.value;
        }
    }
    sums
}

fn add(
    known: View<'_>,
    sums: &mut BTreeMap<ClassKey, Sums>,
    row: &Event,
    mut each: impl FnMut(&mut Sums, Decimal),
) {
    for counted in &row.quantities {
        let exact = (counted.class, counted.uom);
        let class = if sums.contains_key(&exact) {
            Some(exact)
        } else {
            known
                .atlas
                .class_of(counted.class)
                .map(|class| (class, counted.uom))
        };
        if let Some(sums) = class.and_then(|class| sums.get_mut(&class)) {
            each(sums, counted.amount);
        }
    }
}

fn is_at_destination(known: View<'_>, terms: &ManifestTerms, row: &Event) -> bool {
    let place = known.place_of(row);
    place.is_some_and(|place| known.atlas.site(place) == known.atlas.site(terms.to))
}

#[derive(Clone, Copy)]
struct Differs {
    class: ClassKey,
    stage: &'static str,
    deadline: Timestamp,
    difference: Decimal,
}

fn draft(
    known: View<'_>,
    doc: DocNo,
    manifest: &Manifest,
    sums: &Sums,
    differs: &Differs,
) -> Discrepancy {
    let terms = &manifest.terms;
    let (class, uom) = differs.class;
    let quantity = |value: Decimal| Quantity { value, uom };
    let is_departure = differs.stage == STAGE_DEPART;
    let place = if is_departure { terms.from } else { terms.to };
    let amount = Amount {
        class: known.atlas.names.classes.name(class).clone(),
        difference: quantity(differs.difference),
    };
    let whole_line = sums
        .line_value
        .filter(|_| differs.difference == sums.planned);
    let value = amount_value(&known, class, differs.difference).or(whole_line);
    let mut draft = Draft::of_stage(
        known,
        Kind::QuantityMismatch,
        doc,
        Some(sums.line),
        differs.stage,
    )
    .grouped_by_stage(differs.stage)
    .amount(amount, value)
    .at(Some(place))
    .interval(None, Some(differs.deadline))
    .overdue(differs.deadline)
    .agree_claim(manifest.claim, Word::Planned)
    .fact(
        "class",
        FactValue::Class(known.atlas.names.classes.name(class).clone()),
    )
    .fact("planned", FactValue::Amount(quantity(sums.planned)))
    .fact("given", FactValue::Amount(quantity(sums.given)))
    .fact("taken", FactValue::Amount(quantity(sums.taken)))
    .fact_place("from_site", Some(known.atlas.site(terms.from)))
    .fact_place("to_site", Some(known.atlas.site(terms.to)));
    let givers = first_words(known, &sums.givers);
    let takers = first_words(known, &sums.takers);
    if let Some(giver) = givers.last() {
        draft = draft.proven_by(*giver);
    }
    for giver in givers {
        draft = if is_departure {
            draft.disagree(giver, Word::Gave)
        } else {
            draft.agree(giver, Word::Gave)
        };
    }
    if !is_departure {
        draft = takers
            .into_iter()
            .fold(draft, |draft, taker| draft.disagree(taker, Word::Took));
    }
    draft.suspects(first_words(known, &sums.suspects)).finish()
}

pub(super) fn first_words(known: View<'_>, events: &[EventNo]) -> Vec<EventNo> {
    let mut events = events.to_vec();
    events.sort_by(|a, b| known.order(*a, *b));
    events.dedup();
    events.truncate(WITNESSES_MAX);
    events
}

pub(super) fn plus(a: Decimal, b: Decimal) -> Decimal {
    let sum = a.checked_add(b);
    sum.expect("LIM-1: amounts are within `amount_fits`, so their sums have room")
}

pub(super) fn minus(a: Decimal, b: Decimal) -> Decimal {
    plus(a, b.negated())
}
