use std::collections::BTreeSet;

use countersign_model::time::Timestamp;

use super::{Day, Oddity, Oracle};
use crate::world::World;

const HALF_HOUR_MS: usize = 30 * 60_000;

/// Units of a row that are named by oddities of the row's kinds.
fn units_found(row: &crate::TruthRow, odd: &BTreeSet<Oddity>) -> usize {
    let concerned: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
    let found: BTreeSet<&String> = odd
        .iter()
        .filter(|one| row.kinds.iter().any(|kind| kind == one.kind))
        .flat_map(|one| &one.units)
        .filter(|unit| concerned.contains(unit))
        .collect();
    found.len()
}

#[test]
fn every_act_can_be_known_from_its_instant_on_and_not_before() {
    for seed in [1, 2] {
        let day = Day::of(seed);
        let world = &day.world;
        for row in world.truth().iter().filter(|row| row.act) {
            let from = row.detectable_from.clone().expect("acts can be known");
            let needed = (row.units.len() + row.classes.len()).div_ceil(2);
            let odd = Oracle::judge(&day, from.at.ms() + 200_000);
            let found = units_found(row, &odd);
            let context = format!("seed {seed} {} {}", row.id, row.family);
            assert!(found >= needed, "{context}: {found} of {needed}");
            let before = Oracle::judge(&day, from.at.ms() - 1);
            let found = units_found(row, &before);
            assert_eq!(found, 0, "{context}: known before");
        }
    }
}

/// True when a row of the truth speaks for it.
fn is_spoken_for(odd: &Oddity, world: &World) -> bool {
    world.truth().iter().any(|row| {
        let kinds = row.kinds.iter().chain(&row.allowed);
        let kind_fits = kinds.into_iter().any(|kind| kind == odd.kind);
        let concerned: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
        let units_fit = odd.units.iter().all(|unit| concerned.contains(unit));
        let count_fits = !odd.units.is_empty() || row.manifests.contains(&odd.of);
        kind_fits && units_fit && count_fits
    })
}

#[test]
fn everything_else_adds_up_at_every_half_hour() {
    for seed in [4, 5] {
        let day = Day::of(seed);
        let world = &day.world;
        let (start, end) = (world.start().ms(), world.end().ms());
        for now in (start..=end).step_by(HALF_HOUR_MS) {
            let odd = Oracle::judge(&day, now);
            let stray: Vec<&Oddity> = odd
                .iter()
                .filter(|one| !is_spoken_for(one, world))
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
    let day = Day::of(7);
    let world = &day.world;
    let odd = Oracle::judge(&day, world.end().ms());
    let thefts = [
        "missing_units",
        "quantity_gap",
        "weight_gap",
        "conflicting_claim",
    ];
    for row in world.truth().iter().filter(|row| !row.act) {
        let units: BTreeSet<&String> = row.units.iter().chain(&row.classes).collect();
        let of_theft = odd.iter().find(|one| {
            thefts.contains(&one.kind) && one.units.iter().any(|unit| units.contains(unit))
        });
        assert_eq!(of_theft, None, "{} {}", row.id, row.family);
    }
}
