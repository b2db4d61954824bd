//! Made-up discrepancies, statements and batches for tests.

use std::collections::BTreeMap;

use countersign_model::act::{Act, OwnObject};
use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, ChainPosition, FoldBatch, Said};
use countersign_model::ids::{ClassId, DocId, KeyId, PlaceId, PrincipalId, UnitId};
use countersign_model::json::Doc;
use countersign_model::plan::StageKey;
use countersign_model::quantity::{Currency, Money, Quantity, Uom};
use countersign_model::time::Timestamp;
use countersign_reconcile::discrepancy::{
    Amount, Anchor, Disproof, GroupKey, Proof, Scope, SourceWord, Status, Word, id_of,
};
use countersign_reconcile::{Basis, Change, Discrepancy, Kind};

use crate::detect::Detect;
use crate::detector::Detector;
use crate::finding::{Finding, Moved, Severity};

/// 2026-03-02T00:00:00Z.
pub(crate) const DAY: i64 = 1_772_409_600_000;

pub(crate) fn minute(n: i64) -> Timestamp {
    Timestamp::from_ms(DAY + n * 60_000)
}

pub(crate) fn unit(n: u64) -> UnitId {
    UnitId::parse(&format!("urn:x:unit:{n:06}")).expect("unit")
}

pub(crate) fn place(name: &str) -> PlaceId {
    PlaceId::parse(&format!("urn:x:place:{name}")).expect("place")
}

pub(crate) fn signer(name: &str) -> PrincipalId {
    PrincipalId::parse(name).expect("principal")
}

/// Of line `line` of plan `plan` at `stage`, with one unit of the line's number.
pub(crate) fn discrepancy(kind: Kind, plan: u64, line: u64, stage: &str) -> Discrepancy {
    let plan = DocId::parse(&format!("urn:x:plan:{plan}")).expect("plan");
    let anchor = Anchor::Stage(StageKey {
        plan: plan.clone(),
        line: line.to_string().into(),
        stage: stage.into(),
    });
    let at = ClaimRef {
        index: Index(line + 2),
        ordinal: 0,
    };
    Discrepancy {
        id: id_of(kind, &anchor),
        kind,
        anchor,
        group: GroupKey {
            kind,
            scope: Scope::Plan(plan.clone()),
            day: None,
            stage: Some(stage.into()),
        },
        plan: Some(plan),
        units: vec![unit(line)],
        amount: None,
        value: Vec::new(),
        place: Some(place("dock")),
        site: Some(place("site")),
        from: Some(minute(8)),
        until: Some(minute(60)),
        last_proven: Some(Proof {
            claim: at,
            time: minute(5),
            place: Some(place("dock")),
            party: None,
            signer: signer("device:dock"),
            basis: Basis::Countersigned,
            assurance: Assurance::HardwareKey,
        }),
        first_disproven: Some(Disproof::Deadline(minute(60))),
        agreeing: vec![SourceWord {
            time: minute(5),
            signer: signer("device:dock"),
            what: Word::Gave,
            at,
        }],
        disagreeing: Vec::new(),
        entries: vec![at.index],
        facts: BTreeMap::new(),
        status: Status::Open,
    }
}

pub(crate) fn worth(mut discrepancy: Discrepancy, amount: &str) -> Discrepancy {
    discrepancy.value = vec![Money {
        amount: Decimal::parse(amount).expect("amount"),
        currency: Currency::parse("EUR").expect("currency"),
    }];
    discrepancy
}

pub(crate) fn short_of(mut discrepancy: Discrepancy, pieces: i64) -> Discrepancy {
    discrepancy.units.clear();
    discrepancy.amount = Some(Amount {
        class: ClassId::parse("urn:x:class:1").expect("class"),
        difference: Quantity {
            value: Decimal::whole(pieces),
            uom: Uom::PIECES,
        },
    });
    discrepancy
}

pub(crate) fn retracted(discrepancy: &Discrepancy, superseded_by: Option<Digest>) -> Change {
    Change::Retracted {
        id: discrepancy.id,
        kind: discrepancy.kind,
        superseded_by,
        units: discrepancy.units.clone(),
        site: discrepancy.site.clone(),
    }
}

pub(crate) fn key(n: u8) -> KeyId {
    KeyId(Digest::new([n; 32]))
}

/// By the holder of key 1 in epoch 1.
pub(crate) fn statement(index: u64, counter: u64, marks: &[Mark]) -> AdmittedStatement {
    AdmittedStatement {
        index: Index(index),
        issuer: signer("device:gate"),
        key: key(1),
        assurance: Assurance::SoftwareKey,
        marks: marks.to_vec(),
        signed: None,
        chain: Some(ChainPosition { epoch: 1, counter }),
        claims: Vec::new(),
    }
}

pub(crate) fn batch(index: u64, tick: Timestamp, statements: Vec<AdmittedStatement>) -> FoldBatch {
    FoldBatch {
        index: Index(index),
        recorded: tick,
        tick,
        statements,
    }
}

/// The node's statement that records the moves, as it comes back out of the log.
pub(crate) fn records(index: u64, moved: &[Moved]) -> AdmittedStatement {
    let claim = |(ordinal, moved): (usize, &Moved)| {
        let doc = Doc::parse(moved.json.as_bytes()).expect("JSON");
        let Ok(OwnObject::Act(act)) = OwnObject::from_json(doc.root()) else {
            panic!("no act: {}", moved.json);
        };
        assert!(matches!(act, Act::Finding(_)), "{}", moved.json);
        AdmittedClaim {
            at: ClaimRef {
                index: Index(index),
                ordinal: u32::try_from(ordinal).expect("ordinal"),
            },
            digest: Digest::of(moved.json.as_bytes()),
            status: ClaimStatus::Effective,
            said: Some(Said::Act(act)),
        }
    };
    AdmittedStatement {
        index: Index(index),
        issuer: signer("node"),
        key: key(9),
        assurance: Assurance::SoftwareKey,
        marks: Vec::new(),
        signed: None,
        chain: None,
        claims: moved.iter().enumerate().map(claim).collect(),
    }
}

/// The `check` of a detector's table: what it finds in discrepancies that open together, each
/// finding by severity and explanation.
pub(crate) fn check_of(
    detector: &Detector,
) -> impl Fn(&[Discrepancy], &[(Severity, &'static str)]) {
    |discrepancies, expect| {
        let changes: Vec<Change> = discrepancies.iter().cloned().map(Change::Opened).collect();
        let mut detect = Detect::default();
        let moved = detect.apply(&batch(3, minute(61), Vec::new()), &changes);
        let findings = moved.into_iter().map(|moved| moved.finding);
        let found: Vec<Finding> = findings
            .filter(|finding| finding.kind == detector.id)
            .collect();
        assert_eq!(verdicts(&found), expect, "{}", detector.id);
    }
}

/// Severity and explanation of each, for tables.
pub(crate) fn verdicts(findings: &[Finding]) -> Vec<(Severity, &'static str)> {
    let verdict = |finding: &Finding| (finding.severity, finding.template);
    findings.iter().map(verdict).collect()
}
