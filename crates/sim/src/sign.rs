//! Keys, salts, envelopes, chains: turns what is dispatched into signed submissions, through
//! the same code that devices use.

use std::collections::BTreeMap;

use countersign_attest::key::Algorithm;
use countersign_attest::{ChainSigner, SecretKey, Submission, claims_payload};
use countersign_model::body::{ClaimBody, Cut, EnvelopeBody, Format, Part};
use countersign_model::digest::Digest;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::network::Role;
use countersign_model::time::Timestamp;

use crate::atlas::Device;
use crate::rng::Chance;
use crate::wording::Wording;

/// Every chain of the day is its key's first.
const EPOCH: u64 = 1;

/// The key of a device: drawn from the seed and its name.
pub(crate) fn key_of(seed: u64, device: &Device) -> SecretKey {
    let algorithm = match device.role {
        Role::Service => Algorithm::Ed25519,
        Role::Device | Role::Person | Role::Administrator => Algorithm::Es256,
    };
    let entropy = Chance::of(seed, &format!("key/{}", device.id)).bytes();
    SecretKey::generate(algorithm, entropy)
}

/// One device's key, its place in its chain, and its envelopes.
#[derive(Debug)]
pub(crate) struct Signer {
    chain: ChainSigner,
    salts: Chance,
    /// When each was first sent, by format and number of holes: it goes with every statement that
    /// no other has overtaken.
    envelopes: BTreeMap<(&'static str, usize), Timestamp>,
}

/// The claims of one statement.
#[derive(Debug)]
pub(crate) struct ToSign<'a> {
    pub(crate) format: Format,
    /// The canonical key of the site that it is about.
    pub(crate) subject: &'a str,
    /// What the device's clock shows.
    pub(crate) shown: Timestamp,
    pub(crate) sent: Timestamp,
    pub(crate) claims: &'a [Wording],
}

impl Signer {
    /// The signer of a device in the world of `seed`, for the log of `origin`.
    pub(crate) fn new(seed: u64, device: &Device, origin: &Origin) -> Self {
        let issuer = PrincipalId::parse(&device.id).expect("device names have no white space");
        Self {
            chain: ChainSigner::new(key_of(seed, device), issuer, origin.clone(), EPOCH),
            salts: Chance::of(seed, &format!("salt/{}", device.id)),
            envelopes: BTreeMap::new(),
        }
    }

    /// Signs the next statement of the chain; the submission's bytes.
    pub(crate) fn submit(&mut self, what: &ToSign<'_>) -> Vec<u8> {
        let (envelope, is_new) = self.envelope(what);
        let digest = envelope.digest();
        let mut bodies = Vec::with_capacity(what.claims.len());
        for (hole, wording) in (0..).zip(what.claims) {
            bodies.push(self.body(what.format, (digest, hole), wording));
        }
        let digests: Vec<Digest> = bodies.iter().map(ClaimBody::digest).collect();
        let payload = claims_payload(&digests)
            .expect("a statement has a few claims, each under a salt of its own");
        let statement = self
            .chain
            .sign(what.subject, what.shown, &payload)
            .expect("subjects are keys of sites, and no chain is that long");
        let submission = Submission {
            statement,
            envelopes: if is_new { vec![envelope] } else { Vec::new() },
            bodies,
            blobs: Vec::new(),
        };
        submission.encode()
    }

    /// The constant envelope of statements with so many claims: each on a line of its own.
    fn envelope(&mut self, what: &ToSign<'_>) -> (EnvelopeBody, bool) {
        let (format, claims) = (what.format, what.claims.len());
        // Its salt follows from what it is, so that it need not be kept.
        let seed = Digest::of_parts(
            "countersign/sim/envelope-salt/v1",
            &[
                self.chain.key_id().0.as_bytes(),
                format.id().as_bytes(),
                &(claims as u64).to_be_bytes(),
            ],
        );
        let mut salt = [0; countersign_model::body::BODY_SALT_LEN];
        for (to, from) in salt.iter_mut().zip(seed.as_bytes()) {
            *to = *from;
        }
        let envelope = EnvelopeBody {
            format: format.id().to_owned(),
            version: 1,
            media_type: media_type(format).to_owned(),
            salt,
            head: None,
            section: 0,
            mapping: None,
            parts: vec![Part::Open(vec![b'\n'; claims])],
            holes: (0..claims as u64).collect(),
            continues_at: None,
        };
        let first = self.envelopes.entry((format.id(), claims));
        let first = first.or_insert(Timestamp::from_ms(i64::MAX));
        // One that is sent later may come after this.
        let is_new = *first >= what.sent;
        *first = what.sent.min(*first);
        (envelope, is_new)
    }

    fn body(&mut self, format: Format, place: (Digest, u64), wording: &Wording) -> ClaimBody {
        let salt = self.salts.bytes();
        let cut = Cut::new(wording.sealed.clone());
        let parts = cut.apply(wording.text.as_bytes(), &mut || self.salts.bytes());
        ClaimBody {
            format: format.id().to_owned(),
            version: 1,
            media_type: media_type(format).to_owned(),
            salt,
            envelope: place.0,
            hole: place.1,
            parts,
        }
    }
}

const fn media_type(format: Format) -> &'static str {
    match format {
        Format::EpcisJson => "application/ld+json",
        Format::CountersignJson => "application/json",
        Format::TableRow => "text/csv",
    }
}
