//! The network in force, with what the walk asks for at each step looked up once.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_model::gs1::Key;
use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, PrincipalId};
use countersign_model::network::{ContractMode, Lane, Network, Object, SiteKind};
use countersign_model::time::{Span, Timestamp};

use crate::number::{
    ClassNo, DocNo, Names, Number, PartyNo, PlaceNo, PrincipalNo, Table, Text, WordNo,
};
use crate::packed::hash::Secret;
use crate::packed::unit_names::UnitNames;

impl Text for PlaceId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for PartyId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for DocId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for ClassId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for PrincipalId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for Arc<str> {
    fn text(&self) -> &str {
        self
    }
}

/// Every text that the ledger has a number for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    pub(crate) units: UnitNames,
    pub(crate) places: Names<PlaceNo, PlaceId>,
    pub(crate) parties: Names<PartyNo, PartyId>,
    pub(crate) docs: Names<DocNo, DocId>,
    pub(crate) classes: Names<ClassNo, ClassId>,
    pub(crate) principals: Names<PrincipalNo, PrincipalId>,
    pub(crate) words: Names<WordNo, Arc<str>>,
}

impl Register {
    /// No text yet. The secret keeps anybody outside from choosing texts that are found slowly.
    pub(crate) fn keyed(secret: Secret) -> Self {
        Self {
            units: UnitNames::keyed(secret),
            places: Names::keyed(secret),
            parties: Names::keyed(secret),
            docs: Names::keyed(secret),
            classes: Names::keyed(secret),
            principals: Names::keyed(secret),
            words: Names::keyed(secret),
        }
    }
}

/// What the network says of a place. A place that no site owns is a site of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) site: PlaceNo,
    /// Who holds what is there.
    pub(crate) party: Option<PartyNo>,
    pub(crate) is_customer: bool,
}

/// What the network says of a principal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signer {
    pub(crate) party: Option<PartyNo>,
    pub(crate) place: Option<PlaceNo>,
    /// Subtracted from its times.
    pub(crate) offset_ms: i64,
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

#[derive(Clone, Debug, Default)]
pub(crate) struct Atlas {
    pub(crate) network: Network,
    pub(crate) names: Register,
    /// Of lots: the class without the lot.
    classes_of_lots: BTreeMap<ClassNo, ClassNo>,
    spots: Table<PlaceNo, Spot>,
    signers: Table<PrincipalNo, Signer>,
    lanes_by_name: BTreeMap<WordNo, LaneTerms>,
    /// The first lane by name between two sites.
    lanes_by_sites: BTreeMap<(PlaceNo, PlaceNo), LaneTerms>,
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
        while self.spots.len() < self.names.places.len() {
            let number = Number::of(self.spots.len());
            let spot = self.look_up_place(number);
            self.spots.push(spot);
        }
        while self.signers.len() < self.names.principals.len() {
            let number = Number::of(self.signers.len());
            let signer = self.look_up_principal(number);
            self.signers.push(signer);
        }
    }

    /// Looks everything up again: the network has changed.
    pub(crate) fn survey_again(&mut self) {
        self.spots = Table::default();
        self.signers = Table::default();
        self.survey();
        let network = std::mem::take(&mut self.network);
        self.lanes_by_name.clear();
        self.lanes_by_sites.clear();
        for object in network.objects() {
            if let Object::Lane(lane) = object {
                let terms = self.lane_terms(lane);
                self.lanes_by_name.insert(terms.name, terms);
                let ends = (terms.from, terms.to);
                self.lanes_by_sites.entry(ends).or_insert(terms);
            }
        }
        self.network = network;
        self.survey();
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
                site: names.places.number(&site.id),
            },
            None => Spot {
                site: number,
                party: None,
                is_customer: false,
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
        }
    }

    pub(crate) fn spot(&self, place: PlaceNo) -> Spot {
        *self.spots.row(place)
    }

    pub(crate) fn site(&self, place: PlaceNo) -> PlaceNo {
        self.spot(place).site
    }

    pub(crate) fn signer(&self, principal: PrincipalNo) -> Signer {
        *self.signers.row(principal)
    }

    /// A time by the principal's corrected clock.
    pub(crate) fn corrected(&self, principal: PrincipalNo, time: Timestamp) -> Timestamp {
        let offset = self.signer(principal).offset_ms;
        Timestamp::from_ms(time.ms().saturating_sub(offset))
    }

    pub(crate) fn lane(&self, name: WordNo) -> Option<&LaneTerms> {
        self.lanes_by_name.get(&name)
    }

    pub(crate) fn lane_between(&self, from: PlaceNo, to: PlaceNo) -> Option<&LaneTerms> {
        self.lanes_by_sites.get(&(from, to))
    }
}

fn class_of_lot(lot: &ClassId) -> Option<ClassId> {
    let class = Key::parse(lot.as_str()).ok()?.class_key()?;
    ClassId::parse(class.canonical()).ok()
}
