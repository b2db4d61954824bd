//! Statements that the node makes itself: batches, recorded findings, imports.

use countersign_attest::genesis::node_header;
use countersign_attest::header::{Header, Kind};
use countersign_attest::sign::{claims_payload, sign1};
use countersign_attest::{SecretKey, Submission};
use countersign_model::body::{
    BODY_SALT_LEN, ClaimBody, Cut, EnvelopeBody, Format, PART_SALT_LEN, Part,
};
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::json::Doc;
use countersign_ports::StoreError;

use crate::clocks;
use crate::engine::{Engine, Fatal};
use crate::folds::ToSay;
use crate::limits::ACTS_PER_STATEMENT_MAX;

/// A batch statement, logged form.
#[must_use]
pub fn batch(origin: &Origin, payload: &[u8], key: &SecretKey) -> Vec<u8> {
    sign1(&node_header(origin, Kind::batch()), payload, key)
}

/// Statements that say what the folds have the node say, some acts to each.
///
/// # Errors
/// [`Fatal`] when the system gives no random bytes.
pub(crate) fn of(engine: &mut Engine, to_say: &ToSay) -> Result<Vec<Submission>, Fatal> {
    let clocks: Vec<String> = to_say.clocks.iter().map(clocks::act).collect();
    let findings = to_say.findings.iter().map(|one| one.json.as_str());
    let texts: Vec<&str> = clocks.iter().map(String::as_str).chain(findings).collect();
    let header = node_header(&engine.state.register.identity().origin, Kind::claims());
    let mut out = Vec::new();
    for chunk in texts.chunks(ACTS_PER_STATEMENT_MAX) {
        let mut failed = None;
        let node = engine.state.register.node_key();
        let key = engine
            .keys
            .statement(node)
            .ok_or_else(no_key)?
            .to_sign_once();
        let entropy = &mut *engine.entropy;
        let mut random = |bytes: &mut [u8]| {
            if let Err(error) = entropy.fill(bytes) {
                failed.get_or_insert(error);
            }
        };
        let submission = own_objects(&header, chunk, key, &mut random);
        if let Some(error) = failed {
            return Err(error.into());
        }
        out.push(submission.map_err(|reason| StoreError::other("making a statement", reason))?);
    }
    Ok(out)
}

/// Opening has seen to it that the key is there.
pub(crate) fn no_key() -> Fatal {
    Fatal::Damaged("the node's key is not in this data folder".to_owned())
}

/// A signed submission of `countersign-json` objects: acts by whoever holds `key`, findings by the node.
///
/// # Errors
/// A sentence, when an object is not JSON or there are too many.
pub fn own_objects(
    header: &Header,
    objects: &[&str],
    key: &SecretKey,
    random: &mut dyn FnMut(&mut [u8]),
) -> Result<Submission, String> {
    let mut salt = [0; BODY_SALT_LEN];
    random(&mut salt);
    let envelope = EnvelopeBody {
        format: Format::CountersignJson.id().to_owned(),
        version: 1,
        media_type: "application/json".to_owned(),
        salt,
        head: None,
        section: 0,
        mapping: None,
        parts: Vec::new(),
        holes: vec![0; objects.len()],
        continues_at: None,
    };
    let mut bodies = Vec::with_capacity(objects.len());
    for (hole, object) in (0..).zip(objects) {
        let mut salt = [0; BODY_SALT_LEN];
        random(&mut salt);
        bodies.push(ClaimBody {
            format: Format::CountersignJson.id().to_owned(),
            version: 1,
            media_type: "application/json".to_owned(),
            salt,
            envelope: envelope.digest(),
            hole,
            parts: own_parts(object, random)?,
        });
    }
    let digests: Vec<_> = bodies.iter().map(ClaimBody::digest).collect();
    let payload = claims_payload(&digests).map_err(|refusal| refusal.reason)?;
    Ok(Submission {
        statement: sign1(header, &payload, key),
        envelopes: vec![envelope],
        bodies,
        blobs: Vec::new(),
    })
}

fn own_parts(object: &str, random: &mut dyn FnMut(&mut [u8])) -> Result<Vec<Part>, String> {
    let doc = Doc::parse(object.as_bytes()).map_err(|error| error.to_string())?;
    let cut = Cut::new(countersign_model::act::sealed_values(doc.root()));
    let mut salts = || {
        let mut salt = [0; PART_SALT_LEN];
        random(&mut salt);
        salt
    };
    Ok(cut.apply(object.as_bytes(), &mut salts))
}

/// The header of an import of the named source.
///
/// # Errors
/// A sentence, when the name is none.
pub fn import_header(origin: &Origin, source: &str) -> Result<Header, String> {
    let node = PrincipalId::parse(countersign_attest::genesis::NODE_NAME)
        .map_err(|error| error.to_string())?;
    let subject = format!("{}{source}", crate::state::IMPORT_SUBJECT);
    Header::new(node, &subject, vec![origin.clone()], Kind::claims())
        .map_err(|refusal| refusal.reason)
}
