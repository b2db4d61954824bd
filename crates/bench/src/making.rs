//! What clients send, signed before any clock runs: devices, events, submissions.

use countersign_attest::key::Algorithm;
use countersign_attest::{ChainSigner, SecretKey, Submission, claims_payload};
use countersign_model::body::{ClaimBody, EnvelopeBody, Format, Part};
use countersign_model::digest::Digest;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::time::Timestamp;

use crate::Failure;

/// Bytes of every event.
pub(crate) const EVENT_BYTES: usize = 300;
/// A unit is seen so often.
const SIGHTINGS_A_UNIT: u64 = 4;

/// One that signs statements, each behind the one before.
pub(crate) struct Device {
    pub(crate) name: String,
    chain: ChainSigner,
    /// The one envelope of its statements; it goes with the first.
    envelope: EnvelopeBody,
    salt: u64,
}

impl Device {
    /// The device of that number, whose statements have `claims` claims each.
    pub(crate) fn new(
        number: u64,
        algorithm: Algorithm,
        origin: &str,
        claims: usize,
    ) -> Result<Self, Failure> {
        let name = format!("bench-{}-{number}", algorithm.as_str().to_lowercase());
        let secret = Digest::of_parts("countersign/bench/key", &[name.as_bytes()]);
        let key = SecretKey::generate(algorithm, *secret.as_bytes());
        let salt = Digest::of(name.as_bytes());
        let envelope = EnvelopeBody {
            format: Format::EpcisJson.id().to_owned(),
            version: 1,
            media_type: "application/ld+json".to_owned(),
            salt: half(&salt),
            head: None,
            section: 0,
            mapping: None,
            parts: vec![Part::Open(vec![b'\n'; claims])],
            holes: (0..claims as u64).collect(),
            continues_at: None,
        };
        let (issuer, origin) = (PrincipalId::parse(&name)?, Origin::parse(origin)?);
        Ok(Self {
            chain: ChainSigner::new(key, issuer, origin, 1),
            envelope,
            salt: number << 40,
            name,
        })
    }

    pub(crate) const fn key(&self) -> &SecretKey {
        self.chain.key()
    }

    /// The act by which the administrator names it.
    pub(crate) fn act(&self) -> String {
        let role = match self.key().algorithm() {
            Algorithm::Ed25519 => "service",
            Algorithm::Es256 => "device",
        };
        format!(
            r#"{{"type":"Define","object":"principal","value":{{"id":"{}","role":"{role}","key":"{}","assurance":"software_key"}}}}"#,
            self.name,
            self.key().public()
        )
    }

    /// The next statement with these events.
    pub(crate) fn says(&mut self, events: &[String]) -> Result<Submission, Failure> {
        let envelope = self.envelope.digest();
        let mut bodies = Vec::with_capacity(events.len());
        for (hole, event) in (0..).zip(events) {
            self.salt += 1;
            bodies.push(ClaimBody {
                format: Format::EpcisJson.id().to_owned(),
                version: 1,
                media_type: "application/ld+json".to_owned(),
                salt: half(&Digest::of(&self.salt.to_be_bytes())),
                envelope,
                hole,
                parts: vec![Part::Open(event.as_bytes().to_vec())],
            });
        }
        let digests: Vec<Digest> = bodies.iter().map(ClaimBody::digest).collect();
        let payload = claims_payload(&digests).map_err(|refusal| refusal.reason)?;
        let clock = Timestamp::from_ms(crate::clock::unix_ms());
        let statement = self.chain.sign("urn:x:a", clock, &payload);
        let is_first = self.chain.counter() == 1;
        Ok(Submission {
            statement: statement.map_err(|refusal| refusal.reason)?,
            envelopes: is_first
                .then(|| self.envelope.clone())
                .into_iter()
                .collect(),
            bodies,
            blobs: Vec::new(),
        })
    }
}

fn half(digest: &Digest) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    out
}

/// Number `n` of the events of a run: a unit is seen at a place, of [`EVENT_BYTES`] bytes.
pub(crate) fn event(n: u64) -> String {
    sighting(n / SIGHTINGS_A_UNIT, n % SIGHTINGS_A_UNIT, "urn:x:a:dock")
}

/// A unit is seen at a place, for the so-manieth time.
pub(crate) fn sighting(unit: u64, nth: u64, place: &str) -> String {
    let mut text = format!(
        concat!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"#,
            r#""type":"ObjectEvent","eventTime":"2026-01-05T0{}:00:00Z","eventTimeZoneOffset":"+00:00","#,
            r#""action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"{}"}},"#,
            r#""epcList":["{}"]"#
        ),
        nth + 1,
        place,
        unit_name(unit)
    );
    // White space between members means nothing.
    while text.len() < EVENT_BYTES - 1 {
        text.push(' ');
    }
    text.push('}');
    text
}

/// The key of a unit.
pub(crate) fn unit_name(unit: u64) -> String {
    format!("urn:x:unit:{unit:08}")
}

/// `count` submissions of `claims` claims each, by `devices` in turn, as clients send them.
pub(crate) fn submissions(
    devices: &mut [Device],
    count: usize,
    claims: usize,
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut out = Vec::with_capacity(count);
    let (mut n, devices_len) = (0, devices.len().max(1));
    for at in 0..count {
        let events: Vec<String> = (0..claims as u64).map(|claim| event(n + claim)).collect();
        n += claims as u64;
        let device = devices.get_mut(at % devices_len);
        out.push(device.ok_or("no device")?.says(&events)?.encode());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_the_same_length_and_is_another() {
        let events: Vec<String> = (0..9).map(|n| event(n * 11)).collect();
        assert!(events.iter().all(|event| event.len() == EVENT_BYTES));
        let distinct: std::collections::BTreeSet<&String> = events.iter().collect();
        assert_eq!(distinct.len(), events.len());
    }
}
