//! The books of counted goods, and what a count of a whole site finds of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::StepRole;

use super::super::said::{CountPlan, Said};
use super::super::words::Who;
use super::Oracle;

/// What was said of amounts, in the order in which it happened.
type Story = Vec<Rc<Said>>;

impl Oracle {
    pub(super) fn judge_stock(&mut self) {
        let counts = std::mem::take(&mut self.heard.counts);
        let mut story: Story = std::mem::take(&mut self.of_amounts);
        story.sort_by_key(|said| said.seen.at);
        for (id, plan) in &counts {
            if self.places.sites.contains(&plan.place) && self.now >= plan.due {
                self.judge_site_count(id, plan, &story);
            }
        }
        self.heard.counts = counts;
    }

    fn judge_site_count(&mut self, id: &str, plan: &CountPlan, story: &Story) {
        let own = story.iter().filter(|said| is_of(said, id, plan));
        let classes = own.flat_map(|said| said.amounts.iter().map(|(class, _)| class));
        let classes: BTreeSet<String> = classes.cloned().collect();
        for class in classes {
            let speaks = |said: &&Rc<Said>| said.amounts.iter().any(|(one, _)| *one == class);
            let all: Vec<&Rc<Said>> = story.iter().filter(speaks).collect();
            let own = all.iter().filter(|said| is_of(said, id, plan));
            let times = own.clone().map(|said| said.seen.at);
            let (Some(from), Some(until)) = (times.clone().min(), times.max()) else {
                continue;
            };
            // Counted twice at one place, the last word stands.
            let found: BTreeMap<&String, i64> = own
                .map(|said| (&said.seen.place, pieces(said, &class)))
                .collect();
            let found: i64 = found.values().sum();
            let others = all.iter().filter(|said| !is_of(said, id, plan));
            let others = others.map(|said| (said.seen.at, self.entry(said, &class, &plan.place)));
            let least = least_between(others, (from, until));
            // Something may still come of what moved before, and of what was counted up to the term.
            let first = all.first().map_or(plan.opens, |said| said.seen.at);
            let during = (first.min(plan.opens), plan.due);
            if found < least && !self.is_awaited(Who::At(&plan.place), during) {
                self.add_one("inventory_variance", id, &class);
            }
        }
    }

    /// What a claim changes in the books of a site.
    fn entry(&self, said: &Said, class: &str, site: &str) -> Entry {
        let pieces = pieces(said, class);
        let document = said.seen.document.as_deref().unwrap_or_default();
        match said.seen.role {
            _ if said.seen.site != site => Entry::Moves(0),
            StepRole::Takes if self.is_carrier(document, &said.seen.party) => Entry::Moves(0),
            StepRole::Takes | StepRole::Issues | StepRole::Voids => Entry::Moves(pieces),
            StepRole::Gives | StepRole::Ends => Entry::Moves(-pieces),
            StepRole::Sees | StepRole::Counts => Entry::AtLeast(pieces),
        }
    }
}

/// A line of the books.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Moves(i64),
    /// So much was there.
    AtLeast(i64),
}

impl Entry {
    fn on(self, there: i64) -> i64 {
        match self {
            Self::Moves(pieces) => (there + pieces).max(0),
            Self::AtLeast(pieces) => there.max(pieces),
        }
    }
}

/// The least that the books have between two instants.
fn least_between(entries: impl Iterator<Item = (i64, Entry)>, (from, until): (i64, i64)) -> i64 {
    let (mut there, mut least) = (0, None);
    for (at, entry) in entries.take_while(|(at, _)| *at <= until) {
        if at > from {
            least.get_or_insert(there);
        }
        there = entry.on(there);
        least = least.map(|least: i64| least.min(there));
    }
    least.unwrap_or(there)
}

/// It counts something of that count, in time.
fn is_of(said: &Said, id: &str, plan: &CountPlan) -> bool {
    let is_named = said.seen.document.as_deref() == Some(id);
    is_named && said.seen.role == StepRole::Counts && said.seen.at <= plan.due
}

fn pieces(said: &Said, class: &str) -> i64 {
    let own = said.amounts.iter().filter(|(one, _)| one == class);
    own.map(|(_, pieces)| pieces).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries by minute; the least from minute 10 to minute 20.
    fn check(entries: &[(i64, Entry)], expect: i64) {
        assert_eq!(least_between(entries.iter().copied(), (10, 20)), expect);
    }

    #[test]
    fn goods_move_while_people_count() {
        let come = (1, Entry::Moves(100));
        check(&[come], 100);
        check(&[come, (5, Entry::Moves(-30))], 70);
        check(&[come, (15, Entry::Moves(-30))], 70);
        check(&[come, (12, Entry::Moves(-30)), (15, Entry::Moves(50))], 70);
        check(&[come, (15, Entry::Moves(50))], 100);
        check(&[come, (25, Entry::Moves(-30))], 100);
        check(
            &[come, (5, Entry::AtLeast(80)), (6, Entry::AtLeast(130))],
            130,
        );
        check(&[], 0);
    }
}
