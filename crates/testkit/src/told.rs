//! Claims with their bodies and their envelope, cut as the format asks.

use countersign_model::act::sealed_values;
use countersign_model::body::{ClaimBody, Cut, EnvelopeBody, Format, Part};
use countersign_model::digest::Digest;
use countersign_model::json::Doc;

/// Claims that came in one document.
#[derive(Clone, Debug)]
pub struct Told {
    /// What stood around them.
    pub envelope: EnvelopeBody,
    /// What they say.
    pub bodies: Vec<ClaimBody>,
}

impl Told {
    /// JSON objects as one JSON array; values under `reason`, `note` and `name` are sealed.
    ///
    /// # Panics
    /// On what is not JSON.
    #[must_use]
    pub fn json(format: Format, objects: &[&str], salts: &mut dyn FnMut() -> [u8; 32]) -> Self {
        let around = format!("[{}]", ",".repeat(objects.len().saturating_sub(1)));
        let envelope = EnvelopeBody {
            format: format.id().to_owned(),
            version: 1,
            media_type: "application/json".to_owned(),
            salt: short(salts()),
            head: None,
            section: 0,
            mapping: None,
            parts: vec![Part::Open(around.into_bytes())],
            holes: (1..=objects.len() as u64).collect(),
            continues_at: None,
        };
        let digest = envelope.digest();
        let bodies = (0..)
            .zip(objects)
            .map(|(hole, object)| body(format, digest, hole, object, salts))
            .collect();
        Self { envelope, bodies }
    }

    /// Digests of the claims, in order.
    #[must_use]
    pub fn digests(&self) -> Vec<Digest> {
        self.bodies.iter().map(ClaimBody::digest).collect()
    }
}

fn body(
    format: Format,
    envelope: Digest,
    hole: u64,
    object: &str,
    salts: &mut dyn FnMut() -> [u8; 32],
) -> ClaimBody {
    let doc = Doc::parse(object.as_bytes()).expect("a test tells JSON");
    let cut = Cut::new(sealed_values(doc.root()));
    ClaimBody {
        format: format.id().to_owned(),
        version: 1,
        media_type: "application/json".to_owned(),
        salt: short(salts()),
        envelope,
        hole,
        parts: cut.apply(object.as_bytes(), salts),
    }
}

/// The first half of 32 bytes.
pub(crate) fn short(bytes: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(bytes) {
        *to = from;
    }
    half
}
