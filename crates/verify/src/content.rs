//! Bodies, envelopes and mapping files: whether they are what the claims were made of.

use std::collections::BTreeSet;

use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::digest::Digest;

use crate::bench::Bench;
use crate::evidence::{Evidence, File};
use crate::limits::{BODY_FILE_BYTES_MAX, ENVELOPE_FILE_BYTES_MAX};
use crate::reason::Reason;
use crate::report::{Fault, Piece};
use crate::words::shown;

/// The body of a claim, if it is here and is that.
pub(crate) fn body_of(evidence: &Evidence<'_>, claim: Digest) -> Option<ClaimBody> {
    let file = evidence.bodies.get(&claim)?;
    read_body(file).ok().filter(|body| body.digest() == claim)
}

/// Judges all bodies, envelopes and mapping files.
pub(crate) fn judge_all(bench: &mut Bench<'_>) {
    let evidence = bench.evidence;
    let mut envelopes = BTreeSet::new();
    for (digest, file) in &evidence.bodies {
        let judged = judge_body(bench, *digest, file, &mut envelopes);
        let claim = format!("what claim {} says", digest.short());
        bench.push(piece(file, claim, judged));
    }
    let heads: Vec<Digest> = envelopes
        .iter()
        .filter_map(|digest| head_of(evidence, *digest))
        .collect();
    envelopes.extend(heads);
    let mut mappings = BTreeSet::new();
    for (digest, file) in &evidence.envelopes {
        let judged = judge_envelope(evidence, *digest, file, &envelopes, &mut mappings);
        let claim = format!("what stood around the claims of {}", digest.short());
        bench.push(piece(file, claim, judged));
    }
    for (digest, file) in &evidence.blobs {
        let judged = judge_blob(*digest, file, &mappings);
        bench.push(piece(file, "how the table was read".to_owned(), judged));
    }
}

fn piece(file: &File<'_>, claim: String, judged: Result<String, Fault>) -> Piece {
    match judged {
        Ok(detail) => Piece::proven(&file.name, claim, detail),
        Err(fault) => Piece::fails(&file.name, claim, fault),
    }
}

fn judge_body(
    bench: &Bench<'_>,
    digest: Digest,
    file: &File<'_>,
    envelopes: &mut BTreeSet<Digest>,
) -> Result<String, Fault> {
    let body = read_body(file)?;
    if body.digest() != digest {
        let detail = "its bytes or salts are not those that were signed";
        return Err(Fault::new(Reason::BodyDiffers, detail));
    }
    if !bench.logged.contains(&digest) {
        return Err(without_receipt(
            "no receipt here shows that such a claim was logged",
        ));
    }
    envelopes.insert(body.envelope);
    let file = bench
        .evidence
        .envelopes
        .get(&body.envelope)
        .ok_or_else(|| {
            let detail = format!("the envelope {} is not here", body.envelope.short());
            Fault::new(Reason::EnvelopeAbsent, detail)
        })?;
    // An envelope that is none is told once, with its own piece.
    if let Ok(envelope) = read_envelope(file)
        && body.hole >= envelope.holes.len() as u64
    {
        let detail = format!(
            "its envelope has {} holes, and it fills hole {}",
            envelope.holes.len(),
            body.hole
        );
        return Err(Fault::new(Reason::HoleMissing, detail));
    }
    Ok(format!(
        "{} version {}; {}",
        shown(&body.format),
        body.version,
        disclosure(&body.parts)
    ))
}

fn judge_envelope(
    evidence: &Evidence<'_>,
    digest: Digest,
    file: &File<'_>,
    needed: &BTreeSet<Digest>,
    mappings: &mut BTreeSet<Digest>,
) -> Result<String, Fault> {
    let envelope = read_envelope(file)?;
    if envelope.digest() != digest {
        let detail = "its bytes or salts are not those that the claims bind";
        return Err(Fault::new(Reason::EnvelopeDiffers, detail));
    }
    mappings.extend(envelope.mapping);
    if !needed.contains(&digest) {
        return Err(without_receipt("no claim here binds it"));
    }
    if let Some(head) = envelope
        .head
        .filter(|head| !evidence.envelopes.contains_key(head))
    {
        let detail = format!(
            "the first section of its document, {}, is not here",
            head.short()
        );
        return Err(Fault::new(Reason::EnvelopeAbsent, detail));
    }
    if let Some(mapping) = envelope
        .mapping
        .filter(|map| !evidence.blobs.contains_key(map))
    {
        let detail = format!("the mapping file {} is not here", mapping.short());
        return Err(Fault::new(Reason::MappingAbsent, detail));
    }
    Ok(disclosure(&envelope.parts))
}

fn judge_blob(
    digest: Digest,
    file: &File<'_>,
    mappings: &BTreeSet<Digest>,
) -> Result<String, Fault> {
    if Digest::of(file.bytes) != digest {
        let detail = "it does not have the SHA-256 that it is called by";
        return Err(Fault::new(Reason::MappingDiffers, detail));
    }
    if mappings.contains(&digest) {
        Ok(String::new())
    } else {
        Err(without_receipt("no envelope here names it"))
    }
}

/// The first section of the document of which the envelope is a later one.
fn head_of(evidence: &Evidence<'_>, envelope: Digest) -> Option<Digest> {
    read_envelope(evidence.envelopes.get(&envelope)?).ok()?.head
}

fn read_body(file: &File<'_>) -> Result<ClaimBody, Fault> {
    let unreadable = |words: &str| Fault::new(Reason::BodyUnreadable, words);
    if file.bytes.len() > BODY_FILE_BYTES_MAX {
        return Err(unreadable("it is larger than any body"));
    }
    let body = ClaimBody::decode(file.bytes).map_err(|error| unreadable(&error.to_string()))?;
    if body.encode() == file.bytes {
        Ok(body)
    } else {
        Err(unreadable("it is not in its one form"))
    }
}

fn read_envelope(file: &File<'_>) -> Result<EnvelopeBody, Fault> {
    let unreadable = |words: &str| Fault::new(Reason::EnvelopeUnreadable, words);
    if file.bytes.len() > ENVELOPE_FILE_BYTES_MAX {
        return Err(unreadable("it is larger than any envelope"));
    }
    let envelope =
        EnvelopeBody::decode(file.bytes).map_err(|error| unreadable(&error.to_string()))?;
    if envelope.encode() == file.bytes {
        Ok(envelope)
    } else {
        Err(unreadable("it is not in its one form"))
    }
}

fn disclosure(parts: &[Part]) -> String {
    let sealed = parts.iter().filter(|part| part.is_sealed()).count();
    let withheld = parts
        .iter()
        .filter(|part| matches!(part, Part::Withheld(_)))
        .count();
    match (sealed, withheld) {
        (0, _) => "no sealed part".to_owned(),
        (_, 0) => format!("sealed parts: {sealed}, all disclosed"),
        _ => format!("sealed parts: {sealed}, of which {withheld} withheld"),
    }
}

fn without_receipt(words: &str) -> Fault {
    Fault::new(Reason::PieceWithoutReceipt, words)
}
