//! Papers that must be there before a load leaves.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::claim::StepRole;

use super::super::said::Said;
use super::super::words::Who;
use super::Oracle;

/// When documents were named, and when loads left.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// By document: first.
    first: BTreeMap<String, i64>,
    /// By manifest: when goods were first given away under it.
    left: BTreeMap<String, i64>,
}

fn sooner(of: &mut BTreeMap<String, i64>, document: &str, at: i64) {
    let first = of.entry(document.to_owned()).or_insert(at);
    *first = at.min(*first);
}

impl Named {
    pub(super) fn look_at(&mut self, said: &Said) {
        let at = said.seen.at;
        for document in &said.documents {
            sooner(&mut self.first, document, at);
        }
        if let (StepRole::Gives, Some(manifest)) = (said.seen.role, &said.seen.document) {
            sooner(&mut self.left, manifest, at);
        }
    }
}

impl Oracle {
    pub(super) fn judge_papers(&mut self) {
        let papers = std::mem::take(&mut self.heard.papers);
        for (id, plan) in &papers {
            let named = self.named.first.get(id).copied();
            let left = self.named.left.get(&plan.load).copied();
            let missed = left.filter(|left| named.is_none_or(|named| named > *left));
            let owed_at = missed.unwrap_or(plan.due);
            let site = self.heard.manifests.get(&plan.load);
            let site = site.map_or(String::new(), |manifest| manifest.from.clone());
            let is_owed = missed.is_some() || self.now >= plan.due;
            if !is_owed || self.is_awaited(Who::At(&site), (plan.said.min(owed_at), owed_at)) {
                continue;
            }
            match named {
                Some(named) if missed.is_none() && named <= plan.due => {}
                Some(_) if missed.is_none() => self.add("late_units", id, BTreeSet::new()),
                _ => self.add("proof_missing", id, BTreeSet::new()),
            }
        }
        self.heard.papers = papers;
    }
}
