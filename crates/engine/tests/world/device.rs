//! A device that signs events, one after the other.

use countersign_attest::{
    Algorithm, ChainLink, Header, Kind, SecretKey, Statement, Submission, claims_payload, sign1,
};
use countersign_engine::Engine;
use countersign_model::body::{ClaimBody, Cut, EnvelopeBody};
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::time::Timestamp;

use super::{ORIGIN, Shared, begin, said};

pub(crate) const DEVICE: &str = "device:dock-1";

pub(crate) fn device_key() -> SecretKey {
    SecretKey::generate(Algorithm::Es256, [9; 32])
}

/// Who signs, and for which logs.
pub(crate) struct Signer {
    pub(crate) name: String,
    pub(crate) key: SecretKey,
    pub(crate) origins: Vec<&'static str>,
}

/// A device that signs one event after the other.
pub(crate) struct Device {
    signer: Signer,
    link: ChainLink,
    salt: u8,
    /// What its clock shows, if it says so.
    pub(crate) clock: Option<Timestamp>,
}

impl Device {
    pub(crate) fn of(signer: Signer) -> Self {
        Self {
            signer,
            link: ChainLink::first(1),
            salt: 10,
            clock: None,
        }
    }

    pub(crate) fn says(&mut self, event: &str) -> Submission {
        self.salt = self.salt.wrapping_add(1);
        let cut = Cut::new(Vec::new());
        let place = (self.salt, self.link);
        let (submission, next) = signed_by(&self.signer, (event, &cut), place, self.clock);
        self.link = next;
        submission
    }
}

fn dock() -> Signer {
    Signer {
        name: DEVICE.to_owned(),
        key: device_key(),
        origins: vec![ORIGIN],
    }
}

/// A device's statement of one event with what of it is sealed, and the place of its next one.
pub(crate) fn signed_event(
    said: (&str, &Cut),
    salt: u8,
    link: ChainLink,
    clock: Option<Timestamp>,
) -> (Submission, ChainLink) {
    signed_by(&dock(), said, (salt, link), clock)
}

fn signed_by(
    signer: &Signer,
    (event, cut): (&str, &Cut),
    (salt, link): (u8, ChainLink),
    clock: Option<Timestamp>,
) -> (Submission, ChainLink) {
    let envelope = EnvelopeBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/ld+json".into(),
        salt: [7; 16],
        head: None,
        section: 0,
        mapping: None,
        parts: Vec::new(),
        holes: vec![0],
        continues_at: None,
    };
    let body = ClaimBody {
        format: "epcis-json".into(),
        version: 1,
        media_type: "application/ld+json".into(),
        salt: [salt; 16],
        envelope: envelope.digest(),
        hole: 0,
        parts: cut.apply(event.as_bytes(), &mut || [salt; 32]),
    };
    let issuer = PrincipalId::parse(&signer.name).expect("a name");
    let origins = signer.origins.iter();
    let origins = origins.map(|origin| Origin::parse(origin).expect("an origin"));
    let header = Header::new(issuer, "urn:x:a", origins.collect(), Kind::claims());
    let header = header.expect("a header").with_chain(link);
    let header = match clock {
        Some(clock) => header.with_clock(clock),
        None => header,
    };
    let payload = claims_payload(&[body.digest()]).expect("one claim");
    let statement = sign1(&header, &payload, &signer.key);
    let digest = Statement::parse(&statement).expect("is one").sig_digest();
    let next = ChainLink::after(1, link.counter() + 1, digest);
    let submission = Submission {
        statement,
        envelopes: vec![envelope],
        bodies: vec![body],
        blobs: Vec::new(),
    };
    (submission, next.expect("follows"))
}

/// A log in which a device of one site may speak.
pub(crate) fn log(disk: &Shared) -> (Engine, Device) {
    log_with(disk, "")
}

/// The same, with more fields of the device.
pub(crate) fn log_with(disk: &Shared, contract: &str) -> (Engine, Device) {
    let mut engine = begin(disk).expect("begins");
    let key = device_key().public();
    let principal = format!(
        r#"{{"id":"{DEVICE}","role":"device","key":"{key}","party":"urn:x:pa"{contract}}}"#
    );
    let define = format!(r#"{{"type":"Define","object":"principal","value":{principal}}}"#);
    let acts = said(&engine, 1, &[&define]);
    engine.submit(&acts).expect("is taken");
    engine.commit().expect("commits");
    (engine, Device::of(dock()))
}
