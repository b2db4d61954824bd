//! After the clock has stopped: every receipt of a run is checked by the verifier of strangers, and
//! the whole log too.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::body::ClaimBody;
use countersign_model::entry::ClaimRef;
use countersign_node::compose::Opened;
use countersign_pack::ClaimReceipt;
use countersign_verify::{Trust, Verdict, verify_receipts};

use crate::Failure;
use crate::path::Made;

/// Receipts that are checked together.
const ROUND: usize = 512;

type Files = Vec<(String, Vec<u8>)>;

/// What all receipts rest on.
struct Ground {
    files: Files,
    /// Names of those that are envelopes of the run's own claims.
    envelopes: BTreeSet<String>,
}

/// Checks all receipts, and those of the other claims of their statements; how many that were.
pub(crate) fn all(
    opened: &Opened,
    made: &[Made],
    submissions: &[Vec<u8>],
    cores: usize,
) -> Result<u64, Failure> {
    let vkey = opened.engine.vkey();
    let share = made.len().div_ceil(cores.max(1)).max(1);
    let files = envelopes_and_ground(opened, made, submissions)?;
    let pairs: Vec<(&Made, &Vec<u8>)> = made.iter().zip(submissions).collect();
    std::thread::scope(|scope| {
        let (files, vkey) = (&files, vkey.as_str());
        let threads: Vec<_> = pairs
            .chunks(share)
            .map(|share| scope.spawn(move || one_share(files, vkey, share)))
            .collect();
        let mut count = 0;
        for thread in threads {
            count += thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(count)
    })
}

/// Genesis, enrolments and envelopes, by name: what the engine gives beside the receipts of the
/// statements that came with an envelope, which are the first of each device.
fn envelopes_and_ground(
    opened: &Opened,
    made: &[Made],
    submissions: &[Vec<u8>],
) -> Result<Ground, Failure> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut envelopes = BTreeSet::new();
    for (one, bytes) in made.iter().zip(submissions) {
        let submission = read(bytes)?;
        for envelope in &submission.envelopes {
            envelopes.insert(format!("{}.envelope", envelope.digest()));
        }
        if submission.envelopes.is_empty() {
            continue;
        }
        let index = one.at.index.0;
        let own: Vec<String> = submission
            .bodies
            .iter()
            .map(|body| format!("{}.body", body.digest()))
            .collect();
        let beside = opened.engine.receipts(index, 1)?.into_iter();
        let beside = beside
            .filter(|(name, _)| !name.starts_with(&format!("{index}.")) && !own.contains(name));
        files.extend(beside);
    }
    Ok(Ground {
        files: files.into_iter().collect(),
        envelopes,
    })
}

fn read(bytes: &[u8]) -> Result<countersign_attest::Submission, String> {
    countersign_attest::Submission::decode(bytes).map_err(|refusal| refusal.reason)
}

fn one_share(ground: &Ground, vkey: &str, share: &[(&Made, &Vec<u8>)]) -> Result<u64, String> {
    let trust = Trust::keys([vkey]).map_err(|error| error.to_string())?;
    let mut count = 0;
    let mut files: Files = Vec::new();
    let mut envelopes = BTreeSet::new();
    let mut receipts = 0;
    for (at, (made, bytes)) in share.iter().enumerate() {
        receipts += push(&mut files, &mut envelopes, made, bytes)?;
        if receipts >= ROUND || at + 1 == share.len() {
            count += receipts as u64;
            receipts = 0;
            // An envelope without a claim would be told as such.
            let bound: BTreeSet<String> = std::mem::take(&mut envelopes);
            let wanted = |file: &&(String, Vec<u8>)| {
                !ground.envelopes.contains(&file.0) || bound.contains(&file.0)
            };
            let each = files.iter().chain(ground.files.iter().filter(wanted));
            let named: Vec<(&str, &[u8])> = each
                .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
                .collect();
            let report = verify_receipts(&named, &trust);
            if report.verdict() != Verdict::Proven {
                return Err(format!("receipts are not proven: {}", report.summary()));
            }
            files.clear();
        }
    }
    Ok(count)
}

/// The receipts of all claims of a statement, with their bodies.
fn push(
    files: &mut Files,
    envelopes: &mut BTreeSet<String>,
    made: &Made,
    bytes: &[u8],
) -> Result<usize, String> {
    let submission = read(bytes)?;
    let first = ClaimReceipt::decode(&made.bytes).map_err(|error| error.to_string())?;
    for (ordinal, body) in (0_u32..).zip(&submission.bodies) {
        let digest = ClaimBody::digest(body);
        envelopes.insert(format!("{}.envelope", body.envelope));
        let at = ClaimRef { ordinal, ..made.at };
        let bytes = if ordinal == 0 {
            made.bytes.clone()
        } else {
            let claim = digest;
            ClaimReceipt {
                claim,
                at,
                ..first.clone()
            }
            .encode()
        };
        files.push((format!("{at}.receipt"), bytes));
        files.push((format!("{digest}.body"), body.encode()));
    }
    Ok(submission.bodies.len())
}
