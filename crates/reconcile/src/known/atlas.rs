//! The network in force, with what the walk asks for at each step looked up once.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::decimal::Decimal;
use countersign_model::fold::ChainPosition;
use countersign_model::gs1::Key;
use countersign_model::ids::{ClassId, PlaceId, PrincipalId};
use countersign_model::network::{ContractMode, Lane, Network, Object, SiteKind};
use countersign_model::position::Position;
use countersign_model::time::{Span, Timestamp};

use super::clocks::Clocks;
use super::fences::{Fences, Whereabouts};
use super::opening::Opening;
use super::register::Register;
use crate::number::{ClassNo, KeyNo, Number, PartyNo, PlaceNo, PrincipalNo, Table, WordNo};
use crate::packed::hash::Secret;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};

/// The tolerance that holds where nothing nearer does.
pub(crate) const TOLERANCE: &str = "default";

/// What the network says of a place. A place that no site owns is a site of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) site: PlaceNo,
    /// Who holds what is there.
    pub(crate) party: Option<PartyNo>,
    pub(crate) is_customer: bool,
    /// How long goods may stay at the site.
    pub(crate) dwell_max: Option<Span>,
    /// The network says where the site lies.
    pub(crate) is_fenced: bool,
    /// A cell on the ground in which nobody's site is.
    pub(crate) is_road: bool,
}

/// What the network says of a principal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signer {
    pub(crate) party: Option<PartyNo>,
    pub(crate) place: Option<PlaceNo>,
    /// Subtracted from its times, unless an act says otherwise of the statement.
    pub(crate) offset_ms: i64,
    /// How late what it says may come.
    pub(crate) grace: Span,
    /// How often it must be heard.
    pub(crate) heartbeat: Option<Span>,
    /// Of a million things that pass it so many are not reported.
    pub(crate) misses_ppm: u32,
}

/// Who signed a statement, and which of theirs it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed {
    pub(crate) issuer: PrincipalNo,
    pub(crate) key: KeyNo,
    pub(crate) chain: Option<ChainPosition>,
}

/// A lane's contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneTerms {
    pub(crate) name: WordNo,
    pub(crate) from: PlaceNo,
    pub(crate) to: PlaceNo,
    pub(crate) carrier: Option<PartyNo>,
    pub(crate) mode: ContractMode,
    pub(crate) grace: Span,
    pub(crate) pick_up_grace: Span,
}

impl LaneTerms {
    /// Whether the contract asks whoever gives to sign.
    pub(crate) const fn asks_giver(&self) -> bool {
        match self.mode {
            ContractMode::Both | ContractMode::Giver => true,
            ContractMode::Receiver | ContractMode::Sighting => false,
        }
    }

    /// Whether the contract asks whoever receives to sign.
    pub(crate) const fn asks_receiver(&self) -> bool {
        match self.mode {
            ContractMode::Both | ContractMode::Receiver => true,
            ContractMode::Giver | ContractMode::Sighting => false,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Atlas {
    pub(crate) network: Network,
    pub(crate) names: Register,
    pub(crate) clocks: Clocks,
    /// Of lots: the class without the lot.
    classes_of_lots: BTreeMap<ClassNo, ClassNo>,
    spots: Table<PlaceNo, Spot>,
    signers: Table<PrincipalNo, Signer>,
    lanes_by_name: BTreeMap<WordNo, LaneTerms>,
    /// The first lane by name between two sites.
    lanes_by_sites: BTreeMap<(PlaceNo, PlaceNo), LaneTerms>,
    /// Between two sites, the least time of all lanes; `None` if one of them says none.
    transit_min: BTreeMap<(PlaceNo, PlaceNo), Option<Span>>,
    /// From a site, the most time of all lanes; `None` if one of them says none.
    transit_max: BTreeMap<PlaceNo, Option<Span>>,
    settles_after: Option<Span>,
    fences: Fences,
    /// Sources that need not be heard at all hours.
    openings: BTreeMap<PrincipalNo, Opening>,
    /// Classes of which an amount is a number of units.
    counting_units: BTreeSet<ClassNo>,
    /// Sources that may say something late, by the site where they stand,
    sources_at: BTreeMap<PlaceNo, Vec<PrincipalNo>>,
    /// and those that stand nowhere, by the party that they speak for.
    roaming_sources: BTreeMap<PartyNo, Vec<PrincipalNo>>,
    /// Sources that must be heard at times, by the site where they stand.
    listened_at: BTreeMap<PlaceNo, Vec<PrincipalNo>>,
    /// What the worst reader of a site misses, in millionths; 0 where nobody misses anything.
    misses_at: BTreeMap<PlaceNo, u32>,
}

impl Atlas {
    pub(crate) fn place(&mut self, place: &PlaceId) -> PlaceNo {
        let number = self.names.places.number(place);
        self.survey();
        number
    }

    pub(crate) fn principal(&mut self, principal: &PrincipalId) -> PrincipalNo {
        let number = self.names.principals.number(principal);
        self.survey();
        number
    }

    /// Number of a class or lot.
    pub(crate) fn class(&mut self, class: &ClassId) -> ClassNo {
        let known = self.names.classes.len();
        let number = self.names.classes.number(class);
        if self.names.classes.len() > known
            && let Some(whole) = class_of_lot(class)
        {
            let whole = self.names.classes.number(&whole);
            self.classes_of_lots.insert(number, whole);
        }
        number
    }

    /// The class that a lot is of.
    pub(crate) fn class_of(&self, lot: ClassNo) -> Option<ClassNo> {
        self.classes_of_lots.get(&lot).copied()
    }

    /// Looks up what the network says of names that are new since the last survey.
    fn survey(&mut self) {
        while self.signers.len() < self.names.principals.len() {
            let number = Number::of(self.signers.len());
            let signer = self.look_up_principal(number);
            self.signers.push(signer);
            self.survey_places();
            self.list_source(number, signer);
        }
        self.survey_places();
    }

    fn survey_places(&mut self) {
        while self.spots.len() < self.names.places.len() {
            let number = Number::of(self.spots.len());
            let spot = self.look_up_place(number);
            self.spots.push(spot);
        }
    }

    fn list_source(&mut self, source: PrincipalNo, signer: Signer) {
        if let (Some(place), 1..) = (signer.place, signer.misses_ppm) {
            let worst = self.misses_at.entry(self.site(place)).or_default();
            *worst = signer.misses_ppm.max(*worst);
        }
        if let (Some(place), Some(_)) = (signer.place, signer.heartbeat) {
            let site = self.site(place);
            self.listened_at.entry(site).or_default().push(source);
        }
        if signer.grace == Span::ZERO {
            return;
        }
        let list = match (signer.place, signer.party) {
            (Some(place), _) => self.sources_at.entry(self.site(place)).or_default(),
            (None, Some(party)) => self.roaming_sources.entry(party).or_default(),
            (None, None) => return,
        };
        list.push(source);
    }

    /// Looks everything up again: the network has changed.
    pub(crate) fn survey_again(&mut self) {
        self.spots = Table::default();
        self.signers = Table::default();
        self.sources_at.clear();
        self.roaming_sources.clear();
        self.listened_at.clear();
        self.misses_at.clear();
        let network = std::mem::take(&mut self.network);
        for object in network.objects() {
            // Also those that never spoke: they may be asked.
            if let Object::Principal(principal) = object {
                self.names.principals.number(&principal.id);
            }
        }
        self.lanes_by_name.clear();
        self.lanes_by_sites.clear();
        self.transit_min.clear();
        self.transit_max.clear();
        for object in network.objects() {
            if let Object::Lane(lane) = object {
                let terms = self.lane_terms(lane);
                self.lanes_by_name.insert(terms.name, terms);
                let ends = (terms.from, terms.to);
                self.lanes_by_sites.entry(ends).or_insert(terms);
                let least = self.transit_min.entry(ends).or_insert(lane.transit_min);
                *least = least.zip(lane.transit_min).map(|(a, b)| a.min(b));
                let most = self.transit_max.entry(terms.from);
                let most = most.or_insert(lane.transit_max);
                *most = most.zip(lane.transit_max).map(|(a, b)| a.max(b));
            }
        }
        self.fences = self.look_up_fences(&network);
        self.openings = self.look_up_openings(&network);
        self.counting_units = network
            .objects()
            .filter_map(|object| match object {
                Object::Product(product) if product.counts_units => Some(&product.class),
                _ => None,
            })
            .map(|class| self.names.classes.number(class))
            .collect();
        let tolerance = network.tolerance(TOLERANCE);
        self.settles_after = tolerance.and_then(|tolerance| tolerance.settles_after);
        self.network = network;
        self.survey();
    }

    fn look_up_fences(&mut self, network: &Network) -> Fences {
        let mut fences = Fences::default();
        for object in network.objects() {
            if let Object::Site(site) = object
                && let Some(fence) = site.fence
            {
                fences.add(fence, self.names.places.number(&site.id));
            }
        }
        fences
    }

    fn look_up_openings(&mut self, network: &Network) -> BTreeMap<PrincipalNo, Opening> {
        let mut openings = BTreeMap::new();
        for object in network.objects() {
            if let Object::Principal(principal) = object
                && let Some(hours) = &principal.hours
            {
                let site = principal.place.as_ref().and_then(|at| network.site_of(at));
                let zone = site.map_or("UTC", |site| site.time_zone.as_str());
                let number = self.names.principals.number(&principal.id);
                openings.insert(number, Opening::new(hours.clone(), zone));
            }
        }
        openings
    }

    fn lane_terms(&mut self, lane: &Lane) -> LaneTerms {
        let names = &mut self.names;
        LaneTerms {
            name: names.words.number(&lane.id),
            from: names.places.number(&lane.from),
            to: names.places.number(&lane.to),
            carrier: lane
                .carrier
                .as_ref()
                .map(|party| names.parties.number(party)),
            mode: lane.mode,
            grace: lane.grace,
            pick_up_grace: lane.pick_up_grace,
        }
    }

    fn look_up_place(&mut self, number: PlaceNo) -> Spot {
        let names = &mut self.names;
        match self.network.site_of(names.places.name(number)) {
            Some(site) => Spot {
                party: Some(names.parties.number(&site.party)),
                is_customer: site.kind == SiteKind::Customer,
                dwell_max: site.dwell_max,
                is_fenced: site.fence.is_some(),
                is_road: false,
                site: names.places.number(&site.id),
            },
            None => Spot {
                site: number,
                party: None,
                is_customer: false,
                dwell_max: None,
                is_fenced: false,
                is_road: Position::parse(names.places.name(number).as_str()).is_ok(),
            },
        }
    }

    fn look_up_principal(&mut self, number: PrincipalNo) -> Signer {
        let names = &mut self.names;
        let Some(principal) = self.network.principal(names.principals.name(number)) else {
            return Signer::default();
        };
        Signer {
            party: principal
                .party
                .as_ref()
                .map(|party| names.parties.number(party)),
            place: principal
                .place
                .as_ref()
                .map(|place| names.places.number(place)),
            offset_ms: principal.clock_offset_ms,
            grace: principal.grace,
            heartbeat: principal.heartbeat,
            misses_ppm: misses_ppm(principal.read_rate),
        }
    }

    pub(crate) fn spot(&self, place: PlaceNo) -> Spot {
        *self.spots.row(place)
    }

    /// The hours in which a source must be heard; `None` if always.
    pub(crate) fn opening(&self, source: PrincipalNo) -> Option<&Opening> {
        self.openings.get(&source)
    }

    /// Whether an amount of a class is a number of units, and nobody's stock.
    pub(crate) fn counts_units(&self, class: ClassNo) -> bool {
        self.counting_units.contains(&class)
    }

    /// Where a position is.
    pub(crate) fn whereabouts(&self, position: Position) -> Whereabouts {
        self.fences.locate(position)
    }

    pub(crate) fn site(&self, place: PlaceNo) -> PlaceNo {
        self.spot(place).site
    }

    pub(crate) fn signer(&self, principal: PrincipalNo) -> Signer {
        *self.signers.row(principal)
    }

    /// Sources at a site that may say something late.
    pub(crate) fn sources_at(&self, site: PlaceNo) -> &[PrincipalNo] {
        self.sources_at.get(&site).map_or(&[], Vec::as_slice)
    }

    /// Sources of a party that stand nowhere and may say something late.
    pub(crate) fn roaming_sources_of(&self, party: PartyNo) -> &[PrincipalNo] {
        self.roaming_sources.get(&party).map_or(&[], Vec::as_slice)
    }

    /// Sources at a site that must be heard at times.
    pub(crate) fn listened_at(&self, site: PlaceNo) -> &[PrincipalNo] {
        self.listened_at.get(&site).map_or(&[], Vec::as_slice)
    }

    /// Of a million things the worst reader of a site does not report so many.
    pub(crate) fn misses_at(&self, site: PlaceNo) -> u32 {
        self.misses_at.get(&site).copied().unwrap_or_default()
    }

    /// How long it takes at least from one site to another, as the lanes that way say, or, if there are
    /// none, those back.
    pub(crate) fn transit_min(&self, from: PlaceNo, to: PlaceNo) -> Option<Span> {
        let there = self.transit_min.get(&(from, to));
        *there.or_else(|| self.transit_min.get(&(to, from)))?
    }

    /// How long goods may be under way from a site that no plan sends.
    pub(crate) fn transit_max(&self, from: PlaceNo) -> Option<Span> {
        *self.transit_max.get(&from)?
    }

    /// How long behind its time an observation may be recorded and still move anything.
    pub(crate) const fn settles_after(&self) -> Option<Span> {
        self.settles_after
    }

    /// A time by the corrected clock of who signed a statement.
    pub(crate) fn corrected(&self, signed: Signed, time: Timestamp) -> Timestamp {
        let measured = signed
            .chain
            .and_then(|chain| self.clocks.offset_ms(signed.key, chain));
        let offset = measured.unwrap_or_else(|| self.signer(signed.issuer).offset_ms);
        Timestamp::from_ms(time.ms().saturating_sub(offset))
    }

    pub(crate) fn lane(&self, name: WordNo) -> Option<&LaneTerms> {
        self.lanes_by_name.get(&name)
    }

    pub(crate) fn lane_between(&self, from: PlaceNo, to: PlaceNo) -> Option<&LaneTerms> {
        self.lanes_by_sites.get(&(from, to))
    }
}

fn misses_ppm(read_rate: Decimal) -> u32 {
    let missed = Decimal::ONE.checked_sub(read_rate);
    let millionths = missed.and_then(|missed| missed.checked_mul(Decimal::whole(1_000_000)));
    let whole = millionths.and_then(Decimal::trunc);
    whole
        .and_then(|ppm| u32::try_from(ppm).ok())
        .unwrap_or_default()
}

fn class_of_lot(lot: &ClassId) -> Option<ClassId> {
    let class = Key::parse(lot.as_str()).ok()?.class_key()?;
    ClassId::parse(class.canonical()).ok()
}

coded! {
    LaneTerms { name, from, to, carrier, mode, grace, pick_up_grace }
}

impl Atlas {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        self.names.keep(out);
        out.whole("network", self.network.clone());
        out.whole("clocks", self.clocks.clone());
        out.whole("classes_of_lots", self.classes_of_lots.clone());
    }

    pub(crate) fn resume(secret: Secret, from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        let mut atlas = Self {
            names: Register::resume(secret, from)?,
            network: from.whole("network")?,
            clocks: from.whole("clocks")?,
            classes_of_lots: from.whole("classes_of_lots")?,
            ..Self::default()
        };
        atlas.survey_again();
        Ok(atlas)
    }
}
