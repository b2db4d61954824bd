//! Real air freight: 3,942 journeys of a forwarder, read here the way its mapping file says.
//! The table itself says how many were late; the ledger must find the same.

use std::path::Path;

use super::story::{batch, clock};
use countersign_model::claim::{Claim, Fact, Reached};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, Fold, Said};
use countersign_model::ids::{ClaimId, DocId, KeyId, PrincipalId, UnitId};
use countersign_model::plan::{Expectation, StageKey};
use countersign_model::time::{EventTime, Span, Timestamp};
use countersign_reconcile::Ledger;

const MILESTONES: [&str; 8] = [
    "rcs", "dep_1", "rcf_1", "dep_2", "rcf_2", "dep_3", "rcf_3", "dlv",
];

/// One row of the table: minutes by column name.
struct Row<'a> {
    names: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl Row<'_> {
    fn minutes(&self, name: &str) -> i64 {
        let at = self
            .names
            .iter()
            .position(|other| *other == name)
            .expect("a column");
        self.cells[at].parse().expect("a whole number")
    }
}

/// Milestones of one leg: line, stage, planned and effective minute of the journey.
fn leg(row: &Row<'_>, leg: &str, start: (i64, i64)) -> Vec<(String, i64, i64)> {
    let (mut planned, mut effective) = start;
    let mut reached = Vec::new();
    for stage in MILESTONES {
        let (p, e) = (
            row.minutes(&format!("{leg}_{stage}_p")),
            row.minutes(&format!("{leg}_{stage}_e")),
        );
        if (p, e) != (0, 0) {
            planned += p;
            effective += e;
            reached.push((stage.to_owned(), planned, effective));
        }
    }
    reached
}

fn facts(row: &Row<'_>) -> (Vec<Fact>, bool) {
    let shipment = row.minutes("o_legid");
    let unit = UnitId::private("shipment", &shipment.to_string()).expect("unit");
    let plan = DocId::private("plan", &shipment.to_string()).expect("plan");
    let minute =
        |n: i64| EventTime::instant(Timestamp::from_ms(clock("00:00").ms() + n * 60_000), None);
    let mut facts = Vec::new();
    let mut say = |line: &str, group: &str, milestones: &[(String, i64, i64)]| {
        for (stage, planned, effective) in milestones {
            let key = StageKey {
                plan: plan.clone(),
                line: line.into(),
                stage: stage.as_str().into(),
            };
            facts.push(Fact::Expected(Expectation {
                key: key.clone(),
                group: group.into(),
                unit: unit.clone(),
                place: None,
                due: minute(*planned),
                grace: Span::ZERO,
            }));
            facts.push(Fact::Reached(Reached {
                unit: unit.clone(),
                stage: key,
                time: minute(*effective),
                place: None,
            }));
        }
    };
    let mut inbound = (0, 0);
    for line in ["i1", "i2", "i3"] {
        let milestones = leg(row, line, (0, 0));
        if let Some((_, planned, effective)) = milestones.last() {
            inbound = (inbound.0.max(*planned), inbound.1.max(*effective));
        }
        say(line, "inbound", &milestones);
    }
    let outbound = leg(row, "o", inbound);
    say("o", "outbound", &outbound);
    let (_, planned, effective) = outbound.last().expect("every journey flies out");
    let is_late = effective > planned;
    (facts, is_late)
}

fn statement(number: u64, facts: Vec<Fact>) -> AdmittedStatement {
    let issuer = PrincipalId::parse("forwarder").expect("name");
    let id = ClaimId::of_event(&issuer, &number.to_string(), None);
    let at = ClaimRef {
        index: Index(number),
        ordinal: 0,
    };
    AdmittedStatement {
        index: at.index,
        key: KeyId(id.0),
        issuer,
        assurance: Assurance::Import,
        marks: Vec::new(),
        signed: None,
        chain: None,
        claims: vec![AdmittedClaim {
            at,
            digest: id.0,
            status: ClaimStatus::Effective,
            said: Some(Said::Claim(Claim {
                id,
                fingerprint: Digest::ZERO,
                time: EventTime::instant(clock("00:00"), None),
                facts,
                correction: None,
                warnings: Vec::new(),
            })),
        }],
    }
}

fn table() -> Option<String> {
    let root = std::env::var_os("COUNTERSIGN_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let found = std::fs::read_to_string(root.join("real/cargo2000/c2k_data_comma.csv")).ok();
    if found.is_none() {
        println!("data absent: real/cargo2000/c2k_data_comma.csv");
    }
    found
}

#[test]
fn late_journeys_are_found_as_the_table_has_them() {
    let Some(table) = table() else {
        return;
    };
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut ledger = Ledger::default();
    let mut out = Vec::new();
    let mut late_journeys = 0;
    let mut statements = Vec::new();
    for (line, number) in lines.zip(2..) {
        let row = Row {
            names: &names,
            cells: line.split(',').collect(),
        };
        let (facts, is_late) = facts(&row);
        late_journeys += u64::from(is_late);
        statements.push(statement(number, facts));
    }
    let journeys = statements.len() as u64;
    ledger.apply(&batch(2, clock("00:00"), statements), &mut out);
    assert!(out.is_empty(), "nothing is due");
    let end = clock("00:00").plus(Span::from_secs(400 * 86_400));
    ledger.apply(&batch(3, end, Vec::new()), &mut out);
    ledger.check_conservation();
    let totals = ledger.totals();
    assert_eq!((totals.units, journeys), (3_942, 3_942));
    assert_eq!(late_journeys, 1_048, "as the source of the table says");
    let delivered_late = ledger.standing().filter(|d| {
        let stage = d.stage().expect("milestones only");
        (&*stage.line, &*stage.stage) == ("o", "dlv")
    });
    assert_eq!(delivered_late.count() as u64, late_journeys);
    let outbound = &totals.groups["outbound"];
    assert_eq!(outbound.stages["dlv"].late, late_journeys);
    assert!(outbound.units_late >= late_journeys);
    assert_eq!(totals.counts.missing + totals.counts.pending, 0);
}
