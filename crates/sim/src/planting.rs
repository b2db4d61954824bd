//! Which acts and look-alikes a day has.

use crate::acts::{self, Family};
use crate::clock::Day;
use crate::draft::Draft;
use crate::rng::Chance;
use crate::sizes::{Shape, Sizes};
use crate::{day, lookalikes, trailers};

/// The plan of a day and what is planted in it; no other day is needed for it.
pub(crate) fn drafted(seed: u64, sizes: &Sizes, day: Day) -> Draft {
    let chance = |label: &str| Chance::of_day(seed, day, label);
    let (atlas, stock) = (sizes.atlas(), sizes.stock(day));
    let mut draft = day::plan(day, atlas, &stock, &mut chance("day"));
    trailers::assign(&mut draft, stock.tracked_per_mille, &mut chance("trailers"));
    plant(&mut draft, seed, sizes);
    draft
}

/// Plants the acts of a day and then its look-alikes.
fn plant(draft: &mut Draft, seed: u64, sizes: &Sizes) {
    let day = draft.day;
    if sizes.is_rest(day) {
        return;
    }
    let mut chance = Chance::of_day(seed, day, "planted");
    match sizes.shape {
        Shape::Demo => {
            each_once_then_any(draft, acts::of_demo(), sizes.acts, &mut chance);
            let lookalikes = lookalikes::of_demo();
            each_once_then_any(draft, lookalikes, sizes.lookalikes, &mut chance);
        }
        Shape::World => {
            let acts = in_turn(&acts::ALL, seed, day, (sizes.acts, sizes.days));
            let lookalikes = in_turn(&lookalikes::ALL, seed, day, (sizes.lookalikes, sizes.days));
            for family in acts.into_iter().chain(lookalikes) {
                if let Some(row) = (family.plant)(draft, &mut chance) {
                    draft.planted.push(row);
                }
            }
        }
    }
}

/// Plants `wanted` rows: every family once in random order, then at random.
fn each_once_then_any(draft: &mut Draft, families: &[Family], wanted: usize, chance: &mut Chance) {
    let mut order: Vec<usize> = (0..families.len()).collect();
    let before = draft.planted.len();
    // A family that finds no load gives way to others; a few rounds are enough.
    for _ in 0..wanted {
        chance.shuffle(&mut order);
        for family in order.iter().filter_map(|at| families.get(*at)) {
            if draft.planted.len() - before == wanted {
                return;
            }
            if let Some(row) = (family.plant)(draft, chance) {
                draft.planted.push(row);
            }
        }
    }
}

/// The families whose turn is on that day, when `wanted` are dealt out to `days`: in rounds, each
/// round in an order of its own.
fn in_turn(
    families: &'static [Family],
    seed: u64,
    day: Day,
    (wanted, days): (usize, usize),
) -> Vec<&'static Family> {
    let turns = (day.0..wanted).step_by(days.max(1));
    let family = |turn: usize| {
        let (round, place) = (turn / families.len(), turn % families.len());
        let first = families.first().map_or("", |family| family.name);
        let mut order: Vec<&Family> = families.iter().collect();
        Chance::of(seed, &format!("round/{first}/{round}")).shuffle(&mut order);
        order.get(place).copied()
    };
    turns.filter_map(family).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_family_has_as_many_turns_as_the_others() {
        let sizes = Sizes::of(20_000);
        let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
        for day in 0..sizes.days {
            let families = in_turn(&acts::ALL, 7, Day(day), (sizes.acts, sizes.days));
            assert!(families.len() >= sizes.acts / sizes.days);
            for family in families {
                *turns.entry(family.name).or_default() += 1;
            }
        }
        assert_eq!(turns.len(), acts::ALL.len());
        assert!(turns.values().all(|times| *times == 3), "{turns:?}");
    }

    /// What is dealt out finds a load or a count, too: thirty rows a family in the scored set.
    #[test]
    fn every_family_comes_thirty_times_in_the_scored_set() {
        let sizes = Sizes::of(20_000);
        let mut planted: BTreeMap<(u64, String), usize> = BTreeMap::new();
        for seed in crate::limits::SCORED_SEEDS {
            for day in (0..sizes.days).map(Day) {
                for row in drafted(seed, &sizes, day).planted {
                    *planted.entry((seed, row.family)).or_default() += 1;
                }
            }
        }
        let families = acts::ALL.len() + lookalikes::ALL.len();
        assert_eq!(planted.len(), families * crate::limits::SCORED_SEEDS.len());
        let short: Vec<_> = planted.iter().filter(|(_, times)| **times < 3).collect();
        assert!(short.is_empty(), "{short:?}");
    }
}
