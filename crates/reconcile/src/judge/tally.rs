//! Did as many units pass as those who signed say? Kind `quantity_mismatch`.
//!
//! Who counts without reading (a camera over a door, a light barrier) says an amount of a class that
//! counts units, under a manifest and at one of its ends. It is held against the lines of the manifest
//! that are said to have passed there. He may miss some, as any reader may, and what chance explains
//! is no mismatch; nobody counts more than there was.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::quantity::Quantity;
use countersign_model::time::Timestamp;

use super::draft::word_of;
use super::{Draft, State, amounts, waits};
use crate::discrepancy::{Amount, Discrepancy, FactValue, Word};
use crate::kind::{Kind, STAGE_ARRIVE, STAGE_DEPART};
use crate::known::View;
use crate::known::class_events::ClassKey;
use crate::known::manifests::Manifest;
use crate::known::plan_events::Named;
use crate::known::sources::Question;
use crate::known::units::LineRef;
use crate::limits::{MISSED_BY_CHANCE_PPM_MAX, TALLY_GRACE, WITNESSES_MAX};
use crate::number::{DocNo, EventNo, PlaceNo, PrincipalNo, UnitNo};
use crate::progress::Progress;

/// One end of a manifest.
#[derive(Clone, Copy)]
struct End {
    stage: &'static str,
    site: PlaceNo,
    place: PlaceNo,
    deadline: Timestamp,
}

/// What was counted at one end.
#[derive(Clone, Debug)]
struct Tally {
    counted: Decimal,
    events: Vec<EventNo>,
    /// Of a million things those who counted miss so many.
    misses_ppm: u32,
}

impl Tally {
    const fn none() -> Self {
        Self {
            counted: Decimal::ZERO,
            events: Vec::new(),
            misses_ppm: 0,
        }
    }
}

/// How many units are said to have passed an end: at least, and at most if all passed of which that is
/// not known.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    least: u32,
    most: u32,
    planned: u32,
}

/// Judges what was counted of a manifest. What depends on who may still speak is left to `questions`.
pub(crate) fn judge(
    known: View<'_>,
    progress: &Progress,
    doc: DocNo,
    questions: &mut Vec<Question>,
) -> Vec<Discrepancy> {
    let Some(manifest) = known.manifests.standing(doc) else {
        return Vec::new();
    };
    let (depart_deadline, arrive_deadline) = manifest.deadlines();
    let ends = [
        End {
            stage: STAGE_DEPART,
            site: manifest.way.from,
            place: manifest.terms.from,
            deadline: depart_deadline,
        },
        End {
            stage: STAGE_ARRIVE,
            site: manifest.way.to,
            place: manifest.terms.to,
            deadline: arrive_deadline,
        },
    ];
    let past = ends.into_iter().filter(|end| known.tick > end.deadline);
    let mut found = Vec::new();
    for end in past {
        let tallies = tallies(known, doc, end);
        let events = tallies.values().flat_map(|tally| &tally.events);
        let Some(last) = events.map(|event| known.event(*event).time).max() else {
            continue;
        };
        let passed = passed(known, progress, (doc, manifest), (end, last));
        // One matter an end, whatever else was counted there: of the first class by name.
        let name = |class: &ClassKey| known.atlas.names.classes.name(class.0);
        let odd = tallies
            .iter()
            .filter_map(|(class, tally)| Some((class, tally, said(tally, passed)?)))
            .min_by(|(a, ..), (b, ..)| name(a).cmp(name(b)).then(a.1.cmp(&b.1)));
        let Some((class, tally, said)) = odd else {
            continue;
        };
        let asked = amounts::question(known, manifest, end.deadline);
        if !waits::is_awaited(&known, asked, questions) {
            let what = Odd {
                class: *class,
                tally,
                said,
                passed,
            };
            found.push(draft(known, (doc, manifest), end, &what));
        }
    }
    found
}

/// At each place the largest of what several counted there; places add up.
fn tallies(known: View<'_>, doc: DocNo, end: End) -> BTreeMap<ClassKey, Tally> {
    let mut by_source: BTreeMap<(ClassKey, PlaceNo, PrincipalNo), Tally> = BTreeMap::new();
    for event in known.document(doc).into_iter().flat_map(Named::all) {
        let row = known.event(event);
        let place = known
            .place_of(row)
            .filter(|place| known.atlas.site(*place) == end.site);
        let Some(place) = place.filter(|_| row.may_tally()) else {
            continue;
        };
        if !known.is_effective(event) || known.is_suspect(event) {
            continue;
        }
        let counted = row.quantities.iter();
        for one in counted.filter(|one| known.atlas.counts_units(one.class)) {
            let class = (one.class, one.uom);
            let tally = by_source
                .entry((class, place, row.issuer))
                .or_insert_with(Tally::none);
            tally.counted = amounts::plus(tally.counted, one.amount);
            tally.events.push(event);
            tally.misses_ppm = known.atlas.signer(row.issuer).misses_ppm;
        }
    }
    let mut by_place: BTreeMap<(ClassKey, PlaceNo), Tally> = BTreeMap::new();
    for ((class, place, _), tally) in by_source {
        let most = by_place.entry((class, place)).or_insert_with(Tally::none);
        if most.events.is_empty() || tally.counted > most.counted {
            *most = tally;
        } else if tally.counted == most.counted {
            most.events.extend(tally.events);
            most.misses_ppm = most.misses_ppm.max(tally.misses_ppm);
        }
    }
    let mut tallies: BTreeMap<ClassKey, Tally> = BTreeMap::new();
    for ((class, _), tally) in by_place {
        let sum = tallies.entry(class).or_insert_with(Tally::none);
        sum.counted = amounts::plus(sum.counted, tally.counted);
        sum.events.extend(tally.events);
        sum.misses_ppm = sum.misses_ppm.max(tally.misses_ppm);
    }
    tallies
}

/// What the papers were said of by those who handled the goods at an end: what left or came there under
/// other papers was counted under these. What was given long after `last` was counted goes with another
/// truck, which may have been counted by nobody.
fn named(known: View<'_>, doc: DocNo, (end, last): (End, Timestamp)) -> BTreeSet<UnitNo> {
    let is_departure = end.stage == STAGE_DEPART;
    let there = known.document(doc).into_iter().flat_map(Named::all);
    let there = there.filter(|event| {
        let row = known.event(*event);
        let gives = row.role == StepRole::Gives;
        let place = known.place_of(row);
        let is_there = place.is_some_and(|place| known.atlas.site(place) == end.site);
        let is_soon = !is_departure || row.time <= last.plus(TALLY_GRACE);
        is_there && is_soon && gives == is_departure && known.is_effective(*event)
    });
    let units = there.flat_map(|event| known.event(event).units.iter());
    units.map(|unit| known.aliases.root(*unit)).collect()
}

/// Lines of which nothing holds another, and which are no seals.
fn passed(
    known: View<'_>,
    progress: &Progress,
    (doc, manifest): (DocNo, &Manifest),
    (end, last): (End, Timestamp),
) -> Passed {
    let named = named(known, doc, (end, last));
    let mut passed = Passed::default();
    for number in manifest.terms.lines.numbers() {
        let terms = known.lines.terms(&manifest.terms, number);
        if terms.is_seal || known.contents.of(terms.unit).next().is_some() {
            continue;
        }
        let [depart, arrive] = progress.line(LineRef {
            manifest: doc,
            line: number,
        });
        let state = if end.stage == STAGE_DEPART {
            depart
        } else {
            arrive
        };
        let is_named = named.contains(&known.aliases.root(terms.unit));
        let (least, most) = match state {
            State::Met | State::Late => (u32::from(is_named), 1),
            State::Pending | State::Awaited | State::Unproven => (0, 1),
            State::Missing | State::Elsewhere | State::NotJudged => (0, 0),
        };
        passed.least += least;
        passed.most += most;
        passed.planned += 1;
    }
    passed
}

/// How many are said to have passed, if the tally contradicts that.
fn said(tally: &Tally, passed: Passed) -> Option<u32> {
    let counted = tally.counted.trunc().and_then(|n| u32::try_from(n).ok());
    match counted {
        Some(counted) if counted < passed.least => {
            let is_chance = is_by_chance(counted, passed.least, tally.misses_ppm);
            (!is_chance).then_some(passed.least)
        }
        Some(counted) if counted <= passed.most => None,
        Some(_) | None => Some(passed.most),
    }
}

/// Whether who misses so many in a million counts no more than `counted` of `passed` more often than once
/// in a thousand times. Terms of the binomial distribution, relative to the largest, so that none of those
/// that count is lost.
fn is_by_chance(counted: u32, passed: u32, misses_ppm: u32) -> bool {
    if misses_ppm == 0 {
        return false;
    }
    let misses = f64::from(misses_ppm) / 1e6;
    let odds = misses / (1.0 - misses);
    let all = f64::from(passed);
    let missed = passed - counted;
    // From none missed on; where a term would grow too large, all are made smaller.
    let (mut term, mut fewer, mut as_many) = (1.0_f64, 0.0_f64, 0.0_f64);
    for nth in 0..=passed {
        if nth < missed {
            fewer += term;
        } else {
            as_many += term;
        }
        if term > 1e200 {
            (term, fewer, as_many) = (term / 1e200, fewer / 1e200, as_many / 1e200);
        }
        let nth = f64::from(nth);
        term *= (all - nth) / (nth + 1.0) * odds;
    }
    let share = MISSED_BY_CHANCE_PPM_MAX as f64 / 1e6;
    as_many > share * (fewer + as_many)
}

struct Odd<'a> {
    class: ClassKey,
    tally: &'a Tally,
    said: u32,
    passed: Passed,
}

fn draft(
    known: View<'_>,
    (doc, manifest): (DocNo, &Manifest),
    end: End,
    what: &Odd<'_>,
) -> Discrepancy {
    let (class, uom) = what.class;
    let name = known.atlas.names.classes.name(class);
    let quantity = |value: Decimal| Quantity { value, uom };
    let units = |count: u32| quantity(Decimal::whole(count.into()));
    let counted = what.tally.counted;
    let difference = amounts::minus(Decimal::whole(what.said.into()), counted);
    let amount = Amount {
        class: name.clone(),
        difference: quantity(difference),
    };
    let draft = Draft::of_stage(known, Kind::QuantityMismatch, doc, None, end.stage)
        .grouped_by_stage(end.stage)
        .amount(amount, None)
        .at(Some(end.place))
        .interval(None, Some(end.deadline))
        .overdue(end.deadline)
        .agree_claim(manifest.claim, Word::Planned)
        .fact("class", FactValue::Class(name.clone()))
        .fact("planned", FactValue::Amount(units(what.passed.planned)))
        .fact("signed", FactValue::Amount(units(what.said)))
        .fact("tallied", FactValue::Amount(quantity(counted)))
        .fact_place("from_site", Some(manifest.way.from))
        .fact_place("to_site", Some(manifest.way.to));
    let first = amounts::first_words(known, &what.tally.events);
    let first = first.into_iter().take(WITNESSES_MAX);
    first
        .fold(draft, |draft, event| {
            draft.disagree(event, word_of(known, event))
        })
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_may_miss_some_by_chance() {
        let check = |counted, passed, misses_ppm, expect| {
            let found = is_by_chance(counted, passed, misses_ppm);
            assert_eq!(found, expect, "{counted} of {passed}, {misses_ppm}");
        };
        check(29, 30, 0, false);
        // One in a hundred: 30 choose 3 is enough for 3 missed (0.3 %), and not for 4 (0.02 %).
        check(27, 30, 10_000, true);
        check(26, 30, 10_000, false);
        check(0, 1, 1_000, false);
        check(0, 1, 1_001, true);
        check(0, 1, 999_999, true);
        // Of ten thousand with a tenth missed: 1,000 give or take 30.
        check(8_910, 10_000, 100_000, true);
        check(8_905, 10_000, 100_000, false);
        check(9_990, 10_000, 100_000, true);
        check(10, 10_000, 999_000, true);
        check(0, 16_384, 500_000, false);
    }
}
