//! One key that signs statement after statement, each behind the one before: what a device keeps
//! beside its key so that nobody can take a statement out of what it said (docs/formats/statement.md).

use countersign_model::digest::Digest;
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::time::Timestamp;

use crate::header::{ChainLink, Header, Kind};
use crate::refusal::Refusal;
use crate::secret::SecretKey;
use crate::sign::{assemble, protected, sig_digest, to_be_signed};

/// A key, whose it is, the log it speaks to, and its place in its chain there.
#[derive(Debug)]
pub struct ChainSigner {
    key: SecretKey,
    id: KeyId,
    issuer: PrincipalId,
    origin: Origin,
    epoch: u64,
    counter: u64,
    previous: Option<Digest>,
}

impl ChainSigner {
    /// Begins the chain of `key` with this epoch, from 1: the key of `issuer`, for the log of `origin`.
    #[must_use]
    pub fn new(key: SecretKey, issuer: PrincipalId, origin: Origin, epoch: u64) -> Self {
        Self {
            id: key.public().id(),
            key,
            issuer,
            origin,
            epoch,
            counter: 0,
            previous: None,
        }
    }

    /// The same signer behind its statement number `counter`, whose identity is `previous`.
    #[must_use]
    pub const fn behind(mut self, counter: u64, previous: Digest) -> Self {
        self.counter = counter;
        self.previous = Some(previous);
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Id of the key.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.id
    }

    /// Number of the last statement in this epoch; 0 before the first.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Identity of the last statement, on which the next one rests; `None` before the first.
    #[must_use]
    pub const fn previous(&self) -> Option<Digest> {
        self.previous
    }

    /// Signs the next statement of kind `claims`, about `subject`, at the time of the signer's `clock`;
    /// `payload` is that of [`claims_payload`](crate::sign::claims_payload). What is refused takes no
    /// place in the chain.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_statement` for a subject out of bounds, and for a place that no statement
    /// has: one was named whose number is 0, or the last that there is.
    pub fn sign(
        &mut self,
        subject: &str,
        clock: Timestamp,
        payload: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let no_place = || Refusal::statement("the chain has no place behind this statement");
        let counter = self.counter.checked_add(1).ok_or_else(no_place)?;
        let link = match self.previous {
            None => ChainLink::first(self.epoch),
            Some(previous) => {
                ChainLink::after(self.epoch, counter, previous).ok_or_else(no_place)?
            }
        };
        let audiences = vec![self.origin.clone()];
        let header = Header::new(self.issuer.clone(), subject, audiences, Kind::claims())?
            .with_chain(link)
            .with_clock(clock);
        let protected = protected(&header, self.key.algorithm(), self.id);
        let signature = self.key.sign(&to_be_signed(&protected, payload));
        self.counter = counter;
        self.previous = Some(sig_digest(&protected, payload));
        Ok(assemble(&protected, payload, &signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Statement;
    use crate::key::Algorithm;
    use crate::sign::claims_payload;

    fn signer() -> ChainSigner {
        let key = SecretKey::generate(Algorithm::Ed25519, [7; 32]);
        let issuer = PrincipalId::parse("device:1").expect("a name");
        let origin = Origin::parse("log.example/1").expect("an origin");
        ChainSigner::new(key, issuer, origin, 3)
    }

    fn says(signer: &mut ChainSigner, n: u8) -> Vec<u8> {
        let payload = claims_payload(&[Digest::of(&[n])]).expect("one claim");
        let clock = Timestamp::from_ms(1_000);
        signer.sign("urn:x:a", clock, &payload).expect("is signed")
    }

    fn link_of(statement: &[u8]) -> (ChainLink, Digest) {
        let read = Statement::parse(statement).expect("a statement");
        let link = read.header().chain().expect("stands in a chain");
        (*link, read.sig_digest())
    }

    #[test]
    fn each_statement_stands_behind_the_one_before() {
        let mut signer = signer();
        let (first, one) = link_of(&says(&mut signer, 1));
        assert_eq!(first, ChainLink::first(3));
        assert_eq!((signer.counter(), signer.previous()), (1, Some(one)));
        let (second, _) = link_of(&says(&mut signer, 2));
        assert_eq!(Some(second), ChainLink::after(3, 2, one));
    }

    #[test]
    fn a_signer_that_was_put_away_goes_on_as_if_it_had_stayed() {
        let mut stays = signer();
        says(&mut stays, 1);
        let kept = (stays.counter(), stays.previous().expect("one was signed"));
        let mut again = signer().behind(kept.0, kept.1);
        assert_eq!(says(&mut again, 2), says(&mut stays, 2));
    }

    #[test]
    fn what_is_refused_takes_no_place() {
        let clock = Timestamp::from_ms(1_000);
        let mut begins = signer();
        assert!(begins.sign(&"x".repeat(1 << 16), clock, &[]).is_err());
        assert_eq!((begins.counter(), begins.previous()), (0, None));
        for counter in [0, u64::MAX] {
            let mut damaged = signer().behind(counter, Digest::of(b"x"));
            assert!(damaged.sign("urn:x:a", clock, &[]).is_err(), "{counter}");
            assert_eq!(damaged.counter(), counter);
        }
    }
}
