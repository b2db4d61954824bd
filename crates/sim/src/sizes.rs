//! How much is made: units, days, acts and look-alikes.

use crate::atlas::Atlas;
use crate::clock::Day;
use crate::day::Stock;
use crate::limits::{
    ACTS_DEFAULT, DAYS_WANTED, LOAD_UNITS, LOOKALIKES_DEFAULT, LOTS_OF_A_WAREHOUSE,
    ONE_DAY_UNITS_MAX, PAPERS_PER_MILLE, PLANTED_MAX, PLANTED_UNITS, SEALED_PER_MILLE,
    STOCK_A_DAY_MAX, STOCK_A_DAY_MIN, TRACKED_PER_MILLE, UNITS_DEFAULT, UNITS_MAX, UNITS_MIN,
};
use crate::{acts, lookalikes};

/// How often a family comes in every [`PLANTED_UNITS`] units.
const TIMES: usize = 3;

/// What a world is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One day to look at: large loads, a dozen acts of the first families.
    Demo,
    /// Days to measure with: ordinary loads, every family in turn.
    World,
}

/// How large a world is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// What it is for.
    pub shape: Shape,
    /// Units in stock when their day begins, over all days; pallets and strangers come on top.
    pub units: usize,
    /// Days.
    pub days: usize,
    /// Thefts and losses over all days; each family once before any comes twice.
    pub acts: usize,
    /// Innocent look-alikes over all days; each family once before any comes twice.
    pub lookalikes: usize,
}

/// Why no world was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Too few or too many units.
    #[error("a world has {UNITS_MIN} to {UNITS_MAX} units, one day at most {ONE_DAY_UNITS_MAX}")]
    Units,
    /// A day would have too much stock.
    #[error("a day has at most {STOCK_A_DAY_MAX} units in stock, and there is one day at least")]
    Days,
    /// More acts or look-alikes than a day has loads for.
    #[error("one day has room for at most {PLANTED_MAX} acts and as many look-alikes")]
    Planted,
}

impl Default for Sizes {
    /// The demo's day.
    fn default() -> Self {
        Self::of_demo(UNITS_DEFAULT)
    }
}

impl Sizes {
    /// The demo's day with so many units.
    #[must_use]
    pub const fn of_demo(units: usize) -> Self {
        Self {
            shape: Shape::Demo,
            units,
            days: 1,
            acts: ACTS_DEFAULT,
            lookalikes: LOOKALIKES_DEFAULT,
        }
    }

    /// A world of so many units: days of 4,000 to 20,000, every family three times in 20,000.
    #[must_use]
    pub fn of(units: usize) -> Self {
        let a_day = (units / DAYS_WANTED).clamp(STOCK_A_DAY_MIN, STOCK_A_DAY_MAX);
        let planted = |families: usize| (units * families * TIMES).div_ceil(PLANTED_UNITS);
        Self {
            shape: Shape::World,
            units,
            days: units.div_ceil(a_day).max(1),
            acts: planted(acts::ALL.len()),
            lookalikes: planted(lookalikes::ALL.len()),
        }
    }

    pub(crate) fn check(&self) -> Result<(), GenerateError> {
        let most = match self.shape {
            Shape::Demo => ONE_DAY_UNITS_MAX,
            Shape::World => UNITS_MAX,
        };
        if !(UNITS_MIN..=most).contains(&self.units) {
            return Err(GenerateError::Units);
        }
        if self.shape == Shape::Demo {
            if self.days != 1 {
                return Err(GenerateError::Days);
            }
            if self.acts.max(self.lookalikes) > PLANTED_MAX {
                return Err(GenerateError::Planted);
            }
        } else if self.days == 0 || self.units.div_ceil(self.days) > STOCK_A_DAY_MAX {
            return Err(GenerateError::Days);
        }
        Ok(())
    }

    /// The network: of a world with signs of life, of a demo's day without.
    pub(crate) fn atlas(&self) -> Atlas {
        match self.shape {
            Shape::Demo => Atlas::new(),
            Shape::World => Atlas::of_world(),
        }
    }

    /// A world's last day is one of rest: what is late still comes, and sources are heard.
    pub(crate) fn is_rest(&self, day: Day) -> bool {
        day.0 >= self.days
    }

    /// What lies in the warehouses on the morning of a day.
    pub(crate) fn stock(&self, day: Day) -> Stock {
        match self.shape {
            Shape::Demo => Stock::of_demo(self.units),
            Shape::World if self.is_rest(day) => Stock {
                units: 0,
                load_units: LOAD_UNITS,
                sealed_per_mille: 0,
                papers_per_mille: 0,
                lots: 0,
                tracked_per_mille: 0,
            },
            Shape::World => Stock {
                units: self.units / self.days + usize::from(day.0 < self.units % self.days),
                load_units: LOAD_UNITS,
                sealed_per_mille: SEALED_PER_MILLE,
                papers_per_mille: PAPERS_PER_MILLE,
                lots: LOTS_OF_A_WAREHOUSE,
                tracked_per_mille: TRACKED_PER_MILLE,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_cut_into_days() {
        let check = |units, days, first| {
            let sizes = Sizes::of(units);
            assert_eq!(sizes.check(), Ok(()), "{units}");
            let all = (0..sizes.days).map(|day| sizes.stock(Day(day)).units);
            assert_eq!(all.sum::<usize>(), units);
            assert_eq!((sizes.days, sizes.stock(Day(0)).units), (days, first));
        };
        check(1_000, 1, 1_000);
        check(5_000, 2, 2_500);
        check(20_000, 5, 4_000);
        check(200_000, 10, 20_000);
        check(2_000_000, 100, 20_000);
        check(10_000_000, 500, 20_000);
    }

    #[test]
    fn every_family_comes_three_times_in_20000_units() {
        let sizes = Sizes::of(20_000);
        assert_eq!(sizes.acts, acts::ALL.len() * 3);
        assert_eq!(sizes.lookalikes, lookalikes::ALL.len() * 3);
        assert!(lookalikes::ALL.len() >= acts::ALL.len());
    }
}
