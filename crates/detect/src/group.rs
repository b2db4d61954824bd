//! What belongs together as one matter to a person, and the id of the finding about it.

use countersign_model::digest::Digest;
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::time::{DAY_MS, Timestamp};
use countersign_reconcile::discrepancy::{GroupKey, Scope};

/// What the members of one finding have in common. Units are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Discrepancies that the ledger groups.
    Matter(GroupKey),
    /// The chain of one key in one epoch.
    Chain { key: KeyId, epoch: u64 },
    /// What one principal signed on one day (UTC, by the tick).
    SignerDay { signer: PrincipalId, day: Timestamp },
}

impl Group {
    /// The day of `tick` as the group of a signer.
    pub(crate) fn signer_day(signer: &PrincipalId, tick: Timestamp) -> Self {
        let day = Timestamp::from_ms(tick.ms().div_euclid(DAY_MS) * DAY_MS);
        Self::SignerDay {
            signer: signer.clone(),
            day,
        }
    }

    /// The milestone that the members have in common.
    pub(crate) fn stage(&self) -> Option<&str> {
        match self {
            Self::Matter(key) => key.stage.as_deref(),
            Self::Chain { .. } | Self::SignerDay { .. } => None,
        }
    }

    /// The group as one text, different for different groups: keys and names hold no white
    /// space, and the stage, which may, comes last. Part of ids: it never changes.
    fn spelled(&self) -> String {
        match self {
            Self::Matter(GroupKey {
                kind,
                scope,
                day,
                stage,
            }) => {
                let scope = match scope {
                    Scope::Plan(plan) => format!("plan {plan}"),
                    Scope::Sites(from, to) => format!("sites {from} {to}"),
                    Scope::Site(site) => format!("site {site}"),
                    Scope::Source(source) => format!("source {source}"),
                    Scope::Nowhere => "nowhere".to_owned(),
                };
                let day = day.map_or_else(String::new, |day| format!(" day {}", day.0));
                match stage {
                    Some(stage) => format!("{kind} {scope}{day} stage {stage}"),
                    None => format!("{kind} {scope}{day}"),
                }
            }
            Self::Chain { key, epoch } => format!("chain {key} {epoch}"),
            Self::SignerDay { signer, day } => {
                format!("signer {signer} day {}", day.ms().div_euclid(DAY_MS))
            }
        }
    }

    /// Id of the finding that the detector makes of this group (format law 10).
    pub(crate) fn finding_id(&self, detector: &str) -> Digest {
        let spelled = self.spelled();
        let parts = [detector.as_bytes(), spelled.as_bytes()];
        Digest::of_parts("countersign/finding/v1", &parts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countersign_model::digest::hex_decode;
    use countersign_model::ids::{DocId, PlaceId};
    use countersign_reconcile::Kind;
    use countersign_reconcile::discrepancy::Day;
    use serde_json::Value;

    use super::*;
    use crate::rules;

    const VECTORS: [&str; 2] = [
        include_str!("../../../testdata/vectors/custody/v1/finding-ids.json"),
        include_str!("../../../testdata/vectors/custody/v1-sources/finding-ids.json"),
    ];

    fn text<'v>(value: &'v Value, name: &str) -> &'v str {
        value[name].as_str().expect("a text")
    }

    fn scope(value: &Value) -> Scope {
        let place = |name| PlaceId::parse(text(value, name)).expect("a place");
        if value["plan"].is_string() {
            Scope::Plan(DocId::parse(text(value, "plan")).expect("a plan"))
        } else if value["from"].is_string() {
            Scope::Sites(place("from"), place("to"))
        } else if value["site"].is_string() {
            Scope::Site(place("site"))
        } else if value["source"].is_string() {
            Scope::Source(PrincipalId::parse(text(value, "source")).expect("a principal"))
        } else {
            Scope::Nowhere
        }
    }

    fn group(value: &Value) -> Group {
        if value["kind"].is_string() {
            Group::Matter(GroupKey {
                kind: Kind::parse(text(value, "kind")).expect("a kind"),
                scope: scope(&value["scope"]),
                day: value["day"].as_i64().map(Day),
                stage: value["stage"].as_str().map(Into::into),
            })
        } else if value["key"].is_string() {
            Group::Chain {
                key: KeyId(Digest::from_hex(text(value, "key")).expect("a key's id")),
                epoch: value["epoch"].as_u64().expect("a number"),
            }
        } else {
            let signer = PrincipalId::parse(text(value, "signer")).expect("a principal");
            let (tick, _) = Timestamp::parse(text(value, "tick")).expect("a time");
            Group::signer_day(&signer, tick)
        }
    }

    #[test]
    fn ids_are_frozen_and_differ_by_detector() {
        let mut cases: Vec<Value> = Vec::new();
        for vectors in VECTORS {
            let vectors: Value = serde_json::from_str(vectors).expect("JSON");
            cases.extend_from_slice(vectors["cases"].as_array().expect("a list"));
        }
        for case in &cases {
            let (name, detector) = (text(case, "name"), text(case, "detector"));
            assert!(rules().any(|rule| rule.id == detector), "{name}");
            let group = group(&case["group"]);
            assert_eq!(group.spelled(), text(case, "spelled"), "{name}");
            let id = group.finding_id(detector);
            assert_eq!(id.to_string(), text(case, "id"), "{name}");
            let hashed = hex_decode(text(case, "hashed")).expect("hexadecimal");
            assert_eq!(id, Digest::of(&hashed), "{name}");
        }
        // Two instants of one day are one.
        let ids: BTreeSet<&str> = cases.iter().map(|case| text(case, "id")).collect();
        assert_eq!(ids.len() + 1, cases.len());
    }
}
