//! A small day for tests: two sites, one truck, and what the ledger and the detectors make of it.

use countersign_detect::{Detect, Finding};
use countersign_model::act::{Act, OwnObject};
use countersign_model::claim::{Action, Claim, EventKind, Fact, Sighting, Step};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark};
use countersign_model::fold::{
    AdmittedClaim, AdmittedStatement, ChainPosition, Fold as _, FoldBatch, Said,
};
use countersign_model::ids::{ClaimId, DocId, KeyId, PlaceId, PrincipalId, UnitId};
use countersign_model::json::Doc;
use countersign_model::time::{EventTime, Timestamp};
use countersign_reconcile::Ledger;

pub(crate) const UNITS: [&str; 3] = [
    "urn:epc:id:sscc:4012345.3111111111",
    "urn:epc:id:sscc:4012345.3111111112",
    "urn:countersign:key:1:plate:LP-77",
];

const NETWORK: [(&str, &str); 3] = [
    (
        "site",
        r#"{"id":"urn:epc:id:sgln:4012345.00001.0","label":"Amsterdam warehouse",
            "party":"urn:epc:id:pgln:4012345.00001","kind":"warehouse",
            "time_zone":"Europe/Amsterdam","places":["urn:countersign:key:1:dock:1"]}"#,
    ),
    (
        "site",
        r#"{"id":"urn:epc:id:sgln:4012345.00002.0","label":"Lisbon hub",
            "party":"urn:epc:id:pgln:4012345.00002","kind":"hub",
            "time_zone":"Europe/Lisbon","places":["urn:countersign:key:1:gate:9"]}"#,
    ),
    (
        "lane",
        r#"{"id":"ams-lis","from":"urn:epc:id:sgln:4012345.00001.0",
            "to":"urn:epc:id:sgln:4012345.00002.0","carrier":"urn:epc:id:pgln:4098765.00001",
            "mode":"both","grace":"PT15M","pick_up_grace":"PT30M"}"#,
    ),
];

const MANIFEST: &str = r#"{"type":"Manifest","id":"urn:example:desadv:4711",
    "eventTime":"2026-03-01T18:00:00+01:00","lane":"ams-lis",
    "from":"urn:epc:id:sgln:4012345.00001.0","to":"urn:epc:id:sgln:4012345.00002.0",
    "departBy":"2026-03-02T08:00:00+01:00","arriveBy":"2026-03-02T18:00:00+00:00","lines":[
    {"line":"1","unit":"urn:epc:id:sscc:4012345.3111111111","value":"2400","currency":"EUR"},
    {"line":"2","unit":"urn:epc:id:sscc:4012345.3111111112","value":"2600","currency":"EUR"},
    {"line":"3","unit":"urn:countersign:key:1:plate:LP-77","value":"649.5","currency":"EUR"}]}"#;

pub(crate) struct Day {
    pub(crate) ledger: Ledger,
    pub(crate) detect: Detect,
    index: u64,
}

pub(crate) fn unit(n: usize) -> UnitId {
    UnitId::parse(UNITS[n]).expect("unit")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("time").0
}

fn own(text: &str) -> OwnObject {
    OwnObject::from_json(Doc::parse(text.as_bytes()).expect("JSON").root()).expect("object")
}

impl Day {
    /// Unit 0 leaves and arrives, unit 1 leaves and never comes, unit 2 is never loaded. The
    /// carrier does not sign. The gate's key tells two stories.
    pub(crate) fn played() -> Self {
        let mut day = Self {
            ledger: Ledger::default(),
            detect: Detect::default(),
            index: 1,
        };
        let defines = NETWORK.map(|(kind, value)| {
            let act = own(&format!(
                r#"{{"type":"Define","object":"{kind}","value":{value}}}"#
            ));
            match act {
                OwnObject::Act(act @ Act::Define(_)) => Said::Act(act),
                other => panic!("no definition: {other:?}"),
            }
        });
        day.commit(
            "2026-03-01T12:00:00Z",
            vec![("administrator", &[], defines.to_vec())],
        );
        let OwnObject::Testimony(manifest) = own(MANIFEST) else {
            panic!("no manifest");
        };
        let plan = claim(at("2026-03-01T17:00:00Z"), manifest);
        day.commit(
            "2026-03-01T17:00:01Z",
            vec![("service:wms", &[], vec![plan])],
        );
        let dock = "urn:countersign:key:1:dock:1";
        let gate = "urn:countersign:key:1:gate:9";
        let stored = sighting("2026-03-02T05:30:00Z", "storing", dock, &[0, 1, 2]);
        let gone = sighting("2026-03-02T06:52:10Z", "departing", dock, &[0, 1]);
        let come = sighting("2026-03-02T17:41:00Z", "receiving", gate, &[0]);
        day.commit(
            "2026-03-02T05:31:00Z",
            vec![("device:dock-1", &[], vec![stored])],
        );
        day.commit(
            "2026-03-02T06:53:00Z",
            vec![("device:dock-1", &[], vec![gone])],
        );
        let marks = &[Mark::Equivocation][..];
        day.commit(
            "2026-03-02T17:42:00Z",
            vec![("device:gate-9", marks, vec![come])],
        );
        day.commit("2026-03-02T18:20:00Z", Vec::new());
        day
    }

    fn commit(&mut self, tick: &str, said: Vec<(&str, &[Mark], Vec<Said>)>) {
        let mut statements = Vec::new();
        for (issuer, marks, said) in said {
            self.index += 1;
            statements.push(statement(self.index, issuer, marks, said));
        }
        self.index += 1;
        let batch = FoldBatch {
            index: Index(self.index),
            recorded: at(tick),
            tick: at(tick),
            statements,
        };
        let mut changes = Vec::new();
        self.ledger.apply(&batch, &mut changes);
        self.detect.apply(&batch, &changes);
    }

    pub(crate) fn finding(&self, template: &str) -> &Finding {
        let mut found = self.detect.findings().filter(|it| it.template == template);
        let all = || {
            self.detect
                .findings()
                .map(|it| it.template)
                .collect::<Vec<_>>()
        };
        found
            .next()
            .unwrap_or_else(|| panic!("no {template} in {:?}", all()))
    }
}

fn statement(index: u64, issuer: &str, marks: &[Mark], said: Vec<Said>) -> AdmittedStatement {
    let claims = said
        .into_iter()
        .zip(0..)
        .map(|(said, ordinal)| AdmittedClaim {
            at: ClaimRef {
                index: Index(index),
                ordinal,
            },
            digest: Digest::of(&[index.to_be_bytes(), u64::from(ordinal).to_be_bytes()].concat()),
            status: ClaimStatus::Effective,
            said: Some(said),
        });
    AdmittedStatement {
        index: Index(index),
        issuer: PrincipalId::parse(issuer).expect("principal"),
        key: KeyId(Digest::of(issuer.as_bytes())),
        assurance: Assurance::HardwareKey,
        marks: marks.to_vec(),
        signed: None,
        chain: Some(ChainPosition {
            epoch: 1,
            counter: 1,
        }),
        claims: claims.collect(),
    }
}

fn claim(time: Timestamp, fact: Fact) -> Said {
    let id = Digest::of(format!("{time} {fact:?}").as_bytes());
    Said::Claim(Claim {
        id: ClaimId(id),
        fingerprint: id,
        time: EventTime::instant(time, Some(0)),
        facts: vec![fact],
        correction: None,
        warnings: Vec::new(),
    })
}

fn sighting(time: &str, step: &str, place: &str, units: &[usize]) -> Said {
    let fact = Fact::Sighting(Sighting {
        kind: EventKind::Object,
        action: Some(Action::Observe),
        time: EventTime::instant(at(time), Some(0)),
        step: Some(Step::parse(step)),
        disposition: None,
        place: Some(PlaceId::parse(place).expect("place")),
        location: None,
        units: units.iter().map(|n| unit(*n)).collect(),
        parent: None,
        outputs: Vec::new(),
        quantities: Vec::new(),
        output_quantities: Vec::new(),
        from: None,
        to: None,
        documents: vec![DocId::parse("urn:example:desadv:4711").expect("document")],
        weights: Vec::new(),
        value: None,
    });
    claim(at(time), fact)
}
