//! What claims that are acts prove: keys given and taken, and what the node concluded.

use countersign_attest::key_given;
use countersign_model::act::{Act, OwnObject};
use countersign_model::body::ClaimBody;
use countersign_model::entry::ClaimStatus;
use countersign_model::ids::KeyId;
use countersign_model::network::Object;

use crate::bench::Bench;
use crate::evidence::Purpose;
use crate::reason::Reason;
use crate::receipt::Judged;
use crate::report::{Fault, Piece};
use crate::words::shown;

/// Takes in the act of a receipt, if it is one, and judges what the receipt is there for.
pub(crate) fn judge(bench: &mut Bench<'_>, judged: &Judged<'_>) {
    let act = judged.body.as_ref().map(read);
    let name = &judged.file.name;
    match judged.file.purpose {
        Purpose::Claim => {
            // An act that the register refuses had no effect: that is for the node's record to say.
            if let (Some(Ok(act)), Some(key)) = (&act, effective(judged)) {
                let index = judged.file.receipt.at.index;
                let _ = bench.keys.as_mut().map(|keys| keys.apply(index, key, act));
            }
        }
        Purpose::Enrolment(kid) => {
            let piece = match enrolment(bench, judged, act, kid) {
                Ok((claim, detail)) => Piece::proven(name, claim, detail),
                Err(fault) => {
                    let claim = format!("the key {} was given to somebody", kid.0.short());
                    Piece::fails(name, claim, fault)
                }
            };
            bench.push(piece);
        }
        Purpose::Conclusion => {
            let piece = match conclusion(bench, judged, act) {
                Ok(claim) => Piece::proven(name, claim, "its word, which it cannot take back"),
                Err(fault) => Piece::fails(name, "the node concluded something", fault),
            };
            bench.push(piece);
        }
    }
}

/// The signer's key, if the claim was said, logged and judged effective.
fn effective(judged: &Judged<'_>) -> Option<KeyId> {
    judged
        .key
        .filter(|_| judged.status == Some(ClaimStatus::Effective))
}

/// The act in a body.
pub(crate) fn read(body: &ClaimBody) -> Result<Act, String> {
    match OwnObject::of_body(body) {
        Ok(OwnObject::Act(act)) => Ok(act),
        Ok(OwnObject::Testimony(_)) => Err("the body is testimony, not an act".to_owned()),
        Err(error) => Err(shown(&error.to_string())),
    }
}

fn enrolment(
    bench: &mut Bench<'_>,
    judged: &Judged<'_>,
    act: Option<Result<Act, String>>,
    kid: KeyId,
) -> Result<(String, String), Fault> {
    let act = act.ok_or_else(|| body_absent("the act"))?;
    let unreadable = |words: &str| Fault::new(Reason::EnrolmentUnreadable, words);
    let act = act.map_err(|words| unreadable(&words))?;
    let given = given(&act).filter(|_| key_given(&act) == Some(kid));
    let given = given.ok_or_else(|| unreadable("the act does not give this key"))?;
    let (Some(signer), Some(status)) = (judged.key, judged.status) else {
        let detail = "that the act was said, logged and judged does not hold";
        return Err(Fault::new(Reason::KeyNotProven, detail));
    };
    let refused = |words: String| Fault::new(Reason::EnrolmentRefused, words);
    if status != ClaimStatus::Effective {
        return Err(refused(format!(
            "the node judged the act `{}`",
            status.as_str()
        )));
    }
    let index = judged.file.receipt.at.index;
    let keys = bench
        .keys
        .as_mut()
        .ok_or_else(|| unreadable("there is no genesis"))?;
    keys.apply(index, signer, &act)
        .map_err(|error| refused(format!("{} ({})", shown(&error.reason), error.code)))?;
    let claim = format!("the key {} was given to {given}", kid.0.short());
    let detail = format!(
        "by the administrator with the key {}, at entry {index}",
        signer.0.short()
    );
    Ok((claim, detail))
}

fn conclusion(
    bench: &mut Bench<'_>,
    judged: &Judged<'_>,
    act: Option<Result<Act, String>>,
) -> Result<String, Fault> {
    let act = act.ok_or_else(|| body_absent("the finding"))?;
    let unreadable = |words: String| Fault::new(Reason::ConclusionUnreadable, words);
    let Act::Finding(finding) = act.map_err(unreadable)? else {
        return Err(unreadable("the body is an act, but no finding".to_owned()));
    };
    let Some(key) = effective(judged) else {
        let detail = "that it was said, logged and judged effective does not hold";
        return Err(Fault::new(Reason::KeyNotProven, detail));
    };
    if bench.keys.as_ref().map(crate::keys::Keys::node) != Some(key) {
        let detail = "it is signed by another key than the node's";
        return Err(Fault::new(Reason::ConclusionNotByNode, detail));
    }
    bench.findings.insert(finding.id);
    Ok(format!(
        "the node concluded the finding {} (move {})",
        finding.id.short(),
        finding.transition
    ))
}

/// To whom an act gives a key.
fn given(act: &Act) -> Option<String> {
    match act {
        Act::Define(object) => match &**object {
            Object::Principal(principal) => Some(format!(
                "{} ({}, {})",
                shown(principal.id.as_str()),
                principal.role.as_str(),
                principal.assurance.as_str(),
            )),
            _ => None,
        },
        Act::Renewal(renewal) => {
            let origin = shown(renewal.origin.as_str());
            Some(match &renewal.continues {
                None => format!("the node of {origin}, with renewed keys of the log"),
                Some(continued) => format!(
                    "the node of {origin}, which goes on from entry {} of {}",
                    continued.size.0,
                    shown(continued.origin.as_str())
                ),
            })
        }
        _ => None,
    }
}

fn body_absent(what: &str) -> Fault {
    Fault::new(
        Reason::BodyAbsent,
        format!("the body of {what} is not here, or is not one"),
    )
}
