//! What any thread can find out about a submission before the one that sequences takes it: its form,
//! its digests, and which of its signatures hold. Nothing here decides anything: who may speak, what
//! is a replay and what is missing is for the judge, who sees the log.

use std::borrow::Cow;

use countersign_model::ids::KeyId;

use crate::key::PublicKey;
use crate::refusal::Refusal;
use crate::statement::Statement;
use crate::submission::{Digests, Known, MatchedBodies, Submission};

/// A submission that was read. Only this module makes one, so its parts belong together.
#[derive(Clone, Debug)]
pub struct Ahead<'s> {
    submission: Cow<'s, Submission>,
    statement: Statement,
    digests: Digests,
}

impl Ahead<'static> {
    /// Reads the bytes that a client sent, and checks the signatures of keys that `resolve` knows.
    ///
    /// # Errors
    /// [`Refusal`], as [`Submission::decode`] and [`Statement::parse`] give it.
    pub fn read(
        bytes: &[u8],
        resolve: &dyn Fn(&KeyId) -> Option<PublicKey>,
    ) -> Result<Self, Refusal> {
        let submission = Submission::decode(bytes)?;
        let mut statement = Statement::parse(&submission.statement)?;
        statement.check_ahead(resolve);
        Ok(Self {
            digests: submission.digests(),
            submission: Cow::Owned(submission),
            statement,
        })
    }
}

impl<'s> Ahead<'s> {
    /// A submission that is at hand already; its signatures are left to the judge.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_statement`.
    pub fn of(submission: &'s Submission) -> Result<Self, Refusal> {
        Ok(Self {
            statement: Statement::parse(&submission.statement)?,
            digests: submission.digests(),
            submission: Cow::Borrowed(submission),
        })
    }

    /// The submission.
    #[must_use]
    pub fn submission(&self) -> &Submission {
        &self.submission
    }

    /// Its statement.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The statement, when the rest is no longer needed.
    #[must_use]
    pub fn into_statement(self) -> Statement {
        self.statement
    }

    /// As [`Submission::check_bodies`], without hashing anything again.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check_bodies(&self, known: Known<'_>) -> Result<MatchedBodies, Refusal> {
        let claims = self.statement.claim_digests();
        self.submission
            .check_bodies_by(&self.digests, claims, known)
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::ids::{Origin, PrincipalId};

    use super::*;
    use crate::header::{Header, Kind};
    use crate::key::Algorithm;
    use crate::secret::SecretKey;
    use crate::sign::{claims_payload, sign1};
    use countersign_model::digest::Digest;

    fn signed(key: &SecretKey) -> Vec<u8> {
        let issuer = PrincipalId::parse("somebody").expect("a name");
        let origin = Origin::parse("log.example/1").expect("an origin");
        let header = Header::new(issuer, "x", vec![origin], Kind::claims()).expect("a header");
        let payload = claims_payload(&[Digest::of(b"claim")]).expect("a claim");
        sign1(&header, &payload, key)
    }

    fn check(damage: impl Fn(&mut Vec<u8>), knows: bool, expect: Option<bool>) {
        let key = SecretKey::generate(Algorithm::Ed25519, [5; 32]);
        let other = SecretKey::generate(Algorithm::Ed25519, [6; 32]).public();
        let mut statement = signed(&key);
        damage(&mut statement);
        let submission = Submission {
            statement,
            envelopes: Vec::new(),
            bodies: Vec::new(),
            blobs: Vec::new(),
        };
        let resolve = |id: &KeyId| match knows {
            true if *id == key.public().id() => Some(key.public()),
            // Who answers with another key than was asked for gets nothing remembered.
            _ => Some(other.clone()),
        };
        let ahead = Ahead::read(&submission.encode(), &resolve).expect("reads");
        let remembered = [key.public().id()];
        let is_remembered = knows && expect == Some(true);
        assert_eq!(
            ahead.statement().checked(),
            &remembered[..usize::from(is_remembered)]
        );
        assert_eq!(ahead.statement().verify_by(&key.public()), expect);
        assert_eq!(ahead.statement().verify_by(&other), None);
        assert_eq!(
            *ahead.statement(),
            *Ahead::of(&submission).expect("reads").statement()
        );
    }

    #[test]
    fn what_is_checked_ahead_is_what_the_judge_would_find() {
        let none = |_: &mut Vec<u8>| {};
        let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().expect("not empty") ^= 1;
        check(none, true, Some(true));
        check(none, false, Some(true));
        check(flip, true, Some(false));
        check(flip, false, Some(false));
    }
}
