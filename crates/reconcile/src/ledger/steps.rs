//! Observations as they come, each a quiet step of the units that it names and of what is in them.

use super::Ledger;
use crate::bookmark::Bookmark;
use crate::limits::CONTAINERS_DEEP_MAX;
use crate::number::{EventNo, UnitNo};
use crate::quiet::{self, Within};
use crate::timers::Timer;
use crate::touched::Touched;

impl Ledger {
    /// Takes the observations that came one by one. Units for which one is not quiet are judged
    /// from their history, and all that was ever in them.
    pub(super) fn step_on(&mut self, touched: &mut Touched) {
        for unit in &touched.units {
            *self.bookmarks.row_mut(*unit) = Bookmark::default();
        }
        for event in std::mem::take(&mut touched.filed) {
            let mut unsure = Vec::new();
            for nth in 0..self.desk.event(event).units.len() {
                let Some(unit) = self.desk.event(event).units.get(nth).copied() else {
                    break;
                };
                let (known, before) = (self.known.view(&self.desk), self.bookmarks.row(unit));
                match quiet::step(known, &self.progress, (unit, before), event) {
                    Some(step) => self.take_step(unit, &step),
                    None => unsure.push(unit),
                }
            }
            self.step_within(event, &mut unsure);
            for unit in unsure {
                *self.bookmarks.row_mut(unit) = Bookmark::default();
                touched.units.push(unit);
            }
        }
    }

    /// For what it does not name an observation speaks through the containers that it names. What is
    /// not quiet is added to the units whose history must be read.
    fn step_within(&mut self, event: EventNo, unsure: &mut Vec<UnitNo>) {
        if self.known.contents.is_empty() {
            return;
        }
        let named = self.desk.event(event).units.clone();
        let is_odd = |unit: &UnitNo| {
            let mut others = named.iter().filter(|other| *other != unit);
            others.any(|other| self.known.contents.held(*unit, *other))
        };
        // Of what reads its content, or is odd itself, the histories of all that was in it are read.
        let (mut level, odd): (Vec<UnitNo>, Vec<UnitNo>) = named
            .iter()
            .partition(|unit| !unsure.contains(unit) && !is_odd(unit));
        let mut below = self.known.contents_below(&odd);
        for _ in 0..CONTAINERS_DEEP_MAX {
            let mut next = Vec::new();
            for container in level {
                let inside: Vec<UnitNo> = self.known.contents.of(container).collect();
                for unit in inside {
                    if named.contains(&unit) {
                        continue;
                    }
                    let (known, before) = (self.known.view(&self.desk), self.bookmarks.row(unit));
                    let through = (container, event);
                    match quiet::step_within(known, &self.progress, (unit, before), through) {
                        Within::Apart => {}
                        Within::Quiet(step) => {
                            self.take_step(unit, &step);
                            next.push(unit);
                        }
                        Within::Unsure => drop(below.insert(unit)),
                    }
                }
            }
            level = next;
        }
        unsure.extend(below);
    }

    fn take_step(&mut self, unit: UnitNo, step: &quiet::Step) {
        self.books
            .post(unit, step.to.account(&self.known), step.to.shelf());
        *self.bookmarks.row_mut(unit) = step.to;
        if let Some((line, stage)) = step.met {
            self.progress.meet(line, stage);
            self.line_moved(line);
        }
        if let Some(wake) = step.wake {
            self.timers.set(wake, Timer::PickUp(unit));
        }
    }
}
