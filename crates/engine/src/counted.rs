//! How often a key has signed since the process began: every use counted.

use std::cell::Cell;

use countersign_attest::{PublicKey, SecretKey};
use countersign_tlog::note::{SignError, Signer, VerifierKey};

/// A key that counts its signatures.
#[derive(Debug)]
pub struct Counted<S> {
    key: S,
    uses: Cell<u64>,
}

impl<S> Counted<S> {
    /// A key that has signed nothing yet.
    pub const fn new(key: S) -> Self {
        Self {
            key,
            uses: Cell::new(0),
        }
    }

    /// How often it has signed, or was asked to.
    pub const fn uses(&self) -> u64 {
        self.uses.get()
    }

    fn count(&self) {
        self.uses.set(self.uses.get().saturating_add(1));
    }
}

impl<S: Signer> Signer for Counted<S> {
    fn key(&self) -> &VerifierKey {
        self.key.key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.count();
        self.key.sign(message)
    }
}

impl Counted<SecretKey> {
    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The key, for one signature: it is asked for anew for each.
    pub fn to_sign_once(&self) -> &SecretKey {
        self.count();
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use countersign_attest::Algorithm;
    use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType};

    use super::*;

    #[test]
    fn each_signature_counts_and_nothing_else() {
        let name = KeyName::new("log.example/1").expect("a name");
        let signer = Ed25519Signer::new(name, SignatureType::Ed25519, &[1; 32]);
        let signer = Counted::new(signer);
        assert_eq!(
            (signer.key().to_string().is_empty(), signer.uses()),
            (false, 0)
        );
        signer.sign(b"a").expect("signs");
        signer.sign(b"a").expect("signs");
        assert_eq!(signer.uses(), 2);
        let key = Counted::new(SecretKey::generate(Algorithm::Ed25519, [2; 32]));
        let signature = key.to_sign_once().sign(b"a");
        assert!(key.public().verify(b"a", &signature));
        assert_eq!(key.uses(), 1);
    }
}
