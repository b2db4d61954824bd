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
            Self::Matter(GroupKey { kind, scope, stage }) => {
                let scope = match scope {
                    Scope::Plan(plan) => format!("plan {plan}"),
                    Scope::Sites(from, to) => format!("sites {from} {to}"),
                    Scope::Site(site) => format!("site {site}"),
                    Scope::Nowhere => "nowhere".to_owned(),
                };
                match stage {
                    Some(stage) => format!("{kind} {scope} stage {stage}"),
                    None => format!("{kind} {scope}"),
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
    use countersign_model::ids::{DocId, PlaceId};
    use countersign_reconcile::Kind;

    use super::*;

    fn check(group: &Group, expect: &str) {
        assert_eq!(group.spelled(), expect);
    }

    fn matter(kind: Kind, scope: Scope, stage: Option<&str>) -> Group {
        Group::Matter(GroupKey {
            kind,
            scope,
            stage: stage.map(Into::into),
        })
    }

    #[test]
    fn spellings_are_frozen() {
        let place = |text| PlaceId::parse(text).expect("place");
        let plan = Scope::Plan(DocId::parse("urn:x:m:1").expect("plan"));
        check(
            &matter(Kind::Missing, plan.clone(), Some("arrive")),
            "missing plan urn:x:m:1 stage arrive",
        );
        check(&matter(Kind::Late, plan, None), "late plan urn:x:m:1");
        check(
            &matter(
                Kind::CustodyGap,
                Scope::Sites(place("urn:x:a"), place("urn:x:b")),
                None,
            ),
            "custody_gap sites urn:x:a urn:x:b",
        );
        check(
            &matter(Kind::Unexpected, Scope::Site(place("urn:x:a")), None),
            "unexpected site urn:x:a",
        );
        check(
            &matter(Kind::ConflictingClaim, Scope::Nowhere, None),
            "conflicting_claim nowhere",
        );
        let key = KeyId(Digest::ZERO);
        check(
            &Group::Chain { key, epoch: 7 },
            &format!("chain {} 7", Digest::ZERO),
        );
        let signer = PrincipalId::parse("device:dock-1").expect("principal");
        check(
            &Group::signer_day(&signer, Timestamp::from_ms(DAY_MS * 3 + 5)),
            "signer device:dock-1 day 3",
        );
    }

    #[test]
    fn ids_are_frozen_and_differ_by_detector() {
        let plan = Scope::Plan(DocId::parse("urn:x:m:1").expect("plan"));
        let group = matter(Kind::Missing, plan, Some("arrive"));
        assert_eq!(
            group.finding_id("missing_units").to_string(),
            "cc1fac553d68d8cbd26b570fb703f46fb71d4a99996ad30135d0652b51b50bf9"
        );
        assert_ne!(
            group.finding_id("missing_units"),
            group.finding_id("late_units")
        );
    }
}
