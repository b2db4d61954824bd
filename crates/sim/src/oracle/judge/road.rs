//! Trailers: what is in them where their trackers say that they are, and whose doors open on the road.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::ground::ROAD;
use super::super::said::{Packing, Said};
use super::super::words::Who;
use super::Oracle;

/// Steps by which somebody opens doors that he may open.
const OPENS: [&str; 3] = ["unpacking", "unloading", "removing"];

/// What one event says of a trailer.
struct Told {
    said: Rc<Said>,
    trailer: String,
    /// What it names besides, by the names under which goods are known.
    named: BTreeSet<String>,
}

impl Oracle {
    /// What a tracker says of where it is holds of what is in the trailer: from the event that puts it
    /// in to the one that takes it out; and not at a site where somebody who saw the trailer read some
    /// of what was ever in it, and not this.
    pub(super) fn follow_trailers(&mut self) {
        let told = self.told_of_trailers();
        let mut ever: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        for one in &told {
            if one.said.packing == Some(Packing::Into) {
                ever.entry(&one.trailer).or_default().extend(&one.named);
            }
        }
        let was_in = |one: &Told| ever.get(one.trailer.as_str());
        let reads = told.iter().filter(|one| {
            let is_content = |all: &BTreeSet<&String>| one.named.iter().any(|u| all.contains(u));
            one.said.packing.is_none() && was_in(one).is_some_and(is_content)
        });
        let reads: Vec<&Told> = reads.collect();
        let mut inside: BTreeMap<&String, &str> = BTreeMap::new();
        let mut ridden = Vec::new();
        for one in &told {
            match one.said.packing {
                Some(Packing::Into) => {
                    inside.extend(one.named.iter().map(|unit| (unit, one.trailer.as_str())));
                }
                Some(Packing::OutOf) => one.named.iter().for_each(|unit| {
                    inside.remove(unit);
                }),
                None if one.said.is_fix => {
                    let site = &one.said.seen.site;
                    let rides = inside
                        .iter()
                        .filter(|(_, trailer)| **trailer == one.trailer);
                    for (unit, trailer) in rides {
                        let mut there = reads.iter().filter(|read| {
                            read.trailer == **trailer && read.said.seen.site == *site
                        });
                        if there.all(|read| read.named.contains(*unit)) {
                            ridden.push(((*unit).clone(), one.said.seen.clone()));
                        }
                    }
                }
                None => {}
            }
        }
        for (unit, seen) in ridden {
            if let Some(walk) = self.seen.get_mut(&unit) {
                walk.push(seen);
            }
        }
    }

    /// What was said of every trailer that has a tracker, in the order in which it happened.
    fn told_of_trailers(&self) -> Vec<Told> {
        let fixes = self.of_trailers.iter().filter(|said| said.is_fix);
        let trailers: BTreeSet<&String> = fixes.flat_map(|said| said.named.iter()).collect();
        let mut told: Vec<Told> = Vec::new();
        for said in &self.of_trailers {
            let trailer = said.named.iter().find(|unit| trailers.contains(unit));
            if let Some(trailer) = trailer {
                let content = said.named.iter().filter(|unit| *unit != trailer);
                told.push(Told {
                    said: said.clone(),
                    trailer: trailer.clone(),
                    named: content.map(|unit| self.known_as(unit)).collect(),
                });
            }
        }
        told.sort_by_key(|one| one.said.seen.at);
        told
    }

    /// Doors that are found open on the road, though the last word of them was that they are closed.
    pub(super) fn judge_doors(&mut self) {
        let mut closed: BTreeMap<String, Option<i64>> = BTreeMap::new();
        for one in self.told_of_trailers() {
            let (said, trailer) = (&one.said, &one.trailer);
            match said.doors_open {
                Some(false) => {
                    closed.insert(trailer.clone(), Some(said.seen.at));
                }
                Some(true) => {
                    let before = closed.insert(trailer.clone(), None);
                    let since = before.map_or(Some(said.seen.at), |closed| closed);
                    let is_own = OPENS.contains(&said.step.as_str());
                    let on_road = said.seen.site == ROAD;
                    if let Some(since) = since.filter(|_| on_road && !is_own) {
                        let during = (since, said.seen.at);
                        if !self.is_awaited(Who::Of(&said.seen.party), during) {
                            self.add_one("seal_broken", &said.key.1, trailer);
                        }
                    }
                }
                None => {}
            }
        }
    }
}
