//! Checking what the node promised, by the verifier that a stranger would use.

use std::path::Path;

use countersign_node::request::Request;
use countersign_node::{Session, wire};
use countersign_verify::{Trust, Verdict, verify_pack, verify_receipts};
use serde_json::Value;

use crate::fail::Failure;
use crate::ui;

/// Entries whose receipts are checked together.
const ENTRIES_A_ROUND: u64 = 256;

/// What the check gave.
#[derive(Debug)]
pub(super) struct Proof {
    /// Receipts that were checked.
    pub(super) receipts: u64,
    /// Every one of them and the pack are proven.
    pub(super) verified: bool,
    /// The same in words.
    pub(super) words: String,
    /// A unit to go on with.
    pub(super) unit: String,
}

impl Proof {
    /// Nothing was checked.
    pub(super) fn left_out(findings: &[Value]) -> Self {
        Self {
            receipts: 0,
            verified: false,
            words: "left out".to_owned(),
            unit: first_unit(gravest(findings)),
        }
    }
}

fn first_unit(finding: Option<&Value>) -> String {
    let unit = finding
        .and_then(|finding| finding.pointer("/units/0"))
        .and_then(Value::as_str);
    unit.unwrap_or_default().to_owned()
}

/// Checks the receipts of all claims and a pack about the gravest finding, with the pinned key.
pub(super) fn check(
    session: &mut Session,
    pack: &Path,
    vkey: &str,
    findings: &[Value],
    quiet: bool,
) -> Result<Proof, Failure> {
    let trust = Trust::keys([vkey]).map_err(|error| Failure::new(error.to_string()))?;
    let (receipts, mut faults) = check_receipts(session, &trust, quiet)?;
    let gravest = gravest(findings)
        .ok_or_else(|| Failure::new("nothing was found that a pack could be about"))?;
    let text = |name: &str| {
        gravest
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let request = Request::Pack {
        unit: None,
        finding: Some(text("id")),
        disclose: false,
    };
    let (_, bytes) = session.ask(&request, &[])?;
    std::fs::write(pack, &bytes).map_err(|error| Failure::io("writing", pack, &error))?;
    let report = verify_pack(&bytes, &trust);
    if report.verdict() != Verdict::Proven {
        faults.push(format!("{}: {}", pack.display(), report.summary()));
    }
    for fault in faults.iter().take(5) {
        ui::note(format!("not proven: {fault}"));
    }
    let words = if faults.is_empty() {
        "all proven".to_owned()
    } else {
        format!("{} NOT PROVEN", faults.len())
    };
    Ok(Proof {
        receipts,
        verified: faults.is_empty(),
        words,
        unit: first_unit(Some(gravest)),
    })
}

fn check_receipts(
    session: &mut Session,
    trust: &Trust,
    quiet: bool,
) -> Result<(u64, Vec<String>), Failure> {
    let status = session.value(&Request::Status)?;
    let size = status
        .get("size")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let bar = ui::progress(size, "receipts", quiet);
    let (mut receipts, mut faults) = (0, Vec::new());
    let mut from = 0;
    while from < size {
        let (_, blob) = session.ask(
            &Request::Receipts {
                from,
                count: ENTRIES_A_ROUND,
            },
            &[],
        )?;
        let list =
            wire::split(&blob).ok_or_else(|| Failure::new("the node's answer is damaged"))?;
        let files: Vec<(&str, &[u8])> = list
            .chunks_exact(2)
            .filter_map(|pair| match pair {
                [name, bytes] => Some((std::str::from_utf8(name).ok()?, *bytes)),
                _ => None,
            })
            .collect();
        let in_round = |name: &str| {
            let index = name
                .strip_suffix(".receipt")?
                .split_once('.')?
                .0
                .parse::<u64>()
                .ok()?;
            (from..from + ENTRIES_A_ROUND)
                .contains(&index)
                .then_some(())
        };
        receipts += files
            .iter()
            .filter(|(name, _)| in_round(name).is_some())
            .count() as u64;
        let report = verify_receipts(&files, trust);
        if report.verdict() != Verdict::Proven {
            faults.push(format!("entries from {from}: {}", report.summary()));
        }
        from += ENTRIES_A_ROUND;
        bar.set_position(from.min(size));
    }
    bar.finish_and_clear();
    Ok((receipts, faults))
}

/// The gravest finding that stands: by severity, then by how many units.
fn gravest(findings: &[Value]) -> Option<&Value> {
    let rank = |finding: &Value| {
        let severity = finding
            .get("severity")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let units = finding
            .get("units")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        (
            ["low", "medium", "high"]
                .iter()
                .position(|word| *word == severity),
            units.min(50),
        )
    };
    let stands =
        |finding: &&Value| finding.get("status").and_then(Value::as_str) != Some("retracted");
    let named = |finding: &&Value| finding.pointer("/units/0").is_some();
    findings
        .iter()
        .filter(stands)
        .filter(named)
        .max_by_key(|finding| rank(finding))
}
