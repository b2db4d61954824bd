//! The world: days made from a seed one after the other, what is sent of them, their truth apart.

use std::collections::VecDeque;
use std::convert::Infallible;

use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;

use crate::clock::Day;
use crate::disorder::{Disorder, DisorderError};
use crate::folder::Scenario;
use crate::network_toml;
use crate::played::PlayedDay;
use crate::sizes::{GenerateError, Shape, Sizes};
use crate::stream::{Sent, Stream};

/// What a world is made from. The same recipe gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Everything is drawn from it.
    pub seed: u64,
    /// The log that every statement is for.
    pub origin: Origin,
    /// How much there is.
    pub sizes: Sizes,
    /// What is between what happens and what is sent.
    pub disorder: Disorder,
}

/// Why no world can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// Its sizes.
    #[error(transparent)]
    Sizes(#[from] GenerateError),
    /// Its disorder.
    #[error(transparent)]
    Disorder(#[from] DisorderError),
}

/// A world: what is in it is made when it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    recipe: Recipe,
}

/// How much a world holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Sites.
    pub sites: usize,
    /// Devices and services with a key of their own.
    pub devices: usize,
    /// Units that are named.
    pub units: usize,
    /// Claims; of a statement that is sent again once.
    pub claims: usize,
    /// Submissions, sent again ones included.
    pub submissions: usize,
}

/// The world of a recipe.
///
/// # Errors
/// [`RecipeError`] for sizes or disorder out of bounds.
pub fn generate(recipe: Recipe) -> Result<World, RecipeError> {
    recipe.sizes.check()?;
    recipe.disorder.check()?;
    Ok(World { recipe })
}

impl World {
    /// What it is made from.
    #[must_use]
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The first instant of the scenario's clock.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        Day(0).start()
    }

    /// The instant up to which the scenario's clock runs: every deadline has passed. A world has a
    /// day of rest behind its last one, in which what is late still comes.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        Day(self.days_played() - 1).end()
    }

    /// The text of `network.toml`.
    #[must_use]
    pub fn network_toml(&self) -> String {
        let recipe = &self.recipe;
        let missed = recipe.disorder.missed_percent;
        network_toml::text(&recipe.sizes.atlas(), recipe.seed, missed)
    }

    /// What `scenario.json` says.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        Scenario {
            origin: self.recipe.origin.clone(),
            seed: Some(self.recipe.seed),
            start: self.start(),
            end: self.end(),
        }
    }

    /// Its days, each played when it is asked for; the day of rest is the last.
    pub(crate) fn days(&self) -> impl Iterator<Item = PlayedDay> {
        (0..self.days_played()).map(|day| PlayedDay::of(&self.recipe, Day(day)))
    }

    const fn days_played(&self) -> usize {
        match self.recipe.sizes.shape {
            Shape::Demo => 1,
            Shape::World => self.recipe.sizes.days + 1,
        }
    }

    /// Every submission in the order of sending.
    #[must_use]
    pub fn submissions(&self) -> Submissions<'_> {
        Submissions {
            world: self,
            stream: Stream::new(&self.recipe),
            next: 0,
            sent: VecDeque::new(),
        }
    }
}

impl Extent {
    /// With a day on top.
    pub(crate) fn and(self, day: &PlayedDay) -> Self {
        let again = day.sent().filter(|one| one.sent_again.is_some());
        Self {
            sites: day.draft.atlas.sites.len(),
            devices: day.draft.atlas.devices.len(),
            units: self.units + day.draft.goods.units.len(),
            claims: self.claims + day.sent().map(|one| one.claims.len()).sum::<usize>(),
            submissions: self.submissions + day.sent().count() + again.count(),
        }
    }
}

/// See [`World::submissions`]. It holds the submissions of one day.
#[derive(Debug)]
pub struct Submissions<'a> {
    world: &'a World,
    stream: Stream<'a>,
    next: usize,
    sent: VecDeque<Sent>,
}

impl Iterator for Submissions<'_> {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        let days = self.world.days_played();
        while self.sent.is_empty() && self.next <= days {
            let mut keep = |sent| {
                self.sent.push_back(sent);
                Ok::<(), Infallible>(())
            };
            let played = if self.next < days {
                let day = PlayedDay::of(&self.world.recipe, Day(self.next));
                self.stream.play(&day, &mut keep)
            } else {
                self.stream.finish(&mut keep)
            };
            match played {
                Ok(()) => self.next += 1,
                Err(never) => match never {},
            }
        }
        self.sent.pop_front()
    }
}

#[cfg(test)]
mod tests;
