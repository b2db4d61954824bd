//! A timeline as JSON, written and read back.

use countersign_model::network::Network;
use countersign_model::time::Timestamp;
use countersign_reconcile::{Account, Discrepancy, ExpectationView, Link, Timeline};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::instant::Instant;
use crate::names::Names;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TimelineWire {
    pub(super) unit: String,
    pub(super) keys: Vec<String>,
    pub(super) account: AccountWire,
    /// When it was itself observed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) observed: Option<Instant>,
    pub(super) links: Vec<LinkWire>,
    #[serde(default)]
    pub(super) forgotten: u64,
    pub(super) expectations: Vec<ExpectationWire>,
    pub(super) discrepancies: Vec<DiscrepancyWire>,
    #[serde(default)]
    pub(super) names: Names,
}

/// An account: what, whose, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountWire {
    pub(crate) account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "link", rename_all = "snake_case")]
pub(super) enum LinkWire {
    Claim(ClaimWire),
    Gap(GapWire),
    WrittenOff { claim: String, time: Instant },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClaimWire {
    pub(super) claim: String,
    pub(super) time: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<String>,
    pub(super) documents: Vec<String>,
    pub(super) signer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) party: Option<String>,
    pub(super) assurance: String,
    /// The container that it names in place of the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) inside: Option<String>,
    pub(super) effect: String,
    #[serde(rename = "account_after")]
    pub(super) account: AccountWire,
    pub(super) basis: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GapWire {
    pub(super) from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    pub(super) until: Instant,
    /// It has not been seen since.
    #[serde(default)]
    pub(super) open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExpectationWire {
    pub(super) plan: String,
    pub(super) line: String,
    pub(super) stage: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    pub(super) due: Instant,
    pub(super) deadline: Instant,
    pub(super) state: String,
}

/// A standing discrepancy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiscrepancyWire {
    pub(crate) discrepancy: String,
    pub(crate) discrepancy_kind: String,
    pub(crate) status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Instant>,
    pub(crate) entries: Vec<u64>,
}

impl TimelineWire {
    pub(super) fn of(timeline: &Timeline, network: &Network) -> Self {
        Self {
            unit: timeline.unit.to_string(),
            keys: timeline.keys.iter().map(ToString::to_string).collect(),
            account: AccountWire::of(&timeline.account),
            observed: timeline.observed.map(Instant),
            links: timeline.links.iter().map(LinkWire::of).collect(),
            forgotten: timeline.forgotten,
            expectations: timeline
                .expectations
                .iter()
                .map(ExpectationWire::of)
                .collect(),
            discrepancies: timeline
                .discrepancies
                .iter()
                .map(DiscrepancyWire::of)
                .collect(),
            names: names(timeline, network),
        }
    }

    /// Whether the newest word is of a container, and not of the unit itself.
    pub(super) fn is_inferred(&self) -> bool {
        let mut claims = self.links.iter().filter_map(|link| match link {
            LinkWire::Claim(claim) if claim.effect == "effective" => Some(claim),
            LinkWire::Claim(_) | LinkWire::Gap(_) | LinkWire::WrittenOff { .. } => None,
        });
        claims
            .next_back()
            .is_some_and(|claim| claim.inside.is_some())
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }
}

fn names(timeline: &Timeline, network: &Network) -> Names {
    let mut names = Names::default();
    let mut add = |place: Option<&countersign_model::ids::PlaceId>| {
        if let Some(place) = place {
            names.add_place(network, place);
        }
    };
    add(timeline.account.place.as_ref());
    for link in &timeline.links {
        match link {
            Link::Claim {
                place,
                site,
                account,
                ..
            } => {
                add(place.as_ref());
                add(site.as_ref());
                add(account.place.as_ref());
            }
            Link::Gap { from, to, .. } => {
                add(Some(from));
                add(to.as_ref());
            }
            Link::WrittenOff { .. } => {}
        }
    }
    for one in &timeline.expectations {
        add(one.place.as_ref());
    }
    for one in &timeline.discrepancies {
        add(one.place.as_ref());
    }
    names
}

impl AccountWire {
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            account: account.kind.as_str().to_owned(),
            party: account.party.as_ref().map(ToString::to_string),
            place: account.place.as_ref().map(ToString::to_string),
        }
    }
}

impl LinkWire {
    fn of(link: &Link) -> Self {
        match link {
            Link::Claim {
                claim,
                time,
                place,
                site,
                step,
                documents,
                signer,
                party,
                assurance,
                inside,
                effect,
                account,
                basis,
            } => Self::Claim(ClaimWire {
                claim: claim.to_string(),
                time: Instant(*time),
                place: place.as_ref().map(ToString::to_string),
                site: site.as_ref().map(ToString::to_string),
                step: step.as_deref().map(str::to_owned),
                documents: documents.iter().map(ToString::to_string).collect(),
                signer: signer.to_string(),
                party: party.as_ref().map(ToString::to_string),
                assurance: assurance.as_str().to_owned(),
                inside: inside.as_ref().map(ToString::to_string),
                effect: effect.as_str().to_owned(),
                account: AccountWire::of(account),
                basis: basis.as_str().to_owned(),
            }),
            Link::Gap {
                from,
                since,
                to,
                until,
                is_open,
            } => Self::Gap(GapWire {
                from: from.to_string(),
                since: since.map(Instant),
                to: to.as_ref().map(ToString::to_string),
                until: Instant(*until),
                open: *is_open,
            }),
            Link::WrittenOff { claim, time } => Self::WrittenOff {
                claim: claim.to_string(),
                time: Instant(*time),
            },
        }
    }

    /// The instant under which it is shown, and the place whose clock tells it.
    pub(super) fn when(&self) -> (Timestamp, Option<&str>) {
        match self {
            Self::Claim(claim) => {
                let place = claim.place.as_deref().or(claim.site.as_deref());
                (claim.time.0, place)
            }
            Self::Gap(gap) => (gap.until.0, gap.to.as_deref()),
            Self::WrittenOff { time, .. } => (time.0, None),
        }
    }
}

impl ExpectationWire {
    fn of(one: &ExpectationView) -> Self {
        Self {
            plan: one.key.plan.to_string(),
            line: one.key.line.to_string(),
            stage: one.key.stage.to_string(),
            place: one.place.as_ref().map(ToString::to_string),
            due: Instant(one.due),
            deadline: Instant(one.deadline),
            state: one.state.as_str().to_owned(),
        }
    }
}

impl DiscrepancyWire {
    pub(crate) fn of(one: &Discrepancy) -> Self {
        let stage = one.stage().map(|key| key.stage.to_string());
        Self {
            discrepancy: one.id.to_string(),
            discrepancy_kind: one.kind.as_str().to_owned(),
            status: one.status.as_str().to_owned(),
            plan: one.plan.as_ref().map(ToString::to_string),
            stage,
            place: one.place.as_ref().map(ToString::to_string),
            from: one.from.map(Instant),
            until: one.until.map(Instant),
            entries: one.entries.iter().map(|entry| entry.0).collect(),
        }
    }
}
