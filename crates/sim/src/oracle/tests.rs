use std::collections::BTreeSet;
use std::rc::Rc;

use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;

use super::judge::{Oddity, Oracle};
use super::said::{Claim, Places};
use crate::acts;
use crate::disorder::Disorder;
use crate::lookalikes;
use crate::played::PlayedDay;
use crate::sizes::Sizes;
use crate::truth::{Cause, TruthRow};
use crate::world::{Recipe, generate};

const HALF_HOUR_MS: usize = 30 * 60_000;

/// A day with its claims read, by time of sending.
struct Read {
    rows: Vec<TruthRow>,
    places: Rc<Places>,
    claims: Vec<(i64, Claim)>,
    start: i64,
    end: i64,
}

impl Read {
    fn of(seed: u64, sizes: Sizes) -> Self {
        let recipe = Recipe {
            seed,
            origin: Origin::parse("sim.example/day").expect("a name"),
            sizes,
            disorder: Disorder::default(),
        };
        let world = generate(recipe).expect("in bounds");
        let day: PlayedDay = world.days().next().expect("a day");
        let places = Places::of(&day.draft.atlas, day.words());
        let read = day.claims();
        let claims = read.iter().map(|one| {
            let claim = places.read(one.principal, &one.text);
            (one.sent.ms(), claim)
        });
        Self {
            claims: claims.collect(),
            places,
            rows: day.truth(1),
            start: world.start().ms(),
            end: world.end().ms(),
        }
    }

    fn odd(&self, now: i64) -> BTreeSet<Oddity> {
        let heard = self.claims.iter().take_while(|(sent, _)| *sent <= now);
        Oracle::judge(&self.places, heard.map(|(_, claim)| claim), now)
    }
}

/// A demo's day, and a world's with every family once.
fn days() -> [Sizes; 2] {
    let world = Sizes {
        acts: acts::ALL.len(),
        lookalikes: lookalikes::ALL.len(),
        ..Sizes::of(4_000)
    };
    [Sizes::of_demo(1_500), world]
}

use Cause::{Claim as ByClaim, Deadline as ByDeadline};

/// What makes each family visible where nothing is in disorder.
const CAUSES: [(&str, &[Cause]); 29] = [
    ("pilferage", &[ByDeadline]),
    ("short_load", &[ByDeadline]),
    ("storage_theft", &[ByDeadline]),
    ("contents_taken", &[ByClaim, ByDeadline]),
    ("amount_short", &[ByDeadline]),
    ("fictitious_pickup", &[ByDeadline]),
    ("covered_edit", &[ByClaim]),
    ("swapped", &[ByClaim]),
    ("skipped_handover", &[ByClaim]),
    ("manifest_edit", &[ByClaim]),
    ("backdated_correction", &[ByClaim, ByDeadline]),
    ("adjustment_cover", &[]),
    ("cloned_identity", &[ByClaim]),
    ("ghost_scan", &[ByDeadline]),
    ("insider", &[ByDeadline]),
    ("suppressed_statements", &[ByDeadline]),
    ("fake_return", &[ByClaim, ByDeadline]),
    ("staged_loss", &[ByDeadline]),
    ("collusion", &[ByDeadline]),
    ("seal_swap", &[ByClaim, ByDeadline]),
    ("break_in", &[ByDeadline]),
    ("night_raid", &[ByDeadline]),
    ("weight_covered", &[ByClaim, ByDeadline]),
    ("left_without_papers", &[ByClaim, ByDeadline]),
    ("shrinkage", &[ByDeadline]),
    ("doors_on_the_road", &[ByClaim, ByDeadline]),
    ("driven_off", &[ByClaim, ByDeadline]),
    ("diverted", &[ByClaim, ByDeadline]),
    ("smuggled_out", &[ByDeadline]),
];

#[test]
fn acts_can_be_known_by_what_shows_them() {
    for (seed, sizes) in (1..).zip(days()) {
        for row in Read::of(seed, sizes).rows.iter().filter(|row| row.act) {
            let causes = CAUSES.iter().find(|(family, _)| *family == row.family);
            let (_, causes) = causes.expect("a family of the table");
            let known = row.detectable_from.as_ref();
            let context = format!("seed {seed} {} {}: {known:?}", row.id, row.family);
            match known {
                // What both sign for can be known where a camera counts.
                None => {
                    let may_hide = row.family == "collusion";
                    assert!(causes.is_empty() || may_hide, "{context}");
                }
                Some(known) => {
                    assert!(causes.contains(&known.cause), "{context}");
                    assert!(known.at >= row.from && !known.of.is_empty(), "{context}");
                }
            }
        }
    }
}

/// True when a row of the truth speaks for it.
fn is_spoken_for(odd: &Oddity, rows: &[TruthRow]) -> bool {
    rows.iter().any(|row| {
        let kinds = row.kinds.iter().chain(&row.allowed);
        let kind_fits = kinds.into_iter().any(|kind| kind == odd.kind);
        let concerned: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
        let units_fit = odd.units.iter().all(|unit| concerned.contains(unit));
        let document_fits = row.manifests.contains(&odd.of);
        let is_tally = odd.kind == "quantity_mismatch";
        let has_goods = !concerned.is_empty() && !odd.units.is_empty() && !is_tally;
        kind_fits && if has_goods { units_fit } else { document_fits }
    })
}

#[test]
fn everything_else_adds_up_at_any_time() {
    for (seed, sizes) in (4..).zip(days()) {
        let day = Read::of(seed, sizes);
        let step = sizes.units / 1_500 * HALF_HOUR_MS;
        for now in (day.start..=day.end).step_by(step) {
            let odd = day.odd(now);
            let stray: Vec<&Oddity> = odd
                .iter()
                .filter(|one| !is_spoken_for(one, &day.rows))
                .collect();
            let at = Timestamp::from_ms(now);
            assert!(
                stray.is_empty(),
                "seed {seed} at {at}: {} of {}, first {:?}",
                stray.len(),
                odd.len(),
                stray.first()
            );
        }
    }
}

#[test]
fn at_the_end_of_the_day_innocents_have_only_what_stays() {
    let thefts = [
        "missing_units",
        "quantity_gap",
        "weight_gap",
        "conflicting_claim",
        "record_tampering",
        "inventory_variance",
    ];
    for (seed, sizes) in (7..).zip(days()) {
        let day = Read::of(seed, sizes);
        let odd = day.odd(day.end);
        for row in day.rows.iter().filter(|row| !row.act) {
            let units: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
            let of_theft = odd.iter().find(|one| {
                thefts.contains(&one.kind) && one.units.iter().any(|unit| units.contains(unit))
            });
            assert_eq!(of_theft, None, "seed {seed} {} {}", row.id, row.family);
        }
    }
}
