//! Members laid together: what a finding says of all of them.
//!
//! Every answer is a sum, a union, an extreme by a total order, or what all say alike, so the
//! order in which members are added does not matter.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::decimal::Decimal;
use countersign_model::entry::{ClaimRef, Index, Mark};
use countersign_model::ids::{ClassId, DocId, PlaceId, UnitId};
use countersign_model::quantity::{Currency, Money, Quantity, Uom};
use countersign_model::time::{Span, Timestamp};
use countersign_reconcile::Discrepancy;
use countersign_reconcile::discrepancy::{
    Amount, Disproof, FactValue, Proof, SourceWord, Status as LedgerStatus,
};

use crate::FOLD_VERSION;
use crate::detector::Detector;
use crate::finding::{Evidence, Finding, Status};
use crate::limits::{
    AMOUNTS_LISTED_MAX, ARGUMENTS_MAX, ENTRIES_LISTED_MAX, EVIDENCE_BYTES_MAX, EVIDENCE_LISTED_MAX,
    SOURCES_LISTED_MAX, TEXT_BYTES_MAX, UNITS_BYTES_MAX, UNITS_LISTED_MAX, VALUES_LISTED_MAX,
};
use crate::marks::MarkSeen;
use crate::matter::Member;
use crate::severity::{Silent, Stake};

/// What a finding has besides its members.
pub(crate) struct Head<'a> {
    pub(crate) id: countersign_model::digest::Digest,
    pub(crate) detector: &'a Detector,
    pub(crate) stage: Option<&'a str>,
    pub(crate) tick: Timestamp,
}

/// What all say alike; what some leave out does not count.
#[derive(Clone, Debug)]
struct Alike<T> {
    value: Option<T>,
    differs: bool,
}

impl<T: Clone + PartialEq> Alike<T> {
    const fn new() -> Self {
        Self {
            value: None,
            differs: false,
        }
    }

    fn add(&mut self, next: Option<&T>) {
        match (&self.value, next) {
            (None, Some(next)) => self.value = Some(next.clone()),
            (Some(value), Some(next)) if value != next => self.differs = true,
            _ => {}
        }
    }

    fn into_value(self) -> Option<T> {
        self.value.filter(|_| !self.differs)
    }
}

/// Members under addition.
pub(crate) struct Gathered<'a> {
    units: BTreeSet<&'a UnitId>,
    amounts: BTreeMap<(&'a ClassId, Uom), Decimal>,
    /// What amounts are worth.
    value: BTreeMap<Currency, Decimal>,
    /// What units are worth: the same ones, in several discrepancies, once.
    of_units: BTreeMap<&'a [UnitId], BTreeMap<Currency, Decimal>>,
    place: Alike<PlaceId>,
    site: Alike<PlaceId>,
    plan: Alike<DocId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    last_proven: Option<&'a Proof>,
    first_disproven: Option<Disproof>,
    agreeing: Vec<&'a SourceWord>,
    disagreeing: Vec<&'a SourceWord>,
    entries: BTreeSet<Index>,
    facts: Option<BTreeMap<&'static str, FactValue>>,
    /// The longest, and the largest, of each.
    spans: BTreeMap<&'static str, Span>,
    counts: BTreeMap<&'static str, u64>,
    marks: BTreeSet<Mark>,
    evidence: Vec<Evidence>,
    is_open: bool,
}

impl<'a> Gathered<'a> {
    pub(crate) fn of(members: impl Iterator<Item = &'a Member>) -> Self {
        let mut out = Self {
            units: BTreeSet::new(),
            amounts: BTreeMap::new(),
            value: BTreeMap::new(),
            of_units: BTreeMap::new(),
            place: Alike::new(),
            site: Alike::new(),
            plan: Alike::new(),
            from: None,
            until: None,
            last_proven: None,
            first_disproven: None,
            agreeing: Vec::new(),
            disagreeing: Vec::new(),
            entries: BTreeSet::new(),
            facts: None,
            spans: BTreeMap::new(),
            counts: BTreeMap::new(),
            marks: BTreeSet::new(),
            evidence: Vec::new(),
            is_open: false,
        };
        for member in members {
            match member {
                Member::Discrepancy(discrepancy) => out.add_discrepancy(discrepancy),
                Member::Mark(mark) => out.add_mark(mark),
            }
        }
        out
    }

    fn add_discrepancy(&mut self, member: &'a Discrepancy) {
        self.units.extend(&member.units);
        if let Some(Amount { class, difference }) = &member.amount {
            let sum = self.amounts.entry((class, difference.uom));
            add(sum.or_insert(Decimal::ZERO), difference.value);
        }
        self.add_value(member);
        self.place.add(member.place.as_ref());
        self.site.add(member.site.as_ref());
        self.plan.add(member.plan.as_ref());
        self.from = earliest(self.from, member.from, |time| *time);
        self.until = self.until.max(member.until);
        self.last_proven = earliest(self.last_proven, member.last_proven.as_ref(), |proof| {
            (proof.time, proof.claim)
        });
        let disproof = member.first_disproven.clone();
        self.first_disproven = earliest(self.first_disproven.take(), disproof, disproof_key);
        self.agreeing.extend(&member.agreeing);
        self.disagreeing.extend(&member.disagreeing);
        self.entries.extend(&member.entries);
        self.add_facts(&member.facts);
        self.is_open |= member.status == LedgerStatus::Open;
        self.evidence.push(evidence_of(member));
    }

    fn add_value(&mut self, member: &'a Discrepancy) {
        if member.units.is_empty() {
            for money in &member.value {
                let sum = self.value.entry(money.currency).or_insert(Decimal::ZERO);
                add(sum, money.amount);
            }
            return;
        }
        let known = self.of_units.entry(&member.units).or_default();
        for money in &member.value {
            let most = known.entry(money.currency).or_insert(Decimal::ZERO);
            *most = (*most).max(money.amount);
        }
    }

    /// What all members are worth.
    fn worth(&self) -> Vec<Money> {
        let mut sums = self.value.clone();
        for (currency, amount) in self.of_units.values().flatten() {
            add(sums.entry(*currency).or_insert(Decimal::ZERO), *amount);
        }
        sums.into_iter()
            .take(VALUES_LISTED_MAX)
            .map(|(currency, amount)| Money { amount, currency })
            .collect()
    }

    fn add_mark(&mut self, member: &MarkSeen) {
        self.from = earliest(self.from, Some(member.seen), |time| *time);
        self.until = self.until.max(Some(member.seen));
        let claim = ClaimRef {
            index: member.index,
            ordinal: 0,
        };
        let disproof = Disproof::Claim {
            claim,
            time: member.seen,
        };
        self.first_disproven = earliest(self.first_disproven.take(), Some(disproof), disproof_key);
        self.entries.insert(member.index);
        let signer = FactValue::Name(member.signer.as_str().into());
        let key = FactValue::Name(member.key.to_string().into());
        self.add_facts(&BTreeMap::from([("signer", signer), ("key", key)]));
        self.marks.insert(member.mark);
        self.is_open = true;
        self.evidence.push(Evidence::Mark {
            mark: member.mark,
            index: member.index,
            signer: member.signer.clone(),
            key: member.key,
            chain: member.chain,
            seen: member.seen,
        });
    }

    /// Of lengths of time the longest counts, of numbers the largest, of all else what every member
    /// says.
    fn add_facts(&mut self, facts: &BTreeMap<&'static str, FactValue>) {
        for (name, value) in facts {
            if let FactValue::Span(span) = value {
                let longest = self.spans.entry(name).or_insert(*span);
                *longest = (*longest).max(*span);
            }
            if let FactValue::Count(count) = value {
                let largest = self.counts.entry(name).or_insert(*count);
                *largest = (*largest).max(*count);
            }
        }
        match &mut self.facts {
            None => self.facts = Some(facts.clone()),
            Some(all) => all.retain(|name, value| facts.get(name) == Some(value)),
        }
    }

    /// The finding of these members, as if it opened now.
    pub(crate) fn into_finding(self, head: &Head<'_>) -> Finding {
        let amounts = self.amounts.iter().map(|((class, uom), value)| Amount {
            class: (*class).clone(),
            difference: Quantity {
                value: *value,
                uom: *uom,
            },
        });
        let value = self.worth();
        let marks: Vec<Mark> = self.marks.iter().copied().collect();
        let stake = Stake {
            value: &value,
            count: self.count(),
            stage: head.stage,
            marks: &marks,
            silent: self.silent(),
        };
        let (units, units_more) = listed_units(&self.units);
        let (evidence, evidence_more) = listed_evidence(self.evidence);
        Finding {
            id: head.id,
            transition: 0,
            status: if self.is_open {
                Status::Open
            } else {
                Status::Confirmed
            },
            kind: head.detector.id,
            severity: (head.detector.severity)(&stake),
            template: (head.detector.template)(&stake),
            units,
            units_more,
            amounts: amounts.take(AMOUNTS_LISTED_MAX).collect(),
            value,
            place: self.place.into_value(),
            site: self.site.into_value(),
            from: self.from,
            until: self.until,
            plan: self.plan.into_value(),
            stage: head.stage.map(clipped),
            opened_at: head.tick,
            changed_at: head.tick,
            last_proven: self.last_proven.cloned(),
            first_disproven: self.first_disproven,
            agreeing: listed_sources(self.agreeing),
            disagreeing: listed_sources(self.disagreeing),
            entries_more: self.entries.len().saturating_sub(ENTRIES_LISTED_MAX) as u64,
            entries: self.entries.into_iter().take(ENTRIES_LISTED_MAX).collect(),
            evidence,
            evidence_more,
            superseded_by: Vec::new(),
            rule: head.detector.rule(),
            fold: FOLD_VERSION,
            arguments: listed_facts(self.facts.unwrap_or_default(), (&self.spans, &self.counts)),
        }
    }

    fn silent(&self) -> Silent {
        let count = |name: &str| self.counts.get(name).copied().unwrap_or_default();
        Silent {
            together: count("together"),
            listened: count("listened"),
        }
    }

    /// Units, and whole pieces of counted classes.
    fn count(&self) -> u64 {
        let pieces = self
            .amounts
            .iter()
            .filter(|((_, uom), _)| *uom == Uom::PIECES);
        let pieces = pieces.map(|(_, amount)| amount.trunc().unwrap_or(i64::MAX).unsigned_abs());
        pieces.fold(self.units.len() as u64, u64::saturating_add)
    }
}

/// A sum that would have too many digits stays as it is; the ledger admits no such amounts.
fn add(sum: &mut Decimal, amount: Decimal) {
    *sum = sum.checked_add(amount).unwrap_or(*sum);
}

fn earliest<T, K: Ord>(a: Option<T>, b: Option<T>, key: impl Fn(&T) -> K) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if key(&b) < key(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

const fn disproof_key(disproof: &Disproof) -> (Timestamp, Option<ClaimRef>) {
    let claim = match disproof {
        Disproof::Claim { claim, .. } => Some(*claim),
        Disproof::Deadline(_) => None,
    };
    (disproof.time(), claim)
}

fn evidence_of(member: &Discrepancy) -> Evidence {
    let stage = member.stage();
    Evidence::Discrepancy {
        id: member.id,
        kind: member.kind,
        is_settled: member.status == LedgerStatus::Settled,
        plan: stage
            .map(|key| key.plan.clone())
            .or_else(|| member.plan.clone()),
        stage: stage.map(|key| clipped(&key.stage)),
        line: stage.map(|key| clipped(&key.line)),
        units: member.units.len() as u64,
        value: member
            .value
            .iter()
            .take(VALUES_LISTED_MAX)
            .copied()
            .collect(),
    }
}

fn listed_units(units: &BTreeSet<&UnitId>) -> (Vec<UnitId>, u64) {
    let mut bytes = 0;
    let within = units.iter().take(UNITS_LISTED_MAX).take_while(|unit| {
        // Quotes and comma; keys hold nothing that JSON escapes.
        bytes += unit.as_str().len() + 3;
        bytes <= UNITS_BYTES_MAX
    });
    let listed: Vec<UnitId> = within.map(|unit| (*unit).clone()).collect();
    let more = (units.len() - listed.len()) as u64;
    (listed, more)
}

/// In the order in which people look: by plan, stage and line, marks by their place in the log.
fn listed_evidence(mut all: Vec<Evidence>) -> (Vec<Evidence>, u64) {
    all.sort_by(|a, b| evidence_key(a).cmp(&evidence_key(b)));
    let count = all.len();
    let mut bytes = 0;
    let within = all.into_iter().take(EVIDENCE_LISTED_MAX);
    let listed: Vec<Evidence> = within
        .take_while(|evidence| {
            bytes += evidence.to_json().len() + 1;
            bytes <= EVIDENCE_BYTES_MAX
        })
        .collect();
    let more = (count - listed.len()) as u64;
    (listed, more)
}

type EvidenceKey<'a> = (
    Option<&'a DocId>,
    Option<&'a str>,
    usize,
    Option<&'a str>,
    [u8; 32],
);

/// Lines by length before text, so that line 2 comes before line 10.
fn evidence_key(evidence: &Evidence) -> EvidenceKey<'_> {
    match evidence {
        Evidence::Discrepancy {
            id,
            plan,
            stage,
            line,
            ..
        } => (
            plan.as_ref(),
            stage.as_deref(),
            line.as_ref().map_or(0, |line| line.len()),
            line.as_deref(),
            *id.as_bytes(),
        ),
        Evidence::Mark { mark, index, .. } => {
            let at = usize::try_from(index.0).unwrap_or(usize::MAX);
            (None, None, at, Some(mark.as_str()), [0; 32])
        }
    }
}

fn listed_sources(mut all: Vec<&SourceWord>) -> Vec<SourceWord> {
    all.sort_by(|a, b| {
        let key = |word: &SourceWord| (word.time, word.what, word.at);
        key(a).cmp(&key(b)).then_with(|| a.signer.cmp(&b.signer))
    });
    all.dedup();
    all.into_iter().take(SOURCES_LISTED_MAX).cloned().collect()
}

fn listed_facts(
    mut facts: BTreeMap<&'static str, FactValue>,
    (spans, counts): (&BTreeMap<&'static str, Span>, &BTreeMap<&'static str, u64>),
) -> BTreeMap<&'static str, FactValue> {
    facts.extend(
        spans
            .iter()
            .map(|(name, span)| (*name, FactValue::Span(*span))),
    );
    facts.extend(
        counts
            .iter()
            .map(|(name, count)| (*name, FactValue::Count(*count))),
    );
    let clip = |value| match value {
        FactValue::Name(text) => FactValue::Name(clipped(&text)),
        other => other,
    };
    let listed = facts.into_iter().take(ARGUMENTS_MAX);
    listed.map(|(name, value)| (name, clip(value))).collect()
}

/// The text, or as much of it as [`TEXT_BYTES_MAX`] allows.
pub(crate) fn clipped(text: &str) -> Box<str> {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX))
        .unwrap_or_default()
        .into()
}
