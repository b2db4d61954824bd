//! The world: one day made from a seed, its statements on demand, its truth apart.

use std::collections::BTreeMap;

use countersign_model::body::Format;
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;

use crate::count::Whereabouts;
use crate::dispatch::{Claims, Dispatch, Post, dispatches, posts};
use crate::draft::Draft;
use crate::event::{Event, Journal};
use crate::folder::Scenario;
use crate::limits::{PLANTED_MAX, UNITS_MAX, UNITS_MIN};
use crate::names::{DeviceNo, RowNo};
use crate::play::{Stage, play};
use crate::rng::Chance;
use crate::sign::{Signer, ToSign};
use crate::truth::TruthRow;
use crate::wording::{self, Plan, Wording};
use crate::{acts, clock, day, lookalikes, network_toml, routine};

/// How large a world is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Units in stock when the day begins; pallets and strangers come on top.
    pub units: usize,
    /// Thefts and losses; each of the 8 families once before any comes twice.
    pub acts: usize,
    /// Innocent look-alikes; each of the 10 families once before any comes twice.
    pub lookalikes: usize,
}

impl Default for Sizes {
    /// The demo's day.
    fn default() -> Self {
        Self {
            units: crate::limits::UNITS_DEFAULT,
            acts: crate::limits::ACTS_DEFAULT,
            lookalikes: crate::limits::LOOKALIKES_DEFAULT,
        }
    }
}

/// Why no world was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Too few or too many units.
    #[error("a day has {UNITS_MIN} to {UNITS_MAX} units")]
    Units,
    /// More acts or look-alikes than the day has loads for.
    #[error("a day has room for at most {PLANTED_MAX} acts and as many look-alikes")]
    Planted,
}

/// One day.
#[derive(Debug)]
pub struct World {
    seed: u64,
    origin: Origin,
    sizes: Sizes,
    pub(crate) draft: Draft,
    events: Vec<Event>,
    plans: Vec<Plan>,
    dispatches: Vec<Dispatch>,
    posts: Vec<Post>,
    truth: Vec<TruthRow>,
    canaries: Vec<String>,
}

/// A submission and when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The time of the scenario's clock.
    pub at: Timestamp,
    /// Encoded `countersign_attest::Submission`.
    pub bytes: Vec<u8>,
}

/// A claim as its device worded it, for those who read the day without the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidClaim<'a> {
    /// When its statement is sent.
    pub sent: Timestamp,
    /// Name of the principal that signs.
    pub principal: &'a str,
    /// Format of the text.
    pub format: Format,
    /// The text, personal values included.
    pub text: String,
    /// Byte ranges of the values that are sealed.
    pub sealed: Vec<std::ops::Range<usize>>,
}

/// How much a world holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Sites.
    pub sites: usize,
    /// Devices and services with a key of their own.
    pub devices: usize,
    /// Units that are named during the day.
    pub units: usize,
    /// Claims, said again ones included.
    pub claims: usize,
    /// Submissions, sent again ones included.
    pub submissions: usize,
}

/// Makes the day of `seed` for the log called `origin`. The same arguments give the same bytes.
///
/// # Errors
/// [`GenerateError`] for sizes out of bounds.
pub fn generate(seed: u64, sizes: Sizes, origin: &Origin) -> Result<World, GenerateError> {
    if !(UNITS_MIN..=UNITS_MAX).contains(&sizes.units) {
        return Err(GenerateError::Units);
    }
    if sizes.acts > PLANTED_MAX || sizes.lookalikes > PLANTED_MAX {
        return Err(GenerateError::Planted);
    }
    let mut draft = day::plan(sizes.units, &mut Chance::of(seed, "day"));
    let mut chance = Chance::of(seed, "planted");
    plant(&mut draft, &acts::FAMILIES, sizes.acts, &mut chance);
    plant(
        &mut draft,
        &lookalikes::FAMILIES,
        sizes.lookalikes,
        &mut chance,
    );
    let mut journal = Journal::new(seed);
    let mut chance = Chance::of(seed, "routine");
    routine::label_new(&mut draft, &mut chance, &mut journal);
    let mut is_counted = play_all(&draft, seed, &mut journal).into_iter();
    draft.counts.retain(|_| is_counted.next() == Some(true));
    let plans = routine::plans(&draft, &mut journal, &mut chance);
    let Journal {
        events, canaries, ..
    } = journal;
    let dispatches = dispatches(
        &draft.atlas,
        &events,
        &plans,
        &draft.offline,
        &mut Chance::of(seed, "network"),
    );
    let truth = truth(&draft, &events, &dispatches);
    Ok(World {
        seed,
        origin: origin.clone(),
        sizes,
        posts: posts(&dispatches),
        draft,
        events,
        plans,
        dispatches,
        truth,
        canaries,
    })
}

/// Plants `wanted` rows: every family once in random order, then at random.
fn plant(draft: &mut Draft, families: &[acts::Family], wanted: usize, chance: &mut Chance) {
    let mut order: Vec<usize> = (0..families.len()).collect();
    let before = draft.planted.len();
    // A family that finds no load gives way to others; a few rounds are enough.
    for _ in 0..wanted {
        chance.shuffle(&mut order);
        for family in order.iter().filter_map(|at| families.get(*at)) {
            if draft.planted.len() - before == wanted {
                return;
            }
            if let Some(planted) = (family.1)(draft, chance) {
                draft.planted.push(planted);
            }
        }
    }
}

/// Writes all events of the day; tells of each count whether there was anything to count.
fn play_all(draft: &Draft, seed: u64, journal: &mut Journal) -> Vec<bool> {
    let mut chance = Chance::of(seed, "play");
    let mut stage = Stage {
        atlas: &draft.atlas,
        goods: &draft.goods,
        journal,
        chance: &mut chance,
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
    counts.map(|count| count.play(&seen, &mut stage)).collect()
}

/// The rows, each with the time from which it can be known.
fn truth(draft: &Draft, events: &[Event], dispatches: &[Dispatch]) -> Vec<TruthRow> {
    let mut shown: BTreeMap<RowNo, (Timestamp, Timestamp, &str)> = BTreeMap::new();
    for dispatch in dispatches {
        let Claims::Events(numbers) = &dispatch.claims else {
            continue;
        };
        for event in numbers.iter().filter_map(|no| events.get(*no)) {
            let Some(row) = event.shows else {
                continue;
            };
            let this = (event.at, dispatch.sent, event.id.as_str());
            let first = shown.entry(row).or_insert(this);
            if this.1 < first.1 {
                *first = this;
            }
        }
    }
    let mut rows: Vec<TruthRow> = Vec::new();
    let mut numbers = [0_usize; 2];
    for (no, planted) in draft.planted.iter().enumerate() {
        let mut row = planted.resolved(shown.get(&RowNo(no)).copied());
        let [thefts, innocent] = &mut numbers;
        let (letter, number) = if row.act {
            ('T', thefts)
        } else {
            ('L', innocent)
        };
        *number += 1;
        row.id = format!("{letter}-{number:02}");
        rows.push(row);
    }
    rows
}

impl World {
    /// The first instant of the scenario's clock.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        clock::start()
    }

    /// The instant up to which the scenario's clock runs: every deadline has passed.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        clock::end()
    }

    /// What was planted. Never in any other file of the folder.
    #[must_use]
    pub fn truth(&self) -> &[TruthRow] {
        &self.truth
    }

    /// Names of nobody that stand in sealed values, each once in all the world.
    #[must_use]
    pub fn canaries(&self) -> &[String] {
        &self.canaries
    }

    /// How much there is.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent {
            sites: self.draft.atlas.sites.len(),
            devices: self.draft.atlas.devices.len(),
            units: self.draft.goods.units.len(),
            claims: self.events.len() + self.plans.len(),
            submissions: self.posts.len(),
        }
    }

    /// The text of `network.toml`.
    #[must_use]
    pub fn network_toml(&self) -> String {
        network_toml::text(&self.draft.atlas, self.seed)
    }

    /// Every submission in the order of sending, signed as it is asked for.
    #[must_use]
    pub fn submissions(&self) -> Submissions<'_> {
        Submissions {
            world: self,
            next: 0,
            signers: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Every claim in the order of sending.
    pub fn claims(&self) -> impl Iterator<Item = SaidClaim<'_>> {
        self.posts.iter().flat_map(|post| {
            let dispatch = self.dispatch(post.dispatch);
            let principal = self.draft.atlas.device(dispatch.device).id.as_str();
            let (format, wordings) = self.wordings(dispatch);
            wordings.into_iter().map(move |wording| SaidClaim {
                sent: post.sent,
                principal,
                format,
                text: wording.text,
                sealed: wording.sealed,
            })
        })
    }

    /// What `scenario.json` says.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        Scenario {
            origin: self.origin.clone(),
            seed: Some(self.seed),
            start: self.start(),
            end: self.end(),
        }
    }

    /// Units in stock when the day begins.
    #[must_use]
    pub fn stock(&self) -> usize {
        self.sizes.units
    }

    fn dispatch(&self, no: usize) -> &Dispatch {
        self.dispatches
            .get(no)
            .expect("posts number the dispatches")
    }

    fn wordings(&self, dispatch: &Dispatch) -> (Format, Vec<Wording>) {
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
    fn subject(&self, dispatch: &Dispatch) -> &str {
        let atlas = &self.draft.atlas;
        let read_point = match &dispatch.claims {
            Claims::Events(numbers) => numbers
                .first()
                .and_then(|no| self.events.get(*no))
                .map(|event| event.read_point),
            Claims::Plans(_) => None,
        };
        let site = read_point.map_or(crate::names::SiteNo(0), |place| atlas.place(place).site);
        &atlas.site(site).name.link
    }
}

/// See [`World::submissions`].
#[derive(Debug)]
pub struct Submissions<'a> {
    world: &'a World,
    next: usize,
    signers: BTreeMap<DeviceNo, Signer>,
    /// Bytes of what will be sent again.
    kept: BTreeMap<usize, Vec<u8>>,
}

impl Iterator for Submissions<'_> {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        let post = *self.world.posts.get(self.next)?;
        self.next += 1;
        let at = post.sent;
        if post.again {
            let bytes = self.kept.remove(&post.dispatch).unwrap_or_default();
            return Some(Sent { at, bytes });
        }
        let world = self.world;
        let dispatch = world.dispatch(post.dispatch);
        let (format, claims) = world.wordings(dispatch);
        let signer = self.signers.entry(dispatch.device).or_insert_with(|| {
            let device = world.draft.atlas.device(dispatch.device);
            Signer::new(world.seed, device, &world.origin)
        });
        let bytes = signer.submit(&ToSign {
            format,
            subject: world.subject(dispatch),
            signed: dispatch.signed,
            claims,
        });
        if dispatch.sent_again.is_some() {
            self.kept.insert(post.dispatch, bytes.clone());
        }
        Some(Sent { at, bytes })
    }
}

#[cfg(test)]
mod tests;
