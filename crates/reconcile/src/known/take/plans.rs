//! Plans and milestones, each filed under its key.

use std::sync::Arc;

use countersign_model::claim::Reached;
use countersign_model::plan::{
    CountPlan, DocumentPlan, Expectation, Goods, Manifest, Route, StageKey,
};
use countersign_model::time::Span;

use super::Saying;
use crate::kind::STAGE_STOP;
use crate::known::Known;
use crate::known::claims::BearsOn;
use crate::known::counts::CountTerms;
use crate::known::due::DueTerms;
use crate::known::events::Counted;
use crate::known::lines::LineTerms;
use crate::known::manifests::{AmountTerms, ManifestTerms};
use crate::known::milestones::{ExpectedTerms, ReachedTerms};
use crate::known::unfolded::AMOUNT_OUT_OF_RANGE;
use crate::limits::amount_fits;
use crate::packed::money::PackedMoney;
use crate::packed::run::Run;

/// The heading under which stops are summed up.
const GROUP_ROUTE: &str = "route";

impl Known {
    pub(super) fn take_manifest(&mut self, manifest: &Manifest, said: &mut Saying<'_>) {
        let doc = self.atlas.names.docs.number(&manifest.id);
        let (mut lines, mut amounts) = (Vec::new(), Run::default());
        for line in &manifest.lines {
            let name = self.atlas.names.words.number(&line.line);
            let value = self.fitting(line.value, said);
            match &line.what {
                Goods::Unit(unit) => lines.push(LineTerms {
                    line: name,
                    unit: self.unit(unit),
                    value: value.and_then(PackedMoney::of),
                    is_seal: line.is_seal,
                }),
                Goods::Amount { class, quantity } if amount_fits(quantity.value) => {
                    let counted = Counted {
                        class: self.atlas.class(class),
                        uom: quantity.uom,
                        amount: quantity.value,
                    };
                    amounts.add(self.manifests.say_amount(AmountTerms {
                        line: name,
                        counted,
                        value,
                    }));
                }
                Goods::Amount { .. } => {
                    let at = said.row.at;
                    self.unfolded.note(at, AMOUNT_OUT_OF_RANGE);
                }
            }
        }
        lines.sort_by_key(|line| line.is_seal);
        let seals = lines.iter().filter(|line| line.is_seal).count();
        let (lines, values) = self.lines.say(doc, &lines);
        let words = &mut self.atlas.names.words;
        let terms = ManifestTerms {
            lane: manifest.lane.as_ref().map(|lane| words.number(lane)),
            from: self.atlas.place(&manifest.from),
            to: self.atlas.place(&manifest.to),
            depart_by: manifest.depart_by,
            arrive_by: manifest.arrive_by,
            lines,
            seals: u32::try_from(seals).unwrap_or(u32::MAX),
            values,
            amounts,
        };
        self.manifests.say(doc, said.of(terms));
        said.bears_on.push(BearsOn::Manifest(doc));
    }

    pub(super) fn take_count(&mut self, count: &CountPlan, said: &mut Saying<'_>) {
        let terms = CountTerms {
            place: self.atlas.place(&count.place),
            opens: count.opens,
            due: count.due,
        };
        let doc = self.atlas.names.docs.number(&count.id);
        self.counts.say(doc, said.of(terms));
        said.bears_on.push(BearsOn::Count(doc));
    }

    pub(super) fn take_due(&mut self, document: &DocumentPlan, said: &mut Saying<'_>) {
        let docs = &mut self.atlas.names.docs;
        let terms = DueTerms {
            load: document.load.as_ref().map(|load| docs.number(load)),
            due: document.due,
        };
        let doc = docs.number(&document.id);
        self.due.say(doc, said.of(terms));
        said.bears_on.push(BearsOn::Document(doc));
    }

    pub(super) fn take_expected(&mut self, expectation: &Expectation, said: &mut Saying<'_>) {
        let terms = ExpectedTerms {
            group: self.atlas.names.words.number(&expectation.group),
            unit: self.unit(&expectation.unit),
            place: expectation
                .place
                .as_ref()
                .map(|place| self.atlas.place(place)),
            due: expectation.due.until,
            grace: expectation.grace,
            opens: None,
        };
        self.expect(&expectation.key, terms, said);
    }

    pub(super) fn take_route(&mut self, route: &Route, said: &mut Saying<'_>) {
        let unit = self.unit(&route.unit);
        let group = self.atlas.names.words.number(&GROUP_ROUTE.into());
        for stop in &route.stops {
            let key = StageKey {
                plan: route.id.clone(),
                line: Arc::clone(&stop.stop),
                stage: STAGE_STOP.into(),
            };
            let terms = ExpectedTerms {
                group,
                unit,
                place: Some(self.atlas.place(&stop.place)),
                due: stop.due,
                grace: Span::ZERO,
                opens: Some(stop.opens),
            };
            self.expect(&key, terms, said);
        }
    }

    fn expect(&mut self, key: &StageKey, terms: ExpectedTerms, said: &mut Saying<'_>) {
        let names = &mut self.atlas.names;
        let milestone = self.milestones.number(
            names.docs.number(&key.plan),
            names.words.number(&key.line),
            names.words.number(&key.stage),
        );
        self.units.add_milestone(terms.unit, milestone);
        let said_terms = said.of(terms);
        self.milestones.expect(milestone, said_terms);
        said.bears_on.push(BearsOn::Milestone(milestone));
    }

    pub(super) fn take_reached(&mut self, reached: &Reached, said: &mut Saying<'_>) {
        let terms = ReachedTerms {
            unit: self.unit(&reached.unit),
            time: reached.time.at,
            place: reached.place.as_ref().map(|place| self.atlas.place(place)),
        };
        let names = &mut self.atlas.names;
        let key = &reached.stage;
        let milestone = self.milestones.number(
            names.docs.number(&key.plan),
            names.words.number(&key.line),
            names.words.number(&key.stage),
        );
        let said_terms = said.of(terms);
        self.milestones.reach(milestone, said_terms);
        said.bears_on.push(BearsOn::Milestone(milestone));
    }
}
