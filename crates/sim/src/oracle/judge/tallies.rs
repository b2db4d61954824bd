//! What cameras count of a load, against what is signed for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use countersign_model::claim::StepRole;
use countersign_model::time::MINUTE_MS;

use super::super::said::{Manifest, Said};
use super::super::words::Who;
use super::{MISSED_MAX, Oracle};
use crate::atlas::{GRACE_MIN, PICK_UP_GRACE_MIN};

/// What was counted of a load at one end.
struct Tally {
    /// The last of it.
    at: i64,
    pieces: i64,
    /// The class that stands for units.
    class: String,
    /// The share that the worst of its cameras does not count.
    unseen: f64,
}

impl Oracle {
    pub(super) fn judge_tallies(&mut self) {
        let manifests = std::mem::take(&mut self.heard.manifests);
        for (id, manifest) in &manifests {
            self.judge_end(id, manifest, true);
            self.judge_end(id, manifest, false);
        }
        self.heard.manifests = manifests;
    }

    fn judge_end(&mut self, id: &str, manifest: &Manifest, is_origin: bool) {
        let (site, by) = if is_origin {
            (&manifest.from, manifest.depart_by)
        } else {
            (&manifest.to, manifest.arrive_by)
        };
        let Some(tally) = self.tally(id, site) else {
            return;
        };
        // Who signs does it soon after the camera has counted.
        let signed_by = tally.at + PICK_UP_GRACE_MIN * MINUTE_MS;
        let due = signed_by.max(by + GRACE_MIN * MINUTE_MS);
        if self.now < due || self.is_awaited(Who::At(site), (manifest.said, due)) {
            return;
        }
        let given = self.signed_for(id, manifest, true);
        let signed = if is_origin {
            given
        } else {
            self.signed_for(id, manifest, false)
        };
        // Whoever reads what comes may have missed some; what was given is a list.
        let may_miss = !is_origin && self.places.words.misses_at(site) > 0.0;
        let most = if may_miss { signed.max(given) } else { signed };
        let fewer =
            tally.pieces < signed && so_few(signed, tally.pieces, 1.0 - tally.unseen) <= MISSED_MAX;
        if fewer || tally.pieces > most {
            self.add_one("quantity_mismatch", id, &tally.class);
        }
    }

    /// All that was counted under a manifest at a site.
    fn tally(&self, id: &str, site: &str) -> Option<Tally> {
        let under = self
            .tallies
            .iter()
            .filter(|said| said.seen.document.as_deref() == Some(id) && said.seen.site == site);
        let mut all: Option<Tally> = None;
        for said in under {
            let unseen = self.places.words.misses(&said.key.0);
            for (class, pieces) in &said.amounts {
                let one = all.get_or_insert_with(|| Tally {
                    at: said.seen.at,
                    pieces: 0,
                    class: class.clone(),
                    unseen,
                });
                one.at = one.at.max(said.seen.at);
                one.pieces += pieces;
                one.unseen = one.unseen.max(unseen);
            }
        }
        all
    }

    /// Lines with cartons that were given away at the origin, or taken over at the destination.
    fn signed_for(&self, id: &str, manifest: &Manifest, gives: bool) -> i64 {
        let site = if gives { &manifest.from } else { &manifest.to };
        let lines = manifest.load.iter();
        let lines: BTreeSet<String> = lines
            .filter(|unit| !manifest.seals.contains(*unit) && !self.holds.contains(*unit))
            .map(|unit| self.known_as(unit))
            .collect();
        let under = self
            .handed
            .iter()
            .filter(|said| said.seen.document.as_deref() == Some(id) && said.seen.site == *site);
        let mut under: Vec<&Rc<Said>> = under.collect();
        under.sort_by_key(|said| said.seen.at);
        let mut signed: BTreeMap<String, bool> = BTreeMap::new();
        for said in under {
            let is_signed = match said.seen.role {
                StepRole::Gives if gives => true,
                StepRole::Voids if gives => false,
                StepRole::Takes if !gives => true,
                _ => continue,
            };
            let named = said.named.iter().map(|unit| self.known_as(unit));
            signed.extend(named.map(|unit| (unit, is_signed)));
        }
        let both = lines.iter().filter(|line| signed.get(*line) == Some(&true));
        i64::try_from(both.count()).unwrap_or(i64::MAX)
    }
}

/// How likely it is that no more than `k` of `n` are counted by who counts each with chance `p`.
fn so_few(n: i64, k: i64, p: f64) -> f64 {
    (0..=k).map(|k| exactly(n, k, p)).sum()
}

/// Of `n` exactly `k`: the binomial coefficient factor by factor, each with the chances that go with it.
fn exactly(n: i64, k: i64, p: f64) -> f64 {
    let float = |n: i64| i32::try_from(n).map_or(f64::MAX, f64::from);
    let counted = (1..=k).map(|nth| float(n - k + nth) / float(nth) * p);
    let left_out = (0..n - k).map(|_| 1.0 - p);
    counted.chain(left_out).product()
}

#[cfg(test)]
mod tests {
    use super::so_few;

    #[test]
    fn chances_are_those_of_the_tables() {
        let check = |n, k, p, expect: f64| {
            let got = so_few(n, k, p);
            assert!((got - expect).abs() < 0.000_05, "{n} {k} {p}: {got}");
        };
        check(10, 5, 0.5, 0.623_05);
        check(30, 22, 0.95, 0.000_09);
        check(30, 23, 0.95, 0.000_54);
        check(30, 24, 0.95, 0.003_28);
        check(5, 4, 1.0, 0.0);
        check(5, 5, 1.0, 1.0);
    }
}
