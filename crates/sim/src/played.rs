//! One day, played: what its devices wrote down, what is sent of it when, and its truth.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::body::Format;
#[cfg(test)]
use countersign_model::time::Timestamp;

use crate::clock::Day;
use crate::count::Whereabouts;
use crate::dispatch::{Claims, Dispatch, dispatches};
use crate::draft::Draft;
use crate::event::{Document, Event, Journal, Shape as EventShape};
use crate::names::{Name, SiteNo, UnitNo};
use crate::oracle::{Case, Places, Words};
use crate::play::{Stage, play};
use crate::rng::Chance;
use crate::sizes::Shape;
use crate::truth::TruthRow;
use crate::wording::{self, Plan, Wording};
use crate::world::Recipe;
use crate::{planting, routine, sources};

/// One day, played.
#[derive(Debug)]
pub(crate) struct PlayedDay {
    pub(crate) draft: Draft,
    pub(crate) events: Vec<Event>,
    pub(crate) plans: Vec<Plan>,
    /// Those of one device stand in the order of its chain.
    pub(crate) dispatches: Vec<Dispatch>,
    /// Names of nobody that stand in sealed values.
    pub(crate) canaries: Vec<String>,
    missed_percent: u8,
}

/// A claim as its device worded it, for those who read the day without the log.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct SaidClaim<'a> {
    /// When its statement is sent.
    pub(crate) sent: Timestamp,
    /// Name of the principal that signs.
    pub(crate) principal: &'a str,
    pub(crate) format: Format,
    /// The text, personal values included.
    pub(crate) text: String,
    /// Byte ranges of the values that are sealed.
    pub(crate) sealed: Vec<std::ops::Range<usize>>,
}

impl PlayedDay {
    /// Plays a day of a world; no other day is needed for it.
    pub(crate) fn of(recipe: &Recipe, day: Day) -> Self {
        let seed = recipe.seed;
        let chance = |label: &str| Chance::of_day(seed, day, label);
        let mut draft = planting::drafted(seed, &recipe.sizes, day);
        let mut journal = Journal::new(seed, day);
        let mut routine_chance = chance("routine");
        if !recipe.sizes.is_rest(day) {
            routine::label_new(&mut draft, &mut routine_chance, &mut journal);
        }
        let is_last = recipe.sizes.shape == Shape::Demo;
        let chances = (&mut chance("play"), &mut chance("road"));
        let is_counted = play_all(&draft, is_last, chances, &mut journal);
        let mut is_counted = is_counted.into_iter();
        draft.counts.retain(|_| is_counted.next() == Some(true));
        let plans = routine::plans(&draft, &mut journal, &mut routine_chance);
        sources::say_signs_of_life(&draft, &mut chance("signs-of-life"), &mut journal);
        let Journal {
            events, canaries, ..
        } = journal;
        let disorder = recipe.disorder;
        disorder.skew(seed, &mut draft.atlas);
        let events = disorder.written(seed, day, events);
        let mut dispatches = dispatches(
            &draft.atlas,
            &events,
            &plans,
            &draft.offline,
            &mut chance("network"),
        );
        disorder.send(&draft.atlas, &mut chance("disorder"), &mut dispatches);
        if recipe.sizes.is_rest(day) {
            end_all(&mut dispatches, day);
        }
        Self {
            draft,
            events,
            plans,
            dispatches,
            canaries,
            missed_percent: disorder.missed_percent,
        }
    }

    /// The rows, each with the time from which it can be known.
    pub(crate) fn truth(&self, days: usize) -> Vec<TruthRow> {
        let cases = self.cases();
        let mut numbers = [0_usize; 2];
        let mut rows = Vec::new();
        for (planted, case) in self.draft.planted.iter().zip(cases) {
            let mut row = planted.clone();
            let [thefts, innocent] = &mut numbers;
            let (letter, number) = if row.act {
                ('T', thefts)
            } else {
                ('L', innocent)
            };
            *number += 1;
            row.id = if days == 1 {
                format!("{letter}-{number:02}")
            } else {
                format!("{letter}-{:03}-{number:02}", self.draft.day.0 + 1)
            };
            if row.act {
                row.detectable_from = case.detectable(&row);
            }
            rows.push(row);
        }
        rows
    }

    /// Who was heard when. What is said behind midnight is another day's: of it nothing is awaited.
    pub(crate) fn words(&self) -> Words {
        let atlas = &self.draft.atlas;
        let mut words = Words::of(atlas, self.missed_percent);
        for dispatch in &self.dispatches {
            let device = atlas.device(dispatch.device);
            let known = device.shown(dispatch.signed).ms() - device.clock_offset_ms;
            let came = (!dispatch.hushed).then_some(dispatch.sent.ms());
            words.hear(&device.id, known, came, self.first_claim(dispatch));
        }
        words.reckon()
    }

    /// Event id of a statement's first claim; of a plan the document's.
    fn first_claim(&self, dispatch: &Dispatch) -> &str {
        let first = match &dispatch.claims {
            Claims::Events(numbers) => {
                let event = numbers.first().and_then(|no| self.events.get(*no));
                event.map(|event| event.id.as_str())
            }
            Claims::Plans(numbers) => {
                let plan = numbers.first().and_then(|no| self.plans.get(*no));
                plan.and_then(|plan| plan.names.last()).map(String::as_str)
            }
        };
        first.unwrap_or_default()
    }

    /// For each row what was said of its goods and under its documents, and when; of acts alone.
    fn cases(&self) -> Vec<Case> {
        let places = Places::of(&self.draft.atlas, self.words());
        let concerns = Concerns::of(&self.draft, &self.events, self.missed_percent > 0);
        let rows = self.draft.planted.iter();
        let mut cases: Vec<Case> = rows.map(|row| Case::new(places.clone(), row)).collect();
        let (atlas, goods) = (&self.draft.atlas, &self.draft.goods);
        for dispatch in self.sent() {
            let issuer = atlas.device(dispatch.device).id.as_str();
            let mut hear = |rows: BTreeSet<usize>, text: &dyn Fn() -> String| {
                if rows.is_empty() {
                    return;
                }
                let text = text();
                for row in rows {
                    if let Some(case) = cases.get_mut(row) {
                        case.hear(dispatch.sent, issuer, &text);
                    }
                }
            };
            match &dispatch.claims {
                Claims::Events(numbers) => {
                    for event in numbers.iter().filter_map(|no| self.events.get(*no)) {
                        hear(concerns.of_event(event), &|| {
                            wording::of_event(event, atlas, goods).text
                        });
                    }
                }
                Claims::Plans(numbers) => {
                    for plan in numbers.iter().filter_map(|no| self.plans.get(*no)) {
                        hear(concerns.of_plan(plan), &|| plan.wording().text);
                    }
                }
            }
        }
        cases
    }

    /// The statements that leave their devices.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Dispatch> {
        self.dispatches.iter().filter(|dispatch| !dispatch.hushed)
    }

    /// The texts of a statement.
    pub(crate) fn wordings(&self, dispatch: &Dispatch) -> (Format, Vec<Wording>) {
        let (atlas, goods) = (&self.draft.atlas, &self.draft.goods);
        match &dispatch.claims {
            Claims::Events(numbers) => {
                let events = numbers.iter().filter_map(|no| self.events.get(*no));
                let worded = events.map(|event| wording::of_event(event, atlas, goods));
                (Format::EpcisJson, worded.collect())
            }
            Claims::Plans(numbers) => {
                let plans = numbers.iter().filter_map(|no| self.plans.get(*no));
                (Format::CountersignJson, plans.map(Plan::wording).collect())
            }
        }
    }

    /// The site that a statement is about: where its first event was read, or the first site for plans.
    pub(crate) fn subject(&self, dispatch: &Dispatch) -> &str {
        let atlas = &self.draft.atlas;
        let read_point = match &dispatch.claims {
            Claims::Events(numbers) => numbers
                .first()
                .and_then(|no| self.events.get(*no))
                .map(|event| event.read_point),
            Claims::Plans(_) => None,
        };
        let site = read_point.map_or(SiteNo(0), |place| atlas.place(place).site);
        &atlas.site(site).name.link
    }

    /// Every claim in the order of sending.
    #[cfg(test)]
    pub(crate) fn claims(&self) -> Vec<SaidClaim<'_>> {
        let mut posts: Vec<(Timestamp, usize)> = Vec::new();
        let numbered = self.dispatches.iter().enumerate();
        for (no, dispatch) in numbered.filter(|(_, dispatch)| !dispatch.hushed) {
            posts.push((dispatch.sent, no));
            posts.extend(dispatch.sent_again.map(|at| (at.max(dispatch.sent), no)));
        }
        posts.sort_unstable();
        let mut out = Vec::new();
        for (sent, no) in posts {
            let dispatch = &self.dispatches[no];
            let principal = self.draft.atlas.device(dispatch.device).id.as_str();
            let (format, wordings) = self.wordings(dispatch);
            out.extend(wordings.into_iter().map(|wording| SaidClaim {
                sent,
                principal,
                format,
                text: wording.text,
                sealed: wording.sealed,
            }));
        }
        out
    }
}

/// The world ends with that day: what would be sent later is never sent.
fn end_all(dispatches: &mut [Dispatch], day: Day) {
    for dispatch in dispatches {
        dispatch.hushed |= dispatch.sent >= day.end();
        dispatch.sent_again = dispatch.sent_again.filter(|again| *again < day.end());
    }
}

/// Writes all events of the day; tells of each count whether there was anything to count.
fn play_all(
    draft: &Draft,
    is_last: bool,
    (chance, road): (&mut Chance, &mut Chance),
    journal: &mut Journal,
) -> Vec<bool> {
    let mut stage = Stage {
        atlas: &draft.atlas,
        goods: &draft.goods,
        dark: &draft.dark,
        journal,
        chance,
        road,
    };
    routine::take_stock(draft, &mut stage);
    for load in &draft.loads {
        play(load, &mut stage);
    }
    for event in &draft.extra {
        stage.journal.write(event.clone());
    }
    routine::go_about(draft, &mut stage);
    let seen = Whereabouts::of(&stage.journal.events);
    let counts = draft.counts.iter();
    let is_counted = counts.map(|count| count.play(&seen, &mut stage)).collect();
    for count in &draft.site_counts {
        count.play(&draft.lots, &mut stage);
    }
    if !is_last {
        routine::sell_out(draft, &mut stage);
    }
    is_counted
}

/// Which acts an event or a plan bears on: those of whose goods it speaks, or whose count it names.
struct Concerns<'a> {
    units: BTreeMap<UnitNo, BTreeSet<usize>>,
    /// Canonical names of units, lots and documents.
    names: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Ids of events: what is said again without the goods bears on them too.
    events: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Canonical names of documents that are a matter by themselves.
    documents: BTreeMap<&'a str, BTreeSet<usize>>,
    /// What travels with the goods: who reads it could have read them.
    fellows: BTreeMap<UnitNo, BTreeSet<usize>>,
}

impl<'a> Concerns<'a> {
    fn of(draft: &'a Draft, events: &'a [Event], some_miss: bool) -> Self {
        let mut names: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let mut documents = names.clone();
        let rows = draft.planted.iter().enumerate();
        for (no, row) in rows.filter(|(_, row)| row.act) {
            for name in row.units.iter().chain(&row.classes).chain(&row.manifests) {
                names.entry(name.as_str()).or_default().insert(no);
            }
            let has_goods = !row.units.is_empty() || !row.classes.is_empty();
            for name in row.manifests.iter().filter(|_| !has_goods) {
                documents.entry(name.as_str()).or_default().insert(no);
            }
        }
        let goods = draft.goods.units.iter().enumerate();
        let units = goods
            .filter_map(|(no, unit)| {
                Some((UnitNo(no), names.get(unit.name.link.as_str())?.clone()))
            })
            .collect();
        let mut concerns = Self {
            units,
            names,
            documents,
            events: BTreeMap::new(),
            fellows: BTreeMap::new(),
        };
        if some_miss {
            concerns.fellows = concerns.fellows_in(draft, |_| true);
        } else {
            // What a camera counts is held against the whole of a load.
            let counted = concerns.names.get(Name::carton().link.as_str());
            let counted = counted.cloned().unwrap_or_default();
            concerns.fellows = concerns.fellows_in(draft, |row| counted.contains(&row));
        }
        for event in events {
            let rows = concerns.of_what_it_says(event);
            if !rows.is_empty() {
                concerns.events.entry(&event.id).or_default().extend(rows);
            }
        }
        concerns
    }

    fn of_event(&self, event: &Event) -> BTreeSet<usize> {
        let rows = self.events.get(event.id.as_str());
        let mut rows = rows.cloned().unwrap_or_default();
        if !self.fellows.is_empty() {
            let units = event.units.iter();
            let beside = units.filter_map(|unit| self.fellows.get(unit));
            rows.extend(beside.flatten());
        }
        rows
    }

    /// The units of every load of which an act has some.
    fn fellows_in(
        &self,
        draft: &Draft,
        wanted: impl Fn(usize) -> bool,
    ) -> BTreeMap<UnitNo, BTreeSet<usize>> {
        let mut fellows: BTreeMap<UnitNo, BTreeSet<usize>> = BTreeMap::new();
        for load in &draft.loads {
            let Some(rows) = self.names.get(load.manifest.link.as_str()) else {
                continue;
            };
            let rows: BTreeSet<usize> = rows.iter().copied().filter(|row| wanted(*row)).collect();
            for unit in load.planned().into_iter().filter(|_| !rows.is_empty()) {
                fellows.entry(unit).or_default().extend(&rows);
            }
        }
        fellows
    }

    fn of_what_it_says(&self, event: &Event) -> BTreeSet<usize> {
        if event.shape == EventShape::Tallied {
            return self.of_tally(event);
        }
        let units = event.all_units().into_iter();
        let by_unit = units.filter_map(|unit| self.units.get(&unit));
        let classes = event.amounts.iter().map(|amount| &amount.class);
        let documents = event.document.as_ref().map(Document::name);
        let documents = documents.into_iter().chain(&event.papers);
        let by_document = documents.filter_map(|name| self.documents.get(name.link.as_str()));
        // What names a manifest and none of its goods says nothing of them; what names a count does.
        let count = event.document.as_ref().and_then(Document::count);
        let names = classes.chain(count);
        let by_name = names.filter_map(|name| self.names.get(name.link.as_str()));
        let all = by_unit.chain(by_name).chain(by_document);
        all.flatten().copied().collect()
    }

    /// What was counted of a load bears on the matters of that load that a camera may show.
    fn of_tally(&self, event: &Event) -> BTreeSet<usize> {
        let manifest = event.document.as_ref().map(Document::name);
        let manifest = manifest.and_then(|name| self.names.get(name.link.as_str()));
        let mut classes = event.amounts.iter();
        let class = classes.find_map(|amount| self.names.get(amount.class.link.as_str()));
        let both = manifest.zip(class);
        both.map_or_else(BTreeSet::new, |(one, other)| one & other)
    }

    fn of_plan(&self, plan: &Plan) -> BTreeSet<usize> {
        let is_alias = plan.kind == "Alias";
        let fellows = |unit| self.fellows.get(unit).filter(|_| is_alias);
        let units = plan.units.iter();
        let by_unit = units.flat_map(|unit| self.units.get(unit).into_iter().chain(fellows(unit)));
        let by_name = plan.names.iter();
        let by_name = by_name.filter_map(|name| self.names.get(name.as_str()));
        by_unit.chain(by_name).flatten().copied().collect()
    }
}
